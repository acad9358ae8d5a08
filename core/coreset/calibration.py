"""Weights brought to the slope of all rows: a fit on the coreset is then nearly the fit on all of them.

A coreset's fit errs by as much as its weighted slope does. That of all rows at the pilot is known exactly, as
each row was scored by it; weights under which the rows drawn come to it leave only what changes in the slope
from the pilot to the fit (calibration to the influence of a first fit: Breslow and others 2009, "Using the
whole cohort in the analysis of case-cohort data"; Lumley, Shaw and Dai 2011).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.coreset.sample import DrawnRows
from core.coreset.sketch import Sketch
from core.numerics.exact_product import SUM_UNIT
from core.numerics.raking import raked
from core.numerics.softmax import row_slopes
from core.prepare.pilot import Pilot
from core.prepare.pilot.pilot import Slope

if TYPE_CHECKING:
    import pyarrow as pa

Floats = NDArray[np.float64]
_PER_TOTAL, _PER_HALF = 6, 3  # rows for each total, at least, of all rows and of a half of them
MOST_WEIGHTS = 600  # of a model, whose square is held in memory
_LEFT = 0.01  # of what the totals were off by, at most, where they are called reached
_FEW = (3, 10, 30)  # rows that have a part in a total, effectively, at least
_MOST = 20_000_000  # rows times totals that are held in memory


def least_rows(pilot: Pilot) -> int | None:
    """How many rows it takes to bring weights to the slope of a logistic pilot; None of other pilots, and of
    those with more than `MOST_WEIGHTS` weights.
    """
    if pilot.model is None or pilot.model.weights.size > MOST_WEIGHTS:
        return None
    height, width = pilot.model.weights.shape
    return int(_PER_TOTAL * (pilot.strata + max(1, height - 1) * width))


def has_room(drawn: DrawnRows, pilot: Pilot, half: bool = False) -> bool:
    """Whether there is a slope, and rows enough to bring to it beside those that were certain to be drawn.
    half: of a half of the rows, which takes as many of them for each number.
    """
    least = least_rows(pilot)
    free = int(np.count_nonzero(drawn.chance < 1.0))
    if half and least is not None:
        least = least // _PER_TOTAL * _PER_HALF
    return least is not None and drawn.row.size * (least // _PER_HALF) <= _MOST and free >= least


def known_of(table: pa.Table, pilot: Pilot) -> Floats:
    """What the totals are of, m x k: of each class whether a row is in it, and the slope of the row's loss at
    the pilot, in the weights of all classes but the last of several, as these slopes add up to none.
    """
    model = pilot.model
    assert model is not None
    matrix = pilot.encoder.encode(table).T
    classes = pilot.targets(table)[0].astype(np.int64)
    slopes = row_slopes(model, matrix, classes)[:, : max(1, len(model.weights) - 1)]
    return np.concatenate([np.eye(pilot.strata)[classes], slopes.reshape(len(matrix), -1)], axis=1)


def to_slope(drawn: DrawnRows, sketch: Sketch, pilot: Pilot, slope: Slope, half: bool = False) -> DrawnRows:
    """The rows drawn, their weights brought to the rows of each class and to the slope; those that were
    certain to be drawn keep theirs. Numbers of the slope in which few rows have a part are left out, and more
    of them where no weights near to their own come to all. As they are where there is no room, or where no
    weights come to those in which thirty rows have a part.
    """
    if not has_room(drawn, pilot, half):
        return drawn
    order = np.argsort(sketch.key[drawn.place])  # whatever the order of the rows
    free = drawn.chance[order] < 1.0
    values, weight = known_of(sketch.content.take(drawn.place[order]), pilot), drawn.weight[order]
    rows = np.array(sketch.weight, np.float64) * pilot.unit
    width = values.shape[1] - pilot.strata
    totals = np.concatenate([rows, np.array([one * SUM_UNIT for one in slope[:width]])])
    totals -= weight[~free] @ values[~free]
    shared = _shared(weight[free], values[free])
    classes = values[free, : pilot.strata]
    shared[: pilot.strata][classes.any(axis=0)] = np.inf  # weights come to the rows of each class as they are
    for few in _FEW:
        known = shared >= few
        some, wanted = values[np.ix_(free, known)], totals[known]
        brought = raked(weight[free], some, wanted)
        if known[pilot.strata :].any() and _reached(weight[free], brought, some, wanted):
            ratio = totals[: pilot.strata] / np.maximum(brought @ classes, 1e-300)  # but for rounding
            back = drawn.weight.copy()
            back[order[free]] = brought * ratio[classes.argmax(axis=1)]
            return replace(drawn, weight=back, totals=known)
    return drawn


def _shared(weight: Floats, values: Floats) -> Floats:
    """Of each column the effective number of rows that have a part in its variance."""
    parts = (weight[:, None] * values) ** 2
    squares = (parts**2).sum(axis=0)
    return np.asarray(parts.sum(axis=0) ** 2 / np.where(squares > 0.0, squares, 1.0))


def _reached(before: Floats, after: Floats, values: Floats, totals: Floats) -> bool:
    """Whether of what the totals were off by little is left, each in units of its spread."""
    size = np.sqrt(before @ values**2)
    off, left = (float(np.linalg.norm((weight @ values - totals) / size)) for weight in (before, after))
    return left <= _LEFT * off
