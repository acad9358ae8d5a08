"""Train and serve compared in all columns together: how well they can be told apart, how far train covers
serve, row by row; and weights that make up for it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.analyses.overlap.case import Case
from core.analyses.overlap.compare import Comparison, compared, supported
from core.analyses.overlap.findings import findings, verdict
from core.analyses.overlap.measures import (
    Measure,
    effective_measure,
    separation_measures,
    unsupported_measure,
)
from core.analyses.overlap.settings import OverlapSettings
from core.analysis import Analysis, Result, Status
from core.dataset import Dataset
from core.finding import Finding
from core.numerics.multiple_tests import q_values
from core.numerics.spreading import spread
from core.numerics.weighting import effective_rows, importance_weights
from core.phrases import count, names, verb
from core.prepare.encoding import compared_by, encoded
from core.prepare.lacked import of_both, parts_lacking, reasons
from core.prepare.support import Support, reference_rows
from core.prepare.train_serve import FEWEST, TrainServe, parts_of
from core.progress import Progress
from core.rowset import RowSet

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class OverlapResult(Result):
    """Train against serve, as a whole and row by row.

    serve: mask of the serve rows.
    support_p: float32 per row, see `core.prepare.support`.
    serve_probability: float32 per row, calibrated.
    weight: float32 per row, nan for serve rows.
    segment: int32 per row, the region it lies in, -1 for none.
    unsupported: mask of the serve rows with a support p-value of at most the level: everywhere in the
        program, an unsupported row is one of these.
    measures: the numbers, each with its null, noise floor and baseline.
    names: the columns compared.
    single: the single-feature AUC of each of them.
    importance: the AUC lost when it is shuffled.
    separating: columns that separate the parts on their own, not among ``names`` if left out.
    lacked: columns that only one part has and that are left out, never among ``names``.
    case: what verdict and findings rest on; None where there was nothing to compare.
    """

    serve: NDArray[np.bool_]
    support_p: NDArray[np.float32]
    serve_probability: NDArray[np.float32]
    weight: NDArray[np.float32]
    segment: NDArray[np.int32]
    unsupported: NDArray[np.bool_]
    measures: tuple[Measure, ...]
    names: tuple[str, ...]
    single: NDArray[np.float64]
    importance: NDArray[np.float64]
    separating: tuple[str, ...]
    lacked: tuple[str, ...]
    case: Case | None

    @property
    def verdict(self) -> str:
        """The answer in a sentence or two."""
        return verdict(self.case) if self.case else self.status.reason

    @property
    def summary(self) -> dict[str, float | int | str]:
        """The numbers that decide, rows of both parts, and the verdict in one word."""
        case = self.case
        if case is None:
            return {
                "train_rows": int((~self.serve).sum()),
                "serve_rows": int(self.serve.sum()),
                "verdict": "unknown",
            }
        value = {measure.measure: measure.value for measure in self.measures}
        return {
            "auc": round(value["auc"], 4),
            "auc_chance": round(case.noise_floor, 4),
            "coverage_serve": round(value["coverage_serve"], 4),
            "coverage_train": round(value["coverage_train"], 4),
            "mixing": round(value["mixing"], 4),
            "unsupported_share": round(case.support.share, 5),
            "unsupported_chance": round(case.support.expected, 5),
            "unsupported_rows": len(case.unsupported),
            "effective_rows": round(case.effective),
            "train_rows": case.train,
            "serve_rows": case.serve,
            "gives_away": len(case.separating),
            "copies": case.copies,
            "answer": case.answer,
            "verdict": case.degree,
        }

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was found, worst first."""
        return findings(self.case) if self.case else ()

    def spread(self, dataset: Dataset, there: NDArray[np.bool_]) -> OverlapResult:
        """The same for all rows of ``dataset``: those that are not of the mask have no numbers."""
        numbers = ("support_p", "serve_probability", "weight")
        values: dict[str, Any] = {name: spread(getattr(self, name), there) for name in numbers}
        values["unsupported"] = spread(self.unsupported, there, False)
        values["segment"] = spread(self.segment, there, -1)
        if self.case is not None:
            unsupported = RowSet(np.flatnonzero(there)[self.case.unsupported.ids])
            values["case"] = replace(self.case, unsupported=unsupported)
        return replace(self, **values, serve=dataset.part_mask("serve"))

    def frame(self) -> pd.DataFrame:
        """``measure,value,low,high,null,chance,baseline,z,n,what``: one line per number."""
        import pandas as pd

        return pd.DataFrame(self.measures, columns=list(Measure._fields))

    def columns(self) -> pd.DataFrame:
        """``column,importance,single_feature_auc``: one line per column compared, most important first."""
        import pandas as pd

        table = pd.DataFrame(
            {"column": list(self.names), "importance": self.importance, "single_feature_auc": self.single}
        )
        order = ["importance", "single_feature_auc", "column"]
        return table.sort_values(order, ascending=[False, False, True], ignore_index=True)

    def rows(self) -> pd.DataFrame | None:
        """``row,part,support_p,serve_probability,weight,segment`` for all rows; None where there was nothing
        to compare.
        """
        import pandas as pd

        if self.case is None:
            return None
        return pd.DataFrame(
            {
                "row": np.arange(self.serve.size),
                "part": pd.Series(np.where(self.serve, "serve", "train"), dtype="str"),
                "support_p": self.support_p,
                "serve_probability": self.serve_probability,
                "weight": self.weight,
                "segment": self.segment,
            }
        )


