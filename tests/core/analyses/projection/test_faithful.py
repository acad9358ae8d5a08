"""How faithful a map is."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import spearmanr
from sklearn.manifold import trustworthiness

from core.analyses.projection import faithful

DRAW = np.random.default_rng(3)


@pytest.mark.parametrize("k", [1, 5, 15])
def test_trust_agrees_with_scikit_learn(k: int) -> None:
    space, flat = DRAW.normal(size=(120, 6)), DRAW.normal(size=(120, 2))
    found = faithful.trust(space, flat, k)
    assert found.trustworthiness == pytest.approx(trustworthiness(space, flat, n_neighbors=k), abs=1e-12)
    assert found.continuity == pytest.approx(trustworthiness(flat, space, n_neighbors=k), abs=1e-12)
    assert faithful.trust(space, space, k) == (1.0, 1.0)
    assert np.isnan(faithful.trust(space[:4], flat[:4], 2).continuity)


def test_recall_of_chance_and_of_itself() -> None:
    space, flat = DRAW.normal(size=(800, 6)), DRAW.normal(size=(800, 2))
    near = faithful.nearest(space, 15)
    assert faithful.recall(near, near) == faithful.jaccard(near, near) == 1.0
    assert faithful.recall(near, faithful.nearest(flat, 15)) == pytest.approx(15 / 799, abs=0.006)


def test_distances_agree_with_scipy() -> None:
    space, flat = DRAW.normal(size=(60, 6)), DRAW.normal(size=(60, 2))
    above = np.triu_indices(60, 1)
    pairs = [np.linalg.norm(points[:, None] - points[None], axis=2)[above] for points in (space, flat)]
    assert faithful.distance_correlation(space, flat) == pytest.approx(spearmanr(*pairs).statistic, abs=1e-10)
    assert np.isnan(faithful.distance_correlation(space, np.zeros((60, 2))))


def test_mixing_is_one_by_chance_and_none_apart() -> None:
    second = DRAW.random(2000) < 0.2
    rows = DRAW.normal(size=(2000, 4))
    near = faithful.nearest(rows, 15)
    noise = faithful.mixing_noise(near, second, 0)
    assert abs(faithful.mixing(near, second) - 1.0) < 4 * noise < 0.1
    assert faithful.mixing(faithful.nearest(rows + 50 * second[:, None], 15), second) == 0.0
    assert np.isnan(faithful.mixing(near, np.zeros(2000, bool)))
