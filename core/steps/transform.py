"""Transform skewed numbers: log1p, Yeo-Johnson, or by their quantiles in train."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import SettingError
from core.numerics.transforms import log1p, quantile_rank, yeo_johnson
from core.phrases import count, name, number
from core.settings import Settings, choice
from core.steps.floats import from_numbers
from core.steps.kind import Effect, Kind, Learned, State

WAYS = ("log1p", "yeo-johnson", "quantile to normal", "quantile to uniform")
QUANTILES = 1_000
STEEPEST = 5.0  # power beyond which Yeo-Johnson follows a few odd values or an offset, not a shape


@dataclass(frozen=True)
class Transform(Settings):
    """how: log1p: log(1 + x); yeo-johnson: a power chosen by train, then mean 0 and deviation 1; quantile:
    the rank in train, as a quantile of the normal distribution or from 0 to 1.
    """

    how: str = choice(
        "log1p",
        "Transform",
        "log1p for counts and amounts; Yeo-Johnson where values are negative too; quantile for any shape.",
        WAYS,
    )


def learn(state: State, column: str, settings: Transform) -> Learned:
    """Power, mean and deviation, or the quantiles of train. Raises `SettingError` for a column that is
    constant in train, and where no power between -5 and 5 fits.
    """
    if settings.how == "log1p":
        return {}
    numbers = state.known_numbers(column)
    if numbers[0] == numbers[-1]:
        raise SettingError(
            f"{name(column)} is constant in the rows of train that are left, so that no transform can be "
            "learned; leave it out."
        )
    if settings.how == "yeo-johnson":
        return _power(numbers, column)
    shares = np.linspace(0, 1, min(QUANTILES, numbers.size))
    with np.errstate(all="ignore"):
        quantiles = np.maximum.accumulate(np.percentile(numbers, shares * 100))
    if not np.isfinite(quantiles).all():
        raise SettingError(f"The numbers of {name(column)} are too large for quantiles; clip it first.")
    return {"quantiles": quantiles.tolist()}


def _power(numbers: NDArray[np.float64], column: str) -> Learned:
    from scipy.stats import yeojohnson_normmax

    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            power = float(yeojohnson_normmax(numbers))
        except (ValueError, RuntimeError, OverflowError):  # scipy says so where it finds none
            power = np.nan
        shaped = yeo_johnson(numbers, power)
        mean, deviation = float(shaped.mean()), float(shaped.std())
    if not np.isfinite([power, mean, deviation]).all() or deviation <= 0:
        raise SettingError(
            f"No power of Yeo-Johnson can be worked out for {name(column)}, as its numbers are too large or "
            "too unlike; clip it first, or transform by quantiles."
        )
    if abs(power) > STEEPEST:
        raise SettingError(
            f"The power of Yeo-Johnson for {name(column)} would be {number(power)}, which follows a few "
            "values or an offset and not a shape (beyond 5); transform by quantiles."
        )
    return {"power": power, "mean": mean, "deviation": deviation}


def transform(state: State, column: str, settings: Transform, learned: Learned) -> Effect:
    """The column as float64. Raises `SettingError` for log1p where a number is -1 or less, and where a result
    is too large.
    """
    numbers, note = state.numbers(column), ""
    if settings.how == "log1p":
        low = int(((numbers <= -1) & state.kept).sum())
        if low:
            raise SettingError(
                f"log1p needs numbers above -1, and {count(low, 'cell')} of {name(column)} "
                f"{'is' if low == 1 else 'are'} not; clip it first, or use yeo-johnson."
            )
        gone = int((numbers <= -1).sum())
        note = f"{count(gone, 'dropped row')} {'has' if gone == 1 else 'have'} no logarithm." if gone else ""
        numbers = np.where(numbers <= -1, np.nan, numbers)
    with np.errstate(all="ignore"):
        return Effect({column: from_numbers(_shaped(numbers, settings, learned))}, note=note)


def _shaped(numbers: NDArray[np.float64], settings: Transform, learned: Learned) -> Any:
    if settings.how == "log1p":
        return log1p(numbers)
    if settings.how == "yeo-johnson":
        return (yeo_johnson(numbers, learned["power"]) - learned["mean"]) / learned["deviation"]
    return quantile_rank(numbers, learned["quantiles"], settings.how == "quantile to normal")


def code(column: str, settings: Transform, learned: Learned) -> list[str]:
    """The same in pandas."""
    lines = [f'numbers = frame[{column!r}].astype("float64").to_numpy()']
    if settings.how == "log1p":
        return [
            *lines,
            'if (numbers[~about["out"].to_numpy(bool)] <= -1).any():',
            f"    raise ValueError({f'log1p needs numbers above -1, and some of {name(column)} are not.'!r})",
            f"frame[{column!r}] = log1p(np.where(numbers <= -1, np.nan, numbers))",
        ]
    if settings.how == "yeo-johnson":
        shaped = f"yeo_johnson(numbers, {learned['power']!r})"
        return [
            *lines,
            f"frame[{column!r}] = ({shaped} - {learned['mean']!r}) / {learned['deviation']!r}",
        ]
    normal = settings.how == "quantile to normal"
    return [
        *lines,
        f"quantiles = {learned['quantiles']!r}",
        f"frame[{column!r}] = quantile_rank(numbers, quantiles, {normal})",
    ]


def estimator(column: str, settings: Transform, learned: Learned) -> Any:
    """The transformer of scikit-learn, with what was learned. Logarithms are scipy's, as those of the rule:
    levels may be made of them next, which are equal to the last digit.
    """
    import pandas as pd
    from scipy.special import log1p as logarithms
    from sklearn.preprocessing import FunctionTransformer, PowerTransformer, QuantileTransformer

    some = pd.DataFrame({column: [0.0, 1.0, 3.0]})
    if settings.how == "log1p":
        return FunctionTransformer(logarithms, feature_names_out="one-to-one").fit(some)
    if settings.how == "yeo-johnson":
        power = PowerTransformer().fit(some)
        power.lambdas_ = np.array([learned["power"]])
        scaler = power._scaler
        scaler.mean_, scaler.scale_ = np.array([learned["mean"]]), np.array([learned["deviation"]])
        scaler.var_ = scaler.scale_**2
        return power
    quantiles = learned["quantiles"]
    form = "normal" if settings.how == "quantile to normal" else "uniform"
    ranks = QuantileTransformer(n_quantiles=3, output_distribution=form, subsample=None).fit(some)
    ranks.n_quantiles = ranks.n_quantiles_ = len(quantiles)
    ranks.references_ = np.linspace(0, 1, len(quantiles))
    ranks.quantiles_ = np.array(quantiles)[:, None]
    return ranks


KIND = Kind(
    settings=Transform,
    apply=transform,
    code=code,
    learn=learn,
    columns=("numeric",),
    estimator=estimator,
    helpers=(log1p, yeo_johnson, quantile_rank),
)
