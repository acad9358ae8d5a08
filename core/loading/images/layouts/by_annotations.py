"""Images in which objects are marked: COCO, Pascal VOC and YOLO."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.loading.images.archive import Member
from core.loading.images.boxes import (
    Box,
    Marked,
    Spot,
    is_coco,
    is_voc,
    is_yolo,
    of_coco,
    of_voc,
    of_yolo,
    together,
)
from core.loading.images.layouts.arranged import (
    Arranged,
    SourceFiles,
    Spots,
    part_column,
    place_of,
)
from core.loading.images.layouts.objects import CLASSES, NONE, columns_of
from core.loading.images.layouts.yolo_sets import yolo_files, yolo_sets
from core.loading.images.tables import json_of, text_of
from core.phrases import name

_LOOKED = 40  # label files that are looked at to recognise a layout


def coco(files: SourceFiles) -> Arranged | None:
    """COCO, of one file or several: names are looked for in the folder of their file first."""

    def reading(member: Member) -> Marked | None:
        value = json_of(files.read(member))
        return of_coco(value, member.name) if is_coco(value) else None

    marked, used = Marked(), set()
    for member, one in files.each(files.ending(".json"), reading):
        marked.add(one)
        used.add(member.name)
    return _marked(files, marked, "coco", "Images with objects marked in COCO format", used) if used else None


def voc(files: SourceFiles) -> Arranged | None:
    """Pascal VOC, one file for each image; XML that is damaged or something else is not used."""
    members = files.ending(".xml")
    if not any(is_voc(files.read(member)) for member in members[:_LOOKED]):
        return None
    marked = of_voc((member.name, files.read(member)) for member in members)
    used = {file for file, _ in marked.boxes}
    return _marked(files, marked, "voc", "Images with objects marked in Pascal VOC format", used)


def yolo(files: SourceFiles) -> Arranged | None:
    """YOLO, one file for each image, beside it or in ``labels``; names of classes stand in files of their
    own, which speak of the labels below them.
    """
    listed = [
        m for m in files.others if m.name.rsplit("/", 1)[-1] in ("classes.txt", "obj.names", "data.yaml")
    ]
    listed += [member for member in files.ending(".yaml", ".yml") if member not in listed]
    rest = [member for member in files.ending(".txt") if member not in listed]
    stems = {one.rsplit(".", 1)[0] for one in files.names}
    labels = [member for member in rest if _image_of(member.name, stems) in stems]
    if not labels or not is_yolo([text_of(files.read(member)) for member in labels[:_LOOKED]]):
        return None
    folders = {member.name.rpartition("/")[0] for member in labels}
    taken = set(labels)
    others = [member for member in rest if member not in taken and member.name.rpartition("/")[0] in folders]
    labels += [member for member in others if is_yolo([text_of(files.read(member))])]
    texts = {m.name: (_image_of(m.name, stems), text_of(files.read(m))) for m in labels}
    said, marked = yolo_files(files, listed), Marked()
    used = {*texts, *(one.file for one in said)}
    for known, own in yolo_sets(said, texts):
        marked.add(of_yolo({label: texts[label] for label in own}, known.names, known.shape, known.skeleton))
        if known.unclear:
            marked.between |= {*known.unclear}
            marked.unclear_at += [(label, texts[label][0], "") for label in own]
    return _marked(files, marked, "yolo", "Images with objects marked in YOLO format", used)


def _image_of(label: str, stems: set[str]) -> str:
    """Path, without its ending, of the image that a label file is for: it lies beside it, or the last
    ``labels`` folder is ``images``.

    >>> _image_of("data/labels/train/a.txt", set()), _image_of("labels/a.txt", {"labels/a"})
    ('data/images/train/a', 'labels/a')
    """
    stem = label.rsplit(".", 1)[0]
    before, found, after = f"/{stem}".rpartition("/labels/")
    return f"{before}/images/{after}".lstrip("/") if found and stem not in stems else stem


def _where(spots: Sequence[Spot], at: Mapping[tuple[str, str], int]) -> Spots:
    """The rows of what annotations say, and where it stands where no row is known."""
    rows = {at[file, image] for file, image, _ in spots if (file, image) in at}
    others = [
        ", ".join(filter(None, (file, place))) for file, image, place in spots if (file, image) not in at
    ]
    return Spots(rows, others)


def _marked(files: SourceFiles, marked: Marked, layout: str, what: str, used: set[str]) -> Arranged | None:
    """One row per image, with its number of objects, their classes, and the class where each has only one."""
    order = Arranged(layout, what, list(files.images), files.names, marked=marked, used=used)
    boxes: list[list[Box]] = [[] for _ in files.images]
    seen, at = [False] * len(files.images), dict[tuple[str, str], int]()
    for (file, image), own in marked.boxes.items():
        gone, place = len(order.missing), place_of(order, files, image, file)
        if place is None:
            marked.without_file += len(own) if len(order.missing) > gone else 0
            continue
        boxes[place] = together(boxes[place], own)
        seen[place] = True
        at[file, image] = place
    if not any(seen):
        files.why |= dict.fromkeys(used, "none of the images that it names is here")
        return None
    order.boxes = boxes
    order.lost_at, order.unnamed_at = _where(marked.lost, at), _where(marked.unnamed_at, at)
    order.unclear_at = _where(marked.unclear_at, at)
    sure = [one and (bool(boxes[row]) or row not in order.lost_at.rows) for row, one in enumerate(seen)]
    known = columns_of([own if one else None for own, one in zip(boxes, sure, strict=True)])
    order.columns = {**known, **part_column(files.names)}
    order.spare = [one for one, known in zip(files.names, seen, strict=True) if not known]
    meaning = "the label is the class of its objects"
    if CLASSES in known:
        meaning = "the classes are those of its objects"
    if any(one and not own for own, one in zip(boxes, sure, strict=True)):
        meaning += f", {name(NONE)} where none is marked"
    order.sentence = "; ".join(filter(None, (what, meaning, marked.note)))
    return order
