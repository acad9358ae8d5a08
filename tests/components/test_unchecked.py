"""What could not be checked reads as a pass nowhere: on no page, in no report, not on the command line."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import core.outcomes
from components import results, state, waiting
from components.state import Session
from components.text import BREAK, plain
from components.views.prepare import checks_left
from core.analysis import NO_TARGET
from core.catalog import analyses, detectors
from core.cli.terminal import to_text
from core.dataset import Dataset
from core.dataset.split import PartSplit
from core.decision import Decision
from core.errors import CoreError
from core.outcomes import Outcome, all_findings, attempt, audit, not_made
from core.prepare import fixes
from core.report import audit_json, result_json
from core.reporting.markdown import markdown
from core.reporting.page import page
from core.reporting.whole import whole
from core.rowset import RowSet
from core.run import run
from core.workspace import load
from tests.components.conftest import PAGES, Open, keyed, ready, shown, sound

PASSES = (
    "Nothing needs attention.",
    "Nothing found.",
    "No row looks wrong.",
    "Nothing waits for a decision.",
)
TABS = {"Target": "target", "Missing": "missingness", "Leakage": "leakage"}


def table(rows: int) -> pd.DataFrame:
    rng = np.random.default_rng(4)
    return pd.DataFrame(
        {"a": rng.normal(size=rows), "b": rng.normal(size=rows), "c": rng.choice(["x", "y"], rows)}
    )


def parts(serve: int) -> Dataset:
    frame = table(120).assign(part=["learn"] * (120 - serve) + ["meet"] * serve)
    return load(frame, name="parts.csv", split=PartSplit("value", column="part", value="meet"))


MAKE: dict[str, Callable[[], Dataset]] = {
    "no target": lambda: load(table(120), name="plain.csv"),
    "one class": lambda: load(table(120).assign(y="one"), name="one.csv", target="y"),
    "no class": lambda: load(table(120).assign(y=None), name="none.csv", target="y"),
    "one row": lambda: load(table(1).assign(y="one"), name="row.csv", target="y"),
    "few rows": lambda: load(table(9).assign(y="one"), name="few.csv", target="y"),
    "all missing": lambda: load(
        pd.DataFrame({"a": [None] * 60, "y": [None] * 60}), name="gaps.csv", target="y"
    ),
    "one serve row": lambda: parts(1),
}
# per case the checks that cannot be made, or not wholly
LACKING = {
    "no target": {"target", "leakage", "shift", "overlap", "segments", "imbalance", "strategies"},
    "one class": {"target", "leakage", "imbalance", "strategies"},
    "no class": {"target", "leakage", "imbalance", "strategies"},
    "one row": {"target", "leakage", "outliers", "association", "profile"},
    "few rows": {"target", "leakage", "outliers"},
    "all missing": {"target", "leakage", "outliers", "association"},
    "one serve row": {"target", "leakage", "shift", "overlap", "segments"},
}


def outcomes(data: Dataset) -> list[Outcome]:
    return [attempt(name, data) for name in analyses() if name != "projection"]


@pytest.mark.parametrize("case", MAKE)
def test_a_report_says_what_was_not_checked(case: str) -> None:
    data = MAKE[case]()
    every = outcomes(data)
    lacking = {outcome.analysis.name for outcome in every if not outcome.complete}
    assert lacking >= LACKING[case]
    audit = audit_json(data, every, 0.0)
    report = whole(audit, data, every)
    quiet = whole({**audit, "findings": []}, data, every)  # as if nothing else had been found
    for text in (
        markdown(report, "A"),
        markdown(quiet, "A"),
        to_text(audit),
        to_text({**audit, "findings": []}),
    ):
        assert not [words for words in PASSES if words in text]
    assert "in what was checked" in markdown(quiet, "A") and "in what was checked" in to_text(quiet)
    without_script = page(quiet, data.names, "A").partition("<noscript>")[2].partition("</noscript>")[0]
    idle = [outcome for outcome in every if not outcome.result_is_in]
    assert without_script.count("Not checked: ") == len(idle)
    for outcome in every:
        if outcome.analysis.name in lacking and outcome.result is not None:
            text = to_text(result_json(outcome.analysis, data, outcome.result, 0.0))
            assert "Nothing found." not in text, outcome.analysis.name


def read(text: str) -> str:
    """A text as it is read, without what keeps it from being Markdown."""
    return text.replace("\\", "").replace(BREAK, "")


ONE = (
    "'y' has one class, 'one': there is nothing to compare. Choose another target, or load rows with other "
    "values of it."
)


@pytest.mark.parametrize(
    ("target", "why"), [("y", ONE), (None, "No target is chosen: choose the column to predict.")]
)
def test_what_the_target_keeps_from_being_checked_is_said_once_beside_its_picker(
    target: str | None, why: str, open_page: Open
) -> None:
    app = open_page("prepare", load(table(130).assign(y="one"), name="one.csv", target=target))
    app.button(key="run-checks").click()
    for _ in range(12):  # one check after the other
        ready(app)
    sound(app)
    [told] = [warning.value for warning in app.warning]
    assert told == f"Not checked: labels\\, class balance\\, target\\, leakage. {plain(why)}"
    assert app.selectbox(key="prepare-word").options  # the rest of the page can be used
    keyed(app.selectbox, "choose-target-").set_value("c")
    ready(app)
    sound(app)
    assert app.session_state["winnow"].dataset.roles.target == "c"
    assert not app.warning
    assert not [one for one in app.selectbox if str(one.key).startswith("choose-target-")]


@pytest.mark.parametrize("page", ["labels", "coreset"])
def test_a_target_of_one_class_is_no_failure(page: str, open_page: Open) -> None:
    app = open_page(page, MAKE["one class"]())
    sound(app)
    assert [info.value for info in app.info] == [plain(ONE)]
    assert "failed" not in shown(app)


def test_every_analysis_says_alike_what_the_target_lacks() -> None:
    whose = {one.analysis.name: one for one in outcomes(MAKE["one class"]()) if one.wants_target}
    assert whose.keys() == {
        "coreset", "importance", "labels", "strategies", "target", "imbalance", "leakage",
    }  # fmt: skip
    for name in ("coreset", "importance", "labels", "strategies"):
        assert str(whose[name].status) == f"skipped: {ONE}"
    without = {one.analysis.name: one for one in outcomes(MAKE["no target"]()) if one.wants_target}
    assert {str(one.status) for one in without.values()} == {
        "skipped: No target is chosen: choose the column to predict."
    }
    assert without.keys() == {
        "importance", "labels", "residuals", "proof", "imbalance", "strategies", "target", "leakage",
    }  # fmt: skip
    alone, both, known = MAKE["no target"](), parts(30), MAKE["one class"]()
    for name, one in analyses().items():
        assert one.lacks_target(alone, {}) is (name in without), "what is known before it has run"
        assert not one.lacks_target(known, {}) and not one.lacks_target(alone, {"target": "c"})
        if one.needs:
            told = attempt(name, both).status == NO_TARGET
            assert one.lacks_target(both, {}) is told, name
    assert not analyses()["leakage"].lacks_target(both, {}), "what two parts have in common is looked at"


@pytest.mark.parametrize("case", ["one row", "few rows", "all missing"])
def test_issues_review_and_profile_say_what_was_not_checked(case: str, open_page: Open) -> None:
    app = open_page("issues", MAKE[case]())
    for other in ("", "pages/clean/review.py", "pages/explore/profile.py"):
        if other:
            app.switch_page(other)
            ready(app)
        sound(app)
        told = shown(app)
        assert not [words for words in PASSES if words in told], other
        if "profile" not in other:
            assert "utliers" in "".join(warning.value for warning in app.warning), other
        assert [success.value for success in app.success] == []


def test_what_cannot_be_made_is_one_number_before_and_after_it_was_tried(open_page: Open) -> None:
    """At the side, on Issues, on Export, in the audit and its reports; and is not offered to be run."""
    words = "4 checks cannot be made: no target is chosen"
    data = load(table(140), name="aimless.csv")  # of which nothing is known from other tests
    app = open_page("profile", data)

    def counted() -> tuple[str, str]:
        [side] = [one for one in app.sidebar.caption if "attention" in one.value]
        return side.value, read(side.help)

    cannot = "Cannot be made: Labels, Class balance, Target, Leakage. No target is chosen"
    assert words in counted()[0] and "4 checks not run yet" in counted()[0] and cannot in counted()[1]
    assert "Nothing needs attention in what was checked" in shown(app)
    for tab in ("Relations", "Missing", *TABS):
        app.session_state["profile-tab"] = tab
        ready(app)
    app.switch_page(PAGES["issues"])
    ready(app)
    named = words.replace(":", " (Labels, Class balance, Target, Leakage):")
    assert f"{named}." in [read(one.value) for one in app.caption]
    assert "Not checked yet" not in shown(app)
    for other in ("labels", "balance", "prepare", "export"):
        app.switch_page(PAGES[other])
        ready(app)
        app.run()
        sound(app)
        assert words in counted()[0] and "not run yet" not in counted()[0] and cannot in counted()[1], other
        if other == "prepare":
            assert "Not checked yet" not in shown(app) and "run-checks" not in {one.key for one in app.button}
            [told] = [one.value for one in app.warning]
            assert read(told).startswith("Not checked: labels, class balance, target, leakage. No target is")
    assert re.search(rf"In what is exported, .*; {words}\.", shown(app))

    report = audit_json(data, audit(data), 0.0)
    assert report["summary"]["not_checked"] == 4 and report["not_made"]["words"] == words
    told = f"{words.replace(':', ' (Labels, Class balance, Target, Leakage):')}."
    whole_one = whole(report, data, audit(data))
    assert told in to_text(report) and told in read(markdown(whole_one, "A"))
    drawn = page(whole_one, data.names, "A")
    assert told in drawn.partition("<noscript>")[2]
    held = json.loads(re.search(r'id="data">(.*?)</script>', drawn, re.DOTALL)[1])  # type: ignore[index]
    assert held["not_made"] == report["not_made"]


def test_checks_that_cannot_be_made_are_not_offered_to_be_run(open_page: Open) -> None:
    app = open_page("prepare", load(table(150), name="offered.csv"))
    [left] = [one.value for one in app.markdown if "Not checked yet" in one.value]
    assert read(left) == "Not checked yet: Relations, Missing, Near duplicates, Outliers."
    assert app.button(key="run-checks").label == "Run all 4"
    [told] = [one.value for one in app.warning]
    assert read(told).startswith("Not checked: labels, class balance, target, leakage. No target is chosen")


@pytest.mark.parametrize("case", ["no target", "one class", "no class", "one row", "all missing"])
def test_the_tabs_say_what_was_not_checked(case: str, open_page: Open) -> None:
    app = open_page("profile", MAKE[case]())
    for tab, name in TABS.items():
        if name in LACKING[case]:
            app.session_state["profile-tab"] = tab
            ready(app)
            sound(app)
            assert "Nothing stands out" not in shown(app), tab


def test_the_overlap_page_does_not_call_a_part_of_one_row_alike(open_page: Open) -> None:
    app = open_page("overlap", parts(1), {"projection": {"method": "pca"}})
    sound(app)
    told = shown(app)
    assert "No single column shifted." not in told and "No segment holds" not in told
    assert "serve has 1 row" in told


def test_whole_checks_still_pass(open_page: Open) -> None:
    data = load(table(120), name="plain.csv")
    app = open_page("issues", data)
    assert "No row looks wrong." in shown(app) and not app.warning
    app.switch_page("pages/clean/review.py")
    ready(app)
    assert [success.value for success in app.success] == ["Nothing waits for a decision."]


def test_no_row_looks_wrong_only_where_the_labels_were_checked_too(open_page: Open) -> None:
    frame = table(120).assign(y=["u", "v"] * 60)
    app = open_page("issues", load(frame, name="aimed.csv", target="y"))
    assert "No row looks wrong in what was checked." in shown(app)


def test_review_says_as_the_doors_to_it_that_not_all_checks_have_run(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ "Nothing waits for a decision." stood there, and on Labels that more may follow."""
    app = open_page("review", load(table(120), name="plain.csv"))
    known = waiting._in_review
    monkeypatch.setattr(waiting, "_in_review", lambda *given: known(*given)._replace(still=True))
    app.session_state["winnow"].turn += 1
    ready(app)
    [told] = [one.value.replace("\\", "") for one in app.info if "Nothing waits" in one.value]
    assert told.startswith(
        "Nothing waits for a decision in what was checked. Not all checks of rows have run"
    )
    assert not app.success


