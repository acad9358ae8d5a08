"""Keypoints of objects: what the points of a class are called, which are joined by lines, and which are left
and right of each other.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

KEYPOINTS = "keypoints.json"  # beside exported images: `Skeleton.as_coco` of each class
_SIDES = {"left": "right", "right": "left", "l": "r", "r": "l"}
_WORDS = re.compile(r"left|right|(?<![a-z])[lr](?![a-z])", re.IGNORECASE)


@dataclass(frozen=True)
class Skeleton:
    """The keypoints of one class. names: in order; () where they have none. lines: pairs of places, from 0,
    that are joined. twins: of each point the place of the one that it becomes in a mirror image, which is its
    own where it has no sides; () where nothing is known of sides.
    """

    names: tuple[str, ...] = ()
    lines: tuple[tuple[int, int], ...] = ()
    twins: tuple[int, ...] = ()

    @classmethod
    def of(cls, names: Any, lines: Any = (), twins: Any = ()) -> Skeleton:
        """From what a file says: ``lines`` as COCO has them, from 1; ``twins`` as YOLO's ``flip_idx``, from
        0, else by the names. What points to no keypoint is left out.

        >>> Skeleton.of(["nose", "left_eye", "right_eye"], [[1, 2], [1, 9], "x"])
        Skeleton(names=('nose', 'left_eye', 'right_eye'), lines=((0, 1),), twins=(0, 2, 1))
        """
        called = tuple(str(one) for one in names) if isinstance(names, (list, tuple)) else ()
        listed = lines if isinstance(lines, (list, tuple)) else ()
        pairs = [one for one in listed if isinstance(one, (list, tuple)) and len(one) == 2]
        known = range(1, len(called) + 1)
        joined = tuple(
            (int(one) - 1, int(other) - 1)
            for one, other in pairs
            if _whole(one) and _whole(other) and one in known and other in known
        )
        given = tuple(twins) if isinstance(twins, (list, tuple)) and _is_exchange(twins) else ()
        if called and len(given) != len(called):
            given = twins_of(called)
        return cls(called, joined, given)

    @classmethod
    def of_category(cls, said: Mapping[str, Any]) -> Skeleton:
        """From a category as `as_coco` gives it, or COCO itself."""
        return cls.of(said.get("keypoints"), said.get("skeleton"), said.get("flip_idx"))

    @property
    def sided(self) -> bool:
        """Whether it is known of some point which one is that of the other side."""
        return self.twins != tuple(range(len(self.twins)))

    def fits(self, points: Sequence[float]) -> bool:
        """Whether x, y and seen of keypoints, in a row, are as many as the names; any are where there are no
        names.
        """
        return not self.names or len(points) in (0, 3 * len(self.names))

    def as_coco(self, name: str) -> dict[str, Any]:
        """As a category of COCO, with YOLO's ``flip_idx``."""
        lines = [[one + 1, other + 1] for one, other in self.lines]
        said = {"name": name, "keypoints": list(self.names), "skeleton": lines}
        return said | ({"flip_idx": list(self.twins)} if self.twins else {})


def skeletons_in(categories: Any) -> dict[str, Skeleton]:
    """Those of categories as `Skeleton.as_coco` gives them, or COCO itself, by the names of the classes;
    without those that are said twice, and differ.

    >>> skeletons_in([{"name": "cat", "keypoints": ["ear"]}, {"name": "dog"}, 3])
    {'cat': Skeleton(names=('ear',), lines=(), twins=(0,))}
    >>> skeletons_in([{"name": "cat", "keypoints": ["ear"]}, {"name": "cat", "keypoints": ["eye"]}])
    {}
    """
    listed: Iterable[Any] = categories if isinstance(categories, list) else ()
    found: dict[str, set[Skeleton]] = {}
    for one in listed:
        if isinstance(one, Mapping) and (skeleton := Skeleton.of_category(one)) != Skeleton():
            found.setdefault(str(one.get("name", one.get("id"))), set()).add(skeleton)
    return {name: next(iter(said)) for name, said in found.items() if len(said) == 1}


def twins_of(names: Sequence[str]) -> tuple[int, ...]:
    """Of each point the place of the one whose name says the other side, else its own, as where one of the
    two names stands there twice.

    >>> twins_of(["nose", "left_eye", "right_eye", "REar", "LEar", "l hip", "r hip", "left_toe"])
    (0, 2, 1, 3, 4, 6, 5, 7)
    >>> twins_of(["left_eye", "right_eye", "ear", "ear", "left_paw", "right_paw", "Left_Paw"])
    (1, 0, 2, 3, 4, 5, 6)
    """
    called = [name.casefold() for name in names]
    met = Counter(called)
    places = {name: place for place, name in enumerate(called) if met[name] == 1}
    others = [_WORDS.sub(lambda side: _SIDES[side[0].lower()], name) for name in called]
    both = (one in places and other in places for one, other in zip(called, others, strict=True))
    return tuple(places[others[place]] if paired else place for place, paired in enumerate(both))


def _is_exchange(twins: Sequence[Any]) -> bool:
    """Whether each place is that of the point whose place it has."""
    many = range(len(twins))
    return all(_whole(one) and one in many and twins[one] == place for place, one in enumerate(twins))


def _whole(number: Any) -> bool:
    return isinstance(number, int) and not isinstance(number, bool)
