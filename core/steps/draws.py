"""Rows drawn and parted by their content, so that which ones never depends on their order. The functions
stand in ``prepare.py`` too: pandas and numpy, nothing of Winnow.
"""

from __future__ import annotations

from typing import Any


def content_keys(frame: Any, columns: list[str], seed: int) -> Any:
    """A number per row (uint64) that looks random and is fixed by the values in ``columns`` and the seed:
    equal rows have equal ones. The finaliser is that of SplitMix64 (Steele, Lea and Flood 2014).
    """
    import numpy as np
    import pandas as pd

    keys = np.full(len(frame), seed + 1, np.uint64)
    mixed = np.empty_like(keys)
    for name in sorted(columns):
        values = frame[name]
        stored = str(values.dtype)
        if stored == "str":  # each distinct text once
            codes, words = pd.factorize(values)
            words = np.append(np.asarray(words, object), "\x00")
            hashed = pd.util.hash_array(words, categorize=False)[codes]
        else:
            if stored.startswith("datetime64"):
                there = values.notna().to_numpy()
                values = values.astype("datetime64[us]").astype("int64").to_numpy()
                numbers = np.where(there, values, np.nan) + 0.0
            elif stored in ("float64", "int64", "uint64", "bool"):
                numbers = values.to_numpy("float64") + 0.0
            else:
                numbers = values.astype("Float64").to_numpy("float64", na_value=np.nan) + 0.0
            hashed = numbers.view(np.uint64)
            hashed[np.isnan(numbers)] = 7
            if stored in ("Int64", "UInt64", "int64", "uint64"):
                far = np.abs(numbers) > 2**53
                if far.any():  # whole numbers that a float would round keep all their digits
                    whole = values[far].to_numpy("uint64" if stored.lower().startswith("u") else "int64")
                    hashed[far] = whole.astype(np.uint64) ^ np.uint64(0xA5A5A5A5A5A5A5A5)
        keys ^= hashed
        keys *= np.uint64(0x9E3779B97F4A7C15)
        for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB), (31, 1)):
            np.right_shift(keys, np.uint64(shift), out=mixed)
            keys ^= mixed
            keys *= np.uint64(factor)
    return keys


def in_draw(keys: Any) -> Any:
    """Rows in the order in which they are drawn: by key, the first of all equal rows before the second of
    any, so that no kind of row is drawn whole.
    """
    import numpy as np
    import pandas as pd

    nth, ordered = np.zeros(len(keys), np.uint64), np.sort(keys)
    if (ordered[1:] == ordered[:-1]).any():
        nth = pd.Series(keys).groupby(keys).cumcount().to_numpy().astype(np.uint64)
    mixed = (keys ^ (nth * np.uint64(0xD1342543DE82EF95))) * np.uint64(0x9E3779B97F4A7C15)
    mixed = mixed ^ (mixed >> np.uint64(29))
    order = np.argsort(mixed)
    ordered = mixed[order]
    return np.lexsort((nth, keys, mixed)) if (ordered[1:] == ordered[:-1]).any() else order


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


def kept_together(keys: Any, groups: Any = None) -> Any:
    """A number per row: rows of equal keys, and rows of one group, have the same."""
    import numpy as np
    import pandas as pd

    units = pd.factorize(keys)[0]
    if groups is not None:
        groups = pd.factorize(groups)[0]
        groups = np.where(groups < 0, units + len(keys), groups)
        groups = pd.factorize(groups)[0]
        while True:
            near = pd.Series(units).groupby(groups).transform("min")
            joined = near.groupby(units).transform("min").to_numpy()
            if (joined == units).all():
                break
            units = joined
    return units


def parted(frame: Any, how: str, shares: tuple[float, float], by: str, columns: list[str], seed: int) -> Any:
    """Per row "train", "validation" or "test". shares: of validation and test. how: "random", "by level",
    "by group" or "in time"; by: the column of levels, groups or times. Rows that are equal in ``columns``
    are in one part, unless they are parted in time: then those of one moment are, and those without a time
    in train.
    """
    import numpy as np
    import pandas as pd

    validation, test = shares
    if how == "in time":
        times = frame[by]
        late = times.rank(method="min", ascending=True).to_numpy("float64", na_value=np.nan)
        total = int(times.notna().sum())
        part = np.where(late - 1 >= total * (1 - test), "test", "train")
        middle = (late - 1 >= total * (1 - test - validation)) & (part == "train")
        return np.where(middle, "validation", part)
    keys = content_keys(frame, columns, seed)
    units = kept_together(keys, frame[by] if how == "by group" else None)
    counts = np.bincount(units)
    unit, size = (np.cumsum(counts > 0) - 1)[units], counts[counts > 0]
    if how == "by group":  # of the group, as the least of the keys of many rows is small
        grouped = frame[by].notna().to_numpy()
        keys[grouped] = content_keys(frame, [by], seed)[grouped]
    key = pd.Series(keys).groupby(unit).min().to_numpy()
    level = np.zeros(size.size, np.int64)
    if how == "by level":
        level = pd.Series(pd.factorize(frame[by], sort=True)[0] + 1).groupby(unit).min().to_numpy()
    totals = np.bincount(level, weights=size).astype(np.int64)
    tests = portions(totals, test)
    others = np.minimum(portions(totals, validation), np.maximum(totals - tests - 1, 0))
    room = np.stack([totals - tests - others, others, tests], axis=1)
    part = np.zeros(size.size, np.int64)
    large = (size > 1) & (size * 200 > totals[level])
    for one in sorted(np.flatnonzero(large).tolist(), key=lambda at: (-size[at], key[at])):
        part[one] = int(np.argmax(room[level[one]]))  # the part that lacks most rows, train before others
        room[level[one], part[one]] -= size[one]
    small = np.flatnonzero(~large)
    small = small[np.lexsort((key[small], level[small]))]
    begun = np.cumsum(size[small]) - size[small]
    start = pd.Series(begun).groupby(level[small]).transform("min").to_numpy()
    line, room = begun - start, np.maximum(room, 0)
    to_test = line < room[level[small], 2]
    to_other = line < room[level[small], 2] + room[level[small], 1]
    part[small] = np.where(to_test, 2, np.where(to_other, 1, 0))
    return np.array(["train", "validation", "test"])[part[unit]]


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
