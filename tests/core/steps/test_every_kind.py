"""Every kind of rule on every column of the samples and of odd tables: it holds, or says in one sentence why
not, and either way every value stays one that a column can have.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.actions import ACTIONS
from core.dataset import Dataset
from core.decided import as_decided
from core.decision import Decision
from core.review import Review
from core.rowset import RowSet
from core.steps import kinds, settle
from core.workspace import load
from tests.make import dataset

SAMPLES = sorted(path for path in Path("sample_data").glob("*/*.csv") if path.stat().st_size < 3_000_000)
ODD = {
    "one row": pd.DataFrame({"n": [1.0], "t": ["x"], "d": pd.to_datetime(["2024-01-01"]), "b": [True]}),
    "no rows": pd.DataFrame({"n": [1.0], "t": ["x"]}).iloc[:0],
    "all missing": pd.DataFrame({"n": [None, None], "t": pd.Series([None, None], dtype="string")}),
    "huge": pd.DataFrame({"n": [1e200, -1e200, 0.0, 1.0], "i": [2**62, -(2**62), 0, 1]}),
    "constant": pd.DataFrame({"n": [3.0] * 9, "t": ["a"] * 9, "b": [True] * 9}),
    "emoji": pd.DataFrame({"\U0001f600": ["e\u0301", "é", " ", ""], "<b>": ["1,5", "2", "x", None]}),
    "codes": pd.DataFrame({"c": [3, 1, 2, 1, 3, 2, 1, 1] * 5, "y": ["a", "b"] * 20}),
}


def tried(data: Dataset) -> int:
    """Every kind on every column by its own defaults; gives how many held."""
    held = 0
    for word, kind in kinds().items():
        whole = ACTIONS[word].on == "table"
        for column in [""] if whole else data.names:
            if not whole and not kind.takes(data[column]):
                refused = settle([Decision(word, RowSet(), column=column)], data)
                assert 0 in refused.passed and not refused.effects
                continue
            review = Review().say(Decision(word, RowSet(), column=column))
            settled = settle(review.decisions, data)
            if settled.passed:
                assert settled.passed[0].endswith((".", "?", "!")) and settled.contents == ()
                continue
            held += 1
            decided = as_decided(data, review, settled)
            for name in decided.names:
                values = decided.table([name]).column(0)
                assert len(values) == decided.rows and str(values.type) == decided[name].stored
                if decided[name].stored == "double":
                    assert np.isfinite(values.drop_null().to_numpy()).all()
    return held


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_on_the_samples(path: Path) -> None:
    data = load(path)
    assert tried(data) > len(data.names)


@pytest.mark.parametrize("name", ODD)
def test_on_odd_tables(name: str) -> None:
    tried(dataset(ODD[name], kinds={"c": "category"} if name == "codes" else None))
