"""Uploads on the disk, named by what they hold."""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Iterable
from pathlib import Path

from core.errors import LoadError, StoreError
from core.limits import UPLOAD_MB
from core.places import home
from core.workspace.leases import User
from core.workspace.quota import MB, hold, make_room


def keep_upload(name: str, chunks: Iterable[bytes], size: int = 0, user: object = None) -> Path:
    """Write an upload to the disk as it streams in and give its path, which is named by its content.

    size: what the sender says it has; checked before and while writing. user: whose upload it is, and who
    holds it. Raises `LoadError` when over ``WINNOW_UPLOAD_MB``.
    """
    limit = UPLOAD_MB.value * MB
    _check_upload(name, size, limit)
    make_room(2 * size)  # the upload and the table that is read from it
    ending = re.fullmatch(r".*(\.[a-z0-9]{1,8})", name.lower(), re.DOTALL)
    try:
        folder = home() / "incoming"
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, prefix="part-", delete=False) as file:
            part = Path(file.name)
            writer = User()
            hold(part, writer)
            try:
                digest = hashlib.sha256()
                for chunk in chunks:
                    digest.update(chunk)
                    file.write(chunk)
                    _check_upload(name, file.tell(), limit)
                file.flush()
                path = folder / f"{digest.hexdigest()}{ending[1] if ending else ''}"
                hold(path, writer if user is None else user)
                part.replace(path)
            finally:
                part.unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(
            f"The upload cannot be kept in {home()} ({error}). Free some space, or set WINNOW_HOME."
        ) from error
    return path


def upload_of(sha256: str) -> Path | None:
    """The upload with these bytes, if it is still there: uploads stay for a day."""
    if not re.fullmatch(r"[0-9a-f]{64}", sha256):
        return None
    return next((path for path in (home() / "incoming").glob(f"{sha256}*") if path.is_file()), None)


def _check_upload(name: str, size: int, limit: int) -> None:
    if size > limit:
        shown = name[-80:]
        raise LoadError(
            f"{shown!r} is larger than {limit / MB:,.0f} MB. "
            f"Load it from a path instead, or raise {UPLOAD_MB.env}."
        )
