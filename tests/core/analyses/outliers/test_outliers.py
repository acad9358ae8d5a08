import pickle
import re
from dataclasses import fields
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from core.analyses.outliers.analysis import ANALYSIS, OutlierSettings
from core.analyses.outliers.cells import far_groups, odd_cells
from core.analyses.outliers.detectors import loneliness
from core.analyses.outliers.findings import FALSE_ALARMS, Judgement, findings
from core.analyses.outliers.reason import RowReasons
from core.analyses.outliers.result import OutlierResult
from core.analyses.outliers.usual import ALONE, marked_numbers
from core.analyses.outliers.within import reasons_of
from core.errors import Cancelled, CoreError, SettingError, TooSmallError
from core.one_cause import distinct
from core.prepare.features import features
from core.prepare.fixes import asks_for_rows, label, looked_at_first
from core.progress import Progress
from core.run import run
from core.workspace import load
from tests.make import dataset

ROOT = Path(__file__).parents[4]


def found(frame, progress=None, **settings):
    return ANALYSIS.function(dataset(frame), OutlierSettings(**settings), progress or Progress())


def normal(n, width, seed=0):
    return pd.DataFrame(
        np.random.default_rng(seed).normal(size=(n, width)), columns=[f"c{i}" for i in range(width)]
    )


def mixed(n, seed=0):
    rng = np.random.default_rng(seed)
    frame = normal(n, 3, seed).assign(town=rng.choice(list("abcdefgh"), n), member=rng.random(n) < 0.2)
    frame["dept"] = rng.choice(["food", "toys", "tools", "books"], n)
    frame["shelf"] = frame["dept"].str.upper()
    frame["since"] = pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 700, n), unit="D")
    frame.loc[rng.random(n) < 0.05, "c0"] = np.nan
    return frame


CLEAN = {
    "twenty columns": lambda n, s: normal(n, 20, s),
    "uniform": lambda n, s: pd.DataFrame(np.random.default_rng(s).random((n, 4)), columns=list("abcd")),
    "mixed types": mixed,
    "counts": lambda n, s: pd.DataFrame(np.random.default_rng(s).poisson(1.0, (n, 4)), columns=list("abcd")),
    "lognormal": lambda n, s: pd.DataFrame(
        np.random.default_rng(s).lognormal(size=(n, 4)), columns=list("abcd")
    ),
}


def test_of_words_as_rare_as_each_other_none_is_flagged():
    """The first ten by name were: each first day of a month, where days were written as text."""
    rng, days = np.random.default_rng(0), pd.date_range("2026-01-01", periods=300).strftime("%d.%m.%Y")
    towns, pieces = rng.choice(["Bern", "Genf", "Chur", "Zug"], 300), rng.integers(1, 40, 300)
    frame = pd.DataFrame({"town": towns, "day": days, "pieces": pieces, "paid": rng.lognormal(4, 1, 300)})
    data = dataset(frame, kinds={"day": "category"})  # as one of them that is no day keeps them texts
    result = ANALYSIS.function(data, OutlierSettings(), Progress())
    assert result.left_out == ("day",) and result.beyond.sum() <= 4
    assert not any("day" in why for why in result.frame()["why"])


@pytest.mark.parametrize("family", CLEAN)
def test_hardly_any_row_of_clean_data_is_flagged(family):
    results = [
        found(CLEAN[family](n, seed), seed=seed)
        for n, rounds in ((100, 5), (1000, 2))
        for seed in range(rounds)
    ]
    assert sum(r.beyond.sum() for r in results) / sum(r.beyond.size for r in results) <= 0.005
    assert sum(f.severity == "warning" for r in results for f in r.findings) <= 1


def test_the_words_and_measures_of_the_limit_are_of_rows_beyond_it(monkeypatch):
    """The rate on clean data stood for rows flagged, of which chance leaves none, and the benchmark measured
    these.
    """
    from benchmarks import outliers as benchmark

    knob = {one.name: one.metadata["knob"] for one in fields(OutlierSettings)}["limit"]
    assert "flag" not in knob.label and "clean data lie beyond it" in knob.help
    readme = (ROOT / "README.md").read_text()
    columns = found(normal(60, 2)).rows().columns
    assert f"result.rows()  # one line per row of the data: {', '.join(columns)}" in readme
    masks = {"beyond": np.r_[True, True, False, False], "flagged": np.r_[True, False, False, False]}
    monkeypatch.setattr(benchmark, "ours", lambda *_: SimpleNamespace(**masks))
    assert (benchmark.false_alarms({100: 1}).to_numpy() == 50.0).all()
    assert benchmark.recall(4, 3, 1, 6.0, 0.5, rounds=1) == (1.0, 0.5)


