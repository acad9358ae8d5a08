"""The first pass over the rows: the classes with their counts, and a keyed sample to learn the pilot from.

Mergeable: whatever the parts and the order in which they are merged, the same comes out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.frozen import lock_fields
from core.numerics.priority import uniforms

if TYPE_CHECKING:
    import pyarrow as pa

Hashes = NDArray[np.uint64]
ALL = 10_000  # rows drawn from all
EACH = 500  # rows drawn from each class besides
MOST_CLASSES = 1_000  # more distinct values of a target are no classes


class Learning(NamedTuple):
    """A sample to learn from. label: place of the class in the sorted classes, -1 without classes. weight:
    how many rows each stands for.
    """

    content: pa.Table
    label: NDArray[np.int64]
    weight: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class FirstLook:
    """What some of the rows hold.

    rows: how many there are. unlabelled: of them without a target.
    counts: class -> rows; None where the target is no class, or has too many distinct values to be one.
    label: per row of the sample its class; "" without classes.
    keys: uint64, distinct, ascending. times: how many rows are equal to each. content: the rows.
    """

    rows: int
    unlabelled: int
    counts: Mapping[str, int] | None
    label: NDArray[np.str_]
    keys: Hashes
    times: NDArray[np.int64]
    content: pa.Table

    def __post_init__(self) -> None:
        lock_fields(self)

    @classmethod
    def none(cls, schema: pa.Schema, classes: bool) -> FirstLook:
        """Of no rows yet."""
        no_keys = np.zeros(0, np.uint64)
        label, times = np.zeros(0, "U1"), np.zeros(0, np.int64)
        return cls(0, 0, {} if classes else None, label, no_keys, times, schema.empty_table())

    def with_rows(self, content: pa.Table, labels: pa.Array, keys: Hashes) -> FirstLook:
        """With more rows. labels: their target as text, null where unknown. keys: of their content."""
        coded = labels.dictionary_encode()
        texts = np.array([*coded.dictionary.to_pylist(), ""], dtype=np.str_)
        codes = np.asarray(coded.indices.fill_null(len(texts) - 1), dtype=np.int64)
        tally = np.bincount(codes, minlength=len(texts))
        counts = None
        if self.counts is not None and len(texts) <= MOST_CLASSES:
            counts = {str(text): int(tally[at]) for at, text in enumerate(texts[:-1])}
        edges = np.array([self._edge(text) for text in texts.tolist()], np.uint64)
        near = keys <= np.maximum(edges[codes] if counts is not None else np.uint64(0), self._edge(None))
        near &= codes < len(texts) - 1
        place = np.flatnonzero(near)
        label = texts[codes[place]] if counts is not None else np.zeros(place.size, "U1")
        ones, some = np.ones(place.size, np.int64), content.take(place)
        more = FirstLook(keys.size, int(tally[-1]), counts, label, keys[place], ones, some)
        return self.merged(more)

    def _edge(self, label: str | None) -> np.uint64:
        """The key above which no row can enter the sample any more: of all (None), or of a class."""
        mine = self.keys if label is None else self.keys[self.label == label]
        most = ALL if label is None else EACH
        if self.counts is None and label is not None:
            return np.uint64(0)
        return mine[most] if mine.size > most else np.uint64(2**64 - 1)

    def merged(self, other: FirstLook) -> FirstLook:
        """Of the rows of both."""
        import pyarrow as pa

        counts = None
        if self.counts is not None and other.counts is not None:
            names = sorted({*self.counts, *other.counts})
            counts = {name: self.counts.get(name, 0) + other.counts.get(name, 0) for name in names}
            counts = counts if len(counts) <= MOST_CLASSES else None
        keys = np.concatenate([self.keys, other.keys])
        order = np.argsort(keys, kind="stable")
        keys, starts = np.unique(keys[order], return_index=True)
        times = np.concatenate([self.times, other.times])[order]
        times = np.add.reduceat(times, starts) if starts.size else times
        order = order[starts]
        label = np.concatenate([self.label, other.label])[order]
        kept = np.arange(keys.size) <= ALL
        if counts is None:
            label = np.zeros(keys.size, "U1")
        else:
            for one in np.unique(label):
                kept[np.flatnonzero(label == one)[: EACH + 1]] = True
        content = pa.concat_tables([self.content, other.content]).take(order[kept]).combine_chunks()
        both = self.rows + other.rows, self.unlabelled + other.unlabelled
        return FirstLook(*both, counts, label[kept], keys[kept], times[kept], content)

    def as_numbers(self) -> FirstLook:
        """The same without classes."""
        at = np.flatnonzero(np.arange(self.keys.size) <= ALL)
        label, content = np.zeros(at.size, "U1"), self.content.take(at)
        return replace(
            self, counts=None, label=label, keys=self.keys[at], times=self.times[at], content=content
        )

    def sample(self) -> Learning:
        """The sample with its weights: one over the chance with which a row came into it, its repeats
        counted. The row at the edge only marks it.
        """
        drawn, names = uniforms(self.keys), sorted(self.counts or ())
        edge = np.full(drawn.size, float(drawn[ALL]) if drawn.size > ALL else 1.0)
        for name in names:
            mine = np.flatnonzero(self.label == name)
            if mine.size > EACH:
                edge[mine] = np.maximum(edge[mine], drawn[mine[EACH]])
            else:
                edge[mine] = 1.0
        inside = np.flatnonzero(drawn < edge)
        label = np.searchsorted(np.array(names), self.label[inside]) if names else np.full(inside.size, -1)
        weight = self.times[inside] / edge[inside]
        return Learning(self.content.take(inside), label.astype(np.int64), weight)
