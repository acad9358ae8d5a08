"""Gaps that another column explains: missing exactly where its value says that there is nothing to know."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.dataset import Dataset
from core.dataset.column import Column
from core.numerics.decision_rule import (
    LEAST,
    MOST_LEVELS,
    Decided,
    allowed,
    decided,
    fewest_exceptions,
    most_in_part,
)
from core.phrases import name, quoted
from core.prepare.lacked import rows_with
from core.prepare.levels import encoded
from core.progress import SILENT, Progress

if TYPE_CHECKING:
    import pyarrow as pa

KINDS = ("category", "boolean", "numeric", "datetime")
KNOWN = 0.95  # share of the gaps at which the deciding column must be known
CHANCE = 1e-3  # that any rule is found in a table of random gaps, at most
# one row in 64 is looked at first, then one in eight, where that is at least so many rows
_SLICES, _FEW = 64, 512
_PAIRS = 60_000  # of a column with gaps and one that may decide them
_LISTED = 3

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]


class GapRule(NamedTuple):
    """One column decides which values of another are missing.

    by: the column that decides.
    where: at which of its values, in words.
    exceptions: rows that the rule gets wrong.
    n: rows in which ``by`` is known.
    by_chance: the share that the rule would get right were the gaps random (95%).
    over_time: ``by`` is a time.
    """

    by: str
    where: str
    exceptions: int
    n: int
    by_chance: float
    over_time: bool


class _Values(NamedTuple):
    """A column that may decide: per row the place of its value in ``levels``, which ascend; -1 where it is
    not known.
    """

    codes: Ints
    levels: list[Any]
    ordered: bool


class _GapSample(NamedTuple):
    """Some rows: their places, the gaps among them, and the most exceptions among them of a rule that holds
    in all rows.
    """

    rows: Ints
    absent: dict[str, Mask]
    most: dict[str, float]


class _Group(NamedTuple):
    """Columns with gaps in the same rows: those rows (None: all), how many, and where each column is missing
    among them.
    """

    rows: Ints | None
    total: int
    gaps: dict[str, Mask]


def explained(dataset: Dataset, names: Sequence[str], progress: Progress = SILENT) -> dict[str, GapRule]:
    """Of the columns with gaps among ``names``, those whose gaps one other column decides, with the best
    rule. See docs/methods/missingness.md. Never the target: what it decides is a leak. Of very many columns,
    the first are looked at; of a column that one part lacks, the rows of the other part.
    """
    able = [name for name in dataset.features if dataset[name].kind in KINDS]
    looked = list(names[: max(1, _PAIRS // max(1, len(able)))])
    within = rows_with(dataset, looked)
    everywhere = [name for name in looked if name not in within]
    groups = [_group(dataset, everywhere, None)]
    for part in ("train", "serve") if within else ():
        mask = dataset.part_mask(part)
        some = [name for name in within if np.array_equal(within[name], mask)]
        groups.append(_group(dataset, some, np.flatnonzero(mask)))
    groups = [group for group in groups if group.gaps]
    pairs = len(able) * sum(len(group.gaps) for group in groups)
    rules: dict[str, GapRule] = {}
    for at, group in enumerate(groups if pairs else ()):
        ahead = progress.part(at / len(groups), (at + 1) / len(groups))
        rules |= _explained(dataset, group, able, math.log(CHANCE / pairs), ahead)
    return rules


def _group(dataset: Dataset, names: list[str], rows: Ints | None) -> _Group:
    """Of ``names`` the columns whose gaps in these rows (all: None) may have a rule."""
    total = dataset.rows if rows is None else rows.size
    masks = {name: _absent(dataset, name, rows) for name in names}
    gaps = {name: mask for name, mask in masks.items() if LEAST <= mask.sum() <= total - LEAST}
    return _Group(rows, total, gaps)


def _explained(
    dataset: Dataset, group: _Group, able: list[str], gate: float, progress: Progress
) -> dict[str, GapRule]:
    """The rules behind the gaps of a group by one of the columns ``able``. gate: log of the chance below
    which a rule is believed.
    """
    rows, open_ones = group.rows, group.gaps
    samples = _samples(group.total, open_ones)
    best: dict[str, tuple[tuple[Any, ...], GapRule]] = {}
    for by in progress.each(able, "Looking for rules behind gaps"):
        column = dataset.table([by]).column(0)
        column = column if rows is None else column.take(rows)
        hopeful = [name for name in open_ones if name != by]
        for sample in samples:
            hopeful = _left(dataset[by], column, sample, hopeful)
        values = _values(dataset[by], column) if hopeful else None
        if values is None or len(values.levels) < 2:
            continue
        for gappy in hopeful:
            rule = _judged(values, open_ones[gappy], gate)
            if rule is not None:
                one = GapRule(
                    by,
                    _where(dataset[by], values, rule),
                    rule.exceptions,
                    rule.n,
                    rule.by_chance,
                    dataset[by].kind == "datetime",
                )
                rank = (rule.exceptions - rule.n, rule.absent.size, by)
                best[gappy] = min(best.get(gappy, (rank, one)), (rank, one))
    return {name: rule for name, (_, rule) in best.items()}


def _absent(dataset: Dataset, name: str, rows: Ints | None) -> Mask:
    mask = np.asarray(dataset.table([name]).column(0).is_null().to_numpy(), dtype=bool)
    return mask if rows is None else mask[rows]


def _samples(rows: int, masks: dict[str, Mask]) -> list[_GapSample]:
    """Ever larger samples of the rows, each within the next: few rows are enough to see that most
    columns decide nothing.
    """
    slices = np.random.default_rng(0).integers(0, _SLICES, rows, np.uint8)
    samples = []
    for below in (1, _SLICES // 8):
        places = np.flatnonzero(slices < below)
        if places.size >= _FEW:
            wrong = {
                name: allowed(int(mask.sum()), int(rows - mask.sum())) / rows for name, mask in masks.items()
            }
            most = {name: most_in_part(places.size, share) for name, share in wrong.items()}
            samples.append(_GapSample(places, {name: mask[places] for name, mask in masks.items()}, most))
    return samples


def _left(by: Column, column: pa.ChunkedArray, sample: _GapSample, names: list[str]) -> list[str]:
    """Of these columns with gaps, those for which a rule may hold in all rows, by the rows of the sample."""
    values = _values(by, column.take(sample.rows)) if names else None
    if values is None:
        return []
    fewest = fewest_exceptions(
        *_counts(values, np.stack([sample.absent[name] for name in names])), values.ordered
    )
    return [name for name, wrong in zip(names, fewest.tolist(), strict=True) if wrong <= sample.most[name]]


def _values(column: Column, values: pa.ChunkedArray) -> _Values | None:
    """None for words of too many kinds."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if column.stored == "string" or column.kind == "boolean":
        codes, levels = encoded(values)
        words = levels.to_pylist() if len(levels) <= MOST_LEVELS else []
        if not words:
            return None
        order = sorted(range(len(words)), key=lambda place: str(words[place]))
        rank = np.append(np.argsort(order), -1)
        return _Values(
            rank[codes],
            [words[place] for place in order],
            False,
        )
    held = values.cast(pa.int64()) if pa.types.is_timestamp(values.type) else values
    known = np.asarray(pc.is_valid(held).to_numpy(), dtype=bool)
    distinct, codes = np.unique(np.asarray(held.drop_null().to_numpy()), return_inverse=True)
    places = np.full(known.size, -1, np.int64)
    places[known] = codes
    return _Values(places, distinct.tolist(), column.kind in ("numeric", "datetime"))


