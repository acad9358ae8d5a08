"""The queue of the review page: one row, why it is here, and one key to decide."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from components import decisions, panel
from components.figures.profile import moment
from components.state import keep, session, value
from components.text import cut, number, plain
from components.views.issues import outliers
from components.views.issues.page import detectors
from components.widgets import actions, findings, layout
from core.dataset import Dataset
from core.finding import Finding
from core.phrases import count
from core.prepare import fixes as fixing
from core.report import Outcome
from core.review import STATUS
from core.rowset import RowSet

if TYPE_CHECKING:
    import pandas as pd

Ids = NDArray[np.int64]
KEYS = 9


def view(dataset: Dataset) -> None:
    """The focused card, or a word that nothing waits."""
    found = panel.outcomes(dataset, *detectors())
    if found is None:
        return
    told = [
        f
        for f, _ in panel.told(dataset, found).values()
        if f.action in fixing.ON_ROWS and not actions.told(f.key)
    ]
    waiting, total = keep(
        ("queue", panel.mark(dataset, *detectors()), session().turn),
        lambda: _queue(dataset, told, found),
        newest=True,
    )
    if not waiting.size:
        st.success(
            "Nothing waits for a decision." if not total else (f"All {count(total, 'row')} are decided."),
            icon=":material/done_all:",
        )
        return
    at = min(session().chosen.get("queue", 0), waiting.size - 1)
    done = total - waiting.size
    st.progress(
        done / total,
        text=f"{count(done)} of {count(total)} decided · showing {count(at + 1)} of the "
        f"{count(int(waiting.size))} left",
    )
    _card(dataset, int(waiting[at]), told, found)
    _move(at, int(waiting.size))


def _queue(dataset: Dataset, told: list[Finding], found: dict[str, Outcome]) -> tuple[Ids, int]:
    """Open rows in the order in which to look at them (sent here first, then worst finding first), and how
    many with those decided.
    """
    now = decisions.settled()
    later = now.status == STATUS.index("defer")
    pieces, seen = [np.flatnonzero(later)], later.copy()
    for finding in told:
        ids = finding.rows.ids
        if finding.code == "outliers":
            ids = ids[np.argsort(-outliers.scores(dataset, _odd(found))[ids], kind="stable")]
        pieces.append(ids[~seen[ids]])
        seen[ids] = True
    order = np.concatenate(pieces)
    settled = now.decided.mask(dataset.rows) & ~later
    return order[~settled[order]], int(order.size)


def _card(dataset: Dataset, row: int, told: list[Finding], found: dict[str, Outcome]) -> None:
    left, right = layout.thirds(2, 1)
    with left, st.container(border=True, key="card"):
        st.markdown(f"##### Row {count(row)}")
        st.dataframe(
            _facts(dataset, row, found),
            hide_index=True,
            height="content",
            alt=f"All values of row {row}",
            column_config=_widths(),
            key=f"card-{dataset.version}-{row}",
        )
    with right:
        st.markdown("**Why it is here**")
        for finding in told:
            if row in finding.rows:
                st.markdown(findings.label(finding.title, finding.severity))
                if finding.code == "outliers":
                    st.caption(plain(outliers.reason(dataset, _odd(found), row), 400))
        if STATUS[decisions.settled().status[row]] == "defer":
            st.markdown(":blue[:material/rate_review:] Sent to review")
        _decide(dataset, row, next((f for f in told if row in f.rows), None))


def _widths() -> dict[str, Any]:
    text = st.column_config.TextColumn
    return {
        "": text(width=30),
        "Column": text(width=170),
        "Value": text(width=150),
        "Typical": text(width=190),
    }


def _facts(dataset: Dataset, row: int, found: dict[str, Outcome]) -> pd.DataFrame:
    """Column, value, what is typical; the odd columns first and marked."""
    import pandas as pd

    values = dataset.frame(rows=RowSet([row])).astype(object).iloc[0]  # a row of floats would round
    result = _odd(found)
    odd = outliers.odd_columns(result, row) if result is not None and result.flagged[row] else []
    order = [*odd, *(name for name in dataset.names if name not in odd)]
    profile: Any = found["profile"].result
    typical = {p.name: _typical(p) for p in profile.columns} if profile is not None else {}
    return pd.DataFrame(
        {
            "": ["●" if name in odd else "" for name in order],
            "Column": [cut(name, 60) for name in order],
            "Value": ["" if pd.isna(values[name]) else _shown(values[name]) for name in order],
            "Typical": [typical.get(name, "") for name in order],
        }
    )


def _odd(found: dict[str, Outcome]) -> Any:
    return found["outliers"].result if "outliers" in found else None


def _shown(value: Any) -> str:
    is_number = isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)
    return number(float(value)) if is_number else cut(value, 300).removesuffix(" 00:00:00")


def _typical(profile: Any) -> str:
    if profile.quantiles.size and profile.kind == "datetime":
        return f"{moment(profile.quantile(0.05), brief=True)} to {moment(profile.quantile(0.95), brief=True)}"
    if profile.quantiles.size:
        return f"{number(profile.quantile(0.05))} to {number(profile.quantile(0.95))}"
    return ", ".join(cut(text, 20) for text, _ in profile.top[:3])


def _decide(dataset: Dataset, row: int, finding: Finding | None) -> None:
    rows, key = RowSet([row]), finding.key if finding else ""
    st.text_input(
        "Reason",
        key="queue-why",
        placeholder="Reason (optional)",
        label_visibility="collapsed",
        max_chars=300,
    )
    with st.container(horizontal=True, gap="small"):
        for action, name, letter, icon in (("keep", "Keep", "K", "check"), ("drop", "Drop", "D", "delete")):
            kind = "primary" if finding and finding.action == action else "secondary"
            st.button(
                name,
                icon=f":material/{icon}:",
                key=f"queue-{action}",
                type=kind,
                shortcut=letter,
                on_click=_say,
                args=(action, rows, key),
            )
        st.button(
            "Skip", icon=":material/skip_next:", key="queue-skip", shortcut="S", on_click=_step, args=(1,)
        )
        undoable = bool(session().review.batches)
        st.button(
            "Undo",
            icon=":material/undo:",
            key="queue-undo",
            shortcut="U",
            disabled=not undoable,
            on_click=decisions.undo,
        )
    target = dataset.roles.target
    labels = actions.levels(dataset, target)[:KEYS] if target else []
    if target and labels:
        st.caption(f"Relabel {plain(target, 40)}")
        with st.container(horizontal=True, gap="small"):
            for digit, text in enumerate(labels, 1):
                told = ("relabel", rows, key, text, target)
                st.button(
                    plain(text, 24) or "(empty)",
                    key=f"queue-label-{digit}",
                    shortcut=str(digit),
                    on_click=_say,
                    args=told,
                )
    else:
        st.caption("Choose a target on the load page to relabel with one key.")


def _say(action: str, rows: RowSet, finding: str, label: str | None = None, column: str = "") -> None:
    decisions.decide(
        action, rows, finding=finding, why=value("queue-why", "") or "", value=label, column=column
    )


def _move(at: int, waiting: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Previous row",
            icon=":material/arrow_back:",
            key="queue-back",
            shortcut="Left",
            disabled=at == 0,
            on_click=_step,
            args=(-1,),
        )
        st.button(
            "Next row",
            icon=":material/arrow_forward:",
            key="queue-next",
            shortcut="Right",
            disabled=at >= waiting - 1,
            on_click=_step,
            args=(1,),
        )
        st.caption(
            "Keys: **K** keep, **D** drop, **1**–**9** label, **S** skip, **U** undo, arrows move.",
            width="content",
        )


def _step(by: int) -> None:
    chosen = session().chosen
    chosen["queue"] = max(0, chosen.get("queue", 0) + by)
