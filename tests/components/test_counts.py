"""The number of flagged rows is one number: in the badge, on the issues page, in the review, and in reports
as HTML, Markdown and JSON.
"""

from __future__ import annotations

import json
import re
from itertools import islice
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from components import attention, open_data
from components.judged import DOUBTS
from components.text import BREAK
from core.catalog import analyses, checks, detectors
from core.dataset import Dataset
from core.decided import as_decided
from core.decision import Decision
from core.outcomes import all_findings, audit, in_part
from core.phrases import count
from core.places import samples
from core.prepare import fixes
from core.report import audit_json
from core.reporting.markdown import markdown
from core.reporting.page import page
from core.reporting.whole import whole
from core.review import Review
from core.rowset import RowSet
from core.run import run
from core.workspace import load
from tests.components.conftest import PAGES, Open, keyed, planted, ready, shown, sound, waited

ROWS = 600
SAMPLES = sorted(path.parent.name for path in samples().glob("*/sample.json"))


def beginning(path: Path, into: Path) -> Path:
    """The first rows of a file, as a file."""
    short = into / path.name
    if path.suffix == ".zip":
        return path
    if path.suffix == ".parquet":
        pd.read_parquet(path).head(ROWS).to_parquet(short)
    else:
        with path.open("rb") as lines:
            short.write_bytes(b"".join(islice(lines, ROWS + 1)))
    return short


def opened(name: str, into: Path) -> Dataset:
    """A short piece of a sample, with its roles."""
    sample = next(one for one in open_data.all_samples() if one.folder.name == name)
    return load(beginning(sample.folder / sample.files["train"], into), **sample.roles)


@pytest.mark.parametrize("name", SAMPLES)
def test_flagged_rows_are_one_number_on_pages_and_in_reports(
    name: str, open_page: Open, tmp_path: Path
) -> None:
    data = opened(name, tmp_path)
    app = open_page("issues", data)
    sound(app)
    flagged = next(metric.value for metric in app.metric if metric.label == "Flagged rows")
    number = int(flagged.replace(",", ""))
    badge = next(caption.value for caption in app.sidebar.caption if "changed or kept" in caption.value)
    assert f"{count(number, 'row')} flagged" in badge
    app.switch_page("pages/clean/review.py")
    ready(app)
    progress = [bar.proto.text for bar in app.get("progress")]
    assert any(f"0 of {flagged} decided" in text for text in progress) == bool(number)

    outcomes = audit(data, names=detectors(data))
    for private in (False, True):
        report = whole(audit_json(data, outcomes, 0.0), data, outcomes, private)
        assert report["summary"]["flagged_rows"] == number
        assert f"{count(number, 'row')} flagged, fingerprint" in markdown(report, "Audit")
        drawn = page(report, data.names, "Audit")
        held = json.loads(re.search(r'id="data">(.*?)</script>', drawn, re.DOTALL)[1])  # type: ignore[index]
        assert held["summary"]["flagged_rows"] == number


def flagged_on_the_page(app: AppTest) -> str:
    return next(metric.value for metric in app.metric if metric.label == "Flagged rows")


def badge(app: AppTest) -> str:
    return next(caption.value for caption in app.sidebar.caption if "changed or kept" in caption.value)


def test_the_badge_counts_in_the_data_that_the_pages_show(open_page: Open) -> None:
    """As decided where that is shown and was looked at, until then as loaded, and so called."""
    app = open_page("issues", planted())
    loaded = flagged_on_the_page(app)
    app.radio[0].set_value(next(i for i, label in enumerate(app.radio[0].options) if "stand" in label))
    ready(app)
    keyed(app.toggle, "all-").set_value(True).run()
    waited(app.button(key="drop-outliers").click().run())
    sound(app)
    decided = flagged_on_the_page(app)
    assert int(decided) < int(loaded)
    assert f"{decided} rows flagged  \n" in badge(app)
    waited(app.segmented_control(key="as-loaded").set_value("As loaded").run())
    [dropped] = [metric.value for metric in app.metric if metric.label == "Dropped"]
    assert flagged_on_the_page(app) == loaded
    assert (
        f"{loaded} rows flagged, {dropped} of them decided  \n0 rows changed or kept, {dropped} dropped"
        in badge(app)
    )
    app.segmented_control(key="as-loaded").set_value("As decided").run()
    app.switch_page("pages/clean/review.py")
    ready(app)
    assert f"{decided} rows flagged  \n" in badge(app)
    waited(keyed(app.button, "queue-drop-").click().run())
    assert f"{loaded} rows flagged as loaded, {int(dropped) + 1} of them decided  \n" in badge(app)


