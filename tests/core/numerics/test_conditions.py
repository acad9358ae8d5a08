"""Conditions on a column: numbers of every type are compared as numbers, to the last digit."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.numerics.conditions import holds, numbers_only

WHOLE = {"int64": (-(2**63), 2**63 - 1), "uint64": (0, 2**64 - 1), "int8": (-128, 127)}


@pytest.mark.parametrize("kind", WHOLE)
@given(data=st.data())
def test_whole_numbers_are_compared_exactly(kind: str, data: st.DataObject) -> None:
    low, high = WHOLE[kind]
    near = st.sampled_from([low, high, 0, min(2**53 + 1, high)])
    numbers = data.draw(st.lists(st.none() | st.integers(low, high) | near, max_size=8))
    bound = data.draw(
        st.integers(low - 3, high + 3).map(Decimal)
        | st.decimals(low, high, allow_nan=False, places=1)
        | near.map(Decimal)
    )
    values = pa.chunked_array([pa.array(numbers, kind)])
    for op, right in (
        ("<", [None if n is None else n < bound for n in numbers]),
        ("<=", [None if n is None else n <= bound for n in numbers]),
        (">", [None if n is None else n > bound for n in numbers]),
        (">=", [None if n is None else n >= bound for n in numbers]),
        ("between", [None if n is None else low <= n <= bound for n in numbers]),
        ("is", [None if n is None else n == bound for n in numbers]),
    ):
        wanted = (Decimal(low), bound) if op == "between" else (bound,)
        assert holds(values, op, *wanted).to_pylist() == right, (op, numbers, bound)
    assert holds(values, "equals", f"{bound:f}").equals(holds(values, "is", bound))


@given(st.lists(st.none() | st.decimals(-1000, 1000, allow_nan=False, places=25), max_size=8), st.data())
def test_decimals_in_text_are_compared_to_the_last_digit(
    numbers: list[Decimal | None], data: st.DataObject
) -> None:
    known = [n for n in numbers if n is not None]
    bound = data.draw(st.sampled_from(known) if known else st.just(Decimal(1)))
    values = pa.chunked_array([pa.array([None if n is None else f"{n:f}" for n in numbers], pa.string())])
    assert numbers_only(values) == bool(known)
    hit = holds(values, ">", bound).to_pylist()
    assert [bool(h) for h in hit] == [n is not None and n > bound for n in numbers]


def test_values_are_equal_to_what_is_shown_of_them() -> None:
    floats = pa.chunked_array([pa.array([5.0, 1e20, 0.1, None])])
    assert [holds(floats, "equals", text).to_pylist()[:3] for text in ("5.0", "5", "1e+20", "0.1", "x")] == [
        [True, False, False],
        [True, False, False],
        [False, True, False],
        [False, False, True],
        [False, False, False],
    ]
    flags = pa.chunked_array([pa.array([True, False, None])])
    assert holds(flags, "equals", "True").to_pylist() == [True, False, None]
    days = pa.chunked_array(
        [pa.array([datetime(2020, 1, 1), datetime(2021, 5, 6, 7, 8, 9)], pa.timestamp("us"))]
    )
    for text, right in (
        ("2020-01-01", [True, False]),
        ("2020-01-01 00:00:00", [True, False]),
        ("2021-05-06T08:08:09+01:00", [False, True]),
        ("soon", [False, False]),
    ):
        assert holds(days, "equals", text).to_pylist() == right


@pytest.mark.parametrize("texts", [["1,5"], ["1 000"], ["x", "1"], ["٣"], ["1e9999999"], [""]])
def test_text_that_is_no_number_is_not_compared(texts: list[str | None]) -> None:
    values = pa.chunked_array([pa.array(texts, pa.string())])
    assert not numbers_only(values)
    with pytest.raises(TypeError):
        holds(values, "<", Decimal(1))
