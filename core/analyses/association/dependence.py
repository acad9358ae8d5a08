"""Measures on demand: Chatterjee's xi, which sees curves that rise and fall, and mutual information."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.analyses.association.ready import Ready
from core.analyses.association.strongest import NUMERIC, StrongestPairs
from core.dataset import Dataset
from core.numerics.association import Codes, Floats, contingency, links
from core.numerics.rowhash import keyed
from core.prepare.features import floats
from core.prepare.hashes import row_hashes
from core.progress import Progress

XI_ROWS, XI_PAIRS = 5_000, 2_000  # that xi is worked out on, and for, at most
_LEAST = 10  # complete rows below which xi says nothing


def xi(columns: Sequence[Floats], pairs: NDArray[np.int64], progress: Progress) -> Floats:
    """Chatterjee's xi of the larger direction, and its noise floor; 2 x pairs, nan where fewer than ten rows
    are complete.

    columns: values with NaN for missing, rows in an order that does not depend on the source (ties are broken
    by it). pairs: m x 2 places in ``columns``. Independent columns have variance 2/5n without ties
    (Chatterjee 2021, "A new coefficient of correlation", JASA 116); the line is the 97.5% point, as the
    larger of two is taken.
    """
    from scipy.stats import chatterjeexi

    values = np.full((2, len(pairs)), np.nan)
    for place, (left, right) in enumerate(progress.each(pairs.tolist(), "Xi correlation")):
        known = ~(np.isnan(columns[left]) | np.isnan(columns[right]))
        x, y = columns[left][known], columns[right][known]
        if x.size >= _LEAST and np.ptp(x) > 0 and np.ptp(y) > 0:
            values[:, place] = (
                max(chatterjeexi(x, y).statistic, chatterjeexi(y, x).statistic),
                1.96 * np.sqrt(0.4 / x.size),
            )
    return values


def information(columns: Sequence[tuple[Codes, int]], pairs: NDArray[np.int64], progress: Progress) -> Floats:
    """Mutual information in nats less its bias, and its noise floor; 2 x pairs.

    columns: codes (0: missing) and number of levels. The line is the 95% point of chi-squared over 2n, less
    the same bias.
    """
    from scipy.special import chdtri

    values = np.full((2, len(pairs)), np.nan)
    for place, (left, right) in enumerate(progress.each(pairs.tolist(), "Mutual information")):
        (codes, height), (others, width) = columns[left], columns[right]
        chance = links(contingency(codes, others[None], (height, width)))
        if np.isfinite(chance.phi2[0]):
            freedom = (chance.rows[0] - 1) * (chance.columns[0] - 1)
            values[:, place] = chance.information[0], (chdtri(freedom, 0.05) - freedom) / (2 * chance.n[0])
    return values


def xi_of_pairs(
    dataset: Dataset, names: Sequence[str], pairs: StrongestPairs, seed: int, progress: Progress
) -> Floats:
    """Xi of the first pairs of numbers, on a few thousand rows in the order of their content."""
    wanted = np.flatnonzero(pairs.kind == NUMERIC)[:XI_PAIRS]
    values = np.full((2, pairs.kind.size), np.nan)
    if wanted.size:
        keys = keyed(row_hashes(dataset, names), seed)
        rows = np.argsort(keys, kind="stable")[:XI_ROWS]
        places = sorted({*pairs.left[wanted].tolist(), *pairs.right[wanted].tolist()})
        columns = [floats(dataset.table([names[place]]).column(0).take(rows)) for place in places]
        values[:, wanted] = xi(
            columns,
            np.searchsorted(places, np.stack([pairs.left[wanted], pairs.right[wanted]], axis=1)),
            progress,
        )
    return values


def information_of_pairs(columns: Ready, pairs: StrongestPairs, progress: Progress) -> Floats:
    """Mutual information of every pair of the table, from its bins or levels."""
    codes = columns.groups | columns.numbers.codes
    places = sorted(codes)
    wanted = np.searchsorted(places, np.stack([pairs.left, pairs.right], axis=1))
    return information([codes[place] for place in places], wanted, progress)
