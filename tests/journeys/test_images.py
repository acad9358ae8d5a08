"""Image sets in a real browser: from an archive to the cleaned one; a pipeline and its code, which makes the
same pixels; another camera seen on the map and named.
"""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.images import encoded, picture, zipped
from tests.journeys.conftest import PATIENCE, Server, calm, load, opened, press, settled, visit
from tests.journeys.test_overlap import PLACES

SAMPLES = Path(__file__).parents[2] / "sample_data"
SIZE = (72, 48)
ALONE = """
import numpy
from augment import variant

picture = numpy.load("picture.npy")
numpy.save("variants.npy", numpy.stack([variant(picture, 0, 6 + number) for number in range(6)]))
"""
PEEKED = """() => {
    const inside = [...document.querySelectorAll('*')].map(e => e.shadowRoot).filter(Boolean);
    const frames = [document, ...inside].map(root => root.querySelector('.winnow-peek:not([hidden])'));
    const shown = frames.find(Boolean), image = shown && shown.querySelector('img');
    return image && image.complete && image.naturalWidth ? shown.innerText : '';
}"""
JPEG = b"data:image/jpeg"
SELECTED = """tiles => tiles.flatMap((tile, at) => tile.ariaSelected === 'true' ? [at] : [])"""
DRAWN = "tiles => tiles.filter(tile => tile.querySelector('img').naturalWidth > 0).length"
AROUND = """() => {
    const inside = [...document.querySelectorAll('*')].map(e => e.shadowRoot).filter(Boolean);
    const frame = [document, ...inside].map(root => root.querySelector('.winnow-peek')).find(Boolean);
    return [...frame.held.values()].filter(item => item.src.startsWith('data:image/jpeg')).length;
}"""


@pytest.fixture(scope="module")
def drawings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """24 pictures of two classes; one of them a second time, and one mirrored."""
    files = {f"{'ab'[i % 2]}/{i:02d}.png": encoded(picture(i, *SIZE, 40)) for i in range(24)}
    more = {
        "a/again.png": files["a/04.png"],
        "b/mirrored.png": encoded(picture(7, *SIZE, 40)[:, ::-1].copy()),
    }
    return zipped(tmp_path_factory.mktemp("drawings") / "drawings.zip", files | more)


def drop_tile(page: Page, name: str) -> None:
    """Select one picture of the gallery on the page by mouse, and drop it."""
    page.get_by_role("option", name=re.compile(re.escape(name))).click()
    page.get_by_text("1 row selected").wait_for()
    calm(page)
    press(page, "drop-")
    page.get_by_text("Dropped row ").first.wait_for()


def goes_on_from_the_picture(page: Page) -> None:
    """Close the original of the mirrored picture, which is open: the keyboard goes on from there, to the
    one beside it, whose original is closed by its button.
    """
    dialog = page.get_by_role("dialog")
    page.keyboard.press("Escape")
    dialog.wait_for(state="detached")
    expect(page.get_by_role("option", name=re.compile(r"mirrored\.png"))).to_be_focused(timeout=PATIENCE)
    page.keyboard.press("ArrowRight")
    beside = page.get_by_role("option", name=re.compile(r"07\.png"))
    expect(beside).to_be_focused(timeout=PATIENCE)
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("img", name="07.png")).to_have_count(1, timeout=PATIENCE)
    dialog.get_by_role("button", name="Close").click()
    dialog.wait_for(state="detached")
    expect(beside).to_be_focused(timeout=PATIENCE)


