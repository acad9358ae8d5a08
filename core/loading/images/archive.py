"""The files of a ZIP, of a tar archive, or of a folder, or one image alone: listed within limits, read one at
a time, never unpacked to the disk under their names.

Limits follow OWASP ASVS 5.0, 5.2.3 to 5.2.6: number and unpacked size are known before anything is
unpacked, and no more than that is read; links are never followed.
"""

from __future__ import annotations

import bz2
import functools
import gzip
import lzma
import os
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any

from core.errors import LoadError
from core.limits import IMAGE_MB, IMAGES, IMAGES_MB
from core.loading.images.names import clean, distinct, is_image_name, is_junk, is_unsafe, read_names
from core.loading.magic import image_ending

MB = 1_000_000
RATIO = 200  # unpacked to packed size beyond which an archive is taken for a bomb
RATIO_FROM = 10 * MB  # unpacked size from which the ratio is looked at: blank pictures are small
ARCHIVES = (".zip", ".tar", ".tgz", ".gz", ".bz2", ".xz", ".7z", ".rar", ".zst")
_WHOLE = (*ARCHIVES, ".parquet")  # may hold all images
UNREADABLE = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    NotImplementedError,
    RuntimeError,  # what zipfile says of an encrypted member
    OSError,
    ValueError,
)
_OPENERS: dict[bytes, Callable[..., Any]] = {
    b"\x1f\x8b": gzip.open,
    b"BZh": bz2.open,
    b"\xfd7zXZ": lzma.open,
}
_BLOCK = 1 << 20


@dataclass(frozen=True)
class Member:
    """One file: its path with forward slashes, its unpacked size in bytes, and how it is read."""

    name: str
    size: int
    open: Callable[[], IO[bytes]]

    def read(self, most: int | None = None) -> bytes:
        """Its bytes, at most ``most`` of them. Raises one of `UNREADABLE`."""
        bound = self.size if most is None else min(most, self.size)
        with self.open() as file:
            content = file.read(bound + (most is None))
        if most is None and len(content) > self.size:
            raise ValueError("it is longer than the archive says")
        return content


@dataclass
class Listing:
    """The files of a source, sorted by path, and what was left out: reason -> paths."""

    members: list[Member]
    packed: int
    kind: str
    left_out: dict[str, list[str]] = field(default_factory=dict)
    renamed: list[str] = field(default_factory=list)


def listing(path: Path, name: str, folder: Path, check: Callable[[], None] = lambda: None) -> Listing:
    """The files of ``path``. ``folder``: where a compressed tar archive may be unpacked to. Raises
    `LoadError` where there are too many or too large ones, or the archive is damaged, encrypted or a bomb.
    """
    if path.is_dir():
        found = _of_folder(path, check)
        _leave_out_large(found)
        return _sorted(found, name)
    try:
        found = _opened(path, name, folder, check)
        inner = _only_archive(found)
        if inner is not None:
            found = _opened(_copied(inner, found.packed, name, folder, check), name, folder, check)
        _leave_out_large(found)
    except UNREADABLE as error:
        if isinstance(error, (LoadError, MemoryError)):
            raise
        raise LoadError(
            f"{name} is a damaged or incomplete archive ({_first(error)}). Write or download it again."
        ) from error
    return _sorted(found, name)


def _opened(path: Path, name: str, folder: Path, check: Callable[[], None]) -> Listing:
    with path.open("rb") as file:
        head = file.read(32)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _of_zip(path, name)
    if ending := image_ending(head):
        called = clean(name).rsplit("/", 1)[-1]
        called += "" if is_image_name(called) else ending
        size = path.stat().st_size
        return Listing([Member(called, size, functools.partial(_file, str(path)))], size, "image")
    opener = next((opener for magic, opener in _OPENERS.items() if head.startswith(magic)), None)
    return _of_tar(
        path if opener is None else _unpacked(path, name, opener, folder, check), path, name, check
    )


def _copied(inner: Member, packed: int, name: str, folder: Path, check: Callable[[], None]) -> Path:
    """A copy of an archive within another one, block by block. What that one says of its size is checked
    before any of it is read, and no more than that is.
    """
    _check_size(inner.size, packed, name)
    copy = folder / "inner.zip"
    copy_of(inner, copy, check)
    return copy


def copy_of(member: Member, target: Path, check: Callable[[], None]) -> None:
    """Copy a file of an archive to ``target``, block by block. Raises one of `UNREADABLE`."""
    size = 0
    with member.open() as source, target.open("wb") as file:
        while block := source.read(_BLOCK):
            check()
            size += file.write(block)
            if size > member.size:
                raise ValueError("it is longer than the archive says")


def _leave_out_large(found: Listing) -> None:
    """Archives and Parquet files are let through, as one that is alone is opened, and as these may hold all
    images; among images they have their limit, too.
    """
    if not any(is_image_name(member.name) for member in found.members):
        return
    large = [member for member in found.members if member.size > IMAGE_MB.value * MB]
    if large:
        found.left_out.setdefault("large", []).extend(member.name for member in large)
        found.members = [member for member in found.members if member.size <= IMAGE_MB.value * MB]


def is_plain_tar(path: Path) -> bool:
    """Whether a file is a tar archive without compression."""
    with path.open("rb") as file:
        return file.read(512)[257:262] == b"ustar"


def _only_archive(found: Listing) -> Member | None:
    """The one member of an archive that holds another one and nothing else."""
    if len(found.members) == 1 and not found.left_out.get("encrypted"):
        member = found.members[0]
        if member.name.lower().endswith(".zip") and member.read(4).startswith(b"PK"):
            return member
    return None


