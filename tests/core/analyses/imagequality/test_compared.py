"""Images to look at where a property predicts the label or the part."""

from __future__ import annotations

import cv2
import numpy as np

from core.analyses.imagequality.compared import ClassesCompared, compared, furthest
from core.dataset import Dataset
from core.dataset.split import PartSplit
from core.decision import Decision
from core.prepare.image_measures import CALLED
from core.prepare.images_judged import COLUMNS
from core.rowset import RowSet
from tests.core.analyses.imagequality.test_imagequality import photo, result
from tests.core.loading.images.reading import read
from tests.core.loading.reading import new_folder
from tests.core.steps.acting import after
from tests.images import encoded, zipped


def of_finding(data: Dataset, code: str) -> ClassesCompared:
    found = result(data)
    [finding] = [finding for finding in found.findings if finding.code == code]
    between = compared(data, found, finding)
    assert between is not None
    return between


def lit(shares: dict[str, float], each: int = 30) -> dict[str, bytes]:
    """Pictures of each class in another light."""
    return {
        f"{name}/{i:02d}.png": encoded((photo(100 * at + i) * share).astype(np.uint8))
        for at, (name, share) in enumerate(shares.items())
        for i in range(each)
    }


def test_the_darkest_and_the_brightest_class_lie_furthest_apart() -> None:
    files = lit({"dusk": 0.6, "noon": 1.0, "night": 0.4, "day": 0.8}) | {"noon/broken.png": b"none"}
    data = read(zipped(new_folder() / "a.zip", files)).with_roles(target="label")
    between = of_finding(data, "image_content")
    assert [between.classes[one] for one in between.pair] == ["night", "noon"]
    assert sorted(between.classes) == ["day", "dusk", "night", "noon"] and between.enough.size == 4
    frame = data.frame(["image", "label", between.column])
    for which, beside in (between.pair, between.pair[::-1]):
        ids = between.typical(which, beside)
        own = frame[(frame["label"] == between.classes[which]) & frame[between.column].notna()]
        assert set(ids.tolist()) == set(own.index) and len(ids) == 30, "readable images of the class"
        values = frame[between.column].loc[ids].to_numpy()
        middle = float(np.median(values))
        assert values[0] == values[np.argmin(np.abs(values - middle))]
        assert {values.min(), values.max()} <= set(values[-2:]), "the ends come last"
        assert between.usual(which, beside) == f"median {middle:.4g}"
        assert between.in_words(ids[:2]) == [f"{one:.4g}" for one in values[:2]]


def test_rows_that_a_step_made_of_others_are_not_among_the_images() -> None:
    source = read(zipped(new_folder() / "a.zip", lit({"night": 0.4, "noon": 1.0}))).with_roles(target="label")
    few = np.flatnonzero(np.asarray(source.table(["label"])["label"].to_pylist()) == "night")[:9]
    data, _ = after(
        source,
        Decision("drop", RowSet(few)),
        Decision("add_rows", RowSet(), settings={"how": "balance", "by": "label"}),
    )
    assert data.rows == 60 and len(data.copies) == 9
    between = of_finding(data, "image_content")
    assert sorted(between.typical(one, 1 - one).size for one in between.pair) == [21, 30]


def test_of_words_the_commonest_stands_for_a_class() -> None:
    jpeg = {f"sick/{i:02d}.jpg": encoded(photo(i), "JPEG", quality=92) for i in range(40)}
    mixed = {f"well/{i:02d}.png": encoded(photo(i + 50)) for i in range(36)}
    mixed |= {f"well/{i:02d}.bmp": encoded(photo(i + 90), "BMP") for i in range(4)}
    data = read(zipped(new_folder() / "a.zip", jpeg | mixed)).with_roles(target="label")
    between = of_finding(data, "image_shortcut")
    assert between.column == "image_format" and between.said == "'image_format'"
    assert {between.classes[one]: between.usual(one, 1 - one) for one in between.pair} == {
        "sick": "JPEG in 100%",
        "well": "PNG in 90%",
    }
    well = between.typical(between.classes.index("well"), between.classes.index("sick"))
    assert between.in_words(well) == ["PNG"] * 36 + ["BMP"] * 4


def test_train_and_serve_are_compared_and_unreadable_images_are_in_neither() -> None:
    files = {f"train/{name}": one for name, one in lit({"x": 0.6}).items()}
    files |= {f"serve/{name}": one for name, one in lit({"x": 1.0}).items()}
    files |= {"serve/x/broken.png": b"none", "train/x/broken.png": b"none"}
    data = read(zipped(new_folder() / "a.zip", files)).with_split(PartSplit("value", 0, "part", "serve"))
    between = of_finding(data, "image_light")
    assert between.classes == ("train", "serve") and between.pair == (0, 1)
    assert [between.typical(one, 1 - one).size for one in between.pair] == [30, 30]
    parts = data.table(["part"]).column(0).to_pylist()
    assert {parts[row] for row in between.typical(1, 0)} == {"serve"}


