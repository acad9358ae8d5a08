"""Figures of shift: shares add up, dates are dates, names from the data stay words."""

from __future__ import annotations

import doctest

import numpy as np
import pandas as pd
import pytest

import components.figures.shift
from components.figures.shift import alt_pair, pair, shares
from components.figures.theme import SERVE, TRAIN
from core.analyses.shift.analysis import ShiftResult, ShiftSettings, shift
from core.progress import SILENT
from tests.make import dataset

BAD = "<b>x</b><script>"


def compared() -> ShiftResult:
    draw = np.random.default_rng(0)
    parts = []
    for move, n in ((0.0, 600), (1.0, 300)):
        frame = pd.DataFrame(draw.normal(size=(n, 40)), columns=[f"c{i}" for i in range(40)])
        frame[BAD] = draw.normal(9 * move, 1, n)
        frame["level"] = np.where(draw.random(n) < 0.5 - 0.4 * move, BAD, "<i>y")
        frame["gaps"] = np.where(draw.random(n) < 0.1 + 0.3 * move, np.nan, 1.0)
        frame["when"] = pd.date_range("2024-01-01", periods=n, freq="h") + pd.Timedelta(days=10 * move)
        parts.append(frame)
    return shift(dataset(parts[0], serve=parts[1]), ShiftSettings(), SILENT)


def test_one_column_is_drawn_as_shares_of_each_part() -> None:
    result = compared()
    for name in (BAD, "level", "when", "c3"):
        shift_of = result.column(name)
        figure = pair(shift_of)
        assert [trace.name for trace in figure.data] == ["train", "serve"]
        assert [float(np.sum(trace.y)) for trace in figure.data] == pytest.approx([1.0, 1.0])
        assert figure.data[0].marker.color == TRAIN
        second = figure.data[1]
        assert (second.line.color if second.type == "scatter" else second.marker.color) == SERVE
        told = figure.to_json()
        assert "<b>" not in told and "\\u003cb\\u003e" not in told and "\\u003cscript" not in told
        assert "600 values of train beside 300 of serve" in alt_pair(shift_of)
        small = shares(shift_of.bars, most=12)
        assert len(small[0]) == len(small[1]) <= 12 and sum(small[1]) == pytest.approx(1.0)
    times = pair(result.column("when")).data[0].x
    assert pd.Timestamp(times[0], unit="ms").year == 2024


def test_nothing_compared_draws_nothing() -> None:
    one = shift(dataset(pd.DataFrame({"x": [1.0, 2.0]})), ShiftSettings(), SILENT)
    assert one.columns == () and shares(None) == ([], [])


def test_the_examples_hold() -> None:
    assert not doctest.testmod(components.figures.shift).failed
