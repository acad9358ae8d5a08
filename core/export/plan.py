"""The plan of an export: what is to be done to each source, in the words of `core.export.replay`, as plain
JSON.

raw         how the source is read
names       its columns
rows        how many rows it has
drop        ranges of rows that are dropped
relabel     [place, cell, ranges]
weight      {column, default, given: [cell, ranges]}
omit        places of columns that are left out
cells       per column how a cell becomes a value, where the format asks for values the source has not got
categories  columns to be written as categories
write       how the result is written
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.changes import differing
from core.dataset import Dataset
from core.dataset.column import Column
from core.dataset.source import Source
from core.errors import SettingError
from core.export.dropped import as_they_were
from core.export.json_form import json_forms
from core.export.label_cells import label_cell
from core.export.layout import ExportLayout
from core.export.side import PartWriter
from core.export.source_cells import source_type
from core.export.style import FORMATS, ExportStyle, ending_of, read_plan, reading_ways, wanted_as, written_as
from core.loading.options import SHEETS
from core.rowset import RowSet
from core.settled import Settled
from core.steps.overlay import contents_of

WEIGHT = "sample_weight"


class ExportPart(NamedTuple):
    """Rows of the data set, ``start`` to ``stop``, from one source. suffix: of the names of their files.
    added: whether rows that steps added go behind them.
    """

    source: Source
    start: int
    stop: int
    suffix: str = ""
    added: bool = True


def sides(dataset: Dataset, settled: Settled, format: str, excel_safe: bool) -> list[PartWriter]:
    """The train source, and the serve source where decisions name its rows or columns. Raises `SettingError`
    for an unknown format.
    """
    if format not in FORMATS:
        raise SettingError.unknown(format, FORMATS)
    form, serve = ExportStyle(format, excel_safe), dataset.source.serve
    parts = [ExportPart(dataset.source, 0, dataset.rows)]
    if serve is not None and dataset.split is not None and dataset.split.how == "file":
        at = dataset.split.at
        parts = [ExportPart(dataset.source, 0, at)]
        if serve_decided(dataset, settled):
            parts.append(ExportPart(serve, at, dataset.rows, "-serve", added=False))
    writers = [_side(dataset, settled, part, form) for part in parts]
    for part, side in zip(parts, writers, strict=True):
        if side.plan["drop"]:
            typed = side.plan["write"]["kind"] == "typed"
            side.dropping = _side(dataset, as_they_were(dataset, settled, typed), part, form)
            if side.dropping.layout is not None and not typed:
                side.dropping.layout = replace(side.dropping.layout, untouched=dataset.rows)
    return writers


def not_written(dataset: Dataset, settled: Settled) -> int:
    """How many rows a second file has, for serve, that is not written, as nothing was decided about it."""
    split = dataset.split
    if not _second(dataset) or split is None or serve_decided(dataset, settled):
        return 0
    return dataset.rows - split.at


def _second(dataset: Dataset) -> bool:
    """Whether there is a second file, for serve."""
    return dataset.source.serve is not None and dataset.split is not None and dataset.split.how == "file"


def serve_decided(dataset: Dataset, settled: Settled) -> bool:
    """Whether there is a second file, for serve, and something was decided about its rows or columns."""
    serve, split = dataset.source.serve, dataset.split
    if serve is None or split is None or not _second(dataset):
        return False
    decided = settled.dropped | settled.relabelled | settled.blanked | settled.weighted
    columns = settled.contents or set(settled.omitted) & set(names_of(dataset, serve))
    return bool(columns) or bool(decided.mask(settled.status.size)[split.at : dataset.rows].any())


def _side(dataset: Dataset, settled: Settled, part: ExportPart, form: ExportStyle) -> PartWriter:
    source, start, stop, suffix, more = part
    added = settled.added if more else None
    columns = tuple(dataset[name] for name in names_of(dataset, source))
    plan = _undecided(source, columns, form)
    write = plan["write"]
    notes = []
    if write["format"] == "xlsx" and source.format in SHEETS:
        notes.append(
            f"The workbook holds the table of sheet {source.options['table']!r}: titles, formulas, formats "
            "and other sheets are in your own file alone."
        )
    side = PartWriter(
        dataset=dataset,
        source=source,
        start=start,
        stop=stop,
        suffix=suffix,
        plan=plan,
        columns=columns,
        added=added,
        notes=notes,
    )
    plan["rows"] = side.numbers.size
    plan["drop"] = _ranges(settled.dropped.mask(settled.status.size)[side.numbers])
    if side.kind not in (write["kind"], "typed") and write["kind"] != "text":
        plan["cells"] = [{"as": wanted_as(column, write["kind"])} for column in columns]
        side.cells = [
            list(reading_ways(column, plan["cells"][i]["as"], source)) for i, column in enumerate(columns)
        ]
    if settled.contents:
        _lay(side, settled)
    if side.kind == write["kind"] == "json":
        own = [one for one in contents_of(dataset) if one.source in plan["names"]]
        contents = own if side.layout is None else side.layout.contents
        side.forms = json_forms(dataset, settled, contents)
    plan["relabel"] = _relabel(side, settled)
    plan["weight"] = _weight(side, settled)
    stored = [column.stored for column in side.exported]
    write["types"] = stored + ["double"] * (len(write["header"] or ()) - len(stored))
    _omit(side, settled)
    return side


def _undecided(source: Source, columns: Sequence[Column], form: ExportStyle) -> dict[str, Any]:
    """The plan before any decision: how the file is read and written, all rows and columns as they are."""
    names = [column.name for column in columns]
    return {
        "raw": {"name": source.name, "sha256": source.sha256, "format": source.format, **read_plan(source)},
        "names": names,
        "rows": 0,
        "drop": [],
        "ending": ending_of(source, form.format),
        "write": written_as(source, names, form),
        "cells": [],
        "categories": [
            c.name
            for c in columns
            if c.source.startswith("dictionary<") and source_type(c.source) is not None
        ],
    }


def _comma_columns(side: PartWriter, layout: ExportLayout) -> frozenset[str]:
    """The columns whose numbers have a decimal comma in a source where others have a point."""
    if not side.source.options.get("comma_columns"):
        return frozenset()
    return frozenset(
        one.column.name
        for one in layout.contents
        if one.source and layout.text and "comma" in side.dataset[one.source].layouts
    )


def _lay(side: PartWriter, settled: Settled) -> None:
    """From here on, places are counted among the columns as exported."""
    plan, how = side.plan, side.plan["write"]
    comma = side.source.options.get("decimal") == "," and side.kind == how["kind"] == "text"
    text = side.kind == how["kind"] == "text"
    layout = ExportLayout.of(settled.contents, plan["names"], text, how["kind"] == "json", comma)
    side.layout = replace(
        layout, anew=_times_changed(side.dataset, settled), commas=_comma_columns(side, layout)
    )
    if how["header"] is not None:
        how["header"] = side.layout.header(how["header"])
    plan["names"] = side.layout.names
    unchanged = {c.source: c.column.name for c in side.layout.contents if c.values is None}
    plan["categories"] = [unchanged[name] for name in plan["categories"] if name in unchanged]


def _times_changed(dataset: Dataset, settled: Settled) -> frozenset[str]:
    """The columns of times in which a rule changed a value."""
    return frozenset(
        content.column.name
        for content in settled.contents
        if content.values is not None
        and content.source
        and content.column.stored.startswith("timestamp")
        and differing(dataset.table([content.source]).column(0), content.values.slice(0, dataset.rows)).any()
    )


def names_of(dataset: Dataset, source: Source) -> list[str]:
    """The columns of the data set that a source has."""
    return [name for name in source.options.get("names", dataset.names) if name in dataset.names]


def _omit(side: PartWriter, settled: Settled) -> None:
    """Take the columns left out from the plan; the last step, as places are counted with them until here."""
    plan, how = side.plan, side.plan["write"]
    omitted = plan["omit"] = [place for place, name in enumerate(plan["names"]) if name in settled.omitted]
    if omitted and len(omitted) == len(plan["names"]):
        raise SettingError(
            f"Every column of {side.source.name} is left out, so nothing remains to write. Take one in again."
        )
    for key in ("header", "types"):
        how[key] = how[key] and [entry for place, entry in enumerate(how[key]) if place not in omitted]


def _relabel(side: PartWriter, settled: Settled) -> list[list[Any]]:
    """``[place of the column, new cell, ranges]``, the cell as the side's cells are."""
    labels: list[list[Any]] = []
    for name, codes in settled.laid_over.items():
        if name in settled.omitted:
            continue
        part = codes[side.numbers]
        if name not in side.plan["names"]:
            if (part >= 0).any():
                raise SettingError(
                    f"{side.source.name} has no column {name!r} to change; undo what "
                    "was decided about its rows."
                )
            continue
        place = side.plan["names"].index(name)
        for code, ranges in _runs(part, part >= 0).items():
            labels.append([place, label_cell(side, side.exported[place], settled.values[int(code)]), ranges])
    return labels


