"""Rows that rules add, set behind the rows of the source, and the two columns that mark them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.added import MOST, Added, placed
from core.changes import differing
from core.dataset import Dataset
from core.dataset.column import RAW, Column
from core.decision import Decision
from core.errors import SettingError
from core.loading.as_json import beginnings, json_value
from core.loading.json_numbers import json_text
from core.loading.text import as_text
from core.phrases import count
from core.settled import Content, Effected
from core.steps.kind import NewRows, State

if TYPE_CHECKING:
    import pyarrow as pa

MARKS = ("origin", "parents")
NOTE = "Marks the rows that a step added."


def first_of(new: NewRows, added: Added | None) -> int:
    """The number of the first of these rows, counted behind the last row of the source. Raises `SettingError`
    where an earlier step has some of the numbers, and for too many rows.
    """
    first = 0 if added is None else len(added)
    if new.first is not None and len(new):
        first = new.first
    if first + len(new) > MOST:
        raise SettingError(f"At most {count(MOST, 'row')} can be added to one data set.")
    if added is not None and added.there[first : first + len(new)].any():
        raise SettingError(
            "An earlier step adds more rows than before and takes the numbers of these. Rows are never "
            "numbered anew: switch this step off, and take it again."
        )
    return first


def numbered(decision: Decision, effected: Effected | None, dataset: Dataset) -> Decision:
    """The decision with the number that its new rows begin with, so that they keep their numbers whatever
    becomes of the steps before it; the decision itself where it adds none. dataset: the data as loaded.
    """
    if effected is None or not len(effected.new):
        return decision
    first = int(effected.new.ids[0]) - dataset.rows
    return replace(decision, settings={**decision.settings, "first": first})


def free_marks(names: Sequence[str]) -> tuple[str, ...]:
    """Names for the columns that mark added rows, which no other column has.

    >>> free_marks(["origin", "age"])
    ('origin_2', 'parents')
    """
    return tuple(
        next(name for name in (word, *(f"{word}_{n}" for n in range(2, len(names) + 3))) if name not in names)
        for word in MARKS
    )


def marked(contents: tuple[Content, ...], wanted: Sequence[str], rows: int) -> tuple[Content, ...]:
    """The columns with those that mark added rows behind them, empty in the rows that are there."""
    import pyarrow as pa

    taken = [content.column.name for content in contents]
    names = free_marks(taken) if set(wanted) & set(taken) else wanted
    empty = pa.chunked_array([pa.nulls(rows, pa.string())])
    new = [Content(Column(name, "identifier", "string", note=NOTE), "", empty) for name in names]
    return (*contents, *new)


def added(
    dataset: Dataset, contents: Sequence[Content], old: Added | None, new: NewRows, first: int
) -> Added:
    """The added rows with these behind. dataset: the data as loaded."""
    import pyarrow as pa
    import pyarrow.compute as pc

    names = {content.source: content.column.name for content in contents if content.values is None}
    cells: dict[str, pa.ChunkedArray] = {}
    for column in dataset.columns:
        kind = pa.type_for_alias(column.stored)
        now = names.get(column.name, "")
        raw = None
        if new.like is not None:
            like = pa.array(new.like)
            cells[column.name] = _whole(dataset.table([column.name]).column(0), old, column.name).take(like)
            if column.raw:
                raw = _whole(dataset.raw(column.name), old, RAW + column.name).take(like)
            if not now:  # a rule wrote it, or it is gone: as the source has it
                cells |= {RAW + column.name: raw} if raw is not None else {}
                continue
        given = new.cells.get(now)
        values = _chunked(pa.nulls(len(new), kind) if given is None else given.cast(kind))
        if column.raw:
            texts = _texts(dataset, column, now, values, new)
            if raw is not None:  # but for cells that were set by hand
                texts = pc.if_else(pa.array(differing(cells[column.name], values)), texts, raw)
            cells[RAW + column.name] = _chunked(texts)
        cells[column.name] = values
    table = pa.table(cells)
    marks = tuple(content.column.name for content in contents[-2:])
    return (Added.none(table.schema, marks) if old is None else old).with_block(first, table)


def _whole(values: pa.ChunkedArray, old: Added | None, name: str) -> pa.ChunkedArray:
    """A column of the canonical file with the cells of the rows that were added behind it."""
    return values if old is None else old.behind(values, name)


def _texts(
    dataset: Dataset, column: Column, now: str, values: pa.ChunkedArray, new: NewRows
) -> pa.ChunkedArray | pa.Array:
    """What would stand in the source for these cells."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if column.source == "json":
        begins = beginnings(dataset, column.name) if new.like is not None else ""  # a text given is a text
        texts = pa.array(
            [json_text(json_value(value, begins), str) for value in values.to_pylist()], pa.string()
        )
    else:
        texts = as_text(values)
    if dataset.source.options.get("decimal") == "," and pa.types.is_floating(values.type):
        texts = pc.replace_substring(texts, ".", ",")
    given = new.texts.get(now)
    return texts if given is None else pc.coalesce(given, texts)


def with_rows(
    contents: Sequence[Content], marks: tuple[str, ...], new: NewRows, start: int, rows: int
) -> tuple[Content, ...]:
    """The columns that rules wrote with the cells of these rows, which begin at ``start``; all have ``rows``
    rows then.
    """
    import pyarrow as pa

    if new.like is None:
        parents = pa.array([" ".join(map(str, some)) or None for some in new.parents], pa.string())
    else:
        parents = pa.array(new.like).cast(pa.string())
    cells = {**new.cells, marks[0]: pa.repeat(pa.scalar(new.origin), len(new)), marks[1]: parents}
    whole = []
    for content in contents:
        if content.values is not None:
            kind = content.values.type
            given = cells.get(content.column.name)
            block = _chunked(pa.nulls(len(new), kind) if given is None else given)
            content = content._replace(values=placed(content.values, block, start, rows))
        whole.append(content)
    return tuple(whole)


def families(state: State) -> NDArray[np.int64]:
    """Per row the first row of its family: rows that were added, those that they come from, and so on."""
    import pyarrow.compute as pc

    first: NDArray[np.int64] = np.arange(state.kept.size)
    if not state.marks:
        return first
    parents = state.values(state.marks[1])
    children = np.flatnonzero(np.asarray(pc.is_valid(parents)))
    words = pc.split_pattern(parents.drop_null().combine_chunks(), " ")
    elder = np.asarray(words.flatten().to_numpy(zero_copy_only=False), dtype=np.int64)
    child = np.repeat(children, np.asarray(pc.list_value_length(words)))
    while True:
        least = np.minimum(first[elder], first[child])
        before = first.copy()
        for rows in (elder, child):
            np.minimum.at(first, rows, least)
        first = np.asarray(first[first])
        if (first == before).all():
            return first


def _chunked(values: pa.ChunkedArray | pa.Array) -> pa.ChunkedArray:
    import pyarrow as pa

    return values if isinstance(values, pa.ChunkedArray) else pa.chunked_array([values])
