"""The bar that turns selected rows into decisions."""

from __future__ import annotations

import streamlit as st

from components import decisions, guard, open_data
from components.state import Notice, session, value
from components.text import plain
from components.widgets import findings
from core.dataset import Dataset
from core.errors import CoreError
from core.finding import Finding
from core.phrases import count
from core.prepare import fixes as fixing
from core.rowset import RowSet

LABELS = 60  # most levels of a column that are offered as a list
ICONS = {
    "drop": "delete",
    "relabel": "label",
    "weight": "balance",
    "defer": "rate_review",
    "omit": "view_column",
    "blank": "ink_eraser",
    "merge": "join",
    "retype": "swap_horiz",
}


def bar(
    dataset: Dataset, rows: RowSet, key: str, finding: str = "", suggested: str = "", column: str = ""
) -> None:
    """Keep, drop, relabel, weight or send to review, with a reason. Draws nothing when no row is selected."""
    if not len(rows):
        return
    why = f"why-{key}"
    with st.container(border=True, key=f"bar-{key}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{count(len(rows), 'row')} selected**", width="content")
            st.text_input(
                "Reason",
                key=why,
                placeholder="Reason (optional)",
                label_visibility="collapsed",
                max_chars=300,
                width=320,
            )
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            for action, name, icon in (
                ("keep", "Keep", "check"),
                ("drop", "Drop", "delete"),
                ("defer", "Send to review", "rate_review"),
            ):
                kind = "primary" if action == suggested else "secondary"
                told = (action, rows, finding, why)
                st.button(
                    name,
                    icon=f":material/{icon}:",
                    key=f"{action}-{key}",
                    type=kind,
                    on_click=_say,
                    args=told,
                )
            _relabel(dataset, rows, key, finding, why, column, suggested == "relabel")
            _weight(rows, key, finding, why)


def _say(action: str, rows: RowSet, finding: str, why: str) -> None:
    decisions.decide(action, rows, finding=finding, why=value(why, "") or "")


def _relabel(
    dataset: Dataset, rows: RowSet, key: str, finding: str, why: str, column: str, suggested: bool
) -> None:
    kind = "primary" if suggested else "secondary"
    with st.popover("Relabel", icon=":material/label:", type=kind):
        names = list(dataset.names)
        first = column or dataset.roles.target or names[0]
        st.selectbox(
            "Column", names, names.index(first), key=f"relabel-column-{key}", format_func=lambda name: name
        )
        chosen = value(f"relabel-column-{key}") or first
        options = levels(dataset, chosen)
        st.selectbox(
            "New value",
            options,
            None,
            key=f"relabel-value-{key}",
            accept_new_options=True,
            placeholder="Choose or type",
        )
        st.button(
            f"Relabel {count(len(rows), 'row')}",
            key=f"relabel-{key}",
            type="primary",
            disabled=value(f"relabel-value-{key}") is None,
            on_click=_say_relabel,
            args=(rows, key, finding, why),
        )
        told = (rows, key, finding, why)
        st.button(
            f"Make {count(len(rows), 'cell')} missing",
            key=f"blank-{key}",
            type="tertiary",
            on_click=_say_blank,
            args=told,
        )


def _say_relabel(rows: RowSet, key: str, finding: str, why: str) -> None:
    column, given = value(f"relabel-column-{key}"), str(value(f"relabel-value-{key}"))
    decisions.decide("relabel", rows, finding=finding, why=value(why, "") or "", value=given, column=column)


def _say_blank(rows: RowSet, key: str, finding: str, why: str) -> None:
    decisions.decide(
        "blank", rows, finding=finding, why=value(why, "") or "", column=value(f"relabel-column-{key}")
    )


def _weight(rows: RowSet, key: str, finding: str, why: str) -> None:
    with st.popover("Weight", icon=":material/balance:"):
        st.number_input(
            "Weight",
            0.0,
            None,
            0.5,
            0.1,
            key=f"weight-value-{key}",
            help="1 is the weight of an ordinary row; 0 mutes it.",
        )
        told = f"Weight {count(len(rows), 'row')}"
        st.button(
            told, key=f"weight-{key}", type="primary", on_click=_say_weight, args=(rows, key, finding, why)
        )


def _say_weight(rows: RowSet, key: str, finding: str, why: str) -> None:
    decisions.decide(
        "weight", rows, finding=finding, why=value(why, "") or "", value=float(value(f"weight-value-{key}"))
    )


def levels(dataset: Dataset, column: str) -> list[str]:
    """The values of a column as text, most frequent first; none when there are too many to choose from."""
    from components.state import keep

    def work() -> list[str]:
        import pyarrow.compute as pc

        counted = pc.value_counts(pc.drop_null(dataset.table([column]).column(0).combine_chunks()))
        if len(counted) > LABELS:
            return []
        pairs = sorted(counted.to_pylist(), key=lambda pair: (-pair["counts"], str(pair["values"])))
        return [str(pair["values"]) for pair in pairs]

    return keep(("levels", dataset.version, column), work)


def fix(dataset: Dataset, finding: Finding, key: str) -> None:
    """One row: do what the finding asks for, see it as code, or accept the finding as it is; for an accepted
    one, reopen it.
    """
    accepted = session().review.accepted.get(finding.key)
    with st.container(horizontal=True, vertical_alignment="center", key=f"fix-{key}"):
        if accepted is None:
            _act(dataset, finding, key)
        if finding.fix:
            with st.popover("As code", icon=":material/code:", type="tertiary"):
                st.code(finding.fix, language="python", wrap_lines=True)
                st.caption("Acts on a pandas frame called data.")
        if accepted is None:
            why = f"accept-why-{key}"
            st.text_input(
                "Reason",
                key=why,
                placeholder="Reason (optional)",
                label_visibility="collapsed",
                max_chars=300,
                width=150,
            )
            told = "It stays listed and no longer counts: not here, not in the report, not for --fail-on."
            st.button(
                "Accept",
                key=f"accept-{key}",
                icon=":material/check:",
                type="tertiary",
                help=told,
                on_click=_accept,
                args=(finding.key, why),
            )
        else:
            st.button(
                "Reopen",
                key=f"reopen-{key}",
                icon=":material/replay:",
                on_click=decisions.reopen,
                args=(finding.key,),
            )
            st.caption(findings.accepted_by(accepted), width="content")


def _act(dataset: Dataset, finding: Finding, key: str) -> None:
    label = fixing.label(finding)
    if not label:
        return
    if fixing.done(finding, decisions.settled()):
        st.button(f"Done: {plain(label, 60)}", key=f"act-{key}", icon=":material/check:", disabled=True)
        return
    st.button(
        plain(label, 60),
        key=f"act-{key}",
        icon=f":material/{ICONS[finding.action]}:",
        type="primary",
        on_click=_do,
        args=(dataset, finding),
    )


def _do(dataset: Dataset, finding: Finding) -> None:
    """The click itself. What the words promise is what the notice says was done."""
    if finding.action == "retype":
        open_data.ask_kinds(dataset, dict.fromkeys(finding.columns, finding.to))
        return
    said = guard.attempt(lambda: fixing.decisions(dataset, finding))
    if isinstance(said, CoreError):
        session().notice = Notice(str(said))
    else:
        decisions.say(f"Done: {fixing.label(finding)}." if said else "There was nothing to do.", *said)


def _accept(finding: str, why: str) -> None:
    decisions.accept(finding, value(why, "") or "")


def told(finding: str) -> bool:
    """Whether this finding was accepted."""
    return finding in session().review.accepted


def name(text: str) -> str:
    """A column's name for a label."""
    return plain(text, 40)
