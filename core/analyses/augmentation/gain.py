"""Whether a model is better with the variants: two built-in classifiers, trained with plain copies and with
variants on the same splits, tested on real images.

Copies are the control, as more of the same images alone changes what a model learns.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from core.analyses.augmentation.held_out import held_out
from core.analyses.augmentation.reducing import ReducedVariants
from core.numerics.extra_trees import ExtraTrees
from core.numerics.hog import hog
from core.numerics.paired import Difference, difference
from core.phrases import count, points
from core.progress import Progress

Floats = NDArray[np.float32]
Codes = NDArray[np.int64]
Verdict = Literal["helps", "no measurable gain", "hurts"]
MODELS = ("linear model", "extra trees")
SPLITS = 8
VARIANTS = 3  # of each image
POOL = 900  # real images at most, two thirds of which are trained on
TESTED = 1 / 3  # share of the images of a split that are tested
_WIDTH = 64  # principal components of the descriptions
_TREES = 50


@dataclass(frozen=True)
class Gain:
    """What variants add to the accuracy, over plain copies, per model of `MODELS`: mean over the splits and
    its 95% interval. copies: mean accuracy with copies. images: how many there were. breaking: whether the
    pipeline breaks labels, so that no gain is claimed for it.
    """

    differences: tuple[Difference, ...]
    copies: tuple[float, ...]
    images: int
    breaking: bool = False

    @property
    def verdict(self) -> Verdict:
        """Helps where both models surely gain; hurts where one surely loses."""
        if all(one.low > 0 for one in self.differences) and not self.breaking:
            return "helps"
        return "hurts" if any(one.high < 0 for one in self.differences) else "no measurable gain"


def trained(
    small: NDArray[np.uint8],
    sources: NDArray[np.int64],
    codes: Codes,
    keys: NDArray[np.uint64],
    varied: ReducedVariants,
    progress: Progress,
) -> Gain | None:
    """The gain on at most `POOL` images: the first by the keys of their pixels, whatever their order.

    small: copies of 64 x 64 pixels by position in the source. sources, codes, keys: one per image, the keys
    those of the pixels. varied: gives the variant of a copy, of its row and of a number.
    """
    order = np.lexsort((sources, keys))[:POOL]
    sources, codes, keys = sources[order], codes[order], keys[order]
    made = np.empty((sources.size, VARIANTS, *small.shape[1:]), np.uint8)
    making = progress.part(0.0, 0.4)
    for place, row in enumerate(making.each(sources.tolist(), "Making variants to train with")):
        for number in range(VARIANTS):
            made[place, number] = varied(small[row], row, number)
    described = hog(made.reshape(-1, *small.shape[1:])).reshape(sources.size, VARIANTS, -1)
    return gain(hog(small[sources]), described, codes, keys, progress.part(0.45, 1.0))


def gain_in_words(one: Gain) -> str:
    """What the experiment gave, in a sentence."""
    each = "; ".join(
        f"{model} {points(gap.value)} points (95% interval {points(gap.low)} to {points(gap.high)})"
        for model, gap in zip(MODELS, one.differences, strict=True)
    )
    return (
        f"Trained on {count(one.images, 'image')} in {SPLITS} splits, accuracy on real images with variants "
        f"against plain copies: {each}: {one.verdict}."
    )


def gain(
    plain: Floats, made: NDArray[np.float32], codes: Codes, keys: NDArray[np.uint64], progress: Progress
) -> Gain | None:
    """Train on two thirds of the images and test on the others, `SPLITS` times; None where no split leaves
    two classes on both sides.

    plain: n x p descriptions of real images. made: n x `VARIANTS` x p of their variants. codes: classes.
    keys: of the pixels; images of one key lie on one side. Rows are taken in the order given. Each class has
    a third of its images among those tested; of a single one none is.
    """
    scores = []
    for split in progress.each(list(range(SPLITS)), "Training with copies and with variants"):
        tested = held_out(codes, keys, TESTED, split)
        if min(np.unique(codes[tested]).size, np.unique(codes[~tested]).size) >= 2:
            scores.append(_split(plain, made, codes, tested, progress))
    if len(scores) < 2:
        return None
    accuracy = np.array(scores)  # splits x models x (copies, variants)
    ratio = TESTED / (1 - TESTED)
    return Gain(
        tuple(difference(accuracy[:, at, 1], accuracy[:, at, 0], ratio) for at in range(len(MODELS))),
        tuple(float(one) for one in accuracy[:, :, 0].mean(axis=0)),
        codes.size,
    )


def _split(
    plain: Floats, made: Floats, codes: Codes, tested: NDArray[np.bool_], progress: Progress
) -> list[tuple[float, float]]:
    """Accuracy with copies and with variants, per model. The axes are those of the train images alone."""
    train = plain[~tested]
    middle = train.mean(axis=0)
    _, _, axes = np.linalg.svd(train - middle, full_matrices=False)
    down = axes[:_WIDTH].T

    def placed(points: Floats) -> Floats:
        return np.asarray((points - middle) @ down, np.float32)

    own, held, aim = placed(train), placed(plain[tested]), codes[~tested]
    variants = placed(made[~tested].reshape(-1, plain.shape[1]))
    copied, labels = np.tile(own, (VARIANTS + 1, 1)), np.tile(aim, VARIANTS + 1)
    mixed, others = np.concatenate([own, variants]), np.concatenate([aim, np.repeat(aim, VARIANTS)])
    scores = []
    for at in range(len(MODELS)):
        progress.check()
        with_copies = _accuracy(at, copied, labels, held, codes[tested])
        scores.append((with_copies, _accuracy(at, mixed, others, held, codes[tested])))
    return scores


def _accuracy(model: int, points: Floats, labels: Codes, held: Floats, truth: Codes) -> float:
    if model == 0:
        from sklearn.linear_model import LogisticRegression

        fitted: Any = LogisticRegression(C=1.0, max_iter=300, tol=1e-3).fit(points, labels)
    else:
        fitted = ExtraTrees(_TREES, seed=0).fit(points, labels)
    return float((fitted.predict(held) == truth).mean())
