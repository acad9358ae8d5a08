"""What imputing would do: every strategy tried on every column that can be filled, and the chosen one
fitted.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.analyses.missingness.gaps import ColumnGaps
from core.analyses.missingness.imputation import STRATEGIES, FillPlan, fitted, prepared, script
from core.analyses.missingness.maths import Ints, moved
from core.dataset import Dataset
from core.numerics.texts import EMPTY_WORDS
from core.prepare.levels import missing_label
from core.progress import Progress
from core.rowset import RowSet

_SHOWN_CELLS = 200_000  # of train rows on which the effect of filling is measured
SHOWN_COLUMNS = 60  # columns, those with most gaps, for which it is
_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
_NONE = (float("nan"),) * len(_QUANTILES)


@dataclass(frozen=True)
class ImputationEffect:
    """What filling does to one column, over rows where some are missing.

    For numbers: mean, standard deviation and quantiles (5, 25, 50, 75, 95%) before and after; NaN otherwise.
    ``moved``: distance of the two distributions, 0 to 1 (Kolmogorov-Smirnov for numbers, total variation for
    levels). ``edges``, ``before``, ``after``: a histogram of numbers, or the most frequent levels and how
    often each stands there.
    """

    column: str
    strategy: str
    mean: tuple[float, float]
    sd: tuple[float, float]
    quantiles: tuple[tuple[float, ...], tuple[float, ...]]
    moved: float
    edges: tuple[float, ...] | tuple[str, ...]
    before: tuple[int, ...]
    after: tuple[int, ...]


def imputed(
    dataset: Dataset,
    gaps: tuple[ColumnGaps, ...],
    gappy: Collection[str],
    rows: Ints,
    strategy: str,
    fill: float,
    progress: Progress,
) -> tuple[tuple[ImputationEffect, ...], Any, str, int]:
    """What each strategy does to each column that can be filled; the chosen one fitted, and as a script; and
    the rows on which effects are measured.

    gaps: the columns to fill, those with most gaps first. gappy: all with empty cells, which help no other.
    rows: ids of the train rows to fit on, in keyed order. fill: what "constant" puts into numbers.
    """
    able = fillable(dataset, gaps)
    if not able or not rows.size:
        return (), None, "", 0
    plan = _plan_of(dataset, able, gappy, fill)
    frame = prepared(dataset.frame(plan.columns, RowSet(rows)).loc[rows], plan)
    known = set(frame.columns[frame.notna().any()])  # a column can be known somewhere, but not in the sample
    plan = _only(plan, known)
    order = {gap.name: place for place, gap in enumerate(gaps)}
    tried = _only(plan, set(sorted(known & able, key=order.__getitem__)[:SHOWN_COLUMNS]))
    whole = frame[list(tried.columns)]
    few = whole.head(shown_rows(len(whole.columns)))
    effects: list[ImputationEffect] = []
    for one in progress.each(STRATEGIES, "Trying ways to impute"):
        after = fitted(whole, replace(tried, strategy=one)).transform(few)
        effects += _effects(few, after, tried, one)
    effects.sort(key=lambda e: (order[e.column], STRATEGIES.index(e.strategy)))
    plan = replace(plan, strategy=strategy)
    return tuple(effects), fitted(frame, plan), script(plan), len(few)


def shown_rows(columns: int) -> int:
    """Train rows on which the effect of filling so many columns is measured.

    >>> shown_rows(10), shown_rows(40), shown_rows(120)
    (5000, 5000, 1666)
    """
    return min(5_000, _SHOWN_CELLS // max(1, columns))


def fillable(dataset: Dataset, gaps: tuple[ColumnGaps, ...]) -> set[str]:
    """The names of those that can be filled: known somewhere in train, and numbers or levels. Nothing is made
    up in a column that has a role, such as the target; nor what is measured of images for those that could
    not be read.
    """
    roles = dataset.roles.named().values()
    return {
        gap.name
        for gap in gaps
        if gap.train < 1.0
        and gap.name not in roles
        and gap.name not in dataset.measured
        and dataset[gap.name].kind in ("numeric", "category", "boolean")
    }


def _plan_of(dataset: Dataset, able: set[str], gappy: Collection[str], fill: float) -> FillPlan:
    """The plan for all columns that can be filled, by the numbers that have no gaps."""
    numeric = dataset.of_kind("numeric")
    helpers = [name for name in numeric if name in dataset.features and name not in gappy]
    other = tuple(name for name in dataset.names if name in able - set(numeric))
    levels = _levels(dataset, other)
    return FillPlan(
        numeric=tuple(name for name in numeric if name in able),
        other=other,
        strategy="knn",
        fill=fill,
        helpers=tuple(helpers[:SHOWN_COLUMNS]),
        word=missing_label({*levels, "missing"}),  # which would be taken for a missing-value code
        no_values=tuple(sorted(level for level in levels if level.strip().lower() in EMPTY_WORDS)),
    )


def _levels(dataset: Dataset, names: tuple[str, ...]) -> set[str]:
    """The levels of these columns, as text."""
    return {str(level) for name in names for level in dataset.table([name]).column(0).unique().to_pylist()}


def _only(plan: FillPlan, names: set[str]) -> FillPlan:
    """The plan for fewer columns to fill."""
    return replace(
        plan,
        numeric=tuple(n for n in plan.numeric if n in names),
        other=tuple(n for n in plan.other if n in names),
    )


def _effects(before: Any, after: Any, plan: FillPlan, strategy: str) -> list[ImputationEffect]:
    """Of each column; levels only for the strategies that differ for them."""
    effects = []
    for name in plan.numeric:
        known = before[name].dropna().to_numpy(np.float64)
        filled = np.where(before[name].isna(), after[name], before[name]).astype(np.float64)
        effects += [number_effect(name, strategy, known, filled)] if known.size else []
    for name in plan.other if strategy in ("mode", "constant") else ():
        known = before[name].dropna()
        effects += (
            [level_effect(name, strategy, known.astype(str).tolist(), after[name].astype(str).tolist())]
            if len(known)
            else []
        )
    return effects


def number_effect(
    column: str, strategy: str, before: NDArray[np.float64], after: NDArray[np.float64], bins: int = 30
) -> ImputationEffect:
    """``before``: the known values; ``after``: those and what was filled in."""
    ends = np.array([min(before.min(), after.min()), max(before.max(), after.max())])
    edges = (
        np.histogram_bin_edges(ends, bins) if ends[0] < ends[1] else np.array([ends[0] - 0.5, ends[0] + 0.5])
    )
    return ImputationEffect(
        column=column,
        strategy=strategy,
        mean=(float(before.mean()), float(after.mean())),
        sd=(float(before.std()), float(after.std())),
        quantiles=(
            tuple(np.quantile(before, _QUANTILES).tolist()),
            tuple(np.quantile(after, _QUANTILES).tolist()),
        ),
        moved=moved(before, after),
        edges=tuple(edges.tolist()),
        before=tuple(np.histogram(before, edges)[0].tolist()),
        after=tuple(np.histogram(after, edges)[0].tolist()),
    )


def level_effect(
    column: str, strategy: str, before: Sequence[str], after: Sequence[str], shown: int = 12
) -> ImputationEffect:
    """As `number_effect`, for levels as text."""
    old = dict(zip(*np.unique(np.asarray(before, dtype=str), return_counts=True), strict=True))
    new = dict(zip(*np.unique(np.asarray(after, dtype=str), return_counts=True), strict=True))
    shift = sum(abs(new.get(level, 0) / len(after) - old.get(level, 0) / len(before)) for level in new) / 2.0
    levels = sorted(new, key=lambda level: (-new[level], level))[:shown]
    was, now = (tuple(int(rows.get(level, 0)) for level in levels) for rows in (old, new))
    nothing = (float("nan"), float("nan"))
    return ImputationEffect(
        column=column,
        strategy=strategy,
        mean=nothing,
        sd=nothing,
        quantiles=(_NONE, _NONE),
        moved=float(shift),
        edges=tuple(map(str, levels)),
        before=was,
        after=now,
    )
