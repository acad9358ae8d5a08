"""From anything a person has (a path, a pandas frame, an Arrow table) to one canonical Parquet file in the
workspace.

Files are read in a child process with bounds; this process only ever reads what it wrote itself.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.dataset import Dataset
from core.dataset.pictures import FILES
from core.dataset.source import Source
from core.dataset.split import PartSplit
from core.errors import LoadError, StoreError
from core.limits import SOURCE_MB
from core.loading.file_parts import files_of, is_many
from core.loading.kinds import suggest_roles
from core.loading.looking import Preview
from core.loading.options import FORMATS, NO_HEADER, Options, options_of
from core.loading.text import as_text
from core.progress import SILENT, Progress

if TYPE_CHECKING:
    from typing import TypeAlias

    import pandas as pd
    import pyarrow as pa

    Given: TypeAlias = str | Path | pd.DataFrame | pa.Table

__all__ = [
    "FORMATS",
    "NO_HEADER",
    "Options",
    "Preview",
    "as_text",
    "load",
    "options_of",
    "preview",
    "retype",
    "suggest_roles",
]


def load(
    source: Given,
    *,
    into: Path,
    serve: Given | None = None,
    name: str | None = None,
    files: Sequence[str] = (),
    options: Options | None = None,
    kinds: Mapping[str, str] | None = None,
    roles: Mapping[str, str | None] | None = None,
    split: PartSplit | None = None,
    settling: Callable[[Path], object] | None = None,
    progress: Progress = SILENT,
) -> Dataset:
    """Load a source, and a second one as the serve part if given, into the folder ``into`` as a data set.

    ``name``: of the data set. ``files``: what the sources are called, where their paths do not say it (an
    upload lies on the disk under another name): in errors, in the recipe and in what is exported.
    ``options``: how to read it (found out where not given; they hold for both parts). ``kinds``: column ->
    kind, where the guess is wrong. ``split``: part one source by value or time instead. ``settling``: called
    with the folder of the data set just before the finished files are moved there. Raises `LoadError`,
    `ColumnError` or `SettingError`.
    """
    givens = [source] if serve is None else [source, serve]
    called = [*(given or "" for given in files), "", ""]
    labels = [called[i] or _label(given) for i, given in enumerate(givens)]
    label = name or labels[0]
    with _folder(into) as folder:
        if any(isinstance(given, (str, Path)) for given in givens):
            written = _outside(givens, labels, label, options or Options(), folder, progress)
        else:
            written = _inside(givens, label, folder, progress)
        final = _place(written, into)
        if settling is not None:
            settling(final)
        dataset = Dataset.open(_settle(folder, final))
    if kinds:
        dataset = retype(dataset, kinds)
    if roles:
        dataset = dataset.with_roles(**roles)
    return dataset if split is None else dataset.with_split(split)


def retype(dataset: Dataset, kinds: Mapping[str, str]) -> Dataset:
    """The same data with other kinds; columns whose stored type does not allow it are written anew from their
    source text.

    Fingerprint and row ids stay. Cells that do not fit the kind become missing and are counted in
    ``Column.note``.
    """
    from core.loading.retyping import retyped

    return retyped(dataset, kinds)


def preview(
    path: str | Path,
    options: Options | None = None,
    rows: int = 20,
    progress: Progress = SILENT,
    name: str = "",
    first: bool = True,
) -> Preview:
    """The guess about a file and its first rows, from its first megabyte. ``name``: what the file is called,
    where its path does not say it. ``first``: of two; the second may lack columns that the options name.
    Raises `LoadError` as `load` does.
    """
    from core.loading.looking import look

    label = name or _label(path)
    return look(_checked(Path(path), label), label, options or Options(), rows, progress, first)


def _label(source: Any) -> str:
    return Path(source).name if isinstance(source, (str, Path)) else "data"


@contextmanager
def _folder(into: Path) -> Iterator[Path]:
    """A folder of our own beside the final place, so that the finished file can be moved there in one
    step.
    """
    try:
        into.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=".reading-", dir=into)).absolute()
    except OSError as error:
        raise StoreError(
            f"The workspace {into} cannot be written ({error.strerror}). Choose another with WINNOW_HOME."
        ) from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _checked(path: Path, name: str) -> Path:
    """The absolute path of a readable file within the size limit. ``name``: what to call it."""
    if is_many(path):
        for part in files_of(path):
            _opens(part.path, part.name)
        return path.absolute()
    if not path.exists() and name != path.name:
        raise LoadError(f"{name} is no longer there. Choose it again.")
    if not path.exists():
        raise LoadError(f"There is no file {str(path)!r}. Check the path.")
    if not path.is_file() and not path.is_dir():
        raise LoadError(f"{str(path)!r} is neither a file nor a folder. Give the path of one.")
    size = 0 if path.is_dir() else path.stat().st_size  # what a folder holds is bounded as it is listed
    if size > SOURCE_MB.value * 1_000_000:
        raise LoadError(
            f"{name} is {size / 1e6:,.0f} MB; the limit is {SOURCE_MB.value:,} MB. "
            f"Use a smaller file, or raise {SOURCE_MB.env}."
        )
    _opens(path, name)
    return path.absolute()


def _opens(path: Path, name: str) -> None:
    try:
        next(path.iterdir(), None) if path.is_dir() else path.open("rb").close()
    except OSError as error:
        raise LoadError(f"{name} cannot be opened ({error.strerror}). Check its permissions.") from error


def _outside(
    givens: list[Any], names: list[str], label: str, options: Options, folder: Path, progress: Progress
) -> Dataset:
    """Read files in the child. A part that is in memory goes there as a file of our own."""
    from core.loading.sandbox import run_child

    sources = []
    for i, (given, name) in enumerate(zip(givens, names, strict=True)):
        if isinstance(given, (str, Path)):
            path, read_as = _checked(Path(given), name), options
        else:
            path, read_as = _spilled(given, folder / f"memory-{i}.parquet"), Options()
        given_options = read_as if i == 0 else replace(read_as, put_back=())  # which are lines of the first
        sources.append({"path": str(path), "name": name, "options": asdict(given_options)})
    run_child({"sources": sources, "folder": str(folder), "name": label}, folder, progress)
    return Dataset.open(folder / "data.parquet")


def _spilled(given: Any, path: Path) -> Path:
    import pyarrow.parquet as pq

    from core.loading.readers.frames import to_table

    pq.write_table(to_table(given), path)
    return path


def _inside(givens: list[Any], label: str, folder: Path, progress: Progress) -> Dataset:
    """Convert what is in memory here and now."""
    from core.loading.convert import Part, convert
    from core.loading.readers.frames import read

    staged = [read(given, label) for given in givens]
    parts = [Part(part, Source(label, part.format, options=part.options)) for part in staged]
    return convert(parts, label, folder / "data.parquet", progress)


def _place(dataset: Dataset, into: Path) -> Path:
    """The folder for a data set that was just read: named by its content and by the file it came from."""
    import hashlib

    digests = [source.sha256 for source in (dataset.source, dataset.source.serve) if source is not None]
    digest = digests[0] if len(digests) == 1 else hashlib.sha256("".join(digests).encode()).hexdigest()
    return into / f"{dataset.fingerprint[:16]}-{digest[:8] or 'memory'}"


def _settle(folder: Path, final: Path) -> Path:
    """Move the finished files to their final place; the path of the canonical file there."""
    try:
        final.mkdir(exist_ok=True)
        for part, aside in (("0", "aside.csv"), ("1", "aside-serve.csv")):
            if (folder / part / "aside.csv").exists():
                (folder / part / "aside.csv").replace(final / aside)
        for name in FILES:
            if (folder / name).exists():
                (folder / name).replace(final / name)
        return (folder / "data.parquet").replace(final / "data.parquet")
    except OSError as error:
        raise StoreError(
            f"The workspace {final.parent} cannot be written ({error.strerror}). "
            "Choose another with WINNOW_HOME."
        ) from error
