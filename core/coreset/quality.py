"""How far a model fitted on a coreset may be from one fitted on all rows, told from the coreset alone.

Near its minimum a loss grows with the square of the distance: a fit whose slope over all rows errs by e
loses e'H^-1 e / 2 (van der Vaart 1998, section 5.3). The slope of the coreset errs with the variance V of a
weighted sum, which the coreset shows; the loss is then a weighted sum of chi-squared numbers, of mean
tr(H^-1 V) / 2 and variance tr((H^-1 V)**2) / 2, and so near a gamma (Satterthwaite 1946).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.coreset.calibration import MOST_WEIGHTS, known_of, to_slope
from core.coreset.coreset import Coreset
from core.coreset.fitting import logistic_fit
from core.coreset.sample import DrawnRows, sampled
from core.numerics.comoments import Comoments, least_squares
from core.numerics.softmax import Softmax, penalised, row_slopes, softmax_regression, with_offset
from core.prepare.pilot.scores import ClusterScore, Tree, nearest
from core.progress import SILENT, Progress

Floats = NDArray[np.float64]
_FLAT = 1e-5  # slope of a fit that is only looked at
_TRIED = 8  # solutions of k-means whose cost is looked at
SAME = 0.9  # of uniform's error, from which uniform is as good


class Error(NamedTuple):
    """A relative error of the loss: expected, and the ends of its 95% interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class CoresetQuality:
    """``error``: of the coreset. ``uniform``: of a uniform sample of the same size. ``of``: what errs: "fit",
    the loss over all rows of the model fitted on the coreset, or "cost", the cost that the coreset gives for
    all rows.
    """

    error: Error
    uniform: Error
    of: str

    @property
    def ratio(self) -> float:
        """The coreset's error over uniform's."""
        return self.error.value / self.uniform.value if self.uniform.value > 0 else 1.0


class Slopes(NamedTuple):
    """What both kinds of sample are judged by. slopes: m x P. bend: P x P. loss: in total."""

    slopes: Floats
    bend: Floats
    loss: float


def quality(coreset: Coreset, ridge: float = 1.0, progress: Progress = SILENT) -> CoresetQuality | None:
    """See above; None where all rows were taken, and nothing errs, or there are too few to tell. Of
    calibrated weights infinite where a half of the rows cannot be calibrated.
    """
    drawn = coreset.sample
    if drawn.row.size < 10 or not (drawn.chance < 1.0).any():
        return None
    kind, model = coreset.pilot.kind, coreset.pilot.model
    if model is not None and model.weights.size <= MOST_WEIGHTS:
        fit = logistic_fit(coreset, ridge, progress, _FLAT)
        parts = _logistic(coreset, fit, ridge)
        least = _halves_apart(coreset, fit, parts.bend, ridge) if drawn.calibrated else 0.0
        return _of_fit(coreset, parts, least)
    if kind == "linear" and len(coreset.pilot.encoder.labels) < MOST_WEIGHTS:
        return _of_fit(coreset, _linear(coreset))
    return _of_cost(coreset, _costs(coreset))


def _logistic(coreset: Coreset, model: Softmax, ridge: float) -> Slopes:
    matrix, target, weight = coreset.matrix(), coreset.target().astype(np.int64), coreset.sample.weight
    slopes = row_slopes(model, matrix, target)
    loss = penalised(model, float(weight @ model.losses(matrix, target)), ridge)
    return Slopes(slopes.reshape(len(matrix), -1), curvature(matrix, weight, model, ridge), loss)


def curvature(matrix: Floats, weight: Floats, model: Softmax, ridge: float) -> Floats:
    """The second derivative of the regularised loss in all weights of the model, P x P."""
    rows = with_offset(matrix)
    odds = model.probabilities(matrix)
    odds = odds[:, 1:] if len(model.weights) == 1 else odds
    height, width = model.weights.shape
    bend = np.zeros((height, width, height, width))
    for a in range(height):
        for b in range(height):
            both = odds[:, a] * ((a == b) - odds[:, b]) * weight
            bend[a, :, b, :] = (rows * both[:, None]).T @ rows
    kept = np.tile(np.append(np.full(width - 1, ridge), 0.0), height)
    return np.asarray(bend.reshape(height * width, -1) + np.diag(kept))


