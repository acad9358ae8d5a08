"""Which columns go together: every pair of columns on one scale, against what chance alone would give."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.analyses.association.dependence import information, xi
from core.analyses.association.ready import Ready, ready
from core.analyses.association.relate import relate
from core.analyses.association.strongest import NUMERIC, Pairs
from core.analysis import Analysis, Result
from core.dataset import Dataset
from core.finding import Finding, ranked
from core.numerics.association import Floats
from core.numerics.correlation import collinearity, vif_noise
from core.numerics.nullity import co_missing
from core.numerics.rowhash import keyed
from core.prepare.features import floats
from core.prepare.hashes import row_hashes
from core.prepare.levels import COMPARED
from core.prepare.sampling import sampled
from core.progress import Progress
from core.rowset import RowSet
from core.settings import Settings, columns, knob

if TYPE_CHECKING:
    import pandas as pd

PAIR_KINDS = ("numeric-numeric", "numeric-category", "category-category")
MIN_ROWS = 50  # complete rows below which a pair is never called strong
SHOWN = 50  # findings of one code
NEAR = 0.99  # size from which one of two columns says all that the other does
_CELLS = 50_000_000  # numbers held at once
_COUNTED = 10_000_000_000  # rows times pairs of contingency tables
_VIF_COLUMNS = 500
_XI_ROWS, _XI_PAIRS = 5_000, 2_000


@dataclass(frozen=True)
class AssociationSettings(Settings):
    """What to compare and what counts as strong."""

    columns: tuple[str, ...] = columns(
        "Columns", "The columns to compare; none chosen means all that can be.", COMPARED
    )
    strong: float = knob(
        0.9, "Strong from", "Size of the measure from which two columns are said to go together.", 0.1, 1.0
    )
    q: float = knob(
        0.01,
        "False discovery rate",
        "Share of false pairs that is accepted among those called strong.",
        1e-6,
        0.2,
    )
    pairs: int = knob(5_000, "Pairs kept", "How many of the strongest pairs the table shows.", 10, 100_000)
    levels: int = knob(
        100, "Levels", "Levels of a category that are told apart; the rest counts as one.", 2, 1_000
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
    seed: int = knob(0, "Seed", "Which sample is drawn.", 0, 2**31 - 1)


@dataclass(frozen=True, eq=False)
class AssociationResult(Result):
    """``pairs``: the strongest pairs of ``names``. ``vif``: one per column of ``numeric``. ``used``: rows
    looked at, of ``rows_of_all``. ``ticks``: columns of one value and gaps, compared by whether the value is
    there."""

    settings: AssociationSettings
    names: tuple[str, ...]
    target: str | None
    rows_of_all: int
    used: int
    pairs: Pairs
    numeric: tuple[str, ...]
    vif: Floats
    vif_noise: float
    condition: float
    xi: Floats
    information: Floats
    together: tuple[tuple[tuple[str, ...], float, RowSet], ...]
    ticks: tuple[str, ...]

    @property
    def summary(self) -> dict[str, float | int | str]:
        """Columns and pairs compared, the strongest value, how many are strong, worst variance inflation."""
        strongest = float(np.abs(self.pairs.value[0])) if self.pairs.value.size else 0.0
        worst = float(np.nanmax(self.vif)) if np.isfinite(self.vif).any() else 1.0
        told = {
            "columns": len(self.names),
            "pairs": self.pairs.tested,
            "rows used": self.used,
            "strongest": round(strongest, 4),
        }
        return {
            **told,
            "strong pairs": int(self.strong.sum()),
            "largest vif": round(worst, 2),
            "condition number": round(self.condition, 1),
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
        told = {
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
            told |= {"xi": self.xi[0], "xi_noise95": self.xi[1]}
        if self.settings.mutual_information:
            told |= {"mutual_information": self.information[0], "information_noise95": self.information[1]}
        return pd.DataFrame(told)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Strong pairs, columns that others tell, columns that are missing together; worst first."""
        strong: dict[tuple[str, ...], Finding] = {}
        for place in np.flatnonzero(self.strong)[: 20 * SHOWN]:
            found = self._strong_pair(int(place))
            # of several columns that a copy repeats, the one it is nearest to
            strong.setdefault(found.columns, found)
        return ranked([*list(strong.values())[:SHOWN], *self._collinear(), *self._missing()])

    def _strong_pair(self, place: int) -> Finding:
        """A strong pair. Of two columns that say the same, it names the later one alone, which can be left
        out.
        """
        pairs = self.pairs
        left, right = self.names[pairs.left[place]], self.names[pairs.right[place]]
        measure = "Spearman's correlation" if pairs.kind[place] == NUMERIC else "Cramér's V"
        value, size = float(pairs.value[place]), float(np.fmax(abs(pairs.value[place]), pairs.eta[place]))
        if size > abs(value):
            measure, value = "the correlation ratio of the ranks", size
        telling = self.target in (left, right)
        feature = left if right == self.target else right
        copy = not telling and size >= NEAR
        return Finding(
            code="strong_association",
            title=_sentence(f"{self._called(left)} and {self._called(right)} go together")
            + f": {measure} is {value:.3f} over {int(pairs.n[place]):,} rows.",
            severity="info" if telling else "warning",
            score=min(1.0, size),
            value=value,
            limit=self.settings.strong,
            noise=float(pairs.noise[place]),
            columns=(right,) if copy else (left, right),
            action="omit" if copy else "",
            n=int(pairs.n[place]),
            fix=f"data = data.drop(columns=[{feature!r}])",
            why="A column that tells the target almost exactly is either the answer or a leak."
            if telling
            else (
                "Two columns that say the same share one effect between them: importances and coefficients "
                "split at random."
            ),
            suggestion=f"Ask whether {feature!r} is known before the target is; see Leakage."
            if telling
            else f"Keep the one you understand better, say {left!r}.",
        )

    def _called(self, name: str) -> str:
        return f"whether {name!r} has a value" if name in self.ticks else repr(name)

    def _collinear(self) -> list[Finding]:
        limit = max(5.0, self.vif_noise)
        hit = np.flatnonzero(self.vif >= limit)
        if not hit.size or self.used < MIN_ROWS:
            return []
        hit = hit[np.argsort(-self.vif[hit], kind="stable")]
        worst = float(self.vif[hit[0]])
        told = "exactly" if np.isinf(worst) else f"up to a variance inflation of {worst:.1f}"
        names = tuple(self.numeric[place] for place in hit)
        aliases = [self.numeric[place] for place in hit if np.isinf(self.vif[place])]
        return [
            Finding(
                code="collinear",
                title="Other columns tell "
                f"{names[0]!r}{f' and {len(names) - 1} more numeric columns' if len(names) > 1 else ''}, "
                f"{told}.",
                severity="warning" if worst >= 10 else "info",
                score=1.0 - 1.0 / worst,
                value=worst,
                limit=limit,
                noise=self.vif_noise,
                columns=names,
                n=self.used,
                fix=f"data = data.drop(columns={aliases or [names[0]]!r})",
                why="Coefficients of a linear model on them are unstable; predictions and trees do not mind.",
                suggestion="Advice, not a verdict: if you read "
                "coefficients, drop or combine columns, or use a "
                "penalty (Ridge).",
            )
        ]

    def _missing(self) -> list[Finding]:
        return [
            Finding(
                code="co_missing",
                title=f"{len(names)} columns are missing together: "
                f"{', '.join(map(repr, names[:4]))}{' …' if len(names) > 4 else ''} "
                f"(phi {phi:.2f}, {len(rows):,} rows lack all of them).",
                severity="info",
                score=min(1.0, phi),
                value=phi,
                limit=0.8,
                columns=names,
                rows=rows,
                n=self.rows_of_all,
                fix=f"data['missing together'] = data[{list(names)!r}].isna().all(axis=1)",
                why="Values that go missing together have one cause, such as a form that was not filled in.",
                suggestion="Treat them as one question: one indicator column "
                "says it all, and imputing each alone "
                "invents data.",
            )
            for names, phi, rows in self.together
        ]


