"""The files of a source of images, and what is known of each image by how they are arranged."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from core.dataset.keypoints import Skeleton
from core.finding import Finding
from core.loading.images.archive import UNREADABLE, Member, unreadable
from core.loading.images.boxes import Box, Marked
from core.loading.images.names import ending, is_image_name
from core.loading.images.places import Places

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
CALLED = {
    "metadata": "the metadata",
    "coco": "the COCO annotations",
    "voc": "the Pascal VOC annotations",
    "yolo": "the YOLO labels",
    "webdataset": "the WebDataset",
    "manifest": "the table",
}  # what says something of images by their names, by the layout, in a sentence
T = TypeVar("T")
LARGEST = 50_000_000  # bytes of a table or an annotation


@dataclass
class Spots:
    """The rows that something is said of, and the places in files where no row is known."""

    rows: set[int] = field(default_factory=set)
    others: list[str] = field(default_factory=list)


@dataclass
class Arranged:
    """The images in the order of the rows, and what is known of each.

    layout, sentence: which it is, and what was done. members: the file of each row; None where a table
    names one that is not there. names: what each row's image is called. columns: name -> one value per row.
    boxes: per row; None where the layout marks no objects. skeletons: file beside a table -> what it says of
    the keypoints of each class. missing: names in a table that are not there.
    unclear: names in a table that several files have. renamed: names in a table that have another ending
    than their file. spare: files that a table does not name. marked: what is wrong with annotations;
    lost_at, unnamed_at, unclear_at: where.
    part_by_folder: whether a part is that of a folder's name, and not of a table. used: the files beside the
    images that all this was taken from. unused: files that look like labels and were not -> why. lost: lines
    of tables that are no rows. findings: what else was met in tables.
    """

    layout: str
    sentence: str
    members: list[Member | None]
    names: list[str]
    columns: dict[str, pa.Array] = field(default_factory=dict)
    boxes: list[list[Box]] | None = None
    skeletons: dict[str, dict[str, Skeleton]] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    unclear: list[str] = field(default_factory=list)
    renamed: list[str] = field(default_factory=list)
    spare: list[str] = field(default_factory=list)
    marked: Marked | None = None
    lost_at: Spots = field(default_factory=Spots)
    unnamed_at: Spots = field(default_factory=Spots)
    unclear_at: Spots = field(default_factory=Spots)
    part_by_folder: bool = True
    used: set[str] = field(default_factory=set)
    unused: dict[str, str] = field(default_factory=dict)
    lost: int = 0
    findings: list[Finding] = field(default_factory=list)

    @property
    def called(self) -> str:
        """What says something of the images, in a sentence."""
        return CALLED.get(self.layout, "the source")

    @property
    def names_them(self) -> str:
        """The same, with the verb: ``the table names``."""
        return f"{self.called} {'names' if self.marked is None else 'name'}"


@dataclass
class SourceFiles:
    """The files of a source: images, and all others. folder: where one may be written to be read. why: name
    of a file -> why it could not be used.
    """

    images: list[Member]
    others: list[Member]
    kind: str
    folder: Path
    why: dict[str, str] = field(default_factory=dict)

    def ending(self, *endings: str) -> list[Member]:
        """The files beside the images that end so."""
        return [member for member in self.others if ending(member.name) in endings]

    @cached_property
    def names(self) -> list[str]:
        """The paths of the images."""
        return [member.name for member in self.images]

    @cached_property
    def places(self) -> Places:
        """Where the images lie."""
        return Places(self.names)

    def read(self, member: Member) -> bytes:
        """A table or an annotation; b"" where it is too large or cannot be read."""
        if member.size > LARGEST:
            self.why[member.name] = f"it is larger than {LARGEST // 1_000_000} MB"
            return b""
        try:
            return member.read()
        except UNREADABLE as error:
            self.why[member.name] = f"it cannot be read from the archive ({unreadable(error)})"
            return b""

    def each(
        self, members: Iterable[Member], reading: Callable[[Member], T | None]
    ) -> Iterator[tuple[Member, T]]:
        """What is read of each file, but for those that hold nothing of the kind (None). One that cannot be
        read, whatever is in it, stops no other.
        """
        for member in members:
            try:
                value = reading(member)
            except MemoryError:
                raise
            except Exception as error:  # noqa: BLE001 - files hold whatever their makers put there
                self.why[member.name] = f"it cannot be read ({unreadable(error)})"
                continue
            if value is not None:
                yield member, value


def above(said: Mapping[str, T], path: str) -> list[T]:
    """Of what files say, by their paths, that of those in the nearest folder above a path.

    >>> above({"a.json": 1, "x/a.json": 2, "y/a.json": 3}, "x/train/0.png"), above({"y/a": 3}, "0.png")
    ([2], [])
    """
    over = [one for one in said if path.startswith(one[: one.rfind("/") + 1])]
    deepest = max((one.rfind("/") for one in over), default=0)
    return [said[one] for one in over if one.rfind("/") == deepest]


def nearest(said: Mapping[str, T], path: str) -> list[T]:
    """As `above`; of all where none lies above the path.

    >>> nearest({"y/a": 3}, "0.png")
    [3]
    """
    return above(said, path) or list(said.values())


def only(skeletons: Iterable[Skeleton]) -> Skeleton:
    """The one that all are; one that says nothing where they differ, or there is none."""
    met = {*skeletons}
    return met.pop() if len(met) == 1 else Skeleton()


def part_column(names: Sequence[str]) -> dict[str, pa.Array]:
    """The part of each image, where folders are called train, test and the like: nothing unless there are
    two.
    """
    import pyarrow as pa

    parts = [next((p for p in one.split("/")[:-1] if p.lower() in PARTS), None) for one in names]
    return {PART: pa.array(parts, pa.string())} if len(set(parts) - {None}) > 1 else {}


def parted(order: Arranged) -> Arranged:
    """Images with columns of their own, and the part that their folders say, where no column is called so."""
    own = any(column.lower() == PART for column in order.columns)
    parts = {} if own else part_column(order.names)
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


def place_of(order: Arranged, files: SourceFiles, called: Any, beside: str) -> int | None:
    """The place of the image that a table or an annotation names, and a note in ``order`` where it names
    none, several, or one with another ending. beside: the file that names it.
    """
    some = files.places.of_all(called, beside)
    if len(some) != 1:
        (order.unclear if some else order.missing).append(str(called))
        return None
    if isinstance(called, str) and is_image_name(called) and ending(called) != ending(files.names[some[0]]):
        order.renamed.append(called)
    return some[0]
