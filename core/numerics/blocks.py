"""Rows as vectors of many numbers, of which most are 0: a level is kept as one code per row and written out
for the rows asked for.

Twenty columns of thirty levels each make 600 numbers per row, 2.4 GB for a million rows, and 20 MB as codes.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]
Ids = NDArray[np.int64]
Mask = NDArray[np.bool_]


class MatrixRows(Protocol):
    """Rows x p numbers, of which some rows can be had as a matrix: an array, or `Blocks`."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Rows and columns."""

    def __len__(self) -> int: ...

    def __getitem__(self, rows: Ids, /) -> Any: ...


class OneHot(NamedTuple):
    """``width`` columns, of which one per row holds ``weight``, the others 0: that of its code (0 to
    ``width`` - 1).
    """

    codes: NDArray[np.uint8]
    weight: np.float32
    width: int

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.codes.size, self.width

    @property
    def nbytes(self) -> int:
        """Size in memory, in bytes."""
        return self.codes.nbytes


Block = Matrix | OneHot
B = TypeVar("B")


class Blocks:
    """Blocks of columns side by side. Neighbouring matrices are joined, so that their rows are copied at one
    go.

    >>> levels = OneHot(np.array([1, 0], np.uint8), np.float32(3), 2)
    >>> made = Blocks(2, [np.array([[7], [8]], np.float32), levels])
    >>> made.shape, made[np.array([1])].tolist(), made.only(np.array([False, True, True])).shape
    ((2, 3), [[8.0, 3.0, 0.0]], (2, 2))
    """

    def __init__(self, rows: int, blocks: Iterable[Block]) -> None:
        joined: list[Block] = []
        dense: list[Matrix] = []
        for block in blocks:
            if isinstance(block, OneHot):
                joined += [side_by_side(dense)] if dense else []
                joined.append(block)
                dense = []
            else:
                dense.append(block)
        self._blocks = (*joined, side_by_side(dense)) if dense else tuple(joined)
        self._starts = np.cumsum([0, *(block.shape[1] for block in self._blocks)]).tolist()
        self.shape = rows, int(self._starts[-1])

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: Ids) -> Matrix:
        """The rows with these places, float32, rows x p."""
        if len(self._blocks) == 1 and not isinstance(self._blocks[0], OneHot):
            return self._blocks[0][rows]
        result = np.zeros((rows.size, self.shape[1]), np.float32)
        for start, block in zip(self._starts, self._blocks, strict=False):
            if isinstance(block, OneHot):
                result[np.arange(rows.size), start + block.codes[rows].astype(np.intp)] = block.weight
            else:
                result[:, start : start + block.shape[1]] = block[rows]
        return result

    def at(self, rows: Ids) -> Blocks:
        """These rows, in this order."""
        return Blocks(
            rows.size,
            [b._replace(codes=b.codes[rows]) if isinstance(b, OneHot) else b[rows] for b in self._blocks],
        )

    def only(self, kept: Mask) -> Blocks:
        """The columns kept (p); of a block of levels all or none."""
        parts = [
            (block, kept[start : start + block.shape[1]])
            for start, block in zip(self._starts, self._blocks, strict=False)
        ]
        return Blocks(
            len(self), [b if isinstance(b, OneHot) else b[:, some] for b, some in parts if some.any()]
        )

    @property
    def nbytes(self) -> int:
        """Size in memory, in bytes."""
        return sum(block.nbytes for block in self._blocks)

    def whole(self) -> Matrix:
        """All rows."""
        return self[np.arange(len(self))]


def gathered(
    blocks: Iterable[tuple[str, list[str], B]],
) -> tuple[list[B], NDArray[np.int32], tuple[str, ...], tuple[str, ...]]:
    """The blocks that have labels. ``blocks``: per original column its name, labels and block, rows x labels.
    Returns the blocks, per matrix column the place of its original column, the names of those, and the
    labels."""
    kept = [one for one in blocks if one[1]]
    index = np.repeat(np.arange(len(kept), dtype=np.int32), [len(labels) for _, labels, _ in kept])
    names, labels = tuple(name for name, _, _ in kept), tuple(label for _, some, _ in kept for label in some)
    return [block for _, _, block in kept], index, names, labels


def side_by_side(blocks: list[Matrix]) -> Matrix:
    """The blocks (one or more) as one matrix, each taken from the list and let go of as soon as it is
    copied.
    """
    if len(blocks) == 1:
        return blocks.pop()
    widths = [block.shape[1] for block in blocks]
    result = np.empty((len(blocks[0]), sum(widths)), np.float32)
    for at, width in zip(np.cumsum([0, *widths])[:-1], widths, strict=True):
        result[:, at : at + width] = blocks.pop(0)
    return result
