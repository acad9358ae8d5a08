"""What is said of a pipeline."""

from __future__ import annotations

from core.analyses.augmentation.gain import MODELS, Gain
from core.analyses.augmentation.judging import BREAKING, VariantQuality
from core.finding import Finding
from core.phrases import name, percent, sentence

_WASTED = 0.5  # share of variants that hardly differ from their image


def findings(
    done: VariantQuality, gained: Gain | None, classes: tuple[str, ...], target: str
) -> list[Finding]:
    """``label_breaking``, ``variants_wasted``, ``variants_hurt``."""
    found = [_hurt(gained, target)] if gained is not None and gained.verdict == "hurts" else []
    if done.breaking:
        found.append(_breaking(done, classes, target))
    if done.waste >= _WASTED:
        found.append(_wasted(done))
    return found


def _breaking(done: VariantQuality, classes: tuple[str, ...], target: str) -> Finding:
    worst = min(
        (one for one in zip(done.by_class, classes, strict=True) if one[0].held),
        key=lambda one: one[0].change,
    )[1]
    change, (low, high) = done.whole.change, done.whole.interval()
    return Finding(
        code="label_breaking",
        title=f"The pipeline breaks labels: its variants cost {percent(-change)} of real images "
        f"their label (95% interval {percent(-high)} to {percent(-low)}), "
        f"most in class {name(worst)}",
        severity="warning",
        score=min(1.0, 0.5 - 5 * change),
        why="Some variants look like real images of another class, so that a model is taught what is wrong.",
        suggestion="Leave out flips and turns that change what an image means, or make ranges smaller.",
        columns=(target,),
        value=change,
        measure="change of recognition",
        limit=BREAKING,
        noise=(high - low) / 2,
        n=done.whole.held,
    )


def _wasted(done: VariantQuality) -> Finding:
    return Finding(
        code="variants_wasted",
        title=f"{sentence(percent(done.waste))} of the variants are hardly changed",
        severity="info",
        score=0.2,
        why="They teach no more than copies do.",
        suggestion="Make ranges wider or probabilities higher.",
        value=done.waste,
        measure="share of variants",
        limit=_WASTED,
        n=done.whole.held,
    )


def _hurt(gained: Gain, target: str) -> Finding:
    at = min(range(len(MODELS)), key=lambda one: gained.differences[one].high)
    gap = gained.differences[at]
    return Finding(
        code="variants_hurt",
        title=f"A model trained with the variants is worse: accuracy of the {MODELS[at]} falls by "
        f"{percent(-gap.value)} (95% interval {percent(-gap.high)} to {percent(-gap.low)}) against "
        "plain copies",
        severity="warning",
        score=min(1.0, 0.5 - 5 * gap.value),
        why="Variants take the place of what real images look like, or stand where another class is.",
        suggestion="Make ranges smaller, or leave out steps one by one and train again.",
        columns=(target,),
        value=gap.value,
        measure="change of accuracy",
        limit=0.0,
        noise=(gap.high - gap.low) / 2,
        n=gained.images,
    )
