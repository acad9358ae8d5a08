"""Which columns know the answer, and which rows stand on both sides of the split.

Column by column: one column that nearly gives the target by itself, one value whose rows all have one class,
gaps that give the target away, columns that are dead where the target is known. Across train and serve: the
same rows, the same groups, the wrong order in time. What each check means and where its limits come from is
in docs/methods/leakage.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.analyses.leakage.across_parts import across_parts
from core.analyses.leakage.columns import dead, judged, weighed
from core.analyses.leakage.maths import Floats
from core.analyses.leakage.sample import FEWEST, Judge, Rule, judge_of, noise
from core.analysis import Analysis, Found, Status
from core.dataset import Dataset
from core.finding import ranked
from core.prepare.hashes import row_hashes
from core.progress import Progress
from core.settings import Settings, column, columns, knob

if TYPE_CHECKING:
    import pandas as pd

DRAWN = ("numeric", "category", "boolean", "datetime", "text", "identifier")


@dataclass(frozen=True)
class LeakageSettings(Settings):
    """What to look at, and from which score on a column is doubted."""

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
        "AUC, or share of variance, that one column must reach alone to be listed.",
        0.6,
        1.0,
    )
    critical: float = knob(
        0.98,
        "Critical from",
        "AUC, or share of variance, from which one column is called critical.",
        0.6,
        1.0,
    )
    seed: int = knob(0, "Seed", "Seed of the sample, the folds and the shuffles.", 0, 2**31 - 1)


@dataclass(frozen=True, eq=False)
class LeakageResult(Found):
    """``names``, ``scores``, ``noise``: each judged column, what it tells of the target alone and what it
    would by chance (AUC for classes, share of variance for numbers; NaN where it cannot be judged). ``kind``:
    "class", "number" or "" without a target."""

    names: tuple[str, ...]
    scores: Floats
    noise: Floats
    target: str
    kind: str
    judged: int
    limits: tuple[float, float]

    @property
    def summary(self) -> dict[str, float | int | str]:
        """Counts of leaks by weight, and the strongest single column."""
        known = np.nan_to_num(self.scores, nan=-1.0)
        best = int(known.argmax()) if known.size else -1
        return {
            "critical": sum(f.severity == "critical" for f in self.found),
            "warnings": sum(f.severity == "warning" for f in self.found),
            "columns_judged": int(np.isfinite(self.scores).sum()),
            "rows_judged": self.judged,
            "strongest_column": self.names[best] if best >= 0 else "",
            "strongest_score": float(known[best]) if best >= 0 and known[best] >= 0 else 0.0,
        }

    def frame(self) -> pd.DataFrame:
        """``column,check,score,severity,why``: one line per finding, worst first; no column where a check is
        about rows.
        """
        import pandas as pd

        lines = [
            (f.columns[0] if len(f.columns) == 1 else "", f.code, f.score, f.severity, f.title)
            for f in self.found
        ]
        return pd.DataFrame(lines, columns=["column", "check", "score", "severity", "why"])


def leakage(dataset: Dataset, settings: LeakageSettings, progress: Progress) -> LeakageResult:
    """Judge every column by itself against the target, then the two parts against each other.

    Raises `ColumnError` for a target that is neither classes nor numbers.
    """
    progress.at(0.0, "Hashing rows")
    target = settings.target or dataset.roles.target or ""
    names = tuple(name for name in settings.columns or _candidates(dataset) if name != target)
    found = across_parts(dataset, target, settings.seed, progress.part(0.0, 0.2))
    rule = Rule(settings.warn, settings.critical, len(names), settings.seed)
    hashes = row_hashes(dataset, progress=progress.part(0.2, 0.3)) if target else np.zeros(0, np.uint64)
    judge = judge_of(dataset, target, hashes, rule) if target else None
    scores, chance = np.full(len(names), np.nan), np.full(len(names), np.nan)
    for place, name in enumerate(progress.part(0.3, 1.0).each(names if target else (), "Judging columns")):
        values = dataset.table([name]).column(0)
        found += dead(dataset, name, values, target)
        if judge is None:
            continue
        strength, leaks = judged(judge, dataset, name, values.take(judge.rows))
        found += leaks
        if strength is not None:
            scores[place], chance[place] = np.clip(strength.score, 0.0, 1.0), noise(strength, judge.gate)
    if judge is not None:
        found = weighed(judge, found, names, scores)
    kind = "" if judge is None else "class" if judge.is_class else "number"
    return LeakageResult(
        settings=settings,
        notes=_said(dataset, target, judge),
        status=Status()
        if target or len(dataset.parts) > 1
        else Status("skipped", "Choose a target column, or give a serve part, to look for leakage."),
        found=ranked(found),
        names=names,
        scores=scores,
        noise=chance,
        target=target,
        kind=kind,
        judged=0 if judge is None else judge.rows.size,
        limits=(settings.warn, settings.critical),
    )


def _said(dataset: Dataset, target: str, judge: Judge | None) -> tuple[str, ...]:
    if not target:
        return ("Without a target, only what train and serve share can be checked.",)
    if judge is None:
        return (f"Fewer than {FEWEST} train rows have a known {target!r}: columns are not judged by it.",)
    if judge.rows.size < judge.labelled:
        chosen = "chosen by their content; the rarer a class, the more of its rows are kept"
        return (
            f"Columns are judged on {judge.rows.size:,} of {judge.labelled:,} rows with a known target, "
            f"{chosen}.",
        )
    return ()


def _candidates(dataset: Dataset) -> tuple[str, ...]:
    barred = {dataset.roles.target, dataset.roles.id, dataset.roles.weight}
    return tuple(name for name in dataset.of_kind(*DRAWN) if name not in barred)


ANALYSIS = Analysis("Leakage", "Which columns or rows give the answer away?", "explore/profile", leakage)
