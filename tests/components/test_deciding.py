"""From a selection to a decision, and back."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as numbers
from streamlit.testing.v1 import AppTest
from streamlit.typing import PlotlyState

from components.figures.outliers import squeezed
from components.state import Session
from components.text import BREAK, plain
from components.views.issues.outliers import reason
from components.views.review import card, evidence
from components.views.review.own_reason import own_reason
from components.widgets.filter_lines import ConditionLine
from components.widgets.layout import CELL, pixels
from core.actions import ACTIONS, statuses
from core.catalog import detectors
from core.dataset import Dataset
from core.decided import as_decided
from core.decision import Decision
from core.decision_words import in_words
from core.export import export, read_recipe
from core.filters import Filter
from core.finding import Finding
from core.outcomes import attempt, audit
from core.places import home
from core.prepare import fixes
from core.report import audit_json
from core.review import Review
from core.rowset import RowSet
from core.run import run
from core.settled import Settled
from core.steps import settle
from core.workspace import load
from core.workspace.store import Store
from tests.components.conftest import (
    PAGES,
    Open,
    insisted,
    keyed,
    planted,
    ready,
    shown,
    sound,
    tick,
    undo_of,
    waited,
)
from tests.components.test_last_copies import decided
from tests.core.test_actions import HOLD
from tests.make import dataset as make_dataset

WHO = "test@example.com"  # whom Streamlit's test runner signs in
FAR = [7, 70, 170]


def stands(app: AppTest) -> Settled:
    now = app.session_state["winnow"]
    return settle(now.review.decisions, now.dataset)


def outliers(open_page: Open) -> AppTest:
    app = open_page("issues", planted())
    group = next(i for i, label in enumerate(app.radio[0].options) if "stand" in label)
    app.radio[0].set_value(group)
    return ready(app)


def test_flagged_rows_are_dropped_in_one_step_and_undone(open_page: Open) -> None:
    app = outliers(open_page)
    keyed(app.toggle, "all-").set_value(True).run()
    app.text_input(key="why-outliers").set_value("not a height")
    waited(app.button(key="drop-outliers").click().run())
    sound(app)
    assert set(FAR) <= set(stands(app).dropped)
    assert app.session_state["winnow"].review.decisions[0].why == "not a height"
    assert "had kept" not in app.session_state["winnow"].notice.text
    assert not [b for b in app.button if b.key == "drop-outliers"], "a decision clears the selection"
    waited(undo_of(app).click().run())
    assert len(stands(app).dropped) == 0
    waited(app.button(key="side-redo").click().run())
    assert set(FAR) <= set(stands(app).dropped)


def test_what_was_done_is_said_on_the_page_of_the_click_alone(open_page: Open) -> None:
    """It stood under the title of the next page, where nothing had been clicked."""

    def said(app: AppTest) -> bool:
        return plain(app.session_state["winnow"].notice.text) in shown(app)

    app = outliers(open_page)
    tick(app, 0)
    waited(app.button(key="drop-outliers").click().run())
    assert said(app) and not app.toast
    for page in ("profile", "review"):
        app.switch_page(PAGES[page])
        ready(app)
        sound(app)
        assert not said(app) and not app.toast
        assert not {"undo-notice", "undo-outliers"} & {b.key for b in app.button}
    app.switch_page(PAGES["issues"])
    assert undo_of(ready(app)).key == "undo-outliers", "where the click was"
    waited(undo_of(app).click().run())
    assert len(stands(app).dropped) == 0
    assert said(app) and not app.toast, "where the answer stood, so that nothing moves"
    waited(app.button(key="redo-outliers").click().run())
    assert len(stands(app).dropped) == 1 and said(app)
    waited(undo_of(app).click().run())
    assert len(stands(app).dropped) == 0


def test_dropping_many_asks_about_those_that_were_kept_and_tells_of_all_dropped(open_page: Open) -> None:
    """They were dropped without a question."""
    app = outliers(open_page)
    tick(app, 0)
    waited(app.button(key="keep-outliers").click().run())
    [kept] = np.flatnonzero(stands(app).status == statuses().index("keep"))
    decided(app, Decision("drop", RowSet([50])))
    keyed(app.toggle, "all-").set_value(True).run()
    waited(app.button(key="drop-outliers").click().run())
    assert any("1 of 4 rows was kept by hand" in one.value for one in app.warning)
    assert kept not in set(stands(app).dropped)
    waited(app.button(key="drop-outliers").click().run())
    sound(app)
    assert kept in (dropped := set(stands(app).dropped)) and 50 in dropped
    told = f"; 1 row that you had kept is among them; {len(dropped)} rows dropped in all."
    assert app.session_state["winnow"].notice.text.endswith(told)


def test_the_button_of_a_finding_leaves_rows_that_were_kept(open_page: Open) -> None:
    """It dropped a row that had just been kept, without a word."""
    app = open_page("issues", planted())
    group = next(i for i, label in enumerate(app.radio[0].options) if "stand" in label)
    ready(app.radio[0].set_value(group))
    [drop] = [one for one in app.button if one.label.startswith("Drop ") and str(one.key).startswith("act-")]
    flagged = int(drop.label.split()[1])
    [table] = [one.value for one in app.dataframe if "Row" in one.value]
    tick(app, table["Row"].tolist().index(70))
    waited(app.button(key="keep-outliers").click().run())
    [drop] = [one for one in app.button if one.label.startswith("Drop ") and str(one.key).startswith("act-")]
    assert drop.label == f"Drop {flagged - 1} rows" and drop.help == "1 row that you kept stays."
    waited(drop.click().run())
    sound(app)
    dropped = list(stands(app).dropped)
    assert len(dropped) == flagged - 1 and 170 in dropped and 70 not in dropped


def test_a_finding_of_which_all_rows_were_kept_says_so(open_page: Open) -> None:
    """Its buttons went without a word."""
    app = open_page("issues", planted())
    group = next(i for i, label in enumerate(app.radio[0].options) if "stand" in label)
    ready(app.radio[0].set_value(group))
    keyed(app.toggle, "all-").set_value(True).run()
    waited(app.button(key="keep-outliers").click().run())
    sound(app)
    assert re.search(r"You kept all \d+ rows of it", shown(app))
    assert not [one for one in app.button if str(one.key).startswith("act-issues")]
    needing = re.search(r"(\d+) findings need attention", shown(app))
    assert needing and "The finding counts until you accept it, too." in shown(app)
    keyed(app.button, "accept-issues").click()
    assert f"{int(needing[1]) - 1} finding" in shown(ready(app)), "it is settled by that"


def repeats(app: AppTest) -> AppTest:
    group = next(i for i, label in enumerate(app.radio[0].options) if "repeat" in label)
    return ready(app.radio[0].set_value(group))


def test_a_row_kept_by_hand_stays_when_repeats_are_dropped(open_page: Open) -> None:
    """Rows 300 and 301 repeat others; the rule took the one that had just been kept."""

    def drops(app: AppTest) -> list[Any]:
        return [one for one in app.button if str(one.label).startswith("Drop ") and "act-" in str(one.key)]

    app = repeats(open_page("issues", planted()))
    assert [one.label for one in drops(app)] == ["Drop 2 rows that repeat another"]
    tick(app, [one.value for one in app.dataframe if "Row" in one.value][0]["Row"].tolist().index(300))
    waited(keyed(app.button, "keep-").click().run())
    [drop] = drops(app)
    assert drop.label == "Drop 1 row that repeats another" and drop.help == "1 row that you kept stays."
    waited(drop.click().run())
    sound(app)
    assert list(stands(app).dropped) == [301]
    assert [one.action for one in app.session_state["winnow"].review.decisions] == [
        "keep",
        "drop_repeats",
        "keep",
    ]
    assert app.session_state["winnow"].notice.text.endswith("; 1 row that you had kept stays.")
    app = repeats(app)
    assert not drops(app) and "You kept its row." in shown(app)
    waited(app.button(key="side-undo").click().run())
    assert len(stands(app).dropped) == 0
    app.switch_page(PAGES["prepare"])
    ready(app)
    app.selectbox(key="prepare-word").set_value("drop_repeats")
    ready(app)
    waited(app.button(key="prepare-take").click().run())
    sound(app)
    assert list(stands(app).dropped) == [301], "a step that is added spares it too"


def test_rows_chosen_in_the_data_as_decided_are_those_rows_of_the_source(open_page: Open) -> None:
    """Rows 0 to 9 are gone: what stands at place 60 and is called row 70 is row 70 of the source."""
    app = open_page("issues", planted())
    app.session_state["winnow"].review = Review().say(Decision("drop", RowSet(range(10))))
    app.session_state["winnow"].store_trouble = "In memory."
    app.session_state["winnow"].turn += 1
    ready(app)
    group = next(i for i, label in enumerate(app.radio[0].options) if "isolated" in label)
    ready(app.radio[0].set_value(group))
    [table] = [one.value for one in app.dataframe if "Row" in one.value]
    assert {70, 170} <= set(table["Row"]) and not {7, 60, 160} & set(table["Row"])
    heights = dict(zip(table["Row"], table["height"], strict=True))
    assert (heights[70], heights[170]) == (950, 980)
    tick(app, table["Row"].tolist().index(70))
    waited(app.button(key="drop-outliers").click().run())
    assert list(stands(app).dropped) == [*range(10), 70]
    keyed(app.text_input, "search-outliers-").set_value("170").run()
    [found] = [one.value for one in app.dataframe if "Row" in one.value]
    assert found["Row"].tolist() == [170] and found["height"].tolist() == [980]


def test_a_number_beyond_the_last_row_is_searched_for_as_text(open_page: Open) -> None:
    app = outliers(open_page)
    keyed(app.text_input, "search-outliers-").set_value("99999").run()
    sound(app)
    assert "No rows here" in shown(app)


def test_a_step_that_another_tab_undid_is_refused_and_saving_goes_on(open_page: Open) -> None:
    data = planted()
    app = open_page("review", data)
    app.segmented_control(key="review-tab").set_value("Bulk").run()
    keyed(app.text_input, "bulk-text-").set_value("height > 900").run()
    keyed(app.toggle, "all-").set_value(True).run()
    waited(keyed(app.button, "drop-bulk-").click().run())
    [user] = Store(home()).users(data.fingerprint)
    app.segmented_control(key="review-tab").set_value("History").run()
    now = app.session_state["winnow"]
    app.session_state[f"history-{data.version}-{now.turn}"] = {
        "selection": {"rows": [0], "columns": [], "cells": []}
    }
    app.run()
    Store(home()).undo(data.fingerprint, user)
    waited(app.button(key="history-switch").click().run())
    assert "undone or unknown" in app.session_state["winnow"].notice.text
    assert app.session_state["winnow"].store_trouble == "" and not len(stands(app).dropped)


@pytest.mark.parametrize("page", ["profile", "overlap", "issues", "review", "export", "load"])
def test_the_switch_holds_for_every_page(page: str, open_page: Open) -> None:
    app = open_page(page, planted())
    assert not [one for one in app.segmented_control if one.key == "as-loaded"]
    app.session_state["winnow"].review = Review().say(
        Decision("drop", RowSet(range(12))), Decision("omit", RowSet(), column="rare")
    )
    app.session_state["winnow"].turn += 1
    ready(app)
    sound(app)
    badge = next(one.value for one in app.sidebar.caption)
    assert "290 rows × 5 columns" in badge.replace("\\", "").replace(BREAK, "")
    assert app.segmented_control(key="as-loaded").value == "As decided"
    waited(app.segmented_control(key="as-loaded").set_value("As loaded").run())
    sound(app)
    badge = next(one.value for one in app.sidebar.caption)
    assert "302 rows × 6 columns" in badge.replace("\\", "").replace(BREAK, "")


def test_a_decision_that_makes_a_problem_is_told_as_new(open_page: Open) -> None:
    data = planted()
    ill = data.frame(["ill"])["ill"]
    app = open_page("profile", data)
    app.session_state["winnow"].review = Review().say(Decision("drop", RowSet(ill.index[ill == "yes"])))
    app.session_state["winnow"].turn += 1
    ready(app)
    options = app.radio[0].options
    assert "1 class of" in options[0] and "is gone" in options[0]
    assert "new with your decisions" in str(app.radio[0].proto)
    assert "resolved" not in shown(app)


def test_a_lasso_counts_every_row_inside_and_nothing_else(open_page: Open) -> None:
    app = outliers(open_page)
    now = app.session_state["winnow"]
    result: Any = run("outliers", now.dataset)
    x, y = squeezed(result.x), squeezed(result.y)
    row, near = 70, 0.01
    corners = {
        "x": [float(x[row]) + d for d in (-near, near, near, -near)],
        "y": [float(y[row]) + d for d in (-near, -near, near, near)],
    }
    app.session_state[f"map-{now.dataset.version}-0"] = PlotlyState(
        {"selection": {"points": [], "point_indices": [], "box": [], "lasso": [corners]}}
    )
    app.run()
    inside = np.flatnonzero((abs(x - x[row]) < near) & (abs(y - y[row]) < near))
    assert f"**{len(inside)} row" in shown(app)
    keyed(app.toggle, "all-").set_value(True).run()
    waited(app.button(key="defer-outliers").click().run())
    assert stands(app).counts()["deferred"] == len(inside)


def test_tile_map_and_list_count_the_same_flagged_rows(open_page: Open) -> None:
    """One row far beyond the limit is flagged; another that chance explains was drawn and counted as flagged,
    too, and stood first among the columns that bring a row to review.
    """
    table = pd.DataFrame(np.random.default_rng(0).normal(size=(3000, 4)), columns=list("abcd"))
    table.loc[5, "b"], table.loc[9] = 40.0, 4.2
    data = make_dataset(table)
    result: Any = run("outliers", data)
    others = np.flatnonzero(result.beyond & (np.arange(3000) != 5))
    assert result.beyond[[5, 9]].all() and result.findings[0].rows.ids.tolist() == [5]
    app = open_page("issues", data)
    app.radio[0].set_value(next(i for i, label in enumerate(app.radio[0].options) if "isolated" in label))
    ready(app)
    assert {one.label: one.value for one in app.metric}["Flagged rows"] == "1"
    names = [trace["name"] for trace in json.loads(app.get("plotly_chart")[0].proto.spec)["data"]]
    assert names[1:] == ["Flagged (1)", f"More beyond the limit ({others.size})"]
    assert listed(app) == [5]
    keyed(app.segmented_control, "way-").set_value("More beyond the limit").run()
    assert sorted(listed(app)) == others.tolist(), "without those that are flagged"
    outcomes = {one.analysis.name: one for one in audit(data, names=["profile", "outliers"])}
    asking = [one for one in result.findings if fixes.asks_for_rows(one)]
    assert card.causes(data, 5, asking, outcomes)[0] == "b"
    assert card.causes(data, 9, asking, outcomes) == []


def listed(app: AppTest) -> list[int]:
    """The rows of the list, by number."""
    [table] = [one.value for one in app.dataframe if "Row" in one.value]
    rows: list[int] = table["Row"].tolist()
    return rows


def test_the_filled_button_under_odd_rows_has_them_looked_at_and_drops_none(open_page: Open) -> None:
    app = open_page("issues", planted())
    app.radio[0].set_value(next(i for i, label in enumerate(app.radio[0].options) if "stand" in label))
    ready(app)
    keyed(app.toggle, "all-").set_value(True).run()
    filled = [str(button.key) for button in app.button if button.proto.type == "primary"]
    assert "open-outliers" in filled, "where they wait already"
    assert app.button(key="drop-outliers").proto.type == "secondary"
    assert not [button.label for button in app.button if button.key in filled and "Drop" in button.label]


def test_ticked_rows_are_those_decided_about(open_page: Open) -> None:
    app = outliers(open_page)
    now = app.session_state["winnow"]
    tick(app, 0, 2)
    order = next(kept for key, kept in now.kept.items() if key[0] == "order")
    waited(app.button(key="keep-outliers").click().run())
    assert list(stands(app).decided) == sorted(order[[0, 2]].tolist())


def test_relabel_and_weight(open_page: Open) -> None:
    app = outliers(open_page)
    keyed(app.toggle, "all-").set_value(True).run()
    app.selectbox(key="relabel-value-outliers").set_value("yes").run()
    waited(app.button(key="relabel-outliers").click().run())
    assert set(FAR) <= set(stands(app).relabelled) and stands(app).values == ("yes",)
    keyed(app.toggle, "all-").set_value(True).run()
    app.number_input(key="weight-value-outliers").set_value(0.25).run()
    waited(app.button(key="weight-outliers").click().run())
    assert stands(app).weight[7] == 0.25


def test_the_queue_goes_row_by_row(open_page: Open) -> None:
    app = open_page("review", planted())
    first = app.session_state["winnow"]
    waited(keyed(app.button, "queue-drop-").click().run())
    waited(keyed(app.button, "queue-keep-").click().run())
    sound(app)
    tally = stands(app).counts()
    assert tally["dropped"] == 1 and tally["kept"] == 1
    waited(keyed(app.button, "queue-label-1-").click().run())
    assert stands(app).counts()["relabelled"] == 1
    waited(app.button(key="queue-undo").click().run())
    assert stands(app).counts()["relabelled"] == 0 and first.turn == 4


def test_a_row_given_the_label_that_it_has_is_kept(open_page: Open) -> None:
    data = planted()
    app = open_page("review", data)
    row = int(keyed(app.button, "queue-drop-").key.rpartition("-")[2])
    label = data.frame()["ill"][row]
    [button] = [one for one in app.button if f"{label} `" in one.label]
    waited(button.click().run())
    tally = stands(app).counts()
    assert (tally["kept"], tally["relabelled"]) == (1, 0)


RENAME = Decision("rename", RowSet(), column="ill", settings={"to": "sick"})


@pytest.mark.parametrize(
    ("past", "pressed", "now"),
    [
        (
            [[Decision("relabel", RowSet([7]), "yes", column="ill")], [Decision("defer", RowSet([7]))]],
            "no",
            "no",
        ),
        (
            [[Decision("relabel", RowSet([7]), "yes", column="ill")], [Decision("defer", RowSet([7]))]],
            "yes",
            "yes",
        ),
        ([[Decision("map", RowSet(), column="ill", settings={"pairs": {"no": "yes"}})]], "no", "no"),
        ([[Decision("map", RowSet(), column="ill", settings={"pairs": {"no": "yes"}})]], "yes", "yes"),
        ([[Decision("blank", RowSet([7]), column="ill")], [Decision("defer", RowSet([7]))]], "no", "no"),
        ([[Decision("defer", RowSet([7]))]], "yes", "yes"),
        ([[RENAME]], "yes", "yes"),
    ],
)
def test_the_label_pressed_is_the_one_exported_whatever_was_decided_before(
    open_page: Open, past: list[list[Decision]], pressed: str, now: str
) -> None:
    """Row 7 has ``no`` as loaded."""
    data = planted()
    for batch in past:
        before = Store(home()).say(data.fingerprint, WHO, *batch)
    app = open_page("review", data)
    app.session_state["winnow"].review, app.session_state["winnow"].turn = before, 1
    ready(app)
    assert keyed(app.button, "queue-drop-").key == "queue-drop-7" and data.frame()["ill"][7] == "no"
    had = as_decided(data, before).frame([called(data, before)])[called(data, before)][7]
    [button] = [one for one in app.button if f"{pressed} `" in one.label]
    waited(button.click().run())
    sound(app)
    review = app.session_state["winnow"].review
    assert as_decided(data, review).frame()[called(data, review)][7] == now
    settled = stands(app)
    assert not settled.passed and 7 not in settled.deferred and 7 in settled.decided
    tally = settled.counts()
    assert tally["kept"] + tally["relabelled"] == 1
    last = [one.action for one in review.batches[-1]]
    sent = past[-1][0].action == "defer"
    assert last == (["keep"] if had == now else ["relabel", "keep"] if sent else ["relabel"])
    assert keyed(app.button, "queue-drop-").key != "queue-drop-7"
    waited(app.button(key="queue-undo").click().run())
    assert keyed(app.button, "queue-drop-").key == "queue-drop-7"


def called(data: Dataset, review: Review) -> str:
    return settle(review.decisions, data).called("ill") or ""


def test_undo_goes_back_to_the_row_that_it_was_about(open_page: Open) -> None:
    app = open_page("review", planted())
    row = keyed(app.button, "queue-drop-").key
    waited(keyed(app.button, "queue-drop-").click().run())
    waited(app.button(key="queue-next").click().run())
    assert keyed(app.button, "queue-drop-").key != row
    waited(app.button(key="queue-undo").click().run())
    assert keyed(app.button, "queue-drop-").key == row


def test_an_action_of_the_table_has_its_key_and_its_buttons(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ACTIONS, "hold", HOLD)
    app = open_page("review", planted())
    assert keyed(app.button, "queue-hold-").label == "Hold back `H`" and "**H** hold back" in shown(app)
    press(app, "H")
    assert (
        re.search(r"Held row \d+ back", shown(app))
        and stands(app).counts()["held"] == metric(app, "Held back") == 1
    )
    app.segmented_control(key="review-tab").set_value("History").run()
    assert re.fullmatch(r"Held row \d+ back", *app.dataframe[0].value["What"])
    app.switch_page("pages/clean/issues.py")
    ready(app)
    app.radio[0].set_value(next(i for i, label in enumerate(app.radio[0].options) if "stand" in label)).run()
    keyed(app.toggle, "all-").set_value(True).run()
    assert [button.label for button in app.button if str(button.key).startswith("hold-")] == ["Hold back"]


def press(app: AppTest, keys: str) -> None:
    """Hand on these keys as the page's script does when they came faster than the page was drawn."""
    from components.views.review import queue

    heard: list[str] = []
    original = queue.key_presses.listen

    def listen(key: str, known: Any, hear: Any) -> None:
        if not heard:
            heard.extend(keys)
            for key_pressed in keys:
                hear(key_pressed)

    queue.key_presses.listen = listen  # type: ignore[assignment]
    try:
        app.run()
    finally:
        queue.key_presses.listen = original
    app.run()
    sound(app)


