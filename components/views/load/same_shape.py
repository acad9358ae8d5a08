"""The offer to take steps over from a data set of the same shape: what would carry over, and the buttons."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import streamlit as st

from components import guard, job_panel
from components.person import who
from components.server import store
from components.state import LoadDraft, keep, session, value
from components.text import ago, cut, plain, tag
from components.widgets import findings, layout
from core.errors import Cancelled, CoreError
from core.export.shapes import own
from core.phrases import count, verb
from core.progress import Progress
from core.same_shape import SameShape, Steps, TakenOver, same_shapes, steps_of, taken_over

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from core.dataset import Dataset
    from core.finding import Finding
    from core.loading import Preview

SMALL = 20_000_000  # bytes of a file that is read without a click to see what would carry over
ABSENT = ""
LABEL = "Looking what would carry over"
WHICH = "Looking whose decisions apply here"
SAID = ("not_carried", "not_parted", "kind_changed")  # what the lines of the steps do not say


class Outlook(NamedTuple):
    """What would carry over: how many steps and other decisions, in a sentence, per decision, and what else
    is to be said. lost: whether rows were decided one by one there, and none of them is found again.
    """

    apply: int
    lost: bool
    words: str
    lines: tuple[str, ...]
    findings: tuple[Finding, ...]


def offer(draft: LoadDraft, look: Preview) -> Steps | None:
    """The offer, where there is a data set to take steps over from. Gives the steps once they are asked
    for.
    """
    if session().chosen.get("steps not wanted") == draft.number:
        return None
    shape = {column.name: column.kind for column in look.columns}
    found = keep(
        ("same shape", draft.number, str(shape), session().turn),
        lambda: guard.attempt(lambda: same_shapes(shape, store(), who(), draft.train.stem)),
    )
    if isinstance(found, CoreError) or not found:
        return None
    with st.container(border=True, key="same-shape"):
        return _offer(draft, found, shape)


def _offer(draft: LoadDraft, found: tuple[SameShape, ...], shape: Mapping[str, str]) -> Steps | None:
    looked = _looked(draft, found)
    if looked is None:
        return None
    like = _chosen(draft, found, looked)
    alike = "Same shape as" if not like.differs.words else "Nearly the same shape as"
    headline = st.container()
    st.caption(f"{plain(like.log.setting, 200)} · last used {ago(like.log.last)}")
    if like.differs.words:
        st.caption(f":orange[:material/warning:] {plain(like.differs.words, 400)}.")
    renamed = _renamed(draft, like, shape)
    refit = _refit(draft, like)
    as_proposed = renamed == like.differs.likely and not refit
    taken = _what(draft, like, renamed, refit, looked.get(found.index(like)) if as_proposed else None)
    none = isinstance(taken, Outlook) and not taken.apply
    one = like.log.batches == 1
    if none:
        ask = "it does not apply here" if one else "none applies here"
    else:
        ask = "apply it?" if one else "apply them?"
    headline.markdown(
        f":material/content_paste_go: **{alike} {plain(like.name, 60)}, {like.log.amount}: {ask}**"
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        apply = not none and st.button(
            "Apply it" if one else "Apply them",
            key="take-over",
            type="secondary" if isinstance(taken, Outlook) and taken.lost else "primary",
            icon=":material/content_paste_go:",
            disabled=not isinstance(taken, Outlook),
            help="Loads the file with the roles and kinds of before. Each step can be switched off.",
        )
        st.button("Not now", key="take-over-not", type="tertiary", on_click=_not_now, args=(draft.number,))
    return steps_of(like, store(), who(), renamed, refit) if apply else None


def _not_now(number: int) -> None:
    session().chosen["steps not wanted"] = number


def _looked(draft: LoadDraft, found: tuple[SameShape, ...]) -> dict[int, Outlook | CoreError] | None:
    """Of several data sets that come into question what would carry over of each, by its place, or why that
    cannot be told; {} where the file is read at a click only, None while it is not known.
    """
    if len(found) == 1 or not _is_read(draft):
        return {}
    every = tuple((like.fingerprint, like.log.label) for like in found)
    work = _dry_run(draft, [(like, like.differs.likely) for like in found], refit=False)
    taken = job_panel.outcome(WHICH, (str(draft.train), str(draft.options), every), work)
    return dict(enumerate(taken)) if isinstance(taken, tuple) else None


def _chosen(
    draft: LoadDraft, found: tuple[SameShape, ...], looked: Mapping[int, Outlook | CoreError]
) -> SameShape:
    """The data set to take over from; where several come into question, as the person chooses of those whose
    decisions apply, or might under other names of columns. Those that cannot be read are named. looked: what
    would carry over of each.
    """
    errors = {at: one for at, one in looked.items() if isinstance(one, CoreError)}
    applying = {at: one.apply for at, one in looked.items() if not isinstance(one, CoreError)}
    readable = [at for at in range(len(found)) if at not in errors]
    may = [at for at in readable if not looked or applying[at] or found[at].differs.missing]
    if readable:
        for at, error in errors.items():
            cannot = f"{plain(found[at].name, 60)} is not listed: {plain(error, 400)}"
            st.caption(f":orange[:material/warning:] {cannot}")
    if len(may) < len(readable):
        told = count(len(readable) - len(may), "data set")
        st.caption(f"Of {told} of the same shape no decision applies here{': not listed' if may else ''}.")
    if len(may) < 2:
        return found[[*may, *readable, 0][0]]
    labels = {
        at: f"{found[at].name} · {found[at].log.amount}"
        + (f", {count(applying[at])} {verb(applying[at], 'applies', 'apply')}" if looked else "")
        + f" · {found[at].log.setting}"
        for at in may
    }
    at = st.selectbox(
        "Take over from",
        may,
        key=f"take-over-from-{draft.number}",
        format_func=lambda at: cut(labels[at], 120),
    )
    return found[at]


def _renamed(draft: LoadDraft, like: SameShape, shape: Mapping[str, str]) -> dict[str, str]:
    """Which column of before is called what here: as proposed, and open to change."""
    missing, new = own(like.differs.missing), own(like.differs.new)
    if not missing or not new:
        return {}
    with st.expander(f"Columns with another name ({len(like.differs.likely)} of {len(missing)} found)"):
        options = [ABSENT, *new]
        chosen = {}
        for place, column in zip(layout.cells(len(missing), 220), missing, strict=True):
            proposed = like.differs.likely.get(column, ABSENT)
            chosen[column] = place.selectbox(
                plain(column, 60),
                options,
                options.index(proposed),
                key=f"called-{draft.number}-{like.fingerprint[:8]}-{tag(column)}",
                format_func=lambda name: f"{cut(name, 60)} ({shape[name]})" if name else "is not here",
            )
    given: dict[str, str] = {}
    for column, here in chosen.items():
        if here in given.values():
            warning = f"{plain(here, 60)} is chosen twice; it is taken for one column only."
            st.caption(f":orange[:material/warning:] {warning}")
        elif here:
            given[column] = here
    return given


def _refit(draft: LoadDraft, like: SameShape) -> bool:
    return st.checkbox(
        "Learn anew from this file",
        key=f"refit-{draft.number}-{like.fingerprint[:8]}",
        help="What fills, scales or encodes uses what it learned before, so that both files are treated "
        "alike; or it learns anew from this one.",
    )


def _is_read(draft: LoadDraft) -> bool:
    """Whether the file is read to see what would carry over: a small one, or at a click."""
    return draft.train.stat().st_size <= SMALL or bool(value(f"look-over-{draft.number}"))


def _what(
    draft: LoadDraft,
    like: SameShape,
    renamed: dict[str, str],
    refit: bool,
    known: Outlook | CoreError | None,
) -> Outlook | None:
    """What would carry over, found out in a job unless it is known; None while it is not, or cannot be."""
    mark = (str(draft.train), str(draft.options), like.fingerprint, like.log.label, str(renamed), refit)
    if not _is_read(draft):
        st.toggle("Read the file to see what would carry over", key=f"look-over-{draft.number}")
        return None
    taken = known
    if taken is None:
        work = _dry_run(draft, [(like, renamed)], refit)
        [taken] = job_panel.outcome(LABEL, mark, work) or [None]
    if isinstance(taken, CoreError):
        guard.show(taken)
    if not isinstance(taken, Outlook):
        return None
    st.markdown(plain(taken.words, 400))
    with st.expander("What would become of each step"):
        st.dataframe(
            {
                "Step": range(1, len(taken.lines) + 1),
                "What becomes of it": [cut(x, 400) for x in taken.lines],
            },
            hide_index=True,
            column_config={"Step": st.column_config.NumberColumn(width="small")},
            alt="What would become of each step",
        )
        for finding in taken.findings:
            if finding.code in SAID:
                st.markdown(findings.label(finding.title, finding.severity))
    return taken


def _dry_run(
    draft: LoadDraft, likes: Sequence[tuple[SameShape, Mapping[str, str]]], refit: bool
) -> Callable[[Progress], tuple[Outlook | CoreError, ...]]:
    """The job: read the file beside the workspace once, and follow the steps of each data set on it; one that
    cannot be read keeps none of the others back. likes: with which of their columns is called what here.
    """
    kept, user, options, serve = store(), who(), dict(draft.options), draft.serve

    def look(
        like: tuple[SameShape, Mapping[str, str]], data: Dataset, heard: Progress
    ) -> Outlook | CoreError:
        seen = guard.attempt(
            lambda: _outlook(taken_over(steps_of(like[0], kept, user, like[1], refit), data, heard))
        )
        if isinstance(seen, Cancelled):
            raise seen
        return seen

    def work(progress: Progress) -> tuple[Outlook | CoreError, ...]:
        from core.loading import Options, load

        reading = Options(**options)
        with tempfile.TemporaryDirectory(prefix="winnow-look-") as folder:
            given = {"serve": serve, "name": draft.name, "options": reading}
            data = load(draft.train, into=Path(folder), progress=progress.part(0.0, 0.7), **given)
            step = 0.3 / len(likes)
            return tuple(
                look(like, data, progress.part(0.7 + at * step, 0.7 + (at + 1) * step))
                for at, like in enumerate(likes)
            )

    return work


def _outlook(taken: TakenOver) -> Outlook:
    apply = taken.whole + taken.partly + taken.others
    return Outlook(apply, 0 < taken.rows == taken.lost, taken.words, taken.lines, taken.findings)
