"""A file that was chosen and not yet loaded: how it is read, the first rows, kinds and roles, and the button
that loads it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from components import guard, open_data
from components.state import LoadDraft, keep, session, value
from components.text import cut, plain, tag
from components.views.load import aside, columns, options, parts, read_as, same_shape
from components.widgets import earlier, findings
from core.dataset.split import PartSplit
from core.errors import CoreError
from core.phrases import count, quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from core.loading import Preview
    from core.same_shape import Steps


def view(draft: LoadDraft) -> None:
    """Guess, rows, kinds, roles, parts, Go."""
    look = _look(draft)
    st.subheader(plain(draft.name, 100))
    if isinstance(look, CoreError):
        _refused(draft, look)
        return
    earlier.of_upload(draft.train, draft.number)
    steps = same_shape.offer(draft, look)
    parts.begin(draft, look)
    read_as.sentence(draft, look)
    st.caption(_which(look))  # it leaves room for the buttons that appear above a table, too
    st.dataframe(
        _rows(look),
        hide_index=True,
        height=min(len(look.rows), 8) * 35 + 40,
        alt=f"The first {len(look.rows)} rows",
        key=f"look-{draft.number}-{tag(str(draft.options))}",
    )
    _said(look)
    read_as.other_tables(draft, look)
    if look.options.layout is None:
        options.more(draft, look)
    _aside(draft, look)
    kinds = columns.kinds(draft, look)
    roles = columns.roles(draft, look)
    split = parts.parts(draft, look, roles.get("target"))
    if steps is not None:
        _go(draft, look, kinds, {}, split, steps)
        st.rerun()
    _go_or_back(draft, look, kinds, roles, split)


def _said(look: Preview) -> None:
    """What is to be known of the rows below the first of them: images not read yet, findings, a total."""
    if look.options.layout is not None and not look.whole:
        of_each = " of all parts" if look.serve_rows else ""
        st.caption(
            f":material/info: {count(look.looked)} of {count(look.count or 0, 'image')} were read so far, as "
            f"examples{of_each}. Which of the others cannot be read is known once all are loaded."
        )
    for finding in look.findings:
        st.markdown(findings.label(finding.title, finding.severity))
    if look.total:
        st.markdown(
            f":orange[:material/warning:] The last row looks like a total: it says "
            f"{plain(quoted(look.total))}, and numbers in it are sums of those above. It is loaded as a row; "
            "drop it on Profile at one click."
        )


def _go_or_back(
    draft: LoadDraft, look: Preview, kinds: dict[str, str], roles: dict[str, str], split: PartSplit | None
) -> None:
    """The two buttons; it cannot be loaded without rows, nor before there is what a split that was asked for
    takes.
    """
    ready = bool(look.rows) and not parts.waits(draft, split)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Go",
            type="primary",
            icon=":material/play_arrow:",
            key="go",
            disabled=not ready,
            on_click=_go,
            args=(draft, look, kinds, roles, split),
        )
        _back()


def _refused(draft: LoadDraft, error: CoreError) -> None:
    """Why it cannot be read so, and the way back."""
    guard.show(error)
    if draft.options:
        st.button(
            "Read without these options",
            key=f"read-plainly-{draft.number}",
            icon=":material/undo:",
            on_click=draft.options.clear,
        )
    _back()


def _aside(draft: LoadDraft, look: Preview) -> None:
    """The lines that were kept aside, and those that are put back."""
    from core.loading.put_back import put_back_words

    back = draft.options.get("put_back", ())
    if back:
        with st.container(horizontal=True, vertical_alignment="center"):
            words = put_back_words([line for line, _ in back], look.kept_aside)
            st.markdown(f":material/undo: {plain(words, 300)}", width="content")
            st.button(
                "Leave aside again",
                key=f"aside-again-{draft.number}",
                type="tertiary",
                on_click=draft.options.pop,
                args=("put_back", None),
            )
    if not look.kept_aside or look.options.format == "parquet":
        return
    with st.expander(f"{count(len(look.kept_aside), 'line')} kept aside: see, mend, put back"):
        if not look.whole:
            st.caption("Of the first megabyte; those of all the file can be put back once it is loaded.")
        names, key = list(look.read_names), f"{draft.number}-{tag(str(draft.options))}"
        aside.table(look.kept_aside, names, look.options, key, lambda lines: _put_back(draft, lines))


def _put_back(draft: LoadDraft, lines: Sequence[tuple[int, str]]) -> None:
    draft.options["put_back"] = tuple({**dict(draft.options.get("put_back", ())), **dict(lines)}.items())


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


def _look(draft: LoadDraft) -> Preview | CoreError:
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


def _which(look: Preview) -> str:
    """Which rows are shown; of images those of all over the archive."""
    if not look.rows:
        return "No rows."
    shown = count(len(look.rows), "row")
    return f"{shown}, as examples" if look.options.layout is not None else f"The first {shown}"


def _rows(look: Preview) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(
        [[cut(cell, 200) for cell in row] for row in look.rows],
        columns=[cut(c.name, 60) or " " for c in look.columns],
    )


def _go(
    draft: LoadDraft,
    look: Preview,
    kinds: dict[str, str],
    roles: dict[str, str],
    split: PartSplit | None,
    steps: Steps | None = None,
) -> None:
    """Ask for it to be opened. steps: to be taken over, with the roles that they were made with."""
    from core.loading import Options

    two_files = value(f"parts-{draft.number}", "one") == "file"
    session().draft = None
    open_data.ask(
        draft.name,
        draft.train,
        users=draft.users,
        steps=steps,
        serve=draft.serve if two_files else None,
        files=(draft.name, draft.serve_name),
        options=Options(**draft.options),
        kinds=kinds,
        split=split,
        **roles,
    )
