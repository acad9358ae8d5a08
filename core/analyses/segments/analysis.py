"""Where the mix of train and serve differs: segments with a rule in plain words, counts, and the rows behind
them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.analyses.segments.findings import Segment, finding_of, status_of
from core.analyses.segments.inside import RowRegions, label_mixes, look_inside
from core.analyses.segments.result import SegmentsResult
from core.analyses.segments.settings import SegmentsSettings
from core.analysis import Analysis, Status
from core.dataset import Dataset
from core.finding import ranked
from core.numerics.degree import MATTERS
from core.numerics.multiple_tests import q_values
from core.numerics.rules import RegionLimits, share_ratio
from core.phrases import count, names, verb
from core.prepare.encoding import comparable
from core.prepare.images_judged import judged_by_part
from core.prepare.lacked import reasons
from core.prepare.regions import ASKED, Regions, regions
from core.prepare.train_serve import FEWEST
from core.progress import Progress


def segments(dataset: Dataset, settings: SegmentsSettings, progress: Progress) -> SegmentsResult:
    """Regions where the mix of train and serve differs, learned on half the rows and tested on the rest;
    docs/methods/segments.md.
    """
    progress.at(0.0, "Reading both parts")
    progress.check()
    serve = dataset.part_mask("serve")
    asked = tuple(
        name
        for name in settings.columns or comparable(dataset)
        if name != settings.loss and dataset[name].kind in ASKED
    )
    reason = _why_not(int((~serve).sum()), int(serve.sum()), bool(asked))
    if reason:
        return _skipped(settings, serve, reason)
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
        notes=(*_notes(held, dataset), *_mirrored(listed)),
        found=ranked(findings),
        region=held.region,
        serve=serve,
        segments=listed,
    )


def _why_not(train: int, serve: int, some: bool) -> str:
    """Why nothing can be compared; "" where it can. train, serve: rows. some: whether a column can be."""
    if not min(train, serve):
        return "it needs train and serve: load serving data beside the data, or split the data by a column"
    if min(train, serve) < FEWEST:
        return f"train and serve need at least {FEWEST} rows each; they have {train:,} and {serve:,}"
    if not some:
        return "no column of numbers or categories can be compared; choose other columns"
    return ""


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


def _mirrored(listed: Sequence[Segment]) -> tuple[str, ...]:
    """How many segments differ that are no findings, so that both numbers add up; () for none."""
    some = sum(one.status in MATTERS and not one.notable for one in listed)
    if not some:
        return ()
    are, what = verb(some, "is no finding", "are no findings"), count(some, "moderate segment")
    return (f"{what} of which serve holds less {are}: such mostly mirror those of which it holds more.",)


def _notes(known: Regions, dataset: Dataset) -> tuple[str, ...]:
    notes = ["No question about the columns separates train from serve better than chance."]
    if known.rules:
        rest = count(dataset.rows - known.learned)
        learned = count(known.learned, "row")
        notes = [f"The segments were learned on {learned}; shares, ratios and tests are of the other {rest}."]
    left_out = reasons(dataset, known.separating)
    measured = [name for name in dataset.measured if any(name in some for some in known.columns)]
    if measured:
        notes.append(f"Measured of images: {names(measured, 8)}.")
    return (*notes, *(f"Left out, as {why}: {names(some, 8)}." for some, why in left_out))


ANALYSIS = Analysis(
    "Segments",
    "In which segments does the mix of train and serve differ?",
    "explore/overlap",
    segments,
    by_target=True,
    alarms="train and serve",
)
