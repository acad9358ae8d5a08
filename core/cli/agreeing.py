"""The command that holds two reviews of the same data against each other."""

from __future__ import annotations

import argparse
import json
import sys

from core.cli.inputs import load_given, recipe_followed
from core.cli.output import progress_of
from core.cli.terminal import one_line
from core.errors import SettingError
from core.export.folder import recipe_of
from core.loading.reviews import decisions_of
from core.prepare.agreement import agreement, taken_over
from core.steps import settle

SHOWN = 20  # conflicts that a person is shown; JSON has all


def agree(given: argparse.Namespace) -> int:
    """Agreement and conflicts; both reviews as one recipe, where that is asked for."""
    followed, review = recipe_followed(given)
    dataset = load_given(given, progress_of(given), followed)
    mine, theirs = (decisions_of(dataset, path) for path in (given.recipe, given.second))
    found = agreement(settle(mine, dataset), settle(theirs, dataset))
    more = taken_over(theirs, dataset, found.only_theirs)
    if given.out:
        if given.out.exists():
            raise SettingError(f"{str(given.out)!r} exists; give another name to --out.")
        whole = review.say(*more)
        recipe = recipe_of(dataset, whole, settle(whole.decisions, dataset))
        given.out.write_text(recipe.to_json(), encoding="utf-8")
    if given.json:
        told = {
            "both": found.both,
            "agreed": found.agreed,
            "kappa": found.kappa,
            "low": found.low,
            "high": found.high,
            "only_first": len(found.only_mine),
            "only_second": len(found.only_theirs),
            "conflicts": [{"row": row, "first": a, "second": b} for row, (a, b) in found.conflicts.items()],
        }
        sys.stdout.write(json.dumps(told, ensure_ascii=False) + "\n")
        return 0
    alone = len(found.only_mine), len(found.only_theirs)
    lines = [str(found), f"Decided by the first alone: {alone[0]:,}, by the second alone: {alone[1]:,}."]
    lines += [f"  row {row}: {a} | {b}" for row, (a, b) in list(found.conflicts.items())[:SHOWN]]
    left = len(found.conflicts) - SHOWN
    lines += [f"  and {left:,} more (--json has all)"] if left > 0 else []
    sys.stdout.writelines(one_line(line) + "\n" for line in lines)
    return 0
