"""What becomes of pixels: depth, transparency, orientation, frames; and what is measured of them."""

from __future__ import annotations

import base64
import io
import json
import math
import struct
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from core.loading import Options
from core.loading.convert import read_file
from core.loading.images.decode import ImageError, decode
from core.loading.images.measures import measures, shrunk, small_copy
from core.loading.images.number_tiff import number_layout, turned
from core.progress import SILENT
from tests.core.loading.images.reading import read
from tests.core.loading.reading import new_folder
from tests.images import encoded, picture, tarred, zipped


def rgb(content: bytes) -> np.ndarray:
    decoded = decode(content)
    assert decoded.rgb is not None
    return decoded.rgb


@pytest.mark.parametrize("format", ["PNG", "BMP", "GIF", "TIFF", "WEBP"])
def test_lossless_formats_give_their_pixels(format: str) -> None:
    pixels = picture(3) if format != "GIF" else picture(3) // 128 * 128
    how = {"lossless": True} if format == "WEBP" else {}
    assert np.array_equal(rgb(encoded(pixels, format, **how)), pixels)


def test_jpeg_and_cmyk_come_close() -> None:
    smooth = cv2.GaussianBlur(picture(3, 120, 90), (0, 0), 2)
    assert np.abs(rgb(encoded(smooth, "JPEG", quality=95)).astype(int) - smooth).mean() < 2
    cmyk = decode(encoded(Image.fromarray(smooth).convert("CMYK"), "JPEG", quality=95))
    assert cmyk.facts.mode == "CMYK" and cmyk.rgb is not None
    assert np.abs(cmyk.rgb.astype(int) - smooth).mean() < 12


def test_transparent_pixels_are_white() -> None:
    clear = np.dstack([picture(1), np.zeros((30, 40), np.uint8)])
    assert (rgb(encoded(clear)) == 255).all()
    palette = Image.fromarray(picture(1)).quantize(8)
    content = encoded(palette, "PNG", transparency=palette.getpixel((0, 0)))
    assert rgb(content)[0, 0].tolist() == [255, 255, 255]


@pytest.mark.parametrize("depth", [1023, 4095, 65535])
@pytest.mark.parametrize("format", ["PNG", "TIFF"])
def test_a_ramp_of_sixteen_bits_keeps_its_levels(depth: int, format: str, tmp_path: Path) -> None:
    ramp = np.tile(np.linspace(0, depth, 256).astype(np.uint16), (40, 1))
    half = ramp // 2
    files = {f"0.{format.lower()}": encoded(ramp, format), f"1.{format.lower()}": encoded(half, format)}
    data = read(zipped(tmp_path / "a.zip", files))
    assert data.pictures is not None
    small = data.pictures.small()[:, :, :, 0].astype(int)
    assert np.unique(small[0]).size >= 60 and small[0].max() > 250, (
        "64 pixels, nearly as many levels, up to white"
    )
    assert 118 <= small[1].max() <= 130, "scaled as the set is, not each image by itself"
    [found] = [finding for finding in data.loading if finding.code == "deep_images"]
    assert f"{depth:,} as white" in found.title and found.rows.ids.tolist() == [0, 1]
    bright = data.table(["image_brightest"]).column(0).to_pylist()
    assert bright[0] > 0.98 and 0.45 < bright[1] < 0.52


def test_images_of_twelve_bits_beside_those_of_sixteen_are_said_to_look_too_dark(tmp_path: Path) -> None:
    ramps = [
        np.tile(np.linspace(0, top, 256).astype(np.uint16), (40, 1)) for top in (4095, 4000, 65535, 9000)
    ]
    files = {f"{i}.png": encoded(one, "PNG") for i, one in enumerate(ramps)}
    [mixed] = [one for one in read(zipped(tmp_path / "a.zip", files)).loading if one.code == "deep_images"]
    assert "2 images of them have hardly a value above 4,095" in mixed.why
    files.pop("2.png")
    files.pop("3.png")
    [alike] = [one for one in read(zipped(tmp_path / "b.zip", files)).loading if one.code == "deep_images"]
    assert "12 bits" not in alike.why and "4,095 as white" in alike.title


