"""Whether a model is better for the decisions: the same model on the data as loaded and as decided."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from core.analyses.proof.findings import ProofContext, findings
from core.analyses.proof.scores import ProofScore, compared, scored_by
from core.analyses.proof.sides import ROWS, Sides, sides
from core.analysis import NO_TARGET, Analysis, Result, Status
from core.dataset import Dataset
from core.finding import Finding
from core.numerics.association import Floats
from core.numerics.paired import Difference, difference
from core.phrases import count, verb
from core.progress import Progress
from core.rowset import RowSet
from core.settings import Settings, choice, knob

if TYPE_CHECKING:
    import pandas as pd

NOTHING = "Nothing was decided that changes the data, so there is nothing to compare."


@dataclass(frozen=True)
class ProofSettings(Settings):
    """Which model, and how often it is fitted."""

    model: str = choice(
        "trees",
        "Model",
        "Fitted on the data as loaded and as decided, with the same settings on both.",
        ("trees", "linear", "boosting"),
    )
    repeats: int = knob(
        2, "Repeats", "Times that five folds are drawn; more give narrower intervals and take longer.", 1, 20
    )
    seed: int = knob(0, "Seed", "Of the folds, the model and the samples.", 0, 2**31 - 1)


@dataclass(frozen=True, eq=False, kw_only=True)
class ProofResult(Result):
    """What the model scores on both sides.

    target: what it predicts. scores: those that are compared, the one that decides first.
    before, after: scores x folds of all repeats. tested: rows tested in a fold over rows trained on.
    rows_tested: rows that both are scored on; of_serve: whether they are of the serve part.
    decided_serve: rows of serve that were dropped or relabelled, as loaded.
    """

    target: str
    scores: tuple[ProofScore, ...]
    before: Floats
    after: Floats
    tested: float
    rows_tested: int
    of_serve: bool
    decided_serve: RowSet

    @property
    def differences(self) -> tuple[Difference, ...]:
        """After minus before, of each score, with its 95% interval."""
        pairs = zip(self.after, self.before, strict=True)
        return tuple(difference(after, before, self.tested) for after, before in pairs)

    @property
    def verdict(self) -> str:
        """``better``, ``worse``, ``no measurable change``, or ``unknown``, by the score that decides."""
        if not self.scores:
            return "unknown"
        verdict = self.differences[0].verdict(self.scores[0].higher)
        return "no measurable change" if verdict == "tie" else verdict

    @property
    def summary(self) -> dict[str, float | int | str]:
        """The verdict, and the score that decides on both sides."""
        told: dict[str, float | int | str] = {"verdict": self.verdict, "rows_tested": self.rows_tested}
        if self.scores:
            gap = self.differences[0]
            numbers = (np.nanmean(self.before[0]), np.nanmean(self.after[0]), *gap)
            heads = ("before", "after", "difference", "difference_low", "difference_high")
            told |= {"score": self.scores[0].word}
            told |= {head: round(float(one), 6) for head, one in zip(heads, numbers, strict=True)}
        return told

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """``decisions_help``, ``decisions_change_nothing`` or ``decisions_harm``; ``test_part_decided``."""
        if not self.scores:
            return ()
        return findings(
            ProofContext(
                target=self.target,
                title=self.scores[0].title,
                before=float(np.nanmean(self.before[0])),
                after=float(np.nanmean(self.after[0])),
                gap=self.differences[0],
                verdict=self.verdict,
                rows_tested=self.rows_tested,
                decided_serve=len(self.decided_serve),
            )
        )

    def frame(self) -> pd.DataFrame:
        """One line per score: its mean on both sides, the difference with its 95% interval, the verdict."""
        import pandas as pd

        gaps = self.differences
        return pd.DataFrame(
            {
                "score": pd.Series([one.title for one in self.scores], dtype="str"),
                "as_loaded": [float(np.nanmean(one)) for one in self.before],
                "as_decided": [float(np.nanmean(one)) for one in self.after],
                "difference": [gap.value for gap in gaps],
                "low": [gap.low for gap in gaps],
                "high": [gap.high for gap in gaps],
                "verdict": pd.Series(
                    [gap.verdict(one.higher) for gap, one in zip(gaps, self.scores, strict=True)], dtype="str"
                ),
            }
        )


def proof(dataset: Dataset, settings: ProofSettings, progress: Progress) -> ProofResult:
    """Fit one model on the data as loaded and as decided, by the same folds, and score both on rows that
    neither saw and that are left with their label as loaded and no cell edited by hand: those of serve, where
    their target is known, else those of the fold left out. The interval of the difference is that of Nadeau
    and Bengio (2003); see docs/methods/proof.md.

    Raises `TooSmallError` where fewer than 50 such rows are left, or one class.
    """
    progress.at(0.0, "Comparing as loaded and as decided")
    if not dataset.roles.target or (dataset.base is not None and not dataset.base.roles.target):
        return _skipped(settings, dataset, NO_TARGET)
    if dataset.base is None:
        return _skipped(settings, dataset, Status("skipped", NOTHING))
    given = sides(dataset, settings.seed)
    made, tested = compared(given, settings.model, settings.repeats, settings.seed, progress)
    held = "serve rows" if given.held_apart else "rows of folds left out"
    sample = f"At most {ROWS:,} rows of each part, drawn by content, were looked at."
    rows = int(given.untouched.sum())
    return ProofResult(
        settings=settings,
        notes=(
            f"Scored on {count(rows)} {held} that are left with their label as loaded and no cell edited by "
            f"hand. {_passed_over(given)}Steps on whole columns change these rows, too.",
            *([sample] if given.sampled else []),
        ),
        target=dataset.roles.target or "",
        scores=scored_by(len(given.classes)),
        before=made[0],
        after=made[1],
        tested=tested,
        rows_tested=rows,
        of_serve=given.held_apart,
        decided_serve=given.decided_serve,
    )


def _passed_over(given: Sides) -> str:
    """Of how many rows those are that are scored, and why the others are not; "" where all are."""
    if not given.passed_over:
        return ""
    part = "serve row" if given.held_apart else "train row"
    why = [f"{count(rows)} {words}" for words, rows in given.passed_over]
    number = sum(rows for _, rows in given.passed_over)
    are, of_them = verb(number, "is", "are"), f"Of the {count(given.left, part)} left"
    if len(why) == 1:
        return f"{of_them}, {why[0]} {are} not scored. "
    return f"{of_them}, {count(number)} {are} not scored: {'; '.join(why)}. "


def _skipped(settings: ProofSettings, dataset: Dataset, status: Status) -> ProofResult:
    none = np.zeros((0, 0))
    return ProofResult(
        settings=settings,
        status=status,
        notes=(status.reason,),
        target=dataset.roles.target or "",
        scores=(),
        before=none,
        after=none,
        tested=0.0,
        rows_tested=0,
        of_serve=False,
        decided_serve=RowSet(),
    )


ANALYSIS = Analysis(
    "Proof",
    "Is a model better for the decisions?",
    "clean/review",
    proof,
    icon="fact_check",
    needs="target",
    asked=True,
)
