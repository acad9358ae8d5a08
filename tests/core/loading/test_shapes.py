"""Dates are read by the shapes of their texts: as each text alone, whatever piece of an array it is in."""

from __future__ import annotations

from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from core.loading.dates import DIGITS_ALIKE, EVERY_LAYOUT, read_dates
from core.loading.shapes import Shaped
from core.loading.written_dates import DateReader

CASES = {
    "3/4/2021": ("day/month/year", datetime(2021, 4, 3)),
    "31/12/2021 11:59:58.1234567 p.m.": ("day/month/year", datetime(2021, 12, 31, 23, 59, 58, 123456)),
    "31/12/2021 12:00 AM +05:30": ("day/month/year", datetime(2021, 12, 30, 18, 30)),
    "31/12/2021T10:00:00,5-0145": ("day/month/year", datetime(2021, 12, 31, 11, 45, 0, 500_000)),
    "31/12/2021 10:00 UTC": ("day/month/year", datetime(2021, 12, 31, 10)),
    "31/12/2021 10:00-02": ("day/month/year", datetime(2021, 12, 31, 12)),
    "31/06/2021": ("day/month/year", None),
    "31/12/2021 13:00 pm": ("day/month/year", None),
    "3.4.69": ("day.month.yr", datetime(1969, 4, 3)),
    "3.4.68": ("day.month.yr", datetime(2068, 4, 3)),
    "1 Sept. 2020": ("day month-name year", datetime(2020, 9, 1)),
    "1 Mist 2020": ("day month-name year", None),
    "14990101": ("yearmonthday", None),
    "15000101 1:02": ("yearmonthday", datetime(1500, 1, 1, 1, 2)),
    "22000101": ("yearmonthday", None),
    "0000-01-01": ("year-month-day", None),
    "٣/٤/٢٠٢٠": ("day/month/year", None),
}


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
@pytest.mark.parametrize("layout", sorted({layout for layout, _ in CASES.values()}))
def test_each_text_is_read_as_alone(kind: pa.DataType, layout: str) -> None:
    texts = [None, *CASES, "", "prose", None]
    wanted = [CASES[one][1] if one in CASES and CASES[one][0] == layout else None for one in texts]
    whole = pa.array(texts, kind)
    assert read_dates(whole, layout).to_pylist() == wanted
    assert read_dates(whole.slice(3, 9), layout).to_pylist() == wanted[3:12]
    assert read_dates(pa.chunked_array([whole[:5], whole[5:]]), layout).to_pylist() == wanted
    assert [read_dates(whole.slice(at, 1), layout).to_pylist()[0] for at in range(len(texts))] == wanted
    assert read_dates(whole[:0], layout).to_pylist() == []


def test_shapes_fit_what_texts_fit() -> None:
    texts = pa.array([*CASES, None])
    for layout, pattern in EVERY_LAYOUT.items():
        fits = pc.fill_null(pc.match_substring_regex(texts, pattern), False).to_pylist()
        found = Shaped.of(texts).fits(DIGITS_ALIKE[layout]).tolist()
        assert found == fits or layout == "yearmonthday"


def test_odd_blanks_do_not_hide_a_date() -> None:
    read = DateReader(("day/month/year",)).read(
        pa.array(["\u2003 3/4/2021\u00a010:00\t", "\t3/4/2021", None])
    )
    assert read.to_pylist() == [datetime(2021, 4, 3, 10), datetime(2021, 4, 3), None]
