"""Copies as groups without chains: all rows of a group are like all others of it."""

from __future__ import annotations

import numpy as np

from core.analyses.nearduplicates.candidates import ComparedColumns
from core.analyses.nearduplicates.columns import Ids
from core.analyses.nearduplicates.standing_out import Copies
from core.progress import SILENT, Progress


def groups(
    found: Copies, compared: ComparedColumns, rows: int, progress: Progress = SILENT
) -> list[list[int]]:
    """Groups of places, each of two rows at least, by complete linkage: pairs join, those of the most
    evidence first, where every row of the one group and every row of the other have at least the evidence
    that the floor asks for.
    """
    order = np.lexsort((found.second, found.first, -found.bits))
    known = set(zip(found.first.tolist(), found.second.tolist(), strict=True))
    members: dict[int, list[int]] = {}
    group = np.full(rows, -1, np.int64)
    for one, other in zip(found.first[order].tolist(), found.second[order].tolist(), strict=True):
        progress.check()
        mine, theirs = ([at] if group[at] < 0 else members[int(group[at])] for at in (one, other))
        if group[one] >= 0 and group[one] == group[other]:
            continue
        unknown = [(a, b) for a in mine for b in theirs if (min(a, b), max(a, b)) not in known]
        if unknown and not _alike(np.array(unknown, np.int64), compared, found.floor):
            continue
        for at in (one, other):
            members.pop(int(group[at]), None)
        members[one] = sorted([*mine, *theirs])
        group[members[one]] = one
    return list(members.values())


def _alike(pairs: Ids, compared: ComparedColumns, floor: float) -> bool:
    return bool((compared.at(pairs[:, 0]).bits(compared.at(pairs[:, 1])) >= floor).all())