def test_a_row_that_stands_out_only_as_decided_is_told_alike_at_the_side_and_in_review(
    open_page: Open,
) -> None:
    """Review said "none left", and the side "1 row flagged"; the limits were said to follow a row dropped."""
    draw = np.random.default_rng(2)
    frame = pd.DataFrame({"a": draw.normal(size=300), "b": draw.normal(size=300)})
    frame.loc[9, "b"], frame.loc[[40, 41, 42], "a"] = 60.0, None
    app = open_page("issues", load(frame, name="filled.csv"))
    assert waiting_rows(app) == [9]
    now = app.session_state["winnow"]
    for batch in (
        Decision("drop", RowSet([9])),
        Decision("fill", RowSet(), column="a", settings={"how": "constant", "value": "70"}),
    ):
        now.review, now.turn = now.review.say(batch), now.turn + 1
    ready(app)
    app.run()
    waited(app)
    sound(app)
    flagged = int(flagged_on_the_page(app))
    assert flagged == 3
    assert "3 rows flagged, only as decided  \n" in badge(app)
    far = next(at for at, group in enumerate(app.radio[0].options) if "isolated" in group)
    waited(app.radio[0].set_value(far).run())
    said = " ".join(one.value.replace("\\", "") for one in app.caption)
    assert "Brought about by: " in said and "Limits follow" not in said
    app.switch_page(PAGES["review"])
    ready(app)
    told = " ".join(one.value.replace("\\", "") for one in (*app.success, *app.caption))
    assert "1 row decided, none left." in told
    assert "3 rows flagged only in the data as decided are not listed: see Issues." in told


def test_the_badge_says_of_the_flagged_rows_how_many_are_decided_as_issues_does(open_page: Open) -> None:
    """Of one set of rows, those that the pages show: a row that was dropped is none of them."""
    app = open_page("issues", planted())
    flagged = int(flagged_on_the_page(app))
    now = app.session_state["winnow"]
    rows = waiting_rows(app)
    assert len(rows) == flagged > 4 and f"{flagged} rows flagged  \n0 rows changed or kept" in badge(app)

    def decide(*batch: Decision) -> None:
        now.review, now.turn = now.review.say(*batch), now.turn + 1
        ready(app)
        app.run()
        sound(app)

    plain_row = next(row for row in range(302) if row not in rows)
    decide(Decision("keep", RowSet([*rows[:2], plain_row])))
    assert f"{flagged} rows flagged, 2 of them decided  \n3 rows changed or kept" in badge(app)
    assert f"{flagged - 2} of {flagged} flagged rows are undecided" in shown(app)
    decide(Decision("drop", RowSet([rows[3]])))
    left = int(flagged_on_the_page(app))
    told = re.search(r"(\d+) of (\d+) flagged rows of the data as decided are", shown(app))
    assert told is not None and int(told[2]) == left
    done = left - int(told[1])
    assert f"{left} rows flagged, {done} of them decided  \n3 rows changed or kept, 1 dropped" in badge(app)
    assert "of them flagged" not in badge(app)
    decide(Decision("relabel", RowSet([rows[3], plain_row]), "Nice", column="town"))  # one of them is dropped
    tiles = {metric.label: metric.value for metric in app.metric}
    assert (tiles["Changed or kept"], tiles["Dropped"]) == ("3", "1"), "one row counts once, and not as both"
    waited(app.segmented_control(key="as-loaded").set_value("As loaded").run())
    assert f"{flagged} rows flagged, 3 of them decided  \n3 rows changed or kept, 1 dropped" in badge(app)


def waiting_rows(app: AppTest) -> list[int]:
    """The rows flagged in the data as loaded."""
    data = app.session_state["winnow"].dataset
    findings = all_findings(data, audit(data, names=detectors(data)))
    return fixes.flagged(findings, ()).ids.tolist()


