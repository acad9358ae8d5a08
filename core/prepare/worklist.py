"""In which order rows are best looked at: one list over all findings, the most to be gained first.

The gain of a look is the chance that it ends in a change. For each finding that is at first what its severity
and score promise. As its rows are confirmed or dismissed, it falls back once even the upper end of the 95%
interval of its precision is below the promise, and never before: a few dismissals by chance move nothing.
Within a finding the detector's own order stands: models learned from the verdicts cost looks as often as they
saved some (docs/methods/worklist.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.finding import SEVERITIES, Finding
from core.prepare.verdicts import Verdicts
from core.rowset import RowSet

NONE = RowSet()
Ids = NDArray[np.int64]


class WorkItem(NamedTuple):
    """A finding, and its rows in the order in which its detector doubts them."""

    finding: Finding
    rows: Ids


def promise(finding: Finding) -> float:
    """The share of its rows that a finding promises to be wrong, before any was looked at: by severity, then
    by score.

    >>> [round(promise(Finding("x", "", level, 0.5, "", "")), 2) for level in ("info", "warning", "critical")]
    [0.27, 0.5, 0.73]
    """
    return 0.15 + 0.7 * (SEVERITIES.index(finding.severity) + finding.score) / len(SEVERITIES)


def gain(finding: Finding, verdicts: Verdicts) -> float:
    """The chance that a look at the next row of the finding ends in a change, as far as is known.

    >>> found = Finding("x", "", "warning", 0.5, "", "", rows=RowSet(range(50)))
    >>> nobody = Verdicts(np.arange(0), np.zeros(0, bool))
    >>> one, many = (Verdicts(np.arange(seen), np.zeros(seen, bool)) for seen in (1, 12))
    >>> [round(gain(found, seen), 2) for seen in (nobody, one, many)]
    [0.5, 0.5, 0.24]
    """
    return min(promise(finding), verdicts.of(finding.rows).high)


def ordered(lines: Sequence[WorkItem], verdicts: Verdicts, first: RowSet = NONE) -> Ids:
    """Every row once: those of ``first``, then line by line, the largest gain first, equal ones as given."""
    best = sorted(lines, key=lambda line: -gain(line.finding, verdicts))
    every = np.concatenate([first.ids, *(line.rows for line in best)]).astype(np.int64)
    _, at = np.unique(every, return_index=True)
    return np.asarray(every[np.sort(at)], dtype=np.int64)
