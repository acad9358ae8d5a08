"""The strip of all columns, and one column in full."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from components import panel
from components.figures import profile as drawn
from components.state import keep
from components.text import count, cut, number, plain, share, tag
from components.widgets import layout
from components.widgets.chart import chart
from core.dataset import KINDS, Dataset

if TYPE_CHECKING:
    import pandas as pd

    from core.profiling.measure import ColumnProfile

BINS = 24


def strip(dataset: Dataset, result: Any) -> None:
    """One line per column: search, sort (click a heading), filter by kind; a ticked line opens below."""
    st.subheader("Columns")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        words = st.text_input(
            "Search", key=f"column-search-{dataset.version}", placeholder="Part of a name", icon=":material/search:", width=260
        )
        present = [kind for kind in KINDS if dataset.of_kind(kind)]
        kinds = st.pills("Kind", present, selection_mode="multi", key=f"column-kinds-{dataset.version}")
    lines = keep(("strip", panel.mark(dataset, "profile")), lambda: _lines(dataset, result))
    if words:
        lines = lines[lines["Column"].str.contains(words, case=False, regex=False)]
    if kinds:
        lines = lines[lines["Kind"].isin(kinds)]
    if lines.empty:
        st.caption("No column fits.")
        return
    event = st.dataframe(
        lines,
        hide_index=True,
        key=f"strip-{dataset.version}-{tag(words or '')}-{'-'.join(kinds)}",
        on_select="rerun",
        selection_mode="single-row",
        column_config=_config(),
        column_order=["Column", "Kind", "Distribution", "Missing", "Distinct", "Low", "Middle", "High"],
        row_height=38,
        height=min(len(lines), 10) * 38 + 42,
        alt=f"{count(len(lines), 'column')} with kind, distribution, missing share, distinct values, and low, middle and high value",
    )
    st.caption("Tick a line to open the column. Low, middle and high: minimum, median and maximum; for words the commonest value.")
    if event.selection.rows and event.selection.rows[0] < len(lines):
        drawer(dataset, result, str(lines.index[event.selection.rows[0]]))


def _config() -> dict[str, Any]:
    make = st.column_config
    return {
        "Column": make.TextColumn(width="medium", pinned=True),
        "Kind": make.TextColumn(width="small"),
        "Distribution": make.BarChartColumn(width="medium", y_min=0, help="Numbers and times: histogram. Words: commonest values."),
        "Missing": make.ProgressColumn(format="percent", min_value=0.0, max_value=1.0, width="small"),
        "Distinct": make.NumberColumn(format="localized", width="small"),
        "Low": make.TextColumn(width="small"),
        "Middle": make.TextColumn(width="small"),
        "High": make.TextColumn(width="small"),
    }


def _lines(dataset: Dataset, result: Any) -> pd.DataFrame:
    import pandas as pd

    made = [_line(profile) for profile in result.columns]
    return pd.DataFrame(made, index=list(dataset.names))


def _line(profile: ColumnProfile) -> dict[str, Any]:
    ends = [_text(profile, end, brief=True) for end in (0.0, 0.5, 1.0)]
    if not profile.quantiles.size and profile.top:
        ends = ["", cut(profile.top[0][0], 24), ""]
    return {
        "Column": cut(profile.name, 60),
        "Kind": profile.kind,
        "Distribution": _bars(profile),
        "Missing": profile.missing / profile.rows if profile.rows else 0.0,
        "Distinct": profile.distinct,
        "Low": ends[0],
        "Middle": ends[1],
        "High": ends[2],
    }


def _text(profile: ColumnProfile, at: float, brief: bool = False) -> str:
    if not profile.quantiles.size:
        return ""
    value = profile.quantile(at)
    return drawn.moment(value, brief) if profile.kind == "datetime" else number(value)


def _bars(profile: ColumnProfile) -> list[int]:
    """At most `BINS` heights: neighbouring bins of the histogram together, or the commonest values."""
    if profile.histogram is None:
        return [times for _, times in profile.top]
    counts = profile.histogram.counts
    step = max(1, -(-counts.size // BINS))
    return [int(counts[at : at + step].sum()) for at in range(0, counts.size, step)]


def drawer(dataset: Dataset, result: Any, name: str) -> None:
    """One column in full: picture, statistics, commonest values, extremes with their rows."""
    profile = result.column(name)
    with st.container(border=True, key=f"drawer-{tag(name)}"):
        st.markdown(f"##### {plain(name, 80)} :small[:gray[{profile.kind}, stored as {plain(profile.stored)}]]")
        note = dataset[name].note
        if note:
            st.caption(plain(note, 300))
        left, right = layout.thirds(2, 1)
        with left:
            picture(dataset, result, name, f"drawer-{tag(name)}")
        with right:
            st.dataframe(_statistics(profile), hide_index=True, alt=f"Statistics of {cut(name, 60)}", height="content")
        ends = _extremes(profile)
        if ends is not None:
            with left:
                st.caption("Extremes and the rows that hold them")
                st.dataframe(ends, hide_index=True, alt=f"Extreme values of {cut(name, 60)}", height="content")


def picture(dataset: Dataset, result: Any, name: str, key: str) -> None:
    """The figure of one column with its reading aid."""
    profile = result.column(name)
    if not profile.present:
        st.caption("There is no value in this column.")
        return
    bins = profile.histogram
    mark = ("column", panel.mark(dataset, "profile"), name)
    how = drawn.HOW_HISTOGRAM if bins is not None else drawn.HOW_VALUES
    chart(mark, lambda: drawn.column_figure(profile), f"figure-{key}-{dataset.version}", drawn.alt(profile), how)
    if bins is not None and (bins.below or bins.above):
        st.caption(f"Not drawn, as they lie far out: {count(bins.below, 'value')} below and {count(bins.above, 'value')} above.")


def _statistics(profile: ColumnProfile) -> pd.DataFrame:
    import pandas as pd

    told: dict[str, str] = {
        "Rows": count(profile.rows),
        "Missing": f"{count(profile.missing)} ({share(profile.missing, profile.rows)})",
        "Distinct": count(profile.distinct),
    }
    if profile.quantiles.size:
        names = {0.0: "Minimum", 0.05: "5 %", 0.25: "25 %", 0.5: "Median", 0.75: "75 %", 0.95: "95 %", 1.0: "Maximum"}
        told |= {word: _text(profile, at) for at, word in names.items()}
    if profile.quantiles.size and profile.kind != "datetime":
        told |= {"Mean": number(profile.mean), "Standard deviation": number(profile.std), "Skewness": number(profile.skewness)}
        told |= {"Zeros": count(profile.zeros), "Negative": count(profile.negatives), "Infinite": count(profile.infinite)}
    if profile.lengths is not None:
        told |= dict(zip(("Shortest (letters)", "Mean length", "Longest"), map(number, profile.lengths), strict=True))
    return pd.DataFrame({"Statistic": told.keys(), "Value": told.values()})


def _extremes(profile: ColumnProfile) -> pd.DataFrame | None:
    import pandas as pd

    ends = [("lowest", *pair) for pair in profile.smallest] + [("highest", *pair) for pair in profile.largest]
    if not ends:
        return None
    return pd.DataFrame({"End": [e[0] for e in ends], "Value": [cut(e[2], 80) for e in ends], "Row": [e[1] for e in ends]})
