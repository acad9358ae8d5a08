"""The audit as three files: the page, Markdown and JSON."""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from core.acceptance import accepted as accepted_now
from core.catalog import analyses
from core.decided import as_decided
from core.export.tally import in_words
from core.outcomes import Outcome, all_findings, attempt, has_run
from core.progress import SILENT, Progress
from core.report import audit_json, in_source, resolved_json
from core.reporting.markdown import markdown
from core.reporting.page import page
from core.reporting.whole import whole
from core.review import Review
from core.steps import Work, amount_of, settle, steps_json
from core.steps import whole as steps_together

if TYPE_CHECKING:
    from core.dataset import Dataset


def files(
    dataset: Dataset,
    accepted: Collection[str] = (),
    chosen: Mapping[str, Mapping[str, Any]] | None = None,
    private: bool = False,
    review: Review | None = None,
    progress: Progress = SILENT,
) -> dict[str, str]:
    """``report.html``, ``report.md`` and ``report.json``: name -> text, from every analysis; those remembered
    are not run again, and those that wait to be asked for are in it where they have run on these data: what
    no page has found is no finding of the report's either.

    accepted: keys of findings that stand. chosen: per analysis, settings that differ from what the roles
    imply. private: as in `whole`. review: the report is of ``dataset`` as decided there, with the steps and
    what they resolved.
    """
    begun = time.perf_counter()

    def checked(data: Dataset, low: float, high: float) -> list[Outcome]:
        names = [name for name, one in analyses().items() if not one.asked or has_run(name, data, chosen)]
        width = (high - low) / len(names)
        parts = {
            name: progress.part(low + at * width, low + (at + 1) * width) for at, name in enumerate(names)
        }
        return [attempt(name, data, (chosen or {}).get(name), part) for name, part in parts.items()]

    loaded, review = dataset, review or Review()
    dataset = as_decided(loaded, review)
    outcomes = checked(dataset, 0.0, 1.0 if dataset is loaded else 0.6)
    found = in_source(dataset, all_findings(dataset, outcomes))
    stand = {*accepted, *accepted_now(review, settle(review.decisions, loaded), loaded.names, found)}
    answer = audit_json(dataset, outcomes, time.perf_counter() - begun, stand)
    if dataset is not loaded:
        before = checked(loaded, 0.6, 1.0)
        answer["resolved"] = resolved_json((loaded, before), (dataset, outcomes), review)
        work = Work.after(review.decisions, loaded)
        answer["steps"] = steps_json(review.decisions, work.settled(), review.steps)
        answer["decided"] = amount_of(review.decisions, review.steps)
        answer["exported"] = in_words(steps_together(work))
    report = whole(answer, dataset, outcomes, private)
    title = f"Audit: {dataset.name}"
    return {
        "report.html": page(report, dataset.names, title, time.strftime("%Y-%m-%d %H:%M")),
        "report.md": markdown(report, title),
        "report.json": json.dumps(report, ensure_ascii=False, allow_nan=False, indent=1) + "\n",
    }
