"""Which columns are predicted from which."""

from __future__ import annotations

from collections.abc import Sequence

from gnomon.evaluation.data.dataset import Dataset

Tasks = tuple[tuple[str, tuple[str, ...]], ...]


def tasks_of(
    data: Dataset, train_on: Sequence[str], test_on: Sequence[str], leave_out_device: bool
) -> Tasks:
    """Test columns, each with its sources; a column is never a source of itself.

    Leaving out devices, the sources of a column are the others' columns: all batches of its own
    device are left out with it.
    """
    if not leave_out_device:
        return tuple((t, tuple(name for name in train_on if name != t)) for t in test_on)
    targets = list(test_on) or described_columns(data)
    sources = list(train_on) or described_columns(data)
    device = {name: data.column(name).device or name for name in [*targets, *sources]}
    return tuple(
        (target, tuple(name for name in sources if device[name] != device[target]))
        for target in targets
    )


def described_columns(data: Dataset) -> list[str]:
    """The latency columns of the tables that the columns file knows."""
    known = []
    for name in dict.fromkeys(n for table in data.tables for n in table.latency_columns()):
        try:
            data.column(name)
        except ValueError:
            continue
        known.append(name)
    return known
