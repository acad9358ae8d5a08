"""A set of rows is a set, whatever way it was written."""

from __future__ import annotations

import json
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.rowset import RowSet

sets = st.sets(st.integers(0, 60), max_size=40)


@given(sets, sets)
def test_it_answers_as_a_set_of_numbers_does(a: set[int], b: set[int]) -> None:
    one, two = RowSet(a), RowSet(b)
    assert (set(one | two), set(one & two), set(one - two)) == (a | b, a & b, a - b)
    assert list(one) == sorted(a) and len(one) == len(a)
    assert (one == two) == (a == b)
    assert all((row in one) == (row in a) for row in range(62))


@given(
    st.sets(st.integers(0, 9_000), max_size=12), st.sets(st.integers(0, 9_000), max_size=12), st.booleans()
)
def test_a_few_rows_of_many_answer_alike(a: set[int], b: set[int], runs: bool) -> None:
    """Of a million rows with a handful of members all were gone through at each question."""
    if runs:
        a, b = ({row + step for row in rows for step in range(row % 5 + 1)} for rows in (a, b))
    one, two = RowSet(a), RowSet(b)
    for made, meant in ((one | two, a | b), (one & two, a & b), (one - two, a - b), (two - one, b - a)):
        assert set(made) == meant and made == RowSet(meant) and made.runs == RowSet(meant).runs
        assert np.flatnonzero(made.mask(9_010)).tolist() == sorted(meant)
    touching = RowSet.from_json([[first, first + 1] for first in sorted(a)])
    assert touching | two == one | two and touching - two == one - two


@pytest.mark.parametrize("step", [2, 9])
def test_many_rows_apart_are_written_as_few_are(step: int) -> None:
    rows = RowSet(np.arange(0, 2_000, step))
    assert np.flatnonzero(rows.mask(2_001)).tolist() == list(range(0, 2_000, step))
    assert (rows & RowSet(range(900, 1_100))).ids.tolist() == [i for i in range(900, 1_100) if i % step == 0]


@given(sets)
def test_every_way_of_writing_it_gives_it_back(a: set[int]) -> None:
    rows = RowSet(a)
    assert RowSet.from_json(json.loads(json.dumps(rows.to_json()))) == rows
    assert RowSet.from_mask(rows.mask(61)) == rows
    assert pickle.loads(pickle.dumps(rows)) == rows
    assert RowSet(rows.ids) == rows


@given(st.lists(st.integers(0, 60), max_size=40))
def test_order_and_repetition_do_not_matter(ids: list[int]) -> None:
    assert RowSet(ids) == RowSet(sorted(set(ids))) and hash(RowSet(ids)) == hash(RowSet(ids[::-1]))


def test_ranges_that_touch_are_equal_to_one_and_hash_alike() -> None:
    apart, joined = RowSet.from_json([[3, 5], [0, 3]]), RowSet(range(5))
    assert apart == joined and hash(apart) == hash(joined)


@pytest.mark.parametrize("ranges", [[[2, 2]], [[-1, 3]], [[0, 4], [3, 6]], [[5, 1]]])
def test_nonsense_ranges_are_refused(ranges: list[list[int]]) -> None:
    with pytest.raises(ValueError, match="ranges"):
        RowSet.from_json(ranges)


def test_negative_ids_and_rows_beyond_the_end_are_refused() -> None:
    with pytest.raises(ValueError, match="start at 0"):
        RowSet([3, -1])
    with pytest.raises(ValueError, match="Row 9 lies beyond"):
        RowSet([9]).mask(9)


def test_ids_cannot_be_changed_through_a_view() -> None:
    rows = RowSet([1, 2, 3])
    rows.ids[0] = 7
    assert rows.ids.tolist() == [1, 2, 3]
    assert RowSet(np.array([], np.int64)).to_json() == []
