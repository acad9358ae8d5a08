"""What texts look like: codes, or words that stand for "missing". Arrow arrays in, Arrow or
numpy out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pyarrow as pa

# Words that say "missing" and hardly anything else, and words that may also be an honest answer.
EMPTY_WORDS = (
    "",
    "na",
    "n/a",
    "n.a.",
    "k.a.",
    "k. a.",
    "keine angabe",
    "#n/a",
    "#na",
    "nan",
    "null",
    "nil",
    "<na>",
    "nat",
    "-",
    "--",
    "---",
    "–",
    "—",
    "−",
    ".",
    "..",
    "?",
    "??",
    "\\n",
)
DOUBTFUL_WORDS = (
    "none",
    "missing",
    "unknown",
    "undefined",
    "not available",
    "not applicable",
    "not known",
    "no data",
    "unk",
    "tbd",
)

# levels that begin like this say that something is not known, such as "Unknown bird - small"
DOUBTFUL_START = (
    r"(?i)^\s*(?:unknown|undefined|unspecified|no data|"
    r"not (?:available|applicable|known|specified|stated|recorded|reported))\b"
)

# of a spreadsheet: an equals sign before a cell, a function, another sheet or a sum
FORMULA = (
    r"^\s*=\s*[-+(]*\s*(?:\$?[A-Z]{1,3}\$?\d|[A-Za-z_][\w.]*\(|'[^']+'!|[A-Za-z_]\w*!|\d[\d.,]*\s*[-+*/^&])"
)
CODE = r"^\s*(?:0\d+|\d{16,})\s*$"  # digits that are no amount: 007, 01234, card numbers


def matches(values: Any, pattern: str) -> NDArray[np.bool_]:
    """Which of the texts (an Arrow array) match the pattern (RE2); missing ones do not."""
    import pyarrow.compute as pc

    return _plain(pc.match_substring_regex(values, pattern))


def empty_words(values: Any, words: tuple[str, ...] = EMPTY_WORDS) -> NDArray[np.bool_]:
    """Which of the texts are one of these words, whatever their case and the blanks around them.

    >>> import pyarrow as pa
    >>> empty_words(pa.array(["N/A ", "Nadia", " ", None])).tolist()
    [True, False, True, False]
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    folded = pc.utf8_lower(pc.utf8_trim_whitespace(values))
    return _plain(pc.is_in(folded, pa.array(words, folded.type))) & _plain(pc.is_valid(values))


def shape_of(text: str) -> str:
    """A pattern that texts of the same make match: as long, with letters, digits and signs in the same
    places.

    >>> shape_of("NA"), shape_of("?")
    ('^[A-Z][A-Z]$', '^[^A-Za-z0-9\\\\s]$')
    """
    return "^" + "".join(_class_of(letter) for letter in text) + "$"


def _class_of(letter: str) -> str:
    for pattern in ("[A-Z]", "[a-z]", r"\d", r"\s"):
        if re.fullmatch(pattern, letter, re.ASCII):
            return pattern
    return r"[^A-Za-z0-9\s]" if letter.isascii() else "."


def digits_by_chance(values: Any, counts: NDArray[np.int64]) -> float:
    """The share of texts that would be all digits if the letters of all texts were shuffled among them.

    The noise floor of "some of these are numbers": codes such as 3f9a are sometimes all digits by chance.
    ``values``: distinct texts.

    >>> import pyarrow as pa
    >>> digits_by_chance(pa.array(["a1", "22"]), np.array([1, 1]))
    0.5625
    """
    import pyarrow.compute as pc

    lengths = _numbers(pc.utf8_length(values))
    digits = _numbers(pc.count_substring_regex(values, r"\d"))
    letters = float((lengths * counts).sum())
    if not letters:
        return 0.0
    share = float((digits * counts).sum()) / letters
    return float((share**lengths * counts * (lengths > 0)).sum() / counts.sum())


def _numbers(values: Any) -> NDArray[np.float64]:
    return np.asarray(values.to_numpy(zero_copy_only=False), dtype=np.float64)


def _plain(flags: pa.BooleanArray | pa.ChunkedArray) -> NDArray[np.bool_]:
    import pyarrow as pa
    import pyarrow.compute as pc

    filled = pc.fill_null(flags, False)
    return np.asarray(
        filled.to_numpy() if isinstance(filled, pa.ChunkedArray) else filled.to_numpy(zero_copy_only=False),
        dtype=bool,
    )
