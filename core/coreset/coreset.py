"""The coreset: a small weighted stand-in for all rows, that can be merged, edited and saved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.coreset.calibration import to_slope
from core.coreset.ledger import Ledger
from core.coreset.sample import DrawnRows, SampleSize, sampled
from core.coreset.sketch import Sketch
from core.errors import InputError, SettingError
from core.prepare.pilot import Pilot
from core.prepare.pilot.pilot import Slope
from core.rowset import RowSet
from core.workers import LocalThreads

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


@dataclass(frozen=True, eq=False)
class Leaf:
    """One part of the rows.

    name, fingerprint: of the data set. first, numbers: its rows have the numbers from ``first`` on, so many.
    sketch: of its rows. ledger: of its rows; None where there are too many. touched: rows whose contents
    differ from those of the data set. scored: the slope of the loss of its rows under a logistic pilot,
    as they were when all of them were scored; None of other pilots, and where they were decided about before.
    since: rows that are gone or changed since. slope: as they are; None where it was not worked out.
    """

    name: str
    fingerprint: str
    first: int
    numbers: int
    sketch: Sketch
    ledger: Ledger | None = None
    touched: RowSet = field(default_factory=RowSet)
    scored: Slope | None = None
    since: RowSet = field(default_factory=RowSet)
    slope: Slope | None = None

    def moved(self, first: int) -> Leaf:
        """The same, its rows numbered from ``first`` on."""
        by = first - self.first
        sketch = replace(self.sketch, row=self.sketch.row + by)
        ledger = self.ledger and self.ledger.moved(by)
        touched, since = (RowSet(rows.ids + by) for rows in (self.touched, self.since))
        return replace(self, first=first, sketch=sketch, ledger=ledger, touched=touched, since=since)


@dataclass(frozen=True, eq=False)
class Coreset:
    """See above. ``leaves``: the parts, in the order of their rows. ``wanted``: what is drawn of them.
    ``to_slope``: whether weights are brought to the slope of all rows (`calibrated`), as stays where parts
    are added or merged; after an edit they are not.
    """

    pilot: Pilot
    wanted: SampleSize
    leaves: tuple[Leaf, ...]
    to_slope: bool = False

    @cached_property
    def sketch(self) -> Sketch:
        """Of all rows."""
        return LocalThreads(1).tree(Sketch.merged, [leaf.sketch for leaf in self.leaves])

    @cached_property
    def sample(self) -> DrawnRows:
        """The rows drawn. Raises `SettingError` where the size does not fit."""
        drawn, slope = sampled(self.sketch, self.pilot, self.wanted), self.slope
        return to_slope(drawn, self.sketch, self.pilot, slope) if self.to_slope and slope else drawn

    @property
    def slope(self) -> Slope | None:
        """Of the loss of all rows under a logistic pilot; None where it is not known of a part."""
        slopes = [leaf.slope for leaf in self.leaves if leaf.slope is not None]
        return tuple(map(sum, zip(*slopes, strict=True))) if len(slopes) == len(self.leaves) else None

    @property
    def rows(self) -> int:
        """How many rows it stands for."""
        return sum(self.sketch.rows)

    @property
    def past(self) -> int:
        """The number that no row has yet."""
        return self.leaves[-1].first + self.leaves[-1].numbers

    def at(self, size: int) -> Coreset:
        """The smaller coreset of this size: of each stratum its rows are among those of this one."""
        return replace(self, wanted=replace(self.wanted, size=min(size, self.wanted.size)))

    def with_leaf(self, leaf: Leaf) -> Coreset:
        """With one more part behind the others. Merges are exact, so that what was merged before need not be
        merged again.
        """
        more = replace(self, leaves=(*self.leaves, leaf))
        more.__dict__["sketch"] = self.sketch.merged(leaf.sketch)
        return more

    def window(self, first: int, past: int) -> Coreset:
        """Of the parts ``first`` to ``past`` - 1 alone: a window in time, where parts follow it."""
        chosen = self.leaves[first:past]
        if not chosen:
            raise SettingError(f"There are {len(self.leaves)} parts; {first} to {past} holds none.")
        return replace(self, leaves=chosen)

    def merged(self, other: Coreset) -> Coreset:
        """Of the rows of both, those of ``other`` numbered on behind those of this one. Raises `InputError`
        where they were built with other pilots, or hold a part or an id twice.
        """
        if self.pilot.version != other.pilot.version:
            raise InputError(
                "These coresets were built with different pilots, so that their rows cannot be weighed "
                "together. Build one with the pilot of the other (--like), or both in one run."
            )
        known = {leaf.fingerprint for leaf in self.leaves}
        twice = [leaf.name for leaf in other.leaves if leaf.fingerprint in known]
        if twice:
            raise InputError(f"Both coresets hold {twice[0]!r}: its rows would count twice. Leave one out.")
        by = self.past - other.leaves[0].first
        leaves = (*self.leaves, *(leaf.moved(leaf.first + by) for leaf in other.leaves))
        both = replace(self, leaves=leaves, to_slope=self.to_slope and other.to_slope)
        _ = both.sketch  # refuses an id that both hold
        return both

    def table(self) -> pa.Table:
        """The contents of the rows drawn, in the columns that the pilot reads."""
        return self.sketch.content.take(self.sample.place)

    def frame(self) -> pd.DataFrame:
        """The rows drawn: ``row``, the columns, ``weight`` and ``importance``."""
        frame: pd.DataFrame = self.table().to_pandas()
        for called, values in (("weight", self.sample.weight), ("importance", self.sample.score)):
            frame[_free(called, frame.columns)] = values
        frame.insert(0, _free("row", frame.columns), self.sample.row)
        return frame

    def weights(self) -> pd.DataFrame:
        """``row,weight,importance`` of the rows drawn."""
        import pandas as pd

        drawn = self.sample
        return pd.DataFrame({"row": drawn.row, "weight": drawn.weight, "importance": drawn.score})

    def matrix(self) -> NDArray[np.float64]:
        """The rows drawn as numbers, m x p, by the pilot's encoder."""
        return np.ascontiguousarray(self.pilot.encoder.encode(self.table()).T)

    def target(self) -> NDArray[np.float64]:
        """The target of the rows drawn: class codes, or numbers as they are."""
        values, _ = self.pilot.targets(self.table())
        return values if self.pilot.classes else values * self.pilot.spread + self.pilot.centre


def _free(word: str, taken: Sequence[str] | pd.Index[str]) -> str:
    """A name that no column has."""
    while word in taken:
        word += "_"
    return word
