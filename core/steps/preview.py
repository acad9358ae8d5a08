"""What a step would do, seen before it is taken: on all rows where that is soon done, else on a sample."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from core.dataset import Dataset
from core.decision import Decision
from core.filters import Filter
from core.prepare.sampling import sampled
from core.progress import SILENT, Progress
from core.steps.catalogue import kind_of
from core.steps.settling import Work
from core.steps.trial import StepTrial, trial

SAMPLE = 100_000  # rows
SEED = 0


def preview(before: Work, decisions: Sequence[Decision], progress: Progress = SILENT) -> StepTrial:
    """As `core.steps.trial`. A step that takes long on many rows learns and works on `SAMPLE` of those that
    are left (`StepTrial.sample_of`), drawn by their content; on all of them where the sample shows nothing of
    it, or gives a reason not to follow it.
    """
    if _soon_done(before, decisions):
        return trial(before, decisions, progress)
    part = sample(before, progress.part(0.0, 0.3))
    one = replace(trial(part, decisions, progress.part(0.3, 0.7)), sample_of=int(before.kept.sum()))
    return trial(before, decisions, progress.part(0.7, 1.0)) if one.passed or one.idle else one


def sample(before: Work, progress: Progress = SILENT) -> Work:
    """The same on some of the rows that are left, as if no others had been loaded."""
    left = before.laid(before.kept)
    rows = np.zeros(before.rows, bool)
    rows[left.source_ids(_drawn(left, progress))] = True
    some = before.laid(rows)
    part = Work(replace(some, fingerprint=f"{some.fingerprint} {some.version}"))
    part.train, part.parted, part.out = before.train[rows], before.parted, dict(before.out)
    return part


def _drawn(left: Dataset, progress: Progress) -> NDArray[np.int64]:
    """The rows of the sample, drawn once."""

    def draw() -> NDArray[np.int64]:
        rows = sampled(left, left.names, SAMPLE, SEED, progress)
        return np.arange(left.rows) if rows is None else rows

    return left.shared.latest("rows of previews", left.version, draw)


def takes_long(data: Dataset, decisions: Sequence[Decision]) -> bool:
    """Whether decisions on so many rows take more than a moment. data: the values that they find, or those as
    loaded.
    """
    rules = [one for one in decisions if one.kind.on == "values"]
    return data.rows > SAMPLE and any(
        kind_of(one.action).slow(data, one.column, one.settings) for one in rules
    )


def _soon_done(before: Work, decisions: Sequence[Decision]) -> bool:
    """Whether all rows are looked at: there are few, the kinds are quick, or rows are named one by one."""
    named = any(not isinstance(one.rows, Filter) and len(one.rows) for one in decisions)
    return named or before.added is not None or not takes_long(before.data, decisions)
