"""Pipelines are checked, give the same pixels for a seed wherever they run, and are judged
by what they do to real images.
"""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from core.analyses.augmentation.judging import Recognition
from core.analyses.augmentation.operations import OPERATIONS, PRESETS
from core.analyses.augmentation.pipeline import built, checked, seed_of, variant
from core.analyses.augmentation.result import AugmentationResult
from core.analyses.augmentation.script import code, source_files
from core.analyses.augmentation.serve_folders import serve_folders
from core.analyses.augmentation.settings import AugmentationSettings
from core.cli import main
from core.dataset.split import PartSplit
from core.errors import SettingError
from core.loading.images.decode import decode
from core.run import run
from tests import warm
from tests.core.loading.images.reading import read
from tests.core.loading.reading import new_folder
from tests.images import encoded, foldered, picture, zipped

ROOT = Path(__file__).parents[4]
EVERY = [{"op": name} for name in OPERATIONS]


def pipeline(*steps: dict[str, Any]) -> Any:
    return built(checked(steps))


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_every_operation_gives_the_same_pixels_for_the_same_seed(name: str) -> None:
    """Whatever was made before, in whatever order, and whatever the global generator does."""
    pictures = [picture(seed, 48, 40) for seed in range(4)]
    one, two = pipeline({"op": name}), pipeline({"op": name})
    straight = [variant(one, pictures[row], 7, row, 0) for row in range(4)]
    np.random.seed(99)  # noqa: NPY002 - the generator that imgaug falls back on
    turned = {row: variant(two, pictures[row], 7, row, 0) for row in (3, 1, 0, 2)}
    assert all(np.array_equal(straight[row], turned[row]) for row in range(4))
    assert straight[0].dtype == np.uint8 and straight[0].shape == (40, 48, 3)


@pytest.mark.parametrize("name", [name for name, one in OPERATIONS.items() if one.moves])
def test_what_moves_pixels_draws_no_black_frame_at_its_usual_and_its_highest_numbers(name: str) -> None:
    white = np.full((48, 64, 3), 255, np.uint8)
    numbers = OPERATIONS[name].numbers
    for ranges in (
        {key: list(one.usual) for key, one in numbers.items()},
        {key: [one.high, one.high] for key, one in numbers.items()},
    ):
        made = pipeline({"op": name, **ranges})
        assert min(variant(made, white, 0, row, 0).min() for row in range(10)) == 255


def test_variants_differ_by_seed_row_and_number() -> None:
    turn = pipeline({"op": "rotate", "amount": [-90, 90]})
    whole = picture(1)
    made = [variant(turn, whole, *at) for at in ((0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1))]
    assert len({one.tobytes() for one in made}) == 4
    assert len({seed_of(a, b, c) for a in range(5) for b in range(5) for c in range(5)}) == 125


def test_every_operation_takes_the_smallest_pictures() -> None:
    for step in EVERY:
        for shape in ((1, 1), (3, 40), (8, 8)):
            made = variant(pipeline(step), np.full((*shape, 3), 90, np.uint8), 0, 0, 0)
            assert made.shape == (*shape, 3), step


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_every_operation_takes_ranges_of_one_number(name: str) -> None:
    """So it is drawn on its card, from the lower end of its range to the upper."""
    for end in ("low", "high"):
        step = {"op": name} | {key: [getattr(one, end)] * 2 for key, one in OPERATIONS[name].numbers.items()}
        assert variant(pipeline(step), picture(1, 48, 40), 0, 0, 0).shape == (40, 48, 3)


def test_dropout_blackens_the_share_that_is_given() -> None:
    white = np.full((200, 200, 3), 255, np.uint8)
    for share in (0.0, 0.125, 0.5):
        made = variant(pipeline({"op": "dropout", "amount": [share, share]}), white, 0, 0, 0)
        assert (made == 0).all(2).mean() == pytest.approx(share, abs=0.01)


