"""Alerts on the table as a whole: columns that say the same, rows that repeat, more columns than rows."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.analyses.profile.measure import Facts
from core.finding import Finding
from core.numerics.grouping import poisson_limit
from core.phrases import left_out, percent
from core.prepare.levels import encoded
from core.rowset import RowSet

ACCIDENT = 1e-6  # how likely it may be that two columns agree by accident
_WARN = 0.01  # share of repeated rows from which they are worth a warning
Marks = tuple[str, str]


def marks(facts: Facts) -> Marks | None:
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


def same_columns(found: Sequence[tuple[str, Marks | None]], read: Callable[[str], Any]) -> list[Finding]:
    """Columns that repeat another, from their `marks`; candidates are compared value by value. A finding
    names the copies alone.

    read: from a name to the column as an Arrow chunked array.
    """
    made, told = [], set()
    for names in _together((name, both[0]) for name, both in found if both):
        for group in _grouped(names, lambda one, other: bool(read(one).equals(read(other)))):
            if _accident(read(group[0])) * _pairs(len(found)) < ACCIDENT:
                made.append(_equal(group, len(read(group[0]))))
                told |= set(group[1:])
    for names in _together((name, both[1]) for name, both in found if both and both[1] and name not in told):
        for group in _grouped(names, lambda one, other: _one_to_one(read(one), read(other))):
            if _accident(read(group[0]), renamed=True) * _pairs(len(found)) < ACCIDENT:
                made.append(_renamed(group, len(read(group[0]).unique().drop_null()), len(read(group[0]))))
    return made


def repeated_rows(rows: RowSet, n: int, by_chance: float) -> list[Finding]:
    """Rows that repeat an earlier one in every column. by_chance: how many would, were the columns
    unrelated.
    """
    if not len(rows) or len(rows) <= (limit := poisson_limit(by_chance)):
        return []
    share = len(rows) / n
    return [
        Finding(
            code="duplicate_rows",
            title=f"{len(rows):,} of {n:,} rows repeat an earlier row in every column ({percent(share)})",
            severity="warning" if share >= _WARN else "info",
            score=share**0.5,
            why="A repeated row counts twice in every estimate, and with copies on both sides of a split a "
            "test score is too good.",
            suggestion="Drop the repeats (the first of each group stays), unless the same thing was truly "
            "observed several times. "
            "The Issues page shows the groups.",
            rows=rows,
            value=float(len(rows)),
            limit=float(limit),
            noise=by_chance,
            n=n,
            action="drop",
            fix="data = data.drop_duplicates()",
        )
    ]


def repeats_by_chance(rows: RowSet, n: int, columns: Iterable[Any]) -> float:
    """How many of ``n`` rows would repeat an earlier one if the columns were unrelated (at most: pairs are
    counted, not rows).

    rows: those that do repeat one; they are left aside when the values of the columns (Arrow chunked arrays)
    are counted.

    >>> import pyarrow as pa
    >>> columns = [pa.chunked_array([[1, 1, 2, 2]]), pa.chunked_array([[1, 2, 2, 2]])]
    >>> round(repeats_by_chance(RowSet(), 4, columns), 2)
    1.88
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    once = pa.array(~rows.mask(n))
    pairs = n * (n - 1) / 2
    for values in columns:
        counts = pc.value_counts(values.filter(once)).field("counts").to_numpy().astype(np.int64)
        pairs *= float(counts @ counts) / float(counts.sum()) ** 2
        if pairs < ACCIDENT:
            return 0.0
    return min(float(n), pairs)


def wide(features: int, rows: int) -> list[Finding]:
    """As many features as rows, or more."""
    if features < rows or rows < 2:
        return []
    return [
        Finding(
            code="more_columns_than_rows",
            title=f"{features:,} columns that a model may use, and only {rows:,} rows",
            severity="warning" if features > rows else "info",
            score=min(1.0, 0.3 + 0.1 * features / rows),
            why="With as many columns as rows some column fits any target by chance, and a linear model "
            "fits it exactly.",
            suggestion="Leave out columns that cannot matter, regularise strongly, choose columns within the "
            "folds, or get more rows.",
            value=float(features),
            limit=float(rows),
            n=rows,
        )
    ]


def _equal(names: Sequence[str], rows: int) -> Finding:
    others = list(names[1:])
    return Finding(
        code="duplicate_columns",
        title=f"{_listed(others)} {'equals' if len(others) == 1 else 'equal'} {names[0]!r} in every row",
        severity="warning",
        score=0.5,
        why="The same information twice: weights and importances split between the copies.",
        suggestion=f"Leave out {'the copy' if len(others) == 1 else 'the copies'} and keep {names[0]!r}.",
        columns=tuple(others),
        value=float(len(names)),
        limit=1.0,
        n=rows,
        action="omit",
        fix=left_out(*others),
    )


def _renamed(names: Sequence[str], levels: int, rows: int) -> Finding:
    others = list(names[1:])
    return Finding(
        code="renamed_columns",
        title=f"{_listed(others)} {'says' if len(others) == 1 else 'say'} the same as {names[0]!r} in other "
        "words: "
        f"each of {levels:,} values goes with one value there",
        severity="info",
        score=0.3,
        why="Knowing one is knowing the other: for a model one of them is enough, and importances split "
        "between them.",
        suggestion=f"Keep one for the model, such as {names[0]!r}; a "
        "name beside a code does no harm to people.",
        columns=tuple(others),
        value=float(levels),
        limit=float(levels),
        n=rows,
        action="omit",
        fix=left_out(*others),
    )


def _listed(names: Sequence[str]) -> str:
    return ", ".join(map(repr, names[:3])) + (f" and {len(names) - 3:,} more" if len(names) > 3 else "")


def _together(keyed: Iterable[tuple[str, str]]) -> list[list[str]]:
    """Names that share a key, in their order; keys of one name are left out."""
    made: dict[str, list[str]] = {}
    for name, key in keyed:
        made.setdefault(key, []).append(name)
    return [names for names in made.values() if len(names) > 1]


def _grouped(names: Sequence[str], same: Callable[[str, str], bool]) -> list[list[str]]:
    """The names in groups of those that are the same as the group's first; groups of one are left out."""
    made: list[list[str]] = []
    for name in names:
        home = next((group for group in made if same(group[0], name)), None)
        if home is None:
            made.append([name])
        else:
            home.append(name)
    return [group for group in made if len(group) > 1]


def _one_to_one(one: Any, other: Any) -> bool:
    """Whether each value of the one goes with one value of the other, and the other way round; missing with
    missing.
    """
    (codes, _), (others, levels) = encoded(one), encoded(other)
    pairs = np.unique((codes + 1) * (len(levels) + 1) + others + 1)
    return pairs.size == len(np.unique(codes)) == len(np.unique(others))


def _accident(values: Any, renamed: bool = False) -> float:
    """How likely it is that a column with the same counts, its values in random order, agrees with this one.

    One over the number of ways to deal the values out; times the ways to match values of equal counts where
    their names may differ.
    """
    import pyarrow.compute as pc
    from scipy.special import gammaln

    counts: NDArray[np.int64] = pc.value_counts(values).field("counts").to_numpy().astype(np.int64)
    chance = float(gammaln(counts + 1.0).sum() - gammaln(counts.sum() + 1.0))
    if renamed:
        chance += float(gammaln(np.unique(counts, return_counts=True)[1] + 1.0).sum())
    return math.exp(min(0.0, chance))


def _pairs(columns: int) -> float:
    return columns * (columns - 1) / 2


def _digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=16).hexdigest()
