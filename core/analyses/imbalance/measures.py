"""How unequal classes are, and how closely scores can be known from so many rows of each."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]
Floats = NDArray[np.float64]
_Z = 1.959963984540054


def normalised_entropy(counts: Counts) -> float:
    """Entropy of the class shares over that of as many equal classes: 1 is balanced, 0 one class (Shannon
    1948; Pielou 1966 as evenness). nan for fewer than two classes.

    >>> normalised_entropy(np.array([50, 50])), round(normalised_entropy(np.array([90, 10])), 3)
    (1.0, 0.469)
    """
    if counts.size < 2:
        return float("nan")
    return _entropy(counts) / float(np.log(counts.size))


def effective_classes(counts: Counts) -> float:
    """How many equal classes have the same entropy (the exponential of it: Hill 1973).

    >>> round(effective_classes(np.array([50, 50])), 6), round(effective_classes(np.array([90, 10])), 2)
    (2.0, 1.38)
    """
    return float(np.exp(_entropy(counts)))


def _entropy(counts: Counts) -> float:
    share = counts[counts > 0] / max(1, int(counts.sum()))
    return float(-(share * np.log(share)).sum())


def effective_samples(counts: Counts) -> Floats:
    """The effective number of samples of each class, (1 - b^n) / (1 - b) with b = (N - 1) / N for N rows in
    all (Cui et al. 2019): near n for a rare class, less for a large one, whose rows overlap.

    >>> effective_samples(np.array([900, 100])).round(1).tolist()
    [593.6, 95.2]
    """
    total = max(2, int(counts.sum()))
    return np.asarray(-np.expm1(counts * np.log1p(-1.0 / total)) * total, dtype=np.float64)


def auroc_half_width(events: int, others: int, auroc: float = 0.8) -> float:
    """Half the width of a 95% interval of an AUROC on so many rows of each side (Hanley and McNeil 1982).

    >>> round(auroc_half_width(10, 990), 3), round(auroc_half_width(1000, 99_000), 3)
    (0.166, 0.017)
    """
    if not events or not others:
        return float("nan")
    one, two = auroc / (2.0 - auroc), 2.0 * auroc**2 / (1.0 + auroc)
    spread = auroc * (1.0 - auroc) + (events - 1) * (one - auroc**2) + (others - 1) * (two - auroc**2)
    return float(_Z * np.sqrt(spread / (events * others)))


def ratio_span(events: int) -> tuple[float, float]:
    """Between which factors the observed over expected events (O/E) lie in 95 of 100 samples with so many
    events, where predictions are right: the exact Poisson interval (Garwood 1936).

    >>> [round(x, 2) for x in ratio_span(10)], [round(x, 2) for x in ratio_span(400)]
    ([0.48, 1.84], [0.9, 1.1])
    """
    from scipy.special import gammaincinv

    low = float(gammaincinv(events, 0.025)) / events if events else 0.0
    high = float(gammaincinv(events + 1, 0.975)) / max(1, events)
    return low, high
