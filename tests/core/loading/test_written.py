"""Numbers and dates as people write them: what is read, what it is worth, and what is left alone."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import ColumnError
from core.loading import Options, load, retype
from core.loading.written_dates import date_reader
from core.loading.written_numbers import number_reader
from tests.core.loading.reading import new_folder, read
from tests.examples import examples


def numbers(*texts: str, decimal: str = ".") -> list[float | None]:
    array = pa.array(texts, pa.string())
    return number_reader(array, pa.array([1] * len(texts)), decimal).read(array).to_pylist()


def dates(*texts: str) -> list[dt.datetime | None]:
    array = pa.array(texts, pa.string())
    return date_reader(array, pa.array([1] * len(texts))).read(array).to_pylist()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3.312.526", 3312526),
        ("1.234,56", 1234.56),
        ("1,234.56", 1234.56),
        ("1 234,56", 1234.56),
        ("1\u00a0234\u202f567", 1234567),
        ("1\u2009234.5", 1234.5),
        ("1'234.50", 1234.5),
        ("1’234’567", 1234567),
        ("12,34,567", 1234567),
        ("955,12 €", 955.12),
        ("€955.12", 955.12),
        ("955.12\u00a0€", 955.12),
        ("US$ 1,200", 1200),
        ("12 kr.", 12),
        ("55,1%", 55.1),
        ("55.1 %", 55.1),
        ("\u22121.5", -1.5),
        ("\u2013 7", -7),
        ("-\u00a07", -7),
        ("(1.00)", -1.0),
        ("($1,234.50)", -1234.5),
        ("$(3)", -3),
        ("(3 €)", -3),
        ("1.00-", -1.0),
        ("1,00 -", -1.0),
        ("-$5", -5),
        ("$-5", -5),
        ("007", 7),
        ("1.5e3", 1500.0),
        (" 12 ", 12),
        (".5", 0.5),
        (",5", 0.5),
        ("12.", 12.0),
    ],
)
def test_each_way_of_writing_a_number(text: str, value: float) -> None:
    assert numbers(text) == [value]


@pytest.mark.parametrize(
    "text",
    ["", "-", "12a", "1,2,3", "10.0.1", "12:30", "555-1234", "(-5)", "--5", "-5-", "12.-", "((5))", "0x10"]
    + ["1 2", "1'23", "1.23.456", "1,234.567.8", "5 kg", "$", "%", "1_000", "587E590003", "587E590", "1e999"]
    + ["192.168.0.1", "3-5", "½", "one", "1e", "e5", "5 €%x", "2024-01-01"],
)
def test_what_is_no_number(text: str) -> None:
    assert numbers(text) == [None]


def test_the_column_decides_what_a_comma_means() -> None:
    assert numbers("17,739", "3,312,526") == [17739, 3312526]
    assert numbers("17,739", "17,7") == [17.739, 17.7]
    assert numbers("1.234", "3.312.526") == [1234, 3312526]
    assert numbers("1.234", "0.5", "3.312.526") == [1.234, 0.5, None]
    assert numbers("17,739", decimal=".") == [17739]
    assert numbers("17,739", decimal=",") == [17.739]


def test_what_could_be_either_is_said() -> None:
    made = retype(read(b"a;b\n17,739;x\n12,500;y\nno;z\n", options=Options(decimal=",")), {"a": "numeric"})
    assert made.table(["a"]).column(0).to_pylist() == [17.739, 12.5, None]
    assert made["a"].note == (
        "Ambiguous: commas read as decimal marks, points as thousands marks. "
        "1 cell did not read as a number and became missing: 'no'."
    )


def test_one_amount_in_two_currencies_is_not_one_number() -> None:
    assert numbers("$5", "$7", "5 €", "8") == [5, 7, None, 8]
    assert numbers("$5", "$7", "6 €", "8") == [5, 7, 6, 8]


def test_a_percentage_and_a_plain_number_are_not_one_number() -> None:
    assert numbers("5%", "5", "6") == [None, 5, 6]
    assert numbers("5%", "6%", "5") == [5, 6, None]
    assert numbers("5%", "6%", "6%", "5 €", "7") == [5, 6, 6, None, None]
    assert numbers("5%", "$5", "6 €", "$6", "$7", "8") == [None, 5, None, 6, 7, 8]
    assert numbers("5%", "6%", "5‰") == [5, 6, None]
    assert numbers("5%", "6%", "7") == [5, 6, 7], "they do not meet"
    assert numbers("0%", "5%", "0") == [0, 5, 0], "nothing is nothing"


def test_whole_numbers_stay_whole_beyond_floats() -> None:
    assert numbers("1.152.921.504.606.846.977", "$1152921504606846976") == [2**60 + 1, 2**60]


@pytest.mark.parametrize(
    ("texts", "values"),
    [
        (["26/04/2019", "2019-04-27", "27.4.19"], ["2019-04-26", "2019-04-27", "2019-04-27"]),
        (["04/26/2019", "2019-04-27"], ["2019-04-26", "2019-04-27"]),
        (["26/04/2019", "27/04/2019", "04/28/2019"], ["2019-04-26", "2019-04-27", None]),
        (["03/04/2019"], ["2019-03-04"]),
        (["19560409", "1956-04-10", "19561301"], ["1956-04-09", "1956-04-10", None]),
        (["3\u00a0Jan 2020", "Jan 4, 2020", "5 January 20"], ["2020-01-03", "2020-01-04", "2020-01-05"]),
        (["2019-02-29", "2020-02-29", "soon", "12.5"], [None, "2020-02-29", None, None]),
        (["9999-12-31T23:00:00-05:00", "0001-01-01T00:00:00+05:00"], [None, None]),
    ],
)
def test_dates_in_several_ways(texts: list[str], values: list[str | None]) -> None:
    assert dates(*texts) == [None if v is None else dt.datetime.fromisoformat(v) for v in values]


def test_days_and_months_that_could_be_either_are_said() -> None:
    made = retype(load({"d": ["03/04/2019", "2019-05-06", "?"]}, into=new_folder()), {"d": "datetime"})
    assert made["d"].note == (
        "Ambiguous: read as year-month-day or month/day/year; it could be day before month."
    )
    assert made["d"].ambiguous == "Read as year-month-day or month/day/year; it could be day before month."
    assert made["d"].null_tokens == (("?", 1),)
    assert retype(made, {"d": "text"})["d"].ambiguous == ""


def test_what_is_not_converted_is_counted_and_named() -> None:
    cells = ["1", "2", "x", "x", "y", "z", "w", "N/A", "", None]
    made = retype(load({"v": cells}, into=new_folder()), {"v": "numeric"})
    assert made.table(["v"]).column(0).to_pylist() == [1, 2, *[None] * 8]
    assert made["v"].note == (
        "5 cells did not read as a number and became missing: 'x' (2), 'w', 'y' and 1 other text."
    )
    assert made["v"].null_tokens == (("N/A", 1),)


def test_a_kind_under_which_texts_would_meet_is_refused() -> None:
    cells = ["0.12345678901234567890", "0.12345678901234567891", "x"]
    with pytest.raises(ColumnError, match="'v' cannot be read as numbers: '0.12345678901234567890' and"):
        retype(load({"v": cells}, into=new_folder()), {"v": "numeric"})


AMOUNT = st.decimals(-(10**8), 10**8, places=2, allow_nan=False)
SIGNS = st.sampled_from(["{}", "€ {}", "{} €", "{}%", " {}", "{}\u00a0€"])
GROUP = st.sampled_from([",", " ", "\u00a0", "\u202f", "'", "’", ""])


@settings(max_examples=examples(60), deadline=None)
@given(st.lists(st.tuples(AMOUNT, GROUP, st.integers(0, 3)), min_size=1, max_size=6), SIGNS, st.booleans())
def test_whatever_signs_an_amount_carries_it_is_the_same_amount(
    written: list[tuple[Decimal, str, int]], signs: str, comma: bool
) -> None:
    texts = []
    for amount, group, minus in written:
        digits = f"{abs(amount):,.2f}".replace(",", "#")
        digits = digits.replace(".", ",") if comma else digits
        digits = digits.replace("#", "." if group == "," and comma else group)
        if amount < 0:
            digits = ("-{}", "\u2212{}", "({})", "{}-")[minus].format(digits)
        texts.append(signs.format(digits) if not (amount < 0 and minus == 3) else digits)
    mark = "," if comma else "."
    assert numbers(*texts, decimal=mark) == [float(amount) for amount, *_ in written]


@settings(max_examples=examples(40), deadline=None)
@given(
    st.lists(st.datetimes(dt.datetime(1600, 1, 1), dt.datetime(2190, 1, 1)), min_size=1, max_size=6),
    st.sampled_from(
        ["%d/%m/%Y", "%d.%m.%Y %H:%M", "%Y-%m-%dT%H:%M:%S.%f", "%d %b %Y", "%Y%m%d", "%B %d, %Y"]
    ),
)
def test_dates_of_one_layout_are_read_back(days: list[dt.datetime], layout: str) -> None:
    days = [dt.datetime(2001, 2, 13), *days]  # no doubt which is the day
    texts = [f"{day:{layout}}".replace(f"{day:%Y}", f"{day.year:04d}") for day in days]
    assert dates(*texts) == [dt.datetime.strptime(text, layout) for text in texts]
