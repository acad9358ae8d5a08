"""What all tabs of one server share: the job runner and the store of decisions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from components.adapter import alive
from core.limits import QUEUE, WORKERS
from core.places import home

if TYPE_CHECKING:
    from core.jobs import Jobs
    from core.store import Store


@st.cache_resource(show_spinner=False)
def jobs() -> Jobs:
    """The runner of long work."""
    from core.jobs import Jobs

    return Jobs(WORKERS.value, QUEUE.value, alive)


def store() -> Store:
    """The decisions on disk, in the workspace of now."""
    return _store(str(home()))


@st.cache_resource(show_spinner=False, max_entries=4)
def _store(place: str) -> Store:
    from pathlib import Path

    from core.store import Store

    return Store(Path(place))
