"""One cause is one finding, though several analyses meet it: which of those found are told, and which ones
another says with more weight.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from core.finding import OUTLYING, SEVERITIES, Finding, ranked

_SAME = ("duplicate_columns", "renamed_columns")  # findings that columns hold the same

_SPELLINGS = ("spelled_classes", "variants")  # of a target, and of any column

# what is wrong with a cell, of which a row that breaks a dependency is made
_OF_CELLS = (*_SPELLINGS, "similar_levels", "disguised_missing")


def distinct(findings: Iterable[Finding]) -> list[Finding]:
    """One finding per key, the worst of those that share it, and none that another one says with more weight:
    what a page lists and a report counts.
    """
    worst: dict[str, Finding] = {}
    for finding in ranked(tuple(findings)):
        worst.setdefault(finding.key, finding)
    pairs = {frozenset(one.named): one for one in worst.values() if one.code == "strong_association"}
    by = {key: cause for key, finding in worst.items() if (cause := _said_by(finding, worst, pairs))}
    for cause in dict.fromkeys(by.values()):
        worst[cause] = worst[cause].explaining(worst[key] for key in by if by[key] == cause)
    for cells in _cells_said(worst.get("outliers"), worst.values()):
        if cells.code == "isolated_values":
            worst[cells.key] = replace(worst[cells.key], waits=True, kin=(cells.key, OUTLYING))
    return [finding for key, finding in worst.items() if key not in by]


def _said_by(finding: Finding, worst: Mapping[str, Finding], pairs: Mapping[frozenset[str], Finding]) -> str:
    """The key of the finding that says this one with more weight; "" where none does."""
    if _isolated_said(finding, worst.get("outliers")):
        return "outliers"
    if cells := _cells_said(finding, worst.values()):
        return max(cells, key=lambda one: len(one.rows & finding.rows)).key
    totals = (one.key for one in worst.values() if one.code == "total_rows" and _of_totals(finding, one))
    if (total := next(totals, "")) != "":
        return total
    spelled, written = (worst.get(f"{code}:{':'.join(finding.columns)}") for code in _SPELLINGS)
    if spelled and written and finding.code in _SPELLINGS:
        sayer = written if _as_severe(written, spelled) else spelled
        return "" if sayer is finding else sayer.key
    if _labels_said(finding, worst.get("near_duplicates_conflict")):
        return "near_duplicates_conflict"
    if (cell := next((one.key for one in worst.values() if _exceptions_said(finding, one)), "")) != "":
        return cell
    if (across := next((one.key for one in worst.values() if _across_said(finding, one)), "")) != "":
        return across
    if (pair := pairs.get(frozenset(finding.columns))) and _of_pair(finding, pair):
        return _said_by(pair, worst, pairs) or pair.key
    repeats = (one for one in worst.values() if one.code in _SAME)
    return next((one.key for one in repeats if _of_same(finding, one, pairs)), "")


def _of_totals(finding: Finding, totals: Finding) -> bool:
    """Whether it is that columns are multicollinear by rows that are likely totals.

    >>> from core.rowset import RowSet
    >>> last = Finding("total_rows", "", "warning", 0.7, "", "", RowSet([300]), columns=("shop",))
    >>> vif = Finding("collinear_by_rows", "", "info", 0.3, "", "", RowSet([300]), columns=("x", "y"))
    >>> _of_totals(vif, last), _of_totals(replace(vif, rows=RowSet([7, 300])), last)
    (True, False)
    """
    return finding.code == "collinear_by_rows" and not len(finding.rows - totals.rows)


def _of_same(finding: Finding, repeats: Finding, pairs: Mapping[frozenset[str], Finding]) -> bool:
    """Whether it is about a column that holds the same as another one, which ``repeats`` says: that the two
    are associated is so implied, and so is what one has with a third, where the other is said to have it, as
    a code of numbers may not. pairs: what is said of two columns.

    >>> same = Finding("renamed_columns", "", "info", 0.3, "", "", columns=("city",), beside=("code",))
    >>> pair = Finding("strong_association", "", "warning", 1.0, "", "", columns=("city", "country"))
    >>> kept = replace(pair, columns=("code", "country"))
    >>> both = {frozenset(one.named): one for one in (pair, kept)}
    >>> _of_same(pair, same, both), _of_same(kept, same, both), _of_same(pair, same, {})
    (True, False, False)
    """
    if finding.code == "collinear":  # a sum of others that no single one of them repeats is no such thing
        return {*finding.columns} <= {*repeats.columns}
    again = {*finding.named} & {*repeats.columns}
    if finding.code != "strong_association" or not again:
        return False
    third = {*finding.named} - {*repeats.named}
    beside = [pairs.get(frozenset({kept, *third})) for kept in repeats.beside]
    return not third or any(one is not None and _as_severe(one, finding) for one in beside)


def _of_pair(finding: Finding, pair: Finding) -> bool:
    """Whether it is that two columns are collinear, which the strong association of the two is.

    >>> pair = Finding("strong_association", "", "warning", 1.0, "", "", columns=("x", "y"))
    >>> vif = Finding("collinear", "", "warning", 1.0, "", "", columns=("y", "x"))
    >>> _of_pair(vif, pair), _of_pair(replace(vif, columns=("x", "y", "z")), pair)
    (True, False)
    >>> _of_pair(vif, replace(pair, severity="info"))
    False
    """
    same = {*finding.columns} == {*pair.named} and len(finding.columns) == 2
    return finding.code == "collinear" and same and _as_severe(pair, finding)


def _as_severe(one: Finding, other: Finding) -> bool:
    return SEVERITIES.index(one.severity) >= SEVERITIES.index(other.severity)


def _labels_said(finding: Finding, copies: Finding | None) -> bool:
    """Whether it is about equal rows with different labels, and ``copies`` says of all of them that labels of
    copies disagree.

    >>> from core.rowset import RowSet
    >>> torn = Finding("near_duplicates_conflict", "", "warning", 0, "", "", RowSet([1, 2, 3]), beside=("y",))
    >>> equal = Finding("conflicting_labels", "", "warning", 0, "", "", RowSet([2, 3]), columns=("y",))
    >>> _labels_said(equal, torn), _labels_said(replace(equal, rows=RowSet([2, 4])), torn)
    (True, False)
    >>> _labels_said(replace(equal, severity="critical"), torn), _labels_said(equal, None)
    (False, False)
    """
    if copies is None or finding.code != "conflicting_labels" or len(finding.rows - copies.rows):
        return False
    worse = SEVERITIES.index(finding.severity) > SEVERITIES.index(copies.severity)
    return not worse and {*finding.columns} <= {*copies.beside}


def _exceptions_said(finding: Finding, cells: Finding) -> bool:
    """Whether it is that rows break a dependency, and ``cells`` says what is wrong with a cell of each: that
    it is another spelling, or likely a missing-value code.

    >>> from core.rowset import RowSet
    >>> broken = Finding("breaks_dependency", "", "warning", 0, "", "", RowSet([7]), columns=("zip", "city"))
    >>> spelled = Finding("variants", "", "warning", 0, "", "", RowSet([7, 9]), columns=("city",))
    >>> _exceptions_said(broken, spelled), _exceptions_said(replace(broken, rows=RowSet([7, 8])), spelled)
    (True, False)
    >>> _exceptions_said(broken, replace(spelled, columns=("name",)))
    False
    """
    if finding.code != "breaks_dependency" or cells.code not in _OF_CELLS:
        return False
    return {*cells.columns} <= {*finding.columns} and not len(finding.rows - cells.rows)


def _across_said(finding: Finding, copies: Finding) -> bool:
    """Whether ``copies`` says of all rows of this finding, and of those that they are copies of, that they
    have near-duplicates in the other part: it is that they equal rows of it, or that they are near-duplicates
    at all.

    >>> from core.rowset import RowSet
    >>> near = Finding("near_duplicates_across_parts", "", "critical", 0, "", "", RowSet([1, 2]))
    >>> equal = Finding("rows_across_parts", "", "warning", 0, "", "", RowSet([2]))
    >>> _across_said(equal, near), _across_said(replace(equal, code="near_duplicates"), near)
    (True, True)
    >>> within = replace(equal, code="near_duplicates", copied=RowSet([50]))  # which has none in serve
    >>> _across_said(within, near), _across_said(within, replace(near, copied=RowSet([50])))
    (False, True)
    >>> _across_said(replace(equal, rows=RowSet([3])), near), _across_said(replace(equal, about="y"), near)
    (False, False)
    """
    of_these = finding.code in ("rows_across_parts", "near_duplicates") and finding.about == copies.about
    if copies.code != "near_duplicates_across_parts" or not of_these or not finding.rows:
        return False
    there = not len(finding.rows - copies.rows) and not len(finding.copied - copies.rows - copies.copied)
    return there and _as_severe(copies, finding)


def _cells_said(finding: Finding | None, among: Iterable[Finding]) -> list[Finding]:
    """Those findings of cells that say together what the outliers are: likely missing-value codes, and
    isolated values of these rows alone, which wait in the review then. All rows have such a cell, and the
    columns are those that set the rows apart. [] where it is of no outliers, or something is left.

    >>> from core.rowset import RowSet
    >>> odd = Finding("outliers", "", "warning", 0, "", "", RowSet([1, 2]), beside=("x",))
    >>> code = Finding("disguised_missing", "", "warning", 0, "", "", RowSet([1, 2, 3]), columns=("x",))
    >>> _cells_said(odd, [code]) == [code], _cells_said(replace(odd, rows=RowSet([2, 9])), [code])
    (True, [])
    >>> note = replace(code, severity="info")
    >>> _cells_said(replace(odd, beside=("x", "y")), [code]), _cells_said(odd, [note])
    ([], [])
    >>> far = replace(code, code="isolated_values", rows=RowSet([1]))
    >>> other = replace(far, columns=("y",), rows=RowSet([2]))
    >>> len(_cells_said(replace(odd, beside=("x", "y")), [far, other])), _cells_said(odd, [far])
    (2, [])
    >>> _cells_said(odd, [replace(far, rows=RowSet([1, 2, 3]))])
    []
    """
    if finding is None or finding.code != "outliers" or not finding.beside:
        return []
    there = [
        one
        for one in among
        if (
            one.code == "disguised_missing"
            or (one.code == "isolated_values" and not len(one.rows - finding.rows))
        )
        and {*one.columns} <= {*finding.beside}
        and _as_severe(one, finding)
    ]
    left = finding.rows
    for one in there:
        left = left - one.rows
    whole = not len(left) and {column for one in there for column in one.columns} == {*finding.beside}
    return there if whole else []


def _isolated_said(finding: Finding, outliers: Finding | None) -> bool:
    """Whether it is a note on isolated values whose rows are flagged for values of that column."""
    if outliers is None or finding.code != "isolated_values" or finding.severity != "info":
        return False
    return {*finding.columns} <= {*outliers.beside} and not len(finding.rows - outliers.rows)
