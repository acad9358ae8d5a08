"""What a step changed, beside what was there before; and the picture of a column before and after."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pandas.testing import assert_frame_equal

from core.dataset.canonical_file import CanonicalFile
from core.decision import Decision
from core.decision_words import in_words
from core.filters import Filter
from core.review import Review
from core.rowset import RowSet
from core.steps import StepTrial, Work, counts, most_changed, picture, redrawn, settle, trial, whole
from tests.core.steps.acting import rule
from tests.core.steps.every_rule import every_rule, single
from tests.make import dataset

DATA = dataset(
    pd.DataFrame(
        {
            "age": [20.5, None, 30.5, 999.0, None, 44.0] * 4,
            "town": ["Oslo", " Oslo", "Rome", None, "Rome", "Bern "] * 4,
        }
    )
)
DROP = Decision("drop", Filter.parse("age > 900"))
FILL = Decision("fill", RowSet(), column="age", settings={"how": "median", "indicator": True})
TIDY = Decision("tidy", RowSet(), column="town")
RENAME = Decision("rename", RowSet(), column="age", settings={"to": "years"})
BLANK = Decision("blank", RowSet([0, 1]), column="age")


def tried(*decisions: Decision, past: tuple[Decision, ...] = ()) -> StepTrial:
    return trial(Work.after(past, DATA), decisions)


def test_cells_columns_and_rows_of_a_rule() -> None:
    one = tried(FILL, past=(DROP,))
    assert one.added == ("age_missing",) and not one.removed and not one.renamed
    assert {name: np.flatnonzero(cells).tolist() for name, cells in one.cells.items()} == {
        "age": [1, 4, 7, 10, 13, 16, 19, 22]
    }
    assert one.rows == settle([DROP, FILL], DATA).effects[1].rows and one.changed_cells == 8
    assert one.after.settled().touched[0] == RowSet([3, 9, 15, 21])


def test_rows_dropped_and_brought_back() -> None:
    one = tried(DROP)
    assert np.flatnonzero(one.dropped).tolist() == [3, 9, 15, 21] and one.rows.ids.tolist() == [3, 9, 15, 21]
    back = tried(Decision("keep", RowSet([3])), past=(DROP,))
    assert np.flatnonzero(back.brought_back).tolist() == [3] and not back.dropped.any()


def test_columns_are_followed_through_new_names_whatever_else_is_done_to_them() -> None:
    one = tried(rule("fill", "age", how="median"), RENAME, rule("clip", "years", high="40"))
    assert one.renamed == {"years": "age"} and not one.added and not one.removed
    assert {name: int(cells.sum()) for name, cells in one.cells.items()} == {"years": 16}
    swapped = tried(RENAME, rule("rename", "town", to="age"), rule("rename", "years", to="town"))
    assert swapped.renamed == {"town": "age", "age": "town"}
    assert not swapped.cells and not swapped.added and not swapped.removed
    gone = tried(rule("encode", "town", how="one-hot"), rule("rename", "age", to="town"))
    assert gone.renamed == {"town": "age"} and gone.removed == ("town",) and not gone.cells


def test_a_new_name_is_no_new_column_and_a_left_out_one_is_gone() -> None:
    one = tried(RENAME, past=(FILL,))
    assert one.renamed == {"years": "age"} and not one.added and not one.removed and not one.cells
    gone = tried(Decision("omit", RowSet(), column="town"))
    assert gone.removed == ("town",) and not gone.cells and not gone.added
    back = tried(
        Decision("include", RowSet(), column="town"), past=(Decision("omit", RowSet(), column="town"),)
    )
    assert back.added == ("town",)


def test_cells_edited_by_hand_and_what_was_there_stays_as_it_was() -> None:
    base = Work.after((DROP,), DATA)
    one = trial(base, (BLANK,))
    assert np.flatnonzero(one.cells["age"]).tolist() == [0], "the other one was missing already"
    assert base.settled().labels == {} and base.seen == 1
    assert trial(base, (TIDY,)).cells["town"].sum() == 8


def test_a_step_that_cannot_be_followed_says_why() -> None:
    one = tried(Decision("tidy", RowSet(), column="age"), TIDY)
    assert len(one.passed) == 1 and "'age' is of kind numeric" in one.passed[0]
    assert one.changed_cells == 8


def test_cells_are_counted_by_what_became_of_them() -> None:
    blanks = rule("map", "age", pairs={"999": None})
    told = counts(whole(Work.after((blanks, BLANK, TIDY), DATA)))
    assert told["blanked"] == 4 + 1 and told["changed"] == 5 + 8 and told["relabelled"] == 0
    filled = counts(whole(Work.after((blanks, FILL), DATA)))
    assert filled["blanked"] == 0 and filled["changed"] == 12


def test_rows_changed_are_counted_alike_by_hand_and_by_a_step() -> None:
    """Cells made missing by one step counted for no row, by hand for one each."""
    step, by_hand = rule("map", "age", pairs={"999": None}), Decision("blank", RowSet([3, 9]), column="age")
    rest = Decision("blank", RowSet([15, 21]), column="age")

    def rows(*decisions: Decision) -> int:
        return len(whole(Work.after(decisions, DATA)).data_rows)

    assert rows() == 0 and rows(by_hand) == 2
    assert rows(step) == rows(by_hand, rest) == rows(step, by_hand) == 4
    assert rows(DROP) == rows(DROP, step) == 4, "a row counts once"
    assert rows(step, Decision("keep", RowSet([0, 3]))) == 4, "one kept as it is has not changed"
    assert rows(Decision("defer", RowSet([0, 2]))) == 0, "later is no answer"
    assert rows(Decision("weight", RowSet([0, 2]), 3.0)) == 2 and rows(RENAME) == 0
    assert rows(FILL) == 8, "a new column changes no cell"


def test_a_column_scaled_twice_stays_as_it_is() -> None:
    numbers = np.random.default_rng(2).lognormal(3, 1, 997)
    for how in ("standard", "robust", "min-max"):
        once = Work.after((rule("scale", "x", how=how),), dataset(pd.DataFrame({"x": numbers})))
        assert trial(once, (rule("scale", "x", how=how),)).idle, how


def test_a_draw_that_takes_other_rows_as_an_earlier_step_is_another_is_named() -> None:
    draws = (
        rule("sample", share=0.5),
        rule("split", validation=0.25, test=0.25),
        rule("add_rows", how="repeat", amount=3),
    )
    frame = pd.DataFrame({"age": np.arange(60.0), "town": [f" t{at % 9}" for at in range(60)]})
    data = dataset(frame)
    for draw in draws:
        review = Review().say(TIDY).say(draw).say(Decision("accept", RowSet(), finding="missing:age"))
        off = review.switch(0, on=False)
        was, now = (settle(one.decisions, data) for one in (review, off))
        assert redrawn(review, was, off, now) == (in_words((draw,)),)
        later = review.say(Decision("drop", Filter.parse("age > 50")))
        assert redrawn(review, was, later, settle(later.decisions, data)) == (), "what comes later"
        without = review.switch(1, on=False)
        assert redrawn(review, was, without, settle(without.decisions, data)) == ()


def test_only_the_column_of_the_step_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    whole = CanonicalFile.columns

    def spied(self: CanonicalFile, names: Sequence[str], hold: bool) -> list[pa.ChunkedArray]:
        read.extend(names)
        return whole(self, names, hold)

    monkeypatch.setattr(CanonicalFile, "columns", spied)
    one = tried(TIDY)
    picture(one, "town")
    assert one.cells and set(read) == {"town"}


def test_the_column_that_changed_most_comes_first_and_identifiers_last() -> None:
    """*Before and after* opened on the column of ids."""
    frame = pd.DataFrame(
        {
            "id": [f"k{at}" for at in range(60)],
            "a": [1.0, 2.0, 3.0] * 20,
            "b": [*["x"] * 30, *["y"] * 30],
            "c": [" u"] * 50 + ["v"] * 10,
            "y": ["n", "s"] * 30,
        }
    )
    data = dataset(frame, kinds={"id": "identifier"}, target="y")
    dropped = trial(Work(data), (Decision("drop", RowSet(range(30))),))
    assert most_changed(dropped)[0] == "b" and most_changed(dropped)[-1] == "id"
    assert {*most_changed(dropped)} == {*frame}
    few = Decision("relabel", RowSet([3]), "z", column="b")
    every = Decision("relabel", RowSet(range(9)), "k", column="id")
    more = Decision("relabel", RowSet(range(4)), "s", column="c")
    assert most_changed(trial(Work(data), (few, every, more))) == ("c", "b", "id")


def test_identifiers_come_last_and_the_target_first_by_whatever_name() -> None:
    """A step before had renamed them: 'key', the id, came first."""
    frame = pd.DataFrame(
        {"k": [f"k{at}" for at in range(60)], "a": [1.0, 2.0, 3.0] * 20, "y": ["n", "s"] * 30}
    )
    data = dataset(frame, id="k", target="y")
    names = [rule("rename", one, to=to) for one, to in (("k", "key"), ("y", "a2"))]
    renamed = trial(Work(data), names).after
    half = trial(renamed, (Decision("drop", RowSet(range(0, 60, 6))),))
    assert most_changed(half)[-1] == "key"
    even = trial(renamed, (Decision("drop", RowSet(range(30))),))
    assert most_changed(even) == ("a2", "a", "key"), "no share moved"
    gone = trial(renamed, (rule("omit", "key"), rule("omit", "a")))
    assert most_changed(gone) == ("a", "key"), "a column that is gone has the role it had"
    swapped = [rule("rename", one, to=to) for one, to in (("a", "b"), ("k", "a"))]
    again = trial(trial(Work(data), swapped).after, (Decision("drop", RowSet(range(30))),))
    assert most_changed(again) == ("y", "b", "a"), "another column has the name that it had"


@pytest.mark.parametrize("dropped", [200, 6_000])
def test_which_column_changed_most_is_told_of_many_rows_by_a_sample(
    dropped: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All cells were counted while the page was drawn: 3.4 s for 100,000 rows of 40 columns."""
    draw = np.random.default_rng(3)
    frame = pd.DataFrame({f"c{at}": draw.choice([*"abcd"], 20_000) for at in range(12)})
    first = np.arange(20_000) < dropped
    frame["c5"] = np.where(first, "e", frame["c5"])
    frame["c8"] = np.where(first & (draw.random(20_000) < 0.7), "a", frame["c8"])
    one = trial(Work(dataset(frame)), (Decision("drop", RowSet(range(dropped))),))
    every = most_changed(one)
    cells = []

    def spied(kind: str, values: Any) -> Any:
        cells.append(0 if values is None else len(values))
        return binned(kind, values)

    module = importlib.import_module("core.steps.picture")
    binned = module._binned
    monkeypatch.setattr(module, "_binned", spied)
    ranked = importlib.import_module("core.steps.most_changed")
    monkeypatch.setattr(ranked, "MOST_CELLS", 12_000)
    sampled = most_changed(one)
    assert sampled[:2] == every[:2] == ("c5", "c8") and {*sampled} == {*every}
    assert len(cells) == 24 and sum(cells[::2]) <= 13_000 and min(cells) > 300
    assert most_changed(one) == sampled, "the same each time"
    monkeypatch.setattr(ranked, "MOST_CELLS", 1_000)
    cells.clear()
    assert most_changed(one) == tuple(frame) and not cells, "too few rows to tell"


