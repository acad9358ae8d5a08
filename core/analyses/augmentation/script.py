"""A pipeline as a script that runs alone on the folder of the images and gives the same pixels: the same
rows, decoded in the same way.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from core.analyses.augmentation.pipeline import Step, written
from core.analyses.augmentation.serve_folders import serve_folders
from core.dataset import Dataset
from core.loading.images.decode import DEEP, DRAFT, FORMATS, HIGH, WHOLE
from core.loading.images.names import ENDINGS


@dataclass(frozen=True)
class ScriptFiles:
    """What a script must know of the source. names: of the images, by their rows; "" where a row has none.
    serve: rows whose images get no variants. left_out: folders whose images get none. boxes: whether boxes
    are marked in the images, which the script does not move.
    """

    names: tuple[str, ...] = ()
    serve: tuple[int, ...] = ()
    left_out: tuple[str, ...] = ()
    boxes: bool = False


def source_files(dataset: Dataset) -> ScriptFiles:
    """Of the data as loaded; of train's file alone where serve's is another one."""
    base, left_out = dataset.base or dataset, serve_folders(dataset)
    named = base.of_kind("image")
    if dataset.pictures is None or not named:
        return ScriptFiles(left_out=left_out)
    of_serve, names = base.part_mask("serve"), base.table([named[0]]).column(0).to_pylist()
    if base.split is not None and base.split.how == "file":
        names, of_serve = names[: base.split.at], of_serve[: base.split.at]
    return ScriptFiles(
        tuple(str(one or "") for one in names),
        () if left_out else tuple(np.flatnonzero(of_serve).tolist()),
        left_out,
        not dataset.pictures.boxes().empty,
    )


def code(steps: Sequence[Step], seed: int, source: ScriptFiles = ScriptFiles()) -> str:
    """The pipeline as a script that runs alone, with imgaug, and gives the same pixels: variants of the
    images in a folder, in the same folders below another one, or of one by ``variant(picture, row, number)``.
    """
    return _SCRIPT.format(
        seed=seed,
        steps="\n".join(f"    {written(step)}," for step in steps),
        said=(_LEFT_OUT if source.left_out else "") + (_BOXES if source.boxes else ""),
        left_out=set_of(source.left_out),
        serve=set_of(source.serve),
        boxes=source.boxes,
        files="".join(f"\n    {one!a}," for one in source.names),
        endings=ENDINGS,
        formats=FORMATS,
        deep=DEEP,
        high=HIGH,
        whole=WHOLE,
        draft=DRAFT,
    )


def set_of(things: Iterable[str | int]) -> str:
    """Names or numbers as a set in Python.

    >>> set_of(["serve"]), set_of([])
    ("{'serve'}", 'set()')
    """
    inside = ", ".join(map(ascii, things))
    return f"{{{inside}}}" if inside else "set()"


_LEFT_OUT = """
Images in folders of the names in LEFT_OUT, which are those of serve, get no variants: a model is trained on
variants of train alone, and serve stays as data come.
"""
_BOXES = """
The boxes of the data are NOT moved: they hold for the images, not for their variants. `python -m core
augment` moves them along, into boxes.csv.
"""
_SCRIPT = '''"""Variants of images. Needs imgaug (pip install sindre-imgaug==0.4.2 "numpy<2.4") and Pillow.

    python augment.py FOLDER OUT [NUMBER]

