"""What is wrong with one column: one small function per alert, from the facts of a column to a finding or
None.

Each holds a measured value against a limit, and fires only where the most innocent column of that size could
not have tripped it (docs/methods/profile.md gives the rules and how often each alarm is false). Where one
trouble explains another, only the cause is told.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.actions import ACTIONS
from core.analyses.profile.cardinality import constant, high_cardinality, quasi_constant, rare_levels
from core.analyses.profile.clock_in_numbers import clock_as_number
from core.analyses.profile.dates_in_numbers import date_as_number
from core.analyses.profile.distribution import heaping, skew, tails, zero_inflated
from core.analyses.profile.facts import ColumnFacts
from core.analyses.profile.filled import SHAPES
from core.analyses.profile.formulas_and_units import formulas, unit_in_text, with_unit
from core.analyses.profile.identifiers import identifier_like, ids_across_parts, repeated_ids
from core.analyses.profile.isolated_values import isolated_values, without_isolated
from core.analyses.profile.missing import empty, infinite, missing
from core.analyses.profile.missing_codes import disguised_missing, number_codes, spike
from core.analyses.profile.readable import Readable
from core.analyses.profile.spelling import similar_names, variants
from core.analyses.profile.stored_as_text import date_as_text, numbers_in_text
from core.analyses.profile.time_gaps import gaps
from core.analyses.profile.times import ambiguous_dates, duplicate_times, future_dates
from core.finding import Finding, ranked
from core.numerics.number_codes import Code
from core.phrases import count, name

ALIKE = 5  # columns with the same trouble that are still listed one by one
_ALIKE = {
    "all_missing": "are empty",
    "missing": "have missing values",
    "structural_missing": "have structural missing values",
    "constant": "are constant",
    "quasi_constant": "are near-constant",
    "identifier_like": "look like identifiers",
    "repeated_ids": "have ids that stand in more than one row",
    "high_cardinality": "have high cardinality",
    "rare_levels": "have many rare levels",
    "variants": "write words in more than one way",
    "similar_levels": "likely name one thing in several ways",
    "infinite": "hold infinite numbers",
    "mixed_type": "mix numbers and words",
    "number_as_text": "hold numbers stored as text",
    "date_as_text": "hold dates stored as text",
    "date_as_number": "hold dates stored as numbers",
    "clock_as_number": "look like times of day written as numbers",
    "unit_in_text": "hold amounts with a unit, stored as text",
    "formulas": "hold formulas instead of their values",
    "disguised_missing": "contain likely missing-value codes",
    "spike": "have a spike at one value",
    "isolated_values": "have isolated values",
    "skew": "are skewed",
    "heavy_tails": "have heavy tails",
    "outlying": "have many values beyond 1.5 interquartile ranges",
    "zero_inflated": "are zero-inflated",
    "heaping": "are heaped: rounded in part",
    "future_dates": "hold dates in the future",
    "duplicate_times": "hold the same time twice",
    "ambiguous_dates": "have an ambiguous order of day and month",
    "gaps": "have gaps in time",
    "renamed_columns": "correspond one to one to another column",
}
_SHAPES = frozenset(SHAPES)
_FAR = frozenset({"heavy_tails", "outlying"})
_LEVELS = frozenset({"identifier_like", "high_cardinality", "rare_levels", "variants", "similar_levels"})
_EXPLAINS = {
    "date_as_text": _LEVELS,
    "date_as_number": _LEVELS | _SHAPES | {"spike", "isolated_values"},
    "number_as_text": _LEVELS,
    "mixed_type": _LEVELS - {"variants", "similar_levels"},
    "percent_and_plain": _LEVELS - {"variants", "similar_levels"},
    "several_currencies": _LEVELS - {"variants", "similar_levels"},
    "unit_in_text": _LEVELS,
    "identifier_like": frozenset({"high_cardinality", "similar_levels", "spike"}) | _SHAPES,
    "quasi_constant": _SHAPES | {"rare_levels", "high_cardinality", "spike"},
    "rare_levels": frozenset({"high_cardinality"}),
    "future_dates": frozenset({"gaps", "isolated_values"}),
    "zero_inflated": frozenset({"spike"}),
    "spike": frozenset({"outlying", "heavy_tails"}),
}
# what a stand-in such as -999 or 9999-12-31 brings about
_LONELY = _SHAPES | {"spike"} | {"future_dates", "gaps", "duplicate_times"}


@dataclass(frozen=True)
class AlertLimits:
    """Where the alerts speak, by the settings of the profile: shares (0 to 1) of missing, dominant, ever new
    values and zeros, skewness, number of levels.

    loaded: when the data were loaded, in microseconds since 1970; what lies after that day lies in the
    future. along: whether columns tell the time and the group of the rows.
    """

    missing: float
    dominant: float
    distinct: float
    skew: float
    zeros: float
    levels: int
    loaded: int
    along: bool = False


def alerts(
    facts: ColumnFacts, limits: AlertLimits, numbers: Readable | None, shape: ColumnFacts | None = None
) -> list[Finding]:
    """All findings of one column. A new alert is a new function and a new line here.

    numbers: how much of a text column reads as numbers. shape: the column without the cells that steps
    filled; None where there are none.
    """
    shape = shape or facts
    codes = number_codes(shape)
    placed = _placed_in(facts, shape, codes)
    isolated = isolated_values(facts, placed)
    apart, in_text = without_isolated(facts, isolated), numbers_in_text(facts, numbers)
    results = (
        empty(facts),
        missing(facts, limits.missing, limits.along),
        constant(facts),
        quasi_constant(facts, limits.dominant),
        identifier_like(facts, limits.distinct),
        repeated_ids(facts),
        ids_across_parts(facts),
        high_cardinality(facts, limits.levels),
        rare_levels(facts),
        variants(facts),
        similar_names(facts),
        infinite(facts),
        unit_in_text(facts) if in_text is None else with_unit(facts, in_text),
        formulas(facts),
        date_as_text(facts),
        date_as_number(facts),
        clock_as_number(facts, placed),
        disguised_missing(shape, codes),
        spike(shape, codes),
        isolated,
        # each explains the next
        zero_inflated(shape, limits.zeros) or skew(shape, limits.skew) or tails(shape),
        heaping(shape),
        future_dates(facts, limits.loaded),
        gaps(apart),
        duplicate_times(apart),
        ambiguous_dates(facts),
    )
    told = [finding for finding in results if finding is not None]
    if any(finding.code == "unit_in_text" for finding in told):
        told = [_unfilled(finding) if finding.code == "missing" else finding for finding in told]
    return _causes(told)


def _unfilled(gaps: Finding) -> Finding:
    """The finding on gaps of a column of amounts as text: its commonest text is no amount for them."""
    if gaps.action != "fill":
        return gaps
    advice = "Read the column as numbers first: its commonest text is no amount to fill gaps with."
    return replace(gaps, action="", settings={}, suggestion=advice, fix="")


def _placed_in(facts: ColumnFacts, shape: ColumnFacts, codes: Sequence[Code]) -> list[Code]:
    """The codes with their places among the distinct values of the whole column."""
    if shape is facts or not codes:
        return list(codes)
    places = np.searchsorted(facts.distinct, [shape.distinct[code.place] for code in codes]).tolist()
    return [code._replace(place=place) for code, place in zip(codes, places, strict=True)]


def _causes(findings: list[Finding]) -> list[Finding]:
    """The findings without those that another one explains, which these know."""
    by = {finding.code: _explained_by(finding, findings) for finding in findings}
    left_out = frozenset[str]().union(*by.values())
    for _ in findings:  # what is left out explains others in turn
        by = {code: all_of.union(*(by.get(one, ()) for one in all_of)) for code, all_of in by.items()}
    return [
        finding.explaining(one for one in findings if one.code in by[finding.code])
        for finding in findings
        if finding.code not in left_out
    ]


def _explained_by(finding: Finding, findings: list[Finding]) -> frozenset[str]:
    """The codes of the findings of a column that one of them explains."""
    explained = _EXPLAINS.get(finding.code, frozenset())
    if finding.code == "disguised_missing":
        return explained | _LONELY
    if finding.code == "formulas" and (finding.value or 0) > 0.5:
        return explained | _LEVELS | {"mixed_type"}
    if finding.code == "isolated_values" and finding.severity == "warning":
        return explained | {"heavy_tails"}
    if finding.code == "isolated_values":  # all that lies far out are the isolated values
        far = [one.code for one in findings if one.code in _FAR and not len(one.rows - finding.rows)]
        return explained | frozenset(far)
    return explained


def gathered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings ranked, with those alike (same code, severity and click) of more than five columns drawn
    together into one.
    """
    alike: dict[tuple[str, ...], list[Finding]] = {}
    for finding in ranked(tuple(findings)):
        alike.setdefault((finding.code, finding.severity, finding.action, finding.to), []).append(finding)
    groups = [
        [_together(group)] if len(group) > ALIKE and group[0].code in _ALIKE else group
        for group in alike.values()
    ]
    return ranked([finding for group in groups for finding in group])


def _together(group: list[Finding]) -> Finding:
    """One finding for all. An action on cells stays with the single findings: their rows differ from column
    to column. A rule goes with its settings for each column.
    """
    worst = group[0]
    names = list(dict.fromkeys(column for finding in group for column in finding.columns))
    advice = (
        worst.suggestion
        if len({f.suggestion for f in group}) == 1
        else (f"Look at each. For {name(names[0])}: {worst.suggestion}")
    )
    listed = ", ".join(map(name, names[:3]))
    rule = worst.action in ACTIONS and ACTIONS[worst.action].on in ("columns", "values")
    return replace(
        worst.explaining(group),
        title=f"{count(len(names), 'column')} {_ALIKE[worst.code]}: {listed} and {len(names) - 3:,} more",
        suggestion=advice,
        rows=functools.reduce(operator.or_, [finding.rows for finding in group]),
        columns=tuple(names),
        beside=(),
        action=worst.action if rule else "",
        to=worst.to if rule else "",
        settings={},
        becomes="",
        each={column: f.settings for f in group for column in f.columns if f.settings} if rule else {},
        fix="\n".join(finding.fix for finding in group if finding.fix),
    )
