"""Strategies against imbalance: what each does to probabilities, that nothing is learned from held-out rows,
and what is said where there is little to go by.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from core.analyses.strategies.fitted import averaged, made_right, moved
from core.analyses.strategies.models import MODELS
from core.analyses.strategies.recalibration import Scaling
from core.analyses.strategies.result import StrategiesResult
from core.analyses.strategies.samplers import Training
from core.analyses.strategies.strategy import STRATEGIES
from core.errors import Cancelled, SettingError, TooSmallError
from core.progress import Progress
from core.run import run
from tests.make import dataset

QUICK = {"models": "linear", "repeats": 1, "curves": False}


def logistic(n: int, seed: int = 0, level: float = -3.2) -> pd.DataFrame:
    """Rows whose target is drawn from a logistic model; about 7% are events."""
    draw = np.random.default_rng(seed)
    x = draw.normal(size=(n, 4))
    y = draw.random(n) < expit(level + x @ np.array([1.0, -1.0, 0.6, 0.0]))
    return pd.DataFrame(x, columns=list("abcd")).assign(y=np.where(y, "yes", "no"))


def strategies(frame: pd.DataFrame, roles: dict[str, str] | None = None, **settings: Any) -> Any:
    return run("strategies", dataset(frame, target="y", **(roles or {})), {**QUICK, **settings})


@pytest.fixture(scope="module")
def result() -> StrategiesResult:
    return strategies(logistic(4000))


def test_every_strategy_is_tried_and_its_probabilities_are_made_right(result: StrategiesResult) -> None:
    lines = result.frame().set_index("strategy")
    assert list(lines.index) == ["class_shares", "none", "threshold", *list(STRATEGIES)[1:]]
    assert (lines["left_out"] == "").all()
    made = ["weights", "undersample", "oversample", "bagging"]
    assert (lines.loc[made, "ratio"] < 0.4).all() and (lines.loc[["smote", "adasyn"], "ratio"] < 0.5).all()
    assert lines.loc[["none", "focal", *made], "ratio_corrected"].between(0.9, 1.1).all()
    assert lines.loc["focal", "ratio"] < 0.5


@pytest.mark.parametrize("classes", [2, 3])
def test_a_model_of_several_that_is_taken_away_gives_the_mean_of_their_log_odds(classes: int) -> None:
    draw = np.random.default_rng(0)
    target = np.minimum(draw.geometric(0.6, 400) - 1, classes - 1)
    rows = Training(draw.normal(size=(400, 2)) + target[:, None], target, 0, classes)
    way = STRATEGIES["bagging"]
    trained = way.train(rows, way.resample(rows, 0), MODELS["linear"], 0)
    each = [model.predict_log_proba(rows.matrix) for model in trained.models]
    mean = np.mean(each, axis=0)
    expected = np.exp(mean) / np.exp(mean).sum(axis=1, keepdims=True)
    plain, right = trained.predict(rows.matrix, rows.counts / 400)
    np.testing.assert_allclose(plain, expected, rtol=1e-9)
    one = averaged(trained.models, rows)
    np.testing.assert_allclose(one.predict_proba(rows.matrix), expected, rtol=1e-9)
    made_right(one, trained, rows.counts / 400)
    moved(one, np.linspace(0.0, 0.4, classes), 1.3)
    scaling = Scaling(tuple(np.linspace(0.0, 0.4, classes)), 1.3)
    np.testing.assert_allclose(one.predict_proba(rows.matrix), scaling(right), rtol=1e-9)


def test_overconfident_bags_of_trees_are_made_right_on_held_out_rows() -> None:
    result = strategies(logistic(2000), models="boosting", strategies="bagging")
    trial = result.trial("boosting", "bagging")
    made = result.calibrations(trial, 1)
    assert trial.correction == "platt" and made["p_prior"].ratio_high < 1.0
    assert 0.9 < made["p_platt"].ratio < 1.1 and abs(made["p_platt"].slope - 1) < 0.15


def test_what_is_scored_without_any_column_stands_beside_every_score(result: StrategiesResult) -> None:
    truth = logistic(4000)["y"].eq("yes").to_numpy()
    known = result.frame().set_index("strategy").loc["class_shares"]
    share = truth.mean()
    assert known["accuracy"] == pytest.approx(1 - share)
    assert known["average_precision"] == pytest.approx(share) and known["auroc"] == 0.5
    assert known["log_loss"] == pytest.approx(-share * np.log(share) - (1 - share) * np.log(1 - share))
    told = result.summary
    assert told["baseline_accuracy"] == pytest.approx(1 - share, abs=1e-6)
    assert told["baseline_average_precision"] == pytest.approx(told["prevalence"], abs=1e-6)
    assert told["baseline_log_loss"] == pytest.approx(known["log_loss"], abs=1e-6)
    assert told["log_loss"] < 0.9 * told["baseline_log_loss"]


def test_calibration_and_reliability_are_tables_of_the_result(result: StrategiesResult) -> None:
    tables = result.tables()
    lines = tables["calibration"].set_index(["strategy", "probabilities"])
    weights = result.calibrations(result.trial("linear", "weights"), 1)
    assert lines.loc[("weights", "as the model says"), "ratio"] == weights["p"].ratio < 0.4
    assert lines.loc[("weights", "prior correction"), "slope"] == weights["p_prior"].slope
    assert ("threshold", "as the model says") not in lines.index and (lines["class"] == "yes").all()
    bins = tables["reliability"]
    assert (bins.groupby(["strategy", "probabilities"])["rows"].sum() == 4000).all()
    assert (bins["low"] <= bins["observed"]).all() and (bins["observed"] <= bins["high"]).all()
    assert "learning_curves" not in tables  # none were asked for


def test_what_makes_rows_up_has_no_closed_form(result: StrategiesResult) -> None:
    by = {one.strategy: one for one in result.trials}
    assert {by[way].correction for way in ("smote", "adasyn", "smote_enn")} == {"platt"}
    assert by["smote"].p_prior is None and by["weights"].p_prior is not None
    ratio = result.frame().set_index("strategy")["ratio_corrected"]
    assert ratio[["smote", "adasyn", "smote_enn"]].between(0.9, 1.1).all()


def test_a_closed_form_that_does_not_hold_gives_way_to_a_curve() -> None:
    """Trees that overfit so few rows are not calibrated, whatever is undone."""
    frame = logistic(800)
    weights = strategies(frame, models="boosting", strategies="weights").trial("boosting", "weights")
    events = frame["y"].eq("yes").sum()
    ratio = {kind: events / getattr(weights, kind).sum() for kind in ("p_prior", "p_corrected")}
    assert weights.correction == "platt" and ratio["p_prior"] > 1.5
    assert ratio["p_corrected"] == pytest.approx(1.0, abs=0.05)
    assert weights.corrected["log_loss"].mean() < weights.plain["log_loss"].mean() - 0.05


def test_weights_and_focal_weights_rank_rows_as_the_plain_model_does(result: StrategiesResult) -> None:
    areas = result.frame().set_index("strategy")["auroc"]
    assert areas[["weights", "oversample", "focal"]].to_numpy() == pytest.approx(areas["none"], abs=0.01)


def test_the_verdict_leaves_the_classes_alone_and_moves_the_threshold(result: StrategiesResult) -> None:
    assert result.choice is not None and result.choice.strategy == "threshold"
    at, (low, high) = result.threshold(result.picked), result.threshold_interval
    assert "Leave the classes alone; move the threshold to" in result.verdict
    assert 0.1 < at < 0.5 and low <= at <= high and 0.02 < high - low < 0.5
    codes = {finding.code for finding in result.findings}
    assert "probabilities_off" in codes and "strategy_helps" not in codes


def test_rows_give_held_out_probabilities_and_the_weights_of_the_strategy_chosen() -> None:
    frame = logistic(800)
    result = strategies(frame, strategies="weights", chosen="weights")
    rows = result.rows()
    assert list(rows.columns) == ["row", "fold", "p", "p_corrected", "weight"]
    assert rows["row"].tolist() == list(range(800)) and sorted(rows["fold"].unique()) == list(range(5))
    sums = rows.groupby(frame["y"])["weight"].sum()
    assert sums["yes"] == pytest.approx(sums["no"]) and rows["weight"].mean() == pytest.approx(1.0)
    assert rows["p"].mean() > 2 * rows["p_corrected"].mean()


def test_what_is_seen_in_training_is_not_seen_in_the_held_out_rows() -> None:
    """Features that are noise score as noise, although oversampled rows are copies of each other."""
    draw = np.random.default_rng(3)
    frame = pd.DataFrame(draw.normal(size=(400, 5)), columns=list("abcde"))
    frame["y"] = np.where(np.arange(400) % 10 == 0, "yes", "no")
    lines = strategies(frame, models="boosting", strategies="oversample").frame()
    assert lines["auroc"].between(0.35, 0.65).all()


def test_equal_rows_and_groups_share_a_fold() -> None:
    frame = pd.concat([logistic(300), logistic(300)], ignore_index=True)
    result = strategies(frame, strategies="none")
    fold = result.rows().sort_values("row")["fold"].to_numpy()
    assert (fold[:300] == fold[300:]).all()
    grouped = logistic(600).assign(g=[f"g{row % 60}" for row in range(600)])
    result = strategies(grouped, {"group": "g"}, strategies="none")
    by = result.rows().assign(g=grouped["g"])
    assert (by.groupby("g")["fold"].nunique() == 1).all()


def test_the_order_of_rows_does_not_matter() -> None:
    frame = logistic(400)
    order = np.random.default_rng(1).permutation(400)
    one, two = (strategies(some, strategies="smote") for some in (frame, frame.iloc[order]))
    pd.testing.assert_frame_equal(one.frame(), two.frame())
    np.testing.assert_array_equal(one.rows()["p"].to_numpy()[order], two.rows()["p"].to_numpy())


def test_columns_of_any_kind_are_used() -> None:
    frame, draw = logistic(600), np.random.default_rng(0)
    frame["day"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(draw.integers(0, 400, 600), unit="D")
    frame["many"] = [f"level {code}" for code in draw.integers(0, 5000, 600)]
    frame["few"] = draw.choice(["x", "y", None], 600)
    frame["words"] = [f"the order of day {code} came late again" for code in draw.integers(0, 9, 600)]
    frame["flag"] = draw.random(600) < 0.5
    frame["void"] = np.nan
    frame.loc[::7, "a"] = np.nan
    frame.loc[::50, "b"] = np.inf
    result = strategies(frame, models="both", strategies="smote,adasyn")
    lines = result.frame().set_index(["model", "strategy"])
    assert lines.loc[("boosting", "smote"), "auroc"] > 0.55 and lines.loc[("linear", "smote"), "auroc"] > 0.6
    assert "categories" in lines.loc[("linear", "adasyn"), "left_out"]


def test_serve_rows_are_never_touched() -> None:
    serve = logistic(200, seed=9).assign(y="new")
    data = dataset(logistic(500), serve=serve, target="y")
    result = run("strategies", data, {**QUICK, "strategies": "none"})
    assert result.classes == ("no", "yes") and result.ids.max() < 500


def test_three_classes_are_decided_by_cost() -> None:
    draw, n = np.random.default_rng(4), 900
    y = draw.choice(3, n, p=[0.8, 0.15, 0.05])
    frame = pd.DataFrame({"a": y + draw.normal(0, 0.8, n), "b": draw.normal(size=n)})
    frame["y"] = np.array(["low", "mid", "top"])[y]
    plain = strategies(frame, strategies="weights,focal")
    dear = strategies(frame, strategies="none", costs="0 1 1; 1 0 1; 30 30 0")
    assert plain.classes == ("low", "mid", "top") and plain.trials[0].p.shape == (n, 3)
    lines = plain.frame().set_index("strategy")
    assert lines["ratio_corrected"].dropna().between(0.8, 1.2).all() and lines.loc["weights", "ratio"] < 0.6
    by_class = plain.tables()["calibration"].groupby("strategy")["class"].agg(set)
    assert by_class["none"] == {"low", "mid", "top"} and by_class["focal"] == {"top"}
    assert plain.baseline["average_precision"] == pytest.approx(1 / 3)
    trial = dear.trial("linear", "threshold")
    called = [(one.decide(trial.p_corrected, 0.5) == 2).sum() for one in (plain, dear)]
    assert called[1] > 2 * called[0]
    with pytest.raises(SettingError, match="3 classes"):
        strategies(frame, costs="0 1; 1 0")


def test_classes_too_rare_for_the_folds_are_left_out_and_named() -> None:
    frame = logistic(300)
    frame.loc[[0, 1], "y"] = "odd"
    result = strategies(frame, strategies="none")
    assert result.classes == ("no", "yes") and "'odd' is left out" in " ".join(result.notes)
    frame["y"] = np.where(np.arange(300) < 2, "odd", "no")
    with pytest.raises(TooSmallError, match="has 2 different rows"):
        strategies(frame)
    with pytest.raises(TooSmallError, match="'y' has one class, 'no'"):
        strategies(frame.assign(y="no"))


def test_numbers_have_no_strategies_and_even_classes_need_none() -> None:
    frame = logistic(400)
    skipped = strategies(frame.assign(y=frame["a"]))
    assert skipped.status.state == "skipped" and "numbers" in skipped.status.reason
    even = strategies(frame.assign(y=np.where(np.arange(400) % 2, "yes", "no")))
    assert {one.strategy for one in even.trials} == {"none", "threshold"} and "even" in even.notes[-1]


def test_a_strategy_that_does_not_exist_is_refused() -> None:
    with pytest.raises(SettingError, match="Did you mean 'smote'"):
        strategies(logistic(100), strategies="smot")


def test_results_stream_in_and_stop_at_once() -> None:
    seen: list[int] = []
    data = dataset(logistic(300), target="y")
    chosen = {**QUICK, "strategies": "weights,undersample", "seed": 7}
    whole = run("strategies", data, chosen, Progress(viewer=lambda part: seen.append(len(part.trials))))
    assert seen == [2, 3, 4] and whole.planned == 4
    stopped: list[float] = []

    def stop() -> bool:
        return bool(seen) and len(seen) > 3

    def view(part: StrategiesResult) -> None:
        seen.append(len(part.trials))
        stopped.append(time.monotonic())

    with pytest.raises(Cancelled):
        run("strategies", data, {**chosen, "seed": 8}, Progress(stop=stop, viewer=view))
    assert len(stopped) == 1 and time.monotonic() - stopped[0] < 2.0


def test_a_learning_curve_that_rises_says_more_rows_help_and_a_flat_one_that_they_hardly_do() -> None:
    frame = logistic(2500)
    flat, precise = strategies(frame, strategies="weights", curves=True).curves
    assert flat.says == "hardly" and flat.rows == tuple(sorted(flat.rows)) and len(flat.means) == 4
    assert precise.score == "average_precision" and precise.means[-1] < flat.means[-1]
    draw = np.random.default_rng(0)  # many weak columns: more events tell more of them
    x = draw.normal(size=(1500, 40))
    y = draw.random(1500) < expit(-3.0 + x.sum(axis=1) * 0.25)
    wide = pd.DataFrame(x, columns=[f"c{j}" for j in range(40)]).assign(y=np.where(y, "yes", "no"))
    result = strategies(wide, strategies="weights", curves=True)
    rising, _ = result.curves
    assert rising.gain > 0.01 and rising.says in ("helps", "unclear") and rising.next <= rising.gain
    lines = result.tables()["learning_curves"].query("score == 'auroc'")
    assert lines["rows"].tolist() == [*rising.rows, 2 * rising.rows[-1]]
    assert lines["mean"].tolist() == [*rising.means, rising.means[-1] + rising.next]
    assert lines["extrapolated"].tolist() == [False] * len(rising.rows) + [True]
    assert result.tables()["more_rows"]["gain"].iloc[0] == rising.gain
