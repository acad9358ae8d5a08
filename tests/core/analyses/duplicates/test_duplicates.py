import pickle
import re

import numpy as np
import pandas as pd
import pytest

from core.analyses.duplicates import analysis as module
from core.analyses.duplicates.analysis import ANALYSIS, DuplicateSettings
from core.dataset.split import PartSplit
from core.numerics.grouping import Repeats, chance_excess, pairs_one_apart
from core.numerics.rowhash import mix
from core.prepare import by_hand, fixes
from core.progress import Progress
from core.rowset import RowSet
from core.run import run
from tests.make import dataset

RNG = np.random.default_rng(3)
CLEAN = pd.DataFrame(
    {"a": RNG.normal(size=400), "b": RNG.integers(0, 1000, 400), "c": RNG.choice(list("xyz"), 400)}
)


def found(data, **settings):
    return ANALYSIS.function(data, DuplicateSettings(**settings), Progress())


def codes(result):
    return {finding.code: finding for finding in result.findings}


def test_fifty_one_equal_rows_are_fifty_too_many():
    frame = pd.concat([CLEAN, CLEAN.iloc[[7]].loc[[7] * 50], CLEAN.iloc[[3, 4]]])
    result = run("duplicates", dataset(frame))
    assert result.summary["excess_rows"] == frame.duplicated().sum() == 52
    assert result.summary["groups"] == 3 and result.summary["largest_group"] == 51
    finding = codes(result)["duplicate_rows"]
    assert finding.rows.ids.tolist() == np.flatnonzero(frame.duplicated()).tolist()
    assert (
        finding.severity == "warning"
        and finding.value == 52
        and finding.noise < finding.limit < 20
        and finding.action == "drop_repeats"
    )
    assert result.frame()["size"].tolist() == [51, 2, 2] and result.frame()["first_row"].tolist() == [7, 3, 4]
    rows = result.rows()
    assert rows.columns[0] == "row" and len(rows) == len(frame) and rows["group"].notna().sum() == 55
    assert rows.loc[rows["group"] == 0, "size"].eq(51).all() and rows["excess"].sum() == 52


def test_missing_values_equal_each_other_and_nothing_else():
    frame = pd.DataFrame({"a": [1.0, None, None, 0.0, -0.0], "b": ["x", None, None, "", ""]})
    assert np.flatnonzero(found(dataset(frame)).exact.excess).tolist() == [2, 4]


def test_hashes_that_collide_do_no_harm(monkeypatch):
    frame = pd.DataFrame({"a": RNG.integers(0, 30, 500), "b": RNG.choice(["u", "v", None], 500)})
    straight = found(dataset(frame))
    monkeypatch.setattr(
        module, "hash_column", lambda column: np.arange(len(column), dtype=np.uint64) * np.uint64(0)
    )
    collided = found(dataset(frame))
    assert (
        straight.exact.first == collided.exact.first
    ).all() and collided.exact.excess.sum() == frame.duplicated().sum()


def test_identifiers_hide_repeats_only_when_asked():
    frame = pd.concat([CLEAN, CLEAN.iloc[:20]]).assign(id=range(420))
    data = dataset(frame, kinds={"id": "identifier"})
    wide, narrow = found(data), found(data, ignore_identifiers=False)
    assert wide.summary["excess_rows"] == narrow.summary["excess_rows"] == 0
    assert wide.summary["excess_rows_but_identifiers"] == 20
    assert codes(wide)["duplicate_but_identifier"].rows.ids.tolist() == list(range(400, 420))
    assert codes(wide)["duplicate_but_identifier"].columns == ("id",)
    assert re.search(
        r"expected by chance in independent columns: (under )?[\d.]+ rows?\)$",
        codes(wide)["duplicate_but_identifier"].title,
    )
    assert (
        wide.rows()["excess"].sum() == 20
        and not wide.rows()["identical"].any()
        and not wide.frame()["identical"].any()
    )
    assert not narrow.findings and narrow.loose is None
    assert found(dataset(frame, id="id")).summary["excess_rows_but_identifiers"] == 20


