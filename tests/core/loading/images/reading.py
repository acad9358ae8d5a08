"""Read an archive here and now, without the child process, with the pictures beside the rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.dataset import Dataset
from core.loading.convert import convert, read_file
from core.loading.images.packs import join
from core.loading.images.skeletons import settle
from core.loading.options import Options
from core.progress import SILENT
from tests.core.loading.reading import new_folder


def read(path: Path, *options: Options, serve: Path | None = None) -> Dataset:
    folder = new_folder()
    given = options[0] if options else Options()
    paths = [path] if serve is None else [path, serve]
    parts = [read_file(one, one.name, given, folder / str(i), SILENT) for i, one in enumerate(paths)]
    settle([(folder / str(i), part.staged.findings) for i, part in enumerate(parts)])
    convert(parts, "made", folder / "data.parquet", SILENT)
    join([(folder / str(i), part.staged.rows) for i, part in enumerate(parts)], folder)
    return Dataset.open(folder / "data.parquet")


def boxes(data: Dataset) -> list[tuple[Any, ...]]:
    """Each without its keypoints."""
    assert data.pictures is not None
    return list(data.pictures.boxes().drop(columns="keypoints").itertuples(index=False, name=None))


def keypoints(data: Dataset) -> list[list[float]]:
    """Those of each box."""
    assert data.pictures is not None
    return [list(one) for one in data.pictures.boxes()["keypoints"]]