def overlap(dataset: Dataset, settings: OverlapSettings, progress: Progress) -> OverlapResult:
    """All columns together: can serve be told from train, does train cover it, is each row supported;
    docs/methods/overlap.md.
    """
    progress.at(0.0, "Reading train and serve")
    columns = compared_by(dataset, settings.columns)
    columns, lacked = of_both(dataset, columns) if settings.leave_out else (columns, ())
    train, serve = (int(dataset.part_mask(part).sum()) for part in ("train", "serve"))
    if not serve:
        return _skipped(
            dataset,
            settings,
            "it needs train and serve: load serving data beside the data, or split the data by a column",
        )
    if min(train, serve) < FEWEST:
        return _skipped(
            dataset,
            settings,
            f"train and serve need at least {FEWEST} rows each; train has {train:,}, serve has {serve:,}",
        )
    parts = parts_of(dataset, columns, settings.seed, progress.part(0.0, 0.05))
    rows = encoded(dataset, columns, progress=progress.part(0.05, 0.1))
    if not rows.names:
        return _skipped(
            dataset, settings, "none of the columns that can be compared varies; choose other columns"
        )
    comparison = compared(dataset, rows, parts, settings, progress.part(0.1, 0.65))
    constant = [name for name in columns if name not in rows.names]
    del rows  # as large as the data: it goes before the next one is encoded
    support = supported(dataset, comparison.names, parts, settings, progress.part(0.65, 1.0))
    return _result(_Steps(dataset, parts, comparison, support, constant, lacked), settings)


def _skipped(dataset: Dataset, settings: OverlapSettings, reason: str) -> OverlapResult:
    no_numbers, no_rows = np.zeros(0), np.zeros(0, np.float32)
    return OverlapResult(
        settings=settings,
        status=Status("skipped", reason),
        serve=dataset.part_mask("serve"),
        support_p=no_rows,
        serve_probability=no_rows,
        weight=no_rows,
        segment=np.zeros(0, np.int32),
        unsupported=np.zeros(0, np.bool_),
        measures=(),
        names=(),
        single=no_numbers,
        importance=no_numbers,
        separating=(),
        lacked=(),
        case=None,
    )


class _Steps(NamedTuple):
    """What was worked out. ``constant``: columns left out as they do not vary; ``lacked``: as only one part
    has them.
    """

    dataset: Dataset
    parts: TrainServe
    comparison: Comparison
    support: Support
    constant: list[str]
    lacked: tuple[str, ...]


