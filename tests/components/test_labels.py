"""The labels page: what is doubtful, how much of it is wrong, and many relabelled as one step."""

from __future__ import annotations

import io
import re
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
from streamlit.testing.v1 import AppTest

from components.text import BREAK
from components.views.labels import own, verdict
from core.analyses.labels.expected import ExpectedErrors
from core.analyses.labels.findings import in_words
from core.dataset import Dataset
from core.decision import Decision
from core.rowset import RowSet
from core.run import run
from core.workspace import load
from tests.components.conftest import Open, keyed, ready, row_list, shown, sound, undo_of, waited

WRONG = 12


def trees(names: tuple[str | int, ...] = ("ash", "birch", "cedar"), wrong: int = WRONG) -> Dataset:
    """240 rows of three classes far apart, of which twelve carry the label of the next one."""
    draw = np.random.default_rng(3)
    true = np.arange(240) % 3
    frame = pd.DataFrame(draw.normal(size=(240, 3)), columns=["a", "b", "c"])
    frame["a"] += 6 * (true == 1)
    frame["b"] += 6 * (true == 2)
    given = np.where(np.arange(240) < wrong, (true + 1) % 3, true)
    frame["tree"] = np.array(names)[given]
    return load(frame, name="trees.csv", target="tree")


def test_doubtful_labels_are_listed_relabelled_as_one_step_and_put_back(open_page: Open) -> None:
    app = open_page("labels", trees())
    sound(app)
    assert "of all 240 labels are wrong (90% interval " in shown(app)
    listed = row_list(app)
    assert set(listed["Row"]) <= set(range(WRONG)) and listed["Doubt"].is_monotonic_decreasing
    assert len(listed) >= 4
    top = keyed(app.number_input, "labels-top-")
    top.set_value(3).run()
    assert "Writes another label into **3 rows**" in shown(app)
    app.button(key="labels-bulk").click()
    waited(app.run())
    sound(app)
    settled = app.session_state["winnow"].review
    [batch] = [decisions for decisions in [settled.decisions] if decisions]
    assert {decision.action for decision in batch} == {"relabel"}
    assert sum(len(decision.rows) for decision in batch) == 3
    assert {decision.column for decision in batch} == {"tree"}
    assert all(decision.value in ("ash", "birch", "cedar") for decision in batch)
    undo_of(app).click()
    waited(app.run())
    assert not app.session_state["winnow"].review.decisions


def given_away() -> Dataset:
    """240 rows of which a column, known only afterwards, holds the label: a wrong one too."""
    frame = trees().frame()
    frame["invoice"] = frame["tree"].map({"ash": 10.0, "birch": 20.0, "cedar": 30.0}) + frame["a"] / 100
    return load(frame, name="trees.csv", target="tree")


def test_a_column_that_gives_the_target_away_is_named_where_no_label_is_doubtful(open_page: Open) -> None:
    data = given_away()
    app = open_page("labels", data)
    sound(app)
    assert "agree with all 240 labels. That says little until Leakage was looked at" in shown(app)
    assert "of 0" not in str([metric.value for metric in app.metric])
    door = next(one for one in app.get("page_link") if "Leakage" in one.proto.label)
    assert "tab=leakage" in door.proto.query_string
    run("leakage", data)
    waited(app.run())
    assert "That says little: 'invoice' gives the target away." in shown(app).replace("\\", "")


def test_a_noise_matrix_without_noise_is_no_empty_figure(open_page: Open) -> None:
    for data, empty in ((given_away(), True), (trees(), False)):
        app = open_page("labels", data)
        keyed(app.segmented_control, "labels-figure-").set_value("Noise matrix").run()
        sound(app)
        drawn = [one for one in app.get("plotly_chart") if "noise-" in one.proto.id]
        assert bool(drawn) is not empty
        assert ("No row is likely of another class than its label." in shown(app)) is empty