@pytest.mark.parametrize("width", [5, 20])
def test_rows_moved_by_six_standard_deviations_in_three_columns_are_found(width):
    rng = np.random.default_rng(4)
    frame = normal(1000, width)
    moved = [rng.choice(width, 3, replace=False) for _ in range(20)]
    for row, columns in enumerate(moved):
        frame.iloc[row, columns] += 6 * rng.choice([-1, 1], 3)
    result = found(frame)
    assert result.beyond[:20].mean() > 0.9 and result.beyond[20:].sum() <= 2
    assert (result.score[:20].min() > 0.5) and result.rows().nlargest(20, "score")["row"].isin(
        range(20)
    ).mean() > 0.9
    named = [len(set(result.top[row]) & set(columns)) for row, columns in enumerate(moved)]
    assert np.mean(named) > 2.5
    (finding,) = result.findings
    assert (
        finding.severity == "warning"
        and finding.rows.mask(1000)[:20].mean() > 0.9
        and finding.noise == pytest.approx(1000 * FALSE_ALARMS)
    )


def test_combinations_that_hardly_ever_occur_are_found_and_said():
    frame = mixed(3000)
    frame.loc[:9, "shelf"] = np.where(frame.loc[:9, "dept"] == "toys", "FOOD", "TOYS")
    result = found(frame)
    assert result.beyond[:10].mean() > 0.9 and result.beyond[10:].mean() < 0.005
    why = result.rows().loc[0, "why"]
    assert (
        f"dept {frame.loc[0, 'dept']}" in why
        and f"shelf {frame.loc[0, 'shelf']}" in why
        and "expected)" in why
    )


def test_the_columns_marked_are_those_that_the_reason_names():
    """Of every row in words: `top` and `why` name the same columns, whether a combination or values set it
    apart.
    """
    frame = mixed(3000)
    frame.loc[:9, "shelf"] = np.where(frame.loc[:9, "dept"] == "toys", "FOOD", "TOYS")
    frame.loc[:4, ["c1", "c2"]] = 9.0  # an absent combination and two odd numbers beside it
    frame.loc[20:24, ["c0", "c1", "c2"]] = -9.0
    result = found(frame)
    assert result.beyond[:10].any() and result.beyond[20:25].all()
    assert result.worded.size >= 1000 and np.isin(np.flatnonzero(result.beyond), result.worded).all()
    for row, why in zip(result.worded, result.why, strict=True):
        clauses = [part for clause in why.split("; ") for part in clause.split(" with ")]
        marked = [result.names[at] for at in result.top[row].tolist() if at >= 0]
        assert [clause.split(" ")[0] for clause in clauses] == marked, why


def test_why_says_the_value_and_what_is_typical():
    frame = mixed(800)
    frame.loc[3, "c1"] = 512.3456
    frame.loc[4, "since"] = pd.Timestamp("1900-01-01")
    rows = found(frame).rows()
    assert rows.columns.tolist() == ["row", "score", "beyond_limit", "flagged", "why"]
    assert rows["row"].tolist() == list(range(800))
    assert rows.loc[3, "why"].startswith("c1 512.3456 (quartiles -0.") and rows.loc[[3, 4], "flagged"].all()
    assert rows.loc[4, "why"].startswith("since 1900-01-01 00:00:00 (quartiles 2020-")
    calm = rows.loc[~rows["beyond_limit"], "why"].str.split("; ").explode()
    assert calm.str.contains(
        r"\(quartiles .* to .*\)$|\([0-9.]+% of rows\)$|\(.*usual by itself, less so .*\)$"
    ).all()
    assert rows["score"].between(0, 1).all() and (rows["beyond_limit"] == (rows["score"] > 0.5)).all()


def test_what_most_rows_have_is_no_reason():
    rng = np.random.default_rng(5)
    frame = normal(600, 4, 5).assign(cost=0.0, repair=0.0, sky="clear")
    few = rng.choice(600, 60, replace=False)
    frame.loc[few[:30], "cost"] = rng.uniform(5, 9, 30).round(2)
    frame.loc[few[30:], "repair"] = rng.uniform(5, 9, 30).round(2)
    frame.loc[few[::3], "sky"] = "fog"
    frame.loc[few[0], "cost"] = 1_565_354.0
    result = found(frame)
    why = result.rows()["why"]
    assert why[few[0]].startswith("cost 1,565,354 (quartiles 0)")
    parts = why[result.worded].str.split("; ").explode()
    assert len(parts) > 600
    assert not parts.str.match(r"(?:cost|repair) 0 |sky clear").any()
    for row, text in zip(result.worded, result.why, strict=True):
        assert text.count("; ") + text.count(" with ") + 1 == (result.top[row] >= 0).sum()


