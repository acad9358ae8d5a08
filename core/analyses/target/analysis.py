"""How each column relates to the target, how well a quick model predicts it, and what would help a linear
model.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from core.analyses.target.findings import (
    RELATED,
    TELLING,
    Single,
    named_by_numbers,
    near_perfect,
    no_gain,
    suggested,
)
from core.analyses.target.labelled import CLASSES, Targeted, content_folds, targeted, whole_numbers
from core.analyses.target.model import Interval, ModelQuality, TargetProblem, quality
from core.analyses.target.notes import IMPORTANT, fitted_rows, notes_of
from core.analyses.target.relations import Relation, overall, relations_of
from core.analyses.target.settings import TargetSettings
from core.analyses.target.suggestions import TRIED_ROWS, suggestions_of, tame
from core.analyses.target.transforms import Suggestion
from core.analysis import NO_TARGET, Analysis, Result
from core.dataset import Dataset
from core.finding import Finding, ranked
from core.numerics.association import Floats
from core.numerics.folds import FOLDS, Fold
from core.phrases import name
from core.prepare.constant_target import OTHERS, constant_target
from core.progress import Progress
from core.workers import one_thread

if TYPE_CHECKING:
    import pandas as pd

MODEL_ROWS = 100  # rows below which no model is fitted
MIN_CLASS = 10  # rows of the second largest class below which no model is fitted


@dataclass(frozen=True, eq=False)
class TargetResult(Result):
    """How the columns relate to the target.

    target: its name.
    classes: most frequent first, () for numbers.
    used: rows looked at.
    overall: `Relation.value` over all rows (k).
    whole: how many whole numbers the target holds, 0 unless they are so few that they may name classes.
    relations: strongest first.
    quality: of the quick model, or None.
    important: the columns of ``quality.importance``.
    suggestions: with column names.
    constant: the finding that the target has fewer than two values, so that nothing can be predicted.
    measured: the columns that loading measured of images.
    obstacle: why the model, or the suggestions, that were asked for could not be made; "" where they were.
    """

    target: str = ""
    classes: tuple[str, ...] = ()
    used: int = 0
    overall: Floats = field(default_factory=lambda: np.zeros(0))
    whole: int = 0
    relations: tuple[Relation, ...] = ()
    quality: ModelQuality | None = None
    important: tuple[str, ...] = ()
    suggestions: tuple[tuple[tuple[str, ...], Suggestion], ...] = ()
    constant: Finding | None = None
    measured: tuple[str, ...] = ()
    obstacle: str = ""

    @property
    def unchecked(self) -> str:
        """That nothing can be predicted, and what to do, where the target does not vary; else why no model
        was fitted.
        """
        if self.constant is None:
            return f"No quick model was fitted: {self.obstacle}." if self.obstacle else ""
        return f"Nothing can be predicted: {name(self.target)} has fewer than two values. {OTHERS}"

    @property
    def wants_target(self) -> bool:
        """Whether another target would mend what could not be done."""
        return super().wants_target or self.constant is not None

    @property
    def calm(self) -> str:
        """The column that alone says much of the target, where one does, as it may leak it; and that no model
        was fitted, where none was: then nothing is known of the columns together.
        """
        of_images = self.relations and all(one.column in self.measured for one in self.relations)
        what = "what is measured of images" if of_images else "single columns"
        said = super().calm if self.quality else f"No quick model was fitted; of {what} nothing stands out"
        one = self._strongest
        if one is None or one.effect.value < TELLING or one.column in self.measured:
            return said
        much = (
            f"{name(one.column)} alone says much of the target (effect {one.effect.value:.2f}), see Leakage"
        )
        return much if self.quality else f"No quick model was fitted; {much}"

    @property
    def _strongest(self) -> Relation | None:
        """The strongest of the columns that relate to the target."""
        return next((one for one in self.relations if one.q < RELATED), None)

    @property
    def nbytes(self) -> int:
        """Rough size in memory, in bytes."""
        return 8192 + sum(500 + 4 * one.value.nbytes for one in self.relations)

    @property
    def summary(self) -> dict[str, float | int | str]:
        """The strongest of the columns that relate to the target ("" and 0 where none does), and what the
        quick model saves of the trivial model's loss, with its interval; beside it RMSE (numbers), AUC (two
        classes) or accuracy (more), each with that of the trivial model.
        """
        strongest = self._strongest
        summary: dict[str, float | int | str] = {
            "target": self.target,
            "kind": "class" if self.classes else "number",
            "rows_used": self.used,
            "columns": len(self.relations),
            "strongest_column": strongest.column if strongest else "",
            "strongest_effect": round(strongest.effect.value, 4) if strongest else 0.0,
            "suggestions": len(self.suggestions),
        }
        if self.quality is None:
            return summary
        skill, plain = self.quality.skill, self.quality.plain
        measure = {0: "rmse", 2: "auc"}.get(len(self.classes), "accuracy")
        return summary | {
            "skill": round(skill.value, 4),
            "skill_low": round(skill.low, 4),
            "skill_high": round(skill.high, 4),
            measure: round(plain.value, 4),
            f"{measure}_trivial": round(self.quality.plain_trivial, 4),
            "loss": round(self.quality.model, 4),
            "loss_trivial": round(self.quality.trivial, 4),
        }

    @property
    def shown_classes(self) -> tuple[str, ...]:
        """The classes whose rates are given: all, or the rarer of two; () for numbers."""
        return self.classes if len(self.classes) > 2 else self.classes[1:]

    def best_class(self, column: str) -> str:
        """The class whose rate differs most over the bins of a column, in standard deviations; "" for numbers
        and unknown columns.
        """
        one = next((relation for relation in self.relations if relation.column == column), None)
        if one is None or not self.shown_classes:
            return ""
        spread = np.maximum(self.overall * (1 - self.overall), 1e-12)
        between = (one.rows[:, None] * (one.value - self.overall) ** 2).sum(axis=0) / spread
        return self.shown_classes[int(np.argmax(between))]

    def frame(self) -> pd.DataFrame:
        """One line per column, strongest first: ``column, kind, effect, noise95, n, q, importance,
        importance_low, importance_high``.
        """
        import pandas as pd

        known = dict(zip(self.important, self.quality.importance, strict=True)) if self.quality else {}
        none = Interval(float("nan"), float("nan"), float("nan"))
        lines = [
            (
                one.column,
                one.kind,
                one.effect.value,
                one.effect.noise,
                one.effect.n,
                one.q,
                *known.get(one.column, none),
            )
            for one in self.relations
        ]
        names = [
            "column",
            "kind",
            "effect",
            "noise95",
            "n",
            "q",
            "importance",
            "importance_low",
            "importance_high",
        ]
        return pd.DataFrame(lines, columns=names)

    def bins(self, column: str) -> pd.DataFrame:
        """The target over the bins or levels of one column: ``bin, class, rows, value, low, high``; empty for
        an unknown column.
        """
        import pandas as pd

        shown = self.shown_classes or ("",)
        lines = [
            (label, level, int(one.rows[b]), one.value[b, k], one.low[b, k], one.high[b, k])
            for one in self.relations
            if one.column == column
            for b, label in enumerate(one.labels)
            for k, level in enumerate(shown)
        ]
        return pd.DataFrame(lines, columns=["bin", "class", "rows", "value", "low", "high"])

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """A target that does not vary or may be misread, a model that gains nothing or knows all, and the
        suggestions.
        """
        kinds, rows = {one.column: one.kind for one in self.relations}, min(self.used, TRIED_ROWS)
        helpful = [suggested(columns, one, kinds, rows) for columns, one in self.suggestions]
        singles = [Single(one.column, one.effect, one.q) for one in self.relations]
        model = self.quality
        weak = no_gain(self.target, model.skill, singles, model.rows, self.measured) if model else None
        easy = near_perfect(self.target, model.skill, singles, model.rows, self.measured) if model else None
        odd = named_by_numbers(self.target, self.whole, CLASSES, self.used) if self.whole else None
        return ranked([*helpful, *(one for one in (weak, easy, odd, self.constant) if one)])


def target(dataset: Dataset, settings: TargetSettings, progress: Progress) -> TargetResult:
    """Relate every column to the target. See docs/methods/target.md. Raises `TooSmallError` when there is too
    little to go by.
    """
    wanted = settings.target or dataset.roles.target or ""
    progress.at(0.0, "Reading the target")
    if not wanted:
        return TargetResult(settings=settings, status=NO_TARGET)
    constant = constant_target(dataset, wanted)
    if constant is not None:
        return TargetResult(settings=settings, target=wanted, constant=constant)
    read = targeted(
        dataset, wanted, settings.columns, settings.sample, settings.seed, progress.part(0.0, 0.1)
    )
    relations = relations_of(dataset, read, settings.bins, progress.part(0.1, 0.2))
    order = [read.names.index(one.column) for one in relations]
    fold = content_folds(dataset, read, settings.seed)
    obstacle = _obstacle(read, fold)
    fitted: ModelQuality | None = None
    suggestions: tuple[tuple[tuple[str, ...], Suggestion], ...] = ()
    shown = np.array(order[:IMPORTANT], dtype=np.int64)
    if settings.model and not obstacle:
        fitted = quality(_problem(read, fold), shown, settings.seed, progress.part(0.2, 0.7))
    if settings.suggest and not obstacle:
        own = [j for j in order if read.names[j] not in dataset.measured]
        with one_thread():  # many small products
            suggestions = suggestions_of(read, own, fold, settings.seed, progress.part(0.7, 1.0))
    return TargetResult(
        settings=settings,
        target=wanted,
        classes=read.classes,
        used=int(read.rows.size),
        overall=overall(read),
        whole=whole_numbers(dataset, read),
        relations=relations,
        quality=fitted,
        important=tuple(read.names[j] for j in shown) if fitted else (),
        suggestions=suggestions,
        notes=notes_of(dataset, settings, read, obstacle),
        measured=tuple(one for one in read.names if one in dataset.measured),
        obstacle=obstacle if settings.model or settings.suggest else "",
    )


def _problem(read: Targeted, fold: Fold) -> TargetProblem:
    """What the quick model is given: the first rows, a sample, as rows stand in the order of their keys."""
    some = slice(0, fitted_rows(read))
    levels = np.array([bool(one) for one in read.levels])
    return TargetProblem(read.matrix[some], levels, tame(read.target[some]), len(read.classes), fold[some])


def _obstacle(read: Targeted, fold: Fold) -> str:
    """Why no model can be fitted, or ""."""
    if read.rows.size < MODEL_ROWS:
        return f"that takes at least {MODEL_ROWS} rows with a known target"
    if read.classes and int(np.sort(np.bincount(read.target))[-2]) < MIN_CLASS:
        return f"the second largest class has fewer than {MIN_CLASS} rows"
    if int(np.bincount(fold, minlength=FOLDS).min()) < MIN_CLASS:
        return f"the rows cannot be split into {FOLDS} folds: too few groups or too many equal rows"
    return ""


ANALYSIS = Analysis(
    "Target",
    "How does each column relate to the target?",
    "explore/profile",
    target,
    icon="ads_click",
    place=30,
    needs="target",
    apart=True,
)
