"""Every row as one vector of numbers, for comparing the parts of a data set.

Unlike `core.prepare.features` (made for oddity, where nothing may be cut off), these vectors are made for
likeness: each original column is a block that adds about the same to the expected squared distance between
two rows, whatever its kind or its tails.

- numeric: the signed root where the tails are long, centred on the median, over the robust spread, bent so
  that nothing lies beyond 5; a missing value takes the median and sets an indicator column;
- category, boolean: one column per frequent level, the others together (those of fewer than five rows among
  them, as in `core.prepare.features`), missing as a level, and, where the encoder is fitted on the train part
  alone, one for levels that it never saw;
- text: hashed words weighted by how rare they are, in at most 20 directions (latent semantic analysis);
- times, identifiers, images, the target, the id and the weight, and the column that parts the data are left
  out: any one of them separates any two periods.

Vectors that are attached to the data take the place of all columns, unless some are chosen: centred, of total
variance 1, one block.

Nothing depends on the order of the rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from core.dataset import Dataset
from core.dataset.column import Column
from core.frozen import lock_fields
from core.numerics.blocks import Block, Blocks, OneHot, gathered
from core.numerics.exact import centre_and_total
from core.numerics.scaling import centre_and_spread
from core.prepare.features import numbers
from core.prepare.levels import RARE, level_codes
from core.progress import SILENT, Progress
from core.workers import one_blas_thread

if TYPE_CHECKING:
    import pyarrow as pa

Matrix = NDArray[np.float32]
Mask = NDArray[np.bool_]
LEVELS = 30  # levels of a category with a column of their own
BEND = 5.0  # no number lies farther out than this many spreads
TEXT_DIRECTIONS = 20
TEXT_ROWS = 20_000  # texts that the directions are fitted on
_WORDS = 2**14
_TEXTS_AT_ONCE = 5_000
_LONG_TAIL = 2.0  # skewness of the bulk (0.5 to 99.5%) from which the root is taken
_FLOOR = 0.05  # least variance of a block that is scaled up to 1: a level in 2.5% of the rows
_LEFT_OUT = ("datetime", "identifier", "image")


@dataclass(frozen=True, eq=False)
class Encoded:
    """``matrix``: rows x p, finite. ``block``: int32, p: index into ``names`` of the original column,
    ascending. ``labels``: what each matrix column says. ``left_out``: columns of the data that are not in it.
    ``fit``: the rows it was fitted on."""

    matrix: Blocks
    block: NDArray[np.int32]
    names: tuple[str, ...]
    labels: tuple[str, ...]
    left_out: tuple[str, ...]
    fit: Literal["all", "train", "mask"]

    def __post_init__(self) -> None:
        lock_fields(self)

    @property
    def nbytes(self) -> int:
        """Size in memory, in bytes."""
        return self.matrix.nbytes + 1000 * len(self.labels)


def comparable(dataset: Dataset) -> tuple[str, ...]:
    """Names of the columns that take part by default: what a model may use, without times and the column that
    parts the data.
    """
    return tuple(
        name for name in dataset.features if dataset[name].kind not in _LEFT_OUT and name != dataset.parting
    )


def compared_by(dataset: Dataset, columns: Sequence[str] = ()) -> tuple[str, ...]:
    """What rows are compared by: the columns chosen; or else the vectors, under `Dataset.vectors_name`; or
    else what is `comparable`.
    """
    return tuple(columns) or ((dataset.vectors_name,) if dataset.vectors is not None else comparable(dataset))


def encoded(
    dataset: Dataset,
    columns: Sequence[str] | None = None,
    fit: Literal["all", "train"] | Mask = "all",
    progress: Progress = SILENT,
    rows: NDArray[np.int64] | None = None,
) -> Encoded:
    """The rows of both parts as vectors, by ``columns`` or else as `compared_by` says.

    ``fit``: take scales and levels from all rows (a map), or from the train rows alone (support), or from the
    rows of a mask: some train rows, so that the others are as new to the encoder as the serve rows are.

    Columns that do not vary over the rows fitted on, nor differ from them in the others, are left out.
    Raises `ColumnError` for an unknown column.
    """
    names = tuple(compared_by(dataset) if columns is None else columns)
    known = _fitted_on(dataset, fit)
    known = known if rows is None else known[rows]
    kind = fit if isinstance(fit, str) else "mask"
    if dataset.vectors is not None and names == (dataset.vectors_name,):
        return _vectors(dataset, known, kind, progress, rows)

    def block(name: str) -> tuple[str, list[str], Block]:
        values = dataset.table([name]).column(0)
        return name, *_block(dataset[name], values if rows is None else values.take(rows), known, progress)

    blocks, index, used, labels = gathered(block(name) for name in progress.each(names, "Preparing columns"))
    left_out = tuple(name for name in dataset.names if name not in used)
    return Encoded(Blocks(known.size, blocks), index, used, labels, left_out, kind)


def _fitted_on(dataset: Dataset, fit: Literal["all", "train"] | Mask) -> Mask:
    if not isinstance(fit, str):
        return fit
    return dataset.part_mask("train") if fit == "train" else np.ones(dataset.rows, bool)


def _vectors(
    dataset: Dataset,
    known: Mask,
    fit: Literal["all", "train", "mask"],
    progress: Progress,
    rows: NDArray[np.int64] | None,
) -> Encoded:
    """The attached vectors, centred and of total variance 1 over the known rows; nothing where they do not
    vary.
    """
    vectors = dataset.vector_rows()
    matrix = np.array(vectors if rows is None else vectors[rows])
    centre, total = centre_and_total(matrix, known, progress)
    if not total > 0.0:
        return Encoded(Blocks(len(matrix), ()), np.zeros(0, np.int32), (), (), dataset.names, fit)
    for start in range(0, len(matrix), 8192):  # in place: they may be as large as the data
        some = matrix[start : start + 8192]
        some[:] = (some - centre) / np.sqrt(total)
    labels = tuple(f"direction {at + 1}" for at in range(matrix.shape[1]))
    index = np.zeros(matrix.shape[1], np.int32)
    return Encoded(Blocks(len(matrix), [matrix]), index, (dataset.vectors_name,), labels, dataset.names, fit)


def _block(
    column: Column, values: pa.ChunkedArray, known: Mask, progress: Progress
) -> tuple[list[str], Block]:
    """Labels and weighted matrix columns of one column; no labels if it says nothing."""
    if column.kind == "text":
        return _texts(column.name, values, known, progress)
    if column.kind in ("numeric", "datetime"):
        return _numbers(column.name, numbers(column, values), known)
    return _levels(column.name, values, known)


def _weighted(parts: list[tuple[str, NDArray[Any]]], known: Mask) -> tuple[list[str], Matrix]:
    """The parts that vary, together of variance 1 over the known rows (scaled up from no less than the
    floor).
    """
    parts = [(label, part) for label, part in parts if part.size and part.min() != part.max()]
    if not parts:
        return [], np.empty((known.size, 0), np.float32)
    block = np.stack([part.astype(np.float32) for _, part in parts], axis=1)
    spread = float(np.sort(block[known].var(axis=0, dtype=np.float64)).sum())
    return [label for label, _ in parts], block / np.float32(np.sqrt(max(spread, _FLOOR)))


def _numbers(name: str, values: NDArray[np.float64], known: Mask) -> tuple[list[str], Matrix]:
    missing = np.isnan(values)
    seen = values[known & ~missing]
    if not seen.size:  # never there in the rows fitted on: all that can be said is that it is there now
        return _weighted([(f"{name} is missing", missing)], known)
    largest = float(np.abs(values[~missing]).max(initial=0.0))
    if largest > 1e100:  # differences of such numbers overflow; the unit does not matter
        values, seen = values / largest, seen / largest
    centre, spread = centre_and_spread(seen)
    spread = spread or float(np.abs(values[~missing] - centre).max()) / BEND or 1.0
    scaled = np.where(missing, 0.0, (values - centre) / spread)
    if _long_tailed((seen - centre) / spread):
        scaled = np.sign(scaled) * np.log1p(np.abs(scaled))
    return _weighted([(name, BEND * np.tanh(scaled / BEND)), (f"{name} is missing", missing)], known)


def _long_tailed(scaled: NDArray[np.float64]) -> bool:
    low, high = np.percentile(scaled, [0.5, 99.5])
    bulk = np.clip(scaled, low, high)
    # in order of size: sums that do not depend on the order of the rows
    centred = np.sort(bulk - bulk.mean())
    second = float((centred**2).mean())
    return second > 0 and abs(float((centred**3).mean())) > _LONG_TAIL * second**1.5


def _levels(name: str, values: pa.ChunkedArray, known: Mask) -> tuple[list[str], Block]:
    codes, texts = level_codes(values)
    counts = np.bincount(codes[known], minlength=len(texts))
    order = sorted(np.flatnonzero(counts).tolist(), key=lambda level: (-counts[level], texts[level]))
    own = len(order) if len(order) <= LEVELS + 1 else int((counts[order[:LEVELS]] >= RARE).sum())
    kept, rest = order[:own], order[own:]
    place = np.full(len(texts), -1, np.int64)
    place[kept] = np.arange(len(kept))
    place[rest] = len(kept)
    place[place < 0] = len(kept) + bool(rest)  # levels never seen in the rows fitted on
    labels = [f"{name} = {texts[level]}" for level in kept]
    labels += [f"{name} = any other"] if rest else []
    labels += [f"{name} is new"] if (counts == 0).any() else []
    if len(labels) < 2:
        return [], np.empty((known.size, 0), np.float32)
    shares = np.bincount(place, weights=counts, minlength=len(labels)) / max(1, int(counts.sum()))
    weight = np.float32(1.0 / np.sqrt(max(float(np.sort(shares * (1.0 - shares)).sum()), _FLOOR)))
    level = place[codes]
    # one column says it all; sqrt 2 is the distance between two corners of the one-hot code
    if len(labels) == 2:
        return labels[1:], (level == 1).astype(np.float32)[:, None] * np.float32(np.sqrt(2.0)) * weight
    return labels, OneHot(level.astype(np.uint8), weight, len(labels))


def _checked(steps: Sequence[slice], progress: Progress) -> Iterator[slice]:
    """The steps, before each of which the work can be stopped."""
    for step in steps:
        progress.check()
        yield step


def _texts(name: str, values: pa.ChunkedArray, known: Mask, progress: Progress) -> tuple[list[str], Matrix]:
    """Words and pairs of words, hashed, weighted by rarity, in the main directions of a sample of the texts
    fitted on.
    """
    from scipy.sparse import vstack
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer

    codes, words = level_codes(values)
    seen = np.bincount(codes[known], minlength=len(words)) > 0
    hasher = HashingVectorizer(n_features=_WORDS, ngram_range=(1, 2), alternate_sign=False, norm=None)
    steps = [slice(start, start + _TEXTS_AT_ONCE) for start in range(0, max(1, len(words)), _TEXTS_AT_ONCE)]
    hashed = vstack([hasher.transform(words[step]) for step in _checked(steps, progress)], format="csr")
    sample = np.flatnonzero(seen)[:TEXT_ROWS]  # the levels stand in order of frequency and text, not of rows
    weigh = TfidfTransformer(sublinear_tf=True).fit(hashed[sample])
    width = min(TEXT_DIRECTIONS, sample.size - 1, _WORDS)
    if width < 1:
        return _weighted([(f"{name} is new", ~seen[codes])], known)
    with one_blas_thread():
        axes = TruncatedSVD(width, random_state=0).fit(weigh.transform(hashed[sample]))
    placed = np.concatenate(
        [
            axes.transform(weigh.transform(hashed[step])).astype(np.float32)
            for step in _checked(steps, progress)
        ]
    )
    return _weighted([(f"{name}, direction {at + 1}", placed[codes, at]) for at in range(width)], known)
