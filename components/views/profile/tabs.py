"""The other tabs of the profile page: one analysis each, with its figures, findings, rows and table."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import streamlit as st

from components import open_data, panel
from components.state import keep, session
from components.text import cut, plain, tag
from components.views.profile import missing, relations, target
from components.widgets import actions, findings, layout, rows
from components.widgets.chart import chart
from core.catalog import find
from core.dataset import Dataset
from core.finding import Finding
from core.phrases import count
from core.report import Outcome

if TYPE_CHECKING:
    from core.analyses.leakage.analysis import LeakageResult

TABLE_ROWS = 1_000
NEED_TARGET = ("target", "leakage")
TARGET_KINDS = ("category", "boolean", "numeric")


def view(dataset: Dataset, name: str) -> None:
    """Run the analysis if need be; then verdict, figures, findings with their rows, table."""
    found = panel.outcomes(dataset, name)
    if found is None:
        return
    outcome, result = found[name], found[name].result
    with st.container(horizontal=True, vertical_alignment="center"):
        _verdict(outcome)
        panel.settings_form(name, dataset)
    wants_target = name in NEED_TARGET and not _target_of(dataset, name)
    if wants_target:
        _choose_target(dataset, outcome)
    if result is None or result.status.state != "ok":
        if not wants_target:
            st.info(plain(str(outcome.status), 400), icon=":material/info:")
        return
    panel.notes(result)
    PICTURES[name](dataset, result)
    _findings(dataset, outcome)
    _table(dataset, name, result)


def _verdict(outcome: Outcome) -> None:
    """How many findings there are; what was not checked never reads as if nothing was wrong."""
    levels = findings.tally([f for f in outcome.findings if f.key not in session().review.accepted])
    wanting = levels["critical"] + levels["warning"]
    found = f"{count(wanting, 'thing')} to look at" if wanting else "Nothing stands out"
    notes = f", {count(levels['info'], 'note')}" if levels["info"] else ""
    verdict = {"skipped": "Not checked.", "failed": "The check failed."}.get(
        outcome.status.state, f"{found}{notes}."
    )
    unchecked = _unchecked(outcome)
    if unchecked and outcome.status.state == "ok":
        verdict = f"{unchecked} {verdict if outcome.findings else ''}".strip()
    st.markdown(f"#### {find(outcome.analysis.name).question} {verdict}", width="stretch")


def _unchecked(outcome: Outcome) -> str:
    """What an analysis that did run had to leave out; "" where nothing."""
    result: Any = outcome.result
    if outcome.analysis.name == "leakage" and result is not None and not result.kind:
        return "Columns were not checked."
    return ""


def _target_of(dataset: Dataset, name: str) -> str:
    """The target that an analysis uses: that of its settings, or the role."""
    return session().settings.get(name, {}).get("target") or dataset.roles.target or ""


def _choose_target(dataset: Dataset, outcome: Outcome) -> None:
    """The picker of the target, where a check, or its part about columns, was skipped for want of one."""
    what = "Columns were not checked" if outcome.status.state == "ok" else "This check was skipped"
    st.info(f"{what}: that needs a target, the column to predict.", icon=":material/block:")
    key = f"choose-target-{dataset.version}"
    st.selectbox(
        "Target",
        dataset.of_kind(*TARGET_KINDS),
        None,
        key=key,
        format_func=lambda column: cut(column, 60),
        placeholder="Choose the column to predict",
        on_change=open_data.set_role,
        args=("target", key),
        width=320,
    )


def _leakage(dataset: Dataset, result: LeakageResult) -> None:
    from components.figures import leakage as drawn

    chart(
        _mark(dataset, "leakage"),
        lambda: drawn.column_scores(result),
        f"leakage-{dataset.version}",
        drawn.alt(result),
        drawn.HOW,
    )


PICTURES: dict[str, Callable[[Dataset, Any], None]] = {
    "association": relations.view,
    "target": target.view,
    "missingness": missing.view,
    "leakage": _leakage,
}


def _mark(dataset: Dataset, name: str) -> tuple[Any, ...]:
    return ("deeper", *panel.mark(dataset, name))


def _findings(dataset: Dataset, outcome: Outcome) -> None:
    """The findings to choose from, and the one chosen with its rows."""
    told, accepted = (
        [f for f in outcome.findings if (f.key in session().review.accepted) is so] for so in (False, True)
    )
    if not told and not accepted:
        return
    st.subheader("What was found")
    left, right = layout.thirds(1, 2)
    name = outcome.analysis.name
    with left:
        chosen = findings.choose(
            told, f"{name}-finding-{dataset.version}-{len(told)}-{len(accepted)}", accepted=accepted
        )
    with right:
        findings.heading(chosen)
        findings.reasons(chosen)
        actions.fix(dataset, chosen, f"{name}-{tag(chosen.key)}")
        findings.numbers(chosen)
    _rows(dataset, chosen, name)


def _rows(dataset: Dataset, chosen: Finding, name: str) -> None:
    if len(chosen.rows):
        key = f"{name}-{tag(chosen.key)}"
        st.markdown("**The rows behind it**")
        first = findings.columns_of(chosen, dataset)
        picked = rows.listing(dataset, chosen.rows.ids, key, first=first)
        actions.bar(dataset, picked, key, chosen.key, chosen.action, next(iter(first), ""))


def _table(dataset: Dataset, name: str, result: Any) -> None:
    """The whole table, folded, its first thousand lines."""
    table = keep(("table", *_mark(dataset, name)), result.frame)
    if table.empty:
        return
    with st.expander(f"The table: {count(len(table), 'line')}", icon=":material/table_rows:"):
        if len(table) > TABLE_ROWS:
            st.caption(
                f"The first {count(TABLE_ROWS)} of {count(len(table))} lines; the command line gives all."
            )
        st.dataframe(
            table.head(TABLE_ROWS),
            hide_index=True,
            alt=f"Table of {count(len(table), 'line')}",
            key=f"{name}-table-{dataset.version}",
        )