def test_agreement_stands_where_leakage_found_no_such_column(open_page: Open) -> None:
    frame = trees().frame()
    frame["tree"] = np.array(["ash", "birch", "cedar"])[np.arange(240) % 3]
    for column, of in (("a", 1), ("b", 2)):  # no column by itself, both together
        frame[column] = 9.0 * (np.arange(240) % 3 == of) + frame["c"] % 1
    data = load(frame, name="trees.csv", target="tree")
    run("leakage", data)
    app = open_page("labels", data)
    assert "agree with all 240 labels. No column gives the target away by itself." in shown(app)


def test_a_column_that_few_rows_do_not_surely_call_a_leak_is_named(open_page: Open) -> None:
    """Labels said that no column gives the target away, of one that Leakage said may."""
    draw = np.random.default_rng(4)
    died = np.arange(60) < 28
    frame = pd.DataFrame(
        {"age": draw.normal(60, 9, 60), "code": np.where(died, 31, 20) + draw.integers(0, 9, 60)}
    )
    data = load(frame.assign(died=np.where(died, "yes", "no")), name="ward.csv", target="died")
    assert not [one for one in run("leakage", data).findings if one.severity == "critical"]
    app = open_page("labels", data)
    told = shown(app).replace("\\", "")
    assert "That says little: 'code' may give the target away." in told


def test_a_target_of_numbers_shows_the_residuals_in_place_of_labels(open_page: Open) -> None:
    draw = np.random.default_rng(0)
    frame = pd.DataFrame({"size": draw.gamma(4, 30, 200), "age": draw.integers(0, 80, 200)})
    frame["price"] = 2 * frame["size"] - frame["age"] + draw.normal(0, 3, 200)
    frame.loc[[5, 50], "price"] += 400
    app = open_page("labels", load(frame, name="houses.csv", target="price"))
    sound(app)
    assert "do not fit their row?" in shown(app) and "were not judged" not in shown(app)
    assert {5, 50} <= set(row_list(app)["Row"])


def test_few_whole_numbers_are_classes_and_have_no_residuals(open_page: Open) -> None:
    app = open_page("labels", trees((0, 1, 2)))
    sound(app)
    assert "of all 240 labels are wrong (90% interval " in shown(app) and "Residuals" not in shown(app)


def sure_of(data: Dataset, given: bool = False) -> bytes:
    """An ``.npy`` file with probabilities of the true classes; or of the labels given, wrong ones too."""
    true = np.arange(240) % 3
    words = data.frame()["tree"].to_numpy()
    wanted = np.array([["ash", "birch", "cedar"].index(str(one)) for one in words]) if given else true
    file = io.BytesIO()
    np.save(file, np.where(np.arange(3)[None] == wanted[:, None], 0.92, 0.04))
    return file.getvalue()


def read(app: AppTest) -> str:
    """The page as it reads, without the marks that keep a name from being taken for Markdown."""
    texts = [shown(app), *(one.value for one in app.caption)]
    return "\n".join(texts).replace("\\", "").replace(BREAK, "")


def dropped(app: AppTest, name: str, content: bytes, had_seen: bool = False) -> None:
    """A file of probabilities dropped on the page, what its model had seen said, and asked for."""
    keyed(app.file_uploader, "probabilities-").upload(name, content)
    waited(app.run())
    assert app.button(key="probabilities-on").disabled  # nothing is taken for granted
    keyed(app.radio, "probabilities-seen-").set_value(own.SEEN if had_seen else own.UNSEEN)
    waited(app.run())
    app.button(key="probabilities-on").click()
    waited(app.run())


