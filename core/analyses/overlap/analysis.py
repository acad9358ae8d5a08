"""Train and serve compared in all columns together: how well they can be told apart, how far train covers
serve, row by row; and weights that make up for it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.analyses.overlap.case import Case
from core.analyses.overlap.clauses import untold
from core.analyses.overlap.compare import Comparison, compared, supported
from core.analyses.overlap.measures import (
    Measure,
    effective_measure,
    relation_measure,
    separation_measures,
    unsupported_measure,
)
from core.analyses.overlap.relations import MOST, Relations, relations
from core.analyses.overlap.result import OverlapResult
from core.analyses.overlap.settings import OverlapSettings
from core.analysis import Analysis, Status
from core.dataset import Dataset
from core.numerics.multiple_tests import q_values
from core.numerics.weighting import effective_rows, importance_weights
from core.phrases import count, names, verb
from core.prepare.encoding import compared_by, encoded
from core.prepare.features import left_out_in_words
from core.prepare.images_judged import judged_by_part
from core.prepare.lacked import of_both, parts_lacking, reasons
from core.prepare.separating import sure
from core.prepare.support import Support, reference_rows
from core.prepare.train_serve import FEWEST, parts_of
from core.progress import Progress
from core.rowset import RowSet

NAMED = 3  # columns that the model goes by most


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
    rows = encoded(dataset, columns, progress=progress.part(0.0, 0.05))
    if not rows.names:
        return _skipped(
            dataset, settings, "none of the columns that can be compared varies; choose other columns"
        )
    parts = parts_of(dataset, rows.names, settings.seed, progress.part(0.05, 0.1))
    comparison = compared(dataset, rows, parts, settings, progress.part(0.1, 0.65))
    constant = [name for name in columns if name not in rows.names]
    del rows  # as large as the data: it goes before the next one is encoded
    parts = comparison.parts
    asked = parts.train[: settings.sample], parts.asked[: settings.sample]
    judged = judged_by_part(dataset)
    by_row = [name for name in comparison.names if name not in judged]
    related = relations(dataset, by_row, *asked, progress.part(0.65, 0.7))
    support = supported(dataset, comparison.names, parts, settings, progress.part(0.7, 1.0))
    return _result(_Steps(dataset, comparison, support, related, constant, lacked), settings)


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
        relations=Relations(),
        separating=(),
        lacked=(),
        case=None,
    )


class _Steps(NamedTuple):
    """What was worked out. ``constant``: columns without a feature; ``lacked``: as only one part
    has them.
    """

    dataset: Dataset
    comparison: Comparison
    support: Support
    related: Relations
    constant: list[str]
    lacked: tuple[str, ...]


def _result(steps: _Steps, settings: OverlapSettings) -> OverlapResult:
    comparison, support = steps.comparison, steps.support
    parts = comparison.parts
    train_odds = comparison.odds[parts.train]
    weights = importance_weights(train_odds)
    weight = np.full(steps.dataset.rows, np.nan)
    weight[parts.train] = weights
    unsupported = np.zeros(steps.dataset.rows, bool)
    unsupported[parts.serve] = support.p[parts.serve] <= settings.level
    effective = effective_rows(weights, train_odds)
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
        measures=_measures(steps, effective),
        names=comparison.names,
        single=np.array([area.value for area in comparison.main.domain.single]),
        importance=comparison.main.domain.importance,
        relations=steps.related,
        separating=tuple(one.name for one in comparison.separating),
        lacked=steps.lacked,
        case=_case(steps, settings, unsupported, effective),
    )


def _measures(steps: _Steps, effective: float) -> tuple[Measure, ...]:
    """What is measured of both parts together. effective: rows of train after weighting."""
    comparison = steps.comparison
    measures = [
        *separation_measures(comparison.main, comparison.baseline),
        unsupported_measure(steps.support),
        effective_measure(effective, comparison.parts.train.size),
    ]
    if steps.related.largest is not None:
        measures.append(relation_measure(steps.related))
    if comparison.whole is not None:
        separating = names([one.name for one in comparison.separating])
        measures += separation_measures(comparison.whole, None, separating)
    return tuple(measures)


def _case(steps: _Steps, settings: OverlapSettings, unsupported: NDArray[np.bool_], effective: float) -> Case:
    comparison, parts = steps.comparison, steps.comparison.parts
    q = q_values(steps.support.p[parts.serve])
    separating = comparison.separating
    known = parts_lacking(steps.dataset, [one.name for one in separating])
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
        separating=tuple((one.name, one.auc) for one in separating if not one.why and one.name not in known),
        by_time=tuple(one.name for one in separating if one.why == "time"),
        by_name=tuple(one.name for one in separating if one.why == "name"),
        strongest=_strongest(comparison),
        measured=tuple(one.name for one in separating if one.name in steps.dataset.measured),
        judged=judged_by_part(steps.dataset),
        left_out=comparison.whole is not None,
        lacked=steps.lacked,
        copies=parts.copies.size if parts.copied else 0,
        relations=steps.related.changed,
        leading=_leading(comparison),
        nearest=max(comparison.main.domain.single, key=lambda area: area.value, default=None),
    )


def _leading(comparison: Comparison) -> tuple[str, ...]:
    """Of several columns compared those whose shuffling costs the model most AUC: those that cost it a
    quarter of that or more, three at most.
    """
    lost = comparison.main.domain.importance
    if lost.size < 2 or lost.max() <= 0:
        return ()
    first = np.argsort(-lost, kind="stable")[:NAMED]
    return tuple(comparison.names[at] for at in first if lost[at] >= lost.max() / 4)


def _strongest(comparison: Comparison) -> tuple[str, float] | None:
    """Of the columns compared the one that surely differs most between the parts on its own, with its
    single-feature AUC.
    """
    single = comparison.main.domain.single
    differ = [
        (area.value, name)
        for name, area in zip(comparison.names, single, strict=True)
        if area.p < sure(len(single))
    ]
    value, name = max(differ, default=(0.0, ""))
    return (name, value) if differ else None


def _notes(steps: _Steps, settings: OverlapSettings) -> tuple[str, ...]:
    """What was sampled, left out, or cannot be said."""
    comparison, parts = steps.comparison, steps.comparison.parts
    rows = comparison.main.rows
    reference = reference_rows(parts, steps.dataset.rows, len(comparison.names))
    notes = []
    if rows < min(parts.train.size, parts.serve.size):
        notes += [
            f"The tests use {rows:,} random rows each of train and serve.",
            f"Support is judged by the distance to {reference:,} of the {parts.train.size:,} train rows.",
        ]
    if why := untold(steps.support.serve, settings.level):
        notes.append(why)
    notes += left_out_in_words(steps.dataset, steps.constant, 8)
    separating = [one.name for one in comparison.separating] if comparison.whole is not None else []
    left_out = reasons(steps.dataset, [*separating, *steps.lacked])
    notes += [f"Left out, as {why}: {names(some, 8)}." for some, why in left_out]
    if steps.related.beyond:
        notes.append(
            f"Relations are compared among the {MOST} columns of numbers of which most values are known; "
            f"{count(steps.related.beyond, 'other')} {verb(steps.related.beyond, 'is', 'are')} left out."
        )
    judged = judged_by_part(steps.dataset)
    measured = [one.name for one in comparison.separating if one.name in judged]
    if measured:
        notes.append(
            f"Measured of images: {names(measured, 8)}. Issues says which of their properties predict train "
            "or serve."
        )
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
