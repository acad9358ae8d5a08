import numpy as np
import pytest

from core.errors import Cancelled
from core.numerics import neighbours as module
from core.numerics.neighbours import few_nearest, neighbours
from core.progress import Progress

MATRIX = np.random.default_rng(0).normal(size=(300, 4)).astype(np.float32)


def by_hand(matrix, k, reference):
    distance = np.sqrt(((matrix[:, None] - matrix[None, :reference]) ** 2).sum(-1))
    np.fill_diagonal(distance, np.inf)
    return np.sort(distance, axis=1)[:, :k]


@pytest.mark.parametrize("reference", [300, 120])
def test_distances_are_those_worked_out_by_hand(reference, monkeypatch):
    monkeypatch.setattr(module, "_CHUNK", 70)
    found = neighbours(MATRIX, 7, reference)
    assert np.allclose(found.distance, by_hand(MATRIX, 7, reference), atol=1e-5)
    assert np.allclose(
        np.sqrt(((MATRIX[:, None] - MATRIX[found.index]) ** 2).sum(-1)), found.distance, atol=1e-5
    )
    assert found.index.max() < reference and (found.index != np.arange(300)[:, None]).all()
    assert bool(found.note) == (reference < 300)


def test_no_row_is_its_own_neighbour_among_many_equal_rows():
    found = neighbours(np.zeros((50, 2), np.float32), 5)
    assert (found.index != np.arange(50)[:, None]).all() and (found.distance == 0).all()


def test_few_rows_have_few_neighbours():
    assert neighbours(MATRIX[:3], 30).index.shape == (3, 2)
    assert neighbours(MATRIX[:1], 30).index.shape == (1, 0)
    assert neighbours(MATRIX[:0], 30).index.shape == (0, 0)


def test_it_can_be_stopped():
    with pytest.raises(Cancelled):
        neighbours(MATRIX, 5, progress=Progress(stop=lambda: True))


def test_the_few_nearest_of_a_sample_are_those_of_all_pairs() -> None:
    """Also among equal rows, for rows of the sample, which are no neighbours of their own, and far out."""
    draw, k = np.random.default_rng(8), 7
    matrix = draw.normal(size=(1_000, 5)).astype(np.float32)
    matrix[500:530], matrix[40:60], matrix[700] = matrix[3], matrix[3], 1e6
    others = matrix[:300]
    for at in (slice(0, 200), slice(200, 600), slice(600, 1_000)):
        index, farthest, away = few_nearest(matrix, at, k, others)
        exact = np.sqrt(((matrix[at, None].astype(float) - others) ** 2).sum(axis=2))
        own = np.arange(1_000)[at, None] == np.arange(300)
        exact[own] = np.inf
        np.testing.assert_allclose(farthest, np.sort(exact, axis=1)[:, k - 1], rtol=1e-5, atol=1e-6)
        chosen = np.take_along_axis(exact, index, axis=1)
        np.testing.assert_allclose(chosen.max(axis=1), farthest, rtol=1e-6)
        middle = others.astype(float)[index].mean(axis=1)
        np.testing.assert_allclose(away, matrix[at] - middle, rtol=1e-9, atol=1e-9)
        assert all(np.unique(line).size == k for line in index) and np.isfinite(chosen).all()
