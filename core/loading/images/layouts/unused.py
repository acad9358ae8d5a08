"""Files beside images that look like labels and of which nothing was taken, each with why."""

from __future__ import annotations

import re
from typing import Any

from core.loading.images.archive import Member
from core.loading.images.boxes import is_yolo, xml_root
from core.loading.images.layouts.arranged import Arranged, SourceFiles
from core.loading.images.names import ending
from core.loading.images.tables import json_of, text_of

TAKEN = "another layout was taken"
_TABLES = (".csv", ".tsv", ".jsonl", ".ndjson", ".parquet")
_KEYS = {"images", "annotations", "categories", "shapes", "labels", "label"}
_NUMBERS = re.compile(r"\s*\d+(\s+[-+.\deE]+){4,}\s*")


def unused_labels(files: SourceFiles, order: Arranged) -> dict[str, str]:
    """The files, and why nothing was taken of each."""
    stems = {name.rsplit(".", 1)[0] for name in files.names}
    bases = {stem.rsplit("/", 1)[-1] for stem in stems}
    found = {}
    for member in files.others:
        if member.name in order.used:
            continue
        why = _why(files, member, bases)
        if why is not None:
            found[member.name] = files.why.get(member.name) or why
    return found


def _why(files: SourceFiles, member: Member, bases: set[str]) -> str | None:
    """Why a file was not used, where nothing else is known of it; None where it looks like no labels."""
    end = ending(member.name)
    if end in _TABLES:
        return TAKEN
    if end == ".json":
        return _of_json(json_of(files.read(member)), files)
    if end == ".xml":
        root = xml_root(files.read(member))
        if root is None:
            return "it is no XML that can be read"
        return TAKEN if root.tag in ("annotation", "annotations") else None
    if end == ".txt" and member.name.rsplit("/", 1)[-1][: -len(end)] in bases:
        return _of_text(text_of(files.read(member)))
    return None


def _of_json(value: Any, files: SourceFiles) -> str | None:
    if value is None:
        return "it is no JSON that can be read"
    if isinstance(value, dict) and _KEYS & set(value):
        return TAKEN
    some = list(value)[:20] if isinstance(value, (dict, list)) else []
    cells = [cell for one in some for cell in (one.values() if isinstance(one, dict) else [one])]
    return TAKEN if any(files.places.of(cell) is not None for cell in cells) else None


def _of_text(text: str) -> str:
    if is_yolo([text]):
        return TAKEN
    lines = [line for line in text.splitlines() if line.strip()]
    if lines and all(_NUMBERS.fullmatch(line) for line in lines[:20]):
        return "its numbers are no shares of the picture's size, from 0 to 1, as YOLO has them"
    return "no layout reads it"
