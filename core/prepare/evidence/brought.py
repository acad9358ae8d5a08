"""Probabilities of the classes that a person brought, as columns or in a file: which number is of which
class, and whether they are probabilities.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from core.dataset import Dataset
from core.errors import CoreError, SettingError
from core.phrases import count, name, names, verb
from core.prepare.features import floats
from core.prepare.levels import encoded

_OFF = 0.01  # how far from 1 the probabilities of a row may add up
_NEAR = 1e-6  # how far beyond 0 and 1 a probability may lie, as computers round
_SURE = 4.0  # standard errors from which one order fits better than another
_ENOUGH, _SPREAD = 30, 0.5  # rows needed to tell, and the least spread of their log-likelihoods
_NUMBERED = re.compile(r"(\D*?)(\d+)\Z")
_MOST = 10  # names in a sentence
Fault = Callable[[str], CoreError]


def brought(
    dataset: Dataset, columns: Sequence[str], classes: Sequence[str], rows: NDArray[np.int64], target: str
) -> NDArray[np.float32]:
    """The probabilities of these rows, n x k, in the order of ``classes``.

    A column is of the class that it is called; where not all are called so, the columns stand for the
    classes in the order of their names (numbers by value). Raises `SettingError` where there are too few or
    too many, or a row does not sum to one.
    """
    ordered = in_order(classes)
    if len(columns) != len(classes):
        raise SettingError(
            f"{count(len(columns), 'column')} of probabilities for {count(len(classes), 'class', 'classes')} "
            f"of {name(target)}: give one column per class ({names(ordered, _MOST)})."
        )
    found = by_name(columns, ordered) or list(range(len(columns)))
    made = np.stack([floats(dataset.table([columns[at]]).column(0).take(rows)) for at in found], axis=1)
    held = checked(made, lambda at: f"The probabilities of row {int(rows[at])}", SettingError)
    if by_name(columns, ordered) is None:
        check_order(
            held, places_given(dataset, target, ordered, rows), ordered, f"The columns {names(columns)}"
        )
    return np.ascontiguousarray(held[:, [ordered.index(one) for one in classes]])


def in_order(classes: Sequence[str]) -> list[str]:
    """The classes in the order of their names: numbers by value, before words.

    >>> in_order(["b", "10", "9", "a"])
    ['9', '10', 'a', 'b']
    """
    return sorted(classes, key=_order)


def by_name(columns: Sequence[str], classes: Sequence[str]) -> list[int] | None:
    """For each class the place of the column that is called as it is, all with the same words before or
    behind it; None where not every column is of a class so.

    >>> by_name(["p_no", "p_yes"], ["yes", "no"]), by_name(["no", "p_yes"], ["yes", "no"])
    ([1, 0], None)
    """
    spelt = [spelling(one) for one in columns]
    wanted = [spelling(one) for one in classes]
    if len(set(wanted)) < len(wanted):  # True and true, 1 and 1.0 as texts
        spelt, wanted = list(columns), list(classes)
    if sorted(spelt) == sorted(wanted):
        return [spelt.index(one) for one in wanted]
    plain = list(columns)
    for one in classes:
        for around in _around(plain[0], one) if plain else ():
            every = [around[0] + other + around[1] for other in classes]
            if sorted(every) == sorted(plain):
                return [plain.index(other) for other in every]
    return None


def places(columns: Sequence[str], classes: Sequence[str], file: str, target: str) -> list[int]:
    """For each class the place of its column in a file: by name, or, where the columns are only numbered
    (as arrays are), in the order of the classes. Raises `SettingError` naming the class or the column.

    >>> places(["column_1", "column_2"], ["a", "b"], "p.npy", "t"), places(["b", "a"], ["a", "b"], "p", "t")
    ([0, 1], [1, 0])
    """
    found = by_name(columns, classes)
    if found is not None:
        return found
    known = {spelling(one) for one in columns} & {spelling(one) for one in classes}
    lacking = [one for one in classes if spelling(one) not in known]
    more = [one for one in columns if spelling(one) not in known]
    how = f"Give one column per class, called as its class ({names(classes, _MOST)})."
    if known:
        without = (
            f"no column for the {_few(lacking, 'class', 'classes')} of {name(target)}" if lacking else ""
        )
        beyond = f"a column {names(more, _MOST)} that is no class of {name(target)}" if more else ""
        raise SettingError(f"{file} has {' and '.join(filter(None, [without, beyond]))}. {how}")
    if len(columns) != len(classes):
        raise SettingError(
            f"{file} has {count(len(columns), 'column')} of probabilities for "
            f"{count(len(classes), 'class', 'classes')} of {name(target)}. {how}"
        )
    if not _only_numbered(columns):
        raise SettingError(
            f"The {count(len(columns), 'column')} of {file} ({names(columns, _MOST)}) do not say "
            f"which class of {name(target)} they are of. {how}"
        )
    if len({_order(one)[0] for one in classes}) > 1:
        raise SettingError(
            f"Some classes of {name(target)} are numbers and some are words, which programs order in "
            f"different ways; the columns of {file} are only numbered. {how}"
        )
    return list(range(len(columns)))


def check_order(
    probabilities: NDArray[np.float32], given: NDArray[np.int64], classes: Sequence[str], called: str
) -> None:
    """Raise `SettingError` where numbered columns fit the labels given surely better in the order of letters
    (1, 10, 2), as programs have it that take classes for words, than in that of ``classes``, by value.

    probabilities: n x k. given: the place of the label of each row among the classes, -1 for none.
    """
    letters = sorted(range(len(classes)), key=lambda at: classes[at])
    known = np.flatnonzero(given >= 0)
    if letters == list(range(len(classes))) or known.size < _ENOUGH:
        return
    place = np.argsort(letters)  # of each class, among the columns, if these stand in the order of letters
    likely = np.log(np.maximum(probabilities[known].astype(np.float64), 1e-6))
    gain = likely[np.arange(known.size), place[given[known]]] - likely[np.arange(known.size), given[known]]
    if gain.mean() > _SURE * max(gain.std(ddof=1), _SPREAD) / math.sqrt(known.size):
        shown = ", ".join([*(classes[at] for at in letters[:4]), *(["…"] if len(letters) > 4 else [])])
        raise SettingError(
            f"{called} do not say which class they are of, and fit the labels in the order of letters "
            f"({shown}) and not in that of numbers. Call each as its class."
        )


def places_given(
    dataset: Dataset, target: str, classes: Sequence[str], rows: NDArray[np.int64]
) -> NDArray[np.int64]:
    """The place of each row's label among the classes, -1 for none."""
    codes, levels = encoded(dataset.table([target]).column(0))
    at = {one: place for place, one in enumerate(classes)}
    place = np.array([at.get(str(level), -1) for level in levels.to_pylist()] + [-1], np.int64)
    return place[codes[rows]]


