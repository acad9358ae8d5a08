"""Alerts on text columns that are numbers or dates in disguise."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.analyses.profile.measure import Facts
from core.analyses.profile.rows import LEAST, LEAST_CELLS, picked, rows_with
from core.finding import Finding
from core.numerics import texts
from core.phrases import column_of, percent, quoted

MANY = 100_000  # distinct texts above which a sample decides whether to read them all
_BARE = r"^\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?\s*$"  # what Python reads as a number
_COMMA, _POINT = r",\d{1,2}(?:\D|$)", r"\.\d{1,2}(?:\D|$)"  # a decimal comma, a decimal point
_DAY_FIRST = r"^\s*(?:1[3-9]|2\d|3[01])[-/.]"
LEVELS = 20  # as few different numbers as this may be codes of categories, kept as text on purpose


def mixed_type(facts: Facts) -> Finding | None:
    """A text column of which a part reads as numbers: more than codes of letters and digits would be by
    chance.
    """
    found = readable(facts, texts.NUMBER)
    if found is None or not 0.01 <= found.share < 0.98 or min(found.hits, found.others) < LEAST_CELLS:
        return None
    noise = texts.digits_by_chance(facts.distinct.filter(picked(~found.empty)), facts.counts[~found.empty])
    by_chance = noise + 5 * math.sqrt(noise * (1 - noise) / found.n)
    if found.share <= by_chance + 0.01 or _codes(facts, found):
        return None
    few = found.share < 0.5
    return Finding(
        code="mixed_type",
        title=f"{facts.profile.name!r} mixes numbers and words: {percent(found.share)} of {found.n:,} values "
        "read as numbers",
        severity="info" if found.share < 0.2 else "warning",
        score=0.5 + 0.4 * found.share,
        why="Read as text, the numbers lose their order and size; every one of them becomes a category of "
        "its own.",
        suggestion=f"Look at the values that are {'numbers' if few else 'not numbers'}, such as "
        f"{found.sample(facts, few)}; "
        "mend them or treat them as missing, then load the column as numeric.",
        rows=rows_with(facts, found.mask if few else ~found.mask & ~found.empty),
        columns=(facts.profile.name,),
        value=found.share,
        limit=0.01,
        noise=noise,
        n=found.n,
        action="blank" if few else "retype",
        to="" if few else "numeric",
        fix=_kept_as_words(facts) if few else _as_numbers(facts, found),
    )


def number_as_text(facts: Facts) -> Finding | None:
    """A text column of which 98 % or more read as numbers (signs of money, percent and thousands
    included).
    """
    found = readable(facts, texts.NUMBER)
    if found is None or found.share < 0.98 or _codes(facts, found):
        return None
    return _as_text(
        facts, found, "number_as_text", "numbers", "numeric", "Read as text they have no order and no size."
    )


def date_as_text(facts: Facts) -> Finding | None:
    """A text column of which 98 % or more read as dates."""
    found = readable(facts, texts.DATE)
    if found is None or found.share < 0.98:
        return None
    return _as_text(
        facts, found, "date_as_text", "dates", "datetime", "Read as text they have no order and no distance."
    )


def _as_text(facts: Facts, found: Readable, code: str, what: str, kind: str, why: str) -> Finding:
    name, odd = facts.profile.name, found.others
    but = f"all but {odd:,}" if odd else "all"
    mend = (
        (f"Mend or empty the {odd:,} that do not read so, such as {found.sample(facts, False)}, and load")
        if odd
        else "Load"
    )
    return Finding(
        code=code,
        title=f"{name!r} holds {what} stored as text: {but} of {found.n:,} values read as {what}",
        severity="info" if code == "number_as_text" and facts.profile.distinct <= LEVELS else "warning",
        score=0.5 + 0.2 * found.share,
        why=why,
        suggestion=f"{mend} the column as {kind}{' unless these are codes' if kind == 'numeric' else ''}.",
        rows=rows_with(facts, ~found.mask & ~found.empty),
        columns=(name,),
        value=found.share,
        limit=0.98,
        n=found.n,
        action="retype",
        to=kind,
        fix=_as_numbers(facts, found) if kind == "numeric" else _as_dates(facts, found),
    )


def _as_numbers(facts: Facts, found: Readable) -> str:
    """The line of pandas code that reads the column as numbers; what does not read so becomes missing."""
    column, words = column_of(facts.profile.name), facts.distinct.filter(picked(found.mask))
    if texts.matches(words, _BARE).all():
        return f"{column} = pd.to_numeric({column}.str.strip(), errors='coerce')"
    bare = f"{column}.str.replace(r'[^0-9.,eE+-]', '', regex=True)"
    if texts.matches(words, _COMMA).any() and not texts.matches(words, _POINT).any():
        bare += ".str.replace('.', '').str.replace(',', '.')"
    else:
        bare += ".str.replace(',', '')"
    return f"{column} = pd.to_numeric({bare}, errors='coerce')"


def _as_dates(facts: Facts, found: Readable) -> str:
    """The line of pandas code that reads the column as dates; what does not read so becomes missing."""
    column, words = column_of(facts.profile.name), facts.distinct.filter(picked(found.mask))
    first = ", dayfirst=True" if texts.matches(words, _DAY_FIRST).any() else ""
    return f"{column} = pd.to_datetime({column}, format='mixed'{first}, errors='coerce')"


def _kept_as_words(facts: Facts) -> str:
    """The line of pandas code that makes numbers among words missing."""
    column = column_of(facts.profile.name)
    return f"{column} = {column}.mask(pd.to_numeric({column}, errors='coerce').notna())"


@dataclass(frozen=True, eq=False)
class Readable:
    """Which distinct texts match a pattern, those that say "missing" left aside; the numbers count cells."""

    mask: NDArray[np.bool_]
    empty: NDArray[np.bool_]
    hits: int
    n: int

    @property
    def others(self) -> int:
        """Cells that do not match."""
        return self.n - self.hits

    @property
    def share(self) -> float:
        """Share of cells that match."""
        return self.hits / self.n

    def sample(self, facts: Facts, matching: bool) -> str:
        """The commonest values that match, or that do not."""
        chosen = self.mask if matching else ~self.mask & ~self.empty
        words = facts.distinct.filter(picked(chosen)).to_pylist()
        ordered = sorted(
            zip(facts.counts[chosen].tolist(), words, strict=True), key=lambda pair: (-pair[0], pair[1])
        )
        return ", ".join(quoted(word) for _, word in ordered[:3])


def readable(facts: Facts, pattern: str) -> Readable | None:
    """How many values of a text column match; None where there are too few to judge."""
    if facts.profile.stored != "string" or facts.profile.present < LEAST or facts.profile.kind == "image":
        return None
    if len(facts.distinct) > MANY and not texts.matches(_some(facts.values), pattern).any():
        return None  # a share of 1 % or more would have shown
    empty = facts.empty
    mask = texts.matches(facts.distinct, pattern) & ~empty
    n = int(facts.counts[~empty].sum())
    return Readable(mask, empty, int(facts.counts[mask].sum()), n) if n >= LEAST else None


def _some(values: Any) -> Any:
    """Ten thousand values drawn evenly: one that makes up 1 % of the column is missed with a chance of
    2e-44.
    """
    import pyarrow as pa

    present = values.drop_null()
    return present.take(pa.array(np.random.default_rng(0).integers(0, len(present), 10_000)))


def _codes(facts: Facts, found: Readable) -> bool:
    """Whether the digits are codes and no amounts: some (over 0.1 %) begin with a zero, or are too long for a
    number.
    """
    codes = int(facts.counts[texts.matches(facts.distinct, texts.CODE)].sum())
    return codes >= LEAST_CELLS and codes > 0.001 * found.hits
