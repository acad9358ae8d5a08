"""A column of times whose values in serve follow those of train: that is the split, and no shift."""

from __future__ import annotations

from core.analyses.shift.column import ColumnShift
from core.dataset.roles import Roles
from core.finding import Finding
from core.phrases import left_out, name


def splits(shift: ColumnShift, roles: Roles) -> bool:
    """Whether the column is a time whose values in serve follow those of train; the target never is."""
    time = shift.name == roles.time or shift.time
    return time and shift.follows and shift.name != roles.target


def split_by_time(shift: ColumnShift) -> Finding:
    """The note that stands in place of all that such a column would raise."""
    (first, last), (start, end) = (
        tuple(shift.shown(value) for value in span) for span in (shift.span, shift.serve_span)
    )
    train, serve = _range(first, last), _range(start, end)
    return Finding(
        code="split_by_time",
        title=f"{name(shift.name)} of serve ({serve}) follows that of train ({train}): they are split by "
        "time",
        severity="info",
        score=0.2,
        columns=(shift.name,),
        why="That it differs is the split itself and no change of the data. A model that uses it "
        "extrapolates: all it has learned of it lies before serve.",
        suggestion="Leave it out of what a model uses, or keep of it what comes again, such as the day of "
        "the week. In the other columns, see what has changed with time.",
        value=shift.outside if shift.outside > 0 else shift.new_share,
        measure="share of serve rows later than all of train",
        action="omit",
        n=sum(shift.n),
        fix=left_out(shift.name),
    )


def _range(low: str, high: str) -> str:
    return low if low == high else f"{low} to {high}"
