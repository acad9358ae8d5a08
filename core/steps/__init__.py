"""Rules: what can be done to the values, columns and rows of a table, step by step.

`settle` follows the decisions of a review, rules among them; one file here is one kind of rule.
"""

from core.steps.catalogue import kind_of, kinds
from core.steps.kind import Effect, Kind, Learned, State
from core.steps.overlay import laid_over
from core.steps.settling import described, settle, state_after

__all__ = [
    "Effect",
    "Kind",
    "Learned",
    "State",
    "described",
    "kind_of",
    "kinds",
    "laid_over",
    "settle",
    "state_after",
]
