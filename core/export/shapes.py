"""The shape of data (names and kinds of the columns, in any order), and how two shapes differ."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from core.dataset import Dataset
from core.dataset.pictures import FACTS, MEASURES, PREFIX
from core.phrases import count, name, names

WORDS = frozenset({"category", "text", "identifier", "image"})  # kinds that differ by how often values repeat
ALIKE = 0.6  # share of equal letters in order (Ratcliff and Obershelp 1988) from which two names are one
MEASURED = frozenset(PREFIX + what for what in (*FACTS, *MEASURES))
PAIRS = 10_000  # pairs of names that are compared; wider differences are no renaming


def shape_of(dataset: Dataset) -> dict[str, str]:
    """The columns of a data set with their kinds."""
    return {column.name: column.kind for column in dataset.columns}


@dataclass(frozen=True)
class ShapeDifference:
    """What differs between the shape of a recipe and that of other data.

    same: columns of both.
    missing: those of the recipe alone; new: those of the data alone.
    kinds: columns of both whose kind is another now: column -> (kind of the recipe, kind here).
    likely: missing column -> new column that is likely the same under another name.
    """

    same: tuple[str, ...]
    missing: tuple[str, ...]
    new: tuple[str, ...]
    kinds: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    likely: Mapping[str, str] = field(default_factory=dict)

    @property
    def likeness(self) -> float:
        """From 0, nothing in common, to 1, the same: of all columns the share that both have. One under
        another name, or of a kind that does not go with the other, counts half. What Winnow measured of
        images, which all have, does not count.

        >>> files = {"image": "image", "image_bytes": "numeric"}
        >>> difference({**files, "label": "category"}, {**files, "objects": "numeric"}).likeness
        0.3333333333333333
        """
        same, missing, new = (own(columns) for columns in (self.same, self.missing, self.new))
        union = len(same) + len(missing) + len(new) - len(self.likely)
        halves = len(self.likely) + sum(not goes_with(*self.kinds[c]) for c in same if c in self.kinds)
        shared = len(same) + len(self.likely) - 0.5 * halves
        return shared / union if union else 0.0

    @property
    def words(self) -> str:
        """The difference in one sentence; "" for none.

        >>> difference({"town": "text"}, {"Town": "text", "b": "numeric"}).words
        "'town' is likely called 'Town' here; 'b' is new"
        """
        gone = [column for column in self.missing if column not in self.likely]
        extra = [column for column in self.new if column not in self.likely.values()]
        likely = [f"{name(old)} is likely called {name(new)} here" for old, new in self.likely.items()]
        many = [f"{count(len(likely), 'column')} likely have another name here"]
        clauses = likely if len(likely) < 4 else many
        clauses += [f"{names(gone)} {'is' if len(gone) == 1 else 'are'} missing"] if gone else []
        clauses += [f"{names(extra)} {'is' if len(extra) == 1 else 'are'} new"] if extra else []
        other = [column for column, kinds in self.kinds.items() if not goes_with(*kinds)]
        clauses += [f"{names(other)} {'is' if len(other) == 1 else 'are'} of another kind"] if other else []
        return "; ".join(clauses)


def difference(there: Mapping[str, str], here: Mapping[str, str]) -> ShapeDifference:
    """How the shape ``here`` differs from the shape ``there``; both are column -> kind, in any order."""
    same = tuple(column for column in there if column in here)
    missing = tuple(column for column in there if column not in here)
    new = tuple(column for column in here if column not in there)
    kinds = {c: (there[c], here[c]) for c in same if there[c] != here[c]}
    return ShapeDifference(same, missing, new, kinds, _likely(missing, new, there, here))


def own(columns: Iterable[str]) -> list[str]:
    """The columns that Winnow has not measured of images."""
    return [column for column in columns if column not in MEASURED]


def goes_with(kind: str, other: str) -> bool:
    """Whether a column may be of either kind from one file to the next: a category becomes text where its
    values repeat less.
    """
    return kind == other or {kind, other} <= WORDS


def _likely(
    missing: tuple[str, ...], new: tuple[str, ...], there: Mapping[str, str], here: Mapping[str, str]
) -> dict[str, str]:
    """The names that changed: the most alike first, each used once; then the only two left of one kind."""
    if len(missing) * len(new) > PAIRS:
        return {}
    missing, new = tuple(own(missing)), tuple(own(new))
    scored = [
        (_alike(old, now), -at, -to, old, now)
        for at, old in enumerate(missing)
        for to, now in enumerate(new)
        if goes_with(there[old], here[now])
    ]
    found: dict[str, str] = {}
    used: set[str] = set()
    for likeness, _, _, old, now in sorted(scored, reverse=True):
        if likeness >= ALIKE and old not in found and now not in used:
            found[old] = now
            used.add(now)
    for old in missing:
        left = [now for now in new if here[now] == there[old] and now not in used]
        rivals = [other for other in missing if there[other] == there[old] and other not in found]
        if old not in found and len(left) == len(rivals) == 1:
            found[old] = left[0]
            used.add(left[0])
    return {old: found[old] for old in missing if old in found}


def _alike(one: str, other: str) -> float:
    one, other = ("".join(letter for letter in text.casefold() if letter.isalnum()) for text in (one, other))
    return SequenceMatcher(None, one, other, autojunk=False).ratio() if one and other else 0.0
