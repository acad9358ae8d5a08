"""The clusters of spellings that a merge would make one: ticked where they are sure, each with the spelling
to keep, which can be changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import streamlit as st

from components import guard
from components.state import keep, session
from components.text import marked, plain
from core.errors import CoreError
from core.phrases import count
from core.prepare.clusters import Clusters, Spelling
from core.prepare.spelling import tidy
from core.steps import Work
from core.steps.merge import clusters_to_choose, looked_at

if TYPE_CHECKING:
    import pandas as pd

SHOWN = 500  # lines
TAKE, KEEP, OTHERS, CELLS, SURE = "Merge", "Keep", "Written also", "Cells", "How sure"


class ClusterLine(NamedTuple):
    """Spellings to be written as ``centre``: those of a cluster that are sure, or those that are not."""

    centre: str
    members: tuple[Spelling, ...]
    sure: bool


def view(
    work: Work, column: str, settings: Mapping[str, Any], learned: Mapping[str, Any], key: str
) -> Mapping[str, Any]:
    """Draw the clusters; gives what the step is to have learned, empty where it is to find the same by
    itself.
    """
    state = work.state()
    method = str(settings["method"])
    mark = ("clusters", work.dataset.version, session().turn, work.seen, column, method)
    with st.spinner("Comparing spellings", show_time=False):
        every = guard.attempt(lambda: keep(mark, lambda: clusters_to_choose(state, column, method)))
    if isinstance(every, CoreError):
        return {}
    lines = _lines(every)
    for note in every.notes:
        st.caption(f":material/info: {plain(note, 300)}")
    if not lines:
        st.caption("No two spellings are alike in this way. Try another one under 'Alike'.")
        return {}
    st.caption(
        f"{count(len(lines), 'group')} of spellings. Those that are sure are ticked; the spelling that is "
        "kept can be typed over."
    )
    asked = _asked(lines[:SHOWN], dict(learned.get("map", {})), f"{key}-clusters-{method}")
    if len(lines) > SHOWN:
        st.caption(
            f"The first {count(SHOWN)} groups of {count(len(lines))}; of the others those that are sure."
        )
    chosen = asked | {text: to for text, to in _sure(lines[SHOWN:]).items()}
    if chosen == _sure(lines):
        return {}
    return keep((*mark, "chosen", tuple(sorted(chosen.items()))), lambda: looked_at(state, column, chosen))


def _lines(every: Clusters) -> list[ClusterLine]:
    lines = []
    for cluster in every.clusters:
        for sure in (True, False):
            members = tuple(member for member in cluster.members if member.sure is sure)
            if members:
                lines.append(ClusterLine(cluster.centre, members, sure))
    return lines


def _sure(lines: list[ClusterLine]) -> dict[str, str]:
    return {member.text: line.centre for line in lines if line.sure for member in line.members}


def _asked(lines: list[ClusterLine], past: Mapping[str, str], key: str) -> dict[str, str]:
    """What the person ticked: each text to be written otherwise, and how. past: what the step has it as."""
    make = st.column_config
    edited = st.data_editor(
        _table(lines, past),
        key=key,
        hide_index=True,
        num_rows="fixed",
        disabled=[OTHERS, CELLS, SURE],
        height=min(len(lines) + 1, 9) * 35 + 3,
        column_config={
            TAKE: make.CheckboxColumn(width=60),
            KEEP: make.TextColumn(help="The spelling that stays; type another one where you like."),
            CELLS: make.NumberColumn(width=60, help="Cells that are written otherwise then."),
            SURE: make.TextColumn(width=80),
        },
        alt=f"{count(len(lines), 'group')} of spellings, with ticks",
    )
    chosen: dict[str, str] = {}
    for line, take, to in zip(lines, edited[TAKE].tolist(), edited[KEEP].tolist(), strict=True):
        if take and isinstance(to, str) and to:
            texts = [member.text for member in line.members] + [line.centre]
            chosen |= {text: to for text in texts if text != to}
    return chosen


def _table(lines: list[ClusterLine], past: Mapping[str, str]) -> pd.DataFrame:
    import pandas as pd

    taken = [any(member.text in past for member in line.members) if past else line.sure for line in lines]
    kept = [
        next((past[member.text] for member in line.members if member.text in past), tidy(line.centre))
        for line in lines
    ]
    others = [", ".join(f"{marked(m.text, 40)} ({m.times:,})" for m in line.members[:6]) for line in lines]
    return pd.DataFrame(
        {
            TAKE: taken,
            KEEP: pd.Series(kept, dtype="str"),
            OTHERS: others,
            CELLS: [sum(member.times for member in line.members) for line in lines],
            SURE: ["sure" if line.sure else "look at it" for line in lines],
        }
    )
