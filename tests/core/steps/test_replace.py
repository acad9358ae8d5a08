"""Find and replace: whole cells, parts, patterns; against Python's own, and what RE2 does not have."""

from __future__ import annotations

import re

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as how
from hypothesis import strategies as st

from core.filters import Filter
from tests.core.steps.acting import after, refused, rule, values
from tests.examples import examples
from tests.make import at_most

TOWNS = ["New York", "new york", "York", None, "Yorkshire", "a.b (c)", "\\1"]
DATA = pd.DataFrame({"town": TOWNS, "n": range(7)})


@pytest.mark.parametrize(
    ("settings", "wanted"),
    [
        ({"find": "York", "into": "Jorvik"}, ["New York", "new york", "Jorvik", None, "Yorkshire"]),
        (
            {"find": "York", "into": "J", "how": "part"},
            ["New J", "new york", "J", None, "Jshire"],
        ),
        (
            {"find": "york", "into": "", "how": "whole cell", "case": False},
            ["New York", "new york", None, None, "Yorkshire"],
        ),
        (
            {"find": "(?P<a>new) (york)", "into": r"\2 \1", "how": "pattern", "case": False},
            ["York New", "york new", "York", None, "Yorkshire"],
        ),
        ({"find": "^York$", "into": "x", "how": "pattern"}, ["New York", "new york", "x", None, "Yorkshire"]),
    ],
)
def test_it_writes_what_is_found_otherwise(settings: dict[str, object], wanted: list[str | None]) -> None:
    data, settled = after(DATA, rule("replace", "town", **settings))
    assert values(data, "town")[:5] == wanted and values(data, "town")[5:] == TOWNS[5:]
    assert settled.effects[0].cells == sum(a != b for a, b in zip(TOWNS, wanted, strict=False))


@how(max_examples=examples(20))
@given(
    st.lists(st.text("aA.b\\*(1é ", max_size=6), min_size=1, max_size=8),
    st.text("aA.b\\*(1é ", min_size=1, max_size=3),
    st.text("aA.b\\1$ ", max_size=3),
    st.booleans(),
)
def test_a_part_is_taken_as_it_is_written(cells: list[str], find: str, into: str, case: bool) -> None:
    frame = pd.DataFrame({"t": [cell or None for cell in cells] + ["x"]})
    made = values(after(frame, rule("replace", "t", find=find, into=into, how="part", case=case))[0], "t")
    flags = re.NOFLAG if case else re.IGNORECASE
    plain = [re.sub(re.escape(find), lambda _: into, cell, flags=flags) or None for cell in cells]
    assert made[:-1] == plain


def test_it_can_be_held_to_rows() -> None:
    held = rule("replace", "town", rows=Filter.parse("n >= 2"), find="York", into="J", how="part")
    assert values(after(DATA, held)[0], "town")[:5] == ["New York", "new york", "J", None, "Jshire"]


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"find": "x(?=y)"}, "which has no look-ahead (character 2)."),
        ({"find": "(?<!y)x"}, "which has no look-behind (character 1)."),
        ({"find": r"(x)\1"}, "which has no back reference (character 4)."),
        ({"find": "xa++"}, "which has no possessive repetition (character 3)."),
        ({"find": "(a"}, "is no pattern of RE2: missing ) (character 1)."),
        ({"find": "b[z-a]"}, "is no pattern of RE2: invalid character class range (character 3)."),
        ({"find": "a{1001}"}, "is no pattern of RE2: invalid repetition size (character 2)."),
        ({"find": "a" * 501}, "has at most 500 characters."),
        ({"find": "a", "into": r"\1"}, "cannot be the replacement"),
        ({"find": ""}, "Give the text to find"),
    ],
)
def test_what_cannot_be_looked_for_is_told_in_one_sentence(settings: dict[str, str], sentence: str) -> None:
    assert sentence in refused(DATA, rule("replace", "town", how="pattern", **settings))


def test_numbers_have_no_text() -> None:
    assert "'n' is of kind numeric" in refused(DATA, rule("replace", "n", find="1"))


def test_a_pattern_never_takes_long() -> None:
    frame = pd.DataFrame({"t": ["a" * 5_000 + "!" + str(i) for i in range(2_000)]})
    with at_most(10):  # a second, most of it for the data set
        after(frame, rule("replace", "t", find="^(a+)+$", into="x", how="pattern"))
