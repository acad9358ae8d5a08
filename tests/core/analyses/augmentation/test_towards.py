"""The preset of serve varies train by what serve differs in, and by how much."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from core.analyses.augmentation.pipeline import built, checked, variant
from core.analyses.augmentation.settings import AugmentationSettings
from core.analyses.augmentation.towards import steps_between, towards_serve
from core.cli import main
from core.dataset import Dataset
from core.decided import as_decided
from core.decision import Decision
from core.errors import SettingError
from core.loading.images.measures import measures
from core.review import Review
from core.rowset import RowSet
from core.run import run
from tests.core.loading.images.reading import read
from tests.core.loading.reading import new_folder
from tests.images import encoded, picture, zipped

Pixels = NDArray[np.uint8]
MEASURES = ("brightness", "darkest", "brightest", "edge_width", "colour", "jpeg_quality", "width", "height")


def both(change: Callable[[Pixels], Pixels], size: int = 100, count: int = 40, **how: Any) -> Dataset:
    """Train as it is, and other pictures of the same kind, changed, as serve."""
    parts = []
    for first, made in ((0, lambda one: one), (1_000, change)):
        files = {
            f"{('near', 'far')[at % 2]}/{at}.png": encoded(
                made(picture(first + at, size, size)), **(how if first else {})
            )
            for at in range(count)
        }
        parts.append(zipped(new_folder() / "images.zip", files))
    return read(parts[0], serve=parts[1]).with_roles(target="label")


def opened() -> list[Pixels]:
    """Two pictures of train."""
    return [picture(at, 60, 60) for at in range(2)]


def test_light_and_blur_are_found_with_what_they_take() -> None:
    steps = towards_serve(both(lambda one: cv2.GaussianBlur(np.uint8(one * 0.5), (0, 0), 2.0)))
    found = {step["op"]: step["amount"] for step in steps}
    assert set(found) == {"brightness", "blur"}, "a blur takes the ends and colours to the mean by itself"
    assert np.sqrt(np.prod(found["brightness"])) == pytest.approx(0.5, abs=0.05)
    assert np.mean(found["blur"]) == pytest.approx(2.0, abs=0.3)


CHANGES: dict[str, Callable[[Pixels], Pixels]] = {
    "darker": lambda one: np.uint8(one * 0.5),
    "in haze": lambda one: np.uint8(40 + one * 0.4),
    "by a power": lambda one: np.uint8(255 * (one / 255.0) ** 2.2),
    "by a root": lambda one: np.uint8(255 * (one / 255.0) ** 0.5),
    "blurred": lambda one: cv2.GaussianBlur(one, (0, 0), 1.8),
    "brighter, blurred": lambda one: cv2.GaussianBlur(cv2.convertScaleAbs(one, alpha=1.5), (0, 0), 1.2),
    "pale": lambda one: np.uint8(one.mean(axis=2, keepdims=True) * 0.5 + one * 0.5),
}
ENDS = ("brightness", "darkest", "brightest")
MEASURED = {"blurred": ("edge_width",), "brighter, blurred": (*ENDS, "edge_width"), "pale": ("colour",)}


@pytest.mark.parametrize("change", CHANGES)
def test_the_middle_of_each_range_brings_train_to_where_serve_is(change: str) -> None:
    """The ends of a range lie as far from it: they went from half of the way to all of it, and a blur, taken
    to add in squares, fell short of serve even there.
    """
    data = both(CHANGES[change])
    steps = towards_serve(data)
    pipeline = built(checked([{**step, "amount": [_middle(step)] * 2} for step in steps]))
    table, serve = data.frame(), data.part_mask("serve")
    made = [measures(variant(pipeline, picture(at, 100, 100), 0, at, 0)) for at in range(40)]
    for name in MEASURED.get(change, ENDS):
        wanted = float(table.loc[serve, f"image_{name}"].median())
        before = float(table.loc[~serve, f"image_{name}"].median())
        now = float(np.nanmedian([one[name] for one in made]))
        assert abs(now - wanted) < 0.1 * abs(before - wanted) + 0.01, name


def _middle(step: dict[str, Any]) -> float:
    """Of a factor the geometric mean of the ends."""
    ends = step["amount"]
    return float(np.mean(ends) if step["op"] == "blur" else np.sqrt(np.prod(ends)))


def test_compression_is_that_of_serves_files() -> None:
    data = both(lambda one: one, format="JPEG", quality=30)
    found = {step["op"]: step["amount"] for step in towards_serve(data)}
    assert found["jpeg"] == [70.0, 70.0]


def test_of_a_large_file_the_blur_counts_the_pixels_of_the_file() -> None:
    sharp, soft = ({name: np.full(30, 0.5) for name in MEASURES} for _ in range(2))
    soft["edge_width"] = np.linspace(1.9, 2.1, 30)
    for part, side in ((sharp, 2_560.0), (soft, 640.0)):
        part["width"] = part["height"] = np.full(30, side)
    (step,) = steps_between(sharp, soft, opened)
    assert step["op"] == "blur" and step["amount"] == [pytest.approx(7.5), 10.0], (
        "more than 10 are not offered"
    )
    amounts = []
    for side in (256.0, 512.0):
        sharp["width"] = sharp["height"] = np.full(30, side)
        amounts.append(np.mean(steps_between(sharp, soft, opened)[0]["amount"]))
    assert amounts[1] == pytest.approx(2 * amounts[0], abs=0.05) and 1.5 < amounts[0] < 2.5


def test_levels_are_left_where_an_end_is_not_known() -> None:
    """Without the darkest a half was taken for three times the contrast at a tenth of the light."""
    data = both(lambda one: np.uint8(one * 0.5))
    less = as_decided(data, Review().say(Decision("omit", RowSet(), column="image_darkest")))
    assert "image_darkest" not in less.names
    assert {step["op"] for step in towards_serve(less)} <= {"saturation"}
    draw = np.random.default_rng(5)
    for _ in range(30):
        parts = [
            {name: np.where(draw.random() < 0.2, np.nan, draw.random(30)) for name in MEASURES}
            for _ in range(2)
        ]
        checked(steps_between(*parts, opened))
        assert {step["op"] for step in steps_between(*parts, list)} <= {"jpeg"}, "no picture can be opened"


def test_parts_that_are_alike_have_nothing_to_come_nearer_to() -> None:
    same = both(lambda one: one)
    assert towards_serve(same) == []
    with pytest.raises(SettingError, match="No operation brings train nearer to serve"):
        AugmentationSettings(preset="serve").for_data(same)
    nothing = {name: np.full(30, np.nan) for name in MEASURES}
    assert steps_between(nothing, nothing, opened) == []


def test_one_class_of_images_or_black_ones_do_no_harm() -> None:
    dark, grey = ({name: np.zeros(30) for name in MEASURES} for _ in range(2))
    grey["brightness"] = grey["brightest"] = np.full(30, 0.5)
    for one, other in ((dark, grey), (grey, dark)):
        checked(steps_between(one, other, opened))


def test_the_judgement_holds_the_steps_that_were_made() -> None:
    data = both(lambda one: np.uint8(one * 0.5))
    found = run("augmentation", data, {"preset": "serve"})
    settings = found.settings
    assert isinstance(settings, AugmentationSettings)
    assert json.loads(settings.steps) == towards_serve(data)
    assert found.summary["hardly_changed"] == 0, "half of the light is no copy, though shapes stay"
    assert "Multiply" in found.code()


def test_the_command_line_takes_the_preset(capsys: pytest.CaptureFixture[str]) -> None:
    folder = new_folder()
    files = {
        f"{part}/{('near', 'far')[at % 2]}/{at}.png": encoded(np.uint8(picture(at, 60, 60) * factor))
        for part, factor in (("train", 1.0), ("serve", 0.5))
        for at in range(24 + (part == "serve"))
    }
    data = zipped(folder / "images.zip", files)
    given = ["augment", str(data), "--set", "preset=serve", "--target", "label", "--to", "15", "--json"]
    assert main(given) == 0
    answer = json.loads(capsys.readouterr().out)
    assert {step["op"] for step in json.loads(answer["settings"]["steps"])} >= {"brightness"}
