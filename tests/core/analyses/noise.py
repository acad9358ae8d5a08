"""Tables of pure chance: twenty columns of every innocent kind, none related to another, nothing wrong in
any.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

_DAY = 86_400


def noise(n: int, seed: int) -> pd.DataFrame:
    """``n`` rows of numbers, counts, levels, codes, flags, texts and times; the same for the same seed."""
    draw = np.random.default_rng(seed)
    floats = {
        "normal": draw.normal(size=n),
        "lognormal": draw.lognormal(0, 2, n),
        "cauchy": draw.standard_cauchy(n),
        "exponential": draw.exponential(size=n),
        "uniform": draw.random(n),
        "percent": draw.random(n).round(2),
        "price": draw.lognormal(4, 1, n).round(2),
    }
    whole = {
        "age": draw.integers(18, 90, n),
        "from -1": draw.integers(-1, 100, n),
        "amount": draw.integers(0, 10_000, n),
        "count": draw.poisson(2, n),
        "rare count": draw.negative_binomial(0.5, 0.3, n),
    }
    words = {f"level {k}": draw.choice([f"level {i}" for i in range(k)], n) for k in (2, 5, 30)}
    codes = {
        "code": [f"{k:04x}" for k in draw.integers(0, 16**4, n)],
        "letters": draw.choice([a + b for a in "KLMNklmn" for b in "ABYZ"], n),
    }
    times = {
        "moment": pd.Timestamp("2020-01-01") + pd.to_timedelta(draw.integers(0, 3 * 365 * _DAY, n), unit="s"),
        "birth": pd.Timestamp("1970-01-01") + pd.to_timedelta(draw.normal(0, 3_000, n).round(), unit="D"),
    }
    return pd.DataFrame(floats | whole | words | codes | times | {"flag": draw.random(n) < 0.2})
