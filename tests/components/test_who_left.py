"""What a closed tab held is let go once its time to come back is over, also after the last one."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
import weakref
from types import SimpleNamespace
from typing import Any

import pytest
from streamlit.runtime import Runtime
from streamlit.runtime.memory_session_storage import MemorySessionStorage
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner.script_cache import ScriptCache
from streamlit.runtime.session_manager import SessionInfo
from streamlit.runtime.websocket_session_manager import WebsocketSessionManager

from components import server, streamlit_internals


class Tab:
    def __init__(self, name: str) -> None:
        self.id = name


def served(monkeypatch: pytest.MonkeyPatch, storage: MemorySessionStorage, loop: Any) -> None:
    """A server as Streamlit's, as far as its sessions go."""
    running = object.__new__(Runtime)
    running._session_mgr = WebsocketSessionManager(
        storage, MemoryUploadedFileManager("/files"), ScriptCache(), None
    )
    running._async_objs = SimpleNamespace(eventloop=loop)  # type: ignore[assignment]
    monkeypatch.setattr(streamlit_internals.runtime, "exists", lambda: True)
    monkeypatch.setattr(streamlit_internals.runtime, "get_instance", lambda: running)


@pytest.mark.parametrize("busy", [False, True])
def test_those_who_left_long_ago_go_and_those_who_may_come_back_stay(
    monkeypatch: pytest.MonkeyPatch, busy: bool
) -> None:
    loop = asyncio.new_event_loop()
    turning = threading.Thread(target=loop.run_forever)
    turning.start()
    storage = MemorySessionStorage(ttl_seconds=0.2)  # type: ignore[arg-type]
    gone, here = Tab("gone"), Tab("here")
    still = weakref.ref(gone), weakref.ref(here)
    storage.save(SessionInfo(client=None, session=gone, script_run_count=1))  # type: ignore[arg-type]
    time.sleep(0.3)
    storage.save(SessionInfo(client=None, session=here, script_run_count=1))  # type: ignore[arg-type]
    del gone, here
    served(monkeypatch, storage, loop)
    monkeypatch.setattr(server, "TIDY_IDLE", 0.0)
    monkeypatch.setattr(server, "TIDY_EVERY", 0.0)
    server._DRAWN.clear()
    try:
        assert still[0]() is None, "another tab that is closed makes Streamlit look at its clock"
        assert still[1]() is not None
        time.sleep(0.3)
        gc.collect()
        assert still[1]() is not None, "after the last one nobody looks"
        if busy:
            server._DRAWN.set()  # others draw on
        server.tidy()
        assert still[1]() is None
    finally:
        loop.call_soon_threadsafe(loop.stop)
        turning.join()
        loop.close()
