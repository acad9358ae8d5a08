"""The card of one row: its values, those that its reasons name first, beside what is typical and its copy."""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import ceil
from typing import TYPE_CHECKING, Any

import streamlit as st

from components import as_decided
from components.glossary import hint
from components.state import session
from components.text import plain
from components.views.issues import outliers
from components.widgets import cell_edit, column_card, findings
from components.widgets.layout import CELL, beginning, fitting, pixels
from core.actions import ACTIONS, statuses
from core.dataset import Dataset
from core.finding import OUTLYING, Finding
from core.finding_words import key_in_words
from core.outcomes import Outcome
from core.prepare.verdicts import Verdicts
from core.rowset import RowSet

if TYPE_CHECKING:
    import pandas as pd

ASIDE = ("duplicate_but_identifier",)  # names the columns that it leaves aside, and nothing odd in them
ODD, DIFFERENT = "●", "≠"
USUAL = "Usual values"
LONGEST = 60  # letters of one usual value
LONG_ONES = 6  # values that are written out
NAME, VALUE = 180, 130  # pixels: the widest cell of a name, and of a value
CARD = 570  # pixels: the room of the table on a page of usual width, without its boxes to tick
LEAST = 120  # pixels: of the usual values, whatever the others leave
SIGN, SIGNS = 30, 46  # pixels: of the column of signs, where one stands in a line, and where both do


def values(dataset: Dataset, row: int, asking: Sequence[Finding], outcomes: dict[str, Outcome]) -> None:
    """The table of its values."""
    partner = partner_of(dataset, row, asking, outcomes)
    whole_table = facts(dataset, row, causes(dataset, row, asking, outcomes), partner, outcomes)
    table = whole_table.assign(**{USUAL: _fitting_usual(whole_table)})
    beside = "" if partner is None else f", beside those of row {partner}, which it repeats"
    event = st.dataframe(
        _cut(table),
        hide_index=True,
        height="content",
        alt=f"All values of row {row}{beside}",
        column_config=widths(table),
        key=f"card-{dataset.version}-{row}",
        on_select="rerun",
        selection_mode="single-row",
    )
    signs = set("".join(table[""]))
    legend = [f"{ODD} named as a reason"] if ODD in signs else []
    legend += (
        [f"{DIFFERENT} differs from row {partner}"] if partner is not None and DIFFERENT in signs else []
    )
    st.caption(" · ".join([*legend, "Tick a line to see the column's values, or to change the cell."]))
    if now := now_decided(dataset, row):
        st.markdown(f":material/info: {now}")
    if whole := cut_values(table):
        st.markdown(whole)
    if usual := cut_usual(whole_table):
        st.caption(usual)
    if long := cut_names(table):
        st.caption(long)
    cell_edit.answer("card")
    if event.selection.rows:
        name = str(table.index[event.selection.rows[0]])
        cell_edit.view(dataset, row, name, "card")
        column_card.view(dataset, name, "card")


def _cut(table: pd.DataFrame) -> pd.DataFrame:
    """The table with a sign wherever the edge of a column cuts a value; values that are equal beside each
    other are cut alike.
    """
    beside = table.columns[2:-1]
    room = min(_others(table)[name] for name in beside) - CELL
    cut = {name: [fitting(text, room) for text in table[name]] for name in beside}
    left = _room(table) - CELL
    return table.assign(**cut, **{USUAL: [beginning(text, left) for text in table[USUAL]]})


def now_decided(dataset: Dataset, row: int) -> str:
    """Which cells of a row of the data as loaded hold something else as decided, and what, in Markdown; ""
    where none does, or the row is dropped.
    """
    now, settled = as_decided.decided(dataset), as_decided.settled(dataset)
    own = now.own_rows(RowSet([row]))
    if now is dataset or not len(own):
        return ""
    names = {name: settled.called(name) for name in dataset.names}
    there = {name: new for name, new in names.items() if new is not None and new in now.names}
    before = dataset.frame([*there], rows=RowSet([row])).iloc[0]
    after = now.frame(list(there.values()), rows=own).iloc[0]
    told = [
        f"**{plain(new)}** {plain(cell_edit.shown(after[new]) or 'missing', 80)}"
        for name, new in there.items()
        if not _same(before[name], after[new])
    ]
    more = f" · {len(told) - LONG_ONES} more" if len(told) > LONG_ONES else ""
    return (
        f"The table shows the row as loaded. As decided: {' · '.join(told[:LONG_ONES])}{more}" if told else ""
    )


def cut_values(table: pd.DataFrame) -> str:
    """The values that a cell of the table cuts, whole, in Markdown; of many the first, and how many are left.

    >>> import pandas as pd
    >>> cut_values(pd.DataFrame({"Value": ["short", "longer than a cell is"]}, index=["a", "b"]))
    '**b** longer than a cell is'
    """
    cells = zip(table.index.tolist(), table["Value"].tolist(), strict=True)
    room = _room_of_values(table)
    long = [(column, text) for column, text in cells if pixels(text) > room]
    told = [f"**{plain(column)}** {plain(text, 1000)}" for column, text in long[:LONG_ONES]]
    if len(long) > LONG_ONES:
        told.append(f"{len(long) - LONG_ONES} more are cut")
    return " · ".join(told)


