"""One vector per row, kept beside the canonical file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.errors import LoadError


@dataclass(frozen=True)
class Vectors:
    """One vector per row, made elsewhere by some model, by which rows are compared instead of by their
    columns.

    ``name``: the file or column they came from. ``width``: numbers per vector. ``sha256``: of the numbers as
    they are kept, float32. ``path``: the ``.npy`` file beside the canonical file.
    """

    name: str
    width: int
    sha256: str
    path: Path

    def mapped(self) -> NDArray[np.float32]:
        """The vectors as a memory map, rows x width, float32. Raises `LoadError` when they are gone."""
        try:
            vectors: NDArray[np.float32] = np.load(self.path, mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError) as error:
            raise LoadError(
                f"The vectors {self.name!r} are gone from the workspace. Attach them again."
            ) from error
        return vectors
