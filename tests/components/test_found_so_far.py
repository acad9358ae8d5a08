"""Issues lists what each check found as it ends, to be decided at once, never behind the slowest; what is
not checked yet does not read as a pass.
"""

from __future__ import annotations

import re
import threading
import time
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from components import job_panel, waiting
from components.views.issues import verdict
from core.dataset import Dataset
from core.finding import Finding
from core.outcomes import Outcome
from core.rowset import RowSet
from core.run import remembered, run
from core.workspace import load
from tests.components.conftest import PAGES, app_with, keyed, planted, ready, shown, sound
from tests.components.test_headlines import headline


def opened(name: str, tall: float = 999, **place: str) -> AppTest:
    """Issues of data of which nothing is known from other tests, when all but the slow check have ended."""
    frame = planted().frame().rename(columns={"age": name})
    data = load(frame.assign(height=frame["height"].clip(upper=tall)), name="people.csv", target="ill")
    app = app_with(data)
    app.query_params.update(place)
    app.run()
    app.switch_page(PAGES["issues"])
    until = time.monotonic() + 100
    while not any("Still to come: outliers." in one.value for one in app.markdown):
        assert time.monotonic() < until
        app.run()
    return app


def elsewhere(app: AppTest) -> list[str]:
    """The checks that have not run, besides those of rows, as the page names them."""
    told = [one.value for one in app.caption if one.value.startswith("Not checked yet: ")]
    text = "".join(told).replace("\\", "").removeprefix("Not checked yet: ").removesuffix(".")
    return text.split(", ") if text else []


def place(app: AppTest, word: str) -> int:
    return next(at for at, words in enumerate(keyed(app.radio, "group-").options) if word in words)


def test_the_page_does_not_move_up_when_the_last_check_has_ended(held: threading.Event) -> None:
    """Where the panel stood is a box of its size, until it is closed or the page is left."""
    app = opened("moved")

    def boxes() -> list[str]:
        return [one.key for one in app.button if one.key in ("stop-job", "close-job")]

    def first() -> str:
        """What stands above the headline: the panel, or the box."""
        every = [one.type for one in app.main if one.type in ("progress", "markdown")]
        return every[0]

    assert boxes() == ["stop-job"]
    held.set()
    ready(app)
    assert boxes() == ["close-job"] and first() == "progress"
    stood = app.session_state["winnow"].stood
    sound(app)
    app.button(key="close-job").click().run()
    assert boxes() == [] and first() == "markdown"
    app.session_state["winnow"].stood = stood
    app.run()
    assert boxes() == ["close-job"]
    app.switch_page(PAGES["guide"])
    app.run()
    app.switch_page(PAGES["issues"])
    ready(app)
    assert boxes() == [], "the page was left"


def test_what_is_found_so_far_is_listed_before_the_slowest_has_ended(held: threading.Event) -> None:
    app = opened("listed")
    sound(app)
    listed = keyed(app.radio, "group-").options
    assert any("solated values" in words for words in listed) and any("repeat" in words for words in listed)
    assert "Outliers" not in elsewhere(app) and "No row looks wrong" not in shown(app)
    before = elsewhere(app)
    [so_far] = [one for one in app.metric if one.label.startswith("Flagged rows")]
    [repeats] = [int(hit[1]) for words in listed if (hit := re.search(r"(\d+) of \d+ rows repeat", words))]
    assert (so_far.label, so_far.value) == ("Flagged rows so far", str(repeats)) and repeats
    keyed(app.radio, "group-").set_value(place(app, "missing"))
    app.run()
    assert any(button.key == "stop-job" for button in app.button)
    held.set()
    ready(app)
    sound(app)
    again = keyed(app.radio, "group-")
    assert elsewhere(app) == before and "Labels" in before, "the line stays where it is"
    assert "Still to come" not in headline(app) and len(again.options) == len(listed) + 1
    assert again.value == place(app, "missing"), "what was looked at stays"
    assert int(next(one.value for one in app.metric if one.label == "Flagged rows")) > repeats


@pytest.mark.parametrize("tall", [999, 170], ids=["more comes", "nothing more comes"])
def test_the_worst_is_chosen_only_when_all_are_known(held: threading.Event, tall: float) -> None:
    """One that was chosen by the page would move under the hand of the person."""
    app = opened(f"worst {tall}", tall)
    assert keyed(app.radio, "group-").value is None and "group" not in app.query_params
    held.set()
    ready(app)
    assert keyed(app.radio, "group-").value == 0 and "group" not in app.query_params


