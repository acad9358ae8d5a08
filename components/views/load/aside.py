"""Lines that were kept aside at loading: seen, mended, and put back as rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from components.text import cut, plain
from core.loading.options import Options
from core.loading.put_back import AsideLine, as_put_back, rows_of
from core.phrases import count

if TYPE_CHECKING:
    import pandas as pd

SHOWN = 500  # lines that can be mended on a page
HOW = (
    "Tick a line to put it back as a row, and mend its text if need be. Surplus fields are joined to the "
    "last column, missing ones are empty. Rows stand where their lines stand in the file; those of another "
    "table come last."
)
Done = Callable[[Sequence[tuple[int, str]]], None]


def table(
    lines: Sequence[AsideLine],
    names: Sequence[str],
    options: Options,
    key: str,
    done: Done,
    ready: bool = True,
) -> None:
    """The lines with their texts, how the ticked ones would be read, and the buttons that put them back.

    names: of the columns. key: names the data and the reading in the widgets' keys. done: is given lines and
    texts. ready: whether they can be put back now.
    """
    import pandas as pd

    st.caption(HOW)
    shown = lines[:SHOWN]
    if len(lines) > SHOWN:
        st.caption(f"The first {SHOWN:,} lines are shown; the others are in the download.")
    frame = pd.DataFrame(
        {
            "Put back": False,
            "Line": [line.line for line in shown],
            "Text": [line.text for line in shown],
            "Why it is aside": [cut(line.reason, 120) for line in shown],
        }
    )
    columns = st.column_config
    edited = st.data_editor(
        frame,
        hide_index=True,
        disabled=["Line", "Why it is aside"],
        column_config={
            "Put back": columns.CheckboxColumn(width="small"),
            "Line": columns.NumberColumn(width="small", format="%d"),
            "Text": columns.TextColumn(width="large", help="As it stands in the file; click to mend it"),
        },
        key=f"aside-{key}",
        height=min(len(frame), 8) * 35 + 40,
        alt="Lines that were kept aside, with the reason",
    )
    chosen = _chosen(shown, edited)
    if chosen and options.delimiter is not None:
        _read(chosen, names, options)
    if ready:
        _buttons(shown, chosen, key, done)


def _chosen(shown: Sequence[AsideLine], edited: pd.DataFrame) -> list[AsideLine]:
    """The lines that are ticked, or whose text was changed, with their texts as they are now."""
    return [
        AsideLine(line.line, line.reason, str(text or ""))
        for line, ticked, text in zip(shown, edited["Put back"], edited["Text"], strict=True)
        if line.whole and (ticked or text != line.text)
    ]


def _read(chosen: Sequence[AsideLine], names: Sequence[str], options: Options) -> None:
    """How the chosen lines would be read."""
    import pandas as pd

    from core.loading.dialect import reader_settings

    settings = reader_settings(options)
    found = [(line.line, row) for line in chosen for row in rows_of(line.text, len(names), settings)]
    cells = {"Line": [number for number, _ in found]}
    table: Mapping[str, Any] = cells | {
        cut(name, 60) or " ": [cut(row[at], 200) if at < len(row) else None for _, row in found]
        for at, name in enumerate(names)
    }
    st.caption(f"Read as {count(len(found), 'row')}:")
    st.dataframe(pd.DataFrame(table), hide_index=True, height=min(len(found), 5) * 35 + 40,
                 alt="The lines as they would be read")  # fmt: skip


def _buttons(shown: Sequence[AsideLine], chosen: Sequence[AsideLine], key: str, done: Done) -> None:
    whole = [line for line in shown if line.whole]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            f"Put {count(len(chosen), 'line')} back" if chosen else "Put the ticked lines back",
            key=f"put-back-{key}",
            icon=":material/undo:",
            disabled=not as_put_back(chosen),
            on_click=done,
            args=(as_put_back(chosen),),
        )
        st.button(
            f"Put all {len(whole):,} back as they are" if len(whole) > 1 else "Put it back as it is",
            key=f"put-all-back-{key}",
            type="tertiary",
            disabled=not as_put_back(whole),
            on_click=done,
            args=(as_put_back(whole),),
        )
    long = [line.line for line in shown if not line.whole]
    if long:
        st.caption(f"Too long to be mended here: line {plain(', '.join(map(str, long[:8])), 100)}.")
