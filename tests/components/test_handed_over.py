"""What a script hands over to the loop of the server: in order, together, none lost by a fault of others."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

from components.streamlit_internals import handed_over_together


def session(loop: asyncio.AbstractEventLoop) -> Any:
    return SimpleNamespace(_event_loop=loop)


def by_itself(work: Coroutine[Any, Any, None]) -> None:
    """In a thread of its own: once a browser was driven, a loop is running in the thread of the tests."""
    with ThreadPoolExecutor(1) as threads:
        threads.submit(asyncio.run, work).result()


def test_all_is_done_in_its_order_and_the_loop_is_woken_seldom() -> None:
    done: list[int] = []
    woken: list[float] = []

    async def work() -> None:
        loop, soon = asyncio.get_running_loop(), handed_over_together()
        wake = loop.call_soon_threadsafe

        def counted(*given: Any) -> Any:
            woken.append(time.monotonic())
            return wake(*given)

        loop.call_soon_threadsafe = counted  # type: ignore[assignment,method-assign]
        script = threading.Thread(
            target=lambda: [soon(session(loop), lambda n=n: done.append(n)) for n in range(3_000)]  # type: ignore[misc]
        )
        script.start()
        while len(done) < 3_000:
            await asyncio.sleep(0.001)
        script.join()

    by_itself(work())
    assert done == list(range(3_000)) and len(woken) < 600


def test_one_that_fails_keeps_nothing_from_the_others() -> None:
    done: list[str] = []
    failed: list[Any] = []

    async def work() -> None:
        loop, soon = asyncio.get_running_loop(), handed_over_together()
        loop.set_exception_handler(lambda _, context: failed.append(context["exception"]))
        for callback in (lambda: done.append("a"), lambda: [][0], lambda: done.append("b")):
            soon(session(loop), callback)  # type: ignore[arg-type]
        while len(done) < 2:
            await asyncio.sleep(0.001)

    by_itself(work())
    assert done == ["a", "b"] and [type(one) for one in failed] == [IndexError]


def test_a_loop_that_has_ended_is_no_error() -> None:
    loop = asyncio.new_event_loop()
    loop.close()
    handed_over_together()(session(loop), lambda: None)
