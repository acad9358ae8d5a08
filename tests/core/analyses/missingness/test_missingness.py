"""Missing values: counts are exact, chance is told from cause, and what is taken home does what the preview
showed.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core import load
from core.analyses.missingness import gaps as module
from core.analyses.missingness import maths
from core.analyses.missingness.analysis import MissingnessSettings, missingness
from core.analyses.missingness.imputation import FillPlan, fitted, prepared
from core.analyses.missingness.result import MissingnessResult
from core.progress import SILENT
from core.run import run
from tests import warm
from tests.make import dataset


def work(frame: pd.DataFrame, serve: pd.DataFrame | None = None, **settings: object) -> MissingnessResult:
    return missingness(dataset(frame, serve=serve), MissingnessSettings.of(settings), SILENT)


def table(rows: int, seed: int = 0) -> pd.DataFrame:
    draw = np.random.default_rng(seed)
    made = pd.DataFrame(
        {
            "a": draw.normal(50, 10, rows),
            "b": draw.lognormal(0, 1, rows),
            "c": draw.choice(["x", "y", "z"], rows),
        }
    )
    made["d"] = made["a"] * 2.0 + draw.normal(0, 1, rows)
    return made


def test_counts_patterns_and_matrix_are_exact() -> None:
    frame = table(1000)
    frame.loc[:199, "a"] = np.nan
    frame.loc[100:299, "b"] = np.nan
    result = work(frame)
    assert result.frame()[["column", "missing", "share"]].to_numpy().tolist() == [
        ["a", 200, 0.2],
        ["b", 200, 0.2],
    ]
    assert [(p.columns, p.rows) for p in sorted(result.patterns, key=lambda p: p.columns)] == [
        ((), 700),
        ((0,), 100),
        ((0, 1), 100),
        ((1,), 100),
    ]
    assert result.summary["complete_rows"] == 700 and result.summary["missing_share"] == pytest.approx(
        400 / 4000
    )
    assert result.matrix.shape == (200, 2)
    np.testing.assert_allclose(result.matrix[:, 0], np.repeat([1.0, 0.0], [40, 160]))
    np.testing.assert_allclose(result.sorted_matrix[:20].sum(), 40.0)  # rows that lack both come first
    np.testing.assert_allclose(result.phi, np.corrcoef(frame[["a", "b"]].isna().to_numpy().T.astype(float)))
    assert result.rows()["missing"].tolist() == frame.isna().sum(axis=1).tolist()


def test_a_table_without_gaps_gives_an_empty_answer() -> None:
    result = work(table(100))
    assert (
        len(result.frame()) == 0
        and result.findings == ()
        and result.filler == b""
        and result.summary["complete_rows"] == 100
    )


def test_cells_of_a_part_without_the_column_are_none_of_the_gaps_that_are_counted() -> None:
    """Train has 'c', serve has 'e', with gaps of its own; summary and headline counted by two definitions."""
    draw = np.random.default_rng(0)
    frame = pd.DataFrame(draw.normal(size=(120, 3)), columns=["a", "b", "c"])
    frame.loc[:49, "b"] = np.nan
    serve = pd.DataFrame(draw.normal(size=(60, 3)), columns=["a", "b", "e"])
    serve.loc[:11, "b"] = np.nan
    for gaps in (0, 20):
        serve.loc[: gaps - 1, "e"] = np.nan
        result = missingness(load(frame, serve=serve), MissingnessSettings(), SILENT)
        own = np.concatenate([frame.isna().sum(axis=1), serve.isna().sum(axis=1)])
        assert result.rows()["missing"].tolist() == own.tolist()
        summary = result.summary
        assert summary["columns_with_gaps"] == (2 if gaps else 1)
        assert result.calm.startswith("2 columns have gaps" if gaps else "1 column has gaps")
        assert summary["missing_cells"] == 62 + gaps == int(own.sum())
        assert summary["missing_share"] == pytest.approx((62 + gaps) / (3 * 120 + 3 * 60))
        assert summary["complete_rows"] == 180 - 50 - (20 if gaps else 12)
        nothing = next(one for one in result.patterns if not one.columns)
        assert nothing.rows == summary["complete_rows"], "missing together are gaps that are counted, too"
        columns = {one.name: one for one in run("profile", load(frame, serve=serve)).columns}
        assert (columns["c"].missing, columns["c"].rows) == (0, 120)
        assert (columns["e"].missing, columns["e"].rows, columns["e"].missing_by_part) == (
            gaps,
            60,
            (0, gaps),
        )
        profiled = run("profile", load(frame, serve=serve)).summary
        assert profiled["missing_cells"] == summary["missing_cells"]
        assert profiled["missing_share"] == pytest.approx(summary["missing_share"])
        assert sum("none of the gaps that are counted" in note for note in result.notes) == 2


def test_where_only_a_part_lacks_a_column_no_check_of_gaps_is_left_open() -> None:
    """Nothing could settle "Missing was not made in full"."""
    draw = np.random.default_rng(1)
    train = pd.DataFrame(draw.normal(size=(90, 2)), columns=["a", "b"])
    serve = pd.DataFrame(draw.normal(size=(60, 1)), columns=["a"])
    result = missingness(load(train, serve=serve), MissingnessSettings(), SILENT)
    assert [gap.name for gap in result.gaps] == ["b"] == [*result.lacked] and not result.unchecked
    assert result.calm == "'b' is not in both parts"
    train.loc[:1, "b"] = np.nan
    few = missingness(load(train, serve=serve), MissingnessSettings(), SILENT)
    assert few.unchecked == "Whether other columns predict the gaps was not checked."


def test_why_gaps_are_not_explained_is_the_reason_that_applies(monkeypatch: pytest.MonkeyPatch) -> None:
    """All reasons there are stood in one line: "fewer than 20 rows ..., or too many different gaps"."""
    frame, words = table(200), "Not checked whether other columns predict the gaps of "

    def told(some: pd.DataFrame, **given: pd.DataFrame) -> list[str]:
        return [note.removeprefix(words) for note in work(some, **given).notes if note.startswith(words)]

    few = frame.copy()
    few.loc[:9, "a"] = np.nan
    assert told(few) == ["'a': fewer than 20 rows lack the value."]
    assert told(few, serve=few) == ["'a': fewer than 20 train rows lack the value."]
    rare = frame.copy()
    rare.loc[10:, "b"] = np.nan
    assert told(rare) == ["'b': fewer than 20 rows have the value."]
    assert told(rare.loc[:, ["b"]].assign(b=frame["b"].where(frame.index % 2 == 0))) == [
        "'b': there is no other column to predict them by."
    ]
    few.loc[50:89, "b"], few.loc[100:129, "d"] = np.nan, np.nan
    monkeypatch.setattr(module, "MOST_JUDGED", 1)
    assert told(few) == [
        "2 of 3 columns with gaps: of different gaps only the 1 largest are judged (1 column); "
        "fewer than 20 rows lack the value (1 column)."
    ]


def test_gaps_at_random_are_within_the_noise() -> None:
    """Under no relation the AUC out of fold has mean 0.5 and the standard error of the noise floor."""
    z = []
    for seed in range(40):
        draw = np.random.default_rng(seed)
        matrix, missing = draw.normal(size=(400, 6)).astype(np.float32), draw.random(400) < 0.3
        told = maths.gap_model(matrix, missing, draw.integers(0, 5, 400), 0)
        assert told is not None
        z.append((told.auc - 0.5) / ((told.noise - 0.5) / 1.96))
    assert abs(np.mean(z)) < 0.5 and 0.7 < np.std(z) < 1.25


@pytest.mark.parametrize("seed", range(5))
def test_gaps_at_random_raise_no_alarm(seed: int) -> None:
    frame, draw = table(500, seed), np.random.default_rng(100 + seed)
    assert work(frame.mask(draw.random(frame.shape) < 0.15)).findings == ()


@pytest.mark.parametrize("cause", ["high values of another", "both ends of another", "a level of another"])
def test_gaps_with_a_cause_are_found(cause: str) -> None:
    frame, draw = table(1500), np.random.default_rng(1)
    likely = {
        "high values of another": frame["a"] > 55,
        "both ends of another": (frame["a"] - 50).abs() > 10,
        "a level of another": frame["c"] == "x",
    }[cause]
    frame.loc[draw.random(1500) < np.where(likely, 0.5, 0.1), "b"] = np.nan
    frame.loc[draw.random(1500) < 0.2, "d"] = np.nan
    result = work(frame)
    [finding] = result.findings
    assert (finding.code, finding.columns, finding.severity) == ("not_mcar", ("b",), "warning")
    assert result.calm == (
        "2 columns have gaps; other columns predict where 1 of them is missing; "
        "no cause of the others stands out"
    )
    assert (
        finding.value > finding.limit > finding.noise
        and finding.rows.ids.tolist() == np.flatnonzero(frame["b"].isna()).tolist()
    )


@pytest.mark.parametrize("seed", range(3))
def test_few_values_that_are_there_by_a_cause_are_found(seed: int) -> None:
    """23 of 3,000 are known, all of the oldest: boosting without a penalty foretold the opposite."""
    draw = np.random.default_rng(seed)
    frame = table(3000, seed).assign(year=draw.integers(1956, 2013, 3000))
    known = draw.choice(np.flatnonzero(frame["year"] < 1975), 23, replace=False)
    frame["speed"] = np.where(np.isin(np.arange(3000), known), draw.normal(100, 10, 3000), np.nan)
    [gap] = work(frame).gaps
    assert gap.model is not None and gap.model.auc > 0.8 and gap.model.low > gap.model.noise


def test_labels_that_are_missing_by_a_cause_are_not_made_up() -> None:
    frame, draw = table(1500), np.random.default_rng(1)
    frame.loc[draw.random(1500) < np.where(frame["a"] > 55, 0.5, 0.1), "b"] = np.nan
    [column] = work(frame).findings
    [target] = missingness(dataset(frame, target="b"), MissingnessSettings(), SILENT).findings
    assert column.action == "fill" and column.suggestion.startswith("Impute from other columns")
    assert (target.code, target.columns, target.action) == ("not_mcar", ("b",), "drop")
    assert target.suggestion.endswith("Never impute a target.") and target.conditional


def test_one_cause_among_many_columns_is_found_in_the_training_rows_alone() -> None:
    """More columns than a model takes: the cause is among those kept, and noise that is picked out of 150
    columns tells nothing.
    """
    draw = np.random.default_rng(9)
    values, folds = draw.normal(size=(600, 150)).astype(np.float32), draw.integers(0, 5, 600)
    values[:, :30] = values[:, :30] > 0  # in ranks, the distance from the middle says nothing there
    values[:, 30:40] = 7.0
    matrix = maths.ranked(values)
    caused = maths.gap_model(
        matrix, draw.random(600) < np.where(np.abs(values[:, 70]) > 1, 0.7, 0.1), folds, 0
    )
    chance = [maths.gap_model(matrix, draw.random(600) < 0.3, folds, 0) for _ in range(4)]
    assert caused is not None and caused.low > 0.6 and caused.n == 600
    assert abs(np.mean([one.auc for one in chance if one is not None]) - 0.5) < 0.06


def test_ranks_keep_order_and_equality_and_gaps_wherever_a_row_stands() -> None:
    draw = np.random.default_rng(4)
    values = np.stack(
        [draw.normal(size=900), draw.integers(0, 5, 900), np.where(draw.random(900) < 0.3, np.nan, 1.0)],
        axis=1,
    ).astype(np.float32)
    ranks, places = maths.ranked(values), draw.permutation(900)
    np.testing.assert_array_equal(np.isnan(ranks), np.isnan(values))
    np.testing.assert_array_equal(maths.ranked(values[places]), ranks[places])
    assert (np.diff(ranks[np.argsort(values[:, 0]), 0]) >= 0).all() and np.unique(ranks[:, 0]).size == 31
    assert np.bincount(np.unique(ranks[:, 0], return_inverse=True)[1]).min() >= 29  # of 900 / 31
    means = [
        values[values[:, 1] < level, 1].size / 900 + (values[:, 1] == level).mean() / 2 for level in range(5)
    ]
    np.testing.assert_allclose(np.unique(ranks[:, 1]) + 0.5, means, atol=1e-6)


def test_a_number_that_no_neighbour_knows_is_filled_with_its_median() -> None:
    draw = np.random.default_rng(5)
    frame = pd.DataFrame({"a": draw.normal(size=2_400), "b": np.nan, "c": draw.normal(size=2_400)})
    frame.loc[draw.random(2_400) < 0.1, "a"] = np.nan
    frame.loc[2_100:2_200, "b"] = np.arange(101.0)
    plan = FillPlan(("a", "b"), (), "knn", helpers=("c",))
    filled = fitted(prepared(frame, plan), plan).transform(frame)
    assert filled.notna().all(axis=None) and (filled["b"][:2_000] == 50.0).all()


def test_findings_say_how_many_and_their_line_of_code_runs() -> None:
    frame, draw, name = table(900), np.random.default_rng(10), 'b\'s "gap"'
    frame = frame.rename(columns={"b": name})
    frame.loc[draw.random(900) < np.where(frame["a"] > 50, 0.5, 0.05), name] = np.nan
    [finding] = work(frame).findings
    place = {"data": frame.copy()}
    exec(finding.fix, place)
    assert finding.n == 900 and place["data"][f"{name} is missing"].tolist() == frame[name].isna().tolist()


def test_gaps_that_a_level_decides_are_structural() -> None:
    frame, draw = table(800), np.random.default_rng(2)
    frame["married"] = draw.choice(["yes", "no", "widowed"], 800)
    frame["partner_age"] = np.where(frame["married"] == "yes", draw.normal(40, 9, 800), np.nan)
    result = work(frame)
    [finding] = result.findings
    assert (finding.code, finding.severity, finding.columns) == (
        "structural_missing",
        "info",
        ("partner_age",),
    )
    [gap] = result.gaps
    assert gap.by is not None and (gap.by.by, gap.by.where, gap.by.exceptions) == (
        "married",
        "'married' is not 'yes'",
        0,
    )


def test_the_preview_tells_what_filling_does() -> None:
    frame, draw = table(2000), np.random.default_rng(3)
    frame.loc[draw.random(2000) < 0.4, "d"] = np.nan
    frame.loc[draw.random(2000) < 0.25, "c"] = None
    shown = work(frame).preview().set_index(["column", "strategy"])
    known = frame["d"].dropna()
    mean = shown.loc[("d", "mean")]
    assert mean["mean_after"] == pytest.approx(known.mean()) and mean["mean_before"] == pytest.approx(
        known.mean()
    )
    assert mean["sd_after"] == pytest.approx(known.std(ddof=0) * np.sqrt(len(known) / 2000))
    assert shown.loc[("d", "median"), "q50_after"] == pytest.approx(known.median(), rel=0.01)
    assert shown.loc[("d", "constant"), "moved"] == pytest.approx(1 - len(known) / 2000)
    assert shown.loc[("d", "knn"), "moved"] < 0.1 < shown.loc[("d", "mean"), "moved"]  # a tells d
    assert shown.loc[("c", "constant"), "moved"] == pytest.approx(frame["c"].isna().mean())
    assert ("c", "mean") not in shown.index


@pytest.mark.parametrize("strategy", ["median", "knn", "constant"])
def test_what_is_taken_home_is_fitted_on_train_alone_and_does_the_same(strategy: str, tmp_path: Path) -> None:
    import skops.io

    frame, draw = table(300, 4), np.random.default_rng(5)
    frame = frame.mask(draw.random(frame.shape) < 0.2)
    serve = frame.assign(a=1e6, c="unseen")
    alone, with_serve = work(frame, strategy=strategy), work(frame, serve=serve, strategy=strategy)
    assert skops.io.get_untrusted_types(data=alone.filler) in ([], ["numpy.dtype"])
    numeric, columns = ["a", "b", "d"], ["a", "b", "d", "c"]
    given = frame[columns].astype({name: "float64" for name in numeric}).astype({"c": object})
    filled = [skops.io.loads(r.filler, trusted=["numpy.dtype"]).transform(given) for r in (alone, with_serve)]
    pd.testing.assert_frame_equal(*filled)  # a million in the serve part moves nothing
    assert not filled[0].isna().any().any()
    source, code = tmp_path / "train.csv", tmp_path / "fill.py"
    frame.to_csv(source, index=False)
    code.write_text(alone.code, encoding="utf-8")
    done = warm.run(code, source.name, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    written = pd.read_csv(tmp_path / "train.csv.filled.csv")
    np.testing.assert_allclose(written[numeric], filled[0][numeric], rtol=1e-9)
    assert written["c"].tolist() == filled[0]["c"].tolist()
    # what was known is untouched
    pd.testing.assert_frame_equal(written.where(frame.notna()), pd.read_csv(source)[list(written)])


def test_a_gap_is_not_imputed_with_a_level_of_the_column() -> None:
    import skops.io

    frame = table(300)
    frame["c"] = np.where(np.arange(300) % 3, frame["c"], "missing")
    frame.loc[::5, "c"] = None
    result = work(frame, strategy="constant")
    assert "fill_value='(missing)'" in result.code
    filled = skops.io.loads(result.filler, trusted=["numpy.dtype"]).transform(frame[["c"]].astype(object))
    assert (filled["c"] == "(missing)").equals(frame["c"].isna())


def test_hostile_names_stay_words_in_the_script() -> None:
    name = 'a"]; import os; os.abort() #\n{x}'
    frame = table(60).rename(columns={"a": name})
    frame.loc[:20, name] = np.nan
    compile(work(frame).code, "fill.py", "exec")
    assert repr(name) in work(frame).code


def test_a_column_that_is_missing_throughout_is_not_filled() -> None:
    frame = table(100).assign(empty=np.nan, flag=pd.array([True, None] * 50, dtype=object))
    result = work(frame)
    assert {e.column for e in result.effects} == {"flag"}


def test_nothing_is_made_up_in_a_column_with_a_role() -> None:
    frame = table(300)
    frame.loc[:99, "c"] = None
    frame.loc[50:79, "a"] = np.nan
    frame.loc[10:19, "b"] = np.nan
    data = dataset(frame, target="c", weight="b")
    result = missingness(data, MissingnessSettings(), SILENT)
    assert {effect.column for effect in result.effects} == {"a"}
    assert "'c'" not in result.code and "'a'" in result.code, "nor by what is exported"
    assert {note for note in result.notes if "made up" in note} == {
        "'c' is the target: nothing is made up there.",
        "'b' is the weight: nothing is made up there.",
    }
    alone = missingness(dataset(frame[["c", "d"]], target="c"), MissingnessSettings(), SILENT)
    assert alone.effects == () and alone.filler == b""


def test_an_empty_column_is_offered_to_be_left_out_and_is_no_gap() -> None:
    frame = table(200).assign(empty=pd.array([None] * 200, "str"))
    alone = work(frame)
    [finding] = alone.findings
    assert (finding.code, finding.columns, finding.action) == ("all_missing", ("empty",), "omit")
    assert alone.gaps == () and alone.patterns == work(table(200)).patterns and alone.filler == b""
    assert alone.summary["complete_rows"] == 200 and alone.summary["empty_columns"] == 1
    assert alone.calm == "No other column has an empty cell" and alone.unchecked == ""
    assert alone.notes == ("'empty' has no value: it is neither counted among the gaps nor imputed.",)
    frame.loc[:49, "a"] = np.nan
    gappy = work(frame)
    assert [gap.name for gap in gappy.gaps] == ["a"] and "empty" not in {e.column for e in gappy.effects}
    assert gappy.frame()[["column", "missing"]].to_numpy().tolist() == [["a", 50]]
    profiled = [one for one in run("profile", dataset(frame)).findings if one.code == "all_missing"]
    assert [one.key for one in profiled] == [finding.key]  # one fact, counted once


def test_an_empty_target_is_not_offered_to_be_left_out() -> None:
    frame = table(200).assign(y=pd.array([None] * 200, "str"))
    result = missingness(dataset(frame, target="y"), MissingnessSettings(), SILENT)
    assert result.empty == ("y",) and result.gaps == () and result.findings == ()


def test_no_order_matters_where_rows_are_sampled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SAMPLE", 300)
    frame, draw = table(900), np.random.default_rng(6)
    frame.loc[draw.random(900) < np.where(frame["a"] > 50, 0.5, 0.1), "b"] = np.nan
    one, two = work(frame), work(frame.sample(frac=1.0, random_state=1).reset_index(drop=True))
    pd.testing.assert_frame_equal(one.frame(), two.frame())
    pd.testing.assert_frame_equal(one.preview(), two.preview())
    assert one.filler == two.filler or one.code == two.code
    assert "300 of 900 train rows" in one.notes[0]


def test_the_rows_of_a_pattern_are_those_that_lack_just_these_columns() -> None:
    draw = np.random.default_rng(11)
    frame = table(600).mask(draw.random((600, 4)) < [0.5, 0.2, 0.02, 0.1])
    mixed = frame.sample(frac=1.0, random_state=2)
    result, other = work(frame), work(mixed.reset_index(drop=True))
    assert [(p.columns, p.rows) for p in result.patterns] == [(p.columns, p.rows) for p in other.patterns]
    for place, pattern in enumerate(result.patterns):
        gone = {result.gaps[column].name for column in pattern.columns}
        exactly = frame.isna().apply(lambda row, gone=gone: set(row.index[row]) == gone, axis=1)
        assert result.rows_of_pattern(place).ids.tolist() == np.flatnonzero(exactly).tolist()
        assert sorted(mixed.index[other.rows_of_pattern(place).ids]) == np.flatnonzero(exactly).tolist()
    table_of_rows = result.rows()
    assert (table_of_rows["pattern"].value_counts().sort_index() == [p.rows for p in result.patterns]).all()


def test_rows_of_rarer_patterns_are_told_together() -> None:
    draw = np.random.default_rng(12)
    frame = pd.DataFrame(draw.normal(size=(300, 6))).add_prefix("x").mask(draw.random((300, 6)) < 0.5)
    result = work(frame)
    assert len(result.patterns) == 20 < result.pattern_count
    assert len(result.rows_of_pattern(-1)) == 300 - sum(p.rows for p in result.patterns) > 0
    with pytest.raises(IndexError):
        result.rows_of_pattern(20)


def test_places_are_those_of_a_stable_sort() -> None:
    keys = np.random.default_rng(13).integers(0, 50, 1_000).astype(np.uint64)
    np.testing.assert_array_equal(maths.places(keys)[np.argsort(keys, kind="stable")], np.arange(1_000))
