"""Other kinds for the columns of a data set that is loaded already."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.dataset import Dataset
from core.dataset.column import KINDS, RAW, Column
from core.errors import ColumnError, LoadError, SettingError
from core.loading.canonical import Writer, schema_of
from core.loading.cells import Ways, distinct, unquoted
from core.loading.text import Form, arrow_type, as_text, parse
from core.loading.unread import lost_note, unread
from core.loading.written_dates import DateReader, date_reader
from core.loading.written_numbers import NumberReader, number_reader
from core.phrases import name, quoted

if TYPE_CHECKING:
    import pyarrow as pa

BASE = "data.parquet"
_FORMS = {"boolean": Form("bool", "words"), "image": Form("string")}


@dataclass(frozen=True)
class _Change:
    """How one column is written anew.

    ``column``: its facts afterwards. ``texts``: from a batch of the base to its source text. ``values``: from
    that text to the new values. ``was_raw``: whether the base keeps its source text.
    """

    column: Column
    texts: Callable[[Any], Any]
    values: Callable[[Any], Any]
    was_raw: bool


def retyped(dataset: Dataset, kinds: Mapping[str, str]) -> Dataset:
    """See `core.loading.retype`. Always starts from the automatic typing, so the way to a set of kinds does
    not matter.
    """
    for column, kind in kinds.items():
        dataset[column]
        if kind not in KINDS:
            raise SettingError.unknown(kind, KINDS)
    base = _base(dataset)
    wanted = {key: kind for key, kind in {**dataset.overrides, **kinds}.items() if kind != base[key].kind}
    hard = {key: kind for key, kind in wanted.items() if not base[key].fits(kind)}
    if hard:
        base = _rewritten(base, hard)
    easy = {key: kind for key, kind in wanted.items() if key not in hard}
    return replace(
        base.with_kinds(easy) if easy else base,
        name=dataset.name,
        roles=dataset.roles,
        split=dataset.split,
        vectors=dataset.vectors,
        probabilities=dataset.probabilities,
        overrides=wanted,
    )


def _base(dataset: Dataset) -> Dataset:
    path = dataset.path.parent / BASE
    if not path.exists():
        raise LoadError(f"The data set {quoted(dataset.name)} is gone from the workspace. Load it again.")
    return dataset if path == dataset.path else Dataset.open(path)


def _rewritten(base: Dataset, kinds: dict[str, str]) -> Dataset:
    """The data set with these columns parsed anew; its file lies beside the base's."""
    digest = hashlib.sha256(json.dumps(sorted(kinds.items())).encode()).hexdigest()[:12]
    path = base.path.parent / f"data-{digest}.parquet"
    changes = {key: _change(base, base[key], kind) for key, kind in kinds.items()}
    columns = [changes[c.name].column if c.name in changes else c for c in base.columns]
    changed = replace(base, path=path, columns=tuple(columns), overrides=kinds)
    temporary = path.with_suffix(f".{digest}.writing")
    _write(base, temporary, columns, changes, changed.meta())
    temporary.replace(path)
    return Dataset.open(path)


def _change(base: Dataset, column: Column, kind: str) -> _Change:
    missing_words = base.source.options.get("missing", ()) if base.source else ()
    texts = functools.partial(_source_texts, column, tuple(missing_words))
    words, cells = _distinct(base, column, texts)
    values, stored, note, ambiguous, layouts = _way(base, column, kind, words, cells)
    missing, lost = unread(words, cells, values(words).is_null())
    faithful = all(
        as_text(values(texts(batch))).equals(_written(batch, column)) for batch in _column(base, column)
    )
    changed = replace(
        column,
        kind=kind,  # type: ignore[arg-type]
        stored=str(arrow_type(stored)),
        confidence=1.0,
        note=" ".join(filter(None, [note, lost_note(lost, kind)])),
        ambiguous=ambiguous,
        layouts=layouts,
        null_tokens=missing,
        raw=column.raw or not faithful,
    )
    return _Change(changed, texts, values, column.raw)


def _way(
    base: Dataset, column: Column, kind: str, words: Any, cells: Any
) -> tuple[Callable[[Any], Any], str, str, str, tuple[str, ...]]:
    """How the text becomes values of this kind, the Arrow type of these, what there is to say about it, the
    other way in which it could be read, and the layouts.

    Raises `ColumnError` where different texts would become one number.
    """
    if kind in _FORMS:
        return functools.partial(parse, form=_FORMS[kind]), _FORMS[kind].stored, "", "", ()
    reader: NumberReader | DateReader = (
        number_reader(words, cells, str(base.source.options.get("decimal") or "."))
        if kind == "numeric"
        else date_reader(words, cells)
    )
    if reader.clash is not None:
        one, other = map(quoted, reader.clash)
        raise ColumnError(
            f"Column {name(column.name)} cannot be read as numbers: {one} and {other} would become the same "
            "number. Keep it as text, category or identifier, or shorten its numbers in the source."
        )
    return reader.read, reader.stored, reader.note, reader.ambiguous, reader.layouts


def _column(base: Dataset, column: Column) -> Iterator[Any]:
    """Batches of a column with its source text beside it."""
    import pyarrow.parquet as pq

    names = [column.name, *([RAW + column.name] if column.raw else [])]
    with pq.ParquetFile(base.path) as file:
        yield from file.iter_batches(columns=names)


def _written(batch: Any, column: Column) -> Any:
    return batch.column(RAW + column.name) if column.raw else as_text(batch.column(column.name))


def _source_texts(column: Column, missing: tuple[str, ...], batch: Any) -> Any:
    """The text of a column as the source has it; "" where there is nothing, or a word that was said to mean
    that.
    """
    import pyarrow.compute as pc

    text = _written(batch, column)
    text = pc.fill_null(unquoted(text)[0] if column.raw and column.source == "json" else text, "")
    return pc.if_else(Ways(missing).means_missing(text), "", text) if missing else text


def _distinct(base: Dataset, column: Column, texts: Callable[[Any], Any]) -> tuple[Any, Any]:
    """The different texts of a column, but for blank ones, and in how many cells each stands."""
    import pyarrow as pa
    import pyarrow.compute as pc

    tables = [pa.table(distinct(texts(batch)), names=["text", "cells"]) for batch in _column(base, column)]
    counted = pa.concat_tables(tables).group_by("text").aggregate([("cells", "sum")])
    counted = counted.filter(pc.not_equal(pc.utf8_trim_whitespace(counted["text"]), "")).combine_chunks()
    return _one_array(counted["text"], pa.string()), _one_array(counted["cells_sum"], pa.int64())


def _one_array(values: pa.ChunkedArray, kind: pa.DataType) -> pa.Array:
    import pyarrow as pa

    return pa.concat_arrays([*values.chunks, pa.array([], kind)])


def _write(
    base: Dataset, path: Path, columns: list[Column], changes: dict[str, _Change], meta: bytes
) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    writer = Writer(path, schema_of(columns))
    with pq.ParquetFile(base.path) as file:
        for batch in file.iter_batches():
            typed = [
                changes[c.name].values(changes[c.name].texts(batch))
                if c.name in changes
                else batch.column(c.name)
                for c in columns
            ]
            raw = [_source(batch, c, changes) for c in columns if c.raw]
            writer.add(pa.record_batch(typed + raw, schema=writer.schema))
    writer.close(meta)


def _source(batch: pa.RecordBatch, column: Column, changes: dict[str, _Change]) -> Any:
    """The source text of a column that keeps it: as it was kept, or what the old values gave back."""
    if column.name in changes and not changes[column.name].was_raw:
        return as_text(batch.column(column.name))
    return batch.column(RAW + column.name)
