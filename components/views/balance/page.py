"""Balance: is the imbalance a problem, and what is the honest cure?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from components import as_decided, frame, panel, results, weighted
from components.state import session
from components.text import plain
from components.views.balance import calibration, export, learning, strategies, threshold
from core.analyses.imbalance.findings import TOO_FEW
from core.analyses.strategies.problem import EVEN, about_even
from core.analyses.strategies.settings import CLASSES, FOLDS
from core.dataset import Dataset
from core.phrases import count, percent, quoted, sentence, verb

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from core.analyses.imbalance.analysis import ImbalanceResult
    from core.analyses.strategies.result import StrategiesResult

COMPARE = "Compare strategies to see whether it matters."
NOTHING = "The classes are about even: there is nothing to rebalance."
COMPARED = (
    f"Those of {FOLDS} rows or more, which can be compared, are about even; the others have fewer, and more "
    "rows are what they take."
)
FEW = "What limits scores here is how few rows they have, not their shares."
DRAWN = ("imbalance", "strategies")


def view() -> None:
    """The verdict; the classes; what strategies do, once they are asked for."""
    dataset = as_decided.in_view()
    if dataset is None:
        return
    dataset.table(dataset.names[:1])  # that the copy is gone is said, too, where no target is chosen
    answer, classes, below = st.container(), st.container(), st.container()
    with classes:
        panel.view(dataset, "imbalance")
        known = results.ready(dataset, "imbalance")
    counted = known["imbalance"].result if known is not None else None
    if counted is not None and len(counted.names) > 1 and counted.present.size > 1:  # type: ignore[attr-defined]
        with below:
            _strategies(dataset, counted, answer)  # type: ignore[arg-type]
    panel.rest(dataset, "explore/balance", DRAWN)
    frame.door("pages/explore/overlap.py", "Next: does serving data look like training data?")


def _strategies(dataset: Dataset, counted: ImbalanceResult, answer: DeltaGenerator) -> None:
    st.subheader("What helps, and what it does to probabilities")
    wanted = ("strategies asked", dataset.version)
    sums = weighted.class_weights(dataset, counted.target)
    answer, beneath = answer.container(), answer.container()
    _by_weight(dataset, counted, sums, beneath)
    if not session().chosen.get(wanted) and not strategies.known(dataset):
        even = about_even(counted.alike) and not strategies.named()
        even = even and (sums is None or about_even(sums[counted.train > 0]))
        told = COMPARE
        if even:
            told = even_in_words(counted.alike, _few(counted))
        answer.markdown(f"#### {plain(_counted(counted), 400)} {told}")
        strategies.ask(dataset, wanted, even)
        return
    result, done = strategies.outcome(dataset)
    if done:
        words = _verdict(counted, result) if result is not None else _counted(counted)
    else:
        words = f"{_counted(counted)} {strategies.so_far(dataset, result)}"
    if words:
        answer.markdown(f"#### {plain(words, 600)}")
    if result is None:
        return
    if done and result.choice is not None and result.choice.columns == "all" and not result.vectors:
        with answer:
            frame.leakage_door()
    panel.notes(result)
    strategies.view(dataset, result, done)
    if result.choice is None:
        return
    threshold.view(dataset, result, done)
    calibration.view(dataset, result, done)
    learning.view(dataset, result)
    if done:
        export.view(dataset, result)


def _by_weight(
    dataset: Dataset, counted: ImbalanceResult, sums: NDArray[np.float64] | None, place: DeltaGenerator
) -> None:
    """What the shares of the classes are by the weights of decisions, which nothing else here counts."""
    if sums is None or not sums.any():
        return
    with place:
        shares = weighted.shares_in_words(counted.names, sums, dataset.split is not None)
        st.caption(f":material/info: {plain(f'{weighted.told(dataset)}. {shares}.', 400)}")


def even_in_words(rows: NDArray[np.int64], few: bool) -> str:
    """What is said where the classes that can be compared are about even. rows: of each; few:
    whether a finding says so.

    >>> even_in_words(np.array([15, 14]), False)
    'The classes are about even: there is nothing to rebalance.'
    >>> even_in_words(np.array([15, 14, 1]), True) == COMPARED
    True
    """
    if rows.max() > EVEN * rows.min():
        return COMPARED
    return f"{NOTHING} {FEW}" if few else NOTHING


def _even(result: ImbalanceResult) -> bool:
    """Whether all classes have the same number of rows."""
    return len(set(result.present.tolist())) == 1


def _few(result: ImbalanceResult) -> bool:
    """Whether a finding that needs attention stands below, of how few rows the classes have."""
    return any(one.severity != "info" and one.code in TOO_FEW for one in result.findings)


def _counted(result: ImbalanceResult) -> str:
    told = result.summary
    if result.spellings:
        first, word = next(iter(result.spellings.items()))
        some, every = len(result.spellings), int(told["classes"])
        return (
            f"{count(some)} of {every:,} classes {verb(some, 'is', 'are')} likely another spelling of one, "
            f"such as {quoted(first)} of {quoted(word)}: write them alike first."
        )
    if _even(result):
        rows = count(int(told["rarest_rows"]), "row")
        return f"{count(int(told['classes']), 'class', 'classes')} of {rows} each."
    rarest = quoted(str(told["rarest_class"]))
    fewest = int(told["fewest_per_fold"])
    per_fold = f"at least {count(fewest)} in each fold" if fewest else "so that some folds have none"
    return sentence(
        f"{percent(float(told['rarest_share']))} of the rows{' with a label' * bool(result.unknown)} are "
        f"{rarest}: "
        f"{count(int(told['rarest_rows']))} of {count(int(told['rows']))}, {per_fold}."
    )


def _verdict(counted: ImbalanceResult, result: StrategiesResult) -> str:
    """What the comparison says, and that it is of other classes than the rarest where that is not compared,
    and why: the verdict begins with the rarest of its own.
    """
    rarest = str(counted.summary["rarest_class"])
    if not result.verdict or not result.classes or rarest in result.classes:
        return result.verdict
    takes = f"which takes {FOLDS} different rows"
    if len(result.classes) == CLASSES:
        takes = f"as only the {CLASSES} most frequent are, of {FOLDS} different rows or more"
    few = f"The rarest class, {quoted(rarest)}, is not compared, {takes}."
    return f"{few} Of the others: {result.verdict}"
