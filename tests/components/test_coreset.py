"""The coreset page: its answer follows decisions, and its rows go out with their weights."""

from __future__ import annotations

import re
import threading
from dataclasses import replace
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from streamlit.testing.v1 import AppTest

from components.figures import coreset as figures
from components.server import store
from components.text import BREAK
from components.views.coreset import tune
from components.views.coreset.drawn_from import keeping_step
from components.views.coreset.page import _of_each, _within
from components.views.coreset.removal import _expected
from components.views.coreset.tune import held_against
from core.coreset.influence import Influence
from core.coreset.judging import HeldOutScore
from core.coreset.quality import CoresetQuality, Error
from core.coreset.removal import RemovalPreview, previewed
from core.coreset.tuning import ModelComparison
from core.decided import as_decided
from core.decision import Decision
from core.prepare.weight_decisions import significant, weight_decisions
from core.review import Review
from core.rowset import RowSet
from core.run import run
from core.steps import settle
from core.workspace.kept_logs import key_of
from tests.components.conftest import PAGES, Open, keyed, planted, ready, row_list, shown, sound, tick, waited
from tests.components.test_last_copies import queue
from tests.core.coreset.rows import frame
from tests.make import dataset

TABLE = frame(3_000)
SETTINGS = {"coreset": {"size": 200}}


def told(app: AppTest) -> str:
    return shown(app).replace("\\", "").replace(BREAK, "")


def test_an_error_too_small_to_be_told_is_told_once_and_drawn_at_the_foot() -> None:
    """ "under 0.0001% (under 0.0001% to under 0.0001%)", beside an axis with a mark "1e-07%"."""
    assert _within(Error(3e-9, 1e-9, 8e-9)) == "under 0.0001%"
    assert _within(Error(0.02, 0.01, 0.03)) == "2% (1% to 3%)"
    curve = [
        (size, CoresetQuality(Error(own, own / 2, own * 2), Error(0.02, 0.01, 0.03), "fit"))
        for size, own in ((100, 0.004), (200, 3e-9))
    ]
    drawn = figures.error_curve(SimpleNamespace(curve=curve))  # type: ignore[arg-type]
    own = next(one for one in drawn.data if one.name == "coreset")
    assert own.y[0] == 0.004 and own.y[1] == figures.FOOT and own.customdata[1] == "under 0.0001%"
    marks = dict(zip(drawn.layout.yaxis.tickvals, drawn.layout.yaxis.ticktext, strict=True))
    assert marks.pop(figures.FOOT) == "under 0.0001%" and marks[1e-6] == "0.0001%" and marks[0.01] == "1%"
    assert not any("e-" in text for text in marks.values())


def test_a_row_dropped_there_leaves_the_coreset_and_the_next_one_comes_in(open_page: Open) -> None:
    data = dataset(TABLE, target="y")
    app = open_page("coreset", data, SETTINGS)
    sound(app)
    assert "200 of 3,000 rows stand for all of them" in told(app) and "uniform sample" in told(app)
    first = int(row_list(app)["Row"].iloc[0])
    assert row_list(app)["Importance"].is_monotonic_decreasing
    tick(app, 0)
    waited(app.button(key="drop-coreset").click().run())
    sound(app)
    assert first not in row_list(app)["Row"].tolist() and "200 of 2,999 rows" in told(app)
    decided = as_decided(data, app.session_state["winnow"].review)
    known = run("coreset", decided, SETTINGS["coreset"])
    assert known.coreset.pilot.version == run("coreset", data, SETTINGS["coreset"]).coreset.pilot.version


def test_what_a_kept_coreset_stands_for_has_a_target(open_page: Open) -> None:
    table = TABLE.assign(y=TABLE["y"].where(np.arange(len(TABLE)) % 30 > 0))
    app = open_page("coreset", dataset(table, target="y"), SETTINGS)
    assert "200 of 2,900 rows stand for all of them" in told(app)
    waited(app.button(key="coreset-keep").click().run())
    assert "dropped 2,800 others, 100 of them without a target." in told(app)
    app.session_state["winnow"].settings["coreset"] = {"size": 100}
    ready(app)
    sound(app)
    assert "In force is the coreset that you kept, 200 of 2,900 rows" in told(app)


