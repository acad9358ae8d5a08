"""A strategy as decisions, so that an export, a recipe and next month's file follow it: weights of rows, rows
dropped, rows repeated, synthetic rows added and marked.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.analyses.strategies.encoders import Columns, prepared
from core.analyses.strategies.folds import APART
from core.analyses.strategies.problem import Posed, posed, within_memory
from core.analyses.strategies.result import StrategiesResult
from core.analyses.strategies.samplers import Training, adasyn, smote, undersampler
from core.analyses.strategies.strategy import TITLES, balanced_weights, row_weights
from core.dataset import Dataset
from core.decision import Decision
from core.errors import SettingError
from core.numerics.association import Floats
from core.phrases import count, digits
from core.prepare.classes import Classes, classes_of
from core.prepare.weight_decisions import MOST, weight_decisions
from core.progress import SILENT
from core.rowset import RowSet
from core.steps.given_rows import GIVEN

SYNTHETIC = {"smote": smote, "adasyn": adasyn}
OFFERED = ("weights", "focal", "undersample", "oversample", *SYNTHETIC)
OF_ALL_ROWS = ("undersample", *SYNTHETIC)  # what it makes or drops follows from rows of any later part
ALL = 2_000_000  # rows that a strategy is made into decisions for, at most
_DAY = 86_400_000_000.0  # microseconds


def strategy_decisions(dataset: Dataset, result: StrategiesResult, strategy: str) -> tuple[Decision, ...]:
    """The decisions that a strategy comes to, on all train rows whose class is compared, those that were not
    drawn to be compared included.

    Raises `SettingError` for one that is none on rows, and where rows or columns do not allow it.
    """
    why = f"class balance: {strategy}"
    classes = classes_of(dataset, result.target)
    assert classes is not None
    if strategy == "focal":
        return _focal(dataset, result, _rows_compared(dataset, result, classes), why)
    if strategy == "oversample":
        settings = {"how": "balance", "by": result.target, "seed": result.settings.seed}
        return (Decision("add_rows", RowSet(), why=why, settings=settings),)
    if strategy not in OFFERED:
        raise SettingError(f"{strategy} makes no rows or weights; take its model instead.")
    if result.vectors and strategy in SYNTHETIC:
        raise SettingError(
            f"{TITLES[strategy]} makes rows between two others, and no {_made_of(result)} lies between two. "
            "Take weights or oversampling."
        )
    every = replace(result.settings, sample=ALL)
    given = posed(dataset, result.target, classes, every, SILENT, vectors=False)
    target, k = given.problem.target, given.problem.classes
    if strategy == "weights":
        return _weights(dataset, given.rows, balanced_weights(target, k), why)
    if strategy == "undersample":
        sampler = undersampler(Training(np.zeros((target.size, 1)), target, 0, k), result.settings.seed)
        sampler.fit_resample(np.zeros((target.size, 1)), target)
        gone = np.setdiff1d(given.rows, given.rows[sampler.sample_indices_])
        return (Decision("drop", dataset.source_rows(RowSet(gone)), why=why),)
    return (_synthetic(dataset, result, given, classes, strategy, why),)


def offered(result: StrategiesResult) -> tuple[str, ...]:
    """The strategies that can be taken as decisions: of vectors none that makes rows up."""
    return tuple(one for one in OFFERED if not (result.vectors and one in SYNTHETIC))


def _made_of(result: StrategiesResult) -> str:
    return "image" if result.vectors == "images" else "row of these data"


def split_decision(result: StrategiesResult, how: str) -> Decision:
    """A column that parts the rows of train: "by level" of the target, "by group" or "in time"."""
    by = {"by": result.target} if how == "by level" else {}
    settings = {"how": how, "seed": result.settings.seed, **by}
    return Decision("split", RowSet(), why="class balance: split", settings=settings)


def _weights(dataset: Dataset, rows: NDArray[np.int64], weights: Floats, why: str) -> tuple[Decision, ...]:
    if rows.size > MOST:
        raise SettingError(
            f"Weights of over {count(MOST, 'row')} would make a recipe of megabytes; take them from the rows "
            "of this analysis."
        )
    weight = np.full(dataset.rows, np.nan)
    weight[rows] = weights
    return weight_decisions(dataset, weight, why)


def _rows_compared(dataset: Dataset, result: StrategiesResult, classes: Classes) -> int:
    """How many train rows the classes compared have, without images that cannot be read."""
    codes = [at for at, one in enumerate(classes.names) if one in result.classes]
    rows = np.isin(classes.codes, codes) & dataset.part_mask("train")
    return int(np.count_nonzero(rows & ~dataset.without_picture() if result.vectors else rows))


def _focal(dataset: Dataset, result: StrategiesResult, rows: int, why: str) -> tuple[Decision, ...]:
    trial = next((one for one in result.trials if one.strategy == "focal" and one.p is not None), None)
    if trial is None or trial.p is None:
        raise SettingError("Focal weights need the strategy focal to be tried first.")
    used = result.ids.size
    if used < rows:
        room = within_memory(dataset, replace(result.settings, sample=ALL)).sample
        raise SettingError(
            f"Focal weights follow from held-out predictions, and {used:,} of {count(rows, 'train row')} "
            "were drawn to make them; "
            + ("raise the setting sample." if room >= rows else "memory has no room for more. Take weights.")
        )
    p, places = trial.p, np.arange(result.truth.size)
    own = np.where(result.truth == 1, p, 1.0 - p) if p.ndim == 1 else p[places, result.truth]
    return _weights(dataset, result.ids, row_weights("focal", result.truth, own), why)


def _training(given: Posed, seed: int) -> tuple[Training, Any]:
    import pandas as pd

    problem = given.problem
    encoder = prepared(problem.columns, seed)
    frame = pd.DataFrame(problem.values, columns=list(problem.columns.names))
    matrix = np.asarray(encoder.fit_transform(frame), dtype=np.float64)
    return Training(matrix, problem.target, len(problem.columns.levels), problem.classes), encoder


def _synthetic(
    dataset: Dataset, result: StrategiesResult, given: Posed, classes: Classes, strategy: str, why: str
) -> Decision:
    """The new rows as a step that gives them, marked with the name of the strategy. Raises `SettingError`
    for more of them than a step takes.
    """
    columns = given.problem.columns
    if columns.texts:
        raise SettingError("Rows between two texts cannot be made; leave text columns out, or take weights.")
    counts = np.bincount(given.problem.target)
    more = int((counts.max() - counts).sum())
    if more > GIVEN:
        raise SettingError(
            f"{count(more, 'synthetic row')} would be added; a step takes {GIVEN:,}. Take weights instead."
        )
    rows, encoder = _training(given, result.settings.seed)
    if rows.codes and strategy == "adasyn":
        raise SettingError(
            "ADASYN makes up numbers alone, and some columns are categories; take SMOTE, which copies those "
            "(SMOTENC)."
        )
    sampler = SYNTHETIC[strategy](rows, result.settings.seed)
    try:
        matrix, target = sampler.fit_resample(rows.matrix, rows.target)
    except RuntimeError as error:  # of ADASYN alone
        raise SettingError(f"{TITLES[strategy]} cannot be had: {APART}. Take SMOTE.") from error
    new, codes = matrix[rows.target.size :], target[rows.target.size :]
    if not len(new):
        raise SettingError("The classes are even already: no row is to be added.")
    cells = _cells(dataset, columns, encoder, new)
    cells[result.target] = [_label(dataset, result.target, given.classes[code]) for code in codes.tolist()]
    names = list(cells)
    records = [dict(zip(names, row, strict=True)) for row in zip(*cells.values(), strict=True)]
    settings = {"how": "given", "records": records, "origin": strategy}
    return Decision("add_rows", RowSet(), why=why, settings=settings)


def _label(dataset: Dataset, target: str, name: str) -> Any:
    """A class as a cell of the target."""
    kind = dataset[target].kind
    if kind == "boolean":
        return name == "True"
    return float(name) if kind == "numeric" else name


def _cells(dataset: Dataset, columns: Columns, encoder: Any, new: Floats) -> dict[str, list[Any]]:
    """Values of new rows by column, from prepared ones: codes become their levels, numbers are rounded where
    the column holds whole ones.

    Prepared numbers carry a mark of what was missing, and were filled by the median m. Of a new row between
    one row with the value a and one without, at (1 - t) a + t m with the mark t, the nearer of the two says
    which it is: a, or missing. So no median is written, and about as many cells are missing as before.
    """
    cells: dict[str, list[Any]] = {}
    for place, name in enumerate(columns.levels):
        levels = _levels(encoder.named_transformers_["codes"], place)
        cells[name] = [levels.get(int(code)) for code in new[:, place]]
    first = len(columns.levels)
    if not columns.numbers:
        return cells
    filled, scaler = encoder.named_transformers_["numbers"]
    numbers = _unscaled(new[:, first:], scaler)  # no column of texts is behind them
    marks = {int(place): at for at, place in enumerate(filled.indicator_.features_)}
    for place, name in enumerate(columns.numbers):
        values = numbers[:, place]
        gone = np.zeros(values.size, bool)
        if place in marks:
            mark = numbers[:, len(columns.numbers) + marks[place]]
            gone = mark >= 0.5
            share = np.where(gone, 0.0, mark)
            values = (values - share * filled.statistics_[place]) / (1.0 - share)
        made = _numbers(dataset, name, values)
        cells[name] = [None if no else one for one, no in zip(made, gone.tolist(), strict=True)]
    return cells


def _unscaled(numbers: Floats, scaler: Any) -> Floats:
    """Standardised numbers as they were, to 13 digits of the column: between two equal ones lies no other."""
    made = scaler.inverse_transform(numbers)
    sizes = np.abs(scaler.mean_) + np.abs(scaler.scale_)
    for place, size in enumerate(sizes.tolist()):
        made[:, place] = np.round(made[:, place], int(np.clip(13 - np.ceil(np.log10(size)), -280, 280)))
    return np.asarray(made, dtype=np.float64)


def _levels(codes: Any, place: int) -> dict[int, str]:
    """Code -> level; of levels that share a code the first, missing has none."""
    known = [one for one in codes.categories_[place] if isinstance(one, str)]
    rare = codes.infrequent_categories_[place]
    others = set() if rare is None else {one for one in rare if isinstance(one, str)}
    frequent = [one for one in known if one not in others]
    return {at: str(one) for at, one in enumerate([*frequent, *sorted(others)[:1]])}


def _numbers(dataset: Dataset, name: str, values: NDArray[np.float64]) -> list[Any]:
    kind, stored = dataset[name].kind, dataset.table([name]).schema.field(0).type
    if kind == "datetime":
        moments = np.round(values * _DAY).astype("datetime64[us]")
        return [str(one).replace("T", " ") for one in moments]
    if kind == "boolean":
        return [bool(one >= 0.5) for one in values]
    if str(stored).startswith(("int", "uint")):
        return [int(one) for one in np.round(values)]
    return [float(digits(one)) for one in values]
