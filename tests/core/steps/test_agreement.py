"""The data as decided, ``prepare.py`` and the pipeline agree: on drawn tables, with levels not in train,
columns without a value, -0.0, NaT and emoji; and on the sample data.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from core import load
from core.dataset import Dataset
from core.dataset.split import PartSplit
from core.decision import Decision
from core.export import apply_recipe, export
from core.export.pipeline import column_pipeline, inputs
from core.filters import Filter
from core.review import Review
from core.rowset import RowSet
from core.steps import settle
from tests.core.steps.agreement import assert_equal, decided, script
from tests.examples import examples
from tests.make import dataset

ALL = RowSet()
SAMPLES = Path(__file__).parents[3] / "sample_data"
CELLS: dict[str, Any] = {
    "x": st.one_of(st.none(), st.sampled_from([0.0, -0.0, 1e-9, 7.5]), st.floats(-1e6, 1e6, width=32)),
    "n": st.one_of(st.none(), st.integers(-3, 3), st.sampled_from([2**53 + 1, -(2**40)])),
    "c": st.one_of(st.none(), st.sampled_from(["a", "A ", "b", "🙂", "é", "e\u0301", "nan", "None", "it's"])),
    "d": st.one_of(st.none(), st.datetimes(pd.Timestamp("1960-01-01"), pd.Timestamp("2060-01-01"))),
    "yes": st.one_of(st.none(), st.booleans()),
}
SCALES = ("standard", "robust", "min-max")
SHAPES = ("yeo-johnson", "quantile to normal", "quantile to uniform")
ENCODINGS = ("one-hot", "ordinal", "target")
RULES: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "x": [
        ("clip", {"low": "-1"}),
        ("clip", {"how": "winsorise", "share": 0.2}),
        *(("scale", {"how": how}) for how in SCALES),
        *(("transform", {"how": how}) for how in SHAPES),
        ("fill", {"how": "constant", "value": "2.5", "indicator": True}),
        *(("fill", {"how": how}) for how in ("mean", "nearest rows", "iterative", "previous in time")),
    ],
    "n": [
        ("clip", {"high": "1"}),
        ("clip", {"low": "-1.5"}),
        *(("encode", {"how": how}) for how in ("one-hot", "frequency")),
        *(("fill", {"how": how}) for how in ("median", "most frequent")),
    ],
    "c": [
        ("tidy", {"case": "upper"}),
        *(("encode", {"how": how}) for how in ENCODINGS),
        *(("fill", {"how": how}) for how in ("most frequent", "previous in time")),
        ("rename", {"to": "level"}),
    ],
    "d": [("date_parts", {"days": True, "hour": True}), ("fill", {"how": "most frequent"})],
    "yes": [("encode", {}), ("fill", {"how": "most frequent", "indicator": True})],
}
FILTERS = [
    "x < 1",
    "not n is 1",
    "c is missing or x >= 0",
    'c contains "a" and not yes is true',
    "d > 2000-01-01",
]


@st.composite
def tables(draw: st.DrawFn) -> pd.DataFrame:
    """A table of 12 to 30 rows; the last third is serve, where a column may be all missing, or new."""
    rows = draw(st.integers(12, 30))
    frame = {name: draw(st.lists(cell, min_size=rows, max_size=rows)) for name, cell in CELLS.items()}
    lost = draw(st.sampled_from(["", "x", "c", "d"]))
    if lost:
        frame[lost] = [cell if row < 2 * rows // 3 else None for row, cell in enumerate(frame[lost])]
    if draw(st.booleans()):
        frame["c"][-1] = "only in serve 🙈"
    typed = pd.DataFrame(
        {
            "x": pd.array(frame["x"], dtype="Float64"),
            "n": pd.array(frame["n"], dtype="Int64"),
            "c": pd.Series(frame["c"], dtype="str"),
            "d": pd.Series(frame["d"], dtype="datetime64[us]"),
            "yes": pd.array(frame["yes"], dtype="boolean"),
        }
    )
    return typed.assign(
        w=np.linspace(-1, 1, rows) ** 3, y=[row % 3 % 2 for row in range(rows)],
        part=["train" if row < 2 * rows // 3 else "serve" for row in range(rows)],
    )  # fmt: skip


@st.composite
def steps(draw: st.DrawFn) -> list[Decision]:
    chosen = []
    for _ in range(draw(st.integers(1, 5))):
        if draw(st.integers(0, 3)) == 0:
            taken = Filter.parse(draw(st.sampled_from(FILTERS)))
            chosen.append(
                draw(st.sampled_from([Decision("drop", taken), Decision("blank", taken, column="x")]))
            )
            continue
        column = draw(st.sampled_from(sorted(RULES)))
        action, given_settings = draw(st.sampled_from(RULES[column]))
        rows = draw(st.sampled_from([ALL, ALL, Filter.parse("n >= 0"), RowSet([1, 4])]))
        chosen.append(Decision(action, rows, column=column, settings=given_settings))
    return chosen


def loaded(frame: pd.DataFrame) -> Dataset:
    split = PartSplit("value", column="part", value="serve")
    return dataset(frame, kinds={"c": "category"}, split=split, target="y", time="d")


@given(tables(), steps())
@settings(max_examples=examples(20), deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
def test_script_and_data_agree(frame: pd.DataFrame, chosen: list[Decision]) -> None:
    data = loaded(frame)
    assert_equal(script(data, chosen).clean(data.frame(), rows=True), decided(data, chosen))


@given(tables(), st.permutations([(c, i) for c in RULES for i in range(len(RULES[c]))]))
@settings(max_examples=examples(25), deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
def test_pipeline_and_script_agree_on_new_rows(frame: pd.DataFrame, order: list[tuple[str, int]]) -> None:
    data = loaded(frame)
    chosen = [
        Decision(RULES[column][rule][0], ALL, column=column, settings=RULES[column][rule][1])
        for column, rule in order[:4]
    ]
    # nearest rows are scaled and back in the pipeline: in the last bit that moves, at which ranks may jump;
    # the export says so (`test_export.test_ranks_behind_nearest_rows_are_told`)
    chosen.sort(key=lambda decision: decision.settings.get("how") == "nearest rows")
    settled = settle(chosen, data)
    built = column_pipeline(data, chosen, settled)
    if built.pipeline is None:
        return
    import skops.io  # takes two seconds, which every test process would wait for

    pipeline = skops.io.loads(built.to_bytes(), trusted=[])
    got = pipeline.transform(inputs(data.frame())).rename(columns=built.names)
    want = script(data, chosen).clean(data.frame())
    for name in _numbers_in_both(built, got, want):
        a, b = got[name].to_numpy("float64"), want[name].to_numpy("float64", na_value=np.nan)
        size = max(1.0, float(np.nanmax(np.abs(b), initial=0.0)))  # what is scaled and back loses that much
        assert np.allclose(a, b, rtol=1e-12, atol=1e-12 * size, equal_nan=True), (name, built.steps, a, b)


@pytest.mark.parametrize(("how", "in_pipeline"), [("log1p", True), ("yeo-johnson", False)])
def test_levels_made_of_transformed_numbers_are_found_to_the_last_digit(how: str, in_pipeline: bool) -> None:
    """What each of 400 numbers becomes is one level, and one share of train."""
    numbers = np.random.default_rng(0).lognormal(size=400).round(3)
    frame = pd.DataFrame({"x": np.repeat(numbers, np.arange(400) % 3 + 1)})
    data = dataset(frame, kinds={"x": "numeric"})
    chosen = [
        Decision("transform", ALL, column="x", settings={"how": how}),
        Decision("encode", ALL, column="x", settings={"how": "frequency"}),
    ]
    built = column_pipeline(data, chosen, settle(chosen, data))
    assert (len(built.steps), len(built.left_out)) == ((2, 0) if in_pipeline else (1, 1))
    if in_pipeline:
        got = built.pipeline.transform(inputs(data.frame()))["x"]
        assert built.trusted == []
        assert got.tolist() == script(data, chosen).clean(data.frame())["x"].tolist()


def _numbers_in_both(built: Any, got: pd.DataFrame, want: pd.DataFrame) -> list[str]:
    """The columns of numbers that steps in the pipeline made."""
    left_out = " ".join(built.left_out)
    return [
        name
        for name in want
        if name in got
        and f"'{name}'" not in left_out
        and pd.api.types.is_numeric_dtype(want[name].dtype)
        and not (name == "x" and "'x'" in left_out)
    ]


SAMPLE_STEPS = {
    "birdstrikes": [
        Decision("fill", ALL, column="Speed IAS in knots", settings={"indicator": True}),
        Decision("transform", ALL, column="Cost Total $", settings={"how": "log1p"}),
        Decision("scale", ALL, column="Cost Total $"),
        Decision("tidy", ALL, column="Airport Name"),
        Decision("drop", Filter.parse("'Wildlife Size' is missing")),
        Decision("encode", ALL, column="Wildlife Size"),
        Decision("encode", ALL, column="Wildlife Species", settings={"how": "frequency"}),
        Decision("date_parts", ALL, column="Flight Date"),
    ],
    "planes": [
        Decision("fill", ALL, column="year"),
        Decision("clip", ALL, column="seats", settings={"how": "winsorise"}),
        Decision("encode", ALL, column="type", settings={"how": "ordinal"}),
        Decision("drop", Filter.parse("speed > 400 or engines < 1")),
    ],
    "flights": [
        Decision("fill", ALL, column="air_time", settings={"how": "mean", "indicator": True}),
        Decision("drop", Filter.parse("dep_delay > 300 or arr_delay is missing")),
        Decision("encode", ALL, column="origin"),
        Decision("date_parts", ALL, column="time_hour"),
        Decision("drop", RowSet([3, 12_005])),
    ],
    "employment": [
        Decision("encode", ALL, column="RELP", settings={"how": "frequency"}),
        Decision("clip", ALL, column="AGEP", settings={"high": "80"}),
        Decision("drop_repeats", ALL, settings={"aside": ["id", "prediction", "predicted_probability"]}),
    ],
    "weather": [
        Decision("scale", ALL, column="temperature", settings={"how": "robust"}),
        Decision("transform", ALL, column="rain", settings={"how": "quantile to uniform"}),
        Decision("fill", ALL, column="max_temp", settings={"how": "mean"}),
    ],
}


@pytest.mark.parametrize("name", sorted(SAMPLE_STEPS))
def test_on_sample_data_from_the_raw_files(name: str) -> None:
    told = json.loads((SAMPLES / name / "sample.json").read_text())["files"]
    files = [SAMPLES / name / file for file in told.values()]
    data = load(files[0], serve=files[1] if len(files) > 1 else None)
    chosen = SAMPLE_STEPS[name]
    assert not settle(chosen, data).passed
    made = script(data, chosen)
    want = decided(data, chosen)
    parts = [made.clean(*made.taken(str(path))) for path in files]
    assert_equal(pd.concat(parts), want)


def test_the_export_has_the_pipeline_and_says_what_is_not_in_it(tmp_path: Path) -> None:
    data = load(SAMPLES / "birdstrikes" / "birdstrikes.csv")
    made = export(data, Review().say(*SAMPLE_STEPS["birdstrikes"]), tmp_path)
    about = json.loads((tmp_path / "pipeline.json").read_text())
    assert about["trusted"] == [] and about["left_out"]
    assert any("pipeline.skops leaves out" in note for note in made.notes)
    names = json.loads((tmp_path / "manifest.json").read_text())["files"]
    assert {"pipeline.skops", "pipeline.json", "prepare.py", "recipe.json"} <= set(names)
    import skops.io

    pipeline = skops.io.load(tmp_path / "pipeline.skops", trusted=[])
    assert len(pipeline.transform(inputs(data.frame()))) == data.rows


def test_the_recipe_gives_the_same_bytes_out_of_fold_too(tmp_path: Path) -> None:
    raw = SAMPLES / "flights" / "train.csv"
    data = load(raw).with_roles(target="late")
    chosen = [
        Decision("encode", ALL, column="carrier", settings={"how": "target"}),
        Decision("fill", ALL, column="air_time", settings={"how": "iterative"}),
        Decision("transform", ALL, column="distance", settings={"how": "quantile to normal"}),
    ]
    assert not settle(chosen, data).passed
    made = export(data, Review().say(*chosen), tmp_path / "out")
    apply_recipe(tmp_path / "out" / "recipe.json", raw, tmp_path / "again.csv")
    assert (tmp_path / "again.csv").read_bytes() == made.cleaned.read_bytes()
    full = json.loads((tmp_path / "out" / "recipe.json").read_text())["decisions"][0]["learned"]
    assert set(full) == {"levels", "columns", "of"}  # what new rows get; and which rows got what folds say
    got = pd.read_csv(made.cleaned)["carrier"]
    assert got.nunique() > len(full["levels"])
