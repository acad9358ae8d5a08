"""The files of the model that is taken away: the pipeline without pickles, its card, the rows that it was
trained on, and the code that remakes it from them without Winnow.
"""

from __future__ import annotations

import io
import json
from typing import Any, NamedTuple

import numpy as np

from core.analyses.strategies.card import card
from core.analyses.strategies.fitted import fitted
from core.analyses.strategies.problem import Posed, posed
from core.analyses.strategies.recalibration import PLATT_EVENTS, Scaling, likeliest, platt
from core.analyses.strategies.result import StrategiesResult
from core.analyses.strategies.script import script
from core.analyses.strategies.settings import AUTO
from core.analyses.strategies.strategy import STRATEGIES, THRESHOLD, TITLES, bends, row_weights
from core.analyses.strategies.threshold import tuned
from core.analyses.strategies.trial import Problem, Trial
from core.dataset import Dataset
from core.errors import SettingError, TooSmallError
from core.numerics.association import Floats
from core.phrases import within
from core.prepare.classes import classes_of
from core.prepare.skops_file import skops_bytes
from core.progress import SILENT

LOAD = 'skops.io.load("model.skops", trusted=json.load(open("model.json"))["trusted"])'


def model_files(dataset: Dataset, result: StrategiesResult) -> dict[str, bytes]:
    """Name -> content: ``model.skops, model.json, model.md, model.py, training.csv``, of the strategy and the
    model that the rows of the result are of. Raises `TooSmallError` where there is none, `SettingError` where
    strategies were compared on vectors.
    """
    if result.vectors:
        raise SettingError(
            f"{no_model(result.vectors)} Choose columns in the settings for a model of columns."
        )
    trial, classes = result.picked, classes_of(dataset, result.target)
    if trial is None or classes is None:
        raise TooSmallError("There is no strategy to take a model of.")
    given = posed(dataset, result.target, classes, result.settings, SILENT)
    right = _right(result, trial)
    packed = skops_bytes(_model(given.problem, result, trial, right))
    about = _about(result, given, trial, right, packed)
    return {
        "model.skops": packed,
        "model.json": (json.dumps(about, indent=1, ensure_ascii=False) + "\n").encode(),
        "model.md": card(dataset, result, about).encode(),
        "model.py": script(about).encode(),
        "training.csv": _training(result, given, trial),
    }


def no_model(vectors: str) -> str:
    """Why a comparison on the vectors of images, or of rows, gives no model to take away."""
    words = "There is no model to download: a model file reads columns, and these models read the vectors of"
    return f"{words} the images, which are worked out here." if vectors == "images" else f"{words} the rows."


class _Right(NamedTuple):
    """How probabilities are made right: a key of `CORRECTIONS`, its scaling where it is one, and the
    threshold (two classes) for the probabilities that the model then gives.
    """

    correction: str
    scaling: Scaling | None
    threshold: float | None


def _right(result: StrategiesResult, trial: Trial) -> _Right:
    """As in the comparison, or as asked for. Raises `SettingError` where that cannot be had."""
    asked, strategy = result.settings.calibration, _fitted_strategy(trial)
    correction = trial.correction if asked == AUTO else asked
    if correction == "prior" and not STRATEGIES[strategy].closed:
        raise SettingError(
            f"{TITLES[strategy]} makes rows up, which no closed form undoes: set calibration to auto."
        )
    undone = trial.p if trial.p_prior is None else trial.p_prior
    if undone is None:
        return _Right("prior" if STRATEGIES[strategy].closed else "none", None, None)
    p = np.column_stack([1.0 - undone, undone]) if undone.ndim == 1 else undone
    scaling = None
    if correction == "platt":
        scaling = platt(result.truth, p) if bends(strategy, len(result.classes)) else None
        if scaling is None:
            raise SettingError(
                f"Platt scaling cannot be had for {within(TITLES[strategy])}: it needs {PLATT_EVENTS} rows "
                "of each class, and with focal weights two classes; set calibration to auto."
            )
    if len(result.classes) != 2:
        return _Right(correction, scaling, None)
    if trial.strategy == "none":
        return _Right(correction, scaling, likeliest(scaling))
    right = p if scaling is None else scaling(p)
    aim: Any = result.settings.aim
    chosen = tuned(result.truth == 1, right[:, 1], aim, result.settings.goal, result.wanted)
    return _Right(correction, scaling, chosen.threshold)


