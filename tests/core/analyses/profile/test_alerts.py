"""The alerts of the profile: what each must see, what it must leave in peace, and that its line of code does
what it says.
"""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from core.analyses.profile.analysis import ProfileSettings, profile
from core.analyses.profile.result import Profile
from core.dataset import Dataset
from core.decided import as_decided
from core.filters import Filter
from core.finding import Finding, at_or_above
from core.loading import load
from core.prepare import fixes
from core.prepare.spelling import merged_levels
from core.progress import SILENT
from core.review import Review
from core.rowset import RowSet
from core.rule_words import rule_in_words
from core.steps import settle
from tests.core.analyses.noise import noise
from tests.make import dataset

N = 400
DRAW = np.random.default_rng(3)


def made(data: Dataset | pd.DataFrame, **settings: float) -> Profile:
    return profile(data if isinstance(data, Dataset) else dataset(data), ProfileSettings(**settings), SILENT)


def found(values: object, kind: str | None = None, **roles: str) -> dict[str, Finding]:
    data = dataset(pd.DataFrame({"x": values}), kinds={"x": kind} if kind else None, **roles)
    return {finding.code: finding for finding in made(data).each}


@pytest.mark.parametrize("scale", [1.0, 777.7, 0.01237])
def test_a_column_is_clipped_to_the_bounds_that_are_printed(scale: float) -> None:
    """The title and the button rounded them, and the recipe had others with all their digits."""
    values = scale * np.random.default_rng(1).standard_t(2, 4_000)
    one = found(values)["heavy_tails"]
    data = dataset(pd.DataFrame({"x": values}))
    said = fixes.decisions(data, one)
    [effect] = settle(said, data).effects.values()
    low, high = one.settings["low"], one.settings["high"]
    column = as_decided(data, Review().say(*said)).frame(["x"])["x"]
    assert (column.min(), column.max()) == (float(low), float(high))
    printed = re.findall(r"-?[\d,.]*\d", fixes.label(one).partition("'x'")[2])
    assert [text.replace(",", "") for text in printed] == [low, high]
    assert f"below {printed[0]} or above {printed[1]}" in one.title and one.fix.endswith(
        f"clip({low}, {high})"
    )
    assert rule_in_words("clip", "", "'x'", said[0].settings) == f"Clipped 'x' to {low} to {high}"
    assert [word in effect.note for word in printed] == [True, True]
    beyond = (values < float(low)) | (values > float(high))
    assert list(one.rows) == np.flatnonzero(beyond).tolist()


def days(*wanted: int, first: str = "2024-01-01") -> pd.DatetimeIndex:
    return (pd.Timestamp(first) + pd.to_timedelta(list(wanted), unit="D")).round("s")


def put(values: object, some: object, places: slice) -> pd.Series:
    series = pd.Series(values)
    series.iloc[places] = some
    return series


SEEN = {
    "empty": ([None] * N, "all_missing", "warning", 0),
    "lognormal, n 300": (np.random.default_rng(1).lognormal(0, 1.3, 300), "skew", "info", 0),
    "skewed to the left": (-DRAW.lognormal(0, 1, N), "skew", "info", 0),
    "one far value": (put(DRAW.normal(size=N), 900.0, slice(4, 5)), "isolated_values", "warning", 1),
    "heavy in the tails": (
        np.random.default_rng(1).standard_t(2, 4_000).clip(-40, 40),
        "heavy_tails",
        "info",
        111,
    ),
    "one value by default": (
        put(np.random.default_rng(3).integers(101, 601, N), 300, slice(0, 150)),
        "spike",
        "info",
        150,
    ),
    "mostly 0, the rest far from it": (
        np.where(np.arange(N) % 4, 0.0, np.random.default_rng(3).gamma(9, 9, N)),
        "disguised_missing",
        "info",
        300,
    ),
    "many outside": (
        np.where(np.arange(N) % 8, DRAW.normal(size=N), DRAW.uniform(4, 6, N) * DRAW.choice([-1, 1], N)),
        "outlying",
        "info",
        50,
    ),
    "mostly zero": (np.where(np.arange(N) % 4, 0.0, DRAW.gamma(1.5, 9, N)), "zero_inflated", "info", 0),
    "rounded ages": (
        np.where(np.arange(N) % 3, DRAW.integers(20, 90, N), 5 * DRAW.integers(4, 18, N)),
        "heaping",
        "info",
        0,
    ),
    "three spellings": (
        ["NYC"] * 300 + ["nyc "] * 60 + ["ＮＹＣ"] * 3 + ["Oslo"] * 37,
        "variants",
        "warning",
        63,
    ),
    "case of a letter": (["f", "m", "F", "M"] * 100, "variants", "info", 200),
    "many levels": ([f"city {k}" for k in range(80)] * 5, "high_cardinality", "info", 0),
    "rare levels": (["a", "b"] * 190 + [f"rare {k // 2}" for k in range(20)], "rare_levels", "info", 20),
    "in the future": (days(*range(N - 2), 40_000, 50_000), "future_dates", "warning", 2),
    "plans": (days(*range(300), *range(40_000, 40_100)), "future_dates", "info", 100),
    "a hole in a daily series": (days(*range(200), *range(240, 440)), "gaps", "info", 2),
    "a hole in random moments": (
        days(*np.sort(np.r_[DRAW.uniform(0, 200, 200), DRAW.uniform(300, 500, 200)])),
        "gaps",
        "info",
        2,
    ),
    "the same moment": (days(*range(N - 4), 5, 5, 7, 9), "duplicate_times", "info", 7),
}


