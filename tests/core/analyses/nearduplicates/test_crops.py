"""Parts of pictures: found where much is plain, pale or dark, and no shape is a part of a larger one."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from core.analyses.nearduplicates.crops import crops
from core.analyses.nearduplicates.detail import shows_enough
from core.loading.images.measures import small_copy

Pixels = NDArray[np.uint8]
SIDE = 256
STAR = [
    (
        (1 if at % 2 == 0 else 0.4) * np.sin(at * np.pi / 5),
        -(1 if at % 2 == 0 else 0.4) * np.cos(at * np.pi / 5),
    )
    for at in range(10)
]


def _sign(draw: np.random.Generator) -> Pixels:
    """A shape of one colour on white, in any size at any place."""
    image = Image.new("RGB", (SIDE, SIDE), "white")
    pen, colour = ImageDraw.Draw(image), tuple(int(one) for one in draw.integers(0, 200, 3))
    far = float(draw.uniform(50, 120))
    x, y = (float(one) for one in draw.uniform(far, SIDE - far, 2))
    box = (x - far, y - far, x + far, y + far)
    match draw.integers(0, 5):
        case 0:
            pen.ellipse(box, fill=colour)
        case 1:
            pen.ellipse(box, outline=colour, width=int(far / 4))
        case 2:
            pen.rectangle(box, fill=colour)
        case 3:
            pen.polygon([(x + far * a, y + far * b) for a, b in STAR], fill=colour)
        case _:
            pen.ellipse(box, fill=colour)
            pen.arc((x - far / 2, y - far / 2, x + far / 2, y + far / 2), 20, 160, fill="white", width=9)
    return np.asarray(image)


def _landscape(draw: np.random.Generator, bright: float) -> Pixels:
    """A sky, darker towards one side, above ground with trees and stones."""
    sky = np.linspace(220, 190, 150)[:, None] + np.linspace(0, -25, SIDE)
    rough = np.asarray(Image.fromarray(draw.integers(0, 200, (9, 20)).astype(np.uint8)).resize((SIDE, 106)))
    grey = bright * np.concatenate([sky, rough])
    return np.repeat(grey.clip(0, 255).astype(np.uint8)[..., None], 3, axis=2)


def _chart(draw: np.random.Generator) -> Pixels:
    """Points, lines and an axis on white."""
    image = Image.new("RGB", (SIDE, SIDE), "white")
    pen = ImageDraw.Draw(image)
    for _ in range(4):
        colour = tuple(int(one) for one in draw.integers(0, 220, 3))
        places = np.cumsum(draw.normal(0, 14, 40)) + draw.uniform(60, 200)
        pen.line([(8 + 6 * at, float(y)) for at, y in enumerate(places)], fill=colour, width=3)
        for x, y in draw.uniform(10, 246, (25, 2)):
            pen.ellipse((x - 4, y - 4, x + 4, y + 4), fill=colour)
    return np.asarray(image)


def _found(shown: list[Pixels]) -> list[tuple[int, int]]:
    small = np.stack([small_copy(one) for one in shown])
    sides = np.array([min(one.shape[:2]) for one in shown], float)
    pairs = crops(small, np.arange(len(shown)), sides)
    return list(zip(pairs.part.tolist(), pairs.whole.tolist(), strict=True))


def _cut(one: Pixels, share: float, draw: np.random.Generator) -> Pixels:
    side = round(share * SIDE)
    top, left = (int(place) for place in draw.integers(0, SIDE - side + 1, 2))
    return np.ascontiguousarray(one[top : top + side, left : left + side])


def test_a_shape_of_one_colour_is_no_part_of_a_larger_one() -> None:
    draw = np.random.default_rng(0)
    assert len(_found([_sign(draw) for _ in range(400)])) <= 4


@pytest.mark.parametrize("bright", [1.0, 0.3])
def test_a_part_of_a_landscape_is_found_where_half_is_sky_also_in_the_dark(bright: float) -> None:
    draw = np.random.default_rng(1)
    whole = [_landscape(draw, bright) for _ in range(12)]
    assert _found(whole) == []
    parts = [_cut(one, 0.93, draw) for one in whole]
    found = _found([*whole, *parts])
    assert found and all(one - len(whole) == other for one, other in found)
    assert len(found) >= 11


def test_a_part_of_a_chart_is_found_though_its_lines_are_thin() -> None:
    draw = np.random.default_rng(2)
    whole = [_chart(draw) for _ in range(20)]
    found = _found([*whole, *(_cut(one, 0.92, draw) for one in whole)])
    assert all(one - len(whole) == other for one, other in found) and len(found) >= 18


def test_what_shows_little_is_a_part_only_where_it_is_the_same_exactly() -> None:
    draw = np.random.default_rng(3)
    whole = [_landscape(draw, 1.0) for _ in range(6)]
    parts = [_cut(one, 0.93, draw).copy() for one in whole]
    for one in parts:
        one[90:125, 40:80] = 110  # something stands in the sky
    assert all(shows_enough(small_copy(one)) for one in parts) and _found([*whole, *parts]) == []


def test_a_tint_is_no_contrast() -> None:
    draw = np.random.default_rng(4)
    smooth = [
        np.asarray(Image.fromarray(draw.normal(0, 1, (9, 9)).astype(np.float32)).resize((SIDE, SIDE), 3))
        for _ in range(12)
    ]
    for tint in ((128, 128, 128), (200, 150, 100)):
        whole = [
            (np.array(tint) + 14 * one[..., None] / one.std()).clip(0, 255).astype(np.uint8) for one in smooth
        ]
        cuts = [_cut(one, 0.93, draw) for one in whole]
        found = _found([*whole, *cuts])
        assert len(found) >= 10 and all(one - len(whole) == other for one, other in found)
        other = [one.copy() for one in cuts]
        for one in other:
            one[90:150, 90:150] += 12
        assert _found([*whole, *other]) == []


def test_a_gradient_and_a_plain_picture_tell_nothing() -> None:
    gradient = np.broadcast_to(np.linspace(0, 255, 64, dtype=np.uint8)[:, None, None], (64, 64, 3))
    assert not shows_enough(np.ascontiguousarray(gradient)) and not shows_enough(
        np.full((64, 64, 3), 90, np.uint8)
    )
