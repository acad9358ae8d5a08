"""Ways to impute missing values, fitted on given rows: what each does to a column, and the same thing to be
exported.

A filler is one scikit-learn transformer over numeric, category and boolean columns. It leaves Winnow as a
skops file, which holds no pickles and whose types can be listed before it is read, and as a short script that
needs scikit-learn and pandas only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

STRATEGIES = ("median", "mean", "mode", "constant", "knn")
MEANING = {
    "median": "the median of numbers, the most frequent of other values",
    "mean": "the mean of numbers, the most frequent of other values",
    "mode": "the most frequent value",
    "constant": "one fixed value",
    "knn": "the mean of the 5 most similar rows for numbers, the most frequent of other values",
}
NEIGHBOURS = 5
DONORS = 2_000  # rows among which neighbours are looked for


@dataclass(frozen=True)
class FillPlan:
    """Which columns are filled, and how.

    fill, word: what "constant" puts into numeric columns, and into others.
    no_values: words for missing among the others' values, which are never filled in.
    helpers: numeric columns without gaps, by which neighbours are sought too.
    """

    numeric: tuple[str, ...]
    other: tuple[str, ...]
    strategy: str
    fill: float = 0.0
    helpers: tuple[str, ...] = ()
    word: str = "missing"
    no_values: tuple[str, ...] = ()

    @property
    def by_neighbours(self) -> bool:
        """Whether neighbours are sought."""
        return self.strategy == "knn" and bool(self.numeric)

    @property
    def numbers(self) -> tuple[str, ...]:
        """The numeric columns that the filler takes and gives."""
        return self.numeric + (self.helpers if self.by_neighbours else ())

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns that the filler takes and gives, numeric ones first."""
        return self.numbers + self.other


def prepared(frame: pd.DataFrame, plan: FillPlan) -> pd.DataFrame:
    """The columns of the plan as pandas reads them from a file: numbers as float64, infinite ones missing,
    everything else as objects with NaN where there is none."""
    columns = frame[list(plan.columns)].copy()
    for name in plan.numbers:
        columns[name] = columns[name].astype("float64").replace([np.inf, -np.inf], np.nan)
    for name in plan.other:
        columns[name] = columns[name].astype(object).where(columns[name].notna(), np.nan)
    return columns


def fitted(frame: pd.DataFrame, plan: FillPlan) -> Any:
    """A scikit-learn ColumnTransformer fitted on ``frame`` (see `prepared`), whose output is a frame of
    ``plan.columns``.

    Neighbours are sought among the first 2,000 rows, by numbers that are scaled to a standard deviation of 1
    for the search alone.
    """
    from sklearn.compose import ColumnTransformer

    frame = _meant(frame, plan)
    parts: list[tuple[str, Any, list[str]]] = []
    if plan.numeric:
        parts.append(
            ("numbers", _neighbours() if plan.by_neighbours else _simple(plan, True), list(plan.numbers))
        )
    if plan.other:
        parts.append(("others", _simple(plan, False), list(plan.other)))
    imputer = ColumnTransformer(parts, verbose_feature_names_out=False).set_output(transform="pandas")
    imputer.fit(frame.head(1).fillna(dict.fromkeys(plan.numbers, 0.0)) if plan.by_neighbours else frame)
    if plan.by_neighbours:
        _fit_steps(imputer.named_transformers_, _donors(frame, plan))
    return imputer


def _meant(frame: pd.DataFrame, plan: FillPlan) -> pd.DataFrame:
    """The frame to fit on, without words for missing."""
    if not plan.no_values or not plan.other:
        return frame
    others = frame[list(plan.other)]
    return frame.assign(**others.mask(others.isin(plan.no_values)))


def _simple(plan: FillPlan, numeric: bool) -> Any:
    from sklearn.impute import SimpleImputer

    if plan.strategy == "constant":
        return SimpleImputer(
            strategy="constant", fill_value=plan.fill if numeric else plan.word, keep_empty_features=True
        )
    how = plan.strategy if numeric and plan.strategy in ("mean", "median") else "most_frequent"
    return SimpleImputer(strategy=how, keep_empty_features=True)


def _neighbours() -> Any:
    from sklearn.impute import KNNImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(
        StandardScaler(), KNNImputer(n_neighbors=NEIGHBOURS, keep_empty_features=True), StandardScaler()
    )


