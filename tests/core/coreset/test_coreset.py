"""Coresets: the same rows and weights however the data are parted, and after edits as after a new build."""

from __future__ import annotations

import pickle
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pandas as pd
import pytest

from core.coreset import (
    BuildPlan,
    Coreset,
    SampleSize,
    build,
    built_with,
    only,
    updated,
    with_part,
    without,
)
from core.coreset.building import leaf_of
from core.coreset.parts import parts_of
from core.dataset import Dataset
from core.decided import as_decided
from core.decision import Decision
from core.errors import InputError, SettingError, TooSmallError
from core.filters import Filter
from core.prepare.pilot import Pilot
from core.review import Review
from core.rowset import RowSet
from tests.core.coreset.rows import frame
from tests.make import dataset

PLAN = BuildPlan(wanted=SampleSize(size=300))
TABLE = frame()


@pytest.fixture(scope="module")
def data() -> Dataset:
    return dataset(TABLE, target="y")


@pytest.fixture(scope="module")
def whole(data: Dataset) -> Coreset:
    return build(data, PLAN)


def drawn(coreset: Coreset, order: np.ndarray | None = None) -> dict[int, float]:
    """Row of the original table -> weight."""
    rows = coreset.sample.row if order is None else order[coreset.sample.row]
    return dict(zip(rows.tolist(), coreset.sample.weight.tolist(), strict=True))


def content(coreset: Coreset) -> set[tuple[object, ...]]:
    table = coreset.frame().drop(columns="row")
    return set(table.astype(object).where(table.notna(), None).itertuples(index=False, name=None))


def test_weights_come_to_the_rows_of_each_class(whole: Coreset) -> None:
    sample, counts = whole.sample, TABLE["y"].value_counts()
    assert sample.row.size == 300 and np.all(np.diff(sample.row) > 0)
    for at, label in enumerate(whole.pilot.classes):
        np.testing.assert_allclose(sample.weight[sample.stratum == at].sum(), counts[label], rtol=1e-12)
    assert whole.rows == len(TABLE)


def test_a_weight_is_the_inverse_of_the_chance_up_to_the_class_total(whole: Coreset) -> None:
    sample = whole.sample
    times = whole.sketch.times[sample.place]
    for at in np.unique(sample.stratum):
        mine = sample.stratum == at
        ratio = sample.weight[mine] * sample.chance[mine] / times[mine]
        np.testing.assert_allclose(ratio, ratio[0], rtol=1e-12)
    assert whole.sketch.times.max() == 11  # equal rows are one unit, whose weight counts them all


def test_important_rows_are_drawn_and_importance_is_1_in_the_mean(whole: Coreset, data: Dataset) -> None:
    marked = whole.pilot.marked(data.table(list(whole.pilot.read)))
    mean = marked.score.mean()
    np.testing.assert_allclose(whole.sample.score, marked.score[whole.sample.row] / mean, rtol=1e-9)
    rare = np.mean(whole.sample.stratum == whole.pilot.classes.index("yes"))
    assert rare > 5 * (TABLE["y"] == "yes").mean()  # importance, not the share of rows


@pytest.mark.parametrize("parts", [2, 7, 64])
def test_parts_in_any_order_give_the_same_rows_and_weights(whole: Coreset, parts: int) -> None:
    order = np.random.default_rng(parts).permutation(len(TABLE))
    files = [
        dataset(TABLE.iloc[some].reset_index(drop=True), target="y", name=f"part {at}")
        for at, some in enumerate(np.array_split(order, parts))
    ]
    coreset = build(files, PLAN)
    assert coreset.pilot.version == whole.pilot.version
    assert content(coreset) == content(whole)
    assert sorted(drawn(coreset).values()) == sorted(drawn(whole).values())
    single = np.flatnonzero(whole.sketch.times[whole.sample.place] == 1)
    known = drawn(coreset, order)
    assert all(known[int(whole.sample.row[at])] == whole.sample.weight[at] for at in single)


