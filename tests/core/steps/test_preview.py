"""What a step would do, seen on a sample where all rows would take long."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core import load
from core.decision import Decision
from core.errors import Cancelled
from core.filters import Filter
from core.numerics.target_encoding import out_of_fold
from core.progress import Progress
from core.rowset import RowSet
from core.steps import Work, nearest, preview, settle
from tests.core.steps.acting import rule
from tests.make import dataset

N, SAMPLE = 600, 120
DRAW = np.random.default_rng(3)
X = DRAW.normal(size=N)
FRAME = pd.DataFrame(
    {
        "x": np.where(DRAW.random(N) < 0.2, np.nan, X),
        "z": X + DRAW.normal(size=N) / 5,
        "town": DRAW.choice(["Oslo", "Rome", "Bern"], N),
        "y": DRAW.integers(0, 2, N).astype(bool),
    }
)
DATA = dataset(FRAME, target="y")
NEAREST = rule("fill", "x", how="nearest rows")
DROP = Decision("drop", Filter.parse("z > 1"))


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["core.steps.preview"], "SAMPLE", SAMPLE)


def test_a_slow_step_is_seen_on_a_sample_of_the_rows_that_are_left() -> None:
    before = Work.after((DROP,), DATA)
    one = preview(before, (NEAREST,))
    left = np.flatnonzero(FRAME["z"] <= 1)
    assert one.sample_of == left.size and one.before.rows == SAMPLE
    rows = one.numbers(np.arange(SAMPLE))
    assert set(rows.tolist()) <= set(left.tolist()) and (np.diff(rows) > 0).all()
    some = FRAME.iloc[rows]
    assert np.flatnonzero(one.cells["x"]).tolist() == np.flatnonzero(some["x"].isna()).tolist()
    got = one.after.data.frame(["x", "z"])
    assert got["z"].tolist() == some["z"].tolist()
    assert got["x"][some["x"].notna().to_numpy()].tolist() == some["x"].dropna().tolist()
    assert "nearest" not in one.passed and before.seen == 1 and one.notes, "what is done is told"
    assert preview(before, (NEAREST,)).after.data.frame(["x"]).equals(got[["x"]]), "the same sample"


def test_the_sample_does_not_depend_on_the_order_of_the_rows() -> None:
    order = np.random.default_rng(1).permutation(N)
    turned = dataset(FRAME.iloc[order].reset_index(drop=True), target="y")
    one, other = preview(Work(DATA), (NEAREST,)), preview(Work(turned), (NEAREST,))
    assert set(order[other.numbers(np.arange(SAMPLE))]) == set(one.numbers(np.arange(SAMPLE)))
    assert one.changed_cells == other.changed_cells


@pytest.mark.parametrize(
    "step",
    [
        rule("fill", "x", how="median"),
        rule("sample", share=0.5),
        rule("fill", "x", rows=RowSet([1, 2, 3]), how="nearest rows"),
        rule("fill", "z", how="nearest rows"),  # nothing to fill
        rule("fill", "gone", how="nearest rows"),
    ],
    ids=["quick", "of the whole table", "of named rows", "idle", "not possible"],
)
def test_all_rows_are_looked_at(step: Decision) -> None:
    one = preview(Work(DATA), (step,))
    assert one.sample_of == 0 and one.after.rows == N


def test_what_the_sample_misses_is_looked_for_in_all_rows() -> None:
    seen = preview(Work(dataset(FRAME)), (rule("encode", "town", how="target"),))
    assert seen.passed and seen.sample_of == 0, "there is no target"
    missed = 0
    for row in range(40):  # one gap of 600 cells: four in five samples have it not
        frame = FRAME.assign(x=X)
        frame.loc[row, "x"] = None
        one = preview(Work(dataset(frame)), (NEAREST,))
        missed += one.sample_of == 0
        assert one.changed_cells == 1 and one.numbers(np.flatnonzero(one.cells["x"])).tolist() == [row]
    assert missed > 20


def test_steps_before_and_the_text_of_the_file_are_those_of_the_sample(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    x = [f"{value:.3f}" if row % 4 else "" for row, value in enumerate(X)]
    path.write_text("x,n,z\n" + "".join(f"{a},{row:04d},{b:.6f}\n" for row, (a, b) in enumerate(zip(x, X))))
    data = load(path)
    work = Work.after((rule("rename", "x", to="w"), rule("fill", "w", how="median")), data)
    some = sys.modules["core.steps.preview"].sample(work)  # what a preview works on
    rows = some.dataset.source_ids(np.arange(SAMPLE))
    assert not settle((rule("read_as", "n", kind="text"),), data).passed
    one = Work.after((), some.dataset)
    one.go_on((rule("read_as", "n", kind="text"), rule("scale", "w")))
    assert not one.passed and one.data.frame(["n"])["n"].tolist() == [f"{row:04d}" for row in rows]


def stopping(after: int) -> Progress:
    """Stops at the look of this number."""
    looks = iter(range(10_000))
    return Progress(stop=lambda: next(looks) >= after)


def test_long_work_within_one_kind_can_be_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nearest, "BLOCK", 10)
    work = Work(DATA)
    for after in (3, 6, 9):
        with pytest.raises(Cancelled):
            work.copy().go_on((NEAREST,), stopping(after))
        with pytest.raises(Cancelled):
            work.copy().go_on((rule("encode", "town", how="target"),), stopping(after - 1))
    seen: list[float] = []
    work.go_on((NEAREST,), Progress(lambda fraction, note: seen.append(fraction)))
    assert len(seen) > 10 and seen == sorted(seen) and not work.passed
    with pytest.raises(Cancelled):
        out_of_fold(np.zeros(9, int), np.arange(9.0), np.arange(9) % 3, 1, stopping(2))
