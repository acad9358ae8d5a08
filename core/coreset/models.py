"""The models that are fitted on coresets where nobody brings one, and the parameters worth looking at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.coreset.prior import PriorCorrected

LINEAR, TREES = "Linear model", "Boosted trees"


@dataclass(frozen=True)
class TunedModel:
    """``name``. ``grid``: parameter -> values worth looking at. ``most``: of their combinations looked at."""

    name: str
    grid: Mapping[str, Sequence[Any]]
    most: int

    def make(self, classes: bool, **parameters: Any) -> Any:
        """A new estimator of scikit-learn, for classes or for numbers; trees for classes are
        `PriorCorrected`.
        """
        from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
        from sklearn.linear_model import LogisticRegression, Ridge

        if self.name == TREES:
            kind: Any = HistGradientBoostingClassifier if classes else HistGradientBoostingRegressor
            trees = kind(
                **{"early_stopping": False, "l2_regularization": 1.0, "random_state": 0, **parameters}
            )
            return PriorCorrected(trees) if classes else trees
        if classes:
            return LogisticRegression(max_iter=1_000, C=parameters.get("strength", 1.0))
        return Ridge(alpha=1.0 / parameters.get("strength", 1.0))


MODELS = {
    model.name: model
    for model in (
        TunedModel(LINEAR, {"strength": (0.001, 0.01, 0.1, 1.0, 10.0, 100.0)}, 6),
        TunedModel(
            TREES,
            {
                "learning_rate": (0.03, 0.1, 0.3),
                "max_leaf_nodes": (7, 15, 31),
                "min_samples_leaf": (5, 20, 50),
            },
            8,
        ),
    )
}
