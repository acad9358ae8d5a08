"""One or two staged sources become one plan: which columns there are, how each is read, and how the parts
differ.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from core.dataset.column import Column
from core.dataset.split import missing_in_serve
from core.errors import LoadError
from core.finding import Finding
from core.loading.decoding import visible
from core.loading.exact import meeting, plain_texts, suspects
from core.loading.infer import Reading
from core.loading.kinds import Tally
from core.loading.readers import Staged
from core.loading.text import Form, arrow_type
from core.loading.typed_cells import TypedCells
from core.phrases import count, quoted
from core.phrases import name as named
from core.progress import Progress

_NUMBERS = {"int64", "double"}
_ONE = {"double": "number", "timestamp": "time"}


@dataclass(frozen=True)
class PartColumn:
    """Where a column lies in one source, and how it is read there. ``place`` is None where the source lacks
    it.
    """

    place: int | None
    reading: Reading | None


@dataclass(frozen=True)
class Planned:
    """One column of the canonical file: its facts, and its place and reading in each source."""

    column: Column
    sides: tuple[PartColumn, ...]


@dataclass(frozen=True)
class Alignment:
    """All columns, in order, and what was found while bringing the parts together."""

    columns: tuple[Planned, ...]
    findings: tuple[Finding, ...]


def plan(sources: list[Staged], progress: Progress) -> Alignment:
    """Decide how every column is read. The first source is train, the second (if any) serve."""
    telling = [name for source in sources for name in source.names if name not in source.empty]
    names = [n for n in dict.fromkeys(n for source in sources for n in source.names) if n in set(telling)]
    findings: list[Finding] = [finding for source in sources for finding in source.findings]
    columns = []
    for name in progress.each(names, "Typing"):
        with naming(name, sources):
            sides = [_side(source, name) for source in sources]
            stored, differ = _common([s.reading for s in sides if s.reading is not None])
            alike = [_as(side, stored) for side in sides]
            columns.append(_examine(name, alike, sources, stored, progress.check))
        findings += _differences(columns[-1].column, sides, differ, stored)
    return Alignment(tuple(columns), tuple(findings))


@contextlib.contextmanager
def naming(name: str, sources: list[Staged]) -> Iterator[None]:
    """Tell by column and type what Arrow and Python cannot do with the cells of a typed table. Raises
    `LoadError`.
    """
    import pyarrow as pa

    try:
        yield
    except (pa.ArrowException, ValueError, OverflowError) as error:
        typed = [one for one in sources if name in one.names and isinstance(one.cells, TypedCells)]
        if not typed or isinstance(error, MemoryError):
            raise
        kind = typed[0].types[typed[0].names.index(name)]
        first = (str(error).splitlines() or [type(error).__name__])[0]
        raise LoadError(
            f"Column {named(name)} holds values of type {visible(kind)[:80]} that cannot be read "
            f"({visible(first)[:160]}). Leave it out, or write it as another type."
        ) from error


def _side(source: Staged, name: str) -> PartColumn:
    if name not in source.names:
        return PartColumn(None, None)
    place = source.names.index(name)
    return PartColumn(place, source.cells.infer(source.column(place)))


def _common(readings: list[Reading]) -> tuple[str, bool]:
    """The canonical type both parts can be held in, and whether their own types differ."""
    kinds = {reading.form.stored for reading in readings if not reading.empty}
    if not kinds:
        return "string", False
    if len(kinds) == 1:
        return kinds.pop(), False
    return ("double" if kinds <= _NUMBERS else "string"), True


def _as(side: PartColumn, stored: str) -> PartColumn:
    """The side, read as the common type."""
    reading = side.reading
    if reading is None or (reading.form.stored == stored and not (reading.empty and stored != "string")):
        return side
    layout = reading.form.layout if stored in _NUMBERS and reading.form.stored in _NUMBERS else ""
    if stored == "timestamp":
        layout = "year-month-day"
    form = Form(stored, layout)  # type: ignore[arg-type]
    if stored == "string":
        reading = replace(reading, note="", ambiguous="")
    return replace(side, reading=replace(reading, form=form))


def _examine(
    name: str, sides: list[PartColumn], sources: list[Staged], stored: str, check: Callable[[], None]
) -> Planned:
    """One pass over a column's values: whether they give the source back, and what kind they are.

    Where different texts would become one value, the column is text.
    """
    tally, faithful, infinite = Tally(stored), True, 0
    doubtful: list[Any] = []
    part: Staged | None = None
    for source, chunk, form in _chunks(sides, sources):
        check()
        if source is not part:
            tally.begin_part()
            part = source
        values = source.cells.convert(chunk, form)
        same = source.cells.gives_back(chunk, values)
        if not same and stored in ("double", "timestamp"):
            doubtful.append(suspects(plain_texts(source.cells.source_text(chunk), form.layout), values))
        faithful = faithful and same
        infinite += _beyond(source, chunk, values) if stored == "double" else 0
        tally.add(values)
    pair = _meeting(sides, sources, doubtful)
    if pair is not None:
        note = f"Kept as text: {quoted(pair[0])} and {quoted(pair[1])} would become one {_ONE[stored]}."
        return _examine(name, [_as_text(side, note) for side in sides], sources, "string", check)
    readings = [side.reading for side in sides if side.reading is not None]
    known = next((source.kinds[name] for source in sources if name in source.kinds), None)
    if known is not None:
        kind, sure = known, 1.0
    else:
        unique = tally.asks_unique(name) and all(
            _all_differ(side, source) for side, source in zip(sides, sources, strict=True)
        )
        kind, sure = tally.kind(name, unique)
    notes = [reading.note for reading in readings if reading.note]
    if infinite:
        notes.append(f"{count(infinite, 'number')} beyond the range of floats became infinite.")
    column = Column(
        name,
        kind,
        str(arrow_type(stored)),
        source=next(
            source.types[side.place]
            for side, source in zip(sides, sources, strict=True)
            if side.place is not None
        ),
        raw=not faithful,
        confidence=round(min([sure, *(reading.confidence for reading in readings if not reading.empty)]), 2),
        null_tokens=_tokens(readings),
        note=" ".join(dict.fromkeys(notes)),
        # an order of day and month that train decides is decided for serve, too
        ambiguous=next((reading.ambiguous for reading in readings if reading.note), ""),
        layouts=_layouts(readings, stored),
    )
    return Planned(column, tuple(sides))


def _chunks(sides: list[PartColumn], sources: list[Staged]) -> Iterator[tuple[Staged, Any, Form]]:
    """The cells of a column, train first, each with its source and how it is read."""
    for side, source in zip(sides, sources, strict=True):
        if side.place is not None and side.reading is not None:
            for chunk in source.column(side.place):
                yield source, chunk, side.reading.form


def _meeting(sides: list[PartColumn], sources: list[Staged], doubtful: list[Any]) -> tuple[str, str] | None:
    """Two different texts of the column with the same value, where some values are doubtful."""
    import pyarrow as pa
    import pyarrow.compute as pc

    suspected = pc.unique(pa.concat_arrays(doubtful)) if doubtful else ()
    if not len(suspected):
        return None
    return meeting(
        (
            (plain_texts(source.cells.source_text(chunk), form.layout), source.cells.convert(chunk, form))
            for source, chunk, form in _chunks(sides, sources)
        ),
        suspected,
    )


def _tokens(readings: list[Reading]) -> tuple[tuple[str, int], ...]:
    """The marks of missing values that were read as missing, with their number of cells in all parts."""
    cells: dict[str, int] = {}
    for reading in readings:
        if reading.form.stored != "string" or reading.form.layout == "missing":
            for text, met in reading.tokens:
                cells[text] = cells.get(text, 0) + met
    return tuple(cells.items())


def _layouts(readings: list[Reading], stored: str) -> tuple[str, ...]:
    """The layouts of the parts' texts, but for the plain ones; of columns that became text there are none."""
    if stored not in ("double", "timestamp"):
        return ()
    layouts = dict.fromkeys(reading.form.layout for reading in readings if not reading.empty)
    return tuple(layout for layout in layouts if layout)


