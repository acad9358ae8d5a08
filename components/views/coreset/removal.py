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
from core.coreset.influence import RemovalPreview, previewed
from core.dataset import Dataset
from core.digests import digest
from core.phrases import count, name
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
    if made.told_apart:
        way = "rise" if change.value > 0 else "fall"
        words = f"is expected to {way} from {made.before.value:.3f} to {made.after.value:.3f}"
    else:
        words = (
            f"({made.before.value:.3f}) is not expected to change more than it would without as many rows "
            "drawn at random"
        )
    with st.container(border=True):
        st.markdown(plain(f"Without {count(rows, 'row')}, {made.metric} on held-out rows {words}.", 400))
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
        left_out = rows - told.rows
        st.caption(
            plain(
                f"The coefficient of {name(told.column)} changes most. One Newton step of a linear model "
                f"from its fit on the coreset; judged on {count(made.tested, 'held-out row')} that stay."
                + (f" {count(left_out)} of the selected are held out, or lack a target." if left_out else ""),
                500,
            )
        )


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
