"""The one child process that lays out maps, kept warm for all sessions."""

from __future__ import annotations

import threading

from core.analyses.projection import layout
from core.places import compiled
from core.process import Resident

WORKER = Resident(environment=lambda: {"NUMBA_CACHE_DIR": str(compiled())})
_warming = threading.Lock()


def warm(method: str = "umap") -> None:
    """Get the child going in the background for maps by "umap" or "tsne", unless there is one or that is
    under way; returns at once.
    """
    if WORKER.alive:
        return

    def work() -> None:
        try:
            WORKER.call(layout.warm_tsne if method == "tsne" else layout.warm)
        finally:
            _warming.release()

    if _warming.acquire(blocking=False):
        threading.Thread(target=work, name="winnow-warm", daemon=True).start()