def test_the_coreset_alone_can_be_kept_with_its_weights(open_page: Open) -> None:
    data = dataset(TABLE, target="y")
    app = open_page("coreset", data, SETTINGS)
    assert "The files have the weights in full; a step that keeps these rows, in two significant" in told(app)
    waited(app.button(key="coreset-keep").click().run())
    sound(app)
    now = settle(app.session_state["winnow"].review.decisions, data)
    rows = run("coreset", data, SETTINGS["coreset"]).rows().set_index("row")["weight"]
    assert len(now.dropped) == len(TABLE) - 200 and not set(now.dropped) & set(rows.index)
    assert now.counts()["weighted"] == 200
    assert "in two significant digits; dropped 2,800" in told(app)
    waited(app.button(key="side-undo").click().run())
    assert len(settle(app.session_state["winnow"].review.decisions, data).dropped) == 0


def test_rows_kept_by_hand_that_a_coreset_drops_are_said_before_and_after(open_page: Open) -> None:
    """Two keeps and a relabel were in force, and "Kept 1" was all that Review said."""
    data = dataset(TABLE, target="y")
    mine = {*run("coreset", data, SETTINGS["coreset"]).rows()["row"]}
    lost = [row for row in range(len(TABLE)) if row not in mine][:2]
    app = open_page("coreset", data, SETTINGS)
    assert "that you kept or relabelled" not in told(app)
    say(app, Decision("keep", RowSet([*lost, min(mine)])))
    assert "It drops 2 rows that you kept or relabelled." in told(app)
    waited(app.button(key="coreset-keep").click().run())
    sound(app)
    assert "2,800 others. It drops 2 rows that you kept or relabelled." in told(app)
    app.switch_page(PAGES["review"])
    ready(app)
    sound(app)
    assert "2 rows kept or relabelled by hand were dropped by another decision." in told(app)


def test_what_is_kept_is_the_coreset_of_the_data_that_it_was_drawn_from(open_page: Open) -> None:
    """The page drew a coreset of the one that was kept, which could be kept in turn."""
    data = dataset(TABLE, target="y")
    app = open_page("coreset", data, SETTINGS)
    first, seen = row_list(app), {one.label: one.value for one in app.metric}
    waited(app.button(key="coreset-keep").click().run())
    sound(app)
    now = app.session_state["winnow"]
    assert "200 of 3,000 rows stand for all of them" in told(app)
    assert "kept and in force: the data as decided are its 200 rows, with their weights. Undo takes" in told(
        app
    )
    keep = app.button(key="coreset-keep")
    assert keep.disabled and keep.label == "Kept"
    assert row_list(app)["Row"].tolist() == first["Row"].tolist()
    assert row_list(app)["Weight"].tolist() == first["Weight"].tolist()
    assert {one.label: one.value for one in app.metric} == seen
    assert "have a weight by your decisions" not in told(app)
    assert not app.button(key="coreset-compare").disabled
    now.settings["coreset"] = {"size": 100}
    ready(app)
    assert "In force is the coreset that you kept, 200 of 3,000 rows" in told(app)
    assert "100 of 3,000 rows stand for all of them" in told(app)
    waited(app.button(key="coreset-keep").click().run())
    sound(app)
    settled = settle(now.review.decisions, data)
    other = run("coreset", data, {"size": 100})
    assert np.flatnonzero(settled.kept).tolist() == sorted(other.row.tolist())
    assert np.flatnonzero(np.isfinite(settled.weight)).tolist() == sorted(other.row.tolist())
    assert len(now.review.batches) == 1 and app.button(key="coreset-keep").disabled
    waited(app.button(key="side-undo").click().run())
    assert settle(now.review.decisions, data).kept.sum() == 200, "the first one is kept again"
    waited(app.button(key="side-undo").click().run())
    sound(app)
    assert settle(now.review.decisions, data).kept.all() and "in force" not in told(app)
    assert app.button(key="coreset-keep").label == "Keep only these 100 rows, weighted"


