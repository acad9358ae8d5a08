"""Prepare: steps are made by form or by proposal, seen before they are taken, and changed one by one."""

from __future__ import annotations

import re
import sys
import threading
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pandas.api.types import is_numeric_dtype
from streamlit.testing.v1 import AppTest

from components import results
from components.before import Before, in_words, newly_out, of_rows_left
from components.figures import prepare as figures
from components.text import BREAK
from components.views.prepare import changed, changed_rows
from components.views.prepare.lines import StepLine
from components.views.prepare.lines import verdict as line_verdict
from core.actions import ACTIONS
from core.dataset import Dataset
from core.decided import as_decided
from core.decision import Decision
from core.decision_log import entry_of
from core.finding import OUTLYING, Finding
from core.finding_words import number_in_words
from core.phrases import count
from core.places import home
from core.review import Review
from core.rowset import RowSet
from core.run import run
from core.steps import Work, counts, kinds, picture, settle, steps_json, trial, whole
from core.workspace import load
from core.workspace.store import Store
from tests.components.conftest import Open, ready, shown, sound, tick, undo_of, waited
from tests.core.test_findings_followed import SALES
from tests.make import dataset as make_dataset

HOSTILE = "<b>x</b> **m** :smile: [l](http://e.x) 🧪"


@pytest.fixture
def messy(tmp_path: Path) -> Dataset:
    random = np.random.default_rng(1)
    age = np.where(random.random(200) < 0.2, np.nan, random.normal(40, 9, 200).round(1))
    town = random.choice(["Oslo", " Oslo", "Rome", "Bern "], 200)
    frame = pd.DataFrame({"age": age, "town": town, HOSTILE: random.random(200).round(3)})
    path = tmp_path / "messy.csv"
    frame.to_csv(path, index=False)
    return load(path)


def keyed(elements: Any, start: str) -> list[Any]:
    return [one for one in elements if str(one.key).startswith(start)]


def take(app: AppTest, word: str, column: str, **settings: Any) -> AppTest:
    """Fill in the form and take the step."""
    fill_in(app, word, column, **settings)
    app.button(key="prepare-take").click()
    return waited(ready(app))


def fill_in(app: AppTest, word: str, column: str, **settings: Any) -> None:
    app.selectbox(key="prepare-word").select(word).run()
    picked = [box for box in app.selectbox if str(box.key).startswith("prepare-column-")]
    if picked:
        picked[0].select(column).run()
    for name, given in settings.items():
        [widget] = [
            one
            for group in (app.selectbox, app.toggle, app.text_input, app.number_input)
            for one in group
            if str(one.key).startswith(f"prepare-{word}-") and str(one.key).endswith(f"-{name}")
        ]
        widget.set_value(given).run()
    sound(app)


def told(app: AppTest) -> str:
    """What the page says, without the marks that keep names from being read as Markdown."""
    return shown(app).replace("\\", "").replace(BREAK, "")


def steps(app: AppTest) -> list[str]:
    return [str(one.value) for one in app.markdown if re.match(r":small\[\*\*(\d+|–)\*\* · ", one.value)]


def test_an_empty_page_says_so_and_leads_on(open_page: Open) -> None:
    app = open_page("prepare")
    assert any("nothing to look at" in info.value for info in app.info)
    sound(app)


def test_that_columns_lie_beyond_the_edge_of_the_table_is_said(open_page: Open) -> None:
    """Of images the last column was cut in the middle of its numbers, and nothing said that more follow."""
    wide = pd.DataFrame({f"image_{n}": np.arange(60) * 1_000_000 for n in range(18)})
    assert "More columns follow: scroll sideways." in shown(open_page("prepare", load(wide, name="wide.csv")))
    narrow = load(wide.iloc[:, :3], name="narrow.csv")
    assert "scroll sideways" not in shown(open_page("prepare", narrow))


def test_every_kind_of_step_is_offered(open_page: Open, messy: Dataset) -> None:
    app = open_page("prepare", messy)
    sound(app)
    assert "No steps yet" in told(app)
    offered = app.selectbox(key="prepare-word")
    assert sorted(offered.options) == sorted(ACTIONS[word].label for word in kinds())
    for word in kinds():
        offered = app.selectbox(key="prepare-word").select(word).run()
        sound(app)


def test_what_the_table_has_no_column_for_is_offered_last(open_page: Open) -> None:
    app = open_page("prepare", make_dataset(pd.DataFrame({"a": np.arange(30) / 7})))
    sound(app)
    assert not [info for info in app.info if "No column is of a kind" in info.value]
    offered = app.selectbox(key="prepare-word").options
    for word in ("clip", "tidy"):
        app.selectbox(key="prepare-word").select(word).run()
        assert bool([info for info in app.info if "kind" in info.value]) == (word == "tidy")
    assert offered.index(ACTIONS["clip"].label) < offered.index(ACTIONS["tidy"].label)


def test_a_step_is_seen_before_it_is_taken_and_then_listed(open_page: Open, messy: Dataset) -> None:
    app = open_page("prepare", messy)
    missing = int(messy.frame(["age"])["age"].isna().sum())
    fill_in(app, "fill", "age", how="mean", indicator=True)
    assert f"**{missing} cells** changed in {missing} rows" in told(app) and "age_missing" in told(app)
    assert app.session_state["winnow"].review.acts == ()
    app.button(key="prepare-take").click()
    waited(ready(app))
    sound(app)
    assert [step.startswith(":small[**1** · Filled the missing values of") for step in steps(app)] == [True]
    assert f"1 step: {missing} cells changed, 1 column added." in told(app)
    assert "1 step" in [line for one in app.sidebar.caption for line in one.value.split("  \n")]


