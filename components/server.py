"""What all tabs of one server share: the job runner and the store of decisions."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import streamlit as st

from components.streamlit_internals import alive
from core.limits import QUEUE, WORKERS
from core.places import home

WARM_AFTER = 5.0  # seconds: the first page and its first results come before
SETTLED_AFTER = 30.0  # seconds after that: most pages and analyses have been imported

if TYPE_CHECKING:
    from core.jobs import Jobs
    from core.workspace.store import Store


@st.cache_resource(show_spinner=False)
def jobs() -> Jobs:
    """The runner of long work."""
    from core.jobs import Jobs

    return Jobs(WORKERS.value, QUEUE.value, alive)


@st.cache_resource(show_spinner=False)
def warmed() -> bool:
    """Get the worker that lays out maps going, once per server, a moment after the first page with data:
    compiling takes seconds. And settle what has been imported by then, and by a later time.
    """
    import threading
    import time

    def work() -> None:
        from core.analyses.projection.worker import warm

        settle()
        if os.environ.get("WINNOW_WARM") != "0":
            warm()
        time.sleep(SETTLED_AFTER)
        settle()

    timer = threading.Timer(WARM_AFTER, work)
    timer.daemon = True
    timer.start()
    return True


def settle() -> None:
    """Have the garbage collector pass by what is there now, mostly imported modules. Streamlit makes it look
    through everything after each run of a page: 0.1 to 0.2 seconds with scipy and plotly in memory, else.
    """
    import gc

    gc.collect()
    gc.freeze()


def store() -> Store:
    """The decisions on disk, in the workspace of now."""
    return _store(str(home()))


@st.cache_resource(show_spinner=False, max_entries=4)
def _store(place: str) -> Store:
    from pathlib import Path

    from core.workspace.store import Store

    return Store(Path(place))
