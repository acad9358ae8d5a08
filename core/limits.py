"""Every limit of the program, in one place. Shown in the app; each can be raised by its environment
variable.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from core.errors import SettingError


@dataclass(frozen=True)
class Limit:
    """A number that bounds what is accepted. ``env`` overrides ``default``; read it as ``LIMIT.value``."""

    name: str
    default: int
    unit: str
    meaning: str

    @property
    def env(self) -> str:
        """The environment variable that overrides it."""
        return "WINNOW_" + self.name.upper()

    @property
    def value(self) -> int:
        """The number in force. Raises `SettingError` when the variable does not hold a whole number above
        0.
        """
        given = os.environ.get(self.env, "").strip()
        if not given:
            return self.default
        if not given.isdecimal() or int(given) == 0:
            raise SettingError(f"{self.env} is {given!r}; set it to a whole number of {self.unit} above 0.")
        return int(given)


UPLOAD_MB = Limit("upload_mb", 500, "MB", "size of one uploaded file")
SOURCE_MB = Limit("source_mb", 20_000, "MB", "size of a file read from a path")
ROWS = Limit("rows", 500_000_000, "rows", "rows of one table")
COLUMNS = Limit("columns", 5_000, "columns", "columns of one table")
VECTOR_WIDTH = Limit("vector_width", 4_096, "numbers", "numbers of one vector")
FIELD_KB = Limit("field_kb", 1_024, "KB", "length of one field of a text file")
ASIDE_ROWS = Limit("aside_rows", 100_000, "rows", "rows kept aside because they cannot be parsed")
READ_MEMORY_MB = Limit("read_memory_mb", 4_096, "MB", "memory of the process that reads a file")
READ_SECONDS = Limit(
    "read_seconds",
    900,
    "seconds",
    "time that reading one file may take, and a second more for every 2 MB of it",
)
FILES = Limit("files", 1_000, "files", "files of one folder or pattern")
IMAGES = Limit("images", 50_000, "files", "files in one archive or folder of images")
IMAGE_MB = Limit("image_mb", 50, "MB", "size of one image or other file in an archive, unpacked")
IMAGES_MB = Limit("images_mb", 8_000, "MB", "size of all files of an archive, unpacked")
IMAGE_MP = Limit("image_mp", 40, "megapixels", "pixels of one image")
EMBED_MS = Limit("embed_ms", 500, "ms", "time that a model of yours may take for each image")
WORKSPACE_MB = Limit("workspace_mb", 20_000, "MB", "disk space of the workspace")
WORKSPACE_DAYS = Limit("workspace_days", 90, "days", "days after which an unused data set is removed")
HELD_MB = Limit("held_mb", 1_024, "MB", "size up to which a data set is held in memory")
RESULTS_MB = Limit(
    "results_mb",
    512,
    "MB",
    "memory for remembered results, a quarter of it for what Labels found after earlier decisions",
)
LOOKS_SHARE = 0.25  # of that memory: of what Labels found after earlier decisions
FEATURES_MB = Limit(
    "features_mb",
    512,
    "MB",
    "memory for what is remembered of rows, of each kind (features, neighbours, evidence, rows of maps)",
)
QUEUE = Limit("queue", 8, "jobs", "long jobs that may wait")
WORKERS = Limit("workers", 2, "jobs", "long jobs that run at once")
DRAWN_POINTS = Limit("drawn_points", 50_000, "points", "points drawn in one figure")

SLOWEST = 2_000_000  # bytes of a source that even a busy machine reads in a second

ALL: tuple[Limit, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Limit))


def read_seconds(bytes: int) -> int:
    """How long reading a source of this size may take, seconds: a large one takes its time on a busy machine,
    and can be stopped.

    >>> read_seconds(1_000), read_seconds(10_000_000_000)
    (900, 5900)
    """
    return READ_SECONDS.value + bytes // SLOWEST
