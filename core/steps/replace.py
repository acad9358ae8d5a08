"""Find text in a column and write other text in its place: whole cells, parts of them, or what fits a pattern
of RE2 (github.com/google/re2/wiki/Syntax), which takes time in proportion to the text, whatever the pattern.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from core.errors import SettingError
from core.phrases import quoted
from core.settings import Settings, choice, knob, text
from core.steps.kind import Effect, Kind, Learned, State

WAYS = ("whole cell", "part", "pattern")
LONGEST = 500  # characters of a pattern
_SIGNS = {
    "(?=": "look-ahead",
    "(?!": "look-ahead",
    "(?<": "look-behind",
    "++": "possessive repetition",
    "*+": "possessive repetition",
    "?+": "possessive repetition",
}


@dataclass(frozen=True)
class Replace(Settings):
    r"""find: what is looked for. into: what takes its place (in a pattern, \1 is its first group). how: what
    is compared with it. case: whether upper and lower case are told apart.
    """

    find: str = text("", "Find", "What is looked for.")
    into: str = text("", "Replace with", "What takes its place; a cell that is empty then is missing.")
    how: str = choice("whole cell", "Looked for as", "A whole cell, a part of it, or a pattern (RE2).", WAYS)
    case: bool = knob(True, "Match case", "Tell upper and lower case apart.")

    @property
    def pattern(self) -> str:
        """What is looked for, as a pattern of RE2."""
        bare = self.find if self.how == "pattern" else literal(self.find)
        whole = rf"\A(?:{bare})\z" if self.how == "whole cell" else bare
        return whole if self.case else f"(?i){whole}"

    @property
    def rewrite(self) -> str:
        """What takes its place, with backslashes as they are unless a pattern is looked for."""
        return self.into if self.how == "pattern" else self.into.replace("\\", r"\\")


def literal(find: str) -> str:
    r"""The pattern that fits this text alone.

    >>> literal("a.b (c)"), literal("é")
    ('a\\.b \\(c\\)', 'é')
    """
    return re.sub(r"([^\w\s]|_)", lambda sign: f"\\{sign[0]}" if sign[0].isascii() else sign[0], find)


def replace(state: State, column: str, settings: Replace, learned: Learned) -> Effect:
    """The column with other text in place of what is found. Raises `SettingError` for nothing to find, and
    for a pattern or a replacement that RE2 does not know.
    """
    import pyarrow.compute as pc

    _check(settings)
    coded = state.values(column).combine_chunks().dictionary_encode()
    texts = pc.replace_substring_regex(
        coded.dictionary, pattern=settings.pattern, replacement=settings.rewrite
    )
    texts = pc.if_else(pc.equal(texts, ""), None, texts)
    return Effect({column: texts.take(coded.indices)})


def _check(settings: Replace) -> None:
    if not settings.find:
        raise SettingError("Give the text to find; missing cells are filled by the rule 'fill'.")
    if len(settings.find) > LONGEST:
        raise SettingError(f"What is looked for has at most {LONGEST} characters.")
    if settings.how == "pattern":  # alone first, so that what is said of it has nothing that is not in it
        _compile(settings.find, settings)
    _compile(settings.pattern, settings)


def _compile(pattern: str, settings: Replace) -> None:
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        pc.replace_substring_regex(pa.array([""]), pattern=pattern, replacement=settings.rewrite)
    except (pa.ArrowInvalid, UnicodeEncodeError) as error:
        raise SettingError(_fault(settings, str(error))) from error


def _fault(settings: Replace, error: str) -> str:
    """What RE2 says of a pattern or a replacement, in one sentence, with the place."""
    kind, _, reason = " ".join(error.split()).partition(": ")
    if "replacement" in kind:
        return f"{quoted(settings.into)} cannot be the replacement: {_bare(reason)}."
    what, _, sign = reason.rpartition(": ")
    sign = sign if sign in settings.find else sign[1:-1]  # Arrow puts the pattern in parentheses
    at = settings.find.find(sign)
    where = f" (character {at + 1})" if sign and at >= 0 else ""
    known = "back reference" if re.fullmatch(r"\\[1-9]", sign) else _SIGNS.get(sign[:3], "")
    if known:
        return f"{quoted(settings.find)} is no pattern of RE2, which has no {known}{where}."
    return f"{quoted(settings.find)} is no pattern of RE2: {_bare(what or reason)}{where}."


def _bare(reason: str) -> str:
    return reason[:120].rstrip(".")


def code(column: str, settings: Replace, learned: Learned) -> list[str]:
    """The same in pandas."""
    how: dict[str, Any] = {"pattern": settings.pattern, "replacement": settings.rewrite}
    given = ", ".join(f"{key}={value!r}" for key, value in how.items())
    return [
        f"text = pa.array(frame[{column!r}], pa.string(), from_pandas=True)",
        f"text = pc.replace_substring_regex(text, {given})",
        f'frame[{column!r}] = pc.if_else(pc.equal(text, ""), None, text).to_pandas()',
    ]


KIND = Kind(
    settings=Replace,
    apply=replace,
    code=code,
    columns=("category", "text", "identifier", "image"),
    scoped=True,
    text=True,
)
