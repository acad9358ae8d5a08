"""The column table of shift."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.analyses.shift.analysis import ShiftResult, ShiftSettings, shift
from core.analyses.shift.judged import NAMES
from core.progress import SILENT
from core.run import run
from core.workspace import load
from tests.make import dataset

COLUMNS = (
    "column,kind,metric,value,noise95,p,q,status,missing_train,missing_serve,new_categories,outside_range"
)


def compared(train: pd.DataFrame, serve: pd.DataFrame, **given: object) -> ShiftResult:
    return shift(dataset(train, serve=serve, **given), ShiftSettings(), SILENT)  # type: ignore[arg-type]


def mixed(n: int, seed: int) -> pd.DataFrame:
    draw = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "normal": draw.normal(size=n),
            "long": draw.lognormal(0, 1.5, n),
            "whole": draw.poisson(3, n),
            "flag": draw.random(n) < 0.3,
            "ten": draw.choice(list("abcdefghij"), n),
            "many": [f"level {k}" for k in draw.integers(0, 200, n)],
            "gaps": np.where(draw.random(n) < 0.2, np.nan, draw.normal(size=n)),
        }
    )


def status(result: ShiftResult, column: str, metric: str | None = None) -> str:
    table = result.frame()
    return str(
        table[
            (table["column"] == column)
            & ((table["metric"] == metric) if metric else (table["metric"] != "missing"))
        ]["status"].iloc[0]
    )


@pytest.mark.parametrize("n", [100, 1000])
def test_no_shift_raises_no_alarm(n: int) -> None:
    found, tests = 0, 0
    for seed in range(12):
        made = compared(mixed(n, 2 * seed), mixed(n, 2 * seed + 1))
        assert not [f for f in made.findings if f.severity != "info"]
        table = made.frame()
        assert not table["status"].isin(["moderate", "severe"]).any()
        found, tests = found + int((table["p"] < 0.05).sum()), tests + int(table["p"].notna().sum())
    assert found <= 12, f"{found} of {tests} tests at 5%"


def test_a_tenth_of_a_standard_deviation_in_one_of_twenty_columns_is_seen() -> None:
    draw = np.random.default_rng(0)
    train, serve = (
        pd.DataFrame(draw.normal(size=(20_000, 20)), columns=[f"c{i}" for i in range(20)]) for _ in range(2)
    )
    serve["c7"] += 0.1
    table = compared(train, serve).frame()
    assert table[table["status"] != "none"]["column"].tolist() == ["c7"]
    assert table.iloc[0]["status"] == "negligible" and table.iloc[0]["q"] < 1e-6


def test_the_number_that_makes_a_status_stands_beside_it() -> None:
    """Of a long tail that grows, the distance; of a few new levels among many, the index; of a rare class
    that triples, the ratio of its shares. The other numbers would say less.
    """
    draw = np.random.default_rng(1)
    train = pd.DataFrame({"delay": draw.lognormal(0, 2, 6000), "y": draw.random(6000) < 0.01})
    serve = pd.DataFrame({"delay": draw.lognormal(0, 2, 6000), "y": draw.random(6000) < 0.06})
    serve.loc[serve["delay"] > 4, "delay"] *= 1.6
    made = compared(train, serve, target="y")
    lines = {line.shift.name: line for line in made.lines if line.metric != "missing"}
    delay, target = lines["delay"], lines["y"]
    assert delay.status == "severe" and delay.shift.psi < 0.1 and delay.by is not None
    assert delay.because == f"{NAMES['w1_iqr']} {delay.value:.2f}, severe from 0.35 (an effect of 1.75)"
    assert delay.by.effect == pytest.approx((delay.value / 0.2, delay.noise / 0.2))
    assert target.status == "severe" and target.value < 0.1 and target.shift.psi < 0.2
    assert re.fullmatch(
        r"ratio of odds, near end of .* [3-6]\.\d\d, severe from 2 \(an effect of 4\)", target.because
    )
    [still] = [line for line in compared(train, train.copy()).lines if line.metric == "w1_iqr"]
    assert still.by is None and still.because == ""
    table = made.frame().set_index("column")["status_by"]
    assert table["delay"] == delay.because
    codes = pd.DataFrame({"code": draw.integers(0, 5, 6000).astype(str)})
    moved = pd.DataFrame({"code": draw.choice(list("0123456789"), 6000, p=[0.18] * 5 + [0.02] * 5)})
    [by_index] = [line for line in compared(codes, moved).lines if line.metric == "tv"]
    assert by_index.because.startswith("population stability index") and by_index.because.endswith(
        f"{by_index.status} from {0.2 if by_index.status == 'severe' else 0.1}"
        f" (an effect of {2 if by_index.status == 'severe' else 1})"
    )


def test_large_shifts_are_severe_and_name_their_rows() -> None:
    train, serve = mixed(2000, 0), mixed(1000, 1)
    serve["normal"] += 1.0
    serve.loc[:59, "ten"] = "zebra"
    serve.loc[serve.index % 2 == 0, "gaps"] = np.nan
    serve.loc[:29, "long"] = 1e6
    made = compared(train, serve)
    assert (
        status(made, "normal") == "severe"
        and status(made, "gaps", "missing") == "severe"
        and status(made, "gaps") == "none"
    )
    told = {f.code: f for f in made.findings}
    assert set(told) >= {"moved", "missing_moved", "new_levels", "out_of_range"}
    assert (
        told["new_levels"].rows.ids.tolist() == list(range(2000, 2060))
        and "'zebra'" in told["new_levels"].title
    )
    beyond = next(f for f in made.findings if f.code == "out_of_range" and f.columns == ("long",))
    assert set(range(2000, 2030)) <= set(beyond.rows.ids.tolist())
    row = made.frame().set_index("column").loc["ten"]
    assert row["new_categories"] == "zebra (60)"
    assert ",".join(made.frame().columns[:12]) == COLUMNS


def test_small_samples_within_noise_are_not_called_shifted() -> None:
    draw = np.random.default_rng(5)
    made = compared(pd.DataFrame({"x": draw.normal(size=100)}), pd.DataFrame({"x": draw.normal(size=100)}))
    assert made.frame().iloc[0]["status"] == "none"


def test_many_levels_do_not_drift_by_themselves() -> None:
    draw = np.random.default_rng(6)
    train, serve = (pd.DataFrame({"code": [f"c{k}" for k in draw.integers(0, 5000, 8000)]}) for _ in range(2))
    made = compared(train, serve, kinds={"code": "category"})
    assert made.frame().iloc[0]["status"] == "none" and not made.findings
    assert made.frame().iloc[0]["new_share"] > 0.1, "new codes are many, as they would be by chance"


def test_the_target_is_reported_as_label_shift() -> None:
    draw = np.random.default_rng(7)
    train, serve = (
        pd.DataFrame({"x": draw.normal(size=4000), "y": np.where(draw.random(4000) < p, "fraud", "fine")})
        for p in (0.1, 0.4)
    )
    made = compared(train, serve, target="y")
    found = next(f for f in made.findings if f.code == "label_shift")
    assert "'fraud' from" in found.title and found.severity == "warning"


def test_a_class_that_train_lacks_is_one_finding_and_has_no_factor() -> None:
    """Balance raises it, with its rows; Shift speaks of label shift where the other classes shifted, too."""
    draw = np.random.default_rng(3)
    train, serve = (pd.DataFrame({"y": draw.choice(["fair", "good"], rows)}) for rows in (800, 300))
    serve.loc[:18, "y"] = "closed"
    data = dataset(train, serve=serve, target="y")
    told = [(f, name) for name in ("shift", "imbalance") for f in run(name, data, {}).findings]
    about = [(f.code, name) for f, name in told if f.severity != "info" and "y" in f.columns]
    assert about == [("unseen_class", "imbalance")]
    [unseen] = [f for f, _ in told if f.code == "unseen_class"]
    assert unseen.rows.ids.tolist() == list(range(800, 819))
    assert unseen.title.startswith(
        "19 of 300 serve rows (6.3%, 95% interval 4.1% to 9.7%) are of class 'closed'"
    )
    made = compared(train, serve, target="y")
    note = next(one.note for one in made.frame().itertuples() if one.column == "y" and one.metric == "tv")
    assert "'closed' is new in serve: 6.3% (95% interval 4.1% to 9.7%)" in note and "factor" not in note
    serve.loc[19:200, "y"] = "good"
    [both] = [f for f in compared(train, serve, target="y").findings]
    assert both.code == "label_shift" and "closed" not in both.title


def _by(result: ShiftResult, code: str) -> tuple[str, float, float, float, str]:
    """Measure, value, limit and noise floor of the finding, and what the table says of its line."""
    (finding,) = (one for one in result.findings if one.code == code)
    table = result.frame()
    metric = table["metric"] == "missing" if code == "missing_moved" else table["metric"] != "missing"
    said = table[(table["column"] == finding.columns[0]) & metric]["status_by"].iloc[0]
    assert finding.limit is not None and finding.noise is not None
    return finding.measure, finding.value, finding.limit, finding.noise, str(said)


def test_a_finding_and_the_table_name_the_same_number_and_limit() -> None:
    """Whatever makes the status: a target by the difference of shares and not by a ratio that is as bad, by
    the ratio of a rare class, by the stability index; a severe effect by the limit of severe ones."""
    draw = np.random.default_rng(11)

    def target(*rare: float) -> ShiftResult:
        train, serve = (pd.DataFrame({"y": np.where(draw.random(4000) < p, "rare", "often")}) for p in rare)
        return compared(train, serve, target="y")

    n = 4000
    hollow = np.concatenate([draw.normal(-1.2, 0.3, n // 2), draw.normal(1.2, 0.3, n // 2)])
    column = compared(pd.DataFrame({"x": draw.normal(size=n)}), pd.DataFrame({"x": draw.permutation(hollow)}))
    far = compared(pd.DataFrame({"x": draw.normal(size=n)}), pd.DataFrame({"x": draw.normal(2, 1, n)}))
    gaps = compared(
        *(pd.DataFrame({"x": np.where(draw.random(n) < p, np.nan, draw.normal(size=n))}) for p in (0.1, 0.4))
    )
    cases = {
        "difference of shares": _by(target(0.1, 0.4), "label_shift"),
        "ratio of odds, near end of its 95% interval": _by(target(0.02, 0.06), "label_shift"),
        "population stability index": _by(column, "moved"),
        "Wasserstein distance in interquartile ranges": _by(far, "moved"),
        "difference of the shares of missing values": _by(gaps, "missing_moved"),
    }
    assert [measure for measure, *_ in cases.values()] == list(cases)
    for measure, value, limit, noise, said in cases.values():
        assert value >= limit and value > noise
        assert said.startswith(f"{measure} {value:.2f}, ") and f"e from {limit:g} (an effect of " in said, (
            said
        )


def test_a_rare_class_that_doubles_is_told_though_the_shares_are_close() -> None:
    train, serve = (pd.DataFrame({"y": ["bad"] * rare + ["good"] * (20_000 - rare)}) for rare in (200, 420))
    made = compared(train, serve, target="y")
    first = made.classes[0]
    assert (
        first.label == "bad"
        and first.odds == pytest.approx(2.1 * 0.99 / 0.979)
        and 1.7 < first.low < 2.1 < first.high < 2.7
    )
    assert status(made, "y") == "moderate" and "'bad' from 1% to 2.1%" in made.findings[0].title
    assert not compared(train, serve).findings, "in a column that is not the target it is a small change"


def test_a_common_class_is_judged_by_its_odds() -> None:
    """Of late flights a quarter to a third: wrong odds by 1.4, and a ratio of shares of 1.3 at the most."""
    parts = (pd.DataFrame({"y": ["late"] * late + ["fine"] * (8_000 - late)}) for late in (1_880, 2_448))
    made = compared(*parts, target="y")
    assert [(one.label, round(one.odds, 2)) for one in made.classes] == [("late", 1.44), ("fine", 0.7)]
    [found] = made.findings
    assert found.code == "label_shift" and "'late' from 23.5% to 30.6%, odds ratio 1.44" in found.title
    draw = np.random.default_rng(5)
    nulls = [[pd.DataFrame({"y": draw.random(rows) < 0.3}) for _ in range(2)] for rows in [100, 1_000] * 50]
    assert sum(bool(compared(*pair, target="y").findings) for pair in nulls) <= 2


def test_what_made_the_status_is_what_the_finding_tells() -> None:
    draw = np.random.default_rng(3)
    train, serve = pd.DataFrame({"x": draw.normal(size=5000)}), pd.DataFrame({"x": draw.normal(0, 0.6, 5000)})
    made = compared(train, serve).findings[0]
    assert (
        "population stability index" in made.title
        and made.value is not None
        and made.value > (made.limit or 9) > (made.noise or 9)
    )


def test_a_column_that_names_the_part_is_told_once() -> None:
    train, serve = (
        pd.DataFrame({"set": ["old"] * 300, "x": range(300)}),
        pd.DataFrame({"set": ["new"] * 300, "x": range(300)}),
    )
    made = compared(train, serve)
    assert [(f.code, f.severity, f.action) for f in made.findings] == [("no_value_shared", "info", "omit")]
    line = next(line for line in made.lines if line.shift.name == "set")
    assert (line.words, line.shifted) == ("names the part", False), "a note is nowhere called severe"
    assert (made.summary["severe"], made.summary["names_part"], made.summary["worst"]) == (0, 1, "")
    [row] = made.frame().query("column == 'set' and metric != 'missing'").itertuples()
    assert row.note == "names the part: one value in train, another in serve"
    as_target = compared(train, serve, target="set")
    assert [(f.code, f.severity) for f in as_target.findings] == [("label_shift", "warning")], (
        "of the new class Balance tells"
    )
    assert as_target.summary["severe"] == 1 and as_target.summary["names_part"] == 0
    batches = [pd.DataFrame({"batch": [f"{k}{i % 5}" for i in range(300)]}) for k in "ab"]
    several = compared(*batches)
    assert [(f.code, f.severity) for f in several.findings] == [("no_value_shared", "warning")]
    assert [line.words for line in several.lines if line.metric == "tv"] == ["severe"]
    codes = [pd.DataFrame({"code": [f"c{i}" for i in range(k, k + 300)]}) for k in (0, 300)]
    assert not compared(*codes, kinds={"code": "category"}).findings, (
        "where no value repeats, none is expected in both"
    )


def test_a_column_of_times_that_serve_follows_is_the_split_and_no_warning() -> None:
    draw = np.random.default_rng(0)
    stamp = 1_300_000_000 + draw.integers(0, 9_000_000, 1_000)
    base = {"x": draw.normal(size=1_000), "air_time": draw.uniform(50, 90, 1_000)}
    train = pd.DataFrame({**base, "month": draw.integers(1, 4, 1_000), "year": 2013, "order_date": stamp})
    serve = train.assign(
        x=train["x"] + 1,
        air_time=train["air_time"] + 100,
        month=train["month"] + 4,
        year=2014,
        order_date=stamp + 20_000_000,
    )
    result = compared(train, serve)
    by_column: dict[str, list[tuple[str, str]]] = {}
    for found in result.findings:
        by_column.setdefault(found.columns[0], []).append((found.code, found.severity))
    note = [("split_by_time", "info")]
    assert by_column["month"] == by_column["year"] == by_column["order_date"] == note
    assert ("moved", "warning") in by_column["x"], "what changed with time is still told"
    assert ("moved", "warning") in by_column["air_time"], "a duration is an amount"
    year = next(f for f in result.findings if f.columns == ("year",))
    assert "(2014) follows that of train (2013)" in year.title and year.value == 1.0
    assert status(result, "year") == "severe", "the table shows how far it differs"
    shifted = {line.shift.name for line in result.lines if line.shifted}
    assert shifted == {"x", "air_time"}, "what parts them is not called shifted"
    summary = result.summary
    assert summary["severe"] == 2 and summary["split_by_time"] == 3 and summary["worst"] in shifted
    assert [line.words for line in result.lines[2:5]] == ["splits by time"] * 3, "after what shifted"


def test_times_of_which_serve_holds_earlier_ones_are_a_shift() -> None:
    draw = np.random.default_rng(1)
    train = pd.DataFrame({"year": draw.integers(1990, 2010, 2_000), "day": draw.integers(1, 29, 2_000)})
    before = compared(train, train.assign(year=train["year"] - 25))
    assert {f.code for f in before.findings if f.columns == ("year",)} >= {"moved"}
    mixed = compared(train, train.assign(year=train["year"] + 5))
    assert {f.severity for f in mixed.findings if f.columns == ("year",)} == {"warning"}
    as_target = compared(train, train.assign(year=train["year"] + 25), target="year")
    assert "split_by_time" not in {f.code for f in as_target.findings}


def test_nothing_throws_and_every_column_is_a_row() -> None:
    train = pd.DataFrame(
        {
            "same": [1.0] * 60,
            "gone": [np.nan] * 60,
            "one": np.arange(60.0),
            "inf": [np.inf, -np.inf, 1.0] * 20,
            "when": pd.date_range("2024-01-01", periods=60),
        }
    )
    serve = pd.DataFrame(
        {
            "same": [2.0] * 40,
            "gone": [np.nan] * 39 + [1.0],
            "one": [np.nan] * 40,
            "inf": [np.inf] * 40,
            "when": pd.date_range("2025-01-01", periods=40),
        }
    )
    table = compared(train, serve).frame()
    assert set(table["column"]) == set(train.columns)
    assert table[table["column"] == "when"].iloc[0]["note"] == "the periods do not overlap"
    assert table[table["column"] == "gone"]["note"].str.contains("no value in train").any()
    for one, other in ((train.head(1), serve.head(1)), (train, serve.head(1)), (train.head(1), serve)):
        assert len(compared(one.reset_index(drop=True), other.reset_index(drop=True)).frame()) >= 5


def test_columns_on_one_side_and_of_another_type_come_first(tmp_path: Path) -> None:
    some = [i % 7 for i in range(60)]
    pd.DataFrame({"both": some, "flip": some, "only": some, "code": range(60)}).to_csv(
        tmp_path / "train.csv", index=False
    )
    pd.DataFrame({"both": some, "flip": list("xyz") * 20, "new": some}).to_csv(
        tmp_path / "serve.csv", index=False
    )
    made = shift(load(tmp_path / "train.csv", serve=tmp_path / "serve.csv"), ShiftSettings(), SILENT)
    first = made.frame().head(3)
    assert (
        set(first["column"]) == {"flip", "only", "new"}
        and (first["metric"] == "schema").all()
        and (first["status"] == "severe").all()
    )
    assert {f.code for f in made.findings} >= {"missing_in_serve", "new_in_serve", "type_differs"}
    assert not (made.frame()["metric"] == "missing").any(), "that all of it is missing is said once"
    lines = made.frame()["column"].value_counts()
    assert lines["only"] == lines["flip"] == 1, "a column that differs in type is one line, too"
    assert [f.code for f in made.findings if f.columns == ("flip",)] == ["type_differs"]
    assert made.frame().set_index("column")["status"]["code"] == "negligible", (
        "no model learns from an identifier"
    )
    pd.DataFrame({"x": [0.5, 1.0] * 30}).to_csv(tmp_path / "train.csv", index=False)
    pd.DataFrame({"x": [0, 1] * 30}).to_csv(tmp_path / "serve.csv", index=False)
    made = shift(load(tmp_path / "train.csv", serve=tmp_path / "serve.csv"), ShiftSettings(), SILENT)
    assert {f.severity for f in made.findings if f.code == "type_differs"} == {"info"}
    assert made.frame()[["column", "metric"]].to_numpy().tolist() == [["x", "tv"]]


def test_what_is_shown_of_a_column_is_in_its_own_unit() -> None:
    """Prepared numbers (microseconds since a column's first time, lengths of texts) are never shown bare."""
    train, serve = (
        pd.DataFrame(
            {
                "when": pd.date_range(start, periods=90),
                "note": ["x" * (5 + k % 30) for k in range(90)],
                "built": [1950 + k % 40 for k in range(90)],
                "price": [1950.5 + k % 40 for k in range(90)],
            }
        )
        for start in ("2013-01-01", "2013-03-01")
    )
    serve["note"] = [text * 9 if k % 3 == 0 else text for k, text in enumerate(serve["note"])]
    serve["built"] += 1500
    serve["price"] += 1500
    result = compared(train, serve, kinds={"note": "text"})
    when = result.column("when")
    assert [when.shown(end) for end in when.span] == ["2013-01-01", "2013-03-31"]
    assert when.outside == pytest.approx(59 / 90) and when.unseen.ids.tolist() == list(range(121, 180))
    note = result.column("note")
    assert [note.shown(end) for end in note.span] == ["5 characters", "34 characters"]
    built, price = result.column("built"), result.column("price")
    assert [built.shown(end) for end in built.span] == ["1950", "1989"], "years have no thousands mark"
    assert price.shown(price.span[0]) == "1,950"
    by_column = {f.columns[0]: f for f in result.findings if f.code == "out_of_range"}
    assert by_column["note"].title.startswith(
        "The length of 'note' lies outside train's range (5 characters to 34 characters)"
    )
    data = pd.concat([train, serve], ignore_index=True)
    kept = eval(by_column["note"].fix.removeprefix("data = "), {"data": data})
    assert set(data.index.difference(kept.index)) == set(by_column["note"].rows.ids.tolist())


def test_the_median_is_that_of_profile_between_two_rows_where_they_are_even() -> None:
    """Of 500 rows the lower of the two in the middle was the median, and 0.3 below where Profile has it."""
    train = pd.DataFrame({"price": np.arange(500) * 2.0, "note": ["x" * (4 + k % 500) for k in range(500)]})
    serve = pd.DataFrame({"price": 3000.0 + train["price"], "note": train["note"] + "y" * 600})
    result = compared(train, serve, kinds={"note": "text"})
    assert result.column("price").percentiles == (
        (pytest.approx(99.8), pytest.approx(3099.8)),
        (499.0, 3499.0),
        (pytest.approx(898.2), pytest.approx(3898.2)),
    )
    note = result.column("note")
    assert [note.shown(one) for one in note.percentiles[1]] == ["253.5 characters", "853.5 characters"]


@pytest.mark.parametrize("scale", [1e5, 1.0, 1e-3])
def test_of_serve_the_same_rows_lie_outside_the_range_as_printed(scale: float) -> None:
    """Rows lie on both sides of each end, nearer to it than four digits can tell."""
    draw = np.random.default_rng(4)
    inner = draw.uniform(1.23456, 2.34567, 300)
    train = np.r_[inner, 1.23456, 2.34567] * scale
    near = [end * np.linspace(0.99999, 1.00001, 21) for end in (1.23456, 2.34567)]
    serve = np.r_[inner + 0.01, *near, 3.0, 4.0] * scale
    result = compared(pd.DataFrame({"x": train}), pd.DataFrame({"x": serve}))
    low, high = (float(end.replace(",", "")) for end in result.column("x").train_range.split(" to "))
    outside = np.flatnonzero((serve < low) | (serve > high)) + train.size
    assert result.column("x").unseen.ids.tolist() == outside.tolist() and len(outside) > 20
    [told] = [one for one in result.findings if one.code == "out_of_range"]
    assert f"({result.column('x').train_range})" in told.title


def test_one_part_is_skipped_with_advice() -> None:
    made = shift(dataset(mixed(50, 0)), ShiftSettings(), SILENT)
    assert made.status.state == "skipped" and "split" in made.status.reason and made.frame().empty


def test_order_of_rows_does_not_matter() -> None:
    train, serve = mixed(300, 0), mixed(200, 1)
    serve["normal"] += 0.5
    order = np.random.default_rng(1).permutation(300)
    one, other = compared(train, serve), compared(train.iloc[order].reset_index(drop=True), serve)
    pd.testing.assert_frame_equal(one.frame(), other.frame())


def test_a_turned_correlation_moves_no_column() -> None:
    """`overlap` sees it (tests/core/analyses/overlap/test_overlap.py): each column by itself is as it was."""
    both = np.random.default_rng(3).multivariate_normal([0, 0], [[1, 0.8], [0.8, 1]], 3000)
    train, serve = (
        pd.DataFrame(both[:1500], columns=["a", "b"]),
        pd.DataFrame(both[1500:] * [1, -1], columns=["a", "b"]),
    )
    found = compared(train, serve)
    assert found.findings == () and set(found.frame()["status"]) <= {"none", "negligible"}
