"""A visitor without a browser: opens pages over Streamlit's own messages and says when they have settled.

It does what a tab does that bears on the server: keeps the address that a page writes, remembers large
messages and says so, and asks again for the parts of a page that repeat themselves (the panel of long work).
"""

from __future__ import annotations

import asyncio
import time
from types import TracebackType
from typing import Any, NamedTuple

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

WRONG = ("inside Winnow", "jobs wait already", "is still under way")  # words of a page that gave up
FINISHED = ForwardMsg.FINISHED_SUCCESSFULLY


class Visit(NamedTuple):
    """One page opened by one visitor. ``seconds`` until it had settled; None where it did not in time. error:
    what the page said where it gave up.
    """

    data: str
    page: str
    seconds: float | None
    bytes: int
    runs: int
    error: str = ""


class Visitor:
    """One tab at the server of ``address`` (``http://…``)."""

    def __init__(self, address: str) -> None:
        self._stream = f"ws{address.removeprefix('http')}/_stcore/stream"
        self._socket: ClientConnection | None = None
        self._listener: asyncio.Task[None] | None = None
        self._timers: dict[str, asyncio.Task[None]] = {}
        self._heard = asyncio.Event()
        self._query, self._pages = "", dict[str, str]()
        self._page, self._hashes = "", set[str]()
        self._done, self._bytes, self._runs, self._error = False, 0, 0, ""

    async def __aenter__(self) -> Visitor:
        self._socket = await connect(
            self._stream, subprotocols=["streamlit"], max_size=None, open_timeout=60, ping_interval=None
        )
        self._listener = asyncio.create_task(self._listen())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop_timers()
        assert self._socket is not None and self._listener is not None
        await self._socket.close()
        self._listener.cancel()

    async def visit(self, data: str, page: str, patience: float) -> Visit:
        """Open a page with a data set of the workspace: settled once its script has run to its end and no
        long work is under way.
        """
        self._done, self._bytes, self._runs, self._error = False, 0, 0, ""
        self._stop_timers()
        self._query, self._page = f"data={data}", self._pages.get(page, "")
        begun = time.perf_counter()
        await self._ask(page_name=page)
        try:
            async with asyncio.timeout(patience):
                while not (self._done and not self._timers):
                    self._heard.clear()
                    await self._heard.wait()
        except TimeoutError:
            return Visit(data, page, None, self._bytes, self._runs, self._error)
        return Visit(data, page, time.perf_counter() - begun, self._bytes, self._runs, self._error)

    async def _ask(self, page_name: str = "", fragment: str = "") -> None:
        """Ask for a run of the page, or of a part of it."""
        message = BackMsg()
        state = message.rerun_script
        state.query_string, state.page_script_hash = self._query, self._page
        if not self._page:
            state.page_name = page_name
        state.fragment_id, state.is_auto_rerun = fragment, bool(fragment)
        state.cached_message_hashes.extend(self._hashes)
        state.context_info.timezone, state.context_info.locale = "UTC", "en"
        state.context_info.url = self._stream.replace("ws", "http", 1)
        assert self._socket is not None
        await self._socket.send(message.SerializeToString())

    async def _listen(self) -> None:
        assert self._socket is not None
        async for raw in self._socket:
            self._bytes += len(raw)
            message = ForwardMsg()
            message.ParseFromString(raw if isinstance(raw, bytes) else raw.encode())
            self._take(message)
            self._heard.set()

    def _take(self, message: ForwardMsg) -> None:
        kind = message.WhichOneof("type")
        if message.metadata.cacheable:
            self._hashes.add(message.hash)
        if kind == "new_session":
            self._runs += 1
            if not message.metadata.run.fragment_ids:
                self._done = False
                self._stop_timers()
                self._page = message.new_session.page_script_hash
        elif kind == "navigation":
            self._pages = {page.url_pathname: page.page_script_hash for page in message.navigation.app_pages}
            self._page = message.navigation.page_script_hash
        elif kind == "page_info_changed":
            self._query = message.page_info_changed.query_string
        elif kind == "auto_rerun":
            self._repeat(message.auto_rerun.fragment_id, message.auto_rerun.interval)
        elif kind == "stop_auto_rerun":
            for fragment in message.stop_auto_rerun.fragment_ids:
                self._end(fragment)
        elif kind == "script_finished":
            self._done = self._done or message.script_finished == FINISHED
        elif kind == "delta":
            self._look(message.delta)

    def _look(self, delta: Any) -> None:
        """Keep what the page said went wrong inside."""
        if delta.WhichOneof("type") == "new_element" and delta.new_element.WhichOneof("type") == "alert":
            body = delta.new_element.alert.body
            if any(words in body for words in WRONG):
                self._error = body

    def _repeat(self, fragment: str, seconds: float) -> None:
        self._end(fragment)

        async def beat() -> None:
            while True:
                await asyncio.sleep(seconds)
                await self._ask(fragment=fragment)

        self._timers[fragment] = asyncio.create_task(beat())

    def _end(self, fragment: str) -> None:
        timer = self._timers.pop(fragment, None)
        if timer is not None:
            timer.cancel()

    def _stop_timers(self) -> None:
        for fragment in list(self._timers):
            self._end(fragment)
