"""The tables of a comparison besides its scores: calibration, reliability curves, learning curves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.analyses.strategies.recalibration import RECALIBRATED
from core.analyses.strategies.strategy import THRESHOLD

if TYPE_CHECKING:
    import pandas as pd

    from core.analyses.strategies.calibration import Calibration
    from core.analyses.strategies.result import StrategiesResult
    from core.analyses.strategies.trial import Trial

SHOWN = 5  # classes of the trial that the rows are of, the rarest; of any other trial the rarest alone


def tables(result: StrategiesResult) -> dict[str, pd.DataFrame]:
    """Those that there are.

    calibration: ``model, strategy, class, probabilities, events, ratio, low, high, slope, intercept, error,
        noise_floor``, a line per trial, class and kind of probabilities (`RECALIBRATED`).
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
                "class": result.classes[place],
                "probabilities": RECALIBRATED[kind],
            },
            made,
        )
        for one in result.trials
        if one.p is not None and one.strategy != THRESHOLD
        for place in _places(result, one)
        for kind, made in result.calibrations(one, place).items()
    ]
    lines = {
        "calibration": [about | _numbers(made) for about, made in calibrated],
        "reliability": [line for about, made in calibrated for line in _bins(about, made)],
        "more_rows": _more_rows(result),
        "learning_curves": _curves(result),
    }
    return {title: pd.DataFrame(some) for title, some in lines.items() if some}


def _places(result: StrategiesResult, trial: Trial) -> list[int]:
    """The classes that a trial is judged by, the rarest first."""
    k, picked = len(result.classes), result.picked
    many = k > 2 and picked is not None and trial.key in (picked.key, (picked.model, "none"))
    return list(range(k - 1, max(-1, k - 1 - SHOWN), -1)) if many else [result.event]


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


def _more_rows(result: StrategiesResult) -> list[dict[str, object]]:
    return [
        {
            "class": result.classes[one.place],
            "score": one.score,
            "says": one.says,
            "rows": one.rows[-1],
            "gain": one.gain,
            "low": one.low,
            "high": one.high,
            "next": one.next,
            "model": one.model,
        }
        for one in result.curves
    ]


def _curves(result: StrategiesResult) -> list[dict[str, object]]:
    """The points of every curve, and the next doubling, which is extrapolated."""
    return [
        {
            "class": result.classes[one.place],
            "score": one.score,
            "rows": rows,
            "mean": mean,
            "extrapolated": rows > one.rows[-1],
            "model": one.model,
        }
        for one in result.curves
        for rows, mean in zip(
            (*one.rows, 2 * one.rows[-1]), (*one.means, one.means[-1] + one.next), strict=True
        )
    ]
