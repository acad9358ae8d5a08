"""Images in the cells of a table: Hugging Face's structs of bytes and path, plain bytes, and data URIs.

Hugging Face: ``datasets/features/image.py``; integers of a ClassLabel get the names that stand in the
metadata of the schema under ``huggingface``. Fields are found by their names, as older files have them in
the other order.
"""

from __future__ import annotations

import base64
import binascii
import functools
import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import accumulate, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.dataset.column import Kind
from core.errors import LoadError
from core.finding import Finding
from core.limits import IMAGE_MB, IMAGES
from core.loading.cells import Cells, JsonCells
from core.loading.images.findings import taken_findings
from core.loading.images.names import MAGIC, distinct
from core.loading.images.taking import Picture, PictureFacts, measured_columns, take
from core.loading.readers import Staged
from core.loading.text import as_text
from core.loading.typed_cells import TypedCells
from core.phrases import names as names_of
from core.progress import Progress

if TYPE_CHECKING:
    import pyarrow as pa

URI = "data:image/"
_MAGIC = (*MAGIC, b"RIFF", b"BM")
_LOOKED = 20  # cells that are looked at
_MISSING = "its cell is empty"


def image_columns(staged: Staged) -> list[int]:
    """The positions of the columns whose cells are images."""
    found = []
    for place, kind in enumerate(staged.types):
        nested = kind.startswith("struct<") and "bytes: " in kind and "path: " in kind
        if nested or kind in ("binary", "large_binary"):
            cells = _first(staged, place)
            contents = [_content(cell) for cell in cells if cell is not None]
            if any(one.startswith(_MAGIC) for one in contents) or (nested and cells):
                found.append(place)
        elif kind in ("text", "json", "string", "large_string"):
            cells = [cell for cell in _first(staged, place) if isinstance(cell, str)]
            if cells and sum(cell.lstrip('"').startswith(URI) for cell in cells) >= 0.9 * len(cells):
                found.append(place)
    return found


def _lists_of_images(staged: Staged) -> list[int]:
    """The positions of the columns whose cells are lists of images."""
    starts = ("list<", "large_list<", "fixed_size_list<")
    nested = [kind.startswith(starts) and "bytes: " in kind and "path: " in kind for kind in staged.types]
    return [place for place, one in enumerate(nested) if one]


def _first(staged: Staged, place: int) -> list[Any]:
    """The first cells of a column."""
    chunk = next(iter(staged.column(place)), None)
    return [] if chunk is None else [_cell(one) for one in chunk.slice(0, _LOOKED)]


def _cell(scalar: Any) -> Any:
    return scalar.as_py()


def _content(cell: Any) -> bytes:
    """The bytes of the image in a cell; b"" where it holds none."""
    if isinstance(cell, dict):
        cell = cell.get("bytes")
    if isinstance(cell, bytes):
        return cell
    if isinstance(cell, str) and cell.strip('"').startswith(URI):
        return _decoded(cell.strip('"'))
    return b""


def _decoded(uri: str) -> bytes:
    """The bytes of a data URI in base 64, which become three quarters of its length."""
    head, _, body = uri.partition(",")
    if not head.endswith(";base64") or len(body) * 3 / 4 > IMAGE_MB.value * 1_000_000:
        return b""
    try:
        return base64.b64decode(body, validate=False)
    except (binascii.Error, ValueError):
        return b""


def with_images(staged: Staged, path: Path, name: str, folder: Path, progress: Progress) -> Staged:
    """The table with its column of images as names, what is measured of them behind its columns, and the
    pictures kept in ``folder``; as it is where it has no such column.
    """
    places = image_columns(staged)
    staged = _without_bytes(staged, [*places[1:], *_lists_of_images(staged)])
    if not places:
        return staged
    place = places[0]
    if staged.rows > IMAGES.value:
        raise LoadError(
            f"{name} holds {staged.rows:,} images; the limit is {IMAGES.value:,}. "
            f"Give a part of them, or raise {IMAGES.env}."
        )
    names: list[str] = []
    contents: list[Any] = []
    without: dict[int, str] = {}  # row -> why it has no bytes
    for chunk in staged.column(place):
        for scalar in chunk:
            cell = _cell(scalar)
            called = cell.get("path") if isinstance(cell, dict) else None
            names.append(str(called or f"{staged.names[place]}-{len(names):06d}"))
            contents.append(_spooled(_content(cell), folder, len(contents)))
            if contents[-1] is None:
                without[len(names) - 1] = _why_none(cell)
    names = distinct(names)
    for row in (row for row, why in without.items() if why == _MISSING):
        names[row] = f"row {row}"
    taken = take([Picture(n, read) for n, read in zip(names, contents, strict=True)], folder, progress)
    taken.why.update(without)
    return _joined(staged, place, names, taken, _class_names(path, staged))


def _without_bytes(staged: Staged, places: list[int]) -> Staged:
    """The table with names of files for the images of these columns, which are not shown; that is said."""
    import pyarrow as pa

    if not places:
        return staged

    def batches(wanted: list[int]) -> Iterator[pa.RecordBatch]:
        for batch in staged.batches(wanted):
            columns = [
                _as_cells(_paths(cells), staged.cells) if at in places else cells
                for at, cells in zip(wanted, batch.columns, strict=True)
            ]
            yield pa.record_batch(columns, names=[str(at) for at in wanted])

    typed = isinstance(staged.cells, TypedCells)
    types = ["string" if typed and at in places else kind for at, kind in enumerate(staged.types)]
    called = tuple(staged.names[at] for at in sorted(places))
    finding = Finding(
        "more_image_columns",
        f"The images in {names_of(called)} are not shown.",
        "warning",
        0.3,
        "A row has one image here: that of the first column of them. Of the others the names of their files "
        "are kept, where there are any.",
        "Load a table in which the images that you want to see are in the first such column, one in a cell.",
        columns=called,
        value=float(len(called)),
        left_out=True,
    )
    return replace(staged, types=types, batches=batches, findings=[*staged.findings, finding])


