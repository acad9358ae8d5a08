"""How alike texts are, by the pairs of letters that they have in common, for many pairs of texts at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.numerics.rowhash import Hashes, mix

_WORDS = 4  # of 64 bits each
_LONG = 100  # letter pairs beyond which only some of them are looked at
_DRAWN = 20_000  # random pairs that show how alike different texts are
_UNLIKE = 0.99  # share of them below the floor

Bits = NDArray[np.float32]


def dice(one: Hashes, other: Hashes) -> Bits:
    """Dice's coefficient (1945) of sets held as bits, pair by pair; n x words each.

    >>> texts = letter_pairs(["smith", "smyth", "jones"])
    >>> [round(float(dice(texts[[0]], texts[[at]])[0]), 2) for at in (0, 1, 2)]
    [1.0, 0.67, 0.0]
    """
    common = np.bitwise_count(one & other).sum(-1, dtype=np.float32)
    sizes = (np.bitwise_count(one) + np.bitwise_count(other)).sum(-1, dtype=np.float32)
    return np.asarray(2.0 * common / np.maximum(sizes, 1.0), np.float32)


def letter_pairs(texts: Sequence[str]) -> Hashes:
    """The pairs of neighbouring bytes of each text, beginning and end included, as 256 bits; where texts are
    long the triples, and of these so many that they fit. n x 4.
    """
    if not texts:
        return np.zeros((0, _WORDS), np.uint64)
    joined = "\0" + "\0".join(text.replace("\0", " ") for text in texts) + "\0"
    letters = np.frombuffer(joined.encode("utf-8", "surrogatepass"), np.uint8)
    starts = np.flatnonzero(letters == 0)
    usual = float(np.percentile(np.diff(starts), 90))
    grams = letters[:-1].astype(np.uint64) * np.uint64(256) + letters[1:]
    kept = np.ones(grams.size, bool)
    if usual > _LONG:
        grams[:-1] = grams[:-1] * np.uint64(256) + letters[2:]
        kept = (mix(grams) >> np.uint64(20)) % np.uint64(np.ceil(usual / _LONG)) == 0
    hashes = mix(grams)
    bit = np.where(kept, np.uint64(1) << (hashes & np.uint64(63)), np.uint64(0))
    word = (hashes >> np.uint64(6)) & np.uint64(_WORDS - 1)
    signs = [
        np.bitwise_or.reduceat(np.where(word == at, bit, np.uint64(0)), starts[:-1]) for at in range(_WORDS)
    ]
    return np.stack(signs, axis=1)


def unlike(signs: Hashes, codes: NDArray[np.int64], words: Hashes) -> float:
    """How alike the different texts of two rows are: nearly all pairs of rows are less; 1 where all are one.

    signs: of each level; codes: the level of each row, -1 for none; words: a hash of each level, which gives
    the order in which pairs are drawn.
    """
    known = codes[codes >= 0]
    known = known[np.argsort(words[known], kind="stable")]
    if not known.size:
        return 1.0
    one, other = known[np.random.default_rng(0).integers(0, known.size, (2, _DRAWN))]
    differ = one != other
    if not differ.any():
        return 1.0
    return float(np.quantile(dice(signs[one[differ]], signs[other[differ]]), _UNLIKE))
