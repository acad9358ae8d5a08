"""How ``prepare.py`` writes text: as the cleaned file of the export is written, cell for cell, so that the
very file that was decided on gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from core.changes import differing
from core.decision import Decision
from core.export.prepare_parts import read, within
from core.export.replay import text_of
from core.export.script import pattern
from core.export.side import PartWriter
from core.export.style import JSON_STYLE, USUAL
from core.export.writing import FORMULA, NUMBER, make_safe, put_text, quoted
from core.loading.json_numbers import json_text
from core.loading.text import _float_text, _time_text, as_text
from core.rowset import RowSet

if TYPE_CHECKING:
    import pandas as pd

MOST = 10_000  # ranges of cells whose text stands in the script
# steps that work out numbers of their own, in which pandas and Arrow may differ by the last digit
COMPUTED = ("transform", "scale", "encode", "date_parts")
OF_OTHERS = ("nearest rows", "iterative")


class ScriptFile(NamedTuple):
    """A file of the export: how the script writes the like, and the SHA-256 of its bytes."""

    writing: Writing
    sha256: str


@dataclass
class Writing:
    """What the script knows of writing.

    how: of text, as `core.export.writing.put_text` takes it. ending: of the export's own file.
    names: how a column is called in the header, where otherwise than in the table; header: whether there is
    one. sources: the column of the file that each comes from. anew: columns of times of which all cells are
    written in one way. comma: whether the mark of decimals is one; commas: columns of which it is. cells:
    what was given for single cells: column, text (JSON where that is written), rows. kind: how the source
    holds its cells. json: how JSON is written, beside its names; {} where the export wrote none. forms:
    column -> how new texts become JSON (`core.export.json_form`).
    differs: why the bytes are others than those of the export; "" where they should be the same.
    """

    how: dict[str, Any] = field(default_factory=lambda: dict(USUAL))
    ending: str = ""
    header: bool = True
    names: dict[str, str | None] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    anew: list[str] = field(default_factory=list)
    comma: bool = False
    commas: list[str] = field(default_factory=list)
    cells: list[list[Any]] = field(default_factory=list)
    kind: str = "text"
    json: dict[str, Any] = field(default_factory=dict)
    forms: dict[str, Any] = field(default_factory=dict)
    differs: str = ""

    @property
    def bytes_in_words(self) -> str:
        """What the script's head says of the bytes."""
        if not self.ending:
            return "Text is written with commas, in UTF-8."
        if self.differs:
            table = f"is the table of cleaned.{self.ending}, not its bytes: {self.differs}."
            return f"Given that very file, OUT.{self.ending} {table}"
        return f"Given that very file, OUT.{self.ending} has the bytes of cleaned.{self.ending}."

    def to_json(self) -> dict[str, Any]:
        """What stands in the script."""
        return {name: value for name, value in vars(self).items() if name != "differs"}


def writing_of(side: PartWriter, decisions: Sequence[Decision]) -> Writing:
    """How the script writes what the export writes for this side."""
    how = side.plan["write"]
    apart = _apart(side)
    if apart and how["kind"] != "json":
        return Writing(ending=how["format"], kind=side.kind, differs=apart)
    names = [name for place, name in enumerate(side.plan["names"]) if place not in side.plan["omit"]]
    header = how["header"]
    weight = header[len(names) :] if header else []
    made = Writing(
        {key: how.get(key, usual) for key, usual in USUAL.items()},
        side.plan["ending"],
        header is not None,
        {name: called for name, called in zip(names, header or names, strict=False) if called != name},
        comma=side.source.options.get("decimal") == ",",
        kind=side.kind,
        json={key: how[key] for key in ("format", *JSON_STYLE) if key in how}
        if how["kind"] == "json"
        else {},
        forms=dict(side.forms),
        differs=apart or _differs(decisions),
    )
    contents = side.layout.contents if side.layout else ()
    made.sources = {one.column.name: one.source for one in contents if one.source} or {
        name: name for name in names
    }
    made.anew = sorted(side.layout.anew) if side.layout else []
    made.commas = sorted(side.layout.commas) if side.layout else []
    made.cells = _cells(side, [*side.plan["names"], *weight])
    if sum(len(ranges) for _, _, ranges in made.cells) > MOST:
        made.cells, made.differs = [], "single cells hold text that would be too much for a script"
    return made


