"""How some rows differ from the rest: column by column, in one unit, beside the noise floor."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.dataset import Dataset
from core.dataset.column import Column
from core.numerics.scaling import centre_and_spread
from core.prepare.features import first_time, numbers
from core.prepare.levels import level_codes
from core.prepare.sampling import sampled
from core.progress import SILENT, Progress
from core.rowset import RowSet

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

LIMIT = 100_000  # rows of the data that stand for all of them
ENOUGH = 5_000  # selected rows among these from which they stand for the selection
LEVEL = 0.01  # chance that any line at all is there for rows drawn at random
_BEND = 5.0  # spreads beyond which no value counts for more
# the middles of numbers and times, as they are tried: the first that carries the effect is the one shown
SHARE_OF = "share of "  # begins what a line about a level compares
MIDDLES = ("median", "mean", "capped mean")
_CARRIES = 0.5  # of the effect that the medians must show
_LEFT_OUT = ("identifier", "image", "text")
Mask = NDArray[np.bool_]


class GroupDifference(NamedTuple):
    """One line: a middle of the values, or the share of a level or of missing values, in both groups.

    kind: of the column.
    what: which number: one of `MIDDLES`, "share of" a level, or "missing".
    selected, rest: the number in both groups; a middle of times is in microseconds since 1970.
    effect: in standard deviations.
    noise: its noise floor.
    n: rows selected that it rests on.
    low, high: where the number is a middle, the column's least and largest value.
    missing: of a level, the share of the rows selected that hold no value.
    """

    column: str
    kind: str
    what: str
    selected: float
    rest: float
    effect: float
    noise: float
    n: int
    low: float = float("nan")
    high: float = float("nan")
    missing: float = float("nan")


def different(
    dataset: Dataset,
    rows: RowSet,
    seed: int = 0,
    progress: Progress = SILENT,
    *,
    without: Collection[str] = (),
) -> pd.DataFrame:
    """The columns in which ``rows`` differ from all other rows beyond the noise, those that differ most
    first.

    ``effect``: for numbers and times Cohen's d, the difference of the means over the spread of the rest, of
    values bent so that nothing counts for more than five spreads on either side (so 10 at most); for levels
    and missing values Cohen's h, 2 arcsin of the root of one share less that of the other (Cohen 1988). Both
    have the standard error sqrt(1/n + 1/m) without a difference, which times the normal quantile at 1% over
    all that was compared is ``noise`` (Bonferroni). The column that parts train from serve is passed over,
    and those ``without`` which rows are compared.
    Rows that are compared by their pictures and have none that could be read are in neither group.
    Large data: against a sample drawn by content. No lines where one group has fewer than two rows.
    """
    import pandas as pd

    base = sampled(dataset, dataset.names, LIMIT, seed, progress)
    held, unread = rows.mask(dataset.rows), dataset.without_picture()
    ids = np.arange(dataset.rows) if base is None else base
    ids = ids[~unread[ids]]
    inside, outside = ids[held[ids]], ids[~held[ids]]
    if base is not None and inside.size < ENOUGH:
        inside = rows.ids[~unread[rows.ids]]
    columns = [
        column
        for column in dataset.columns
        if column.kind not in _LEFT_OUT and column.name not in {dataset.parting, *without}
    ]
    drafts: list[GroupDifference] = []
    if min(inside.size, outside.size) > 1:
        taken, first = np.concatenate([inside, outside]), np.arange(inside.size + outside.size) < inside.size
        for column in progress.each(columns, "Comparing columns"):
            drafts += _lines(column, dataset.table([column.name]).column(0).take(taken), first)
    kept = _beyond_chance(drafts, outside.size)
    return pd.DataFrame(kept, columns=list(GroupDifference._fields))


def _beyond_chance(drafts: list[GroupDifference], rest: int) -> list[GroupDifference]:
    """The lines beyond the noise floor, each column's largest and that of its missing values."""
    from scipy.stats import norm

    z = float(norm.ppf(1.0 - LEVEL / 2 / max(1, len(drafts))))
    judged = [line._replace(noise=z * float(np.sqrt(1.0 / line.n + 1.0 / rest))) for line in drafts]
    passed = [line for line in judged if abs(line.effect) > line.noise]
    passed.sort(key=lambda line: (-abs(line.effect), line.column, line.what))
    best: dict[tuple[str, bool], GroupDifference] = {}
    for line in passed:
        best.setdefault((line.column, line.what == "missing"), line)
    return list(best.values())


