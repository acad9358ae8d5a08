"""Where the mix of train and serve differs: regions with a rule in plain words, counts, and the rows behind
them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.analyses.segments.findings import Segment, finding_of, status_of
from core.analyses.segments.inside import RowRegions, label_mixes, look_inside
from core.analyses.segments.settings import SegmentsSettings
from core.analysis import Analysis, Found, Status
from core.dataset import Dataset
from core.finding import ranked
from core.numerics.degree import MATTERS
from core.numerics.multiple_tests import q_values
from core.numerics.rules import RegionLimits, share_ratio
from core.phrases import count, names
from core.prepare.encoding import comparable
from core.prepare.images_judged import judged_by_part
from core.prepare.lacked import reasons
from core.prepare.regions import ASKED, Regions, regions
from core.prepare.train_serve import FEWEST
from core.progress import Progress

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
]
MORE = ["status", "loss_train", "loss_serve", "query"]


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

        return pd.DataFrame(
            [self._line(at, one) for at, one in enumerate(self.segments)], columns=FIELDS + MORE
        )

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


def segments(dataset: Dataset, settings: SegmentsSettings, progress: Progress) -> SegmentsResult:
    """Regions where the mix of train and serve differs, learned on half the rows and tested on the rest;
    docs/methods/segments.md.
    """
    progress.at(0.0, "Reading both parts")
    progress.check()
    serve = dataset.part_mask("serve")
    counts = int((~serve).sum()), int(serve.sum())
    if not min(counts):
        return _skipped(
            settings,
            serve,
            "it needs train and serve: load serving data beside the data, or split the data by a column",
        )
    if min(counts) < FEWEST:
        return _skipped(
            settings,
            serve,
            f"train and serve need at least {FEWEST} rows each; they have {counts[0]:,} and {counts[1]:,}",
        )
    asked = tuple(
        name
        for name in settings.columns or comparable(dataset)
        if name != settings.loss and dataset[name].kind in ASKED
    )
    if not asked:
        return _skipped(
            settings, serve, "no column of numbers or categories can be compared; choose other columns"
        )
    limits = RegionLimits(settings.smallest, settings.most)
    held = regions(dataset, asked, settings.seed, limits, settings.leave_out, progress.part(0.0, 0.6))
    listed = _segments(dataset, held, settings, progress.part(0.6, 1.0))
    judged = judged_by_part(dataset)
    findings = [
        finding_of(at, one, held.region, serve, dataset.measured, judged)
        for at, one in enumerate(listed)
        if one.notable
    ]
    return SegmentsResult(
        settings=settings,
        notes=_notes(held, dataset),
        found=ranked(findings),
        region=held.region,
        serve=serve,
        segments=listed,
    )


def _skipped(settings: SegmentsSettings, serve: NDArray[np.bool_], reason: str) -> SegmentsResult:
    return SegmentsResult(
        settings=settings,
        status=Status("skipped", reason),
        region=np.full(serve.size, -1, np.int32),
        serve=serve,
        segments=(),
    )


def _segments(
    dataset: Dataset, known: Regions, settings: SegmentsSettings, progress: Progress
) -> tuple[Segment, ...]:
    size = len(known.rules)
    if not size:
        return ()
    serve, held = dataset.part_mask("serve"), known.held
    whole = [np.bincount(known.region[part], minlength=size) for part in (~serve, serve)]
    train, other = (np.bincount(known.region[held & part], minlength=size) for part in (~serve, serve))
    ratios = [
        share_ratio(int(t), int(s), int(train.sum()), int(other.sum()))
        for t, s in zip(train, other, strict=True)
    ]
    q = q_values(np.array([ratio.p for ratio in ratios]))
    barred = {settings.loss, *known.separating}
    used = [name for name in comparable(dataset) if name not in barred]
    where = RowRegions(known.region, size)
    inside = look_inside(dataset, where, used, settings, progress)
    mixes = label_mixes(dataset, where)
    shares = [counts / max(1, int(counts.sum())) for counts in (train, other)]
    segments = []
    for at in range(size):
        one = Segment(
            rule=known.rules[at],
            query=known.queries[at],
            columns=known.columns[at],
            train=int(whole[0][at]),
            serve=int(whole[1][at]),
            shares=(float(shares[0][at]), float(shares[1][at])),
            ratio=ratios[at],
            q=float(q[at]),
            n=int(train[at] + other[at]),
            status="none",
            unsupported=float(inside.unsupported[at]),
            label_mix=mixes[at],
            losses=(float(inside.train[at]), float(inside.serve[at])),
        )
        segments.append(one._replace(status=status_of(one, settings.level)))
    return tuple(segments)


def _notes(known: Regions, dataset: Dataset) -> tuple[str, ...]:
    notes = ["No question about the columns separates train from serve better than chance."]
    if known.rules:
        rest = count(dataset.rows - known.learned)
        learned = count(known.learned, "row")
        notes = [f"The regions were learned on {learned}; shares, ratios and tests are of the other {rest}."]
    left_out = reasons(dataset, known.separating)
    measured = [name for name in dataset.measured if any(name in some for some in known.columns)]
    if measured:
        notes.append(f"Measured of images: {names(measured, 8)}.")
    return (*notes, *(f"Left out, as {why}: {names(some, 8)}." for some, why in left_out))


ANALYSIS = Analysis(
    "Segments",
    "In which regions does the mix of train and serve differ?",
    "explore/overlap",
    segments,
    alarms="train and serve",
)
