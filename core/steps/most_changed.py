"""Which columns a step changed most: of cells that are others, or of rows that came and went."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.numerics.rowhash import mix
from core.steps.picture import ColumnPicture, picture
from core.steps.trial import StepTrial

MOST_CELLS = 200_000  # of all columns, up to which the shares of their values are counted at once
FEWEST = 200  # rows of a sample, below which they are not counted at all


def most_changed(trial: StepTrial) -> tuple[str, ...]:
    """The columns that a step touched, the one with the most other cells first, then those that are new or
    gone. Where it dropped or added rows alone, all columns: by how far the shares of their values moved (of
    many rows on a sample, `_looked_at`), else the target first. Identifiers last: they tell rows apart, and
    change with each. Marks of added rows are not among them: that other rows have none is no gap.
    """
    cells = sorted(trial.cells, key=lambda name: -int(trial.cells[name].sum()))
    touched = [name for name in dict.fromkeys([*cells, *trial.added, *trial.removed])]
    touched = [name for name in touched if name not in trial.after.marks]
    if not touched and (trial.dropped.any() or trial.brought_back.any() or trial.new.any()):
        target = trial.after.data.roles.target
        there = [name for name in trial.former if name not in trial.after.out]
        touched = sorted(there, key=lambda name: name != target)
        compared = [name for name in touched if not _tells_apart(trial, name)]
        rows = MOST_CELLS // max(len(compared), 1)
        if rows >= FEWEST:
            some = _looked_at(trial, rows)
            moved = {name: shares_moved(*picture(trial, name, some)) for name in compared}
            touched = sorted(touched, key=lambda name: -moved.get(name, 0.0))
    return tuple(sorted(touched, key=lambda name: _tells_apart(trial, name)))


def _looked_at(trial: StepTrial, most: int) -> NDArray[np.bool_] | None:
    """At most so many rows, about: half of them those that the step dropped, added or brought back, as what
    these hold beside the others is how far shares moved. Drawn by a hash of their numbers, the same each
    time; None where there are no more rows.
    """
    if trial.after.rows <= most:
        return None
    came_or_went = trial.dropped | trial.brought_back | trial.new
    drawn = mix(np.arange(trial.after.rows, dtype=np.uint64)) / 2.0**64
    looked_at = np.zeros(trial.after.rows, bool)
    for rows in (came_or_went, trial.after.kept & ~came_or_went):
        looked_at |= rows & (drawn * max(int(rows.sum()), 1) < most // 2)
    return looked_at


def _tells_apart(trial: StepTrial, column: str) -> bool:
    """Whether a column is of identifiers, by its kind or its role."""
    data = (trial.before if column in trial.removed else trial.after).data
    return data[column].kind == "identifier" or column == data.roles.id


def shares_moved(before: ColumnPicture, after: ColumnPicture) -> float:
    """The share of rows that would have to hold something else for one picture to be the other (total
    variation); 1 where they are drawn on ranges that have little in common.

    >>> counts = np.array([4, 4]), np.array([8, 0])
    >>> one, other = (ColumnPicture("category", None, ("a", "b"), some, 0, 2, 10) for some in counts)
    >>> shares_moved(one, other), shares_moved(one, one)
    (0.4, 0.0)
    """
    if not before.rows or not after.rows or before.counts.size != after.counts.size:
        return 1.0
    edges, other = (() if one.edges is None else one.edges for one in (before, after))
    if not np.array_equal(edges, other):
        return 1.0
    was, now = ([*one.counts.tolist(), one.others, one.missing] for one in (before, after))
    return float(sum(abs(a / before.rows - b / after.rows) for a, b in zip(was, now, strict=True)) / 2)
