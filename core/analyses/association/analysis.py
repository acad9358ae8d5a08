"""Which columns are associated: every pair of columns on one scale, against its noise floor."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.analyses.association.absent_together import absent_together
from core.analyses.association.dependence import XI_PAIRS, XI_ROWS, information_of_pairs, xi_of_pairs
from core.analyses.association.findings import (
    MIN_ROWS,
    StrongPair,
    co_missing,
    collinear,
    strong_association,
)
from core.analyses.association.ready import Ready, ready
from core.analyses.association.relate import relate
from core.analyses.association.strongest import CATEGORY, MIXED, NUMERIC, StrongestPairs
from core.analysis import Analysis, Result, Status
from core.dataset import Dataset
from core.finding import Finding, ranked
from core.numerics.association import Floats
from core.numerics.correlation import collinearity, vif_noise
from core.phrases import count, names
from core.prepare.levels import COMPARED
from core.prepare.sampling import sampled
from core.progress import Progress
from core.rowset import RowSet
from core.settings import Settings, columns, knob

if TYPE_CHECKING:
    import pandas as pd

PAIR_KINDS = ("numeric-numeric", "numeric-category", "category-category")
SHOWN = 50  # findings of one code
NOTHING = Status("skipped", "No two columns vary enough to be compared.")
_CELLS = 50_000_000  # numbers held at once
_COUNTED = 10_000_000_000  # rows times pairs of contingency tables
_VIF_COLUMNS = 500
_LISTED = 8  # columns that a note names


@dataclass(frozen=True)
class AssociationSettings(Settings):
    """What to compare and what counts as strong."""

    columns: tuple[str, ...] = columns(
        "Columns", "The columns to compare; none chosen means all that can be.", COMPARED
    )
    strong: float = knob(
        0.9, "Strong from", "Size of the association from which a pair is called strong.", 0.1, 1.0
    )
    q: float = knob(
        0.01,
        "False discovery rate",
        "Share of false pairs accepted among those called strong (Benjamini and Hochberg).",
        1e-6,
        0.2,
    )
    pairs: int = knob(5_000, "Pairs kept", "How many of the strongest pairs the table shows.", 10, 100_000)
    levels: int = knob(
        100,
        "Levels",
        "The most frequent levels of a category that are kept apart; the rest counts as one level.",
        2,
        1_000,
    )
    xi: bool = knob(False, "Xi correlation", "Also Chatterjee's xi, which sees curves that rise and fall.")
    mutual_information: bool = knob(
        False, "Mutual information", "Also the mutual information of the bins or levels, in nats."
    )
    sample: int = knob(
        100_000,
        "Rows used",
        "Above this many rows, a sample of this size chosen by content is used.",
        1_000,
        20_000_000,
    )
    seed: int = knob(0, "Seed", "Seed of the sample.", 0, 2**31 - 1)


@dataclass(frozen=True, eq=False)
class AssociationResult(Result):
    """How strongly columns are associated.

    names: the columns compared.
    target: the target, if there is one.
    rows_of_all, used: rows of the data, and those looked at.
    pairs: the strongest pairs of ``names``.
    numeric: the columns of numbers among them.
    vif: the variance inflation factor of each.
    vif_noise: what the largest VIF of independent columns stays under.
    condition: condition number of their correlations.
    xi, information: value and noise floor (2 x pairs) of these measures; 2 x 0 where they were not asked for.
    together: columns missing together: names, least phi, the rows that lack all of them.
    ticks: columns of one value and gaps, compared by whether the value is there.
    gaps: how many values of each of ``names`` are missing, in all rows of the parts that have it.
    measured: those of ``names`` that are measured of images.
    told_apart: the target, and what parts the rows, where Issues compares their classes by what is measured.
    """

    settings: AssociationSettings
    names: tuple[str, ...]
    target: str | None
    rows_of_all: int
    used: int
    pairs: StrongestPairs
    numeric: tuple[str, ...]
    vif: Floats
    vif_noise: float
    condition: float
    xi: Floats
    information: Floats
    together: tuple[tuple[tuple[str, ...], float, RowSet], ...]
    ticks: tuple[str, ...]
    gaps: tuple[int, ...]
    measured: tuple[str, ...]
    told_apart: tuple[str, ...]

    @property
    def summary(self) -> dict[str, float | int | str]:
        """Columns and pairs compared, the strongest value, how many are strong, the largest VIF."""
        strongest = float(np.abs(self.pairs.value[0])) if self.pairs.value.size else 0.0
        worst = float(np.nanmax(self.vif)) if np.isfinite(self.vif).any() else 1.0
        return {
            "columns": len(self.names),
            "pairs": self.pairs.tested,
            "rows_used": self.used,
            "strongest": round(strongest, 4),
            "strong_pairs": int(self.strong.sum()),
            "largest_vif": round(worst, 2),
            "condition_number": round(self.condition, 1),
        }

    @property
    def strong(self) -> NDArray[np.bool_]:
        """Which pairs of the table are strong: large, on enough complete rows, and beyond chance."""
        size = np.fmax(np.abs(self.pairs.value), self.pairs.eta)
        strong: NDArray[np.bool_] = (
            (size >= self.settings.strong) & (self.pairs.n >= MIN_ROWS) & (self.pairs.q < self.settings.q)
        )
        return strong

    def frame(self) -> pd.DataFrame:
        """One line per pair, strongest first: ``left, right, kind, value, noise95, n, q``, then what applies
        to its kind.
        """
        import pandas as pd

        pairs, names = self.pairs, np.array([*self.names, ""], dtype=object)
        table = {
            "left": names[pairs.left],
            "right": names[pairs.right],
            "kind": np.array(PAIR_KINDS, dtype=object)[pairs.kind],
            "value": pairs.value,
            "noise95": pairs.noise,
            "n": pairs.n.astype(np.int64),
            "q": pairs.q,
            "pearson": pairs.pearson,
            "u_right_given_left": pairs.right_given_left,
            "u_left_given_right": pairs.left_given_right,
            "eta": pairs.eta,
        }
        if self.settings.xi:
            table |= {"xi": self.xi[0], "xi_noise95": self.xi[1]}
        if self.settings.mutual_information:
            table |= {"mutual_information": self.information[0], "information_noise95": self.information[1]}
        return pd.DataFrame(table)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Strong pairs, multicollinear columns, columns that are missing together; worst first."""
        strong: dict[tuple[str, ...], Finding] = {}
        with_target, suspects = self._with_target()
        for place in np.flatnonzero(self.strong)[: 20 * SHOWN]:
            pair = self._pair(int(place), with_target, suspects)
            if self._of_images(pair):
                continue
            finding = strong_association(pair)
            # of several columns that a copy repeats, the one it is nearest to
            strong.setdefault(finding.columns, finding)
        together = [co_missing(*one, self.rows_of_all) for one in self.together]
        inflated = collinear(self.numeric, self.vif, self.vif_noise, self.used)
        return ranked([*list(strong.values())[:SHOWN], *inflated, *together])

    def _of_images(self, pair: StrongPair) -> bool:
        """Whether the pair is none to tell of: two measures of the same images, one that gives the label or
        the part away, which Issues says of images, or where a measure applies.
        """
        ours = {pair.left, pair.right} & set(self.measured)
        others = {pair.left, pair.right} - ours
        return bool(ours) and (others <= set(self.told_apart) or bool(ours & set(self.ticks)))

    def _with_target(self) -> tuple[dict[str, float], frozenset[str]]:
        """How strongly columns are associated with the target, of those whose pair with it is in the table,
        by measures that can be compared: of the ranks of a target of numbers, Spearman's correlation and the
        correlation ratio; else Cramér's V. And which of them are strongly associated, by any measure.
        """
        if self.target not in self.names:
            return {}, frozenset()
        of, pairs = self.names.index(self.target), self.pairs
        places = np.flatnonzero((pairs.left == of) | (pairs.right == of))
        others = [self.names[at] for at in (pairs.left + pairs.right - of)[places].tolist()]
        kinds, values = pairs.kind[places], np.abs(pairs.value[places])
        by_rank = (kinds == NUMERIC).any()
        sizes = np.where((kinds == MIXED) & by_rank, pairs.eta[places], values).tolist()
        strong = zip(others, self.strong[places].tolist(), strict=True)
        return dict(zip(others, sizes, strict=True)), frozenset(one for one, is_so in strong if is_so)

    def _pair(self, place: int, with_target: Mapping[str, float], suspects: Collection[str]) -> StrongPair:
        """The pair at this place of the table, with the larger of its two measures. with_target: how strongly
        columns are associated with the target. suspects: those that are so strongly.
        """
        pairs, left, right = self.pairs, int(self.pairs.left[place]), int(self.pairs.right[place])
        measure = "Spearman's correlation" if pairs.kind[place] == NUMERIC else "Cramér's V"
        value, size = float(pairs.value[place]), float(np.fmax(abs(pairs.value[place]), pairs.eta[place]))
        if size > abs(value):
            measure, value = "the correlation ratio (eta) of the ranks", size
        sides = self.names[left], self.names[right]
        predicts = float(pairs.right_given_left[place]), float(pairs.left_given_right[place])
        # a pair that is not in the table is no stronger than the least one in it, but its correlation ratio,
        # which the table is not sorted by, may be anything
        least = float(np.abs(pairs.value[-1])) if pairs.kind[place] != MIXED else 1.0
        return StrongPair(
            left=sides[0],
            right=sides[1],
            ticks=self.ticks,
            measure=measure,
            value=value,
            size=size,
            noise=float(pairs.noise[place]),
            limit=self.settings.strong,
            n=int(pairs.n[place]),
            target=self.target,
            suspects=tuple(one for one in sides if one in suspects),
            with_target=(with_target.get(sides[0], least), with_target.get(sides[1], least)),
            gaps=(self.gaps[left], self.gaps[right]),
            predicts=predicts if pairs.kind[place] == CATEGORY else (0.0, 0.0),
            measured=next((side for side in sides if side in self.measured), ""),
        )


