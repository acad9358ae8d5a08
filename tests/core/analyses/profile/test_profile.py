"""The profile: exact figures, a truth table of its alerts, and silence on noise."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from core.analyses.profile.analysis import ProfileSettings, profile
from core.analyses.profile.result import Profile
from core.dataset import Dataset
from core.dataset.column import Column
from core.dataset.split import PartSplit
from core.decided import as_decided
from core.decision import Decision
from core.errors import ColumnError
from core.finding import Finding, at_or_above
from core.prepare.read_as_missing import read_as_missing
from core.progress import SILENT
from core.review import Review
from core.rowset import RowSet
from tests.make import dataset

N = 400
DRAW = np.random.default_rng(1)


def made(data: Dataset | pd.DataFrame, **settings: float) -> Profile:
    return profile(data if isinstance(data, Dataset) else dataset(data), ProfileSettings(**settings), SILENT)


def alarms(values: object, kind: str | None = None, **roles: str) -> dict[str, Finding]:
    data = dataset(pd.DataFrame({"x": values}), kinds={"x": kind} if kind else None, **roles)
    return {finding.code: finding for finding in made(data).findings}


def with_some(values: object, some: object, places: slice) -> pd.Series:
    series = pd.Series(values, dtype=object)
    series.iloc[places] = some
    return series


def test_the_limit_of_a_near_constant_column_is_the_one_that_its_severity_follows_from() -> None:
    for others, severity, limit in ((40, "info", 0.95), (5, "warning", 0.99)):
        found = alarms(np.where(np.arange(2000) < others, "y", "x"))["quasi_constant"]
        assert (found.severity, found.limit) == (severity, limit)


def test_figures_of_a_number_column() -> None:
    values = pd.Series(DRAW.normal(5, 3, 1_000)).round(2)
    values[[3, 8]] = np.nan
    values[[5, 6]] = [np.inf, -np.inf]
    values[9] = 0.0
    column = made(pd.DataFrame({"x": values})).column("x")
    finite = values[np.isfinite(values)]
    assert (column.missing, column.infinite, column.distinct) == (2, 2, values.nunique())
    assert (column.zeros, column.negatives) == ((values == 0).sum(), (values < 0).sum())
    assert column.mean == pytest.approx(finite.mean()) and column.std == pytest.approx(finite.std())
    assert column.quantile(0.95) == pytest.approx(finite.quantile(0.95), rel=1e-14)
    assert [row for row, _ in column.smallest][:2] == [6, int(finite.idxmin())] and column.largest[0] == (
        5,
        "inf",
    )
    assert dict(column.top) == {
        f"{v:g}": c for v, c in Counter(values.dropna()).items() if f"{v:g}" in dict(column.top)
    }
    assert [count for _, count in column.top] == sorted(Counter(values.dropna()).values(), reverse=True)[:10]
    assert column.histogram.total == len(finite) and not column.quantiles.flags.writeable


def test_figures_of_text_flag_and_time_columns() -> None:
    frame = pd.DataFrame(
        {
            "word": ["bb", "a", None, "bb", "üüü"],
            "flag": pd.array([True, False, True, True, None], dtype="boolean"),
            "when": pd.to_datetime(["2024-01-03", "2024-01-01", None, "2024-01-02", "2024-01-02"]),
        }
    )
    result = made(frame)
    word, flag, when = result.columns
    assert (word.top, word.lengths, word.distinct) == ((("bb", 2), ("a", 1), ("üüü", 1)), (1.0, 2.0, 3.0), 3)
    assert (word.smallest[0], word.largest[0]) == ((1, "a"), (4, "üüü"))
    assert flag.top == (("True", 3), ("False", 1)) and flag.mean == 0.75
    assert (when.smallest[0], when.largest[0]) == ((1, "2024-01-01"), (0, "2024-01-03"))
    assert when.quantile(0.5) == pd.Timestamp("2024-01-02").timestamp() and when.histogram.total == 4
    assert result.frame()[["first", "last"]].iloc[2].tolist() == ["2024-01-01", "2024-01-03"]
    assert result.summary["missing_cells"] == 3 and result.rows() is None


def test_whole_numbers_beyond_floats_keep_their_digits() -> None:
    column = made(pd.DataFrame({"x": [2**53 + 1, 2**53, 2**53 + 1]})).column("x")
    assert column.distinct == 2 and column.top[0] == (str(2**53 + 1), 2)


def test_duplicates_are_counted_as_excess_rows() -> None:
    frame = pd.DataFrame({"a": [1] * 51 + [2, 3], "b": ["x"] * 53})
    assert made(frame).duplicates == 50
    assert made(frame.assign(c=range(53))).duplicates == 0


def test_parts_are_counted_apart_and_the_worse_one_decides() -> None:
    train, serve = pd.DataFrame({"x": np.arange(900.0)}), pd.DataFrame({"x": [np.nan] * 60 + [*range(40)]})
    result = made(dataset(train, serve=serve))
    assert result.column("x").missing_by_part == (0, 60) and result.parts == (("train", 900), ("serve", 100))
    (finding,) = result.findings
    assert finding.severity == "critical" and finding.value == 0.6
    assert finding.title == "'x' is missing in 60% of serve (60 of 100 rows; train 0%)"
    assert (finding.measure_in_words, finding.n) == ("share of missing values in serve", 100)


@pytest.mark.parametrize("served, severity", [(2, "info"), (3, "warning")])
def test_a_warning_about_missing_cells_takes_three_of_the_part_that_decides(
    served: int, severity: str
) -> None:
    """Many in the other part, which has fewer for its rows, do not make up for it."""
    gaps = np.arange(1_000.0)
    gaps[:20] = np.nan
    serve = pd.DataFrame({"x": [np.nan] * served + [*range(20 - served)]})
    (finding,) = made(dataset(pd.DataFrame({"x": gaps}), serve=serve)).findings
    assert (finding.severity, finding.value) == (severity, served / 20)


@pytest.mark.parametrize(
    "lost, title, measure, value, n, rows",
    [
        ((20, 5), "5% of train (20 of 400 rows; serve 10%, 5 rows)", "in train", 0.05, 400, 20),
        ((0, 5), "10% of serve (5 of 50 rows; train 0%)", "in serve", 0.1, 50, 5),
    ],
)
def test_rows_without_the_target_are_one_number_of_one_part(
    lost: tuple[int, int], title: str, measure: str, value: float, n: int, rows: int
) -> None:
    parts = []
    for size, gaps in zip((400, 50), lost, strict=True):
        y = pd.Series(np.arange(size) % 2 + 0.0)
        y[:gaps] = np.nan
        parts.append(pd.DataFrame({"x": np.arange(size) + 0.5, "y": y}))
    data = dataset(parts[0], serve=parts[1], target="y")
    (finding,) = [one for one in made(data).findings if one.code == "missing"]
    assert finding.title == f"'y' is missing in {title}"
    share = f"share of missing values {measure}"
    assert (finding.measure_in_words, finding.value, finding.n) == (share, value, n)
    assert len(finding.rows) == rows


def test_gaps_that_another_column_decides_are_counted_among_all_rows() -> None:
    """The share that alarms is that of serve alone, where it is known that they have a reason."""
    rng = np.random.default_rng(0)
    parts = []
    for size, share in ((900, 0.1), (300, 0.5)):
        kind = np.where(rng.random(size) < share, "none", "some")
        parts.append(pd.DataFrame({"kind": kind, "x": np.where(kind == "none", np.nan, rng.random(size))}))
    (finding,) = [f for f in made(dataset(parts[0], serve=parts[1])).findings if "missing" in f.code]
    gone = sum(int(part["x"].isna().sum()) for part in parts)
    assert finding.code == "structural_missing" and f"({gone:,} of 1,200 rows, " in finding.title
    aimed = made(dataset(parts[0], serve=parts[1], target="x"))
    [told] = [f for f in aimed.findings if f.code == "structural_missing"]
    of_train = int(parts[0]["x"].isna().sum())
    assert told.title.endswith(f"; {of_train} of them in train") and len(told.rows) == of_train


@pytest.mark.parametrize(
    "cells, told",
    [
        ([2013] * 60, "'x' is constant: '2013' in all 60 values"),
        ([2013] * 60 + [None] * 40, "'x' is constant: '2013' in all 60 values (100 rows)"),
    ],
)
def test_a_constant_says_once_how_many_rows_there_are(cells: list[int | None], told: str) -> None:
    titles = {f.code: f.title for f in made(dataset(pa.table({"x": cells, "y": range(len(cells))}))).findings}
    assert titles["constant"] == told


def test_memory_bounded_reading_gives_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    data = dataset(
        pd.DataFrame({"x": DRAW.random(50), "w": list("ab" * 25)}),
        split=PartSplit("value", column="w", value="b"),
    )
    held = made(data)
    monkeypatch.setattr(Dataset, "fits_memory", property(lambda self: False))
    pd.testing.assert_frame_equal(made(data).frame(), held.frame())
    assert held.parts == (("train", 25), ("serve", 25))


MESSY = {
    "missing a little": (with_some(DRAW.random(N), None, slice(0, 2)), "missing", "info", 2),
    "missing": (with_some(DRAW.random(N), None, slice(0, 40)), "missing", "warning", 40),
    "missing mostly": (with_some(DRAW.random(N), None, slice(0, 300)), "missing", "critical", 300),
    "constant": (["x"] * N, "constant", "warning", 0),
    "constant in few": (["x"] * 12, "constant", "info", 0),
    "constant or missing": (["t", None] * 200, "constant", "info", 0),
    "nearly constant": (with_some(["x"] * N, "y", slice(7, 9)), "quasi_constant", "warning", 2),
    "counting up": (np.random.default_rng(2).permutation(N) + 1000, "identifier_like", "warning", 0),
    "unique text": ([f"c{i}" for i in range(N)], "identifier_like", "info", 0),
    "one infinity": (with_some(DRAW.random(N), np.inf, slice(5, 6)).astype(float), "infinite", "warning", 1),
    "numbers and words": (
        with_some([str(i % 90) for i in range(N)], "twelve", slice(0, 80)),
        "mixed_type",
        "warning",
        80,
    ),
    "numbers but one": (
        with_some([str(i % 90) for i in range(N)], "12a", slice(0, 1)),
        "number_as_text",
        "warning",
        1,
    ),
    "money": ([f"${1 + i % 90},{i % 90:03d}.50" for i in range(N)], "number_as_text", "warning", 0),
    "levels in digits": (["1", "2", "3", "4"] * 100, "number_as_text", "info", 0),
    "dates": ([f"{1 + i % 28}/{1 + i % 12}/20{10 + i % 9}" for i in range(N)], "date_as_text", "warning", 0),
    "days as numbers": (
        with_some(
            [20190101 + 10_000 * (i % 3) + 100 * (i % 12) + i % 28 for i in range(N)], 20190230, slice(0, 4)
        ),
        "date_as_number",
        "warning",
        4,
    ),
    "a number for each day": (
        [int(f"{day:%Y%m%d}") for day in pd.date_range("2019-11-20", periods=N)],
        "date_as_number",
        "warning",
        0,
    ),
    "word for missing": (
        with_some(["Oslo", "Rome"] * 200, "N/A ", slice(0, 9)),
        "disguised_missing",
        "warning",
        9,
    ),
    "perhaps missing": (
        with_some(["Oslo", "Rome"] * 200, "unknown", slice(0, 9)),
        "disguised_missing",
        "info",
        9,
    ),
    "lonely -999": (
        with_some(DRAW.normal(20, 5, N), -999.0, slice(0, 6)).astype(float),
        "disguised_missing",
        "warning",
        6,
    ),
    "lonely 9999": (
        with_some(DRAW.poisson(20, N), 9999, slice(0, 6)).astype(int),
        "disguised_missing",
        "warning",
        6,
    ),
    "spike at -1": (
        with_some(np.arange(N), -1, slice(0, 200)).astype(int),
        "disguised_missing",
        "warning",
        200,
    ),
    "lonely 1970": (
        with_some(pd.date_range("2020", periods=N), pd.Timestamp(0), slice(0, 5)).astype("datetime64[us]"),
        "disguised_missing",
        "warning",
        5,
    ),
}


@pytest.mark.parametrize("case", MESSY)
def test_each_alert_sees_what_it_is_for(case: str) -> None:
    values, code, severity, rows = MESSY[case]
    found = alarms(values)
    assert code in found, list(found)
    assert (found[code].severity, len(found[code].rows)) == (severity, rows)
    assert set(found) - {code} <= {"missing"}
    assert found[code].value is not None and found[code].limit is not None


INNOCENT = {
    "wide whole numbers": DRAW.integers(0, 10**6, N),
    "labels -1, 0, 1": DRAW.choice([-1, 0, 1], N),
    "from -1 on": DRAW.integers(-1, 12, N),
    "999 among its like": DRAW.integers(0, 1_100, 4_000),
    "country codes with NA": DRAW.choice([a + b for a in "ABCDEFGN" for b in "AXYZ"], 2_000),
    "hexadecimal codes": [f"{value:06x}" for value in DRAW.integers(0, 16**6, N)],
    "one letter or digit": DRAW.choice(list("ABC123"), N),
    "postcodes": [f"{value:05d}" for value in DRAW.integers(1_000, 99_999, N)],
    "versions": [f"{a}.{b}.{c}" for a, b, c in DRAW.integers(0, 12, (N, 3))],
    "nine in ten alike": DRAW.choice(["no", "yes"], 200, p=[0.9, 0.1]),
    "plus and minus": DRAW.choice(["+", "-"], N),
    "stamps": pd.date_range("2020", periods=N, freq="h"),
}


@pytest.mark.parametrize("case", INNOCENT)
def test_innocent_columns_get_no_warning(case: str) -> None:
    assert [f.title for f in at_or_above(tuple(alarms(INNOCENT[case]).values()), "warning")] == []


def test_a_code_among_codes_is_no_word_for_missing_unless_it_stands_out() -> None:
    codes = [a + b for a in "ABN" for b in "AXY"]
    assert "disguised_missing" not in alarms(codes * 20)
    assert alarms(codes * 20 + ["NA"] * 30)["disguised_missing"].severity == "info"


@pytest.mark.parametrize(("values", "code"), [([1.0, None, None], "missing"), ([None] * 3, "all_missing")])
def test_words_that_the_reader_took_as_missing_are_one_finding(values: list[float | None], code: str) -> None:
    data = dataset(pd.DataFrame({"x": pd.Series(values * 20, dtype="float64")}))
    told = replace(data, columns=(Column("x", "numeric", "double", "text", null_tokens=(("NA", 40),)),))
    (found,) = [f for f in made(told).findings if f.code.endswith("missing")]
    assert found.code == code and "Read as missing, of all rows as loaded: 'NA' (40);" in found.suggestion


def test_how_many_cells_were_read_as_missing_is_said_of_all_rows_as_loaded() -> None:
    """'NA' (3,299) stood within a finding of 332 rows, those that decisions had left."""
    data = dataset(pd.DataFrame({"x": [1.0, None, None] * 20}))
    told = replace(data, columns=(replace(data["x"], null_tokens=(("NA", 40),)),))
    left = as_decided(told, Review().say(Decision("drop", RowSet(range(45)))))
    (found,) = [f for f in made(left).findings if f.code == "missing"]
    assert len(found.rows) == 10 and found.suggestion.endswith(
        "Read as missing, of all rows as loaded: 'NA' (40); if 'NA' is a real value, load 'x' as text."
    )


def test_of_several_words_read_as_missing_one_may_be_a_value() -> None:
    column = Column("x y", "numeric", "double", "text", null_tokens=(("NA", 40), ("?", 2)))
    assert read_as_missing(column) == (
        " Read as missing, of all rows as loaded: 'NA' (40), '?' (2); if one of these is a real value, load "
        "'x y' as text."
    )


def test_codes_left_in_the_text_count_without_those_that_were_read_as_missing() -> None:
    words = ["a", "b", "a", "b", "unknown", None] * 20
    data = dataset(pd.DataFrame({"x": words}))
    told = replace(data, columns=(replace(data["x"], null_tokens=(("NA", 20),)),))
    found = {finding.code: finding for finding in made(told).findings}
    hidden = found["disguised_missing"]
    assert hidden.value == len(hidden.rows) == 20 and "'NA'" not in hidden.title
    assert len(found["missing"].rows) == 20 and not len(found["missing"].rows & hidden.rows)
    assert "'NA' (20)" in found["missing"].suggestion


def test_gaps_that_another_column_decides_still_say_what_was_read_as_missing() -> None:
    frame = pd.DataFrame({"sort": ["a", "b"] * 100, "x": [1.5, None] * 100})
    data = dataset(frame.assign(x=frame["x"] * (1 + np.arange(200))))
    told = replace(data, columns=(data["sort"], replace(data["x"], null_tokens=(("NA", 100),))))
    found = next(f for f in made(told).findings if f.code == "structural_missing")
    assert "Read as missing, of all rows as loaded: 'NA' (100)" in found.suggestion


def test_roles_spare_a_column() -> None:
    unique = np.arange(N)
    assert "identifier_like" not in alarms(unique, id="x")
    assert "quasi_constant" not in alarms(with_some(["x"] * N, "y", slice(0, 4)), target="x")


def test_limits_are_settings() -> None:
    frame = pd.DataFrame({"x": with_some(DRAW.random(N), None, slice(0, 40)).astype(float)})
    assert made(frame).findings[0].severity == "warning"
    assert made(frame, missing=0.2).findings[0].severity == "info"
    assert made(frame, bins=5).column("x").histogram.counts.size <= 5


def test_many_columns_alike_become_one_finding() -> None:
    frame = pd.DataFrame(
        {f"c{i}": with_some(DRAW.random(N), None, slice(0, 40 + i)).astype(float) for i in range(8)}
    )
    result = made(frame.assign(row=DRAW.random(N)))
    (finding,) = result.findings
    assert finding.columns == tuple(f"c{i}" for i in range(7, -1, -1)) and finding.rows == RowSet(range(47))
    assert [f.columns for f in result.each if "c3" in f.columns] == [("c3",)]
    assert result.summary["need_attention"] == 1


def test_an_unknown_column_is_told_with_the_nearest() -> None:
    with pytest.raises(ColumnError, match="Did you mean 'age'"):
        made(pd.DataFrame({"age": [1]})).column("aeg")
