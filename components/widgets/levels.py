"""The values of a column that can be offered as a list."""

from __future__ import annotations

from components.state import keep
from core.dataset import Dataset

LABELS = 60  # most


def levels(dataset: Dataset, column: str) -> list[str]:
    """The values of a column as text, most frequent first; none when there are too many to choose from."""

    def work() -> list[str]:
        import pyarrow.compute as pc

        counted = pc.value_counts(pc.drop_null(dataset.table([column]).column(0).combine_chunks()))
        if len(counted) > LABELS:
            return []
        pairs = sorted(counted.to_pylist(), key=lambda pair: (-pair["counts"], str(pair["values"])))
        return [str(pair["values"]) for pair in pairs]

    return keep(("levels", dataset.version, column), work)
