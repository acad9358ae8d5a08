"""For which values of one column a condition holds; numbers are compared exactly, however large."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

NUMBER = r"^[ ]*[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,6})?[ ]*$"


Cell = str | Decimal | datetime | bool


def holds(values: pa.ChunkedArray, op: str, *wanted: Cell) -> Any:
    """For which values the condition holds, as an Arrow array of booleans; missing where the value is missing
    or NaN, except for ``missing``.

    op: ``missing``; ``is``: one of ``wanted``; ``equals``: the same, with what the text ``wanted`` says in
    the column's type, nowhere if nothing; ``contains``: the text (upper and lower case alike); ``matches``:
    the RE2 pattern, anywhere in the text; ``<``, ``<=``, ``>``, ``>=``; ``between``: two bounds, both within.
    Numbers are compared as numbers, floats with the float nearest to what is wanted; so is text of which
    every value is a number (`numbers_only`), digit by digit. Times are compared in microseconds.

    Raises ValueError, TypeError or NotImplementedError where the comparison makes no sense.

    >>> import pyarrow as pa
    >>> holds(pa.chunked_array([pa.array([2**63, 2**63 + 1], pa.uint64())]), ">", Decimal(2**63)).to_pylist()
    [False, True]
    >>> holds(pa.chunked_array([["0.30", "0.3000000000000000001"]]), ">", Decimal("0.3")).to_pylist()
    [False, True]
    >>> holds(pa.chunked_array([[5.0, 5.5, None]]), "equals", "5").to_pylist()
    [True, False, None]
    """
    import pyarrow.compute as pc

    values = known(values)
    if op == "missing":
        return pc.is_null(values)
    if op == "contains":
        return pc.match_substring(pc.cast(values, "string"), str(wanted[0]), ignore_case=True)
    if op == "matches":
        return pc.match_substring_regex(values, str(wanted[0]))
    if op == "equals":
        return _among(values, said_in(values.type, str(wanted[0])))
    if op == "is":
        return _among(values, wanted)
    if op in ("<", ">"):
        return _beyond(values, wanted[0], above=op == ">")
    if op in ("<=", ">="):
        return pc.invert(_beyond(values, wanted[0], above=op == "<="))
    if op == "between":
        return pc.invert(
            pc.or_(_beyond(values, wanted[0], above=False), _beyond(values, wanted[1], above=True))
        )
    raise ValueError(f"{op!r} is no condition")


def known(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """The values with NaN made missing.

    >>> import pyarrow as pa
    >>> known(pa.chunked_array([[1.0, float("nan"), None]])).to_pylist()
    [1.0, None, None]
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if not pa.types.is_floating(values.type):
        return values
    odd = pc.is_nan(values)
    return pc.if_else(odd, pa.scalar(None, values.type), values) if pc.any(odd).as_py() else values


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


def said_in(kind: pa.DataType, text: str) -> tuple[Cell, ...]:
    """What a text says as a value of an Arrow type; () where it says nothing.

    >>> import pyarrow as pa
    >>> said_in(pa.int64(), "5.0"), said_in(pa.bool_(), "True"), said_in(pa.float64(), "five")
    ((Decimal('5.0'),), (True,), ())
    """
    import pyarrow as pa

    try:
        if pa.types.is_string(kind):
            return (text,)
        if pa.types.is_boolean(kind):
            return ({"true": True, "false": False}[text.strip().lower()],)
        return (_moment(text),) if pa.types.is_timestamp(kind) else (exact(text),)
    except (KeyError, ValueError, OverflowError):
        return ()


def _moment(text: str) -> datetime:
    """The time that the text says, in UTC where it names a zone. Raises ValueError where it says none."""
    moment = datetime.fromisoformat(text.strip())
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def _among(values: pa.ChunkedArray, wanted: Sequence[Cell]) -> Any:
    """Where the values are one of those wanted."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = values.type
    numbers = frozenset(cell for cell in wanted if isinstance(cell, Decimal))
    if pa.types.is_string(kind) and len(numbers):
        return _by_number(values, numbers.__contains__)
    there = pc.is_valid(values)
    held = pa.array(_cells(kind, wanted), kind)
    return pc.if_else(there, pc.is_in(values, value_set=held), pa.scalar(None, pa.bool_()))


def _cells(kind: pa.DataType, wanted: Sequence[Cell]) -> list[Any]:
    """Those wanted that a column of this type can hold, as it holds them. Raises TypeError for another."""
    import pyarrow as pa

    def all_of(one: type) -> list[Any]:
        if not all(isinstance(cell, one) for cell in wanted):
            raise TypeError(f"not all of {wanted!r} are values of type {kind}")
        return list(wanted)

    if pa.types.is_string(kind):
        return all_of(str)
    if pa.types.is_boolean(kind):
        return all_of(bool)
    if pa.types.is_timestamp(kind):
        return all_of(datetime)
    if pa.types.is_floating(kind):
        near = [float(cell) for cell in all_of(Decimal)]
        return [*near, *([0.0, -0.0] if 0.0 in near else [])]
    low, high = _ends(kind)
    return [int(n) for n in all_of(Decimal) if low <= n <= high and n == n.to_integral_value()]


def _beyond(values: pa.ChunkedArray, bound: Cell, *, above: bool) -> Any:
    """Where the values lie above the bound, or below it."""
    import pyarrow as pa
    import pyarrow.compute as pc

    compare, kind = (pc.greater if above else pc.less), values.type
    if pa.types.is_timestamp(kind) and isinstance(bound, datetime):
        whole = pc.cast(pc.cast(values, pa.timestamp("us")), pa.int64())
        return compare(whole, (bound - datetime(1970, 1, 1)) // timedelta(microseconds=1))
    if not isinstance(bound, Decimal):
        raise TypeError(f"{bound!r} is no bound for values of type {kind}")
    if pa.types.is_floating(kind):
        return compare(values, float(bound))
    if pa.types.is_string(kind):
        return _by_number(values, bound.__lt__ if above else bound.__gt__)
    if not pa.types.is_integer(kind):
        raise TypeError(f"values of type {kind} are no numbers")
    low, high = _ends(kind)
    if low <= bound <= high:
        return compare(values, pa.scalar(math.floor(bound) if above else math.ceil(bound), kind))
    everywhere = pa.scalar(bound < low if above else bound > high)
    return pc.if_else(pc.is_valid(values), everywhere, pa.scalar(None, pa.bool_()))


def _by_number(values: pa.ChunkedArray, test: Callable[[Decimal], bool]) -> Any:
    """Where the test holds for the numbers that the texts are, each text once."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if values.null_count < len(values) and not numbers_only(values):
        raise TypeError("not every value is a number")
    coded = pc.dictionary_encode(values.combine_chunks())
    hit = pa.array([test(Decimal(text.strip())) for text in coded.dictionary.to_pylist()], pa.bool_())
    return pa.chunked_array([hit.take(coded.indices)])


def _ends(kind: pa.DataType) -> tuple[int, int]:
    """The smallest and the largest number of an integer type."""
    import pyarrow as pa

    bits = kind.bit_width
    return (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if pa.types.is_signed_integer(kind) else (0, 2**bits - 1)
