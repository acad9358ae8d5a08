"""Which columns know the target before a model could, and which rows stand in both parts.

Column by column: a column that nearly predicts the target, or one of its classes, on its own; a value whose
rows all have one class; gaps that give the target away; columns that are constant where the target is known.
Across train and serve: the same rows, the same groups, the wrong order in time. What each check means and
where its limits come from is in docs/methods/leakage.md.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.analyses.leakage.across_parts import across_parts
from core.analyses.leakage.columns import ColumnStrength, constant_on_labelled, judged
from core.analyses.leakage.findings import Leak, of_measure, together
from core.analyses.leakage.in_common import weighed
from core.analyses.leakage.interpolated import interpolated
from core.analyses.leakage.notes import measured_of_images, not_surely, what_was_judged
from core.analyses.leakage.result import LeakageResult, at_the_limit
from core.analyses.leakage.sample import ClassTarget, Judge, JudgeRule, judge_of, noise, valid
from core.analyses.leakage.settings import DRAWN, LeakageSettings
from core.analyses.leakage.strength import Floats
from core.analysis import NO_TARGET, Analysis, Status
from core.dataset import Dataset
from core.finding import ranked
from core.prepare.constant_target import target_lacks
from core.prepare.hashes import row_hashes
from core.prepare.images_judged import judged_by_label
from core.progress import Progress


def leakage(dataset: Dataset, settings: LeakageSettings, progress: Progress) -> LeakageResult:
    """Judge every column by itself against the target, then the two parts against each other.

    Raises `ColumnError` for a target that is neither classes nor numbers.
    """
    progress.at(0.0, "Hashing rows")
    target = settings.target or dataset.roles.target or ""
    names = tuple(one for one in settings.columns or _candidates(dataset) if one != target)
    across = across_parts(dataset, target, settings.seed, progress.part(0.0, 0.15))
    across += interpolated(dataset, target, settings.seed, progress.part(0.15, 0.2))
    rule = JudgeRule(settings.warn, settings.critical, len(names), settings.seed)
    hashes = row_hashes(dataset, progress=progress.part(0.2, 0.3)) if target else np.zeros(0, np.uint64)
    judge = judge_of(dataset, target, hashes, rule) if target else None
    leaks, columns = _column_by_column(
        dataset, target, names if target else (), judge, progress.part(0.3, 1.0)
    )
    scores, floors = _scores(columns, len(names), rule.gate)
    words = judge.target.words if judge is not None else ()
    class_scores, class_names = _best_classes(columns, len(names), words)
    measured = tuple(one for one in names if one in dataset.measured)
    aside = tuple(one for one in judged_by_label(dataset, target) if one in names)
    leaks = _leaks(judge, leaks, names, scores, columns, measured, aside)
    found = ranked([*across, *(leak.finding for leak in leaks)])
    open_ones = at_the_limit(names, scores, found, settings.warn, aside)
    return LeakageResult(
        settings=settings,
        notes=(
            *what_was_judged(target, judge, len(dataset.parts) > 1),
            *measured_of_images(aside, target),
            *not_surely(names, scores, open_ones, settings.warn),
        ),
        status=_status(dataset, target),
        found=found,
        names=names,
        aside=aside,
        scores=scores,
        noise=floors,
        class_scores=class_scores,
        class_names=class_names,
        target=target,
        kind=_kind(judge),
        judged=0 if judge is None else judge.rows.size,
        limits=(settings.warn, settings.critical),
        lacks=target_lacks(dataset, target) if target else "",
    )


def _column_by_column(
    dataset: Dataset, target: str, names: Sequence[str], judge: Judge | None, progress: Progress
) -> tuple[list[Leak], list[ColumnStrength]]:
    """The leaks of each column by itself and, where it can be judged, how well it predicts the target."""
    labelled = valid(dataset.table([target]).column(0)) if target else np.zeros(0, bool)
    leaks: list[Leak] = []
    columns: list[ColumnStrength] = []
    for feature in progress.each(names, "Judging columns"):
        values = dataset.table([feature]).column(0)
        leaks += constant_on_labelled(dataset, feature, values, labelled)
        if judge is not None:
            columns.append(judged(judge, dataset, feature, values.take(judge.rows)))
            leaks += columns[-1].leaks
    return leaks, columns


def _leaks(
    judge: Judge | None,
    leaks: Sequence[Leak],
    names: Sequence[str],
    scores: Floats,
    columns: Sequence[ColumnStrength],
    measured: Sequence[str],
    aside: Sequence[str],
) -> list[Leak]:
    """The leaks, without those of columns set ``aside``; what many columns share is one note. Those that are
    measured of images, of which several say the same, are told apart from the others, and never as an easy
    task.
    """
    found: list[Leak] = []
    for ours in (False, True):
        places = [at for at, one in enumerate(names) if one not in aside and (one in measured) == ours]
        some = [names[at] for at in places]
        mine = [leak for leak in leaks if leak.column in some]
        alone = [leak for leak in mine if ours and leak.code == "single_feature"]
        mine = [leak for leak in mine if leak not in alone]
        if judge is not None:
            known = np.full(len(some), np.nan) if ours else scores[places]
            mine = weighed(judge, mine, some, known, [columns[at].classes for at in places])
        found += map(of_measure, [*together(alone), *mine]) if ours else mine
    return found


def _scores(columns: Sequence[ColumnStrength], count: int, gate: float) -> tuple[Floats, Floats]:
    """Of each column its score and its noise floor; NaN where it was not judged."""
    scores, floors = np.full(count, np.nan), np.full(count, np.nan)
    for place, one in enumerate(columns):
        if one.strength is not None:
            scores[place] = np.clip(one.strength.score, 0.0, 1.0)
            floors[place] = noise(one.strength, gate)
    return scores, floors


def _best_classes(
    columns: Sequence[ColumnStrength], count: int, words: tuple[str, ...]
) -> tuple[Floats, tuple[str, ...]]:
    """Of each column the largest AUC of one class against the rest, and that class; NaN and "" where none."""
    areas, names = np.full(count, np.nan), [""] * count
    for place, one in enumerate(columns):
        if one.classes:
            best = max(one.classes, key=lambda target: (one.classes[target], -target))
            areas[place], names[place] = one.classes[best], words[best]
    return areas, tuple(names)


def _kind(judge: Judge | None) -> str:
    if judge is None:
        return ""
    return "class" if isinstance(judge.target, ClassTarget) else "number"


def _status(dataset: Dataset, target: str) -> Status:
    """Skipped where there is nothing to check: no target, and one part only."""
    if target or len(dataset.parts) > 1:
        return Status()
    return NO_TARGET


def _candidates(dataset: Dataset) -> tuple[str, ...]:
    """All columns but target, id and weight."""
    barred = {dataset.roles.target, dataset.roles.id, dataset.roles.weight}
    return tuple(one for one in dataset.of_kind(*DRAWN) if one not in barred)


ANALYSIS = Analysis(
    "Leakage",
    "Which columns or rows give the target away?",
    "explore/profile",
    leakage,
    icon="water_drop",
    place=50,
    needs="target or two parts",
)