def _weight(side: PartWriter, settled: Settled) -> dict[str, Any] | None:
    """The weights given, in the column of that role or in a new one; None where none were given anywhere."""
    if not len(settled.weighted):
        return None
    header, names = side.plan["write"]["header"], side.plan["names"]
    role = settled.called(side.dataset.roles.weight)
    place = names.index(role) if role in names and role not in settled.omitted else len(names)
    if place == len(names) and header is not None:
        taken = set(names) | set(header)
        header.append(
            next(
                name
                for name in (WEIGHT, *(f"{WEIGHT}_{n}" for n in range(2, len(names) + 3)))
                if name not in taken
            )
        )
    comma = (
        side.kind == "text"
        and side.source.options.get("decimal") == ","
        and side.plan["write"]["kind"] == "text"
    )

    def cell(weight: float) -> Any:
        if side.plan["write"]["kind"] != "text":
            return weight
        return repr(weight).replace(".", "," if comma else ".")

    part = settled.weight[side.numbers]
    given = [[cell(float(weight)), ranges] for weight, ranges in _runs(part, ~np.isnan(part)).items()]
    return {"column": place, "default": cell(1.0), "given": given}


def _ranges(mask: NDArray[np.bool_]) -> list[list[int]]:
    return RowSet.from_mask(mask).to_json()


def _runs(values: NDArray[Any], mask: NDArray[np.bool_]) -> dict[float, list[list[int]]]:
    """Per distinct value the ranges of rows that have it, of those in ``mask``."""
    rows = np.flatnonzero(mask)
    if not rows.size:
        return {}
    breaks = np.flatnonzero((np.diff(rows) != 1) | (values[rows][1:] != values[rows][:-1])) + 1
    runs: dict[float, list[list[int]]] = {}
    for first, past in zip([0, *breaks.tolist()], [*breaks.tolist(), rows.size], strict=True):
        runs.setdefault(values[rows[first]].item(), []).append([int(rows[first]), int(rows[past - 1]) + 1])
    return runs