@pytest.mark.parametrize("case", SEEN)
def test_each_alert_sees_what_it_is_for(case: str) -> None:
    values, code, severity, rows = SEEN[case]
    told = found(values)
    assert set(told) == {code}
    assert (told[code].severity, len(told[code].rows)) == (severity, rows)
    assert told[code].n and told[code].value is not None and told[code].limit is not None


INNOCENT = {
    "normal": DRAW.normal(size=N),
    "normal, few": DRAW.normal(size=30),
    "flag of rare events": (DRAW.random(N) < 0.06).astype(int),
    "counts of rare events": DRAW.negative_binomial(0.3, 0.3, 3_000),
    "ages": DRAW.integers(20, 90, N),
    "small counts": DRAW.poisson(20, N),
    "in tens only": 10 * DRAW.integers(0, 90, N),
    "in tens but two": put(10 * DRAW.integers(0, 90, N), [3, 7], slice(0, 2)),
    "Fahrenheit from Celsius": np.round(DRAW.normal(15, 8, N).round() * 1.8 + 32, 1),
    "codes that mix case": DRAW.choice([a + b for a in "KLMNklmn" for b in "ABYZ"], N),
    "accents matter": ["cote", "côte", "coté", "côté"] * 100,
    "few rows per level": [f"city {k}" for k in range(45)] * 3,
    "evenly many": DRAW.choice([f"level {k}" for k in range(30)], 330),
    "business days": pd.bdate_range("2020-01-01", periods=N),
    "office hours": pd.DatetimeIndex(
        [t for t in pd.date_range("2021-03-01", periods=3_000, freq="10min") if 8 <= t.hour < 18]
    ),
    "random moments": days(*DRAW.uniform(0, 900, 3_000)),
    "birthdays": days(*DRAW.normal(0, 4_000, N).round(), first="1980-01-01"),
    "seconds of a busy day": days(*(DRAW.integers(0, 86_400, 3_000) / 86_400)),
}


@pytest.mark.parametrize("case", INNOCENT)
def test_innocent_columns_are_left_in_peace(case: str) -> None:
    assert [finding.title for finding in found(INNOCENT[case]).values()] == []


@pytest.mark.parametrize("n", [20, 100, 300, 1_000])
def test_pure_noise_gets_no_warning(n: int) -> None:
    tables = [noise(n, seed) for seed in range(6)]
    assert tables[0].shape == (n, 20)
    loud = [
        finding.title
        for table in tables
        for finding in at_or_above(made(dataset(table, time="moment")).findings, "warning")
    ]
    assert loud == []


def test_a_cause_silences_what_it_brings_about() -> None:
    assert set(found(put(DRAW.normal(20, 5, N), -999.0, slice(0, 6)))) == {"disguised_missing"}
    assert set(found(put(pd.Series(days(*range(N))), pd.Timestamp("9999-12-31"), slice(0, 5)))) == {
        "disguised_missing"
    }
    assert set(found([f"{1 + i % 28}/{1 + i % 12}/20{10 + i % 9}" for i in range(N)])) == {"date_as_text"}
    assert set(found(np.where(np.arange(N) == 7, 1e9, 0.0))) == {"quasi_constant"}


def test_the_gap_between_train_and_serve_is_the_split() -> None:
    def gap(train: pd.Series, serve: pd.Series) -> Finding | None:
        parts = [pd.DataFrame({"x": part}) for part in (train, serve)]
        each = made(dataset(parts[0], serve=parts[1], time="x")).each
        return next((f for f in each if f.code == "gaps"), None)

    whole = pd.Series(days(*range(200)))
    later = pd.Series(days(*range(260, 400)))
    split = gap(whole, later)
    assert split is not None and split.severity == "info"
    assert "where train ends and serve begins" in split.title and split.rows.ids.tolist() == [199, 200]
    holed = pd.Series(days(*range(260, 300), *range(350, 400)))
    within = gap(whole, holed)
    assert within is not None and within.severity == "warning" and "train ends" not in within.title
    assert within.rows.ids.tolist() == [239, 240], "the other gap alone"
    mixed = pd.Series(days(*range(0, 200, 2), *range(260, 400, 2)))
    both = gap(mixed, pd.Series(days(*range(1, 200, 2), *range(261, 400, 2))))
    assert both is not None and both.severity == "warning", "a gap that both parts have"


def test_roles_decide_what_is_worth_a_word() -> None:
    skewed, gappy = SEEN["lognormal, n 300"][0], SEEN["a hole in a daily series"][0]
    assert "skew" in found(skewed, target="x") and "skew" not in found(skewed, weight="x")
    assert found(gappy, time="x")["gaps"].severity == "warning"
    assert found(SEEN["the same moment"][0], time="x")["duplicate_times"].severity == "warning"
    assert not found(SEEN["many levels"][0], group="x")


def slips() -> pd.DataFrame:
    random = np.random.default_rng(0)
    rows = 400
    frame = pd.DataFrame({"it's": random.normal(50, 5, rows).round(2), "day": days(*range(rows))})
    frame["word"] = random.choice(["red", "green", "blue"], rows)
    frame.loc[[3, 4], "it's"] = [5503.1, -4000.7]
    frame.loc[5, "day"] = pd.Timestamp("2199-03-01 10:30")
    frame.loc[10:30, "word"] = [str(one) for one in range(21)]
    return frame


