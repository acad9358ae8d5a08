"""What is said of labels that are likely wrong."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.analyses.labels.annotators import Annotator
from core.analyses.labels.expected import ExpectedErrors, Noise
from core.finding import DOUBTED, Finding, ranked
from core.phrases import count, name, number, percent, quoted, verb
from core.prepare.evidence import ClassEvidence
from core.rowset import RowSet

FALSE_ALARMS = 0.005  # largest share of likely rows on labels with nothing wrong, docs/methods/labels.md
_TIMES = 2.0  # the share of doubtful labels of an annotator over that of all, from which it is said


def in_words(expected: ExpectedErrors, rows: int) -> str:
    """How many of so many rows are wrong, with what that says behind it.

    >>> in_words(ExpectedErrors(140.2, 118.0, 165.1), 200)
    'about 140 (90% interval 118 to 165) are expected to be wrong'
    >>> in_words(ExpectedErrors(90.0, 0.2, 93.0), 93)
    'anything from none to all may be wrong'
    >>> in_words(ExpectedErrors(93.1, 0.2, 106.0), 3_000)
    'anything from none to 106 may be wrong'
    >>> in_words(ExpectedErrors(0.02, 0.0, 0.08), 5)
    'none is expected to be wrong'
    """
    if round(expected.high) <= 0:
        return "none is expected to be wrong"
    if unbounded(expected):
        return f"anything from none to {most(expected, rows)} may be wrong"
    low, high = (count(round(end)) for end in expected[1:])
    wrong = round(expected.value)
    are = verb(wrong, "is", "are")
    return f"about {count(wrong)} (90% interval {low} to {high}) {are} expected to be wrong"


def unbounded(expected: ExpectedErrors) -> bool:
    """Whether the interval begins at none and does not end there: only its ends are then said, as it may run
    to every label that the models would not have given.
    """
    return round(expected.low) <= 0 < round(expected.high)


def end_in_words(evidence: ClassEvidence, expected: ExpectedErrors) -> str:
    """What an interval of all labels that begins at none ends at: the labels that the models would not have
    given, and the margin of their number; "" where it ends at all labels.
    """
    off, high = _disagreed(evidence), round(expected.high)
    if high >= evidence.given.size or high <= off:
        return ""
    return (
        f"{count(high)} are the {count(off, 'label')} that the models disagree with, and "
        f"{count(high - off)} more: the margin of that number at the end of a 90% interval."
    )


def _disagreed(evidence: ClassEvidence) -> int:
    """How many labels are others than the likeliest class."""
    return int((evidence.probabilities.argmax(axis=1) != evidence.given).sum())


def most(expected: ExpectedErrors, rows: int) -> str:
    """The upper end of the interval; "all" where that is all of so many rows."""
    return "all" if round(expected.high) >= rows else count(round(expected.high))


def agreement_in_words(evidence: ClassEvidence) -> str:
    """That agreement proves little where it is nearly perfect."""
    every = evidence.given.size
    off = _disagreed(evidence)
    agree = f"agree with {'all' if not off else f'{every - off:,} of'} {count(every, 'label')}."
    if evidence.in_sample:
        return f"{evidence.brought} {agree} Their model had seen these labels: it repeats wrong ones too."
    if evidence.brought:
        return (
            f"{evidence.brought} {agree} So do those of a model that had seen the labels it judges, and "
            "wrong labels go unseen; and those of classes far apart. Make sure that they are out-of-sample."
        )
    return (
        f"The models {agree} Classes that lie far apart let them, and so does a column that gives the target "
        "away: they repeat it, and a label that is wrong like it goes unseen. See leakage."
    )


def findings(
    evidence: ClassEvidence,
    tier: NDArray[np.int8],
    score: NDArray[np.float64],
    noise: Noise,
    annotators: Sequence[Annotator],
) -> tuple[Finding, ...]:
    """``wrong_labels`` (likely), ``doubtful_labels`` (possible), ``noisy_annotator``."""
    some = [_wrong(evidence, tier, score, noise), _doubtful(evidence, tier, noise)]
    return ranked([*filter(None, some), *_annotators(evidence, tier, annotators)])


def _wrong(
    evidence: ClassEvidence, tier: NDArray[np.int8], score: NDArray[np.float64], noise: Noise
) -> Finding | None:
    likely = tier == 2
    found, rows = int(likely.sum()), tier.size
    if not found:
        return None
    by_chance = FALSE_ALARMS * rows
    sure = found > by_chance and not noise.overlap
    return Finding(
        code="wrong_labels",
        title=f"{count(found)} of {count(rows, 'label')} in {name(evidence.target)} "
        f"{'is' if found == 1 else 'are'} likely wrong ({percent(found / rows)})"
        f"{_expected(evidence, noise, likely)}",
        severity="warning" if sure else "info",
        score=float(np.clip(0.5 + 5.0 * found / rows, 0.5, 0.95)) if sure else 0.3,
        why=f"{_judges(evidence)} the given label unlikely and another one likely. Wrong labels teach a "
        "model what is not so, and make a test score wrong.",
        suggestion="Look at the highest doubts first, on Labels or in review: relabel what is wrong, keep "
        "what is rare but right. Drop where you cannot tell.",
        rows=RowSet(evidence.rows[likely]),
        columns=(evidence.target,),
        value=float(found),
        measure="labels likely wrong",
        limit=float(np.ceil(by_chance)),
        noise=by_chance,
        noise_is="expected by chance",
        n=rows,
        action="defer",
        kin=(DOUBTED,),
    )


def _judges(evidence: ClassEvidence) -> str:
    if evidence.brought:
        return f"{evidence.brought} hold"
    return "Models that did not see these rows hold"


def _expected(evidence: ClassEvidence, noise: Noise, shown: NDArray[np.bool_]) -> str:
    """How many of the rows shown are expected to be wrong; nothing of a model that had seen them. Where that
    may be none, that likely and possibly are said by the models.
    """
    if evidence.in_sample:
        return ""
    expected, rows = noise.among(shown), int(shown.sum())
    if unbounded(expected) and rows == 1:
        return " by the models' word; it may be right"
    if unbounded(expected):
        ends = f"none to {most(expected, rows)}"
        return f" by the models' word; how many of these truly are cannot be narrowed down ({ends})"
    return f"; of these {count(rows)}, {in_words(expected, rows)}"


def _doubtful(evidence: ClassEvidence, tier: NDArray[np.int8], noise: Noise) -> Finding | None:
    possible = tier == 1
    found, rows = int(possible.sum()), tier.size
    if not found:
        return None
    first = ", once the likely ones are decided" if (tier == 2).any() else ""
    return Finding(
        code="doubtful_labels",
        title=f"{count(found)} of {count(rows, 'label')} in {name(evidence.target)} "
        f"{'is' if found == 1 else 'are'} possibly wrong ({percent(found / rows)})"
        f"{_expected(evidence, noise, possible)}",
        severity="info",
        score=0.2,
        why="Models find another class likelier, but not by much: such rows lie between two classes, "
        "labelled rightly or not.",
        suggestion=f"Look at them on Labels, the most doubtful first{first}.",
        rows=RowSet(evidence.rows[possible]),
        columns=(evidence.target,),
        value=float(found),
        measure="labels possibly wrong",
        n=rows,
        kin=(DOUBTED,),
    )


def _annotators(
    evidence: ClassEvidence, tier: NDArray[np.int8], annotators: Sequence[Annotator]
) -> list[Finding]:
    whole = float((tier > 0).mean()) if tier.size else 0.0
    return [
        Finding(
            code="noisy_annotator",
            title=f"Labels by {quoted(one.name)} are doubtful {number(round(share / whole, 1))} times as "
            f"often as all: {count(one.likely + one.possible)} of {count(one.labels)} ({percent(share)}, 95% "
            f"interval {percent(one.low)} to {percent(one.high)})",
            severity="warning",
            score=min(0.9, 0.4 + share),
            why="One person may have understood a class otherwise, or not have looked.",
            suggestion="Look at some of these rows together; have them labelled anew if they are wrong.",
            columns=(evidence.target,),
            about=one.name,
            value=share,
            measure="share of doubtful labels",
            limit=_TIMES * whole,
            noise=whole,
            n=one.labels,
        )
        for one in annotators
        for share in [(one.likely + one.possible) / max(1, one.labels)]
        if whole > 0 and one.low > _TIMES * whole
    ]
