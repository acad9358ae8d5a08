"""More ways to read a file that was chosen: words for missing, marks, the order of dates, and which columns
under which names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from components.state import LoadDraft, put, value
from components.text import cut, plain, tag
from core.loading.options import CHOSEN, DATE_ORDERS, SHEETS, TEXTS
from core.phrases import parted, with_commas

if TYPE_CHECKING:
    from core.loading import Preview

AUTO = "found out"
THOUSANDS = {AUTO: AUTO, ",": "comma", ".": "point", " ": "blank", "'": "apostrophe", "": "none"}
QUOTES = {'"': 'double "', "'": "single '", "": "none"}


def more(draft: LoadDraft, look: Preview) -> None:
    """An expander with the options that are seldom needed."""
    guess, said = look.options, draft.options
    here = sum(name in said for name in (*CHOSEN, "quotechar", "first_data_line"))
    label = "Reading options" + (f" ({here} set)" if here else "")
    with st.expander(label, icon=":material/tune:"):
        if guess.format in (*TEXTS, *SHEETS):
            with st.container(horizontal=True, vertical_alignment="bottom"):
                _cells(draft, look)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            _left_out(draft, look)
            _renamed(draft, look)
        for old, new in said.get("rename", ()):
            st.button(
                f"'{plain(old, 40)}' is read as '{plain(new, 40)}': undo",
                key=f"rename-undo-{tag(old)}-{draft.number}",
                icon=":material/undo:",
                type="tertiary",
                on_click=_keep_name,
                args=(draft, old),
            )


def _cells(draft: LoadDraft, look: Preview) -> None:
    guess, said = look.options, draft.options
    _text(
        draft,
        "missing",
        "Also missing",
        with_commas(said.get("missing", ())),
        "Words that mean a missing value, with commas between them, such as -99, unknown; one with a comma "
        "of its own stands in double quotes. "
        "Empty cells, NA, n/a, null and the like are missing anyway where the rest is no text.",
    )
    _choice(draft, "date_order", "Dates such as 03/04/2024", [AUTO, *DATE_ORDERS], {})
    if guess.delimiter is None or guess.format in SHEETS:
        return
    _choice(draft, "thousands", "Between thousands", list(THOUSANDS), THOUSANDS)
    quotes = list(dict.fromkeys([guess.quotechar or "", *QUOTES]))
    _choice(draft, "quotechar", "Around a field", quotes, QUOTES, guess.quotechar or "")
    key = _key(draft, "first_data_line")
    first = (guess.first_data_line or 0) + 1
    st.number_input(
        "Rows begin in line",
        (guess.header_line if guess.header_line is not None else -1) + 2,
        None,
        first,
        key=key,
        width=160,
        on_change=_first_row,
        args=(draft, key),
        help="Lines between the names and this one are left out.",
    )


def _left_out(draft: LoadDraft, look: Preview) -> None:
    out = list(draft.options.get("leave_out", ()))
    names = [*out, *_as_in_file(draft, look)]
    key = _key(draft, "leave_out")
    st.multiselect(
        "Columns to leave out",
        names,
        out,
        key=key,
        format_func=lambda name: cut(name, 60),
        on_change=_set,
        args=(draft, "leave_out", key),
        help="They are not read at all. To drop columns and have it undone, use Prepare.",
    )


def _renamed(draft: LoadDraft, look: Preview) -> None:
    """A column, and the name that it gets."""
    names = [name for name in _as_in_file(draft, look) if name not in dict(draft.options.get("rename", ()))]
    which, new = f"rename-which-{draft.number}", f"rename-new-{draft.number}"
    st.selectbox(
        "Column to rename", names, None, key=which, format_func=lambda name: cut(name, 60), width=220
    )
    st.text_input("New name", key=new, width=180, on_change=_rename, args=(draft, which, new))


def _as_in_file(draft: LoadDraft, look: Preview) -> list[str]:
    """The names that the columns have in the file."""
    old = {new: name for name, new in draft.options.get("rename", ())}
    return [old.get(column.name, column.name) for column in look.columns]


def _key(draft: LoadDraft, name: str) -> str:
    return f"more-{name}-{draft.number}-{tag(str(draft.options))}"


def _choice(
    draft: LoadDraft, name: str, label: str, options: list[str], words: dict[str, str], now: str = AUTO
) -> None:
    key, current = _key(draft, name), draft.options.get(name, now)
    st.selectbox(
        label,
        options,
        options.index(current),
        key=key,
        format_func=lambda given: words.get(given, given),
        on_change=_set,
        args=(draft, name, key),
        width=200,
    )


def _text(draft: LoadDraft, name: str, label: str, now: str, told: str) -> None:
    key = _key(draft, name)
    st.text_input(label, now, key=key, help=told, on_change=_words, args=(draft, name, key), width=220)


def _words(draft: LoadDraft, name: str, key: str) -> None:
    _put(draft, name, tuple(parted(str(value(key) or ""))))


def _set(draft: LoadDraft, name: str, key: str) -> None:
    chosen = value(key)
    _put(draft, name, tuple(chosen) if isinstance(chosen, list) else chosen)


def _first_row(draft: LoadDraft, key: str) -> None:
    _put(draft, "first_data_line", int(value(key)) - 1)


def _rename(draft: LoadDraft, which: str, new: str) -> None:
    old, name = value(which), str(value(new) or "").strip()
    if old and name:
        _put(draft, "rename", (*draft.options.get("rename", ()), (old, name)))
        put(new, "")


def _keep_name(draft: LoadDraft, old: str) -> None:
    _put(draft, "rename", tuple(pair for pair in draft.options.get("rename", ()) if pair[0] != old))


def _put(draft: LoadDraft, name: str, chosen: Any) -> None:
    """Read so from now on; other lines are kept aside then."""
    draft.options.pop("put_back", None)
    if name == "thousands" and chosen and chosen == draft.options.get("decimal"):
        draft.options.pop("decimal")
    if chosen in (AUTO, ()):
        draft.options.pop(name, None)
    else:
        draft.options[name] = chosen