@pytest.mark.parametrize("strange", ["-1.5", " 7 ", "1,200", "12 %", "$7"])
def test_what_a_click_makes_missing_is_named_by_a_rule_that_takes_the_same_rows(strange: str) -> None:
    frame = slips()
    frame.loc[31, "word"] = strange
    data = dataset(frame)
    named = {finding.code: finding for finding in made(data).each if finding.action == "blank"}
    assert set(named) == {"isolated_values", "future_dates", "mixed_type"}
    for finding in named.values():
        assert finding.where and Filter.parse(finding.where).rows(data) == finding.rows


@pytest.mark.parametrize(("target", "far", "waits"), [("x", 3, True), (None, 3, False), ("x", 12, False)])
def test_rows_of_a_target_of_numbers_far_out_wait_for_a_person(
    target: str | None, far: int, waits: bool
) -> None:
    """Outliers do not look at the target: its worst rows left the queue once it was chosen. A group of them
    is mended by a rule.
    """
    values = put(np.random.default_rng(0).normal(size=N), np.linspace(900.0, 950.0, far), slice(0, far))
    one = found(values, **({"target": target} if target else {}))["isolated_values"]
    assert (one.severity, one.action, len(one.rows)) == ("warning", "blank", far)
    assert fixes.asks_for_rows(one) is waits
    assert fixes.flagged([one], ()) == (RowSet(range(far)) if waits else RowSet())


@pytest.mark.parametrize(("far", "code"), [("1985-01-01", "isolated_values"), ("2199-01-01", "future_dates")])
def test_far_dates_do_not_stretch_the_span_in_which_chance_repeats_times(far: str, code: str) -> None:
    """Two rows of 2035 made 163 repeats of 3,000 random hours, of which chance makes 165, a warning."""
    draw = np.random.default_rng(0)
    hours = pd.Timestamp("2021-01-01") + pd.to_timedelta(np.sort(draw.integers(0, 26_280, 3_000)), unit="h")
    when = hours.append(pd.DatetimeIndex([far] * 2))
    told = found(when, time="x")
    assert code in told and "duplicate_times" not in told
    each = pd.date_range("2021-01-01", periods=3_000, freq="h")
    twice = found(each.append([each[7:19], when[-2:]]), time="x")["duplicate_times"]
    assert (twice.value, twice.n, twice.noise) == (12, 3_012, 0.0), "a schedule, in which none comes twice"
    assert twice.rows == RowSet([*range(7, 19), *range(3_000, 3_012)]), (
        "the far dates are told of on their own"
    )


def test_one_time_twice_is_mended_by_dropping_the_repeat() -> None:
    when = days(*range(300))
    frame = pd.DataFrame({"when": when.append(when[:1]), "x": np.arange(301.0)})
    data = dataset(frame, time="when")
    [finding] = [finding for finding in made(data).each if finding.code == "duplicate_times"]
    assert fixes.label(finding) == "Drop 1 row with a value of 'when' that another row has", "'x' differs"
    assert list(settle(fixes.decisions(data, finding), data).dropped) == [300]


def test_limits_are_settings() -> None:
    table = pd.DataFrame(
        {"x": SEEN["lognormal, n 300"][0], "z": np.where(np.arange(300) % 4, 0.0, DRAW.gamma(1.5, 9, 300))}
    )
    assert {f.code for f in made(table).each} == {"skew", "zero_inflated"}
    assert not {f.code for f in made(table, skew=20, zeros=0.9).each} & {"skew", "zero_inflated"}
    assert {f.code for f in made(pd.DataFrame({"x": SEEN["many levels"][0]}), levels=100).each} == set()


def test_the_future_begins_after_the_day_of_loading() -> None:
    data = dataset(pd.DataFrame({"x": days(*range(N))}))
    assert made(data).each == ()
    loaded = pd.Timestamp("2024-12-01 15:00", tz="UTC").timestamp()
    os.utime(data.path, (loaded, loaded))
    (finding,) = made(data).each
    assert finding.code == "future_dates" and "loaded on 2024-12-01" in finding.title
    assert finding.rows == RowSet(range(337, N))  # from 3 December on


def test_day_and_month_in_doubt_are_told_with_how_many_would_change() -> None:
    values = pd.to_datetime([f"2021-{1 + i % 12:02d}-{1 + i % 7:02d}" for i in range(84)])
    data = dataset(pd.DataFrame({"x": values}))
    ambiguous = "Read as month/day/year, but day/month/year fits as well."
    data = replace(data, columns=(replace(data.columns[0], ambiguous=ambiguous),))
    told = {finding.code: finding for finding in made(data).each}["ambiguous_dates"]
    assert told.severity == "warning" and told.value == (values.month != values.day).sum()
    assert "day/month/year fits as well" in told.why
    frame = pd.DataFrame({"x": values})
    swapped = run(told.fix, frame)["x"]
    assert (swapped.dt.month == values.day).all() and (swapped.dt.day == values.month).all()


def test_the_reader_marks_a_column_whose_day_and_month_are_in_doubt(tmp_path: Path) -> None:
    source = tmp_path / "dates.csv"
    source.write_text("x,y\n" + "".join(f"{1 + i % 12:02d}/{1 + i % 11:02d}/2021,{i}\n" for i in range(60)))
    assert "ambiguous_dates" in {finding.code for finding in made(load(source, into=tmp_path / "home")).each}


def copies() -> pd.DataFrame:
    code = DRAW.integers(0, 12, N)
    return pd.DataFrame(
        {
            "code": code,
            "price": DRAW.normal(size=N),
            "name": np.array([f"name {k}" for k in range(12)])[(code * 5 + 3) % 12],
            "price again": np.nan,
            "flag": DRAW.random(N) < 0.5,
        }
    ).assign(**{"price again": lambda frame: frame["price"], "not flag": lambda frame: ~frame["flag"]})


