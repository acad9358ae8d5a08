"""Defects are found and clean images are not accused; properties that predict label or part are named, and
those that do not are not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest
from scipy.stats import binom

from core.analyses.imagequality import property_findings
from core.analyses.imagequality.analysis import ImageQualityResult, ImageQualitySettings
from core.analyses.imagequality.habit_findings import shown
from core.dataset import Dataset
from core.decided import as_decided
from core.decision import Decision
from core.phrases import percent
from core.prepare.image_properties import predicted, telling
from core.progress import SILENT
from core.review import Review
from core.rowset import RowSet
from core.run import run
from tests.core.loading.images.reading import read
from tests.core.loading.reading import new_folder
from tests.examples import examples
from tests.images import encoded, picture, zipped
from tests.make import dataset

SIDE = (128, 96)


@cache
def photo(seed: int) -> np.ndarray:
    """A picture with fine detail, of full range."""
    whole = cv2.resize(picture(seed, 256, 192, 120), SIDE, interpolation=cv2.INTER_AREA)
    whole[:6, :6], whole[-6:, -6:] = 0, 255
    return whole


def result(data: Dataset, **settings: Any) -> ImageQualityResult:
    found = run("imagequality", data, settings)
    assert isinstance(found, ImageQualityResult)
    return found


def loaded(
    pictures: Sequence[np.ndarray | bytes], labels: Sequence[str] = (), serve: Sequence[Any] = ()
) -> Dataset:
    def files(given: Sequence[Any]) -> Mapping[str, bytes]:
        return {
            f"{labels[i] if labels else 'x'}/{i:04d}.png": one if isinstance(one, bytes) else encoded(one)
            for i, one in enumerate(given)
        }

    path = zipped(new_folder() / "a.zip", files(pictures))
    other = zipped(new_folder() / "b.zip", files(serve)) if len(serve) else None
    data = read(path, serve=other)
    return data.with_roles(target="label") if labels else data


SPOILED = {
    "image_dark": lambda one: (one * 0.2).astype(np.uint8),
    "image_washed_out": lambda one: (200 + one * 0.2).astype(np.uint8),
    "image_blank": lambda one: np.full_like(one, 120),
    "image_low_contrast": lambda one: (100 + one * 0.12).astype(np.uint8),
    "image_blurred": lambda one: cv2.GaussianBlur(one, (0, 0), 3),
    "image_framed": lambda one: cv2.copyMakeBorder(
        one[12:-12], 12, 12, 0, 0, cv2.BORDER_CONSTANT, value=(9, 9, 9)
    ),
    "image_grey": lambda one: np.repeat(one[..., :1], 3, axis=2),
    "image_odd_size": lambda one: cv2.resize(one, (600, 96)),
    "image_compressed": lambda one: encoded(one, "JPEG", quality=10),
}


@pytest.fixture(scope="module")
def spoiled() -> ImageQualityResult:
    """80 clean images with 14 of each defect behind them."""
    clean: list[Any] = [photo(seed) for seed in range(80)]
    bad = [spoil(photo(100 + i)) for spoil in SPOILED.values() for i in range(14)]
    return result(loaded([*clean, *bad]))


@pytest.mark.parametrize(("place", "code"), list(enumerate(SPOILED)))
def test_each_defect_is_found_and_nothing_else_is_accused_of_it(
    place: int, code: str, spoiled: ImageQualityResult
) -> None:
    [found] = [finding for finding in spoiled.findings if finding.code == code]
    own = set(range(80 + 14 * place, 94 + 14 * place))
    flagged = set(found.rows.ids.tolist())
    assert len(flagged & own) >= 13
    assert not {row for row in flagged if row < 80}
    assert found.severity == "warning" and found.score > 0.5 and found.action == "drop"


def test_rows_scores_and_reasons_agree(spoiled: ImageQualityResult) -> None:
    table = spoiled.rows()
    assert list(table.columns) == ["row", "score", "flagged", "why"]
    assert (table["score"] > 0.5).tolist() == table["flagged"].tolist()
    assert (table["why"] != "").tolist() == table["flagged"].tolist()
    by_row = dict(zip(table["row"], table["why"], strict=True))
    assert "blurred: the sharpest edges are" in by_row[140] and "JPEG quality 10" in by_row[200]
    assert spoiled.frame()["score"].is_monotonic_decreasing


def test_tiny_images_are_named_by_the_check_of_sizes_whatever_the_others_are() -> None:
    """Those of 2 x 2 pixels among many sizes, or as all of a set, were said nowhere."""

    def sized(*sides: tuple[int, int]) -> list[np.ndarray]:
        return [cv2.resize(photo(at), side) for at, side in enumerate(sides)]

    spread = [(int(16 * 1.09**at), int(12 * 1.09**at)) for at in range(40)]
    mixed = result(loaded(sized(*spread, (2, 2), (7, 300))))
    [own] = [one for one in mixed.findings if one.code == "image_odd_size"]
    assert {40, 41} <= set(own.rows.ids) and own.action == "drop" and "placeholder" in own.why
    others = len(own.rows) - 2
    rest = f", and {others} of a size or shape far from the others'" if others else ""
    assert own.title.startswith(f"2 images are under 8 pixels on a side{rest} (")
    assert dict(zip(np.flatnonzero(mixed.flagged), mixed.why))[40].startswith("tiny: 2 x 2 pixels")
    every = result(loaded(sized(*[(2, 2)] * 12)))
    [own] = [one for one in every.findings if one.code == "image_odd_size"]
    assert len(own.rows) == 12 and own.severity == "warning"
    digits = result(loaded(sized(*[(8, 8)] * 12)))
    assert "image_odd_size" not in [one.code for one in digits.findings], "8 x 8 are digits of scikit-learn"


def test_what_serve_alone_has_is_looked_at_first_and_not_dropped() -> None:
    """12 dark images of serve were to be dropped: a model will meet such images."""
    clean, dark = [photo(seed) for seed in range(140)], [SPOILED["image_dark"](photo(i)) for i in range(12)]
    blank = [SPOILED["image_blank"](photo(i)) for i in range(6)]
    found = {one.code: one for one in result(loaded(clean, serve=[*dark, *blank])).findings}
    own = found["image_dark"]
    assert own.action == "defer" and own.title == (
        "12 images are dark (7.6%, all of serve; at most 0.16 images expected by chance)"
    )
    assert own.suggestion.index("look at them") < own.suggestion.index("Towards serve")
    assert own.suggestion.index("weight train") < own.suggestion.index("Drop only")
    assert found["image_blank"].action == "drop", "it shows nothing, of whatever part it is"
    some = {one.code: one for one in result(loaded([*clean, dark[0]], serve=dark[1:])).findings}
    assert some["image_dark"].action == "defer" and ", 11 of serve;" in some["image_dark"].title
    for train, serve in (
        ([*clean, *dark], clean[:20]),
        ([*clean, *dark[:6]], dark[6:]),
        ([*clean, *dark], []),
    ):
        [dim] = [one for one in result(loaded(train, serve=serve)).findings if one.code == "image_dark"]
        assert dim.action == "drop" and "of serve" not in dim.title


def test_clean_images_raise_no_warning() -> None:
    found = result(loaded([photo(seed) for seed in range(120)], ["a", "b"] * 60))
    assert [finding.code for finding in found.findings if finding.severity != "info"] == []
    assert found.flagged.mean() <= 0.03


def test_a_habit_of_the_set_is_told_once_and_raises_no_alarm() -> None:
    night = [SPOILED["image_dark"](photo(seed)) for seed in range(20)]
    found = result(loaded([*night, *(photo(100 + seed) for seed in range(60))]))
    assert "image_dark" not in [finding.code for finding in found.findings]
    assert (
        found.habits == ("dark",)
        and "Dark images are usual in this set, 10% of all or more" in found.notes[0]
        and found.counts["dark"] == 20
    )
    strict = result(loaded([*night, *(photo(100 + seed) for seed in range(60))]), usual=0.5)
    assert "image_dark" in [finding.code for finding in strict.findings]


def test_a_habit_of_one_part_alone_is_a_gap_between_the_parts() -> None:
    """All of serve were dark, a third of the whole: the set is made so, was all that was said of it."""
    clean = [photo(seed) for seed in range(60)]
    night = [SPOILED["image_dark"](photo(200 + seed)) for seed in range(30)]
    dark = lambda train, serve: {  # noqa: E731
        one.about: one
        for one in result(loaded(train, serve=serve)).findings
        if one.code == "image_habits_differ"
    }
    own = dark(clean, night)["dark"]
    assert own.title == "100% of the images of serve (30 of 30) are dark, and 0% of train (0 of 60)"
    assert (own.value, own.limit, own.n, own.score) == (1.0, 0.1, 90, 1.0) and 0 < own.noise < 0.3
    assert own.rows.ids.tolist() == list(range(60, 90)) and not own.action
    assert own.suggestion.index("look at them") < own.suggestion.index("Towards serve")
    data = loaded(clean, serve=night)
    images = shown(data, ImageQualitySettings().limits, "dark", own.rows.ids)
    brightest = data.frame()["image_brightest"].to_numpy()[60:]
    assert (images.score > 0.5).all() and images.score.argmax() == brightest.argmin()
    assert images.why[0] == f"dark: the brightest pixels are at {percent(brightest[0])} of white"
    found = result(data)
    assert not found.flagged.any(), "nothing is decided image by image"
    assert found.findings[0].about == "dark", "what is seen stands before what predicts the part"
    assert "image_light" in {one.code for one in found.findings}

    other = dark([*night, *clean[:10]], clean[10:])["dark"]
    assert other.title == "75% of the images of train (30 of 40) are dark, and 0% of serve (0 of 50)"
    assert "Towards serve" not in other.suggestion and other.rows.ids.tolist() == list(range(30))
    assert dark([*clean[:20], *night[:10]], [*clean[20:40], *night[10:20]]) == {}, "a habit of both"
    assert "dark" not in dark([*clean[:9], *night[:1]], [*clean[9:16], *night[1:4]]), "chance"


def test_the_order_of_images_changes_nothing() -> None:
    pictures = [photo(seed) for seed in range(40)] + [
        SPOILED["image_blurred"](photo(seed)) for seed in range(3)
    ]
    order = np.random.default_rng(0).permutation(43)
    straight, turned = (loaded([pictures[i] for i in ids]) for ids in (range(43), order.tolist()))
    np.testing.assert_allclose(result(turned).score, result(straight).score[order], atol=1e-12)


def test_a_table_without_images_has_nothing_to_check() -> None:
    import pandas as pd

    found = result(dataset(pd.DataFrame({"a": [1, 2, 3], "image_width": [1, 2, 900]})))
    assert found.notes == ("The data have no images.",) and found.findings == () and not found.flagged.any()


def test_unreadable_images_are_no_defects_and_no_duplicates_of_each_other() -> None:
    data = loaded([*(photo(seed) for seed in range(30)), b"", b"", photo(3)])
    found = result(data)
    assert (
        found.images == 31 and "2 rows without an image" in found.notes[0] and not found.flagged[30:32].any()
    )
    repeats = run("duplicates", data).rows()
    assert repeats["group"].notna().tolist() == [row in (3, 32) for row in range(33)]


def test_it_looks_at_the_data_as_decided() -> None:
    data = loaded([*(photo(seed) for seed in range(30)), SPOILED["image_blank"](photo(50))])
    assert [f.code for f in result(data).findings] == ["image_blank"]
    decided = as_decided(data, Review().say(Decision("drop", RowSet([0, 30]))))
    after = result(decided)
    assert after.images == 29 and after.findings == () and after.score.size == 29


# --- properties


def codes(found: ImageQualityResult) -> list[str]:
    return [finding.code for finding in found.findings]


def test_a_compression_that_predicts_the_label_is_a_shortcut() -> None:
    """The retinopathy story: one hospital's camera has most of the sick."""
    labels = [("well", "sick")[i % 2] for i in range(80)]
    made = [
        encoded(photo(i), "JPEG", quality=92 if label == "well" else 70) for i, label in enumerate(labels)
    ]
    [found] = [f for f in result(loaded(made, labels)).findings if f.code == "image_shortcut"]
    assert found.columns[0] == "image_jpeg_quality" and found.value == 1.0 and found.limit == 0.5
    assert found.severity == "warning" and "'label'" in found.title and found.beside == ("label",)


