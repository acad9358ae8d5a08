"""Whether a picture is cut out of another one: a window of that is moved and stretched until it lies on the
picture (enhanced correlation coefficient: Evangelidis and Psarakis 2008, IEEE TPAMI 30), and must then show
the same everywhere. What shows less (much of it is plain, pale or dark) must show it more exactly.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.analyses.nearduplicates.crop_candidates import SIDE, Window
from core.analyses.nearduplicates.detail import MUCH, centred, how_much

Floats = NDArray[np.float32]
_LEVELS, _ROUNDED = 20.0, 2.0  # most that two may differ anywhere; what rounding may make of it
_SOFTER = 1.0  # pixels of blur before two are compared: thin lines come out otherwise in another size
_WINDOW, _EDGE = 5, 4  # pixels that differences are averaged over; left out at the edges
_SKEW, _NARROWEST, _WIDEST, _BEYOND = 0.04, 0.6, 1.02, 2.0
_WHOLE = 0.985  # from this share of both sides it is no part but the whole


class _Same(NamedTuple):
    """What two must have in common to be the same. apart: most that they may differ anywhere, of their
    contrast; pale: least contrast of what they share.
    """

    correlation: float
    apart: float
    pale: float


_NEARLY, _EXACTLY = _Same(0.97, 0.35, 12.5), _Same(0.99, 0.15, 3.0)


def part_of(part: NDArray[np.uint8], whole: NDArray[np.uint8], window: Window) -> float | None:
    """How far a picture is from being a part of another, about this window of it (one less the correlation);
    None where it is none. Both are 64 x 64 x 3, RGB, whatever shape they had.
    """
    import cv2

    warp = _aligned(part, whole, window)
    if warp is None or not _is_cut(warp):
        return None
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    moved = cv2.warpAffine(whole, warp, (SIDE, SIDE), flags=how, borderMode=cv2.BORDER_REPLICATE)
    asked = _NEARLY if all(how_much(one).reaches(MUCH) for one in (part, whole)) else _EXACTLY
    return _apart(_softer(part), _softer(moved), asked)


def _softer(picture: NDArray[np.uint8]) -> Floats:
    """A little blurred, without its edges."""
    import cv2

    soft = cv2.GaussianBlur(picture.astype(np.float32), (0, 0), _SOFTER)
    return np.asarray(soft[_EDGE:-_EDGE, _EDGE:-_EDGE], np.float32)


def _aligned(part: NDArray[np.uint8], whole: NDArray[np.uint8], start: Window) -> NDArray[Any] | None:
    """The affine map from the part's pixels to the whole's, beginning with a window; None where none fits."""
    import cv2

    offset = start.share / 2 - 0.5
    warp = np.array(
        [[start.share, 0, start.left * SIDE + offset], [0, start.share, start.top * SIDE + offset]],
        np.float32,
    )
    grey = [cv2.cvtColor(one, cv2.COLOR_RGB2GRAY).astype(np.float32) for one in (part, whole)]
    stop = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 30, 1e-4)
    try:
        _, found = cv2.findTransformECC(grey[0], grey[1], warp, cv2.MOTION_AFFINE, stop, None, 3)
    except cv2.error:  # it did not converge: these are not alike
        return None
    return np.asarray(found)


def _is_cut(warp: NDArray[Any]) -> bool:
    """Whether a map is one of a window inside: upright, not much smaller or larger, and not the whole."""
    wide, tall = float(warp[0, 0]), float(warp[1, 1])
    left, top = float(warp[0, 2]) + 0.5 - wide / 2, float(warp[1, 2]) + 0.5 - tall / 2
    beyond = max(-left, -top, left + SIDE * wide - SIDE, top + SIDE * tall - SIDE)
    upright = max(abs(float(warp[0, 1])), abs(float(warp[1, 0]))) <= _SKEW
    sized = all(_NARROWEST <= one <= _WIDEST for one in (wide, tall))
    return upright and sized and min(wide, tall) <= _WHOLE and beyond <= _BEYOND


def _apart(one: Floats, other: Floats, asked: _Same) -> float | None:
    """One less the correlation of two pictures that lie on each other; None where they differ somewhere."""
    import cv2

    ones = centred(one), centred(other)
    spreads = float(ones[0].std()), float(ones[1].std())
    contrast = float(np.sqrt(spreads[0] * spreads[1]))
    if min(spreads) < asked.pale:
        return None
    correlation = float((ones[0] * ones[1]).mean()) / (spreads[0] * spreads[1])
    gain = float(np.sqrt(np.clip(spreads[1] / spreads[0], 0.25, 4.0)))
    most = float(np.abs(cv2.blur(ones[1] / gain - ones[0] * gain, (_WINDOW, _WINDOW))).max())
    same = correlation >= asked.correlation and most <= min(_LEVELS, max(_ROUNDED, asked.apart * contrast))
    return 1.0 - correlation if same else None
