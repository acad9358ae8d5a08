"""What is said of the strategies: what to do, and which of them made the probabilities wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.analyses.strategies.calibration import Calibration, ratio_interval
from core.analyses.strategies.encoders import VECTOR_DIRECTIONS
from core.analyses.strategies.models import MODELS
from core.analyses.strategies.recalibration import CORRECTIONS, UNCORRECTED
from core.analyses.strategies.scores import SCORES, Codes
from core.analyses.strategies.strategy import THRESHOLD, TITLES
from core.analyses.strategies.threshold import shown
from core.analyses.strategies.trial import Trial
from core.analyses.strategies.verdict import Choice, Line
from core.finding import Finding
from core.phrases import count, name, names, number, percent, quoted, score, verb, within

OFF = 2.0  # times too many or too few events expected, from which a strategy is said to spoil probabilities


class Ratio(NamedTuple):
    """Observed over expected events of one trial, as the model says and made right by ``correction``. sure:
    whether the 95% interval of the first leaves out 1.
    """

    model: str
    strategy: str
    mean: float
    observed: float
    plain: float
    corrected: float
    correction: str
    sure: bool = True


def clause(strategy: str, verb: str) -> str:
    """A strategy and what it does.

    >>> clause("focal", "help"), clause("smote", "help")
    ('Focal weights help', 'SMOTE helps')
    """
    title = TITLES[strategy]
    return f"{title} {verb if title.endswith('s') else verb + 's'}"


def reference(score: str) -> str:
    """What strategies are held against by this score."""
    return "moving the threshold alone" if SCORES[score].decides else "doing nothing"


def ratios(trials: Sequence[Trial], truth: NDArray[np.int64], place: int) -> list[Ratio]:
    """Of every trial with probabilities, for the class with code ``place``."""
    found = []
    event = truth == place
    for one in trials:
        if one.p is None or one.p_corrected is None or one.strategy == THRESHOLD:
            continue
        p, right = (q if q.ndim == 1 else q[:, place] for q in (one.p, one.p_corrected))
        low, plain, high = ratio_interval(int(event.sum()), float(p.sum()), event.size)
        _, corrected, _ = ratio_interval(int(event.sum()), float(right.sum()), event.size)
        sure, means = not low <= 1.0 <= high, (float(p.mean()), float(event.mean()))
        found.append(Ratio(*one.key, *means, plain, corrected, one.correction, sure))
    return found


def spoiled(target: str, event: str, found: Sequence[Ratio], rows: int) -> Finding | None:
    """The strategy that made the probabilities most wrong, beyond noise; doing nothing makes none wrong."""
    tried = [one for one in found if one.strategy != "none"]
    off = [one for one in tried if one.sure and one.plain > 0 and max(one.plain, 1 / one.plain) >= OFF]
    if not off:
        return None
    worst = max(off, key=lambda one: max(one.plain, 1 / one.plain))
    return Finding(
        code="probabilities_off",
        title=f"{clause(worst.strategy, 'predict')} class {quoted(event)} with {percent(worst.mean)} on "
        f"average, where {percent(worst.observed)} happened ({MODELS[worst.model].title.lower()}, held-out "
        "rows).",
        severity="info",
        score=float(np.clip(1.0 - min(worst.plain, 1 / worst.plain), 0.0, 1.0)) / 2.0,
        why="Weights move predicted probabilities exactly as resampling does: the model is fitted to other "
        f"class shares than there are. {len(off)} of {len(tried)} fits {verb(len(off), 'is', 'are')} off by "
        f"{OFF:g} times or more.",
        suggestion=f"Do without it: {UNCORRECTED}"
        if worst.correction == "none"
        else f"Do without it, or correct the probabilities: {CORRECTIONS[worst.correction]} "
        f"brings O/E from {worst.plain:.3g} to {worst.corrected:.3g}.",
        columns=(target,),
        value=worst.plain,
        measure="observed over expected events (O/E)",
        limit=1.0,
        n=rows,
    )


def uncalibrated(target: str, model: str, one: Calibration, rows: int) -> Finding | None:
    """That the probabilities are off without any rebalancing, beyond noise."""
    if not one.error > 2.0 * one.floor:
        return None
    return Finding(
        code="not_calibrated",
        title=f"Without rebalancing, {MODELS[model].title.lower()} is not calibrated: slope {one.slope:.2f}, "
        f"calibration error {number(one.error)} (noise floor {number(one.floor)}).",
        severity="info",
        score=float(np.clip(one.error, 0.0, 1.0)),
        why="A slope below 1 says that predictions are too extreme, mostly of a model that is too flexible "
        "for so few rows; then no threshold that is worked out from costs is right.",
        suggestion="Fit a curve on held-out rows (Platt scaling; isotonic regression with 1,000 events), or "
        "use a simpler model.",
        columns=(target,),
        value=one.error,
        measure="expected calibration error, bins of equal mass",
        limit=2.0 * one.floor,
        noise=one.floor,
        n=rows,
    )


def helpful(target: str, lines: Sequence[Line], score: str, picked: Choice, rows: int) -> Finding | None:
    """The strategy that is surely better than doing nothing."""
    if picked.strategy in ("none", THRESHOLD):
        return None
    line = next(one for one in lines if (one.model, one.strategy) == (picked.model, picked.strategy))
    gap = line.against
    return Finding(
        code="strategy_helps",
        title=f"{clause(picked.strategy, 'change')} {within(SCORES[score].title)} by {gap.value:+.3g} "
        f"({gap.low:+.3g} to {gap.high:+.3g}) for {MODELS[picked.model].title.lower()}.",
        severity="info",
        score=float(np.clip(abs(gap.value), 0.0, 1.0)),
        why=f"Measured on the same held-out folds as {reference(score)}, both with probabilities made right; "
        "the interval allows for overlapping training rows and for all strategies tried.",
        suggestion=f"Train with it on {name(target)}, and use the corrected probabilities.",
        columns=(target,),
        value=gap.value,
        measure=f"difference in {within(SCORES[score].title)}",
        limit=0.0,
        n=rows,
    )


class NeverRecognised(NamedTuple):
    """Classes of which no held-out row is recognised, and how many rows they have. tried: whether any
    strategy was.
    """

    classes: tuple[str, ...] = ()
    rows: int = 0
    tried: bool = False

    @classmethod
    def of(cls, truth: Codes, predicted: Codes, classes: Sequence[str], tried: bool) -> NeverRecognised:
        """By the class codes of the held-out rows, and those predicted.

        >>> NeverRecognised.of(np.array([0, 1, 1]), np.array([0, 0, 0]), ("no", "yes"), tried=True)
        NeverRecognised(classes=('yes',), rows=2, tried=True)
        """
        rows, hits = (
            np.bincount(some, minlength=len(classes)) for some in (truth, truth[predicted == truth])
        )
        never = (hits == 0) & (rows > 0)
        return cls(tuple(classes[at] for at in np.flatnonzero(never)), int(rows[never].sum()), tried)

    def sentence(self, two: bool) -> str:
        """That they are, and what is left to do. two: there are two classes, parted by a threshold.

        >>> NeverRecognised(("plants",), 8, True).sentence(two=False)[:75]
        "'plants' is never recognised: none of its 8 rows is predicted right when he"
        """
        one = len(self.classes) == 1
        are, their, them = ("is", "its", "it") if one else ("are", "their", "them")
        few = count(self.rows, "row")
        what = (
            "Choose the threshold by what a miss costs"
            if two
            else "Give the costs of mistakes in the settings"
        )
        return (
            f"{names(self.classes, 5)} {are} never recognised: none of {their} {few} is predicted right when "
            f"held out. {what}, or collect more rows of {them}."
        )


NONE_PASSED_OVER = NeverRecognised()


def predicted_from(target: str, columns: Sequence[str], vectors: str) -> str:
    """What the models see.

    >>> predicted_from("y", ("a", "b"), "")
    "The models predict 'y' from 2 columns: 'a' and 'b'."
    """
    words = f"The models predict {name(target)} from"
    if vectors:
        return (
            f"{words} the vectors of the {vectors}, not from columns: from their "
            f"{VECTOR_DIRECTIONS} main directions at most, learned in each fold from its training rows."
        )
    return f"{words} {count(len(columns), 'column')}: {names(columns, 8)}."


def advice(
    best: Choice,
    trial: Trial,
    threshold: float,
    missed: NeverRecognised = NONE_PASSED_OVER,
    by: str = "columns",
) -> str:
    """What to do. trial: the one that the choice speaks for; threshold: its own (nan: it has none). missed:
    classes that it never recognises. by: what the target is predicted from.
    """
    area, model = best.area, MODELS[best.model].title.lower()
    if best.columns == "all":
        if by != "columns":
            return (
                f"These {by} predict it almost perfectly (held-out AUROC {score(area.value, 4)} without "
                "rebalancing). Nothing is recommended."
            )
        return (
            f"These columns predict it almost perfectly (held-out AUROC {score(area.value, 4)} without "
            "rebalancing): see Leakage on the Profile page whether one of them is known only afterwards. "
            "Nothing is recommended."
        )
    if best.columns == "nothing":
        return (
            f"These {by} do not predict it better than a constant would (held-out AUROC "
            f"{score(area.value, 2)}, {score(area.low, 2)} to {score(area.high, 2)}, {model}). Nothing is "
            "recommended."
        )
    two = bool(np.isfinite(threshold))
    at = f"move the threshold to {shown(threshold)}" if two else "decide by the costs"
    if best.strategy not in ("none", THRESHOLD):
        told = f"{clause(best.strategy, 'help')}; correct the probabilities, and {at}."
        return f"{told} {missed.sentence(two)}" if missed.classes else told
    scaled = " of probabilities after Platt scaling" if trial.correction == "platt" else ""
    moved = f"; {at}{scaled}" if best.strategy == THRESHOLD else ""
    words = f"Leave the classes alone{moved}."
    if missed.classes:
        only = f"{at[0].upper()}{at[1:]}{scaled}." if moved else ""
        words = f"No strategy is surely better by enough to matter{moved}." if missed.tried else only
    if best.hardly:
        words += f" {clause(best.hardly, 'help')} surely, but hardly."
    return f"{words} {missed.sentence(two)}".strip() if missed.classes else words