def _linear(coreset: Coreset) -> Slopes:
    matrix, weight = coreset.matrix(), coreset.sample.weight
    target, _ = coreset.pilot.targets(coreset.table())
    fitted = least_squares(Comoments.of(np.concatenate([matrix, target[:, None]], axis=1), weight))
    rows = with_offset(matrix)
    left = matrix @ fitted.coefficients + fitted.offset - target
    bend = 2.0 * (rows * weight[:, None]).T @ rows
    return Slopes(2.0 * left[:, None] * rows, bend, float(weight @ left**2))


def _costs(coreset: Coreset) -> list[Floats]:
    """The cost of each row in the pilot's solution; of k-means in some of centres drawn from the coreset, as
    weights are brought to what the pilot's own comes to.
    """
    pilot, table, drawn = coreset.pilot, coreset.table(), coreset.sample
    if isinstance(pilot.score, ClusterScore):
        matrix, draw = pilot.encoder.encode(table), np.random.default_rng(pilot.seed)
        centres = min(len(pilot.score.arrays["centres"]), drawn.row.size)
        chance = drawn.weight / drawn.weight.sum()
        order = np.argsort(coreset.sketch.key[drawn.place])  # whatever the order of the rows
        tried = [
            order[draw.choice(order.size, centres, replace=False, p=chance[order])] for _ in range(_TRIED)
        ]
        return [nearest(np.ascontiguousarray(matrix[:, one].T), matrix)[1] for one in tried]
    if isinstance(pilot.score, Tree):
        return [pilot.score.errors(pilot.encoder.encode(table), pilot.targets(table)[0])]
    return [pilot.raw(table)[2]]


def _halves_apart(coreset: Coreset, fit: Softmax, bend: Floats, ridge: float) -> float:
    """The loss to expect by how far fits on two halves of the rows lie apart, each calibrated by itself: the
    error of a half is twice that of the whole, and so the difference of both four times. Infinite where a
    half cannot be calibrated.
    """
    sketch, pilot = coreset.sketch, coreset.pilot
    drawn = sampled(sketch, pilot, coreset.wanted)
    matrix, target = coreset.matrix(), coreset.target().astype(np.int64)
    order = np.lexsort((sketch.key[drawn.place], target))
    side = np.empty(order.size, np.int64)
    side[order] = np.arange(order.size) % 2
    fits = []
    for half in (0, 1):
        mine = (drawn.chance >= 1.0) | (side == half)
        brought = to_slope(_half(drawn, mine), sketch, pilot, coreset.slope or (), half=True)
        if not brought.calibrated:
            return np.inf
        some, classes = matrix[mine], target[mine]
        fits.append(
            softmax_regression(some, classes, fit.classes, brought.weight, ridge, start=fit, flat=_FLAT)
        )
    apart = (fits[0].weights - fits[1].weights).ravel()
    return float(apart @ bend @ apart) / 8.0


def _half(drawn: DrawnRows, mine: NDArray[np.bool_]) -> DrawnRows:
    """Some of the rows, those that were not certain to be drawn standing for the others of their stratum."""
    weight, sure = drawn.weight.copy(), drawn.chance >= 1.0
    for at in np.unique(drawn.stratum).tolist():
        own = ~sure & (drawn.stratum == at)
        chosen = own & mine
        if chosen.any():
            weight[chosen] *= drawn.weight[own].sum() / drawn.weight[chosen].sum()
    per_row = ("place", "row", "stratum", "cell", "scored", "chance", "score")
    return replace(drawn, weight=weight[mine], **{name: getattr(drawn, name)[mine] for name in per_row})


def _of_fit(coreset: Coreset, parts: Slopes, least: float = 0.0) -> CoresetQuality | None:
    if not parts.loss > 0.0:
        return None
    drawn, rows = coreset.sample, coreset.rows
    values, vectors = np.linalg.eigh(parts.bend)
    known = values > values.max() * 1e-10
    placed = parts.slopes @ (vectors[:, known] / np.sqrt(values[known]))
    own = _spread(placed, drawn)
    if drawn.calibrated:
        own = _spread_around(placed, drawn, known_of(coreset.table(), coreset.pilot)[:, drawn.totals])
    mean = drawn.weight @ placed / drawn.weight.sum()
    away = (placed - mean) * np.sqrt(drawn.weight)[:, None]
    share = drawn.row.size / rows
    plain = away.T @ away * (drawn.weight.sum() / drawn.row.size) * (1.0 - min(share, 1.0))
    told = _gamma(own, parts.loss)
    if least > told.value * parts.loss > 0.0:
        more = least / (told.value * parts.loss)
        told = Error(told.value * more, told.low, told.high * more)
    return CoresetQuality(told, _gamma(plain, parts.loss), "fit")


