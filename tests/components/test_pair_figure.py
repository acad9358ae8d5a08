"""Two columns drawn together."""

from __future__ import annotations

import numpy as np
import pytest

from components.figures.pair import pair_figure
from core.analyses.association.pair import LevelTable


def test_levels_that_are_always_together_are_as_strong_as_those_that_never_are() -> None:
    """Two squares of "100" were pale, as halves allow twice what is expected; the empty ones were deep."""
    figure = pair_figure(LevelTable("a", "b", ("x", "y"), ("u", "v"), np.array([[600, 0], [0, 600]]), 1_200))
    squares, words = figure.data
    assert list(words.text) == ["100%", "0%", "0%", "100%"]
    assert squares.z[0][0] == squares.z[1][1] > 0.95 * squares.zmax
    assert max(squares.z[0][1], squares.z[1][0]) <= squares.zmin
    level = pair_figure(LevelTable("a", "b", ("x", "y"), ("u", "v"), np.full((2, 2), 300), 1_200)).data[0]
    assert np.abs(level.z).max() == 0
    rare = np.array([[8_000, 1_000], [950, 50]])  # half as often as expected is as before
    assert pair_figure(LevelTable("a", "b", ("x", "y"), ("u", "v"), rare, 10_000)).data[0].z[1][
        1
    ] == pytest.approx(np.log2((50 + 5) / (105 + 5)))


def test_the_shares_of_many_levels_are_small_enough_for_their_squares() -> None:
    """ "100%" ran into its neighbours, and out of the frame in the last column."""
    for levels, size in ((3, 12), (13, 9)):
        names = tuple(map(str, range(levels)))
        words = pair_figure(LevelTable("a", "b", names, names, np.eye(levels, dtype=int) * 50, 50 * levels))
        assert words.data[1].textfont.size == size
