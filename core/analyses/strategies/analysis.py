"""Every cure for unequal classes on the same folds: what it gains, and what it does to the probabilities."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from core.analyses.strategies.evaluate import evaluate, get_ready
from core.analyses.strategies.models import MANY, MODELS
from core.analyses.strategies.problem import even, posed, within_memory
from core.analyses.strategies.result import StrategiesResult
from core.analyses.strategies.settings import AUTO, StrategiesSettings
from core.analyses.strategies.strategy import STRATEGIES, TITLES
from core.analyses.strategies.threshold import costs_of
from core.analyses.strategies.trial import BETTER, Plan, Problem, Tried
from core.analysis import NO_TARGET, Analysis, Status
from core.dataset import Dataset
from core.numerics.association import Floats
from core.phrases import name
from core.prepare.classes import classes_of
from core.prepare.constant_target import refuse_constant
from core.process import Resident
from core.progress import Progress

HERE = 100_000  # cells up to which the work is done in this process: one fit is then too short to be stopped
SLOW = 20_000  # rows up to which SMOTE + ENN is tried unasked
_CHILD = Resident(idle_seconds=120.0)


def get_going(dataset: Dataset, settings: StrategiesSettings) -> None:
    """Begin in the background what the comparison on these data needs before its first result; returns at
    once. To be called where it is offered.
    """
    if min(dataset.rows, settings.sample) * len(dataset.features) > HERE:
        _CHILD.begin(get_ready)


def strategies(dataset: Dataset, settings: StrategiesSettings, progress: Progress) -> StrategiesResult:
    """Compare what can be done about unequal classes. See docs/methods/strategies.md.

    What is known so far is shown as each strategy ends. Raises `TooSmallError` where the classes are too
    small for five folds, `SettingError` for costs that do not fit the classes.
    """
    progress.at(0.0, "Reading the rows")
    target = settings.target or dataset.roles.target or ""
    if not target:
        return _skipped(settings, NO_TARGET)
    refuse_constant(dataset, target)
    get_going(dataset, settings)  # first of all: it takes longer than reading the rows
    classes = classes_of(dataset, target)
    if classes is None:
        told = f"{name(target)} holds numbers; strategies are compared for classes."
        return _skipped(settings, Status("skipped", told))
    within = within_memory(dataset, settings)
    given = posed(dataset, target, classes, within, progress.part(0.0, 0.05))
    k = len(given.classes)
    costs = costs_of(settings.costs, settings.odds, k)
    plan, notes = planned(given.problem, settings, costs)
    begun = StrategiesResult(
        settings=settings,
        target=target,
        classes=given.classes,
        ids=given.rows,
        truth=given.problem.target.astype(np.int64),
        fold=given.problem.folds[0],
        repeats=len(given.problem.folds),
        costs=costs,
        columns=given.columns,
        vectors=_vectors_of(dataset, given.columns),
        planned=sum(len(models) * (2 if way == "none" else 1) for way, models in plan.trials),
        notes=(*given.notes, *notes),
    )
    so_far = [begun]

    def seen(new: Tried) -> None:
        before = so_far[0]
        so_far[0] = replace(before, trials=before.trials + new.trials, curves=before.curves + new.curves)
        progress.show(so_far[0])

    work = progress.part(0.05, 1.0, seen)
    if given.problem.target.size * len(given.problem.columns.names) <= HERE:
        done = evaluate(given.problem, plan, work)
    else:
        done = _CHILD.call(evaluate, given.problem, plan, progress=work)
    return replace(begun, trials=done.trials, curves=done.curves)


def _vectors_of(dataset: Dataset, columns: tuple[str, ...]) -> str:
    """Of what the vectors are that are compared; "" where columns are."""
    if columns or dataset.vectors is None:
        return ""
    return "images" if dataset.vectors.of_pictures else "rows"


def planned(problem: Problem, settings: StrategiesSettings, costs: Floats) -> tuple[Plan, tuple[str, ...]]:
    """What to try, quick first, and what is said of that."""
    ways, models, notes = list(settings.named), tuple(MODELS), []
    if settings.models != "both":
        models = (settings.models,)
    elif problem.classes > MANY:
        models = ("linear",)
        notes.append(
            f"Gradient boosting is left out: there are over {MANY} classes. Ask for it by the setting models."
        )
    if not ways and even(problem.target):
        ways = ["none"]
        notes.append("The classes are about even, so nothing was rebalanced; name strategies to try them.")
    elif not ways:
        ways = [way for way in STRATEGIES if way != "smote_enn" or _slow(problem, settings)]
        if "smote_enn" not in ways:
            notes.append(f"{TITLES['smote_enn']} is left out, as it takes long; set smote_enn to yes.")
    trials: list[tuple[str, tuple[str, ...]]] = [("none", (one,)) for one in models]
    trials += [(way, models) for way in ways if way != "none"]
    wanted = settings.wanted(costs)
    curves = _curves(settings, models) if ways != ["none"] else ""
    aim: Any = settings.aim
    plan = Plan(
        trials=tuple(trials),
        wanted=wanted,
        aim=aim,
        goal=settings.goal,
        costs=costs,
        score=settings.score,
        curves=curves,
        seed=settings.seed,
    )
    return plan, tuple(notes)


def _curves(settings: StrategiesSettings, models: tuple[str, ...]) -> str:
    """By which model learning curves are measured, "" for none."""
    if not settings.curves:
        return ""
    return settings.chosen_model if settings.chosen_model in models else BETTER


def _slow(problem: Problem, settings: StrategiesSettings) -> bool:
    if settings.smote_enn == AUTO:
        return problem.target.size <= SLOW
    return settings.smote_enn == "yes"


def _skipped(settings: StrategiesSettings, status: Status) -> StrategiesResult:
    return StrategiesResult(settings=settings, status=status)


ANALYSIS = Analysis(
    "Strategies",
    "What helps against the imbalance, and what does it do to probabilities?",
    "explore/balance",
    strategies,
    icon="balance",
    place=20,
    needs="target",
    asked=True,
)
