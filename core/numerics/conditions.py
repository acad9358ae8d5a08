"""For which values of one column a condition holds; numbers are compared exactly, however large."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

NUMBER = r"^[ ]*[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,6})?[ ]*$"


def holds(values: pa.ChunkedArray, op: str, value: str | float | None) -> Any:
    """For which values the condition holds, as an Arrow array of booleans; missing where the value is, except
    for ``missing``.

    op: ``missing``, ``equals``, ``contains`` (upper and lower case alike), ``below`` or ``above``. Numbers
    are compared as numbers, floats with the float nearest to ``value``; so is text of which every value is a
    number (`numbers_only`) by ``below`` and ``above``, digit by digit.

    Raises ValueError, TypeError or NotImplementedError where the comparison makes no sense.

    >>> import pyarrow as pa
    >>> holds(pa.chunked_array([pa.array([2**63, 2**63 + 1], pa.uint64())]), "above", 2**63).to_pylist()
    [False, True]
    >>> holds(pa.chunked_array([["0.30", "0.3000000000000000001"]]), "above", "0.3").to_pylist()
    [False, True]
    >>> holds(pa.chunked_array([[5.0, 5.5, None]]), "equals", "5").to_pylist()
    [True, False, None]
    """
    import pyarrow.compute as pc

    if op == "missing":
        return pc.is_null(values, nan_is_null=True)
    if op == "contains":
        return pc.match_substring(pc.cast(values, "string"), str(value), ignore_case=True)
    return _equal(values, str(value)) if op == "equals" else _beyond(values, exact(value), op == "above")


def exact(value: str | float | None) -> Decimal:
    """The number that a person or a recipe gave. Raises ValueError where it is none, or not finite.

    >>> exact(0.1), exact(" -1e3 "), exact(2**64)
    (Decimal('0.1'), Decimal('-1E+3'), Decimal('18446744073709551616'))
    """
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation as error:
        raise ValueError(f"{value!r} is no number") from error
    if not number.is_finite():
        raise ValueError(f"{value!r} is no finite number")
    return number


def numbers_only(values: pa.ChunkedArray) -> bool:
    """Whether there is a value, and every one is text of a plain number in digits with a decimal point.

    >>> import pyarrow as pa
    >>> [numbers_only(pa.chunked_array([c])) for c in (["18446744073709551615", None], ["1", "x"], ["1,5"])]
    [True, False, False]
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if not pa.types.is_string(values.type) or values.null_count == len(values):
        return False
    return bool(pc.all(pc.match_substring_regex(values, NUMBER)).as_py())


def _equal(values: pa.ChunkedArray, text: str) -> Any:
    """Where the values are what the text says."""
    import pyarrow as pa
    import pyarrow.compute as pc

    is_a, kind = pa.types, values.type
    if is_a.is_string(kind):
        return pc.equal(values, text)
    nowhere = pc.and_(pc.is_valid(values), False)
    try:
        if is_a.is_boolean(kind):
            return pc.equal(values, {"true": True, "false": False}[text.strip().lower()])
        if is_a.is_timestamp(kind):
            return pc.equal(values, pa.scalar(_moment(text), kind))
        number = exact(text)
    except (KeyError, ValueError, OverflowError):
        return nowhere
    if is_a.is_floating(kind):
        return pc.equal(values, float(number))
    low, high = _ends(kind)
    whole = low <= number <= high and number == number.to_integral_value()
    return pc.equal(values, pa.scalar(int(number), kind)) if whole else nowhere


def _moment(text: str) -> datetime:
    """The time that the text says, in UTC where it names a zone. Raises ValueError where it says none."""
    moment = datetime.fromisoformat(text.strip())
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def _beyond(values: pa.ChunkedArray, bound: Decimal, above: bool) -> Any:
    """Where the values lie above the bound, or below it."""
    import pyarrow as pa
    import pyarrow.compute as pc

    compare, kind = (pc.greater if above else pc.less), values.type
    if pa.types.is_floating(kind):
        return compare(values, float(bound))
    if pa.types.is_string(kind):
        return _texts_beyond(values, bound, above)
    if not pa.types.is_integer(kind):
        raise TypeError(f"values of type {kind} are no numbers")
    low, high = _ends(kind)
    if low <= bound <= high:
        return compare(values, pa.scalar(math.floor(bound) if above else math.ceil(bound), kind))
    return pc.and_(pc.is_valid(values), (bound < low) if above else (bound > high))


def _texts_beyond(values: pa.ChunkedArray, bound: Decimal, above: bool) -> Any:
    """The same for text that is numbers, each text once."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if values.null_count < len(values) and not numbers_only(values):
        raise TypeError("not every value is a number")
    coded = pc.dictionary_encode(values.combine_chunks())
    numbers = [Decimal(text.strip()) for text in coded.dictionary.to_pylist()]
    hit = pa.array([number > bound if above else number < bound for number in numbers], pa.bool_())
    return pa.chunked_array([hit.take(coded.indices)])


def _ends(kind: pa.DataType) -> tuple[int, int]:
    """The smallest and the largest number of an integer type."""
    import pyarrow as pa

    bits = kind.bit_width
    return (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if pa.types.is_signed_integer(kind) else (0, 2**bits - 1)