def test_columns_that_repeat_another_are_named_once() -> None:
    told = {(finding.code, finding.columns) for finding in made(copies()).each}
    assert told == {
        ("renamed_columns", ("name",)),
        ("renamed_columns", ("not flag",)),
    }


def test_columns_that_agree_by_accident_or_are_the_target_are_no_copies() -> None:
    few = pd.DataFrame(
        {
            "a": [0] * 29 + [1],
            "b": [0] * 29 + [1],
            "c": np.arange(30) % 3,
            "d": DRAW.permutation(np.arange(30) % 3),
        }
    )
    assert not {f.code for f in made(few).each} & {"renamed_columns"}
    assert ("renamed_columns", ("name",)) not in {
        (f.code, f.columns) for f in made(dataset(copies(), target="name")).each
    }
    off = copies().assign(
        name=lambda frame: frame["name"].where(
            np.arange(N) != 9, frame["name"].iloc[frame["name"].ne(frame["name"].iloc[9]).argmax()]
        )
    )
    assert ("renamed_columns", ("name",)) not in {(f.code, f.columns) for f in made(off).each}


def test_excess_rows_are_counted_within_their_part() -> None:
    table = pd.DataFrame({"a": DRAW.normal(size=200), "b": DRAW.normal(size=200)})
    table = pd.concat([table, table.iloc[[3] * 50]], ignore_index=True)
    result = made(table)
    assert result.summary["duplicate_rows"] == 50
    assert "duplicate_rows" not in {f.code for f in result.findings}  # that is said by `duplicates`
    rows = pd.DataFrame({"a": DRAW.normal(size=60), "b": DRAW.normal(size=60)})
    assert made(dataset(rows, serve=rows)).summary["duplicate_rows"] == 0


def test_more_columns_than_rows() -> None:
    wide = pd.DataFrame(DRAW.normal(size=(25, 30)), columns=[f"x{i}" for i in range(30)])
    (finding,) = made(wide).findings
    assert (finding.code, finding.severity, finding.value, finding.n) == (
        "more_columns_than_rows",
        "warning",
        30,
        25,
    )


def test_more_columns_than_train_rows() -> None:
    """A model learns from train alone: title, limit and sample size are of its rows."""
    rows = pd.DataFrame(DRAW.normal(size=(40, 30)), columns=[f"x{i}" for i in range(30)])
    (finding,) = [f for f in made(dataset(rows[:25], serve=rows[25:])).findings if f.code.startswith("more_")]
    assert finding.title == "30 features and only 25 train rows"
    assert (finding.value, finding.limit, finding.n) == (30, 25, 25)
    assert not [f for f in made(dataset(rows[:35], serve=rows[35:])).findings if f.code.startswith("more_")]


def test_strangeness_puts_the_worst_first() -> None:
    table = pd.DataFrame(
        {
            "plain": DRAW.normal(size=N),
            "skewed": DRAW.lognormal(0, 2, N),
            "half gone": put(DRAW.normal(size=N), np.nan, slice(0, 60)),
            "gone": put(DRAW.normal(size=N), np.nan, slice(0, 300)),
        }
    )
    result = made(table)
    assert sorted(result.strangeness, key=result.strangeness.__getitem__) == [
        "plain",
        "skewed",
        "half gone",
        "gone",
    ]
    assert all(0 <= value <= 1 for value in result.strangeness.values())
    for odd in result.columns:  # one with the slightest note stands before all without any
        slight = Finding("skewed", "", "info", 0.01, "", "", columns=(odd.name,))
        order = result.strange_by([slight])
        assert max(order, key=order.__getitem__) == odd.name
    assert result.frame()["strangeness"].tolist() == list(result.strangeness.values())


def test_no_finding_depends_on_the_order_of_the_rows() -> None:
    table = trouble()
    order = np.random.default_rng(5).permutation(len(table))
    straight, shuffled = made(table), made(table.iloc[order].reset_index(drop=True))
    assert [(f.key, f.title, len(f.rows)) for f in straight.each] == [
        (f.key, f.title, len(f.rows)) for f in shuffled.each
    ]
    assert straight.strangeness == shuffled.strangeness


