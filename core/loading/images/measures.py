"""What is measured of each image: light, contrast, sharpness, colour, frame, and traces of JPEG.

An image is first brought to at most 256 pixels along its longer side, never enlarged, as widths of edges
are counted in pixels. Grey is luma of Rec. 601. Limits that these are held against stand in
`core.analyses.imagequality`.

Sources: re-blur from Crete, Dolmiere, Ladret and Nicolas, "The blur effect" (SPIE 6492, 2007); width of
edges from the ratio of gradients before and after a further blur, Zhuo and Sim, "Defocus map estimation
from a single image" (Pattern Recognition 44, 2011); whether levels change one way only by Bigun and
Granlund, "Optimal orientation detection of linear symmetry" (ICCV 1987); blocks after Wang, Sheikh and
Bovik, "No-reference perceptual quality assessment of JPEG compressed images" (ICIP 2002).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]

SIDE = 256  # pixels of the longer side at which an image is measured
SMALL = 64  # pixels of each side of the small copy
_BOX = 9  # pixels of the re-blur
_LEAST = 96  # pixels of a side from which blocks are looked for
_FRAMED = 64  # the same for frames
_ONE_WAY = 0.03  # share of the squared slopes across the main direction: photographs .046 and more, ramps 0


def measures(rgb: NDArray[np.uint8], few: NDArray[np.uint8] | None = None) -> dict[str, float]:
    """The measures of an image, height x width x 3, by `core.dataset.pictures.MEASURES`; NaN where one does
    not apply. few: the image at 256 pixels (`shrunk`), where it is there already.

    brightness: mean luma, 0 to 1. darkest, brightest: its 0.1th and 99.9th percentile; contrast: their
    difference. edge_width: standard deviation, in pixels, of the blur of the sharpest quarter of the edges;
    NaN with too few. reblur: share of the differences between neighbours that survive a blur, 0 (sharp) to
    1; NaN with too few edges where levels change one way only. colour: 99th percentile of the largest less
    the smallest of red, green and blue, levels of 255.
    frame: share of the area in a plain frame. blocks: see `blocks`.
    """
    import cv2

    cv2.setNumThreads(1)
    few = shrunk(rgb, SIDE) if few is None else few
    small = _grey(few)
    counts = np.bincount(small.ravel(), minlength=256)
    darkest, brightest = quantile(counts, 0.001) / 255, quantile(counts, 0.999) / 255
    width = edge_width(small)
    return {
        "brightness": float(counts @ np.arange(256)) / int(counts.sum()) / 255,
        "darkest": darkest,
        "brightest": brightest,
        "contrast": brightest - darkest,
        "edge_width": width,
        "reblur": math.nan if math.isnan(width) and one_way(small) else reblur(small),
        "colour": float(quantile(_spread(few), 0.99)),
        "frame": frame(small),
        "blocks": blocks(_grey(rgb)),
    }


def _grey(rgb: NDArray[np.uint8]) -> Grey:
    import cv2

    return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.uint8)


def shrunk(image: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """An image of at most ``side`` pixels along its longer side, each the mean of those it stands for."""
    import cv2

    height, width = image.shape[:2]
    factor = side / max(height, width)
    if factor >= 1:
        return image
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def small_copy(rgb: NDArray[np.uint8], few: NDArray[np.uint8] | None = None) -> NDArray[np.uint8]:
    """The image at 64 x 64 pixels, whatever its shape. few: the image at 256 pixels (`shrunk`), where it is
    there already; the copy is made of it unless it is so long that its shorter side would lose detail.
    """
    import cv2

    few = shrunk(rgb, SIDE) if few is None else few
    rgb = few if min(few.shape[:2]) >= 2 * SMALL else rgb
    tall, wide = rgb.shape[:2]
    if tall <= SMALL < wide:  # shrunk first: in one step with what enlarges it would be sampled, not averaged
        rgb = cv2.resize(rgb, (SMALL, tall), interpolation=cv2.INTER_AREA)
    elif wide <= SMALL < tall:
        rgb = cv2.resize(rgb, (wide, SMALL), interpolation=cv2.INTER_AREA)
    larger = rgb.shape[0] > SMALL or rgb.shape[1] > SMALL
    how = cv2.INTER_AREA if larger else cv2.INTER_LANCZOS4  # linear would blur those enlarged most the most
    return np.asarray(cv2.resize(rgb, (SMALL, SMALL), interpolation=how), np.uint8)


def quantile(counts: NDArray[Any], share: float) -> int:
    """The smallest level at or below which at least ``share`` of the values lie. ``counts``: per level.

    >>> counts = np.bincount([0, 10, 10, 200], minlength=256)
    >>> quantile(counts, 0.25), quantile(counts, 0.5), quantile(counts, 0.99)
    (0, 10, 200)
    """
    running = np.cumsum(counts)
    return int(np.searchsorted(running, share * running[-1] * (1 - 1e-12)))


def _spread(few: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Counts of the difference between the largest and the smallest of red, green and blue."""
    import cv2

    red, green, blue = cv2.split(few)
    high, low = cv2.max(cv2.max(red, green), blue), cv2.min(cv2.min(red, green), blue)
    return np.bincount(cv2.subtract(high, low).ravel(), minlength=256)


