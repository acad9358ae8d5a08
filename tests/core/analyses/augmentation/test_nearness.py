"""Variants are called nearer to serve where they are, by what separates train from serve; nowhere else."""

from __future__ import annotations

import json
import math
from typing import Any

import cv2
import numpy as np
import pytest
from scipy.stats import binom, wasserstein_distance

from core.analyses.augmentation import nearness
from core.analyses.augmentation.nearness import (
    FARTHER,
    NEARER,
    NO_WAY,
    NOT_FARTHER,
    NOT_NEARER,
    MeasureNearness,
    ServeNearness,
    WayLeft,
    _way_left,
)
from core.analyses.augmentation.result import AugmentationResult
from core.cli import main
from core.dataset import Dataset
from core.loading.originals import originals
from core.prepare.images_judged import COLUMNS
from core.run import run
from tests.core.analyses.augmentation.test_towards import both
from tests.core.loading.images.reading import read
from tests.core.loading.reading import new_folder
from tests.examples import examples
from tests.images import encoded, picture, zipped


def blurred(one: Any) -> Any:
    """Half of the light, and out of focus."""
    return cv2.GaussianBlur(np.uint8(one * 0.5), (0, 0), 2.0)


@pytest.fixture(scope="module")
def darker() -> Dataset:
    return both(blurred)


def judged(data: Dataset, steps: list[dict[str, Any]] | None = None) -> AugmentationResult:
    found = run("augmentation", data, {"preset": "serve"} if steps is None else {"steps": json.dumps(steps)})
    assert isinstance(found, AugmentationResult)
    return found


def lines(found: AugmentationResult) -> dict[str, MeasureNearness]:
    assert found.nearness is not None
    return {one.measure: one for one in found.nearness.measures}


def test_what_goes_towards_serve_is_nearer_and_what_does_not_is_not(darker: Dataset) -> None:
    towards = lines(judged(darker))
    for one in ("brightness", "brightest", "edge_width"):
        assert towards[one].moved == NEARER and towards[one].way.left < 0.25, one
        start, end, goal = towards[one].train, towards[one].variants, towards[one].serve
        assert abs(end - goal) < 0.2 * abs(start - goal), one
    half = lines(judged(darker, [{"op": "blur", "amount": [0.8, 1.2]}]))["edge_width"]
    assert half.moved == NEARER and half.apart == (True, True), "much of the way is left: it does not soothe"
    assert "still separated" in half.verdict
    assert not any(one.apart[1] for one in towards.values())
    before = sum(one.apart[0] for one in towards.values())
    nearer = sum(one.moved == NEARER for one in towards.values())
    assert judged(darker).calm.endswith(
        f"; train differs from serve in {before} measures of the pixels, variants in none: they "
        f"are nearer to serve in {nearer}"
    )
    kept = lines(judged(darker, [{"op": "flip_lr"}]))
    for one in ("brightness", "brightest"):
        assert kept[one].way.left == pytest.approx(1.0, abs=0.01) and kept[one].moved in (
            NOT_NEARER,
            NOT_FARTHER,
        )
    away = lines(judged(darker, [{"op": "brightness", "amount": [1.4, 1.6]}]))
    assert away["brightness"].moved == FARTHER and away["brightness"].way.left > 1.3


def test_all_counts_are_of_the_lines_of_the_table_and_more_than_the_way_is_not_called_nearer() -> None:
    """ "Nearer in 2 of 4 measures" stood over a table of five; 265% of the way were "not surely nearer"."""

    def line(measure: str, train: bool, left: float, low: float, high: float) -> MeasureNearness:
        way = WayLeft(left, low, high, 0.1) if train else NO_WAY
        return MeasureNearness(measure, 1, 1, 1, 0.9, 0.9, 0.6, (train, True), way)

    five = (
        line("brightness", True, 0.4, 0.3, 0.5),
        line("contrast", True, 0.5, 0.4, 0.7),
        line("brightest", True, 2.65, 0.7, 5.1),
        line("darkest", True, 0.9, 0.7, 1.3),
        line("colour", False, 0, 0, 0),
    )
    near = ServeNearness(five, 30, ())
    assert [one.moved for one in five] == [NEARER, NEARER, "not surely farther", "not surely nearer", FARTHER]
    assert near.verdict.startswith(
        "Variants stand nearer to serve in 2 of 5 measures that separate train or variants from serve: "
    )
    assert near.short == (
        "train differs from serve in 4 measures of the pixels, variants in 5: they are nearer to serve in 2, "
        "and farther in 1"
    )
    of_train = ServeNearness(five[:4], 30, ())
    assert "in 2 of 4 measures that separate train from serve" in of_train.verdict


def test_it_says_what_image_quality_says_of_train(darker: Dataset) -> None:
    found = judged(darker)
    by_column = {COLUMNS[one]: line for one, line in lines(found).items()}
    every = run("imagequality", darker, {}).findings
    by_part = [one for one in every if one.code in ("image_light", "image_source")]
    assert by_part
    for finding in by_part:
        first = by_column[finding.columns[0]]
        assert first.before == finding.value and first.apart[0]
        pixels = {one for one in finding.columns if one in by_column}
        assert pixels and all(by_column[one].apart[0] for one in pixels)


def test_the_variant_itself_is_measured_at_full_size(darker: Dataset) -> None:
    """Half of the light is half of the mean, however small the copies are that labels are judged by."""
    half = lines(judged(darker, [{"op": "brightness", "amount": [0.5, 0.5]}]))["brightness"]
    assert half.variants == pytest.approx(half.train / 2, abs=0.005)
    assert not half.apart[1] and half.way.left < 0.15


