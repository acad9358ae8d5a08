"""The numbers as lines of a table: each with its interval, what chance makes of it, and what two halves of
train give.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from core.analyses.overlap.coverage import coverage_null
from core.analyses.overlap.mixing import Chance
from core.analyses.overlap.numbers import Numbers
from core.prepare.support import Support

_HALF = 1.960  # standard deviations: 5 % on both sides
_NAN = float("nan")


class Measure(NamedTuple):
    """One number of the comparison. ``low``, ``high``: its 95 % interval. ``null``: what it is when both
    parts are drawn alike. ``chance``: where chance ends, in 99 of 100 cases. ``baseline``: the same number
    between two halves of train. ``z``: standard deviations above the null. ``n``: rows that it rests on.
    ``what``: what it says."""

    measure: str
    value: float
    low: float
    high: float
    null: float
    chance: float
    baseline: float
    z: float
    n: int
    what: str


def lines(found: Numbers, base: Numbers | None, among: str = "") -> list[Measure]:
    """One line each for the classifier, coverage in both directions, and mixing.

    base: the same between two halves of train. among: the columns given away, in words, for the numbers that
    count them in.
    """
    tail, end = (f" With {among}.", "_all") if among else ("", "")
    nothing = (_NAN, _NAN, _NAN, _NAN)
    other = (
        (
            base.domain.area.value,
            *(told.value for told in (base.mixed.serve, base.mixed.train, base.mixed.mixing)),
        )
        if base
        else nothing
    )
    apart, mixed, rows = found.domain, found.mixed, found.rows
    area, null = apart.area, coverage_null(rows, rows)
    chance = apart.reach(0.01)
    auc = "How well a model tells serve rows from train rows: 0.5 is not at all, 1 perfectly." + tail
    serve, train = (
        (f"Share of {a} rows with a {b} row in their neighbourhood.{tail}")
        for a, b in (("serve", "train"), ("train", "serve"))
    )
    return [
        Measure("auc" + end, area.value, area.low, area.high, 0.5, chance, other[0], area.z, area.rows, auc),
        _line("coverage_serve" + end, mixed.serve, null, other[1], rows, serve),
        _line("coverage_train" + end, mixed.train, null, other[2], rows, train),
        _line(
            "mixing" + end,
            mixed.mixing,
            rows / (2 * rows - 1),
            other[3],
            2 * rows,
            ("Share of neighbours of the other part.") + tail,
        ),
    ]


def lonely(support: Support) -> Measure:
    """The line that says how many serve rows are unsupported."""
    told = support.serve
    spread = told.share * (1.0 - told.share)
    half = _HALF * float(np.sqrt(spread / told.rows + spread / max(1, told.calibration)))
    z = (told.share - told.expected) / told.spread if told.spread else 0.0
    what = "Share of serve rows that lie where there are hardly any train rows."
    low, high = max(0.0, told.share - half), min(1.0, told.share + half)
    base = support.baseline.share
    return Measure(
        "unsupported_share", told.share, low, high, told.expected, told.reach, base, z, told.rows, what
    )


def worth(effective: float, train: int) -> Measure:
    """The line that says how many rows the weighted train part is worth."""
    what = "Rows that train is worth for serve, once weighted to look like it."
    return Measure("effective_rows", effective, _NAN, _NAN, float(train), _NAN, _NAN, _NAN, train, what)


def _line(name: str, told: Chance, null: float, baseline: float, rows: int, what: str) -> Measure:
    """``null`` is the closed form; chance and z come from labels dealt out anew, which holds where rows are
    equal, too.
    """
    half = _HALF * float(np.sqrt(max(told.value * (1.0 - told.value), 0.0) / rows + told.spread**2))
    low, high = max(0.0, told.value - half), min(1.0, told.value + half)
    return Measure(name, told.value, low, high, null, told.edge, baseline, told.z, rows, what)
