"""What steps did, in words and numbers: one by one, and all together."""

from __future__ import annotations

import pandas as pd

from core.review import Decision, Review
from core.rowset import RowSet
from core.steps import StepTrial, Work, described, effected, settle, steps_json, whole
from tests.core.steps.acting import rule
from tests.make import dataset

FRAME = pd.DataFrame({"a": ["x", "y"] * 5, "n": range(10), "m": [1.0, None] * 5})


def did(*steps: Decision) -> list[tuple[int, int, str]]:
    """Of each step its rows, its cells, and what it did."""
    told = steps_json(steps, settle(steps, dataset(FRAME)))
    return [(one["rows"], one["cells"], one["did"]) for one in told]


def together(frame: pd.DataFrame, *steps: Decision) -> StepTrial:
    return whole(Work.after(Review().say(*steps).decisions, dataset(frame)))


def test_cells_set_by_hand_new_names_places_and_kinds_are_told() -> None:
    assert did(
        Decision("relabel", RowSet([1, 3]), "q", column="a"),
        Decision("blank", RowSet([0]), column="m"),
        rule("rename", "a", to="b"),
        rule("rename", "b", to="b"),
        rule("move", "m", place="first"),
        rule("move", "m", place="first"),
        rule("read_as", "n", kind="category"),
        Decision("drop", RowSet([7, 8])),
        rule("fill", "m", how="median"),
    ) == [
        (2, 2, "2 cells"),
        (1, 1, "1 cell"),
        (0, 0, "renamed"),
        (0, 0, "nothing changed"),
        (0, 0, "moved"),
        (0, 0, "nothing changed"),
        (0, 0, "now category"),
        (2, 0, "2 rows"),
        (5, 5, "5 cells"),
    ]


def test_what_one_click_decided_about_several_columns_is_one_decision() -> None:
    when, later = "2026-01-01T00:00:00+00:00", "2026-01-01T00:00:01+00:00"
    omit = [
        Decision("omit", RowSet(), column=column, finding="constant:a:n", who="x", when=when)
        for column in "an"
    ]
    again = Decision("omit", RowSet(), column="m", finding="constant:m", who="x", when=later)
    typed = [rule("rename", "a", to="b"), rule("rename", "b", to="c")]  # without a time each is its own
    steps = [*omit, Decision("accept", RowSet(), finding="skew:m", when=later), again, *typed]
    told = steps_json(steps, settle(steps, dataset(FRAME)))
    assert [one["number"] for one in told] == [1, 1, 2, 3, 4]
    assert [one["column"] for one in told] == ["a", "n", "m", "a", "b"]


def test_a_column_left_out_or_taken_in_twice_changed_nothing() -> None:
    include, omit = Decision("include", RowSet(), column="n"), rule("omit", "n")
    assert [one[2] for one in did(include, omit, omit, include, include, rule("omit", "gone"))] == [
        "nothing changed",
        "1 column less",
        "nothing changed",
        "1 column more",
        "nothing changed",
        "",  # it was passed over
    ]
    settled = settle([omit, omit, rule("omit", "gone")], dataset(FRAME))
    assert settled.idle == {1} and settled.omitted == ("n",), "as the sidebar counts them"


def test_decisions_of_one_step_are_told_together() -> None:
    steps = (
        rule("fill", "m", how="median"),
        Decision("relabel", RowSet([0, 1]), "z", column="a"),
        Decision("drop", RowSet([4])),
        rule("encode", "a", how="one-hot"),
    )
    settled = settle(steps, dataset(FRAME))
    assert not settled.passed
    told = described(*(effected(place, step, settled) for place, step in enumerate(steps)))
    assert told == "7 cells, 1 row, 3 columns more, 1 column less"


def test_what_all_steps_changed_is_counted_once_and_not_step_by_step() -> None:
    back = together(
        FRAME,
        rule("fill", "m", how="median"),
        Decision("blank", RowSet([1, 3, 5, 7, 9]), column="m"),
        Decision("relabel", RowSet([0, 2]), "x", column="a"),
    )
    assert back.changed_cells == 0 and not back.added and not back.removed
    hot = together(FRAME[["a"]], rule("encode", "a", how="one-hot"))
    assert (len(hot.added), hot.removed, hot.changed_cells) == (2, ("a",), 0)
    idle = together(FRAME, rule("omit", "m"), rule("omit", "m"), Decision("include", RowSet(), column="n"))
    assert idle.removed == ("m",) and not idle.added
    more = together(FRAME, rule("add_rows", how="repeat", amount=3), Decision("drop", RowSet([10])))
    assert (more.new.sum(), more.dropped.sum(), more.changed_cells) == (2, 0, 0), "dropped again: as if never"
