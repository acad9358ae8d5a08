"""Near pairs are those that comparing all pairs finds, also where many texts share a segment."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import Cancelled
from core.numerics.near_texts import near_distance, near_pairs
from core.progress import Progress
from tests.examples import examples


def swaps(text: str) -> set[str]:
    return {text[:at] + text[at + 1] + text[at] + text[at + 2 :] for at in range(len(text) - 1)} - {text}


def tables(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Levenshtein's distance of all pairs, by the whole table. one: n x l; other: m x k; n x m."""
    above = [np.full((len(one), len(other)), place, np.int8) for place in range(other.shape[1] + 1)]
    for at in range(one.shape[1]):
        row = [above[0] + 1]
        for place in range(other.shape[1]):
            change = above[place] + (one[:, at, None] != other[None, :, place])
            row.append(np.minimum(np.minimum(row[-1], above[place + 1]) + 1, change).astype(np.int8))
        above = row
    return above[-1]


def by_hand(texts: list[str], groups: list[int]) -> dict[tuple[int, int], int]:
    """All near pairs and their distances, by comparing all."""
    lengths = np.array([len(text) for text in texts])
    blocks = {
        length: (ids := np.flatnonzero(lengths == length), np.array([[*map(ord, texts[at])] for at in ids]))
        for length in sorted(set(lengths.tolist()))
        if near_distance(length)
    }
    found = {}
    for length, (ids, letters) in blocks.items():
        for longer in range(near_distance(length) + 1):
            others, their = blocks.get(length + longer, (ids[:0], letters))
            apart = tables(letters, their)[:, : len(others)]
            for one, other in np.argwhere(apart <= near_distance(length)):
                found[ids[one], others[other]] = int(apart[one, other])
    place = {text: at for at, text in enumerate(texts)}
    for text, at in place.items():
        found |= {(at, place[swap]): 1 for swap in swaps(text) & place.keys() if near_distance(len(text))}
    return {
        (int(min(pair)), int(max(pair))): distance
        for pair, distance in found.items()
        if pair[0] != pair[1] and groups[pair[0]] == groups[pair[1]]
    }


def found_by(texts: list[str], groups: list[int], **limits: int) -> dict[tuple[int, int], int]:
    pairs = near_pairs(texts, np.array(groups, dtype=np.int64), **limits)
    keys = list(zip(pairs.one.tolist(), pairs.other.tolist(), strict=True))
    assert keys == sorted(set(keys))
    return dict(zip(keys, pairs.distance.tolist(), strict=True))


def edited(draw: np.random.Generator, text: str, letters: str) -> str:
    at, letter = int(draw.integers(len(text))), letters[draw.integers(len(letters))]
    kind = draw.integers(4)
    if kind == 3 and at + 1 < len(text):
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return text[:at] + ("", letter, letter + text[at], letter)[kind] + text[at + 1 :]


def crowd(seed: int, n: int, letters: str) -> list[str]:
    """Random texts of 3 to 16 letters, many of them a few edits of others."""
    draw = np.random.default_rng(seed)
    texts = {"".join(draw.choice([*letters], draw.integers(3, 17))) for _ in range(n // 4)}
    while len(texts) < n:
        text = sorted(texts)[draw.integers(len(texts))]
        for _ in range(draw.integers(1, 4)):
            text = edited(draw, text, letters) or "a"
        texts.add(text)
    return [str(text) for text in draw.permutation(sorted(texts))]


@pytest.mark.parametrize(
    ("letters", "seed"), [("abcdefghijklmnopqrstuvwxyz ", 1), ("acgt", 2), ("aé字😀", 3)]
)
def test_pairs_equal_comparing_all_of_two_thousand(letters: str, seed: int) -> None:
    texts = crowd(seed, 2_000, letters)
    groups = np.random.default_rng(seed).choice(2, len(texts), p=[0.9, 0.1]).tolist()
    wanted = by_hand(texts, groups)
    assert len(wanted) > 300
    assert len(set(wanted.values())) == 2
    assert found_by(texts, groups) == wanted


@settings(max_examples=examples(60), deadline=None)
@given(st.lists(st.text("ab c", min_size=0, max_size=14), max_size=24, unique=True))
def test_pairs_equal_comparing_all(texts: list[str]) -> None:
    groups = [0] * len(texts)
    assert found_by(texts, groups) == by_hand(texts, groups)


def test_beyond_the_limit_some_pairs_are_left_out_and_counted_but_none_of_one_edit() -> None:
    draw = np.random.default_rng(4)
    tails = {"".join(draw.choice([*"abcdefghij"], 5)) for _ in range(500)}
    texts = sorted(f"department of {tail}" for tail in tails)
    groups = [0] * len(texts)
    exact = near_pairs(texts, np.array(groups))
    limited = near_pairs(texts, np.array(groups), most=2_000)
    assert exact.skipped == 0
    assert limited.candidates <= 2_000
    assert limited.skipped + limited.candidates == exact.candidates
    every, some = by_hand(texts, groups), found_by(texts, groups, most=2_000)
    assert found_by(texts, groups) == every
    assert some.items() < every.items()
    swapped = {pair for pair in every if texts[pair[1]] in swaps(texts[pair[0]])}
    assert {pair for pair, distance in every.items() if distance == 1} - swapped <= some.keys()


def test_no_text_and_short_ones_have_no_pairs() -> None:
    assert found_by([], []) == {}
    assert found_by(["", "a", "oslo", "osla"], [0] * 4) == {}


def test_work_can_be_stopped() -> None:
    with pytest.raises(Cancelled):
        near_pairs(["bergen", "bregen"], np.zeros(2, np.int64), progress=Progress(stop=lambda: True))
