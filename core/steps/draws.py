"""Rows drawn and parted by their content, so that which ones never depends on their order. The functions
stand in ``prepare.py`` too: pandas and numpy, nothing of Winnow.
"""

from __future__ import annotations

from typing import Any

from core.steps.content_keys import content_keys


def in_draw(keys: Any) -> Any:
    """Rows in the order in which they are drawn: by key, the first of all equal rows before the second of
    any, so that no kind of row is drawn whole.
    """
    import numpy as np

    def mixed(some: Any) -> Any:
        some = some * np.uint64(0x9E3779B97F4A7C15)
        some ^= some >> np.uint64(29)
        return some

    first = mixed(keys)
    order = np.argsort(first)
    first = first[order]
    again = np.append(False, first[1:] == first[:-1])[: len(keys)]
    if not again.any():
        return order
    alike = np.flatnonzero(again | np.append(again[1:], False))  # equal rows stand beside each other
    begin = np.flatnonzero(~again[alike])
    rows = order[alike]
    rows = rows[np.lexsort((rows, np.cumsum(~again[alike])))]
    nth = np.arange(rows.size) - np.repeat(begin, np.diff(begin, append=rows.size))
    order[alike] = rows
    rows, nth = rows[nth > 0], nth[nth > 0].astype(np.uint64)
    later = mixed(keys[rows] ^ (nth * np.uint64(0xD1342543DE82EF95)))
    ranked = np.lexsort((nth, keys[rows], later))
    order, first, later = order[~again], first[~again], later[ranked]
    places = np.searchsorted(first, later)
    met = places < first.size
    met[met] = first[places[met]] == later[met]  # chance made two numbers one: the keys decide
    places[met] += keys[rows[ranked[met]]] >= keys[order[places[met]]]
    return np.insert(order, places, rows[ranked])


def drawn(frame: Any, how: str, amount: int, by: str, columns: list[str], seed: int) -> Any:
    """Which rows are drawn, as a mask. how: "random", "by level", "whole groups" or "latest"; by: the column
    of levels, groups or times; columns: those that fix what is drawn.
    """
    import numpy as np
    import pandas as pd

    order = in_draw(content_keys(frame, columns, seed))
    chosen = np.zeros(len(frame), bool)
    if how == "latest":
        times = frame[by].iloc[order].reset_index(drop=True)
        ranked = times.sort_values(ascending=False, kind="stable", na_position="last").index.to_numpy()
        chosen[order[ranked[:amount]]] = True
    elif how == "by level":
        levels = pd.factorize(frame[by], sort=True, use_na_sentinel=True)[0]
        levels = np.where(levels < 0, levels.max(initial=-1) + 1, levels)
        counts = np.bincount(levels)
        exact = counts * (amount / max(1, len(frame)))
        wanted = np.floor(exact).astype(np.int64)
        most = np.lexsort((np.arange(counts.size), -(exact - wanted)))[: amount - int(wanted.sum())]
        wanted[most] += 1
        nth = pd.Series(levels[order]).groupby(levels[order]).cumcount().to_numpy()
        chosen[order] = nth < wanted[levels[order]]
    elif how == "whole groups":
        groups = content_keys(frame, [by], seed)
        alone = frame[by].isna().to_numpy()
        groups[alone] = content_keys(frame, columns, seed)[alone]
        names, places, counts = np.unique(groups, return_inverse=True, return_counts=True)
        taken, left = np.zeros(counts.size, bool), amount
        for at, rows in enumerate(counts.tolist()):  # a group that does not fit is passed over
            if rows <= left:
                taken[at], left = True, left - rows
            if not left:
                break
        if not taken.any() and counts.size:
            taken[int(np.argmin(counts))] = True
        chosen = taken[places]
    else:
        chosen[order[:amount]] = True
    return chosen