def test_two_fresh_processes_and_the_exported_script_give_the_same_pixels(tmp_path: Path) -> None:
    steps = checked(
        [
            *EVERY,
            {"op": "dropout", "amount": [0.1, 0.1]},
            {"op": "some_of", "n": 2, "steps": EVERY[:5]},
            {"op": "one_of", "steps": EVERY[5:9]},
        ]
    )
    whole = picture(3, 64, 48)
    np.save(tmp_path / "picture.npy", whole)
    (tmp_path / "exported.py").write_text(code(steps, 11), encoding="utf-8")
    (tmp_path / "steps.json").write_text(json.dumps(steps))
    ours = (
        "import json, numpy, sys; from core.analyses.augmentation.pipeline import built, checked, variant;"
        "p = built(checked(json.load(open('steps.json')))); w = numpy.load('picture.npy');"
        "print(hash(str(sum(1 for _ in range(3)))) and variant(p, w, 11, 5, 2).tobytes().hex())"
    )
    theirs = (
        "import numpy, exported; print(exported.variant(numpy.load('picture.npy'), 5, 2).tobytes().hex())"
    )
    expected = variant(built(steps), whole, 11, 5, 2).tobytes().hex()
    for script, salt in ((ours, "1"), (theirs, "2")):
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", script],
            cwd=tmp_path,
            env={"PYTHONPATH": f"{ROOT}:{tmp_path}", "PYTHONHASHSEED": salt, "PATH": "/usr/bin:/bin"},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.strip() == expected


def exported(folder: Path, *given: str) -> subprocess.CompletedProcess[str]:
    """The script run in a folder where ``images`` are."""
    (folder / "augment.py").write_text(code(checked(EVERY[:4]), 3), encoding="utf-8")
    return warm.run(folder / "augment.py", *given, cwd=folder, library=warm.IMGAUG)


def pixels(content: bytes) -> Any:
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))


def test_the_exported_script_keeps_folders_and_names_and_goes_on_behind_what_is_no_image(
    tmp_path: Path,
) -> None:
    files = {
        "train/cat/a.png": encoded(picture(1)),
        "train/cat/A.jpg": encoded(picture(2), "JPEG"),
        "train/cat/b é.png": b"this is no picture, just text",
        "train/dog/a.png": encoded(picture(3)),
        "train/dog/cut.jpg": encoded(picture(4, 200, 200), "JPEG")[:900],
        "z.bmp": encoded(picture(5), "BMP"),
    }
    foldered(tmp_path / "images", files | {"notes.txt": b"no image", "train/dir.png/c.gif": files["z.bmp"]})
    done = exported(tmp_path, "images", "images/out", "2")
    assert done.returncode == 1 and done.stdout == ""
    *each, last = done.stderr.strip().splitlines()
    assert last == "2 of 7 files could not be read and gave no variants."
    assert ["b é.png" in each[0], "cut.jpg" in each[1], len(each)] == [True, True, 2]
    out = tmp_path / "images" / "out"
    lines = list(csv.DictReader(io.StringIO((out / "metadata.csv").read_text(encoding="utf-8"))))
    assert sorted(line["file_name"] for line in lines) == sorted(
        path.relative_to(out).as_posix() for path in out.rglob("*.png") if path.is_file()
    )
    named = {(line["source"], line["variant"]): line["file_name"] for line in lines}
    assert len(named) == 5 * 2 and named["train/dog/a.png", "1"] == "train/dog/a-v1.png"
    assert {named[f"train/cat/{one}", "0"] for one in ("a.png", "A.jpg")} == {
        "train/cat/A-v0.png",
        "train/cat/a.png-v0.png",
    }
    order = sorted(
        path for path in (tmp_path / "images").rglob("*.*") if path.suffix in (".png", ".jpg", ".bmp", ".gif")
    )
    order = [path.relative_to(tmp_path / "images").as_posix() for path in order if path.is_file()]
    order = [one for one in order if not one.startswith("out/")]
    built_now = built(checked(EVERY[:4]))
    for line in lines:
        assert int(line["row"]) == order.index(line["source"]), "files that cannot be read count, as before"
        content = (tmp_path / "images" / line["source"]).read_bytes()
        wanted = variant(built_now, pixels(content), 3, int(line["row"]), int(line["variant"]))
        assert np.array_equal(pixels((out / line["file_name"]).read_bytes()), wanted)
    before = {path: path.read_bytes() for path in out.rglob("*.*") if path.is_file()}
    assert exported(tmp_path, "images", "images/out", "2").returncode == 1
    assert {path: path.read_bytes() for path in out.rglob("*.*") if path.is_file()} == before, (
        "variants give no variants"
    )


