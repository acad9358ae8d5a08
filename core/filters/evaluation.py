"""The rows of a data set that a filter takes.

What is missing (NaN too) is neither alike nor unlike anything: a condition on it is unknown, and so is what
``not`` makes of that; only ``is missing`` asks for it. ``and`` and ``or`` of something unknown are known
where the other side alone settles it (Kleene 1952; as in SQL). A row is taken where the whole holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.dataset import Dataset
from core.errors import FilterError, nearest
from core.filters.tree import (
    ORDER,
    And,
    Condition,
    DuplicateOf,
    FlaggedBy,
    Node,
    Not,
    Or,
    PartIs,
    ScoreAbove,
    Test,
    Value,
    ValueKind,
    tests,
)
from core.filters.writing import typed_value
from core.numerics.conditions import holds, known, numbers_only
from core.phrases import name, quoted
from core.rowset import RowSet

if TYPE_CHECKING:
    import pyarrow as pa

Flagged = Mapping[str, RowSet]
Scores = Mapping[str, NDArray[np.floating[Any]]]
Masks = dict[Test, "pa.BooleanArray"]
NUMBERS = ("int64", "uint64", "double")
_HOLDS = {"number": "numbers", "date": "dates", "boolean": "true and false", "text": "text"}
_ARTICLE = {"number": "a number", "date": "a date", "boolean": "true or false", "text": "text"}
_EXAMPLE = {
    "number": "Write a number without quotes, such as 12.5.",
    "date": "Write a date without quotes, such as 2024-03-31.",
    "boolean": "Write true or false.",
    "text": "Write text in double quotes.",
}


def columns_of(tree: Node) -> tuple[str, ...]:
    """The columns that the filter reads, in the order in which it names them."""
    named: dict[str, None] = {}
    for test in tests(tree):
        if isinstance(test, Condition):
            named[test.column] = None
        elif isinstance(test, DuplicateOf):
            named.update(dict.fromkeys(test.columns))
    return tuple(named)


def matching(tree: Node, dataset: Dataset, flagged: Flagged | None, scores: Scores | None) -> RowSet:
    """The rows for which the filter holds.

    flagged: finding key -> its rows. scores: analysis -> a score per row, NaN where there is none. None: not
    known. Everything is checked before anything is worked out. Sets that do not fit memory are read in
    batches; the answer is the same.

    Raises `FilterError` where the filter does not fit the data.
    """
    for test in tests(tree):
        _check(test, dataset)
    masks = {test: _mask(test, dataset, flagged, scores) for test in tests(tree)
             if not isinstance(test, Condition)}  # fmt: skip
    taken = np.zeros(dataset.rows, bool)
    for first, block, length in _blocks(tree, dataset):
        held = _holds(tree, block, {test: mask.slice(first, length) for test, mask in masks.items()})
        taken[first : first + length] = held.fill_null(False).to_numpy(zero_copy_only=False)
    return RowSet.from_mask(taken)


def _blocks(tree: Node, dataset: Dataset) -> Iterator[tuple[int, dict[str, pa.ChunkedArray], int]]:
    """First row, columns and number of rows of each block: all at once where they fit memory."""
    import pyarrow as pa

    names = list(dict.fromkeys(test.column for test in tests(tree) if isinstance(test, Condition)))
    if dataset.fits_memory or not names:
        table = dataset.table(names)
        yield 0, {name: table.column(place) for place, name in enumerate(names)}, dataset.rows
        return
    first = 0
    for batch in dataset.batches(names):
        yield first, {n: pa.chunked_array([batch.column(at)]) for at, n in enumerate(names)}, batch.num_rows
        first += batch.num_rows


def _holds(node: Node, block: Mapping[str, pa.ChunkedArray], masks: Masks) -> Any:
    """Where it holds in a block of rows: Arrow booleans, missing where it is unknown."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if isinstance(node, Not):
        return pc.invert(_holds(node.item, block, masks))
    if isinstance(node, And | Or):
        join = pc.and_kleene if isinstance(node, And) else pc.or_kleene
        return reduce(join, (_holds(item, block, masks) for item in node.items))
    if not isinstance(node, Condition):
        return masks[node]
    op = "is" if node.op == "one of" else node.op
    hit = holds(block[node.column], op, *(value.content for value in node.values))
    return hit.combine_chunks() if isinstance(hit, pa.ChunkedArray) else hit


def _check(test: Test, dataset: Dataset) -> None:
    """Raise `FilterError` where the test asks what the data cannot answer."""
    if isinstance(test, DuplicateOf):
        for column, at in zip(test.columns, test.places or (0,) * len(test.columns), strict=True):
            _stored(dataset, column, at)
    if isinstance(test, Condition):
        kind = kind_of_values(_stored(dataset, test.column, test.at))
        _check_letters(test)
        if test.op in ("contains", "matches"):
            _check_text(test, kind)
        elif test.op not in ("missing", "equals"):
            _check_kinds(test, "number" if _numeric_text(test, dataset, kind) else kind)


def _check_letters(test: Condition) -> None:
    for value in test.values:
        if any("\ud800" <= letter <= "\udfff" for letter in str(value.content)):
            raise FilterError(f"{ascii(value.content)[:40]} holds half a character", value.at)


def _check_kinds(test: Condition, kind: ValueKind) -> None:
    """kind: of the values that the column compares with."""
    if test.op in ORDER and kind in ("boolean", "text"):
        what = "which have no order" if kind == "boolean" else "which is not compared by size"
        raise FilterError(f"{name(test.column)} holds {_HOLDS[kind]}, {what}", test.at)
    for value in test.values:
        if value.kind != kind:
            raise FilterError(
                f"{name(test.column)} holds {_HOLDS[kind]}, and {_shown(value)} is {_ARTICLE[value.kind]}",
                value.at,
                _EXAMPLE[kind],
            )


