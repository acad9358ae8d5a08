"""Rows drawn by content: each with the same chance, whatever the others hold."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.prepare.sampling import _repeated, sampled
from tests.make import dataset


@pytest.mark.parametrize("fill", [None, 5.0, -1.0])
def test_of_many_equal_rows_each_is_drawn_for_itself(fill: float | None) -> None:
    """Half of 600,000 values are one: about half of the sample are, whatever its hash is."""
    draw = np.random.default_rng(0)
    values = np.where(
        np.arange(600_000) % 2 == 0, np.nan if fill is None else fill, draw.normal(size=600_000)
    )
    data = dataset(pd.DataFrame({"x": values}))
    drawn = sampled(data, ["x"], 20_000, seed=0)
    assert drawn is not None and drawn.size == 20_000
    assert abs(np.mean(drawn % 2 == 0) - 0.5) < 0.02


@pytest.mark.parametrize("several", [0, 1, 8, 9, 300])
def test_what_occurs_more_than_once_is_told_however_many_values_do(several: int) -> None:
    values = np.concatenate([np.arange(1_000), np.arange(several), np.arange(several // 2)])
    given = np.random.default_rng(several).permutation(values).astype(np.uint64)
    assert (_repeated(given) == (given < several)).all()