def test_a_finding_that_has_rows_compares_nothing() -> None:
    files = lit({"a": 1.0, "b": 1.0}) | {"a/plain.png": encoded(np.full((96, 128, 3), 90, np.uint8))}
    data = read(zipped(new_folder() / "a.zip", files)).with_roles(target="label")
    found = result(data)
    [blank] = [finding for finding in found.findings if finding.code == "image_blank"]
    assert compared(data, found, blank) is None


def test_a_property_of_two_columns_is_called_what_it_is() -> None:
    """A shape that predicts the label was told as the width, which does not."""
    sides = [(2 * side, side) for side in np.geomspace(16, 64, 40).astype(int).tolist()]
    files = {
        f"{name}/{i:02d}.png": encoded(cv2.resize(photo(i), size if name == "wide" else size[::-1]))
        for name in ("wide", "tall")
        for i, size in enumerate(sides)
    }
    data = read(zipped(new_folder() / "a.zip", files)).with_roles(target="label")
    [title] = [found.title for found in result(data).findings if found.code == "image_shortcut"]
    assert title.startswith("'image_width' by 'image_height' predicts 'label' on its own")
    between = of_finding(data, "image_shortcut")
    assert between.said == "'image_width' by 'image_height'" and between.column == "image_width"
    assert [between.classes[one] for one in between.pair] == ["tall", "wide"]
    assert [between.usual(one, 1 - one) for one in between.pair] == ["median 0.5", "median 2"]


def of_values(
    values: dict[str, list[float]], words: tuple[str, ...] = (), pair: tuple[int, int] = (0, 1)
) -> ClassesCompared:
    """Classes with these values of a property, or places of words."""
    codes = np.repeat(np.arange(len(values)), [len(own) for own in values.values()])
    return ClassesCompared(
        said="'image_frame'",
        column="image_frame",
        values=np.concatenate([np.asarray(own, float) for own in values.values()]),
        words=words,
        codes=codes,
        classes=tuple(values),
        enough=np.arange(len(values)),
        pair=pair,
    )


def test_classes_of_one_median_differ_in_the_share_beyond_it_and_show_that_first() -> None:
    """Beside "median 1" stood "median 1", and pictures of 1 beside pictures of 1."""
    between = of_values({"many": [1.0] * 12 + [3.0, 5.0, 5.0, 7.0] * 2, "few": [1.0] * 19 + [5.0]})
    assert between.usual(0, 1) == "median 1, above 1 in 40%"
    assert between.usual(1, 0) == "median 1, above 1 in 5%"
    shown = between.in_words(between.typical(0, 1))
    assert shown[:4] == ["5"] * 4 and sorted(shown[4:8]) == ["3", "3", "7", "7"] and shown[8:] == ["1"] * 12
    assert between.in_words(between.typical(1, 0)) == ["1"] * 19 + ["5"]


def test_classes_of_one_median_differ_in_the_share_without_the_property() -> None:
    nan = np.nan
    between = of_values({"some": [nan] * 4 + [90.0] * 6, "all": [90.0] * 10, "none": [nan] * 9 + [90.0]})
    assert (between.usual(0, 1), between.usual(1, 0)) == ("median 90, none in 40%", "median 90, none in 0%")
    assert (between.usual(2, 1), between.usual(1, 2)) == ("none in 90%", "median 90")
    assert between.in_words(between.typical(0, 1)[:4]) == ["none"] * 4
    both = of_values({"one": [nan] * 6 + [1.0] * 4, "two": [nan] * 6 + [9.0] * 4})
    assert (both.usual(0, 1), both.usual(1, 0)) == (
        "none in 60%, above 1 in 0%",
        "none in 60%, above 1 in 40%",
    )


def test_classes_of_one_commonest_word_show_the_one_that_each_has_more_of() -> None:
    words = ("BMP", "JPEG", "PNG")
    between = of_values({"clean": [2.0] * 10, "mixed": [2.0] * 6 + [1.0] * 3 + [0.0]}, words)
    assert (between.usual(0, 1), between.usual(1, 0)) == ("PNG in 100%", "JPEG in 30%")
    assert between.in_words(between.typical(1, 0)[:3]) == ["JPEG"] * 3


def test_of_words_the_pair_with_the_least_in_common_is_taken_whatever_their_alphabet() -> None:
    """By the alphabet the halves at both of its ends lie half as far from the middle as they are."""
    values = np.array([0.0, 2.0] * 10 + [1.0] * 20 + [0.0] * 14 + [1.0] * 6)
    codes = np.repeat([0, 1, 2], 20)
    assert set(furthest(values, codes, np.arange(3), words=True)) == {0, 1}
    assert set(furthest(values, codes, np.arange(3))) == {1, 2}


