"""Copies of images are found whatever was done to them, and pictures that are none are left alone."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pandas as pd
import pytest

from core.analyses.nearduplicates import findings as said
from core.analyses.nearduplicates.analysis import NearDuplicateResult, _across, _labels, _of_several_labels
from core.analyses.nearduplicates.copies import CopyPairs
from core.analyses.nearduplicates.crops import NO_CROPS, CropPairs, with_crops
from core.analyses.nearduplicates.pictures import BYTES, TALL, WIDE, _copied
from core.dataset import Dataset
from core.decided import as_decided
from core.decision import Decision
from core.resolved import Resolved, resolved
from core.review import Review
from core.rowset import RowSet
from core.run import run
from core.steps import settle
from tests.core.loading.images.reading import read
from tests.core.loading.reading import new_folder
from tests.core.steps.acting import after, rule
from tests.images import encoded, picture, zipped
from tests.make import dataset


@cache
def photo(seed: int) -> np.ndarray:
    return picture(seed, 120, 90, 25)


def loaded(given: list[Any], labels: str = "", serve: list[Any] | None = None) -> Dataset:
    def files(some: list[Any]) -> dict[str, bytes]:
        return {
            f"{labels[i] if labels else 'x'}/{i:04d}.png": one if isinstance(one, bytes) else encoded(one)
            for i, one in enumerate(some)
        }

    path = zipped(new_folder() / "a.zip", files(given))
    data = read(path, serve=None if serve is None else zipped(new_folder() / "b.zip", files(serve)))
    return data.with_roles(target="label") if labels else data


def result(data: Dataset, **settings: Any) -> NearDuplicateResult:
    found = run("nearduplicates", data, settings)
    assert isinstance(found, NearDuplicateResult)
    return found


DONE: dict[str, Callable[[np.ndarray], Any]] = {
    "jpeg 70": lambda one: encoded(one, "JPEG", quality=70),
    "jpeg 30": lambda one: encoded(one, "JPEG", quality=30),
    "half": lambda one: cv2.resize(one, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA),
    "flip": lambda one: np.ascontiguousarray(one[:, ::-1]),
    "upside down": lambda one: np.ascontiguousarray(one[::-1]),
    "quarter turn": lambda one: np.ascontiguousarray(np.rot90(one)),
    "darker": lambda one: (one * 0.85).astype(np.uint8),
}


@pytest.fixture(scope="module")
def copied() -> NearDuplicateResult:
    """120 pictures, the first ten of which come again in each of seven ways."""
    return result(
        loaded([*map(photo, range(120)), *(do(photo(i)) for do in DONE.values() for i in range(10))])
    )


@pytest.mark.parametrize(("place", "what"), list(enumerate(DONE)))
def test_copies_are_found_whatever_was_done_to_them(
    place: int, what: str, copied: NearDuplicateResult
) -> None:
    rows = 120 + 10 * place + np.arange(10)
    assert (copied.group[rows] == np.arange(10)).sum() >= 9, what


def test_pictures_that_are_no_copies_are_left_alone(copied: NearDuplicateResult) -> None:
    assert (copied.group[10:120] >= 0).sum() == 0
    assert {*copied.group[:10].tolist()} <= {-1, *range(10)}


def test_the_largest_and_least_compressed_is_kept(copied: NearDuplicateResult) -> None:
    kept = (copied.group >= 0) & ~copied.excess
    assert kept.sum() == np.unique(copied.group[copied.group >= 0]).size
    half = 120 + 10 * list(DONE).index("half") + np.arange(10)
    assert copied.excess[half][copied.group[half] >= 0].all()
    [found] = [finding for finding in copied.findings if finding.code == "near_duplicates"]
    assert found.action == "drop" and 60 <= len(found.rows) <= 70 and found.severity == "warning"


def test_rows_and_groups_agree(copied: NearDuplicateResult) -> None:
    table = copied.rows()
    assert list(table.columns) == ["row", "group", "distance", "keep", "sure", "conflict", "turned"]
    assert copied.frame()["size"].sum() == table["group"].notna().sum()
    assert set(copied.partners(0).tolist()) == set(np.flatnonzero(copied.group == 0).tolist()) - {0}


def test_how_a_copy_is_turned_beside_the_one_to_keep_is_named() -> None:
    """A picture that looks the same in a mirror, and one that is only darker, are not said to be turned."""
    even = np.ascontiguousarray(np.concatenate([photo(9), photo(9)[:, ::-1]], axis=1))
    turns = {
        "": np.uint8(photo(1) * 0.8),
        "mirrored": photo(2)[:, ::-1],
        "turned by 180°": photo(3)[::-1, ::-1],
        "turned by 90° to the right": cv2.rotate(photo(4), cv2.ROTATE_90_CLOCKWISE),
        "turned by 90° to the left": cv2.rotate(photo(5), cv2.ROTATE_90_COUNTERCLOCKWISE),
        "mirrored top to bottom": photo(6)[::-1],
        "mirrored and turned by 90°": photo(7).transpose(1, 0, 2),
    }
    again = [encoded(np.ascontiguousarray(one), "JPEG", quality=85) for one in turns.values()]
    mirror = encoded(np.ascontiguousarray(even[:, ::-1]), "JPEG", quality=85)
    found = result(loaded([*map(photo, range(30)), even, *again, mirror]))
    assert found.kept_for(np.arange(31, 39)).tolist() == [1, 2, 3, 4, 5, 6, 7, 30]
    assert found.rows()["turned"].tolist() == [""] * 31 + [*turns, ""]
    [copies] = [one for one in found.findings if one.code == "near_duplicates"]
    assert copies.why.endswith("Beside the image to keep, 3 are mirrored and 3 are turned.")


def test_copies_across_the_split_and_with_other_labels_are_told() -> None:
    pictures = [photo(i) for i in range(30)]
    data = loaded([*pictures, encoded(photo(3), "JPEG", quality=80)], "ab" * 15 + "a")
    [conflict] = [f for f in result(data).findings if f.code == "near_duplicates_conflict"]
    assert conflict.rows.ids.tolist() == [3, 16] or len(conflict.rows) == 2
    both = loaded(pictures, serve=[photo(100), np.ascontiguousarray(photo(7)[:, ::-1])])
    [across] = [f for f in result(both).findings if f.code == "near_duplicates_across_parts"]
    assert across.rows.ids.tolist() == [7] and across.severity == "critical", "serve stays as it comes"
    assert result(both).summary["across_parts"] == 1 and across.title.startswith("1 serve image has a copy")


def test_an_exact_copy_is_told_by_duplicates_and_follows_the_group_of_its_like() -> None:
    pictures = [photo(i) for i in range(30)]
    data = loaded([*pictures, photo(3), photo(4)], "ab" * 15 + "aa")  # those of a come first
    told = {f.code: f.rows.ids.tolist() for f in run("duplicates", data).findings}
    assert told == {"conflicting_labels": [15, 18], "duplicate_but_identifier": [16]}
    assert (result(data).group >= 0).sum() == 0
    nearly = loaded([*pictures, photo(3), DONE["flip"](photo(3))], "ab" * 15 + "bb")
    assert np.flatnonzero(result(nearly).group == 16).tolist() == [16, 30, 31]


def torn(pictures: int = 30) -> Dataset:
    """Picture 3 three times: in train as b and as a, in serve as a."""
    train = {f"{'ab'[i % 2]}/{i:04d}.png": encoded(photo(i)) for i in range(pictures)}
    train["a/copy.png"] = train["b/0003.png"]
    serve = {f"{'ab'[i % 2]}/{i:04d}.png": encoded(photo(100 + i)) for i in range(pictures)}
    serve["a/copy.png"] = train["b/0003.png"]
    data = read(zipped(new_folder() / "a.zip", train), serve=zipped(new_folder() / "b.zip", serve))
    return data.with_roles(target="label")


def places(data: Dataset) -> list[int]:
    """The rows of the picture: in train those of a and of b, in serve."""
    names = data.frame(["image"])["image"].to_list()
    copies = [row for row, name in enumerate(names) if name.endswith("copy.png")]
    return [copies[0], names.index("b/0003.png"), copies[1]]


def test_equal_pictures_of_two_labels_are_no_matter_of_chance() -> None:
    data = torn()
    a, b, _ = places(data)
    [conflict] = [f for f in run("duplicates", data).findings if f.code == "conflicting_labels"]
    assert conflict.rows.ids.tolist() == sorted([a, b]) and conflict.severity == "warning"
    assert "one picture" in conflict.suggestion and conflict.action == "relabel"


def test_pictures_whose_measures_are_equal_are_not_equal() -> None:
    """Of a picture and its mirror image all measures are equal; what they show is a feature, too."""
    one = np.full((40, 40, 3), 128, np.uint8)
    one[10:14, 6:30], one[20:34, 12:16] = 250, 30
    mirrored = [encoded(some, "BMP") for some in (one, np.ascontiguousarray(one[:, ::-1]))]
    data = loaded([*mirrored, *(photo(i) for i in range(20))], "ab" * 11)
    names = [name for name in data.measured if data[name].kind != "identifier"]
    assert data.frame(names).duplicated().sum() == 1
    assert run("duplicates", data).findings == ()


def test_no_click_drops_a_row_of_a_group_whose_labels_disagree() -> None:
    data = torn()
    told = [*result(data).findings, *run("duplicates", data).findings]
    rows = {row for f in told if f.action in ("drop", "drop_repeats") for row in f.rows.ids.tolist()}
    assert not rows & set(places(data))
    sent = {f.code: f.rows.ids.tolist() for f in told if f.action == "defer"}
    assert sent["near_duplicates_conflict"] == sorted(places(data))
    assert sent["near_duplicates_across_parts"] == sorted(places(data)[:2])
    (across,) = [f for f in told if f.code == "near_duplicates_across_parts"]
    assert across.title == "1 serve image has 2 copies in train, and 'label' differs among them"
    copied = {f.code: f.copied.ids.tolist() for f in told if f.action == "defer"}
    assert (
        copied["near_duplicates_across_parts"] == [places(data)[2]] and not copied["near_duplicates_conflict"]
    )


def test_a_contradiction_that_goes_on_under_another_name_is_not_resolved() -> None:
    data = torn()
    a, b, served = places(data)

    def became(*steps: Decision) -> dict[str, Resolved]:
        review = Review().say(*steps)
        before, after = (
            [*result(one).findings, *run("duplicates", one).findings]
            for one in (data, as_decided(data, review))
        )
        gone = resolved(before, after, review, settle(review.decisions, data))
        return {one.finding.code: one for one in gone}

    both = became(Decision("drop", RowSet([served])))
    across, conflict = both["near_duplicates_across_parts"], both["near_duplicates_conflict"]
    assert across.mended and across.decisions, "what they were copies of is gone"
    assert not conflict.mended and conflict.left == 2
    assert conflict.within is not None and conflict.within.code == "conflicting_labels"
    mended = became(Decision("drop", RowSet([served])), Decision("relabel", RowSet([b]), "a", column="label"))
    assert mended["near_duplicates_conflict"].mended and mended["conflicting_labels"].mended
    both = became(Decision("drop", RowSet([served, a])))
    assert both["near_duplicates_conflict"].mended and both["conflicting_labels"].mended


def test_plain_and_unreadable_images_are_no_copies_of_each_other() -> None:
    plain = [np.full((50, 60, 3), level, np.uint8) for level in (10, 90, 200)]
    found = result(loaded([*map(photo, range(12)), *plain, b"", b""]))
    assert (found.group >= 0).sum() == 0 and found.compared == 12
    assert found.notes == ("3 plain images not compared.",)


def test_the_order_of_images_changes_nothing() -> None:
    pictures = [*map(photo, range(40)), *(DONE["flip"](photo(i)) for i in range(5))]
    order = np.random.default_rng(0).permutation(45)
    straight, turned = result(loaded(pictures)), result(loaded([pictures[i] for i in order]))
    np.testing.assert_allclose(turned.distance, straight.distance[order], atol=1e-6)
    assert ((turned.group >= 0) == (straight.group[order] >= 0)).all()


def test_a_chain_of_small_steps_makes_no_group_of_everything() -> None:
    """Thirty pictures between two, each a little further: neighbours are alike, the ends are not."""
    steps = [cv2.addWeighted(photo(1), 1 - t, photo(2), t, 0) for t in np.linspace(0, 1, 30)]
    found = result(loaded([*steps, *map(photo, range(10, 40))]))
    sizes = np.bincount(found.group[found.group >= 0])
    assert 2 <= sizes.max() < 20 and found.group[0] != found.group[29]


def lens(sign: str, colour: tuple[int, int, int] = (255, 255, 255)) -> np.ndarray:
    """A magnifier in thin lines on white: what most of it shows is white."""
    drawn = np.full((160, 160, 3), 255, np.uint8)
    cv2.circle(drawn, (90, 60), 30, colour, -1)
    cv2.circle(drawn, (90, 60), 30, (0, 0, 0), 3)
    cv2.line(drawn, (72, 85), (40, 140), (0, 0, 0), 4)
    for way, (start, end) in {"-": ((78, 60), (102, 60)), "|": ((90, 48), (90, 72))}.items():
        if way in sign:
            cv2.line(drawn, start, end, (0, 0, 0), 4)
    return drawn


LENSES = [lens(""), lens("-"), lens("-|"), lens("", (230, 20, 20)), lens("", (20, 160, 20))]


def test_line_drawings_that_differ_by_a_sign_or_a_colour_are_no_copies() -> None:
    """Their descriptions are as near as those of copies: they mostly compare white. The red and the green one
    are the same drawing in another colour, and may be copies; the white one has no colour to exchange.
    """
    found = result(loaded([*LENSES, *map(photo, range(30))]))
    assert not found.sure.any() and np.flatnonzero(found.group >= 0).tolist() == [3, 4]
    assert [finding.code for finding in found.findings] == ["near_duplicates_possible"]


@pytest.mark.parametrize("what", ["jpeg 70", "jpeg 30", "half", "flip", "quarter turn"])
def test_copies_of_line_drawings_are_told_from_drawings_that_are_like_them(what: str) -> None:
    found = result(loaded([*LENSES, *map(photo, range(30)), *map(DONE[what], LENSES)]))
    for place in range(len(LENSES)):
        surely = set(np.flatnonzero(found.sure_group == found.sure_group[place]).tolist())
        assert surely <= {place, 35 + place}, what
        perhaps = set(
            (np.flatnonzero((found.group >= 0) & (found.group == found.group[place])) % 35).tolist()
        )
        assert perhaps <= {place} or perhaps == {3, 4}, what
    assert found.sure[: len(LENSES)].sum() >= 4


def test_what_is_finer_than_the_coarser_picture_does_not_part_copies() -> None:
    """Pictures of 28 pixels, halved: beside 64 pixels their edges are blurred, and no other pictures."""
    whole = [picture(i, 28, 28, 4) for i in range(60)]
    found = result(loaded([*whole, *(DONE["half"](one) for one in whole[:20])]), sure=0.2)
    rows = np.arange(20)
    assert (found.group[60 + rows] == rows).mean() > 0.7
    assert (found.group[20:60] >= 0).sum() == 0


def cut(one: np.ndarray, share: float, seed: int) -> np.ndarray:
    """A part of a picture: so much of either side, from a place drawn at random."""
    draw = np.random.default_rng(seed)
    tall, wide = (round(share * side) for side in one.shape[:2])
    top, left = draw.integers(0, one.shape[0] - tall + 1), draw.integers(0, one.shape[1] - wide + 1)
    return np.ascontiguousarray(one[top : top + tall, left : left + wide])


@pytest.mark.parametrize("share", [0.9, 0.8, 0.7])
def test_parts_cut_out_of_pictures_are_found(share: float) -> None:
    parts = [cut(photo(i), share, i) for i in range(25)]
    found = result(loaded([*map(photo, range(100)), *parts]))
    rows = np.arange(25)
    assert (found.group[100 + rows] == rows).mean() >= 0.8
    assert (found.group[25:100] >= 0).sum() == 0
    wholly = found.group[100 + rows] >= 0
    assert found.excess[100 + rows][wholly].all() and not found.excess[:100].any()  # the whole one is kept
    [told] = [finding for finding in found.findings if finding.code == "near_duplicates_crops"]
    assert set(told.rows.ids.tolist()) <= set((100 + rows).tolist()) and len(told.rows) >= 15
    assert (found.crop & found.sure).sum() == 0 and told.action == "drop"
    off = result(loaded([*map(photo, range(100)), *parts]), parts=False)
    assert not off.crop.any() and (off.group >= 0).sum() < (found.group >= 0).sum()


def test_a_part_in_serve_of_an_image_of_train_is_a_copy_across_the_split() -> None:
    both = loaded([photo(i) for i in range(30)], serve=[photo(100), cut(photo(7), 0.75, 0)])
    [across] = [f for f in result(both).findings if f.code == "near_duplicates_across_parts"]
    assert across.rows.ids.tolist() == [7]
    assert not [f for f in result(both).findings if f.code != "near_duplicates_across_parts"]


def test_of_a_pair_across_the_split_one_is_dropped_and_never_both() -> None:
    """The larger one was kept, of train, which another finding drops: the picture was lost."""
    small = [cv2.resize(photo(i), None, fx=0.8, fy=0.8, interpolation=cv2.INTER_AREA) for i in (7, 9)]
    both = loaded([*map(photo, range(10))], serve=[small[0], photo(100), small[1]])
    found = result(both)
    drops = {f.code: set(f.rows.ids.tolist()) for f in found.findings if f.action == "drop"}
    assert drops["near_duplicates_across_parts"] == {7, 9} == drops["near_duplicates"]
    assert found.kept_for(np.array([7, 9])).tolist() == [10, 12]


def test_what_train_has_too_is_still_a_copy_within_serve() -> None:
    """Train's copy goes; of serve's, a part of another stayed and no finding named it."""
    whole = photo(7)
    data = loaded([photo(i) for i in range(30)], serve=[whole, photo(100), cut(whole, 0.75, 0)])
    found = result(data)
    told = {f.code: f.rows.ids.tolist() for f in found.findings}
    assert told.pop("near_duplicates") == [7] == told["near_duplicates_across_parts"]
    assert told["near_duplicates_crops"] == [32] and np.flatnonzero(found.excess).tolist() == [7, 32]
    drops = (Decision("drop", RowSet(rows)) for rows in told.values())
    assert as_decided(data, Review().say(*drops)).rows == 31


def test_other_pictures_are_no_parts_of_each_other() -> None:
    """Pictures of a few smooth shades and rectangles, of many things, and simple signs of all sizes."""
    signs = []
    for size in range(8, 60, 5):
        signs.append(np.full((120, 120, 3), 255, np.uint8))
        cv2.line(signs[-1], (60 - size, 60), (60 + size, 60), (0, 0, 0), 12)
        cv2.line(signs[-1], (60, 60 - size), (60, 60 + size), (0, 0, 0), 12)
    few, many = (
        [picture(i, 90, 120, 3) for i in range(150)],
        [picture(900 + i, 120, 90, 40) for i in range(150)],
    )
    found = result(loaded([*few, *many, *signs]))
    assert not found.crop.any()


def test_an_image_of_serve_of_which_train_has_a_part_is_told_too() -> None:
    both = loaded([*map(photo, range(30)), cut(photo(100), 0.75, 0)], serve=[photo(100), photo(101)])
    [across] = [f for f in result(both).findings if f.code == "near_duplicates_across_parts"]
    assert across.rows.ids.tolist() == [30] and "whole or in part" in across.title


def test_a_copy_of_a_part_is_a_copy_of_the_part_and_the_whole_is_kept() -> None:
    part = cut(photo(3), 0.75, 0)
    found = result(loaded([*map(photo, range(30)), part, encoded(part, "JPEG", quality=70)]))
    assert np.flatnonzero(found.group == 3).tolist() == [3, 30, 31]
    told = {finding.code: finding.rows.ids.tolist() for finding in found.findings}
    assert told == {"near_duplicates": [31], "near_duplicates_crops": [30]}
    assert found.kept_for(np.array([3, 30, 31])).tolist() == [3, 3, 30] and not found.sure[3]
    assert found.rows()["keep"].tolist() == [True] * 30 + [False] * 2


def test_what_may_be_a_copy_does_not_make_sure_copies_of_others() -> None:
    """Two sure pairs, which are perhaps copies of each other: one of each pair stays when the sure ones go,
    and neither labels nor parts of one pair are held against those of the other.
    """
    frame = pd.DataFrame({WIDE: [90, 80, 70, 100], TALL: [60] * 4, BYTES: [900] * 4, "label": list("aabb")})
    data = dataset(frame[:2], serve=frame[2:])
    one, other = np.array([0, 2, 1]), np.array([1, 3, 2])
    near = CopyPairs(one, other, np.array([0.01, 0.02, 0.15]), np.array([1, 1, 0], bool), np.ones(3, bool))
    nothing = np.zeros(0, np.int64)
    found = _copied(data, np.zeros(4, np.int64), near, NO_CROPS, (nothing, nothing), (4, ()))
    assert found.excess.tolist() == [True, True, True, False], "one of serve is kept"
    assert found.repeated.tolist() == [False, True, True, False]
    assert not _of_several_labels(found.sure_group, _labels(data, "label")).any()
    assert not _across(data, found).any() and _of_several_labels(found.sure_group, _labels(data, WIDE)).all()
    assert _of_several_labels(found.group, _labels(data, "label")).all()


def test_a_part_that_the_groups_keep_apart_from_its_sure_copy_is_told() -> None:
    near = CopyPairs(np.array([0]), np.array([1]), np.array([0.1]), np.ones(1, bool), np.ones(1, bool))
    group, cut = with_crops(np.array([0, 3, 0, 3]), near, CropPairs(np.array([0]), np.array([1])))
    assert cut.part.tolist() == [0] and set(group.tolist()) == {0}


def test_that_parts_are_not_looked_for_without_sizes_is_said() -> None:
    data = loaded([*map(photo, range(20)), cut(photo(3), 0.75, 0)])
    assert result(data).crop.any() and result(data).notes == ()
    without, _ = after(data, rule("omit", WIDE))
    [note] = result(without).notes
    assert note.startswith(f"'{WIDE}' is left out of these data: parts of others were not looked for")


def test_the_whole_is_kept_and_not_a_part_that_was_enlarged() -> None:
    part = cut(photo(3), 0.75, 0)
    found = result(loaded([*map(photo, range(30)), cv2.resize(part, None, fx=2, fy=2)]))
    assert np.flatnonzero(found.group == 3).tolist() == [3, 30] and found.excess[30] and not found.excess[3]


@pytest.mark.parametrize("images", [True, False])
def test_one_copy_is_one_of_another_and_several_are_of_others(images: bool) -> None:
    noun = "image" if images else "row"
    marks = SimpleNamespace(images=images, noun=noun)
    for number, whose in ((1, "another"), (2, "others")):
        mask = np.arange(50) < number
        assert f" of {whose}" in said._copies(marks, mask).title
        assert f"cut out of {whose} (" in said._crops(marks, mask).title
