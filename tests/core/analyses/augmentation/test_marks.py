"""Boxes and keypoints move along with their pictures, in the zip and in the script that runs alone."""

from __future__ import annotations

import io
import json
import warnings
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.analyses.augmentation.filling import plan, write_variants
from core.analyses.augmentation.marks import Marks, marks_of
from core.analyses.augmentation.operations import OPERATIONS
from core.analyses.augmentation.pipeline import built, checked, seed_of, variant, variant_with_marks
from core.analyses.augmentation.script import code
from core.analyses.augmentation.settings import AugmentationSettings
from core.dataset import Dataset
from core.dataset.keypoints import Skeleton
from tests.core.analyses.augmentation.test_augmentation import pipeline, ran
from tests.core.analyses.augmentation.test_filling import unzipped
from tests.core.loading.images.reading import read
from tests.core.loading.reading import new_folder
from tests.images import encoded, foldered, picture, zipped


def marks(boxes: list[list[float]], *points: list[list[float]]) -> Marks:
    """Objects of one class, whose second and third keypoint are left and right."""
    given = [*points, *[list[list[float]]()] * (len(boxes) - len(points))]
    arrays = tuple(np.array(one, np.float64).reshape(-1, 3) for one in given)
    sides = {"cat": Skeleton.of(["nose", "left ear", "right ear"], [[1, 2], [1, 3]])}
    return Marks(("cat",) * len(boxes), np.array(boxes, np.float64), arrays, sides, (False,) * len(boxes))


def objects_in(content: bytes) -> list[dict[str, Any]]:
    """The objects of each line of the table of a zip."""
    return [json.loads(line)["objects"] for line in content.decode().splitlines()]


def test_boxes_move_along_and_leave_with_what_leaves() -> None:
    whole = picture(1, 40, 30)
    boxes = marks([[2.0, 3, 10, 5], [30, 20, 8, 8]])
    made, moved = variant_with_marks(pipeline({"op": "flip_lr"}), whole, boxes, 0, 0, 0)
    assert np.array_equal(made, whole[:, ::-1])
    np.testing.assert_allclose(moved.boxes, [[28, 3, 10, 5], [2, 20, 8, 8]])
    away = pipeline({"op": "translate", "across": [0.5, 0.5], "down": [0, 0]})
    _, moved = variant_with_marks(away, whole, boxes, 0, 0, 0)
    assert moved.boxes.tolist() == [[22, 3, 10, 5]] and moved.classes == ("cat",)


def test_keypoints_move_along_and_are_not_there_out_of_the_picture() -> None:
    whole = picture(1, 40, 30)
    given = marks([[2, 3, 20, 20]], [[5, 6, 2], [10, 7, 1], [0, 0, 0]])
    for op, expected in (
        ("flip_lr", [[35, 6, 2], [0, 0, 0], [30, 7, 1]]),
        ("flip_ud", [[5, 24, 2], [0, 0, 0], [10, 23, 1]]),
    ):
        made, moved = variant_with_marks(pipeline({"op": op}), whole, given, 0, 0, 0)
        np.testing.assert_allclose(moved.points[0], expected, err_msg=op)
    both = pipeline({"op": "flip_lr"}, {"op": "flip_ud"})
    _, moved = variant_with_marks(both, whole, given, 0, 0, 0)
    np.testing.assert_allclose(moved.points[0], [[35, 24, 2], [30, 23, 1], [0, 0, 0]], err_msg="a half turn")
    assert [line.tolist() for line in moved.lines()] == [[[35, 24], [30, 23]]], "lines to what is there"
    away = pipeline({"op": "translate", "across": [0.2, 0.2], "down": [-0.22, -0.22]})
    _, moved = variant_with_marks(away, whole, given, 0, 0, 0)
    np.testing.assert_allclose(moved.points[0], [[0, 0, 0], [18, 0, 1], [0, 0, 0]], atol=1)
    assert given.points[0].tolist() == [[5, 6, 2], [10, 7, 1], [0, 0, 0]], "what was given stays as it is"


@pytest.mark.parametrize("op", [name for name in OPERATIONS if name not in ("flip_lr", "flip_ud")])
def test_keypoints_lie_where_imgaug_itself_has_them_and_pixels_stay_the_same(op: str) -> None:
    from imgaug.augmentables.kps import Keypoint, KeypointsOnImage

    whole, made = picture(1, 80, 60), pipeline({"op": op})
    given = marks(
        [[10, 10, 60, 40], [0, 0, 80, 60]], [[30, 20, 2], [40, 35, 1], [0, 0, 0]], [[41, 30, 2]] * 3
    )
    for number in range(6):
        pixels, moved = variant_with_marks(made, whole, given, 4, 9, number)
        assert np.array_equal(pixels, variant(made, whole, 4, 9, number))
        made.seed_(seed_of(4, 9, number))
        points = [Keypoint(x, y) for x, y in ((30, 20), (40, 35), (41, 30))]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            _, alone = made(image=whole, keypoints=KeypointsOnImage(points, shape=whole.shape))
        expected = [(one.x, one.y) for one in alone.keypoints]
        np.testing.assert_array_equal(moved.points[0][:2, :2], expected[:2])
        np.testing.assert_array_equal(moved.points[1][:, :2], [expected[2]] * 3)


