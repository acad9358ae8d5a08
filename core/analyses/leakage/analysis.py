"""Which columns know the target before a model could, and which rows stand in both parts.

Column by column: a column that nearly predicts the target, or one of its classes, on its own; a value whose
rows all have one class; gaps that give the target away; columns that are constant where the target is known.
Across train and serve: the same rows, the same groups, the wrong order in time. What each check means and
where its limits come from is in docs/methods/leakage.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.analyses.leakage.across_parts import across_parts
from core.analyses.leakage.columns import ColumnStrength, constant_on_labelled, judged
from core.analyses.leakage.findings import Leak, of_measure, together
from core.analyses.leakage.in_common import weighed
from core.analyses.leakage.interpolated import interpolated
from core.analyses.leakage.sample import FEWEST, ClassTarget, Judge, JudgeRule, judge_of, noise, valid
from core.analyses.leakage.strength import Floats
from core.analysis import NO_TARGET, Analysis, Found, Status
from core.dataset import Dataset
from core.finding import Finding, ranked
from core.phrases import count, name, number, verb
from core.phrases import names as column_names
from core.prepare.constant_target import target_lacks
from core.prepare.hashes import row_hashes
from core.prepare.images_judged import judged_by_label
from core.progress import Progress
from core.settings import Settings, column, columns, knob

if TYPE_CHECKING:
    import pandas as pd

DRAWN = ("numeric", "category", "boolean", "datetime", "text", "identifier")


_TOLD = 5  # columns named in a note


@dataclass(frozen=True)
class LeakageSettings(Settings):
    """What to look at, and from which score on a column is listed."""

    target: str = column(
        "Target",
        "The column to predict; the target role by default.",
        ["category", "boolean", "numeric"],
        role="target",
    )
    columns: tuple[str, ...] = columns(
        "Columns", "Columns to judge; all but target, id and weight by default.", DRAWN
    )
    warn: float = knob(
        0.90,
        "Warn from",
        "Single-feature AUC (or R² of ranks, for a target of numbers) from which a column is listed.",
        0.6,
        1.0,
    )
    critical: float = knob(
        0.98,
        "Critical from",
        "The same from which a column is called critical; also the AUC from which one class of several "
        "counts by itself.",
        0.6,
        1.0,
    )
    seed: int = knob(0, "Seed", "Seed of the sample, the folds and the permutations.", 0, 2**31 - 1)


@dataclass(frozen=True, eq=False)
class LeakageResult(Found):
    """What leaks, and how well each column predicts the target.

    names: the judged columns. aside: those of them, measured of images, that are called no leak, as Issues
        says which predict the target.
    scores: of each the single-feature AUC (classes) or R² of ranks (numbers); NaN where it cannot be judged.
    noise: the noise floor of each; NaN where chance was not measured.
    class_scores, class_names: of each the largest AUC of one class against the rest, and that class; NaN and
    ""
        where there are two classes or numbers.
    target: its name; "" without one.
    kind: "class", "number" or "" without a target.
    judged: rows that columns are judged on.
    limits: scores from which a column is listed, and called critical.
    lacks: what is wrong with a target that does not vary, and what to do; "" else.
    """

    names: tuple[str, ...]
    aside: tuple[str, ...]
    scores: Floats
    noise: Floats
    class_scores: Floats
    class_names: tuple[str, ...]
    target: str
    kind: str
    judged: int
    limits: tuple[float, float]
    lacks: str

    @property
    def summary(self) -> dict[str, float | int | str]:
        """Counts of leaks by severity, and the strongest single column."""
        known = np.nan_to_num(self.scores, nan=-1.0)
        best = int(known.argmax()) if known.size else -1
        return {
            "critical": sum(f.severity == "critical" for f in self.found),
            "warnings": sum(f.severity == "warning" for f in self.found),
            "columns_judged": int(np.isfinite(self.scores).sum()),
            "rows_judged": self.judged,
            "strongest_column": self.names[best] if best >= 0 and known[best] >= 0 else "",
            "strongest_score": float(known[best]) if best >= 0 and known[best] >= 0 else 0.0,
        }

    @property
    def unchecked(self) -> str:
        """That columns were not checked: there is no target, too few rows know it, or none can be judged."""
        if not self.target:
            return f"Columns were not checked. {NO_TARGET.reason}"
        if self.lacks:
            return f"Columns were not checked: {self.lacks}"
        if not self.kind:
            return "Columns were not checked."
        if np.isfinite(self.scores).any():
            return ""
        return f"Columns were not checked: none but {name(self.target)} varies."

    @property
    def wants_target(self) -> bool:
        """Whether another target would mend what was not checked."""
        return super().wants_target or not self.target or bool(self.lacks)

    @property
    def calm(self) -> str:
        """That columns reach the limit all the same, where they do: so many rows do not say which side of it
        they are on.
        """
        many = len(_open(self.names, self.scores, self.found, self.limits[0], self.aside))
        if not many:
            return super().calm
        it = "it is" if many == 1 else "they are"
        return (
            f"No column surely leaks; {count(many)} {verb(many, 'stands', 'stand')} at the limit of "
            f"{number(self.limits[0])}, and {count(self.judged, 'row')} cannot say whether {it} beyond it"
        )

    def frame(self) -> pd.DataFrame:
        """``column,check,score,severity,why``: one line per finding, worst first; no column where a check is
        about rows or several columns, but the strongest of those that each predict the target.
        """
        import pandas as pd

        lines = [
            (
                f.columns[0] if len(f.columns) == 1 or f.code == "single_feature" else "",
                f.code,
                f.score,
                f.severity,
                f.title,
            )
            for f in self.found
        ]
        return pd.DataFrame(lines, columns=["column", "check", "score", "severity", "why"])


def leakage(dataset: Dataset, settings: LeakageSettings, progress: Progress) -> LeakageResult:
    """Judge every column by itself against the target, then the two parts against each other.

    Raises `ColumnError` for a target that is neither classes nor numbers.
    """
    progress.at(0.0, "Hashing rows")
    target = settings.target or dataset.roles.target or ""
    names = tuple(one for one in settings.columns or _candidates(dataset) if one != target)
    across = across_parts(dataset, target, settings.seed, progress.part(0.0, 0.15))
    across += interpolated(dataset, target, settings.seed, progress.part(0.15, 0.2))
    rule = JudgeRule(settings.warn, settings.critical, len(names), settings.seed)
    hashes = row_hashes(dataset, progress=progress.part(0.2, 0.3)) if target else np.zeros(0, np.uint64)
    judge = judge_of(dataset, target, hashes, rule) if target else None
    labelled = valid(dataset.table([target]).column(0)) if target else np.zeros(0, bool)
    leaks: list[Leak] = []
    columns: list[ColumnStrength] = []
    for feature in progress.part(0.3, 1.0).each(names if target else (), "Judging columns"):
        values = dataset.table([feature]).column(0)
        leaks += constant_on_labelled(dataset, feature, values, labelled)
        if judge is not None:
            columns.append(judged(judge, dataset, feature, values.take(judge.rows)))
            leaks += columns[-1].leaks
    scores, floors = _scores(columns, len(names), rule.gate)
    words = judge.target.words if judge is not None else ()
    class_scores, class_names = _best_classes(columns, len(names), words)
    measured = tuple(one for one in names if one in dataset.measured)
    aside = tuple(one for one in judged_by_label(dataset, target) if one in names)
    leaks = _leaks(judge, leaks, names, scores, columns, measured, aside)
    found = ranked([*across, *(leak.finding for leak in leaks)])
    notes = _notes(target, judge, len(dataset.parts) > 1) + _of_images(aside, target)
    above = _open(names, scores, found, settings.warn, aside)
    return LeakageResult(
        settings=settings,
        notes=notes + _not_surely(names, scores, above, settings.warn),
        status=_status(dataset, target),
        found=found,
        names=names,
        aside=aside,
        scores=scores,
        noise=floors,
        class_scores=class_scores,
        class_names=class_names,
        target=target,
        kind=_kind(judge),
        judged=0 if judge is None else judge.rows.size,
        limits=(settings.warn, settings.critical),
        lacks=target_lacks(dataset, target) if target else "",
    )


def _leaks(
    judge: Judge | None,
    leaks: Sequence[Leak],
    names: Sequence[str],
    scores: Floats,
    columns: Sequence[ColumnStrength],
    measured: Sequence[str],
    aside: Sequence[str],
) -> list[Leak]:
    """The leaks, without those of columns set ``aside``; what many columns share is one note. Those that are
    measured of images, of which several say the same, are told apart from the others, and never as an easy
    task.
    """
    found: list[Leak] = []
    for ours in (False, True):
        places = [at for at, one in enumerate(names) if one not in aside and (one in measured) == ours]
        some = [names[at] for at in places]
        mine = [leak for leak in leaks if leak.column in some]
        alone = [leak for leak in mine if ours and leak.code == "single_feature"]
        mine = [leak for leak in mine if leak not in alone]
        if judge is not None:
            known = np.full(len(some), np.nan) if ours else scores[places]
            mine = weighed(judge, mine, some, known, [columns[at].classes for at in places])
        found += map(of_measure, [*together(alone), *mine]) if ours else mine
    return found


def _scores(columns: Sequence[ColumnStrength], count: int, gate: float) -> tuple[Floats, Floats]:
    """Of each column its score and its noise floor; NaN where it was not judged."""
    scores, floors = np.full(count, np.nan), np.full(count, np.nan)
    for place, one in enumerate(columns):
        if one.strength is not None:
            scores[place] = np.clip(one.strength.score, 0.0, 1.0)
            floors[place] = noise(one.strength, gate)
    return scores, floors


def _best_classes(
    columns: Sequence[ColumnStrength], count: int, words: tuple[str, ...]
) -> tuple[Floats, tuple[str, ...]]:
    """Of each column the largest AUC of one class against the rest, and that class; NaN and "" where none."""
    areas, names = np.full(count, np.nan), [""] * count
    for place, one in enumerate(columns):
        if one.classes:
            best = max(one.classes, key=lambda target: (one.classes[target], -target))
            areas[place], names[place] = one.classes[best], words[best]
    return areas, tuple(names)


def _kind(judge: Judge | None) -> str:
    if judge is None:
        return ""
    return "class" if isinstance(judge.target, ClassTarget) else "number"


def _status(dataset: Dataset, target: str) -> Status:
    """Skipped where there is nothing to check: no target, and one part only."""
    if target or len(dataset.parts) > 1:
        return Status()
    return NO_TARGET


def _notes(target: str, judge: Judge | None, parted: bool) -> tuple[str, ...]:
    if not target and not parted:
        return ()
    if not target:
        return (
            "Columns were not checked: that needs a target. Only what train and serve have in common "
            "was checked.",
        )
    if judge is None:
        return (f"Columns were not checked: fewer than {FEWEST} train rows have a known {name(target)}.",)
    if judge.rows.size < judge.labelled:
        return (
            f"Columns are judged on {judge.rows.size:,} of {judge.labelled:,} rows with a known target, "
            "chosen by their content; the rarer a class, the more of its rows are kept.",
        )
    return ()


def _of_images(aside: Sequence[str], target: str) -> tuple[str, ...]:
    """That what is measured of images is judged, and is no finding here."""
    if not aside:
        return ()
    return (
        f"Measured of images: {column_names(aside, 8)}. None of these is called a leak, as there is no "
        f"column to leave out: Issues says which predict {name(target)}, and shows the images.",
    )


def _open(
    names: Sequence[str], scores: Floats, found: Iterable[Finding], limit: float, aside: Sequence[str]
) -> list[int]:
    """The columns (places among ``names``) that reach the limit and are called no leak: other rows may put
    them below it. aside: columns that are called none in any case.
    """
    called = {column for finding in found for column in finding.named} | set(aside)
    return [place for place in np.flatnonzero(scores >= limit).tolist() if names[place] not in called]


def _not_surely(names: Sequence[str], scores: Floats, above: Sequence[int], limit: float) -> tuple[str, ...]:
    """What is said of the columns that `_open` names."""
    if not above:
        return ()
    told = ", ".join(f"{name(names[place])} ({scores[place]:.3f})" for place in above[:_TOLD])
    more = f" and {len(above) - _TOLD:,} more" if len(above) > _TOLD else ""
    return (
        f"At the limit of {number(limit)}, not surely beyond it: {told}{more}. Ask when these are known.",
    )


def _candidates(dataset: Dataset) -> tuple[str, ...]:
    """All columns but target, id and weight."""
    barred = {dataset.roles.target, dataset.roles.id, dataset.roles.weight}
    return tuple(one for one in dataset.of_kind(*DRAWN) if one not in barred)


ANALYSIS = Analysis(
    "Leakage",
    "Which columns or rows give the target away?",
    "explore/profile",
    leakage,
    icon="water_drop",
    place=50,
    needs="target or two parts",
)
