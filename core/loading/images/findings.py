"""What is said of the files that were left out, and of images that something is wrong with."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from core.finding import Finding
from core.loading.images.archive import UNREADABLE, Listing
from core.loading.images.names import BESIDE, MAGIC, SCRIPT, ending, is_image_name
from core.loading.images.taking import PictureFacts
from core.phrases import count, names, number, verb
from core.rowset import RowSet

_REASONS = {
    "junk": "that an operating system left",
    "link": "that {are} no plain {files} but {links}",
    "encrypted": "that {are} protected by a password",
    "unsafe": "whose {paths} out of the archive",
    "large": "that {are} too large",
    "format": "of {formats} not read as images",
    "named": "that {are} named as no image, but {hold} one",
}
NAMED = 5  # images, and reasons, that are named
_SIXTEEN = 65_535  # the largest value of 16 bits
_TWELVE = 16.5 / 255  # how bright the largest value of 12 bits is among those of 16, as measured in 8 bits
_TOO_DARK = (
    " {} hardly a value above 4,095, as images of 12 bits have: if they are such, they are shown and "
    "measured too dark beside the others. Load them apart, or multiply them by 16."
)
_HARMLESS = ("junk", "format")


def left_out(found: Listing, used: Collection[str] = ()) -> list[Finding]:
    """Files that were not looked at, and files that share a name. used: those beside images that were."""
    named = _misnamed(found, used)
    other = [one for one in _of_other_formats(found) if one not in {*used, *named}]
    reasons = found.left_out | ({"format": other} if other else {}) | ({"named": named} if named else {})
    parts = [_reason(why, len(files)) for why, files in sorted(reasons.items())]
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


def _reason(why: str, many: int) -> str:
    """So many files, and why they were left out.

    >>> _reason("link", 1), _reason("large", 2)
    ('1 file that is no plain file but a link', '2 files that are too large')
    """
    words = {
        "are": ("is", "are"),
        "files": ("file", "files"),
        "links": ("a link", "links"),
        "paths": ("path leads", "paths lead"),
        "formats": ("a format that is", "formats that are"),
        "hold": ("holds", "hold"),
    }
    said = {key: verb(many, *both) for key, both in words.items()}
    return f"{count(many, 'file')} {_REASONS[why].format(**said)}"


def _misnamed(found: Listing, used: Collection[str]) -> list[str]:
    """Files that are images by their first bytes, but not by their name."""
    named = []
    for member in found.members:
        if is_image_name(member.name) or member.name in used:
            continue
        try:
            head = member.read(16)
        except UNREADABLE:
            continue
        if head.startswith(MAGIC):
            named.append(member.name)
    return named


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
        and member.name.rpartition("/")[2] != SCRIPT
        and member.name.rpartition(".")[0] not in stems
    ]


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
                f"{reasons_of(lost, called)} A model cannot be trained on {them}, and most programs stop at "
                "the first one.",
                f"Write or download {them} again, or drop {verb(len(lost), 'this row', 'these rows')}.",
                RowSet(sorted(lost)),
                value=float(len(lost)),
                n=len(called),
                action="drop",
            )
        )
    for family, (rows, low, high) in sorted(taken.deep.items()):
        few = _of_twelve(rows, high, taken) if family == "integer" else []
        findings.append(_deep(family, rows, low, high, few))
    return findings


def reasons_of(lost: Mapping[int, str], called: Sequence[str]) -> str:
    """Why images cannot be read, each reason once with those it is true of, the commonest first.

    >>> reasons_of({0: "it is empty", 2: "it is no image", 3: "it is empty"}, ["a", "b", "c", "d"])
    "'a' and 'd': it is empty. 'c': it is no image."
    """
    by_reason: dict[str, list[str]] = {}
    for row in sorted(lost):
        by_reason.setdefault(lost[row], []).append(called[row])
    order = sorted(by_reason.items(), key=lambda one: -len(one[1]))
    said = [f"{names(some)}: {why}." for why, some in order[:NAMED]]
    return " ".join([*said, *(["And other reasons."] if len(order) > NAMED else [])])


def _some(rows: list[int]) -> str:
    return f"{count(len(rows), 'image')} of them {verb(len(rows), 'has', 'have')}"


def _of_twelve(rows: list[int], high: float, taken: PictureFacts) -> list[int]:
    """Those of the images with values of 16 bits whose own hardly go beyond what 12 bits hold."""
    if high < _SIXTEEN:
        return []
    own = {row: taken.rows[row] for row in rows}
    return [row for row, facts in own.items() if facts is not None and facts["brightest"] <= _TWELVE]


def _deep(family: str, rows: list[int], low: float, high: float, few: list[int]) -> Finding:
    """few: rows of those that look as if they were of 12 bits."""
    what = {"float": "floating-point numbers", "colour": "more than eight bits a channel"}
    how = "their 1st to 99th percentile" if family == "float" else "their depth"
    return Finding(
        "deep_images",
        f"{count(len(rows), 'image')} of {what.get(family, 'more than eight bits')}: {number(low)} "
        f"is shown and measured as black, "
        f"{number(high)} as white ({how}).",
        "info",
        0.1,
        "Most programs cut such values to white instead." + (_TOO_DARK.format(_some(few)) if few else ""),
        "Scale them the same way where a model reads them.",
        RowSet(rows),
        value=float(len(rows)),
        about=family,
    )
