"""The map of gaps calls rows by their numbers in the source, whatever decisions dropped."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from components.figures.missingness import gap_matrix
from core.analyses.missingness.analysis import MissingnessSettings, missingness
from core.dataset import Dataset
from core.decided import as_decided
from core.decision import Decision
from core.progress import SILENT
from core.review import Review
from core.rowset import RowSet
from tests.make import dataset


def holed(rows: int) -> Dataset:
    values = np.where(np.arange(rows) % 7 == 0, np.nan, 1.0 * np.arange(rows))
    return dataset(pd.DataFrame({"x": values, "y": np.arange(rows)}))


@pytest.mark.parametrize(("rows", "first"), [(150, 0), (1_000, 0), (150, 100), (1_003, 333)])
def test_rows_are_called_by_their_numbers_in_the_source(rows: int, first: int) -> None:
    """Each bin names its first and last row, and their gaps are those of the column there."""
    data = holed(rows)
    dropped = RowSet([*range(first), *range(first + 11, rows, 5)])
    decided = as_decided(data, Review().say(Decision("drop", dropped)))
    result = missingness(decided, MissingnessSettings(seed=0), SILENT)
    heat = gap_matrix(result, ids=decided.source_ids).data[0]
    left = np.setdiff1d(np.arange(rows), dropped.ids)
    spans = [(int(cell[1]), int(cell[2])) for cell in heat.customdata[:, 0]]
    members = [left[(left >= low) & (left <= high)] for low, high in spans]
    assert np.array_equal(np.concatenate(members), left), "the bins are all rows, each once"
    missing = data.frame(["x"])["x"].isna().to_numpy()
    assert [round(float(share), 6) for share in np.asarray(heat.z)[:, 0]] == [
        round(float(missing[one].mean()), 6) for one in members
    ]
    axis = np.asarray(heat.y)
    assert axis[0] == left[0] == (first or 0) and axis[-1] == left[-1] + 1 and (np.diff(axis) > 0).all()
    single = "row %{customdata[1]}:" if left.size == len(spans) else "rows %{customdata[1]:,} to"
    assert single in heat.hovertemplate


def test_few_gaps_are_seen_as_the_colours_end_at_the_most_that_a_bin_lacks() -> None:
    """120 gaps in 3,000 rows were as pale as none, on a scale up to 100%."""
    values = np.arange(3_000.0)
    values[np.random.default_rng(0).choice(3_000, 120, replace=False)] = np.nan
    result = missingness(dataset(pd.DataFrame({"x": values})), MissingnessSettings(), SILENT)
    heat = gap_matrix(result).data[0]
    assert heat.zmax == pytest.approx(np.asarray(heat.z).max()) and heat.zmax < 0.5
    hardly = np.arange(3_000.0)
    hardly[7] = np.nan
    one = missingness(dataset(pd.DataFrame({"x": hardly})), MissingnessSettings(), SILENT)
    assert gap_matrix(one).data[0].zmax == 0.1, "one gap in a bin of 15 is not drawn as if all were missing"


def test_sorted_rows_are_not_numbered() -> None:
    data = holed(400)
    figure = gap_matrix(missingness(data, MissingnessSettings(), SILENT), ordered=True, ids=data.source_ids)
    assert "row" not in figure.data[0].hovertemplate and figure.layout.yaxis.showticklabels is False
