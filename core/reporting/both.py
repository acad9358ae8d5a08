"""Train and serve in the report: the verdict and its numbers, the columns that moved, the regions where the
mix differs, the map.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from core.analyses.overlap.analysis import OverlapResult
    from core.analyses.segments.analysis import SegmentsResult
    from core.analyses.shift.analysis import ShiftResult
    from core.analysis import Result

MOVED, REGIONS = 25, 12
_KEPT = ("measure", "value", "low", "high", "null", "baseline", "n")


def both(results: Mapping[str, Result], private: bool) -> dict[str, Any]:
    """What `overlap`, `shift`, `segments` and `projection` have to show, each where it ran; empty where none
    of the first three did.

    private: regions without their rules, which quote values; their columns stay.
    """
    made: dict[str, Any] = {}
    if "overlap" in results:
        overlap = cast("OverlapResult", results["overlap"])
        made |= {"verdict": overlap.verdict, "word": overlap.summary["verdict"]}
        made["measures"] = [{name: getattr(measure, name) for name in _KEPT} for measure in overlap.measures]
    if "shift" in results:
        made["moved"] = _moved(cast("ShiftResult", results["shift"]))
    if "segments" in results:
        made["regions"] = _regions(cast("SegmentsResult", results["segments"]), private)
    if made and "projection" in results:
        made["map"] = results["projection"].summary
    return made


def _moved(result: ShiftResult) -> list[dict[str, Any]]:
    """The first lines of the table, worst first."""
    return [
        {
            "column": line.shift.name,
            "metric": line.metric,
            "value": line.value,
            "noise": line.noise,
            "q": line.q,
            "psi": line.shift.psi if line.metric not in ("missing", "schema") else None,
            "status": line.status,
            "n": sum(line.shift.n),
        }
        for line in result.lines[:MOVED]
    ]


def _regions(result: SegmentsResult, private: bool) -> list[dict[str, Any]]:
    """Those that differ by more than chance, by the share of rows that moved."""
    differ = sorted(
        (one for one in result.segments if one.status != "none"),
        key=lambda one: -abs(one.shares[1] - one.shares[0]),
    )
    return [
        {
            "rule": "" if private else one.rule,
            "columns": list(one.columns),
            "train": one.train,
            "serve": one.serve,
            "shares": list(one.shares),
            "ratio": one.ratio.value,
            "low": one.ratio.low,
            "high": one.ratio.high,
            "status": one.status,
            "n": one.n,
        }
        for one in differ[:REGIONS]
    ]