def test_the_picture_counts_rows_on_shared_edges_and_the_same_values() -> None:
    before, after = picture(tried(FILL), "age")
    assert before.levels == after.levels and before.missing == 8 and after.missing == 0, "few numbers"
    assert before.rows == after.rows == 24 and after.counts.sum() + after.others == 24
    wide = dataset(pd.DataFrame({"x": [*map(float, range(99)), None], "t": ["a"] * 100}))
    one = trial(Work(wide), (Decision("fill", RowSet(), column="x"),))
    before, after = picture(one, "x")
    assert before.edges is not None and after.edges is not None
    assert (
        np.array_equal(before.edges, after.edges) and before.counts.sum() == 99 and after.counts.sum() == 100
    )
    marker = picture(tried(FILL), "age_missing")
    assert not marker[0].there and marker[1].kind == "boolean" and marker[1].counts.sum() == 24
    gone = picture(tried(Decision("omit", RowSet(), column="town")), "town")
    assert gone[0].there and not gone[1].there
    empty = dataset(pd.DataFrame({"x": [1.0, 2.0]}))
    none = picture(trial(Work(empty), (Decision("drop", RowSet([0, 1])),)), "x")
    assert none[0].rows == 2 and none[1].rows == 0


def test_rows_that_were_only_marked_are_none_in_which_the_data_differ() -> None:
    data = dataset(pd.DataFrame({"n": range(8), "y": list("abababab")}))
    marks = (Decision("defer", RowSet([0, 1])), Decision("keep", RowSet([2])))
    data_changes = (Decision("blank", RowSet([3]), column="y"), Decision("drop", RowSet([4])))
    told = whole(Work.after((*marks, *data_changes, Decision("weight", RowSet([5]), 2.0)), data))
    assert told.rows.ids.tolist() == [0, 1, 2, 3, 4, 5] and told.data_rows.ids.tolist() == [3, 4, 5]


def test_going_on_from_what_is_known_is_as_following_all_at_once_and_leaves_it_as_it_was() -> None:
    """The pages go on from what the steps before made, as a decision in review follows thousands."""
    steps = [step for pair in zip_longest(every_rule(DATA), single(DATA.rows)) for step in pair if step]
    works = [Work(DATA)]
    for step in steps:
        works.append(works[-1].copy())
        works[-1].go_on((step,))
    for at in {*range(0, len(steps), 7), len(steps)}:
        once, onward = whole(Work.after(steps[:at], DATA)), whole(works[at])
        assert counts(onward) == counts(once) and onward.data_rows == once.data_rows
        assert works[at].passed == once.after.passed and works[at].idle == once.after.idle
        stands, same = works[at].settled(), once.after.settled()
        assert stands.touched == same.touched and np.array_equal(stands.status, same.status)
        assert np.array_equal(stands.weight, same.weight, equal_nan=True)
        assert_frame_equal(works[at].data.frame(), once.after.data.frame())
