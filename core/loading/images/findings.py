"""What is said of the files that were left out, and of images and boxes that something is wrong with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from core.finding import Finding
from core.loading.images.archive import Listing
from core.loading.images.layouts.arranged import Arranged
from core.loading.images.names import BESIDE, ending, is_image_name
from core.loading.images.taking import PictureFacts
from core.phrases import count, names, number, verb
from core.rowset import RowSet

Line = tuple[int, str, float, float, float, float, bool]
_REASONS = {
    "junk": "that an operating system left",
    "link": "that are links or no plain files",
    "encrypted": "that are protected by a password",
    "unsafe": "whose paths lead out of the archive",
    "large": "that are too large",
    "format": "of formats that are not read as images",
}
NAMED = 5  # images, and reasons, that are named
_HARMLESS = ("junk", "format")


def left_out(found: Listing) -> list[Finding]:
    """Files that were not looked at, and files that share a name."""
    other = _of_other_formats(found)
    reasons = {**found.left_out, **({"format": other} if other else {})}
    parts = [f"{count(len(files), 'file')} {_REASONS[why]}" for why, files in sorted(reasons.items())]
    harm = [one for why, files in reasons.items() if why not in _HARMLESS for one in files]
    findings = []
    if parts:
        shown = f": {names([*harm, *other])}" if harm or other else ""
        findings.append(
            Finding(
                "files_left_out",
                f"Left out: {'; '.join(parts)}{shown}.",
                "warning" if harm else "info",
                0.3 if harm else 0.0,
                "Nothing of them is in the data.",
                "Give what is meant to be data as plain files." if harm else "Nothing needs to be done.",
                value=float(sum(map(len, reasons.values()))),
                left_out=True,
            )
        )
    if found.renamed:
        findings.append(
            Finding(
                "names_repeated",
                f"{count(len(found.renamed), 'file')} had a path that another one has, and got a number: "
                f"{names(found.renamed)}.",
                "warning",
                0.3,
                "An archive may hold two files of one path; most programs see only the last.",
                "Look which of them is meant.",
                value=float(len(found.renamed)),
            )
        )
    return findings


def _of_other_formats(found: Listing) -> list[str]:
    """Files that are neither images by their name, nor tables, annotations or notes, nor go with an image of
    the same name.
    """
    stems = {member.name.rpartition(".")[0] for member in found.members if is_image_name(member.name)}
    return [
        member.name
        for member in found.members
        if not is_image_name(member.name)
        and ending(member.name) not in BESIDE
        and member.name.rpartition(".")[0] not in stems
    ]


def arranged_findings(order: Arranged) -> list[Finding]:
    """Where a table or an annotation does not fit the files."""
    findings = []
    if order.missing:
        rows = RowSet([row for row, member in enumerate(order.members) if member is None])
        findings.append(
            Finding(
                "images_missing",
                f"{count(len(order.missing), 'image')} that {order.layout} names "
                f"{'is' if len(order.missing) == 1 else 'are'} not there: {names(order.missing)}.",
                "warning",
                min(1.0, len(order.missing) / max(1, len(order.members))),
                "What is known of an image is of no use without it.",
                "Add the files, or drop these rows.",
                rows,
                value=float(len(order.missing)),
                action="drop",
            )
        )
    if order.spare:
        findings.append(
            Finding(
                "images_not_named",
                f"{count(len(order.spare), 'image')} {'is' if len(order.spare) == 1 else 'are'} not named by "
                f"the {order.layout}: {names(order.spare)}.",
                "info",
                0.1,
                "Nothing is known of them: no label, no marked objects."
                if order.boxes is not None
                else "They are not among the rows.",
                "Add them to the table, or leave them out.",
                value=float(len(order.spare)),
                left_out=order.boxes is None,
            )
        )
    return findings + _of_annotation(order)


def _of_annotation(order: Arranged) -> list[Finding]:
    marked = order.marked
    findings = []
    if marked is not None and (marked.without_image or marked.unusable):
        both = [
            f"{count(marked.without_image, 'annotation')} of images that are not listed"
            if marked.without_image
            else "",
            f"{count(marked.unusable, 'annotation')} that cannot be read" if marked.unusable else "",
        ]
        findings.append(
            Finding(
                "annotations_lost",
                f"Left out: {' and '.join(filter(None, both))}.",
                "warning",
                0.4,
                "Objects that they mark are missing from the data.",
                "Mend the annotation file and load it again.",
                value=float(marked.without_image + marked.unusable),
                left_out=True,
            )
        )
    if marked is not None and marked.twice_named:
        findings.append(
            Finding(
                "categories_of_one_name",
                f"Several categories have one name: {names(marked.twice_named)}.",
                "warning",
                0.4,
                "They are one class here, while a model that goes by their ids keeps them apart.",
                "Give each category a name of its own in the annotation file.",
                value=float(len(marked.twice_named)),
            )
        )
    return findings


def taken_findings(taken: PictureFacts, called: Sequence[str]) -> list[Finding]:
    """Images that cannot be read, and images of more than eight bits."""
    findings = []
    lost = {row: why for row, why in taken.why.items() if why != "it is not there"}
    if lost:
        them = verb(len(lost), "it", "them")
        which = names([called[row] for row in sorted(lost)], NAMED)
        findings.append(
            Finding(
                "unreadable_images",
                f"{count(len(lost), 'image')} cannot be read: {which}.",
                "warning",
                min(1.0, 0.3 + len(lost) / len(called)),
                f"{_reasons(lost, called)} A model cannot be trained on {them}, and most programs stop at "
                "the first one.",
                f"Write or download {them} again, or drop {verb(len(lost), 'this row', 'these rows')}.",
                RowSet(sorted(lost)),
                value=float(len(lost)),
                n=len(called),
                action="drop",
            )
        )
    for family, (rows, low, high) in sorted(taken.deep.items()):
        findings.append(_deep(family, rows, low, high))
    return findings


def _reasons(lost: Mapping[int, str], called: Sequence[str]) -> str:
    """Why images cannot be read, each reason once with those it is true of, the commonest first.

    >>> _reasons({0: "it is empty", 2: "it is no image", 3: "it is empty"}, ["a", "b", "c", "d"])
    "'a' and 'd': it is empty. 'c': it is no image."
    """
    by_reason: dict[str, list[str]] = {}
    for row in sorted(lost):
        by_reason.setdefault(lost[row], []).append(called[row])
    order = sorted(by_reason.items(), key=lambda one: -len(one[1]))
    said = [f"{names(some)}: {why}." for why, some in order[:NAMED]]
    return " ".join([*said, *(["And other reasons."] if len(order) > NAMED else [])])


def _deep(family: str, rows: list[int], low: float, high: float) -> Finding:
    what = "floating-point numbers" if family == "float" else "more than eight bits"
    how = "their 1st to 99th percentile" if family == "float" else "their depth"
    return Finding(
        "deep_images",
        f"{count(len(rows), 'image')} of {what}: {number(low)} is shown and measured as black, "
        f"{number(high)} as white ({how}).",
        "info",
        0.1,
        "Most programs cut such values to white instead.",
        "Scale them the same way where a model reads them.",
        RowSet(rows),
        value=float(len(rows)),
        about=family,
    )


def box_findings(lines: Iterable[Line], taken: PictureFacts) -> list[Finding]:
    """Boxes that reach out of their image, that have no area, and that are there twice."""
    outside, empty, twice = _wrong_boxes(list(lines), taken)
    findings = []
    if outside:
        findings.append(
            Finding(
                "boxes_outside",
                f"Boxes reach out of {count(len(outside), 'image')}.",
                "warning",
                0.5,
                "They were marked on another version of the image, or in other units.",
                "Look at these images; boxes are cut at the border where they are drawn.",
                RowSet(sorted(outside)),
                value=float(len(outside)),
            )
        )
    if empty:
        findings.append(
            Finding(
                "boxes_without_area",
                f"{count(len(empty), 'image')} {'has' if len(empty) == 1 else 'have'} boxes without area.",
                "warning",
                0.4,
                "Many programs stop at them, or take them for missing.",
                "Remove these boxes in the annotation file.",
                RowSet(sorted(empty)),
                value=float(len(empty)),
            )
        )
    if twice:
        findings.append(
            Finding(
                "boxes_repeated",
                f"{count(len(twice), 'image')} {'has' if len(twice) == 1 else 'have'} the same box twice.",
                "warning",
                0.3,
                "The object counts twice.",
                "Remove the second one in the annotation file.",
                RowSet(sorted(twice)),
                value=float(len(twice)),
            )
        )
    return findings


def _wrong_boxes(lines: list[Line], taken: PictureFacts) -> tuple[set[int], set[int], set[int]]:
    """The rows of images with boxes that reach out of them, that have no area, that are there twice."""
    outside, empty = set(), set()
    for row, _, x, y, width, height, _ in lines:
        facts = taken.rows[row] or {"width": 0, "height": 0}
        if width <= 0 or height <= 0:
            empty.add(row)
        elif x < -1 or y < -1 or x + width > facts["width"] + 1 or y + height > facts["height"] + 1:
            outside.add(row)
    twice = {line[0] for line, met in Counter(lines).items() if met > 1 and not line[6]}
    return outside, empty, twice
