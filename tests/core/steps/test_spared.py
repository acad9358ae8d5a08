"""Rows kept by hand stay when a step drops repeats; recipes of before mean what they meant."""

from __future__ import annotations

import pandas as pd

from core.actions import statuses
from core.decision import Decision
from core.rowset import RowSet
from core.steps import Work, settle, spared, unspared
from tests.core.steps.acting import rule
from tests.core.steps.agreement import assert_equal, decided, script
from tests.make import dataset

DATA = dataset(pd.DataFrame({"x": [1, 1, 1, 2, 2, 3], "t": ["a", "a", "a", "b", "b", "c"]}))
DROP = rule("drop_repeats")
KEEP = Decision("keep", RowSet([2, 3, 5]))


def test_only_rows_that_were_kept_and_would_go_are_kept_again() -> None:
    """Row 2 repeats row 0; row 3 is the first of its kind, and row 5 has no other."""
    batch = spared(Work.after((KEEP,), DATA), (DROP,))
    assert [(one.action, one.rows) for one in batch] == [
        ("drop_repeats", RowSet()),
        ("keep", RowSet([2])),
    ]
    assert list(settle((KEEP, *batch), DATA).dropped) == [1, 4]
    assert unspared(batch) == ((DROP,), RowSet([2])) and unspared((DROP,)) == ((DROP,), RowSet())


def test_nothing_is_added_where_no_such_row_was_kept() -> None:
    for past in ((), (Decision("keep", RowSet([0, 3, 5])),), (Decision("drop", RowSet([2])),)):
        assert spared(Work.after(past, DATA), (DROP,)) == (DROP,)
    tidy = rule("tidy", "t")
    assert spared(Work.after((KEEP,), DATA), (tidy,)) == (tidy,)
    assert spared(Work.after((KEEP,), DATA), (Decision("drop", RowSet([2])),))[-1].action == "drop"


def test_a_step_of_several_decisions_spares_what_its_rule_takes_and_knows_it_again() -> None:
    tidy = rule("tidy", "t")
    for step in ((tidy, DROP), (DROP, tidy), (DROP, DROP)):
        batch = spared(Work.after((KEEP,), DATA), step)
        assert batch[:2] == step and [(one.action, one.rows) for one in batch[2:]] == [("keep", RowSet([2]))]
        assert unspared(batch) == (step, RowSet([2]))


def test_rows_that_the_step_itself_drops_by_name_are_not_spared() -> None:
    """Row 2 repeats row 0 and row 5 nothing; both were kept."""
    by_hand = Decision("drop", RowSet([2, 5]))
    for step in ((by_hand, DROP), (DROP, by_hand)):
        assert spared(Work.after((KEEP,), DATA), step) == step
    own = (Decision("keep", RowSet([1])), DROP)
    assert spared(Work.after((KEEP,), DATA), own)[2:] == (
        Decision("keep", RowSet([1, 2]), why="It was kept before."),
    )


def test_what_a_person_kept_behind_the_rule_is_no_part_of_what_was_spared() -> None:
    batch = (DROP, Decision("keep", RowSet([2]), why="the better copy"))
    assert unspared(batch) == (batch, RowSet())


def test_what_is_decided_later_wins_as_before() -> None:
    """The rule alone, as recipes of before have it, takes the row that was kept before it; a decision after a
    step that spared it takes it, too.
    """
    assert list(settle((KEEP, DROP), DATA).dropped) == [1, 2, 4]
    batch = spared(Work.after((KEEP,), DATA), (DROP,))
    later = settle((KEEP, *batch, Decision("drop", RowSet([2]))), DATA)
    assert list(later.dropped) == [1, 2, 4] and later.status[5] == statuses().index("keep")


def test_the_script_leaves_the_same_rows() -> None:
    steps = (KEEP, *spared(Work.after((KEEP,), DATA), (DROP,)))
    assert_equal(script(DATA, steps).clean(DATA.frame(), rows=True), decided(DATA, steps))
