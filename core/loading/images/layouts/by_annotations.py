"""Layouts in which files mark the objects in the images: COCO, Pascal VOC and YOLO."""

from __future__ import annotations

from core.loading.images.archive import Member
from core.loading.images.boxes import (
    Box,
    Marked,
    is_coco,
    is_voc,
    is_yolo,
    of_coco,
    of_voc,
    of_yolo,
    yolo_names,
)
from core.loading.images.layouts.arranged import Arranged, SourceFiles, content, part_column
from core.loading.images.names import ending
from core.loading.images.tables import json_of, text_of

_LOOKED = 40  # label files that are looked at to recognise a layout


def coco(files: SourceFiles) -> Arranged | None:
    """COCO: all JSON files that hold images, annotations and categories, taken together."""
    values = [json_of(content(member)) for member in files.ending(".json")]
    values = [value for value in values if is_coco(value)]
    if not values:
        return None
    marked = Marked()
    for value in values:
        one = of_coco(value)
        marked.boxes.update(one.boxes)
        marked.without_image += one.without_image
        marked.unusable += one.unusable
        marked.twice_named += one.twice_named
    return _marked(files, marked, "coco", "Images with objects marked in COCO format")


def voc(files: SourceFiles) -> Arranged | None:
    """Pascal VOC: an XML file for each image."""
    members = files.ending(".xml")
    if not any(is_voc(content(member)) for member in members[:_LOOKED]):
        return None
    marked = of_voc((member.name, content(member)) for member in members)
    return _marked(files, marked, "voc", "Images with objects marked in Pascal VOC format")


def yolo(files: SourceFiles) -> Arranged | None:
    """YOLO: a text file for each image, and one that names the classes."""
    listed = [
        m for m in files.others if m.name.rsplit("/", 1)[-1] in ("classes.txt", "obj.names", "data.yaml")
    ]
    listed += [member for member in files.ending(".yaml", ".yml") if member not in listed]
    labels = [member for member in files.ending(".txt") if member not in listed]
    stems = {one.rsplit(".", 1)[0] for one in files.names}
    labels = [member for member in labels if _image_of(member.name) in stems or member.name[:-4] in stems]
    if not labels or not is_yolo([text_of(content(member)) for member in labels[:_LOOKED]]):
        return None
    names = next((found for one in listed if (found := yolo_names(content(one), ending(one.name)))), [])
    texts = {_image_of(member.name) + ".txt": text_of(content(member)) for member in labels}
    return _marked(files, of_yolo(texts, names), "yolo", "Images with objects marked in YOLO format")


def _image_of(label: str) -> str:
    """Path, without its ending, of the image that a label file is for: the last ``labels`` folder is
    ``images``.

    >>> _image_of("data/labels/train/a.txt"), _image_of("a.txt")
    ('data/images/train/a', 'a')
    """
    stem = label.rsplit(".", 1)[0]
    before, found, after = f"/{stem}".rpartition("/labels/")
    return f"{before}/images/{after}".lstrip("/") if found else stem


def _marked(files: SourceFiles, marked: Marked, layout: str, what: str) -> Arranged | None:
    """One row per image, with its number of objects, their classes, and the class where each has only one."""
    import pyarrow as pa

    places = files.places
    boxes: list[list[Box]] = [[] for _ in files.images]
    seen = [False] * len(files.images)
    missing = []
    for image, own in marked.boxes.items():
        place = places.of(image)
        if place is None:
            missing.append(image)
        else:
            boxes[place] += own
            seen[place] = True
    if not any(seen):
        return None
    classes = [sorted({box.name for box in own}) for own in boxes]
    objects = [len(own) if known else None for own, known in zip(boxes, seen, strict=True)]
    columns = {"objects": pa.array(objects, pa.int64())}
    single = all(len(names) <= 1 for names in classes)
    texts = [", ".join(names) if names else None for names in classes]
    columns["label" if single else "classes"] = pa.array(texts, pa.string())
    columns |= part_column(files.names)
    spare = [one for one, known in zip(files.names, seen, strict=True) if not known]
    meaning = "the label is the class of its objects" if single else "the classes are those of its objects"
    members: list[Member | None] = list(files.images)
    return Arranged(
        layout=layout,
        sentence=f"{what}; {meaning}",
        members=members,
        names=files.names,
        columns=columns,
        boxes=boxes,
        missing=missing,
        spare=spare,
        marked=marked,
    )
