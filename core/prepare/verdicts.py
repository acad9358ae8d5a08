"""What a person found of the rows looked at one by one: whether they were wrong (confirmed) or right
(dismissed); and how precise that makes each kind of finding.

A row is confirmed where it was dropped, given another label or a weight, or a cell of it made missing; it is
dismissed where it was kept as it is, its label too. Only decisions about a single row count: who drops a
thousand at once has not looked at each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.dataset import Dataset
from core.decision import Decision
from core.frozen import lock_fields
from core.numerics.binning import wilson
from core.phrases import count, percent
from core.rowset import RowSet

FEW = 5  # rows looked at, below which a share and its interval say next to nothing


@dataclass(frozen=True, eq=False)
class Precision:
    """Of ``seen`` rows looked at ``confirmed`` were wrong; ``low``, ``high``: the 95% interval of that share
    (Wilson 1927).
    """

    seen: int
    confirmed: int
    low: float
    high: float

    def __str__(self) -> str:
        """Such as ``31 of 42 confirmed (73.8%, 95% interval 58.9% to 84.7%)``, without a share of few; ""
        where none was looked at.
        """
        if not self.seen:
            return ""
        told = f"{count(self.confirmed)} of {count(self.seen)} confirmed"
        if self.seen < FEW:
            return told
        share = percent(self.confirmed / self.seen)
        ends = f"{percent(self.low)} to {percent(self.high)}"
        return f"{told} ({share}, 95% interval {ends})"


@dataclass(frozen=True, eq=False)
class Verdicts:
    """``rows`` looked at, ascending (n); which of them were ``confirmed``, n."""

    rows: NDArray[np.int64]
    confirmed: NDArray[np.bool_]

    def __post_init__(self) -> None:
        lock_fields(self)

    def of(self, rows: RowSet) -> Precision:
        """How precise a finding about these rows is so far.

        >>> seen = Verdicts(np.arange(42), np.arange(42) < 31)
        >>> str(seen.of(RowSet(range(50))))
        '31 of 42 confirmed (73.8%, 95% interval 58.9% to 84.7%)'
        >>> str(seen.of(RowSet([0]))), str(seen.of(RowSet([60])))
        ('1 of 1 confirmed', '')
        """
        here = self.confirmed[np.isin(self.rows, rows.ids)]
        if not here.size:
            return Precision(0, 0, 0.0, 1.0)
        low, high = wilson(np.array([float(here.sum())]), np.array([float(here.size)]))
        return Precision(int(here.size), int(here.sum()), float(low[0]), float(high[0]))


def verdicts(decisions: Sequence[Decision], dataset: Dataset) -> Verdicts:
    """The verdicts in decisions about ``dataset``, the data as loaded, in their order."""
    kept: dict[int, bool] = {}
    labels: dict[tuple[int, str], str] = {}
    changed: dict[tuple[int, str], bool] = {}
    for decision in decisions:
        if not isinstance(decision.rows, RowSet) or len(decision.rows) != 1:
            continue
        row = decision.rows.stop - 1
        if row >= dataset.rows:
            continue
        if decision.kind.status:
            kept[row] = decision.kind.exported
            if not decision.kind.settles:
                del kept[row]
        elif decision.kind.needs == "label":
            labels[row, decision.column] = str(decision.value)
        elif decision.kind.on in ("rows", "cells"):
            changed[row, decision.column] = True
    changed |= _written(labels, dataset)
    wrong = {row for (row, _), other in changed.items() if other}
    wrong |= {row for row, stays in kept.items() if not stays}
    rows = sorted({*kept, *(row for row, _ in changed)})
    return Verdicts(np.array(rows, np.int64), np.array([row in wrong for row in rows], bool))


def _written(labels: dict[tuple[int, str], str], dataset: Dataset) -> dict[tuple[int, str], bool]:
    """Row and column -> whether what was written there is another value than the cell held."""
    found: dict[tuple[int, str], bool] = {}
    for column in {column for _, column in labels}:
        rows = [row for row, other in labels if other == column]
        if column not in dataset.names:
            found |= dict.fromkeys([(row, column) for row in rows], True)
            continue
        cells = dataset.frame([column], rows=RowSet(rows))[column]
        for row in rows:
            found[row, column] = not _same(labels[row, column], cells[row])
    return found


def _same(text: str, cell: object) -> bool:
    """Whether a label as it is written is what a cell holds.

    >>> _same("1", 1), _same("1", 1.0), _same("a", "a"), _same("1", 2), _same("x", None)
    (True, True, True, False, False)
    """
    if text == str(cell):
        return True
    try:
        return float(text) == float(cell)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return False
