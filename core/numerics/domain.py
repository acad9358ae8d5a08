"""Can a model tell two samples apart? The classifier two-sample test, and which columns it looks at.

Lopez-Paz and Oquab 2017, "Revisiting classifier two-sample tests" (ICLR): fit on one half of the rows, judge
by the area under the ROC curve on the other, whose labels the fit has never seen. Were both samples drawn
alike, that area is a Mann-Whitney statistic of labels in random order, so its spread is known without drawing
anything.
"""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.frozen import lock_fields
from core.numerics.auc import auc_error
from core.numerics.correlation import rank
from core.numerics.logistic import logistic, shrunk
from core.numerics.support import main_axes
from core.progress import SILENT, Progress
from core.workers import one_thread

Matrix = NDArray[np.float32]
Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Kind = Literal["linear", "boosted"]
KINDS: tuple[Kind, ...] = ("linear", "boosted")
_ALONE = 50_000  # rows below which threads wait for each other longer than they work
_SHUFFLED = 2_000  # held-out rows on which a column is shuffled
_LOOKED_AT = 200  # matrix columns that one split of a tree looks at, so that wide data take no longer
_HELD = 0.5  # share of the variance from which main directions stand for all columns
_LEVELS_ASKED = 60  # columns of two values that boosted trees are given


class Area(NamedTuple):
    """An area under the ROC curve with its interval. ``z``: standard deviations above one half, were the
    labels in random order. ``p``: one-sided. ``spread``: that standard deviation. ``rows``: rows judged."""

    value: float
    low: float
    high: float
    z: float
    p: float
    spread: float
    rows: int

    def noise_floor(self, level: float) -> float:
        """The area that is exceeded in a share ``level`` of the cases, were the labels in random order."""
        from scipy.special import ndtri

        return min(1.0, 0.5 - float(ndtri(level)) * self.spread)


def area_of(scores: Floats, hits: Mask, level: float = 0.05) -> Area:
    """Area under the ROC curve of ``scores`` for ``hits`` against the rest, ties counting half; nan without
    both.

    Interval at 1 - ``level``: DeLong, DeLong and Clarke-Pearson 1988, by mid-ranks (Sun and Xu 2014). Spread
    under the null: that of the rank sum, sqrt((n + m + 1) / (12 n m)), less what ties take away (Lehmann
    1975).

    >>> area = area_of(np.arange(100.0), np.arange(100) % 2 == 1)
    >>> round(area.value, 3), round(area.spread, 4)
    (0.51, 0.058)
    """
    from scipy.special import ndtr, ndtri

    one, two = int(hits.sum()), int((~hits).sum())
    if not one or not two:
        nothing = float("nan")
        return Area(nothing, nothing, nothing, nothing, nothing, nothing, one + two)
    together = rank(scores)
    above = (together.ranks[hits] - rank(scores[hits]).ranks) / two  # share of the others below each hit
    below = 1.0 - (together.ranks[~hits] - rank(scores[~hits]).ranks) / one
    value, total = float(above.mean()), one + two
    tied = (
        0.0
        if together.ties is None
        else float((together.ties**3 - together.ties).sum()) / (total * (total - 1.0))
    )
    spread = float(np.sqrt(max(total + 1.0 - tied, 0.0) / (12.0 * one * two)))
    error = float(np.sqrt(above.var(ddof=one > 1) / one + below.var(ddof=two > 1) / two))
    if error == 0.0:  # all on one side: as if one more row of the smaller part lay in the middle
        least = min(one, two)
        error = float(
            auc_error(np.array([(value * least + 0.5) / (least + 1)]), np.array([one]), np.array([two]))[0]
        )
    half = -float(ndtri(level / 2)) * error
    z = (value - 0.5) / spread if spread else 0.0
    return Area(value, max(0.0, value - half), min(1.0, value + half), z, float(ndtr(-z)), spread, total)