def test_the_form_of_a_filling_opens_on_what_can_be_filled(open_page: Open, tmp_path: Path) -> None:
    towns = ["Oslo", None, "Rome", "Oslo"] * 10
    path = tmp_path / "gaps.csv"
    pd.DataFrame({"empty": [None] * 40, "n": range(40), "town": towns}).to_csv(path, index=False)
    app = open_page("prepare", load(path))
    app.selectbox(key="prepare-word").select("fill").run()
    [column] = keyed(app.selectbox, "prepare-column-")
    assert column.value == "town", "the column with gaps comes first"
    assert column.options[-1].startswith("empty"), "there is nothing to learn from in it"
    app.button(key="prepare-take").click()
    waited(ready(app))
    sound(app)
    [step] = steps(app)
    assert "Filled the missing values of" in step and "town" in step and "most frequent" in step


def test_what_changes_nothing_here_is_offered_as_a_rule_for_later_files(
    open_page: Open, messy: Dataset
) -> None:
    app = open_page("prepare", messy)
    take(app, "fill", "age", how="constant", value="7")
    fill_in(app, "fill", "age", how="mean")
    offered = app.button(key="prepare-take")
    assert offered.label == "Take it as a rule for later files" and not offered.disabled
    assert "Nothing changes here." in told(app)
    fill_in(app, "tidy", "town")
    assert app.button(key="prepare-take").label == "Take this step"
    assert "Nothing changes here." not in told(app)


def test_a_step_is_switched_off_on_moved_edited_and_undone(open_page: Open, messy: Dataset) -> None:
    app = open_page("prepare", messy)
    take(app, "fill", "age", how="constant", value="7")
    take(app, "rename", "age", to="years")
    assert len(steps(app)) == 2
    [second] = [b for b in keyed(app.button, "step-up-") if not b.disabled]
    second.click()
    waited(ready(app))
    assert "Renamed" in steps(app)[0]
    assert any("Passed over" in warning.value and "years" in warning.value for warning in app.warning)
    assert "1 could not be followed" in told(app)
    app.button(key="side-undo").click()
    waited(ready(app))
    first = keyed(app.toggle, "step-on-")[0]
    first.set_value(False)
    waited(ready(app))
    review = app.session_state["winnow"].review
    assert review.off == {0} and "switched off" in told(app)
    keyed(app.toggle, "step-on-")[0].set_value(True)
    waited(ready(app))
    keyed(app.button, "step-open-")[0].click()
    ready(app)
    sound(app)
    event = keyed(app.button, "step-open-")[0].key.rpartition("-")[2]
    [value] = [one for one in keyed(app.text_input, f"edit-{event}-") if one.key.endswith("-value")]
    value.set_value("9")
    ready(app)
    keyed(app.button, f"edit-{event}-")[0].click()
    waited(ready(app))
    sound(app)
    review = app.session_state["winnow"].review
    assert review.decisions[0].settings["value"] == "9" and review.decisions[0].who
    app.button(key="side-undo").click()
    waited(ready(app))
    assert app.session_state["winnow"].review.decisions[0].settings["value"] == "7"


def test_what_another_tab_did_is_taken_up_and_never_undone_or_overwritten_unseen(open_page: Open) -> None:
    data = make_dataset(pd.DataFrame({"a": [1.0, None, 3.0, 4.0], "b": ["x", "y", "x", "y"]}))
    app = open_page("prepare", data)
    now, other = app.session_state["winnow"], Store(home())

    def review() -> Any:
        return app.session_state["winnow"].review

    take(app, "fill", "a", how="median")
    [user] = other.users(data.fingerprint)
    whose = (data.fingerprint, user)
    other.say(*whose, Decision("tidy", RowSet(), column="b"))
    waited(undo_of(app).click().run())
    sound(app)
    assert "not the last step any more" in app.session_state["winnow"].notice.text
    assert [one.action for one in review().decisions] == ["fill", "tidy"] and len(steps(app)) == 2
    # two decisions by one act of the other: fewer by the next one, in as many batches
    other.undo_to(*whose, 0)
    other.say(*whose, Decision("omit", RowSet(), column="a"), Decision("omit", RowSet(), column="b"))
    ready(app)
    assert len(steps(app)) == 1 and len(review().decisions) == 2
    other.undo(*whose)
    other.say(*whose, Decision("fill", RowSet(), column="a", settings={"how": "constant", "value": "7"}))
    ready(app)
    sound(app)
    assert [one.action for one in review().decisions] == ["fill"] and now.store_trouble == ""
    [opened] = keyed(app.button, "step-open-")
    event = int(opened.key.rpartition("-")[2])
    opened.click()
    ready(app)
    [box] = [one for one in keyed(app.text_input, f"edit-{event}-") if one.key.endswith("-value")]
    box.set_value("9")
    ready(app)
    fill = {"how": "constant", "value": "8"}
    other.edit(*whose, event, Decision("fill", RowSet(), column="a", settings=fill))
    waited(keyed(app.button, f"edit-{event}-")[0].click().run())
    assert "Another tab changed this step" in app.session_state["winnow"].notice.text
    assert review().decisions[0].settings["value"] == "8"


