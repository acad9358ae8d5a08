"""What the strip of columns shows, one line per column: its bars, its ends, and the statistics that it may be
sorted by.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from components.figures import profile as drawn
from components.text import cut, marked
from components.views.profile.column import quantile_text
from core.analyses.profile.target_by_bar import Tint
from core.phrases import percent_number

if TYPE_CHECKING:
    import pandas as pd

    from core.analyses.profile.facts import ColumnProfile
    from core.analyses.profile.result import Profile
    from core.finding import Finding

BINS = 24
# of the full height: what a bar that is like the whole table still has, so that it is not taken for one
# without rows
_STUB = 0.05
WORST = "Worst finding first"
ASSOCIATION = "Association with the target"
STATISTICS = (
    "Missing",
    "Distinct",
    "Mean",
    "Standard deviation",
    "Skewness",
    "Excess kurtosis",
    "Zeros",
    "Minimum",
    "Median",
    "Maximum",
)


def lines_of(result: Profile, tint: Tint | None, at: int) -> pd.DataFrame:
    """What the table shows, one line per column in source order, with the statistics that it may be sorted
    by.
    """
    import pandas as pd

    lines = pd.DataFrame([_line(profile) for profile in result.columns])
    statistics = statistics_of(result, tint, at)
    lines = lines.assign(
        **{name: statistics[name] for name in (ASSOCIATION, *STATISTICS[2:]) if name in statistics}
    )
    if tint is not None:
        lines["Target"] = [target_bars(profile, tint, at) for profile in result.columns]
    return lines


def _line(profile: ColumnProfile) -> dict[str, Any]:
    ends = [quantile_text(profile, end, brief=True) for end in (0.0, 0.5, 1.0)]
    if not profile.quantiles.size and profile.top:
        ends = ["", "" if drawn.all_differ(profile) else marked(profile.top[0][0], 24), ""]
    return {
        "Column": cut(profile.name, 60),
        "Kind": profile.kind,
        "Distribution": bars(profile),
        "Missing": percent_number(profile.missing / profile.rows if profile.rows else 0.0),
        "Distinct": profile.distinct,
        "Low": ends[0],
        "Middle": ends[1],
        "High": ends[2],
    }


def bars(profile: ColumnProfile) -> list[int]:
    """At most `BINS` heights: neighbouring bins of the histogram together, or the commonest values."""
    if profile.histogram is None:
        return [times for _, times in profile.top]
    counts, step = profile.histogram.counts, _step(profile)
    return [int(counts[at : at + step].sum()) for at in range(0, counts.size, step)]


def target_bars(profile: ColumnProfile, tint: Tint, at: int) -> list[float]:
    """How each bar differs from the whole table, at most by the reach; a bar with rows is never too small to
    see, one without is 0.
    """
    if profile.name not in tint.rows:
        return []
    rate, rows = tint.over(profile.name, at, _step(profile))
    most = reach(tint, at)
    apart = np.clip(rate - tint.overall[at], -most, most)
    seen = np.where(np.abs(apart) < _STUB * most, np.where(apart < 0, -_STUB, _STUB) * most, apart)
    heights: list[float] = np.where(rows > 0, seen, 0.0).tolist()
    return [float(f"{value:.3g}") for value in heights]


def _step(profile: ColumnProfile) -> int:
    """How many neighbouring bins of the histogram make one bar here."""
    return 1 if profile.histogram is None else max(1, -(-profile.histogram.counts.size // BINS))


def reach(tint: Tint, at: int) -> float:
    """The difference at which a bar has its full height; one scale for all columns, whatever the class's
    share.
    """
    return drawn.LEAST * float(tint.spread[at]) or 1.0


def statistics_of(
    result: Profile, tint: Tint | None, at: int, listed: Sequence[Finding] | None = None
) -> dict[str, Any]:
    """What columns can be sorted by, one number per column; nan where a column has none. listed: the findings
    on the page, of which the worst about a column counts; None: those of the profile.
    """
    columns = result.columns
    numeric = [profile.quantiles.size > 0 and profile.kind != "datetime" for profile in columns]

    def of_numbers(numbers: list[float]) -> list[float]:
        return [value if known else float("nan") for value, known in zip(numbers, numeric, strict=True)]

    statistics = {
        WORST: list(result.strange_by(result.each if listed is None else listed).values()),
        "Missing": [profile.missing / max(1, profile.rows) for profile in columns],
        "Distinct": [float(profile.distinct) for profile in columns],
        "Mean": of_numbers([profile.mean for profile in columns]),
        "Standard deviation": of_numbers([profile.std for profile in columns]),
        "Skewness": of_numbers([profile.skewness for profile in columns]),
        "Excess kurtosis": of_numbers([profile.kurtosis for profile in columns]),
        "Zeros": of_numbers([float(profile.zeros) for profile in columns]),
        **{
            word: of_numbers([profile.quantile(share) for profile in columns])
            for word, share in zip(STATISTICS[-3:], (0.0, 0.5, 1.0), strict=True)
        },
    }
    if tint is not None:
        statistics[ASSOCIATION] = [
            tint.eta(profile.name, at) if profile.name in tint.rows else float("nan") for profile in columns
        ]
    return statistics
