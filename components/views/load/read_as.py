"""How a file that was chosen is read: what was guessed, what is doubtful in it, and how to change it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from components.state import LoadDraft, value
from components.text import cut, plain, size, tag
from components.views.load import parts
from core.loading.options import SHEETS
from core.phrases import count

if TYPE_CHECKING:
    from core.loading import Preview

DELIMITERS = {
    ",": "comma",
    ";": "semicolon",
    "\t": "tab",
    "|": "pipe",
    " ": "space",
    "~": "tilde",
    "^": "caret",
    "\x1f": "unit separator",
}
DOUBTFUL = 0.8  # a guess that is less sure is asked about
ENCODINGS = (
    *("utf-8", "cp1252", "latin-1", "utf-16", "utf-8-sig", "cp1250", "cp1251", "cp1253", "cp1254", "cp1257"),
    *("iso8859-2", "iso8859-15", "koi8-r", "mac_roman", "cp437", "cp850", "cp932", "gb18030", "big5"),
    "cp949",
)
NO_HEADER = -1
ARRANGED = {
    "metadata": "metadata table in the folders",
    "coco": "COCO annotations",
    "voc": "Pascal VOC annotations",
    "yolo": "YOLO annotations",
    "webdataset": "WebDataset",
    "manifest": "named in a table",
    "folders": "class by folder",
    "top_folders": "class by the first folder that names no part",
    "plain": "no labels",
}


def sentence(draft: LoadDraft, look: Preview) -> None:
    """What was guessed, as one sentence whose parts can be changed, and what is doubtful in it."""
    facts = [size(look.bytes), *_rows(look), count(len(look.columns), "column")]
    words = _form(look)
    if look.aside:
        beginning = "" if look.whole else " in the beginning"
        words.append(f"**{count(look.aside, 'row')}** kept aside{beginning}")
    split = parts.said(draft, look)
    words += [split] if split else []
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("Read as: " + " · ".join([*words, *facts]), width="content")
        if look.options.encoding or look.options.layout:
            with st.popover("Change", icon=":material/edit:", type="tertiary"):
                _change(draft, look)
        if split:
            st.button(
                "Do not split",
                icon=":material/undo:",
                key=f"unsplit-{draft.number}",
                type="tertiary",
                on_click=parts.undo,
                args=(draft,),
            )
    asked = look.doubt is not None and look.confidence.get("encoding", 1.0) < DOUBTFUL
    if asked:
        _ask_encoding(draft, look)
    unsure = [
        name.replace("_", " ")
        for name, sure in look.confidence.items()
        if sure < DOUBTFUL and name not in draft.options and not (asked and name == "encoding")
    ]
    if unsure:
        st.caption(
            f":orange[:material/warning:] Not sure about: {plain(', '.join(unsure))}. Check the rows below."
        )


def _form(look: Preview) -> list[str]:
    """What the file is, by its format."""
    if look.options.layout is not None:
        return ["**IMAGES**", f"**{ARRANGED[look.options.layout]}**"]
    if look.options.table is not None:
        return _sheet(look)
    if look.options.delimiter is not None:
        return _shape(look)
    words = [f"**{plain((look.options.format or '').upper())}**"]
    words += [f"**{plain(look.options.encoding.upper())}**"] if look.options.encoding else []
    return words if look.options.header_line is None else [*words, _header_words(look, "row")]


def _rows(look: Preview) -> list[str]:
    """How many rows there are, as far as that is known."""
    if look.count is None:
        return []
    if look.counted:
        return [count(look.count, "row" if look.options.layout is None else "image")]
    tens = 10 ** max(0, len(str(look.count)) - 2)
    return [f"about {count(round(look.count / tens) * tens, 'row')}"]


def _sheet(look: Preview) -> list[str]:
    """How a workbook, or a table of several in a file, was read."""
    header = _header_words(look, "row")
    name, table = (look.options.format or "").upper(), plain(look.options.table or "", 60)
    if look.options.format not in SHEETS:
        return [f"**{plain(name)}**", f"table **{table}**"]
    return [f"**{plain(name)}**", f"sheet **{table}**", header]


def _header_words(look: Preview, what: str) -> str:
    line = look.options.header_line
    return "no header" if line in (None, NO_HEADER) else f"header in {what} **{line + 1}**"


def _shape(look: Preview) -> list[str]:
    """How delimited text was read, part by part."""
    guess = look.options
    between = f"**{plain(_delimiter(guess.delimiter))}** between cells"
    return [
        "**one column**" if len(look.columns) == 1 else between,
        f"**{plain((guess.encoding or '').upper())}**",
        _header_words(look, "line"),
        _decimal(look),
    ]


def _decimal(look: Preview) -> str:
    """The decimal mark, and that some columns have the other one.

    >>> from types import SimpleNamespace
    >>> _decimal(SimpleNamespace(options=SimpleNamespace(decimal="."), other_decimals=True))
    'decimal **point**, in some columns **comma**'
    """
    mark, other = ("comma", "point") if look.options.decimal == "," else ("point", "comma")
    return f"decimal **{mark}**" + (f", in some columns **{other}**" if look.other_decimals else "")


def _delimiter(mark: str | None) -> str:
    """A name for a delimiter: a word, the mark itself, or its number where it cannot be seen."""
    if mark in DELIMITERS:
        return DELIMITERS[mark]
    return mark if mark and mark.isprintable() else f"U+{ord(mark or chr(0)):04X}"


def _ask_encoding(draft: LoadDraft, look: Preview) -> None:
    """The doubt about the encoding: some cells in each reading, and a button for each."""
    import pandas as pd

    assert look.doubt is not None
    encodings = [encoding.upper() for encoding in look.doubt.encodings]
    with st.container(border=True, key="ask-encoding"):
        st.markdown(
            ":orange[:material/warning:] **Which encoding is right?** The file does not say, and these are "
            "about as plausible. The same cells in each:"
        )
        st.dataframe(
            pd.DataFrame(
                [[cut(cell, 40) for cell in cells] for cells in look.doubt.cells], columns=encodings
            ),
            hide_index=True,
            alt=f"The same cells as {', '.join(encodings)}",
            key=f"readings-{draft.number}-{tag(str(draft.options))}",
        )
        with st.container(horizontal=True):
            for encoding in look.doubt.encodings:
                st.button(
                    f"{plain(encoding.upper())} is right",
                    key=f"encoding-{encoding}-{draft.number}",
                    on_click=_set,
                    args=(draft, "encoding", encoding),
                )


def other_tables(draft: LoadDraft, look: Preview) -> None:
    """A button for each other table in the file: it is looked at instead."""
    if look.others:
        names = [look.options.table or "", *look.others]
        labels = {name: cut(name, 60) for name in names}
        label = "Sheet" if look.options.format in SHEETS else "Table"
        _option(draft, "table", label, names, names[0], labels)
    for line in look.tables:
        st.button(
            f"Look at the table in line {line + 1} instead",
            icon=":material/table_view:",
            key=f"table-{line}-{draft.number}",
            on_click=_take,
            args=(draft, line),
        )


def _take(draft: LoadDraft, line: int) -> None:
    draft.options["header_line"] = line
    for name in ("first_data_line", "end_line", "put_back"):
        draft.options.pop(name, None)


def _change(draft: LoadDraft, look: Preview) -> None:
    guess = look.options
    st.caption("What you set here is used instead of the guess.")
    if guess.layout is not None:
        _option(draft, "layout", "Arranged as", list(ARRANGED), guess.layout, ARRANGED)
        return
    if guess.format in SHEETS:
        _header(draft, look)
        return
    if guess.delimiter is not None:
        delimiters = list(dict.fromkeys([guess.delimiter, *DELIMITERS]))
        names = {mark: _delimiter(mark) for mark in delimiters}
        _option(draft, "delimiter", "Between cells", delimiters, guess.delimiter, names)
    suggested = look.doubt.encodings if look.doubt else ()
    encodings = list(dict.fromkeys([guess.encoding or "utf-8", *suggested, *ENCODINGS]))
    labels = {name: name.upper() for name in encodings}
    _option(draft, "encoding", "Encoding", encodings, guess.encoding, labels)
    if guess.delimiter is not None or guess.header_line is not None:
        _header(draft, look)
    if guess.delimiter is None:
        return
    _option(draft, "decimal", "Decimal mark", [".", ","], guess.decimal or ".", {".": "point", ",": "comma"})


def _header(draft: LoadDraft, look: Preview) -> None:
    guess = look.options
    first = guess.header_line if guess.header_line is not None else NO_HEADER
    arrays = guess.delimiter is None and guess.table is None  # of JSON, of which the first may hold the names
    lines = sorted({*range(NO_HEADER, 1 if arrays else max(12, first + 2)), *look.tables})
    what = "row" if arrays or guess.table is not None else "line"
    places = {line: "none" if line == NO_HEADER else f"{what} {line + 1}" for line in lines}
    _option(draft, "header_line", "Header", lines, first, places)


def _option(
    draft: LoadDraft, name: str, label: str, options: list[Any], now: Any, names: dict[Any, str]
) -> None:
    key = f"option-{name}-{draft.number}-{tag(str(draft.options))}"
    st.selectbox(
        label,
        options,
        options.index(now),
        key=key,
        width=min(460, max(240, max(map(len, names.values())) * 9 + 60)),  # a sentence is seen whole
        format_func=lambda given: names[given],
        on_change=_changed,
        args=(draft, name, key),
    )


def _changed(draft: LoadDraft, name: str, key: str) -> None:
    _set(draft, name, value(key))


def _set(draft: LoadDraft, name: str, chosen: Any) -> None:
    draft.options[name] = chosen
    if name == "decimal" and draft.options.get("thousands") == chosen:
        draft.options.pop("thousands")
    draft.options.pop("put_back", None)  # read otherwise, other lines are kept aside
    if name == "table":
        draft.options.pop("header_line", None)
    if name in ("header_line", "table"):
        draft.options.pop("first_data_line", None)
        draft.options.pop("end_line", None)
