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
from core.numerics.domain import Area, area_of
from core.numerics.rules import USUAL, Box, RegionLimits, boxes, inside
from core.prepare.conditions import BINS, LEVELS, CodedColumn
from core.prepare.encoding import comparable
from core.prepare.lacked import of_both
from core.prepare.separating import LIMIT, near, separating
from core.prepare.train_serve import FEWEST, TrainServe, parts_of
from core.progress import SILENT, Progress

Codes = NDArray[np.int32]
Ids = NDArray[np.int64]
Mask = NDArray[np.bool_]
ASKED = ("numeric", "category", "boolean")
LEARNED = 20_000  # rows per part that the regions are learned on, at most
_CELLS = 4_000_000  # the same, rows times columns


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
    progress.at(0.0, "Reading columns")
    apart = separating_columns(dataset, asked, seed, progress.part(0.0, 0.3)) if leave_out else ()
    left_out, used = (*lacked, *apart), [name for name in asked if name not in apart]
    if not used:
        return _none(dataset.rows, None, left_out)
    learn = _learned(parts_of(dataset, used, seed, progress.part(0.3, 0.5)), len(used))
    coded = [
        CodedColumn.of(dataset, name, learn) for name in progress.part(0.5, 0.7).each(used, "Reading columns")
    ]
    codes = np.stack([one.codes(dataset.table([one.name]).column(0).take(learn)) for one in coded], axis=1)
    held = np.ones(dataset.rows, bool)
    held[learn] = False
    named = np.array([one.named for one in coded], np.int32)
    leaves = boxes(codes, named, max(BINS, LEVELS) + 2, serve[learn], limits)
    if len(leaves) < 2:
        return _none(dataset.rows, held, left_out, learn.size)
    placed = _placed(dataset, coded, leaves, progress.part(0.7, 1.0))
    return Regions(*placed, held=held, separating=left_out, learned=int((~held).sum()))


def separating_columns(
    dataset: Dataset, names: Sequence[str], seed: int = 0, progress: Progress = SILENT
) -> tuple[str, ...]:
    """Those of ``names`` (numbers, categories and booleans) that separate the parts on their own (see
    `core.prepare.separating`), and those of any kind that only one part has. None where a part has fewer than
    20 rows.
    """
    both, lacked = of_both(dataset, [name for name in names if name in dataset.names])
    asked = tuple(name for name in both if dataset[name].kind in ASKED)
    serve = dataset.part_mask("serve")
    if min(int(serve.sum()), int((~serve).sum())) < FEWEST:
        return ()
    if not asked:
        return lacked
    learn = _learned(parts_of(dataset, asked, seed, progress.part(0.0, 0.3)), len(asked))
    likely = []
    for name in progress.part(0.3, 0.7).each(asked, "Reading columns"):
        codes = CodedColumn.of(dataset, name, learn).codes(dataset.table([name]).column(0).take(learn))
        if near(_area(codes, serve[learn]), LIMIT):
            likely.append(name)
    apart = separating(dataset, asked, likely, seed=seed, progress=progress.part(0.7, 1.0))
    return (*lacked, *(name for name in asked if name in {one.name for one in apart}))


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


def _area(codes: Codes, serve: Mask) -> Area:
    """How well a column separates the parts: shares of serve per code in every other row, judged on the
    rest.
    """
    train, other = (
        np.bincount(codes[::2][serve[::2] == part], minlength=codes.max() + 1) + 0.5 for part in (False, True)
    )
    odds = other / other.sum() / (other / other.sum() + train / train.sum())
    return area_of(odds[codes[1::2]], serve[1::2])


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
