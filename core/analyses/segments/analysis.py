"""Where the mix of train and serve differs: regions with a rule in plain words, counts, and the rows behind
them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.analyses.segments.inside import label_mixes, look_inside
from core.analysis import Analysis, Found, Status
from core.dataset import Dataset
from core.finding import Finding, ranked
from core.numerics.multiple_tests import q_values
from core.numerics.rules import Limits, Ratio, share_ratio
from core.prepare.encoding import comparable
from core.prepare.regions import ASKED, Regions, regions
from core.prepare.train_serve import FEWEST
from core.progress import Progress
from core.rowset import RowSet
from core.settings import Settings, column, columns, knob

if TYPE_CHECKING:
    import pandas as pd

RATIOS = (1.25, 2.0)  # from where the near end of a ratio's interval is moderate, and severe
SHARE = 0.01  # of a part that must have moved into or out of a region
WORDS = ("none", "negligible", "moderate", "severe")
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


@dataclass(frozen=True)
class SegmentsSettings(Settings):
    """What the rules may name, and how fine the regions may be."""

    columns: tuple[str, ...] = columns(
        "Columns", "Columns that a rule may name; all that a model may use if none is chosen.", ASKED
    )
    smallest: float = knob(
        0.02, "Smallest region", "Least share of the rows, both parts counted alike, in a region.", 0.005, 0.3
    )
    most: int = knob(12, "Regions at most", "The data are parted into no more regions than this.", 2, 40)
    level: float = knob(
        0.05,
        "False discovery rate",
        "Share of regions without any difference accepted among those named.",
        1e-6,
        0.2,
    )
    leave_out: bool = knob(
        True, "Leave give-aways out", "Whether rules may not name columns that alone tell the parts apart."
    )
    loss: str = column(
        "Loss",
        "A column with a model's loss or error per row; without it a quick model is fitted.",
        ("numeric", "boolean"),
    )
    seed: int = knob(0, "Seed", "Of the half of the rows that the regions are learned on.", 0, 2**31 - 1)


class Segment(NamedTuple):
    """One region. ``train``, ``serve``: all rows in it; ``ratio``: over the rows that had no say in where it
    lies; ``n``: of these, in both parts. ``shares``: of all train and serve rows. ``status``: none,
    negligible, moderate or severe."""

    rule: str
    query: str
    columns: tuple[str, ...]
    train: int
    serve: int
    shares: tuple[float, float]
    ratio: Ratio
    q: float
    n: int
    status: str
    unsupported: float
    label_mix: str
    losses: tuple[float, float]

    @property
    def grew(self) -> bool:
        """Whether serve holds more of it than train does."""
        return self.ratio.value > 1.0

    @property
    def told(self) -> bool:
        """Whether it is worth a finding: it grew, or it all but vanished."""
        return self.status == "severe" or (self.status == "moderate" and self.grew)

    @property
    def sure(self) -> float:
        """How many times more, or less, it is at least, by the near end of the interval; 1 if that is not
        even sure.
        """
        return max(
            1.0, self.ratio.low if self.grew else 1.0 / self.ratio.high if self.ratio.high > 0 else np.inf
        )


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
        named = [one for one in self.segments if one.status in WORDS[2:]]
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
        loss_serve,query``. Precision and recall: of the rule, taken as a test for serve rows."""
        import pandas as pd

        return pd.DataFrame(
            [self._line(at, one) for at, one in enumerate(self.segments)], columns=FIELDS + MORE
        )

    def _line(self, at: int, one: Segment) -> tuple[object, ...]:
        ratio, rows = one.ratio, max(1, one.train + one.serve)
        counts = (at, one.rule, one.train, one.serve, ratio.value, ratio.low, ratio.high, ratio.p, one.q)
        return (
            *counts,
            one.serve / rows,
            one.shares[1],
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
        return _nothing(
            settings,
            serve,
            "this needs a train and a serve part: load serving data beside the data, or split the data by "
            "a column.",
        )
    if min(counts) < FEWEST:
        return _nothing(
            settings,
            serve,
            f"each part needs at least {FEWEST} rows; train has {counts[0]:,}, serve has {counts[1]:,}.",
        )
    names = tuple(
        name
        for name in settings.columns or comparable(dataset)
        if name != settings.loss and dataset[name].kind in ASKED
    )
    if not names:
        return _nothing(
            settings, serve, "no column of numbers or categories can be compared; choose other columns."
        )
    limits = Limits(settings.smallest, settings.most)
    found = regions(dataset, names, settings.seed, limits, settings.leave_out, progress.part(0.0, 0.6))
    made = _segments(dataset, found, settings, progress.part(0.6, 1.0))
    findings = [_finding(at, one, found.region, serve, counts) for at, one in enumerate(made) if one.told]
    return SegmentsResult(
        settings=settings,
        notes=_said(found, dataset),
        found=ranked(findings),
        region=found.region,
        serve=serve,
        segments=made,
    )


def _nothing(settings: SegmentsSettings, serve: NDArray[np.bool_], reason: str) -> SegmentsResult:
    return SegmentsResult(
        settings=settings,
        status=Status("skipped", reason),
        region=np.full(serve.size, -1, np.int32),
        serve=serve,
        segments=(),
    )


def _segments(
    dataset: Dataset, found: Regions, settings: SegmentsSettings, progress: Progress
) -> tuple[Segment, ...]:
    size = len(found.rules)
    if not size:
        return ()
    serve, held = dataset.part_mask("serve"), found.held
    whole = [np.bincount(found.region[part], minlength=size) for part in (~serve, serve)]
    train, other = (np.bincount(found.region[held & part], minlength=size) for part in (~serve, serve))
    ratios = [
        share_ratio(int(t), int(s), int(train.sum()), int(other.sum()))
        for t, s in zip(train, other, strict=True)
    ]
    q = q_values(np.array([ratio.p for ratio in ratios]))
    names = [name for name in comparable(dataset) if name != settings.loss and name not in found.alone]
    within = look_inside(dataset, found.region, size, names, settings.loss, settings.seed, progress)
    mixes = label_mixes(dataset, found.region, size)
    shares = [counts / max(1, int(counts.sum())) for counts in whole]
    made = []
    for at in range(size):
        pair = float(shares[0][at]), float(shares[1][at])
        told = (
            found.rules[at],
            found.queries[at],
            found.columns[at],
            int(whole[0][at]),
            int(whole[1][at]),
            pair,
            ratios[at],
        )
        losses = float(within.train[at]), float(within.serve[at])
        one = Segment(
            *told,
            float(q[at]),
            int(train[at] + other[at]),
            "none",
            float(within.unsupported[at]),
            mixes[at],
            losses,
        )
        made.append(one._replace(status=_status(one, settings.level)))
    return tuple(made)


def _status(one: Segment, level: float) -> str:
    """In words: none unless the test says so; then by how much more it surely is, and whether enough rows
    have moved.
    """
    if not one.q < level:
        return WORDS[0]
    if abs(one.shares[1] - one.shares[0]) < SHARE or one.sure < RATIOS[0]:
        return WORDS[1]
    return WORDS[3] if one.sure >= RATIOS[1] else WORDS[2]


def _finding(
    at: int, one: Segment, region: NDArray[np.int32], serve: NDArray[np.bool_], counts: tuple[int, int]
) -> Finding:
    """More of serve: the serve rows in it, to look at. Less of it: the train rows in it, which serve hardly
    needs.
    """
    times = f"{one.ratio.value:.1f} times" if one.grew else f"{one.ratio.value:.2f} of"
    ends = (
        (f"{one.ratio.low:.3g} to {one.ratio.high:.3g}")
        if np.isfinite(one.ratio.high)
        else f"{one.ratio.low:.3g} or more"
    )
    title = (
        f"{one.rule}: {one.shares[1]:.1%} of serve, {one.shares[0]:.1%} of train ({times} the share, 95 % "
        f"interval {ends})"
    )
    why = (
        ("A model has learnt from few such rows, and now meets many.")
        if one.grew
        else ("Train spends rows where serve has few.")
    )
    act = (
        "Label some of these rows and add them to train, or weight those that train has; judge the model "
        "on them apart."
    )
    return Finding(
        f"segment_{at}",
        title,
        "warning" if one.status == "severe" and one.grew else "info",
        score=min(1.0, abs(one.shares[1] - one.shares[0])),
        rows=RowSet.from_mask((region == at) & (serve if one.grew else ~serve)),
        columns=one.columns,
        why=why,
        suggestion=act
        if one.grew
        else ("Weight train to look like serve before you judge a model by its mean error."),
        value=one.ratio.value,
        limit=RATIOS[0] if one.grew else 1.0 / RATIOS[0],
        noise=one.ratio.chance if one.grew else 1.0 / one.ratio.chance,
        n=one.n,
        action="defer" if one.grew else "",
        fix=f"data[{one.query}]",
    )


def _said(found: Regions, dataset: Dataset) -> tuple[str, ...]:
    rest = dataset.rows - found.learned
    none = "No question about the columns parts train from serve better than chance."
    told = (
        f"The regions were learned on {found.learned:,} rows; ratios and tests come from the other {rest:,}."
    )
    notes = [
        told if found.rules else none,
        f"Left out, as each alone tells the parts apart: {', '.join(found.alone)}." if found.alone else "",
    ]
    return tuple(filter(None, notes))


ANALYSIS = Analysis(
    "Segments", "In which regions does the mix of train and serve differ?", "explore/overlap", segments
)
