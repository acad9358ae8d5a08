"""What the judgement of a pipeline rests on, and why nothing is judged where nothing is."""

from __future__ import annotations

from core.analyses.augmentation.gain import Gain, gain_in_words
from core.analyses.augmentation.nearness import ServeNearness
from core.analyses.augmentation.sample import PER_CLASS
from core.phrases import count, names

BY_GRADIENTS = (
    "Judged at 64 x 64 pixels, by gradients of the pictures: changes of light or colour hardly show."
)
NO_MODELS = "No models were trained: the splits leave fewer than two classes on a side."


def of_nearness(near: ServeNearness | None, none: str) -> tuple[str, ...]:
    """Of what distance to serve is measured, or why it is not: ``none``."""
    if near is None:
        return (none,) if none else ()
    return (
        f"Distance to serve is measured of {count(near.variants, 'variant')} at full size, one an image.",
    )


def of_classes(too_few: tuple[str, ...], untested: tuple[str, ...]) -> tuple[str, ...]:
    """Which classes were not judged: those of too few images to compare with, and those of which none was
    held out, as all are copies of one.

    >>> of_classes((), ("a",))
    ("1 class was not judged, of which no image is held out: 'a'.",)
    """
    few = f"with under {PER_CLASS} images each in the half that is compared with"
    return tuple(
        f"{count(len(some), 'class was', 'classes were')} not judged, {why}: {names(some)}."
        for some, why in ((too_few, few), (untested, "of which no image is held out"))
        if some
    )


def of_models(gained: Gain | None) -> str:
    """What the models that were asked for gave."""
    return NO_MODELS if gained is None else gain_in_words(gained)