def left(app: AppTest) -> int:
    """How many checks the badge says have not run yet; its tooltip names as many."""
    (one,) = [caption for caption in app.sidebar.caption if "attention" in caption.value]
    told = re.search(r"(\d+) checks? not run yet", one.value)
    named = re.search(r"Not yet: (.*)\.", one.help.replace("\\", "").replace(BREAK, ""))
    assert bool(told) == bool(named)
    assert not (told and named) or int(told[1]) == len(named[1].split(", "))
    return int(told[1]) if told else 0


def test_the_badge_says_how_many_checks_its_number_leaves_out(open_page: Open) -> None:
    """Until all have run, whatever the order in which the pages are opened; then it counts what an audit
    does.
    """
    frame = (
        planted().frame().assign(size=np.arange(302) * 7 % 11)
    )  # of which nothing is known from other tests
    data = load(frame, name="own.csv", target="ill")
    assert [one.name for one in checks(data)] == [
        *("duplicates", "nearduplicates", "outliers", "labels", "imbalance", "profile", "association"),
        *("target", "missingness", "leakage"),
    ], "neither of pictures, nor of two parts, nor of a target of numbers, nor what is asked for alone"
    app = open_page("profile", data)
    known = {"profile", "duplicates"}
    assert left(app) == len(checks(data)) - len(known)
    told = next(one.value for one in app.markdown if one.value.startswith("#### "))
    assert "critical" not in told or "none critical in what was checked" in told or "1 critical" in told
    for tab in ("Relations", "Target", "Missing", "Leakage"):
        before = left(app)
        app.session_state["profile-tab"] = tab
        ready(app)
        app.run()
        assert left(app) == before - 1, tab
    for other, fewer in (("issues", 2), ("labels", 1), ("balance", 1)):
        before = left(app)
        app.switch_page(PAGES[other])
        ready(app)
        app.run()
        assert left(app) == before - fewer, other
    assert left(app) == 0
    outcomes = audit(data)
    needing = [f for f in all_findings(data, outcomes) if f.severity != "info"]
    assert f"{count(len(needing), 'finding')} need" in badge(app)
    app.switch_page(PAGES["profile"])
    ready(app)
    told = next(one.value for one in app.markdown if one.value.startswith("####"))
    assert [one.analysis.name for one in in_part(data, outcomes)] == ["labels"]  # nothing predicts 'ill'
    assert "in what was checked" in told and "1 check not made in full: Labels" in badge(app)


def test_checks_of_two_parts_of_numbers_and_of_pictures_count_where_there_are_some() -> None:
    frame = pd.DataFrame(
        {"a": range(60), "b": [x % 7 / 2 for x in range(60)], "y": [x * 1.5 for x in range(60)]}
    )
    alone, numbers = load(frame, name="a.csv"), load(frame, name="n.csv", target="y")
    both = load(frame, serve=frame, name="b.csv")
    names = {
        which: {one.name for one in checks(data)}
        for which, data in (("a", alone), ("n", numbers), ("b", both))
    }
    assert names["n"] - names["a"] == {"residuals"} and names["a"] - names["n"] == {"labels"}
    few = load(frame.assign(y=frame["a"] % 2), name="f.csv", target="y")
    assert few["y"].kind == "numeric" and {one.name for one in checks(few)} == names["a"], (
        "classes in numbers"
    )
    halves, many = frame.assign(y=frame["a"] % 2 / 2), frame.assign(y=frame["a"] % 21)
    for numeric in (halves, many):
        judged = load(numeric, name="h.csv", target="y")
        assert {one.name for one in checks(judged)} == names["n"]
        assert run("residuals", judged).judged.size == 60 and run("labels", judged).evidence is None
    assert run("residuals", few).judged.size == 0 and run("labels", few).evidence is not None
    assert names["b"] - names["a"] == {"shift", "overlap", "segments"}
    pictures = opened("drawings", Path())
    assert "imagequality" in {one.name for one in checks(pictures)} and "imagequality" not in names["a"]


def test_what_is_said_to_give_notes_alone_gives_no_more() -> None:
    """On data with an error of every kind, the analyses that are not counted as checks."""
    data = planted()
    for outcome in audit(data, names=[name for name, one in analyses().items() if not one.alarms]):
        assert {finding.severity for finding in outcome.findings} <= {"info"}, outcome.analysis.name


