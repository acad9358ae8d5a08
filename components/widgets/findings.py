"""Findings on the screen: severity as word, icon and colour; groups of one kind; the list to choose from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from components import address, as_decided, attention, glossary
from components.state import session
from components.text import ago, apart, plain, shortened
from components.widgets import layout
from core.dataset import Dataset
from core.decided import Resolved
from core.finding import SEVERITIES, Finding, in_words, ranked
from core.phrases import by_chance, count
from core.report import Outcome
from core.review import Decision
from core.review import in_words as decision_in_words
from core.rowset import RowSet

MARK = {
    "critical": ":red[:material/error:]",
    "warning": ":orange[:material/warning:]",
    "info": ":blue[:material/info:]",
}
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
        """The columns that they name, each once."""
        return tuple(dict.fromkeys(column for finding in self.findings for column in finding.named))

    @property
    def title(self) -> str:
        """The finding's own sentence; or the kind, and how many columns, or else findings, there are."""
        if len(self.findings) == 1:
            return self.findings[0].title
        if self.columns:
            return f"{name_of(self.code)} in {count(len(self.columns), 'column')}"
        return f"{name_of(self.code)}: {count(len(self.findings), 'finding')}"


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


def open_findings(among: Outcome | FindingGroup) -> list[Finding]:
    """The findings that were not accepted."""
    return [finding for finding in among.findings if finding.key not in as_decided.accepted()]


def wanting(outcome: Outcome) -> tuple[int, int]:
    """How many findings need attention, and how many of them are critical."""
    needing = attention.needing(outcome.findings)
    return len(needing), tally(needing)["critical"]


def wanting_in_words(outcome: Outcome) -> str:
    """The same: ``3 findings need attention, 1 critical``; "" where there is none."""
    things, critical = wanting(outcome)
    words = attention.in_words(things) if things else ""
    return f"{words}, {count(critical)} critical" if critical else words


def label(text: str, severity: str, most: int = 140) -> str:
    """One line of the list: icon and sentence. most: letters."""
    return f"{MARK[severity]} {plain(shortened(text, most), most)}"


def heading(finding: Finding) -> None:
    """Icon and the whole sentence, over the details of one finding."""
    st.markdown(f"##### {MARK[finding.severity]} {plain(finding.title, 1000)}")


def caption(severity: str, rows: RowSet, columns: int) -> str:
    """The second line: the severity as a word, and how many rows or columns it is about."""
    if len(rows):
        return f"{WORD[severity]} · {count(len(rows), 'row')}"
    return f"{WORD[severity]} · {count(columns, 'column')}" if columns else WORD[severity]


def choose(
    listed: Sequence[Finding],
    key: str,
    version: str,
    accepted: Sequence[Finding] = (),
    is_new: Callable[[Finding], bool] = lambda finding: False,
) -> Finding:
    """The list to choose from, scrolling where it is long; gives the one chosen. Accepted findings stand at
    its end, grey. version: of the data. is_new: whether decisions brought a finding about.
    """
    every, kept = [*listed, *accepted], as_decided.accepted()
    captions = [
        caption(f.severity, f.rows, len(f.columns)) + (" · new with your decisions" if is_new(f) else "")
        for f in listed
    ]
    captions += [accepted_by(kept.get(f.key)) for f in accepted]
    words = [f.key for f in every]
    widget = address.key(f"{key}-{version}-{len(listed)}-{len(accepted)}")
    with st.container(height=430 if len(every) > 7 else "content", border=True):
        at = st.radio(
            "Findings",
            range(len(every)),
            place_of(key, version, words, "finding"),
            key=widget,
            **address.noting("finding", widget, dict(enumerate(words)), 0),
            format_func=lambda i: (
                label(every[i].title, every[i].severity) if i < len(listed) else greyed(every[i].title)
            ),
            captions=captions,
            label_visibility="collapsed",
        )
    choose_as(key, version, words, at or 0, "finding")
    return every[at or 0]


def place_of(chosen: str, version: str, names: Sequence[str], told: str) -> int:
    """Where the one to show stands in the list: the one that the address names (``told``: as what); else the
    one chosen before under this name, for this version of the data or the last one; 0 where all are gone.
    """
    known = [address.one_of(told, names), *_before(chosen, version)]
    return next((names.index(name) for name in known if name in names), 0)


def wanted(chosen: str, version: str, told: str) -> str:
    """The one to show by the same rule, whether it is in a list to which more are to come or not; "" where
    none was asked for.
    """
    return next(filter(None, (address.text(told), *_before(chosen, version))), "")


def _before(chosen: str, version: str) -> list[str | None]:
    """The one chosen under this name before: for this version of the data, and at last."""
    now, chosen = session().chosen, address.key(chosen)
    return [now.get(key) for key in ((chosen, version), chosen)]


