"""Where things lie on disk."""

from __future__ import annotations

import os
from pathlib import Path


def home() -> Path:
    """The workspace: ``WINNOW_HOME``, or the user's data folder (``~/.local/share/winnow`` on Linux). Not
    created here.
    """
    given = os.environ.get("WINNOW_HOME", "").strip()
    if given:
        return Path(given).expanduser().absolute()
    import platformdirs

    return Path(platformdirs.user_data_dir("winnow", appauthor=False))


def samples() -> Path:
    """The folder of the sample data sets that come with the project."""
    return Path(__file__).resolve().parent.parent / "sample_data"


def compiled() -> Path:
    """Where machine code that numba compiled is kept between runs: ``NUMBA_CACHE_DIR``, the user's cache
    folder, or, where that cannot be written, a temporary one. Created here."""
    import tempfile

    import platformdirs

    given = os.environ.get("NUMBA_CACHE_DIR", "").strip()
    place = Path(given) if given else Path(platformdirs.user_cache_dir("winnow", appauthor=False)) / "numba"
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError:
        return Path(tempfile.mkdtemp(prefix="winnow-numba-"))
    return place if os.access(place, os.W_OK) else Path(tempfile.mkdtemp(prefix="winnow-numba-"))
