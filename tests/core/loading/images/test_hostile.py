"""Archives that are damaged, too large or made to do harm: a clear sentence, or all that can be read."""

from __future__ import annotations

import struct
import tarfile
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest

from core.dataset import Dataset
from core.errors import LoadError
from core.loading import load
from core.loading.images.archive import listing
from core.loading.images.decode import ImageError, decode
from core.loading.images.findings import taken_findings
from core.loading.images.taking import PictureFacts
from tests.core.loading.images.reading import read
from tests.images import encoded, foldered, picture, tarred, zipped

PNG = [encoded(picture(seed)) for seed in range(4)]


def refused(path: Path) -> str:
    with pytest.raises(LoadError) as caught:
        read(path)
    assert "\n" not in str(caught.value) and path.name in str(caught.value)
    return str(caught.value)


def unreadable(data: Dataset) -> tuple[list[int], str]:
    [found] = [finding for finding in data.loading if finding.code == "unreadable_images"]
    return found.rows.ids.tolist(), f"{found.title} {found.why}"


def left_out(data: Dataset) -> str:
    return next(finding.title for finding in data.loading if finding.code == "files_left_out")


def test_a_bomb_is_refused_before_anything_is_unpacked(tmp_path: Path) -> None:
    zeros = bytes(20_000_000)
    assert "times its size" in refused(zipped(tmp_path / "a.zip", {"a.png": zeros, "b.png": PNG[0]}))
    assert "times its size" in refused(tarred(tmp_path / "a.tgz", {"a.png": zeros}, "w:gz"))


def test_a_size_forged_in_the_archive_is_not_believed(tmp_path: Path) -> None:
    path = zipped(
        tmp_path / "a.zip", {"a.bmp": encoded(np.zeros((300, 300, 3), np.uint8), "BMP"), "b.png": PNG[0]}
    )
    content = bytearray(path.read_bytes())
    for mark, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = content.find(mark)
        content[at + place : at + place + 4] = struct.pack("<I", 100)
    path.write_bytes(content)
    assert unreadable(read(path))[0] == [0]


def test_too_many_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WINNOW_IMAGES", "3")
    files = {f"{i}.png": PNG[0] for i in range(4)}
    for path in (
        zipped(tmp_path / "a.zip", files),
        tarred(tmp_path / "a.tar", files),
        foldered(tmp_path / "folder", files),
    ):
        assert "more than 3 files" in refused(path) and "WINNOW_IMAGES" in refused(path)


def test_a_hundred_thousand_members_are_refused_at_once(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for i in range(50_001):
            archive.writestr(f"{i}.png", b"")
    assert "more than 50,000 files" in refused(tmp_path / "a.zip")


def test_paths_that_lead_out_links_and_junk_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("../../evil.png", "/etc/evil.png", "C:\\evil.png", "ok/1.png"):
            archive.writestr(name, PNG[0])
        archive.writestr("__MACOSX/ok/._1.png", b"junk")
        archive.writestr("ok/.DS_Store", b"junk")
        archive.writestr("ok/Thumbs.db", b"junk")
        link = zipfile.ZipInfo("ok/link.png")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    data = read(path)
    assert data.table(["image"]).column(0).to_pylist() == ["ok/1.png"]
    said = left_out(data)
    assert "3 files whose paths lead out" in said and "1 file that is no plain file but a link" in said
    assert "3 files that an operating system left" in said
    assert not list(tmp_path.parent.glob("**/evil.png"))


def test_links_in_a_tar_or_a_folder_are_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret.png"
    secret.write_bytes(PNG[3])
    folder = foldered(tmp_path / "folder", {"1.png": PNG[0]})
    (folder / "link.png").symlink_to(secret)
    (folder / "up").symlink_to(tmp_path)
    path = tarred(tmp_path / "a.tar", {"1.png": PNG[0]})
    with tarfile.open(path, "a") as archive:
        info = tarfile.TarInfo("link.png")
        info.type, info.linkname = tarfile.SYMTYPE, str(secret)
        archive.addfile(info)
    for source in (folder, path):
        data = read(source)
        assert data.rows == 1 and "link" in left_out(data)


def test_an_encrypted_archive_says_so(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"1.png": PNG[0]})
    content = bytearray(path.read_bytes())
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.find(mark) + place] |= 1
    path.write_bytes(content)
    assert "protected by a password" in refused(path)