def test_the_verdict_counts_what_is_another_in_the_end() -> None:
    data = make_dataset(pd.DataFrame({"c": ["a", "b"] * 5, "m": [1.0, None] * 5}))
    hot = Decision("encode", RowSet(), column="c", settings={"how": "one-hot"})
    fill = Decision("fill", RowSet(), column="m", settings={"how": "median"})
    blank = Decision("blank", RowSet([1, 3, 5, 7, 9]), column="m")

    def verdict(*steps: Decision) -> str:
        lines = [
            StepLine(at, at + 1, entry_of(at + 1, (step,), undone=False), "", "", ())
            for at, step in enumerate(steps)
        ]
        return line_verdict(whole(Work.after(steps, data)), lines)

    assert verdict(fill, blank) == "2 steps: no row, cell or column is another."
    assert verdict(fill) == "1 step: 5 cells changed."
    assert verdict(hot) == "1 step: 2 columns added, 1 column left out."


def test_steps_switched_off_are_counted_beside_the_others_on_every_page(
    open_page: Open, messy: Dataset
) -> None:
    """The side and Prepare counted "3 steps", Export 2, where one of three is switched off."""
    app = open_page("prepare", messy)
    for to in ("a", "b", "c"):
        take(app, "rename", {"a": "age", "b": "a", "c": "b"}[to], to=to)
    last = keyed(app.toggle, "step-on-")[-1]
    last.set_value(False)
    waited(ready(app))
    assert "2 steps, 1 switched off: 1 column renamed." in told(app).replace(BREAK, "")
    assert "2 steps, 1 switched off" in [
        line for one in app.sidebar.caption for line in one.value.split("  \n")
    ]
    assert "3 steps" not in shown(app)
    app.switch_page("pages/ship/export.py")
    waited(ready(app))
    [tile] = [one for one in app.metric if one.label == "Steps"]
    assert (tile.value, tile.delta) == ("2", "1 switched off")
    assert "2 steps, 1 switched off" in [
        line for one in app.sidebar.caption for line in one.value.split("  \n")
    ]


def test_a_step_has_the_number_that_the_export_gives_it(open_page: Open, messy: Dataset) -> None:
    """What follows one that is switched off was step 2 here, and step 1 in the manifest and prepare.py."""
    app = open_page("prepare", messy)
    take(app, "rename", "age", to="years")
    take(app, "rename", "town", to="city")
    keyed(app.toggle, "step-on-")[0].set_value(False)
    waited(ready(app))
    assert [one.split("**")[1] for one in steps(app)] == ["–", "1"]
    review = app.session_state["winnow"].review
    settled = settle(review.decisions, messy)
    assert [one["number"] for one in steps_json(review.decisions, settled, review.steps)] == [1]


def test_what_cannot_be_done_is_said_beside_the_form(open_page: Open, messy: Dataset) -> None:
    app = open_page("prepare", messy)
    fill_in(app, "fill", "age", how="constant", value="old")
    assert any("none of the values" in warning.value for warning in app.warning)
    assert not [button for button in app.button if button.key == "prepare-take"]
    fill_in(app, "rename", "town", to="age")
    assert any("already" in warning.value for warning in app.warning)


@pytest.mark.parametrize(
    "word, asked", [("rename", "Give 'age' a new name"), ("clip", "Give a lower or an upper bound")]
)
def test_nothing_is_wrong_before_anything_was_typed(
    word: str, asked: str, open_page: Open, messy: Dataset
) -> None:
    app = open_page("prepare", messy)
    before = [one.value for one in app.warning]  # that no target is chosen
    fill_in(app, word, "age")
    assert [one.value for one in app.warning] == before and not app.error and asked in told(app)
    [box, *_] = [one for one in app.text_input if str(one.key).startswith(f"prepare-{word}-")]
    box.set_value(HOSTILE if word == "rename" else "old").run()
    assert [one.value for one in app.warning], "what was typed and cannot be is still warned of"


def test_a_step_is_held_to_the_rows_of_a_filter(open_page: Open, messy: Dataset) -> None:
    app = open_page("prepare", messy)
    fill_in(app, "tidy", "town")
    app.toggle(key="prepare-some").set_value(True).run()
    assert not app.error and "Fill in a condition" in told(app)
    [box] = keyed(app.text_input, "prepare-text-")
    box.set_value("age > 40").run()
    sound(app)
    app.button(key="prepare-take").click()
    waited(ready(app))
    [decision] = app.session_state["winnow"].review.decisions
    assert str(decision.rows) == "age > 40"
    data = messy.frame()
    want = int(((data["age"] > 40) & data["town"].isin([" Oslo", "Bern "])).sum())
    assert f"1 step: {want} cells changed." in told(app)


def test_a_step_is_held_to_the_rows_of_a_finding(open_page: Open, messy: Dataset) -> None:
    app = open_page("prepare", messy)
    found = next(finding for finding in run("profile", messy).findings if len(finding.rows))
    fill_in(app, "tidy", "town")
    app.toggle(key="prepare-some").set_value(True).run()
    [box] = keyed(app.text_input, "prepare-text-")
    box.set_value("score outliers above 1").run()
    waited(ready(app))
    assert any("The filter takes no row" in error.value for error in app.error)
    [box] = keyed(app.text_input, "prepare-text-")
    box.set_value(f'flagged by "{found.key}"').run()
    waited(ready(app))
    assert f"The step is about the {count(len(found.rows), 'row')} that the filter takes now" in told(app)
    app.button(key="prepare-take").click()
    waited(ready(app))
    [decision] = app.session_state["winnow"].review.decisions
    assert decision.rows == found.rows


