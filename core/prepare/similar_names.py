"""Names that are likely one name: other word order, abbreviations, punctuation, company suffixes, slips.

Key collision as in OpenRefine (fingerprint and n-gram fingerprint, openrefine.org/docs/technical-reference/
clustering-in-depth) with guards, as different names must never be called one: numbers and their order always
count, and so do signs such as + and <; a slip of one letter is believed only of a long and rare word beside
one twenty times as frequent, in a column whose frequent words are not that close to each other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.prepare.spelling import merged_levels, spelling

if TYPE_CHECKING:
    import pyarrow as pa

MANY = 3_000  # different words above which they are not compared
OFTEN = 20  # times as frequent as a slip of it the right word is
LONG = 8  # letters of a word from which a slip in it is believed
ORDERED = 0.2  # share of the words of several tokens from which their order seems to mean something
_STEM = 3  # letters of a name that remain without a company suffix
_SUFFIXES = frozenset(
    "inc incorporated ltd limited co company corp corporation llc llp lp plc gmbh ag kg sa spa sarl bv nv "
    "ab as oy"
    " pty pte srl kk".split()
)
_GENERIC = frozenset(
    "industrie industries aircraft airlines airways aviation aerospace group holding holdings international"
    " enterprises manufacturing technologies technology systems services solutions products brothers".split()
)
_SHORT = {
    "intl": "international",
    "int'l": "international",
    "natl": "national",
    "arpt": "airport",
    "mfg": "manufacturing",
    "bros": "brothers",
    "dept": "department",
    "univ": "university",
    "govt": "government",
    "hosp": "hospital",
    "assn": "association",
    "ctr": "center",
    "centre": "center",
    "ind": "industries",
    "inds": "industries",
    "tech": "technology",
    "svc": "service",
    "svcs": "services",
    "ave": "avenue",
    "blvd": "boulevard",
    "&": "and",
}
# a sign that only sets letters apart; between two digits, or at an end, it may mean something
_APART = re.compile(
    r"(?<=[^\W\d_])[-/_:;()]+(?=\w)|(?<=\w)[-/_:;()]+(?=[^\W\d_])|[,\"“”]+|(?<=\w)[.](?=[\s,]|$)"
)
_DOTTED = re.compile(r"(?<=\b[^\W\d_])\.(?=[^\W\d_]\b)")  # U.S.A
_QUOTE = re.compile(r"(?<=[^\W\d_])'(?=[^\W\d_])")


class Name(NamedTuple):
    """A name taken apart.

    tokens: its words and numbers in order, without company suffixes.
    """

    tokens: tuple[str, ...]

    @classmethod
    def of(cls, word: str) -> Name:
        """The word's tokens, abbreviations written out.

        >>> Name.of("McDonnell-Douglas Corp.").tokens, Name.of("U.S. Steel, Inc").tokens, Name.of("A+").tokens
        (('mcdonnell', 'douglas'), ('us', 'steel'), ('a+',))
        """
        folded = _APART.sub(" ", _QUOTE.sub("", _DOTTED.sub("", spelling(word))))
        tokens = [_SHORT.get(token, token) for token in folded.split()]
        while len(tokens) > 1 and tokens[-1] in _SUFFIXES and sum(map(len, tokens[:-1])) >= _STEM:
            tokens.pop()
        return cls(tuple(tokens))

    @property
    def joined(self) -> str:
        """The tokens as one, numbers set apart from each other."""
        return re.sub(r"(?<=\d) (?=\d)", "_", " ".join(self.tokens)).replace(" ", "")

    @property
    def unordered(self) -> tuple[str, ...]:
        """The tokens in alphabetical order, those with digits in their own order behind them; in order where
        they are few letters.
        """
        words = [token for token in self.tokens if token.isalpha()]
        if sum(map(len, words)) < LONG or max(map(len, words), default=0) < 4:
            return self.tokens
        return (*sorted(words), *(token for token in self.tokens if not token.isalpha()))

    @property
    def bare(self) -> tuple[str, ...]:
        """The tokens without a last one that only says what kind of firm it is."""
        short = self.tokens[:-1]
        return short if self.tokens[-1:] and self.tokens[-1] in _GENERIC and any(map(_long, short)) else ()


def _long(token: str) -> bool:
    return len(token) >= 4 and token.isalpha()


def similar(counts: Mapping[str, int]) -> dict[str, str]:
    """Each name that likely is another one, and that one: the commonest of them (of equal ones the first).

    counts: how often each name occurs; names that differ in case or blanks alone should be one already
    (`core.prepare.spelling.merged_levels`).

    >>> similar({"AIRBUS": 336, "AIRBUS INDUSTRIE": 400, "BOEING": 1_630, "Model 100": 9, "Model 200": 9})
    {'AIRBUS': 'AIRBUS INDUSTRIE'}
    >>> similar({"North Carolina": 5, "South Carolina": 200, "Rating A+": 9, "Rating A-": 90})
    {}
    """
    if not 1 < len(counts) <= MANY:
        return {}
    names = {word: Name.of(word) for word in counts}
    groups = _Groups(counts)
    for pairs in (_joined(names), _reordered(names), _generic(names), _slips(names, counts)):
        for one, other in pairs:
            groups.join(one, other)
    return groups.mapping()


def similar_levels(distinct: pa.StringArray, counts: NDArray[np.int64]) -> dict[str, str]:
    """Each level whose name likely is that of another level, and how to write it; levels that differ only in
    case, blanks or look-alike signs are taken as one before, and are no part of it unless the name they have
    is.

    distinct: Arrow array of different texts; counts: how often each occurs.

    >>> import pyarrow as pa
    >>> similar_levels(pa.array(["Bell Ltd", "bell ltd", "Bell", "Oslo", "oslo"]), np.array([2, 1, 9, 5, 1]))
    {'Bell Ltd': 'Bell', 'bell ltd': 'Bell'}
    """
    if not 1 < len(distinct) <= 2 * MANY:
        return {}
    alike = merged_levels(distinct, counts)
    total: dict[str, int] = {}
    for word, times in zip(distinct.to_pylist(), counts.tolist(), strict=True):
        total[alike.get(word, word)] = total.get(alike.get(word, word), 0) + times
    names = similar(total)
    words = (word for word in distinct.to_pylist() if alike.get(word, word) in names)
    return {word: names[alike.get(word, word)] for word in words}


class _Groups:
    """Words in groups, by what is joined."""

    def __init__(self, counts: Mapping[str, int]) -> None:
        self.counts = counts
        self.head = {word: word for word in counts}

    def find(self, word: str) -> str:
        while self.head[word] != word:
            word = self.head[word]
        return word

    def join(self, one: str, other: str) -> None:
        heads = sorted({self.find(one), self.find(other)}, key=lambda word: (-self.counts[word], word))
        for head in heads[1:]:
            self.head[head] = heads[0]

    def mapping(self) -> dict[str, str]:
        return {word: head for word in self.head if (head := self.find(word)) != word}


def _keyed(keys: Iterable[tuple[object, str]]) -> list[list[str]]:
    """Words of equal keys, where there are several."""
    groups: dict[object, list[str]] = {}
    for key, word in keys:
        groups.setdefault(key, []).append(word)
    return [words for words in groups.values() if len(words) > 1]


def _chained(groups: Iterable[Sequence[str]]) -> list[tuple[str, str]]:
    return [(words[0], other) for words in groups for other in words[1:]]


def _joined(names: Mapping[str, Name]) -> list[tuple[str, str]]:
    return _chained(_keyed((name.joined, word) for word, name in names.items() if name.joined))


def _reordered(names: Mapping[str, Name]) -> list[tuple[str, str]]:
    """Names of the same words in another order; none where that is so of many: routes there and back."""
    several = {word: name for word, name in names.items() if len(name.tokens) > 1}
    groups = _keyed((name.unordered, word) for word, name in several.items())
    apart = [words for words in groups if len({names[word].tokens for word in words}) > 1]
    if sum(map(len, apart)) > max(2.0, ORDERED * len(several)):
        return []
    return _chained(apart)


def _generic(names: Mapping[str, Name]) -> list[tuple[str, str]]:
    """A name, and the same followed by the kind of firm; not where two kinds do (airlines, aircraft)."""
    plain: dict[tuple[str, ...], str] = {}
    for word, name in names.items():
        plain.setdefault(name.tokens, word)
    longer: dict[tuple[str, ...], list[str]] = {}
    for word, name in names.items():
        if name.bare in plain:
            longer.setdefault(name.bare, []).append(word)
    return [
        (plain[bare], word)
        for bare, words in longer.items()
        if len({names[word].tokens for word in words}) == 1
        for word in words
    ]


def _slips(names: Mapping[str, Name], counts: Mapping[str, int]) -> list[tuple[str, str]]:
    """Long rare names within one slip of the pen of a frequent one; none where frequent ones are as close."""
    near: dict[str, list[str]] = {}
    for word, name in names.items():
        text = " ".join(name.tokens)
        if len(text) >= LONG and text.replace(" ", "").isalpha():
            for cut in {text, *(text[:at] + text[at + 1 :] for at in range(len(text)))}:
                near.setdefault(cut, []).append(word)
    pairs = {
        tuple(sorted((one, other), key=lambda word: (-counts[word], word)))
        for words in near.values()
        if 1 < len(words) <= 20
        for at, one in enumerate(words)
        for other in words[at + 1 :]
        if _one_slip(" ".join(names[one].tokens), " ".join(names[other].tokens))
    }
    rare = [(often, seldom) for often, seldom in sorted(pairs) if counts[often] >= OFTEN * counts[seldom]]
    return rare if len(pairs) < 2 * len(rare) or not rare else []


def _one_slip(one: str, other: str) -> bool:
    """Whether the names differ by one letter too many, another letter, or two neighbours swapped, in a long
    word and not at its beginning (Damerau 1964).

    >>> _one_slip("washington", "washingtno"), _one_slip("washington", "washngton")
    (True, True)
    >>> _one_slip("north", "south"), _one_slip("john smith", "john smyth")
    (False, False)
    """
    short, long = sorted((one, other), key=len)
    if len(long) - len(short) > 1 or one == other:
        return False
    first = next(
        (at for at, pair in enumerate(zip(short, long, strict=False)) if pair[0] != pair[1]), len(short)
    )
    begin, end = long.rfind(" ", 0, first) + 1, long.find(" ", first)
    if first == begin or (len(long) if end < 0 else end) - begin < LONG:
        return False
    if len(short) < len(long):
        return short[first:] == long[first + 1 :]
    if short[first + 1 :] == long[first + 1 :]:
        return True
    return (
        short[first : first + 2] == long[first : first + 2][::-1] and short[first + 2 :] == long[first + 2 :]
    )
