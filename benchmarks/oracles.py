"""Numbers against other people's code: associations and moments against scipy and scikit-learn, and leaks
against targetleak 0.3.2.

python -m benchmarks.oracles FOLDER      prints the leakage comparison by kind of leak, on the tables of
benchmarks/leakage.py
"""

from __future__ import annotations

import contextlib
import io
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.leakage import LEAKS, PLANTS, STRENGTHS, found_in, is_number, is_yes, noisy, tables
from benchmarks.table import Row, show
from core.analyses.association.analysis import association
from core.analyses.association.settings import AssociationSettings
from core.analyses.profile.analysis import ProfileSettings, profile
from core.progress import SILENT
from tests.make import dataset

CLOSE = 1e-10
# ours takes bins of ranks; eight of them, the fewest here, lose 1/64 of the variance
LOOSER = {"eta squared": 0.015}
# not names and dates
LEAKY = (
    "target-proxy",
    "suspiciously-predictive",
    "missingness-leak",
    "pure-categories",
    "dead-on-labelled-rows",
)
PLANT_ROWS = 1_000
XI_ROWS = 5_000  # above it ours takes a sample


def table(rows: int, seed: int) -> pd.DataFrame:
    """Numbers with and without ties, and levels, some of them related; no level is rare, nothing is
    missing.
    """
    draw = np.random.default_rng(seed)
    base, group = draw.normal(size=rows), draw.integers(0, 4, rows)
    return pd.DataFrame(
        {
            "x": base,
            "curve": base**2 + 0.3 * draw.normal(size=rows),
            "skewed": np.exp(2 * base + draw.normal(size=rows)),
            "ties": draw.poisson(2 + group),
            "noise": draw.normal(size=rows),
            "group": pd.Series(list("abcd")).iloc[group].to_numpy(),
            "alike": np.where(draw.random(rows) < 0.6, group, draw.integers(0, 4, rows)).astype(str),
            "other": draw.choice(list("uvwxyz"), rows),
        }
    )


def cramers_v(left: pd.Series, right: pd.Series) -> float:
    """Bergsma's corrected V from scipy's chi-squared, as dython has it."""
    from scipy.stats import chi2_contingency

    counts = pd.crosstab(left, right).to_numpy()
    n, (r, k) = counts.sum(), counts.shape
    phi2 = max(0.0, chi2_contingency(counts, correction=False)[0] / n - (r - 1) * (k - 1) / (n - 1))
    return float(np.sqrt(phi2 / min(r - (r - 1) ** 2 / (n - 1) - 1, k - (k - 1) ** 2 / (n - 1) - 1)))


def theils_u(left: pd.Series, right: pd.Series) -> float:
    """How much of ``left`` is told by ``right``, from scikit-learn's mutual information."""
    from scipy.stats import entropy
    from sklearn.metrics import mutual_info_score

    return float(mutual_info_score(left, right) / entropy(left.value_counts()))


def eta(number: pd.Series, level: pd.Series) -> float:
    """The correlation ratio of the ranks, as dython has it, freed of its bias (Kelley 1935)."""
    ranks = number.rank()
    means = ranks.groupby(level).transform("mean")
    within = ((ranks - means) ** 2).sum() / ((ranks - ranks.mean()) ** 2).sum()
    return float(np.sqrt(max(0.0, 1.0 - within * (len(ranks) - 1) / (len(ranks) - level.nunique()))))


def _xi(left: pd.Series, right: pd.Series) -> float:
    from scipy.stats import chatterjeexi

    return float(max(chatterjeexi(left, right).statistic, chatterjeexi(right, left).statistic))


def associations(rows: int, seed: int) -> dict[str, float]:
    """The largest difference from the other code, per measure."""
    from scipy.stats import pearsonr, spearmanr

    frame = table(rows, seed)
    found = association(dataset(frame), AssociationSettings(xi=True), SILENT).frame()
    numbers = set(frame.select_dtypes("number"))
    away: dict[str, list[float]] = {
        name: [] for name in ("Spearman", "Pearson", "Cramér's V", "Theil's U", "eta squared", "xi")
    }
    for line in found.to_dict("records"):
        left, right = frame[line["left"]], frame[line["right"]]
        told = {left.name in numbers, right.name in numbers}
        if told == {True}:
            away["Spearman"].append(line["value"] - spearmanr(left, right).statistic)
            away["Pearson"].append(line["pearson"] - pearsonr(left, right).statistic)
            # how ties are broken is anybody's choice
            if rows <= XI_ROWS and "ties" not in (left.name, right.name):
                away["xi"].append(line["xi"] - _xi(left, right))
        elif told == {False}:
            away["Cramér's V"].append(line["value"] - cramers_v(left, right))
            away["Theil's U"].append(line["u_left_given_right"] - theils_u(left, right))
            away["Theil's U"].append(line["u_right_given_left"] - theils_u(right, left))
        else:
            number, level = (left, right) if left.name in numbers else (right, left)
            away["eta squared"].append(line["eta"] ** 2 - eta(number, level) ** 2)
    return {name: float(np.max(np.abs(values), initial=0.0)) for name, values in away.items()}