def test_a_proposal_is_taken_by_one_click_and_its_finding_is_resolved(
    open_page: Open, messy: Dataset
) -> None:
    app = open_page("prepare", messy)
    proposals = keyed(app.button, "act-prepare-")
    assert proposals
    proposals[0].click()
    waited(ready(app))
    sound(app)
    assert len(steps(app)) == 1 and any("Resolved" in one.label for one in app.expander)


def test_what_another_finding_explains_now_is_not_called_resolved(open_page: Open) -> None:
    """A gap that a row of totals explains since its word was mended; spellings that a step did merge."""
    app = open_page("prepare", load(SALES, name="sales.csv"))
    now = app.session_state["winnow"]
    now.review = Review().say(
        Decision("map", RowSet(), column="region", settings={"pairs": {"west": "West"}}),
        Decision("relabel", RowSet([40]), "Total", column="item"),
    )
    now.store_trouble, now.turn = "In memory.", now.turn + 1
    waited(ready(app))
    sound(app)
    [folded] = [one for one in app.expander if "part of another" in one.label]
    lines, below = (
        [one.value.replace("\\", "") for one in some] for some in (folded.markdown, folded.caption)
    )
    became = dict(zip(lines, below, strict=True))
    gap, merged = (
        next(one for one in lines if words in one) for words in ("'region' is mis", "'region' writes")
    )
    assert became[gap].startswith("Now part of: The last row is likely a total: 'item' says 'Total'")
    assert became[merged].startswith("Was 10 rows; no longer found. ")
    done = [one for one in lines if ":material/check_circle:" in one]
    assert merged in done and gap not in done
    noted = sum(became[one].startswith("Note. ") for one in done)
    mended = number_in_words(["warning"] * (len(done) - noted) + ["info"] * noted)
    assert folded.label == f"Resolved: {mended}; now part of another: {len(lines) - len(done)}"
    assert f"{mended} resolved" in told(app)


def test_findings_drawn_together_are_not_new_when_one_of_them_is_mended() -> None:
    """Seven columns with gaps are one finding; of the six or the three that are left none is new."""
    one = Finding("missing", "", "warning", 0.5, "", "", columns=("a",))
    singles = [replace(one, columns=(column,)) for column in "abcdefg"]
    seven, six = (
        replace(one, columns=tuple(some)).explaining(singles[: len(some)]) for some in ("abcdefg", "abcdef")
    )
    other = replace(one, columns=("h",))
    grown = replace(one, columns=tuple("abcdefgh")).explaining([*singles, other])
    total = replace(one, code="total_rows").explaining(singles)
    now = (seven, six, *singles, other, grown, total)
    known = frozenset([seven.key, *seven.members])
    past = Before({seven.key: seven}, (), known, frozenset(found.key for found in now))
    assert not any(map(past.is_new, (seven, six, *singles)))
    assert past.is_new(other) and past.news(other) == "new with your decisions"
    assert not past.is_new(grown), "seven of the eight columns were in it as loaded"
    assert past.more(grown) == ("h",) and past.news(grown) == "1 column more with your decisions"
    whole = [past.more(one) for one in (seven, six, *singles, other)]
    assert not any(whole)
    assert past.is_new(total), "it explains them, and is none of them"
    assert not any(map(replace(past, compared=frozenset()).is_new, now)), "nobody looked as loaded"


