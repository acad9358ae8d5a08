"""What removing the selected rows would do, told before anything is decided."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from components import job_panel, results
from components.glossary import hint
from components.state import session
from components.text import number, plain
from components.widgets import layout
from components.widgets.picked import Picked
from core.coreset.removal import RemovalPreview, previewed
from core.dataset import Dataset
from core.digests import digest
from core.phrases import count, name, verb
from core.progress import Progress

if TYPE_CHECKING:
    from core.analyses.coreset.analysis import CoresetResult

WHAT = "Working out what removing the rows does"
NAME = "coreset"


def view(dataset: Dataset, picked: Picked, key: str) -> None:
    """A button where rows are selected, and what it told of these rows. key: of the list they stand in."""
    known = results.worked_out(dataset, NAME) if len(picked) else None
    result: Any = None if known is None else known.result
    if result is None or result.status.state != "ok" or not result.coreset.pilot.roles.target:
        return
    of_rows = (key, digest(repr(picked.rows.to_json()).encode()))
    st.button(
        f"What would removing {'it' if len(picked) == 1 else 'these'} do?",
        key=f"removal-{key}",
        icon=":material/query_stats:",
        help="A linear model on the coreset, with and without the selected rows, judged on held-out rows. "
        "Nothing is decided by this.",
        on_click=_ask,
        args=(of_rows,),
    )
    if session().chosen.get(WHAT) != of_rows:
        return
    work = partial(_work, result, dataset, picked)
    made = job_panel.outcome(WHAT, (*results.mark(dataset, NAME), *of_rows), work)
    if isinstance(made, RemovalPreview):
        _preview(made, len(picked))


def _ask(of_rows: tuple[str, str]) -> None:
    session().chosen[WHAT] = of_rows


def _work(result: CoresetResult, dataset: Dataset, picked: Picked, progress: Progress) -> RemovalPreview:
    return previewed(result.coreset, dataset, dataset.source_rows(picked.rows).ids, progress=progress)


def _preview(made: RemovalPreview, rows: int) -> None:
    """The sentence that decides, the numbers, and what they rest on."""
    change = made.change
    with st.container(border=True):
        words = f"Without {count(rows, 'row')}, {made.metric} on held-out rows {_expected(made)}."
        st.markdown(plain(words, 400))
        places, told = layout.cells(3, 150), made.influence
        places[0].metric(
            f"Change of {made.metric}",
            _signed(change.value),
            f"95% interval {_signed(change.low)} to {_signed(change.high)}",
            delta_color="off",
            delta_arrow="off",
            help=hint("Removal preview"),
        )
        floor = f"± {made.floor:.4f}" if made.floor >= 0.0001 else "below 0.0001"
        places[1].metric("Expected by chance", floor, help=hint("Noise floor"))
        places[2].metric("A prediction moves by", _moved(made), help="The mean over all rows.")
        st.caption(
            plain(
                f"The coefficient of {name(told.column)} changes most. One Newton step of a linear model "
                f"from its fit on the coreset; judged on {count(made.tested, 'held-out row')}, none of them "
                f"selected.{_left_out(rows - told.rows)}",
                500,
            )
        )


def _expected(made: RemovalPreview) -> str:
    """What the score is expected to do, in four digits behind the point: as many as its change has."""
    change, before, after = made.change.value, made.before.value, made.after.value
    if not made.told_apart:
        chance = "than it would without as many rows drawn at random"
        return f"({before:.4f}) is not expected to change more {chance}"
    way = "rise" if change > 0 else "fall"
    if abs(change) < 0.0001:
        return f"({before:.4f}) is expected to {way} by less than 0.0001"
    return f"is expected to {way} from {before:.4f} to {after:.4f}"


def _left_out(rows: int) -> str:
    """That some of the selected rows count for nothing, and why.

    >>> _left_out(0), _left_out(1)
    ('', ' 1 of the selected rows takes no part: it lacks a target or a weight, or is a serve row.')
    """
    if not rows:
        return ""
    why = verb(rows, "takes no part: it lacks", "take no part: they lack")
    last = verb(rows, "is a serve row", "are serve rows")
    return f" {count(rows)} of the selected rows {why} a target or a weight, or {last}."


def _signed(change: float) -> str:
    """A change with its sign, in four digits behind the point.

    >>> _signed(0.0123), _signed(-0.0004), _signed(-0.00001)
    ('+0.0123', '-0.0004', '0')
    """
    return f"{change:+.4f}" if abs(change) >= 0.00005 else "0"


def _moved(made: RemovalPreview) -> str:
    """How far a prediction moves: in points of probability, or in units of the target."""
    moved = made.influence.moved
    return f"{100.0 * moved:.2g} points" if made.metric == "AUROC" else number(float(f"{moved:.3g}"))
