"""To visit a page changes no number, but for what its checks looked at, which is said."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from components.text import tag
from core.dataset import Dataset
from core.decided import as_decided
from core.decision import Decision
from core.reporting.files import files
from core.review import Review
from core.rowset import RowSet
from core.run import MEMO, run
from core.workspace import load
from tests.components.conftest import Open, keyed, ready, shown, waited
from tests.components.test_counted_once import badge, counted, visit
from tests.components.test_headlines import headline, turn
from tests.components.test_prepare import take, told


class Numbers(NamedTuple):
    """What Issues says: in its headline, tiles and lists, and how many checks have not run."""

    open: int
    earlier: int
    resolved: tuple[str, ...]
    tiles: tuple[tuple[str, str], ...]
    left: int


def numbers(app: AppTest) -> Numbers:
    def number(pattern: str, text: str) -> int:
        hit = re.search(rf"(\d+) {pattern}", text)
        return int(hit[1]) if hit else 0

    told = headline(app)
    return Numbers(
        number("findings? needs? attention", told),
        number("earlier findings? not checked again", told),
        tuple(one.label for one in app.expander if "esolved" in one.label),
        tuple((one.label, one.value) for one in app.metric),
        number("checks? not run yet", badge(app)),
    )


def in_two_parts(path: Path) -> Dataset:
    """Two columns that hold the same, one far value in them, gaps, wrong labels, and a serve part that lies
    elsewhere.
    """
    draw = np.random.default_rng(3)
    parts = {}
    for part, rows, most in (("train", 900, 3_000), ("serve", 300, 600)):
        frame = pd.DataFrame({"key": draw.integers(0, most, rows), "x": draw.normal(size=rows).round(3)})
        frame["gaps"] = draw.normal(size=rows).round(3)
        frame.loc[draw.choice(rows, rows // 12, replace=False), "gaps"] = None
        frame["ill"] = np.where(frame["x"] + draw.normal(size=rows) * 0.3 > 0, "yes", "no")
        parts[part] = frame
    parts["train"].loc[7, "x"] = 999.0
    for part, frame in parts.items():
        frame.assign(twice=frame["x"]).to_csv(path / f"{part}.csv", index=False)
    return load(path / "train.csv", serve=path / "serve.csv", target="ill")


VISITED = ("profile", "overlap", "labels")


def look_at(app: AppTest, page: str) -> AppTest:
    visit(app, page)
    return turn(app, "Relations") if page == "profile" else app


@pytest.mark.parametrize("known", [False, True])
def test_what_is_resolved_stays_so_whichever_pages_are_visited(
    open_page: Open, tmp_path: Path, known: bool
) -> None:
    """known: whether those pages were looked at before the step, too."""
    data = in_two_parts(tmp_path)
    MEMO.forget(data.fingerprint)  # what another test looked at
    app = open_page("issues", data)
    for page in VISITED if known else ():
        look_at(app, page)
    waited(take(visit(app, "prepare"), "clip", "x", low="-5", high="5"))
    visit(app, "issues")
    first = last = numbers(app)
    assert first.resolved == ("Resolved: 1 finding of those listed here",), "the clipped value"
    assert (first.earlier > 0) is known
    for page in VISITED:
        look_at(app, page)
        now = numbers(visit(app, "issues"))
        assert (now.resolved, now.tiles) == (first.resolved, first.tiles), page
        assert now.left < last.left, "each page ran checks, which have not run no more"
        last = now
    for page in (*VISITED, "prepare", "review", "export"):
        visit(app, page)
        assert numbers(visit(app, "issues")) == last, "nothing was left to check there"
    assert last.earlier == 0 and "not checked again" not in shown(app)
    assert counted(visit(app, "prepare"))[1:] == (0, 2)
    assert counted(visit(app, "prepare"))[0] == last.open


def test_a_region_whose_bound_moved_is_neither_resolved_nor_new(open_page: Open, tmp_path: Path) -> None:
    """With one row less "key ≤ 600" was resolved, and "key ≤ 590" new with the decision."""
    draw = np.random.default_rng(3)
    for part, most, rows in (("train", 3_000, 1_500), ("serve", 600, 400)):
        frame = pd.DataFrame({"key": draw.integers(0, most, rows), "x": draw.normal(size=rows).round(3)})
        frame.to_csv(tmp_path / f"{part}.csv", index=False)
    data = load(tmp_path / "train.csv", serve=tmp_path / "serve.csv")
    review = Review().say(Decision("drop", RowSet([3]), why="a slip"))
    (was, _), (now, _) = (run("segments", one).findings for one in (data, as_decided(data, review)))
    assert (was.about, now.about) == ("key ≤ 600", "key ≤ 590")
    app = open_page("prepare", data)
    assert was.title in told(app)
    after = app.session_state["winnow"]
    after.store_trouble, after.review, after.turn = "In memory.", review, after.turn + 1
    waited(ready(app))
    assert now.title in told(app) and was.title not in told(app)
    assert "New with your decisions" not in shown(app) and counted(app) == (1, 0, 0)


def test_a_finding_that_was_accepted_stays_so_when_its_bound_moves(open_page: Open, tmp_path: Path) -> None:
    """The region "key ≤ 600" was accepted, and "key ≤ 590" needed attention after the next decision."""
    draw = np.random.default_rng(3)
    for part, most, rows in (("train", 3_000, 1_500), ("serve", 600, 400)):
        frame = pd.DataFrame({"key": draw.integers(0, most, rows), "x": draw.normal(size=rows).round(3)})
        frame.to_csv(tmp_path / f"{part}.csv", index=False)
    data = load(tmp_path / "train.csv", serve=tmp_path / "serve.csv")
    was, _ = run("segments", data).findings
    assert "key ≤ 600" in was.title
    app = open_page("prepare", data)
    now = app.session_state["winnow"]
    now.store_trouble = "In memory."
    wanting = counted(app)[0]
    waited(app.button(key=f"leave-prepare-{tag(was.key)}").click().run())
    assert counted(app)[0] == wanting - 1
    now.review, now.turn = now.review.say(Decision("drop", RowSet([3]), why="a slip")), now.turn + 1
    waited(ready(app))
    moved = run("segments", as_decided(data, now.review)).findings[0].title
    waited(ready(app))
    assert "key ≤ 590" in moved and moved in told(app)
    assert counted(app)[0] == wanting - 1, "it is the finding that was accepted"
    review = now.review
    waited(keyed(app.button, "back-prepare-").click().run())
    assert counted(app)[0] == wanting, "reopened under its name of now"
    accepted = files(data, review=review)
    assert [
        f["accepted"] for f in json.loads(accepted["report.json"])["findings"] if "key ≤ 590" in f["title"]
    ] == [True]