def test_the_list_is_not_empty_while_it_is_checked_again(
    open_page: Open, messy: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was found before the click stays, greyed and without buttons, until the checks are done."""
    frame = messy.frame().iloc[::-1].reset_index(drop=True)  # of which nothing is known from other tests
    app = open_page("prepare", load(frame, name="again.csv"))
    before = len(keyed(app.button, "act-prepare-"))
    go, attempts = threading.Event(), results.attempts

    def slow(*given: Any) -> Any:
        assert go.wait(60)
        return attempts(*given)

    monkeypatch.setattr(results, "attempts", slow)
    keyed(app.button, "act-prepare-")[0].click().run()
    assert any(button.key == "stop-job" for button in app.button)
    assert "Found when last checked, and being checked again:" in told(app)
    greyed = [one.value for one in app.markdown if ":material/hourglass_empty:" in one.value]
    assert before >= len(greyed) >= 1 and not keyed(app.button, "act-prepare-")
    assert "Nothing needs attention" not in told(app)
    go.set()
    waited(app)
    sound(app)
    assert "checked again" not in told(app)


def test_outliers_that_stand_out_after_a_drop_say_that_limits_follow_the_rows_left() -> None:
    frame = pd.DataFrame({"x": np.arange(300.0)})
    data = make_dataset(frame)
    far = Finding("outliers", "", "warning", 0.5, "", "", rows=RowSet([3]))
    left = as_decided(data, Review().say(Decision("drop", RowSet([7, 8]))))
    none = Before({}, ())
    assert of_rows_left(data, far, none) == ""
    assert of_rows_left(left, far, none).startswith(
        "Limits follow the 298 rows left: without the 2 dropped, "
    )
    stood_out = Before({"outliers": far}, (), frozenset(["outliers"]), frozenset(["outliers"]))
    assert of_rows_left(left, far, stood_out) == "", "beside the rows dropped it stood out, too"
    later = replace(far, rows=RowSet([3, 8]))  # of the rows left: the last of all is row 10 of the source
    assert of_rows_left(left, later, stood_out).startswith("Limits follow the 298 rows left")
    assert of_rows_left(left, replace(far, code="constant"), none) == ""
    were_out = replace(stood_out, findings={"outliers": replace(far, rows=RowSet([3, 7, 8]))})
    assert of_rows_left(left, later, were_out) == (
        "Others stand out now that those are dropped: 1 of these was within the limit before. "
        "Stop when they are no errors."
    )
    near = replace(far, code="outliers_possible", rows=RowSet([10]), kin=("possible outliers", OUTLYING))
    beyond = replace(were_out, findings=were_out.findings | {"outliers_possible": near})
    again = replace(later, kin=(OUTLYING,))
    assert newly_out(left, again, beyond) == 0, "it was beyond the limit, too"
    assert of_rows_left(left, again, beyond) == "", "no row of it was inconspicuous"
    shown = Finding("isolated_values", "", "warning", 0.5, "", "", RowSet([3, 10]), columns=("x",))
    there = replace(stood_out, findings={shown.key: shown.explaining([far])})
    assert newly_out(left, again, there) == 0 and of_rows_left(left, again, there) == "", "in another's words"


def test_a_fill_is_not_the_cause_of_outliers_that_a_drop_of_outliers_uncovered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """81 outliers, 70 after a fill, 89 once these were dropped: "Brought about by: Filled ..."."""
    data = make_dataset(pd.DataFrame({"a": [None, *np.arange(299.0)], "b": np.arange(300.0)}))
    far = Finding("outliers", "", "warning", 0.5, "", "", rows=RowSet([299]), kin=(OUTLYING,))
    past = Before({"outliers": far}, (), frozenset(["outliers"]), frozenset(["outliers"]))
    fill = Decision("fill", RowSet(), column="a", settings={"how": "median"})
    for review in (Review().say(fill), Review().say(fill, Decision("drop", RowSet([299])))):
        settled = settle(review.decisions, data)
        monkeypatch.setattr("components.before.session", lambda now=review: SimpleNamespace(review=now))
        monkeypatch.setattr("components.as_decided.settled", lambda now=settled: now)
        decided, now = as_decided(data, review, settled), replace(far, rows=RowSet([10]))
        said = in_words(decided, now, past), of_rows_left(decided, now, past)
        if len(review.decisions) == 1:
            assert said[0].startswith(
                "It was there as loaded; 1 of its rows was within the limit then. Its columns changed since: "
            )
            assert said[1] == ""
        else:
            assert said[0] == "" and said[1].startswith("Others stand out now that those are dropped: 1 of")


def test_one_kind_of_finding_does_not_hide_the_next(open_page: Open) -> None:
    """Seven pairs of columns that say the same, and one fault that is another: two cards, and six folded."""
    draw = np.random.default_rng(8)
    frame = pd.DataFrame({f"a{i}": draw.normal(size=600) for i in range(7)})
    for i in range(7):
        frame[f"b{i}"] = frame[f"a{i}"] ** 3
    frame["unit"] = "kg"
    data = load(frame, name="pairs.csv")
    assert sum(one.code == "strong_association" for one in run("association", data).findings) == 7
    app = open_page("prepare", data)
    sound(app)
    folded = [one for one in app.expander if "more of this kind" in one.label]
    assert [one.label for one in folded] == ["6 more of this kind: strong association"]
    assert len(keyed(folded[0].button, "act-prepare-")) == 6
    told_of = [one.value for one in app.markdown if ":orange[" in one.value]
    assert any("unit" in one for one in told_of) and "Show all" not in str([one.label for one in app.toggle])


def test_a_folded_list_ends_and_says_where_the_others_stand(open_page: Open) -> None:
    """Fifteen pairs of columns that say the same: one card, ten folded, four behind a link."""
    draw = np.random.default_rng(9)
    frame = pd.DataFrame({f"a{i}": draw.normal(size=400) for i in range(15)})
    for i in range(15):
        frame[f"b{i}"] = frame[f"a{i}"] ** 3
    data = load(frame, name="many pairs.csv")
    assert sum(one.code == "strong_association" for one in run("association", data).findings) == 15
    app = open_page("prepare", data)
    sound(app)
    [folded] = [one for one in app.expander if "more of this kind" in one.label]
    assert folded.label == "14 more of this kind: strong association"
    assert len(keyed(folded.button, "act-prepare-")) == 10
    doors = [(one.proto.label.replace(BREAK, ""), one.proto.query_string) for one in app.get("page_link")]
    [(label, at)] = [(label, at) for label, at in doors if label.startswith("and ")]
    assert label.replace("\\", "") == "and 4 more on Explore > Relations" and "tab=relations" in at


def test_a_proposal_is_seen_before_it_is_taken(open_page: Open, messy: Dataset) -> None:
    app = open_page("prepare", messy)
    missing = int(messy.frame(["age"])["age"].isna().sum())
    [at] = [at for at, one in enumerate(keyed(app.button, "act-prepare-")) if "Fill" in one.label]
    keyed(app.button, "look-prepare-")[at].click()
    waited(ready(app))
    sound(app)
    assert f"**{missing} cells** changed in {missing} rows" in told(app)
    assert app.session_state["winnow"].review.acts == ()


def test_a_finding_is_left_as_it_is_and_counts_again_once_that_is_taken_back(
    open_page: Open, messy: Dataset
) -> None:
    app = open_page("prepare", messy)
    [needs] = re.findall(r"\*\*(\d+) findings? needs? attention", told(app))
    box = keyed(app.text_input, "leave-why-prepare-")[0]
    box.set_value("asked the clinic").run()
    keyed(app.button, "leave-prepare-")[0].click()
    waited(ready(app))
    sound(app)
    [decision] = app.session_state["winnow"].review.decisions
    assert decision.action == "accept" and decision.why == "asked the clinic"
    assert "1 accepted" in told(app) and "asked the clinic" in told(app)
    assert any("Accepted (1)" in one.label for one in app.expander)
    assert f"**{needs} finding" not in told(app)
    keyed(app.button, "back-prepare-")[0].click()
    waited(ready(app))
    sound(app)
    assert f"**{needs} finding" in told(app) and "1 left" not in told(app)


def test_a_click_that_cannot_hold_is_refused_in_one_sentence(open_page: Open, tmp_path: Path) -> None:
    random = np.random.default_rng(5)
    x = np.where(random.random(200) < 0.3, np.nan, random.normal(size=200).round(3))
    x[7] = np.inf
    path = tmp_path / "infinite.csv"
    pd.DataFrame({"x": x, "n": random.random(200).round(4)}).to_csv(path, index=False)
    app = open_page("prepare", load(path))
    [fill] = [one for one in keyed(app.button, "act-prepare-") if "Fill" in one.label]
    fill.click()
    waited(ready(app))
    sound(app)
    assert app.session_state["winnow"].review.acts == () and not steps(app)
    assert any("Not done" in one.value and "infinite" in one.value for one in app.warning)


def test_what_a_step_brought_about_names_that_step(open_page: Open, tmp_path: Path) -> None:
    random = np.random.default_rng(6)
    word = np.where(random.random(200) < 0.6, "N/A", random.choice(["a", "b", "c"], 200))
    path = tmp_path / "codes.csv"
    text = pd.DataFrame({"word": word, "n": random.random(200).round(4)})
    text["word"] = text["word"].replace("N/A", "unknown")
    text.to_csv(path, index=False)
    app = open_page("prepare", load(path))
    assert "would then be missing in" in told(app)
    [mend] = [one for one in keyed(app.button, "act-prepare-") if "missing" in one.label]
    mend.click()
    waited(ready(app))
    sound(app)
    assert "Brought about by: " in told(app) and "steps made" in told(app)
    assert [one.label.replace("\\", "") for one in keyed(app.button, "act-prepare-")] == ["Leave out 'word'"]


def test_a_column_with_a_hostile_name_is_plain_text(open_page: Open, messy: Dataset) -> None:
    app = open_page("prepare", messy)
    take(app, "rename", HOSTILE, to=HOSTILE + "2")
    sound(app)
    [step] = steps(app)
    assert "\\<b\\>x" in step and "\\*\\*m\\*\\*" in step and ":smile:" not in step
    keyed(app.button, "step-open-")[0].click()
    ready(app)
    sound(app)


def test_a_merge_lists_its_clusters_and_keeps_the_spelling_that_is_typed(
    open_page: Open, tmp_path: Path
) -> None:
    towns = ["Oslo"] * 30 + ["oslo"] * 4 + ["Rome Nord"] * 9 + ["Nord Rome"] * 2 + ["Bern"] * 5
    path = tmp_path / "towns.csv"
    pd.DataFrame({"town": towns, "n": range(50)}).to_csv(path, index=False)
    app = open_page("prepare", load(path))
    fill_in(app, "merge", "town")
    assert "**4 cells** changed" in told(app), "words in another order are not sure"
    [method] = keyed(app.selectbox, "prepare-merge-")
    key = str(method.key).removesuffix("-method") + "-clusters-fingerprint"
    app.session_state[key] = {
        "edited_rows": {0: {"Keep": "OSLO"}, 1: {"Merge": True}},
        "added_rows": [],
        "deleted_rows": [],
    }
    app.run()
    sound(app)
    assert "**36 cells** changed" in told(app)
    app.button(key="prepare-take").click()
    waited(ready(app))
    sound(app)
    [decision] = app.session_state["winnow"].review.decisions
    assert decision.learned["map"] == {"Oslo": "OSLO", "oslo": "OSLO", "Nord Rome": "Rome Nord"}
    assert decision.learned["stay"] == ["Bern", "Rome Nord"]


def test_the_rows_of_a_step_are_edited(open_page: Open, messy: Dataset) -> None:
    app = open_page("prepare", messy)
    take(app, "tidy", "town")
    [opened] = keyed(app.button, "step-open-")
    opened.click()
    ready(app)
    assert "Change a setting to see what would be different." in told(app)
    event = opened.key.rpartition("-")[2]
    [box] = [one for one in keyed(app.text_input, f"edit-{event}-") if one.key.endswith("-rows")]
    box.set_value("age > ").run()
    assert app.error and not [one for one in app.button if one.label == "Put it in place"]
    [box] = [one for one in keyed(app.text_input, f"edit-{event}-") if one.key.endswith("-rows")]
    box.set_value("age > 40").run()
    sound(app)
    [put] = [one for one in app.button if one.label == "Put it in place"]
    put.click()
    waited(ready(app))
    [decision] = app.session_state["winnow"].review.decisions
    assert str(decision.rows) == "age > 40" and app.session_state["winnow"].review.edited == {0}
    data = messy.frame()
    want = int(((data["age"] > 40) & data["town"].isin([" Oslo", "Bern "])).sum())
    assert f"1 step: {want} cells changed." in told(app)


def test_single_rows_are_taken_out_of_a_step(open_page: Open, messy: Dataset) -> None:
    app, new = open_page("prepare", messy), messy.rows
    repeat = Decision("add_rows", RowSet(), settings={"how": "repeat", "amount": 2})
    app.session_state["winnow"].review = (
        Review()
        .say(repeat)
        .say(Decision("drop", RowSet([3, 5, 9, new + 1])), Decision("blank", RowSet([5]), column="age"))
    )
    app.session_state["winnow"].turn += 1
    app.session_state["winnow"].store_trouble = "in memory"
    waited(ready(app))
    keyed(app.button, "step-open-")[1].click()
    waited(ready(app))
    tick(app, 1, 3)
    waited(ready(app))
    keyed(app.button, "take-out-")[0].click()
    waited(ready(app))
    sound(app)
    [_, left] = app.session_state["winnow"].review.decisions
    assert left.action == "drop" and left.rows == RowSet([3, 9])


def test_the_picture_of_a_column_is_safe_and_tells_both_moments() -> None:
    rows = 60
    days = pd.date_range("2024-01-01", periods=rows, freq="D")
    data = pd.DataFrame({"day": days, "word": ["<b>x</b>", " a", "a", None] * (rows // 4)})
    made = make_dataset(data)
    base = Work(made)
    dropped = trial(base, [Decision("drop", RowSet(range(10)))])
    before, after = picture(dropped, "word")
    drawn = figures.figure(before, after)
    assert "&lt;b&gt;x&lt;/b&gt;" in drawn.data[0].x and "␣a" in drawn.data[0].x
    assert "Before: 60 rows, 15 missing" in figures.alt("word", before, after).replace("before", "Before")
    worded = figures.figure(before, after)  # "173,52" is no number on its axis, "2020-01-01" no date
    assert worded.layout.xaxis.type == worded.layout.xaxis2.type == "category"
    few = figures.figure(*picture(trial(base, [Decision("drop", RowSet(range(40)))]), "word"))
    assert few.layout.yaxis.range == few.layout.yaxis2.range and max(few.data[1].y) < max(few.data[0].y)
    times = figures.figure(*picture(dropped, "day"))
    assert sum(times.data[0].y) == 60 and sum(times.data[1].y) == 50
    assert str(times.data[0].x[0]).startswith("2024-01-0") and times.layout.xaxis.type == "date"
    gone = figures.figure(*picture(trial(base, [Decision("omit", RowSet(), column="word")]), "word"))
    assert len(gone.data) == 1


def test_a_column_that_serve_lacks_is_not_missing_there_before_and_after_a_step() -> None:
    """ "Before: 1,100 rows, 300 missing" stood there, of a column with no gap in train."""
    train = pd.DataFrame({"a": np.arange(80.0), "sky": ["clear", "grey"] * 40})
    train.loc[:2, "sky"] = None
    data = load(train, serve=train[["a"]].head(30) + 0.5, name="lopsided")
    before, after = picture(trial(Work(data), [Decision("drop", RowSet([0, 5, 90]))]), "sky")
    assert (before.rows, before.missing, before.lacking, before.without) == (110, 3, 30, "serve")
    assert (after.rows, after.missing, after.lacking) == (107, 2, 29)
    said = figures.alt("sky", before, after)
    assert "before: 110 rows, 3 missing, 30 of serve, which lacks the column" in said
    written = [Decision("relabel", RowSet([85]), "clear", column="sky")]
    _, filled = picture(trial(Work(data), written), "sky")
    assert (filled.missing, filled.lacking) == (32, 0), "serve has the column then"


def test_texts_that_hardly_repeat_are_drawn_by_their_length() -> None:
    """Ten slanted labels with a bar of one row each stood there, of nested JSON."""
    texts = ['{"a": ' + "9" * (1 + at % 40) + f', "b": {at:03d}}}' for at in range(400)]
    data = make_dataset(pd.DataFrame({"note": texts, "word": ["x", "y"] * 200}))
    one = trial(Work(data), [Decision("drop", RowSet(range(40)))])
    before, after = picture(one, "note")
    assert before.lengths and after.lengths and before.edges is not None and not before.levels
    assert (before.edges[0], before.edges[-1]) == (18.0, 57.0) == (min(map(len, texts)), max(map(len, texts)))
    assert int(before.counts.sum()) == 400 and int(after.counts.sum()) == 360
    assert "360 rows; lengths of their texts in characters" in figures.alt("note", before, after)
    words = picture(one, "word")
    assert not any(side.lengths for side in words) and words[0].levels == ("x", "y")
    codes = make_dataset(pd.DataFrame({"code": [f"{at:05d}x" for at in range(400)]}))
    alike, _ = picture(trial(Work(codes), [Decision("drop", RowSet([1]))]), "code")
    assert alike.lengths and alike.levels == ("6",), "of one length"
    few = make_dataset(pd.DataFrame({"code": [f"{at:03d}" + "x" * (at % 9 + 5) for at in range(400)]}))
    ordered, _ = picture(trial(Work(few), [Decision("drop", RowSet([1]))]), "code")
    assert ordered.levels == tuple(map(str, range(8, 17))) and ordered.counts[:5].tolist() == [
        45,
        45,
        45,
        45,
        44,
    ]
    titles = [one.text for one in figures.figure(before, after).layout.annotations]
    assert titles[0] == "Before: 400 rows; lengths of their texts in characters", "not cut"


def test_rows_are_added_and_keep_their_numbers(open_page: Open, messy: Dataset) -> None:
    app = open_page("prepare", messy)
    fill_in(app, "add_rows", "", how="repeat", amount=5)
    assert "**5 rows** added to 200; **2 columns** new: 'origin', 'parents'" in told(app)
    assert [list(frame.value["Change"]) for frame in app.dataframe if "Change" in frame.value][-1] == [
        "added"
    ] * 5
    app.button(key="prepare-take").click()
    waited(ready(app))
    sound(app)
    assert "1 step: 5 rows added, 2 columns added." in told(app)
    assert app.session_state["winnow"].review.decisions[0].settings["first"] == 0
    keyed(app.button, "step-open-")[0].click()
    sound(ready(app))
    assert any("added" in list(frame.value.get("Change", ())) for frame in app.dataframe)


def test_rows_that_are_listed_are_called_what_they_are(messy: Dataset) -> None:
    """881 rows sent to review stood below "Changed rows (881)", where nothing was changed."""
    some, fill = RowSet([1, 2]), Decision("fill", RowSet(), column="age", settings={"how": "median"})
    called = {
        "Rows decided about": [Decision("defer", some)],
        "Changed rows": [fill],
        "Changed or dropped rows": [fill, Decision("drop", some)],
    }
    for words, decisions in called.items():
        assert changed_rows._called(trial(Work(messy), decisions)) == words


def test_changed_numbers_sort_as_numbers_and_are_written_as_text(messy: Dataset) -> None:
    step = trial(Work(messy), [Decision("fill", RowSet(), column="age", settings={"how": "median"})])
    rows = step.rows.ids
    styled = changed_rows._styled(step, rows, None)
    before, after = styled.data["age · before"], styled.data["age"]
    assert before.isna().all() and is_numeric_dtype(before) and is_numeric_dtype(after)
    body = styled._translate(False, False)["body"]
    shown_as = dict(zip(styled.data.columns, zip(*[[c["display_value"] for c in line[1:]] for line in body],
                                                 strict=True), strict=True))  # fmt: skip
    assert set(shown_as["age · before"]) == {"–"}
    assert set(shown_as["age"]) == {f"{messy.frame(['age'])['age'].median():.10g}"}
    assert set(shown_as["town"]) <= {"Oslo", "␣Oslo", "Rome", "Bern␣"}, "texts stay texts"


def test_a_slow_step_is_seen_on_a_sample_and_followed_beside_the_page(
    open_page: Open, messy: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules["core.steps.preview"], "SAMPLE", 50)
    missing = int(messy.frame(["age"])["age"].isna().sum())
    app = open_page("prepare", messy)
    fill_in(app, "fill", "age", how="nearest rows")
    ready(app)
    sound(app)
    assert "On a sample of 50 rows of 200:" in told(app)
    assert "Exact numbers follow once it is taken." in told(app)
    app.button(key="prepare-take").click()
    waited(ready(app))
    sound(app)
    assert f"1 step: {missing} cells changed." in told(app)
    opened = app.session_state["winnow"].dataset
    assert [effect.cells for effect in opened.shared["steps so far"].popitem()[1].effects.values()] == [
        missing
    ]


def test_a_weight_is_a_change_of_its_row_in_the_headline_the_sentence_and_the_table(messy: Dataset) -> None:
    """Of a coreset dropped rows were named alone, and the table gave no change of the others."""
    weights = [Decision("weight", RowSet([row]), 2.5) for row in range(20)]
    both = whole(Work.after((Decision("drop", RowSet(range(15, 60))), *weights), messy))
    line: Any = SimpleNamespace(entry=SimpleNamespace(off=False), passed=())
    assert line_verdict(both, [line]) == "1 step: 45 rows dropped, 15 rows weighted."
    assert counts(both)["weighted"] == 15 and len(both.data_rows) == 60
    assert changed.summary(both) == "**45 rows** dropped; **15 rows** weighted."
    table = changed_rows._styled(both, both.data_rows.ids, None).data
    assert table["Change"].tolist() == ["weight 2.5"] * 15 + ["dropped"] * 45
    again = [Decision("weight", RowSet([0]), 4.0), Decision("weight", RowSet([1]), 2.5)]
    second = trial(both.after, again)
    assert second.weighted.nonzero()[0].tolist() == [0], "the other one had that weight"
    assert changed_rows._styled(second, second.data_rows.ids, None).data["Change"].tolist() == [
        "weight 2.5 → 4"
    ]
