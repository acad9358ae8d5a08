"""What a reader of the rules found: effects told of other data, names that became code, broken exports."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.decided import as_decided
from core.export import export
from core.review import Decision, Review
from core.rowset import RowSet
from core.steps import settle
from core.workspace import load
from tests.make import dataset

ALL = RowSet()


def rename(column: str, to: str) -> Decision:
    return Decision("rename", ALL, column=column, settings={"to": to})


def frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "n": [1.0, 2.0, 3.0, 4.0] * 10,
            "b": [5.0, 6.0, 7.0, 8.0] * 10,
            "c": ["u", "v"] * 20,
            "d": pd.to_datetime(["2024-01-01", "2023-02-03"] * 20),
            "y": [0, 1, 1, 0] * 10,
            "z": [3.5, 1.5, 2.0, 9.0] * 10,
        }
    )


ONE_HOT = Decision("encode", ALL, column="c", settings={"how": "one-hot"})
PARTS = Decision("date_parts", ALL, column="d")
LAST = Decision("move", ALL, column="n", settings={"to": "last"})


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ([rename("n", "q")], [rename("b", "q"), rename("n", "q")]),
        ([ONE_HOT], [rename("n", "c_u"), ONE_HOT]),
        ([PARTS], [rename("n", "d_year"), PARTS]),
        ([PARTS], [rename("n", "d_year"), PARTS, rename("d_year", "n")]),
        ([Decision("move", ALL, column="n")], [ONE_HOT, Decision("move", ALL, column="n")]),
    ],
)
def test_what_a_rule_did_once_is_not_told_of_other_columns(
    first: list[Decision], second: list[Decision]
) -> None:
    used, fresh = dataset(frame()), dataset(frame())
    settle(first, used)
    one, other = (as_decided(data, Review().say(*second)) for data in (used, fresh))
    assert len(set(one.names)) == len(one.names) and one.names == other.names
    pd.testing.assert_frame_equal(one.frame(), other.frame())
    assert settle(second, used).passed == settle(second, fresh).passed


def test_another_target_is_learned_anew() -> None:
    rule = Decision("encode", ALL, column="c", settings={"how": "target"})
    data = dataset(frame(), target="y")
    settle([rule], data)
    again = settle([rule], data.with_roles(target="z")).effects[0].learned
    assert again == settle([rule], dataset(frame(), target="z")).effects[0].learned


def test_names_are_never_code(tmp_path: Path) -> None:
    names = ["d\"\"\"; '''", "''';open('hit', 'w');{#", "C:\\Users", "x\u2028y", '{a}"""']
    raw = tmp_path / "raw.csv"
    table = pd.DataFrame({name: ["05-Jan-20", "17-Feb-21", "28-Mar-19"] * 9 for name in names})
    table.assign(n=np.arange(27.0)).to_csv(raw, index=False)
    made = export(load(raw), Review().say(Decision("scale", ALL, column="n")), tmp_path / "out")
    script = made.folder / "prepare.py"
    done = subprocess.run([sys.executable, script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert not (tmp_path / "hit").exists() and "Usage" in done.stdout + done.stderr, done.stderr


@pytest.mark.parametrize(
    "steps",
    [
        [PARTS, rename("d_year", "yr"), Decision("scale", ALL, column="n")],
        [Decision("encode", ALL, column="n", settings={"how": "ordinal", "order": "3,1,2,4"})],
    ],
)
def test_what_the_pipeline_cannot_do_is_left_out_of_it(tmp_path: Path, steps: list[Decision]) -> None:
    data = dataset(frame())
    assert not settle(steps, data).passed
    export(data, Review().say(*steps), tmp_path, format="csv")
    assert (tmp_path / "cleaned.csv").exists()


def test_numbers_beyond_int64_are_refused_in_one_sentence() -> None:
    data = dataset(pd.DataFrame({"n": np.array([2**63 + 5, 1, 2, 3], np.uint64)}))
    for word, settings in (("clip", {"low": "1", "high": "2"}), ("map", {"pairs": {"1": "2"}})):
        settled = settle([Decision(word, ALL, column="n", settings=settings)], data)
        assert settled.passed or not settled.effects or settled.contents


def test_a_setting_of_another_type_is_refused_in_one_sentence() -> None:
    rules = [
        Decision("clip", ALL, column="n", settings={"low": 1.0}),
        Decision("rename", ALL, column="n", settings={"to": ["x"]}),
        Decision("map", ALL, column="n", settings={"pairs": [1]}),
    ]
    assert sorted(settle(rules, dataset(frame())).passed) == [0, 1, 2]
