"""A row waits in review only for what still stands: what a step resolved, as far as the same checks have run
on the data as decided, is left out and counted, and the number of rows of the bar does not fall.
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core import outcomes
from core.dataset import Dataset
from core.decision import Decision
from core.errors import CoreError
from core.filters import Filter
from core.outcomes import Outcome, not_made
from core.progress import Progress
from core.rowset import RowSet
from core.workspace import load
from tests.components.conftest import PAGES, Open, keyed, ready, shown, waited
from tests.components.test_counts import at_the_door, badge, flagged_on_the_page, waiting_rows
from tests.components.test_last_copies import decided, focus, queue

FAR, FARTHER = (5, 60, 200), 9  # mended by a step, and not
CLIP = Decision("clip", RowSet(), column="a", settings={"low": "-4", "high": "4"})
LEFT_OUT = "3 rows no longer flagged since your decisions are left out."
NOT_KNOWN = "The checks of rows have not all run on the data as decided since a step"


def far(name: str) -> Dataset:
    draw = np.random.default_rng(2)
    frame = pd.DataFrame({"a": draw.normal(size=300), "b": draw.normal(size=300)})
    frame.loc[[*FAR], "a"], frame.loc[FARTHER, "b"] = [70.0, 80.0, -90.0], 60.0
    return load(frame, name=name)


def visit(app: AppTest, page: str) -> AppTest:
    """The page, drawn twice: what is at the side is of the numbers that it brought."""
    app.switch_page(PAGES[page])
    ready(app)
    return ready(app)


def test_what_a_step_resolved_waits_no_more_once_the_checks_have_run_and_comes_back_by_undo(
    open_page: Open,
) -> None:
    app = open_page("review", far("far.csv"))
    every = ({*FAR, FARTHER}, 4)
    assert queue(app) == every and "no longer flagged" not in shown(app)
    decided(app, CLIP)
    assert queue(app) == every, "nothing is assumed"
    assert NOT_KNOWN in shown(app) and "longer flagged since your" not in shown(app)
    assert flagged_on_the_page(visit(app, "issues")) == "1"
    assert at_the_door(app) == f"1 row of the data as loaded waits in review. {LEFT_OUT}"
    assert "1 row flagged  \n" in badge(
        app
    ) and "1 row waits in review, 3 left it: no longer flagged  \n" in badge(app)
    visit(app, "review")
    assert queue(app) == ({FARTHER}, 4)
    [bar] = [one.proto for one in app.get("progress")]
    assert (
        bar.text.startswith("0 of 4 decided, 3 no longer flagged, of the rows as loaded") and bar.value == 75
    )
    assert LEFT_OUT in shown(app) and NOT_KNOWN not in shown(app)
    decided(app, undo=True)
    assert queue(app) == every and "no longer flagged" not in shown(app)


def test_the_queue_stands_still_while_rows_are_decided_and_no_step_is_taken_on_trust(open_page: Open) -> None:
    """A row dropped made other data of those as decided, on which no check has run: all three came back."""
    app = open_page("issues", far("still.csv"))
    decided(app, CLIP)
    visit(app, "review")
    assert queue(app) == ({FARTHER}, 4)
    waited(keyed(app.button, "queue-drop-").click().run())
    waited(ready(app))
    told = [one.value.replace("\\", "") for one in (*app.info, *app.success)]
    assert told == ["1 row decided, 3 no longer flagged, none left."]
    assert LEFT_OUT in shown(app) and "in review" not in badge(app)
    decided(app, Decision("clip", RowSet(), column="b", settings={"low": "-3", "high": "3"}))
    assert queue(app) == ({*FAR}, 4), "a step may change every row"
    decided(app, undo=True)
    decided(app, Decision("drop", Filter.parse("b > 1 and a < 3 and a > -3")))
    assert NOT_KNOWN in shown(app), "a filter may take any of them"
    assert NOT_KNOWN in shown(app)
    decided(app, undo=True)
    assert LEFT_OUT in shown(app)


def test_where_a_check_failed_as_decided_its_rows_wait(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = outcomes.attempt

    def attempt(name: str, dataset: Dataset, chosen: dict[str, object], progress: Progress) -> Outcome:
        one = alone(name, dataset, chosen, progress)
        fails = name == "outliers" and dataset.base is not None
        return not_made(one.analysis, CoreError("Broken.")) if fails else one

    monkeypatch.setattr(outcomes, "attempt", attempt)
    app = open_page("issues", far("broken.csv"))
    decided(app, CLIP)
    visit(app, "review")
    assert queue(app) == ({*FAR, FARTHER}, 4) and "longer flagged since your" not in shown(app)


def labelled(name: str, rows: int = 400, wrong: int = 40) -> Dataset:
    draw = np.random.default_rng(5)
    y = np.arange(rows) % 2
    frame = pd.DataFrame(draw.normal(size=(rows, 4)) + 1.1 * y[:, None], columns=list("abcd"))
    frame["y"] = np.where(np.arange(rows) < wrong, 1 - y, y).astype(str)
    return load(frame, target="y", name=name)


def bar(app: AppTest) -> tuple[int, int, int, int]:
    """Rows decided, of how many, resolved, and left."""
    [text] = [one.proto.text.replace(",", "") for one in app.get("progress")]
    found = re.match(
        r"(\d+) of (\d+) decided(?: (\d+) no longer flagged)? of the rows as loaded .* of the (\d+) left",
        text,
    )
    assert found is not None, text
    done, every, resolved, left = (int(number or 0) for number in found.groups())
    assert done + resolved + left == every
    assert re.search(rf"\b{left} rows? waits? in review", badge(app).replace(",", ""))
    return done, every, resolved, left


def test_the_number_of_rows_of_the_bar_does_not_fall_when_labels_looks_at_fewer_rows(open_page: Open) -> None:
    """2,756 of 3,443 were decided, then 1 of 625: many rows were dropped at once, and Labels looked again."""
    app = open_page("labels", labelled("many"))
    visit(app, "review")
    first = bar(app)
    assert first[0] == 0 and first[1] > 20
    decided(app, Decision("drop", RowSet(range(0, 300))))
    dropped = bar(app)
    assert dropped[1] == first[1] and dropped[0] > 10
    visit(app, "labels")
    visit(app, "review")
    done, every, _, left = bar(app)
    assert every >= first[1] and done == dropped[0] and left > 0
    decided(app, undo=True)
    assert bar(app) == first


def test_a_row_flagged_as_decided_that_waits_for_its_label_is_counted_once(open_page: Open) -> None:
    """11 rows were flagged and 65 waited for their label alone, beside 75 that wait."""
    app = open_page("labels", labelled("once"))
    visit(app, "review")
    [text] = [one.proto.text for one in app.get("progress")]
    assert "for their label alone" in text
    doubted = focus(app)
    now = app.session_state["winnow"]
    other = next(row for row in range(399, 0, -1) if row != doubted and row not in waiting_rows(app))
    pairs = RowSet([doubted, other])
    decided(app, Decision("fill", RowSet(), column="a", settings={"how": "constant", "value": "1"}))
    frame = now.dataset.frame(["b"])["b"]
    shift = {str(frame[row]): str(90 + 5 * at) for at, row in enumerate(pairs.ids.tolist())}
    decided(app, Decision("map", RowSet(), column="b", settings={"pairs": shift}))
    visit(app, "issues")
    here = int(flagged_on_the_page(app))
    [headline] = [one.value for one in app.markdown if one.value.startswith("#### ")]
    alone = re.search(r"(\d+) rows? waits? in review for (?:its|their) label alone", headline)
    door = at_the_door(app)
    every = re.search(r"(\d+) rows of the data as loaded wait", door)
    only = re.search(r"(\d+) rows? flagged only", door)
    assert alone and every and only and here == 2, (headline, door)
    assert here + int(alone[1]) == int(every[1]) + int(only[1]), (headline, door)
    assert "1 of those for their label alone is flagged in the data as decided." in door
