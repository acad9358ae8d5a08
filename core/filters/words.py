"""The words of the grammar of filters, which reading and writing share."""

from __future__ import annotations

import re

WORD = re.compile(r"[^\W\d][\w.]*")
KEYWORDS = frozenset(
    (
        "and or not is one of in contains matches equals between missing duplicate part flagged by score"
    ).split()
) | {"above", "true", "false"}


def is_bare(name: str) -> bool:
    """Whether a name needs no quotes.

    >>> is_bare("age"), is_bare("a.b"), is_bare("Or"), is_bare("a b"), is_bare("2nd"), is_bare("")
    (True, True, False, False, False, False)
    """
    return WORD.fullmatch(name) is not None and name.casefold() not in KEYWORDS
