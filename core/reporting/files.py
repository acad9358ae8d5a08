"""The audit as three files: the page, Markdown and JSON."""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from core.catalog import analyses
from core.progress import SILENT, Progress
from core.report import attempt, audit_json
from core.reporting.markdown import markdown
from core.reporting.page import page
from core.reporting.whole import whole

if TYPE_CHECKING:
    from core.dataset import Dataset


def files(
    dataset: Dataset,
    accepted: Collection[str] = (),
    chosen: Mapping[str, Mapping[str, Any]] | None = None,
    private: bool = False,
    progress: Progress = SILENT,
) -> dict[str, str]:
    """``report.html``, ``report.md`` and ``report.json``: name -> text, from every analysis; those remembered
    are not run again.

    accepted: keys of findings that stand. chosen: per analysis, settings that differ from what the roles
    imply. private: as in `whole`.
    """
    begun, names = time.perf_counter(), list(analyses())
    steps = {name: progress.part(at / len(names), (at + 1) / len(names)) for at, name in enumerate(names)}
    outcomes = [attempt(name, dataset, (chosen or {}).get(name), part) for name, part in steps.items()]
    report = whole(
        audit_json(dataset, outcomes, time.perf_counter() - begun, accepted), dataset, outcomes, private
    )
    title = f"Audit: {dataset.name}"
    return {
        "report.html": page(report, dataset.names, title, time.strftime("%Y-%m-%d %H:%M")),
        "report.md": markdown(report, title),
        "report.json": json.dumps(report, ensure_ascii=False, allow_nan=False, indent=1) + "\n",
    }
