"""Train and serve: whether a file that was chosen is one table, or two, or one to be parted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from components import guard
from components.state import LoadDraft, keep, put, value
from components.text import plain
from components.widgets import uploads
from core.dataset.split import PartSplit
from core.errors import CoreError
from core.phrases import names, verb

if TYPE_CHECKING:
    from core.loading import Preview

PARTS = {
    "one": "No, one table",
    "file": "A second file",
    "value": "Rows by a column's value",
    "time": "Rows by time",
}
ONE_TABLE = f"“{PARTS['one']}”"


def begin(draft: LoadDraft, look: Preview) -> None:
    """What is chosen at first: the second file that is there, what was chosen before the page was left, or
    the split that folders of images say. A column that the layout no longer has is no choice. Where rows are
    to be split by a value after all, that of the folders stands there again.
    """
    key, column = f"parts-{draft.number}", f"split-column-value-{draft.number}"
    columns = [c.name for c in look.columns]
    if value(key) == "value" and columns and value(column) not in (None, *columns):
        put(key, "one")
        put(column, columns[0])
    if value(key) == "value" and look.split is not None and value(column) is None:
        put(column, look.split.column)
        put(f"split-value-value-{draft.number}", look.split.value)
    if value(key) is not None:
        return
    if draft.serve is not None:
        put(key, "file")
    elif draft.way not in ("", "value"):
        put(key, draft.way)
    elif look.split is not None:
        put(key, "value")
        put(f"split-column-value-{draft.number}", look.split.column)
        put(f"split-value-value-{draft.number}", look.split.value)


def said(draft: LoadDraft, look: Preview) -> str:
    """The split that folders of images say, in words, while it is the one that is chosen; else ""."""
    split, at = look.split, draft.number
    chosen = (f"parts-{at}", f"split-column-value-{at}", f"split-value-value-{at}")
    if split is None or tuple(map(value, chosen)) != ("value", split.column, split.value):
        return ""
    sizes = f"{(look.count or 0) - look.serve_rows:,} train, {look.serve_rows:,} serve"
    return f"folder **{plain(split.value, 40)}** is serve ({sizes})"


def waits(draft: LoadDraft, split: PartSplit | None) -> bool:
    """Whether a split was asked for and what it takes is not there yet: nothing would be split."""
    way = value(f"parts-{draft.number}", "one")
    return draft.serve is None if way == "file" else way != "one" and split is None


def undo(draft: LoadDraft) -> None:
    """Not split after all."""
    put(f"parts-{draft.number}", "one")


def parts(draft: LoadDraft, look: Preview, target: str | None) -> PartSplit | None:
    """Whether some rows are the serve part, and which; ``target``: a column that serve need not have."""
    key = f"parts-{draft.number}"
    way = st.segmented_control(
        "Compare with data to serve?",
        list(PARTS),
        default=None if value(key) else "one",
        required=True,
        key=key,
        format_func=PARTS.__getitem__,
        wrap=True,
    )
    draft.way = way or ""
    if way == "file":
        if draft.serve is None:
            uploads.second(draft)
        else:
            st.markdown(f":material/check: Serve part: **{plain(draft.serve_name, 80)}**")
            _compared(draft, look, target)
        return None
    if way in ("value", "time"):
        return _split(draft, look, way)
    return None


def _compared(draft: LoadDraft, look: Preview, target: str | None) -> None:
    """Which columns one of the two files lacks, before they are loaded."""
    from core.loading import Options, preview

    options = {name: told for name, told in draft.options.items() if name != "put_back"}

    def other() -> Preview | CoreError:
        return guard.attempt(
            lambda: preview(
                draft.serve or draft.train, Options(**options), name=draft.serve_name, first=False
            )
        )

    serve = keep(("look", str(draft.serve), tuple(sorted(options.items()))), other)
    if isinstance(serve, CoreError):
        guard.show(serve)
        return
    here, there = [c.name for c in look.columns], [c.name for c in serve.columns]
    lost = [name for name in here if name not in there and name != target]
    new = [name for name in there if name not in here]
    if lost:
        st.warning(
            f"{plain(names(lost), 300)} {verb(len(lost), 'is', 'are')} missing from serve: a model trained "
            f"with {verb(len(lost), 'it', 'them')} cannot be served. Add {verb(len(lost), 'it', 'them')} to "
            f"the serving data, or leave {verb(len(lost), 'it', 'them')} out.",
            icon=":material/warning:",
        )
    if target in here and target not in there:
        st.caption(
            f"Serve does not have the target, {plain(names([target]), 100)}, which is to be predicted."
        )
    if new:
        st.caption(f"New in serve: {plain(names(new), 300)}.")


def _split(draft: LoadDraft, look: Preview, way: str) -> PartSplit | None:
    names = [c.name for c in look.columns if way == "value" or c.kind == "datetime"]
    if not names:
        instead = f"Choose {ONE_TABLE}, or “{PARTS['value']}”"
        st.caption(f":orange[:material/warning:] No column holds dates. {instead}.")
        return None
    with st.container(horizontal=True, vertical_alignment="bottom"):
        column = st.selectbox("Column", names, key=f"split-column-{way}-{draft.number}", width=260)
        label = "Serve rows hold" if way == "value" else "Serve rows are from (such as 2024-03-01) on"
        given = st.text_input(label, key=f"split-value-{way}-{draft.number}", width=320)
    if not given:
        what = "the value that serve rows hold" if way == "value" else "the time from which rows are of serve"
        st.caption(f":orange[:material/warning:] Nothing is split yet: give {what}. Or choose {ONE_TABLE}.")
    return PartSplit(way, column=column, value=given) if given else None  # type: ignore[arg-type]
