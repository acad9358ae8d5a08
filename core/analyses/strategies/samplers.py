"""The samplers of imbalanced-learn, as each suits the rows: fitted on training rows alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.numerics.association import Floats

Codes = NDArray[Any]
NEIGHBOURS = 5  # of SMOTE and ADASYN, as their authors chose


class Training(NamedTuple):
    """Rows to train on. matrix: n x p, the first ``codes`` columns codes. target: class codes, n. classes:
    how many.
    """

    matrix: Floats
    target: Codes
    codes: int
    classes: int

    @property
    def counts(self) -> NDArray[np.int64]:
        """Rows per class."""
        return np.bincount(self.target, minlength=self.classes)

    @property
    def smallest(self) -> int:
        """Rows of the smallest class that there is."""
        counts = self.counts
        return int(counts[counts > 0].min())


Sampler = Callable[[Training, int], Any]


def oversampler(rows: Training, seed: int) -> Any:
    """Rows of all classes but the largest repeated until all are as large."""
    from imblearn.over_sampling import RandomOverSampler

    return RandomOverSampler(random_state=seed)


def undersampler(rows: Training, seed: int) -> Any:
    """As many rows of every class as the smallest has."""
    from imblearn.under_sampling import RandomUnderSampler

    return RandomUnderSampler(random_state=seed)


def smote(rows: Training, seed: int) -> Any:
    """New rows between a row and one of its neighbours: of numbers (SMOTE), codes (SMOTEN) or both
    (SMOTENC).
    """
    from imblearn.over_sampling import SMOTE, SMOTEN, SMOTENC

    near = _neighbours(rows)
    if not rows.codes:
        return SMOTE(k_neighbors=near, random_state=seed)
    if rows.codes == rows.matrix.shape[1]:
        return SMOTEN(k_neighbors=near, random_state=seed)
    return SMOTENC(list(range(rows.codes)), k_neighbors=near, random_state=seed)


def smote_enn(rows: Training, seed: int) -> Any:
    """SMOTE, after which rows are dropped whose neighbours are of another class."""
    from imblearn.combine import SMOTEENN
    from imblearn.under_sampling import EditedNearestNeighbours

    return SMOTEENN(smote=smote(rows, seed), enn=EditedNearestNeighbours(), random_state=seed)


def adasyn(rows: Training, seed: int) -> Any:
    """As SMOTE, with more new rows where neighbours are of another class; numbers only."""
    from imblearn.over_sampling import ADASYN

    return ADASYN(n_neighbors=_neighbours(rows), random_state=seed)


def _neighbours(rows: Training) -> int:
    return max(1, min(NEIGHBOURS, rows.smallest - 1))
