"""What is wrong with images on the issues page: the pictures with a defect, worst first, each with what is
wrong; or pictures of two classes that a property of the files tells apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from streamlit.delta_generator import DeltaGenerator

from components import address, panel, results
from components.state import keep, session, value
from components.text import cut, level, marked, plain, tag
from components.widgets import actions, gallery, layout, rows_tools
from components.widgets.picked import Picked
from components.widgets.rows_tools import Listed
from core.analyses.imagequality.habit_findings import shown
from core.dataset import Dataset
from core.finding import Finding
from core.phrases import count
from core.phrases import name as column_name

if TYPE_CHECKING:
    from core.analyses.imagequality.analysis import ImageQualityResult, ImageQualitySettings
    from core.analyses.imagequality.compared import ClassesCompared

Ids = NDArray[np.int64]
FEW = 12  # pictures of a class, a page
LINES = 3  # of text above them


def evidence(dataset: Dataset, result: ImageQualityResult, finding: Finding) -> None:
    """Gallery and action bar."""
    from core.analyses.imagequality.compared import compared

    panel.notes(result)
    mark = ("compared images", results.mark(dataset, "imagequality"), finding.key)
    between = keep(mark, lambda: compared(dataset, result, finding))
    if between is None:
        _defects(dataset, result, finding)
    else:
        _compared(dataset, between, finding)


def _defects(dataset: Dataset, result: ImageQualityResult, finding: Finding) -> None:
    """The images with one defect, or with a habit of one part, worst first."""
    ids, score = finding.rows.ids, result.score
    why = dict(zip(np.flatnonzero(result.flagged).tolist(), result.why, strict=True))
    if finding.code == "image_habits_differ":  # of which none is flagged
        mark = ("images of a habit", results.mark(dataset, "imagequality"), finding.key)
        settings = cast("ImageQualitySettings", result.settings)
        images = keep(mark, lambda: shown(dataset, settings.limits, finding.about, ids))
        score, why = score.copy(), dict(zip(ids.tolist(), images.why, strict=True))
        score[ids] = images.score
    ids = ids[np.argsort(-score[ids], kind="stable")]
    st.markdown("**The images**, worst first where no other order is chosen")
    key = f"images-{finding.code}"
    ids = rows_tools.ordered(Listed(dataset, ids, key, {"Score": score[ids]}))
    picked = gallery.listing(dataset, ids, key, lambda rows: [why.get(row, "") for row in rows.tolist()])
    actions.bar(dataset, picked, key, finding, finding.action)
    if finding.action == "defer":  # of serve alone
        with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
            _towards_serve()


def _compared(dataset: Dataset, between: ClassesCompared, finding: Finding) -> None:
    """Of two classes the images that are typical of each by the property, and where to go on from there."""
    pair = [_chosen(dataset, between, finding, side) for side in range(2)]
    which = "two classes" if finding.beside else "train and serve"
    what = "What sets {} apart" if between.set_apart(*pair) else "Typical images of {}"
    st.markdown(f"**{what.format(which)}, by {plain(between.said, 60)}**")
    picked = [
        _class(dataset, between, finding, side, pair[1 - side], place)
        for side, place in enumerate(layout.cells(2, 300))
    ]
    both = Picked(picked[0].rows | picked[1].rows, among=picked[0].among + picked[1].among)
    actions.bar(dataset, both, f"images-{finding.code}", finding)
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        _next(between, finding)


def _class_key(dataset: Dataset, between: ClassesCompared, finding: Finding, side: int) -> str:
    """Of the picker on a side: of these classes, as another label has others."""
    return f"class-{dataset.version}-{tag(repr(between.classes))}-images-{finding.code}-{side}"


def _chosen(dataset: Dataset, between: ClassesCompared, finding: Finding, side: int) -> int:
    """The class to look at: one of the pair that lies furthest apart, until another is chosen."""
    return int(value(_class_key(dataset, between, finding, side), between.pair[side]))


def _class(
    dataset: Dataset,
    between: ClassesCompared,
    finding: Finding,
    side: int,
    beside: int,
    place: DeltaGenerator,
) -> Picked:
    """One class: which it is, what is usual in it, and its pictures. beside: the class on the other side."""
    key = f"images-{finding.code}"
    with place:
        which = _which(dataset, between, finding, side, beside)
        pair = between.classes[which], between.classes[beside]
        mark = ("typical images", dataset.fingerprint, finding.code, between.said, *pair)
        now = between.typical(which, beside)
        ids = _as_seen(dataset, now, mark)
        with layout.reserved(f"{key}-told-{side}", LINES):  # so that both galleries begin side by side
            st.caption(f"{count(ids.size, 'image')}, {plain(between.usual(which, beside), 120)}")
            then = "" if np.array_equal(ids, now) else ", as things stood when they were first shown"
            st.caption(f"{plain(between.order(which, beside), 200)}{then}.")
        of = f" of {cut(between.classes[which], 40)}"
        key_here = f"{key}-{side}-{which}"
        by_part = not finding.beside  # which the heading of each side says
        return gallery.listing(
            dataset, ids, key_here, between.in_words, of, most=FEW, beside=key, parted=not by_part
        )


def _as_seen(dataset: Dataset, ids: Ids, mark: tuple[str, ...]) -> Ids:
    """The rows in the order in which they were first shown, those that were not behind them: medians move
    with every decision, and pictures would change places below the hand that decides. A row that comes back
    is where it was.
    """
    sources, seen = dataset.source_ids(ids), session().chosen.get(mark, np.zeros(0, np.int64))
    order = np.concatenate([seen, sources[~np.isin(sources, seen)]])
    session().chosen[mark] = order
    place = np.empty(int(order.max(initial=-1)) + 1, np.int64)
    place[order] = np.arange(order.size)
    return np.asarray(ids[np.argsort(place[sources], kind="stable")])


def _which(dataset: Dataset, between: ClassesCompared, finding: Finding, side: int, beside: int) -> int:
    """The picker of the class, among those that do not stand on the other side."""
    every = [one for one in between.enough.tolist() if one != beside]
    at = _chosen(dataset, between, finding, side)
    if len(every) == 1:
        st.markdown(f"**{level(between.classes[at], 80)}**")
        return at
    return int(
        st.selectbox(
            "Class",
            every,
            every.index(at),
            key=_class_key(dataset, between, finding, side),
            format_func=lambda one: marked(between.classes[one], 80),
            label_visibility="collapsed",
        )
    )


def _next(between: ClassesCompared, finding: Finding) -> None:
    """Doors to where something can be done about it."""
    column, profile = plain(column_name(between.column), 60), "pages/explore/profile.py"
    address.link(
        profile, f"Values of {column} on Profile", {"column": between.column}, icon=":material/bar_chart:"
    )
    if not finding.beside:
        _towards_serve()


def _towards_serve() -> None:
    """Doors to what brings train nearer to serve."""
    from core.analyses.augmentation.towards import SERVE

    address.link("pages/explore/overlap.py", "Train and serve on the map", icon=":material/join_inner:")
    label, at = "Vary train images towards serve's", {"augmentation.preset": SERVE, "augmentation.steps": ""}
    address.link("pages/explore/augment.py", label, at, icon=":material/auto_awesome_motion:")