def test_decisions_beside_a_kept_coreset_stand(open_page: Open) -> None:
    """Rows dropped before and after it was kept are in no coreset; a weight by hand is counted, its own are
    not.
    """
    data = dataset(TABLE, target="y")
    app = open_page("coreset", data, SETTINGS)
    now = app.session_state["winnow"]
    say(app, Decision("drop", RowSet(range(100))))
    assert "200 of 2,900 rows stand for all of them" in told(app)
    waited(app.button(key="coreset-keep").click().run())
    assert app.button(key="coreset-keep").disabled and "200 of 2,900 rows stand" in told(app)
    row = int(row_list(app)["Row"].iloc[0])
    weight = float(row_list(app)["Weight"].iloc[0])
    say(app, Decision("weight", RowSet([row]), 3.0))
    assert "In force is the coreset that you kept, 200 of 2,900 rows, but not with the weights" in told(app)
    assert "1 row has a weight by your decisions" in told(app)
    listed = row_list(app).set_index("Row")["Weight"]
    assert listed[row] == pytest.approx(3 * weight, abs=0.002)
    assert not app.button(key="coreset-keep").disabled
    say(app, Decision("drop", RowSet([row])))
    assert "Of the coreset that you kept, 200 of 2,900 rows, 199 are left" in told(app)
    assert "200 of 2,899 rows stand for all of them" in told(app)
    assert row not in row_list(app)["Row"].tolist()
    waited(app.button(key="coreset-keep").click().run())
    sound(app)
    settled = settle(now.review.decisions, data)
    rows = run(
        "coreset",
        as_decided(data, Review().say(Decision("drop", RowSet([*range(100), row])))),
        SETTINGS["coreset"],
    )
    assert np.flatnonzero(settled.kept).tolist() == sorted(rows.coreset.sample.row.tolist())
    assert app.button(key="coreset-keep").disabled and "kept and in force" in told(app)


def say(app: AppTest, *given: Decision) -> None:
    """Decisions that are in memory alone."""
    now = app.session_state["winnow"]
    now.store_trouble = "decisions are in memory alone"
    now.review, now.turn = now.review.say(*given), now.turn + 1
    ready(app)
    sound(app)


@pytest.mark.parametrize("in_memory", [True, False])
def test_a_coreset_kept_again_overrules_the_weight_of_a_row_that_was_given_by_hand(
    open_page: Open, in_memory: bool
) -> None:
    """It was written into its old place: the weight by hand overruled it, and the button was off."""
    data = dataset(TABLE, target="y")
    app = open_page("coreset", data, SETTINGS)
    now = app.session_state["winnow"]
    waited(app.button(key="coreset-keep").click().run())
    row = int(row_list(app)["Row"].iloc[0])
    drawn = run("coreset", data, SETTINGS["coreset"]).rows().set_index("row")["weight"]
    by_hand = Decision("weight", RowSet([row]), 3.0)
    if in_memory:
        say(app, by_hand)
    else:
        me = now.review.decisions[0].who
        now.review = store().say(key_of(data.fingerprint, now.log), me, by_hand)
        now.turn += 1
        ready(app)
        sound(app)
    assert settle(now.review.decisions, data).weight[row] == 3.0
    assert "but not with the weights that came with it" in told(app)
    before = now.review
    waited(app.button(key="coreset-keep").click().run())
    sound(app)
    weight = settle(now.review.decisions, data).weight
    assert weight[row] == significant(np.array([3.0 * drawn[row]]))[0] and weight[row] > 3.0
    rest = drawn.drop(row)
    assert weight[rest.index] == pytest.approx(significant(rest.to_numpy()))
    assert app.button(key="coreset-keep").disabled and "kept and in force: the data as decided" in told(app)
    assert "but not with the weights" not in told(app) and len(now.review.batches) == 2
    waited(app.button(key="side-undo").click().run())
    sound(app)
    assert now.review.acts == before.acts, "one undo takes all back"
    assert settle(now.review.decisions, data).weight[row] == 3.0
    assert not app.button(key="coreset-keep").disabled


def test_rows_that_are_there_beside_a_kept_coreset_are_named(open_page: Open) -> None:
    """The data as decided "are its 200 rows" stood there beside 3,000 rows."""
    data = dataset(TABLE, target="y")
    app = open_page("coreset", data, SETTINGS)
    now = app.session_state["winnow"]
    waited(app.button(key="coreset-keep").click().run())
    dropped = settle(now.review.decisions, data).dropped
    say(app, Decision("keep", RowSet(dropped.ids[:70])))
    assert settle(now.review.decisions, data).kept.sum() == 270
    assert "the data as decided are" not in told(app) and not app.success
    assert (
        "but not alone: the data as decided have 70 other rows that it dropped and that were kept since. "
        "Together they do not stand for all of them. Keeping it again mends that." in told(app)
    )
    waited(app.button(key="coreset-keep").click().run())
    sound(app)
    assert settle(now.review.decisions, data).kept.sum() == 200
    assert app.button(key="coreset-keep").disabled and "the data as decided are its 200 rows" in told(app)
    say(app, Decision("add_rows", RowSet(), settings={"how": "repeat", "amount": 40}))
    assert settle(now.review.decisions, data).kept.sum() == 240
    assert "but not alone: the data as decided have 40 other rows that a step added. Together" in told(app)
    assert "Keeping it again" not in told(app) and not app.success
    assert app.button(key="coreset-keep").disabled, "they are rows that a person added to it"