def _lines(column: Column, values: pa.ChunkedArray, first: Mask) -> Iterator[GroupDifference]:
    missing = np.asarray(values.is_null())
    n = int(first.sum())
    if missing.any() and not missing.all():
        yield _share(column, "missing", missing, first)
    if column.kind in ("numeric", "datetime"):
        floats = numbers(column, values)
        known = np.isfinite(floats)
        n = int((known & first).sum())
        if min(n, int((known & ~first).sum())) > 1:
            line = _middles(column, floats[known], first[known])
            start = first_time(values)
            yield line._replace(selected=line.selected + start, rest=line.rest + start)
        return
    codes, texts = level_codes(values)
    absent, gaps = (codes[missing][0] if missing.any() else None), float(missing[first].mean())
    inside, outside = (np.bincount(codes[part], minlength=len(texts)) for part in (first, ~first))
    for code in np.flatnonzero(inside + outside > 1).tolist():  # a level of one row is no pattern
        if code != absent:
            a, b = inside[code] / n, outside[code] / (first.size - n)
            yield GroupDifference(
                column=column.name,
                kind=column.kind,
                what=f"{SHARE_OF}{texts[code]}",
                selected=a,
                rest=b,
                effect=cohen_h(a, b),
                noise=0.0,
                n=n,
                missing=gaps,
            )


def _middles(column: Column, values: NDArray[np.float64], first: Mask) -> GroupDifference:
    """The effect, beside the middles of both groups that carry it: the medians where they show half of it or
    more, to the same side; else the means where those differ to the same side; else the capped means, of the
    bent values themselves, which always do.
    """
    one, other = values[first], values[~first]
    centre, spread = centre_and_spread(other)
    a, b = (_bent(part, centre, spread) for part in (one, other))
    deviation = float(b.std()) or float(np.concatenate([a, b]).std())
    gap = float(a.mean()) - float(b.mean())
    medians, means = [float(np.median(part)) for part in (one, other)], [_mean(part) for part in (one, other)]
    bent = _bent(np.array(medians), centre, spread)
    apart = float(bent[-1] - bent[0]) * (1.0 if medians[0] >= medians[1] else -1.0)
    if apart * np.sign(gap) >= _CARRIES * abs(gap):
        what, shown = MIDDLES[0], medians
    elif (means[0] - means[1]) * gap > 0:
        what, shown = MIDDLES[1], means
    else:
        what, shown = MIDDLES[2], [_unbent(float(part.mean()), centre, spread) for part in (a, b)]
    # bent values lie within five spreads on either side, however little the rest varies
    effect = float(np.clip(gap / deviation, -2.0 * _BEND, 2.0 * _BEND)) if deviation else 0.0
    return GroupDifference(
        column=column.name,
        kind=column.kind,
        what=what,
        selected=shown[0],
        rest=shown[1],
        effect=effect,
        noise=0.0,
        n=one.size,
        low=float(values.min()),
        high=float(values.max()),
    )


def _mean(values: NDArray[np.float64]) -> float:
    """The mean, added up in order of size; infinite where the sum of the values is."""
    with np.errstate(over="ignore"):
        return float(np.sort(values).mean())


def _bent(values: NDArray[np.float64], centre: float, spread: float) -> NDArray[np.float64]:
    """Values in spreads, bent at five, in order of size: sums that do not depend on the order of the rows."""
    with np.errstate(over="ignore"):
        return np.asarray(_BEND * np.tanh((np.sort(values) - centre) / (spread or 1.0) / _BEND))


def _unbent(value: float, centre: float, spread: float) -> float:
    """The value that `_bent` takes to this one.

    >>> round(_unbent(float(_bent(np.array([12.0]), 10.0, 2.0)[0]), 10.0, 2.0), 6)
    12.0
    """
    return centre + (spread or 1.0) * _BEND * float(np.arctanh(np.clip(value / _BEND, -1 + 1e-12, 1 - 1e-12)))


def _share(column: Column, what: str, hit: Mask, first: Mask) -> GroupDifference:
    a, b = float(hit[first].mean()), float(hit[~first].mean())
    return GroupDifference(
        column=column.name,
        kind=column.kind,
        what=what,
        selected=a,
        rest=b,
        effect=cohen_h(a, b),
        noise=0.0,
        n=int(first.sum()),
    )


def cohen_h(a: float, b: float) -> float:
    """Difference of two shares on the scale on which chance is the same everywhere.

    >>> round(cohen_h(0.5, 0.5), 3), round(cohen_h(1.0, 0.0), 3), round(cohen_h(0.6, 0.4), 3)
    (0.0, 3.142, 0.403)
    """
    return float(2.0 * (np.arcsin(np.sqrt(a)) - np.arcsin(np.sqrt(b))))
