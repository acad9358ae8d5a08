"""Copies on the issues page: images as pictures, rows side by side, group by group."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from components import decisions, panel
from components.state import keep
from components.text import cut
from components.views.issues import side_by_side
from components.widgets import actions, asking, both_sides, findings, gallery, rows, rows_tools
from components.widgets.chart import explain
from components.widgets.rows_tools import Listed
from core.dataset import Dataset
from core.decision import Decision
from core.finding import Finding
from core.phrases import count
from core.rowset import RowSet

if TYPE_CHECKING:
    from core.analyses.nearduplicates.analysis import NearDuplicateResult

Ids = NDArray[np.int64]
HOW = """Of each group, the row to **keep** is the one nearest to all others of it (the medoid); it stands
first. A marked cell differs from the row to keep, and fields that differ stand on top. **Distance** is the
share of its evidence that a row has lost to its nearest copy: 0 where they differ in spelling alone; up to
0.5 it is sure. Rare values are more evidence than common ones: two rows of one street have more in common
than two of one country."""


def evidence(dataset: Dataset, result: NearDuplicateResult, finding: Finding) -> None:
    """The groups, those whose labels disagree first, and action bar."""
    panel.notes(result)
    key = f"copies-{finding.code}"
    ids = keep(("copies", dataset.version, finding.key, result.settings), lambda: _ordered(result, finding))
    if result.images:
        _pictures(dataset, result, finding, ids, key)
        return
    _bulk(dataset, result, finding, ids, key)
    st.markdown("**The groups side by side; of each the first row is the one to keep**")
    side_by_side.groups(dataset, result, ids, key)
    explain(HOW)
    st.markdown("**All rows of these groups**")
    st.caption(both_sides.counted(finding, ids, np.unique(result.group[ids]).size, "row"))
    extra = {
        "Group": result.group[ids],
        "Keep": np.where(result.excess[ids], "", "keep"),
        "Distance": result.distance[ids].round(3),
    }
    picked = rows.listing(dataset, ids, key, extra, first=findings.columns_of(finding, dataset))
    actions.bar(dataset, picked, key, finding, finding.action, result.target)


def _ordered(result: NearDuplicateResult, finding: Finding) -> Ids:
    """The rows of the groups that a finding names: group by group, in the order of `frame`, the one to keep
    first.
    """
    named = np.unique(result.group[finding.rows.ids])
    place = {group: at for at, group in enumerate(result.frame()["first_row"].tolist())}
    ids = np.flatnonzero(np.isin(result.group, named[named >= 0]))
    order = np.array([place[group] for group in result.group[ids].tolist()], np.int64)
    return np.asarray(ids[np.lexsort((ids, result.excess[ids], order))], np.int64)


def _bulk(dataset: Dataset, result: NearDuplicateResult, finding: Finding, ids: Ids, key: str) -> None:
    """One button: keep the medoid of each group, drop the rest; groups whose labels disagree are left to the
    reader.
    """
    if finding.action != "drop":
        return
    torn = np.unique(result.group[result.conflict])
    ours = finding.rows.ids[~np.isin(result.group[finding.rows.ids], torn)]
    stay, go = RowSet(np.unique(result.kept_for(ours))), RowSet(ours)
    left = np.intersect1d(result.group[ids], torn).size
    bulk = f"bulk-{key}"
    actions.answer(bulk)
    if not len(go):
        return
    copies = count(len(go), "copy", "copies")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            asking.words(f"Keep {count(len(stay), 'row')}, drop {copies}", bulk, "drop"),
            icon=":material/filter_1:",
            key=bulk,
            help="One step, which Undo takes back. One row of each group stays.",
            on_click=_drop_the_rest,
            args=(dataset, stay, RowSet(stay.ids[~result.excess[stay.ids]]), go, finding, bulk),
        )
        if left:
            st.caption(f"{count(left, 'group')} with labels that disagree left to you.", width="content")


def _drop_the_rest(
    dataset: Dataset, stay: RowSet, sure: RowSet, go: RowSet, finding: Finding, place: str
) -> None:
    """Drop copies. stay: the rows that are left; ``sure``: those of them that are to be kept in any case."""
    if asking.held_back(dataset, "drop", go, place=place):
        return
    cause = {"why": finding.title, "finding": finding.key}
    decisions.say(
        f"Kept {count(len(stay), 'row')}, dropped {count(len(go), 'copy', 'copies')} of them.",
        *([Decision("keep", dataset.source_rows(sure), **cause)] if len(sure) else []),
        Decision("drop", dataset.source_rows(go), **cause),
        place=place,
    )


def _pictures(dataset: Dataset, result: NearDuplicateResult, finding: Finding, ids: Ids, key: str) -> None:
    """Gallery of whole groups: of each row its number and label, and of which it is a copy."""
    to_drop = finding.action == "drop"
    st.markdown(f"**The groups side by side{'; of each the first is the one to keep' if to_drop else ''}**")
    groups = np.unique(result.group[ids]).size
    st.caption(both_sides.counted(finding, ids, groups, "image"))
    target = dataset.roles.target

    def line(rows: np.ndarray) -> list[str]:
        labels = [""] * rows.size
        if target is not None:
            values = dataset.table([target]).column(0).take(rows).to_pylist()
            labels = ["" if one is None else cut(str(one), 24) for one in values]
        first = dataset.source_ids(result.kept_for(rows)).tolist()
        copies = [
            ", ".join(filter(None, (f"{word} row {one}", turn))) if own else ""
            for one, own, word, turn in zip(
                first, result.excess[rows], said_of(result, rows), result.turns(rows), strict=True
            )
        ]
        words = zip(
            [f"row {one}" for one in dataset.source_ids(rows).tolist()],
            labels,
            copies,
            strict=True,
        )
        return [" · ".join(filter(None, some)) for some in words]

    ids = rows_tools.ordered(Listed(dataset, ids, key))
    groups = np.unique(result.group[ids]).size
    picked = gallery.listing(dataset, ids, key, line, f" of {count(groups, 'group')}")
    actions.bar(dataset, picked, key, finding, finding.action)


def said_of(result: NearDuplicateResult, rows: np.ndarray) -> list[str]:
    """What each row is of the one to keep, as its finding says it."""
    unsure = np.where(result.crop[rows], "cut out of", "maybe a copy of")
    return [str(word) for word in np.where(result.repeated[rows], "copy of", unsure)]
