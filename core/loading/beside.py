"""A file that is looked at beside a data set: read in the child like every file, and not kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.dataset import Dataset
from core.errors import LoadError
from core.loading import _folder, load
from core.loading.options import IMAGES
from core.progress import SILENT, Progress


@contextmanager
def table_of(dataset: Dataset, path: Path, name: str, progress: Progress = SILENT) -> Iterator[Dataset]:
    """The table in a file, until the end of the block; then nothing of it stays. It lies beside the data set
    for as long. name: what the file is called, where its path does not say it. Raises `LoadError`.
    """
    called = name or path.name
    with _folder(dataset.path.parent.parent) as folder:
        table = load(path, into=folder / "table", files=(called,), name=called, progress=progress)
        if table.source.format == IMAGES:
            raise LoadError(
                f"{called} holds images where a table is wanted. Give a CSV, Parquet or .npy file."
            )
        yield table
