"""Train against serve, as a whole and row by row, and its tables."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.analyses.overlap.case import Case
from core.analyses.overlap.findings import findings
from core.analyses.overlap.measures import Measure
from core.analyses.overlap.relations import RelationChange, Relations
from core.analyses.overlap.verdict import verdict
from core.analysis import Result
from core.dataset import Dataset
from core.finding import Finding
from core.numerics.spreading import spread
from core.phrases import rounded_score
from core.rowset import RowSet

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class OverlapResult(Result):
    """Train against serve, as a whole and row by row.

    serve: mask of the serve rows.
    support_p: float32 per row, see `core.prepare.support`.
    serve_probability: float32 per row, calibrated.
    weight: float32 per row, nan for serve rows.
    segment: int32 per row, the region it lies in, -1 for none.
    unsupported: mask of the serve rows with a support p-value of at most the level: everywhere in the
        program, an unsupported row is one of these.
    measures: the numbers, each with its null, noise floor and baseline.
    names: the columns compared.
    single: the single-feature AUC of each of them.
    importance: the AUC lost when it is shuffled.
    relations: the pairs of columns of numbers whose relation changed.
    separating: columns that separate the parts on their own, not among ``names`` if left out.
    lacked: columns that only one part has and that are left out, never among ``names``.
    case: what verdict and findings rest on; None where there was nothing to compare.
    """

    serve: NDArray[np.bool_]
    support_p: NDArray[np.float32]
    serve_probability: NDArray[np.float32]
    weight: NDArray[np.float32]
    segment: NDArray[np.int32]
    unsupported: NDArray[np.bool_]
    measures: tuple[Measure, ...]
    names: tuple[str, ...]
    single: NDArray[np.float64]
    importance: NDArray[np.float64]
    relations: Relations
    separating: tuple[str, ...]
    lacked: tuple[str, ...]
    case: Case | None

    @property
    def verdict(self) -> str:
        """The answer in a sentence or two."""
        return verdict(self.case) if self.case else self.status.reason

    @property
    def summary(self) -> dict[str, float | int | str]:
        """The numbers that decide, rows of both parts, and the verdict in one word; of unsupported rows none
        where too few train rows judge them for any to be.
        """
        case = self.case
        if case is None:
            return {
                "train_rows": int((~self.serve).sum()),
                "serve_rows": int(self.serve.sum()),
                "verdict": "unknown",
            }
        value = {measure.measure: measure.value for measure in self.measures}
        return {
            "auc": rounded_score(value["auc"]),
            "auc_chance": rounded_score(case.noise_floor),
            "coverage_serve": round(value["coverage_serve"], 4),
            "coverage_train": round(value["coverage_train"], 4),
            "mixing": round(value["mixing"], 4),
            **_unsupported(case),
            "effective_rows": case.effective_rows,
            "train_rows": case.train,
            "serve_rows": case.serve,
            "gives_away": len(case.separating),
            "copies": case.copies,
            "relations_changed": len(case.relations),
            "answer": case.answer,
            "verdict": case.degree,
        }

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """What was found, worst first."""
        return findings(self.case) if self.case else ()

    def spread(self, dataset: Dataset, there: NDArray[np.bool_]) -> OverlapResult:
        """The same for all rows of ``dataset``: those that are not of the mask have no numbers."""
        numbers = ("support_p", "serve_probability", "weight")
        values: dict[str, Any] = {name: spread(getattr(self, name), there) for name in numbers}
        values["unsupported"] = spread(self.unsupported, there, False)
        values["segment"] = spread(self.segment, there, -1)
        if self.case is not None:
            unsupported = RowSet(np.flatnonzero(there)[self.case.unsupported.ids])
            values["case"] = replace(self.case, unsupported=unsupported)
        return replace(self, **values, serve=dataset.part_mask("serve"))

    def frame(self) -> pd.DataFrame:
        """``measure,value,low,high,null,chance,baseline,z,n,what``: one line per number."""
        import pandas as pd

        return pd.DataFrame(self.measures, columns=list(Measure._fields))

    def columns(self) -> pd.DataFrame:
        """``column,importance,single_feature_auc``: one line per column compared, most important first."""
        import pandas as pd

        table = pd.DataFrame(
            {"column": list(self.names), "importance": self.importance, "single_feature_auc": self.single}
        )
        order = ["importance", "single_feature_auc", "column"]
        return table.sort_values(order, ascending=[False, False, True], ignore_index=True)

    def pairs(self) -> pd.DataFrame:
        """``left,right,train,serve,q,low,high,q_value,rows``: one line per pair of columns whose relation
        changed, the one that changed most first.
        """
        import pandas as pd

        return pd.DataFrame(self.relations.changed, columns=list(RelationChange._fields))

    def rows(self) -> pd.DataFrame | None:
        """``row,part,support_p,serve_probability,weight,segment`` for all rows; None where there was nothing
        to compare.
        """
        import pandas as pd

        if self.case is None:
            return None
        return pd.DataFrame(
            {
                "row": np.arange(self.serve.size),
                "part": pd.Series(np.where(self.serve, "serve", "train"), dtype="str"),
                "support_p": self.support_p,
                "serve_probability": self.serve_probability,
                "weight": self.weight,
                "segment": self.segment,
            }
        )


def _unsupported(case: Case) -> dict[str, float | int | str]:
    support = case.support
    if not support.can_be_told:
        return {}
    return {
        "unsupported_share": round(support.share, 5),
        "unsupported_chance": round(support.expected, 5),
        "unsupported_rows": len(case.unsupported),
    }