def association(dataset: Dataset, settings: AssociationSettings, progress: Progress) -> AssociationResult:
    """Compare every pair of columns. See docs/methods/association.md for the measures and their sources."""
    barred = {dataset.roles.id, dataset.roles.weight}
    names = settings.columns or tuple(
        c.name for c in dataset.columns if c.kind in COMPARED and c.name not in barred
    )
    rows = sampled(dataset, names, _limit(dataset, names, settings), settings.seed, progress.part(0.0, 0.1))
    columns = ready(dataset, names, rows, settings.levels, progress.part(0.1, 0.4))
    pairs, cross = relate(columns.numbers, columns.groups, settings.pairs, progress.part(0.4, 0.8))
    progress.at(0.8, "Comparing missing values")
    numeric = tuple(names[place] for place in columns.numbers.places)[:_VIF_COLUMNS]
    inflation = collinearity(cross[:_VIF_COLUMNS, :_VIF_COLUMNS])
    used = dataset.rows if rows is None else int(rows.size)
    return AssociationResult(
        settings=settings,
        names=names,
        target=dataset.roles.target,
        rows_of_all=dataset.rows,
        used=used,
        pairs=pairs,
        numeric=numeric,
        vif=inflation.vif,
        vif_noise=vif_noise(used, len(numeric), 1 - 0.01 / max(1, len(numeric))),
        condition=inflation.condition,
        together=_together(dataset, progress.part(0.8, 0.85)),
        xi=_xi(dataset, names, pairs, settings.seed, progress.part(0.85, 0.95))
        if settings.xi
        else np.zeros((2, 0)),
        information=_information(columns, pairs, progress.part(0.95, 1.0))
        if settings.mutual_information
        else np.zeros((2, 0)),
        ticks=columns.ticks,
        notes=_notes(dataset, settings, columns, pairs, used),
    )