def association(dataset: Dataset, settings: AssociationSettings, progress: Progress) -> AssociationResult:
    """Compare every pair of columns. See docs/methods/association.md for the measures and their sources."""
    barred = {dataset.roles.id, dataset.roles.weight}
    compared = settings.columns or tuple(
        c.name for c in dataset.columns if c.kind in COMPARED and c.name not in barred
    )
    rows = sampled(
        dataset, compared, _limit(dataset, compared, settings), settings.seed, progress.part(0.0, 0.1)
    )
    columns = ready(dataset, compared, rows, settings.levels, progress.part(0.1, 0.4))
    pairs, cross = relate(columns.numbers, columns.groups, settings.pairs, progress.part(0.4, 0.8))
    progress.at(0.8, "Comparing missing values")
    numbers = [compared[place] for place in columns.numbers.places]
    own = [at for at, name in enumerate(numbers) if name not in dataset.measured][:_VIF_COLUMNS]
    numeric = tuple(numbers[at] for at in own)
    inflation = collinearity(cross[np.ix_(own, own)])
    used = dataset.rows if rows is None else int(rows.size)
    together = absent_together(dataset, progress.part(0.8, 0.85))
    return AssociationResult(
        settings=settings,
        names=compared,
        target=dataset.roles.target,
        rows_of_all=dataset.rows,
        used=used,
        pairs=pairs,
        numeric=numeric,
        vif=inflation.vif,
        vif_noise=vif_noise(used, len(numeric), 1 - 0.01 / max(1, len(numeric))),
        condition=inflation.condition,
        together=together,
        xi=xi_of_pairs(dataset, compared, pairs, settings.seed, progress.part(0.85, 0.95))
        if settings.xi
        else np.zeros((2, 0)),
        information=information_of_pairs(columns, pairs, progress.part(0.95, 1.0))
        if settings.mutual_information
        else np.zeros((2, 0)),
        ticks=columns.ticks,
        gaps=columns.gaps,
        measured=tuple(name for name in compared if name in dataset.measured),
        told_apart=_told_apart(dataset),
        notes=_notes(dataset, settings, columns, pairs, used),
        status=Status() if pairs.tested or together else NOTHING,
    )


