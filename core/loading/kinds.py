"""What sort of thing a column holds, judged from its values; and which role a column may play, judged from
its name.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from core.dataset import Dataset
from core.dataset.column import Column, Kind
from core.dataset.roles import Roles
from core.numerics.texts import FORMULA

if TYPE_CHECKING:
    import pyarrow as pa

FEW = 20  # below this many values nothing is called an identifier
_DAY = "(0?[1-9]|[12][0-9]|3[01])"  # or a month
DATED = rf"^\s*([12]\d{{3}}[-/.]{_DAY}[-/.]{_DAY}|{_DAY}[-/.]{_DAY}[-/.](19|20)?\d\d)([ T]\d.*)?\s*$"
# with a fraction or thousands, whatever the unit before or behind it: $5.20, 1,200 sq ft
_BEFORE, _BEHIND = r"^\s*[+-]?([^\w\s]|[^\W\d_]{1,4}\.?\s)?\s*", r"[^\d.,]{0,12}$"
_AMOUNT = "|".join(
    _BEFORE + digits + _BEHIND for digits in (r"\d{1,3}([.,' ]\d{3})+([.,]\d+)?", r"\d+[.,]\d+")
)
KEPT = 20_000  # distinct texts counted exactly
RARELY = 0.95  # distinct values per row from which those of a column hardly repeat
_ID_NAME = re.compile(
    r"(?i:(^|[_\W])(id|uuid|guid|key|index|idx|rowid|nr|no|ssn|mrn|isbn|ean|iban|vin|npi)$"
    r"|^(id|uuid|guid|unnamed: ?0)([_\W]|$))|[a-z](ID|Id)$"
)
# of whole numbers that are not read as identifiers: consumer_index and queue_no may be measured
_NUMBERED_ID_NAME = re.compile(r"(?i:(^|[_\W])(id|uuid|guid|rowid)$|^(id|uuid|guid)[_\W])|[a-z](ID|Id)$")
_PLAIN_ID_NAME = re.compile(r"(?i)^(id|uuid|guid)$")
# PID, uid, patid: too short to be sure of, unless the numbers look like identifiers as well
_SHORT_ID_NAME = re.compile(r"(?i)(^|[_\W])[a-z]{1,4}id$")
_CODE_NAME = re.compile(
    r"(?i)(^|[_\W])(id|uuid|guid|nr|no|code|ssn|mrn|isbn|ean|iban|vin|npi|zip|phone|fax|social[_\W]?security"
    r"|(zip|postal|post|pin|area|country|icd|naics|fips|serial|bar)[_\W]?code"
    r"|(phone|tel|telephone|mobile|fax|house|street|building|flat|apartment|room|account|acct|card|policy|order"
    r"|invoice|serial|licen[cs]e|passport|case|customer|patient|security)[_\W]?(number|no|nr|num))$"
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


def names_code(name: str) -> bool:
    """Whether a column's name says that its digits are codes or identifiers, and no amounts.

    >>> [names_code(name) for name in ("street_number", "ZIP", "PID", "price", "number of rooms")]
    [True, True, True, False, False]
    """
    return any(pattern.search(name.strip()) for pattern in (_CODE_NAME, _SHORT_ID_NAME))


def dates_or_amounts(texts: pa.Array) -> bool:
    """Whether nine in ten of some different texts are dates, of one layout or of several that contradict each
    other, amounts with units, fractions or thousands, or formulas: these differ from row to row without
    being identifiers.
    """
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    from core.loading.written_dates import date_reader
    from core.loading.written_numbers import number_reader

    enough, ones = 0.9 * len(texts), pa.array(np.ones(len(texts), np.int64))
    for pattern in (DATED, _AMOUNT, FORMULA):
        if pc.match_substring_regex(texts, pattern).true_count >= enough:
            return True
    amounts = number_reader(texts, ones).read(texts).is_valid()
    bare = pc.match_substring_regex(texts, r"^\s*\d+\s*$")
    if pc.and_not(amounts, bare).true_count >= enough:
        return True
    return bool(date_reader(texts, ones).read(texts).is_valid().true_count >= enough)


class Tally:
    """Running facts about one column, from which its kind follows. Feed it every batch in source order, part
    by part: the numbers of rows may begin anew in serve.
    """

    def __init__(self, stored: str) -> None:
        self.stored = stored
        self.count = self.rows = 0
        self._last: int | None = None
        self._step: int | None = None
        self._rising = stored == "int64"
        self._texts: Any = None
        self._chars = self._words = self._spaced = 0
        self._all_new = True
        self._ends: tuple[int, int] | None = None  # the smallest and the largest whole number

    def begin_part(self) -> None:
        """What comes next is of another part."""
        self._last = None

    def add(self, values: pa.Array) -> None:
        """Take in one batch of values (canonical type)."""
        there = values.drop_null()
        self.rows += len(values)
        self.count += len(there)
        if not len(there):
            return
        if self.stored == "int64":
            self._follow(there)
        elif self.stored == "string":
            self._read(there)

    def _follow(self, there: Any) -> None:
        import numpy as np

        numbers = there.to_numpy(zero_copy_only=False)
        ends = (int(numbers.min()), int(numbers.max()))
        self._ends = (
            ends if self._ends is None else (min(ends[0], self._ends[0]), max(ends[1], self._ends[1]))
        )
        if not self._rising:
            return
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

        distinct = pc.unique(there)
        self._all_new = self._all_new and len(distinct) >= 0.95 * len(there)
        self._chars += pc.sum(pc.utf8_length(there)).as_py()
        blanks = pc.count_substring(there, " ")
        self._words += pc.sum(blanks).as_py() + len(there)
        self._spaced += pc.sum(pc.greater(blanks, 0)).as_py()
        if self._texts is None or len(self._texts) <= KEPT:
            self._texts = (
                distinct if self._texts is None else pc.unique(pa.concat_arrays([self._texts, distinct]))
            )

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
            return not self._rising and self._named(name)
        return self.stored == "string" and self._all_new and self._short()

    def _short(self) -> bool:
        return self._chars <= 40 * self.count and self._spaced <= 0.05 * self.count

    def _named(self, name: str) -> bool:
        """Whether the name says that whole numbers are identifiers: a short one such as PID only where all
        have the same number of digits, six or more.
        """
        if _ID_NAME.search(name):
            return True
        low, high = self._ends or (0, 0)
        return names_code(name) and low >= 10**5 and len(str(low)) == len(str(high))

    def _number(self, name: str, unique: bool) -> tuple[Kind, float]:
        named = self._named(name)
        if self.count >= FEW and self._rising and (named or self._step == 1):
            return "identifier", 0.95
        if self.count >= FEW and self._rising:
            return "identifier", 0.6
        return ("identifier", 0.9) if unique and named else ("numeric", 0.95)

    def _text(self, name: str, unique: bool) -> tuple[Kind, float]:
        if unique and not dates_or_amounts(self._texts):
            return "identifier", 0.9 if _ID_NAME.search(name) else 0.7
        many = self.levels > max(50, 0.3 * self.count)
        if many and (self._words >= 3 * self.count or self._chars >= 40 * self.count):
            return "text", 0.9
        if self._chars >= 120 * self.count:
            return "text", 0.8
        return "category", 0.9 if self.levels <= max(20, 0.05 * self.count) else 0.6


def suggest_roles(dataset: Dataset) -> Roles:
    """Roles that the names and kinds suggest; a person decides. Never a weight.

    The target is a column with a usual name, or else the last one with few classes; the id a column with a
    usual name whose values hardly repeat, or else the names of images, or an identifier; the time the only
    datetime column, or one with a usual name.
    """
    return Roles(target=_target(dataset), id=_identifier(dataset), time=_time(dataset))


def names_target(name: str) -> bool:
    """Whether a column's name says that it is what is to be predicted."""
    return name.strip().lower() in _TARGETS


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
    named += [c for c in dataset.columns if c not in ids and _tells_apart(dataset, c)]
    images = [c for c in dataset.columns if c.kind == "image"]
    return next((c.name for c in (*named, *images, *ids)), None)


def _tells_apart(dataset: Dataset, column: Column) -> bool:
    """Whether a column is named as an identifier and its values, without decimals, hardly repeat; in a table
    of few rows only one that is called id and nothing else.
    """
    import pyarrow.compute as pc

    if column.stored not in ("int64", "string") or column.kind not in ("numeric", "category"):
        return False
    many = _ID_NAME if column.stored == "string" else _NUMBERED_ID_NAME
    pattern = many if dataset.rows >= FEW else _PLAIN_ID_NAME
    if not dataset.rows or not pattern.search(column.name.strip()):
        return False
    values = dataset.table([column.name]).column(0)
    return bool(pc.count_distinct(values).as_py() >= RARELY * dataset.rows)


def _time(dataset: Dataset) -> str | None:
    times = [c.name for c in dataset.columns if c.kind == "datetime"]
    if len(times) == 1:
        return times[0]
    return next((n for n in times if re.search(r"date|time|stamp|created", n, re.IGNORECASE)), None)
