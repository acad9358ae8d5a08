"""Which code page a text was written in, where nothing in its bytes says so.

Every code page gives a reading of the same bytes; the most plausible reading wins. How plausible a reading is
comes from its letters beyond ASCII and their neighbours: in the languages of ``languages.txt`` by the
frequencies of letters and of pairs of letters, less for capitals within words and letters beside digits;
for signs such as £, °, ½ or € by where such signs stand; for Chinese, Japanese and Korean by how common a
character is, as their code pages put the common ones first. Scores are log-likelihoods (natural), compared
between readings of the same bytes, so what is ASCII in all of them cancels out.
"""

from __future__ import annotations

import functools
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
# language -> the code page that puts its common characters first, and the lead byte where the rare ones begin
_ORDERED = {
    "ja": ("shift_jis", 0x98),
    "zh_Hans": ("gb2312", 0xD8),
    "zh_Hant": ("big5", 0xC9),
    "ko": ("euc_kr", 0xC9),
}
SAMPLE = 16_384  # bytes of cells beyond ASCII that are looked at
_READINGS, _SHOWN, _CELL = 3, 6, 40  # readings, cells and letters of a cell that are shown
_ODD, _BROKEN = -11.0, -14.0  # a sign where it does not belong, and no sign at all
_FLOOR = -11.0  # a letter that the language does not write
_SMOOTH = 1.0
_STRANGE = 5.0  # taken off for a capital within a word, a letter beside a digit, another alphabet beside it
_MIXED = 9.0  # taken off for a Latin letter beside one of another alphabet
_ALONE = 2.0  # taken off for a letter that stands alone


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


@dataclass(frozen=True)
class _Language:
    """How often each letter and each pair of neighbours occurs in a language; "" stands for a word's edge."""

    name: str
    letters: Counter[str]
    before: Counter[str]
    after: Counter[str]
    around: Counter[str]
    ordered: bool

    def score(self, context: str) -> float:
        """The log-likelihood of the middle one of three characters, in the company of the others."""
        left, letter, right = context[0], context[1].lower(), context[2]
        count = self.letters[letter]
        if self.ordered:
            return self._common(letter, count, self.letters.total()) - _MIXED * _latin(left, right)
        if not count:
            return _FLOOR - _strange(context)
        known = math.log(count / self.around.total()) - _strange(context)
        return (
            known
            + self._company(_fold(left), left, self.before[_fold(left) + letter], count)
            + (self._company(_fold(right), right, self.after[letter + _fold(right)], count))
        )

    def _company(self, neighbour: str, written: str, pairs: int, count: int) -> float:
        """How much likelier the neighbour is beside this letter than anywhere (pointwise mutual information,
        smoothed). A pair of two letters beyond ASCII is met twice, once from each, and so counts half.
        """
        if not self.around[neighbour]:
            return -_MIXED if _latin(written) else -_STRANGE
        anywhere = self.around[neighbour] / self.around.total()
        likelier = math.log((pairs + _SMOOTH * anywhere) / (count + _SMOOTH) / anywhere)
        return likelier if written.isascii() else likelier / 2

    def _common(self, letter: str, count: int, total: int) -> float:
        codec, rare = _ORDERED[self.name]
        if count:
            return max(-7.5, math.log(count / total))
        try:
            code = letter.encode(codec)
        except UnicodeEncodeError:
            return _BROKEN
        if "\uff61" <= letter <= "\uff9f" or len(code) == 1:
            return -9.0
        if not unicodedata.category(letter).startswith("L"):
            return _ODD
        return -8.5 if code[0] < rare else -11.5


@functools.cache
def _languages() -> tuple[_Language, ...]:
    """The languages known, from words of each."""
    text = Path(__file__).with_name("languages.txt").read_text(encoding="utf-8")
    return tuple(_learned(*line.split(" ", 1)) for line in text.splitlines() if line[:1].isalpha())


def _learned(name: str, words: str) -> _Language:
    letters: Counter[str] = Counter()
    before: Counter[str] = Counter()
    after: Counter[str] = Counter()
    around: Counter[str] = Counter()
    for word in words.lower().replace("ș", "ş").replace("ț", "ţ").split():
        padded = f" {word} "
        for place in range(1, len(padded) - 1):
            letter = padded[place]
            around[_fold(letter)] += 1
            if not letter.isascii():
                letters[letter] += 1
                before[_fold(padded[place - 1]) + letter] += 1
                after[letter + _fold(padded[place + 1])] += 1
        around[""] += 1
    return _Language(name, letters, before, after, around, name in _ORDERED)


