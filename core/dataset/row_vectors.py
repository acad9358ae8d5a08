"""One vector per row, kept beside the canonical file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.added import Added
from core.dataset.kept_numbers import mapped

if TYPE_CHECKING:
    import pyarrow as pa

PICTURES = "pictures"


@dataclass(frozen=True)
class Vectors:
    """One vector per row, made elsewhere by some model or from the pictures of the rows, by which rows are
    compared instead of by their columns.

    ``name``: the file or column they came from, or `PICTURES`. ``width``: numbers per vector. ``sha256``: of
    the numbers as they are kept, float32, or of what they were made of. ``path``: the ``.npy`` file beside
    the canonical file. ``model``: the file of that name is a model that made them of the pictures.
    """

    name: str
    width: int
    sha256: str
    path: Path
    model: bool = False

    @property
    def of_pictures(self) -> bool:
        """Whether they were made from the pictures of the rows."""
        return self.model or self.name == PICTURES

    def mapped(self) -> NDArray[np.float32]:
        """The vectors as a memory map, rows x width, float32. Raises `LoadError` when they are gone."""
        return mapped(self.path, f"vectors {self.name!r}")


def same_pictures(source: pa.Table, added: Added) -> NDArray[np.int64] | None:
    """For each number of an added row the row of the source with the same picture; None where one has none
    of them. source: the column that names the pictures. A number that no row has gets the first one.
    """
    import pyarrow.compute as pc

    found = pc.index_in(added.cells[source.column_names[0]], value_set=source.column(0).combine_chunks())
    known = np.asarray(found.is_valid()) | ~added.there
    return np.asarray(pc.fill_null(found, 0), np.int64) if known.all() else None
