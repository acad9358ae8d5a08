"""One decision: what is done, to which rows, cells, column or finding, and why. What can be decided, and what
it does, stands in the table of `core.actions`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from core.actions import ACTIONS, FORMER, Action
from core.errors import InputError, RecipeError, SettingError
from core.filters import Filter
from core.rowset import RowSet

# Keys of what an acceptance says of its finding beside the key (`core.acceptance`), and of a region in it.
MEMBERS, GATHERS = "members", "gathers"
ABOUT, COLUMNS, ROWS, ONE_IN = OF_REGION = ("about", "columns", "rows", "one_in")


@dataclass(frozen=True)
class Decision:
    """One decision about some rows, their cells in a column, a column, or a finding.

    action: one of `ACTIONS`.
    rows: the rows, or the filter that names them; none where a column or a finding is decided about.
    value: the new label, as it is to be written, or the weight (at least 0), where the action needs one.
    why: the reason, "" if none was given.
    finding: key of the finding that led to it or that is decided about, "" if none.
    column: the column whose cells change, or that is decided about.
    who, when: name and ISO time in UTC.
    settings: of a rule (`core.steps`), as plain JSON. Its ``rows`` are those whose cells it may change; an
        empty set means all.
    learned: what a rule learned from train, as plain JSON; empty where it is to be learned from the data.
    """

    action: str
    rows: RowSet | Filter
    value: str | float | None = None
    why: str = ""
    finding: str = ""
    column: str = ""
    who: str = ""
    when: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    learned: Mapping[str, Any] = field(default_factory=dict)

    @property
    def worked_out(self) -> bool:
        """Whether it is one of the weights that were worked out for many rows at once, as those of a coreset
        are: nobody looked at its rows for it.
        """
        return self.kind.needs == "weight" and self.settings.get("worked_out") is True

    @property
    def of_coreset(self) -> bool:
        """Whether it is one of the weights that came with a coreset that was kept."""
        return self.kind.needs == "weight" and self.settings.get("coreset") is True

    @property
    def of_some_rows(self) -> bool:
        """Whether rows are named that it is about, even if a filter takes none of them."""
        return isinstance(self.rows, Filter) or len(self.rows) > 0

    def __hash__(self) -> int:
        return hash((self.action, self.rows, self.value, self.finding, self.column, str(self.settings)))

    def __post_init__(self) -> None:
        if self.action not in ACTIONS:
            raise SettingError.unknown(self.action, ACTIONS)
        kind = self.kind
        if kind.needs == "label" and (not isinstance(self.value, str) or not self.column):
            raise SettingError(
                f"A {self.action} needs the new label and the column it goes into; choose a target first."
            )
        if kind.needs == "weight" and not (
            isinstance(self.value, (int, float)) and 0 <= self.value < float("inf")
        ):
            raise SettingError(f"A weight is a number of at least 0; got {self.value!r}.")
        if kind.on in ("cells", "columns", "values") and not self.column:
            raise SettingError(f"Give the column to {self.action}.")
        if kind.on == "findings" and not self.finding:
            raise SettingError(f"Give the key of the finding to {self.action}.")
        if isinstance(self.rows, Filter) and not self.rows.by_data_alone:
            raise SettingError(
                "A decision keeps a filter that the data alone can answer; 'flagged by' and 'score' need "
                "findings. Decide about the rows that it takes now."
            )

    @property
    def kind(self) -> Action:
        """What the table says of its action."""
        return ACTIONS[self.action]

    def to_json(self) -> dict[str, Any]:
        """Plain JSON; rows as half-open ranges, or as the text of the filter."""
        kept = "ranges" if isinstance(self.rows, RowSet) else "filter"
        rows = {kept: self.rows.to_json()}
        given = {"value": self.value, "why": self.why, "finding": self.finding, "column": self.column}
        rule = {"settings": dict(self.settings)} if self.settings else {}
        rule |= {"learned": dict(self.learned)} if self.learned else {}
        return {"action": self.action, **rows, **given, **rule, "who": self.who, "when": self.when}

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> Decision:
        """The decision that `to_json` wrote. Raises `RecipeError` when it is not one.

        In recipes of format 1, ``where`` stands for ``filter``: one condition, as column, op and value.
        """
        try:
            fields = {k: v for k, v in plain.items() if k not in ("ranges", "filter", "where")}
            fields["action"] = FORMER.get(fields["action"], fields["action"])
            if not all(isinstance(fields.get(name, {}), dict) for name in ("settings", "learned")):
                raise TypeError("its settings must be an object")
            chosen = plain.get("filter", plain.get("where"))
            rows = RowSet.from_json(plain["ranges"]) if chosen is None else Filter.from_json(chosen)
            return cls(rows=rows, **fields)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError, InputError) as error:
            raise RecipeError(f"This is not a decision: {str(plain)[:80]} ({error})") from error


Batch = tuple[Decision, ...]


class Decisions(tuple[Decision, ...]):
    """Decisions in the order in which they are followed. What was found after them is kept by them: the hash
    is worked out once.

    >>> from core.rowset import RowSet
    >>> one = Decision("drop", RowSet([1]))
    >>> Decisions([one]) == (one,), {Decisions([one]): "found"}[(one,)]
    (True, 'found')
    """

    def __hash__(self) -> int:
        if "hash" not in self.__dict__:
            self.__dict__["hash"] = super().__hash__()
        number: int = self.__dict__["hash"]
        return number

    def __reduce__(self) -> tuple[type[Decisions], tuple[Batch]]:
        return (Decisions, (tuple(self),))  # without the hash, which another process works out otherwise


def signed(decision: Decision, who: str, when: str) -> Decision:
    """The decision with its author and time."""
    return replace(decision, who=who, when=when)


def is_step(batch: Batch) -> bool:
    """Whether a batch is a step that a page counts and lists: it may change the data."""
    return any(decision.kind.step for decision in batch)
