"""Which rows a step is held to: all, or those of a filter."""

from __future__ import annotations

import streamlit as st

from components import address, filtered, guard, waiting
from components.state import value
from components.widgets import filter_builder
from core.dataset import Dataset
from core.decision import Decision
from core.errors import CoreError
from core.filters import Filter
from core.phrases import count
from core.rowset import RowSet
from core.steps import Kind, kinds


def rows_again(decision: Decision, key: str) -> RowSet | Filter | CoreError:
    """The rows that a step is held to, as its filter or another one; why there are none."""
    held = isinstance(decision.rows, Filter)
    if not held and (len(decision.rows) or not kinds()[decision.action].scoped):
        return decision.rows
    text = st.text_input(
        "Rows for which",
        str(decision.rows) if held else "",
        key=f"{key}-rows",
        placeholder="all rows" if decision.kind.rule else "a filter",
        help=filter_builder.EXAMPLES,
    )
    if not text and decision.kind.rule:
        return RowSet()
    return _by_data(guard.attempt(lambda: Filter.parse(text or "")))


def _by_data(parsed: Filter | CoreError) -> Filter | CoreError:
    """The filter, where the data alone can answer it."""
    if isinstance(parsed, Filter) and not parsed.by_data_alone:
        return CoreError(
            "A step keeps a filter that the data alone can answer: 'flagged by' and 'score' cannot."
        )
    return parsed


def chosen_rows(decided: Dataset, kind: Kind, key: str) -> RowSet | Filter | CoreError | None:
    """The rows that the step is held to: all, or those of a filter; why there are none; None where no filter
    was given yet.
    """
    if not kind.scoped or not st.toggle(
        "Only some rows", key=f"{key}-some", help="Held to the rows of a filter."
    ):
        return RowSet()
    text = filter_builder.view(decided, key, address.text("filter"), filtered.flags(decided))
    address.note("filter", text)
    if not text:
        st.caption(":material/keyboard: Fill in a condition, or switch off 'Only some rows'.")
        return None
    parsed = guard.attempt(lambda: Filter.parse(text))
    if isinstance(parsed, Filter) and not parsed.by_data_alone:
        return _matching(decided, parsed)
    return parsed


def _matching(decided: Dataset, parsed: Filter) -> RowSet | CoreError:
    """The rows that a filter on findings or scores takes now, about which the step is then."""
    if waiting.outcomes(decided) is None:
        return CoreError("The rows are checked; the filter is looked at as soon as that is done.")
    taken = guard.attempt(lambda: filtered.matching(decided, parsed))
    if isinstance(taken, RowSet) and not len(taken):
        return CoreError("The filter takes no row.")
    if isinstance(taken, RowSet):
        st.caption(
            f":material/info: The step is about the {count(len(taken), 'row')} that the filter takes now: "
            "what asks for findings or scores is no rule for other data."
        )
        return decided.source_rows(taken)
    return taken


def forget(key: str) -> None:
    """Begin with all rows again, once a step was taken."""
    if value(f"{key}-some"):
        filter_builder.forget(key)
        address.note("filter", "")