def cut_usual(table: pd.DataFrame) -> str:
    """The usual values that the edge of the table would cut, whole, in Markdown."""
    cells = zip(table.index.tolist(), table[USUAL].tolist(), _fitting_usual(table), strict=True)
    long = [(column, text) for column, text, fits in cells if fits != text]
    told = [f"**{plain(column)}** {plain(text, 200)}" for column, text in long[:LONG_ONES]]
    if len(long) > LONG_ONES:
        told.append(f"{len(long) - LONG_ONES} more are cut")
    return f"{USUAL} in full: {' · '.join(told)}" if told else ""


def _fitting_usual(table: pd.DataFrame) -> list[str]:
    """Of each line as many of the commonest values as the table has room for, and a sign that there are
    more.
    """
    room = _room(table) - CELL
    return [_shares_within(text, room) for text in table[USUAL]]


def _shares_within(text: str, room: float) -> str:
    """
    >>> _shares_within("oak (60%), ash (30%), elm (10%)", 120)
    'oak (60%), …'
    """
    shown = re.split(r"(?<=\)), ", text)  # each ends with its share
    while len(shown) > 1 and pixels(", ".join([*shown, "…"])) > room:
        shown.pop()
    return text if pixels(text) <= room else ", ".join([*shown, "…"])


def _room_of_values(table: pd.DataFrame) -> int:
    """Pixels that a cell has for a value."""
    return _others(table).get("Value", VALUE) - CELL


def cut_names(table: pd.DataFrame) -> str:
    """The names of columns that a cell of the table cuts, whole, but for those of values written out; in
    Markdown.

    >>> import pandas as pd
    >>> cut_names(pd.DataFrame({"Value": ["1", "2"]}, index=["a", "the name of a long column"]))
    'Names in full\\\\: the name of a long column\\\\.'
    """
    values = zip(table.index.tolist(), table["Value"].tolist(), strict=True)
    room = _room_of_values(table)
    long = [name for name, text in values if fitting(name, NAME - CELL) != name and pixels(text) <= room]
    return plain(f"Names in full: {', '.join(long)}.", 2_000) if long else ""


def reasons(
    dataset: Dataset, row: int, asking: Sequence[Finding], outcomes: dict[str, Outcome], found: Verdicts
) -> None:
    """Why the row is in the queue, and how precise each reason was so far."""
    st.markdown("**Why it is here**")
    for finding in asking:
        if row in finding.rows:
            st.markdown(findings.label(finding.title, finding.severity, findings.TO_ITS_END))
            if OUTLYING in finding.kin:
                st.caption(plain(outliers.reason(dataset, _odd(outcomes), row), 400))
            if precision := so_far(found, finding.rows):
                st.caption(plain(precision, 200), help=hint("Confirmed"))
    action = ACTIONS.get(statuses()[as_decided.settled().status[row]])
    if action is not None and not action.settles:
        st.markdown(f":blue[:material/{action.icon}:] {action.heading}{plain(_because(row, asking), 300)}")


def so_far(found: Verdicts, rows: RowSet) -> str:
    """How many of the rows of a finding that were looked at one by one were confirmed; that others were, too,
    which it does not name, such as those it named before a second look.

    >>> import numpy as np
    >>> found = Verdicts(np.array([1, 2, 3]), np.array([True, True, False]))
    >>> so_far(found, RowSet(range(5))), so_far(found, RowSet([3, 4])), so_far(found, RowSet([9]))
    ('So far 2 of 3 confirmed', 'Of the rows that it names now, 0 of 1 confirmed', '')
    """
    precision = str(found.of(rows))
    every = len(rows & RowSet(found.rows)) == len(found.rows)
    return f"{'So far' if every else 'Of the rows that it names now,'} {precision}" if precision else ""


def _because(row: int, asking: Sequence[Finding]) -> str:
    """Why the row was sent to review, as far as that was said; else for what finding, where none that names
    the row says so above.
    """
    touched, told = as_decided.settled().touched, ""
    here = {text for one in asking if row in one.rows for text in (one.key, one.title)}
    for place, decision in enumerate(session().review.decisions):
        named = decision.rows if isinstance(decision.rows, RowSet) else RowSet()
        if decision.action == "defer" and row in touched.get(place, named):
            words = key_in_words(decision.finding) if decision.finding else ""
            told = "" if decision.finding in here else words
            told = decision.why if decision.why and decision.why not in here else told
    return f": {told}" if told else ""


