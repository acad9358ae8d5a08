"""Small pictures, archives and folders of them, made for tests."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def picture(seed: int = 0, width: int = 40, height: int = 30, things: int = 6) -> NDArray[np.uint8]:
    """Smooth colours with some sharp rectangles, height x width x 3."""
    draw = np.random.default_rng(seed)
    across, down = np.linspace(0, 1, width), np.linspace(0, 1, height)[:, None]
    turns = draw.uniform(0.5, 2, (3, 2))
    shades = [np.sin(3 * (a * across + b * down) + i) for i, (a, b) in enumerate(turns)]
    whole = (110 + 70 * np.stack(shades, axis=-1)).astype(np.uint8)
    for _ in range(things):
        left, top = draw.integers(0, width - 4), draw.integers(0, height - 4)
        wide, tall = draw.integers(3, max(4, width // 3)), draw.integers(3, max(4, height // 3))
        whole[top : top + tall, left : left + wide] = draw.integers(0, 256, 3)
    return whole


def encoded(pixels: NDArray[Any] | Image.Image, format: str = "PNG", **how: Any) -> bytes:
    """An image file."""
    out = io.BytesIO()
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    image.save(out, format, **how)
    return out.getvalue()


def zipped(path: Path, files: Mapping[str, bytes]) -> Path:
    """A ZIP of these files."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def tarred(path: Path, files: Mapping[str, bytes], mode: str = "w") -> Path:
    """A tar archive of these files."""
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


def foldered(path: Path, files: Mapping[str, bytes]) -> Path:
    """A folder of these files."""
    for name, content in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(content)
    return path
