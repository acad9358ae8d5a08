"""How many labels are wrong, in one sentence and in numbers, and what that is worth."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import streamlit as st

from components import frame, results, weighted
from components.former_targets import decided_labels
from components.glossary import hint
from components.settings_form import settings_form
from components.text import plain
from components.views.labels import own
from components.widgets import findings, layout
from core.analyses.labels.findings import end_in_words, most, unbounded
from core.analyses.leakage.result import at_the_limit
from core.dataset import Dataset
from core.phrases import count, names, percent, verb, within

if TYPE_CHECKING:
    from core.analyses.labels.result import LabelResult

LEAKS = ("single_feature", "single_class", "missingness", "pure_value")  # findings about one column


def view(dataset: Dataset, result: LabelResult) -> None:
    """How many labels are wrong, in one sentence; then the numbers."""
    judged = result.tier.size
    likely, possible = (int((result.tier == tier).sum()) for tier in (2, 1))
    still = _still(dataset, result, 2 if likely else 1)
    told_of = _headline(result, (likely, possible), still, _leaks(dataset), dataset.pictures is not None)
    head, buttons = layout.headed("labels")
    head.markdown(f"#### {told_of}")
    with buttons:
        own.picker(dataset)
        settings_form("labels", dataset)
    if result.repeated and not result.evidence.brought and dataset.pictures is None:
        frame.leakage_door()
    if (likely or possible) and not result.unchecked and unbounded(whole := result.expected()):
        st.caption(end_in_words(result.evidence, whole))
    if told := weighted.told(dataset):
        st.caption(f":material/info: {told}.")
    places = layout.cells(4, 120)
    unsaid = bool(result.unchecked) and not likely + possible
    looked = ("Labels looked at", " None of them can be judged.") if unsaid else ("Labels judged", "")
    places[0].metric(looked[0], count(judged), help=f"Of {count(dataset.rows, 'row')}.{looked[1]}")
    numbers = (count(likely), count(possible), percent((likely + possible) / max(1, judged)))
    if unsaid:  # none is found where none can be: no number reassures
        numbers = ("–", "–", "–")
    places[1].metric("Likely wrong", numbers[0], help=hint("Likely wrong label"))
    places[2].metric("Possibly wrong", numbers[1], help=hint("Possibly wrong label"))
    places[3].metric("Doubtful share", numbers[2], help="Likely and possibly wrong, of the labels judged.")


def _still(dataset: Dataset, result: LabelResult, tier: int) -> int:
    """How many of the labels called so nothing was decided about."""
    assert result.evidence is not None
    ids = result.evidence.rows[result.tier == tier]
    return int((~dataset.own_rows(decided_labels(dataset)).mask(dataset.rows)[ids]).sum())


def _to_look_at(called: int, still: int, first: bool = False) -> str:
    """What is left to do about labels that are called wrong.

    >>> _to_look_at(3, 3, first=True), _to_look_at(3, 3), _to_look_at(3, 1), _to_look_at(1, 0)
    (', to look at first', ' to look at', ', 1 of them still to look at', ', looked at already')
    """
    if still == called:
        return ", to look at first" if first else " to look at"
    if still:
        return f", {count(still)} of them still to look at"
    return f", {'all ' * (called > 1)}looked at already"


class _Leaks(NamedTuple):
    """The columns that give the target away by themselves (critical findings of `leakage`), and those that
    may: of other findings, and those that reach the limit where the rows are too few to be sure.
    """

    sure: list[str]
    perhaps: list[str]


def _headline(
    result: LabelResult, tiers: tuple[int, int], still: int, leaks: _Leaks | None, pictures: bool = False
) -> str:
    """How many labels are wrong, and what that is worth where the models hardly disagree with any. tiers: how
    many are likely and possibly wrong. still: how many of the likely ones, or of the possible ones where none
    is likely, nothing was decided about. leaks: as `_leaks` gives them. pictures: whether rows are images,
    of whose properties Issues tells which predict the label, and Leakage does not.
    """
    likely, possible = tiers
    every = count(result.tier.size, "label")
    brought = plain(result.evidence.brought, 200) if result.evidence else ""
    if result.unchecked and not likely:
        return f"Which labels are wrong cannot be said. {plain(result.unchecked, 400)}"
    if result.unchecked:
        told = f"{count(likely, 'likely wrong label')}{_to_look_at(likely, still)}."
        return f"{told} {plain(result.unchecked, 400)}"
    if likely or possible:
        whole = result.expected()
        low, high = (count(round(end)) for end in whole[1:])
        wrong = round(whole.value)
        about = f"About {count(wrong)} of all {every} {verb(wrong, 'is', 'are')}"
        many = (
            f"None to {most(whole, result.tier.size)} of all {every} may be wrong"
            if unbounded(whole)
            else f"{about if wrong else f'Likely none of all {every} is'} wrong "
            f"(90% interval {low} to {high})"
        )
        ones = count(likely, "likely one") if likely else count(possible, "possible one")
        told = f"{many}; {ones}{_to_look_at(likely or possible, still)}."
        if unbounded(whole):  # then how many are called likely wrong is no number of wrong ones
            called = f"{count(likely)} likely" if likely else f"{count(possible)} possibly"
            left = _to_look_at(likely or possible, still, first=True)
            told = f"{many}; {within(brought) or 'the models'} call {called} wrong{left}."
    else:
        told = f"{brought or 'The models'} agree with all {every}."
    worth = _brought(result) if brought else _worth(result, leaks, pictures)
    return f"{told} {worth}".rstrip()


def _worth(result: LabelResult, leaks: _Leaks | None, pictures: bool) -> str:
    """What it is worth that models hardly disagree with any label; "" where that is not so."""
    if leaks and leaks.sure:
        gives = verb(len(leaks.sure), "gives", "give")
        return f"That says little: {plain(names(leaks.sure), 200)} {gives} the target away."
    if not result.repeated:
        return ""
    if pictures:
        return (
            "That says little: a property of the images, such as their light, may give the target away. "
            "Issues names those that predict it."
        )
    if leaks is None:
        return "That says little until Leakage was looked at: a column may give the target away."
    if leaks.perhaps:
        return f"That says little: {plain(names(leaks.perhaps), 200)} may give the target away."
    return "No column gives the target away by itself."


def _brought(result: LabelResult) -> str:
    """What agreement of the user's own model is worth."""
    if not result.repeated:
        return ""
    return "That says little: a model that had seen these labels would repeat them. Make sure it had not."


def _leaks(dataset: Dataset) -> _Leaks | None:
    """What `leakage` says of columns that predict the target by themselves; None where that was not looked
    at.
    """
    known = results.worked_out(dataset, "leakage")
    if known is None or not known.result_is_in or known.unchecked:
        return None
    every = [one for one in findings.open_findings(known) if one.code in LEAKS]
    sure, others = (
        list(
            dict.fromkeys(
                name for one in every if (one.severity == "critical") is told for name in one.columns
            )
        )
        for told in (True, False)
    )
    result = known.result
    near = at_the_limit(result.names, result.scores, result.found, result.limits[0], result.aside)
    return _Leaks(sure, [*others, *(result.names[place] for place in near)])
