"""The pictures that decisions left, as a zip: the files as they came, byte for byte, each in the folder of
its class as decided, beside a table of where each came from.
"""

from __future__ import annotations

import re
import zipfile
from pathlib import Path, PurePosixPath

import numpy as np

from core.dataset import Dataset
from core.dataset.keypoints import KEYPOINTS
from core.decided import as_decided
from core.export.archive import WHEN
from core.export.pictures_table import TABLE, TABLE_OF_OBJECTS, ExportedImage, ImageTable
from core.export.plan import not_written
from core.phrases import count, verb
from core.phrases import names as listed_names
from core.progress import SILENT, Progress
from core.review import Review
from core.steps import settle

IMAGES = "images.zip"
_UNSAFE = re.compile(r"[\x00-\x1f/\\:*?\"<>|]")


def write_images(dataset: Dataset, review: Review, out: Path, progress: Progress = SILENT) -> list[str]:
    """Write the images of ``dataset`` as decided to ``out``, one after another; gives what a person should
    know of it. Images of which a part of the data has no file are left out.

    In the zip: ``class/name`` where there is a label, ``train/class/name`` where the data are split, by the
    folders that the images came in into parts of their names, be they two or three (`_parts`); and
    ``metadata.csv``, or ``metadata.jsonl`` where they have boxes: file_name, label, row (position in the
    source), source (name there), their weight and their objects. Images of a second archive are there where
    its table is.
    """
    settled, pictures = settle(review.decisions, dataset), dataset.pictures
    assert pictures is not None
    decided = as_decided(dataset, review, settled)
    own = decided.source_ids(np.arange(decided.rows, dtype=np.int64))
    names, labels = _column(dataset, decided, "image"), _column(dataset, decided, "target")
    alone, parts = not_written(dataset, settled) > 0, _parts(decided)
    rows = np.flatnonzero(~decided.part_mask("serve")) if alone else np.arange(decided.rows)
    images, taken, without, renamed = list[ExportedImage](), set[str](), list[str](), 0
    table = ImageTable.of(dataset, decided, settled)
    with zipfile.ZipFile(out, "w") as whole:
        for at in progress.each(rows.tolist(), "Writing images"):
            row = int(own[at])
            content = pictures.original(row) if row < pictures.rows else b""
            if not content:
                without.append(names[at] or f"row {row}")
                continue
            label = labels[at]
            own_name = PurePosixPath(names[at] or str(row)).name
            where = [*(one for one in (None if alone else parts[at], label) if one is not None), own_name]
            name = free("/".join(map(safe, where)), taken)
            renamed += name.split("/") != where
            whole.writestr(entry(name), content)
            images.append(ExportedImage(name, label, row, names[at]))
        whole.writestr(entry(table.name), table.written(images))
        for file, content_of in table.beside():
            whole.writestr(entry(file), content_of)
    lines = table.notes(images, IMAGES)
    return [*[_lacking(without)] * bool(without), *[_renamed(renamed, table.name)] * bool(renamed), *lines]


def _lacking(called: list[str]) -> str:
    """Which rows have no file in the zip, and why.

    >>> _lacking(["dog/empty.jpg"])
    "1 row without a file of its own in images.zip, as its file is empty or not there: 'dog/empty.jpg'."
    """
    its, are = verb(len(called), "its", "their"), verb(len(called), "file is", "files are")
    return (
        f"{count(len(called), 'row')} without a file of {its} own in {IMAGES}, as {its} {are} empty or not "
        f"there: {listed_names(called)}."
    )


def _renamed(number: int, table: str = TABLE) -> str:
    """How many files have another name or folder in the zip than theirs in the data, and by which rule.

    >>> _renamed(1).partition(":")[0]
    '1 file in images.zip has another name or folder than in the data'
    """
    return (
        f"{count(number, 'file')} in {IMAGES} {verb(number, 'has', 'have')} another name or folder than in "
        'the data: each of / \\ : * ? " < > | and of control characters is written as _, blanks and full '
        f"stops at the end go, and a name that another file has gets a number. {table} has both names."
    )


def _column(dataset: Dataset, decided: Dataset, what: str) -> list[str | None]:
    """The names of the images, or their labels, as text, per row as decided."""
    if what == "image":
        found = next(iter(dataset.of_kind("image")), "")
    else:
        found = decided.roles.target or ("label" if "label" in decided.names else "")
    if found not in decided.names:
        return [None] * decided.rows
    cells = decided.table([found]).column(0).to_pylist()
    return [None if cell is None else str(cell) for cell in cells]


def _parts(decided: Dataset) -> list[str | None]:
    """The folder of the part of each row: where the data are split by the folders they came in, the folder's
    own name, so that train, valid and test come back as three; where they are split otherwise train and
    serve; None where they are not split.
    """
    from core.loading.images.layouts.arranged import PARTS
    from core.loading.looking import suggested_split

    serve, said, split = decided.part_mask("serve"), suggested_split(decided.source), decided.split
    usual: list[str | None] = [None] * decided.rows
    if serve.any():
        usual = ["serve" if one else "train" for one in serve.tolist()]
    if said is None or split is None or said.column not in decided.names:
        return usual
    if (split.how, split.column) != ("value", said.column):
        return usual
    cells = decided.table([said.column]).column(0).to_pylist()
    return [
        cell if cell is None or str(cell).lower() in PARTS else part
        for cell, part in zip(cells, usual, strict=True)
    ]


def safe(name: str) -> str:
    """A name for one file or folder, which leads nowhere else.

    >>> safe("../a:b"), safe(".."), safe("")
    ('.._a_b', '_', '_')
    """
    return _UNSAFE.sub("_", name).rstrip(". ") or "_"


def free(name: str, taken: set[str]) -> str:
    """The name, with a number where another file has it, in upper or lower case."""
    stem, dot, ending = name.rpartition(".")
    free, number = name, 1
    while free.casefold() in taken or free in (TABLE, TABLE_OF_OBJECTS, KEYPOINTS):
        number += 1
        free = f"{stem}-{number}{dot}{ending}" if dot else f"{name}-{number}"
    taken.add(free.casefold())
    return free


def entry(name: str) -> zipfile.ZipInfo:
    """A file of a zip, the same whenever it is written."""
    made = zipfile.ZipInfo(name, WHEN)
    made.external_attr = 0o644 << 16
    return made
