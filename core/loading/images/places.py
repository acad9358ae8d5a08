"""Where images lie, by what a table or an annotation may call them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from core.loading.images.names import is_image_name

_MANY = 100  # images of one name, beyond which it is not asked which lies nearest


class Places:
    """Positions of images by their path, the end of it, their base name, or that without its ending."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        self._paths = {name: place for place, name in enumerate(names)}
        self._short: dict[str, list[int]] = {}
        self._numbers: dict[int, list[int]] = {}
        root = _common_root(names)
        for name, place in self._paths.items():
            base = name.rsplit("/", 1)[-1]
            stem = base.rsplit(".", 1)[0]
            for text in {name.removeprefix(root), base, stem, name.rsplit(".", 1)[0]}:
                self._short.setdefault(text, []).append(place)
            if stem.isascii() and stem.isdigit() and len(stem) < 19:
                self._numbers.setdefault(int(stem), []).append(place)

    def __len__(self) -> int:
        """How many images there are."""
        return len(self._names)

    def of(self, called: Any, beside: str = "") -> int | None:
        """The place of the image that a cell names; None where it names none, or several.

        >>> places = Places(["train/1.png", "valid/1.png", "valid/007.png"])
        >>> [places.of(called) for called in ("valid/1.png", "1.png", 7, "007.jpg", None)]
        [1, None, 2, 2, None]
        >>> places.of("1.png", "valid/marks.json"), places.of("1.png", "marks/of_train.json")
        (1, 0)
        """
        some = self.of_all(called, beside)
        return some[0] if len(some) == 1 else None

    def of_all(self, called: Any, beside: str = "") -> list[int]:
        """The places of the images that a cell may name. ``beside``: the path of the file that the cell is
        of: of several images those in its own folder come first, then those in a folder that its path names.
        A whole number names a file that is called so, zeros before it or not.
        """
        if isinstance(called, int) and not isinstance(called, bool):
            return self._nearest(self._short.get(str(called)) or self._numbers.get(called, []), beside)
        if not isinstance(called, str) or not called:
            return []
        name = called.strip().replace("\\", "/").removeprefix("./")
        some = self._named(name, beside)
        if not some and is_image_name(name):
            some = self._named(name.rsplit(".", 1)[0], beside)
        return some

    def _named(self, name: str, beside: str) -> list[int]:
        below = beside.rpartition("/")[0]
        for path in (f"{below}/{name}" if below else name, name):
            if path in self._paths:
                return [self._paths[path]]
        some = self._short.get(name, [])
        if len(some) != 1:
            some = some or self._short.get(name.rsplit("/", 1)[-1], [])
            whole = [at for at in some if f"/{self._names[at]}".endswith(f"/{name}")]
            some = whole or some
        return self._nearest(some, beside)

    def _nearest(self, some: list[int], beside: str) -> list[int]:
        """Of several images those that lie as the file at ``beside`` does."""
        if len(some) < 2 or len(some) > _MANY or not beside:
            return some
        below = beside.rpartition("/")[0]
        own = [at for at in some if below and self._names[at].startswith(below + "/")]
        if len(own) == 1:
            return own
        words = _words(beside)
        alike = [len(words & _words(self._names[at].rpartition("/")[0])) for at in some]
        return [at for at, many in zip(some, alike, strict=True) if many == max(alike)]


def _words(path: str) -> set[str]:
    return set(re.split(r"[/_.\- ]+", path.lower())) - {""}


def _common_root(names: Sequence[str]) -> str:
    """The folders that all names begin with, with the last slash."""
    if not names:
        return ""
    low, high = min(names), max(names)
    same = next(
        (i for i, (a, b) in enumerate(zip(low, high, strict=False)) if a != b), min(len(low), len(high))
    )
    return low[: low.rfind("/", 0, same) + 1]
