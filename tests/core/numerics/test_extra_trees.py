"""Trees for classes: the same as scikit-learn's."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.ensemble import ExtraTreesClassifier

from core.numerics.extra_trees import ExtraTrees


@pytest.mark.parametrize(("classes", "least", "seed"), [(2, 1, 0), (3, 2, 7), (12, 2, 1)])
def test_they_are_those_of_scikit_learn_to_the_last_bit(classes: int, least: int, seed: int) -> None:
    draw = np.random.default_rng(seed)
    rows = draw.normal(size=(300, 5)).astype(np.float32)
    rows[:, 4] = rows[:, 4] > 0.3
    codes = 10 * (draw.integers(0, classes, 300) * (rows[:, 0] > -1))  # classes that are no places
    theirs = ExtraTreesClassifier(20, min_samples_leaf=least, random_state=seed).fit(rows[:200], codes[:200])
    ours = ExtraTrees(20, seed, least).fit(rows[:200], codes[:200])
    np.testing.assert_array_equal(ours.classes_, theirs.classes_)
    np.testing.assert_array_equal(ours.predict_proba(rows), theirs.predict_proba(rows))
    np.testing.assert_array_equal(ours.predict(rows), theirs.predict(rows))
