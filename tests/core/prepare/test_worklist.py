"""Verdicts, the order they give, and what is asked before rows go."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.decision import Decision
from core.finding import Finding
from core.prepare import guard_rails
from core.prepare.verdicts import Verdicts, verdicts
from core.prepare.worklist import WorkItem, ordered
from core.rowset import RowSet
from tests.make import dataset

FRAME = pd.DataFrame({"a": np.arange(40.0), "y": ["x", "z"] * 20})


def one(action: str, row: int, **more: str) -> Decision:
    return Decision(action, RowSet([row]), **more)  # type: ignore[arg-type]


def test_rows_are_confirmed_by_a_change_and_dismissed_by_a_look_that_leaves_them() -> None:
    said = [
        one("drop", 1),
        one("keep", 2),
        one("relabel", 3, value="x", column="y"),  # row 3 is z
        one("relabel", 4, value="x", column="y"),  # row 4 is x already
        one("relabel", 5, value="x", column="y"),
        one("keep", 5),
        one("drop", 6),
        one("keep", 6),
        one("keep", 7),
        one("defer", 7),
        one("blank", 8, column="a"),
        Decision("drop", RowSet(range(20, 30))),
        one("accept", 9, finding="outliers"),
    ]
    found = verdicts(said, dataset(FRAME, target="y"))
    assert dict(zip(found.rows.tolist(), found.confirmed.tolist(), strict=True)) == {
        **{1: True, 2: False, 3: True, 4: False, 5: True, 6: False, 8: True}
    }
    assert verdicts([], dataset(FRAME)).of(RowSet(range(40))).seen == 0


def line(code: str, rows: list[int], severity: str = "warning") -> WorkItem:
    finding = Finding(code, "", severity, 0.5, "", "", rows=RowSet(rows))  # type: ignore[arg-type]
    return WorkItem(finding, np.array(rows))


def test_the_worst_finding_is_first_until_its_rows_are_dismissed() -> None:
    worst, other = line("outliers", [30, 5, 9, 2, 7, 8], "critical"), line("wrong_labels", [5, 11, 12])
    nobody = Verdicts(np.arange(0), np.zeros(0, bool))
    assert ordered([other, worst], nobody, RowSet([12])).tolist() == [12, 30, 5, 9, 2, 7, 8, 11]
    dismissed = Verdicts(np.array([2, 5, 7, 8, 9, 30]), np.zeros(6, bool))
    assert ordered([other, worst], dismissed).tolist() == [5, 11, 12, 30, 9, 2, 7, 8]


def test_it_is_asked_before_a_class_shrinks_a_test_row_is_cleaned_or_a_group_is_lost() -> None:
    data = dataset(FRAME, target="y")
    assert guard_rails.warnings(data, RowSet([0, 2]), RowSet()) == ()
    [told] = guard_rails.warnings(data, RowSet([0, 2, 4]), RowSet())
    assert told == "15% of class 'x' (3 of 20 rows) would be dropped."
    before = "15% of class 'x' (3 of 20 rows, 2 of them before) would be dropped."
    assert guard_rails.warnings(data, RowSet([4]), RowSet([0, 2])) == (before,)
    assert guard_rails.warnings(data, RowSet([6]), RowSet([0, 2, 4])) == ()  # asked once, not at every row
    numbers = dataset(pd.DataFrame({"y": [1.0, 0.0] * 20, "v": range(40)}), target="y")  # classes, too
    assert guard_rails.warnings(numbers, RowSet([0, 2, 4]), RowSet()) == (told.replace("'x'", "'1'"),)
    ten = dataset(pd.DataFrame({"y": [f"c{at % 10}" for at in range(300)]}), target="y")
    told_of = guard_rails.warnings(ten, RowSet(range(100)), RowSet())
    assert len(told_of) == 4 and told_of[-1] == "And 7 more classes of which more than 10% would be dropped."
    told_of = guard_rails.warnings(ten, RowSet(at for at in range(300) if at % 10 < 4), RowSet())
    assert len(told_of) == 4 and told_of[-1] == "And 1 more class of which no row would be left."
    assert "No row of class 'x'" in guard_rails.warnings(data, RowSet(range(0, 40, 2)), RowSet())[0]
    group = np.full(40, -1)
    group[[1, 3, 5]] = 0
    assert guard_rails.warnings(data, RowSet([1, 3]), RowSet(), group) == ()
    assert "last row left of 1 group" in guard_rails.warnings(data, RowSet([5]), RowSet([1, 3]), group)[-1]
    both = dataset(FRAME, serve=FRAME, target="y")
    assert "1 row is of the serve part" in guard_rails.warnings(both, RowSet([0, 41]), RowSet())[0]
    assert guard_rails.labels(both, RowSet([0])) == () and guard_rails.labels(both, RowSet([50]))
    assert guard_rails.warnings(both, RowSet([41]), RowSet([41])) == ()


def test_a_class_is_counted_in_the_parts_that_the_rows_are_of() -> None:
    """3 of the 20 rows of train; of all 50 they are no tenth."""
    both = dataset(FRAME, serve=pd.concat([FRAME] * 2).iloc[:60], target="y")
    [told] = guard_rails.warnings(both, RowSet([0, 2, 4]), RowSet())
    assert told == "15% of class 'x' (3 of 20 rows of train) would be dropped."
    every = RowSet(range(0, 40, 2))
    assert guard_rails.warnings(both, every, RowSet()) == (
        "No row of class 'x' of 'y' would be left in train.",
    )
    [_, told] = guard_rails.warnings(both, RowSet([0, 2, 4, 6, 8, 40]), RowSet())
    assert told == "12% of class 'x' (6 of 50 rows) would be dropped."


def test_the_last_of_equal_rows_and_the_last_of_near_duplicates_are_told_apart() -> None:
    data = dataset(FRAME, target="y")
    equal, near = np.full((2, 40), -1)
    equal[[1, 3]], equal[[5, 7]], near[[1, 3]], near[[5, 7, 9]], near[[11, 13]] = 0, 1, 1, 5, 11

    def told(*rows: int) -> tuple[str, ...]:
        every = guard_rails.warnings(data, RowSet(rows), RowSet(), equal, near)
        return tuple(one for one in every if one.startswith("The last"))

    assert told(1, 3) == ("The last row left of 1 group of equal rows would be dropped.",)
    assert told(11, 13) == ("The last row left of 1 group of near-duplicates would be dropped.",)
    assert told(5, 7) == told(1, 3) and told(5, 9) == told(1, 11) == ()
    assert told(5, 7, 9) == (*told(1, 3), *told(11, 13))
    assert told(1, 3, 5, 7) == ("The last row left of 2 groups of equal rows would be dropped.",)
