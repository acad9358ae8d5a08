"""What a command writes: on standard output and standard error, and into the files that it was told."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

from core.cli.terminal import one_line, to_text
from core.dataset import Dataset
from core.errors import SettingError
from core.finding import Finding, at_or_above
from core.progress import Progress, throttled
from core.reporting.markdown import markdown
from core.reporting.page import page


def say(text: str) -> None:
    """Write on standard error, at once."""
    sys.stderr.write(text)
    sys.stderr.flush()


def say_last(text: str) -> None:
    """Write the last line on standard error: below the line of progress, where that is a terminal."""
    say(f"\n{text}\n" if sys.stderr.isatty() else f"{text}\n")


def progress_of(given: argparse.Namespace) -> Progress:
    """Progress on standard error: one line that is written over on a terminal, silence elsewhere."""
    if not sys.stderr.isatty():
        return Progress()
    return Progress(throttled(lambda fraction, note: say(f"\r\033[K{fraction:4.0%}  {one_line(note)[:80]}")))


def emit(
    given: argparse.Namespace,
    report: dict[str, Any],
    dataset: Dataset,
    title: str,
    found: tuple[Finding, ...],
) -> int:
    """Write the report wherever it is asked for; gives the exit status. found: the findings that count for
    ``--fail-on``.
    """
    if sys.stderr.isatty():
        say("\r\033[K")
    if given.html:
        write_text(given.html, page(report, dataset.names, title, time.strftime("%Y-%m-%d %H:%M")))
    if given.markdown:
        write_text(given.markdown, markdown(report, title))
    sys.stdout.write(
        json.dumps(report, ensure_ascii=False, allow_nan=False) + "\n" if given.json else to_text(report)
    )
    return 1 if given.fail_on and at_or_above(found, given.fail_on) else 0


def write_rows(frame: Any, path: Path, name: str) -> None:
    """Write the per-row table of the analysis ``name`` as CSV or Parquet. Raises `SettingError`."""
    if frame is None:
        raise SettingError(f"{name} has no per-row table; leave out --rows.")
    if path.suffix not in (".csv", ".parquet"):
        raise SettingError(f"--rows writes .csv or .parquet; got {path.name!r}.")
    try:
        frame.to_parquet(path, index=False) if path.suffix == ".parquet" else frame.to_csv(path, index=False)
    except OSError as error:
        raise SettingError(f"Cannot write {path}: {error.strerror}.") from error


def write_text(path: Path, text: str) -> None:
    """Write a file, in UTF-8. Raises `SettingError`."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise SettingError(f"Cannot write {path}: {error.strerror}.") from error
