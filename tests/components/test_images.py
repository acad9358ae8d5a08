"""Image sets on the pages: dropped as an archive, read, their pictures shown where they are issues."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from components.state import Session
from components.text import BREAK
from components.views.augment.sheet import AMOUNTS, GAP, TILE, contact_sheet, strip
from components.widgets import gallery
from components.widgets.gallery import pictures
from core.analyses.augmentation.operations import OPERATIONS
from core.analyses.augmentation.settings import AugmentationSettings
from core.analyses.outliers.analysis import OutlierResult
from core.dataset import Dataset
from core.dataset.split import PartSplit
from core.decision import Decision
from core.review import Review
from core.rowset import RowSet
from core.run import run
from core.workspace import load
from tests.components.conftest import Open, insisted, keyed, ready, shown, sound
from tests.core.analyses.augmentation.test_towards import both
from tests.core.loading.images.reading import read
from tests.core.loading.reading import new_folder
from tests.images import encoded, picture, zipped


def files() -> dict[str, bytes]:
    clean = {f"{'ab'[i % 2]}/{i:02d}.png": encoded(picture(i, 64, 48, 40)) for i in range(24)}
    plain = np.full((48, 64, 3), 90, np.uint8)
    return clean | {
        "a/plain.png": encoded(plain),
        "b/copy.png": encoded(picture(3, 64, 48, 40)[:, ::-1].copy()),
    }


def decisions_of(app: AppTest) -> dict[str, int]:
    """How many rows each kind of decision is about."""
    review = app.session_state["winnow"].review
    return {one.action: len(one.rows) for one in review.decisions}


def test_an_archive_of_images_is_dropped_read_and_its_issues_are_shown(
    open_page: Open, tmp_path: Path
) -> None:
    app = open_page("load")
    keyed(app.file_uploader, "upload-").upload("pets.zip", zipped(tmp_path / "a.zip", files()).read_bytes())
    ready(app)
    sound(app)
    assert "IMAGES" in shown(app) and "class by folder" in shown(app)
    app.button(key="go").click()
    ready(app)
    sound(app)
    app.switch_page("pages/clean/issues.py").run()
    ready(app)
    sound(app)
    told = " ".join(option for radio in app.radio for option in radio.options)
    assert "1 image is blank" in told and "1 image is a near" in told
    assert "Click pictures" in " ".join(caption.value for caption in app.caption)
    keyed(app.toggle, "all-").set_value(True).run()
    sound(app)
    insisted(app, next(str(button.key) for button in app.button if button.label.startswith("Drop")))
    sound(app)
    assert decisions_of(app)["drop"] >= 1


def test_a_pipeline_is_previewed_and_can_be_taken_away(open_page: Open) -> None:
    app = open_page("augment", read(zipped(new_folder() / "a.zip", files())).with_roles(target="label"))
    sound(app)
    assert "Left: images 1–4" in " ".join(caption.value for caption in app.caption)
    app.button(key="augment-reroll").click().run()
    sound(app)
    app.button(key="augment-judge").click()
    ready(app)
    sound(app)
    assert "hardly" in shown(app) or "variants" in shown(app)


def test_a_contact_sheet_has_the_image_and_its_variants() -> None:
    data = read(zipped(new_folder() / "a.zip", files()))
    settings = AugmentationSettings(steps='[{"op": "flip_lr"}]')
    sheet = contact_sheet(data, np.array([0]), settings, 0)
    assert sheet.shape == (102, 7 * 134, 4)
    first, mirrored = sheet[:96, :128], sheet[:96, 134 : 134 + 128]
    assert np.array_equal(first[:, ::-1], mirrored) and (first[..., 3] == 255).all()
    assert np.array_equal(first[::2, ::2], first[1::2, 1::2]), "64 x 48 pixels fill the tile twice as large"
    assert (sheet[96:, :, 3] == 0).all(), "between them the page shows"


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_every_operation_has_its_strip(name: str) -> None:
    made = strip(picture(0, 40, 30), {"op": name, "p": 1.0})
    assert made.shape[1] == AMOUNTS * (TILE + GAP) and (made[..., 3] == 255).any()


def test_rows_of_the_sheet_are_even_whatever_the_shape_of_the_pictures() -> None:
    """Wide pictures stood on the upper edge of their row, tall ones on the left edge of their square."""
    shapes = [(128, 32), (32, 128), (96, 96)]
    made = {f"a/{at}.png": encoded(picture(at, *shape)) for at, shape in enumerate(shapes)}
    data = read(zipped(new_folder() / "a.zip", made))
    sheet = contact_sheet(data, np.arange(3), AugmentationSettings(steps='[{"op": "flip_lr"}]'), 0)
    for at in range(3):
        for place in range(7):
            square = sheet[at * 134 : at * 134 + 128, place * 134 : place * 134 + 128, 3] == 255
            down, across = np.flatnonzero(square.any(axis=1)), np.flatnonzero(square.any(axis=0))
            assert down[0] + down[-1] == 127 and across[0] + across[-1] == 127, (at, place)


def test_the_originals_of_augment_are_turned_by_pages(open_page: Open) -> None:
    given = files() | {"a/broken.png": b"no", "b/other.png": encoded(picture(30, 64, 48, 40))}
    app = open_page("augment", read(zipped(new_folder() / "a.zip", given)).with_roles(target="label"))
    told = " ".join(caption.value for caption in app.caption)
    assert "Left: images 1–4 of 26 that give variants, classes in turn." in told
    keyed(app.get("pagination"), "augment-").set_value(7).run()
    sound(app)
    assert "Left: images 25–26 of 26 that give variants, classes in turn." in shown(app)
    now = app.session_state["winnow"]
    now.review, now.turn = Review().say(Decision("drop", RowSet([0]))), now.turn + 1
    app.run()
    assert "Left: image 25 of 25 that give variants" in shown(app), "the page stays when rows go"
    now.review, now.turn = Review().say(Decision("blank", RowSet([0]), column="label")), now.turn + 1
    app.run()
    assert "of 26 that give variants, classes in turn, 1 of them without a label and so of" in shown(app)


def test_copies_are_counted_where_they_are_selected(open_page: Open) -> None:
    """The finding counts the copies, the gallery shows what they are copies of, too."""
    made = files() | {"a/copy2.png": encoded(picture(4, 64, 48, 40)[::-1].copy())}
    app = open_page("issues", read(zipped(new_folder() / "a.zip", made)).with_roles(target="label"))
    ready(app)
    [at] = [place for place, option in enumerate(app.radio[0].options) if "2 images are near" in option]
    app.radio[0].set_value(at).run()
    ready(app)
    assert (
        "2 groups with 4 images. The finding counts 2 of them, to drop; the other 2 are what they are copies "
        "of." in " ".join(caption.value for caption in app.caption)
    )
    assert keyed(app.toggle, "all-").label == "Select all 4 images of 2 groups"


def test_a_picture_of_both_parts_is_one_finding_of_one_severity(open_page: Open) -> None:
    """Issues said it twice, Leakage once more as a warning: three findings of one copy, of three
    severities.
    """
    seen = {
        f"{'test' if i % 3 == 0 else 'train'}/{'ab'[i % 2]}/{i:02d}.png": encoded(picture(i, 64, 48, 40))
        for i in range(90)
    }
    made = seen | {"train/b/again.png": encoded(picture(3, 64, 48, 40))}
    data = read(zipped(new_folder() / "a.zip", made)).with_roles(target="label")
    data = data.with_split(PartSplit("value", column="part", value="test"))
    app = open_page("profile", data)
    keyed(app.segmented_control, "profile-tab").set_value("Leakage").run()
    ready(app)
    alone = "1 of 30 serve rows (3.3%) has the same features as a train row."
    assert alone in _said(app), "as long as nothing else says it"
    app.switch_page("pages/clean/issues.py")
    ready(app)
    told = "1 serve image has a copy in train"
    listed = [str(option) for radio in app.radio for option in radio.options]
    assert [told in one for one in listed].count(True) == 1
    assert not any("same features" in one for one in listed)
    assert not any("is a near-duplicate" in one for one in listed)
    assert "#### 1 finding needs attention, listed here." in _said(app)
    app.switch_page("pages/explore/profile.py")
    ready(app)
    sound(app)
    assert "#### Which columns or rows give the target away? 1 critical finding needs attention." in _said(
        app
    )
    assert told in _said(app) and "same features" not in _said(app)


def test_copies_across_the_parts_stand_in_pairs_of_train_and_serve(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Leakage listed the pictures of train alone: what they are copies of was to be seen nowhere beside."""
    shown: list[tuple[list[int], list[str]]] = []
    drawn = gallery.tiles

    def tiles(dataset: Dataset, here: np.ndarray, key: str, whole: Any, lines: Any, *others: Any) -> None:
        shown.append((here.tolist(), list(lines)))
        drawn(dataset, here, key, whole, lines, *others)

    monkeypatch.setattr(gallery, "tiles", tiles)
    seen = {
        f"{'test' if i % 3 == 0 else 'train'}/a/{i:02d}.png": encoded(picture(i, 64, 48, 40))
        for i in range(60)
    }
    again = {f"train/a/{name}.png": encoded(picture(i, 64, 48, 40)) for name, i in (("x", 30), ("w", 3))}
    data = read(zipped(new_folder() / "a.zip", seen | again))
    data = data.with_split(PartSplit("value", column="part", value="test"))
    names = data.frame(["image"])["image"].tolist()
    rows = {Path(str(name)).stem: row for row, name in enumerate(names)}
    pairs = {(rows["w"], rows["03"]), (rows["x"], rows["30"])}
    app = open_page("profile", data)
    for known in (("leakage",), ("leakage", "nearduplicates")):
        shown.clear()
        app.switch_page("pages/explore/profile.py")
        ready(app)
        keyed(app.segmented_control, "profile-tab").set_value("Leakage").run()
        ready(app)
        sound(app)
        here, lines = shown[-1]
        assert {*zip(here[::2], here[1::2], strict=True)} == pairs, known
        assert [line.rpartition("group ")[2] for line in lines] == ["1", "1", "2", "2"]
        told = "2 groups with 4 images. The finding counts 2 of them, to drop; the other 2 are what they are"
        assert told in " ".join(caption.value for caption in app.caption)
        app.switch_page("pages/clean/issues.py")
        ready(app)


