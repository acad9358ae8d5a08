"""The parts of a report besides its findings, each from the result of one analysis: aggregates only, never
rows of the data.

Wherever a column is meant, its name stands under ``column``, ``columns``, ``left`` or ``right``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from core.reporting.both import both
from core.reporting.columns import columns

if TYPE_CHECKING:
    from core.analyses.association.analysis import AssociationResult
    from core.analyses.leakage.analysis import LeakageResult
    from core.analyses.missingness.analysis import MissingnessResult
    from core.analyses.profile.analysis import Profile
    from core.analyses.target.analysis import TargetResult
    from core.analysis import Result
    from core.dataset import Dataset
    from core.report import Outcome

HEAT_COLUMNS, PAIRS = 24, 40
RELATED, DRAWN, CLASSES = 40, 12, 6
GAPS, PATTERNS, STRIP = 60, 12, 48
SINGLE = 25


def sections(
    dataset: Dataset,
    outcomes: Sequence[Outcome],
    findings: Sequence[Mapping[str, Any]],
    private: bool = False,
) -> dict[str, Any]:
    """What each analysis has to show; one that was skipped, or did not run, has no section but stands under
    ``checks``.

    private: leave out everything that quotes a cell of the data.
    """
    results: dict[str, Result] = {
        o.analysis.name: o.result for o in outcomes if o.result is not None and o.status.state == "ok"
    }
    made: dict[str, Any] = {
        "data": _data(dataset),
        "checks": [_check(outcome) for outcome in outcomes],
    }
    if "profile" in results:
        made["columns"] = columns(dataset, cast("Profile", results["profile"]), findings, private)
    if "association" in results:
        made["relations"] = _relations(cast("AssociationResult", results["association"]))
    if "target" in results:
        made["target"] = _target(cast("TargetResult", results["target"]), private)
    if "missingness" in results:
        made["missing"] = _missing(cast("MissingnessResult", results["missingness"]))
    if "leakage" in results:
        made["leakage"] = _leakage(cast("LeakageResult", results["leakage"]))
    together = both(results, private)
    if together:
        made["overlap"] = together
    made["rows"] = {name: results[name].summary for name in ("duplicates", "outliers") if name in results}
    return made


def _data(dataset: Dataset) -> dict[str, Any]:
    source = dataset.source
    return {
        "name": dataset.name,
        "format": source.format,
        "options": dict(source.options),
        "aside": source.aside,
        "parts": {str(name): count for name, count in dataset.parts.items()},
        "roles": dataset.roles.named(),
        "kinds": {
            kind: len(dataset.of_kind(kind)) for kind in sorted({column.kind for column in dataset.columns})
        },
    }


def _check(outcome: Outcome) -> dict[str, Any]:
    analysis, result = outcome.analysis, outcome.result
    return {
        "analysis": analysis.name,
        "title": analysis.title,
        "question": analysis.question,
        "state": outcome.status.state,
        "reason": outcome.status.reason,
        "notes": list(result.notes) if result else [],
        "settings": result.settings.to_json() if result else {},
    }


def _relations(result: AssociationResult) -> dict[str, Any]:
    """The strongest pairs, and all pairs between the columns that these name first (null: not among the pairs
    kept).
    """
    pairs, names = result.pairs, result.names
    order = list(dict.fromkeys(np.stack([pairs.left, pairs.right], axis=1).ravel().tolist()))[:HEAT_COLUMNS]
    place = {column: i for i, column in enumerate(order)}
    grid: list[list[float | None]] = [[None] * len(order) for _ in order]
    for left, right, value in zip(
        pairs.left.tolist(), pairs.right.tolist(), pairs.value.tolist(), strict=True
    ):
        if left in place and right in place:
            grid[place[left]][place[right]] = grid[place[right]][place[left]] = round(value, 3)
    strongest = result.frame().head(PAIRS)
    lines = strongest[["left", "right", "kind", "value", "noise95", "n", "q"]].rename(
        columns={"noise95": "noise"}
    )
    return {
        "columns": [names[column] for column in order],
        "grid": grid,
        "pairs": lines.to_dict("records"),
        "tested": pairs.tested,
        "used": result.used,
        "strong": result.settings.strong,
    }


def _target(result: TargetResult, private: bool) -> dict[str, Any]:
    """How each column tells the target, and the target over the bins of the first few."""
    table = result.frame().head(RELATED).rename(columns={"noise95": "noise"})
    classes = result.classes
    shown = result.told[:CLASSES]
    quality = result.quality
    told: dict[str, Any] = {
        "column": result.target,
        "kind": "class" if classes else "number",
        "classes": [f"class {i + 1}" for i in range(len(shown))] if private else list(shown),
        "used": result.used,
        "related": table.to_dict("records"),
        "drawn": [],
    }
    for one in result.relations[:DRAWN]:
        labels = [f"bin {i + 1}" for i in range(len(one.labels))] if private else list(one.labels)
        bins = {
            "labels": labels,
            "rows": one.rows.tolist(),
            "value": one.value[:, :CLASSES].tolist(),
            "low": one.low[:, :CLASSES].tolist(),
            "high": one.high[:, :CLASSES].tolist(),
        }
        told["drawn"].append({"column": one.column, **bins})
    if quality is not None:
        named = {0: "root mean squared error", 2: "area under the ROC curve"}.get(len(classes), "accuracy")
        measured = {
            "measure": named,
            "value": quality.plain.value,
            "low": quality.plain.low,
            "high": quality.plain.high,
        }
        skill = {
            "skill": quality.skill.value,
            "skill_low": quality.skill.low,
            "skill_high": quality.skill.high,
        }
        told["model"] = measured | {"trivial": quality.plain_trivial} | skill
    return told


def _missing(result: MissingnessResult) -> dict[str, Any]:
    """Columns with gaps, most first, with a strip of missing shares (0 to 9) along the source; the most
    frequent patterns.
    """
    strips = _strips(result)
    gaps = []
    for place, gap in enumerate(result.gaps[:GAPS]):
        told = {"auc": gap.told.auc, "noise": gap.told.noise, "q": gap.q} if gap.told else {}
        decided = {"decided_by": {"column": gap.by[0]}} if gap.by else {}
        gaps.append(
            {
                "column": gap.name,
                "missing": gap.missing,
                "share": gap.share,
                "strip": strips[place],
                **told,
                **decided,
            }
        )
    patterns = [
        {
            "columns": [result.gaps[place].name for place in pattern.columns[:PATTERNS]],
            "width": len(pattern.columns),
            "rows": pattern.rows,
        }
        for pattern in result.patterns[:PATTERNS]
    ]
    return {"summary": result.summary, "gaps": gaps, "patterns": patterns, "rows": result.rows_in_all}


def _strips(result: MissingnessResult) -> list[str]:
    """Per column one digit for each stretch of rows in source order: 0 none is missing, 9 all are."""
    if not result.matrix.size:
        return [""] * min(GAPS, len(result.gaps))
    stretches = np.array_split(result.matrix, min(STRIP, len(result.matrix)))
    shares = np.array([part.mean(axis=0) for part in stretches])
    digits = np.where(shares > 0, np.clip(np.round(shares * 9), 1, 9), 0).astype(int)
    return [
        "".join(map(str, digits[:, j])) if j < digits.shape[1] else ""
        for j in range(min(GAPS, len(result.gaps)))
    ]


def _leakage(result: LeakageResult) -> dict[str, Any]:
    """The strongest single columns beside what chance gives, and how many findings there are of each
    weight.
    """
    known = np.flatnonzero(np.isfinite(result.scores))
    order = known[np.argsort(-result.scores[known], kind="stable")][:SINGLE]
    single = [
        {"column": result.names[i], "score": float(result.scores[i]), "noise": float(result.noise[i])}
        for i in order.tolist()
    ]
    return {
        "kind": result.kind,
        "single": single,
        "limits": list(result.limits),
        "judged": result.judged,
        "summary": result.summary,
    }
