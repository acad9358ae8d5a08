"""Missing-value codes and gross errors among numbers: few false alarms on clean columns of every kind, and
what is planted is found.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from core.analyses.profile.analysis import ProfileSettings, profile
from core.finding import Finding
from core.numerics.describe import runs
from core.numerics.isolated import isolated
from core.numerics.number_codes import codes
from core.prepare import fixes
from core.progress import SILENT
from core.rowset import RowSet
from core.run import run
from tests.examples import examples
from tests.make import dataset

Draw = np.random.Generator
Make = Callable[[Draw, int], np.ndarray]
COLUMNS = examples(120)
MOST = 0.01


def some(draw: Draw, n: int, share: float, values: np.ndarray) -> np.ndarray:
    """``values`` in this share of the rows, 0 in the others."""
    return np.where(draw.random(n) < share, values, 0)


CLEAN: dict[str, Make] = {
    "normal": lambda draw, n: draw.normal(size=n),
    "normal, one decimal": lambda draw, n: draw.normal(20, 5, n).round(1),
    "normal, whole": lambda draw, n: draw.normal(20, 5, n).round(),
    "uniform": lambda draw, n: draw.random(n),
    "uniform, two decimals": lambda draw, n: draw.random(n).round(2),
    "normal, half of it rounded to 5": lambda draw, n: np.where(
        draw.random(n) < 0.5, *((x := draw.normal(50, 9, n)).round(), (x / 5).round() * 5)
    ),
    "normal, cut off at 1% and 99%": lambda draw, n: np.clip(
        x := draw.normal(50, 9, n), *np.quantile(x, [0.01, 0.99])
    ),
    "scores up to 100": lambda draw, n: draw.normal(75, 15, n).round().clip(0, 100),
    "scores, many of them 100": lambda draw, n: draw.normal(92, 10, n).round(1).clip(0, 100),
    "scores, few of them 0": lambda draw, n: draw.normal(60, 18, n).round().clip(0, 100),
    "ages up to 90": lambda draw, n: np.floor(draw.gamma(6, 8, n)).clip(0, 90),
    "ages from 17": lambda draw, n: np.floor(draw.normal(38, 18, n)).clip(17, 99),
    "ratings 1 to 10": lambda draw, n: draw.normal(7.5, 2, n).round().clip(1, 10),
    "a scale from 1 to 3": lambda draw, n: draw.integers(1, 4, n),
    "0 and 1": lambda draw, n: (draw.random(n) < 0.1).astype(int),
    "-1, 0 and 1": lambda draw, n: draw.integers(-1, 2, n),
    "rare counts": lambda draw, n: draw.poisson(0.1, n),
    "exponential": lambda draw, n: draw.exponential(30, n),
    "exponential, whole": lambda draw, n: draw.exponential(8, n).round(),
    "binomial(100, 0.3)": lambda draw, n: draw.binomial(100, 0.3, n),
    "Poisson(2)": lambda draw, n: draw.poisson(2, n),
    "Poisson(30)": lambda draw, n: draw.poisson(30, n),
    "negative binomial(0.5)": lambda draw, n: draw.negative_binomial(0.5, 0.3, n),
    "negative binomial(5)": lambda draw, n: draw.negative_binomial(5, 0.1, n),
    "geometric": lambda draw, n: draw.geometric(0.05, n),
    "zero-inflated Poisson(3)": lambda draw, n: some(draw, n, 0.5, draw.poisson(3, n)),
    "zero-inflated negative binomial": lambda draw, n: some(draw, n, 0.6, draw.negative_binomial(1, 0.15, n)),
    "zero-inflated exponential": lambda draw, n: some(draw, n, 0.5, draw.exponential(30, n).round(2)),
    "zero-inflated gamma(2)": lambda draw, n: some(draw, n, 0.5, draw.gamma(2, 10, n)),
    "zero-inflated lognormal(1)": lambda draw, n: some(draw, n, 0.5, draw.lognormal(4, 1, n).round(2)),
}


def found(values: np.ndarray) -> bool:
    distinct, counts = runs(np.sort(values))
    return bool(codes(distinct, counts))


def apart(values: np.ndarray) -> bool:
    distinct, counts = runs(np.sort(values))
    return any(isolated(distinct, counts, float(np.median(values))))


@pytest.mark.parametrize("kind", CLEAN)
@pytest.mark.parametrize("n", [50, 300, 3_000])
def test_clean_columns_hold_no_codes(kind: str, n: int) -> None:
    alarms = sum(found(CLEAN[kind](np.random.default_rng([n, seed]), n)) for seed in range(COLUMNS))
    assert alarms <= MOST * COLUMNS


@pytest.mark.parametrize("kind", [kind for kind in CLEAN if not kind.startswith("zero")])
@pytest.mark.parametrize("n", [200, 3_000])
def test_clean_columns_hold_no_isolated_values(kind: str, n: int) -> None:
    alarms = sum(apart(CLEAN[kind](np.random.default_rng([n, seed]), n)) for seed in range(COLUMNS))
    assert alarms <= MOST * COLUMNS


@pytest.mark.parametrize("kind", ["normal", "normal, one decimal", "Poisson(30)", "zero-inflated gamma(2)"])
def test_large_clean_columns_hold_neither(kind: str) -> None:
    columns = [CLEAN[kind](np.random.default_rng([9, seed]), 100_000) for seed in range(20)]
    assert not any(found(values) for values in columns) and sum(map(apart, columns)) <= 1


def test_a_gap_in_a_heavy_tail_is_a_note_and_no_warning() -> None:
    heavy: dict[str, Make] = {
        "t3": lambda draw, n: draw.standard_t(3, n),
        "lognormal": lambda draw, n: draw.lognormal(0, 1, n),
        "Pareto(2)": lambda draw, n: draw.pareto(2, n) + 1,
    }
    for make in heavy.values():
        columns = [make(np.random.default_rng([5, seed]), 1_000) for seed in range(COLUMNS)]
        gaps = [isolated(*runs(np.sort(values)), float(np.median(values))) for values in columns]
        assert sum(any(gap and gap.loud for gap in ends) for ends in gaps) <= MOST * COLUMNS
        assert any(gap is not None for ends in gaps for gap in ends)


def raised(values: object, **roles: str) -> dict[str, Finding]:
    result = profile(dataset(pd.DataFrame({"x": values}), **roles), ProfileSettings(), SILENT)
    return {finding.code: finding for finding in result.each}


def mixed(seed: int, clean: np.ndarray, code: float, times: int) -> np.ndarray:
    """``clean`` with a code in so many places."""
    values = clean.astype(np.float64)
    values[np.random.default_rng(seed).choice(values.size, times, replace=False)] = code
    return values


def pima() -> dict[str, tuple[np.ndarray, int]]:
    """Columns like those of the Pima diabetes data, and how many 0 each has among 768 rows."""
    draw = np.random.default_rng(11)
    return {
        "glucose": (draw.normal(121, 30, 768).round().clip(44, 199), 5),
        "blood pressure": (draw.normal(72, 12, 768).round().clip(24, 122), 35),
        "skin fold": (draw.normal(29, 10, 768).round().clip(7, 99), 227),
        "insulin": (draw.lognormal(4.82, 0.69, 768).round().clip(14, 846), 374),
        "body mass": (draw.normal(32.5, 6.9, 768).round(1).clip(18.2, 67), 11),
    }


@pytest.mark.parametrize("column", pima())
def test_zeros_that_mean_missing_are_found_and_made_missing(column: str) -> None:
    clean, times = pima()[column]
    values = mixed(3, clean, 0, times)
    finding = raised(values)["disguised_missing"]
    assert finding.severity == "warning" and finding.action == "map"
    assert finding.settings == {"pairs": {"0": None}}
    assert finding.rows == RowSet(np.flatnonzero(values == 0)) and len(finding.rows) == times
    assert f"'0' ({times:,}), of 768 rows" in finding.title and "0 stands apart" in finding.why
    assert "disguised_missing" not in raised(clean)


def test_zeros_that_are_counts_stay_silent() -> None:
    pregnancies = np.repeat(
        np.arange(18), [111, 135, 103, 75, 68, 57, 50, 45, 38, 28, 24, 11, 9, 10, 2, 1, 0, 1]
    )
    assert not set(raised(pregnancies)) & {"disguised_missing", "spike", "isolated_values"}


CODES: dict[str, tuple[Make, float]] = {
    "-1 below counts": (lambda draw, n: draw.poisson(12, n), -1),
    "-1 below amounts": (lambda draw, n: draw.gamma(9, 9, n), -1),
    "9 above a scale": (lambda draw, n: draw.integers(0, 5, n), 9),
    "98 within": (lambda draw, n: draw.gamma(6, 15, n).round(1), 98),
    "99 above ages": (lambda draw, n: draw.integers(18, 70, n), 99),
    "99 within": (lambda draw, n: draw.normal(100, 30, n).round(1), 99),
    "777 above": (lambda draw, n: draw.normal(300, 60, n), 777),
    "8888 above": (lambda draw, n: draw.normal(5_000, 400, n), 8_888),
    "-9999 below": (lambda draw, n: draw.normal(15, 9, n).round(1), -9_999),
    "1e20 above": (lambda draw, n: draw.normal(15, 9, n), 1e20),
    "32767 above": (lambda draw, n: draw.normal(900, 90, n).round(), 32_767),
    "99 above wide whole numbers": (lambda draw, n: draw.normal(50, 9, n).round(), 99),
    "9 below wide whole numbers": (lambda draw, n: draw.normal(50, 9, n).round(), 9),
    "100 above wide whole numbers": (lambda draw, n: draw.normal(50, 9, n).round(), 100),
    "98 above, one decimal": (lambda draw, n: draw.normal(50, 9, n).round(1), 98),
    "99 within whole numbers": (lambda draw, n: draw.normal(80, 12, n).round(), 99),
    "150, which nobody uses": (lambda draw, n: draw.normal(50, 9, n).round(1), 150),
}


@pytest.mark.parametrize("case", CODES)
@pytest.mark.parametrize("n", [200, 5_000])
def test_codes_at_an_end_or_within_are_found(case: str, n: int) -> None:
    make, code = CODES[case]
    seen = []
    for seed in range(20):
        values = mixed(seed, make(np.random.default_rng([n, seed]), n), code, n // 10)
        distinct, counts = runs(np.sort(values))
        seen.append([float(distinct[found.place]) for found in codes(distinct, counts)] == [code])
    assert np.mean(seen) >= 0.95


@pytest.mark.parametrize(
    ("n", "times", "code", "digits"),
    [
        (2_000, 100, 99, 0),
        (10_000, 500, 99, 0),
        (2_000, 20, 99, 0),
        (2_000, 100, 9, 0),
        (10_000, 1_000, 9, 0),
        (2_000, 200, 9, 0),
        (400, 40, 9, 0),
        (2_000, 30, 98, 1),
        (2_000, 30, 99, 1),
        (100_000, 300, 99, 0),
        (2_000, 60, 100, 0),
    ],
)
def test_a_code_at_the_end_of_a_wide_column_is_found(n: int, times: int, code: float, digits: int) -> None:
    for seed in range(10):
        values = mixed(seed, np.random.default_rng([n, seed]).normal(50, 9, n).round(digits), code, times)
        distinct, counts = runs(np.sort(values))
        assert [float(distinct[one.place]) for one in codes(distinct, counts)] == [code]


@pytest.mark.parametrize("levels", [2, 3, 4, 5, 7])
@pytest.mark.parametrize("code", [99, 999, 9_999, -9, -99])
@pytest.mark.parametrize("share", [0.02, 0.053, 0.1])
def test_a_code_beside_a_scale_of_few_whole_numbers_is_found(levels: int, code: int, share: float) -> None:
    """999 in 5.3% of a column of 1, 2 and 3 was left in peace, as three values were too few for a rest."""
    clean = np.random.default_rng([levels, 2]).integers(1, levels + 1, 400)
    values = mixed(3, clean, code, round(share * 400))
    finding = raised(values)["disguised_missing"]
    assert (finding.severity, finding.settings) == ("warning", {"pairs": {str(code): None}})
    assert finding.rows == RowSet(np.flatnonzero(values == code))
    assert "disguised_missing" not in raised(clean)


def test_answers_beside_a_scale_that_may_be_meant_are_no_codes() -> None:
    """Prices such as 5, 9 and 99 had a click that made the 99 missing."""
    amounts = ([5, 9, 99], [1, 5, 10, 99], [0, 1, 99.9], [0, 10, 88], [2, 3, 99], [0, 2, 99], [1, 2, 4, 999])
    for levels in ([-1, 0, 1], [1, 2, 9], [0, 1, 100], [1, 2, 50, 99], [0.5, 1, 99], *amounts):
        assert "disguised_missing" not in raised(np.repeat(levels, [300, 80, 20, 20][: len(levels)]))
    assert "disguised_missing" not in raised(np.repeat([1, 2, 99], [20, 20, 200]))  # what it is about
    both = raised(np.repeat([1, 2, 98, 99], [200, 90, 10, 7]))["disguised_missing"]
    assert len(both.rows) == 17


def test_a_code_at_an_end_is_a_warning_also_with_a_stray_value_beside_it() -> None:
    values = mixed(1, np.random.default_rng(1).normal(50, 9, 2_000).round(), 99, 100)
    values[np.flatnonzero(values != 99)[0]] = 92
    finding = raised(values)["disguised_missing"]
    assert finding.severity == "warning" and finding.rows == RowSet(np.flatnonzero(values == 99))
    assert "They stand apart" in finding.why


def test_the_commonest_value_of_honest_numbers_is_no_code() -> None:
    """9 o'clock, and what most subscribers pay, are what occurs most; no chance and no code made them so."""
    draw = np.random.default_rng(3)
    hours = np.r_[np.full(400, 9), draw.integers(0, 24, 803)]
    paid = np.r_[np.full(501, 99), draw.integers(20, 400, 710)]
    for values in (hours, paid):
        assert "disguised_missing" not in set(raised(values.astype(float)))


