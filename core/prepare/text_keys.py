"""Keys on which the spellings of one thing collide, as OpenRefine has them, and which texts have none.

openrefine.org/docs/technical-reference/clustering-in-depth: fingerprint and n-gram fingerprint. Numbers,
single letters and Roman numerals stand for themselves, in their order; punctuation between digits sets
numbers apart (1.5 is not 15), and marks go from Latin and Greek letters only, as in other scripts a mark is
another letter.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from core.prepare.name_tokens import is_number
from core.prepare.spelling import tidied

LONGEST = 200  # letters beyond which a text is no name
_MARKED = re.compile("([a-z\u00df-\u024f\u0370-\u03ff])[\u0300-\u036f]+")
_SPELT = str.maketrans(
    {
        **dict(
            zip(
                "æœðþđħıĸłŋøŧſ",
                ("ae", "oe", "d", "th", "d", "h", "i", "k", "l", "n", "o", "t", "s"),
                strict=True,
            )
        ),
        "ǿ": "o",
    }
)
_BETWEEN = re.compile(r"(?<=\d)(?:[^\w\s]|_)+(?=\d)")
_MINUS = re.compile(r"(?<!\S)-(?=\.?\d)|(?<=\b\w)-(?!\S)")  # -5; a grade A-
_SHARP = re.compile(r"(?<=[^\W\d_])#")
_AMOUNT = re.compile(r"\W*\d[\d\W]*(?:e[-+]?\d+\W*)?[^\W\d_]{0,3}\W*")  # 1,500.00; 1e-5; 500 mg
_CODE = re.compile(r"(?=\D*\d)(?!.*[^\W\d_]{3})\S+|\S+@\S+|\S+://\S*", re.DOTALL)
_DATE = re.compile(  # words of dates and digits
    r"(?:[\W\d_]|\b(?:(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mon|tue|wed|thu|fri|sat|sun)[a-z]*|of|utc|"
    r"gmt|[ap]m|[tz])\b|(?<=\d)(?:st|nd|rd|th|[ap]m|t|z)(?![a-z]))+"
)
_JOINED = re.compile(r"(?<=\d) (?=\d)")


class TextKey(NamedTuple):
    """What is compared of a text. text: its words, folded, in order: edits are counted in it; numbers: those
    that stand for themselves; texts whose ``numbers`` differ are never one.
    """

    text: str
    numbers: str

    @classmethod
    def of(cls, text: str) -> TextKey | None:
        """The key; None where a text reads as a number, a date or a code, has no letters, or more than
        `LONGEST`.

        >>> TextKey.of("  Müller & Söhne,  GmbH 2").tokens, TextKey.of("Part 1 2").numbers
        (['muller', 'sohne', 'gmbh', '2'], '1_2')
        >>> [TextKey.of(text) for text in ("1.5", "-5", "3 Mar 2020", "AB-12", "500 mg", "a@b.org", "???")]
        [None, None, None, None, None, None, None]
        """
        if len(text) > LONGEST or _stands_for_itself(text.strip()):
            return None
        tokens = folded(text).split()
        words = " ".join(tokens)
        if len(words) > LONGEST or not any(map(str.isalpha, words)):
            return None
        numbers = " ".join(filter(_stands_alone, tokens))
        return cls(words, _JOINED.sub("_", numbers).replace(" ", ""))

    @property
    def tokens(self) -> list[str]:
        """The words, in order."""
        return self.text.split()

    @property
    def fingerprint(self) -> str:
        """The words in alphabetical order, each once and with the numbers behind it.

        >>> TextKey.of("York New York").fingerprint, TextKey.of("Phase 1 Cohort 2").fingerprint
        ('new york', 'cohort 2 phase 1')
        """
        if not self.numbers:
            return " ".join(sorted(set(self.tokens)))
        words: list[str] = []
        for token in self.tokens:
            if words and _stands_alone(token):
                words[-1] += f" {token}"
            else:
                words.append(token)
        return " ".join(sorted(set(words)))

    @property
    def ngrams(self) -> str:
        """The pairs of neighbouring letters in order, each once; "" for a single letter.

        >>> TextKey.of("Banana").ngrams
        'an ba na'
        """
        joined = self.text.replace(" ", "")
        return " ".join(sorted({joined[at : at + 2] for at in range(len(joined) - 1)}))

    @property
    def sound(self) -> str:
        """How the words sound in German (`cologne`), in their order; a word of one sound or of fewer
        than four letters stands for itself.

        >>> TextKey.of("Meyer 2").sound, TextKey.of("Rio").sound
        ('67 2', 'rio')
        >>> TextKey.of("Philipp Schmidt").sound == TextKey.of("Filip Schmitt").sound
        True
        """
        sounds = [token if _stands_alone(token) else cologne(token) for token in self.tokens]
        return " ".join(
            sound if len(sound) > 1 and len(token) > 3 else token
            for sound, token in zip(sounds, self.tokens, strict=True)
        )


def cologne(word: str) -> str:
    """Cologne phonetics (Kölner Phonetik; Postel 1969, IBM-Nachrichten 19, 925-931): the sounds of a folded
    word as digits. Letters of other scripts stand for themselves.

    >>> cologne("wikipedia"), cologne("mullerludenscheidt"), cologne("breschnew"), cologne("xaver")
    ('3412', '65752682', '17863', '4837')
    >>> [cologne(word) for word in ("meyer", "maier", "celsius", "café", "anke", "acker", "phase")]
    ['67', '67', '8588', '43é', '064', '047', '38']
    """
    sounds: list[str] = []
    for place, letter in enumerate(word):
        before, behind = word[place - 1 : place], word[place + 1 : place + 2]
        for sound in _sound(letter, before, behind):
            if sounds[-1:] != [sound]:
                sounds.append(sound)
    return "".join(sound for place, sound in enumerate(sounds) if sound != "0" or not place)


def _sound(letter: str, before: str, behind: str) -> str:
    """The digits of a letter between two others, "" for none."""
    if letter == "p":
        return "3" if behind == "h" else "1"
    if letter in "dt":
        return "8" if behind and behind in "csz" else "2"
    if letter == "c":
        hard = "ahkloqrux" if not before else "ahkoqux"
        return "4" if behind and behind in hard and (not before or before not in "sz") else "8"
    if letter == "x":
        return "8" if before and before in "ckq" else "48"
    return _SOUNDS.get(letter, letter)


_SOUNDS = {
    letter: sound
    for letters, sound in (
        ("aeijouy", "0"),
        ("h", ""),
        ("b", "1"),
        ("fvw", "3"),
        ("gkq", "4"),
        ("l", "5"),
        ("mn", "6"),
        ("r", "7"),
        ("sz", "8"),
    )
    for letter in letters
}


def folded(text: str) -> str:
    """Lower case, in Unicode's compatible form (NFKD), without marks, with ligatures and the like written out
    (æ as ae, ß as ss) and without punctuation.

    >>> folded("Ærø-Færgen, A/S"), folded("C#"), folded("t -5.5"), folded("Мой"), folded("ガラス")
    ('aerofaergen as', 'c♯', 't −5 5', 'мой', 'ガラス')
    """
    word = tidied(text).casefold()
    if not word.isascii():
        word = unicodedata.normalize("NFC", _MARKED.sub(r"\1", unicodedata.normalize("NFKD", word)))
        word = word.translate(_SPELT)
    if "-" in word:
        word = _MINUS.sub("−", word)
    if "#" in word:
        word = _SHARP.sub("♯", word)
    return _BETWEEN.sub(" ", word).translate(_KEPT)


class _TextCache(dict[int, int | None]):
    """What becomes of a letter: None for punctuation, control signs and spacing marks, as far as asked."""

    def __missing__(self, code: int) -> int | None:
        letter = chr(code)
        category = unicodedata.category(letter)
        dropped = category[0] == "P" or category in ("Cc", "Cf", "Sk") or "\u02b0" <= letter <= "\u02ff"
        self[code] = None if dropped and letter != "%" and not letter.isspace() else code
        return self[code]


_KEPT = _TextCache()


@lru_cache(65_536)
def _stands_alone(token: str) -> bool:
    """Whether a token is a number or like one; marks of other scripts are no signs."""
    if not token.isascii():
        token = "".join(letter for letter in token if unicodedata.category(letter)[0] != "M")
    return is_number(token)


def _stands_for_itself(text: str) -> bool:
    """Whether a text is an amount, a date, a code, an address or the like."""
    if not any(map(str.isdigit, text)):
        return bool(_CODE.fullmatch(text))
    small = text.casefold()
    return any(pattern.fullmatch(small) for pattern in (_AMOUNT, _CODE, _DATE))
