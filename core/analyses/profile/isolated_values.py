"""The alert on values that lie apart from all others at one end of a column: gross errors, or a true gap."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from core.analyses.profile.as_text import str_of_number, str_of_time
from core.analyses.profile.facts import ColumnFacts
from core.analyses.profile.rows import finite_part, rows_where
from core.filters.writing import typed_column
from core.finding import Finding
from core.numerics.isolated import DISTINCT, LEAST, MANY, Gap, isolated
from core.numerics.number_codes import Code, median_of
from core.phrases import column_of, count, limit_among, name
from core.rowset import RowSet

EXACT = 2.0**53


def isolated_values(facts: ColumnFacts, codes: Sequence[Code]) -> Finding | None:
    """Values beyond a gap that the spacing of the values next to it does not explain.

    A warning where the gap stands out even from a tail that falls as a power of the distance (Pareto); a note
    where such a tail would leave one, where it reaches less than half as far again as the values do from the
    median, or where more than five values lie beyond it (unless it is five times as wide as the middle nine
    tenths of all values: then up to 5% are errors). Missing-value ``codes``
    are left aside first. Of times only those are named that would be a warning.
    """
    profile = facts.profile
    is_time = profile.kind == "datetime" and profile.stored.startswith("timestamp")
    is_number = profile.kind == "numeric" and profile.stored in ("int64", "uint64", "double")
    if not (is_time or is_number) or facts.role not in ("", "target", "time") or profile.present < LEAST:
        return None
    first, distinct = finite_part(facts.distinct)
    counts, median = facts.counts[first : first + distinct.size], profile.quantile(0.5)
    if codes:
        keep = np.ones(distinct.size, bool)
        keep[[code.place - first for code in codes if code.kind != "spike"]] = False
        distinct, counts = distinct[keep], counts[keep]
        median = median_of(distinct, counts)
    if distinct.size < DISTINCT:
        return None
    gaps = isolated(distinct, counts, median * 1e6 if is_time and not codes else median)
    loud = any(gap.loud for gap in gaps if gap)
    if not any(gaps) or (is_time and not loud):
        return None
    left_out = [facts.distinct[code.place] for code in codes if code.kind != "spike"]
    ends = (
        float(distinct[0]) if gaps[0] is None else gaps[0].edge,
        float(distinct[-1]) if gaps[1] is None else gaps[1].edge,
    )
    return _finding(facts, gaps, ends, loud, left_out)


def without_isolated(facts: ColumnFacts, isolated: Finding | None) -> ColumnFacts:
    """The column without the distinct values that an alarm on isolated ones names: the gap before them is
    told there.
    """
    if isolated is None or isolated.severity == "info":
        return facts
    named = facts.values.take(isolated.rows.ids).to_numpy().astype(facts.distinct.dtype)
    kept = ~np.isin(facts.distinct, named)
    return replace(facts, distinct=facts.distinct[kept], counts=facts.counts[kept])


def _finding(
    facts: ColumnFacts,
    gaps: tuple[Gap | None, Gap | None],
    ends: tuple[float, float],
    loud: bool,
    codes: Sequence[float],
) -> Finding:
    """ends: of the values between the gaps. codes: missing-value codes, which lie beyond a gap but are not
    among its values.
    """
    profile, (low, high) = facts.profile, gaps
    is_time = profile.kind == "datetime"
    worst = max((gap for gap in (low, high) if gap is not None), key=lambda gap: gap.ratio / gap.limit)
    where = [
        f"{count(gap.values, 'value')} at {at} {side}, where {beside} is next"
        for gap, side in ((low, "or below"), (high, "or above"))
        if gap is not None
        for at, beside in [_limit(gap, ends, is_time)]
    ]
    return Finding(
        code="isolated_values",
        title=f"{name(profile.name)} has isolated values: {'; '.join(where)}",
        severity="warning" if loud else "info",
        score=min(1.0, 0.6 + 0.2 * min(1.0, worst.ratio / worst.limit / 100)) if loud else 0.3,
        why=f"The spacing of the values next to the gap does not explain it{_but(loud, worst.group)}. A "
        "misplaced decimal point, another unit or a faulty sensor looks like this.",
        suggestion="Look at these rows. Mend the unit or the decimal point, or treat the cells as missing; "
        "keep them if they are real.",
        rows=_rows_beyond(facts, low, high, codes),
        columns=(profile.name,),
        value=worst.ratio,
        measure="gap times values beyond it, over the usual spacing",
        limit=worst.limit,
        noise=worst.noise,
        n=profile.present,
        action="blank" if loud else "",
        where=_rule(profile.name, gaps, is_time, codes) if loud and not profile.infinite else "",
        fix=_masking(profile.name, gaps, is_time, codes),
        # of other columns the search for outliers names the rows of so few
        waits=loud and facts.role == "target" and max(gap.values for gap in gaps if gap) <= MANY,
    )


def _but(loud: bool, group: bool) -> str:
    """What else could explain such a gap."""
    if not loud:
        return "; a heavy tail or a group of its own could"
    return ", not even for a heavy tail" + ("; a group of its own could" if group else "")


def _masking(column: str, gaps: tuple[Gap | None, Gap | None], is_time: bool, codes: Sequence[float]) -> str:
    """The line of pandas that makes the values beyond the gaps missing, the ``codes`` not among them."""
    if not any(gap.values for gap in gaps if gap is not None):
        return ""
    column = column_of(column)
    bounds = [
        f"{column} {sign} {_literal(gap.nearest, is_time)}"
        for gap, sign in zip(gaps, ("<=", ">="), strict=True)
        if gap is not None
    ]
    test = f"({bounds[0]}) | ({bounds[1]})" if len(bounds) > 1 else bounds[0]
    if codes and not is_time:
        test = f"({test}) & ~{column}.isin({[float(code) for code in codes]!r})"
    return f"{column} = {column}.mask({test})"


def _rule(column: str, gaps: tuple[Gap | None, Gap | None], is_time: bool, codes: Sequence[float]) -> str:
    """The filter that takes the values beyond the gaps, the ``codes`` not among them; "" for numbers so large
    that a bound as float would not be the value.
    """
    column = typed_column(column)

    def text(value: float) -> str:
        return str_of_time(int(value)) if is_time else str_of_number(value)

    if not is_time and any(abs(gap.nearest) >= EXACT for gap in gaps if gap is not None):
        return ""
    bounds = [
        f"{column} {sign} {text(gap.nearest)}"
        for gap, sign in zip(gaps, ("<=", ">="), strict=True)
        if gap is not None
    ]
    test = " or ".join(bounds)
    if not codes:
        return test
    others = ", ".join(text(code) for code in codes)
    return f"({test}) and {column} is not one of ({others})"


def _limit(gap: Gap, ends: tuple[float, float], is_time: bool) -> tuple[str, str]:
    """The value at the far side of a gap, not rounded past it, and the one at the near side."""
    if is_time:
        return str_of_time(int(gap.nearest)), str_of_time(int(gap.edge))
    middle = gap.edge / 2 + gap.nearest / 2
    if gap.nearest > gap.edge:
        return (
            limit_among(gap.nearest, middle, gap.nearest, *ends),
            limit_among(gap.edge, -math.inf, middle, *ends),
        )
    return limit_among(gap.nearest, gap.nearest, middle, *ends), limit_among(
        gap.edge, middle, math.inf, *ends
    )


def _literal(value: float, is_time: bool) -> str:
    return repr(str_of_time(int(value))) if is_time else repr(value)


def _rows_beyond(facts: ColumnFacts, low: Gap | None, high: Gap | None, codes: Sequence[float]) -> RowSet:
    """The rows of the finite values beyond the gaps, but for those of missing-value codes."""
    import pyarrow as pa
    import pyarrow.compute as pc

    values = facts.values
    if pa.types.is_timestamp(values.type):
        values = values.cast(pa.timestamp("us")).cast(pa.int64())
    values = values.cast(pa.float64(), safe=False)
    apart = pa.scalar(False)
    if low is not None:
        apart = pc.or_(apart, pc.less_equal(values, low.nearest))
    if high is not None:
        apart = pc.or_(apart, pc.greater_equal(values, high.nearest))
    named = pc.is_in(values, pa.array([float(code) for code in codes], pa.float64()))
    return rows_where(pc.and_(pc.and_(apart, pc.is_finite(values)), pc.invert(named)))
