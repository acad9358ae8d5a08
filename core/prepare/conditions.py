"""A column as codes, and conditions on the codes in words and in pandas: what rules are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.dataset import Dataset
from core.phrases import digits
from core.prepare.features import floats
from core.prepare.levels import encoded, missing_label

if TYPE_CHECKING:
    import pyarrow as pa

Codes = NDArray[np.int32]
Ids = NDArray[np.int64]
Mask = NDArray[np.bool_]
LEVELS = 40  # levels of a category that a rule may name
BINS = 64
VERBS = {  # one level, negated
    (True, False): "=",
    (True, True): "is not",
    (False, False): "is one of",
    (False, True): "is none of",
}


@dataclass(frozen=True)
class CodedColumn:
    """How a column becomes codes: 0 missing, then bins in order (``edges``: the last value of each but the
    last), or levels.
    """

    name: str
    stored: str
    edges: tuple[float, ...] = ()
    levels: tuple[str, ...] | None = None

    @classmethod
    def of(cls, dataset: Dataset, name: str, rows: Ids) -> CodedColumn:
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
            bins = np.searchsorted(np.array(self.edges), numbers, side="left") + 1
            return np.where(np.isnan(numbers), 0, bins).astype(np.int32)
        levels, texts = _texts(values)
        place = {text: at + 1 for at, text in enumerate(self.levels)}
        table = np.array([place.get(text, len(place) + 1) for text in texts] + [0], np.int32)
        return np.asarray(table[levels], dtype=np.int32)

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
        shown = [*names, *([missing_label(self.levels)] if empty else [])]
        verb = VERBS[len(shown) == 1, negate]
        query = f"{data}.isin({self._native(names)!r})" + (f" | {data}.isna()" if empty else "")
        return f"{self.name} {verb} {', '.join(shown)}", f"~({query})" if negate else f"({query})"


def _texts(values: pa.ChunkedArray) -> tuple[NDArray[np.int64], list[str]]:
    """Per row the place of its level, -1 for missing, and the levels as text."""
    codes, levels = encoded(values)
    return codes, [str(level) for level in levels.to_pylist()]


def _number(value: float | None) -> str:
    assert value is not None
    return digits(value)


def _edges(values: NDArray[np.float64]) -> tuple[float, ...]:
    """The last value of each bin but the last: short numbers near the quantiles; of few distinct values, one
    bin each.
    """
    known = np.sort(values[~np.isnan(values)])
    distinct = np.unique(known)
    if distinct.size <= BINS:
        pairs = zip(distinct[:-1].tolist(), distinct[1:].tolist(), strict=True)
        return tuple(dict.fromkeys(_short(low, high) for low, high in pairs))
    edges = []
    for at in range(1, BINS):
        low, high = (float(known[round((at + off) / BINS * (known.size - 1))]) for off in (-0.2, 0.2))
        after = int(np.searchsorted(distinct, high, side="right"))
        if after < distinct.size:
            edges.append(_short(low, high) if low < high else _short(high, float(distinct[after])))
    return tuple(sorted(set(edges)))


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
            short = _multiple(low, power, half)
            if low <= short < high:
                return short
    return low


def _multiple(low: float, power: int, half: int) -> float:
    """The least multiple of 10 ** power (or half of it) that is not below ``low``, as the nearest float to
    its decimal form.
    """
    step = 10.0**power / half
    return float(f"{np.ceil(low / step) * step:.15g}")