def _stored(dataset: Dataset, column: str, at: int) -> str:
    if column not in dataset.names:
        error = FilterError(f"There is no column {name(column)}", at, nearest(column, list(dataset.names)))
        error.lacks = column
        raise error
    return dataset[column].stored


def kind_of_values(stored: str) -> ValueKind:
    """The kind of the values that compare with those of a column stored as this Arrow type.

    >>> kind_of_values("uint64"), kind_of_values("timestamp[us]"), kind_of_values("string")
    ('number', 'date', 'text')
    """
    if stored in NUMBERS:
        return "number"
    if stored.startswith("timestamp"):
        return "date"
    return "boolean" if stored == "bool" else "text"


def _check_text(test: Condition, kind: str) -> None:
    import pyarrow as pa
    import pyarrow.compute as pc

    [value] = test.values
    if test.op == "matches" and kind != "text":
        raise FilterError(f"{name(test.column)} holds {_HOLDS[kind]}, and a pattern is for text", test.at)
    if not isinstance(value.content, str):
        raise FilterError(
            f"After '{test.op}' comes text, and {_shown(value)} is {_ARTICLE[value.kind]}",
            value.at,
            _EXAMPLE["text"],
        )
    if test.op == "matches":
        try:
            pc.match_substring_regex(pa.array([""]), value.content)
        except (pa.ArrowInvalid, UnicodeEncodeError) as error:
            reason = " ".join(str(error).removeprefix("Invalid regular expression: ").split())
            raise FilterError(
                f"{_shown(value)} is no pattern of RE2: {reason[:120].rstrip('.')}", value.at
            ) from error


def _numeric_text(test: Condition, dataset: Dataset, kind: str) -> bool:
    """Whether a column of text holds numbers alone, or nothing, and numbers are asked for."""
    import pyarrow as pa

    if kind != "text" or any(value.kind != "number" for value in test.values):
        return False
    batches = (batch.column(0) for batch in dataset.batches([test.column]))
    return all(len(b) == b.null_count or numbers_only(pa.chunked_array([b])) for b in batches)


def _shown(value: Value) -> str:
    return quoted(value.content) if isinstance(value.content, str) else typed_value(value)[:40]


def _mask(test: Test, dataset: Dataset, flagged: Flagged | None, scores: Scores | None) -> Any:
    """Where a test holds that is not about the cells of one column: Arrow booleans, one per row."""
    import pyarrow as pa

    if isinstance(test, PartIs):
        return pa.array(dataset.part_mask(test.part))
    if isinstance(test, FlaggedBy):
        return pa.array(_flagged(test, flagged).mask(dataset.rows))
    if isinstance(test, ScoreAbove):
        score = dataset.with_copies(np.asarray(_score(test, scores), dtype=np.float64), np.nan)
        return pa.array(score > float(test.bound), mask=np.isnan(score))
    assert isinstance(test, DuplicateOf)
    shared, unknown = _shared(dataset, test.columns)
    return pa.array(shared, mask=unknown)


def _flagged(test: FlaggedBy, flagged: Flagged | None) -> RowSet:
    """The rows of the finding with this key, or of all with this code."""
    if flagged is None:
        raise FilterError(
            "'flagged by' needs the findings of these data, which are not at hand here", test.at
        )
    if test.finding in flagged:
        return flagged[test.finding]
    alike = [rows for key, rows in flagged.items() if key.partition(":")[0] == test.finding]
    if not alike:
        known_words = sorted({*flagged, *(key.partition(":")[0] for key in flagged)})
        raise FilterError(f"No finding is called {quoted(test.finding)}", test.at,
                          nearest(test.finding, known_words))  # fmt: skip
    return reduce(RowSet.__or__, alike)


def _score(test: ScoreAbove, scores: Scores | None) -> NDArray[Any]:
    if scores is None:
        raise FilterError("'score' needs the scores of these data, which are not at hand here", test.at)
    if test.analysis not in scores:
        raise FilterError(f"No analysis called {quoted(test.analysis)} gives scores", test.at,
                          nearest(test.analysis, sorted(scores)))  # fmt: skip
    return scores[test.analysis]


def _shared(dataset: Dataset, columns: tuple[str, ...]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which rows share their values in these columns with another row, and for which that is unknown, as
    all are missing. Where some are, missing equals missing. Reads one column at a time.
    """
    import pandas as pd

    codes, unknown = np.zeros(dataset.rows, np.int64), np.ones(dataset.rows, bool)
    for column in columns:
        own = _codes(dataset, column)
        unknown &= own < 0
        codes = pd.factorize(codes * (int(own.max(initial=0)) + 2) + own + 1)[0].astype(np.int64)
    return (np.bincount(codes, minlength=1) > 1)[codes], unknown


def _codes(dataset: Dataset, column: str) -> NDArray[np.int64]:
    """Per row the number of its value among the distinct ones; -1: missing. 0 and -0 are one."""
    import pyarrow as pa
    import pyarrow.compute as pc

    values = known(dataset.table([column]).column(0))
    if pa.types.is_floating(values.type):
        values = pc.add(values, 0.0)  # makes 0 of -0
    chunks = values.dictionary_encode().unify_dictionaries().chunks
    if not chunks:
        return np.zeros(0, np.int64)
    return np.concatenate([np.asarray(chunk.indices.fill_null(-1), dtype=np.int64) for chunk in chunks])