def trouble() -> pd.DataFrame:
    """A column for every alert that has a line of code, under names that code must quote with care."""
    draw = np.random.default_rng(8)
    amount = draw.normal(50, 9, N)
    table = {
        "it's empty": [None] * N,
        "lost": put(amount, np.nan, slice(0, 40)),
        "mostly lost": put(amount, np.nan, slice(0, 300)),
        "constant": ["x"] * N,
        "or missing": ["t", None] * 200,
        "nearly constant": put(["x"] * N, "y", slice(7, 9)),
        "counts up": draw.permutation(N) + 1_000,
        "infinite": put(amount, np.inf, slice(5, 6)),
        "words among numbers": put([str(i % 90) for i in range(N)], "twelve", slice(0, 80)),
        "numbers among words": put(["Oslo", "Rome"] * 200, [str(i) for i in range(30)], slice(0, 30)),
        "numbers as text": [f" {i % 85}.5" for i in range(N)],
        'money "as" text': [f"${1 + i % 90},{i % 90:03d}.50" for i in range(N)],
        "comma": [f"1.{i % 77:03d},50 €" for i in range(N)],
        "dates as text": [f"{1 + i % 28}/{1 + i % 12}/20{10 + i % 9}" for i in range(N)],
        "days as numbers": [20190101 + 100 * (i % 12) + i % 28 for i in range(N)],
        "N/A": put(["Oslo", "Rome"] * 200, "N/A ", slice(0, 9)),
        "-999": put(draw.poisson(20, N), -999, slice(0, 6)),
        "1970": put(pd.Series(days(*range(N))), pd.Timestamp(0), slice(0, 5)),
        "spellings": draw.permutation(SEEN["three spellings"][0]),
        "levels": SEEN["many levels"][0],
        "rare": SEEN["rare levels"][0],
        "skewed": draw.lognormal(0, 1.5, N),
        "skewed with 0": put(draw.lognormal(3, 1.5, N), 0.0, slice(0, 3)),
        "skewed to the left": -draw.lognormal(0, 1.5, N),
        "tails": np.random.default_rng(1).normal(size=N) ** 3,
        "default": put(np.random.default_rng(3).integers(101, 601, N), 300, slice(0, 150)),
        "far": put(draw.normal(size=N), 900.0, slice(4, 5)),
        "mostly 0": np.where(np.arange(N) % 4, 0.0, draw.gamma(1.5, 9, N)),
        "rounded": np.where(np.arange(N) % 3, draw.integers(20, 90, N), 5 * draw.integers(4, 18, N)),
        "future": SEEN["in the future"][0],
        "gap": SEEN["a hole in a daily series"][0],
        "twice": SEEN["the same moment"][0],
        "copy of lost": put(amount, np.nan, slice(0, 40)),
    }
    return pd.DataFrame(table)


def run(line: str, frame: pd.DataFrame) -> pd.DataFrame:
    """The frame after the line of code."""
    names = {"data": frame.copy(), "pd": pd}
    exec(line, names)
    return names["data"]


def test_every_line_of_code_runs_and_mends_what_it_is_for() -> None:
    table = trouble()
    each = {finding.key: finding for finding in made(table).each}
    fixed = {key: run(finding.fix, table) for key, finding in each.items() if finding.fix}
    for key, after in fixed.items():
        finding, name = each[key], each[key].columns[0]
        if finding.action == "omit" or finding.settings == {"kind": "identifier"}:
            assert list(after.columns) == [column for column in table if column != name], key
        elif finding.action == "blank" or finding.code in ("disguised_missing", "infinite"):
            assert after[name].isna()[finding.rows.ids].all() and after[name].isna().sum() == table[
                name
            ].isna().sum() + len(finding.rows), key
        elif finding.action == "read_as":
            assert after[name].isna().sum() == len(finding.rows), key
    assert {f.code for f in each.values()} == CODES
    assert fixed['number_as_text:money "as" text']['money "as" text'].iloc[1] == 2001.5
    assert fixed["number_as_text:comma"]["comma"].iloc[7] == 1007.5
    assert fixed["date_as_text:dates as text"]["dates as text"].iloc[1] == pd.Timestamp("2011-02-02")
    assert fixed["date_as_text:dates as text"]["dates as text"].iloc[16] == pd.Timestamp("2017-05-17")
    assert fixed["date_as_number:days as numbers"]["days as numbers"].iloc[13] == pd.Timestamp("2019-02-14")
    assert set(fixed["variants:spellings"]["spellings"]) == {"NYC", "Oslo"}
    assert (fixed["rare_levels:rare"]["rare"] == "other").sum() == 20
    assert (fixed["structural_missing:lost"]["lost is missing"] == table["lost"].isna()).all()
    assert (fixed["constant:or missing"]["or missing"] == table["or missing"].notna()).all()
    assert all(
        abs(fixed[f"skew:{name}"][name].skew()) < 1
        for name in ("skewed", "skewed with 0", "skewed to the left")
    )
    assert fixed["isolated_values:far"]["far"].max() < 10
    assert fixed["heavy_tails:tails"]["tails"].abs().max() < 5
    assert fixed["spike:default"]["default"].isna().sum() == 150
    assert (fixed["zero_inflated:mostly 0"]["mostly 0 is 0"] == (table["mostly 0"] == 0)).all()
    assert (fixed["heaping:rounded"]["rounded"] % 5 == 0).all()
    assert fixed["gaps:gap"]["gap after a gap"].to_numpy().nonzero()[0].tolist() == [200]
    assert fixed["duplicate_times:twice"]["twice"].is_unique


CODES = {
    "all_missing",
    "missing",
    "structural_missing",
    "constant",
    "quasi_constant",
    "identifier_like",
    "infinite",
    "mixed_type",
    "number_as_text",
    "date_as_text",
    "date_as_number",
    "disguised_missing",
    "isolated_values",
    "spike",
    "variants",
    "high_cardinality",
    "rare_levels",
    "skew",
    "heavy_tails",
    "zero_inflated",
    "heaping",
    "future_dates",
    "gaps",
    "duplicate_times",
}


