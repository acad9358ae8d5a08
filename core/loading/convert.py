"""From a source to a canonical file: read, plan, write. Runs in the child for files, in process for what is
in memory.
"""

from __future__ import annotations

import json
import re
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path

from core.dataset import Dataset
from core.dataset.source import Source
from core.errors import LoadError
from core.finding import Finding
from core.loading.align import plan
from core.loading.canonical import write
from core.loading.chosen import chosen
from core.loading.file_parts import check_options, digest_of, files_of, is_many
from core.loading.images.archive import UNREADABLE, copy_of, is_plain_tar, listing, unreadable
from core.loading.images.columns import with_images
from core.loading.images.names import ending, is_image_name
from core.loading.magic import packing_of
from core.loading.many_files import join_aside, joined
from core.loading.options import IMAGES, TEXTS, Options
from core.loading.other_format import other_format
from core.loading.packed import unpacked
from core.loading.readers import Staged, reader_of
from core.loading.sniff import bytes_of, check_bytes, format_of, sha256_of
from core.progress import Progress
from core.rowset import RowSet

LOOK_BYTES = 1_000_000
WITHOUT_FORMAT = " Leave the format out."


@dataclass(frozen=True)
class Part:
    """One source: a staged table, what is told of where it came from, and the files with their stamps, if
    they are such as may change.
    """

    staged: Staged
    source: Source
    files: tuple[tuple[Path, tuple[int, ...]], ...] = ()

    def check(self) -> None:
        """Raise `LoadError` when the file is not what it was when its reading began."""
        if any(_stamp(path) != stamp for path, stamp in self.files):
            raise LoadError(
                f"{self.source.name} changed while it was read. Load it again when it is complete."
            )


def _stamp(path: Path) -> tuple[int, ...]:
    """What differs once a file was written to: size, times, and which file it is."""
    try:
        seen = path.stat()
    except OSError:
        return ()
    return seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns, seen.st_ino


def read_file(
    path: Path,
    name: str,
    options: Options,
    folder: Path,
    progress: Progress,
    look: bool = False,
    first: bool = True,
) -> Part:
    """Read a file, or the files of a folder or pattern as one table, into the folder. ``name`` is the file's
    own; the path may be that of an upload. ``look``: its beginning only. ``first``: of two sources.
    """
    shards = None if is_many(path) else _shards(path, name, folder, progress)
    if is_many(path):
        part = _read_files(path, name, options, folder, progress, look)
    elif shards is not None:
        stamp = _stamp(path)
        part = _read_files(shards, name, options, folder, progress, look)
        digest = "" if look else sha256_of(path)
        source = replace(part.source, sha256=digest, bytes=bytes_of(path))
        part = Part(part.staged, source, ((path, stamp),))
    else:
        part = _read_one(path, name, options, folder, progress, look, pictures=True)
    return replace(part, staged=chosen(part.staged, options, name, strict=first))


def _shards(path: Path, name: str, folder: Path, progress: Progress) -> Path | None:
    """A folder with the Parquet files of an archive that holds no images besides, unpacked; None for other
    sources.
    """
    if path.is_dir() or packing_of(path, name) or format_of(path, name) != IMAGES:
        return None
    if not (zipfile.is_zipfile(path) or is_plain_tar(path)):
        return None  # a compressed one is unpacked once, to look for images
    folder.mkdir(parents=True, exist_ok=True)
    found = listing(path, name, folder, progress.check)
    tables = [member for member in found.members if ending(member.name) == ".parquet"]
    if not tables or any(is_image_name(member.name) for member in found.members):
        return None
    shards = folder / "shards"
    shards.mkdir()
    for place, member in enumerate(tables):
        own = re.sub(r"[^\w.-]", "_", member.name)[-60:]  # names in an archive are from anybody
        try:
            copy_of(member, shards / f"{place:05d}-{own}", progress.check)
        except UNREADABLE as error:
            raise LoadError(
                f"{name} is damaged at {member.name!r} ({unreadable(error)}). Write or download it again."
            ) from error
    return shards


def _read_files(
    path: Path, name: str, options: Options, folder: Path, progress: Progress, look: bool
) -> Part:
    """The files of a folder or pattern; for a look, the first of them."""
    check_options(options, name)
    found = files_of(path)
    some = found[:1] if look else found
    read = []
    for i, part in enumerate(some):
        reading = progress.part(i / len(some), (i + 1) / len(some))
        read.append(_read_one(part.path, part.name, options, folder / f"file-{i}", reading, look))
    staged = joined(some, [part.staged for part in read], name)
    packed = folder / "file-0" / "unpacked"
    staged = with_images(staged, packed if packed.exists() else some[0].path, name, folder, progress)
    join_aside(some, [folder / f"file-{i}" for i in range(len(some))], folder)
    if look:
        staged.options["beginning"] = staged.options["beginning"] or len(found) > 1
    digest = "" if look else digest_of(some, [part.source.sha256 for part in read])
    size = sum(part.source.bytes for part in read)
    source = Source(name, staged.format, digest, size, staged.options, staged.aside)
    return Part(staged, source, tuple(file for part in read for file in part.files))


