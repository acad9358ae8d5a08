"""Whether different texts would become one value: floats keep 15 to 17 digits, times keep microseconds.

Two texts of at most 15 digits never meet in one float, unless they lie below the smallest float of full
precision, nor do two that are written as `as_text` writes them. So only longer and tinier texts written
otherwise are suspects, and where there are none nothing is looked up.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from decimal import Decimal
from typing import TYPE_CHECKING

from core.loading.text import CODE_WITH_E, as_text, with_points

if TYPE_CHECKING:
    import pyarrow as pa

_SAFE = 15  # decimal digits that every float of full precision keeps (DBL_DIG)
_TINY = 2.2250738585072014e-308  # the smallest of these (DBL_MIN); zero is below it too
_FINE = r"\.\d{6}\d*[1-9]"  # a fraction of a second beyond microseconds

Pairs = Iterable[tuple["pa.Array", "pa.Array"]]  # texts and values of the same length


def suspects(texts: pa.Array, values: pa.Array) -> pa.Array:
    """The values (float64 or timestamp[us]) whose texts may say more than the value keeps."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_timestamp(values.type):
        doubtful = pc.match_substring_regex(texts, _FINE)
    else:
        lengthy = pc.greater(pc.binary_length(texts), _SAFE)
        tiny = pc.and_(pc.less(pc.abs(values), _TINY), pc.match_substring_regex(texts, "[eE]"))
        odd = pc.or_(pc.or_(lengthy, tiny), pc.match_substring_regex(texts, CODE_WITH_E))
        texts, values = (some.filter(pc.fill_null(odd, False)) for some in (texts, values))
        doubtful = pc.not_equal(as_text(values), texts)
    return pc.unique(values.filter(pc.fill_null(doubtful, False)).drop_null())


def meeting(pairs: Pairs, suspected: pa.Array) -> tuple[str, str] | None:
    """Two texts that say different things and have the same value, one of those suspected; None where there
    are none. The first such value in ascending order is taken, and its first two texts.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    near_ones = []
    for texts, values in pairs:
        near = pc.is_in(values, value_set=suspected)
        table = pa.table({"value": values.filter(near), "text": texts.filter(near)})
        near_ones.append(table.group_by(["value", "text"]).aggregate([]))
    both = pa.concat_tables(near_ones).group_by(["value", "text"]).aggregate([])
    counts = both.group_by("value").aggregate([("text", "count")])
    shared = counts.filter(pc.greater(counts["text_count"], 1))["value"]
    several = both.filter(pc.is_in(both["value"], value_set=shared.combine_chunks()))
    key = _instant if pa.types.is_timestamp(suspected.type) else _amount
    return _differing(several.sort_by([("value", "ascending"), ("text", "ascending")]), key)


def _differing(table: pa.Table, key: Callable[[str], Hashable]) -> tuple[str, str] | None:
    last: tuple[object, str, Hashable] | None = None
    for value, text in zip(table["value"].to_pylist(), table["text"].to_pylist(), strict=True):
        if last is not None and last[0] == value:
            if key(text) != last[2]:
                return last[1], text
        else:
            last = (value, text, key(text))
    return None


def _amount(text: str) -> Hashable:
    """What a number in digits says: its exact value, or the text itself where it may be a code."""
    import re

    return text if re.search(CODE_WITH_E, text) else Decimal(text)


def _instant(text: str) -> Hashable:
    """What a time says beyond its microsecond."""
    import re

    fraction = re.search(r"\.\d{6}(\d+)", text)
    return fraction[1].rstrip("0") if fraction else ""


def plain_texts(texts: pa.Array, layout: str) -> pa.Array:
    """The trimmed texts of numbers as `Decimal` reads them."""
    import pyarrow.compute as pc

    return with_points(pc.ascii_trim_whitespace(texts), layout)