def test_few_values_repeat_by_chance_and_that_stays_a_remark():
    for seed in range(5):
        rng = np.random.default_rng(seed)
        frame = pd.DataFrame({c: rng.choice(list("abcde"), 300) for c in "uvw"})
        finding = codes(found(dataset(frame)))["duplicate_rows"]
        assert finding.value == frame.duplicated().sum() and finding.value <= finding.limit
        assert abs(finding.noise - finding.value) < 25 and finding.severity == "info" and finding.action == ""


def test_chance_is_that_of_rows_that_are_compared_those_of_one_part():
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({c: rng.choice(list("abcdefgh"), 600) for c in "uvw"})
    train, serve = frame.iloc[:450], frame.iloc[450:].reset_index(drop=True)
    both = found(dataset(train, serve=serve))
    each = [found(dataset(part)) for part in (train, serve)]
    seen = [one.summary["excess_rows"] for one in each]
    assert both.summary["excess_rows"] == sum(seen) < frame.duplicated().sum()
    expected = sum(one.exact.chance for one in each)
    assert both.exact.chance == pytest.approx(expected, rel=0.05)
    assert found(dataset(frame)).exact.chance > 1.3 * expected  # of all rows together
    finding = codes(both)["duplicate_rows"]
    assert finding.noise == both.exact.chance and abs(finding.value - finding.noise) < 40


def test_rows_that_differ_by_part_repeat_within_it_as_often_as_each_part_says():
    rng = np.random.default_rng(2)
    train = pd.DataFrame({c: rng.choice(list("ab"), 40) for c in "uv"})  # 36 of 40 must repeat
    serve = pd.DataFrame({c: rng.choice(list("abcdefghijklmnop"), 40) for c in "uv"})
    both = found(dataset(train, serve=serve))
    expected = sum(found(dataset(part)).exact.chance for part in (train, serve))
    assert both.exact.chance == pytest.approx(expected, abs=0.5) and both.exact.chance > 36
    assert codes(both)["duplicate_rows"].severity == "info"


def test_chance_is_that_of_independent_columns():
    rng = np.random.default_rng(0)
    columns = [rng.integers(0, 40, 500).astype(np.uint64) for _ in range(3)]
    seen = [
        500 - len(np.unique(np.stack([rng.permutation(c) for c in columns]), axis=1).T) for _ in range(200)
    ]
    assert chance_excess(columns, 0) == pytest.approx(np.mean(seen), rel=0.25)
    rare = [rng.integers(0, 10_000, 500).astype(np.uint64) for _ in range(3)]
    assert (
        chance_excess(iter(rare), 0) == pytest.approx(500 * 499 / 2 / 1e12, rel=1e3)
        and chance_excess(iter(rare), 0) < 1e-3
    )
    assert chance_excess([], 0) == 0.0
    seldom = [np.random.default_rng(k).integers(0, 10, 300).astype(np.uint64) for k in range(7)]
    assert chance_excess(seldom, 0) == pytest.approx(300 * 299 / 2 / 1e7, rel=0.05), (
        "shuffling hardly meets one"
    )


def test_equal_columns_are_found_and_one_that_equals_the_target_is_a_leak():
    frame = CLEAN.assign(
        copy=CLEAN["a"], y=RNG.choice(["no", "yes"], 400), same=1, alike=1, nearly=CLEAN["b"]
    )
    frame["outcome"] = frame["y"]
    frame.loc[5, "nearly"] += 1
    result = found(dataset(frame, target="y"), target="y")
    twins = [finding for finding in result.findings if finding.code == "duplicate_columns"]
    assert [(f.columns, f.severity, f.action) for f in twins] == [
        (("outcome",), "critical", "omit"),
        (("copy",), "warning", "omit"),
    ]
    assert "equals the target 'y'" in twins[0].title and "equals 'a'" in twins[1].title
    assert result.summary["duplicate_columns"] == 2


