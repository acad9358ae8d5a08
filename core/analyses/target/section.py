"""The target in the report: how each column is related to it, and the target over the bins of the first
few.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.analyses.target.analysis import TargetResult
    from core.dataset import Dataset

RELATED, DRAWN, CLASSES = 40, 12, 6


def section(
    result: TargetResult, dataset: Dataset, findings: Sequence[Mapping[str, Any]], private: bool
) -> dict[str, Any]:
    """How each column relates to the target, and the target over the bins of the first few."""
    table = result.frame().head(RELATED).rename(columns={"noise95": "noise"})
    classes = result.classes
    shown = result.shown_classes[:CLASSES]
    quality = result.quality
    part: dict[str, Any] = {
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
        part["drawn"].append({"column": one.column, **bins})
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
        part["model"] = measured | {"trivial": quality.plain_trivial} | skill
    return part