def test_keys_pressed_at_once_are_about_one_row_after_the_other(open_page: Open) -> None:
    app = open_page("review", planted())
    press(app, "KKDKK")
    decided = app.session_state["winnow"].review.decisions
    assert [decision.action for decision in decided] == ["keep", "keep", "drop", "keep", "keep"]
    assert len({tuple(decision.rows) for decision in decided}) == 5
    press(app, "UUS1")
    tally = stands(app).counts()
    assert tally["kept"] == 2 and tally["dropped"] == 1 and tally["relabelled"] == 1


def test_the_browser_is_heard_once_and_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    from components.widgets import key_presses

    now = Session()
    monkeypatch.setattr(key_presses, "session", lambda: now)
    presses = [[12, "D"], [11, "K"]]
    state: dict[str, Any] = {"presses": presses}
    monkeypatch.setattr(key_presses, "value", lambda key: state)
    heard: list[str] = []
    assert key_presses.hand_on("q", heard.append) and heard == ["K", "D"]
    assert not key_presses.hand_on("q", heard.append)
    state["presses"] = [*presses, [13, "K"]]
    assert key_presses.hand_on("q", heard.append) and heard == ["K", "D", "K"]
    for nonsense in (None, {}, {"presses": 5}, {"presses": [[1], ["x", "y"], [14, 5], None]}):
        assert key_presses.fresh(nonsense, 0) == []


