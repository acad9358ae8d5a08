"""The farthest values of a column and their rows: the first in the source of those that are equal."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from core.analyses.profile.extremes import MOST, extremes

DRAW = np.random.default_rng(0)
COLUMNS = {
    "different": DRAW.normal(size=3_000),
    "few levels": DRAW.integers(0, 4, 3_000).astype(float),
    "a tie beyond the limit": np.r_[-1.0, np.zeros(2_000), DRAW.random(1_000)],
    "one value": np.full(900, 2.0),
    "few": np.array([3.0, 1.0, 2.0]),
    "zeros of both signs": np.r_[np.full(400, -0.0), np.full(400, 0.0), 5.0],
    "infinite": np.r_[np.inf, DRAW.normal(size=50), -np.inf],
    "not a number": np.r_[np.full(30, np.nan), np.zeros(900), DRAW.normal(size=20)],
}


@pytest.mark.parametrize("missing", [False, True])
@pytest.mark.parametrize("what", COLUMNS)
def test_they_are_those_of_a_sorted_column(what: str, missing: bool) -> None:
    values = COLUMNS[what]
    gaps = (np.arange(values.size) % 7 == 3) & missing
    whole = pa.array(values, mask=gaps)
    column = pa.chunked_array([whole[:100], whole[100:101], whole[101:]])
    there = np.flatnonzero(~gaps & ~np.isnan(values))
    ascending = np.sort(values[~gaps] + 0.0)
    told = extremes(column, ascending, str)
    for end, sign in (("smallest", 1.0), ("largest", -1.0)):
        first = there[np.lexsort((there, sign * values[there]))][:MOST]
        assert [row for row, _ in told[end]] == first.tolist(), end
