"""The log of decisions: undo is as if never said, the last word wins, and JSON gives everything back."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.actions import ACTIONS, statuses
from core.errors import ColumnError, FilterError, RecipeError, SettingError
from core.filters import Filter
from core.recipe import Recipe
from core.review import Decision, Review, settle
from core.rowset import RowSet
from tests.make import dataset

ROWS = 12
DATA = dataset(
    pd.DataFrame(
        {"age": [None, *range(1, ROWS)], "city": ["Oslo", None, "rome"] * 4, "y": ["a", "b", "c"] * 4}
    ),
    target="y",
)

row_sets = st.sets(st.integers(0, ROWS - 1), max_size=ROWS).map(RowSet)
filters = st.sampled_from(
    ["age > 4", "age is missing", "city is Oslo", "city contains O and not age < 3", "duplicate of city"]
).map(Filter.parse)
text = st.text(max_size=8)


@st.composite
def decisions(draw: st.DrawFn) -> Decision:
    action = draw(st.sampled_from(list(ACTIONS)))
    value = draw({"relabel": text, "weight": st.floats(0, 5)}.get(action, st.none()))
    column = draw(st.sampled_from(["y", "city"])) if action in ("relabel", "blank", "omit", "include") else ""
    finding = draw(
        st.sampled_from(["missing:age", "constant:city"]) if action in ("accept", "reopen") else text
    )
    return Decision(
        action, draw(row_sets | filters), value, draw(text), finding, column, draw(text), draw(text)
    )


batches = st.lists(decisions(), min_size=1, max_size=3)


def said(all_batches: list[list[Decision]]) -> Review:
    review = Review()
    for batch in all_batches:
        review = review.say(*batch)
    return review


@given(st.lists(batches, max_size=4), batches)
def test_undo_is_as_if_never_said_and_redo_as_if_never_undone(
    before: list[list[Decision]], batch: list[Decision]
) -> None:
    review = said(before)
    once = review.say(*batch)
    assert once.undo().batches == review.batches and once.undo().accepted == review.accepted
    assert once.undo().redo() == once
    one, other = once.undo().settle(DATA), review.settle(DATA)
    assert np.array_equal(one.status, other.status) and np.array_equal(
        one.weight, other.weight, equal_nan=True
    )


@given(st.lists(batches, max_size=4), batches)
def test_a_new_word_ends_what_could_be_redone(before: list[list[Decision]], batch: list[Decision]) -> None:
    review = said(before).undo().say(*batch)
    assert review.redo() == review and review.undone == ()


def test_undo_and_redo_of_nothing_and_saying_nothing_change_nothing() -> None:
    assert Review().undo() == Review().redo() == Review().say() == Review()


@given(decisions())
def test_a_decision_survives_json(decision: Decision) -> None:
    assert Decision.from_json(json.loads(json.dumps(decision.to_json()))) == decision


@given(st.lists(batches, max_size=4))
def test_a_recipe_survives_json(all_batches: list[list[Decision]]) -> None:
    recipe = replace(Recipe.of(DATA, said(all_batches), {"outliers": {"seed": 1}}), kinds={"age": "category"})
    again = Recipe.from_json(recipe.to_json())
    assert again == recipe and again.to_json() == recipe.to_json()


def last(decisions_: tuple[Decision, ...], row: int, kinds: set[str], column: str = "") -> Decision | None:
    """The last word about one row, told the slow way."""
    spoken = [d for d in decisions_ if d.action in kinds and d.column == column]
    return next(
        (d for d in reversed(spoken) if row in (d.rows if isinstance(d.rows, RowSet) else d.rows.rows(DATA))),
        None,
    )


@given(st.lists(batches, max_size=5))
def test_the_last_word_wins_per_row_and_dimension(all_batches: list[list[Decision]]) -> None:
    review = said(all_batches)
    settled = review.settle(DATA)
    for row in range(ROWS):
        status = last(review.decisions, row, {"keep", "drop", "defer"})
        assert statuses()[settled.status[row]] == (status.action if status else "open")
        weight = last(review.decisions, row, {"weight"})
        assert np.array_equal(settled.weight[row], weight.value if weight else np.nan, equal_nan=True)
        for column in ("y", "city"):
            label = last(review.decisions, row, {"relabel", "blank"}, column)
            code = settled.labels[column][row] if column in settled.labels else -1
            assert (code >= 0) == (label is not None) and (
                label is None or settled.values[code] == label.value
            )
    for column in ("y", "city"):
        words = [d.action for d in review.decisions if d.action in ("omit", "include") and d.column == column]
        assert (column in settled.omitted) == (words[-1:] == ["omit"]) == (column in review.omitted)
    for key in ("missing:age", "constant:city"):
        words = [d.action for d in review.decisions if d.action in ("accept", "reopen") and d.finding == key]
        assert (key in review.accepted) == (words[-1:] == ["accept"])


@given(st.lists(batches, max_size=5))
def test_the_counts_agree_with_the_rows(all_batches: list[list[Decision]]) -> None:
    settled = said(all_batches).settle(DATA)
    counts = settled.counts()
    assert counts["before"] == ROWS and counts["after"] == ROWS - len(settled.dropped)
    assert counts["weighted"] == len(settled.weighted) and counts["relabelled"] == len(settled.relabelled)
    assert (
        settled.decided
        == RowSet.from_mask(np.isin(settled.status, [1, 2]))
        | settled.relabelled
        | settled.blanked
        | settled.weighted
    )
    blank = [
        np.array([settled.values[code] if code >= 0 else "" for code in codes], object) == None  # noqa: E711
        for codes in settled.labels.values()
    ]  # noqa: E711
    assert counts["blanked"] == int(np.sum(blank)) and counts["omitted"] == len(settled.omitted)
    assert settled.blanked == RowSet.from_mask(np.any(blank, axis=0) if blank else np.zeros(ROWS, bool))


@pytest.mark.parametrize(
    ("where", "rows"),
    [
        (("age", "missing", None), [0]),
        (("age", "above", 9), [10, 11]),
        (("age", "below", 2), [1]),
        (("city", "equals", "Oslo"), [0, 3, 6, 9]),
        (("city", "contains", "O"), [0, 2, 3, 5, 6, 8, 9, 11]),
        (("age", "above", "9"), [10, 11]),
        (("age", "above", 2**64), []),
        (("age", "below", -(2.0**70)), []),
        (("age", "below", "1e400"), list(range(1, ROWS))),
        (("age", "equals", "5.0"), [5]),
        (("age", "equals", "five"), []),
        (("age", "equals", 5), [5]),
        (("age", "contains", "1"), [1, 10, 11]),
        (("age", "above", 9.5), [10, 11]),
    ],
)
def test_a_condition_of_format_1_takes_the_rows_that_it_took(
    where: tuple[str, str, object], rows: list[int]
) -> None:
    column, op, value = where
    plain = {"action": "drop", "where": {"column": column, "op": op, "value": value}, "why": "odd"}
    decision = Decision.from_json(plain)
    assert settle([decision], DATA).dropped.ids.tolist() == rows
    again = Decision.from_json(json.loads(json.dumps(decision.to_json())))
    assert again == decision and "where" not in decision.to_json()
    recipe = json.loads(Recipe.of(DATA, Review()).to_json()) | {"winnow_recipe": 1, "decisions": [plain]}
    assert Recipe.from_json(json.dumps(recipe)).decisions == (decision,)


def test_what_makes_no_sense_is_refused() -> None:
    rows = RowSet([1])
    with pytest.raises(SettingError, match="new label"):
        Decision("relabel", rows, "cat")
    for weight in (-1.0, float("nan"), float("inf"), None, "2"):
        with pytest.raises(SettingError, match="weight is a number"):
            Decision("weight", rows, weight)
    with pytest.raises(SettingError, match="column to omit"):
        Decision("omit", RowSet())
    with pytest.raises(SettingError, match="column to blank"):
        Decision("blank", rows)
    with pytest.raises(SettingError, match="finding to accept"):
        Decision("accept", RowSet())
    with pytest.raises(ColumnError, match="'age'"):
        settle([Decision("omit", RowSet(), column="aeg")], DATA)
    with pytest.raises(SettingError, match="drop"):
        Decision("dropp", rows)
    with pytest.raises(FilterError, match="'city' holds text"):
        settle([Decision("drop", Filter.parse("city > 3"))], DATA)
    for no_bound in ("", "x", None, float("nan"), "-inf"):
        with pytest.raises(FilterError, match="'age' holds numbers, and"):
            Filter.from_json({"column": "age", "op": "above", "value": no_bound}).rows(DATA)
    with pytest.raises(FilterError, match="'age'"):
        settle([Decision("drop", Filter.parse("aeg is missing"))], DATA)
    for text in ("flagged by outliers", "age < 3 or score outliers above 0.5"):
        with pytest.raises(SettingError, match="data alone"):
            Decision("drop", Filter.parse(text))
    with pytest.raises(ColumnError):
        settle([Decision("relabel", rows, "x", column="nowhere")], DATA)
    with pytest.raises(RecipeError, match="row 12"):
        settle([Decision("drop", RowSet([ROWS]))], DATA)


def test_what_was_once_called_dismissed_reads_as_accepted() -> None:
    plain = {
        "action": "dismiss",
        "ranges": [],
        "value": None,
        "why": "",
        "finding": "missing:age",
        "column": "",
        "who": "ada",
        "when": "t",
    }
    assert Decision.from_json(plain) == Decision(
        "accept", RowSet(), finding="missing:age", who="ada", when="t"
    )


@pytest.mark.parametrize("broken", ["", "[]", "{}", '{"winnow_recipe": 1}', "\x89PNG", "null"])
def test_what_is_no_recipe_is_refused(broken: str) -> None:
    with pytest.raises(RecipeError):
        Recipe.from_json(broken)


def test_a_recipe_of_another_version_or_for_other_data_is_refused() -> None:
    recipe = Recipe.of(DATA, Review())
    for version in ("3", "0", "1.0", "true", '"2"'):
        with pytest.raises(RecipeError, match="has format"):
            Recipe.from_json(recipe.to_json().replace('"winnow_recipe": 2', f'"winnow_recipe": {version}'))
    recipe.check(DATA)
    with pytest.raises(RecipeError, match="other data"):
        recipe.check(dataset(pd.DataFrame({"age": [1]})))
