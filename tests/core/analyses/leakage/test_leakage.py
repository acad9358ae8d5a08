"""Leakage: what is planted is found, what is honest is left alone, and the order of rows does not matter."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_breast_cancer, load_iris

from core.analyses.leakage import sample as judging
from core.analyses.leakage.analysis import leakage
from core.analyses.leakage.by_level import FOLDS, level_auc
from core.analyses.leakage.findings import Leak, together
from core.analyses.leakage.result import LeakageResult
from core.analyses.leakage.settings import LeakageSettings
from core.dataset.split import PartSplit
from core.errors import ColumnError
from core.finding import Finding
from core.prepare import fixes
from core.progress import SILENT
from core.resolved import same_columns
from core.run import run
from core.steps import settle
from core.workspace import load
from tests.make import dataset


def honest(rows: int, seed: int, columns: int = 8) -> pd.DataFrame:
    """Numbers, levels and gaps that have nothing to do with the target, and one that is of some use."""
    draw = np.random.default_rng(seed)
    yes = draw.random(rows) < 0.4
    made = pd.DataFrame(draw.normal(size=(rows, columns)), columns=[f"x{i}" for i in range(columns)])
    made["useful"] = draw.normal(size=rows) + yes
    made["level"] = draw.choice(list("abcdef"), rows)
    made.loc[draw.random(rows) < 0.2, "x0"] = np.nan
    made["y"] = np.where(yes, "yes", "no")
    return made


def work(frame: pd.DataFrame, **given: object) -> LeakageResult:
    settings = LeakageSettings.of(given.pop("settings", {}))  # type: ignore[arg-type]
    return leakage(dataset(frame, **{"target": "y", **given}), settings, SILENT)  # type: ignore[arg-type]


def alarms(result: LeakageResult) -> set[tuple[str, str, str]]:
    table = result.frame()
    table = table[table["severity"] != "info"]
    return set(zip(table["column"], table["check"], table["severity"], strict=True))


def test_the_table_has_exactly_the_columns_of_the_contract() -> None:
    assert list(work(honest(300, 0).assign(copy=lambda t: t["y"])).frame()) == [
        "column",
        "check",
        "score",
        "severity",
        "why",
    ]


@pytest.mark.parametrize(
    "kind", ["word", "flipped number", "with noise", "band in the middle", "sometimes known", "date"]
)
def test_a_column_that_is_the_answer_is_critical(kind: str) -> None:
    frame, draw = honest(600, 1), np.random.default_rng(2)
    yes = (frame["y"] == "yes").to_numpy()
    made = {
        "word": np.where(yes, "refunded", "kept"),
        "flipped number": 5.0 - 3.0 * yes,
        "with noise": 6.0 * yes + draw.normal(size=600),
        "band in the middle": np.where(
            yes, draw.uniform(-0.3, 0.3, 600), draw.choice([-1, 1], 600) * draw.uniform(0.4, 2, 600)
        ),
        "sometimes known": np.where(draw.random(600) < 0.8, yes * 2.0 + draw.normal(0, 0.1, 600), np.nan),
        "date": pd.Timestamp("2024-01-01")
        + pd.to_timedelta(np.where(yes, 400, 0) + draw.integers(0, 300, 600), unit="D"),
    }[kind]
    assert alarms(work(frame.assign(leak=made))) == {("leak", "single_feature", "critical")}


@pytest.mark.parametrize(
    ("rare", "severity"), [(6, None), (21, None), (28, "warning"), (80, "warning"), (240, "critical")]
)
def test_few_rows_without_a_mistake_are_not_yet_a_leak(rare: int, severity: str | None) -> None:
    """Six flowers apart from the others are a petal; the interval of six draws without a mistake starts
    at 0.68, that of 21 below the limit of 0.9.
    """
    draw = np.random.default_rng(3)
    yes = np.arange(600) < rare
    frame = pd.DataFrame(
        {
            "y": np.where(yes, "yes", "no"),
            "length": 9.0 * yes + draw.normal(size=600),
            "x": draw.normal(size=600),
        }
    )
    assert alarms(work(frame)) == ({("length", "single_feature", severity)} if severity else set())


@pytest.mark.parametrize("end", [True, False])
def test_a_value_at_the_end_of_a_slope_is_no_reason_code(end: bool) -> None:
    """A count whose top value is pure where the next one nearly is; a leak is pure among mixed neighbours."""
    draw = np.random.default_rng(4)
    steps = draw.integers(0, 13, 1500)
    likely = (steps + 6) / 18 if end else np.where(steps == 6, 1.0, 0.4)
    frame = pd.DataFrame(
        {
            "y": np.where(draw.random(1500) < likely, "yes", "no"),
            "steps": steps * 1.5,
            "x": draw.normal(size=1500),
        }
    )
    assert alarms(work(frame)) == (set() if end else {("steps", "pure_value", "warning")})


def test_why_a_leak_beyond_the_limit_is_not_called_critical_is_said() -> None:
    """A warning and a critical finding stood beside each other with one score, and no word why."""
    for rarer, severity in ((40, "warning"), (200, "critical")):
        y = np.repeat([0, 1], [rarer, 300])
        draw = np.random.default_rng(5)
        [found] = work(
            pd.DataFrame({"leak": y + draw.random(y.size) / 2, "x": draw.normal(size=y.size), "y": y})
        ).findings
        assert (found.severity, found.columns) == (severity, ("leak",)) and found.value == 1.0
        said = "It is not called critical, as of 40 rows of the rarer class the score is not surely above"
        assert (said in found.why) == (severity == "warning")


def test_every_finding_says_how_many_and_its_line_of_code_runs() -> None:
    frame, name = honest(900, 16), "it's a 'leak' \"\\"
    frame[name] = frame["y"]
    found = work(frame).findings
    assert found and all(finding.n and finding.action == "omit" for finding in found)
    for finding in found:
        place = {"data": frame, "pd": pd}
        exec(finding.fix, place)
        assert list(place["data"]) == [column for column in frame if column != name]


@pytest.mark.parametrize("kind", ["reason code", "spike of a number", "gaps"])
def test_a_leak_on_some_rows_only_is_found(kind: str) -> None:
    frame, draw = honest(1500, 3), np.random.default_rng(4)
    some = (frame["y"] == "yes").to_numpy() & (draw.random(1500) < 0.3)
    made = {
        "reason code": np.where(some, "complaint", draw.choice(["none", "other"], 1500)),
        "spike of a number": np.where(some, 100.0, draw.normal(50, 30, 1500)),
        "gaps": np.where(some, np.nan, draw.normal(size=1500)),
    }[kind]
    check = "missingness" if kind == "gaps" else "pure_value"
    assert alarms(work(frame.assign(leak=made))) == {("leak", check, "warning")}


def test_classes_are_judged_one_against_the_rest_and_averaged() -> None:
    """A code of all classes is a leak in whatever order; of 150 rows in a class of six its AUC is not sure
    enough to count by itself.
    """
    draw = np.random.default_rng(5)
    y = draw.integers(0, 6, 900)
    frame = pd.DataFrame(
        {
            "y": np.array(list("abcdef"))[y],
            "code": np.array([3, 0, 5, 1, 4, 2])[y],
            "one": (y == 2) + draw.normal(0, 0.05, 900),
        }
    )
    assert alarms(work(frame.assign(noise=draw.normal(size=900)))) == {("code", "single_feature", "critical")}


def test_number_targets_are_judged_by_share_of_variance() -> None:
    draw = np.random.default_rng(6)
    y = draw.lognormal(0, 2, 800)
    made = {
        "logged": np.log(y),
        "half": np.where(y > np.median(y), "high", "low"),
        "useful": np.log(y) + draw.normal(0, 2, 800),
    }
    result = work(
        pd.DataFrame(made).assign(y=y, noise=draw.normal(size=800), level=draw.choice(list("abcdefgh"), 800))
    )
    assert alarms(result) == {
        ("logged", "single_feature", "critical"),
        ("half", "single_feature", "critical"),
    }
    assert result.kind == "number" and result.scores[result.names.index("noise")] < 0.05


def test_a_column_that_is_not_surely_beyond_the_limit_is_told_and_raises_no_alarm() -> None:
    draw = np.random.default_rng(3)
    y = draw.random(400) < 0.5
    frame = pd.DataFrame({"near": y + draw.normal(size=400) * 0.53, "far": draw.normal(size=400), "y": y})
    result = work(frame)
    assert result.scores[0] >= 0.9 and not alarms(result)
    [note] = result.notes
    assert "'near' (0.9" in note and "not surely" in note and "far" not in note
    assert result.calm == (
        f"No column surely leaks, but 'near' may: {result.scores[0]:.3f} where the limit is 0.9, "
        "and 400 rows are too few to be sure"
    )
    far = work(frame.drop(columns="near"))
    assert not far.notes and far.calm == "Nothing stands out"
    twice = work(frame.assign(again=frame["near"] ** 3))
    assert "and 1 more may: up to 0.9" in twice.calm


@pytest.mark.parametrize("rows", [20, 60, 300, 1000])
def test_noise_raises_no_alarm(rows: int) -> None:
    """20 columns of noise and gaps; levels up to one per row. At most 1% of columns may be flagged; none
    is.
    """
    wrong = 0
    for seed in range(25):
        draw = np.random.default_rng(seed)
        frame = pd.DataFrame(draw.normal(size=(rows, 14)), columns=[f"x{i}" for i in range(14)])
        for place, levels in enumerate((2, 5, 20, rows // 2, rows)):
            frame[f"c{place}"] = np.array([f"v{i}" for i in draw.integers(0, levels, rows)])
        frame = frame.mask(draw.random(frame.shape) < 0.15)
        frame["y"] = draw.choice(["a", "b", "c"], rows, p=[0.7, 0.2, 0.1])
        wrong += len(alarms(work(frame, kinds={f"c{i}": "category" for i in range(5)})))
    assert wrong == 0


def test_encoded_levels_of_noise_score_one_half_on_average() -> None:
    """In-sample encoding of 60 levels on 300 rows would give 0.75; pooling folds gives less than 0.5."""
    scores = []
    for seed in range(60):
        draw = np.random.default_rng(seed)
        cells = draw.integers(0, 60, 300) * FOLDS + draw.integers(0, FOLDS, 300)
        scores.append(level_auc(cells, draw.random(300) < 0.3))
    assert abs(np.mean(scores) - 0.5) < 3.5 * np.std(scores) / np.sqrt(60)


def test_easy_tasks_are_a_note_and_iris_is_no_leak() -> None:
    cancer = load_breast_cancer(as_frame=True)
    result = work(cancer.data.assign(y=np.where(cancer.target, "benign", "malignant")))
    assert alarms(result) == set() and [f.code for f in result.findings] == ["easy_target"]
    leak = cancer.data.assign(y=np.where(cancer.target, "benign", "malignant"), result=cancer.target)
    assert alarms(work(leak)) == {("result", "single_feature", "critical")}
    iris = load_iris(as_frame=True)
    assert not [
        a
        for a in alarms(work(iris.data.assign(y=np.array(["s", "e", "g"])[iris.target])))
        if a[2] == "critical"
    ]


def test_values_that_go_with_a_class_of_nearly_all_rows_are_a_note_where_many_do() -> None:
    draw = np.random.default_rng(7)
    rare = draw.random(4000) < 0.04
    frame = pd.DataFrame(
        {f"flag{i}": np.where(~rare & (draw.random(4000) < 0.3), "on", "off") for i in range(4)}
    )
    result = work(frame.assign(y=np.where(rare, "fraud", "fine"), x=draw.normal(size=4000)))
    assert alarms(result) == set() and [f.code for f in result.findings] == ["common_class"]


def test_columns_dead_on_labelled_rows() -> None:
    draw = np.random.default_rng(8)
    frame = honest(900, 8)
    frame.loc[draw.random(900) < 0.5, "y"] = None
    known = frame["y"].notna().to_numpy()
    frame["feed"] = np.where(known, 0.0, draw.poisson(1.0, 900))
    frame["rare"] = 0.0
    frame.loc[np.flatnonzero(~known)[:2], "rare"] = 1.0  # two odd rows can be unlabelled by chance
    assert alarms(work(frame)) == {("feed", "dead_on_labelled", "warning")}


def parts(rows: int, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    frame = honest(rows, seed).drop(columns="level")
    return frame.iloc[: rows * 3 // 4], frame.iloc[rows * 3 // 4 :].reset_index(drop=True)


def test_rows_on_both_sides_are_those_copied() -> None:
    train, serve = parts(800, 9)
    features = list(train)
    serve.loc[[3, 5, 8], features] = train.iloc[[10, 20, 30]][features].to_numpy()
    result = leakage(dataset(train, serve=serve, target="y"), LeakageSettings(), SILENT)
    [finding] = result.findings
    assert (finding.code, finding.severity, finding.action) == (
        "rows_across_parts",
        "warning",
        "drop_repeats",
    )
    assert finding.rows.ids.tolist() == [10, 20, 30] and finding.noise == pytest.approx(0.0, abs=1e-6)
    assert finding.copied.ids.tolist() == [603, 605, 608]
    assert finding.title.startswith("3 of 200 serve rows") and "Drop the 3 train rows" in finding.suggestion
    data = dataset(train, serve=serve, target="y")
    assert settle(fixes.decisions(data, finding), data).dropped == finding.rows
    assert fixes.label(finding) == "Drop 3 rows that repeat another"
    other = serve.tail(40).reset_index(drop=True)
    other.loc[1, features] = train.loc[7, features]
    next_month = dataset(train, serve=other, target="y")
    assert settle(fixes.decisions(data, finding), next_month).dropped.ids.tolist() == [7]
    serve.loc[20, features] = serve.loc[21, features]
    [again] = leakage(dataset(train, serve=serve, target="y"), LeakageSettings(), SILENT).findings
    assert again.rows == finding.rows and again.action == "drop", "a rule would take a row of serve with them"


def test_equal_rows_across_parts_with_other_labels_are_left_to_review() -> None:
    """A blue button dropped the train row though its label was another one than serve's."""
    train, serve = parts(800, 9)
    serve.loc[[3, 5, 8]] = train.iloc[[10, 20, 30]].to_numpy()
    serve["y"] = serve["y"].astype(object)
    other = "no" if serve.loc[5, "y"] != "no" else "yes"
    serve.loc[5, "y"], serve.loc[8, "y"] = other, None  # a label that is not known is no other
    data = dataset(train, serve=serve, target="y")
    found = [f for f in leakage(data, LeakageSettings(), SILENT).findings if f.code == "rows_across_parts"]
    clear, torn = sorted(found, key=lambda one: one.action == "defer")
    assert (clear.action, clear.rows.ids.tolist(), clear.copied.ids.tolist()) == (
        "drop",
        [10, 30],
        [603, 608],
    )
    assert (torn.action, torn.rows.ids.tolist(), torn.copied.ids.tolist()) == ("defer", [20], [605])
    assert torn.title == (
        "1 of 200 serve rows (0.5%) has the same features as a train row, and 'y' differs among them."
    )
    assert "in review before any is dropped" in torn.suggestion and not torn.fix and clear.key != torn.key
    assert fixes.label(torn) == "Send 1 row to review"
    assert settle(fixes.decisions(data, torn), data).dropped.ids.tolist() == []


