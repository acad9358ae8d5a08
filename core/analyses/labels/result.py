"""What is known of each label, once all are judged."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.analyses.labels.annotators import Annotator
from core.analyses.labels.expected import ExpectedErrors, Noise
from core.analyses.labels.findings import findings, unbounded
from core.analyses.labels.joint import noise_matrix
from core.analysis import Result
from core.finding import Finding
from core.frozen import locked
from core.prepare.evidence import ClassEvidence

if TYPE_CHECKING:
    import pandas as pd

TIERS = ("", "possible", "likely")
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False, kw_only=True)
class LabelResult(Result):
    """How doubtful each label is.

    rows_of: how many rows the data have.
    evidence: the rows judged, and what each model says; None where nothing could be judged.
    tier: int8, per row judged: 0, 1 possible (another class is likelier), 2 likely.
    joint: rows by given and by likely true class, k x k.
    noise: how many labels are wrong, with its 90% interval, and the chance of each label judged.
    annotators: who gave how many labels, and how many of them are doubtful.
    unpredicted: that the models do not predict the labels, and no row has a tier; "" where they do.
    repeated: whether they agree with nearly all labels, as a column that gives the target away lets them.
    """

    rows_of: int
    evidence: ClassEvidence | None
    tier: NDArray[np.int8]
    joint: Floats
    noise: Noise | None
    annotators: tuple[Annotator, ...]
    unpredicted: str = ""
    repeated: bool = False

    @cached_property
    def score(self) -> Floats:
        """Per row judged one minus the probability of its label, in [0, 1]: self-confidence turned round."""
        if self.evidence is None:
            return np.zeros(0)
        own = self.evidence.probabilities[np.arange(self.tier.size), self.evidence.given]
        return locked(np.clip(1.0 - own.astype(np.float64), 0.0, 1.0))

    @cached_property
    def suggested(self) -> NDArray[np.int32]:
        """Per row judged the likeliest class."""
        if self.evidence is None:
            return np.zeros(0, np.int32)
        return locked(self.evidence.probabilities.argmax(axis=1).astype(np.int32))

    @cached_property
    def order(self) -> NDArray[np.int64]:
        """Places of the rows judged, the most doubtful first."""
        return locked(np.argsort(-self.score, kind="stable").astype(np.int64))

    def expected(self, shown: NDArray[np.bool_] | None = None) -> ExpectedErrors:
        """How many of the labels shown (all judged by default) are wrong, with a 90% interval."""
        if self.noise is None:
            return ExpectedErrors(0.0, 0.0, 0.0)
        return self.noise.among(np.ones(self.tier.size, bool) if shown is None else shown)

    @property
    def noise_rates(self) -> Floats:
        """Of each likely true class the shares of its labels, k x k (Northcutt and others 2021)."""
        return noise_matrix(self.joint)

    @property
    def unchecked(self) -> str:
        """That no label is called doubtful, where the models do not predict the labels; that wrong ones go
        unseen, where the model was brought and had seen them.
        """
        if self.evidence is None:
            return ""
        if self.unpredicted and self.evidence.brought:
            return self.unpredicted
        if self.evidence.in_sample:
            return (
                f"{self.evidence.brought} are of a model that had seen the rows it judges: it repeats their "
                "labels, wrong ones too. How many are wrong cannot be said; bring probabilities from "
                "cross-validation."
            )
        return self.unpredicted

    @property
    def summary(self) -> dict[str, float | int | str]:
        """Rows judged, those of each tier, and, where the models predict the labels and had not seen them,
        how many are expected to be wrong with its 90% interval: its ends alone where it begins at none.
        """
        known, whole = self.noise is not None and not self.unchecked, self.expected()
        ends = dict(zip(("", "_low", "_high"), whole, strict=True)) if known else {}
        if unbounded(whole):
            ends.pop("", None)
        return {
            "rows": self.rows_of,
            "judged": int(self.tier.size),
            "classes": 0 if self.evidence is None else len(self.evidence.classes),
            "likely": int((self.tier == 2).sum()),
            "possible": int((self.tier == 1).sum()),
            **{f"expected_errors{end}": round(value, 1) for end, value in ends.items()},
        }

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """``wrong_labels``, ``doubtful_labels``, ``noisy_annotator``."""
        if self.evidence is None or self.noise is None:
            return ()
        return findings(self.evidence, self.tier, self.score, self.noise, self.annotators)

    def frame(self) -> pd.DataFrame:
        """One line per class: its rows, the mean probability of its labels, rows of each tier, the class that
        is suggested most for those.
        """
        import pandas as pd

        heads = ["class", "rows", "mean_probability", "likely", "possible", "suggested_most"]
        if self.evidence is None:
            return pd.DataFrame(columns=heads)
        given, classes = self.evidence.given, self.evidence.classes
        rows = np.bincount(given, minlength=len(classes))
        sums = np.bincount(given, 1.0 - self.score, minlength=len(classes))
        mean = np.divide(sums, rows, out=np.full(len(classes), np.nan), where=rows > 0)
        counts = [np.bincount(given[self.tier == tier], minlength=len(classes)) for tier in (2, 1)]
        doubtful = self.tier > 0
        other = np.zeros((len(classes), len(classes)), np.int64)
        np.add.at(other, (given[doubtful], self.suggested[doubtful]), 1)
        most = [classes[to.argmax()] if to.any() else "" for to in other]
        values = (list(classes), rows, mean.round(6), *counts, pd.Series(most, dtype="str"))
        return pd.DataFrame(dict(zip(heads, values, strict=True)))

    def rows(self) -> pd.DataFrame:
        """Per row: its label, its doubt (0 where it was not judged), tier, whether it is flagged (likely),
        the likeliest class and its probability.
        """
        import pandas as pd

        texts: dict[str, Any] = {
            head: np.full(self.rows_of, None, object) for head in ("given", "tier", "suggested")
        }
        score, sure = np.zeros(self.rows_of), np.full(self.rows_of, np.nan)
        flagged = np.zeros(self.rows_of, bool)
        if self.evidence is not None:
            at, words = self.evidence.rows, np.array(self.evidence.classes, object)
            texts["given"][at], texts["suggested"][at] = words[self.evidence.given], words[self.suggested]
            texts["tier"][at] = np.array(TIERS, object)[self.tier]
            score[at], flagged[at] = self.score, self.tier == 2
            sure[at] = self.evidence.probabilities.max(axis=1)
        return pd.DataFrame(
            {
                "row": np.arange(self.rows_of),
                "given": pd.Series(texts["given"], dtype="str"),
                "score": score,
                "tier": pd.Series(texts["tier"], dtype="str"),
                "flagged": flagged,
                "suggested": pd.Series(texts["suggested"], dtype="str"),
                "suggested_p": sure,
            }
        )
