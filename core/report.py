"""Results and findings as plain JSON: of one analysis, or of all together."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from core.analysis import Analysis, Result
from core.catalog import detectors
from core.dataset import Dataset
from core.decision_words import in_words
from core.finding import Finding
from core.outcomes import Outcome, all_findings, unmade, unmade_in_full, unmade_in_words
from core.prepare.fixes import flagged
from core.resolved import resolved_since
from core.review import Review
from core.rowset import RowSet
from core.steps import settle

if TYPE_CHECKING:
    import pandas as pd

ROW_NUMBERS = ("row", "first_row")  # columns of tables that number rows


def head(dataset: Dataset) -> dict[str, Any]:
    """The data set in three facts; rows and columns are those left where decisions were followed, beside
    those loaded. What probabilities labels were judged by, where a person brought some.
    """
    facts: dict[str, Any] = {
        "rows": dataset.rows,
        "columns": len(dataset.columns),
        "fingerprint": dataset.fingerprint,
    }
    if dataset.base is not None:
        facts["loaded"] = {"rows": dataset.base.rows, "columns": len(dataset.base.columns)}
    if dataset.probabilities is not None:
        facts["probabilities"] = dataset.probabilities.facts
    return facts


def in_source(dataset: Dataset, findings: Sequence[Finding]) -> list[Finding]:
    """The findings with their rows as positions in the source."""

    def own(rows: RowSet) -> RowSet:
        return dataset.source_rows(rows) if rows else rows

    return [replace(f, rows=own(f.rows), copied=own(f.copied), extent=own(f.extent)) for f in findings]


def rows_in_source(dataset: Dataset, frame: pd.DataFrame) -> pd.DataFrame:
    """A table of a result with its row numbers as positions in the source."""
    numbers = [name for name in ROW_NUMBERS if name in frame] if dataset.changes is not None else []
    return frame.assign(**{name: dataset.source_ids(frame[name].to_numpy()) for name in numbers})


def result_json(
    analysis: Analysis,
    dataset: Dataset,
    result: Result,
    seconds: float,
    accepted: Collection[str] = (),
) -> dict[str, Any]:
    """The object that ``--json`` prints (docs/guide/command-line.md). accepted: keys of findings that stand
    without alarm.
    """
    report: dict[str, Any] = plain(
        {
            "analysis": analysis.name,
            "dataset": head(dataset),
            "settings": result.settings.to_json(),
            "status": str(result.status),
            "summary": result.summary,
            "findings": findings_json(in_source(dataset, result.findings), accepted),
            "notes": list(result.notes),
            "unchecked": result.unchecked if result.status.state == "ok" else "",
            "table": table_json(rows_in_source(dataset, result.frame())),
            "tables": {title: table_json(table) for title, table in result.tables().items()},
            "seconds": round(seconds, 3),
        }
    )
    return report


def audit_json(
    dataset: Dataset, outcomes: Sequence[Outcome], seconds: float, accepted: Collection[str] = ()
) -> dict[str, Any]:
    """The same for all analyses together: a status each, one ranked list of findings. The summary counts
    those not accepted.
    """
    findings = all_findings(dataset, outcomes)
    open_ones = [f for f in findings if f.key not in accepted]
    table = {
        "columns": ["analysis", "status", "findings"],
        "rows": [_row(o) for o in outcomes],
    }
    issues = [o for o in outcomes if o.analysis.name in detectors(dataset) and o.result_is_in]
    asking = len(flagged(all_findings(dataset, issues), accepted)) if issues else None
    failed = [o.analysis.name for o in outcomes if o.status.state == "failed"]
    lacking = unmade(dataset, outcomes)
    levels = {level: sum(f.severity == level for f in open_ones) for level in ("critical", "warning", "info")}
    report: dict[str, Any] = plain(
        {
            "analysis": "audit",
            "dataset": head(dataset),
            "settings": {},
            "status": f"failed: {', '.join(failed)}" if failed else "ok",
            "summary": {
                "findings": len(open_ones),
                **levels,
                "accepted": len(findings) - len(open_ones),
                "not_checked": len(lacking),
                "flagged_rows": asking,
            },
            "findings": findings_json(in_source(dataset, findings), accepted),
            "notes": list(dict.fromkeys(note for o in outcomes if o.result for note in o.result.notes)),
            "unchecked": " ".join(o.unchecked for o in outcomes if o.unchecked),
            "not_made": {
                "words": unmade_in_words(lacking),
                "checks": [o.analysis.title for o in lacking],
            },
            "table": table,
            "seconds": round(seconds, 3),
        }
    )
    return report


def _row(outcome: Outcome) -> list[Any]:
    """Name, status and number of findings; none is known of an analysis that did not run."""
    findings = len(outcome.findings) if outcome.result_is_in else None
    return [outcome.analysis.name, str(outcome.status), findings]


def findings_json(findings: Sequence[Finding], accepted: Collection[str] = ()) -> list[dict[str, Any]]:
    """The findings as plain JSON with their keys, those accepted at the end and marked."""
    listed = [{"key": f.key, "accepted": f.key in accepted, **f.to_json()} for f in findings]
    return sorted(listed, key=lambda finding: bool(finding["accepted"]))


def resolved_json(
    before: tuple[Dataset, Sequence[Outcome]], after: tuple[Dataset, Sequence[Outcome]], review: Review
) -> list[dict[str, Any]]:
    """The findings of the data as loaded that are gone as decided, with the decisions that mended them; of
    analyses that could be made on both, and looked as far as decided. Not those that another finding explains
    now.
    """
    first, then = ((data, {one.analysis.name: one for one in came}) for data, came in (before, after))
    return [
        {
            "key": one.finding.key,
            "code": one.finding.code,
            "title": one.finding.title,
            "severity": one.finding.severity,
            "row_count": len(one.finding.rows),
            "columns": list(one.finding.columns),
            "measure": one.finding.measure_in_words,
            **plain({"value": one.finding.value, "limit": one.finding.limit}),
            "decisions": list(dict.fromkeys(in_words((decision,)) for decision in one.decisions)),
        }
        for one in resolved_since(first, then, review, settle(review.decisions, before[0]))
        if one.mended
    ]


def table_json(frame: pd.DataFrame) -> dict[str, Any]:
    """A frame as ``{"columns": [...], "rows": [[...], ...]}``."""
    return {
        "columns": [str(name) for name in frame.columns],
        "rows": frame.astype(object).to_numpy().tolist(),
    }


def plain(value: Any) -> Any:
    """The value as JSON knows it: numpy scalars unwrapped, NaN and infinities as null, anything else as
    text.
    """
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if hasattr(value, "item") and not isinstance(value, str):
        value = value.item()
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return "" if str(value) in ("NaT", "<NA>") else str(value)


def not_made_in_words(report: Mapping[str, Any]) -> str:
    """How many checks cannot be made, and which, as a sentence; "" where all can, and of one analysis."""
    lacking = report.get("not_made")
    return unmade_in_full(lacking["words"], lacking["checks"]) if lacking and lacking["words"] else ""
