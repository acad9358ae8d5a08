"""The columns in which rows are compared where it is asked which are equal: one answer for all who ask."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.dataset import Dataset
from core.decision import Decision
from core.prepare.equal_rows import but_names, describing, naming
from core.rowset import RowSet
from core.run import run
from tests.core.steps.acting import after
from tests.make import dataset

DRAW = np.random.default_rng(0)
ONCE = pd.DataFrame({"a": DRAW.integers(0, 900, 300), "b": DRAW.choice(list("xyz"), 300)})
TWICE = pd.concat([ONCE, ONCE.head(20)], ignore_index=True)


def balanced() -> Dataset:
    """Rows of which a step made copies, which are no repeats; the first five stand in it twice."""
    few = ONCE.assign(y=np.arange(300) % 3 == 0)
    source = dataset(pd.concat([few, few.head(5)], ignore_index=True), target="y")
    return after(source, Decision("add_rows", RowSet(), settings={"how": "balance", "by": "y"}))[0]


@pytest.mark.parametrize(
    "data",
    [
        dataset(TWICE),
        dataset(TWICE, serve=TWICE.head(40)),
        dataset(TWICE.assign(no=np.arange(320)), id="no"),
        dataset(TWICE.assign(gap=np.nan)),
        balanced(),
    ],
    ids=["plain", "parts", "with an id", "with gaps", "balanced"],
)
def test_profile_counts_the_repeats_that_duplicates_finds(data: Dataset) -> None:
    told = run("duplicates", data).summary["excess_rows"]
    assert run("profile", data).summary["duplicate_rows"] == told
    if "no" not in data.names:
        assert told


def test_what_names_a_row_is_left_aside_and_what_describes_it_is_not() -> None:
    table = TWICE.assign(no=[f"n{at}" for at in range(320)], w=1.5, y=np.arange(320) % 2)
    data = dataset(table, id="no", weight="w", target="y")
    assert naming(data) == ("no",) and but_names(data) == ("a", "b", "w", "y")
    assert describing(data) == ("a", "b")
