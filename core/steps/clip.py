"""Clip numbers to a range: one that is stated, or one between quantiles of train (winsorise)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from core.dataset.column import held
from core.errors import SettingError
from core.phrases import count, digits, in_full, name
from core.settings import Settings, choice, knob, text
from core.steps.floats import exact_floats
from core.steps.kind import Effect, Kind, Learned, State
from core.steps.overlay import typed

if TYPE_CHECKING:
    import pyarrow as pa

WAYS = ("to a range", "winsorise")
FAR = 8e307  # stands for no bound: twice as much is still finite


@dataclass(frozen=True)
class Clip(Settings):
    """how: where the bounds come from. low, high: the range, "" for no bound. share: of the values of train
    that lie beyond each bound when it winsorises.
    """

    how: str = choice("to a range", "Clip", "To a range you state, or to quantiles of train.", WAYS)
    low: str = text("", "Lower bound", "For 'to a range': numbers below become this; empty for none.")
    high: str = text("", "Upper bound", "For 'to a range': numbers above become this; empty for none.")
    share: float = knob(
        0.01, "Share at each end", "For 'winsorise': the share of train beyond each bound.", 0.0, 0.49
    )


def learn(state: State, column: str, settings: Clip) -> Learned:
    """The bounds, "low" and "high", of which either may be missing. To winsorise: the values of train at the
    shares s and 1 - s (Dixon 1960), each one that occurs, so that whole numbers stay whole.

    Raises `SettingError` for bounds that are no numbers or leave only one value.
    """
    if settings.how == "winsorise":
        numbers = state.known_numbers(column)
        shares = [settings.share, 1.0 - settings.share]
        low, high = np.quantile(numbers, shares, method="inverted_cdf").tolist()
        bounds = {"low": low, "high": high}
    else:
        given = {"low": settings.low, "high": settings.high}
        bounds = {key: _bound(state, column, key, text) for key, text in given.items() if text.strip()}
    if not bounds:
        raise SettingError(f"Give a lower or an upper bound to clip {name(column)} to.")
    if len(bounds) == 2 and bounds["low"] >= bounds["high"]:
        raise SettingError(
            f"Clipping {name(column)} to {digits(bounds['low'])} to {digits(bounds['high'])} would leave one "
            "value at most; choose a wider range."
        )
    return bounds


def _bound(state: State, column: str, key: str, given: str) -> float:
    """A bound as the source writes numbers; whole ones keep all their digits."""
    import pyarrow as pa

    digits = given.strip().removeprefix("-")
    if digits.isascii() and digits.isdigit():
        bound: float | None = int(given)
    else:
        bound = typed(state.data, state.data[column], given.strip(), pa.float64())
    if bound is None:
        raise SettingError(f"{key} must be a number, or empty for none; got {given!r}.")
    if not abs(bound) < FAR:
        raise SettingError(f"{key} must be a finite number; got {given!r}.")
    return bound


def clip(state: State, column: str, settings: Clip, learned: Learned) -> Effect:
    """The column within the bounds; missing cells stay."""
    import pyarrow as pa
    import pyarrow.compute as pc

    values = state.values(column)
    if not pa.types.is_integer(values.type) or not all(float(b).is_integer() for b in learned.values()):
        values = exact_floats(values, column)
    look = pa.array(state.kept & state.scope)
    told, held = [], pc.min_max(values.filter(look)).as_py()
    ends = [float(held[one] or 0.0) for one in ("min", "max")]
    for key, beyond, verb in (("low", pc.less, "raised"), ("high", pc.greater, "lowered")):
        if key in learned:
            bound = _scalar(values.type, learned[key], column, key)
            over = pc.fill_null(beyond(values, bound), False)
            told.append(f"{count(pc.sum(pc.and_(over, look)).as_py() or 0, 'cell')} {verb} to")
            told[-1] += f" {in_full(learned[key], *ends)}"
            values = pc.if_else(over, bound, values)
    return Effect({column: values}, note=", ".join(told) + ".")


def _scalar(kind: pa.DataType, bound: float, column: str, key: str) -> pa.Scalar:
    """The bound as a value of the column's type: its last one where the bound lies beyond it and meets no
    cell. Raises `SettingError` where it would meet all.
    """
    import pyarrow as pa

    if pa.types.is_floating(kind):
        return pa.scalar(float(bound), kind)
    ends = np.iinfo(kind.to_pandas_dtype())
    if (bound > ends.max) if key == "low" else (bound < ends.min):
        raise SettingError(f"{name(column)} holds {held(kind)}, in which there is no {digits(bound)}.")
    return pa.scalar(min(max(int(bound), int(ends.min)), int(ends.max)), kind)


def code(column: str, settings: Clip, learned: Learned) -> list[str]:
    """The same in pandas."""
    whole = all(float(bound).is_integer() for bound in learned.values())
    given = {"lower": learned.get("low"), "upper": learned.get("high")}
    bounds = {key: int(b) if whole else b for key, b in given.items() if b is not None}
    told = ", ".join(f"{key}={bound!r}" for key, bound in bounds.items())
    cast = "" if whole else '.astype("float64")'
    return [f"frame[{column!r}] = frame[{column!r}]{cast}.clip({told})"]


def estimator(column: str, settings: Clip, learned: Learned) -> Any:
    """A min-max scaler from the bounds to the bounds that clips, as skops trusts no clipping function."""
    import pandas as pd
    from sklearn.preprocessing import MinMaxScaler

    low, high = learned.get("low", -FAR), learned.get("high", FAR)
    return MinMaxScaler(feature_range=(low, high), clip=True).fit(pd.DataFrame({column: [low, high]}))


USED = {
    "low": ("how", ("to a range",)),
    "high": ("how", ("to a range",)),
    "share": ("how", ("winsorise",)),
}
KIND = Kind(
    settings=Clip,
    used=USED,
    apply=clip,
    code=code,
    learn=learn,
    columns=("numeric",),
    scoped=True,
    estimator=estimator,
)
