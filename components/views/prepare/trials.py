"""A step tried out on what the steps before it left, in the background: the page stays live, and the work can
be stopped.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

import streamlit as st

from components import as_decided, job_panel
from components.state import session
from components.text import tag
from core.dataset import Dataset
from core.decision import Batch, Decision
from core.progress import Progress
from core.steps import StepTrial, preview, spared, trial

NAMES = {  # what is worked out -> its name while that takes time
    "proposal": "What the click would change",
    "new": "What the step would change",
    "edited": "What the step would then change",
    "step": "What the step changed",
}


def tried(batch: Batch, what: str, past: Sequence[Decision] | None = None) -> StepTrial | None:
    """What these decisions would do after those of ``past`` (None: after all that stand); None while that is
    worked out, or where it cannot be, with a word on the page. what: one of `NAMES`.
    """
    now = session()
    opened, name = now.dataset, NAMES[what]
    if opened is None:
        return None
    if now.job is not None and now.job.job.active and now.job.label != name:
        st.caption(f"{name} is worked out once what is at work is done.")
        return None
    before = now.review.decisions if past is None else tuple(past)
    key = (opened.version, now.turn, len(before), mark(batch))
    done: StepTrial | None = job_panel.outcome(
        name, key, lambda progress: work_out(batch, before, opened, progress, taken=what == "step")
    )
    return done


def mark(batch: Batch) -> str:
    """Eight hex digits that name what a step does."""
    return tag(json.dumps([{**one.to_json(), "why": ""} for one in batch], sort_keys=True, default=str))


def work_out(
    batch: Batch, past: Sequence[Decision], opened: Dataset, progress: Progress, taken: bool = False
) -> StepTrial:
    """The step on what ``past`` left, with the cells and rows that it changed known already; one that is not
    ``taken`` yet on a sample, where all rows would take long.
    """
    before = as_decided.work_after(past, opened, progress.part(0.0, 0.5))
    left = progress.part(0.5, 0.9)
    one = trial(before, batch, left) if taken else preview(before, spared(before, batch), left)
    progress.check()
    one.rows  # noqa: B018 (what it changed is worked out here and not while the page is drawn)
    return one
