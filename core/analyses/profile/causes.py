"""Findings of a column whose cause lies outside of it: its role as the target, or another column."""

from __future__ import annotations

from core.dataset import Dataset
from core.finding import Finding
from core.prepare.constant_target import constant_target
from core.prepare.structural import explained, structural
from core.progress import Progress

_ONE_VALUE = ("constant", "all_missing")  # what `constant_target` says of a target


def of_target(dataset: Dataset, findings: list[Finding]) -> list[Finding]:
    """The findings, where a target that does not vary is told as what it is: nothing can be predicted."""
    target = dataset.roles.target
    constant = constant_target(dataset, target) if target else None
    if constant is None:
        return findings
    said = [f for f in findings if f.columns == constant.columns and f.code in _ONE_VALUE]
    return [*(f for f in findings if f not in said), constant]


def excused(dataset: Dataset, findings: list[Finding], progress: Progress) -> list[Finding]:
    """The findings, where gaps that alarm but that another column explains are told as such."""
    alarming = [
        finding.columns[0] for finding in findings if finding.code == "missing" and finding.severity != "info"
    ]
    rules = explained(dataset, alarming, progress)

    def with_cause(finding: Finding) -> Finding:
        rule = rules.get(finding.columns[0]) if finding.code == "missing" else None
        if rule is None:
            return finding
        return structural(dataset[finding.columns[0]], len(finding.rows), dataset.rows, rule, finding.rows)

    return [with_cause(finding) for finding in findings]
