"""What is said of copies: that they are there, that they lie on both sides of the split, that labels
disagree.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.analyses.nearduplicates.orientation import MIRRORED
from core.finding import ACROSS, COPIES, TORN, Finding, ranked
from core.numerics.grouping import others_of
from core.phrases import count, listed, name, names, percent, verb
from core.rowset import RowSet

Mask = NDArray[np.bool_]
_WARN_SHARE = 0.01


@dataclass(frozen=True, eq=False)
class CopyMarks:
    """Per row: whether it is a copy to drop, whether surely one of another that is better kept, whether it is
    a part cut out of another, whether it has a copy in the other part, whether it is of serve, whether a
    sure copy has another label, whether any two of its group have; the first row of its group, -1 for none;
    and the way in which an image is turned beside the one to keep. And the column of labels; whether rows
    are images; and the columns in which copies differ as a rule.
    """

    excess: Mask
    repeated: Mask
    crop: Mask
    across: Mask
    serve: Mask
    conflict: Mask
    torn: Mask
    group: NDArray[np.int64]
    target: str
    images: bool
    regular: tuple[str, ...]
    turned: NDArray[np.int8]

    @property
    def noun(self) -> str:
        """What a row is called."""
        return "image" if self.images else "row"

    def copied(self, finding: Finding) -> Finding:
        """The finding with the other rows of the groups of its rows, and how many of them are turned."""
        mask = finding.rows.mask(self.group.size)
        others = RowSet.from_mask(others_of(self.group, mask))
        return replace(finding, copied=others, why=f"{finding.why}{self._turned(mask)}")

    def _turned(self, mask: Mask) -> str:
        mirrored = np.isin(self.turned[mask], MIRRORED)
        flips, turns = int(mirrored.sum()), int(((self.turned[mask] > 0) & ~mirrored).sum())
        ways = [
            f"{count(some)} {verb(some, 'is', 'are')} {way}"
            for some, way in ((flips, "mirrored"), (turns, "turned"))
            if some
        ]
        return f" Beside the image to keep, {listed(ways)}." if ways else ""


def findings(copies: CopyMarks) -> tuple[Finding, ...]:
    """``near_duplicates``, ``near_duplicates_crops``, ``near_duplicates_possible``,
    ``near_duplicates_across_parts``, ``near_duplicates_conflict``. To drop a row of a group whose labels
    disagree would decide which one is right: such rows are sent to review, and told apart from the others.
    """
    found = []
    again = copies.repeated & ~copies.conflict  # those whose labels disagree are told as such
    if again.any():
        found.append(_copies(copies, again))
    # train's across the parts are told as such; serve's stay, and are told here where another of serve does
    rest = copies.excess & ~copies.repeated & ~(copies.across & ~copies.serve)
    differ = copies.torn & np.bool_(not copies.regular)
    for told, some, torn in (
        (_crops, rest & copies.crop, differ),
        (_possible, rest & ~copies.crop, differ),
        (_across, copies.across, differ),
    ):
        if (some & ~torn).any():
            found.append(told(copies, some & ~torn))
        if (some & torn).any():
            found.append(_left_to_review(told(copies, some & torn), copies.target))
    if copies.conflict.any():
        found.append(_conflict(copies))
    return ranked([copies.copied(one) for one in found])


def _left_to_review(finding: Finding, target: str) -> Finding:
    """The same of rows of groups whose labels disagree."""
    which = verb(len(finding.rows), "is", "are")
    return replace(
        finding,
        title=f"{finding.title}, and {name(target)} differs among them",
        suggestion=f"Which label is right only a person can see: look at {'it' if which == 'is' else 'them'} "
        "in review before any is dropped.",
        about=f"{target} differs",
        action="defer",
    )


def _copies(copies: CopyMarks, mask: Mask) -> Finding:
    share = float(mask.mean())
    keep = "the largest and least compressed" if copies.images else "the most typical row (the medoid)"
    one, several = ("near-duplicate", "near-duplicates") if copies.images else ("copy", "copies")
    are = f"is a {one}" if mask.sum() == 1 else f"are {several}"
    whole = verb(int(mask.sum()), "another", "others")
    how = f"of {whole}" if copies.images else f"of {whole} with slips"
    return Finding(
        code="near_duplicates",
        title=f"{count(int(mask.sum()), copies.noun)} {are} {how} ({percent(share)})",
        severity="warning" if share >= _WARN_SHARE else "info",
        score=min(1.0, 0.3 + share),
        why="Copies count several times, and on both sides of a random split they make a model look better.",
        suggestion=f"Look at the groups side by side; keep {keep} of each and drop the rest.",
        rows=RowSet.from_mask(mask),
        value=float(mask.sum()),
        measure=f"{copies.noun}s besides one of each group",
        n=mask.size,
        action="drop",
        kin=(COPIES,),
    )


def _crops(copies: CopyMarks, mask: Mask) -> Finding:
    number = int(mask.sum())
    return Finding(
        code="near_duplicates_crops",
        title=f"{count(number, 'image')} {verb(number, 'is a part', 'are parts')} cut out of "
        f"{verb(number, 'another', 'others')} "
        f"({percent(float(mask.mean()))})",
        severity="info",
        score=min(1.0, 0.25 + float(mask.mean())),
        why="They show nothing that the others do not, and on both sides of a random split they make a "
        "model look better.",
        suggestion="Look at the groups side by side; drop the parts, or, where they were cut on purpose, "
        "keep each group on one side of every split.",
        rows=RowSet.from_mask(mask),
        value=float(number),
        measure="images cut out of others",
        n=mask.size,
        action="drop",
        kin=(COPIES,),
    )


def _possible(copies: CopyMarks, mask: Mask) -> Finding:
    often = (
        f"As a rule they differ in {names(copies.regular)}: they may be several observations of one thing."
        if copies.regular
        else f"They are much nearer to another {copies.noun} than others of these data are to each other."
    )
    return Finding(
        code="near_duplicates_possible",
        title=f"{count(int(mask.sum()), copies.noun)} may be {'a copy' if mask.sum() == 1 else 'copies'} "
        "of others",
        severity="info",
        score=0.2,
        why=often,
        suggestion="Keep them together on one side of every split."
        if copies.regular
        else "Look at them side by side, or send them to review; a suspicion is no reason to drop.",
        rows=RowSet.from_mask(mask),
        beside=copies.regular,
        value=float(mask.sum()),
        measure=f"{copies.noun}s besides one of each group",
        n=mask.size,
        action="" if copies.regular else "defer",
        kin=(COPIES,),
    )


def _across(copies: CopyMarks, mask: Mask) -> Finding:
    number, part = int((mask & copies.serve).sum()), ", whole or in part" if copies.crop.any() else ""
    there = mask & ~copies.serve  # those to go
    copy = "a copy" if there.sum() == 1 else f"{int(there.sum()):,} copies"
    return Finding(
        code="near_duplicates_across_parts",
        title=f"{count(number, f'serve {copies.noun}')} {verb(number, 'has', 'have')} {copy} in train{part}",
        severity="critical",
        score=min(1.0, 0.6 + number / mask.size),
        why="A model has seen them: what is measured on serve is too good.",
        suggestion="Look at the groups side by side; drop the copies from train, so that serve stays as it "
        "comes, or split again with copies on one side.",
        rows=RowSet.from_mask(there),
        value=float(number),
        measure=f"serve {copies.noun}s with a copy in train",
        n=mask.size,
        action="drop",
        kin=(ACROSS,),
    )


def _conflict(copies: CopyMarks) -> Finding:
    number, copy = int(copies.conflict.sum()), "near-duplicate" if copies.images else "copy"
    return Finding(
        code="near_duplicates_conflict",
        title=f"{count(number, copies.noun)} {verb(number, 'has', 'have')} a {copy} with another "
        f"{name(copies.target)}",
        severity="warning",
        score=min(1.0, 0.5 + number / copies.conflict.size),
        why="One thing cannot be two: at least one of the labels is wrong.",
        suggestion="Which label is right only a person can see: look at each group in review, and relabel or "
        "drop.",
        rows=RowSet.from_mask(copies.conflict),
        beside=(copies.target,),
        value=float(number),
        measure=f"{copies.noun}s",
        n=copies.conflict.size,
        action="defer",
        kin=(TORN, COPIES),
    )
