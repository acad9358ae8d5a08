"""Any rules, undone one by one in any order: what is exported is what would be, had they never been made."""

from __future__ import annotations

import io
import random
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from core import load
from core.actions import on
from core.dataset import Dataset
from core.errors import CoreError
from core.export import export
from core.filters import Filter
from core.review import Decision, Review
from core.rowset import RowSet
from core.steps import settle
from tests.core.steps.acting import rule

CSV = """id;age;town;paid;born;note
1;34;Oslo;1,50;2001-02-03; a  b
2;;oslo ;;1999-12-31;None
3;-1;Bergen;2,25;;x
4;34;BERGEN;1.000,75;2010-05-06;A B
5;51;;3;2001-02-03;
1;34;Oslo;1,50;2001-02-03; a  b
7;29;Tromsø;0,5;2020-02-29;y
8;40;Oslo;12;2015-07-08;z
"""
HALF = Filter.parse("age >= 34")
RULES: tuple[Decision, ...] = (
    rule("replace", "town", find="O", into="0", how="part"),
    rule("replace", "note", rows=HALF, find="^(.).*$", into=r"\1", how="pattern"),
    rule("map", "age", pairs={"-1": None, "34": "35"}),
    rule("map", "town", pairs={"Oslo": "Christiania"}),
    rule("merge", "town", method="fingerprint"),
    rule("merge", "town", method="spelling", new=False),
    rule("read_as", "paid", kind="text"),
    rule("read_as", "age", kind="category"),
    rule("read_as", "born", kind="text"),
    rule("read_as", "town", kind="numeric"),
    rule("move", "born", place="first"),
    rule("move", "id", beside="town"),
    rule("drop_repeats"),
    rule("drop_repeats", columns=["town"], keep="highest", by="age"),
    rule("sample", amount=5),
    rule("split", validation=0.25, test=0.25),
    rule("fill", "age", how="median", indicator=True),
    rule("fill", "town", rows=HALF, how="constant", value="nowhere"),
    rule("clip", "age", low="0", high="45"),
    rule("transform", "paid", how="log1p"),
    rule("scale", "age", how="robust"),
    rule("encode", "town", how="one-hot", rare=0.0),
    rule("encode", "town", how="frequency"),
    rule("date_parts", "born"),
    rule("tidy", "note", case="lower"),
    rule("rename", "paid", to="amount"),
    Decision("drop", RowSet([1])),
    Decision("drop", Filter.parse("town is Oslo")),
    Decision("omit", RowSet(), column="note"),
    Decision("relabel", RowSet([2]), "Bodø", column="town"),
    Decision("blank", RowSet([0, 4]), column="age"),
    Decision("weight", RowSet([3]), 2.0),
)


def test_every_kind_of_rule_is_among_them() -> None:
    assert {decision.action for decision in RULES} >= set(on("values", "table"))


def written(data: Dataset, review: Review, folder: Path) -> bytes:
    """The bytes of the export, or why there is none."""
    try:
        return export(data, review, folder).cleaned.read_bytes()
    except CoreError as error:
        return str(error).encode()


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(range(len(RULES))), min_size=1, max_size=7), st.randoms())
def test_undone_in_any_order_they_leave_no_trace(places: list[int], shuffle: random.Random) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "raw.csv").write_text(CSV, encoding="utf-8")
        data = load(folder / "raw.csv")
        never = written(data, Review(), folder / "never")
        assert never.decode() == CSV
        review = Review()
        for place in places:
            review = review.say(RULES[place])
        order = list(range(len(places)))
        shuffle.shuffle(order)
        left = list(range(len(places)))
        for step, gone in enumerate(order):
            review = review.switch(gone, on=False)
            left.remove(gone)
            without = of(RULES[places[at]] for at in left)
            assert same(settle(review.decisions, data), settle(without.decisions, data))
            if step == len(order) // 2:
                half = [written(data, one, folder / f"{step}-{n}") for n, one in enumerate((review, without))]
                assert half[0] == half[1]
        assert written(data, review, folder / "undone") == never


def of(decisions: Any) -> Review:
    review = Review()
    for decision in decisions:
        review = review.say(decision)
    return review


def same(one: Any, other: Any) -> bool:
    """Whether two ways of deciding leave the same rows and columns."""
    columns: Sequence[Any] = [
        [(c.column, c.source, None if c.values is None else c.values.to_pylist()) for c in settled.contents]
        for settled in (one, other)
    ]
    return bool((one.status == other.status).all() and columns[0] == columns[1])


def test_what_is_worked_out_once_is_not_told_of_other_rows(tmp_path: Path) -> None:
    frame = pd.read_csv(io.StringIO(CSV), sep=";", decimal=",", thousands=".")
    frame.to_csv(tmp_path / "a.csv", index=False)
    data = load(tmp_path / "a.csv")
    drop, fill = Decision("drop", RowSet([0, 3])), rule("fill", "age", how="mean")
    alone, behind = settle([fill], data).effects[0], settle([drop, fill], data).effects[1]
    assert alone.learned != behind.learned
    assert settle([fill], data).effects[0].learned == alone.learned
