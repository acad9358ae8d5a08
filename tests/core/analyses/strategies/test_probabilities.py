"""Scores against scikit-learn's, calibration, its noise floor, and what makes wrong probabilities right."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit, logit
from sklearn import metrics

from core.analyses.strategies.calibration import (
    calibration,
    calibration_error,
    equal_mass,
    noise_floor,
    ratio_interval,
    slope_and_intercept,
)
from core.analyses.strategies.recalibration import (
    Scaling,
    focal_corrected,
    isotonic,
    platt,
    prior_corrected,
    surely_off,
)
from core.analyses.strategies.scores import Curve, Wanted, scores
from core.analyses.strategies.threshold import cost_matrix, least_cost, tuned, tuned_interval
from core.errors import SettingError
from core.numerics.paired import difference


def drawn(n: int, seed: int = 0, middle: float = -2.0) -> tuple[np.ndarray, np.ndarray]:
    """Truth and right probabilities."""
    draw = np.random.default_rng(seed)
    p = expit(draw.normal(middle, 1.2, n))
    return (draw.random(n) < p).astype(np.int64), p


def two(p: np.ndarray) -> np.ndarray:
    return np.column_stack([1 - p, p])


def test_scores_of_two_classes_are_those_of_scikit_learn() -> None:
    truth, p = drawn(800)
    chosen = (p >= 0.3).astype(np.int64)
    ours = scores(truth, two(p), chosen, np.array([0.8, 0.2]), Wanted(beta=2.0, precision=0.5, odds=0.25))
    precision, recall, _ = metrics.precision_recall_curve(truth, p)
    hits, alarms = (chosen & truth).sum(), (chosen & (1 - truth)).sum()
    theirs = {
        "log_loss": metrics.log_loss(truth, p),
        "brier": metrics.brier_score_loss(truth, p),
        "brier_skill": 1 - metrics.brier_score_loss(truth, p) / np.mean((0.2 - truth) ** 2),
        "auroc": metrics.roc_auc_score(truth, p),
        "average_precision": metrics.average_precision_score(truth, p),
        "recall_at_precision": recall[precision >= 0.5].max(),
        "accuracy": metrics.accuracy_score(truth, chosen),
        "mcc": metrics.matthews_corrcoef(truth, chosen),
        "balanced_accuracy": metrics.balanced_accuracy_score(truth, chosen),
        "f_beta": metrics.fbeta_score(truth, chosen, beta=2.0),
        "g_mean": np.sqrt(np.prod(metrics.recall_score(truth, chosen, average=None))),
        "net_benefit": (hits - 0.25 * alarms) / truth.size,
        "mean_cost": (truth.sum() - hits + alarms) / truth.size,
    }
    assert ours == pytest.approx(theirs)


def test_scores_of_three_classes_are_those_of_scikit_learn() -> None:
    draw = np.random.default_rng(1)
    p = draw.dirichlet([4, 2, 1], 600)
    truth = np.array([draw.choice(3, p=row) for row in p])
    chosen = p.argmax(axis=1)
    ours = scores(truth, p, chosen, np.bincount(truth) / truth.size, Wanted())
    assert ours["log_loss"] == pytest.approx(metrics.log_loss(truth, p))
    assert ours["auroc"] == pytest.approx(metrics.roc_auc_score(truth, p, multi_class="ovr"))
    assert ours["mcc"] == pytest.approx(metrics.matthews_corrcoef(truth, chosen))
    assert ours["f_beta"] == pytest.approx(metrics.f1_score(truth, chosen, average="macro"))


def test_right_probabilities_are_found_right_and_wrong_ones_wrong() -> None:
    truth, p = drawn(4000)
    right, wrong = calibration(truth, p), calibration(truth, expit(2 * logit(p) + 1.0))
    assert right.ratio_low < 1 < right.ratio_high and right.error < 1.2 * right.floor
    assert right.slope == pytest.approx(1.0, abs=0.1) and right.intercept == pytest.approx(0.0, abs=0.15)
    assert wrong.slope == pytest.approx(right.slope / 2, abs=1e-3) and wrong.error > 3 * wrong.floor
    inside = [one for one in right.bins if one.low <= one.predicted <= one.high]
    assert len(inside) >= 8 and sum(one.n for one in right.bins) == 4000


def test_the_noise_floor_of_the_calibration_error_holds_in_95_of_100_draws() -> None:
    p = drawn(1500)[1]
    edges, draw = equal_mass(p), np.random.default_rng(5)
    floor = noise_floor(p, edges, 0)
    errors = [calibration_error(draw.random(p.size) < p, p, edges) for _ in range(400)]
    assert 0.90 <= np.mean(np.array(errors) <= floor) <= 0.99


def test_the_interval_of_observed_over_expected_covers() -> None:
    p = drawn(1000)[1]
    draw, expected = np.random.default_rng(6), float(p.sum())
    hits = [int((draw.random(p.size) < p).sum()) for _ in range(400)]
    covered = [low <= 1 <= high for low, _, high in (ratio_interval(one, expected, p.size) for one in hits)]
    assert np.mean(covered) >= 0.92


def test_slope_of_one_class_is_unknown() -> None:
    assert np.isnan(slope_and_intercept(np.zeros(20), np.full(20, 0.1))[0])


def test_closed_forms_undo_what_weights_do_to_right_probabilities() -> None:
    p, prior = drawn(500)[1], np.array([0.9, 0.1])
    odds = p / (1 - p) * (0.5 / 0.1) / (0.5 / 0.9)  # what a model of balanced weights predicts
    np.testing.assert_allclose(
        prior_corrected(two(odds / (1 + odds)), np.array([0.5, 0.5]), prior)[:, 1], p, rtol=1e-10
    )
    np.testing.assert_allclose(focal_corrected(two(expit(logit(p) / 3.0)), 2.0)[:, 1], p, rtol=1e-9)
    three = np.random.default_rng(0).dirichlet([3, 2, 1], 50)  # solve q = pi (1 - q)^gamma by iteration
    q = three.copy()
    for _ in range(2000):
        new = three * (1 - q)
        q = 0.5 * q + 0.5 * new / new.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(focal_corrected(q, 1.0), three, atol=1e-6)


def test_curves_are_fitted_where_there_are_enough_events() -> None:
    truth, p = drawn(6000, middle=-1.0)
    bent = expit(1.5 * logit(p) + 1.0)
    curve = platt(truth, two(bent))
    assert curve is not None
    np.testing.assert_allclose(curve(two(bent))[:, 1], p, atol=0.03)
    steps = isotonic(truth, bent)
    assert steps is not None and np.abs(steps(bent) - p).mean() < 0.03
    assert isotonic(truth[:2000], bent[:2000]) is None  # under a thousand events
    assert platt((np.arange(50) < 5).astype(int), two(p[:50])) is None


def test_one_scaling_makes_several_classes_right() -> None:
    draw = np.random.default_rng(2)
    p = draw.dirichlet([4, 2, 1], 4000)
    truth = (draw.random(4000)[:, None] > p.cumsum(axis=1)).sum(axis=1)
    scaling = platt(truth, Scaling((0.3, 0.0, 2.0), 1.5)(p))
    assert scaling is not None and scaling.scale == pytest.approx(1 / 1.5, abs=0.05)
    right = scaling(Scaling((0.3, 0.0, 2.0), 1.5)(p))
    assert np.abs(right - p).mean() < 0.02


def test_right_probabilities_are_seldom_called_off_and_bent_ones_are() -> None:
    p, draw = drawn(400)[1], np.random.default_rng(8)
    claims = 0
    for _ in range(200):
        truth = (draw.random(p.size) < p).astype(int)
        scaling = platt(truth, two(p))
        assert scaling is not None
        claims += surely_off(truth, two(p), scaling(two(p)))
    assert claims <= 16  # 5% of 200, and 2 standard errors
    bent = two(expit(logit(p) + 1.0))
    scaling = platt(truth, bent)
    assert scaling is not None and surely_off(truth, bent, scaling(bent))


def test_the_least_cost_threshold_is_the_one_a_search_finds() -> None:
    truth, p = drawn(5000)
    odds = 0.2
    chosen = tuned(truth == 1, p, "cost", 0.5, Wanted(odds=odds)).threshold
    costs = [((p < at) & (truth == 1)).sum() + odds * ((p >= at) & (truth == 0)).sum() for at in np.sort(p)]
    here = ((p < chosen) & (truth == 1)).sum() + odds * ((p >= chosen) & (truth == 0)).sum()
    assert here == pytest.approx(min(costs))
    assert chosen == pytest.approx(odds / (odds + 1.0), abs=0.08), "Elkan 2001"


def test_the_interval_of_the_threshold_covers_the_best_one() -> None:
    """The best threshold of F1 for these rows is about 0.2065, as 400,000 of them show."""
    hits = 0
    for seed in range(60):
        draw = np.random.default_rng(seed)
        p = expit(draw.normal(-2.0, 1.0, 500))
        low, high = tuned_interval(draw.random(500) < p, p, "f_beta", 0.5, Wanted(), seed)
        hits += low <= 0.2065 <= high
    assert hits >= 51  # 95% of 60, less 3 standard errors


@pytest.mark.parametrize("aim", ["precision", "recall"])
def test_a_wanted_precision_or_recall_is_reached_and_said_where_not(aim: str) -> None:
    truth, p = drawn(3000)
    chosen = tuned(truth == 1, p, aim, 0.6, Wanted())
    table = Curve.of(truth == 1, p).table(chosen.threshold)
    score = table[1, 1] / (table[:, 1].sum() if aim == "precision" else table[1].sum())
    assert chosen.reached and score >= 0.6
    random = np.random.default_rng(0).random(3000)
    assert not tuned(truth == 1, random, "precision", 0.95, Wanted()).reached or aim == "recall"


def test_the_confusion_matrix_of_any_threshold_is_exact() -> None:
    truth, p = drawn(300)
    curve = Curve.of(truth == 1, p)
    for at in (0.0, 0.1, float(p[7]), 0.5, 1.1):
        np.testing.assert_array_equal(
            curve.table(at), metrics.confusion_matrix(truth, p >= at, labels=[0, 1])
        )


@pytest.mark.parametrize(
    ("typed", "said"),
    [("0 1; x 0", "numbers"), ("0 1 1; 1 0 1", "3 rows of 3|2 rows"), ("0 -1; 1 0", "at least 0"),
     ("1 1; 1 0", "diagonal"), ("0 inf; 1 0", "finite")],
)  # fmt: skip
def test_costs_that_are_none_are_refused(typed: str, said: str) -> None:
    with pytest.raises(SettingError, match=said):
        cost_matrix(typed, 2)


def test_several_classes_are_decided_by_cost() -> None:
    p = np.array([[0.6, 0.3, 0.1]])
    assert least_cost(p, np.ones((3, 3)) - np.eye(3)).tolist() == [0]
    assert least_cost(p, cost_matrix("0 1 1; 1 0 1; 20 20 0", 3)).tolist() == [2]


def test_the_corrected_interval_makes_few_false_claims_on_overlapping_folds() -> None:
    """Scores of folds that share a part (as training rows do) and differ by chance alone."""
    draw, claims = np.random.default_rng(2), 0
    for _ in range(400):
        shared = draw.normal(0, np.sqrt(0.25), 1)  # the correlation that Nadeau and Bengio allow for
        gaps = shared + draw.normal(0, 1.0, 10)
        claims += difference(gaps, np.zeros(10), 0.25).verdict(True) != "tie"
    assert claims <= 28  # 5% of 400, and 2 standard errors
