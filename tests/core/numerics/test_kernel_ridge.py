"""Kernel ridge: classes that no line parts, wrong labels among those learned from, and nothing to learn."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import solve

from core.numerics.kernel_ridge import RIDGE, KernelRidge


def rings(rows: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Two rings, one in the other."""
    draw = np.random.default_rng(seed)
    codes = draw.integers(0, 2, rows)
    turn, far = draw.uniform(0, 2 * np.pi, rows), 1 + codes + draw.normal(0, 0.1, rows)
    return np.float32(np.column_stack([far * np.cos(turn), far * np.sin(turn)])), codes


def test_all_rows_as_landmarks_are_the_textbook_solution() -> None:
    rows, codes = rings(200, 0)
    apart = ((rows[:, None].astype(float) - rows) ** 2).sum(2)
    gauss = np.exp(-4.0 * apart / np.median(apart[np.triu_indices(200, 1)]))
    scores = gauss @ solve(gauss + RIDGE * np.eye(200), codes - codes.mean()) + codes.mean()
    made = KernelRidge(4.0).fit(rows, codes).predict_proba(rows)
    margins = np.log(made[:, 1] / made[:, 0]) / 8.0  # of two scores that add up to one
    assert margins == pytest.approx(2 * scores - 1, abs=0.02)


@pytest.mark.parametrize("seed", range(3))
def test_wrong_labels_among_those_learned_from_bend_little(seed: int) -> None:
    rows, codes = rings(3_000, seed)
    given = np.where(np.random.default_rng(seed).random(3_000) < 0.3, 1 - codes, codes)
    made = KernelRidge(4.0).fit(rows[:2_000], given[:2_000]).predict_proba(rows[2_000:])
    assert made.sum(axis=1) == pytest.approx(1.0, abs=1e-5)
    assert (made.argmax(axis=1) == codes[2_000:]).mean() > 0.95


def test_it_does_not_matter_how_far_from_0_the_rows_lie() -> None:
    draw = np.random.default_rng(0)
    rows = draw.normal(size=(1_200, 20))
    codes = (rows[:, 0] + rows[:, 1] ** 2 > 1).astype(int)
    near, far = (KernelRidge().fit(one, codes).predict_proba(one) for one in (rows, rows + 1e4))
    np.testing.assert_allclose(near, far, atol=0.01)


def test_equal_rows_give_the_shares_of_the_classes() -> None:
    codes = np.array([2] * 30 + [7] * 10)
    model = KernelRidge().fit(np.ones((40, 3), np.float32), codes)
    made = model.predict_proba(np.ones((2, 3), np.float32))
    assert model.classes_.tolist() == [2, 7] and np.isfinite(made).all()
    assert np.log(made[0, 0] / made[0, 1]) == pytest.approx(8 * 0.5, abs=0.3)
