"""How numbers, shares and names stand in sentences and in lines of code."""

from __future__ import annotations


def percent(share: float) -> str:
    """A share in words that never round a few to none or nearly all to all.

    >>> percent(0.1234), percent(0.00001), percent(0.99999), percent(1.0)
    ('12.3 %', 'under 0.1 %', 'over 99.9 %', '100 %')
    """
    if 0 < share < 0.001:
        return "under 0.1 %"
    if 0.999 < share < 1:
        return "over 99.9 %"
    return f"{100 * share:.1f}".removesuffix(".0") + " %"


def figure(value: float) -> str:
    """A number in four digits, or all of its whole ones.

    >>> figure(15110.4), figure(0.048652), figure(31170000.0), figure(1.5e-9)
    ('15,110', '0.04865', '31,170,000', '1.5e-09')
    """
    return f"{value:,.0f}" if 1e3 <= abs(value) < 1e15 else f"{value:.4g}"


def quoted(word: str) -> str:
    """A value in quotes, on one line, at most 40 letters."""
    return repr(word if len(word) <= 40 else word[:39] + "…")


def column_of(name: str) -> str:
    """The column in a line of pandas code.

    >>> column_of("it's")
    'data["it\\'s"]'
    """
    return f"data[{name!r}]"


def left_out(*names: str) -> str:
    """The line of pandas code that leaves the columns out."""
    return f"data = data.drop(columns={list(names)!r})"
