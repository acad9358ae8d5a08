"""A name taken apart: its tokens, abbreviations written out, without company forms."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from typing import NamedTuple

from core.prepare.spelling import spelling

LONG = 8  # letters of a name from which the order of its tokens may be set aside
_STEM = 3  # signs of a name that remain without a company form; one of them is a letter
_FORMS = frozenset(
    "inc incorporated ltd limited company corp corporation llc llp plc gmbh sarl pty pte srl".split()
)
# company forms that are also codes of states or countries, initials, or words
_DOUBTFUL = frozenset("co ab ag as bv kg kk lp nv oy sa spa".split())
# SPA, Spa is a word, or may be one
_S_P_A = re.compile(r"\b(?:[Ss][.][Pp][.][Aa]|SpA)\b")
# what is said of the word before it: a number, a letter, a Roman numeral
_NUMBER = re.compile(r".*[\W\d_].*|\w|[ivx]+|one|two|three|four|five|six|seven|eight|nine|ten")
_SAME_FORM = {"incorporated": "inc", "limited": "ltd", "company": "co", "corporation": "corp"}
_GENERIC = frozenset(
    "industrie industries aircraft airlines airways aviation aerospace group holding holdings international"
    " enterprises manufacturing technologies technology systems services solutions products brothers".split()
)
_SHORT = {
    "intl": "international",
    "int'l": "international",
    "natl": "national",
    "arpt": "airport",
    "mfg": "manufacturing",
    "bros": "brothers",
    "dept": "department",
    "univ": "university",
    "govt": "government",
    "hosp": "hospital",
    "assn": "association",
    "ctr": "center",
    "centre": "center",
    "ind": "industries",
    "inds": "industries",
    "tech": "technology",
    "svc": "service",
    "svcs": "services",
    "ave": "avenue",
    "blvd": "boulevard",
    "&": "and",
}
# a sign that only sets letters apart; between two digits, or at an end, it may mean something
_APART = re.compile(
    r"(?<=[^\W\d_])[-/_:;()]+(?=\w)|(?<=\w)[-/_:;()]+(?=[^\W\d_])|[,\"“”]+|(?<=\w)[.](?=[\s,]|$)"
)
_DOTTED = re.compile(r"(?<=\b[^\W\d_])\.(?=[^\W\d_]\b)")  # U.S.A
_QUOTE = re.compile(r"(?<=[^\W\d_])'(?=[^\W\d_])")
# what sets two parties in relation, so that their order counts: from A to B, A of B, A-B, A/B
_RELATION = re.compile(
    r"(?<=\w)\s*[-/|:;>→]\s*(?=\w)|(?<=\s)(?:after|against|at|before|by|de|del|della|di|du|en|for|from|in|into|"
    r"of|on|over|per|to|under|v|versus|via|vom|von|vs|with|without|zu)(?=[.]?\s)"
)


class Name(NamedTuple):
    """A name taken apart.

    tokens: its words and numbers in order.
    forms: how many of the last ones are company forms, such as Inc.
    ordered: whether it sets two parties in relation, so that the order of the tokens counts.
    turned: of a name with one comma the tokens with those behind it in front ("Smith, John"); () otherwise.
    """

    tokens: tuple[str, ...]
    forms: int = 0
    ordered: bool = False
    turned: tuple[str, ...] = ()

    @classmethod
    def of(cls, word: str) -> Name:
        """The word's tokens, abbreviations written out.

        >>> Name.of("McDonnell-Douglas Corp.").tokens, Name.of("U.S. Steel, Inc").forms, Name.of("A+").tokens
        (('mcdonnell', 'douglas', 'corp'), 1, ('a+',))
        >>> Name.of("Parent of child").ordered, Name.of("Smith, John").turned
        (True, ('john', 'smith'))
        """
        written = spelling(word)
        tokens = _tokens(written)
        forms = 0
        while forms < len(tokens) - 1 and _is_form(tokens[-1 - forms], tokens[-2 - forms], word):
            forms += 1
        while forms and not _may_stand_alone("".join(tokens[: len(tokens) - forms])):
            forms -= 1
        last, comma, first = written.partition(",")
        turned = _tokens(first) + _tokens(last) if comma and not forms and "," not in first else ()
        return cls(tokens, forms, bool(_RELATION.search(written)), turned)

    @property
    def stem(self) -> tuple[str, ...]:
        """The tokens without company forms at the end."""
        return self.tokens[: len(self.tokens) - self.forms]

    @property
    def tail(self) -> tuple[str, ...]:
        """The company forms at the end."""
        return self.tokens[len(self.tokens) - self.forms :]

    @property
    def joined(self) -> str:
        """The tokens as one, numbers set apart from each other."""
        return re.sub(r"(?<=\d) (?=\d)", "_", " ".join(self.tokens)).replace(" ", "")

    @property
    def unordered(self) -> tuple[str, ...]:
        """The words in alphabetical order, each followed by the numbers (or letters) that stand behind it,
        the first one also by those before it; the tokens in order where that counts or they are few letters.

        >>> Name.of("Phase 1 Cohort 2").unordered, Name.of("737 Boeing Aircraft").unordered
        (('cohort 2', 'phase 1'), ('aircraft', 'boeing 737'))
        """
        words = [token for token in self.tokens if token.isalpha()]
        if self.ordered or sum(map(len, words)) < LONG or max(map(len, words), default=0) < 4:
            return self.tokens
        first = next((at for at, token in enumerate(self.tokens) if not is_number(token)), 0)
        numbered: list[list[str]] = []
        for token in (self.tokens[first], *self.tokens[:first], *self.tokens[first + 1 :]):
            if numbered and is_number(token):
                numbered[-1].append(token)
            else:
                numbered.append([token])
        return tuple(sorted(map(" ".join, numbered)))

    @property
    def bare(self) -> tuple[str, ...]:
        """The tokens without a last one that only says what kind of firm it is."""
        short = self.tokens[:-1]
        return short if self.tokens[-1:] and self.tokens[-1] in _GENERIC and any(map(_long, short)) else ()


def is_number(token: str) -> bool:
    """Whether a token is a number, or what may be one: a letter, a Roman numeral, a word with signs in it.

    >>> [is_number(token) for token in ("12b", "a", "iii", "two", "c++", "oslo")]
    [True, True, True, True, True, False]
    """
    return _NUMBER.fullmatch(token) is not None


def _tokens(written: str) -> tuple[str, ...]:
    folded = _APART.sub(" ", _QUOTE.sub("", _DOTTED.sub("", written)))
    return tuple(_SHORT.get(token, token) for token in folded.split())


def _is_form(token: str, before: str, word: str) -> bool:
    """Whether a token of the word is a company form, and neither a unit (500 kg) nor a word (Day Spa)."""
    if token == "spa":
        return bool(_S_P_A.search(word))
    return token in _FORMS or (token in _DOUBTFUL and not any(map(str.isdigit, before)))


def _may_stand_alone(stem: str) -> bool:
    return len(stem) >= _STEM and any(map(str.isalpha, stem))


def _long(token: str) -> bool:
    return len(token) >= 4 and token.isalpha()


def taken_apart(words: Iterable[str]) -> dict[str, Name]:
    """Each word's name, without the company forms that do not distinguish it from others.

    They do where one stem has two different ones (Ward AB, Ward SA). A form that is also a code (CO for
    Colorado) is one only where no other name has that stem and another last token (Aurora, IL), and codes
    do not prevail among the two-letter ends of the column.

    >>> names = taken_apart(["Acme", "Acme Inc", "Ward AB", "Ward SA"])
    >>> [" ".join(name.tokens) for name in names.values()]
    ['acme', 'acme', 'ward ab', 'ward sa']
    """
    names = {word: Name.of(word) for word in words}
    ends = last_tokens(names.values())
    tails: dict[tuple[str, ...], set[tuple[str, ...]]] = {}
    for name in names.values():
        tails.setdefault(name.stem, set()).add(name.tail)
    codes = sum(len(name.tokens) > 1 and _is_code(name.tokens[-1]) for name in names.values())
    doubtful = sum(name.tokens[-1] in _DOUBTFUL for name in names.values() if name.forms)

    def distinguish(stem: tuple[str, ...]) -> bool:
        may_be_codes = any(tail and _DOUBTFUL.issuperset(tail) for tail in tails[stem])
        return not _nested(tails[stem]) or (may_be_codes and (bool(ends.get(stem)) or codes > doubtful))

    return {
        word: name if not name.forms or distinguish(name.stem) else name._replace(tokens=name.stem, forms=0)
        for word, name in names.items()
    }


def last_tokens(names: Iterable[Name]) -> dict[tuple[str, ...], set[str]]:
    """Per stem the different last tokens that follow it: names that differ in them are different. Those that
    only say what kind of firm it is are left out.
    """
    ends: dict[tuple[str, ...], set[str]] = {}
    for name in names:
        if len(name.stem) > 1 and name.stem[-1] not in _GENERIC:
            ends.setdefault(name.stem[:-1], set()).add(name.stem[-1])
    return ends


def _nested(tails: Iterable[tuple[str, ...]]) -> bool:
    """Whether of any two sets of company forms one holds the other: none, Co, and Co Inc."""
    alike = sorted({frozenset(_SAME_FORM.get(form, form) for form in tail) for tail in tails}, key=len)
    return all(one <= other for one, other in itertools.pairwise(alike))


def _is_code(token: str) -> bool:
    return len(token) == 2 and token.isalpha() and token not in _FORMS | _DOUBTFUL
