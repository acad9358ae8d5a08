"""Images that cannot be read take no part where rows are compared by their pictures: all other rows get what
they get in an archive without them.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from core.dataset import Dataset
from core.dataset.split import PartSplit
from core.decided import as_decided
from core.decision import Decision
from core.prepare.around import surroundings
from core.review import Review
from core.rowset import RowSet
from core.run import run
from core.vectors import detach, from_pictures
from tests.core.loading.images.reading import read
from tests.core.loading.reading import new_folder
from tests.images import encoded, picture, zipped

LEFT_OUT = "3 images that cannot be read are left out."


@cache
def data(broken: bool) -> Dataset:
    """Sixty images of train and forty of serve, which are larger things in brighter light."""
    files = {f"train/{i:03d}.png": encoded(picture(i, 64, 48, 30)) for i in range(60)}
    files |= {f"serve/{i:03d}.png": encoded(picture(i, 64, 48, 6)) for i in range(100, 140)}
    if broken:
        cut = encoded(picture(900, 64, 48, 30))[:200]
        files |= {"train/000x.png": b"no image", "train/033x.png": cut, "serve/110x.png": b"none"}
    loaded = read(zipped(new_folder() / "a.zip", dict(sorted(files.items()))))
    return from_pictures(loaded).with_split(PartSplit("value", 0, "part", "serve"))


@cache
def found(name: str, broken: bool, **settings: Any) -> Any:
    return run(name, data(broken), settings)


@cache
def there() -> np.ndarray:
    known = ~data(True).without_picture()
    assert (known.size, known.sum()) == (103, 100)
    return known


def test_they_have_no_place_on_the_map() -> None:
    whole, clean = found("projection", True, method="pca"), found("projection", False, method="pca")
    assert LEFT_OUT in whole.notes and not [note for note in clean.notes if "left out" in note]
    for name in ("x", "y", "mixing"):
        values = getattr(whole, name)
        assert np.isnan(values[~there()]).all() and values.size == 103
        np.testing.assert_allclose(np.abs(values[there()]), np.abs(getattr(clean, name)), atol=2e-3)
    assert whole.hollow.sum() == clean.hollow.sum() and not whole.hollow[~there()].any()
    assert whole.landmark.sum() == 100 and whole.summary["rows"] == 100
    assert whole.serve.sum() == 41, "a row is of its part whether its image can be read or not"


def test_they_are_neither_supported_nor_unsupported_and_weigh_nothing() -> None:
    whole, clean = found("overlap", True), found("overlap", False)
    assert LEFT_OUT in whole.notes
    assert (whole.case.train, whole.case.serve) == (60, 40) == (clean.case.train, clean.case.serve)
    assert np.isnan(whole.support_p[~there()]).all() and np.isnan(whole.weight[~there()]).all()
    np.testing.assert_allclose(whole.support_p[there()], clean.support_p, atol=1e-6)
    assert np.flatnonzero(whole.unsupported).tolist() == whole.case.unsupported.ids.tolist()
    assert not whole.unsupported[~there()].any() and (whole.segment[~there()] == -1).all()
    assert whole.rows()["part"].value_counts().to_dict() == {"train": 62, "serve": 41}


def test_they_are_no_outliers() -> None:
    whole, clean = found("outliers", True), found("outliers", False)
    assert LEFT_OUT in whole.notes and np.isnan(whole.score[~there()]).all()
    assert np.flatnonzero(there())[clean.flagged].tolist() == np.flatnonzero(whole.flagged).tolist()
    assert [found.n for found in whole.findings] == [100] * len(clean.findings)
    assert whole.summary["rows"] == 100 and 0 < whole.summary["largest_score"] <= 1
    assert there()[whole.worded].all()


def test_they_are_neighbours_of_none_and_have_none() -> None:
    around = surroundings(data(True), RowSet())
    assert around.rows.size == 100 and around.note == LEFT_OUT
    lost = set(np.flatnonzero(~there()).tolist())
    for row in range(103):
        near = around.nearest(row)[0].tolist()
        assert len(near) == (0 if row in lost else 5) and not lost & set(near)


def test_compared_by_columns_they_take_part() -> None:
    by_columns = detach(data(True))
    assert np.isfinite(run("projection", by_columns, {"method": "pca"}).x).all()  # type: ignore[attr-defined]
    asked = run("outliers", data(True), {"columns": ("part", "image_width")})
    assert np.isfinite(asked.score).all()  # type: ignore[attr-defined]


def test_rows_that_were_dropped_shift_none_of_the_others() -> None:
    dropped = as_decided(data(True), Review().say(Decision("drop", RowSet([0, 1, 2]))))
    whole = run("projection", dropped, {"method": "pca"})
    own = ~dropped.without_picture()
    assert dropped.rows == 100 and 97 <= own.sum() <= 100
    assert (np.isfinite(whole.x) == own).all()  # type: ignore[attr-defined]


@pytest.mark.parametrize("layer", ["parts", "ratio", "mixing", "flat", "support", "column"])
def test_no_point_is_drawn_of_them(layer: str) -> None:
    from components.figures.overlap_map import overlap_map

    chosen = (layer, "image_width" if layer == "column" else "")
    figure = overlap_map(data(True), found("projection", True, method="pca"), found("overlap", True), chosen)
    drawn = [trace.customdata for trace in figure.data if trace.customdata is not None]
    assert set(np.concatenate(drawn).tolist()) == set(np.flatnonzero(there()).tolist())
    if layer == "parts":
        assert {"Train (60)", "Serve (40)"} <= {trace.name for trace in figure.data}


def test_measures_of_images_are_not_imputed_and_it_is_said_why() -> None:
    found = run("missingness", data(True))
    assert {"image_width", "image_brightness"} <= {gap.name for gap in found.gaps}  # type: ignore[attr-defined]
    assert not found.effects and found.code == ""  # type: ignore[attr-defined]
    [said] = [note for note in found.notes if note.startswith("Neither predicted nor imputed")]
    assert "the image could not be read (3 images)" in said
    assert not [note for note in found.notes if note.startswith("Dates, texts")]


def test_other_columns_of_images_are_imputed() -> None:
    """A column of the manifest beside measures that have gaps, too."""
    names = [f"{i:03d}.png" for i in range(60)]
    weights = ["" if i % 4 == 0 else str(i % 7) for i in range(60)]
    table = "file,weight\n" + "".join(f"{one},{weight}\n" for one, weight in zip(names, weights, strict=True))
    files = {name: encoded(picture(i, 64, 48, 30)) for i, name in enumerate(names)} | {"003.png": b"none"}
    found = run("missingness", read(zipped(new_folder() / "a.zip", files | {"list.csv": table.encode()})))
    assert {one.column for one in found.effects} == {"weight"}  # type: ignore[attr-defined]