def test_shares_are_of_the_values_as_they_are_printed() -> None:
    """Of a class whose median was printed as 1, and was 1.00002, stood "above 1 in 100%"."""
    between = of_values({"many": [1.00001] * 6 + [5.0] * 4, "few": [1.00002] * 9 + [5.0]})
    assert between.usual(0, 1) == "median 1, above 1 in 40%"
    assert between.usual(1, 0) == "median 1, above 1 in 10%"
    assert between.in_words(between.typical(0, 1)) == ["5"] * 4 + ["1"] * 6
    assert between.in_words(between.typical(1, 0)) == ["1"] * 9 + ["5"]
    large = of_values({"many": [1234.4] * 6 + [1234.6] * 4, "few": [1233.9] * 9 + [1235.2]})
    assert (large.usual(0, 1), large.usual(1, 0)) == (
        "median 1,234, above 1,234 in 40%",
        "median 1,234, above 1,234 in 10%",
    )


def test_no_share_stands_where_it_would_be_the_same() -> None:
    between = of_values({"a": [1.00001] * 10, "b": [1.00002] * 10})
    assert between.usual(0, 1) == between.usual(1, 0) == "median 1"
    assert sorted(between.typical(0, 1)) == [*range(10)]


def test_where_medians_do_not_set_two_classes_apart_the_side_that_does_is_shown_first() -> None:
    """Of two lights in each part, of which serve lacks the brightest, both stood first in both."""
    dark, bright = [0.30, 0.31, 0.32, 0.33, 0.34, 0.35], [0.80, 0.81, 0.82, 0.83, 0.84]
    grey = [0.60, 0.61, 0.62, 0.63, 0.64]
    between = of_values({"train": dark + bright, "serve": [one - 0.005 for one in dark] + grey})
    assert between.usual(0, 1) == "median 0.35, above 0.64 in 45.5%"
    assert between.usual(1, 0) == "median 0.345, above 0.64 in 0%"
    assert between.set_apart(0, 1) and between.set_apart(1, 0)
    shown = between.in_words(between.typical(0, 1))
    assert shown[0] == "0.82" and set(shown[:5]) == {"0.8", "0.81", "0.82", "0.83", "0.84"}
    assert between.order(0, 1) == (
        "First the 5 above 0.64, of which it has more; nearest to their median (0.82) first"
    )
    assert between.order(1, 0) == (
        "First the 11 up to 0.64, of which it has more; nearest to their median (0.345) first"
    )


def test_where_medians_set_two_classes_apart_those_nearest_to_them_stand_first() -> None:
    between = of_values({"low": [1.0, 2.0, 3.0, 4.0, 5.0], "high": [4.0, 5.0, 6.0, 7.0, 8.0]})
    assert (between.usual(0, 1), between.usual(1, 0)) == ("median 3", "median 6")
    assert between.order(0, 1) == "Nearest to the median first" and not between.set_apart(0, 1)
    assert between.in_words(between.typical(0, 1))[0] == "3"


def test_the_order_is_by_distance_in_value_as_its_words_say() -> None:
    """By places among all values 0.1373 stood before 0.502, where the median was 0.4745."""
    of = [0.02, 0.1373, 0.4745, 0.502, 0.62]
    between = of_values({"low": of, "high": [0.503, 0.51, 0.52, 0.61, 0.63, 0.64, 0.65]})
    assert between.usual(0, 1) == "median 0.4745" and between.order(0, 1) == "Nearest to the median first"
    assert between.in_words(between.typical(0, 1)) == ["0.4745", "0.502", "0.62", "0.1373", "0.02"]


def test_the_order_says_what_stands_first_without_a_value_and_of_words() -> None:
    nan = np.nan
    between = of_values({"some": [nan] * 4 + [90.0] * 6, "all": [90.0] * 10})
    assert between.order(0, 1) == "First the 4 without a value, of which it has more"
    assert between.order(1, 0) == (
        "First the 10 with a value, of which it has more; nearest to their median (90) first"
    )
    words = of_values({"clean": [2.0] * 10, "mixed": [2.0] * 6 + [1.0] * 4}, ("BMP", "JPEG", "PNG"))
    assert (words.order(0, 1), words.order(1, 0)) == ("First those of PNG", "First those of JPEG")


def test_the_median_of_an_even_number_lies_between_the_two_in_the_middle() -> None:
    """Of 1, 2, 4 and 9 stood "median 2", the lower of the two."""
    between = of_values({"low": [1.0, 2.0, 4.0, 9.0], "high": [20.0, 30.0, 50.0, 90.0]})
    assert (between.usual(0, 1), between.usual(1, 0)) == ("median 3", "median 40")
    assert sorted(between.in_words(between.typical(0, 1)[:2])) == ["2", "4"]


def test_classes_whose_medians_are_the_same_number_are_not_set_apart_by_them() -> None:
    """Their lower middle ones, 2 and 2.9, seemed to be."""
    between = of_values({"wide": [1.0, 1.0, 2.0, 4.0, 8.0, 8.0], "narrow": [2.5, 2.8, 2.9, 3.1, 3.2, 3.3]})
    assert between.usual(0, 1) == "median 3, above 2 in 50%"
    assert between.usual(1, 0) == "median 3, above 2 in 100%"


def test_a_property_is_called_by_the_column_that_its_link_leads_to() -> None:
    """ "File size per pixel" stood above "Values of 'image_bytes' on Profile"."""
    for property_, words in CALLED.items():
        assert f"'{COLUMNS[property_]}'" in words
