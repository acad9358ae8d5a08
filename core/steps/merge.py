"""Spellings of one thing written alike: by a map that was made once, and by the method that made it for texts
that are not in it, so that next month's spellings are met too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.errors import SettingError
from core.phrases import count, name, quoted
from core.prepare import collisions
from core.prepare.clusters import METHODS as CLUSTERED
from core.prepare.clusters import Cluster, Clusters, Spelling, clusters, replayed
from core.prepare.levels import encoded
from core.prepare.similar_names import similar_levels
from core.prepare.spelling import merged_levels, preference
from core.settings import Settings, choice, knob
from core.steps.kind import Effect, Kind, Learned, State

METHODS = ("spelling", *CLUSTERED, "names")
if TYPE_CHECKING:
    import pyarrow as pa

SHOWN = 3  # new spellings named in the note
MOST = 200_000  # different texts beyond which spellings are not compared
Counts = Mapping[str, int]


@dataclass(frozen=True)
class Merge(Settings):
    """method: which texts are one. unsure: whether what the method is not sure of is merged too. new: whether
    the method is asked about texts that are not in the map.
    """

    method: str = choice(
        "fingerprint",
        "Alike",
        "spelling: but for case, white space and signs. fingerprint: the same words in any order. ngram: the "
        "same pairs of letters. edit: a letter or two apart. sound: words that sound alike in German. names: "
        "word order, abbreviations, kinds of firm, slips.",
        METHODS,
    )
    unsure: bool = knob(
        False,
        "What is not sure too",
        "Merge every group, those to be looked at among them: different names may be alike.",
    )
    new: bool = knob(
        True,
        "New spellings too",
        "Texts that the map does not know, of serve or of next month's file, are joined where the method is "
        "sure.",
    )


def learn(state: State, column: str, settings: Merge) -> Learned:
    """``map``: each text of train that is written otherwise, and how; ``stay``: the texts that stay as they
    are.

    Of clusters only what is sure, unless the rest is wanted. Raises `SettingError` for a column without
    values in train, or with too many different ones.
    """
    counts = _counted(state.known(column), column)
    return looked_at(state, column, _method(counts, settings.method, settings.unsure))


def clusters_to_choose(state: State, column: str, method: str) -> Clusters:
    """The groups of spellings to choose from, those that are not sure among them. Raises as `learn` does."""
    counts = _counted(state.known(column), column)
    if method in CLUSTERED:
        return clusters(counts, method)
    groups = [
        Cluster(
            head, counts.get(head, 0), tuple(Spelling(one, counts[one], True) for one in members[1:]), method
        )
        for head, members in _groups(_method(counts, method)).items()
    ]
    ordered = sorted(groups, key=lambda one: (-one.changed, one.centre))
    return Clusters(method, tuple(ordered), texts=len(counts))


def looked_at(state: State, column: str, chosen: Mapping[str, str]) -> Learned:
    """What the rule has learned once a person chose which texts are to be written otherwise: all others of
    train stay as they are.
    """
    seen = _counted(state.known(column), column)
    straight = _straight(chosen)
    return {"map": straight, "stay": sorted(text for text in seen if text not in straight)}


def merge(state: State, column: str, settings: Merge, learned: Learned) -> Effect:
    """The texts of the map as it says; those that are not in it as the method says, listed as new."""
    import pyarrow as pa

    codes, texts = encoded(state.values(column))
    times = np.bincount(codes[(codes >= 0) & state.kept & state.scope], minlength=len(texts)).tolist()
    counts = {text: n for text, n in zip(texts.to_pylist(), times, strict=True) if n}
    known = dict(learned.get("map", {}))
    met = met_anew(counts, known, learned.get("stay", ()), settings) if settings.new else {}
    both = {**known, **met}
    words = pa.array([both.get(text, text) for text in texts.to_pylist()], pa.string())
    written = words.take(pa.array(codes, mask=codes < 0))
    return Effect({column: written}, note=_note(met, counts), own_code=_own_code(column, met, settings))


def met_anew(
    counts: Counts, known: Mapping[str, str], stay: Sequence[str], settings: Merge
) -> dict[str, str]:
    """What the method says of texts that the map does not know. Texts that it knows, and those it leads to,
    stay what they are, whatever is commoner now.
    """
    settled = _settled(known, stay)
    if settings.method in collisions.METHODS:
        return collisions.joined(counts, settled, settings.method)
    unknown = [text for text in counts if text not in settled]
    if not unknown or len(counts) > MOST:
        return {}
    if settings.method in CLUSTERED:
        return replayed(settled, settings.method, counts).new.mapping()
    left = {text: n for text, n in counts.items()} | {to: counts.get(to, 0) for to in set(settled.values())}
    met: dict[str, str] = {}
    for head, members in _groups(_method(left, settings.method)).items():
        old = sorted({settled[one] for one in members if one in settled})
        to = min(old, key=lambda one: preference(one, left.get(one, 0))) if old else head
        met |= {one: to for one in members if one in left and one not in settled and one != to}
    return met


def _settled(known: Mapping[str, str], stay: Sequence[str]) -> dict[str, str]:
    """How the texts that were looked at are written."""
    return {**{text: text for text in stay}, **{to: to for to in known.values()}, **known}


def _groups(instead: Mapping[str, str]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for text, to in instead.items():
        groups.setdefault(to, [to]).append(text)
    return groups


def _method(counts: Counts, method: str, unsure: bool = False) -> dict[str, str]:
    """What the method makes of these texts: each to be written otherwise, and how."""
    import pyarrow as pa

    if method in CLUSTERED:
        return clusters(counts, method).mapping(unsure)
    texts = sorted(counts)
    arguments = pa.array(texts, pa.string()), np.array([counts[text] for text in texts], dtype=np.int64)
    return merged_levels(*arguments) if method == "spelling" else similar_levels(*arguments)


def _counted(values: pa.Array, column: str) -> dict[str, int]:
    import pyarrow.compute as pc

    counted = pc.value_counts(values)
    if len(counted) > MOST:
        raise SettingError(
            f"{name(column)} holds {count(len(counted), 'different text')}; spellings are compared among at "
            f"most {MOST:,}. Shorten them first."
        )
    return dict(zip(counted.field("values").to_pylist(), counted.field("counts").to_pylist(), strict=True))


def _straight(chosen: Mapping[str, str]) -> dict[str, str]:
    """The map without chains and without texts that stay."""
    straight: dict[str, str] = {}
    for text in sorted(chosen):
        to, passed = chosen[text], {text}
        while to in chosen and to not in passed:
            passed.add(to)
            to = chosen[to]
        if to != text:
            straight[text] = to
    return straight


def _own_code(column: str, met: Mapping[str, str], settings: Merge) -> Callable[[], list[str]] | None:
    """The spellings of these data that are not in the map, where the code does not find them itself."""
    if not met or settings.method in collisions.METHODS:
        return None
    return lambda: [f"spellings = {dict(met)!r}", _written(column)]


def _note(met: Mapping[str, str], counts: Counts) -> str:
    """Which spellings were not in the map."""
    if not met:
        return ""
    often = sorted(met, key=lambda text: (-counts[text], text))
    shown = ", ".join(f"{quoted(text)} as {quoted(met[text])}" for text in often[:SHOWN])
    more = f" and {len(often) - SHOWN:,} more" if len(often) > SHOWN else ""
    return f"{count(len(met), 'spelling')} not in the map, joined by the method: {shown}{more}."


def code(column: str, settings: Merge, learned: Learned) -> list[str]:
    """The same in pandas: the map, then the method where keys collide. Edit distances and names of firms are
    left to ``apply --as-rules``, and the script says so.
    """
    known = dict(learned.get("map", {}))
    lines = [f"spellings = {known!r}"]
    if settings.new and settings.method in collisions.METHODS:
        lines += [
            f"looked_at = {_settled(known, learned.get('stay', ()))!r}",
            f'counts = frame.loc[chosen & ~about["out"].to_numpy(bool), {column!r}].value_counts().to_dict()',
            f"spellings |= joined(counts, looked_at, {settings.method!r})",
        ]
    elif settings.new:
        lines.append(f"# spellings that are not in the map are joined by {settings.method!r} in Winnow alone")
    return [*lines, _written(column)]


def _written(column: str) -> str:
    """The line that writes the texts as ``spellings`` says."""
    return f'frame[{column!r}] = frame[{column!r}].map(spellings).astype("str").fillna(frame[{column!r}])'


KIND = Kind(
    settings=Merge,
    apply=merge,
    learn=learn,
    code=code,
    columns=("category", "text"),
    scoped=True,
    text=True,
    helpers=collisions.CODE,
)
