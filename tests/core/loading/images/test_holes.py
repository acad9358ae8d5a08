"""Zeros in the midst of a JPEG are found where no encoder writes them, and nowhere else."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.loading.images.decode import ImageError, decode
from core.loading.images.holes import RUN, hole
from tests.core.loading.images.reading import read
from tests.images import encoded, picture, zipped

WHOLE = encoded(picture(3, 200, 150), "JPEG", quality=90)


def holed(content: bytes, many: int, at: float = 0.5) -> bytes:
    """With so many zeros at a share of the way from the start of its last scan to the end."""
    first = content.rindex(b"\xff\xda") + 14
    start = first + round(at * (len(content) - 2 - many - first))
    return content[:start] + bytes(many) + content[start + many :]


@pytest.mark.parametrize("at", [0.0, 0.3, 1.0])
def test_a_hole_is_found_wherever_it_lies_and_the_image_is_listed(at: float, tmp_path: Path) -> None:
    broken = holed(WHOLE, 200, at)
    Image.open(io.BytesIO(broken)).load()  # Pillow reads it without a word
    assert 200 <= hole(broken) <= 203
    with pytest.raises(ImageError, match=r"damaged \(20\d bytes in a row of its picture are zeros\)"):
        decode(broken)
    data = read(zipped(tmp_path / "a.zip", {"0.jpg": WHOLE, "1.jpg": broken}))
    [found] = [finding for finding in data.loading if finding.code == "unreadable_images"]
    assert found.rows.ids.tolist() == [1]


def test_few_zeros_and_those_outside_of_the_picture_are_none() -> None:
    assert hole(holed(WHOLE, RUN - 8)) == 0 and hole(WHOLE) == 0
    assert hole(WHOLE + bytes(5_000)) == 0, "behind its end"
    comment = b"\xff\xfe" + (502).to_bytes(2, "big") + bytes(500)
    assert hole(WHOLE[:2] + comment + WHOLE[2:]) == 0, "in a segment"
    cut = WHOLE[: len(WHOLE) // 2] + bytes(5_000)
    assert hole(cut) >= 5_000, "a download that stopped, in a file of its full length"


@pytest.mark.parametrize("how", [{}, {"optimize": True}, {"progressive": True}, {"restart_marker_blocks": 3}])
@pytest.mark.parametrize("quality", [5, 75, 100])
def test_whole_images_have_no_holes(quality: int, how: dict[str, int]) -> None:
    even = Image.new("RGB", (3000, 2000), (127, 127, 127))
    slope = np.tile(np.linspace(255, 0, 4096).astype(np.uint8), (64, 1))
    for one in (
        even,
        even.convert("L"),
        even.convert("CMYK"),
        slope,
        picture(1, 90, 70),
        picture(2, 300, 200),
    ):
        content = encoded(one, "JPEG", quality=quality, **how)
        assert hole(content) == 0
        assert decode(content).facts.format == "JPEG"


def test_zeros_that_can_be_an_even_area_or_a_refinement_are_not_accused() -> None:
    even = Image.new("L", (8000, 2000), 255)
    content = encoded(even, "JPEG", optimize=True)
    assert bytes(RUN) in content and hole(content) == 0, "each code of it is a single zero"
    assert hole(holed(encoded(picture(3, 300, 200), "JPEG", progressive=True), 200)) == 0


def test_bytes_that_are_no_jpeg_have_none() -> None:
    for content in (
        b"",
        bytes(5_000),
        b"\xff\xd8" + bytes(5_000),
        b"\xff" * 5_000 + bytes(200),
        b"\xff\xc4\0\0" * 99 + bytes(200),
    ):
        assert hole(content) == 0
