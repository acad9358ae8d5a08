"""Levels as codes, whatever the order of the rows."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from core.prepare.levels import level_codes, missing_label

WORDS = ["missing", None, "missing", None, "Oslo", "Oslo", "(no)"]


def coded(words: list[str | None]) -> list[str]:
    codes, texts = level_codes(pa.chunked_array([pa.array(words, pa.string())]))
    return [texts[code] for code in codes]


@pytest.mark.parametrize("seed", range(6))
def test_the_text_missing_is_another_level_than_no_value(seed: int) -> None:
    order = np.random.default_rng(seed).permutation(len(WORDS))
    shuffled = [WORDS[at] for at in order]
    assert coded(shuffled) == ["(missing)" if word is None else word for word in shuffled]
    codes, texts = level_codes(pa.chunked_array([pa.array(shuffled, pa.string())]))
    assert texts == ["(missing)", "Oslo", "missing", "(no)"]  # by count, then by text
    assert len(set(codes.tolist())) == len(texts) == len(set(texts))


def test_without_such_a_text_the_gap_has_the_plain_name() -> None:
    assert coded(["a", None]) == ["a", "missing"] and coded(["missing"]) == ["missing"]
    assert missing_label(["missing", "(missing)"]) not in ("missing", "(missing)")
