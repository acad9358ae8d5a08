"""What steps did, in words and numbers: one by one, and all together."""

from __future__ import annotations

import pandas as pd

from core.decision import Decision
from core.review import Review
from core.rowset import RowSet
from core.steps import StepTrial, Work, already, described, effected, settle, steps_json, whole
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


def test_weights_of_one_click_are_one_line() -> None:
    """A coreset with sixty weights took sixty lines of the report, and one on Prepare."""
    weights = [(RowSet([4]), 0.5), (RowSet([5, 6]), 9.0), (RowSet([7]), 2.0)]
    click = (Decision("drop", RowSet(range(4))), *(Decision("weight", *one, why="kept") for one in weights))
    review = Review().say(*click).say(Decision("weight", RowSet([8]), 3.0))
    told = steps_json(review.decisions, settle(review.decisions, dataset(FRAME)), review.steps)
    assert [(one["number"], one["step"], one["rows"], one["did"]) for one in told] == [
        (1, "Dropped 4 rows (0, 1, 2 and 1 more)", 4, "4 rows"),
        (1, "Weighted 4 rows (4, 5, 6 and 1 more): 0.5 to 9", 4, "4 rows"),
        (2, "Weighted row 8: 3", 1, "1 row"),
    ]
    assert [one["why"] for one in told] == ["", "kept", ""] and list(told[0])[:2] == ["number", "step"]
    by_when = steps_json(review.decisions, settle(review.decisions, dataset(FRAME)))
    assert len(by_when) == 5, "without their time nothing says that they are of one click"


def test_a_row_that_a_step_relabels_and_keeps_is_one_line() -> None:
    """ "Kept 1 row" was a line of its own in the manifest."""
    relabel = Decision("relabel", RowSet([1]), "abc", column="m")
    review = Review().say(Decision("defer", RowSet([1]))).say(relabel, Decision("keep", RowSet([1])))
    told = steps_json(review.decisions, settle(review.decisions, dataset(FRAME)), review.steps)
    assert [(one["number"], one["step"], one["rows"], one["did"]) for one in told] == [
        (None, "Sent row 1 to review", 1, "1 row"),
        (1, "Set 'm' of row 1 to 'abc'; kept 1 row", 1, "1 cell"),
    ]


def test_texts_that_can_be_no_value_of_a_column_are_told_apart() -> None:
    """They were taken for missing, so that "abc" written over a missing number changed nothing."""
    steps = [
        Decision("relabel", RowSet([0, 1]), "abc", column="m"),  # row 1 is missing
        Decision("relabel", RowSet([1, 2]), "xyz", column="m"),
        Decision("relabel", RowSet([1]), "xyz", column="m"),
        Decision("blank", RowSet([1]), column="m"),
        Decision("blank", RowSet([1]), column="m"),
    ]
    settled = settle(steps, dataset(FRAME))
    assert [one["did"] for one in steps_json(steps, settled)] == [
        "2 cells",
        "2 cells",
        "nothing changed, 1 was so already",
        "1 cell",
        "nothing changed, 1 was so already",
    ]


def test_a_cell_counts_where_it_holds_another_value_than_before() -> None:
    frame = FRAME.assign(day=pd.to_datetime(["2024-01-01", "2024-01-02"] * 5))
    steps = [
        Decision("relabel", RowSet([0, 1]), "x", column="a"),  # row 0 holds it
        Decision("relabel", RowSet([0, 1]), "x", column="a"),  # both do, one of them by hand
        Decision("blank", RowSet([0, 1, 2]), column="m"),  # row 1 is missing
        Decision("relabel", RowSet([3, 4]), "4", column="n"),  # row 4 holds 4
        Decision("relabel", RowSet([0]), "2024-01-01", column="day"),
        Decision("drop", RowSet([7, 8])),
        Decision("drop", RowSet([8, 9])),
        Decision("weight", RowSet([0, 1]), 2.0),
        Decision("weight", RowSet([1, 2]), 2.0),
        rule("rename", "a", to="b"),
        rule("replace", "b", find="x", into="q"),
        Decision("relabel", RowSet([1, 3]), "q", column="b"),  # what a rule wrote counts, too
    ]
    settled = settle(steps, dataset(frame))
    assert not settled.passed
    told = [(one["rows"], one["cells"], one["did"]) for one in steps_json(steps, settled)]
    assert [one for at, one in enumerate(told) if at not in (9, 10)] == [
        (1, 1, "1 cell, 1 was so already"),
        (0, 0, "nothing changed, 2 were so already"),
        (2, 2, "2 cells, 1 was so already"),
        (1, 1, "1 cell, 1 was so already"),
        (0, 0, "nothing changed, 1 was so already"),
        (2, 0, "2 rows"),
        (1, 0, "1 row, 1 was so already"),
        (2, 0, "2 rows"),
        (1, 0, "1 row, 1 was so already"),
        (1, 1, "1 cell, 1 was so already"),
    ]
    assert already(steps[:2], (0, 1), settled) == "3 of them held that value already"
    assert already(steps[6:7], (6,), settled) == "1 of them was so already"
    by_hand = [steps[0], steps[3]]
    whole_of = whole(Work.after(by_hand, dataset(frame)))
    assert whole_of.changed_cells == sum(
        one["cells"] for one in steps_json(by_hand, whole_of.after.settled())
    )


def test_cells_of_rows_that_a_step_added_are_compared_with_their_own_values() -> None:
    more = rule("add_rows", how="repeat", amount=3)
    labels = [value for _, value in zip(range(13), Work.after([more], dataset(FRAME)).data.frame()["a"])]
    steps = [more, Decision("relabel", RowSet([10, 11, 12]), "x", column="a")]
    told = steps_json(steps, settle(steps, dataset(FRAME)))[1]
    assert told["cells"] == labels[10:].count("y")


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
    assert [one["number"] for one in told] == [1, 1, None, 2, 3, 4], "an acceptance is no step"
    assert [one["column"] for one in told] == ["a", "n", "", "m", "a", "b"]
    assert told[2]["step"] == "Accepted skew: 'm'" and not told[2]["did"]


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