def test_light_that_predicts_the_label_is_told_without_a_warning() -> None:
    labels = [("day", "night")[i % 2] for i in range(80)]
    made = [(photo(i) * (1 if label == "day" else 0.6)).astype(np.uint8) for i, label in enumerate(labels)]
    found = result(loaded(made, labels))
    assert "image_shortcut" not in codes(found)
    assert [f.severity for f in found.findings if f.code == "image_content"] == ["info"]


def test_another_camera_in_serve_is_named() -> None:
    train = [encoded(photo(i), "JPEG", quality=90) for i in range(60)]
    serve = [encoded(cv2.resize(photo(100 + i), (160, 120)), "JPEG", quality=90) for i in range(60)]
    [found] = [f for f in result(loaded(train, serve=serve)).findings if f.code == "image_source"]
    assert found.gathers, "which property comes first is learned"
    assert {"image_width", "image_height"} <= set(found.columns) and found.value == 1.0
    assert "train or serve" in found.title


def test_properties_that_predict_nothing_are_not_named() -> None:
    """Calibration: labels that have nothing to do with two properties; one is named in 1% of draws."""
    named, draws = 0, examples(60)
    for seed in range(draws):
        draw = np.random.default_rng(seed)
        properties = {
            "width": draw.integers(3, 9, 120).astype(float),
            "bytes_per_pixel": draw.normal(size=120),
        }
        keys = draw.integers(0, 2**63, 120).astype(np.uint64)
        classes = draw.choice([0, 1, 2], 120, p=[0.6, 0.25, 0.15])
        named += bool(telling(predicted(properties, classes, keys, SILENT), technical=True))
    assert named <= binom.ppf(0.995, draws, 0.01)