def oversampled(frame: Any, amount: int, share: float, by: str, columns: list[str], seed: int) -> Any:
    """Which rows are repeated, as places in the frame, one for each new row: ``amount`` of them or, where
    classes are balanced (``by``), so many of each class that it has ``share`` of the rows of the commonest.
    Every row is repeated as often as any other of its class, give or take one.
    """
    import numpy as np
    import pandas as pd

    order = in_draw(content_keys(frame, columns, seed))
    if not by:
        return np.resize(order, amount)
    levels = pd.factorize(frame[by], sort=True)[0]
    counts = np.bincount(levels[levels >= 0])
    lacking = np.ceil(share * counts.max(initial=0) - 1e-9).astype(np.int64) - counts
    ranked = order[np.argsort(levels[order], kind="stable")]
    past = int((levels < 0).sum()) + np.cumsum(counts)
    more = [
        np.resize(ranked[stop - size : stop], lack)
        for stop, size, lack in zip(past, counts, lacking, strict=True)
        if lack > 0
    ]
    return np.concatenate([np.zeros(0, np.int64), *more])


def alike(keys: Any) -> tuple[Any, Any]:
    """The rows by ascending key, and where in this order each run of equal keys begins."""
    import numpy as np

    order = np.argsort(keys)
    ranked = keys[order]
    return order, np.flatnonzero(np.append(True, ranked[1:] != ranked[:-1])[: len(keys)])


def kept_together(units: Any, groups: Any) -> Any:
    """A number per row: rows of one unit, and rows of one group, have the same."""
    import numpy as np
    import pandas as pd

    groups = pd.factorize(groups)[0]
    groups = np.where(groups < 0, units + len(units), groups)
    groups = pd.factorize(groups)[0]

    def least(values: Any, within: Any) -> Any:
        lowest = np.full(int(within.max(initial=-1)) + 1, len(values))
        np.minimum.at(lowest, within, values)
        return lowest[within]

    while True:
        joined = least(least(units, groups), units)
        if (joined == units).all():
            return units
        units = joined


def parted(frame: Any, how: str, shares: tuple[float, float], by: str, columns: list[str], seed: int) -> Any:
    """Per row 0 for train, 1 for validation, 2 for test. shares: of validation and test. how: "random", "by
    level", "by group" or "in time"; by: the column of levels, groups or times. Rows that are equal in
    ``columns`` are in one part, unless they are parted in time: then those of one moment are, and those
    without a time in train.
    """
    import numpy as np
    import pandas as pd

    validation, test = shares
    if how == "in time":
        return parted_in_time(frame[by], validation, test)
    if how == "by group":
        unit, keys = by_group(frame, by, columns, seed)
        sizes = np.bincount(unit)
        key = np.full(sizes.size, np.iinfo(np.uint64).max)
        np.minimum.at(key, unit, keys)
        return parted_units(key, sizes, np.zeros(sizes.size, np.int64), validation, test)[unit]
    keys = content_keys(frame, columns, seed)
    order, starts = alike(keys)
    key, sizes = keys[order[starts]], np.diff(starts, append=len(keys))
    level = np.zeros(starts.size, np.uint8)
    if how == "by level":
        levels = pd.factorize(frame[by], sort=True)[0] + 1
        levels = levels.astype(np.min_scalar_type(levels.max(initial=0)))
        level = np.minimum.reduceat(levels[order], starts) if len(keys) else levels
    part = np.empty(len(keys), np.int8)
    part[order] = np.repeat(parted_units(key, sizes, level, validation, test), sizes)
    return part


