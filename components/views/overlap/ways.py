"""The ways to choose rows on the overlap page: by an outline on the map or by a segment, those that are
unsupported, of little weight, or of new values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from components import address, results
from components.state import keep
from components.text import cut, plain
from components.views.overlap import map
from core.analyses.overlap.clauses import there_by_chance, untold
from core.analyses.overlap.coverage import BALL
from core.dataset import Dataset
from core.phrases import by_chance, count, name, percent, points, sentence, verb
from core.rowset import RowSet

if TYPE_CHECKING:
    from core.analyses.overlap.case import Case
    from core.analyses.overlap.result import OverlapResult
    from core.analyses.projection.analysis import ProjectionResult
    from core.analyses.segments.result import SegmentsResult
    from core.analyses.shift.column import ColumnShift
    from core.numerics.support import Unsupported

Ids = NDArray[np.int64]
UNSUPPORTED, UNSERVED, SEGMENT, COLUMN = (
    "Unsupported serve rows",
    "Train rows of little weight",
    "A segment",
    "New or out of range",
)
FAR = "Farthest from all others"
OUTLINED = "Outlined on the map"
WAYS = {  # as the address has them
    UNSUPPORTED: "unsupported",
    UNSERVED: "little weight",
    SEGMENT: "segment",
    COLUMN: "new values",
    FAR: "far",
}
_MORE = 0.1  # share of serve not covered beyond those unsupported, from which both are told apart
LITTLE = 0.05  # weight up to which a train row counts as hardly served


class ChosenBy(NamedTuple):
    """What rows can be chosen by. ``outlined``: on the map, None where nothing is drawn; ``shift``: the
    column ticked, or the first with new values.
    """

    outlined: RowSet | None
    shift: ColumnShift | None = None
    overlap: OverlapResult | None = None
    segments: SegmentsResult | None = None
    map: ProjectionResult | None = None

    @property
    def separating(self) -> tuple[str, ...]:
        """The columns that the verdict leaves out, as each separates train from serve on its own or one of
        these lacks it; before it is there, those that the map leaves out.
        """
        case = None if self.overlap is None else self.overlap.case
        if self.overlap is not None and case is not None:
            return (*self.overlap.lacked, *(self.overlap.separating if case.left_out else ()))
        return () if self.map is None else self.map.separating


class ChosenRows(NamedTuple):
    """The rows chosen, in their order, and by what; "" before there is a way."""

    ids: Ids
    by: str


def way_key(dataset: Dataset, ready: bool = True) -> str:
    """Key of the switch of ways; another one while the numbers over all columns are not there, or their way
    would not be the first.
    """
    return address.key(f"overlap-way-{dataset.version}" + ("" if ready else "-early"))


def segment_key(dataset: Dataset) -> str:
    """Key of the list of segments."""
    return address.key(f"overlap-segment-{dataset.version}")


def flagged(result: SegmentsResult) -> list[int]:
    """Numbers of the segments that differ enough to matter, those with the largest difference of shares
    first."""
    gaps = {
        at: abs(one.shares[1] - one.shares[0])
        for at, one in enumerate(result.segments)
        if one.status in ("moderate", "severe")
    }
    return sorted(gaps, key=lambda at: (-gaps[at], at))


def chosen_rows(dataset: Dataset, choice: ChosenBy) -> ChosenRows:
    """Those outlined, or else those of the way that is chosen here; none before there is one."""
    if choice.outlined is not None:
        return _outlined(dataset, choice.outlined)
    ways = _ways(dataset, choice)
    if not ways:
        by_column = "a column with new values, ticked below, or " if "serve" in dataset.parts else ""
        st.caption(f"Choose rows by {by_column}an outline on the map, once that is there.")
        return ChosenRows(np.zeros(0, np.int64), "")
    key = way_key(dataset, UNSUPPORTED in ways)
    first = address.meant("rows", WAYS, ways[0])  # there may be more of them in a moment
    way = st.pills(
        "Which rows",
        ways,
        default=first if first in ways else ways[0],
        required=True,
        key=key,
        label_visibility="collapsed",
        wrap=True,  # else those that do not fit are cut off at the edge
        **address.noting("rows", key, WAYS, ways[0]),
    )
    st.caption("Or outline rows on the map, with the lasso or the box.")
    if way == SEGMENT and choice.segments is not None:
        return ChosenRows(_segment(dataset, choice.segments), SEGMENT)
    if way == COLUMN and choice.shift is not None:
        st.caption(
            f"Serve rows in which {plain(name(choice.shift.name), 60)} is new or beyond train's range."
        )
        return ChosenRows(choice.shift.unseen.ids, COLUMN)
    if way == FAR and choice.map is not None:
        st.caption(_farthest(choice.map))
        return ChosenRows(np.flatnonzero(choice.map.hollow), FAR)
    if choice.overlap is None or choice.overlap.case is None:
        return ChosenRows(np.zeros(0, np.int64), way or "")
    if way == UNSERVED:
        return ChosenRows(_unserved(dataset, choice.overlap), UNSERVED)
    return ChosenRows(_unsupported(dataset, choice.overlap, choice.overlap.case), UNSUPPORTED)


def _farthest(result: ProjectionResult) -> str:
    """Which rows are listed, and of how many.

    >>> from types import SimpleNamespace as Map
    >>> _farthest(Map(placed=302, hollow=np.arange(302) < 3, landmark=np.ones(302, bool)))
    'The 3 of 302 rows that lie farthest from the nearest other row. Any table has such rows.'
    >>> _farthest(Map(placed=302, hollow=np.arange(302) < 1, landmark=np.ones(302, bool)))
    'The row of 302 that lies farthest from the nearest other row. Any table has such a row.'
    >>> _farthest(Map(placed=302, hollow=np.zeros(302, bool), landmark=np.ones(302, bool)))
    'All rows lie equally far from the nearest other row.'
    >>> rows = np.arange(18_159)
    >>> _farthest(Map(placed=18_159, hollow=rows < 90, landmark=rows < 9_068))
    'The map lays out 9,068 of 18,159 rows. 90 rows lie farther from the nearest of these than 99% of these \
lie from each other.'
    """
    held, every, laid = (int(value) for value in (result.hollow.sum(), result.placed, result.landmark.sum()))
    if laid == every:
        if not held:
            return "All rows lie equally far from the nearest other row."
        which = f"{held:,} of {count(every, 'row')} that lie" if held > 1 else f"row of {every:,} that lies"
        also = "such rows" if held > 1 else "such a row"
        return f"The {which} farthest from the nearest other row. Any table has {also}."
    lies = f"{count(held, 'row')} {verb(held, 'lies', 'lie')}" if held else "No row lies"
    return (
        f"The map lays out {laid:,} of {count(every, 'row')}. {lies} farther from the nearest of these than "
        "99% of these lie from each other."
    )


def _outlined(dataset: Dataset, outlined: RowSet) -> ChosenRows:
    serve = int(dataset.part_mask("serve")[outlined.ids].sum())
    parts = ""
    if "serve" in dataset.parts:
        parts = f" :small[:gray[{count(serve)} serve, {count(len(outlined) - serve)} train]]"
    with st.container(horizontal=True, vertical_alignment="center"):
        held = count(len(outlined), "row")
        st.markdown(f"**{held}** in your selection on the map{parts}", width="content")
        st.button(
            "Clear the selection",
            icon=":material/clear:",
            key="overlap-clear",
            type="tertiary",
            on_click=map.clear,
        )
    return ChosenRows(outlined.ids, OUTLINED)


def _ways(dataset: Dataset, choice: ChosenBy) -> list[str]:
    if "serve" not in dataset.parts:
        return [FAR] if choice.map is not None and choice.map.x.size else []
    ways = [COLUMN] if choice.shift is not None else []
    if choice.segments is not None and choice.segments.segments:
        ways.insert(0, SEGMENT)
    if choice.overlap is not None and choice.overlap.case is not None:
        ways = [UNSUPPORTED, UNSERVED, *ways]
    return ways


def _unserved(dataset: Dataset, result: OverlapResult) -> Ids:
    """Train rows of little weight, the least first."""
    st.caption(f"Train rows with an importance weight of at most {LITTLE:g}: serving data hardly need them.")

    def work() -> Ids:
        ids = np.flatnonzero(result.weight <= LITTLE)
        return ids[np.argsort(result.weight[ids], kind="stable")]

    return keep(("overlap-unserved", results.mark(dataset, "overlap")), work)


def _unsupported(dataset: Dataset, result: OverlapResult, case: Case) -> Ids:
    """The unsupported rows, the least supported and most serve-like first."""
    covered = float(result.summary["coverage_serve"])
    st.caption(_definition(case) + _not_covered(covered, case.support, case.level))

    def work() -> Ids:
        ids = np.flatnonzero(result.unsupported)
        return ids[np.lexsort((-result.serve_probability[ids], result.support_p[ids]))]

    return keep(("overlap-unsupported", results.mark(dataset, "overlap")), work)


def _definition(case: Case) -> str:
    """What is listed, how many of them are expected anyway, and which are sure."""
    support = case.support
    if why := untold(support, case.level):
        return why
    if not support.beyond:
        return "No serve row is unsupported."
    surest = "None holds after correction for multiplicity."
    if case.surest:
        holds = verb(case.surest, "holds", "hold")
        surest = f"The first {count(case.surest)} {holds} after correction for multiplicity."
    return (
        f"{count(support.beyond)} of {count(support.rows)} serve rows ({percent(support.share)}) "
        f"{verb(support.beyond, 'lies', 'lie')} farther from train than {percent(1.0 - case.level)} of "
        f"train rows do. {_by_chance(support)} {surest}"
    )


def _by_chance(support: Unsupported) -> str:
    """How many are unsupported by chance: of those there are, or, where there are no more than that, of as
    many rows drawn like train.

    >>> from core.numerics.support import Unsupported
    >>> _by_chance(Unsupported(3, 902, 2000, 0.009, 0.004, 0.02, 0.99))
    'Were serve drawn like train, 8.1 would (0.9%): there are no more than that.'
    >>> _by_chance(Unsupported(254, 8000, 2000, 0.01, 0.004, 0.02, 0.0))
    'Of these 254, about 78 are there by chance: 1% of the serve rows that are like train.'
    """
    share = percent(round(support.expected, 4))
    expected = support.expected * support.rows
    if support.beyond <= expected:
        would = f"Were serve drawn like train, {by_chance(expected)} would ({share})"
        return f"{would}: there are no more than that."
    return f"{sentence(there_by_chance(support))}: {share} of the serve rows that are like train."


def _not_covered(covered: float, support: Unsupported, level: float) -> str:
    """What tells the rows that train does not cover from those unsupported, where they are far more. That
    most of them lie near train is said only where so few rows are unsupported that it must be so.

    >>> from core.numerics.support import Unsupported
    >>> few = Unsupported(26, 2000, 999, 0.01, 0.004, 0.02, 0.0)
    >>> print(_not_covered(0.8525, few, 0.01)[1:50])
    Not covered by train, 14.7% of serve, says more:
    >>> _not_covered(0.8525, few, 0.01)[-83:]
    'of serve, though most of these lie no farther from train than 99% of train rows do.'
    >>> _not_covered(0.96, few, 0.01)
    ''
    """
    share = support.share
    if 1.0 - covered <= share + _MORE:
        return ""
    rest = percent(1.0 - float(points(covered)) / 100)  # both together are 100%, as they are printed
    near = ""
    if support.can_be_told and share < (1.0 - covered) / 2:
        near = (
            f", though most of these lie no farther from train than {percent(1.0 - level)} of train rows do"
        )
    return (
        f" Not covered by train, {rest} of serve, says more: the {BALL} rows nearest to each of these are "
        f"all of serve{near}."
    )


def _segment(dataset: Dataset, result: SegmentsResult) -> Ids:
    first = flagged(result)
    order = [*first, *(at for at in range(len(result.segments)) if at not in first)]
    rules = {at: result.segments[at].rule for at in order}
    words = {at: str(at) for at in order}
    segment = st.selectbox(
        "Segment",
        order,
        order.index(address.meant("segment", words, order[0])),
        key=segment_key(dataset),
        format_func=lambda n: cut(rules[n], 120),
        label_visibility="collapsed",
        **address.noting("segment", segment_key(dataset), words, order[0]),
    )

    def work() -> Ids:
        serve = dataset.part_mask("serve")
        ids = np.flatnonzero(result.region == segment)
        return np.concatenate([ids[serve[ids]], ids[~serve[ids]]])  # serve first

    return keep(("segment-rows", results.mark(dataset, "segments"), segment), work)
