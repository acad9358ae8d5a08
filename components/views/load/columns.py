"""The columns of a file that was chosen: their kinds, and the roles that some of them play."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import streamlit as st

from components.state import LoadDraft, value
from components.text import cut, plain, share, tag
from components.widgets import layout
from core.dataset.column import KINDS
from core.dataset.roles import ROLES
from core.phrases import names

if TYPE_CHECKING:
    from core.loading import Preview

SAID = 6  # columns named before a note that they share


def kinds(draft: LoadDraft, look: Preview) -> dict[str, str]:
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
        disabled=["Column", "Sure", "Examples"],
        column_config=config,
        key=key,
        height=min(len(table), 8) * 35 + 40,
        alt="Columns with their kinds",
    )
    _notes(look)
    return {
        c.name: kind
        for c, kind, guess in zip(look.columns, edited["Kind"], guessed, strict=True)
        if kind != guess
    }


def _notes(look: Preview) -> None:
    """What there is to say about columns, under the table, where it is read whole: each sentence once."""
    said: dict[str, list[str]] = {}
    for column in look.columns:
        if column.note:
            said.setdefault(column.note, []).append(column.name)
    for note, columns in said.items():
        st.caption(f":material/info: {plain(names(columns, SAID), 400)}: {plain(note, 300)}")


def _examples(look: Preview, at: int) -> str:
    return cut(" · ".join(dict.fromkeys(row[at] for row in look.rows if row[at])), 80)


def roles(draft: LoadDraft, look: Preview) -> dict[str, str]:
    """A choice of the column for each role. Gives those that have one."""
    suggested = asdict(look.roles)
    guess = (
        "The target is a guess: the last column, with few classes. " if _guessed(look.roles.target) else ""
    )
    st.markdown(
        f"**Roles.** Suggested from names and values. {guess}Target, id and weight are not taken as features."
    )
    chosen = {}
    for place, role in zip(layout.cells(len(ROLES), 150), ROLES, strict=True):
        options = ["", *(c.name for c in look.columns)]
        key = f"draft-{role}-{draft.number}-{tag(str(draft.options))}"
        first = options.index(suggested[role]) if suggested[role] in options else 0
        chosen[role] = place.selectbox(
            role.capitalize(), options, first, key=key, format_func=lambda name: name or "none"
        )
    return {role: name for role, name in chosen.items() if name}


def _guessed(target: str | None) -> bool:
    """Whether nothing in the target's name says that it is one."""
    from core.loading.kinds import names_target

    return target is not None and not names_target(target)
