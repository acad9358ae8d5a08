"""Originals of an image set at their full size, in the child that reads what comes from outside."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from core.loading.images.decode import ImageError, decode

ROOM = 300_000_000  # bytes of pixels after which the child hands over what it has


def decoded(task: dict[str, Any]) -> dict[str, Any]:
    """Write ``0.npy``, ``1.npy`` and so on, height x width x 3, RGB of eight bits, upright, on white.

    Keys of the task: originals (the pack), pictures (offset and length each), folder. Gives one [width,
    height, why] per picture that was looked at, the size being the file's own and why "" where it was
    written; fewer than asked once they fill the room.
    """
    folder, told, room = Path(task["folder"]), list[list[Any]](), ROOM
    handle = os.open(task["originals"], os.O_RDONLY)
    try:
        for place, (offset, length) in enumerate(task["pictures"]):
            try:
                made = decode(os.pread(handle, length, offset))
            except ImageError as error:
                told.append([0, 0, str(error)])
                continue
            why = "" if made.rgb is not None else "it has more than eight bits a channel"
            told.append([made.facts.width, made.facts.height, why])
            if made.rgb is not None:
                np.save(folder / f"{place}.npy", made.rgb, allow_pickle=False)
                room -= made.rgb.nbytes
            if room < 0:
                break
    finally:
        os.close(handle)
    return {"told": told}
