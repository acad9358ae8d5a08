"""Mean targets per level: rows counted as one give what each row for itself gives."""

from __future__ import annotations

import numpy as np
import pytest

from core.numerics.target_encoding import encodings, out_of_fold

DRAW = np.random.default_rng(0)
CODES, FOLDS = DRAW.integers(0, 7, 900), DRAW.integers(0, 5, 900)
FEW = (DRAW.random(900) < 0.2 + 0.1 * CODES).astype(float)


def plain(codes: np.ndarray, target: np.ndarray) -> list[float]:
    """Equations 5 and 6 of Micci-Barreca, level by level."""
    means = []
    for level in range(8):
        own = target[codes == level]
        if not own.size:
            means.append(target.mean())
            continue
        share = own.size * target.var() / (own.size * target.var() + own.var())
        means.append(share * own.mean() + (1 - share) * target.mean())
    return means


@pytest.mark.parametrize("target", [FEW, FEW * 3 - 1, FEW + DRAW.normal(0, 1, 900)])
def test_each_level_and_each_fold_by_the_formula(target: np.ndarray) -> None:
    assert encodings(CODES, target, 8)[0] == pytest.approx(plain(CODES, target), rel=1e-12)
    learned, places = out_of_fold(CODES, target, FOLDS * 3, 8)
    assert (places == FOLDS).all()
    for fold, values in enumerate(learned):
        others = fold != FOLDS
        assert values == pytest.approx(plain(CODES[others], target[others]), rel=1e-12)


def test_a_constant_target_is_every_level_and_no_order_matters() -> None:
    assert set(encodings(CODES, np.full(900, 0.1), 8)[0].round(15)) == {0.1}
    order = DRAW.permutation(900)
    assert (encodings(CODES[order], FEW[order], 8)[0] == encodings(CODES, FEW, 8)[0]).all()
