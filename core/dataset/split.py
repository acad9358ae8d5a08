"""How the rows are parted into train and serve."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from core.errors import SettingError
from core.finding import Finding
from core.phrases import left_out, name

if TYPE_CHECKING:
    import pyarrow as pa

Part = Literal["train", "serve"]
PARTS: tuple[Part, Part] = ("train", "serve")


def missing_in_serve(column: str, target: bool = False) -> Finding:
    """That serve lacks a column of train: a fault, but for the ``target``, which is to be predicted."""
    return Finding(
        code="missing_in_serve",
        title=f"Column {name(column)} is missing from serve{', as it is the target' if target else ''}.",
        severity="info" if target else "warning",
        score=0.1 if target else 0.8,
        why="Serving rows do not have the target yet."
        if target
        else "A model trained with it cannot be served without it.",
        suggestion="Nothing is to be done: it is what a model is to predict."
        if target
        else "Leave it out, or add it to the serving data.",
        columns=(column,),
        action="" if target else "omit",
        fix="" if target else left_out(column),
    )


def said_with(target: str | None, loading: Iterable[Finding]) -> tuple[Finding, ...]:
    """What was found while reading, as it is said where this is the target."""
    return tuple(
        missing_in_serve(one.columns[0], one.columns[0] == target) if one.code == "missing_in_serve" else one
        for one in loading
    )


@dataclass(frozen=True)
class PartSplit:
    """Which rows are the serve part: from row ``at`` on, or where ``column`` equals ``value``, or is at or
    after it in time.

    ``how``: "file" (a second file was given; ``at`` is its first row), "value" or "time".
    """

    how: Literal["file", "value", "time"]
    at: int = 0
    column: str = ""
    value: str = ""

    def serve_mask(self, column: pa.ChunkedArray) -> NDArray[np.bool_]:
        """Boolean array, one per value of ``column``: true where it makes the row one of serve.

        Raises `SettingError` where the split is by time and ``value`` is no date.
        """
        import pyarrow.compute as pc

        if self.how == "value":
            hit = pc.equal(pc.cast(column, "string"), self.value)
        else:
            import pandas as pd

            try:
                since = pd.Timestamp(self.value)
                since = since if since.tz is None else since.tz_convert("UTC").tz_localize(None)
            except (ValueError, TypeError) as error:
                raise SettingError(f"{self.value!r} is not a date; write it like 2024-03-01.") from error
            hit = pc.greater_equal(column, since.to_pydatetime())
        return np.asarray(pc.fill_null(hit, False).to_numpy(), dtype=bool)
