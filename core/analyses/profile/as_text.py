"""Values of a column as text: numbers, times and texts as a page and a finding show them."""

from __future__ import annotations

import numpy as np

SHOWN_LETTERS = 120


def shown(text: str) -> str:
    """A text cut to what a screen can show."""
    return text if len(text) <= SHOWN_LETTERS else text[: SHOWN_LETTERS - 1] + "…"


def str_of_number(value: float) -> str:
    """A number as text: whole numbers in digits, others in the fewest digits that give them back.

    >>> str_of_number(np.int64(7)), str_of_number(7.0), str_of_number(0.1), str_of_number(1e300)
    ('7', '7', '0.1', '1e+300')
    """
    number = value.item() if isinstance(value, np.generic) else value
    return str(int(number)) if abs(number) < 1e15 and number == int(number) else repr(number)


def str_of_time(microseconds: int) -> str:
    """Microseconds since 1970 as text, as short as they allow.

    >>> str_of_time(0), str_of_time(1_500_000)
    ('1970-01-01', '1970-01-01 00:00:01.500000')
    """
    text = str(np.datetime64(int(microseconds), "us")).removesuffix(".000000").removesuffix("T00:00:00")
    return text.replace("T", " ")
