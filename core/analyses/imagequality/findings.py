"""What is said of images with a defect: one finding per kind of defect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.analyses.imagequality.checks import CHECKS, SMALLEST, Checked
from core.finding import Finding
from core.numerics.grouping import poisson_limit
from core.phrases import by_chance, count, percent
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
OF_SERVE = {
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
    there = [place for place in range(len(CHECKS)) if checked.flagged[place].any()]
    return [_defect(place, checked, rows, score, serve) for place in there]


def _defect(
    place: int,
    checked: Checked,
    rows: NDArray[np.int64],
    score: NDArray[np.float64],
    serve: NDArray[np.bool_],
) -> Finding:
    """The finding of one kind of defect. place: of its check."""
    check, has, ratios = CHECKS[place], checked.flagged[place], checked.ratios[place]
    known, own = int(np.isfinite(ratios).sum()), int((has & serve).sum())
    expected = FALSE_ALARMS[check.name] * known
    facts = {
        "severity": "warning" if has.sum() > poisson_limit(expected) else "info",
        "score": float(score[has].max()),
        "rows": RowSet(rows[has]),
        "value": float(has.sum()),
        "limit": float(poisson_limit(expected)),
        "noise": expected,
        "noise_is": "expected by chance",
        "measure": "images",
        "n": known,
    }
    of_serve = check.name in OF_SERVE and _serve_alone(check.name, ratios, has, serve)
    parts = f", {'all' if own == has.sum() else count(own)} of serve" if of_serve else ""
    share = f"({percent(has.sum() / known)}{parts}; at most {_number(expected)} expected by chance)"
    one = _SAID[check.name](_images(int(has.sum())), share, facts)
    if check.name == "odd_size" and checked.tiny.any():
        one = _tiny(one, int(checked.tiny.sum()), int(has.sum()), share)
    return replace(one, suggestion=OF_SERVE[check.name], action="defer") if of_serve else one


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