def _as_text(side: PartColumn, note: str) -> PartColumn:
    reading = side.reading
    return side if reading is None else replace(side, reading=Reading(Form("string"), note=note))


def _beyond(source: Staged, chunk: object, values: object) -> int:
    """How many numbers written in digits became infinite."""
    import pyarrow.compute as pc

    infinite = pc.fill_null(pc.is_inf(values), False)
    if not pc.any(infinite).as_py():
        return 0
    texts = source.cells.source_text(chunk).filter(infinite)
    return int(pc.sum(pc.match_substring_regex(texts, r"\d")).as_py() or 0)


def _all_differ(side: PartColumn, source: Staged) -> bool:
    """Whether (nearly) all values of a column differ within a part: 95% for text, all for numbers."""
    import pyarrow as pa
    import pyarrow.compute as pc

    chunks = [source.cells.convert(chunk, form) for source, chunk, form in _chunks([side], [source])]
    if not chunks:
        return True
    values = pa.chunked_array(chunks)
    there = len(values) - values.null_count
    return bool(pc.count_distinct(values).as_py() >= (0.95 if pa.types.is_string(values.type) else 1) * there)


def _differences(column: Column, sides: list[PartColumn], differ: bool, stored: str) -> list[Finding]:
    """The findings about a column that is not the same in both parts."""
    if len(sides) < 2:
        return []
    train, serve = sides
    name = column.name
    if serve.place is None or train.place is None:
        return [missing_in_serve(name) if serve.place is None else _new_in_serve(column)]
    if not differ or train.reading is None or serve.reading is None:
        return []
    return [_type_differs(name, train.reading.form.stored, serve.reading.form.stored, stored)]


def _new_in_serve(column: Column) -> Finding:
    """An identifier stays: predictions are handed in by it."""
    identifies = column.kind == "identifier"
    return Finding(
        "new_in_serve",
        f"Column {named(column.name)} is new in serve.",
        "info" if identifies else "warning",
        0.1 if identifies else 0.4,
        "No model trained on these data can use it.",
        "It names the rows to be predicted: keep it, and out of the features."
        if identifies
        else "Leave it out, or add it to the training data.",
        columns=(column.name,),
        action="" if identifies else "omit",
    )


def _type_differs(name: str, train: str, serve: str, both: str) -> Finding:
    """``train``, ``serve``, ``both``: the type as stored of each part alone, and of the two together."""
    return Finding(
        "type_differs",
        f"Column {named(name)} holds {_WORDS[train]} in train and {_WORDS[serve]} in serve.",
        "warning",
        0.7 if both == "string" else 0.2,
        "A model may read the same value differently in training and in use.",
        f"Both are read as {_WORDS[both]} here; mend the source where they differ.",
        columns=(name,),
    )


_WORDS = {
    "int64": "whole numbers",
    "double": "numbers",
    "bool": "booleans",
    "timestamp": "dates",
    "string": "text",
}
