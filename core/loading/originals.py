"""The pictures of an image set at their full size, decoded in the child, a few at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.dataset.pictures import ORIGINALS, Pictures
from core.loading import _folder
from core.progress import SILENT, Progress

AT_ONCE = 64  # pictures that one child is asked for


class Whole(NamedTuple):
    """One picture: its position in the source; height x width x 3, RGB of eight bits (None where there is
    none, and ``why``); width and height of the file, of which a large JPEG is given a half or a quarter.
    """

    row: int
    pixels: NDArray[np.uint8] | None
    size: tuple[int, int]
    why: str


def originals(pictures: Pictures, rows: Sequence[int], progress: Progress = SILENT) -> Iterator[Whole]:
    """Each of the rows, in their order. Raises `LoadError` when the files are gone or go over a limit."""
    from core.loading.sandbox import run_child

    done = 0
    while done < len(rows):
        asked = list(rows[done : done + AT_ONCE])
        with _folder(pictures.folder.parent) as folder:
            task = {
                "sources": [{"name": pictures.name}],
                "originals": str(pictures.folder / ORIGINALS),
                "pictures": [pictures.place(row) for row in asked],
                "folder": str(folder),
            }
            answer = run_child(task, folder, progress)
            for at, (width, height, why) in enumerate(answer["told"]):
                pixels = None if why else np.load(folder / f"{at}.npy", allow_pickle=False)
                yield Whole(asked[at], pixels, (width, height), why)
        done += len(answer["told"])
