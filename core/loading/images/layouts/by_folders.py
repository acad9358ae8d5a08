"""Layouts in which the folders of the images are their classes, or nothing says what they are."""

from __future__ import annotations

from collections.abc import Sequence

from core.loading.images.archive import Member
from core.loading.images.layouts.arranged import PART, PARTS, Arranged, SourceFiles, part_column


def folders(files: SourceFiles) -> Arranged | None:
    """The class is the folder that an image lies in: of several folders, all images as deep as each other."""
    parents = [one.split("/")[:-1] for one in files.names]
    depths = {len(parent) for parent in parents}
    folders = {tuple(parent) for parent in parents}
    if len(depths) != 1 or depths == {0} or len(folders) < 2:
        return None
    labels = [parent[-1] for parent in parents]
    if {label.lower() for label in labels} <= {*PARTS, "images"}:  # train and test, without classes
        return None
    return _by_folder(files, labels, "folders", "the label is the folder that an image lies in")


def top_folders(files: SourceFiles) -> Arranged | None:
    """The class is the first folder that is no part: torchvision's rule, where images lie at several
    depths.
    """
    root = _root_depth(files.names)
    parents = [[p for p in one.split("/")[root:-1] if p.lower() not in PARTS] for one in files.names]
    labels = [parent[0] if parent else None for parent in parents]
    if len({label for label in labels if label}) < 2:
        return None
    return _by_folder(files, labels, "top_folders", "the label is the first folder that names no part")


def _root_depth(names: Sequence[str]) -> int:
    """How many folders all images lie in."""
    parents = [one.split("/")[:-1] for one in names]
    depth = 0
    while all(len(p) > depth for p in parents) and len({p[depth] for p in parents}) == 1:
        depth += 1
    return depth


def plain(files: SourceFiles) -> Arranged | None:
    """What fits always: images of which nothing is known but the part, where folders say it."""
    members: list[Member | None] = list(files.images)
    return Arranged("plain", "Images without labels", members, files.names, dict(part_column(files.names)))


def _by_folder(files: SourceFiles, labels: Sequence[str | None], layout: str, meaning: str) -> Arranged:
    import pyarrow as pa

    columns = {"label": pa.array(labels, pa.string())} | part_column(files.names)
    more = "; the folder above says the part" if PART in columns else ""
    members: list[Member | None] = list(files.images)
    return Arranged(layout, f"Images in folders; {meaning}{more}", members, files.names, columns)