def causes(dataset: Dataset, row: int, asking: Sequence[Finding], outcomes: dict[str, Outcome]) -> list[str]:
    """The columns that bring the row here, which its reasons name: those that make it an outlier first."""
    result = _odd(outcomes)
    profile: Any = outcomes["profile"].result if "profile" in outcomes else None
    here = [finding for finding in asking if row in finding.rows]
    outlying = any(OUTLYING in finding.kin for finding in here)
    odd = outliers.odd_columns(result, row) if result is not None and outlying else []
    named = [
        name
        for finding in here
        if finding.code not in ASIDE
        for name in (finding.columns if profile is None else profile.columns_at(finding, row))
    ]
    return [name for name in dict.fromkeys([*odd, *named]) if name in dataset.names]


def partner_of(
    dataset: Dataset, row: int, asking: Sequence[Finding], outcomes: dict[str, Outcome]
) -> int | None:
    """The row that this one repeats: the first of its group, with another label where labels conflict."""
    result: Any = outcomes["duplicates"].result if "duplicates" in outcomes else None
    for finding in asking if result is not None else ():
        others = result.partners(finding.code, row) if row in finding.rows else []
        if not len(others):
            continue
        if finding.code == "conflicting_labels":
            labels = dataset.frame([result.target], rows=RowSet([row, *others]))[result.target]
            others = [other for other in others if labels[other] != labels[row]]
        return int(others[0])
    return None


def facts(
    dataset: Dataset, row: int, first: Sequence[str], partner: int | None, outcomes: dict[str, Outcome]
) -> pd.DataFrame:
    """Column, value, the partner's value where there is one, what is typical; indexed by the column.

    first: columns on top, marked; then come those that differ from the partner, which are marked wherever
    they stand. Digests of an image are no values to judge it by.
    """
    import pandas as pd

    both = dataset.frame(rows=RowSet([row] if partner is None else [row, partner]))
    at = both.index.get_loc(row)
    cells = {str(name): values.tolist() for name, values in both.items()}
    profile: Any = outcomes["profile"].result
    among = column_card.amounts(dataset, profile)
    own = {name: cell_edit.shown(values[at], among.get(name)) for name, values in cells.items()}
    beside = {} if partner is None else cells
    other = {name: cell_edit.shown(values[1 - at], among.get(name)) for name, values in beside.items()}
    different = [name for name in other if not _same(*cells[name])]
    digests = {name for name in dataset.measured if dataset[name].kind == "identifier"}
    rest = [name for name in dataset.names if name not in digests]
    order = list(dict.fromkeys([*first, *(name for name in different if name not in digests), *rest]))
    typical = {
        p.name: column_card.typical(p, LONGEST) for p in (profile.columns if profile is not None else ())
    }
    signs = {name: ODD * (name in first) + DIFFERENT * (name in different) for name in order}
    table = {
        "": list(signs.values()),
        "Column": [fitting(name, NAME - CELL) for name in order],
        "Value": [own[name] for name in order],
    }
    if partner is not None:
        table[f"Row {partner}"] = [other[name] for name in order]
    return pd.DataFrame(table | {USUAL: [typical.get(name, "") for name in order]}, index=order)


def widths(table: pd.DataFrame) -> dict[str, Any]:
    """No column wider than what it holds, so that all of them are seen on a narrow page; the usual values at
    most what the others leave.
    """
    others = _others(table)
    usual = st.column_config.TextColumn(
        width=min(_needed(table, USUAL), _room(table)),
        help="From 5% to 95% of the values, so that one value in ten lies outside; of classes and words the "
        "three commonest, with their shares.",
    )
    return {name: st.column_config.TextColumn(width=width) for name, width in others.items()} | {USUAL: usual}


def _room(table: pd.DataFrame) -> int:
    """What the other columns leave for the usual values."""
    return max(LEAST, CARD - sum(_others(table).values()))


def _others(table: pd.DataFrame) -> dict[str, int]:
    """The width of every column but that of the usual values, which leave what they do not need to the
    values.
    """
    widest = {"": (SIGN, SIGNS), "Column": (60, NAME)}
    chosen = {}
    for name in table.columns[:-1]:
        least, most = widest.get(name, (60, VALUE))
        chosen[str(name)] = min(most, max(least, _needed(table, name)))
    if "Value" in chosen:
        spare = CARD - sum(chosen.values()) - _needed(table, USUAL)
        chosen["Value"] += max(0, min(spare, _needed(table, "Value") - chosen["Value"]))
    return chosen


def _needed(table: pd.DataFrame, column: str) -> int:
    """Pixels that a column takes to be seen whole."""
    return ceil(max(map(pixels, (column, *table[column])))) + CELL


def _odd(outcomes: dict[str, Outcome]) -> Any:
    return outcomes["outliers"].result if "outliers" in outcomes else None


def _same(one: Any, other: Any) -> bool:
    """Whether two cells hold the same: equal values, or both missing."""
    import pandas as pd

    missing = pd.isna(one), pd.isna(other)
    return all(missing) if any(missing) else bool(one == other)