def test_a_column_that_differs_by_construction_hides_no_row_on_both_sides() -> None:
    """What parts the rows, and what one part lacks, were among the features compared."""
    train, serve = parts(400, 9)
    features = list(train)
    serve.loc[[3, 5, 8], features] = train.iloc[[10, 20, 30]][features].to_numpy()
    whole = pd.concat([train.assign(part="t"), serve.assign(part="s")], ignore_index=True)
    by_value = dataset(whole, target="y").with_split(PartSplit("value", column="part", value="s"))
    lopsided = load(train.assign(late=np.arange(300.0)), serve=serve.assign(fresh="f"), target="y")
    for data in (by_value, lopsided):
        [finding] = [f for f in run("leakage", data, {}).findings if f.code == "rows_across_parts"]
        assert finding.title.startswith("3 of 100 serve rows")
        assert finding.rows.ids.tolist() == [10, 20, 30]
        assert settle(fixes.decisions(data, finding), data).dropped == finding.rows


@pytest.mark.parametrize("many", [100, 101])
def test_the_line_of_code_names_at_most_a_hundred_rows(many: int) -> None:
    """Serve rows were counted, and train rows listed."""
    train, serve = parts(1_200, 9)
    features = list(train)
    train.loc[: many - 1, features] = train.loc[[0] * many, features].to_numpy()
    serve.loc[[3, 5], features] = train.loc[[0, 0], features].to_numpy()
    result = leakage(dataset(train, serve=serve, target="y"), LeakageSettings(), SILENT)
    [finding] = [f for f in result.findings if f.code == "rows_across_parts"]
    assert len(finding.rows) == many and finding.value == 2 / 300
    assert finding.fix == (f"data = data.drop(index=data.index[{list(range(many))}])" if many <= 100 else "")


