"""A finding: what is wrong, where, how sure, why it matters and what to do."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args

from core.rowset import RowSet

COPIES, TORN, DOUBTED = "copies", "labels of copies disagree", "doubted labels"  # see `Finding.kin`
ACROSS = "copies across the parts"
OUTLYING = "outlying rows"
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
    properties: of how many properties of images it tells, 0 where of none: these are counted where it is
        listed, and not columns, as one may be made of several.
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
    waits: whether its rows wait for a person though its action is about cells, as no finding of rows looks at
        its columns.
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
    properties: int = 0
    predicts: bool = False
    explains: tuple[str, ...] = field(default=(), compare=False)
    left_out: bool = False
    kin: tuple[str, ...] = ()
    gathers: bool = False
    copied: RowSet = field(default_factory=RowSet)
    extent: RowSet = field(default_factory=RowSet)
    gaps: bool = False
    waits: bool = False
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


def renamed_key(key: str, names: Mapping[str, str]) -> str:
    """The key of a finding (`Finding.key`) whose columns have other names. names: of all columns, those that
    stay the same too, as a name may hold a colon: the longest that fits counts.

    >>> renamed_key("missing:a", {"a": "age"}), renamed_key("correlated:b:a", {"a": "age", "b": "b"})
    ('missing:age', 'correlated:b:age')
    >>> renamed_key("missing:t:utc", {"t:utc": "t:utc", "utc": "q"})
    'missing:t:utc'
    """
    code, *parts = key.split(":")
    told = [code]
    while parts:
        fits = [end for end in range(len(parts), 0, -1) if ":".join(parts[:end]) in names]
        end = fits[0] if fits else 1
        named = ":".join(parts[:end])
        told.append(names.get(named, named))
        parts = parts[end:]
    return ":".join(told)


def of_copies(finding: Finding) -> bool:
    """Whether it is about rows that are copies of others: several such findings may name the same rows.

    >>> of_copies(Finding("near_duplicates", "", "info", 0.3, "", "", kin=(COPIES,)))
    True
    """
    return bool({*finding.kin} & {COPIES, TORN, ACROSS})


def ranked(findings: list[Finding] | tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Worst first: by severity, then score, then code and columns (so that the order never depends on
    chance).
    """
    return tuple(sorted(findings, key=lambda f: (-SEVERITIES.index(f.severity), -f.score, f.code, f.columns)))


def at_or_above(findings: tuple[Finding, ...], level: str) -> tuple[Finding, ...]:
    """Those at least as severe as ``level``."""
    floor = SEVERITIES.index(level)
    return tuple(f for f in findings if SEVERITIES.index(f.severity) >= floor)
