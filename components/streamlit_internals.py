"""What we need of Streamlit's inside, in one place, as it may change from version to version."""

from __future__ import annotations

import importlib
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import streamlit as st
from streamlit import runtime
from streamlit.components.v2.get_bidi_component_manager import get_bidi_component_manager
from streamlit.components.v2.manifest_scanner import ComponentConfig, ComponentManifest
from streamlit.runtime.pages_manager import PagesManager
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.version import VERSION

if TYPE_CHECKING:
    from streamlit.typing import UploadedFile


def register_component(name: str, folder: Path) -> str:
    """Let the server hand out the files of one of our components; its name for ``st.components.v2``.

    A script given as text would reach the page as a blob, which the content security policy forbids.
    """
    manager = get_bidi_component_manager()
    full = f"winnow.{name}"
    known = manager.get(full)
    if known is None or manager.get_component_asset_root(full) is None:
        config = ComponentConfig(name, asset_dir=folder.name)
        manager.register_from_manifest(ComponentManifest("winnow", VERSION, [config]), folder.parent)
    return full


def session_id() -> str:
    """The id of the browser tab that runs this script; "" outside of a server."""
    context = get_script_run_ctx(suppress_warning=True)
    return context.session_id if context else ""


def alive(session: str) -> bool:
    """Whether the tab with this id is still open. True where there is no server to ask, as in tests."""
    return not runtime.exists() or runtime.get_instance().is_active_session(session)


def settle_address() -> None:
    """Ask for the page again if this is the first run of a fresh server and the address names a page.

    Until some run has called ``st.navigation``, Streamlit takes the folder ``pages`` for its older kind of
    pages, finds none of that name, puts up "Page not found" and shows the home page; the second time it finds
    the page.
    """
    if not PagesManager.uses_pages_directory or not runtime.exists():
        return
    address = urlsplit(st.context.url or "")
    if re.fullmatch(r"/[\w/-]*\w", address.path):
        mark = st.query_params.get("data", "")
        query = f"?data={mark}" if re.fullmatch(r"[\w-]+", mark) else ""
        PagesManager.uses_pages_directory = False
        st.html(
            f"<script>window.location.replace({json.dumps(address.path + query)})</script>",
            unsafe_allow_javascript=True,
        )
        st.stop()


def serving() -> bool:
    """Whether a server runs: tests of single pages put something else in its place."""
    return runtime.exists() and type(runtime.get_instance()) is runtime.Runtime


def theme_for_figures() -> None:
    """Let Streamlit register its Plotly template; figures made before that would keep Plotly's own
    colours.
    """
    importlib.import_module("streamlit.elements.plotly_chart")


def release(file: UploadedFile) -> None:
    """Free the bytes of an upload now. Neither a new widget key nor a rerun does (Streamlit keeps them until
    the tab closes).
    """
    context = get_script_run_ctx(suppress_warning=True)
    if context is not None:
        context.uploaded_file_mgr.remove_file(session_id=context.session_id, file_id=file.file_id)
