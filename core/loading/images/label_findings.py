"""What is said of tables, annotations and boxes that something is wrong with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from core.finding import Finding
from core.loading.images.boxes import BoxLine, Marked
from core.loading.images.findings import reasons_of
from core.loading.images.layouts.arranged import Arranged, Spots
from core.loading.images.layouts.unused import TAKEN
from core.loading.images.taking import PictureFacts
from core.phrases import count, listed, names, verb
from core.rowset import RowSet


def arranged_findings(order: Arranged) -> list[Finding]:
    """Where a table or an annotation does not fit the files."""
    findings = []
    if order.missing:
        rows = RowSet([row for row, member in enumerate(order.members) if member is None])
        findings.append(
            Finding(
                "images_missing",
                f"{count(len(order.missing), 'image')} that {order.names_them} "
                f"{'is' if len(order.missing) == 1 else 'are'} not there: {names(order.missing)}.",
                "warning",
                min(1.0, len(order.missing) / max(1, len(order.members))),
                "What is known of an image is of no use without it.",
                "Add the files, or drop these rows." if rows else "Add the files: no row is without one.",
                rows,
                value=float(len(order.missing)),
                action="drop" if rows else "",
                left_out=not rows,
            )
        )
    if order.unclear:
        findings.append(
            Finding(
                "images_of_one_name",
                f"{count(len(order.unclear), 'name')} in {order.called} "
                f"{verb(len(order.unclear), 'is that', 'are each that')} of several images: "
                f"{names(order.unclear)}.",
                "warning",
                min(1.0, len(order.unclear) / max(1, len(order.members))),
                "It cannot be said which of them is meant, so nothing was taken of it.",
                "Name images by their path, or lay the table or annotation into their folder.",
                value=float(len(order.unclear)),
                left_out=True,
            )
        )
    if order.renamed:
        findings.append(
            Finding(
                "endings_differ",
                f"{count(len(order.renamed), 'image')} {verb(len(order.renamed), 'has', 'have')} "
                f"another ending than {order.names_them}: {names(order.renamed)}.",
                "info",
                0.1,
                "The only image of that name was taken for the one that is meant.",
                "Look at one of them.",
                value=float(len(order.renamed)),
            )
        )
    if order.spare:
        spare = set(order.spare) if order.boxes is not None else set[str]()
        findings.append(
            Finding(
                "images_not_named",
                f"{count(len(order.spare), 'image')} {verb(len(order.spare), 'is', 'are')} not in "
                f"{order.called}: {names(order.spare)}.",
                "info",
                0.1,
                "Nothing is known of them: no label, no marked objects."
                if order.boxes is not None
                else "They are not among the rows.",
                "Add them to the table, or leave them out."
                if order.boxes is None
                else "Add them to the annotation file, or leave them out.",
                RowSet([row for row, called in enumerate(order.names) if called in spare]),
                value=float(len(order.spare)),
                left_out=order.boxes is None,
            )
        )
    return findings + order.findings + _of_annotation(order) + _unused(order)


def _unused(order: Arranged) -> list[Finding]:
    """Files that look like labels and are not used, and lines of tables that are no rows."""
    findings = []
    if order.unused:
        findings.append(_unused_files(order.unused))
    if order.lost:
        findings.append(
            Finding(
                "lines_of_tables_lost",
                f"{count(order.lost, 'line')} of {order.called} {verb(order.lost, 'is', 'are')} left out, as "
                f"{verb(order.lost, 'it is no row', 'they are no rows')} of its table.",
                "warning",
                0.4,
                "What they say of images is missing from the data.",
                "Mend the table and load the images again.",
                value=float(order.lost),
                left_out=True,
            )
        )
    return findings


def _of_annotation(order: Arranged) -> list[Finding]:
    marked = order.marked
    findings = []
    if marked is not None and (lost := marked.without_image + marked.without_file + marked.unusable):
        each = [
            f"{count(marked.without_image, 'annotation')} of images that are not listed"
            if marked.without_image
            else "",
            f"{count(marked.without_file, 'annotation')} of images that are not there"
            if marked.without_file
            else "",
            f"{count(marked.unusable, 'annotation')} that cannot be read" if marked.unusable else "",
        ]
        said = [one for one in each if one]
        findings.append(
            Finding(
                "annotations_lost",
                f"Left out: {listed(said, len(said))}.",
                "warning",
                0.4,
                f"Objects that they mark are missing from the data.{_elsewhere(order.lost_at)}",
                "Mend the annotation file and load it again.",
                _rows(order.lost_at),
                value=float(lost),
                left_out=True,
            )
        )
    if marked is not None and (unnamed := +marked.unnamed):
        findings.append(
            Finding(
                "categories_not_named",
                f"{count(unnamed.total(), 'object')} {verb(unnamed.total(), 'has', 'have')} a category that "
                f"no file names: {names(sorted(unnamed))}.",
                "warning",
                0.4,
                "Its number stands for its class, and a model that goes by the names does not know it."
                f"{_elsewhere(order.unnamed_at)}",
                "Name these categories in the annotation file, or mend the numbers.",
                _rows(order.unnamed_at),
                value=float(unnamed.total()),
            )
        )
    if marked is not None and marked.between:
        findings.append(_between(marked, order.unclear_at))
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


def _between(marked: Marked, where: Spots) -> Finding:
    """Label files of which several files say the classes or keypoints, and not the same."""
    many = len(marked.unclear_at)
    return Finding(
        "label_files_unclear",
        f"{count(many, 'label file')} may belong to any of {names(sorted(marked.between))}, which name other "
        "classes or say other keypoints.",
        "warning",
        0.5,
        "A label file is read with the data.yaml nearest above it. Several lie in that folder here, or none "
        "lies above. Where their names differ numbers stand for the classes; where the shapes of keypoints "
        f"differ the lines alone say how many there are.{_elsewhere(where)}",
        "Lay each of these files into the folder above its own labels, and load the images again.",
        _rows(where),
        value=float(many),
    )


def _rows(spots: Spots) -> RowSet:
    return RowSet(sorted(spots.rows))


def _elsewhere(spots: Spots) -> str:
    """Where those stand whose image is not known; "" where there are none."""
    return f" Of no image here: {names(spots.others)}." if spots.others else ""


def _unused_files(unused: Mapping[str, str]) -> Finding:
    """The files, those of the commonest reason first, which the title says, too."""
    many, reasons = len(unused), Counter(unused.values()).most_common()
    first = sorted(unused, key=lambda file: unused[file] != reasons[0][0])
    more = ", and other reasons" if len(reasons) > 1 else ""
    chosen = set(unused.values()) == {TAKEN}
    return Finding(
        "labels_not_used",
        f"{count(many, 'file')} that {verb(many, 'looks', 'look')} like labels {verb(many, 'was', 'were')} "
        f"not used: {names(first)} ({reasons[0][0]}{more}).",
        "info" if chosen else "warning",
        0.1 if chosen else 0.5,
        reasons_of(dict(enumerate(unused.values())), list(unused)),
        "Choose the layout that they belong to, if they are meant."
        if chosen
        else "Mend them and load the images again, if they are meant.",
        value=float(many),
        left_out=True,
    )


def other_sizes(rows: Collection[int]) -> list[Finding]:
    """Images whose annotation gives another size than they have. rows: of these."""
    if not rows:
        return []
    return [
        Finding(
            "annotated_sizes_differ",
            f"The annotation gives another size than {count(len(rows), 'image')} "
            f"{verb(len(rows), 'has', 'have')}.",
            "warning",
            0.5,
            "Objects were marked on another version of the image: their boxes may lie elsewhere.",
            "Look at these images; add those that were annotated, or mend the sizes.",
            RowSet(sorted(rows)),
            value=float(len(rows)),
        )
    ]


def box_findings(
    lines: Sequence[BoxLine], unread: Sequence[int], lost: Mapping[str, Sequence[int]], taken: PictureFacts
) -> list[Finding]:
    """Boxes that reach out of their image, that have no area, and that are there twice; keypoints outside of
    it, and those that were not read: of ``unread`` and ``lost`` as `keypoints_not_read` has them.
    """
    outside, empty, twice = _wrong_boxes(lines, taken)
    findings = [keypoints_not_read(unread, lost)] if unread or lost else []
    findings += _keypoint_findings(lines, taken)
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
                "Look at these images; remove such boxes in the annotation file.",
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
                "Look at these images; remove the second one in the annotation file.",
                RowSet(sorted(twice)),
                value=float(len(twice)),
            )
        )
    return findings


def keypoints_not_read(
    unread: Sequence[int], lost: Mapping[str, Sequence[int]], before: Finding | None = None
) -> Finding:
    """Objects whose boxes alone were read. unread: the row of each whose keypoints are none. lost: class ->
    the rows of those of which it cannot be told which keypoint is which. before: said of other objects of
    these images, and of these here, too.
    """
    rows = [*unread, *(row for own in lost.values() for row in own)]
    many = len(rows) + int(before.value if before is not None and before.value is not None else 0)
    why = [before.why] if before is not None else []
    if unread:
        why.append(
            "They are not x, y and how each is seen, all of them numbers, or not as many as the names of "
            "their class or other lines have."
        )
    if lost:
        why.append(
            f"Of {names(sorted(lost))} another file says other names, sides or another number of keypoints, "
            "or one says no names: which keypoint is which cannot be told."
        )
    return Finding(
        "keypoints_not_read",
        f"Keypoints of {count(many, 'object')} were not read: their boxes alone were.",
        "warning",
        0.4,
        " ".join(dict.fromkeys(why)),
        "Look at these images; mend the annotation file and load it again.",
        RowSet(sorted({*rows, *(before.rows.ids.tolist() if before is not None and before.rows else ())})),
        value=float(many),
        left_out=True,
    )


def _keypoint_findings(lines: Sequence[BoxLine], taken: PictureFacts) -> list[Finding]:
    findings = []
    outside = sorted({line[0] for line in lines if _points_outside(line, taken)})
    if outside:
        findings.append(
            Finding(
                "keypoints_outside",
                f"Keypoints lie outside of {count(len(outside), 'image')}.",
                "warning",
                0.5,
                "They were marked on another version of the image, or in other units.",
                "Look at these images; keypoints outside are not drawn.",
                RowSet(outside),
                value=float(len(outside)),
            )
        )
    return findings


def _points_outside(line: BoxLine, taken: PictureFacts) -> bool:
    """Whether a keypoint that is there lies more than a pixel out of its image."""
    facts = taken.rows[line[0]] or {"width": 0, "height": 0}
    wide, tall, points = facts["width"] + 1, facts["height"] + 1, line[7]
    return any(
        seen and not (-1 <= x <= wide and -1 <= y <= tall)
        for x, y, seen in zip(points[::3], points[1::3], points[2::3], strict=True)
    )


def _wrong_boxes(lines: Sequence[BoxLine], taken: PictureFacts) -> tuple[set[int], set[int], set[int]]:
    """The rows of images with boxes that reach out of them, that have no area, that are there twice."""
    outside, empty = set(), set()
    for row, _, x, y, width, height, *_ in lines:
        facts = taken.rows[row] or {"width": 0, "height": 0}
        if width <= 0 or height <= 0:
            empty.add(row)
        elif x < -1 or y < -1 or x + width > facts["width"] + 1 or y + height > facts["height"] + 1:
            outside.add(row)
    twice = {line[0] for line, met in Counter(line[:7] for line in lines).items() if met > 1 and not line[6]}
    return outside, empty, twice
