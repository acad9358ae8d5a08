"""The pictures of a set on the disk: originals end to end, thumbnails end to end, small copies, and where
each is.

A pack that is read by offset is as fast as a memory map, and needs no folder of many files; a row of a
Parquet file would cost its row group (docs/decisions/0023).
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.dataset.pictures import BOXES, FILES, INDEX, ORIGINALS, SKELETONS, SMALL, THUMBS
from core.loading.images.measures import SMALL as SIDE

COLUMNS = ("offset", "length", "thumb_offset", "thumb_length")
_BLOCK = 1 << 22


@dataclass
class Packs:
    """The files in the making, of ``rows`` pictures, in ``folder``."""

    folder: Path
    rows: int
    _ends: list[int] = field(default_factory=lambda: [0, 0])

    def __enter__(self) -> Packs:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._files = [(self.folder / name).open("wb") for name in (ORIGINALS, THUMBS)]
        self.index = np.zeros((self.rows, len(COLUMNS)), np.int64)
        self._small = _small_file(self.folder / SMALL, self.rows)
        return self

    def original(self, row: int, content: bytes) -> None:
        """Keep the bytes of a file."""
        self._add(0, row, content)

    def shown(self, row: int, thumb: bytes, small: NDArray[np.uint8]) -> None:
        """Keep the thumbnail and the small copy of an image that was read."""
        self._add(1, row, thumb)
        self._small[row] = small

    def _add(self, which: int, row: int, content: bytes) -> None:
        self.index[row, 2 * which : 2 * which + 2] = self._ends[which], len(content)
        self._files[which].write(content)
        self._ends[which] += len(content)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for file in self._files:
            file.close()
        self._small.flush()
        del self._small
        np.save(self.folder / INDEX, self.index)


def _small_file(path: Path, rows: int) -> Any:
    opened: Any = np.lib.format.open_memmap
    return opened(path, "w+", np.uint8, (rows, SIDE, SIDE, 3))


def join(parts: Sequence[tuple[Path, int]], folder: Path) -> bool:
    """Bring the files of the parts, each a folder and its number of rows, together in ``folder``; whether
    there are any. A part without pictures has rows without. Of the keypoints of a class that several have
    the last says all, as `skeletons.settle` has left it.
    """
    with_some = [part for part, _ in parts if (part / INDEX).exists()]
    if not with_some:
        return False
    if len(parts) == 1:
        for name in FILES:
            if (parts[0][0] / name).exists():
                (parts[0][0] / name).replace(folder / name)
        return True
    total = sum(rows for _, rows in parts)
    index = np.zeros((total, len(COLUMNS)), np.int64)
    small = _small_file(folder / SMALL, total)
    ends, first = np.zeros(2, np.int64), 0
    for part, rows in parts:
        if (part / INDEX).exists():
            own = np.load(part / INDEX, allow_pickle=False)
            own[:, [0, 2]] += ends
            index[first : first + rows] = own
            small[first : first + rows] = np.load(part / SMALL, mmap_mode="r", allow_pickle=False)
            for which, name in enumerate((ORIGINALS, THUMBS)):
                _append(part / name, folder / name)
                ends[which] = (folder / name).stat().st_size
        first += rows
    small.flush()
    np.save(folder / INDEX, index)
    _join_boxes(parts, folder)
    return True


def _append(path: Path, target: Path) -> None:
    with path.open("rb") as source, target.open("ab") as joined:
        shutil.copyfileobj(source, joined, _BLOCK)


def _join_boxes(parts: Sequence[tuple[Path, int]], folder: Path) -> None:
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    tables, first, said = [], 0, dict[str, Any]()
    for part, rows in parts:
        if (part / BOXES).exists():
            table = pq.read_table(part / BOXES)
            own = json.loads((table.schema.metadata or {}).get(SKELETONS.encode(), b"[]"))
            said |= {one["name"]: one for one in own}
            tables.append(table.set_column(0, "row", pc.add(table["row"], first)))
        first += rows
    if tables:
        whole = pa.concat_tables(tables).replace_schema_metadata({SKELETONS: json.dumps([*said.values()])})
        pq.write_table(whole, folder / BOXES)
