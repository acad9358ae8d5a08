"""Vectors beside the canonical file: from files, read in the child, from a column of the data, or from its
pictures, with a model of the user's or without.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.dataset import Dataset
from core.dataset.pictures import Pictures
from core.dataset.row_vectors import PICTURES, Vectors
from core.errors import ColumnError, LoadError
from core.limits import EMBED_MS, VECTOR_WIDTH
from core.loading import _checked, _folder
from core.progress import Progress

if TYPE_CHECKING:
    import pyarrow as pa

    from core.loading.images.embedding import EmbeddingSettings

KEPT = "vectors.npy"
MODEL = "model"
_WAY = 2  # of making vectors of pictures: another number where they come out differently
_ROWS = 1_024  # texts taken apart at once: of 4,096 numbers each they take some hundred MB
_LIST = r"^\[[^\[\]{}]*\]$"
_NUMBER = r"^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$"


def from_files(dataset: Dataset, sources: Sequence[tuple[Path, str]], progress: Progress) -> Vectors:
    """The vectors of one file for all rows, or of one per part. ``sources``: path, and what the file is
    called.
    """
    from core.loading.sandbox import run_child

    task: dict[str, Any] = {
        "sources": [{"path": str(_checked(path, name)), "name": name} for path, name in sources],
        "rows": dataset.rows,
    }
    with _folder(dataset.path.parent.parent) as folder:
        if dataset.split is not None:
            np.save(folder / "serve.npy", dataset.part_mask("serve"))
        answer = run_child(task | {"folder": str(folder), "vectors": KEPT}, folder, progress)
        return _settled(
            dataset,
            folder / KEPT,
            " and ".join(name for _, name in sources),
            answer["width"],
            answer["sha256"],
        )


def from_texts(dataset: Dataset, name: str, progress: Progress) -> Vectors:
    """The vectors of a column whose cells are lists of numbers, such as ``[0.1, 0.2]``.

    Raises `ColumnError` when it is no such column, and `LoadError` naming the first row that does not fit.
    """
    from core.loading.readers.vectors import finished, room

    if dataset[name].stored != "string":
        raise ColumnError(
            f"Column {name!r} holds {dataset[name].stored}, not lists of numbers. "
            "Choose one with cells like [0.1, 0.2]."
        )
    with _folder(dataset.path.parent.parent) as folder:
        done, width = 0, 0
        for batch in dataset.batches([name], _ROWS):
            values = _taken_apart(batch.column(0), name, done, width)
            if not width:
                width = values.shape[1]
                room(folder / KEPT, dataset.rows, width)
            target = np.load(folder / KEPT, mmap_mode="r+")
            with np.errstate(over="ignore"):
                target[done : done + len(values)] = values
            del target
            done += len(values)
            progress.at(0.9 * done / dataset.rows, "Reading vectors")
        width, digest = finished(folder / KEPT, dataset.rows, width, progress.part(0.9, 1.0))
        return _settled(dataset, folder / KEPT, name, width, digest)


def from_pictures(dataset: Dataset, progress: Progress) -> Vectors:
    """The vectors of the pictures of an image set (`core.numerics.picture_vectors`), made where they are not
    there yet. They are named by the pictures, so that they have one name on every machine.

    Raises `LoadError` where the data have no pictures.
    """
    from core.numerics.picture_vectors import picture_vectors

    base, pictures = _of_images(dataset)
    digest = hashlib.sha256(f"{PICTURES},{_WAY},{base.fingerprint}".encode()).hexdigest()
    if there := _kept(Vectors(PICTURES, 0, digest, _place(base, digest))):
        return there
    vectors = picture_vectors(pictures.small(), pictures.readable, progress)
    with _folder(base.path.parent.parent) as folder:
        np.save(folder / KEPT, vectors)
        return _settled(base, folder / KEPT, PICTURES, vectors.shape[1], digest)


def from_model(
    dataset: Dataset, source: tuple[Path, str], settings: EmbeddingSettings, progress: Progress
) -> Vectors:
    """The vectors that a model of the user's gives for the pictures, run in the child, made where they are
    not there yet. They are named by the pictures, the model and its settings. ``source``: path and name of an
    ONNX file.

    Raises `LoadError` where the data have no pictures, or the file is refused or cannot be run.
    """
    from core.loading.sandbox import run_child

    base, pictures = _of_images(dataset)
    path, name = _checked(*source), source[1]
    if not path.is_file():
        raise LoadError(f"{name} is a folder. Give one ONNX file.")
    with path.open("rb") as file:
        model = hashlib.file_digest(file, "sha256").hexdigest()
    of = json.dumps([MODEL, _WAY, base.fingerprint, model, settings.to_json()])
    digest = hashlib.sha256(of.encode()).hexdigest()
    final = Vectors(name, 0, digest, _place(base, digest), model=True)
    if there := _kept(final):
        return there
    task = {
        "sources": [{"path": str(path), "name": name}],
        "model": settings.to_json(),
        "pictures_of": str(base.path.parent),
        "more_seconds": pictures.rows * EMBED_MS.value // 1_000,
    }
    with _folder(base.path.parent.parent) as folder:
        answer = run_child(task | {"folder": str(folder), "vectors": KEPT}, folder, progress)
        return replace(_settled(base, folder / KEPT, name, answer["width"], digest), model=True)


def _of_images(dataset: Dataset) -> tuple[Dataset, Pictures]:
    """The data as loaded, and their pictures."""
    base = dataset.base or dataset
    pictures = base.pictures
    if pictures is None or not pictures.readable.any():
        raise LoadError(f"The data set {dataset.name!r} has no pictures to make vectors of.")
    return base, pictures


def _place(dataset: Dataset, digest: str) -> Path:
    return dataset.path.parent / f"vectors-{digest[:16]}.npy"


def _kept(vectors: Vectors) -> Vectors | None:
    """The vectors, where their file is there already."""
    if not vectors.path.exists():
        return None
    return replace(vectors, width=vectors.mapped().shape[1])


def _settled(dataset: Dataset, file: Path, name: str, width: int, digest: str) -> Vectors:
    """Move the finished file beside the canonical one."""
    final = _place(dataset, digest)
    try:
        file.replace(final)
    except FileNotFoundError as error:
        raise LoadError(
            f"The data set {dataset.name!r} is gone from the workspace. Load it again."
        ) from error
    return Vectors(name, width, digest, final)


def _taken_apart(texts: pa.Array, name: str, first: int, width: int) -> NDArray[np.float64]:
    """The numbers of each text, rows x width. ``first``: row id of the first text. ``width``: of the rows
    before, 0 if there are none.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    trimmed = pc.utf8_trim_whitespace(texts.cast(pa.string()))
    _all(pc.fill_null(pc.match_substring_regex(trimmed, _LIST), False), name, first, trimmed)
    parts = pc.split_pattern(pc.utf8_slice_codeunits(trimmed, 1, -1), ",")
    lengths = pc.list_value_length(parts)
    wide = width or lengths[0].as_py()
    if not 2 <= wide <= VECTOR_WIDTH.value:
        raise LoadError(
            f"The lists in {name!r} hold {wide:,} numbers; 2 to {VECTOR_WIDTH.value:,} are taken."
        )
    _all(pc.equal(lengths, wide), name, first, trimmed, f"; the rows before hold {wide:,} numbers")
    cells = pc.utf8_trim_whitespace(parts.flatten())
    try:
        numbers = pc.cast(cells, pa.float64())
    except pa.ArrowInvalid:
        _all(pc.match_substring_regex(cells, _NUMBER), name, first, trimmed, wide=wide)
        raise
    return np.asarray(numbers).reshape(-1, wide)


def _all(
    good: pa.BooleanArray, name: str, first: int, texts: pa.Array, more: str = "", wide: int = 1
) -> None:
    """Raise `LoadError` for the first row that is not good; ``wide`` flags per row."""
    flags = np.asarray(good)
    if flags.all():
        return
    at = int(flags.argmin()) // wide
    text = texts[at].as_py()
    shown = "nothing" if text is None else repr(text[:40]) + ("…" if len(text) > 40 else "")
    raise LoadError(
        f"Row {first + at:,} of {name!r} holds {shown}, not a list of numbers like the others{more}. "
        "Mend it or drop the row."
    )
