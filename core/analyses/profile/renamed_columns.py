"""Alerts on the table as a whole: columns that hold the same under other names, more columns than rows.

Columns and rows that are equal are found by the analysis `duplicates`.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.analyses.profile.facts import ColumnFacts
from core.dataset import Dataset
from core.finding import Finding
from core.phrases import left_out, name, names
from core.prepare.levels import encoded

ACCIDENT = 1e-6  # how likely it may be that two columns agree by accident
Marks = tuple[str, str]


def marks(facts: ColumnFacts) -> Marks | None:
    """Two keys, equal for columns of equal content and for columns that differ in the names of their values
    at most.

    The second is "" where values hardly repeat: that all values differ in two columns says nothing. None for
    columns that cannot be told from others (one value) or that have a part to play.
    """
    profile = facts.profile
    if profile.distinct < 2 or facts.role in ("target", "weight"):
        return None
    plain = (
        profile.stored,
        profile.missing,
        profile.distinct,
        profile.mean,
        profile.std,
        profile.top,
        profile.smallest,
        profile.largest,
    )
    content = _digest(repr(plain).encode())
    if 2 * profile.distinct > profile.present or (profile.stored == "double" and profile.kind == "numeric"):
        return content, ""
    return content, _digest(
        repr((profile.missing, profile.distinct)).encode() + np.sort(facts.counts).tobytes()
    )


def renamed_columns(marked: Sequence[tuple[str, Marks | None]], read: Callable[[str], Any]) -> list[Finding]:
    """Columns whose values go one to one with those of another, from their `marks`; candidates are compared
    value by value. A finding names the later columns alone. Columns that are equal are no part of it.

    read: from a name to the column as an Arrow chunked array.
    """
    copies: set[str] = set()
    for alike in _together((column, both[0]) for column, both in marked if both):
        for group in _grouped(alike, lambda one, other: bool(read(one).equals(read(other)))):
            copies |= set(group[1:])
    findings = []
    for alike in _together((column, both[1]) for column, both in marked if both and both[1]):
        rest = [column for column in alike if column not in copies]
        for group in _grouped(rest, lambda one, other: _one_to_one(read(one), read(other))):
            if _accident(read(group[0])) * _pairs(len(marked)) < ACCIDENT:
                levels = len(read(group[0]).unique().drop_null())
                findings.append(_renamed(group, levels, len(read(group[0]))))
    return findings


def wide(dataset: Dataset) -> list[Finding]:
    """As many features as train rows, or more: without what is measured of pictures, which is no part of the
    data.
    """
    features, rows = len(set(dataset.features) - set(dataset.measured)), dataset.parts["train"]
    if features < rows or rows < 2:
        return []
    return [
        Finding(
            code="more_columns_than_rows",
            title=f"{features:,} features and only {rows:,} {'train ' if dataset.split else ''}rows",
            severity="warning" if features > rows else "info",
            score=min(1.0, 0.3 + 0.1 * features / rows),
            why="With as many columns as rows some column fits any target by chance, and a linear model "
            "fits it exactly.",
            suggestion="Leave out columns that cannot matter, regularise strongly, choose columns within the "
            "folds, or get more rows.",
            value=float(features),
            measure="features",
            limit=float(rows),
            n=rows,
        )
    ]


def _renamed(group: Sequence[str], levels: int, rows: int) -> Finding:
    first, others = group[0], list(group[1:])
    verb = "corresponds" if len(others) == 1 else "correspond"
    return Finding(
        code="renamed_columns",
        title=f"{names(others)} {verb} one to one to {name(first)}: each of {levels:,} values goes with one "
        "value there",
        severity="info",
        score=0.3,
        why="One determines the other: for a model one of them is enough, and importances split between "
        "them.",
        suggestion=f"Keep one for the model, such as {name(first)}; a name beside a code does no harm to "
        "people.",
        columns=tuple(others),
        beside=(first,),
        value=float(levels),
        measure="values that correspond",
        limit=float(levels),
        n=rows,
        action="omit",
        fix=left_out(*others),
    )


def _together(keyed: Iterable[tuple[str, str]]) -> list[list[str]]:
    """Names that share a key, in their order; keys of one name are left out."""
    groups: dict[str, list[str]] = {}
    for column, key in keyed:
        groups.setdefault(key, []).append(column)
    return [columns for columns in groups.values() if len(columns) > 1]


def _grouped(columns: Sequence[str], same: Callable[[str, str], bool]) -> list[list[str]]:
    """The names in groups of those that are the same as the group's first; groups of one are left out."""
    groups: list[list[str]] = []
    for column in columns:
        home = next((group for group in groups if same(group[0], column)), None)
        if home is None:
            groups.append([column])
        else:
            home.append(column)
    return [group for group in groups if len(group) > 1]


def _one_to_one(one: Any, other: Any) -> bool:
    """Whether each value of the one goes with one value of the other, and the other way round; missing with
    missing.
    """
    (codes, _), (others, levels) = encoded(one), encoded(other)
    pairs = np.unique((codes + 1) * (len(levels) + 1) + others + 1)
    return pairs.size == len(np.unique(codes)) == len(np.unique(others))


def _accident(values: Any) -> float:
    """How likely it is that a column with the same counts, its values in random order, corresponds to this
    one.

    One over the number of ways to deal the values out, times the ways to match values of equal counts.
    """
    import pyarrow.compute as pc
    from scipy.special import gammaln

    counts: NDArray[np.int64] = pc.value_counts(values).field("counts").to_numpy().astype(np.int64)
    chance = float(gammaln(counts + 1.0).sum() - gammaln(counts.sum() + 1.0))
    chance += float(gammaln(np.unique(counts, return_counts=True)[1] + 1.0).sum())
    return math.exp(min(0.0, chance))


def _pairs(columns: int) -> float:
    return columns * (columns - 1) / 2


def _digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=16).hexdigest()