def test_no_usual_value_is_a_reason_and_a_combination_of_usual_ones_is_called_one():
    """Two columns on a line and one row off it: neither value is odd, both together are. A row with an odd
    value and usual ones is told by the odd one alone.
    """
    rng = np.random.default_rng(3)
    x = rng.normal(0, 1, 2000)
    frame = pd.DataFrame({"x": x, "y": x + rng.normal(0, 0.01, 2000)})
    frame.loc[7, ["x", "y"]] = [0.9, -0.9]
    frame.loc[8, ["x", "y"]] = [0.3, 30.0]
    result = found(frame)
    why = dict(zip(result.worded.tolist(), result.why, strict=True))
    assert result.beyond[[7, 8]].all()
    assert why[7] in (
        "x 0.9 with y -0.9 (each usual by itself, less so together)",
        "y -0.9 with x 0.9 (each usual by itself, less so together)",
    )
    assert why[8].startswith("y 30 (quartiles -") and "x" not in why[8]
    low, high = frame.quantile(0.25), frame.quantile(0.75)
    for row, text in why.items():
        for clause in text.split("; ") if "usual by itself" not in text else ():
            column = clause.split(" ")[0]
            assert not low[column] < frame.loc[row, column] < high[column], text


def test_a_value_between_the_quartiles_is_a_reason_where_hardly_any_row_lies_near_it_or_has_one():
    rng = np.random.default_rng(4)
    frame = normal(1000, 3, 6)
    frame["peaks"] = np.where(rng.random(1000) < 0.5, 0.0, 10.0) + rng.normal(0, 0.1, 1000)
    frame.loc[5, "peaks"] = 5.0
    frame["seldom"] = np.nan
    frame.loc[9:29, "seldom"] = rng.normal(50, 1, 21)
    words = RowReasons(dataset(frame), ["c0", "peaks", "seldom"])
    assert re.fullmatch(
        r"peaks 5 \(quartiles -?0\.\d+ to 1?[09]\.?\d*, hardly any row near it\)", words.parts(5, [1, 0])[0]
    )
    middle = 9 + int(np.argsort(frame.loc[9:29, "seldom"].to_numpy())[10])
    assert words.parts(middle, [2])[0].endswith(", given in 2.1% of rows)")
    assert words.parts(5, [2]) == ["seldom missing (usual by itself, less so beside the row's other values)"]


def test_a_value_alone_outside_the_quartiles_is_no_usual_one():
    rng = np.random.default_rng(4)
    frame = normal(1001, 3, 6)
    frame["two"] = np.r_[rng.normal(0, 1, 800), rng.normal(10, 1, 200), 5.0]
    words = RowReasons(dataset(frame), ["c0", "two"]).parts(1000, [1])
    assert re.fullmatch(r"two 5 \(quartiles -0\.\d+ to [01]\.\d+, hardly any row near it\)", words[0])


@pytest.mark.parametrize("size", [20, 50, 200, 1_000])
@pytest.mark.parametrize("family", ["normal", "uniform", "exponential", "lognormal", "standard_cauchy"])
def test_hardly_a_value_of_one_heap_is_said_to_stand_alone(family, size):
    draw, alone = np.random.default_rng(size), 0
    for _ in range(100):
        values = getattr(draw, family)(size=size)
        alone += (marked_numbers(values, np.zeros(size, bool), np.sort(values)) == ALONE).any()
    assert alone <= 10, "measured: at most 7 of 100, of Cauchy values"


def test_the_ends_of_a_short_column_an_infinite_value_and_one_that_flags_its_row_are_never_usual():
    rng = np.random.default_rng(4)
    frame = normal(200, 2, 6)
    frame["short"] = np.nan
    frame.loc[:14, "short"] = [50.0, *rng.uniform(size=14)]
    frame["wide"] = np.r_[np.inf, np.inf, [np.nan] * 5, rng.normal(size=193)]
    words = RowReasons(dataset(frame), ["c0", "short", "wide"])
    assert words.parts(0, [1])[0].startswith("short 50 (quartiles 0.")
    assert words.parts(0, [2])[0].startswith("wide inf (quartiles -")
    assert words.parts(2, [2]) == ["wide missing (2.5% of rows)"]
    middle = int(np.argsort(frame["c0"].to_numpy())[100])
    assert "usual by itself" in words.parts(middle, [0])[0]
    assert (
        words.parts(middle, [0], single=True)[0].endswith(")")
        and "usual" not in (words.parts(middle, [0], single=True)[0])
    )


def test_a_value_alone_between_heaps_of_equal_ones_is_no_usual_one():
    frame = normal(1001, 2, 6)
    frame["two"] = np.r_[np.zeros(800), np.full(200, 10.0), 5.0]
    words = RowReasons(dataset(frame), ["c0", "two"])
    assert words.parts(1000, [1]) == ["two 5 (quartiles 0, hardly any row near it)"]
    assert words.parts(0, [1]) == ["two 0 (usual by itself, less so beside the row's other values)"]


def test_what_is_usual_in_a_class_is_said_of_it_alone():
    frame = pd.DataFrame({"x": np.r_[np.arange(100.0), 5_000.0 + np.arange(100.0)], "y": np.arange(200.0)})
    reasons = RowReasons(dataset(frame), ["x", "y"], [np.arange(100), np.arange(100, 200)])
    assert reasons.parts(0, [0]) == ["x 0 (quartiles 24 to 74 of its class)"]
    assert reasons.parts(100, [0]) == ["x 5,000 (quartiles 5,024 to 5,074 of its class)"]
    top = np.tile(np.array([0, 1, -1], np.int16), (200, 1))
    left = reasons.without_usual(top, np.zeros(200, np.int8))
    assert left[[0, 50, 199]].tolist() == [[0, 1, -1]] * 3, "the second has nothing else"
    assert (
        RowReasons(dataset(frame), ["x", "y"]).without_usual(top, np.zeros(200, np.int8))[100] == top[0]
    ).all()


