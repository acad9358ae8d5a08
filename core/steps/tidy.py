"""White space, case and Unicode forms of a text column made alike."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.errors import SettingError
from core.loading.images.names import ENDINGS
from core.phrases import name as quoted_name
from core.settings import Settings, choice, knob
from core.steps.kind import Effect, Kind, Learned, State

if TYPE_CHECKING:
    import pyarrow as pa

BLANKS = r"[\s\p{Z}]+"  # no-break and other blanks of Unicode too
FILE = rf"(?i)({'|'.join(map(re.escape, ENDINGS))})\s*$"  # the end of a name of an image file
CASES = ("as it is", "lower", "upper", "title")


@dataclass(frozen=True)
class Tidy(Settings):
    """trim: white space around. blanks: white space within, each run to one blank. unicode: to the composed
    form (NFC; Unicode Standard Annex 15). case: of letters.
    """

    trim: bool = knob(True, "Trim", "Take away white space at both ends.")
    blanks: bool = knob(True, "One blank between words", "Runs of white space become one blank.")
    unicode: bool = knob(
        True,
        "One form for letters with accents",
        "One form for letters with marks (Unicode NFC), so that é is é.",
    )
    case: str = choice("as it is", "Case", "Upper and lower case.", CASES)


def tidy(state: State, column: str, settings: Tidy, learned: Learned) -> Effect:
    """The texts tidied; one that is empty then is missing. Raises `SettingError` for names of files, which
    would lead nowhere then.
    """
    import pyarrow.compute as pc

    coded = state.values(column).combine_chunks().dictionary_encode()
    texts = coded.dictionary
    if names_files(texts):
        raise SettingError(
            f"{quoted_name(column)} holds names of image files: tidied they would be found no more. Choose "
            "another column."
        )
    if settings.unicode:
        texts = pc.utf8_normalize(texts, form="NFC")
    if settings.blanks:
        texts = pc.replace_substring_regex(texts, pattern=BLANKS, replacement=" ")
    if settings.trim:
        texts = pc.utf8_trim_whitespace(texts)
    cased: dict[str, Any] = {"lower": pc.utf8_lower, "upper": pc.utf8_upper, "title": pc.utf8_title}
    if settings.case in cased:
        texts = cased[settings.case](texts)
    texts = pc.if_else(pc.equal(texts, ""), None, texts)
    return Effect({column: texts.take(coded.indices)})


def names_files(texts: pa.Array | pa.ChunkedArray) -> bool:
    """Whether all of these texts are names of image files.

    >>> import pyarrow as pa
    >>> names_files(pa.array(["a/b  1.png", "C.JPG", None])), names_files(pa.array(["a.png", "a tree"]))
    (True, False)
    >>> names_files(pa.array([None], pa.string()))
    False
    """
    import pyarrow.compute as pc

    named = pc.all(pc.match_substring_regex(texts, pattern=FILE), skip_nulls=True, min_count=1)
    return bool(named.as_py())


def code(column: str, settings: Tidy, learned: Learned) -> list[str]:
    """The same in pandas."""
    lines = [f"text = pa.array(frame[{column!r}], pa.string(), from_pandas=True)"]
    if settings.unicode:
        lines.append('text = pc.utf8_normalize(text, form="NFC")')
    if settings.blanks:
        lines.append(f'text = pc.replace_substring_regex(text, pattern=r"{BLANKS}", replacement=" ")')
    if settings.trim:
        lines.append("text = pc.utf8_trim_whitespace(text)")
    if settings.case in CASES[1:]:
        lines.append(f"text = pc.utf8_{settings.case}(text)")
    return [*lines, f'frame[{column!r}] = pc.if_else(pc.equal(text, ""), None, text).to_pandas()']


KIND = Kind(
    settings=Tidy,
    apply=tidy,
    code=code,
    columns=("category", "text", "identifier"),
    scoped=True,
    text=True,
)
