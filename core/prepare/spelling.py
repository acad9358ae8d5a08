"""Words that are one word written in several ways."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pyarrow as pa

ODD, PLAIN, UNSEEN = "‐‑‒–—−‘’‚‛“”„", "------''''\"\"\"", "\u00ad\u200b\u200c\u200d\u2060\ufeff"


_SIGNS = str.maketrans(ODD, PLAIN, UNSEEN)


def spelling(word: str) -> str:
    """What is left of a word when case, blanks, look-alike signs and Unicode forms are set aside; accents
    stay.

    NFKC and case folding as the Unicode standard has them (UAX 15; Unicode 15, section 3.13), dashes and
    quotes made plain, letters that cannot be seen left out.

    >>> spelling(" New  YORK "), spelling("ＮＹＣ"), spelling("Straße"), spelling("jazz–rock")
    ('new york', 'nyc', 'strasse', 'jazz-rock')
    >>> spelling("São") == spelling("Sao")
    False
    """
    return " ".join(tidied(word).casefold().split())


def tidied(word: str) -> str:
    """The word in Unicode's compatible form (NFKC), with plain dashes and quotes and without letters that
    cannot be seen.
    """
    return unicodedata.normalize("NFKC", word.translate(_SIGNS)) if not word.isascii() else word


def preference(word: str, times: int) -> tuple[bool, int, str]:
    """Least for the spelling to keep: one without stray blanks, then the commonest, then the first by code
    point.

    >>> min(["oslo ", "Oslo", "oslo"], key=lambda word: preference(word, 2))
    'Oslo'
    >>> min(["oslo ", "Oslo"], key=lambda word: preference(word, {"oslo ": 9, "Oslo": 2}[word]))
    'Oslo'
    """
    return word != tidy(word), -times, word


def tidy(word: str) -> str:
    """The word without blanks at its ends or several in a row.

    >>> tidy("  New   York ")
    'New York'
    """
    return " ".join(word.split())


def merged_levels(distinct: pa.StringArray | Any, counts: NDArray[np.int64]) -> dict[str, str]:
    """Each variant and the word it is to be written as: of those with one `spelling` the commonest without
    blanks at its ends or several in a row; where all have some, the commonest without them.

    distinct: Arrow array of different texts; counts: how often each occurs. Words without variants are left
    out.

    >>> import pyarrow as pa
    >>> merged_levels(pa.array(["NYC", "nyc", "Oslo", "NYC "]), np.array([9, 2, 5, 1]))
    {'nyc': 'NYC', 'NYC ': 'NYC'}
    >>> merged_levels(pa.array(["Oslo", "oslo ", "a  b", "A b "]), np.array([2, 9, 5, 1]))
    {'oslo ': 'Oslo', 'a  b': 'a b', 'A b ': 'a b'}
    """
    alike: dict[str, list[int]] = {}
    words = distinct.to_pylist()
    for place, word in enumerate(words):
        alike.setdefault(spelling(word), []).append(place)
    instead: dict[str, str] = {}
    for folded, places in alike.items():
        if folded and len(places) > 1:
            ordered = sorted(places, key=lambda p: preference(words[p], int(counts[p])))
            to = tidy(words[ordered[0]])
            instead |= {words[p]: to for p in ordered if words[p] != to}
    return instead
