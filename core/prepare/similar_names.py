"""Names that are likely one name: other word order, abbreviations, punctuation, company suffixes, slips.

Key collision as in OpenRefine (fingerprint and n-gram fingerprint, openrefine.org/docs/technical-reference/
clustering-in-depth) with guards, as different names must never be called one: numbers and their order always
count, and so do signs such as + and <; a slip of one letter is believed only of a long and rare word beside
one twenty times as frequent, in a column whose frequent words are not that close to each other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.prepare.name_tokens import LONG, Name, last_tokens, taken_apart
from core.prepare.spelling import merged_levels, tidy

if TYPE_CHECKING:
    import pyarrow as pa

MANY = 3_000  # different words above which they are not compared
OFTEN = 20  # times as frequent as a slip of it the right word is
ORDERED = 0.2  # share of the words of several tokens from which their order seems to mean something


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
    names = taken_apart(counts)
    groups = _Groups(counts)
    for pairs in (_joined(names), _reordered(names), _turned(names), _generic(names), _slips(names, counts)):
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
    >>> similar_levels(pa.array(["Bell Ltd", "Bell ", "Oslo "]), np.array([2, 9, 5]))
    {'Bell Ltd': 'Bell', 'Bell ': 'Bell'}
    """
    if not 1 < len(distinct) <= 2 * MANY:
        return {}
    alike = merged_levels(distinct, counts)
    total: dict[str, int] = {}
    for word, times in zip(distinct.to_pylist(), counts.tolist(), strict=True):
        total[alike.get(word, word)] = total.get(alike.get(word, word), 0) + times
    names = similar(total)
    names |= {head: head for head in names.values() if head != tidy(head)}
    words = (word for word in distinct.to_pylist() if alike.get(word, word) in names)
    return {word: tidy(names[alike.get(word, word)]) for word in words}


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


def _turned(names: Mapping[str, Name]) -> list[tuple[str, str]]:
    """A name, and the same with its last word and a comma in front: John Smith, and Smith, John."""
    plain: dict[tuple[str, ...], str] = {}
    for word, name in names.items():
        if not name.turned:
            plain.setdefault(name.tokens, word)
    return [(plain[name.turned], word) for word, name in names.items() if name.turned in plain]


def _reordered(names: Mapping[str, Name]) -> list[tuple[str, str]]:
    """Names of the same words in another order. None where that is so of many: routes there and back; nor
    where other names show that each of two orders stands for itself (Thomas James, James Thomas, James Lee).
    """
    several = {word: name for word, name in names.items() if len(name.tokens) > 1 and not name.turned}
    groups = _keyed((name.unordered, word) for word, name in several.items())
    apart = [words for words in groups if len({names[word].tokens for word in words}) > 1]
    if sum(map(len, apart)) > max(2.0, ORDERED * len(several)):
        return []
    firsts = Counter(name.tokens[0] for name in several.values())
    lasts = Counter(name.tokens[-1] for name in several.values())

    def orders_with_others(words: list[str]) -> int:
        """How many of the orders begin or end as a name beside these does."""
        begin = Counter(names[word].tokens[0] for word in words)
        end = Counter(names[word].tokens[-1] for word in words)
        return sum(
            firsts[name.tokens[0]] > begin[name.tokens[0]] or lasts[name.tokens[-1]] > end[name.tokens[-1]]
            for name in {names[word].tokens: names[word] for word in words}.values()
        )

    return _chained(words for words in apart if orders_with_others(words) < 2)


def _generic(names: Mapping[str, Name]) -> list[tuple[str, str]]:
    """A name, and the same followed by the kind of firm; not where two kinds do (airlines, aircraft), nor
    where another word does, as then the last one distinguishes (Delta, Delta Faucet).
    """
    plain: dict[tuple[str, ...], str] = {}
    for word, name in names.items():
        plain.setdefault(name.tokens, word)
    ends = last_tokens(names.values())
    longer: dict[tuple[str, ...], list[str]] = {}
    for word, name in names.items():
        if name.bare in plain and not ends.get(name.bare):
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
        if one_slip(" ".join(names[one].tokens), " ".join(names[other].tokens))
    }
    rare = [(often, seldom) for often, seldom in sorted(pairs) if counts[often] >= OFTEN * counts[seldom]]
    return rare if len(pairs) < 2 * len(rare) or not rare else []


def one_slip(one: str, other: str) -> bool:
    """Whether the names differ by one letter too many, another letter, or two neighbours swapped, in a long
    word and not at its beginning (Damerau 1964).

    >>> one_slip("washington", "washingtno"), one_slip("washington", "washngton")
    (True, True)
    >>> one_slip("north", "south"), one_slip("john smith", "john smyth")
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