def test_own_probabilities_are_dropped_judge_the_labels_and_are_let_go(open_page: Open) -> None:
    frame = trees().frame()
    frame[["a", "b"]] = 0.0  # nothing here says which tree it is
    data = load(frame, name="trees.csv", target="tree")
    app = open_page("labels", data)
    assert "Which labels are wrong cannot be said" in shown(app)
    tiles = {tile.label: tile.value for tile in app.metric}
    assert [tiles[name] for name in ("Likely wrong", "Possibly wrong", "Doubtful share")] == ["–"] * 3
    waited(keyed(app.segmented_control, "labels-figure-").set_value("Noise matrix").run())
    assert not app.get("plotly_chart") and "by mistake, and how often, cannot be said" in read(app)
    waited(keyed(app.segmented_control, "labels-figure-").set_value("Given and suggested").run())
    assert tiles["Labels looked at"] == "240" and "Labels judged" not in tiles
    dropped(app, "mine.npy", sure_of(data))
    sound(app)
    made = app.session_state["winnow"].dataset
    assert made.probabilities.name == "mine.npy" and made.probabilities.out_of_sample
    assert "of all 240 labels are wrong (90% interval" in shown(app)
    [every] = map(int, re.findall(r"About (\d+) of all 240", read(app)))
    [among] = [re.findall(r"\d+", one.value)[0] for one in app.metric if one.label.startswith("Wrong among")]
    more = re.findall(r"About (\d+) more of the (\d+) in all lies? in rows that are not shown", read(app))
    assert more == ([(str(every - int(among)), str(every))] if every > int(among) else [])
    assert set(row_list(app)["Row"]) <= set(range(WRONG)) and len(row_list(app)) >= 8
    assert "mine.npy, said to be of a model that had not seen" in read(app)
    keyed(app.number_input, "labels-top-").set_value(2).run()
    app.button(key="labels-bulk").click()
    waited(app.run())
    reasons = {one.why for one in app.session_state["winnow"].review.decisions}
    assert reasons == {"Suggested by the probabilities in mine.npy"}
    before = app.session_state["winnow"].review.decisions
    app.button(key="probabilities-off").click()
    waited(app.run())
    sound(app)
    assert app.session_state["winnow"].dataset.version == data.version
    assert app.session_state["winnow"].review.decisions == before


def test_a_file_of_probabilities_that_does_not_fit_is_told_and_the_page_stays(open_page: Open) -> None:
    data = trees()
    app = open_page("labels", data)
    file = io.BytesIO()
    np.save(file, np.full((239, 3), 1 / 3))
    dropped(app, "short.npy", file.getvalue())
    assert "short.npy has 239 rows of probabilities for 240 rows of data" in read(app)
    app.button(key="cancel-opening").click()
    waited(app.run())
    sound(app)
    assert app.session_state["winnow"].dataset.version == data.version
    assert "of all 240 labels are wrong (90% interval " in shown(app)
    assert "Labels judged" in {tile.label for tile in app.metric}


def test_a_model_that_had_seen_the_labels_gives_no_number_of_wrong_ones(open_page: Open) -> None:
    data = trees()
    app = open_page("labels", data)
    dropped(app, "learned.npy", sure_of(data, given=True), had_seen=True)
    sound(app)
    assert "had seen the rows it judges: it repeats their labels" in read(app)
    assert "Which labels are wrong cannot be said." in read(app)
    assert "are wrong (90% interval" not in read(app)


def test_agreement_of_an_own_model_is_told_to_say_little(open_page: Open) -> None:
    data = trees()
    app = open_page("labels", data)
    dropped(app, "learned.npy", sure_of(data, given=True))
    assert "agree with all 240 labels. That says little: a model that had seen" in read(app)


def test_all_doubtful_rows_are_the_likely_and_the_possibly_wrong_ones(open_page: Open) -> None:
    """ "Possible" listed more rows than the tile "Possibly wrong" counted."""
    draw = np.random.default_rng(5)
    true = np.arange(400) % 2
    frame = pd.DataFrame({"x": 3.0 * true + draw.normal(size=400), "y": draw.normal(size=400)})
    frame["tree"] = np.array(["ash", "birch"])[np.where(np.arange(400) < 16, 1 - true, true)]
    app = open_page("labels", load(frame, name="trees.csv", target="tree"))
    tiles = {one.label: int(one.value) for one in app.metric if one.label.endswith(" wrong")}
    assert tiles["Likely wrong"] and tiles["Possibly wrong"]
    keyed(app.segmented_control, "labels-way-").set_value("All doubtful").run()
    sound(app)
    every = next(one.label for one in app.toggle if one.label.startswith("Select all "))
    assert every == f"Select all {tiles['Likely wrong'] + tiles['Possibly wrong']} rows"