def test_the_one_of_equal_columns_that_has_a_role_is_kept():
    frame = CLEAN.assign(when=CLEAN["b"], site=CLEAN["c"])
    result = found(dataset(frame, time="when", group="site"))
    assert sorted(f.columns for f in result.findings if f.code == "duplicate_columns") == [("b",), ("c",)]


def test_a_twin_among_many_columns_is_held_to_a_stricter_limit():
    pair = {"a": [True, False] * 7, "b": [True, False] * 7}  # one of 3,432 orders
    many = pair | {f"c{i}": [i + j * j for j in range(14)] for i in range(13)}
    few = codes(found(dataset(pd.DataFrame(pair))))["duplicate_columns"]
    lost = codes(found(dataset(pd.DataFrame(many))))["duplicate_columns"]
    assert few.columns == lost.columns == ("b",) and few.action == "omit"
    assert (lost.severity, lost.action) == ("info", "")
    long = {name: values * 3 for name, values in many.items()}
    assert codes(found(dataset(pd.DataFrame(long))))["duplicate_columns"].action == "omit"


def test_columns_of_few_rows_are_equal_by_chance():
    result = found(dataset(pd.DataFrame({"a": [True, False, True, True], "b": [True, False, True, True]})))
    finding = codes(result)["duplicate_columns"]
    assert (finding.severity, finding.action, finding.noise) == ("info", "", None)
    assert result.equal_columns[0].chance == pytest.approx(0.25)


def test_equal_features_with_different_labels_conflict():
    frame = pd.concat([CLEAN, CLEAN.iloc[:10], CLEAN.iloc[:4]]).assign(y="no")
    # rows 0, 1, 2 are torn; each has a third copy that agrees
    frame.iloc[400:403, frame.columns.get_loc("y")] = "yes"
    frame.iloc[403, frame.columns.get_loc("y")] = None  # an unknown label contradicts nobody
    result = run("duplicates", dataset(frame, target="y"))
    finding = codes(result)["conflicting_labels"]
    assert finding.rows.ids.tolist() == [0, 1, 2, 400, 401, 402, 410, 411, 412]
    assert (
        result.summary["unavoidable_errors"] == 3
        and finding.severity == "warning"
        and finding.action == "relabel"
    )
    assert result.rows()["conflict"].sum() == 9


def test_what_parts_the_rows_is_no_feature_of_equal_rows_as_leakage_has_it():
    """Of a row in train, validation and test, of which two are the train part here, Leakage knew all three,
    and Duplicates none: the names of the parts made them differ.
    """
    frame = pd.concat([CLEAN, CLEAN.iloc[:10], CLEAN.iloc[:10]], ignore_index=True)
    frame["part"] = ["train"] * 400 + ["validation"] * 10 + ["test"] * 10
    frame["y"] = ["no"] * 400 + ["yes"] * 4 + ["no"] * 6 + ["yes"] * 10
    data = dataset(frame, target="y").with_split(PartSplit("value", column="part", value="test"))
    finding = codes(run("duplicates", data))["conflicting_labels"]
    assert finding.rows.ids.tolist() == [0, 1, 2, 3, 400, 401, 402, 403]
    assert finding.title.startswith(
        "8 rows in 4 groups have equal features and different labels in 'y' (1.9%)"
    )
    assert finding.title.endswith(", compared within train and within serve")
    [across] = [f for f in run("leakage", data).findings if f.code == "rows_across_parts"]
    assert across.title.startswith("10 of 10 serve rows") and across.about == "y differs"
    assert across.rows.ids.tolist() == [*range(10), *range(400, 410)]
    assert finding.rows - across.rows == RowSet()


def test_the_chance_of_two_parts_together_is_as_small_as_that_of_one():
    """Each part stopped below 0.001, and their sum passed a limit of one row."""
    halves = [np.arange(4) < 2, np.arange(4) >= 2]
    column = np.arange(4, dtype=np.uint64)
    assert 0 < chance_excess([column] * 40, 0, halves) < 1e-3


