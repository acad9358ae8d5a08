"""Keypoints of COCO, YOLO and tables of ours: which are read, where they lie, and what is said of others."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from core.dataset import Dataset
from core.dataset.keypoints import Skeleton
from core.finding import Finding
from tests.core.loading.images.reading import boxes, keypoints, read
from tests.images import encoded, picture, zipped

PNG = [encoded(picture(seed)) for seed in range(3)]  # 40 x 30 pixels
EYES = {
    "id": 1,
    "name": "cat",
    "keypoints": ["nose", "left_eye", "right_eye"],
    "skeleton": [[1, 2], [1, 3], [1, 7]],
}
ONE = {"image_id": 1, "category_id": 1, "bbox": [1, 2, 20, 10]}
POINTS = [5, 6, 2, 7.5, 8, 1, 0, 0, 0]


def coco(marks: list[dict[str, Any]], category: Mapping[str, Any] = EYES, **size: int) -> bytes:
    images = [{"id": 1, "file_name": "0.png", **size}]
    return json.dumps({"images": images, "annotations": marks, "categories": [category]}).encode()


def of(folder: Path, files: Mapping[str, bytes]) -> Dataset:
    return read(zipped(folder / "a.zip", {"0.png": PNG[0], **files}))


def told(data: Dataset, code: str) -> Finding:
    [found] = [finding for finding in data.loading if finding.code == code]
    return found


def codes(data: Dataset) -> set[str]:
    return {finding.code for finding in data.loading}


def skeletons(data: Dataset) -> dict[str, Skeleton]:
    assert data.pictures is not None
    return data.pictures.skeletons()


def test_keypoints_of_coco_are_read_with_their_names_and_lines(tmp_path: Path) -> None:
    gone = {**ONE, "bbox": [2, 2, 5, 5], "keypoints": [0] * 9, "num_keypoints": 0}
    hidden = {**ONE, "bbox": [3, 2, 5, 5], "keypoints": [9, 9, 0] * 2 + [4, 4, 1]}
    data = of(
        tmp_path,
        {"a.json": coco([{**ONE, "keypoints": POINTS}, gone, hidden, {**ONE, "bbox": [4, 2, 5, 5]}])},
    )
    assert keypoints(data) == [POINTS, [], [0, 0, 0, 0, 0, 0, 4, 4, 1], []], "what is not there is zeros"
    assert skeletons(data) == {
        "cat": Skeleton(("nose", "left_eye", "right_eye"), ((0, 1), (0, 2)), (0, 2, 1))
    }
    assert not {"keypoints_not_read", "keypoints_outside"} & codes(data)


@pytest.mark.parametrize(
    "given",
    [[1, 2], [5, 6, 2, 7], [5, 6, 2], [5, 6, None] * 3, ["x", 6, 2] * 3, [float("nan"), 6, 2] * 3,
     [5, float("inf"), 2] * 3, [1e12, 6, 2] * 3, "5 6 2", 7, {"x": 5}, [[5, 6], [7, 8], [9, 9]]],
)  # fmt: skip
def test_keypoints_that_are_none_are_told_and_the_box_stays(given: Any, tmp_path: Path) -> None:
    data = of(
        tmp_path,
        {"a.json": coco([{**ONE, "keypoints": given}, {**ONE, "bbox": [1, 1, 5, 5], "keypoints": POINTS}])},
    )
    assert keypoints(data) == [[], POINTS] and len(boxes(data)) == 2
    found = told(data, "keypoints_not_read")
    assert found.title.startswith("Keypoints of 1 object were not read") and found.rows.ids.tolist() == [0]


def test_keypoints_outside_of_their_image_are_told(tmp_path: Path) -> None:
    there = {**ONE, "keypoints": [40, 30, 2, 0, 0, 2, 500, 500, 0]}
    assert "keypoints_outside" not in codes(of(tmp_path, {"a.json": coco([there])})), (
        "what is not there is nowhere"
    )
    away = {**ONE, "keypoints": [5, 6, 2, 500, 8, 1, 0, 0, 0]}
    data = of(tmp_path, {"a.json": coco([away])})
    assert told(data, "keypoints_outside").rows.ids.tolist() == [0] and keypoints(data) == [away["keypoints"]]


def test_an_object_of_two_files_of_coco_is_one_with_its_keypoints(tmp_path: Path) -> None:
    other = {**ONE, "bbox": [0, 0, 4, 4]}
    plain = coco([ONE, other], {"id": 1, "name": "cat"})
    posed = coco([{**ONE, "keypoints": POINTS}])
    for names in (("a.json", "b.json"), ("b.json", "a.json")):
        data = of(tmp_path, dict(zip(names, (plain, posed), strict=True)))
        assert sorted(map(len, keypoints(data))) == [0, 9] and len(boxes(data)) == 2
        assert "boxes_repeated" not in codes(data) and skeletons(data)["cat"].names


def test_keypoints_lie_on_the_upright_picture(tmp_path: Path) -> None:
    from PIL import Image

    exif = Image.Exif()
    exif[0x0112] = 6
    turned = {"0.png": encoded(picture(1, 40, 30), "JPEG", exif=exif.tobytes())}
    mark = [{**ONE, "keypoints": POINTS}]
    lies = of(tmp_path, {**turned, "a.json": coco(mark, width=40, height=30)})
    assert keypoints(lies) == [[30 - 6, 5, 2, 30 - 8, 7.5, 1, 0, 0, 0]]
    assert keypoints(of(tmp_path, {**turned, "a.json": coco(mark, width=30, height=40)})) == [POINTS]


def test_keypoints_of_yolo_are_shares_of_the_picture(tmp_path: Path) -> None:
    pose = b"0 0.5 0.5 0.5 0.2 0.5 0.5 2 0.1 0.2 1 0 0 0\n"
    files = {"images/0.png": PNG[0], "labels/0.txt": pose}
    for more in ({}, {"data.yaml": b"names: [cat]\nkpt_shape: [3, 3]\n"}):
        data = read(zipped(tmp_path / "a.zip", {**files, **more}))
        assert keypoints(data) == [[20, 15, 2, pytest.approx(4), pytest.approx(6), 1, 0, 0, 0]]
        assert boxes(data)[0][2:6] == (10, 12, 20, 6) and "keypoints_not_read" not in codes(data)


def test_yaml_says_how_many_keypoints_there_are_and_which_a_mirror_exchanges(tmp_path: Path) -> None:
    yaml = b"names: [dog, cat]\nkpt_shape: [3, 2]\nflip_idx: [0, 2, 1]\n"
    lines = b"1 0.5 0.5 0.9 0.5 0.9 0.9 -1 0.5 0 0\n1 0.5 0.5 0.1 0.2\n1 .5 .5 .2 .2 .1 .1 .1 .1\n"
    data = read(zipped(tmp_path / "a.zip", {"i/0.png": PNG[0], "i/0.txt": lines, "data.yaml": yaml}))
    assert keypoints(data) == [[36, 27, 2, 0, 0, 0, 0, 0, 0], [], []]
    assert [box[4:6] for box in boxes(data)] == [(36, 15), (4, 6), (8, 6)], "what stands before the keypoints"
    assert told(data, "keypoints_not_read").value == 1 and skeletons(data) == {
        "cat": Skeleton((), (), (0, 2, 1))
    }


def test_two_archives_keep_what_each_says_of_keypoints(tmp_path: Path) -> None:
    train = zipped(tmp_path / "a.zip", {"0.png": PNG[0], "a.json": coco([{**ONE, "keypoints": POINTS}])})
    dog = {**EYES, "name": "dog", "keypoints": ["a", "b", "c"]}
    serve = zipped(tmp_path / "b.zip", {"0.png": PNG[1], "a.json": coco([{**ONE, "keypoints": POINTS}], dog)})
    data = read(train, serve=serve)
    assert keypoints(data) == [POINTS, POINTS] and [box[:2] for box in boxes(data)] == [
        (0, "cat"),
        (1, "dog"),
    ]
    assert {name: one.names[0] for name, one in skeletons(data).items()} == {"cat": "nose", "dog": "a"}


def test_boxes_kept_by_an_earlier_version_have_no_keypoints(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    data = of(tmp_path, {"a.json": coco([{**ONE, "keypoints": POINTS}])})
    assert data.pictures is not None
    path = data.pictures.folder / "boxes.parquet"
    pq.write_table(pq.read_table(path).drop_columns(["keypoints"]).replace_schema_metadata({}), path)
    assert keypoints(data) == [[]] and skeletons(data) == {}
