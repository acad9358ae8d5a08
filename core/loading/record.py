"""How many fields the records of a delimited text have."""

from __future__ import annotations

from collections import Counter


def trimmed(record: list[str]) -> tuple[str, ...]:
    """A record without the empty fields at its end."""
    end = len(record)
    while end and not record[end - 1].strip():
        end -= 1
    return tuple(record[:end])


def usual_width(rows: list[list[str]]) -> int:
    """The number of fields most rows have; of two as frequent the larger."""
    counts = Counter(len(row) for row in rows if row)
    return max(counts.items(), key=lambda item: (item[1] * item[0] ** 0.5, item[0]))[0] if counts else 1
