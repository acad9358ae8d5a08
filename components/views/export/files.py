"""The files of an export, each with its first lines, and all of them as one zip."""

from __future__ import annotations

import codecs
import re
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from components.text import cut, plain, size
from core.export.archive import archived
from core.export.contents import about
from core.phrases import count

if TYPE_CHECKING:
    from core.dataset.source import Source
    from core.export import Exported

HEAD = 2_000
TEXTS = (".csv", ".tsv", ".json", ".jsonl", ".py", ".txt")  # of the files of an export, those with lines
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")


def files(exported: Exported, safe: bool, source: Source) -> None:
    """Draw them. source: of the data, whose encoding theirs may be."""
    if safe:
        st.caption(f"{count(exported.touched, 'cell')} got an apostrophe.")
    for note in exported.notes:
        st.caption(f":material/info: {plain(note, 400)}")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader("Files", width="content")
        st.download_button(
            "Download everything as one zip",
            data=partial(archived, exported.files),
            file_name="winnow-export.zip",
            mime="application/zip",
            key="download-zip",
            icon=":material/folder_zip:",
            on_click="ignore",
            type="primary",
        )
    names = [path.name for path in exported.files]
    for at, path in enumerate(exported.files):
        with st.container(border=True):
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(
                    f"**{plain(path.name, 80)}** :small[:gray[{size(path.stat().st_size)} · "
                    f"{plain(about(path.name, names))}]]"
                )
                st.download_button(
                    "Download",
                    data=partial(path.read_bytes),
                    file_name=path.name,
                    mime="application/octet-stream",
                    key=f"download-{path.name}",
                    icon=":material/download:",
                    on_click="ignore",
                    width="content",
                )
            if path.suffix in TEXTS:
                with st.expander("First lines", expanded=at == 0):
                    st.code(_head(path, source), language=None, wrap_lines=False)


def _head(path: Path, source: Source) -> str:
    """The first lines, in UTF-8 or the encoding of the source; bytes that are neither are shown as such."""
    with path.open("rb") as file:
        content = file.read(HEAD)
    own = [one.options.get("encoding") for one in (source, source.serve) if one is not None]
    text = content.decode("utf-8", errors="backslashreplace")
    for encoding in ("utf-8-sig", *filter(None, own)):
        try:
            read = codecs.getincrementaldecoder(encoding)().decode(content)  # the last letter may be cut
        except (UnicodeDecodeError, LookupError):
            continue
        if not _CONTROL.search(read):  # of UTF-16 and the like UTF-8 makes some
            text = read
            break
    return "\n".join(cut(line, 200) for line in text.splitlines()[:8])
