"""Weights brought to the slope of all rows: what they come to, how near a fit on them is."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.coreset import (
    BuildPlan,
    Coreset,
    SampleSize,
    build,
    built_with,
    calibrated,
    only,
    open_saved,
    save,
    updated,
    with_part,
)
from core.coreset.calibration import known_of, least_rows
from core.coreset.fitting import logistic_fit
from core.coreset.quality import quality
from core.coreset.slopes import with_slope
from core.dataset import Dataset
from core.decided import as_decided
from core.decision import Decision
from core.errors import InputError, LoadError
from core.filters import Filter
from core.numerics.raking import HIGH, LOW
from core.numerics.softmax import Softmax, penalised, softmax_regression
from core.prepare.pilot import Pilot
from core.review import Review
from core.rowset import RowSet
from tests.core.coreset.rows import frame
from tests.core.coreset.test_coreset import EDITS, PLAN, TABLE
from tests.core.coreset.test_coreset import drawn as weights
from tests.core.coreset.test_saving import changed, redigested
from tests.make import dataset


@pytest.fixture(scope="module")
def data() -> Dataset:
    return dataset(TABLE, target="y")


@pytest.fixture(scope="module")
def plain(data: Dataset) -> Coreset:
    return build(data, PLAN)


def test_weights_come_to_the_slope_and_the_classes_of_all_rows(data: Dataset, plain: Coreset) -> None:
    coreset, pilot = calibrated(plain), plain.pilot
    every = known_of(data.table(list(pilot.read)), pilot).sum(axis=0)
    drawn = coreset.sample
    brought = drawn.weight @ known_of(coreset.table(), pilot)
    np.testing.assert_allclose(brought, every, atol=1e-4 * len(TABLE))
    np.testing.assert_allclose(brought[:2], every[:2], rtol=1e-12)
    off = plain.sample.weight @ known_of(plain.table(), pilot) - every
    assert np.abs(off).max() > 0.005 * len(TABLE), "which they did not before"
    assert drawn.calibrated and np.array_equal(drawn.row, plain.sample.row)
    factor = drawn.weight / plain.sample.weight
    sure = drawn.chance >= 1.0
    assert sure.any() and (factor[sure] == 1.0).all()
    assert LOW <= factor.min() < 1.0 < factor.max() <= HIGH


def excess(data: Dataset, pilot: Pilot, model: Softmax) -> float:
    """Relative excess over all rows of the regularised loss."""
    table = data.table(list(pilot.read))
    matrix, truth = pilot.encoder.encode(table).T, pilot.targets(table)[0].astype(np.int64)
    best = softmax_regression(matrix, truth, len(pilot.classes))
    least, own = (penalised(one, one.losses(matrix, truth).sum(), 1.0) for one in (best, model))
    return own / least - 1.0


def test_a_fit_on_them_is_nearly_that_on_all_rows_and_the_error_told_is_the_one_there_is() -> None:
    true, before, told, inside = [], [], [], []
    for seed in range(6):
        data = dataset(frame(12_000, seed=seed), target="y")
        coreset = build(data, BuildPlan(wanted=SampleSize(size=400), seed=seed))
        near, error = calibrated(coreset), quality(calibrated(coreset))
        assert error is not None
        before.append(excess(data, coreset.pilot, logistic_fit(coreset)))
        true.append(excess(data, coreset.pilot, logistic_fit(near)))
        told.append(error.error.value)
        inside.append(error.error.low <= true[-1] <= error.error.high)
    assert np.median(true) < 0.05 * np.median(before)
    assert 0.1 < np.mean(true) / np.mean(told) < 1.5 and np.mean(inside) >= 0.8


def test_of_many_levels_the_error_told_is_not_too_small() -> None:
    draw = np.random.default_rng(0)
    above = []
    for seed in range(5):
        level = np.minimum(draw.zipf(1.5, 12_000), 40)
        odds = 1.0 / (1.0 + np.exp(-draw.normal(size=41)[level] - (x := draw.normal(size=12_000))))
        table = pd.DataFrame({"x": x, "level": [f"l{at}" for at in level]})
        data = dataset(table.assign(y=np.where(draw.random(12_000) < odds, "yes", "no")), target="y")
        coreset = calibrated(build(data, BuildPlan(wanted=SampleSize(size=800), seed=seed)))
        error = quality(coreset)
        assert error is not None and coreset.sample.calibrated
        above.append(excess(data, coreset.pilot, logistic_fit(coreset)) > error.error.high)
    assert sum(above) <= 1


def test_data_as_decided_otherwise_are_refused(plain: Coreset, data: Dataset) -> None:
    decided = as_decided(data, Review().say(*EDITS["labels changed"]))
    after = updated(plain, decided)
    with pytest.raises(InputError, match="holds other decisions"):
        calibrated(after, data)
    dropped = updated(plain, as_decided(data, Review().say(*EDITS["rows dropped"])))
    assert calibrated(dropped, data).to_slope, "rows that are gone are read as they were"


def test_parts_as_decided_have_rows_of_their_own() -> None:
    first, second = frame(1_500, seed=3), frame(1_200, seed=4)
    one = dataset(first, target="y", name="one")
    some = as_decided(one, Review().say(Decision("drop", RowSet(range(500)))))
    both = build([some, dataset(second, target="y", name="two")], PLAN)
    more = as_decided(one, Review().say(Decision("drop", RowSet(range(800)))))
    after = updated(both, more)
    assert both.rows == 2_200 and after.rows == 1_900
    assert sum(after.leaves[1].sketch.rows) == 1_200
    assert updated(after, one).rows == 2_700, "and what is undone comes back"


@pytest.mark.parametrize("parts", [2, 16])
def test_parts_in_any_order_have_the_same_weights(plain: Coreset, parts: int) -> None:
    order = np.random.default_rng(parts).permutation(len(TABLE))
    files = [
        dataset(TABLE.iloc[some].reset_index(drop=True), target="y", name=f"part {at}")
        for at, some in enumerate(np.array_split(order, parts))
    ]
    every = calibrated(build(files, PLAN))
    whole = calibrated(plain)
    assert sorted(weights(every).values()) == sorted(weights(whole).values())
    first = calibrated(built_with(plain.pilot, files[: parts // 2], plain.wanted))
    for file in files[parts // 2 :]:
        first = with_part(first, file)
    assert first.to_slope and weights(first) == weights(every), "and parts that come later are known, too"
    halves = [
        calibrated(built_with(plain.pilot, some, plain.wanted))
        for some in (files[: parts // 2], files[parts // 2 :])
    ]
    assert weights(halves[0].merged(halves[1])) == weights(every)


@pytest.mark.parametrize("edit", EDITS)
def test_after_edits_they_are_those_of_a_new_build(edit: str, plain: Coreset, data: Dataset) -> None:
    decided = as_decided(data, Review().say(*EDITS[edit]))
    after, anew = updated(calibrated(plain), decided), built_with(plain.pilot, decided, plain.wanted)
    assert not after.to_slope, "an edit leaves the slope of the rows before it behind"
    both = calibrated(after, decided), calibrated(anew, decided)
    assert both[0].slope == both[1].slope != calibrated(plain).slope
    assert weights(both[0]) == weights(both[1])
    undone = updated(both[0], data)
    assert weights(calibrated(undone, data)) == weights(calibrated(plain))


def test_only_the_rows_that_were_edited_are_read_again(
    plain: Coreset, data: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    decided = as_decided(data, Review().say(Decision("drop", RowSet(range(0, 6_000, 60)))))
    after, read = updated(plain, decided), list[int]()
    own = Pilot.slope

    def counted(self: Pilot, table: object) -> object:
        read.append(table.num_rows)  # type: ignore[attr-defined]
        return own(self, table)  # type: ignore[arg-type]

    monkeypatch.setattr(Pilot, "slope", counted)
    assert calibrated(after, decided).to_slope and sum(read) == 100
    with pytest.raises(InputError, match="were decided about since they were scored"):
        calibrated(after)
    read.clear()
    some = Filter.parse("a < -1.5").rows(data)
    few = only(build(data, BuildPlan(wanted=SampleSize(size=120))), data, some)
    assert with_slope(few, data).slope is not None and sum(read) == len(some), "or those left, where fewer"


def test_rows_count_by_their_weight() -> None:
    table = TABLE.assign(w=np.where(np.arange(len(TABLE)) % 3 == 0, 2.5, 1.0))
    data = dataset(table, target="y", weight="w")
    coreset = calibrated(build(data, PLAN))
    pilot = coreset.pilot
    every = table["w"].to_numpy() @ known_of(data.table(list(pilot.read)), pilot)
    got = coreset.sample.weight @ known_of(coreset.table(), pilot)
    np.testing.assert_allclose(got, every, atol=1e-4 * float(table["w"].sum()))


def test_totals_that_few_rows_have_a_part_in_are_left_out(data: Dataset) -> None:
    rare = np.full(len(TABLE), "usual", object)
    rare[:2] = "seldom"  # no sample can be brought to what two rows say
    table = dataset(TABLE.assign(kind=rare), target="y")
    coreset = build(table, PLAN)
    near = calibrated(coreset)
    labels = [*coreset.pilot.encoder.labels]
    left = near.sample.totals[2:]  # behind the two classes
    assert near.sample.calibrated and not left[labels.index("kind = seldom")] and left[labels.index("a")]
    before, after = (excess(table, one.pilot, logistic_fit(one)) for one in (coreset, near))
    assert after < 0.1 * before


def test_weights_that_cannot_come_to_the_totals_are_left_as_they_are(data: Dataset) -> None:
    coreset = build(data, PLAN)
    leaf = coreset.leaves[0]
    assert leaf.slope is not None
    far = replace(coreset, leaves=(replace(leaf, slope=tuple(10**4 * one for one in leaf.slope)),))
    assert weights(calibrated(far)) == weights(coreset) and not calibrated(far).sample.calibrated


def test_a_fit_on_weights_that_is_expected_to_lose_more_is_not_taken(
    data: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.coreset import weighing
    from core.coreset.quality import CoresetQuality, Error

    def worse(coreset: Coreset, **_: object) -> CoresetQuality:
        value = 0.2 if coreset.to_slope else 0.1
        return CoresetQuality(Error(value, 0.0, 1.0), Error(0.3, 0.0, 1.0), "fit")

    monkeypatch.setattr(weighing, "quality", worse)
    assert not calibrated(build(data, PLAN)).to_slope


def test_too_few_rows_and_other_losses_keep_their_weights(data: Dataset) -> None:
    few = build(data, BuildPlan(wanted=SampleSize(size=20)))
    least = least_rows(few.pilot)
    assert least is not None and least > 20
    assert not calibrated(few).sample.calibrated and weights(calibrated(few)) == weights(few)
    assert not calibrated(few.at(10)).sample.calibrated
    large = calibrated(build(data, BuildPlan(wanted=SampleSize(size=200))))
    assert large.sample.calibrated and not large.at(20).sample.calibrated
    for kind in ("trees", "linear", "k-means"):
        other = build(data.with_roles(target="d" if kind == "linear" else "y"), BuildPlan(kind, PLAN.wanted))
        assert least_rows(other.pilot) is None and weights(calibrated(other)) == weights(other)


def test_what_was_built_of_decided_data_follows_what_is_undone(data: Dataset) -> None:
    decided = as_decided(data, Review().say(*EDITS["labels changed"]))
    built = build(decided, PLAN)
    back, anew = updated(built, data), built_with(built.pilot, data, built.wanted)
    assert weights(back) == weights(anew) and back.sketch.rows == anew.sketch.rows
    assert calibrated(back, data).slope == anew.slope


def test_a_saved_one_keeps_them(plain: Coreset, data: Dataset, tmp_path: Path) -> None:
    save(calibrated(plain), tmp_path / "c")
    again = open_saved(tmp_path / "c")
    assert again.to_slope and weights(again) == weights(calibrated(plain))
    decided = as_decided(data, Review().say(*EDITS["several at once"]))
    after = updated(again, decided)
    save(after, tmp_path / "edited")
    edited = calibrated(open_saved(tmp_path / "edited"), decided)
    assert weights(edited) == weights(calibrated(built_with(plain.pilot, decided, plain.wanted), decided))


@pytest.mark.parametrize("how", ["short", "texts", "huge"])
def test_slopes_that_do_not_fit_are_refused(how: str, plain: Coreset, tmp_path: Path) -> None:
    save(calibrated(plain), tmp_path / "c")
    facts = json.loads((tmp_path / "c" / "coreset.json").read_text())
    leaves, slope = facts["leaves"], facts["leaves"][0]["slope"]
    leaves[0]["slope"] = {"short": slope[1:], "texts": ["a"] * len(slope), "huge": [2**300, *slope[1:]]}[how]
    changed(tmp_path / "c", leaves=leaves)
    redigested(tmp_path / "c")
    with pytest.raises(LoadError, match="slopes do not fit"):
        open_saved(tmp_path / "c")


def test_one_that_was_saved_before_there_were_slopes_opens(
    plain: Coreset, data: Dataset, tmp_path: Path
) -> None:
    save(plain, tmp_path / "c")
    facts = json.loads((tmp_path / "c" / "coreset.json").read_text())
    old = [
        {k: v for k, v in leaf.items() if k not in ("slope", "scored", "since")} for leaf in facts["leaves"]
    ]
    changed(tmp_path / "c", leaves=old, to_slope="yes")
    redigested(tmp_path / "c")
    again = open_saved(tmp_path / "c")
    assert not again.to_slope and again.slope is None and weights(again) == weights(plain)
    assert weights(calibrated(again, data)) == weights(calibrated(plain)), "all its rows are read for it"
