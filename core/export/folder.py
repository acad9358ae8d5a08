"""The folder of an export: the cleaned data, the dropped rows, the recipe, the scripts that need no Winnow,
and a manifest of it all.

Everything is written from the canonical file; what makes the bytes is in `core.export.replay`, which is also
the body of the script. A text source comes back cell for cell as it was written, a typed one with its own
column types. The only differences: dropped rows are gone, relabelled cells are replaced, and weights, if any
were given, stand in a column of their own.
"""

from __future__ import annotations

import contextlib
import json
import platform
import shutil
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from core.dataset import Dataset
from core.errors import SettingError, StoreError
from core.export import replay
from core.export.contents import README, readme, replay_commands
from core.export.dropped import Reasons, reasons
from core.export.other_bytes import other_bytes
from core.export.pictures import IMAGES, write_images
from core.export.pictures_table import of_image_table
from core.export.pipeline import ColumnPipeline, column_pipeline, has_estimators
from core.export.plan import sides
from core.export.prepare_script import prepare_script, wanted
from core.export.prepare_writing import ScriptFile, writing_of
from core.export.row_identity import identity
from core.export.script import of_images, script
from core.export.short import fits, short_script
from core.export.side import PartWriter
from core.export.tally import in_words, left_out, tally
from core.export.two_marks import two_marks
from core.progress import SILENT, Progress
from core.recipe import Recipe
from core.review import Review
from core.settled import Settled
from core.steps import Work, numbered, settle, steps_json, whole
from core.version import VERSION


@dataclass(frozen=True)
class Exported:
    """What an export wrote. ``files``: the cleaned data first, the manifest last. ``touched``: cells made
    safe for spreadsheets.

    ``counts``: as `core.export.tally.tally`. ``notes``: what a person should know, in plain sentences.
    """

    folder: Path
    files: tuple[Path, ...]
    counts: Mapping[str, int]
    touched: int = 0
    notes: tuple[str, ...] = ()

    @property
    def cleaned(self) -> Path:
        """The cleaned data (of the train part, where there are two)."""
        return self.files[0]


def export(
    dataset: Dataset,
    review: Review,
    folder: Path,
    *,
    format: str = "input",
    excel_safe: bool = False,
    calls: Mapping[str, Mapping[str, Any]] | None = None,
    progress: Progress = SILENT,
) -> Exported:
    """Write everything into ``folder``: every file is whole, or not there at all; the manifest comes last.

    format: one of `FORMATS`; "input" is the source's own, with its delimiter, encoding, newline and header.
    excel_safe: put a ' before texts that a spreadsheet would run (delimited text only). calls: analysis ->
    settings, for the recipe.
    """
    work = Work.after(review.decisions, dataset)
    settled = work.settled()
    recipe = recipe_of(dataset, review, settled, calls)
    writers = sides(dataset, settled, format, excel_safe)
    notes = [note for side in writers for note in side.notes]
    columns = list(dict.fromkeys([*dataset.names, *(one.column.name for one in settled.contents)]))
    with _arriving(folder) as place:
        names, touched = _rows(writers, place, reasons(review.decisions, settled, columns), progress)
        for side, cleaned in zip(writers, names, strict=False):  # behind these stand the rows dropped
            notes += [*other_bytes(side, place / cleaned, format, excel_safe), *two_marks(side)]
        if dataset.pictures is not None:
            notes += of_image_table(writers[0], names[0])
            notes += write_images(dataset, review, place / IMAGES, progress)
            names.append(IMAGES)
        _put(place / "recipe.json", recipe.to_json())
        names.append("recipe.json")
        scripts, told = _scripts(dataset, review, settled, writers, place)
        names += scripts
        notes = list(dict.fromkeys([*notes, *told]))  # what holds of train and serve is said once
        _put(
            place / README,
            readme(
                "\n".join([in_words(whole(work)), *(f"When loaded: {one}" for one in left_out(dataset))]),
                [*names, README, "manifest.json"],
                replay_commands(dataset, format),
                notes,
            ),
        )
        names.append(README)
        manifest = _manifest(recipe, dataset, review, work, writers, place, names)
        manifest |= {"excel_safe": {"on": excel_safe, "cells": touched}, "notes": notes}
        _put(place / "manifest.json", json.dumps(manifest, indent=1, ensure_ascii=False) + "\n")
        names.append("manifest.json")
    progress.at(1.0, "Written")
    return Exported(folder, tuple(folder / name for name in names), manifest["counts"], touched, tuple(notes))


def _rows(
    writers: Sequence[PartWriter], place: Path, why: Reasons, progress: Progress
) -> tuple[list[str], int]:
    """Write the cleaned rows of each part, then those that were dropped: the files' names, and how many cells
    were made safe for spreadsheets.
    """
    names, touched, steps = [], 0, 2 * len(writers)
    for number, side in enumerate(writers):
        names.append(side.file("cleaned"))
        touched += side.write(
            place / names[-1], progress=progress.part(2 * number / steps, (2 * number + 1) / steps)
        )
    for side in writers:
        side.why = why
        if side.plan["drop"]:
            names.append(side.file("dropped"))
            side.write(place / names[-1], dropped=True)
    return names, touched


