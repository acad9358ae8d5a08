"""How the images of a source are arranged, and what each is thereby known to be: its class, its part, its
objects.

The first layout that fits is taken (`LAYOUTS`, in this order); a person may choose another. Rules: Hugging
Face's ImageFolder, torchvision's ImageFolder, WebDataset's ``base_plus_ext``, Ultralytics'
``img2label_paths``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from core.errors import LoadError
from core.loading.images.archive import UNREADABLE, Listing, Member
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
from core.loading.images.names import ending, is_image_name
from core.loading.images.tables import TABLES, Places, column_of, json_of, naming_column, table_of, text_of
from core.loading.options import LAYOUTS
from core.phrases import count, listed, name

if TYPE_CHECKING:
    import pyarrow as pa

PART = "part"  # the column
PARTS = (
    "train",
    "training",
    "test",
    "testing",
    "val",
    "valid",
    "validation",
    "dev",
    "serve",
    "serving",
    "production",
)
_SERVED = ("serve", "serving", "production", "test", "testing", "val", "valid", "validation", "dev")
_LOOKED = 40  # label files that are looked at to recognise a layout
_LARGEST = 50_000_000  # bytes of a table or an annotation


@dataclass
class Arranged:
    """The images in the order of the rows, and what is known of each.

    layout, sentence: which it is, and what was done. members: the file of each row; None where a table
    names one that is not there. names: what each row's image is called. columns: name -> one value per row.
    boxes: per row; None where the layout marks no objects. missing: names in a table that are not there.
    spare: files that a table does not name. marked: what is wrong with annotations. part_by_folder: whether a
    part is that of a folder's name, and not of a table.
    """

    layout: str
    sentence: str
    members: list[Member | None]
    names: list[str]
    columns: dict[str, pa.Array] = field(default_factory=dict)
    boxes: list[list[Box]] | None = None
    missing: list[str] = field(default_factory=list)
    spare: list[str] = field(default_factory=list)
    marked: Marked | None = None
    part_by_folder: bool = True


@dataclass
class _Files:
    """The files of a source: images, and all others by their ending."""

    images: list[Member]
    others: list[Member]
    kind: str

    def ending(self, *endings: str) -> list[Member]:
        return [member for member in self.others if ending(member.name) in endings]

    @property
    def names(self) -> list[str]:
        return [member.name for member in self.images]

    @property
    def places(self) -> Places:
        return Places(self.names)


def arranged(found: Listing, source: str, layout: str | None = None) -> Arranged:
    """How the files are arranged. layout: the one of `LAYOUTS` that a person chose. Raises `LoadError`
    where there are no images, or the chosen layout does not fit.
    """
    files = _files(found)
    if "[Content_Types].xml" in {member.name for member in files.others}:
        raise LoadError(
            f"{source} looks like an Excel workbook or another Office document. "
            "Save the table as CSV or Parquet."
        )
    if not files.images:
        raise LoadError(_no_images(source, files))
    for known in LAYOUTS if layout is None else (layout,):
        read = _READERS[known](files)
        if read is not None:
            return read
    raise LoadError(
        f"{source} is not arranged as {layout!r}. "
        f"Leave the layout out, or choose one of: {', '.join(LAYOUTS)}."
    )


def _files(found: Listing) -> _Files:
    images = [member for member in found.members if is_image_name(member.name)]
    others = [member for member in found.members if not is_image_name(member.name)]
    return _Files(images, others, found.kind)


def _no_images(source: str, files: _Files) -> str:
    endings = sorted({ending(member.name) or "no ending" for member in files.others})
    others = f"no images, but {count(len(files.others), 'file')} ({listed(endings, 5)})"
    return (
        f"{source} holds {others if files.others else 'no files'}. Give a ZIP, a tar or a folder with PNG, "
        "JPEG, WebP, BMP, GIF or TIFF files; give a table by itself."
    )


def _read(member: Member) -> bytes:
    """A table or an annotation; b"" where it is too large or cannot be read."""
    if member.size > _LARGEST:
        return b""
    try:
        return member.read()
    except UNREADABLE:
        return b""


# --- tables


def _metadata(files: _Files) -> Arranged | None:
    """Hugging Face: ``metadata.csv``, ``.jsonl`` or ``.parquet`` in the folders of images, for all below."""
    tables = [
        member
        for member in files.ending(".csv", ".jsonl", ".parquet")
        if member.name.rsplit("/", 1)[-1].rsplit(".", 1)[0] == "metadata"
    ]
    return _of_tables(files, tables, "metadata")


def _manifest(files: _Files) -> Arranged | None:
    """A table of which nine cells in ten of a column name files."""
    return _of_tables(files, files.ending(*TABLES), "manifest")


def _of_tables(files: _Files, members: Sequence[Member], layout: str) -> Arranged | None:
    import pyarrow as pa

    read: list[tuple[Member, pa.Table, str]] = []
    for member in members:
        table = table_of(_read(member), ending(member.name))
        below = member.name.rpartition("/")[0]
        column = None if table is None else naming_column(table, Places(files.names, below))
        if table is not None and column is not None and table.num_rows:
            read.append((member, table, column))
    if not read:
        return None
    if layout == "manifest":
        read = [max(read, key=lambda one: one[1].num_rows)]
    rows: list[Member | None] = []
    names: list[str] = []
    missing: list[str] = []
    for member, table, column in read:
        places = Places(files.names, member.name.rpartition("/")[0])
        for cell in table[column].to_pylist():
            place = places.of(cell)
            rows.append(None if place is None else files.images[place])
            names.append(str(cell) if place is None else files.images[place].name)
            missing += [] if place is not None else [str(cell)]
    used = {member.name for member in rows if member is not None}
    tables = [table.drop_columns([column]) for _, table, column in read]
    joined = pa.concat_tables(tables, promote_options="permissive")
    columns = dict(
        zip(joined.column_names, (column.combine_chunks() for column in joined.columns), strict=True)
    )
    spare = [one for one in files.names if one not in used]
    table_name = name(read[0][0].name)
    sentence = f"Images named in {table_name}, column {name(read[0][2])}; its other columns are theirs"
    return _parted(Arranged(layout, sentence, rows, names, columns, missing=missing, spare=spare))


# --- annotations


def _coco(files: _Files) -> Arranged | None:
    values = [json_of(_read(member)) for member in files.ending(".json")]
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


def _voc(files: _Files) -> Arranged | None:
    members = files.ending(".xml")
    if not any(is_voc(_read(member)) for member in members[:_LOOKED]):
        return None
    marked = of_voc((member.name, _read(member)) for member in members)
    return _marked(files, marked, "voc", "Images with objects marked in Pascal VOC format")


def _yolo(files: _Files) -> Arranged | None:
    listed = [
        m for m in files.others if m.name.rsplit("/", 1)[-1] in ("classes.txt", "obj.names", "data.yaml")
    ]
    listed += [member for member in files.ending(".yaml", ".yml") if member not in listed]
    labels = [member for member in files.ending(".txt") if member not in listed]
    stems = {one.rsplit(".", 1)[0] for one in files.names}
    labels = [member for member in labels if _image_of(member.name) in stems or member.name[:-4] in stems]
    if not labels or not is_yolo([text_of(_read(member)) for member in labels[:_LOOKED]]):
        return None
    names = next((found for one in listed if (found := yolo_names(_read(one), ending(one.name)))), [])
    texts = {_image_of(member.name) + ".txt": text_of(_read(member)) for member in labels}
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


def _marked(files: _Files, marked: Marked, layout: str, what: str) -> Arranged | None:
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
    columns |= _part_column(files.names)
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


# --- folders and names


def _webdataset(files: _Files) -> Arranged | None:
    """A tar archive whose members share a key up to the first dot of their base name."""
    beside = {member.name: member for member in files.others}
    keys = [_key(one) for one in files.names]
    labelled = [f"{key}.cls" in beside or f"{key}.json" in beside or f"{key}.txt" in beside for key in keys]
    if files.kind != "tar" or sum(labelled) < 0.9 * len(keys):
        return None
    columns: dict[str, list[object]] = {}
    for row, key in enumerate(keys):
        facts: dict[str, object] = {}
        if f"{key}.json" in beside:
            value = json_of(_read(beside[f"{key}.json"]))
            facts |= {str(k): v for k, v in value.items()} if isinstance(value, dict) else {}
        for suffix, called in ((".txt", "text"), (".cls", "label")):
            if key + suffix in beside:
                facts[called] = text_of(_read(beside[key + suffix])).strip()
        for called, one in facts.items():
            columns.setdefault(called, [None] * len(keys))[row] = one
    arrays: dict[str, pa.Array] = {called: column_of(cells) for called, cells in columns.items()}
    members: list[Member | None] = list(files.images)
    sentence = "A WebDataset: what belongs to an image has its name up to the first dot"
    return _parted(Arranged("webdataset", sentence, members, files.names, arrays))


def _key(path: str) -> str:
    """The key of a member of a WebDataset.

    >>> _key("a/b.v2.jpg"), _key("x.jpg")
    ('a/b', 'x')
    """
    folder, slash, base = path.rpartition("/")
    return folder + slash + base.split(".", 1)[0]


def _folders(files: _Files) -> Arranged | None:
    """The class is the folder that an image lies in: of several folders, all images as deep as each other."""
    parents = [one.split("/")[:-1] for one in files.names]
    depths = {len(parent) for parent in parents}
    folders = {tuple(parent) for parent in parents}
    if len(depths) != 1 or depths == {0} or len(folders) < 2:
        return None
    labels = [parent[-1] for parent in parents]
    if {label.lower() for label in labels} <= set(PARTS):  # train and test, without classes
        return None
    return _by_folder(files, labels, "folders", "the label is the folder that an image lies in")


def _top_folders(files: _Files) -> Arranged | None:
    """The class is the first folder that is no part: torchvision's rule, where images lie at several
    depths.
    """
    root = _root_depth(files.names)
    parents = [[p for p in one.split("/")[root:-1] if p.lower() not in PARTS] for one in files.names]
    labels = [parent[0] if parent else None for parent in parents]
    if len({label for label in labels if label}) < 2:
        return None
    return _by_folder(files, labels, "top_folders", "the label is the first folder that names no part")


def _root_depth(names: Sequence[str]) -> int:
    """How many folders all images lie in."""
    parents = [one.split("/")[:-1] for one in names]
    depth = 0
    while all(len(p) > depth for p in parents) and len({p[depth] for p in parents}) == 1:
        depth += 1
    return depth


def _plain(files: _Files) -> Arranged | None:
    members: list[Member | None] = list(files.images)
    return Arranged("plain", "Images without labels", members, files.names, dict(_part_column(files.names)))


def _by_folder(files: _Files, labels: Sequence[str | None], layout: str, meaning: str) -> Arranged:
    import pyarrow as pa

    columns = {"label": pa.array(labels, pa.string())} | _part_column(files.names)
    more = "; the folder above says the part" if PART in columns else ""
    members: list[Member | None] = list(files.images)
    return Arranged(layout, f"Images in folders; {meaning}{more}", members, files.names, columns)


def _part_column(names: Sequence[str]) -> dict[str, pa.Array]:
    """The part of each image, where folders are called train, test and the like: nothing unless there are
    two.
    """
    import pyarrow as pa

    parts = [next((p for p in one.split("/")[:-1] if p.lower() in PARTS), None) for one in names]
    return {PART: pa.array(parts, pa.string())} if len(set(parts) - {None}) > 1 else {}


def _parted(order: Arranged) -> Arranged:
    """Images with columns of their own, and the part that their folders say, where no column is called so."""
    own = any(column.lower() == PART for column in order.columns)
    parts = {} if own else _part_column(order.names)
    more = "; the folder says the part" if parts else ""
    columns = order.columns | parts
    return replace(order, sentence=order.sentence + more, columns=columns, part_by_folder=bool(parts))


def serve_folder(parts: Iterable[str | None]) -> str:
    """Of the folders that say the part, the one whose images are most like those to be served; "" where there
    is none.

    >>> serve_folder(["train", "Valid", "Test", None]), serve_folder(["train", "val"]), serve_folder([])
    ('Test', 'val', '')
    """
    known = sorted({one for one in parts if one is not None and one.lower() in _SERVED})
    return min(known, key=lambda one: _SERVED.index(one.lower()), default="")


_READERS: dict[str, Callable[[_Files], Arranged | None]] = {
    "metadata": _metadata,
    "coco": _coco,
    "voc": _voc,
    "yolo": _yolo,
    "webdataset": _webdataset,
    "manifest": _manifest,
    "folders": _folders,
    "top_folders": _top_folders,
    "plain": _plain,
}
