"""Keypoints in annotations: x, y and how each is seen, checked; what YOLO's ``data.yaml`` says of them."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

from core.dataset.keypoints import Skeleton
from core.loading.images.tables import text_of

Points = tuple[float, ...]  # x, y, seen (0: not there, 1: hidden, 2: seen) of each keypoint, in a row


def finite_numbers(given: Any, many: int) -> Points | None:
    """So many numbers, none of which is huge; None where there are others."""
    if not isinstance(given, (list, tuple)) or len(given) != many:
        return None
    try:
        numbers = tuple(float(one) for one in given)
    except (TypeError, ValueError, OverflowError):
        return None
    return numbers if all(abs(number) < 1e9 for number in numbers) else None


def points_of(given: Any) -> Points | None:
    """The keypoints of an object of COCO; () where it has none, or none that is there; None where they cannot
    be read. Points that are not there are zeros.

    >>> points_of([5, 6, 1, 9, 9, 0]), points_of([0] * 51), points_of(None), points_of([[5, 6, 2]])
    ((5.0, 6.0, 1.0, 0.0, 0.0, 0.0), (), (), (5.0, 6.0, 2.0))
    >>> points_of([1, 2]), points_of([float("nan"), 1, 2]), points_of("5 6 1"), points_of([5, None, 2])
    (None, None, None, None)
    """
    if given is None or given == []:
        return ()
    if isinstance(given, list) and all(isinstance(one, list) and len(one) == 3 for one in given):
        given = [number for one in given for number in one]
    numbers = finite_numbers(given, len(given)) if isinstance(given, list) and len(given) % 3 == 0 else None
    return None if numbers is None else seen_of(numbers)


def seen_of(numbers: Points) -> Points:
    """The points with 0, 1 or 2 for how each is seen; () where none is there.

    >>> seen_of((1, 2, 0.7, 3, 4, -1)), seen_of((1, 2, 0))
    ((1, 2, 1.0, 0.0, 0.0, 0.0), ())
    """
    points = list[float]()
    for x, y, seen in zip(numbers[::3], numbers[1::3], numbers[2::3], strict=True):
        points += (x, y, float(min(2, math.ceil(seen)))) if seen > 0 else (0.0, 0.0, 0.0)
    return tuple(points) if any(points[2::3]) else ()


def yolo_points(numbers: Sequence[float], each: int) -> Points:
    """The keypoints behind the box in a line of YOLO, as shares of the picture. each: how many numbers one
    is; of two numbers it is not there where both are 0 or one is below.

    >>> yolo_points([0.5, 0.25, 0, 0, -1, 0.5], 2)
    (0.5, 0.25, 2.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    """
    if each == 3:
        return seen_of(tuple(numbers))
    threes = list[float]()
    for x, y in zip(numbers[::2], numbers[1::2], strict=True):
        threes += (x, y, 2.0 if min(x, y) >= 0 and max(x, y) > 0 else 0.0)
    return seen_of(tuple(threes))


def yolo_shape(content: bytes) -> tuple[int, int] | None:
    """How many keypoints an object has and how many numbers each is, by ``kpt_shape`` of ``data.yaml``; None
    without it.

    >>> yolo_shape(b"nc: 1\\nkpt_shape: [17, 3]  # x, y, seen"), yolo_shape(b"kpt_shape:\\n- 4\\n- 2")
    ((17, 3), (4, 2))
    """
    given = re.search(r"^kpt_shape:[\s\[-]*(\d{1,4})[\s,-]+([23])\b", text_of(content), re.MULTILINE)
    return (int(given[1]), int(given[2])) if given else None


def yolo_skeleton(content: bytes, which: int = 0) -> Skeleton:
    """What ``data.yaml`` says of the keypoints of a class, by its number: ``kpt_names`` and ``flip_idx``.

    >>> yolo_skeleton(b"flip_idx: [0, 2, 1]\\nkpt_names:\\n  0: [nose, left_eye, right_eye]\\nnc: 1\\n")
    Skeleton(names=('nose', 'left_eye', 'right_eye'), lines=(), twins=(0, 2, 1))
    >>> yolo_skeleton(b"kpt_names:\\n  0:\\n  - nose\\n  - 'tail'\\n  1:\\n  - eye\\n", 1)
    Skeleton(names=('eye',), lines=(), twins=(0,))
    >>> yolo_skeleton(b"kpt_names:\\n  1:\\n  - eye\\n  - ear\\n  0: [nose, tail]\\n", 1).names
    ('eye', 'ear')
    """
    text = text_of(content).replace("\r\n", "\n")
    flips = re.search(r"^flip_idx:((?:[\s\[,-]*\d{1,4})+)", text, re.MULTILINE)
    twins = [int(one) for one in re.findall(r"\d+", flips[1])] if flips else []
    return Skeleton.of(_lists_of(text, "kpt_names").get(which, []), (), twins)


def _lists_of(text: str, key: str) -> dict[int, list[str]]:
    """The lists by number below a key of YAML, each in brackets or with a dash before each item.

    >>> _lists_of("k:\\n  0:\\n  - 'a, b'  # [\\n  '1': [c,\\n    d]\\n\\n  2: []\\nn: [x]", "k")
    {0: ['a, b'], 1: ['c', 'd'], 2: []}
    >>> _lists_of("k: {0: [a, 'b]'], 1: [c]}", "k")
    {0: ['a', 'b]'], 1: ['c']}
    >>> _lists_of("k: [a, b]", "k"), _lists_of("k:\\n  0: [a", "k")
    ({}, {})
    """
    block = re.search(rf"^{key}:(?=\s)(.*(?:\n(?:[ \t#}}\]-].*|(?=\n|\Z)))*+)", text, re.MULTILINE)
    lines = block[1].splitlines() if block else []
    code = "\n".join(match[0].strip() for line in lines if (match := _CODE.match(f" {line}")) is not None)
    found, at = dict[int, list[str]](), 0
    while (met := _NUMBER.match(code, at)) is not None:
        items, at = _flow(code, met.end()) if met[3] else _dashed(code, met.end())
        if at < 0:
            break
        found[int(met[2])] = items
    return found


_QUOTED = r"'(?:[^']|'')*+'|\"(?:[^\"\\\n]|\\.)*+\""
_CODE = re.compile(rf"(?:(?<=[\s\[,{{])(?:{_QUOTED})|(?<!\s)#|[^#])*+")  # of a line, without a comment
_NUMBER = re.compile(r"[\s{,]*+(['\"]?)(\d{1,4})\1[ \t]*+:(?=[\s\[]|$)(?:\s*+(\[))?")
_ITEM = re.compile(rf"\s*+(?:({_QUOTED})(?=\s*+[,\]])|([^,\]]*+))\s*+([,\]])")
_DASH = re.compile(r"\s*+^-(?=\s)(.*)", re.MULTILINE)


def _flow(code: str, at: int) -> tuple[list[str], int]:
    """The items of a list behind its bracket, and where it ends; -1 where it does not."""
    items = list[str]()
    while (met := _ITEM.match(code, at)) is not None:
        item = _unquoted(met[1]) if met[1] else met[2].strip()
        items += [item] if item else []
        at = met.end()
        if met[3] == "]":
            return items, at
    return [], -1


def _dashed(code: str, at: int) -> tuple[list[str], int]:
    """The items of a list with a dash before each, and where it ends."""
    items = list[str]()
    while (met := _DASH.match(code, at)) is not None:
        items.append(_unquoted(met[1].strip()))
        at = met.end()
    return items, at


def _unquoted(text: str) -> str:
    """
    >>> _unquoted("'it''s'"), _unquoted('"a b"'), _unquoted("l'oeil")
    ("it's", 'a b', "l'oeil")
    """
    if len(text) < 2 or text[0] != text[-1] or text[0] not in "'\"":
        return text
    return text[1:-1].replace("''", "'") if text[0] == "'" else re.sub(r"\\(.)", r"\1", text[1:-1])