def test_where_no_label_is_likely_wrong_the_list_begins_with_the_possible_ones(open_page: Open) -> None:
    draw = np.random.default_rng(0)
    x = draw.normal(size=300)
    frame = pd.DataFrame({"x": x, "y": np.where(x + draw.normal(size=300) > 0, "yes", "no")})
    data = load(frame, name="mixed.csv", target="y")
    tier = run("labels", data).tier  # type: ignore[attr-defined]
    assert not (tier == 2).any() and (tier == 1).any()
    app = open_page("labels", data)
    sound(app)
    assert keyed(app.segmented_control, "labels-way-").value == "All doubtful"
    assert len(row_list(app)) == min(25, int((tier == 1).sum()))


def test_what_the_interval_ends_at_is_told_where_it_begins_at_none(open_page: Open) -> None:
    """Beside "none to 81" stood 69 that the models called possibly wrong, and nothing said why."""
    draw = np.random.default_rng(0)
    x = draw.normal(size=300)
    frame = pd.DataFrame({"x": x, "y": np.where(x + draw.normal(size=300) > 0, "yes", "no")})
    app = open_page("labels", load(frame, name="mixed.csv", target="y"))
    off = int(next(one.value for one in app.metric if one.label == "Possibly wrong"))
    assert next(one.value for one in app.metric if one.label == "Likely wrong") == "0"
    high = round(off + 1.645 * (off * (1 - off / 300)) ** 0.5 + 1)
    assert f"None to {high} of all 300 labels may be wrong; the models call {off} possibly wrong" in read(app)
    told = f"{high} are the {off} labels that the models disagree with, and {high - off} more: the margin"
    assert any(one.value.startswith(told) for one in app.caption)


def test_no_number_of_wrong_labels_is_spoken_where_the_interval_begins_at_none() -> None:
    """Beside "none to 90" of those shown "about 93 of all 3,000 are wrong" stood."""
    result: Any = SimpleNamespace(
        tier=np.repeat(np.int8([2, 0]), [90, 2_910]),
        evidence=None,
        unchecked="",
        repeated=False,
        expected=lambda: ExpectedErrors(93.1, 0.2, 106.4),
    )
    assert verdict._headline(result, (90, 0), 90, []) == (
        "None to 106 of all 3,000 labels may be wrong; the models call 90 likely wrong, to look at first."
    )
    assert in_words(ExpectedErrors(61.0, 0.1, 84.3), 90) == "anything from none to 84 may be wrong"
    result.expected = lambda: ExpectedErrors(93.1, 61.0, 106.4)
    assert verdict._headline(result, (90, 0), 90, []).startswith(
        "About 93 of all 3,000 labels are wrong (90% interval 61 to 106); "
    )


def test_of_images_it_is_their_properties_that_may_give_the_target_away() -> None:
    """ "No column gives the target away by itself" stood beside light that told both classes apart."""
    result: Any = SimpleNamespace(
        tier=np.zeros(30, np.int8), evidence=None, unchecked="", repeated=True, expected=None
    )
    none = verdict._Leaks([], [])
    assert verdict._headline(result, (0, 0), 0, none).endswith("No column gives the target away by itself.")
    told = verdict._headline(result, (0, 0), 0, none, pictures=True)
    assert "a property of the images" in told and "Issues names those" in told


def test_labels_that_were_looked_at_are_not_said_to_be_looked_at_first(open_page: Open) -> None:
    """ "to look at first" stood there though each of them had been kept."""
    data = trees(wrong=5)
    app = open_page("labels", data)
    result = run("labels", data, {})
    rows = result.evidence.rows[result.tier == 2]
    assert rows.size > 2 and f"call {rows.size} likely wrong, to look at first." in shown(app)
    now = app.session_state["winnow"]
    now.review, now.turn = now.review.say(Decision("keep", RowSet(rows[1:]))), now.turn + 1
    assert f"call {rows.size} likely wrong, 1 of them still to look at." in shown(ready(app))
    now.review, now.turn = now.review.say(Decision("keep", RowSet(rows[:1]))), now.turn + 1
    assert f"call {rows.size} likely wrong, all looked at already." in shown(ready(app))
