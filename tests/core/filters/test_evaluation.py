"""The rows that a filter takes, held against an oracle in plain Python."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.dataset import Dataset
from core.dataset.canonical_file import CanonicalFile
from core.dataset.footer import META
from core.dataset.split import PartSplit
from core.decided import as_decided
from core.decision import Decision
from core.errors import FilterError
from core.filters import Filter
from core.filters.tree import And, Condition, DuplicateOf, Node, Not, Or, PartIs, Value
from core.review import Review
from core.rowset import RowSet
from tests.core.filters import test_grammar as grammar
from tests.examples import examples
from tests.make import at_most, dataset

BIG = [2**53, 2**53 + 1, 2**63 - 1, -(2**63), 0, 1, -1]
FLOATS = [0.0, -0.0, 0.1, 0.30000000000000004, 0.3, 1e300, -1e300, 5.0, math.nan, math.inf]
TEXTS = ["Oslo", "oslo", "", " ", "a b", 'say "x"', "it's", "null", "😀", "aaa"]
DIGITS = ["18446744073709551616", "18446744073709551617", "0.10", "0.1", "1e3", "-0", "0"]
DAYS = [datetime(2024, 1, 1), datetime(2024, 1, 1, 0, 0, 0, 1), datetime(1, 1, 1), datetime(9999, 12, 31)]
POOLS: dict[str, tuple[pa.DataType, list[Any], str]] = {
    "real": (pa.float64(), FLOATS, "number"),
    "whole": (pa.int64(), BIG, "number"),
    "huge": (pa.uint64(), [2**64 - 1, 2**63, 0, 1], "number"),
    "a b": (pa.string(), TEXTS, "text"),
    "digits": (pa.string(), DIGITS, "number"),
    "flag": (pa.bool_(), [True, False], "boolean"),
    "day": (pa.timestamp("us"), DAYS, "date"),
    "cat's": (pa.int64(), [1, 2, 3], "number"),
}
NUMBERS = [
    *map(Decimal, ("0", "-0", "0.1", "0.3", "5", "1e300", "9007199254740993", "18446744073709551617")),
    *map(Decimal, ("9223372036854775807.5", "-1e400", "1000", "2", "2.5")),
]
Table = dict[str, list[Any]]


def is_missing(cell: Any) -> bool:
    return cell is None or (isinstance(cell, float) and math.isnan(cell))


@st.composite
def tables(draw: st.DrawFn) -> Table:
    rows = draw(st.integers(0, 9))
    return {
        name: draw(st.lists(st.none() | st.sampled_from(pool), min_size=rows, max_size=rows))
        for name, (_, pool, _) in POOLS.items()
    }


def values(kind: str) -> st.SearchStrategy[Value]:
    pool: dict[str, list[Any]] = {"number": NUMBERS, "text": TEXTS, "boolean": [True, False], "date": DAYS}
    return st.sampled_from(pool[kind]).map(lambda content: Value(kind, content))  # type: ignore[arg-type]


@st.composite
def conditions(draw: st.DrawFn) -> Condition:
    column = draw(st.sampled_from(list(POOLS)))
    kind = POOLS[column][2]
    ops = ["missing", "is", "one of"]
    ops += ["<", "<=", ">", ">=", "between"] if kind in ("number", "date") else []
    ops += ["contains", "matches"] if kind == "text" else []
    op = draw(st.sampled_from(ops))
    if op == "missing":
        return Condition(column, op)
    if op in ("contains", "matches"):
        return Condition(column, op, (Value("text", draw(st.sampled_from(["a", "O", "^a+$", "", "s l"]))),))
    count = {"one of": 3, "between": 2}.get(op, 1)
    return Condition(column, op, tuple(draw(values(kind)) for _ in range(count)))  # type: ignore[arg-type]


trees: st.SearchStrategy[Node] = st.recursive(
    conditions()
    | st.sampled_from([PartIs("train"), PartIs("serve")])
    | st.lists(st.sampled_from(list(POOLS)), min_size=1, max_size=2).map(
        lambda some: DuplicateOf(tuple(some))
    ),
    lambda inner: st.one_of(
        inner.map(Not),
        st.lists(inner, min_size=2, max_size=3).map(lambda some: And(tuple(some))),
        st.lists(inner, min_size=2, max_size=3).map(lambda some: Or(tuple(some))),
    ),
    max_leaves=6,
)


def like(column: str, cell: Any) -> Any:
    """A cell as what it is compared as."""
    if column == "digits":
        return Decimal(cell)
    return cell


def compared(column: str, content: Any) -> Any:
    """A value as what cells of the column are compared with: the nearest float in columns of floats."""
    return float(content) if column == "real" and isinstance(content, Decimal) else content


def truth(node: Node, table: Table, row: int, serve: int) -> bool | None:
    """Kleene's logic, one row at a time."""
    if isinstance(node, Not):
        inner = truth(node.item, table, row, serve)
        return None if inner is None else not inner
    if isinstance(node, And | Or):
        settles = isinstance(node, Or)
        parts = [truth(item, table, row, serve) for item in node.items]
        if settles in parts:
            return settles
        return None if None in parts else not settles
    if isinstance(node, PartIs):
        return (row >= serve) == (node.part == "serve")
    if isinstance(node, DuplicateOf):
        return _shared(node, table, row)
    assert isinstance(node, Condition)
    cell = table[node.column][row]
    if node.op == "missing":
        return is_missing(cell)
    return None if is_missing(cell) else _holds(node, like(node.column, cell))