def _result(steps: _Steps, settings: OverlapSettings) -> OverlapResult:
    parts, comparison, support = steps.parts, steps.comparison, steps.support
    train_odds = comparison.odds[parts.train]
    weights = importance_weights(train_odds)
    weight = np.full(steps.dataset.rows, np.nan)
    weight[parts.train] = weights
    unsupported = np.zeros(steps.dataset.rows, bool)
    unsupported[parts.serve] = support.p[parts.serve] <= settings.level
    effective = effective_rows(weights, train_odds)
    separating = [name for name, _ in comparison.separating]
    measures = [
        *separation_measures(comparison.main, comparison.baseline),
        unsupported_measure(support),
        effective_measure(effective, parts.train.size),
    ]
    if comparison.whole is not None:
        measures += separation_measures(comparison.whole, None, names(separating))
    # the odds are those of parts of equal size
    odds = comparison.odds + np.log(parts.serve.size / parts.train.size)
    probability = 1.0 / (1.0 + np.exp(-np.clip(odds, -80.0, 80.0)))
    return OverlapResult(
        settings=settings,
        notes=_notes(steps, settings),
        serve=steps.dataset.part_mask("serve"),
        support_p=support.p.astype(np.float32),
        serve_probability=probability.astype(np.float32),
        weight=weight.astype(np.float32),
        segment=comparison.region,
        unsupported=unsupported,
        measures=tuple(measures),
        names=comparison.names,
        single=np.array([area.value for area in comparison.main.domain.single]),
        importance=comparison.main.domain.importance,
        separating=tuple(separating),
        lacked=steps.lacked,
        case=_case(steps, settings, unsupported, effective),
    )


def _case(steps: _Steps, settings: OverlapSettings, unsupported: NDArray[np.bool_], effective: float) -> Case:
    parts, comparison = steps.parts, steps.comparison
    q = q_values(steps.support.p[parts.serve])
    known = parts_lacking(steps.dataset, [name for name, _ in comparison.separating])
    return Case(
        domain=comparison.main.domain,
        coverage=comparison.main.mixed.serve,
        support=steps.support.serve,
        unsupported=RowSet.from_mask(unsupported),
        surest=int((q <= settings.level).sum()),
        effective=effective,
        train=parts.train.size,
        serve=parts.serve.size,
        sample=comparison.main.rows,
        level=settings.level,
        separating=tuple(pair for pair in comparison.separating if pair[0] not in known),
        left_out=comparison.whole is not None,
        lacked=steps.lacked,
        copies=parts.copies.size if parts.copied else 0,
    )


def _notes(steps: _Steps, settings: OverlapSettings) -> tuple[str, ...]:
    """What was sampled, left out, or cannot be said."""
    parts, comparison = steps.parts, steps.comparison
    rows = comparison.main.rows
    reference = reference_rows(parts, steps.dataset.rows, len(comparison.names))
    notes = []
    if rows < min(parts.train.size, parts.serve.size):
        notes += [
            f"The tests use {rows:,} random rows each of train and serve.",
            f"Support is judged by the distance to {reference:,} of the {parts.train.size:,} train rows.",
        ]
    if steps.support.calibration + 1 < 1.0 / settings.level:
        notes.append("There are too few train rows to call a single serve row unsupported at this level.")
    if steps.constant:
        notes.append(f"Left out, as they do not vary: {names(steps.constant, 8)}.")
    separating = [name for name, _ in comparison.separating] if comparison.whole is not None else []
    left_out = reasons(steps.dataset, [*separating, *steps.lacked])
    notes += [f"Left out, as {why}: {names(some, 8)}." for some, why in left_out]
    if parts.copied:
        many = parts.copies.size
        notes.append(
            f"{count(many, 'serve row')} {verb(many, 'equals', 'equal')} a train row and "
            f"{verb(many, 'is', 'are')} left out of the tests; see Leakage."
        )
    return tuple(notes)


ANALYSIS = Analysis(
    "Overlap",
    "Do serving rows lie where the training rows lie?",
    "explore/overlap",
    overlap,
    compares="columns",
    alarms="train and serve",
)
