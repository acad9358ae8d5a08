"""The model that is taken away: fitted on all rows used, its probabilities made right inside of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from core.analyses.strategies.encoders import Columns, prepared
from core.analyses.strategies.models import MODELS
from core.analyses.strategies.samplers import Codes, Training
from core.analyses.strategies.strategy import STRATEGIES, Trained
from core.numerics.association import Floats


def fitted(
    frame: Any,
    target: Codes,
    columns: Columns,
    classes: int,
    strategy: str,
    model: str,
    seed: int,
    scaling: tuple[Sequence[float], float] | None = None,
) -> Any:
    """A fitted scikit-learn pipeline from a frame of ``columns`` to probabilities of the class codes.

    What the strategy did to the probabilities is undone in the model's own coefficients, so that nothing but
    scikit-learn is in it. scaling: a shift of the logits per class and their scale, after that. Of focal
    weights and more than two classes probabilities stay as the model says.
    """
    from sklearn.pipeline import Pipeline

    encoder = prepared(columns, seed)
    with np.errstate(divide="ignore", invalid="ignore"):
        matrix = np.asarray(encoder.fit_transform(frame), dtype=np.float64)
    rows = Training(matrix, target, len(columns.levels), classes)
    way = STRATEGIES[strategy]
    trained = way.train(rows, way.resample(rows, seed), MODELS[model], seed)
    one = averaged(trained.models, rows)
    made_right(one, trained, rows.counts / rows.target.size)
    if scaling is not None:
        moved(one, np.array(scaling[0]), scaling[1])
    return Pipeline([("prepare", encoder), ("model", one)])


def made_right(model: Any, trained: Trained, natural: Floats) -> None:
    """Undo what the strategy did: weights by focal weights stretch the logit of two classes, other shares
    move it.
    """
    if trained.gamma and natural.size == 2:
        moved(model, np.zeros(2), 1.0 + trained.gamma)
    elif trained.shares is not None:
        shares = np.where(trained.shares > 0, trained.shares, 1.0)
        moved(model, np.log(natural) - np.log(shares), 1.0)


def moved(model: Any, shift: Floats, scale: float) -> None:
    """Scores of a fitted model times ``scale`` plus ``shift`` (one number per class), in place: of logistic
    regression its coefficients, of boosted trees their leaves and where they begin, of several models what
    averages them.
    """
    last = model[-1] if hasattr(model, "steps") else getattr(model, "final_estimator_", model)
    shift = shift[np.asarray(last.classes_, dtype=np.int64)]  # a sampler may have left a class without a row
    by = np.array([shift[1] - shift[0]]) if shift.size == 2 else shift
    if hasattr(last, "coef_"):
        last.coef_ = last.coef_ * scale
        last.intercept_ = last.intercept_ * scale + by
        return
    last._baseline_prediction = last._baseline_prediction * scale + by.reshape(1, -1)
    for one in [tree for trees in last._predictors for tree in trees] if scale != 1.0 else []:
        one.nodes["value"] *= scale


def averaged(models: tuple[Any, ...], rows: Training) -> Any:
    """The one model, or several as one that averages their scores: scikit-learn's stack, whose last model
    gives the same coefficient to each. rows: some of each class.
    """
    if len(models) == 1:
        return models[0]
    from sklearn.ensemble import StackingClassifier
    from sklearn.linear_model import LogisticRegression

    bags = [(f"bag_{at}", one) for at, one in enumerate(models)]
    stack = StackingClassifier(bags, LogisticRegression(), cv="prefit", stack_method="decision_function")
    classes, first = np.unique(rows.target, return_index=True)
    stack.fit(rows.matrix[first], rows.target[first])  # so that it has its shape
    scores = 1 if classes.size == 2 else classes.size  # of each model
    last = stack.final_estimator_
    last.coef_, last.intercept_ = np.tile(np.eye(scores), len(models)) / len(models), np.zeros(scores)
    return stack
