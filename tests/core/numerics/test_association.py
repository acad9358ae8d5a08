"""The measures against scipy, against enumeration, and against their own null."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from core.numerics.association import (
    bins_for,
    contingency,
    cramers_v,
    links,
    rank_bins,
    table_chance,
)
from core.numerics.correlation import collinearity, correlation_chance, correlations, rank, unit, vif_noise
from core.numerics.multiple_tests import q_values
from core.numerics.nullity import missing_together, nullity
from core.prepare.levels import frequent_levels
from tests.examples import examples


def codes(draw: np.random.Generator, n: int, shares: list[float]) -> np.ndarray:
    return (draw.choice(len(shares), n, p=shares) + 1).astype(np.int32)


def test_a_table_agrees_with_scipy() -> None:
    draw = np.random.default_rng(0)
    left, right = codes(draw, 500, [0.5, 0.3, 0.2]), codes(draw, 500, [0.7, 0.3])
    tables = contingency(left, right[None], (3, 2))
    said = links(tables)
    assert said.phi2[0] * 500 == pytest.approx(stats.chi2_contingency(tables[0], correction=False).statistic)
    joint = tables[0] / 500
    mutual = sum(
        joint[i, j] * np.log(joint[i, j] / joint[i].sum() / joint[:, j].sum())
        for i in range(3)
        for j in range(2)
    )
    assert said.right_given_left[0] == pytest.approx(mutual / stats.entropy(joint.sum(axis=0)))
    assert said.left_given_right[0] == pytest.approx(mutual / stats.entropy(joint.sum(axis=1)))


def test_missing_codes_are_left_out_and_many_tables_equal_one_by_one() -> None:
    draw = np.random.default_rng(1)
    left, others = (
        codes(draw, 300, [0.5, 0.5]),
        np.stack([codes(draw, 300, [0.2, 0.3, 0.5]) for _ in range(4)]),
    )
    left[::7] = 0
    together = links(contingency(left, others, (2, 3)))
    for j in range(4):
        one = links(contingency(left[left > 0], others[j : j + 1, left > 0], (2, 3)))
        assert [values[0] for values in one] == pytest.approx([values[j] for values in together])


@pytest.mark.parametrize("shares", [[0.5, 0.5], [0.6, 0.3, 0.1], [0.97, 0.03], [0.1] * 10])
@pytest.mark.parametrize("n", [20, 200])
def test_p_values_of_tables_keep_their_promise_under_independence(n: int, shares: list[float]) -> None:
    draw = np.random.default_rng(2)
    tables = []
    for _ in range(examples(1_200)):
        left, levels = frequent_levels(codes(draw, n, shares) - 1, [str(i) for i in range(10)], 20)
        right = rank_bins(draw.permutation(n) + 1.0, n)
        tables.append(
            np.pad(
                contingency(left, right[None], (levels, bins_for(n)))[0],
                ((0, 12 - levels), (0, 20 - bins_for(n))),
            )
        )
    said = links(np.stack(tables))
    p = table_chance(said).p(said.phi2)[np.isfinite(said.phi2)]
    for level in (0.05, 0.01, 0.001):
        assert (p < level).sum() <= stats.binom.ppf(0.999, p.size, 1.6 * level)
    line = cramers_v(table_chance(said).line(), said.n, said.rows, said.columns)
    above = (cramers_v(said.phi2, said.n, said.rows, said.columns) > line)[np.isfinite(said.phi2)].mean()
    assert above <= 0.07


def test_a_measure_that_chance_cannot_change_says_nothing() -> None:
    """One odd row among twenty, against two halves: every permutation gives the same table."""
    odd = np.ones(20, np.int32)
    odd[3] = 2
    halves = rank_bins(np.arange(20) + 1.0, 20)
    said = links(contingency(odd, halves[None], (2, bins_for(20))))
    chance = table_chance(said)
    assert chance.p(said.phi2)[0] == 1.0 and chance.line()[0] == chance.top[0]


def test_one_odd_row_against_another_is_no_proof() -> None:
    """Two columns that are each odd in the same single row of twenty: that happens once in twenty times."""
    odd = np.ones(20, np.int32)
    odd[3] = 2
    said = links(contingency(odd, odd[None], (2, 2)))
    assert table_chance(said).p(said.phi2)[0] >= 0.05


def test_correlations_agree_with_scipy_and_leave_missing_values_out_pair_by_pair() -> None:
    draw = np.random.default_rng(3)
    table = draw.normal(size=(4, 200))
    table[1] += table[0]
    table[2] = np.round(table[2])
    full = correlations(np.stack([unit(rank(row).ranks) for row in table]), np.ones(table.shape, bool))
    np.testing.assert_allclose(full.r, stats.spearmanr(table.T).statistic, atol=1e-12)
    known = draw.random(table.shape) < 0.8
    known[3] = True
    holed = correlations(np.stack([unit(row, mask) for row, mask in zip(table, known, strict=True)]), known)
    for i in range(4):
        for j in range(4):
            both = known[i] & known[j]
            assert holed.n[i, j] == both.sum()
            assert holed.r[i, j] == pytest.approx(
                np.corrcoef(table[i, both], table[j, both])[0, 1], abs=1e-10
            )


@pytest.mark.parametrize("spread", [None, 0.05, 0.5])
@pytest.mark.parametrize("n", [20, 200])
def test_p_values_of_spearman_keep_their_promise_with_and_without_ties(n: int, spread: float | None) -> None:
    draw = np.random.default_rng(4)
    p = []
    for _ in range(12):
        table = draw.random((30, n)) if spread is None else draw.poisson(spread, (30, n)).astype(float)
        ranks = [found for found in map(rank, table) if found.distinct > 1]
        r = correlations(np.stack([unit(found.ranks) for found in ranks]), np.ones((len(ranks), n), bool))
        i, j = np.triu_indices(len(ranks), 1)
        kurtosis, floor = np.array([f.spread[1] for f in ranks]), np.exp([f.log_arrangements for f in ranks])
        p.append(
            correlation_chance(r.n[i, j], kurtosis[i], kurtosis[j], np.maximum(floor[i], floor[j])).p(
                r.r[i, j] ** 2
            )
        )
    p = np.concatenate(p)
    for level in (0.05, 0.01, 0.001):
        assert (p < level).sum() <= stats.binom.ppf(0.9999, p.size, 1.5 * level)


def test_kurtosis_of_ranks_agrees_with_scipy() -> None:
    for values in (np.arange(30.0), np.array([1.0] * 20 + [2.0] * 5 + [7.0] * 3)):
        expected = stats.kstat(stats.rankdata(values), 4) / stats.kstat(stats.rankdata(values), 2) ** 2
        assert rank(values).spread[1] == pytest.approx(expected)


def test_q_values_agree_with_scipy() -> None:
    p = np.random.default_rng(5).random(50) ** 3
    np.testing.assert_allclose(q_values(p), stats.false_discovery_control(p))


def test_variance_inflation_is_one_over_what_the_others_leave() -> None:
    draw = np.random.default_rng(6)
    x = draw.normal(size=(4, 300))
    x[3] = x[0] + x[1] + draw.normal(size=300) * 0.3
    units = np.stack([unit(row) for row in x])
    found = collinearity(units @ units.T)
    for j in range(4):
        others = np.delete(units, j, axis=0)
        rest = units[j] - others.T @ np.linalg.lstsq(others.T, units[j], rcond=None)[0]
        assert found.vif[j] == pytest.approx(1 / (rest @ rest))
    copied = collinearity(np.vstack([units, units[:1]]) @ np.vstack([units, units[:1]]).T)
    assert np.isinf(copied.vif[4]) and np.isfinite(copied.vif[:4]).all()
    assert vif_noise(20, 20, 0.99) == np.inf and 1 < vif_noise(1000, 20, 0.99) < 1.1


def test_columns_missing_together_are_found_and_others_are_not() -> None:
    draw = np.random.default_rng(7)
    one = draw.random(500) < 0.2
    nearly = one.copy()
    nearly[np.flatnonzero(one)[:3]] = False
    alone = draw.random(500) < 0.2
    assert nullity([one, alone])[0, 1] == pytest.approx(np.corrcoef(one, alone)[0, 1])
    assert [found.columns for found in missing_together([one, alone, nearly])] == [(0, 2)]


def test_levels_do_not_depend_on_the_order_of_the_rows() -> None:
    draw = np.random.default_rng(8)
    found = draw.integers(-1, 30, 200)
    order = draw.permutation(200)
    names = [f"level {i}" for i in range(30)]
    moved = draw.permutation(30)
    there, count = frequent_levels(
        np.append(moved, -1)[found[order]], [names[int(np.flatnonzero(moved == i)[0])] for i in range(30)], 8
    )
    here, again = frequent_levels(found, names, 8)
    assert count == again
    np.testing.assert_array_equal(here[order], there)