def test_a_property_that_matters_is_named() -> None:
    """Power: a property moved by 1.5 standard deviations in one of two classes, 100 images."""
    named, draws = 0, examples(10)
    for seed in range(draws):
        draw = np.random.default_rng(seed)
        classes = np.repeat([0, 1], 50)
        values = draw.normal(size=100) + 1.5 * classes
        keys = draw.integers(0, 2**63, 100).astype(np.uint64)
        named += bool(telling(predicted({"reblur": values}, classes, keys, SILENT), technical=True))
    assert named >= 0.9 * draws


def test_chance_is_that_of_the_number_of_classes_however_unequal() -> None:
    draw = np.random.default_rng(0)
    classes = draw.choice([0, 1], 2_000, p=[0.95, 0.05])
    keys = draw.integers(0, 2**63, 2_000).astype(np.uint64)
    [found] = predicted({"width": draw.normal(size=2_000)}, classes, keys, SILENT)
    assert found.chance == 0.5 and abs(found.accuracy - 0.5) < 0.08


def test_equal_images_share_a_fold_so_that_copies_prove_nothing() -> None:
    draw = np.random.default_rng(1)
    classes = np.repeat(draw.integers(0, 2, 60), 5)
    values = np.repeat(draw.normal(size=60), 5)
    keys = np.repeat(draw.integers(0, 2**63, 60), 5).astype(np.uint64)
    [found] = predicted({"width": values}, classes, keys, SILENT)
    assert found.accuracy < 0.68, "the copies of an image must not predict each other"