def test_all_samples_are_looked_at() -> None:
    assert len(SAMPLES) == 7


def test_rows_that_could_not_be_checked_are_not_none(open_page: Open) -> None:
    numbers = np.random.default_rng(241).normal(size=(300, 3))
    data = load(pd.DataFrame(numbers, columns=list("abc")), name="gone.csv")  # of which nothing is remembered
    fresh = Dataset.open(data.path)
    data.path.unlink()
    report = audit_json(fresh, audit(fresh, names=detectors(fresh)), 0.0)
    assert report["summary"]["flagged_rows"] is None
    assert "flagged" not in markdown(whole(report, fresh, ()), "Audit")
    app = open_page("issues", fresh)
    assert "were not checked" in shown(app) and "rows flagged" not in shown(app)
    assert next(metric.value for metric in app.metric if metric.label == "Flagged rows") == "–"


def test_rows_that_wait_for_their_label_alone_are_told_beside_the_flagged_ones(open_page: Open) -> None:
    """The queue of the review holds both, and the issues page says how many of each."""
    draw = np.random.default_rng(5)
    y = np.arange(400) % 2
    frame = pd.DataFrame(draw.normal(size=(400, 4)) + 2.5 * y[:, None], columns=list("abcd"))
    frame["y"] = np.where(np.arange(400) < 12, 1 - y, y).astype(str)
    app = open_page("issues", load(frame, target="y", name="labelled"))
    told = [one.value for one in app.markdown if one.value.startswith("#### ")]
    assert not any("label alone" in one for one in told), "Labels has not run"
    flagged = next(metric.value for metric in app.metric if metric.label == "Flagged rows")
    told_there = f"{count(int(flagged), 'row')} wait in review." if int(flagged) else ""
    assert at_the_door(app).replace("waits", "wait") == told_there
    app.switch_page(PAGES["labels"])
    ready(app)
    app.switch_page(PAGES["issues"])
    ready(app)
    [headline] = [one.value for one in app.markdown if one.value.startswith("#### ")]
    alone = re.search(r"(\d+) rows wait in review for their label alone", headline)
    assert alone is not None, headline
    flagged = next(metric.value for metric in app.metric if metric.label == "Flagged rows")
    every = int(flagged) + int(alone[1])
    words = f"{every} rows wait in review"
    if int(flagged):
        words += f": {flagged} flagged, {alone[1]} for their label alone."
    else:
        words += " for their label alone."
    assert at_the_door(app) == words and f"{every} rows wait in review" in badge(app)
    app.switch_page(PAGES["labels"])
    ready(app)
    assert at_the_door(app) == words
    app.switch_page(PAGES["review"])
    ready(app)
    [progress] = [bar.proto.text for bar in app.get("progress")]
    assert f"0 of {every} decided" in progress and f"of the {every} left" in progress
    assert f"({alone[1] if int(flagged) else 'all'} for their label alone)" in progress


def at_the_door(app: AppTest) -> str:
    """What stands at the link to the review."""
    every = [one.value for one in app.main.caption]
    told = [one for one in every if "in review" in one or one.startswith("Review lists")]
    assert len(told) < 2
    return told[0] if told else ""


def test_the_door_to_the_review_says_how_many_wait_of_the_data_as_loaded(open_page: Open) -> None:
    """A dropped row is decided, one sent to review waits, flagged or not; a row that stands out only as
    decided is not in the queue.
    """
    app = open_page("issues", planted())
    rows, now = waiting_rows(app), app.session_state["winnow"]
    assert at_the_door(app) == f"{len(rows)} rows wait in review."
    sent = next(row for row in range(302) if row not in rows)
    for batch in (Decision("drop", RowSet(rows[:2])), Decision("defer", RowSet([rows[2], sent]))):
        now.review, now.turn = now.review.say(batch), now.turn + 1
    ready(app)
    app.run()
    app.switch_page(PAGES["review"])
    ready(app)
    [progress] = [bar.proto.text for bar in app.get("progress")]
    left = re.search(r"of the (\d+) left", progress)
    assert left is not None and int(left[1]) == len(rows) - 2 + 1
    app.switch_page(PAGES["issues"])
    ready(app)
    assert at_the_door(app).startswith(
        f"{left[1]} rows of the data as loaded wait in review: {len(rows) - 2} flagged, 1 sent there."
    )
    assert f"{left[1]} rows wait in review" in badge(app)
    here, settled = flagged_on_the_page(app), re.search(r"(\d+) rows? flagged only", at_the_door(app))
    decided = as_decided(now.dataset, now.review)
    now_flagged = fixes.flagged(all_findings(decided, audit(decided, names=detectors(decided))), ())
    only_here = set(decided.source_ids(now_flagged.ids).tolist()) - set(rows) - {sent}
    assert len(now_flagged) == int(here) and (int(settled[1]) if settled else 0) == len(only_here)


