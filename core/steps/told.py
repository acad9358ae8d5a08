"""The steps of a review for a report: what each was, why, and what it did."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.review import Decision, in_words
from core.settled import Effected, Settled
from core.steps.settling import described


def steps_json(decisions: Sequence[Decision], settled: Settled) -> list[dict[str, Any]]:
    """Per decision that changes the data, in order: its words, its reason, the finding behind it, who took it
    and when, the rows and cells that it touched, and why it was passed over ("" where it was followed).
    """
    return [
        {
            "step": in_words((decision,)),
            "action": decision.action,
            "column": decision.column,
            "why": decision.why,
            "finding": decision.finding,
            "who": decision.who,
            "when": decision.when,
            "rows": len(_rows(place, settled)),
            "cells": _effect(place, settled).cells,
            "did": described(settled.effects[place]) if place in settled.effects else "",
            "note": _effect(place, settled).note,
            "passed_over": settled.passed.get(place, ""),
        }
        for place, decision in enumerate(decisions)
        if decision.kind.on != "findings"
    ]


def _effect(place: int, settled: Settled) -> Effected:
    return settled.effects.get(place, Effected())


def _rows(place: int, settled: Settled) -> Any:
    return settled.touched.get(place, _effect(place, settled).rows)
