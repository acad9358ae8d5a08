"""Words that are one word written in several ways: "NYC", "nyc " and "ＮＹＣ"."""

from __future__ import annotations

import math
import unicodedata
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.analyses.profile.measure import Facts
from core.analyses.profile.rows import LEAST_CELLS, column_of, picked, quoted, rows_with
from core.finding import Finding

if TYPE_CHECKING:
    import pyarrow as pa

ODD, PLAIN, UNSEEN = "‐‑‒–—−‘’‚‛“”„", "------''''\"\"\"", "\u00ad\u200b\u200c\u200d\u2060\ufeff"
_SIGNS = str.maketrans(ODD, PLAIN, UNSEEN)
REPEATING = 0.9  # share of distinct values up to which words are levels, and no names of rows
MANY = 100_000  # distinct words above which they are not compared: no list of levels is as long
_LISTED = 50  # variants that a line of code names one by one
_PRIOR = 5  # letters from all places that count beside those of one place
# levels up to which pairs that differ by case alone get a note even where chance could have made them
_CODES = 8


def spelling(word: str) -> str:
    """What is left of a word when case, blanks, look-alike signs and Unicode forms are set aside; accents
    stay.

    NFKC and case folding as the Unicode standard has them (UAX 15; Unicode 15, section 3.13), dashes and
    quotes made plain, letters that cannot be seen left out.

    >>> spelling(" New  YORK "), spelling("ＮＹＣ"), spelling("Straße"), spelling("jazz–rock"), spelling("São") == spelling("Sao")
    ('new york', 'nyc', 'strasse', 'jazz-rock', False)
    """
    return " ".join(tidied(word).casefold().split())


def tidied(word: str) -> str:
    """The word in Unicode's compatible form (NFKC), with plain dashes and quotes and without letters that
    cannot be seen.
    """
    return unicodedata.normalize("NFKC", word.translate(_SIGNS)) if not word.isascii() else word


def merged_levels(distinct: pa.StringArray | Any, counts: NDArray[np.int64]) -> dict[str, str]:
    """Each variant and the word it is to be written as: the commonest of those with one `spelling`, of equal
    ones the tidiest.

    distinct: Arrow array of different texts; counts: how often each occurs. Words without variants are left
    out.

    >>> import pyarrow as pa
    >>> merged_levels(pa.array(["NYC", "nyc", "Oslo", "NYC "]), np.array([9, 2, 5, 1]))
    {'nyc': 'NYC', 'NYC ': 'NYC'}
    """
    alike: dict[str, list[int]] = {}
    words = distinct.to_pylist()
    for place, word in enumerate(words):
        alike.setdefault(spelling(word), []).append(place)
    made: dict[str, str] = {}
    for said, places in alike.items():
        if said and len(places) > 1:
            ordered = sorted(
                places, key=lambda p: (-counts[p], words[p] != " ".join(words[p].split()), words[p])
            )
            made |= {words[p]: words[ordered[0]] for p in ordered[1:]}
    return made


def variants(facts: Facts) -> Finding | None:
    """Levels that are one word written in several ways; a note where they differ by case alone and may be
    codes (a is not A).
    """
    profile = facts.profile
    levels = (
        profile.stored == "string"
        and profile.kind in ("category", "text")
        and profile.distinct <= REPEATING * profile.present
    )
    if not levels or profile.distinct > MANY or facts.role in ("id", "weight"):
        return None
    words = facts.distinct.filter(picked(~facts.empty))
    counts = facts.counts[~facts.empty]
    merged = merged_levels(words, counts)
    if not merged:
        return None
    exact = {
        word for word, to in merged.items() if tidied(" ".join(word.split())) == tidied(" ".join(to.split()))
    }
    noise = pairs_by_chance(words.to_pylist()) if len(exact) < len(merged) else 0.0
    telling = bool(exact) or len(merged) > noise + 3 * noise**0.5
    if not telling and profile.distinct > _CODES:
        return None
    rows = rows_with(facts, np.isin(np.array(facts.distinct.to_pylist(), dtype=object), list(merged)))
    sure = telling and len(rows) >= LEAST_CELLS
    return Finding(
        code="variants",
        title=f"{profile.name!r} writes {_said(words.to_pylist(), counts, merged)} ({len(rows):,} of "
        f"{profile.present:,} values)",
        severity="warning" if sure else "info",
        score=min(1.0, 0.5 + 0.5 * len(rows) / profile.present),
        why="A model and every count by level take each spelling for a level of its own.",
        suggestion=("Write them like the commonest spelling.")
        if telling
        else ("If case makes no difference here, write them alike."),
        rows=rows,
        columns=(profile.name,),
        value=float(len(merged)),
        limit=0.0,
        noise=noise,
        n=profile.present,
        action="merge",
        fix=_line(profile.name, merged),
    )


def pairs_by_chance(words: Iterable[str]) -> float:
    """How many pairs of words would be alike but for case, were their letters (case set aside) drawn
    independently of each other.

    For each length and place from the letters seen there in the different words, and as if five more came
    from all letters: one word alone says little about what could stand in its places.

    >>> round(pairs_by_chance(["a", "b", "A", "B"]), 2), round(pairs_by_chance(["yes", "no", "Yes", "YES", "maybe"]), 2)
    (3.0, 0.01)
    """
    folded = [word.casefold() for word in words]
    different = sorted(set(folded))
    letters = Counter("".join(different))
    total = sum(letters.values())
    made = 0.0
    for length, n in Counter(map(len, folded)).items():
        if n > 1 and length:
            same = [word for word in different if len(word) == length]
            made += (
                n
                * (n - 1)
                / 2
                * math.prod(_alike(Counter(place), letters, total) for place in zip(*same, strict=True))
            )
    return made


def _alike(here: Counter[str], everywhere: Counter[str], total: int) -> float:
    """The chance that two letters drawn at one place are the same."""
    n = sum(here.values()) + _PRIOR
    return sum(((here[letter] + _PRIOR * count / total) / n) ** 2 for letter, count in everywhere.items())


def _said(words: list[str], counts: NDArray[np.int64], merged: dict[str, str]) -> str:
    """The word with most variants, and how many others there are."""
    often = dict(zip(words, counts.tolist(), strict=True))
    groups: dict[str, list[str]] = {}
    for word, to in merged.items():
        groups.setdefault(to, []).append(word)
    first = max(groups, key=lambda to: (sum(often[word] for word in groups[to]), to))
    shown = sorted(groups[first], key=lambda word: (-often[word], word))
    listed = ", ".join(quoted(word) for word in shown[:3]) + (" …" if len(shown) > 3 else "")
    more = len(groups) - 1
    others = f", and {more:,} other word{'s' * (more > 1)} in more than one way" if more else ""
    return f"{quoted(first)} also as {listed}{others}"


def _line(name: str, merged: dict[str, str]) -> str:
    column = column_of(name)
    if len(merged) <= _LISTED:
        return f"{column} = {column}.replace({merged!r})"
    signs = f"str.maketrans({ODD!r}, {PLAIN!r}, {UNSEEN!r})"
    alike = f"{column}.str.translate({signs}).str.normalize('NFKC').str.casefold().str.split().str.join(' ')"
    return f"{column} = {column}.groupby({alike}).transform(lambda same: same.mode()[0])"
