"""Several sets of YOLO in one archive: each label file is read with the files nearest above it."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.dataset import Dataset
from tests.core.loading.images.reading import boxes, keypoints, read
from tests.core.loading.images.test_layouts import codes, column
from tests.images import encoded, picture, zipped

PNG = [encoded(picture(n, 40, 30)) for n in range(4)]
BOX, POSE = b"0 .5 .5 .5 .2\n1 .5 .5 .1 .1\n", b"0 .5 .5 .5 .2 .25 .5 .5 .5\n"


def sets(path: Path, more: dict[str, bytes], labels: tuple[bytes, bytes] = (BOX, BOX)) -> Dataset:
    """Two sets of one image each, in folders train and other."""
    files = dict(more)
    for at, (folder, label) in enumerate(zip(("train", "other"), labels, strict=True)):
        files |= {f"{folder}/images/{at}.png": PNG[at], f"{folder}/labels/{at}.txt": label}
    return read(zipped(path / "a.zip", files))


def classes(data: Dataset) -> dict[str, list[str]]:
    images = column(data, "image")
    found: dict[str, list[str]] = {one: [] for one in images}
    for box in boxes(data):
        found[images[box[0]]].append(box[1])
    return {one.split("/")[0]: own for one, own in found.items()}


def test_each_label_file_has_the_classes_of_the_yaml_nearest_above_it(tmp_path: Path) -> None:
    own = {"train/data.yaml": b"names: [cat, dog]\n", "other/data.yaml": b"names: [bolt, nut]\n"}
    expected = {"train": ["cat", "dog"], "other": ["bolt", "nut"]}
    data = sets(tmp_path, own)
    assert classes(data) == expected
    assert not {"label_files_unclear", "categories_not_named"} & set(codes(data))
    nearer = {"data.yaml": own["train/data.yaml"], "other/data.yaml": own["other/data.yaml"]}
    assert classes(sets(tmp_path, nearer)) == expected, "that of the folder goes before that above all"
    lists = {"train/labels/classes.txt": b"cat\ndog", "other/labels/classes.txt": b"bolt\nnut"}
    assert classes(sets(tmp_path, lists)) == expected
    both = lists | {"data.yaml": b"names: [one, two]\n"}
    assert classes(sets(tmp_path, both)) == dict.fromkeys(expected, ["one", "two"]), "yaml goes before lists"


def test_a_set_without_names_for_a_number_says_so_though_the_other_has_one(tmp_path: Path) -> None:
    own = {"train/data.yaml": b"names: [cat, dog]\n", "other/data.yaml": b"names: [bolt]\n"}
    data = sets(tmp_path, own)
    assert classes(data) == {"train": ["cat", "dog"], "other": ["bolt", "1"]}
    [told] = [one for one in data.loading if one.code == "categories_not_named"]
    assert told.value == 1 and column(data, "image")[list(told.rows)[0]].startswith("other/")


def test_each_label_file_has_the_keypoints_of_the_yaml_nearest_above_it(tmp_path: Path) -> None:
    own = {
        "train/data.yaml": b"names: [cat]\nkpt_shape: [2, 2]\n",
        "other/data.yaml": b"names: [bolt]\nkpt_shape: [1, 3]\n",
    }
    data = sets(tmp_path, own, (POSE, b"0 .5 .5 .5 .2 .25 .5 1\n"))
    images = column(data, "image")
    points = {images[box[0]][:5]: one for box, one in zip(boxes(data), keypoints(data), strict=True)}
    assert points == {"train": [10, 15, 2, 20, 15, 2], "other": [10, 15, 1]}
    polygons = sets(tmp_path, own | {"other/data.yaml": b"names: [bolt]\n"}, (POSE, b"0 0 0 .5 0 .5 1 0 1\n"))
    assert "keypoints_not_read" not in codes(polygons), "the other set has no kpt_shape: lines are polygons"
    assert {box[1]: box[2:6] for box in boxes(polygons)}["bolt"] == (0, 0, 20, 30)


def test_keypoints_without_names_are_not_mixed_where_sets_have_another_number(tmp_path: Path) -> None:
    """Of one class, cat: the first keypoint of two was taken for the first of one."""
    own = {
        "train/data.yaml": b"names: [cat]\nkpt_shape: [2, 2]\n",
        "other/data.yaml": b"names: [cat]\nkpt_shape: [1, 3]\n",
    }
    one = b"0 .5 .5 .5 .2 .25 .5 1\n"
    for pose, single, kept in ((POSE, one, 3), (POSE * 2, one, 6), (POSE, one * 3, 3)):
        data = sets(tmp_path, own, (pose, single))
        assert {len(points) for points in keypoints(data)} == {kept, 0}
        [told] = [finding for finding in data.loading if finding.code == "keypoints_not_read"]
        assert told.value == 1 and "'cat'" in told.why and "another number" in told.why
    same = sets(tmp_path, own | {"other/data.yaml": own["train/data.yaml"]}, (POSE, POSE))
    assert "keypoints_not_read" not in codes(same) and [len(points) for points in keypoints(same)] == [6, 6]


def test_keypoints_without_names_of_serve_are_held_to_the_number_of_train(tmp_path: Path) -> None:
    def archive(name: str, shape: bytes, label: bytes) -> Path:
        files = {f"images/{name}.png": PNG[0], f"labels/{name}.txt": label}
        return zipped(tmp_path / f"{name}.zip", files | {"data.yaml": b"names: [cat]\nkpt_shape: " + shape})

    train = archive("t", b"[2, 2]\n", POSE)
    data = read(train, serve=archive("s", b"[1, 3]\n", b"0 .5 .5 .5 .2 .25 .5 1\n" * 3))
    assert [len(points) for points in keypoints(data)] == [6, 0, 0, 0]
    [told] = [finding for finding in data.loading if finding.code == "keypoints_not_read"]
    assert told.value == 3 and "another number" in told.why
    assert "keypoints_not_read" not in codes(read(train, serve=archive("u", b"[2, 2]\n", POSE)))


def test_what_cannot_be_known_of_label_files_is_said_and_not_guessed(tmp_path: Path) -> None:
    first, second = b"names: [cat, dog]\n", b"names: [bolt, nut]\n"
    beside = {"a/data.yaml": first, "b/data.yaml": second}
    together = {"one.yaml": first, "two.yaml": second}
    for more in (beside, together):
        data = sets(tmp_path, more)
        assert classes(data) == {"train": ["0", "1"], "other": ["0", "1"]}
        [told] = [one for one in data.loading if one.code == "label_files_unclear"]
        assert told.value == 2 and list(told.rows) == [0, 1] and all(one in told.title for one in more)
    half = sets(tmp_path, {"a/data.yaml": first, "other/data.yaml": second})
    assert classes(half) == {"train": ["0", "1"], "other": ["bolt", "nut"]}
    [told] = [one for one in half.loading if one.code == "label_files_unclear"]
    assert told.value == 1 and column(half, "image")[list(told.rows)[0]].startswith("train/")


def test_files_that_say_the_same_or_add_to_each_other_are_no_question(tmp_path: Path) -> None:
    for more in (
        {"a/data.yaml": b"names: [cat, dog]\n", "b/data.yaml": b"nc: 2\nnames: {0: cat, 1: dog}\n"},
        {"one.yaml": b"names: {0: cat}\n", "two.yaml": b"names: {1: dog}\n"},
    ):
        data = sets(tmp_path, more)
        assert classes(data) == {"train": ["cat", "dog"], "other": ["cat", "dog"]}
        assert "label_files_unclear" not in codes(data)
    shapes = {
        "one.yaml": b"names: [cat]\nkpt_shape: [2, 2]\n",
        "two.yaml": b"names: [cat]\nkpt_shape: [1, 3]\n",
    }
    data = sets(tmp_path, shapes, (POSE, POSE))
    assert "label_files_unclear" in codes(data) and {box[1] for box in boxes(data)} == {"cat"}


def test_a_class_with_a_comma_is_told_from_two(tmp_path: Path) -> None:
    for names, expected in ((b"['a, b', c]", '"a, b", c'), (b"[a, b]", "a, b")):
        data = sets(tmp_path, {"data.yaml": b"names: " + names})
        assert set(column(data, "classes")) == {expected}


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ((b"0 .5 .5 .5 .2\n", b"1 .5 .5 .1 .1\n"), ["cup, mug", '5" disk']),
        ((b"0 .5 .5 .5 .2\n", b""), ["cup, mug", "no object"]),
    ],
)
def test_one_class_per_image_is_a_label_as_it_is(
    labels: tuple[bytes, bytes], expected: list[str], tmp_path: Path
) -> None:
    """Quotes stood around a label with a comma, as if it were a list."""
    data = sets(tmp_path, {"data.yaml": b"names: ['cup, mug', '5\" disk']"}, labels)
    assert sorted(column(data, "label")) == sorted(expected)