def moments(rows: int, seed: int) -> dict[str, float]:
    """The largest relative difference of moments and quantiles from scipy's and numpy's."""
    from scipy.stats import kurtosis, skew

    frame = table(rows, seed).select_dtypes("number")
    ours = profile(dataset(frame), ProfileSettings(), SILENT).frame().set_index("column")
    theirs: dict[str, Callable[[pd.Series], float]] = {
        "mean": np.mean,
        "std": lambda values: float(np.std(values, ddof=1)),
        "skewness": skew,
        "kurtosis": kurtosis,
        "median": np.median,
        "q99": lambda values: float(np.quantile(values, 0.99)),
    }
    return {
        name: max(
            abs(ours.loc[column, name] - other(frame[column])) / max(1.0, abs(other(frame[column])))
            for column in frame
        )
        for name, other in theirs.items()
    }


def numbers(seeds: int) -> list[Row]:
    """One row per measure: the largest difference over tables of 200, 2,000 and 20,000 rows."""
    made = pd.DataFrame(
        [
            {**associations(rows, seed), **moments(rows, seed)}
            for rows in (200, 2_000, 20_000)
            for seed in range(seeds)
        ]
    )
    return [
        Row(
            f"{name}: largest difference from scipy",
            worst,
            limit,
            worst / limit,
            f"<= {limit:g}",
            worst <= limit,
        )
        for name, worst in made.max().items()
        for limit in [LOOSER.get(str(name), CLOSE)]
    ]


def peer_found(frame: pd.DataFrame, target: str) -> set[str]:
    """The columns that targetleak warns of as leaks, or calls critical."""
    import targetleak

    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        found = targetleak.analyse(frame, target=target)
    return {finding.column for finding in found if finding.severity != "info" and finding.kind in LEAKY}


def our_found(frame: pd.DataFrame, target: str) -> set[str]:
    """The columns that ours warns of, or calls critical."""
    return set(found_in(dataset(frame, target=target))["column"]) - {""}


def leaks(folder: Path, rows: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Per table the honest columns and those flagged by each side; and per planted leak whether each side
    found it.
    """
    alarms, plants = [], []
    for name, whole, target in tables(folder, keel=False):
        honest = whole.drop(columns=list(LEAKS.get(name, {})), errors="ignore")
        frame = honest.sample(min(len(honest), rows), random_state=0).reset_index(drop=True)
        alarms.append(
            (name, frame.shape[1] - 1, len(our_found(frame, target)), len(peer_found(frame, target)))
        )
        for kind in (*PLANTS, "answer and noise"):
            for strength in STRENGTHS:
                made, draw = frame.copy(), np.random.default_rng(0)
                if kind in PLANTS:
                    PLANTS[kind](made, is_yes(made[target]), draw, strength)
                else:
                    noisy(made, made[target], draw, strength)
                sides = ("planted" in side(made, target) for side in (our_found, peer_found))
                plants.append((name, kind, strength, is_number(made[target]), *sides))
    return (
        pd.DataFrame(alarms, columns=["table", "columns", "ours", "peer"]),
        pd.DataFrame(plants, columns=["table", "kind", "strength", "number", "ours", "peer"]),
    )


def measure(folder: Path | None, quick: bool) -> list[Row]:
    """The rows of the common table; leaks need a folder of real tables."""
    made = numbers(1 if quick else 3)
    if folder is None:
        return made
    alarms, plants = leaks(folder, PLANT_ROWS // (5 if quick else 1))
    wrong, other = (alarms[side].sum() / alarms["columns"].sum() for side in ("ours", "peer"))
    found, theirs = (float(plants[side].mean()) for side in ("ours", "peer"))
    return [
        *made,
        Row(
            "leaks in a column found (peer: targetleak, run here)",
            found,
            theirs,
            found / theirs,
            "ours >= peer",
            found >= theirs,
        ),
        Row(
            "honest columns flagged (peer: targetleak, run here)",
            wrong,
            other,
            other / max(wrong, 1e-9),
            "ours <= peer",
            wrong <= other,
        ),
    ]


def main() -> None:
    show(numbers(1))
    alarms, plants = leaks(Path(sys.argv[1]), PLANT_ROWS)
    sys.stdout.write(alarms[(alarms["ours"] > 0) | (alarms["peer"] > 0)].to_string(index=False) + "\n")
    sys.stdout.write(f"{alarms[['columns', 'ours', 'peer']].sum().to_dict()}\n")
    for by in (["number"], ["kind", "strength"]):
        sys.stdout.write(
            plants.groupby(by, sort=False)[["ours", "peer"]].agg(["sum", "count"]).to_string() + "\n"
        )


if __name__ == "__main__":
    main()