def _scripts(
    dataset: Dataset, review: Review, settled: Settled, writers: Sequence[PartWriter], place: Path
) -> tuple[list[str], list[str]]:
    """Write what makes the same of other data, where the decisions can be written so: the files' names, and
    what to know about them.
    """
    names: list[str] = []
    notes: list[str] = []
    pictured = of_images(dataset)
    if wanted(review.decisions) and not pictured:
        written = [
            ScriptFile(writing_of(side, review.decisions), replay.sha256(place / side.file("cleaned")))
            for side in writers
        ]
        text = prepare_script(dataset, review.decisions, settled, written, review.steps)
        _put(place / "prepare.py", text)
        names.append("prepare.py")
        notes += [f"prepare.py: {written[0].writing.bytes_in_words}"] if written[0].writing.differs else []
    if has_estimators(review.decisions):
        pipeline = column_pipeline(dataset, review.decisions, settled)
        names += _put_pipeline(pipeline, place)
        same = "recipe.json" if pictured else "prepare.py"  # what has all steps
        notes += [note.replace("prepare.py", same) for note in pipeline.notes]
    for side in writers:
        text, reason = _script(side, place / side.file("cleaned"))
        if text:
            names.append(side.named("recipe", "py"))
            _put(place / names[-1], text)
        notes += [reason] if reason else []
    return names, notes


def recipe_of(
    dataset: Dataset,
    review: Review,
    settled: Settled,
    calls: Mapping[str, Mapping[str, Any]] | None = None,
    shared: Collection[str] | None = None,
) -> Recipe:
    """The recipe with what its rules learned, and what the rows that it decides about one by one are known
    by in other data: by all columns, or by those that they share.
    """
    recipe = Recipe.of(dataset, review, calls)
    learned = [
        numbered(replace(decision, learned=settled.effects[place].learned), settled.effects[place], dataset)
        if place in settled.effects
        else decision
        for place, decision in enumerate(recipe.decisions)
    ]
    known = identity(dataset, recipe.decisions, shared)
    return replace(
        recipe,
        decisions=tuple(learned),
        passed=tuple(settled.passed),
        known_by=known.to_json() if known.rows else {},
    )


def _script(side: PartWriter, cleaned: Path) -> tuple[str, str]:
    """A page of pandas where that gives the same bytes, else the script with its own reader; or "" and why
    there can be none.
    """
    digest = replay.sha256(cleaned)
    text, reason = script(side, digest)
    return (short_script(side, digest), "") if text and fits(side, cleaned) else (text, reason)


def write_clean(
    dataset: Dataset,
    review: Review,
    out: Path,
    *,
    format: str = "input",
    excel_safe: bool = False,
    progress: Progress = SILENT,
) -> tuple[Path, ...]:
    """Write only the cleaned data to ``out`` (and, where decisions name rows of a second file, that one to
    ``out`` with "-serve"). Of images with ``out`` a zip: the images themselves.
    """
    if out.suffix.lower() == ".zip" and dataset.pictures is not None:
        with _arriving(out.parent) as place:
            write_images(dataset, review, place / out.name, progress)
        return (out,)
    writers = sides(dataset, settle(review.decisions, dataset), format, excel_safe)
    paths = [out.with_name(out.stem + side.suffix + out.suffix) for side in writers]
    with _arriving(out.parent) as place:
        for number, (side, path) in enumerate(zip(writers, paths, strict=True)):
            side.write(
                place / path.name, progress=progress.part(number / len(writers), (number + 1) / len(writers))
            )
    return tuple(paths)


def _manifest(
    recipe: Recipe,
    dataset: Dataset,
    review: Review,
    work: Work,
    writers: list[PartWriter],
    place: Path,
    names: list[str],
) -> dict[str, Any]:
    """What was made from what: fingerprints, counts, steps, versions, seeds, and a checksum per file."""
    versions = {name: metadata.version(name) for name in ("pandas", "numpy", "pyarrow")}
    sources = [
        {"name": s.name, "format": s.format, "sha256": s.sha256, "bytes": s.bytes}
        for s in (side.source for side in writers)
    ]
    return {
        "winnow_manifest": 2,
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "fingerprint": dataset.fingerprint,
        "sources": sources,
        "counts": tally(whole(work)),
        "steps": steps_json(review.decisions, work.settled(), review.steps),
        "calls": {name: dict(settings) for name, settings in recipe.calls.items()},
        **({"probabilities": dict(recipe.probabilities)} if recipe.probabilities else {}),
        "versions": {"winnow": VERSION, "python": platform.python_version(), **versions},
        "files": {
            name: {"sha256": replay.sha256(place / name), "bytes": (place / name).stat().st_size}
            for name in names
        },
    }


@contextlib.contextmanager
def _arriving(folder: Path) -> Iterator[Path]:
    """A folder to write in; when all went well its files move to ``folder``, each in one step, the manifest
    last.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        place = Path(tempfile.mkdtemp(prefix=".winnow-", dir=folder))
        try:
            yield place
            for path in sorted(place.iterdir(), key=lambda path: path.name == "manifest.json"):
                path.replace(folder / path.name)
        finally:
            shutil.rmtree(place)
    except OSError as error:
        raise StoreError(
            f"The export cannot be written to {folder} ({error}). Free some space or choose another folder."
        ) from error
    except UnicodeEncodeError as error:
        bad = error.object[error.start : error.end]
        raise SettingError(
            f"A new label holds {bad!r}, which {error.encoding} cannot write. Choose the format csv, "
            "which is UTF-8."
        ) from error


def _put_pipeline(pipeline: ColumnPipeline, place: Path) -> list[str]:
    """The names of the files written: none where no step has a transformer."""
    if pipeline.pipeline is None:
        return []
    (place / "pipeline.skops").write_bytes(pipeline.to_bytes())
    _put(place / "pipeline.json", json.dumps(pipeline.about(), indent=1, ensure_ascii=False) + "\n")
    return ["pipeline.skops", "pipeline.json"]


def _put(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="")
