"""Words on the screen. Nothing that came from a user's data is ever read as Markdown or HTML: it goes through
`plain` or `safe`.
"""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from core import phrases
from core.phrases import count, percent

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
# found by Streamlit's Markdown after unescaping, too: :codes: and :colours[, addresses with :// and @; of
# codes without a letter these four are pictures, and others stand within times
_NO_CODE = r"(?!(?:100|1234|[+-]1):)[\d+-]+:"
_FOUND = re.compile(rf":(?=//|(?!{_NO_CODE})[\w+/-]+[:\[])|(?<=[\w.+-])@(?=[\w-]+\.)")
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")
_BLANKS = re.compile(r"^ +| +$| {2,}")
_ODD_BLANKS = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")  # no-break and others of Unicode
# between what must not be read as one: first a sign that no text of the data keeps, then a directive of
# Streamlit's Markdown about no text, of which the page has an element with nothing in it
_HERE, BREAK = "\u2060", ":small[]"
# found by Streamlit's Markdown after unescaping: addresses that begin with www., and marks that it turns into
# others (-> into an arrow) where they stand alone
_WORLD_WIDE = re.compile(r"www(?=\.)", re.IGNORECASE)
_TYPOGRAPHIC = re.compile(r"(?<!\S)([<>~-])(->|[->=])(?!\S)")


def cut(text: Any, limit: int = 120) -> str:
    """The text on one line, without control or direction characters, at most ``limit`` characters.

    >>> cut("a\\tb\\n\\u202ec", 4), cut("abcdef", 4)
    ('a b…', 'abc…')
    """
    line = _UNSEEN.sub(" ", str(text)).strip()
    return line if len(line) <= limit else line[: limit - 1] + "…"


def cut_within(text: Any, limit: int) -> str:
    """The same, cut in its middle where it is too long: names often differ at their ends alone.

    >>> cut_within("temperature_min", 12), cut_within("temperature_max", 12), cut_within("short", 12)
    ('tempera…_min', 'tempera…_max', 'short')
    """
    line = cut(text, 10_000)
    last = (limit - 1) // 3 + 1
    return line if len(line) <= limit else line[: limit - 1 - last] + "…" + line[-last:]


def shortened(text: Any, limit: int = 120) -> str:
    """The same, cut between words where it is too long: half a number would be another number.

    >>> shortened("noise floor 0.55, far", 16), shortened("abcdefgh", 4), shortened("a b", 9)
    ('noise floor …', 'abc…', 'a b')
    """
    whole, line = cut(text, len(str(text))), cut(text, limit)
    words, blank, _ = line.rpartition(" ")
    return f"{words} …" if blank and len(whole) > limit else line


def marked(text: Any, limit: int = 120) -> str:
    """A value of the data on one line; blanks that nobody would see are shown: at its ends, several in a row,
    and those that only look like one.

    >>> marked("Bell "), marked(" a  b"), marked("a b"), marked("  "), marked("a\u00a0b")
    ('Bell␣', '␣a␣␣b', 'a b', '␣␣', 'a␣b')
    """
    line = _UNSEEN.sub(" ", _ODD_BLANKS.sub("␣", str(text)))
    line = _BLANKS.sub(lambda hit: "␣" * len(hit[0]), line)
    return line if len(line) <= limit else line[: limit - 1] + "…"


def plain(text: Any, limit: int = 120) -> str:
    """The text for a place that reads Markdown (labels, captions, alerts): every mark escaped; links, emoji
    codes and marks that are set as others broken.

    Escapes and entities do not keep these apart: Streamlit finds them after unescaping, within one piece of
    text. So an empty directive parts it: within an address, after the first colon of a ``:code:``, and within
    an arrow that stands alone. The page has nothing in its place: a name that is copied is the name.

    >>> plain("**a** <b>")
    '\\\\*\\\\*a\\\\*\\\\* \\\\<b\\\\>'
    >>> plain("www.x.y -> a@b").replace(BREAK, "|")
    'www|\\\\.x\\\\.y \\\\-|\\\\> a\\\\@b'
    >>> plain("a@b.c, http://d, :red[e], data.csv at 12:30:45").replace(BREAK, "|").replace("\\\\", "")
    'a@|b.c, http:|//d, :|red[e], data.csv at 12:30:45'
    """
    broken = _WORLD_WIDE.sub(lambda hit: hit[0] + _HERE, cut(text, limit))
    broken = _TYPOGRAPHIC.sub(lambda hit: hit[1] + _HERE + hit[2], broken)
    broken = _FOUND.sub(lambda hit: hit[0] + _HERE, broken)
    return _PUNCTUATION.sub(r"\\\1", broken).replace(_HERE, BREAK)