def test_keypoints_under_a_square_that_is_cut_out_are_hidden(tmp_path: Path) -> None:
    """They were still seen (2). Squares are those of Cutout on a white picture, moved as the picture is."""
    white = np.full((60, 80, 3), 255, np.uint8)
    at = [(x, y) for x in range(4, 80, 8) for y in range(4, 60, 8)]
    given = [[x + 0.5, y + 0.5, 1 + turn % 2] for turn, (x, y) in enumerate(at)]
    steps: list[dict[str, Any]] = [
        {"op": "cutout", "holes": [3, 3], "size": [0.3, 0.4]},
        {"op": "some_of", "n": 1, "steps": [{"op": "cutout", "p": 0.5}]},
        {"op": "flip_lr", "p": 0.5},
    ]
    whole, every = pipeline(*steps), marks([[0, 0, 80, 60]], given)
    hidden = 0
    for number in range(8):
        pixels, moved = variant_with_marks(whole, white, every, 1, 0, number)
        assert np.array_equal(pixels, variant(whole, white, 1, 0, number)), "the same draws"
        for (_, _, before), (x, y, seen) in zip(given, moved.points[0].tolist(), strict=True):
            covered = pixels[int(y), int(x)].min() < 255
            assert seen == (1 if covered else before), (number, x, y)
            hidden += covered and before == 2
    assert hidden > 20
    assert "_augment_batch_" not in vars(whole[0]), "the pipeline is left as it was"
    coco = {
        "images": [{"id": 0, "file_name": "0.png"}],
        "categories": [{"id": 1, "name": "cat"}],
        "annotations": [
            {"image_id": 0, "category_id": 1, "bbox": [0, 0, 80, 60], "keypoints": sum(given, [])}
        ],
    }
    files = {"0.png": encoded(white)}
    data = read(zipped(new_folder() / "a.zip", files | {"a.json": json.dumps(coco).encode()}))
    foldered(tmp_path / "images", files)
    assert ran(tmp_path, data, steps).returncode == 0
    _, moved = variant_with_marks(whole, white, marks_of(data, [0])[0], 3, 0, 0)
    [own] = objects_in((tmp_path / "out" / "metadata.jsonl").read_bytes())
    assert own["keypoints"] == moved.as_objects()["keypoints"]
    assert sum(seen == 2 for seen in own["keypoints"][0][2::3]) < sum(seen == 2 for *_, seen in given)