def _said(app: AppTest) -> str:
    """What the page shows, as a reader sees it."""
    return shown(app).replace("\\", "").replace(BREAK, "")


def test_the_last_of_equal_pictures_and_the_last_of_near_duplicates_are_told_apart(open_page: Open) -> None:
    """Of two files with the same bytes nothing was asked, and near-duplicates were called equal rows."""
    third = picture(6, 64, 48, 40)
    made = files() | {"a/other.png": encoded(third), "a/mirrored.png": encoded(third[:, ::-1].copy())}
    app = open_page("issues", read(zipped(new_folder() / "a.zip", made)).with_roles(target="label"))
    ready(app)
    data = app.session_state["winnow"].dataset
    asked = AppTest.from_function(_asked_before_drops)
    asked.session_state["winnow"] = app.session_state["winnow"]
    for names, groups in (
        (("a/06.png", "a/other.png"), "1 group of equal rows"),
        (("b/03.png", "b/copy.png"), "1 group of near-duplicates"),
    ):
        asked.session_state["rows"] = np.flatnonzero(np.isin(data.frame(["image"])["image"], names)).tolist()
        assert len(asked.session_state["rows"]) == 2
        told = [one.value for one in asked.run().warning if "last row left" in one.value]
        assert told == [f"The last row left of {groups} would be dropped."], (names, told)


