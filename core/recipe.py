"""A recipe: all it takes to make the same data set again, as one small JSON file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import groupby, pairwise
from operator import itemgetter
from typing import Any

from core.added import MOST
from core.dataset import Dataset
from core.dataset.roles import Roles
from core.dataset.source import Source
from core.dataset.split import PartSplit
from core.decision import Decision
from core.errors import InputError, RecipeError
from core.limits import ROWS
from core.review import Review
from core.rowset import RowSet

FORMAT = 2
READ = (1, 2)  # 1: rows by one condition (``where``), not by a filter


@dataclass(frozen=True)
class Recipe:
    """Data fingerprint, how the source was read, kinds, roles and split, the calls made (settings and seeds),
    and the decisions.

    ``kinds`` holds only the kinds that a person changed. ``calls``: analysis name -> settings as plain JSON,
    seeds among them. ``vectors``: name and sha256 of the vectors that rows were compared by, if any.
    ``probabilities``: of the probabilities that labels were judged by, if the user brought some: name,
    sha256, target, and whether the model had not seen the rows. They are named only: decisions do not need
    them.
    ``columns``: name -> kind. ``passed``: places of decisions that could not be followed. ``known_by``: what
    the rows that are decided one by one are known by in other data (`core.export.row_identity`). ``clicks``:
    for each decision the place of the click that took it; () where that is not known, as of a recipe of
    before.
    """

    fingerprint: str
    source: Source
    rows: int
    decisions: tuple[Decision, ...] = ()
    kinds: Mapping[str, str] = field(default_factory=dict)
    roles: Roles = field(default_factory=Roles)
    split: PartSplit | None = None
    calls: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    vectors: Mapping[str, str] = field(default_factory=dict)
    probabilities: Mapping[str, Any] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)
    passed: tuple[int, ...] = ()
    known_by: Mapping[str, Any] = field(default_factory=dict)
    clicks: tuple[int, ...] = ()

    @classmethod
    def of(
        cls, dataset: Dataset, review: Review, calls: Mapping[str, Mapping[str, Any]] | None = None
    ) -> Recipe:
        """The recipe of a data set and what was decided about it."""
        return cls(
            fingerprint=dataset.fingerprint,
            source=dataset.source,
            rows=dataset.rows,
            decisions=review.decisions,
            kinds=dict(dataset.overrides),
            roles=dataset.roles,
            split=dataset.split,
            calls=dict(calls or {}),
            vectors={"name": dataset.vectors.name, "sha256": dataset.vectors.sha256}
            if dataset.vectors
            else {},
            probabilities=dataset.probabilities.facts if dataset.probabilities else {},
            columns={column.name: column.kind for column in dataset.columns},
            clicks=_from_0(review.steps),
        )

    @property
    def review(self) -> Review:
        """The decisions as a review, each click a batch; each decision one where that is not known."""
        clicks, review = self.clicks or range(len(self.decisions)), Review()
        for _, taken in groupby(zip(clicks, self.decisions, strict=True), key=itemgetter(0)):
            review = review.say(*(decision for _, decision in taken))
        return review

    def to_json(self) -> str:
        """The file's text: JSON, indented, ending in a newline."""
        plain = {
            "winnow_recipe": FORMAT,
            "fingerprint": self.fingerprint,
            "rows": self.rows,
            "source": asdict(self.source),
            "kinds": dict(self.kinds),
            "roles": self.roles.named(),
            "split": asdict(self.split) if self.split else None,
            "calls": {name: dict(settings) for name, settings in self.calls.items()},
            **({"vectors": dict(self.vectors)} if self.vectors else {}),
            **({"probabilities": dict(self.probabilities)} if self.probabilities else {}),
            **({"columns": dict(self.columns)} if self.columns else {}),
            **({"passed": list(self.passed)} if self.passed else {}),
            **({"known_by": dict(self.known_by)} if self.known_by else {}),
            **({"together": _together(self.clicks)} if self.clicks else {}),
            "decisions": [decision.to_json() for decision in self.decisions],
        }
        text = json.dumps(plain, indent=1, ensure_ascii=False)
        # a header with stray bytes cannot be written as it is
        readable = not any("\ud800" <= letter <= "\udfff" for letter in text)
        return (text if readable else json.dumps(plain, indent=1)) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Recipe:
        """Read a recipe. Raises `RecipeError` when it is not one, or was written by a later version."""
        try:
            plain = json.loads(text)
            version = plain["winnow_recipe"]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise RecipeError(
                "This is not a Winnow recipe: it must be a JSON object with the field 'winnow_recipe'."
            ) from error
        if version not in READ or isinstance(version, bool | float):
            raise RecipeError(
                f"The recipe has format {version}; this version reads formats up to {FORMAT}. Update Winnow."
            )
        try:
            return cls._from_plain(plain)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError, InputError) as error:
            raise RecipeError(f"The recipe is damaged ({error}). Export it again.") from error

    @classmethod
    def _from_plain(cls, plain: dict[str, Any]) -> Recipe:
        rows, decisions = plain["rows"], tuple(Decision.from_json(d) for d in plain["decisions"])
        passed = tuple(int(place) for place in plain.get("passed", ()))
        known_by = dict(plain.get("known_by", {}))
        if not isinstance(rows, int) or not 0 <= rows <= ROWS.value:
            raise ValueError(f"it is of {rows!r} rows, and at most {ROWS.value:,} are read")
        adding = any(decision.action == "add_rows" for decision in decisions)
        stops = [_stop(decision) for at, decision in enumerate(decisions) if at not in passed]
        _check_stop(max(stops, default=0), rows, adding)
        past = [_stop(decisions[at]) for at in passed if at < len(decisions)]
        known = [int(row) + 1 for row in known_by.get("rows", ())]
        _check_stop(max(past + known, default=0), rows, adding=True)
        return cls(
            fingerprint=plain["fingerprint"],
            source=Source.from_plain(plain["source"]),
            rows=rows,
            decisions=decisions,
            kinds=plain["kinds"],
            roles=Roles(**plain["roles"]),
            split=PartSplit(**plain["split"]) if plain["split"] else None,
            calls=plain["calls"],
            vectors=plain.get("vectors", {}),
            probabilities=dict(plain.get("probabilities", {})),
            columns=dict(plain.get("columns", {})),
            passed=passed,
            known_by=known_by,
            clicks=_apart(plain["together"], len(decisions)) if "together" in plain else (),
        )

    def fits(self, dataset: Dataset) -> bool:
        """Whether the recipe was made for these data."""
        return dataset.fingerprint == self.fingerprint and dataset.rows == self.rows

    def check(self, dataset: Dataset) -> None:
        """Raise `RecipeError` unless the recipe was made for these data."""
        if not self.fits(dataset):
            raise RecipeError(
                f"The recipe was made for other data: {self.source.name!r} with fingerprint "
                f"{self.fingerprint[:12]}, not {dataset.name!r} with {dataset.fingerprint[:12]}. Apply it to "
                "the file it was made from."
            )


