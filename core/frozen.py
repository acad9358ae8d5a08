"""Arrays that cannot change under anyone's hands."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

D = TypeVar("D", bound=np.generic)


def locked(array: NDArray[D]) -> NDArray[D]:
    """A copy of ``array`` that refuses writes. (A locked *view* of a writable base still moves; a copy does
    not.)

    >>> locked(np.array([1, 2]))[0] = 9
    Traceback (most recent call last):
    ValueError: assignment destination is read-only
    """
    copy: NDArray[D] = np.array(array, copy=True, order="C")
    copy.flags.writeable = False
    return copy


def lock_fields(record: Any) -> None:
    """Lock every array field of a frozen dataclass in place; call it from ``__post_init__``."""
    for name, value in vars(record).items():
        if isinstance(value, np.ndarray) and value.flags.writeable:
            object.__setattr__(record, name, locked(value))