def test_rows_that_are_far_from_odd_are_named_by_their_columns_in_the_table(monkeypatch):
    monkeypatch.setattr("core.analyses.outliers.analysis._WORDED", 20)
    rows = found(mixed(400)).rows()
    in_words = rows["why"].str.contains("(", regex=False)
    assert in_words.sum() >= 20 and rows.loc[in_words, "score"].min() >= rows.loc[~in_words, "score"].max()
    names = rows.loc[~in_words, "why"].str.split(", ").explode()
    assert names.isin(["", *mixed(10).columns]).all()


@pytest.mark.parametrize(("n", "width"), [(200, 5), (200, 50), (2000, 5)])
def test_single_cells_moved_by_eight_robust_deviations_are_flagged(n, width):
    hits = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        values = rng.normal(size=(n, width))
        row, at = rng.integers(n), rng.integers(width)
        values[row, at] += 8 * rng.choice([-1, 1])
        cells = odd_cells(list(values.T), width)
        hits += (row, at) in zip(cells.rows.tolist(), cells.columns.tolist(), strict=True)
    assert hits >= 18


@pytest.mark.parametrize(("family", "most"), [("normal", 1), ("t5", 4), ("lognormal", 3), ("rounded", 1)])
def test_single_values_of_clean_tables_are_not_flagged(family, most):
    """Tables of 200 x 5 with any, of 40; t5 and lognormal may be a tenth."""
    draws = {
        "normal": lambda rng: rng.normal(size=(200, 5)),
        "t5": lambda rng: rng.standard_t(5, (200, 5)),
        "lognormal": lambda rng: rng.lognormal(size=(200, 5)),
        "rounded": lambda rng: rng.normal(20, 5, (200, 5)).round(),
    }
    tables = (draws[family](np.random.default_rng(seed)) for seed in range(40))
    assert sum(odd_cells(list(table.T), 5).rows.size > 0 for table in tables) <= most


def test_a_gross_height_is_flagged_with_its_reason_and_named_once_by_the_profile():
    rng = np.random.default_rng(1)
    frame = normal(200, 30).assign(height=rng.normal(172, 9, 200).clip(148, 197).round())
    frame.loc[7, "height"] = 57
    result = found(frame)
    assert result.beyond[7] and result.single.tolist() == [7] and result.score[7] > 0.5
    assert result.why[result.worded.tolist().index(7)].startswith("height 57 (quartiles 16")
    (finding,) = result.findings
    assert finding.severity == "warning" and finding.beside == ("height",)
    assert finding.title.endswith("(0.5%; by its value of 'height')")
    named = [f for f in run("profile", dataset(frame)).findings if "height" in f.columns]
    assert [f.code for f in named] == ["isolated_values"]
    assert distinct([*named, finding]) == [finding]


def test_two_rows_that_a_column_flags_have_two_values_of_it():
    """ "by a single value" stood there of two rows, where the profile counted two values."""
    frame = normal(3000, 4)
    frame.loc[[5, 6], "c1"] = 40.0, 41.0
    (finding,) = found(frame).findings
    assert finding.rows.ids.tolist() == [5, 6] and "by their values of 'c1')" in finding.title
    [same] = [one for one in run("profile", dataset(frame)).findings if one.code == "isolated_values"]
    assert same.title.startswith("'c1' has isolated values: 2 values")


def test_a_row_of_two_odd_values_is_not_said_to_be_flagged_by_one_alone():
    """ "by its value of 'height'" stood above a reason that named 'c1', too."""
    rng = np.random.default_rng(1)
    frame = normal(200, 30).assign(height=rng.normal(172, 9, 200).clip(148, 197).round())
    frame.loc[7, ["height", "c1"]] = 57, 6.5
    result = found(frame)
    assert {"height", "c1"} <= {result.names[at] for at in result.top[7] if at >= 0}
    (finding,) = result.findings
    assert finding.title.endswith("(0.5%; by its value of 'height', beside less odd ones)")


def test_what_flags_the_rows_is_said_of_single_values_and_of_the_others():
    frame = normal(3000, 4)
    frame.loc[5, "c1"], frame.loc[6, "c3"], frame.loc[9] = 40.0, -50.0, 4.2
    finding, possible = found(frame).findings
    assert finding.beside == ("c3", "c1") and finding.rows.ids.tolist() == [5, 6]
    assert found(frame).frame()["row"].tolist()[:2] == [6, 5], "the oddest row, whose column comes first"
    assert found(frame).beyond[[5, 6, 9]].all(), "row 9 is beyond the limit, as chance may have it"
    assert finding.title.endswith("; by one value each, of 'c3' and 'c1')") and 9 in possible.rows
    assert possible.code == "outliers_possible" and not possible.rows & finding.rows


