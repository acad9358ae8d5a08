"""A file that was chosen and not yet loaded: what was guessed, the first rows, kinds and roles, and the
button that loads it.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import streamlit as st

from components import guard, open_data
from components.state import Draft, keep, put, session, value
from components.text import cut, plain, share, size, tag
from components.widgets import findings, layout, uploads
from core.dataset import KINDS, ROLES, Split
from core.errors import CoreError
from core.phrases import count

if TYPE_CHECKING:
    import pandas as pd

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
    *(
        "iso8859-2",
        "iso8859-15",
        "koi8-r",
        "mac_roman",
        "cp437",
        "cp850",
        "cp932",
        "gb18030",
        "big5",
        "cp949",
    ),
)
NO_HEADER = -1
PARTS = {
    "one": "No, one table",
    "file": "A second file",
    "value": "Rows by a column's value",
    "time": "Rows by time",
}


def view(draft: Draft) -> None:
    """Guess, rows, kinds, roles, parts, Go."""
    look = _look(draft)
    st.subheader(cut(draft.name, 100))
    if isinstance(look, CoreError):
        guard.show(look)
        _back()
        return
    _sentence(draft, look)
    st.dataframe(
        _rows(look),
        hide_index=True,
        height=min(len(look.rows), 8) * 35 + 40,
        alt=f"The first {len(look.rows)} rows",
        key=f"look-{draft.number}-{tag(str(draft.options))}",
    )
    for finding in look.findings:
        st.markdown(findings.label(finding.title, finding.severity))
    _others(draft, look)
    kinds = _kinds(draft, look)
    roles = _roles(draft, look)
    split = _parts(draft, look)
    with st.container(horizontal=True, vertical_alignment="center"):
        ready = draft.serve is not None or value(f"parts-{draft.number}", "one") != "file"
        arguments = (draft, look, kinds, roles, split)
        st.button(
            "Go",
            type="primary",
            icon=":material/play_arrow:",
            key="go",
            disabled=not ready,
            on_click=_go,
            args=arguments,
        )
        _back()


def _back() -> None:
    st.button(
        "Choose another file",
        type="tertiary",
        icon=":material/arrow_back:",
        key="draft-back",
        on_click=_leave,
    )


def _leave() -> None:
    session().draft = None


def _look(draft: Draft) -> Preview | CoreError:
    """The first look, kept: it costs a process."""
    from core.loading import Options, preview

    key = ("look", str(draft.train), tuple(sorted(draft.options.items())))
    if key not in session().kept:
        with st.spinner("Having a first look"):
            return keep(
                key,
                lambda: guard.attempt(
                    lambda: preview(draft.train, Options(**draft.options), name=draft.name)
                ),
            )
    return keep(key, lambda: CoreError())


def _sentence(draft: Draft, look: Preview) -> None:
    """What was guessed, as one sentence whose parts can be changed, and what is doubtful in it."""
    facts = [size(look.bytes), count(len(look.columns), "column")]
    if look.options.delimiter is None:
        words = [f"**{plain((look.options.format or '').upper())}**"]
        if look.options.encoding:
            words.append(f"**{plain(look.options.encoding.upper())}**")
    else:
        words = _shape(look)
    if look.aside:
        beginning = "" if look.whole else " in the beginning"
        words.append(f"**{count(look.aside, 'row')}** kept aside{beginning}")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("Read as: " + " · ".join([*words, *facts]), width="content")
        if look.options.encoding:
            with st.popover("Change", icon=":material/edit:", type="tertiary"):
                _change(draft, look)
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


def _shape(look: Preview) -> list[str]:
    """How delimited text was read, part by part."""
    guess = look.options
    header = "no header"
    if guess.header_line not in (None, NO_HEADER):
        header = f"header in line **{guess.header_line + 1}**"
    between = f"**{plain(_delimiter(guess.delimiter))}** between cells"
    return [
        "**one column**" if len(look.columns) == 1 else between,
        f"**{plain((guess.encoding or '').upper())}**",
        header,
        f"decimal **{'comma' if guess.decimal == ',' else 'point'}**",
    ]


def _delimiter(mark: str | None) -> str:
    """A name for a delimiter: a word, the mark itself, or its number where it cannot be seen."""
    if mark in DELIMITERS:
        return DELIMITERS[mark]
    return mark if mark and mark.isprintable() else f"U+{ord(mark or chr(0)):04X}"


def _ask_encoding(draft: Draft, look: Preview) -> None:
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


def _others(draft: Draft, look: Preview) -> None:
    """A button for each other table in the file: it is looked at instead."""
    for line in look.tables:
        st.button(
            f"Look at the table in line {line + 1} instead",
            icon=":material/table_view:",
            key=f"table-{line}-{draft.number}",
            on_click=_take,
            args=(draft, line),
        )


def _take(draft: Draft, line: int) -> None:
    draft.options["header_line"] = line
    for name in ("first_data_line", "end_line"):
        draft.options.pop(name, None)


def _change(draft: Draft, look: Preview) -> None:
    guess = look.options
    st.caption("What you set here is used instead of the guess.")
    if guess.delimiter is not None:
        delimiters = list(dict.fromkeys([guess.delimiter, *DELIMITERS]))
        names = {mark: _delimiter(mark) for mark in delimiters}
        _option(draft, "delimiter", "Between cells", delimiters, guess.delimiter, names)
    suggested = look.doubt.encodings if look.doubt else ()
    encodings = list(dict.fromkeys([guess.encoding or "utf-8", *suggested, *ENCODINGS]))
    labels = {name: name.upper() for name in encodings}
    _option(draft, "encoding", "Encoding", encodings, guess.encoding, labels)
    if guess.delimiter is None:
        return
    first = guess.header_line if guess.header_line is not None else NO_HEADER
    lines = sorted({*range(NO_HEADER, max(12, first + 2)), *look.tables})
    places = {line: "none" if line == NO_HEADER else f"line {line + 1}" for line in lines}
    _option(draft, "header_line", "Header", lines, first, places)
    _option(draft, "decimal", "Decimal mark", [".", ","], guess.decimal or ".", {".": "point", ",": "comma"})


def _option(draft: Draft, name: str, label: str, options: list[Any], now: Any, names: dict[Any, str]) -> None:
    key = f"option-{name}-{draft.number}-{tag(str(draft.options))}"
    st.selectbox(
        label,
        options,
        options.index(now),
        key=key,
        format_func=lambda given: names[given],
        on_change=_changed,
        args=(draft, name, key),
    )


def _changed(draft: Draft, name: str, key: str) -> None:
    _set(draft, name, value(key))


def _set(draft: Draft, name: str, chosen: Any) -> None:
    draft.options[name] = chosen
    if name == "header_line":
        draft.options.pop("first_data_line", None)
        draft.options.pop("end_line", None)


def _rows(look: Preview) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(
        [[cut(cell, 200) for cell in row] for row in look.rows],
        columns=[cut(c.name, 60) or " " for c in look.columns],
    )


def _kinds(draft: Draft, look: Preview) -> dict[str, str]:
    """A chip per column: kind, how sure, examples; click to change. Gives the kinds that were changed."""
    import pandas as pd

    st.markdown("**Columns.** Click a kind to change it.")
    guessed = [c.kind for c in look.columns]
    key = f"kinds-{draft.number}-{tag(str(draft.options))}"
    chosen = {row for row, cells in (value(key) or {}).get("edited_rows", {}).items() if "Kind" in cells}
    table = pd.DataFrame(
        {
            "Column": [cut(c.name, 60) for c in look.columns],
            "Kind": guessed,
            "Sure": [
                "set by you" if row in chosen else share(c.confidence, 1)
                for row, c in enumerate(look.columns)
            ],
            "Examples": [_examples(look, at) for at in range(len(look.columns))],
            "Note": [cut(c.note, 200) for c in look.columns],
        }
    )
    columns = st.column_config
    config = {
        "Kind": columns.SelectboxColumn(options=list(KINDS), required=True, width="small"),
        "Sure": columns.TextColumn(width="small", help="How clearly the values are of this kind"),
        "Examples": columns.TextColumn(width="large"),
    }
    edited = st.data_editor(
        table,
        hide_index=True,
        disabled=["Column", "Sure", "Examples", "Note"],
        column_config=config,
        key=key,
        height=min(len(table), 8) * 35 + 40,
        alt="Columns with their kinds",
    )
    return {
        c.name: kind
        for c, kind, guess in zip(look.columns, edited["Kind"], guessed, strict=True)
        if kind != guess
    }


def _examples(look: Preview, at: int) -> str:
    return cut(" · ".join(dict.fromkeys(row[at] for row in look.rows if row[at])), 80)


def _roles(draft: Draft, look: Preview) -> dict[str, str]:
    st.markdown("**Roles.** Suggested from the names. Target, id and weight are not taken as features.")
    suggested = asdict(look.roles)
    chosen = {}
    for place, role in zip(layout.cells(len(ROLES), 150), ROLES, strict=True):
        options = ["", *(c.name for c in look.columns)]
        key = f"draft-{role}-{draft.number}-{tag(str(draft.options))}"
        first = options.index(suggested[role]) if suggested[role] in options else 0
        chosen[role] = place.selectbox(
            role.capitalize(), options, first, key=key, format_func=lambda name: name or "none"
        )
    return {role: name for role, name in chosen.items() if name}


def _parts(draft: Draft, look: Preview) -> Split | None:
    """Whether some rows are the serve part, and which."""
    key = f"parts-{draft.number}"
    if draft.serve is not None and value(key) is None:
        put(key, "file")
    way = st.segmented_control(
        "Compare with data to serve?",
        list(PARTS),
        default=None if value(key) else "one",
        required=True,
        key=key,
        format_func=PARTS.__getitem__,
    )
    if way == "file":
        if draft.serve is None:
            uploads.second(draft)
        else:
            st.markdown(f":material/check: Serve part: **{plain(draft.serve_name, 80)}**")
        return None
    if way in ("value", "time"):
        return _split(draft, look, way)
    return None


def _split(draft: Draft, look: Preview, way: str) -> Split | None:
    names = [c.name for c in look.columns if way == "value" or c.kind == "datetime"]
    if not names:
        st.caption("No column holds dates.")
        return None
    with st.container(horizontal=True, vertical_alignment="bottom"):
        column = st.selectbox("Column", names, key=f"split-column-{way}-{draft.number}", width=260)
        label = "Serve rows hold" if way == "value" else "Serve rows are from (such as 2024-03-01) on"
        given = st.text_input(label, key=f"split-value-{way}-{draft.number}", width=320)
    return Split(way, column=column, value=given) if given else None  # type: ignore[arg-type]


def _go(
    draft: Draft, look: Preview, kinds: dict[str, str], roles: dict[str, str], split: Split | None
) -> None:
    from core.loading import Options

    parts = value(f"parts-{draft.number}", "one")
    serve = draft.serve if parts == "file" else None
    session().draft = None
    open_data.ask(
        draft.name,
        draft.train,
        users=draft.users,
        serve=serve,
        files=(draft.name, draft.serve_name),
        options=Options(**draft.options),
        kinds=kinds,
        split=split,
        **roles,
    )
