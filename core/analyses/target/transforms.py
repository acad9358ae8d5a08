"""Which transformations and interactions of columns would help a plain linear model, judged on rows it has
not seen.

The gain is a share of the target's variance (of the class indicators, for classes). Its noise floor is the
largest gain that any candidate shows when the target is shuffled: 20 draws, so that a suggestion beyond it
has a chance of about 5% for the whole table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.analyses.target.model import Interval, interval
from core.numerics.association import Floats
from core.numerics.binning import binned, quantile_edges
from core.numerics.folds import FOLDS, Fold
from core.progress import Progress

DRAWS = 20
_STEPS = 10
_SIDES = 5  # bins of each column of an interaction
_SHRINK = 5.0  # rows that a cell of an interaction needs to be believed by half


class Suggestion(NamedTuple):
    """``columns``: places. ``what``: "log", "square", "rank", "steps" or "interaction". ``gain``: share of
    variance gained out of fold. ``before``, ``after``: share explained without and with it. ``noise``: the
    floor."""

    columns: tuple[int, ...]
    what: str
    gain: Interval
    before: float
    after: float
    noise: float


Mask = NDArray[np.bool_]
# training and held-out rows, and the targets of each with their draws
Part = tuple[Mask, Mask, Floats, Floats]
Design = Callable[[Floats, Floats], tuple[Floats, Floats]]  # training and held-out values -> their regressors


def _straight(train: Floats, held: Floats) -> tuple[Floats, Floats]:
    return train[:, None], held[:, None]


def _log(train: Floats, held: Floats) -> tuple[Floats, Floats]:
    """Logarithm; above 0 as it stands, else of 1 more than the distance to the least."""
    low = float(train.min())
    shift = 0.0 if low > 0 else 1.0 - low
    floor = low / 2 if low > 0 else 0.5
    return np.log(train + shift)[:, None], np.log(np.maximum(held + shift, floor))[:, None]


def _square(train: Floats, held: Floats) -> tuple[Floats, Floats]:
    middle, scale = float(np.median(train)), float(train.std()) or 1.0
    one, two = (train - middle) / scale, (held - middle) / scale
    return np.stack([one, one**2], axis=1), np.stack([two, two**2], axis=1)


def _rank(train: Floats, held: Floats) -> tuple[Floats, Floats]:
    ranked = np.sort(train)
    return tuple(
        (np.searchsorted(ranked, v, "left") + np.searchsorted(ranked, v, "right"))[:, None]
        / (2.0 * train.size)
        for v in (train, held)
    )  # type: ignore[return-value]


def _steps(train: Floats, held: Floats) -> tuple[Floats, Floats]:
    edges = quantile_edges(train, _STEPS)
    return _one_hot(binned(train, edges), edges.size + 1), _one_hot(binned(held, edges), edges.size + 1)


DESIGNS: dict[str, Design] = {"log": _log, "square": _square, "rank": _rank, "steps": _steps}


def transformations(
    columns: Sequence[Floats], targets: Floats, fold: Fold, seed: int, progress: Progress, least: float = 0.01
) -> list[Suggestion]:
    """For each column of numbers (NaN: missing, set to the training median) the transformation that helps a
    straight line most.

    targets: rows x k. Suggested where the gain is at least ``least``, its interval lies above 0, and it beats
    the noise floor.
    """
    bent = [place for place, values in enumerate(columns) if _varied(values)]
    plain = _gains(columns, bent, targets, fold, progress.part(0.0, 0.2))
    if not any(_may_count(gain[:, 0], after, least) for *_, gain, _, after in plain):
        return []
    gains = _gains(columns, bent, _with_draws(targets, seed), fold, progress.part(0.2, 1.0), targets.shape[1])
    noise = _floor(gain for *_, gain, _, _ in gains)
    best: dict[int, Suggestion] = {}
    for place, what, gain, before, after in gains:
        one = Suggestion((place,), what, interval(gain[:, 0]), before, after, noise)
        # Ten steps bend to anything; they must beat the plain curves clearly.
        handicap = least if what == "steps" else 0.0
        if _counts(one, least) and (place not in best or one.gain.value - handicap > best[place].gain.value):
            best[place] = one
    return sorted(best.values(), key=lambda one: (-one.gain.value, one.columns))


def _varied(values: Floats) -> bool:
    """Whether a column has more than two values: any curve through two points is a straight line."""
    known = values[~np.isnan(values)]
    return bool(known.size) and bool(((known != known.min()) & (known != known.max())).any())


def _gains(
    columns: Sequence[Floats], places: list[int], drawn: Floats, fold: Fold, progress: Progress, k: int = 0
) -> list[tuple[int, str, Floats, float, float]]:
    """Per column and design: place, name, gain over the straight line (folds x draws of ``k`` targets; one
    draw of all if 0), what the line explains, and what the design does."""
    k = k or drawn.shape[1]
    parts = [(fold != part, fold == part, drawn[fold != part], drawn[fold == part]) for part in range(FOLDS)]
    gains = []
    for place in progress.each(places, "Trying transformations"):
        line = _explained(columns[place], parts, k, _straight)
        for what, design in DESIGNS.items():
            explained = _explained(columns[place], parts, k, design)
            gains.append(
                (
                    place,
                    what,
                    explained - line,
                    float(np.nanmean(line[:, 0])),
                    float(np.nanmean(explained[:, 0])),
                )
            )
    return gains


def _floor(gains: Iterable[Floats]) -> float:
    """The largest mean gain that any candidate shows in any draw."""
    return max(
        (
            float(np.nanmax(np.nan_to_num(np.nanmean(gain[:, 1:], axis=0), nan=0.0), initial=0.0))
            for gain in gains
        ),
        default=0.0,
    )


def interactions(
    columns: Sequence[tuple[Floats, bool]],
    targets: Floats,
    fold: Fold,
    seed: int,
    progress: Progress,
    least: float = 0.005,
) -> list[Suggestion]:
    """Pairs of columns (values, and whether they are codes of levels) whose cells explain more than both
    sides added up.

    Cells of five by five bins, learned in the training folds on what the two sides leave over, each shrunk by
    its size. The noise floor shuffles what is left over (Freedman and Lane 1983, J. Bus. Econ. Stat. 1).
    """
    pairs = list(combinations(range(len(columns)), 2))
    plain = [
        _pair_gain(columns[a], columns[b], targets, fold)
        for a, b in progress.part(0.0, 0.3).each(pairs, "Trying interactions")
    ]
    if not any(_may_count(gain[:, 0], before + float(np.nanmean(gain)), least) for gain, before in plain):
        return []
    drawn = [
        _pair_gain(columns[a], columns[b], targets, fold, seed)
        for a, b in progress.part(0.3, 1.0).each(pairs, "Trying interactions")
    ]
    noise = _floor(gain for gain, _ in drawn)
    tried = [
        Suggestion(
            pair, "interaction", interval(gain[:, 0]), before, before + float(np.nanmean(gain[:, 0])), noise
        )
        for pair, (gain, before) in zip(pairs, drawn, strict=True)
    ]
    return sorted(
        (one for one in tried if _counts(one, least)), key=lambda one: (-one.gain.value, one.columns)
    )


def _may_count(gain: Floats, after: float, least: float) -> bool:
    """Whether a gain per fold is one that counts if it beats the noise floor, which takes twenty times as
    long to find.
    """
    return _counts(Suggestion((), "", interval(gain), 0.0, after, 0.0), least)


def _counts(one: Suggestion, least: float) -> bool:
    return bool(one.gain.value >= least and one.gain.low > 0 and one.gain.value > one.noise and one.after > 0)


def _with_draws(targets: Floats, seed: int) -> Floats:
    """The targets and, beside them, as many shuffled copies as there are draws: rows x k (1 + draws)."""
    draw = np.random.default_rng([seed, 7])
    return np.concatenate([targets, *(targets[draw.permutation(len(targets))] for _ in range(DRAWS))], axis=1)


def _explained(values: Floats, parts: list[Part], k: int, design: Design) -> Floats:
    """Share of variance explained on each held-out fold, folds x (1 + draws), by least squares on the design
    of the training rows.
    """
    shares = []
    for train, held, aimed, truth in parts:
        known = values[train]
        middle = float(np.nanmedian(known)) if (~np.isnan(known)).any() else 0.0
        inside, outside = design(np.nan_to_num(known, nan=middle), np.nan_to_num(values[held], nan=middle))
        shares.append(_shares(truth, _least_squares(inside, aimed, outside), aimed.mean(axis=0), k))
    return np.array(shares)


def _least_squares(inside: Floats, targets: Floats, outside: Floats) -> Floats:
    """Predictions for ``outside``, with an intercept and a ridge of a millionth."""
    centre, scale = inside.mean(axis=0), inside.std(axis=0)
    scale[scale < 1e-12] = 1.0
    x = (inside - centre) / scale
    middle = targets.mean(axis=0)
    slope = np.linalg.solve(x.T @ x + 1e-6 * len(x) * np.eye(x.shape[1]), x.T @ (targets - middle))
    return np.asarray((outside - centre) / scale @ slope + middle)


def _shares(truth: Floats, predicted: Floats, middle: Floats, k: int) -> Floats:
    """1 - squared error over that of the training mean, the k targets of each draw together."""
    error = ((truth - predicted) ** 2).sum(axis=0).reshape(-1, k).sum(axis=1)
    total = ((truth - middle) ** 2).sum(axis=0).reshape(-1, k).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(total > 0, 1.0 - error / total, np.nan)


def _one_hot(codes: NDArray[np.int32], levels: int) -> Floats:
    """Rows x (levels + 1) of zeros and ones; the first column is that of code 0."""
    columns = np.zeros((codes.size, levels + 1))
    columns[np.arange(codes.size), codes] = 1.0
    return columns


def _sides(values: Floats, levels: bool, train: NDArray[np.bool_]) -> tuple[NDArray[np.int32], int]:
    """Codes from 0 (missing) of at most five bins, or the four most frequent levels and the rest, as the
    training rows have them.
    """
    if not levels:
        edges = quantile_edges(values[train], _SIDES)
        return binned(values, edges), edges.size + 2
    codes = np.where(np.isnan(values), -1, values).astype(np.int64)
    counts = np.bincount(codes[train][codes[train] >= 0], minlength=int(codes.max(initial=0)) + 1)
    place = np.full(counts.size + 1, _SIDES, np.int32)
    top = np.argsort(-counts, kind="stable")[: _SIDES - 1]
    place[top] = np.arange(1, top.size + 1)
    place[-1] = 0
    return place[codes], _SIDES + 1


def _pair_gain(
    left: tuple[Floats, bool],
    right: tuple[Floats, bool],
    targets: Floats,
    fold: Fold,
    seed: int | None = None,
) -> tuple[Floats, float]:
    """Gain of the cells over the sides per held-out fold, folds x (1 + draws), and what the sides explain
    together. No draws without a seed."""
    k, drawn = targets.shape[1], targets
    if seed is not None:
        whole = np.ones(fold.size, bool)
        sides = np.concatenate([_one_hot(*_minus(_sides(*one, whole))) for one in (left, right)], axis=1)
        rest = targets - _least_squares(sides, targets, sides)
        drawn = np.concatenate([targets, _with_draws(rest, seed)[:, k:]], axis=1)
    gain, before = np.full((FOLDS, drawn.shape[1] // k), np.nan), np.full(FOLDS, np.nan)
    for part in range(FOLDS):
        held, train = fold == part, fold != part
        (a, wide), (b, high) = _sides(*left, train), _sides(*right, train)
        both = np.concatenate([_one_hot(a, wide - 1), _one_hot(b, high - 1)], axis=1)
        predicted = _least_squares(both[train], drawn[train], both)
        cells = _one_hot((a * high + b).astype(np.int32), wide * high - 1)
        counts = cells[train].sum(axis=0)
        means = cells[train].T @ (drawn - predicted)[train] / (counts + _SHRINK)[:, None]
        middle = drawn[train].mean(axis=0)
        plain = _shares(drawn[held], predicted[held], middle, k)
        gain[part] = _shares(drawn[held], predicted[held] + cells[held] @ means, middle, k) - plain
        before[part] = plain[0]
    return gain, float(np.nanmean(before))


def _minus(coded: tuple[NDArray[np.int32], int]) -> tuple[NDArray[np.int32], int]:
    return coded[0], coded[1] - 1