def test_a_cap_is_no_code() -> None:
    for at in (62, 68, 74):
        ages = np.random.default_rng(at).normal(50, 9, 5_000).round().clip(None, at)
        assert not set(raised(ages)) & {"disguised_missing", "isolated_values", "spike"}


def test_a_0_to_which_others_are_rounded_is_no_code() -> None:
    draw = np.random.default_rng(2)
    income = draw.lognormal(6, 0.7, 10_000)
    income = np.where(draw.random(10_000) < 0.5, (income / 100).round() * 100, income.round())
    assert (income == 0).sum() >= 3 and "disguised_missing" not in raised(income)


def test_two_codes_beside_each_other_are_both_found() -> None:
    values = np.random.default_rng(1).integers(18, 70, 500)
    values[:30], values[30:50] = 99, 98
    finding = raised(values)["disguised_missing"]
    assert len(finding.rows) == 50 and "'98' (20), '99' (30)" in finding.title


def test_a_spike_within_is_a_note_with_its_rows() -> None:
    values = mixed(4, np.random.default_rng(4).normal(14, 3, 5_000).round(1), 12.3, 400)
    finding = raised(values)["spike"]
    assert (finding.severity, finding.rows) == ("info", RowSet(np.flatnonzero(values == 12.3)))
    assert "exactly 12.3 in" in finding.title and finding.value > finding.limit > finding.noise


