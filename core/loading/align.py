"""One or two staged sources become one plan: which columns there are, how each is read, and how the parts
differ.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

from core.dataset.column import Column
from core.dataset.split import missing_in_serve
from core.errors import LoadError
from core.finding import Finding
from core.loading.decoding import visible
from core.loading.examined import PartColumn, Planned, examined
from core.loading.infer import Reading
from core.loading.readers import Staged
from core.loading.text import Form
from core.loading.typed_cells import TypedCells
from core.phrases import name as named
from core.progress import Progress

_NUMBERS = {"int64", "double"}


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
            columns.append(examined(name, alike, sources, stored, progress.check))
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
