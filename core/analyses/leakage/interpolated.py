"""Rows that lie exactly between two others of their class, as SMOTE and its kin make them: resampled before
the split, a row of serve is a mixture of rows of train.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.dataset import Dataset
from core.finding import Finding
from core.numerics.rowhash import keyed
from core.phrases import count, percent, quoted, sentence, verb
from core.prepare.classes import classes_of
from core.prepare.features import floats
from core.prepare.hashes import row_hashes
from core.progress import Progress
from core.rowset import RowSet

Ints = NDArray[np.int64]
NEIGHBOURS = 25  # SMOTE's parents are among the five nearest before rows were added between them
LOOKED_AT = 500  # rows of a class
POOL = 40_000  # rows of a class among which neighbours are looked for
CLASSES = 6
_COLUMNS = 12
_FEWEST = 3  # columns of numbers: in fewer dimensions, rows are in line by chance
_IN_LINE = 1e-11  # how far the cosine of the angle at the row may be from -1
_SHARE = 0.05  # of a class, above that of the class with the fewest, from which it is said


class InLine(NamedTuple):
    """Of one class: rows looked at, those of them that lie between two others, and the rows of serve among
    all three that train has a part in.
    """

    looked_at: int
    between: Ints
    across: Ints


def interpolated(dataset: Dataset, target: str, seed: int, progress: Progress) -> list[Finding]:
    """The finding, where rows of some class lie between others and those of another class do not."""
    classes = classes_of(dataset, target) if target else None
    if classes is None or len(classes.names) < 2:
        return []
    names, matrix = _numbers(dataset, target)
    if len(names) < _FEWEST:
        return []
    known = np.isfinite(matrix).all(axis=1)
    keys = keyed(row_hashes(dataset, names), seed)
    serve = dataset.part_mask("serve")
    found: dict[int, InLine] = {}
    counted = np.bincount(classes.codes[classes.codes >= 0], minlength=len(classes.names))
    for place in progress.each(np.argsort(-counted, kind="stable")[:CLASSES].tolist(), "Rows between rows"):
        rows = np.flatnonzero((classes.codes == place) & known)
        if rows.size >= 2 * _FEWEST:
            found[place] = _in_line(matrix, rows[np.argsort(keys[rows], kind="stable")][:POOL], serve)
    if len(found) < 2:
        return []
    shares = {place: one.between.size / one.looked_at for place, one in found.items()}
    floor = min(shares.values())
    worst = max(shares, key=lambda place: (shares[place], place))
    if shares[worst] - floor < _SHARE:
        return []
    return [_interpolated_finding(dataset, target, classes.names[worst], found[worst], floor)]


def _numbers(dataset: Dataset, target: str) -> tuple[list[str], NDArray[np.float64]]:
    """Columns of numbers most of whose values differ, and them, each divided by its spread. Whole numbers are
    in line by chance.
    """
    names, kept = [], []
    for name in dataset.features:
        if name in (target, dataset.parting) or dataset[name].kind != "numeric":
            continue
        values = floats(dataset.table([name]).column(0))
        finite = values[np.isfinite(values)]
        if finite.size < 2 or np.unique(finite).size < finite.size / 2 or (finite == np.round(finite)).all():
            continue
        spread = float(np.std(finite / max(1.0, float(np.abs(finite).max())))) * max(
            1.0, float(np.abs(finite).max())
        )
        if spread > 0:
            names.append(name)
            kept.append(values / spread)
        if len(names) == _COLUMNS:
            break
    return names, np.stack(kept, axis=1) if kept else np.zeros((dataset.rows, 0))


def _in_line(matrix: NDArray[np.float64], rows: Ints, serve: NDArray[np.bool_]) -> InLine:
    """Look at the first rows of a class, among all that are given."""
    pool = matrix[rows]
    middle = pool.mean(axis=0)
    centred = pool - middle
    squares, twice = (centred**2).sum(axis=1), 2.0 * centred
    between, across = [], []
    looked = min(LOOKED_AT, rows.size)
    near = min(NEIGHBOURS + 1, rows.size)
    for at in range(looked):
        far = squares - twice @ centred[at]
        nearest = np.argpartition(far, near - 1)[:near]
        gaps = pool[nearest] - pool[at]
        length = np.sqrt((gaps**2).sum(axis=1))
        apart = length > 1e-9
        nearest, gaps = nearest[apart], gaps[apart] / length[apart, None]
        opposite = gaps @ gaps.T < _IN_LINE - 1.0
        if not opposite.any():
            continue
        ends = np.argwhere(np.triu(opposite, 1))
        between.append(rows[at])
        triples = np.column_stack([np.full(len(ends), at), nearest[ends]])
        sides = serve[rows[triples]]
        mixed = sides.any(axis=1) & ~sides.all(axis=1)
        across += rows[triples[mixed]][sides[mixed]].tolist()
    return InLine(looked, np.array(between, np.int64), np.unique(np.array(across, np.int64)))


def _interpolated_finding(dataset: Dataset, target: str, name: str, one: InLine, floor: float) -> Finding:
    share = one.between.size / one.looked_at
    two = len(dataset.parts) > 1
    if two and one.across.size:
        many = one.across.size
        where = f"{count(many, 'serve row')} {verb(many, 'shares', 'share')} a line with train rows"
        rows = one.across
    else:
        where = "folds drawn at random would part them from the rows that they were made of"
        rows = one.between
    return Finding(
        code="resampled_before_split",
        title=f"{sentence(percent(share))} of {count(one.looked_at, 'row')} of class {quoted(name)} lie "
        f"exactly between two others, as SMOTE makes them; {where}.",
        severity="critical" if two and one.across.size else "warning",
        score=float(np.clip(share, 0.0, 1.0)),
        why="Such rows are mixtures of their neighbours. A model that has seen the neighbours knows them "
        "beforehand, so its score on them says nothing about new rows.",
        suggestion="Go back to the rows before resampling, split first, and resample train alone.",
        columns=(target,),
        rows=RowSet(np.sort(rows)),
        value=share,
        measure="share of the class between two others",
        limit=floor + _SHARE,
        noise=floor,
        noise_is="expected by chance",
        n=one.looked_at,
    )