def test_parts_that_are_alike_have_nothing_to_come_nearer_to() -> None:
    same = both(lambda one: one)
    found = judged(same, [{"op": "flip_lr"}])
    assert found.nearness is not None and found.nearness.measures == ()
    assert "there is nothing for variants to come nearer to" in found.nearness.verdict
    assert found.summary["measures_nearer_to_serve"] == 0 and "serve" not in found.calm
    dark = judged(same, [{"op": "brightness", "amount": [0.4, 0.5]}])
    assert dark.summary["measures_nearer_to_serve"] == 0
    number = sum(one.apart[1] for one in lines(dark).values())
    alone = "of the pixels variants differ from serve, and train does not"
    assert dark.calm.endswith(f"in {number} measures {alone}") or dark.calm.endswith(f"in 1 measure {alone}")
    assert lines(dark)["brightness"].moved == FARTHER and math.isnan(lines(dark)["brightness"].way.left)
    assert "farther from serve in 'image_brightness'" in dark.nearness.verdict  # type: ignore[union-attr]


def test_the_way_left_is_that_of_wasserstein() -> None:
    draw = np.random.default_rng(0)
    train, serve = draw.normal(0, 1, 300), draw.normal(3, 2, 300)
    variants = train + 1.5
    left = wasserstein_distance(variants, serve) / wasserstein_distance(train, serve)
    way = _way_left(train, variants, serve, 1)
    assert way.left == pytest.approx(left, abs=0.02) and way.low < way.left < way.high < 1
    assert 0 < way.near < 0.25
    assert math.isnan(_way_left(train, np.where(np.arange(300) < 9, variants, np.nan), serve, 1).left)


def test_variants_that_only_vary_are_seldom_called_nearer() -> None:
    """Calibration: variants drawn as train is, of one measure; 2.5% have an interval below 1."""
    nearer, draws = 0, examples(60)
    for seed in range(draws):
        draw = np.random.default_rng(seed)
        train, variants, serve = (draw.normal(at, 1, 80) for at in (0, 0, 1.2))
        nearer += _way_left(train, variants, serve, 1).high < 1
    assert nearer <= binom.ppf(0.995, draws, 0.035)


def test_without_a_serve_part_nothing_is_said_and_without_a_label_it_is() -> None:
    data = both(lambda one: np.uint8(one * 0.5))
    found = judged(data.with_roles(target=None), [{"op": "brightness", "amount": [0.5, 0.5]}])
    assert found.judged is None and found.summary["measures_nearer_to_serve"] >= 2
    files = {f"{'ab'[at % 2]}/{at}.png": encoded(picture(at, 60, 60)) for at in range(60)}
    alone = judged(
        read(zipped(new_folder() / "a.zip", files)).with_roles(target="label"), [{"op": "flip_lr"}]
    )
    assert alone.nearness is None and alone.tables() == {} and "measures_nearer_to_serve" not in alone.summary


def test_where_the_distance_cannot_be_measured_a_note_says_why(
    darker: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of nine images that can be opened no variants are compared; nor are nine of a part."""

    def nine(*given: Any) -> Any:
        for place, one in enumerate(originals(*given)):
            yield one if place < 9 else one._replace(pixels=None)

    monkeypatch.setattr(nearness, "originals", nine)
    found = judged(darker, [{"op": "rotate", "amount": [-3, 3]}])
    assert found.nearness is None and found.notes[1] == (
        "Distance to serve was not measured: of 9 images of train a variant could be made at full size; at "
        "least 10 are needed."
    )
    alone = judged(darker.with_roles(target=None), [{"op": "rotate", "amount": [-3, 3]}])
    assert found.notes[1] in alone.notes
    serve = np.flatnonzero(darker.part_mask("serve"))[9:]
    few = darker.only(~np.isin(np.arange(darker.rows), serve))
    assert few.parts["serve"] == 9
    again = judged(few, [{"op": "rotate", "amount": [-3, 3]}])
    assert again.nearness is None and again.notes[1] == (
        "Distance to serve was not measured: train and serve need at least 10 images each of which loading "
        "measured the pixels."
    )


def test_without_a_serve_part_no_distance_is_missed() -> None:
    alone = both(lambda one: one).with_split(None)
    found = judged(alone, [{"op": "flip_lr"}])
    assert found.nearness is None and not any("serve" in one for one in found.notes)


def test_the_command_line_gives_the_lines(capsys: pytest.CaptureFixture[str]) -> None:
    files = {
        f"{part}/{('near', 'far')[at % 2]}/{at}.png": encoded(np.uint8(picture(at + seed, 60, 60) * factor))
        for part, factor, seed in (("train", 1.0, 0), ("serve", 0.5, 500))
        for at in range(50)
    }
    data = zipped(new_folder() / "images.zip", files)
    given = ["augmentation", str(data), "--set", "preset=serve", "--target", "label", "--json"]
    assert main(given) == 0
    answer = json.loads(capsys.readouterr().out)
    table = answer["tables"]["distance_to_serve"]
    line = dict(zip(table["columns"], table["rows"][0], strict=True))
    assert line["measure"] in {one["columns"][0] for one in run_findings(data, capsys)}
    assert line["way_left"] < 0.6 and line["verdict"].startswith("nearer")
    assert answer["summary"]["measures_nearer_to_serve"] >= 1


def run_findings(data: Any, capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    main(["imagequality", str(data), "--target", "label", "--json"])
    found: list[dict[str, Any]] = json.loads(capsys.readouterr().out)["findings"]
    return [one for one in found if one["code"] in ("image_light", "image_source")]
