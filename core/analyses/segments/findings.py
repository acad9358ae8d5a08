"""From numbers to words: how far a segment differs, in one of four words, and as a finding."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.finding import Finding
from core.numerics.degree import Degree, degree
from core.numerics.rules import ShareRatio
from core.phrases import count, names, percent, verb
from core.rowset import RowSet

RATIOS = (1.25, 2.0)  # from where the near end of a ratio's interval is moderate, and severe
SHARE = 0.01  # least difference of the shares of train and serve that matters


class Segment(NamedTuple):
    """One region.

    rule, query: in plain words, and as a pandas expression over ``data``.
    columns: those that the rule names.
    train, serve: all rows in it.
    shares: of the train and of the serve rows that were not used to find it.
    ratio: of these shares.
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
    ratio: ShareRatio
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


def status_of(one: Segment, level: float) -> Degree:
    """ "none" unless the test rejects; then by the factor at the near end of the interval, and whether enough
    rows differ.
    """
    if not one.q < level:
        return "none"
    return degree(one.least, RATIOS) if abs(one.shares[1] - one.shares[0]) >= SHARE else "negligible"


def _why(one: Segment, what: str) -> str:
    """Why the segment matters, and which rows its numbers are of. what: rows or images."""
    first = (
        f"A model learned from few such {what}, and now meets many."
        if one.grew
        else f"Train holds many {what} of a kind that serve hardly has."
    )
    return (
        f"{first} The counts are of all {what}, the ratio is of those that were not used to find the segment "
        f"({one.n:,} of them in it)."
    )


def finding_of(
    at: int,
    one: Segment,
    region: NDArray[np.int32],
    serve: NDArray[np.bool_],
    measured: Collection[str] = (),
    judged: Collection[str] = (),
) -> Finding:
    """More of serve: the serve rows in it, to look at. Less of it: the train rows in it, which serve hardly
    needs. Its counts are of all rows, as those of the click; its evidence is of those held out.

    measured: columns that are measured of images. judged: of which Issues says whether they predict the part.
    """
    ours = of_images(one, measured)
    what, few = ("image", "Images with ") if ours else ("row", "")
    counts = ((one.serve, int(serve.sum()), "serve"), (one.train, int((~serve).sum()), "train"))
    there = " and ".join(_counted(inside, of, f"{part} {what}") for inside, of, part in counts)
    what += "s"
    elsewhere = " Issues says which measures predict train or serve." if {*one.columns} & {*judged} else ""
    aside = f"{ours}{elsewhere} " if ours else ""
    counted = np.isfinite(one.ratio.value)  # else train has no such row among those held out
    return Finding(
        "segment",
        f"{few}{one.rule}: {there}; {_ratio(one.ratio)}",
        "warning" if one.status == "severe" and one.grew else "info",
        score=min(1.0, abs(one.shares[1] - one.shares[0])),
        rows=RowSet.from_mask((region == at) & (serve if one.grew else ~serve)),
        columns=one.columns,
        about=one.rule,
        why=f"{aside}{_why(one, what)}",
        suggestion=f"Label some of these {what} and add them to train, or weight those that train has; "
        "evaluate the model on them separately."
        if one.grew
        else "Weight train to look like serve before you judge a model by its mean error.",
        value=one.ratio.value if counted else one.ratio.low,
        measure="share of serve over share of train, held out"
        + ("" if counted else ", low end of its 95% interval"),
        limit=RATIOS[0] if one.grew else 1.0 / RATIOS[0],
        noise=one.ratio.chance if one.grew else 1.0 / one.ratio.chance,
        n=one.n,
        action="defer" if one.grew else "",
        fix=f"data[{one.query}]",
    )


def of_images(one: Segment, measured: Collection[str]) -> str:
    """Which columns of a region's rule are measured of images, as a sentence; "" where none is."""
    ours = [column for column in one.columns if column in measured]
    return f"{names(ours)} {verb(len(ours), 'is', 'are')} measured of the images." if ours else ""


def share_in_words(share: float) -> str:
    """A share of a part, none where it holds no row.

    >>> share_in_words(0.968), share_in_words(0.0)
    ('96.8%', 'none')
    """
    return percent(share) if share else "none"


def none_in_words(ratio: ShareRatio) -> str:
    """Which part has no row of a segment among the rows held out; "" where both have some.

    >>> none_in_words(ShareRatio(np.inf, 4.1, np.inf, 2.0, 0.0))
    'none of the train rows held out'
    >>> none_in_words(ShareRatio(0.0, 0.0, 0.2, 2.0, 0.0)), none_in_words(ShareRatio(3.0, 2.4, 3.7, 2.0, 0.0))
    ('none of the serve rows held out', '')
    """
    if ratio.value not in (0.0, np.inf):
        return ""
    return f"none of the {'train' if ratio.value else 'serve'} rows held out"


def interval_in_words(ratio: ShareRatio) -> str:
    """The 95% interval of a ratio, such as ``6.6 to 25``; open where train has no row."""
    return f"{ratio.low:.2g} to {ratio.high:.2g}" if np.isfinite(ratio.high) else f"{ratio.low:.2g} or more"


def _counted(rows: int, among: int, noun: str) -> str:
    """How many of so many rows of a part.

    >>> _counted(60, 61, "serve row"), _counted(0, 1300, "train row")
    ('60 of 61 serve rows (98.4%)', 'none of 1,300 train rows')
    """
    whole = count(among, noun)
    return f"{count(rows)} of {whole} ({percent(rows / among)})" if rows else f"none of {whole}"


def _ratio(ratio: ShareRatio) -> str:
    """The ratio of the shares held out with its interval; the interval alone where one of them is none.

    >>> _ratio(ShareRatio(15.6, 4.1, 48.2, 2.0, 0.0)), _ratio(ShareRatio(np.inf, 4.1, np.inf, 2.0, 0.0))
    ('ratio held out 16 (95% interval 4.1 to 48)', '95% interval of the ratio held out 4.1 or more')
    """
    if none_in_words(ratio):
        return f"95% interval of the ratio held out {interval_in_words(ratio)}"
    return f"ratio held out {ratio.value:.2g} (95% interval {interval_in_words(ratio)})"