FOLDER holds the images, in folders or not (unpack an archive first). The variants of FOLDER/class/name.jpg
are OUT/class/name-v0.png and so on, NUMBER of each image (1). OUT/metadata.csv says of which image each is.
Rows are those of FILES; images that are not among them are counted behind them, by their paths. Files that
cannot be read, or have more than eight bits a channel, are named, and the exit status is 1 then.
{said}"""

import csv
import hashlib
import sys
from pathlib import Path

import imgaug.augmenters as iaa
import numpy as np
from PIL import Image, ImageOps

SEED = {seed}
PIPELINE = iaa.Sequential([
{steps}
])
ENDINGS = {endings}
FORMATS = {formats}
DEEP = {deep}  # modes of more than eight bits
DEEP_COLOURS = ("RGB;16", "RGBA;16", "RGBX;16")  # how files hold colour of 16 bits
LEFT_OUT = {left_out}  # names of folders within FOLDER whose images get no variants
SERVE = {serve}  # rows that get none
BOXES = {boxes}  # whether boxes are marked in the images


def variant(picture, row, number):
    """Variant of a picture (height x width x 3, uint8): the same for a row and number, in any order."""
    digest = hashlib.blake2b(f"{{SEED}},{{row}},{{number}}".encode(), digest_size=4).digest()
    PIPELINE.seed_(int.from_bytes(digest, "big") % (2**31 - 1))
    return PIPELINE(image=np.ascontiguousarray(picture))


def decoded(path):
    """The picture in a file: its first frame, upright, on white; a large JPEG at a half or less."""
    with Image.open(path, formats=FORMATS) as image:
        mode, (wide, tall) = image.mode, image.size
        if mode in DEEP:
            raise ValueError("it has more than eight bits a channel")
        if image.format == "JPEG" and wide * tall > {whole}:
            image.draft(None, ({draft}, {draft}))
        wide_colour = any(kind in str(tile[3]) for tile in image.tile for kind in DEEP_COLOURS)
        image.seek(0)
        image.load()
        if wide_colour and "transparency" not in image.info:
            values = np.asarray(image)
            if values[..., :3].max() < {high} and np.unique(values[..., 3:]).size < 2:
                raise ValueError("it has more than eight bits a channel")
        upright = ImageOps.exif_transpose(image)
        if upright.mode in ("RGB", "L") and "transparency" not in image.info:
            return np.asarray(upright.convert("RGB"))
        rgba = np.asarray(upright.convert("RGBA")).astype(np.uint16)
        share = rgba[..., 3:]
        return ((rgba[..., :3] * share + 255 * (255 - share) + 127) // 255).astype(np.uint8)


def opened(path):
    """The picture in a file; None where it cannot be read, which is said."""
    try:
        return decoded(path)
    except Exception as error:  # a damaged file can make Pillow raise nearly anything
        print(f"{{path}} cannot be read: {{type(error).__name__}}: {{error}}", file=sys.stderr)
        return None


def images_in(folder, out):
    """The paths of the images below a folder, as text: no links, nothing that a system put there."""
    found, known = [], set(FILES)
    for path in folder.rglob("*"):
        parts = path.relative_to(folder).parts
        junk = "__MACOSX" in parts or path.name.startswith(".")
        image = path.suffix.lower() in ENDINGS or "/".join(parts) in known
        if not image or junk or path.is_symlink() or not path.is_file():
            continue
        if not path.resolve().is_relative_to(out.resolve()):
            found.append("/".join(parts))
    return sorted(found)


def rows_of(files, folder):
    """The row of each path: that in FILES, also where FOLDER is the only folder of the source."""
    known = {{}}
    for row, name in enumerate(FILES):
        known.setdefault(name, row)
    rows = {{path: known.get(path, known.get(f"{{folder.resolve().name}}/{{path}}")) for path in files}}
    others = [path for path in files if rows[path] is None]
    if others and FILES:
        print(f"{{len(others)}} images are not of the data: counted behind its rows.", file=sys.stderr)
    rows.update((path, len(FILES) + place) for place, path in enumerate(others))
    return rows


def main(folder, out, numbers):
    folder, out = Path(folder), Path(out)
    every = images_in(folder, out)
    rows = rows_of(every, folder)
    apart = {{path for path in every if LEFT_OUT.intersection(path.split("/")[:-1]) or rows[path] in SERVE}}
    files = [path for path in every if path not in apart]
    if BOXES:
        print("Boxes are not moved: those of the data hold for the images, not for their variants.")
    if apart:
        where = f" in folders called {{', '.join(sorted(LEFT_OUT))}}" if LEFT_OUT else " of serve"
        print(f"{{len(apart)}} images{{where}} get no variants.")
    if not files:
        sys.exit(f"There are no images in {{folder}}{{' but those' if every else ''}}.")
    out.mkdir(parents=True, exist_ok=True)
    unread, taken = 0, set()
    with open(out / "metadata.csv", "w", encoding="utf-8", errors="surrogateescape", newline="") as table:
        lines = csv.writer(table, lineterminator="\\n")
        lines.writerow(["file_name", "row", "variant", "source"])
        for path in sorted(files, key=rows.get):
            picture, source, row = opened(folder / path), Path(path), rows[path]
            if picture is None:
                unread += 1
                continue
            stem = source.with_suffix("")
            if str(stem).casefold() in taken:  # a.jpg beside a.png
                stem = source
            taken.add(str(stem).casefold())
            (out / stem).parent.mkdir(parents=True, exist_ok=True)
            for number in range(numbers):
                name = stem.with_name(f"{{stem.name}}-v{{number}}.png")
                Image.fromarray(variant(picture, row, number)).save(out / name)
                lines.writerow([name.as_posix(), row, number, path])
    if unread:
        sys.exit(f"{{unread}} of {{len(files)}} files could not be read and gave no variants.")


FILES = [{files}
]  # the images of the data, by their rows


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4) or not all(given.isdecimal() for given in sys.argv[3:]):
        sys.exit("Usage: python augment.py FOLDER OUT [NUMBER]")
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 1)
'''
