"""``prepare.py`` says in pandas what the data as decided hold: every rule and filter, and new rows too."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core import load
from core.dataset.split import PartSplit
from core.decision import Decision
from core.export import export
from core.export.prepare_script import prepare_script
from core.filters import Filter
from core.review import Review
from core.rowset import RowSet
from core.steps import settle
from tests import warm
from tests.core.steps.agreement import assert_equal, decided, script

ALL = RowSet()
SAMPLES = Path(__file__).parents[3] / "sample_data"


def table(rows: int = 400) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "x": rng.normal(size=rows) * 10,
            "c": rng.choice(["a", "b", "c", "é😀"], rows, p=[0.5, 0.3, 0.197, 0.003]),
            "n": rng.integers(0, 9, rows),
            "d": pd.date_range("2020-01-01", periods=rows, freq="7h"),
            "y": rng.integers(0, 2, rows),
            "skew": rng.lognormal(size=rows),
        }
    )
    frame.loc[::17, "x"] = np.nan
    frame.loc[::19, "c"] = None
    frame.loc[::23, "d"] = pd.NaT
    return frame


STEPS = [
    Decision("fill", ALL, column="x", settings={"indicator": True}),
    Decision("clip", ALL, column="x", settings={"how": "winsorise", "share": 0.05}),
    Decision("drop", Filter.parse('c is "b" and not n > 3 or d < 2020-01-05')),
    Decision("drop", RowSet([50, 51, 60])),
    Decision("keep", RowSet([51])),
    Decision("relabel", RowSet([70, 71]), "b", column="c"),
    Decision("blank", Filter.parse("n between 1 and 2 or c is missing"), column="n"),
    Decision("scale", Filter.parse("n > 3"), column="x"),  # cannot be held to rows: passed over
    Decision("fill", Filter.parse("n > 3 or n is missing"), column="n"),
    Decision("transform", ALL, column="skew", settings={"how": "quantile to normal"}),
    Decision("date_parts", ALL, column="d", settings={"days": True, "hour": True, "keep": False}),
    Decision("tidy", ALL, column="c", settings={"case": "upper"}),
    Decision("encode", ALL, column="n", settings={"how": "one-hot"}),
    Decision("encode", ALL, column="c", settings={"how": "target"}),
    Decision("rename", ALL, column="c", settings={"to": "level"}),
    Decision("omit", ALL, column="skew"),
]


def test_the_script_gives_what_was_decided(tmp_path: Path) -> None:
    data = load(table()).with_roles(target="y")
    made = script(data, STEPS)
    assert_equal(made.clean(data.frame(), rows=True), decided(data, STEPS))


def test_new_rows_get_the_full_encoding_and_no_decision_on_single_rows(tmp_path: Path) -> None:
    data = load(table()).with_roles(target="y")
    made = script(data, STEPS)
    new = table(80).drop(columns="y").assign(c="never seen", more=range(80))
    got = made.clean(new)
    learned = settle(STEPS, data).effects[13].learned["columns"]["c"]
    assert set(got["level"]) == {learned[-1]}
    assert {50, 51, 60} <= set(got.index) and "y" not in got and got["more"].tolist() == got.index.tolist()


FILTERS = [
    "x < 0", "x <= 3.5", "not x > 3.5", "x is 3.5", "x between -1 and 1", "n is one of (1, 2.5, 3)",
    "n >= 2.5", "n < 99999999999999999999", "n is not 3", "c is missing", "not c is missing",
    'c contains "A"',
    'c matches "^[a-b]$"', 'c is not "a"', 'c equals "a"', 'n equals "3"', 'n equals "three"',
    "d < 2020-02-01", "d is 2020-01-01", "part is serve", "not part is serve",
    "duplicate of c, n", "not duplicate of c",
    "big > 9007199254740993", "big is 9007199254740993", "yes is true", "yes is missing or not yes is true",
    "codes > 7", 'x contains "1"',
]  # fmt: skip


@pytest.mark.parametrize("text", FILTERS)
def test_filters_take_the_same_rows(text: str, tmp_path: Path) -> None:
    frame = table(120)
    frame["big"] = pd.array([9007199254740992 + k for k in range(119)] + [None], dtype="Int64")
    frame["yes"] = pd.array([True, False, None] * 40, dtype="boolean")
    frame["codes"] = [f"0{k % 12}" for k in range(119)] + [None]
    frame.loc[3, "x"], frame.loc[4, "x"] = 3.5, -0.0
    data = load(frame).with_split(PartSplit("time", column="d", value="2020-01-20"))
    steps = [Decision("blank", Filter.parse(text), column="y"), Decision("fill", ALL, column="x")]
    assert not settle(steps, data).passed
    made = script(data, steps)
    assert_equal(made.clean(data.frame(), rows=True), decided(data, steps))


def test_a_csv_is_read_as_it_was(tmp_path: Path) -> None:
    raw = tmp_path / "raw.csv"
    raw.write_text(
        "name;born;paid;n\n" + " Ann ;13/02/2001;1.000,50;1\nBo;NA;NA;2\n;31/12/1999;2,25;NA\n" * 30
    )
    data = load(raw)
    assert data["born"].kind == "datetime" and data["paid"].stored == "double"
    steps = [
        Decision("fill", ALL, column="paid", settings={"how": "mean"}),
        Decision("drop", Filter.parse("born < 2000-06-01")),
        Decision("tidy", ALL, column="name"),
    ]
    folder = tmp_path / "out"
    made = export(data, Review().say(*steps), folder)
    assert folder / "prepare.py" in made.files
    out = tmp_path / "clean.parquet"
    done = warm.run(folder / "prepare.py", raw, out, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    got, want = pd.read_parquet(out), decided(data, steps)
    assert_equal(got.set_index(want.index), want)


def test_without_arguments_the_script_prints_its_usage(tmp_path: Path) -> None:
    data = load(table())
    (tmp_path / "prepare.py").write_text(prepare_script(data, STEPS[:1], settle(STEPS[:1], data)))
    run = warm.run(tmp_path / "prepare.py", cwd=tmp_path)
    assert run.returncode != 0 and "Usage: python prepare.py IN.csv OUT.csv" in run.stderr


def test_a_column_that_is_lacking_is_named(tmp_path: Path) -> None:
    data = load(table())
    with pytest.raises(ValueError, match="lacks the columns x, d"):
        script(data, STEPS[:1]).clean(table().drop(columns=["x", "d"]))


def test_no_script_where_there_is_no_rule(tmp_path: Path) -> None:
    made = export(load(table()), Review().say(Decision("drop", RowSet([1]))), tmp_path)
    assert "prepare.py" not in [path.name for path in made.files]
