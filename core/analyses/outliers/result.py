"""What `outliers` gives."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.analyses.outliers.findings import FALSE_ALARMS, Judgement, findings
from core.analysis import Result
from core.dataset import Dataset
from core.finding import Finding
from core.frozen import locked
from core.numerics.grouping import expected_rows
from core.numerics.spreading import spread

if TYPE_CHECKING:
    import pandas as pd

NAMED = 2  # columns that alone set all rows apart, up to which they are named
FEW = 50  # with fewer rows the tail that the limit is measured on is a guess


@dataclass(frozen=True, eq=False)
class OutlierResult(Result):
    """How odd each row is; arrays hold one value per row, in source order.

    evidence: float32, nats; nan for a row that is not judged, as its picture cannot be read, nor has it a
        place (``x``, ``y``).
    top: int16, rows x 3: the columns that set the row apart, most first, as positions in ``names``; -1 for
        none. They are the ones that the row's ``why`` names.
    x, y: float32, a place on a map (first two principal components).
    beyond: mask of the rows whose evidence is beyond the limit; `flagged` are those that chance does not
        explain.
    single: rows beyond it with a value that its column does not explain, of which the profile tells (ids,
        ascending).
    single_in: the columns of those values, that of the oddest row first.
    worded: the rows that there is a text of: those beyond the limit, and the oddest others (ids, ascending).
    why: one text for each of them.
    names: the columns looked at: those that rows are compared by, then those that only one part has.
    left_out: columns that do not vary.
    limit: of the evidence.
    reference: how many rows each row was compared with.
    """

    evidence: NDArray[np.float32]
    top: NDArray[np.int16]
    x: NDArray[np.float32]
    y: NDArray[np.float32]
    beyond: NDArray[np.bool_]
    single: NDArray[np.int64]
    single_in: tuple[str, ...]
    worded: NDArray[np.int64]
    why: tuple[str, ...]
    names: tuple[str, ...]
    left_out: tuple[str, ...]
    limit: float
    reference: int

    @property
    def score(self) -> NDArray[np.float64]:
        """Oddity in [0, 1], 1 is oddest: evidence / (evidence + limit), so that a row beyond the limit
        has more than 0.5.

        In the middle of the data, where the evidence of each detector is a counted rank, the order is that of
        the averaged ranks.
        """
        evidence = self.evidence.astype(np.float64)
        return np.asarray(evidence / (evidence + self.limit), dtype=np.float64)

    def spread(self, dataset: Dataset, there: NDArray[np.bool_]) -> OutlierResult:
        """The same for all rows of ``dataset``: those that are not of the mask are not judged."""
        values: dict[str, Any] = {name: spread(getattr(self, name), there) for name in ("evidence", "x", "y")}
        values |= {name: np.flatnonzero(there)[getattr(self, name)] for name in ("single", "worded")}
        top, beyond = spread(self.top, there, -1), spread(self.beyond, there, False)
        return replace(self, **values, top=top, beyond=beyond)

    @property
    def judged(self) -> NDArray[np.bool_]:
        """Mask of the rows that have a score."""
        return np.isfinite(self.evidence)

    @cached_property
    def flagged(self) -> NDArray[np.bool_]:
        """Mask of the rows that ``outliers`` names."""
        named = [one.rows for one in self.findings if one.code == "outliers"]
        return locked(named[0].mask(self.beyond.size) if named else np.zeros(self.beyond.size, bool))

    @property
    def unchecked(self) -> str:
        """That no row is flagged, where there are too few to say."""
        few = int(self.judged.sum()) < FEW
        return f"Rows are ranked, but none is flagged: there are fewer than {FEW}." if few else ""

    @property
    def summary(self) -> dict[str, float | int | str]:
        """Rows, rows flagged, rows beyond the limit and how many of these to expect on clean data at most,
        the largest score.
        """
        rows, flagged = int(self.judged.sum()), int(self.flagged.sum())
        return {
            "rows": rows,
            "columns": len(self.names),
            "flagged": flagged,
            "flagged_share": round(flagged / rows, 6) if rows else 0.0,
            "beyond_limit": int(self.beyond.sum()),
            "expected_on_clean_data": round(expected_rows(FALSE_ALARMS, rows), 1),
            "largest_score": round(float(self.score.max(initial=0.0, where=self.judged)), 4),
        }

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """``outliers`` and ``outliers_possible``, see `core.analyses.outliers.findings`."""
        others = bool((self.top[self.single, 1:] >= 0).any())
        apart = oddest_first(self.top[self.beyond], self.evidence[self.beyond])
        alone = tuple(self.names[place] for place in apart)
        single = self.single, self.single_in, others, alone if len(alone) <= NAMED else ()
        return findings(Judgement(self.evidence, self.beyond, self.score, self.limit, *single))

    def frame(self) -> pd.DataFrame:
        """One line per row beyond the limit, the oddest first: row, score, whether it is flagged, why."""
        table = self.rows()
        return (
            table[table["beyond_limit"]]
            .drop(columns="beyond_limit")
            .sort_values(["score", "row"], ascending=[False, True], ignore_index=True)
        )

    def rows(self) -> pd.DataFrame:
        """Per row: score, whether it is beyond the limit, whether it is flagged (chance does not explain
        it), and why: for a row beyond the limit, and for the thousand oddest others, its values beside what
        is usual; for the rest the names of its oddest columns.
        """
        import pandas as pd

        span = len(self.names) + 1
        code = (self.top.astype(np.int64) + 1) @ np.array([span * span, span, 1])
        kinds, place = np.unique(code, return_inverse=True)
        names = np.array(["", *self.names], dtype=object)
        in_words = [
            ", ".join(filter(None, (names[k // span**2], names[k // span % span], names[k % span])))
            for k in kinds.tolist()
        ]
        why = np.array(in_words, dtype=object)[place] if in_words else np.zeros(0, object)
        why[self.worded] = self.why
        return pd.DataFrame(
            {
                "row": np.arange(code.size),
                "score": self.score,
                "beyond_limit": self.beyond,
                "flagged": self.flagged,
                "why": pd.Series(why, dtype="str"),
            }
        )


def oddest_first(top: NDArray[np.int16], evidence: NDArray[Any]) -> list[int]:
    """The columns of some rows, each once, that of the row with most evidence first; by their places where
    rows have the same. top: rows x columns, -1: none.

    >>> oddest_first(np.int16([[1, -1], [3, 0], [1, 2]]), np.array([4.0, 9.0, 4.0]))
    [3, 0, 1, 2]
    """
    order = np.lexsort((*top.T[::-1], -evidence))
    return [at for at in dict.fromkeys(top[order].ravel().tolist()) if at >= 0]
