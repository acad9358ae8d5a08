"""The steps that a command asks for, as decisions about the data that earlier ones left."""

from __future__ import annotations

import argparse

from core.catalog import detectors
from core.dataset import Dataset
from core.decided import as_decided
from core.decision import Decision
from core.errors import SettingError
from core.filters import Filter
from core.outcomes import all_findings, audit, row_scores
from core.phrases import quoted
from core.progress import Progress
from core.review import Review
from core.rowset import RowSet
from core.steps import TypedStep


def steps_asked(
    given: argparse.Namespace, dataset: Dataset, past: Review, progress: Progress
) -> tuple[Decision, ...]:
    """The steps of ``--step``, then those of ``--drop`` and ``--keep``. One whose filter asks for findings or
    scores is about the rows that it takes once the steps before it are followed: the analyses behind the
    issues page are run for it. Raises `SettingError` where that is no row, and `FilterError`.
    """
    asked: list[tuple[TypedStep, bool]] = [(step, False) for step in given.step]
    for rules, others in ((given.drop, False), (given.keep, True)):
        asked += [(TypedStep("drop", rows=rule, why="command line"), others) for rule in rules]
    steps: list[Decision] = []
    for step, others in asked:
        rule = step.rows
        if not isinstance(rule, Filter):
            steps.append(step.decision())
        elif rule.by_data_alone:
            steps.append(step.decision(rule.others if others else rule))
        else:
            now = as_decided(dataset, past.say(*steps))
            steps.append(step.decision(_matching(rule, now, others, progress)))
    return tuple(steps)


def _matching(rule: Filter, now: Dataset, others: bool, progress: Progress) -> RowSet:
    """The rows, by position in the source, that a filter on findings or scores takes; or all others."""
    outcomes = audit(now, progress, detectors(now))
    flagged = {finding.key: finding.rows for finding in all_findings(now, outcomes)}
    rows = rule.rows(now, flagged, row_scores(outcomes))
    rows = RowSet.from_mask(~rows.mask(now.rows)) if others else rows
    if not len(rows):
        raise SettingError(
            f"{quoted(str(rule))} takes no row here, so that there is nothing to do; leave it out."
        )
    return now.source_rows(rows)
