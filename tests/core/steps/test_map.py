"""Values mapped by a list, and columns moved."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.filters import Filter
from tests.core.steps.acting import after, refused, rule, values
from tests.examples import examples

WORDS = st.sampled_from(["f", "m", "x", "é", " f", "F"])


@settings(max_examples=examples(20))
@given(
    st.lists(st.none() | WORDS, min_size=1, max_size=12).map(lambda cells: [*cells, "z"]),
    st.dictionaries(WORDS, st.none() | WORDS, min_size=1),
)
def test_all_at_once_and_the_others_stay(cells: list[str | None], pairs: dict[str, str | None]) -> None:
    made = values(after(pd.DataFrame({"t": cells}), rule("map", "t", pairs=pairs))[0], "t")
    assert made == [pairs.get(cell, cell) if cell is not None else None for cell in cells]


def test_numbers_stay_numbers_where_they_can() -> None:
    frame = pd.DataFrame({"n": pd.array([1, 2, 3, None], "Int64"), "x": [0.5, 1.0, None, 2.0]})
    data, settled = after(frame, rule("map", "n", pairs={"1": "10", "3": None, "7": "8"}))
    assert values(data, "n") == [10, 2, None, None] and data["n"].stored == "int64"
    assert (
        settled.effects[0].note == "1 value of the list met no cell: '7'." and settled.effects[0].cells == 2
    )
    data, _ = after(frame, rule("map", "n", pairs={"1": "0.5"}))
    assert values(data, "n") == [0.5, 2.0, 3.0, None] and data["n"].kind == "numeric"
    data, _ = after(frame, rule("map", "n", pairs={"1": "low", "2": "low"}))
    assert values(data, "n") == ["low", "low", "3", None] and data["n"].kind == "category"
    assert values(after(frame, rule("map", "x", pairs={"1": "9"}))[0], "x") == [0.5, 9.0, None, 2.0]


def test_yes_and_no_and_dates() -> None:
    frame = pd.DataFrame({"b": [True, False], "d": pd.to_datetime(["2024-01-02", "1970-01-01"])})
    assert values(after(frame, rule("map", "b", pairs={"true": "false"}))[0], "b") == [False, False]
    data, _ = after(frame, rule("map", "b", pairs={"true": "yes", "false": "no"}))
    assert values(data, "b") == ["yes", "no"] and data["b"].kind == "category"
    assert values(after(frame, rule("map", "d", pairs={"1970-01-01": None}))[0], "d")[1] is None


def test_it_can_be_held_to_rows() -> None:
    frame = pd.DataFrame({"t": ["a", "a", "b"], "n": [1, 2, 3]})
    held = rule("map", "t", rows=Filter.parse("n > 1"), pairs={"a": "b", "b": "a"})
    assert values(after(frame, held)[0], "t") == ["a", "b", "a"]


@pytest.mark.parametrize(
    ("column", "pairs", "sentence"),
    [
        ("t", {}, "Give at least one value and what it becomes."),
        ("n", {"one": "1"}, "'one' is none of the values that 'n' can have"),
        ("t", {"a": 1}, "pairs must give a text, or null, for each text."),
        ("q", {"a": "b"}, "There is no column 'q'"),
    ],
)
def test_bad_input_is_told_in_one_sentence(column: str, pairs: dict[str, object], sentence: str) -> None:
    assert sentence in refused(pd.DataFrame({"t": ["a"], "n": [1]}), rule("map", column, pairs=pairs))


def test_a_column_is_moved_and_new_ones_stay() -> None:
    frame = pd.DataFrame({"a": [1], "b": [2], "c": [3], "new": [4]})
    for place, beside, names in (
        ("after", "c", ("b", "c", "a", "new")),
        ("before", "c", ("b", "a", "c", "new")),
        ("first", "", ("a", "b", "c", "new")),
        ("last", "", ("b", "c", "new", "a")),
    ):
        data, settled = after(frame, rule("move", "a", place=place, beside=beside))
        assert data.names == names and values(data, "a") == [1] and settled.effects[0].cells == 0
    assert "Give another column" in refused(frame, rule("move", "a"))
    assert "Give another column" in refused(frame, rule("move", "a", beside="a"))
    assert "There is no column 'q'" in refused(frame, rule("move", "a", beside="q"))