def _fold(character: str) -> str:
    """A letter in lower case; "" for anything that is not part of a word."""
    return character.lower() if _in_word(character) else ""


@functools.cache
def _in_word(character: str) -> bool:
    return character.isalpha() or unicodedata.category(character) in ("Mn", "Mc")


def _latin(*neighbours: str) -> bool:
    return any("a" <= character.lower() <= "z" for character in neighbours)


def _strange(context: str) -> float:
    """What is taken off for a letter in a place where letters of its case hardly stand."""
    left, letter, right = context[0], context[1], context[2]
    off = 0.0
    if letter.isupper() and (left.islower() or (left.isupper() and right.islower())):
        off += _STRANGE
    if letter.islower() and left.isupper() and right.isupper():
        off += _STRANGE
    if left.isdigit() or right.isdigit():
        off += _STRANGE
    if not _in_word(left) and not _in_word(right):
        off += _ALONE * (1 + letter.isupper())
    if not _in_word(left) and letter.islower() and right.isupper():
        off += _STRANGE
    return off


def _sign(context: str) -> float | None:
    """The log-likelihood of a character that is no letter, by where it stands; None for a letter."""
    left, sign, right = context[0], context[1], context[2]
    if sign == "’" and left.isalpha():
        return -1.0 if right in "st" else -4.5
    for signs, likely, belongs in _SIGNS:
        if sign in signs:
            return likely if belongs(left, right) else _ODD
    category = unicodedata.category(sign)
    if category in ("Cc", "Co", "Cn") or sign == "\ufffd":
        return _BROKEN
    return None if _in_word(sign) or category in ("Lm", "Lo") else _ODD


def _free(left: str, right: str) -> bool:
    """Whether there is no letter on either side."""
    return not _in_word(left) and not _in_word(right)


def _opens(left: str, right: str) -> bool:
    return not _in_word(left) and not left.isdigit() and not right.isdigit() and right != "\n"


def _closes(left: str, right: str) -> bool:
    return not _in_word(right) and left != "\n"


# signs, their log-likelihood where they belong, and where that is: what stands before and after
_SIGNS: tuple[tuple[str, float, Callable[[str, str], bool]], ...] = (
    ("£€", -2.5, lambda a, z: a.isdigit() or z.isdigit() or _free(a, z)),
    ("¥₤₽₺₴₪¢", -4.5, lambda a, z: a.isdigit() or z.isdigit() or _free(a, z)),
    ("°", -2.5, lambda a, z: not _in_word(a) and not z.isdigit() and (not _in_word(z) or z in "CFKNSEWOR")),
    ("ºª", -3.5, lambda a, z: (a.isdigit() or a in "nN.") and not z.isalnum()),
    ("±§½¼¾", -3.0, _free),
    ("²³", -1.0, lambda a, z: (a.isdigit() or a in "mMsx)/") and not z.isalnum()),
    ("¹", -3.5, lambda a, z: a.isalnum() and not z.isalnum()),
    ("µ", -2.5, lambda a, z: not _in_word(a) and z in "gmlLsAVWFMS"),
    ("№", -3.0, _free),
    ("–—…", -3.0, lambda a, z: not _in_word(a) or not _in_word(z)),
    ("•·", -3.5, lambda a, z: not _in_word(a) and not z.isdigit()),
    ("×÷", -4.5, _free),
    ("®™", -3.5, _closes),
    ("†‡‰©", -4.5, lambda a, z: not _in_word(a)),
    ("“„‘‚", -3.0, _opens),
    ("«¿¡‹", -4.5, _opens),
    ("”’", -4.5, _closes),
    ("»›", -4.5, _closes),
    ("\xa0", -3.0, lambda a, z: not _in_word(a) or not _in_word(z)),
    ("「『（《【", -6.0, lambda a, z: not z.isascii()),
    ("」』），。、》】：；！？・ー～〜", -6.0, lambda a, z: not a.isascii()),
)


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
    fixed = {context: _sign(context) for context in weights}
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

    def covered(language: _Language) -> float:
        return sum(weight for letter, weight in single.items() if language.letters[letter])

    likely = sorted(_languages(), key=covered, reverse=True)[:12]
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
