"""Rows that stand far from the rest, and the columns that make them odd."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.analyses.outliers.detectors import combined, forest_oddity, loneliness, plane
from core.analyses.outliers.findings import FALSE_ALARMS, findings
from core.analyses.outliers.rare_pairs import RarePairs, rare_pairs
from core.analyses.outliers.reason import ColumnInWords
from core.analysis import Analysis, Result
from core.dataset import Dataset
from core.errors import TooSmallError
from core.finding import Finding
from core.numerics.neighbours import reference_note
from core.numerics.rowhash import row_keys
from core.numerics.tails import tail_evidence
from core.phrases import count, names
from core.prepare.features import Features, features
from core.prepare.hashes import row_hashes
from core.prepare.levels import level_codes
from core.progress import Progress
from core.settings import Settings, columns, knob
from core.workers import at_once

if TYPE_CHECKING:
    import pandas as pd

_FEW = 50  # with fewer rows the tail that the limit is measured on is a guess
_PAIR_LEVELS = 50


@dataclass(frozen=True)
class OutlierSettings(Settings):
    """What to look at, and how much evidence flags a row."""

    columns: tuple[str, ...] = columns(
        "Columns",
        "The columns to look at; if none is chosen the vectors, or else all features.",
        ("numeric", "category", "boolean", "datetime", "text"),
    )
    limit: float = knob(
        6.5,
        "Evidence that flags a row",
        "At 6.5, at most 4 in 1,000 rows of clean data are flagged; higher is stricter.",
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
    trees: int = knob(100, "Trees", "Trees of the isolation forest; more are steadier and slower.", 10, 1000)
    seed: int = knob(
        0, "Seed", "Of the trees and, in large tables, of the rows that all are compared with.", 0, 2**31 - 1
    )


@dataclass(frozen=True, eq=False)
class OutlierResult(Result):
    """How odd each row is; arrays hold one value per row, in source order.

    evidence: float32, nats.
    top: int16, rows x 3: the columns that set the row apart, most first, as positions in ``names``; -1 for
        none. Those of a flagged row are the ones that its ``why`` names.
    x, y: float32, a place on a map (first two principal components).
    flagged: mask.
    why: one text per flagged row.
    names: the columns looked at.
    left_out: columns that do not vary.
    limit: the evidence beyond which a row is flagged.
    reference: how many rows each row was compared with.
    """

    evidence: NDArray[np.float32]
    top: NDArray[np.int16]
    x: NDArray[np.float32]
    y: NDArray[np.float32]
    flagged: NDArray[np.bool_]
    why: tuple[str, ...]
    names: tuple[str, ...]
    left_out: tuple[str, ...]
    limit: float
    reference: int

    @property
    def score(self) -> NDArray[np.float64]:
        """Oddity in [0, 1], 1 is oddest: evidence / (evidence + limit), so that a flagged row has more than
        0.5.

        In the middle of the data, where the evidence of each detector is a counted rank, the order is that of
        the averaged ranks.
        """
        evidence = self.evidence.astype(np.float64)
        return np.asarray(evidence / (evidence + self.limit), dtype=np.float64)

    @property
    def unchecked(self) -> str:
        """That no row is flagged, where there are too few to say."""
        few = self.evidence.size < _FEW
        return f"Rows are ranked, but none is flagged: there are fewer than {_FEW}." if few else ""

    @property
    def summary(self) -> dict[str, float | int | str]:
        """Rows, rows flagged and how many of them to expect on clean data at most, the largest score."""
        rows = self.evidence.size
        return {
            "rows": rows,
            "columns": len(self.names),
            "flagged": int(self.flagged.sum()),
            "flagged_share": round(float(self.flagged.mean()), 6) if rows else 0.0,
            "expected_on_clean_data": round(FALSE_ALARMS * rows, 1),
            "largest_score": round(float(self.score.max(initial=0.0)), 4),
        }

    @property
    def findings(self) -> tuple[Finding, ...]:
        """One ``outliers`` finding, if any row is flagged."""
        return findings(self.evidence, self.flagged, self.score, self.limit)

    def frame(self) -> pd.DataFrame:
        """One line per flagged row, the oddest first: row, score, why."""
        table = self.rows()
        return (
            table[table["flagged"]]
            .drop(columns="flagged")
            .sort_values(["score", "row"], ascending=[False, True], ignore_index=True)
        )

    def rows(self) -> pd.DataFrame:
        """Per row: score, whether it is flagged, and why: for a flagged row in words, for others the names of
        its oddest columns.
        """
        import pandas as pd

        span = len(self.names) + 1
        code = (self.top.astype(np.int64) + 1) @ np.array([span * span, span, 1])
        kinds, place = np.unique(code, return_inverse=True)
        names = np.array(["", *self.names], dtype=object)
        in_words = [
            ", ".join(filter(None, (names[k // span**2], names[k // span % span], names[k % span])))
            for k in kinds.tolist()
        ]
        why = np.array(in_words, dtype=object)[place] if in_words else np.zeros(0, object)
        why[self.flagged] = self.why
        return pd.DataFrame(
            {
                "row": np.arange(code.size),
                "score": self.score,
                "flagged": self.flagged,
                "why": pd.Series(why, dtype="str"),
            }
        )


def outliers(dataset: Dataset, settings: OutlierSettings, progress: Progress) -> OutlierResult:
    """Isolation forest and distance to the k-th neighbour on the features, their tail evidence averaged, and
    combinations of categories that hardly ever meet; see docs/methods/outliers.md.

    Raises `TooSmallError` when no column varies.
    """
    encoded = features(dataset, settings.columns or None, progress.part(0.0, 0.1))
    if not encoded.names:
        raise TooSmallError(
            f"None of the columns of {dataset.name!r} that can be compared varies: it has "
            f"{count(dataset.rows, 'row')}."
        )
    distances = _distances(dataset, encoded, settings, progress.part(0.1, 0.9))
    evidence, top = distances.evidence, distances.top
    progress.at(0.9, "Comparing categories")
    pairs = _pairs(dataset, encoded, settings.limit)
    evidence[pairs.rows] = np.maximum(
        evidence[pairs.rows], settings.limit + np.log(pairs.expected / pairs.observed)
    )
    progress.at(0.95, "Putting it in words")
    flagged = (evidence > settings.limit) & (dataset.rows >= _FEW)
    top[pairs.rows] = _pair_first(top[pairs.rows], pairs.columns)
    why = _why(dataset, encoded, np.flatnonzero(flagged), top, pairs)
    progress.at(1.0, "Done")
    return OutlierResult(
        settings=settings,
        notes=_notes(dataset.rows, encoded.left_out, distances.reference),
        evidence=evidence,
        top=top,
        x=distances.place[:, 0],
        y=distances.place[:, 1],
        flagged=flagged,
        why=why,
        names=encoded.names,
        left_out=encoded.left_out,
        limit=settings.limit,
        reference=distances.reference,
    )


class _Distances(NamedTuple):
    """What the detectors of distance say, one per row.

    evidence: both together.
    top: the columns that set the row apart, see `Loneliness.reasons`.
    place: where it lies on the map, rows x 2.
    reference: see `Loneliness`.
    """

    evidence: NDArray[np.float32]
    top: NDArray[np.int16]
    place: NDArray[np.float32]
    reference: int


def _distances(
    dataset: Dataset, encoded: Features, settings: OutlierSettings, progress: Progress
) -> _Distances:
    """Forest and neighbours, run on the rows in the order of their content, so that results do not depend on
    that of the source.
    """
    keys = row_keys(row_hashes(dataset, encoded.names, progress.part(0.0, 0.06)), settings.seed)
    order = np.argsort(keys)
    matrix = encoded.matrix[order]
    forest = forest_oddity(matrix, settings.seed, settings.trees, progress.part(0.06, 0.5))
    lonely = loneliness(matrix, encoded.starts, settings.neighbours, progress.part(0.5, 1.0))
    back = np.argsort(order)
    of_forest, of_distance = at_once(partial(tail_evidence, forest), partial(tail_evidence, lonely.oddity))
    place = plane(matrix)
    evidence = combined(of_forest, of_distance).astype(np.float32)
    return _Distances(evidence[back], lonely.reasons[back], place.astype(np.float32)[back], lonely.reference)


def _pair_first(top: NDArray[np.int16], pairs: NDArray[np.int16]) -> NDArray[np.int16]:
    """The columns of an almost absent combination, then the first other one.

    >>> top, pairs = np.int16([[4, 1, 2], [1, -1, -1]]), np.int16([[4, 7], [1, 7]])
    >>> _pair_first(top, pairs).tolist()
    [[4, 7, 1], [1, 7, -1]]
    """
    other = (top != pairs[:, :1]) & (top != pairs[:, 1:]) & (top >= 0)
    third = np.take_along_axis(top, other.argmax(axis=1)[:, None], axis=1)
    return np.hstack([pairs, np.where(other.any(axis=1, keepdims=True), third, -1)]).astype(np.int16)


def _notes(rows: int, left_out: tuple[str, ...], reference: int) -> tuple[str, ...]:
    """What was sampled or left out."""
    few = f"With fewer than {_FEW} rows none is flagged; the scores still rank them." if rows < _FEW else ""
    same = f"Left out, as they do not vary: {names(left_out)}." if left_out else ""
    return tuple(filter(None, [reference_note(rows, reference), few, same]))


def _pairs(dataset: Dataset, encoded: Features, limit: float) -> RarePairs:
    """`rare_pairs` of the categories and booleans, its column numbers being positions in ``made.names``."""
    levels = dataset.of_kind("category", "boolean")
    chosen = [i for i, name in enumerate(encoded.names) if name in levels]
    codes = [
        level_codes(dataset.table([encoded.names[i]]).column(0))[0].clip(max=_PAIR_LEVELS).astype(np.int16)
        for i in chosen
    ]
    rare = rare_pairs(codes, limit)
    return RarePairs(
        rare.rows,
        np.array(chosen, np.int16)[rare.columns] if chosen else rare.columns,
        rare.observed,
        rare.expected,
    )


def _why(
    dataset: Dataset, encoded: Features, rows: NDArray[np.int64], top: NDArray[np.int16], pairs: RarePairs
) -> tuple[str, ...]:
    """For each of ``rows`` what is odd about it, by its columns in ``top`` and no others: an all but absent
    combination first, then the columns that set it apart.
    """
    if dataset.vectors is not None and encoded.names == (dataset.vectors_name,):
        what = "picture" if dataset.vectors.of_pictures else "vector"
        return (f"its {what} lies far from those of other rows",) * rows.size
    needed = {*top[rows].ravel().tolist()} - {-1}
    words_of = {i: ColumnInWords.of(dataset, encoded.names[i]) for i in sorted(needed)}
    reasons = {row: [words_of[i].full(row) for i in top[row].tolist() if i >= 0] for row in rows.tolist()}
    facts = (pairs.rows.tolist(), pairs.columns.tolist(), pairs.observed.tolist(), pairs.expected.tolist())
    for row, (a, b), seen, due in zip(*facts, strict=True):
        if row in reasons:
            both = (
                f"{words_of[a].brief(row)} with {words_of[b].brief(row)} in {seen:,} row{'s' * (seen > 1)} "
                f"({due:,.0f} expected)"
            )
            reasons[row] = [both, *(words_of[i].full(row) for i in top[row, 2:].tolist() if i >= 0)]
    return tuple("; ".join(words) for words in reasons.values())


ANALYSIS = Analysis("Outliers", "Which rows stand far from the rest?", "clean/issues", outliers)
