"""The columns on the overlap page: by effect, with both parts' distribution; the one chosen in full."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from components import panel
from components.figures import shift as drawn
from components.state import keep
from components.text import cut, number, plain, share, tag
from components.widgets import layout
from components.widgets.chart import chart
from core.analyses.shift.findings import BANDS, NAMES
from core.dataset import Dataset
from core.phrases import count

if TYPE_CHECKING:
    import pandas as pd

    from core.analyses.shift.analysis import ShiftResult
    from core.analyses.shift.column import ColumnShift
    from core.analyses.shift.findings import Line

BINS = 12  # bars of a small histogram
MOVED = ("severe", "moderate")
SIGNS = {"severe": "▲ ", "moderate": "△ "}


def view(dataset: Dataset, result: ShiftResult | None) -> ColumnShift | None:
    """The columns, those that moved most first; gives the one ticked, or the first."""
    if result is None:
        return None
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.subheader("What moved", width="stretch")
        panel.settings_form("shift", dataset)
    lines = keep(("overlap-columns", panel.mark(dataset, "shift")), lambda: ordered(result))
    if not lines:
        st.caption("No column can be compared.")
        return None
    table = keep(
        ("overlap-columns-table", panel.mark(dataset, "shift")),
        lambda: _table(lines, result.settings.moderate),
    )
    event = st.dataframe(
        table,
        hide_index=True,
        key=f"shift-columns-{tag(repr(panel.mark(dataset, 'shift')))}",
        on_select="rerun",
        selection_mode="single-row",
        column_config=_config(),
        row_height=32,
        height=min(len(lines), 9) * 32 + 42,
        alt=f"{count(len(lines), 'column')} by how far they moved, with both distributions",
    )
    st.caption(
        "▲ severe, △ moderate. An effect of 1 is where a change starts to count. Tick a line to see the "
        "column."
    )
    picked = event.selection.rows
    line = lines[picked[0]] if picked and picked[0] < len(lines) else lines[0]
    _one(dataset, line)
    return line.shift


def ordered(result: ShiftResult) -> list[Line]:
    """Per column the line that says most: those that moved first, then by the effect that the table shows; a
    column that is in one part only has none and stands before the others of its status, one that is not
    compared after all others."""
    found: dict[str, Line] = {}
    for line in result.lines:
        found.setdefault(line.shift.name, line)

    def rank(line: Line) -> tuple[int, bool, float]:
        effect, _ = _effect(line, result.settings.moderate)
        known, moved = math.isfinite(effect), line.status in MOVED
        return MOVED.index(line.status) if moved else len(MOVED), known == moved, -effect if known else 0.0

    return sorted(found.values(), key=rank)


def _table(lines: list[Line], moderate: float) -> pd.DataFrame:
    import pandas as pd

    told = [_effect(line, moderate) for line in lines]
    return pd.DataFrame(
        {
            "Column": [f"{SIGNS.get(line.status, '')}{cut(line.shift.name, 40)}" for line in lines],
            "Effect": [effect for effect, _ in told],
            "By chance": [noise for _, noise in told],
            "Train": [drawn.shares(line.shift.bars, BINS)[0] for line in lines],
            "Serve": [drawn.shares(line.shift.bars, BINS)[1] for line in lines],
            "Status": [line.status for line in lines],
        }
    )


def _effect(line: Line, moderate: float) -> tuple[float, float]:
    """How far the column moved, and what chance reaches, in units of what counts as moderate: one scale for
    all measures. The population stability index stands in where it says more, as it then decides the
    status."""
    if line.metric not in BANDS:
        return math.nan, math.nan
    own = line.value / BANDS[line.metric][0], line.noise / BANDS[line.metric][0]
    index = line.shift.psi / moderate, line.shift.psi_noise / moderate
    by_index = line.metric != "missing" and index[0] > max(own[0], index[1])  # never so where it is nan
    return index if by_index else own


def _config() -> dict[str, Any]:
    make = st.column_config
    effect = (
        "How far the column moved: 1 is where a change starts to count as moderate. Tick a line for the "
        "measure itself."
    )
    return {  # without the status, which the signs tell too, they fit two fifths of the page
        "Column": make.TextColumn(width=96, pinned=True),
        "Train": make.BarChartColumn(width=50, y_min=0.0, color="#2A83BC"),
        "Serve": make.BarChartColumn(width=50, y_min=0.0, color="#D55E00"),
        "Effect": make.NumberColumn(format="%.2f", width=52, help=effect),
        "By chance": make.NumberColumn(
            format="%.2f", width=72, help="What the effect stays under, 19 times of 20, where nothing moved."
        ),
        "Status": make.TextColumn(width=80),
    }


def _one(dataset: Dataset, line: Line) -> None:
    """The column in full: both histograms, the measure beside chance, what is new."""
    shift = line.shift
    mark = tag(shift.name)
    st.markdown(f"**{plain(shift.name, 60)}** :small[:gray[{line.status}]]")
    if shift.bars is not None:
        make = partial(drawn.pair, shift)
        chart(
            ("shift-pair", dataset.version, shift.name),
            make,
            f"shift-pair-{dataset.version}-{mark}",
            drawn.alt_pair(shift),
            drawn.HOW_PAIR,
        )
    shown = list(_numbers(line).items())
    places = layout.cells(min(3, len(shown)), 90) if shown else []  # a column on one side only has no numbers
    for place, (word, (text, meaning)) in zip(places, shown, strict=False):
        place.metric(word, text, help=meaning)
    for text in _said(shift):
        st.caption(plain(text, 300))


def _numbers(line: Line) -> dict[str, tuple[str, str]]:
    shift = line.shift
    made = {}
    if line.metric in NAMES:
        made["Effect"] = (
            number(round(line.value, 4)),
            f"{NAMES[line.metric].capitalize()}. Moderate from {BANDS[line.metric][0]:g}.",
        )
        made["By chance"] = (
            number(round(line.noise, 4)),
            "What the effect stays under, 19 times of 20, where nothing moved.",
        )
    if math.isfinite(shift.psi):
        within = " It lies within noise." if shift.psi <= shift.psi_noise else ""
        made["PSI"] = (
            number(round(shift.psi, 4)),
            f"Population stability index. By chance up to {number(round(shift.psi_noise, 4))}.{within}",
        )
    return made


def _said(shift: ColumnShift) -> list[str]:
    """What else is to be known, one sentence each."""
    gaps = shift.missing
    told = [shift.note.capitalize() + "." if shift.note else ""]
    if max(gaps.train, gaps.serve) > 0:
        told.append(f"Missing in {share(gaps.train, 1)} of train and {share(gaps.serve, 1)} of serve.")
    if shift.new_levels:
        some = ", ".join(level for level, _ in shift.new[:3]) + (" …" if shift.new_levels > 3 else "")
        told.append(
            f"{count(shift.new_levels, 'value')} of serve that train never saw, in "
            f"{share(shift.new_share, 1)} of its rows: {some}."
        )
    if shift.gone:
        told.append(
            "No longer there: "
            f"{', '.join(level for level, _ in shift.gone[:3])}{' …' if len(shift.gone) > 3 else ''}."
        )
    if shift.outside > 0:
        low, high = shift.span
        told.append(
            f"{share(shift.outside, 1)} of serve lie outside of train's range, {number(low)} to "
            f"{number(high)}."
        )
    return list(filter(None, told))