def reblur(grey: Grey) -> float:
    """The larger of both axes of the share of differences between neighbours that survive a box of nine
    pixels.

    >>> board = np.uint8(255 * (np.indices((32, 32)).sum(0) % 2))
    >>> round(reblur(board), 2), math.isnan(reblur(np.zeros((8, 8), np.uint8)))
    (0.1, True)
    """
    import cv2

    values = grey.astype(np.float32)
    shares = []
    for size, axis in (((_BOX, 1), 1), ((1, _BOX), 0)):
        if grey.shape[axis] < 3:
            continue
        blurred = cv2.blur(values, size, borderType=cv2.BORDER_REPLICATE)
        before, after = (_steps(image, axis) for image in (values, blurred))
        total = float(before.sum())
        if total > 0:
            lost = np.subtract(before, after, out=after)
            shares.append(1 - float(np.maximum(lost, 0, out=lost).sum()) / total)
    return max(shares, default=math.nan)


def _steps(values: NDArray[np.float32], axis: int) -> NDArray[np.float32]:
    steps = np.diff(values, axis=axis)
    return np.abs(steps, out=steps)


def edge_width(grey: Grey) -> float:
    """Blur of the sharpest quarter of the edges, as the standard deviation of a Gaussian in pixels.

    At the middle of an edge blurred by sigma, a further blur of 1 divides the gradient by
    R = sqrt(sigma² + 1) / sigma, so that sigma = 1 / sqrt(R² - 1), the width of the difference filter
    included (a step blurred by 1 pixel measures 1.25, by 3 pixels 2.9). NaN with fewer than
    max(6, 0.15 sqrt(pixels)) edges: not measurable is not sharp.
    """
    import cv2

    if min(grey.shape) < 5:
        return math.nan
    values = grey.astype(np.float32)
    once = _gradient(values)
    limit = max(3.0, 0.15 * _quantile(once[0], 0.995))
    peaks = np.flatnonzero((once[0] > limit) & _is_peak(*once))
    if peaks.size < max(6, 0.15 * math.sqrt(grey.size)):
        return math.nan
    twice = _gradient(cv2.GaussianBlur(values, (0, 0), 1.0, borderType=cv2.BORDER_REPLICATE))
    ratio = once[0].ravel()[peaks] / np.maximum(twice[0].ravel()[peaks], 1e-6)
    return _quantile(1 / np.sqrt(np.maximum(ratio**2 - 1, 1e-4)), 0.25)


def _quantile(values: NDArray[np.float32], share: float) -> float:
    """As `numpy.quantile`, which takes twice as long for values that are all numbers.

    >>> _quantile(np.float32([4, 1, 2, 3]), 0.25)
    1.75
    """
    place = share * (values.size - 1)
    low = int(place)
    parted = np.partition(values, low, axis=None)
    first = float(parted[low])
    return (
        first + (place - low) * (float(parted[low + 1 :].min(initial=np.inf)) - first)
        if place > low
        else first
    )


