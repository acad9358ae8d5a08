"""Associations in the report: the strongest pairs and a grid of those columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from core.analyses.association.result import AssociationResult
    from core.dataset import Dataset

HEAT_COLUMNS, PAIRS = 24, 40


def section(
    result: AssociationResult, dataset: Dataset, findings: Sequence[Mapping[str, Any]], private: bool
) -> dict[str, Any]:
    """The strongest pairs, and all pairs between the columns that these name first (null: not among the pairs
    kept).
    """
    pairs, names = result.pairs, result.names
    order = list(dict.fromkeys(np.stack([pairs.left, pairs.right], axis=1).ravel().tolist()))[:HEAT_COLUMNS]
    place = {column: i for i, column in enumerate(order)}
    grid: list[list[float | None]] = [[None] * len(order) for _ in order]
    for left, right, value in zip(
        pairs.left.tolist(), pairs.right.tolist(), pairs.value.tolist(), strict=True
    ):
        if left in place and right in place:
            grid[place[left]][place[right]] = grid[place[right]][place[left]] = round(value, 3)
    strongest = result.frame().head(PAIRS)
    lines = strongest[["left", "right", "kind", "value", "noise95", "n", "q"]].rename(
        columns={"noise95": "noise"}
    )
    return {
        "columns": [names[column] for column in order],
        "grid": grid,
        "pairs": lines.to_dict("records"),
        "tested": pairs.tested,
        "used": result.used,
        "strong": result.settings.strong,
    }
