"""What is said of properties of images that predict the label or the part: a shortcut, another camera, other
light.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.finding import Finding
from core.phrases import listed, name, verb
from core.prepare.image_measures import CALLED
from core.prepare.image_properties import Predicted
from core.prepare.images_judged import LEAST

PARTS = "train or serve"


def properties_of_label(found: Sequence[Predicted], target: str, columns: Mapping[str, str]) -> list[Finding]:
    """That properties of the files predict the label, or that what is seen at a glance does."""
    technical = [one for one in found if one.technical]
    content = [one for one in found if not one.technical]
    findings = []
    if technical:
        findings.append(
            Finding(
                code="image_shortcut",
                title=_predicts(technical, name(target), columns),
                severity="warning",
                score=min(1.0, technical[0].effect),
                why="A model may learn how the images were made instead of what they show, and fail where "
                "that changes.",
                suggestion="Look at images of each class; make size, format and compression alike before "
                "training, and test on images from elsewhere.",
                beside=(target,),
                predicts=True,
                **_facts(technical, columns),
            )
        )
    if content:
        findings.append(
            Finding(
                code="image_content",
                title=_predicts(content, name(target), columns),
                severity="info",
                score=min(1.0, content[0].effect) / 2,
                why="That may be what the classes are, or the light in which they were taken.",
                suggestion="Look at images of each class.",
                beside=(target,),
                predicts=True,
                **_facts(content, columns),
            )
        )
    return findings


def properties_of_part(found: Sequence[Predicted], columns: Mapping[str, str]) -> list[Finding]:
    """That train and serve differ in how images were made, or in what is seen at a glance."""
    technical = [one for one in found if one.technical]
    content = [one for one in found if not one.technical]
    findings = []
    if technical:
        findings.append(
            Finding(
                code="image_source",
                title=_predicts(technical, PARTS, columns),
                severity="warning",
                score=min(1.0, technical[0].effect),
                why="Train and serve images were made otherwise: another camera, size, format or "
                "compression.",
                suggestion="Make both alike before training, or take train images as serve's are.",
                **_facts(technical, columns),
            )
        )
    if content:
        findings.append(
            Finding(
                code="image_light",
                title=_predicts(content, PARTS, columns),
                severity="warning",
                score=min(1.0, content[0].effect),
                why="Train and serve images differ in light or colour.",
                suggestion="Compare images of both; change brightness and colours when augmenting train, or "
                "take train images in the light of serve's.",
                **_facts(content, columns),
            )
        )
    return findings


def _predicts(found: Sequence[Predicted], what: str, columns: Mapping[str, str]) -> str:
    first = found[0]
    said, *others = [CALLED.get(one.name, name(columns[one.name])) for one in found]
    others = [f"{one} ({of.accuracy:.2f})" for one, of in zip(others, found[1:], strict=True)]
    among = "" if what == PARTS else f" among {round(1 / first.chance)} classes of {LEAST} images or more"
    more = f"; so {verb(len(others), 'does', 'do')} {listed(others)}" if others else ""
    return (
        f"{said[:1].upper()}{said[1:]} predicts {what} on its own: balanced accuracy {first.accuracy:.2f} "
        f"(95% interval {first.accuracy - 1.96 * first.error:.2f} to "
        f"{min(1.0, first.accuracy + 1.96 * first.error):.2f}), {first.chance:.2f} expected by chance"
        f"{among}{more}"
    )


def _facts(found: Sequence[Predicted], columns: Mapping[str, str]) -> dict[str, Any]:
    first = found[0]
    return {
        "columns": tuple(dict.fromkeys(columns[one.name] for one in found)),
        "properties": len(found),
        "value": first.accuracy,
        "limit": first.chance,
        "noise": first.noise,
        "measure": "balanced accuracy of one property",
        "n": first.images,
        "gathers": True,
    }