def _asked_before_drops() -> None:
    import streamlit as st

    from components import as_decided
    from components.widgets.asking import speaking_against
    from core.rowset import RowSet

    for one in speaking_against(as_decided.open_dataset(), "drop", RowSet(st.session_state["rows"])):
        st.warning(one)


def test_pictures_of_a_plain_list_have_their_label_below(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sample, or rows that the map outlines: nothing stood under them."""
    lines: list[str] = []
    drawn = gallery.tiles

    def tiles(*given: Any) -> None:
        lines.extend(given[-1])
        drawn(*given)

    monkeypatch.setattr(gallery, "tiles", tiles)
    app = open_page("profile", read(zipped(new_folder() / "a.zip", files())).with_roles(target="label"))
    keyed(app.segmented_control, "profile-tab").set_value("Sample").run()
    ready(app)
    sound(app)
    assert lines[:25] == ["a"] * 13 + ["b"] * 12


def test_a_tile_has_thumbnail_name_and_boxes_as_shares(tmp_path: Path) -> None:
    import json

    coco = {
        "images": [{"id": 1, "file_name": "0.png"}],
        "categories": [{"id": 1, "name": "cat"}],
        "annotations": [{"image_id": 1, "category_id": 1, "bbox": [16, 12, 96, 12]}],
    }
    given = {"0.png": encoded(picture(0, 64, 48)), "1.png": b"", "a.json": json.dumps(coco).encode()}
    data: Dataset = read(zipped(tmp_path / "a.zip", given))
    first, second = pictures(data, np.array([0, 1]))
    assert first["src"].startswith("data:image/jpeg;base64,") and first["title"] == "Row 0: 0.png"
    assert first["boxes"] == [[0.25, 0.25, 0.75, 0.25]], "cut at the border"
    assert second["src"] == "" and second["boxes"] == []


def test_a_tile_has_keypoints_that_are_there_and_their_lines_as_shares(tmp_path: Path) -> None:
    import json

    points = [16, 12, 2, 48, 24, 1, 0, 0, 0, 900, 4, 2]
    coco = {
        "images": [{"id": 1, "file_name": "0.png"}],
        "categories": [
            {"id": 1, "name": "cat", "keypoints": list("abcd"), "skeleton": [[1, 2], [2, 3], [1, 4]]}
        ],
        "annotations": [{"image_id": 1, "category_id": 1, "bbox": [16, 12, 32, 12], "keypoints": points}],
    }
    given = {"0.png": encoded(picture(0, 64, 48)), "a.json": json.dumps(coco).encode()}
    [tile] = pictures(read(zipped(tmp_path / "a.zip", given)), np.array([0]))
    assert tile["points"] == [[0.25, 0.25], [0.75, 0.5]] and tile["lines"] == [[0.25, 0.25, 0.75, 0.5]]


@pytest.mark.parametrize("given", [{}, {"keypoints": []}, {"keypoints": [16, 12, 2, 48, 24]}])
def test_a_tile_has_the_box_of_an_object_without_keypoints_though_its_class_has_lines(
    given: dict[str, list[int]], tmp_path: Path
) -> None:
    import json

    whole = {"image_id": 1, "category_id": 1, "bbox": [16, 12, 32, 12]}
    points = {"keypoints": [16, 12, 2, 48, 24, 1]}
    coco = {
        "images": [{"id": 1, "file_name": "0.png"}],
        "categories": [{"id": 1, "name": "cat", "keypoints": ["a", "b"], "skeleton": [[1, 2]]}],
        "annotations": [whole | given, whole | points],
    }
    files = {"0.png": encoded(picture(0, 64, 48)), "a.json": json.dumps(coco).encode()}
    [tile] = pictures(read(zipped(tmp_path / "a.zip", files)), np.array([0]))
    assert len(tile["boxes"]) == 2 and tile["lines"] == [[0.25, 0.25, 0.75, 0.5]]


def test_rows_of_an_image_set_are_listed_as_pictures_or_as_a_table(open_page: Open) -> None:
    data = read(zipped(new_folder() / "a.zip", files())).with_roles(target="label")
    app = open_page("labels", data)
    ready(app)
    sound(app)
    keyed(app.segmented_control, "labels-way-").set_value("By doubt").run()
    switch = keyed(app.segmented_control, "shown-as-")
    assert switch.value == "Pictures"
    assert not [frame for frame in app.dataframe if "Decision" in frame.value]
    switch.set_value("Table").run()
    sound(app)
    assert [frame for frame in app.dataframe if "Decision" in frame.value]
    keyed(app.segmented_control, "shown-as-").set_value("Pictures").run()
    keyed(app.toggle, "all-").set_value(True).run()
    sound(app)
    insisted(app, next(str(button.key) for button in app.button if button.label.startswith("Drop")))
    sound(app)
    assert decisions_of(app)["drop"] >= 1


def test_a_table_without_pictures_offers_none(open_page: Open) -> None:
    import pandas as pd

    from tests.make import dataset

    table = pd.DataFrame({"n": [*range(60)], "label": ["a", "b"] * 30})
    app = open_page("labels", dataset(table).with_roles(target="label"))
    ready(app)
    assert not [one for one in app.segmented_control if str(one.key).startswith("shown-as-")]


def test_a_property_that_predicts_the_label_is_shown_in_pictures(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside such a finding stood no picture."""
    made = {
        f"{name}/{i:02d}.png": encoded((picture(100 * at + i, 64, 48, 40) * share).astype(np.uint8))
        for at, (name, share) in enumerate({"dusk": 0.6, "day": 0.8, "noon": 1.0}.items())
        for i in range(20)
    }
    data = read(zipped(new_folder() / "a.zip", made)).with_roles(target="label")
    labels = data.table(["label"]).column(0).to_pylist()
    shown_now: list[set[str]] = []
    drawn = gallery.tiles

    def tiles(*given: Any) -> None:
        assert len(given[1]) == 12 and len(given[4]) == 12
        shown_now.append({labels[row] for row in given[1]})
        drawn(*given)

    monkeypatch.setattr(gallery, "tiles", tiles)
    app = open_page("issues", data)
    ready(app)
    [option] = app.radio[0].options
    assert "on its own" in option
    shown_now.clear()
    app.run()
    ready(app)
    sound(app)
    assert shown_now[-2:] == [{"dusk"}, {"noon"}]
    [first] = [box for box in app.selectbox if str(box.key).endswith("image_content-0")]
    assert sorted(first.options) == ["day", "dusk"] and first.options[first.index] == "dusk"
    [second] = [box for box in app.selectbox if str(box.key).endswith("image_content-1")]
    assert sorted(second.options) == ["day", "noon"], "a class stands on one side"
    first.select("day").run()
    sound(app)
    assert shown_now[-2:] == [{"day"}, {"noon"}]
    [second] = [box for box in app.selectbox if str(box.key).endswith("image_content-1")]
    assert sorted(second.options) == ["dusk", "noon"] and second.options[second.index] == "noon"
    [door] = [link.proto for link in app.get("page_link") if "on Profile" in link.proto.label]
    assert door.label.replace("\\", "") == "Values of 'image_brightest' on Profile"
    assert "column=image_brightest" in door.query_string
    for side in range(2):
        keyed(app.toggle, f"all-{data.version}-images-image_content-{side}").set_value(True).run()
    sound(app)
    assert all(one.value for one in app.toggle if str(one.key).startswith("all-"))
    insisted(app, next(str(button.key) for button in app.button if button.label.startswith("Drop")))
    [dropped] = app.session_state["winnow"].review.decisions
    assert {labels[row] for row in dropped.rows.ids} == {"day", "noon"} and len(dropped.rows) == 40


def test_typical_pictures_keep_their_order_while_decisions_are_made(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The median moves with every row that goes, and pictures changed places below the hand that decides."""
    made = {
        f"{name}/{i:02d}.png": encoded((picture(100 * at + i, 64, 48, 40) * share).astype(np.uint8))
        for at, (name, share) in enumerate({"dusk": 0.6, "noon": 1.0}.items())
        for i in range(20)
    }
    data = read(zipped(new_folder() / "a.zip", made)).with_roles(target="label")
    seen: list[list[int]] = []
    drawn = gallery.listing

    def listing(dataset: Dataset, ids: Any, *given: Any, **how: Any) -> Any:
        seen.append(dataset.source_ids(ids).tolist())
        return drawn(dataset, ids, *given, **how)

    monkeypatch.setattr(gallery, "listing", listing)
    app = open_page("issues", data)
    ready(app)
    first = seen[-2:]
    assert sorted(map(len, first)) == [20, 20]
    values = data.table(["image_brightest"]).column(0).to_pylist()
    highest = sorted(first[0], key=lambda row: -values[row])[:6]
    state = app.session_state["winnow"]
    for review in (Review().say(Decision("drop", RowSet(highest))), Review()):
        state.review, state.turn = review, state.turn + 1
        app.run()
        ready(app)
        sound(app)
        gone = set(highest) if review.decisions else set()
        assert seen[-2:] == [[row for row in side if row not in gone] for side in first]
        words = " ".join(one.value for one in app.caption)
        assert ("first, as things stood when they were first shown." in words) == bool(review.decisions)


def test_lines_of_train_and_serve_side_by_side_are_alike(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ "serve · 0.4745" stood beside "0.05098", below headings that say which is which."""
    data = both(lambda one: np.uint8(one * 0.5))
    lines: list[str] = []
    written = gallery.caption

    def caption(line: str, most: int) -> str:
        lines.append(line)
        return written(line, most)

    monkeypatch.setattr(gallery, "caption", caption)
    app = open_page("issues", data)
    ready(app)
    options = list(app.radio[0].options)
    lines.clear()
    app.radio[0].set_value(next(n for n, one in enumerate(options) if "predicts train or serve" in one)).run()
    ready(app)
    sound(app)
    assert len(lines) > 40 and all(re.fullmatch(r"[0-9.,]+|none", line) for line in lines), lines[:3]


def test_equal_pictures_stand_beside_each_other_group_after_group(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the later ones were there, and nothing to compare them with."""
    clean = {f"{'ab'[i % 2]}/{i:02d}.png": encoded(picture(i, 64, 48, 40)) for i in range(24)}
    copies = {"a/90.png": clean["a/16.png"], "a/91.png": clean["a/02.png"]}
    data = read(zipped(new_folder() / "a.zip", clean | copies)).with_roles(target="label")
    names = data.table(["image"]).column(0).to_pylist()
    rows: list[list[str]] = []
    drawn = gallery.tiles

    def tiles(*given: Any) -> None:
        rows.append([names[row] for row in given[1]])
        drawn(*given)

    monkeypatch.setattr(gallery, "tiles", tiles)
    app = open_page("issues", data)
    ready(app)
    [at] = [place for place, option in enumerate(app.radio[0].options) if "repeat an earlier row" in option]
    app.radio[0].set_value(at).run()
    ready(app)
    sound(app)
    assert [name[-6:] for name in rows[-1]] == ["02.png", "91.png", "16.png", "90.png"]
    keyed(app.toggle, "whole-").set_value(False).run()
    assert [name[-6:] for name in rows[-1]] == ["91.png", "90.png"]


def test_a_tile_says_what_is_of_serve_and_has_its_whole_line_in_a_note(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    train, serve = (
        zipped(new_folder() / "a.zip", {f"{i}.png": encoded(picture(at + i)) for i in range(3)})
        for at in (0, 50)
    )
    data = read(train, serve=serve)
    items: list[Any] = []

    def component(*given: Any, **how: Any) -> Any:
        return lambda **what: items.extend(what["data"].get("items", ()))

    def script(data: object, long: str) -> None:
        import numpy as np

        from components.widgets import gallery

        gallery.listing(data, np.array([1, 4, 5]), "some", lambda rows: ["short", long, ""])

    monkeypatch.setattr(gallery.st.components.v2, "component", component)
    long = "why " * 50
    app = AppTest.from_function(script, args=(data, long))
    app.session_state["winnow"] = Session(dataset=data)
    app.run()
    sound(app)
    assert [one["line"] for one in items[:3:2]] == ["short", "serve"]
    assert len(items[1]["line"]) == 80 and items[1]["line"].startswith("serve\N{NO-BREAK SPACE}· why why")
    assert items[1]["whole"] == f"serve\N{NO-BREAK SPACE}· {long.strip()}" and items[0]["whole"] == "short"


def test_galleries_of_defects_and_of_copies_are_sorted_and_filtered(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sorting and filtering were to be had in plain lists of pictures alone."""
    clean = {f"{'ab'[i % 2]}/{i:02d}.png": encoded(picture(i, 64, 48, 40)) for i in range(30)}
    mirrored = {
        f"{'ab'[i % 2]}/m{i}.png": encoded(picture(i, 64, 48, 40)[:, ::-1].copy()) for i in (4, 8, 11)
    }
    blank = {f"{'ab'[i == 60]}/{i}.png": encoded(np.full((48, 64, 3), i, np.uint8)) for i in (90, 60, 120)}
    data = read(zipped(new_folder() / "a.zip", clean | mirrored | blank)).with_roles(target="label")
    light = data.frame(["image_brightness"])["image_brightness"]
    drawn: list[list[int]] = []
    tiles = gallery.tiles

    def shown_rows(*given: Any) -> None:
        drawn.append(given[1].tolist())
        tiles(*given)

    monkeypatch.setattr(gallery, "tiles", shown_rows)
    app = open_page("issues", data)
    ready(app)
    for word, rows, of_b in (("blank", 3, 1), ("near", 6, 2)):
        options = app.radio[0].options
        app.radio[0].set_value(next(at for at, one in enumerate(options) if word in one)).run()
        ready(app)
        sound(app)
        assert len(drawn[-1]) == rows and not light[drawn[-1]].is_monotonic_increasing
        keyed(app.selectbox, "sort-").set_value("image_brightness").run()
        sound(app)
        assert len(drawn[-1]) == rows and light[drawn[-1]].is_monotonic_increasing
        key = next(str(one.key) for one in app.button if str(one.key).startswith("falling-"))
        app.session_state[key.replace("falling-", "filter-")] = True
        app.run()
        [box] = [one for one in app.text_input if re.match("where-.*-text-", str(one.key))]
        box.set_value("label is b").run()
        sound(app)
        assert len(drawn[-1]) == of_b and f"{of_b} of {rows} rows match" in shown(app)
        app.session_state[key.replace("falling-", "filter-")] = False
        app.run()


def test_one_list_holds_what_is_selected_in_galleries_beside_each_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A click in one leaves what is selected in the other, and neither is drawn anew."""
    data = read(zipped(new_folder() / "a.zip", files()))
    mounted: dict[str, Any] = {}

    def component(*given: Any, **how: Any) -> Any:
        return lambda **what: mounted.update({what["key"]: what})

    def script(data: object, click: object) -> None:
        import numpy as np
        import streamlit as st

        from components.widgets import gallery

        for side in range(2):
            ids = np.arange(side, 24, 2)
            picked = gallery.listing(data, ids, f"side-{side}", lambda rows: [""] * len(rows), beside="both")
            st.text(str(picked.rows.ids.tolist()))
        st.button("click", on_click=click)

    clicks = [(0, [0, 4]), (1, [3]), (0, [4])]

    def click() -> None:
        side, rows = clicks.pop(0)
        state[keys[side]] = {"selected": rows}
        mounted[keys[side]]["on_selected_change"]()

    state: dict[str, Any] = {}
    monkeypatch.setattr(gallery.st.components.v2, "component", component)
    monkeypatch.setattr(gallery, "value", lambda key, default=None: state.get(key, default))
    app = AppTest.from_function(script, args=(data, click))
    app.session_state["winnow"] = Session(dataset=data)
    app.run()
    sound(app)
    first = set(mounted)
    keys = [key for key, what in mounted.items() if "on_selected_change" in what]
    assert len(keys) == 2
    for now in (["[0, 4]", "[]"], ["[0, 4]", "[3]"], ["[4]", "[3]"]):
        app.button[0].click().run()
        assert [text.value for text in app.text] == now and set(mounted) == first
    every = [toggle for toggle in app.toggle if not toggle.value]
    assert len(every) == 2
    every[0].set_value(True).run()
    assert [text.value for text in app.text] == [str(list(range(0, 24, 2))), "[3]"]
    assert [toggle.value for toggle in app.toggle] == [True, False]
    app.toggle[0].set_value(False).run()
    assert [text.value for text in app.text] == ["[]", "[3]"]
    clicks.append((1, [5]))  # one run of the page carries a click at the one side and the switch of the other
    keys[:] = [key for key, what in mounted.items() if "on_selected_change" in what][-2:]
    app.button[0].click()
    app.toggle[0].set_value(True).run()
    assert [text.value for text in app.text] == [str(list(range(0, 24, 2))), "[5]"]


def test_a_split_that_was_refused_stays_so_when_the_page_is_left(open_page: Open, tmp_path: Path) -> None:
    made = {
        f"{part}/{'ab'[i % 2]}/{i:02d}.png": encoded(picture(i + 50 * at, 64, 48, 40))
        for at, part in enumerate(("train", "serve"))
        for i in range(4)
    }
    app = open_page("load")
    content = zipped(tmp_path / "a.zip", made).read_bytes()
    keyed(app.file_uploader, "upload-").upload("pets.zip", content)
    ready(app)
    keyed(app.button, "unsplit-").click().run()
    app.switch_page("pages/clean/issues.py").run()
    app.switch_page("pages/data/load.py").run()
    ready(app)
    sound(app)
    assert keyed(app.segmented_control, "parts-").value == "one" and "is serve" not in shown(app)


def test_an_image_that_cannot_be_read_is_not_among_the_oddest(tmp_path: Path) -> None:
    """It stood at their end, without a score."""
    data = load(zipped(tmp_path / "a.zip", files() | {"a/broken.png": b"no"}))
    result = run("outliers", data)
    assert isinstance(result, OutlierResult)
    [unread] = np.flatnonzero(~result.judged)

    def script(data: object, result: object) -> None:
        import streamlit as st

        from components.views.issues import outliers

        st.text(str(sorted(outliers.order(data, result).tolist())))

    app = AppTest.from_function(script, args=(data, result))
    app.session_state["winnow"] = Session(dataset=data)
    app.run()
    sound(app)
    assert app.text[0].value == str([row for row in range(data.rows) if row != unread])


def test_folders_called_train_and_serve_are_taken_as_parts_until_that_is_undone(
    open_page: Open, tmp_path: Path
) -> None:
    made = {
        f"{part}/{'ab'[i % 2]}/{i:02d}.png": encoded(picture(i + 50 * at, 64, 48, 40))
        for at, part in enumerate(("train", "serve"))
        for i in range(12)
    }
    content = zipped(tmp_path / "a.zip", made).read_bytes()

    def dropped() -> AppTest:
        app = open_page("load")
        keyed(app.file_uploader, "upload-").upload("pets.zip", content)
        ready(app)
        sound(app)
        assert keyed(app.segmented_control, "parts-").value == "value"
        assert "folder **serve** is serve (12 train, 12 serve)" in shown(app) and "24 images" in shown(app)
        return app

    app = dropped()
    app.button(key="go").click()
    ready(app)
    loaded = app.session_state["winnow"].dataset
    assert loaded.parts == {"train": 12, "serve": 12}
    app = dropped()
    keyed(app.button, "unsplit-").click().run()
    sound(app)
    assert keyed(app.segmented_control, "parts-").value == "one"
    assert "is serve" not in shown(app) and not [b for b in app.button if str(b.key).startswith("unsplit-")]
    app.button(key="go").click()
    ready(app)
    assert app.session_state["winnow"].dataset.split is None
    app = dropped()
    keyed(app.button, "unsplit-").click().run()
    keyed(app.segmented_control, "parts-").set_value("value").run()
    sound(app)
    assert keyed(app.selectbox, "split-column-value").value == "part"
    assert keyed(app.text_input, "split-value-value").value == "serve"
    assert "folder **serve** is serve" in shown(app), "offered again"
    keyed(app.text_input, "split-value-value").set_value("").run()
    assert app.button(key="go").disabled and "Nothing is split yet" in shown(app)
    keyed(app.text_input, "split-value-value").set_value("train").run()
    app.button(key="go").click()
    ready(app)
    assert app.session_state["winnow"].dataset.split == PartSplit("value", column="part", value="train")


def test_a_look_at_an_archive_says_what_it_has_not_read(open_page: Open, tmp_path: Path) -> None:
    made = {
        f"{part}/a/{i:02d}.png": encoded(picture(i, 48, 40)) for part in ("train", "test") for i in range(30)
    }
    made["test/a/00.png"] = b"no image"
    content = zipped(tmp_path / "a.zip", made).read_bytes()
    app = open_page("load")
    keyed(app.file_uploader, "upload-").upload("pets.zip", content)
    ready(app)
    sound(app)
    said = shown(app).replace("\\", "").replace(BREAK, "")
    assert "40 of 60 images were read so far, as examples of all parts" in said
    assert "1 image cannot be read: 'test/a/00.png'" in said
    few = {name: content for name, content in made.items() if "/0" in name}
    app = open_page("load")
    keyed(app.file_uploader, "upload-").upload("few.zip", zipped(tmp_path / "b.zip", few).read_bytes())
    ready(app)
    assert "1 image cannot be read" in shown(app) and "read so far" not in shown(app), "all were"


def test_overlap_names_what_is_measured_of_images_apart_and_leads_to_issues(
    open_page: Open, tmp_path: Path
) -> None:
    made = {f"train/{i:02d}.png": encoded(picture(i, 64, 48, 40)) for i in range(30)}
    made |= {f"serve/{i:02d}.png": encoded(picture(i + 50, 40, 30, 40)) for i in range(30)}
    split = PartSplit("value", column="part", value="serve")
    data = read(zipped(tmp_path / "a.zip", made)).with_split(split)
    differ = run("shift", data).summary["of_images"]
    app = open_page("overlap", data)
    ready(app)
    sound(app)
    [told] = [one.value.replace("\\", "") for one in app.markdown if "column shifted" in one.value]
    assert told.startswith(f"{differ} columns measured of images shifted: '")
    # Issues names those that predict the part, which are not all that shifted, nor these alone
    assert "Issues says which of their properties predict train or serve." in told
    assert "No other column shifted." in told and int(differ) >= 2
    assert "measured of images, of which Issues tells" in " ".join(one.value for one in app.caption)