def _paths(cells: pa.Array) -> pa.Array:
    """The names of the files of images; of lists of them, as JSON. Null where there are none."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_struct(cells.type):
        return pc.struct_field(cells, "path").cast(pa.string())
    if not pa.types.is_nested(cells.type):
        return pa.nulls(len(cells), pa.string())
    paths = pc.struct_field(pc.list_flatten(cells), "path").to_pylist()
    lengths = pc.fill_null(pc.list_value_length(cells), 0).to_pylist()
    ends = list(accumulate(lengths, initial=0))
    lists = [paths[start:end] for start, end in pairwise(ends)]
    return pa.array([json.dumps(one, ensure_ascii=False) if one else None for one in lists], pa.string())


def _why_none(cell: Any) -> str:
    """Why the cell of an image gives no bytes."""
    if cell is None or cell == "" or (isinstance(cell, dict) and not any(cell.values())):
        return _MISSING
    if isinstance(cell, dict) and cell.get("path") and not cell.get("bytes"):
        return "the table has its name and not its bytes"
    return "its cell holds no image"


def _spooled(content: bytes, folder: Path, row: int) -> Any:
    """How the bytes of a cell are read again, which lie on the disk meanwhile; None for no bytes."""
    if not content:
        return None
    spool = folder / "cells.bin"
    with spool.open("ab") as file:
        offset = file.tell()
        file.write(content)
    return functools.partial(_again, spool, offset, len(content))


def _again(path: Path, offset: int, length: int) -> bytes:
    with path.open("rb") as file:
        file.seek(offset)
        return file.read(length)


def _class_names(path: Path, staged: Staged) -> dict[int, list[str]]:
    """Position of a column -> the names of its classes, of a Parquet file of Hugging Face's."""
    if staged.format != "parquet":
        return {}
    import pyarrow.parquet as pq

    plain = (pq.read_schema(path).metadata or {}).get(b"huggingface")
    try:
        features = json.loads(plain or b"{}").get("info", {}).get("features", {})
    except (ValueError, AttributeError):
        return {}
    listed = {
        staged.names.index(name): feature["names"]
        for name, feature in features.items()
        if name in staged.names and isinstance(feature, dict) and feature.get("_type") == "ClassLabel"
        if isinstance(feature.get("names"), list)
    }
    return {place: [str(one) for one in names] for place, names in listed.items()}


def _joined(
    staged: Staged, place: int, names: list[str], taken: PictureFacts, classes: dict[int, list[str]]
) -> Staged:
    """The staged table with names for images, names for classes, and the measures behind."""
    import pyarrow as pa

    extra = measured_columns(taken, staged.names)
    shown = [None if taken.why.get(row) == _MISSING else called for row, called in enumerate(names)]
    behind = [_as_cells(values, staged.cells) for values in extra.arrays.values()]
    width = len(staged.names)

    def batches(places: list[int]) -> Iterator[pa.RecordBatch]:
        own = [at for at in places if at < width and at != place]
        start = 0
        # a column is read to know how many rows each batch has
        for batch in staged.batches(own or [0 if place else min(1, width - 1)]):
            cells = dict(zip(own, batch.columns, strict=False))
            rows = batch.num_rows
            picked = []
            for at in places:
                if at == place:
                    picked.append(_as_cells(pa.array(shown[start : start + rows], pa.string()), staged.cells))
                elif at >= width:
                    picked.append(behind[at - width].slice(start, rows))
                else:
                    picked.append(_named(cells[at], classes.get(at)))
            start += rows
            yield pa.record_batch(picked, names=[str(at) for at in places])

    types = list(staged.types)
    types[place] = "string" if isinstance(staged.cells, TypedCells) else types[place]
    kinds: dict[str, Kind] = {staged.names[place]: "image", **extra.kinds}
    kinds |= {staged.names[at]: "category" for at in classes}
    return replace(
        staged,
        names=[*staged.names, *extra.arrays],
        types=[*types, *(types[place] for _ in behind)],
        batches=batches,
        options={
            **staged.options,
            "image_column": staged.names[place],
            **({"class_columns": [staged.names[at] for at in classes]} if classes else {}),
        },
        findings=[*staged.findings, *taken_findings(taken, names)],
        kinds=kinds,
        empty=extra.empty,
    )


def _as_cells(values: Any, cells: Cells) -> Any:
    """Values as the cells of a table's format: as they are, as text, or as the text of JSON."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if isinstance(cells, TypedCells):
        return values
    if isinstance(cells, JsonCells):
        return pa.array([None if one is None else json.dumps(one) for one in values.to_pylist()], pa.string())
    texts = as_text(values)
    decimal = getattr(cells, "decimal", ".")
    return (
        texts
        if decimal == "." or pa.types.is_string(values.type)
        else pc.replace_substring(texts, ".", decimal)
    )


def _named(values: Any, names: list[str] | None) -> Any:
    """Integers of a ClassLabel as the names of the classes."""
    import pyarrow as pa

    if names is None:
        return values
    texts = [None if at is None or not 0 <= at < len(names) else names[at] for at in values.to_pylist()]
    return pa.array(texts, pa.string())
