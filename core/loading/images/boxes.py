"""Objects marked in images: COCO, Pascal VOC and YOLO, each as a box, and keypoints where it has some, in
pixels of the upright picture.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from core.dataset.keypoints import Skeleton
from core.dataset.pictures import BOX_COLUMNS, SKELETONS
from core.loading.images.keypoints import Points, finite_numbers, points_of, yolo_points
from core.loading.images.tables import text_of

if TYPE_CHECKING:
    import pyarrow as pa

BoxLine = tuple[int, str, float, float, float, float, bool, Points]
Spot = tuple[str, str, str]  # a file, its image, "" where none is known, and the line or annotation in it


@dataclass(frozen=True)
class Box:
    """One object: its class, upper left corner and size. ``share``: of the picture's size rather than in
    pixels. ``size``: width and height of the picture, as the annotation says; None where it does not.
    ``points``: its keypoints, () where it has none; None where they cannot be read. ``skeleton``: what its
    file says of them.
    """

    name: str
    x: float
    y: float
    width: float
    height: float
    crowd: bool = False
    share: bool = False
    size: tuple[float, float] | None = None
    points: Points | None = ()
    skeleton: Skeleton = field(default=Skeleton(), repr=False)


@dataclass
class Marked:
    """The boxes of each image, by the file of the annotation and the name that it gives the image, and what
    is wrong with the annotation. lost: annotations of images that are not listed, and those that cannot be
    read. without_file: objects of images that are listed and not there. unnamed: categories that have no
    name -> their objects, which are at unnamed_at. between: files that say classes or keypoints, each in its
    own way, of the label files at unclear_at. note: how corners were counted, "" where that goes without
    saying.
    """

    boxes: dict[tuple[str, str], list[Box]] = field(default_factory=dict)
    without_image: int = 0
    without_file: int = 0
    twice_named: list[str] = field(default_factory=list)
    unusable: int = 0
    lost: list[Spot] = field(default_factory=list)
    unnamed: Counter[str] = field(default_factory=Counter)
    unnamed_at: list[Spot] = field(default_factory=list)
    between: set[str] = field(default_factory=set)
    unclear_at: list[Spot] = field(default_factory=list)
    note: str = ""

    def add(self, other: Marked) -> None:
        """What another file marks, too."""
        self.boxes |= other.boxes
        self.without_image += other.without_image
        self.unusable += other.unusable
        self.lost += other.lost
        self.unnamed += other.unnamed
        self.unnamed_at += other.unnamed_at
        self.between |= other.between
        self.unclear_at += other.unclear_at
        self.twice_named = sorted({*self.twice_named, *other.twice_named})


def is_coco(value: Any) -> bool:
    """Whether a JSON value is an annotation of COCO."""
    keys = ("images", "annotations", "categories")
    return isinstance(value, dict) and all(isinstance(value.get(key), list) for key in keys)


def of_coco(value: Mapping[str, Any], file: str = "") -> Marked:
    """COCO: boxes are x, y, width, height, in pixels from 0; ids of categories have gaps and stay what they
    are.
    """
    marked = Marked()
    categories = [one for one in _dicts(value["categories"]) if _is_id(one.get("id"))]
    skeletons = {one["id"]: Skeleton.of_category(one) for one in categories}
    named = {one["id"]: str(one.get("name", one["id"])) for one in categories}
    marked.twice_named = sorted(label for label, many in Counter(named.values()).items() if many > 1)
    images = {one["id"]: one for one in _dicts(value["images"]) if _is_id(one.get("id")) and _file_of(one)}
    for one in images.values():
        marked.boxes.setdefault((file, _file_of(one)), [])
    for number, one in enumerate(value["annotations"], 1):
        if not isinstance(one, dict):
            continue
        image = images.get(one["image_id"]) if _is_id(one.get("image_id")) else None
        which, numbers = one.get("category_id"), finite_numbers(one.get("bbox"), 4)
        if image is None:
            marked.without_image += 1
            marked.lost.append((file, "", f"annotation {number}"))
        elif numbers is None or not (which is None or _is_id(which)):
            marked.unusable += 1
            marked.lost.append((file, _file_of(image), f"annotation {number}"))
        else:
            size = finite_numbers([image.get("width"), image.get("height")], 2)
            label = "object" if which is None else named.get(which, str(which))
            if which is not None and which not in named:
                marked.unnamed[label] += 1
                marked.unnamed_at.append((file, _file_of(image), f"annotation {number}"))
            box = Box(label, *numbers, crowd=bool(one.get("iscrowd")), size=size)  # type: ignore[misc,arg-type]
            said = skeletons.get(which, Skeleton())
            box = replace(box, points=points_of(one.get("keypoints")), skeleton=said)
            marked.boxes[file, _file_of(image)].append(box)
    return marked


def _is_id(value: Any) -> bool:
    """Whether a value can be an id: a number or a text, and no list or object."""
    return isinstance(value, (str, int, float))


def _file_of(image: Mapping[str, Any]) -> str:
    """The name of an image of COCO; "" where there is none."""
    called = image.get("file_name")
    return called if isinstance(called, str) else ""


def _dicts(values: Iterable[Any]) -> list[dict[str, Any]]:
    return [value for value in values if isinstance(value, dict)]


def of_voc(files: Iterable[tuple[str, bytes]]) -> Marked:
    """Pascal VOC: one XML file per image. Corners are counted from 1, both included, so that 1 is taken off
    the upper left one only (as detectron2 does); where any corner is 0 they are counted from 0.
    """
    marked = Marked()
    corners: list[tuple[tuple[str, str], str, tuple[float, ...], tuple[float, ...] | None]] = []
    for name, content in files:
        root = xml_root(content)
        if root is None:
            marked.unusable += 1
            marked.lost.append((name, "", ""))
            continue
        if root.tag != "annotation":
            continue
        own = name.rsplit("/", 1)[-1].rsplit(".", 1)[0]
        image = (name, (root.findtext("filename") or own).strip() or own)
        marked.boxes.setdefault(image, [])
        size = finite_numbers([root.findtext("size/width"), root.findtext("size/height")], 2)
        for number, one in enumerate(root.iter("object"), 1):
            ends = finite_numbers(
                [one.findtext(f"bndbox/{end}") for end in ("xmin", "ymin", "xmax", "ymax")], 4
            )
            if ends is None:
                marked.unusable += 1
                marked.lost.append((*image, f"object {number}"))
            else:
                corners.append((image, (one.findtext("name") or "").strip() or "object", ends, size))
    first = 0.0 if any(0 in ends[:2] for _, _, ends, _ in corners) else 1.0
    marked.note = (
        "pixels are counted from 1, as none is 0" if first else "pixels are counted from 0, as some are 0"
    )
    for image, label, (left, top, right, bottom), size in corners:
        x, y = left - first, top - first
        known = size if size and min(size) > 0 else None
        marked.boxes[image].append(Box(label, x, y, right - x, bottom - y, size=known))  # type: ignore[arg-type]
    return marked


def is_voc(content: bytes) -> bool:
    """Whether a file is an annotation of Pascal VOC."""
    root = xml_root(content)
    return root is not None and root.tag == "annotation" and root.find("object/bndbox") is not None


def xml_root(content: bytes) -> Any:
    """The root of a small XML document; None for one that is damaged, or declares entities, which may grow
    without bounds.
    """
    from xml.etree import ElementTree

    if b"<!ENTITY" in content or b"<!DOCTYPE" in content:
        return None
    try:
        return ElementTree.fromstring(content)
    except (ElementTree.ParseError, ValueError, LookupError):
        return None


def is_yolo(texts: Sequence[str]) -> bool:
    """Whether texts are labels of YOLO: nine lines in ten are a whole number and four or more shares.

    >>> is_yolo(["0 0.5 0.5 0.2 0.1\\n3 .1 .1 .1 .1", ""]), is_yolo(["a cat"]), is_yolo(["1 300 200 50 40"])
    (True, False, False)
    >>> is_yolo(["1 192.168.0.1 2 3 4"])
    False
    """
    lines = [line.split() for text in texts for line in text.splitlines() if line.strip()]
    fit = [
        line
        for line in lines
        if line[0].isdigit()
        and (numbers := finite_numbers(line, len(line))) is not None
        and len(numbers) >= 5
        and all(-1 <= number <= 1.5 for number in numbers[1:5])
    ]
    return bool(lines) and len(fit) >= 0.9 * len(lines)


def of_yolo(
    files: Mapping[str, tuple[str, str]],
    names: Mapping[int, str],
    shape: tuple[int, int] | None = None,
    skeleton: Callable[[int], Skeleton] | None = None,
) -> Marked:
    """YOLO: class, centre and size as shares of the picture, one line per object; ``names``: of the
    classes, by number. 5 numbers are a box; an odd number of 7 or more a class and the corners of a polygon,
    of which the box around it is taken; 5 and as many as keypoints take a box and keypoints. An empty file
    is an image without objects. ``files``: label file -> path of its image, without ending, and its text.
    shape: how many keypoints an object has, and of how many numbers each, where a file says it; no line is a
    polygon then. skeleton: gives what is said of the keypoints of a class, by its number.
    """
    marked = Marked()
    lines = [line.split() for _, text in files.values() for line in text.splitlines() if line.strip()]
    many = _posed(lines)
    shape = shape or ((many, 3) if many else None)
    for file, (image, text) in files.items():
        boxes = marked.boxes.setdefault((file, image), [])
        for number, line in enumerate(text.splitlines(), 1):
            if not line.strip():
                continue
            box = _yolo_box(line.split(), names, shape)
            if box is None:
                marked.unusable += 1
                marked.lost.append((file, image, f"line {number}"))
            else:
                which = int(float(line.split()[0]))
                said = skeleton(which) if skeleton is not None else Skeleton()
                boxes.append(replace(box, skeleton=said))
                if names and which not in names:
                    marked.unnamed[box.name] += 1
                    marked.unnamed_at.append((file, image, f"line {number}"))
    return marked


def _posed(lines: Sequence[Sequence[str]]) -> int:
    """How many keypoints of three numbers stand behind each box, where no file says it; 0 where there are
    none. They are where all lines are as long, every third number behind the box is 0, 1 or 2, and nine boxes
    in ten lie within the picture.

    >>> _posed(["0 .5 .5 .5 .2 .5 .5 2".split()]), _posed(["0 .5 .5 .9 .5 .9 .9 .7 1 .5 .9".split()])
    (1, 0)
    """
    many = len(lines[0]) if lines else 0
    if many < 8 or (many - 5) % 3 or any(len(line) != many for line in lines):
        return 0
    read = [one for line in lines if (one := finite_numbers(line, many)) is not None]
    if not read or any(seen not in (0, 1, 2) for one in read for seen in one[7::3]):
        return 0
    return (many - 5) // 3 if sum(_within(*one[1:5]) for one in read) >= 0.9 * len(read) else 0


def _within(middle: float, height: float, wide: float, tall: float) -> bool:
    """Whether a box, by its centre and size, lies within the picture, but for what is rounded."""
    ends = (middle - wide / 2, middle + wide / 2, height - tall / 2, height + tall / 2)
    return min(wide, tall) >= 0 and all(-0.001 <= end <= 1.001 for end in ends)


def _yolo_box(parts: Sequence[str], names: Mapping[int, str], shape: tuple[int, int] | None) -> Box | None:
    """The box of a line; None for a line that says none. shape: of its keypoints, as `of_yolo` has it."""
    numbers = finite_numbers(list(parts), len(parts))
    if numbers is None or len(numbers) < 5 or numbers[0] != int(numbers[0]) or numbers[0] < 0:
        return None
    which = int(numbers[0])
    label = names.get(which, str(which))
    if shape is None and len(numbers) >= 7 and len(numbers) % 2:
        across, down = numbers[1::2], numbers[2::2]
        left, top = min(across), min(down)
        return Box(label, left, top, max(across) - left, max(down) - top, share=True)
    middle, height, wide, tall = numbers[1:5]
    points: Points | None = () if len(numbers) <= 6 else None  # a sixth number is how sure a model was
    if shape is not None and len(numbers) == 5 + shape[0] * shape[1]:
        points = yolo_points(numbers[5:], shape[1])
    return Box(label, middle - wide / 2, height - tall / 2, wide, tall, share=True, points=points)


def yolo_names(content: bytes, ending: str) -> dict[int, str]:
    """The names of classes by number, in ``data.yaml`` (its ``names`` alone), ``classes.txt`` or
    ``obj.names``.

    >>> yolo_names(b"nc: 2\\nnames: ['cat, big', dog]  # two", ".yaml")
    {0: 'cat, big', 1: 'dog'}
    >>> yolo_names(b"names:\\n  1: dog\\n  0: cat\\n", ".yaml")
    {1: 'dog', 0: 'cat'}
    >>> yolo_names(b"names: {0: cat, 5: dog}", ".yaml")
    {0: 'cat', 5: 'dog'}
    >>> yolo_names(b"names:\\n- cat\\n- 'a dog'\\nnc: 2", ".yaml"), yolo_names(b"cat\\ndog\\n", ".txt")
    ({0: 'cat', 1: 'a dog'}, {0: 'cat', 1: 'dog'})
    """
    text = text_of(content).replace("\r\n", "\n")
    if ending not in (".yaml", ".yml"):
        return dict(enumerate(line.strip() for line in text.splitlines() if line.strip()))
    inline = re.search(r"^names:\s*[\[{](.*?)[\]}]\s*(?:#.*)?$", text, re.MULTILINE | re.DOTALL)
    if inline:
        parts = [one[0] for one in re.finditer(r"(?:'[^']*'|\"[^\"]*\"|[^,'\"])+", inline[1])]
    else:
        entry = r"[ \t]*(?:-|(['\"]?)\d+\3[ \t]*:).*\n?"
        block = re.search(rf"^names:\s*(#.*)?\n((?:{entry}|[ \t]*(?:#.*)?\n)+)", text, re.MULTILINE)
        parts = [re.sub(r"^\s*-\s*", "", line) for line in (block[2].splitlines() if block else [])]
    return _numbered([part for part in parts if _plain(part)])


def _numbered(parts: Sequence[str]) -> dict[int, str]:
    """Names by the number before each, or by their order."""
    names = {}
    for place, part in enumerate(parts):
        given = re.match(r"\s*(['\"]?)(\d{1,6})\1\s*:\s+(.*)", part, re.DOTALL)
        names[int(given[2]) if given else place] = _plain(given[3] if given else part)
    return names


def _plain(text: str) -> str:
    return re.sub(r"(^|\s+)#.*$", "", text, flags=re.MULTILINE).strip().strip("'\"")


def placed(box: Box, width: int, height: int, orientation: int) -> tuple[float, float, float, float]:
    """A box in pixels of the upright picture: x, y, width, height. width, height: of the upright picture.

    Tools disagree whether they turn a picture as its EXIF tag says; the size that the annotation gives
    tells which it was. Where it gives none, or that of a square, the box is taken to be on the upright
    picture.

    >>> placed(Box("a", 0.25, 0, 0.5, 1, share=True), 40, 20, 1)
    (10.0, 0.0, 20.0, 20.0)
    >>> placed(Box("a", 1, 2, 3, 4, size=(20, 40)), 40, 20, 6)  # marked as it lies, turned by 90°
    (34.0, 1.0, 4.0, 3.0)
    """
    x, y, wide, tall = box.x, box.y, box.width, box.height
    if box.share:
        x, y, wide, tall = x * width, y * height, wide * width, tall * height
    elif orientation >= 5 and box.size == (height, width) and width != height:
        x, y, wide, tall = _turned((x, y, wide, tall), height, width, orientation)
    return (float(x), float(y), float(wide), float(tall))


def differs(box: Box, width: int, height: int, orientation: int) -> bool:
    """Whether the annotation gives another size than that of the picture, upright or as it lies.

    >>> sizes = ((40, 20), (20, 40), None, (0, 0))
    >>> [differs(Box("a", 0, 0, 1, 1, size=size), 40, 20, 1) for size in sizes]
    [False, True, False, False]
    >>> differs(Box("a", 0, 0, 1, 1, size=(20, 40)), 40, 20, 6)
    False
    """
    if box.size is None or min(box.size) <= 0:
        return False
    return box.size != (width, height) and not (orientation >= 5 and box.size == (height, width))


def placed_points(box: Box, width: int, height: int, orientation: int) -> Points | None:
    """Its keypoints in pixels of the upright picture, as `placed` has it.

    >>> placed_points(Box("a", 0, 0, 1, 1, share=True, points=(0.5, 0.25, 2, 0, 0, 0)), 40, 20, 1)
    (20.0, 5.0, 2, 0, 0, 0)
    """
    points = list[float]()
    for x, y, seen in zip(*((box.points or ())[at::3] for at in range(3)), strict=True):
        across, down, _, _ = placed(replace(box, x=x, y=y, width=0, height=0), width, height, orientation)
        points += (across, down, seen) if seen else (0, 0, 0)
    return None if box.points is None else tuple(points)


def together(some: Sequence[Box], others: Sequence[Box]) -> list[Box]:
    """The boxes of two files: an object that both mark once, with the keypoints that either has."""
    boxes = list(some)
    bare = Skeleton()
    places = {replace(box, points=(), skeleton=bare): place for place, box in enumerate(some)}
    for box in others:
        place = places.get(replace(box, points=(), skeleton=bare))
        if place is None:
            boxes.append(box)
        elif not boxes[place].points:
            boxes[place] = box
    return boxes


def _turned(
    box: tuple[float, float, float, float], width: int, height: int, orientation: int
) -> tuple[float, float, float, float]:
    """A box on a picture as it lies (width x height), on the picture turned by an EXIF orientation of 5 to
    8.
    """
    x, y, wide, tall = box
    flip_x, flip_y = width - x - wide, height - y - tall
    places = {5: (y, x), 6: (flip_y, x), 7: (flip_y, flip_x), 8: (y, flip_x)}
    return (*places[orientation], tall, wide)


def table_of_boxes(rows: Sequence[BoxLine], skeletons: Mapping[str, Skeleton]) -> pa.Table:
    """The boxes as they are kept, `BOX_COLUMNS`, and what is said of the keypoints of each class."""
    import pyarrow as pa

    types = (pa.int64(), pa.string(), *[pa.float64()] * 4, pa.bool_(), pa.list_(pa.float64()))
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(BOX_COLUMNS)
    table = pa.table(
        [pa.array(column, kind) for column, kind in zip(columns, types, strict=True)], names=BOX_COLUMNS
    )
    said = [one.as_coco(name) for name, one in sorted(skeletons.items()) if one != Skeleton()]
    return table.replace_schema_metadata({SKELETONS: json.dumps(said)})
