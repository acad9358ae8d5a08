"""How images are arranged: classes, tables, annotations; the same rows from a ZIP, a tar and a folder."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from core.dataset import Dataset
from core.errors import LoadError
from core.export.tally import left_out
from core.loading import Options, preview
from core.prepare.fixes import label, looked_at_first
from tests.core.loading.images.reading import boxes, keypoints, read
from tests.images import encoded, foldered, picture, tarred, zipped

PNG = [encoded(picture(seed)) for seed in range(8)]
CLASSES = {
    f"data/{name}/{i}.png": PNG[4 * which + i] for which, name in enumerate(("cat", "dog")) for i in range(4)
}


def codes(data: Dataset) -> list[str]:
    return [finding.code for finding in data.loading]


def column(data: Dataset, name: str) -> list[object]:
    return data.table([name]).column(0).to_pylist()


@pytest.mark.parametrize("kind", ["zip", "tar", "tgz", "folder"])
def test_class_folders_are_read_alike_from_whatever_holds_them(kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"a.{kind}"
    make = {
        "zip": lambda: zipped(path, CLASSES),
        "tar": lambda: tarred(path, CLASSES),
        "tgz": lambda: tarred(path, CLASSES, "w:gz"),
        "folder": lambda: foldered(path, CLASSES),
    }[kind]
    data = read(make())
    assert column(data, "label") == ["cat"] * 4 + ["dog"] * 4
    assert column(data, "image") == sorted(CLASSES)
    assert data.source.options["layout"] == "folders" and "label is the folder" in data.source.options["said"]
    assert [data["image"].kind, data["label"].kind, data["image_sha256"].kind] == [
        "image",
        "category",
        "identifier",
    ]
    pictures = data.pictures
    assert pictures is not None and pictures.rows == 8
    assert [pictures.original(row) for row in range(8)] == [CLASSES[name] for name in sorted(CLASSES)]
    assert pictures.thumb(5).startswith(b"\xff\xd8\xff") and pictures.small().shape == (8, 64, 64, 3)


def test_folders_called_train_and_test_are_parts_and_no_classes(tmp_path: Path) -> None:
    files = {
        f"{part}/{label}/{i}.png": PNG[i] for part in ("train", "test") for label in "ab" for i in range(2)
    }
    data = read(zipped(tmp_path / "a.zip", files))
    assert sorted(set(zip(column(data, "part"), column(data, "label"), strict=True))) == [
        *[("test", "a"), ("test", "b")],
        *[("train", "a"), ("train", "b")],
    ]
    bare = read(
        zipped(tmp_path / "b.zip", {f"{part}/{i}.png": PNG[i] for part in ("train", "val") for i in range(2)})
    )
    assert "label" not in bare.names and set(column(bare, "part")) == {"train", "val"}


def test_images_at_several_depths_take_the_first_folder_and_another_layout_can_be_chosen(
    tmp_path: Path,
) -> None:
    path = zipped(
        tmp_path / "a.zip", {"a/x/1.png": PNG[0], "a/2.png": PNG[1], "b/3.png": PNG[2], "4.png": PNG[3]}
    )
    data = read(path)
    assert data.source.options["layout"] == "top_folders"
    assert column(data, "label") == [None, "a", "a", "b"]
    assert "label" not in read(path, Options(layout="plain")).names
    with pytest.raises(LoadError, match=r"no COCO file in it marks its images\. Choose another layout"):
        read(path, Options(layout="coco"))


@pytest.mark.parametrize("ending", ["csv", "json", "jsonl", "tsv"])
def test_a_table_names_images_and_gives_their_columns(ending: str, tmp_path: Path) -> None:
    table = pd.DataFrame(
        {"path": [f"pics/{i}.png" for i in (3, 1, 2)], "y": ["b", "a", "b"], "age": [31, 11, 21]}
    )
    table.loc[3] = ["pics/gone.png", "a", 5]
    content = {
        "csv": table.to_csv(index=False),
        "tsv": table.to_csv(index=False, sep="\t"),
        "json": table.to_json(orient="records"),
        "jsonl": table.to_json(orient="records", lines=True),
    }[ending]
    images = {f"set/pics/{i}.png": PNG[i] for i in range(1, 6)}
    data = read(zipped(tmp_path / "a.zip", {**images, f"set/labels.{ending}": content.encode()}))
    assert column(data, "y") == ["b", "a", "b", "a"] and column(data, "age") == [31, 11, 21, 5]
    assert data["age"].kind == "numeric"
    pictures = data.pictures
    assert pictures is not None and [pictures.original(i) for i in range(4)] == [PNG[3], PNG[1], PNG[2], b""]
    assert column(data, "image_width") == [40, 40, 40, None]
    found = {finding.code: finding for finding in data.loading}
    assert found["images_missing"].rows.ids.tolist() == [3] and found["images_not_named"].value == 2


def test_files_of_formats_that_are_not_read_are_named(tmp_path: Path) -> None:
    images = {f"cats/{i}.png": PNG[i] for i in range(3)}
    quiet = {"README.md": b"x", "cats/notes.txt": b"x", "cats/0.caption": b"a cat", "LICENSE": b"x"}
    quiet = quiet | {"augment.py": b"print()", "more/augment.py": b"print()"}
    assert "files_left_out" not in {f.code for f in read(zipped(tmp_path / "a.zip", images | quiet)).loading}
    other = {"cats/a.sgi": b"\x01\xda", "cats/b.J2K": b"\xff\x4f", "cats/c.bin": b"?"}
    found = {f.code: f for f in read(zipped(tmp_path / "b.zip", images | quiet | other)).loading}
    left = found["files_left_out"]
    assert left.value == 3 and left.severity == "info"
    assert left.title == (
        "Left out: 3 files of formats that are not read as images: "
        "'cats/a.sgi', 'cats/b.J2K' and 'cats/c.bin'."
    )


def test_metadata_beside_images_speaks_for_its_own_folder(tmp_path: Path) -> None:
    def rows(part: str) -> bytes:
        return "\n".join(
            json.dumps({"file_name": f"{i}.png", "text": f"{part} {i}"}) for i in range(2)
        ).encode()

    files = {f"{part}/{i}.png": PNG[i] for part in ("train", "test") for i in range(2)}
    data = read(
        zipped(tmp_path / "a.zip", files | {f"{p}/metadata.jsonl": rows(p) for p in ("train", "test")})
    )
    assert data.source.options["layout"] == "metadata" and "label" not in data.names
    assert column(data, "text") == ["test 0", "test 1", "train 0", "train 1"]
    assert column(data, "image") == ["test/0.png", "test/1.png", "train/0.png", "train/1.png"]


def test_a_manifest_has_columns_of_our_names_too(tmp_path: Path) -> None:
    table = "image,image_width\n0.png,7\n1.png,8\n"
    data = read(zipped(tmp_path / "a.zip", {"0.png": PNG[0], "1.png": PNG[1], "m.csv": table.encode()}))
    assert column(data, "image_width.1") == [7, 8] and column(data, "image_width") == [40, 40]


COCO = {
    "images": [{"id": 7, "file_name": "0.png", "width": 40, "height": 30}, {"id": 9, "file_name": "1.png"},
               {"id": 11, "file_name": "gone.png"}],
    "annotations": [
        {"image_id": 7, "category_id": 90, "bbox": [1.5, 2, 10, 5]},
        {"image_id": 7, "category_id": 1, "bbox": [0, 0, 400, 5], "iscrowd": 1, "segmentation": {}},
        {"image_id": 9, "category_id": 90, "bbox": [1, 2, 0, 5]},
        {"image_id": 9, "category_id": 90, "bbox": [1, 2, 3, 5]},
        {"image_id": 9, "category_id": 90, "bbox": [1, 2, 3, 5]},
        {"image_id": 5, "category_id": 90, "bbox": [1, 2, 3, 5]},
        {"image_id": 9, "category_id": 90, "bbox": "x"},
        {"image_id": 11, "category_id": 90, "bbox": [1, 2, 3, 5]},
    ],
    "categories": [{"id": 1, "name": "person"}, {"id": 90, "name": "brush"}, {"id": 91, "name": "brush"}],
}  # fmt: skip


def test_coco_keeps_ids_with_gaps_and_says_what_is_wrong(tmp_path: Path) -> None:
    images = {"images/0.png": PNG[0], "images/1.png": PNG[1], "images/2.png": PNG[2]}
    data = read(zipped(tmp_path / "a.zip", {**images, "ann/instances.json": json.dumps(COCO).encode()}))
    assert column(data, "objects") == [2, 3, None] and column(data, "classes") == [
        "brush, person",
        "brush",
        None,
    ]
    assert boxes(data)[:2] == [(0, "brush", 1.5, 2, 10, 5, False), (0, "person", 0, 0, 400, 5, True)]
    found = {finding.code: finding for finding in data.loading}
    assert found["boxes_outside"].rows.ids.tolist() == [0]
    assert found["boxes_without_area"].rows.ids.tolist() == [1] == found["boxes_repeated"].rows.ids.tolist()
    assert "'brush'" in found["categories_of_one_name"].title
    assert (
        "'gone.png'" in found["images_missing"].title and "'images/2.png'" in found["images_not_named"].title
    )
    lost = found["annotations_lost"]
    assert lost.value == 3 and lost.title == (
        "Left out: 1 annotation of images that are not listed, 1 annotation of images that are not there and "
        "1 annotation that cannot be read."
    )
    assert {lost.title, found["images_missing"].title} <= {*left_out(data)}, "Export says so"
    assert found["images_not_named"].rows.ids.tolist() == [2]
    lacks = found["images_missing"]
    assert not len(lacks.rows) and not lacks.action and "drop" not in lacks.suggestion, (
        "no row lacks its image"
    )
    lookable = ("boxes_outside", "boxes_without_area", "boxes_repeated")
    assert [label(looked_at_first(found[code]) or lacks) for code in lookable] == ["Send 1 row to review"] * 3


def test_a_look_at_some_of_the_images_says_of_how_many_its_findings_are(tmp_path: Path) -> None:
    files = {f"{i:02}.png": PNG[0] for i in range(45)}
    marked = {
        "images": [{"id": i, "file_name": called} for i, called in enumerate(files)],
        "categories": [{"id": 1, "name": "cat"}],
        "annotations": [{"image_id": i, "category_id": 1, "bbox": [-9, 2, 15, 5]} for i in range(45)],
    }
    archive = zipped(tmp_path / "a.zip", {**files, "a.json": json.dumps(marked).encode()})
    [look] = [one for one in preview(archive).findings if one.code == "boxes_outside"]
    assert look.title == "Boxes reach out of 40 images (of the 40 read so far)."
    [found] = [one for one in read(archive).loading if one.code == "boxes_outside"]
    assert found.title == "Boxes reach out of 45 images."


def voc(name: str, corners: tuple[int, int, int, int], label: str = "cat") -> bytes:
    ends = "".join(f"<{e}>{n}</{e}>" for e, n in zip(("xmin", "ymin", "xmax", "ymax"), corners, strict=True))
    size = "<size><width>40</width><height>30</height><depth>3</depth></size>"
    return f"<annotation><filename>{name}</filename>{size}<object><name>{label}</name><bndbox>{ends}</bndbox></object></annotation>".encode()  # noqa: E501


def test_voc_counts_from_one_unless_a_corner_is_zero(tmp_path: Path) -> None:
    files = {"JPEGImages/0.png": PNG[0], "JPEGImages/1.png": PNG[1]}
    one = {
        **files,
        "Annotations/0.xml": voc("0.png", (1, 1, 10, 20)),
        "Annotations/1.xml": voc("1.png", (5, 6, 7, 8)),
    }
    data = read(zipped(tmp_path / "a.zip", one))
    assert data.source.options["layout"] == "voc" and column(data, "label") == ["cat", "cat"]
    assert boxes(data) == [(0, "cat", 0, 0, 10, 20, False), (1, "cat", 4, 5, 3, 3, False)]
    zero = {**files, "Annotations/0.xml": voc("0.png", (0, 1, 10, 20))}
    assert boxes(read(zipped(tmp_path / "b.zip", zero))) == [(0, "cat", 0, 1, 10, 19, False)]


def test_xml_that_declares_entities_is_not_read(tmp_path: Path) -> None:
    bomb = b'<!DOCTYPE a [<!ENTITY b "bbbb">]>' + voc("0.png", (1, 1, 2, 2))
    data = read(
        zipped(tmp_path / "a.zip", {"0.png": PNG[0], "0.xml": bomb, "1.xml": voc("0.png", (1, 1, 3, 3))})
    )
    assert boxes(data) == [(0, "cat", 0, 0, 3, 3, False)] and "annotations_lost" in codes(data)


def test_yolo_finds_labels_beside_and_names_in_yaml(tmp_path: Path) -> None:
    files = {
        "images/train/0.png": PNG[0],
        "images/train/1.png": PNG[1],
        "images/train/2.png": PNG[2],
        "labels/train/0.txt": b"0 0.5 0.5 0.5 0.2\n1 0 0 0.5 0 0.5 1\n",
        "labels/train/1.txt": b"",
        "data.yaml": b"nc: 2\nnames: [cat, dog]\n",
    }
    data = read(zipped(tmp_path / "a.zip", files))
    assert data.source.options["layout"] == "yolo"
    assert column(data, "objects") == [2, 0, None], (
        "an empty file is background, a missing one is not labelled"
    )
    assert boxes(data) == [(0, "cat", 10, 12, 20, 6, False), (0, "dog", 0, 0, 20, 30, False)]


def test_polygons_of_as_many_corners_in_every_line_are_no_keypoints(tmp_path: Path) -> None:
    five = b"0 0.5 0.5 0.9 0.5 0.9 0.9 0.7 1 0.5 0.9\n"
    files = {f"{kind}/{n}.{end}": PNG[n] if end == "png" else five
             for n in range(3) for kind, end in (("images", "png"), ("labels", "txt"))}  # fmt: skip
    data = read(zipped(tmp_path / "a.zip", files))
    assert not {"keypoints_not_read", "boxes_outside"} & set(codes(data))
    assert keypoints(data) == [[]] * 3
    assert boxes(data) == [(n, "0", 20, 15, pytest.approx(16), 15, False) for n in range(3)]
    seen = b"0 0.6 0.5 0.9 0.5 0.9 0.9 1 0.7 1 0\n"  # the box would reach out of the picture
    data = read(zipped(tmp_path / "b.zip", files | {f"labels/{n}.txt": seen for n in range(3)}))
    assert "keypoints_not_read" not in codes(data) and keypoints(data) == [[]] * 3


def test_polygons_of_five_and_of_three_corners_are_read_with_the_boxes_around_them(tmp_path: Path) -> None:
    """Lines of 11 and of 7 numbers: 11 could be a box and two keypoints."""
    corners = b"0 0 0 0.5 0 0.5 0.5 0.25 0.75 0 0.5\n0 0 0 0.5 0 0.5 1\n"
    files = {"images/0.png": PNG[0], "labels/0.txt": corners}
    for more in ({}, {"data.yaml": b"names: [cat]\n"}):
        data = read(zipped(tmp_path / "a.zip", files | more))
        assert [box[2:6] for box in boxes(data)] == [(0, 0, 20, 22.5), (0, 0, 20, 30)], "of 40 x 30 pixels"
        assert keypoints(data) == [[], []] and "keypoints_not_read" not in codes(data)


def told(data: Dataset, code: str) -> str:
    return next(finding.title for finding in data.loading if finding.code == code)


def test_an_image_without_objects_has_none_and_only_one_that_is_not_known_is_missing(tmp_path: Path) -> None:
    """Row 0 has a cat, 1 nothing, 2 an object that cannot be read, and of 3 nothing is known."""
    images = {f"{n}.png": PNG[n] for n in range(4)}
    marks = [{"image_id": 0, "category_id": 1, "bbox": [1, 2, 3, 4]}, {"image_id": 2, "category_id": 1}]
    listed = [{"id": n, "file_name": f"{n}.png"} for n in range(3)]
    coco = {"images": listed, "annotations": marks, "categories": [{"id": 1, "name": "cat"}]}
    none, broken = b"<annotation><filename>1.png</filename></annotation>", voc("2.png", (1, 1, 5, 5))
    xml = {"0.xml": voc("0.png", (1, 1, 9, 9)), "1.xml": none, "2.xml": broken.replace(b"xmax", b"x")}
    yolo = {
        "0.txt": b"0 .5 .5 .2 .2\n" * 30,
        "1.txt": b"",
        "2.txt": b"x .5 .5 .2 .2\n",
        "classes.txt": b"cat",
    }
    for at, files in enumerate(({"a.json": json.dumps(coco).encode()}, xml, yolo)):
        data = read(zipped(tmp_path / f"{at}.zip", images | files))
        assert column(data, "label") == ["cat", "no object", None, None], data.source.options["layout"]
        assert column(data, "objects")[1:] == [0, None, None]
        assert "'no object' where none is marked" in data.source.options["said"]


def test_categories_that_no_file_names_are_told(tmp_path: Path) -> None:
    marks = [{"image_id": 7, "category_id": which, "bbox": [1, 2, 3, 4]} for which in (1, 5, 5, None)]
    coco = {**COCO, "annotations": marks}
    data = read(zipped(tmp_path / "a.zip", {"0.png": PNG[0], "a.json": json.dumps(coco).encode()}))
    assert told(data, "categories_not_named") == "2 objects have a category that no file names: '5'."
    assert column(data, "classes") == ["5, object, person"]
    yolo = {"0.png": PNG[0], "0.txt": b"0 .5 .5 .2 .2\n3 .5 .5 .2 .2\n"}
    data = read(zipped(tmp_path / "b.zip", yolo | {"classes.txt": b"cat\n"}))
    assert told(data, "categories_not_named") == "1 object has a category that no file names: '3'."
    assert "categories_not_named" not in codes(read(zipped(tmp_path / "c.zip", yolo))), "without any names"


def test_annotations_that_something_is_wrong_with_name_their_images(tmp_path: Path) -> None:
    """Row 1 has a category without a name, 2 an annotation that cannot be read; others are of no image."""
    images = {f"{n}.png": PNG[n] for n in range(3)}
    box = [1, 2, 3, 4]
    marks = [(0, 1, box), (1, 9, box), (2, 1, None), (7, 1, box), (3, 9, box), (2, 1, box)]
    coco = {
        "images": [{"id": n, "file_name": f"{n}.png"} for n in range(4)],
        "categories": [{"id": 1, "name": "cat"}],
        "annotations": [{"image_id": of, "category_id": which, "bbox": at} for of, which, at in marks],
    }
    broken = voc("2.png", (1, 1, 5, 5), (1, 1, 6, 6)).replace(b"xmax", b"x")
    xml = {"0.xml": voc("0.png", (1, 1, 9, 9)), "2.xml": broken, "3.xml": b"<annotation"}
    yolo = {
        "0.txt": b"0 .5 .5 .2 .2\n" * 40,
        "1.txt": b"9 .5 .5 .2 .2\n",
        "2.txt": b"0 .5 .5 .2 .2\n\nx .5 .5 .2 .2\n",
        "3.txt": b"0 .5 .5 .2 .2\n9 .5 .5 .2 .2\n",
        "classes.txt": b"cat",
    }
    sets = (
        ({"a.json": json.dumps(coco).encode()}, "'a.json, annotation 4'", "'a.json, annotation 5'"),
        (xml, "'3.xml'", None),
        (yolo, "", "'3.txt, line 2'"),
    )
    for at, (files, lost, unnamed) in enumerate(sets):
        data = read(zipped(tmp_path / f"{at}.zip", images | files))
        found = {one.code: one for one in data.loading}
        layout = data.source.options["layout"]
        assert found["annotations_lost"].rows.ids.tolist() == [2], layout
        end = f" Of no image here: {lost}." if lost else "missing from the data."
        assert found["annotations_lost"].why.endswith(end), layout
        if unnamed is not None:
            assert found["categories_not_named"].rows.ids.tolist() == [1], layout
            assert found["categories_not_named"].why.endswith(f" Of no image here: {unnamed}."), layout


def test_sizes_that_images_do_not_have_are_told(tmp_path: Path) -> None:
    for size, differ in (
        ((40, 30), False),
        ((30, 40), True),
        ((80, 60), True),
        ((0, 0), False),
        ((None, 3), False),
    ):
        given = {"id": 7, "file_name": "0.png", "width": size[0], "height": size[1]}
        coco = {**COCO, "images": [given], "annotations": COCO["annotations"][:1]}
        data = read(zipped(tmp_path / "a.zip", {"0.png": PNG[0], "a.json": json.dumps(coco).encode()}))
        assert ("annotated_sizes_differ" in codes(data)) == differ, size
    xml = voc("0.png", (1, 1, 9, 9)).replace(b"<width>40", b"<width>80")
    data = read(zipped(tmp_path / "b.zip", {"0.png": PNG[0], "0.xml": xml}))
    assert told(data, "annotated_sizes_differ") == "The annotation gives another size than 1 image has."


def test_webdataset_keys_end_at_the_first_dot(tmp_path: Path) -> None:
    files = {
        "000.v2.png": PNG[0],
        "000.cls": b"3",
        "000.json": b'{"age": 4}',
        "001.png": PNG[1],
        "001.cls": b"1",
    }
    data = read(tarred(tmp_path / "a.tar", files))
    assert data.source.options["layout"] == "webdataset"
    assert column(data, "label") == ["3", "1"] and column(data, "age") == [4, None]


def test_boxes_lie_on_the_upright_picture_whichever_way_they_were_marked(tmp_path: Path) -> None:
    from PIL import Image

    exif = Image.Exif()
    exif[0x0112] = 6
    turned = encoded(picture(1, 40, 30), "JPEG", exif=exif.tobytes())
    as_it_lies = {"images": [{"id": 1, "file_name": "0.jpg", "width": 40, "height": 30}], "categories": [],
                  "annotations": [{"image_id": 1, "category_id": 1, "bbox": [1, 2, 10, 5]}]}  # fmt: skip
    upright = as_it_lies | {"images": [{"id": 1, "file_name": "0.jpg", "width": 30, "height": 40}]}
    one = read(zipped(tmp_path / "a.zip", {"0.jpg": turned, "a.json": json.dumps(as_it_lies).encode()}))
    two = read(zipped(tmp_path / "b.zip", {"0.jpg": turned, "a.json": json.dumps(upright).encode()}))
    assert (column(one, "image_width"), column(one, "image_height")) == ([30], [40])
    assert column(one, "image_orientation") == [6]
    assert boxes(one)[0][2:6] == (30 - 2 - 5, 1, 5, 10)
    assert boxes(two)[0][2:6] == (1, 2, 10, 5)
