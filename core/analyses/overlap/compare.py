"""The comparison, step by step: told apart or not, by which columns, and where each row lies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.analyses.overlap.numbers import Numbers, classified, mingled
from core.dataset import Dataset
from core.numerics.blocks import Rows
from core.prepare.encoding import Encoded, encoded
from core.prepare.support import Support, log_odds, reference_rows, support
from core.prepare.train_serve import Parts
from core.progress import Progress
from core.workers import LocalThreads, one_blas_thread

_SURE = 0.001  # chance that any of the columns is said to give the parts away where none does


@dataclass(frozen=True)
class Ask:
    """What is asked: rows per part for the tests, level and neighbours of the support, the AUC from which a
    column gives the parts away, whether such columns are left out of all else, the seed."""

    sample: int
    level: float
    neighbours: int
    give_away: float
    leave_out: bool
    seed: int


class Apart(NamedTuple):
    """``main``: the numbers over ``names``. ``base``: the same between two halves of train. ``alone``:
    columns that give the parts away, with the AUC of each. ``whole``: the numbers with them, None where they
    are not left out. ``odds``: per row, see `log_odds`."""

    main: Numbers
    names: tuple[str, ...]
    base: Numbers
    alone: tuple[tuple[str, float], ...]
    whole: Numbers | None
    odds: NDArray[np.float64]


def told_apart(made: Encoded, parts: Parts, ask: Ask, progress: Progress) -> Apart:
    """The numbers of the samples, those of two halves of train, and the log-odds of every row. ``made``:
    encoded on all rows.
    """
    matrix, block, names, whole = made.matrix, made.block, made.names, None
    main, base = _both(matrix, block, parts, ask, progress.part(0.0, 0.5))
    # by one column alone all is told that can be
    alone = _alone(main, names, ask.give_away) if len(names) > 1 else ()
    kept = ~np.isin(block, [names.index(name) for name, _ in alone])
    if ask.leave_out and alone and kept.any():
        matrix, whole = matrix.only(kept), main
        left, place = np.unique(block[kept], return_inverse=True)
        names = tuple(names[at] for at in left.tolist())
        main, base = _both(matrix, place.astype(np.int32), parts, ask, progress.part(0.5, 0.6))
    odds = log_odds(matrix, parts, main.domain.best, ask.sample, ask.seed, progress.part(0.6, 1.0))
    return Apart(main, names, base, alone, whole, odds)


def _both(
    matrix: Rows, block: NDArray[np.int32], parts: Parts, ask: Ask, progress: Progress
) -> tuple[Numbers, Numbers]:
    """The numbers of samples of both parts, and beside them those of two halves of train."""
    pair, halves = parts.sample(ask.sample), parts.train_halves(ask.sample // 2)
    work: list[Callable[[], Any]] = [  # the longest first, so that no thread is left alone with it
        lambda: classified(matrix, *pair, ask.seed, block, progress.part(0.0, 0.5)),
        lambda: mingled(matrix, *pair, ask.seed, progress.part(0.5, 0.8)),
        lambda: mingled(matrix, *halves, ask.seed, progress.part(0.8, 0.9)),
        lambda: classified(matrix, *halves, ask.seed, None, progress.part(0.9, 1.0)),
    ]
    with one_blas_thread():
        apart, near, near_base, apart_base = LocalThreads().map(lambda one: one(), work)
    return Numbers(apart, near, pair[0].size), Numbers(apart_base, near_base, halves[0].size)


def _alone(whole: Numbers, names: tuple[str, ...], limit: float) -> tuple[tuple[str, float], ...]:
    """Columns that alone reach the limit, surely: beyond chance, all columns counted, and with the low end of
    the interval near it.
    """
    sure = _SURE / max(1, len(names))
    told = zip(names, whole.domain.solo, strict=True)
    found = [
        (name, area.value)
        for name, area in told
        if area.value >= limit and area.p < sure and area.low >= 2.0 * limit - 1.0
    ]
    return tuple(sorted(found, key=lambda pair: (-pair[1], pair[0])))


def placed(dataset: Dataset, names: tuple[str, ...], parts: Parts, ask: Ask, progress: Progress) -> Support:
    """The support of every row.

    The encoder sees the reference rows alone: what is new to it is as new in the train rows that calibrate as
    in the serve rows.
    """
    reference = reference_rows(parts, dataset.rows, len(names))
    known = np.zeros(dataset.rows, bool)
    known[parts.train[:reference]] = True
    made = encoded(dataset, names, known, progress.part(0.0, 0.2))
    return support(made.matrix, parts, reference, ask.neighbours, ask.level, progress.part(0.2, 1.0))
