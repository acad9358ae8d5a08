"""What the verdict and the findings of overlap rest on, and the answer that each measure gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core.analyses.overlap.mixing import Permuted
from core.analyses.overlap.relations import RelationChange
from core.numerics.degree import Degree
from core.numerics.domain import Area, Domain
from core.numerics.support import ALARM, Unsupported
from core.phrases import by_chance
from core.rowset import RowSet

Answer = Literal["yes", "nearly", "mostly", "partly", "no"]
ANSWERS: tuple[Answer, ...] = ("yes", "nearly", "mostly", "partly", "no")
DEGREE_OF: dict[Answer, Degree] = {
    "yes": "none",
    "nearly": "negligible",
    "mostly": "moderate",
    "partly": "severe",
    "no": "severe",
}
FAR = -6.0  # standard deviations below the permutations from which coverage by itself shows a difference
AUC_BANDS = (0.55, 0.70)  # moderate and severe from here
SHARE_BANDS = (0.01, 0.10)  # of serve rows beyond the expected share without support: moderate and severe
# from where the answer is mostly, partly, no
AUC_STEPS = (*AUC_BANDS, 0.95)
SHARE_STEPS = (SHARE_BANDS[0], SHARE_BANDS[1], SHARE_BANDS[1])
UNCOVERED_STEPS = (0.05, 0.20, 0.50)  # share of serve that train does not cover, beyond the expected
LOST_STEPS = (0.50, 0.75, 0.90)  # share of train that weighting for serve costs


def step(value: float, steps: tuple[float, float, float]) -> Answer:
    """The answer that a difference beyond the noise gives.

    >>> [step(value, AUC_STEPS) for value in (0.52, 0.6, 0.8, 0.999)]
    ['nearly', 'mostly', 'partly', 'no']
    """
    return ANSWERS[1 + sum(value >= limit for limit in steps)]


@dataclass(frozen=True, eq=False)
class Case:
    """All that the verdict and the findings rest on.

    domain: the classifier test.
    coverage: of serve by train; its mean is what it is when serve is drawn like train.
    support: how many serve rows have a support p-value of at most ``level``, against the expected share.
    unsupported: these rows.
    surest: how many of them remain after Benjamini-Hochberg at the level.
    effective: effective sample size of train for serve, see `core.numerics.weighting.effective_rows`: below
        one where train hardly reaches serve.
    train, serve: rows of both parts.
    sample: rows of each part that the tests use.
    level: the support level.
    separating: columns that separate the parts on their own, each with its single-feature AUC; none that only
        one part has, which is said once, by Shift, and none of the next two.
    by_time, by_name: those of them by which the data are split in time, or that name the part: Shift says so.
    strongest: of the columns compared the one that differs most on its own, with its single-feature AUC; None
        where none surely does.
    measured: those of them that are measured of images. judged: of these, those of which Issues says how they
        differ.
    left_out: whether all other numbers leave them out.
    lacked: columns that only one part has, which all numbers leave out.
    relations: pairs of columns whose relation changed, the one that changed most first.
    copies: serve rows equal to a train row, if there are more than repeat within train.
    leading: of several columns those that the model goes by most, the first one most.
    nearest: of all columns compared the largest single-feature AUC, sure or not; None where none was asked.
    """

    domain: Domain
    coverage: Permuted
    support: Unsupported
    unsupported: RowSet
    surest: int
    effective: float
    train: int
    serve: int
    sample: int
    level: float
    separating: tuple[tuple[str, float], ...]
    by_time: tuple[str, ...]
    by_name: tuple[str, ...]
    strongest: tuple[str, float] | None
    measured: tuple[str, ...]
    judged: tuple[str, ...]
    left_out: bool
    lacked: tuple[str, ...]
    copies: int
    relations: tuple[RelationChange, ...] = ()
    leading: tuple[str, ...] = ()
    nearest: Area | None = None

    @property
    def without(self) -> tuple[str, ...]:
        """The columns that all numbers but those with all columns leave out."""
        alone = (*(column for column, _ in self.separating), *self.by_time, *self.by_name)
        return (*(alone if self.left_out else ()), *self.lacked)

    @property
    def jointly(self) -> tuple[str, ...]:
        """The columns that the model goes by most, where several together separate the parts surely, and
        clearly, more than any does on its own; none else.
        """
        alone = step(self.strongest[1], AUC_STEPS) if self.strongest else "yes"
        graver = ANSWERS.index(alone) < ANSWERS.index(self.by_auc)
        return self.leading if graver and self._beyond_any and len(self.leading) > 1 else ()

    @property
    def _beyond_any(self) -> bool:
        """Whether the intervals of the model's AUC and of the largest single-feature one lie apart, and the
        two AUCs as far from each other as an AUC that matters is from 0.5.
        """
        if self.nearest is None:
            return True
        area = self.domain.area
        return area.low > self.nearest.high and area.value - self.nearest.value >= AUC_BANDS[0] - 0.5

    @property
    def effective_rows(self) -> float:
        """The effective sample size as it is told: whole rows, below one two digits."""
        return round(self.effective) if self.effective >= 1 else float(f"{self.effective:.2g}")

    @property
    def effective_in_words(self) -> str:
        """The same in words."""
        told = self.effective_rows
        return f"{told:,.0f}" if told >= 1 else by_chance(told)

    @property
    def outside(self) -> bool:
        """Whether train, weighted, is worth less than one row to serve: then no weight is advised."""
        return self.effective < 1

    @property
    def by_auc(self) -> Answer:
        """How well serve rows can be told from train rows."""
        return step(self.domain.area.value, AUC_STEPS) if self.domain.p < ALARM else "yes"

    @property
    def by_support(self) -> Answer:
        """How many serve rows lie where train has none."""
        return step(self.support.excess, SHARE_STEPS) if self.support.beyond_noise else "yes"

    @property
    def by_coverage(self) -> Answer:
        """How much of serve has no train rows nearby. It grades a difference that another test shows, and
        shows one by itself only where it is far beyond the noise.
        """
        beyond_noise = self.coverage.z <= FAR if self._by_itself else self.coverage.p < ALARM
        if not beyond_noise or self.uncovered < self.uncovered_limit:
            return "yes"
        expected = 1.0 - self.coverage.mean
        mostly, partly, no = UNCOVERED_STEPS
        return step(self.uncovered, (expected + mostly, expected + partly, expected + no))

    @property
    def uncovered(self) -> float:
        """Share of serve that train does not cover."""
        return 1.0 - self.coverage.value

    @property
    def uncovered_limit(self) -> float:
        """The share from which it counts: higher where no other test shows a difference."""
        return 1.0 - self.coverage.mean + UNCOVERED_STEPS[1 if self._by_itself else 0]

    @property
    def _by_itself(self) -> bool:
        return self.by_auc == self.by_support == "yes"

    @property
    def by_weight(self) -> Answer:
        """How much of train is left once it is weighted for serve; it only grades a difference that a test
        shows.
        """
        shown = max(self.by_auc, self.by_support, self.by_coverage, key=ANSWERS.index)
        return "yes" if shown == "yes" else step(1.0 - self.effective / self.train, LOST_STEPS)

    @property
    def by_column(self) -> Answer:
        """How far the column that differs most does so on its own: of use where a model of all columns sees
        less in it.
        """
        if self.strongest is None:
            return "yes"
        return min("partly", step(self.strongest[1], AUC_STEPS), key=ANSWERS.index)

    @property
    def by_relation(self) -> Answer:
        """How far the relation of two columns changed: of use where a model of all columns does not see it,
        as among many others, or few rows.
        """
        if not self.relations:
            return "yes"
        return "partly" if any(one.large for one in self.relations) else "mostly"

    @property
    def by_separating(self) -> Answer:
        """How far the columns that all other numbers leave out separate the parts."""
        if not (self.left_out and self.separating):
            return "yes"
        return step(max(area for _, area in self.separating), AUC_STEPS)

    @property
    def of_the_rest(self) -> Answer:
        """Does serve lie where train lies, in the columns compared? The worst of all their measures."""
        measures = (
            self.by_auc,
            self.by_column,
            self.by_relation,
            self.by_support,
            self.by_coverage,
            self.by_weight,
        )
        return max(measures, key=ANSWERS.index)

    @property
    def answer(self) -> Answer:
        """The same with the columns that separate the parts on their own, which a model meets as well."""
        return max(self.of_the_rest, self.by_separating, key=ANSWERS.index)

    @property
    def degree(self) -> Degree:
        """The same as one of the four words that all comparisons share."""
        return DEGREE_OF[self.answer]

    @property
    def noise_floor(self) -> float:
        """The AUC that is exceeded in one of a hundred cases when serve is drawn like train."""
        return self.domain.noise_floor(ALARM)