def test_rows_of_few_levels_are_alike_by_chance() -> None:
    draw = np.random.default_rng(10)
    frame = pd.DataFrame(
        {
            "sex": draw.choice(["f", "m"], 900),
            "class": draw.choice(list("abc"), 900),
            "y": draw.choice(["0", "1"], 900),
        }
    )
    assert (
        alarms(leakage(dataset(frame[:600], serve=frame[600:], target="y"), LeakageSettings(), SILENT))
        == set()
    )


@pytest.mark.parametrize("tells", [True, False])
def test_groups_on_both_sides_matter_only_if_they_tell(tells: bool) -> None:
    draw = np.random.default_rng(11)
    who = draw.integers(0, 40, 1600)
    likely = np.where(who % 2, 0.85, 0.15) if tells else 0.5
    frame = pd.DataFrame({"who": [f"g{i}" for i in draw.permutation(40)[who]], "x": draw.normal(size=1600)})
    frame["y"] = np.where(draw.random(1600) < likely, "yes", "no")
    result = leakage(
        dataset(frame[:1200], serve=frame[1200:], target="y", group="who"), LeakageSettings(), SILENT
    )
    assert [f.code for f in result.findings] == (["group_overlap"] if tells else [])


def test_time_runs_from_train_to_serve() -> None:
    train, serve = parts(800, 12)
    days = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(800) // 2, unit="D")
    train, serve = train.assign(day=days[:600]), serve.assign(day=days[600:])
    serve.loc[0, "day"] = train["day"].iloc[-1]  # the same day is not later
    assert (
        alarms(leakage(dataset(train, serve=serve, target="y", time="day"), LeakageSettings(), SILENT))
        == set()
    )
    train.iloc[[4, 7], train.columns.get_loc("day")] = pd.Timestamp("2026-01-01")
    [finding] = leakage(
        dataset(train, serve=serve, target="y", time="day"), LeakageSettings(), SILENT
    ).findings
    assert finding.code == "time_order" and finding.rows.ids.tolist() == [4, 7]


