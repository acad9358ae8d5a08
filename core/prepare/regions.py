"""Regions in which the mix of train and serve differs, each with a rule in plain words; learned on one half
of the rows.

The other half is not used to find the regions (sample splitting): ratios over it are unbiased, and tests on
them keep their level.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.dataset import Dataset
from core.frozen import lock_fields
from core.numerics.auc import area_under_curve
from core.numerics.rules import USUAL, Box, RegionLimits, boxes, inside
from core.prepare.encoding import comparable
from core.prepare.features import floats
from core.prepare.levels import encoded
from core.prepare.train_serve import FEWEST, Parts, parts_of
from core.progress import SILENT, Progress

if TYPE_CHECKING:
    import pyarrow as pa

Codes = NDArray[np.int32]
Ids = NDArray[np.int64]
Mask = NDArray[np.bool_]
ASKED = ("numeric", "category", "boolean")
LEVELS = 40  # levels of a category that a rule may name
BINS = 64
LEARNED = 20_000  # rows per part that the regions are learned on, at most
_CELLS = 4_000_000  # the same, rows times columns
_SEPARATES = 0.95


@dataclass(frozen=True, eq=False)
class Regions:
    """Where each row lies.

    region: int32, per row the number of its region, -1 where there are none.
    rules: per region its rule in plain words.
    queries: per region its rule as a pandas expression over ``data``.
    columns: per region the columns named.
    held: rows that were not used to find the regions.
    separating: columns left out, as each separates the parts on its own.
    learned: rows of both parts that the regions were learned on.
    """

    region: NDArray[np.int32]
    rules: tuple[str, ...]
    queries: tuple[str, ...]
    columns: tuple[tuple[str, ...], ...]
    held: Mask
    separating: tuple[str, ...]
    learned: int

    def __post_init__(self) -> None:
        lock_fields(self)


def regions(
    dataset: Dataset,
    names: Sequence[str] = (),
    seed: int = 0,
    limits: RegionLimits = USUAL,
    leave_out: bool = True,
    progress: Progress = SILENT,
) -> Regions:
    """The regions, those that hold more of serve than of train first, by the difference of the shares.

    names: columns to ask about; of these, or of all that can be compared, numbers, categories and booleans
    are. ``leave_out``: do not ask about columns that separate the parts on their own. There are none where a
    part has fewer than 20 rows, or no question beats chance.
    """
    asked = tuple(name for name in names or comparable(dataset) if dataset[name].kind in ASKED)
    serve = dataset.part_mask("serve")
    if not asked or min(int(serve.sum()), int((~serve).sum())) < FEWEST:
        return _none(dataset.rows)
    parts = parts_of(dataset, asked, seed, progress.part(0.0, 0.3))
    learn = _learned(parts, len(asked))
    known = [
        _Coder.of(dataset, name, learn) for name in progress.part(0.3, 0.6).each(asked, "Reading columns")
    ]
    codes = np.stack([one.codes(dataset.table([one.name]).column(0).take(learn)) for one in known], axis=1)
    separating = [at for at in range(len(known)) if leave_out and _separates(codes[:, at], serve[learn])]
    used = [at for at in range(len(known)) if at not in separating]
    held = np.ones(dataset.rows, bool)
    held[learn] = False
    left_out = tuple(known[at].name for at in separating)
    if not used:
        return _none(dataset.rows, held, left_out, learn.size)
    known = [known[at] for at in used]
    named = np.array([one.named for one in known], np.int32)
    found = boxes(codes[:, used], named, max(BINS, LEVELS) + 2, serve[learn], limits)
    if len(found) < 2:
        return _none(dataset.rows, held, left_out, learn.size)
    return _placed(dataset, known, found, held, left_out, progress.part(0.7, 1.0))


def _none(rows: int, held: Mask | None = None, separating: tuple[str, ...] = (), learned: int = 0) -> Regions:
    return Regions(
        np.full(rows, -1, np.int32),
        (),
        (),
        (),
        np.ones(rows, bool) if held is None else held,
        separating,
        learned,
    )


def _learned(parts: Parts, columns: int) -> Ids:
    """Ids of half the rows of each part, at most so many, in keyed order, both parts in one."""
    most = max(FEWEST, min(LEARNED, _CELLS // columns))
    return np.concatenate([rows[: min(most, rows.size // 2)] for rows in (parts.train, parts.serve)])


def _separates(codes: Codes, serve: Mask) -> bool:
    """Whether the column separates the parts on its own: shares of serve per code in every other row, judged
    on the rest.
    """
    train, other = (
        np.bincount(codes[::2][serve[::2] == part], minlength=codes.max() + 1) + 0.5 for part in (False, True)
    )
    odds = other / other.sum() / (other / other.sum() + train / train.sum())
    return area_under_curve(odds[codes[1::2]], serve[1::2]) >= _SEPARATES


def _placed(
    dataset: Dataset,
    known: list[_Coder],
    found: list[Box],
    held: Mask,
    separating: tuple[str, ...],
    progress: Progress,
) -> Regions:
    """Every row in its region, and the regions in order."""
    used = sorted({column for box in found for column in box})
    codes = {}
    for at in progress.each(used, "Placing all rows"):
        codes[at] = known[at].codes(dataset.table([known[at].name]).column(0))
    serve, raw = dataset.part_mask("serve"), np.full(dataset.rows, -1, np.int32)
    for number, box in enumerate(found):
        raw[inside(box, codes, dataset.rows)] = number
    shares = [
        np.bincount(raw[part], minlength=len(found)) / max(1, int(part.sum())) for part in (serve, ~serve)
    ]
    present = {
        at: np.bincount(codes[at], minlength=len(found[0][at]) if at in found[0] else 0) > 0 for at in used
    }
    words = [_rule(box, known, present) for box in found]
    order = sorted(
        range(len(found)), key=lambda at: (round(float(shares[1][at] - shares[0][at]), 12), words[at][0])
    )
    place = np.empty(len(found), np.int32)
    place[order] = np.arange(len(found))
    rules, queries, columns = zip(*(words[at] for at in order), strict=True)
    return Regions(place[raw], rules, queries, columns, held, separating, int((~held).sum()))


def _rule(box: Box, known: list[_Coder], present: dict[int, Mask]) -> tuple[str, str, tuple[str, ...]]:
    """The rule in words and in pandas, and the columns it names."""
    conditions = [known[at].condition(allowed, present[at]) for at, allowed in box.items()]
    conditions = [one for one in conditions if one[0]]
    names = tuple(known[at].name for at in box)
    return " and ".join(one[0] for one in conditions), " & ".join(one[1] for one in conditions), names


@dataclass(frozen=True)
class _Coder:
    """How a column becomes codes: 0 missing, then bins in order (``edges``: the last value of each but the
    last), or levels.
    """

    name: str
    stored: str
    edges: tuple[float, ...] = ()
    levels: tuple[str, ...] | None = None

    @classmethod
    def of(cls, dataset: Dataset, name: str, rows: Ids) -> _Coder:
        """From the values in ``rows``."""
        column = dataset[name]
        values = dataset.table([name]).column(0).take(rows)
        if column.kind == "numeric":
            return cls(name, column.stored, _edges(floats(values)))
        codes, texts = _texts(values)
        counts = np.bincount(codes[codes >= 0], minlength=len(texts))
        order = sorted(np.flatnonzero(counts).tolist(), key=lambda at: (-counts[at], texts[at]))
        return cls(name, column.stored, levels=tuple(texts[at] for at in order[:LEVELS]))

    @property
    def named(self) -> int:
        """Number of levels; 0 for numbers."""
        return 0 if self.levels is None else len(self.levels)

    def codes(self, values: pa.ChunkedArray) -> Codes:
        """Codes of the values, int32."""
        if self.levels is None:
            numbers = floats(values)
            made = np.searchsorted(np.array(self.edges), numbers, side="left") + 1
            return np.where(np.isnan(numbers), 0, made).astype(np.int32)
        found, texts = _texts(values)
        place = {text: at + 1 for at, text in enumerate(self.levels)}
        table = np.array([place.get(text, len(place) + 1) for text in texts] + [0], np.int32)
        return np.asarray(table[found], dtype=np.int32)

    def condition(self, allowed: Mask, present: Mask) -> tuple[str, str]:
        """The condition in words and in pandas, over the codes that are present in the data; empty if all of
        them are allowed.
        """
        size = min(allowed.size, present.size)
        real, inner = np.flatnonzero(present[:size]), allowed[:size]
        if inner[real].all():
            return "", ""
        data, missing = f"data[{self.name!r}]", bool(present[0] and inner[0])
        if not inner[real[real > 0]].any():
            return f"{self.name} is missing", f"{data}.isna()"
        if inner[real[real > 0]].all():
            return f"{self.name} is known", f"{data}.notna()"
        words, query = self._range(inner, data) if self.levels is None else self._set(inner, real, data)
        if missing and self.levels is None:
            return f"({words} or {self.name} is missing)", f"({query} | {data}.isna())"
        return words, query

    def _range(self, inner: Mask, data: str) -> tuple[str, str]:
        hit = np.flatnonzero(inner[1 : len(self.edges) + 2])
        low = self.edges[hit[0] - 1] if hit[0] else None
        high = self.edges[hit[-1]] if hit[-1] < len(self.edges) else None
        if low is None:
            return f"{self.name} ≤ {_number(high)}", f"({data} <= {high!r})"
        if high is None:
            return f"{self.name} > {_number(low)}", f"({data} > {low!r})"
        return f"{_number(low)} < {self.name} ≤ {_number(high)}", f"({data} > {low!r}) & ({data} <= {high!r})"

    def _native(self, names: list[str]) -> list[Any]:
        as_stored: dict[str, Any] = {"int64": int, "double": float, "bool": "True".__eq__}
        return [as_stored.get(self.stored, str)(name) for name in names]

    def _set(self, inner: Mask, real: NDArray[np.int64], data: str) -> tuple[str, str]:
        """Levels that are inside, or, where levels without a name are, or they are fewer, those that are
        not.
        """
        assert self.levels is not None
        inside_, out = [real[inner[real] == part] for part in (True, False)]
        negate = bool((inside_ > len(self.levels)).any()) or out.size < inside_.size
        listed = out if negate else inside_
        names = [self.levels[at - 1] for at in listed if at > 0]
        empty = bool((listed == 0).any())
        shown = [*names, *(["missing"] if empty else [])]
        verb = ("is not" if negate else "=") if len(shown) == 1 else ("is none of" if negate else "is one of")
        query = f"{data}.isin({self._native(names)!r})" + (f" | {data}.isna()" if empty else "")
        return f"{self.name} {verb} {', '.join(shown)}", f"~({query})" if negate else f"({query})"


def _texts(values: pa.ChunkedArray) -> tuple[NDArray[np.int64], list[str]]:
    """Per row the place of its level, -1 for missing, and the levels as text."""
    codes, levels = encoded(values)
    return codes, [str(level) for level in levels.to_pylist()]


def _number(value: float | None) -> str:
    assert value is not None
    return f"{value:.15g}"


def _edges(values: NDArray[np.float64]) -> tuple[float, ...]:
    """The last value of each bin but the last: short numbers near the quantiles; of few distinct values, one
    bin each.
    """
    known = np.sort(values[~np.isnan(values)])
    distinct = np.unique(known)
    if distinct.size <= BINS:
        made = [
            _short(low, high) for low, high in zip(distinct[:-1].tolist(), distinct[1:].tolist(), strict=True)
        ]
        return tuple(dict.fromkeys(made))
    made = []
    for at in range(1, BINS):
        low, high = (float(known[round((at + off) / BINS * (known.size - 1))]) for off in (-0.2, 0.2))
        after = int(np.searchsorted(distinct, high, side="right"))
        if after < distinct.size:
            made.append(_short(low, high) if low < high else _short(high, float(distinct[after])))
    return tuple(sorted(set(made)))


def _short(low: float, high: float) -> float:
    """The shortest decimal number t with low <= t < high.

    >>> _short(61.2347, 61.2351), _short(3, 4), _short(-0.2, 0.7), _short(1234567, 1284567)
    (61.235, 3.0, 0.0, 1250000.0)
    >>> _short(0.1, 0.30000000000000004)
    0.1
    """
    if low <= 0.0 < high:
        return 0.0
    top = int(np.floor(np.log10(max(abs(low), abs(high)))))
    for power in range(top, top - 17, -1):
        for half in (1, 2) if power == top - 1 else (1,):
            made = _multiple(low, power, half)
            if low <= made < high:
                return made
    return low


def _multiple(low: float, power: int, half: int) -> float:
    """The least multiple of 10 ** power (or half of it) that is not below ``low``, as the nearest float to
    its decimal form.
    """
    step = 10.0**power / half
    return float(f"{np.ceil(low / step) * step:.15g}")
