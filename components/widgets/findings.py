"""Findings on the screen: severity as word, icon and colour; groups of one kind; the details of one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import streamlit as st

from components import as_decided, attention, glossary
from components.text import ago, apart, plain, shortened
from components.widgets import layout
from core.dataset import Dataset
from core.decision import Decision
from core.finding import SEVERITIES, Finding, ranked
from core.finding_words import in_words
from core.outcomes import Outcome
from core.phrases import by_chance, count, is_auc, is_share, percent, score
from core.rowset import RowSet

MARK = {
    "critical": ":red[:material/error:]",
    "warning": ":orange[:material/warning:]",
    "info": ":blue[:material/info:]",
}
BY_CHANCE = "Expected by chance"
TO_ITS_END = 300  # letters of a finding that is read to its end: its numbers stand there
UNFOLDED = 6  # findings of a list that are not folded
WORD = {"critical": "critical", "warning": "warning", "info": "note"}


@dataclass(frozen=True)
class FindingGroup:
    """Findings of one code, worst first, and the rows they name together."""

    code: str
    findings: tuple[Finding, ...]
    rows: RowSet

    @property
    def severity(self) -> str:
        """That of the worst."""
        return self.findings[0].severity

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that they count, each once."""
        return tuple(dict.fromkeys(column for finding in self.findings for column in finding.counted))

    @property
    def counted(self) -> str:
        """How many columns, or properties of images, are told to be in it."""
        return counted_in(self.findings[0]) if len(self.findings) == 1 else _columns(len(self.columns))

    @property
    def title(self) -> str:
        """The finding's own sentence; or the kind, and how many columns, or else findings, there are."""
        if len(self.findings) == 1:
            return self.findings[0].title
        if self.columns:
            return f"{name_of(self.code)} in {count(len(self.columns), 'column')}"
        return f"{name_of(self.code)}: {count(len(self.findings), 'finding')}"


Groups = Sequence[FindingGroup]


def counted_in(finding: Finding) -> str:
    """How many columns are told to be in one finding, or properties of images, which may be made of several
    columns each; "" for none.
    """
    if finding.properties:
        return count(finding.properties, "property", "properties")
    return _columns(len(finding.counted))


def _columns(number: int) -> str:
    return count(number, "column") if number else ""


def name_of(code: str) -> str:
    """A finding's code as words.

    >>> name_of("quasi_constant"), name_of("number_as_text")
    ('Near-constant', 'Number as text')
    """
    words = in_words(code)
    return words[:1].upper() + words[1:]


def groups(findings: Sequence[Finding]) -> list[FindingGroup]:
    """Findings gathered by code; the groups in the order of their worst finding."""
    gathered: dict[str, list[Finding]] = {}
    for finding in ranked(tuple(findings)):
        gathered.setdefault(finding.code, []).append(finding)
    return [FindingGroup(code, tuple(members), _union(members)) for code, members in gathered.items()]


def _union(members: list[Finding]) -> RowSet:
    rows = RowSet()
    for finding in members:
        if len(finding.rows):
            rows = rows | finding.rows
    return rows


def tally(findings: Sequence[Finding]) -> dict[str, int]:
    """How many per severity, worst first."""
    return {level: sum(f.severity == level for f in findings) for level in reversed(SEVERITIES)}


def open_findings(among: FindingGroup | Outcome | Sequence[Finding]) -> list[Finding]:
    """The findings that were not accepted."""
    every = among if isinstance(among, Sequence) else among.findings
    return [finding for finding in every if finding.key not in as_decided.accepted()]


def wanting(found: Sequence[Finding]) -> tuple[int, int]:
    """How many findings need attention, and how many of them are critical."""
    needing = attention.needing(found)
    return len(needing), tally(needing)["critical"]


def wanting_in_words(found: Sequence[Finding]) -> str:
    """The same: ``3 findings need attention, 1 critical``, ``1 critical finding needs attention``; "" where
    there is none.
    """
    things, critical = wanting(found)
    words = attention.in_words(things, critical == things) if things else ""
    return f"{words}, {count(critical)} critical" if 0 < critical < things else words


def label(text: str, severity: str, most: int = 140) -> str:
    """One line of the list: icon and sentence. most: letters."""
    return f"{MARK[severity]} {plain(shortened(text, most), most)}"


def heading(finding: Finding) -> None:
    """Icon and the whole sentence, over the details of one finding."""
    st.markdown(f"##### {MARK[finding.severity]} {plain(finding.title, 1000)}")


def caption(severity: str, rows: RowSet, counted: str, findings: Sequence[Finding] = ()) -> str:
    """The second line: the severity as a word, and how many rows it is about, or else columns or properties
    (``counted``), or that it names no row. findings: those that stand in one
    line, which says how many there are of each severity.

    >>> rows = (RowSet([3]), RowSet(), RowSet())
    >>> tuple(map(caption, ("warning", "info", "warning"), rows, ("2 columns", "1 column", "")))
    ('warning · 1 row', 'note · 1 column', 'warning · names no row')
    """
    word = WORD[severity]
    if len(findings) > 1:
        word = ", ".join(
            f"{count(many)} {WORD[level]}{'s' * (many > 1 and level != 'critical')}"
            for level, many in tally(findings).items()
            if many
        )
    if len(rows):
        return f"{word} · {count(len(rows), 'row')}"
    return f"{word} · {counted or 'names no row'}"


