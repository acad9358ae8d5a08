"""Where a data set is opened: the page that is to show it comes before the reading, never after it."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from components import open_data, opening
from components.state import Session


class _Turned(Exception):
    """The script ends here and the other page begins."""


def _turn(page: str, query_params: dict[str, str]) -> None:
    assert query_params == {"data": "of before"}, "another query would put a wrong entry into the history"
    raise _Turned(page)


def test_no_page_is_turned_once_the_reading_has_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    """A panel that watches a job asks to be drawn again every moment; what it asked in the name of the page
    before makes Streamlit empty the window, and the app with it.
    """
    now, begun = Session(), []
    fake = SimpleNamespace(
        switch_page=_turn,
        caption=lambda text: None,
        rerun=lambda: begun.append("rerun"),
        query_params=SimpleNamespace(to_dict=lambda: {"data": "of before"}),
    )
    monkeypatch.setattr(opening, "st", fake)
    for module in (open_data, opening):
        monkeypatch.setattr(module, "session", lambda: now)
    monkeypatch.setattr(opening, "take", lambda dataset, request, taken: begun.append(dataset))
    read = SimpleNamespace(dataset="data", taken=None, message="")
    monkeypatch.setattr(
        opening.job_panel, "outcome", lambda label, key, work, ready: begun.append(key) or read
    )
    open_data.ask("houses.csv", Path("houses.csv"))
    with pytest.raises(_Turned, match=opening.AFTER):
        opening.view()
    assert begun == []
    opening.view()
    assert begun == [("opening-1",), "data", "rerun"]
