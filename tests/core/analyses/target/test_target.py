"""What the target view tells of a class and of a number, and what it does not claim."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.analyses.target.analysis import TargetResult, TargetSettings, target
from core.analyses.target.findings import Single, near_perfect, no_gain
from core.analyses.target.labelled import bins_of, targeted
from core.analyses.target.model import Interval
from core.analyses.target.transforms import interactions, transformations
from core.errors import TooSmallError
from core.numerics.auc import area_under_curve
from core.numerics.binning import BinnedEffect, mean_interval, wilson
from core.numerics.folds import spread
from core.outcomes import all_findings, attempt
from core.prepare.constant_target import constant_target
from core.progress import SILENT, Progress
from core.run import run
from tests.make import dataset


def view(frame: pd.DataFrame, name: str = "y", **settings: object) -> TargetResult:
    return target(dataset(frame, target=name), TargetSettings.of(settings), Progress())


def frame(n: int, seed: int = 0) -> pd.DataFrame:
    draw = np.random.default_rng(seed)
    x, a, b = draw.lognormal(0, 1, n), draw.normal(size=n), draw.normal(size=n)
    made = pd.DataFrame(
        {
            "x": x,
            "a": a,
            "b": b,
            "idle": draw.normal(size=n),
            "city": draw.choice(["Oslo", "Rome", "Lima"], n),
        }
    )
    made.loc[draw.random(n) < 0.1, "idle"] = np.nan
    signal = np.log(x) + a * b + 1.5 * (made["city"] == "Rome")
    return made.assign(
        y=signal + 0.7 * draw.normal(size=n),
        label=np.where(signal + 0.5 * draw.logistic(size=n) > 1, "yes", "no"),
    )


def test_a_number_target() -> None:
    result = view(frame(1500).drop(columns="label"))
    table = result.frame().set_index("column")
    assert table.index[0] == "x" and {"x", "city"} <= set(table.index[table["q"] < 0.01])
    assert table.loc["idle", "q"] > 0.01 and table.loc["idle", "importance_low"] <= 0
    assert (table.loc[["x", "a", "b", "city"], "importance_low"] > 0).all()
    assert result.quality.skill.low > 0.3
    found = {(one.what, frozenset(names)) for names, one in result.suggestions}
    assert ("log", frozenset({"x"})) in found and ("interaction", frozenset({"a", "b"})) in found
    assert not any("idle" in names for names, _ in result.suggestions)
    assert {finding.severity for finding in result.findings} == {"info"}


def test_a_class_target_and_its_rates() -> None:
    made = frame(1500).drop(columns="y")
    result = view(made, "label")
    assert result.summary["kind"] == "class" and result.summary["auc"] > 0.75
    rates = result.bins("city").set_index("bin")
    assert set(rates["class"]) == {result.classes[1]}
    for city, group in made.groupby("city"):
        share = (group["label"] == result.classes[1]).mean()
        assert (
            rates.loc[city, "value"] == pytest.approx(share)
            and rates.loc[city, "low"] < share < rates.loc[city, "high"]
        )
    assert result.bins("idle")["bin"].iloc[-1] == "missing"
    assert result.bins("idle")["rows"].sum() == 1500


def test_three_classes_have_a_rate_each() -> None:
    made = (
        frame(600)
        .drop(columns=["y", "label"])
        .assign(y=np.random.default_rng(1).choice(["p", "q", "r"], 600, p=[0.5, 0.3, 0.2]))
    )
    result = view(made, suggest=False, model=False)
    rates = result.bins("x")
    assert set(rates["class"]) == {"p", "q", "r"}
    np.testing.assert_allclose(rates.groupby("bin")["value"].sum(), 1.0)


def test_noise_gets_no_praise() -> None:
    alarms = suggestions = 0
    for seed in range(6):
        draw = np.random.default_rng(seed)
        made = pd.DataFrame(draw.lognormal(0, 1, (200, 6)), columns=list("abcdef")).assign(
            y=draw.normal(size=200)
        )
        result = view(made)
        alarms += (result.frame()["q"] < 0.01).sum() + (result.quality.skill.low > 0)
        suggestions += len(result.suggestions)
    assert alarms <= 1 and suggestions <= 1


def test_equal_rows_and_groups_never_stand_on_both_sides() -> None:
    keys = np.random.default_rng(2).integers(0, 2**63, 60, dtype=np.uint64)[np.arange(300) % 60]
    dealt = spread(keys, (np.arange(300) % 60 % 3).astype(np.int32))
    assert pd.Series(dealt).groupby(keys).nunique().max() == 1
    assert (pd.crosstab(dealt, np.arange(300) % 60 % 3) == 20).to_numpy().all()


def test_the_model_is_not_praised_for_rows_it_has_seen() -> None:
    """Each row twice, with a label that is pure chance: a random split would find the twin, ours does not."""
    draw = np.random.default_rng(3)
    made = pd.DataFrame(
        {"x": draw.normal(size=150), "z": draw.normal(size=150), "y": draw.choice(["no", "yes"], 150)}
    )
    result = view(pd.concat([made, made], ignore_index=True), suggest=False)
    assert result.quality.skill.low <= 0 and result.summary["auc"] < 0.65


def test_the_order_of_rows_changes_nothing() -> None:
    made = frame(300).drop(columns="label")
    straight, turned = view(made), view(made.iloc[::-1].reset_index(drop=True))
    pd.testing.assert_frame_equal(straight.frame(), turned.frame(), rtol=1e-9)
    assert straight.summary == turned.summary


def test_intervals_agree_with_textbooks() -> None:
    low, high = wilson(np.array([0.0, 5.0]), np.array([10.0, 10.0]))
    np.testing.assert_allclose(
        [low[0], high[0], low[1], high[1]], [0.0, 0.27753, 0.23659, 0.76341], atol=1e-5
    )
    mean, below, above = mean_interval(np.array([1, 1, 1, 2], np.int32), np.array([1.0, 2.0, 3.0, 9.0]), 2)
    np.testing.assert_allclose(
        [mean[0], below[0], above[0], mean[1]], [2.0, -0.48414, 4.48414, 9.0], atol=1e-5
    )
    assert np.isnan(below[1])
    scores, hits = (
        np.random.default_rng(4).integers(0, 9, 200).astype(float),
        np.random.default_rng(5).random(200) < 0.3,
    )
    pairs = scores[hits][:, None] - scores[~hits]
    assert area_under_curve(scores, hits) == pytest.approx(((pairs > 0) + 0.5 * (pairs == 0)).mean())


def test_a_bowl_is_squared_and_a_product_is_crossed_but_a_sum_is_not() -> None:
    draw = np.random.default_rng(6)
    x, z = draw.normal(size=1500), draw.normal(size=1500)
    fold = (np.arange(1500) % 5).astype(np.int8)
    bowl = (x**2 + 0.5 * draw.normal(size=1500))[:, None]
    assert [(one.columns, one.what) for one in transformations([x, z], bowl, fold, 0, SILENT)] == [
        ((0,), "square")
    ]
    straight = (x + 0.5 * draw.normal(size=1500))[:, None]
    assert transformations([x, z], straight, fold, 0, SILENT) == []
    summed, crossed = straight + z[:, None], straight + (x * z)[:, None]
    sides = [(x, False), (z, False)]
    assert interactions(sides, summed, fold, 0, SILENT) == []
    assert [one.columns for one in interactions(sides, crossed, fold, 0, SILENT)] == [(0, 1)]


def test_too_little_is_said_in_words() -> None:
    made = frame(300).drop(columns="label")
    with pytest.raises(TooSmallError, match="19 rows"):
        view(made.head(19))
    small = view(made.head(60))
    assert small.quality is None and any("at least 100 rows" in note for note in small.notes)
    assert target(dataset(made), TargetSettings(), Progress()).status.state == "skipped"


@pytest.mark.parametrize(("value", "rows"), [(1.0, 300), ("yes", 9), (True, 60), (None, 60)])
def test_of_a_target_that_does_not_vary_nothing_can_be_predicted(value: object, rows: int) -> None:
    """Critical, in one finding of the profile and of the target analysis; neither failed nor a pass."""
    made = frame(300).drop(columns="label").head(rows).assign(y=pd.Series([value] * rows, dtype=object))
    data = dataset(made, target="y")
    outcomes = [attempt(name, data) for name in ("profile", "target")]
    found = [f for f in all_findings(data, outcomes) if f.columns == ("y",)]
    assert [(f.code, f.severity) for f in found] == [("constant_target", "critical")]
    assert found[0].title.startswith("Nothing can be predicted: the target 'y' has ")
    assert f"{rows} rows" in found[0].title and found[0].n == (0 if value is None else rows)
    assert outcomes[1].status.state == "ok" and not outcomes[1].complete
    assert "Nothing can be predicted" in outcomes[1].unchecked and "Choose another" in outcomes[1].unchecked
    assert outcomes[1].result is not None and outcomes[1].result.frame().empty


def test_one_other_value_or_another_column_makes_no_constant_target() -> None:
    made = frame(300).drop(columns="label")
    flat = made.assign(y=1.0)
    flat.loc[7, "y"] = 2.0
    assert constant_target(dataset(flat, target="y"), "y") is None
    gaps = made.assign(y=1.0)
    gaps.loc[:9, "y"] = None
    told = constant_target(dataset(gaps, target="y"), "y")
    assert (
        told is not None
        and "has one value, 1, in the 290 of 300 rows in which it is known" in told.title
        and told.n == 290
    )
    quiet = run("profile", dataset(made.assign(flat=1.0), target="y"), {})
    assert [f.code for f in quiet.findings if f.columns == ("flat",)] == ["constant"]


def test_train_decides_whether_a_target_varies() -> None:
    made = frame(300).drop(columns="label")
    data = dataset(made.assign(y=1.0), serve=made, target="y")
    told = constant_target(data, "y")
    assert told is not None and "300 train rows" in told.title
    assert constant_target(dataset(made, serve=made.assign(y=1.0), target="y"), "y") is None


def test_empty_and_extreme_columns_do_no_harm() -> None:
    made = frame(200).drop(columns="label")
    result = view(
        made.assign(
            empty=np.nan, huge=made["a"] * 1e300, infinite=np.where(np.arange(200) % 9, made["b"], np.inf)
        )
    )
    assert {"huge", "infinite"} <= set(result.frame()["column"]), "and none without a value"
    assert "empty" not in set(result.frame()["column"]) | set(result.important)
    assert "Not related, without a value in these rows: 'empty'." in result.notes
    assert view(made.assign(y=made["y"] * 1e300)).quality.skill.value == pytest.approx(
        view(made).quality.skill.value, abs=1e-6
    )


def test_no_column_is_the_strongest_where_none_relates_to_the_target() -> None:
    draw = np.random.default_rng(1)
    noise = pd.DataFrame({name: draw.normal(size=300) for name in "abc"}).assign(
        y=draw.choice(["u", "v"], 300)
    )
    result = view(noise, model=False)
    assert result.summary["strongest_column"] == "" and result.summary["strongest_effect"] == 0.0
    related = view(noise.assign(b=(noise["y"] == "u") + draw.normal(size=300)), model=False)
    assert related.summary["strongest_column"] == "b" and float(related.summary["strongest_effect"]) > 0.2


def test_columns_of_which_none_has_a_value_are_refused_in_one_sentence() -> None:
    with pytest.raises(TooSmallError, match="No column beside 'y' has a value"):
        view(pd.DataFrame({"a": [np.nan] * 200, "y": ["u", "v"] * 100}))


def test_suggestions_say_how_many_and_their_lines_of_code_run() -> None:
    made = frame(1500).drop(columns="label").rename(columns={"x": 'it\'s "x"', "a": "back\\slash"})
    found = [finding for finding in view(made, model=False).findings if finding.code != "no_signal"]
    assert {finding.code for finding in found} == {"transformation", "interaction"}
    for finding in found:
        place = {"data": made.copy(), "pd": pd}
        exec(finding.fix, place)
        assert finding.n == 1500 and not place["data"].equals(made)


@pytest.mark.parametrize("kind", ["thirty classes", "rare classes", "one odd row", "numbers and infinities"])
def test_odd_targets_are_told_of_and_never_alarm(kind: str) -> None:
    n, draw = 130, np.random.default_rng(8)
    y = {
        "thirty classes": np.array([f"k{i}" for i in draw.integers(0, 30, n)]),
        "rare classes": np.where(np.arange(n) % 40 == 1, [f"r{i}" for i in range(n)], "main"),
        "one odd row": np.where(np.arange(n) == 0, "odd", "main"),
        "numbers and infinities": np.where(np.arange(n) % 9, draw.normal(size=n), np.inf),
    }[kind]
    made = frame(n).drop(columns=["y", "label"]).assign(y=y)
    result = target(
        dataset(made, target="y", kinds={} if kind.startswith("num") else {"y": "category"}),
        TargetSettings(),
        Progress(),
    )
    assert result.status.state == "ok" and len(result.relations) == 5
    assert (result.quality is None) == any("No model was fitted" in note for note in result.notes)
    assert (result.quality is None) == ("No quick model was fitted" in result.calm)
    assert {finding.severity for finding in result.findings} <= {"info"}


@pytest.mark.parametrize("n", [80, 300])
def test_a_column_that_leakage_names_is_named_where_nothing_else_is_said(n: int) -> None:
    draw = np.random.default_rng(2)
    y = draw.integers(0, 2, n)
    made = pd.DataFrame({"idle": draw.normal(size=n), "late": y + 0.1 * draw.normal(size=n), "y": y})
    told = target(dataset(made, target="y", kinds={"y": "category"}), TargetSettings(), Progress())
    assert not told.findings and told.summary["strongest_column"] == "late"
    effect = f"(effect {told.summary['strongest_effect']:.2f})"
    said = f"'late' alone says much of the target {effect}, see Leakage"
    assert told.calm == ("No quick model was fitted; " if n == 80 else "") + said
    made["late"] = y + draw.normal(size=n)
    weaker = target(dataset(made, target="y", kinds={"y": "category"}), TargetSettings(), Progress())
    assert weaker.summary["strongest_column"] == "late" and "Leakage" not in weaker.calm


def test_every_class_has_its_rate_and_the_rarest_can_be_the_one_told_best() -> None:
    draw = np.random.default_rng(9)
    n, x = 4000, draw.normal(size=4000)
    y = np.where(x > 2.3, "rare", draw.choice(list("abcdefg"), n, p=[0.4, 0.2, 0.1, 0.1, 0.1, 0.05, 0.05]))
    made = pd.DataFrame({"x": x, "idle": draw.normal(size=n), "bit": draw.integers(0, 2, n), "y": y})
    result = view(made, model=False, suggest=False)
    rates = result.bins("x")
    assert set(rates["class"]) == {*"abcdefg", "rare"} == set(result.shown_classes)
    np.testing.assert_allclose(rates.groupby("bin")["value"].sum(), 1.0)
    assert result.best_class("x") == "rare" == result.classes[-1] and result.best_class("unknown") == ""
    np.testing.assert_allclose(result.overall, [(y == name).mean() for name in result.classes])
    assert result.relations[[one.column for one in result.relations].index("bit")].labels == ("0", "1")


def test_a_target_of_few_whole_numbers_may_be_a_class_and_says_so() -> None:
    draw = np.random.default_rng(10)
    made = pd.DataFrame({"x": draw.normal(size=300)})

    def told(y: object) -> list[str]:
        found = view(made.assign(y=y), model=False, suggest=False).findings
        return [finding.code for finding in found]

    codes = draw.integers(1, 8, 300)
    assert (
        told(codes)
        == told(codes.astype(float))
        == told(np.where(codes == 1, np.nan, codes))
        == ["target_as_number"]
    )
    for innocent in (
        draw.normal(size=300),
        draw.poisson(90, 300),
        codes + 0.5,
        np.where(codes > 3, 1, 0),
        codes / 3,
    ):
        assert told(innocent) == []
    few = made.head(30).assign(y=np.arange(30) % 15)  # two rows of each: as innocent as a count
    assert view(few).findings == ()
    finding = view(made.assign(y=codes), model=False, suggest=False).findings[0]
    assert (finding.action, finding.settings, finding.severity, finding.value) == (
        "read_as",
        {"kind": "category"},
        "info",
        7.0,
    )
    place = {"data": made.assign(y=codes)}
    exec(finding.fix, place)
    assert str(place["data"]["y"].dtype) == "category" and "--kind y=category" in finding.suggestion


@pytest.mark.parametrize(
    ("skill", "q", "code", "words"),
    [
        (Interval(0.2, 0.1, 0.3), 0.5, None, ""),
        (Interval(0.2, 0.1, 0.3), 0.001, None, ""),
        (Interval(0.01, -0.1, 0.12), 0.5, "no_signal", "No column predicts 'y'"),
        (Interval(-0.2, -0.3, -0.1), 0.5, "no_signal", "No column predicts 'y'"),
        (Interval(0.01, -0.1, 0.12), 0.001, "faint_signal",
         "1 column relates to 'y', yet a quick model of all columns is not"),
        (Interval(-0.2, -0.3, -0.1), 0.001, "faint_signal",
         "1 column relates to 'y', yet a quick model of all columns is worse"),
        (Interval(float("nan"), float("nan"), float("nan")), 0.5, None, ""),
    ],
)  # fmt: skip
def test_what_is_said_where_columns_and_model_disagree(
    skill: Interval, q: float, code: str | None, words: str
) -> None:
    singles = [
        Single("a", BinnedEffect(0.12, 0.05, q / 2, 500), q),
        Single("b", BinnedEffect(0.01, 0.05, 0.8, 500), 0.8),
    ]
    found = no_gain("y", skill, singles, 500)
    assert (found.code if found else None) == code
    if found:
        assert found.title.startswith(words) and found.severity == "info" and found.n == 500


def test_intervals_end_where_the_measure_does() -> None:
    """The t interval of 5 folds reached beyond a skill and an AUC of 1, and an error below 0."""
    draw = np.random.default_rng(0)
    x, z, _ = draw.normal(size=(3, 150))
    found = view(pd.DataFrame({"x": x, "z": z, "y": np.where(x > 0, "a", "b")})).quality
    assert found.skill.high == 1.0 and found.skill.low < found.skill.value < 1.0
    assert found.plain.high == 1.0 and 0.5 < found.plain.low < found.plain.value < 1.0
    wild = view(pd.DataFrame({"x": x, "z": z, "y": x**3 + 0.2 * draw.standard_t(2, 150)})).quality
    assert wild.plain.low == 0.0 and 1.0 < wild.plain.value < wild.plain.high, "RMSE has no upper end"


def test_a_target_that_is_predicted_almost_perfectly_is_probably_leaked() -> None:
    """A warning that names the strongest column; none where the model is only good."""
    draw = np.random.default_rng(4)
    yes = draw.random(2000) < 0.4
    x = 20.0 * yes + draw.normal(size=2000)
    made = pd.DataFrame({"x": x, "z": draw.normal(size=2000), "y": np.where(yes, "yes", "no")})
    result = view(made)
    [found] = [one for one in result.findings if one.code == "near_perfect"]
    assert found.severity == "warning" and found.limit == 0.99 and found.value >= 0.99
    assert found.columns == ("y",) and found.beside == ("x",) and "Leakage" in found.suggestion
    made["x"] = 4.0 * yes + draw.normal(size=2000)
    good = view(made)
    assert good.quality.skill.value > 0.5
    assert "near_perfect" not in {one.code for one in good.findings}
    assert near_perfect("y", Interval(0.995, 0.98, 1.0), [], 9) is None, "not surely so"
    assert near_perfect("y", Interval(0.999, 0.995, 1.0), [], 9) is None, "no column to name"


def test_measures_of_images_are_not_spoken_of_as_columns_that_someone_entered() -> None:
    effect = BinnedEffect(0.4, 0.1, 0.0005, 500)
    singles = [Single(f"image_{one}", effect, 0.001) for one in ("brightness", "contrast")]
    measured, weak = {one.column for one in singles}, Interval(0.01, -0.1, 0.12)
    faint = no_gain("y", weak, singles, 500, measured)
    assert faint is not None and faint.code == "faint_signal"
    assert faint.title.startswith("2 measures of the images relate to 'y', yet a quick model of all of them")
    assert faint.suggestion.startswith("Train on the images themselves")
    none = no_gain("y", weak, [one._replace(q=0.5) for one in singles], 500, measured)
    assert none is not None and none.title.startswith("Nothing that is measured of the images predicts 'y'")
    mixed = no_gain("y", weak, [*singles, Single("age", effect, 0.001)], 500, measured)
    assert mixed is not None and mixed.title.startswith("3 columns relate to 'y'")
    sure = near_perfect("y", Interval(0.999, 0.995, 1.0), singles, 500, measured)
    assert sure is not None and "'image_brightness', measured of the images" in sure.title
    assert "gets its value" not in sure.suggestion and "Issues" in sure.suggestion
    plain = near_perfect("y", Interval(0.999, 0.995, 1.0), singles, 500)
    assert plain is not None and "gets its value" in plain.suggestion


def test_one_faint_column_among_many_idle_ones_is_not_called_nothing() -> None:
    """Boosted trees on 60 columns and 150 rows are no better than guessing, though one column surely
    relates.
    """
    draw = np.random.default_rng(15)
    made = pd.DataFrame(draw.normal(size=(150, 60)), columns=[f"c{j}" for j in range(60)])
    result = view(made.assign(y=0.6 * made["c0"] + draw.normal(size=150)), suggest=False)
    assert result.quality.skill.low <= 0 and result.frame().iloc[0]["q"] < 0.01
    assert [finding.code for finding in result.findings] == ["faint_signal"]


def _perfect(made: pd.DataFrame) -> bool:
    return "near_perfect" in {one.code for one in view(made).findings}


def test_small_noisy_tables_are_never_called_predicted_almost_perfectly() -> None:
    """20 tables of 60 to 400 rows whose target follows from three columns but for noise: 1 to 5 of 100 labels
    wrong, or a tenth to three tenths of a spread.
    """
    for seed in range(20):
        draw = np.random.default_rng(seed)
        n, level = int(draw.integers(60, 400)), float(draw.uniform(0.01, 0.05))
        x = draw.normal(size=(n, 4))
        told = x @ [2.0, 1.0, 1.0, 0.0]
        wrong = draw.random(n) < level
        wrong[0] = True
        y = np.where((told > 0) ^ wrong, "yes", "no") if seed % 2 else told + 15 * level * draw.normal(size=n)
        assert not _perfect(pd.DataFrame(x, columns=list("abcd")).assign(y=y)), seed


@pytest.mark.parametrize(("classes", "rows"), [(True, 2_000), (False, 6_000)])
def test_a_copy_of_the_target_is_found_where_there_are_rows_enough_to_be_sure(
    classes: bool, rows: int
) -> None:
    """Four of four tables of each: other words for the classes, the number in another unit."""
    for seed in range(4):
        draw = np.random.default_rng(seed)
        made = pd.DataFrame(draw.normal(size=(rows, 3)), columns=list("abc"))
        if classes:
            made["y"] = np.where(draw.random(rows) < 0.3, "yes", "no")
            made["copy"] = np.where(made["y"] == "yes", "J", "N")
        else:
            made["y"] = draw.normal(size=rows)
            made["copy"] = 7.0 * made["y"] + 1.0
        assert _perfect(made), seed


def test_bins_hold_as_many_values_as_their_ends_say() -> None:
    """The ends lie nearer to the values beside them than four digits can tell."""
    draw = np.random.default_rng(5)
    x = np.sort(draw.uniform(12_345, 12_349, 400))
    data = dataset(pd.DataFrame({"x": x, "y": np.arange(400.0)}), target="y")
    read = targeted(data, "y")
    codes, labels = bins_of(read, 0, 8)
    ends = [float(label.split()[-1].replace(",", "")) for label in labels[:-1]]
    assert len(ends) > 4 and labels[0].startswith("up to ") and labels[-1].startswith("over ")
    assert [(read.matrix[:, 0] <= end).sum() for end in ends] == np.cumsum(np.bincount(codes)[1:-1]).tolist()
