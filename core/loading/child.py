"""The process that reads what comes from outside. It bounds itself, does one task and tells about it in lines
of JSON.

Task on standard input; on standard output ``{"progress": [fraction, note]}`` lines, then ``{"result": …}`` or
``{"error": …}``.
"""

from __future__ import annotations

import errno
import json
import os
import resource
import sys
import threading
import traceback
from pathlib import Path
from typing import Any

from core import errors
from core.limits import READ_MEMORY_MB, WORKSPACE_MB
from core.progress import SILENT, Progress, throttled

OPEN_FILES = 8_192  # each file of a folder may stay open
SPARE_MB = 2_048  # address space that threads and mapped libraries take without using memory

PREPARED = (
    *("pyarrow.compute", "pyarrow.csv", "pyarrow.parquet", "numpy.ma"),
    *("core.loading.convert", "core.loading.looking", "core.loading.dates"),
    *(f"core.loading.readers.{kind}" for kind in ("delimited", "json", "parquet")),
)


def confine() -> None:
    """Bound memory, file size and core dumps of this process; processor time once the task is known."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _lower(resource.RLIMIT_FSIZE, WORKSPACE_MB.value * 1_000_000)
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(files, OPEN_FILES) if files > 0 else OPEN_FILES, files))
    if sys.platform != "darwin":  # macOS refuses this one; there the parent's watch on memory stands alone
        _lower(resource.RLIMIT_AS, (READ_MEMORY_MB.value + SPARE_MB) * 1_000_000)


def _lower(which: int, value: int) -> None:
    hard = resource.getrlimit(which)[1]
    bound = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(which, (bound, bound))


class _NoPandas:
    """Arrow imports pandas to see whether what it is given is a frame. Here nothing is, and the import costs
    half a second.
    """

    @staticmethod
    def find_spec(name: str, path: Any = None, target: Any = None) -> None:
        """Say that there is no pandas."""
        if name == "pandas":
            raise ModuleNotFoundError("The reading process does without pandas.", name=name)


def allow_pandas() -> None:
    """Let pandas be imported after all, for formats that it reads."""
    sys.meta_path[:] = [finder for finder in sys.meta_path if finder is not _NoPandas]


def tell(**message: Any) -> None:
    """One line to the parent."""
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def leave_with_parent() -> None:
    """End this process as soon as the parent is gone: then the other end of standard input closes."""

    def wait() -> None:
        while os.read(0, 1):
            continue
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def work(task: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Do the task. Keys: sources (path, name and options each, and look for a preview), folder, name; or as
    `_vectors` says; or as `core.loading.images.embedding.embedded` says; or tables (paths) and folder, to be
    copied; or review, with a recipe as its source; or as `core.loading.images.whole.decoded` says.
    """
    if "pictures" in task:
        from core.loading.images.whole import decoded

        return decoded(task)
    if "model" in task:
        from core.loading.images.embedding import embedded

        return embedded(task, progress)
    if "vectors" in task:
        return _vectors(task, progress)
    if "review" in task:
        from core.loading.readers.recipes import read

        [source] = task["sources"]
        return read(Path(source["path"]), source["name"])
    if "tables" in task:
        from core.loading.readers.plain_tables import copied

        return copied([Path(path) for path in task["tables"]], Path(task["folder"]))
    from core.loading.convert import convert, read_file
    from core.loading.images.packs import join
    from core.loading.images.skeletons import settle
    from core.loading.options import Options

    folder = Path(task["folder"])
    share = 0.5 / len(task["sources"])
    parts = []
    for i, source in enumerate(task["sources"]):
        reading = progress.part(share * i, share * (i + 1))
        place, given = Path(source["path"]), Options(**source["options"])
        look, first = source.get("look", False), source.get("first", i == 0)
        part = read_file(place, source["name"], given, folder / str(i), reading, look, first)
        parts.append(part)
    settle([(folder / str(i), part.staged.findings) for i, part in enumerate(parts)])
    dataset = convert(parts, task["name"], folder / "data.parquet", progress.part(0.5, 1.0))
    join([(folder / str(i), part.staged.rows) for i, part in enumerate(parts)], folder)
    return {"fingerprint": dataset.fingerprint}


def _vectors(task: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Vectors for a data set. Keys: sources (path and name each), folder (which part a row is of:
    ``serve.npy``), rows, vectors (the name of the file to write)."""
    import numpy as np

    from core.loading.readers.vectors import convert

    folder = Path(task["folder"])
    mark = folder / "serve.npy"
    parts = (
        [np.flatnonzero(~np.load(mark)), np.flatnonzero(np.load(mark))]
        if mark.exists()
        else [np.arange(task["rows"])]
    )
    sources = [(Path(source["path"]), source["name"]) for source in task["sources"]]
    width, digest = convert(sources, parts, folder / task["vectors"], progress)
    return {"width": width, "sha256": digest}


def disk_full(error: BaseException | None) -> str:
    """What to say when the work came to its end for want of disk space; "" when it did not.

    >>> disk_full(OSError(errno.ENOSPC, "x"))[:24], disk_full(OSError(errno.ENOENT, "x"))
    ('The disk of the workspac', '')
    """
    while error is not None:
        number, text = getattr(error, "errno", None), str(error)
        if number in (errno.ENOSPC, errno.EDQUOT) or os.strerror(errno.ENOSPC) in text:
            return "The disk of the workspace is full. Free some space, or set WINNOW_HOME to another disk."
        if number == errno.EFBIG or os.strerror(errno.EFBIG) in text:
            return f"The table would be larger than the workspace may be. Raise {WORKSPACE_MB.env}."
        error = error.__cause__ or error.__context__
    return ""


def prepare() -> None:
    """Have in memory what most tasks need, for the forks of this process."""
    import gc
    import importlib

    sys.meta_path.insert(0, _NoPandas)
    for name in PREPARED:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()


def rehearse() -> None:
    """Read a small table for nothing: patterns are compiled, and Arrow's functions have been looked up, once
    for all forks that follow, each of which needs a quarter less time for a small file.
    """
    import contextlib
    import gc
    import tempfile

    # a full disk, a limit on columns that even this goes beyond, or a fault: then without
    with contextlib.suppress(Exception), tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "table.csv"
        table.write_text("a,b,c,d\n1,x,2.5,2020-01-02\n2,y,,2020-01-03\n3,x,1e5,\n", encoding="utf-8")
        source = {"path": str(table), "name": table.name, "options": {}}
        work({"sources": [source], "folder": folder, "name": "table"}, SILENT)
    gc.collect()
    gc.freeze()


def main() -> int:
    """Read the task, do it, tell the outcome. 0 when it went well."""
    confine()
    if _NoPandas not in sys.meta_path:
        sys.meta_path.insert(0, _NoPandas)
    task = json.loads(sys.stdin.readline())
    _lower(resource.RLIMIT_CPU, task["seconds"] * 2 + 60)
    leave_with_parent()
    try:
        tell(result=work(task, Progress(throttled(lambda fraction, note: tell(progress=[fraction, note])))))
    except errors.CoreError as error:
        tell(error=type(error).__name__, message=str(error))
    except MemoryError:
        tell(error="MemoryError", message="")
    except Exception as error:  # noqa: BLE001 - told to the parent, which raises it as the bug it is
        full = disk_full(error)
        tell(error="StoreError" if full else "bug", message=full or traceback.format_exc())
    else:
        return 0
    return 1


if __name__ == "__main__":
    sys.exit(main())
