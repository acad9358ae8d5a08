"""Models on a coreset: compared and tuned, checked on rows that none saw; and what rows do before they go."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, Ridge

from core.coreset import Plan, Wanted, build, without
from core.coreset.fitting import logistic_fit
from core.coreset.influence import influence
from core.coreset.tuning import area, choices, compared, held_out, searched
from core.errors import Cancelled, InputError, SettingError
from core.numerics.softmax import softmax_regression
from core.progress import Progress
from tests.core.coreset.rows import frame
from tests.make import dataset

TABLE = frame(8_000, seed=2)
DATA = dataset(TABLE, target="y")
WHOLE = build(DATA, Plan(wanted=Wanted(size=400)))


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
    assert told.coreset.value > told.uniform.value
    numbers = dataset(TABLE.assign(d=TABLE["a"] * 2 + TABLE["d"] * 0.1), target="d")
    squared = compared(build(numbers, Plan(wanted=Wanted(size=400))), numbers, Ridge)
    assert squared.metric == "R squared" and squared.coreset.value > 0.98
    with pytest.raises(SettingError, match="has none"):
        compared(build(dataset(TABLE), Plan(wanted=Wanted(size=400))), dataset(TABLE), model)


@pytest.mark.parametrize("how", ["folds", "hold-out", "in time"])
def test_the_best_of_a_grid_is_checked_on_all_the_data(how: str) -> None:
    found = searched(WHOLE, DATA, model, choices({"C": [1e-8, 1.0]}), how)  # type: ignore[arg-type]
    assert found.best.parameters == {"C": 1.0} and len(found.candidates) == 2
    assert found.best.score > found.candidates[1].score or found.best.error == found.best.error
    assert found.checked.value > 0.9 and abs(found.checked.value - found.plain.value) < 1e-9
    with pytest.raises(SettingError, match="at least one"):
        searched(WHOLE, DATA, model, [])


def test_a_search_stops_when_asked() -> None:
    with pytest.raises(Cancelled):
        searched(WHOLE, DATA, model, choices({"C": [1.0, 2.0]}), progress=Progress(stop=lambda: True))


def test_several_parts_are_not_held_out() -> None:
    halves = [dataset(part.reset_index(drop=True), target="y") for part in (TABLE[:4_000], TABLE[4_000:])]
    with pytest.raises(InputError, match="one data set"):
        held_out(build(halves, Plan(wanted=Wanted(size=100))), DATA)


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
    step = (told.after.weights - told.before.weights).ravel()
    true = (anew.weights - with_them.weights).ravel()
    assert step @ true / np.linalg.norm(step) / np.linalg.norm(true) > 0.9
    few = influence(WHOLE, DATA, np.array([int(WHOLE.sample.row[5])]))
    edited = logistic_fit(without(WHOLE, WHOLE.sample.row[5:6]))
    assert few.moved < 0.05 and edited.weights.shape == few.after.weights.shape
