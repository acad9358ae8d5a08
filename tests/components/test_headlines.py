"""What the headlines count: a critical finding of another tab stands in the profile's, whichever tabs were
visited, and the whole number is one on every page; a kind of finding names as many columns as it is about.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from components import results
from components.attention import Elsewhere
from components.text import BREAK, tag
from components.views.profile import page
from components.widgets.findings import caption, groups
from core.analyses.imagequality.property_findings import properties_of_label
from core.catalog import analyses
from core.dataset import Dataset
from core.decision import Decision
from core.errors import Cancelled
from core.finding import Finding
from core.prepare.image_properties import Predicted
from core.prepare.images_judged import COLUMNS
from core.rowset import RowSet
from core.run import run
from core.workspace import load
from tests.components.conftest import PAGES, Open, keyed, ready, shown, sound, waited
from tests.components.test_prepare import take

TABS = {"Relations": "association", "Missing": "missingness", "Target": "target", "Leakage": "leakage"}


def leaking(seed: int = 2) -> Dataset:
    """A column that repeats the target, and one with an error far out."""
    draw = np.random.default_rng(seed)
    frame = pd.DataFrame(draw.normal(size=(400, 8)), columns=["x", *(f"z{i}" for i in range(7))])
    frame["y"] = np.where(draw.random(400) < 0.4, "yes", "no")
    frame["coded"] = np.where(frame["y"] == "yes", 1.0, 0.0) + draw.normal(0, 0.01, 400)
    frame.loc[5, "x"] = 1e6
    return load(frame, name="leak.csv", target="y")


def headline(app: AppTest) -> str:
    """As it is read: without the signs that keep it from being Markdown."""
    value = next(one.value for one in app.markdown if one.value.startswith("#### "))
    return str(value).replace("\\", "").replace(BREAK, "")


def door(app: AppTest, tab: str) -> str:
    (label,) = [one.label for one in app.button if f"**{tab}**: " in str(one.label)]
    return str(label).partition("**: ")[2]


def turn(app: AppTest, tab: str) -> AppTest:
    keyed(app.segmented_control, "profile-tab").set_value(tab)
    return ready(app)


def heavy(seed: int) -> Dataset:
    """600 rows of which a few lie far out, and no more than chance makes."""
    draw = np.random.default_rng(seed)
    values = draw.normal(size=(600, 6))
    values[draw.random(600) < 0.02] *= 1.9
    return load(pd.DataFrame(values, columns=list("abcdef")), name="heavy.csv")


def test_rows_that_chance_explains_are_neither_told_as_work_nor_offered_to_be_dropped(
    open_page: Open,
) -> None:
    """The headline called them rows that wait, the list said that chance makes as many, and the button
    dropped them.
    """
    app = open_page("issues", heavy(15))
    sound(app)
    assert "Nothing needs attention" in headline(app) and "No row is flagged." in headline(app)
    app.radio[0].set_value(next(i for i, kind in enumerate(app.radio[0].options) if "2 of 600" in kind))
    ready(app)
    labels = [str(button.label) for button in app.button]
    assert "Send 2 rows to review" in labels
    assert not [one for one in labels if one.startswith("Drop 2")]
    app = open_page("issues", leaking())
    assert "undecided" in headline(app) and "by chance" not in headline(app)


CALM = (
    "nothing stands out",
    "no column has an empty cell",
    "1 column has gaps; no cause",
    "'coded' alone says much of the target",
)


def things(text: str) -> str:
    found = re.search(r"(\d+|Nothing)(?= (?:critical )?findings? need| needs attention| here needs)", text)
    assert found, text
    return found[0]


def test_what_other_tabs_found_is_read_to_its_end_and_apart(open_page: Open) -> None:
    """The sentence of Relations ended in dots and ran into that of the next tab."""
    draw = np.random.default_rng(0)
    one, other = (f"{word} reading of the station on the northern shore" for word in ("morning", "evening"))
    base = draw.normal(size=900)
    frame = pd.DataFrame({one: base, other: base * 0.25 + draw.normal(size=900), "y": draw.normal(size=900)})
    data = load(frame, name="weak.csv", target="y")
    calm = run("association", data, {}).calm
    assert len(calm) > 130 and calm.startswith("No association reaches")
    app = open_page("profile", data)
    label = next(str(one.label) for one in app.button if "**Relations**" in str(one.label))
    assert label.replace("\\", "") == f"**Relations**: n{calm[1:]}"


def test_the_headline_says_what_other_tabs_found_and_its_own_number_stays(open_page: Open) -> None:
    app = open_page("profile", leaking())
    first = headline(app)
    assert "Leakage" not in first and door(app, "Leakage") == "not checked yet"
    for tab in TABS:
        assert door(app, tab) == "not checked yet", tab
        turn(app, tab)
        sound(app)
        own = headline(app)
        turn(app, "Columns")
        told = door(app, tab).replace("\\", "")
        number = re.search(r"(\d+) (?:critical )?findings? needs? attention", own)
        assert told.startswith(number[0] if number else CALM), (tab, own, told)
        assert things(headline(app)) == things(first), "it never depends on the tabs visited"
    assert "1 in Leakage" in headline(app) and "1 critical" in door(app, "Leakage")
    [whole] = re.findall(r"needs? attention here, (\d+) in all", headline(app))
    assert int(whole) > int(things(first)) and f"{whole} findings need attention" in shown(app), "the sidebar"
    app.switch_page(PAGES["prepare"])
    ready(app)
    assert shown(app).count(f"{whole} findings need attention") == 2, "the sidebar and the page"
    app.switch_page(PAGES["issues"])
    ready(app)
    [(every, listed)] = re.findall(
        r"#### (\d+) findings need attention, (\d+) of them listed here", shown(app)
    )
    doors = {
        one.proto.label.replace("\\", "").replace(BREAK, ""): one.proto.query_string
        for one in app.get("page_link")
    }
    assert "tab=leakage" in doors["Explore > Leakage: 1 critical"], "what is not listed here has a door"
    assert next(label for label in doors if ": " in label).startswith("Explore > Leakage"), (
        "the critical first"
    )
    numbers = [int(at[1]) for label in doors if (at := re.search(r" > .*: (\d+)", label))]
    assert sum(numbers) == int(every) - int(listed)
    app.switch_page(PAGES["prepare"])
    ready(app)
    assert shown(app).count(f"{every} findings need attention") == 2


def test_issues_say_which_checks_have_not_run_and_where_they_are_run(open_page: Open) -> None:
    """A leak that was not looked for is not listed: the page must not look as if there were none."""
    app = open_page("issues", leaking(9))
    sound(app)
    [left] = [one.value for one in app.caption if one.value.startswith("Not checked yet: ")]
    assert "Leakage" in left and "Duplicates" not in left
    assert any("Run them on Prepare" in one.proto.label for one in app.get("page_link"))


def test_a_leak_that_is_known_already_stands_in_the_headline_at_once(open_page: Open) -> None:
    data = leaking()
    run("leakage", data, {})  # a report, or another tab of the browser
    app = open_page("profile", data)
    assert "1 in Leakage" in headline(app)
    next(one for one in app.button if "**Leakage**: " in str(one.label)).click()
    ready(app)
    assert "give the target away" in headline(app) and "coded" in shown(app)
    next(one for one in app.button if str(one.key).startswith("accept-leakage")).click()
    turn(app, "Columns")
    assert "Leakage" not in headline(app) and "critical" not in door(app, "Leakage")


def test_the_badge_counts_what_came_in_while_the_page_was_drawn(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not in the next run, which may not come before the next click."""
    data = leaking(7)  # of which nothing is known from other tests
    app = open_page("profile", data)

    def told() -> tuple[str, int]:
        (badge,) = [one.value for one in app.sidebar.caption if "attention" in one.value]
        (number,) = re.findall(r"(\d+) checks? not run yet", badge)
        return badge, int(number)

    before, number = told()
    monkeypatch.setattr(page, "view", lambda: run("leakage", data))
    app.run()
    sound(app)
    after, fewer = told()
    assert fewer == number - 1 and after != before


