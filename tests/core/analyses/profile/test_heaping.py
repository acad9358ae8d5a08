"""Heaps of round numbers are found at their base, and a grid is no heap."""

from __future__ import annotations

import numpy as np
import pytest

from core.analyses.profile.heaping import Heaped, heaped
from core.numerics.describe import runs

DRAW = np.random.default_rng(4)


def found(values: np.ndarray) -> Heaped | None:
    return heaped(*runs(np.sort(values)))


def rounded(values: np.ndarray, base: float, share: float) -> np.ndarray:
    return np.where(DRAW.random(values.size) < share, np.round(values / base) * base, values)


@pytest.mark.parametrize(
    ("values", "base"),
    [
        (rounded(DRAW.integers(20, 90, 2_000), 5, 0.5).astype(int), 5),
        (rounded(DRAW.integers(20, 900, 2_000), 10, 0.5).astype(int), 10),
        (rounded(DRAW.normal(50_000, 15_000, 2_000).round(), 1_000, 0.6), 1_000),
        (rounded(DRAW.normal(70, 12, 2_000).round(1), 1, 0.6), 1),
        (rounded(DRAW.lognormal(4, 1, 2_000).round(2), 0.5, 0.6).round(2), 0.5),
        (-rounded(DRAW.integers(20, 90, 2_000), 5, 0.5).astype(int), 5),
    ],
)
def test_heaps_are_found_at_their_base(values: np.ndarray, base: float) -> None:
    made = found(values)
    assert made is not None and made.base == pytest.approx(base)
    assert made.share > max(made.limit, made.noise) and made.expected < made.noise


@pytest.mark.parametrize(
    "values",
    [
        DRAW.normal(size=2_000),
        DRAW.integers(0, 1_000, 2_000),
        DRAW.poisson(30, 2_000),
        DRAW.geometric(0.01, 2_000),
        12 * DRAW.integers(0, 300, 2_000),
        np.append(100 * DRAW.integers(0, 300, 2_000), [1, 7, 13]),
        DRAW.lognormal(4, 1, 2_000).round(2),
        np.append(DRAW.integers(0, 1_000, 1_000), np.full(900, 500)),
        np.array([np.inf, -np.inf, 0.0, 5.0]),
        np.zeros(0),
    ],
    ids=[
        "continuous",
        "whole",
        "poisson",
        "geometric",
        "dozens",
        "hundreds and slips",
        "cents",
        "a default",
        "hardly any",
        "none",
    ],
)
def test_a_grid_a_default_or_chance_is_no_heap(values: np.ndarray) -> None:
    assert found(values) is None


def test_heaps_by_chance_are_rare_at_every_size() -> None:
    assert sum(found(DRAW.integers(0, 400, n)) is not None for n in (50, 100, 400) for _ in range(200)) <= 1
