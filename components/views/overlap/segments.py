"""The segments on the overlap page: where the mix of train and serve differs, as cards."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from components import address, panel, results
from components.figures import segments as drawn
from components.figures.segments import brief
from components.glossary import hint
from components.settings_form import settings_form
from components.state import keep
from components.text import number, plain
from components.views.overlap import map, ways
from components.widgets import headings, layout
from components.widgets.chart import chart
from components.widgets.headings import Heading
from core.analyses.segments.findings import interval_in_words, none_in_words, of_images, share_in_words
from core.dataset import Dataset
from core.phrases import count, name, verb

if TYPE_CHECKING:
    import pandas as pd

    from core.analyses.overlap.result import OverlapResult
    from core.analyses.segments.findings import Segment
    from core.analyses.segments.result import SegmentsResult

OWN = {
    "rule": Heading("Segment"),
    "train": Heading("Train rows"),
    "serve": Heading("Serve rows"),
    "low": Heading("Ratio from", "Lower end of the 95% interval."),
    "high": Heading("Ratio to", "Upper end of the 95% interval."),
}
SHOWN = 6  # cards; the table has all
RATIO = hint(
    "95% interval",
    "q: the share of false alarms among segments at least this clear. Ratio, shares and q are of the rows "
    "that were not used to find the segment; the counts are of all.",
)


def view(dataset: Dataset, result: SegmentsResult | None, overlap: OverlapResult | None) -> None:
    """The segments that differ beyond the noise, the largest difference of shares first."""
    if result is None:
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.subheader("Where the mix differs", width="stretch")
        settings_form("segments", dataset)
    flagged = ways.flagged(result)
    unsupported = _unsupported(dataset, result, overlap)
    if not flagged:
        st.caption("No segment holds more or fewer serve rows than expected by chance.")
    for start in range(0, min(len(flagged), SHOWN), 3):
        for place, at in zip(layout.cells(3, 250), flagged[start : start + 3], strict=False):
            _card(dataset, at, result.segments[at], unsupported.get(at), place)
    if result.segments:
        frame = keep(
            ("segments", results.mark(dataset, "segments", "overlap"), overlap is None),
            lambda: _table(result, overlap, unsupported),
        )
        with st.expander(f"All {count(len(frame), 'segment')}", icon=":material/table_rows:"):
            mark = results.mark(dataset, "segments")
            make = partial(drawn.segment_ratios, result)
            chart(
                ("segment-ratios", mark),
                make,
                f"segment-ratios-{dataset.version}",
                drawn.alt_ratios(result),
                drawn.HOW_RATIOS,
            )
            st.dataframe(
                headings.written(frame, OWN),
                hide_index=True,
                placeholder="–",
                column_config=headings.config(frame, OWN),
                alt="All segments with counts, ratio and interval",
            )
    panel.notes(result)


def _unsupported(dataset: Dataset, result: SegmentsResult, overlap: OverlapResult | None) -> dict[int, int]:
    """Unsupported serve rows per segment, as all of the page defines them; empty until they are known."""
    if overlap is None or overlap.case is None or not result.segments:
        return {}
    counts = np.bincount(result.region[overlap.unsupported], minlength=len(result.segments))
    return dict(enumerate(counts.tolist()))


def _table(
    result: SegmentsResult, overlap: OverlapResult | None, unsupported: dict[int, int]
) -> pd.DataFrame:
    """All segments. The share of unsupported rows is that of all serve rows where it is known, not of the
    sample, and none where too few train rows judge them.
    """
    table = result.frame()
    if overlap is not None and overlap.case is not None and not overlap.case.support.can_be_told:
        table["unsupported"] = math.nan
    elif unsupported:
        table["unsupported"] = [
            unsupported[at] / one.serve if one.serve else math.nan for at, one in enumerate(result.segments)
        ]
    return table


def _card(dataset: Dataset, at: int, one: Segment, unsupported: int | None, place: Any) -> None:
    """Rule, shares, ratio with interval, what else is known; one click to the rows."""
    ratio = one.ratio
    with place.container(border=True, height="stretch"):
        st.markdown(f"**{plain(one.rule, 240)}**")
        none = none_in_words(ratio)
        times = none.capitalize() or f"× {brief(ratio.value)}"
        st.markdown(
            f"{':orange' if one.grew else ':blue'}[**{times}**]{'' if none else ' in serve'} "
            f":small[:gray[95% interval{' of the ratio' if none else ''} {interval_in_words(ratio)}]]",
            help=RATIO,
        )
        train, serve = (share_in_words(part) for part in one.shares)
        st.caption(f"Of rows held out {serve} of serve, {train} of train; q {_q(one.q)}")
        st.caption(
            f"Of all rows {one.serve:,} of {count(dataset.parts['serve'], 'serve row')}, {one.train:,} of "
            f"{count(dataset.parts['train'], 'train row')}"
        )
        if ours := of_images(one, dataset.measured):
            st.caption(plain(ours, 200))
        if one.label_mix:
            st.caption(plain(f"{name(dataset.roles.target or '')} in {one.label_mix}", 400))
        if unsupported:
            st.caption(in_words(unsupported))
        key = f"segment-{dataset.version}-{at}"
        st.button("Show its rows", key=key, icon=":material/table_rows:", on_click=_show, args=(at,))


def in_words(unsupported: int) -> str:
    """How many serve rows of a segment are unsupported.

    >>> in_words(1), in_words(1200)
    ('1 of its serve rows is unsupported.', '1,200 of its serve rows are unsupported.')
    """
    return f"{count(unsupported)} of its serve rows {verb(unsupported, 'is', 'are')} unsupported."


def _q(value: float) -> str:
    return "< 0.0001" if value < 1e-4 else number(float(value))


def _show(name: int) -> None:
    """The click: list the rows of this segment, and no others."""
    map.clear()
    address.go(rows=ways.WAYS[ways.SEGMENT], segment=str(name))
