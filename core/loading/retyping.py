"""Other kinds for the columns of a data set that is loaded already."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.dataset import KINDS, RAW, Column, Dataset, fits
from core.errors import LoadError, SettingError
from core.loading.canonical import Writer, schema_of
from core.loading.cells import distinct, unquoted
from core.loading.infer import Candidates
from core.loading.text import Form, arrow_type, as_text, parse
from core.numerics.texts import MONEY

if TYPE_CHECKING:
    import pyarrow as pa

BASE = "data.parquet"


@dataclass(frozen=True)
class _Change:
    """How one column is written anew."""

    column: Column
    form: Form
    texts: Callable[[Any], Any]
    was_raw: bool


def retyped(dataset: Dataset, kinds: Mapping[str, str]) -> Dataset:
    """See `core.loading.retype`. Always starts from the automatic typing, so the way to a set of kinds does
    not matter.
    """
    for name, kind in kinds.items():
        dataset[name]
        if kind not in KINDS:
            raise SettingError.unknown(kind, KINDS)
    base = _base(dataset)
    wanted = {name: kind for name, kind in {**dataset.overrides, **kinds}.items() if kind != base[name].kind}
    hard = {name: kind for name, kind in wanted.items() if not fits(base[name].stored, kind)}
    if hard:
        base = _rewritten(base, hard)
    easy = {name: kind for name, kind in wanted.items() if name not in hard}
    made = base.with_kinds(easy) if easy else base
    return replace(
        made,
        name=dataset.name,
        roles=dataset.roles,
        split=dataset.split,
        vectors=dataset.vectors,
        overrides=wanted,
    )


def _base(dataset: Dataset) -> Dataset:
    path = dataset.path.parent / BASE
    if not path.exists():
        raise LoadError(f"The data set {dataset.name!r} is gone from the workspace. Load it again.")
    return dataset if path == dataset.path else Dataset.open(path)


def _rewritten(base: Dataset, kinds: dict[str, str]) -> Dataset:
    """The data set with these columns parsed anew; its file lies beside the base's."""
    digest = hashlib.sha256(json.dumps(sorted(kinds.items())).encode()).hexdigest()[:12]
    path = base.path.parent / f"data-{digest}.parquet"
    changes = {name: _change(base, base[name], kind) for name, kind in kinds.items()}
    columns = [changes[c.name].column if c.name in changes else c for c in base.columns]
    made = replace(base, path=path, columns=tuple(columns), overrides=kinds)
    temporary = path.with_suffix(f".{digest}.writing")
    _write(base, temporary, columns, changes, made.meta())
    temporary.replace(path)
    return Dataset.open(path)


def _change(base: Dataset, column: Column, kind: str) -> _Change:
    texts = _texts(column, kind)
    form = _form(base, column, kind, texts)
    lost, faithful = 0, True
    for batch in _column(base, column):
        text = texts(batch)
        values = parse(text, form)
        source = batch.column(RAW + column.name) if column.raw else as_text(batch.column(column.name))
        faithful = faithful and as_text(values).equals(source)
        lost += values.null_count - batch.column(column.name).null_count
    note = (
        (f"{max(0, lost):,} cell{'' if lost == 1 else 's'} did not fit {kind} and became missing.")
        if lost > 0
        else ""
    )
    made = replace(
        column,
        kind=kind,  # type: ignore[arg-type]
        stored=str(arrow_type(form.stored)),
        confidence=1.0,
        note=note,
        raw=column.raw or not faithful,
    )
    return _Change(made, form, texts, column.raw)


def _column(base: Dataset, column: Column) -> Any:
    """Batches of a column with its source text beside it."""
    import pyarrow.parquet as pq

    names = [column.name, *([RAW + column.name] if column.raw else [])]
    with pq.ParquetFile(base.path) as file:
        yield from file.iter_batches(columns=names)


def _texts(column: Column, kind: str) -> Callable[[Any], Any]:
    """From a batch of the base to the column's text as the source has it; "" where there is nothing.

    Who asks for numbers means them, so leading zeros, signs of money and of per cent, and blanks and
    apostrophes between thousands are dropped then.
    """
    import pyarrow.compute as pc

    def text(batch: Any) -> Any:
        if not column.raw:
            return as_text(batch.column(column.name))
        raw = batch.column(RAW + column.name)
        return pc.fill_null(unquoted(raw)[0] if column.source == "json" else raw, "")

    edges = rf"^\s*([-+]?)(?:{MONEY})?\s*|\s*(?:%|{MONEY})?\s*$"
    steps = ((edges, r"\1"), *([(r"(\d)[ '](\d{3})", r"\1\2")] * 2), (r"^([+-]?)0+(\d)", r"\1\2"))

    def number(batch: Any) -> Any:
        return functools.reduce(
            lambda texts, step: pc.replace_substring_regex(texts, *step), steps, text(batch)
        )

    return number if kind == "numeric" else text


def _form(base: Dataset, column: Column, kind: str, texts: Callable[[Any], Any]) -> Form:
    """How the text is to be read as this kind: for numbers and dates, the way that fits the most cells."""
    if kind == "boolean":
        return Form("bool", "words")
    if kind == "image":
        return Form("string")
    candidates = _open(base, kind)
    fitting = dict.fromkeys(candidates, 0)
    for batch in _column(base, column):
        values, counts = distinct(texts(batch))
        for form in candidates:
            good = parse(values, form).is_valid()
            fitting[form] += sum(counts.filter(good).to_pylist())
    return max(candidates, key=lambda form: fitting[form])


def _open(base: Dataset, kind: str) -> list[Form]:
    decimal = str(base.source.options.get("decimal", "."))
    stored = "timestamp" if kind == "datetime" else ("int64", "double")
    return [form for form in Candidates(decimal).open() if form.stored in stored]


def _write(
    base: Dataset, path: Path, columns: list[Column], changes: dict[str, _Change], meta: bytes
) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    writer = Writer(path, schema_of(columns))
    with pq.ParquetFile(base.path) as file:
        for batch in file.iter_batches():
            typed = [
                parse(changes[c.name].texts(batch), changes[c.name].form)
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
