"""The smallest and largest values of a column, with the rows that hold them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from core.analyses.profile.as_text import shown

if TYPE_CHECKING:
    import pyarrow as pa

MOST = 5
SIDES: tuple[Literal["left"], Literal["right"]] = ("left", "right")

Extremes = tuple[tuple[int, str], ...]  # row id and value


def extremes(
    values: pa.ChunkedArray, ascending: NDArray[Any], text: Any, source: pa.ChunkedArray | None = None
) -> dict[str, Extremes]:
    """Rows of the smallest and largest ``values``, which ``ascending`` holds sorted; texts are taken from
    ``source`` if given.
    """

    def with_values(rows: list[int]) -> Extremes:
        return tuple(
            (row, shown(source[row].as_py()) if source is not None else text(values[row].as_py()))
            for row in rows
        )

    if ascending.size and ascending[-1] != ascending[-1]:  # NaN, which sorts last, is no value
        ascending = ascending[: np.searchsorted(ascending, np.nan)]
    most = min(MOST, ascending.size)
    if not most:
        return {}
    low, high = ascending[most - 1].item(), ascending[-most].item()
    below, upto, to_high, to_above = (
        int(np.searchsorted(ascending, bound, side)) for bound in (low, high) for side in SIDES
    )
    smallest = _beyond(values, low, most, (below, upto), smallest=True)
    over = ascending.size - to_above, ascending.size - to_high
    largest = _beyond(values, high, most, over, smallest=False)
    return {"smallest": with_values(smallest), "largest": with_values(largest)}


def _beyond(
    values: pa.ChunkedArray, bound: Any, most: int, known: tuple[int, int], smallest: bool
) -> list[int]:
    """The ``most`` rows at or beyond ``bound``, the furthest first; of equal ones the first in the source.
    known: how many lie beyond it, and how many at or beyond it.
    """
    past, together = known
    if together > 100 * most:  # many are equal to the bound: only those beyond it are worth sorting
        rows = _rows_where("less" if smallest else "greater", values, bound, past)
        rows = np.concatenate([rows, _rows_where("equal", values, bound, most - past)])
    else:
        rows = _rows_where("less_equal" if smallest else "greater_equal", values, bound, together)
    listed = rows.tolist()
    sign = 1 if smallest else -1
    return sorted(listed, key=lambda row: (sign * values[row].as_py(), row))[:most]


def _rows_where(comparison: str, values: pa.ChunkedArray, bound: Any, enough: int) -> NDArray[np.int64]:
    """The first rows where ``values`` compare so with ``bound``, until there are enough; numpy is twice as
    fast, where it sees a chunk's values as they are.
    """
    import pyarrow.compute as pc

    first, places = 0, [np.zeros(0, np.int64)]
    for chunk in values.chunks:
        if enough <= 0:
            break
        if chunk.null_count:
            rows = pc.indices_nonzero(getattr(pc, comparison)(chunk, bound)).to_numpy().astype(np.int64)
        else:
            rows = np.flatnonzero(getattr(np, comparison)(chunk.to_numpy(), bound))
        places.append(rows[:enough] + first)
        enough -= rows.size
        first += len(chunk)
    return np.concatenate(places)