def test_codes_of_numbers_beyond_floats_and_of_identifiers() -> None:
    big = np.random.default_rng(0).integers(2**53, 2**53 + 2_000, 400)
    assert not set(raised(big)) & {"disguised_missing", "isolated_values"}
    ids = np.append(np.arange(1_000, 1_400), [9_999] * 3)
    assert "disguised_missing" not in raised(ids, id="x")


def diamonds(n: int = 5_000) -> dict[str, np.ndarray]:
    """Columns like x, y and z of the diamonds of ggplot2: sizes in millimetres with a few slips."""
    draw = np.random.default_rng(7)
    x = draw.lognormal(1.73, 0.19, n).clip(3.73, 10.74).round(2)
    y, z = (x * draw.normal(1, 0.01, n)).round(2), (x * draw.normal(0.617, 0.02, n)).round(2)
    x[:8], y[:7], z[:20] = 0, 0, 0
    y[[100, 200]], z[300] = [58.9, 31.8], 31.8
    return {"x": x, "y": y, "z": z}


def test_gross_errors_of_the_diamonds_are_found() -> None:
    columns = diamonds()
    for name, zeros, errors in (("x", 8, []), ("y", 7, [100, 200]), ("z", 20, [300])):
        told = raised(columns[name])
        assert (told["disguised_missing"].severity, len(told["disguised_missing"].rows)) == ("warning", zeros)
        if errors:
            assert told["isolated_values"].severity == "warning"
            assert told["isolated_values"].rows == RowSet(errors)
    assert "2 values at 31.8 or above" in raised(columns["y"])["isolated_values"].title