@pytest.mark.parametrize("more", [[], [(9, " Town 9"), (11, "Town  11"), (13, "Town\u00a014")]])
@pytest.mark.parametrize("different", [40, 200])
def test_a_blank_at_the_end_of_one_value_is_found_among_levels_and_among_names(
    different: int, more: list[tuple[int, str]]
) -> None:
    """Of 200 towns that hardly repeat none was compared with another."""
    towns = [f"Town {at % different}" for at in range(200)]
    towns[5] = "Town 6 "
    for at, other in more:
        towns[at] = other
    found = {f.code: f for f in made(pd.DataFrame({"town": towns})).each}["variants"]
    rows = {5, *(at for at, other in more if " ".join(other.split()) in {*towns})}
    assert "'Town 6' also as 'Town 6 '" in found.title or more, "the blank is seen"
    assert set(found.rows.ids.tolist()) == rows
    mended = run(found.fix, pd.DataFrame({"town": towns}))["town"]
    assert mended[sorted(rows)].tolist() == [" ".join(towns[at].split()) for at in sorted(rows)]
    assert found.action == ("merge" if different == 40 else "tidy")


def test_names_that_differ_by_more_than_blanks_are_left_alone() -> None:
    towns = [f"Town {at}" for at in range(198)] + ["town 6", "TOWN 7"]
    assert "variants" not in {f.code for f in made(pd.DataFrame({"town": towns})).each}


def test_many_variants_are_mended_by_one_line_too() -> None:
    words = [f"word {k}" for k in range(60)]
    table = pd.DataFrame(
        {"x": [*words * 3, *[word.upper() + " " for word in words], "rock–pop", *["rock-pop"] * 5]}
    )
    finding = {f.code: f for f in made(table).each}["variants"]
    assert len(finding.fix) < 600 and len(finding.rows) == 61
    assert set(run(finding.fix, table)["x"]) == {*words, "rock-pop"}


def test_the_line_for_many_variants_does_what_the_click_does() -> None:
    """It trimmed words without a variant, too, and blanks of two widths, which the click leaves."""
    pairs = [text for k in range(60) for text in (f"Town{k}", f"Town{k}", f"town{k}")]
    alone = [f"Solo{k} " for k in range(60)]
    table = pd.DataFrame({"x": [*pairs, *alone, *alone, " ", "  ", None]})
    finding = {f.code: f for f in made(table).each}["variants"]
    assert "groupby" in finding.fix, "more than are named one by one"
    by_line = run(finding.fix, table)["x"]
    values = table["x"].value_counts()
    merged = merged_levels(pa.array(values.index.tolist()), values.to_numpy())
    by_click = table["x"].replace(merged)
    assert by_line[:180].tolist() == [f"Town{k}" for k in range(60) for _ in range(3)]
    assert by_line[180:-1].tolist() == [*alone, *alone, " ", "  "] and by_line.isna().sum() == 1
    assert by_line.dropna().tolist() == by_click.dropna().tolist()


def test_gaps_of_a_tick_are_its_other_value() -> None:
    ticks = pd.DataFrame({"x": ["t" if row % 9 == 0 else None for row in range(N)]})
    told = next(finding for finding in made(ticks).each if finding.code == "missing")
    assert told.severity == "warning" and told.action == "fill" and "yes and no" in told.suggestion
    data = ticks.copy()
    exec(told.fix, {"data": data, "pd": pd})
    assert data["x"].dtype == bool and data["x"].sum() == ticks["x"].notna().sum()


IDS = [f"A{k:05}" for k in range(300)]


def of_rows(values: object, kind: str | None = None, **roles: str) -> dict[str, Finding]:
    """What is told of the column, in rows that differ elsewhere."""
    frame = pd.DataFrame({"x": values, "y": np.arange(300.0)})
    data = dataset(frame, kinds={"x": kind} if kind else None, **roles)
    return {finding.code: finding for finding in made(data).each if finding.columns == ("x",)}


def test_an_id_that_stands_twice_is_named_with_both_rows() -> None:
    twice = put(IDS, IDS[7], slice(100, 101))
    finding = of_rows(twice, id="x")["repeated_ids"]
    assert (finding.value, finding.rows, finding.severity) == (1, RowSet([7, 100]), "warning")
    assert "1 of 300 rows repeats an id of 'x'" in finding.title and "A00007" in finding.title
    numbers = put(np.arange(300), 5, slice(100, 103))
    finding = of_rows(numbers, id="x")["repeated_ids"]
    assert (finding.value, finding.rows) == (3, RowSet([5, 100, 101, 102]))
    unknown = of_rows(put(twice, "unknown", slice(200, 220)), id="x")["repeated_ids"]
    assert unknown.rows == RowSet([7, 100]), "unknown is nobody's id"
    assert of_rows(twice, kind="identifier")["repeated_ids"].severity == "info"


def test_ids_that_name_their_rows_and_columns_that_name_other_things_are_silent() -> None:
    for values in (IDS, np.arange(300), put(IDS, None, slice(0, 40))):
        assert "repeated_ids" not in of_rows(values, id="x")
    customers = [f"A{k % 280:05}" for k in range(300)]
    assert "repeated_ids" not in of_rows(customers, kind="identifier"), "7% repeat: it names customers"
    assert "repeated_ids" not in of_rows(put(IDS, IDS[7], slice(100, 101)), group="x")


def test_an_id_column_of_which_most_rows_repeat_floods_no_review() -> None:
    finding = of_rows([f"A{k // 3:05}" for k in range(300)], id="x")["repeated_ids"]
    assert finding.value == 200 and not finding.rows and not finding.action
    assert "group role" in finding.suggestion


def test_train_and_serve_may_each_count_from_one() -> None:
    train, serve = pd.DataFrame({"x": IDS}), pd.DataFrame({"x": put(IDS, IDS[3], slice(100, 101))})
    train["y"], serve["y"] = np.arange(300.0), np.arange(300.0)
    data = dataset(train, serve=serve, id="x")
    [finding] = [one for one in made(data).each if one.code == "repeated_ids"]
    assert (finding.value, finding.rows) == (1, RowSet([303, 400])), "within serve alone"


