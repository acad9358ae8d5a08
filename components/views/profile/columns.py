"""The strip of all columns: search, sort, filter; a ticked line opens the column beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from components import address, job_panel, results
from components.figures import profile as drawn
from components.glossary import hint, known
from components.state import keep
from components.text import cut, level, number, plain, share, tag
from components.views.profile import column as drawer
from components.views.profile.column_lines import (
    ASSOCIATION,
    STATISTICS,
    WORST,
    lines_of,
    reach,
    statistics_of,
)
from components.widgets import headings, in_view, layout, placed
from core.analyses.profile.target_by_bar import Tint, tinted
from core.dataset import Dataset
from core.dataset.column import KINDS
from core.phrases import count, percent

if TYPE_CHECKING:
    import pandas as pd

    from core.analyses.profile.result import Profile
    from core.finding import Finding

SOURCE, NAME = "As in the source", "Name"
SHORT = {"Standard deviation": "Std dev", "Excess kurtosis": "Kurtosis"}
TABLE, DRAWER = 690, 400  # pixels that the table needs, and the column beside it
SIZES = ("Skewness", "Excess kurtosis")  # sorted by size, whatever the sign


def strip(dataset: Dataset, result: Profile, listed: Sequence[Finding]) -> None:
    """One line per column, that of the worst finding first; a ticked one opens beside it. listed: the open
    findings above.
    """
    st.subheader("Columns")
    tint = _tint(dataset, result)
    # pills are lower than boxes: their labels stand in line
    with st.container(horizontal=True, vertical_alignment="top"):
        words = _search(dataset)
        orders = (WORST, SOURCE, NAME, *((ASSOCIATION,) if tint else ()), *STATISTICS)
        order = _order(dataset, orders, tint is None)
        at = _class(dataset, tint)
        present = [kind for kind in KINDS if dataset.of_kind(kind)]
        key = address.key(f"column-kinds-{dataset.version}")
        first, noting = address.several("kind", present), address.noting("kind", key)
        kinds = st.pills("Kind", present, selection_mode="multi", default=first, key=key, wrap=True, **noting)
    mark = (results.mark(dataset, "profile"), tint is None, at)
    lines = keep(("strip", *mark), lambda: lines_of(result, tint, at))
    places = _places(
        keep(
            ("statistics", *mark, tuple(finding.key for finding in listed)),
            lambda: statistics_of(result, tint, at, listed),
        ),
        lines,
        order,
        words,
        kinds,
    )
    if not places.size:
        st.caption("No column fits.")
        return
    widget = f"{dataset.version}-{tint is None}-{at}-{tag(words or '')}-{tag(order)}-{'-'.join(kinds)}"
    names = [result.columns[place].name for place in places]
    left, right = layout.beside(TABLE, DRAWER, "profile-columns")
    with left:
        ticked = _table(names, _shown(lines, order, tint), places, tint, at, widget)
    name = "" if ticked is None else result.columns[ticked].name
    if name:
        with right:
            drawer.drawer(dataset, result, name, drawn.shade(tint, name, at))
    in_view.follow("column", drawer.key_of(name) if name else "")


def _search(dataset: Dataset) -> str:
    """A part of the names of the columns to list."""
    return placed.search(
        f"column-search-{dataset.version}", "Search", placeholder="Part of a name", width=220
    )


def _tint(dataset: Dataset, result: Profile) -> Tint | None:
    """The target over all columns, worked out in the background; None until then, and where there is no
    target.
    """
    target = dataset.roles.target
    if target is None or dataset[target].kind not in ("numeric", "category", "boolean"):
        return None
    key = results.mark(dataset, "profile")
    tint: Tint | None = job_panel.outcome(
        "The target over the columns", key, lambda progress: tinted(dataset, result.columns, progress)
    )
    return tint


def _order(dataset: Dataset, orders: Sequence[str], early: bool) -> str:
    """What the columns are ordered by. early: the target is not laid over them yet, or there is none."""
    key = address.key(f"column-order-{dataset.version}-{early}")
    words = {order: order.lower() for order in (*orders, ASSOCIATION)}
    first = address.meant("order", words, WORST)
    at = orders.index(first) if first in orders else 0
    chosen: str | None = st.selectbox(
        "Order", orders, at, key=key, width=200, **address.noting("order", key, words, WORST)
    )
    return chosen or WORST


def _class(dataset: Dataset, tint: Tint | None) -> int:
    """Place of the class that colours: the second most frequent unless chosen otherwise."""
    if tint is None or len(tint.classes) < 3:
        return 1 if tint is not None and len(tint.classes) == 2 else 0
    names = [cut(name, 40) for name in tint.classes]
    key, words = address.key(f"tint-class-{dataset.version}"), dict(enumerate(tint.classes))
    return int(
        st.selectbox(
            "Coloured by the share of",
            range(len(names)),
            address.meant("class", words, 1),
            format_func=names.__getitem__,
            key=key,
            width=220,
            **address.noting("class", key, words, 1),
        )
        or 0
    )


def _places(
    statistics: dict[str, Any], lines: pd.DataFrame, order: str, words: str, kinds: Sequence[str]
) -> Any:
    """Places of the columns to list, in order. Those without the statistic stand last, equal ones as in the
    source.
    """
    fits = np.ones(len(lines), bool)
    if words:
        fits &= lines["Column"].str.contains(words, case=False, regex=False).to_numpy()
    if kinds:
        fits &= lines["Kind"].isin(kinds).to_numpy()
    if order == SOURCE:
        return np.flatnonzero(fits)
    if order == NAME:
        ranked = np.array(
            sorted(range(len(lines)), key=lambda at: lines["Column"].iat[at].casefold()), dtype=np.int64
        )
    else:
        by = np.asarray(statistics[order], dtype=np.float64)
        ranked = np.argsort(-(abs(by) if order in SIZES else by), kind="stable")  # nan stands last
    return ranked[fits[ranked]]


def _shown(lines: pd.DataFrame, order: str, tint: Tint | None) -> pd.DataFrame:
    names = [
        "Column",
        "Kind",
        "Distribution",
        *(["Target"] if tint else []),
        "Missing",
        "Distinct",
        "Low",
        "Middle",
        "High",
    ]
    return lines[names if order not in lines or order in names else [*names[:2], order, *names[2:]]]


def _table(
    names: Sequence[str], lines: pd.DataFrame, places: Any, tint: Tint | None, at: int, key: str
) -> int | None:
    """The lines at these places; gives the place of the one ticked. names: of the columns in these lines."""
    widget = address.key(f"strip-{key}")
    event = st.dataframe(
        headings.formed(lines.iloc[places], {one: number for one in STATISTICS[2:] if one in lines}),
        hide_index=True,
        placeholder="–",
        key=widget,
        **address.ticking("column", widget, names),
        column_config=_config(tint, at, lines),
        row_height=38,
        height=min(len(places), 10) * 38 + 42,
        alt=f"{count(len(places), 'column')} with kind, distribution, missing share, distinct values, and "
        "low, middle and high value",
    )
    st.caption(
        "Tick a line to open the column. Low, middle and high: minimum, median and maximum; for words the "
        "commonest value."
    )
    rows = event.selection.rows
    return int(places[rows[0]]) if rows and rows[0] < len(places) else None


def _config(tint: Tint | None, at: int, lines: pd.DataFrame) -> dict[str, Any]:
    make = st.column_config
    ends = 95 if "datetime" in set(lines["Kind"]) else 70
    looks = {
        "Column": make.TextColumn(width=175, pinned=True),
        "Kind": make.TextColumn(width=75),
        "Distribution": make.BarChartColumn(
            width=115, y_min=0, help="Numbers and times: histogram. Words: commonest values."
        ),
        "Missing": make.ProgressColumn(format="%s%%", min_value=0.0, max_value=100.0, width=75),
        "Distinct": make.NumberColumn(format="accounting", step=1, width=70, help=hint("Cardinality")),
        ASSOCIATION: make.NumberColumn(
            "Eta",
            format="%.3f",
            width=70,
            help=hint("Eta", "Of the target over the bars: 1 where the bar determines the target."),
        ),
        **{
            name: make.NumberColumn(SHORT.get(name, name), width=80, help=known(name))
            for name in STATISTICS[2:]
        },
        **{name: make.TextColumn(width=ends) for name in ("Low", "Middle", "High")},
    }
    if tint is not None:
        looks["Target"] = make.BarChartColumn(
            width=115,
            y_min=-reach(tint, at),
            y_max=reach(tint, at),
            help=_target_help(tint, at),
            color="orange",
        )
    return {name: look for name, look in looks.items() if name in lines}


def _target_help(tint: Tint, at: int) -> str:
    """What the bars of the target are, in words."""
    whole, most = float(tint.overall[at]), reach(tint, at)
    if tint.classes:
        what, here, apart = (
            f"share of {level(tint.classes[at], 30)}",
            share(whole, 1),
            f"{percent(most)[:-1]} points",
        )
    else:
        what, here, apart = f"mean of {plain(tint.target, 30)}", number(whole), number(most)
    scale = f"Up is more, down is less, and at full height it differs by {apart} or more."
    return (
        f"The {what} in each bar of the distribution against the whole table's, {here}. {scale} Few rows "
        "make a low bar, none no bar."
    )
