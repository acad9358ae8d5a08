"""The seam between what is worked out and who works: threads here, a cluster behind the same three methods
later.
"""

from __future__ import annotations

import contextlib
import functools
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol, TypeVar

P = TypeVar("P")
R = TypeVar("R")


class Workers(Protocol):
    """Who does the work. A leaf is one call on one part that returns a small mergeable partial."""

    def map(self, leaf: Callable[[P], R], parts: Sequence[P]) -> Iterator[R]:
        """``leaf`` of every part, in the order of the parts."""

    def tree(self, merge: Callable[[R, R], R], partials: Iterable[R]) -> R:
        """All partials merged in a binary tree of fixed shape, so that the result does not depend on who was
        first.
        """

    def joblib_context(self) -> contextlib.AbstractContextManager[Any]:
        """A context in which scikit-learn's parallel loops run on these workers."""


class LocalThreads:
    """Threads of this process; numpy, Arrow and DuckDB release the interpreter lock."""

    def __init__(self, threads: int | None = None) -> None:
        self.threads = threads or min(8, os.cpu_count() or 1)

    def map(self, leaf: Callable[[P], R], parts: Sequence[P]) -> Iterator[R]:
        """As `Workers.map`. An exception in a leaf cancels the parts that have not begun."""
        with ThreadPoolExecutor(self.threads, thread_name_prefix="winnow-leaf") as pool:
            try:
                yield from pool.map(leaf, parts)
            finally:
                pool.shutdown(wait=True, cancel_futures=True)

    def tree(self, merge: Callable[[R, R], R], partials: Iterable[R]) -> R:
        """As `Workers.tree`. Raises ValueError when there is nothing to merge."""
        level = list(partials)
        if not level:
            raise ValueError("There is nothing to merge.")
        while len(level) > 1:
            pairs = [merge(a, b) for a, b in zip(level[::2], level[1::2], strict=False)]
            level = pairs + ([level[-1]] if len(level) % 2 else [])
        return level[0]

    def joblib_context(self) -> contextlib.AbstractContextManager[Any]:
        """joblib's threading backend with as many threads."""
        import joblib

        context: contextlib.AbstractContextManager[Any] = joblib.parallel_config(
            backend="threading", n_jobs=self.threads
        )
        return context


def limited(threads: int | None, api: str | None = None) -> contextlib.AbstractContextManager[Any]:
    """A context in which libraries ("blas", "openmp", None: both) work on so many threads; None: as many as
    they like.
    """
    context: contextlib.AbstractContextManager[Any] = _libraries().limit(limits=threads, user_api=api)
    return context


def one_blas_thread() -> contextlib.AbstractContextManager[Any]:
    """Around leaves that limit the threads of libraries themselves: the last of them to end would else leave
    its own limit behind.
    """
    return limited(1, "blas")


@functools.cache
def _libraries() -> Any:
    """The libraries with threads of their own; looked for once, as that takes milliseconds."""
    import sklearn.ensemble  # noqa: F401  (a limit holds only for libraries that are loaded)
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def import_ahead() -> None:
    """Import in the background what models need, while a source is still being read; returns at once."""

    def work() -> None:
        with contextlib.suppress(RuntimeError):  # the program ends already, as where there is no such source
            _libraries()

    threading.Thread(target=work, name="winnow-ahead").start()


def at_once(*work: Callable[[], Any]) -> list[Any]:
    """What each piece of work gives, done side by side, begun in this order; one thread each for linear
    algebra. So that no thread is left alone with it, long work stands before short.
    """
    with one_blas_thread():
        return list(LocalThreads().map(lambda piece: piece(), work))