def test_a_sample_keeps_rare_classes_and_no_order_matters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "SAMPLE", 600)
    frame = honest(3000, 13)
    frame.loc[:29, "y"] = "rare"
    frame["leak"] = np.where(frame["y"] == "yes", "paid", "open")
    one, two = work(frame), work(frame.sample(frac=1.0, random_state=0).reset_index(drop=True))
    assert one.judged < 700 and "of 3,000 rows" in one.notes[0]
    pd.testing.assert_frame_equal(one.frame(), two.frame())
    np.testing.assert_array_equal(one.scores, two.scores)
    assert np.bincount(
        np.repeat([0, 1, 2], [5000, 300, 20])[judging._taken(np.repeat([0, 1, 2], [5000, 300, 20]), 600)]
    ).tolist() == [
        290,
        290,
        20,
    ]


def test_without_a_target_it_is_skipped_and_a_text_cannot_be_one() -> None:
    result = work(honest(100, 14).drop(columns="y").assign(z=1.5), target=None)
    assert str(result.status).startswith("skipped: No target is chosen") and result.findings == ()
    assert result.notes == () and result.unchecked.startswith("Columns were not checked. No target is chosen")
    train, serve = parts(300, 14)
    both = leakage(dataset(train, serve=serve), LeakageSettings(), SILENT)
    assert both.status.state == "ok" and both.unchecked and "Columns were not checked" in both.notes[0]
    with pytest.raises(ColumnError, match="of kind text"):
        work(honest(100, 15), kinds={"y": "text"})


