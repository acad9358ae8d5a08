"""The model card: what was trained on what, how it scored on rows it had not seen, and what it is not for
(after Mitchell et al. 2019, "Model cards for model reporting").
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from core.analyses.strategies.models import MODELS
from core.analyses.strategies.recalibration import CORRECTIONS, RECALIBRATED
from core.analyses.strategies.result import StrategiesResult
from core.analyses.strategies.scores import SCORES
from core.analyses.strategies.strategy import TITLES
from core.analyses.strategies.threshold import shown
from core.analyses.strategies.trial import Trial
from core.dataset import Dataset
from core.phrases import count, digits, names, percent, within
from core.version import VERSION


def card(dataset: Dataset, result: StrategiesResult, about: Mapping[str, Any]) -> str:
    """The card as Markdown; names and classes of the data stand in quotes, as code."""
    trial = result.picked
    assert trial is not None
    lines = [
        f"# {MODELS[trial.model].title}, {within(TITLES[trial.strategy])}",
        "",
        f"Made by Winnow {VERSION} from {_code(dataset.name)} (fingerprint `{dataset.fingerprint}`).",
        "",
        f"**Predicts** {_code(result.target)} from {count(len(_columns(about)), 'column')}: "
        f"{names(_columns(about), 12)}.",
        f"**Decides** by {_decided(about)}. **Trained on** {count(result.truth.size, 'row')}:",
        "",
        *_shares(result),
        "",
        f"## Scores on held-out rows (five folds, drawn {count(result.repeats, 'time')})",
        "",
        *_scores(trial, result.baseline),
        "",
        *_how(about),
        "Class shares alone: what is scored without any column. Accuracy: by always predicting "
        f"{_code(result.classes[0])}; average precision: by random scores.",
        "",
        f"## Calibration of {_code(result.classes[result.event])}",
        "",
        *_calibrated(result, trial),
        "",
        f"Made right by {CORRECTIONS[about['calibration']]}.",
        "",
        "## Limits",
        "",
        "- The scores are of rows drawn like these; a later time or other people may differ.",
        *(["- Probabilities are as the model says, not corrected."] if not about["corrected"] else []),
        *[f"- {note}" for note in result.notes],
        "",
        *_use(about),
    ]
    return "\n".join(lines)


def _decided(about: Mapping[str, Any]) -> str:
    """By what a class is chosen: the likeliest, a threshold, or the least cost."""
    threshold = about["threshold"]
    if about["decides"] == "likeliest":
        least = f", a probability of at least {shown(threshold)}" if threshold else ""
        return f"the likeliest class{least}"
    if threshold is not None:
        return f"a probability of at least {digits(threshold)}, tuned on all held-out rows"
    return (
        "the least expected cost, `(model.predict_proba(rows) @ costs).argmin(axis=1)` with the `costs` of "
        "`model.json`; `predict` itself gives the likeliest class"
    )


def _shares(result: StrategiesResult) -> list[str]:
    return [
        f"- {_code(one)}: {percent(float((result.truth == place).mean()))}"
        for place, one in enumerate(result.classes)
    ]


def _scores(trial: Trial, baseline: Mapping[str, float]) -> list[str]:
    known = {name: values for name, values in trial.corrected.items() if np.isfinite(values).any()}
    return ["| score | mean | spread over folds | class shares alone |", "|---|---|---|---|"] + [
        f"| {SCORES[name].title} | {np.nanmean(values):.4f} | {np.nanstd(values):.4f} | "
        f"{baseline[name]:.4f} |"
        for name, values in known.items()
    ]


def _how(about: Mapping[str, Any]) -> list[str]:
    """Which decisions were scored, where the threshold of the model was tuned."""
    if about["decides"] != "tuned":
        return []
    return ["Of decisions: in each fold by the threshold that was tuned on the other folds.", ""]


def _calibrated(result: StrategiesResult, trial: Trial) -> list[str]:
    heads = ["| probabilities | observed over expected | slope | calibration error |", "|---|---|---|---|"]
    return heads + [
        f"| {RECALIBRATED[kind]} | {one.ratio:.3f} ({one.ratio_low:.3f} to {one.ratio_high:.3f}) | "
        f"{one.slope:.2f} | {one.error:.4f} (noise floor {one.floor:.4f}) |"
        for kind, one in result.calibrations(trial, result.event).items()
    ]


def _use(about: Mapping[str, Any]) -> list[str]:
    return [
        "## How to use it",
        "",
        "```python",
        "import json, skops.io",
        f"model = {about['load']}",
        "```",
        "",
        f"{about['input']} {about['output']} `model.py` remakes it from `training.csv`.",
        "",
    ]


def _columns(about: Mapping[str, Any]) -> list[str]:
    return [name for kind in about["columns"].values() for name in kind]


def _code(text: str) -> str:
    """A text of the data as code, on one line."""
    return "`" + " ".join(str(text).replace("`", "'").split()) + "`"
