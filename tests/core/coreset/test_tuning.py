"""Models on a coreset: compared and tuned, checked on rows that none saw; and what rows do before they go."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression, Ridge

from core.coreset import BuildPlan, SampleSize, build, updated, without
from core.coreset.fitting import logistic_fit
from core.coreset.influence import fitted, influence, predicted
from core.coreset.judging import area, held_out, worth
from core.coreset.removal import _by_chance, previewed
from core.coreset.tuning import choices, compared, searched
from core.decided import as_decided
from core.decision import Decision
from core.errors import Cancelled, InputError, SettingError, TooSmallError
from core.numerics.softmax import softmax_regression
from core.progress import SILENT, Progress
from core.review import Review
from core.rowset import RowSet
from tests.core.coreset.rows import frame
from tests.make import dataset

TABLE = frame(8_000, seed=2)
DATA = dataset(TABLE, target="y")
WHOLE = build(DATA, BuildPlan(wanted=SampleSize(size=400)))


def model(**parameters: object) -> LogisticRegression:
    return LogisticRegression(max_iter=1_000, **parameters)  # type: ignore[arg-type]


def test_held_out_rows_are_in_no_fit() -> None:
    apart = held_out(WHOLE, DATA)
    assert len(apart.held.target) + apart.rows.size == len(TABLE)
    assert set(apart.coreset.sample.row) <= set(apart.rows)
    np.testing.assert_allclose(apart.coreset.sample.weight.sum(), apart.rows.size)
    assert 0.18 < len(apart.held.target) / len(TABLE) < 0.22


def test_the_coreset_is_held_against_all_rows_and_a_uniform_sample() -> None:
    told = compared(WHOLE, DATA, model)
    assert told.metric == "AUROC" and told.every is not None and told.against is not None
    assert told.coreset.low < told.coreset.value < told.coreset.high
    assert told.every.value > 0.9 and abs(told.against.value) < 0.02
    assert told.uniform is not None and told.coreset.value > told.uniform.value
    assert told.beside is not None and told.beside.low <= told.beside.value <= told.beside.high
    assert told.beside.value == pytest.approx(told.coreset.value - told.uniform.value)
    assert told.coreset_is_better == (told.beside.low > 0) and not told.uniform_is_better
    apart = told.coreset.high - told.coreset.low + told.uniform.high - told.uniform.low
    assert told.beside.high - told.beside.low < 0.9 * apart, "paired on the rows held out"
    numbers = dataset(TABLE.assign(d=TABLE["a"] * 2 + TABLE["d"] * 0.1), target="d")
    squared = compared(build(numbers, BuildPlan(wanted=SampleSize(size=400))), numbers, Ridge)
    assert squared.metric == "R squared" and squared.coreset.value > 0.98
    with pytest.raises(SettingError, match="has none"):
        compared(build(dataset(TABLE), BuildPlan(wanted=SampleSize(size=400))), dataset(TABLE), model)


def test_of_few_positives_a_uniform_sample_may_hold_none_and_the_interval_is_one() -> None:
    """30 in 20,000: of 200 drawn uniformly most hold one class, and some resamples hold no positive."""
    draw = np.random.default_rng(0)
    x = draw.normal(size=(20_000, 3))
    y = np.isin(np.arange(20_000), np.argsort(-(x[:, 0] + draw.normal(size=20_000)))[:30])
    data = dataset(pd.DataFrame(x, columns=list("abc")).assign(y=np.where(y, "yes", "no")), target="y")
    seen = [
        compared(build(data, BuildPlan(seed=seed, wanted=SampleSize(size=200))), data, model)
        for seed in range(3)
    ]
    assert any(told.uniform is None for told in seen)
    for told in seen:
        assert told.every is not None and told.against is not None
        assert told.coreset.low <= told.coreset.value <= told.coreset.high
        assert np.isfinite(told.against.low) and np.isfinite(told.against.high)


def test_weights_of_the_rows_count_in_every_fit_and_score() -> None:
    """Two halves of opposite slope, weighing 10 and .1: what counts is the first."""
    draw = np.random.default_rng(1)
    a, first = draw.normal(size=6_000), np.arange(6_000) % 2 == 0
    y = np.where(first, 1, -1) * a + draw.normal(size=6_000) > 0
    table = pd.DataFrame({"a": a, "b": draw.normal(size=6_000), "w": np.where(first, 10.0, 0.1)})
    data = dataset(table.assign(y=np.where(y, "yes", "no")), target="y", weight="w")
    told = compared(build(data, BuildPlan(wanted=SampleSize(size=600))), data, model)
    plain = compared(
        build(data.with_roles(weight=None), BuildPlan(wanted=SampleSize(size=600))),
        data.with_roles(weight=None),
        model,
    )
    assert told.every is not None and told.uniform is not None and plain.every is not None
    assert min(told.coreset.value, told.every.value, told.uniform.value) > 0.75
    assert plain.every.value < 0.6


def test_a_class_that_a_model_never_saw_counts_as_not_told_apart() -> None:
    target, one = np.array([0, 0, 1, 1, 2, 2]), np.ones(6)
    sure = np.eye(3)[target]
    assert worth(sure, target, one, 3) == 1.0
    sure[:, 2] = 0.0
    assert worth(sure, target, one, 3) == pytest.approx((1.0 + 1.0 + 0.5) / 3)
    assert np.isnan(worth(sure[:2], target[:2], one[:2], 3))


@pytest.mark.parametrize("how", ["folds", "hold-out", "in time"])
def test_the_best_of_a_grid_is_checked_on_all_the_data(how: str) -> None:
    found = searched(WHOLE, DATA, model, choices({"C": [1e-8, 1.0]}), how)  # type: ignore[arg-type]
    assert found.best.parameters == {"C": 1.0} and len(found.candidates) == 2
    assert found.best.score > found.candidates[1].score or found.best.error == found.best.error
    assert found.checked.value > 0.9 and abs(found.checked.value - found.plain.value) < 1e-9
    with pytest.raises(SettingError, match="at least one"):
        searched(WHOLE, DATA, model, [])


def test_the_cost_saved_is_that_of_the_fits_there_were() -> None:
    """A model whose fit takes processor time by its rows: as many times longer as there are more rows."""
    import time

    class Slow(LogisticRegression):
        def fit(self, matrix: np.ndarray, target: np.ndarray, sample_weight: object = None) -> Slow:
            until = time.process_time() + len(target) * 5e-5
            while time.process_time() < until:
                pass
            super().fit(matrix, target, sample_weight)
            return self

    told = compared(WHOLE, DATA, Slow)
    assert told.saved is not None and told.every is not None
    assert told.saved == pytest.approx(told.every.seconds / told.coreset.seconds)
    assert 2.0 < told.saved < 40.0  # 16 times the rows
    found = searched(WHOLE, DATA, lambda **given: Slow(**given), choices({"C": [0.1, 1.0]}))
    assert found.fits == 10 and found.every is not None and found.on_all_rows is not None
    assert found.seconds > 10 * 320 * 0.8 * 5e-5
    assert found.on_all_rows == pytest.approx(10 * found.every.seconds)
    assert found.saved == pytest.approx(found.on_all_rows / found.seconds)
    assert abs(found.every.value - told.every.value) < 0.01


def test_of_fits_of_milliseconds_nothing_is_said_and_no_import_counts() -> None:
    import time

    def late() -> LogisticRegression:
        until = time.process_time() + 0.5
        while time.process_time() < until:  # as an import takes it
            pass
        return LogisticRegression()

    told = compared(WHOLE, DATA, late)
    assert told.coreset.seconds < 0.4 and told.every is not None and told.every.seconds < 0.4
    assert told.saved is None
    found = searched(WHOLE, DATA, lambda **_: late(), [{}])
    assert found.seconds < 1.0 and found.checked.seconds < 0.4  # five folds


def test_a_search_stops_when_asked() -> None:
    with pytest.raises(Cancelled):
        searched(WHOLE, DATA, model, choices({"C": [1.0, 2.0]}), progress=Progress(stop=lambda: True))


def test_several_parts_are_not_held_out() -> None:
    halves = [dataset(part.reset_index(drop=True), target="y") for part in (TABLE[:4_000], TABLE[4_000:])]
    with pytest.raises(InputError, match="one data set"):
        held_out(build(halves, BuildPlan(wanted=SampleSize(size=100))), DATA)


def test_the_area_under_the_curve_counts_weights() -> None:
    from sklearn.metrics import roc_auc_score

    draw = np.random.default_rng(0)
    scores, hits, weight = draw.integers(0, 9, 200) / 9.0, draw.random(200) < 0.3, draw.random(200)
    np.testing.assert_allclose(area(scores, hits, weight), roc_auc_score(hits, scores, sample_weight=weight))


def test_influence_is_near_the_true_refit() -> None:
    """Rows that pull the fit one way: those of the rare class far out."""
    rows = np.flatnonzero((TABLE["y"] == "yes") & (TABLE["a"] < 0.2))
    told = influence(WHOLE, DATA, rows)
    table = DATA.table(list(WHOLE.pilot.read))
    matrix = WHOLE.pilot.encoder.encode(table).T
    truth = WHOLE.pilot.targets(table)[0].astype(np.int64)
    left = np.setdiff1d(np.arange(len(TABLE)), rows)
    with_them, anew = (softmax_regression(matrix[some], truth[some], 2) for some in (slice(None), left))
    moved = np.abs(anew.probabilities(matrix) - with_them.probabilities(matrix))[:, 1].mean()
    assert told.rows == rows.size and 0.5 < told.moved / moved < 2.0
    step = (told.after - told.before).ravel()
    true = (anew.weights - with_them.weights).ravel()
    assert step @ true / np.linalg.norm(step) / np.linalg.norm(true) > 0.9
    few = influence(WHOLE, DATA, np.array([int(WHOLE.sample.row[5])]))
    edited = logistic_fit(without(WHOLE, WHOLE.sample.row[5:6]))
    assert few.moved < 0.05 and edited.weights.shape == few.after.shape


def test_a_preview_is_held_against_the_fit_that_follows() -> None:
    """A fifth of the labels are wrong in one direction: without these rows held-out rows are told better."""
    draw = np.random.default_rng(0)
    matrix = draw.normal(size=(6_000, 4))
    truth = draw.random(6_000) < 1.0 / (1.0 + np.exp(-3.0 * matrix[:, 0]))
    wrong = np.flatnonzero((matrix[:, 1] > 1.2) & truth)
    label = truth.copy()
    label[wrong] = False
    table = pd.DataFrame(matrix, columns=list("abcd")).assign(y=np.where(label, "yes", "no"))
    data = dataset(table, target="y")
    small = build(data, BuildPlan(wanted=SampleSize(size=1_500)))
    told = previewed(small, data, wrong)
    after = as_decided(data, Review().say(Decision("drop", RowSet(wrong))))
    apart = held_out(updated(small, after), after)
    refit = predicted(small, logistic_fit(apart.coreset).weights, apart.held.matrix)
    known = worth(refit, apart.held.target, apart.held.weight, 2)
    assert told.metric == "AUROC" and told.tested == len(apart.held.target)
    assert told.change.low > 0.0 and told.told_apart and told.influence.column == "b"
    assert abs(told.after.value - known) < 0.25 * (known - told.before.value)


def test_the_preview_of_a_target_of_numbers_is_the_fit_without_the_rows() -> None:
    table = TABLE.assign(d=TABLE["a"] * 2.0 + np.random.default_rng(0).normal(size=len(TABLE)))
    table.loc[::60, "d"] += 40.0
    data = dataset(table, target="d")
    every = build(data, BuildPlan(wanted=SampleSize(size=len(TABLE))))  # all rows: nothing is approximated
    rows = np.arange(0, len(TABLE), 60)
    told = influence(every, data, rows)
    left = without(every, rows, lambda some: data.table(list(every.pilot.read)).take(some))
    anew = influence(left, data, rows[:0])
    np.testing.assert_allclose(told.after, anew.before, atol=1e-6)
    assert told.moved > 0.1 and anew.moved == 0.0
    seen = previewed(every, data, rows)
    assert seen.metric == "R squared" and seen.change.low > 0.0
    with pytest.raises(SettingError, match="needs a target"):
        influence(build(data.with_roles(target=None)), data, rows)


def test_rows_drawn_at_random_change_nothing_that_is_told_apart() -> None:
    told = [
        previewed(WHOLE, DATA, np.sort(np.random.default_rng(seed).choice(len(TABLE), 60, replace=False)))
        for seed in range(6)
    ]
    assert sum(one.told_apart for one in told) <= 1 and max(one.influence.moved for one in told) < 0.01


def test_rows_that_would_be_held_out_are_fitted_on_when_they_are_selected() -> None:
    """And so are rows equal to them: every single row with a target is told of, and none judges itself."""
    out = held_out(WHOLE, DATA).judged
    for row in (int(out[0]), int(out[-1])):
        told = previewed(WHOLE, DATA, np.array([row]))
        assert told.influence.rows == 1 and np.abs(told.influence.after - told.influence.before).max() > 0.0
    kept = held_out(WHOLE, DATA, np.array([90]))  # one of eleven equal rows
    assert set(range(100, 110)) | {90} <= set(kept.rows) and not set(kept.judged) & set(kept.rows)


def test_nothing_is_told_of_rows_that_no_fit_holds() -> None:
    data = dataset(TABLE.assign(y=TABLE["y"].where(TABLE.index >= 50)), target="y")
    small = build(data, BuildPlan(wanted=SampleSize(size=400)))
    with pytest.raises(TooSmallError, match="No fit holds any of these rows"):
        previewed(small, data, np.arange(40))
    assert previewed(small, data, np.arange(40, 60)).influence.rows == 10


@pytest.mark.parametrize("wrong", ["rare", "whole class", "constant rest", "nearly all"])
def test_nothing_is_told_where_one_target_is_left(wrong: str) -> None:
    table = TABLE.head(3_000).copy()
    rows = np.arange(10)
    if wrong == "rare":  # three rows, with a seed by which none is held out
        table["y"] = np.where(np.arange(3_000) % 1_000 == 999, "yes", "no")
    elif wrong == "whole class":
        rows = np.flatnonzero(table["y"] == "yes")
    elif wrong == "constant rest":
        table["y"] = np.where(np.arange(3_000) < 300, np.arange(3_000) / 7.0, 4.0)
        rows = np.arange(300)
    else:
        rows = np.arange(2_950)
    data = dataset(table, target="y")
    seeds = (build(data, BuildPlan(wanted=SampleSize(size=300), seed=seed)) for seed in range(20))
    small = next(one for one in seeds if wrong != "rare" or not held_out(one, data).held.target.any())
    with pytest.raises(TooSmallError, match="the same target|too few rows"):
        previewed(small, data, rows)


def test_many_rows_are_told_by_the_coreset_without_them_and_most_are_not() -> None:
    draw = np.random.default_rng(3)
    small = build(DATA, BuildPlan(wanted=SampleSize(size=200)))
    third = np.sort(draw.choice(len(TABLE), 2_700, replace=False))
    told = previewed(small, DATA, third)
    assert not told.told_apart and abs(told.change.value) < 0.02 and told.floor < 0.05
    most = np.sort(draw.choice(len(TABLE), 6_000, replace=False))
    with pytest.raises(SettingError, match="beyond 50%"):
        previewed(small, DATA, most)


def test_nothing_is_told_where_chance_alone_may_change_everything() -> None:
    """Nearly all of the rare class goes: a coreset of 200 knows little of what is left, and a change within a
    wide noise floor is no word of comfort.
    """
    small = build(DATA, BuildPlan(wanted=SampleSize(size=200)))
    with pytest.raises(TooSmallError, match=r"AUROC would move by up to 0\.\d\d without as many"):
        previewed(small, DATA, np.flatnonzero(TABLE["a"] > 0.4))


def test_rows_that_are_all_of_a_level_do_not_turn_the_step_around() -> None:
    """Nothing but the ridge holds the coefficient of a level that nobody has any more: the second derivative
    of the coreset, drawn, less that of these rows, exact, may be negative there.
    """
    rows = np.flatnonzero(TABLE["city"] == "Lima")
    for seed in range(3):
        small = build(DATA, BuildPlan(wanted=SampleSize(size=200), seed=seed))
        fit = fitted(small, DATA, rows, 1.0, SILENT)
        values = np.linalg.eigvalsh(fit.bend)
        assert values[0] > 0.0 and values[-1] > 10.0


def test_a_wide_model_is_refused_before_any_row_is_read() -> None:
    draw = np.random.default_rng(0)
    table = pd.DataFrame(draw.normal(size=(1_500, 30)), columns=[f"x{at}" for at in range(30)])
    data = dataset(table.assign(y=[f"c{at % 25}" for at in range(1_500)]), target="y")
    small = build(data, BuildPlan(wanted=SampleSize(size=100)))
    with pytest.raises(SettingError, match="at most 600 weights; this one has 775"):
        previewed(small, data, np.arange(5))


def test_a_preview_stops_when_asked_while_chance_is_drawn() -> None:
    asked = []

    def stop() -> bool:
        asked.append(1)
        return len(asked) > 1

    fit = fitted(WHOLE, DATA, np.arange(5), 1.0, SILENT)
    with pytest.raises(Cancelled):
        _by_chance(WHOLE, fit, Progress(stop=stop))
    assert len(asked) == 2
