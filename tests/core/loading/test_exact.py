"""Different texts never become one number or one time, and nothing is a repeat because of rounding."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.dataset import Dataset
from core.errors import ColumnError
from core.loading import load, retype
from core.run import run
from tests.core.loading.reading import new_folder, read
from tests.examples import examples


def column(cells: list[str], *serve: list[str]) -> Dataset:
    parts = [("v\tw\n" + "".join(f"{cell}\tx\n" for cell in part)).encode() for part in (cells, *serve)]
    return read(*parts)


def values(dataset: Dataset) -> list[object]:
    return dataset.table(["v"]).column(0).to_pylist()


def repeats(dataset: Dataset) -> int:
    return int(run("duplicates", dataset).summary["excess_rows"])


IDS = [str(1_234_567_890_123_456_700 + i) for i in range(100)]
DECIMALS = [f"0.123456789012345{i:05d}" for i in range(100)]


@pytest.mark.parametrize(
    "cells",
    [
        [*IDS, "12.5"],
        DECIMALS,
        [cell.replace(".", ",") for cell in DECIMALS],
        [f"587E{590_003 + i}" for i in range(100)],
        [f"{587 + i}E590" for i in range(100)],
        ["12E3", "120E2", "1200E1", "7"],
        ["0.1", "0.10000000000000001", "0.2"],
        ["1,234,567.123456789012", "1,234,567.1234567890123", "5"],
        ["0E-19", "0.1E-323", "5"],
        ["1.23E-322", "1.24E-322", "5"],
    ],
    ids=[
        "ids",
        "decimals",
        "comma",
        "huge codes",
        "codes",
        "small codes",
        "one digit",
        "thousands",
        "zero",
        "tiny",
    ],
)
def test_texts_that_would_meet_in_one_number_stay_text_and_are_no_repeats(cells: list[str]) -> None:
    dataset = column(cells)
    assert (dataset["v"].stored, values(dataset)) == ("string", cells)
    assert repeats(dataset) == 0


def test_the_note_names_two_of_them() -> None:
    note = column([*IDS, "12.5"])["v"].note
    assert note == f"Kept as text: '{IDS[0]}' and '{IDS[1]}' would become one number."


def test_another_way_of_writing_the_same_number_may_meet() -> None:
    cells = ["1.5", "1.50", "1.500000000000000000000", "15e-1", "+1.5", "1e3", "1000"]
    dataset = column(cells)
    assert (dataset["v"].stored, values(dataset)) == ("double", [1.5] * 5 + [1000.0] * 2)
    assert repeats(dataset) == 5


def test_long_numbers_that_do_not_meet_are_numbers() -> None:
    draw = np.random.default_rng(0).normal(size=500)
    for written in ("%.17g", "%.20f", "%r"):
        dataset = column([written % value for value in draw.tolist()])
        assert (dataset["v"].stored, values(dataset)) == ("double", draw.tolist()), written


def test_parts_are_looked_at_together() -> None:
    """Whole numbers in train and fractions in serve are both read as floats; 19 digits do not fit there."""
    dataset = column(IDS, ["12.5"])
    assert (dataset["v"].stored, values(dataset)) == ("string", [*IDS, "12.5"])
    typed = load(pd.DataFrame({"v": [2**60, 2**60 + 1]}), serve=pd.DataFrame({"v": [0.5]}), into=new_folder())
    assert values(typed) == [str(2**60), str(2**60 + 1), "0.5"]
    near = load(pd.DataFrame({"v": [2, 3]}), serve=pd.DataFrame({"v": [0.5]}), into=new_folder())
    assert values(near) == [2.0, 3.0, 0.5]


def test_decimals_with_more_digits_than_a_float() -> None:
    cells = [Decimal(cell) for cell in DECIMALS]
    dataset = load(pa.table({"v": cells, "w": ["x"] * 100}), into=new_folder())
    assert values(dataset) == DECIMALS and repeats(dataset) == 0
    short = load(pa.table({"v": [Decimal("1.50"), Decimal("2.25")]}), into=new_folder())
    assert values(short) == [1.5, 2.25]


def test_times_that_differ_by_less_than_a_microsecond_stay_text() -> None:
    cells = ["2024-01-01 00:00:00.1234567", "2024-01-01 00:00:00.1234568"]
    dataset = column(cells)
    assert values(dataset) == cells and repeats(dataset) == 0
    assert "would become one time" in dataset["v"].note
    alone = column([cells[0], "2024-01-01 00:00:01"])
    assert values(alone)[0] == dt.datetime(2024, 1, 1, 0, 0, 0, 123456)
    stamps = pd.to_datetime(cells).astype("datetime64[ns]")
    assert repeats(load(pd.DataFrame({"v": stamps}), into=new_folder())) == 0


def test_the_button_does_not_bring_them_together_either() -> None:
    for cells in ([*IDS, "12.5"], [*DECIMALS, "x"]):
        with pytest.raises(ColumnError, match="would become the same number"):
            retype(load(pa.table({"v": cells}), into=new_folder()), {"v": "numeric"})
    whole = retype(load(pa.table({"v": [*IDS, "-"]}), into=new_folder()), {"v": "numeric"})
    assert values(whole) == [*map(int, IDS), None]


NUMBER = st.one_of(
    st.decimals(allow_nan=False, allow_infinity=False, places=19, min_value=-2, max_value=2).map(str),
    st.integers(-(10**20), 10**20).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.builds("{}.{}E{}".format, st.integers(0, 9), st.integers(0, 99), st.integers(-330, 330)),
    st.sampled_from(["0.1", "0.10", "0.10000000000000001", "12345678901234567", "12345678901234568.0"]),
)


@settings(max_examples=examples(50), deadline=None)
@given(st.lists(NUMBER, min_size=2, max_size=8))
@example(["0", "1E-400"])
@example(["4E-324", "5E-324"])
@example(["0E-19", "0.1E-323"])
def test_equal_values_come_from_equal_amounts(cells: list[str]) -> None:
    dataset = column(cells)
    if dataset["v"].stored == "string":
        assert values(dataset) == cells
        return
    amounts: dict[object, set[Decimal]] = {}
    for cell, value in zip(cells, values(dataset), strict=True):
        amounts.setdefault(value, set()).add(Decimal(cell))
    finite = {value: met for value, met in amounts.items() if abs(value) != np.inf}  # type: ignore[arg-type]
    assert all(len(met) == 1 for met in finite.values())
