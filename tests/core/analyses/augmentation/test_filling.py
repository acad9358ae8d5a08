"""How many variants of which class, and the zip of them: the pixels, and where each came from."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from core.analyses.augmentation.filling import VariantPlan, plan, write_variants
from core.analyses.augmentation.pipeline import built, variant
from core.analyses.augmentation.sample import shown_in_turn
from core.analyses.augmentation.settings import AugmentationSettings
from core.analyses.augmentation.sources import giving
from core.cli import main
from core.dataset.split import PartSplit
from core.decided import as_decided
from core.decision import Decision
from core.errors import SettingError
from core.review import Review
from core.rowset import RowSet
from core.run import run
from tests.core.loading.images.reading import read
from tests.core.loading.reading import new_folder
from tests.images import encoded, picture, zipped

STEPS = AugmentationSettings(steps='[{"op": "rotate", "amount": [-30, 30]}, {"op": "noise"}]', seed=5)
ODD = ["a, b", "c=d"] * 3  # classes whose names hold what stands between others


def files(a: int = 6, b: int = 2) -> dict[str, bytes]:
    sizes = {"a": a, "b": b}
    return {
        f"{label}/{label}{i}.png": encoded(picture(i + 50 * (label == "b"), 200, 150))
        for label, many in sizes.items()
        for i in range(many)
    }


def data(given: dict[str, bytes], **more: Any) -> Any:
    return read(zipped(new_folder() / "a.zip", given), **more).with_roles(target="label")


def made_of(found: VariantPlan) -> dict[str, int]:
    return {one.label: one.variants for one in found.classes}


def unzipped(dataset: Any, found: VariantPlan, settings: AugmentationSettings = STEPS) -> dict[str, bytes]:
    out = io.BytesIO()
    done = write_variants(dataset, settings, found, out)
    assert done.note == found.note and done.classes == found.classes
    with zipfile.ZipFile(out) as whole:
        return {name: whole.read(name) for name in whole.namelist()}


def lines(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode())))


def test_classes_are_filled_up_to_the_largest_or_as_asked() -> None:
    dataset = data(files(6, 2))
    assert made_of(plan(dataset, "label")) == {"a": 0, "b": 4}
    assert made_of(plan(dataset, "label", to=9)) == {"a": 3, "b": 7}
    assert made_of(plan(dataset, "label", wanted={"a": 5})) == {"a": 5, "b": 0}
    capped = plan(dataset, "label", to=100, most=3)
    assert made_of(capped) == {"a": 18, "b": 6} and [one.wanted for one in capped.classes] == [94, 98]
    spread = plan(dataset, "label", wanted={"a": 8}).work
    assert sorted(spread.values()) == [1, 1, 1, 1, 2, 2], "no image has two more than another"


def test_the_images_that_get_one_more_do_not_depend_on_the_order_of_rows() -> None:
    given = files(6, 2)
    turned = dict(reversed([*given.items()]))
    chosen = []
    for order in (given, turned):
        dataset = data(order)
        name = next(iter(dataset.of_kind("image")))
        names = dataset.frame([name])[name].astype(str).tolist()
        chosen.append({names[row]: many for row, many in plan(dataset, "label", to=8).work.items()})
    assert chosen[0] == chosen[1]


def test_serve_images_and_unreadable_ones_give_no_variants() -> None:
    train = files(4, 2) | {"b/broken.png": b"\x89PNG no", "c/broken.png": b"\x89PNG no"}
    dataset = data(train, serve=zipped(new_folder() / "s.zip", files(0, 9)))
    found = plan(dataset, "label")
    assert [(one.label, one.images, one.unread, one.sources, one.wanted) for one in found.classes] == [
        ("a", 4, 0, 4, 0),
        ("b", 3, 1, 2, 2),
        ("c", 1, 1, 0, 4),
    ], "filled to as many as can be read; a class of which none can is there, too"
    assert found.note == "2 images that cannot be read give no variants."
    balance: Any = run("imbalance", dataset, {"target": "label"})
    assert {one.label: one.images for one in found.classes} == dict(
        zip(balance.names, balance.train.tolist(), strict=True)
    ), "the numbers of Balance"
    assert not dataset.part_mask("serve")[list(found.work)].any()


def shown_names(dataset: Any) -> list[str]:
    names = dataset.frame(["image"])["image"].astype(str).tolist()
    rows = dict(zip(dataset.source_ids(np.arange(dataset.rows)).tolist(), names, strict=True))
    return [rows[row] for row in shown_in_turn(dataset).tolist()]


def test_images_of_train_are_shown_one_of_each_class_in_turn() -> None:
    given = {
        f"{part}/{name}": content for part in ("serve", "train") for name, content in files(3, 2).items()
    }
    dataset = data(given | {"train/b/broken.png": b"no"})
    whole = ["serve/a/a0.png", "serve/b/b0.png", "serve/a/a1.png", "serve/b/b1.png"]
    assert shown_names(dataset)[:4] == whole, "without parts all are shown"
    parted = dataset.with_split(PartSplit("value", column="part", value="serve"))
    in_turn = ["train/a/a0.png", "train/b/b0.png", "train/a/a1.png", "train/b/b1.png", "train/a/a2.png"]
    assert shown_names(parted) == in_turn
    names = parted.frame(["image"])["image"].astype(str).tolist()
    fewer = as_decided(parted, Review().say(Decision("drop", RowSet([names.index("train/a/a0.png")]))))
    assert shown_names(fewer) == ["train/a/a1.png", "train/b/b0.png", "train/a/a2.png", "train/b/b1.png"]
    plain = read(zipped(new_folder() / "p.zip", {f"{i}.png": encoded(picture(i)) for i in range(5)}))
    assert shown_names(plain) == [f"{i}.png" for i in range(5)]


def test_the_zip_holds_the_pixels_of_the_pipeline_at_full_size_and_says_where_they_came_from() -> None:
    given = files(3, 1)
    dataset = data(given)
    found = unzipped(dataset, plan(dataset, "label"))
    told = lines(found["metadata.csv"])
    assert [line["label"] for line in told] == ["b", "b"]
    pipeline = built(STEPS.pipeline)
    alone: dict[str, Any] = {"__name__": "alone"}
    exec(found["augment.py"].decode(), alone)
    for line in told:
        original = np.asarray(Image.open(io.BytesIO(given[line["source"]])).convert("RGB"))
        row, number = int(line["row"]), int(line["variant"])
        pixels = np.asarray(Image.open(io.BytesIO(found[line["file_name"]])))
        assert pixels.shape == (150, 200, 3) and not np.array_equal(pixels, original)
        assert np.array_equal(pixels, variant(pipeline, original, 5, row, number))
        assert np.array_equal(pixels, alone["variant"](original, row, number))
    facts = json.loads(found["pipeline.json"])
    assert facts["fingerprint"] == dataset.fingerprint and facts["seed"] == 5
    assert facts["classes"][1] == {"label": "b", "images": 1, "unread": 0, "blank": 0, "wanted": 2, "made": 2}
    assert unzipped(dataset, plan(dataset, "label")) == found, "the same again"


def deep(seed: int = 1) -> bytes:
    return encoded(Image.fromarray(picture(seed, 60, 50)[..., 0].astype(np.uint16) * 200))


def test_a_class_is_filled_by_the_images_that_give_variants() -> None:
    """Of an image of 16 bits variants were planned and counted, and none was written."""
    dataset = data(files(9, 2) | {"b/deep.png": deep(), "c/deep.png": deep(2)})
    found = plan(dataset, "label")
    assert made_of(found) == {"a": 0, "b": 6, "c": 0}
    assert [(one.images, one.sources, one.wanted) for one in found.classes] == [
        (9, 9, 0),
        (3, 2, 6),
        (1, 0, 8),
    ]
    assert sorted(found.work.values()) == [3, 3]
    assert found.note == "2 images of more than eight bits a channel give no variants."
    inside = unzipped(dataset, found)
    told = lines(inside["metadata.csv"])
    assert len(told) == sum(name.endswith(".png") for name in inside) == 6
    facts = json.loads(inside["pipeline.json"])
    assert [one["made"] for one in facts["classes"]] == [0, 6, 0] and facts["notes"] == [found.note]
    capped = plan(dataset, "label", to=100, most=2)
    assert made_of(capped) == {"a": 18, "b": 4, "c": 0}
    assert not [name for name in shown_names(dataset) if "deep" in name], "nor are they shown"


def test_what_is_blank_gives_no_variants_and_is_no_judge_of_labels() -> None:
    """Black images had variants, were shown beside them and counted among those that judge labels."""
    black = encoded(Image.fromarray(np.zeros((50, 60, 3), np.uint8)))
    given = {f"b/black{i}.png": black for i in range(3)}
    dataset = data(files(9, 2) | given)
    found = plan(dataset, "label")
    assert [(one.images, one.blank, one.sources, one.deep, one.variants) for one in found.classes] == [
        (9, 0, 9, 0, 0),
        (5, 3, 2, 0, 4),
    ]
    assert found.note == "3 blank images give no variants."
    assert not [name for name in shown_names(dataset) if "black" in name]
    assert giving(dataset).sum() == 11 and giving(data(files(9, 2))).all()


def test_colours_of_ten_bits_give_no_variants_and_those_of_sixteen_do() -> None:
    """The mode of both is RGB: variants of the former were planned, and none was written."""

    def colour(times: int) -> bytes:
        return bytes(cv2.imencode(".png", picture(3, 60, 50).astype(np.uint16) * times)[1])

    dataset = data(files(9, 2) | {"b/ten.png": colour(4), "b/whole.png": colour(257)})
    found = plan(dataset, "label")
    assert [(one.images, one.sources, one.variants) for one in found.classes] == [(9, 9, 0), (4, 3, 5)]
    assert found.note == "1 image of more than eight bits a channel gives no variants."
    told = lines(unzipped(dataset, found)["metadata.csv"])
    assert len(told) == 5 and {line["source"] for line in told} == {"b/b0.png", "b/b1.png", "b/whole.png"}
    modes = dict(zip(*(dataset.table([one]).column(0).to_pylist() for one in ("image", "image_mode"))))
    assert (modes["b/ten.png"], modes["b/whole.png"]) == ("RGB;16", "RGB")


def test_what_could_not_be_written_is_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    from core.analyses.augmentation import filling

    dataset, whole = data(files(6, 2)), filling.originals

    def but_one(*given: Any) -> Any:
        for at, one in enumerate(whole(*given)):
            yield one._replace(pixels=None, why="it is damaged") if at == 0 else one

    monkeypatch.setattr(filling, "originals", but_one)
    done = write_variants(dataset, STEPS, plan(dataset, "label"), out := io.BytesIO())
    assert done.variants == 2 and [one.variants for one in done.classes] == [0, 2]
    assert done.note == "2 variants could not be made, as 1 image gave none: of b/b0.png, it is damaged."
    inside = zipfile.ZipFile(out)
    assert len(lines(inside.read("metadata.csv"))) == 2
    assert [one["made"] for one in json.loads(inside.read("pipeline.json"))["classes"]] == [0, 2]


@pytest.mark.parametrize(
    ("target", "more", "said"),
    [
        ("", {}, "Choose the label first"),
        ("label", {"wanted": {"c": 1}}, "There is no 'c'"),
        ("label", {"wanted": {"a": -1}}, "0 or more"),
        ("label", {"to": -1}, "0 images or more"),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused(target: str, more: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingError, match=said):
        plan(data(files(2, 1)), target, **more)


def test_the_command_writes_the_zip_and_tells_the_plan(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = zipped(tmp_path / "pets.zip", files(4, 1))
    given = ["augment", str(path), "--target", "label", "--out", str(tmp_path / "v.zip"), "--json"]
    assert main([*given, "--most", "2", "--set", "preset=products"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["variants"] == 2 and told["settings"]["preset"] == "products"
    assert told["classes"][1] == {"label": "b", "images": 1, "unread": 0, "blank": 0, "wanted": 3, "made": 2}
    with zipfile.ZipFile(tmp_path / "v.zip") as whole:
        assert sum(name.endswith(".png") for name in whole.namelist()) == 2
    given = [
        "augment",
        str(zipped(tmp_path / "d.zip", files(4, 1) | {"b/deep.png": deep(), "b/x.png": b"no"})),
        "--target",
        "label",
    ]
    assert main([*given, "--json", "--out", str(tmp_path / "v.zip")]) == 0
    told = json.loads(capsys.readouterr().out)
    known = {"label": "b", "images": 3, "unread": 1, "blank": 0, "wanted": 2, "made": 2}
    assert told["variants"] == 2 and told["classes"][1] == known
    assert told["notes"][-1] == (
        "1 image that cannot be read and 1 image of more than eight bits a channel give no variants."
    )
    assert main(["augment", str(path), "--target", "label", "--class", "b=x"]) == 2
    assert "whole number" in capsys.readouterr().err
    assert main(["augment", str(path), "--target", "label", "--class", "4"]) == 2
    assert "takes CLASS=N" in capsys.readouterr().err
    odd = zipped(tmp_path / "odd.zip", {f"{of}/{i}.png": encoded(picture(i)) for i, of in enumerate(ODD)})
    asked = [one for of in set(ODD) for one in ("--class", f"{of}=2")]
    assert main(["augment", str(odd), "--target", "label", *asked, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {one["label"]: one["wanted"] for one in told["classes"]} == dict.fromkeys(ODD, 2)
