"""What Winnow measures of pictures raises no alerts about itself; the columns that a person gave do."""

import numpy as np
import pytest

from core.analyses.profile.result import Profile
from core.dataset import Dataset
from core.loading.images.taking import PictureFacts
from core.run import run
from tests.core.loading.images.reading import read
from tests.core.loading.reading import new_folder
from tests.images import encoded, zipped
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
    import pandas as pd

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


def test_equal_columns_are_of_the_persons_columns_alone(data: Dataset) -> None:
    found = [f for f in run("duplicates", data).findings if f.code == "duplicate_columns"]
    assert [set(f.columns) <= {"image_id", "shelf"} for f in found] == [True]
