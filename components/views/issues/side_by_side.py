"""Groups of rows side by side: a column a row, the cells that differ from the first one marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from components import address
from components.figures.theme import ORANGE, tinted
from components.text import cut, plain
from components.widgets import cell_edit, pager
from core.dataset import Dataset
from core.phrases import count, name, number
from core.rowset import RowSet

if TYPE_CHECKING:
    import pandas as pd
    from pandas.io.formats.style import Styler

    from core.analyses.nearduplicates.analysis import NearDuplicateResult

AT_ONCE = 2  # groups on a page
MOST = 9  # rows of a group side by side
FIELDS = 14
_MARK = f"background-color: {tinted(ORANGE, 0.28)}; font-weight: bold"
Ids = NDArray[np.int64]


def groups(dataset: Dataset, result: NearDuplicateResult, ids: Ids, key: str) -> None:
    """A page of groups, in the order of ``ids``: rows group by group, the one to keep first."""
    starts = np.flatnonzero(np.diff(result.group[ids], prepend=-1))
    every = np.split(ids, starts[1:]) if ids.size else []
    pages = -(-len(every) // AT_ONCE)
    page = f"groups-page-{dataset.fingerprint}-{key}"
    at = pager.shown(page, pages)
    for members in every[(at - 1) * AT_ONCE : at * AT_ONCE]:
        _group(dataset, result, members, key)
    if pages > 1:
        last = min(len(every), at * AT_ONCE)
        with st.container(horizontal=True, vertical_alignment="center"):
            pager.held(pages, at, page)
            shown = f"{count((at - 1) * AT_ONCE + 1)}–{count(last)} of {count(len(every), 'group')}"
            st.caption(shown, width="content")


def _group(dataset: Dataset, result: NearDuplicateResult, members: Ids, key: str) -> None:
    shown = members[:MOST]
    table, different = facts(dataset, result, shown)
    told = [count(members.size, "row")]
    if result.conflict[members].any():
        told.append(f"labels disagree in {plain(name(result.target), 60)}")
    if result.across[members].any():
        told.append("rows of train and of serve")
    told.append(f"{count(different)} of {count(len(dataset.names), 'field')} differ")
    if members.size > shown.size:
        told.append(f"the first {count(shown.size)} are shown")
    st.caption(" · ".join(told))
    st.dataframe(
        _marked(table),
        hide_index=True,
        key=address.key(f"group-{dataset.version}-{key}-{int(members[0])}"),
        height=min(len(table), FIELDS) * 35 + 40,
        alt=f"{count(shown.size, 'row')} side by side, field by field",
    )


def facts(dataset: Dataset, result: NearDuplicateResult, rows: Ids) -> tuple[pd.DataFrame, int]:
    """One line a field, those that differ first, one column a row, and behind its number how near it is; and
    how many fields differ. rows: the one to keep first.
    """
    import pandas as pd

    data = dataset.frame(rows=RowSet(rows)).loc[rows]
    cells = {name: [cell_edit.shown(given) for given in data[name]] for name in dataset.names}
    differ = [name for name in dataset.names if len(set(cells[name])) > 1]
    first = [result.target] if result.target in differ else []
    order = list(dict.fromkeys([*first, *differ, *dataset.names]))
    sources = dataset.source_ids(rows)
    table = {"Field": [cut(name, 60) for name in order]}
    for at, row in enumerate(rows.tolist()):
        what = "keep" if not result.excess[row] else f"distance {number(float(result.distance[row]))}"
        table[f"Row {sources[at]} · {what}"] = [cells[name][at] for name in order]
    return pd.DataFrame(table), len(differ)


def _marked(table: pd.DataFrame) -> Styler:
    """With the cells that differ from the row to keep in colour and bold."""
    import pandas as pd

    css = pd.DataFrame("", index=table.index, columns=table.columns)
    for one in table.columns[2:]:
        css[one] = np.where(table[one] != table[table.columns[1]], _MARK, "")
    return table.style.apply(lambda _: css, axis=None)
