"""Numbers per row that are kept in a file beside the canonical one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.errors import LoadError


def mapped(path: Path, what: str) -> NDArray[np.float32]:
    """The numbers of a ``.npy`` file as a memory map, float32, one row each. what: they are, with their name.
    Raises `LoadError` when they are gone.
    """
    try:
        numbers: NDArray[np.float32] = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError) as error:
        raise LoadError(f"The {what} are gone from the workspace. Attach them again.") from error
    return numbers