@pytest.mark.parametrize("n", [200, 5_000])
def test_errors_of_a_unit_or_a_decimal_point_are_found_at_both_ends(n: int) -> None:
    seen = []
    for seed in range(20):
        draw = np.random.default_rng([n, seed])
        values = draw.normal(1_013, 8, n).round(1)
        values[[3, 4]], values[9] = values[[3, 4]] * 5.4, values[9] / 10
        finding = raised(values).get("isolated_values")
        seen.append(
            finding is not None and finding.severity == "warning" and finding.rows == RowSet([3, 4, 9])
        )
    assert np.mean(seen) >= 0.95


GROUPS = [(8_000, 6), (8_000, 60), (8_000, 100), (8_000, 300), (8_000, 400)]
GROUPS += [(100_000, 50), (1_000, 12), (200, 4), (200, 8)]


def grouped(seed: int, n: int, errors: int) -> np.ndarray:
    """Pressures, of which the last are near 5,503, all different."""
    draw = np.random.default_rng([n, errors, seed])
    return np.append(draw.normal(1_013, 8, n - errors), draw.normal(5_503, 8, errors))


@pytest.mark.parametrize(("n", "errors"), GROUPS)
def test_a_group_far_out_is_a_warning_with_its_rows(n: int, errors: int) -> None:
    for values in (grouped(1, n, errors), -grouped(2, n, errors).round(1)):
        finding = raised(values)["isolated_values"]
        assert (finding.severity, finding.action) == ("warning", "blank")
        assert finding.rows == RowSet(np.arange(n - errors, n))
        assert f"{errors:,} values at" in finding.title and "heavy_tails" not in raised(values)


