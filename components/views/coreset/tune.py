"""Models fitted on the coreset: against all rows and a uniform sample, and tuned; fitted anew after each
decision.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from components import job_panel
from components.state import session, value
from components.text import number, plain
from components.views.coreset import fits
from components.widgets import headings, layout
from components.widgets.headings import Heading
from core.coreset.judging import HeldOutScore
from core.coreset.models import MODELS
from core.coreset.quality import SAME, CoresetQuality
from core.coreset.tuning import ModelComparison, Search, choices, compared, searched
from core.dataset import Dataset
from core.phrases import count, in_two_digits
from core.progress import Progress

if TYPE_CHECKING:
    from core.analyses.coreset.analysis import CoresetResult

COMPARE, SEARCH = "Fitting on the coreset and on all rows", "Tuning on the coreset"
COMPARES, TUNES = "Compare with all rows", "Tune"  # words on the buttons
MODEL = "coreset-model"
SAME_ROWS = 0.99  # share of held-out rows that two comparisons have in common at least
ASKED, PAST = "coreset-asked", "coreset-past"


def view(dataset: Dataset, result: CoresetResult) -> None:
    """What was asked for, with the settings chosen; nothing is fitted before."""
    if not result.coreset.pilot.roles.target:
        return
    whole = result.coreset.sample.row.size == result.coreset.rows
    with st.container(border=True):
        st.markdown("**Fit and tune on it**")
        st.caption(
            "A fifth of the rows, drawn by content, is held out and seen by no fit. Weights count in fits "
            "and scores."
        )
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.selectbox("Model", tuple(MODELS), key=MODEL, width=240)
            st.button(
                COMPARES,
                key="coreset-compare",
                on_click=_ask,
                args=(COMPARE,),
                icon=":material/compare_arrows:",
                disabled=whole,
            )
            st.button(TUNES, key="coreset-tune", on_click=_ask, args=(SEARCH,), icon=":material/tune:")
        if whole:
            st.caption("All rows are in the coreset: a fit on it is the one on all rows.")
        _answers(dataset, result, whole)


def _ask(what: str) -> None:
    session().chosen[ASKED] = (what, value(MODEL))


def _answers(dataset: Dataset, result: CoresetResult, whole: bool) -> None:
    """What came of all that was asked for. What was asked for last is fitted anew after each decision; what
    was before stands as it was, and says on what it rests.
    """
    what, model = session().chosen.get(ASKED) or ("", "")
    if what and not (whole and what == COMPARE):
        _fitted_now(dataset, result, what, model)
    for one, title, button in ((COMPARE, "Compared", COMPARES), (SEARCH, "Tuned", TUNES)):
        fit = fits.known().get(one)
        if fit is None or (one == what and fit.key != fits.key_of(dataset, model)):
            continue  # not asked for, or being fitted anew
        st.markdown(f"**{title}**")
        st.caption(plain(fit.in_words(f"“{button}”", fits.key_of(dataset, fit.key[-1])), 500))
        if isinstance(fit.made, ModelComparison):
            _compared(fit.made, session().chosen.get(PAST))
            st.markdown(plain(held_against(fit.made, fit.error), 600))
        elif isinstance(fit.made, Search):
            _searched(fit.made)


def _fitted_now(dataset: Dataset, result: CoresetResult, what: str, model: str) -> None:
    """Fit what was asked for last, unless it is known; with a panel on the page meanwhile."""
    key, past = fits.key_of(dataset, model), fits.known().get(what)
    if past is not None and past.key != key and past.key[-1] == model and what == COMPARE:
        session().chosen[PAST] = past.made
    job_panel.outcome(what, key, fits.work(key, result, partial(_work, what, model, result, dataset)))


def contradiction(dataset: Dataset, result: CoresetResult) -> str:
    """That what was measured last, on these rows, contradicts the expected errors; "" where it does not."""
    known = fits.known().get(COMPARE)
    if known is None or known.key != fits.key_of(dataset, known.key[-1]):
        return ""
    made, model = known.made, known.key[-1]
    if not isinstance(made, ModelComparison) or not made.uniform_is_better or not _promised(result.error):
        return ""
    return (
        f"Measured on {count(made.tested, 'held-out row')} ({model}), a uniform sample of this size is "
        "better than the coreset: see below. The expected errors say the reverse."
    )


def _promised(error: CoresetQuality | None) -> bool:
    """Whether the coreset is expected to do better than a uniform sample."""
    return error is not None and error.ratio < SAME


def held_against(made: ModelComparison, error: CoresetQuality | None) -> str:
    """What was measured beside a uniform sample, and whether that is what the expected errors say."""
    gap = made.beside
    if gap is None:
        return ""
    told = f"difference {difference(gap.value)}, 95% interval {difference(gap.low)} to {difference(gap.high)}"
    expected = (
        f"the expected errors ({in_two_digits(error.error.value)}, of a uniform sample "
        f"{in_two_digits(error.uniform.value)})"
        if error is not None
        else ""
    )
    tested = count(made.tested, "held-out row")
    if made.uniform_is_better:
        better = f"On {tested} the uniform sample is better than the coreset ({told})."
        if not _promised(error):
            return better
        return (
            f"{better} That contradicts {expected}. These are of the loss, over all draws; what was measured "
            "is of this model and these two draws. Draw with another seed before you rely on either."
        )
    if made.coreset_is_better:
        return f"On {tested} the coreset is better than the uniform sample ({told})."
    bears = f": this neither bears out nor contradicts {expected}" if _promised(error) else ""
    return (
        f"{tested[:1].upper()}{tested[1:]} cannot tell the coreset from the uniform sample ({told}){bears}."
    )


def _work(what: str, model: str, result: CoresetResult, dataset: Dataset, progress: Progress) -> Any:
    chosen, classes = MODELS[model], bool(result.coreset.pilot.classes)
    make = partial(chosen.make, classes)
    if what == COMPARE:
        return compared(result.coreset, dataset, make, progress)
    parameters = choices(chosen.grid, chosen.most, result.coreset.pilot.seed)
    return searched(result.coreset, dataset, make, parameters, progress=progress)


_MISSING = {
    "Uniform sample": "It holds one class: there is nothing to fit.",
    "All rows": "There are too many rows to fit on all of them here.",
}


def _compared(made: ModelComparison, past: Any) -> None:
    """The sentence that decides, and the three scores with their intervals."""
    told = f"{made.metric} {made.coreset.value:.3f} on the coreset"
    if made.every is not None and made.against is not None:
        told += (
            f" against {made.every.value:.3f} on all rows (difference "
            f"{difference(made.coreset.value, made.every.value)}, 95% interval "
            f"{difference(made.against.low)} to {difference(made.against.high)})"
        )
    plainly = "holds one class" if made.uniform is None else f"gives {made.uniform.value:.3f}"
    st.markdown(plain(f"{told}; a uniform sample of its size {plainly}.", 300))
    places = layout.cells(3, 160)
    moved = _moved(made, past)
    for place, (name, score) in zip(
        places,
        (("Coreset", made.coreset), ("Uniform sample", made.uniform), ("All rows", made.every)),
        strict=True,
    ):
        if score is not None:
            place.metric(name, f"{score.value:.3f}", moved if name == "Coreset" else None, help=_help(score))
        else:
            place.metric(name, "–", help=_MISSING[name])
    other = " Others than before the last decision: not compared." if _on_others(made, past) else ""
    st.caption(f"On {count(made.tested, 'held-out row')}.{other} {_cost(made)}".strip())


def difference(one: float, other: float = 0.0) -> str:
    """The difference of two scores as they are shown, so that the three agree.

    >>> difference(0.9614, 0.9636), difference(0.9612, 0.9616), difference(-0.0001), difference(0.0321)
    ('-0.003', '-0.001', '0.000', '+0.032')
    """
    apart = round(one, 3) - round(other, 3)
    return f"{apart:+.3f}" if round(apart, 3) else "0.000"


def _moved(made: ModelComparison, past: Any) -> str | None:
    """How far the coreset's score moved with the last decision; None where other rows were held out then."""
    if not isinstance(past, ModelComparison) or _on_others(made, past):
        return None
    return f"{difference(made.coreset.value, past.coreset.value)} since the last decision"


