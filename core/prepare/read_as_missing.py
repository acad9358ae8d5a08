"""What is said of texts that the reader took as missing."""

from __future__ import annotations

from core.dataset.column import Column
from core.phrases import name, quoted

_TOKENS = 5  # of the texts that were read as missing, so many are named


def read_as_missing(column: Column) -> str:
    """Which texts the reader took as missing, as a sentence to append; "" where only empty cells are. How
    many of these there are is known of all rows as loaded, be a finding of fewer.

    >>> print(read_as_missing(Column("x", "numeric", "double", "text", null_tokens=(("NA", 40),))))
     Read as missing, of all rows as loaded: 'NA' (40); if 'NA' is a real value, load 'x' as text.
    """
    if not column.null_tokens:
        return ""
    words = [f"{quoted(word)} ({cells:,})" for word, cells in column.null_tokens[:_TOKENS]]
    more = f" and {len(column.null_tokens) - _TOKENS:,} more" if len(column.null_tokens) > _TOKENS else ""
    told = f" Read as missing, of all rows as loaded: {', '.join(words)}{more}"
    real = words[0].rpartition(" ")[0] if len(column.null_tokens) == 1 else "one of these"
    return f"{told}; if {real} is a real value, load {name(column.name)} as text."
