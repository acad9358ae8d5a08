"""What is worked out already, in this tab or another, is drawn in one run of the page."""

from __future__ import annotations

import pytest
import streamlit as st

from core.catalog import detectors
from core.run import run
from tests.components.conftest import PAGES, Open, linked, planted, shown, sound


@pytest.fixture
def more_runs(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Where a page asked to be drawn once more."""
    asked, rerun = list[str](), st.rerun

    def again() -> None:
        asked.append("again")
        rerun()

    monkeypatch.setattr(st, "rerun", again)
    return asked


def test_a_new_tab_knows_the_flagged_rows_that_another_worked_out(
    open_page: Open, more_runs: list[str]
) -> None:
    data = planted()
    for one in detectors(data):
        run(one, data)
    app = open_page("profile", data)
    told = next(str(caption.value) for caption in app.caption if "flagged" in str(caption.value))
    app.switch_page(PAGES["issues"])
    sound(app.run())
    flagged = next(metric.value for metric in app.metric if metric.label == "Flagged rows")
    assert f"{flagged} rows flagged" in told and int(flagged) > 3
    assert not more_runs


def test_a_link_opens_its_data_before_the_page_is_drawn(more_runs: list[str]) -> None:
    data = planted()
    for one in ("profile", *detectors(data)):
        run(one, data)
    app = linked("profile", data=data.path.parent.name)
    sound(app)
    assert "need attention here" in shown(app) and not more_runs
    assert "is open" not in shown(app) and not app.toast, "the page itself says it"