def _on_others(made: ModelComparison, past: Any) -> bool:
    """Whether it is judged on other rows than the comparison before, but for a few that were dropped: the two
    scores say nothing together then.
    """
    if not isinstance(past, ModelComparison):
        return False
    return len(made.held & past.held) < SAME_ROWS * len(made.held | past.held)


def _seconds(spent: float) -> str:
    return f"{number(float(f'{spent:.2g}'))} s"


def _times(saved: float | None) -> str:
    """How much longer all rows take; "" where that was too short to tell."""
    return "" if saved is None else f", {number(float(f'{saved:.2g}'))} times as long"


def _cost(made: ModelComparison) -> str:
    """What the fit on the coreset saved; nothing where all rows were not fitted."""
    if made.every is None:
        return ""
    return (
        f"Processor time of the fit: {_seconds(made.coreset.seconds)} on the coreset, "
        f"{_seconds(made.every.seconds)} on all rows{_times(made.saved)}."
    )


def _search_cost(made: Search) -> str:
    """What looking at parameters on the coreset took, and about what it would take on all rows."""
    spent = f"{count(made.fits, 'fit')} on the coreset took {_seconds(made.seconds)} of processor time"
    if made.every is None or made.on_all_rows is None:
        return f"{spent}; all rows were not fitted here."
    return (
        f"{spent}; on all rows, where the best one took {_seconds(made.every.seconds)}, as many would take "
        f"about {_seconds(made.on_all_rows)}{_times(made.saved)}. Fitted on all rows the best one has "
        f"{made.metric} {made.every.value:.3f}."
    )


def _help(score: HeldOutScore) -> str:
    return (
        f"95% interval {score.low:.3f} to {score.high:.3f}, from resampling the held-out rows. The fit took "
        f"{_seconds(score.seconds)} of processor time."
    )


def _searched(made: Search) -> None:
    """The best parameters, checked on all the data, and the others."""
    import pandas as pd

    best = ", ".join(f"{name} {number(one)}" for name, one in made.best.parameters.items())
    st.markdown(
        plain(
            f"Best: {best}. On held-out rows of all the data {made.metric} {made.checked.value:.3f} "
            f"({made.checked.low:.3f} to {made.checked.high:.3f}); with the defaults {made.plain.value:.3f}.",
            400,
        )
    )
    st.caption(plain(_search_cost(made), 400))
    own = {name: Heading(headings.in_words(name), f"Of the model: {name}.") for name in made.best.parameters}
    lines = [
        {**one.parameters, made.metric: one.score, "standard_error": one.error} for one in made.candidates
    ]
    table = pd.DataFrame(lines)
    st.dataframe(
        headings.written(table, own),
        hide_index=True,
        placeholder="–",
        key="coreset-search",
        column_config=headings.config(table, own),
        alt="Every choice of parameters, best first",
    )
