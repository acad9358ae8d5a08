"""Products that are the same to the last bit, however the columns are cut."""

from __future__ import annotations

import numpy as np
import pytest

from core.numerics.exact_product import coarse, exact_product, on_grid


@pytest.mark.parametrize("shape", [(1, 3), (21, 20), (60, 90)])
def test_columns_in_any_blocks_give_the_same_bits(shape: tuple[int, int]) -> None:
    draw = np.random.default_rng(0)
    weights = coarse(draw.normal(size=shape))
    matrix = on_grid(draw.standard_t(2, size=(shape[1], 5_000)))
    whole = exact_product(weights, matrix)
    cut = np.concatenate([exact_product(weights, part) for part in np.array_split(matrix, 37, axis=1)], 1)
    assert np.array_equal(whole, cut) and np.array_equal(whole, weights @ matrix)
    exact = weights.astype(np.longdouble) @ matrix.astype(np.longdouble)
    assert np.array_equal(whole, exact.astype(np.float64))