def tiff(values: np.ndarray, form: int, predictor: int = 1) -> bytes:
    """A plain TIFF of values of any type. form: 1 whole numbers, 2 with a sign, 3 floats."""
    height, width, many = (*values.shape, 1)[:3]
    bits, data = 8 * values.dtype.itemsize, predicted(values.reshape(height, width, many), predictor)
    long = {} if predictor == 1 else {317: predictor}
    long |= {256: width, 257: height, 259: 1, 262: 2 if many == 3 else 1, 273: 8, 277: many, 278: height}
    long |= {279: len(data)}
    start = 8 + len(data)
    behind = start + 2 + 12 * (len(long) + 2) + 4
    tags = {tag: struct.pack("<HHII", tag, 4, 1, value) for tag, value in long.items()}
    for turn, (tag, value) in enumerate(((258, bits), (339, form))):
        inside = struct.pack("<HHIHH", tag, 3, 1, value, 0)
        tags[tag] = inside if many == 1 else struct.pack("<HHII", tag, 3, many, behind + 2 * many * turn)
    body = b"".join(tags[tag] for tag in sorted(tags))
    tail = b"" if many == 1 else struct.pack(f"<{2 * many}H", *[bits] * many, *[form] * many)
    return b"II*\0" + struct.pack("<I", start) + data + struct.pack("<H", len(tags)) + body + bytes(4) + tail


def predicted(values: np.ndarray, predictor: int) -> bytes:
    """What lies in the file: the values; of 2 each less the one to the left; of 3 the bytes of a row, largest
    first, all first ones before all second ones, each less the one before.
    """
    if predictor == 1:
        return values.tobytes()
    rows, wide, each = values.shape
    whole = values.view(f"u{values.dtype.itemsize}")
    if predictor == 3:
        largest_first = values.astype(values.dtype.newbyteorder(">")).tobytes()
        planes = np.frombuffer(largest_first, np.uint8).reshape(rows, wide * each, -1).transpose(0, 2, 1)
        whole = planes.reshape(rows, -1, each)
    less = whole.copy()
    less[:, 1:] -= whole[:, :-1]
    return less.tobytes()


