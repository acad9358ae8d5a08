"""Archives and folders of images, as a table with one row per image, the pictures kept beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.dataset.column import Kind
from core.dataset.keypoints import Skeleton
from core.dataset.pictures import BOXES
from core.errors import LoadError
from core.finding import Finding
from core.loading.images.archive import listing
from core.loading.images.boxes import BoxLine, differs, placed, placed_points, table_of_boxes
from core.loading.images.findings import left_out, taken_findings
from core.loading.images.label_findings import arranged_findings, box_findings, other_sizes
from core.loading.images.layouts import arranged
from core.loading.images.layouts.arranged import PART, Arranged, serve_folder
from core.loading.images.layouts.objects import with_objects
from core.loading.images.skeletons import settled
from core.loading.images.taking import Picture, PictureFacts, free_name, measured_columns, take
from core.loading.options import IMAGES, Options
from core.loading.readers import ROWS, Staged
from core.loading.typed_cells import TypedCells
from core.progress import Progress

if TYPE_CHECKING:
    import pyarrow as pa

LOOK_IMAGES = 40  # images that a preview reads
NAME = "image"
_GOLDEN = (5**0.5 - 1) / 2
KINDS: dict[str, Kind] = {
    NAME: "image",
    "label": "category",
}


def read(
    path: Path, name: str, options: Options, folder: Path, progress: Progress, look: bool = False
) -> Staged:
    """Read the images of an archive or a folder. Raises `LoadError` where there is none that can be read,
    or one of the limits is passed.
    """
    found = listing(path, name, folder, progress.check)
    order = with_objects(arranged(found, name, folder, options.layout))
    rows = len(order.members)
    parts = order.columns.get(PART) if order.part_by_folder else None
    folders = [] if parts is None else parts.to_pylist()
    served = serve_folder(folders)
    if look:
        _shorten(order, _examples(folders or [None] * rows, served, LOOK_IMAGES))
    pictures = [
        Picture(called, None if member is None else member.read)
        for called, member in zip(order.names, order.members, strict=True)
    ]
    taken = take(pictures, folder, progress)
    if all(row is None for row in taken.rows):
        alone = f"{name} should be an image, or hold one, but it cannot be read"
        many = f"{name} holds {len(pictures):,} files that should be images, but none can be read"
        within = "" if order.names[0].startswith(name) else f"{order.names[0]!r}: "  # no archive around it
        raise LoadError(
            f"{many if len(pictures) > 1 else alone}: {within}{taken.why[0]}. "
            "Give PNG, JPEG, WebP, BMP, GIF or TIFF files."
        )
    of_images = [*taken_findings(taken, order.names), *_keep_boxes(order, taken, folder)]
    if len(pictures) < rows:
        of_images = [_of_few(one, len(pictures)) for one in of_images]
    findings = [*left_out(found, order.used), *arranged_findings(order), *of_images]
    options_read = {"format": IMAGES, "layout": order.layout, "said": order.sentence, "images": rows}
    options_read |= {"serve_part": [PART, served]} if served else {}
    options_read |= {"serve_rows": folders.count(served)} if served and look else {}
    return staged(order.names, order.columns, taken, options_read, findings)


def _of_few(finding: Finding, number: int) -> Finding:
    """The same of a look, which says of how many images it is.

    >>> found = Finding("boxes_outside", "Boxes reach out of 2 images.", "info", 0.1, "", "")
    >>> _of_few(found, 40).title
    'Boxes reach out of 2 images (of the 40 read so far).'
    """
    return replace(finding, title=f"{finding.title.removesuffix('.')} (of the {number} read so far).")


def staged(
    names: Sequence[str],
    known: dict[str, pa.Array],
    taken: PictureFacts,
    options: dict[str, Any],
    findings: list[Finding],
) -> Staged:
    """The table: names of the images, what is known of them, and what was measured."""
    import pyarrow as pa

    measured = measured_columns(taken, (NAME,))
    arrays: dict[str, pa.Array] = {NAME: pa.array(names, pa.string())}
    for name, values in known.items():
        arrays[free_name(name, {*arrays, *measured.arrays})] = values
    arrays |= measured.arrays
    table = pa.table(list(arrays.values()), names=[str(place) for place in range(len(arrays))])

    def batches(places: list[int]) -> Iterator[pa.RecordBatch]:
        yield from table.select(places).to_batches(max_chunksize=ROWS)

    return Staged(
        names=list(arrays),
        rows=table.num_rows,
        format=IMAGES,
        cells=TypedCells(),
        batches=batches,
        types=[str(field.type) for field in table.schema],
        options={**options, "header": list(arrays), "names": list(arrays)},
        findings=findings,
        kinds={name: kind for name, kind in KINDS.items() if name in arrays} | measured.kinds,
        empty=measured.empty,
    )


def _examples(parts: Sequence[str | None], served: str | None, most: int) -> list[int]:
    """Which images a look shows: of each part as many as of any other, as far as it has them, from all over
    it, so that they are of more than the first class. Parts take turns, that of serve last, and the first few
    are from all over theirs, too (by multiples of the golden ratio).

    >>> _examples(["serve"] * 2 + ["train"] * 6, "serve", 6)
    [2, 0, 5, 1, 3, 6]
    >>> _examples([None] * 8, None, 4)
    [0, 2, 4, 6]
    """
    groups: dict[str | None, list[int]] = {}
    for place, part in enumerate(parts):
        groups.setdefault(part, []).append(place)
    chosen: dict[str | None, list[int]] = {}
    for turn, part in enumerate(sorted(groups, key=lambda part: len(groups[part]))):
        room = (most - sum(map(len, chosen.values()))) // (len(groups) - turn)
        some = groups[part]
        few = min(room, len(some))
        chosen[part] = [some[at * len(some) // few] for at in range(few)]
    if len(groups) == 1:
        return chosen[parts[0]]
    ordered = [
        [chosen[part][at] for at in sorted(range(len(chosen[part])), key=lambda at: at * _GOLDEN % 1.0)]
        for part in sorted(groups, key=lambda part: part == served)
    ]
    return [place for turn in zip_longest(*ordered) for place in turn if place is not None]


def _shorten(order: Arranged, places: Sequence[int]) -> None:
    """Leave the images at these places, in this order."""
    order.members, order.names = [order.members[at] for at in places], [order.names[at] for at in places]
    order.columns = {name: values.take(places) for name, values in order.columns.items()}
    order.boxes = None if order.boxes is None else [order.boxes[at] for at in places]
    for spots in (order.lost_at, order.unnamed_at):
        spots.rows = {row for row, at in enumerate(places) if at in spots.rows}


def _keep_boxes(order: Arranged, taken: PictureFacts, folder: Path) -> list[Finding]:
    """Write the boxes and keypoints of the images that could be read, and say what is wrong with some."""
    if order.boxes is None:
        return []
    import pyarrow.parquet as pq

    lines, own = list[BoxLine](), list[Skeleton]()
    unread, other = list[int](), set[int]()
    for row, boxes in enumerate(order.boxes):
        facts = taken.rows[row]
        if facts is None:
            continue
        size = (facts["width"], facts["height"], facts["orientation"])
        other |= {row for box in boxes if differs(box, *size)}
        for box in boxes:
            points = placed_points(box, *size)
            if points is None or not box.skeleton.fits(points):
                unread.append(row)
                points = ()
            lines.append((row, box.name, *placed(box, *size), box.crowd, points))
            own.append(box.skeleton)
    one = settled([line[1] for line in lines], [line[7] for line in lines], own)
    lost = {name: [lines[place][0] for place in places] for name, places in one.lost.items()}
    lines = [(*line[:7], points) for line, points in zip(lines, one.points, strict=True)]
    pq.write_table(table_of_boxes(lines, one.skeletons), folder / BOXES)
    return [*other_sizes(other), *box_findings(lines, unread, lost, taken)]
