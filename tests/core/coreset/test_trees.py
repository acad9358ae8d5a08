"""Coresets for trees: which rows of a class are drawn, and models that keep their rates."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.coreset import BuildPlan, SampleSize, build, built_with, updated
from core.coreset.fitting import fit
from core.coreset.prior import PriorCorrected
from core.decided import as_decided
from core.decision import Decision
from core.prepare.pilot import Pilot
from core.review import Review
from core.rowset import RowSet
from tests.core.coreset.rows import frame
from tests.make import dataset


def mixed(rows: int = 8_000, seed: int = 0) -> pd.DataFrame:
    """Below 0 one row in fifty is a "yes"; above, every second one."""
    draw = np.random.default_rng(seed)
    a = draw.uniform(-1.0, 1.0, rows)
    yes = draw.random(rows) < np.where(a > 0.0, 0.5, 0.02)
    return pd.DataFrame({"a": a, "b": draw.normal(size=rows), "y": np.where(yes, "yes", "no")})


def test_leaves_are_drawn_by_how_mixed_they_are_whichever_class_is_the_rarer_there() -> None:
    """A "yes" among fifty "no" is a wrong label or an unlucky row: no row is drawn for that."""
    table = mixed()
    coreset = build(dataset(table, target="y"), BuildPlan("trees", SampleSize(800)))
    sample = coreset.sample
    for at in (0, 1):
        weights = pd.Series(np.round(sample.weight[sample.stratum == at], 6))
        assert weights.nunique() <= 64  # leaves of the pilot, against hundreds of rows
        assert weights.max() < 5.1 * weights.mean()
    marked = coreset.pilot.marked(dataset(table, target="y").table(list(coreset.pilot.read)))
    unsure = table["a"].to_numpy() > 0.05
    for label in ("yes", "no"):
        mine = (table["y"] == label).to_numpy()
        assert marked.score[mine & unsure].mean() > 1.5 * marked.score[mine & (table["a"] < -0.05)].mean()


def test_a_rare_class_is_taken_whole() -> None:
    draw = np.random.default_rng(0)
    table = pd.DataFrame(draw.normal(size=(20_000, 3)), columns=list("abc"))
    table["y"] = np.where(table["a"] + 0.5 * draw.normal(size=20_000) > 2.9, "yes", "no")
    sample = build(dataset(table, target="y"), BuildPlan("trees", SampleSize(1_000))).sample
    rare = np.flatnonzero(table["y"] == "yes")
    assert 50 < rare.size < 200 and set(rare) <= set(sample.row)


def test_boosted_trees_on_a_twentieth_rank_a_rare_class_as_all_rows_do_and_keep_its_rate() -> None:
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.metrics import average_precision_score, log_loss

    def model() -> HistGradientBoostingClassifier:
        return HistGradientBoostingClassifier(max_iter=60, random_state=0, early_stopping=False)

    draw = np.random.default_rng(3)
    matrix = draw.normal(size=(60_000, 6))
    odds = 1.0 / (1.0 + np.exp(7.5 - 2.0 * matrix[:, 0] - 2.0 * matrix[:, 1] * matrix[:, 2]))
    yes = (draw.random(60_000) < odds).astype(np.int64)
    table = pd.DataFrame(matrix, columns=list("abcdef")).assign(y=np.where(yes == 1, "yes", "no"))
    coreset = build(dataset(table[:30_000], target="y"), BuildPlan("trees", SampleSize(1_500)))
    assert 0.01 < yes.mean() < 0.03
    unseen = dataset(table[30_000:].reset_index(drop=True), target="y").table(list(coreset.pilot.read))
    rows, truth = coreset.pilot.encoder.encode(unseen).T, yes[30_000:]
    own = fit(coreset, model()).predict_proba(rows)[:, 1]
    seen = dataset(table[:30_000], target="y").table(list(coreset.pilot.read))
    every = coreset.pilot.encoder.encode(seen).T
    full = model().fit(every, yes[:30_000]).predict_proba(rows)[:, 1]
    some = draw.choice(30_000, 1_500, replace=False)
    plain = model().fit(every[some], yes[some]).predict_proba(rows)[:, 1]
    weighted = model().fit(coreset.matrix(), coreset.target(), sample_weight=coreset.sample.weight)
    assert average_precision_score(truth, own) > 0.98 * average_precision_score(truth, full)
    assert log_loss(truth, own) < 0.8 * log_loss(truth, plain)
    assert log_loss(truth, own) < log_loss(truth, weighted.predict_proba(rows)[:, 1])
    assert 0.8 < own.mean() / truth.mean() < 1.25


def test_probabilities_are_those_of_the_weights_where_rows_were_drawn_by_class() -> None:
    """A leaf's shares are exact: corrected, they are the weighted ones, for three classes."""
    from sklearn.tree import DecisionTreeClassifier

    draw = np.random.default_rng(0)
    side = draw.integers(0, 2, 900)
    target = np.where(draw.random(900) < 0.4 + 0.3 * side, 2, draw.integers(0, 2, 900)) * 2
    weight = np.array([30.0, 0.0, 5.0, 0.0, 1.0])[target]
    rows = side[:, None].astype(np.float64)
    model = PriorCorrected(DecisionTreeClassifier(max_depth=1)).fit(rows, target, weight)
    told = model.predict_proba(np.array([[0.0], [1.0]]))
    for at in (0, 1):
        mass = np.bincount(target[side == at], weight[side == at], minlength=5)[[0, 2, 4]]
        np.testing.assert_allclose(told[at], mass / mass.sum(), rtol=1e-12)
    assert model.classes_.tolist() == [0, 2, 4]
    assert model.predict(rows).tolist() == [model.classes_[told[one].argmax()] for one in side]


