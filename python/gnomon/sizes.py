"""Sizes that a user gives to the dynamic dimensions of a network."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Sizes:
    """Sizes for dynamic dimensions: by input, by dimension name, else one."""

    shapes: dict[str, tuple[int, ...]] = field(default_factory=dict)
    dims: dict[str, int] = field(default_factory=dict)

    def fix(self, name: str, shape: list[int | str | None]) -> list[int]:
        """The concrete shape of an input."""
        if name in self.shapes:
            given = self.shapes[name]
            if len(given) != len(shape):
                raise ValueError(f"--shape {name}: {len(given)} sizes given, expected {len(shape)}")
            return list(given)
        return [d if isinstance(d, int) and d > 0 else self.dims.get(str(d), 1) for d in shape]


def parse_sizes(shapes: list[str], dims: list[str]) -> Sizes:
    """`NAME=1x3x224x224` and `NAME=4` options."""
    try:
        by_name = {
            k: tuple(int(n) for n in v.split("x")) for k, v in (s.rsplit("=", 1) for s in shapes)
        }
        named = {k: int(v) for k, v in (d.rsplit("=", 1) for d in dims)}
    except ValueError as error:
        raise ValueError(
            f"--shape takes NAME=1x3x224x224 and --dim takes NAME=4: {error}"
        ) from error
    return Sizes(by_name, named)
