"""The drop zone. An upload goes to the disk and its bytes are let go before anything else happens."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import streamlit as st

from components import guard, streamlit_internals
from components.state import LoadDraft, session, value
from core.errors import CoreError
from core.limits import UPLOAD_MB
from core.loading.options import ENDINGS, FORMATS
from core.workspace.leases import User

if TYPE_CHECKING:
    from streamlit.typing import UploadedFile

TYPES = [*FORMATS, *ENDINGS, "txt", "ndjson", "zip", "tar", "tgz", "gz", "bz2", "xz", "zst"]
TYPES += ["png", "jpg", "jpeg", "webp", "bmp", "gif", "tif", "tiff"]
CHUNK = 1 << 20


class Upload(NamedTuple):
    """A file that was uploaded: where it lies, and what the sender calls it. ``user``: holds it in the
    workspace.
    """

    path: Path
    name: str
    user: User


def zone() -> None:
    """Where to drop the table to look at."""
    now = session()
    trouble()
    key = f"upload-{now.drafts}"
    st.file_uploader(
        "Drop a table (CSV, Excel, JSON, Parquet, SQLite, Stata and others) or images (ZIP, tar, one alone)",
        TYPES,
        key=key,
        max_upload_size=UPLOAD_MB.value,
        on_change=_taken,
        args=(key,),
        help="One file; once it was looked at you are asked for a second one, to serve. "
        "Tables: CSV, TSV and other delimited text, JSON, JSON Lines, Parquet, Arrow and Feather, ORC, "
        "Excel and OpenDocument sheets, SQLite, DuckDB, Stata, SAS, SPSS, ARFF, .npy and .npz, each also "
        "packed. Images: one alone, or many in a ZIP or tar archive. A separate process reads it, "
        "within limits; it stays on this machine and is never changed.",
    )


def trouble() -> None:
    """Why the last upload could not be kept, where it could not."""
    noted = session().chosen.get("upload trouble")
    if isinstance(noted, CoreError):
        guard.show(noted)


def second(draft: LoadDraft) -> None:
    """Where to drop the serve part."""
    trouble()
    key = f"serve-{draft.number}"
    st.file_uploader(
        "Drop the data to serve (same columns, other rows)",
        TYPES,
        key=key,
        on_change=_taken_second,
        args=(key, draft),
    )


def _taken(key: str) -> None:
    now = session()
    kept = keep(value(key))
    if kept is not None:
        now.drafts += 1
        now.draft = LoadDraft(now.drafts, kept.path, kept.name, users=(kept.user,))


def _taken_second(key: str, draft: LoadDraft) -> None:
    kept = keep(value(key))
    if kept is not None:
        now = session()
        now.drafts += 1
        now.draft = replace(draft, serve=kept.path, serve_name=kept.name, users=(*draft.users, kept.user))


def keep(file: UploadedFile | None) -> Upload | None:
    """The upload on the disk; None (and the trouble noted) when it cannot be kept. Its bytes are freed either
    way.
    """
    from core.workspace import keep_upload

    if file is None or not hasattr(file, "name"):  # asked again after it was let go, as a run began anew
        return None
    user = User()
    kept = guard.attempt(lambda: keep_upload(file.name, _chunks(file), file.size, user))
    streamlit_internals.release(file)
    session().chosen["upload trouble"] = kept if isinstance(kept, CoreError) else None
    session().drafts += 1
    if isinstance(kept, CoreError):
        return None
    return Upload(kept, file.name.replace("\\", "/").rpartition("/")[2], user)


def _chunks(file: UploadedFile) -> Iterator[bytes]:
    while chunk := file.read(CHUNK):
        yield chunk