def one_way(grey: Grey) -> bool:
    """Whether levels change along one direction only, as in a scale of colours: sharp or blurred, it looks
    the same. By the smaller eigenvalue of the structure tensor of the whole image (Bigun and Granlund 1987),
    after a Gaussian of 1 pixel, as a share of the larger one.

    >>> ramp = np.tile(np.arange(0, 250, 5, dtype=np.uint8), (40, 1))
    >>> one_way(ramp), one_way(np.minimum(ramp[:, :40], ramp[:, :40].T))
    (True, False)
    """
    import cv2

    if min(grey.shape) < 5:
        return False
    smooth = cv2.GaussianBlur(grey.astype(np.float32), (0, 0), 1.0, borderType=cv2.BORDER_REPLICATE)
    _, across, down = (part.astype(np.float64) for part in _gradient(smooth))
    mixed = float((across * down).sum())
    tensor = np.array([[float((across**2).sum()), mixed], [mixed, float((down**2).sum())]])
    low, high = np.linalg.eigvalsh(tensor)
    return bool(high > 0 and low < _ONE_WAY * high)


def _gradient(values: Any) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Length of the gradient by central differences, and both of its parts, without the outermost pixels."""
    across, down = values[1:-1, 2:] - values[1:-1, :-2], values[2:, 1:-1] - values[:-2, 1:-1]
    across *= 0.5
    down *= 0.5
    strength = across * across
    strength += down * down
    return np.sqrt(strength, out=strength), across, down


def _is_peak(
    strength: NDArray[np.float32], across: NDArray[np.float32], down: NDArray[np.float32]
) -> NDArray[np.bool_]:
    """Where the gradient is at its longest along the axis that it is nearer to."""
    level = np.zeros((strength.shape[0] + 2, strength.shape[1] + 2), np.float32)
    level[1:-1, 1:-1] = strength
    beside = (strength >= level[1:-1, :-2]) & (strength > level[1:-1, 2:])
    above = (strength >= level[:-2, 1:-1]) & (strength > level[2:, 1:-1])
    return np.where(np.abs(across) >= np.abs(down), beside, above)


def frame(grey: Grey) -> float:
    """Share of the area within a plain frame: two opposite sides of one colour (within 10 levels on 99% of
    their pixels), each at least 1.5% thick, that end at a straight edge of more than 12 levels on 60% of
    their length. NaN below 64 pixels.
    """
    if min(grey.shape) < _FRAMED:
        return math.nan
    shares = [_bars(lines) for lines in (grey.astype(np.int16), grey.T.astype(np.int16))]
    return 1 - math.prod(1 - share for share in shares)


def _bars(lines: NDArray[np.int16]) -> float:
    """Share of the height that plain bars at top and bottom take; 0 without."""
    colour = float(np.median(lines[0]))
    if abs(colour - float(np.median(lines[-1]))) > 10:
        return 0.0
    plain = (np.abs(lines - colour) <= 10).mean(axis=1) >= 0.99
    if plain.all():
        return 0.0
    height = len(lines)
    ends = []
    for order, flags in ((lines, plain), (lines[::-1], plain[::-1])):
        thick = int(np.argmin(flags))
        inside = order[thick : thick + 5]
        sharp = (np.abs(inside - colour) > 12).any(axis=0).mean() > 0.6 if thick else False
        if thick < max(2, 0.015 * height) or not sharp:
            return 0.0
        ends.append(thick)
    return sum(ends) / height


def blocks(grey: Grey) -> float:
    """How much larger differences between neighbours are across the lines of a JPEG's blocks of 8 pixels
    than across any other eighth lines, as a share of the mean difference; the smaller of both axes, as a
    single edge may fall on a line by chance. NaN below 96 pixels.
    """
    import cv2

    if min(grey.shape) < _LEAST:
        return math.nan
    parts = []
    for after, before, axis in ((grey[:, 1:], grey[:, :-1], 0), (grey[1:], grey[:-1], 1)):
        sums = cv2.reduce(cv2.absdiff(after, before), axis, cv2.REDUCE_SUM, dtype=cv2.CV_32S)
        steps = sums.ravel() / grey.shape[axis]
        phases = [float(steps[phase::8].mean()) for phase in range(8)]
        parts.append((phases[7] - max(phases[:7])) / (float(steps.mean()) + 1))
    return max(0.0, min(parts))