def _fitted_strategy(trial: Trial) -> str:
    return "none" if trial.strategy == THRESHOLD else trial.strategy


def _model(problem: Problem, result: StrategiesResult, trial: Trial, right: _Right) -> Any:
    """The pipeline; of two classes with its threshold."""
    import pandas as pd

    frame = pd.DataFrame(problem.values, columns=list(problem.columns.names))
    pipeline = fitted(
        frame=frame,
        target=problem.target,
        columns=problem.columns,
        classes=problem.classes,
        strategy=_fitted_strategy(trial),
        model=trial.model,
        seed=result.settings.seed,
        scaling=right.scaling,
    )
    if right.threshold is None:
        return pipeline
    from sklearn.frozen import FrozenEstimator
    from sklearn.model_selection import FixedThresholdClassifier

    decided = FixedThresholdClassifier(
        FrozenEstimator(pipeline), threshold=right.threshold, pos_label=1, response_method="predict_proba"
    )
    return decided.fit(frame.head(problem.target.size), problem.target)


def _decides(trial: Trial, right: _Right) -> str:
    """By what the model names a class."""
    if trial.strategy == "none":
        return "likeliest"
    return "costs" if right.threshold is None else "tuned"


def _about(
    result: StrategiesResult, given: Posed, trial: Trial, right: _Right, packed: bytes
) -> dict[str, Any]:
    """What a program needs to know of the model."""
    import sklearn
    import skops.io

    columns = given.problem.columns
    return {
        "load": LOAD,
        "trusted": list(skops.io.get_untrusted_types(data=packed)),
        "versions": {"scikit-learn": sklearn.__version__, "skops": skops.__version__},
        "target": result.target,
        "classes": list(given.classes),
        "strategy": _fitted_strategy(trial),
        "model": trial.model,
        "seed": result.settings.seed,
        "threshold": right.threshold,
        "decides": _decides(trial, right),
        "costs": result.costs.tolist(),
        "calibration": right.correction,
        "scaling": None if right.scaling is None else right.scaling._asdict(),
        "corrected": _corrected(trial, right, len(given.classes)),
        "columns": {field: list(getattr(columns, field)) for field in columns._fields},
        "input": "A frame of these columns: numbers as float (booleans 0 and 1, times as days since 1970, "
        "missing NaN), levels as text (missing NaN), texts as text (missing '').",
        "output": "predict_proba gives the classes in this order; predict their places.",
    }


def _corrected(trial: Trial, right: _Right, classes: int) -> bool:
    """Whether the model's probabilities are made right as those that were scored."""
    if trial.strategy == "focal":
        return classes == 2
    return right.correction != "none" or STRATEGIES[_fitted_strategy(trial)].closed


def _training(result: StrategiesResult, given: Posed, trial: Trial) -> bytes:
    """The rows as the model was given them, in its order: ``row, fold, weight, code``, the smoothed label of
    each class, then the columns.
    """
    import pandas as pd

    k, epsilon = len(given.classes), result.settings.epsilon
    one_hot = given.problem.target[:, None] == np.arange(k)
    soft: Floats = (1.0 - epsilon) * one_hot + epsilon / k
    p = trial.p if trial.p is not None else np.zeros(given.rows.size)
    own = np.where(given.problem.target == 1, p, 1 - p) if k == 2 else p[np.arange(p.shape[0]), result.truth]
    front = {
        "row": given.rows,
        "fold": given.problem.folds[0],
        "weight": row_weights(trial.strategy, given.problem.target, own),
        "code": given.problem.target,
        **{f"soft_{place}": soft[:, place] for place in range(k)},
    }
    columns = pd.DataFrame(given.problem.values, columns=list(given.problem.columns.names))
    table = pd.concat([pd.DataFrame(front), columns.set_axis(_apart(columns, list(front)), axis=1)], axis=1)
    out = io.StringIO()
    table.to_csv(out, index=False, lineterminator="\n")
    return out.getvalue().encode()


def _apart(columns: Any, taken: list[str]) -> list[str]:
    """The names of the columns, apart from those of our own."""
    return [f"column {name}" if name in taken else str(name) for name in columns.columns]
