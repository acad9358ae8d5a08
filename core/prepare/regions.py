"""Regions in which the mix of train and serve differs, each with a rule in plain words; learned on one half
of the rows.

The other half is not used to find the regions (sample splitting): ratios over it are unbiased, and tests on
them keep their level.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.dataset import Dataset
from core.frozen import lock_fields
from core.numerics.auc import area_under_curve
from core.numerics.rules import USUAL, Box, RegionLimits, boxes, inside
from core.prepare.conditions import BINS, LEVELS, CodedColumn
from core.prepare.encoding import comparable
from core.prepare.lacked import of_both
from core.prepare.train_serve import FEWEST, TrainServe, parts_of
from core.progress import SILENT, Progress

Codes = NDArray[np.int32]
Ids = NDArray[np.int64]
Mask = NDArray[np.bool_]
ASKED = ("numeric", "category", "boolean")
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
    separating: columns left out, as each separates the parts on its own, or only one part has it.
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
    are. ``leave_out``: do not ask about columns that separate the parts on their own, or that one lacks.
    There are none where a part has fewer than 20 rows, or no question beats chance.
    """
    asked = tuple(name for name in names or comparable(dataset) if dataset[name].kind in ASKED)
    asked, lacked = of_both(dataset, asked) if leave_out else (asked, ())
    serve = dataset.part_mask("serve")
    if not asked or min(int(serve.sum()), int((~serve).sum())) < FEWEST:
        return _none(dataset.rows)
    parts = parts_of(dataset, asked, seed, progress.part(0.0, 0.3))
    learn = _learned(parts, len(asked))
    coded = [
        CodedColumn.of(dataset, name, learn)
        for name in progress.part(0.3, 0.6).each(asked, "Reading columns")
    ]
    codes = np.stack([one.codes(dataset.table([one.name]).column(0).take(learn)) for one in coded], axis=1)
    separating = _separating(codes, serve[learn]) if leave_out else []
    used = [at for at in range(len(coded)) if at not in separating]
    held = np.ones(dataset.rows, bool)
    held[learn] = False
    left_out = (*lacked, *(coded[at].name for at in separating))
    if not used:
        return _none(dataset.rows, held, left_out, learn.size)
    coded = [coded[at] for at in used]
    named = np.array([one.named for one in coded], np.int32)
    leaves = boxes(codes[:, used], named, max(BINS, LEVELS) + 2, serve[learn], limits)
    if len(leaves) < 2:
        return _none(dataset.rows, held, left_out, learn.size)
    placed = _placed(dataset, coded, leaves, progress.part(0.7, 1.0))
    return Regions(*placed, held=held, separating=left_out, learned=int((~held).sum()))


def separating_columns(
    dataset: Dataset, names: Sequence[str], seed: int = 0, progress: Progress = SILENT
) -> tuple[str, ...]:
    """Those of ``names`` (numbers, categories and booleans) that separate the parts on their own: shares of
    serve per bin or level of one half of the rows rank the other half with an area under the curve of .95 or
    more; and those of any kind that only one part has. None where a part has fewer than 20 rows.
    """
    both, lacked = of_both(dataset, [name for name in names if name in dataset.names])
    asked = tuple(name for name in both if dataset[name].kind in ASKED)
    serve = dataset.part_mask("serve")
    if min(int(serve.sum()), int((~serve).sum())) < FEWEST:
        return ()
    if not asked:
        return lacked
    learn = _learned(parts_of(dataset, asked, seed, progress.part(0.0, 0.5)), len(asked))
    codes = np.empty((learn.size, len(asked)), np.int32)
    for at, name in enumerate(progress.part(0.5, 1.0).each(asked, "Reading columns")):
        codes[:, at] = CodedColumn.of(dataset, name, learn).codes(dataset.table([name]).column(0).take(learn))
    return (*lacked, *(asked[at] for at in _separating(codes, serve[learn])))


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


def _learned(parts: TrainServe, columns: int) -> Ids:
    """Ids of half the rows of each part, at most so many, in keyed order, both parts in one."""
    most = max(FEWEST, min(LEARNED, _CELLS // columns))
    return np.concatenate([rows[: min(most, rows.size // 2)] for rows in (parts.train, parts.serve)])


def _separating(codes: Codes, serve: Mask) -> list[int]:
    """The columns of ``codes`` that separate the parts on their own."""
    return [at for at in range(codes.shape[1]) if _separates(codes[:, at], serve)]


def _separates(codes: Codes, serve: Mask) -> bool:
    """Whether the column separates the parts on its own: shares of serve per code in every other row, judged
    on the rest.
    """
    train, other = (
        np.bincount(codes[::2][serve[::2] == part], minlength=codes.max() + 1) + 0.5 for part in (False, True)
    )
    odds = other / other.sum() / (other / other.sum() + train / train.sum())
    return area_under_curve(odds[codes[1::2]], serve[1::2]) >= _SEPARATES


class _Placed(NamedTuple):
    """The first fields of `Regions`."""

    region: NDArray[np.int32]
    rules: tuple[str, ...]
    queries: tuple[str, ...]
    columns: tuple[tuple[str, ...], ...]


def _placed(dataset: Dataset, coded: list[CodedColumn], leaves: list[Box], progress: Progress) -> _Placed:
    """Every row in its region, and the regions in order."""
    used = sorted({column for box in leaves for column in box})
    codes = {}
    for at in progress.each(used, "Placing all rows"):
        codes[at] = coded[at].codes(dataset.table([coded[at].name]).column(0))
    serve, raw = dataset.part_mask("serve"), np.full(dataset.rows, -1, np.int32)
    for number, box in enumerate(leaves):
        raw[inside(box, codes, dataset.rows)] = number
    shares = [
        np.bincount(raw[part], minlength=len(leaves)) / max(1, int(part.sum())) for part in (serve, ~serve)
    ]
    present = {
        at: np.bincount(codes[at], minlength=len(leaves[0][at]) if at in leaves[0] else 0) > 0 for at in used
    }
    words = [_rule(box, coded, present) for box in leaves]
    more_of_train = [round(gap, 12) for gap in (shares[1] - shares[0]).tolist()]
    order = sorted(range(len(leaves)), key=lambda at: (more_of_train[at], words[at][0]))
    place = np.empty(len(leaves), np.int32)
    place[order] = np.arange(len(leaves))
    return _Placed(place[raw], *zip(*(words[at] for at in order), strict=True))


def _rule(box: Box, coded: list[CodedColumn], present: dict[int, Mask]) -> tuple[str, str, tuple[str, ...]]:
    """The rule in words and in pandas, and the columns it names."""
    conditions = [coded[at].condition(allowed, present[at]) for at, allowed in box.items()]
    conditions = [one for one in conditions if one[0]]
    names = tuple(coded[at].name for at in box)
    return " and ".join(one[0] for one in conditions), " & ".join(one[1] for one in conditions), names
