"""The tree of chunks: what each merge holds, and its drawing."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest

from core.coreset import BuildPlan, Coreset, SampleSize, build, without
from core.coreset.chunk_tree import SHOWN, Chunk, chunk_tree, drawing
from core.rowset import RowSet
from core.workers import LocalThreads
from tests.core.coreset.rows import frame
from tests.make import dataset

NAMES = ("day <b>&amp;.csv", 'a "quoted" \u202e name.csv', "x" * 60 + ".csv", "\x00\ud800.csv", "e.csv")

SIZES = (1_500, 1_500, 1_000, 1_200, 800)


@pytest.fixture(scope="module")
def small() -> Coreset:
    """Five parts; the rows of the last one lie farther out."""
    rows, ends = frame(), np.cumsum(SIZES)
    rows.loc[rows.index >= ends[3], ["a", "b"]] *= 3.0
    parts = [rows[past - size : past] for size, past in zip(SIZES, ends, strict=True)]
    data = [dataset(part.reset_index(drop=True), target="y") for part in parts]
    made = build(data, BuildPlan(wanted=SampleSize(size=300)))
    named = zip(made.leaves, NAMES, strict=True)
    return replace(made, leaves=tuple(replace(leaf, name=name) for leaf, name in named))


def merges(chunk: Chunk) -> object:
    return tuple(map(merges, chunk.halves)) if chunk.halves else chunk.first


@pytest.mark.parametrize("parts", [1, 2, 3, 5, 6, 7, 13])
def test_chunks_are_merged_as_workers_merge_them(small: Coreset, parts: int) -> None:
    many = replace(small, leaves=(small.leaves * 3)[:parts])
    tree = chunk_tree(many)
    assert merges(tree) == LocalThreads(1).tree(lambda one, other: (one, other), range(parts))
    for chunk in tree.walk():
        if chunk.halves:
            assert (chunk.first, chunk.past) == (chunk.halves[0].first, chunk.halves[-1].past)
            assert chunk.name == f"parts {chunk.first + 1}\N{EN DASH}{chunk.past}"


def test_each_chunk_holds_the_rows_of_its_parts(small: Coreset) -> None:
    tree = chunk_tree(small)
    row, ends = small.sample.row, np.cumsum([0, *SIZES])
    for chunk in tree.walk():
        first, past = ends[chunk.first], ends[chunk.past]
        assert chunk.rows == past - first
        assert chunk.drawn == np.count_nonzero((row >= first) & (row < past))
    assert tree.drawn == small.sample.row.size and tree.rows == small.rows
    parts = tree.parts()
    assert tree.importance == pytest.approx(1.0)
    assert np.average([one.importance for one in parts], weights=[one.rows for one in parts]) == (
        pytest.approx(1.0)
    )
    assert max(parts, key=lambda one: one.importance) is parts[-1], "rows farther out matter more"


def test_rows_scored_again_are_counted_where_they_are(small: Coreset) -> None:
    leaf = replace(small.leaves[2], touched=RowSet([3_000, 3_001, 3_500]))
    edited = replace(small, leaves=(*small.leaves[:2], leaf, *small.leaves[3:]))
    tree = chunk_tree(edited)
    assert tree.rescored == 3 and [one.rescored for one in tree.parts()] == [0, 0, 3, 0, 0]
    marked = [one for one in _drawn(edited).iter() if one.get("class") == "rescored"]
    assert len(marked) == 4, "the part, and the merges above it"


def test_rows_removed_are_no_longer_held(small: Coreset) -> None:
    tree = chunk_tree(without(small, np.arange(1_480, 1_505)))
    assert [one.rows for one in tree.parts()] == [1_480, 1_495, *SIZES[2:]] and tree.rows == 5_975


def test_the_drawing_is_sound_whatever_parts_are_called(small: Coreset) -> None:
    texts = [one.text for one in _drawn(small).iter() if one.tag.endswith("}text")]
    assert texts[0] == f"{small.sample.row.size:,} rows for 6,000, in 5 parts"
    assert "day <b>&amp;.csv" in texts and 'a "quoted" \ufffd name.csv' in texts
    assert "\ufffd\ufffd.csv" in texts and f"{'x' * 19}…{'x' * 15}.csv" in texts
    assert {"1,500", "1,000", "1,200", "800"} < set(texts)


def test_importance_is_that_of_the_rows_whatever_they_weigh() -> None:
    rows = frame(4_000)
    rows["w"] = np.where(rows.index < 2_000, 1.0, 5.0)
    parts = [rows[:2_000], rows[2_000:].reset_index(drop=True)]
    heavy = build([dataset(part, target="y", weight="w") for part in parts], BuildPlan())
    light = build([dataset(part.drop(columns="w"), target="y") for part in parts], BuildPlan())
    for made in (heavy, light):
        first, second = chunk_tree(made).parts()
        assert 0.8 < first.importance < 1.2 and 0.8 < second.importance < 1.2


def test_equal_rows_of_two_parts_count_in_the_first() -> None:
    rows = frame(1_000).round(0)
    both = build(
        [dataset(rows, target="y"), dataset(rows[::-1].reset_index(drop=True), target="y")], BuildPlan()
    )
    first, second = chunk_tree(both).parts()
    assert second.drawn == 0 and first.drawn == both.sample.row.size
    assert first.importance == pytest.approx(second.importance)


@pytest.mark.parametrize("parts", [SHOWN, SHOWN + 1, 313])
def test_of_many_parts_those_that_merge_first_stand_on_one_line(small: Coreset, parts: int) -> None:
    one = replace(small.leaves[0], name="one")
    many = replace(small, leaves=tuple(replace(one, first=at * one.numbers) for at in range(parts)))
    svg = _drawn(many)
    first = [text for text in svg.iter() if text.tag.endswith("}text") and text.get("class") is None]
    shown = [str(text.text) for text in first if text.text != "part"]
    assert SHOWN / 2 < len(shown) <= SHOWN
    assert len([dot for dot in svg.iter() if dot.tag.endswith("}circle")]) == 2 * len(shown) - 1
    past = 0
    for text in shown:  # each part on one line, in their order
        ends = [past + 1, past + 1] if text == "one" else list(map(int, re.findall(r"\d+", text)))
        assert ends[0] == past + 1 <= ends[1]
        past = ends[1]
    assert past == parts


def _drawn(coreset: Coreset) -> ElementTree.Element:
    return ElementTree.fromstring(drawing(chunk_tree(coreset)))