def test_an_archive_within_an_archive_is_opened_once(tmp_path: Path) -> None:
    inner = zipped(tmp_path / "inner.zip", {"a/1.png": PNG[0], "b/2.png": PNG[1]}).read_bytes()
    middle = zipped(tmp_path / "middle.zip", {"inner.zip": inner})
    assert read(middle).table(["label"]).column(0).to_pylist() == ["a", "b"]
    outer = zipped(tmp_path / "outer.zip", {"middle.zip": middle.read_bytes()})
    assert "holds no images" in refused(outer)


def test_a_bomb_within_an_archive_is_named_before_it_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bomb = zipped(tmp_path / "outer.zip", {"inner.zip": b"PK\x03\x04" + bytes(30_000_000)})
    (tmp_path / "folder").mkdir()
    with pytest.raises(LoadError, match=r"outer\.zip unpacks to .* times its size"):
        listing(bomb, "outer.zip", tmp_path / "folder")
    assert not list((tmp_path / "folder").iterdir()), "nothing of it lies on the disk"
    monkeypatch.setenv("WINNOW_IMAGES_MB", "1")
    noise = np.random.default_rng(0).bytes(2_000_000)
    large = zipped(tmp_path / "large.zip", {"inner.zip": b"PK\x03\x04" + noise})
    assert "would unpack to 2 MB" in refused(large)


def test_an_archive_among_images_is_bounded_as_any_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WINNOW_IMAGE_MB", "1")
    noise = np.random.default_rng(0).bytes(2_000_000)
    files = {"1.png": PNG[0], "more.zip": noise, "more.gz": noise}
    for path in (
        zipped(tmp_path / "a.zip", files),
        tarred(tmp_path / "a.tar", files),
        foldered(tmp_path / "f", files),
    ):
        assert "2 files that are too large" in left_out(read(path))
    inner = zipped(tmp_path / "i.zip", {"1.png": PNG[0], "2.png": noise[:900_000], "3.png": noise[:900_000]})
    assert read(zipped(tmp_path / "o.zip", {"i.zip": inner.read_bytes()})).rows == 3, "alone it may be larger"


@pytest.mark.parametrize("cut", [10, 200, -30])
def test_a_cut_archive_is_named_damaged(cut: int, tmp_path: Path) -> None:
    whole = zipped(tmp_path / "a.zip", {f"{i}.png": PNG[i] for i in range(3)}).read_bytes()
    (tmp_path / "b.zip").write_bytes(whole[:cut])
    assert "damaged or incomplete" in refused(tmp_path / "b.zip")
    tar = tarred(tmp_path / "a.tgz", {f"{i}.png": PNG[i] for i in range(3)}, "w:gz").read_bytes()
    (tmp_path / "b.tgz").write_bytes(tar[:cut])
    assert "damaged or incomplete" in refused(tmp_path / "b.tgz")


def test_no_images_at_all_and_office_documents_are_told(tmp_path: Path) -> None:
    assert "holds no images, but 2 files (.txt)" in refused(
        zipped(tmp_path / "a.zip", {"a.txt": b"hello", "b.txt": b"hello"})
    )
    assert "e.zip holds no files." in refused(zipped(tmp_path / "e.zip", {}))
    (tmp_path / "empty").mkdir()
    assert "empty holds no files." in refused(tmp_path / "empty")
    office = zipped(tmp_path / "b.xlsx", {"[Content_Types].xml": b"<Types/>", "xl/media/1.png": PNG[0]})
    assert "Excel workbook" in refused(office)


SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def large_png() -> bytes:
    """30,000 x 30,000 pixels of one bit, as 110 kB."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", 30_000, 30_000, 1, 0, 0, 0, 0)
    body = zlib.compress(bytes(3_751 * 30_000), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def test_unreadable_images_keep_their_row_and_are_listed_with_reasons(tmp_path: Path) -> None:
    jpeg = encoded(picture(1, 200, 150), "JPEG")
    files = {
        "0.png": PNG[0],
        "1.jpg": jpeg[: len(jpeg) // 2],
        "2.png": b"",
        "3.svg": SVG,
        "4.png": SVG,
        "5.png": large_png(),
        "6.png": b"just some text, no image",
        "7.heic": b"\0\0\0\x18ftypheic\0\0\0\0",
        "8.png": encoded(picture(2), "JPEG"),
        "9.bmp": encoded(picture(2), "BMP")[:500],
        "a.gif": encoded(picture(2), "GIF")[:300],
        "b.tif": encoded(picture(2), "TIFF")[:300],
        "c.webp": encoded(picture(2), "WEBP")[:60],
    }
    data = read(zipped(tmp_path / "a.zip", files))
    rows, said = unreadable(data)
    assert rows == [1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12] and data.rows == 13
    assert "'1.jpg': it is damaged or incomplete" in said and "'2.png': it is empty" in said
    assert "SVG drawing" in said and "'1.jpg', '2.png', '3.svg', '4.png', '5.png' and 6 more" in said
    assert data.table(["image_format"]).column(0).to_pylist()[8] == "JPEG", (
        "the content decides, not the ending"
    )
    pictures = data.pictures
    assert pictures is not None and pictures.readable.tolist() == [row not in rows for row in range(13)]
    hashes = data.table(["image_pixels"]).column(0)
    assert hashes.null_count == len(rows), "unreadable images must not look like each other"


def test_every_unreadable_image_is_named_before_any_reason(tmp_path: Path) -> None:
    """A line of a list is cut: of two the second was not to be seen."""
    files = {
        "train/images of the first/0.png": b"\x89PNG\r\n\x1a\nbroken",
        "train/images of the first/1.png": b"\x89PNG\r\n\x1a\nspoilt",
    }
    data = read(zipped(tmp_path / "a.zip", files | {"2.png": PNG[0]}))
    [found] = [finding for finding in data.loading if finding.code == "unreadable_images"]
    first, second = sorted(name for name in data.frame(["image"])["image"] if "first" in name)
    assert found.title == f"2 images cannot be read: '{first}' and '{second}'."
    assert len(found.title) < 140
    assert found.why.count("it begins like a PNG image") == 1 and f"'{first}' and '{second}': it" in found.why


def test_nothing_but_unreadable_images_is_refused_with_the_first_reason(tmp_path: Path) -> None:
    said = refused(zipped(tmp_path / "a.zip", {"1.png": SVG, "2.png": b""}))
    assert "none can be read" in said and "SVG drawing" in said


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_files_of_one_name_are_both_there(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("1.png", PNG[0])
        archive.writestr("1.png", PNG[1])
    data = read(tmp_path / "a.zip")
    assert data.table(["image"]).column(0).to_pylist() == ["1.png", "1 (2).png"]
    assert data.pictures is not None and [data.pictures.original(i) for i in (0, 1)] == PNG[:2]
    assert "names_repeated" in [finding.code for finding in data.loading]


def test_names_in_several_encodings_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("Größe-told.png", PNG[0])
        archive.writestr("Größe/utf8.png", PNG[1])
        archive.writestr("XXXXXXXXXXXXXXXXXXXXXXX.png", PNG[2])
    content = path.read_bytes()
    marks = [i for i in range(len(content) - 4) if content[i : i + 4] in (b"PK\x03\x04", b"PK\x01\x02")]
    flags = bytearray(content)
    for at in marks:
        place = at + (6 if content[at + 2] == 3 else 8)
        name = content[at + (30 if content[at + 2] == 3 else 46) :]
        if name.startswith("Größe/".encode()):
            flags[place + 1] &= ~0x08  # UTF-8 without saying so
    content = bytes(flags).replace(b"XXXXXXXXXXXXXXXXXXXXXXX", "Größenverhältnisse äöüß".encode("cp1252"))
    path.write_bytes(content)
    names = read(path).table(["image"]).column(0).to_pylist()
    assert sorted(names) == ["Größe-told.png", "Größe/utf8.png", "Größenverhältnisse äöüß.png"]


def test_names_with_backslashes_are_paths(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"a|1.png": PNG[0], "b|2.png": PNG[1]})
    path.write_bytes(path.read_bytes().replace(b"a|1.png", b"a\\1.png").replace(b"b|2.png", b"b\\2.png"))
    assert read(path).table(["label"]).column(0).to_pylist() == ["a", "b"]


@pytest.mark.parametrize("size", [(1, 1), (2, 2), (3, 40), (300, 2)])
def test_tiny_images_are_read(size: tuple[int, int], tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (*size, 3)).astype(np.uint8)
    data = read(zipped(tmp_path / "a.zip", {"1.png": encoded(pixels)}))
    assert data.rows == 1 and data.table(["image_height"]).column(0).to_pylist() == [size[0]]


def test_the_child_reads_them_and_all_files_settle_together(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {f"{c}/{i}.png": PNG[i] for c in "ab" for i in range(2)})
    data = load(
        path,
        serve=foldered(tmp_path / "folder", {f"a/{i}.png": PNG[i] for i in range(3)}),
        into=tmp_path / "w",
    )
    assert data.parts == {"train": 4, "serve": 3}
    pictures = data.pictures
    assert pictures is not None and [pictures.original(i) for i in range(7)] == [*PNG[:2], *PNG[:2], *PNG[:3]]
    assert sorted(file.name for file in data.path.parent.iterdir()) == [
        *("data.parquet", "images.npy", "images.pack", "small.npy", "thumbs.pack"),
    ]
    (tmp_path / "b.zip").write_bytes(b"PK\x03\x04 nothing more")
    with pytest.raises(LoadError, match=r"b\.zip is a damaged"):
        load(tmp_path / "b.zip", into=tmp_path / "w")
    assert len(list((tmp_path / "w").iterdir())) == 1


def test_a_part_without_pictures_may_stand_beside_one_with(tmp_path: Path) -> None:
    table = tmp_path / "serve.csv"
    table.write_text("label,image_width\na,40\nb,41\n")
    data = read(zipped(tmp_path / "a.zip", {f"{c}/1.png": PNG[0] for c in "ab"}), serve=table)
    assert data.pictures is not None
    assert data.pictures.readable.tolist() == [True, True, False, False] and data.pictures.thumb(3) == b""


def test_findings_of_serve_name_rows_of_serve(tmp_path: Path) -> None:
    files = {"1.png": PNG[0], "2.png": b""}
    data = read(
        zipped(tmp_path / "a.zip", files), serve=zipped(tmp_path / "b.zip", files | {"0.png": PNG[1]})
    )
    rows = [f.rows.ids.tolist() for f in data.loading if f.code == "unreadable_images"]
    assert rows == [[1], [4]] and len({f.key for f in data.loading}) == len(data.loading)


def test_pictures_that_are_gone_are_an_error_to_mend(tmp_path: Path) -> None:
    data = load(zipped(tmp_path / "a.zip", {"1.png": PNG[0]}), into=tmp_path / "w")
    pictures = data.pictures
    assert pictures is not None
    for file in ("thumbs.pack", "small.npy"):
        (data.path.parent / file).unlink()
    with pytest.raises(LoadError, match="Load the data again"):
        pictures.thumb(0)
    with pytest.raises(LoadError, match="Load the data again"):
        pictures.small()


def test_a_damaged_image_is_not_called_an_image() -> None:
    with pytest.raises(ImageError, match="it is damaged: it begins like a PNG image and is none"):
        decode(b"\x89PNG and no more")
    [found] = taken_findings(PictureFacts([None, None], {1: "it is damaged"}), ["a.png", "b.png"])
    assert found.suggestion == "Write or download it again, or drop this row."
