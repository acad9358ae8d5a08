"""Copies of which the row that they repeat was dropped: the last one left is no copy, and is not offered. Nor
are copies whose labels agree by now.
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from components import badge as sidebar
from components.address import key
from core.dataset import Dataset
from core.decision import Decision
from core.rowset import RowSet
from core.workspace import load
from tests.components.conftest import PAGES, Open, keyed, ready
from tests.components.test_bulk import typed

COPIES, ORIGINAL = (200, 201), 20


def twice() -> Dataset:
    """Row 20 stands three times; two rows of the same features have several labels, and two stand far out."""
    draw = np.random.default_rng(3)
    frame = pd.DataFrame(draw.normal(size=(200, 4)).round(4), columns=list("abcd"))
    frame["y"] = draw.choice(["no", "yes"], 200)
    frame.loc[[7, 70], "a"] = [90.0, -95.0]
    torn = frame.iloc[[40]].assign(y="no" if frame["y"][40] == "yes" else "yes")
    whole = pd.concat([frame, frame.iloc[[ORIGINAL, ORIGINAL]], torn], ignore_index=True)
    return load(whole, name="twice.csv", target="y")


def against() -> Dataset:
    """Row 200 has the features of row 40 and the other label, row 201 is equal to row 40."""
    draw = np.random.default_rng(3)
    frame = pd.DataFrame(draw.normal(size=(200, 4)).round(4), columns=list("abcd"))
    frame["y"] = draw.choice(["no", "yes"], 200)
    other = frame.iloc[[40]].assign(y=OTHER[frame["y"][40]])
    return load(pd.concat([frame, other, frame.iloc[[40]]], ignore_index=True), name="against", target="y")


OTHER = {"no": "yes", "yes": "no"}


def decided(app: AppTest, *decisions: Decision, undo: bool = False) -> AppTest:
    now = app.session_state["winnow"]
    now.review = now.review.undo() if undo else now.review.say(*decisions)
    now.store_trouble, now.turn = "In memory.", now.turn + 1
    return ready(app)


def focus(app: AppTest) -> int:
    """The row in focus."""
    return int(str(keyed(app.button, "queue-drop-").key).rpartition("-")[2])


def queue(app: AppTest) -> tuple[set[int], int]:
    """The rows that wait in the queue, and how many it has with those decided."""
    [bar] = app.get("progress")
    found = re.match(r"(\d+) of (\d+) decided.* of the (\d+) left", bar.proto.text)
    assert found is not None
    while not app.button(key="queue-back").disabled:
        app.button(key="queue-back").click().run()
    rows = {focus(app)}
    while not app.button(key="queue-next").disabled:
        app.button(key="queue-next").click().run()
        rows.add(focus(app))
    assert len(rows) == int(found[3])
    told = next(one.value for one in app.sidebar.caption if "rows × " in one.value)
    assert re.search(rf"\b{len(rows)} rows? waits? in review", told)
    return rows, int(found[2])


def test_the_last_copy_left_is_not_in_the_queue_and_comes_back_with_what_it_repeats(open_page: Open) -> None:
    app = open_page("review", twice())
    rows, total = queue(app)
    assert {*COPIES, 40, 202} <= rows and ORIGINAL not in rows
    decided(app, Decision("drop", RowSet([ORIGINAL])))
    assert queue(app) == (rows - {200}, total), "row 201 repeats row 200"
    decided(app, Decision("drop", RowSet([201])))
    assert queue(app) == (rows - {200, 201}, total), "row 201 is decided"
    decided(app, Decision("drop", RowSet([40])))
    assert queue(app) == (rows - {200, 201, 40, 202}, total), "no label is against that of row 202"
    for _ in range(3):
        decided(app, undo=True)
    assert queue(app) == (rows, total)
    decided(app, Decision("keep", RowSet([201])))
    decided(app, Decision("drop", RowSet([ORIGINAL])))
    assert queue(app) == (rows - {201}, total), "row 200 repeats row 201, which was kept"


def test_to_drop_all_rows_that_a_filter_says_are_copies_leaves_one_of_each_group(open_page: Open) -> None:
    app = open_page("review", twice())
    decided(app, Decision("drop", RowSet([ORIGINAL])))
    app.segmented_control(key=key(sidebar.SWITCH)).set_value(sidebar.LOADED).run()
    app.segmented_control(key="review-tab").set_value("Bulk").run()
    ready(typed(app, "flagged by duplicate_rows"))
    told = next(one.value for one in app.markdown if one.value.startswith("**Matches "))
    assert told.startswith("**Matches 1 of 203")


def test_the_headline_of_issues_counts_no_row_as_undecided_that_left_the_queue(open_page: Open) -> None:
    app = open_page("issues", twice())
    flagged = int(next(one.value for one in app.metric if one.label == "Flagged rows"))
    decided(app, Decision("drop", RowSet([ORIGINAL])))
    app.segmented_control(key=key(sidebar.SWITCH)).set_value(sidebar.LOADED).run()
    ready(app)
    headline = next(one.value for one in app.markdown if one.value.startswith("#### "))
    assert f"{flagged - 1} of {flagged} flagged rows are undecided" in headline
    app.switch_page(PAGES["review"])
    assert len(queue(ready(app))[0]) == flagged - 1


@pytest.mark.parametrize("how", ["dropped", "relabelled", "renamed and relabelled", "spelled alike"])
def test_copies_whose_labels_agree_by_now_wait_no_more(open_page: Open, how: str) -> None:
    """Row 40 waited on after row 200 was dropped, and after its label was put right."""
    data = against()
    right, other = (str(data.frame()["y"][row]) for row in (40, 200))
    app = open_page("review", data)
    rows, total = queue(app)
    assert {40, 200, 201} <= rows
    decisions = {
        "dropped": (Decision("drop", RowSet([200])),),
        "relabelled": (Decision("relabel", RowSet([200]), right, column="y"),),
        "renamed and relabelled": (
            Decision("rename", RowSet(), column="y", settings={"to": "label"}),
            Decision("relabel", RowSet([200]), right, column="label"),
        ),
        "spelled alike": (Decision("map", RowSet(), column="y", settings={"pairs": {other: right}}),),
    }[how]
    decided(app, *decisions)
    assert queue(app)[0] == rows - {40, 200}, "row 201 repeats row 40"
    decided(app, undo=True)
    assert queue(app) == (rows, total)


def test_copies_of_which_two_labels_are_left_wait_on(open_page: Open) -> None:
    app = open_page("review", against())
    rows, total = queue(app)
    decided(app, Decision("drop", RowSet([40])))
    assert queue(app) == (rows - {40}, total), "row 200 is against row 201"
    decided(app, Decision("relabel", RowSet([200]), "perhaps", column="y"))
    assert queue(app) == (rows - {40, 200}, total), "row 201 is against row 200, with whatever label"
