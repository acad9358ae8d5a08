"""Rules: what can be done to the values, columns and rows of a table, step by step.

`settle` follows the decisions of a review, rules among them; one file here is one kind of rule.
"""

from core.steps.behind import numbered
from core.steps.catalogue import kind_of, kinds
from core.steps.described import (
    DRAWS,
    already,
    amount_of,
    described,
    effected,
    numbers_of,
    redrawn,
    steps_json,
)
from core.steps.kind import Effect, Kind, Learned, State
from core.steps.most_changed import most_changed
from core.steps.overlay import check_written, laid_over
from core.steps.picture import ColumnPicture, picture
from core.steps.preview import preview, takes_long
from core.steps.settling import Work, check_cells, settle, state_after
from core.steps.spared import spared, unspared
from core.steps.trial import StepTrial, counts, idle_places, trial, whole
from core.steps.typed import TypedStep, read_step, typed_step

__all__ = [
    "DRAWS",
    "ColumnPicture",
    "Effect",
    "Kind",
    "Learned",
    "State",
    "StepTrial",
    "TypedStep",
    "Work",
    "check_cells",
    "check_written",
    "counts",
    "already",
    "amount_of",
    "described",
    "effected",
    "idle_places",
    "kind_of",
    "kinds",
    "laid_over",
    "numbered",
    "numbers_of",
    "most_changed",
    "picture",
    "preview",
    "read_step",
    "redrawn",
    "settle",
    "spared",
    "state_after",
    "steps_json",
    "takes_long",
    "trial",
    "typed_step",
    "unspared",
    "whole",
]
