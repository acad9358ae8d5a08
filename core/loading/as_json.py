"""A new text in a column of JSON, written as the source writes its cells: where some of them are objects,
lists, numbers or booleans, a text that is one becomes one.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from core.loading.json_numbers import Number

if TYPE_CHECKING:
    from core.dataset import Dataset

# what a JSON value can begin with, besides texts -> the sort
SORTS = {"{": "{", "[": "[", "t": "t", "f": "t"} | dict.fromkeys("-0123456789", "0")

_ENDLESS = "NaN|Infinity"
_TEXT = r'(?s)"(?:[^"\\]|\\.)*"'


def json_value(text: Any, begins: str) -> Any:
    """A text as a JSON value, and what is no text as it is. Numbers keep their digits; those that are not
    finite stay text.

    begins: what the column's cells in the source begin with, besides texts: some of "{", "[", "0" (numbers)
    and "t" (true and false); with "N" where some of them hold NaN or Infinity.

    >>> json_value('["a", 2.50]', "[{"), json_value("7", "[{"), json_value("7", "[0"), json_value("[7", "[")
    (['a', 2.50], '7', 7, '[7')
    >>> json_value("2.50", "0"), json_value("1e999", "0"), json_value("[NaN]", "["), json_value("[NaN]", "[N")
    (2.50, '1e999', '[NaN]', [NaN])
    """
    if not begins or not isinstance(text, str) or SORTS.get(text[:1], "no") not in begins:
        return text

    def number(digits: str) -> Number:
        if Number(digits) * 0 != 0 and "N" not in begins:
            raise ValueError(digits)
        return Number(digits)

    try:
        return json.loads(text, parse_float=number, parse_constant=number)
    except (ValueError, RecursionError):
        return text


def beginnings(dataset: Dataset, name: str) -> str:
    """What the cells of a column of text begin with in a source of JSON, besides texts, as `json_value` takes
    it. dataset: the data as loaded.
    """
    import pyarrow.compute as pc

    column = dataset[name]
    if column.source != "json" or column.stored != "string" or not column.raw:
        return ""

    def look() -> str:
        raw = dataset.raw(name)
        firsts = pc.unique(pc.utf8_slice_codeunits(raw, 0, 1)).to_pylist()
        found = "".join(sorted({SORTS[first] for first in firsts if first in SORTS}))
        some = raw.filter(pc.fill_null(pc.match_substring_regex(raw, _ENDLESS), False))
        outside = pc.replace_substring_regex(some, _TEXT, "")  # a text may hold the word, in a list, too
        endless = found and pc.any(pc.match_substring_regex(outside, _ENDLESS)).as_py()
        return f"{found}N" if endless else found

    return dataset.shared.latest("JSON besides texts", name, look, 64)