def checked(values: NDArray[np.float64], of: Callable[[int], str], fault: Fault) -> NDArray[np.float32]:
    """The probabilities, n x k, each row scaled to a sum of exactly one. of: what to call the numbers of a
    row, at the beginning of a sentence. Raises ``fault`` for the first row with a number that is missing,
    not finite or not in [0, 1], or whose numbers do not add up to 1 within 0.01.
    """
    wrong = ~((values >= -_NEAR) & (values <= 1.0 + _NEAR)).all(axis=1)
    if wrong.any():
        at = int(wrong.argmax())
        shown = ", ".join(f"{one:.4g}" for one in values[at][:_MOST]) + (
            ", …" if values.shape[1] > _MOST else ""
        )
        raise fault(f"{of(at)} do not all lie between 0 and 1: {shown}. {_hint(values)}")
    sums = values.sum(axis=1)
    off = np.abs(sums - 1.0) > _OFF
    if off.any():
        at = int(off.argmax())
        raise fault(
            f"{of(at)} add up to {sums[at]:.4g}, not to 1. Give the probability of every class, "
            "and scale each row to a sum of 1."
        )
    return np.asarray(np.clip(values, 0.0, 1.0) / sums[:, None], dtype=np.float32)


def _hint(values: NDArray[np.float64]) -> str:
    """What the numbers probably are, and what to do."""
    if np.isnan(values).any():
        return "Fill what is missing or infinite, or leave the row out."
    if (np.abs(values.sum(axis=1) - 100.0) < 100.0 * _OFF).all():
        return "They look like percentages: divide them by 100."
    if (values <= _NEAR).all():
        return "They look like logarithms of probabilities: take exp of them."
    return "Scores of another kind become probabilities by softmax (predict_proba, not decision_function)."


def _few(classes: Sequence[str], one: str, many: str) -> str:
    return f"{verb(len(classes), one, many)} {names(classes, _MOST)}"


def _around(column: str, text: str) -> list[tuple[str, str]]:
    """What stands before and behind each place of ``text`` in the name of a column."""
    starts = [at for at in range(len(column) - len(text) + 1) if column.startswith(text, at)] if text else []
    return [(column[:at], column[at + len(text) :]) for at in starts]


def _only_numbered(columns: Sequence[str]) -> bool:
    """Whether the names say no more than the place: one word, if any, and numbers one after the other.

    >>> _only_numbered(["p0", "p1"]), _only_numbered(["1", "2"]), _only_numbered(["p1", "p3"])
    (True, True, False)
    """
    parts = [_NUMBERED.match(one) for one in columns]
    words = {part[1] for part in parts if part}
    numbers = [int(part[2]) for part in parts if part]
    return (
        None not in parts and len(words) == 1 and numbers == list(range(numbers[0], numbers[0] + len(parts)))
    )


def spelling(text: str) -> str:
    """One spelling for equal numbers, and for truth values.

    >>> spelling("1.0"), spelling("01"), spelling("TRUE"), spelling("a")
    ('1', '01', 'true', 'a')
    """
    if text.lower() in ("true", "false"):
        return text.lower()
    try:
        value = float(text)
    except ValueError:
        return text
    plain = f"{value:.17g}"
    return plain if text in (plain, f"{value:.1f}", repr(value)) else text


def _order(text: str) -> tuple[int, float, str]:
    """Numbers by value, before words."""
    try:
        value = float(text)
    except ValueError:
        return 1, 0.0, text
    return (0, value, text) if math.isfinite(value) else (1, 0.0, text)
