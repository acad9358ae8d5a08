"""All pairs of texts within an edit distance, without comparing all pairs.

Pass-Join (Li, Deng, Wang and Feng 2011, "Pass-Join: a partition-based method for similarity joins", PVLDB
5(3), with its multi-match-aware places): of two texts within d edits (Levenshtein 1966) the shorter, cut into
d + 1 segments, has one that stands in the longer, at most a few places aside. A swap of two neighbouring
letters is one edit more of its own kind (Damerau 1964). Candidates pass a filter on their letters, then the
banded table of Ukkonen 1985, for many pairs at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.progress import SILENT, Progress

ONE_FROM, TWO_FROM = 5, 12  # letters of the shorter text from which one edit is near, and two
MOST = 150_000_000  # candidates looked at
_AT_ONCE = 100_000
_BUCKETS = 32  # of letters; two bits each make up the signature
_BASE, _GROUP, _LETTER = (
    np.uint64(odd) for odd in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0xD6E8FEB86659FD93)
)

Ids = NDArray[np.int64]
Hashes = NDArray[np.uint64]


class NearPairs(NamedTuple):
    """Pairs of texts, each once.

    one, other: places in the texts given, int64, ``one < other``, sorted.
    distance: edits between them, int64.
    candidates: pairs looked at (some of them more than once).
    skipped: pairs that were not, as more than `MOST` share a segment: those of the commonest segments.
    """

    one: Ids
    other: Ids
    distance: Ids
    candidates: int
    skipped: int


def near_distance(length: int) -> int:
    """The edits within which a text of so many letters has another near it.

    >>> [near_distance(length) for length in (4, 5, 11, 12)]
    [0, 1, 1, 2]
    """
    return (length >= ONE_FROM) + (length >= TWO_FROM)


def near_pairs(
    texts: Sequence[str], groups: NDArray[np.int64], most: int = MOST, progress: Progress = SILENT
) -> NearPairs:
    """All pairs of texts of one group within `near_distance` (of the shorter one) of each other, or that
    differ by two neighbouring letters swapped, which counts as one edit.

    texts: n different ones, none longer than some hundred letters. groups: of length n; texts of different
    groups are never near. Exact while the candidates are at most ``most``.

    >>> pairs = near_pairs(["oslo", "bergen", "bregen", "berlin", "bergem"], np.zeros(5, np.int64))
    >>> pairs.one.tolist(), pairs.other.tolist(), pairs.distance.tolist()
    ([1, 1], [2, 4], [1, 1])
    """
    pairs = _block_pairs(texts, groups)
    joins = [_joins(*pair) for pair in pairs]
    widest, candidates, skipped = _within([join for some in joins for join in some], most)
    none = np.zeros(0, np.int64)
    found = [(none, none, none)]
    for (short, long), some in zip(pairs, progress.each(joins, "Comparing texts"), strict=True):
        kept = [join.narrowed(widest) for join in some]
        if any(one is not other for one, other in zip(kept, some, strict=True)):
            kept += _one_edit(short, long)
        found.append(_verified(short, long, kept))
    one, other, distance = map(np.concatenate, zip(*found, strict=True))
    low, high = np.minimum(one, other), np.maximum(one, other)
    order = np.lexsort((high, low))
    return NearPairs(low[order], high[order], distance[order], candidates, skipped)


class _LengthBlock(NamedTuple):
    """The n texts of one length. ids: their places; letters: n x length; sums: hashes of what stands before
    each place, n x (length + 1); signs: which letters occur, and which of them twice.
    """

    ids: Ids
    groups: Ids
    letters: NDArray[np.uint32]
    sums: Hashes
    signs: Hashes

    @property
    def length(self) -> int:
        return int(self.letters.shape[1])

    def hashes(self, start: int, size: int) -> Hashes:
        """Of the letters from ``start`` on and the group."""
        piece = self.sums[:, start + size] - self.sums[:, start] * _power(size)
        return np.asarray(piece ^ self._group)

    def without(self, place: int) -> Hashes:
        """Of all letters but one, and the group."""
        behind = self.length - place - 1
        after = self.sums[:, -1] - self.sums[:, place + 1] * _power(behind)
        return np.asarray((self.sums[:, place] * _power(behind) + after) ^ self._group)

    @property
    def _group(self) -> Hashes:
        return self.groups.astype(np.uint64) * _GROUP

    def anagrams(self) -> Hashes:
        """Equal where the letters are, whatever their order."""
        mixed = (self.letters.astype(np.uint64) + np.uint64(1)) * _LETTER
        mixed = (mixed ^ (mixed >> np.uint64(31))) * _BASE
        return np.asarray(mixed.sum(1, dtype=np.uint64) ^ self._group)


def _power(exponent: int) -> np.uint64:
    return np.uint64(pow(int(_BASE), exponent, 2**64))


class _Join(NamedTuple):
    """Candidates: text k of the second block beside the ``width[k]`` of the first from ``left[k]`` in
    ``order``.
    """

    order: Ids
    left: Ids
    width: Ids

    def narrowed(self, widest: int) -> _Join:
        """Without what more than ``widest`` texts share; itself where there is nothing of that kind."""
        wide = self.width > widest
        return self._replace(width=np.where(wide, 0, self.width)) if wide.any() else self


def _block_pairs(texts: Sequence[str], groups: Ids) -> list[tuple[_LengthBlock, _LengthBlock]]:
    """The texts by length, with those as long and those up to d letters longer."""
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    held = np.unique(lengths[lengths >= ONE_FROM]).tolist()
    blocks = {length: _block(texts, np.flatnonzero(lengths == length), groups) for length in held}
    return [
        (block, blocks[length + longer])
        for length, block in blocks.items()
        for longer in range(near_distance(length) + 1)
        if length + longer in blocks
    ]


def _block(texts: Sequence[str], ids: Ids, groups: Ids) -> _LengthBlock:
    joined = "".join(texts[at] for at in ids.tolist()).encode("utf-32-le", "surrogatepass")
    letters = np.frombuffer(joined, "<u4").astype(np.uint32).reshape(ids.size, -1)
    sums = np.zeros((ids.size, letters.shape[1] + 1), np.uint64)
    for at in range(letters.shape[1]):
        sums[:, at + 1] = sums[:, at] * _BASE + letters[:, at]
    cells = np.arange(ids.size)[:, None] * _BUCKETS + letters % _BUCKETS
    times = np.bincount(cells.ravel(), minlength=ids.size * _BUCKETS).reshape(ids.size, _BUCKETS)
    bits = np.uint64(1) << np.arange(2 * _BUCKETS, dtype=np.uint64)
    signs = np.where(np.hstack([times > 0, times > 1]), bits, np.uint64(0)).sum(1, dtype=np.uint64)
    return _LengthBlock(ids, groups[ids], letters, sums, signs)


def _joins(short: _LengthBlock, long: _LengthBlock) -> list[_Join]:
    """By segments of the shorter texts, at each place where the longer ones may have them."""
    length, most = short.length, near_distance(short.length)
    longer = long.length - length
    joins = []
    for segment in range(most + 1):
        start, end = (length * cut // (most + 1) for cut in (segment, segment + 1))
        first, last = max(-segment, longer - most + segment), min(segment, longer + most - segment)
        indexed = short.hashes(start, end - start)
        joins += [
            _joined(indexed, long.hashes(place, end - start))
            for place in range(max(0, start + first), min(start + longer + length - end, start + last) + 1)
        ]
    if not longer and most == 1:  # of longer texts a swap is two edits, and found as such
        joins.append(_joined(short.anagrams(), short.anagrams()))
    return joins


def _one_edit(short: _LengthBlock, long: _LengthBlock) -> list[_Join]:
    """By all letters but one: every pair that is one edit apart, however many share a segment."""
    if short is long:
        return [_joined(cut, cut) for cut in map(short.without, range(short.length))]
    if long.length > short.length + 1:
        return []
    whole = short.hashes(0, short.length)
    return [_joined(whole, long.without(place)) for place in range(long.length)]


def _joined(indexed: Hashes, probes: Hashes) -> _Join:
    order = np.argsort(indexed, kind="stable")
    ranked = indexed[order]
    left = np.searchsorted(ranked, probes)
    return _Join(order, left, np.searchsorted(ranked, probes, "right") - left)


def _within(joins: Sequence[_Join], most: int) -> tuple[int, int, int]:
    """The texts that may share a segment, a power of two, so that there are at most so many candidates;
    these, and how many more there are.
    """
    sizes = np.zeros(64, np.int64)
    for join in joins:
        held = join.width[join.width > 0]
        np.add.at(sizes, np.ceil(np.log2(held)).astype(np.int64), held)
    total = np.cumsum(sizes)
    level = int(np.searchsorted(total, most, "right")) - 1
    kept = int(total[level]) if level >= 0 else 0
    return (2**level if level >= 0 else 0), kept, int(total[-1]) - kept


def _verified(short: _LengthBlock, long: _LengthBlock, joins: Sequence[_Join]) -> tuple[Ids, Ids, Ids]:
    """The near pairs among the candidates of two blocks, as places of texts, and their distances."""
    most = near_distance(short.length)
    kept = [_alike(*chunk, short, long, most) for join in joins for chunk in _expanded(join)]
    coded = np.unique(np.concatenate([np.zeros(0, np.int64), *kept]))
    one, other = np.divmod(coded, np.int64(long.ids.size))
    distance = np.empty(coded.size, np.int64)
    for at in range(0, coded.size, _AT_ONCE // 8):
        piece = slice(at, at + _AT_ONCE // 8)
        distance[piece] = distances(short.letters[one[piece]], long.letters[other[piece]], most)
    near = distance <= most
    return short.ids[one[near]], long.ids[other[near]], distance[near]


def _expanded(join: _Join) -> Iterator[tuple[Ids, Ids]]:
    """The candidates, some at a time: places in the first and in the second block."""
    probes = np.flatnonzero(join.width)
    ends = np.cumsum(join.width[probes])
    cuts = np.unique(np.searchsorted(ends, np.arange(_AT_ONCE, ends[-1] if ends.size else 0, _AT_ONCE)))
    for part in np.split(probes, cuts):
        width = join.width[part]
        step = np.arange(width.sum()) - np.repeat(np.cumsum(width) - width, width)
        yield join.order[np.repeat(join.left[part], width) + step], np.repeat(part, width)


def _alike(one: Ids, other: Ids, short: _LengthBlock, long: _LengthBlock, most: int) -> Ids:
    """The pairs, as one number each, whose letters differ no more than d edits can bring about."""
    longer = long.length - short.length
    kept = np.bitwise_count(short.signs[one] ^ long.signs[other]) <= 2 * most - longer
    if not longer:
        kept &= one < other
    one, other = one[kept], other[kept]
    kept = short.groups[one] == long.groups[other]
    return np.asarray(one[kept] * np.int64(long.ids.size) + other[kept])


def distances(one: NDArray[Any], other: NDArray[Any], most: int) -> Ids:
    """Per row the edits from one text to another, ``most + 1`` for more than ``most``; two neighbouring
    letters swapped are one edit where the texts do not differ otherwise.

    one: letters, n x l; other: n x m, m from l to l + ``most``.

    >>> one, other = np.array([[1, 2, 3, 4], [1, 2, 3, 4]]), np.array([[1, 3, 2, 4], [4, 3, 2, 1]])
    >>> distances(one, other, 2).tolist()
    [1, 3]
    """
    length, longer = one.shape[1], other.shape[1] - one.shape[1]
    edits = np.full(one.shape[0], most + 1, np.int64)
    rows = np.arange(one.shape[0])
    far = np.int8(2 * most + 2)
    above = np.full((2 * most + 1, rows.size), far, np.int8)  # the row of the table, about its diagonal
    above[most:] = np.arange(most + 1, dtype=np.int8)[:, None]
    for at in range(1, length + 1):
        row = np.full_like(above, far)
        for aside in range(-most, most + 1):
            column, place = at + aside, aside + most
            if not 0 <= column <= length + longer:
                continue
            if column:
                row[place] = above[place] + (one[rows, at - 1] != other[rows, column - 1])
            if aside < most:
                np.minimum(row[place], above[place + 1] + 1, out=row[place])
            if aside > -most:
                np.minimum(row[place], row[place - 1] + 1, out=row[place])
        above = np.minimum(row, far)
        alive = above.min(0) <= most
        if 2 * np.count_nonzero(alive) < rows.size:  # most are too far from each other already
            rows, above = rows[alive], above[:, alive]
    edits[rows] = np.minimum(above[most + longer], most + 1)
    if most and not longer and length > 1:
        edits[_swapped(one, other)] = 1
    return edits


def _swapped(one: NDArray[Any], other: NDArray[Any]) -> NDArray[np.bool_]:
    """Which rows differ in two neighbouring letters that are swapped, and nowhere else."""
    differ = one != other
    rows = np.arange(one.shape[0])
    first = np.minimum(differ.argmax(1), one.shape[1] - 2)
    here, next_ = (rows, first), (rows, first + 1)
    return np.asarray(
        (differ.sum(1) == 2)
        & differ[here]
        & differ[next_]
        & (one[here] == other[next_])
        & (one[next_] == other[here])
    )
