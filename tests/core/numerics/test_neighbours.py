import numpy as np
import pytest

from core.errors import Cancelled
from core.numerics import neighbours as module
from core.numerics.neighbours import nearest_among, neighbours
from core.progress import Progress

MATRIX = np.random.default_rng(0).normal(size=(300, 4)).astype(np.float32)


def by_hand(matrix, k, reference):
    distance = np.sqrt(((matrix[:, None] - matrix[None, :reference]) ** 2).sum(-1))
    np.fill_diagonal(distance, np.inf)
    return np.sort(distance, axis=1)[:, :k]


@pytest.mark.parametrize("reference", [300, 120])
def test_distances_are_those_worked_out_by_hand(reference, monkeypatch):
    monkeypatch.setattr(module, "_CELLS", 70 * reference)
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


def exact(matrix, reference):
    """All squared distances in double precision, none to itself."""
    wide = matrix.astype(np.float64)
    far = ((wide[:, None] - wide[None, :reference]) ** 2).sum(axis=2)
    np.fill_diagonal(far, np.inf)
    return far


@pytest.mark.parametrize("reference", [300, 1_000])
def test_the_nearest_of_a_sample_are_those_of_all_pairs_also_among_equal_rows_and_far_out(
    reference, monkeypatch
):
    draw, k = np.random.default_rng(8), 7
    matrix = draw.normal(size=(1_000, 5)).astype(np.float32)
    matrix[500:530], matrix[40:60], matrix[700] = matrix[3], matrix[3], 1e6
    monkeypatch.setattr(module, "_CELLS", 60_000)
    found, far = neighbours(matrix, k, reference), exact(matrix, reference)
    np.testing.assert_allclose(found.distance, np.sqrt(np.sort(far, axis=1)[:, :k]), rtol=1e-5, atol=1e-6)
    chosen = np.sqrt(np.take_along_axis(far, found.index.astype(np.int64), axis=1))
    np.testing.assert_allclose(chosen, found.distance, rtol=1e-6)
    assert all(np.unique(line).size == k for line in found.index) and (np.diff(found.distance) >= 0).all()


@pytest.mark.parametrize("offset", [1e4, 1e16])
def test_rows_close_together_and_far_from_the_origin_are_told_apart(offset):
    """Single precision has no digits for them."""
    matrix = (np.random.default_rng(2).permutation(400)[:, None] * (offset / 1e6) + offset).astype(np.float32)
    found, far = neighbours(matrix, 4), exact(matrix, 400)
    assert np.allclose(found.distance, np.sqrt(np.sort(far, axis=1)[:, :4]), rtol=1e-4)


def test_the_nearest_are_those_of_all_pairs_where_whole_parts_of_a_line_are_equal():
    """Numbers of a few values: most distances are ties."""
    matrix = np.random.default_rng(4).integers(0, 3, size=(900, 3)).astype(np.float32)
    found, far = neighbours(matrix, 12), exact(matrix, 900)
    assert np.array_equal(found.distance**2, np.sort(far, axis=1)[:, :12].astype(np.float32))
    assert all(np.unique(line).size == 12 for line in found.index)


@pytest.mark.parametrize("scale", [1.0, 1e16])
@pytest.mark.parametrize("size", [1, 5, 6, 400])
def test_the_nearest_among_other_rows_are_those_of_all_pairs_and_a_row_in_both_is_its_own(
    size, scale, monkeypatch
):
    """Among few and many, many equal ones, and values that single precision tells nothing of."""
    monkeypatch.setattr(module, "_CELLS", 90 * size)
    draw = np.random.default_rng(5)
    matrix = (draw.normal(size=(700, 4)) * scale).astype(np.float32)
    matrix[200:260] = matrix[7]
    rows = np.sort(draw.permutation(700)[:size])
    index, distance = nearest_among(matrix[rows], matrix, 5)
    wide = matrix.astype(np.float64)
    far = np.sqrt(((wide[:, None] - wide[None, rows]) ** 2).sum(axis=2))
    wanted = np.sort(far, axis=1)[:, :5]
    blur = 1e-5 * scale
    assert index.shape == distance.shape == (700, min(5, size))
    assert np.allclose(distance, wanted, atol=blur)
    assert np.allclose(np.take_along_axis(far, index.astype(np.int64), 1), wanted, atol=blur)
    assert (np.diff(distance, axis=1) >= 0).all() and (distance[rows, 0] <= blur / 10).all()
    assert all(np.unique(line).size == line.size for line in index)


def test_looking_among_other_rows_can_be_stopped():
    for size in (3, 100):
        with pytest.raises(Cancelled):
            nearest_among(MATRIX[:size], MATRIX, 5, Progress(stop=lambda: True))
