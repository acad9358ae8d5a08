import numpy as np
import pytest

from core.errors import Cancelled
from core.numerics import neighbours as module
from core.numerics.neighbours import neighbours
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
