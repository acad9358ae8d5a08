"""Which text is a slip of which: each text beside the nearest of the commonest, in stars and never chains."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from core.numerics.near_texts import NearPairs, near_pairs
from core.prepare.similar_names import OFTEN, one_slip
from core.prepare.text_keys import TextKey
from core.progress import Progress


class Node(NamedTuple):
    """Texts of one key, the one to keep first. Nodes stand in the order of these: settled ones first."""

    key: TextKey
    texts: list[str]


class StarPlace(NamedTuple):
    """Where a node belongs: the number of the node that is its centre, how far that is, whether surely."""

    centre: int
    distance: int = 0
    sure: bool = True


def near(nodes: Sequence[Node], progress: Progress) -> NearPairs:
    """The pairs of nodes an edit or two apart, of those with the same numbers in them."""
    numbers: dict[str, int] = {}
    groups = [numbers.setdefault(node.key.numbers, len(numbers)) for node in nodes]
    texts = [node.key.text for node in nodes]
    return near_pairs(texts, np.array(groups, dtype=np.int64), progress=progress)


def stars(nodes: Sequence[Node], pairs: NearPairs, times: Sequence[int], fixed: int) -> list[StarPlace]:
    """Each node to the nearest centre (of equally near ones the first). Centres are, in order, those that are
    not near an earlier one; the first ``fixed``; and those with a slip of their own, where no earlier one is
    as much commoner than they are.
    """
    near = [*zip(pairs.one.tolist(), pairs.other.tolist(), pairs.distance.tolist(), strict=True)]
    slipped = {one for one, other, _ in near if times[one] >= OFTEN * times[other]}
    centres = [True] * len(nodes)
    for one, other, _ in near:
        stays = other < fixed or (other in slipped and times[one] < OFTEN * times[other])
        if centres[one] and not stays:
            centres[other] = False
    likely = _likely(nodes, pairs, times)
    around = Counter(other for one, other, _ in near if centres[one] and not centres[other])
    places = [StarPlace(at) for at in range(len(nodes))]
    for one, other, distance in near:
        nearest = places[other].centre == other or distance < places[other].distance
        if centres[one] and not centres[other] and nearest:
            places[other] = StarPlace(one, distance, around[other] == 1 and (one, other) in likely)
    return places


def _likely(nodes: Sequence[Node], pairs: NearPairs, times: Sequence[int]) -> set[tuple[int, int]]:
    """The pairs of which the second is a slip of the first; none where as many are both frequent."""
    single = pairs.distance == 1
    slips = [
        (one, other)
        for one, other in zip(pairs.one[single].tolist(), pairs.other[single].tolist(), strict=True)
        if one_slip(nodes[one].key.text, nodes[other].key.text)
    ]
    rare = {(one, other) for one, other in slips if times[one] >= OFTEN * times[other]}
    return rare if len(slips) < 2 * len(rare) else set()
