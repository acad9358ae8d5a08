"""Where things lie on disk."""

from __future__ import annotations

import os
from pathlib import Path


def home() -> Path:
    """The workspace: ``WINNOW_HOME``, or the user's data folder (``~/.local/share/winnow`` on Linux). Not created here."""
    given = os.environ.get("WINNOW_HOME", "").strip()
    if given:
        return Path(given).expanduser().absolute()
    import platformdirs

    return Path(platformdirs.user_data_dir("winnow", appauthor=False))


def samples() -> Path:
    """The folder of the sample data sets that come with the project."""
    return Path(__file__).resolve().parent.parent / "sample_data"