def _shared(node: DuplicateOf, table: Table, row: int) -> bool | None:
    def key(at: int) -> tuple[Any, ...]:
        return tuple(None if is_missing(table[c][at]) else table[c][at] for c in node.columns)

    if set(key(row)) == {None}:
        return None
    return Counter(key(at) for at in range(len(table["real"])))[key(row)] > 1


def _holds(node: Condition, cell: Any) -> bool:
    wanted = [compared(node.column, value.content) for value in node.values]
    tests: dict[str, Callable[[], bool]] = {
        "is": lambda: cell == wanted[0],
        "one of": lambda: cell in wanted,
        "<": lambda: cell < wanted[0],
        "<=": lambda: cell <= wanted[0],
        ">": lambda: cell > wanted[0],
        ">=": lambda: cell >= wanted[0],
        "between": lambda: wanted[0] <= cell <= wanted[1],
        "contains": lambda: wanted[0].lower() in cell.lower(),
        "matches": lambda: re.search(wanted[0], cell) is not None,
    }
    return tests[node.op]()


def stored(table: Table) -> Dataset:
    arrays = [pa.array(table[name], kind, from_pandas=False) for name, (kind, _, _) in POOLS.items()]
    made = dataset(pa.table(arrays, names=list(POOLS)))
    with_nan = pa.table(arrays, names=list(POOLS)).replace_schema_metadata({META: made.meta()})
    pq.write_table(with_nan, made.path)  # no reader of ours leaves NaN in, and still it counts as missing
    return Dataset.open(made.path).with_split(PartSplit("file", at=made.rows // 2))


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Batches of two rows, which sets that do not fit memory are read in."""
    whole = Dataset.batches
    monkeypatch.setattr(Dataset, "batches", lambda self, columns=None, size=2: whole(self, columns, size))
    yield


@settings(
    max_examples=examples(10), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(tables(), st.lists(trees, min_size=8, max_size=8), st.randoms(use_true_random=False))
def test_the_rows_are_those_of_an_oracle_in_any_order_in_memory_or_not(
    table: Table, nodes: list[Node], rng: Any
) -> None:
    data = stored(table)
    rows, serve = data.rows, data.rows // 2
    order = list(range(serve)), list(range(serve, rows))
    for part in order:
        rng.shuffle(part)
    places = [*order[0], *order[1]]
    mixed = stored({name: [column[at] for at in places] for name, column in table.items()})
    for node in nodes:
        right = [row for row in range(rows) if truth(node, table, row, serve)]
        assert Filter(node).rows(data).ids.tolist() == right, str(Filter(node))
        others = Filter(node).others
        assert others.rows(data).ids.tolist() == [row for row in range(rows) if row not in right], str(others)
        assert sorted(places[row] for row in Filter(node).rows(mixed)) == right, str(Filter(node))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Dataset, "fits_memory", property(lambda self: False))
            fresh = Dataset.open(data.path).with_split(data.split)
            assert Filter(node).rows(fresh).ids.tolist() == right, str(Filter(node))


DATA = dataset(
    pd.DataFrame(
        {
            "age": [None, 1.0, 2.0, np.nan],
            "city": ["Oslo", None, "Rome", "Oslo"],
            "born": pd.to_datetime(["2000-01-01", None, "2001-01-01", None]),
            "ill": [True, False, True, False],
            "zip": ["01", "2", None, "3.5"],
        }
    )
)


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("age < 5", [1, 2]),
        ("not age < 5", []),
        ("age is missing", [0, 3]),
        ("age is not missing", [1, 2]),
        ("age is not 1", [2]),
        ("not (age is 1 and city is Oslo)", [2]),
        ("not (age is 1 or city is missing)", [2]),
        ("age is 1 or city is Oslo", [0, 1, 3]),
        ("duplicate of city", [0, 3]),
        ("duplicate of age", []),
        ("not duplicate of age", [1, 2]),
        ("duplicate of city, age", [0, 3]),
        ("zip is 1", [0]),
        ('zip is "1"', []),
        ("zip > 1", [1, 3]),
        ("born >= 2000-01-01 and born < 2000-06-01", [0]),
        ("ill is not true", [1, 3]),
        ("age equals five", []),
        ("not age equals five", [1, 2]),
        ("age equals 1.0", [1]),
        ("part is serve", []),
        ('city matches "o$"', [0, 3]),
        ('city matches "(?i)^r"', [2]),
        ("city contains OS", [0, 3]),
    ],
)
def test_missing_matches_is_missing_alone(text: str, rows: list[int]) -> None:
    assert Filter.parse(text).rows(DATA).ids.tolist() == rows


@pytest.mark.parametrize(
    ("text", "at", "says"),
    [
        ("aeg < 5", 1, "There is no column 'aeg' (character 1). Did you mean 'age'?"),
        ("age < 5 or duplicate of city, cty", 31, "Did you mean 'city'?"),
        ("age < 2024-01-01", 7, "'age' holds numbers, and 2024-01-01 is a date"),
        ("age is Oslo", 8, "'age' holds numbers, and 'Oslo' is text"),
        ("age in (1, true)", 12, "'age' holds numbers, and true is true or false"),
        ('age matches "1"', 1, "a pattern is for text"),
        ("born is 5", 9, "'born' holds dates, and 5 is a number"),
        ('born is "2000-01-01"', 9, "without quotes"),
        ("ill < true", 1, "have no order"),
        ("ill is 1", 8, "'ill' holds true and false"),
        ("city < 5", 1, "not compared by size"),
        ("city is 5", 9, "'city' holds text, and 5 is a number"),
        ("city contains 5", 15, "comes text"),
        ("zip between 1 and Oslo", 1, "not compared by size"),
        ('city matches "(?=a)"', 14, "no pattern of RE2"),
        ('city matches "(a"', 14, "missing )"),
        ('city matches "a{1001}"', 14, "repetition"),
        ('city matches "((a{100}){100}){100}"', 14, "no pattern of RE2"),
        ('city matches "\\1"', 14, "escape"),
        ("flagged by outliers", 12, "findings"),
        ("score outliers above 1", 7, "scores"),
    ],
)
def test_what_does_not_fit_is_told_before_anything_runs(text: str, at: int, says: str) -> None:
    filter = Filter.parse(f"age is 1 and ({text})")
    with pytest.raises(FilterError) as error:
        filter.rows(DATA)
    assert error.value.at == at + len("age is 1 and (") and says.replace(f"r {at})", f"r {at + 14})") in str(
        error.value
    )
    assert "\n" not in str(error.value)


@settings(max_examples=examples(50), deadline=None)
@given(grammar.conditions(), st.sampled_from(DATA.names), st.booleans())
def test_whatever_can_be_written_takes_rows_or_raises_the_filter_error(
    condition: Condition, column: str, denied: bool
) -> None:
    node = replace(condition, column=column)
    filter = Filter(Not(node) if denied else node)
    try:
        rows = filter.rows(DATA)
    except FilterError as error:
        assert "\n" not in str(error)
        return
    assert len(rows) + len(filter.others.rows(DATA)) == DATA.rows


def test_findings_and_scores_are_given() -> None:
    flagged = {"outliers": RowSet([1]), "missing:age": RowSet([0, 3]), "missing:city": RowSet([1])}
    scores = {"outliers": np.array([0.1, 0.9, np.nan, 0.5], np.float32)}
    for text, rows in [
        ("flagged by outliers", [1]),
        ("flagged by missing", [0, 1, 3]),
        ('flagged by "missing:age" and not flagged by outliers', [0, 3]),
        ("score outliers above 0.4", [1, 3]),
        ("not score outliers above 0.4", [0]),
    ]:
        assert Filter.parse(text).rows(DATA, flagged, scores).ids.tolist() == rows, text
        assert not Filter.parse(text).by_data_alone
    with pytest.raises(FilterError, match="Did you mean 'outliers'"):
        Filter.parse("flagged by outlier").rows(DATA, flagged, scores)
    with pytest.raises(FilterError, match="'outliers'"):
        Filter.parse("score outlier above 1").rows(DATA, flagged, scores)


def test_only_the_columns_that_are_named_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    whole = CanonicalFile.columns

    def spied(self: CanonicalFile, names: Sequence[str], hold: bool) -> list[pa.ChunkedArray]:
        asked.extend(names)
        return whole(self, names, hold)

    monkeypatch.setattr(CanonicalFile, "columns", spied)
    Filter.parse("duplicate of city and age < 5 and part is train").rows(DATA)
    assert set(asked) == {"city", "age"}


@pytest.mark.parametrize("in_memory", [True, False])
def test_of_the_data_as_decided_rows_and_cells_are_those_that_are_left(
    in_memory: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = pd.DataFrame({"n": [1, 1, 2, 3, 3, 4, 5], "t": list("aabbccc")})
    data = dataset(frame).with_split(PartSplit("file", at=4))
    review = Review().say(
        Decision("drop", Filter.parse("n is 2 or n is 4")),
        Decision("relabel", RowSet([1]), "z", column="t"),
        Decision("blank", RowSet([6]), column="n"),
    )
    monkeypatch.setattr(Dataset, "fits_memory", property(lambda self: in_memory))
    now = as_decided(data, review)  # n: 1 1 3 3 -, t: a z b c c
    for text, rows in [
        ("n < 3", [0, 1]),
        ("n is missing", [4]),
        ("t is z or part is serve", [1, 3, 4]),
        ("duplicate of n", [0, 1, 2, 3]),
        ("duplicate of t and not n is 1", [3]),
        ("part is train", [0, 1, 2]),
    ]:
        assert Filter.parse(text).rows(now).ids.tolist() == rows, text


def test_columns_in_the_order_in_which_they_are_named() -> None:
    assert Filter.parse("b = 1 or duplicate of c, a or b = 2 or part is train").columns == ("b", "c", "a")


def test_two_conditions_on_two_million_rows_and_a_pattern_that_hangs_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tests.make._fingerprint", lambda table: "0" * 64)  # takes longest, and is not asked
    rng = np.random.default_rng(0)
    data = dataset(pd.DataFrame({"x": rng.normal(size=2_000_000), "n": rng.integers(0, 9, 2_000_000)}))
    data.table()
    with at_most(3):
        found = Filter.parse("x > 0.5 and n is 3").rows(data)
    table = data.table()
    right = (table["x"].to_numpy() > 0.5) & (table["n"].to_numpy() == 3)
    assert len(found) == right.sum()
    texts = dataset(pd.DataFrame({"t": ["a" * 5_000 + "!"] * 20_000}))
    texts.table()
    with at_most(20):
        assert not len(Filter.parse('t matches "^(a+)+$"').rows(texts))
