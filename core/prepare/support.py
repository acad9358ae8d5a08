"""Per row: is it where train has rows, which part is it like, what should it weigh."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from core.frozen import lock_fields
from core.numerics.blocks import Ids, MatrixRows
from core.numerics.domain import Kind, fitted, log_odds_of
from core.numerics.neighbours import neighbour_chunks, reference_size
from core.numerics.support import Unsupported, conformal_p, directions, own_p, unsupported
from core.numerics.weighting import calibration
from core.prepare.train_serve import TrainServe, interleaved
from core.progress import SILENT, Progress

Floats = NDArray[np.float64]
FOLDS = 5
_CHUNK = 32_768
_MOST = 10_000  # train rows compared with; more are hardly ever nearer
_SHARE = 4  # of the work that neighbours may take, this is one part in four


def reference_rows(parts: TrainServe, rows: int, width: int) -> int:
    """How many train rows, the first in keyed order, all others are compared with: half of them, fewer where
    the data are large.
    """
    return min(parts.train.size // 2, reference_size(_SHARE * rows, width), _MOST)


@dataclass(frozen=True, eq=False)
class Support:
    """``p``: per row of the data, nan for rows that ``parts`` leaves out. ``calibration``: train rows that
    judge the serve rows. ``serve``: how many serve rows are unsupported. ``baseline``: the same of train rows
    that play serve."""

    p: Floats
    calibration: int
    serve: Unsupported
    baseline: Unsupported

    def __post_init__(self) -> None:
        lock_fields(self)


def support(
    matrix: MatrixRows, parts: TrainServe, reference: int, k: int, level: float, progress: Progress = SILENT
) -> Support:
    """Conformal p-values of the distance to the ``k``-th nearest of the ``reference`` train rows.

    matrix: rows of the data x p, encoded on those rows alone. The other train rows calibrate the serve rows;
    they, and the reference rows (each without itself), are ranked among their own kind, so that all train
    rows have uniform p-values.
    """
    order = np.concatenate([parts.train, parts.serve])
    points = directions(matrix, order, reference, progress=progress)
    far = np.zeros(order.size)
    k = max(1, min(k, (reference - 1) // 2))
    for at, _, distance in neighbour_chunks(points, k, reference, progress):
        far[at] = distance[:, -1]
    first, judges, serve = far[:reference], far[reference : parts.train.size], far[parts.train.size :]
    own = _shared(np.concatenate([own_p(first), own_p(judges)]), parts.hashes[parts.train])
    p = np.full(len(matrix), np.nan)
    p[order] = np.concatenate([own, conformal_p(serve, judges)])
    half = conformal_p(judges[1::2], judges[::2])
    counts = (unsupported(p[parts.serve], judges.size, level), unsupported(half, judges[::2].size, level))
    return Support(p, judges.size, *counts)


Scores = tuple[Ids, Floats]


def fold_scores(
    matrix: MatrixRows, parts: TrainServe, kind: Kind, most: int, seed: int, progress: Progress = SILENT
) -> list[Callable[[], Scores]]:
    """Per fold the work that gives its rows and their log-odds of serve, by a model that has not seen them.

    Five folds by keyed order; the models are fitted on at most ``most`` rows per part, and each row, in the
    sample or not, is scored by the model of its fold.
    """
    fold = np.zeros(len(matrix), np.int8)
    for rows in (parts.train, parts.serve):
        fold[rows] = np.arange(rows.size) % FOLDS
    sample, serve = interleaved(*parts.sample(most))
    order = np.concatenate([parts.train, parts.serve])

    def scores(part: int) -> Scores:
        kept = fold[sample] != part
        model = fitted(kind, matrix[sample[kept]], serve[kept], seed, progress)
        held = order[fold[order] == part]
        odds = np.empty(held.size)
        for first in range(0, held.size, _CHUNK):
            progress.check()
            some = slice(first, first + _CHUNK)
            odds[some] = log_odds_of(model, matrix[held[some]])
        return held, odds

    return [partial(scores, part) for part in range(FOLDS)]


def log_odds(folds: Iterable[Scores], parts: TrainServe, most: int) -> Floats:
    """Calibrated log-odds of serve per row of the data, both parts counted as equally large, from the scores
    of all folds. Equal rows get their mean. Calibration: `core.numerics.weighting.calibration` over the
    sample of at most ``most`` rows per part.
    """
    odds = np.empty(parts.hashes.size)
    for rows, scores in folds:
        odds[rows] = scores
    sample, serve = interleaved(*parts.sample(most))
    slope, offset = calibration(odds[sample], serve)
    return _shared(slope * odds + offset, parts.hashes)


def _shared(values: Floats, hashes: NDArray[np.uint64]) -> Floats:
    """Rows with equal hashes get their mean, added up in order of size, so that the order of the rows does
    not matter.
    """
    _, place, often = np.unique(hashes, return_inverse=True, return_counts=True)
    if often.max(initial=0) < 2:
        return values
    order = np.lexsort((values, place))
    return np.asarray((np.bincount(place[order], weights=values[order]) / often)[place], dtype=np.float64)
