"""What the footer of a canonical file says of its data set, beside the table itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from core.dataset.column import Column
from core.dataset.source import Source
from core.dataset.split import PartSplit
from core.errors import LoadError
from core.finding import Finding
from core.rowset import RowSet

META = b"winnow"  # key of it among the key-value metadata


@dataclass(frozen=True)
class Footer:
    """The facts of a data set that stand in its file; the fields are those of `core.dataset.Dataset`."""

    name: str
    rows: int
    columns: tuple[Column, ...]
    fingerprint: str
    source: Source
    split: PartSplit | None = None
    loading: tuple[Finding, ...] = ()
    overrides: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> Footer:
        """The footer of a canonical file. Raises `LoadError` when the file is gone or was not written by
        Winnow.
        """
        import pyarrow.parquet as pq

        try:
            schema = pq.read_schema(path)
        except (OSError, ValueError) as error:
            what = f"is damaged ({str(error)[:80]})" if path.exists() else "is gone"
            raise LoadError(f"The workspace's copy {path.name} {what}. Load the data again.") from error
        if META not in (schema.metadata or {}):
            raise LoadError(f"{path.name} was not written by Winnow. Load it as a source instead.")
        try:
            return cls._from_plain(json.loads(schema.metadata[META]))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise LoadError(
                f"{path.name} was written by another version of Winnow ({error}). Load the data again."
            ) from error

    @classmethod
    def _from_plain(cls, plain: dict[str, Any]) -> Footer:
        return cls(
            name=plain["name"],
            rows=plain["rows"],
            columns=tuple(map(_column, plain["columns"])),
            fingerprint=plain["fingerprint"],
            source=Source.from_plain(plain["source"]),
            split=PartSplit(**plain["split"]) if plain.get("split") else None,
            loading=tuple(_finding(f) for f in plain["loading"]),
            overrides=plain.get("overrides", {}),
        )

    def to_bytes(self) -> bytes:
        """What `read` reads."""
        loading = [
            {
                **f.to_json(),
                "ranges": f.rows.to_json(),
                "measure": f.measure,  # without the part, which has a place of its own
                "about": f.about,
                "left_out": f.left_out,
            }
            for f in self.loading
        ]
        plain = {
            "name": self.name,
            "rows": self.rows,
            "columns": [asdict(c) for c in self.columns],
            "fingerprint": self.fingerprint,
            "source": asdict(self.source),
            "split": asdict(self.split) if self.split else None,
            "loading": loading,
            "overrides": dict(self.overrides),
        }
        return json.dumps(plain).encode()


def _column(plain: dict[str, Any]) -> Column:
    listed = {
        "null_tokens": tuple(map(tuple, plain["null_tokens"])),
        "layouts": tuple(plain.get("layouts", ())),
    }
    return Column(**{**plain, **listed})


def _finding(plain: dict[str, Any]) -> Finding:
    kept = {k: v for k, v in plain.items() if k not in ("rows", "row_count", "ranges")}
    listed = {name: tuple(kept.get(name, ())) for name in ("columns", "beside")}
    return Finding(**{**kept, **listed, "rows": RowSet.from_json(plain["ranges"])})
