"""A finding: what is wrong, where, how sure, why it matters and what to do."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args

from core.phrases import names
from core.rowset import RowSet

COPIES, TORN, DOUBTED = "copies", "labels of copies disagree", "doubted labels"  # see `Finding.kin`
ACROSS = "copies across the parts"
NoiseIs = Literal["noise floor", "expected by chance"]
Severity = Literal["info", "warning", "critical"]
Act = Literal[
    "",
    "drop",
    "relabel",
    "weight",
    "defer",
    "omit",
    "blank",
    "clip",
    "drop_repeats",
    "encode",
    "fill",
    "map",
    "mark",
    "merge",
    "read_as",
    "tidy",
    "transform",
]
SEVERITIES: tuple[str, ...] = get_args(Severity)
SHOWN_ROWS = 1000


@dataclass(frozen=True)
class Finding:
    """One thing that an analysis found. Plain text throughout: nothing in it is ever read as Markdown or
    HTML.

    code: stable name of the kind of finding, such as ``missing``.
    title: one sentence with the number that matters.
    severity: ``info`` < ``warning`` < ``critical``.
    score: 0 to 1, 1 is worst.
    why: why it matters.
    suggestion: what to do.
    rows, columns: where.
    beside: columns that it names besides, such as the one that ``columns`` repeat, and leaves as they are.
    partly_named: whether ``title`` names fewer columns than it is about, and does not count the others: a
        shape is told of, which is made of the columns of width and height. A page counts no columns then.
    predicts: whether ``columns`` are said to predict the one ``beside``, which is then not one of those that
        are counted.
    value: what was measured.
    measure: what ``value`` is, with its unit, such as ``single-feature AUC`` or ``share of rows``; shown
        beside the number.
    part: of which part of the data ``value`` is, train or serve; "" where it is of all rows, or compares
        both.
    limit: what ``value`` is held against.
    noise: what ``value`` stays under, or is expected to be, on data with nothing wrong; None where the rule
        is exact.
    noise_is: which of the two, shown beside the number.
    n: how many values or rows ``value`` rests on.
    about: what tells it from other findings of its code on the same columns, such as the rule of a region.
    action: what a page offers to do at one click, or "" where nothing makes sense: a decision on the rows, or
        on the columns (``omit``: leave them out; ``blank``: make these rows' cells in them missing), or a
        rule (`core.steps`).
    to: the new label or the weight that ``action`` needs.
    conditional: whether a person has to find out or choose something before ``action`` is right, as the
        suggestion says first: it is offered then, and not urged.
    on: of ``columns`` those that ``action`` is about; () for all.
    where: the rule that names ``rows``, as the text of a filter: ``action`` is then held to it, and not to
        their places.
    settings: of the rule; each: those of the columns of a finding that has several, by column, where they
        differ.
    fix: the same as code that acts on a frame called ``data``.
    explains: keys of the findings that are not told beside it, as it explains them, or stands for them.
    left_out: whether it is about something of a source that is not in the data, and so in no export.
    kin: words for what is wrong with its rows, its own first, that findings of other codes may share: where
        one is no longer found, and another has its first word and names rows of it, it goes on there.
    extent: the rows of the region that ``about`` names, where ``rows`` flags none of them: bounds that are
        learned from the data move with them, and mostly the same rows are the same finding.
    gathers: whether it draws the columns together of which something holds, such as properties of images:
        which they are, and which comes first, is learned from the data, and one of its code with a column in
        common is the same finding.
    copied: of one of copies the rows that its rows are copies of, and that it leaves as they are.
    becomes: the one text that its rule writes into all of its cells; "" where there are several.
    gaps: whether it is about the missing cells of its rows in its columns: once they hold values it is gone.
    """

    code: str
    title: str
    severity: Severity
    score: float
    why: str
    suggestion: str
    rows: RowSet = field(default_factory=RowSet)
    columns: tuple[str, ...] = ()
    value: float | None = None
    limit: float | None = None
    noise: float | None = None
    action: Act = ""
    n: int | None = None
    to: str = ""
    fix: str = ""
    measure: str = ""
    part: str = ""
    about: str = ""
    noise_is: NoiseIs = "noise floor"
    beside: tuple[str, ...] = ()
    on: tuple[str, ...] = ()
    where: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict, hash=False)
    each: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, hash=False)
    conditional: bool = False
    partly_named: bool = False
    predicts: bool = False
    explains: tuple[str, ...] = field(default=(), compare=False)
    left_out: bool = False
    kin: tuple[str, ...] = ()
    gathers: bool = False
    copied: RowSet = field(default_factory=RowSet)
    extent: RowSet = field(default_factory=RowSet)
    gaps: bool = False
    becomes: str = ""

    def __post_init__(self) -> None:
        if self.severity not in SEVERITIES:
            raise ValueError(f"Severity is one of {', '.join(SEVERITIES)}; got {self.severity!r}.")
        if not 0.0 <= self.score <= 1.0:
            raise ValueError(f"A score lies in [0, 1]; {self.code} has {self.score}.")

    @classmethod
    def known_by(cls, code: str, columns: tuple[str, ...], **more: Any) -> Finding:
        """One of which no more is known than what tells it from others. more: fields, such as ``about``."""
        return cls(code, "", "info", 0.0, "", "", columns=columns, **more)

    @property
    def named(self) -> tuple[str, ...]:
        """All columns that it is about, each once."""
        return tuple(dict.fromkeys([*self.columns, *self.beside]))

    @property
    def counted(self) -> tuple[str, ...]:
        """The columns that are counted where it is listed: not the one that they predict."""
        return tuple(dict.fromkeys(self.columns)) if self.predicts else self.named

    @property
    def key(self) -> str:
        """The name by which an acceptance or a decision refers to it: the code, its columns, and what it is
        about.
        """
        return ":".join((self.code, *self.columns, *([self.about] if self.about else [])))

    @property
    def members(self) -> tuple[str, ...]:
        """The keys of the findings of one column each that it draws together; () where it is one itself."""
        return tuple(key for key in self.explains if key.partition(":")[0] == self.code)

    def explaining(self, others: Iterable[Finding]) -> Finding:
        """The same finding, in place of others that are not told beside it."""
        keys = (key for one in others for key in (one.key, *one.explains))
        return replace(self, explains=tuple(dict.fromkeys([*self.explains, *keys])))

    @property
    def measure_in_words(self) -> str:
        """What its value is, with the part that it is of.

        >>> found = Finding("missing", "", "info", 0.1, "", "", measure="share of missing values")
        >>> found.measure_in_words, replace(found, part="serve").measure_in_words
        ('share of missing values', 'share of missing values in serve')
        """
        return f"{self.measure} in {self.part}" if self.part else self.measure

    @property
    def acted_on(self) -> tuple[str, ...]:
        """The columns that its action is about."""
        return self.on or self.columns

    @property
    def empties(self) -> bool:
        """Whether its action makes its rows' cells missing.

        >>> found = Finding("codes", "", "info", 0.5, "", "", action="map", settings={"pairs": {"-9": None}})
        >>> found.empties, replace(found, settings={"pairs": {"-9": "0"}}).empties
        (True, False)
        """
        written = self.settings.get("pairs", {}).values()
        return self.action == "blank" or (self.action == "map" and None in written)

    def settings_of(self, column: str) -> Mapping[str, Any]:
        """The settings of the rule on one of its columns."""
        return self.each.get(column, self.settings)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON. ``rows`` holds at most the first 1,000 ids, ``row_count`` says how many there are."""
        numbers = {"value": self.value, "limit": self.limit, "noise": self.noise}
        return {
            "code": self.code,
            "title": self.title,
            "severity": self.severity,
            "score": self.score,
            "columns": list(self.columns),
            "beside": list(self.beside),
            "measure": self.measure_in_words,
            "part": self.part,
            "noise_is": self.noise_is,
            "rows": self.rows.ids[:SHOWN_ROWS].tolist(),
            "row_count": len(self.rows),
            **{
                name: None if number is None or not math.isfinite(number) else number
                for name, number in numbers.items()
            },
            "why": self.why,
            "suggestion": self.suggestion,
            "action": self.action,
            "conditional": self.conditional,
            "n": self.n,
            "to": self.to,
            "on": list(self.acted_on) if self.action else [],
            "where": self.where,
            "settings": dict(self.settings),
            "each": {column: dict(settings) for column, settings in self.each.items()},
            "fix": self.fix,
        }


_SAME = ("duplicate_columns", "renamed_columns")  # findings that columns hold the same
WORDS = {
    "all_missing": "empty column",
    "annotations_lost": "annotations left out",
    "another_table": "another table in the file",
    "boxes_outside": "boxes that reach out of their image",
    "boxes_repeated": "repeated boxes",
    "categories_of_one_name": "several categories of one name",
    "class_gone": "class without rows",
    "co_missing": "missing together",
    "columns_of_some_files": "columns that some files lack",
    "common_class": "value that occurs with one class alone",
    "conflicting_labels": "equal rows with different labels",
    "coreset_small": "small coreset",
    "dead_on_labelled": "constant where the target is known",
    "decisions_harm": "decisions that make a model worse",
    "decisions_help": "decisions that make a model better",
    "deep_images": "images of more than 8 bits",
    "disguised_missing": "missing-value codes",
    "doubtful_labels": "possibly wrong labels",
    "duplicate_but_identifier": "rows equal but for an identifier",
    "easy_class": "class that many columns predict",
    "easy_target": "target that many columns predict",
    "gaps": "gaps in time",
    "gives_away": "separates train from serve on its own",
    "group_overlap": "groups in train and serve",
    "heaping": "heaped values",
    "identifier_like": "likely identifier",
    "ids_across_parts": "ids in both train and serve",
    "image_blank": "blank images",
    "image_blurred": "blurred images",
    "image_compressed": "strongly compressed images",
    "image_content": "look of images predicts the label",
    "image_dark": "dark images",
    "image_framed": "images in a plain frame",
    "image_grey": "grey images among coloured ones, or the reverse",
    "image_light": "look of images separates train from serve",
    "image_low_contrast": "images of low contrast",
    "image_odd_size": "images of an unusual size",
    "image_shortcut": "properties of image files predict the label",
    "image_source": "properties of image files separate train from serve",
    "image_washed_out": "washed-out images",
    "images_missing": "images that are not there",
    "images_not_named": "images that no annotation names",
    "infinite": "infinite numbers",
    "label_breaking": "variants that lose their label",
    "labels_of_some": "labels of some values",
    "left_out_already": "columns left out already",
    "low_coverage": "serve rows without train rows near them",
    "low_effective_size": "small effective sample size after reweighting",
    "missing_moved": "shift in missing values",
    "missingness": "missing values predict the target",
    "mixed_type": "numbers and words mixed",
    "moved": "shift",
    "names_repeated": "repeated file names",
    "near_duplicates": "near-duplicates",
    "near_duplicates_across_parts": "near-duplicates in train and serve",
    "near_duplicates_conflict": "near-duplicates with different labels",
    "near_duplicates_crops": "images cut out of others",
    "near_duplicates_possible": "possible near-duplicates",
    "near_perfect": "target predicted almost perfectly",
    "new_in_serve": "columns new in serve",
    "new_levels": "values in serve that train lacks",
    "no_signal": "target that nothing predicts",
    "no_value_shared": "no value in both train and serve",
    "not_carried": "decisions not carried over",
    "not_mcar": "missing, not completely at random",
    "not_parted": "data without a split",
    "other_format": "file of another format",
    "out_of_range": "values outside the range of train",
    "outlying": "values far from the rest",
    "parts_differ": "train and serve differ",
    "passed_over": "steps not followed",
    "probabilities_off": "probabilities that are off",
    "pure_value": "value with one class alone",
    "quasi_constant": "near-constant",
    "resampled_before_split": "resampled before the split",
    "rows_across_parts": "equal rows in train and serve",
    "rows_aside": "rows set aside",
    "rows_within": "rows inside another value",
    "segment": "region in which train and serve differ",
    "similar_levels": "similar spellings",
    "single_class": "predicts a class on its own",
    "single_feature": "predicts the target on its own",
    "spike": "one value in many rows",
    "stale_pilot": "importance of former data",
    "strategy_helps": "strategy that improves predictions",
    "structural_missing": "missing by structure",
    "target_as_number": "target taken as a number",
    "test_part_decided": "decisions about serve rows",
    "time_order": "train rows later than serve",
    "times_cut": "times cut to microseconds",
    "too_few_for_auroc": "too few rows for an AUROC",
    "total_rows": "likely totals",
    "type_differs": "type differs between train and serve",
    "uniform_as_good": "uniform sample as good as a coreset",
    "unread_label": "values that cannot be read",
    "unseen_class": "class in serve that train lacks",
    "unsupported": "serve rows that train does not support",
    "variants": "spellings of one value",
    "variants_hurt": "variants that make a model worse",
    "variants_wasted": "variants that hardly change",
    "wrong_labels": "likely wrong labels",
    "wrong_numbers": "numbers that do not fit the rest of the row",
}


def in_words(code: str) -> str:
    """A finding's code in words.

    >>> in_words("quasi_constant"), in_words("number_as_text")
    ('near-constant', 'number as text')
    """
    return WORDS.get(code, code.replace("_", " "))


def key_in_words(key: str, columns: Collection[str] = ()) -> str:
    """The key of a finding in words: its code and its columns. columns: of the data, as a name may hold a
    colon; what is none of them is no name then, such as the rule of a region. () where they are not known.

    >>> key_in_words("missing:age"), key_in_words("outliers"), key_in_words("collinear:a:b")
    ("missing: 'age'", 'outliers', "collinear: 'a' and 'b'")
    >>> key_in_words("collinear:t:utc:b", {"t:utc", "b"})
    "collinear: 't:utc' and 'b'"
    >>> key_in_words("segment:x:x > 3", {"x"})
    "region in which train and serve differ: 'x', x > 3"
    """
    code, _, rest = key.partition(":")
    parts, told, more = rest.split(":") if rest else [], [], ""
    while parts and not more:
        ends = range(len(parts), 0, -1)
        end = next((end for end in ends if ":".join(parts[:end]) in columns), 0 if columns else 1)
        if end:
            told.append(":".join(parts[:end]))
            parts = parts[end:]
        else:
            more = ":".join(parts)
    words = ", ".join(filter(None, (names(told) if told else "", more)))
    return f"{in_words(code)}: {words}" if words else in_words(code)


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
    return [finding for key, finding in worst.items() if key not in by]


def _said_by(finding: Finding, worst: Mapping[str, Finding], pairs: Mapping[frozenset[str], Finding]) -> str:
    """The key of the finding that says this one with more weight; "" where none does."""
    if _said(finding, worst.get("outliers")):
        return "outliers"
    if _labels_said(finding, worst.get("near_duplicates_conflict")):
        return "near_duplicates_conflict"
    if (across := next((one.key for one in worst.values() if _across_said(finding, one)), "")) != "":
        return across
    if (pair := pairs.get(frozenset(finding.columns))) and _of_pair(finding, pair):
        return _said_by(pair, worst, pairs) or pair.key
    repeats = (one for one in worst.values() if one.code in _SAME)
    return next((one.key for one in repeats if _of_same(finding, one, pairs)), "")


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


def _across_said(finding: Finding, copies: Finding) -> bool:
    """Whether ``copies`` says of all rows of this finding, and of those that they are copies of, that they
    have near-duplicates in the other part: it is that they equal rows of it, or that they are near-duplicates
    at all.

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


def of_copies(finding: Finding) -> bool:
    """Whether it is about rows that are copies of others: several such findings may name the same rows.

    >>> of_copies(Finding("near_duplicates", "", "info", 0.3, "", "", kin=(COPIES,)))
    True
    """
    return bool({*finding.kin} & {COPIES, TORN, ACROSS})


def _said(finding: Finding, outliers: Finding | None) -> bool:
    """Whether it is a note on isolated values whose rows are flagged for values of that column."""
    if outliers is None or finding.code != "isolated_values" or finding.severity != "info":
        return False
    return {*finding.columns} <= {*outliers.beside} and not len(finding.rows - outliers.rows)


def ranked(findings: list[Finding] | tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Worst first: by severity, then score, then code and columns (so that the order never depends on
    chance).
    """
    return tuple(sorted(findings, key=lambda f: (-SEVERITIES.index(f.severity), -f.score, f.code, f.columns)))


def at_or_above(findings: tuple[Finding, ...], level: str) -> tuple[Finding, ...]:
    """Those at least as severe as ``level``."""
    floor = SEVERITIES.index(level)
    return tuple(f for f in findings if SEVERITIES.index(f.severity) >= floor)
