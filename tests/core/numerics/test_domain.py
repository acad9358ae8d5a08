import numpy as np
import pytest
from scipy.stats import binom, mannwhitneyu
from sklearn.metrics import roc_auc_score

from core.numerics.domain import area_of, domain, fitted, halves, log_odds_of

RNG = np.random.default_rng(5)


def parts(rows, width, seed):
    draw = np.random.default_rng(seed)
    return draw.normal(size=(2 * rows, width)).astype(np.float32), np.arange(2 * rows) % 2 == 1


@pytest.mark.parametrize("step", [None, 0.5])
def test_area_spread_and_z_are_those_of_the_rank_sum(step):
    scores, hits = RNG.normal(size=400), RNG.random(400) < 0.3
    scores[hits] += 0.3
    scores = scores if step is None else np.round(scores / step) * step
    found = area_of(scores, hits)
    peer = mannwhitneyu(
        scores[hits], scores[~hits], alternative="greater", method="asymptotic", use_continuity=False
    )
    assert found.value == pytest.approx(roc_auc_score(hits, scores)) and found.p == pytest.approx(
        peer.pvalue, rel=1e-6
    )
    assert found.rows == 400 and found.low < found.value < found.high


def test_the_interval_holds_the_truth_as_often_as_it_says():
    inside = 0
    for _ in range(300):
        scores, hits = RNG.normal(size=160), np.arange(160) % 2 == 0
        scores[hits] += 1.0  # true area: Phi(1 / sqrt 2)
        told_area = area_of(scores, hits)
        inside += told_area.low <= 0.7602 <= told_area.high
    assert binom.ppf(0.001, 300, 0.95) <= inside <= binom.ppf(0.999, 300, 0.95)


def test_without_both_parts_or_without_variety_there_is_no_number():
    assert np.isnan(area_of(np.arange(3.0), np.ones(3, bool)).value)
    flat = area_of(np.zeros(10), np.arange(10) < 5)
    assert flat.value == 0.5 and flat.z == 0.0 and flat.p == 0.5
    apart = area_of(np.arange(40.0), np.arange(40) >= 20)
    assert apart.value == 1.0 and 0.8 < apart.low < 1.0


def test_it_raises_false_alarms_as_often_as_it_says():
    low, high = binom.ppf([0.005, 0.995], 120, 0.05)
    alarms = sum(domain(*parts(50, 3, seed), seed).p < 0.05 for seed in range(120))
    assert alarms <= high and low >= 1


def test_a_small_shift_in_one_of_twenty_columns_is_seen():
    matrix, serve = parts(10_000, 20, 0)
    matrix[serve, 3] += 0.1
    found = domain(matrix, serve, 0)
    assert found.p < 1e-3 and found.best == "linear" and found.areas["linear"].z > 3.5


def test_blocks_are_asked_alone_and_shuffled_together():
    matrix, serve = parts(1000, 4, 1)
    matrix[serve, 1] += 1.0
    matrix[:, 3] = np.where(serve, 4.0, -4.0) * np.sign(matrix[:, 2])  # tells only together with column 2
    found = domain(matrix, serve, 0, np.array([0, 1, 2, 2], np.int32))
    assert (
        found.importance.argmax() == 2
        and found.single[2].value > 0.95
        and found.single[1].value == pytest.approx(0.76, abs=0.05)
    )
    assert abs(found.single[0].value - 0.5) < 0.06 and abs(found.importance[0]) < 0.02


def test_coefficients_of_noise_are_shrunk_and_the_fit_does_not_see_the_held_out_half():
    matrix, serve = parts(2000, 10, 2)
    matrix[serve, 0] += 0.5
    model = fitted("linear", matrix, serve, 0)
    assert model.coefficients[0] > 0.4 and (model.coefficients[1:] == 0).sum() >= 4
    assert log_odds_of(model, matrix).mean() == pytest.approx(0.0, abs=0.05)
    fit = halves(serve)
    assert fit[serve].sum() == 1000 and fit[~serve].sum() == 1000


def test_trees_see_the_main_directions_of_an_embedding_and_the_columns_of_a_wide_table():
    draw = np.random.default_rng(3)
    serve = np.arange(3000) % 2 == 1
    hidden = draw.normal(size=(3000, 10))
    hidden[serve, 0] *= 2.5  # no mean has moved
    wide = (hidden @ draw.normal(size=(10, 250)) + 0.3 * draw.normal(size=(3000, 250))).astype(np.float32)
    own = draw.normal(size=(3000, 250)).astype(np.float32)
    own[serve, 7] *= 3.0
    fit = halves(serve)
    for matrix, turned in ((wide, True), (own, False)):
        model = fitted("boosted", matrix[fit], serve[fit], 0)
        assert (model.axes is not None) == turned
        assert area_of(log_odds_of(model, matrix[~fit]), serve[~fit]).z > 4.0
