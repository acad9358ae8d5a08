"""What a step costs until its effect is seen, what an export with steps costs, and whether 500 stay
usable.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.table import Row
from core.dataset import Dataset
from core.decided import as_decided
from core.decision import Decision
from core.export import export
from core.filters import Filter
from core.review import Review
from core.rowset import RowSet
from core.steps import Work, picture, preview, settle, takes_long
from core.workspace import load


def _rule(action: str, column: str = "", **settings: object) -> Decision:
    return Decision(action, RowSet(), column=column, settings=settings)


STEPS = {
    "fill with the median": Decision("fill", RowSet(), column="f0", settings={"how": "median"}),
    "standard scale": Decision("scale", RowSet(), column="f1"),
    "tidy text": Decision("tidy", RowSet(), column="t0", settings={"case": "upper"}),
    "one-hot": Decision("encode", RowSet(), column="t1", settings={"how": "one-hot"}),
    "drop by a filter": Decision("drop", Filter.parse("f2 > 1 and t0 is b")),
    "drop repeats": Decision("drop_repeats", RowSet(), settings={"columns": ["i0", "t0", "t1"]}),
}
# those that look at many columns or texts, each alone; with the role target t0 and the role time d0
HEAVY = {
    "sample a tenth": _rule("sample", share=0.1),
    "split at random": _rule("split"),
    "split alike in levels": _rule("split", how="by level", by="t1"),
    "split by groups": _rule("split", how="by group", by="i0"),
    "split in time": _rule("split", how="in time"),
    "drop repeats in all columns": _rule("drop_repeats"),
    "add rows, a tenth": _rule("add_rows", how="repeat", share=0.1),
    "target encoding": _rule("encode", "t1", how="target"),
    "previous in time": _rule("fill", "f0", how="previous in time"),
    "nearest rows": _rule("fill", "f0", how="nearest rows"),
    "read as numbers": _rule("read_as", "n0", kind="numeric"),
    "read as dates": _rule("read_as", "e0", kind="datetime"),
}

LONG = 20.0  # seconds of those that are previewed on a sample, and followed with a bar that can be stopped


def measure(folder: Path | None, quick: bool) -> list[Row]:
    """The rows of the table. The baseline of a step is reading all columns of the data as loaded."""
    rows = 100_000 if quick else 2_000_000
    made = []
    with tempfile.TemporaryDirectory() as place:
        data = load(_written(Path(place), rows))
        read = _seconds(lambda: _fresh(data).table())
        made += _each(STEPS, data, read)
        texts = load(_with_texts(Path(place), rows)).with_roles(target="t0", time="d0")
        made += _each(HEAVY, texts, _seconds(lambda: _fresh(texts).table()))
        out = Path(place) / "out"
        whole = Review().say(*STEPS.values())
        plain = _seconds(lambda: export(data, Review(), out / "plain", format="parquet"))
        _forget(data)
        seconds = _seconds(lambda: export(data, whole, out / "steps", format="parquet"))
        made.append(_row(f"{rows:,} x 12, export with these steps, s", seconds, plain, 30.0))
        few = load(_written(Path(place), rows // 10))
        many = _many(few)
        fold = _seconds(lambda: settle(many, few))
        made.append(_row(f"{rows // 10:,} x 12, 500 steps, the first switched off, s", fold, read, 3.0))
    return made


def _each(steps: dict[str, Decision], data: Dataset, read: float) -> list[Row]:
    """A row of the table for each step alone."""
    made = []
    for label, step in steps.items():
        passed = settle([step], data).passed
        assert not passed, passed
        review, size = Review().say(step), f"{data.rows:,} x 12"
        seen = _seconds(lambda step=step: _seen(data, step))
        made.append(_row(f"{size}, {label}, until its effect shows, s", seen, read, 2.0))
        limit = LONG if takes_long(data, [step]) else 2.0
        followed = _seconds(lambda review=review: _shown(data, review))
        made.append(_row(f"{size}, {label}, followed in all rows, s", followed, read, limit))
    return made


def _seen(data: Dataset, step: Decision) -> None:
    """As the page has it before the step is taken, with the picture."""
    _forget(data)
    one = preview(Work(data), (step,))
    if touched := [*one.cells, *one.added, *one.removed]:
        picture(one, touched[0])
    assert len(one.rows) or touched


def _with_texts(folder: Path, rows: int) -> Path:
    """The same with numbers and dates as text, nearly all distinct, for two of the columns; a thousand rows
    repeat others.
    """
    rng = np.random.default_rng(7)
    frame = pd.read_parquet(_written(folder, rows)).drop(columns=["f5", "i1"])
    numbers = pd.Series(rng.lognormal(8, 2, rows)).map("{:,.2f}".format)
    times = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 3 * 10**7, rows), unit="s")
    path = folder / f"{rows} texts.parquet"
    frame = frame.assign(n0=numbers, e0=times.strftime("%d/%m/%Y %H:%M:%S"))
    pd.concat([frame[:-1000], frame[:1000]], ignore_index=True).to_parquet(path)
    return path


def _written(folder: Path, rows: int) -> Path:
    rng = np.random.default_rng(5)
    frame = pd.DataFrame({f"f{at}": rng.normal(size=rows) for at in range(6)})
    for at in range(6):
        frame.loc[rng.random(rows) < 0.05, f"f{at}"] = None
    frame = frame.assign(
        i0=rng.integers(0, 1000, rows),
        i1=np.arange(rows),
        t0=rng.choice(["a", " b", "b", "c "], rows),
        t1=rng.choice([f"level {at}" for at in range(40)], rows),
        b0=rng.random(rows) < 0.3,
        d0=pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 10**6, rows), unit="s"),
    )
    path = folder / f"{rows}.parquet"
    frame.to_parquet(path)
    return path


def _many(data: Dataset) -> Sequence[Decision]:
    """Row steps of 200 rows each, text steps and fills, without the first one."""
    rng = np.random.default_rng(6)
    steps: list[Decision] = []
    for at in range(500):
        if at % 5 == 0:
            case = ("upper", "lower")[at // 5 % 2]
            steps.append(Decision("tidy", RowSet(), column="t0", settings={"case": case}))
        elif at % 50 == 1:
            steps.append(Decision("fill", RowSet(), column=f"f{at // 50 % 6}", settings={"how": "mean"}))
        else:
            steps.append(Decision("drop", RowSet(rng.integers(0, data.rows, 200))))
    return steps[1:]


def _shown(data: Dataset, review: Review) -> None:
    """With the columns read, and nothing known of the step."""
    _forget(data)
    decided = as_decided(data, review)
    decided.frame(rows=RowSet(range(25)))


def _forget(data: Dataset) -> None:
    for kept in ("learned", "effects", "rows of previews"):
        data.shared.pop(kept, None)


def _fresh(data: Dataset) -> Dataset:
    data.shared.clear()
    return data


def _seconds(work: object) -> float:
    times = []
    for _ in range(3):
        begun = time.perf_counter()
        work()  # type: ignore[operator]
        times.append(time.perf_counter() - begun)
    return float(np.median(times))


def _row(label: str, seconds: float, baseline: float, limit: float) -> Row:
    return Row(label, seconds, baseline, baseline / seconds, f"ours <= {limit:g}", seconds <= limit)
