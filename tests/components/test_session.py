"""The session of a tab: asked for once a run of a page, and never that of another tab or of the past."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from components import state
from components.state import Session, leave, session


class Tab:
    """A tab whose script runs in whatever thread asks; counts how often Streamlit is asked."""

    def __init__(self) -> None:
        self.held: dict[str, Any] = {}
        self.asked = 0
        self.run: object = object()

    def __getitem__(self, key: str) -> Any:
        self.asked += 1
        return self.held[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.held[key] = value


@pytest.fixture
def tab(monkeypatch: pytest.MonkeyPatch) -> Iterator[Tab]:
    tab = Tab()
    monkeypatch.setattr(state.st, "session_state", tab)
    monkeypatch.setattr(state, "get_script_run_ctx", lambda **_: tab.run)
    yield tab
    state._HERE.run = None


def test_a_run_of_a_page_asks_once_and_the_next_run_anew(tab: Tab) -> None:
    first = session()
    assert tab.held == {"winnow": first} and [session() for _ in range(9)] == [first] * 9 and tab.asked == 1
    tab.held["winnow"] = other = Session()
    assert session() is first
    tab.run = object()
    assert session() is other and tab.asked == 2


def test_what_was_left_is_not_given_to_the_same_run(tab: Tab) -> None:
    past = session()
    leave()
    assert session() is tab.held["winnow"] is not past


def test_threads_without_a_run_ask_each_time_and_do_not_meet_in_one_session(tab: Tab) -> None:
    session()
    tab.run = None
    tab.held["winnow"] = now = Session()
    assert session() is now
    tab.held["winnow"] = later = Session()
    assert session() is later
    tab.run, heard = object(), []
    session()
    tab.held["winnow"] = of_another_thread = Session()
    thread = threading.Thread(target=lambda: heard.append(session()))
    thread.start()
    thread.join()
    assert heard == [of_another_thread] and session() is later
