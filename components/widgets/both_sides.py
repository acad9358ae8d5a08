"""The rows of a finding about copies across train and serve: both sides of each pair, side by side."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from components import results
from core.dataset import Dataset
from core.finding import ACROSS, Finding
from core.phrases import count, verb
from core.prepare import fixes
from core.prepare.equal_rows import across
from core.prepare.hashes import row_hashes

Ids = NDArray[np.int64]


def listed(dataset: Dataset, finding: Finding) -> tuple[Ids, dict[str, Any], str]:
    """The rows to list, what stands beside each, and how many of them the finding counts, in words. Of copies
    across the parts these are the rows of the finding and those of the other part, pair by pair; of other
    findings their rows alone, with nothing beside.
    """
    if ACROSS not in finding.kin or not len(finding.copied):
        return finding.rows.ids, {}, ""
    ids = (finding.rows | finding.copied).ids
    group = _groups(dataset, finding)[ids]
    _, first, place = np.unique(group, return_index=True, return_inverse=True)
    number = (np.argsort(np.argsort(first)) + 1)[place]  # from the top of the list
    serve = dataset.part_mask("serve")[ids]
    order = np.lexsort((ids, serve, number))
    beside = {"Group": number[order], "Part": np.where(serve, "serve", "train")[order]}
    return ids[order], beside, counted(finding, ids, first.size, "image" if dataset.pictures else "row")


def _groups(dataset: Dataset, finding: Finding) -> NDArray[Any]:
    """Per row of the data what those that are alike share: of near-duplicates their group, else the hash of
    what is compared.
    """
    if finding.code == "near_duplicates_across_parts":
        near = results.so_far(dataset, "nearduplicates").get("nearduplicates")
        if near is not None and near.result is not None:
            return np.asarray(near.result.group)
    return row_hashes(dataset, across(dataset, dataset.roles.target or ""))


def counted(finding: Finding, ids: Ids, groups: int, what: str) -> str:
    """How many rows the groups have, and which of them the finding counts."""
    named = int(np.isin(ids, finding.rows.ids).sum())
    others = ids.size - named
    told = f"{count(groups, 'group')} with {count(ids.size, what)}."
    if not others:
        return f"{told} The finding counts {verb(named, 'it', 'them all')}."
    if fixes.for_rows(finding) != "drop":
        beside = verb(others, "the other stands", "the others stand")
        return f"{told} The finding counts {count(named)} of them; {beside} beside for comparison."
    rest = verb(others, "the other is", f"the other {count(others)} are")
    copies = verb(named, "it is a copy", "they are copies")
    return f"{told} The finding counts {count(named)} of them, to drop; {rest} what {copies} of."
