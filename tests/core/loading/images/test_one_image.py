"""One image that was not put into an archive: a set of one."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest

from core.cli import main
from core.errors import LoadError
from core.limits import IMAGE_MB
from core.run import run
from tests.core.loading.images.reading import read
from tests.core.loading.images.test_layouts import column
from tests.images import encoded, picture

FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF")


@pytest.mark.parametrize("format", FORMATS)
def test_an_image_alone_is_a_set_of_one_whatever_it_is_called(format: str, tmp_path: Path) -> None:
    content = encoded(picture(3), format)
    (tmp_path / "one.jpg").write_bytes(content)
    data = read(tmp_path / "one.jpg")
    assert data.rows == 1 and column(data, "image") == ["one.jpg"] and data.pictures is not None
    assert column(data, "image_width") == [40] and column(data, "image_format") == [format]
    assert data.pictures.original(0) == content
    (tmp_path / "table.csv").write_bytes(content)
    [called] = column(read(tmp_path / "table.csv"), "image")
    assert called.startswith("table.csv.") and called != "table.csv."
    assert run("imagequality", data).status.state == "ok"
    assert read(tmp_path / "one.jpg", serve=tmp_path / "table.csv").parts == {"train": 1, "serve": 1}


def test_an_image_alone_that_cannot_be_read_is_refused_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "cut.jpg"
    path.write_bytes(encoded(np.random.default_rng(0).integers(0, 255, (90, 90, 3), np.uint8), "JPEG")[:900])
    with pytest.raises(LoadError, match=r"cut\.jpg should be an image, or hold one, but it cannot be read"):
        read(path)
    (tmp_path / "text.jpg").write_bytes(b"BMI,age\n20,3\n")
    assert read(tmp_path / "text.jpg").names == ("BMI", "age")
    monkeypatch.setenv(IMAGE_MB.env, "1")
    (tmp_path / "large.bmp").write_bytes(encoded(np.zeros((700, 700, 3), np.uint8), "BMP"))
    with pytest.raises(LoadError, match="large"):
        read(tmp_path / "large.bmp")


def test_an_image_alone_is_exported_and_its_recipe_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WINNOW_HOME", str(tmp_path / "home"))
    path = tmp_path / "one.png"
    path.write_bytes(encoded(picture(3)))
    assert main(["export", str(path), "--out", str(tmp_path / "whole")]) == 0
    with zipfile.ZipFile(tmp_path / "whole" / "images.zip") as made:
        assert made.read("one.png") == path.read_bytes()
    recipe, out = tmp_path / "whole" / "recipe.json", tmp_path / "a.parquet"
    again = ["apply", str(recipe), str(path), "--out", str(out)]
    assert main(again) == 0
    assert out.read_bytes() == (tmp_path / "whole" / "cleaned.parquet").read_bytes()
