"""The classes by part, by group and by time."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.dataset import Dataset
from core.numerics.parting import parting
from core.phrases import limit_among, moment
from core.prepare.classes import Classes
from core.prepare.features import first_time, floats
from core.prepare.levels import level_codes

if TYPE_CHECKING:
    import pandas as pd

PART, PARTS = "part", ("train", "serve")
LEVELS = 20  # the most frequent ones of a column, the others together
PERIODS = 10


class Mix(NamedTuple):
    """Rows per class by the levels of ``by``: "part", or a column. rows: levels x classes."""

    by: str
    levels: tuple[str, ...]
    rows: NDArray[np.int64]

    def frame(self, classes: tuple[str, ...]) -> pd.DataFrame:
        """``by, level, class, rows, share``: share of the level's rows."""
        import pandas as pd

        whole = np.maximum(1, self.rows.sum(axis=1, keepdims=True))
        return pd.DataFrame(
            {
                "by": self.by,
                "level": np.repeat(np.array(self.levels, dtype=object), len(classes)),
                "class": np.tile(np.array(classes, dtype=object), len(self.levels)),
                "rows": self.rows.ravel(),
                "share": (self.rows / whole).ravel(),
            }
        )


def mixes(dataset: Dataset, classes: Classes, by: str) -> tuple[Mix, ...]:
    """By train and serve where there are both; by the levels of ``by``; and by periods of equally many rows
    of the time, where there is one. Of all rows whose class is known.
    """
    k, made = len(classes.names), []
    labelled = classes.codes >= 0
    if len(dataset.parts) > 1:
        side = (~dataset.part_mask("train")).astype(np.int64)
        made.append(_mix(PART, side, PARTS, classes, labelled, k))
    if by:
        codes, levels = level_codes(dataset.table([by]).column(0))
        shown = levels[:LEVELS] + (["all others"] if len(levels) > LEVELS else [])
        made.append(_mix(by, np.minimum(codes, LEVELS), tuple(shown), classes, labelled, k))
    time = dataset.roles.time
    if time and dataset[time].kind in ("datetime", "numeric"):
        made += _by_time(dataset, time, classes, labelled, k)
    return tuple(made)


def _by_time(dataset: Dataset, time: str, classes: Classes, labelled: NDArray[np.bool_], k: int) -> list[Mix]:
    column = dataset.table([time]).column(0)
    when, first = floats(column), first_time(column)
    known = np.isfinite(when) & labelled
    if not known.any():
        return []
    shares = np.linspace(0, 1, PERIODS + 1)
    edges = np.unique(np.quantile(when[known], shares, method="higher"))  # times that occur
    if edges.size < 2:
        return []
    period = np.clip(np.searchsorted(edges, when, side="right") - 1, 0, edges.size - 2)
    begins = [first + float(edge) for edge in edges]
    is_time, ends = dataset[time].kind == "datetime", (begins[0], begins[-1])
    some = np.unique(when[known]) + first
    levels = tuple(
        f"from {moment(one) if is_time else limit_among(one, *parting(some, one, above=False), *ends)}"
        for one in begins[:-1]
    )
    return [_mix(time, period, levels, classes, known, k)]


def _mix(
    by: str,
    level: NDArray[np.int64],
    levels: tuple[str, ...],
    classes: Classes,
    rows: NDArray[np.bool_],
    k: int,
) -> Mix:
    both = np.bincount(level[rows] * k + classes.codes[rows], minlength=len(levels) * k)
    return Mix(by, levels, both.reshape(len(levels), k))
