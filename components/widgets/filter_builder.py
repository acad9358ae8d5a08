"""The filter builder: lines to fill in, and a box that shows the same filter as text and takes the whole
grammar.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import streamlit as st

from components import guard
from components.state import session, value
from components.widgets import filter_condition
from components.widgets.filter_lines import (
    ConditionGroup,
    ConditionLine,
    ConditionLines,
    Join,
    from_filter,
)
from core.dataset import Dataset
from core.errors import CoreError
from core.filters import Filter
from core.filters.evaluation import kind_of_values

JOINS: dict[Join, str] = {"and": "all", "or": "any"}
EXAMPLES = """`age < 0 or city is missing`

`'home town' is one of ("Oslo", "Bergen") and not (age between 18 and 65)`

`name matches "^test"`, `flown >= 2024-03-01`, `duplicate of name, born`, `part is serve`,
`flagged by outliers`, `score outliers above 0.9`. The guide has the whole grammar, under Review."""


@dataclass
class FilterDraft:
    """The filter that is being made.

    key: what it is called, and its widgets begin with.
    stored: column of the data -> Arrow type.
    text: the filter as text.
    lines: the same as lines.
    built: the text that the lines gave last.
    free: whether it says more than lines can; read: whether it could be read.
    edition: counts the changes made by the lines, so that the box begins anew.
    numbers: of lines so far.
    born: number of the first line, which tells these lines from former ones.
    flags: the kinds of findings that lines offer to ask for.
    """

    key: str
    stored: Mapping[str, str]
    text: str = ""
    lines: ConditionLines = field(default_factory=ConditionLines)
    built: str = ""
    free: bool = False
    read: bool = True
    edition: int = 0
    numbers: int = 0
    born: int = 0
    flags: tuple[str, ...] = ()


def text(dataset: Dataset, key: str, asked: str) -> str:
    """The text of the filter as it stands, "" while there is none; nothing is drawn. key: tells this filter
    from others of the session. asked: what the address says, which holds where it has just led here.
    """
    return _arrived(dataset, key, asked).text


def view(dataset: Dataset, key: str, asked: str, flags: tuple[str, ...] = ()) -> str:
    """Draw the lines and the box; gives the text of the filter. As `text`. flags: the kinds of findings that
    can be asked for, and the outlier score with them.
    """
    draft = _arrived(dataset, key, asked)
    draft.flags = flags
    if draft.free:
        with st.container(horizontal=True, vertical_alignment="center"):
            why = (
                "This filter says more than lines can; change"
                if draft.read
                else "This is no filter yet: mend"
            )
            st.caption(f"{why} it in the box.", width="content")
            st.button("Start over", icon=":material/restart_alt:", type="tertiary", key=f"{draft.key}-over",
                      on_click=_start_over, args=(dataset, draft.key))  # fmt: skip
    else:
        _lines(dataset, draft)
        if draft.lines.text != draft.built:
            draft.text = draft.built = draft.lines.text
            draft.edition += 1
    box = f"{key}-text-{dataset.version}-{draft.edition}"
    st.text_input(
        "Or type it",
        draft.text,
        key=box,
        placeholder="age < 0 or city is missing",
        help=EXAMPLES,
        on_change=_typed,
        args=(dataset, key, box),
    )
    return draft.text


def _arrived(dataset: Dataset, key: str, asked: str) -> FilterDraft:
    """The filter of this session, or what the address holds, where it has just led here."""
    draft, chosen, edition = _draft(dataset, key), session().chosen, session().place.edition
    if chosen.get((key, "arrived")) != edition:
        chosen[(key, "arrived")] = edition
        if asked != draft.text:
            _fill(dataset, draft, asked)
            draft.edition += 1
    return draft


def _draft(dataset: Dataset, key: str) -> FilterDraft:
    """The filter of this session; where the columns have changed, as with the switch to the data as decided,
    it is what its text says now.
    """
    chosen, stored = session().chosen, {column.name: column.stored for column in dataset.columns}
    past: FilterDraft | None = chosen.get(key)
    if past is None or past.stored != stored:
        draft = chosen[key] = FilterDraft(key, stored)
        _fill(dataset, draft, past.text if past else "")
        return draft
    return past


def forget(key: str) -> None:
    """Begin anew with the filter of this key."""
    session().chosen.pop(key, None)


def _start_over(dataset: Dataset, key: str) -> None:
    draft = _draft(dataset, key)
    _fill(dataset, draft, "")
    draft.edition += 1


def _typed(dataset: Dataset, key: str, box: str) -> None:
    """What was typed becomes the filter, and lines again where they can show it."""
    _fill(dataset, _draft(dataset, key), str(value(box, "") or "").strip())


def _fill(dataset: Dataset, draft: FilterDraft, text: str) -> None:
    """Make the draft what the text says."""
    draft.text, draft.born, draft.free = text, draft.numbers, False
    if not text:
        draft.lines, draft.built = ConditionLines(), ""
        _add(dataset, draft)
        return
    parsed = guard.attempt(lambda: Filter.parse(text))
    lines = None if isinstance(parsed, CoreError) else from_filter(parsed, draft.stored, draft.numbers)
    draft.free, draft.read = lines is None, not isinstance(parsed, CoreError)
    if lines is not None:
        draft.lines, draft.built = lines, lines.text
        draft.numbers += len(list(lines.every()))


def _lines(dataset: Dataset, draft: FilterDraft) -> None:
    lines = draft.lines
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown("Rows for which", width="content")
        join: Join = st.segmented_control(
            "Joined by",
            list(JOINS),
            default=lines.join,
            required=True,
            format_func=JOINS.__getitem__,
            key=f"{draft.key}-join-{dataset.version}-{draft.born}",
            label_visibility="collapsed",
        )
        st.markdown("of these hold:", width="content")
    draft.lines = replace(lines, join=join or lines.join)
    alone = len(list(lines.every())) == 1
    for place, item in enumerate(lines.items):
        if not isinstance(item, ConditionGroup):
            _line(dataset, draft, item, alone)
            continue
        other: Join = "or" if draft.lines.join == "and" else "and"
        with st.container(border=True, key=f"{draft.key}-group-{item.lines[0].number}"):
            st.caption(f"{JOINS[other].capitalize()} of these:")
            for line in item.lines:
                _line(dataset, draft, line, alone)
            _more("Add to the group", f"{draft.key}-add-{place}", lambda at=place: _add(dataset, draft, at))
    with st.container(horizontal=True, gap="small"):
        _more("Add a condition", f"{draft.key}-add", lambda: _add(dataset, draft))
        _more("Add a group", f"{draft.key}-add-group", lambda: _add(dataset, draft, len(draft.lines.items)))


def _more(label: str, key: str, work: Callable[[], None]) -> None:
    st.button(label, key=key, icon=":material/add:", type="tertiary", on_click=work)


def _add(dataset: Dataset, draft: FilterDraft, group: int | None = None) -> None:
    """One more line: at the end, or in the group that stands at this place, perhaps a new one."""
    column = dataset.names[0]
    line = ConditionLine(draft.numbers, column, kind_of_values(dataset[column].stored))
    draft.numbers += 1
    items = list(draft.lines.items)
    held = items[group] if group is not None and group < len(items) else None
    if isinstance(held, ConditionGroup) and group is not None:
        items[group] = ConditionGroup((*held.lines, line))
    else:
        items.append(line if group is None else ConditionGroup((line,)))
    draft.lines = replace(draft.lines, items=tuple(items))


def _remove(draft: FilterDraft, number: int) -> None:
    draft.lines = draft.lines.without(number)


def _line(dataset: Dataset, draft: FilterDraft, line: ConditionLine, alone: bool) -> None:
    """One condition, and the button that takes it away; what is filled in goes to the draft."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        filled = filter_condition.view(dataset, line, draft.key, draft.flags)
        if not alone:
            st.button(
                "Remove",
                icon=":material/close:",
                key=f"{draft.key}-remove-{dataset.version}-{line.number}",
                type="tertiary",
                on_click=_remove,
                args=(draft, line.number),
            )
    draft.lines = draft.lines.with_line(filled)
