"""What the search for leaks did not judge, or could not be sure of."""

from __future__ import annotations

from collections.abc import Sequence

from core.analyses.leakage.sample import FEWEST, Judge
from core.analyses.leakage.strength import Floats
from core.phrases import name, names, number, score

_LISTED = 5  # columns named in a note


def what_was_judged(target: str, judge: Judge | None, parted: bool) -> tuple[str, ...]:
    """Why columns were not judged, or on which rows where not on all. parted: whether there is serve, too."""
    if not target and not parted:
        return ()
    if not target:
        return (
            "Columns were not checked: that needs a target. Only what train and serve have in common "
            "was checked.",
        )
    if judge is None:
        return (f"Columns were not checked: fewer than {FEWEST} train rows have a known {name(target)}.",)
    if judge.rows.size < judge.labelled:
        return (
            f"Columns are judged on {judge.rows.size:,} of {judge.labelled:,} rows with a known target, "
            "chosen by their content; the rarer a class, the more of its rows are kept.",
        )
    return ()


def measured_of_images(aside: Sequence[str], target: str) -> tuple[str, ...]:
    """That what is measured of images is judged, and is no finding here."""
    if not aside:
        return ()
    return (
        f"Measured of images: {names(aside, 8)}. None of these is called a leak, as there is no "
        f"column to leave out: Issues says which predict {name(target)}, and shows the images.",
    )


def not_surely(
    columns: Sequence[str], scores: Floats, places: Sequence[int], limit: float
) -> tuple[str, ...]:
    """That these columns reach the limit, and are not surely beyond it. places: theirs among ``columns``."""
    if not places:
        return ()
    listed = ", ".join(f"{name(columns[place])} ({score(scores[place])})" for place in places[:_LISTED])
    more = f" and {len(places) - _LISTED:,} more" if len(places) > _LISTED else ""
    return (
        f"Of so few rows not surely beyond the limit of {number(limit)}, which they reach: {listed}{more}. "
        "Ask when these are known.",
    )
