"""Transforms of numbers to another shape, written out so that a script can hold them as they stand."""

from __future__ import annotations

from typing import Any

import numpy as np


def log1p(numbers: Any) -> Any:
    """log(1 + x), the same to the last digit whichever instructions of the processor numpy takes: numpy's own
    differs between them. NaN stays. float64 in, float64 out.

    >>> log1p(np.array([0.0, np.e - 1])).tolist()
    [0.0, 1.0]
    """
    from scipy.special import log1p as alike

    return alike(numbers)


def yeo_johnson(numbers: Any, power: float) -> Any:
    """Numbers under the power transform of Yeo and Johnson (2000), to the last digit as `log1p`; NaN stays.
    float64 in, float64 out.

    >>> yeo_johnson(np.array([0.0, 3.0, -3.0]), 1.0).tolist(), yeo_johnson(np.array([np.e - 1]), 0.0).tolist()
    ([0.0, 3.0, -3.0], [1.0])
    """
    from scipy.special import expm1, log1p

    sizes = log1p(np.abs(numbers))
    up = sizes if power == 0 else expm1(power * sizes) / power
    down = -sizes if power == 2 else -expm1((2 - power) * sizes) / (2 - power)
    return np.where(numbers >= 0, up, down)


def quantile_rank(numbers: Any, quantiles: list[float], normal: bool) -> Any:
    """Where numbers lie among ascending quantiles, 0 to 1, equal quantiles at their middle; beyond the ends 0
    or 1. normal: as the quantile of the normal distribution, at most 5.2 from 0. NaN stays.

    As the QuantileTransformer of scikit-learn 1.9.

    >>> quantile_rank(np.array([-1.0, 0.0, 5.0, 10.0, 99.0]), [0.0, 10.0], False).tolist()
    [0.0, 0.0, 0.5, 1.0, 1.0]
    """
    from scipy.special import ndtri

    ends, shares = np.asarray(quantiles), np.linspace(0, 1, len(quantiles))
    up = np.interp(numbers, ends, shares)
    down = np.interp(-numbers, -ends[::-1], -shares[::-1])
    near = 1e-7 if normal else 0.0
    ranks = np.where(numbers + near >= ends[-1], 1.0, 0.5 * (up - down))
    ranks = np.where(numbers - near <= ends[0], 0.0, ranks)
    ranks = np.where(np.isnan(numbers), np.nan, ranks)
    if not normal:
        return ranks
    least = ndtri(1e-7 - np.spacing(1))
    return np.clip(ndtri(ranks), least, ndtri(1 - (1e-7 - np.spacing(1))))