def test_presses_about_the_rows_of_before_are_not_heard_again(monkeypatch: pytest.MonkeyPatch) -> None:
    from types import SimpleNamespace

    from components import state
    from components.widgets import key_presses

    monkeypatch.setattr(state, "st", SimpleNamespace(session_state={}))
    monkeypatch.setattr(key_presses, "value", lambda key: {"presses": [[7, "D"]]})
    heard: list[str] = []
    assert key_presses.hand_on("q", heard.append)
    state.leave()
    assert not key_presses.hand_on("q", heard.append) and heard == ["D"]


def test_a_press_that_ends_the_run_of_the_one_before_it_loses_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streamlit ends a run at any look at the session's state, within a callback too."""
    from components.widgets import key_presses

    class Ended(BaseException):
        pass

    now, done, ends = Session(), [], iter([None, "before", None, "after", None, None])
    monkeypatch.setattr(key_presses, "session", lambda: now)
    monkeypatch.setattr(key_presses, "value", lambda key: {"presses": [[i, str(i)] for i in range(1, 5)]})

    def heard(name: str) -> None:
        end = next(ends)
        if end == "before":
            raise Ended
        done.append(name)
        now.turn += 1
        if end == "after":
            raise Ended

    for _ in range(2):
        with pytest.raises(Ended):
            key_presses.hand_on("q", heard)
    assert key_presses.hand_on("q", heard) and not key_presses.hand_on("q", heard)
    assert done == ["1", "2", "3", "4"]