@pytest.mark.parametrize("target", ["classes", "numbers"])
@pytest.mark.parametrize("side", ["there", "gone", "some"])
def test_one_value_and_gaps_are_judged_by_whether_the_value_is_there(side: str, target: str) -> None:
    frame, draw = honest(1500, 3), np.random.default_rng(4)
    frame["y"] = draw.lognormal(size=1500) if target == "numbers" else frame["y"]
    yes = (
        (frame["y"] > frame["y"].median()).to_numpy()
        if target == "numbers"
        else (frame["y"] == "yes").to_numpy()
    )
    ticked = {"there": yes, "gone": ~yes, "some": yes & (draw.random(1500) < 0.3)}[side]
    made = {"leak": np.where(ticked, "t", None), "tick": np.where(draw.random(1500) < 0.3, 1.0, np.nan)}
    result = work(frame.assign(**made))
    assert alarms(result) == {("leak", "missingness", "warning" if side == "some" else "critical")}
    leak, tick = (result.scores[result.names.index(name)] for name in ("leak", "tick"))
    nothing = 0.0 if target == "numbers" else 0.5
    assert (leak > 0.999) == (side != "some") and abs(tick - nothing) < 0.06
    assert tick < result.noise[result.names.index("tick")] or target == "numbers"


def test_ticks_of_noise_raise_no_alarm() -> None:
    for seed in range(10):
        draw = np.random.default_rng(seed)
        frame = pd.DataFrame(
            {f"t{i}": np.where(draw.random(200) < 0.05 + 0.06 * i, "t", None) for i in range(15)}
        )
        assert alarms(work(frame.assign(y=draw.choice(["a", "b"], 200, p=[0.8, 0.2])))) == set()