def test_ids_that_stand_in_both_parts_are_told_once_and_not_where_each_counts_from_one() -> None:
    """Coreset alone said that ids repeat."""
    train = pd.DataFrame({"x": put(IDS, "unknown", slice(0, 9)), "y": np.arange(300.0)})
    serve = pd.DataFrame(
        {"x": [*IDS[:4], "unknown", *(f"B{k:05}" for k in range(295))], "y": np.arange(300.0)}
    )
    serve.loc[7, "x"] = IDS[20]
    found = {one.code: one for one in made(dataset(train, serve=serve, id="x")).each}
    told = found["ids_across_parts"]
    assert (told.severity, told.action, told.rows) == ("info", "", RowSet([20, 307]))
    assert told.title == "1 of 299 serve rows has an id of 'x' that train has, too, such as 'A00020'"
    assert "repeated_ids" not in found
    assert "ids_across_parts" not in {one.code for one in made(dataset(train, serve=serve)).each}
    counting = pd.DataFrame({"x": np.arange(300), "y": np.arange(300.0)})
    both = dataset(counting, serve=counting.assign(y=np.arange(300.0) + 0.5), id="x")
    assert "ids_across_parts" not in {one.code for one in made(both).each}


def test_ids_of_rows_that_stand_twice_as_a_whole_are_told_by_duplicates_alone() -> None:
    frame = pd.DataFrame({"x": IDS, "y": np.arange(300.0), "z": [None, "a", "b"] * 100})
    copied = pd.concat([frame, frame.iloc[:5]], ignore_index=True)
    assert "repeated_ids" not in {one.code for one in made(dataset(copied, id="x")).each}
    copied.loc[302, "y"] = -1.0
    [finding] = [one for one in made(dataset(copied, id="x")).each if one.code == "repeated_ids"]
    assert finding.rows == RowSet([*range(5), *range(300, 305)]), "one of them is no copy"


def test_numbers_of_one_title_are_written_alike() -> None:
    """Amounts with separators on both sides of both gaps; years without, also beside a slip."""
    amounts = np.r_[-1e9, DRAW.uniform(2_381, 199_532, N).round(), 2_381, 199_532, 269_753, 269_753]
    assert found(amounts)["isolated_values"].title == (
        "'x' has isolated values: 1 value at -1,000,000,000 or below, where 2,381 is next; 2 values at "
        "269,753 or above, where 199,532 is next"
    )
    years = np.r_[np.arange(1990, 2022), DRAW.integers(1990, 2022, N), 20211]
    assert found(years)["isolated_values"].title == (
        "'x' has isolated values: 1 value at 20211 or above, where 2021 is next"
    )


def test_values_of_which_some_are_whole_are_said_to_be_whole_numbers() -> None:
    exact = DRAW.normal(70, 12, 2_000).round(1)
    title = found(np.where(DRAW.random(2_000) < 0.5, exact.round(), exact))["heaping"].title
    assert re.fullmatch(r"\d\d(\.\d)?% of the values of 'x' are whole numbers \(10% expected\)", title)
    tens = DRAW.integers(20, 900, 2_000)
    title = found(np.where(DRAW.random(2_000) < 0.5, tens.round(-1), tens))["heaping"].title
    assert "are rounded to 10 (" in title


def test_the_share_of_rounded_values_is_that_of_all_and_the_other_is_said_beside_it() -> None:
    """The title said 44.3% of the values where 51.2% are: zeros and the commonest multiple were left out."""
    tens = DRAW.integers(20, 900, 2_000)
    values = np.r_[np.where(DRAW.random(2_000) < 0.5, tens.round(-1), tens), [0] * 300, [150] * 400]
    heap = found(values)["heaping"]
    assert heap.title.startswith(
        f"{100 * (values % 10 == 0).mean():.1f}".removesuffix(".0") + "% of the values"
    )
    others = values[(values != 0) & (values != 150)]
    share = (others % 10 == 0).mean()
    assert heap.value == pytest.approx(share)
    assert (
        f"commonest multiple, 150, which may mean something else, {100 * share:.1f}".rstrip("0.") in heap.why
    )


def number(text: str) -> float:
    return float(text.replace(",", ""))


def test_limits_as_printed_take_the_values_that_are_counted() -> None:
    """99,999.99 was "100,000 or above", and 26,234.57 was "26,235 or above"; a filter by them missed it."""
    tail = np.random.default_rng(8).uniform(10, 308, N).round(2)
    for far, text in (
        ([99_999.99], "99,999.99"),
        ([26_234.57, 99_999.99], "26,234.57"),
        ([-9_876.54], "-9,876.5"),
    ):
        column, side = np.r_[tail, far], "below" if min(far) < 0 else "above"
        title = found(column)["isolated_values"].title
        assert f"{len(far)} value{'s' * (len(far) > 1)} at {text} or {side}" in title
        within = column <= number(text) if side == "below" else column >= number(text)
        assert within.sum() == len(far)


@pytest.mark.parametrize("scale", [1e5, 1e3, 1.0, 1e-3])
def test_fences_as_printed_take_the_values_that_are_counted(scale: float) -> None:
    """Values lie beside each fence, nearer to it than four digits can tell."""
    inner = np.random.default_rng(9).standard_t(2, 10 * N)
    beside, column = np.linspace(0.999, 1.001, 100), inner
    for _ in range(2):  # what lies beside the fences moves the quartiles once
        first, third = np.quantile(column, [0.25, 0.75])
        low, high = first - 3 * (third - first), third + 3 * (third - first)
        column = np.r_[inner, low * beside, high * beside]
    column = column * scale
    finding = found(column)["heavy_tails"]
    limits = re.search(r"below (\S+) or above (\S+) \(", finding.title)
    assert limits is not None
    low, high = map(number, limits.groups())
    assert RowSet.from_mask((column < low) | (column > high)) == finding.rows and len(finding.rows) > 150


