"""The alert on rows that are no rows of the table but totals or averages of the others, as spreadsheets have
at their end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.analyses.profile.facts import Masks
from core.analyses.profile.sums import Matches, matches, proofs
from core.analyses.profile.total_hints import FEW, MOST, Hints, numbers_of
from core.dataset import Dataset
from core.filters.tree import Value
from core.filters.writing import typed_column, typed_value
from core.finding import Finding
from core.phrases import column_of, count, in_full, name, names, quoted, verb
from core.rowset import RowSet

_SMALL = 20  # rows below which sums alone are no proof: a word must say it, or empty cells
_LISTED = 100  # rows or words that a line of code or a rule names one by one
_APART = 3  # columns with words of totals that are tried one by one, too
_BLANK = 3  # other columns, all empty, beside which a word alone is a total whose formulas hold no value
_MOSTLY = 0.8  # share of the rows set aside that must be totals, if no number is the sum of all
_EXPLAINS = ("missing", "isolated_values")
Bools = NDArray[np.bool_]


def total_rows(dataset: Dataset, columns: Sequence[Hints], masks: Masks) -> list[Finding]:
    """The rows that are totals or averages of the others: one finding, or none.

    masks: each part's name and its rows.
    """
    n = dataset.rows
    if n <= FEW:
        return []
    hollow = _hollow(columns, n)
    total, none = _alone(dataset, columns, hollow), RowSet()
    found = {one.name: Matches(one.sums, one.sums, none, none, none, none) for one in columns}
    for aside, words in _sets(columns, hollow):
        matched = {
            one.name: matches(_read(dataset, one), aside, words, [mask for _, mask in masks])
            for one in columns
            if one.sums_up
        }
        new = _totals(columns, matched, aside, words)
        total |= new
        for one, match in matched.items():
            known = found[one]
            found[one] = Matches(
                known.sums | (match.sums & new),
                none,
                known.means | (match.means & new),
                none,
                known.zeros | (match.zeros & new),
                none,
            )
    return [_finding(_Totals(dataset, columns, found, total))] if total else []


def _alone(dataset: Dataset, columns: Sequence[Hints], hollow: Bools) -> RowSet:
    """The rows that are totals by their sums: by one where most of the row is empty, else by two that tell
    something, of columns that are no multiples of each other, in tables that are not small.
    """
    times = _times([one.sums for one in columns], hollow.size)
    chosen = (times >= 1) & hollow
    if hollow.size >= _SMALL:
        for row in np.flatnonzero((times >= 2) & ~hollow).tolist():
            summed = [_read(dataset, one) for one in columns if row in one.sums]
            chosen[row] = proofs(summed, row) >= 2
    return RowSet.from_mask(chosen)


def explained(findings: list[Finding], causes: Sequence[Finding]) -> list[Finding]:
    """The causes, which are rows of totals and footnotes, and the findings without those that speak of these
    rows alone: each is explained by the first cause that has one of its rows.
    """
    rows = RowSet()
    for cause in causes:
        rows |= cause.rows

    def of_these(one: Finding) -> bool:
        return one.code in _EXPLAINS and bool(one.rows) and not len(one.rows - rows)

    told, left = [], [one for one in findings if of_these(one)]
    for cause in causes:
        told.append(cause.explaining(one for one in left if one.rows & cause.rows))
        left = [one for one in left if not one.rows & cause.rows]
    return [*told, *(one for one in findings if not of_these(one))]


def _times(sets: Sequence[RowSet], n: int) -> NDArray[np.int32]:
    """In how many of the sets each row is."""
    times = np.zeros(n, np.int32)
    for one in sets:
        times[one.ids] += 1
    return times


def _hollow(columns: Sequence[Hints], n: int) -> Bools:
    """The rows in which half of the columns that rows have, or more, are empty; none where most rows are."""
    usual = [one.gaps for one in columns if one.usual]
    if 2 * sum(len(gaps) > 0 for gaps in usual) < max(len(usual), 1):
        return np.zeros(n, bool)
    hollow = 2 * _times(usual, n) >= len(usual)
    return np.asarray(hollow & (hollow.mean() <= MOST), bool)


def _sets(columns: Sequence[Hints], hollow: Bools) -> list[tuple[Bools, Bools]]:
    """The sets of rows that may be totals, each with those of it that have a word of totals.

    The rows with such a word in any column, with one that stands alone, or in each of the columns with the
    fewest; and the rows with most columns empty, without and with them.
    """
    n = hollow.size
    worded = sorted((one for one in columns if one.words), key=lambda one: len(one.words))
    sets = [RowSet.from_mask(_times([one.words for one in worded], n) > 0)]
    sets.append(RowSet.from_mask(_times([one.bare_words for one in worded], n) > 0))
    sets += [one.words for one in worded[:_APART]]
    masks = [one.mask(n) for one in dict.fromkeys(sets) if one]
    pairs = [(mask, mask) for mask in masks]
    if hollow.any():
        words = masks[0] if masks else np.zeros(n, bool)
        pairs += [(hollow, np.zeros(n, bool)), (hollow | words, words)]
    return [(aside, words) for aside, words in pairs if aside.any() and aside.mean() <= MOST]


def _totals(columns: Sequence[Hints], matched: dict[str, Matches], aside: Bools, words: Bools) -> RowSet:
    """Which of the rows set aside are totals.

    By a number that is the sum of all others. By one that is a sum of some; by a word alone in its cell that
    is no name either, beside a number, where most of the other columns are empty, or where three or more
    others all are, or hold a 0 that hardly any row has; or by a word in its cell beside a mean; at an end:
    where this holds of four in five of the rows set aside. Half of a row's numbers must be sums or means.
    """
    n = aside.size
    whole, sums, means, filled, zeros, idle = (
        _times([getattr(one, what) for one in matched.values()], n)
        for what in ("whole", "sums", "means", "filled", "zeros", "idle")
    )
    mostly = 2 * (sums + means) >= filled  # a row of totals has hardly any other numbers
    by_sum, by_all = mostly & (sums > 0), mostly & (whole > 0)
    usual = [one for one in columns if one.usual]
    empty = _times([one.gaps for one in usual], n)
    others = len(usual) - _times([one.words for one in usual], n)
    sure = words & (_times([one.sure_words for one in columns], n) > 0)
    ends = _at_an_end(aside)
    beside = (filled > 0) & (empty >= 2) & (2 * empty > others)
    # formulas that hold no value, or 0 as none was worked out: not in a column of names that stand once each,
    # of which it may be one; a 0 where zeros are usual says nothing
    level = _times([one.sure_words for one in columns if one.repeats], n) > 0
    hold_none = empty + zeros
    blank = level & (filled == 0) & (hold_none + idle == others) & (hold_none >= _BLANK)
    bare = sure & ends & (beside | blank)
    averages = words & mostly & (means > 0) & ends & (_times([one.bare_words for one in columns], n) > 0)
    every = aside & (by_sum | bare | averages)
    return RowSet.from_mask(every if every.sum() >= _MOSTLY * aside.sum() else aside & by_all)


def _at_an_end(aside: Bools) -> Bools:
    """The rows set aside that stand together at the first or the last row."""
    first, last = np.logical_and.accumulate(aside), np.logical_and.accumulate(aside[::-1])[::-1]
    return np.asarray(first | last, bool)


def _read(dataset: Dataset, one: Hints) -> NDArray[np.float64]:
    """A column as numbers, NaN where there is none."""
    import pyarrow as pa

    values = dataset.table([one.name]).column(0)
    if one.reader is None:
        return numbers_of(values)
    return numbers_of(pa.chunked_array([one.reader.read(values.cast(pa.string()).combine_chunks())]))


@dataclass(frozen=True, eq=False)
class _Totals:
    """The rows of totals, and what shows that they are."""

    dataset: Dataset
    columns: Sequence[Hints]
    matched: dict[str, Matches]
    rows: RowSet

    @property
    def named(self) -> list[str]:
        """The columns that show it: those with sums or means, then those with words."""
        matched = [one for one, match in self.matched.items() if (match.sums | match.means) & self.rows]
        return list(dict.fromkeys([*matched, *(one.name for one in self.worded)]))

    @property
    def worded(self) -> list[Hints]:
        return [one for one in self.columns if one.words & self.rows]

    def why(self, row: int) -> str:
        """What shows that this row is one, as part of a sentence."""
        said = [one.name for one in self.columns if row in one.words][:1]
        sums = [one for one, match in self.matched.items() if row in match.sums]
        means = [] if sums else [one for one, match in self.matched.items() if row in match.means]
        parts = [f"{name(one)} says {quoted(str(self._value(one, row)))}" for one in said]
        for what, matched in (("the sum of others", sums), ("the mean of the others", means)):
            if len(matched) == 1:
                parts.append(f"{name(matched[0])} is {self._value(matched[0], row)}, {what}")
            elif matched:
                parts.append(f"{names(matched)} are {what.replace('the', 'each the', 1)}")
        rest = [one for one in self.columns if one.usual and one.name not in [*said, *sums, *means]]
        empty = sum(row in one.gaps for one in rest)
        zeros = sum(row in self.matched[one.name].zeros for one in rest)
        if lacking := empty + zeros:
            state = " or ".join(filter(None, ["empty" if empty else "", "0" if zeros else ""]))
            many = count(len(rest), "other column")
            has = verb(len(rest), "has", "have")
            parts.append(
                f"{lacking:,} of {many} that mostly {has} a value {verb(lacking, 'is', 'are')} {state}"
            )
        return "; ".join(parts)

    def _value(self, column: str, row: int) -> str:
        value = self.dataset.table([column]).column(0)[row].as_py()
        return value if isinstance(value, str) else in_full(value, 0.0, float(value))

    def rule(self) -> tuple[str, str]:
        """The filter that takes these rows by their words, "" where none does; and the line of pandas."""
        for one in self.worded:
            if one.words == self.rows and len(one.said) <= _LISTED:
                listed = ", ".join(typed_value(Value("text", text)) for text in one.said)
                return (
                    f"{typed_column(one.name)} is one of ({listed})",
                    f"data = data[~{column_of(one.name)}.isin({list(one.said)!r})]",
                )
        rows = self.rows.ids.tolist()
        return "", f"data = data.drop(data.index[{rows!r}])" if len(rows) <= _LISTED else ""


def _finding(totals: _Totals) -> Finding:
    rows, n = totals.rows, totals.dataset.rows
    last = int(rows.ids[-1])  # the total of all, most often
    head = "The last row is likely a total" if last == n - 1 else "A row is likely a total"
    if len(rows) > 1:
        head = f"{count(len(rows), 'row')} are likely totals or averages of others, such as the last of them"
    where, fix = totals.rule()
    return Finding(
        code="total_rows",
        title=f"{head}: {totals.why(last)}",
        severity="warning",
        score=0.7,
        why="A total that counts as a row doubles the sum of its column, moves its mean, and is an outlier "
        "to every model.",
        suggestion=f"Look at {verb(len(rows), 'the row; drop it', 'the rows; drop them')} unless "
        f"{verb(len(rows), 'it is a thing of its own', 'they are things of their own')}.",
        rows=rows,
        columns=tuple(totals.named),
        value=float(len(rows)),
        measure="rows of totals",
        limit=0.0,
        n=n,
        action="drop",
        where=where,
        fix=fix,
    )