def test_a_critical_finding_of_another_page_is_told_too(open_page: Open) -> None:
    """The headline said "none critical"."""
    draw = np.random.default_rng(4)
    rows = pd.DataFrame(draw.normal(size=(300, 6)), columns=list("abcdef"))
    again = rows[:30].reset_index(drop=True) + draw.normal(scale=1e-4, size=(30, 6))
    data = load(rows, serve=again, name="again.csv")
    severities = [finding.severity for finding in run("nearduplicates", data).findings]
    assert severities.count("critical") == 1
    said = headline(open_page("profile", data)).replace("\\", "")
    assert "none critical" not in said and "1 on Clean > Issues" in said, said


def test_a_target_that_does_not_vary_is_critical_and_no_failed_check(open_page: Open) -> None:
    draw = np.random.default_rng(0)
    frame = pd.DataFrame({"a": draw.normal(size=120), "b": draw.normal(size=120), "y": "one"})
    app = open_page("profile", load(frame, name="one.csv", target="y"))
    assert headline(app) == "#### 1 critical finding needs attention."
    turn(app, "Target")
    sound(app)
    assert "failed" not in shown(app) and "Nothing can be predicted: " in headline(app)
    assert "Choose another target" in headline(app) and "1 critical finding needs attention" in headline(app)
    turn(app, "Columns")
    assert headline(app) == "#### 1 critical finding needs attention.", "one fact, counted once"