@pytest.mark.parametrize("format", ["png", "tif", "rgba"])
@pytest.mark.parametrize("depth", [1023, 65535])
def test_colours_of_sixteen_bits_are_scaled_as_their_grey_twins(
    format: str, depth: int, tmp_path: Path
) -> None:
    ramp = np.tile(np.linspace(0, depth, 256).astype(np.uint16), (40, 1))
    colour = np.dstack([ramp, ramp, ramp[:, ::-1]])

    def written(values: np.ndarray) -> bytes:
        if format == "tif":
            return tiff(values, 1)
        if format == "rgba":
            values = np.dstack([values, np.full(ramp.shape, 65_535, np.uint16)])
        return bytes(cv2.imencode(".png", values[..., [2, 1, 0, *range(3, values.shape[2])]])[1])

    ending = "tif" if format == "tif" else "png"
    data = read(
        zipped(tmp_path / "a.zip", {f"0.{ending}": written(colour), f"1.{ending}": written(colour // 2)})
    )
    assert data.pictures is not None
    small = data.pictures.small().astype(int)
    assert small[0, :, -1, 0].min() > 245 and small[0, :, 0, 2].min() > 245 and small[0, :, 0, 0].max() < 8
    assert 118 <= small[1, :, -1, 0].max() <= 130, "scaled as the set is"
    bright = data.table(["image_brightest"]).column(0).to_pylist()
    assert bright[0] > 0.8
    [found] = [finding for finding in data.loading if finding.code == "deep_images"]
    assert f"{depth:,} as white" in found.title and "a channel" in found.title
    one, two = decode(written(colour)), decode(written(colour + 1))
    assert one.pixels != two.pixels, "pictures that differ in their lower bits are no copies"
    assert one.deep is not None and (one.deep == colour).all() and (one.rgb is not None) == (depth == 65535)


@pytest.mark.parametrize(
    ("kind", "form", "channels", "said"),
    [
        ("f4", 3, 4, "floating-point numbers of 32 bits, 4 channels"),
        ("u8", 1, 1, "whole numbers of 64 bits, 1 channel"),
    ],
)
def test_a_tiff_of_a_kind_that_is_not_read_is_not_called_damaged(
    kind: str, form: int, channels: int, said: str
) -> None:
    shape = (20, 30, channels) if channels > 1 else (20, 30)
    content = tiff((np.random.default_rng(0).random(shape) * 99).astype(kind), form)
    with pytest.raises(ImageError, match=f"{said}.*write it with 8 or 16 bits"):
        decode(content)
    with pytest.raises(ImageError, match="damaged"):
        decode(content[:200])


@pytest.mark.parametrize("kind", ["f2", "f4", "f8"])
@pytest.mark.parametrize("channels", [1, 3])
def test_floats_of_other_sizes_and_in_colour_are_read(kind: str, channels: int, tmp_path: Path) -> None:
    ramp = np.tile(np.linspace(-2, 3, 60), (50, 1))
    values = (ramp if channels == 1 else np.dstack([ramp, ramp * 0, -ramp + 1])).astype(kind)
    decoded = decode(tiff(values, 3))
    assert decoded.deep is not None and np.array_equal(decoded.deep, values.astype(np.float32))
    assert decoded.facts.mode == ("F" if channels == 1 else "RGB;F") and decoded.facts.format == "TIFF"
    odd = values.copy()
    odd[:8], odd[-8:], odd[20, 5] = -np.inf, np.inf, np.nan
    data = read(zipped(tmp_path / "a.zip", {"0.tif": tiff(odd, 3), "1.tif": tiff(values, 3)}))
    assert data.pictures is not None
    small = data.pictures.small().astype(int)
    assert small[0, :4].max() == 0 and small[0, -4:].min() == 255
    assert np.abs(small[0, 33:50] - small[1, 33:50]).max() <= 6
    first = small[1, 32, [1, -2], 0].tolist()
    assert first[0] < 12 and first[1] > 243
    assert channels == 1 or small[1, 32, 32, 1] == pytest.approx(255 * 2 / 5, abs=8)
    found = {finding.code: finding for finding in data.loading}
    assert found["deep_images"].rows.ids.tolist() == [0, 1] and "1st to 99th" in found["deep_images"].title
    with pytest.raises(ImageError, match="damaged"):
        decode(tiff(values, 3)[:200])


def test_float_tiffs_that_claim_more_than_they_hold_are_not_read() -> None:
    content = tiff(np.ones((30, 40, 3), np.float32), 3)
    wide = struct.pack("<HHII", 256, 4, 1, 40)
    assert content.count(wide) == 1
    for claimed in (41, 40_000, 2**31, 0):
        with pytest.raises(ImageError, match="a kind that is not read|damaged|x 30 pixels; the limit"):
            decode(content.replace(wide, struct.pack("<HHII", 256, 4, 1, claimed)))


@pytest.mark.parametrize("compression", [None, "zlib"])
@pytest.mark.parametrize("order", ["<", ">"])
def test_float_tiffs_as_tifffile_writes_them(compression: str | None, order: str) -> None:
    """The package comes with imgaug; strips, byte order, pages, a turned picture."""
    tifffile = pytest.importorskip("tifffile")
    values = np.random.default_rng(0).normal(size=(40, 50, 3)).astype(np.float64)
    out = io.BytesIO()
    with tifffile.TiffWriter(out, byteorder=order) as file:
        for page, tag in ((values, 6), (values * 2, 1)):
            file.write(page, photometric="rgb", compression=compression, rowsperstrip=7, metadata=None,
                       extratags=[(274, 3, 1, tag, True)])  # fmt: skip
    decoded = decode(out.getvalue())
    assert decoded.deep is not None and (decoded.facts.frames, decoded.facts.orientation) == (2, 6)
    assert np.array_equal(decoded.deep, np.rot90(values, -1).astype(np.float32))


@pytest.mark.parametrize("compression", [1, 5, 8])
@pytest.mark.parametrize("predictor", [1, 2, 3])
@pytest.mark.parametrize("kind", ["f4", "f8"])
@pytest.mark.parametrize("channels", [1, 3])
def test_float_tiffs_with_predictors_are_read_as_libtiff_writes_them(
    compression: int, predictor: int, kind: str, channels: int
) -> None:
    """1: none, 5: LZW, 8: Deflate; the predictors 2 (differences) and 3 (of bytes) were refused."""
    values = np.random.default_rng(0).normal(size=(70, 90, channels)).astype(kind)
    how = [cv2.IMWRITE_TIFF_COMPRESSION, compression, cv2.IMWRITE_TIFF_PREDICTOR, predictor]
    content = bytes(cv2.imencode(".tif", values[..., ::-1], how)[1])
    decoded = decode(content)
    assert decoded.deep is not None and np.array_equal(decoded.deep, np.squeeze(values).astype(np.float32))
    layout = number_layout(content)
    assert layout is not None
    if kind == "f4":  # those of 64 bits OpenCV writes plain
        assert layout.compression == compression and (layout.predictor == predictor or compression == 1)
    end = layout.starts[0] + layout.sizes[0]
    broken = content[: end - 4] + bytes(4) + content[end:]  # of Deflate the checksum
    with pytest.raises(ImageError, match="damaged"):
        decode(broken if layout.compression == 8 else content[:9000])


@pytest.mark.parametrize("predictor", [2, 3])
@pytest.mark.parametrize("kind", ["f2", "f4", "f8"])
@pytest.mark.parametrize("channels", [1, 3])
def test_predictors_of_floats_of_all_sizes_are_undone(predictor: int, kind: str, channels: int) -> None:
    values = np.random.default_rng(0).normal(size=(20, 30, channels)).astype(kind)
    found = decode(tiff(np.squeeze(values), 3, predictor)).deep
    assert found is not None and np.array_equal(found, np.squeeze(values).astype(np.float32))


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("compression", [None, "zlib", "lzma"])
@pytest.mark.parametrize("how", [{"tile": (16, 32)}, {"tile": (16, 32), "planarconfig": "separate"},
                                 {"rowsperstrip": 7, "planarconfig": "separate"}])  # fmt: skip
@pytest.mark.parametrize("kind", ["f2", "f4", "f8"])
def test_float_tiffs_in_tiles_and_with_channels_apart_are_read(
    order: str, compression: str | None, how: dict[str, Any], kind: str
) -> None:
    tifffile = pytest.importorskip("tifffile")
    values = np.random.default_rng(0).normal(size=(70, 90, 3)).astype(kind)
    given = values.transpose(2, 0, 1) if "planarconfig" in how else values
    out = io.BytesIO()
    tifffile.imwrite(out, given, photometric="rgb", byteorder=order, compression=compression, **how)
    decoded = decode(out.getvalue())
    assert decoded.deep is not None and np.array_equal(decoded.deep, values.astype(np.float32))


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(
    ("kind", "how", "compression"),
    [
        (kind, how, compression)
        for kind in ("i2", "i4", "u4", "f4")
        for how, compression in (
            ({}, None),
            ({}, "zlib"),
            ({"tile": (16, 32)}, "zlib"),
            ({"predictor": 2}, "zlib"),
        )
        if (kind, *how) != ("f4", "predictor")  # which tifffile does not write
    ],
)
def test_grey_numbers_are_what_was_written_in_either_order_of_bytes(
    order: str, compression: str | None, how: dict[str, Any], kind: str
) -> None:
    """Pillow 13 swaps the bytes of compressed ones whose largest byte comes first."""
    tifffile = pytest.importorskip("tifffile")
    values = np.random.default_rng(0).integers(0, 30_000, (70, 90)).astype(kind)
    out = io.BytesIO()
    tifffile.imwrite(out, values, byteorder=order, compression=compression, **how)
    decoded = decode(out.getvalue())
    assert decoded.deep is not None and np.array_equal(decoded.deep, values.astype(np.float32))
    assert decoded.facts.mode == ("F" if kind == "f4" else "I")


def test_a_tile_or_strip_that_claims_too_much_is_damaged() -> None:
    tifffile = pytest.importorskip("tifffile")
    out = io.BytesIO()
    tifffile.imwrite(out, np.ones((40, 50, 3), np.float32), photometric="rgb", tile=(16, 32))
    content = out.getvalue()
    wide = struct.pack("<HHII", 322, 4, 1, 32)
    if content.count(wide) != 1:
        wide = struct.pack("<HHIHH", 322, 3, 1, 32, 0)
    assert content.count(wide) == 1
    for claimed in (2**31, 40_000, 0):
        with pytest.raises(ImageError, match="damaged|a kind that is not read"):
            decode(content.replace(wide, struct.pack("<HHII", 322, 4, 1, claimed)))


@pytest.mark.parametrize("tag", range(1, 9))
def test_values_are_turned_as_pictures_are(tag: int) -> None:
    values = np.arange(12, dtype=np.float32).reshape(3, 4)
    exif = Image.Exif()
    exif[0x0112] = tag
    grey = Image.fromarray(values)
    whole = Image.open(io.BytesIO(encoded(grey, "TIFF", exif=exif)))
    from PIL import ImageOps

    assert turned(values, tag).tolist() == np.asarray(ImageOps.exif_transpose(whole)).tolist()


def test_floats_are_scaled_by_the_percentiles_of_the_set(tmp_path: Path) -> None:
    values = np.random.default_rng(0).uniform(-3, 5, (50, 60)).astype(np.float32)
    values[0, 0], values[0, 1] = 1e9, np.nan
    data = read(zipped(tmp_path / "a.zip", {"0.tif": encoded(values, "TIFF")}))
    [contrast] = data.table(["image_contrast"]).column(0).to_pylist()
    assert contrast > 0.99
    [brightness] = data.table(["image_brightness"]).column(0).to_pylist()
    assert 0.45 < brightness < 0.55


@pytest.mark.parametrize("compression", ["raw", "tiff_lzw", "tiff_adobe_deflate", "packbits"])
def test_floats_that_are_no_numbers_and_further_pages_stop_nothing(compression: str, tmp_path: Path) -> None:
    """Page 1 of each is read; of the values that are none, those below are black and those above white."""
    ramp = np.tile(np.linspace(-2, 3, 60, dtype=np.float32), (50, 1))
    odd = ramp.copy()
    odd[:8], odd[-8:], odd[20, 5] = -np.inf, np.inf, np.nan
    pages = {"save_all": True, "append_images": [Image.fromarray(ramp * 9)], "compression": compression}
    files = {"0.tif": encoded(odd, "TIFF", **pages), "1.tif": encoded(ramp, "TIFF", compression=compression)}
    files["2.tif"] = encoded(np.full((50, 60), np.nan, np.float32), "TIFF", compression=compression)
    data = read(zipped(tmp_path / "a.zip", files))
    assert data.table(["image_frames"]).column(0).to_pylist() == [2, 1, None] and data.pictures is not None
    small = data.pictures.small().astype(int)
    assert small[0, :4].max() == 0 and small[0, -4:].min() == 255
    assert np.abs(small[0, 33:50] - small[1, 33:50]).max() <= 6, "scaled as the other one is"
    found = {finding.code: finding for finding in data.loading}
    assert found["unreadable_images"].rows.ids.tolist() == [2]
    assert "none of its values is a number" in found["unreadable_images"].why
    assert found["deep_images"].rows.ids.tolist() == [0, 1]


@pytest.mark.parametrize("tag", range(1, 9))
@pytest.mark.parametrize("format", ["JPEG", "PNG"])
def test_orientation_is_followed(tag: int, format: str) -> None:
    whole = np.zeros((32, 48, 3), np.uint8)
    whole[:16, :24] = 255
    turn = {
        1: lambda a: a, 2: lambda a: a[:, ::-1], 3: lambda a: a[::-1, ::-1], 4: lambda a: a[::-1],
        5: lambda a: a.transpose(1, 0, 2), 6: lambda a: np.rot90(a, 1),
        7: lambda a: np.rot90(a, 2).transpose(1, 0, 2), 8: lambda a: np.rot90(a, -1),
    }[tag]  # fmt: skip
    exif = Image.Exif()
    exif[0x0112] = tag
    content = encoded(np.ascontiguousarray(turn(whole)), format, exif=exif.tobytes())
    decoded = decode(content)
    assert decoded.rgb is not None and (decoded.facts.width, decoded.facts.height) == (48, 32)
    assert decoded.facts.orientation == tag
    assert np.abs(decoded.rgb.astype(int) - whole).mean() < 5


def test_the_first_frame_counts_and_frames_are_counted() -> None:
    frames = [Image.fromarray(np.full((20, 20, 3), level, np.uint8)) for level in (0, 80, 160, 240)]
    decoded = decode(encoded(frames[1], "GIF", save_all=True, append_images=frames[2:]))
    assert decoded.facts.frames == 3 and decoded.rgb is not None and abs(int(decoded.rgb.mean()) - 80) < 3


def test_pixels_that_are_the_same_have_one_hash_and_shape_counts() -> None:
    pixels = picture(4)
    same = {decode(encoded(pixels, form)).pixels for form in ("PNG", "BMP", "TIFF")}
    assert len(same) == 1
    flat = np.full((20, 40, 3), 90, np.uint8)
    assert decode(encoded(flat)).pixels != decode(encoded(flat.reshape(40, 20, 3))).pixels


def test_the_quality_of_a_jpeg_is_read_from_its_tables() -> None:
    for quality in (10, 30, 50, 75, 90, 97):
        read_as = decode(encoded(picture(1, 64, 64), "JPEG", quality=quality)).facts.quality
        assert read_as is not None and abs(read_as - quality) <= 1
    assert decode(encoded(picture(1))).facts.quality is None


def test_a_large_jpeg_is_measured_at_a_part_of_its_size() -> None:
    large = cv2.resize(picture(2), (2400, 1600))
    decoded = decode(encoded(large, "JPEG"))
    assert (decoded.facts.width, decoded.facts.height) == (2400, 1600)
    assert (
        decoded.rgb is not None
        and decoded.rgb.shape == (800, 1200, 3)
        or decoded.rgb.shape == (1600, 2400, 3)
    )


def test_too_many_pixels_are_refused_by_the_header_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WINNOW_IMAGE_MP", "1")
    with pytest.raises(ImageError, match=r"1,200 x 1,000 pixels.*WINNOW_IMAGE_MP"):
        decode(encoded(np.zeros((1000, 1200), np.uint8)))


@pytest.mark.parametrize("kind", ["f2", "f4", "f8"])
@pytest.mark.parametrize("channels", [1, 3])
def test_float_tiffs_have_the_limit_of_pixels_that_all_images_have(
    kind: str, channels: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WINNOW_IMAGE_MP", "1")
    shape = (1000, 1001) if channels == 1 else (1000, 1001, 3)
    with pytest.raises(
        ImageError, match=r"1,001 x 1,000 pixels; the limit is 1 megapixels \(WINNOW_IMAGE_MP"
    ):
        decode(tiff(np.zeros(shape, kind), 3))
    assert decode(tiff(np.zeros((1000, 1000, *shape[2:]), kind), 3)).facts.width == 1000


def photo(seed: int) -> np.ndarray:
    return cv2.resize(picture(seed, 400, 300, 200), (256, 192), interpolation=cv2.INTER_AREA)


def test_blur_is_told_from_sharp_pictures_by_one_limit() -> None:
    """The two limits of docs/methods/imagequality.md: edges of more than one pixel, or re-blur above 0.45."""

    def blurred(pixels: np.ndarray) -> bool:
        found = measures(pixels)
        return found["edge_width"] > 1.0 or found["reblur"] > 0.45

    sharp = [photo(seed) for seed in range(20)]
    assert sum(map(blurred, sharp)) <= 1
    assert sum(blurred(cv2.GaussianBlur(one, (0, 0), 3)) for one in sharp) >= 19


@pytest.mark.parametrize("sigma", [1.0, 2.0, 3.0])
def test_the_width_of_an_edge_is_that_of_its_blur(sigma: float) -> None:
    step = np.repeat(np.where(np.arange(128) < 64, 30, 220).astype(np.float32)[None], 128, axis=0)
    blurred = cv2.GaussianBlur(step, (0, 0), sigma)
    width = measures(np.repeat(np.rint(blurred).astype(np.uint8)[..., None], 3, 2))["edge_width"]
    assert 0.9 * sigma <= width <= 1.1 * sigma + 0.2


def test_nothing_to_measure_is_not_sharp() -> None:
    blank = measures(np.full((100, 100, 3), 77, np.uint8))
    assert math.isnan(blank["edge_width"]) and math.isnan(blank["reblur"]) and blank["contrast"] == 0
    assert math.isnan(measures(np.full((30, 30, 3), 77, np.uint8))["frame"])


@pytest.mark.parametrize("turn", [0, 30, 45, 90])
@pytest.mark.parametrize("quality", [0, 80])
def test_a_ramp_is_neither_sharp_nor_blurred_and_a_blurred_picture_is_no_ramp(
    turn: int, quality: int
) -> None:
    down, across = np.mgrid[:150, :200]
    along = across * math.cos(math.radians(turn)) + down * math.sin(math.radians(turn))
    ramp = np.rint(20 + 220 * (along - along.min()) / np.ptp(along)).astype(np.uint8)
    if quality:
        ramp = cv2.imdecode(cv2.imencode(".jpg", ramp, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], 0)
    found = measures(np.repeat(ramp[..., None], 3, axis=2))
    assert math.isnan(found["edge_width"]) and math.isnan(found["reblur"])
    for sigma in (5, 8, 12):  # hardly an edge is left
        for seed in range(10):
            soft = measures(cv2.GaussianBlur(photo(seed), (0, 0), sigma))
            assert soft["edge_width"] > 1.0 or soft["reblur"] > 0.45


def test_blurred_stripes_are_blurred() -> None:
    """They change one way only, and yet have edges."""
    stripes = np.tile(np.where(np.arange(200) // 20 % 2, 30, 220).astype(np.uint8), (150, 1))
    found = measures(np.repeat(cv2.GaussianBlur(stripes, (0, 0), 3)[..., None], 3, axis=2))
    assert found["edge_width"] > 2.5 and found["reblur"] > 0.45
    assert measures(np.repeat(stripes[..., None], 3, axis=2))["reblur"] < 0.45


def test_frames_blocks_and_colour_are_measured() -> None:
    plain = photo(3)
    framed = plain.copy()
    framed[:16] = framed[-16:] = 0
    assert measures(framed)["frame"] == pytest.approx(32 / 192, abs=0.02) and measures(plain)["frame"] == 0
    grey = cv2.cvtColor(cv2.cvtColor(plain, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    assert measures(grey)["colour"] == 0 and measures(plain)["colour"] > 50
    rough = Image.fromarray(cv2.GaussianBlur(plain, (0, 0), 1.5))
    low = rgb(encoded(rough, "JPEG", quality=8))
    assert measures(low)["blocks"] > 0.25 > measures(np.asarray(rough))["blocks"]


def test_pictures_are_made_smaller_and_never_larger() -> None:
    assert shrunk(picture(0, 600, 300), 256).shape == (128, 256, 3)
    assert shrunk(picture(0, 40, 30), 256).shape == (30, 40, 3)
    assert shrunk(picture(0, 600, 8), 100).shape == (1, 100, 3)


@pytest.mark.parametrize("size", [(1000, 750), (470, 300), (300, 290), (256, 200), (1400, 70), (70, 1400)])
def test_a_small_copy_is_the_mean_of_what_it_stands_for(size: tuple[int, int]) -> None:
    """By way of 256 pixels or not, and no detail is lost along the shorter side of a strip."""
    large = cv2.GaussianBlur(picture(2, *size), (0, 0), 1)
    direct = cv2.resize(large, (64, 64), interpolation=cv2.INTER_AREA).astype(int)
    apart = np.abs(small_copy(large).astype(int) - direct)
    assert apart.mean() < 1.5 and apart.max() <= 12
    few = shrunk(large, 256)
    assert np.array_equal(small_copy(large, few), small_copy(large))
    assert measures(large, few) == pytest.approx(measures(large), nan_ok=True)


JPEGS = [encoded(picture(seed), "JPEG") for seed in range(6)]


def test_images_in_the_cells_of_a_parquet_file_of_hugging_face(tmp_path: Path) -> None:
    fields = [("path", pa.string()), ("bytes", pa.binary())]  # older files have them in this order
    cells = [{"path": f"x/{i}.jpg", "bytes": None if i == 2 else one} for i, one in enumerate(JPEGS)]
    info = {"info": {"features": {"label": {"_type": "ClassLabel", "names": ["cat", "dog"]}}}}
    table = pa.table({"image": pa.array(cells, pa.struct(fields)), "label": [0, 1, 0, 1, 0, 1]})
    pq.write_table(
        table.replace_schema_metadata({b"huggingface": json.dumps(info).encode()}), tmp_path / "a.parquet"
    )
    data = read(tmp_path / "a.parquet")
    assert data.pictures is not None and data["image"].kind == "image"
    assert data.table(["label"]).column(0).to_pylist() == ["cat", "dog"] * 3
    assert data.pictures.original(3) == JPEGS[3] and data.pictures.readable.tolist() == [
        True,
        True,
        False,
        *[True] * 3,
    ]
    assert data.table(["image_height"]).column(0).to_pylist() == [30, 30, None, 30, 30, 30]


def shards(folder: Path) -> list[Path]:
    """Two Parquet files of Hugging Face's with three images each."""
    info = {"info": {"features": {"label": {"_type": "ClassLabel", "names": ["cat", "dog"]}}}}
    paths = []
    for part in range(2):
        cells = [
            {"bytes": one, "path": f"{part}-{i}.jpg"} for i, one in enumerate(JPEGS[3 * part : 3 * part + 3])
        ]
        table = pa.table({"image": cells, "label": [0, 1, 0]})
        table = table.replace_schema_metadata({b"huggingface": json.dumps(info).encode()})
        paths.append(folder / f"train-{part:05d}-of-00002.parquet")
        pq.write_table(table, paths[-1])
    return paths


@pytest.mark.parametrize("form", ["folder", "pattern", "zip", "tar", "packed"])
def test_images_in_shards_of_hugging_face_are_images_whatever_holds_them(form: str, tmp_path: Path) -> None:
    (tmp_path / "shards").mkdir()
    held = {f"data/{one.name}": one.read_bytes() for one in shards(tmp_path / "shards")}
    one = next(iter(held.values()))
    path = {
        "folder": lambda: tmp_path / "shards",
        "pattern": lambda: tmp_path / "shards" / "*.parquet",
        "zip": lambda: zipped(tmp_path / "a.zip", held | {"README.md": b"x"}),
        "tar": lambda: tarred(tmp_path / "a.tar", held),
        "packed": lambda: zipped(tmp_path / "b.zip", {"a.parquet": one}),
    }[form]()
    data = read(path)
    many = 3 if form == "packed" else 6
    assert data.pictures is not None and data["image"].kind == "image"
    assert [data.pictures.original(row) for row in range(many)] == JPEGS[:many]
    assert data.table(["label"]).column(0).to_pylist() == ["cat", "dog", "cat"] * (many // 3)
    again = read(path, Options.from_plain(data.source.options))
    assert again.fingerprint == data.fingerprint
    look = read_file(path, path.name, Options(), new_folder(), SILENT, look=True)
    assert look.staged.rows == 3 and look.staged.names[0] == "image"


def test_images_in_further_columns_are_left_out_and_that_is_told(tmp_path: Path) -> None:
    cells = [{"bytes": one, "path": f"{i}.jpg"} for i, one in enumerate(JPEGS)]
    lists: list[list[dict[str, object]] | None] = [cells[i : i + 2] for i in range(5)]
    table = pa.table({"first": cells, "second": cells, "more": [*lists, None], "n": range(6)})
    pq.write_table(table, tmp_path / "a.parquet")
    data = read(tmp_path / "a.parquet")
    assert data["first"].kind == "image" and data["second"].kind != "image"
    assert data.table(["second"]).column(0).to_pylist() == [f"{i}.jpg" for i in range(6)]
    assert data.table(["more"]).column(0).to_pylist()[3:] == [
        '["3.jpg", "4.jpg"]',
        '["4.jpg", "5.jpg"]',
        None,
    ]
    [found] = [finding for finding in data.loading if finding.code == "more_image_columns"]
    assert found.columns == ("second", "more") and "'second' and 'more'" in found.title
    pq.write_table(table.select(["more", "n"]), tmp_path / "b.parquet")
    bare = read(tmp_path / "b.parquet")
    assert bare.pictures is None and "more_image_columns" in [finding.code for finding in bare.loading]


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet", "semicolon"])
def test_images_as_data_uris_in_a_table(form: str, tmp_path: Path) -> None:
    uris = ["data:image/jpeg;base64," + base64.b64encode(one).decode() for one in JPEGS]
    table = pd.DataFrame({"n": [1.5, 2.5, 3.5, 4.5, 5.5, 6.5], "photo": uris, "y": list("ababab")})
    path = tmp_path / f"a.{form}"
    {
        "csv": lambda: table.to_csv(path, index=False),
        "jsonl": lambda: table.to_json(path, orient="records", lines=True),
        "parquet": lambda: table.to_parquet(path),
        "semicolon": lambda: table.to_csv(path, index=False, sep=";", decimal=","),
    }[form]()
    data = read(path)
    assert data.pictures is not None and data["photo"].kind == "image"
    assert [data.pictures.original(i) for i in range(6)] == JPEGS
    assert data.table(["photo"]).column(0).to_pylist()[:2] == ["photo-000000", "photo-000001"]
    assert data.table(["n", "y"]).to_pylist()[1] == {"n": 2.5, "y": "b"}
    assert data["image_contrast"].kind == "numeric" and data["image_width"].stored == "int64"


def test_a_table_without_images_is_left_alone(tmp_path: Path) -> None:
    table = pd.DataFrame({"a": [b"raw", b"bytes"], "b": ["data:text/plain,x", "y"]})
    table.to_parquet(tmp_path / "a.parquet")
    data = read(tmp_path / "a.parquet")
    assert data.pictures is None and data.names == ("a", "b")


@pytest.mark.parametrize("size", [(40, 256), (256, 40), (64, 300), (20, 700)])
def test_a_small_copy_of_a_strip_is_averaged_and_flips_with_it(size: tuple[int, int]) -> None:
    """It was sampled along its longer side: its mirror image was not found as its copy."""
    strip = picture(3, size[1], size[0], 60)
    small = small_copy(strip).astype(int)
    for turn in (np.fliplr, np.flipud):
        turned = small_copy(np.ascontiguousarray(turn(strip))).astype(int)
        assert np.abs(turned - turn(small)).max() <= 2
    noise = np.random.default_rng(0).integers(0, 256, (*size, 3)).astype(np.uint8)
    assert small_copy(noise).std() < 0.75 * noise.std(), "along its longer side it is a mean"
