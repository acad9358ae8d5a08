"""The pipeline is built by cards, and classes are balanced by it."""

from __future__ import annotations

import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from streamlit.elements.lib import image_utils
from streamlit.elements.lib.layout_utils import LayoutConfig
from streamlit.testing.v1 import AppTest

from components.views.augment.filling import WrittenZip
from components.views.augment.sheet import MARK, POINT, WIDE, Thumb, contact_sheet, strip, strip_png, thumb_of
from core.analyses.augmentation.operations import OPERATIONS, PRESETS
from core.analyses.augmentation.reducing import ReducedVariants
from core.analyses.augmentation.settings import AugmentationSettings
from core.dataset import Dataset
from core.decision import Decision
from core.rowset import RowSet
from tests.components.conftest import Open, keyed, ready, shown, sound
from tests.core.analyses.augmentation.test_reducing import change, scene
from tests.core.analyses.augmentation.test_towards import both
from tests.core.loading.images.reading import read
from tests.core.loading.reading import new_folder
from tests.images import encoded, picture, zipped


def files() -> dict[str, bytes]:
    return {f"{'aaab'[i % 4]}/{i}.png": encoded(picture(i, 64, 48)) for i in range(8)}


def steps(app: AppTest) -> list[dict[str, Any]]:
    given = app.session_state["winnow"].settings["augmentation"]["steps"]
    return list(json.loads(given))


def card(elements: Any, place: str, what: str) -> Any:
    """The widget of a card."""
    ending = f"-{place}-{what}"
    cards = [one for one in elements if one.key.startswith("augment-card-")]
    return next(one for one in cards if one.key.split("~")[0].endswith(ending))


def test_counts_of_classes_are_those_of_balance_and_say_which_images_are_left_out(open_page: Open) -> None:
    sixteen = encoded(Image.fromarray(picture(1, 60, 50)[..., 0].astype(np.uint16) * 200))
    given = files() | {"b/x.png": b"no", "b/y.png": b"no", "b/deep.png": sixteen}
    app = open_page("augment", read(zipped(new_folder() / "a.zip", given)).with_roles(target="label"))
    sound(app)
    [table] = [one.value for one in app.dataframe if "Variants wanted" in one.value]
    assert table.to_dict("list") == {
        "Class": ["a", "b"],
        "Images": [6, 5],
        "Not read": [0, 2],
        "Over 8 bits": [0, 1],
        "Variants wanted": [0, 3],
    }
    assert "2 images that cannot be read and 1 image of more than eight bits a channel give no" in shown(app)
    assert "counted as on Balance" in shown(app) and "9 of them can" in shown(app)
    whole = open_page("augment", read(zipped(new_folder() / "a.zip", files())).with_roles(target="label"))
    [table] = [one.value for one in whole.dataframe if "Variants wanted" in one.value]
    assert list(table) == ["Class", "Images", "Variants wanted"] and "cannot be read" not in shown(whole)


def test_cards_are_changed_moved_removed_and_added(open_page: Open) -> None:
    app = open_page("augment", read(zipped(new_folder() / "a.zip", files())).with_roles(target="label"))
    sound(app)
    card(app.slider, "0", "p").set_value(0.25).run()
    assert steps(app)[0] == {"op": "flip_lr", "p": 0.25}
    card(app.slider, "2", "of-amount").set_value((-5.0, 5.0)).run()
    assert steps(app)[2] == {"op": "rotate", "amount": [-5.0, 5.0]}
    card(app.toggle, "1", "on").set_value(False).run()
    assert steps(app)[1] == {"op": "scale", "on": False}
    card(app.button, "0", "down").click().run()
    assert [one["op"] for one in steps(app)[:2]] == ["scale", "flip_lr"]
    card(app.button, "0", "remove").click().run()
    sound(app)
    assert [one["op"] for one in steps(app)] == ["flip_lr", "rotate", "cutout", "brightness", "contrast"]
    card(app.selectbox, "", "add").set_value("some_of").run()
    card(app.selectbox, "5", "add").set_value("noise").run()
    sound(app)
    assert steps(app)[5] == {"op": "some_of", "p": 1.0, "n": 1, "steps": [{"op": "noise", "p": 1.0}]}
    keyed(app.selectbox, "augment-preset-").set_value("products").run()
    sound(app)
    assert card(app.slider, "1", "of-amount").value == (0.9, 1.1)
    assert keyed(app.selectbox, "augment-preset-").value == "products"
    app.button(key="augment-surprise").click().run()
    sound(app)
    assert keyed(app.selectbox, "augment-preset-").value is None, "these are not those of the preset"
    assert "Back to Products" in [one.label for one in app.button]
    assert 3 <= len(steps(app)) <= 5 and steps(app) != PRESETS["products"]