def test_the_first_so_far_stays_chosen_where_a_worse_one_comes(held: threading.Event) -> None:
    app = opened("first")
    code = keyed(app.radio, "group-").options[0]
    keyed(app.radio, "group-").set_value(0)
    app.run()
    held.set()
    ready(app)
    again = keyed(app.radio, "group-")
    assert "olated values" in code and "olated values" in again.options[again.value]
    assert "stand far" in again.options[0]


def test_what_is_found_so_far_can_be_decided(held: threading.Event) -> None:
    app = opened("decided")
    keyed(app.radio, "group-").set_value(place(app, "repeat"))
    app.run()
    next(one for one in app.button if one.label.startswith("Drop")).click()
    app.run()
    assert next(one.value for one in app.metric if one.label == "Rows left").startswith("300")
    held.set()
    ready(app)
    listed = keyed(app.radio, "group-").options
    assert any("stand far" in words for words in listed) and not any("repeat" in words for words in listed)


def test_a_finding_says_whether_another_flags_its_rows(held: threading.Event) -> None:
    """ "Not flagged" stood below the outlier that flags these very rows."""
    app = opened("captions")

    def caption(word: str) -> str:
        radio = keyed(app.radio, "group-")
        [at] = [at for at, words in enumerate(radio.options) if word in words.lower()]
        return str(radio.proto.captions[at])

    assert caption("isolated values").endswith(" · 4 rows, not flagged so far")
    assert caption("repeat").endswith(" · 2 rows flagged · 0 decided")
    held.set()
    ready(app)
    data = app.session_state["winnow"].dataset
    odd = run("outliers", data).findings[0].rows
    gaps = RowSet(np.flatnonzero(data.frame()["rare"].isna()))
    assert set(odd.ids) >= {7, 70, 170}, "those of the isolated values"
    assert caption("isolated values").endswith(" · 3 rows; another finding flags all of them")
    assert len(gaps) > len(odd & gaps) > 0
    assert caption("missing").endswith(f" rows; another finding flags {len(odd & gaps)} of them")
    keyed(app.radio, "group-").set_value(place(app, "stand far"))
    ready(app)
    next(one for one in app.button if str(one.key).startswith("accept-")).click()
    ready(app)
    assert caption("isolated values").endswith(" · 3 rows, not flagged"), "no open finding asks about them"
    assert caption("missing").endswith(" rows, not flagged")


def test_the_finding_of_a_link_or_of_a_decision_is_awaited(held: threading.Event) -> None:
    """Another one does not take its place meanwhile, where a decision would be about other rows."""
    app = opened("link", group="outliers")
    assert keyed(app.radio, "group-").value is None and "there may be more" in shown(app)
    assert not [one for one in app.button if str(one.key).startswith("act-issues-")]
    held.set()
    ready(app)
    assert keyed(app.radio, "group-").value == place(app, "stand far")
    assert app.query_params["group"] == "outliers"


def test_what_was_found_stands_where_the_rest_is_stopped(held: threading.Event) -> None:
    app = opened("stopped")
    before = keyed(app.radio, "group-").options
    keyed(app.button, "stop-job").click()
    until = time.monotonic() + 60
    while any(button.key == "stop-job" for button in app.button):
        assert time.monotonic() < until
        app.run()
    assert "Not checked: outliers." in headline(app) and keyed(app.radio, "group-").options == before
    named = elsewhere(app)
    assert sorted(named) == ["Class balance", "Labels", "Leakage", "Missing", "Relations", "Target"]
    doors = [one.proto.label for one in app.get("page_link")]
    assert doors.count("Run them on Prepare") == 1
    assert "Flagged rows so far" in [one.label for one in app.metric], "there may be more"
    held.set()
    next(one for one in app.button if one.label == "Start again").click()
    ready(app)
    assert "Not checked" not in headline(app) and len(keyed(app.radio, "group-").options) > len(before)


