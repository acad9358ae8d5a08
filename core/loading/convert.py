"""From a source to a canonical file: read, plan, write. Runs in the child for files, in process for what is in memory."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from core.dataset import Dataset, Source
from core.loading.align import plan
from core.loading.canonical import write
from core.loading.options import Options
from core.loading.readers import Staged, reader_of
from core.loading.sniff import format_of, sha256_of
from core.progress import Progress


@dataclass(frozen=True)
class Part:
    """One source: a staged table, and what is told of where it came from."""

    staged: Staged
    source: Source


def read_file(path: Path, name: str, options: Options, folder: Path, progress: Progress, **more: Any) -> Part:
    """Read a file into the folder. ``name`` is the file's own; the path may be that of an upload."""
    folder.mkdir(parents=True, exist_ok=True)
    resolved = options if options.format else replace(options, format=format_of(path))
    staged = reader_of(resolved.format or "csv").read(path, resolved, folder, progress, **more)
    size, digest = path.stat().st_size, sha256_of(path)
    return Part(staged, Source(name, staged.format, digest, size, staged.options, staged.aside))


def convert(parts: list[Part], name: str, path: Path, progress: Progress) -> Dataset:
    """Type the staged parts and write them as one canonical file at ``path``."""
    staged = [part.staged for part in parts]
    planned = plan(staged, progress.part(0.0, 0.5))
    told = [_with_tokens(part.source, [c.column.null_tokens for c in planned.columns]) for part in parts]
    return write(path, planned, staged, name, told, progress.part(0.5, 1.0))


def _with_tokens(source: Source, tokens: list[tuple[tuple[str, int], ...]]) -> Source:
    """The source with the marks of missing values that were met."""
    met = sorted({text for column in tokens for text, _ in column})
    return replace(source, options={**source.options, "null_tokens": met})