def test_boxes_move_along_into_the_zip() -> None:
    coco = {
        "images": [{"id": 1, "file_name": "0.png"}, {"id": 2, "file_name": "1.png"}],
        "categories": [{"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}],
        "annotations": [
            {"image_id": 1, "category_id": 1, "bbox": [10, 12, 30, 20]},
            {"image_id": 2, "category_id": 2, "bbox": [0, 0, 5, 5]},
        ],
    }
    given = {f"{i}.png": encoded(picture(i, 100, 80)) for i in (0, 1)}
    dataset = read(zipped(new_folder() / "a.zip", given | {"a.json": json.dumps(coco).encode()}))
    label = next(name for name in dataset.names if "cat" in dataset.frame([name])[name].astype(str).tolist())
    flip = AugmentationSettings(steps='[{"op": "flip_lr"}]')
    found = unzipped(dataset, plan(dataset, label, wanted={"cat": 1}), flip)
    assert objects_in(found["metadata.jsonl"]) == [
        {"bbox": [[60, 12, 30, 20]], "category": ["cat"], "iscrowd": [0], "keypoints": [[]]}
    ]
    assert "metadata.csv" not in found and "keypoints.json" not in found


def posed(names: list[str], crowd: bool = False) -> Dataset:
    """A cat with three keypoints of which one is hidden, one without, and one that a shift takes out; an
    image without objects, and one of which nothing is known. crowd: whether the second is one.
    """
    coco = {
        "images": [{"id": 1, "file_name": "0.png"}, {"id": 2, "file_name": "1.png"}],
        "categories": [{"id": 1, "name": "cat", "keypoints": names, "skeleton": [[1, 2]]}],
        "annotations": [
            {
                "image_id": 1,
                "category_id": 1,
                "bbox": [10, 12, 30, 20],
                "keypoints": [12, 14, 2, 35, 20, 1, 90, 9, 2],
            },
            {"image_id": 1, "category_id": 1, "bbox": [0, 0, 5, 5], "iscrowd": int(crowd)},
            {
                "image_id": 1,
                "category_id": 1,
                "bbox": [90, 0, 10, 9],
                "keypoints": [95, 4, 2, 0, 0, 0, 1, 2, 0],
            },
        ],
    }
    given = {f"{i}.png": encoded(picture(i, 100, 80)) for i in (0, 1, 2)}
    return read(zipped(new_folder() / "a.zip", given | {"a.json": json.dumps(coco).encode()}))


def test_keypoints_move_along_into_the_zip_and_a_flip_exchanges_left_and_right() -> None:
    dataset = posed(["nose", "left_ear", "right_ear"])
    flip = AugmentationSettings(steps='[{"op": "flip_lr"}]')
    found = unzipped(dataset, plan(dataset, "label", wanted={"cat": 1}), flip)
    first, second, third = objects_in(found["metadata.jsonl"])[0]["keypoints"]
    assert first == [88, 14, 2, 10, 9, 2, 65, 20, 1], "nose, then what was the right ear"
    assert second == [] and third == [5, 4, 2, 0, 0, 0, 0, 0, 0]
    assert json.loads(found["pipeline.json"])["notes"] == []
    (said,) = json.loads(found["keypoints.json"])
    assert said["keypoints"] == ["nose", "left_ear", "right_ear"] and said["points"] == 3
    away = AugmentationSettings(steps='[{"op": "translate", "across": [0.3, 0.3], "down": [0, 0]}]')
    moved = unzipped(dataset, plan(dataset, "label", wanted={"cat": 1}), away)
    assert objects_in(moved["metadata.jsonl"])[0]["keypoints"] == [[42, 14, 2, 65, 20, 1, 0, 0, 0], []]


def test_where_no_names_say_left_and_right_a_flip_leaves_keypoints_in_order_and_says_so() -> None:
    dataset = posed(["a", "b", "c"])
    flip = AugmentationSettings(steps='[{"op": "one_of", "steps": [{"op": "flip_ud"}]}]')
    out = io.BytesIO()
    note = write_variants(dataset, flip, plan(dataset, "label", wanted={"cat": 1}), out).note
    assert note.startswith("A flip leaves the keypoints of 'cat' in their order")
    with zipfile.ZipFile(out) as archive:
        told = json.loads(archive.read("pipeline.json"))
        moved = objects_in(archive.read("metadata.jsonl"))[0]["keypoints"]
    assert told["notes"] == [note] and moved[0] == [12, 66, 2, 35, 60, 1, 90, 71, 2]
    turn = AugmentationSettings(steps='[{"op": "rotate"}]')
    found = unzipped(dataset, plan(dataset, "label", wanted={"cat": 1}), turn)
    assert json.loads(found["pipeline.json"])["notes"] == []


def marked_in(data: Dataset) -> dict[tuple[int, int], list[Any]]:
    """Of each variant, by its row and number, its label and objects: class, box, crowd and keypoints."""
    assert data.pictures is not None
    found: dict[tuple[int, int], list[Any]] = {}
    every = data.pictures.boxes()
    columns = (data.table([name]).column(0).to_pylist() for name in ("row", "variant", "label"))
    for at, (row, number, label) in enumerate(zip(*columns, strict=True)):
        own = every[every["row"] == at]
        found[row, number] = [label, *own.drop(columns="row").map(as_numbers).to_numpy().tolist()]
    return found


def as_numbers(cell: Any) -> Any:
    return cell.tolist() if isinstance(cell, np.ndarray) else cell


def test_variants_of_the_zip_and_of_the_script_are_read_again_with_label_boxes_and_keypoints(
    tmp_path: Path,
) -> None:
    dataset = posed(["nose", "left_ear", "right_ear"], crowd=True)
    steps = [{"op": "flip_lr", "p": 0.5}, {"op": "rotate", "amount": [-30, 30]}, {"op": "translate"}]
    settings, made = AugmentationSettings(steps=json.dumps(steps), seed=3), built(checked(steps))
    write_variants(dataset, settings, plan(dataset, "label", wanted={"cat": 6}), tmp_path / "variants.zip")
    read_again = marked_in(back := read(tmp_path / "variants.zip"))
    own, expected = marks_of(dataset, [0])[0], {}
    for number in range(6):
        _, moved = variant_with_marks(made, picture(0, 100, 80), own, 3, 0, number)
        each = zip(moved.boxes.round(4).tolist(), moved.crowds, moved.points, strict=True)
        objects = [["cat", *box, crowd, points.round(4).ravel().tolist()] for box, crowd, points in each]
        expected[0, number] = ["cat", *objects]
    assert read_again == expected and {len(one) for one in expected.values()} >= {3, 4}
    assert dataset.pictures is not None and back.pictures is not None
    assert back.pictures.skeletons() == dataset.pictures.skeletons() != {}
    assert "labels_not_used" not in {finding.code for finding in back.loading}
    foldered(tmp_path / "images", {f"{i}.png": encoded(picture(i, 100, 80)) for i in range(3)})
    assert ran(tmp_path, dataset, steps).returncode == 0
    out = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    again = read(zipped(tmp_path / "out.zip", out))
    no_object: list[Any] = ["no object"]
    assert marked_in(again) == {(0, 0): expected[0, 0], (1, 0): no_object, (2, 0): [None]}
    assert again.frame(["objects"])["objects"].tolist()[:2] == [len(expected[0, 0]) - 1, 0]
    assert again.pictures is not None and again.pictures.skeletons() == dataset.pictures.skeletons()


def test_variants_of_the_script_keep_the_classes_of_their_folders(tmp_path: Path) -> None:
    files = {f"{label}/{i}.png": encoded(picture(i)) for label in "ab" for i in range(2)}
    dataset = read(zipped(new_folder() / "a.zip", files))
    foldered(tmp_path / "images", files)
    assert ran(tmp_path, dataset, [{"op": "flip_lr"}]).returncode == 0
    out = tmp_path / "out"
    made = {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*.*")}
    back = read(zipped(tmp_path / "out.zip", made))
    assert back.frame(["label"])["label"].tolist() == ["a", "a", "b", "b"]


def test_the_script_moves_boxes_and_keypoints_as_the_zip_has_them(tmp_path: Path) -> None:
    points = [[5, 6, 2, 10.5, 7, 1, 0, 0, 0], [620, 503, 2, 630, 527, 1, 608, 508.25, 2]]
    coco = {
        "images": [{"id": one, "file_name": f"{one}.png"} for one in range(3)],
        "categories": [{"id": 1, "name": "c'at", "keypoints": ["nose", "left_ear", "right_ear"]}],
        "annotations": [
            {"image_id": 0, "category_id": 1, "bbox": [1, 2, 10.25, 9], "keypoints": points[0]},
            {"image_id": 0, "category_id": 1, "bbox": [5, 2, 30, 20]},
            {"image_id": 2, "category_id": 1, "bbox": [600, 500, 90, 70.5], "keypoints": points[1]},
        ],
    }
    large = encoded(picture(2, 2100, 2048), "JPEG")  # is drawn smaller
    files = {"0.png": encoded(picture(0)), "1.png": encoded(picture(1)), "2.png": large}
    data = read(zipped(new_folder() / "a.zip", files | {"a.json": json.dumps(coco).encode()}))
    foldered(tmp_path / "images", files)
    steps = [{"op": "flip_lr", "p": 0.5}, {"op": "rotate", "amount": [-40, 40]}, {"op": "translate"}]
    done = ran(tmp_path, data, steps)
    assert "not moved" not in done.stdout.lower()
    settings = AugmentationSettings(steps=json.dumps(steps), seed=3)
    out = io.BytesIO()
    write_variants(data, settings, plan(data, "label", wanted={"c'at": 2}), out)
    with zipfile.ZipFile(out) as archive:
        of_zip = objects_in(archive.read("metadata.jsonl"))
        assert json.loads(archive.read("keypoints.json")) == json.loads(
            (tmp_path / "out" / "keypoints.json").read_bytes()
        )
    first, none, last = objects_in((tmp_path / "out" / "metadata.jsonl").read_bytes())
    assert [first, last] == of_zip and [len(one["bbox"]) for one in of_zip] == [2, 1]
    assert none == {"bbox": [], "category": [], "iscrowd": [], "keypoints": []}
    assert "OBJECTS = {\n}" in code(checked([{"op": "blur"}]), 3)


def test_the_script_makes_nothing_of_an_image_that_is_damaged_though_it_opens(tmp_path: Path) -> None:
    whole = encoded(picture(3, 200, 150), "JPEG", quality=90)
    half = len(whole) // 2
    files = {"0.jpg": whole, "1.jpg": whole[:half] + bytes(200) + whole[half + 200 :]}
    data = read(zipped(new_folder() / "a.zip", files))
    foldered(tmp_path / "images", files)
    done = ran(tmp_path, data, [{"op": "flip_lr"}])
    assert done.returncode == 1 and "1.jpg is damaged, though it opens." in done.stderr
    assert (tmp_path / "out" / "0-v0.png").exists() and not (tmp_path / "out" / "1-v0.png").exists()
