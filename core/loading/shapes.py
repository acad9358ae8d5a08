"""Texts by their shapes: a shape is a text with every digit as 0. A pattern that takes all digits alike is
matched against the few shapes of a column and not against each of its texts.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Shaped:
    """An Arrow array of texts (string or large_string, in one piece) and their shapes."""

    texts: pa.Array

    @classmethod
    def of(cls, texts: Any) -> Shaped:
        """Of an Arrow array, chunked or not."""
        import pyarrow as pa

        return cls(texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts)

    @cached_property
    def _letters(self) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        """The bytes of all texts, and where each text begins."""
        import pyarrow as pa

        _, places, letters = self.texts.buffers()
        kind = np.int64 if pa.types.is_large_string(self.texts.type) else np.int32
        past = self.texts.offset + len(self.texts)
        starts = np.frombuffer(places or b"", kind)[self.texts.offset : past].astype(np.int64)
        return np.frombuffer(letters or b"", np.uint8), starts

    @cached_property
    def coded(self) -> tuple[NDArray[np.int64], pa.Array]:
        """Which of the shapes each text has, and the shapes; a missing text has the shape null."""
        import pyarrow as pa

        there, places, _ = self.texts.buffers()
        letters, _ = self._letters
        digit = letters - np.uint8(48) < 10  # what is below 48 wraps round
        alike = pa.py_buffer(np.where(digit, np.uint8(48), letters))
        kind, size, offset = self.texts.type, len(self.texts), self.texts.offset
        shapes = pa.Array.from_buffers(kind, size, [there, places, alike], offset=offset)
        coded = shapes.dictionary_encode(null_encoding="encode")
        return np.asarray(coded.indices).astype(np.int64), coded.dictionary

    def fits(self, pattern: str) -> NDArray[np.bool_]:
        """Which texts fit a pattern (RE2) that takes all digits alike."""
        import pyarrow.compute as pc

        codes, shapes = self.coded
        fit = pc.fill_null(pc.match_substring_regex(shapes, pattern), False)
        return np.asarray(fit, dtype=bool)[codes]

    def parts(self, pattern: str) -> Parts:
        """The named groups of a pattern (RE2) that takes all digits alike, in the texts that fit it."""
        import pyarrow.compute as pc

        codes, shapes = self.coded
        words, spans = pc.extract_regex(shapes, pattern), pc.extract_regex_span(shapes, pattern)
        rows = np.flatnonzero(np.asarray(words.is_valid(), dtype=bool)[codes])
        letters, starts = self._letters
        return Parts(rows, codes[rows], letters, starts[rows], words, spans)


@dataclass(frozen=True)
class Parts:
    """What the groups of a pattern hold. rows: the places of the texts that fit, int64."""

    rows: NDArray[np.int64]
    _codes: NDArray[np.int64]
    _letters: NDArray[np.uint8]
    _starts: NDArray[np.int64]
    _words: Any
    _spans: Any

    def __contains__(self, group: object) -> bool:
        return any(group == field.name for field in self._words.type)

    def word(self, group: str) -> list[str]:
        """What the group holds in each shape, its digits as 0; "" where it is missing."""
        return [word or "" for word in self._words.field(group).to_pylist()]

    def spread(self, of_shapes: list[int]) -> NDArray[np.int64]:
        """A number of each shape, as one of each text."""
        return np.asarray(of_shapes, dtype=np.int64)[self._codes]

    def sizes(self, group: str) -> NDArray[np.int64]:
        """How many letters the group has in each text; 0 where it is missing."""
        return self.spread([len(word) for word in self.word(group)])

    def number(self, group: str, first: int = 0, digits: int | None = None) -> NDArray[np.int64]:
        """The number that the digits of a group make; 0 where it is missing. first: the place of the first
        digit in the group, from its end where it is negative; digits: at most so many.
        """
        import pyarrow.compute as pc

        span = self._spans.field(group)
        begins = np.asarray(pc.fill_null(pc.list_element(span, 0), 0), dtype=np.int64)[self._codes]
        sizes = self.sizes(group)
        begins += self._starts + (first if first >= 0 else sizes + first)
        sizes = np.maximum(sizes - first, 0) if first >= 0 else np.where(sizes >= -first, -first, 0)
        value = np.zeros(len(sizes), np.int64)
        longest = int(sizes.max(initial=0))
        for at in range(longest if digits is None else min(digits, longest)):
            there = sizes > at
            place = np.where(there, begins + at, 0)
            value = np.where(there, value * 10 + self._letters[place] - 48, value)
        return value
