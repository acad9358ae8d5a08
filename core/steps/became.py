"""What became of columns that are there no longer, for a step that still asks for one of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.phrases import name

Became = Mapping[str, str]  # a column's former name -> its name now, "" where it was taken away


def after(became: Became, names: Mapping[str, str], removed: Sequence[str] = ()) -> dict[str, str]:
    """The same once a step gave columns other names (old -> new) and took some away.

    >>> after(after({}, {"age": "years"}), {"years": "y"}), after({"age": "years"}, {}, ["years"])
    ({'age': 'y', 'years': 'y'}, {'age': '', 'years': ''})
    """
    moved = {**names, **dict.fromkeys(removed, "")}
    return {old: moved.get(now, now) for old, now in became.items()} | moved


def hint(became: Became, column: str) -> str:
    """What a person can do about it, in a sentence; "" for a column of which nothing is known.

    >>> hint({"age": "years"}, "age")
    "An earlier step renamed it to 'years': move this step before that one, or take it again on 'years'."
    """
    if column not in became:
        return ""
    if not became[column]:
        return "An earlier step took it away: move this step before that one, or switch it off."
    now = name(became[column])
    return f"An earlier step renamed it to {now}: move this step before that one, or take it again on {now}."
