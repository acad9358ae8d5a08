"""Words that are one word written in several ways."""

from __future__ import annotations

import math
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pyarrow as pa

ODD, PLAIN, UNSEEN = "‐‑‒–—−‘’‚‛“”„", "------''''\"\"\"", "\u00ad\u200b\u200c\u200d\u2060\ufeff"

_PRIOR = 5  # letters from all places that count beside those of one place
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


def judged(words: Sequence[str], merged: Mapping[str, str]) -> tuple[float, bool]:
    """How many pairs of these different words are alike but for case by chance, 0 where that is not what
    tells; and whether those ``merged`` tell that they are one word: some differ by blanks or signs alone, or
    they are more than chance makes.

    >>> [judged(words, merged) for words, merged in ((["a", "a "], {"a ": "a"}), (["a", "A"], {"a": "A"}))]
    [(0.0, True), (1.0, False)]
    """
    exact = {word for word, to in merged.items() if tidied(tidy(word)) == tidied(tidy(to))}
    noise = pairs_by_chance(words) if len(exact) < len(merged) else 0.0
    return noise, bool(exact) or len(merged) > noise + 3 * noise**0.5


def pairs_by_chance(words: Iterable[str]) -> float:
    """How many pairs of words would be alike but for case, were their letters (case set aside) drawn
    independently of each other.

    For each length and place from the letters seen there in the different words, and as if five more came
    from all letters: one word alone says little about what could stand in its places.

    >>> round(pairs_by_chance(["a", "b", "A", "B"]), 2)
    3.0
    >>> round(pairs_by_chance(["yes", "no", "Yes", "YES", "maybe"]), 2)
    0.01
    """
    folded = [word.casefold() for word in words]
    different = sorted(set(folded))
    letters = Counter("".join(different))
    total = sum(letters.values())
    expected = 0.0
    for length, n in Counter(map(len, folded)).items():
        if n > 1 and length:
            same = [word for word in different if len(word) == length]
            expected += (
                n
                * (n - 1)
                / 2
                * math.prod(_alike(Counter(place), letters, total) for place in zip(*same, strict=True))
            )
    return expected


def _alike(here: Counter[str], everywhere: Counter[str], total: int) -> float:
    """The chance that two letters drawn at one place are the same."""
    n = sum(here.values()) + _PRIOR
    return sum(((here[letter] + _PRIOR * count / total) / n) ** 2 for letter, count in everywhere.items())
