"""Values to text and text to values: the one definition of what "gives the source back" means."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

if TYPE_CHECKING:
    import pyarrow as pa

Stored = Literal["bool", "int64", "double", "timestamp", "string"]

NULL_TOKENS = frozenset(
    [
        "na",
        "n/a",
        "#n/a",
        "#n/a n/a",
        "#na",
        "<na>",
        "n.a.",
        "nan",
        "-nan",
        "1.#qnan",
        "-1.#qnan",
        "1.#ind",
        "-1.#ind",
    ]
    + ["null", "none", "nil", "-", "--", "–", "—", "−", "?", ".", "#value!", "#div/0!", "#num!"]
)
YES = ("true", "yes", "ja", "t", "y", "1", "1.0", "on")
NO = ("false", "no", "nein", "f", "n", "0", "0.0", "off")
_LONGEST_TOKEN = max(map(len, NULL_TOKENS))
INT64 = range(-(2**63), 2**63)
_WHOLE = r"^[+-]?(0|[1-9]\d*)$"
_REAL = r"^[+-]?(((0|[1-9]\d*)(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?|(?i:inf|infinity))$"
_THOUSANDS = r"^[+-]?(0|[1-9]\d{0,2}(,\d{3})*)(\.\d+)?$"
_CONTINENTAL = r"^[+-]?((0|[1-9]\d{0,2}(\.\d{3})+|[1-9]\d*)(,\d*)?|,\d+)([eE][+-]?\d{1,3})?$"
# 587E590 is a code: no program writes an exponent behind several digits without a point
CODE_WITH_E = r"^[+-]?\d{2,}[eE]\d+$"


@dataclass(frozen=True)
class Form:
    """How the text of a column becomes values.

    stored: the Arrow type it becomes. layout: for numbers "" (1234.5), "thousands" (1,234.5), "comma"
    (1.234,5); for dates the name of the layout in `core.loading.dates`; for booleans "" (true, false) or
    "words" (yes, no, 1, 0); for text "missing" where there are only marks of missing values.
    """

    stored: Stored
    layout: str = ""


def arrow_type(stored: str) -> pa.DataType:
    """The Arrow type of a canonical column."""
    import pyarrow as pa

    types = {
        "bool": pa.bool_(),
        "int64": pa.int64(),
        "double": pa.float64(),
        "timestamp": pa.timestamp("us"),
        "string": pa.string(),
    }
    return types[stored]


def as_text(array: Any) -> Any:
    """The text of each value; a missing value gives "".

    ``array``: Arrow array or chunked array of a canonical type (bool, int64, double, timestamp[us], string);
    the answer has the same length and type string. Whole numbers as digits, floats as Python's ``repr`` (the
    shortest text that reads back the same), booleans as True and False, timestamps as ISO 8601 with a blank
    (the date alone at midnight, fractions with six digits).

    >>> import pyarrow as pa
    >>> as_text(pa.array([1.0, 1e-05, None, float("inf")])).to_pylist()
    ['1.0', '1e-05', '', 'inf']
    >>> as_text(pa.array([True, None])).to_pylist()
    ['True', '']
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = array.type
    if pa.types.is_boolean(kind):
        text = pc.if_else(array, "True", "False")
    elif pa.types.is_floating(kind):
        text = _float_text(array)
    elif pa.types.is_timestamp(kind):
        text = _time_text(array)
    else:
        text = pc.cast(array, pa.string())
    return pc.fill_null(text, "")