def greyed(text: str) -> str:
    """One line of the list for what is accepted."""
    return f":gray[:material/check: {plain(shortened(text, 140), 140)}]"


def waiting_again(text: str, most: int = 140) -> str:
    """One line of the list for what is to be checked again. most: letters."""
    return f":gray[:material/hourglass_empty: {plain(shortened(text, most), most)}]"


def accepted_by(decision: Decision | None) -> str:
    """The second line for what is accepted: by whom, when and why."""
    if decision is None:
        return "accepted"
    words = " ".join(
        [
            "accepted",
            *([f"by {plain(decision.who, 40)}"] if decision.who else []),
            *([ago(decision.when)] if decision.when else []),
        ]
    )
    return f"{words}: {plain(decision.why, 200)}" if decision.why else words


def numbers(finding: Finding, before: Finding | None = None) -> None:
    """What was measured, the limit it is held against, its noise floor where it has one, and the sample
    size. before: the same finding in the data as loaded, of which it says what it was about where that is
    another region now.
    """
    shown = {
        measure_of(finding): finding.value,
        **({} if not _held_against(before, finding) else {"As loaded": before.value if before else None}),
        "Limit": finding.limit,
        finding.noise_is.capitalize(): finding.noise,
        "Sample size": finding.n,
    }
    present = {name: value for name, value in shown.items() if value is not None}
    texts = _texts(present, finding.measure)
    places = layout.led(4, 110) if present else []
    for place, (name, value), text in zip(places, present.items(), texts, strict=False):
        if value == float("inf"):
            text = "infinite"
        elif name == BY_CHANCE:
            text = by_chance(value)
        place.metric(plain(name), text, help=glossary.known(name))
    if before is not None and before.about != finding.about:
        st.caption(f"As loaded: {plain(before.title, 400)}")
    if said := floor_counts(finding):
        st.caption(said)


def _texts(present: Mapping[str, float], measure: str) -> list[str]:
    """The numbers in words: an AUC as in the titles, unless it would then read as the limit beside it.

    >>> _texts({"AUC": 0.99998, "Limit": 0.95}, "AUC"), _texts({"AUC": 0.95001, "Limit": 0.95}, "AUC")
    (['0.99998', '0.95'], ['0.95001', '0.95'])
    >>> _texts({"AUROC": 0.99871, "Limit": 0.95, "Sample size": 5_300}, "AUROC")
    ['0.999', '0.95', '5,300']
    >>> _texts({"Share of zeros": 0.9931, "Limit": 0.05, "Sample size": 3322}, "share of zeros")
    ['99.3%', '5%', '3,322']
    """
    digits = apart(present.values())
    if is_share(measure):
        shares = {at for at, name in enumerate(present) if name not in ("Sample size", BY_CHANCE)}
        values = list(present.values())
        return [percent(values[at]) if at in shares else text for at, text in enumerate(digits)]
    texts = [
        text if name in ("Limit", "Sample size", BY_CHANCE) or not is_auc(measure) else score(value)
        for (name, value), text in zip(present.items(), digits, strict=True)
    ]
    read = {Decimal(text.replace(",", "")) if re.fullmatch(r"[\d.,]+", text) else text for text in texts}
    return digits if len(read) < len(set(present.values())) else texts


def _held_against(before: Finding | None, finding: Finding) -> bool:
    """Whether the number as loaded is another one of the same measure, of the same part of the data.

    >>> from dataclasses import replace
    >>> now = Finding("a", "", "info", 0.5, "", "", value=0.1, measure="share", part="train")
    >>> was = replace(now, value=0.2)
    >>> others = replace(was, part="serve"), replace(was, measure="rows")
    >>> _held_against(was, now), [_held_against(one, now) for one in others]
    (True, [False, False])
    """
    if before is None or before.value == finding.value:
        return False
    return (before.measure, before.part) == (finding.measure, finding.part)


def floor_counts(finding: Finding) -> str:
    """That a noise floor beyond the limit is what counts; "" where it is not.

    >>> from dataclasses import replace
    >>> auc = Finding("a", "", "info", 0.5, "", "", value=0.9, limit=0.55, noise=0.586)
    >>> floor_counts(auc)
    'A finding passes both; here the noise floor lies beyond the limit, and is what counts.'
    >>> floor_counts(replace(auc, noise=0.52)), floor_counts(replace(auc, value=0.57))
    ('', '')
    """
    if finding.value is None or finding.limit is None or finding.noise is None:
        return ""
    if finding.noise_is != "noise floor" or not (
        finding.value >= finding.noise > finding.limit or finding.value <= finding.noise < finding.limit
    ):
        return ""
    return "A finding passes both; here the noise floor lies beyond the limit, and is what counts."


def measure_of(finding: Finding) -> str:
    """What the finding's number is, as a heading.

    >>> measure_of(Finding("leak", "", "info", 0.5, "", "", measure="single-feature AUC"))
    'Single-feature AUC'
    """
    words = finding.measure_in_words
    return words[:1].upper() + words[1:] or "Measured"


def reasons(finding: Finding) -> None:
    """Why it matters and what to do."""
    st.markdown(f"**Why it matters.** {plain(finding.why, 600)}")
    st.markdown(f"**What to do.** {plain(finding.suggestion, 600)}")


def columns_of(finding: Finding, dataset: Dataset) -> list[str]:
    """The finding's columns that are in the data."""
    return [name for name in finding.columns if name in dataset.names]
