"""Images in the order of rows, with what their layout says of each; and the part that folders say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from core.loading.images.archive import UNREADABLE, Member
from core.loading.images.boxes import Box, Marked
from core.loading.images.names import ending
from core.loading.images.tables import Places

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
class SourceFiles:
    """The files of a source: images, and all others by their ending."""

    images: list[Member]
    others: list[Member]
    kind: str

    def ending(self, *endings: str) -> list[Member]:
        """Those of the others with one of these endings."""
        return [member for member in self.others if ending(member.name) in endings]

    @property
    def names(self) -> list[str]:
        """What the images are called."""
        return [member.name for member in self.images]

    @property
    def places(self) -> Places:
        """By which the images are found again."""
        return Places(self.names)


def content(member: Member) -> bytes:
    """A table or an annotation; b"" where it is too large or cannot be read."""
    if member.size > _LARGEST:
        return b""
    try:
        return member.read()
    except UNREADABLE:
        return b""


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