def test_every_operation_offered_can_be_a_card_alone_and_in_a_group(open_page: Open) -> None:
    """A number called "down" had the key of the button that moves a card down."""
    app = open_page("augment", read(zipped(new_folder() / "a.zip", files())).with_roles(target="label"))
    whole = [{"op": op} for op in OPERATIONS]
    grouped = [
        {"op": "one_of", "steps": [*whole, {"op": "some_of", "n": 2, "steps": whole}]},
        {"op": "in_order", "steps": whole},
    ]
    app.session_state["winnow"].settings["augmentation"] = {"steps": json.dumps([*whole, *grouped])}
    app.run()
    sound(app)
    card(app.selectbox, "", "add").set_value("translate").run()
    sound(app)
    last = len(whole) + 2
    card(app.slider, f"{last}", "of-down").set_value((-0.2, 0.3)).run()
    sound(app)
    assert steps(app)[-1] == {"op": "translate", "p": 1.0, "down": [-0.2, 0.3]}


def test_rare_classes_are_filled_and_the_zip_can_be_taken(open_page: Open) -> None:
    app = open_page("augment", read(zipped(new_folder() / "a.zip", files())).with_roles(target="label"))
    sound(app)
    assert app.button(key="augment-make").label == "Make 4 variants"
    keyed(app.number_input, "augment-to").set_value(7).run()
    app.button(key="augment-make").click()
    ready(app)
    sound(app)
    written = next(
        what for _, what in app.session_state["winnow"].outcomes.values() if isinstance(what, WrittenZip)
    )
    with zipfile.ZipFile(io.BytesIO(Path(written.path).read_bytes())) as whole:
        made = [name for name in whole.namelist() if name.endswith(".png")]
    assert (
        sum(name.startswith("a/") for name in made) == 1 and sum(name.startswith("b/") for name in made) == 5
    )


def test_where_no_class_lacks_images_the_page_says_what_would_give_variants(open_page: Open) -> None:
    """A button stood there that could not be clicked, "Make 0 variants", and no word why."""
    even = {f"{'ab'[i % 2]}/{i}.png": encoded(picture(i, 64, 48)) for i in range(8)}
    app = open_page("augment", read(zipped(new_folder() / "a.zip", even)).with_roles(target="label"))
    sound(app)
    assert "No class lacks images" in shown(app) and "ask for more images of each class" in shown(app)
    assert "augment-make" not in [one.key for one in app.button]
    keyed(app.number_input, "augment-to").set_value(5).run()
    assert app.button(key="augment-make").label == "Make 2 variants"
    assert "No class lacks images" not in shown(app)
    black = {name: encoded(Image.fromarray(np.zeros((48, 64, 3), np.uint8))) for name in even}
    app = open_page("augment", read(zipped(new_folder() / "a.zip", black)).with_roles(target="label"))
    sound(app)
    assert "no image of train gives one" in shown(app) and "8 blank images give no variants" in shown(app)


def test_so_many_variants_of_one_class_are_asked_for_in_the_table(open_page: Open) -> None:
    data = read(zipped(new_folder() / "a.zip", files())).with_roles(target="label")
    app, key = open_page("augment", data), f"augment-wanted-{data.version}-None-10"
    edits = {"edited_rows": {0: {"Variants wanted": 3}, 1: {"Variants wanted": 30}}}
    app.session_state[key] = edits | {"added_rows": [], "deleted_rows": []}
    app.run()
    sound(app)
    assert app.button(key="augment-make").label == "Make 23 variants"
    assert "Still missing" in shown(app)


def test_another_pipeline_is_judged_when_it_is_asked_for(open_page: Open) -> None:
    """Every card, even an empty group, judged anew for half a minute."""
    app = open_page("augment", sided())
    app.session_state["winnow"].settings["augmentation"] = {"steps": json.dumps([{"op": "flip_lr"}])}
    app.button(key="augment-judge").click()
    ready(app)
    assert "breaks labels" in shown(app)
    card(app.selectbox, "", "add").set_value("one_of").run()
    sound(app)
    assert app.session_state["winnow"].job is None or not app.session_state["winnow"].job.job.active
    assert "This is not the pipeline that was judged" in shown(app) and "breaks labels" not in shown(app)
    card(app.button, "1", "remove").click().run()
    sound(app)
    assert "breaks labels" in shown(app), "what is known is shown"


