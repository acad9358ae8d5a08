"""The log of decisions: undo is as if never said, the last word wins, and JSON gives everything back."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.actions import ACTIONS, statuses
from core.decided import as_decided
from core.decision import Decision
from core.errors import FilterError, RecipeError, SettingError
from core.filters import Filter
from core.recipe import Recipe
from core.review import Review
from core.rowset import RowSet
from core.steps import settle
from tests.make import dataset

ROWS = 12
DATA = dataset(
    pd.DataFrame(
        {"age": [None, *range(1, ROWS)], "city": ["Oslo", None, "rome"] * 4, "y": ["a", "b", "c"] * 4}
    ),
    target="y",
)

row_sets = st.sets(st.integers(0, ROWS - 1), max_size=ROWS).map(RowSet)
RULES = ("tidy", "rename")  # the rules that `Naive` follows; the others have tests of their own
FILTERS: dict[str, Callable[[pd.DataFrame], list[int]]] = {
    "age > 4": lambda frame: list(frame.index[[age is not None and age > 4 for age in frame["age"]]]),
    "age is missing": lambda frame: list(frame.index[frame["age"].isna()]),
    'city is "Oslo"': lambda frame: list(frame.index[frame["city"] == "Oslo"]),
    "duplicate of city": lambda frame: list(
        frame.index[frame["city"].notna() & frame["city"].duplicated(keep=False)]
    ),
}
filters = st.sampled_from(list(FILTERS)).map(Filter.parse)
text = st.text("aß é\u0301", max_size=4)


@st.composite
def decisions(draw: st.DrawFn) -> Decision:
    action = draw(st.sampled_from([word for word, kind in ACTIONS.items() if not kind.rule or word in RULES]))
    value = draw({"relabel": text, "weight": st.floats(0, 5)}.get(action, st.none()))
    on = ACTIONS[action].on
    column = draw(st.sampled_from(["y", "city"])) if on in ("cells", "columns", "values") else ""
    settings = {"rename": {"to": draw(text)}, "tidy": {"case": draw(st.sampled_from(["upper", "lower"]))}}
    finding = draw(
        st.sampled_from(["missing:age", "constant:city"]) if action in ("accept", "reopen") else text
    )
    return Decision(
        action,
        draw(row_sets | filters),
        value,
        draw(text),
        finding,
        column,
        draw(text),
        draw(text),
        settings.get(action, {}),
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
    one, other = settle(once.undo().decisions, DATA), settle(review.decisions, DATA)
    assert np.array_equal(one.status, other.status) and np.array_equal(
        one.weight, other.weight, equal_nan=True
    )


@given(st.lists(batches, max_size=4), batches)
def test_a_new_word_ends_what_could_be_redone(before: list[list[Decision]], batch: list[Decision]) -> None:
    review = said(before).undo().say(*batch)
    assert review.redo() == review and review.undone == ()


@given(st.lists(batches, min_size=1, max_size=5), st.data())
def test_editing_and_moving_is_as_if_said_so_and_undone_is_as_if_never(
    all_batches: list[list[Decision]], data: st.DataObject
) -> None:
    past = review = said(all_batches)
    want = [tuple(batch) for batch in all_batches]
    order, off = list(range(len(want))), set[int]()
    places = st.integers(0, len(want) - 1)
    for _ in range(data.draw(st.integers(0, 6))):
        step = data.draw(places)
        act = data.draw(st.sampled_from(["edit", "move", "switch"]))
        if act == "edit":
            want[step], last = tuple(data.draw(batches)), data.draw(st.booleans())
            review = review.edit(step, *want[step], last=last)
            if last:
                order.remove(step)
                order.append(step)
        elif act == "move":
            before = data.draw(st.none() | places)
            review = review.move(step, before)
            if before != step:
                order.remove(step)
                order.insert(len(order) if before is None else order.index(before), step)
        else:
            on = data.draw(st.booleans())
            review = review.switch(step, on)
            off = off - {step} if on else off | {step}
    followed = [(step, decision) for step in order if step not in off for decision in want[step]]
    assert review.batches == tuple(want) and review.order == tuple(order) and review.off == off
    assert list(zip(review.steps, review.decisions, strict=True)) == followed
    back = review
    while len(back.acts) > len(past.acts):
        assert back.undo().redo() == back
        back = back.undo()
    assert back.acts == past.acts and back.decisions == past.decisions
    assert review.undo_to(len(want) - 1).decisions == past.decisions


def test_what_is_no_step_is_neither_edited_nor_moved() -> None:
    review = said([[Decision("drop", RowSet([1]))]])
    for wrong in (-1, 1):
        with pytest.raises(SettingError, match="undone or unknown"):
            review.edit(wrong, Decision("drop", RowSet([2])))
        with pytest.raises(SettingError, match="undone or unknown"):
            review.move(wrong, None)
        with pytest.raises(SettingError, match="undone or unknown"):
            review.move(0, wrong)
    with pytest.raises(SettingError, match="made empty"):
        review.edit(0)
    assert review.edit(0, *review.batches[0]) is review and review.move(0, None) is review
    assert review.edit(0, *review.batches[0], last=True) is review, "it is last already"
    again = review.edit(0, Decision("drop", RowSet([2]))).say(Decision("drop", RowSet([3])))
    assert again.in_words(again.move(1, 0).acts[-1]) == "Moved: dropped row 3"
    assert again.edited == {0}


def test_undo_and_redo_of_nothing_and_saying_nothing_change_nothing() -> None:
    assert Review().undo() == Review().redo() == Review().say() == Review()


def test_a_rule_is_of_some_rows_where_a_filter_or_rows_are_named_whichever_they_take() -> None:
    every = Decision("tidy", RowSet(), column="town", settings={"case": "title"})
    assert not every.of_some_rows
    assert replace(every, rows=RowSet([3])).of_some_rows
    assert replace(every, rows=Filter.parse("age > 5 and age < 5")).of_some_rows


@given(decisions())
def test_a_decision_survives_json(decision: Decision) -> None:
    assert Decision.from_json(json.loads(json.dumps(decision.to_json()))) == decision


@given(st.lists(batches, max_size=4))
def test_a_recipe_survives_json(all_batches: list[list[Decision]]) -> None:
    recipe = replace(Recipe.of(DATA, said(all_batches), {"outliers": {"seed": 1}}), kinds={"age": "category"})
    again = Recipe.from_json(recipe.to_json())
    assert again == recipe and again.to_json() == recipe.to_json()


class Naive:
    """Decisions followed one by one, cell by cell."""

    def __init__(self, decisions: Sequence[Decision]) -> None:
        frame = DATA.frame().astype(object)
        self.frame = frame.where(frame.notna(), None)
        self.status, self.weight = ["open"] * ROWS, np.full(ROWS, np.nan)
        self.omitted: set[str] = set()
        self.edited: dict[str, set[int]] = {}
        self.passed: set[int] = set()
        for place, decision in enumerate(decisions):
            if decision.action in ("accept", "reopen"):
                continue
            column, every = decision.column, self.frame.columns
            filtered = isinstance(decision.rows, Filter) and not {*decision.rows.columns} <= {*every}
            rule, held = decision.kind.rule, isinstance(decision.rows, Filter) or len(decision.rows) > 0
            if (column and column not in every) or (rule and column in self.omitted) or (
                filtered and decision.kind.on != "columns"
            ) or (decision.action == "rename" and (held or not self.free(decision))):  # fmt: skip
                self.passed.add(place)
            else:
                self.follow(decision, range(ROWS) if rule and not held else self.rows(decision))

    def free(self, decision: Decision) -> bool:
        to = decision.settings["to"]
        return bool(to.strip()) and (to == decision.column or to not in self.frame.columns)

    def rows(self, decision: Decision) -> list[int]:
        if isinstance(decision.rows, RowSet):
            return list(decision.rows)
        if decision.kind.on == "columns":
            return []
        left = self.frame[[status != "drop" for status in self.status]]
        return FILTERS[str(decision.rows)](left)

    def follow(self, decision: Decision, rows: Iterable[int]) -> None:
        column = decision.column
        if decision.action == "omit":
            self.omitted.add(column)
        elif decision.action == "include":
            self.omitted.discard(column)
        elif decision.action == "rename":
            to = decision.settings["to"]
            self.frame = self.frame.rename(columns={column: to})
            self.edited = {to if name == column else name: rows for name, rows in self.edited.items()}
            self.omitted = {to if name == column else name for name in self.omitted}
        for row in rows:
            if decision.action in ("keep", "drop", "defer"):
                self.status[row] = decision.action
            elif decision.action == "weight":
                self.weight[row] = decision.value
            elif decision.action in ("relabel", "blank"):
                self.edited.setdefault(column, set()).add(row)
                self.frame.loc[row, column] = decision.value
            elif decision.action == "tidy" and self.frame.loc[row, column] is not None:
                tidy = " ".join(unicodedata.normalize("NFC", self.frame.loc[row, column]).split())
                case = pc.utf8_upper if decision.settings["case"] == "upper" else pc.utf8_lower
                self.frame.loc[row, column] = case(pa.scalar(tidy)).as_py() or None  # ß is ẞ, not SS


@given(st.lists(batches, max_size=5))
def test_the_last_word_wins_per_row_and_dimension(all_batches: list[list[Decision]]) -> None:
    review = said(all_batches)
    settled, naive = settle(review.decisions, DATA), Naive(review.decisions)
    assert [statuses()[code] for code in settled.status] == naive.status
    assert np.array_equal(settled.weight, naive.weight, equal_nan=True)
    assert set(settled.passed) == naive.passed
    shown = as_decided(DATA, review)
    rows = [row for row in range(ROWS) if naive.status[row] != "drop"]
    want = naive.frame.loc[rows].drop(columns=list(settled.omitted))
    assert list(shown.names) == list(want.columns)
    got = shown.frame().astype(object).where(shown.frame().notna(), None)
    assert got.to_numpy().tolist() == want.to_numpy().tolist()
    for column, codes in settled.labels.items():
        assert {row for row in range(ROWS) if codes[row] >= 0} == naive.edited.get(column, set())
    for column in ("y", "city"):
        assert (column in settled.omitted) == (column in naive.omitted)
    new_names = any(d.action == "rename" for d in review.decisions)  # findings are followed through them
    for key in () if new_names else ("missing:age", "constant:city"):
        words = [d.action for d in review.decisions if d.action in ("accept", "reopen") and d.finding == key]
        assert (key in review.accepted) == (words[-1:] == ["accept"])


def test_a_kept_row_with_a_value_changed_by_hand_counts_by_that_alone() -> None:
    rows = RowSet([0, 1, 2])
    step = [
        Decision("defer", rows),
        Decision("relabel", RowSet([1]), "new", column="y"),
        Decision("blank", RowSet([2]), column="city"),
        Decision("keep", rows),
    ]
    settled = settle(step, DATA)
    counts = settled.counts()
    assert (counts["kept"], counts["relabelled"], counts["blanked"]) == (1, 1, 1)
    assert settled.decided == rows
    assert settled.by(ACTIONS["keep"]) == rows  # no rule drops what a person changed and kept


@given(st.lists(batches, max_size=5))
def test_the_counts_agree_with_the_rows(all_batches: list[list[Decision]]) -> None:
    settled = settle(said(all_batches).decisions, DATA)
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
    with pytest.raises(SettingError, match="drop"):
        Decision("dropp", rows)
    for no_bound in ("", "x", None, float("nan"), "-inf"):
        with pytest.raises(FilterError, match="'age' holds numbers, and"):
            Filter.from_json({"column": "age", "op": "above", "value": no_bound}).rows(DATA)
    for text in ("flagged by outliers", "age < 3 or score outliers above 0.5"):
        with pytest.raises(SettingError, match="data alone"):
            Decision("drop", Filter.parse(text))
    settled = settle([Decision("drop", RowSet([2, ROWS]))], DATA)  # row 2 is there, and dropped
    assert "names row 12" in settled.passed[0] and settled.dropped == RowSet([2])
    with pytest.raises(RecipeError, match="hold|row 99999999999"):
        settle([Decision("drop", RowSet.from_json([[99_999_999_999, 100_000_000_000]]))], DATA)


@pytest.mark.parametrize(
    ("decision", "told"),
    [
        (Decision("omit", RowSet(), column="aeg"), "'age'"),
        (Decision("drop", Filter.parse("city > 3")), "'city' holds text"),
        (Decision("drop", Filter.parse("aeg is missing")), "'age'"),
        (Decision("relabel", RowSet([1]), "x", column="nowhere"), "'nowhere'"),
        (Decision("rename", RowSet(), column="age", settings={"to": "city"}), "'city' already"),
        (Decision("tidy", RowSet(), column="age"), "'age' is of kind numeric"),
        (Decision("tidy", RowSet(), column="city", settings={"caze": "lower"}), "caze"),
    ],
)
def test_what_cannot_be_followed_is_passed_over_and_says_so(decision: Decision, told: str) -> None:
    drop = Decision("drop", RowSet([2]))
    settled = settle([decision, drop], DATA)
    assert list(settled.passed) == [0] and told in settled.passed[0]
    alone = settle([drop], DATA)
    assert np.array_equal(settled.status, alone.status) and settled.contents == () and not settled.omitted


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
