"""The maths of the profile against scipy and numpy, and the bounds of its histograms."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from core.numerics.describe import (
    SHARES,
    commonest,
    histogram,
    moments,
    quantiles,
    runs,
    share_at_least,
    time_histogram,
)
from tests.examples import examples

DRAW = np.random.default_rng(0)
SAMPLES = {
    "normal": DRAW.normal(5, 2, 10_000),
    "far from zero": DRAW.normal(1e6, 1, 5_000),
    "lognormal": DRAW.lognormal(0, 2, 100_001),
    "cauchy": DRAW.standard_cauchy(1_000),
    "counts": DRAW.poisson(3, 5_000),
    "negative": -DRAW.gamma(1, 1e-9, 777),
    "rounded": DRAW.random(500).round(2),
    "two": np.array([1.0, 4.0]),
    "large": DRAW.normal(0, 1e200, 100),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_moments_agree_with_scipy(name: str) -> None:
    found = moments(np.sort(SAMPLES[name]))
    shift = 1e6 if name == "far from zero" else 0.0  # scipy loses digits far from zero,
    scale = 1e200 if name == "large" else 1.0  # and its squares overflow
    plain = SAMPLES[name] / scale - shift
    expected = [
        (plain.mean() + shift) * scale,
        plain.std(ddof=1) * scale,
        scipy.stats.skew(plain),
        scipy.stats.kurtosis(plain),
    ]
    np.testing.assert_allclose(
        [found.mean, found.std, found.skewness, found.kurtosis], expected, rtol=1e-10, atol=1e-12
    )


@pytest.mark.parametrize("name", SAMPLES)
def test_quantiles_are_numpys(name: str) -> None:
    np.testing.assert_allclose(
        quantiles(np.sort(SAMPLES[name])), np.quantile(SAMPLES[name], SHARES), rtol=1e-15
    )


def test_quantiles_of_opposite_giants_do_not_overflow() -> None:
    assert quantiles(np.array([-1.7e308, 1.7e308]), (0.5,)).tolist() == [0.0]


def test_few_or_equal_values_have_no_shape() -> None:
    assert np.isnan(moments(np.zeros(0)).mean)
    one, same = moments(np.array([3.0])), moments(np.full(9, 0.1))
    assert one.mean == 3.0 and np.isnan(one.std)
    assert (same.mean, same.std) == (0.1, 0.0) and np.isnan(same.skewness)


numbers = st.one_of(
    st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=60).map(np.array),
    st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=60).map(
        lambda made: np.array(made, np.int64)
    ),
    st.lists(st.integers(-30, 30), min_size=1, max_size=60).map(np.array),
)


@given(numbers, st.integers(5, 50))
@settings(max_examples=examples(80), deadline=None)
def test_a_histogram_counts_every_value_once_between_rising_edges(values: np.ndarray, most: int) -> None:
    made = histogram(np.sort(values), most)
    assert made is not None and made.total == values.size
    assert 1 <= made.counts.size <= most and made.edges.size == made.counts.size + 1
    assert np.isfinite(made.edges).all() and (made.edges[1:] > made.edges[:-1]).all()
    floats = values.astype(float)
    assert made.below == (floats < made.edges[0]).sum() and made.above == (floats > made.edges[-1]).sum()


@given(
    st.lists(st.integers(-62_135_596_800_000_000, 253_402_300_799_000_000), min_size=1, max_size=60).map(
        np.array
    )
)
@settings(max_examples=examples(60), deadline=None)
def test_so_does_a_histogram_of_times(values: np.ndarray) -> None:
    made = time_histogram(np.sort(values))
    assert made is not None and made.total == values.size
    assert 1 <= made.counts.size <= 50 and (made.edges[1:] > made.edges[:-1]).all()


def test_edges_are_where_people_expect_them() -> None:
    assert histogram(np.sort(DRAW.random(2_000))).edges[[0, -1]].tolist() == [0.0, 1.0]
    assert histogram(np.array([1, 2, 2, 6])).edges.tolist() == [0.5, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5]
    months = (
        np.arange("2020-01-15", "2023-01-15", dtype="datetime64[D]").astype("datetime64[us]").astype(np.int64)
    )
    edges = time_histogram(months).edges
    assert [str(np.datetime64(int(edge), "s"))[:10] for edge in edges[:2]] == ["2020-01-01", "2020-02-01"]


def test_a_far_tail_does_not_squeeze_the_rest_into_one_bin() -> None:
    made = histogram(np.sort(np.append(DRAW.normal(size=1_000), 1e9)))
    assert made.above == 1 and made.counts.max() < 200


@given(st.lists(st.integers(0, 5), max_size=50))
def test_runs_and_commonest_count_as_python_does(values: list[int]) -> None:
    distinct, counts = runs(np.sort(np.array(values, np.int64)))
    assert dict(zip(distinct.tolist(), counts.tolist(), strict=True)) == {
        value: values.count(value) for value in values
    }
    ordered = sorted(range(len(counts)), key=lambda place: (-counts[place], place))
    assert commonest(counts, 3).tolist() == ordered[:3]


def test_the_lower_bound_of_a_share_holds_in_999_of_1000_draws() -> None:
    hits = DRAW.binomial(200, 0.9, 20_000)
    assert np.mean([share_at_least(int(hit), 200) > 0.9 for hit in hits]) < 0.002