def test_a_strip_goes_from_the_lower_end_to_the_upper() -> None:
    plain = np.full((64, 128, 3), 100, np.uint8)
    shown = strip(plain, {"op": "brightness", "amount": [0.5, 1.5]})
    levels = [int(shown[10, 134 * at + 10, 0]) for at in range(5)]
    assert levels == [50, 75, 100, 125, 150]
    assert strip(plain, {"op": "flip_lr"})[10, 134:, 3].max() == 0, "no numbers, one picture"


def test_a_strip_is_no_wider_than_the_page_shows_it() -> None:
    """Streamlit made it smaller, and wrote it again, with each run of the page."""
    thumb = Thumb(encoded(picture(0, 30, 40)), 1.0)
    made = strip_png(thumb, {"op": "rotate"})
    as_is = image_utils._ensure_image_size_and_format(made, LayoutConfig(width=WIDE), "PNG")
    assert as_is is made and Image.open(io.BytesIO(made)).size == (WIDE, 126 * WIDE // 670)


def test_preview_strip_and_judgement_take_the_size_of_the_export() -> None:
    given = {"a/large.png": encoded(scene(1024)), "a/small.png": encoded(scene(64))}
    data = read(zipped(new_folder() / "a.zip", given))
    steps = json.dumps([{"op": "motion_blur", "amount": [31, 31]}])
    settings = AugmentationSettings(steps=steps)
    sheet = contact_sheet(data, np.array([0, 1]), settings, 0)[..., :3]
    thumb = sheet[:128, :128]
    of_large = change(sheet[:128, 134:262], thumb)
    of_small = change(sheet[134:262, 134:262], sheet[134:262, :128])
    assert of_large < of_small / 3, "31 of 1,024 pixels are fewer than 31 of 64"
    step = json.loads(steps)[0]
    far, near = (change(strip(thumb, step, share)[:128, :128, :3], thumb) for share in (1, 1 / 8))
    assert near < far / 3
    assert thumb_of(data, 0).share == pytest.approx(1 / 8) and thumb_of(data, 1).share == 1
    copies, judged = data.pictures.small(), ReducedVariants(data, settings.pipeline, 0)
    assert [round(judged.share(copies[row], row), 3) for row in (0, 1)] == [0.062, 1.0]
    assert change(judged(copies[0], 0), copies[0]) < change(judged(copies[1], 1), copies[1]) / 3


def test_boxes_are_drawn_where_they_have_moved(tmp_path: Path) -> None:
    coco = {
        "images": [{"id": 1, "file_name": "0.png"}],
        "categories": [{"id": 1, "name": "cat"}],
        "annotations": [{"image_id": 1, "category_id": 1, "bbox": [0, 0, 16, 24]}],
    }
    given = {"0.png": encoded(np.full((48, 64, 3), 90, np.uint8)), "a.json": json.dumps(coco).encode()}
    data = read(zipped(tmp_path / "a.zip", given))
    settings = AugmentationSettings(steps='[{"op": "flip_lr"}]')
    shown = contact_sheet(data, np.array([0]), settings, 0)[..., :3]
    orange = (np.abs(shown.astype(int) - MARK) < 2).all(axis=2)
    assert orange[:96, :128].any(axis=0).nonzero()[0].tolist() == list(range(32))
    assert (orange[:96, 134:262].any(axis=0).nonzero()[0]).tolist() == list(range(96, 128))


def test_keypoints_are_drawn_where_they_have_moved(tmp_path: Path) -> None:
    coco = {
        "images": [{"id": 1, "file_name": "0.png"}],
        "categories": [{"id": 1, "name": "cat", "keypoints": ["a", "b", "c"], "skeleton": [[1, 2]]}],
        "annotations": [
            {
                "image_id": 1,
                "category_id": 1,
                "bbox": [0, 0, 64, 48],
                "keypoints": [8, 10, 2, 8, 30, 1, 0, 0, 0],
            }
        ],
    }
    given = {"0.png": encoded(np.full((48, 64, 3), 90, np.uint8)), "a.json": json.dumps(coco).encode()}
    data = read(zipped(tmp_path / "a.zip", given))
    shown = contact_sheet(data, np.array([0]), AugmentationSettings(steps='[{"op": "flip_lr"}]'), 0)[..., :3]
    blue = (np.abs(shown.astype(int) - POINT) < 2).all(axis=2)
    for first, middle in ((0, 16), (134, 112)):
        drawn = blue[:96, first : first + 128]
        assert drawn.any(axis=0).nonzero()[0].tolist() == list(range(middle - 2, middle + 3))
        assert drawn.any(axis=1).nonzero()[0].tolist() == list(range(18, 63)), "a line between two dots"


def sided() -> Dataset:
    """Bright on the left or on the right, which is the class: a flip breaks it."""
    draw = np.random.default_rng(0)
    images = {
        f"{side}/{i}.png": encoded(np.ascontiguousarray(np.fliplr(half) if side == "right" else half))
        for i in range(60)
        for half in [
            np.hstack([np.full((40, 20, 3), 20), draw.integers(150, 255, (40, 20, 3))]).astype(np.uint8)
        ]
        for side in ("left", "right")
    }
    return read(zipped(new_folder() / "a.zip", images)).with_roles(target="label")


def test_a_decision_resolves_nothing_of_what_is_said_of_a_pipeline(open_page: Open) -> None:
    """Rows that were dropped stood as what resolved it, and it was judged twice for that."""
    data = sided()
    app = open_page("augment", data)
    app.session_state["winnow"].settings["augmentation"] = {"steps": json.dumps([{"op": "flip_lr"}])}
    app.button(key="augment-judge").click()
    ready(app)
    assert "breaks labels" in shown(app)
    left = np.flatnonzero(np.array(data.table(["label"]).column(0).to_pylist()) == "left")
    state = app.session_state["winnow"]
    state.review = state.review.say(Decision("drop", RowSet(left)))
    state.turn += 1
    app.run()
    ready(app)
    app.button(key="augment-judge").click()
    ready(app)
    sound(app)
    assert (
        "of one class" in shown(app)
        and "Nothing stands out" not in shown(app)
        and "breaks labels" not in shown(app)
    )
    assert not [one.label for one in app.expander if "Resolved" in one.label]
    assert "What was found" not in shown(app)


def test_the_judgement_stands_in_numbers_a_figure_and_pictures(open_page: Open) -> None:
    app = open_page("augment", sided())
    flip = {"steps": json.dumps([{"op": "flip_lr"}]), "trained": True}
    app.session_state["winnow"].settings["augmentation"] = flip
    app.button(key="augment-judge").click()
    ready(app)
    sound(app)
    assert shown(app).count("do they keep the label") == 1, "in the title of the page"
    assert [one.value for one in app.subheader].count("Do labels survive it?") == 1
    tiles = {one.label: one for one in app.metric}
    assert tiles["Real images recognised"].value == "0%"
    for model in ("Linear model trained", "Extra trees trained"):
        assert float(tiles[model].value.removesuffix(" points")) < -20
    assert tiles["Look like another class"].delta == "real images 0%", "what it is held against"
    assert tiles["Look like another class"].value == "100%" and tiles["Hardly changed"].value == "0%"
    captions = [image.caption for element in app.image for image in element.proto.imgs]
    strange = [
        re.fullmatch(r"Row \d+\W+(\w+)\W+looks like (\w+)", caption) for caption in captions if caption
    ]
    assert len(strange) == 6
    assert all(one is not None and set(one.groups()) == {"left", "right"} for one in strange)
    assert "breaks labels" in shown(app)
    assert app.get("plotly_chart")


def test_a_step_on_a_set_of_images_does_not_begin_with_tidying_the_names_of_its_files(
    open_page: Open,
) -> None:
    app = open_page("prepare", read(zipped(new_folder() / "a.zip", files())))
    column = [one.options for one in app.selectbox if str(one.key).startswith("prepare-column-")]
    app.selectbox(key="prepare-word").select("tidy").run()
    column += [one.options for one in app.selectbox if str(one.key).startswith("prepare-column-")]
    assert column and not [one for each in column for one in each if one.startswith("image ·")]


def test_where_nothing_can_be_said_of_labels_no_number_and_no_picture_says_it(open_page: Open) -> None:
    draw = np.random.default_rng(2)
    images = {
        f"{'ab'[i % 2]}/{i:03d}.png": encoded(draw.integers(0, 255, (32, 32, 3)).astype(np.uint8))
        for i in range(80)
    }
    data = read(zipped(new_folder() / "a.zip", images)).with_roles(target="label")
    app = open_page("augment", data)
    turn = {"steps": json.dumps([{"op": "rotate", "amount": [80, 90]}])}
    app.session_state["winnow"].settings["augmentation"] = turn
    app.button(key="augment-judge").click()
    ready(app)
    sound(app)
    tiles = {one.label for one in app.metric}
    assert "Hardly changed" in tiles and not {"Real images recognised", "Look like another class"} & tiles
    [told] = [one.value for one in app.markdown if "Whether labels survive cannot be said" in one.value]
    assert "do they keep the label" not in told
    assert not [
        image for element in app.image for image in element.proto.imgs if "looks like" in image.caption
    ]


def test_the_page_says_whether_variants_come_nearer_to_serve(open_page: Open) -> None:
    data = both(lambda one: np.uint8(one * 0.5))
    app = open_page("augment", data)
    assert "come nearer to serve?" not in shown(app)
    app.session_state["winnow"].settings["augmentation"] = {"preset": "serve"}
    app.button(key="augment-judge").click()
    ready(app)
    sound(app)
    assert "Variants stand nearer to serve in" in shown(app)
    wanted = ("Way left", "Noise floor", "In serve")
    tables = [[one.value for one in app.dataframe if head in one.value.columns][0] for head in wanted]
    way, accuracy, medians = (one[one["Measure"] == "image_brightness"].iloc[0] for one in tables)
    assert way["Verdict"] == "nearer" and way["Interval"].count("%") == 2
    assert accuracy["Train"] > 0.9 and accuracy["Separated"] in ("both", "train")
    serve, variants, train = (float(medians[f"In {one}"]) for one in ("serve", "variants", "train"))
    assert abs(variants - serve) < 0.1 * (train - serve)


def test_the_way_back_to_a_preset_stands_where_cards_differ_from_it(open_page: Open) -> None:
    """It stood there at once, as the steps made of the data are written out."""

    def back() -> list[str]:
        return [one.label for one in app.button if one.label.startswith("Back to")]

    app = open_page("augment", both(lambda one: np.uint8(one * 0.5)))
    assert back() == []
    keyed(app.selectbox, "augment-preset-").set_value("serve").run()
    sound(app)
    assert steps(app) and back() == []
    first = card(app.slider, "0", "p").value
    card(app.slider, "0", "p").set_value(0.25).run()
    assert back() == ["Back to Towards serve"]
    card(app.slider, "0", "p").set_value(first).run()
    assert back() == [], "as the preset has it"
    card(app.toggle, "0", "on").set_value(False).run()
    app.button(key="augment-preset-again").click().run()
    sound(app)
    assert back() == [] and "on" not in steps(app)[0]
    keyed(app.selectbox, "augment-preset-").set_value("general").run()
    assert back() == []
    card(app.selectbox, "", "add").set_value("some_of").run()
    assert back() == ["Back to General"], "an empty group does nothing, and is a card"


def test_the_label_is_chosen_where_classes_are_filled(open_page: Open) -> None:
    """A sentence asked for it, without a place to choose it."""
    app = open_page("augment", read(zipped(new_folder() / "a.zip", files())).with_roles(target=None))
    sound(app)
    picker = keyed(app.selectbox, "choose-target-augmentation-")
    assert "label" in picker.options and not [one for one in picker.options if one.startswith("image_")]
    picker.set_value("label").run()
    sound(app)
    assert app.session_state["winnow"].dataset.roles.target == "label"
    assert app.button(key="augment-make").label == "Make 4 variants"


def test_without_a_label_column_it_is_said_that_there_is_none(open_page: Open) -> None:
    plain = {name.replace("/", ""): content for name, content in files().items()}
    app = open_page("augment", read(zipped(new_folder() / "a.zip", plain)))
    sound(app)
    assert "These data have no label column" in shown(app) and "Choose the label first" not in shown(app)
    assert not [one for one in app.selectbox if one.key.startswith("choose-target-")]


def test_the_settings_stand_in_one_place_before_and_after_judging(open_page: Open) -> None:
    """They stood at the top, and moved below once the pipeline was judged."""

    def beside() -> list[str]:
        """What stands from the title to the button of other variants."""
        every = list(app.main)
        end = next(at for at, one in enumerate(every) if getattr(one, "key", "") == "augment-reroll")
        return [str(one.proto.popover.label) for one in every[:end] if one.type == "popover"]

    app = open_page("augment", read(zipped(new_folder() / "a.zip", files())).with_roles(target="label"))
    assert beside() == ["Settings"]
    app.button(key="augment-judge").click()
    ready(app)
    sound(app)
    assert beside() == ["Settings"]
    assert [one.proto.popover.label for one in app.get("popover")].count("Settings") == 1, "nor below"


def test_tables_of_what_comes_nearer_to_serve_fit_half_a_page(open_page: Open) -> None:
    app = open_page("augment", both(lambda one: np.uint8(one * 0.5)))
    app.button(key="augment-judge").click()
    ready(app)
    widths = {
        tuple(one.value.columns): [
            look["width"] for head, look in json.loads(one.proto.columns).items() if head in one.value.columns
        ]
        for one in app.dataframe
        if "Measure" in one.value.columns
    }
    assert len(widths) == 3
    for heads, of in widths.items():
        assert len(of) == len(heads) and sum(of) <= 440, heads