@pytest.mark.parametrize(
    "numbers",
    [
        np.random.default_rng(0).integers(10_000_000, 100_000_000, 3_000),
        np.random.default_rng(0).integers(1900_01_01, 2099_12_31, 3_000),
        np.arange(2020_01_01, 2020_01_31),  # ids: all are days, of one month
        np.arange(2020_01_01, 2020_06_01),
    ],
)
def test_numbers_of_eight_digits_are_no_days_by_chance(numbers: np.ndarray) -> None:
    assert "date_as_number" not in found(numbers)


def test_a_limit_as_printed_is_a_rounding_of_its_value() -> None:
    """67,624.62 was "67,624 or above" beside 67,625 in Review, and 334.579 "334.5 or above"; a median of
    381.41 was "at most 381.5".
    """
    tail = np.random.default_rng(8).uniform(10, 308, N).round(2)
    for far, text in ((67_624.62191208151, "67,624.6"), (9_334.579, "9,334.579")):
        title = found(np.r_[tail, far])["isolated_values"].title
        assert f"1 value at {text} or above" in title
        assert number(text) <= far and round(far, len(text.partition(".")[2])) == number(text)


CLOCK = {
    "flights": lambda draw: 100 * draw.integers(5, 24, 3_000) + draw.integers(0, 60, 3_000),
    "every five minutes": lambda draw: 100 * draw.integers(0, 24, 900) + 5 * draw.integers(0, 12, 900),
    "every ten minutes": lambda draw: 100 * draw.integers(0, 24, 900) + 10 * draw.integers(0, 6, 900),
    "with gaps and midnight": lambda draw: np.where(
        draw.random(500) < 0.1,
        [np.nan, 2_400] * 250,
        100 * draw.integers(5, 24, 500) + draw.integers(0, 60, 500),
    ),
}
NO_CLOCK = {
    "counts up to 2359": lambda draw: draw.integers(0, 2_360, 300),
    "few counts": lambda draw: draw.integers(0, 2_360, 30),
    "hundreds": lambda draw: 100 * draw.integers(0, 24, 500),
    "fifties": lambda draw: 50 * draw.integers(0, 48, 500),
    "hundreds and fifties but one": lambda draw: np.append(50 * draw.integers(0, 48, 500), 1_301),
    "rooms": lambda draw: 100 * draw.integers(1, 15, 500) + draw.integers(1, 40, 500),
    "heights of the tall": lambda draw: draw.integers(100, 160, 500),
    "small counts and one large": lambda draw: np.append(draw.integers(0, 60, 500), 1_359),
    "years": lambda draw: draw.integers(1_900, 1_960, 500),
    "lognormal": lambda draw: draw.lognormal(5, 1, 400).round().clip(0, 2_359),
    "exponential": lambda draw: draw.exponential(90, 400).round().clip(0, 1_359),
}


@pytest.mark.parametrize("kind", CLOCK)
def test_times_of_day_written_as_numbers_are_a_note(kind: str) -> None:
    values = CLOCK[kind](np.random.default_rng(4))
    note = found(values)["clock_as_number"]
    assert note.severity == "info" and "(1705 for 17:05)" in note.title
    minutes = run(note.fix, pd.DataFrame({"x": values}))["x"]
    known = ~pd.isna(values)
    assert minutes[known].tolist() == [60 * (int(x) // 100) + int(x) % 100 for x in values[known]]


@pytest.mark.parametrize(
    "codes", [{9_999: 4}, {-1: 1}, {-1: 1, 9_999: 40}, {99: 200, -9: 2}, {9_999: 1, 1e20: 1}]
)
def test_codes_for_missing_among_times_of_day_do_not_hide_what_they_are(codes: dict[float, int]) -> None:
    """Four cells of 9999, or a single -1, and nothing was said."""
    times = CLOCK["flights"](np.random.default_rng(4)).astype(float)
    times[: sum(codes.values())] = np.repeat([*codes], [*codes.values()])
    note = found(times)["clock_as_number"]
    assert f"none of its {3_000 - sum(codes.values()):,} values other than " in note.title
    minutes = run(note.fix, pd.DataFrame({"x": times}))["x"].to_numpy()
    stand_ins = np.isin(times, [*codes])
    assert np.isnan(minutes[stand_ins]).all()
    assert minutes[~stand_ins].tolist() == (times // 100 * 60 + times % 100)[~stand_ins].tolist()


@pytest.mark.parametrize("other", [[3_000.0], [2_401.0], [-1.0, 1_275.0], [np.inf]])
def test_other_numbers_beside_times_of_day_are_no_codes(other: list[float]) -> None:
    times = CLOCK["flights"](np.random.default_rng(4)).astype(float)
    times[: len(other)] = other
    assert "clock_as_number" not in found(times)


@pytest.mark.parametrize("kind", NO_CLOCK)
def test_whole_numbers_are_no_times_of_day_by_chance(kind: str) -> None:
    for seed in range(40):
        assert "clock_as_number" not in found(NO_CLOCK[kind](np.random.default_rng(seed)))