def finding(*columns: str, code: str = "renamed_columns", about: str = "") -> Finding:
    return Finding(code, f"about {columns}", "warning", 0.5, "", "", columns=columns, about=about)


def test_as_many_notes_are_told_as_the_list_holds(open_page: Open) -> None:
    """The headline said 4 notes above two lines, of which one held three."""
    table = pd.DataFrame(np.random.default_rng(2).normal(size=(300, 4)), columns=list("abcd"))
    for place, name in enumerate("abc"):
        table.loc[5 * place : 5 * place + 2, name] = np.nan
    app = open_page("issues", load(table, name="gaps"))
    told = re.search(r"; (\d+) notes? of (\d+) kinds? below", shown(app))
    lines = [str(one) for one in app.radio[0].proto.captions]
    assert told is not None and int(told[2]) == len(lines)
    held = [re.match(r"(?:(\d+) notes|note) ", line) for line in lines]
    assert int(told[1]) == sum(int(one[1] or 1) for one in held if one) == 3
    assert lines == ["3 notes · 9 rows, not flagged"]


def test_a_kind_of_trouble_names_as_many_columns_as_it_is_about() -> None:
    (one,) = groups([finding("a", "b")])
    assert caption(one.severity, one.rows, one.counted) == "warning · 2 columns"
    repeated = replace(finding("a"), beside=("b",))  # it asks to leave 'a' out, and is about both
    (other,) = groups([repeated])
    assert caption(other.severity, other.rows, other.counted) == "warning · 2 columns"
    (two,) = groups([finding("a", "b"), finding("b", "c")])
    assert two.title == "Renamed columns in 3 columns" and two.columns == ("a", "b", "c")
    (none,) = groups([finding(about="x"), finding(about="y")])
    assert none.title == "Renamed columns: 2 findings"
    assert caption("info", RowSet([1, 2]), "") == "note · 2 rows"


def test_of_properties_of_images_these_are_counted_and_not_columns() -> None:
    """Of a property that is made of several columns stood "3 columns" where two are named; then "names no
    row" beside "3 columns" of the like. The column that they predict is none of them.
    """

    def said(*names: str) -> Finding:
        found = [Predicted(name, 0.9, 0.01, 0.5, 0.55, 0.0, 90) for name in names]
        [one] = properties_of_label(found, "one more thing", COLUMNS)
        return one

    shape = said("aspect", "reblur")
    assert shape.title.startswith("'image_width' by 'image_height' predicts 'one more thing' on its own")
    assert shape.columns == ("image_width", "image_reblur") and shape.beside == ("one more thing",)
    assert [one.counted for one in groups([shape])] == ["2 properties"]
    assert [one.counted for one in groups([said("width", "reblur")])] == ["2 properties"]
    many = said("width", "height", "reblur", "blocks", "frame")
    assert many.title.endswith("and 1 more") and [one.counted for one in groups([many])] == ["5 properties"]
    [alone] = groups([said("aspect")])
    assert caption("warning", alone.rows, alone.counted) == "warning · 1 property"
    [several] = groups([shape, replace(said("width"), about="x")])
    assert several.title.endswith("in 2 columns") and several.counted == "2 columns"
    unnamed = replace(finding("a", "b"), title="Two columns hold the same values")
    assert [one.counted for one in groups([unnamed])] == ["2 columns"]


def test_what_was_not_checked_again_is_counted_and_one_click_checks_it(open_page: Open) -> None:
    data = leaking(3)  # of which nothing is known from other tests
    found = run("leakage", data).findings
    number = sum(one.severity != "info" for one in found)
    assert number
    app = open_page("profile", data)
    turn(turn(app, "Leakage"), "Columns")
    app.switch_page(PAGES["prepare"])
    waited(take(ready(app), "scale", "z3"))
    assert f"{number} earlier finding not checked again" in shown(app), "the sidebar"
    told = shown(app).replace(BREAK, "")
    assert f"**{number} earlier finding not checked again**" in told, "the headline"
    assert "needs attention in what was checked**" in told
    assert re.search(r"Not checked yet since the last step: [^.]*Leakage", told)
    assert "Found when last checked, and not checked again since:" in told
    assert "being checked" not in told, "no job is at work"
    assert any(one.value.startswith(":gray[:material/hourglass_empty: ") for one in app.markdown)
    for other in ("profile", "issues"):
        app.switch_page(PAGES[other])
        said = headline(ready(app))
        assert f"; {number} earlier finding not checked again" in said, other
        if other == "profile":
            assert door(app, "Leakage") == "not checked again" and door(app, "Missing") == "not checked yet"
        assert "in what was checked" in said or "need" in said.partition(";")[0], other
        [folded] = [one for one in app.expander if "not checked again" in one.label]
        assert folded.label == f"{number} earlier finding not checked again", other
        listed = [one.value for one in folded.markdown if "hourglass" in one.value]
        assert len(listed) == number and "coded" in listed[0], "listed where it is counted"
    app.switch_page(PAGES["prepare"])
    ready(app)
    keyed(app.button, "run-checks").click()
    ready(app)
    assert (
        "checked again" not in shown(app)
        and "hourglass" not in shown(app)
        and "Not checked yet" not in shown(app)
    )
    assert any("coded" in one.value for one in app.markdown), "the leak stands among what is still to do"


