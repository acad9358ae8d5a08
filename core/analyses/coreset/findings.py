"""What is said of a coreset."""

from __future__ import annotations

import numpy as np

from core.coreset import Coreset
from core.coreset.calibration import least_rows
from core.coreset.coreset import Leaf
from core.coreset.quality import SAME, CoresetQuality
from core.finding import Finding, ranked
from core.phrases import count, in_two_digits, percent
from core.rowset import RowSet

FITS = {"logistic": "a logistic regression", "linear": "least squares"}  # whose loss an error is of
LARGE = 0.05  # relative error of the loss from which a coreset is small for its data
STALE = 0.05  # share of the rows that decisions touched, from which the pilot is stale


def findings(
    coreset: Coreset, edit: tuple[Coreset, Coreset], error: CoresetQuality | None, uniform_as_good: bool
) -> tuple[Finding, ...]:
    """That a uniform sample is as good, that the coreset is small for its data, that its pilot is stale.
    edit: that of all rows, and what it was before decisions.
    """
    size, found = int(coreset.sample.row.size), _stale(*edit)
    if error is not None and uniform_as_good:
        found.append(_uniform_as_good(size, error))
    if error is not None and error.error.high >= LARGE:
        found.append(_small(coreset, size, error))
    return ranked(found)


def _uniform_as_good(size: int, error: CoresetQuality) -> Finding:
    return Finding(
        code="uniform_as_good",
        title=f"A uniform sample of {count(size, 'row')} is as good: expected error of the loss "
        f"{in_two_digits(error.uniform.value)} against {in_two_digits(error.error.value)}",
        severity="info",
        score=0.0,
        why="All rows matter about alike to this loss: no class is rare and no row lies far out, so that "
        "drawing by importance saves nothing.",
        suggestion="Take the uniform sample where equal weights are handier.",
        value=error.ratio,
        measure="error of the coreset over that of a uniform sample",
        limit=SAME,
        n=size,
    )


def _small(coreset: Coreset, size: int, error: CoresetQuality) -> Finding:
    own, least = error.error, least_rows(coreset.pilot)
    more = "Ask for more rows, fewer columns, or correct the fit by one pass over all rows."
    if least is not None and not coreset.sample.calibrated and size < least < coreset.rows:
        more = (
            f"Ask for {count(least, 'row')} or more, or for fewer columns: from there on weights are "
            "calibrated to the slope of all rows, which mostly leaves little of the error."
        )
    if error.of == "fit":
        what = f"{FITS[coreset.pilot.kind]} on them loses {in_two_digits(own.value)} of the loss"
    else:
        what = f"the cost that they give is off by {in_two_digits(own.value)}"
    return Finding(
        code="coreset_small",
        title=f"{count(size, 'row')} may be too few: {what} (95% interval {in_two_digits(own.low)} to "
        f"{in_two_digits(own.high)})",
        severity="info",
        score=min(1.0, own.value),
        why="The error falls with the number of rows: twice as many halve the loss of a fit.",
        suggestion=more,
        value=own.value,
        measure="expected relative error of the loss",
        limit=LARGE,
        n=size,
    )


def _stale(coreset: Coreset, before: Coreset) -> list[Finding]:
    """That decisions touched so many rows that what the pilot learned may no longer hold. The coreset stands
    for all rows all the same; it is only less sharp. Nothing of one that was learned on the data as decided.
    """
    if coreset is before:
        return []
    dropped = _left(before, coreset)
    changed = sum(_changed(leaf) for leaf in coreset.leaves)
    share = (dropped + changed) / max(1, before.rows)
    if share <= STALE:
        return []
    aimless = coreset.sketch.left_out > before.sketch.left_out
    out = f"dropped{' or left without a target or weight' if aimless else ''}"
    done = ((dropped, out), (changed, "changed what it reads of"))
    what = " and ".join(f"{word} {count(rows)}" for rows, word in done if rows)
    return [
        Finding(
            code="stale_pilot",
            title=f"Importance was learned on the data as loaded, weights and errors are of the data as "
            f"decided: since then decisions {what} of {count(before.rows, 'row')} ({percent(share)})",
            severity="info",
            score=min(1.0, share),
            why="The weights make up for it, but rows that matter now may be drawn too seldom. A weight that "
            "a decision gives changes nothing that importance is learned from.",
            suggestion="Switch on the setting that learns the pilot anew.",
            value=share,
            measure="share of rows dropped or changed in what importance reads",
            limit=STALE,
            n=before.rows,
        )
    ]


def _left(before: Coreset, coreset: Coreset) -> int:
    """How many rows could be drawn before and cannot any more, whatever rows came in."""
    was, now = (
        [leaf.ledger.number[leaf.ledger.stratum >= 0] for leaf in one.leaves if leaf.ledger is not None]
        for one in (before, coreset)
    )
    if not was or len(was) < len(before.leaves) or len(now) < len(coreset.leaves):
        return max(0, before.rows - coreset.rows)
    return int(np.count_nonzero(~np.isin(np.concatenate(was), np.concatenate(now), assume_unique=True)))


def _changed(leaf: Leaf) -> int:
    """The rows that are there still and differ in what the pilot reads: one that was changed and then dropped
    counts as dropped alone.
    """
    if leaf.ledger is None:
        return len(leaf.touched)
    ledger = leaf.ledger
    return len(leaf.touched & RowSet(ledger.number[ledger.stratum >= 0]))
