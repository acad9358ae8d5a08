"""How the text of a file is encoded, and what of it cannot be decoded."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from core.loading.encodings import SAMPLE, Doubt, Guess, guess

HEAD = 1 << 20
_CELL = 1_000  # bytes of a cell that are looked at for its encoding
_BETWEEN = rb'[,;\t"\r\n]+'  # none of these is part of a character in any code page
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True)
class Survey:
    """What one pass over the bytes of a text file shows.

    encoding, confidence (0 to 1). valid: every byte can be decoded. nul: there are NUL bytes in the text.
    doubt: the reading in another encoding that is nearly as plausible, if there is one.
    """

    encoding: str
    confidence: float
    valid: bool
    nul: bool
    doubt: Doubt | None = None


def survey(path: Path, encoding: str | None, check: Callable[[], None] = lambda: None) -> Survey:
    """Find out the encoding of a text file (unless it is given), and whether all of it can be decoded."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    declared, sure = (encoding, 1.0) if encoding else (marked(head) or _escaped(head), 0.95)
    if declared:
        bad, _, nul = _decode(path, declared, check)
        return Survey(declared, sure, not bad, nul)
    bad, good, nul = _decode(path, "utf-8", check)
    if not bad:
        return Survey("utf-8", 1.0 if good else 0.99, True, nul)
    if good > 10 * bad:
        return Survey("utf-8", 0.7, False, nul)
    legacy = _legacy(path, check)
    bad, _, nul = _decode(path, legacy.encoding, check)
    return Survey(legacy.encoding, legacy.confidence, not bad, nul, legacy.doubt)


def marked(head: bytes) -> str | None:
    """The encoding that the first bytes show by themselves: UTF-8 by its mark, UTF-16 and UTF-32; None for
    others.
    """
    return _bom(head) or _wide(head)


def _bom(head: bytes) -> str | None:
    return next((name for bom, name in _BOMS if head.startswith(bom)), None)


def _wide(head: bytes) -> str | None:
    """UTF-16 without a mark: blanks, digits, delimiters and line ends leave zero bytes, all on the same side.

    >>> _wide("Омск;1\\nТомск;2\\n".encode("utf-16-le")), _wide(b"a,b\\n" + bytes(100)), _wide(b"a,b")
    ('utf-16-le', None, None)
    """
    pairs = len(head) // 2
    even, odd = head[0 : 2 * pairs : 2].count(0), head[1 : 2 * pairs : 2].count(0)
    if max(even, odd) < max(2, 0.05 * pairs) or min(even, odd) > 0.02 * max(even, odd):
        return None
    encoding = "utf-16-le" if odd > even else "utf-16-be"
    try:
        head[: 2 * (pairs - 1)].decode(encoding)
    except UnicodeDecodeError:
        return None
    return encoding


def _escaped(head: bytes) -> str | None:
    """Japanese mail's code, which is ASCII with escapes."""
    return "iso2022_jp" if head.isascii() and re.search(rb"\x1b\$[@B]", head) else None


def _decode(path: Path, encoding: str, check: Callable[[], None]) -> tuple[int, int, bool]:
    """Numbers of characters that cannot be decoded and of those beyond ASCII that can, and whether any is
    NUL.
    """
    handler = error_handler(encoding)
    decoder = codecs.getincrementaldecoder(encoding)(handler)
    lost = re.compile("[\udc80-\udcff]+" if handler == "surrogateescape" else "\ufffd+")
    bad = good = 0
    nul = False
    with path.open("rb") as file:
        while True:
            check()
            block = file.read(HEAD)
            text = decoder.decode(block, final=not block)
            if not text.isascii():
                wrong = sum(map(len, lost.findall(text)))
                bad += wrong
                good += len(re.findall("[^\x00-\x7f]", text)) - wrong
            nul = nul or "\0" in text
            if not block:
                return bad, good, nul


def _legacy(path: Path, check: Callable[[], None]) -> Guess:
    """The code page of a text that is not UTF-8, from its first different cells beyond ASCII."""
    cells: dict[bytes, None] = {}
    size, rest = 0, b""
    with path.open("rb") as file:
        while size < SAMPLE and (block := rest + file.read(HEAD)):
            check()
            *lines, rest = block.splitlines(keepends=True)
            rest = rest if len(lines) and len(block) >= HEAD else b""
            for cell in re.split(_BETWEEN, block.removesuffix(rest)):
                if size < SAMPLE and not cell.isascii() and cell not in cells:
                    size += min(len(cell), _CELL)
                    cells[cell[:_CELL]] = None
    return guess(list(cells))


def error_handler(encoding: str) -> str:
    """How bytes that cannot be decoded are carried along until their line is kept aside."""
    name = codecs.lookup(encoding).name
    return "replace" if name.startswith(("utf-16", "utf-32", "iso2022", "hz")) else "surrogateescape"


def visible(text: str) -> str:
    """The text with bytes that could not be decoded, and halves of characters, written as such.

    >>> visible(b"t\\xfctle".decode("utf-8", "surrogateescape")), visible("\\ud800")
    ('t\\\\xfctle', '\\\\ud800')
    """

    def written(half: re.Match[str]) -> str:
        code = ord(half[0])
        return f"\\x{code - 0xDC00:02x}" if 0xDC80 <= code <= 0xDCFF else f"\\u{code:04x}"

    return re.sub("[\ud800-\udfff]", written, text)
