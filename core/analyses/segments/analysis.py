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
from core.numerics.degree import MATTERS, Degree, degree
from core.numerics.multiple_tests import q_values
from core.numerics.rules import Ratio, RegionLimits, share_ratio
from core.phrases import count, names, percent
from core.prepare.encoding import comparable
from core.prepare.regions import ASKED, Regions, regions
from core.prepare.train_serve import FEWEST
from core.progress import Progress
from core.rowset import RowSet
from core.settings import Settings, column, columns, knob

if TYPE_CHECKING:
    import pandas as pd

RATIOS = (1.25, 2.0)  # from where the near end of a ratio's interval is moderate, and severe
SHARE = 0.01  # least difference of the shares of train and serve that matters
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
        "Columns", "Columns that a rule may name; none chosen means all that a model may use.", ASKED
    )
    smallest: float = knob(
        0.02, "Smallest region", "Least mean of the shares of train and of serve in a region.", 0.005, 0.3
    )
    most: int = knob(12, "Most regions", "The data are split into no more regions than this.", 2, 40)
    level: float = knob(
        0.05,
        "False discovery rate",
        "Expected share of regions without a difference among those reported (Benjamini-Hochberg).",
        1e-6,
        0.2,
    )
    leave_out: bool = knob(
        True,
        "Leave separating columns out",
        "Whether rules may not name columns that separate train from serve on their own.",
    )
    loss: str = column(
        "Loss",
        "A column with a model's loss or error per row; without one, that of a quick model.",
        ("numeric", "boolean"),
    )
    seed: int = knob(0, "Seed", "Seed of the half of the rows that the regions are learned on.", 0, 2**31 - 1)


class Segment(NamedTuple):
    """One region.

    rule, query: in plain words, and as a pandas expression over ``data``.
    columns: those that the rule names.
    train, serve: all rows in it.
    shares: of all train and of all serve rows.
    ratio: of the shares, over the rows that were not used to find it.
    q: of the test that the ratio is 1, corrected over all regions.
    n: rows behind the ratio.
    status: how far it differs.
    unsupported: share of its serve rows with a support p-value of at most 1%, on a sample.
    label_mix: classes, or the mean target, in both parts.
    losses: mean loss of a model on train and on serve.
    """

    rule: str
    query: str
    columns: tuple[str, ...]
    train: int
    serve: int
    shares: tuple[float, float]
    ratio: Ratio
    q: float
    n: int
    status: Degree
    unsupported: float
    label_mix: str
    losses: tuple[float, float]

    @property
    def grew(self) -> bool:
        """Whether serve holds more of it than train does."""
        return self.ratio.value > 1.0

    @property
    def notable(self) -> bool:
        """Whether it is a finding: serve holds clearly more of it, or hardly any."""
        return self.status == "severe" or (self.status == "moderate" and self.grew)

    @property
    def least(self) -> float:
        """By what factor its share differs at the least: the near end of the interval; 1 where the interval
        holds 1.
        """
        if self.grew:
            return max(1.0, self.ratio.low)
        return max(1.0, 1.0 / self.ratio.high) if self.ratio.high > 0 else np.inf


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
    found = regions(dataset, asked, settings.seed, limits, settings.leave_out, progress.part(0.0, 0.6))
    segments = _segments(dataset, found, settings, progress.part(0.6, 1.0))
    findings = [_finding(at, one, found.region, serve) for at, one in enumerate(segments) if one.notable]
    return SegmentsResult(
        settings=settings,
        notes=_notes(found, dataset),
        found=ranked(findings),
        region=found.region,
        serve=serve,
        segments=segments,
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
    barred = {settings.loss, *found.separating}
    used = [name for name in comparable(dataset) if name not in barred]
    within = look_inside(dataset, found.region, size, used, settings.loss, settings.seed, progress)
    mixes = label_mixes(dataset, found.region, size)
    shares = [counts / max(1, int(counts.sum())) for counts in whole]
    segments = []
    for at in range(size):
        one = Segment(
            rule=found.rules[at],
            query=found.queries[at],
            columns=found.columns[at],
            train=int(whole[0][at]),
            serve=int(whole[1][at]),
            shares=(float(shares[0][at]), float(shares[1][at])),
            ratio=ratios[at],
            q=float(q[at]),
            n=int(train[at] + other[at]),
            status="none",
            unsupported=float(within.unsupported[at]),
            label_mix=mixes[at],
            losses=(float(within.train[at]), float(within.serve[at])),
        )
        segments.append(one._replace(status=_status(one, settings.level)))
    return tuple(segments)


def _status(one: Segment, level: float) -> Degree:
    """ "none" unless the test rejects; then by the factor at the near end of the interval, and whether enough
    rows differ.
    """
    if not one.q < level:
        return "none"
    return degree(one.least, RATIOS) if abs(one.shares[1] - one.shares[0]) >= SHARE else "negligible"


def _finding(at: int, one: Segment, region: NDArray[np.int32], serve: NDArray[np.bool_]) -> Finding:
    """More of serve: the serve rows in it, to look at. Less of it: the train rows in it, which serve hardly
    needs.
    """
    return Finding(
        "segment",
        f"{one.rule}: {percent(one.shares[1])} of serve, {percent(one.shares[0])} of train (ratio "
        f"{one.ratio.value:.2g}, 95% interval {_interval(one.ratio)})",
        "warning" if one.status == "severe" and one.grew else "info",
        score=min(1.0, abs(one.shares[1] - one.shares[0])),
        rows=RowSet.from_mask((region == at) & (serve if one.grew else ~serve)),
        columns=one.columns,
        about=one.rule,
        why="A model learned from few such rows, and now meets many."
        if one.grew
        else "Train holds many rows of a kind that serve hardly has.",
        suggestion="Label some of these rows and add them to train, or weight those that train has; evaluate "
        "the model on them separately."
        if one.grew
        else "Weight train to look like serve before you judge a model by its mean error.",
        value=one.ratio.value,
        measure="share of serve over share of train",
        limit=RATIOS[0] if one.grew else 1.0 / RATIOS[0],
        noise=one.ratio.chance if one.grew else 1.0 / one.ratio.chance,
        n=one.n,
        action="defer" if one.grew else "",
        fix=f"data[{one.query}]",
    )


def _interval(ratio: Ratio) -> str:
    return f"{ratio.low:.2g} to {ratio.high:.2g}" if np.isfinite(ratio.high) else f"{ratio.low:.2g} or more"


def _notes(found: Regions, dataset: Dataset) -> tuple[str, ...]:
    rest = dataset.rows - found.learned
    notes = ["No question about the columns separates train from serve better than chance."]
    if found.rules:
        notes = [
            f"The regions were learned on {count(found.learned, 'row')}; ratios and tests use the other "
            f"{count(rest)}."
        ]
    if found.separating:
        notes.append(
            f"Left out, as they separate train from serve on their own: {names(found.separating, 8)}."
        )
    return tuple(notes)


ANALYSIS = Analysis(
    "Segments", "In which regions does the mix of train and serve differ?", "explore/overlap", segments
)
