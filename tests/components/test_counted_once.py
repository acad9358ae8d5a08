"""A finding is counted once: as open, as not checked again, or as resolved; and on one page."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from components.text import tag
from components.widgets.resolved import ELSEWHERE
from core.dataset import Dataset
from core.decision import Decision
from core.one_cause import distinct
from core.reporting.files import files
from core.rowset import RowSet
from core.run import MEMO, run
from core.workspace import load
from tests.components.conftest import PAGES, Open, keyed, linked, planted, ready, shown, waited
from tests.components.test_headlines import door, headline, turn
from tests.components.test_prepare import take, told
from tests.core.analyses.nearduplicates.test_nearduplicates import torn
from tests.core.test_one_cause import columns_alike
from tests.images import encoded, picture, zipped
from tests.make import dataset

TABS = ("Relations", "Target", "Missing", "Leakage")


def works(path: Path) -> Dataset:
    """Six things amiss: an empty and a constant column, gaps in two others, and a value of 9,999, which is an
    outlier and an isolated value. Nothing predicts the target.
    """
    draw, rows = np.random.default_rng(0), 300
    frame = pd.DataFrame(
        {
            "temperature": draw.normal(20, 3, rows).round(1),
            "moisture": draw.normal(50, 9, rows).round(1),
            "empty": [None] * rows,
            "plant": draw.choice(["A", "B", "C"], rows),
            "grade": draw.choice(["good", "bad"], rows),
            "always": "x",
        }
    )
    frame.loc[draw.choice(rows, 40, replace=False), "moisture"] = None
    frame.loc[draw.choice(rows, 20, replace=False), "grade"] = None
    frame.loc[7, "temperature"], frame.loc[8, "moisture"] = 9999, 107
    frame.to_csv(path / "works.csv", index=False)
    return load(path / "works.csv", target="grade")


def badge(app: AppTest) -> str:
    return next(str(caption.value) for caption in app.sidebar.caption if "rows × " in caption.value)


def visit(app: AppTest, page: str) -> AppTest:
    app.switch_page(PAGES[page])
    return ready(app)


def click(app: AppTest, label: str) -> AppTest:
    (button,) = [one for one in app.button if str(one.label).replace("\\", "").startswith(label)]
    button.click()
    return waited(app.run())


def counted(app: AppTest) -> tuple[int, int, int]:
    """How many findings Prepare calls open, not checked again, and resolved; the side as many of the first
    two.
    """
    (told,) = [one.value for one in app.markdown if "attention" in one.value and one.value.startswith("**")]
    resolved = "findings?(?: and [0-9]+ notes?)? resolved"
    words = ("findings? need", "earlier findings? not checked again", resolved)
    numbers = [re.search(rf"(\d+) {one}", told) for one in words]
    for word, number in list(zip(words, numbers, strict=True))[:2]:
        beside = re.search(rf"(\d+) {word}", badge(app))
        assert (beside and beside[1]) == (number and number[1]), word
    opened, earlier, mended = (0 if one is None else int(one[1]) for one in numbers)
    return opened, earlier, mended


def all_checked(open_page: Open, path: Path) -> AppTest:
    """Prepare, once every check of these data has been looked at."""
    app = open_page("profile", works(path))
    for tab in TABS:
        turn(app, tab)
    visit(app, "issues")
    visit(app, "prepare")
    assert counted(app) == (6, 0, 0)
    return app


def test_what_decisions_took_away_is_resolved_and_stays_so_after_other_steps(
    open_page: Open, tmp_path: Path
) -> None:
    app = all_checked(open_page, tmp_path)
    click(app, "Leave out 'empty'")
    assert counted(app) == (4, 1, 1)
    assert "is empty" not in " ".join(one.value for one in app.markdown if "hourglass" in one.value)
    visit(app, "issues")
    outlying = next(at for at, group in enumerate(app.radio[0].options) if "stand far" in group)
    waited(app.radio[0].set_value(outlying).run())
    click(app, "Drop 2 rows")  # those of the outliers, one of which has the isolated value
    assert "Resolved: 2 findings of those listed here" in [one.label for one in app.expander]
    assert ELSEWHERE in shown(app), "where the others are counted"
    assert "mended by columns" not in headline(app), "for the gaps of the target rows are dropped"
    visit(app, "prepare")
    assert counted(app) == (3, 0, 3)
    waited(take(app, "scale", "moisture"))
    assert counted(app) == (3, 0, 3), "the outlier was not looked for again, and its row is not there"
    keyed(app.button, "run-checks").click()
    ready(app)
    assert counted(app) == (3, 0, 3)
    visit(app, "profile")
    turn(app, "Columns")
    told = headline(app)
    assert "2 findings of those listed here are resolved" in told, "the outlier is listed on Issues alone"


def test_a_finding_on_gaps_is_counted_under_columns_alone_and_the_missing_tab_leads_there(
    open_page: Open, tmp_path: Path
) -> None:
    """That a column is empty is found by both; that one has gaps stood on the first tab alone, unsaid."""
    app = open_page("profile", works(tmp_path))
    for tab in TABS:
        turn(app, tab)
    turn(app, "Missing")
    some = (
        "no cause of 1 of them stands out; "
        "it was not checked whether other columns predict the gaps of 1 of them"
    )
    assert f"2 columns have gaps; {some}." in headline(app)
    side = "".join(one.value for one in app.sidebar.caption).replace("\\", "")
    assert "not made in full: Missing" in side
    told = " ".join(one.value for one in app.markdown).replace("\\", "")
    assert "3 findings on gaps stand under Columns: 'empty' is empty" in told and "'moisture' is" in told
    assert "What was found" not in [one.value for one in app.subheader]
    keyed(app.button, "gaps-columns-door").click()
    ready(app)
    labels = [str(one.label) for one in app.button if "tab-door" in str(one.key)]
    doors = {one.partition("**: ")[0].lstrip("*"): one for one in labels}
    assert some in doors["Missing"].replace("\\", "")
    assert not any("need" in door for door in doors.values())
    assert headline(app).startswith("#### 5 findings need attention")


def test_notes_on_gaps_are_counted_where_the_missing_tab_leads_to_them(open_page: Open) -> None:
    """A critical finding and a note stood under Columns, and the tab told of one."""
    draw, rows = np.random.default_rng(4), 400
    frame = pd.DataFrame(draw.normal(size=(rows, 4)).round(3), columns=["a", "b", "some", "most"])
    frame.loc[draw.random(rows) < 0.03, "some"] = None
    frame.loc[draw.random(rows) < 0.7, "most"] = None
    app = open_page("profile", load(frame, name="notes.csv"))
    found = run("profile", app.session_state["winnow"].dataset).findings
    assert sorted(one.severity for one in found if one.code == "missing") == ["critical", "info"]
    turn(app, "Missing")
    told = next(one.value.replace("\\", "") for one in app.markdown if "on gaps stand" in one.value)
    assert told.startswith("2 findings on gaps stand under Columns: 'most'") and "'some' is" in told


def test_columns_that_serve_lacks_are_no_columns_with_gaps(open_page: Open, tmp_path: Path) -> None:
    draw, rows = np.random.default_rng(2), 400
    train = pd.DataFrame({name: draw.normal(0, 1, rows).round(3) for name in ("a", "b", "load")})
    train.loc[:59, "a"] = None
    serve = train.drop(columns="load").iloc[:200].assign(a=train["a"].mask(np.arange(rows) < 70))
    train.to_csv(tmp_path / "train.csv", index=False)
    serve.to_csv(tmp_path / "serve.csv", index=False)
    app = open_page("profile", load(tmp_path / "train.csv", serve=tmp_path / "serve.csv"))
    turn(app, "Missing")
    assert "1 column has gaps; no cause of them stands out; 'load' is not in both parts." in headline(app)
    said = [one.value.replace("\\", "") for one in app.caption]
    assert any("Drawn for train alone, with 60 of the 130 missing cells" in one for one in said)


def test_the_lines_of_issues_add_up_to_the_rows_that_are_flagged(open_page: Open) -> None:
    """Row 5 is far out, and row 200 repeats it: each of the two findings names rows of the other."""
    frame = pd.DataFrame(np.random.default_rng(31).normal(size=(200, 4)).round(3), columns=list("abcd"))
    frame.loc[5] = [60.0, -60.0, 60.0, -60.0]
    data = load(pd.concat([frame, frame.loc[[5, 7, 8]]], ignore_index=True), name="again.csv")
    app = open_page("issues", data)
    every = 0
    for line in app.radio[0].proto.captions:
        flagged, number = re.search(r"(\d+) rows?(?:, (\d+) of them)? flagged", line), 0
        if flagged:
            number = int(flagged[2] or flagged[1])
        above = re.search(r"(all|(\d+) of \d+) named above", line)
        every += number - (0 if above is None else number if above[1] == "all" else int(above[2]))
    (told,) = {
        int(hit) for one in app.sidebar.caption for hit in re.findall(r"(\d+) rows? flagged", one.value)
    }
    assert every == told and any("named above" in line for line in app.radio[0].proto.captions)


def test_what_fills_a_column_that_serve_lacks_is_not_said_to_fill_serve(
    open_page: Open, tmp_path: Path
) -> None:
    """Its cells there are none of the gaps that are counted: "32 of the 332 missing cells" stood there."""
    draw, rows = np.random.default_rng(21), 400
    train = pd.DataFrame({name: draw.normal(0, 1, rows).round(3) for name in ("a", "b", "load")})
    train.loc[:59, "load"] = None
    train.to_csv(tmp_path / "train.csv", index=False)
    train.drop(columns="load").iloc[:200].to_csv(tmp_path / "serve.csv", index=False)
    app = open_page("profile", load(tmp_path / "train.csv", serve=tmp_path / "serve.csv"))
    turn(app, "Missing")
    said = [one.value.replace("\\", "") for one in app.caption]
    assert any("Drawn for train alone: serve does not have the column." in one for one in said)
    assert not any("missing cells" in one or "fills serve" in one for one in said)


def test_earlier_findings_are_those_of_the_last_run_and_not_of_the_data_as_loaded(
    open_page: Open, tmp_path: Path
) -> None:
    """What a step had mended came back with the next one, and what it had brought about was forgotten."""
    app = all_checked(open_page, tmp_path)
    waited(take(app, "clip", "temperature", low="0", high="30"))
    waited(take(app, "clip", "moisture", low="0", high="80"))  # no outlier, no isolated value
    waited(take(app, "mark", "plant", value="A"))  # as good as the column itself
    keyed(app.button, "run-checks").click()
    ready(app)
    assert counted(app) == (5, 0, 2)
    waited(take(app, "scale", "moisture"))
    told = " ".join(one.value for one in app.markdown if "hourglass" in one.value).replace("\\", "")
    assert "'plant_is_A' are strongly associated" in told and "far from the rest" not in told
    assert counted(app) == (4, 1, 2)
    keyed(app.button, "side-undo").click()
    ready(app)
    assert counted(app) == (5, 0, 2)
    for _ in "mark", "clip", "clip":
        keyed(app.button, "side-undo").click()
        ready(app)
    assert counted(app) == (6, 0, 0)


def test_a_finding_is_new_only_where_its_check_ran_on_the_data_as_loaded(
    open_page: Open, tmp_path: Path
) -> None:
    """Gaps that hang on another column were there as loaded, where Missing had not looked."""
    draw, rows = np.random.default_rng(6), 600
    frame = pd.DataFrame({"a": draw.normal(size=rows), "gaps": draw.normal(size=rows)})
    frame.loc[(frame["a"] + draw.normal(size=rows) / 2) < -0.5, "gaps"] = None
    frame["flat"] = draw.random(rows).round(3)
    frame.to_csv(tmp_path / "new.csv", index=False)
    app = open_page("prepare", load(tmp_path / "new.csv"))
    waited(take(app, "clip", "flat", low="2", high="3"))
    keyed(app.button, "run-checks").click()
    ready(app)
    titles = [one.value.replace("\\", "") for one in app.markdown if ":material/warning:" in one.value]
    assert any("'gaps' is not missing completely at random" in one for one in titles)
    assert any("'flat'" in one for one in titles), titles
    said = [one.value.replace("\\", "") for one in app.caption]
    assert not any("New with your decisions" in one for one in said)
    assert sum(one.startswith("Brought about by: ") for one in said) == 1, "the column that is constant now"
    turn(visit(app, "profile"), "Missing")
    assert "new with your decisions" not in str(app.radio[0].proto), "looked for in the data as loaded by now"
    turn(app, "Columns")
    assert str(app.radio[0].proto).count("new with your decisions") == 1


def test_of_values_that_stand_out_only_the_cause_that_holds_is_said(open_page: Open, tmp_path: Path) -> None:
    """A column was read as numbers and a row dropped: not the row that is gone made 450 stand out."""
    random = np.random.default_rng(7)
    amount, other = random.normal(12, 3, 300).round(1), random.normal(50, 4, 300).round(2)
    amount[50], other[9] = 450.0, 5_000.0  # the second stands out as loaded, and is dropped
    frame = pd.DataFrame({"amount": [f"{one} kg" for one in amount], "other": other})
    frame.to_csv(tmp_path / "read.csv", index=False)
    app = open_page("prepare", load(tmp_path / "read.csv"))
    keyed(app.button, "run-checks").click()
    waited(ready(app))
    now = app.session_state["winnow"]
    now.store_trouble = "In memory."
    now.review, now.turn = now.review.say(Decision("drop", RowSet([9]))), now.turn + 1
    ready(app)
    click(app, "Read 'amount' as numbers")
    keyed(app.button, "run-checks").click()
    waited(ready(app))
    assert "by its value of 'amount'" not in told(app) and "'amount' has isolated values" in told(app)
    causes = [one.value.replace("\\", "") for one in app.caption if "Brought about by" in one.value]
    assert causes == ["Brought about by: Read 'amount' as numbers."]
    assert "Limits follow" not in told(app)
    waited(visit(app, "issues"))
    far = next(at for at, group in enumerate(app.radio[0].options) if "isolated" in group.lower())
    waited(app.radio[0].set_value(far).run())
    assert "Brought about by: Read 'amount' as numbers." in told(app) and "Limits follow" not in told(app)


def test_gaps_that_a_step_filled_are_resolved_before_their_check_runs_again(
    open_page: Open, tmp_path: Path
) -> None:
    """Of gaps that hang on another column Prepare said that they were not checked again, though none is left
    whatever the check finds.
    """
    draw, rows = np.random.default_rng(6), 600
    frame = pd.DataFrame({"a": draw.normal(size=rows), "gaps": draw.normal(size=rows)})
    frame.loc[(frame["a"] + draw.normal(size=rows) / 2) < -0.5, "gaps"] = None
    frame.to_csv(tmp_path / "filled.csv", index=False)
    app = open_page("profile", load(tmp_path / "filled.csv"))
    turn(app, "Missing")
    assert counted(visit(app, "prepare")) == (2, 0, 0)
    waited(take(app, "fill", "gaps", how="median"))
    assert counted(app) == (0, 0, 2)
    visit(app, "export")
    assert "not checked again" not in badge(app)
    waited(take(visit(app, "prepare"), "scale", "a"))
    assert counted(app) == (0, 0, 2)
    keyed(app.button, "run-checks").click()
    ready(app)
    assert counted(app) == (0, 0, 2), "and as many once it has run"


def test_what_loading_found_is_counted_whatever_was_checked_since_the_last_step(
    open_page: Open, tmp_path: Path
) -> None:
    """After a step the side named earlier findings alone, until Profile was opened."""
    lines = [f"{at * 7 % 101},{at * 13 % 97},{at}" for at in range(120)]
    (tmp_path / "twice.csv").write_text("\n".join(["n,n,z", *lines]), encoding="utf-8")
    data = load(tmp_path / "twice.csv")
    loaded = sum(one.severity != "info" for one in data.loading)
    assert loaded == 1
    app = open_page("guide", data)
    assert "1 finding needs attention" in badge(app), "before any check"
    visit(app, "profile")
    checked = re.findall(r"(\d+) findings? needs? attention", badge(app))
    now = app.session_state["winnow"]
    now.review, now.turn = now.review.say(Decision("drop", RowSet([3]))), now.turn + 1
    visit(app, "guide")
    assert "1 finding needs attention" in badge(app), "that of loading"
    assert ("not checked again" in badge(app)) == (checked != ["1"])


def test_what_a_check_could_not_look_for_again_is_not_resolved(open_page: Open, tmp_path: Path) -> None:
    """A model needs ten rows of a class: that no column predicts it counted as resolved by relabelling."""
    draw, rows = np.random.default_rng(1), 200
    frame = pd.DataFrame({name: draw.normal(size=rows).round(3) for name in "abc"})
    frame["grade"] = ["bad"] * 14 + ["good"] * (rows - 14)
    frame.sample(frac=1, random_state=1).to_csv(tmp_path / "grades.csv", index=False)
    data = load(tmp_path / "grades.csv", target="grade")
    codes = {one.code for one in run("target", data).findings}
    assert codes == {"no_signal"}
    app = turn(open_page("profile", data), "Target")
    bad = np.flatnonzero(data.frame()["grade"].eq("bad"))[:8]
    now = app.session_state["winnow"]
    relabelled = Decision("relabel", RowSet(bad), "good", column="grade")
    now.review, now.turn = now.review.say(relabelled), now.turn + 1
    ready(app)
    said = shown(app).replace("\\", "")
    assert "No quick model was fitted: the second largest class has fewer than 10 rows" in said
    assert "Resolved" not in shown(app) and not [one for one in app.expander if "Resolved" in one.label]
    assert "resolved" not in shown(visit(app, "prepare"))


def test_a_warning_that_a_check_could_not_look_for_again_stays_an_earlier_one(
    open_page: Open, tmp_path: Path
) -> None:
    """Of fewer than fifty rows none is flagged: rows far out that are left were no longer found."""
    data = planted()
    [found] = [one for one in run("outliers", data).findings if one.code == "outliers"]
    assert found.severity != "info" and 7 in found.rows
    app = open_page("issues", data)
    now = app.session_state["winnow"]
    for last in (40, 39):
        now.review, now.turn = now.review.say(Decision("drop", RowSet(range(last, data.rows)))), now.turn + 1
        assert re.search(r"\d earlier findings? not checked again", badge(visit(app, "issues"))), "it has run"
        assert found.title in shown(visit(app, "prepare")).replace("\\", "")


def test_findings_under_another_target_or_other_settings_are_no_earlier_ones(
    open_page: Open, tmp_path: Path
) -> None:
    """Leakage of 'y1' stood as not checked again once 'y2' was the target, and an outlier of 'z' once
    outliers were looked for in 'x' alone. The outlier does not hang on the target, and stays.
    """
    draw, rows = np.random.default_rng(0), 400
    frame = pd.DataFrame({name: draw.choice(["a", "b"], rows) for name in ("y1", "y2")})
    frame["leak"] = (frame["y1"] == "a") + draw.normal(0, 0.01, rows)
    frame = frame.assign(x=draw.normal(size=rows), z=draw.normal(size=rows))
    frame.loc[7, "z"], frame.loc[9, "x"] = -70.0, 10.0
    frame.to_csv(tmp_path / "targets.csv", index=False)
    app = open_page("profile", load(tmp_path / "targets.csv", target="y1"))
    now = app.session_state["winnow"]
    now.review, now.turn = now.review.say(Decision("drop", RowSet([3]))), now.turn + 1
    turn(app, "Leakage")  # of the data as decided alone
    visit(app, "issues")
    turn(visit(app, "profile"), "Columns")
    earlier = "earlier findings? not checked again"

    def changed() -> str:
        now.turn += 1
        ready(app)
        return badge(app)

    now.review = now.review.say(Decision("drop", RowSet([4])))
    assert re.search(f"[2-9] {earlier}", changed())
    with_leak = int(re.findall(rf"(\d+) {earlier}", badge(app))[0])
    first, now.dataset = now.dataset, now.dataset.with_roles(target="y2")
    assert int(re.findall(rf"(\d+) {earlier}", changed())[0]) == with_leak - 1
    now.dataset = first
    assert re.search(f"[2-9] {earlier}", changed()), "those of the target that is chosen again"
    with_both = int(re.findall(rf"(\d+) {earlier}", badge(app))[0])
    now.settings["outliers"] = {"columns": ("x",)}
    assert int(re.findall(rf"(\d+) {earlier}", changed())[0]) == with_both - 1


def test_a_choice_of_target_takes_no_finding_away_that_does_not_hang_on_it(
    open_page: Open, tmp_path: Path
) -> None:
    """Of data without any step: gaps, and a pair of columns, were no longer counted once 'y' was chosen."""
    draw, rows = np.random.default_rng(6), 600
    frame = pd.DataFrame({"a": draw.normal(size=rows), "gaps": draw.normal(size=rows)})
    frame.loc[(frame["a"] + draw.normal(size=rows) / 2) < -0.5, "gaps"] = None
    frame["y"] = draw.choice(["u", "v"], rows)
    frame["twin"] = frame["a"] * 2 + draw.normal(size=rows) / 100
    frame.to_csv(tmp_path / "chosen.csv", index=False)
    app = open_page("profile", load(tmp_path / "chosen.csv"))
    turn(turn(app, "Missing"), "Relations")
    turn(app, "Columns")
    now = app.session_state["winnow"]
    data = now.dataset
    beside = [
        one
        for name in ("missingness", "association")
        for one in run(name, data).findings
        if one.severity != "info"
    ]
    assert "not_mcar" in {one.code for one in beside} and len(beside) > 1
    assert "not checked again" not in badge(app)
    now.dataset, now.turn = data.with_roles(target="y"), now.turn + 1
    ready(app)
    assert f"{len(beside)} earlier findings not checked again" in badge(app)
    now.dataset, now.turn = data.with_roles(target="twin"), now.turn + 1
    ready(app)
    left = [one for one in beside if "twin" not in one.named]
    assert 0 < len(left) < len(beside), "a finding about the target itself is another then"
    assert re.search(rf"{len(left)} earlier findings? not checked again", badge(app))
    turn(app, "Missing")
    fewer = [one for one in left if one.code != "not_mcar"]
    assert ("not checked again" in badge(app)) == bool(fewer)


def test_what_resolved_a_finding_is_said_on_the_page_of_the_click_alone(
    open_page: Open, tmp_path: Path
) -> None:
    app = open_page("prepare", works(tmp_path))
    click(app, "Leave out 'empty'")
    assert keyed(app.button, "undo-resolved")
    visit(app, "profile")
    assert "Resolved: 1 finding of those listed here" in [one.label for one in app.expander]
    assert "undo-resolved" not in [one.key for one in app.button]


def test_what_loading_found_is_resolved_where_it_was_listed_alone(open_page: Open, tmp_path: Path) -> None:
    """Of an image that could not be read and was dropped, pages spoke that never listed it."""
    files = {f"{'ab'[i % 2]}/{i:02d}.png": encoded(picture(i)) for i in range(60)} | {"a/00.png": b"text"}
    app = open_page("balance", load(zipped(tmp_path / "images.zip", files), target="label"))
    now = app.session_state["winnow"]
    [lost] = now.dataset.loading
    now.review, now.turn = now.review.say(Decision("drop", lost.rows)), now.turn + 1
    for page, named in (("balance", False), ("profile", True), ("issues", True)):
        visit(app, page)
        resolved = [one.label for one in app.expander if one.label.startswith("Resolved")]
        assert bool(resolved) is named, page
        assert (lost.title.replace("'", "") in shown(app).replace("'", "").replace("\\", "")) is named, page


def test_nothing_is_said_of_labels_doubtful_or_columns_strong_where_nothing_predicts_the_target(
    open_page: Open, tmp_path: Path
) -> None:
    data = works(tmp_path)
    app = open_page("labels", data)
    assert "cannot be said" in headline(app)
    assert "No label is doubtful" not in shown(app)
    assert "Which labels are doubtful cannot be said." in [one.value for one in app.caption]
    turn(visit(app, "profile"), "Target")
    tiles = {one.label: one.value for one in app.metric}
    assert tiles["Strongest column"] == "none"
    (columns,) = [one.options for one in app.selectbox if one.label == "Column"]
    assert set(columns) == {"temperature", "moisture", "plant", "always"}
    turn(app, "Missing")
    (offered,) = [one.options for one in app.selectbox if one.label == "Column and strategy"]
    assert {one.partition(" by ")[0] for one in offered} == {"moisture"}


def test_what_was_left_as_it_is_is_not_pending_under_a_new_name(open_page: Open, tmp_path: Path) -> None:
    draw, rows = np.random.default_rng(6), 600
    frame = pd.DataFrame({"a": draw.normal(size=rows), "gaps": draw.normal(size=rows)})
    frame.loc[(frame["a"] + draw.normal(size=rows) / 2) < -0.5, "gaps"] = None
    frame.to_csv(tmp_path / "left.csv", index=False)
    data = load(tmp_path / "left.csv")
    app = open_page("profile", data)
    turn(app, "Missing")
    assert "not_mcar:gaps" in {one.key for one in run("missingness", data).findings}
    opened, _, _ = counted(visit(app, "prepare"))
    fills = [one.label for one in app.button if one.label.startswith("Fill ")]
    assert len(fills) == 1, "offered once, though both findings propose it"
    assert sum("offered above" in one.value for one in app.caption) == 1
    app.button(key=f"leave-prepare-{tag('not_mcar:gaps')}").click()
    ready(app)
    assert counted(app) == (opened - 1, 0, 0)
    waited(take(app, "rename", "gaps", to="holes"))
    assert counted(app) == (opened - 1, 0, 0)


def test_a_finding_is_counted_on_one_page(open_page: Open, tmp_path: Path) -> None:
    """That a column is missing from serve is found by loading, and is among those of Shift."""
    draw, rows = np.random.default_rng(2), 400
    train = pd.DataFrame({name: draw.normal(0, 1, rows).round(3) for name in ("a", "b", "moisture")})
    train["y"] = draw.choice(["u", "v"], rows)
    serve = train.drop(columns="moisture").assign(a=lambda frame: frame.a + 4)
    train.to_csv(tmp_path / "train.csv", index=False)
    serve.to_csv(tmp_path / "serve.csv", index=False)
    data = load(tmp_path / "train.csv", serve=tmp_path / "serve.csv", target="y")
    app = open_page("profile", data)
    visit(app, "overlap")
    (folded,) = [one.label for one in app.expander if one.label.startswith("What needs attention: ")]
    on_overlap = int(re.findall(r"\d+", folded)[0])
    told = " ".join(one.value for one in app.markdown).replace("\\", "")
    assert "1 column shifted: 'a'; it needs attention." in told
    visit(app, "issues")
    doors = [str(one.proto.label).replace("\\", "") for one in app.get("page_link")]
    on_pages = {
        place: sum(
            int(re.findall(r": (\d+)", one)[0]) for one in doors if one.startswith(f"Explore > {place}")
        )
        for place in ("Overlap", "Profile")
    }
    every = int(re.findall(r"(\d+) findings? need", badge(app))[0])
    assert on_pages == {"Overlap": on_overlap, "Profile": 1}
    assert every == on_overlap + 1
    turn(visit(app, "profile"), "Columns")
    assert f"1 finding needs attention here, {every} in all" in headline(app)


@pytest.mark.parametrize("forgotten", [False, True])
def test_what_a_page_found_is_counted_at_the_side_without_the_profile_or_the_memo(
    forgotten: bool, open_page: Open, tmp_path: Path
) -> None:
    """Of Balance alone, and after the memo of results let go of what other pages found."""
    draw = np.random.default_rng(4)
    frame = pd.DataFrame(
        {"a": draw.normal(size=400) + forgotten, "y": ["rare"] * 4 + ["usual"] * 396, "always": "x"}
    )
    frame.to_csv(tmp_path / f"rare{forgotten}.csv", index=False)
    data = load(tmp_path / f"rare{forgotten}.csv", target="y")
    if not forgotten:
        app = open_page("balance", data)
        found = run("imbalance", data).findings
        assert (number := sum(one.severity != "info" for one in found))
    else:
        app = open_page("profile", data)
        number = int(re.findall(r"(\d+) findings? need", badge(app))[0])
        MEMO.forget(data.fingerprint)
        app.run()
    assert re.search(rf"{number} findings? needs? attention", badge(app))
    assert re.search(r"\d+ checks not run yet", badge(app))


def test_a_list_of_findings_says_how_many_columns_each_names(open_page: Open, tmp_path: Path) -> None:
    first = np.random.default_rng(8).normal(size=200).round(3)
    frame = pd.DataFrame({"one": first, "again": first, "always": "x"})
    frame.to_csv(tmp_path / "again.csv", index=False)
    app = open_page("profile", load(tmp_path / "again.csv"))
    captions = {
        title.replace("\\", "").partition("] ")[2].partition(" ")[0]: said
        for title, said in zip(app.radio[0].options, app.radio[0].proto.captions, strict=True)
    }
    assert captions["'always'"] == "warning · 1 column"
    (pair,) = [said for title, said in captions.items() if title in ("'one'", "'again'")]
    assert pair.endswith(" · 2 columns")


def test_an_export_of_which_checks_have_not_run_does_not_look_clean(open_page: Open, tmp_path: Path) -> None:
    draw = np.random.default_rng(9)
    frame = pd.DataFrame({"a": draw.normal(size=400), "y": ["u", "v"] * 200})
    frame.to_csv(tmp_path / "even.csv", index=False)
    app = visit(open_page("balance", load(tmp_path / "even.csv", target="y")), "export")
    (told,) = [one.value for one in app.markdown if "In what is exported" in one.value]
    assert told.startswith(
        ":orange[:material/warning:] In what is exported, no finding needs attention so far; "
    )
    assert re.search(r"\d+ checks not run yet\.$", told)


def test_what_another_finding_says_stands_in_no_list_and_is_counted_once(open_page: Open) -> None:
    """A picture stands in two class folders: Profile listed it as equal rows, and Issues as copies."""
    app = open_page("profile", torn(32))
    assert any("equal features and different labels" in one for one in app.radio[0].options)
    assert headline(app).startswith("#### 1 finding needs attention")
    visit(app, "issues")
    told = re.findall(r"(\d+) findings need attention, all listed here", headline(app))
    visit(app, "profile")
    assert headline(app).startswith("#### Nothing here needs attention")
    assert f"; {told[0]} findings need attention on other tabs and pages" in headline(app)
    listed = [one for radio in app.radio for one in radio.options]
    assert not any("equal features" in one or ":material/warning:" in one for one in listed)
    said = [line for one in app.caption if "is part of: " in (line := one.value.replace("\\", ""))]
    assert len(said) == 1 and "equal features and different labels" in said[0].partition(" is part of: ")[0]
    visit(app, "prepare")
    assert counted(app)[0] == int(told[0])


def test_a_pair_of_columns_that_hold_the_same_is_counted_on_one_tab(open_page: Open) -> None:
    """That they are associated is told of by the repeats, on Columns; the Relations tab has the others."""
    app = open_page("profile", dataset(columns_alike()))
    turn(app, "Relations")
    listed = [one.replace("\\", "") for radio in app.radio for one in radio.options]
    pairs = [one for one in listed if "strongly associated" in one or "associated" in one]
    assert pairs and not any("'again'" in one for one in pairs)
    (number,) = re.findall(r"(\d+) findings? needs? attention", headline(app))
    turn(app, "Columns")
    assert re.match(rf"{number} ", door(app, "Relations"))
    here, in_all = re.findall(r"(\d+) findings? needs? attention here, (\d+) in all", headline(app))[0]
    assert int(in_all) == int(here) + int(number)


def test_what_another_finding_says_is_in_no_list_while_its_check_is_stale_either(open_page: Open) -> None:
    """Pairs of columns that hold the same came back as earlier findings with the next step."""
    app = open_page("profile", dataset(columns_alike()))
    turn(app, "Relations")
    now = app.session_state["winnow"]
    found = {name: run(name, now.dataset).findings for name in ("profile", "duplicates", "association")}
    every = [one for some in found.values() for one in some]
    once = {one.key for one in distinct(every) if one.severity != "info"}
    said = {one.key for one in every if one.severity != "info"} - once
    assert said == {"strong_association:again", "strong_association:town"}
    now.store_trouble = "In memory."
    now.review, now.turn = now.review.say(Decision("drop", RowSet([3]))), now.turn + 1
    visit(app, "issues")
    again = {key for key in once if key in {one.key for one in found["duplicates"]}}
    told = headline(app)
    assert f"{len(once - again)} earlier findings not checked again" in told and "resolved" not in told
    visit(app, "prepare")
    listed = [one.value.replace("\\", "") for one in app.markdown if "hourglass" in one.value]
    titles = {one.title for one in every if one.key in said}
    assert counted(app) == (1, 2, 0) and len(listed) == 2, "pairs that no finding on copies of columns says"
    assert not [one for one in listed if any(title in one for title in titles)]
    keyed(app.button, "run-checks").click()
    ready(app)
    assert counted(app) == (3, 0, 0)


def test_what_is_resolved_is_counted_as_what_is_open_is(open_page: Open) -> None:
    """Beside "1 finding needs attention" stood "2 resolved", one of which was a note; then "1 resolved, and 1
    note", of which the note read as one that is open.
    """
    draw = np.random.default_rng(6)
    frame = pd.DataFrame(draw.normal(size=(400, 3)), columns=["much", "few", "all"])
    frame.loc[:99, "much"], frame.loc[200:202, "few"] = None, None
    app = open_page("prepare", dataset(frame))
    assert counted(app) == (1, 0, 0)
    for column, said in (("few", "1 note resolved."), ("much", "; 1 finding and 1 note resolved.")):
        waited(take(app, "fill", column, how="median"))
        verdict = next(one.value for one in app.markdown if one.value.startswith("**"))
        assert verdict.endswith(said)
    assert counted(app) == (0, 0, 1)
    labels = [one.label for one in app.expander if one.label.startswith("Resolved")]
    assert labels == ["Resolved: 1 finding and 1 note"]
    lines = [one.value.replace("\\", "") for one in app.caption if "no longer found" in one.value]
    assert [one.startswith("Note. ") for one in lines] == [False, True], "which of them the note is"
    here = "; 1 finding and 1 note of those listed here are resolved."
    assert headline(visit(app, "profile")).endswith(here)
    now = app.session_state["winnow"]
    assert "; 1 finding and 1 note resolved" in files(now.dataset, review=now.review)["report.md"]


def test_what_is_only_a_note_by_now_is_said_and_is_not_resolved(open_page: Open) -> None:
    """Of 100 gaps 97 were filled: nothing needed attention, and nothing was said of the one that did."""
    frame = pd.DataFrame(np.random.default_rng(6).normal(size=(400, 3)), columns=list("abc"))
    frame.loc[:99, "a"] = None
    app = open_page("prepare", dataset(frame))
    assert counted(app) == (1, 0, 0)
    now = app.session_state["winnow"]
    now.store_trouble = "In memory."
    written = Decision("relabel", RowSet(range(97)), "0.5", column="a")
    now.review, now.turn = now.review.say(written), now.turn + 1
    waited(ready(app))
    assert counted(app) == (0, 0, 0)
    (verdict,) = [one.value for one in app.markdown if one.value.startswith("**Nothing needs")]
    assert verdict.endswith("; 1 is only a note now.")
    assert headline(visit(app, "profile")).endswith("; 1 is only a note now.")


def test_what_a_finding_said_that_is_resolved_by_now_comes_back_once_it_is_found_again(
    open_page: Open,
) -> None:
    """Nobody had seen that the two columns are associated: it stood there as an earlier finding."""
    app = open_page("profile", dataset(columns_alike()))
    turn(app, "Relations")
    now = app.session_state["winnow"]
    now.store_trouble = "In memory."
    written = Decision("relabel", RowSet([5]), "Rome or so", column="again")
    now.review, now.turn = now.review.say(written), now.turn + 1
    visit(app, "prepare")
    assert counted(app) == (0, 2, 1), "the pairs of other columns, and that two columns were equal"
    keyed(app.button, "run-checks").click()
    ready(app)
    assert counted(app) == (4, 0, 1), (
        "the three pairs, and the row in which one no longer determines the other"
    )


def test_what_was_found_after_a_step_is_known_when_the_data_are_opened_again(
    open_page: Open, tmp_path: Path
) -> None:
    """What checks found in the data as decided, not made again since the last step, was forgotten with the
    session: the page counted fewer findings than before.
    """
    data = works(tmp_path)
    app = open_page("prepare", data)
    waited(take(app, "scale", "moisture"))
    keyed(app.button, "run-checks").click()
    for _ in range(12):  # one check after the other
        ready(app)
    after_one = counted(app)
    waited(take(app, "scale", "temperature"))
    before = counted(app)
    assert before[1] and sum(before[:2]) == sum(after_one[:2])
    again = linked("prepare", data=data.path.parent.name)
    assert len(again.session_state["winnow"].review.decisions) == 2
    assert counted(again) == before
