"""What a pipeline of augmentations does to the images at hand: whether labels survive it, whether it adds
anything, and whether it brings train nearer to serve.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.analyses.augmentation.findings import findings
from core.analyses.augmentation.gain import MODELS, Gain, gain_in_words, trained
from core.analyses.augmentation.judging import VariantQuality, coverage, judged
from core.analyses.augmentation.nearness import FARTHER, NEARER, ServeNearness, serve_nearness
from core.analyses.augmentation.operations import PRESETS
from core.analyses.augmentation.pipeline import built, checked, code, variant
from core.analyses.augmentation.sample import PER_CLASS, judged_images
from core.analyses.augmentation.serve_folders import serve_folders
from core.analyses.augmentation.towards import SERVE, towards_serve
from core.analysis import Analysis, Found
from core.dataset import Dataset
from core.errors import SettingError
from core.finding import ranked
from core.numerics.hog import hog
from core.phrases import count, name, names, percent, verb
from core.prepare.image_measures import pixel_keys
from core.progress import Progress
from core.settings import Settings, choice, column, knob, text

if TYPE_CHECKING:
    import pandas as pd

NONE = "The data have no images."
NO_STEPS = (
    "No operation brings train nearer to serve: in light, colour, sharpness and compression the images of "
    "both do not differ enough, or there are too few of them."
)
_WIDTH = 64  # principal components of the gradients


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


class Lookalike(NamedTuple):
    """The first variant of a row of the source, which has a label and looks like another class."""

    row: int
    label: str
    looks_like: str


@dataclass(frozen=True, eq=False, kw_only=True)
class AugmentationResult(Found):
    """What the variants do. judged: None where there is no label to judge by. classes: names, as
    ``judged.by_class`` has them. before, after: coverage of serve; NaN without a serve part. variants: those
    made. gain: None where no models were trained. lookalikes: the variants that look most like another class;
    none where nothing can be said of labels. not_judged: classes with too few images. nearness: what becomes
    of the measures that separate train from serve; None without two parts, or where these have too few
    images, as a note says. left_out: names of the folders of serve, whose images the script leaves out.
    """

    judged: VariantQuality | None
    classes: tuple[str, ...]
    before: float
    after: float
    variants: int
    gain: Gain | None = None
    lookalikes: tuple[Lookalike, ...] = ()
    not_judged: tuple[str, ...] = ()
    nearness: ServeNearness | None = None
    left_out: tuple[str, ...] = ()

    @property
    def unchecked(self) -> str:
        """That nothing can be said of labels, where real images are recognised as by guessing."""
        one = self.judged
        if one is None or one.breaking or not one.by_chance:
            return ""
        return (
            f"Whether labels survive cannot be said: of {count(one.whole.held, 'real image')} held out "
            f"{percent(one.whole.before)} are recognised by their gradients, and always naming the commonest "
            f"class gets {percent(one.commonest)} right."
        )

    @property
    def calm(self) -> str:
        """Which class surely loses most, where one does; which were not judged; where variants stand beside
        serve.
        """
        few, near = self.not_judged, self.nearness
        said = [self._lost]
        if few:
            said.append(f"{names(few, 3)} {verb(len(few), 'was', 'were')} not judged")
        if near is not None and near.short:
            said.append(near.short)
        return "; ".join(said)

    @property
    def _lost(self) -> str:
        table = self.frame()
        lost = table[table["high"] < 0].sort_values("change")
        if not len(lost):
            return super().calm
        worst = lost.iloc[0]
        return (
            f"{name(str(worst['class']))} loses {percent(-float(worst['change']))} of its "
            f"{count(int(worst['images']), 'image')} held out"
        )

    @property
    def summary(self) -> dict[str, float | int | str]:
        """Variants made; change of recognition with its 95% interval and verdict, and leave, where anything
        can be said of labels; waste, how far they move, coverage.
        """
        facts: dict[str, float | int | str] = {"variants": self.variants}
        if self.judged is not None:
            one, whole = self.judged, self.judged.whole
            low, high = whole.interval()
            facts |= {
                "recognised_before": round(whole.before, 4),
                "hardly_changed": round(one.waste, 4),
            }
            if not self.unchecked:
                facts |= {
                    "change": round(whole.change, 4),
                    "change_low": round(low, 4),
                    "change_high": round(high, 4),
                    "label_breaking": int(one.breaking),
                    "look_like_another_class": round(one.leave, 4),
                }
            if not np.isnan(one.moved):
                facts["distance_moved"] = round(one.moved, 4)
        if not np.isnan(self.before):
            facts |= {
                "serve_covered_before": round(self.before, 4),
                "serve_covered_after": round(self.after, 4),
            }
        if self.nearness is not None:
            near = self.nearness
            facts |= {
                "measures_separating_train": sum(one.apart[0] for one in near.measures),
                "measures_nearer_to_serve": len(near.moved(NEARER)),
                "measures_farther_from_serve": len(near.moved(FARTHER)),
                "measures_separating_variants": len(near.separating),
            }
        if self.gain is not None:
            facts["gain"] = self.gain.verdict
            for model, gap in zip(MODELS, self.gain.differences, strict=True):
                place = f"gain_{model.replace(' ', '_')}"
                facts |= {place: round(gap.value, 4), f"{place}_low": round(gap.low, 4)}
                facts[f"{place}_high"] = round(gap.high, 4)
        return facts

    def tables(self) -> dict[str, pd.DataFrame]:
        """distance_to_serve, where there are two parts: a line per measure that separates train, or
        variants, from serve; see `MeasureNearness`.
        """
        import pandas as pd

        if self.nearness is None:
            return {}
        lines = [
            {
                "measure": f"image_{one.measure}",
                "train": one.train,
                "variants": one.variants,
                "serve": one.serve,
                "train_accuracy": one.before,
                "variants_accuracy": one.after,
                "noise_floor": one.floor,
                "way_left": one.way.left,
                "low": one.way.low,
                "high": one.way.high,
                "way_left_noise_floor": one.way.near,
                "verdict": one.verdict,
            }
            for one in self.nearness.measures
        ]
        return {"distance_to_serve": pd.DataFrame(lines)}

    def code(self) -> str:
        """The pipeline as a script that runs alone and gives the same pixels."""
        settings = self.settings
        assert isinstance(settings, AugmentationSettings)
        return code(settings.pipeline, settings.seed, self.left_out)

    def frame(self) -> pd.DataFrame:
        """One line per class: its real images held out, the share of them recognised without and with the
        variants, the change and its interval; the intervals hold for all classes together.
        """
        import pandas as pd

        every = self.judged.by_class if self.judged is not None else ()
        among = sum(one.held > 0 for one in every)
        ends = [one.interval(among) for one in every]
        return pd.DataFrame(
            {
                "class": pd.Series(self.classes, dtype="str"),
                "images": [one.held for one in every],
                "before": [one.before for one in every],
                "after": [one.after for one in every],
                "change": [one.change for one in every],
                "low": [low for low, _ in ends],
                "high": [high for _, high in ends],
            }
        )


def augmentation(dataset: Dataset, settings: AugmentationSettings, progress: Progress) -> AugmentationResult:
    """Make one variant of each of some train images at 64 x 64 pixels, and judge them; see
    docs/methods/augmentation.md. Without images there is nothing to say.
    """
    progress.at(0.0, "Reading pictures")
    pictures = dataset.pictures
    if pictures is None:
        return _nothing(settings, NONE)
    settings = settings.for_data(dataset)
    own = dataset.source_ids(np.arange(dataset.rows, dtype=np.int64))
    there, of_serve = pictures.readable_at(own), dataset.part_mask("serve")
    near, no_near = _nearness(dataset, settings, progress.part(0.0, 0.3))
    train, held, codes, classes, too_few = judged_images(
        dataset, there & ~of_serve, settings.target, settings.images
    )
    if not train.size:
        why = f"Choose a label with two classes or more of {PER_CLASS} images each to judge by."
        return replace(_nothing(settings, why, near, no_near), left_out=serve_folders(dataset))
    small = pictures.small()
    made = _variants(small, own[train], settings, progress.part(0.3, 0.7))
    serve = np.flatnonzero(there & of_serve)[: settings.images]
    every = [small[own[train]], made, small[own[held]], small[own[serve]]]
    progress.at(0.7, "Describing pictures")
    points = _embedded([hog(one) for one in every])
    end = 0.82 if settings.trained else 1.0
    levels = _levels_apart(every[0], made)
    done = judged(
        points[0], points[1], points[2], codes[train], codes[held], levels, progress.part(0.75, end)
    )
    gained = None
    if settings.trained:
        rows = np.concatenate([train, held])
        images = small, own[rows], codes[rows], pixel_keys(dataset)[rows]
        gained = trained(*images, built(settings.pipeline), settings.seed, progress.part(0.82, 1.0))
        gained = gained and replace(gained, breaking=done.breaking)
    before, after = coverage(points[0], points[1], points[3]) if serve.size else (np.nan, np.nan)
    progress.at(1.0, "Done")
    result = AugmentationResult(
        settings=settings,
        found=ranked(findings(done, gained, classes, settings.target)),
        notes=_notes(settings, gained, too_few, near, no_near),
        gain=gained,
        judged=done,
        classes=classes,
        before=float(before),
        after=float(after),
        variants=len(made),
        not_judged=too_few,
        nearness=near,
        left_out=serve_folders(dataset),
    )
    if result.unchecked:
        return result
    alike = (
        Lookalike(int(own[train[at]]), classes[codes[train[at]]], classes[looks])
        for at, looks in done.lookalikes
    )
    return replace(result, lookalikes=tuple(alike))


def _nearness(
    dataset: Dataset, settings: AugmentationSettings, progress: Progress
) -> tuple[ServeNearness | None, str]:
    pipeline = built(settings.pipeline)
    return serve_nearness(dataset, lambda one, row: variant(pipeline, one, settings.seed, row, 0), progress)


def _nothing(
    settings: AugmentationSettings, why: str, near: ServeNearness | None = None, no_near: str = ""
) -> AugmentationResult:
    return AugmentationResult(
        settings=settings,
        notes=tuple(filter(None, (why, no_near))),
        judged=None,
        classes=(),
        before=np.nan,
        after=np.nan,
        variants=0,
        nearness=near,
    )


def _notes(
    settings: AugmentationSettings,
    gained: Gain | None,
    too_few: tuple[str, ...],
    near: ServeNearness | None,
    no_near: str,
) -> tuple[str, ...]:
    notes = [
        "Judged at 64 x 64 pixels, by gradients of the pictures: changes of light or colour hardly show."
    ]
    if near is not None:
        notes.append(
            f"Distance to serve is measured of {count(near.variants, 'variant')} at full size, one an image."
        )
    elif no_near:
        notes.append(no_near)
    if too_few:
        which = count(len(too_few), "class was", "classes were")
        few = f"with under {PER_CLASS} images each in the half that is compared with"
        notes.append(f"{which} not judged, {few}: {names(too_few)}.")
    if gained is not None:
        notes.append(gain_in_words(gained))
    elif settings.trained:
        notes.append("No models were trained: the splits leave fewer than two classes on a side.")
    return tuple(notes)


def _variants(
    small: NDArray[np.uint8], sources: NDArray[np.int64], settings: AugmentationSettings, progress: Progress
) -> NDArray[np.uint8]:
    pipeline = built(settings.pipeline)
    made = np.empty((sources.size, *small.shape[1:]), np.uint8)
    for place, source in enumerate(progress.each(sources.tolist(), "Making variants")):
        made[place] = variant(pipeline, small[source], settings.seed, source, 0)
    return made


def _levels_apart(images: NDArray[np.uint8], variants: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Of each variant the mean difference of its pixels from its image's."""
    apart = [
        np.abs(np.subtract(*pair, dtype=np.float32)).mean() for pair in zip(images, variants, strict=True)
    ]
    return np.array(apart, np.float32)


def _embedded(parts: list[NDArray[np.float32]]) -> list[NDArray[np.float32]]:
    """The descriptions on the principal components of the first part, which is train."""
    mean = parts[0].mean(axis=0)
    _, _, axes = np.linalg.svd(parts[0][:2_000] - mean, full_matrices=False)
    return [((part - mean) @ axes[:_WIDTH].T).astype(np.float32) for part in parts]


ANALYSIS = Analysis(
    "Augmentation",
    "What will these variants teach a model, and do they keep the label?",
    "explore/augment",
    augmentation,
    icon="auto_fix_high",
    of_settings=True,
    alarms="images",
    asked=True,
)
