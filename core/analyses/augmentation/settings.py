"""What can be set: the pipeline of augmentations, and how it is judged."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

from core.analyses.augmentation.operations import PRESETS
from core.analyses.augmentation.pipeline import checked
from core.analyses.augmentation.towards import SERVE, towards_serve
from core.dataset import Dataset
from core.errors import SettingError
from core.settings import Settings, choice, column, knob, text

NO_STEPS = (
    "No operation brings train nearer to serve: in light, colour, sharpness and compression the images of "
    "both do not differ enough, or there are too few of them."
)


@dataclass(frozen=True)
class AugmentationSettings(Settings):
    """The pipeline, and how it is judged."""

    preset: str = choice(
        "general",
        "Preset",
        "Operations to begin with, where no steps are given; serve: those that bring train nearer to serve.",
        (*PRESETS, SERVE),
    )
    steps: str = text(
        "",
        "Steps",
        'Operations in order, as JSON: [{"op": "rotate", "amount": [-10, 10], "p": 0.5}]; empty: the preset.',
    )
    target: str = column(
        "Label",
        "Whether labels survive is judged by it.",
        ("category", "boolean", "text", "numeric"),
        "target",
    )
    images: int = knob(
        2_000, "Images", "Train images that variants are made of, and at most as many held out.", 40, 10_000
    )
    trained: bool = knob(
        False, "Train models", "Also train two models with and without the variants; takes half a minute."
    )
    seed: int = knob(0, "Seed", "Of the variants: the same seed gives the same pixels.", 0, 2**31 - 1)

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.of_the_data:
            self.pipeline  # noqa: B018 - checked at birth, as bounds are

    @property
    def of_the_data(self) -> bool:
        """Whether the steps are yet to be made of the data, by `for_data`."""
        return self.preset == SERVE and not _read(self.steps)

    @property
    def pipeline(self) -> list[dict[str, Any]]:
        """The steps that are switched on, checked and complete. Raises `SettingError` where they are yet to
        be made of the data.
        """
        if self.of_the_data:
            raise SettingError("preset=serve has no steps before it has seen the data.")
        return checked(_read(self.steps) or PRESETS[self.preset])

    def for_data(self, dataset: Dataset) -> AugmentationSettings:
        """With the steps of the preset serve written out. Raises `SettingError` where there are none."""
        if not self.of_the_data:
            return self
        steps = towards_serve(dataset)
        if not steps:
            raise SettingError(NO_STEPS)
        return replace(self, steps=json.dumps(steps))


def _read(steps: str) -> list[Any]:
    """The steps in a text of JSON. Raises `SettingError`."""
    try:
        read = json.loads(steps or "[]")
    except (ValueError, RecursionError) as error:
        raise SettingError(f"steps must be a JSON list of operations; {str(error)[:80]}.") from error
    if not isinstance(read, list):
        raise SettingError(f"steps must be a JSON list of operations; got {steps[:60]!r}.")
    return read
