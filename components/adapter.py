"""What we need of Streamlit's inside, in one place, as it may change from version to version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

if TYPE_CHECKING:
    from streamlit.typing import UploadedFile


def session_id() -> str:
    """The id of the browser tab that runs this script; "" outside of a server."""
    context = get_script_run_ctx(suppress_warning=True)
    return context.session_id if context else ""


def alive(session: str) -> bool:
    """Whether the tab with this id is still open. True where there is no server to ask, as in tests."""
    return not runtime.exists() or runtime.get_instance().is_active_session(session)


def release(file: UploadedFile) -> None:
    """Free the bytes of an upload now. Neither a new widget key nor a rerun does (Streamlit keeps them until the tab closes)."""
    context = get_script_run_ctx(suppress_warning=True)
    if context is not None:
        context.uploaded_file_mgr.remove_file(session_id=context.session_id, file_id=file.file_id)
