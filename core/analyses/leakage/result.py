"""What leaks, and how well each column predicts the target by itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.analyses.leakage.strength import Floats
from core.analysis import NO_TARGET, Found
from core.finding import Finding
from core.phrases import count, name, number, score

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class LeakageResult(Found):
    """What leaks, and how well each column predicts the target.

    names: the judged columns. aside: those of them, measured of images, that are called no leak, as Issues
        says which predict the target.
    scores: of each the single-feature AUC (classes) or R² of ranks (numbers); NaN where it cannot be judged.
    noise: the noise floor of each; NaN where chance was not measured.
    class_scores, class_names: of each the largest AUC of one class against the rest, and that class; NaN and
        "" where there are two classes or numbers.
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
        at = at_the_limit(self.names, self.scores, self.found, self.limits[0], self.aside)
        if not at:
            return super().calm
        most = max(at, key=lambda place: float(self.scores[place]))
        who = name(self.names[most]) + (f" and {len(at) - 1:,} more" if len(at) > 1 else "")
        reached = ("up to " if len(at) > 1 else "") + score(float(self.scores[most]))
        return (
            f"No column surely leaks, but {who} may: {reached} where the limit is {number(self.limits[0])}, "
            f"and {count(self.judged, 'row')} are too few to be sure"
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


def at_the_limit(
    names: Sequence[str], scores: Floats, found: Iterable[Finding], limit: float, aside: Sequence[str]
) -> list[int]:
    """The columns (places among ``names``) that reach the limit and are called no leak: other rows may put
    them below it. aside: columns that are called none in any case.
    """
    called = {column for finding in found for column in finding.named} | set(aside)
    return [place for place in np.flatnonzero(scores >= limit).tolist() if names[place] not in called]
