"""What is drawn smaller shows what the export will look like at that size."""

from __future__ import annotations

import io
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from core.analyses.augmentation.operations import OPERATIONS
from core.analyses.augmentation.pipeline import built, checked, variant
from core.analyses.augmentation.reducing import reduced
from core.loading.images.decode import decode, drafted

STEPS: dict[str, dict[str, Any]] = {
    "blur": {"amount": [6, 6]},
    "motion_blur": {"amount": [25, 25]},
    "noise": {"amount": [60, 60]},
    "elastic": {"amount": [90, 90], "smooth": [6, 6]},
    "dropout": {"amount": [0.3, 0.3]},
    "jpeg": {"amount": [60, 60]},
}


def scene(side: int) -> Any:
    """Coarse and fine things, of no size of their own."""
    draw, whole = np.random.default_rng(0), np.zeros((side, side, 3))
    for cells in (4, 16, 64, 128):
        grid = draw.normal(0, 1, (cells, cells, 3))
        whole += cv2.resize(grid, (side, side), interpolation=cv2.INTER_CUBIC) / cells**0.4
    return np.clip(128 + 55 * whole / whole.std(), 0, 255).astype(np.uint8)


def small(picture: Any, side: int = 128) -> Any:
    return cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA)


def change(one: Any, other: Any) -> float:
    return float(np.abs(one.astype(float) - other).mean())


@pytest.mark.parametrize("op", sorted(STEPS))
def test_a_number_in_pixels_shows_as_much_as_in_the_export(op: str) -> None:
    """A blur of nine pixels was drawn on a thumbnail of a photograph as one of a hundred."""
    whole, side = scene(1024), 256 if op == "elastic" else 128
    steps, plain = checked([{"op": op, **STEPS[op]}]), small(whole, side)
    truth = change(small(variant(built(steps), whole, 0, 0, 0), side), plain)
    shown = change(variant(built(reduced(steps, side / 1024)), plain, 0, 0, 0), plain)
    before = change(variant(built(steps), plain, 0, 0, 0), plain)
    assert abs(shown - truth) < 2 + truth / 3, (truth, shown)
    if op != "dropout":
        assert before > 2 * truth, "so far off it was"


def test_steps_stand_in_their_places_so_that_all_else_is_drawn_as_in_the_export() -> None:
    turn = {"op": "rotate", "amount": [-90, 90]}
    every = [{"op": op} for op in STEPS]
    mixed = checked([*every, {"op": "some_of", "n": 1, "steps": every}, turn])
    assert reduced(mixed, 1.0) == mixed
    lines = small(scene(1024))
    whole = [{**one, "p": 0.0} for one in every]
    steps = checked([*whole, turn])
    one, other = variant(built(steps), lines, 3, 5, 1), variant(built(reduced(steps, 0.1)), lines, 3, 5, 1)
    assert np.array_equal(one, other)
    for share in (0.01, 0.1, 0.7, 2.3):
        for op in OPERATIONS:
            made = variant(built(reduced(checked([{"op": op}]), share)), lines, 0, 0, 0)
            assert made.shape == lines.shape, (op, share)


def test_large_jpegs_count_at_the_size_at_which_they_are_drawn() -> None:
    for wide, tall in ((1500, 1300), (2100, 2200), (4100, 1000), (1600, 1200)):
        out = io.BytesIO()
        Image.new("RGB", (wide, tall)).save(out, "JPEG")
        made = decode(out.getvalue()).rgb
        assert made is not None and made.shape[1::-1] == drafted(wide, tall, "JPEG")