def _of_zip(path: Path, name: str) -> Listing:
    archive = zipfile.ZipFile(path)
    infos = archive.infolist()
    _check_count(len(infos), name)
    files = [info for info in infos if not info.is_dir()]
    names = read_names([(info.orig_filename, bool(info.flag_bits & 0x800)) for info in files])
    left_out: dict[str, list[str]] = {}
    members = []
    for info, called in zip(files, names, strict=True):
        why = _zip_reason(info, called)
        if why:
            left_out.setdefault(why, []).append(called)
            continue
        members.append(Member(called, info.file_size, functools.partial(archive.open, info)))
    if left_out.get("encrypted") and not members:
        raise LoadError(
            f"{name} is protected by a password. Unpack it, and give the folder or a new archive."
        )
    packed = sum(info.compress_size for info in files)
    return Listing(members, packed, "zip", left_out)


def _zip_reason(info: zipfile.ZipInfo, name: str) -> str:
    """Why a member of a ZIP is left out; "" where it is taken."""
    if (info.external_attr >> 16) & 0o170000 == 0o120000:
        return "link"
    if info.flag_bits & 1:
        return "encrypted"
    return _reason(name, info.file_size)


def _reason(name: str, size: int) -> str:
    if is_junk(name):
        return "junk"
    if is_unsafe(name):
        return "unsafe"
    return "large" if size > IMAGE_MB.value * MB and not name.lower().endswith(_WHOLE) else ""


def _of_tar(path: Path, source: Path, name: str, check: Callable[[], None]) -> Listing:
    left_out: dict[str, list[str]] = {}
    members: list[Member] = []
    archive = tarfile.open(path, "r:", encoding="utf-8", errors="surrogateescape")  # noqa: SIM115 - kept open
    met = 0
    for info in archive:
        check()
        met += 1
        _check_count(met, name)
        if info.isdir():
            continue
        called = clean(info.name)
        why = "link" if not info.isreg() or info.issparse() else _reason(called, info.size)
        if why:
            left_out.setdefault(why, []).append(called)
            continue
        members.append(Member(called, info.size, functools.partial(_extracted, archive, info)))
    if not met:
        raise LoadError(f"{name} is an archive without files. Choose one with images in it.")
    return Listing(members, source.stat().st_size, "tar", left_out)


def _extracted(archive: tarfile.TarFile, info: tarfile.TarInfo) -> IO[bytes]:
    file = archive.extractfile(info)
    if file is None:
        raise ValueError("it is not a file")
    return file


def _unpacked(
    path: Path, name: str, opener: Callable[..., Any], folder: Path, check: Callable[[], None]
) -> Path:
    """A compressed tar archive without its compression, so that any file of it can be read at once."""
    copy, size = folder / "plain.tar", 0
    packed = path.stat().st_size
    with opener(path, "rb") as source, copy.open("wb") as target:
        while block := source.read(_BLOCK):
            check()
            size += len(block)
            _check_size(size, packed, name)
            target.write(block)
    if not tarfile.is_tarfile(copy):
        raise LoadError(
            f"{name} is a compressed file, but no archive of images. Give a ZIP, a tar or a folder."
        )
    return copy


def _of_folder(path: Path, check: Callable[[], None]) -> Listing:
    left_out: dict[str, list[str]] = {}
    members: list[Member] = []
    met = 0
    for entry in _walk(path):
        check()
        met += 1
        _check_count(met, path.name)
        called = Path(entry.path).relative_to(path).as_posix()
        size = entry.stat(follow_symlinks=False).st_size
        why = _reason(called, size) if entry.is_file(follow_symlinks=False) else "link"
        if why:
            left_out.setdefault(why, []).append(called)
            continue
        members.append(Member(called, size, functools.partial(_file, entry.path)))
    return Listing(members, sum(member.size for member in members), "folder", left_out)


def _file(path: str) -> IO[bytes]:
    return Path(path).open("rb")


def _walk(path: Path) -> Iterator[os.DirEntry[str]]:
    """All that is no folder below a folder; links to folders are not entered."""
    waiting = [str(path)]
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                else:
                    yield entry


def _sorted(found: Listing, name: str) -> Listing:
    """The listing by path, each path once, within the limits of size."""
    _check_size(sum(member.size for member in found.members), found.packed, name)
    names = [member.name for member in found.members]
    if "\\" in "".join(names) and not any("/" in one for one in names):  # as Windows writes them
        names = [one.replace("\\", "/") for one in names]
    order = sorted(range(len(names)), key=lambda place: names[place])
    names = [names[place] for place in order]
    once = distinct(names)
    renamed = [one for one, old in zip(once, names, strict=True) if one != old]
    members = [replace(found.members[place], name=one) for place, one in zip(order, once, strict=True)]
    return Listing(members, found.packed, found.kind, found.left_out, renamed)


def _check_count(met: int, name: str) -> None:
    if met > IMAGES.value:
        raise LoadError(
            f"{name} holds more than {IMAGES.value:,} files. Give a part of them, or raise {IMAGES.env}."
        )


def _check_size(size: int, packed: int, name: str) -> None:
    if size > IMAGES_MB.value * MB:
        raise LoadError(
            f"{name} would unpack to {size / MB:,.0f} MB; the limit is {IMAGES_MB.value:,} MB. "
            f"Give a part of it, or raise {IMAGES_MB.env}."
        )
    if size > RATIO_FROM and size > RATIO * max(1, packed):
        raise LoadError(
            f"{name} unpacks to {size / max(1, packed):,.0f} times its size, as archives do that are made to "
            "do harm. Nothing was read. Give the images as they are."
        )


def unreadable(error: BaseException) -> str:
    """Why a file cannot be read, in a few words."""
    return _first(error)


def _first(error: BaseException) -> str:
    return (str(error).splitlines() or [""])[0][:120] or type(error).__name__
