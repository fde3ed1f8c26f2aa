"""What `gnomon search` shows and writes: tables, CSV, pictures."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any

from gnomon.cli.front_picture import front_svg
from gnomon.cli.output import print_table

ERRORS = ("spread", "probability", "sure_us")
"""Members of points about how far the latency may be off."""

LEARNED = "learned_us"
"""What a learned latency says of a point."""

COUNTED = ("macs", "params")

LATENCIES = {"latency_ms": "latency_us", "low_ms": "low_us", "high_ms": "high_us"}


def front_csv(front: dict[str, Any]) -> str:
    """A row for each network of the front: latencies, metrics, architecture."""
    metrics = metric_names(front["points"])
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*LATENCIES, *metrics, "architecture"])
    for point in front["points"]:
        writer.writerow(
            [
                *(f"{point[key] / 1e3:.6f}" for key in LATENCIES.values()),
                *(point[name] for name in metrics),
                json.dumps(point["architecture"]),
            ]
        )
    return text.getvalue()


def front_picture(report: dict[str, Any]) -> str:
    """The front and the answers as SVG."""
    return front_svg(report["front"], report["answers"])


def metric_names(points: list[dict[str, Any]]) -> list[str]:
    """What is known of the points besides latency and architecture."""
    known = {*LATENCIES.values(), *ERRORS, "architecture", "devices"}
    first = points[0] if points else {}
    return sorted(n for n, value in first.items() if n not in known and not nested(value))


def nested(value: Any) -> bool:
    """Whether it is no number: engines of an accelerator, say."""
    return isinstance(value, list | dict)


def show(report: dict[str, Any]) -> None:
    """One row for each budget, then which block got which option."""
    front, answers = report["front"], report["answers"]
    if "least" in front:
        show_least(front)
        return
    metrics = [name for name in metric_names(front["points"]) if name != LEARNED]
    if not answers:
        show_front(front, metrics)
        return
    rows = [row(f"{budget_ms(a):g}", a["best"], metrics, front) for a in answers if a["best"]]
    if rows:
        print_table(
            f"{front['space']} on {front['device']}: best {front['objective']}, budget "
            + budget_text(front),
            ["budget ms", "predicted ms", *bound_titles(front), *metrics, "resolution"],
            rows,
        )
        show_rest(front)
        show_blocks([answer for answer in answers if answer["best"]])
    for answer in answers:
        if not answer["best"]:
            show_reachable(answer)
        elif "gap" in answer:
            show_gap(answer, front)
        show_explanation(answer, front)
        if "proxy" in answer:
            show_proxy(answer)
        if "exported" in answer:
            print(f"written: {answer['exported']['file']}")


def budget_text(front: dict[str, Any]) -> str:
    """What a budget is to the answers."""
    if front.get("tradeoff") == "flash-quotient":
        return f"kept {bound_text(front)}; divided by latency (and energy)"
    if "tradeoff" in front:
        return f"weighed by {front['tradeoff']}: it may be passed"
    return "kept " + bound_text(front)


def bound_text(front: dict[str, Any]) -> str:
    """What keeps a budget."""
    if "sure" in front:
        return f"with a probability of {front['sure']:.4g}"
    if front["confidence"]:
        return f"by the {front['confidence']:.0%} bound"
    return "by the latency (a bundle knows no interval)"


def bound_titles(front: dict[str, Any]) -> list[str]:
    """Columns for what keeps a budget, and how likely."""
    bound = f"{front['sure']:.4g} sure ms" if "sure" in front else "bound ms"
    titles = [bound, "probability"] if "probability_rests_on" in front else [bound]
    return [*titles, "learned ms"] if "latency_model" in front else titles


def show_rest(front: dict[str, Any]) -> None:
    """What probabilities come from."""
    for device, source in front.get("probability_rests_on", {}).items():
        print(f"probability on {device}: from {source}")


def show_least(front: dict[str, Any]) -> None:
    """Limits that no network keeps, and how far each can be met alone."""
    for name, least in front["least"].items():
        limit = front["limits"].get(name)
        print(
            f"no network keeps all limits: {name} at most {limit:g}, the least alone is {least:g}"
        )


def show_explanation(answer: dict[str, Any], front: dict[str, Any]) -> None:
    """What the second-best option of every decision would change."""
    if "explain" not in answer:
        return
    objective = front["objective"]
    rows = []
    for entry in answer["explain"]:
        second, other = entry["second"], entry.get("reoptimised")
        rows.append(
            [
                entry["decision"],
                entry["option"],
                second["option"] + ("" if second["keeps_budget"] else " (over)"),
                *changes_text(second["change"], objective),
                signed(other["change"][objective]) if other else "-",
            ]
        )
    print_table(
        f"{budget_ms(answer):g} ms: the second-best option of every decision, all else as it is; "
        "last, the best network without the option",
        ["decision", "option", "second", "ms", objective, *COUNTED, f"{objective} without"],
        sorted(rows, key=lambda row: natural(row[0])),
    )


def changes_text(change: dict[str, Any], objective: str) -> list[str]:
    """Cells for latency, objective and counts."""
    return [
        f"{change['latency_us'] / 1e3:+.3f}",
        signed(change[objective]),
        *(signed(change[name]) for name in COUNTED),
    ]


def signed(value: float) -> str:
    """A change of a metric: millions for counts, else five digits."""
    return f"{value / 1e6:+.3f} M" if isinstance(value, int) else f"{value:+.5f}"


def show_gap(answer: dict[str, Any], front: dict[str, Any]) -> None:
    """How far from proven an answer is."""
    if "evaluations" not in answer:
        better = f"better by more than {answer['gap']:.5g}" if answer["gap"] else "better"
        print(f"{budget_ms(answer):g} ms: no network that is as sure is {better}")
        return
    judged = f"{budget_ms(answer):g} ms: {answer['evaluations']} networks judged"
    if answer["gap"] is None:
        print(f"{judged}; how far the best may be is not known")
    elif "assumed_error" in front:
        print(
            f"{judged}; none is better by more than {answer['gap']:.5f}, if the stand-in is "
            "nowhere further off than on the networks judged and 20,000 random ones: by "
            f"{front['assumed_error']:.5f}"
        )
    else:
        print(f"{judged}; none is better by more than {answer['gap']:.5g}")


def show_proxy(answer: dict[str, Any]) -> None:
    """How far the proxy was trusted, and at what price."""
    found = answer["proxy"]
    ranking = "adapted to them, held out" if found["adapted"] else "as it is"
    print(
        f"{budget_ms(answer):g} ms: gate {'opens' if found['opened'] else 'stays shut'} after "
        f"{found['samples']} networks: rank correlation {found['spearman_tested']:.3f} of the "
        f"proxy {ranking}; {found['measured']} measured in all"
    )


def show_front(front: dict[str, Any], metrics: list[str]) -> None:
    """A dozen networks of the front, from the fastest to the best."""
    points = front["points"]
    step = max(1, -(-(len(points) - 1) // 11))
    shown = [*points[:-1:step], points[-1]]
    print_table(
        f"{front['space']} on {front['device']}: {len(shown)} of {len(points)} networks that no "
        f"other beats in latency and {front['objective']}",
        ["predicted ms", "bound ms", *metrics, "resolution"],
        [row("", point, metrics, None)[1:] for point in shown],
    )


def row(
    budget: str, point: dict[str, Any], metrics: list[str], front: dict[str, Any] | None
) -> list[str]:
    """The cells of a network; without the front none about its budget."""
    bound = [f"{point.get('sure_us', point['high_us']) / 1e3:.3f}"]
    if front and "probability_rests_on" in front:
        bound.append(f"{point['probability']:.3f}" if "probability" in point else "-")
    if front and "latency_model" in front:
        bound.append(f"{point[LEARNED] / 1e3:.3f}")
    return [
        budget,
        f"{point['latency_us'] / 1e3:.3f}",
        *bound,
        *(number(point[name]) for name in metrics),
        str(point["architecture"].get("r", "")),
    ]


def number(value: float) -> str:
    """A metric for people: millions of MACs and parameters, else five digits."""
    return f"{value / 1e6:.3f} M" if isinstance(value, int) else f"{value:.5f}"


def show_blocks(answers: list[dict[str, Any]]) -> None:
    """The option of every decision; '-' where it is not asked."""
    names = sorted({name for a in answers for name in a["selection"]}, key=natural)
    print_table(
        "which block got which option",
        ["decision", *(f"{budget_ms(a):g} ms" for a in answers)],
        [[name, *(a["selection"].get(name, "-") for a in answers)] for name in names],
    )


def show_reachable(answer: dict[str, Any]) -> None:
    """The least latency there is on every device, and the network that has it."""
    least = max(point["high_us"] for point in answer["reachable"].values())
    if least <= answer["max_latency_us"]:
        print(
            f"{budget_ms(answer):g} ms: none of the {answer.get('drawn', 0)} networks drawn keeps "
            f"it, though a bound of {least / 1e3:.3f} ms can be reached: expected --constraint "
            "repair, or a greater budget"
        )
        return
    for device, point in answer["reachable"].items():
        print(
            f"no network keeps {budget_ms(answer):g} ms: the least on {device} is a bound of "
            f"{point['high_us'] / 1e3:.3f} ms (predicted {point['latency_us'] / 1e3:.3f} ms): "
            f"{json.dumps(point['architecture'])}"
        )


def budget_ms(answer: dict[str, Any]) -> float:
    """The budget of an answer in milliseconds."""
    return answer["max_latency_us"] / 1e3


def natural(name: str) -> list[Any]:
    """Sorts numbers inside names as numbers."""
    return [(int(p), "") if p.isdigit() else (-1, p) for p in re.split(r"(\d+)", name)]