def test_a_digit_that_is_a_label_writes_that_label(open_page: Open) -> None:
    frame = planted().frame()
    frame["ill"] = (frame["ill"] == "yes").astype(int)
    app = open_page("review", load(frame, name="people.csv", target="ill"))
    labels = {b.label for b in app.button if str(b.key).startswith("queue-label-")}
    assert labels == {"0 `0`", "1 `1`"}
    press(app, "1")
    assert stands(app).values == ("1",)
    press(app, "0")
    now = app.session_state["winnow"]
    assert [decision.value for decision in now.review.decisions] == ["1", "0"]
    press(app, "5")
    assert app.session_state["winnow"].notice.text == "No label has the key 5. The keys are 0 (0) and 1 (1)."
    assert len(app.session_state["winnow"].review.decisions) == 2


def test_a_reason_belongs_to_one_row(open_page: Open) -> None:
    app = open_page("review", planted())
    keyed(app.text_input, "queue-why-").set_value("a slip")
    waited(keyed(app.button, "queue-drop-").click().run())
    assert keyed(app.text_input, "queue-why-").value == ""
    card = [one.value.replace("\\", "") for one in app.caption]
    waited(keyed(app.button, "queue-keep-").click().run())
    typed, read_there = (decision.why for decision in app.session_state["winnow"].review.decisions)
    assert typed == "a slip" and read_there.startswith("Stands out: ")
    assert read_there.removeprefix("Stands out: ") in card, "what the card said of the row, as it stood then"


def test_the_reason_of_a_decision_is_what_was_found_for_the_row(open_page: Open) -> None:
    """The file of dropped rows had the sentence of the finding, the same for all of its rows."""
    data = planted()
    outcomes = {one.analysis.name: one for one in audit(data, names=["duplicates", "nearduplicates"])}
    [copies] = [one for one in outcomes["duplicates"].findings if one.code == "duplicate_rows"]
    assert own_reason(data, 301, copies, outcomes) == "Repeats row 21"
    assert own_reason(data, 301, copies, {}) == copies.title, "where no more is known"


def test_what_makes_a_wide_row_odd_stands_on_top(open_page: Open) -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(300, 60)), columns=[f"c{i}" for i in range(60)])
    frame.loc[5, ["c41", "c57"]] = 40.0
    app = open_page("review", load(frame, name="wide.csv"))
    table = app.dataframe[0].value
    assert "##### Row 5" in shown(app) and set(table["Column"][:2]) == {"c41", "c57"}
    assert table[""].tolist()[:2] == ["●", "●"] and len(table) == 60


def test_only_the_columns_in_which_a_row_is_odd_are_marked(open_page: Open) -> None:
    """One finding about eight columns names rows of all of them; each row is odd in one."""
    draw = np.random.default_rng(1)
    frame = pd.DataFrame({f"c{i}": np.round(draw.normal(50, 3, 500), 1) for i in range(8)})
    for i in range(8):
        frame.loc[10 * i : 10 * i + 2, f"c{i}"] = 9_999.0
    data = load(frame, name="many.csv")
    outcomes = {name: attempt(name, data) for name in ("profile", "duplicates")}
    (finding,) = [f for f in outcomes["profile"].findings if f.code == "disguised_missing"]
    assert len(finding.columns) == 8 and len(finding.rows) == 24
    for i in range(8):
        assert card.causes(data, 10 * i + 1, [finding], outcomes) == [f"c{i}"]
    aside = replace(finding, code="duplicate_but_identifier", columns=("c0", "c1"))
    assert card.causes(data, 1, [aside], outcomes) == [], "what it leaves aside is not what is odd"


def test_a_repeated_row_stands_beside_the_row_that_it_repeats(open_page: Open) -> None:
    app = open_page("review", planted())
    now = app.session_state["winnow"]
    for _ in range(20):
        if "##### Row 300" in shown(app):
            break
        waited(app.button(key="queue-skip").click().run())
    table = app.dataframe[0].value
    pairs = [pair for pair in zip(table["Value"], table["Row 20"], strict=True) if "…" not in "".join(pair)]
    assert len(pairs) > 2 and all(own == other for own, other in pairs) and now.dataset.rows == 302


def test_conflicting_labels_stand_beside_each_other_with_the_target_on_top(open_page: Open) -> None:
    frame = planted().frame().iloc[:300]
    frame = pd.concat(
        [frame, frame.iloc[[40]].assign(ill=lambda one: one["ill"].map({"no": "yes", "yes": "no"}))]
    )
    app = open_page("review", load(frame, name="people.csv", target="ill"))
    for _ in range(20):
        if "##### Row 40" in shown(app):
            break
        waited(app.button(key="queue-skip").click().run())
    table = app.dataframe[0].value
    assert table["Column"].iloc[0] == "ill" and table["Value"].iloc[0] != table["Row 300"].iloc[0]
    assert table["Value"].tolist()[1:] == table["Row 300"].tolist()[1:]


def test_counts_agree_wherever_they_stand_and_whatever_was_looked_at(open_page: Open) -> None:
    data = planted()
    app = open_page("issues", data)
    verdict, flagged = (
        next(m.value for m in app.markdown if "listed here" in m.value),
        metric(app, "Flagged rows"),
    )
    assert verdict.endswith(f" {flagged} flagged rows are undecided.")
    assert verdict.count("finding") == 1, "one count of findings; what is left to decide is counted in rows"
    now = app.session_state["winnow"]
    asking = fixes.flagged([f for f, _ in issues_of(now)], ())
    assert len(asking) == flagged > 3
    for page, tab in (("explore/profile", "Missing"), ("explore/profile", "Leakage")):
        app.switch_page(f"pages/{page}.py")
        ready(app)
        app.segmented_control(key="profile-tab").set_value(tab)
        ready(app)
        assert f"{flagged} rows flagged" in shown(app)
    app.switch_page("pages/clean/issues.py")
    ready(app)
    again = next(m.value for m in app.markdown if "listed here" in m.value)
    assert about(verdict) == about(again), "of all findings, more may be known by now"
    assert verdict.partition(". ")[2] == again.partition(". ")[2]
    app.switch_page("pages/clean/review.py")
    ready(app)
    assert f"0 of {flagged} decided" in next(iter(app.get("progress"))).proto.text
    report = audit_json(data, audit(data), 0.0)
    assert report["summary"]["flagged_rows"] == flagged
    assert len({finding["key"] for finding in report["findings"]}) == len(report["findings"])


