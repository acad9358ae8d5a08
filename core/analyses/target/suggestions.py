"""What would help a linear model: transformations and interactions, tried on the rows whose target is
known.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.analyses.target.labelled import Targeted
from core.analyses.target.transforms import Suggestion, interactions, transformations
from core.numerics.association import Floats
from core.numerics.folds import Fold
from core.progress import Progress

TRIED, TRIED_ROWS = 30, 4_000  # columns and rows of transformations
CROSSED = 8  # columns whose interactions are tried
SHOWN_PAIRS = 6
AIMED = 3  # classes that suggestions aim at


def suggestions_of(
    read: Targeted, order: Sequence[int], fold: Fold, seed: int, progress: Progress
) -> tuple[tuple[tuple[str, ...], Suggestion], ...]:
    """The suggestions with the names of their columns. order: columns of ``read``, strongest first; fold: per
    row.
    """
    rows = slice(0, TRIED_ROWS)  # rows stand in the order of their keys: the first are a sample
    aimed, fold = _indicators(read)[rows], fold[rows]
    plain = [j for j in order if not read.levels[j]][:TRIED]
    gains = transformations(
        [tame(read.matrix[rows, j]) for j in plain], aimed, fold, seed, progress.part(0.0, 0.5)
    )
    suggestions = [(tuple(read.names[plain[place]] for place in one.columns), one) for one in gains]
    crossed = list(order[:CROSSED])
    pairs = [(read.matrix[rows, j], bool(read.levels[j])) for j in crossed]
    gains = interactions(pairs, aimed, fold, seed, progress.part(0.5, 1.0))
    suggestions += [
        (tuple(read.names[crossed[place]] for place in one.columns), one) for one in gains[:SHOWN_PAIRS]
    ]
    return tuple(suggestions)


def _indicators(read: Targeted) -> Floats:
    """What a linear model aims at: the number itself, or one indicator per class (a single one for two), at
    most three.
    """
    if not read.classes:
        return tame(read.target)[:, None]
    wanted = [1] if len(read.classes) == 2 else range(min(AIMED, len(read.classes)))
    return np.stack([(read.target == code).astype(np.float64) for code in wanted], axis=1)


def tame(values: NDArray[Any]) -> NDArray[Any]:
    """The values, in another unit where their squares would overflow."""
    largest = float(np.nanmax(np.abs(values), initial=0.0))
    return values / largest if largest > 1e100 else values