def test_rows_that_come_back_into_the_data_are_not_of_a_kept_coreset(open_page: Open) -> None:
    data = dataset(TABLE, target="y")
    app = open_page("coreset", data, SETTINGS)
    now = app.session_state["winnow"]
    say(app, Decision("drop", RowSet(range(100))))
    waited(app.button(key="coreset-keep").click().run())
    assert "the data as decided are its 200 rows" in told(app)
    now.review, now.turn = now.review.switch(0, on=False), now.turn + 1
    ready(app)
    sound(app)
    assert settle(now.review.decisions, data).kept.sum() == 300
    assert "not alone: the data as decided have 100 other rows that were not in the data when it was" in told(
        app
    )
    assert not app.button(key="coreset-keep").disabled
    waited(app.button(key="coreset-keep").click().run())
    assert settle(now.review.decisions, data).kept.sum() == 200 and app.button(key="coreset-keep").disabled


def test_a_kept_coreset_stands_for_train_where_there_is_serve(open_page: Open) -> None:
    data = dataset(TABLE, serve=frame(500), target="y")
    app = open_page("coreset", data, SETTINGS)
    assert "All other rows of train are dropped" in app.button(key="coreset-keep").help
    waited(app.button(key="coreset-keep").click().run())
    sound(app)
    assert settle(app.session_state["winnow"].review.decisions, data).kept.sum() == 700
    assert "in force: of train the data as decided have its 200 rows alone, with their weights" in told(app)
    assert app.button(key="coreset-keep").disabled
    app.session_state["winnow"].settings["coreset"] = {"size": 100}
    ready(app)
    assert "In force is the coreset that you kept, 200 of 3,000 rows of train, drawn with other" in told(app)


def test_a_kept_coreset_is_known_by_its_mark_and_by_its_reason_in_old_logs_alone() -> None:
    """A step was one of a coreset wherever somebody gave "coreset" as the reason."""
    data = dataset(TABLE, target="y")
    weight = np.full(3_000, np.nan)
    weight[:3] = 7.0

    def step(why: str, *weights: Decision) -> int | None:
        return keeping_step(Review().say(Decision("drop", RowSet(range(3, 3_000)), why=why), *weights))

    marked = weight_decisions(data, weight, "another reason", coreset=True)
    assert step("another reason", *marked) == 0
    assert step("coreset", *weight_decisions(data, weight, "coreset")) == 0, "as it was written before"
    assert step("coreset", *weight_decisions(data, weight, "weighted for serving")) is None
    assert step("coreset", *marked, Decision("weight", RowSet([1]), 2.0, "coreset")) is None
    again = [Decision.from_json(one.to_json()) for one in marked]
    assert all(one.of_coreset and one.worked_out for one in again)
    assert not Decision("drop", RowSet([1]), settings={"coreset": True}).of_coreset


def test_rows_that_a_kept_coreset_weighs_wait_in_review_all_the_same(open_page: Open) -> None:
    """They counted as decided, as if somebody had looked at them, and left the queue."""
    odd, data = {7, 70, 170}, planted()
    app = open_page("issues", data, {"coreset": {"size": 150}})
    app.switch_page(PAGES["coreset"])
    ready(app)
    waited(app.button(key="coreset-keep").click().run())
    sound(app)
    settled = settle(app.session_state["winnow"].review.decisions, data)
    assert np.isfinite(settled.weight[list(odd)]).all(), "rows so far out are drawn for sure"
    assert len(settled.weighted) == 150 and settled.decided == settled.dropped
    app.switch_page(PAGES["review"])
    ready(app)
    sound(app)
    assert odd <= queue(app)[0]
    by_hand = Decision("weight", RowSet([7]), 2.0)
    assert settle((by_hand,), data).decided == RowSet([7]), "a weight that a person gives is a decision"


