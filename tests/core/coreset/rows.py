"""Rows for the tests of coresets: a rare class, a category, missing values and a few equal rows."""

from __future__ import annotations

import numpy as np
import pandas as pd


def frame(rows: int = 6_000, seed: int = 0) -> pd.DataFrame:
    draw = np.random.default_rng(seed)
    columns = draw.normal(size=(rows, 4))
    odds = 1.0 / (1.0 + np.exp(4.5 - 2.0 * columns[:, 0] - columns[:, 1]))
    table = pd.DataFrame(columns, columns=["a", "b", "c", "d"])
    table.loc[draw.random(rows) < 0.05, "c"] = np.nan
    table["city"] = draw.choice(["Oslo", "Rome", "Lima"], rows, p=[0.7, 0.2, 0.1])
    table["y"] = np.where(draw.random(rows) < odds, "yes", "no")
    table.loc[90, ["a", "y"]] = [-3.0, "yes"]  # a surprise, which is mostly drawn
    table.iloc[100:110] = table.iloc[90]  # eleven equal rows
    return table
