"""A data set with decisions laid over it, as another data set."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.added import Added
from core.changes import Changes, NewCells
from core.dataset import Dataset
from core.dataset.column import Column, held
from core.errors import SettingError
from core.finding import Finding
from core.loading.text import Form, parse
from core.phrases import name, quoted
from core.settled import Content

if TYPE_CHECKING:
    import pyarrow as pa


def contents_of(dataset: Dataset) -> tuple[Content, ...]:
    """The columns as the source has them."""
    return tuple(Content(column, column.name, None) for column in dataset.columns)


def laid_over(
    dataset: Dataset,
    contents: tuple[Content, ...],
    labels: Mapping[str, NDArray[np.int32]],
    values: tuple[str | None, ...],
    kept: NDArray[np.bool_] | None = None,
    omitted: tuple[str, ...] = (),
    added: Added | None = None,
) -> Dataset:
    """``dataset`` with these columns, labels on top of them (codes into ``values``, -1: none), rows added
    behind its own, and only the rows ``kept``; ``dataset`` itself where nothing changes it.
    """
    rows = dataset.rows + (0 if added is None else len(added))
    there = contents or contents_of(dataset)
    left = [content for content in there if content.column.name not in omitted]
    cells = {
        content.column.name: cells_of(dataset, content, labels[content.column.name], values)
        for content in left
        if content.column.name in labels
    }
    cells = {name: new for name, new in cells.items() if new.rows.size}
    renamed = {c.column.name: c.source for c in left if c.source not in ("", c.column.name)}
    changes = Changes(
        rows=rows,
        kept=None if kept is None or kept.all() else np.flatnonzero(kept),
        cells=cells,
        omitted=tuple(name for name in omitted if name in {c.column.name for c in there}),
        written={c.column.name: c.values for c in left if c.values is not None},
        sources=renamed,
        added=added,
    )
    columns = tuple(_column(content, changes) for content in left)
    if not changes and columns == dataset.columns:
        return dataset
    return replace(
        dataset,
        rows=rows if changes.kept is None else int(changes.kept.size),
        columns=columns,
        roles=replace(dataset.roles, **_roles(dataset, left)),
        loading=_loading(dataset, left),
        base=dataset,
        changes=changes,
        _held=type(dataset._held)(),
    )


def _column(content: Content, changes: Changes) -> Column:
    name = content.column.name
    touched = name in changes.cells or name in changes.written
    return replace(content.column, raw=False) if touched else content.column


def _roles(dataset: Dataset, left: list[Content]) -> dict[str, str | None]:
    """The roles that changed: of a column that has another name now, or is gone."""
    now = {content.source: content.column.name for content in left if content.source}
    return {
        role: now.get(column) for role, column in dataset.roles.named().items() if now.get(column) != column
    }


def _loading(dataset: Dataset, left: list[Content]) -> tuple[Finding, ...]:
    """What loading found, by the names that its columns have now; of one that is gone by its former one."""
    now = {content.source: content.column.name for content in left if content.source}
    return tuple(
        replace(one, columns=tuple(now.get(column, column) for column in one.columns))
        for one in dataset.loading
    )


def cells_of(
    dataset: Dataset, content: Content, codes: NDArray[np.int32], values: tuple[str | None, ...]
) -> NewCells:
    """The new cells of a column, of its own type; those that cannot be of that type are missing. Only values
    that are used, in an order that does not depend on when they were given.
    """
    import pyarrow as pa

    kind = (
        content.values.type
        if content.values is not None
        else dataset.table([content.source]).schema.field(0).type
    )
    used = np.unique(codes[codes >= 0]).tolist()
    used.sort(key=lambda code: (values[code] is None, values[code] or ""))
    place = np.full(len(values) + 1, -1, np.int32)  # its last is that of -1
    place[used] = np.arange(len(used))
    texts = [values[code] for code in used]
    new = [typed(dataset, content.column, text, kind) for text in texts]
    unread = {at: text for at, text in enumerate(texts) if text is not None and new[at] is None}
    return NewCells(place[codes], pa.array(new, kind), unread)


def typed(
    dataset: Dataset, column: Column, text: str | None, kind: pa.DataType, infinite: bool = False
) -> Any:
    """The value that a text is in a column of this type, as the source writes such values; None where it can
    be none. infinite: whether it may be so, as a value that the column has already may.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if text is None:
        return None
    for form in forms(dataset, column, kind):
        value = parse(pa.array([text]), form)[0].as_py()
        if value is not None:
            break
    else:
        try:
            value = pc.cast(pa.scalar(text), kind).as_py()
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            return None
    if isinstance(value, float) and not math.isfinite(value):
        return value if infinite and math.isinf(value) else None
    return value


def plain(value: Any) -> Any:
    """A value as it stands in a recipe: a time as text."""
    return value.isoformat(" ") if hasattr(value, "isoformat") else value


def check_written(dataset: Dataset, column: str, text: str) -> None:
    """Raise `SettingError` where a text to be written into cells of a column can be no value of it."""
    there = dataset[column]
    kind = dataset.table([column]).schema.field(0).type
    if typed(dataset, there, text, kind) is None:
        such = _SUCH.get(str(kind).partition("[")[0], "Oslo")
        raise SettingError(
            f"{quoted(text)} cannot be read as a value of {name(column)}, which holds {held(kind)}; "
            f"write one such as {such}."
        )


_SUCH = {"int64": "42", "uint64": "42", "double": "12.5", "bool": "true", "timestamp": "2024-03-31"}


def all_typed(dataset: Dataset, column: Column, texts: pa.Array, kind: pa.DataType) -> pa.Array:
    """`typed` of many texts at once."""
    import pyarrow as pa
    import pyarrow.compute as pc

    coded = texts.dictionary_encode()
    words = coded.dictionary
    values = pa.nulls(len(words), kind)
    for form in forms(dataset, column, kind):
        values = pc.coalesce(values, parse(words, form).cast(kind))
    if pa.types.is_floating(kind):
        values = pc.if_else(pc.is_finite(values), values, None)
    missed = np.flatnonzero(~np.asarray(values.is_valid()))
    if missed.size:
        rest = pa.array([typed(dataset, column, words[at].as_py(), kind) for at in missed.tolist()], kind)
        instead = pa.array(np.bincount(missed, minlength=len(words)).astype(bool))
        values = pc.replace_with_mask(values, instead, rest)
    return values.take(coded.indices)


def forms(dataset: Dataset, column: Column, kind: pa.DataType) -> list[Form]:
    """How the texts of a column were read, and the plain way."""
    stored = str(kind).partition("[")[0]
    if stored == "timestamp":
        return [Form("timestamp", layout) for layout in (*column.layouts, "year-month-day")]
    if stored == "bool":
        return [Form("bool"), Form("bool", "words")]
    if stored == "double":
        comma = ("comma",) if dataset.source.options.get("decimal") == "," else ()
        return [Form("double", layout) for layout in dict.fromkeys((*comma, *column.layouts, ""))]
    return []