def test_too_few_of_a_class_are_not_judged() -> None:
    classes = np.array([0] * 50 + [1] * 9)
    assert predicted({"width": classes.astype(float)}, classes, np.arange(59, dtype=np.uint64), SILENT) == []


def test_the_command_line_takes_a_zip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    import json

    import pandas as pd

    from core.cli import main

    monkeypatch.setenv("WINNOW_HOME", str(tmp_path / "home"))
    files = {f"{'ab'[i % 2]}/{i}.png": encoded(photo(i)) for i in range(20)}
    path = zipped(tmp_path / "a.zip", files | {"a/blank.png": encoded(np.zeros((96, 128, 3), np.uint8))})
    assert (
        main(["imagequality", str(path), "--target", "label", "--json", "--rows", str(tmp_path / "r.csv")])
        == 0
    )
    told = json.loads(capsys.readouterr().out)
    assert told["dataset"]["rows"] == 21 and told["summary"]["images_blank"] == 1
    table = pd.read_csv(tmp_path / "r.csv")
    assert list(table.columns) == ["row", "score", "flagged", "why"] and table["flagged"].sum() >= 1


def test_one_more_property_does_and_several_do() -> None:
    """Each with its value: the third reached .59 where the first had 1."""
    found = [
        SimpleNamespace(name=name, accuracy=accuracy, error=0.01, chance=0.5)
        for name, accuracy in zip("abc", (1.0, 0.8, 0.59), strict=True)
    ]
    called = {name: f"image_{name}" for name in "abc"}
    assert property_findings._predicts(found[:2], "'label'", called).endswith("; so does 'image_b' (0.80)")
    assert "; so do 'image_b' (0.80) and 'image_c' (0.59)" in property_findings._predicts(
        found, "'label'", called
    )
