"""Which files say the classes and keypoints of which label files of YOLO: those nearest above them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from core.dataset.keypoints import Skeleton
from core.loading.images.archive import Member
from core.loading.images.boxes import yolo_names
from core.loading.images.keypoints import yolo_shape, yolo_skeleton
from core.loading.images.layouts.arranged import SourceFiles, above, only
from core.loading.images.names import ending

_YAML = (".yaml", ".yml")
Shape = tuple[int, int]
_skeleton = cache(yolo_skeleton)


@dataclass(frozen=True)
class YoloFile:
    """What a file says of labels. names: of classes, by number; {} where it says none. shape: as `yolo_shape`
    has it. content: of the file.
    """

    file: str
    names: Mapping[int, str]
    shape: Shape | None
    content: bytes

    @property
    def is_yaml(self) -> bool:
        """Whether it is a ``data.yaml``, which is believed before lists of names."""
        return ending(self.file) in _YAML


@dataclass(frozen=True)
class YoloSet:
    """What is known of some label files. names, shape: as in `YoloFile`. posed: the files that say their
    keypoints. unclear: files that say other names or shapes, of which it is not known which one is meant.
    """

    names: Mapping[int, str]
    shape: Shape | None
    posed: tuple[YoloFile, ...]
    unclear: tuple[str, ...]

    def skeleton(self, which: int) -> Skeleton:
        """What is said of the keypoints of a class, by its number."""
        return only(_skeleton(one.content, which) for one in self.posed)


def yolo_files(files: SourceFiles, listed: Sequence[Member]) -> list[YoloFile]:
    """Those of the listed files that name classes or say how many keypoints there are."""

    def reading(member: Member) -> YoloFile | None:
        content, end = files.read(member), ending(member.name)
        one = YoloFile(
            member.name,
            yolo_names(content, end),
            yolo_shape(content) if end in _YAML else None,
            content,
        )
        return one if one.names or one.shape else None

    return [one for _, one in files.each(listed, reading)]


def yolo_sets(said: Sequence[YoloFile], labels: Iterable[str]) -> list[tuple[YoloSet, list[str]]]:
    """The label files, by their paths, that the same files speak of, and what those say. Names are those of
    the nearest ``data.yaml`` above, else of the nearest list of names above, else of those elsewhere, if all
    say the same; keypoints are as the nearest ``data.yaml`` has them.
    """
    found: dict[tuple[tuple[str, ...], ...], tuple[YoloSet, list[str]]] = {}
    for label in labels:
        named = _speaking([one for one in said if one.names], label)
        posed = _speaking([one for one in said if one.is_yaml], label)
        key = tuple(tuple(one.file for one in some) for some in (named, posed))
        found.setdefault(key, (_set_of(named, posed), []))[1].append(label)
    return list(found.values())


def _speaking(said: Sequence[YoloFile], label: str) -> list[YoloFile]:
    """The files that speak of a label file: the nearest above it, else all; each time those of YAML if there
    are some.
    """
    kinds = [{one.file: one for one in said if one.is_yaml is yaml} for yaml in (True, False)]
    near = [above(some, label) for some in kinds]
    return next(filter(None, [*near, *(list(some.values()) for some in kinds)]), [])


def _set_of(named: Sequence[YoloFile], posed: Sequence[YoloFile]) -> YoloSet:
    names: dict[int, str] = {}
    for one in named:
        names |= one.names
    same_names = all(names[number] == name for one in named for number, name in one.names.items())
    shapes = {one.shape for one in posed if one.shape is not None}
    unclear = {one.file for one in named if not same_names}
    unclear |= {one.file for one in posed if len(shapes) > 1}
    return YoloSet(
        names if same_names else {},
        next(iter(shapes)) if len(shapes) == 1 else None,
        tuple(one for one in posed if one.shape is not None),
        tuple(sorted(unclear)),
    )
