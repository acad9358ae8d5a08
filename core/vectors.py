"""Vectors made elsewhere (embeddings) in place of the columns: rows are then compared by them.

    data = attach(load("train.csv", serve="serve.csv"), "train.npy", "serve.npy")
    run("overlap", data)
    data = from_model(load("pets.zip"), "model.onnx", EmbeddingSettings(pixels="0 to 255"))

They are kept beside the data set, found again with it by `core.workspace.open_recent`, and removed with it.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from core.dataset import Dataset
from core.dataset.row_vectors import Vectors
from core.errors import SettingError
from core.loading import attaching
from core.loading.attaching import from_files, from_texts
from core.progress import SILENT, Progress
from core.workspace import remember
from core.workspace.quota import leave, make_room

if TYPE_CHECKING:
    from core.loading.images.embedding import EmbeddingSettings


def attach(
    dataset: Dataset,
    path: str | Path,
    serve: str | Path | None = None,
    *,
    names: tuple[str, ...] = (),
    progress: Progress = SILENT,
) -> Dataset:
    """The data set with the vectors of a file: ``.npy`` with one row per row of the data, or ``.npz`` with
    arrays train and serve.

    serve: a second file, for the rows of the serve part; the first is for those of train then. names: what
    the files are called, where the paths do not say it. Raises `LoadError` for a file that is not one of
    finite numbers or does not fit the rows, `SettingError` for a second file where there is no serve part,
    `StoreError` when there is no room.
    """
    if serve is not None and dataset.split is None:
        raise SettingError(
            "Vectors were given for a serve part, but the data have none. "
            "Load serving data too, or split the data."
        )
    paths = [Path(given) for given in (path, serve) if given is not None]
    make_room(sum(given.stat().st_size for given in paths if given.is_file()))
    sources = [
        (given, name) for given, name in zip(paths, names or [given.name for given in paths], strict=True)
    ]
    return _with(dataset, from_files(dataset, sources, progress))


def from_column(dataset: Dataset, name: str, progress: Progress = SILENT) -> Dataset:
    """The data set with vectors from a column whose cells are lists of numbers: ``[0.1, 0.2, …]`` as text, or
    a list column of Parquet.

    Raises `ColumnError` for a column without lists, `LoadError` for the first row that does not fit,
    `StoreError` when there is no room.
    """
    dataset[name]
    make_room(0)
    return _with(dataset, from_texts(dataset, name, progress))


def from_pictures(dataset: Dataset, progress: Progress = SILENT) -> Dataset:
    """The data set with vectors of its pictures: edges, layout and colour, made without a model. An archive
    or a folder of images has them once it is loaded.

    Raises `LoadError` where it has no pictures, `StoreError` when there is no room.
    """
    make_room(0)
    return _with(dataset, attaching.from_pictures(dataset, progress))


def from_model(
    dataset: Dataset,
    path: str | Path,
    settings: EmbeddingSettings | None = None,
    *,
    name: str = "",
    progress: Progress = SILENT,
) -> Dataset:
    """The data set with the vectors that a model gives for its pictures: an ONNX file of yours.

    It is run in a process of its own, within limits of time and memory; the package onnxruntime does that.
    settings: what the model is given. name: what the file is called, where the path does not say it. Raises
    `LoadError` where the data have no pictures, and for a file that keeps weights in other files, needs
    operators that are not ONNX's own, or does not give one vector for one picture; `StoreError` when there is
    no room.
    """
    from core.loading.images.embedding import EmbeddingSettings

    make_room(0)
    source = (Path(path), name or Path(path).name)
    return _with(dataset, attaching.from_model(dataset, source, settings or EmbeddingSettings(), progress))


def detach(dataset: Dataset) -> Dataset:
    """The data set as it was before vectors were attached; their file goes, once no session works by it."""
    changed = replace(dataset, vectors=None)
    remember(changed)
    _remove(dataset, changed)
    return changed


def _with(dataset: Dataset, vectors: Vectors) -> Dataset:
    changed = replace(dataset, vectors=vectors)
    try:
        make_room(0)  # a compressed file takes more room than it did where it came from
    except BaseException:
        _remove(changed, dataset)
        raise
    remember(changed)
    _remove(dataset, changed)
    return changed


def _remove(past: Dataset, now: Dataset) -> None:
    """Remove the file of vectors that are no longer attached."""
    if past.vectors is not None and (now.vectors is None or now.vectors.path != past.vectors.path):
        leave(past.vectors.path, past)