def _donors(frame: pd.DataFrame, plan: FillPlan) -> pd.DataFrame:
    """The rows among which neighbours are sought; a number that none of them knows is its median in all."""
    donors = frame.head(DONORS)
    unknown = [name for name in plan.numbers if donors[name].isna().all()]
    return donors.fillna(frame[unknown].median())


def _fit_steps(fitted: Any, frame: pd.DataFrame) -> None:
    """Fit each step on ``frame`` alone, where a pipeline would fill all rows only to scale them back. The
    last becomes the inverse of the first: a scaler of mean -m/s and deviation 1/s turns (x - m) / s into x.
    """
    for name, step in fitted.items():
        if name == "others":
            step.fit(frame[list(step.feature_names_in_)])
            continue
        first, neighbours, last = (one for _, one in step.steps)
        neighbours.fit(first.fit_transform(frame[list(first.feature_names_in_)]))
        last.mean_, last.scale_, last.var_ = (
            -first.mean_ / first.scale_,
            1.0 / first.scale_,
            1.0 / first.scale_**2,
        )
        last.n_samples_seen_ = first.n_samples_seen_


def script(plan: FillPlan) -> str:
    """A short script that fits the same transformer on a training file and fills it; needs pandas and
    scikit-learn only.
    """
    steps = []
    if plan.numeric:
        steps.append(f'("numbers", {_code(plan, True)}, NUMBERS)')
    if plan.other:
        steps.append(f'("others", {_code(plan, False)}, OTHERS)')
    knn = plan.by_neighbours
    return _SCRIPT.format(
        meaning=MEANING[plan.strategy],
        imports=_IMPORTS_KNN if knn else "",
        imputers="KNNImputer, SimpleImputer" if knn else "SimpleImputer",
        numbers=list(plan.numbers),
        others=list(plan.other),
        steps=", ".join(steps),
        fit=(f"made.fit(train.sample(min(len(train), {DONORS}), random_state=0))")
        if knn
        else "made.fit(train)",
        undo=_UNDO if knn else "",
        meant=_MEANT.format(words=list(plan.no_values)) if plan.no_values and plan.other else "",
    )


def _code(plan: FillPlan, numeric: bool) -> str:
    if numeric and plan.strategy == "knn":
        return (
            f"make_pipeline(StandardScaler(), KNNImputer(n_neighbors={NEIGHBOURS}, "
            "keep_empty_features=True), StandardScaler())"
        )
    if plan.strategy == "constant":
        value = repr(plan.fill if numeric else plan.word)
        return f'SimpleImputer(strategy="constant", fill_value={value}, keep_empty_features=True)'
    how = plan.strategy if numeric and plan.strategy in ("mean", "median") else "most_frequent"
    return f'SimpleImputer(strategy="{how}", keep_empty_features=True)'


_IMPORTS_KNN = (
    "from sklearn.pipeline import make_pipeline\nfrom sklearn.preprocessing import StandardScaler\n"
)
_MEANT = """
    train = train.mask(train.isin({words!r}))  # words for missing are not filled in"""
_UNDO = """
    first, last = made.named_transformers_["numbers"][0], made.named_transformers_["numbers"][-1]
    # undoes the first step
    last.mean_, last.scale_, last.var_ = -first.mean_ / first.scale_, 1 / first.scale_, 1 / first.scale_**2"""
_SCRIPT = '''"""Fill missing values with {meaning}.

    python fill.py train.csv [test.csv ...]

What is put in is learned from the first file alone. Each file is written again, with ".filled.csv" after its
name.
"""

import sys

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.impute import {imputers}
{imports}
NUMBERS = {numbers!r}
OTHERS = {others!r}


def read(path):
    frame = pd.read_csv(path)
    frame[NUMBERS] = frame[NUMBERS].astype("float64").replace([np.inf, -np.inf], np.nan)
    for name in OTHERS:
        frame[name] = frame[name].astype(object).where(frame[name].notna(), np.nan)
    return frame


def filler(train):{meant}
    steps = [{steps}]
    made = ColumnTransformer(steps, verbose_feature_names_out=False).set_output(transform="pandas")
    {fit}{undo}
    return made


if __name__ == "__main__":
    fill = filler(read(sys.argv[1]))
    for path in sys.argv[1:]:
        frame = read(path)
        known = frame[NUMBERS + OTHERS]
        frame[NUMBERS + OTHERS] = known.where(known.notna(), fill.transform(frame))
        frame.to_csv(path + ".filled.csv", index=False)
'''
