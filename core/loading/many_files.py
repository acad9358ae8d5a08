"""Several files of one shape that are one table: all in a folder, or those that a pattern names. Each is read
by itself, as any file is; a column says which file a row is from.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import LoadError
from core.finding import Finding
from core.loading.file_parts import FilePart
from core.loading.options import Options
from core.loading.readers import Staged, check_width
from core.phrases import names, quoted
from core.rowset import RowSet

if TYPE_CHECKING:
    import pyarrow as pa

COLUMN = "file"


@dataclass
class _Joined:
    """The files read, and of each column its name and, file by file, its place there."""

    parts: Sequence[FilePart]
    read: Sequence[Staged]
    columns: list[str]
    places: list[list[int | None]]
    common: dict[int, pa.DataType] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        return sum(one.rows for one in self.read)


def joined(parts: Sequence[FilePart], read: Sequence[Staged], name: str) -> Staged:
    """The files as one table, in their order. Raises `LoadError` where they are no parts of one table."""
    first = read[0]
    _one_mark(read)
    for part, one in zip(parts, read, strict=True):
        if type(one.cells) is not type(first.cells) or one.cells != first.cells:
            raise LoadError(
                f"{quoted(parts[0].name)} and {quoted(part.name)} are written differently "
                f"({_way(first)}, {_way(one)}). Name files of one kind, or say how to read them."
            )
    columns = list(dict.fromkeys(column for one in read for column in one.names))
    check_width(len(columns) + 1, name)
    shared = [column for column in columns if all(column in one.names for one in read)]
    if not shared:
        pairs = zip(parts, read, strict=True)
        other = next((part for part, one in pairs if not set(one.names) & set(first.names)), parts[-1])
        raise LoadError(
            f"{quoted(parts[0].name)} and {quoted(other.name)} have no column in common, so they are "
            "no parts of one table. Name files of one shape."
        )
    places = [[one.names.index(c) if c in one.names else None for one in read] for c in columns]
    whole = _Joined(parts, read, columns, places)
    _unify(whole)
    title = _free(COLUMN, columns)
    types = [
        next(one.types[p] for one, p in zip(read, spots, strict=True) if p is not None) for spots in places
    ]
    return Staged(
        names=[*columns, title],
        rows=whole.rows,
        format=first.format,
        cells=first.cells,
        batches=_batches(whole),
        types=[*types, "text" if first.types and first.types[0] == "text" else "string"],
        options=_options(whole, title),
        findings=_findings(whole),
        aside=sum(one.aside for one in read),
        kinds={column: kind for one in read for column, kind in one.kinds.items()},
    )


def _one_mark(read: Sequence[Staged]) -> None:
    """Read files without any decimals with the decimal comma of the others."""
    comma = next((one for one in read if one.options.get("decimal") == ","), None)
    for one in read:
        if comma is not None and one.options.get("decimal") == "." and not _has_points(one):
            one.cells = comma.cells
            one.options["decimal"] = ","


def _has_points(one: Staged) -> bool:
    """Whether any cell is a number with a decimal point."""
    import pyarrow.compute as pc

    point = r"^\s*[+-]?\d*\.\d+\s*$"
    return any(
        pc.any(pc.match_substring_regex(array, point)).as_py()
        for batch in one.batches(list(range(len(one.names))))
        for array in batch.columns
    )


def _way(one: Staged) -> str:
    decimal = one.options.get("decimal")
    return f"{one.format} with decimal {'comma' if decimal == ',' else 'point'}" if decimal else one.format


def _free(title: str, taken: list[str]) -> str:
    turn = 0
    while (name := title if not turn else f"{title}.{turn}") in taken:
        turn += 1
    return name


def _unify(whole: _Joined) -> None:
    """Find the type that holds a column of all files, where theirs differ. Raises `LoadError` for none."""
    import pyarrow as pa

    for at, spots in enumerate(whole.places):
        there = [
            (one, p, part)
            for one, p, part in zip(whole.read, spots, whole.parts, strict=True)
            if p is not None
        ]
        if len({one.types[p] for one, p, _ in there}) < 2:
            continue
        kinds = []
        for one, place, _ in there:
            kind = next(one.column(place)).type
            kinds.append(kind.value_type if pa.types.is_dictionary(kind) else kind)
        try:
            schemas = [pa.schema([("c", kind)]) for kind in kinds]
            whole.common[at] = pa.unify_schemas(schemas, promote_options="permissive").field(0).type
        except pa.ArrowException as error:
            unlike = next(each for each, kind in zip(there, kinds, strict=True) if kind != kinds[0])
            (one, p, part), (two, q, other) = there[0], unlike
            column = quoted(whole.columns[at])
            raise LoadError(
                f"{column} holds {one.types[p]} in {quoted(part.name)} and {two.types[q]} in "
                f"{quoted(other.name)}. Mend one of them, or leave it out of the pattern."
            ) from error


def _batches(whole: _Joined) -> Callable[[list[int]], Iterator[pa.RecordBatch]]:
    import pyarrow as pa

    def cells(batch: Any, wanted: list[int], places: list[int], which: int) -> Iterator[Any]:
        for column in places:
            spot = whole.places[column][which] if column < len(whole.columns) else None
            if column == len(whole.columns):
                text = whole.parts[which].name
                given = pa.array([_file_cell(text, whole.read[0])], pa.string())
                yield given.take(pa.array([0] * batch.num_rows, pa.int8()))
            elif spot is None:
                yield pa.nulls(batch.num_rows, whole.common.get(column) or _type_of(whole, column))
            else:
                array = batch.column(wanted.index(spot))
                kind = whole.common.get(column)
                yield array if kind is None or array.type == kind else array.cast(kind)

    def batches(places: list[int]) -> Iterator[pa.RecordBatch]:
        for which, one in enumerate(whole.read):
            spots = [whole.places[column][which] for column in places if column < len(whole.columns)]
            wanted = list(dict.fromkeys(spot for spot in spots if spot is not None)) or [0]
            for batch in one.batches(wanted):
                arrays = list(cells(batch, wanted, places, which))
                yield pa.record_batch(arrays, names=[str(place) for place in places])

    return batches


def _file_cell(text: str, one: Staged) -> str:
    """The name of a file as a cell of the format: of JSON it is a JSON text."""
    return json.dumps(text, ensure_ascii=False) if one.types and one.types[0] == "json" else text


def _type_of(whole: _Joined, column: int) -> pa.DataType:
    """The type of a column in the first file that has it."""
    pairs = zip(whole.read, whole.places[column], strict=True)
    one, place = next((one, place) for one, place in pairs if place is not None)
    kind: pa.DataType = next(one.column(place)).type
    return kind


def _options(whole: _Joined, title: str) -> dict[str, Any]:
    """How the files were read: what is the same for all of them, the rest as it was for the first, but found
    out again when they are read again.
    """
    first, known = whole.read[0].options, {one.name for one in fields(Options)}
    same = {
        key: value
        for key, value in first.items()
        if key not in known or all(one.options.get(key) == value for one in whole.read)
    }
    header = first.get("header")
    listed = [{"name": p.name, "rows": one.rows} for p, one in zip(whole.parts, whole.read, strict=True)]
    whole_header = None if header is None else [*whole.columns, title]
    return same | {"header": whole_header, "names": [*whole.columns, title], "files": listed}


def _findings(whole: _Joined) -> list[Finding]:
    """What was found in the files, each once; and which columns some of them lack."""
    by_title: dict[str, Finding] = {}
    start = 0
    for part, one in zip(whole.parts, whole.read, strict=True):
        for finding in one.findings:
            moved = RowSet(finding.rows.ids + start) if finding.rows else finding.rows
            title = f"{part.name}: {finding.title}" if len(whole.parts) > 1 else finding.title
            about = f"{finding.about} {part.name}".strip()
            by_title[title] = replace(finding, title=title, rows=moved, about=about)
        start += one.rows
    lacking = _lacking(whole)
    return [*([lacking] if lacking else []), *by_title.values()]


def _lacking(whole: _Joined) -> Finding | None:
    lost = [c for c, spots in zip(whole.columns, whole.places, strict=True) if None in spots]
    if not lost:
        return None
    spots = whole.places[whole.columns.index(lost[0])]
    without = [part.name for part, spot in zip(whole.parts, spots, strict=True) if spot is None]
    has = "is" if len(lost) == 1 else "are"
    title = (
        f"{names(lost)} {has} not in every file ({quoted(lost[0])} not in {names(without)}); missing there."
    )
    rows = sum(one.rows for one, spot in zip(whole.read, spots, strict=True) if spot is None)
    why = (
        "A column that begins or ends with a file says which file a row is from, and a model may learn that."
    )
    what = "Leave these columns out, or name only files that have them."
    share = rows / max(1, whole.rows)
    return Finding(
        "columns_of_some_files", title, "warning", share, why, what, columns=tuple(lost), value=share
    )


def join_aside(parts: Sequence[FilePart], folders: Sequence[Path], folder: Path) -> None:
    """One list of the lines kept aside of all files; the reason names the file."""
    found = [(part, place / "aside.csv") for part, place in zip(parts, folders, strict=True)]
    found = [(part, path) for part, path in found if path.exists()]
    if not found:
        return
    with (folder / "aside.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["line", "reason", "text"])
        for part, path in found:
            with path.open(encoding="utf-8", newline="") as file:
                lines = csv.DictReader(file)
                writer.writerows((row["line"], f"{part.name}: {row['reason']}", row["text"]) for row in lines)
