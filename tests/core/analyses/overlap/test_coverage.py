import numpy as np
import pytest

from core.analyses.overlap.coverage import coverage
from core.analyses.overlap.mixing import mixed, mixing
from core.numerics.neighbours import neighbours


def cloud(rows, width, seed):
    return np.random.default_rng(seed).normal(size=(rows, width)).astype(np.float32), np.arange(rows) % 2 == 1


def formula(own, other, k=5):
    """What coverage is on average when both parts are drawn alike: the k rows nearest to a row are a random
    draw from the others, ``own`` - 1 of its own part and ``other`` of the other one.
    """
    steps = np.arange(k)
    return 1.0 - np.prod(np.maximum(own - 1 - steps, 0) / np.maximum(own + other - 1 - steps, 1))


def by_hand(points, own, k):
    """As the paper has it: radius to the k-th nearest of its own part, then whether a row of the other part
    lies within.
    """
    distance = np.sqrt(((points[:, None].astype(float) - points[None].astype(float)) ** 2).sum(-1))
    np.fill_diagonal(distance, np.inf)
    radius = np.sort(distance[np.ix_(own, own)], axis=1)[:, k - 1]
    return (distance[np.ix_(own, ~own)].min(axis=1) <= radius).mean()


def test_coverage_is_that_of_the_paper_in_both_directions():
    points, serve = cloud(400, 3, 0)
    points[serve] += 0.7
    graph = neighbours(points, 15).index
    for own in (serve, ~serve):
        assert coverage(graph, own) == pytest.approx(by_hand(points, own, 5))


@pytest.mark.parametrize("width", [2, 10, 50])
def test_coverage_of_like_parts_is_its_formula_in_any_dimension(width):
    values = [
        coverage(neighbours(cloud(1000, width, seed)[0], 5).index, cloud(1000, width, seed)[1])
        for seed in range(12)
    ]
    error = np.std(values, ddof=1) / np.sqrt(len(values))
    assert abs(np.mean(values) - formula(500, 500)) < 3.0 * error + 1e-3


def test_the_formula_for_unequal_parts_is_that_of_a_random_deal():
    draw = np.random.default_rng(1)
    # 9 others of the own part, 20 of the other
    deals = [np.any(draw.permutation(29)[:5] >= 9) for _ in range(20_000)]
    assert formula(10, 20) == pytest.approx(np.mean(deals), abs=0.002)
    assert formula(3, 50) == 1.0


def test_mixing_is_half_for_like_parts_and_falls_as_they_part():
    points, serve = cloud(1000, 4, 2)
    apart = points + 2.0 * serve[:, None]
    near, far = (
        mixed(neighbours(matrix, 15).index, serve, 0) for matrix in (points, apart.astype(np.float32))
    )
    assert (
        abs(near.mixing.z) < 3 and near.mixing.mean == pytest.approx(0.5, abs=0.003) and near.mixing.p > 0.01
    )
    assert (
        far.mixing.value < 0.2
        and far.mixing.z < -20
        and far.mixing.p == pytest.approx(1 / 201)
        and far.serve.value < far.serve.edge
    )


def test_the_deal_is_right_where_rows_lie_on_a_grid():
    low = 0
    for seed in range(60):
        draw = np.random.default_rng(seed)
        points, serve = draw.integers(0, 3, (200, 2)).astype(np.float32), np.arange(200) % 2 == 1
        low += mixed(neighbours(points, 15).index, serve, seed, rounds=60).mixing.p <= 0.05
    assert low <= 9


def test_nothing_to_mix():
    assert np.isnan(mixing(np.zeros((1, 0), np.int32), np.zeros(1, bool))) and np.isnan(
        coverage(np.zeros((1, 0), np.int32), np.zeros(1, bool))
    )
