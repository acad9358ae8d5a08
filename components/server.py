"""What all tabs of one server share: the job runner and the store of decisions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from components.streamlit_internals import alive
from core.limits import QUEUE, WORKERS
from core.places import home

WARM_AFTER = 5.0  # seconds: the first page and its first results come before

if TYPE_CHECKING:
    from core.jobs import Jobs
    from core.store import Store


@st.cache_resource(show_spinner=False)
def jobs() -> Jobs:
    """The runner of long work."""
    from core.jobs import Jobs

    return Jobs(WORKERS.value, QUEUE.value, alive)


@st.cache_resource(show_spinner=False)
def warmed() -> bool:
    """Get the worker that lays out maps going, once per server, a moment after the first page with data:
    compiling takes seconds.
    """
    import threading

    def work() -> None:
        from core.analyses.projection.worker import warm

        warm()

    timer = threading.Timer(WARM_AFTER, work)
    timer.daemon = True
    timer.start()
    return True


def store() -> Store:
    """The decisions on disk, in the workspace of now."""
    return _store(str(home()))


@st.cache_resource(show_spinner=False, max_entries=4)
def _store(place: str) -> Store:
    from pathlib import Path

    from core.store import Store

    return Store(Path(place))