def test_where_classes_weigh_alike_the_model_is_the_plain_one() -> None:
    from sklearn.linear_model import LogisticRegression

    draw = np.random.default_rng(1)
    rows = draw.normal(size=(300, 2))
    target = (rows[:, 0] + draw.normal(size=300) > 0).astype(np.int64)
    own = PriorCorrected(LogisticRegression()).fit(rows, target, np.full(300, 7.0)).predict_proba(rows)
    plain = LogisticRegression().fit(rows, target).predict_proba(rows)
    np.testing.assert_allclose(own, plain, rtol=1e-9)


def test_only_classifiers_on_coresets_for_trees_are_corrected() -> None:
    from sklearn.linear_model import LogisticRegression, Ridge
    from sklearn.tree import DecisionTreeClassifier

    data = dataset(frame(3_000), target="y")
    trees = build(data, BuildPlan("trees", SampleSize(300)))
    assert isinstance(fit(trees, DecisionTreeClassifier()), PriorCorrected)
    logistic = build(data, BuildPlan("logistic", SampleSize(300)))
    assert isinstance(fit(logistic, LogisticRegression()), LogisticRegression)
    numbers = build(data.with_roles(target="d"), BuildPlan("trees", SampleSize(300)))
    assert isinstance(fit(numbers, Ridge()), Ridge)


EDITS = {
    "rows dropped": Decision("drop", RowSet(range(0, 6_000, 37))),
    "labels changed": Decision("relabel", RowSet(range(5, 6_000, 50)), "yes", column="y"),
    "cells made missing": Decision("blank", RowSet(range(0, 6_000, 41)), column="a"),
}


@pytest.mark.parametrize("edit", EDITS)
def test_edits_and_parts_of_coresets_for_trees_equal_new_builds(edit: str) -> None:
    table = frame()
    data, wanted = dataset(table, target="y"), SampleSize(300)
    whole = build(data, BuildPlan("trees", wanted))
    decided = as_decided(data, Review().say(EDITS[edit]))
    after, anew = updated(whole, decided), built_with(whole.pilot, decided, wanted)
    assert np.array_equal(after.sample.row, anew.sample.row)
    assert np.array_equal(after.sample.weight, anew.sample.weight)
    halves = [dataset(part.reset_index(drop=True), target="y") for part in (table[:2_500], table[2_500:])]
    parts = built_with(whole.pilot, halves, wanted)
    assert np.array_equal(parts.sample.row, whole.sample.row)
    assert np.array_equal(parts.sample.weight, whole.sample.weight)


def test_a_pilot_saved_before_draws_as_it_did() -> None:
    """One without the two arrays scores each row by its own error."""
    data = dataset(mixed(2_000), target="y")
    pilot = build(data, BuildPlan("trees", SampleSize(200))).pilot
    plain = pilot.to_json()
    for added in ("level", "usual"):
        del plain["arrays"][added]
    old, table = Pilot.from_json(plain), data.table(list(pilot.read))
    place, _, raw = old.raw(table)
    assert place.size == 2_000 and old.version != pilot.version
    errors = pilot.score.errors(pilot.encoder.encode(table), pilot.targets(table)[0])  # type: ignore[attr-defined]
    np.testing.assert_array_equal(raw, errors)
    assert not np.allclose(raw, pilot.raw(table)[2])
