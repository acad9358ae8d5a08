"""Parts worked on side by side: in order, by threads that stay for the next."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from core import workers
from core.workers import LocalThreads


@pytest.fixture(autouse=True)
def none_idle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "_IDLE", type(workers._IDLE)(list))


def test_results_come_in_the_order_of_the_parts_by_as_many_threads() -> None:
    both = threading.Barrier(2)  # broken, unless two parts are at work at once

    def leaf(part: int) -> int:
        both.wait(60)
        return part * part

    assert list(LocalThreads(2).map(leaf, range(6))) == [0, 1, 4, 9, 16, 25]
    assert list(LocalThreads(2).map(leaf, [])) == []


def test_the_same_threads_work_again() -> None:
    def who(_: int) -> str:
        return threading.current_thread().name

    first = {name for _ in range(5) for name in LocalThreads(1).map(who, range(3))}
    assert len(first) == 1 and threading.current_thread().name not in first
    assert list(LocalThreads(1).map(who, [0])) == [threading.current_thread().name], "one part alone"


def test_a_leaf_may_have_parts_of_its_own() -> None:
    def leaf(part: int) -> int:
        return sum(LocalThreads(2).map(lambda other: part * other, range(4)))

    assert list(LocalThreads(2).map(leaf, range(8))) == [6 * part for part in range(8)]


def test_a_leaf_that_fails_or_is_not_asked_for_leaves_the_threads_to_the_next() -> None:
    begun: list[int] = []

    def leaf(part: int) -> float:
        begun.append(part)
        if part:
            time.sleep(0.005)  # so that who asks for the first hears of its end before the last has begun
        return 1 / part

    with pytest.raises(ZeroDivisionError):
        list(LocalThreads(1).map(leaf, [0, *range(1, 1_000)]))
    assert len(begun) < 1_000, "those not begun are called off"
    work = LocalThreads(1).map(leaf, [1, 2, 4])
    assert next(work) == 1.0
    work.close()
    assert list(LocalThreads(1).map(leaf, [4, 2])) == [0.25, 0.5]
    assert len(workers._IDLE[1]) == 1


def test_few_threads_stay_after_many_at_once() -> None:
    with ThreadPoolExecutor(12) as many:
        at_once = threading.Barrier(12)
        list(many.map(lambda _: list(LocalThreads(1).map(lambda _: at_once.wait(60), [0, 0][:2])), range(12)))
    assert len(workers._IDLE[1]) == workers._STAY