def test_the_queue_says_that_labels_looked_again_and_what_that_changed(open_page: Open) -> None:
    """It was as long as before a decision, and longer after another visit to Labels, without a word."""
    draw = np.random.default_rng(5)
    y = np.arange(400) % 2
    frame = pd.DataFrame(draw.normal(size=(400, 4)) + 1.1 * y[:, None], columns=list("abcd"))
    frame["y"] = np.where(np.arange(400) < 40, 1 - y, y).astype(str)
    data = load(frame, target="y", name="again")
    app = open_page("labels", data)
    first = run("labels", data)

    def queue() -> tuple[int, str]:
        app.switch_page(PAGES["review"])
        ready(app)
        [progress] = [bar.proto.text for bar in app.get("progress")]
        told = [one.value for one in app.main.caption if "Labels" in one.value and "queue" in one.value]
        left = re.search(r"of the (\d+) left", progress)
        assert left is not None and f"{left[1]} rows wait in review" in badge(app)
        return int(left[1]), told[0] if told else ""

    before, said = queue()
    assert before > 10 and said == ""
    waited(keyed(app.button, "queue-drop-").click().run())
    assert queue()[0] == before - 1 and "Labels has not looked again" in queue()[1]
    app.switch_page(PAGES["labels"])
    ready(app)
    now = app.session_state["winnow"]
    decided = as_decided(data, now.review)
    doubted = [
        set(one.source_ids(np.concatenate([f.rows.ids for f in found.findings if f.code in DOUBTS])).tolist())
        for one, found in ((data, first), (decided, run("labels", decided)))
    ]
    dropped = set(range(400)) - set(decided.source_ids(np.arange(decided.rows)).tolist())
    joined, left = len(doubted[1] - doubted[0]), len(doubted[0] - doubted[1] - dropped)
    after, said = queue()
    assert joined + left > 0, "else nothing is tested"
    numbers = {word: int(number) for number, word in re.findall(r"(\d+) rows? (joined|left)?", said) if word}
    assert (numbers.get("joined", 0), after - (before - 1)) == (joined, joined - left)
    assert "Labels looked again at the data as decided" in said
    assert so_that(said) == after
    app.button(key="side-undo").click().run()
    assert queue() == (before, ""), "the data as loaded"
    app.button(key="side-redo").click().run()
    again, said = queue()
    assert again == after and so_that(said) == after


def so_that(said: str) -> int:
    """How many rows wait. No number of before stands beside it, which would change with each decision."""
    numbers = re.search(r"so that (\d+) waits? now\.", said)
    assert numbers is not None, said
    return int(numbers[1])


