"""The rows of both sides, as loaded and as decided: labels, folds, and the rows to score on."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.dataset import Dataset
from core.errors import TargetError, TooSmallError
from core.numerics.folds import Fold, spread
from core.numerics.rowhash import keyed, row_keys
from core.phrases import count, name, verb
from core.prepare.classes import classes_of
from core.prepare.encoding import compared_by
from core.prepare.features import floats
from core.prepare.hashes import row_hashes
from core.rowset import RowSet

ROWS = 20_000  # rows of a part looked at; a sample by content where there are more
FEWEST = 50  # rows to score on, below which a difference says nothing
Ids = NDArray[np.int64]
Mask = NDArray[np.bool_]


class ProofSide(NamedTuple):
    """One of the two. data: its data set. source: position in the source of each of its rows that is looked
    at. rows: their own ids. labels: float64, class codes or numbers; NaN where unknown.
    """

    data: Dataset
    source: Ids
    rows: Ids
    labels: NDArray[np.float64]


class Sides(NamedTuple):
    """classes: their names, () for numbers. train, untouched: masks by position in the source, where a model
    may learn from the row, and where it is scored. keys: equal for rows that must share a fold. strata: the
    class of each row of the source, or None. before, after: the sides. decided_serve: rows of serve that were
    dropped or got another label. sampled: whether rows were left out. left: how many rows of the source that
    could be scored by their part are left; passed_over: why some of them are not, and how many.
    """

    classes: tuple[str, ...]
    train: NDArray[np.bool_]
    untouched: NDArray[np.bool_]
    keys: NDArray[np.uint64]
    strata: NDArray[np.int64] | None
    before: ProofSide
    after: ProofSide
    decided_serve: RowSet
    held_apart: bool
    sampled: bool
    left: int
    passed_over: tuple[tuple[str, int], ...]

    def folds(self, seed: int) -> Fold:
        """The fold, 0 to 4, of each row of the source; equal rows share one."""
        return spread(keyed(self.keys, seed), self.strata)


def sides(decided: Dataset, seed: int) -> Sides:
    """Both sides of a data set as decided. Raises `TooSmallError` where too few rows are left to compare
    models on, or fewer than two classes.
    """
    base = decided.base
    assert base is not None
    target, was = decided.roles.target or "", base.roles.target or ""
    classes, old, new = _labels(base, was, decided, target)
    group = base.roles.group
    names = [group] if group else list(compared_by(base))
    keys = row_hashes(base, names) if names else np.arange(base.rows, dtype=np.uint64)
    kept = decided.source_ids(np.arange(decided.rows, dtype=np.int64))
    now = np.full(base.rows, np.nan)
    of_source = kept < base.rows
    now[kept[of_source]] = new[of_source]
    by_hand = _by_hand(decided, base.rows)
    untouched = (old == now) & ~by_hand
    serve = base.part_mask("serve")
    scored, held_apart = _scored(untouched, serve)
    _check_enough(int(scored.sum()), decided.name, was)
    looked_at = _sample(keys, serve, seed)
    learned = decided.part_mask("train")
    rows = np.flatnonzero(np.where(of_source, looked_at[np.minimum(kept, base.rows - 1)], True))
    train = np.zeros(max(base.rows, int(kept.max(initial=0)) + 1), bool)
    train[: base.rows] = ~serve
    train[kept[~of_source & learned]] = True
    own = np.flatnonzero(looked_at)
    touched = RowSet.from_mask(serve & ~np.isnan(old) & ~(old == now))
    there = np.zeros(base.rows, bool)
    there[kept[of_source]] = True
    there &= serve if held_apart else ~serve
    return Sides(
        classes=classes,
        train=train,
        untouched=scored & looked_at,
        keys=keys,
        strata=np.nan_to_num(old, nan=-1.0).astype(np.int64) if classes else None,
        before=ProofSide(base, own, own, old[own]),
        after=ProofSide(decided, kept[rows], rows, new[rows]),
        decided_serve=touched,
        held_apart=held_apart,
        sampled=not looked_at.all(),
        left=int(there.sum()),
        passed_over=_passed_over(there, scored & looked_at, (old, now), by_hand),
    )


def _check_enough(scored: int, data: str, target: str) -> None:
    """Raise `TooSmallError` where models cannot be compared on so few rows."""
    if scored < FEWEST:
        raise TooSmallError(
            f"{count(scored, 'row')} of {data!r} {verb(scored, 'is', 'are')} left with {name(target)} as "
            f"loaded and no cell edited by hand; comparing models before and after takes {FEWEST}."
        )


def _passed_over(
    there: Mask, scored: Mask, labels: tuple[NDArray[np.float64], NDArray[np.float64]], by_hand: Mask
) -> tuple[tuple[str, int], ...]:
    """Why rows that are ``there`` are not scored, and how many: each by the first reason that holds. labels:
    of each row as loaded and as decided.
    """
    old, new = labels
    reasons = (
        ("without a label as loaded", np.isnan(old)),
        ("with another label, or none, as decided", old != new),
        ("with a cell edited by hand", by_hand),
        ("not in the sample", ~scored),
    )
    told, rest = [], there & ~scored
    for words, holds in reasons:
        told.append((words, int((rest & holds).sum())))
        rest = rest & ~holds
    return tuple((words, rows) for words, rows in told if rows)


def _scored(untouched: NDArray[np.bool_], serve: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], bool]:
    """The rows that models are scored on, and whether they are of serve: where it has enough of them."""
    if serve.any() and (untouched & serve).sum() >= FEWEST:
        return untouched & serve, True
    return untouched & ~serve, False


def _labels(
    base: Dataset, was: str, decided: Dataset, target: str
) -> tuple[tuple[str, ...], NDArray[np.float64], NDArray[np.float64]]:
    """The names of the classes of both sides together (() for numbers), and the labels of each."""
    old, new = classes_of(base, was), classes_of(decided, target)
    if old is None or new is None:
        return (), floats(base.table([was]).column(0)), floats(decided.table([target]).column(0))
    names = tuple(dict.fromkeys((*old.names, *new.names)))
    if len(names) < 2:
        raise TargetError(f"{name(was)} of {base.name!r} has one class: there is nothing to predict.")
    place = {one: at for at, one in enumerate(names)}
    codes = []
    for side in (old, new):
        into = np.array([*(place[one] for one in side.names), np.nan])
        codes.append(into[side.codes])
    return names, codes[0], codes[1]


def _by_hand(decided: Dataset, rows: int) -> NDArray[np.bool_]:
    """Per row of the source whether a cell of it was edited by hand."""
    changed = np.zeros(rows, bool)
    for cells in decided.changes.cells.values() if decided.changes is not None else ():
        changed |= cells.codes[:rows] >= 0
    return changed


def _sample(keys: NDArray[np.uint64], serve: NDArray[np.bool_], seed: int) -> NDArray[np.bool_]:
    """Mask of at most `ROWS` rows of each part, drawn by content."""
    chosen = np.ones(keys.size, bool)
    for part in (serve, ~serve):
        rows = np.flatnonzero(part)
        if rows.size > ROWS:
            order = rows[np.argsort(row_keys(keys[rows], seed), kind="stable")]
            chosen[order[ROWS:]] = False
    return chosen