def by_group(frame: Any, by: str, columns: list[str], seed: int) -> tuple[Any, Any]:
    """Per row the number of the rows that stay with it, from 0, and its key: that of the name of its group,
    as the least of the keys of many rows is small, or of what is in it.
    """
    import numpy as np
    import pandas as pd

    unit, keys = pd.factorize(frame[by])[0], content_keys(frame, [by], seed)
    alone = unit < 0
    if by in columns:  # rows that are equal are of one group
        keys[alone] = content_keys(frame[alone], columns, seed)
        unit[alone] = unit.max(initial=-1) + 1 + pd.factorize(keys[alone])[0]
        return unit, keys
    content = content_keys(frame, columns, seed)
    keys[alone] = content[alone]
    order, starts = alike(content)
    sizes = np.diff(starts, append=len(keys))
    same = np.empty(len(keys), np.int64)
    same[order] = np.repeat(np.arange(starts.size), sizes)
    return pd.factorize(kept_together(same, frame[by]))[0], keys


def parted_in_time(times: Any, validation: float, test: float) -> Any:
    """The part of each moment: as many as wanted of the latest, and all of the same moment as one of them."""
    import numpy as np

    there = times.notna().to_numpy()
    known = times[there].to_numpy()
    known = known.view(np.int64) if known.dtype.kind == "M" else known  # whole numbers are ordered faster
    part = np.zeros(len(times), np.int8)
    for code, share in ((1, 1 - test - validation), (2, 1 - test)):
        before = int(np.ceil(known.size * share))  # so many or more are earlier
        if before <= known.size:
            late = known > np.partition(known, before - 1)[before - 1] if before > 0 else known == known
            part[np.flatnonzero(there)[late]] = code
    return part


def parted_units(key: Any, size: Any, level: Any, validation: float, test: float) -> Any:
    """The part of each unit of rows that stay together, by its key: the largest are dealt first."""
    import numpy as np

    totals = np.bincount(level, weights=size).astype(np.int64)
    tests = portions(totals, test)
    others = np.minimum(portions(totals, validation), np.maximum(totals - tests - 1, 0))
    room = np.stack([totals - tests - others, others, tests], axis=1)
    part = np.zeros(size.size, np.int8)
    large = np.flatnonzero(size > 1)
    large = large[size[large] * 200 > totals[level[large]]]
    for one in sorted(large.tolist(), key=lambda at: (-size[at], key[at])):
        part[one] = int(np.argmax(room[level[one]]))  # the part that lacks most rows, train before others
        room[level[one], part[one]] -= size[one]
    small = np.delete(np.arange(size.size), large)
    small = small[np.argsort(key[small], kind="stable")]
    small = small[np.argsort(level[small], kind="stable")]
    line = np.cumsum(size[small]) - size[small]
    tests, both = np.maximum(room[:, 2], 0), np.maximum(room[:, 1:], 0).sum(axis=1)
    begins = np.append(np.searchsorted(level[small], np.arange(totals.size)), small.size)
    for test, either, begin, end in zip(tests, both, begins[:-1], begins[1:], strict=True):
        if begin < end:
            stops = np.searchsorted(line[begin:end] - line[begin], (test, either))
            part[small[begin : begin + stops[1]]] = 1
            part[small[begin : begin + stops[0]]] = 2
    return part


def portions(sizes: Any, share: float) -> Any:
    """How many rows of each level make up a share of all: as near to the share of each as whole numbers are,
    and together that of the whole (largest remainders; of equal ones, those of the larger level, then the
    first). A level of one row gives none: it is for train.

    >>> import numpy as np
    >>> portions(np.array([4, 4, 4, 4, 1]), 0.25).tolist(), portions(np.array([4, 4, 4]), 0.15).tolist()
    ([1, 1, 1, 1, 0], [1, 1, 0])
    """
    import numpy as np

    wanted = np.where(sizes > 1, sizes * share, 0.0)
    whole = np.floor(wanted + 1e-9).astype(np.int64)
    left = wanted - whole
    more = int(round(float(wanted.sum()) - int(whole.sum()) + 1e-9))
    best = np.lexsort((np.arange(sizes.size), -sizes, -np.round(left, 9)))
    best = best[left[best] > 1e-9][: max(0, more)]
    whole[best] += 1
    return np.minimum(whole, np.maximum(sizes - 1, 0))
