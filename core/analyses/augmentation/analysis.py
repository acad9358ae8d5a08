"""What a pipeline of augmentations does to the images at hand: whether labels survive it, whether it adds
anything, and whether it brings train nearer to serve.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from core.analyses.augmentation.described import described
from core.analyses.augmentation.findings import findings
from core.analyses.augmentation.gain import Gain, trained
from core.analyses.augmentation.judging import VariantQuality, coverage, judged
from core.analyses.augmentation.nearness import serve_nearness
from core.analyses.augmentation.notes import (
    BY_GRADIENTS,
    of_classes,
    of_models,
    of_nearness,
)
from core.analyses.augmentation.pipeline import built, variant
from core.analyses.augmentation.reducing import ReducedVariants
from core.analyses.augmentation.result import AugmentationResult, Lookalike
from core.analyses.augmentation.sample import NO_IMAGES, NO_LABEL, JudgedImages, judged_images
from core.analyses.augmentation.script import source_files
from core.analyses.augmentation.settings import AugmentationSettings
from core.analyses.augmentation.sources import giving, none_of_train, readable
from core.analysis import OK, Analysis, Status
from core.dataset import Dataset
from core.finding import ranked
from core.prepare.image_measures import pixel_keys
from core.progress import Progress


def augmentation(dataset: Dataset, settings: AugmentationSettings, progress: Progress) -> AugmentationResult:
    """Make one variant of each of some train images at 64 x 64 pixels, and judge them; see
    docs/methods/augmentation.md. Skipped where neither labels nor the distance to serve can be judged.
    """
    progress.at(0.0, "Reading pictures")
    pictures = dataset.pictures
    if pictures is None:
        return AugmentationResult(settings=settings, status=Status("skipped", NO_IMAGES))
    settings = settings.for_data(dataset)
    pipeline, reduced = built(settings.pipeline), ReducedVariants(dataset, settings.pipeline, settings.seed)

    def varied(picture: NDArray[np.uint8], row: int) -> NDArray[np.uint8]:
        return variant(pipeline, picture, settings.seed, row, 0)

    near, no_near = serve_nearness(dataset, varied, progress.part(0.0, 0.3))
    train = giving(dataset) & ~dataset.part_mask("serve")
    sample = judged_images(dataset, train, settings.target, settings.images)
    notes, source = of_nearness(near, no_near), source_files(dataset)
    told = AugmentationResult(settings=settings, notes=notes, nearness=near, source=source)
    if sample.train.size:
        return _with_labels(dataset, sample, reduced, told, progress)
    skipped = Status("skipped", sample.why, sample.why == NO_LABEL)
    return replace(
        told,
        notes=tuple(filter(None, (*told.notes, none_of_train(dataset)))),
        status=OK if near is not None else skipped,
        not_judged_as=sample.why,
    )


def _with_labels(
    dataset: Dataset,
    sample: JudgedImages,
    reduced: ReducedVariants,
    told: AugmentationResult,
    progress: Progress,
) -> AugmentationResult:
    """The same with what variants do to labels. told: what is known without labels."""
    assert dataset.pictures is not None
    settings, none_of = told.settings, none_of_train(dataset)
    assert isinstance(settings, AugmentationSettings)
    own = dataset.source_ids(np.arange(dataset.rows, dtype=np.int64))
    serve = np.flatnonzero(readable(dataset) & dataset.part_mask("serve"))[: settings.images]
    train, held = sample.train, sample.held
    small, making = dataset.pictures.small(), progress.part(0.3, 0.75)
    points = described(small[own[train]], small[own[held]], small[own[serve]], own[train], reduced, making)
    judging = progress.part(0.75, 0.82 if settings.trained else 1.0)
    quality = judged(points, sample.codes[train], sample.codes[held], judging)
    untested = tuple(
        one for one, tested in zip(sample.classes, quality.by_class, strict=True) if not tested.held
    )
    before, after = coverage(points)
    gained = None
    if settings.trained:
        gained = _trained(dataset, sample, reduced, progress.part(0.82, 1.0))
        gained = gained and replace(gained, breaking=quality.breaking)
    progress.at(1.0, "Done")
    return replace(
        told,
        found=ranked(findings(quality, gained, sample.classes, settings.target)),
        notes=(
            BY_GRADIENTS,
            *told.notes,
            *of_classes(sample.too_few, untested),
            *((of_models(gained),) if settings.trained else ()),
            *((none_of,) if none_of else ()),
        ),
        judged=quality,
        classes=sample.classes,
        before=before,
        after=after,
        variants=train.size,
        gain=gained,
        lookalikes=() if quality.unchecked else _lookalikes(quality, sample, own),
        not_judged=(*sample.too_few, *untested),
    )


def _trained(
    dataset: Dataset, sample: JudgedImages, reduced: ReducedVariants, progress: Progress
) -> Gain | None:
    """What models trained on the images that are judged gain by the variants."""
    assert dataset.pictures is not None
    rows = np.concatenate([sample.train, sample.held])
    images = dataset.pictures.small(), dataset.source_ids(rows), sample.codes[rows], pixel_keys(dataset)[rows]
    return trained(*images, reduced, progress)


def _lookalikes(
    quality: VariantQuality, sample: JudgedImages, own: NDArray[np.int64]
) -> tuple[Lookalike, ...]:
    """The variants that look most like another class, by the rows of the source: ``own``."""
    rows, classes = sample.train, sample.classes
    return tuple(
        Lookalike(int(own[rows[at]]), classes[sample.codes[rows[at]]], classes[looks])
        for at, looks in quality.lookalikes
    )


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
