"""A 64-bit hash of each row's content: equal rows have equal hashes, whatever their place, batch or file.

The hash is fixed for good (it orders rows for seeded work and keys samples), so it is written out here and
not borrowed from a library that may change it. Among n different rows two collide with a chance of about n**2
/ 2**65 (3e-8 for a million): whoever claims that rows are equal looks at their values too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.progress import SILENT, Progress

if TYPE_CHECKING:
    import pyarrow as pa

Hashes = NDArray[np.uint64]
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_NULL = np.uint64(0x6A09E667F3BCC909)
_BLOCK = 16_384
_SLICE_BYTES = 4_000_000  # of vectors hashed at once
_TEXT_BYTES = 100_000  # of text; the work needs about 25 times as much, which is to stay in the cache


def mix(values: Hashes) -> Hashes:
    """Each value scrambled one-to-one (the finaliser of SplitMix64: Steele, Lea and Flood 2014, "Fast
    splittable pseudorandom …").

    >>> mix(np.array([1], np.uint64))  # published: the generator's first output from state 0
    array([16294208416658607535], dtype=uint64)
    """
    mixed = np.multiply(values, _GOLDEN, dtype=np.uint64)
    flat, shifted = mixed.reshape(-1), np.empty(min(mixed.size, _BLOCK), np.uint64)
    for first in range(0, flat.size, _BLOCK):  # what fits in the processor's cache is scrambled twice as fast
        block = flat[first : first + _BLOCK]
        other = shifted[: block.size]
        for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
            block ^= np.right_shift(block, np.uint64(shift), out=other)
            block *= np.uint64(factor)
        block ^= np.right_shift(block, np.uint64(31), out=other)
    return mixed


def hash_rows(table: pa.RecordBatch | pa.Table) -> Hashes:
    """One hash per row of an Arrow table or batch, over its columns in their order. Missing differs from
    every value.
    """
    hashes = np.zeros(table.num_rows, np.uint64)
    for column in table.columns:
        own = hash_column(column)
        hashes = mix(np.bitwise_xor(hashes, own, out=own))
    return hashes


def hash_column(column: pa.Array | pa.ChunkedArray) -> Hashes:
    """One hash per value. 0.0 and -0.0 are one value, and so are all NaN; types without an own rule are
    hashed as text.
    """
    hashes = [_hash_array(chunk) for chunk in getattr(column, "chunks", [column])]
    return hashes[0] if len(hashes) == 1 else np.concatenate([np.zeros(0, np.uint64), *hashes])


def hash_numbers(values: NDArray[np.float32], progress: Progress = SILENT) -> Hashes:
    """One hash per row of a float32 matrix without NaN, n x p: multilinear over scrambled pairs of numbers.
    0.0 and -0.0 are one value.
    """
    rows, width = values.shape
    factors = mix(np.arange(width // 2 + 1, dtype=np.uint64)) | np.uint64(1)
    hashes = np.empty(rows, np.uint64)
    step = max(1, _SLICE_BYTES // (4 * max(1, width)))
    for start in progress.each(range(0, rows, step), "Hashing vectors"):
        some = np.zeros((min(step, rows - start), 2 * factors.size), np.float32)
        some[:, :width] = values[start : start + step] + np.float32(0.0)
        hashes[start : start + step] = mix(some.view(np.uint64)) @ factors
    return mix(hashes)


def keyed(hashes: Hashes, seed: int) -> Hashes:
    """Other hashes, one-to-one, that look unrelated for each seed."""
    return mix(hashes ^ mix(np.array([seed], np.uint64)))


# sets the number of a repeat apart from a value of the same number: their keys would be the same
_REPEATED = np.uint64(2**63)


def row_keys(hashes: Hashes, seed: int) -> Hashes:
    """A random-looking key per row that is fixed by the row's content, the seed and how many equal rows there
    are, not by its place.

    Rows sorted by it stand in a random order, and its m smallest are a random sample: the same rows for
    whatever order they came in. The i-th of several equal rows is keyed by i, too, or all of them would be
    sampled together.
    """
    order = np.argsort(hashes, kind="stable")
    ranked = hashes[order]
    first = np.concatenate([[True], ranked[1:] != ranked[:-1]])[: ranked.size]
    place = np.arange(ranked.size)
    repeat = np.empty(ranked.size, np.uint64)
    repeat[order] = place - np.maximum.accumulate(np.where(first, place, 0))
    repeat[repeat > 0] |= _REPEATED
    return keyed(hashes ^ mix(repeat), seed)


def _hash_array(array: pa.Array) -> Hashes:
    import pyarrow as pa

    kind = array.type
    if pa.types.is_dictionary(kind):
        array, kind = array.dictionary_decode(), kind.value_type
    if pa.types.is_boolean(kind) or pa.types.is_integer(kind):
        hashes = mix(_plain(array.cast(pa.uint64() if kind == pa.uint64() else pa.int64())).view(np.uint64))
    elif pa.types.is_timestamp(kind):
        hashes = mix(_plain(array.cast(pa.int64())).view(np.uint64))
    elif pa.types.is_floating(kind):
        array = array if kind == pa.float64() else array.cast(pa.float64())
        numbers = _plain(array) + 0.0  # turns -0.0 into 0.0
        unknown = np.isnan(numbers)
        if unknown.any():
            numbers[unknown] = np.nan
        hashes = mix(numbers.view(np.uint64))
    else:
        hashes = _hash_text(array.cast(pa.large_string()))
    if array.null_count:
        hashes[array.is_null().to_numpy(zero_copy_only=False)] = _NULL
    return hashes


def _plain(array: pa.Array) -> NDArray[Any]:
    """The values as numpy, missing ones as 0 (integers must not pass through floats)."""
    import pyarrow.compute as pc

    return np.asarray(pc.fill_null(array, 0) if array.null_count else array)


def _hash_text(array: pa.LargeStringArray) -> Hashes:
    """Multilinear hashing over the UTF-8 bytes (Lemire and Kaser 2014, "Strongly universal string hashing is
    fast").
    """
    _, places, data = array.buffers()
    stops = (
        np.frombuffer(places, np.int64)[array.offset : array.offset + len(array) + 1]
        if places
        else np.zeros(1, np.int64)
    )
    letters = np.frombuffer(data, np.uint8) if data is not None else np.zeros(0, np.uint8)
    lengths = np.diff(stops)
    if not lengths.size:
        return np.zeros(0, np.uint64)
    factors = mix(np.arange(int(lengths.max()), dtype=np.uint64)) | np.uint64(1)
    table = mix(np.arange(256, 512, dtype=np.uint64))
    hashes = mix(lengths.astype(np.uint64) + np.uint64(1))
    first = 0
    while first < lengths.size:
        last = max(first + 1, int(np.searchsorted(stops, stops[first] + _TEXT_BYTES, side="right")) - 1)
        hashes[first:last] ^= _sums(letters, stops[first : last + 1], table, factors)
        first = last
    return mix(hashes)


def _sums(letters: NDArray[np.uint8], stops: NDArray[np.int64], table: Hashes, factors: Hashes) -> Hashes:
    """Per text the sum over its bytes of table[byte] * factors[place], modulo 2**64."""
    lengths = np.diff(stops)
    terms = table[letters[stops[0] : stops[-1]]]
    terms *= factors[np.arange(terms.size) - np.repeat(stops[:-1] - stops[0], lengths)]
    sums = np.zeros(lengths.size, np.uint64)
    full = np.flatnonzero(lengths)  # reduceat cannot add up nothing
    if full.size:
        sums[full] = np.add.reduceat(terms, stops[:-1][full] - stops[0])
    return sums
