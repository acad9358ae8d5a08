"""What is known of one column in train and serve: how far it shifted, its noise floors and tests, which rows
hold new values.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf, nan
from typing import NamedTuple

from core.analyses.shift.bars import Bars
from core.dataset.split import Part
from core.phrases import count, limit_among, moment, number, number_among
from core.rowset import RowSet


class Missing(NamedTuple):
    """Shares of missing values in train and serve, the noise floor (95%) of their difference, and the
    p-value of "the same share"; nan where a part has no rows, or does not have the column.
    """

    train: float
    serve: float
    noise: float
    p: float


@dataclass(frozen=True, eq=False)
class ColumnShift:
    """One column of both parts.

    name, kind: of the column.
    n: values there are, in train and in serve.
    missing: shares of missing values, see `Missing`.
    metric: what ``value`` measures: `w1_iqr`, `tv`, `risk_difference`, `l_infinity`, `range`, or "" where
        nothing can be compared.
    value, noise: the effect size and its noise floor (95%).
    p: of the test; nan where there is none.
    psi, psi_noise: population stability index and its noise floor (95%); nan where there is none.
    new, vanished: levels that only serve, or only train, holds, each with its rows; at most ten.
    new_count: how many levels are new.
    new_share, new_noise: share of serve rows with a new level, and its noise floor (99.9%).
    span: least and largest value of train: of times in seconds since 1970, of texts in characters.
    serve_span: the same of serve.
    outside, outside_noise: share of serve values outside ``span``, and its noise floor (99.9%).
    unseen: serve rows with a new level, or outside ``span``.
    shares: of the commonest levels: (level, share of train, share of serve).
    alike: per end of ``span`` of numbers the least and the largest limit outside of which the same rows of
        serve lie.
    percentiles: the 10th, 50th and 90th of numbers, of texts in characters, each (train, serve).
    bars: both histograms.
    time: whether it holds points in time (`is_time`).
    lacked: the part that does not have the column, or "".
    note: what else is to be said.
    """

    name: str
    kind: str
    n: tuple[int, int]
    missing: Missing
    metric: str = ""
    value: float = nan
    noise: float = nan
    p: float = nan
    psi: float = nan
    psi_noise: float = nan
    new: tuple[tuple[str, int], ...] = ()
    vanished: tuple[tuple[str, int], ...] = ()
    new_count: int = 0
    new_share: float = 0.0
    new_noise: float = 1.0
    span: tuple[float, float] = (nan, nan)
    serve_span: tuple[float, float] = (nan, nan)
    alike: tuple[tuple[float, float], tuple[float, float]] = ((-inf, inf), (-inf, inf))
    outside: float = 0.0
    outside_noise: float = 1.0
    unseen: RowSet = field(default_factory=RowSet)
    shares: tuple[tuple[str, float, float], ...] = ()
    percentiles: tuple[tuple[float, float], ...] = ()
    bars: Bars | None = None
    time: bool = False
    lacked: Part | str = ""
    note: str = ""

    @property
    def follows(self) -> bool:
        """Whether the values of serve begin where those of train end, or later."""
        return self.kind in ("numeric", "datetime") and self.serve_span[0] >= self.span[1]

    @property
    def disjoint(self) -> bool:
        """Whether no value is in both parts, though values repeat: more than chance would part."""
        return self.new_share == 1.0 > self.new_noise

    def shown(self, value: float) -> str:
        """A value on the scale of ``span`` and ``percentiles`` as a person writes it: a number, a date, or a
        number of characters. Whole numbers that may be years carry no thousands mark.
        """
        if self.kind == "datetime":
            return moment(value * 1e6)
        if self.kind == "text":
            return count(int(value), "character") if value.is_integer() else f"{number(value)} characters"
        return number_among(value, *self.span)

    @property
    def train_range(self) -> str:
        """The range of train as printed; of serve the same rows lie outside of it."""
        if self.kind != "numeric":
            return " to ".join(map(self.shown, self.span))
        ends = zip(self.span, self.alike, strict=True)
        return " to ".join(limit_among(end, *alike, *self.span) for end, alike in ends)
