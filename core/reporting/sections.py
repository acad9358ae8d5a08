"""The parts of a report besides its findings, each from the result of one analysis: aggregates only, never
rows of the data.

Wherever a column is meant, its name stands under ``column``, ``columns``, ``left`` or ``right``. What an
analysis has to show stands in ``section.py`` of its folder, a function ``section(result, dataset, findings,
private)``; where there is none, its summary and its table do.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from core.catalog import apply_to, checks

if TYPE_CHECKING:
    from core.analysis import Analysis, Result
    from core.dataset import Dataset
    from core.outcomes import Outcome

LINES = 25  # of the table of an analysis without a section of its own


def sections(
    dataset: Dataset,
    outcomes: Sequence[Outcome],
    findings: Sequence[Mapping[str, Any]],
    private: bool = False,
) -> dict[str, Any]:
    """``data``, ``checks``, and under its name what each analysis has to show; one that was skipped, did not
    run, or is about what the data have not got, has no part but stands under ``checks``.

    private: leave out everything that quotes a cell of the data.
    """
    concerned = apply_to(dataset)
    parts = {
        outcome.analysis.name: _part(outcome.analysis, outcome.result, dataset, findings, private)
        for outcome in outcomes
        if outcome.result is not None and outcome.status.state == "ok" and outcome.analysis.name in concerned
    }
    return {"data": _data(dataset), "checks": _checks(dataset, outcomes), **parts}


def _part(
    analysis: Analysis,
    result: Result,
    dataset: Dataset,
    findings: Sequence[Mapping[str, Any]],
    private: bool,
) -> dict[str, Any]:
    own = f"{analysis.folder}.section"
    if analysis.folder and importlib.util.find_spec(own) is not None:
        part: dict[str, Any] = importlib.import_module(own).section(result, dataset, findings, private)
        return part
    return _plain(result, private)


def _plain(result: Result, private: bool) -> dict[str, Any]:
    """The summary, and the first lines of the table unless it speaks of single rows; where ``private``, of
    the summary only the numbers.
    """
    summary = result.summary
    if private:
        return {"summary": {name: value for name, value in summary.items() if not isinstance(value, str)}}
    table = result.frame()
    if any("row" in str(column).split("_") for column in table.columns):
        return {"summary": summary}
    lines = table.head(LINES).astype(object).where(table.head(LINES).notna(), None)
    return {"summary": summary, "table": {"heads": list(lines.columns), "lines": lines.to_numpy().tolist()}}


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


def _checks(dataset: Dataset, outcomes: Sequence[Outcome]) -> list[dict[str, Any]]:
    counted = {one.name for one in checks(dataset)}
    applies = apply_to(dataset)
    return [
        {**_check(one), "counted": one.analysis.name in counted, "applies": one.analysis.name in applies}
        for one in outcomes
    ]


def _check(outcome: Outcome) -> dict[str, Any]:
    analysis, result = outcome.analysis, outcome.result
    return {
        "analysis": analysis.name,
        "title": analysis.title,
        "question": analysis.question,
        "state": outcome.status.state,
        "reason": outcome.status.reason,
        "notes": [note for note in result.notes if note != outcome.status.reason] if result else [],
        "unchecked": outcome.unchecked,
        "settings": result.settings.to_json() if result else {},
    }
