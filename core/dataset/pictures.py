"""The pictures of an image set, kept beside the canonical file: one per row."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.dataset.held import Cache
from core.dataset.keypoints import Skeleton, skeletons_in
from core.errors import LoadError

if TYPE_CHECKING:
    import pandas as pd

INDEX, ORIGINALS, THUMBS, SMALL, BOXES = (
    "images.npy",
    "images.pack",
    "thumbs.pack",
    "small.npy",
    "boxes.parquet",
)
FILES = (ORIGINALS, THUMBS, SMALL, BOXES, INDEX)  # the index last: where it is, all of it is there
PREFIX = "image_"  # of the columns of facts and measures
FACTS = (
    *("width", "height", "bytes", "format", "mode", "frames", "orientation", "jpeg_quality"),
    *("sha256", "pixels"),
)
MEASURES = (
    *("brightness", "darkest", "brightest", "contrast", "edge_width", "reblur"),
    *("colour", "frame", "blocks"),
)
BOX_COLUMNS = ("row", "class", "x", "y", "width", "height", "crowd", "keypoints")
SKELETONS = "winnow:keypoints"  # in the metadata of the boxes: what is said of keypoints, by class


@dataclass(frozen=True)
class Pictures:
    """The pictures of the rows of a data set as loaded, in the folder of its canonical file.

    Every method raises `LoadError` when the files are gone. Only thumbnails and small copies were written by
    Winnow; originals are bytes from outside, never decoded in the server's own process.
    """

    folder: Path
    name: str
    held: Cache

    @property
    def there(self) -> bool:
        """Whether the folder holds pictures."""
        return (self.folder / INDEX).exists()

    @property
    def rows(self) -> int:
        """How many rows there are, with a picture or without."""
        return len(self._index)

    @property
    def readable(self) -> NDArray[np.bool_]:
        """Per row, whether it has a picture that could be read."""
        mask: NDArray[np.bool_] = self._index[:, 3] > 0
        return mask

    def readable_at(self, numbers: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether each of these rows, by their numbers in the source, has a picture that could be read; not a
        row that was added behind them.
        """
        there = numbers < self.rows
        there[there] = self.readable[numbers[there]]
        return there

    def original(self, row: int) -> bytes:
        """The bytes of the file as it came; b"" where there is none."""
        return self._read(ORIGINALS, *self.place(row))

    def place(self, row: int) -> tuple[int, int]:
        """Where the file as it came lies in the pack: offset and length, in bytes."""
        offset, length = map(int, self._index[row, :2])
        return offset, length

    def thumb(self, row: int) -> bytes:
        """A JPEG of at most 128 pixels along its longer side; b"" where the picture could not be read."""
        return self._read(THUMBS, *map(int, self._index[row, 2:]))

    def small(self) -> NDArray[np.uint8]:
        """Copies of 64 x 64 pixels, rows x 64 x 64 x 3 (RGB), as a memory map; black where there is none."""
        try:
            small: NDArray[np.uint8] = np.load(self.folder / SMALL, mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError) as error:
            raise self._missing() from error
        return small

    def boxes(self) -> pd.DataFrame:
        """Objects marked in the pictures, one a line: row, class, x, y, width, height (pixels of the upright
        picture, from its upper left corner), crowd, keypoints (x, y and 0: not there, 1: hidden or 2: seen,
        for each in a row; empty where it has none). Empty where nothing is marked.
        """
        import pandas as pd
        import pyarrow.parquet as pq

        if not (self.folder / BOXES).exists():
            return pd.DataFrame(columns=list(BOX_COLUMNS))
        boxes: pd.DataFrame = pq.read_table(self.folder / BOXES).to_pandas()
        if "keypoints" not in boxes.columns:  # written by an earlier version
            boxes["keypoints"] = pd.Series([()] * len(boxes), boxes.index, object)
        return boxes

    def skeletons(self) -> dict[str, Skeleton]:
        """What is said of the keypoints of a class, by its name."""
        import pyarrow.parquet as pq

        if not (self.folder / BOXES).exists():
            return {}
        said = (pq.read_schema(self.folder / BOXES).metadata or {}).get(SKELETONS.encode(), b"[]")
        return skeletons_in(json.loads(said))

    @property
    def _index(self) -> NDArray[np.int64]:
        index: NDArray[np.int64] = self.held.once("pictures", self._load_index)
        return index

    def _load_index(self) -> NDArray[np.int64]:
        try:
            index: NDArray[np.int64] = np.load(self.folder / INDEX, allow_pickle=False)
        except (OSError, ValueError) as error:
            raise self._missing() from error
        return index

    def _read(self, file: str, offset: int, length: int) -> bytes:
        if not length:
            return b""
        try:
            handle = os.open(self.folder / file, os.O_RDONLY)
        except OSError as error:
            raise self._missing() from error
        try:
            return os.pread(handle, length, offset)
        finally:
            os.close(handle)

    def _missing(self) -> LoadError:
        return LoadError(f"The pictures of {self.name!r} are gone from the workspace. Load the data again.")
