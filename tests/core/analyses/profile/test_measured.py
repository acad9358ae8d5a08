"""What Winnow measures of pictures raises no alerts about itself; the columns that a person gave do."""

import io

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from components.figures.leakage import figure
from core.analyses.leakage.result import LeakageResult
from core.analyses.missingness.result import MissingnessResult
from core.analyses.overlap.result import OverlapResult
from core.analyses.profile.result import Profile
from core.analyses.shift.analysis import ShiftResult
from core.dataset import Dataset
from core.dataset.split import PartSplit
from core.decided import as_decided
from core.decision import Decision
from core.loading.images.taking import PictureFacts
from core.prepare.image_measures import by_name, measured
from core.prepare.images_judged import COLUMNS, judged_by_label, judged_by_part
from core.review import Review
from core.rowset import RowSet
from core.run import run
from tests.core.loading.images.reading import read
from tests.core.loading.reading import new_folder
from tests.images import encoded, picture, zipped
from tests.make import dataset


@pytest.fixture(scope="module")
def data() -> Dataset:
    """Square grey pictures of one size from a manifest with a constant column and two equal ones."""
    draw = np.random.default_rng(0)
    files = {
        f"{n:03}.png": encoded(draw.integers(0, 256, (20, 20)).astype(np.uint8).repeat(2, 0))
        for n in range(40)
    }
    lines = [f"{name},lab,{n % 9},{n % 9}" for n, name in enumerate(files)]
    files["metadata.csv"] = "\n".join(["file_name,site,image_id,shelf", *lines]).encode()
    return read(zipped(new_folder() / "m.zip", files))


def test_the_columns_measured_are_known(data: Dataset) -> None:
    assert set(PictureFacts([None]).columns()) >= set(data.measured)
    assert {"image_width", "image_format", "image_brightness"} <= set(data.measured)
    assert not {"image", "site", "image_id", "shelf"} & set(data.measured)


def test_columns_of_a_table_with_such_names_are_no_measures() -> None:
    table = dataset(pd.DataFrame({"image_width": [3] * 60, "n": range(60)}))
    assert table.measured == ()
    assert any(f.code == "constant" and "image_width" in f.columns for f in run("profile", table).findings)


def test_alerts_are_of_the_persons_columns_alone(data: Dataset) -> None:
    found = run("profile", data)
    assert isinstance(found, Profile)
    alarmed = {column for finding in found.findings for column in finding.columns}
    assert "site" in alarmed
    assert not alarmed & set(data.measured)
    assert {column.name for column in found.columns} >= set(data.measured)
    assert any("described without alerts" in note for note in found.notes)


def test_columns_measured_are_no_features_of_a_wide_table() -> None:
    """Twelve pictures had more columns than rows, of which a person had given none."""
    plain = {f"{'ab'[n % 2]}/{n}.png": encoded(picture(n, 48, 48)) for n in range(12)}
    data = read(zipped(new_folder() / "few.zip", plain))
    assert len(data.measured) > data.rows
    assert "more_columns_than_rows" not in {f.code for f in run("profile", data).findings}
    cells = [",".join(str(n * of % 13) for of in range(1, 14)) for n in range(12)]
    lines = [f"{n}.png,{cells[n]}" for n in range(12)]
    table = "\n".join(["file_name," + ",".join(f"x{of}" for of in range(13)), *lines]).encode()
    own = {f"{n}.png": encoded(picture(n, 48, 48)) for n in range(12)} | {"metadata.csv": table}
    data = read(zipped(new_folder() / "own.zip", own))
    [wide] = [f for f in run("profile", data).findings if f.code == "more_columns_than_rows"]
    assert wide.value == len(set(data.features) - set(data.measured)) <= 13 and wide.limit == 12


def test_equal_columns_are_of_the_persons_columns_alone(data: Dataset) -> None:
    found = [f for f in run("duplicates", data).findings if f.code == "duplicate_columns"]
    assert [set(f.columns) <= {"image_id", "shelf"} for f in found] == [True]


