"""The layout of a WebDataset: what belongs to an image has its name up to the first dot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.loading.images.archive import Member
from core.loading.images.layouts.arranged import Arranged, SourceFiles, parted
from core.loading.images.tables import column_of, json_of, text_of

if TYPE_CHECKING:
    import pyarrow as pa


def webdataset(files: SourceFiles) -> Arranged | None:
    """A tar archive whose members share a key up to the first dot of their base name."""
    beside = {member.name: member for member in files.others}
    keys = [_key(one) for one in files.names]
    labelled = [f"{key}.cls" in beside or f"{key}.json" in beside or f"{key}.txt" in beside for key in keys]
    if files.kind != "tar" or sum(labelled) < 0.9 * len(keys):
        return None
    columns: dict[str, list[object]] = {}
    used: set[str] = set()
    for row, key in enumerate(keys):
        facts: dict[str, object] = {}
        if f"{key}.json" in beside:
            value = json_of(files.read(beside[f"{key}.json"]))
            if isinstance(value, dict):
                facts |= value
                used.add(f"{key}.json")
        for suffix, called in ((".txt", "text"), (".cls", "label")):
            if key + suffix in beside:
                facts[called] = text_of(files.read(beside[key + suffix])).strip()
                used.add(key + suffix)
        for called, one in facts.items():
            columns.setdefault(called, [None] * len(keys))[row] = one
    arrays: dict[str, pa.Array] = {called: column_of(cells) for called, cells in columns.items()}
    members: list[Member | None] = list(files.images)
    sentence = "A WebDataset: what belongs to an image has its name up to the first dot"
    return parted(Arranged("webdataset", sentence, members, files.names, arrays, used=used))


def _key(path: str) -> str:
    """The key of a member of a WebDataset.

    >>> _key("a/b.v2.jpg"), _key("x.jpg")
    ('a/b', 'x')
    """
    folder, slash, base = path.rpartition("/")
    return folder + slash + base.split(".", 1)[0]