def test_the_exported_script_ends_well_where_all_is_read_and_says_what_it_takes(tmp_path: Path) -> None:
    foldered(tmp_path / "images", {"a/x.png": encoded(picture(1))})
    done = exported(tmp_path, "images", "out")
    assert (done.returncode, done.stderr) == (0, "") and (tmp_path / "out" / "a" / "x-v0.png").exists()
    for given in ((), ("images",), ("images", "out", "many")):
        done = exported(tmp_path, *given)
        assert done.returncode == 1 and done.stderr.strip() == "Usage: python augment.py FOLDER OUT [NUMBER]"
    assert exported(tmp_path, "nowhere", "o").stderr.strip() == "There are no images in nowhere."


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ([{"op": "rotat"}], "Did you mean 'rotate'"),
        ([{"op": "rotate", "amount": [10, -10]}], r"Step 1 \(rotate\), amount must be a range"),
        ([{"op": "flip_lr"}, {"op": "blur", "amount": [0, 999]}], r"Step 2 \(blur\).*within 0 and 10"),
        ([{"op": "rotate", "p": 1.5}], "p must lie between 0 and 1"),
        ([{"op": "rotate", "amount": float("nan")}], "must be a range"),
        ([{"op": "rotate", "angle": 3}], "angle"),
        (["rotate"], "must be an object"),
        ([{"op": "some_of", "n": 9, "steps": [{"op": "blur"}]}], "n must lie between 0 and 1"),
        ([{"op": "one_of"}], "needs a list of steps"),
    ],
)
def test_a_pipeline_that_makes_no_sense_is_refused_by_step(steps: list[Any], said: str) -> None:
    with pytest.raises(SettingError, match=said):
        checked(steps)


def test_groups_do_not_lie_in_each_other_without_end() -> None:
    steps: list[Any] = [{"op": "blur"}]
    for _ in range(50):
        steps = [{"op": "in_order", "steps": steps}]
    with pytest.raises(SettingError, match="deep in each other"):
        checked(steps)


def test_a_step_that_is_switched_off_does_nothing() -> None:
    whole = picture(2)
    off = pipeline({"op": "flip_lr", "on": False})
    assert np.array_equal(variant(off, whole, 0, 0, 0), whole)
    assert np.array_equal(variant(pipeline({"op": "flip_lr"}), whole, 0, 0, 0), whole[:, ::-1])


def test_probabilities_hold() -> None:
    half = pipeline({"op": "flip_lr", "p": 0.3})
    whole = picture(2)
    turned = sum(not np.array_equal(variant(half, whole, 0, row, 0), whole) for row in range(300))
    assert 60 <= turned <= 120


def test_every_preset_is_a_pipeline() -> None:
    for preset, steps in PRESETS.items():
        made = variant(built(checked(steps)), picture(1), 0, 0, 0)
        assert made.shape == (30, 40, 3), preset
        assert AugmentationSettings(preset=preset).pipeline == checked(steps)


# --- judged