def test_flagged_is_one_number_in_finding_summary_and_tables():
    """The finding said 2, and "Flagged" in the report 6: rows that chance explains were in it."""
    frame = normal(3000, 4)
    frame.loc[5, "c1"], frame.loc[6, "c3"], frame.loc[9] = 40.0, -50.0, 4.2
    result = found(frame)
    finding, possible = result.findings
    summary, rows = result.summary, result.rows()
    assert finding.rows.ids.tolist() == [5, 6] and summary["flagged"] == 2
    assert summary["flagged_share"] == round(2 / 3000, 6)
    assert summary["beyond_limit"] == 2 + len(possible.rows) == rows["beyond_limit"].sum()
    assert rows["row"][rows["flagged"]].tolist() == [5, 6]
    assert result.frame().groupby("flagged")["row"].count().to_dict() == {False: len(possible.rows), True: 2}


def test_rows_that_chance_makes_stand_beside_how_many_it_makes():
    """16 of 3,322 were "no more than expected by chance", and 13.3 were expected."""
    rows, scores = 3322, np.zeros(3322)
    beyond = np.arange(rows) < 16
    evidence = np.where(beyond, 7.0, 1.0)
    (finding,) = findings(Judgement(evidence, beyond, scores, 6.5, np.zeros(0, np.int64), ()))
    assert finding.title.endswith("(0.5%; chance makes up to 26)")
    assert (finding.limit, finding.noise) == (26, 14)


def test_a_row_dropped_makes_no_other_row_an_outlier():
    """Weather: two pressures of 5,503 were named, and once they were dropped two storms that lay beyond the
    limit before took their place, as many as ever.
    """
    frame = normal(3000, 4)
    frame.loc[[5, 6], "c1"], frame.loc[9] = [40.0, 41.0], 4.2
    sure, possible = found(frame).findings
    assert sure.rows.ids.tolist() == [5, 6] and 9 in possible.rows
    left = np.delete(np.arange(3000), [5, 6])
    (after,) = found(frame.loc[left].reset_index(drop=True)).findings
    assert after.code == "outliers_possible" and left[after.rows.ids].tolist() == possible.rows.ids.tolist()
    kept = np.delete(np.arange(3000), possible.rows.ids)
    (again,) = found(frame.loc[kept].reset_index(drop=True)).findings
    assert again.code == "outliers" and kept[again.rows.ids].tolist() == [5, 6]


def both(*over):
    """Findings on 5,000 rows, some of which have that many times the limit of evidence."""
    evidence = np.r_[over, np.zeros(5000 - len(over))] * 9.0
    none = np.zeros(0, np.int64)
    return findings(Judgement(evidence, evidence > 9.0, evidence / (evidence + 9.0), 9.0, none, ()))


def judged(*over):
    """The first of them."""
    return both(*over)[0]


def test_what_is_sure_of_few_rows_is_said_before_what_chance_makes():
    one, several = judged(2.1, *[1.2] * 10), judged(2.1, 2.6, 1.1)
    assert one.severity == several.severity == "warning"
    assert one.title == "1 of 5,000 rows stands far from the rest (under 0.1%; 2.1 times the limit)"
    assert several.title.endswith("; 2.1 to 2.6 times the limit)")
    assert judged(2.1).title.endswith("(under 0.1%; 2.1 times the limit)")
    for told in (one, several):  # a warning beyond its limit, which is that of the rows told of
        assert told.value == len(told.rows) > told.limit and told.noise < told.limit + 1
    assert one.rows.ids.tolist() == [0] and several.rows.ids.tolist() == [0, 1]
    calm = judged(1.2, 1.3)
    assert calm.severity == "info" and calm.title == (
        "2 of 5,000 rows lie beyond the limit of outliers (under 0.1%; chance makes up to 35)"
    )
    beside = both(2.1, 1.2, 1.3)[1]
    assert (beside.code, beside.severity) == (calm.code, calm.severity)
    assert beside.title == calm.title.replace("2 of", "2 more of"), "the flagged one lies beyond it, too"
    assert beside.rows.ids.tolist() == [1, 2] and calm.value <= calm.limit


def test_rows_that_chance_explains_are_not_to_be_dropped_at_one_click():
    """They are a finding of their own, beside others and alone."""
    some, all_of_them = judged(2.1, *[1.2] * 10), judged(1.2, 1.3)
    assert label(some) == "Drop 1 row" and label(looked_at_first(some)) == "Send 1 row to review"
    for possible in (all_of_them, both(2.1, 1.2, 1.3)[1]):
        assert label(possible) == "" and not asks_for_rows(possible)
        assert label(looked_at_first(possible)) == "Send 2 rows to review"
        assert "nothing wrong have as many" in possible.suggestion
    assert label(judged(2.1, 2.6)) == "Drop 2 rows"
    many = judged(*[1.2] * 200)
    assert many.severity == "warning" and label(many) == "Drop 200 rows"


