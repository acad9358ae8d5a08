"""How likely a character beyond ASCII is beside its neighbours: letters by the languages of
``languages.txt``, signs by where such signs stand. Scores are log-likelihoods (natural).
"""

from __future__ import annotations

import functools
import math
import unicodedata
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

# language -> the code page that puts its common characters first, and the lead byte where the rare ones begin
_ORDERED = {
    "ja": ("shift_jis", 0x98),
    "zh_Hans": ("gb2312", 0xD8),
    "zh_Hant": ("big5", 0xC9),
    "ko": ("euc_kr", 0xC9),
}
_ODD, _BROKEN = -11.0, -14.0  # a sign where it does not belong, and no sign at all
_FLOOR = -11.0  # a letter that the language does not write
_SMOOTH = 1.0
_STRANGE = 5.0  # taken off for a capital within a word, a letter beside a digit, another alphabet beside it
_MIXED = 9.0  # taken off for a Latin letter beside one of another alphabet
_ALONE = 2.0  # taken off for a letter that stands alone


@dataclass(frozen=True)
class Language:
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
def languages() -> tuple[Language, ...]:
    """The languages known, from words of each."""
    text = Path(__file__).with_name("languages.txt").read_text(encoding="utf-8")
    return tuple(_learned(*line.split(" ", 1)) for line in text.splitlines() if line[:1].isalpha())


def _learned(name: str, words: str) -> Language:
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
    return Language(name, letters, before, after, around, name in _ORDERED)


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


def sign_score(context: str) -> float | None:
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
