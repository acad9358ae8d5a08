"""What all tabs of one server share: the job runner, the store of decisions, and the figures drawn."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

import streamlit as st

from components.streamlit_internals import alive, forget_who_left
from core.limits import QUEUE, WORKERS
from core.places import home

WARM_AFTER = 5.0  # seconds: the first page and its first results come before
SETTLED_AFTER = 30.0  # seconds after that: most pages and analyses have been imported
TIDY_EVERY = 20.0  # seconds between two looks of the garbage collector while pages are drawn
TIDY_IDLE = 120.0  # seconds after which it looks where none is: the time in which a closed tab may come back

LONG = 1.0  # seconds: a page that draws longer does not hold up the others

_NEXT, _DRAWING = threading.Semaphore(), threading.Semaphore()
_DRAWN = threading.Event()  # set where a page was drawn since the last tidying up

if TYPE_CHECKING:
    from components.widgets.figures_kept import FiguresKept
    from core.jobs import Jobs
    from core.workspace.store import Store


@st.cache_resource(show_spinner=False)
def jobs() -> Jobs:
    """The runner of long work."""
    from core.jobs import Jobs

    return Jobs(WORKERS.value, QUEUE.value, alive)


@st.cache_resource(show_spinner=False)
def figures() -> FiguresKept:
    """The figures drawn so far."""
    from components.widgets.figures_kept import FiguresKept

    return FiguresKept()


@st.cache_resource(show_spinner=False)
def warmed() -> bool:
    """Get the worker that lays out maps going, once per server, a moment after the first page with data:
    compiling takes seconds. And settle what has been imported by then, and by a later time; from then on,
    tidy up.
    """
    import time

    def work() -> None:
        from core.analyses.projection.worker import warm

        settle()
        if os.environ.get("WINNOW_WARM") != "0":
            warm()
        time.sleep(SETTLED_AFTER)
        settle()
        while True:
            tidy()

    timer = threading.Timer(WARM_AFTER, work)
    timer.daemon = True
    timer.start()
    return True


@contextlib.contextmanager
def in_turn() -> Iterator[None]:
    """Around the drawing of a page: one after the other. Python's threads take turns anyway, and twenty of
    them lose a third of the time in handing over. Beside a page that draws long the next one goes on.
    """
    with _NEXT:
        mine = _DRAWING.acquire(timeout=LONG)
    try:
        yield
    finally:
        if mine:
            _DRAWING.release()


def drawn() -> None:
    """To be called after each page with data: there is something to tidy up, and a server to be warmed."""
    _DRAWN.set()
    warmed()


def settle() -> None:
    """Have the garbage collector pass by what is there now, mostly imported modules: looking through scipy
    and plotly takes it 0.1 to 0.2 seconds.
    """
    import gc

    gc.collect()
    gc.freeze()


def tidy() -> None:
    """Let the garbage collector look through everything, soon where pages were drawn. Streamlit would have it
    look after every run of a page, while all others wait (`runner.postScriptGC`): half of the server's time
    with twenty people at once.
    """
    import gc
    import time

    busy = _DRAWN.wait(TIDY_IDLE)
    _DRAWN.clear()
    forget_who_left()
    gc.collect()
    if not busy:
        _give_back()
    time.sleep(TIDY_EVERY)


def _give_back() -> None:
    """Let the operating system have the memory that is free: what many threads took stays with them, else."""
    import ctypes
    import ctypes.util

    import pyarrow as pa

    pa.default_memory_pool().release_unused()
    trim = getattr(ctypes.CDLL(ctypes.util.find_library("c")), "malloc_trim", None)
    if trim is not None:  # glibc alone has it
        trim(0)


def store() -> Store:
    """The decisions on disk, in the workspace of now."""
    return _store(str(home()))


@st.cache_resource(show_spinner=False, max_entries=4)
def _store(place: str) -> Store:
    from pathlib import Path

    from core.workspace.store import Store

    return Store(Path(place))
