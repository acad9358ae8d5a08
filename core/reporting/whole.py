"""The whole report as one object: what ``audit --json`` prints and what the page draws
(docs/guide/report.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from core.finding_words import in_words
from core.report import plain
from core.reporting.sections import sections
from core.version import VERSION

if TYPE_CHECKING:
    from core.dataset import Dataset
    from core.outcomes import Outcome

SCHEMA = 3


def whole(
    report: Mapping[str, Any],
    dataset: Dataset,
    outcomes: Sequence[Outcome],
    private: bool = False,
) -> dict[str, Any]:
    """The object of ``audit_json`` or ``result_json``, with its schema, the version, and a section for each
    analysis that ran.

    private: leave out everything that quotes a cell of the data: commonest values, extremes, levels, and the
    words of findings, of which kind, columns and numbers stay.
    """
    findings = [_quiet(finding) for finding in report["findings"]] if private else list(report["findings"])
    parts = plain(sections(dataset, outcomes, findings, private))
    return {
        "schema": SCHEMA,
        "version": VERSION,
        **report,
        "findings": findings,
        **(_quiet_steps(report) if private else {}),
        "private": private,
        "sections": parts,
    }


def _quiet_steps(report: Mapping[str, Any]) -> dict[str, Any]:
    """Steps and what they resolved, without words that may quote a value."""
    quiet: dict[str, Any] = {}
    if "steps" in report:
        quiet["steps"] = [
            {
                **step,
                "step": _named(step["action"], [step["column"]]),
                "why": "",
                "finding": step["finding"].partition(":")[0],  # what it is about may be a rule
                "note": "",
                "passed_over": "",
            }
            for step in report["steps"]
        ]
    if "resolved" in report:
        quiet["resolved"] = [
            {**one, "key": one["code"], "title": _named(one["code"], one["columns"]), "decisions": []}
            for one in report["resolved"]
        ]
    return quiet


def _named(word: str, columns: Sequence[str]) -> str:
    """A code or an action, and its columns."""
    there = [column for column in columns if column]
    more = " …" if len(there) > 4 else ""
    words = in_words(word)
    return words[:1].upper() + words[1:] + (f": {', '.join(there[:4])}{more}" if there else "")


def _quiet(finding: Mapping[str, Any]) -> dict[str, Any]:
    """The finding without its words, which may quote a value; merged spellings and fills stand in the code
    too.
    """
    title = _named(finding["code"], finding["columns"])
    key = ":".join((finding["code"], *finding["columns"]))  # what it is about may be a rule
    quiet = {"why": "", "suggestion": "", "fix": "", "to": "", "where": "", "settings": {}, "each": {}}
    return {**finding, "key": key, "title": title, **quiet}
