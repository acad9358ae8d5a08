"""Two samples of one column."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import binom, chi2_contingency, fisher_exact, hypergeom, ks_2samp, wasserstein_distance

from core.numerics import two_sample
from tests.examples import examples

DRAW = np.random.default_rng(0)


def test_psi_matches_a_table_worked_by_hand() -> None:
    train, serve = np.array([200, 300, 500]), np.array([100, 300, 600])
    shares = [
        (200.5 / 1001.5, 100.5 / 1001.5),
        (300.5 / 1001.5, 300.5 / 1001.5),
        (500.5 / 1001.5, 600.5 / 1001.5),
    ]
    assert two_sample.psi(train, serve) == pytest.approx(
        sum((q - p) * math.log(q / p) for p, q in shares), abs=1e-12
    )
    assert math.isfinite(two_sample.psi(np.array([10, 0]), np.array([0, 10])))


@pytest.mark.parametrize(("n", "m"), [(100, 100), (2000, 500)])
def test_the_line_of_psi_is_passed_by_5_of_100_null_pairs(n: int, m: int) -> None:
    draw = np.random.default_rng(1)
    numbers, levels = [], []
    for seed in range(400):
        train, serve = np.sort(draw.lognormal(size=n)), draw.lognormal(size=m)
        cuts = np.concatenate(
            [
                train[:1],
                two_sample.quantile_edges(train, two_sample.bins_for(n, m)),
                [np.nextafter(train[-1], np.inf)],
            ]
        )
        one, other = (
            np.bincount(np.searchsorted(cuts, part, side="right"), minlength=cuts.size + 1)
            for part in (train, serve)
        )
        numbers.append(two_sample.psi(one, other) > two_sample.psi_noise(one, m, seed))
        one, other = (draw.multinomial(size, np.full(12, 1 / 12)) for size in (n, m))
        levels.append(two_sample.psi(one, other) > two_sample.level_noise(one, other, seed)[2])
    assert 0.025 <= np.mean(numbers) <= 0.085
    assert 0.025 <= np.mean(levels) <= 0.085


def test_distances_agree_with_scipy() -> None:
    train, serve = np.sort(DRAW.lognormal(size=300)), np.sort(np.round(DRAW.lognormal(0.3, 1, 200), 1))
    found = two_sample.compare_numbers(train, serve, 0)
    assert found.distance == pytest.approx(wasserstein_distance(train, serve), rel=1e-12)
    assert found.gap == pytest.approx(ks_2samp(train, serve).statistic, rel=1e-12)
    assert found.p == pytest.approx(ks_2samp(train, serve, method="asymp").pvalue, rel=0.25)


def test_the_line_of_the_distance_holds_in_95_of_100_deals() -> None:
    draw = np.random.default_rng(2)
    beyond = []
    for seed in range(200):
        one, other = (np.sort(draw.lognormal(0, 1.5, size)) for size in (400, 250))
        found = two_sample.compare_numbers(one, other, seed)
        beyond.append(found.distance > found.noise)
    assert 0.02 <= np.mean(beyond) <= 0.09


def test_tests_of_tables_agree_with_scipy() -> None:
    full = np.array([[40, 30, 30], [60, 25, 40]])
    assert two_sample.table_p(*full, 0) == pytest.approx(
        chi2_contingency(full, correction=False).pvalue, rel=1e-9
    )
    sparse = np.array([[3, 1, 9, 2], [1, 4, 3, 6]])
    assert two_sample.table_p(*sparse, 0) == pytest.approx(
        chi2_contingency(sparse, correction=False, method=_resampled()).pvalue, abs=0.03
    )
    assert two_sample.table_p(np.array([5, 0]), np.array([7, 0]), 0) == 1.0


def test_of_few_rows_half_of_the_equally_unlikely_tables_count() -> None:
    few, law = np.array([[8, 2], [1, 5]]), hypergeom(16, 9, 6)
    assert two_sample.table_p(*few, 0) == pytest.approx(fisher_exact(few).pvalue - law.pmf(1) / 2, rel=1e-9)
    held = range(13)
    chance = binom.pmf(held, 100, 0.02)
    alarms = [
        [two_sample.table_p(np.array([100 - a, a]), np.array([100 - b, b]), 0) < 0.05 for b in held]
        for a in held
    ]
    # Fisher's own test has 0.0046 here: it hardly ever speaks
    assert 0.01 <= chance @ np.array(alarms) @ chance <= 0.05


def _resampled() -> object:
    from scipy.stats import PermutationMethod

    return PermutationMethod(n_resamples=4000, rng=np.random.default_rng(0))


@pytest.mark.parametrize("n", [100, 1000])
@pytest.mark.parametrize("k", [2, 10, 200])
def test_false_alarms_of_tables_stay_at_their_level(n: int, k: int) -> None:
    draw = np.random.default_rng(3)
    mix = draw.dirichlet(np.ones(k))
    p = np.array(
        [
            two_sample.table_p(draw.multinomial(n, mix), draw.multinomial(n, mix), seed)
            for seed in range(examples(60))
        ]
    )
    assert np.sum(p < 0.05) <= binom.ppf(0.995, p.size, 0.05)


def test_new_values_pass_their_line_of_chance_once_in_a_thousand() -> None:
    draw = np.random.default_rng(4)
    passed = 0
    for _ in range(300):
        for values in (draw.poisson(3, (2, 100)), draw.zipf(1.5, (2, 300)).clip(max=400)):
            train, serve = (np.bincount(part, minlength=500) for part in values)
            passed += serve[train == 0].sum() / serve.sum() > two_sample.new_noise(train, serve, 0)
    assert passed <= 4, f"{passed} of 600"
    assert two_sample.new_noise(np.array([1000, 0]), np.array([1000, 20]), 0) < 0.01
