"""What a column is by its values in all parts: its type, its kind, and whether they give the source back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from core.dataset.column import Column, Kind
from core.loading.exact import meeting, plain_texts, suspects
from core.loading.infer import Reading
from core.loading.kinds import Tally
from core.loading.readers import Staged
from core.loading.text import Form, arrow_type
from core.phrases import count, quoted

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


def examined(
    name: str, sides: list[PartColumn], sources: list[Staged], stored: str, check: Callable[[], None]
) -> Planned:
    """What a column is by its values: its kind, and whether they give the source back.

    Where different texts would become one value, the column is text.
    """
    found = _passed(sides, sources, stored, check)
    if found.pair is not None:
        one, other = map(quoted, found.pair)
        note = f"Kept as text: {one} and {other} would become one {_ONE[stored]}."
        return examined(name, [_as_text(side, note) for side in sides], sources, "string", check)
    readings = [side.reading for side in sides if side.reading is not None]
    kind, sure = _kind(name, sides, sources, found.tally)
    notes = [reading.note for reading in readings if reading.note]
    if found.infinite:
        notes.append(f"{count(found.infinite, 'number')} beyond the range of floats became infinite.")
    column = Column(
        name,
        kind,
        str(arrow_type(stored)),
        source=next(
            source.types[side.place]
            for side, source in zip(sides, sources, strict=True)
            if side.place is not None
        ),
        raw=not found.faithful,
        confidence=round(min([sure, *(reading.confidence for reading in readings if not reading.empty)]), 2),
        null_tokens=_tokens(readings),
        note=" ".join(dict.fromkeys(notes)),
        # an order of day and month that train decides is decided for serve, too
        ambiguous=next((reading.ambiguous for reading in readings if reading.note), ""),
        layouts=_layouts(readings, stored),
    )
    return Planned(column, tuple(sides))


class _Pass(NamedTuple):
    """What one pass over a column's values gave. tally: their kind. faithful: whether they give the source
    back. infinite: numbers beyond the range of floats. pair: two different texts that would become one value.
    """

    tally: Tally
    faithful: bool
    infinite: int
    pair: tuple[str, str] | None


def _passed(sides: list[PartColumn], sources: list[Staged], stored: str, check: Callable[[], None]) -> _Pass:
    """Look at the values of a column once, in all parts."""
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
    return _Pass(tally, faithful, infinite, _meeting(sides, sources, doubtful))


def _kind(name: str, sides: list[PartColumn], sources: list[Staged], tally: Tally) -> tuple[Kind, float]:
    """The kind of a column, and how sure that is: the source's own, or by its values."""
    known = next((source.kinds[name] for source in sources if name in source.kinds), None)
    if known is not None:
        return known, 1.0
    unique = tally.asks_unique(name) and all(
        _all_differ(side, source) for side, source in zip(sides, sources, strict=True)
    )
    return tally.kind(name, unique)


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