def issues_of(now: Session) -> list[Any]:
    (found,) = (what for label, (_, what) in now.outcomes.items() if "outliers" in label)
    return [(f, name) for name, outcome in found.items() for f in outcome.findings]


def test_the_badge_is_there_on_the_first_look(open_page: Open) -> None:
    app = open_page("issues", planted())
    assert f"{metric(app, 'Flagged rows')} rows flagged  \n0 rows changed or kept" in shown(app)


def test_the_finding_chosen_stays_chosen_when_it_is_accepted(open_page: Open) -> None:
    app = outliers(open_page)
    waited(keyed(app.button, "accept-issues-").click().run())
    assert app.radio[0].options[app.radio[0].value].startswith(":gray[")
    waited(keyed(app.button, "reopen-").click().run())
    assert "stand" in app.radio[0].options[app.radio[0].value]


def test_the_answer_stands_where_the_click_was(open_page: Open) -> None:
    app = outliers(open_page)
    keyed(app.toggle, "all-").set_value(True).run()
    waited(app.button(key="drop-outliers").click().run())
    waited(app.button(key="undo-resolved").click().run())
    assert len(stands(app).dropped) == 0
    waited(keyed(app.button, "act-issues-").click().run())
    assert len(stands(app).dropped) > 0
    waited(app.button(key="undo-resolved").click().run())
    assert len(stands(app).dropped) == 0
    app.session_state["winnow"].as_loaded = True
    waited(keyed(app.button, "act-issues-").click().run())
    assert len(stands(app).dropped) > 0
    waited(keyed(app.button, "undo-act-issues-").click().run())
    assert len(stands(app).dropped) == 0


def test_equal_columns_are_listed_and_left_out_at_one_click(open_page: Open) -> None:
    frame = planted().frame()
    frame["height again"] = frame["height"]
    app = open_page("issues", load(frame, name="people.csv", target="ill"))
    labels = app.radio[0].options
    app.radio[0].set_value(next(i for i, label in enumerate(labels) if "height again" in label)).run()
    waited(keyed(app.button, "act-issues-").click().run())
    sound(app)
    assert stands(app).omitted == ("height again",)


def test_bulk_and_history(open_page: Open) -> None:
    app = open_page("review", planted())
    app.segmented_control(key="review-tab").set_value("Bulk").run()
    keyed(app.selectbox, "bulk-column-").set_value("height").run()
    keyed(app.selectbox, "bulk-op-").set_value("is above").run()
    keyed(app.text_input, "bulk-value-").set_value("nine").run()
    assert "and 'nine' is text" in shown(app).replace("\\", "") and not app.toggle
    keyed(app.text_input, "bulk-value-").set_value("900").run()
    keyed(app.toggle, "all-").set_value(True).run()
    waited(keyed(app.button, "drop-bulk-").click().run())
    sound(app)
    assert list(stands(app).dropped) == FAR
    app.segmented_control(key="review-tab").set_value("History").run()
    told = app.dataframe[0].value
    assert told["What"].tolist() == ["Dropped rows where 'height' is above 900"]
    assert told["State"].tolist() == ["in force"]
    waited(app.button(key="undo-all").click().run())
    assert len(stands(app).dropped) == 0


def test_a_step_of_the_history_is_switched_off_and_on_alone(open_page: Open) -> None:
    app = open_page("review", planted())
    now = app.session_state["winnow"]
    now.store_trouble, now.turn = "In memory.", 1
    now.review = (
        Review().say(Decision("drop", RowSet([3, 9]))).say(Decision("blank", RowSet([5]), column="age"))
    )
    app.segmented_control(key="review-tab").set_value("History").run()

    def tick(line: int) -> None:
        key = f"history-{now.dataset.version}-{app.session_state['winnow'].turn}"
        app.session_state[key] = {"selection": {"rows": [line], "columns": [], "cells": []}}
        app.run()

    tick(1)
    assert [one.value["Row"].tolist() for one in app.dataframe if "Row" in one.value] == [[3, 9]]
    waited(app.button(key="history-switch").click().run())
    sound(app)
    assert len(stands(app).dropped) == 0 and list(stands(app).blanked) == [5]
    assert app.dataframe[0].value["State"].tolist() == ["in force", "off"]
    assert "dropped 2 rows" in shown(app)
    waited(undo_of(app).click().run())
    assert list(stands(app).dropped) == [3, 9]
    waited(app.button(key="side-redo").click().run())
    tick(1)
    assert app.button(key="history-switch").label == "Switch on"
    waited(app.button(key="history-switch").click().run())
    assert list(stands(app).dropped) == [3, 9] and list(stands(app).blanked) == [5]


def test_the_history_says_why_by_the_title_of_a_finding_and_in_full_once_ticked(open_page: Open) -> None:
    """The kind of finding stood beyond the edge of the page, and a longer reason was cut."""
    app = open_page("profile", planted())
    now = app.session_state["winnow"]
    finding = run("profile", now.dataset).findings[0]
    reasoned = "seen by " + "nobody, " * 40 + "ever"
    now.store_trouble, now.turn = "In memory.", 1
    kept, dropped = Decision("keep", RowSet([4]), finding=finding.key), Decision("drop", RowSet([3]))
    now.review = Review().say(kept).say(replace(dropped, why=reasoned))
    app.switch_page(PAGES["review"])
    ready(app)
    app.segmented_control(key="review-tab").set_value("History").run()
    told = app.dataframe[0].value
    assert told.columns.tolist() == ["Step", "State", "When (UTC)", "Who", "What", "Why"]
    ends = [one.endswith(" …") for one in told["Why"]]
    assert ends[0] and all(
        whole.startswith(seen.removesuffix(" …")) and (seen == whole or end)
        for seen, whole, end in zip(told["Why"], (reasoned, finding.title), ends, strict=True)
    )
    assert plain(reasoned, 1_000) not in shown(app)
    key = f"history-{now.dataset.version}-{app.session_state['winnow'].turn}"
    app.session_state[key] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    app.run()
    sound(app)
    assert plain(reasoned, 1_000) in shown(app)


def test_the_history_keeps_what_a_finding_said_when_its_rows_were_decided(open_page: Open) -> None:
    """Of rows that were ticked in a list without a reason it gave what the finding said as loaded."""
    app = outliers(open_page)
    said = []
    for _ in range(2):  # of the data as loaded, then of those as decided
        said.append(next(f.title for f in run("outliers", of_page(app)).findings if f.code == "outliers"))
        tick(app, 0)
        waited(app.button(key="drop-outliers").click().run())
    assert said[0] != said[1]
    tick(app, 0)
    app.text_input(key="why-outliers").set_value(" a slip ")
    waited(app.button(key="keep-outliers").click().run())
    assert [one.why for one in app.session_state["winnow"].review.decisions] == [*said, "a slip"]
    app.switch_page(PAGES["review"])
    ready(app)
    keyed(app.segmented_control, "review-tab").set_value("History").run()
    told = [one.removesuffix(" (outliers)") for one in app.dataframe[0].value["Why"]]
    whole = ["a slip", *reversed(said)]
    assert all(text.startswith(one.removesuffix(" …")) for one, text in zip(told, whole, strict=True))


def of_page(app: AppTest) -> Dataset:
    """The data as decided, which the page shows."""
    now = app.session_state["winnow"]
    return as_decided(now.dataset, now.review)


