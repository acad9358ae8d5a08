"""Scale numbers by what train holds: to mean 0 and deviation 1, by median and quartiles, or from 0 to 1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from core.errors import SettingError
from core.phrases import name
from core.settings import Settings, choice
from core.steps.floats import from_numbers
from core.steps.kind import Effect, Kind, Learned, State

WAYS = ("standard", "robust", "min-max")
SAME = 10 * np.finfo(np.float64).eps  # a spread this small beside the values is rounding


@dataclass(frozen=True)
class Scale(Settings):
    """how: standard: (x - mean) / standard deviation; robust: (x - median) / interquartile range; min-max:
    from 0 to 1.
    """

    how: str = choice(
        "standard",
        "Scale",
        "Standard: mean 0, deviation 1. Robust: by median and quartiles. Min-max: from 0 to 1.",
        WAYS,
    )


def learn(state: State, column: str, settings: Scale) -> Learned:
    """Centre and spread, as scikit-learn's StandardScaler, RobustScaler and MinMaxScaler have them. Raises
    `SettingError` for a column that has no spread in train, or a spread beyond what a float can hold.
    """
    numbers = state.known_numbers(column)
    with np.errstate(all="ignore"):
        if settings.how == "standard":
            centre, spread = float(numbers.mean()), float(numbers.std())
        elif settings.how == "robust":
            low, centre, high = np.percentile(numbers, [25, 50, 75]).tolist()
            spread = high - low
        else:
            centre, spread = float(numbers[0]), float(numbers[-1] - numbers[0])
    if numbers[0] != numbers[-1] and not np.isfinite([centre, spread]).all():
        raise SettingError(
            f"The numbers of {name(column)} are too large to scale: their spread cannot be worked out. Clip "
            "the column first."
        )
    if numbers[0] == numbers[-1] or (spread <= SAME * abs(centre) and settings.how != "robust"):
        raise SettingError(
            f"{name(column)} is constant in the rows of train that are left, so that no scale can be "
            "learned; leave it out."
        )
    if spread <= SAME * abs(centre):
        raise SettingError(
            f"At least half of the values of {name(column)} in train are equal, so that its interquartile "
            "range is 0; choose another scale."
        )
    # a column that is scaled already stays as it is, to the last digit
    centre = 0.0 if abs(centre) <= SAME * spread else centre
    return {"centre": centre, "spread": 1.0 if abs(spread - 1.0) <= SAME else spread}


def scale(state: State, column: str, settings: Scale, learned: Learned) -> Effect:
    """The column as float64. Raises `SettingError` where a result is too large for a float."""
    with np.errstate(over="ignore"):
        scaled = (state.numbers(column) - learned["centre"]) / learned["spread"]
    return Effect({column: from_numbers(scaled)})


def code(column: str, settings: Scale, learned: Learned) -> list[str]:
    """The same in pandas."""
    return [
        f'numbers = frame[{column!r}].astype("float64")',
        f"frame[{column!r}] = (numbers - {learned['centre']!r}) / {learned['spread']!r}",
    ]


def estimator(column: str, settings: Scale, learned: Learned) -> Any:
    """The scaler of scikit-learn, with what was learned. Min-max by a RobustScaler with the lowest value as
    its centre: it subtracts and divides, bit for bit as the rule does, where MinMaxScaler multiplies; a
    transform by quantiles may come next, which makes much of a last digit.
    """
    import pandas as pd
    from sklearn.preprocessing import RobustScaler, StandardScaler

    centre, spread = np.array([learned["centre"]]), np.array([learned["spread"]])
    some = pd.DataFrame({column: [0.0, 1.0]})
    if settings.how == "standard":
        standard = StandardScaler().fit(some)
        standard.mean_, standard.scale_, standard.var_ = centre, spread, spread**2
        return standard
    robust = RobustScaler().fit(some)
    robust.center_, robust.scale_ = centre, spread
    return robust


KIND = Kind(settings=Scale, apply=scale, code=code, learn=learn, columns=("numeric",), estimator=estimator)