def test_from_an_archive_to_the_cleaned_one(
    page: Page, server: Server, drawings: Path, tmp_path: Path
) -> None:
    load(page, server, drawings, target="label")
    visit(page, "Issues")
    kinds = page.get_by_role("radiogroup", name="Kinds of findings")
    kinds.get_by_text("near").first.click()
    calm(page)
    page.get_by_role("option", name=re.compile(r"mirrored\.png")).dblclick()
    page.get_by_role("dialog").get_by_text(f"{SIZE[0]} x {SIZE[1]} pixels").wait_for()
    page.wait_for_timeout(400)  # the clicks select and unselect: told later, that took the original away
    assert page.get_by_role("dialog").get_by_role("img", name="mirrored").count() == 1
    goes_on_from_the_picture(page)
    drop_tile(page, "mirrored.png")
    kinds.get_by_text("repeats an earlier row").first.click()
    calm(page)
    drop_tile(page, "again.png")
    visit(page, "Export")
    with page.expect_download() as waiting:
        page.locator('[class*="st-key-download-images-zip"] button').first.click()
    waiting.value.save_as(tmp_path / "images.zip")
    with zipfile.ZipFile(drawings) as before, zipfile.ZipFile(tmp_path / "images.zip") as after:
        left = [name for name in before.namelist() if "mirrored" not in name and "again" not in name]
        assert sorted(after.namelist()) == sorted([*left, "metadata.csv"])
        assert all(after.read(name) == before.read(name) for name in left)
        table = list(csv.DictReader(io.StringIO(after.read("metadata.csv").decode())))
    assert {line["file_name"]: line["label"] for line in table} == {name: name[0] for name in left}


def test_a_click_on_pictures_sends_none_of_them_again(page: Page, server: Server, tmp_path: Path) -> None:
    """A page of pictures goes over the socket once while it is shown, however much is selected on it; what is
    selected is still so when the page is turned and turned back.
    """
    files = {f"{i:03d}.png": encoded(picture(i, 120, 90, 40)) for i in range(35)}
    came: list[bytes] = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: came.append(frame)))
    load(page, server, zipped(tmp_path / "many.zip", files))
    visit(page, "Profile")
    page.locator('[class*="st-key-profile-tab"]').get_by_text("Sample", exact=True).click()
    tiles = page.get_by_role("option")
    tiles.nth(24).get_by_role("img").wait_for()
    calm(page)
    pictures_of_a_page = sum(len(frame) for frame in came if frame.count(JPEG) == 25)
    assert pictures_of_a_page > 80_000

    def sent_by(*clicks: int) -> int:
        """Bytes until the page knows of these clicks, one after the other."""
        came.clear()
        for tile in clicks:
            tiles.nth(tile).click()
        calm(page)
        assert not [frame for frame in came if JPEG in frame], "pictures were sent again"
        return sum(map(len, came))

    assert 0 < sent_by(3) < pictures_of_a_page / 3
    page.get_by_text("1 row selected").wait_for()
    assert sent_by(5, 8, 9) > 0
    page.get_by_text("4 rows selected").wait_for()
    assert sent_by(3) > 0
    page.get_by_text("3 rows selected").wait_for()
    assert tiles.evaluate_all(SELECTED) == [5, 8, 9]
    pager = page.get_by_test_id("stPagination").get_by_role("button")
    assert [one.inner_text() for one in pager.all() if one.inner_text().isdigit()] == ["1", "2"]
    page.get_by_text("Page 1 of 2", exact=True).wait_for()
    for turn, first in (("Next", 25), ("Previous", 0)):
        page.get_by_label(f"{turn} page", exact=True).click()
        page.get_by_role("option", name=re.compile(rf"Row {first}: ")).get_by_role("img").wait_for()
        calm(page)
    assert tiles.evaluate_all(SELECTED) == [5, 8, 9]
    assert tiles.evaluate_all(DRAWN) == 25
    assert sent_by(10) > 0
    page.get_by_text("4 rows selected").wait_for()
    came.clear()
    page.get_by_text("Select all 35 rows").click()
    page.get_by_text("35 rows selected").wait_for()
    calm(page)
    assert not [frame for frame in came if JPEG in frame], "pictures were sent again"
    assert len(tiles.evaluate_all(SELECTED)) == 25