def _float_text(array: Any) -> Any:
    """Arrow's shortest digits, brought into the notation of ``repr``: a decimal point, exponents from 1e16 up
    and below 1e-4.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    text = pc.cast(array, pa.string())
    small = pc.less(pc.abs(array), 1e-4)
    odd = pc.or_(small, pc.or_(pc.match_substring(text, "e"), pc.invert(pc.match_substring(text, "."))))
    odd = pc.fill_null(odd, False)
    if not pc.any(odd).as_py():
        return text
    levels = pc.dictionary_encode(array.filter(odd))
    exact = pa.array([repr(value) for value in levels.dictionary.to_pylist()], pa.string())
    return pc.replace_with_mask(text, odd, exact.take(levels.indices))


def _time_text(array: Any) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    text = pc.cast(pc.cast(array, pa.timestamp("us")), pa.string())
    return pc.replace_substring_regex(pc.replace_substring_regex(text, r"\.000000$", ""), r" 00:00:00$", "")


def is_token(trimmed: Any) -> Any:
    """Boolean array: which of the trimmed texts are empty or one of the usual marks of a missing value."""
    import pyarrow as pa
    import pyarrow.compute as pc

    short = pc.less_equal(pc.binary_length(trimmed), _LONGEST_TOKEN)
    if not pc.any(short).as_py():
        return short
    marks = pa.array(["", *sorted(NULL_TOKENS)])
    return pc.is_in(pc.ascii_lower(pc.if_else(short, trimmed, "#")), value_set=marks)


def parse(array: Any, form: Form) -> Any:
    """The values of an Arrow string array read as ``form`` says; null where a text does not fit (blanks
    around it are ignored).

    >>> import pyarrow as pa
    >>> parse(pa.array(["1", " 22", "007", "x"]), Form("int64")).to_pylist()
    [1, 22, None, None]
    >>> parse(pa.array(["1.234,5"]), Form("double", "comma")).to_pylist()
    [1234.5]
    """
    import pyarrow.compute as pc

    if form.layout == "missing":
        return pc.if_else(is_token(pc.ascii_trim_whitespace(array)), None, array)
    if form.stored == "string":
        return pc.if_else(pc.equal(array, ""), None, array)
    readers: dict[str, Callable[[Any, str], Any]] = {
        "bool": _bools,
        "int64": _wholes,
        "double": _reals,
        "timestamp": _times,
    }
    return readers[form.stored](pc.ascii_trim_whitespace(array), form.layout)


def _bools(text: Any, layout: str) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    pairs = {"": (("true",), ("false",)), "words": (YES, NO)}
    yes, no = (pa.array(words) for words in pairs[layout])
    lower = pc.utf8_lower(text)
    isin = pc.is_in(lower, value_set=yes)
    return pc.if_else(pc.or_(isin, pc.is_in(lower, value_set=no)), isin, None)


def _wholes(text: Any, layout: str) -> Any:
    import pyarrow.compute as pc

    at_once = _cast(text, "int64")
    if at_once is not None:
        return at_once
    good = pc.and_(pc.match_substring_regex(text, _WHOLE), pc.invert(beyond_int64(text)))
    return pc.cast(pc.utf8_ltrim(pc.if_else(good, text, None), "+"), "int64")


def _cast(text: Any, type: str) -> Any:
    """The numbers as Arrow reads them, some ten times faster than by pattern; None where its idea of a number
    may differ from ours.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if _leading_zero(text) or pc.any(beyond_int64(text)).as_py():
        return None
    try:
        numbers = pc.cast(pc.if_else(pc.equal(text, ""), None, text), type)
    except pa.ArrowInvalid:
        return None
    return numbers if type != "double" or pc.all(pc.is_finite(numbers), min_count=0).as_py() else None


def _leading_zero(text: Any) -> bool:
    """Whether any text begins like 007 or 0x1f, after a sign if there is one."""
    import pyarrow as pa

    if isinstance(text, pa.ChunkedArray):
        return any(_leading_zero(chunk) for chunk in text.chunks)
    if not len(text) or text.buffers()[2] is None:
        return False
    offsets = np.frombuffer(text.buffers()[1], np.int32)[text.offset : text.offset + len(text) + 1]
    letters = np.frombuffer(text.buffers()[2], np.uint8)
    start, length = offsets[:-1], np.diff(offsets)
    start, length = start[length > 1], length[length > 1]
    signed = (letters[start] == ord("+")) | (letters[start] == ord("-"))
    start = (start + signed)[length > 1 + signed]
    first, second = letters[start], letters[start + 1]
    return bool(
        (
            (first == ord("0"))
            & (((second >= ord("0")) & (second <= ord("9"))) | ((second | 32) == ord("x")))
        ).any()
    )


def beyond_int64(text: Any) -> Any:
    """Boolean array: which texts are whole numbers that 64 bits cannot hold (false where null)."""
    import pyarrow as pa
    import pyarrow.compute as pc

    long = pc.fill_null(pc.greater(pc.binary_length(text), 18), False)
    if pc.any(long).as_py():
        long = pc.and_not(long, pc.fill_null(pc.match_substring(text, "."), False))
    if not pc.any(long).as_py():
        return long
    lengthy = text.filter(long)
    whole = pc.match_substring_regex(lengthy, r"^[+-]?\d+$")
    if not pc.any(whole).as_py():
        return pc.and_(long, False)
    # Python refuses to turn thousands of digits into a number; anything over 20 characters is beyond in any
    # case.
    pairs = zip(lengthy.to_pylist(), whole.to_pylist(), strict=True)
    beyond = [digits and (len(t.lstrip("+-0")) > 19 or int(t) not in INT64) for t, digits in pairs]
    return pc.replace_with_mask(long, long, pa.array(beyond, pa.bool_()))


def with_points(text: Any, layout: str) -> Any:
    """The texts of numbers with a decimal point and no thousands marks; null where they do not fit the
    layout of a `Form`.
    """
    import pyarrow.compute as pc

    if layout == "comma":
        good = pc.match_substring_regex(text, _CONTINENTAL)
        return pc.replace_substring(pc.replace_substring(pc.if_else(good, text, None), ".", ""), ",", ".")
    if layout == "thousands":
        good = pc.match_substring_regex(text, _THOUSANDS)
        return pc.replace_substring(pc.if_else(good, text, None), ",", "")
    return text


def _reals(text: Any, layout: str) -> Any:
    import pyarrow.compute as pc

    text = with_points(text, layout)
    at_once = _cast(text, "double")
    if at_once is not None:
        return at_once
    good = pc.and_(pc.match_substring_regex(text, _REAL), pc.invert(beyond_int64(text)))
    values = pc.cast(pc.if_else(good, text, None), "double")
    code = pc.and_(pc.is_inf(values), pc.match_substring_regex(text, CODE_WITH_E))
    return pc.if_else(pc.fill_null(code, False), None, values)


def _times(text: Any, layout: str) -> Any:
    from core.loading.dates import read_dates

    return read_dates(text, layout)