def choose_as(chosen: str, version: str, names: Sequence[str], at: int, told: str) -> None:
    """Note which one is chosen: a decision on it changes the version, an undo brings the former one back."""
    chosen = address.key(chosen)
    session().chosen[chosen] = session().chosen[(chosen, version)] = names[at]
    address.follow(told, names[at] if at else "")


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


def resolved(mended: Sequence[Resolved]) -> None:
    """The findings that decisions mended: what each said, and by which decision; then, with their number,
    those that another finding explains now.
    """
    if not mended:
        return
    _answered(mended)
    done, explained = ([one for one in mended if one.mended is so] for so in (True, False))
    parts = [f"Resolved: {count(len(done))}"] if done else []
    parts += [f"{'now' if done else 'Now'} part of another: {count(len(explained))}"] if explained else []
    with st.expander("; ".join(parts), icon=":material/task_alt:"):
        for one in (*done, *explained):
            icon = ":green[:material/check_circle:]" if one.mended else ":gray[:material/arrow_right_alt:]"
            st.markdown(f"{icon} :gray[{plain(one.finding.title, 200)}]")
            st.caption(plain(_became(one), 400))


def _answered(mended: Sequence[Resolved]) -> None:
    """The answer to the last click, with Undo, where the finding that was clicked beside is now resolved."""
    now = session()
    notice, last = now.notice, now.review.acts[-1] if now.review.acts else ()
    if notice is None or notice.back is None or notice.answered or not isinstance(last, tuple):
        return
    if not any(decision in one.decisions for one in mended for decision in last):
        return
    notice.answered = True
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f":green[:material/check_circle: {plain(notice.text)}]", width="content")
        st.button("Undo", icon=":material/undo:", key="undo-resolved", type="tertiary", on_click=notice.back)


def _became(one: Resolved) -> str:
    """How many rows there were, and what was decided; or which finding explains it now.

    >>> from core.rowset import RowSet
    >>> found = Finding("codes", "", "info", 0.5, "", "", rows=RowSet(range(37)), columns=("x",))
    >>> _became(Resolved(found, (Decision("blank", found.rows, column="x"),)))
    "Was 37 rows; no longer found. Made 37 cells missing: 'x'."
    >>> total = Finding("total_rows", "The last row is likely a total", "info", 0.5, "", "")
    >>> _became(Resolved(found, (), total))
    'Now part of: The last row is likely a total.'
    """
    part = "" if one.within is None else f"ow part of: {shortened(one.within.title.rstrip('.'), 140)}."
    if not one.mended:
        return f"N{part}"
    rows, gone = len(one.finding.rows), "" if part else "; no longer found"
    was = f"Was {count(rows, 'row')}{gone}. " if rows else ""
    if not one.decisions:
        return f"{was}Too little of it is left after your other decisions."
    words = list(dict.fromkeys(decision_in_words((decision,)) for decision in one.decisions))
    more = f", and {count(len(words) - 3)} more" if len(words) > 3 else ""
    rest = f" What is left is n{part}" if part else ""
    return f"{was}{'; '.join(words[:3])}{more}.{rest}"


BY_CHANCE = "Expected by chance"


def numbers(finding: Finding, before: Finding | None = None) -> None:
    """What was measured, the limit it is held against, its noise floor where it has one, and the sample
    size. before: the same finding in the data as loaded.
    """
    shown = {
        measure_of(finding): finding.value,
        **({} if before is None or before.value == finding.value else {"As loaded": before.value}),
        "Limit": finding.limit,
        finding.noise_is.capitalize(): finding.noise,
        "Sample size": finding.n,
    }
    present = {name: value for name, value in shown.items() if value is not None}
    texts = apart(present.values())
    places = layout.led(4, 110) if present else []
    for place, (name, value), text in zip(places, present.items(), texts, strict=False):
        if value == float("inf"):
            text = "infinite"
        elif name == BY_CHANCE:
            text = by_chance(value)
        place.metric(plain(name), text, help=glossary.known(name))


def measure_of(finding: Finding) -> str:
    """What the finding's number is, as a heading.

    >>> measure_of(Finding("leak", "", "info", 0.5, "", "", measure="single-feature AUC"))
    'Single-feature AUC'
    """
    return finding.measure[:1].upper() + finding.measure[1:] or "Measured"


def reasons(finding: Finding) -> None:
    """Why it matters and what to do."""
    st.markdown(f"**Why it matters.** {plain(finding.why, 600)}")
    st.markdown(f"**What to do.** {plain(finding.suggestion, 600)}")


def columns_of(finding: Finding, dataset: Dataset) -> list[str]:
    """The finding's columns that are in the data."""
    return [name for name in finding.columns if name in dataset.names]
