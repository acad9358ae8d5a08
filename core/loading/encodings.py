"""Which code page a text was written in, where nothing in its bytes says so.

Every code page gives a reading of the same bytes; the most plausible reading wins. How plausible a reading is
comes from its letters beyond ASCII and their neighbours: in the languages of ``languages.txt`` by the
frequencies of letters and of pairs of letters, less for capitals within words and letters beside digits;
for signs such as £, °, ½ or € by where such signs stand; for Chinese, Japanese and Korean by how common a
character is, as their code pages put the common ones first. Scores are log-likelihoods (natural), compared
between readings of the same bytes, so what is ASCII in all of them cancels out.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

from core.loading.characters import Language, languages, sign_score

# code page -> log of how usual it is, before anything is read
_PRIOR = {
    "cp1252": 0.0,
    "cp1250": -1.0,
    "cp1251": -1.5,
    "cp1253": -2.0,
    "cp1254": -1.5,
    "cp1255": -2.0,
    "cp1256": -2.0,
    "cp1257": -1.5,
    "gb18030": -2.0,
    "cp932": -2.0,
    "cp949": -2.0,
    "big5": -2.0,
    "iso8859-15": -1.0,
    "iso8859-2": -1.5,
    "iso8859-5": -2.5,
    "iso8859-7": -2.5,
    "iso8859-13": -2.0,
    "iso8859-8": -2.0,
    "iso8859-6": -2.0,
    "koi8-r": -2.0,
    "koi8-u": -2.5,
    "euc_jp": -2.5,
    "big5hkscs": -2.0,
    "cp874": -2.0,
    "cp850": -2.0,
    "cp437": -2.2,
    "cp852": -2.5,
    "cp866": -2.0,
    "cp775": -6.0,
    "cp857": -3.0,
    "cp737": -6.0,
    "mac_roman": -2.5,
    "mac_latin2": -4.5,
    "mac_cyrillic": -4.5,
    "mac_turkish": -6.0,
    "mac_greek": -6.0,
}
SAMPLE = 16_384  # bytes of cells beyond ASCII that are looked at
_READINGS, _SHOWN, _CELL = 3, 6, 40  # readings, cells and letters of a cell that are shown


@dataclass(frozen=True)
class Doubt:
    """The two or three most plausible readings of a text. ``encodings``: the chosen one first. ``cells``: the
    same cell in each of them, for some cells in which they differ.
    """

    encodings: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]

    def to_plain(self) -> dict[str, Any]:
        """Plain JSON, from which `from_plain` makes it again."""
        return {"encodings": list(self.encodings), "cells": [list(cells) for cells in self.cells]}

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> Doubt:
        """The doubt that `to_plain` wrote."""
        return cls(tuple(plain["encodings"]), tuple(tuple(cells) for cells in plain["cells"]))


@dataclass(frozen=True)
class Guess:
    """The most plausible code page, how sure that is (0 to 1), and the nearest other readings, if any."""

    encoding: str
    confidence: float
    doubt: Doubt | None = None


def _contexts(text: str) -> Counter[str]:
    """Characters beyond ASCII, each with its two neighbours, and how often."""
    padded = f" {text} "
    return Counter(padded[hit.start() - 1 : hit.start() + 2] for hit in re.finditer("[^\0-\x7f]", padded))


@dataclass(frozen=True)
class _Reading:
    """The sample as one code page reads it."""

    encoding: str
    text: str
    score: float


def _read(sample: bytes, encoding: str) -> _Reading | None:
    """The reading of the sample in a code page and its score in the language that suits best; None where
    more than a stray byte cannot be read.
    """
    text = sample.decode(encoding, "replace")
    wrong = text.count("\ufffd")
    contexts = _contexts(text)
    if wrong and wrong > 0.01 * contexts.total():
        return None
    weights = {context: 1 + math.log(count) for context, count in contexts.items()}
    fixed = {context: sign_score(context) for context in weights}
    letters = {context: weights[context] for context, score in fixed.items() if score is None}
    total = sum(weights[context] * score for context, score in fixed.items() if score is not None)
    return _Reading(encoding, text, total + _PRIOR[encoding] + _best(letters))


def _best(letters: dict[str, float]) -> float:
    """The score of letters in the language that suits best. Of the languages those are tried that write most
    of the letters.
    """
    if not letters:
        return 0.0
    single: Counter[str] = Counter()
    for context, weight in letters.items():
        single[context[1].lower()] += weight  # type: ignore[assignment]

    def covered(language: Language) -> float:
        return sum(weight for letter, weight in single.items() if language.letters[letter])

    likely = sorted(languages(), key=covered, reverse=True)[:12]
    return max(
        sum(weight * language.score(context) for context, weight in letters.items()) for language in likely
    )


def guess(cells: list[bytes]) -> Guess:
    """The code page of a text that is not UTF-8, from some of its cells that are not ASCII."""
    sample = b"\n".join(cells)[: 2 * SAMPLE] + b"\n"
    readings = [reading for encoding in _PRIOR if (reading := _read(sample, encoding)) is not None]
    if not readings:
        return Guess("latin-1", 0.3)
    readings.sort(key=lambda reading: -reading.score)
    best: dict[str, _Reading] = {}
    for reading in readings:
        best.setdefault(reading.text, reading)
    first, *others = list(best.values())[:_READINGS]
    if not others:
        return Guess(first.encoding, 1.0)
    sure = 1 / (1 + math.exp(-(first.score - others[0].score) / 2))
    texts = [reading.text.split("\n") for reading in (first, *others)]
    same = (tuple(cell.strip()[:_CELL] for cell in cells) for cells in zip(*texts, strict=False))
    differing = dict.fromkeys(cells for cells in same if len(set(cells)) > 1)
    doubt = Doubt(tuple(reading.encoding for reading in (first, *others)), tuple(differing)[:_SHOWN])
    return Guess(first.encoding, round(sure, 2), doubt)
