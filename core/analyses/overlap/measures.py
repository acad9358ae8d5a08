"""The numbers as lines of a table: each with its interval, its null, its noise floor, and the same between
two halves of train.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from core.analyses.overlap.mixing import Permuted
from core.analyses.overlap.numbers import Separation
from core.analyses.overlap.relations import Relations
from core.numerics.support import ALARM
from core.phrases import name
from core.prepare.support import Support

_HALF = 1.960  # standard deviations: 5% on both sides
_NAN = float("nan")


class Measure(NamedTuple):
    """One number of the comparison.

    measure: its name.
    value: the number.
    low, high: its 95% interval.
    null: what it is when serve is drawn like train.
    chance: its noise floor: passed in 1 of 100 cases when serve is drawn like train.
    baseline: the same number between two halves of train.
    z: standard deviations above the null.
    n: rows that it rests on.
    what: what it means.
    """

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


def separation_measures(main: Separation, baseline: Separation | None, extra: str = "") -> list[Measure]:
    """One line each for the classifier, coverage in both directions, and mixing.

    baseline: the same between two halves of train. extra: the columns in words, for the numbers that include
    those that separate the parts on their own.
    """
    tail, end = (f" With {extra}.", "_all") if extra else ("", "")
    domain, mixed, rows = main.domain, main.mixed, main.rows
    area = domain.area
    bases = [_NAN] * 4
    if baseline is not None:
        held = baseline.mixed
        bases = [baseline.domain.area.value, held.serve.value, held.train.value, held.mixing.value]
    auc = "How well a model distinguishes serve rows from train rows: 0.5 not at all, 1 perfectly." + tail
    serve, train = (
        f"Share of {a} rows with a {b} row in their neighbourhood.{tail}"
        for a, b in (("serve", "train"), ("train", "serve"))
    )
    mixing = f"Share of neighbours of the other part.{tail}"
    floor = domain.noise_floor(ALARM)
    return [
        Measure(
            measure="auc" + end,
            value=area.value,
            low=area.low,
            high=area.high,
            null=0.5,
            chance=floor,
            baseline=bases[0],
            z=area.z,
            n=area.rows,
            what=auc,
        ),
        _line("coverage_serve" + end, mixed.serve, bases[1], rows, serve),
        _line("coverage_train" + end, mixed.train, bases[2], rows, train),
        _line("mixing" + end, mixed.mixing, bases[3], 2 * rows, mixing),
    ]


def unsupported_measure(support: Support) -> Measure:
    """The share of serve rows that are unsupported; NaN where too few train rows judge them for any to be."""
    serve, what = support.serve, "Share of serve rows that lie where there are hardly any train rows."
    if not serve.can_be_told:
        none = dict.fromkeys(("value", "low", "high", "null", "chance", "baseline", "z"), _NAN)
        return Measure("unsupported_share", **none, n=serve.rows, what=what)
    spread = serve.share * (1.0 - serve.share)
    half = _HALF * float(np.sqrt(spread / serve.rows + spread / max(1, serve.calibration)))
    return Measure(
        measure="unsupported_share",
        value=serve.share,
        low=max(0.0, serve.share - half),
        high=min(1.0, serve.share + half),
        null=serve.expected,
        chance=serve.noise_floor,
        baseline=support.baseline.share,
        z=(serve.share - serve.expected) / serve.spread if serve.spread else 0.0,
        n=serve.rows,
        what=what,
    )


def effective_measure(effective: float, train: int) -> Measure:
    """The effective sample size of train for serve."""
    what = (
        "Effective sample size of train after importance weighting (Kish), times the share of serve that "
        "train reaches at all: below 1 where that is little."
    )
    return Measure(
        measure="effective_rows",
        value=effective,
        low=_NAN,
        high=_NAN,
        null=float(train),
        chance=_NAN,
        baseline=_NAN,
        z=_NAN,
        n=train,
        what=what,
    )


def relation_measure(relations: Relations) -> Measure:
    """The largest change of a relation: of those that changed, else of all pairs. There must be a pair."""
    one = relations.changed[0] if relations.changed else relations.largest
    if one is None:
        raise ValueError("no pair of columns was compared")
    follows = ""
    if not relations.changed and relations.following:
        follows = " It follows from columns that shifted, and is no finding."
    return Measure(
        measure="relation_change",
        value=one.q,
        low=one.low,
        high=one.high,
        null=0.0,
        chance=one.noise,
        baseline=_NAN,
        z=one.q / ((one.high - one.low) / (2.0 * _HALF)),
        n=sum(one.rows),
        what=f"Largest change of a rank correlation (Cohen's q), of {relations.pairs:,} pairs of columns: "
        f"{name(one.left)} and {name(one.right)}, {one.train:+.2f} in train, {one.serve:+.2f} in serve."
        f"{follows}",
    )


def _line(name: str, held: Permuted, baseline: float, rows: int, what: str) -> Measure:
    """Null, noise floor and z come from permuted labels, which hold where rows are equal, too."""
    half = _HALF * float(np.sqrt(max(held.value * (1.0 - held.value), 0.0) / rows + held.spread**2))
    low, high = max(0.0, held.value - half), min(1.0, held.value + half)
    return Measure(
        measure=name,
        value=held.value,
        low=low,
        high=high,
        null=held.mean,
        chance=held.edge,
        baseline=baseline,
        z=held.z,
        n=rows,
        what=what,
    )
