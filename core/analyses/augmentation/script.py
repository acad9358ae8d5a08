"""A pipeline as a script that runs alone on the folder of the images and gives the same pixels: the same
rows, decoded in the same way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from core.analyses.augmentation.marks import Marks, keypoints_in, marks_of
from core.analyses.augmentation.pipeline import Step, written
from core.analyses.augmentation.sample import label_column
from core.analyses.augmentation.serve_folders import serve_folders
from core.dataset import Dataset
from core.export.pictures_table import DECIMALS
from core.loading.images.decode import DEEP, DRAFT, FORMATS, HIGH, WHOLE
from core.loading.images.names import ENDINGS
from core.prepare.levels import encoded


@dataclass(frozen=True)
class ScriptFiles:
    """What a script must know of the source. names: of the images, by their rows; "" where a row has none.
    serve: rows whose images get no variants. left_out: folders whose images get none. marks: row -> width and
    height of its picture, and the objects in it. unread: rows whose images Winnow does not read. labels:
    label -> its rows; none where the data have no label.
    """

    names: tuple[str, ...] = ()
    serve: tuple[int, ...] = ()
    left_out: tuple[str, ...] = ()
    marks: Mapping[int, tuple[int, int, Marks]] = field(default_factory=dict)
    unread: tuple[int, ...] = ()
    labels: Mapping[str, tuple[int, ...]] = field(default_factory=dict)


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
        _marked(base, len(names), set(np.flatnonzero(of_serve).tolist())),
        tuple(np.flatnonzero(~dataset.pictures.readable[: len(names)]).tolist()),
        _labels(dataset),
    )


def _labels(dataset: Dataset) -> dict[str, tuple[int, ...]]:
    """The rows of each label, as decided."""
    target = label_column(dataset)
    if not target:
        return {}
    codes, levels = encoded(dataset.table([target]).column(0))
    own = dataset.source_ids(np.arange(dataset.rows, dtype=np.int64))
    return {str(level): tuple(own[codes == code].tolist()) for code, level in enumerate(levels)}


def _marked(base: Dataset, rows: int, serve: set[int]) -> dict[int, tuple[int, int, Marks]]:
    """What is marked in the first so many rows, but for those of serve."""
    if not {"image_width", "image_height"} <= set(base.names):
        return {}
    marked = marks_of(base, [row for row in range(rows) if row not in serve])
    wide, tall = (base.table([side]).column(0).to_pylist() for side in ("image_width", "image_height"))
    return {row: (wide[row], tall[row], marks) for row, marks in sorted(marked.items())}


def code(steps: Sequence[Step], seed: int, source: ScriptFiles = ScriptFiles()) -> str:
    """The pipeline as a script that runs alone, with imgaug, and gives the same pixels: variants of the
    images in a folder, in the same folders below another one, or of one by ``variant(picture, row, number)``.
    """
    return _SCRIPT.format(
        seed=seed,
        steps="\n".join(f"    {written(step)}," for step in steps),
        said=(_LEFT_OUT if source.left_out else "") + (_BOXES if source.marks else ""),
        left_out=set_of(source.left_out),
        serve=set_of(source.serve),
        unread=set_of(source.unread),
        labels="".join(f"\n    {label!a}: {set_of(rows)}," for label, rows in source.labels.items()),
        keypoints="".join(
            f"\n    {one!a}," for one in keypoints_in({r: m[2] for r, m in source.marks.items()})
        ),
        decimals=DECIMALS,
        objects="".join(f"\n    {row}: {_objects(*of)}," for row, of in source.marks.items()),
        twins={
            name: one.twins
            for name, one in next((of[2].skeletons for of in source.marks.values()), {}).items()
            if one.sided
        },
        files="".join(f"\n    {one!a}," for one in source.names),
        endings=ENDINGS,
        formats=FORMATS,
        deep=DEEP,
        high=HIGH,
        whole=WHOLE,
        draft=DRAFT,
    )


def _objects(wide: int, tall: int, marks: Marks) -> str:
    """Width and height of a picture, and its objects: class, x, y, width, height, whether it is a crowd; x,
    y, seen of keypoints.
    """
    every = zip(marks.classes, marks.boxes.tolist(), marks.crowds, marks.points, strict=True)
    each = [
        (name, *map(_short, box), int(crowd), [*map(_short, points.ravel().tolist())])
        for name, box, crowd, points in every
    ]
    return ascii((wide, tall, each))


def _short(number: float) -> float:
    """The number without a point where it is whole.

    >>> _short(3.0), _short(0.1)
    (3, 0.1)
    """
    return int(number) if number == int(number) else number


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
The table is OUT/metadata.jsonl, as objects are marked in the images; they are moved along: bbox (x, y, width,
height), category, iscrowd, and x, y and seen (0: not there, 1: hidden, 2: seen) of keypoints. Those of FILES
are in OBJECTS.
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
import json
import sys
from pathlib import Path

import imgaug.augmenters as iaa
import numpy as np
from imgaug.augmentables.bbs import BoundingBox, BoundingBoxesOnImage
from imgaug.augmentables.kps import Keypoint, KeypointsOnImage
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
UNREAD = {unread}  # rows whose images Winnow could not read
TWINS = {twins}  # class -> the keypoint that each one becomes in a mirror image


def variant(picture, row, number):
    """Variant of a picture (height x width x 3, uint8): the same for a row and number, in any order."""
    seed(row, number)
    return PIPELINE(image=np.ascontiguousarray(picture))


def seed(row, number):
    digest = hashlib.blake2b(f"{{SEED}},{{row}},{{number}}".encode(), digest_size=4).digest()
    PIPELINE.seed_(int.from_bytes(digest, "big") % (2**31 - 1))


def variant_with_objects(picture, row, number):
    """The same, and what OBJECTS marks in it, moved along: class, box, crowd, x, y, seen of keypoints."""
    wide, tall, objects = OBJECTS[row]
    across, down = picture.shape[1] / wide, picture.shape[0] / tall  # a large JPEG is drawn smaller
    boxes, points = [], [Keypoint(0, 0), Keypoint(picture.shape[1], 0), Keypoint(0, picture.shape[0])]
    for place, (_, x, y, w, h, _, own) in enumerate(objects):
        left, top = x * across, y * down
        boxes.append(BoundingBox(left, top, left + w * across, top + h * down, label=str(place)))
        each = zip(own[::3], own[1::3], own[2::3])
        points += [Keypoint(x * across, y * down) for x, y, seen in each if seen]
    seed(row, number)
    HIDDEN.clear()
    made, boxes, points = PIPELINE(
        image=np.ascontiguousarray(picture),
        bounding_boxes=BoundingBoxesOnImage(boxes, shape=picture.shape),
        keypoints=KeypointsOnImage(points, shape=picture.shape),
    )
    (a, b, c), placed = points.keypoints[:3], iter(points.keypoints[3:])
    mirrored = (b.x - a.x) * (c.y - a.y) < (b.y - a.y) * (c.x - a.x)
    every = iter([1 if 3 + place in HIDDEN else 2 for place in range(len(points.keypoints) - 3)])
    seen = [[min(one, next(every)) if one else 0 for one in own[2::3]] for *_, own in objects]
    named = zip([one[0] for one in objects], seen)
    moved = [points_moved(name, own, placed, mirrored, made.shape) for name, own in named]
    boxes = boxes.remove_out_of_image_fraction_(0.7).clip_out_of_image_().bounding_boxes
    places = [int(box.label) for box in boxes]
    sides = [(box.x1, box.y1, box.x2 - box.x1, box.y2 - box.y1) for box in boxes]
    return made, [(objects[at][0], box, objects[at][5], moved[at]) for at, box in zip(places, sides)]


def noting(cut):
    """What Cutout makes of a picture, with the keypoints beneath its squares in HIDDEN: where it changes a
    white picture, with the same draws.
    """

    def noted(batch, random_state, parents, hooks):
        if batch.keypoints:
            white = batch.deepcopy()
            white.images = np.full_like(batch.images, 255)
            covered = cut(white, random_state.copy(), parents, hooks).images[0].min(axis=2) < 255
            for place, one in enumerate(batch.keypoints[0].keypoints):
                y, x = min(int(one.y), covered.shape[0] - 1), min(int(one.x), covered.shape[1] - 1)
                if one.x >= 0 and one.y >= 0 and covered[y, x]:
                    HIDDEN.add(place)
        return cut(batch, random_state, parents, hooks)

    return noted


HIDDEN = set()  # places of keypoints beneath squares that were cut out
for one in PIPELINE.get_all_children(flat=True):
    if isinstance(one, iaa.Cutout):
        one._augment_batch_ = noting(one._augment_batch_)


def points_moved(name, every, placed, mirrored, shape):
    """Keypoints of an object where they lie now: zeros out of the picture, each as its twin in a mirror."""
    points = []
    for seen in every:
        one = next(placed) if seen else None
        inside = one is not None and 0 <= one.x <= shape[1] and 0 <= one.y <= shape[0]
        points.append((one.x, one.y, seen) if inside else (0, 0, 0))
    if not any(seen for _, _, seen in points):
        return []
    twins = TWINS.get(name, ())
    return [points[twin] for twin in twins] if mirrored and len(twins) == len(points) else points


def as_cell(objects):
    """Objects as the table has them."""

    def rounded(numbers):
        return [round(float(one), {decimals}) + 0.0 for one in numbers]

    return {{
        "bbox": [rounded(box) for _, box, _, _ in objects],
        "category": [called for called, _, _, _ in objects],
        "iscrowd": [crowd for _, _, crowd, _ in objects],
        "keypoints": [rounded(number for point in points for number in point) for *_, points in objects],
    }}


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
    if apart:
        where = f" in folders called {{', '.join(sorted(LEFT_OUT))}}" if LEFT_OUT else " of serve"
        print(f"{{len(apart)}} images{{where}} get no variants.")
    if not files:
        sys.exit(f"There are no images in {{folder}}{{' but those' if every else ''}}.")
    out.mkdir(parents=True, exist_ok=True)
    unread, taken, labels = 0, set(), {{row: label for label, own in LABELS.items() for row in own}}
    name = "metadata.jsonl" if OBJECTS else "metadata.csv"  # a cell of CSV holds no list
    with open(out / name, "w", encoding="utf-8", errors="surrogateescape", newline="") as table:
        lines = csv.writer(table, lineterminator="\\n")
        if not OBJECTS:
            lines.writerow(["file_name", *["label"] * bool(LABELS), "row", "variant", "source"])
        for path in sorted(files, key=rows.get):
            picture, source, row = opened(folder / path), Path(path), rows[path]
            if picture is not None and row in UNREAD:
                print(f"{{folder / path}} is damaged, though it opens.", file=sys.stderr)
                picture = None
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
                known = variant_with_objects(picture, row, number) if row in OBJECTS else None
                made, objects = known or (variant(picture, row, number), None)
                Image.fromarray(made).save(out / name)
                line = {{"file_name": name.as_posix()}} | ({{"label": labels.get(row)}} if LABELS else {{}})
                line |= {{"row": row, "variant": number, "source": path}}
                if OBJECTS:
                    line["objects"] = None if objects is None else as_cell(objects)
                    table.write(json.dumps(line, ensure_ascii=False) + "\\n")
                else:
                    lines.writerow(line.values())
    if KEYPOINTS:
        (out / "keypoints.json").write_text(json.dumps(KEYPOINTS, ensure_ascii=False), encoding="utf-8")
    if unread:
        sys.exit(f"{{unread}} of {{len(files)}} files could not be read and gave no variants.")


FILES = [{files}
]  # the images of the data, by their rows
LABELS = {{{labels}
}}  # their rows
OBJECTS = {{{objects}
}}  # by their rows: width, height; of each object class, x, y, width, height, crowd; x, y, seen of keypoints
KEYPOINTS = [{keypoints}
]  # what is known of those of each class


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4) or not all(given.isdecimal() for given in sys.argv[3:]):
        sys.exit("Usage: python augment.py FOLDER OUT [NUMBER]")
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 1)
'''
