"""Labels by who gave them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.dataset import Dataset
from core.numerics.binning import wilson
from core.prepare.evidence import ClassEvidence
from core.prepare.levels import level_codes

MOST = 200  # annotators told apart


class Annotator(NamedTuple):
    """``name``; ``labels`` judged; those that are doubtful (``likely`` and ``possible``); the 95% interval of
    their share (Wilson).
    """

    name: str
    labels: int
    likely: int
    possible: int
    low: float
    high: float


def by_annotator(
    dataset: Dataset, column: str, evidence: ClassEvidence, tier: NDArray[np.int8]
) -> tuple[Annotator, ...]:
    """Who gave how many labels, and how many are doubtful; the largest share first."""
    codes, names = level_codes(dataset.table([column]).column(0).take(evidence.rows))
    told = []
    for place in range(min(MOST, len(names))):
        here = tier[codes == place]
        doubtful = float((here > 0).sum())
        low, high = wilson(np.array([doubtful]), np.array([max(1.0, float(here.size))]))
        told.append(
            Annotator(
                names[place],
                int(here.size),
                int((here == 2).sum()),
                int((here == 1).sum()),
                float(low[0]),
                float(high[0]),
            )
        )
    return tuple(sorted(told, key=lambda one: (-(one.likely + one.possible) / max(1, one.labels), one.name)))