def test_what_was_left_as_it_is_stays_so_while_it_is_not_checked_again(open_page: Open) -> None:
    """It stood in no list after the next step, and came back only once its check had run again."""
    data = leaking(4)
    [leak] = [one for one in run("leakage", data).findings if one.severity != "info"]
    app = open_page("profile", data)
    turn(turn(app, "Leakage"), "Columns")
    app.switch_page(PAGES["prepare"])
    keyed(ready(app).button, f"leave-prepare-{tag(leak.key)}").click()
    waited(ready(app))

    def said() -> str:
        sound(app)
        return shown(app).replace(BREAK, "")

    def listed() -> list[str]:
        return [one.label for one in app.expander if one.label.startswith("Accepted (")]

    def earlier() -> int:
        return sum(map(int, re.findall(r"\*\*(\d+) earlier findings? not checked again", said())))

    assert "1 accepted" in said() and listed() == ["Accepted (1)"]
    assert "not checked again" not in said()
    take(app, "scale", "z3")
    assert "1 accepted" in said() and listed() == ["Accepted (1)"]
    assert sum("not checked again since" in one.value for one in app.caption) == 1
    assert earlier() == 0, "it does not count"
    keyed(app.button, "run-checks").click()
    ready(app)
    assert "1 accepted" in said() and listed() == ["Accepted (1)"]
    assert "not checked again" not in said()
    take(app, "scale", "z4")
    others = earlier()
    assert listed() == ["Accepted (1)"]
    keyed(app.button, f"back-prepare-{tag(leak.key)}").click()
    waited(ready(app))
    assert earlier() == others + 1 and not listed()


def test_a_door_is_called_as_the_page_behind_it_is() -> None:
    """By the words of the sidebar, or of a tab of Profile: nobody finds a page called Shift."""
    pages = {path.stem.capitalize() for path in (Path(__file__).parents[2] / "pages").glob("*/*.py")}
    doors = {name: Elsewhere(one, 1, 0) for name, one in analyses().items()}
    assert str(doors["shift"]) == "Explore > Overlap, Shift: 1" and doors["labels"].where == "Clean > Labels"
    for one in doors.values():
        called = one.where.split(" > ")[1].split(", ")[0]
        assert one.in_tab or called in pages, one.where


@pytest.mark.parametrize(("error", "others_run"), [(RuntimeError("a bug"), True), (Cancelled(), False)])
def test_a_check_that_breaks_does_not_keep_the_others_waiting_and_a_stop_ends_all(
    error: Exception, others_run: bool, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = leaking(17 + others_run)  # of which nothing is known from other tests
    app = open_page("prepare", data)
    attempts = results.attempts

    def breaking(dataset: Dataset, settings: Any, *how: Any) -> Any:
        if "association" in settings:
            raise error
        return attempts(dataset, settings, *how)

    monkeypatch.setattr(results, "attempts", breaking)
    keyed(app.button, "run-checks").click()
    ready(app)
    left = next(one.value for one in app.markdown if "Not checked yet" in one.value)
    assert "Relations" in left and ("Leakage" in left) is not others_run
    monkeypatch.setattr(results, "attempts", attempts)
    keyed(app.button, "run-checks").click()
    ready(app)
    assert "Not checked yet" not in shown(app)


def test_the_export_page_tells_of_what_is_open_with_a_door_to_it(open_page: Open) -> None:
    data = leaking(seed=11)  # that no other test looks at
    app = open_page("export", data)
    assert headline(app).startswith("#### Nothing was changed yet")
    assert "What is exported was not checked yet." in shown(app)
    for name in ("profile", "leakage"):
        run(name, data)
    waited(app.run())
    assert "In what is exported, 2 findings need attention; " in shown(app)
    assert re.search(r"attention; \d+ checks not run yet\.", shown(app))
    doors = {one.proto.label: one.proto.page for one in app.get("page_link")}
    assert "See the issues" not in doors and doors["What is still to do"] == "prepare"
    [leak] = [label for label in doors if "Leakage" in label]
    assert doors[leak] == "profile", "the page that tells of it"
    now = app.session_state["winnow"]
    now.review, now.turn = now.review.say(Decision("omit", RowSet(), column="coded")), now.turn + 1
    waited(app.run())
    told = "What is exported was not checked since the last step: 1 earlier finding not checked again."
    assert told in shown(app)