def test_the_history_tells_of_the_weights_of_a_coreset_and_columns_are_counted_in_one_way(
    open_page: Open,
) -> None:
    """The history said "Dropped 2,800 rows" alone; the side counted a column less than Export."""
    data = dataset(TABLE, target="y")
    app = open_page("coreset", data, SETTINGS)
    waited(app.button(key="coreset-keep").click().run())
    weight = settle(app.session_state["winnow"].review.decisions, data).weight
    low, high = np.nanmin(weight), np.nanmax(weight)
    app.switch_page(PAGES["review"])
    ready(app)
    app.segmented_control(key="review-tab").set_value("History").run()
    said = f"Dropped 2,800 rows; weighted 200 rows: {low:g} to {high:g}"
    assert app.dataframe[0].value["What"].tolist() == [said]
    app.switch_page(PAGES["export"])
    ready(app)
    tile = next(one for one in app.metric if one.label == "Columns")
    number = len(data.names)
    assert (tile.value, tile.delta) == (str(number), "and 1 of weights")
    assert f"200 rows × {number} columns" in told(app)
    assert "200 of 3,000 rows are exported; 2,800 are dropped; 200 rows weighted." in told(app)
    app.switch_page(PAGES["prepare"])
    ready(app)
    seen = told(app)
    assert "1 step: 2,800 rows dropped, 200 rows weighted." in seen
    assert "**2,800 rows** dropped; **200 rows** weighted." in seen
    assert f"{said} :gray[· 2,800 rows dropped, 200 rows weighted]" in seen


def test_fits_are_compared_with_all_rows_and_follow_a_decision(open_page: Open) -> None:
    app = open_page("coreset", dataset(TABLE, target="y"), SETTINGS)
    waited(app.button(key="coreset-compare").click().run())
    sound(app)
    assert "AUROC 0" in told(app) and "on all rows (difference" in told(app)
    assert "the coreset from the uniform sample" in told(app) or "than the uniform sample" in told(app)
    values = {metric.label: metric.value for metric in app.metric}
    assert all(0.5 < float(values[name]) < 1 for name in ("Coreset", "Uniform sample", "All rows"))
    [cost] = [one.value for one in app.caption if "Processor time of the fit:" in one.value]
    assert "on the coreset" in cost and "on all rows." in cost  # too short to say how many times as long
    tick(app, 0, 1, 2)
    waited(app.button(key="drop-coreset").click().run())
    sound(app)
    assert [m.delta for m in app.metric if m.label == "Coreset" and "since the last" in m.delta]
    said = re.search(
        r"AUROC (0\.\d{3}) on the coreset against (0\.\d{3}) on all rows \(difference ([-+]?0\.\d{3})",
        told(app),
    )
    assert said is not None
    own, every, apart = map(float, said.groups())
    assert apart == pytest.approx(own - every, abs=1e-9), "as they are shown"
    waited(app.button(key="coreset-tune").click().run())
    sound(app)
    assert "Best: strength" in told(app) and "held-out rows of all the data" in told(app)
    [cost] = [one.value for one in app.caption if "30 fits on the coreset took" in one.value]  # 6 in 5 folds
    assert "as many would take about" in cost and "Fitted on all rows the best one has AUROC" in cost
    seen = told(app)
    assert said[0] in seen, "what was compared stands beside what was tuned"
    on = fitted_on(app)
    assert [one.partition("; at ")[0] for one in on] == ["Linear model on 200 of 2,997 rows; rows 200"] * 2
    assert not [one for one in on if "by now" in one]
    app.session_state["winnow"].settings["coreset"] = {"size": 100}
    ready(app)
    sound(app)
    on = fitted_on(app)
    assert [one.partition(" UTC.")[2] for one in on] == [
        " Data or settings are others by now: “Compare with all rows” fits it anew.",
        "",
    ]
    assert "on 200 of" in on[0] and "on 100 of" in on[1] and said[0] in told(app)


