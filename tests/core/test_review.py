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
from core.errors import ColumnError, RecipeError, SettingError
from core.recipe import Recipe
from core.review import Decision, Review, Where, settle
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
wheres = st.sampled_from(
    [
        Where("age", "above", 4),
        Where("age", "missing"),
        Where("city", "equals", "Oslo"),
        Where("city", "contains", "O"),
    ]
)
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
        action, draw(row_sets | wheres), value, draw(text), finding, column, draw(text), draw(text)
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
        (Where("age", "missing"), [0]),
        (Where("age", "above", 9), [10, 11]),
        (Where("age", "below", 2), [1]),
        (Where("city", "equals", "Oslo"), [0, 3, 6, 9]),
        (Where("city", "contains", "O"), [0, 2, 3, 5, 6, 8, 9, 11]),
        (Where("age", "above", "9"), [10, 11]),
        (Where("age", "above", 2**64), []),
        (Where("age", "below", -(2.0**70)), []),
        (Where("age", "below", "1e400"), list(range(1, ROWS))),
        (Where("age", "equals", "5.0"), [5]),
        (Where("age", "equals", "five"), []),
    ],
)
def test_a_predicate_names_its_rows_and_never_a_missing_value(where: Where, rows: list[int]) -> None:
    assert where.rows(DATA).ids.tolist() == rows


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
    with pytest.raises(SettingError, match="makes no sense"):
        Where("city", "above", 3).rows(DATA)
    for no_bound in ("", "x", None, float("nan"), "-inf"):
        with pytest.raises(SettingError, match="makes no sense"):
            Where("age", "above", no_bound).rows(DATA)
    with pytest.raises(ColumnError, match="'age'"):
        Where("aeg", "missing").rows(DATA)
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
    with pytest.raises(RecipeError, match="format 2"):
        Recipe.from_json(recipe.to_json().replace('"winnow_recipe": 1', '"winnow_recipe": 2'))
    recipe.check(DATA)
    with pytest.raises(RecipeError, match="other data"):
        recipe.check(dataset(pd.DataFrame({"age": [1]})))
