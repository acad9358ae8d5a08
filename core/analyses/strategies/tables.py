"""The tables of a comparison besides its scores: calibration, reliability curves, learning curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from core.analyses.strategies.calibration import Calibration
from core.analyses.strategies.recalibration import RECALIBRATED
from core.analyses.strategies.trial import LearningCurve, Trial

if TYPE_CHECKING:
    import pandas as pd

Judged = tuple[Trial, int, Mapping[str, Calibration]]


def tables(
    classes: Sequence[str], judged: Sequence[Judged], curves: Sequence[LearningCurve]
) -> dict[str, pd.DataFrame]:
    """Those that there are. judged: trials with the place of a class, and its calibration by the kind of
    probabilities (`RECALIBRATED`).

    calibration: ``model, strategy, class, probabilities, events, ratio, low, high, slope, intercept, error,
        noise_floor``.
    reliability: ``model, strategy, class, probabilities, rows, predicted, observed, low, high``, a line per
        bin.
    more_rows: ``class, score, says, rows, gain, low, high, next, model``, what the last doubling of a
        class's rows gained.
    learning_curves: ``class, score, rows, mean, extrapolated, model``.
    """
    import pandas as pd

    calibrated = [
        (
            {
                "model": one.model,
                "strategy": one.strategy,
                "class": classes[place],
                "probabilities": RECALIBRATED[kind],
            },
            made,
        )
        for one, place, kinds in judged
        for kind, made in kinds.items()
    ]
    lines: dict[str, list[Any]] = {
        "calibration": [about | _numbers(made) for about, made in calibrated],
        "reliability": [line for about, made in calibrated for line in _bins(about, made)],
        "more_rows": [_more_rows(classes[one.place], one) for one in curves],
        "learning_curves": [line for one in curves for line in _points(classes[one.place], one)],
    }
    return {title: pd.DataFrame(some) for title, some in lines.items() if some}


def _numbers(made: Calibration) -> dict[str, float]:
    return {
        "events": made.events,
        "ratio": made.ratio,
        "low": made.ratio_low,
        "high": made.ratio_high,
        "slope": made.slope,
        "intercept": made.intercept,
        "error": made.error,
        "noise_floor": made.floor,
    }


def _bins(about: dict[str, str], made: Calibration) -> list[dict[str, object]]:
    return [
        about
        | {
            "rows": one.n,
            "predicted": one.predicted,
            "observed": one.observed,
            "low": one.low,
            "high": one.high,
        }
        for one in made.bins
    ]


def _more_rows(name: str, one: LearningCurve) -> dict[str, object]:
    return {
        "class": name,
        "score": one.score,
        "says": one.says,
        "rows": one.rows[-1],
        "gain": one.gain,
        "low": one.low,
        "high": one.high,
        "next": one.next,
        "model": one.model,
    }


def _points(name: str, one: LearningCurve) -> list[dict[str, object]]:
    """The points of a curve, and the next doubling, which is extrapolated."""
    last, mean = one.rows[-1], one.means[-1]
    points = zip((*one.rows, 2 * last), (*one.means, mean + one.next), strict=True)
    return [
        {
            "class": name,
            "score": one.score,
            "rows": rows,
            "mean": mean,
            "extrapolated": rows > last,
            "model": one.model,
        }
        for rows, mean in points
    ]