def survey(rows: int, seed: int) -> pd.DataFrame:
    """Answers in few codes that hang together, with a label that they do not decide, and a running number."""
    draw = np.random.default_rng(seed)
    age, kind = draw.integers(0, 40, rows), draw.integers(0, 6, rows)
    frame = pd.DataFrame({"age": age, "school": np.minimum(age // 4, 5) + kind % 2, "kind": kind})
    for place in range(6):
        odd = draw.random(rows) < 0.06
        frame[f"q{place}"] = np.where(odd, draw.integers(0, 4, rows), (kind + age // 10 + place) % 4)
    frame["y"] = np.where(draw.random(rows) < 0.2 + 0.6 * (kind > 2), "yes", "no")
    return frame.assign(number=[f"p{place:06d}" for place in draw.permutation(rows)])


def _can_be_sent_to_review(finding, flagged):
    """One click sends all its rows there; why they do not wait there anyway is said."""
    sent = fixes.looked_at_first(finding)
    assert fixes.label(finding) == "" and fixes.asks_for_rows(finding) is flagged
    assert fixes.label(sent) == f"Send {len(finding.rows):,} rows to review"
    data = dataset(pd.DataFrame({"y": ["u"] * (finding.rows.ids.max() + 1)}))
    [decision] = fixes.decisions(data, sent)
    assert (decision.action, decision.finding) == ("defer", finding.key) and decision.rows == finding.rows
    assert by_hand.reason(finding, data).startswith("Not flagged: ") is not flagged
    assert "review" in by_hand.reason(finding, data)


@pytest.mark.parametrize("seed", range(3))
def test_rows_of_few_codes_may_be_equal_and_differ_in_their_label(seed):
    """Neither is an alarm: as many differ in one code alone. Copies among rows that lie apart are one."""
    coarse = run("duplicates", dataset(survey(2_000, seed), target="y", kinds={"number": "identifier"}))
    found = codes(coarse)
    assert coarse.conflicts is not None and coarse.conflicts.rows.mean() > 0.05
    assert coarse.conflicts.rows.sum() > 10 * coarse.conflicts.chance, "more than independent columns would"
    assert (found["conflicting_labels"].severity, found["conflicting_labels"].action) == ("warning", "")
    assert "neither label need be wrong" in found["conflicting_labels"].suggestion
    _can_be_sent_to_review(found["conflicting_labels"], flagged=False)
    loose = found["duplicate_but_identifier"]
    assert (loose.severity, loose.action) == ("info", "") and loose.value > 20
    assert "differ in one column alone" in loose.suggestion

    draw = np.random.default_rng(seed)
    fine = survey(2_000, seed).assign(amount=draw.normal(size=2_000), weight=draw.normal(size=2_000))
    fine = pd.concat([fine, fine.iloc[:150]], ignore_index=True)
    fine["number"] = [f"p{place:06d}" for place in range(2_150)]
    fine.loc[2_000:, "y"] = np.where(fine.loc[:149, "y"] == "yes", "no", "yes")
    copied = codes(run("duplicates", dataset(fine, target="y", kinds={"number": "identifier"})))
    assert copied["conflicting_labels"].action == "relabel"
    _can_be_sent_to_review(copied["conflicting_labels"], flagged=True)
    assert copied["conflicting_labels"].severity == "critical" and copied["conflicting_labels"].value == 300
    same = codes(run("duplicates", dataset(fine, kinds={"number": "identifier", "y": "identifier"})))
    loose = same["duplicate_but_identifier"]
    assert (loose.severity, loose.action, loose.value) == ("warning", "drop_repeats", 150)


def test_pairs_that_differ_in_one_column_alone_are_counted():
    draw = np.random.default_rng(1)
    table = draw.integers(0, 3, (60, 4)).astype(np.uint64)
    differ = (table[:, None, :] != table[None, :, :]).sum(axis=2)
    counted = pairs_one_apart(lambda: table.T, np.zeros(60, np.uint64))
    assert counted == int((np.triu(differ == 1, 1)).sum()) > 0
    measured = np.column_stack([table, draw.permutation(60).astype(np.uint64)])
    assert pairs_one_apart(lambda: measured.T, np.zeros(60, np.uint64)) == 0, "rows apart in a measurement"
    parts = (np.arange(60) % 2).astype(np.uint64)
    within = np.triu((differ == 1) & (parts[:, None] == parts[None, :]), 1)
    assert pairs_one_apart(lambda: table.T, mix(parts)) == int(within.sum()) < counted


def test_conflicts_need_a_target_that_is_a_label():
    assert "choose a target" in found(dataset(CLEAN)).notes[0]
    assert "measurement" in run("duplicates", dataset(CLEAN, target="a")).notes[0]
    assert run("duplicates", dataset(CLEAN[["c"]], target="c")).conflicts is None


def test_rows_are_compared_within_their_part():
    result = found(dataset(CLEAN, serve=pd.concat([CLEAN, CLEAN.iloc[:3]])))
    assert result.summary["excess_rows"] == 3 and result.exact.sizes.tolist() == [2, 2, 2]
    assert set(result.frame()["part"]) == {"serve"} and "within their part" in result.notes[0]


def test_pure_noise_gives_no_warning():
    for seed in range(30):
        rng = np.random.default_rng(seed)
        n = int(rng.choice([3, 20, 60, 300, 3000]))
        frame = pd.DataFrame(
            {f"c{i}": rng.integers(0, rng.integers(2, 9), n) for i in range(rng.integers(1, 9))}
        )
        frame["y"] = rng.integers(0, 2, n)
        assert [
            f.code for f in run("duplicates", dataset(frame, target="y")).findings if f.severity != "info"
        ] == [], seed


@pytest.mark.parametrize("rows", [0, 1, 2])
def test_hardly_any_rows(rows):
    result = found(dataset(CLEAN.iloc[:rows].assign(y=None), target="y"), target="y")
    assert (
        result.summary["excess_rows"] == 0
        and result.findings == ()
        and len(result.rows()) == rows
        and len(result.frame()) == 0
    )


def test_the_order_of_rows_does_not_matter_and_the_result_travels():
    frame = pd.concat([CLEAN, CLEAN.iloc[:30]]).assign(y=RNG.integers(0, 2, 430))
    order = RNG.permutation(430)
    straight = run("duplicates", dataset(frame, target="y"))
    mixed = run("duplicates", dataset(frame.iloc[order], target="y"))
    assert straight.summary == mixed.summary
    assert (straight.rows()["size"].to_numpy()[order] == mixed.rows()["size"].to_numpy()).all()
    assert pickle.loads(pickle.dumps(straight)).summary == straight.summary and straight.nbytes > 430 * 12
    assert isinstance(straight.exact, Repeats) and not straight.exact.first.flags.writeable


def test_rows_that_describe_kinds_may_repeat_but_for_their_identifier():
    codes = [f"N{i:05d}" for i in range(600)]
    kinds = pd.DataFrame(
        {
            "tail": codes,
            "model": np.repeat([f"m{i}" for i in range(60)], 10),
            "seats": np.repeat(np.arange(60) * 3.7, 10),
        }
    )
    few = pd.DataFrame({"tail": codes, "model": [f"m{i}" for i in range(600)], "seats": np.arange(600) * 3.7})
    few.loc[590:, ["model", "seats"]] = few.loc[0:9, ["model", "seats"]].to_numpy()
    for frame, severity, action in ((kinds, "info", ""), (few, "warning", "drop_repeats")):
        result = run("duplicates", dataset(frame, kinds={"tail": "identifier"}))
        (found,) = (f for f in result.findings if f.code == "duplicate_but_identifier")
        assert (found.severity, found.action) == (severity, action)


def test_what_no_shuffled_table_holds_is_rare_and_not_never():
    """ "2,200 rows repeat (13.8%; expected by chance: 0 rows)" of few columns with few values."""
    rng = np.random.default_rng(0)
    columns = [rng.integers(0, 700, 500).astype(np.uint64) for _ in range(3)]
    assert chance_excess(columns, 0) == pytest.approx(500 * 499 / 2 / 700**3, rel=0.3)
