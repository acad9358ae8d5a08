"""Coresets for k-means: drawn from the clusters, weighed by finer cells."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from core.coreset import BuildPlan, Coreset, SampleSize, build, built_with, updated, without
from core.coreset.quality import quality
from core.dataset import Dataset
from core.decided import as_decided
from core.decision import Decision
from core.errors import LoadError
from core.prepare.pilot import Pilot
from core.review import Review
from core.rowset import RowSet
from tests.make import dataset


def blobs(rows: int = 8_000, seed: int = 0, tails: bool = False) -> pd.DataFrame:
    draw = np.random.default_rng(seed)
    if tails:
        return pd.DataFrame(draw.standard_t(2, size=(rows, 4)), columns=list("abcd"))
    centres = draw.normal(size=(6, 4)) * 5.0
    return pd.DataFrame(centres[draw.integers(6, size=rows) ** 2 // 6] + draw.normal(size=(rows, 4)))


def plan(size: int = 600, seed: int = 0, **more: float) -> BuildPlan:
    return BuildPlan("k-means", SampleSize(size, **more), seed=seed, clusters=6)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def data() -> Dataset:
    return dataset(blobs().set_axis(list("abcd"), axis=1))


@pytest.fixture(scope="module")
def whole(data: Dataset) -> Coreset:
    return build(data, plan())


def cells(coreset: Coreset, data: Dataset) -> np.ndarray:
    """The finer cell of every row."""
    return coreset.pilot.raw(data.table(list(coreset.pilot.read)))[1]


def test_weights_come_to_the_rows_of_each_finer_cell(whole: Coreset, data: Dataset) -> None:
    cell, sample = cells(whole, data), whole.sample
    mine, times = cell[sample.row], np.bincount(cell, minlength=whole.pilot.strata)
    assert whole.pilot.strata == 120 and whole.pilot.stratum_names() == tuple(
        f"cell {at}" for at in range(1, 7)
    )
    alone = np.bincount(mine, sample.cell == mine, minlength=120) >= 6
    weight = np.bincount(mine, sample.weight, minlength=120)
    assert alone.sum() > 20
    np.testing.assert_allclose(weight[alone], times[alone], rtol=1e-12)
    group = np.bincount(whole.pilot.groups[mine], sample.weight)
    np.testing.assert_allclose(group, np.bincount(whole.pilot.groups[cell]), rtol=1e-12)
    np.testing.assert_array_equal(np.unique(sample.stratum), np.arange(6))


def test_costs_are_nearer_to_those_of_all_rows_than_with_weights_by_cluster_alone() -> None:
    data, draw = dataset(blobs().set_axis(list("abcd"), axis=1)), np.random.default_rng(0)
    finer, plain = [], []
    for seed in range(8):
        coreset = build(data, plan(seed=seed))
        rows, every = coreset.matrix(), coreset.pilot.encoder.encode(data.table(list("abcd"))).T
        sample = coreset.sample
        weight = coreset.sketch.times[sample.place] / sample.chance
        total = np.bincount(coreset.pilot.groups[cells(coreset, data)])
        weight *= (total / np.bincount(sample.stratum, weight))[sample.stratum]
        for _ in range(10):
            centres = every[draw.choice(len(every), 6, replace=False)]
            true = cost(every, centres).sum()
            finer.append(abs(sample.weight @ cost(rows, centres) / true - 1.0))
            plain.append(abs(weight @ cost(rows, centres) / true - 1.0))
    assert np.mean(finer) < 0.8 * np.mean(plain)


def cost(rows: np.ndarray, centres: np.ndarray) -> np.ndarray:
    return ((rows[:, None, :] - centres) ** 2).sum(axis=2).min(axis=1)


@pytest.mark.parametrize(("tails", "size"), [(True, 600), (False, 200), (False, 1_500)])
def test_the_error_told_is_that_of_centres_which_the_pilot_did_not_see(tails: bool, size: int) -> None:
    data, draw = dataset(blobs(tails=tails).set_axis(list("abcd"), axis=1)), np.random.default_rng(0)
    expected, true, within = [], [], []
    for seed in range(10):
        coreset = build(data, plan(size, seed=seed))
        rows, every = coreset.matrix(), coreset.pilot.encoder.encode(data.table(list("abcd"))).T
        error = quality(coreset)
        assert error is not None and error.of == "cost"
        for _ in range(8):
            centres = every[draw.choice(len(every), 6, replace=False)]
            off = abs(coreset.sample.weight @ cost(rows, centres) / cost(every, centres).sum() - 1.0)
            true.append(off)
            within.append(off <= error.error.high)
        expected.append(error.error.value)
    assert 0.6 < np.mean(expected) / np.mean(true) < 1.5, (np.mean(expected), np.mean(true))
    assert np.mean(within) > 0.8


def test_the_error_told_does_not_depend_on_the_order_of_the_rows() -> None:
    frame = blobs().set_axis(list("abcd"), axis=1)
    told = [
        quality(build(dataset(some), plan(600)))
        for some in (frame, frame.sample(frac=1.0, random_state=1, ignore_index=True))
    ]
    first, second = (one.error.value if one else np.nan for one in told)
    assert first == pytest.approx(second, rel=1e-9)


def test_rows_that_were_certain_to_be_drawn_stand_for_themselves_alone() -> None:
    data = dataset(blobs(tails=True).set_axis(list("abcd"), axis=1))
    sample = build(data, plan()).sample
    assert (sample.chance == 1.0).sum() > 5 and np.all(sample.weight[sample.chance == 1.0] == 1.0)
    np.testing.assert_allclose(sample.weight.sum(), 8_000, rtol=1e-12)


def test_an_edited_one_is_a_new_build_with_the_same_pilot(whole: Coreset, data: Dataset) -> None:
    gone = np.flatnonzero(cells(whole, data) % 7 == 0)
    review = Review().say(Decision("drop", RowSet(gone)))
    decided = as_decided(data, review.say(Decision("blank", RowSet(np.arange(0, 8_000, 9)), column="b")))
    anew, edited = built_with(whole.pilot, decided, whole.wanted), updated(whole, decided)
    np.testing.assert_array_equal(edited.sample.row, decided.source_ids(decided_rows(anew, decided)))
    np.testing.assert_array_equal(edited.sample.weight, anew.sample.weight)
    dropped = as_decided(data, review)
    again = built_with(whole.pilot, dropped, whole.wanted)
    fetch = data.table(list(whole.pilot.read)).take
    np.testing.assert_array_equal(without(whole, gone, fetch).sample.weight, again.sample.weight)


def decided_rows(anew: Coreset, decided: Dataset) -> np.ndarray:
    return np.searchsorted(decided.source_ids(np.arange(decided.rows)), anew.sample.row)


@pytest.mark.parametrize("size", [6, 40, 7_999, 9_000])
def test_any_size_from_a_row_a_cluster_on_stands_for_all_rows(size: int, data: Dataset) -> None:
    sample = build(data, plan(size)).sample
    assert sample.row.size == min(size, 8_000)
    np.testing.assert_allclose(sample.weight.sum(), 8_000, rtol=1e-12)
    assert size < 8_000 or np.all(sample.weight == 1.0)


def test_parts_give_the_same_rows_and_weights(whole: Coreset, data: Dataset) -> None:
    table = blobs().set_axis(list("abcd"), axis=1)
    bounds = [0, 100, 3_000, 5_500, 8_000]
    parts = [dataset(table.iloc[a:b].reset_index(drop=True), name=f"p{a}") for a, b in pairwise(bounds)]
    coreset = build(parts, plan())
    np.testing.assert_array_equal(coreset.sample.row, whole.sample.row)
    np.testing.assert_array_equal(coreset.sample.weight, whole.sample.weight)


def test_pilots_of_before_have_one_cell_a_cluster_and_damaged_groups_are_refused(
    whole: Coreset, data: Dataset
) -> None:
    plain = whole.pilot.to_json()
    arrays = {name: held for name, held in plain["arrays"].items() if name not in ("fine", "group")}
    before = Pilot.from_json({**plain, "arrays": arrays})
    assert before.strata == 6
    sample = built_with(before, data, whole.wanted).sample
    np.testing.assert_allclose(sample.weight.sum(), 8_000, rtol=1e-12)
    for groups in ([0.0] * 119 + [9e9], [1.0] * 120, [0.0] * 7):
        damaged = {**plain["arrays"], "group": [[len(groups)], groups]}
        with pytest.raises(LoadError, match="damaged"):
            Pilot.from_json({**plain, "arrays": damaged})
