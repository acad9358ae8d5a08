"""Which numbers of the target do not fit the rest of their row."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.analyses.residuals.findings import FALSE_ALARMS, findings
from core.analyses.residuals.models import FIT_ROWS, Expectation, Regression, expected
from core.analysis import NO_TARGET, Analysis, Result, Status
from core.dataset import Dataset
from core.errors import TooSmallError
from core.finding import Finding
from core.frozen import locked
from core.numerics.folds import spread
from core.numerics.rowhash import keyed
from core.numerics.tails import tail_evidence
from core.phrases import count, name
from core.prepare.classes import holds_numbers
from core.prepare.evidence import graph
from core.prepare.features import floats
from core.prepare.hashes import row_hashes
from core.progress import Progress
from core.settings import Settings, column, columns, knob

if TYPE_CHECKING:
    import pandas as pd

FEWEST = 50  # rows below which the tail of the residuals is a guess
_LOCAL = 30  # nearest rows whose residuals say how much numbers vary here
_PREDICTS = 0.02  # share of the variance explained below which residuals say no more than the numbers do
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ResidualSettings(Settings):
    """Which numbers, by what they are judged, and the limit of evidence."""

    target: str = column(
        "Numbers",
        "The column of numbers; the target by default.",
        ("numeric", "category", "boolean"),
        "target",
    )

    limit: float = knob(
        6.5,
        "Limit of evidence",
        "At 6.5, at most 4 in 1,000 rows of clean data lie beyond it; flagged are those that chance does not "
        "explain. Higher is stricter.",
        3.0,
        30.0,
    )
    seed: int = knob(0, "Seed", "Of the folds, the trees and the samples.", 0, 2**31 - 1)
    columns: tuple[str, ...] = columns(
        "Columns",
        "What numbers are judged by; all but times, identifiers, weight and images if none is chosen.",
        ("numeric", "category", "boolean", "text"),
    )


@dataclass(frozen=True, eq=False, kw_only=True)
class ResidualResult(Result):
    """How far each number is from what is expected of its row.

    rows_of: how many rows the data have.
    judged: ids of the rows judged, ascending (n).
    given, expected: numbers, n.
    studentised: residual over its usual size for such a row, n.
    evidence: nats, n, see `core.numerics.tails`.
    beyond: mask of the rows whose evidence is beyond the limit, n; `flagged` are those that chance does not
        explain.
    explained: share of the variance that the models explain, out of fold.
    weights: of the models, by name.
    target: the column.
    """

    rows_of: int
    judged: NDArray[np.int64]
    given: Floats
    expected: Floats
    studentised: Floats
    evidence: Floats
    beyond: NDArray[np.bool_]
    explained: float
    weights: dict[str, float]
    target: str
    limit: float

    @property
    def score(self) -> Floats:
        """Evidence / (evidence + limit), in [0, 1]; a row beyond the limit has more than 0.5."""
        return np.asarray(self.evidence / (self.evidence + self.limit), dtype=np.float64)

    @cached_property
    def flagged(self) -> NDArray[np.bool_]:
        """Mask of the rows that ``wrong_numbers`` names, n."""
        named = [one.rows for one in self.findings if one.code == "wrong_numbers"]
        return locked(named[0].mask(self.rows_of)[self.judged] if named else np.zeros(self.judged.size, bool))

    @property
    def unchecked(self) -> str:
        """That no row is flagged, where the models explain next to nothing."""
        if not self.judged.size or self.explained >= _PREDICTS:
            return ""
        return f"No number is flagged: the other columns do not predict {name(self.target)}."

    @property
    def summary(self) -> dict[str, float | int | str]:
        """Rows judged, flagged, beyond the limit, how many of these to expect on clean data at most; R² out
        of fold.
        """
        return {
            "rows": self.rows_of,
            "judged": int(self.judged.size),
            "flagged": int(self.flagged.sum()),
            "beyond_limit": int(self.beyond.sum()),
            "expected_on_clean_data": round(FALSE_ALARMS * self.judged.size, 1),
            "explained": round(self.explained, 4),
        }

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """``wrong_numbers`` and ``wrong_numbers_possible``, see `core.analyses.residuals.findings`."""
        return findings(self.target, self.judged, self.beyond, self.evidence, self.limit)

    def frame(self) -> pd.DataFrame:
        """One line per row beyond the limit, the farthest first: row, given, expected, studentised residual,
        score, whether it is flagged.
        """
        import pandas as pd

        at = np.flatnonzero(self.beyond)
        at = at[np.lexsort((self.judged[at], -self.evidence[at]))]
        return pd.DataFrame(
            {
                "row": self.judged[at],
                "given": self.given[at],
                "expected": self.expected[at],
                "studentised": self.studentised[at],
                "score": self.score[at],
                "flagged": self.flagged[at],
            }
        )

    def rows(self) -> pd.DataFrame:
        """Per row: its number, its score (0 where it was not judged), whether it is beyond the limit, whether
        it is flagged (chance does not explain it), what is expected.
        """
        import pandas as pd

        given, far = np.full(self.rows_of, np.nan), np.full(self.rows_of, np.nan)
        score = np.zeros(self.rows_of)
        beyond, flagged = np.zeros(self.rows_of, bool), np.zeros(self.rows_of, bool)
        given[self.judged], far[self.judged] = self.given, self.expected
        score[self.judged] = self.score
        beyond[self.judged], flagged[self.judged] = self.beyond, self.flagged
        return pd.DataFrame(
            {
                "row": np.arange(self.rows_of),
                "given": given,
                "score": score,
                "beyond_limit": beyond,
                "flagged": flagged,
                "expected": far,
            }
        )


def residuals(dataset: Dataset, settings: ResidualSettings, progress: Progress) -> ResidualResult:
    """Judge every number of the target in the train part by models that did not see the row; its distance
    over the usual one among the nearest rows (studentised); see docs/methods/residuals.md.

    Raises `TooSmallError` where fewer than 50 train rows have a number.
    """
    progress.at(0.0, "Reading numbers")
    target = settings.target or dataset.roles.target or ""
    why = _why_not(dataset, target)
    if why:
        return _skipped(dataset, settings, why)
    near = graph(dataset, target, settings.columns, settings.seed, progress.part(0.0, 0.3))
    values = floats(dataset.table([target]).column(0))[near.rows]
    known = np.flatnonzero(~np.isnan(values))
    if known.size < FEWEST:
        raise TooSmallError(
            f"{name(target)} is known in {count(known.size, 'train row')}; judging numbers takes {FEWEST}."
        )
    place = np.full(near.rows.size, -1, np.int32)
    place[known] = np.arange(known.size, dtype=np.int32)
    index = place[near.index[known]]
    group = dataset.roles.group
    held = row_hashes(dataset, [group])[near.rows[known]] if group else near.groups[known]
    folds = spread(keyed(held, settings.seed + 1), None)
    groups = near.groups[known]
    problem = Regression(near.matrix.at(known), values[known], folds, groups, held, index, settings.seed)
    made = expected(problem, progress.part(0.3, 0.95))
    progress.at(0.95, "Comparing residuals")
    return _result(dataset, settings, target, near.rows[known], problem, made, near.note)


def _result(
    dataset: Dataset,
    settings: ResidualSettings,
    target: str,
    rows: NDArray[np.int64],
    problem: Regression,
    made: Expectation,
    note: str,
) -> ResidualResult:
    residual = problem.numbers - made.values
    far = studentised(residual, problem.near)
    evidence = tail_evidence(np.sqrt(np.abs(far)))  # errors have heavier tails than the exponential
    order = np.argsort(rows)
    predicts = made.explained >= _PREDICTS
    sampled = rows.size > FIT_ROWS
    learned = f"The models are learned from a random sample of {FIT_ROWS:,} of {rows.size:,} rows."
    part = "Numbers of the serve part were not judged." if len(dataset.parts) > 1 else ""
    return ResidualResult(
        settings=settings,
        notes=tuple(filter(None, [note, learned if sampled else "", part])),
        rows_of=dataset.rows,
        judged=rows[order],
        given=problem.numbers[order],
        expected=made.values[order],
        studentised=far[order],
        evidence=evidence[order],
        beyond=((evidence > settings.limit) & predicts)[order],
        explained=made.explained,
        weights=made.weights,
        target=target,
        limit=settings.limit,
    )


def studentised(residual: Floats, near: NDArray[np.int32]) -> Floats:
    """Residuals, which are of rows left out, over their usual size: half from all rows, half from the
    nearest ones, each by the median of absolute residuals (1.4826 times it is the standard deviation of a
    normal distribution).
    """
    middle = float(np.median(residual))
    size = np.abs(residual - middle)
    whole = 1.4826 * float(np.median(size)) or float(size.mean()) or 1.0
    if not near.shape[1]:
        return np.asarray((residual - middle) / whole)
    here = np.where(near[:, :_LOCAL] >= 0, size[near[:, :_LOCAL]], np.nan)
    some = ~np.isnan(here).all(axis=1)
    local = np.full(residual.size, whole)
    local[some] = 1.4826 * np.nanmedian(here[some], axis=1)
    return np.asarray((residual - middle) / np.sqrt((whole**2 + local**2) / 2.0))


def _why_not(dataset: Dataset, target: str) -> str:
    """Why there are no numbers to judge; "" where there are."""
    if not target:
        return NO_TARGET.reason
    if dataset[target].kind != "numeric":
        return (
            f"Numbers were not judged: {name(target)} is a class, not a number. Labels looks for wrong ones."
        )
    if holds_numbers(dataset, target):
        return ""
    return (
        f"Numbers were not judged: {name(target)} has few values, like a class. Labels looks for wrong ones."
    )


def _skipped(dataset: Dataset, settings: ResidualSettings, why: str) -> ResidualResult:
    none = np.zeros(0)
    return ResidualResult(
        settings=settings,
        status=Status() if dataset.roles.target or settings.target else NO_TARGET,
        notes=(why,),
        rows_of=dataset.rows,
        judged=np.zeros(0, np.int64),
        given=none,
        expected=none,
        studentised=none,
        evidence=none,
        beyond=np.zeros(0, bool),
        explained=0.0,
        weights={},
        target=settings.target,
        limit=settings.limit,
    )


ANALYSIS = Analysis(
    "Residuals",
    "Which numbers of the target do not fit their row?",
    "clean/labels",
    residuals,
    icon="straighten",
    needs="target",
    alarms="numbers",
)