def test_a_gross_value_in_a_small_class_is_flagged_within_it_too():
    frame = normal(200, 4, 3).assign(kind=["a"] * 130 + ["b"] * 70)
    frame.loc[[10, 150], "c2"] = [-30.0, 30.0]
    result = found(frame, within="kind")
    assert result.single.tolist() == [10, 150] and result.single_in == ("c2",)
    assert not result.notes and result.reference == 130


def test_codes_for_missing_are_no_gross_errors():
    frame = normal(300, 3)
    frame.loc[:11, "c1"] = -999.0
    assert not found(frame).single.size


def test_a_stricter_limit_leaves_fewer_single_values():
    frame = normal(300, 3)
    frame.loc[0, "c0"], frame.loc[1, "c1"] = 7.0, 40.0
    assert found(frame, limit=6.5).beyond[[0, 1]].all()
    assert found(frame, limit=25.0).beyond[[0, 1]].tolist() == [False, True]


def classes(n, seed=0):
    """Two classes far apart in two of five columns."""
    rng = np.random.default_rng(seed)
    frame = normal(n, 5, seed).assign(kind=rng.choice(["a", "b"], n))
    frame.loc[frame["kind"] == "b", ["c0", "c1"]] += 12.0
    return frame


def test_rows_odd_for_their_class_are_found_within_it_alone():
    flagged, within, clean = 0, 0, 0
    for seed in range(3):
        frame = classes(300, seed)
        ids = frame.index[frame["kind"] == "a"][:3]
        frame.loc[ids, ["c0", "c1"]] += 12.0  # as those of the other class
        data = dataset(frame, target="kind")
        flagged += run("outliers", data).beyond[ids].sum()
        result = run("outliers", data, {"within": "kind"})
        within += result.beyond[ids].sum()
        clean += result.beyond.sum() - result.beyond[ids].sum()
    assert flagged == 0 and within == 9 and clean <= 3 * 300 * FALSE_ALARMS
    assert "quartiles" in result.rows()["why"][ids[0]] and "of its class" in result.rows()["why"][ids[0]]


def test_within_classes_clean_data_stay_clean_and_order_changes_nothing():
    frame = pd.concat([classes(300), classes(40).assign(kind="c"), classes(2).assign(kind=None)])
    order = np.random.default_rng(1).permutation(len(frame))
    straight, shuffled = found(frame, within="kind"), found(frame.iloc[order], within="kind")
    assert (straight.evidence[order] == shuffled.evidence).all()
    assert (straight.rows()["why"].to_numpy()[order] == shuffled.rows()["why"].to_numpy()).all()
    assert straight.beyond[:300].sum() <= 2
    assert "42 rows without a class, or of one with fewer than 50 rows: compared with all rows." in (
        straight.notes
    )


def test_a_column_that_is_one_value_in_a_class_is_no_trouble_there():
    frame = classes(300).assign(half=0.0)
    frame.loc[frame["kind"] == "b", "half"] = np.arange(sum(frame["kind"] == "b"))
    result = found(frame, within="kind")
    of_a = np.flatnonzero(frame["kind"] == "a")
    assert result.names.index("half") not in result.top[of_a] and result.evidence.size == 300
    same = pd.DataFrame({"kind": ["a"] * 60 + ["b"] * 60, "x": [0.0] * 60 + list(range(60))})
    assert not found(same, columns=("x",), within="kind").evidence[:60].any()


def test_classes_that_are_none_are_refused():
    frame = normal(300, 2).assign(few=[f"k{at % 100}" for at in range(300)])
    with pytest.raises(CoreError, match="'c0': it is a number, not a class"):
        found(frame, within="c0")
    with pytest.raises(CoreError, match="No class of 'few' has 50 rows"):
        found(frame, within="few")


@pytest.mark.parametrize(("n", "width"), [(200, 20), (1000, 5)])
def test_twenty_rows_alike_far_from_all_others_are_found(n, width):
    """Though each has nineteen near neighbours."""
    rng = np.random.default_rng(2)
    frame = normal(n, width)
    frame.iloc[:20] = 6.0 + 0.1 * rng.normal(size=(20, width))
    result = found(frame)
    assert result.beyond[:20].all() and result.beyond[20:].sum() <= 2


def test_gaps_between_distances_of_columns_of_few_levels_make_no_group():
    rng = np.random.default_rng(0)
    for _ in range(12):
        shares = [0.5, 0.25, 0.15, 0.07, 0.03]
        frame = pd.DataFrame({name: rng.choice(list("abcde"), 100, p=shares) for name in "uvwxy"})
        made = features(dataset(frame))
        distances = np.exp(loneliness(made.matrix, made.starts, 30).oddity)
        assert not far_groups(distances, 29).any()


def test_markup_in_names_and_values_stays_text():
    frame = mixed(500).rename(columns={"c1": "<b>*c*</b>"}).replace({"town": {"a": "[x](y)"}})
    frame.loc[0, ["<b>*c*</b>", "c2"]] = 1e9
    assert "<b>*c*</b> 1,000,000,000 (quartiles" in found(frame).rows().loc[0, "why"]