def test_groups_at_both_ends_do_not_hide_each_other() -> None:
    draw = np.random.default_rng(3)
    values = np.concatenate([draw.normal(1_013, 8, 900), draw.normal(5_503, 8, 45), draw.normal(-9, 3, 40)])
    assert raised(values)["isolated_values"].rows == RowSet(np.arange(900, 985))


def test_a_second_population_or_more_than_one_in_twenty_is_no_warning() -> None:
    draw = np.random.default_rng(5)
    for far in (5, 8, 10, 12):
        for n in (1_000, 20_000):
            values = np.append(draw.normal(size=n), draw.normal(far, 1, n // 33))
            assert raised(values).get("isolated_values", None) is None, (far, n)
    many = np.append(draw.normal(1_013, 8, 900), draw.normal(5_503, 8, 100))
    assert "isolated_values" not in raised(many)
    fees = np.append(np.zeros(2_000), draw.normal(5_000, 8, 80))  # most have none: no error
    assert "isolated_values" not in raised(fees)


def test_isolated_values_do_not_depend_on_order_sign_or_unit() -> None:
    values = np.append(np.random.default_rng(2).normal(size=500), [30.0, 31.0])
    low, high = isolated(*runs(np.sort(values)), float(np.median(values)))
    assert low is None and high is not None and high.values == 2 and high.heavy
    low, other = isolated(*runs(np.sort(-1_000 * values)), -1_000 * float(np.median(values)))
    assert other is None and low is not None and low.nearest == -1_000 * high.nearest
    assert low.ratio == pytest.approx(high.ratio) and low.limit == high.limit


def test_isolated_values_beside_codes_are_named_without_them() -> None:
    draw = np.random.default_rng(6)
    values = np.concatenate([draw.normal(5, 1, 2_000), [25.0], np.full(12, 999.0)])
    isolated_values = raised(values)["isolated_values"]
    assert isolated_values.rows == RowSet([2_000]) and "1 value at 25 or above" in isolated_values.title
    data = pd.DataFrame({"x": values})
    scope = {"data": data}
    exec(isolated_values.fix, scope)  # the line of code does what the button does
    assert data["x"].isna().to_numpy().nonzero()[0].tolist() == [2_000]


@pytest.mark.parametrize("errors", [[80, 500], [30, 80, 500], [9_000, 80], [-80, -500]])
def test_gross_errors_of_any_size_do_not_hide_each_other(errors: list[float]) -> None:
    values = np.append(np.random.default_rng(8).normal(5, 1, 500), errors)
    finding = raised(values)["isolated_values"]
    assert finding.severity == "warning" and finding.rows == RowSet(np.arange(500, values.size))


@pytest.mark.parametrize(
    ("errors", "code"),
    [
        ([80], 99),
        ([80, 60], 99),
        ([500], 99),
        ([500, 80], 99),
        ([-300], 99),
        ([80], 150),
        ([-80], -99),
        ([], 0),
    ],
)
def test_gross_errors_beside_a_code_hide_neither(errors: list[float], code: float) -> None:
    """One 80 between 500 values of about 5 and twelve 99: 99 lies neither far from 80 nor beyond a gap."""
    middle = 50 if code == 0 else 5
    clean = np.random.default_rng(8).normal(middle, middle / 5, 500)
    values = np.concatenate([clean, errors if code else [900.0], np.full(12, float(code))])
    both = raised(values)
    wrong = errors if code else [900.0]
    assert both["disguised_missing"].rows == RowSet(np.arange(500 + len(wrong), values.size))
    assert both["isolated_values"].rows == RowSet(np.arange(500, 500 + len(wrong)))
    assert both["isolated_values"].severity == both["disguised_missing"].severity == "warning"


def test_a_few_zeros_of_amounts_with_a_long_tail_are_a_note() -> None:
    """15 of 10,000 loans on which nothing was paid back yet, where 40 is next; 35 blood pressures of 0."""
    draw = np.random.default_rng(4)
    paid = np.append(draw.lognormal(7, 1, 9_985).clip(40).round(2), np.zeros(15))
    assert all(one.severity == "info" for code, one in raised(paid).items() if code == "disguised_missing")
    pressure = np.append(draw.normal(72, 12, 733).clip(24).round(), np.zeros(35))
    assert raised(pressure)["disguised_missing"].severity == "warning"


def test_a_gap_that_hardly_reaches_beyond_the_others_is_no_alarm() -> None:
    """Clock times up to 2359 and a few at 2400; balances up to a ceiling that some reach: no gross errors."""
    draw = np.random.default_rng(3)
    clock = draw.integers(5, 24, 20_000) * 100 + draw.integers(0, 60, 20_000)
    seats = np.append(draw.normal(150, 60, 3_000).clip(2, 400).round(), 450)
    balances = np.append(draw.uniform(0, 39_300, 10_000).round(2), [40_000] * 2)
    for values in (np.append(clock, [2400, 2400, 2400]), balances):
        assert "isolated_values" not in raised(values)
    assert all(one.severity == "info" for code, one in raised(seats).items() if code == "isolated_values")
    assert raised(np.append(seats, 1_500))["isolated_values"].severity == "warning"


def test_isolated_values_in_too_few_values_are_left_in_peace() -> None:
    for values in (np.zeros(0), np.array([1.0]), np.array([1.0, 2.0, 900.0])):
        assert isolated(*runs(values), 1.0) == (None, None)
    assert "isolated_values" not in raised(np.append(np.arange(60) % 7, 900))
    assert "isolated_values" not in raised(np.append(np.random.default_rng(0).normal(size=60), 900.0))


def test_a_click_on_whole_numbers_beyond_a_float_takes_their_rows() -> None:
    numbers = np.r_[np.random.default_rng(0).integers(0, 100, 400), 123456789012345678]
    data = dataset(pd.DataFrame({"x": numbers}))
    [found] = [one for one in run("profile", data).findings if one.code == "isolated_values"]
    [blank] = fixes.decisions(data, found)
    assert blank.rows == found.rows and found.rows.ids.tolist() == [400]
