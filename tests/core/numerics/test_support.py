import numpy as np
import pytest
from scipy.stats import chi2, kstest, ncx2

from core.numerics.support import ALARM, conformal_p, directions, own_p, unsupported
from core.numerics.weighting import calibration, effective_rows, importance_weights
from core.prepare.support import support
from core.prepare.train_serve import TrainServe

RNG = np.random.default_rng(8)


def parts(train, serve):
    rows = np.arange(train + serve)
    return TrainServe(rows[:train], rows[train:], rows.astype(np.uint64), rows[:0], 0.0, 1.0)


@pytest.mark.parametrize("width", [2, 10])
def test_support_of_a_row_like_train_is_uniform(width):
    first = []
    for seed in range(150):
        points = np.random.default_rng([seed, width]).standard_t(3, (101, width)).astype(np.float32)
        first.append(support(points, parts(100, 1), 50, 10, 0.05).p[100])
    assert kstest(first, "uniform").pvalue > 0.01


@pytest.mark.parametrize("width", [2, 5, 20])
def test_a_tenth_of_the_rows_planted_three_spreads_out_is_found_at_the_level(width):
    """In two columns .911 is what the true distances give: the chance that a noncentral chi-squared exceeds
    the 1% point of a central.
    """
    shares = []
    for seed in range(5 if width == 2 else 1):
        points = np.random.default_rng([7, width, seed]).normal(size=(20_000, width)).astype(np.float32)
        points[19_000:] += 3.0
        found = support(points, parts(10_000, 10_000), 5_000, 10, 0.01)
        hit = found.p[10_000:] <= 0.01
        shares.append(hit[9_000:].mean())
        assert (
            found.serve.beyond == hit.sum()
            and abs(found.serve.chance_rows - hit[:9_000].sum()) < 0.5 * found.serve.chance_rows
        )
    assert 0.9 < np.mean(shares) < ncx2.sf(chi2.isf(0.01, width), width, 9 * width) + 0.01


def test_ties_make_a_p_value_larger_never_smaller():
    scores = RNG.integers(0, 3, 2000).astype(float)
    p = conformal_p(scores[:1000], scores[1000:])
    for level in (0.01, 0.1, 0.5):
        assert (p <= level).mean() <= level + 0.05
    assert own_p(np.zeros(4)).tolist() == [1.0] * 4


def test_the_count_of_unsupported_rows_varies_as_the_law_says():
    shares = []
    for _ in range(400):
        calibration_scores, scores = RNG.normal(size=199), RNG.normal(size=300)
        shares.append(unsupported(conformal_p(scores, calibration_scores), 199, 0.05).share)
    law = unsupported(np.ones(300), 199, 0.05)
    assert np.mean(shares) == pytest.approx(law.expected, abs=0.004) and np.std(shares) == pytest.approx(
        law.spread, rel=0.15
    )
    assert (np.array(shares) > law.noise_floor).mean() < 0.025 and law.p == 1.0
    few = unsupported(np.full(50, 0.1), 9, 0.01)
    assert few.beyond == 0 and few.p == 1.0, "nine rows cannot tell a share of one in a hundred"


@pytest.mark.parametrize(
    ("rows", "judges", "level"), [(300, 199, 0.05), (2_000, 999, 0.01), (500, 4_999, 0.01)]
)
def test_the_noise_floor_is_passed_in_one_of_a_hundred_cases_and_is_the_test(rows, judges, level):
    draw = np.random.default_rng([rows, judges])
    law = unsupported(np.ones(rows), judges, level)
    first = draw.random((4_000, judges))
    # the count of p-values at most the level follows from the calibration row at which it is reached
    cut = np.sort(first, axis=1)[:, -int(np.floor(level * (judges + 1) + 1e-9))]
    counts = draw.binomial(rows, 1.0 - cut)
    passed = (counts / rows > law.noise_floor).mean()
    assert 0.003 < passed < 0.015, "1 in 100: 10 of 1,000 cases, less what a count of whole rows costs"
    for count in range(round(rows * law.noise_floor) - 3, round(rows * law.noise_floor) + 4):
        p = np.r_[np.zeros(count), np.ones(rows - count)]
        one = unsupported(p, judges, level)
        assert one.beyond_noise == (one.p <= ALARM), "the number shown and the test never disagree"


def test_what_is_new_keeps_its_distance_when_directions_are_dropped():
    wide = RNG.normal(size=(300, 80)).astype(np.float32)
    wide[:, 60:] = 0.0
    wide[250:, 70] = 9.0  # a direction that the first rows do not have
    made = directions(wide, np.arange(300), 200)
    assert made.shape == (300, 51) and made.dtype == np.float32
    assert made[250:, -1].min() > made[:250, -1].max()
    assert np.allclose((made**2).sum(axis=1), ((wide - wide[:200].mean(axis=0)) ** 2).sum(axis=1), rtol=1e-3)
    assert directions(wide[:, :50], np.arange(300), 200) is not None and directions(
        wide[:, :50], np.arange(300), 200
    ).shape == (300, 50)


def test_calibrated_odds_are_true_and_those_of_noise_are_flat():
    truth = RNG.normal(size=20_000)
    hits = RNG.random(20_000) < 1 / (1 + np.exp(-(0.8 * truth - 0.4)))
    slope, offset = calibration(3.0 * truth, hits)
    assert slope == pytest.approx(0.8 / 3.0, abs=0.02) and offset == pytest.approx(-0.4, abs=0.05)
    apart = calibration(np.where(hits, 5.0, -5.0), hits)
    assert np.isfinite(apart).all() and apart[0] > 1.0
    assert calibration(np.where(hits, -1.0, 1.0), hits)[0] == 0.0


def test_weights_are_clipped_and_worth_what_they_reach():
    odds = np.append(np.zeros(990), np.full(10, 8.0))
    weights = importance_weights(odds)
    assert weights.mean() == pytest.approx(1.0) and weights.max() < np.exp(8.0)
    assert effective_rows(np.ones(100), np.zeros(100)) == pytest.approx(100.0)
    assert effective_rows(np.ones(100), np.full(100, -7.0)) < 0.1, "equal weights, but serve is elsewhere"
    assert importance_weights(np.zeros(0)).size == 0 and effective_rows(np.zeros(0), np.zeros(0)) == 0.0
