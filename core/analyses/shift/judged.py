"""From numbers to words: how far a column shifted, in one of four."""

from __future__ import annotations

from typing import Literal, NamedTuple

from core.analyses.shift.column import ColumnShift
from core.numerics.degree import MATTERS, Degree, degree

# From where an effect is moderate, and severe. Those of psi are customary in credit scoring and can be set;
# the others are what a normal column that moves has when its psi reaches 0.1 and 0.2, rounded.
BANDS = {
    "w1_iqr": (0.2, 0.35),
    "tv": (0.1, 0.2),
    "risk_difference": (0.1, 0.2),
    "l_infinity": (0.05, 0.1),
    "missing": (0.05, 0.2),
}
NAMES = {
    "w1_iqr": "Wasserstein distance in interquartile ranges",
    "tv": "total variation distance",
    "risk_difference": "difference of shares",
    "l_infinity": "largest difference of shares",
    "missing": "difference of the shares of missing values",
}
PSI = "population stability index"
ODDS = "ratio of odds, near end of its 95% interval"

Apart = Literal["", "time", "name", "image"]
APART: dict[str, str] = {
    "": "",
    "time": "splits by time",
    "name": "names the part",
    "image": "measured of images",
}


class JudgedBy(NamedTuple):
    """One number by which a column is judged: its name, value and noise floor, from where it is moderate or
    severe, and what it is where nothing moved.
    """

    name: str
    value: float
    noise: float
    bands: tuple[float, float]
    same: float = 0.0

    def limit(self, status: Degree) -> float:
        """From where it makes this status, which is moderate or severe."""
        return self.bands[MATTERS.index(status)]

    @property
    def effect(self) -> tuple[float, float]:
        """Value and noise floor in units of a moderate shift.

        >>> JudgedBy("a ratio", 1.5, 1.0, (1.25, 2.0), same=1.0).effect
        (2.0, 0.0)
        """
        unit = self.bands[0] - self.same
        return (self.value - self.same) / unit, (self.noise - self.same) / unit


class ShiftLine(NamedTuple):
    """One line of the table: a column's values (``metric`` as in `ColumnShift`), or what is missing of it
    ("missing"), or that it is in one part only or differs in type ("schema"). apart: why it is what parts
    train from serve, and no shift: "time", where its values in serve follow those of train; "name", where it
    has one value in train and another in serve; "image", where it is measured of images, of which Issues says
    how train and serve differ; "" where it is none of these. by: the number that makes it moderate
    or severe; None where it is neither.
    """

    shift: ColumnShift
    metric: str
    value: float
    noise: float
    p: float
    q: float
    status: Degree
    apart: Apart = ""
    by: JudgedBy | None = None

    @property
    def shifted(self) -> bool:
        """Whether it shifted far enough to matter."""
        return self.status in MATTERS and not self.apart

    @property
    def words(self) -> str:
        """How far it shifted, in one word; or why it is what parts train from serve."""
        return APART[self.apart] or self.status

    @property
    def because(self) -> str:
        """What makes it moderate or severe, in words, with the effect from which it is so; "" where it is
        neither.
        """
        if self.by is None or self.apart:
            return ""
        limit = self.by.limit(self.status)
        effect = f"an effect of {self.by._replace(value=limit).effect[0]:.3g}"
        return f"{self.by.name} {self.by.value:.2f}, {self.status} from {limit:g} ({effect})"


class ShiftEffect(NamedTuple):
    """How far a column shifted and its noise floor, in units of a moderate shift."""

    value: float
    noise: float


def effect_of(line: ShiftLine, moderate: float) -> ShiftEffect:
    """The one effect of a column, wherever one is shown: of the number that decides its status. Where none
    makes it matter, the population stability index (``moderate`` from there) stands in where it is the
    larger. nan where nothing can be compared.
    """
    nan = float("nan")
    if line.metric not in BANDS:
        return ShiftEffect(nan, nan)
    if line.by is not None:
        return ShiftEffect(*line.by.effect)
    own = ShiftEffect(line.value / BANDS[line.metric][0], line.noise / BANDS[line.metric][0])
    by_index = ShiftEffect(line.shift.psi / moderate, line.shift.psi_noise / moderate)
    larger = by_index.value > max(own.value, by_index.noise)  # never so where it is nan
    return by_index if line.metric != "missing" and larger else own


def judged(value: float, noise: float, q: float, bands: tuple[float, float], level: float) -> Degree:
    """ "none" unless the test rejects after correction; then by the bands, and never above "negligible"
    within the noise.

    >>> judged(0.3, 0.02, 0.2, (0.1, 0.2), 0.05), judged(0.3, 0.02, 0.001, (0.1, 0.2), 0.05)
    ('none', 'severe')
    >>> judged(0.3, 0.4, 0.001, (0.1, 0.2), 0.05)
    'negligible'
    """
    if not q < level:
        return "none"
    return degree(value, bands) if value > noise else "negligible"
