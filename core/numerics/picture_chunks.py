"""Many pictures, a few at a time."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

_CHUNK = 256  # pictures at once: more take memory and no less time
Describe = Callable[[NDArray[np.uint8]], NDArray[np.float32]]


def chunks(rows: int) -> list[slice]:
    """The pictures of each time.

    >>> chunks(300)
    [slice(0, 256, None), slice(256, 512, None)]
    """
    return [slice(first, first + _CHUNK) for first in range(0, rows, _CHUNK)]


def by_chunks(small: NDArray[np.uint8], describe: Describe, width: int) -> NDArray[np.float32]:
    """What ``describe`` gives for some pictures, for all of them: n x width. small: n pictures; may be a
    memory map.
    """
    parts = [describe(np.asarray(small[at])) for at in chunks(len(small))]
    return np.concatenate(parts) if parts else np.zeros((0, width), np.float32)
