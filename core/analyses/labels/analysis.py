"""Which labels are likely wrong, by models that did not see the row they judge."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.analyses.labels.annotators import by_annotator
from core.analyses.labels.expected import Noise, noise_of, repeats
from core.analyses.labels.findings import agreement_in_words
from core.analyses.labels.joint import confident_joint
from core.analyses.labels.result import LabelResult
from core.analysis import NO_TARGET, Analysis, Status
from core.dataset import Dataset
from core.errors import TooSmallError
from core.numerics.folds import FOLDS
from core.phrases import name, names, verb
from core.prepare.classes import holds_numbers
from core.prepare.encoding import compared_by
from core.prepare.evidence import ClassEvidence, class_evidence
from core.progress import Progress
from core.settings import Settings, column, columns, knob

LEARNED = 10  # rows of a class from which the models of a fold must learn for its labels to be likely wrong


@dataclass(frozen=True)
class LabelSettings(Settings):
    """Which labels, by what they are judged, and how doubtful one must be to be called likely wrong."""

    target: str = column(
        "Labels",
        "The column of classes; the target by default.",
        ("category", "boolean", "numeric"),
        "target",
    )
    probabilities: tuple[str, ...] = columns(
        "Your probabilities",
        "Columns with the probability of each class from a model of yours that did not see the row "
        "(out-of-sample, pred_probs). They take the place of the models here, and of those in a file.",
        ("numeric",),
        none="None",
    )
    in_sample: bool = knob(
        False,
        "Your model had seen the rows",
        "The model of these columns had learned from the rows that it judges: it repeats their labels, wrong "
        "ones too, and how many are wrong cannot be said.",
    )
    columns: tuple[str, ...] = columns(
        "Columns",
        "What labels are judged by; all but times, identifiers, weight and images if none is chosen.",
        ("numeric", "category", "boolean", "text"),
    )
    annotator: str = column(
        "Annotator", "The column that says who gave the label.", ("category", "boolean", "identifier")
    )
    likely: float = knob(
        0.5,
        "Likely from",
        "The chance of being wrong from which a label that the models do not agree with is likely wrong; "
        "higher is stricter.",
        0.05,
        0.99,
    )
    seed: int = knob(0, "Seed", "Of the folds, the trees and the samples.", 0, 2**31 - 1)


def labels(dataset: Dataset, settings: LabelSettings, progress: Progress) -> LabelResult:
    """Judge every label of the train part by an ensemble of models that did not see the row
    (`core.prepare.evidence`); estimate the joint of given and true classes and how many labels are wrong; see
    docs/methods/labels.md.

    Raises `TooSmallError` where there are fewer than two classes of five rows.
    """
    progress.at(0.0, "Reading labels")
    target = settings.target or dataset.roles.target or ""
    why = _why_not(dataset, target)
    if why:
        status = Status() if target else NO_TARGET
        return _none_judged(dataset.rows, settings, status, why)
    evidence = class_evidence(
        dataset,
        target,
        _judged_by(dataset, target, settings),
        settings.seed,
        settings.probabilities,
        settings.in_sample,
        progress.part(0.0, 0.95),
    )
    progress.at(0.95, "Estimating how many labels are wrong")
    noise = noise_of(evidence.given, evidence.probabilities, evidence.alone)
    unpredicted = evidence.doubts_mean_nothing
    repeated = repeats(evidence.given, evidence.probabilities)
    tier = _tiers(evidence, noise, settings.likely)
    tier = np.zeros_like(tier) if unpredicted else tier
    notes = (
        *evidence.notes,
        agreement_in_words(evidence) if repeated else "",
        _small_in_words(evidence, tier),
        _not_used(dataset, target, settings),
        _serve(dataset),
    )
    return LabelResult(
        settings=settings,
        notes=tuple(filter(None, notes)),
        rows_of=dataset.rows,
        evidence=evidence,
        tier=tier,
        joint=confident_joint(evidence.given, evidence.probabilities),
        noise=noise,
        unpredicted=unpredicted,
        repeated=repeated,
        annotators=by_annotator(dataset, settings.annotator, evidence, tier) if settings.annotator else (),
    )


def _none_judged(rows: int, settings: LabelSettings, status: Status, why: str) -> LabelResult:
    """The result where there are no labels to judge."""
    return LabelResult(
        settings=settings,
        status=status,
        notes=(why,),
        rows_of=rows,
        evidence=None,
        tier=np.zeros(0, np.int8),
        joint=np.zeros((0, 0)),
        noise=None,
        annotators=(),
    )


def _judged_by(dataset: Dataset, target: str, settings: LabelSettings) -> tuple[str, ...]:
    """The columns that labels are judged by, () for the usual ones. Never the annotator: models would learn
    whose labels are wrong, and expect them.
    """
    if not settings.annotator or settings.probabilities:
        return settings.columns
    every = compared_by(dataset, settings.columns)
    left = tuple(one for one in every if one not in (settings.annotator, target))
    if not left:
        raise TooSmallError(f"Labels cannot be judged by {name(settings.annotator)}, which gave them, alone.")
    return left


def _why_not(dataset: Dataset, target: str) -> str:
    """Why there are no labels to judge; "" where there are."""
    if not target:
        return NO_TARGET.reason
    if not holds_numbers(dataset, target):
        return ""
    return (
        f"Labels were not judged: {name(target)} is a number, not a class. Residuals looks for numbers that "
        "do not fit."
    )


def _tiers(evidence: ClassEvidence, noise: Noise, likely: float) -> NDArray[np.int8]:
    """0: the given label is the likeliest; 1: another one is; 2: it is, the given one is wrong with a chance
    of ``likely`` or more, and its class is large enough to judge.
    """
    other = evidence.probabilities.argmax(axis=1) != evidence.given
    sure = noise.chances[0] >= likely
    sure &= ~_too_small(evidence)[evidence.given]
    return np.asarray(other.astype(np.int8) + (other & sure), dtype=np.int8)


def _too_small(evidence: ClassEvidence) -> NDArray[np.bool_]:
    """The classes of which the models of a fold learn from fewer than `LEARNED` rows: they hardly ever find
    these, and that they find another class says little. None where the models are not of Winnow.
    """
    rows = np.bincount(evidence.given, minlength=len(evidence.classes))
    small = (rows > 0) & (rows * (FOLDS - 1) < LEARNED * FOLDS)
    return small & (not evidence.brought)


def _small_in_words(evidence: ClassEvidence, tier: NDArray[np.int8]) -> str:
    """That labels of small classes are not called likely wrong, where one is doubted."""
    doubted = np.bincount(evidence.given[tier > 0], minlength=len(evidence.classes)) > 0
    small = [evidence.classes[at] for at in np.flatnonzero(doubted & _too_small(evidence)).tolist()]
    if not small:
        return ""
    these, them = verb(len(small), "it", "each of them"), verb(len(small), "it", "them")
    return (
        f"Labels of {names(small)} are called at most possibly wrong: the models learn from fewer than "
        f"{LEARNED} rows of {these}, and hardly ever suggest {them}."
    )


def _not_used(dataset: Dataset, target: str, settings: LabelSettings) -> str:
    """That probabilities which were attached had no say."""
    own = dataset.probabilities
    if own is None or (own.target == target and not settings.probabilities):
        return ""
    why = "columns were chosen" if own.target == target else f"they are of {name(own.target)}"
    return f"The probabilities in {own.name} were not used: {why}."


def _serve(dataset: Dataset) -> str:
    if len(dataset.parts) < 2:
        return ""
    return "Labels of the serve part were not judged: a test set is cleaned by hand, or not at all."


ANALYSIS = Analysis(
    "Labels",
    "Which labels are wrong?",
    "clean/labels",
    labels,
    icon="sell",
    needs="target",
    alarms="classes",
)
