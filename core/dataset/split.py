"""How the rows are parted into train and serve."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.errors import SettingError
from core.finding import Finding
from core.phrases import left_out, name

if TYPE_CHECKING:
    import pyarrow as pa

Part = Literal["train", "serve"]
PARTS: tuple[Part, Part] = ("train", "serve")


class _Lacking(NamedTuple):
    """What follows where serve lacks a column: why, what to do, and whether it is a fault, to be left out."""

    why: str
    suggestion: str
    fault: bool = False


_FEATURE = _Lacking(
    "A model trained with it cannot be served without it.",
    "Leave it out, or add it to the serving data.",
    fault=True,
)
_LACKING: dict[str, _Lacking] = {
    "target": _Lacking(
        "Serving rows do not have the target yet.", "Nothing is to be done: it is what a model is to predict."
    ),
    "weight": _Lacking(
        "A weight is no feature: it counts train rows in a fit, and serving rows need none.",
        "Nothing is to be done: train with it, and keep it out of the features.",
    ),
    "id": _Lacking(
        "An id is no feature: a model does without it.",
        "Keep it out of the features; add it to the serving data where predictions are handed in by it.",
    ),
    "group": _Lacking(
        "A group says which rows belong together when train is split, for which serve need not have it.",
        "Keep it, and out of the features: a model that uses it as one cannot be served without it.",
    ),
    "time": _Lacking(
        "A time puts train rows in order, as when train is split, for which serve need not have it.",
        "Keep it, and out of the features: a model that uses it as one cannot be served without it.",
    ),
}  # by the role of the column


def missing_in_serve(column: str, role: str = "") -> Finding:
    """That serve lacks a column of train: a fault in a feature; a note where it has a ``role``, for which
    serve need not have it.
    """
    what = _LACKING.get(role, _FEATURE)
    known_as = f"{', as' if role == 'target' else ';'} it is the {role}" if role else ""
    return Finding(
        code="missing_in_serve",
        title=f"Column {name(column)} is missing from serve{known_as}.",
        severity="warning" if what.fault else "info",
        score=0.8 if what.fault else 0.1,
        why=what.why,
        suggestion=what.suggestion,
        columns=(column,),
        action="omit" if what.fault else "",
        fix=left_out(column) if what.fault else "",
    )


def said_with(roles: Mapping[str, str], loading: Iterable[Finding]) -> tuple[Finding, ...]:
    """What was found while reading, as it is said where columns have these roles (role -> column); of one
    with several the first counts.
    """
    role_of = {column: role for role, column in reversed(list(roles.items()))}
    return tuple(
        missing_in_serve(one.columns[0], role_of.get(one.columns[0], ""))
        if one.code == "missing_in_serve"
        else one
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
