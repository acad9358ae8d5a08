"""Read a file here and now, without the child process, so that many can be tried in a test."""

from __future__ import annotations

import tempfile
from pathlib import Path

from core.dataset import Dataset
from core.loading.convert import convert, read_file
from core.loading.options import Options
from core.progress import SILENT

_ALL = tempfile.TemporaryDirectory(prefix="winnow-tests-", ignore_cleanup_errors=True)


def new_folder() -> Path:
    """An empty folder that is gone when the tests are over."""
    return Path(tempfile.mkdtemp(dir=_ALL.name))


def read(content: bytes | Path, *serve: bytes | Path, options: Options | None = None) -> Dataset:
    folder = new_folder()
    parts = []
    for i, given in enumerate((content, *serve)):
        path = given if isinstance(given, Path) else folder / f"source-{i}"
        if isinstance(given, bytes):
            path.write_bytes(given)
        parts.append(read_file(path, path.name, options or Options(), folder / str(i), SILENT, first=not i))
    convert(parts, "made", folder / "data.parquet", SILENT)
    return Dataset.open(folder / "data.parquet")
