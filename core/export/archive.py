"""Everything that an export wrote, as one zip."""

from __future__ import annotations

import io
import shutil
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO

WHEN = (1980, 1, 1, 0, 0, 0)  # the same files give the same bytes, whenever they are zipped


def archive(files: Sequence[Path], out: Path | IO[bytes]) -> None:
    """Write the files into a zip at ``out``, in their order, without folders.

    >>> archive([], target := io.BytesIO()); zipfile.ZipFile(target).namelist()
    []
    """
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as whole:
        for path in files:
            entry = zipfile.ZipInfo(path.name, WHEN)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            with path.open("rb") as source, whole.open(entry, "w", force_zip64=True) as target:
                shutil.copyfileobj(source, target, 1 << 20)


def archived(files: Sequence[Path]) -> bytes:
    """The bytes of that zip."""
    target = io.BytesIO()
    archive(files, target)
    return target.getvalue()
