"""Figures of shift: what moved farthest comes first, shares add up, names from the data stay words."""

from __future__ import annotations

import doctest

import numpy as np
import pandas as pd
import pytest

import components.figures.shift
from components.figures.shift import LIMIT, REACH, alt_dots, alt_pair, pair, shares, shift_dots, shown
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


def test_dots_stand_by_effect_with_their_noise_and_never_as_markup() -> None:
    result = compared()
    lines = shown(result)
    assert (
        len(lines) == LIMIT
        and lines[0].shift.name == BAD
        and {line.shift.name for line in lines[1:3]} == {"level", "gaps"}
    )
    figure = shift_dots(result)
    told = figure.to_json()
    assert (
        "<b>" not in told
        and "\\u003cb\\u003e" not in told
        and "<script" not in told
        and "\\u003cscript" not in told
    )
    by_status = {trace.name: trace for trace in figure.data}
    assert set(by_status) >= {"severe", "none", "chance"} and len(by_status["chance"].x) == LIMIT
    assert (
        by_status["severe"].x[0] == REACH
        and sum(len(t.x) for name, t in by_status.items() if name != "chance") == LIMIT
    )
    assert len({trace.marker.symbol for trace in figure.data}) == len(figure.data), (
        "shape says what colour says"
    )
    assert "severe" in alt_dots(result)


def test_one_column_is_drawn_as_shares_of_each_part() -> None:
    result = compared()
    for name in (BAD, "level", "when", "c3"):
        shift_of = result.column(name)
        figure = pair(shift_of)
        assert [trace.name for trace in figure.data] == ["train", "serve"]
        assert [float(np.sum(trace.y)) for trace in figure.data] == pytest.approx([1.0, 1.0])
        told = figure.to_json()
        assert "<b>" not in told and "\\u003cb\\u003e" not in told and "\\u003cscript" not in told
        assert "600 values of train beside 300 of serve" in alt_pair(shift_of)
        small = shares(shift_of.bars, most=12)
        assert len(small[0]) == len(small[1]) <= 12 and sum(small[1]) == pytest.approx(1.0)
    times = pair(result.column("when")).data[0].x
    assert pd.Timestamp(times[0], unit="ms").year == 2024


def test_nothing_compared_draws_nothing() -> None:
    one = shift(dataset(pd.DataFrame({"x": [1.0, 2.0]})), ShiftSettings(), SILENT)
    assert alt_dots(one) == "No column could be compared." and shares(None) == ([], [])
    assert sum(len(trace.x) for trace in shift_dots(one).data) == 0


def test_the_examples_hold() -> None:
    assert not doctest.testmod(components.figures.shift).failed
