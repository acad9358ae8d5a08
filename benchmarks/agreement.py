"""Whether recipe, script and pipeline agree on real data: every kind of rule with each of its choices, on the
columns that it takes, as one long list of steps a set; on the rows that were decided on and on new ones.

    python -m benchmarks --only agreement FOLDER
"""

from __future__ import annotations

import types
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import skops.io

from benchmarks.table import Row
from core.dataset import Dataset
from core.decided import as_decided
from core.decision import Decision
from core.export import recipe_of, replayed, set_up
from core.export.pipeline import column_pipeline, inputs
from core.export.prepare_script import prepare_script
from core.filters import Filter
from core.review import Review
from core.rowset import RowSet
from core.steps import settle
from core.steps.settling import Work
from core.workspace import load
from tests.core.steps.every_rule import every_rule

SETS = (
    "nycflights13.parquet",
    "movies_messy.json",
    "superstore.parquet",
    "r_openintro_loans_full_schema.parquet",
    "covtype.parquet",
    "birdstrikes.parquet",
    "titanic_all.parquet",
    "noaa_weather.parquet",
)
SAMPLES = Path(__file__).parents[1] / "sample_data"
ROWS = 2_000  # of each set, half of them decided on and half of them new
STEPS = 40
NEAR = 1e-12


def measure(folder: Path | None, quick: bool) -> list[Row]:
    """A row per set and comparison: cells compared, and cells that differ. Without a folder the samples."""
    made: list[Row] = []
    given = [] if folder is None else [folder / "tables" / name for name in SETS]
    samples = [*SAMPLES.glob("*/*.csv"), *SAMPLES.glob("*/*.parquet")]
    for path in [*sorted(samples), *given]:
        if path.exists():
            frame = _frame(path)
            half = len(frame) // 2
            for seed in range(1 if quick else 3):
                mixed = frame.sample(frac=1.0, random_state=seed).reset_index(drop=True)
                old, new = mixed[:half], mixed[half:].reset_index(drop=True)
                made += _compared(f"{path.stem} {seed}", old, new, seed)
    return made


def _frame(path: Path) -> pd.DataFrame:
    if path.suffix == ".json":
        with path.open("rb") as file:
            frame = pd.read_json(file)
        return frame.astype({c: "str" for c in frame if frame[c].dtype == object}).head(ROWS)
    if path.suffix == ".csv":
        return pd.read_csv(path, nrows=ROWS)
    return pd.read_parquet(path).head(ROWS)


def _compared(label: str, old: pd.DataFrame, new: pd.DataFrame, seed: int) -> Iterator[Row]:
    data = load(old, name="old")
    numbers = [column.name for column in data.columns if column.kind == "numeric"]
    data = data.with_roles(target=numbers[-1] if numbers else None)
    steps = _steps(data, seed)
    settled = settle(steps, data)
    script = _script(prepare_script(data, steps, settled))
    review = Review().say(*steps)
    yield _row(f"{label}, {len(steps)} steps, rows decided on", script.clean(data.frame(), rows=True),
               as_decided(data, review).frame())  # fmt: skip
    served = [step for step in steps if step.action != "add_rows"]  # the script adds no row to new data
    review, settled = Review().say(*served), settle(served, data)
    script = _script(prepare_script(data, served, settled))
    recipe = recipe_of(data, review, settled)
    later, _ = set_up(recipe, load(new, name="new"))
    replay = replayed(recipe, later)
    told = as_decided(later, replay.review, replay.settled)
    yield _row(f"{label}, new rows", script.clean(later.frame()), told.frame())
    built = column_pipeline(data, served, settled)
    if built.pipeline is not None:
        pipeline = skops.io.loads(built.to_bytes(), trusted=built.trusted)
        got = pipeline.transform(inputs(later.frame())).rename(columns=built.names)
        alone = [
            replace(step, learned=settled.effects[place].learned)
            for place, step in enumerate(served)
            if step.kind.rule and not isinstance(step.rows, Filter) and step.kind.on != "table"
        ]
        want = _script(prepare_script(data, alone, settle(alone, data))).clean(later.frame())
        lost = " ".join(built.left_out)
        shared = [name for name in want if name in got and pd.api.types.is_numeric_dtype(want[name].dtype)
                  and f"'{name}'" not in lost]  # fmt: skip
        yield _row(f"{label}, pipeline, {len(built.steps)} steps", got[shared], want[shared])


def _steps(data: Dataset, seed: int) -> list[Decision]:
    """Steps that hold, one behind the other, each of a kind that is as likely as any other."""
    rng = np.random.default_rng(seed)
    by_kind: dict[str, list[Decision]] = {}
    for decision in every_rule(data):
        by_kind.setdefault(decision.action, []).append(decision)
    by_kind["drop"] = [Decision("drop", RowSet(rng.integers(0, data.rows, 5)))]
    by_kind["keep"] = [Decision("keep", RowSet(rng.integers(0, data.rows, 50)))]
    chosen, work = list[Decision](), Work(data)
    for word in rng.choice([*by_kind], STEPS):
        step, tried = by_kind[word][rng.integers(len(by_kind[word]))], work.copy()
        tried.go_on([step])
        if len(chosen) not in tried.passed:
            chosen, work = [*chosen, step], tried
    return chosen


def _script(text: str) -> Any:
    module = types.ModuleType("prepare")
    exec(compile(text, "prepare.py", "exec"), module.__dict__)  # noqa: S102 our own script
    return module


def _row(label: str, got: pd.DataFrame, want: pd.DataFrame) -> Row:
    """Cells compared beside cells that differ; columns or rows that differ count whole."""
    cells = want.shape[0] * want.shape[1]
    if list(got.columns) != list(want.columns) or len(got) != len(want):
        return Row(label, cells, cells, 1.0, "columns and rows the same", False)
    wrong = sum(_differing(got[name], want[name]) for name in want)
    return Row(f"{label}: cells", cells, wrong, wrong / max(1, cells), "none differs", wrong == 0)


def _differing(got: pd.Series[Any], want: pd.Series[Any]) -> int:
    gaps = got.isna().to_numpy() != want.isna().to_numpy()
    known = ~(got.isna().to_numpy() | want.isna().to_numpy())
    a, b = got[known], want[known]
    if pd.api.types.is_float_dtype(want.dtype):
        x, y = a.to_numpy(float), b.to_numpy(float)
        return int(gaps.sum() + (~np.isclose(x, y, rtol=NEAR, atol=NEAR)).sum())
    return int(gaps.sum()) + sum(one != other for one, other in zip(a.tolist(), b.tolist(), strict=True))