def test_issues_counts_the_findings_of_other_pages_where_no_row_looks_wrong_too(open_page: Open) -> None:
    frame = table(120)
    data = load(
        frame.assign(more=np.arange(120) % 7),
        serve=frame.head(50).assign(a=frame["a"] + 0.01),
        name="lopsided.csv",
    )
    told = shown(open_page("issues", data))
    assert "No row looks wrong. 1 finding needs attention, on another page." in told


def checked(open_page: Open, data: Dataset, page: str = "export") -> tuple[str, str, str]:
    """A page after all checks were run: all of its texts, the line of Export on what is open, the side."""
    app = open_page("prepare", data)
    app.button(key="run-checks").click()
    for _ in range(12):  # one check after the other
        ready(app)
    app.switch_page(PAGES[page])
    ready(app)
    app.run()
    sound(app)
    export = [one.value for one in app.markdown if "In what is exported" in one.value]
    side = next(one.value for one in app.sidebar.caption if "need" in one.value)
    return shown(app), read(export[0]) if export else "", read(side)


BROKEN = "Outliers could not be judged."


def fails(monkeypatch: pytest.MonkeyPatch, name: str = "outliers") -> None:
    """Have one check fail."""

    def work(asked: str, *given: Any, **more: Any) -> Any:
        if asked == name:
            raise CoreError(BROKEN)
        return run(asked, *given, **more)

    monkeypatch.setattr(core.outcomes, "run", work)


