"""Pictures as vectors: like ones near, whatever the order of the rows; colour counts where there is some."""

import numpy as np

from core.numerics.hog import hog
from core.numerics.picture_vectors import EDGES, OTHERS, picture_vectors
from tests.images import picture


def pictures(rows: int = 300, grey: bool = False) -> np.ndarray:
    """Bars of three directions, slightly moved, of any colours."""
    draw = np.random.default_rng(0)
    small = np.zeros((rows, 64, 64, 3), np.uint8)
    for row in range(rows):
        ink = draw.integers(60, 256, 1 if grey else 3)
        at = int(draw.integers(0, 8))
        for bar in range(at, 64, 16):
            if row % 3 == 0:
                small[row, bar : bar + 8] = ink
            elif row % 3 == 1:
                small[row, :, bar : bar + 8] = ink
            else:
                small[row, bar : bar + 4, bar : bar + 4] = ink
    return small


def nearest(vectors: np.ndarray) -> np.ndarray:
    squares = ((vectors[:, None] - vectors[None]) ** 2).sum(axis=2)
    np.fill_diagonal(squares, np.inf)
    return squares.argmin(axis=1)


def test_the_nearest_picture_shows_the_same_and_order_changes_no_bit():
    small, whole = pictures(), np.ones(300, bool)
    vectors = picture_vectors(small, whole)
    assert (nearest(vectors) % 3 == np.arange(300) % 3).mean() > 0.99
    order = np.random.default_rng(1).permutation(300)
    assert np.array_equal(picture_vectors(small[order], whole), vectors[order])


def test_edges_are_voted_for_as_published():
    """Against the votes counted one by one (Dalal and Triggs 2005), for a chunk and a rest of one."""
    small = np.concatenate([np.stack([picture(seed, 64, 64) for seed in range(40)])] * 7)[:257]
    found = hog(small)
    for at in (0, 39, 256):
        grey = small[at].astype(np.float32) @ np.float32([0.299, 0.587, 0.114])
        across, down = np.zeros_like(grey), np.zeros_like(grey)
        across[:, 1:-1], down[1:-1] = grey[:, 2:] - grey[:, :-2], grey[2:] - grey[:-2]
        cells = np.zeros((8, 8, 9))
        for i in range(64):
            for j in range(64):
                turn = np.arctan2(down[i, j], across[i, j]) % np.pi * 9 / np.pi
                low, share = int(turn), turn - int(turn)
                strength = np.hypot(across[i, j], down[i, j])
                cells[i // 8, j // 8, low % 9] += strength * (1 - share)
                cells[i // 8, j // 8, (low + 1) % 9] += strength * share
        blocks = []
        for i in range(7):
            for j in range(7):
                block = cells[i : i + 2, j : j + 2].ravel()
                block = np.minimum(block / (np.linalg.norm(block) + 1e-3), 0.2)
                blocks.append(block / (np.linalg.norm(block) + 1e-3))
        assert np.allclose(found[at], np.concatenate(blocks), atol=1e-4)


def test_more_pictures_than_directions_are_found_from_keep_their_rows():
    """The directions come from 2,000 of them; the others are described apart, on threads, and every picture
    stands in its own row, whatever the order.
    """
    small = np.concatenate([pictures(300), np.roll(pictures(2_000), 1, axis=3)])
    whole = np.ones(len(small), bool)
    whole[7] = False
    vectors = picture_vectors(small, whole)
    order = np.random.default_rng(2).permutation(len(small))
    assert np.array_equal(picture_vectors(small[order], whole[order]), vectors[order])
    same = [row for row in range(8, 300) if np.array_equal(small[row], small[8])]
    assert np.array_equal(vectors[same], vectors[[8] * len(same)])


def test_a_change_of_light_moves_a_picture_less_than_another_picture_is_away():
    """Levels times .8: the same edges. A descriptor of levels alone would send it elsewhere."""
    small = np.stack(
        [picture(seed, 64, 64) for seed in range(30)]
        + [(picture(seed, 64, 64) * 0.8).astype(np.uint8) for seed in range(30)]
    )
    near = nearest(picture_vectors(small, np.ones(60, bool)))
    assert (near % 30 == np.arange(60) % 30).mean() > 0.95


def test_colour_tells_apart_what_has_the_same_edges():
    small = np.repeat(np.random.default_rng(0).integers(0, 2, (60, 8, 8, 1)), 8, 1).repeat(8, 2)
    ink = np.where(np.arange(60)[:, None] % 2 == 0, [255, 40, 40], [40, 40, 255])
    coloured = (small * ink[:, None, None]).astype(np.uint8)
    near = nearest(picture_vectors(coloured, np.ones(60, bool)))
    assert (near % 2 == np.arange(60) % 2).mean() > 0.9
    grey = (small * 255).repeat(3, 3).astype(np.uint8)
    assert (
        picture_vectors(grey, np.ones(60, bool)).shape[1]
        < picture_vectors(coloured, np.ones(60, bool)).shape[1]
    )


def test_widths_and_lengths():
    assert picture_vectors(pictures(grey=True), np.ones(300, bool)).shape[1] <= EDGES + OTHERS
    vectors = picture_vectors(pictures(), np.ones(300, bool))
    assert np.allclose((vectors**2).sum(axis=1), 1.5, atol=1e-3)


def test_pictures_that_cannot_be_read_lie_apart_and_are_nobodys_neighbours():
    small, readable = pictures(60), np.ones(60, bool)
    readable[[3, 40]] = False
    small[~readable] = 0
    vectors = picture_vectors(small, readable)
    others = np.flatnonzero(readable)
    assert not np.isin(nearest(vectors)[others], [3, 40]).any()
    assert np.array_equal(vectors[others][:, :-1], picture_vectors(small[others], np.ones(58, bool)))


def test_none_one_and_equal_pictures():
    assert picture_vectors(np.zeros((0, 64, 64, 3), np.uint8), np.zeros(0, bool)).shape[0] == 0
    one = picture_vectors(pictures(1), np.ones(1, bool))
    assert one.shape[0] == 1 and np.isfinite(one).all()
    same = picture_vectors(np.repeat(pictures(1), 5, axis=0), np.ones(5, bool))
    assert (same == same[0]).all()
    assert picture_vectors(np.zeros((4, 64, 64, 3), np.uint8), np.zeros(4, bool)).shape[0] == 4
