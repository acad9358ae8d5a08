"""Rows kept by hand stay when a step drops repeats; recipes of before mean what they meant."""

from __future__ import annotations

import pandas as pd

from core.actions import statuses
from core.review import Decision
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
