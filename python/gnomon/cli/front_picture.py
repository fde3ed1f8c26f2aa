"""A picture of a front: latency against the objective, as SVG."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 760, 480
LEFT, RIGHT, TOP, BOTTOM = 80, 20, 40, 60
FRONT, BUDGET, CHOSEN = "#1f5fa8", "#b03a2e", "#d98200"


class Axis:
    """Maps values to pixels and says where its marks are."""

    def __init__(self, values: Sequence[float], first: float, last: float) -> None:
        low, high = min(values), max(values)
        margin = 0.03 * (high - low) or max(abs(high), 1.0) * 0.05
        self.low, self.high = low - margin, high + margin
        self.first, self.last = first, last

    def at(self, value: float) -> float:
        """The pixel of a value."""
        share = (value - self.low) / (self.high - self.low)
        return round(self.first + share * (self.last - self.first), 2)

    def marks(self) -> list[float]:
        """About six round values."""
        rough = (self.high - self.low) / 6
        power = 10.0 ** math.floor(math.log10(rough))
        step = next(power * f for f in (1, 2, 5, 10) if power * f >= rough)
        first = math.ceil(self.low / step)
        return [n * step for n in range(first, math.floor(self.high / step) + 1)]


def front_svg(front: dict[str, Any], answers: Sequence[dict[str, Any]]) -> str:
    """The front as steps, budgets as lines, and the networks that answer them."""
    objective = front["objective"]
    points = [(p["latency_us"] / 1e3, p[objective]) for p in front["points"]]
    budgets = [answer["max_latency_us"] / 1e3 for answer in answers]
    chosen = [(a["best"]["latency_us"] / 1e3, a["best"][objective]) for a in answers if a["best"]]
    x = Axis([p[0] for p in points] + budgets, LEFT, WIDTH - RIGHT)
    y = Axis([p[1] for p in points], HEIGHT - BOTTOM, TOP)
    title = f"{front['space']} on {front['device']}: {len(points)} networks"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        _text(WIDTH / 2, 22, title, "middle"),
        _text(WIDTH / 2, HEIGHT - 14, "predicted latency, ms", "middle"),
        f'<g transform="translate(18 {HEIGHT / 2}) rotate(-90)">'
        + _text(0, 0, objective, "middle")
        + "</g>",
        *_grid(x, y),
        *(_line(x.at(b), TOP, x.at(b), HEIGHT - BOTTOM, BUDGET, "4 3") for b in budgets),
        _steps(points, x, y),
        *(_dot(x.at(a), y.at(b), 1.6, FRONT) for a, b in points),
        *(_dot(x.at(a), y.at(b), 4.5, CHOSEN) for a, b in chosen),
        "</svg>\n",
    ]
    return "\n".join(parts)


def _grid(x: Axis, y: Axis) -> list[str]:
    parts = []
    for value in x.marks():
        parts.append(_line(x.at(value), TOP, x.at(value), HEIGHT - BOTTOM, "#dddddd"))
        parts.append(_text(x.at(value), HEIGHT - BOTTOM + 18, f"{value:.6g}", "middle"))
    for value in y.marks():
        parts.append(_line(LEFT, y.at(value), WIDTH - RIGHT, y.at(value), "#dddddd"))
        parts.append(_text(LEFT - 8, y.at(value) + 4, f"{value:.6g}", "end"))
    return parts


def _steps(points: Sequence[tuple[float, float]], x: Axis, y: Axis) -> str:
    path = f"M{x.at(points[0][0])} {y.at(points[0][1])}" + "".join(
        f"H{x.at(a)}V{y.at(b)}" for a, b in points[1:]
    )
    return f'<path d="{path}" fill="none" stroke="{FRONT}"/>'


def _line(x1: float, y1: float, x2: float, y2: float, color: str, dashes: str = "") -> str:
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="{color}"{dashed}/>'


def _dot(x: float, y: float, radius: float, color: str) -> str:
    return f'<circle cx="{x}" cy="{y}" r="{radius}" fill="{color}"/>'


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}">{escape(text)}</text>'
