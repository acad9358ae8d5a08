"""The rows on the overlap page: those chosen on the map, a segment's, the unsupported; what sets them apart;
and the doors.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from components import decisions, panel
from components.state import keep, session, value
from components.text import cut, number, plain, share
from components.views.overlap import map
from components.widgets import actions, rows
from core.analyses.overlap.difference import different
from core.analyses.overlap.weights import MOST, rows_csv, weight_decisions, weights_csv
from core.dataset import Dataset
from core.phrases import count, moment
from core.rowset import RowSet

if TYPE_CHECKING:
    import pandas as pd

    from core.analyses.overlap.analysis import OverlapResult
    from core.analyses.overlap.findings import Case
    from core.analyses.projection.analysis import ProjectionResult
    from core.analyses.segments.analysis import SegmentsResult
    from core.analyses.shift.column import ColumnShift

Ids = NDArray[np.int64]
UNSUPPORTED, UNSERVED, SEGMENT, COLUMN = (
    "Unsupported serve rows",
    "Train rows hardly served",
    "A segment",
    "New or out of range",
)
LONELY = "Rows far from all others"
HARDLY = 0.05  # weight up to which a train row is hardly ever served
TOLD = 8  # differences listed


class Choice(NamedTuple):
    """What rows can be chosen by. ``outlined``: on the map, None where nothing is drawn; ``shift``: the
    column ticked.
    """

    outlined: RowSet | None
    shift: ColumnShift | None = None
    overlap: OverlapResult | None = None
    segments: SegmentsResult | None = None
    map: ProjectionResult | None = None


def view(dataset: Dataset, choice: Choice) -> None:
    """Which rows, what makes them different, the rows themselves, what to do with them, and the files to take
    away.
    """
    st.subheader("Rows")
    ids, way = _chosen(dataset, choice)
    told = _told(choice)
    if ids.size:
        _different(dataset, RowSet(ids))
        with st.container(horizontal=True, vertical_alignment="center"):
            _take(dataset, ids, told, way)
            _at_once(dataset, ids, way)
    extra = (
        {"Part": np.where(dataset.part_mask("serve")[ids], "serve", "train")}
        if "serve" in dataset.parts
        else {}
    )
    extra |= {
        name: np.round(values[ids].astype(np.float64), 5 if name == "Support (p)" else 4)
        for name, values in told.items()
    }
    first = [choice.shift.name] if way == COLUMN and choice.shift else []
    picked = rows.listing(dataset, ids, "overlap", extra, first=first)
    actions.bar(dataset, picked, "overlap", "", {UNSUPPORTED: "defer", UNSERVED: "drop"}.get(way, ""))
    _weights(dataset, choice.overlap)


def way_key(dataset: Dataset, ready: bool = True) -> str:
    """Key of the switch of ways; another one while the numbers over all columns are not there, or their way
    would not be the first.
    """
    return f"overlap-way-{dataset.version}" + ("" if ready else "-early")


def segment_key(dataset: Dataset) -> str:
    """Key of the list of segments."""
    return f"overlap-segment-{dataset.version}"


def flagged(result: SegmentsResult) -> list[int]:
    """Numbers of the segments that differ enough to matter, those that moved most rows first."""
    moved = {
        at: abs(one.shares[1] - one.shares[0])
        for at, one in enumerate(result.segments)
        if one.status in ("moderate", "severe")
    }
    return sorted(moved, key=lambda at: (-moved[at], at))


def _chosen(dataset: Dataset, choice: Choice) -> tuple[Ids, str]:
    """The rows and the way by which they were chosen: "" for the outline on the map."""
    if choice.outlined is not None:
        serve = int(dataset.part_mask("serve")[choice.outlined.ids].sum())
        with st.container(horizontal=True, vertical_alignment="center"):
            held = count(len(choice.outlined), "row")
            parts = (
                (f" :small[:gray[{count(serve)} serve, {count(len(choice.outlined) - serve)} train]]")
                if "serve" in dataset.parts
                else ""
            )
            st.markdown(f"**{held}** in your selection on the map{parts}", width="content")
            st.button(
                "Clear the selection",
                icon=":material/clear:",
                key="overlap-clear",
                type="tertiary",
                on_click=map.clear,
            )
        return choice.outlined.ids, ""
    ways = _ways(dataset, choice)
    if not ways:
        return np.zeros(0, np.int64), ""
    key = way_key(dataset, UNSUPPORTED in ways)
    way = st.segmented_control(
        "Which rows",
        ways,
        default=None if value(key) else ways[0],
        required=True,
        key=key,
        label_visibility="collapsed",
    )
    st.caption("Or outline rows on the map, with the lasso or the box.")
    if way == SEGMENT and choice.segments is not None:
        return _segment(dataset, choice.segments), SEGMENT
    if way == COLUMN and choice.shift is not None:
        st.caption(f"Serve rows in which {plain(choice.shift.name, 60)} is new or beyond train's range.")
        return choice.shift.unseen.ids, COLUMN
    if way == LONELY and choice.map is not None:
        return np.flatnonzero(choice.map.hollow), LONELY
    if choice.overlap is None or choice.overlap.case is None:
        return np.zeros(0, np.int64), ""
    return _ranked(dataset, choice.overlap, way or UNSUPPORTED), way or UNSUPPORTED


def _ways(dataset: Dataset, choice: Choice) -> list[str]:
    if "serve" not in dataset.parts:
        return [LONELY] if choice.map is not None and choice.map.x.size else []
    ready = choice.overlap is not None and choice.overlap.case is not None
    by_segment = choice.segments is not None and bool(choice.segments.segments)
    return [*((UNSUPPORTED, UNSERVED) if ready else ()), *((SEGMENT,) if by_segment else ()), COLUMN]


def _ranked(dataset: Dataset, result: OverlapResult, way: str) -> Ids:
    """Unsupported rows, the least supported and most serve-like first; or train rows of the least weight
    first.
    """

    def work() -> Ids:
        if way == UNSERVED:
            found = np.flatnonzero(result.weight <= HARDLY)
            return found[np.argsort(result.weight[found], kind="stable")]
        found = np.flatnonzero(result.unsupported)
        return found[np.lexsort((-result.serve_probability[found], result.support_p[found]))]

    if way == UNSUPPORTED and result.case is not None:
        st.caption(_sure(result.case))
    if way == UNSERVED:
        st.caption(
            f"Train rows that weigh at most {HARDLY:g} for serving: a model of serving data hardly needs "
            "them."
        )
    return keep(("overlap-ranked", panel.mark(dataset, "overlap"), way), work)


def _sure(case: Case) -> str:
    """Why fewer rows are listed than the share at the top of the page stands for."""
    support, listed = case.support, len(case.unsupported)
    if not listed:
        return "No serve row is unsupported beyond chance."
    if listed == support.beyond:
        surest = f", hardly any of the first {count(case.surest)}" if case.surest else ""
        return (
            f"Serve rows that lie as far out as {case.level:.0%} of train rows do, the farthest first. "
            f"About {count(support.by_chance)} of "
            f"the {count(listed)} are there by chance{surest}."
        )
    return (
        f"{count(support.beyond)} serve rows ({share(support.share, 1)}) lie as far out as "
        f"{case.level:.0%} of train rows do. Listed are "
        f"the {count(listed)} of them that are so far out that at most {case.level:.0%} are there by "
        "chance (false discovery rate)."
    )


def _segment(dataset: Dataset, result: SegmentsResult) -> Ids:
    first = flagged(result)
    order = [*first, *(at for at in range(len(result.segments)) if at not in first)]
    rules = {at: result.segments[at].rule for at in order}
    name = st.selectbox(
        "Segment",
        list(rules),
        key=segment_key(dataset),
        format_func=lambda n: cut(rules[n], 120),
        label_visibility="collapsed",
    )

    def work() -> Ids:
        serve = dataset.part_mask("serve")
        found = np.flatnonzero(result.region == name)
        return np.concatenate([found[serve[found]], found[~serve[found]]])  # serve first

    return keep(("segment-rows", panel.mark(dataset, "segments"), name), work)


def _told(choice: Choice) -> dict[str, NDArray[Any]]:
    """What is known of every row, by the word that stands over it."""
    result = choice.overlap
    made: dict[str, NDArray[Any]] = {}
    if result is not None and result.case is not None:
        made |= {
            "Support (p)": result.support_p,
            "P(serve)": result.serve_probability,
            "Weight": result.weight,
        }
    if choice.segments is not None and choice.segments.region.size:
        made["Segment"] = choice.segments.region
    return made


def _different(dataset: Dataset, chosen: RowSet) -> None:
    """What makes these rows different from all others, beside what chance would do."""
    if not 1 < len(chosen) < dataset.rows:
        return
    found = keep(("different", dataset.version, chosen), lambda: different(dataset, chosen))
    st.markdown("**What makes them different**")
    if found.empty:
        st.caption("Nothing beyond chance: as many rows drawn by lot differ as much from the others.")
        return
    table = keep(
        ("different-table", dataset.version, chosen), lambda: _differences(dataset, found.head(TOLD))
    )
    st.dataframe(
        table,
        hide_index=True,
        column_config={
            "Difference": st.column_config.NumberColumn(
                format="%+.2f", help="In standard deviations: 0.2 is small, 0.5 medium, 0.8 large."
            ),
            "By chance": st.column_config.NumberColumn(
                format="%.2f", help="What any of the differences passes once in a hundred choices."
            ),
        },
        alt=f"The {count(len(table), 'largest difference')} between these rows and the others",
    )
    if len(found) > TOLD:
        st.caption(f"{count(len(found) - TOLD)} smaller differences are not listed.")


def _differences(dataset: Dataset, found: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    def text(line: Any, given: float) -> str:
        if line.what != "median":
            return f"{given:.1%}"
        return moment(given) if line.kind == "datetime" else number(given)

    lines = list(found.itertuples())
    return pd.DataFrame(
        {
            "Column": [cut(line.column, 60) for line in lines],
            "What": [cut(line.what, 60) for line in lines],
            "These rows": [text(line, line.selected) for line in lines],
            "All others": [text(line, line.rest) for line in lines],
            "Difference": [line.effect for line in lines],
            "By chance": [line.noise for line in lines],
        }
    )


def _take(dataset: Dataset, ids: Ids, told: dict[str, NDArray[Any]], way: str) -> None:
    """The rows as a file: to label, or to look at elsewhere."""
    names = {
        "Support (p)": "support_p",
        "P(serve)": "serve_probability",
        "Weight": "weight",
        "Segment": "segment",
    }
    known = {names[word]: values for word, values in told.items() if word in names}
    if "serve" in dataset.parts:
        known["part"] = np.where(dataset.part_mask("serve"), "serve", "train")
    st.download_button(
        f"Download {count(ids.size, 'row')}" + (" to label" if way == UNSUPPORTED else ""),
        data=partial(rows_csv, dataset, ids, known),
        file_name="unsupported.csv" if way == UNSUPPORTED else "rows.csv",
        mime="text/csv",
        icon=":material/download:",
        key="overlap-download",
        on_click="ignore",
    )


def _at_once(dataset: Dataset, ids: Ids, way: str) -> None:
    """The decision that goes with this choice of rows, for all of them."""
    if way in (UNSUPPORTED, LONELY):
        why = (
            ("serve rows where there is no training data")
            if way == UNSUPPORTED
            else "rows far from all others"
        )
        told = ("defer", RowSet(ids), why)
        st.button(
            "Send all to review",
            icon=":material/rate_review:",
            key="overlap-defer",
            on_click=_decide,
            args=told,
        )
    elif way == UNSERVED:
        told = ("drop", RowSet(ids), "train rows hardly ever served")
        st.button(
            f"Drop {count(ids.size, 'train row')}",
            icon=":material/delete:",
            key="overlap-drop",
            on_click=_decide,
            args=told,
        )


def _decide(action: str, chosen: RowSet, why: str) -> None:
    decisions.decide(action, chosen, why=why)


def _weights(dataset: Dataset, result: OverlapResult | None) -> None:
    """Weights that make train look like serve: as decisions that go home with the export, or as a file."""
    if result is None or result.case is None:
        return
    case = result.case
    if case.word == "none":
        st.caption("Weights that make train look like serve are not needed: nothing tells the parts apart.")
        return
    with st.container(border=True):
        st.markdown("**Weight train to look like serve**")
        st.caption(
            f"{count(case.train)} train rows are then worth {count(round(case.effective))}. A row's "
            "weight says how many serve rows "
            "like it there are for each train row like it, cut at the 99th percentile."
        )
        with st.container(horizontal=True, vertical_alignment="center"):
            if case.train <= MOST:
                help_text = (
                    "Two significant digits each; the export adds a column sample_weight. One undo takes "
                    "all back."
                )
                label = f"Weight {count(case.train, 'train row')}"
                args = (dataset, result)
                st.button(
                    label,
                    key="overlap-weight",
                    icon=":material/balance:",
                    help=help_text,
                    on_click=_weigh,
                    args=args,
                )
            st.download_button(
                "Download the weights",
                data=partial(weights_csv, result.weight),
                file_name="weights.csv",
                mime="text/csv",
                icon=":material/download:",
                key="overlap-weights-file",
                on_click="ignore",
            )


def _weigh(dataset: Dataset, result: OverlapResult) -> None:
    if session().dataset is dataset:
        said = weight_decisions(result.weight, "weighted for serving")
        decisions.say(
            f"Weighted {count(int(np.isfinite(result.weight).sum()), 'train row')} to look like serve.", *said
        )
