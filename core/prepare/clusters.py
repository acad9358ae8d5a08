"""Spellings of one thing, as clusters to look at and merge: by key collision (words, letters, sound) and by
edit distance, as OpenRefine has them.

Each cluster is a star round its commonest text; there are no chains, so that every member is that close to
the one it is merged into. What is sure enough to be ticked beforehand is told apart from what is to be looked
at. Nothing depends on the order of the texts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from core.errors import SettingError
from core.phrases import count, names, number, quoted
from core.prepare.collisions import turned
from core.prepare.spelling import preference, tidy
from core.prepare.stars import Node, StarPlace, near, stars
from core.prepare.text_keys import LONGEST, TextKey
from core.progress import SILENT, Progress

METHODS = {
    "fingerprint": "same words, whatever their order, case, marks and punctuation",
    "ngram": "same pairs of letters, whatever the blanks",
    "edit": "a letter or two apart",
    "sound": "words that sound alike in German (Cologne phonetics)",
}
_AT_ONCE = 10_000  # texts between two reports of progress


class Spelling(NamedTuple):
    """A text of a cluster. times: how often it occurs; sure: whether it needs no second look; distance: edits
    between it and the centre, as the two are compared (0 where they collide).
    """

    text: str
    times: int
    sure: bool
    distance: int = 0


@dataclass(frozen=True)
class Cluster:
    """Texts that likely are one. ``centre``: the spelling to keep, which occurs ``times`` times; ``members``:
    the others, the commonest first; ``method``: how they were found.
    """

    centre: str
    times: int
    members: tuple[Spelling, ...]
    method: str

    @property
    def sure(self) -> bool:
        """Whether all of it is."""
        return all(member.sure for member in self.members)

    @property
    def changed(self) -> int:
        """Values that merging all of it writes otherwise."""
        return sum(member.times for member in self.members)


@dataclass(frozen=True)
class Clusters:
    """The clusters of a column by one method, those that change most values first.

    method: one of `METHODS`.
    clusters: no text is in two of them.
    texts: how many were compared; left_out: how many were not (see `TextKey.of`).
    candidates, skipped: pairs that an edit distance was asked of, and those that were too many.
    """

    method: str
    clusters: tuple[Cluster, ...]
    texts: int = 0
    left_out: int = 0
    candidates: int = 0
    skipped: int = 0

    def mapping(self, unsure: bool = False) -> dict[str, str]:
        """Each text to be written otherwise, and how: the sure ones, or all."""
        return {
            member.text: cluster.centre
            for cluster in self.clusters
            for member in cluster.members
            if member.sure or unsure
        }

    @property
    def notes(self) -> tuple[str, ...]:
        """What was not compared, in sentences.

        >>> Clusters("edit", (), texts=7, left_out=2).notes
        ('2 texts left out: numbers, dates, codes, and texts without letters or with more than 200.',)
        """
        notes = []
        if self.left_out:
            notes.append(
                f"{count(self.left_out, 'text')} left out: numbers, dates, codes, and texts without letters "
                f"or with more than {LONGEST}."
            )
        if self.skipped:
            notes.append(
                f"{number(self.skipped)} of {number(self.candidates + self.skipped)} pairs that share a "
                "piece of text were not compared, as too many texts share it: of these only pairs one edit "
                "apart were found."
            )
        return tuple(notes)


@dataclass(frozen=True)
class MergeReplay:
    """A stored merge on other texts. known: those that the stored map writes otherwise, and how; new: what
    the stored method proposes for texts that are not in it.
    """

    known: Mapping[str, str]
    new: Clusters


def clusters(counts: Mapping[str, int], method: str = "fingerprint", progress: Progress = SILENT) -> Clusters:
    """Texts that likely are one thing in several spellings.

    counts: how often each text occurs. The centre is the commonest text without stray blanks, of equal
    ones the first by code point; where all have some, the commonest without them.

    ``fingerprint``: equal words (`TextKey.fingerprint`); sure where they are in the same order, or turned
    about a comma, and as many. ``ngram``: equal pairs of letters; sure where only blanks, case, marks and
    punctuation differ. ``edit``: within one edit from 5 letters, two from 12 (`near_pairs`); sure where only
    case, marks and punctuation differ, or where it is one slip in a long word (`one_slip`) beside one `OFTEN`
    times as frequent, there is no other to join, and most pairs of the column that are so close are such.

    ``sound``: words that sound alike in the same order (`TextKey.sound`); sure only where nothing but case,
    marks and punctuation differ, as different names sound alike.

    Raises `SettingError` for an unknown method.

    >>> found = clusters({"Müller, Anna": 3, "Anna Muller": 9, "anna muller": 1, "Part 1 2": 1})
    >>> found.mapping()
    {'Müller, Anna': 'Anna Muller', 'anna muller': 'Anna Muller'}
    >>> [(one.centre, one.members, one.sure) for one in clusters({"Bergen": 9, "Bregen": 2}, "edit").clusters]
    [('Bergen', (Spelling(text='Bregen', times=2, sure=False, distance=1),), False)]
    """
    return _clusters(counts, method, {}, progress)


def replayed(
    stored: Mapping[str, str], method: str, counts: Mapping[str, int], progress: Progress = SILENT
) -> MergeReplay:
    """A stored merge on other data: the map first, then the method on texts that are not in it.

    stored: texts and how they are to be written; one that is written as it is was looked at and stays.
    counts: how often each text occurs now.

    Texts that the map has, and those it leads to, stay what they are: others join them, whatever is commoner.

    Raises `SettingError` for an unknown method.

    >>> again = replayed({"nyc": "NYC"}, "fingerprint", {"nyc": 5, "N.Y.C.": 9, "NYC": 1, "Oslo": 2})
    >>> again.known, again.new.mapping()
    ({'nyc': 'NYC'}, {'N.Y.C.': 'NYC'})
    """
    known = {text: stored[text] for text in counts if stored.get(text, text) != text}
    settled = {text: stored.get(text, text) for text in (*stored, *stored.values())}
    left: dict[str, int] = {}
    for text, times in counts.items():
        left[known.get(text, text)] = left.get(known.get(text, text), 0) + times
    return MergeReplay(known, _clusters(left, method, settled, progress))


def _clusters(
    counts: Mapping[str, int], method: str, settled: Mapping[str, str], progress: Progress
) -> Clusters:
    """The clusters, with the ``settled`` texts as centres: what those are written as is the text to keep."""
    if method not in METHODS:
        raise SettingError(f"{quoted(method)} is no way to find spellings: take one of {names([*METHODS])}.")
    texts = sorted(
        {**dict.fromkeys(settled, 0), **counts},
        key=lambda text: (text not in settled, *preference(text, counts.get(text, 0))),
    )
    keys = _keys(texts, progress.part(0.0, 0.4))
    nodes = _nodes(keys, method)
    nodes.sort(key=lambda node: (node.texts[0] not in settled, *_commonest(node, counts)))
    places, pairs = [StarPlace(at) for at in range(len(nodes))], None
    if method == "edit":
        pairs = near(nodes, progress.part(0.4, 1.0))
        times = [sum(counts.get(text, 0) for text in node.texts) for node in nodes]
        places = stars(nodes, pairs, times, sum(node.texts[0] in settled for node in nodes))
    members = _members(counts, settled, keys, method, list(zip(nodes, places, strict=True)))
    made = [
        Cluster(to, counts.get(to, 0), tuple(sorted(texts, key=lambda one: (-one.times, one.text))), method)
        for to, texts in members.items()
    ]
    read = sum(text in keys for text in counts)
    return Clusters(
        method,
        tuple(sorted(made, key=lambda one: (-one.changed, one.centre))),
        texts=read,
        left_out=len(counts) - read,
        candidates=pairs.candidates if pairs else 0,
        skipped=pairs.skipped if pairs else 0,
    )


def _members(
    counts: Mapping[str, int],
    settled: Mapping[str, str],
    keys: Mapping[str, TextKey],
    method: str,
    placed: Sequence[tuple[Node, StarPlace]],
) -> dict[str, list[Spelling]]:
    """Per text to keep those that are to be written like it. placed: the nodes, and where each belongs."""
    members: dict[str, list[Spelling]] = {}
    joined = {place.centre for _, place in placed if place.distance}
    for at, (node, place) in enumerate(placed):
        if len(node.texts) == 1 and not place.distance and at not in joined:
            continue  # itself
        centre = placed[place.centre][0].texts[0]
        to = settled.get(centre, tidy(centre))
        agreed = {settled[text] for text in node.texts if text in settled} <= {to}
        for text in node.texts:
            if text != to and text not in settled:
                sure = agreed and (place.sure if place.distance else _same(centre, text, keys, method))
                members.setdefault(to, []).append(Spelling(text, counts[text], sure, place.distance))
    return {
        to: texts if to in counts or to in settled else _with_centre(to, texts)
        for to, texts in members.items()
    }


def _with_centre(to: str, texts: list[Spelling]) -> list[Spelling]:
    """The same where no text is written as ``to`` is: that the centre is tidied is sure only where another
    text surely joins it.
    """
    joins = any(one.sure and tidy(one.text) != to for one in texts)
    joins = joins or sum(tidy(one.text) == to for one in texts) > 1
    return [one if joins or tidy(one.text) != to else one._replace(sure=False) for one in texts]


def _keys(texts: Sequence[str], progress: Progress) -> dict[str, TextKey]:
    keys: dict[str, TextKey] = {}
    for at, text in enumerate(texts):
        if at % _AT_ONCE == 0:
            progress.at(at / len(texts), "Reading texts")
        if (key := TextKey.of(text)) is not None:
            keys[text] = key
    return keys


def _nodes(keys: Mapping[str, TextKey], method: str) -> list[Node]:
    """The texts by key, in the order of the first of each."""
    nodes: dict[tuple[str, str], Node] = {}
    for text, key in keys.items():
        compared = _compared(key, method)
        if compared:
            nodes.setdefault((compared, key.numbers), Node(key, [])).texts.append(text)
    return [*nodes.values()]


def _commonest(node: Node, counts: Mapping[str, int]) -> tuple[int, bool, str]:
    """Least for the node of the commonest text, of equal ones of the tidiest, then of the first."""
    return min((-counts.get(text, 0), text != tidy(text), text) for text in node.texts)


def _compared(key: TextKey, method: str) -> str:
    """On what texts collide."""
    if method == "fingerprint":
        return key.fingerprint
    if method == "ngram":
        return key.ngrams
    return key.sound if method == "sound" else key.text


def _same(one: str, other: str, keys: Mapping[str, TextKey], method: str) -> bool:
    """Whether two texts whose keys collide are one for sure."""
    first, second = keys[one].text, keys[other].text
    if method == "ngram":
        return first.replace(" ", "") == second.replace(" ", "")
    return first == second or (method == "fingerprint" and turned(one, other))
