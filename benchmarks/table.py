"""What a benchmark reports: one row per comparison, printed as a table."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import NamedTuple


class Row(NamedTuple):
    """One comparison. ``ours`` and ``peer`` in the unit that ``name`` gives; ``limit`` says what must hold of
    them, ``ok`` that it does.
    """

    name: str
    ours: float
    peer: float
    ratio: float
    limit: str
    ok: bool


def as_text(rows: Iterable[Row]) -> str:
    """The table ``name | ours | peer | ratio | limit | ok``.

    >>> print(as_text([Row("seconds", 1.0, 4.0, 4.0, "ratio >= 4", True)]), end="")
    name    | ours | peer | ratio | limit      | ok
    seconds |    1 |    4 |     4 | ratio >= 4 | yes
    """
    told = [
        (row.name, *(f"{number:,.4g}" for number in row[1:4]), row.limit, "yes" if row.ok else "NO")
        for row in rows
    ]
    lines = [Row._fields, *told]
    widths = [max(len(line[place]) for line in lines) for place in range(5)]
    made = [
        [
            line[0].ljust(widths[0]),
            *(line[i].rjust(widths[i]) for i in (1, 2, 3)),
            line[4].ljust(widths[4]),
            line[5],
        ]
        for line in lines
    ]
    return "".join(" | ".join(line) + "\n" for line in made)


def show(rows: Iterable[Row]) -> None:
    """Write the table to standard output."""
    sys.stdout.write(as_text(rows))
