"""How far the levels of a column shifted between the parts, and which are new or vanished."""

from __future__ import annotations

from dataclasses import replace
from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.analyses.shift.bars import SHOWN, top_levels
from core.analyses.shift.column import ColumnShift
from core.numerics import two_sample
from core.prepare.levels import encoded
from core.rowset import RowSet

if TYPE_CHECKING:
    import pyarrow as pa

Mask = NDArray[np.bool_]
Counts = NDArray[np.int64]
MOST_LEVELS = 50  # levels up to which each counts by itself


def compare_levels(plain: ColumnShift, values: pa.ChunkedArray, serve: Mask, seed: int) -> ColumnShift:
    """Levels by their largest difference in shares where there are many, else by all of them together."""
    codes, words, counts = _coded(values, serve)
    n, m = (int(part.sum()) for part in counts)
    new, vanished = (counts[0] == 0) & (counts[1] > 0), (counts[1] == 0) & (counts[0] > 0)
    table = counts
    if len(words) > MOST_LEVELS:
        table = np.hstack([counts[:, :MOST_LEVELS], counts[:, MOST_LEVELS:].sum(axis=1, keepdims=True)])
    tv_noise, gap_noise, psi_noise = two_sample.level_noise(table[0], table[1], seed)
    wide = len(words) > MOST_LEVELS
    narrow = "risk_difference" if len(words) == 2 else "tv"
    return replace(
        plain,
        metric="l_infinity" if wide else narrow,
        value=two_sample.largest_gap(*table) if wide else two_sample.total_variation(*table),
        noise=gap_noise if wide else tv_noise,
        p=two_sample.table_p(table[0], table[1], seed),
        psi=float(two_sample.psi(*table)),
        psi_noise=psi_noise,
        new=_named(words, counts[1], new),
        vanished=_named(words, counts[0], vanished),
        new_count=int(new.sum()),
        new_share=float(counts[1][new].sum()) / m,
        new_noise=two_sample.new_noise(counts[0], counts[1], seed),
        unseen=RowSet.from_mask(serve & (codes >= 0) & new[codes]),
        shares=tuple(
            (words[i], float(counts[0][i]) / n, float(counts[1][i]) / m)
            for i in range(min(len(words), SHOWN))
        ),
        bars=top_levels(words, counts),
    )


def _coded(values: pa.ChunkedArray, serve: Mask) -> tuple[NDArray[np.int64], list[str], Counts]:
    """Per row the place of its level, most frequent first (-1: missing); the levels; 2 x levels rows per
    part.

    Of many levels those of equal counts stand in the order of a hash: codes and times as text rise from train
    to serve, and in their own order a cut among them would part train from serve.
    """
    codes, levels = encoded(values)
    texts = [str(level) for level in levels.to_pylist()]
    tally = np.stack(
        [np.bincount(codes[(codes >= 0) & part], minlength=len(texts)) for part in (~serve, serve)]
    )
    ties = (
        [blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest() for text in texts]
        if len(texts) > MOST_LEVELS
        else texts
    )
    order = sorted(range(len(texts)), key=lambda level: (-int(tally[:, level].sum()), ties[level]))
    place = np.full(len(texts) + 1, -1, np.int64)
    place[order] = np.arange(len(order))
    return place[codes], [texts[level] for level in order], tally[:, order]


def _named(words: list[str], counts: Counts, which: Mask) -> tuple[tuple[str, int], ...]:
    return tuple((words[i], int(counts[i])) for i in np.flatnonzero(which)[:SHOWN].tolist())
