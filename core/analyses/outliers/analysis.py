"""Rows that stand far from the rest, and the columns that make them odd."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.analyses.outliers.cells import TABLES
from core.analyses.outliers.detectors import plane, put_back
from core.analyses.outliers.judging import Compared, Judged
from core.analyses.outliers.rare_pairs import RarePairs, rare_pairs
from core.analyses.outliers.reason import RowReasons
from core.analyses.outliers.result import FEW, OutlierResult, oddest_first
from core.analyses.outliers.within import classes_within, judged_within
from core.analysis import Analysis
from core.dataset import Dataset
from core.errors import TooSmallError
from core.numerics.neighbours import reference_note
from core.numerics.rowhash import row_keys
from core.phrases import count, names
from core.prepare.features import Features, features, left_out_in_words
from core.prepare.hashes import row_hashes
from core.prepare.lacked import parts_lacking, rows_with
from core.prepare.levels import level_codes
from core.progress import Progress
from core.settings import Settings, column, columns, knob

Ids = NDArray[np.int64]
_LIMIT = 6.5
_PAIR_LEVELS = 50
_WORDED = 1_000  # rows that are put in words though they are not beyond the limit: the oddest


@dataclass(frozen=True)
class OutlierSettings(Settings):
    """What to look at, and the limit of evidence."""

    columns: tuple[str, ...] = columns(
        "Columns",
        "The columns to look at; if none is chosen the vectors, or else all features.",
        ("numeric", "category", "boolean", "datetime", "text"),
    )
    within: str = column(
        "Within the classes of",
        "Each row is then compared with rows of its own class alone, such as that of the target.",
        ("category", "boolean", "numeric"),
    )
    limit: float = knob(
        _LIMIT,
        "Limit of evidence",
        "At 6.5, at most 4 in 1,000 rows of clean data lie beyond it, and a single value in 1 of 100 tables; "
        "flagged are those that chance does not explain. Higher is stricter.",
        3.0,
        30.0,
    )
    neighbours: int = knob(
        30,
        "Neighbours",
        "The distance to this neighbour counts: smaller groups of outlying rows are found.",
        1,
        200,
    )
    trees: int = knob(
        100,
        "Trees",
        "Trees of the isolation forest, in tables of less than 20,000 rows up to three times as many; more "
        "are steadier and slower.",
        10,
        1000,
    )
    seed: int = knob(
        0, "Seed", "Of the trees and, in large tables, of the rows that all are compared with.", 0, 2**31 - 1
    )


def outliers(dataset: Dataset, settings: OutlierSettings, progress: Progress) -> OutlierResult:
    """Isolation forest and distance to the k-th neighbour on the features, their tail evidence averaged;
    single values that their column does not explain; and combinations of categories that hardly ever meet;
    see docs/methods/outliers.md. Columns that train or serve lacks take part in the last two alone.

    Raises `TooSmallError` when no column that both parts have varies, `SettingError` for classes to compare
    within that are none.
    """
    encoded, alone = _columns(dataset, settings.columns, progress.part(0.0, 0.1))
    every = (*encoded.names, *alone)
    classes = classes_within(dataset, settings.within)
    keys = row_keys(row_hashes(dataset, encoded.names, progress.part(0.1, 0.15)), settings.seed)
    found = judged_within(
        dataset, classes, _compared(encoded, alone, keys, settings), progress.part(0.15, 0.9)
    )
    progress.at(0.9, "Comparing categories")
    pairs = _pairs(dataset, every, settings.limit)
    evidence, top = _with_rules(found, pairs, settings.limit)
    reasons = RowReasons(dataset, every, classes)
    top = reasons.without_usual(top, _by_rule(found, pairs), progress)
    progress.at(0.95, "Putting it in words")
    beyond = (evidence > settings.limit) & (dataset.rows >= FEW)
    single = beyond[found.cells.rows]
    oddness = evidence[found.cells.rows[single]]
    worded = _worded(evidence, beyond)
    place = _places(encoded, keys)
    progress.at(1.0, "Done")
    return OutlierResult(
        settings=settings,
        notes=_notes(dataset, encoded.left_out, alone, found.reference, classes),
        evidence=evidence,
        top=top,
        x=place[:, 0],
        y=place[:, 1],
        beyond=beyond,
        single=found.cells.rows[single],
        single_in=tuple(every[at] for at in oddest_first(found.cells.columns[single][:, None], oddness)),
        worded=worded,
        why=_why(reasons, worded, top, frozenset(found.cells.rows.tolist()), pairs),
        names=every,
        left_out=encoded.left_out,
        limit=settings.limit,
        reference=found.reference,
    )


def _columns(
    dataset: Dataset, asked: tuple[str, ...], progress: Progress
) -> tuple[Features, tuple[str, ...]]:
    """What rows are compared by, and of the columns asked for (none: of all) those that one part lacks:
    having one makes no row odd.
    """
    of_vectors = dataset.vectors is not None and not asked
    all_of_them = () if of_vectors else asked or dataset.features
    lacked = parts_lacking(dataset, all_of_them)
    alone = tuple(name for name in all_of_them if name in lacked)
    both = [name for name in all_of_them if name not in lacked] if alone else asked or None
    encoded = features(dataset, both, progress)
    if encoded.names:
        return encoded, alone
    which = "train and serve both have" if alone else "can be compared"
    raise TooSmallError(
        f"None of the columns of {dataset.name!r} that {which} varies: it has {count(dataset.rows, 'row')}."
        + (f" Only one of the two has {names(alone)}." if alone else "")
    )


def _with_rules(
    found: Judged, pairs: RarePairs, limit: float
) -> tuple[NDArray[np.float32], NDArray[np.int16]]:
    """Evidence and columns of every row, with what groups, single values and rare pairs add to the detectors:
    each takes its rows above the limit, and its columns come first.
    """
    evidence, top, cells = found.evidence.copy(), found.top.copy(), found.cells
    apart = np.flatnonzero(found.times)
    for rows, times in (
        (apart, found.times[apart]),
        (cells.rows, cells.times),
        (pairs.rows, pairs.expected / pairs.observed),
    ):
        evidence[rows] = np.maximum(evidence[rows], _over(limit, times))
    top[cells.rows] = _first(top[cells.rows], cells.columns[:, None])
    top[pairs.rows] = _first(top[pairs.rows], pairs.columns)
    return evidence, top


def _by_rule(found: Judged, pairs: RarePairs) -> NDArray[np.int8]:
    """How many columns of each row a single value or a rare pair put first."""
    first = np.zeros(found.evidence.size, np.int8)
    first[found.cells.rows] = 1
    first[pairs.rows] = 2
    return first


def _compared(
    encoded: Features, alone: tuple[str, ...], keys: NDArray[np.uint64], settings: OutlierSettings
) -> Compared:
    """All rows, by the settings; a stricter limit of evidence leaves fewer single values, too."""
    risk = min(0.5, TABLES * float(np.exp(_LIMIT - settings.limit)))
    return Compared(
        encoded.names,
        alone,
        rows=None,
        keys=keys,
        neighbours=settings.neighbours,
        trees=settings.trees,
        seed=settings.seed,
        cells=risk,
    )


def _over(limit: float, times: NDArray[np.float64]) -> NDArray[np.float64]:
    """Evidence above the limit, more of it the more times as far (or as rare) as it may be."""
    return np.asarray(limit + 0.01 + np.log(times), dtype=np.float64)


def _first(top: NDArray[np.int16], columns: NDArray[np.int16]) -> NDArray[np.int16]:
    """The columns given (n x 1 or 2), then the first other ones of ``top`` (n x 3).

    >>> top = np.int16([[4, 1, 2], [1, -1, -1]])
    >>> _first(top, np.int16([[4, 7], [1, 7]])).tolist(), _first(top, np.int16([[2], [5]])).tolist()
    ([[4, 7, 1], [1, 7, -1]], [[2, 4, 1], [5, 1, -1]])
    """
    every = np.hstack([columns, top])
    again = np.zeros(every.shape, bool)
    for at in range(columns.shape[1], every.shape[1]):
        again[:, at] = (every[:, at] < 0) | (every[:, :at] == every[:, at : at + 1]).any(axis=1)
    order = np.argsort(again, axis=1, kind="stable")[:, : top.shape[1]]
    kept = np.take_along_axis(np.where(again, np.int16(-1), every), order, axis=1)
    return np.asarray(kept, dtype=np.int16)


def _worded(evidence: NDArray[np.float32], beyond: NDArray[np.bool_]) -> Ids:
    """The rows to put in words: those beyond the limit, and the oddest others."""
    rows = np.array(beyond)
    rows[np.argsort(-evidence, kind="stable")[:_WORDED]] = True
    return np.flatnonzero(rows).astype(np.int64)


def _places(encoded: Features, keys: NDArray[np.uint64]) -> NDArray[np.float32]:
    """Where each row lies on the map, rows x 2; worked out in the order of their content."""
    order = np.argsort(keys)
    return put_back(plane(encoded.matrix[order]), order)


def _notes(
    dataset: Dataset,
    left_out: tuple[str, ...],
    alone: tuple[str, ...],
    reference: int,
    classes: Sequence[Ids],
) -> tuple[str, ...]:
    """What was sampled or left out."""
    rows = dataset.rows
    few = f"With fewer than {FEW} rows none is flagged; the scores still rank them." if rows < FEW else ""
    others = rows - sum(each.size for each in classes) if classes else 0
    few_of = f"without a class, or of one with fewer than {FEW} rows"
    small = f"{count(others, 'row')} {few_of}: compared with all rows." if others else ""
    largest = rows if others else max([each.size for each in classes], default=rows)
    sampled = reference_note(largest, reference)
    apart = (
        f"Rows are compared by the columns that train and serve both have. Of {names(alone)}, which only one "
        "of the two has, single values and combinations of categories are looked at."
        if alone
        else ""
    )
    unused = left_out_in_words(dataset, left_out, 8)
    return tuple(filter(None, [sampled, few, *unused, small, apart]))


def _pairs(dataset: Dataset, columns: tuple[str, ...], limit: float) -> RarePairs:
    """`rare_pairs` of the categories and booleans among ``columns``, by their positions there."""
    levels = dataset.of_kind("category", "boolean")
    chosen = [i for i, one in enumerate(columns) if one in levels]
    codes = [
        level_codes(dataset.table([columns[i]]).column(0))[0].clip(max=_PAIR_LEVELS).astype(np.int16)
        for i in chosen
    ]
    within = rows_with(dataset, [columns[i] for i in chosen])
    for place, i in enumerate(chosen):
        if columns[i] in within:
            codes[place] = np.where(within[columns[i]], codes[place], np.int16(-1))
    rare = rare_pairs(codes, limit)
    return RarePairs(
        rare.rows,
        np.array(chosen, np.int16)[rare.columns] if chosen else rare.columns,
        rare.observed,
        rare.expected,
    )


def _why(
    reasons: RowReasons, rows: Ids, top: NDArray[np.int16], single: Collection[int], pairs: RarePairs
) -> tuple[str, ...]:
    """For each of ``rows`` what is odd about it, by its columns in ``top`` and no others: an all but absent
    combination first, then the columns that set it apart.
    """
    words = {row: reasons.parts(row, top[row].tolist(), single=row in single) for row in rows.tolist()}
    facts = (pairs.rows.tolist(), pairs.columns.tolist(), pairs.observed.tolist(), pairs.expected.tolist())
    for row, (a, b), seen, due in zip(*facts, strict=True):
        if row in words:
            both = (
                f"{reasons.column(row, a).brief(row)} with {reasons.column(row, b).brief(row)} in {seen:,} "
                f"row{'s' * (seen > 1)} ({due:,.0f} expected)"
            )
            words[row] = [both, *reasons.parts(row, top[row, 2:].tolist())]
    return tuple("; ".join(parts) for parts in words.values())


ANALYSIS = Analysis(
    "Outliers", "Which rows stand far from the rest?", "clean/issues", outliers, compares="columns"
)