def _read_one(
    path: Path,
    name: str,
    options: Options,
    folder: Path,
    progress: Progress,
    look: bool,
    pictures: bool = False,
) -> Part:
    """Read one file. pictures: a column of them becomes names, and what is measured of them."""
    folder.mkdir(parents=True, exist_ok=True)
    stamp = _stamp(path)
    check_bytes(path, name)

    def whole(beginning: Path) -> bool:
        try:
            return not look or _needs_all(beginning, format_of(beginning, name))
        except LoadError:  # the beginning of what shows nothing by itself
            return True

    file, packing, complete = unpacked(path, name, folder, progress.part(0.0, 0.5), whole)
    actual = format_of(file, name)
    if options.format not in (None, actual) and not {actual, options.format} <= set(TEXTS):
        raise LoadError(
            f"{name} was to be read as {options.format}, but its content is {actual}.{WITHOUT_FORMAT}"
        )
    resolved = options if options.format else replace(options, format=actual)
    cut = look and not _needs_all(file, actual)
    shown = _beginning(file, folder) if cut else file
    staged = reader_of(resolved.format or "csv").read(
        shown, name, resolved, folder, progress.part(0.5 if packing else 0.0, 1.0), look=look
    )
    if pictures and staged.format != IMAGES:
        staged = with_images(staged, file, name, folder, progress)
    staged.findings += other_format(name, staged.format)
    staged.options |= {"packed": packing} if packing else {}
    if look:
        cut_off = not complete or (cut and shown.stat().st_size < file.stat().st_size)
        some = staged.format == IMAGES and staged.rows < staged.options["images"]
        staged.options["beginning"] = cut_off or some or staged.options.get("beginning", False)
        if cut and complete and "rows_known" not in staged.options:
            share = shown.stat().st_size / max(1, file.stat().st_size)
            staged.options["rows_about"] = round(staged.rows / max(share, 1e-9))
    else:
        staged.options.pop("doubt", None)  # asked about before loading, and of no use later
    size, digest = bytes_of(path), "" if look else sha256_of(path)
    source = Source(name, staged.format, digest, size, staged.options, staged.aside)
    return Part(staged, source, ((path, stamp),))


def _needs_all(path: Path, format: str) -> bool:
    """Whether a file shows nothing unless it is read to its end: all but delimited text, lines of JSON and an
    array of them.
    """
    if format != "json":
        return format not in TEXTS
    with path.open("rb") as file:
        text = file.read(LOOK_BYTES).decode(errors="replace").lstrip("\ufeff \t\r\n")
    if text.startswith("{"):
        return True
    first = text.lstrip("[ \t\r\n")
    try:  # the first item of an array, if it is not all there is
        _, end = json.JSONDecoder().raw_decode(first)
    except (ValueError, RecursionError):
        return True
    return not first[end:].lstrip().startswith(",")


def _beginning(path: Path, folder: Path) -> Path:
    """A copy of the first megabyte, ending with a whole line where there is one."""
    with path.open("rb") as file:
        block = file.read(LOOK_BYTES)
        if file.read(1):
            block = block[: block.rfind(b"\n") + 1] or block
    copy = folder / "beginning"
    copy.write_bytes(block)
    return copy


def convert(parts: list[Part], name: str, path: Path, progress: Progress) -> Dataset:
    """Type the staged parts and write them as one canonical file at ``path``. Raises `LoadError` when a
    source is damaged, or is not what it was when its reading began.
    """
    staged = [part.staged for part in parts]
    if len(staged) == 2:
        staged[1].findings = [_moved(finding, staged[0].rows) for finding in staged[1].findings]
    try:
        planned = plan(staged, progress.part(0.0, 0.5))
        tokens = [c.column.null_tokens for c in planned.columns]
        origins = [_with_tokens(part.source, tokens) for part in parts]
        return write(path, planned, staged, name, origins, progress.part(0.5, 1.0))
    finally:
        for part in parts:
            part.check()


def _moved(finding: Finding, rows: int) -> Finding:
    """A finding about rows of the second part, which come after the ``rows`` of the first."""
    if not finding.rows:
        return finding
    return replace(finding, rows=RowSet(finding.rows.ids + rows), about=f"{finding.about} serve".strip())


def _with_tokens(source: Source, tokens: list[tuple[tuple[str, int], ...]]) -> Source:
    """The source with the marks of missing values that were met."""
    met = sorted({text for column in tokens for text, _ in column} | set(source.options.get("missing", ())))
    return replace(source, options={**source.options, "null_tokens": met})