def arrow(draw: np.random.Generator, right: bool) -> np.ndarray:
    """An arrow to the left or to the right: what a mirror swaps."""
    canvas = np.full((48, 48, 3), 235, np.uint8)
    y, size = int(draw.integers(18, 30)), int(draw.integers(12, 17))
    ends = ((24 - size, y), (24 + size, y))
    start, tip = ends if right else ends[::-1]
    cv2.arrowedLine(canvas, start, tip, (20, 20, 20), int(draw.integers(2, 4)), tipLength=0.45)
    return np.clip(canvas + draw.normal(0, 6, canvas.shape), 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def arrows() -> Any:
    draw = np.random.default_rng(0)
    files = {
        f"{side}/{i:03d}.png": encoded(arrow(draw, side == "right"))
        for side in ("left", "right")
        for i in range(150)
    }
    return read(zipped(new_folder() / "a.zip", files)).with_roles(target="label")


def judged(data: Any, *steps: dict[str, Any]) -> AugmentationResult:
    found = run("augmentation", data, {"steps": json.dumps(steps)})
    assert isinstance(found, AugmentationResult)
    return found


def test_a_flip_that_turns_one_class_into_the_other_breaks_labels(arrows: Any) -> None:
    found = judged(arrows, {"op": "flip_lr"})
    assert found.judged is not None and found.judged.breaking
    assert found.judged.whole.change < -0.1
    assert [one.code for one in found.findings] == ["label_breaking"]
    assert found.judged.leave > 0.9


def test_what_does_no_harm_is_not_accused(arrows: Any) -> None:
    for step in ({"op": "flip_ud"}, {"op": "rotate", "amount": [-10, 10]}, {"op": "brightness"}):
        found = judged(arrows, step)
        assert found.judged is not None and not found.judged.breaking, step
        assert "label_breaking" not in [one.code for one in found.findings]
        assert found.judged.whole.before > 0.95


def test_where_real_images_are_recognised_by_chance_alone_nothing_is_said_of_labels() -> None:
    """It read "Nothing stands out" beside 56% of two classes of a half each."""
    draw = np.random.default_rng(2)
    files = {
        f"{'ab'[i % 2]}/{i:03d}.png": encoded(draw.integers(0, 255, (32, 32, 3)).astype(np.uint8))
        for i in range(80)
    }
    data = read(zipped(new_folder() / "a.zip", files)).with_roles(target="label")
    found = judged(data, {"op": "blur"})
    assert found.unchecked.startswith("Whether labels survive cannot be said: of ")
    turned = judged(data, {"op": "rotate", "amount": [80, 90]})
    assert turned.unchecked and turned.judged.leave > 0, "there would be something to show"
    assert not turned.lookalikes and "hardly_changed" in turned.summary
    assert not {"look_like_another_class", "change", "label_breaking"} & set(turned.summary)


def test_a_class_that_surely_loses_is_named_where_all_together_are_not_sure(arrows: Any) -> None:
    found = judged(arrows, {"op": "blur"})
    assert found.calm == "Nothing stands out" and not found.unchecked and "change" in found.summary
    few = replace(found, not_judged=("plants",))
    assert few.calm == "Nothing stands out; 'plants' was not judged"
    one, other = Recognition(60, 55, 30, 0), Recognition(60, 30, 0, 30)
    quality = replace(found.judged, whole=Recognition(120, 85, 30, 30), by_class=(one, other))
    split = replace(found, judged=quality, classes=("noon", "night"), found=())
    assert split.calm == "'noon' loses 50% of its 60 images held out"
    better, alike = Recognition(60, 40, 2, 20), Recognition(60, 45, 1, 10)
    surer = replace(found.judged, whole=Recognition(120, 85, 3, 30), by_class=(better, alike))
    gains = replace(found, judged=surer, classes=("noon", "night"), found=())
    assert gains.calm == "Images held out are recognised better with the variants (+22.5 points)"


def test_copies_are_waste(arrows: Any) -> None:
    found = judged(arrows, {"op": "brightness", "amount": [0.99, 1.01]})
    assert found.judged is not None and found.judged.waste > 0.9
    assert [one.code for one in found.findings] == ["variants_wasted"]


def test_the_variants_that_look_most_like_another_class_are_those_of_the_flip(arrows: Any) -> None:
    flips = json.dumps([{"op": "flip_lr", "p": 0.2}])
    found = run("augmentation", arrows, {"steps": flips})
    assert isinstance(found, AugmentationResult) and found.judged is not None
    assert 0.1 < found.judged.leave < 0.3 and len(found.lookalikes) == 6
    labels, small = arrows.frame(["label"])["label"], arrows.pictures.small()
    settings = found.settings
    assert isinstance(settings, AugmentationSettings)
    for row, label, looks_like in found.lookalikes:
        assert label == labels[row] and {label, looks_like} == {"left", "right"}
        made = variant(built(settings.pipeline), small[row], settings.seed, row, 0)
        assert np.array_equal(made, small[row][:, ::-1]), "one of the fifth that was turned"


def test_each_class_has_its_change_and_the_small_ones_are_named(arrows: Any) -> None:
    found = judged(arrows, {"op": "flip_lr"})
    assert found.judged is not None
    table, whole = found.frame().set_index("class"), found.judged.whole
    assert sorted(table.index) == ["left", "right"] and table["images"].sum() == whole.held
    weighted = (table["change"] * table["images"]).sum() / whole.held
    assert weighted == pytest.approx(whole.change) and (table["high"] < 0).all()
    np.testing.assert_allclose(table["after"] - table["before"], table["change"])
    draw = np.random.default_rng(2)
    files = {
        f"{side}/{i:03d}.png": encoded(arrow(draw, side == "right"))
        for side in ("left", "right")
        for i in range(60)
    }
    files |= {f"rare/{i}.png": encoded(arrow(draw, True)) for i in range(2)}
    few = judged(read(zipped(new_folder() / "b.zip", files)).with_roles(target="label"), {"op": "blur"})
    assert few.classes == ("left", "right")
    assert (
        "1 class was not judged, with under 5 images each in the half that is compared with: 'rare'."
        in few.notes
    )


def test_half_of_each_class_is_held_out_and_one_of_which_none_is_is_named() -> None:
    """Parted by pixels alone, small classes had two thirds on one side, or all."""
    sizes = {"a": 60, **{f"c{n}": 10 for n in range(6)}}
    given = {
        f"{label}/{n}.png": encoded(picture(n + 100 * at))
        for at, (label, size) in enumerate(sizes.items())
        for n in range(size)
    }
    given |= {f"same/{n}.png": encoded(picture(999)) for n in range(8)}
    data = read(zipped(new_folder() / "a.zip", given)).with_roles(target="label")
    found = judged(data, {"op": "blur"})
    assert found.frame().set_index("class")["images"].to_dict() == {
        label: size // 2 for label, size in sizes.items()
    } | {"same": 0}
    assert "1 class was not judged, of which no image is held out: 'same'." in found.notes
    assert found.not_judged == ("same",)


def test_the_interval_of_a_change_holds_for_few_images_and_for_many() -> None:
    draw = np.random.default_rng(0)
    for held, shares in ((12, (0.85, 0.1, 0.05)), (60, (0.97, 0.02, 0.01)), (800, (0.9, 0.07, 0.03))):
        truth, covered = shares[2] - shares[1], 0
        for _, lost, won in draw.multinomial(held, shares, 4_000):
            low, high = Recognition(held, held - won, lost, won).interval()
            covered += low <= truth <= high
        assert covered / 4_000 >= 0.94, (held, shares)
    low, high = Recognition(4, 4, 0, 0).interval()
    assert low < -0.2 and high > 0.2, "of four images that stay as they were little is known"
    alone, among = (Recognition(50, 40, 9, 2).interval(classes) for classes in (1, 20))
    assert among[0] < alone[0] < alone[1] < among[1]


def labelled(**images: int) -> Any:
    """So many images of each class."""
    given = {
        f"{label}/{n}.png": picture(n + 100 * at)
        for at, label in enumerate(images)
        for n in range(images[label])
    }
    named = {name: encoded(one) for name, one in given.items()}
    return read(zipped(new_folder() / "a.zip", named)).with_roles(target="label")


def one_class(images: int) -> Any:
    files = {f"{n}.png": encoded(picture(n)) for n in range(images)}
    return read(zipped(new_folder() / "a.zip", files)).with_roles(target="image_format")


def test_what_was_not_judged_is_skipped_and_says_why(arrows: Any) -> None:
    """It read "Nothing stands out" without a label, and asked for classes of 5 images where they had 12."""
    import pandas as pd

    from tests.make import dataset

    bare = judged(dataset(pd.DataFrame({"a": [1]})))
    assert str(bare.status) == "skipped: The data have no images."
    unlabelled = judged(arrows.with_roles(target=None), {"op": "blur"})
    assert unlabelled.status.state == "skipped" and unlabelled.wants_target and not unlabelled.summary
    assert "choose the label" in unlabelled.status.reason
    for data, why in (
        (
            labelled(a=12, b=12),
            "24 images of train that variants can be made of have a label; it takes 40 or more.",
        ),
        (one_class(1), "1 image of train that variants can be made of has a label; it takes 40 or more."),
        (one_class(44), "all images of train are of one class, 'PNG'; it takes two or more."),
        (labelled(a=40, b=3), "'a' alone has 5 images or more in the half that is compared with"),
        (labelled(**{f"c{n}": 2 for n in range(22)}), "none of 22 classes has 5 images or more in the half"),
    ):
        found = judged(data, {"op": "blur"})
        assert found.status.state == "skipped" and why in found.status.reason, why
        assert found.unchecked == found.not_judged_as == found.status.reason and found.judged is None
        assert not found.wants_target and not found.findings


def test_labels_that_were_not_judged_never_read_as_a_pass_beside_the_distance_to_serve() -> None:
    from tests.core.analyses.augmentation.test_towards import both

    data = both(lambda one: np.uint8(one * 0.5)).with_roles(target=None)
    found = judged(data, {"op": "brightness"})
    assert found.status.state == "ok" and found.nearness is not None
    assert found.unchecked == "Whether labels survive was not checked: choose the label to judge by."


def test_the_command_says_what_was_not_checked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = {f"{'ab'[n % 2]}/{n}.png": encoded(picture(n)) for n in range(24)}
    path = zipped(tmp_path / "few.zip", files)
    assert main(["augmentation", str(path), "--target", "label"]) == 0
    told = capsys.readouterr().out
    assert "augmentation: skipped: Whether labels survive was not checked: 24 images" in told
    assert "Nothing found" not in told and "variants: 0" not in told and "Not checked." in told


def test_variants_towards_serve_raise_its_coverage() -> None:
    draw = np.random.default_rng(1)
    train = {f"{s}/{i:03d}.png": arrow(draw, s == "right") for s in ("left", "right") for i in range(80)}
    serve = {name: np.ascontiguousarray(np.rot90(one)) for name, one in train.items()}
    paths = [
        zipped(new_folder() / "a.zip", {name: encoded(one) for name, one in given.items()})
        for given in (train, serve)
    ]
    data = read(paths[0], serve=paths[1]).with_roles(target="label")
    plain = judged(data, {"op": "brightness", "amount": [0.99, 1.01]})
    turned = judged(data, {"op": "quarter_turn", "amount": [3, 3]})
    assert plain.after - plain.before < 0.05
    assert turned.after > turned.before + 0.3


def test_models_are_trained_where_it_is_asked_for(arrows: Any) -> None:
    steps = json.dumps([{"op": "flip_lr"}])
    found = run("augmentation", arrows, {"steps": steps, "trained": True, "images": 60})
    assert isinstance(found, AugmentationResult)
    assert found.summary["gain"] == "hurts" and found.summary["gain_linear_model_high"] < 0
    assert "variants_hurt" in [one.code for one in found.findings]
    assert any("extra trees" in note for note in found.notes)
    assert "gain" not in judged(arrows, {"op": "flip_ud"}).summary


def test_the_script_leaves_out_the_folder_of_serve_and_says_so(tmp_path: Path) -> None:
    given = {
        f"{part}/{name}/{n}.png": encoded(picture(n))
        for part in ("serve", "train")
        for name in "ab"
        for n in (1, 2)
    }
    parted = read(zipped(new_folder() / "a.zip", given)).with_split(PartSplit("value", 0, "part", "serve"))
    assert serve_folders(parted) == ("serve",)
    for path, content in given.items():
        (tmp_path / "images" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "images" / path).write_bytes(content)
    script = code(checked(EVERY[:4]), 3, source_files(parted))
    assert "LEFT_OUT, which are those of serve" in script.replace("\n", " ")
    (tmp_path / "augment.py").write_text(script, encoding="utf-8")
    ran = warm.run(tmp_path / "augment.py", "images", "out", cwd=tmp_path, library=warm.IMGAUG)
    assert ran.returncode == 0
    assert "4 images in folders called serve get no variants." in ran.stdout
    made = {path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*.png")}
    assert made == {f"train/{name}/{n}-v0.png" for name in "ab" for n in (1, 2)}
    with_no_parts = code(checked(EVERY[:4]), 3)
    assert "of serve" not in with_no_parts.split("def ")[0] and "LEFT_OUT = set()" in with_no_parts


def ran(folder: Path, data: Any, steps: list[dict[str, Any]]) -> subprocess.CompletedProcess[str]:
    """The script of the data run on ``images``."""
    (folder / "augment.py").write_text(code(checked(steps), 3, source_files(data)), encoding="utf-8")
    return warm.run(folder / "augment.py", "images", "out", cwd=folder, library=warm.IMGAUG)


def check_rows(folder: Path, data: Any, steps: list[dict[str, Any]], given: dict[str, bytes]) -> set[str]:
    """That what the script wrote are the rows and pixels of Winnow; gives the sources."""
    names = data.frame(["image"])["image"].astype(str).tolist()
    table = (folder / "out" / "metadata.csv").read_text(encoding="utf-8")
    lines = list(csv.DictReader(io.StringIO(table)))
    pipeline = built(checked(steps))
    for line in lines:
        row = int(line["row"])
        assert names[row] == line["source"], line
        decoded = decode(given[line["source"]]).rgb
        assert decoded is not None
        wanted = variant(pipeline, decoded, 3, row, 0)
        assert np.array_equal(pixels((folder / "out" / line["file_name"]).read_bytes()), wanted), line
    return {line["source"] for line in lines}


def test_the_script_finds_the_rows_and_decodes_the_files_as_winnow_does(tmp_path: Path) -> None:
    """Order by paths, files of the system, transparency, 16 bits and large JPEGs each gave other pixels."""
    clear = np.dstack([picture(5), np.tile(np.arange(40, dtype=np.uint8) * 6, (30, 1))])
    turned = Image.fromarray(picture(6))
    exif = turned.getexif()
    exif[0x0112] = 6
    out = io.BytesIO()
    turned.save(out, "JPEG", exif=exif)
    large = encoded(cv2.resize(picture(7), (2200, 2100)), "JPEG")
    deep = encoded(Image.fromarray(picture(1)[..., 0].astype(np.uint16) * 200))
    files = {
        "a/1.png": encoded(picture(1)),
        "a-b/1.png": encoded(picture(2)),
        "a b/1.png": encoded(Image.fromarray(clear)),
        "a/2.jpg": out.getvalue(),
        "a/3.jpg": large,
        "b/broken.jpg": b"no picture",
        "b/deep.png": deep,
        "b/sixteen.png": bytes(cv2.imencode(".png", picture(3).astype(np.uint16) * 257)[1]),
        "b/ten.png": bytes(cv2.imencode(".png", picture(4).astype(np.uint16) * 4)[1]),
        "b/z.png": encoded(picture(9)),
        "__MACOSX/a/._1.png": b"junk",
        "a/.hidden.png": b"junk",
    }
    data = read(zipped(tmp_path / "a.zip", files))
    foldered(tmp_path / "images", files)
    steps = [{"op": "rotate", "amount": [-90, 90]}, {"op": "noise"}]
    done = ran(tmp_path, data, steps)
    told = done.stderr.strip().splitlines()
    assert len(told) == 4 and told[-1] == "3 of 10 files could not be read and gave no variants.", told
    assert "b/broken.jpg" in told[0] and "b/deep.png" in told[1] and "eight bits" in told[1]
    assert "b/ten.png" in told[2] and "eight bits" in told[2], "colours of ten bits in sixteen"
    none = ("b/broken.jpg", "b/deep.png", "b/ten.png")
    names = {name for name in files if "/." not in name and name not in none}
    assert check_rows(tmp_path, data, steps, files) == names
    plain = code(checked(steps), 3)
    (tmp_path / "augment.py").write_text(plain, encoding="utf-8")
    warm.run(tmp_path / "augment.py", "images", "out", cwd=tmp_path, library=warm.IMGAUG)
    assert check_rows(tmp_path, data, steps, files) == names, "the same where the files are not known"


def test_the_script_counts_the_rows_of_serve_and_of_a_table_as_they_stand(tmp_path: Path) -> None:
    """With a folder of serve that comes first every variant was another one."""
    steps = [{"op": "rotate", "amount": [-90, 90]}]
    files = {f"{part}/{n}.png": encoded(picture(n)) for part in ("serve", "train") for n in range(3)}
    parted = read(zipped(new_folder() / "a.zip", files)).with_split(PartSplit("value", 0, "part", "serve"))
    foldered(tmp_path / "one" / "images", files)
    assert "3 images in folders called serve get no variants." in ran(tmp_path / "one", parted, steps).stdout
    sources = check_rows(tmp_path / "one", parted, steps, files)
    assert sources == {name for name in files if name.startswith("train")}
    given = {f"{name}.png": encoded(picture(at)) for at, name in enumerate("badc")}
    lines = ["file_name,kind", *(f"{name}.png,{kind}" for name, kind in zip("dbca", "onoo", strict=True))]
    tabled = read(zipped(new_folder() / "b.zip", given | {"metadata.csv": "\n".join(lines).encode()}))
    tabled = tabled.with_split(PartSplit("value", 0, "kind", "n"))
    foldered(tmp_path / "two" / "images", given | {"new.png": encoded(picture(8))})
    done = ran(tmp_path / "two", tabled, steps)
    assert (
        "1 images of serve get no variants." in done.stdout and "1 images are not of the data" in done.stderr
    )
    table = (tmp_path / "two" / "out" / "metadata.csv").read_text().splitlines()[1:]
    rows = {line.split(",")[3]: int(line.split(",")[1]) for line in table}
    assert rows == {"d.png": 0, "c.png": 2, "a.png": 3, "new.png": 4}


def test_only_a_folder_of_all_of_serve_and_nothing_of_train_is_left_out() -> None:
    given = {f"all/{site}/{n}.png": encoded(picture(n)) for site in ("north", "south") for n in range(4)}
    source = read(zipped(new_folder() / "a.zip", given))
    assert serve_folders(source) == ()
    label = next(one for one in source.names if one == "label")
    assert serve_folders(source.with_split(PartSplit("value", 0, label, "south"))) == ("south",)
    across = {f"{site}/{n}.png": encoded(picture(n)) for site in ("a", "b") for n in range(4)}
    lines = ["file_name,kind", *(f"{name},{'new' if name.endswith('3.png') else 'old'}" for name in across)]
    mixed = read(zipped(new_folder() / "b.zip", across | {"metadata.csv": "\n".join(lines).encode()}))
    assert serve_folders(mixed.with_split(PartSplit("value", 0, "kind", "new"))) == ()