def _stop(decision: Decision) -> int:
    """One past the last row that a decision names: to be decided about, of a finding that it accepts, or as
    one that added rows come from. Raises `ValueError` or `TypeError` for what are no rows.

    >>> _stop(Decision("accept", RowSet(), finding="segment:x", settings={"rows": [[0, 3], [7, 9]]}))
    9
    >>> _stop(Decision("add_rows", RowSet(), settings={"parents": [[4], [1, 6]]}))
    7
    """
    own = decision.rows.stop if isinstance(decision.rows, RowSet) else 0
    of_finding = decision.settings.get("rows", ()) if decision.kind.on == "findings" else ()
    parents = decision.settings.get("parents") or ()
    last = max((int(row) for some in parents for row in some), default=-1)
    return max(own, RowSet.from_json(of_finding).stop, last + 1)


def _check_stop(stop: int, rows: int, adding: bool) -> None:
    """Raise `ValueError` where a row is named that cannot be there. adding: whether there may be rows behind
    those of the source.
    """
    if stop > rows + (MOST if adding else 0):
        raise ValueError(f"it names row {stop - 1} of {rows} rows")


def _from_0(steps: Sequence[int]) -> tuple[int, ...]:
    """The places of batches, numbered anew in the order in which they are followed.

    >>> _from_0((2, 2, 0, 5))
    (0, 0, 1, 2)
    """
    return tuple(at for at, (_, taken) in enumerate(groupby(steps)) for _ in taken)


def _together(clicks: Sequence[int]) -> list[list[int]]:
    """The decisions that one click took with others: the place of the first, and that behind the last.

    >>> _together((0, 0, 1, 2, 2, 2)), _together((0, 1))
    ([[0, 2], [3, 6]], [])
    """
    ends = [at for at in range(len(clicks) + 1) if at in (0, len(clicks)) or clicks[at] != clicks[at - 1]]
    return [[first, stop] for first, stop in pairwise(ends) if stop - first > 1]


def _apart(together: Sequence[Sequence[int]], decisions: int) -> tuple[int, ...]:
    """The click of each decision, as `_together` wrote them. Raises `ValueError` where that cannot be.

    >>> _apart([[0, 2], [3, 6]], 6), _apart([], 2)
    ((0, 0, 1, 2, 2, 2), (0, 1))
    """
    clicks, last = list(range(decisions)), 0
    for first, stop in together:
        if not last <= first < stop <= decisions:
            raise ValueError(f"it takes decisions {first} to {stop - 1} of {decisions} together")
        clicks[first:stop] = [first] * (stop - first)
        last = stop
    return _from_0(clicks)
