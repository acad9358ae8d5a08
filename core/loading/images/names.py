"""What files in an archive are called."""

from __future__ import annotations

from pathlib import PurePosixPath

from core.loading.decoding import visible
from core.loading.encodings import guess

ENDINGS = (
    *(".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp", ".bmp", ".dib", ".gif", ".tif", ".tiff"),
    *(".svg", ".heic", ".heif", ".avif", ".ico", ".jp2", ".ppm", ".pgm", ".psd", ".raw", ".dcm"),
)  # of files that are meant to be images, whether we read them or not
SCRIPT = "augment.py"  # beside variants of images: what makes them again
BESIDE = (
    *(".txt", ".json", ".jsonl", ".ndjson", ".csv", ".tsv", ".parquet", ".xml", ".yaml", ".yml"),
    *(".names", ".data", ".cfg", ".md", ".html", ".pdf", ""),
)  # of tables, annotations and notes that lie beside images
MAGIC = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\0", b"MM\0*")  # first bytes of images
_JUNK = ("thumbs.db", "desktop.ini", "icon\r")


def read_names(given: list[tuple[str, bool]]) -> list[str]:
    """Paths of the members of a ZIP, from what `zipfile` made of their bytes, and whether it was told that
    they are UTF-8. Where it was not, it reads them in code page 437, while most programs write UTF-8 or the
    code page of the machine.

    >>> read_names([("Gr├╢├ƒe.png", False), ("a\\\\b.png", False), ("é.png", True)])
    ['Größe.png', 'a\\\\b.png', 'é.png']
    """
    untold = {
        name: name.encode("cp437", "replace") for name, told in given if not told and not name.isascii()
    }
    legacy = [raw for raw in untold.values() if not _is_utf8(raw)]
    encoding = guess(legacy[:200]).encoding if legacy else "cp437"
    names = []
    for name, told in given:
        raw = None if told else untold.get(name)
        text = name if raw is None else raw.decode("utf-8" if _is_utf8(raw) else encoding, "replace")
        names.append(clean(text))
    return names


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def clean(name: str) -> str:
    """The path without what it need not say, and with what cannot be decoded written out.

    >>> clean("./a//b.png"), clean("a\\0.png")
    ('a/b.png', 'a')
    """
    absolute = name.startswith("/")
    parts = [part for part in visible(name.split("\0")[0]).split("/") if part not in ("", ".")]
    return ("/" if absolute else "") + "/".join(parts)


def is_junk(name: str) -> bool:
    """Whether an operating system put the file there.

    >>> [is_junk(name) for name in ("__MACOSX/a/._x.png", "a/.DS_Store", "a/Thumbs.db", "a/x.png")]
    [True, True, True, False]
    """
    parts = name.split("/")
    return "__MACOSX" in parts or parts[-1].startswith(".") or parts[-1].lower() in _JUNK


def is_unsafe(name: str) -> bool:
    """Whether a path leads out of its archive.

    >>> [is_unsafe(name) for name in ("../x.png", "a/../../x.png", "/etc/x.png", "C:\\\\x.png", "a..b/x.png")]
    [True, True, True, True, False]
    """
    parts = name.replace("\\", "/").split("/")
    return not name or name.startswith("/") or ".." in parts or (len(parts[0]) == 2 and parts[0][1] == ":")


def distinct(names: list[str]) -> list[str]:
    """The names, each once: a second one of the same name is told by a number.

    >>> distinct(["a.png", "a.png", "a (2).png", "b"])
    ['a.png', 'a (3).png', 'a (2).png', 'b']
    """
    taken, seen, once = set(names), set(), []
    for name in names:
        new, turn = name, 1
        while new in seen or (new in taken and new != name):
            turn += 1
            path = PurePosixPath(name)
            new = str(path.with_name(f"{path.stem} ({turn}){path.suffix}"))
        seen.add(new)
        once.append(new)
    return once


def ending(name: str) -> str:
    """The ending of a file's name, with its dot, in small letters."""
    return PurePosixPath(name).suffix.lower()


def is_image_name(name: str) -> bool:
    """Whether a file is meant to be an image, by its name."""
    return ending(name) in ENDINGS