def test_scores_are_kept_of_the_first_rows_alone_so_that_memory_does_not_grow_with_the_parts(
    whole: Coreset, data: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a hundred million rows no process holds more than those and one part; the coreset is the same."""
    half = len(TABLE) // 2
    parts = [dataset(TABLE[:half], target="y"), dataset(TABLE[half:].reset_index(drop=True), target="y")]
    kept = built_with(whole.pilot, parts, PLAN.wanted)
    monkeypatch.setattr("core.coreset.building.LEDGER_ROWS", half + 10)
    few = built_with(whole.pilot, parts, PLAN.wanted)
    assert [leaf.ledger is not None for leaf in few.leaves] == [True, False]
    assert drawn(few) == drawn(kept)
    grown = with_part(built_with(whole.pilot, parts[:1], PLAN.wanted), parts[1])
    assert [leaf.ledger is not None for leaf in grown.leaves] == [True, False] and drawn(grown) == drawn(kept)
    assert drawn(without(few, np.array([3, 5]))) == drawn(without(kept, np.array([3, 5])))
    with pytest.raises(InputError, match="beyond the first 20,000,000"):
        without(few, np.array([half + 3]))


def _leaf(given: tuple[str, int, dict[str, object]]) -> object:
    from pathlib import Path

    from core.coreset.parts import RowPart

    path, first, pilot = given
    made = leaf_of(RowPart(Path(path), first), Pilot.from_json(pilot), PLAN.wanted)  # type: ignore[arg-type]
    return made.sketch.key, made.sketch.row, made.sketch.mass


def test_another_process_makes_the_same_leaf(whole: Coreset, data: Dataset) -> None:
    [part] = parts_of([data], whole.pilot.read)
    with ProcessPoolExecutor(1) as pool:
        key, row, mass = pool.submit(_leaf, (str(data.path), part.first, whole.pilot.to_json())).result()
    assert np.array_equal(key, whole.sketch.key) and np.array_equal(row, whole.sketch.row)
    assert mass == whole.sketch.mass


def test_a_pilot_gives_itself_back_from_json(whole: Coreset, data: Dataset) -> None:
    again = Pilot.from_json(whole.pilot.to_json())
    assert again.version == whole.pilot.version
    assert drawn(built_with(again, data, PLAN.wanted)) == drawn(whole)


EDITS = {
    "rows dropped": [Decision("drop", RowSet(range(0, 6_000, 37)))],
    "equal rows dropped": [Decision("drop", RowSet(range(90, 105)))],
    "most of the rows dropped": [Decision("drop", RowSet(range(1_000, 6_000)))],
    "labels changed": [Decision("relabel", RowSet(range(5, 6_000, 50)), "yes", column="y")],
    "cells made missing": [Decision("blank", RowSet(range(0, 6_000, 41)), column="a")],
    "a column rewritten": [Decision("fill", RowSet(), column="c", settings={"how": "median"})],
    "several at once": [
        Decision("drop", RowSet(range(0, 900, 3))),
        Decision("relabel", RowSet(range(0, 900, 4)), "no", column="y"),
        Decision("blank", RowSet(range(0, 900, 5)), column="d"),
    ],
}


@pytest.mark.parametrize("edit", EDITS)
def test_an_edited_coreset_is_a_new_build_with_the_same_pilot(
    edit: str, whole: Coreset, data: Dataset
) -> None:
    decided = as_decided(data, Review().say(*EDITS[edit]))
    assert decided is not data
    after, anew = updated(whole, decided), built_with(whole.pilot, decided, PLAN.wanted)
    assert drawn(after) == drawn(anew)
    assert after.sketch.mass == anew.sketch.mass and after.sketch.left_out == anew.sketch.left_out
    assert after.table().equals(anew.table())
    assert known_rows(after) == known_rows(anew)


def known_rows(coreset: Coreset) -> dict[int, tuple[object, ...]]:
    """What the ledger holds of each row that can be drawn."""
    ledger = coreset.leaves[0].ledger
    assert ledger is not None
    there = ledger.stratum >= 0
    columns = (ledger.stratum, ledger.key, ledger.score, ledger.weight)
    values = zip(*(column[there].tolist() for column in columns), strict=True)
    return dict(zip(ledger.number[there].tolist(), values, strict=True))


def test_an_edit_leaves_what_is_known_of_rows_as_it_was(whole: Coreset, data: Dataset) -> None:
    before = known_rows(whole)
    decided = as_decided(data, Review().say(*EDITS["several at once"]))
    after = updated(whole, decided)
    sent = pickle.loads(pickle.dumps(after.leaves[0].ledger))
    again = updated(updated(after, data), decided)
    assert known_rows(after) == known_rows(again) != before == known_rows(whole)
    assert np.array_equal(sent.score, after.leaves[0].ledger.score)  # type: ignore[union-attr]
    assert known_rows(updated(again, data)) == before


def test_an_edit_scores_only_the_rows_that_it_touches(
    whole: Coreset, data: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    scored, marked = [], Pilot.marked
    decided = as_decided(data, Review().say(*EDITS["several at once"]))
    monkeypatch.setattr(Pilot, "marked", lambda self, table: scored.append(len(table)) or marked(self, table))
    updated(whole, decided)
    kept = np.setdiff1d(np.arange(900), np.arange(0, 900, 3))
    assert scored == [np.union1d(kept[kept % 4 == 0], kept[kept % 5 == 0]).size]


def test_serve_rows_may_be_changed_and_dropped() -> None:
    both = dataset(TABLE, serve=TABLE.head(500), target="y")
    first = len(TABLE)
    some = Decision("relabel", RowSet([*range(3, 90), *range(first, first + 50)]), "yes", column="y")
    decided = as_decided(both, Review().say(some, Decision("drop", RowSet(range(first + 20, first + 99)))))
    small = build(both, PLAN)
    assert drawn(updated(small, decided)) == drawn(built_with(small.pilot, decided, PLAN.wanted))


def test_of_equal_rows_the_first_that_is_left_stands_for_them() -> None:
    table = pd.DataFrame({"a": np.arange(4_000) % 40, "y": np.where(np.arange(4_000) % 40 < 12, "u", "v")})
    few = dataset(table, target="y")
    small = build(few, BuildPlan(wanted=SampleSize(30)))
    gone = np.r_[0:40, 80:91, 44:60]
    decided = as_decided(few, Review().say(Decision("drop", RowSet(gone))))
    after, anew = updated(small, decided), built_with(small.pilot, decided, small.wanted)
    assert drawn(after) == drawn(anew) and after.sample.row.min() >= 40


@pytest.mark.parametrize("text", ["a < 0.3", "d > 1", "y is yes", "city is missing or a >= 0"])
def test_the_coreset_of_some_rows_is_a_build_of_them_with_the_same_pilot(
    text: str, whole: Coreset, data: Dataset
) -> None:
    rows = Filter.parse(text).rows(data)
    part = dataset(TABLE.iloc[rows.ids].reset_index(drop=True), target="y", kinds={"y": "category"})
    chosen, anew = only(whole, data, rows), built_with(whole.pilot, part, PLAN.wanted)
    assert drawn(chosen) == drawn(anew, rows.ids) and chosen.rows == anew.rows < whole.rows
    assert drawn(updated(chosen, data)) == drawn(whole)


def test_rows_are_chosen_from_the_data_as_decided(whole: Coreset, data: Dataset) -> None:
    decided = as_decided(data, Review().say(*EDITS["several at once"]))
    rows = decided.source_rows(Filter.parse("a < 0.3").rows(decided))
    chosen = only(updated(whole, decided), decided, rows)
    others = decided.source_rows(Filter.parse("a < 0.3").others.rows(decided))
    alone = as_decided(data, Review().say(*EDITS["several at once"], Decision("drop", others)))
    assert drawn(chosen) == drawn(built_with(whole.pilot, alone, PLAN.wanted))
    with pytest.raises(TooSmallError, match="None of the rows chosen"):
        only(whole, data, RowSet())


def test_what_is_undone_comes_back(whole: Coreset, data: Dataset) -> None:
    decided = as_decided(data, Review().say(*EDITS["several at once"]))
    assert drawn(updated(updated(whole, decided), data)) == drawn(whole)


def test_rows_that_a_step_adds_stand_behind_the_source(whole: Coreset, data: Dataset) -> None:
    more = Decision("add_rows", RowSet(), settings={"how": "repeat", "share": 0.1})
    decided = as_decided(data, Review().say(more))
    after = updated(whole, decided)
    assert after.rows == decided.rows > data.rows
    assert drawn(after) == drawn(built_with(whole.pilot, decided, PLAN.wanted))


def test_a_reserve_that_is_used_up_is_filled_without_scoring(whole: Coreset, data: Dataset) -> None:
    gone = whole.sample.row  # every row that was drawn
    asked: list[int] = []

    def fetch(rows: np.ndarray) -> object:
        asked.append(rows.size)
        return data.table(list(whole.pilot.read)).take(rows)

    after = without(whole, gone, fetch)  # type: ignore[arg-type]
    left = TABLE.drop(index=gone).index.to_numpy()
    anew = built_with(whole.pilot, dataset(TABLE.iloc[left].reset_index(drop=True), target="y"), PLAN.wanted)
    assert asked and drawn(after) == drawn(anew, left)
    with pytest.raises(InputError, match="give the data"):
        without(whole, gone)


def test_coresets_with_one_pilot_merge_to_that_of_all_rows(whole: Coreset) -> None:
    one, two = (dataset(part.reset_index(drop=True), target="y") for part in (TABLE[:2_000], TABLE[2_000:]))
    left = built_with(whole.pilot, one, PLAN.wanted)
    both = left.merged(built_with(whole.pilot, two, PLAN.wanted))
    assert drawn(both) == drawn(whole) == drawn(with_part(left, two))
    assert drawn(both.window(0, 1)) == drawn(left)
    with pytest.raises(InputError, match="counts? twice"):
        both.merged(left)
    with pytest.raises(InputError, match="different pilots"):
        left.merged(build(two, PLAN))
    with pytest.raises(SettingError, match="2 parts"):
        both.window(5, 6)


def test_a_smaller_coreset_is_of_its_rows(whole: Coreset) -> None:
    small = whole.at(120)
    assert small.sample.row.size == 120 and set(small.sample.row) <= set(whole.sample.row)
    np.testing.assert_allclose(small.sample.weight.sum(), len(TABLE))


def test_sizes_per_class_and_rows_taken_with_certainty(data: Dataset) -> None:
    rare = int((TABLE["y"] == "yes").sum()) - 10  # ten rows are equal to another
    every = build(data, BuildPlan(wanted=SampleSize(size=600, each={"yes": "all"}))).sample
    assert (every.stratum == 1).sum() == rare and np.all(every.chance[every.stratum == 1] == 1.0)
    fixed = build(data, BuildPlan(wanted=SampleSize(size=300, each={"no": "40"}))).sample
    assert (fixed.stratum == 0).sum() == 40
    fair = build(data, BuildPlan(wanted=SampleSize(size=300, share="fair"))).sample
    share = np.sqrt(TABLE["y"].value_counts()[["no", "yes"]].to_numpy())
    assert abs((fair.stratum == 0).mean() - share[0] / share.sum()) < 0.1
    sure = build(data, BuildPlan(wanted=SampleSize(size=300, certain=0.5)))
    top = sure.pilot.marked(data.table(list(sure.pilot.read))).score
    stratum = TABLE["y"].to_numpy() == "yes"
    most = (sure.sample.stratum == 0).sum() // 2
    highest = np.flatnonzero(~stratum)[np.argsort(-top[~stratum])[: most - 12]]  # equal rows are one unit
    assert set(highest.tolist()) <= set(sure.sample.row.tolist())
    with pytest.raises(SettingError, match="'maybe'"):
        build(data, BuildPlan(wanted=SampleSize(size=300, each={"maybe": "3"})))
    with pytest.raises(SettingError, match="give a whole number"):
        build(data, BuildPlan(wanted=SampleSize(size=300, each={"yes": "some"})))


def test_weights_of_rows_count(data: Dataset) -> None:
    table = TABLE.assign(w=np.where(TABLE["a"] > 1.0, 3.0, 0.5)).drop(columns="city")
    table.loc[:49, "w"] = 0.0
    coreset = build(dataset(table, target="y", weight="w"), PLAN)
    np.testing.assert_allclose(coreset.sample.weight.sum(), table["w"].sum(), rtol=1e-9)
    assert coreset.sketch.left_out == 50 and coreset.sample.row.min() >= 50
    with pytest.raises(InputError, match="Weights start at 0"):
        build(dataset(table.assign(w=-table["w"]), target="y", weight="w"), PLAN)


def test_rows_are_known_by_their_id(data: Dataset) -> None:
    table = TABLE.assign(id=[f"k{at:05d}" for at in np.random.default_rng(1).permutation(len(TABLE))])
    one = build(dataset(table, target="y", id="id"), PLAN)
    assert one.sketch.times.max() == 1
    half = [table[:3_000], table[2_999:]]  # one id in both
    parts = [dataset(part.reset_index(drop=True), target="y", id="id") for part in half]
    with pytest.raises(InputError, match="id occurs twice"):
        build(parts, BuildPlan(wanted=SampleSize(size=3_000))).sample  # noqa: B018


def test_what_cannot_be_is_told(data: Dataset, whole: Coreset) -> None:
    with pytest.raises(TooSmallError, match="'y' has one class, 'yes'"):
        build(dataset(TABLE.assign(y="yes"), target="y", kinds={"y": "category"}))
    with pytest.raises(TooSmallError, match="all rows are alike"):
        build(dataset(pd.DataFrame({"a": [1.0] * 20, "y": ["u", "v"] * 10}), target="y"))
    with pytest.raises(SettingError, match="needs a target"):
        build(data.with_roles(target=None), BuildPlan(kind="logistic"))
    with pytest.raises(SettingError, match="cannot hold a row of each"):
        build(data, BuildPlan(wanted=SampleSize(size=1))).sample  # noqa: B018
    other = dataset(TABLE.rename(columns={"d": "e"}), target="y")
    with pytest.raises(InputError, match="no column 'd'"):
        build([data, other], PLAN)
    with pytest.raises(InputError, match="holds string"):
        build([data, dataset(TABLE.assign(d="x"), target="y")], PLAN)
    with pytest.raises(InputError, match="class that the coreset was not built with: 'new'"):
        with_part(whole, dataset(TABLE.head(50).assign(y="new"), target="y", kinds={"y": "category"}))
    with pytest.raises(InputError, match="not built of"):
        updated(whole, dataset(TABLE.head(10), target="y"))
    with pytest.raises(InputError, match="knows no row"):
        without(whole, np.array([99_999]))


def test_a_class_of_one_row_keeps_it_and_fewer_rows_than_asked_are_all_taken() -> None:
    table = frame(400)
    table.loc[7, "y"] = "odd"
    sample = build(dataset(table, target="y"), PLAN).sample
    assert 7 in sample.row and sample.weight[sample.row == 7] == 1.0
    every = build(dataset(table, target="y"), BuildPlan(wanted=SampleSize(size=5_000))).sample
    assert every.row.size == 390 and every.weight.sum() == 400.0 and np.all(every.chance == 1.0)


@pytest.mark.parametrize(
    ("kind", "target", "strata"),
    [("linear", "d", 1), ("trees", "y", 2), ("trees", "d", None), ("k-means", "y", None), ("pca", "y", 1)],
)
def test_every_loss_draws_with_weights_that_come_to_all_rows(
    kind: str, target: str, strata: int | None, data: Dataset
) -> None:
    coreset = build(data.with_roles(target=target), BuildPlan(kind=kind, wanted=SampleSize(size=500)))
    assert coreset.pilot.kind == kind and coreset.sample.row.size == 500
    np.testing.assert_allclose(coreset.sample.weight.sum(), len(TABLE), rtol=1e-9)
    assert strata is None or coreset.pilot.strata == strata
    assert kind != "k-means" or len(coreset.pilot.stratum_names()) == 10, (
        "cells are drawn from, not finer ones"
    )
    order = np.random.default_rng(0).permutation(len(TABLE))
    shuffled = build(
        dataset(TABLE.iloc[order].reset_index(drop=True), target=target),
        BuildPlan(kind=kind, wanted=SampleSize(size=500)),
    )
    assert content(coreset) == content(shuffled)


def test_a_target_of_numbers_is_fitted_by_least_squares_and_few_whole_ones_are_classes() -> None:
    whole = TABLE.assign(y=np.random.default_rng(0).integers(0, 3, len(TABLE)))
    assert build(dataset(whole, target="y"), PLAN).pilot.classes == ("0", "1", "2")
    floats = whole.assign(y=whole["y"].astype(float).where(whole.index != 5))  # with a gap: stored as floats
    assert build(dataset(floats, target="y"), PLAN).pilot.classes == ("0", "1", "2")
    halves = floats.assign(y=floats["y"].where(whole.index != len(TABLE) - 1, 0.5))
    assert build(dataset(halves, target="y"), PLAN).pilot.kind == "linear"
    assert build(dataset(TABLE, target="d"), PLAN).pilot.kind == "linear"
    assert build(dataset(TABLE), PLAN).pilot.kind == "k-means"
    many = TABLE.assign(y=np.arange(len(TABLE)))
    assert build(dataset(many, target="y"), PLAN).pilot.kind == "linear"


def test_rows_without_a_target_and_serve_rows_take_no_part() -> None:
    table = TABLE.copy()
    table.loc[:99, "y"] = None
    coreset = build(dataset(table, serve=TABLE.head(500), target="y"), PLAN)
    assert coreset.sketch.left_out == 100 and coreset.rows == len(TABLE) - 100
    assert coreset.sample.row.min() >= 100 and coreset.sample.row.max() < len(TABLE)
