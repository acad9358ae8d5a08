"""What came of the comparison, whole or so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.analyses.strategies import findings as say
from core.analyses.strategies.calibration import Calibration, calibration
from core.analyses.strategies.recalibration import RECALIBRATED, likeliest, platt
from core.analyses.strategies.scores import Wanted, uninformed
from core.analyses.strategies.settings import AUTO, StrategiesSettings
from core.analyses.strategies.strategy import THRESHOLD, row_weights
from core.analyses.strategies.tables import comparison
from core.analyses.strategies.tables import tables as further
from core.analyses.strategies.threshold import decided, tuned, tuned_interval
from core.analyses.strategies.trial import LearningCurve, Trial
from core.analyses.strategies.verdict import Choice, Line, choice, compared, decided_by
from core.analysis import Result
from core.finding import Finding, ranked
from core.numerics.association import Floats
from core.phrases import percent, quoted, sentence

if TYPE_CHECKING:
    import pandas as pd

JUDGED = 5  # classes, the rarest, of which calibration is tabled
NO_MOVE = 0.005  # two thresholds that are closer are one


@dataclass(frozen=True, eq=False)
class StrategiesResult(Result):
    """What came of the comparison.

    target: its name; "" without one. classes: their names, the most frequent first. ids: the rows used, in
    the order of the problem; truth: their class codes; fold: of the first repeat. repeats: of the folds.
    trials: what was tried, in order. curves: learning curves. costs: k x k. planned: how many trials there
    will be, threshold only included. columns: those that the target is predicted from. vectors: of what the
    vectors are that it is predicted from in their place, "images" or "rows"; "" where there are none.
    """

    settings: StrategiesSettings
    target: str = ""
    classes: tuple[str, ...] = ()
    ids: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    truth: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    fold: NDArray[np.int8] = field(default_factory=lambda: np.zeros(0, np.int8))
    repeats: int = 1
    trials: tuple[Trial, ...] = ()
    curves: tuple[LearningCurve, ...] = ()
    costs: Floats = field(default_factory=lambda: np.zeros((0, 0)))
    planned: int = 0
    columns: tuple[str, ...] = ()
    vectors: str = ""

    @property
    def nbytes(self) -> int:
        """Rough size in memory, in bytes."""
        kept: list[Floats | None] = [
            getattr(one, kind) for one in self.trials for kind in (*RECALIBRATED, "p_corrected")
        ]
        return 8192 + 20 * self.ids.size + sum(array.nbytes for array in kept if array is not None)

    @property
    def tested(self) -> float:
        """Rows tested in a fold over rows trained on."""
        return 1.0 / max(1, int(self.fold.max(initial=0)))

    @property
    def event(self) -> int:
        """The class that is asked about: the rarest."""
        return len(self.classes) - 1

    def lines(self, score: str) -> list[Line]:
        """Every strategy against its reference, by one score."""
        return compared(self.trials, score, self.tested, self.planned if self.under_way else 0)

    @property
    def under_way(self) -> bool:
        """Whether trials are still to come: what is known so far is no verdict."""
        return len(self.trials) < self.planned

    @cached_property
    def baseline(self) -> dict[str, float]:
        """Each score of one who knows the class shares alone: for accuracy always the largest class, for
        average precision the share of the class.
        """
        return uninformed(np.bincount(self.truth, minlength=len(self.classes)), self.wanted)

    @cached_property
    def choice(self) -> Choice | None:
        """What the comparison speaks for. A threshold that reads as the one without tuning is no move."""
        if not self.trials:
            return None
        aim: Any = self.settings.aim
        by = decided_by(aim, len(self.classes))
        best = choice(self.trials, self.settings.score, by, self.tested, self.baseline)
        if best is None or best.strategy != THRESHOLD or not self._stays(best.model):
            return best
        return best._replace(strategy="none")

    def _stays(self, model: str) -> bool:
        """Whether the tuned threshold of two classes is where it would be without tuning."""
        none, moved = self.trial(model, "none"), self.trial(model, THRESHOLD)
        if none is None or moved is None or none.p is None:
            return False
        return bool(abs(self.threshold(moved) - self.threshold(none)) < NO_MOVE)

    def trial(self, model: str, strategy: str) -> Trial | None:
        """One trial that was made; None where it was not."""
        found = (one for one in self.trials if one.key == (model, strategy) and not one.left_out)
        return next(found, None)

    @property
    def picked(self) -> Trial | None:
        """The trial whose probabilities `rows` gives: the one asked for, else that of the verdict."""
        best = self.choice
        if best is None:
            return None
        strategy = best.strategy if self.settings.chosen == AUTO else self.settings.chosen
        model = best.model if self.settings.chosen_model == AUTO else self.settings.chosen_model
        return self.trial(model, strategy) or self.trial(best.model, best.strategy)

    def threshold(self, trial: Trial) -> float:
        """Tuned on corrected probabilities, on all held-out rows; of doing nothing that from which the class
        is the likelier. nan for more than two classes.
        """
        if len(self.classes) != 2 or trial.p is None or trial.p_corrected is None:
            return float("nan")
        if trial.strategy == "none":
            p = np.column_stack([1.0 - trial.p, trial.p])
            return likeliest(platt(self.truth, p) if trial.correction == "platt" else None)
        aim: Any = self.settings.aim
        return tuned(self.truth == 1, trial.p_corrected, aim, self.settings.goal, self.wanted).threshold

    @cached_property
    def threshold_interval(self) -> tuple[float, float]:
        """The 95% interval of the threshold of the picked trial; nan where none is tuned."""
        given, trial = self.settings, self.picked
        if len(self.classes) != 2 or trial is None or trial.p_corrected is None or trial.strategy == "none":
            return float("nan"), float("nan")
        aim: Any = given.aim
        p = trial.p_corrected
        return tuned_interval(self.truth == 1, p, aim, given.goal, self.wanted, given.seed)

    @property
    def wanted(self) -> Wanted:
        """What is wanted of the predictions."""
        return self.settings.wanted(self.costs)

    def calibrations(self, trial: Trial, place: int) -> dict[str, Calibration]:
        """Of one trial, for one class: before, and after each correction that there is."""
        made = {}
        for kind in RECALIBRATED:
            p = getattr(trial, kind)
            if p is not None:
                of_event = p[:, place] if p.ndim == 2 else p
                of_class = 1.0 - p if p.ndim == 1 and place != 1 else of_event
                made[kind] = calibration(self.truth == place, of_class, self.settings.seed)
        return made

    @property
    def verdict(self) -> str:
        """What to do, in a sentence or two; "" before doing nothing was tried."""
        best = self.choice
        trial = None if best is None else self.trial(best.model, best.strategy)
        if best is None or trial is None:
            return ""
        share = percent(float((self.truth == self.event).mean()))
        start = sentence(f"{share} {quoted(self.classes[self.event])}.") if self.classes else ""
        by = f"vectors of the {self.vectors}" if self.vectors else "columns"
        return f"{start} {say.advice(best, trial, self.threshold(trial), self._missed(trial), by)}"

    def _missed(self, trial: Trial) -> say.NeverRecognised:
        """The classes of which the decisions of a trial recognise no held-out row; none where costs that were
        given decide: by them it may be right.
        """
        tried = any(one.strategy not in ("none", THRESHOLD) for one in self.trials)
        by_costs = bool(self.settings.costs.strip()) or self.settings.aim == "cost"
        if trial.p_corrected is None or by_costs:
            return say.NONE_PASSED_OVER
        given = self.decide(trial.p_corrected, self.threshold(trial))
        return say.NeverRecognised.of(self.truth, given, self.classes, tried)

    @property
    def predicted_from(self) -> str:
        """What the models see, in a sentence."""
        return say.predicted_from(self.target, self.columns, self.vectors)

    @property
    def summary(self) -> dict[str, float | int | str]:
        """The verdict, the strategy and model it speaks for, its threshold and its scores."""
        best, trial = self.choice, self.picked
        if best is None or trial is None:
            return {"target": self.target, "classes": len(self.classes), "verdict": self.verdict}
        told: dict[str, float | int | str] = {
            "target": self.target,
            "classes": len(self.classes),
            "rows_used": int(self.ids.size),
            "repeats": self.repeats,
            "verdict": self.verdict,
            "predicted_from": self.predicted_from,
            "strategy": best.strategy,
            "model": best.model,
            "rows_strategy": trial.strategy,
            "rows_model": trial.model,
            "prevalence": round(float((self.truth == self.event).mean()), 6),
        }
        at, (low, high) = self.threshold(trial), self.threshold_interval
        if np.isfinite(at):
            told["threshold"] = at
        if np.isfinite(low):
            told |= {"threshold_low": low, "threshold_high": high}
        means = {name: float(np.nanmean(values)) for name, values in trial.corrected.items()
                 if np.isfinite(values).any()}  # fmt: skip
        told |= {name: round(value, 6) for name, value in means.items()}
        beside = dict.fromkeys((self.settings.score, "average_precision", "accuracy"))
        return told | {f"baseline_{name}": round(self.baseline[name], 6) for name in beside}

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """What made probabilities wrong, and what surely helps."""
        best = self.choice
        if best is None:
            return ()
        event, rows = self.classes[self.event], int(self.ids.size)
        none = self.trial(best.model, "none")
        found = [
            say.spoiled(self.target, event, say.ratios(self.trials, self.truth, self.event), rows),
            say.helpful(self.target, self.lines(self.settings.score), self.settings.score, best, rows),
        ]
        if none is not None and none.p is not None:
            one = self.calibrations(none._replace(p_platt=None, p_isotonic=None), self.event)
            found.append(say.uncalibrated(self.target, best.model, one["p"], rows))
        return ranked([one for one in found if one is not None])

    def frame(self) -> pd.DataFrame:
        """One line per strategy and model, after one of what the class shares alone score (`baseline`):
        ``model, strategy``; ``verdict, difference, low, high`` to its reference by the score of the verdict;
        each score after correction; ``correction, ratio, ratio_corrected`` (O/E of the rarest class);
        ``left_out`` says why it was not tried.
        """
        ratios = say.ratios(self.trials, self.truth, self.event)
        baseline = self.baseline if self.classes else {}
        return comparison(self.trials, ratios, self.lines(self.settings.score), baseline)

    def tables(self) -> dict[str, pd.DataFrame]:
        """Calibration, reliability curves, and learning curves (`core.analyses.strategies.tables`)."""
        judged = [
            (one, place, self.calibrations(one, place))
            for one in self.trials
            if one.p is not None and one.strategy != THRESHOLD
            for place in self._judged_by(one)
        ]
        return further(self.classes, judged, self.curves)

    def _judged_by(self, trial: Trial) -> list[int]:
        """The classes that tables judge a trial by: the rarest; of the trial picked and of its model without
        rebalancing the five rarest.
        """
        k, picked = len(self.classes), self.picked
        if k == 2 or picked is None or trial.key not in (picked.key, (picked.model, "none")):
            return [self.event]
        return list(range(k))[::-1][:JUDGED]

    def rows(self) -> pd.DataFrame | None:
        """``row, fold, p, p_corrected, weight``: held-out probabilities of the rarer class (of more than two
        classes: of the row's own), and the weight by a strategy that weighs rows (`row_weights`).
        """
        import pandas as pd

        trial = self.picked
        if trial is None or trial.p is None or trial.p_corrected is None:
            return None
        p, right = (
            one if one.ndim == 1 else one[np.arange(one.shape[0]), self.truth]
            for one in (trial.p, trial.p_corrected)
        )
        own = np.where(self.truth == 1, p, 1.0 - p) if len(self.classes) == 2 else p
        made = pd.DataFrame(
            {
                "row": self.ids,
                "fold": self.fold,
                "p": p,
                "p_corrected": right,
                "weight": row_weights(trial.strategy, self.truth, own),
            }
        )
        return made.sort_values("row", ignore_index=True)

    def decide(self, p: Floats, threshold: float) -> NDArray[np.int64]:
        """The class of each row: two by the threshold, more by least expected cost."""
        return decided(p, threshold, self.costs)