def _told_apart(dataset: Dataset) -> tuple[str, ...]:
    """The columns whose classes are compared by what is measured of images, where anything is."""
    target = dataset.roles.target
    classes = target if target and dataset[target].kind in ("category", "boolean") else None
    return tuple(name for name in (classes, dataset.parting) if name)


def _limit(dataset: Dataset, names: Sequence[str], settings: AssociationSettings) -> int:
    """The number of rows that bounds both memory (rows x columns) and work (rows x contingency tables)."""
    numeric = sum(dataset[name].kind in ("numeric", "datetime") for name in names)
    levels = len(names) - numeric
    tables = max(1, levels * numeric + levels * (levels - 1) // 2)
    return max(1_000, min(settings.sample, _CELLS // max(1, len(names)), _COUNTED // tables))


def _notes(
    dataset: Dataset, settings: AssociationSettings, columns: Ready, pairs: StrongestPairs, used: int
) -> tuple[str, ...]:
    notes = []
    if used < dataset.rows:
        off = 1.96 * np.sqrt((1 - used / dataset.rows) / used)
        notes.append(
            f"From {used:,} of {count(dataset.rows, 'row')}, chosen by their content: rank correlations are "
            f"within {off:.4f} of those over all rows, 19 times in 20; noise floors and q-values are those "
            "of the rows used. Missing values are compared over all rows."
        )
    if pairs.tested > pairs.left.size:
        notes.append(
            f"The {pairs.left.size:,} strongest of {count(pairs.tested, 'pair')} are shown; q counts "
            "all of them."
        )
    if len(columns.numbers.places) > _VIF_COLUMNS:
        notes.append(f"VIF is computed for the first {_VIF_COLUMNS} numeric columns.")
    measured = [name for name in columns.names if name in dataset.measured]
    if measured:
        notes.append(
            f"Measured of images: {names(measured, _LISTED)}. No finding is of two of these, or of one with "
            "the label or the part, and none has a VIF: Issues judges images by them."
        )
    if settings.xi:
        notes.append(
            f"Xi is computed on at most {XI_ROWS:,} rows, for at most {XI_PAIRS:,} pairs of numbers."
        )
    if columns.ticks:
        notes.append(
            "Compared by whether there is a value, as they hold one value and gaps: "
            f"{names(columns.ticks, _LISTED)}."
        )
    unlike = [name for name in dataset.names if name not in columns.names]
    if unlike and not settings.columns:
        notes.append(
            f"Not compared, being identifiers, free text, images or weights: {names(unlike, _LISTED)}."
        )
    for reason in sorted({reason for _, reason in columns.left_out}):
        alike = [name for name, why in columns.left_out if why == reason]
        notes.append(f"Not compared, as each {reason}: {names(alike, _LISTED)}.")
    return tuple(notes)


ANALYSIS = Analysis(
    "Association",
    "Which columns are associated?",
    "explore/profile",
    association,
    tab="Relations",
    icon="hub",
    place=20,
)