def test_the_history_counts_steps_as_the_side_does_and_numbers_them_as_prepare(open_page: Open) -> None:
    """Five lines stood beside "4 steps"."""
    app = open_page("review", planted())
    now = app.session_state["winnow"]
    now.store_trouble, now.turn = "In memory.", 1
    drops = [Decision("drop", RowSet([row])) for row in (3, 4, 5, 6)]
    now.review = Review().say(drops[0]).say(Decision("keep", RowSet([9]))).say(drops[1]).say(drops[2])
    now.review = now.review.say(drops[3]).switch(2, on=False)
    app.segmented_control(key="review-tab").set_value("History").run()
    assert app.dataframe[0].value["Step"].fillna(0).tolist() == [3, 2, 0, 0, 1]
    told = shown(app).replace("\\", "")
    assert "3 steps, 1 switched off, and 1 other decision, which changes no data." in told
    assert now.review.steps_in_words == "3 steps, 1 switched off" in told


def test_the_history_keeps_what_a_finding_said_when_it_was_accepted(open_page: Open) -> None:
    """It had the title of now, and had it a second time as the reason."""
    app = open_page("issues", planted())
    waited(keyed(app.button, "accept-").click().run())
    now = app.session_state["winnow"]
    [said] = now.review.decisions
    title = said.settings["title"]
    assert title in {one.title for name in detectors(now.dataset) for one in run(name, now.dataset).findings}
    then = replace(said, settings={"title": "9 rows stood out"}, why="known")
    now.review = Review().say(said).say(then).say(replace(said, settings={}))
    now.store_trouble, now.turn = "In memory.", now.turn + 1
    app.switch_page(PAGES["review"])
    ready(app)
    keyed(app.segmented_control, "review-tab").set_value("History").run()
    told = app.dataframe[0].value
    assert told["What"].tolist() == [in_words((said,)), "Accepted: 9 rows stood out", f"Accepted: {title}"]
    assert told["Why"].tolist() == ["", "known", ""]
    assert "Accepted: 9 rows stood out" not in shown(app).replace("\\", "")
    key = f"history-{now.dataset.version}-{app.session_state['winnow'].turn}"
    app.session_state[key] = {"selection": {"rows": [1], "columns": [], "cells": []}}
    app.run()
    sound(app)
    assert "Accepted: 9 rows stood out" in shown(app).replace("\\", ""), "in full once ticked"


EXACT = {
    "beyond 64 bits": (["9223372036854775807", "9223372036854775808", "18446744073709551615"], [2]),
    "whole": ([2**53, 2**53 + 1, 2**53 + 2], [2]),
    "decimal": (["0.1", "0.10000000000000000001", "0.10000000000000000002"], [2]),
    "float": ([0.1, 0.25, 0.5], [2]),
}
BOUND = {
    "beyond 64 bits": "9223372036854775808",
    "whole": str(2**53 + 1),
    "decimal": "0.10000000000000000001",
    "float": "0.25",
}


@pytest.mark.parametrize("column", EXACT)
def test_bulk_compares_numbers_of_every_type_to_the_last_digit(column: str, open_page: Open) -> None:
    values, rows = EXACT[column]
    frame = pd.DataFrame({"town": ["Ghent", "Lyon", "Turin"] * 4, column: values * 4})
    app = open_page("review", load(frame, name="exact.csv"))
    app.segmented_control(key="review-tab").set_value("Bulk").run()
    assert "is above" not in keyed(app.selectbox, "bulk-op-").options
    keyed(app.selectbox, "bulk-column-").set_value(column).run()
    keyed(app.selectbox, "bulk-op-").set_value("is above").run()
    keyed(app.text_input, "bulk-value-").set_value(BOUND[column]).run()
    keyed(app.toggle, "all-").set_value(True).run()
    insisted(app, "drop-bulk-")
    sound(app)
    assert list(stands(app).dropped) == [row + 3 * turn for turn in range(4) for row in rows]


def test_bulk_finds_the_rows_of_every_value_that_it_offers(open_page: Open) -> None:
    """Floats, booleans and days are offered as they are shown; each must name its rows."""
    frame = pd.DataFrame(
        {
            "size": [5.0, 0.5] * 6,
            "open": [True, False] * 6,
            "day": pd.to_datetime(["2020-01-01 00:00:00", "2021-05-06 07:08:09"] * 6),
            "floor": [1, -2] * 6,
        }
    )
    app = open_page("review", load(frame, name="typed.csv"))
    app.segmented_control(key="review-tab").set_value("Bulk").run()
    for column in frame:
        keyed(app.selectbox, "bulk-column-").set_value(column).run()
        offered = keyed(app.selectbox, "bulk-value-").options
        assert len(offered) == 2, column
        for value in offered:
            keyed(app.selectbox, "bulk-value-").set_value(value).run()
            assert keyed(app.toggle, "all-").label == "Select all 6 rows", (column, value)


def test_years_and_identifiers_stand_without_separators_and_amounts_alike_on_one_card() -> None:
    draw = np.random.default_rng(5)
    frame = pd.DataFrame(
        {
            "year": [20211, *draw.integers(1990, 2022, 199)],
            "ticket": draw.permutation(np.arange(50_000, 50_200)),
            "cost": [7_043_545.25, *draw.lognormal(8, 1, 199).round(2)],
        }
    )
    data = make_dataset(frame, id="ticket")
    outcomes = {one.analysis.name: one for one in audit(data, names=["profile", "outliers"])}
    table = card.facts(data, 0, [], 1, outcomes)
    assert table["Value"][["year", "ticket", "cost"]].tolist() == [
        "20211",
        str(frame["ticket"][0]),
        "7,043,545.25",
    ]
    year, cost = frame["year"][1], frame["cost"][1]
    assert table["Row 1"][["year", "cost"]].tolist() == [str(year), f"{cost:,}"]
    assert re.fullmatch(r"199\d to 20\d\d", table[card.USUAL]["year"])
    assert re.fullmatch(r"[\d.]+ to \d\d,\d{3}", table[card.USUAL]["cost"])
    assert "cost 7,043,545 (quartiles" in reason(data, outcomes["outliers"].result, 0)
    near = evidence.side_by_side(data, 0, np.array([1, 2]), np.zeros(2), outcomes).set_index("Column")
    assert near["Row 0"][["year", "ticket", "cost"]].tolist() == [
        "20211",
        str(frame["ticket"][0]),
        "7,043,545",
    ]


def test_a_name_that_a_card_cuts_is_read_to_its_end_and_stays_apart() -> None:
    names = ["temperature_of_the_sea_min", "temperature_of_the_sea_max", "short"]
    data = load(pd.DataFrame({name: np.arange(60.0) for name in names}), name="names.csv")
    outcomes = dict(zip(["profile"], audit(data, names=["profile"]), strict=True))
    table = card.facts(data, 0, [], None, outcomes)
    shown_as = table["Column"].tolist()
    assert len(set(shown_as)) == 3 and shown_as[0].endswith("min")
    assert max(map(pixels, shown_as)) + CELL <= card.NAME
    whole = plain("Names in full: temperature_of_the_sea_min, temperature_of_the_sea_max.")
    assert card.cut_names(table) == whole
    table["Value"] = "a value longer than a cell, and than what the usual values leave"
    assert not card.cut_names(table) and plain(names[1]) in card.cut_values(table), "said there"


def test_what_the_card_shows_of_a_number_finds_its_row_in_bulk(open_page: Open) -> None:
    """Numbers that agree in 15 digits are shown apart, where they are marked as different; whole and huge
    ones, too."""
    odd = [0.3, 0.1 + 0.2, 12345678901234567.0, 12345678901234570.0, 7.0, -1e-300, 1 / 3, 7043545.0]
    data = load(pd.DataFrame({"size": odd + (np.arange(60) + 1000.5).tolist()}), name="digits.csv")
    outcomes = dict(zip(["profile"], audit(data, names=["profile"]), strict=True))
    cards = [card.facts(data, row, [], None, outcomes)["Value"].tolist() for row in range(len(odd))]
    assert cards[0] == ["0.3"] and cards[1] == ["0.30000000000000004"] and cards[4] == ["7"]
    assert cards[-1] == ["7,043,545"], "as its reason has it"
    both = card.facts(data, 0, [], 1, outcomes)
    assert both[""].tolist() == [card.DIFFERENT] and both["Value"].tolist() != both["Row 1"].tolist()
    app = open_page("review", data)
    app.segmented_control(key="review-tab").set_value("Bulk").run()
    for row, (value,) in enumerate(cards):
        asked = ConditionLine(0, "size", "number", "is", (value,)).text
        assert Filter.parse(asked).rows(data).ids.tolist() == [row], value
    keyed(app.text_input, "bulk-value-").set_value(cards[1][0]).run()
    keyed(app.toggle, "all-").set_value(True).run()
    waited(keyed(app.button, "drop-bulk-").click().run())
    sound(app)
    assert list(stands(app).dropped) == [1]