@pytest.fixture(scope="module")
def two_cameras() -> Dataset:
    """Two classes, dark and light, in train and in serve, where pictures are smaller, of another file format
    and out of focus; beside columns of a person: two equal ones, one that is the brightness, one with gaps in
    serve, one with gaps by age, one that moved in serve.
    """
    draw = np.random.default_rng(1)
    files, lines = {}, ["file_name,label,age,years,lamp,note,price,pension"]
    for n in range(160):
        part, label = ("train", "serve")[n % 2], ("dark", "light")[n // 2 % 2]
        level = 60 + 110 * (label == "light") + int(draw.integers(0, 40))
        grey = np.clip(draw.normal(level, 12, (48, 48)), 0, 255).astype(np.uint8)
        grey[8:30, 10:34] = level // 3
        if part == "serve":
            grey = grey[:40, :40].repeat(2, 0)[::2] // 2 + np.roll(grey[:40, :40], 1, 0) // 2
        name = f"{part}/{n:03}.{'png' if part == 'train' else 'jpg'}"
        files[name] = encoded(grey, "PNG" if part == "train" else "JPEG")
        age = int(draw.integers(0, 900))
        note = "" if part == "serve" and n % 5 else str(draw.integers(0, 90))
        pension = str(draw.integers(0, 90)) if age > 400 else ""
        price = draw.normal(5 + 1.5 * (part == "serve"))
        lines.append(f"{name},{label},{age},{age * 2 + 1},{level},{note},{price:.3f},{pension}")
    files["metadata.csv"] = "\n".join(lines).encode()
    data = read(zipped(new_folder() / "two.zip", files))
    split = PartSplit("value", column="part", value="serve")
    return data.with_split(split).with_roles(target="label", id="image")


def test_associations_of_measures_are_no_findings_and_those_of_the_persons_columns_are(
    two_cameras: Dataset,
) -> None:
    data, result = two_cameras, run("association", two_cameras)
    ours, table = set(data.measured), result.frame()
    strong = table[(table["value"].abs() > 0.95) & table["left"].isin(ours)]
    assert {"image_width"} < {*strong["left"], *strong["right"]}, "the table has them"
    of_ours = [f for f in result.findings if ours & {*f.columns, *f.beside}]
    assert of_ours and all({*f.columns, *f.beside} - ours == {"lamp"} for f in of_ours)
    assert all((f.severity, f.action, f.on, f.fix) == ("info", "", (), "") for f in of_ours)
    assert all("look at the images" in f.suggestion.lower() for f in of_ours)
    others = [f for f in result.findings if f not in of_ours]
    about = {(f.code, frozenset({*f.columns, *f.beside})) for f in others}
    assert {("strong_association", frozenset({"age", "years"})), ("collinear", frozenset({"years"}))} <= about
    assert not ours & set(result.numeric), "no VIF of what is measured, nor given it"
    assert any("Measured of images" in note for note in result.notes)


def test_measures_that_predict_the_label_are_no_leaks_and_the_persons_columns_are(
    two_cameras: Dataset,
) -> None:
    """With them six columns predict the label: that of a person was lost in a note of an easy task."""
    result = run("leakage", two_cameras)
    assert isinstance(result, LeakageResult)
    scores = dict(zip(result.names, result.scores.tolist(), strict=True))
    assert scores["image_brightness"] > 0.95 and "image_brightness" in result.aside, "it is judged"
    assert {(f.code, f.columns) for f in result.findings} == {("single_feature", ("lamp",))}
    [note] = [note for note in result.notes if note.startswith("Measured of images")]
    assert "Issues says which predict 'label'" in note
    images = [f for f in run("imagequality", two_cameras).findings if f.code == "image_content"]
    assert [f.columns[0] for f in images] == ["image_brightness"]
    bare = run("leakage", two_cameras, {"columns": ["image_brightness", "image_bytes"]})
    assert not bare.findings and not bare.unchecked and "limit" not in bare.calm


@pytest.fixture(scope="module")
def heavy() -> Dataset:
    """Pictures of many sizes, whose files alone differ by class: those of b are larger."""
    draw = np.random.default_rng(0)
    files, lines = {}, ["file_name,label"]
    for n in range(240):
        wide, high = np.exp(draw.uniform(np.log(16), np.log(96), 2)).astype(int)
        content = encoded(draw.integers(0, 256, (high, wide)).astype(np.uint8))
        size = (20_000, 24_000)[n % 2] + int(draw.integers(0, 3_000))
        files[f"{n:03}.png"] = content + bytes(size - len(content))
        lines.append(f"{n:03}.png,{'ab'[n % 2]}")
    files["metadata.csv"] = "\n".join(lines).encode()
    return read(zipped(new_folder() / "heavy.zip", files)).with_roles(target="label")


def test_a_file_size_that_predicts_the_label_is_named_once(heavy: Dataset) -> None:
    result = run("leakage", heavy)
    assert isinstance(result, LeakageResult)
    assert dict(zip(result.names, result.scores.tolist(), strict=True))["image_bytes"] == 1.0
    assert "image_bytes" in result.aside and not result.findings
    [found] = run("imagequality", heavy).findings
    assert (found.code, found.columns) == ("image_shortcut", ("image_bytes",)) and found.value > 0.97
    assert not [f for f in run("association", heavy).findings if "image_bytes" in (*f.columns, *f.beside)]


def test_a_file_size_that_separates_the_parts_is_named_once(heavy: Dataset) -> None:
    data = heavy.with_split(PartSplit("value", column="label", value="b")).with_roles(target=None)
    assert [f.columns for f in run("imagequality", data).findings if f.code == "image_source"] == [
        ("image_bytes",)
    ]
    for name in ("shift", "overlap", "association"):
        assert not [f for f in run(name, data).findings if "image_bytes" in (*f.columns, *f.beside)], name


def test_of_pictures_of_one_size_the_file_size_is_judged_once(heavy: Dataset) -> None:
    names = {one.name for one in run("imagequality", heavy).label}
    assert {"bytes", "bytes_per_pixel"} <= names
    one_size = run("imagequality", same_picture())
    assert {one.name for one in one_size.label} & {"bytes", "bytes_per_pixel"} == {"bytes_per_pixel"}


def same_picture() -> Dataset:
    """Of class a every picture is another one, of class b all are the same."""
    draw = np.random.default_rng(0)
    files, lines = {}, ["file_name,label"]
    shown = draw.integers(0, 256, (40, 40)).astype(np.uint8)
    for n in range(160):
        other = draw.integers(0, draw.integers(40, 256), (40, 40)).astype(np.uint8)
        files[f"{n:03}.png"] = encoded(shown if n % 2 else other)
        lines.append(f"{n:03}.png,{'ab'[n % 2]}")
    files["metadata.csv"] = "\n".join(lines).encode()
    return read(zipped(new_folder() / "same.zip", files)).with_roles(target="label")


def test_a_measure_that_issues_never_judges_is_a_leak_where_it_predicts_the_label() -> None:
    """The hashes: Issues holds no property against the label that is made of these."""
    result = run("leakage", same_picture())
    assert isinstance(result, LeakageResult)
    [found] = result.findings
    assert (found.code, found.columns) == ("single_feature", ("image_sha256", "image_pixels"))
    assert not found.action and "Look at the images" in found.suggestion
    [note] = [note for note in result.notes if note.startswith("Measured of images")]
    assert not {"image_sha256", "image_pixels"} & set(result.aside) and "sha256" not in note


def test_only_what_issues_makes_a_property_of_is_set_aside(two_cameras: Dataset, heavy: Dataset) -> None:
    for data in (two_cameras, heavy):
        quality = run("imagequality", data)
        properties = by_name(data, measured(data))
        made = {COLUMNS[name] for name in properties}
        varying = {COLUMNS[one.name] for one in quality.label}
        judged = set(judged_by_label(data, "label"))
        assert varying <= judged <= made and judged | {"image_sha256", "image_pixels"} >= set(data.measured)
    assert set(judged_by_part(two_cameras)) == set(judged_by_label(two_cameras, "label"))
    bare = as_decided(heavy, Review().say(Decision("omit", RowSet(), column="image_width")))
    assert judged_by_label(bare, "label") == () and "image_bytes" in bare.measured
    assert not run("imagequality", bare).label
    [leak] = [f for f in run("leakage", bare).findings if "image_bytes" in f.columns]
    assert not leak.action


def test_measures_that_separate_the_parts_are_named_in_a_note(two_cameras: Dataset) -> None:
    """Seven warnings offered to leave out columns that no model of images reads."""
    result = run("overlap", two_cameras)
    assert isinstance(result, OverlapResult)
    assert {"image_width", "image_format"} <= set(result.separating) <= set(two_cameras.measured)
    assert "gives_away" not in {f.code for f in result.findings}
    [note] = [note for note in result.notes if note.startswith("Measured of images")]
    assert note.endswith("Issues says which of their properties predict train or serve.")


def test_gaps_of_measures_are_no_findings_and_those_of_the_persons_columns_are(two_cameras: Dataset) -> None:
    data, result = two_cameras, run("missingness", two_cameras)
    assert {"image_jpeg_quality", "pension"} <= set(result.frame()["column"])
    named = {column for f in result.findings for column in f.columns}
    assert "pension" in named and not named & set(data.measured)
    assert isinstance(result, MissingnessResult)
    models = {gap.name: gap.model for gap in result.gaps}
    assert models["image_jpeg_quality"] is None, "its gaps are those of PNG, which no model has to find"
    assert models["pension"] is not None
    others = len(result.gaps) - len(result.measured)
    assert result.measured == ("image_jpeg_quality",) and others
    assert result.calm.startswith(
        f"{len(result.gaps)} columns have gaps; 1 is measured of images, and missing where that cannot be "
        "done; other columns predict where "
    )
    together = [f for f in run("association", data).findings if f.code == "co_missing"]
    assert not [f for f in together if {*f.columns} & set(data.measured)]


def test_shifts_of_measures_are_a_note_as_issues_says_how_images_differ(two_cameras: Dataset) -> None:
    data, result = two_cameras, run("shift", two_cameras)
    assert isinstance(result, ShiftResult)
    alarmed = {(f.code, column) for f in result.findings for column in f.columns}
    assert {("moved", "price"), ("missing_moved", "note")} <= alarmed
    assert not {column for _, column in alarmed} & set(data.measured)
    aside = {line.shift.name for line in result.lines if line.apart == "image"}
    assert (
        {"image_width", "image_height", "image_format", "image_jpeg_quality"} <= aside <= set(data.measured)
    )
    assert not any(line.shifted for line in result.lines if line.shift.name in aside)
    assert {line.words for line in result.lines if line.apart == "image"} == {"measured of images"}
    assert result.summary["of_images"] == len(aside) and result.summary["worst"] in ("price", "note")
    [note] = [note for note in result.notes if note.startswith("Measured of images")]
    assert "Issues" in note and f"{len(aside) - 6} more" in note
    images = [f for f in run("imagequality", data).findings if f.code in ("image_source", "image_light")]
    assert "image_source" in {f.code for f in images}
    assert {"image_width", "image_format"} <= {column for f in images for column in f.columns}


def test_regions_of_images_are_called_so(two_cameras: Dataset) -> None:
    result = run("segments", two_cameras, {"columns": ("image_bytes",), "leave_out": False})
    assert [f.columns for f in result.findings] == [("image_bytes",)] * 2
    more, fewer = result.findings
    served, trained = (two_cameras.parts[part] for part in ("serve", "train"))
    assert more.title.startswith(
        f"Images with image_bytes ≤ 1000: {served} of {served} serve images (100%) and none of {trained} "
        "train images; 95% interval of the ratio held out "
    )
    assert more.why == (
        "'image_bytes' is measured of the images. Issues says which measures predict train or serve. A model "
        "learned from few such images, and now meets many. The counts are of all images, the ratio is of "
        f"those that were not used to find the segment ({more.n} of them in it)."
    )
    assert "these images" in more.suggestion and "many images" in fewer.why
    assert "Measured of images: 'image_bytes'." in result.notes


def test_images_that_a_measure_separates_make_no_yes(two_cameras: Dataset) -> None:
    """Of the measures Issues says how they differ; the verdict counts them all the same."""
    result = run("overlap", two_cameras)
    assert isinstance(result, OverlapResult) and result.case is not None
    assert {"image_width", "image_format", "image_bytes"} <= set(result.separating)
    assert not result.case.by_name and result.case.answer == "no"
    assert (
        result.verdict.startswith("No. ") and "each separate train from serve on their own" in result.verdict
    )
    assert not [f for f in result.findings if f.code == "gives_away"]


def test_regions_of_own_columns_are_of_rows(two_cameras: Dataset) -> None:
    [*found] = run("segments", two_cameras, {"columns": ["price", "age"]}).findings
    assert found and not any("mages" in f.title + f.why + f.suggestion for f in found)


def test_relations_and_target_say_that_nobody_entered_what_is_measured() -> None:
    files = {f"{'ab'[n % 2]}/{n}.png": encoded(picture(n, 48, 48)) for n in range(98)}
    data = read(zipped(new_folder() / "plain.zip", files)).with_roles(target="label")
    related, told = run("association", data, {"strong": 0.95}), run("target", data)
    assert "the strongest is that of 'image_brightest' and 'image_contrast', both measured of" in related.calm
    strong = run("association", data, {"strong": 0.8})
    assert strong.calm.startswith("Nothing stands out but what is measured of images: 'image_brightest' and")
    assert told.calm == "No quick model was fitted; of what is measured of images nothing stands out"
    for result in (related, told):
        assert [note for note in result.notes if "loaded, entered by nobody: 'image_" in note]
    table = run("association", dataset(data.frame([one for one in data.measured])))
    assert "measured" not in table.calm and not [note for note in table.notes if "nobody" in note]


def test_nothing_is_suggested_for_measures() -> None:
    """The square of the brightness was, which no model of images reads."""
    draw = np.random.default_rng(3)
    level, own = draw.integers(40, 200, 240), draw.normal(size=240)
    files = {f"{n:03}.png": encoded(np.full((20, 20), level[n], np.uint8)) for n in range(240)}
    goal = ((level - 120) / 40) ** 2 + own**2
    lines = [f"{name},{own[n]:.4f},{goal[n]:.4f}" for n, name in enumerate(files)]
    files["metadata.csv"] = "\n".join(["file_name,own,goal", *lines]).encode()
    data = read(zipped(new_folder() / "bent.zip", files))
    table = dataset(data.frame(["image_brightness", "own", "goal"]))
    bent = [
        {f.columns for f in run("target", one, {"target": "goal"}).findings if f.code == "transformation"}
        for one in (table, data)
    ]
    assert bent == [{("image_brightness",), ("own",)}, {("own",)}]
    [note] = [note for note in run("target", data, {"target": "goal"}).notes if "measured of images" in note]
    assert note.startswith("Nothing is suggested")


def test_columns_of_a_table_with_names_of_measures_shift_and_are_associated_as_any() -> None:
    draw = np.random.default_rng(2)
    width = np.r_[draw.normal(90, 3, 100), draw.normal(60, 3, 100)]
    frame = pd.DataFrame({"image_width": width, "image_height": width * 2, "part": ["a"] * 100 + ["b"] * 100})
    table = dataset(frame).with_split(PartSplit("value", column="part", value="b"))
    assert ("moved", ("image_width",)) in {(f.code, f.columns) for f in run("shift", table).findings}
    assert {"strong_association", "collinear"} <= {f.code for f in run("association", table).findings}


def of_light(goals: list[object], part: list[str] | None = None) -> Dataset:
    """Grey pictures, ever lighter, each with a number or a class, perhaps in folders of parts."""
    levels, files = np.linspace(20, 240, len(goals)), {}
    for n, level in enumerate(levels):
        grey = np.full(400, int(level), np.uint8) + (np.arange(400) < level % 1 * 400)
        name = f"{part[n]}/{n:03}.png" if part else f"{n:03}.png"
        files[name] = encoded(grey.astype(np.uint8).reshape(20, 20))
    lines = [f"{name},{goal}" for name, goal in zip(files, goals, strict=True)]
    files["metadata.csv"] = "\n".join(["file_name,goal", *lines]).encode()
    return read(zipped(new_folder() / "light.zip", files)).with_roles(target="goal", id="image")


@pytest.mark.parametrize(
    ("goals", "by"),
    [
        ([2.5 * n + (n % 3) / 10 for n in range(120)], "leakage"),  # numbers, none of which ten images have
        ([n // 12 for n in range(120)], "images"),  # numbers that are classes
        ([f"c{n // 12}" for n in range(120)], "images"),
        ([f"c{n // 10}" for n in range(110)] + ["rare"] * 9, "images"),
        ([f"c{n // 10}" for n in range(510)], ""),  # more than 50 classes: no analysis is sure of one
    ],
)
def test_a_measure_is_said_to_predict_the_target_by_the_analysis_that_can(
    goals: list[object], by: str
) -> None:
    """Of a target of numbers no analysis said it, and a note led to Issues, which did not either."""
    data = of_light(goals)
    images = [f for f in run("imagequality", data).findings if f.code == "image_content"]
    assert ["image_brightness" in f.columns for f in images] == [True] * (by == "images")
    found = run("leakage", data)
    leaks = [f for f in found.findings if f.code in ("single_feature", "single_class")]
    assert any("image_brightness" in f.columns for f in leaks) == (by == "leakage")
    assert all((f.action, f.fix) == ("", "") and "Look at the images" in f.suggestion for f in leaks)
    assert any("Issues says which predict 'goal'" in note for note in found.notes) == (by == "images")
    related = run("association", data)
    pairs = [{*f.columns, *f.beside} for f in related.findings]
    assert ({"image_brightness", "goal"} in pairs) == (by != "images")
    said = "with 'goal' is no finding here either: Issues says"
    assert any(said in note for note in related.notes) == (by == "images")


def test_a_measure_that_predicts_another_column_than_the_target_is_a_leak_of_it() -> None:
    """Issues is of the target of the data alone."""
    data = of_light([f"c{n // 40}" for n in range(120)]).with_roles(target=None)
    found = run("leakage", data, {"target": "goal"})
    assert any("image_brightness" in f.columns for f in found.findings)
    assert not any("Issues says" in note for note in found.notes)


def test_a_leak_of_the_persons_columns_is_not_lost_among_measures() -> None:
    """Of a target of numbers measures are leaks, too, and one finding, as they are of the same images."""
    level = [20 + n for n in range(120)]
    files = {f"{n:03}.png": encoded(np.full((20, 20), level[n], np.uint8)) for n in range(120)}
    draw = np.random.default_rng(0)
    lines = [
        f"{name},{level[n] * 1.5},{level[n] + n % 2 * 0.4},{draw.normal()}" for n, name in enumerate(files)
    ]
    files["metadata.csv"] = "\n".join(["file_name,goal,lamp,noise", *lines]).encode()
    data = read(zipped(new_folder() / "lamp.zip", files)).with_roles(target="goal", id="image")
    result = run("leakage", data)
    found = result.findings
    assert {*result.frame()["column"]} == {"lamp", found[0].columns[0], found[1].columns[0]}
    [flagged] = [one for one in figure(result).data if one.name == "flagged"]
    assert {one.rpartition(": ")[0] for one in flagged.customdata} == {
        "lamp",
        "image_brightness",
        "image_darkest",
        "image_brightest",
    }
    assert {(f.code, f.severity, f.action) for f in found} == {
        ("single_feature", "critical", "omit"),
        ("single_feature", "critical", ""),
    }
    [light] = [f for f in found if f.columns != ("lamp",)]
    assert {*light.columns} == {"image_brightness", "image_darkest", "image_brightest"}
    first, *others = light.columns
    assert light.title.startswith(f"{first!r} predicts the target on its own: single-feature R² of ranks 1.")
    assert light.title.endswith(f"; so do {others[0]!r} and {others[1]!r}.")


def test_the_number_of_frames_is_held_against_the_label() -> None:
    """It is measured, too, and no analysis said that it gives the label away."""
    draw, files = np.random.default_rng(2), {}
    for n in range(40):
        label, frames = ("still", "moving")[n % 2], []
        for _ in range(1 + n % 2):
            frames.append(Image.fromarray(draw.integers(0, 256, (20, 20, 3)).astype(np.uint8)))
        held = io.BytesIO()
        frames[0].save(held, "GIF", save_all=True, append_images=frames[1:])
        files[f"{label}/{n:02}.gif"] = held.getvalue()
    data = read(zipped(new_folder() / "gif.zip", files)).with_roles(target="label", id="image")
    [found] = [f for f in run("imagequality", data).findings if f.code == "image_shortcut"]
    assert "image_frames" in found.columns


@pytest.mark.parametrize(("serve", "judged"), [(9, False), (12, True)])
def test_shifts_of_measures_are_findings_where_issues_cannot_say_them(serve: int, judged: bool) -> None:
    part = ["train"] * (220 - serve) + ["serve"] * serve
    data = of_light(["a"] * 220, part).with_split(PartSplit("value", column="part", value="serve"))
    images = [f for f in run("imagequality", data).findings if f.code in ("image_light", "image_source")]
    result = run("shift", data)
    moved = {column for f in result.findings for column in f.columns} & set(data.measured)
    assert bool(images) == judged == any("Issues" in note for note in result.notes)
    assert ("image_brightness" in moved) == (not judged)


def test_gaps_of_measures_alone_have_their_cause_in_the_headline() -> None:
    """That no cause stood out stood above a chart in which one had an AUC of 1."""
    draw = np.random.default_rng(0)
    pictures = [draw.integers(0, 256, (40, 40, 3)).astype(np.uint8) for _ in range(60)]
    files = {
        f"{n:03}.{'jpg' if n % 2 else 'png'}": encoded(one, "JPEG" if n % 2 else "PNG")
        for n, one in enumerate(pictures)
    }
    result = run("missingness", read(zipped(new_folder() / "m.zip", files)))
    assert isinstance(result, MissingnessResult)
    gappy = len(result.gaps)
    assert gappy == len(result.measured) and "image_jpeg_quality" in result.measured
    which, has = ("it is", "column has") if gappy == 1 else ("all are", "columns have")
    assert result.calm == (
        f"{gappy} {has} gaps; {which} measured of images, and missing where that cannot be done"
    )
    assert not any("Not checked" in note for note in result.notes) and result.unchecked == ""
