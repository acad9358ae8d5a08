"""The seam between what is worked out and who works: threads here, a cluster behind the same three methods
later.
"""

from __future__ import annotations

import contextlib
import functools
import os
import sys
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
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


_IMPORTING = threading.Lock()
_WITH_BLAS = ("scipy.linalg", "cv2")  # each brings a library of its own, beside numpy's


_IDLE: defaultdict[int, list[ThreadPoolExecutor]] = defaultdict(list)  # by how many threads each has
_STAY = 4  # of those with as many threads


@contextlib.contextmanager
def _pool(threads: int) -> Iterator[ThreadPoolExecutor]:
    """Threads that nobody else works with meanwhile (a leaf may have parts of its own); they stay for the
    next, as to start one takes as long as many a leaf.
    """
    try:
        pool = _IDLE[threads].pop()
    except IndexError:
        pool = ThreadPoolExecutor(threads, thread_name_prefix="winnow-leaf")
    try:
        yield pool
    finally:
        if len(_IDLE[threads]) < _STAY:
            _IDLE[threads].append(pool)
        else:
            pool.shutdown(wait=False)


class LocalThreads:
    """Threads of this process; numpy, Arrow and DuckDB release the interpreter lock."""

    def __init__(self, threads: int | None = None) -> None:
        self.threads = threads or min(8, os.cpu_count() or 1)

    def map(self, leaf: Callable[[P], R], parts: Sequence[P]) -> Iterator[R]:
        """As `Workers.map`, each leaf with one thread for linear algebra. An exception in a leaf cancels the
        parts that have not begun. One part alone is worked on by who asks.
        """
        with one_blas_thread():
            if len(parts) == 1:
                yield leaf(parts[0])
            else:
                yield from self._side_by_side(leaf, parts)

    def _side_by_side(self, leaf: Callable[[P], R], parts: Sequence[P]) -> Iterator[R]:
        with _pool(self.threads) as pool:
            begun = deque(pool.submit(leaf, part) for part in parts)
            try:
                while begun:
                    yield begun.popleft().result()
            finally:
                for future in begun:
                    future.cancel()
                wait(begun)

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


def openmp_threads(threads: int) -> contextlib.AbstractContextManager[Any]:
    """A context in which loops of compiled libraries, begun by this thread, run on so many threads."""
    import_models()
    context: contextlib.AbstractContextManager[Any] = _libraries().limit(limits=threads, user_api="openmp")
    return context


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """A context in which libraries start no threads of their own: where there is little to do, they wait for
    each other longer than they work.
    """
    with one_blas_thread(), openmp_threads(1):
        yield


def one_blas_thread() -> contextlib.AbstractContextManager[Any]:
    """A context in which linear algebra works on one thread: beside other threads its own wait for each
    other, spinning, longer than they work; and sums come in one order, whatever the cores. Winnow's own
    processes begin so (``core/__init__.py``); this is for those that loaded numpy before.
    """
    loaded = tuple(name in sys.modules for name in _WITH_BLAS)
    context: contextlib.AbstractContextManager[Any] = _linear_algebra(loaded).limit(limits=1, user_api="blas")
    return context


@functools.cache
def _linear_algebra(loaded: tuple[bool, ...]) -> Any:
    """The libraries for linear algebra where these of `_WITH_BLAS` are loaded."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


@functools.cache
def _libraries() -> Any:
    """The libraries with threads of their own; looked for once, as that takes milliseconds."""
    import sklearn.ensemble  # noqa: F401  (a limit holds only for libraries that are loaded)
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def import_models() -> None:
    """Import what models need, once, whoever asks first; the others wait. Two threads that import parts of
    scikit-learn for the first time side by side find each other's modules half done, so this stands before
    threads that do.
    """
    with _IMPORTING:
        _libraries()


def imports_done() -> None:
    """Wait until what is imported by another thread is there."""
    with _IMPORTING:
        pass


def import_ahead() -> None:
    """Import in the background what models need, while a source is still being read; returns at once. What
    calls `imports_done` waits for it.
    """
    _IMPORTING.acquire()

    def work() -> None:
        try:
            with contextlib.suppress(RuntimeError):  # the program ends already, as without such a source
                _libraries()
        finally:
            _IMPORTING.release()

    threading.Thread(target=work, name="winnow-ahead").start()


def at_once(*work: Callable[[], Any]) -> list[Any]:
    """What each piece of work gives, done side by side, begun in this order: long work stands before short,
    so that no thread is left alone with it.
    """
    import_models()
    return list(LocalThreads().map(lambda piece: piece(), work))
