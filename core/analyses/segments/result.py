"""Where the mix of train and serve differs: the regions, a table of them, and the region of each row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.analyses.segments.findings import Segment
from core.analysis import Found
from core.numerics.degree import MATTERS

if TYPE_CHECKING:
    import pandas as pd

FIELDS = [
    "segment",
    "rule",
    "train",
    "serve",
    "ratio",
    "low",
    "high",
    "p",
    "q",
    "precision",
    "recall",
    "unsupported",
    "label_mix",
    "status",
    "loss_train",
    "loss_serve",
    "query",
]


@dataclass(frozen=True, eq=False)
class SegmentsResult(Found):
    """``segments``: the regions, those with more of serve first. ``region``: int32, per row the number of its
    region, -1 for none.
    """

    region: NDArray[np.int32]
    serve: NDArray[np.bool_]
    segments: tuple[Segment, ...]

    @property
    def summary(self) -> dict[str, float | int | str]:
        """Rows, regions looked at, those that differ, and the most outstanding one."""
        named = [one for one in self.segments if one.status in MATTERS]
        return {
            "train_rows": int((~self.serve).sum()),
            "serve_rows": int(self.serve.sum()),
            "regions": len(self.segments),
            "differ": len(named),
            "severe": sum(one.status == "severe" for one in named),
            "worst": max(named, key=lambda one: abs(one.shares[1] - one.shares[0])).rule if named else "",
        }

    def frame(self) -> pd.DataFrame:
        """One line per region:
        ``segment,rule,train,serve,ratio,low,high,p,q,precision,recall,unsupported,label_mix,status,loss_train,
        loss_serve,query``. Precision and recall: of the rule, taken as a test for serve rows.
        """
        import pandas as pd

        return pd.DataFrame([self._line(at, one) for at, one in enumerate(self.segments)], columns=FIELDS)

    def _line(self, at: int, one: Segment) -> tuple[object, ...]:
        ratio, rows = one.ratio, max(1, one.train + one.serve)
        every = max(1, int(self.serve.sum()))
        counts = (at, one.rule, one.train, one.serve, ratio.value, ratio.low, ratio.high, ratio.p, one.q)
        return (
            *counts,
            one.serve / rows,
            one.serve / every,
            one.unsupported,
            one.label_mix,
            one.status,
            *one.losses,
            one.query,
        )

    def rows(self) -> pd.DataFrame | None:
        """``row,part,segment`` for all rows (segment -1: no region differs); None where there was nothing to
        compare.
        """
        import pandas as pd

        if self.status.state != "ok":
            return None
        part = pd.Series(np.where(self.serve, "serve", "train"), dtype="str")
        return pd.DataFrame({"row": np.arange(self.serve.size), "part": part, "segment": self.region})