def _counts(values: _Values, absent: Mask) -> tuple[Ints, Ints]:
    """Missing and present rows at each level, of each row of ``absent`` (gaps x rows): gaps x levels."""
    size = len(values.levels) + 1
    gap, row = np.nonzero(absent)
    missing = np.bincount(gap * size + values.codes[row] + 1, minlength=size * len(absent))
    missing = missing.reshape(len(absent), size)[:, 1:]
    return missing, np.bincount(values.codes + 1, minlength=size)[1:] - missing


def _judged(values: _Values, absent: Mask, gate: float) -> Decided | None:
    missing, here = (counts[0] for counts in _counts(values, absent[None]))
    if missing.sum() < KNOWN * absent.sum():
        return None
    rule = decided(missing, here, values.ordered)
    return rule if rule is not None and rule.log_chance < gate else None


def _where(column: Column, values: _Values, rule: Decided) -> str:
    levels = [_in_words(column, level) for level in values.levels]
    there, not_there = (
        [level for level, absent in zip(levels, rule.absent.tolist(), strict=True) if absent is side]
        for side in (True, False)
    )
    by = name(column.name)
    if rule.how == "up to":
        return f"{by} is {there[-1]} or {'earlier' if column.kind == 'datetime' else 'less'}"
    if rule.how == "from":
        return f"{by} is {there[0]} or {'later' if column.kind == 'datetime' else 'more'}"
    if len(there) > len(not_there):
        return f"{by} is not {_listed(not_there)}"
    return f"{by} is {_listed(there)}"


def _listed(levels: list[str]) -> str:
    return " or ".join([", ".join(levels[:-1]), levels[-1]] if 1 < len(levels) <= _LISTED else levels[:1]) + (
        f" or one of {len(levels) - 1} others" if len(levels) > _LISTED else ""
    )


def _in_words(column: Column, level: Any) -> str:
    if column.kind == "datetime":
        moment = str(np.datetime64(level, "us")).replace("T", " ")
        return moment.removesuffix(".000000").removesuffix(" 00:00:00")
    if isinstance(level, str):
        return quoted(level)
    return f"{level:,.10g}" if isinstance(level, float) else str(level)