def test_checks_that_wait_for_other_work_are_still_to_come(
    held: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.components.conftest.SLOW", {"projection"})
    data = load(planted().frame().rename(columns={"age": "behind"}), name="people.csv", target="ill")
    run("profile", data)
    app = app_with(data)
    app.run()
    for name in ("overlap", "issues"):
        app.switch_page(PAGES[name])
        app.run()
    assert "Still to come: duplicates" in headline(app) and "Duplicates" not in elsewhere(app)
    assert "image" not in headline(app), "these data have none"
    assert keyed(app.radio, "group-").value is None
    held.set()
    ready(app)
    assert "Still to come" not in headline(app) and keyed(app.radio, "group-").value == 0


def test_what_does_not_concern_the_data_is_not_waited_for(
    held: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Image quality of a table: the headline said that no row is flagged."""
    monkeypatch.setattr("tests.components.conftest.SLOW", {"projection"})
    data = load(planted().frame().rename(columns={"age": "no pictures"}), name="people.csv", target="ill")
    for name in ("profile", "duplicates", "nearduplicates", "outliers"):
        run(name, data)
    app = app_with(data)
    for name in ("overlap", "issues"):
        app.switch_page(PAGES[name])
        app.run()
    [flagged] = [one.value for one in app.metric if one.label == "Flagged rows"]
    assert int(flagged) > 3 and f"{flagged} flagged rows are undecided" in headline(app)
    assert keyed(app.radio, "group-").value == 0


WATCHED = {
    "issues": True,
    "overlap": True,
    "balance": True,
    "review": False,
    "profile": False,
    "prepare": False,
}


@pytest.mark.parametrize(("page", "partly"), WATCHED.items())
def test_only_a_page_that_shows_what_there_is_so_far_is_redrawn_for_it(
    held: threading.Event, monkeypatch: pytest.MonkeyPatch, page: str, partly: bool
) -> None:
    monkeypatch.setattr("tests.components.conftest.SLOW", {"profile", "outliers", "projection", "strategies"})
    watched: list[bool] = []
    monkeypatch.setattr(job_panel, "_watch", watched.append)
    data = load(
        planted().frame().rename(columns={"age": f"drawn on {page}"}), name="people.csv", target="ill"
    )
    app = app_with(data)
    app.switch_page(PAGES[page])
    app.run()
    if page == "balance":
        app.button(key="balance-compare").click().run()
    sound(app)
    assert watched and set(watched) == {partly}


def test_trials_of_strategies_do_not_draw_issues_again(
    held: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Issues waits for other work, of which it shows nothing; for the profile's it does."""
    monkeypatch.setattr("tests.components.conftest.SLOW", {"profile", "strategies"})
    watched: list[bool] = []
    monkeypatch.setattr(job_panel, "_watch", watched.append)
    for page, partly in (("balance", False), ("profile", True)):
        data = load(planted().frame().rename(columns={"age": f"behind {page}"}), name="a.csv", target="ill")
        app = app_with(data)
        app.switch_page(PAGES[page])
        app.run()
        if page == "balance":
            app.button(key="balance-compare").click().run()
        watched.clear()
        app.switch_page(PAGES["issues"])
        app.run()
        sound(app)
        assert watched == [partly]
        app.session_state["winnow"].job.job.stop()


def test_a_check_that_ends_while_the_page_is_drawn_counts_in_headline_and_list_alike(
    held: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The headline counted what the list did not have: "4 findings need attention, 3 of them listed here"."""
    app = opened("meanwhile")
    data, listed = app.session_state["winnow"].dataset, waiting.issues

    def slow(dataset: Dataset, outcomes: dict[str, Outcome]) -> dict[str, tuple[Finding, str]]:
        found = listed(dataset, outcomes)
        held.set()
        until = time.monotonic() + 60
        while remembered("outliers", data) is None:
            assert time.monotonic() < until
            time.sleep(0.01)
        return found

    told: list[tuple[str, set[str]]] = []

    def said(dataset: Dataset, outcomes: dict[str, Outcome], *more: Any) -> str:
        told.append((words(dataset, outcomes, *more), set(outcomes)))
        return told[-1][0]

    words = verdict._headline
    monkeypatch.setattr(waiting, "issues", slow)
    monkeypatch.setattr(verdict, "_headline", said)
    app.run()
    assert told and not any("of them listed here" in one for one, _ in told), told
    assert all("outliers" in known for _, known in told), "the list is of the moment of the headline"
    assert any("stand" in one for one in keyed(app.radio, "group-").options)
    sound(app)
