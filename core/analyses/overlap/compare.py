"""The comparison, step by step: how well train and serve can be told apart, by which columns, and where each
row lies.
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.analyses.overlap.numbers import Separation, classified, mixed_in
from core.analyses.overlap.settings import OverlapSettings
from core.dataset import Dataset
from core.numerics.blocks import MatrixRows
from core.prepare.encoding import Encoded, encoded
from core.prepare.regions import regions
from core.prepare.separating import SeparatingColumn, near, separating
from core.prepare.support import Support, fold_scores, log_odds, reference_rows, support
from core.prepare.train_serve import TrainServe, parts_of
from core.progress import Progress
from core.workers import at_once


class Comparison(NamedTuple):
    """Train against serve.

    main: the numbers over ``names``.
    names: the columns compared.
    parts: both parts, keyed over ``names``.
    baseline: the same numbers between two halves of train.
    separating: columns that separate the parts on their own.
    whole: the numbers with those columns, None where they are not left out.
    odds: per row of the data, see `log_odds`.
    region: per row of the data, see `core.prepare.regions`.
    """

    main: Separation
    names: tuple[str, ...]
    parts: TrainServe
    baseline: Separation
    separating: tuple[SeparatingColumn, ...]
    whole: Separation | None
    odds: NDArray[np.float64]
    region: NDArray[np.int32]


def compared(
    dataset: Dataset, rows: Encoded, parts: TrainServe, settings: OverlapSettings, progress: Progress
) -> Comparison:
    """The numbers of the samples, those of two halves of train, and the log-odds and region of every row.
    ``rows``: encoded on all rows. ``parts``: keyed over all its columns. Where some are left out the rows are
    drawn anew by the others: numbers that are without a column do not depend on it.
    """
    matrix, block, names, whole = rows.matrix, rows.block, rows.names, None
    main = _main(matrix, block, parts, settings, progress.part(0.0, 0.4))
    apart = _separating(dataset, main, names, settings, progress.part(0.4, 0.42))
    kept = ~np.isin(block, [names.index(one.name) for one in apart])
    if settings.leave_out and apart and kept.any():
        matrix, whole = matrix.only(kept), main
        left, place = np.unique(block[kept], return_inverse=True)
        names = tuple(names[at] for at in left.tolist())
        block = place.astype(np.int32)
        parts = parts_of(dataset, names, settings.seed, progress.part(0.42, 0.44))
        main = _main(matrix, block, parts, settings, progress.part(0.44, 0.5))
    halves, seed, best = parts.train_halves(settings.sample // 2), settings.seed, main.domain.best
    progress = progress.part(0.5, 1.0)
    *folds, mixed, domain, segments = at_once(
        *fold_scores(matrix, parts, best, settings.sample, seed, progress),
        partial(mixed_in, matrix, *halves, seed, progress.part(0.0, 0.5)),
        partial(classified, matrix, *halves, seed, None, progress.part(0.5, 0.8)),
        partial(regions, dataset, settings.columns, seed, progress=progress.part(0.8, 1.0)),
    )
    baseline = Separation(domain, mixed, halves[0].size)
    odds = log_odds(folds, parts, settings.sample)
    return Comparison(
        main=main,
        names=names,
        parts=parts,
        baseline=baseline,
        separating=apart,
        whole=whole,
        odds=odds,
        region=segments.region,
    )


def _main(
    matrix: MatrixRows,
    block: NDArray[np.int32],
    parts: TrainServe,
    settings: OverlapSettings,
    progress: Progress,
) -> Separation:
    """The numbers of samples of both parts."""
    pair, seed = parts.sample(settings.sample), settings.seed
    domain, mixed = at_once(
        partial(classified, matrix, *pair, seed, block, progress.part(0.0, 0.5)),
        partial(mixed_in, matrix, *pair, seed, progress.part(0.5, 1.0)),
    )
    return Separation(domain, mixed, pair[0].size)


def _separating(
    dataset: Dataset,
    main: Separation,
    names: tuple[str, ...],
    settings: OverlapSettings,
    progress: Progress,
) -> tuple[SeparatingColumn, ...]:
    """The columns that separate the parts on their own; none of one column, as nothing would be left to
    compare by.
    """
    if len(names) < 2:
        return ()
    limit = settings.give_away
    asked = [name for name, area in zip(names, main.domain.single, strict=True) if near(area, limit)]
    return separating(dataset, names, asked, limit, settings.seed, progress)


def supported(
    dataset: Dataset, names: tuple[str, ...], parts: TrainServe, settings: OverlapSettings, progress: Progress
) -> Support:
    """The support of every row.

    The encoder sees the reference rows alone: what is new to it is as new in the train rows that calibrate as
    in the serve rows.
    """
    reference = reference_rows(parts, dataset.rows, len(names))
    known = np.zeros(dataset.rows, bool)
    known[parts.train[:reference]] = True
    rows = encoded(dataset, names, known, progress.part(0.0, 0.2))
    neighbours, level = settings.neighbours, settings.level
    return support(rows.matrix, parts, reference, neighbours, level, progress.part(0.2, 1.0))