def _limit(dataset: Dataset, names: Sequence[str], settings: AssociationSettings) -> int:
    """The number of rows that bounds both memory (rows x columns) and work (rows x contingency tables)."""
    numeric = sum(dataset[name].kind in ("numeric", "datetime") for name in names)
    levels = len(names) - numeric
    tables = max(1, levels * numeric + levels * (levels - 1) // 2)
    return max(1_000, min(settings.sample, _CELLS // max(1, len(names)), _COUNTED // tables))


def _together(dataset: Dataset, progress: Progress) -> tuple[tuple[tuple[str, ...], float, RowSet], ...]:
    """Sets of columns missing together: names, least phi, and the rows that lack all of them. Over all
    rows.
    """
    gaps = {}
    for name in progress.each(dataset.names, "Comparing missing values"):
        column = dataset.table([name]).column(0)
        if column.null_count:
            gaps[name] = np.asarray(column.is_null())
    names, masks = list(gaps), list(gaps.values())
    return tuple(
        (
            tuple(names[j] for j in one.columns),
            one.phi,
            RowSet.from_mask(np.logical_and.reduce([masks[j] for j in one.columns])),
        )
        for one in co_missing(masks)
    )


def _xi(dataset: Dataset, names: Sequence[str], pairs: Pairs, seed: int, progress: Progress) -> Floats:
    """Xi of the first pairs of numbers, on a few thousand rows in the order of their content."""
    wanted = np.flatnonzero(pairs.kind == NUMERIC)[:_XI_PAIRS]
    made = np.full((2, pairs.kind.size), np.nan)
    if wanted.size:
        keys = keyed(row_hashes(dataset, names), seed)
        rows = np.argsort(keys, kind="stable")[:_XI_ROWS]
        places = sorted({*pairs.left[wanted].tolist(), *pairs.right[wanted].tolist()})
        columns = [floats(dataset.table([names[place]]).column(0).take(rows)) for place in places]
        made[:, wanted] = xi(
            columns,
            np.searchsorted(places, np.stack([pairs.left[wanted], pairs.right[wanted]], axis=1)),
            progress,
        )
    return made


def _information(columns: Ready, pairs: Pairs, progress: Progress) -> Floats:
    codes = columns.groups | columns.numbers.codes
    places = sorted(codes)
    wanted = np.searchsorted(places, np.stack([pairs.left, pairs.right], axis=1))
    return information([codes[place] for place in places], wanted, progress)


def _notes(
    dataset: Dataset, settings: AssociationSettings, columns: Ready, pairs: Pairs, used: int
) -> tuple[str, ...]:
    told = []
    if used < dataset.rows:
        off = 1.96 * np.sqrt((1 - used / dataset.rows) / used)
        told.append(
            f"From {used:,} of {dataset.rows:,} rows, drawn by their content: rank correlations are "
            f"within {off:.4f} of those over all "
            "rows, 19 times in 20; noise lines and q-values are those of the rows used. Missing values "
            "are compared over all rows."
        )
    if pairs.tested > pairs.left.size:
        told.append(
            f"The {pairs.left.size:,} strongest of {pairs.tested:,} pairs are shown; q counts all of them."
        )
    if len(columns.numbers.places) > _VIF_COLUMNS:
        told.append(f"Variance inflation is worked out for the first {_VIF_COLUMNS} numeric columns.")
    if settings.xi:
        told.append(
            f"Xi rests on at most {_XI_ROWS:,} rows and is given for at most {_XI_PAIRS:,} pairs of numbers."
        )
    if columns.ticks:
        told.append(
            f"Compared by whether there is a value, being of one value and gaps: {_listed(columns.ticks)}."
        )
    unlike = [name for name in dataset.names if name not in columns.names]
    if unlike and not settings.columns:
        told.append(f"Not compared, being identifiers, free text, images or weights: {_listed(unlike)}.")
    for reason in sorted({reason for _, reason in columns.left_out}):
        told.append(
            f"Not compared, as each {reason}: "
            f"{_listed([name for name, why in columns.left_out if why == reason])}."
        )
    return tuple(told)


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def _listed(names: Sequence[str], most: int = 8) -> str:
    return ", ".join(map(repr, names[:most])) + (
        f" and {len(names) - most} more" if len(names) > most else ""
    )


ANALYSIS = Analysis(
    "Association",
    "Which columns go together?",
    "explore/profile",
    association,
    tab="Relations",
    icon="hub",
    place=20,
)
