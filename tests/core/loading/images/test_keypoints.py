"""Keypoints of COCO, YOLO and tables of ours: which are read, where they lie, and what is said of others."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.analyses.augmentation.marks import marks_of
from core.dataset import Dataset
from core.dataset.keypoints import Skeleton
from core.finding import Finding
from core.loading.child import work
from core.loading.images.boxes import yolo_names
from core.loading.images.keypoints import yolo_skeleton
from core.progress import SILENT
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


def posed(image: int, names: list[str] | None, lines: Any = (), **more: Any) -> bytes:
    """An annotation of one image whose points are 10, 20 and so on by the place in `names`."""
    points = [float(one) for at in range(len(names or "abc")) for one in (10 + 9 * at, 5 + at, 2)]
    category = {"id": 1, "name": "cat", **({} if names is None else {"keypoints": names, "skeleton": lines})}
    return json.dumps(
        {
            "images": [{"id": 1, "file_name": f"{image}.png"}],
            "annotations": [{**ONE, "keypoints": points}],
            "categories": [{**category, **more}],
        }
    ).encode()


NAMES = ["nose", "left_eye", "right_eye"]
TURNED = ["left_eye", "right_eye", "nose"]


def both_ways(folder: Path, first: bytes, second: bytes) -> list[Dataset]:
    """Two files in one archive, and in that of train and that of serve."""
    files = {"0.png": PNG[0], "1.png": PNG[1]}
    whole = zipped(folder / "whole.zip", {**files, "a.json": first, "b.json": second})
    train = zipped(folder / "train.zip", {"0.png": PNG[0], "a.json": first})
    serve = zipped(folder / "serve.zip", {"1.png": PNG[1], "b.json": second})
    return [read(whole), read(train, serve=serve)]


def test_keypoints_of_two_files_are_brought_into_one_order_by_their_names(tmp_path: Path) -> None:
    for data in both_ways(tmp_path, posed(0, NAMES), posed(1, TURNED, [[3, 1]])):
        assert keypoints(data) == [[10, 5, 2, 19, 6, 2, 28, 7, 2], [28, 7, 2, 10, 5, 2, 19, 6, 2]]
        assert skeletons(data) == {"cat": Skeleton(tuple(NAMES), ((0, 1),), (0, 2, 1))}, "lines of the other"
        assert "keypoints_not_read" not in codes(data)
        flipped = marks_of(data, [0, 1])[1].moved([0], np.zeros((1, 4)), [np.ones((3, 3))], True, (9, 9))
        assert flipped.skeletons["cat"].twins == (0, 2, 1)


@pytest.mark.parametrize(
    "other", [["nose", "tail", "right_eye"], ["nose", "left_eye"], None, ["a", "a", "b"]]
)
def test_keypoints_of_which_it_cannot_be_told_which_is_which_are_left_out(
    other: list[str] | None, tmp_path: Path
) -> None:
    for data in both_ways(tmp_path, posed(0, NAMES), posed(1, other)):
        assert keypoints(data) == [[10, 5, 2, 19, 6, 2, 28, 7, 2], []] and len(boxes(data)) == 2
        found = told(data, "keypoints_not_read")
        assert found.rows.ids.tolist() == [1] and found.value == 1
        assert "another file says other names" in found.why and "'cat'" in found.why
        assert skeletons(data)["cat"].names == tuple(NAMES)


def test_the_first_of_several_files_that_has_names_says_the_order(tmp_path: Path) -> None:
    whole, parts = both_ways(tmp_path, posed(0, None), posed(1, NAMES))
    assert keypoints(whole)[0] == [] and skeletons(whole)["cat"].names == tuple(NAMES)
    assert told(whole, "keypoints_not_read").rows.ids.tolist() == [0]
    assert keypoints(parts)[1] == [] and skeletons(parts) == {}, "train is never changed by serve"
    assert told(parts, "keypoints_not_read").rows.ids.tolist() == [1]


def test_sides_that_files_contradict_are_told_and_those_of_one_hold_for_both(tmp_path: Path) -> None:
    for data in both_ways(tmp_path, posed(0, list("abc"), flip_idx=[1, 0, 2]), posed(1, list("bca"))):
        assert skeletons(data)["cat"].twins == (1, 0, 2) and keypoints(data)[1][:2] == [28, 7]
    for data in both_ways(tmp_path, posed(0, list("abc")), posed(1, list("bca"), flip_idx=[1, 0, 2])):
        assert skeletons(data)["cat"].twins == (0, 2, 1) and all(keypoints(data))
    wrong = posed(1, list("abc"), flip_idx=[0, 2, 1])
    for data in both_ways(tmp_path, posed(0, list("abc"), flip_idx=[1, 0, 2]), wrong):
        assert keypoints(data)[1] == [] and told(data, "keypoints_not_read").value == 1


def test_loading_itself_brings_serve_into_the_order_of_train(tmp_path: Path) -> None:
    files = {"0.png": PNG[0], "1.png": PNG[1]}
    paths = [
        zipped(tmp_path / f"{at}.zip", {**files, "a.json": posed(at, names)})
        for at, names in enumerate((NAMES, TURNED))
    ]
    sources = [{"path": str(path), "name": path.name, "options": {}} for path in paths]
    work({"sources": sources, "folder": str(tmp_path), "name": "both"}, SILENT)
    assert keypoints(Dataset.open(tmp_path / "data.parquet"))[1] == [28, 7, 2, 10, 5, 2, 19, 6, 2]


def test_what_serve_could_not_read_itself_and_what_differs_is_one_finding(tmp_path: Path) -> None:
    train = zipped(tmp_path / "a.zip", {"0.png": PNG[0], "a.json": posed(0, NAMES)})
    value = json.loads(posed(1, ["x", "y", "z"]))
    value["annotations"].append({**ONE, "bbox": [2, 2, 5, 5], "keypoints": [1, 2]})
    serve = zipped(tmp_path / "b.zip", {"1.png": PNG[1], "a.json": json.dumps(value).encode()})
    found = told(read(train, serve=serve), "keypoints_not_read")
    assert found.value == 2 and found.rows.ids.tolist() == [1] and found.title.startswith("Keypoints of 2")
    assert "all of them numbers" in found.why and "another file says" in found.why


def test_categories_of_one_name_in_one_file_have_each_its_own_order(tmp_path: Path) -> None:
    value = json.loads(posed(0, NAMES))
    value["categories"].append({"id": 2, "name": "cat", "keypoints": TURNED})
    value["annotations"].append({**value["annotations"][0], "category_id": 2, "bbox": [2, 2, 5, 5]})
    data = of(tmp_path, {"a.json": json.dumps(value).encode()})
    assert keypoints(data) == [[10, 5, 2, 19, 6, 2, 28, 7, 2], [28, 7, 2, 10, 5, 2, 19, 6, 2]]


def test_each_file_beside_tables_speaks_of_the_images_below_it(tmp_path: Path) -> None:
    files = dict[str, bytes]()
    for at, (folder, names) in enumerate((("x", NAMES), ("y", TURNED))):
        value = json.loads(posed(0, names))
        points = value["annotations"][0]["keypoints"]
        row = {"file_name": "0.png", "objects": {"bbox": [[1, 2, 5, 5]], "category": ["cat"]}}
        row["objects"]["keypoints"] = [points]  # type: ignore[index]
        files |= {f"{folder}/0.png": PNG[at], f"{folder}/metadata.jsonl": json.dumps(row).encode()}
        files[f"{folder}/keypoints.json"] = json.dumps(value["categories"]).encode()
    data = read(zipped(tmp_path / "a.zip", files))
    assert keypoints(data) == [[10, 5, 2, 19, 6, 2, 28, 7, 2], [28, 7, 2, 10, 5, 2, 19, 6, 2]]


def test_each_yaml_speaks_of_the_labels_below_it(tmp_path: Path) -> None:
    files = dict[str, bytes]()
    for at, (folder, names) in enumerate((("x", NAMES), ("y", TURNED))):
        files |= {f"{folder}/images/{at}.png": PNG[at]}
        files[f"{folder}/labels/{at}.txt"] = b"0 .5 .5 .5 .2 .25 .5 2 .5 .5 2 .75 .5 2\n"
        named = f"names: [cat]\nkpt_shape: [3, 3]\nkpt_names:\n  0: [{', '.join(names)}]\n"
        files[f"{folder}/data.yaml"] = named.encode()
    data = read(zipped(tmp_path / "a.zip", files))
    assert [one[::3] for one in keypoints(data)] == [[10, 20, 30], [30, 10, 20]]


@pytest.mark.parametrize(
    "said",
    ["kpt_names:\n  1:\n  - eye\n  - ear\n  0: [nose, tail]\nnc: 2\n",
     "kpt_names:  # [of, two]\n  0: [nose,  # [first\n      tail]\n\n"
     "# second\n  '1':\n    - \"eye\"\n    - ear # ]\n",
     "kpt_names: {0: ['nose', tail], 1: [eye, \"ear\"]}\nother: {0: [x, y]}\n",
     "kpt_names:\n  1:\n    [eye, ear,]\n  0:\n    - nose\n    - 'tail'\n  10: [x, y]\nnames: [a, b]\n"],
)  # fmt: skip
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_names_of_keypoints_in_yaml_are_read_however_they_are_listed(said: str, end: str) -> None:
    content = said.replace("\n", end).encode()
    assert yolo_skeleton(content, 0).names == ("nose", "tail")
    assert yolo_skeleton(content, 1).names == ("eye", "ear")
    assert yolo_skeleton(content, 7).names == ()


def test_commas_and_brackets_in_quotes_are_of_the_name_and_a_list_without_end_is_none() -> None:
    given = b"kpt_names:\n  0: ['a, b', \"c]\", 'it''s', l'un]\n  1:\n  - d, e\n  2: [f, g\n"
    assert yolo_skeleton(given, 0).names == ("a, b", "c]", "it's", "l'un")
    assert yolo_skeleton(given, 1).names == ("d, e",) and yolo_skeleton(given, 2).names == ()


def test_lines_that_end_with_cr_and_lf_hide_no_names_of_classes() -> None:
    assert yolo_names(b"names:\r\n  0: cat\r\n\r\n  1: dog\r\nnc: 2\r\n", ".yaml") == {0: "cat", 1: "dog"}


def test_boxes_kept_by_an_earlier_version_have_no_keypoints(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    data = of(tmp_path, {"a.json": coco([{**ONE, "keypoints": POINTS}])})
    assert data.pictures is not None
    path = data.pictures.folder / "boxes.parquet"
    pq.write_table(pq.read_table(path).drop_columns(["keypoints"]).replace_schema_metadata({}), path)
    assert keypoints(data) == [[]] and skeletons(data) == {}
