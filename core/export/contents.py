"""What each file of an export is, in one line: for the page, and for the export's own README.txt."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from pathlib import PurePath
from typing import NamedTuple

from core.dataset import Dataset
from core.dataset.source import Source
from core.export.style import ending_of
from core.version import VERSION

README = "README.txt"
_ENDING = re.compile(r"\.\d*[a-z][a-z0-9]{0,9}", re.IGNORECASE)  # not the year of photos.2024
PACKED = (".gz", ".bz2", ".xz", ".zst")
_ABOUT = {
    README: "what each of these files is",
    "images.zip": "the images that are left, as they came, by their label where they have one, with a table "
    "of them",
    "recipe.json": "every decision and setting, with what rules learned; makes the same bytes again",
    "recipe.py": "makes the cleaned file again from the raw one, byte for byte, without Winnow",
    "prepare.py": "the rules and filters in pandas, for these rows and for next month's, without Winnow",
    "pipeline.skops": "the column steps as one fitted scikit-learn pipeline, without pickles",
    "pipeline.json": "how to load the pipeline, and which steps are in it",
    "manifest.json": "fingerprints, counts, steps, versions, checksums",
}
_RUN = {
    "recipe.json": ("{same}", "{later}"),
    "recipe.py": ("python recipe.py {raw} {cleaned}",),
    "recipe-serve.py": ("python recipe-serve.py {serve} {served}",),
    "prepare.py": ("python prepare.py {raw} clean.csv", "python prepare.py {other} clean.csv"),
}  # fmt: skip


class ReplayCommands(NamedTuple):
    """What makes an export again. raw, serve: the sources as they are called, "" for no second one;
    other: a later file of its kind; same: the command that makes the same bytes; later: the one that follows
    the rules on the later file.
    """

    raw: str
    other: str
    same: str
    later: str
    serve: str = ""


def replay_commands(dataset: Dataset, format: str = "input") -> ReplayCommands:
    """The commands that make an export in this format again: of images, the images that are left. format: one
    of `core.export.style.FORMATS`.
    """
    source = dataset.source
    raw, second = _called(source, dataset.name), ""
    if source.serve is not None:
        second = _called(source.serve, "serve data")
    serve = ["--serve", second] if second else []
    images = dataset.pictures is not None and format == "input"
    ending = "zip" if images else ending_of(source, format)
    usual = ".zip" if dataset.pictures is not None else f".{source.format}"
    endings = [one for one in PurePath(raw).suffixes if _ENDING.fullmatch(one)] or [usual]
    other = "next-month" + "".join(endings[-2 if endings[-1] in PACKED else -1 :])
    apply = ["python", "-m", "core", "apply", "recipe.json"]
    return ReplayCommands(
        raw,
        other,
        shlex.join([*apply, raw, *serve, "--out", f"cleaned.{ending}"]),
        shlex.join([*apply, other, "--out", f"clean.{ending}", "--as-rules"]),
        second,
    )


def _called(source: Source, instead: str) -> str:
    """What a source is called on a command line; uploads are kept under a checksum, which means nothing to
    people.
    """
    name = PurePath(source.name).name
    return instead if re.match(r"[0-9a-f]{64}", name) else name


def about(name: str, beside: Sequence[str] = ()) -> str:
    """What a file of an export is, and of which part where each has one. beside: the names of all its files.

    >>> about("recipe-serve.py"), about("cleaned.csv")
    ('makes the cleaned file of serve again from the raw one, byte for byte, without Winnow', 'the cleaned \
data')
    >>> both = ["cleaned.csv", "cleaned-serve.csv"]
    >>> about(both[0], both), about(both[1], both)
    ('the cleaned data of train', 'the cleaned data of serve')
    """
    stem, dot, ending = name.rpartition(".")
    of_train = " of train" if f"{stem}-serve{dot}{ending}" in beside else ""
    part = " of serve" if stem.endswith("-serve") else of_train
    if name.startswith("dropped"):
        return f"the dropped rows{part}, with where each stood in the source and why it was dropped"
    words = _ABOUT.get(name.replace("-serve", ""), "the cleaned data")
    return (
        f"{words}{part}" if words == "the cleaned data" else words.replace("file again", f"file{part} again")
    )


def readme(held: str, names: Sequence[str], commands: ReplayCommands, notes: Sequence[str]) -> str:
    """The text of README.txt. held: what is exported, in a sentence; names: the files of the export, the
    cleaned data first; commands: what makes them again; notes: what a person should know of them.
    """
    width = max(map(len, names))
    lines = [f"Written by Winnow {VERSION}. {held}", ""]
    lines += [f"{name:<{width}}  {about(name, names)}" for name in names]
    words = commands._asdict() | {"raw": shlex.quote(commands.raw), "cleaned": names[0]}
    words |= {key: shlex.quote(words[key]) for key in ("other", "serve")}
    words["served"] = next((one for one in names if one.startswith("cleaned-serve.")), "")
    for name, templates in _RUN.items():
        if name in names:
            lines += ["", f"{name}:", *(f"    {template.format(**words)}" for template in templates)]
    if "pipeline.json" in names:
        lines += ["", "pipeline.skops (needs scikit-learn and skops; run it in this folder):",
                  "    import json, skops.io",
                  '    about = json.load(open("pipeline.json"))',
                  '    pipeline = skops.io.load("pipeline.skops", trusted=about["trusted"])']  # fmt: skip
    lines += ["", *notes] if notes else []
    return "\n".join(lines) + "\n"
