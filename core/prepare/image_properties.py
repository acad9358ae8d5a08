"""Whether a property of the images, apart from what they show, predicts their label or their part.

A model that learns the camera, the size or the compression instead of the content fails where these change:
hospitals' retinal cameras (AlBadawy, Saha and Mazurowski 2018), the token of a radiograph's laterality
(Zech and others 2018). One property at a time, a tree of at most eight leaves, balanced accuracy on five
held-out folds.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.numerics.folds import FOLDS, folds_of
from core.prepare.images_judged import CONTENT, TECHNICAL, enough_images
from core.progress import Progress

Floats = NDArray[np.float64]
LEAVES = 8
SAMPLE = 5_000
PERMUTED = 20  # label permutations of a property that may predict
LEVEL = 0.01  # of the test, all properties together
EFFECT = 0.1  # of the way from chance to certainty: less is of no use to a model


@dataclass(frozen=True)
class Predicted:
    """How well one property alone predicts classes. accuracy: balanced, on held-out images. error: its
    standard error. chance: 1 / number of classes. noise: what 95% of properties that predict nothing stay
    under. p: of so much, one-sided, where nothing is to be predicted.
    """

    name: str
    accuracy: float
    error: float
    chance: float
    noise: float
    p: float
    images: int

    @property
    def technical(self) -> bool:
        """Whether the property is one of the file or the camera, and not of what is shown."""
        return self.name in TECHNICAL

    @property
    def effect(self) -> float:
        """How far from chance to certainty it comes, 0 to 1."""
        return (self.accuracy - self.chance) / (1 - self.chance)


def predicted(
    properties: Mapping[str, Floats], classes: NDArray[np.int64], keys: NDArray[np.uint64], progress: Progress
) -> list[Predicted]:
    """How well each property alone predicts the classes, best first.

    properties: name -> one number per image, NaN where there is none. classes: per image, -1 where unknown.
    keys: of the images' pixels, so that equal images share a fold. Empty where there are not two classes
    with ten images each; at most 5,000 images, drawn by their keys.
    """
    rows = _drawn(classes, keys)
    if rows.size == 0:
        return []
    wanted, numbers = classes[rows], folds_of(keys[rows])
    found = []
    for name in progress.each(list(properties), "Comparing properties with classes"):
        values = properties[name][rows]
        if np.unique(values[np.isfinite(values)]).size + bool(np.isnan(values).any()) > 1:
            found.append(_one(name, values, wanted, numbers))
    order = (*TECHNICAL, *CONTENT)
    return sorted(found, key=lambda one: (-one.accuracy, order.index(one.name)))


def _drawn(classes: NDArray[np.int64], keys: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Images of classes with ten or more, in the order of their keys, at most `SAMPLE`; none where there
    are not 2 to 50 such classes.
    """
    rows = np.flatnonzero(np.isin(classes, enough_images(classes)))
    order = rows[np.lexsort((classes[rows], keys[rows]))][:SAMPLE]
    return np.asarray(order, np.int64)


def _one(name: str, values: Floats, classes: NDArray[np.int64], folds: NDArray[np.int64]) -> Predicted:
    """One property. Its accuracy by chance has the spread of independent guesses, or of label permutations
    where these spread more; they are drawn only where the accuracy is beyond the former.
    """
    column = np.stack([np.nan_to_num(values, nan=-1e9), np.isnan(values)], axis=1)
    names, which = np.unique(classes, return_inverse=True)
    counts, chance = np.bincount(which), 1 / names.size
    recalls = _recalls(column, which, folds)
    accuracy = float(recalls.mean())
    error = math.sqrt(float((recalls * (1 - recalls) / counts).sum())) / names.size
    spread = math.sqrt(float((chance * (1 - chance) / counts).sum())) / names.size
    if _p(accuracy, chance, spread) < LEVEL:
        draw = np.random.default_rng(0)
        permuted = [_recalls(column, draw.permutation(which), folds).mean() for _ in range(PERMUTED)]
        spread = max(spread, float(np.sqrt(np.mean((np.array(permuted) - chance) ** 2))))
    p = _p(accuracy, chance, spread)
    return Predicted(name, accuracy, error, chance, chance + 1.645 * spread, p, classes.size)


def _p(accuracy: float, chance: float, spread: float) -> float:
    return 0.5 * math.erfc((accuracy - chance) / spread / math.sqrt(2))


def _recalls(column: Floats, classes: NDArray[np.int64], folds: NDArray[np.int64]) -> Floats:
    """Share of each class, held out, that a tree on the other folds gets right.

    column: images x 2, finite. classes: 0 and up. Classes weigh the same; scikit-learn's checks of what is
    handed over, and its way to the weights, take longer than such a tree takes to grow.
    """
    from sklearn import config_context
    from sklearn.tree import DecisionTreeClassifier

    right, numbers = np.zeros(classes.size, bool), column.astype(np.float32)
    with config_context(skip_parameter_validation=True, assume_finite=True):
        for fold in range(FOLDS):
            held = folds == fold
            if held.all() or not held.any():
                continue
            learnt = classes[~held]
            sizes = np.bincount(learnt)
            weights = (learnt.size / (np.count_nonzero(sizes) * np.maximum(sizes, 1)))[learnt]
            tree = DecisionTreeClassifier(max_leaf_nodes=LEAVES, random_state=0)
            tree.fit(numbers[~held], learnt, sample_weight=weights, check_input=False)
            right[held] = tree.predict(numbers[held], check_input=False) == classes[held]
    return np.asarray(np.bincount(classes, right) / np.bincount(classes))


def telling(found: list[Predicted], technical: bool) -> list[Predicted]:
    """Those of one group that predict classes surely (`surely`) among all of these, best first."""
    return [one for one in found if one.technical == technical and surely(one, len(found))]


def surely(one: Predicted, among: int) -> bool:
    """Whether a property predicts more than chance does (Bonferroni over so many) and enough to be of use."""
    return one.p * max(1, among) < LEVEL and one.effect >= EFFECT