def _apart(side: PartWriter) -> str:
    """Why no decision would give the bytes of the export; "" where they may."""
    kind = side.plan["write"]["kind"]
    if kind == "typed":
        return "its columns have the types that pandas gives them"
    if side.kind == "typed" or (side.kind == "json" and kind == "text"):
        return "dates, and true and false, may be written otherwise (2024-05-01 for 2024-05-01 00:00:00)"
    if side.kind == "json" and side.source.options.get("packed"):
        return "pandas reads the packed file, and numbers may be written otherwise (1.5 for 1.50)"
    return ""


def _differs(decisions: Sequence[Decision]) -> str:
    words = [
        one.action
        for one in decisions
        if one.action in COMPUTED or (one.action == "fill" and one.settings.get("how") in OF_OTHERS)
    ]
    if words:
        some = ", ".join(dict.fromkeys(words))
        return f"the numbers of {some} are worked out by pandas, and may differ in their last digit"
    if any(one.action == "add_rows" and one.settings.get("records") for one in decisions):
        return "rows that were given by hand are written as their values are, not as they were typed"
    actions = [one.action for one in decisions]
    if "add_rows" in actions:
        at = len(actions) - actions[::-1].index("add_rows")
        if {"relabel", "blank"} & set(actions[:at]):
            return (
                "copies of rows, where cells were set by hand before, may be written otherwise (1.5 for 1.50)"
            )
    return ""


def _cells(side: PartWriter, names: list[str]) -> list[list[Any]]:
    """Column, text and rows of the cells and weights that were given one by one."""
    given = [(names[place], text, ranges) for place, text, ranges in side.plan["relabel"]]
    weight = side.plan["weight"]
    if weight is not None:
        given += [(names[weight["column"]], text, ranges) for text, ranges in weight["given"]]
    if side.plan["write"]["kind"] == "json":
        given = [(name, json_text(cell), ranges) for name, cell, ranges in given]
    return [
        [name, text, RowSet(side.numbers[RowSet.from_json(ranges).ids]).to_json()]
        for name, text, ranges in given
    ]


def text_columns(
    frame: pd.DataFrame, about: pd.DataFrame, given: pd.DataFrame, ways: Mapping[str, Any], how: Any
) -> list[list[str]]:
    """The cells of a cleaned table as text: those that no step changed as they stand in the file."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    source = about["source"].fillna(-1).astype("int64").to_numpy()
    place = about["place"].to_numpy()
    rows = pa.array(source, mask=source < 0)
    columns = []
    for name in frame:
        values = pa.chunked_array([pa.Array.from_pandas(frame[name])])
        text = as_text(values)
        if (how["comma"] or name in how["commas"]) and pa.types.is_floating(values.type):
            text = pc.replace_substring(text, ".", ",")
        own = how["sources"].get(name)
        if own is not None and own in given and own in ways:
            known = pa.Array.from_pandas(read(given[own], *ways[own]))
            stays = (source >= 0) & ~differing(pa.chunked_array([known.take(rows)]), values)
            told = pa.array(given[own].astype("str"), pa.string(), from_pandas=True).take(rows)
            times = pa.types.is_timestamp(values.type)
            if not times or (stays.all() if (place < 0).all() else name not in how["anew"]):
                text = pc.if_else(pa.array(stays), pc.fill_null(told, ""), text)
        cells = np.array(text.to_pylist(), dtype=object)
        for column, written, ranges in how["cells"]:
            if column == name:
                cells[within(place, ranges)] = text_of(written)
        columns.append(cells.tolist())
    return columns


HELPERS: tuple[Callable[..., Any] | str, ...] = (
    'ABSENT = type("Absent", (), {})()  # a key that a JSON object does not have',
    text_of,
    as_text,
    _float_text,
    _time_text,
    differing,
    f"FORMULA = {pattern(FORMULA)}\nNUMBER = {pattern(NUMBER)}\n",
    make_safe,
    quoted,
    put_text,
    text_columns,
)
