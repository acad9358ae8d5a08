"""What is said of images with a defect, and of properties that give the label or the part away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.analyses.imagequality.checks import CHECKS, SMALLEST, Checked
from core.finding import Finding
from core.numerics.grouping import poisson_limit
from core.phrases import by_chance, count, listed, name, percent, verb
from core.prepare.image_measures import CALLED
from core.prepare.image_properties import Predicted
from core.prepare.images_judged import LEAST
from core.rowset import RowSet

# share of clean images that a check flags, as counted in docs/methods/imagequality.md
FALSE_ALARMS = {
    "blank": 0.002,
    "dark": 0.001,
    "washed_out": 0.002,
    "low_contrast": 0.019,
    "blurred": 0.017,
    "framed": 0.002,
    "compressed": 0.012,
    "grey": 0.002,
    "odd_size": 0.01,
}
_DECIDE = "Look at the worst first; drop what nobody can make out, and ask where it came from."
_MET = "A model will meet such images: look at them, then"
_WEIGHT = "or weight train to look like serve, on Overlap. Drop only what nobody can make out."
_VARIED = f"{_MET} vary train likewise on Augment, with Towards serve, {_WEIGHT}"
# defects that are serve's own -> what to do first; what is blank shows nothing in serve, too
_OF_SERVE = {
    **dict.fromkeys(("dark", "washed_out", "low_contrast", "blurred", "compressed"), _VARIED),
    "framed": f"{_MET} cut the frames off before a model sees them, in serve as in train, {_WEIGHT}",
    "grey": f"{_MET} make train and serve grey, or vary the colours of train on Augment, {_WEIGHT}",
    "odd_size": f"{_MET} bring train and serve to one size and shape in the same way, {_WEIGHT}",
}


def defects(
    checked: Checked,
    rows: NDArray[np.int64],
    score: NDArray[np.float64],
    serve: NDArray[np.bool_],
) -> list[Finding]:
    """One finding per kind of defect: where serve alone has more of it than expected by chance, it says so
    and asks to look at the images, not to drop them. ``rows``: of the data, per image; ``score``, ``serve``:
    per image.
    """
    found = []
    for place, check in enumerate(CHECKS):
        has = checked.flagged[place]
        if not has.any():
            continue
        known = int(np.isfinite(checked.ratios[place]).sum())
        expected = FALSE_ALARMS[check.name] * known
        many = int(has.sum()) > poisson_limit(expected)
        facts = {
            "severity": "warning" if many else "info",
            "score": float(score[has].max()),
            "rows": RowSet(rows[has]),
            "value": float(has.sum()),
            "limit": float(poisson_limit(expected)),
            "noise": expected,
            "noise_is": "expected by chance",
            "measure": "images",
            "n": known,
        }
        own = int((has & serve).sum())
        of_serve = check.name in _OF_SERVE and _serve_alone(check.name, checked.ratios[place], has, serve)
        parts = f", {'all' if own == has.sum() else count(own)} of serve" if of_serve else ""
        share = f"({percent(has.sum() / known)}{parts}; at most {_number(expected)} expected by chance)"
        one = _SAID[check.name](_images(int(has.sum())), share, facts)
        if check.name == "odd_size" and checked.tiny.any():
            one = _tiny(one, int(checked.tiny.sum()), int(has.sum()), share)
        found.append(replace(one, suggestion=_OF_SERVE[check.name], action="defer") if of_serve else one)
    return found


def _serve_alone(
    check: str, ratios: NDArray[np.float64], has: NDArray[np.bool_], serve: NDArray[np.bool_]
) -> bool:
    """Whether serve has more of a defect than expected by chance, and train has not."""
    own, other = (
        (has & part).sum() > poisson_limit(FALSE_ALARMS[check] * int((np.isfinite(ratios) & part).sum()))
        for part in (serve, ~serve)
    )
    return bool(own and not other)


def _number(expected: float) -> str:
    """A number of images that is none of percents.

    >>> _number(0.9), _number(1.0)
    ('0.9 images', '1 image')
    """
    return f"{by_chance(expected)} {'image' if by_chance(expected) == '1' else 'images'}"


def _images(amount: int) -> str:
    return f"{count(amount, 'image')} {'is' if amount == 1 else 'are'}"


def _blank(images: str, share: str, facts: Mapping[str, Any]) -> Finding:
    why = "They show nothing, so that whatever their label says cannot be learned from them."
    return Finding(
        code="image_blank",
        title=f"{images} blank {share}",
        why=why,
        suggestion=_DECIDE,
        action="drop",
        **facts,
    )


def _dark(images: str, share: str, facts: Mapping[str, Any]) -> Finding:
    why = "Even their brightest pixels are far from white: little is left to see."
    return Finding(
        code="image_dark", title=f"{images} dark {share}", why=why, suggestion=_DECIDE, action="drop", **facts
    )


def _washed_out(images: str, share: str, facts: Mapping[str, Any]) -> Finding:
    why = "Even their darkest pixels are nearly white: little is left to see."
    return Finding(
        code="image_washed_out",
        title=f"{images} washed out {share}",
        why=why,
        suggestion=_DECIDE,
        action="drop",
        **facts,
    )


def _low_contrast(images: str, share: str, facts: Mapping[str, Any]) -> Finding:
    why = "Their grey levels span a small part of the range: fog, wrong exposure or a wrong conversion."
    return Finding(
        code="image_low_contrast",
        title=f"{images} of low contrast {share}",
        why=why,
        suggestion=_DECIDE,
        action="drop",
        **facts,
    )


def _blurred(images: str, share: str, facts: Mapping[str, Any]) -> Finding:
    why = "Their sharpest edges are wide: out of focus, moved, or enlarged from a small picture."
    return Finding(
        code="image_blurred",
        title=f"{images} blurred {share}",
        why=why,
        suggestion=_DECIDE,
        action="drop",
        **facts,
    )


def _framed(images: str, share: str, facts: Mapping[str, Any]) -> Finding:
    why = "A plain frame says where an image comes from, and takes the place of what it shows."
    return Finding(
        code="image_framed",
        title=f"{images} in a plain frame {share}",
        why=why,
        suggestion="Look at them; cut the frames off in the source, or drop the images.",
        action="drop",
        **facts,
    )


def _compressed(images: str, share: str, facts: Mapping[str, Any]) -> Finding:
    why = "Strong compression leaves blocks that a model may learn instead of what is shown."
    return Finding(
        code="image_compressed",
        title=f"{images} strongly compressed {share}",
        why=why,
        suggestion=_DECIDE,
        action="drop",
        **facts,
    )


def _grey(images: str, share: str, facts: Mapping[str, Any]) -> Finding:
    return Finding(
        code="image_grey",
        title=f"{images} grey where the others have colours, or the reverse {share}",
        why="They may come from another source; where they are of one class, a model learns that.",
        suggestion="Look whether they belong to the set; make all of them grey where colours say nothing.",
        action="drop",
        **facts,
    )


def _odd_size(images: str, share: str, facts: Mapping[str, Any]) -> Finding:
    return Finding(
        code="image_odd_size",
        title=f"{images} of a size or shape far from the others' {share}",
        why="Scaled to one size they are distorted or blurred; they may come from another source.",
        suggestion="Look whether they belong to the set.",
        action="drop",
        **facts,
    )


def _tiny(found: Finding, tiny: int, every: int, share: str) -> Finding:
    """The finding of sizes where some are tiny. tiny, every: how many images."""
    small = f"under {SMALLEST:.0f} pixels on a side"
    others = f", and {count(every - tiny)} of a size or shape far from the others'" if every > tiny else ""
    return replace(
        found,
        title=f"{_images(tiny)} {small}{others} {share}",
        why=f"Of an image {small} hardly anything can be made out: it may be a placeholder or a broken copy. "
        f"{found.why}",
        suggestion="Look at them; drop what shows nothing, and ask where it came from.",
    )


_SAID = {
    "blank": _blank,
    "dark": _dark,
    "washed_out": _washed_out,
    "low_contrast": _low_contrast,
    "blurred": _blurred,
    "framed": _framed,
    "compressed": _compressed,
    "grey": _grey,
    "odd_size": _odd_size,
}


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


PARTS = "train or serve"


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
        "partly_named": any(one.name in CALLED for one in found),
        "value": first.accuracy,
        "limit": first.chance,
        "noise": first.noise,
        "measure": "balanced accuracy of one property",
        "n": first.images,
        "gathers": True,
    }
