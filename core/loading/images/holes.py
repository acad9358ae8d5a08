"""Holes in a JPEG: bytes in the midst of its picture that became zeros, as where a download or a disk failed.

Decoders take such bytes for codes and go on, with colours and places that are wrong, and Pillow keeps what
libjpeg warns of to itself. A row of zero bits is the first code of each Huffman table, over and over (ITU-T
T.81, C.2). Where that of some component stands for a coefficient that is not zero, a hundred bytes of it are
blocks whose every coefficient is that same one, which no encoder writes; where it ends a block they can be an
even area, and nothing is said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

RUN = 100  # zero bytes in a row
_ZEROS = bytes(RUN)
_MARKER = re.compile(rb"\xff+[^\x00\xff\xd0-\xd7]")  # behind a picture's bytes; those of a restart are within
_SEQUENTIAL = (0xC0, 0xC1)  # frames whose scans code whole blocks
_ALONE = (0x01, *range(0xD0, 0xD9))  # markers without a segment


class _Segment(NamedTuple):
    marker: int
    start: int  # of what it holds
    end: int


def hole(content: bytes) -> int:
    """How many bytes in a row of the picture of a JPEG are zeros that cannot be meant; 0 where there are
    none, or it cannot be known, as of progressive ones.
    """
    if _ZEROS not in content:
        return 0
    first: dict[int, int] = {}  # class and place of a table -> its first symbol
    sequential = False
    for one in _segments(content):
        if one.marker in range(0xC0, 0xD0) and one.marker not in (0xC4, 0xC8, 0xCC):
            sequential = one.marker in _SEQUENTIAL
        elif one.marker == 0xC4:
            first |= _first_symbols(content[one.start : one.end])
        elif one.marker == 0xDA and sequential:
            behind = _MARKER.search(content, one.end)
            end = behind.start() if behind else len(content)
            at = content.find(_ZEROS, one.end, end)
            if at >= 0 and any(symbol & 15 for symbol in _of_blocks(content[one.start : one.end], first)):
                zeros = re.compile(rb"\x00+").match(content, at, end)
                return len(zeros[0]) if zeros else 0
    return 0


def _segments(content: bytes) -> Iterator[_Segment]:
    """The segments up to the end of the image; none where a file is no JPEG."""
    at = 0
    while (marker := _MARKER.search(content, at)) is not None:
        code, at = content[marker.end() - 1], marker.end()
        if code == 0xD9:
            return
        if code in _ALONE:
            continue
        length = int.from_bytes(content[at : at + 2], "big")
        yield _Segment(code, at + 2, at + length)
        at += max(2, length)


def _first_symbols(tables: bytes) -> dict[int, int]:
    """The symbol of the code of zeros alone of each Huffman table, by the byte that names the table."""
    found, at = {}, 0
    while at + 17 <= len(tables):
        many = sum(tables[at + 1 : at + 17])
        if many and at + 17 < len(tables):
            found[tables[at]] = tables[at + 17]
        at += 17 + many
    return found


def _of_blocks(scan: bytes, first: dict[int, int]) -> list[int]:
    """The first symbols of the tables by which a scan codes all but the first coefficient of blocks."""
    used = {scan[at] & 15 for at in range(2, min(len(scan), 1 + 2 * scan[0]) + 1, 2)} if scan else set()
    return [first[0x10 | one] for one in used if (0x10 | one) in first]