@pytest.mark.parametrize("n", [60, 700])
def test_the_order_of_rows_changes_nothing(n):
    frame = pd.concat([mixed(n), mixed(n // 4)])  # with repeats
    order = np.random.default_rng(1).permutation(len(frame))
    straight, shuffled = found(frame), found(frame.iloc[order])
    assert (straight.evidence[order] == shuffled.evidence).all() and (straight.x[order] == shuffled.x).all()
    assert (straight.rows()["why"].to_numpy()[order] == shuffled.rows()["why"].to_numpy()).all()


def test_a_large_table_is_compared_with_a_sample_and_says_so(monkeypatch):
    frame = normal(3000, 3)
    frame.loc[5] = 9.0
    whole = found(frame)
    monkeypatch.setattr("core.analyses.outliers.detectors.reference_size", lambda rows, columns: 500)
    part = found(frame)
    assert "among a random sample of 500 of the 3,000 rows" in part.notes[0] and not whole.notes
    assert part.beyond[5] and part.beyond.mean() < 0.005 and np.corrcoef(part.score, whole.score)[0, 1] > 0.9
    order = np.random.default_rng(0).permutation(3000)
    assert (found(frame.iloc[order]).evidence == part.evidence[order]).all()


def test_the_seed_decides_and_the_settings_are_bounded():
    frame = mixed(300)
    assert (found(frame, seed=1).evidence == found(frame, seed=1).evidence).all()
    assert (found(frame, seed=1).evidence != found(frame, seed=2).evidence).any()
    assert found(frame, columns=("c1", "town")).names == ("c1", "town")
    with pytest.raises(SettingError, match="neighbours must lie between"):
        OutlierSettings(neighbours=0)


def test_stricter_limits_flag_fewer():
    frame = pd.DataFrame(np.random.default_rng(0).standard_t(2, (1000, 5)), columns=list("abcde"))
    counts = [int(found(frame, limit=limit).beyond.sum()) for limit in (3.0, 5.0, 8.0, 30.0)]
    assert counts == sorted(counts, reverse=True) and counts[0] > counts[2]


@pytest.mark.parametrize("rows", [0, 1, 2, 3, 49])
def test_few_rows_are_ranked_but_not_flagged(rows):
    try:
        result = found(mixed(60).iloc[:rows])
    except CoreError as error:
        assert rows < 2 and "varies" in str(error)
        return
    assert (
        len(result.rows()) == rows
        and not result.beyond.any()
        and result.findings == ()
        and len(result.frame()) == 0
    )
    assert result.score.max() <= 1 and "none is flagged" in result.notes[0]


def test_what_cannot_be_compared_is_refused_or_left_out():
    with pytest.raises(CoreError, match="varies"):
        found(pd.DataFrame({"a": [None] * 9, "b": [1] * 9}))
    result = found(normal(100, 2).assign(same=1))
    assert result.left_out == ("same",) and "Left out, as they do not vary: 'same'." in result.notes
    wild = normal(200, 2)
    wild.loc[0, "c0"], wild.loc[1, "c0"] = np.inf, 1e308
    assert np.isfinite(found(wild).score).all()


def test_target_and_identifiers_are_not_looked_at():
    frame = mixed(200).assign(id=[f"r{i}" for i in range(200)], y=1.0)
    frame.loc[0, "y"] = 1e9
    result = run("outliers", dataset(frame, target="y"))
    assert "y" not in result.names and "id" not in result.names and not result.beyond[0]


def test_progress_rises_to_one_and_the_work_can_be_stopped():
    found(mixed(300))  # the features are remembered from here on
    seen = []
    found(mixed(300), Progress(lambda fraction, note: seen.append(fraction)))
    assert seen == sorted(seen) and seen[-1] == 1.0 and len(set(seen)) >= 5
    for before in range(len(seen) - 1):
        heard = []
        with pytest.raises(Cancelled):
            found(
                mixed(300),
                Progress(lambda fraction, note: heard.append(fraction), lambda: len(heard) > before),
            )  # noqa: B023
        assert len(heard) == before + 1


def test_the_result_travels_and_is_locked():
    result = found(mixed(300))
    again = pickle.loads(pickle.dumps(result))
    assert again.rows().equals(result.rows()) and again.summary == result.summary
    assert result.nbytes > 300 * 18 and not result.evidence.flags.writeable and result.x.dtype == np.float32
    assert ANALYSIS.page == "clean/issues" and ANALYSIS.name == "outliers"


def test_years_carry_no_thousands_mark_in_reasons() -> None:
    draw = np.random.default_rng(4)
    frame = pd.DataFrame({f"c{n}": draw.normal(size=400) for n in range(3)})
    frame["built"] = draw.integers(1995, 2013, 400)
    frame["price"] = draw.integers(1995, 20130, 400)
    reasons = RowReasons(dataset(frame), ("built", "price"))
    words = {name: reasons.column(0, at) for at, name in enumerate(("built", "price"))}
    row = int(np.flatnonzero(frame["built"] >= 1999)[1])
    assert words["built"].brief(row) == f"built {frame['built'][row]}"
    assert words["price"].brief(row) == f"price {frame['price'][row]:,}"


def lopsided(seed: int = 0) -> tuple[pd.DataFrame, pd.DataFrame]:
    """1,000 rows of train and 40 of serve that are alike in six columns; 'u' and 'fuel' are in train alone,
    'v', 'w' and 'shop' in serve.
    """
    rng = np.random.default_rng(seed)
    train, serve = (normal(n, 5, seed + n).assign(k=rng.choice(list("pqrs"), n)) for n in (1000, 40))
    train["u"], train["fuel"] = rng.normal(50, 9, 1000), rng.choice(["gas", "oil", "wood"], 1000)
    serve[["v", "w"]], serve["shop"] = rng.normal(size=(40, 2)), rng.choice(list("xyz"), 40)
    return train, serve


@pytest.mark.parametrize("seed", range(3))
def test_a_row_is_not_odd_as_its_part_has_a_column_that_the_other_lacks(seed: int) -> None:
    train, serve = lopsided(seed)
    result = run("outliers", load(train, serve=serve, name=f"lopsided{seed}"), {})
    assert isinstance(result, OutlierResult)
    shared = run("outliers", load(train.iloc[:, :6], serve=serve.iloc[:, :6], name=f"shared{seed}"), {})
    assert isinstance(shared, OutlierResult)
    assert not result.beyond.any() and np.array_equal(result.evidence, shared.evidence)
    assert not any(re.search(r"\b(u|v|w|fuel|shop)\b", why) for why in result.why)
    [note] = [note for note in result.notes if "only one of the two has" in note]
    assert "'u', 'fuel', 'v' and 2 more" in note


def test_a_gross_value_and_a_rare_pair_in_a_column_of_one_part_are_found_and_measured_by_that_part() -> None:
    train, serve = lopsided()
    train["heat"] = train["fuel"].map({"gas": "warm", "oil": "hot", "wood": "open"})
    train.loc[7, "u"], train.loc[9, "heat"] = 500.0, "warm" if train.loc[9, "fuel"] != "gas" else "hot"
    data = load(train, serve=pd.concat([serve] * 20, ignore_index=True), name="gross")
    result = run("outliers", data, {})
    assert isinstance(result, OutlierResult)
    assert np.flatnonzero(result.beyond).tolist() == [7, 9] and result.single_in == ("u",)
    why = dict(zip(result.worded.tolist(), result.why, strict=True))
    low, high = np.sort(train["u"])[[249, 749]]
    assert why[7].startswith(f"u 500 (quartiles {low:.4g} to {high:.4g} of train)")
    due = (
        1000 * (train["fuel"] == train.loc[9, "fuel"]).mean() * (train["heat"] == train.loc[9, "heat"]).mean()
    )
    assert f"in 1 row ({due:.0f} expected)" in why[9]
    worded = reasons_of(data, result).parts(20, [result.names.index("u")], single=True)
    assert worded[0].startswith("u ") and worded[0].endswith("of train)")
    within = load(train.assign(y=train["k"]), serve=serve.assign(y=serve["k"]), name="in classes")
    classed = run("outliers", within, {"within": "y", "columns": ("c0", "c1", "u")})
    assert isinstance(classed, OutlierResult)
    [row] = np.flatnonzero(classed.beyond)
    assert row == 7 and "of its class in train" in classed.why[classed.worded.tolist().index(7)]


def test_where_the_parts_share_no_column_that_varies_that_is_said() -> None:
    train, serve = lopsided()
    data = load(train[["c0", "u"]].assign(c0=1.0), serve=serve[["c0", "v"]].assign(c0=1.0), name="apart")
    with pytest.raises(TooSmallError, match=r"train and serve both have varies.* has 'u' and 'v'"):
        run("outliers", data, {})


def test_rows_that_share_a_far_value_name_it_first_though_they_are_each_others_neighbours() -> None:
    """Forty rows of 3,000 had the income -999: their nearest had it too, and age or town was named."""
    draw, rows = np.random.default_rng(1), 3_000
    frame = pd.DataFrame(
        {
            "age": draw.integers(18, 80, rows),
            "income": draw.normal(50, 15, rows).round(1),
            "comment": ["word " * int(words) for words in draw.integers(1, 30, rows)],
            "town": draw.choice(list("abcd"), rows),
        }
    )
    at = draw.choice(rows, 40, replace=False)
    frame.loc[at, "income"] = -999.0
    result = run("outliers", dataset(frame, kinds={"comment": "text"}))
    assert isinstance(result, OutlierResult)
    flagged = np.flatnonzero(result.beyond)
    assert flagged.size > 5 and set(flagged) <= set(at)
    words = dict(zip(result.worded.tolist(), result.why, strict=True))
    assert {words[row].split(" (")[0] for row in flagged.tolist()} == {"income -999"}