def test_the_card_marks_what_differs_from_the_partner_where_a_reason_names_it_too() -> None:
    """Beside "food" against "plants" stood the sign of the reason alone."""
    frame = pd.DataFrame({"label": ["food", "plants"] * 20, "size": [1.0, 2.0] * 20, "same": [3.0] * 40})
    data = make_dataset(frame)
    outcomes = dict(zip(["profile"], audit(data, names=["profile"]), strict=True))
    table = card.facts(data, 0, ["label", "same"], 1, outcomes)
    assert table[""].to_dict() == {"label": "●≠", "same": "●", "size": "≠"}
    assert pixels("●≠") + CELL <= card.widths(table)[""]["width"]
    assert set(card.facts(data, 0, ["label"], None, outcomes)[""]) == {"●", ""}


def test_what_the_card_cuts_is_written_out_and_nothing_else() -> None:
    """ "Effect Amount of dam" was cut off at the edge, and values that fit stood below once more."""
    data = make_dataset(
        pd.DataFrame(
            {
                "Effect Amount of damage": ["Substantial", "None"] * 20,
                "Aircraft Airline Operator and Owner": ["little limit fit", "None"] * 20,
                "Airport": ["AUSTIN-BERGSTROM INTL", "x"] * 20,
            }
        )
    )
    outcomes = dict(zip(["profile"], audit(data, names=["profile"]), strict=True))
    table = card.facts(data, 0, [], None, outcomes)
    assert table["Column"].tolist()[::2] == ["Effect Amount of damage", "Airport"]
    assert re.fullmatch(r"Aircraft Airl.*….*Owner", table["Column"].iloc[1])
    assert card.cut_values(table).replace("\\", "") == "**Airport** AUSTIN-BERGSTROM INTL"
    assert card._cut(table)["Value"].tolist() == ["Substantial", "little limit fit", "AUSTIN-B… INTL"]
    table[card.USUAL] = "short"
    wide = {name: config["width"] for name, config in card.widths(table).items()}
    assert pixels("AUSTIN-BERGSTROM INTL") + CELL <= wide["Value"] and sum(wide.values()) <= card.CARD
    assert not card.cut_values(table), "where the usual values leave room, a value is seen whole"
    assert card.cut_names(table).replace("\\", "") == "Names in full: Aircraft Airline Operator and Owner."
    assert all(pixels(name) + CELL <= card.widths(table)["Column"]["width"] for name in table["Column"])


def test_usual_values_end_in_whole_ones_and_are_written_out_where_the_table_cuts_them() -> None:
    """The text ended within a word at the edge of the table."""
    words = ["overcast and windy", "clear to partly cloud", "rain with thunder"]
    data = make_dataset(pd.DataFrame({"sky": words * 20, "short": ["a", "b", "c"] * 20}))
    outcomes = dict(zip(["profile"], audit(data, names=["profile"]), strict=True))
    whole = card.facts(data, 0, [], None, outcomes)
    told = dict(zip(whole.index, card._fitting_usual(whole), strict=True))
    assert told["short"] == whole[card.USUAL]["short"] == "a (33.3%), b (33.3%), c (33.3%)"
    assert told["sky"].endswith("%), …") and whole[card.USUAL]["sky"].startswith(told["sky"][:-3])
    shown = whole.assign(**{card.USUAL: list(told.values())})
    given = {name: config["width"] for name, config in card.widths(shown).items()}
    assert pixels(told["sky"]) + CELL <= given[card.USUAL] and sum(given.values()) <= card.CARD
    said = card.cut_usual(whole).replace("\\", "")
    assert said == f"Usual values in full: **sky** {whole[card.USUAL]['sky']}"


def test_a_missing_value_of_a_near_row_is_seen_as_one() -> None:
    """A lone sign stood there."""
    frame = pd.DataFrame({"x": np.arange(60.0), "y": ["a", "b"] * 30})
    frame.loc[1, "x"] = np.nan
    data = make_dataset(frame)
    near = evidence.side_by_side(data, 0, np.array([1, 2]), np.zeros(2), {}).set_index("Column")
    assert near["Row 1"]["x"] == "≠ –" and near["Row 0"]["x"] == "0"


def test_a_card_of_short_values_is_seen_whole_on_a_narrow_page() -> None:
    names, page = ["sea_level_pressure", "temperature"], 408  # pixels inside the card at a width of 900
    table = pd.DataFrame(
        {"": ["●", ""], "Column": names, "Value": ["5503.8", "62.1"], card.USUAL: ["1,004 to 1,030"] * 2}
    )
    given = {name: config["width"] for name, config in card.widths(table).items()}
    assert given[card.USUAL] >= pixels("1,004 to 1,030") + CELL
    assert 35 + sum(given.values()) <= page
    assert given["Column"] >= 8 * len("temperature") + 18


@given(one=numbers.floats(allow_nan=False), other=numbers.floats(allow_nan=False))
@example(one=0.3, other=0.1 + 0.2)
@example(one=12345678901234567.0, other=12345678901234570.0)
def test_conditions_on_two_numbers_read_differently(one: float, other: float) -> None:
    texts = [
        Filter.from_json({"column": "size", "op": "below", "value": bound}).words for bound in (one, other)
    ]
    assert (texts[0] == texts[1]) == (repr(one) == repr(other))


def test_only_the_digits_of_the_keyboard_are_keys(open_page: Open) -> None:
    frame = planted().frame()
    frame["ill"] = np.where(frame["ill"] == "yes", "٣", "²")
    app = open_page("review", load(frame, name="people.csv", target="ill"))
    sound(app)
    keys = {str(b.key).split("-")[2] for b in app.button if str(b.key).startswith("queue-label-")}
    assert keys == {"1", "2"}


def test_a_search_for_a_sign_that_only_looks_like_a_digit_finds_no_row(open_page: Open) -> None:
    app = outliers(open_page)
    keyed(app.text_input, "search-outliers-").set_value("²").run()
    sound(app)
    assert "No rows here." in shown(app)


def test_an_accepted_finding_stays_listed_and_no_longer_counts(open_page: Open) -> None:
    app = open_page("issues", planted())
    labels, verdict, flagged = list(app.radio[0].options), about_rows(app), metric(app, "Flagged rows")
    app.radio[0].set_value(next(i for i, label in enumerate(labels) if "stand" in label)).run()
    keyed(app.text_input, "accept-why-issues-").set_value("giants").run()
    waited(keyed(app.button, "accept-issues-").click().run())
    sound(app)
    assert len(app.radio[0].options) == len(labels) and app.radio[0].options[-1].startswith(":gray[")
    assert about_rows(app) == verdict - 1 and metric(app, "Flagged rows") < flagged
    app.radio[0].set_value(len(labels) - 1).run()
    assert "giants" in shown(app) and not [
        b for b in app.button if str(b.key).startswith(("accept-", "act-"))
    ]
    waited(keyed(app.button, "reopen-").click().run())
    sound(app)
    assert about_rows(app) == verdict and app.radio[0].options == labels


def about_rows(app: AppTest) -> int:
    return about(next(m.value for m in app.markdown if "listed here" in m.value))