def test_labels_says_why_its_interval_begins_at_none_once_the_surest_labels_were_put_right(
    open_page: Open,
) -> None:
    """It went from "about 98 (17 to 118)" to "none to 86" after 30 right labels, without a word."""
    draw, rows = np.random.default_rng(0), 900
    truth = draw.integers(0, 3, rows)
    values = draw.normal(size=(rows, 5))
    values[np.arange(rows), truth] += 3.5
    given, moved = truth.copy(), draw.random(rows) < 0.1
    given[moved] = (truth[moved] + draw.integers(1, 3, moved.sum())) % 3
    frame = pd.DataFrame(values, columns=list("abcde")).assign(y=np.array(list("xyz"))[given])
    serve = frame.head(20).assign(a=frame["a"] + 0.01)
    data = load(frame, serve=serve, target="y", name="put right")
    app, first = open_page("labels", data), run("labels", data).expected()
    assert round(first.low) > 0, "else nothing is tested"

    def said() -> list[str]:
        return [one.value for one in app.main.caption if "as loaded about" in one.value]

    assert not said()
    keyed(app.number_input, "labels-top").set_value(30).run()
    waited(keyed(app.button, "labels-bulk").click().run())
    [told] = said()
    value, low, high = map(round, first)
    assert (
        f"about {value} were wrong (90% interval {low} to {high}); since then 30 labels were changed" in told
    )
    assert "That may be why" in told
    now = app.session_state["winnow"]
    held = RowSet(np.flatnonzero(frame["y"] == "x")) - RowSet(
        [row for one in now.review.decisions for row in one.rows.ids.tolist()]
    )
    same, back = (Decision("relabel", held, label, column="y") for label in ("x", "z"))
    now.review, now.turn = now.review.say(same).say(back).say(same), now.turn + 1
    ready(app)
    assert len(held) > 50 and "30 labels were changed" in said()[0], "labels that they had as loaded"
    here = now.review
    serve, put_right = Decision("relabel", RowSet([905]), "x", column="y"), here.decisions[0].rows
    gone = [Decision("drop", rows) for rows in (RowSet(put_right.ids[:4]), RowSet([910]))]
    now.review, now.turn = now.review.say(serve).say(*gone), now.turn + 1
    ready(app)
    changed, dropped = 30 - min(4, len(put_right)), min(4, len(put_right))
    since = f"since then {changed} labels were changed by hand and {dropped} of the 900 rows judged were"
    assert f"{since} dropped." in said()[0], "of labels that were judged, and of rows that are left"
    app.segmented_control(key="as-loaded").set_value("As loaded").run()
    ready(app)
    assert not said()


