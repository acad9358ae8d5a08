"""The tables of a comparison: its scores, calibration, reliability curves, learning curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from core.analyses.strategies.calibration import Calibration
from core.analyses.strategies.findings import Ratio
from core.analyses.strategies.recalibration import RECALIBRATED
from core.analyses.strategies.scores import SCORES
from core.analyses.strategies.strategy import CLASS_SHARES
from core.analyses.strategies.trial import LearningCurve, Trial
from core.analyses.strategies.verdict import Line

if TYPE_CHECKING:
    import pandas as pd

Judged = tuple[Trial, int, Mapping[str, Calibration]]


def comparison(
    trials: Sequence[Trial], ratios: Sequence[Ratio], against: Sequence[Line], baseline: Mapping[str, float]
) -> pd.DataFrame:
    """The scores: one line per trial, after one of the class shares alone (``baseline``).

    ratios: of the trials with probabilities. against: of those that have a reference.
    """
    import pandas as pd

    ratio = {(one.model, one.strategy): one for one in ratios}
    gaps = {(one.model, one.strategy): one for one in against}
    lines: list[dict[str, object]] = []
    if trials:
        words = dict.fromkeys(("model", "verdict", "correction", "left_out"), "")
        lines.append({**words, "strategy": CLASS_SHARES, **baseline})
    for one in trials:
        line: dict[str, object] = {"model": one.model, "strategy": one.strategy}
        line["correction"] = "" if one.left_out else one.correction
        off, gap = ratio.get(one.key), gaps.get(one.key)
        line["ratio"] = off.plain if off else np.nan
        line["ratio_corrected"] = off.corrected if off else np.nan
        for name in SCORES:
            values = one.corrected.get(name)
            line[name] = np.nan if values is None or not np.isfinite(values).any() else np.nanmean(values)
        line |= {"difference": gap.against.value, "low": gap.against.low, "high": gap.against.high,
                 "verdict": gap.words} if gap else {}  # fmt: skip
        lines.append(line | {"left_out": one.left_out})
    names = ["model", "strategy", "verdict", *SCORES, "difference", "low", "high",
             "correction", "ratio", "ratio_corrected", "left_out"]  # fmt: skip
    return pd.DataFrame(lines, columns=names)


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
