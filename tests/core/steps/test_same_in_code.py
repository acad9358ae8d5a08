"""What rules about texts, columns and rows make of the data is what ``prepare.py`` makes of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.decision import Decision
from core.export import prepare_files, prepare_json, prepare_writing
from core.export.filter_code import HELPERS
from core.export.prepare_script import PARTS
from core.filters import Filter
from core.rowset import RowSet
from core.steps import kinds, settle
from tests.core.steps.acting import rule
from tests.core.steps.agreement import assert_equal, decided, script
from tests.make import dataset

N = 120
DRAW = np.random.default_rng(4)
FRAME = pd.DataFrame(
    {
        "town": DRAW.choice(["Oslo", "oslo ", "OSLO", "Bergen", "São Paulo", "Sao Paulo", None], N),
        "price": [f"{v:,.2f} €" if i % 9 else "on demand" for i, v in enumerate(DRAW.normal(2e3, 9e2, N))],
        "day": [f"{1 + i % 28:02}/{1 + i % 12:02}/2023 {i % 24}:30" for i in range(N)],
        "rate": [f"{i // 2}.5{'%' if i % 2 else ' €' if i % 3 else ''}" for i in range(N)],
        "yes": DRAW.choice(["yes", "No", "?", None], N),
        "n": pd.array(DRAW.choice([1, 2, 3, -9], N), "Int64"),
        "x": np.where(np.arange(N) % 11 == 0, np.nan, DRAW.normal(0, 1, N).round(1)),
        "when": pd.Timestamp("2024-01-01") + pd.to_timedelta(DRAW.integers(0, 50, N), unit="D"),
    }
).astype({"when": "datetime64[us]", "town": "str", "yes": "str"})
FRAME.loc[110:] = FRAME.loc[0:9].to_numpy()
FRAME = FRAME.astype({"n": "Int64", "x": "float64", "when": "datetime64[us]"})
RULES = {
    "replace part": rule("replace", "town", find="o", into="ø", how="part", case=False),
    "replace pattern": rule(
        "replace", "town", rows=Filter.parse("n > 1"), find=r"(\w+)\W*", into=r"<\1>", how="pattern"
    ),  # fmt: skip
    "map texts": rule("map", "town", pairs={"Oslo": "Christiania", "OSLO": None}),
    "map codes": rule("map", "n", pairs={"-9": None, "1": "10"}),
    "map to words": rule("map", "n", pairs={"-9": "none", "1": "one"}),
    "map halves": rule("map", "n", pairs={"1": "0.5"}),
    "merge": rule("merge", "town", method="fingerprint"),
    "merge spelling": rule("merge", "town", method="spelling"),
    "numbers": rule("read_as", "price"),
    "numbers before a unit": rule("read_as", "price", unit="€"),
    "numbers beside percentages": rule("read_as", "rate"),
    "dates": rule("read_as", "day", kind="datetime"),
    "yes and no": rule("read_as", "yes", kind="boolean"),
    "text": rule("read_as", "n", kind="text"),
    "category": rule("read_as", "n", kind="category"),
    "move": rule("move", "x", beside="town"),
    "repeats": rule("drop_repeats"),
    "repeats in one": rule("drop_repeats", columns=["town", "n"], keep="last"),
    "best": rule("drop_repeats", columns=["town"], keep="lowest", by="x", across=True),
    "serve stays": rule("drop_repeats", columns=["town"], across=True, part="serve"),
    "aside": rule("drop_repeats", aside=["x"], keep="highest", by="when"),
    "sample": rule("sample", share=0.4),
    "sample levels": rule("sample", how="by level", by="town", amount=50),
    "sample groups": rule("sample", how="whole groups", by="n", amount=30, part="train"),
    "latest": rule("sample", how="latest", by="when", amount=33),
    "split": rule("split"),
    "split levels": rule("split", how="by level", by="town", seed=2),
    "split groups": rule("split", how="by group", by="when"),
    "split in time": rule("split", how="in time", by="when", to="fold"),
}


@pytest.mark.parametrize("name", [*RULES])
def test_the_script_makes_the_same(name: str, tmp_path: Path) -> None:
    data = dataset(FRAME, serve=FRAME.tail(30).assign(town=["OSLO!", *FRAME["town"].tail(29)]))
    steps = (
        Decision("drop", Filter.parse("n is 3")),
        RULES[name],
        Decision("omit", RowSet(), column="yes"),
        rule("tidy", "town", case="upper"),
    )
    module = script(data, steps)
    assert_equal(module.clean(data.frame(), rows=True), decided(data, steps))


def test_a_row_that_was_dropped_before_keeps_nothing_from_its_logarithm() -> None:
    data = dataset(pd.DataFrame({"x": [1.0, -5.0, 2.0, None]}))
    steps = [Decision("drop", Filter.parse("x < 0")), rule("transform", "x", how="log1p")]
    clean = script(data, steps).clean
    assert_equal(clean(data.frame(), rows=True), decided(data, steps))
    assert_equal(clean(data.frame()).reset_index(drop=True), decided(data, steps).reset_index(drop=True))
    with pytest.raises(ValueError, match="log1p needs numbers above -1"):
        script(dataset(pd.DataFrame({"x": [1.0, 2.0]})), steps[1:]).clean(data.frame())


def test_later_rows_get_the_means_that_were_learned_however_few_of_them_have_a_target() -> None:
    frame = pd.DataFrame({"town": ["Oslo", "Bergen"] * 30, "y": [1.0, 2.0, 5.0] * 20})
    data = dataset(frame, target="y")
    chosen = [rule("encode", "town", how="target")]
    learned = [replace(chosen[0], learned=settle(chosen, data).effects[0].learned)]
    few = dataset(pd.DataFrame({"town": ["Oslo", "Bergen", "Hamar"], "y": [7.0, None, None]}), target="y")
    settled = settle(learned, few)
    assert not settled.passed
    means = settled.effects[0].learned["columns"]["town"]
    assert decided(few, learned)["town"].tolist() == [means[1], means[0], means[3]]
    assert_equal(script(data, chosen).clean(few.frame()).reset_index(drop=True), decided(few, learned))


def test_a_split_of_too_few_rows_parts_nothing_in_both() -> None:
    frame = pd.DataFrame({"x": np.arange(60.0)})
    data, few = dataset(frame), dataset(frame.head(2))
    chosen = [rule("split"), rule("scale", "x", how="min-max")]
    learned = [
        replace(one, learned=settle(chosen, data).effects[at].learned) for at, one in enumerate(chosen)
    ]
    clean = script(data, chosen).clean
    assert_equal(clean(data.frame(), rows=True), decided(data, chosen))
    assert list(clean(few.frame()).columns) == ["x"]
    assert_equal(clean(few.frame()).reset_index(drop=True), decided(few, learned))


def test_steps_on_the_column_of_a_split_that_is_not_made_are_passed_over_in_both() -> None:
    data, few = dataset(pd.DataFrame({"x": np.arange(60.0)})), dataset(pd.DataFrame({"x": [1.0]}))
    chosen = [
        rule("split"),
        rule("rename", "part", to="fold"),
        Decision("drop", Filter.parse("fold is test")),
    ]
    clean = script(data, chosen).clean
    assert_equal(clean(data.frame(), rows=True), decided(data, chosen))
    with pytest.warns(UserWarning, match="is passed over") as told:
        assert clean(few.frame())["x"].tolist() == decided(few, chosen)["x"].tolist() == [1.0]
    assert [str(one.message).partition(":")[0] for one in told] == [
        "Step 2 is passed over",
        "Step 3 is passed over",
    ]


def test_functions_of_one_script_have_names_of_their_own() -> None:
    """A merge and a split in one script: the later function of a name would stand for both."""
    named: dict[str, object] = {}
    files = (*prepare_files.OWN_TEXT, *prepare_files.OWN_JSON)
    steps = [helper for kind in kinds().values() for helper in kind.helpers]
    for helper in (*PARTS, *HELPERS, *files, *prepare_writing.HELPERS, *prepare_json.HELPERS, *steps):
        if not isinstance(helper, str):
            assert named.setdefault(helper.__name__, helper) is helper, helper.__name__