def covid(rows: int = 15_000, missed: float = 0.01, seed: int = 17) -> pd.DataFrame:
    """Tests with three results: the cycles of a measurement that stops early where it is positive."""
    draw = np.random.default_rng(seed)
    positive = round(rows * 860 / 15_000)
    y = np.repeat(["negative", "positive", "invalid"], [rows - positive - rows // 50, positive, rows // 50])
    seen = (y == "positive") & (draw.random(rows) >= missed)
    return pd.DataFrame(
        {
            "cycles": np.where(seen, draw.uniform(12, 44, rows), 45.0),
            "age": draw.normal(40, 15, rows) + 3.0 * (y == "positive"),
            "site": draw.choice(list("abcdef"), rows),
            "y": y,
        }
    ).sample(frac=1.0, random_state=0, ignore_index=True)


def test_a_leak_of_one_class_is_found_and_the_class_is_named() -> None:
    result = work(covid())
    [finding] = [f for f in result.findings if f.code == "single_class"]
    place = result.names.index("cycles")
    assert alarms(result) == {("cycles", "single_class", "warning")}
    assert result.scores[place] < 0.85 and result.class_names[place] == "positive"
    assert result.class_scores[place] == finding.value and 0.99 < finding.score < 1.0
    assert "predicts the class 'positive'" in finding.title and finding.columns == ("cycles",)
    assert finding.n == 15_000 and finding.limit == 0.98 and finding.noise and finding.noise < 0.6


@pytest.mark.parametrize("kind", ["level", "band in the middle", "gaps", "without a mistake"])
def test_one_class_is_found_by_order_levels_bins_and_gaps(kind: str) -> None:
    frame, draw = covid(missed=0.0).drop(columns="cycles"), np.random.default_rng(18)
    yes = (frame["y"] == "positive").to_numpy() & (draw.random(len(frame)) > 0.005)
    far = draw.choice([-1, 1], len(frame)) * draw.uniform(0.4, 2, len(frame))
    made = {
        "level": np.where(
            yes, draw.choice(["fever", "cough"], len(frame)), draw.choice(["none", "sore"], len(frame))
        ),
        "band in the middle": np.where(yes, draw.uniform(-0.3, 0.3, len(frame)), far),
        "gaps": np.where(yes, np.nan, draw.normal(size=len(frame))),
        "without a mistake": (frame["y"] == "positive") * 9.0 + draw.normal(size=len(frame)),
    }[kind]
    [finding] = [f for f in work(frame.assign(leak=made)).findings if f.severity != "info"]
    assert finding.code == ("missingness" if kind == "gaps" else "single_class")
    assert finding.severity == ("critical" if kind in ("level", "without a mistake") else "warning")
    assert "'positive'" in finding.title and finding.columns == ("leak",)


def test_useful_columns_of_many_classes_are_rarely_called_a_leak_of_one() -> None:
    """Calibration: 20 columns of which each knows one of five classes well (AUC 0.975 to 0.98, below the
    limit), 400 rows a class. The interval is corrected for the classes: at most 1% a column, 5% over its
    classes.
    """
    wrong = columns = 0
    for seed in range(5):
        draw = np.random.default_rng(seed)
        y = draw.permutation(np.repeat(np.arange(5), 400))
        apart = draw.uniform(2.77, 2.904, 20)  # standard deviations; AUC = Phi(apart / sqrt 2)
        frame = pd.DataFrame({f"x{i}": draw.normal(size=2_000) + apart[i] * (y == i % 5) for i in range(20)})
        for at in range(5):
            frame[f"noise{at}"] = draw.normal(size=2_000)
        result = work(frame.assign(y=np.array(list("abcde"))[y]))
        wrong += len(alarms(result))
        columns += 20
        assert not [a for a in alarms(result) if a[0].startswith("noise")]
    assert wrong <= 0.05 * columns


def test_a_leak_of_one_class_is_found_where_the_class_has_enough_rows() -> None:
    """Power: AUC 0.997 of one class of five, 13 columns: found from some 500 rows of the class on, never from
    40.
    """
    found = {}
    for rows in (40, 500):
        found[rows] = 0
        for seed in range(6):
            draw = np.random.default_rng(seed)
            y = draw.permutation(np.repeat(np.arange(5), rows))
            frame = pd.DataFrame(draw.normal(size=(y.size, 12)), columns=[f"x{i}" for i in range(12)])
            frame["leak"] = draw.normal(size=y.size) + 3.9 * (y == 2)
            result = work(frame.assign(y=np.array(list("abcde"))[y]))
            found[rows] += ("leak", "single_class") in {alarm[:2] for alarm in alarms(result)}
    assert found[40] == 0 and found[500] == 6


def test_a_class_that_many_columns_separate_is_a_note() -> None:
    draw = np.random.default_rng(19)
    y = draw.integers(0, 3, 3_000)
    frame = pd.DataFrame({f"x{i}": draw.normal(size=3_000) + 3.4 * (y == 1) for i in range(4)})
    result = work(frame.assign(y=np.array(list("abc"))[y]))
    assert alarms(result) == set()
    [note] = [f for f in result.findings if f.code == "easy_class"]
    assert note.columns == ("x0", "x1", "x2", "x3") and "'b'" in note.title
    leak = frame.assign(y=np.array(list("abc"))[y], leak=(y == 1) + draw.normal(0, 0.05, 3_000))
    assert alarms(work(leak)) == {("leak", "single_class", "critical")}


def test_a_date_that_settles_the_target_is_named_as_a_date() -> None:
    frame, draw = honest(2000, 3), np.random.default_rng(4)
    yes = (frame["y"] == "yes").to_numpy()
    days = pd.Timestamp("2013-03-01") + pd.to_timedelta(draw.integers(0, 20, 2000), unit="D")
    frame["closed"] = np.where(yes & (draw.random(2000) < 0.15), np.datetime64("2013-04-15"), days)
    (title,) = [f.title for f in work(frame).findings if f.columns == ("closed",) and f.code == "pure_value"]
    assert "'2013-04-15'" in title


def test_the_halves_of_a_target_of_numbers_are_parted_as_printed() -> None:
    values = pd.Series([*(1_234_567.4 + np.arange(50.0)), *(1_234_616.5 + np.arange(51.0))]).round(1)
    data = dataset(pd.DataFrame({"y": values}))
    words = judging.target_of(data, "y", data.table(["y"]).column(0)).words
    limit = float(words[0].removeprefix("at most ").replace(",", ""))
    assert words == ("at most 1,234,617", "above 1,234,617")
    assert (values <= limit).sum() == (values <= values.median()).sum()


def test_what_is_measured_of_images_is_one_finding_whichever_column_leads() -> None:
    def leak(column: str, score: float) -> Leak:
        return Leak(
            Finding("single_feature", f"'{column}' does.", "warning", score, "", "", columns=(column,))
        )

    [one], [alone] = together([leak("a", 0.9), leak("b", 0.95)]), together([leak("a", 0.9)])
    assert (one.finding.columns, one.finding.gathers) == (("b", "a"), True)
    assert same_columns(alone.finding, [one.finding]) == one.finding, "of one column, too"
    assert together([]) == []