def test_what_was_decided_about_the_labels_of_a_former_target_is_not_about_those_of_now(
    open_page: Open,
) -> None:
    """Rows relabelled in 'y' counted as decided, and as confirmed, once 'z' was the target."""
    draw = np.random.default_rng(5)
    rows, targets = np.arange(400), {"y": np.arange(400) % 2, "z": np.arange(400) // 2 % 2}
    frame = pd.DataFrame(draw.normal(size=(400, 4)), columns=list("abcd"))
    for target, pair in (("y", ["a", "b"]), ("z", ["c", "d"])):
        frame[pair] += 3.5 * targets[target][:, None]
        frame[target] = np.array(["no", "yes"])[np.where(rows < 12, 1 - targets[target], targets[target])]
    data = load(frame, target="y", name="two targets")
    app = open_page("labels", data)

    def queue() -> str:
        app.switch_page(PAGES["review"])
        ready(app)
        [progress] = [bar.proto.text for bar in app.get("progress")]
        return progress

    queue()
    app.switch_page(PAGES["labels"])
    ready(app)
    keyed(app.number_input, "labels-top").set_value(5).run()
    waited(keyed(app.button, "labels-bulk").click().run())
    app.switch_page(PAGES["review"])
    ready(app)
    waited(keyed(app.button, "queue-keep-").click().run())
    now = app.session_state["winnow"]
    relabelled = RowSet([row for one in now.review.decisions[:-1] for row in one.rows.ids.tolist()])
    kept = now.review.decisions[-1].rows
    assert len(relabelled) == 5 and "0 of 1 confirmed" in queue()
    now.dataset, now.turn = data.with_roles(target="z"), now.turn + 1
    app.switch_page(PAGES["labels"])
    ready(app)
    doubted = [
        row
        for one in run("labels", as_decided(now.dataset, now.review)).findings
        if one.code in DOUBTS
        for row in one.rows.ids.tolist()
    ]
    assert {*relabelled.ids.tolist(), *kept.ids.tolist()} & {*doubted}, "else nothing is tested"
    progress = queue()
    assert progress.startswith(f"0 of {len({*doubted})} decided") and "confirmed" not in progress


def test_rows_flagged_before_a_target_was_chosen_wait_until_they_are_checked_again(open_page: Open) -> None:
    """They left the rows that wait, and no finding needed attention so far."""
    frame = planted().frame().drop(columns="rare")  # of which nothing is known from other tests
    data = load(frame, target="ill", name="people.csv")
    app = open_page("issues", data.with_roles(target=None))
    [number] = re.findall(r"(\d+) rows wait in review", badge(app))
    assert "need attention" in badge(app)
    now = app.session_state["winnow"]
    now.dataset, now.turn = data, now.turn + 1
    app.switch_page(PAGES["export"])
    ready(app)
    told = next(one.value for one in app.sidebar.caption if "wait" in one.value)
    assert f"{number} rows wait in review so far" in told
    assert "not checked again" in told and "no finding" not in told
    app.switch_page(PAGES["issues"])
    ready(app)
    assert f"{number} rows wait in review  " in badge(app), "checked again, each counts once"


def test_labels_says_how_many_are_likely_wrong_anew_and_that_models_agree_with_themselves(
    open_page: Open,
) -> None:
    """Eleven labels were relabelled as suggested, and others were likely wrong then."""
    draw, rows = np.random.default_rng(2), 500
    truth = draw.integers(0, 3, rows)
    frame, given = pd.DataFrame({"x": draw.normal(10 + 4 * truth, 2)}), truth.copy()
    given[draw.choice(rows, 20, replace=False)] = draw.integers(0, 3, 20)
    for name in "uvw":
        frame[name] = draw.normal(size=rows)
    frame["kind"] = draw.choice(["a", "b", "c"], rows)
    frame["y"] = np.array(["al", "be", "ga"])[given]
    data = load(frame, target="y", name="anew")
    app, first = open_page("labels", data), run("labels", data)

    def said() -> str:
        return " ".join(str(one.value) for one in app.main.caption if "likely wrong" in one.value)

    assert said() == ""
    keyed(app.number_input, "labels-top").set_value(11).run()
    waited(keyed(app.button, "labels-bulk").click().run())
    now = app.session_state["winnow"]
    decided = as_decided(data, now.review)
    again = run("labels", decided)
    were, are = (
        set(one.source_ids(found.evidence.rows[found.tier == 2]).tolist())
        for one, found in ((data, first), (decided, again))
    )
    sure = [f"{found.evidence.probabilities.max(axis=1).mean():.1%}" for found in (again, first)]
    assert are - were and sure[0] > sure[1], "else nothing is tested"
    assert f"Of {len(are)} labels likely wrong, {len(are - were)} w" in said()
    assert f"surer now: {sure[0]} for the likeliest class on average, {sure[1]} before" in said()
    assert "11 labels were changed in between" in said()
    now.review, now.turn = Review(), now.turn + 1
    ready(app)
    assert "changed in between" not in said(), "an undo changes no label"


def test_every_headline_counts_the_findings_of_the_badge_or_says_which_of_them(
    open_page: Open, tmp_path: Path
) -> None:
    """A sample with nothing amiss in its profile alone: the profile's headline does not soothe."""
    data = opened("clothes", tmp_path)
    app = open_page("profile", data)
    for tab in ("Relations", "Target", "Missing", "Leakage"):
        app.session_state["profile-tab"] = tab
        ready(app)
    for other in ("issues", "labels", "balance"):
        app.switch_page(PAGES[other])
        ready(app)
    number = len([one for one in all_findings(data, audit(data)) if one.severity != "info"])
    assert number and left(app) == 0
    every = attention.in_words(number)
    for page_name, words in (
        ("profile", f"Nothing here needs attention; {every} on other tabs and pages"),
        ("issues", f"{every}, "),
        ("prepare", every),
    ):
        app.switch_page(PAGES[page_name])
        ready(app)
        app.run()
        assert any(words in one.value for one in app.markdown), page_name
        assert every in badge(app)


def test_a_warning_is_not_mended_as_its_target_is_left_out(open_page: Open) -> None:
    """Leakage cannot be checked again then: "no finding needs attention" stood at the side."""
    draw = np.random.default_rng(5)
    y = draw.choice(["u", "v"], 300)
    frame = pd.DataFrame({"a": draw.normal(size=300), "leak": (y == "u") + draw.normal(size=300) * 1e-3})
    data = load(frame.assign(y=y), name="leaks.csv", target="y")
    run("leakage", data)
    app = open_page("profile", data)
    assert "1 finding needs attention" in shown(app)
    now = app.session_state["winnow"]
    now.review, now.turn = now.review.say(Decision("omit", RowSet(), column="y")), now.turn + 1
    ready(app)
    assert "1 earlier finding not checked again" in shown(app)
