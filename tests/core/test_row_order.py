"""Rows in the order of a column, against pandas' stable sort."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.dataset import Dataset
from core.decided import as_decided
from core.decision import Decision
from core.errors import ColumnError
from core.review import Review
from core.row_order import rows_by, rows_by_values
from core.rowset import RowSet
from core.workspace import load

COLUMNS = ("number", "whole", "day", "yes", "word")


@pytest.fixture(scope="module")
def data() -> Dataset:
    rng = np.random.default_rng(1)
    n = 400
    frame = pd.DataFrame(
        {
            "number": rng.choice([-1.5, 0.0, 2.0, 10.0, np.nan], n),
            "whole": rng.integers(-(2**60), 2**60, n) // 2**56,
            "day": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 30, n), "D"),
            "yes": rng.random(n) < 0.5,
            "word": rng.choice(["b", "B", "a", "É", "zebra", "Zoë"], n),
        }
    )
    frame.loc[rng.choice(n, 40, replace=False), ["day", "word"]] = None
    return load(frame, name="sorted.csv")


def oracle(data: Dataset, ids: list[int], column: str, falling: bool) -> list[int]:
    """Stable, by the place in the source, missing last."""
    values = data.frame([column])[column].loc[sorted(ids)]
    fold = (lambda cells: cells.str.lower()) if column == "word" else None
    in_order = values.sort_values(ascending=not falling, kind="stable", na_position="last", key=fold)
    return [int(row) for row in in_order.index]


@given(st.sampled_from(COLUMNS), st.booleans(), st.integers(0, 400), st.randoms(use_true_random=False))
def test_any_rows_by_any_column_are_as_pandas_has_them(
    data: Dataset, column: str, falling: bool, size: int, draw: object
) -> None:
    """Few rows, many and all: whatever order they come in."""
    ids = draw.sample(range(400), size)  # type: ignore[attr-defined]
    found = rows_by(data, np.array(ids, np.int64), column, falling)
    assert found.tolist() == oracle(data, ids, column, falling)


def test_scores_of_rows_in_any_order_leave_ties_to_the_source() -> None:
    ids, scores = np.array([9, 4, 7, 1, 3]), np.array([0.5, np.nan, 0.9, 0.5, 0.9])
    assert rows_by_values(ids, scores, falling=True).tolist() == [3, 7, 1, 9, 4]
    assert rows_by_values(ids, scores).tolist() == [1, 9, 3, 7, 4]
    assert rows_by_values(ids, np.array(["b", "a", "B", "", "a"])).tolist() == [1, 3, 4, 7, 9]


def test_the_data_as_decided_are_sorted_by_what_they_hold_now(data: Dataset) -> None:
    """A cell was changed and a row dropped: the order of the data as loaded, kept before, is not theirs."""
    every = np.arange(data.rows)
    first = int(rows_by(data, every, "whole")[0])
    decisions = (
        Decision("relabel", RowSet([first]), "9007199254740993", column="whole"),
        Decision("drop", RowSet([0 if first else 1])),
    )
    decided = as_decided(data, Review().say(*decisions))
    found = rows_by(decided, np.arange(decided.rows), "whole")
    assert decided.source_ids(found)[-1] == first
    assert decided.frame(["whole"])["whole"].iloc[found].is_monotonic_increasing


def test_a_column_that_is_not_there_is_named(data: Dataset) -> None:
    with pytest.raises(ColumnError, match="nmber"):
        rows_by(data, np.arange(3), "nmber")
