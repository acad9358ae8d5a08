"""What is kept in memory is bounded in bytes, and costs as little however many there are."""

from __future__ import annotations

from core.kept import Kept


class Sized:
    """Of a size that may change; counts how often it was measured."""

    def __init__(self, size: int) -> None:
        self.size, self.measured = size, 0

    @property
    def nbytes(self) -> int:
        self.measured += 1
        return self.size


def names(kept: Kept[str, Sized]) -> list[str]:
    return [name for name, _ in kept.items()]


def test_what_was_not_asked_for_longest_goes_first_and_so_many_stay() -> None:
    kept: Kept[str, Sized] = Kept()
    for name in "abc":
        kept.put(name, Sized(10), most=30)
    assert kept.get("a") is not None and kept.get("z") is None
    kept.put("d", Sized(10), most=30)
    assert names(kept) == ["c", "a", "d"]
    kept.put("e", Sized(99), most=30, least=1)
    assert names(kept) == ["e"]
    kept.put("f", Sized(99), most=30)
    assert names(kept) == [] and len(kept) == 0


def test_a_value_put_again_under_its_key_counts_once() -> None:
    kept: Kept[str, Sized] = Kept()
    for _ in range(5):
        kept.put("a", Sized(20), most=45)
    kept.put("b", Sized(20), most=45)
    assert names(kept) == ["a", "b"]
    kept.forget(lambda name: name == "a")
    kept.put("c", Sized(20), most=45)
    assert names(kept) == ["b", "c"]


def test_what_grew_meanwhile_is_seen_when_it_is_asked_for_and_soon_where_it_is_not() -> None:
    for asked in (True, False):
        kept: Kept[str, Sized] = Kept()
        old = Sized(10)
        kept.put("old", old, most=100)
        old.size = 1_000
        if asked:
            kept.get("old")
        for name in "abc":
            kept.put(name, Sized(10), most=100)
        assert "old" not in names(kept), asked


def test_many_values_are_measured_a_few_times_each() -> None:
    kept: Kept[str, Sized] = Kept()
    every = [Sized(1) for _ in range(2_000)]
    for place, one in enumerate(every):
        kept.put(str(place), one, most=1e9)
    assert sum(one.measured for one in every) < 4 * len(every)