@dataclass(frozen=True, eq=False)
class Domain:
    """``areas``: what each kind of model reaches on the held-out half. ``best``: the kind that reaches more.
    ``p``: of the better one, corrected for the choice (Bonferroni). ``importance``: per block the area lost
    when it is shuffled. ``single``: the area by each block on its own."""

    areas: dict[Kind, Area]
    best: Kind
    p: float
    importance: Floats
    single: tuple[Area, ...]

    def __post_init__(self) -> None:
        lock_fields(self)

    @property
    def area(self) -> Area:
        """The area of the better kind."""
        return self.areas[self.best]

    def noise_floor(self, level: float) -> float:
        """The area that the better kind exceeds in a share ``level`` of the cases, were the labels in random
        order.
        """
        return max(area.noise_floor(level / len(self.areas)) for area in self.areas.values())


def domain(
    matrix: Matrix,
    serve: Mask,
    seed: int,
    block: NDArray[np.int32] | None = None,
    progress: Progress = SILENT,
) -> Domain:
    """Fit both kinds of model on every other row of each part, judge them on the rest.

    matrix: n x p, rows of both parts, each part in a random order that does not depend on the source. block:
    original column of each matrix column, ascending; without it neither ``importance`` nor ``single`` is
    worked out.
    """
    fit = halves(serve)
    areas: dict[Kind, Area] = {}
    models = {}
    for kind in progress.part(0.0, 0.6).each(KINDS, "Telling the parts apart"):
        models[kind] = fitted(kind, matrix[fit], serve[fit], seed, progress)
        areas[kind] = area_of(log_odds_of(models[kind], matrix[~fit]), serve[~fit], 0.05 / len(KINDS))
    best: Kind = max(KINDS, key=lambda kind: areas[kind].value)
    p = min(1.0, len(KINDS) * min(area.p for area in areas.values()))
    if block is None:
        return Domain(areas, best, p, np.zeros(0), ())
    single = single_areas(matrix, serve, fit, block, progress.part(0.6, 0.9))
    held = np.flatnonzero(~fit)
    lost = importance(models[best], matrix[held], serve[held], block, seed, progress.part(0.9, 1.0))
    return Domain(areas, best, p, lost, single)


def halves(serve: Mask) -> Mask:
    """True for every other row of each part: as many of either for fitting as for judging.

    >>> halves(np.array([False, False, True, False, True])).tolist()
    [True, False, True, True, False]
    """
    fit = np.zeros(serve.size, bool)
    for part in (serve, ~serve):
        fit[np.flatnonzero(part)[::2]] = True
    return fit