def test_what_was_compared_is_shown_where_tune_was_clicked_meanwhile(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only what was asked for last was: the comparison that ended meanwhile was lost."""
    go, alone = threading.Event(), tune.compared

    def slow(*given: Any) -> ModelComparison:
        assert go.wait(60)
        return alone(*given)

    monkeypatch.setattr(tune, "compared", slow)
    app = open_page("coreset", dataset(TABLE, target="y"), SETTINGS)
    app.button(key="coreset-compare").click().run()
    app.selectbox(key="coreset-model").set_value("Boosted trees").run()
    app.button(key="coreset-tune").click().run()
    sound(app)
    assert not fitted_on(app)
    app.session_state["winnow"].settings["coreset"] = {"size": 100}
    go.set()
    ready(app)
    sound(app)
    assert [one.partition("; at ")[0] for one in fitted_on(app)] == [
        "Linear model on 200 of 3,000 rows; rows 200",
        "Boosted trees on 100 of 3,000 rows; rows 100",
    ], "each with what it ran under"
    assert [" by now" in one for one in fitted_on(app)] == [True, False]
    assert "AUROC 0" in told(app) and "Best: " in told(app)


def fitted_on(app: AppTest) -> list[str]:
    """On what each fit on the page rests."""
    every = (one.value.replace("\\", "").replace(BREAK, "") for one in app.caption)
    return [one for one in every if " UTC." in one]


def test_a_comparison_says_whether_it_bears_out_the_expected_errors() -> None:
    def measured(low: float, high: float) -> ModelComparison:
        score, gap = HeldOutScore(0.9, 0.8, 1.0, 0.1), HeldOutScore((low + high) / 2, low, high, 0.0)
        return ModelComparison("AUROC", score, score, score, gap, gap, 45)

    promise = CoresetQuality(Error(0.02, 0.01, 0.03), Error(0.08, 0.04, 0.12), "fit")
    none = CoresetQuality(Error(0.08, 0.01, 0.2), Error(0.08, 0.04, 0.12), "fit")
    few = held_against(measured(-0.08, 0.04), promise)
    assert few.startswith("45 held-out rows cannot tell the coreset from the uniform sample")
    assert "95% interval -0.080 to +0.040" in few and "neither bears out nor contradicts" in few
    worse = held_against(measured(-0.08, -0.01), promise)
    assert "the uniform sample is better than the coreset (difference -0.045" in worse
    assert "contradicts the expected errors (2%, of a uniform sample 8%)" in worse
    assert "contradicts" not in held_against(measured(-0.08, -0.01), none)
    assert "neither" not in held_against(measured(-0.08, 0.04), none)
    assert "the coreset is better than the uniform sample" in held_against(measured(0.01, 0.05), promise)
    assert held_against(replace(measured(0.01, 0.05), beside=None), promise) == ""


def test_scores_on_other_held_out_rows_are_not_compared() -> None:
    """Of a coreset that was kept a fifth of its rows is held out, and not of all of them."""
    score = HeldOutScore(0.9617, 0.95, 0.97, 0.0)
    before = ModelComparison("AUROC", score, None, None, None, None, 581, held=RowSet(range(581)))
    few = replace(before, coreset=score._replace(value=0.9458), tested=67, held=RowSet(range(67)))
    assert tune._moved(few, before) is None and tune._on_others(few, before)
    less = replace(before, coreset=score._replace(value=0.9604), held=RowSet(range(2, 581)))
    assert tune._moved(less, before) == "-0.002 since the last decision" and not tune._on_others(less, before)
    assert tune._moved(before, None) is None and not tune._on_others(before, None)


def test_what_removing_rows_does_is_told_before_they_go(open_page: Open) -> None:
    data = dataset(TABLE, target="y")
    app = open_page("coreset", data, SETTINGS)
    assert not [one for one in app.button if one.key == "removal-coreset"]
    tick(app, 0, 1)
    waited(keyed(app.button, "removal-coreset").click().run())
    sound(app)
    rows = np.sort(row_list(app)["Row"].to_numpy()[:2])
    made = previewed(run("coreset", data, SETTINGS["coreset"]).coreset, data, rows)
    assert f"Without 2 rows, AUROC on held-out rows {_expected(made)}." in told(app)
    assert "One Newton step" in told(app) and made.influence.rows == 2
    [change] = [metric for metric in app.metric if metric.label == "Change of AUROC"]
    assert change.value[0] in "+-" and "95% interval" in change.delta
    assert not app.session_state["winnow"].review.decisions
    tick(app, 2)  # other rows: what was told is not of them
    assert "Without 2 rows" not in told(app)


@pytest.mark.parametrize(
    ("change", "floor", "words"),
    [
        (0.0004, 0.0001, "is expected to rise from 0.9120 to 0.9124"),
        (-0.00004, 0.00001, "(0.9120) is expected to fall by less than 0.0001"),
        (0.0004, 0.0005, "(0.9120) is not expected to change more than it would"),
    ],
)
def test_a_change_is_told_in_as_many_digits_as_it_has(change: float, floor: float, words: str) -> None:
    nothing = Influence(1, np.zeros((1, 2)), np.zeros((1, 2)), 0.0, "a", 0.0)
    scores = (
        HeldOutScore(value, value - 1e-6, value + 1e-6, 0.0) for value in (0.912, 0.912 + change, change)
    )
    assert _expected(RemovalPreview(nothing, "AUROC", *scores, tested=99, floor=floor)).startswith(words)


def test_a_window_in_time_is_chosen_by_days(open_page: Open) -> None:
    when = pd.Timestamp("2013-01-01 06:00") + pd.to_timedelta(np.arange(len(TABLE)), unit="h")
    table = TABLE.assign(when=when)
    later = table.head(50).assign(when=pd.Timestamp("2014-02-01"))
    data = dataset(table, serve=later, target="y", time="when")
    app = open_page("coreset", data, SETTINGS)
    [slider] = [one for one in app.slider if one.label == "Window in time"]
    assert slider.value == (date(2013, 1, 1), date(2013, 5, 6))
    waited(slider.set_value((date(2013, 1, 2), date(2013, 1, 31))).run())
    sound(app)
    assert "200 of 720 rows stand for all of them" in told(app) and "2,280 other rows are left aside" in told(
        app
    )
    rows = row_list(app)["Row"]
    assert rows.between(18, 18 + 719).all()
    [slider] = [one for one in app.slider if one.label == "Window in time"]
    assert slider.value == (date(2013, 1, 2), date(2013, 1, 31))
    waited(slider.set_value((date(2013, 1, 1), date(2013, 5, 6))).run())
    assert "200 of 3,000 rows stand for all of them" in told(app)


def test_days_too_far_off_for_a_slider_are_named(open_page: Open) -> None:
    when = [datetime(2013, 1, 1) + timedelta(hours=at) for at in range(799)]  # noqa: DTZ001
    last = datetime(9999, 12, 31)  # noqa: DTZ001
    times = pa.array([*when, last], pa.timestamp("us"))
    data = dataset(
        pa.Table.from_pandas(TABLE.head(800)).append_column("when", times), target="y", time="when"
    )
    app = open_page("coreset", data, {"coreset": {"size": 100}})
    sound(app)
    assert not app.slider and "'when' holds the day 9999-12-31, too far off for a slider" in told(app)
    app = open_page(
        "coreset",
        dataset(
            TABLE.assign(when=pd.to_datetime("2013-01-01") + pd.to_timedelta(np.arange(3_000), unit="h")),
            target="y",
            time="when",
        ),
        {"coreset": {"size": 100, "where": "when >= 2013-01-11"}},
    )
    assert app.slider[0].value == (date(2013, 1, 11), date(2013, 5, 5))


def test_a_window_without_rows_says_so(open_page: Open) -> None:
    when = pd.Timestamp("2013-01-01") + pd.to_timedelta(np.arange(800), unit="h")
    data = dataset(TABLE.head(800).assign(when=when), target="y", time="when")
    where = "when >= 2020-01-01 and when < 2020-02-01"
    app = open_page("coreset", data, {"coreset": {"size": 100, "where": where}})
    assert not app.slider and "holds no day of the rows, 2013-01-01 to 2013-02-03" in told(app)


@pytest.mark.parametrize(
    ("where", "days"),
    [
        ("when >= 2013-01-11", (date(2013, 1, 11), date(2013, 2, 3))),
        ("when >= 2013-01-11 and when < 2020-01-01", (date(2013, 1, 11), date(2013, 2, 3))),
        ("when >= 0001-01-01 and when < 0001-01-01", None),
        ("when >= 2020-01-01 and when < 2020-02-01", None),
        ("when >= 2013-01-11 12:00 and when < 2013-01-20", None),
    ],
)
def test_days_are_drawn_as_they_are_chosen(where: str, days: tuple[date, date] | None) -> None:
    from components.views.coreset.window import _days

    span = (date(2013, 1, 1), date(2013, 2, 3))
    found = _days(where, "when", span)
    if days is None:
        assert found is None or found[0] > span[1] or found[1] < span[0]
    else:
        assert found is not None and (found[0], min(found[1], span[1])) == days


def test_no_label_is_called_contradicted_where_nothing_predicts_the_labels(open_page: Open) -> None:
    """Labels said that it cannot be said, and 183 of 183 rows were contradicted here."""
    tossed = np.random.default_rng(5).choice(["no", "yes"], 400)
    app = open_page("coreset", dataset(TABLE.head(400).assign(y=tossed), target="y"))
    waited(app.button(key="importance-judge").click().run())
    sound(app)
    assert "Which labels mislead cannot be said" in told(app)
    assert "ordinary but contradicted," not in told(app)
    assert keyed(app.radio, "importance-way").options == ["rare, consistent", "Cleaning samples"]
    assert "Importance is not drawn against doubt" in told(app)
    drawn = [str(one.proto.id) for one in app.get("plotly_chart")]
    assert drawn and not [one for one in drawn if "importance-" in one and "coreset-importance" not in one]
    assert not [one for one in app.slider if "doubt" in one.label]


@pytest.mark.parametrize(("quadrants", "first"), [((0, 3), 0), ((0, 2, 1), 1), ((1,), 2), ((0, 0), 3)])
def test_the_list_of_judged_rows_opens_on_the_first_choice_that_has_some(
    quadrants: tuple[int, ...], first: int
) -> None:
    """It opened empty, while 113 contradicted rows were one choice further."""
    from components.views.coreset.importance import SAMPLES, _first_with_rows
    from core.analyses.importance.analysis import QUADRANTS

    result = SimpleNamespace(quadrant=np.array(quadrants, np.int8))
    options = [QUADRANTS[3], QUADRANTS[2], QUADRANTS[1], SAMPLES]
    assert _first_with_rows(result, options) == first


def test_rows_are_chosen_by_quadrant_and_as_cleaning_samples(open_page: Open) -> None:
    data = dataset(TABLE.head(2_000), target="y")
    app = open_page("coreset", data, {"coreset": {"size": 100}, "importance": {"size": 7}})
    waited(app.button(key="importance-judge").click().run())
    sound(app)
    result = run("importance", data, {"size": 7})
    assert "rare and contradicted" in told(app)
    keyed(app.radio, "importance-way").set_value("Cleaning samples").run()
    [listed] = [one.value for one in app.dataframe if "Doubt" in one.value]
    assert listed["Row"].tolist() == result.samples.tolist() and listed["Doubt"].is_monotonic_decreasing


def test_two_that_wait_for_one_job_have_one_panel(
    held: threading.Event, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page broke: there are multiple elements with the same key."""
    monkeypatch.setattr("tests.components.conftest.SLOW", {"importance"})
    data = dataset(TABLE.head(1_500).rename(columns={"a": "one panel"}), target="y")
    app = open_page("coreset", data, SETTINGS)
    app.button(key="importance-judge").click().run()
    app.button(key="coreset-compare").click().run()
    sound(app)
    assert [one.key for one in app.button].count("stop-job") == 1
    held.set()
    ready(app)
    sound(app)


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_files_hold_the_rows_with_their_weights(ending: str) -> None:
    import io

    from components.views.coreset.export import _file

    data = dataset(TABLE.assign(weight=1.0), target="y")
    result = run("coreset", data, SETTINGS["coreset"])
    read = pd.read_csv if ending == "csv" else pd.read_parquet
    table = read(io.BytesIO(_file(data, result, result.coreset.sample.weight, ending)))  # type: ignore[operator]
    assert list(table.columns) == ["row", *TABLE.columns, "weight", "weight_", "importance"]
    assert table["weight_"].sum() == pytest.approx(3_000) and table["row"].tolist() == result.row.tolist()


def test_codes_in_columns_that_it_reads_are_told(open_page: Open) -> None:
    """It was built on -999 without a word, though the profile had warned of it."""
    table = TABLE.head(600).copy()
    table["reading"] = np.random.default_rng(1).normal(20.0, 4.0, 600).round(2)
    table.loc[::20, "reading"] = -999.0
    data = dataset(table, target="y")
    app = open_page("coreset", data, {"coreset": {"size": 100}})
    assert "takes such cells for values" not in told(app), "nothing is known yet"
    app.switch_page(PAGES["profile"])
    ready(app)
    app.switch_page(PAGES["coreset"])
    ready(app)
    sound(app)
    [caution] = [one.value for one in app.markdown if "takes such cells for values" in one.value]
    assert "reading" in caution and "999" in caution
    app.session_state["winnow"].settings["coreset"]["columns"] = "a, b"
    ready(app)
    assert "takes such cells for values" not in told(app), "it does not read them"


def test_what_smaller_ones_lack_is_of_classes_only_where_there_are_some() -> None:
    data = dataset(TABLE, target="y")
    assert _of_each(run("coreset", data, SETTINGS["coreset"])) == "rows of each class"
    assert "class" not in _of_each(run("coreset", data.with_roles(target=None), SETTINGS["coreset"]))
