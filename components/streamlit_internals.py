"""What we need of Streamlit's inside, in one place, as it may change from version to version."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import importlib
import re
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st
from streamlit import file_util, net_util, runtime
from streamlit.components.v2.get_bidi_component_manager import get_bidi_component_manager
from streamlit.components.v2.manifest_scanner import ComponentConfig, ComponentManifest
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.pages_manager import PagesManager
from streamlit.runtime.scriptrunner import get_script_run_ctx

from components.gate import Gate, allowed, origin_allowed
from core.version import VERSION

TOGETHER = 0.005  # seconds: half of the time between two messages to a browser

if TYPE_CHECKING:
    from starlette.middleware import Middleware
    from streamlit.typing import UploadedFile


def middleware() -> list[Middleware]:
    """What stands in front of Streamlit's own server."""
    from starlette.middleware import Middleware

    return [Middleware(Gate, script_hashes=_inline_scripts())]  # type: ignore[arg-type]


@contextlib.asynccontextmanager
async def lifespan(app: st.App) -> AsyncIterator[None]:
    """Before the first request.

    The folder ``pages`` does not hold Streamlit's older kind of pages, though it thinks so until some run has
    called ``st.navigation``. Which pages may open a WebSocket the gate alone decides. Nobody outside is asked
    for this machine's address, as Streamlit does to judge where a page comes from.
    """
    from streamlit.web.server.starlette import starlette_websocket

    PagesManager.uses_pages_directory = False
    starlette_websocket._is_origin_allowed = _may_open
    net_util.get_external_ip = lambda: None
    AppSession._call_soon_on_event_loop = handed_over_together()  # type: ignore[method-assign]
    yield


def handed_over_together() -> Callable[[AppSession, Callable[[], None]], None]:
    """What a session does with what is to be done on the loop of the server, each element of a page that a
    script has drawn. Streamlit wakes the loop for every one, and the two threads then contend for Python's
    lock: nearly half the time of a script. Here what comes within `TOGETHER` seconds goes over at once, in
    the order in which it came.
    """
    waiting: deque[Callable[[], None]] = deque()
    asked = threading.Event()

    def hand_over(loop: asyncio.AbstractEventLoop) -> None:
        asked.clear()  # first: what comes from here on asks anew
        while waiting:
            loop.call_soon(waiting.popleft())

    def soon(session: AppSession, callback: Callable[[], None]) -> None:
        loop = session._event_loop
        waiting.append(callback)
        if asked.is_set():
            return
        asked.set()
        try:
            loop.call_soon_threadsafe(loop.call_later, TOGETHER, hand_over, loop)
        except RuntimeError:
            if not loop.is_closed():  # else the server has ended
                raise

    return soon


def _may_open(origin: str | None, host: str | None) -> bool:
    """Whether a page may open a WebSocket: as the gate says, and within Streamlit's own
    ``server.allowedHosts``.
    """
    from streamlit.web.server.starlette import starlette_websocket

    return starlette_websocket.is_host_allowed(host) and origin_allowed(origin, host, allowed())


def _inline_scripts() -> tuple[str, ...]:
    """Hashes of the scripts that stand in Streamlit's page itself."""
    text = (Path(file_util.get_static_dir()) / "index.html").read_text(encoding="utf-8")
    scripts = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    digests = (hashlib.sha256(script.encode()).digest() for script in scripts)
    return tuple(f"sha256-{base64.b64encode(digest).decode()}" for digest in digests)


def register_component(name: str, folder: Path) -> str:
    """Let the server hand out the files of one of our components; its name for ``st.components.v2``.

    A script given as text would reach the page as a blob, which the content security policy forbids.
    """
    manager = get_bidi_component_manager()
    full = f"winnow.{name}"
    known = manager.get(full)
    if known is None or manager.get_component_asset_root(full) is None:
        declared = ComponentConfig(name, asset_dir=folder.name)
        manager.register_from_manifest(ComponentManifest("winnow", VERSION, [declared]), folder.parent)
    return full


def session_id() -> str:
    """The id of the browser tab that runs this script; "" outside of a server."""
    context = get_script_run_ctx(suppress_warning=True)
    return context.session_id if context else ""


def by_history() -> bool:
    """Whether this run came by Back or Forward."""
    context = get_script_run_ctx(suppress_warning=True)
    return bool(context and context.is_history_navigation)


def alive(session: str) -> bool:
    """Whether the tab with this id is still open. True where there is no server to ask, as in tests."""
    return not runtime.exists() or bool(runtime.get_instance().is_active_session(session))


def forget_who_left() -> None:
    """Let go of the tabs whose time to come back is over, with the data that they looked at. Streamlit counts
    the time, but looks at its clock only when another tab is closed: after the last ones all would stay.
    """
    if not serving():
        return
    server, gone = runtime.get_instance(), threading.Event()
    kept = server._session_mgr._session_storage._cache  # type: ignore[attr-defined]

    def forget() -> None:
        kept.expire()
        gone.set()

    with contextlib.suppress(RuntimeError):  # the server has ended
        server._get_async_objs().eventloop.call_soon_threadsafe(forget)
        gone.wait(10.0)


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