def level(text: Any, limit: int = 40) -> str:
    """A value of the data, such as a class, for a place that reads Markdown: `plain`, with blanks that nobody
    would see shown. Two classes that differ by one are told apart.

    >>> level("Bell "), level("*Bell")
    ('Bell␣', '\\\\*Bell')
    """
    return plain(marked(text, limit), limit)


def safe(text: Any, limit: int = 60) -> str:
    """The text for a place that reads a little HTML (titles, ticks and hover boxes of figures), with blanks
    that nobody would see shown, as `marked` has them.

    >>> safe("<b>a & b</b>"), safe("Bell ")
    ('&lt;b&gt;a &amp; b&lt;/b&gt;', 'Bell␣')
    """
    return html.escape(marked(text, limit), quote=False)


def size(amount: float) -> str:
    """A number of bytes in decimal units.

    >>> size(999), size(1_500), size(2_500_000)
    ('999 B', '1.5 kB', '2.5 MB')
    """
    for unit in ("B", "kB", "MB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}" if unit == "B" or amount >= 100 else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} GB"


def share(part: float, whole: float) -> str:
    """A share in per cent; never "0%" or "100%" unless it is exactly so.

    >>> share(0, 5), share(1, 3), share(1, 100_000), share(99_999, 100_000), share(5, 5)
    ('0%', '33.3%', 'under 0.1%', 'over 99.9%', '100%')
    """
    return percent(part / whole if whole else 0.0)


def number(value: Any) -> str:
    """A number for people: four significant digits, separators, no needless zeros; an en dash where there is
    none.

    >>> number(0.123456), number(1234567.0), number(3), number(None), number(float("nan"))
    ('0.1235', '1,234,567', '3', '–', '–')
    """
    if value is None or (isinstance(value, float) and value != value):
        return "–"
    if isinstance(value, (bool, str)) or not isinstance(value, (int, float)):
        return cut(value, 40)
    return phrases.number(value)


def apart(values: Iterable[float]) -> list[str]:
    """Numbers for people, with as many digits (nine at most) as it takes to tell different ones from each
    other and from 1.

    >>> apart([0.99996, 0.9]), apart([0.123456, 0.12347]), apart([0.5, 0.5])
    (['0.99996', '0.9'], ['0.12346', '0.12347'], ['0.5', '0.5'])
    """
    held = [*map(float, values), 1.0]
    shown = [number(value) for value in held]
    for digits in range(5, 10):
        if len(set(shown)) == len(set(held)):
            break
        alike = [
            shown.count(text) > held.count(value) and not value.is_integer()
            for text, value in zip(shown, held, strict=True)
        ]
        shown = [
            f"{value:,.{digits}g}" if again else text
            for again, value, text in zip(alike, held, shown, strict=True)
        ]
    return shown[:-1]


def ago(when: datetime | str | float, now: datetime | None = None) -> str:
    """How long ago, in words.

    >>> ago("2024-03-01T10:00:00+00:00", datetime(2024, 3, 2, 12, tzinfo=UTC))
    'yesterday'
    """
    moment = datetime.fromtimestamp(when, UTC) if isinstance(when, (int, float)) else when
    moment = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    now = now or datetime.now(UTC)
    minutes, days = (now - moment).total_seconds() / 60, (now.date() - moment.date()).days
    if minutes < 1:
        return "just now"
    if minutes < 60:
        return f"{count(int(minutes), 'minute')} ago"
    if days == 0:
        return "today"
    return "yesterday" if days == 1 else f"{count(days, 'day')} ago"


def tag(text: str) -> str:
    """Eight hex digits that stand for a text (a finding's key, a column's name) in widget keys.

    >>> len(tag("<b>")), tag("a") == tag("a"), tag("a") == tag("b")
    (8, True, False)
    """
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()
