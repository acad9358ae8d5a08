"""Where the data of a set came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Source:
    """Where the data came from and how they were read; enough to read them the same way again.

    ``options`` are the reader's settings as plain JSON (delimiter, encoding, header line …). ``sha256`` is of
    the source's bytes. ``aside``: number of rows kept aside, which could not be parsed or are of another
    table in the file (``aside.csv`` beside the canonical file holds them, and the names above them).
    """

    name: str
    format: str
    sha256: str = ""
    bytes: int = 0
    options: Mapping[str, Any] = field(default_factory=dict)
    aside: int = 0
    serve: Source | None = None

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Source:
        """The source that ``dataclasses.asdict`` wrote."""
        serve = plain.get("serve")
        return cls(**{**plain, "serve": cls.from_plain(serve) if serve else None})
