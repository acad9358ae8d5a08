"""How many texts of a column read as numbers or dates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.analyses.profile.facts import ColumnFacts
from core.analyses.profile.rows import LEAST, picked
from core.loading.written_dates import DateReader, date_reader
from core.loading.written_numbers import NumberReader, number_reader
from core.phrases import quoted

MANY = 100_000  # distinct texts above which a sample decides whether to read them all


@dataclass(frozen=True, eq=False)
class Readable:
    """Which distinct texts a reader gives a value (``values``: which, an Arrow array), missing-value codes
    left aside; the numbers count cells.
    """

    reader: NumberReader | DateReader
    values: Any
    mask: NDArray[np.bool_]
    empty: NDArray[np.bool_]
    hits: int
    n: int

    @property
    def others(self) -> int:
        """Cells that are not read."""
        return self.n - self.hits

    @property
    def share(self) -> float:
        """Share of cells that are read."""
        return self.hits / self.n

    def sample(self, facts: ColumnFacts, read: bool) -> str:
        """The commonest values that are read, or that are not."""
        chosen = self.mask if read else ~self.mask & ~self.empty
        return ", ".join(quoted(word) for _, word in _commonest(facts, chosen))

    def set_aside(self, facts: ColumnFacts) -> str:
        """What becomes of the cells with a missing-value code; "" without any."""
        codes = ", ".join(f"{quoted(word)} ({cells:,})" for cells, word in _commonest(facts, self.empty))
        return f"Missing-value codes, such as {codes}, become missing." if codes else ""


def _commonest(facts: ColumnFacts, chosen: NDArray[np.bool_]) -> list[tuple[int, str]]:
    """The three commonest of some distinct texts, and in how many cells each stands."""
    words = facts.distinct.filter(picked(chosen)).to_pylist()
    cells = facts.counts[chosen].tolist()
    return sorted(zip(cells, words, strict=True), key=lambda pair: (-pair[0], pair[1]))[:3]


def readable(facts: ColumnFacts, kind: str, least: int = LEAST) -> Readable | None:
    """How many values of a text column read as this kind, by the reader that converts them; None where there
    are fewer than ``least``, or different texts would become one number.
    """
    if facts.profile.stored != "string" or facts.profile.present < least or facts.profile.kind == "image":
        return None
    if len(facts.distinct) > MANY:
        words = some(facts.values).unique()
        if not _reader(facts, kind, words, np.ones(len(words), np.int64)).read(words).is_valid().true_count:
            return None  # a share of 1% or more would have shown
    reader = _reader(facts, kind, facts.distinct, facts.counts)
    if reader.clash is not None:
        return None
    empty = facts.empty
    values = reader.read(facts.distinct)
    mask = np.asarray(values.is_valid().to_numpy(zero_copy_only=False), bool) & ~empty
    n = int(facts.counts[~empty].sum())
    return Readable(reader, values, mask, empty, int(facts.counts[mask].sum()), n) if n >= least else None


def _reader(
    facts: ColumnFacts, kind: str, words: Any, counts: NDArray[np.int64]
) -> NumberReader | DateReader:
    import pyarrow as pa

    cells = pa.array(counts)
    return date_reader(words, cells) if kind == "datetime" else number_reader(words, cells, facts.decimal)


def some(values: Any) -> Any:
    """Ten thousand values drawn evenly: one that makes up 1% of the column is missed with a chance of
    2e-44.
    """
    import pyarrow as pa

    present = values.drop_null()
    return present.take(pa.array(np.random.default_rng(0).integers(0, len(present), 10_000)))
