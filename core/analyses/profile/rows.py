"""How findings speak of shares and values, and the rows they point to."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.analyses.profile.facts import ColumnFacts
from core.rowset import RowSet

LEAST = 20  # values below which no alert speaks of shares
LEAST_CELLS = 3  # cells that make a pattern; one or two are chance or a slip


def rows_with(facts: ColumnFacts, chosen: NDArray[np.bool_]) -> RowSet:
    """Rows of a text column whose value is one of the chosen distinct ones."""
    import pyarrow.compute as pc

    if not chosen.any():
        return RowSet()
    return rows_where(pc.is_in(facts.values, facts.distinct.filter(picked(chosen)).cast(facts.values.type)))


def rows_where(flags: Any) -> RowSet:
    """The rows at which an Arrow array of flags is true."""
    import pyarrow.compute as pc

    return RowSet.from_mask(np.asarray(pc.fill_null(flags, False).to_numpy(), dtype=bool))


def picked(mask: NDArray[np.bool_]) -> Any:
    """The mask as Arrow wants it in ``filter``."""
    import pyarrow as pa

    return pa.array(mask)


def finite_part(ascending: NDArray[Any]) -> tuple[int, NDArray[Any]]:
    """Where the finite numbers begin, and they alone."""
    if ascending.dtype != np.float64:
        return 0, ascending
    first = int(np.searchsorted(ascending, -np.inf, side="right"))
    return first, ascending[first : int(np.searchsorted(ascending, np.inf))]
