"""What sort of thing a column holds, judged from its values; and which role a column may play, judged from
its name.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from core.dataset import Column, Dataset, Kind, Roles

if TYPE_CHECKING:
    import pyarrow as pa

FEW = 20  # below this many values nothing is called an identifier
KEPT = 20_000  # distinct texts counted exactly
_ID_NAME = re.compile(
    r"(?i:(^|[_\W])(id|uuid|guid|key|index|idx|rowid|nr|no)$|^(id|uuid|guid|unnamed: ?0)([_\W]|$))|[a-z](ID|Id)$"
)
_TARGETS = [
    "target",
    "label",
    "class",
    "y",
    "outcome",
    "survived",
    "churn",
    "churned",
    "default",
    "diagnosis",
    "species",
    "fraud",
]
_TARGETS += ["is_fraud", "response", "loan_status", "repaid", "income", "quality", "rating", "damage"]


class Tally:
    """Running facts about one column, from which its kind follows. Feed it every batch in source order."""

    def __init__(self, stored: str) -> None:
        self.stored = stored
        self.count = self.rows = 0
        self._last: int | None = None
        self._step: int | None = None
        self._rising = stored == "int64"
        self._texts: Any = None
        self._chars = self._words = self._spaced = 0
        self._all_new = True

    def add(self, values: pa.Array) -> None:
        """Take in one batch of values (canonical type)."""
        there = values.drop_null()
        self.rows += len(values)
        self.count += len(there)
        if not len(there):
            return
        if self.stored == "int64" and self._rising:
            self._follow(there)
        elif self.stored == "string":
            self._read(there)

    def _follow(self, there: Any) -> None:
        import numpy as np

        numbers = there.to_numpy(zero_copy_only=False)
        if self._last is not None:
            numbers = np.concatenate([[self._last], numbers])
        steps = np.diff(numbers.astype(np.float64))
        self._rising = bool((steps > 0).all())
        if steps.size:
            self._step = (
                int(steps[0])
                if self._step in (None, int(steps[0])) and bool((steps == steps[0]).all())
                else 0
            )
        self._last = int(numbers[-1])

    def _read(self, there: Any) -> None:
        import pyarrow as pa
        import pyarrow.compute as pc

        found = pc.unique(there)
        self._all_new = self._all_new and len(found) >= 0.95 * len(there)
        self._chars += pc.sum(pc.utf8_length(there)).as_py()
        blanks = pc.count_substring(there, " ")
        self._words += pc.sum(blanks).as_py() + len(there)
        self._spaced += pc.sum(pc.greater(blanks, 0)).as_py()
        if self._texts is None or len(self._texts) <= KEPT:
            self._texts = found if self._texts is None else pc.unique(pa.concat_arrays([self._texts, found]))

    @property
    def levels(self) -> int:
        """Number of distinct texts; counted exactly up to 20,000."""
        return 0 if self._texts is None else len(self._texts)

    def kind(self, name: str, unique: bool) -> tuple[Kind, float]:
        """The kind and how sure it is. ``unique``: whether all values of the column differ (asked where
        `asks_unique`).
        """
        if self.count == 0:
            return "category", 0.0
        if self.stored in ("bool", "timestamp", "double"):
            return {"bool": "boolean", "timestamp": "datetime", "double": "numeric"}[self.stored], 1.0  # type: ignore[return-value]
        if self.stored == "int64":
            return self._number(name, unique)
        return self._text(name, unique)

    def asks_unique(self, name: str) -> bool:
        """Whether the kind depends on all values being different."""
        if self.count < FEW:
            return False
        if self.stored == "int64":
            return not self._rising and bool(_ID_NAME.search(name))
        return self.stored == "string" and self._all_new and self._short()

    def _short(self) -> bool:
        return self._chars <= 40 * self.count and self._spaced <= 0.05 * self.count

    def _number(self, name: str, unique: bool) -> tuple[Kind, float]:
        named = bool(_ID_NAME.search(name))
        if self.count >= FEW and self._rising and (named or self._step == 1):
            return "identifier", 0.95
        if self.count >= FEW and self._rising:
            return "identifier", 0.6
        return ("identifier", 0.9) if unique and named else ("numeric", 0.95)

    def _text(self, name: str, unique: bool) -> tuple[Kind, float]:
        if unique:
            return "identifier", 0.9 if _ID_NAME.search(name) else 0.7
        many = self.levels > max(50, 0.3 * self.count)
        if many and (self._words >= 3 * self.count or self._chars >= 40 * self.count):
            return "text", 0.9
        if self._chars >= 120 * self.count:
            return "text", 0.8
        return "category", 0.9 if self.levels <= max(20, 0.05 * self.count) else 0.6


def suggest_roles(dataset: Dataset) -> Roles:
    """Roles that the names and kinds suggest; a person decides. Never a weight.

    The target is a column with a usual name, or else the last one with few classes; the id an identifier with
    a usual name; the time the only datetime column, or one with a usual name.
    """
    return Roles(target=_target(dataset), id=_identifier(dataset), time=_time(dataset))


def _target(dataset: Dataset) -> str | None:
    usable = [c for c in dataset.columns if c.kind in ("category", "boolean", "numeric")]
    named = {c.name.strip().lower(): c.name for c in usable}
    for name in _TARGETS:
        if name in named:
            return named[name]
    if not usable or usable[-1].name != dataset.columns[-1].name or not _few_classes(dataset, usable[-1]):
        return None
    return usable[-1].name


def _few_classes(dataset: Dataset, column: Column) -> bool:
    import pyarrow.compute as pc

    if column.kind == "numeric" and column.stored != "int64":
        return False
    values = next(dataset.batches([column.name]), None)
    return values is not None and 2 <= pc.count_distinct(values.column(0)).as_py() <= 20


def _identifier(dataset: Dataset) -> str | None:
    ids = [c for c in dataset.columns if c.kind == "identifier"]
    named = [c for c in ids if _ID_NAME.search(c.name)]
    return (named or ids)[0].name if ids else None


def _time(dataset: Dataset) -> str | None:
    times = [c.name for c in dataset.columns if c.kind == "datetime"]
    if len(times) == 1:
        return times[0]
    return next((n for n in times if re.search(r"date|time|stamp|created", n, re.IGNORECASE)), None)
