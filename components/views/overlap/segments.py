"""The segments on the overlap page: regions where the mix of train and serve differs, as cards."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from components import panel
from components.figures import segments as drawn
from components.state import keep, put
from components.text import number, plain, share
from components.views.overlap import map, rows
from components.widgets import layout
from components.widgets.chart import chart
from core.dataset import Dataset
from core.phrases import count

if TYPE_CHECKING:
    from core.analyses.segments.analysis import Segment, SegmentsResult

SHOWN = 6  # cards; the table has all


def view(dataset: Dataset, result: SegmentsResult | None) -> None:
    """The regions that differ by more than chance, largest effect first."""
    if result is None:
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.subheader("Where the mix differs", width="stretch")
        panel.settings_form("segments", dataset)
    flagged = rows.flagged(result)
    if not flagged:
        st.caption("No region holds more or fewer serving rows than chance would give it.")
    for start in range(0, min(len(flagged), SHOWN), 3):
        for place, at in zip(layout.cells(3, 250), flagged[start : start + 3], strict=False):
            _card(dataset, at, result.segments[at], place)
    if result.segments:
        frame = keep(("segments", panel.mark(dataset, "segments")), result.frame)
        with st.expander(f"All {count(len(frame), 'region')}", icon=":material/table_rows:"):
            mark = panel.mark(dataset, "segments")
            make = partial(drawn.segment_ratios, result)
            chart(
                ("segment-ratios", mark),
                make,
                f"segment-ratios-{dataset.version}",
                drawn.alt_ratios(result),
                drawn.HOW_RATIOS,
            )
            st.dataframe(frame, hide_index=True, alt="All regions with counts, ratio and interval")
    panel.notes(result)


def _card(dataset: Dataset, at: int, one: Segment, place: Any) -> None:
    """Rule, shares, ratio with interval, what else is known; one click to the rows."""
    ratio = one.ratio
    with place.container(border=True, height="stretch"):
        st.markdown(f"**{plain(one.rule, 240)}**")
        times = f"{':orange' if one.grew else ':blue'}[**× {_brief(ratio.value)}**]"
        st.markdown(
            f"{times} in serve :small[:gray[95 % interval {_brief(ratio.low)} to {_brief(ratio.high)}]]"
        )
        train, serve = (share(part, 1) for part in one.shares)
        st.caption(
            f"{serve} of serve ({count(one.serve)} rows), {train} of train ({count(one.train)} rows); q "
            f"{_q(one.q)}"
        )
        if one.label_mix:
            st.caption(plain(one.label_mix, 200))
        if math.isfinite(one.unsupported) and one.unsupported > 0:
            st.caption(f"{share(one.unsupported, 1)} of its serve rows without support in train.")
        key = f"segment-{dataset.version}-{at}"
        st.button("Show its rows", key=key, icon=":material/table_rows:", on_click=_show, args=(dataset, at))


def _brief(value: float) -> str:
    return "∞" if math.isinf(value) else f"{value:.2g}" if value < 100 else f"{value:,.0f}"


def _q(value: float) -> str:
    return "< 0.0001" if value < 1e-4 else number(float(value))


def _show(dataset: Dataset, name: int) -> None:
    """The click: list the rows of this segment, and no others."""
    map.clear()
    for ready in (True, False):
        put(rows.way_key(dataset, ready), rows.SEGMENT)
    put(rows.segment_key(dataset), name)
