"""Lines that were kept aside at loading: seen, mended, and put back as rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from components.text import cut, plain
from core.loading.options import Options
from core.loading.put_back import AsideLine, as_put_back, joined, rows_of, without_surplus
from core.phrases import count

if TYPE_CHECKING:
    import pandas as pd

SHOWN = 500  # lines that can be mended on a page
HOW = (
    "Tick a line to put it back as a row, and mend its text if need be. Missing fields are empty. Rows stand "
    "where their lines stand in the file; those of another table come last."
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
    st.caption(HOW)
    shown = lines[:SHOWN]
    if len(lines) > SHOWN:
        st.caption(f"The first {SHOWN:,} lines are shown; the others are in the download.")
    chosen, whole = _chosen(shown, _edited(shown, key)), [line for line in shown if line.whole]
    if options.delimiter is not None:
        chosen, whole = _fitted(chosen, whole, names, options, key)
        if chosen:
            _read(chosen, names, options)
    if ready:
        _buttons(shown, chosen, whole, key, done)


def _edited(shown: Sequence[AsideLine], key: str) -> pd.DataFrame:
    """A table of the lines in which they are ticked and their texts mended, as it stands now."""
    import pandas as pd

    frame = pd.DataFrame(
        {
            "Put back": False,
            "Line": [line.line for line in shown],
            "Text": [line.text for line in shown],
            "Why it is aside": [cut(line.reason, 120) for line in shown],
        }
    )
    columns = st.column_config
    return st.data_editor(
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


def _chosen(shown: Sequence[AsideLine], edited: pd.DataFrame) -> list[AsideLine]:
    """The lines that are ticked, or whose text was changed, with their texts as they are now."""
    return [
        AsideLine(line.line, line.reason, str(text or ""))
        for line, ticked, text in zip(shown, edited["Put back"], edited["Text"], strict=True)
        if line.whole and (ticked or text != line.text)
    ]


def _fitted(
    chosen: list[AsideLine], whole: list[AsideLine], names: Sequence[str], options: Options, key: str
) -> tuple[list[AsideLine], list[AsideLine]]:
    """The lines, without their surplus fields where a person wants that. What the last column would get else
    is said, as it may be the target.
    """
    from core.loading.dialect import reader_settings

    settings, width = reader_settings(options), len(names)
    found = [(line.line, text) for line in chosen or whole for text in joined(line.text, width, settings)]
    if not found:
        return chosen, whole
    number, text = found[0]
    more = f" ({len(found):,} rows have surplus fields)" if len(found) > 1 else ""
    st.warning(
        f"Line {number:,} has surplus fields: joined to the last column, {plain(names[-1], 60)} gets "
        f"{plain(text, 80)}{more}. In a target that is a class of its own.",
        icon=":material/warning:",
    )
    if not st.toggle("Leave the surplus fields out", key=f"aside-surplus-{key}"):
        return chosen, whole
    kept = [
        [replace(line, text=without_surplus(line.text, width, settings)) for line in lines]
        for lines in (chosen, whole)
    ]
    return kept[0], kept[1]


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


def _buttons(
    shown: Sequence[AsideLine], chosen: Sequence[AsideLine], whole: Sequence[AsideLine], key: str, done: Done
) -> None:
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