def test_a_pipeline_and_its_code_make_the_same_pixels(
    page: Page, server: Server, drawings: Path, tmp_path: Path
) -> None:
    load(page, server, drawings, target="label")
    visit(page, "Augment")
    page.get_by_role("combobox", name="Add an operation").click()
    page.keyboard.type("elastic")
    page.get_by_role("option").filter(has_text="elastic").first.wait_for()
    page.keyboard.press("Enter")
    calm(page)
    press(page, "augment-reroll")
    sheet = page.get_by_role("img", name=re.compile("each with 6 variants"))
    page.get_by_role("button", name="Remove").last.scroll_into_view_if_needed()
    assert page.get_by_test_id("stMain").evaluate("page => page.scrollTop") > 600
    expect(sheet).to_be_in_viewport(ratio=1, timeout=PATIENCE)  # it stays while the last card is changed
    content = page.request.get(sheet.evaluate("image => image.src")).body()
    pixels = np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))
    with page.expect_download() as waiting:
        page.locator(".st-key-augment-code button").click()
    waiting.value.save_as(tmp_path / "augment.py")
    assert "ElasticTransformation" in (tmp_path / "augment.py").read_text()
    wide, tall = SIZE
    lefts = [134 * at + (128 - wide) // 2 for at in range(7)]  # in the middle of their squares
    tiles = [pixels[:tall, left : left + wide] for left in lefts]
    np.save(tmp_path / "picture.npy", tiles[0])
    (tmp_path / "alone.py").write_text(ALONE)
    subprocess.run([sys.executable, "alone.py"], cwd=tmp_path, check=True, timeout=60, env={})
    assert np.array_equal(np.load(tmp_path / "variants.npy"), np.stack(tiles[1:]))
    assert not all(np.array_equal(one, tiles[0]) for one in tiles[1:])


def test_another_camera_is_seen_on_the_map_and_its_cause_is_named(
    page: Page, server: Server, tmp_path: Path
) -> None:
    """Serve pictures are of the same kind, by a camera that is out of focus and of another file size."""

    def camera(seed: int) -> bytes:
        return encoded(cv2.GaussianBlur(picture(seed, *SIZE, 40), (0, 0), 1.6))

    train = zipped(
        tmp_path / "train.zip", {f"{i:02d}.png": encoded(picture(i, *SIZE, 40)) for i in range(90)}
    )
    serve = zipped(tmp_path / "serve.zip", {f"{i:02d}.png": camera(i) for i in range(100, 160)})
    page.goto(f"{server.address}/load")
    calm(page)
    page.locator('input[type="file"]').first.set_input_files(train)
    page.get_by_text("Read as: ").wait_for()
    calm(page)
    page.get_by_text("A second file").first.click()
    calm(page)
    page.locator('[class*="st-key-serve-"] input[type="file"]').set_input_files(serve)
    page.get_by_text("serve.zip").first.wait_for()
    calm(page)
    press(page, "go")
    opened(page)
    visit(page, "Overlap")
    page.get_by_text("Serving data differ").first.wait_for()
    x, y = settled(page, PLACES, 90)[0]
    page.mouse.move(x - 30, y - 30)
    page.mouse.move(x, y, steps=3)
    page.wait_for_function(PEEKED)
    row = int(re.match(r"Row (\d+): \d+\.png", page.evaluate(PEEKED))[1])  # type: ignore[index]
    assert 90 <= row < 150
    assert page.evaluate(AROUND) >= 16, "the pictures of its neighbours came with it"
    page.mouse.move(2, 2)
    page.wait_for_function(f"() => !({PEEKED})()")
    visit(page, "Issues")
    kinds = page.get_by_role("radiogroup", name="Kinds of findings")
    kinds.get_by_text("predicts train or serve on its own").first.click()
    calm(page)
    page.get_by_text("another camera, size, format or compression").first.wait_for()


def test_a_selection_in_one_gallery_leaves_no_marks_in_the_other(
    page: Page, server: Server, drawings: Path
) -> None:
    load(page, server, drawings, target="label")
    visit(page, "Coreset")
    press(page, "importance-judge")
    page.get_by_role("radiogroup", name="Rows").get_by_text("Cleaning samples").click()
    calm(page)
    lists = page.get_by_role("listbox")
    lists.nth(1).wait_for()
    calm(page)
    marks = "lists => lists.map(list => list.querySelectorAll('[aria-selected=true]').length)"
    marked = lists.locator("[aria-selected=true]")
    for used, other in ((0, 1), (1, 0), (0, 1)):
        lists.nth(used).get_by_role("option").nth(1 + used).click()
        expect(page.get_by_text("1 row selected")).to_have_count(1)
        calm(page)
        expect(lists).to_have_count(2, timeout=PATIENCE)  # both are drawn again
        expect(marked).to_have_count(1, timeout=PATIENCE)
        assert lists.evaluate_all(marks)[other] == 0


def test_two_galleries_begin_side_by_side_where_one_has_more_said_of_it(page: Page, server: Server) -> None:
    page.set_viewport_size({"width": 1440, "height": 1000})
    load(page, server, SAMPLES / "drawings" / "drawings.zip", target="label")
    visit(page, "Issues")
    kinds = page.get_by_role("radiogroup", name="Kinds of findings")
    kinds.get_by_text("'image_contrast' predicts 'label'").click()
    calm(page)
    said = page.get_by_text("of which it has more; nearest to their median")
    expect(said).to_have_count(2, timeout=PATIENCE)
    assert len(said.evaluate_all("every => [...new Set(every.map(one => one.clientHeight))]")) == 2
    lists = page.get_by_role("listbox")
    expect(lists).to_have_count(2, timeout=PATIENCE)
    (one, other) = lists.evaluate_all("lists => lists.map(list => list.getBoundingClientRect().y)")
    assert one == pytest.approx(other, abs=1)


def test_buttons_above_the_first_rows_cover_none_of_the_page(
    page: Page, server: Server, tmp_path: Path
) -> None:
    """They lay over "Do not split"."""
    parts = {"train": range(12), "serve": range(12, 24)}
    made = {f"{part}/{i:02d}.png": encoded(picture(i, 28, 28)) for part, some in parts.items() for i in some}
    page.goto(f"{server.address}/load")
    calm(page)
    page.locator('input[type="file"]').first.set_input_files(zipped(tmp_path / "two.zip", made))
    page.get_by_text("Read as: ").wait_for()
    calm(page)
    first_rows = page.locator('[data-testid="stFullScreenFrame"]:visible').first
    first_rows.get_by_test_id("stDataFrame").hover()
    bar, button = first_rows.get_by_test_id("stElementToolbar"), page.get_by_text("Do not split")
    above, beside = bar.bounding_box(), button.bounding_box()
    assert above is not None and beside is not None
    assert above["y"] >= beside["y"] + beside["height"]


def test_small_pictures_fill_their_tiles_and_boxes_lie_on_them(
    page: Page, server: Server, tmp_path: Path
) -> None:
    """Pictures of 28 pixels were shown at 28 pixels, hardly to be seen; a wide one and a box beside them."""
    marked = [{"image_id": 1, "category_id": 1, "bbox": [0, 0, 60, 30]}]
    coco = {
        "images": [{"id": 1, "file_name": "00.png"}],
        "categories": [{"id": 1, "name": "thing"}],
        "annotations": marked,
    }
    files = {f"{i:02d}.png": encoded(picture(i, 28, 28)) for i in range(1, 24)}
    wide = {"00.png": encoded(picture(0, 120, 30)), "a.json": json.dumps(coco).encode()}
    load(page, server, zipped(tmp_path / "small.zip", files | wide))
    page.get_by_role("radiogroup").get_by_text("Sample").first.click()
    calm(page)
    page.locator('[role="option"] rect').first.wait_for()
    drawn = """tiles => tiles.slice(0, 2).map(tile => {
        const place = one => one.getBoundingClientRect();
        const four = one => one && [place(one).x, place(one).y, place(one).width, place(one).height];
        return [four(tile.querySelector('.picture')), four(tile.querySelector('rect'))];
    })"""
    (square, box), (other, none) = page.get_by_role("option").evaluate_all(drawn)
    assert none is None and other[2] == pytest.approx(other[3]) and other[2] > 100
    # of a picture of 4 x 1 in the middle of the square: its left half
    assert box[0] == pytest.approx(square[0], abs=2) and box[2] == pytest.approx(square[2] / 2, abs=4)
    assert box[1] == pytest.approx(square[1] + 3 / 8 * square[3], abs=4)
    assert box[3] == pytest.approx(square[3] / 4, abs=4)
