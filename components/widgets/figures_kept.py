"""Figures that all tabs of one server share: drawn once from the same results, by whoever looks first."""

from __future__ import annotations

import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from types import MethodType
from typing import TYPE_CHECKING, Any

from core.dataset import Dataset

if TYPE_CHECKING:
    import plotly.graph_objects as go

MOST = 200  # figures kept; the least recently used go first
PLAIN = (str, int, float, bool, type(None))
OURS = "components.figures."


class FiguresKept:
    """Figures by the function that draws them and by what it is given: plain values by what they are, data
    sets by their versions, results by being the very same object, which all tabs share too. Safe to share
    between threads.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[Any, tuple[list[weakref.ref[Any]], go.Figure]] = OrderedDict()
        self._lock = threading.Lock()

    def figure(self, make: Callable[[], go.Figure]) -> go.Figure:
        """What ``make`` draws; shared where it is a `partial` of a function of ``components.figures``, as
        those look at nothing but what they are given.
        """
        if not isinstance(make, partial) or not make.func.__module__.startswith(OURS):
            return make()
        given = (*make.args, *make.keywords.values())
        held = _held([one for one in given if not (_plain(one) or isinstance(one, Dataset))])
        if held is None:
            return make()
        key = (make.func, *make.keywords, *map(_token, given))
        with self._lock:
            known = self._kept.get(key)
            if known is not None and all(one() is not None for one in known[0]):
                self._kept.move_to_end(key)
                return known[1]
        figure = make()
        with self._lock:
            self._kept[key] = (held, figure)
            self._kept.move_to_end(key)
            while len(self._kept) > MOST:
                self._kept.popitem(last=False)
        return figure


def _held(values: list[Any]) -> list[weakref.ref[Any]] | None:
    """How to ask whether these are still there; None where one cannot be asked, or is gone at once, as a
    method taken from its object is.
    """
    try:
        held = [weakref.ref(one) for one in values]
    except TypeError:  # lists, mappings and the like
        return None
    return None if any(isinstance(one, MethodType) for one in values) else held


def _plain(value: Any) -> bool:
    return type(value) in PLAIN or (type(value) is tuple and all(map(_plain, value)))


def _token(value: Any) -> Any:
    """What a value is told by: itself, with its type, as 1 equals True; its version; or its place in
    memory.
    """
    if isinstance(value, Dataset):
        return value.version
    return (type(value), repr(value)) if _plain(value) else id(value)