def about(verdict: str) -> int:
    """How many of the findings listed a verdict of the issues page counts."""
    every, here = verdict.removeprefix("#### ").split(", ", 1)
    return int((every if here.startswith(("all ", "listed ")) else here).split()[0])


FIXES = {
    "omit": {"columns": ("rare",)},
    "blank": {"columns": ("height",), "rows": RowSet(FAR)},
    "merge": {"columns": ("town",), "rows": RowSet([3]), "settings": {"method": "spelling"}},
    "drop": {"rows": RowSet(FAR)},
}


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> Open:
    """A data set in which loading found one thing to be mended so."""

    def work(action: str, **where: Any) -> Dataset:
        finding = Finding(
            "planted", "A planted trouble", "critical", 1.0, "", "", action=action, fix="data = data", **where
        )  # type: ignore[arg-type]
        frame = planted().frame()
        frame.loc[3, "town"], frame["code"] = "Lyon ", "7"
        data = load(frame, name="people.csv", target="ill", kinds={"code": "category"})
        return replace(data, loading=(finding,))

    return work  # type: ignore[return-value]


@pytest.mark.parametrize("action", FIXES)
def test_one_click_mends_what_was_found_and_undo_takes_it_back(
    action: str, open_page: Open, found: Any, tmp_path: Path
) -> None:
    data = found(action, **FIXES[action])
    app = open_page("profile", data)
    waited(keyed(app.button, "act-").click().run())
    sound(app)
    assert app.expander[0].label.startswith("Resolved: ") and "A planted trouble" in shown(app)
    app.segmented_control(key="as-loaded").set_value("As loaded").run()
    assert "Resolved" not in shown(app)
    assert not [one for one in app.button if str(one.key).startswith("act-")]  # the answer says so
    said = [one.value for one in app.markdown] + [str(one.label) for one in app.button]
    assert len([words for words in said if "Done" in words]) == 1
    now = app.session_state["winnow"]
    changed = pd.read_csv(export(data, now.review, tmp_path / "a", format="csv").cleaned)
    assert {
        "omit": "rare" not in changed,
        "blank": changed["height"].isna().tolist() == [row in FAR for row in range(302)],
        "merge": changed["town"][3] == "Lyon",
        "drop": len(changed) == 299,
    }[action]
    assert ("1 column left out" in shown(app)) == (action == "omit")
    told = [word for table in app.dataframe if "Decision" in table.value for word in table.value["Decision"]]
    assert not told or set(told) <= {"height → missing", "", "dropped", "town: merge spellings"}
    waited(undo_of(app).click().run())
    assert not keyed(app.button, "act-").disabled
    back = pd.read_csv(export(data, now.review, tmp_path / "b", format="csv").cleaned)
    assert (
        list(back.columns) == list(data.names)
        and len(back) == 302
        and back["town"][3] == "Lyon "
        and not back["height"].isna().any()
    )


def test_one_click_reads_a_column_anew_and_decisions_stay(open_page: Open, found: Any) -> None:
    data = found("read_as", columns=("code",), settings={"kind": "numeric"})
    app = open_page("review", data)
    waited(keyed(app.button, "queue-drop-").click().run())
    app.switch_page("pages/explore/profile.py")
    ready(app)
    keyed(app.button, "act-").click()
    ready(app)
    sound(app)
    now = app.session_state["winnow"]
    assert as_decided(data, now.review)["code"].kind == "numeric" and len(now.review.batches) == 2
    undo_of(app).click()
    ready(app)
    review = app.session_state["winnow"].review
    assert as_decided(data, review)["code"].kind == "category" and len(review.batches) == 1


def test_a_column_left_out_is_taken_in_again_on_the_export_page(open_page: Open) -> None:
    data = planted()
    said = (Decision("omit", RowSet(), column="rare"), Decision("blank", RowSet([0]), column="age"))
    review = Store(home()).say(data.fingerprint, WHO, *said)
    app = open_page("export", data)
    app.session_state["winnow"].review, app.session_state["winnow"].turn = review, 1
    ready(app)
    assert (
        "without 1 column" in shown(app)
        and metric(app, "Columns") == 5
        and metric(app, "Cells made missing") == 1
    )
    keyed(app.button, "include-").click()
    ready(app)
    sound(app)
    assert stands(app).omitted == () and "without 1 column" not in shown(app)
    repeat = Decision("add_rows", RowSet(), settings={"how": "repeat", "amount": 400})
    now = app.session_state["winnow"]
    now.review, now.turn = Review().say(repeat).say(Decision("drop", RowSet([1, 2]))), now.turn + 1
    ready(app.run())
    told = "700 of 702 rows, 400 of them added, are exported; 2 are dropped; 2 columns added."
    assert told in shown(app) and metric(app, "Rows") == 700
    sound(app)


def test_decisions_are_there_again_for_the_same_data(open_page: Open) -> None:
    data = planted()
    app = open_page("review", data)
    waited(keyed(app.button, "queue-drop-").click().run())
    dropped = list(stands(app).dropped)
    again = open_page("review", data)
    assert len(again.session_state["winnow"].review.batches) == 0, "a session made by hand does not resume"
    kept = Store(home()).review(data.fingerprint, WHO)
    assert list(settle(kept.decisions, data).dropped) == dropped and len(dropped) == 1


def test_a_store_that_cannot_be_written_says_so_and_the_session_goes_on(
    open_page: Open, workspace: Path
) -> None:
    app = open_page("review", planted())
    (workspace / "decisions.sqlite").mkdir()
    waited(keyed(app.button, "queue-drop-").click().run())
    assert "cannot be read or written" in shown(app).replace("\\", "").replace(BREAK, "")
    assert stands(app).counts()["dropped"] == 1
    waited(app.button(key="queue-undo").click().run())
    assert stands(app).counts()["dropped"] == 0 and len(app.warning) == 1


def test_what_was_decided_is_exported_though_nothing_can_be_stored(open_page: Open, workspace: Path) -> None:
    app = open_page("review", planted())
    (workspace / "decisions.sqlite").mkdir()
    (workspace / "exports").write_text("no folder, and none can be made here")
    waited(keyed(app.button, "queue-drop-").click().run())
    dropped = list(stands(app).dropped)
    app.switch_page("pages/ship/export.py")
    ready(app)
    sound(app)
    outcomes = app.session_state["winnow"].outcomes
    exported: Any = outcomes["Writing the files"][1]
    recipe = read_recipe(exported.folder / "recipe.json")
    assert (
        list(settle(Review().say(*recipe.decisions).decisions, planted()).dropped) == dropped
        and len(dropped) == 1
    )
    assert len(pd.read_parquet(exported.cleaned)) == 301


def test_other_settings_give_another_result(open_page: Open) -> None:
    app = outliers(open_page)
    before = metric(app, "Flagged rows")
    app.number_input(key="set-outliers-limit").set_value(3.0)
    keyed(app.button, "FormSubmitter:settings-outliers").click()
    ready(app)
    sound(app)
    assert metric(app, "Flagged rows") > before


def metric(app: AppTest, label: str) -> int:
    return int(next(m.value for m in app.metric if m.label == label).replace(",", ""))


@pytest.mark.parametrize("form", ["input", "parquet"])
def test_export_lists_files_of_the_cleaned_data(form: str, open_page: Open) -> None:
    app = open_page("review", planted())
    waited(keyed(app.button, "queue-drop-").click().run())
    app.switch_page("pages/ship/export.py")
    ready(app)
    app.selectbox(key="export-format").set_value(form)
    ready(app)
    sound(app)
    made: Any = next(
        what
        for label, (key, what) in app.session_state["winnow"].outcomes.items()
        if label == "Writing the files"
    )
    assert made.counts["dropped"] == 1 and made.cleaned.exists()
    assert {f"download-{path.name}" for path in made.files} <= {b.key for b in app.get("download_button")}