def fitted(kind: Kind, matrix: Matrix, serve: Mask, seed: int, progress: Progress = SILENT) -> Any:
    """A model of P(serve | row): logistic regression, or gradient-boosted trees, fewer and smaller for fewer
    rows. Can be stopped between two trees.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier

    rows = len(matrix)
    with one_thread() if rows < _ALONE else nullcontext():
        if kind == "linear":
            return shrunk(logistic(matrix, serve, progress), matrix)
        asked = _asked(matrix, serve)
        given = matrix[:, asked]
        axes = _turned(given)
        given = given if axes is None else given @ axes
        trees = int(np.clip(rows // 20, 10, 100))

        def checked(model: Any, matrix: Matrix, serve: Mask) -> float:
            progress.check()
            return 0.0

        model = HistGradientBoostingClassifier(
            max_iter=trees,
            max_leaf_nodes=15 if rows >= 2_000 else 6,
            max_features=min(1.0, _LOOKED_AT / given.shape[1]),
            l2_regularization=1.0,
            random_state=seed,
            # never stops early: what is called after each tree, and looks at nothing, is where a person can
            early_stopping=True,
            scoring=checked,
            validation_fraction=None,
            n_iter_no_change=trees + 1,
        )
        return _Trees(model.fit(given, serve), asked, axes)


@dataclass(frozen=True, eq=False)
class _Trees:
    """Boosted trees that know some of the columns, or directions among these."""

    model: Any
    columns: NDArray[np.int64]
    axes: Matrix | None

    def decision_function(self, matrix: Matrix) -> Floats:
        """Log-odds of serve, per row of the whole matrix."""
        given = matrix[:, self.columns]
        given = given if self.axes is None else given @ self.axes
        return np.asarray(self.model.decision_function(given), dtype=np.float64)


def _turned(matrix: Matrix) -> Matrix | None:
    """The main directions of more than 200 columns, where they hold half of the variance, as of embeddings:
    trees on hundreds of columns take long, and a single column of an embedding means nothing. None for few
    columns, or many that each stand for itself."""
    if matrix.shape[1] <= _LOOKED_AT:
        return None
    main = main_axes(matrix)
    return main.axes if main.share >= _HELD else None


def _asked(matrix: Matrix, serve: Mask) -> NDArray[np.int64]:
    """The columns that trees are asked about: all, but of more than 60 with two values (levels of categories)
    those whose shares differ most between the parts in the rows fitted on. Hundreds of rare levels cost
    minutes and add nothing to their shares."""
    low, high = matrix.min(axis=0), matrix.max(axis=0)
    levels = np.flatnonzero(((matrix == low) | (matrix == high)).all(axis=0))
    if levels.size <= _LEVELS_ASKED:
        return np.arange(matrix.shape[1])
    weights = np.stack([serve / max(1, int(serve.sum())), ~serve / max(1, int((~serve).sum()))]).astype(
        np.float32
    )
    one, other = (weights @ matrix).astype(np.float64)[:, levels]
    spread = np.maximum(
        (one - low[levels]) * (high[levels] - one), (other - low[levels]) * (high[levels] - other)
    )
    gap = np.abs(one - other) / np.sqrt(np.maximum(spread, 1e-12))
    kept = levels[np.argsort(-gap, kind="stable")[:_LEVELS_ASKED]]
    return np.sort(np.concatenate([np.setdiff1d(np.arange(matrix.shape[1]), levels), kept]))


def log_odds_of(model: Any, matrix: Matrix) -> Floats:
    """The model's log-odds of serve, per row."""
    with one_thread() if len(matrix) < _ALONE else nullcontext():
        return np.asarray(model.decision_function(matrix), dtype=np.float64)


def single_areas(
    matrix: Matrix, serve: Mask, fit: Mask, block: NDArray[np.int32], progress: Progress = SILENT
) -> tuple[Area, ...]:
    """The area by each block on its own: a tree of at most 16 leaves grown on the rows ``fit``, judged on the
    others.
    """
    from sklearn.tree import DecisionTreeClassifier

    areas = []
    least = max(10, int(fit.sum()) // 50)
    for at in progress.each(range(int(block.max(initial=-1)) + 1), "Single-feature AUC"):
        part = matrix[:, slice(*np.searchsorted(block, (at, at + 1)))]
        # levels in fewer rows than a leaf must have cannot be split off
        part = part[:, np.count_nonzero(part[fit], axis=0) >= least]
        scores = np.zeros(int((~fit).sum()))
        if part.shape[1]:
            tree = DecisionTreeClassifier(max_leaf_nodes=16, min_samples_leaf=least, random_state=0)
            scores = tree.fit(part[fit], serve[fit]).predict_proba(part[~fit])[:, 1]
        areas.append(area_of(scores, serve[~fit]))
    return tuple(areas)


def importance(
    model: Any, matrix: Matrix, serve: Mask, block: NDArray[np.int32], seed: int, progress: Progress = SILENT
) -> Floats:
    """Per block the area that is lost when its columns are shuffled together on held-out rows (at most 2,000,
    both parts alike).
    """
    some = np.sort(np.concatenate([np.flatnonzero(part)[: _SHUFFLED // 2] for part in (serve, ~serve)]))
    matrix, serve = matrix[some], serve[some]
    draw = np.random.default_rng(seed)
    lost = np.zeros(int(block.max(initial=-1)) + 1)
    with one_thread():
        base = area_of(model.decision_function(matrix), serve).value
        for at in progress.each(range(lost.size), "Telling the parts apart"):
            columns = slice(*np.searchsorted(block, (at, at + 1)))
            kept = matrix[:, columns].copy()
            matrix[:, columns] = kept[draw.permutation(len(matrix))]
            lost[at] = base - area_of(model.decision_function(matrix), serve).value
            matrix[:, columns] = kept
    return lost
