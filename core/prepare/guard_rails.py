"""What a person would want to know before rows are dropped or given other labels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.dataset import Dataset
from core.dataset.split import Part
from core.phrases import count, name, percent, quoted
from core.prepare.classes import classes_of
from core.rowset import RowSet

CLASS_SHARE = 0.1  # of a class, beyond which dropping is asked about
_NAMED = 3  # classes that are named
_LARGE = 20  # rows of a class, of which fewer are no share to ask about at a single row
Mask = NDArray[np.bool_]
Groups = NDArray[np.integer]


def warnings(
    dataset: Dataset,
    rows: RowSet,
    dropped: RowSet,
    equal: Groups | None = None,
    near: Groups | None = None,
) -> tuple[str, ...]:
    """What speaks for asking before ``rows`` are dropped, in sentences; () where nothing does.

    dataset: every row of the source, and those added behind, with the labels that they have by now. dropped:
    the rows of it that are dropped already. equal: the group of every row among rows that are equal in all
    but identifiers, -1 for none; near: the same of near-duplicates; None where they are not known. Classes
    are counted in the parts that the rows are of. A limit that was passed before is asked about again by
    nothing but a step that drops more than one row.
    """
    new = rows - dropped
    if not len(new):
        return ()
    before, after = dropped.mask(dataset.rows), (dropped | new).mask(dataset.rows)
    told = [_served(dataset, new), *_classes(dataset, before, after, len(new) > 1)]
    told += _last_of_groups(equal, near, before, after)
    return tuple(dict.fromkeys(filter(None, told)))


def labels(dataset: Dataset, rows: RowSet) -> tuple[str, ...]:
    """The same before ``rows`` are given other labels."""
    return tuple(filter(None, [_served(dataset, rows)]))


def _served(dataset: Dataset, rows: RowSet) -> str:
    serve = int(dataset.part_mask("serve")[rows.ids].sum()) if len(dataset.parts) > 1 else 0
    if not serve:
        return ""
    verb = "is" if serve == 1 else "are"
    return (
        f"{count(serve, 'row')} {verb} of the serve part: a test set that is cleaned no longer says how "
        "a model does on data as they come."
    )


def _classes(dataset: Dataset, before: Mask, after: Mask, many: bool) -> list[str]:
    """The classes of which more than the limit is dropped by this, the last row of a class first."""
    target = dataset.roles.target
    if not target or dataset[target].kind not in ("category", "boolean", "numeric"):
        return []
    key = (dataset.version, target)
    classes = dataset.shared.latest("classes of guard rails", key, lambda: classes_of(dataset, target))
    if classes is None:
        return []
    codes, texts = classes.codes, classes.names
    there, part = _among(dataset, after & ~before)
    whole, past, now = (
        np.bincount(codes[some & there & (codes >= 0)], minlength=len(texts))
        for some in (before | True, before, after)
    )
    more = now > past
    gone = more & (now == whole)
    beyond = more & ~gone & (now > CLASS_SHARE * whole) & (many | (past <= CLASS_SHARE * whole))
    beyond &= many | (whole >= _LARGE)
    ends, where = np.flatnonzero(gone), f" in {part}" if part else ""
    told = [
        f"No row of class {quoted(texts[at])} of {name(target)} would be left{where}." for at in ends[:_NAMED]
    ]
    told += _others(ends.size, f"of which no row would be left{where}")
    worst = sorted(np.flatnonzero(beyond).tolist(), key=lambda at: (-now[at] / whole[at], texts[at]))
    told += [
        f"{percent(now[at] / whole[at])} of class {quoted(texts[at])} ({count(int(now[at]))} of "
        f"{count(int(whole[at]), 'row')}{f' of {part}' if part else ''}"
        f"{f', {count(int(past[at]))} of them before' if past[at] else ''}) would be dropped."
        for at in worst[:_NAMED]
    ]
    return told + _others(len(worst), f"of which more than {percent(CLASS_SHARE)} would be dropped")


def _others(classes: int, what: str) -> list[str]:
    """How many classes are not named, of so many.

    >>> _others(3, "of which no row would be left"), _others(10, "of which no row would be left")
    ([], ['And 7 more classes of which no row would be left.'])
    """
    more = classes - _NAMED
    return [f"And {count(more, 'more class', 'more classes')} {what}."] if more > 0 else []


def _among(dataset: Dataset, rows: Mask) -> tuple[Mask, str]:
    """The rows of the parts that some rows are of, and the part where it is one of two."""
    parts: tuple[Part, ...] = ("train", "serve")
    of = [part for part in parts if (rows & dataset.part_mask(part)).any()]
    if len(dataset.parts) < 2 or len(of) != 1:
        return np.ones(dataset.rows, bool), ""
    return dataset.part_mask(of[0]), of[0]


def _last_of_groups(equal: Groups | None, near: Groups | None, before: Mask, after: Mask) -> list[str]:
    """Of how many groups none would be left. A group of near-duplicates that are all equal is one of equal
    rows; it counts once.
    """
    none = np.full(before.size, -1)
    equal, near = (none if group is None else group for group in (equal, near))
    named = {"equal rows": equal, "near-duplicates": np.where(_alike(near, equal), -1, near)}
    lost = {noun: _lost(group, before, after) for noun, group in named.items()}
    return [
        f"The last row left of {count(groups, 'group')} of {noun} would be dropped."
        for noun, groups in lost.items()
        if groups
    ]


def _alike(near: Groups, equal: Groups) -> Mask:
    """The rows of groups of near-duplicates whose rows are all of one group of equal rows.

    >>> _alike(np.array([0, 0, 2, 2, 2, -1]), np.array([4, 4, 7, 7, -1, -1])).tolist()
    [True, True, False, False, False, False]
    """
    inside = near >= 0
    size = int(near.max(initial=-1)) + 1
    least, most = np.full(size, equal.max(initial=-1)), np.full(size, -1)
    np.minimum.at(least, near[inside], equal[inside])
    np.maximum.at(most, near[inside], equal[inside])
    one = (least == most) & (least >= 0)
    return np.asarray(inside & np.append(one, False)[near])


def _lost(group: Groups, before: Mask, after: Mask) -> int:
    """Of how many groups some rows were left, and none would be."""
    held = group >= 0
    size = int(group.max(initial=-1)) + 1
    left = np.bincount(group[held & ~after], minlength=size)
    had = np.bincount(group[held & ~before], minlength=size)
    return int(((left == 0) & (had > 0)).sum())