def _spread_around(placed: Floats, drawn: DrawnRows, known: Floats) -> Floats:
    """The same where the weights of all rows were brought to the totals of ``known``, m x k, together: around
    what these explain, each row as it stands without its own part in that (HC3: MacKinnon and White 1985).
    """
    root = np.sqrt(drawn.weight * (1.0 - drawn.chance))[:, None]
    base, sizes, _ = np.linalg.svd(known * root, full_matrices=False)
    base = base[:, sizes > sizes[0] * 1e-8]
    own = 1.0 - (base**2).sum(axis=1)
    away = placed * root - base @ (base.T @ (placed * root))
    away *= np.sqrt(drawn.weight)[:, None] / np.maximum(own, 1e-3)[:, None]
    return np.asarray(away.T @ away)


def _spread(placed: Floats, drawn: DrawnRows) -> Floats:
    """The variance of the weighted sum of the rows (n x P, P x P): each cell around its own mean, as its
    weights are brought to its total; around a line in the scores, where they are brought to the sum of these,
    too (Deville and Särndal 1992). Rows that are a cell by themselves stand with others of their group.
    """
    total = np.zeros((placed.shape[1],) * 2)
    kind, place, times = np.unique(2 * drawn.cell + drawn.scored, return_inverse=True, return_counts=True)
    place = np.where(times[place] > 1, place, kind.size + drawn.stratum)
    factor = drawn.weight * np.sqrt(1.0 - drawn.chance)
    for at in np.unique(place):
        mine = np.flatnonzero(place == at)
        root = np.sqrt(drawn.weight[mine])[:, None]
        along = [np.ones(mine.size)]
        if mine.size > 2 and drawn.scored[mine].all():
            along.append(drawn.score[mine])
        known = np.stack(along, axis=1)
        away = placed[mine] - known @ np.linalg.lstsq(known * root, placed[mine] * root)[0]
        away *= factor[mine, None]
        total += away.T @ away * (mine.size / max(1, mine.size - known.shape[1]))
    return total


def _gamma(spread: Floats, loss: float) -> Error:
    from scipy.stats import gamma

    mean, variance = 0.5 * float(np.trace(spread)), 0.5 * float((spread**2).sum())
    if not variance > 0.0:
        return Error(0.0, 0.0, 0.0)
    low, high = gamma.ppf([0.025, 0.975], mean**2 / variance, scale=variance / mean)
    return Error(mean / loss, float(low) / loss, float(high) / loss)


def _of_cost(coreset: Coreset, solutions: list[Floats]) -> CoresetQuality | None:
    """The error of the cost itself, which is near normal: its mean absolute value, and 0 to its 95% point.
    solutions: the cost of each row in one or more.
    """
    drawn = coreset.sample
    totals = [float(drawn.weight @ costs) for costs in solutions]
    known = [(costs, total) for costs, total in zip(solutions, totals, strict=True) if total > 0.0]
    if not known:
        return None
    share, every = drawn.row.size / coreset.rows, drawn.weight.sum()

    def plain(costs: Floats, total: float) -> float:
        spread = float(drawn.weight @ (costs - total / every) ** 2) * every / drawn.row.size
        return float((spread * (1.0 - min(share, 1.0))) ** 0.5)

    def error(deviations: list[float]) -> Error:
        off = float(np.mean([one / total for one, (_, total) in zip(deviations, known, strict=True)]))
        return Error(off * (2.0 / np.pi) ** 0.5, 0.0, 1.96 * off)

    own = [float(_spread(costs[:, None], drawn)[0, 0]) ** 0.5 for costs, _ in known]
    return CoresetQuality(error(own), error([plain(*one) for one in known]), "cost")
