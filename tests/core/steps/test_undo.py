"""Any steps, undone one by one in any order: what is exported is what would be, had they never been made."""

from __future__ import annotations

import io
import random
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from core import load
from core.actions import on
from core.dataset import Dataset
from core.decision import Decision
from core.export import write_clean
from core.filters import Filter
from core.review import Review
from core.rowset import RowSet
from core.settled import Settled
from core.steps import settle
from tests.core.steps.acting import rule
from tests.core.steps.agreement import assert_equal, decided, script
from tests.core.steps.every_rule import every_rule, single
from tests.examples import examples

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
HELD = (
    rule("replace", "note", rows=HALF, find="^(.).*$", into=r"\1", how="pattern"),
    rule("fill", "town", rows=HALF, how="constant", value="nowhere"),
    rule("merge", "town", rows=RowSet([1, 2, 3]), method="spelling"),
    rule("clip", "age", low="0", high="45"),
    rule("drop_repeats", columns=["town"], keep="highest", by="age"),
    rule("add_rows", rows=HALF, how="repeat", amount=3, first=20),
    rule("add_rows", how="given", records=[{"id": 9, "paid": "2,50", "born": "2020-01-02"}], parents=[[0]]),
    Decision("drop", RowSet([8, 21])),
    Decision("relabel", RowSet([3, 9]), "Bodø", column="town"),
    Decision("drop", Filter.parse("origin is oversampled and age > 30")),
)


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("undo") / "raw.csv"
    path.write_text(CSV, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def data(raw: Path) -> Dataset:
    return load(raw).with_roles(target="age", time="born", id="id")


def fresh(data: Dataset) -> Dataset:
    """The same data, with nothing worked out yet."""
    return Dataset.open(data.path).with_roles(target="age", time="born", id="id")


def written(data: Dataset, decisions: Sequence[Decision]) -> bytes:
    """The bytes of the cleaned file, or why there is none."""
    with TemporaryDirectory() as folder:
        return write_clean(data, Review().say(*decisions), Path(folder) / "cleaned.csv")[0].read_bytes()


def test_every_kind_of_rule_is_drawn_and_most_hold(data: Dataset) -> None:
    rules = every_rule(data)
    assert {decision.action for decision in rules} == set(on("values", "table"))
    holding = {one.action for one in rules if not settle([one], data).passed}
    assert holding == set(on("values", "table"))


@pytest.fixture(scope="module")
def by_kind(data: Dataset) -> dict[str, list[Decision]]:
    """The decisions to draw from, by their action."""
    listed: dict[str, list[Decision]] = {}
    for decision in (*every_rule(data), *HELD, *single(data.rows)):
        listed.setdefault(decision.action, []).append(decision)
    return listed


def drawn(by_kind: dict[str, list[Decision]], shuffle: random.Random, steps: int) -> list[Decision]:
    """Steps, each of a kind that is as likely as any other."""
    return [shuffle.choice(by_kind[shuffle.choice([*by_kind])]) for _ in range(steps)]


@settings(max_examples=examples(20), deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(st.integers(1, 30), st.integers(0, 2**32))
def test_undone_in_any_order_they_leave_no_trace(
    data: Dataset, by_kind: dict[str, list[Decision]], steps: int, seed: int
) -> None:
    shuffle = random.Random(seed)
    chosen = drawn(by_kind, shuffle, steps)
    review, left = Review(), list(range(steps))
    for decision in chosen:
        review = review.say(decision)
    half = shuffle.randrange(steps)
    for at, gone in enumerate(shuffle.sample(range(steps), steps)):
        review = review.switch(gone, on=False)
        left.remove(gone)
        without = tuple(chosen[place] for place in left)
        assert review.decisions == without
        if at == half:
            other = fresh(data)
            assert same(settle(review.decisions, data), settle(without, other))
            assert written(data, review.decisions) == written(other, without)
    assert written(data, review.decisions) == CSV.encode()


def same(one: Settled, other: Settled) -> bool:
    """Whether two ways of deciding leave the same rows and columns, and say the same of them."""
    columns = [
        [(c.column, c.source, None if c.values is None else c.values.to_pylist()) for c in settled.contents]
        for settled in (one, other)
    ]
    learned = [
        {place: effect.learned for place, effect in settled.effects.items()} for settled in (one, other)
    ]
    same_rows = (one.status == other.status).all() and one.passed == other.passed
    return bool(same_rows and columns[0] == columns[1] and learned[0] == learned[1])


@settings(max_examples=examples(20), deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(st.integers(1, 6), st.integers(0, 2**32))
def test_the_script_does_the_same_by_any_steps(
    raw: Path, data: Dataset, by_kind: dict[str, list[Decision]], steps: int, seed: int
) -> None:
    chosen = drawn(
        {word: some for word, some in by_kind.items() if word != "weight"}, random.Random(seed), steps
    )
    made = script(data, chosen)
    assert_equal(made.clean(*made.taken(str(raw))), decided(data, chosen))


def test_what_is_worked_out_once_is_not_told_of_other_rows(tmp_path: Path) -> None:
    frame = pd.read_csv(io.StringIO(CSV), sep=";", decimal=",", thousands=".")
    frame.to_csv(tmp_path / "a.csv", index=False)
    data = load(tmp_path / "a.csv")
    drop, fill = Decision("drop", RowSet([0, 3])), rule("fill", "age", how="mean")
    alone, behind = settle([fill], data).effects[0], settle([drop, fill], data).effects[1]
    assert alone.learned != behind.learned
    assert settle([fill], data).effects[0].learned == alone.learned