def test_export_is_calm_where_every_check_ran_or_wants_a_target(open_page: Open) -> None:
    _, told, _ = checked(open_page, load(table(150), name="calm.csv"))
    assert told == (
        ":material/info: In what is exported, no finding needs attention; 4 checks cannot be made: no target "
        "is chosen."
    )


@pytest.mark.parametrize("page", ["export", "issues", "profile"])
def test_a_check_that_failed_is_named_and_never_looks_calm(
    page: str, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    fails(monkeypatch)
    words = "5 checks cannot be made: 4 as no target is chosen, Outliers failed"
    drawn, told, side = checked(open_page, load(table(151), name="broken.csv"), page)
    assert words in side and not [one for one in PASSES if one in drawn]
    if page == "export":
        warns = ":orange[:material/warning:] In what is exported, no finding needs attention"
        assert told == f"{warns}; {words}."
    else:
        assert "in what was checked" in drawn


def side_of_review(app: Any) -> list[str]:
    every = [read(one.value) for one in app.sidebar.caption]
    return [hit[0].strip() for one in every if (hit := re.search(r"[^·\n]*in review[^·\n]*", one))]


def test_rows_that_wait_are_so_far_where_a_check_of_rows_failed(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether a row waits is not known then; and what they find when they are made again is in the review."""
    data = load(pd.concat([table(154), table(154)[:6]]), name="unsure.csv")
    every = detectors(data)

    def broken(asked: str, *given: Any, **more: Any) -> Any:
        if asked in every:
            raise CoreError(BROKEN)
        return run(asked, *given, **more)

    monkeypatch.setattr(core.outcomes, "run", broken)
    app = open_page("issues", data)
    app.run()
    now = app.session_state["winnow"]
    now.review, now.turn = now.review.say(Decision("drop", RowSet([3]))), now.turn + 1
    ready(app)
    app.run()

    def door() -> str:
        told = [read(one.value) for one in app.main.caption]
        return next(one for one in told if "in review" in one or one.startswith("Review lists"))

    assert door().startswith("Review lists the data as loaded.") and "No row waits" not in door()
    names = [analyses()[name].tab or analyses()[name].title for name in every]
    assert all(name in door().partition(" could not be made on the data as loaded")[0] for name in names)
    assert "rows that they would flag are not known" in door()
    now.review, now.turn = now.review.say(Decision("defer", RowSet([5]))), now.turn + 1
    ready(app)
    app.run()
    assert side_of_review(app) == ["1 row waits in review so far"]
    assert "1 row of the data as loaded waits in review so far." in door(), "the foot says what the side says"
    assert "more may follow" not in door() and "could not be made on the data as loaded" in door()

    monkeypatch.undo()
    now.outcomes.clear()
    for _ in range(3):
        ready(app)
        app.run()
    again = (now.dataset, audit(now.dataset, names=every))
    flagged = fixes.flagged(all_findings(*again), ())
    assert len(flagged) >= 6 and "could not be made" not in door()
    waiting = (flagged | RowSet([5])) - RowSet([3, 157])  # 157 repeated row 3, which was dropped
    assert len(flagged - waiting) == 1
    assert side_of_review(app) == [f"{len(waiting)} rows wait in review, 1 left it: no longer flagged"]


def test_what_a_check_finds_when_it_is_made_again_after_it_failed_is_listed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = Session()
    for module in (state, results):
        monkeypatch.setattr(module, "session", lambda: now)
    data = load(pd.concat([table(155), table(155)[:6]]), name="again.csv")
    done = attempt("duplicates", data)
    broken = not_made(done.analysis, CoreError(BROKEN))
    assert done.findings and not results.findings_by_key(data, {"duplicates": broken})
    again = results.findings_by_key(data, {"duplicates": done})
    assert [finding for finding, _ in again.values()] == list(done.findings)


def test_an_audit_names_the_check_that_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    fails(monkeypatch)
    data = load(table(152), name="audited.csv")
    outcomes = audit(data)
    report = audit_json(data, outcomes, 0.0)
    words = "5 checks cannot be made: 4 as no target is chosen, Outliers failed"
    assert report["status"] == "failed: outliers" and report["not_made"]["words"] == words
    drawn = whole(report, data, outcomes)
    for text in (to_text(report), read(markdown(drawn, "A")), page(drawn, data.names, "A")):
        head, _, why = words.partition(":")
        assert f"{head} (Outliers, " in text.replace("\\", "")
        assert f"):{why}." in text.replace("\\", "") and BROKEN in text.replace("\\", "")


def test_what_a_check_left_out_is_named_and_never_looks_calm(open_page: Open) -> None:
    """A target of one class: labels cannot be judged, and nothing is compared with it."""
    data = load(table(153).assign(y="one"), name="poor.csv", target="y")
    _, told, side = checked(open_page, data)
    for words in (
        "1 check cannot be made: Labels for want of another target",
        "3 checks not made in full: Class balance, Target and Leakage",
    ):
        assert words in told and words in side
    assert told.startswith(":orange[:material/warning:]")


def test_what_is_no_check_is_not_counted_on_prepare_either(open_page: Open) -> None:
    """Importance leaves the doubts out where nothing predicts the labels, as Labels does, and is no check."""
    drawn = np.random.default_rng(5).choice(["p", "q"], 400)
    data = load(table(400).assign(y=drawn), name="guess.csv", target="y")
    assert run("importance", data).unchecked
    told, _, side = checked(open_page, data, "prepare")
    lines = re.findall(r"Not checked in full: ([^.]*)\.", told.replace("\\", ""))
    titles = {one.title.lower(): one for one in analyses().values()}
    named = [titles[title].tab or titles[title].title for line in lines for title in line.split(", ")]
    counted = re.search(r"(\d+) checks? not made in full: ([^·.]*)", side)
    assert counted is not None and int(counted[1]) == len(named) > 0, (lines, side)
    assert "Labels" in named and all(name in counted[2] for name in named)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (lambda: parts(30), "Choose a target to see how well each column predicts it."),
        (
            lambda: load(table(12).assign(y=["p", "q"] * 6), name="few.csv", target="y"),
            "Columns are drawn from 20 train rows with a known 'y' on.",
        ),
        (
            lambda: load(pd.DataFrame({"y": ["p", "q"] * 60}), name="alone.csv", target="y"),
            "There is no column beside 'y' that could predict it.",
        ),
    ],
)
def test_a_figure_that_would_be_empty_says_what_it_takes(
    data: Callable[[], Dataset], words: str, open_page: Open
) -> None:
    """ "There is nothing to draw" stood there."""
    app = open_page("profile", data())
    keyed(app.segmented_control, "profile-tab").set_value("Leakage")
    ready(app)
    sound(app)
    assert words in read(shown(app)) and "nothing to draw" not in shown(app)


def test_checks_that_run_are_not_said_to_be_unchecked(
    open_page: Open, held: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ "Not checked yet since the last step" stood above the bar of the check that ran."""
    monkeypatch.setattr("tests.components.conftest.SLOW", {"association"})
    frame = table(150).assign(other=np.random.default_rng(3).normal(size=150))
    app = open_page("prepare", load(frame, name="state.csv", target="c"))

    def state() -> str:
        words = ("Not checked yet", "Being checked", "Still to come")
        [told] = [one.value for one in app.markdown if one.value.startswith(words)] or [""]
        return told.replace("\\", "")

    assert state().startswith("Not checked yet: ") and "Relations" in state()
    app.button(key="run-checks").click()
    until = time.monotonic() + 60
    while not state().startswith("Being checked: Relations."):
        assert time.monotonic() < until, state()
        app.run()
    assert " Still to come: " in state() and "Not checked" not in state()
    assert not [one for one in app.button if one.key == "run-checks"]
    app.button(key="stop-job").click().run()
    ready(app)
    assert state().startswith("Not checked yet: ") and "Relations" in state()
    held.set()


def test_checks_that_are_at_work_are_not_among_those_to_run(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ "Run all 5" stood where two of the five were being checked."""
    app = open_page("prepare", load(table(130), name="work.csv", target="c"))
    left = int(str(app.button(key="run-checks").label).removeprefix("Run all "))
    work = {2: f"Run the other {left - 2}", left - 1: "Run the other", left: ""}
    for many, label in work.items():
        monkeypatch.setattr(
            checks_left.results, "under_way", lambda dataset, *names, many=many: frozenset(names[:many])
        )
        app.run()
        assert [str(one.label) for one in app.button if one.key == "run-checks"] == [label] * bool(label)
