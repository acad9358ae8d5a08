"""Keypoints of one class in several files: brought into one order by their names, or left out where it cannot
be told which is which.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import compress
from pathlib import Path
from typing import TYPE_CHECKING

from core.dataset.keypoints import Skeleton, skeletons_in
from core.dataset.pictures import BOXES, SKELETONS
from core.finding import Finding
from core.loading.images.keypoints import Points
from core.loading.images.label_findings import keypoints_not_read

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class OneOrder:
    """Keypoints of objects in one order for each class. points: of each object, () where it has none or they
    were left out. skeletons: of each class that has some. lost: class -> places of the objects whose
    keypoints were left out.
    """

    points: list[Points]
    skeletons: dict[str, Skeleton]
    lost: dict[str, list[int]]


def settled(
    classes: Sequence[str],
    points: Sequence[Points],
    own: Sequence[Skeleton],
    first: Mapping[str, tuple[Skeleton, int]] | None = None,
) -> OneOrder:
    """The keypoints of objects as one skeleton for each class has them. own: what the file of each object
    says of its keypoints. first: of classes that have a skeleton already, that and how many keypoints; the
    others have the first that has names, or, where none has, as many as most of their objects.
    """
    met: dict[str, dict[Skeleton, None]] = {}
    for name, numbers, said in zip(classes, points, own, strict=True):
        if numbers:
            met.setdefault(name, {})[said] = None
    known = first or {}
    common = {name: _common([*some], known[name][0] if name in known else None) for name, some in met.items()}
    orders = {(name, one): _order(one, common[name]) for name, some in met.items() for one in some}
    nameless = [
        bool(p) and orders[name, said] == () for name, p, said in zip(classes, points, own, strict=True)
    ]
    many = _usual_number([*compress(classes, nameless)], [*compress(points, nameless)])
    many |= {name: number for name, (_, number) in known.items()}
    kept, lost = list[Points](), dict[str, list[int]]()
    for place, (name, numbers, said) in enumerate(zip(classes, points, own, strict=True)):
        order = orders[name, said] if numbers else ()
        if order is None or (nameless[place] and len(numbers) != 3 * many[name]):
            lost.setdefault(name, []).append(place)
            kept.append(())
        elif order == tuple(range(len(order))):
            kept.append(numbers)
        else:
            kept.append(tuple(number for at in order for number in numbers[3 * at : 3 * at + 3]))
    there = {name for name, numbers in zip(classes, kept, strict=True) if numbers}
    return OneOrder(kept, {name: one for name, one in common.items() if name in there}, lost)


def settle(parts: Sequence[tuple[Path, list[Finding]]]) -> None:
    """Bring the keypoints of a second part into the order of the first, by what the boxes in the folder of
    each say, and tell in its findings where that cannot be.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    if len(parts) != 2 or not all((folder / BOXES).exists() for folder, _ in parts):
        return
    tables = [pq.read_table(folder / BOXES) for folder, _ in parts]
    said = [_said(table) for table in tables]
    there = [table["class"].to_pylist() for table in tables]
    every = [[tuple(one or ()) for one in table["keypoints"].to_pylist()] for table in tables]
    known = _usual_number(there[0], every[0])
    first = {name: (said[0].get(name, Skeleton()), many) for name, many in known.items()}
    classes, points, table = there[1], every[1], tables[1]
    if all(
        said[1].get(name, Skeleton()) == first[name][0] and len(numbers) == 3 * first[name][1]
        for name, numbers in zip(classes, points, strict=True)
        if numbers and name in first
    ):
        return
    now = settled(classes, points, [said[1].get(name, Skeleton()) for name in classes], first)
    column = table.schema.get_field_index("keypoints")
    table = table.set_column(column, table.schema.field(column), pa.array(now.points, pa.list_(pa.float64())))
    listed = [one.as_coco(name) for name, one in sorted(now.skeletons.items()) if one != Skeleton()]
    folder, findings = parts[1]
    pq.write_table(table.replace_schema_metadata({SKELETONS: json.dumps(listed)}), folder / BOXES)
    if now.lost:
        rows = table["row"].to_pylist()
        lost = {name: [rows[place] for place in places] for name, places in now.lost.items()}
        before = next((one for one in findings if one.code == "keypoints_not_read"), None)
        findings[:] = [one for one in findings if one is not before]
        findings.append(keypoints_not_read((), lost, before))


def _said(table: pa.Table) -> dict[str, Skeleton]:
    """What boxes as they are kept say of the keypoints of each class."""
    return skeletons_in(json.loads((table.schema.metadata or {}).get(SKELETONS.encode(), b"[]")))


def _usual_number(classes: Sequence[str], points: Sequence[Points]) -> dict[str, int]:
    """How many keypoints most objects of a class have, of those that have some; of as many the first.

    >>> _usual_number(["cat", "cat", "cat", "dog"], [(1, 1, 2), (1, 1, 2, 3, 3, 2), (5, 5, 1), ()])
    {'cat': 1}
    """
    met: dict[str, Counter[int]] = {}
    for name, numbers in zip(classes, points, strict=True):
        if numbers:
            met.setdefault(name, Counter())[len(numbers) // 3] += 1
    return {name: sizes.most_common(1)[0][0] for name, sizes in met.items()}


def _common(met: Sequence[Skeleton], first: Skeleton | None) -> Skeleton:
    """The first, or of those that were met the first that has names, if any; with lines and sides of others
    that name the same keypoints, where it has none.
    """
    common = first if first is not None else next((one for one in met if one.names), met[0])
    for one in met:
        order = _order(one, common)
        if order:
            lines, twins = _moved(one, order)
            common = replace(
                common, lines=common.lines or lines, twins=common.twins if common.sided else twins
            )
    return common


def _order(own: Skeleton, common: Skeleton) -> tuple[int, ...] | None:
    """Of each keypoint of ``common`` its place in ``own``, by the names; () where neither has names; None
    where it cannot be told which is which.

    >>> one = Skeleton.of(["nose", "left_eye", "right_eye"])
    >>> [_order(Skeleton.of(names), one) for names in (["left_eye", "right_eye", "nose"], ["nose", "tail"])]
    [(2, 0, 1), None]
    >>> _order(Skeleton(), one), _order(Skeleton(), Skeleton())
    (None, ())
    """
    if not own.names and not common.names:
        return () if own.twins == common.twins else None
    if own.names == common.names:
        order = tuple(range(len(own.names)))
    elif len({*own.names}) < len(own.names) or sorted(own.names) != sorted(common.names):
        return None
    else:
        order = tuple(own.names.index(name) for name in common.names)
    sides_differ = own.sided and common.sided and _moved(own, order)[1] != common.twins
    return None if sides_differ else order


def _moved(own: Skeleton, order: Sequence[int]) -> tuple[tuple[tuple[int, int], ...], tuple[int, ...]]:
    """Lines and twins of a skeleton whose keypoints are brought into an order."""
    now = {place: at for at, place in enumerate(order)}
    lines = tuple((now[one], now[other]) for one, other in own.lines)
    return lines, tuple(now[own.twins[place]] for place in order)
