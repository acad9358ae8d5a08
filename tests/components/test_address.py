"""The address of the app: what is read from it, what is written into it, and what never is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as texts
from streamlit.delta_generator import DeltaGenerator

from components import address
from components.state import Session
from components.text import BREAK
from tests.components.conftest import (
    PAGES,
    Open,
    hostile,
    keyed,
    linked,
    planted,
    ready,
    shown,
    sound,
    waited,
)


class _Query(dict[str, str]):
    """Stands for ``st.query_params``: counts the entries that the browser's history would get."""

    entries, by_history = 0, False

    def to_dict(self) -> dict[str, str]:
        return dict(self)

    def from_dict(self, wanted: dict[str, str]) -> None:
        self.clear()
        self.update(wanted)
        self.entries += 1


@pytest.fixture
def tab(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Session, _Query]]:
    """A session and an address bar, without an app."""
    now, query = Session(), _Query()
    monkeypatch.setattr(address, "session", lambda: now)
    monkeypatch.setattr(address, "value", lambda key, default=None: now.chosen.get(key, default))
    monkeypatch.setattr(address.st, "query_params", query)
    monkeypatch.setattr(address, "by_history", lambda: query.by_history)
    yield now, query


def choose(now: Session, name: str, chosen: Any, **how: Any) -> None:
    """As a click: the widget has its value, then its callback is called."""
    now.chosen["widget"] = chosen
    noting = address.noting(name, "widget", **how)
    noting["on_change"](*noting["args"])


def test_only_acts_are_written_and_all_at_once(tab: tuple[Session, _Query]) -> None:
    now, query = tab
    for _ in range(3):
        address.read("profile")
        address.write()
    assert query.entries == 0, "reruns by themselves write nothing"
    choose(now, "tab", "Missing", words={"Missing": "missing", "Columns": "columns"}, default="Columns")
    choose(now, "order", True, words={True: "gaps", False: ""})
    address.read("profile")
    address.write()
    assert query == {"tab": "missing", "order": "gaps"} and query.entries == 1
    choose(now, "tab", "Columns", words={"Missing": "missing", "Columns": "columns"}, default="Columns")
    address.write()
    address.write()
    assert query == {"order": "gaps"} and query.entries == 2, "the default is not written"


def test_what_the_address_says_holds_when_it_changed_elsewhere(tab: tuple[Session, _Query]) -> None:
    now, query = tab
    query.update(tab="missing", column="age")
    assert address.read("profile") and address.text("tab") == "missing"
    assert address.key("widget") == "widget~1", "widgets begin with what the address says"
    assert not address.read("profile") and address.key("widget") == "widget~1"
    choose(now, "column", "height")
    address.write()
    assert query == {"tab": "missing", "column": "height"} and address.key("widget") == "widget~1"
    query.from_dict({"tab": "missing", "column": "age"})
    query.by_history = True
    assert address.read("profile") and address.text("column") == "age"
    assert address.key("widget") == "widget~2"
    assert address.params("profile") == {"tab": "missing", "column": "age"} and address.params("issues") == {}
    query.from_dict({})
    address.read("issues")
    assert address.text("tab") == "" and address.key("widget") == "widget~2", "another page, as it was"
    query.from_dict(address.params("profile"))
    address.read("profile")
    assert address.text("column") == "age" and address.key("widget") == "widget~2"


def test_an_older_query_that_comes_late_moves_no_one_unless_it_is_back(tab: tuple[Session, _Query]) -> None:
    """The panel that watches a job asks for the page anew, perhaps before the browser knows the new query."""
    now, query = tab
    address.read("profile")
    choose(now, "tab", "missing")
    address.write()
    query.from_dict({})  # sent before the answer was there
    assert not address.read("profile") and address.text("tab") == "missing"
    address.write()
    assert query == {"tab": "missing"}
    query.from_dict({})
    query.by_history = True
    assert address.read("profile") and address.text("tab") == ""


def test_what_was_written_may_reach_the_browser_after_it_asked_for_another_run(
    tab: tuple[Session, _Query],
) -> None:
    """A row skipped and undone at once by keys: the next click went where the skipped row had been."""
    now, query = tab
    address.read("review")
    address.note("row", "322")
    address.write()
    query.from_dict({})  # the next key, pressed before the browser had the row
    assert not address.read("review")
    address.note("row", "")
    query.entries = 0
    address.write()
    assert query.entries == 1, "the browser will show row 322 by then"
    query.from_dict({"row": "322"})  # a click in the moment between
    choose(now, "tab", "proof")
    assert not address.read("review") and address.text("tab") == "proof" and not address.text("row")
    assert address.key("widget") == "widget", "the widget that was clicked stays"
    address.write()
    assert query == {"tab": "proof"}


