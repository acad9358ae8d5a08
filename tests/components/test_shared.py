"""What the tabs of one server share: figures drawn once, and what is tidied up for all of them."""

from __future__ import annotations

import gc
import re
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from components import server
from components.text import BREAK, plain
from components.widgets.figures_kept import MOST, FiguresKept
from core.analysis import Result
from core.run import ResultMemo
from tests.make import dataset


def drawing() -> Any:
    """A function as those of ``components.figures`` are."""

    def figure(values: Any, title: Any = "", *rest: Any) -> go.Figure:
        return go.Figure(layout={"title": {"text": f"{title} {values}"}})

    figure.__module__ = "components.figures.of_a_test"
    return figure


def test_a_figure_of_the_same_result_is_drawn_once() -> None:
    kept, draw, result = FiguresKept(), drawing(), np.arange(3)
    first = kept.figure(partial(draw, result, "a"))
    assert kept.figure(partial(draw, result, "a")) is first
    others = [
        kept.figure(partial(draw, result, "b")),
        kept.figure(partial(draw, result, title="a")),
        kept.figure(partial(draw, np.arange(3), "a")),
        kept.figure(partial(drawing(), result, "a")),
        kept.figure(partial(draw, result, 1)),
        kept.figure(partial(draw, result, True)),
    ]
    assert len({id(one) for one in (first, *others)}) == 7


def test_a_figure_of_the_same_data_is_drawn_once_whichever_tab_opened_them() -> None:
    frame = pd.DataFrame({"x": np.arange(30.0), "y": [0, 1, 2] * 10})
    kept, draw, result = FiguresKept(), drawing(), np.arange(3)
    one, other = dataset(frame), dataset(frame)
    first = kept.figure(partial(draw, result, one))
    assert one is not other and kept.figure(partial(draw, result, other)) is first
    assert kept.figure(partial(draw, result, other.with_roles(target="y"))) is not first


def test_a_figure_of_a_result_that_is_gone_is_not_taken_for_that_of_another() -> None:
    kept, draw = FiguresKept(), drawing()
    for turn in range(200):  # places in memory come again
        one = np.full(3, turn)
        assert str(one) in kept.figure(partial(draw, one)).layout.title.text
        del one


def test_what_cannot_be_told_apart_is_drawn_anew() -> None:
    kept, draw = FiguresKept(), drawing()
    values = [1, 2]
    assert kept.figure(partial(draw, values)) is not kept.figure(partial(draw, values))
    assert kept.figure(partial(draw, kept.figure)) is not kept.figure(partial(draw, kept.figure))
    make = lambda: draw(values)  # noqa: E731
    assert kept.figure(make) is not kept.figure(make)


def test_the_least_recently_used_figures_go() -> None:
    kept, draw = FiguresKept(), drawing()
    first = kept.figure(partial(draw, 0))
    for number in range(1, MOST):
        kept.figure(partial(draw, number))
    assert kept.figure(partial(draw, 0)) is first
    kept.figure(partial(draw, MOST))
    assert kept.figure(partial(draw, 0)) is first and len(kept._kept) == MOST


def test_tidying_up_frees_what_holds_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    class Held:
        pass

    gc.disable()
    try:
        one = Held()
        one.me = one  # type: ignore[attr-defined]
        still = weakref.ref(one)
        del one
        assert still() is not None
        monkeypatch.setattr(server, "TIDY_EVERY", 0.0)
        server._DRAWN.set()
        server.tidy()
    finally:
        gc.enable()
    assert still() is None and not server._DRAWN.is_set()


def test_the_memo_counts_what_comes_in_and_goes() -> None:
    class Small(Result):
        nbytes = 1  # type: ignore[assignment]

    memo, turns = ResultMemo(), [0]
    memo.put(("f", "v", "name", None), Small.__new__(Small))  # type: ignore[arg-type]
    turns.append(memo.turn)
    memo.get(("f", "v", "name", None))  # type: ignore[arg-type]
    assert memo.turn == turns[-1]
    memo.forget("f")
    turns.append(memo.turn)
    assert turns == sorted(set(turns))


@pytest.fixture
def nobody_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_NEXT", "_DRAWING"):
        monkeypatch.setattr(server, name, threading.Semaphore())
    monkeypatch.setattr(server, "LONG", 60.0)


def test_pages_are_drawn_one_after_the_other(nobody_draws: None) -> None:
    begun, end, most, counted = [0], threading.Event(), [0], threading.Lock()

    def draw(wait: threading.Event | None = None) -> None:
        with server.in_turn():
            with counted:
                begun[0] += 1
                most[0] = max(most[0], begun[0])
            assert wait is None or wait.wait(60)
            with counted:
                begun[0] -= 1

    with ThreadPoolExecutor(8) as pool:
        drawing = [pool.submit(draw, end) for _ in range(6)]
        while begun[0] < 1:
            assert not any(one.done() for one in drawing)
        end.set()
    assert [one.result() for one in drawing] == [None] * 6 and most == [1]


def test_a_page_that_ends_by_an_error_gives_its_turn_back(nobody_draws: None) -> None:
    for _ in range(3):
        with pytest.raises(KeyError), server.in_turn():
            raise KeyError("a page")
    assert server._DRAWING.acquire(blocking=False) and server._NEXT.acquire(blocking=False)


def test_a_page_that_draws_long_does_not_hold_up_the_others(
    nobody_draws: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "LONG", 0.01)
    with server.in_turn():
        for _ in range(2):
            with server.in_turn():
                pass
        assert not server._DRAWING.acquire(blocking=False)
    assert server._DRAWING.acquire(blocking=False) and not server._DRAWING.acquire(blocking=False)


@pytest.mark.parametrize(
    "name",
    [
        "alcohol.content",
        "flights 2024.csv",
        "ns:key",
        "time: 12:30",
        "12:30:45",
        "2020-01-01 10:00:00",
        "2020-01-01T10:00:00+01:00",
        "00:1:2:345:6",
        "user@host",
        "@id",
        "x:",
        "a.b.c",
        "C:",
    ],
)
def test_a_name_that_is_copied_from_the_page_is_the_name(name: str) -> None:
    """No character that nobody sees stands in it: searched for elsewhere, the copy is found."""
    assert re.sub(r"\\(.)", r"\1", plain(name)) == name


@pytest.mark.parametrize(
    "text",
    [
        "www.a.b",
        "http://a.b",
        "https://x",
        "me@host.org",
        ":smile:",
        "a:material/home:",
        ":red[x]",
        ":a: :b:",
        "C::a::b",
        ":100:",
        "a:1234:",
        "ok:+1:",
    ],
)
def test_what_would_become_a_link_or_a_picture_is_broken_without_being_seen(text: str) -> None:
    broken = re.sub(r"\\(.)", r"\1", plain(text))
    pieces = broken.split(BREAK)
    assert len(pieces) > 1 and "".join(pieces) == text
    for piece in pieces:
        assert not re.search(r"www\.|://\w|\w@[\w-]+\.|:[\w/]+:|:\w+\[", piece)
