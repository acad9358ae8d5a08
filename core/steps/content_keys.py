"""A number for each row that its values fix. The functions stand in ``prepare.py`` too: pandas, Arrow and
numpy, nothing of Winnow.
"""

from __future__ import annotations

from typing import Any


def content_keys(frame: Any, columns: list[str], seed: int) -> Any:
    """A number per row (uint64) that looks random and is fixed by the values in ``columns`` and the seed:
    equal rows have equal ones. The finaliser is that of SplitMix64 (Steele, Lea and Flood 2014).
    """
    import os
    from concurrent.futures import ThreadPoolExecutor

    import numpy as np

    keys, size = np.full(len(frame), seed + 1, np.uint64), 131_072  # fewer: threads wait for each other
    held = [frame[name] for name in sorted(columns)]

    def mix(first: int) -> None:
        block = keys[first : first + size]
        mixed = np.empty_like(block)
        for values in held:
            block ^= hashed_values(values.iloc[first : first + size])
            block *= np.uint64(0x9E3779B97F4A7C15)
            for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB), (31, 1)):
                np.right_shift(block, np.uint64(shift), out=mixed)
                block ^= mixed
                block *= np.uint64(factor)

    with ThreadPoolExecutor(os.cpu_count()) as pool:  # more of them wait for each other
        list(pool.map(mix, range(0, len(frame), size)))
    return keys


def hashed_values(values: Any) -> Any:
    """A number (uint64) for each value of a column of pandas; equal ones have the same."""
    import numpy as np
    import pyarrow as pa

    stored = str(values.dtype)
    if stored == "str":
        texts = pa.array(values, pa.large_string(), from_pandas=True).fill_null("")
        texts = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
        if len(texts.slice(0, 200).unique()) > 100:
            return hashed_texts(texts)
        coded = texts.dictionary_encode()  # few levels: each once
        return hashed_texts(coded.dictionary)[coded.indices.to_numpy()]
    if stored.startswith("datetime64"):
        there = values.notna().to_numpy()
        values = values.astype("datetime64[us]").astype("int64").to_numpy()
        numbers = np.where(there, values, np.nan) + 0.0
    elif stored in ("float64", "int64", "uint64", "bool"):
        numbers = values.to_numpy("float64") + 0.0
    else:
        numbers = values.astype("Float64").to_numpy("float64", na_value=np.nan) + 0.0
    hashed = numbers.view(np.uint64)
    hashed[np.isnan(numbers)] = 7
    if stored in ("Int64", "UInt64", "int64", "uint64"):
        far = np.abs(numbers) > 2**53
        if far.any():  # whole numbers that a float would round keep all their digits
            whole = values[far].to_numpy("uint64" if stored.lower().startswith("u") else "int64")
            hashed[far] = whole.astype(np.uint64) ^ np.uint64(0xA5A5A5A5A5A5A5A5)
    return hashed


def hashed_texts(texts: Any) -> Any:
    """What ``pd.util.hash_array`` gives for texts (Arrow, large_string, without gaps), many at once:
    SipHash-2-4 (Aumasson and Bernstein 2012) of their UTF-8, 8 bytes at a time.
    """
    import numpy as np
    import pandas as pd

    _, places, letters = texts.buffers()
    if letters is None:
        places = letters = b"\x00" * 8 * (len(texts) + 1)
    ends = np.frombuffer(places, "<i8")[texts.offset : texts.offset + len(texts) + 1]
    letters = np.append(np.frombuffer(letters, np.uint8)[ends[0] : ends[-1]], np.zeros(8, np.uint8))
    eights = np.ndarray(letters.size - 7, "<u8", letters.data, strides=(1,))  # from every byte on
    shorter = 257 - np.minimum(np.diff(ends), 257)
    order = np.argsort(shorter.astype(np.uint16), kind="stable")  # the longest first
    lengths, starts = np.diff(ends)[order], (ends[:-1] - ends[0])[order]
    long = int(np.searchsorted(-lengths, -256))
    masks = np.array([2 ** (8 * size) - 1 for size in range(9)], np.uint64)
    k0, k1 = 0x3736353433323130, 0x3635343332313938  # the key of pandas
    starting = (
        k0 ^ 0x736F6D6570736575,
        k1 ^ 0x646F72616E646F6D,
        k0 ^ 0x6C7967656E657261,
        k1 ^ 0x7465646279746573,
    )
    states = np.array(starting, np.uint64)[:, None].repeat(len(texts), axis=1)
    spare = np.empty(len(texts), np.uint64)

    def turn(some: Any, bits: int) -> None:
        np.right_shift(some, np.uint64(64 - bits), out=spare[: some.size])
        some <<= np.uint64(bits)
        some |= spare[: some.size]

    def rounds(some: Any, times: int) -> None:
        a, b, c, d = some
        for _ in range(times):
            for one, other, bits, half in ((a, b, 13, a), (c, d, 16, None), (a, d, 21, None), (c, b, 17, c)):
                one += other
                turn(other, bits)
                other ^= one
                if half is not None:
                    turn(half, 32)

    for at in range(int(lengths[long:].max(initial=-1)) // 8 + 1):
        some = slice(long, int(np.searchsorted(-lengths, -8 * at, side="right")))
        left = lengths[some] - 8 * at
        word = eights[np.minimum(starts[some] + 8 * at, eights.size - 1)] & masks[np.minimum(left, 8)]
        word[left < 8] |= lengths[some][left < 8].astype(np.uint64) << np.uint64(56)
        states[3, some] ^= word
        rounds(states[:, some], 2)
        states[0, some] ^= word
    states[2] ^= np.uint64(0xFF)
    rounds(states, 4)
    hashes = np.empty(len(texts), np.uint64)
    hashed = states[0] ^ states[1] ^ states[2] ^ states[3]
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB), (31, 1)):
        hashed ^= hashed >> np.uint64(shift)
        hashed *= np.uint64(factor)
    hashes[order] = hashed
    if long:
        far = np.array(texts.take(order[:long]).to_pylist(), object)
        hashes[order[:long]] = pd.util.hash_array(far, categorize=False)
    return hashes