def test_a_link_leads_to_the_tab_that_was_just_left(
    tab: tuple[Session, _Query], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was taken for a late message, and did nothing."""
    now, query = tab
    monkeypatch.setattr(address.st, "page_link", lambda *given, **look: None)
    query.update(tab="leakage")
    address.read("profile")
    choose(now, "tab", "target")
    address.write()
    address.read("profile")
    address.link("pages/explore/profile.py", "Leakage", {"tab": "leakage"})
    address.write()
    query.from_dict({"tab": "leakage"})
    query.entries = 0
    assert address.read("profile") and address.text("tab") == "leakage"
    address.write()
    assert query == {"tab": "leakage"} and query.entries == 1, "the browser shows the page it is on as before"
    query.from_dict({"tab": "target"})
    assert not address.read("profile") and address.text("tab") == "leakage", "no link leads there by now"


def test_what_was_written_on_another_page_may_reach_the_browser_on_this_one(
    tab: tuple[Session, _Query],
) -> None:
    now, query = tab
    address.read("profile")
    choose(now, "column", "age")
    address.write()
    query.from_dict({})
    address.read("issues")
    choose(now, "finding", "a")
    query.from_dict({"column": "age"})
    assert not address.read("issues") and address.text("finding") == "a"
    address.write()
    assert query == {"finding": "a"}


def test_what_does_not_hold_is_taken_out(tab: tuple[Session, _Query]) -> None:
    _, query = tab
    query.update(
        tab="evil", kind="numeric,x,text,text", top="1e400", least="nan", draw="7", evil="1", search=""
    )
    address.read("profile")
    assert address.one_of("tab", ["missing"]) is None
    assert address.meant("tab", {"Missing": "missing"}, "Columns") == "Columns"
    assert address.several("kind", ["text", "numeric"]) == ["numeric", "text"]
    assert (address.number("top", 1, 50, 10), address.number("least", 0, 1, 0.5)) == (10, 0.5)
    assert address.number("draw", 0, 9, 0) == 7
    address.write()
    assert query == {"kind": "numeric,text", "draw": "7"}


def test_a_decision_moves_the_place_but_what_only_takes_its_time_does_not(
    tab: tuple[Session, _Query],
) -> None:
    now, query = tab
    address.read("issues")
    address.write()
    address.follow("finding", "b")
    address.write()
    assert query == {} and query.entries == 0
    now.turn += 1
    address.follow("finding", "b")
    address.write()
    assert query == {"finding": "b"}


def test_settings_are_written_where_they_differ_and_read_within_their_bounds(
    tab: tuple[Session, _Query],
) -> None:
    now, query = tab
    address.read("issues")
    now.settings = {"projection": {"method": "pca", "sweep": False}, "shift": {"columns": ("a", "b")}}
    address.write()
    assert query == {"projection.method": "pca", "shift.columns": "a,b"}
    query.from_dict({"projection.method": "pca", "shift.columns": "a,b"})
    address.read("overlap")
    assert now.settings["projection"] == {"method": "pca", "sweep": False}, "the same settings are left alone"
    query.from_dict(
        {"projection.method": "evil", "shift.nothing": "1", "no.thing": "2", "projection.sweep": "yes"}
    )
    address.read("overlap")
    assert now.settings == {"projection": {"sweep": True}}
    address.write()
    assert query == {"projection.sweep": "yes"}


def test_what_is_too_long_stays_in_the_tab_and_is_named(tab: tuple[Session, _Query]) -> None:
    now, query = tab
    query.update(tab="bulk", filter="x" * 5_000)
    address.read("review")
    assert address.text("filter") == "" and now.place.refused == ("filter",)
    address.note("filter", "ä" * 400)  # 2,400 characters in an address
    address.write()
    assert query == {"tab": "bulk"} and now.place.left_out == ("filter",)
    query.from_dict({})
    address.read("issues")
    query.from_dict({"tab": "bulk"})
    address.read("review")
    assert address.text("filter") == "ä" * 400, "this tab knows it still"


@given(
    texts.dictionaries(
        texts.text(max_size=20) | texts.sampled_from([*address.NAMES, "as", "a.b"]), texts.text()
    )
)
def test_no_address_fails_and_the_second_look_finds_nothing_to_do(given: dict[str, str]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        now, query = Session(), _Query(given)
        patch.setattr(address, "session", lambda: now)
        patch.setattr(address.st, "query_params", query)
        address.read("profile")
        address.one_of("tab", ["missing"]), address.several("kind", ["text"]), address.number("row", 0, 9, 0)
        address.write()
        before = query.entries
        assert not address.read("profile") and set(query) <= {*address.NAMES, "as", "data"} | {"data"}
        address.write()
        assert query.entries == before


def test_every_page_is_found_by_its_link(open_page: Open) -> None:
    data = planted()
    mark = data.path.parent.name
    app = linked("profile", data=mark, tab="relations", column="weight", **{"with": "age"})
    sound(app)
    picked = [box.value for box in app.selectbox if str(box.key).startswith("pair-")]
    assert picked == ["weight", "age"]
    app = linked("review", data=mark, tab="bulk", filter="height > 900")
    sound(app)
    assert "Matches 3 of 302" in shown(app).replace("\\", "")
    app = linked("review", data=mark, row="170")
    sound(app)
    assert "##### Row 170" in shown(app) and app.query_params["row"] == "170"
    app = linked("guide", data=mark, chapter="review")
    assert keyed(app.radio, "chapter").value == "Review"


@pytest.mark.parametrize("page", PAGES)
def test_a_hostile_link_is_cleaned_on_every_page(page: str, open_page: Open) -> None:
    data = hostile()
    evil = {name: "<script>alert(1)</script>**b**\x00'; DROP" for name in (*address.NAMES, "as", "x", "a.b")}
    app = linked(page, data=data.path.parent.name, **evil | {"projection.method": "pca"})
    assert not app.exception
    told = shown(app).replace(BREAK, "")
    assert "<script>" not in told and not re.search(r"(?<!\\)\*\*b\*\*", told)
    kept = {"data", "projection.method", *address.NAMES} - _shown_on(page)
    assert set(app.query_params) <= kept, "what the page looked at and no other name"


def _shown_on(page: str) -> set[str]:
    """The names that a page looks at in any case."""
    return {
        "profile": {"tab"},
        "issues": {"group"},
        "review": {"tab"},
        "prepare": {"step"},
        "export": {"format"},
        "guide": {"chapter"},
    }.get(page, set())


def test_an_unknown_data_set_is_said_and_the_recent_ones_are_listed(open_page: Open) -> None:
    data = planted()
    app = linked("issues", data="../../etc/passwd", group="outliers")
    sound(app)
    told = shown(app).replace("\\", "").replace(BREAK, "")
    assert "not in this workspace: ../../etc/passwd" in told and app.session_state["winnow"].dataset is None
    (door,) = [link.proto for link in app.get("page_link") if link.proto.label in ("Open", "Resume")]
    assert (door.page, door.query_string) == ("profile", f"data={data.path.parent.name}")
    app.query_params["data"] = data.path.parent.name
    ready(app)
    assert "not in this workspace" not in shown(app) and app.session_state["winnow"].dataset.rows == 302


def test_links_between_pages_keep_data_set_and_place(open_page: Open) -> None:
    app = open_page("profile", planted())
    waited(app.segmented_control(key="profile-tab").set_value("Missing").run())
    links = {link.proto.page: link.proto.query_string for link in app.sidebar.get("page_link")}
    mark = app.session_state["winnow"].dataset.path.parent.name
    assert links["profile"] == f"data={mark}&tab=missing" and links["review"] == f"data={mark}"
    assert app.query_params["tab"] == "missing"


def test_a_link_is_drawn_once_more_only_where_its_place_moved(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page("review", planted())
    drawn: list[str] = []
    draw = DeltaGenerator.page_link

    def noted(place: DeltaGenerator, page: Any, **look: Any) -> DeltaGenerator:
        drawn.append(getattr(page, "url_path", ""))
        return draw(place, page, **look)

    monkeypatch.setattr(DeltaGenerator, "page_link", noted)
    app.button(key="queue-next").click().run()
    assert drawn.count("review") == 2 and drawn.count("profile") == drawn.count("issues") == 1
    links = {link.proto.page: link.proto.query_string for link in app.sidebar.get("page_link")}
    assert "row=" in links["review"]
