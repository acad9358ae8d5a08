"""The one matrix that analyses share: every usable column of a data set as numbers that can be compared.

Each original column becomes a block of one or more matrix columns, weighted so that every block contributes
about equally to the expected squared distance between two rows. What a kind becomes:

- numeric, datetime, text (its length): median 0, robust standard deviation 1, nothing cut off; a missing
  value takes the median and sets an indicator column that stands 2 units from "present";
- category, boolean: one column per level for the most frequent ones, the others together, missing as a level
  of its own; two levels make one column. Where others stand together, a level of fewer than five rows is
  among them: by a column of its own it would lie far from as rare ones, chosen among them by its name;
- columns that are constant, or have no level by itself then, identifiers, images and the target, id and
  weight columns are left out.

Vectors that belong to the rows take the place of all columns, unless some are chosen: one block.

No value of the matrix depends on the order of the rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core import phrases
from core.dataset import Dataset
from core.dataset.column import Column
from core.frozen import lock_fields
from core.numerics.blocks import gathered, side_by_side
from core.numerics.exact import centre_and_total
from core.numerics.scaling import robust
from core.prepare.levels import RARE, level_codes
from core.prepare.memo import VersionMemo
from core.progress import SILENT, Progress
from core.workers import LocalThreads

if TYPE_CHECKING:
    import pyarrow as pa

Matrix = NDArray[np.float32]
LEVELS = 10  # levels of a category with a column of their own
_MISSING_STEP = 2.0  # distance between missing and present: that of the two levels of a balanced pair
# a level in 5% of the rows is as far out as a level can get, or one rare word would outweigh all numbers
_RARE_FLOOR = 0.1


@dataclass(frozen=True, eq=False)
class Features:
    """``matrix``: float32, rows x p, finite. ``block``: int32, p: index into ``names`` of the original column
    of each matrix column, ascending. ``labels``: what each matrix column says, p texts. ``left_out``: columns
    asked for that do not vary, or hold hardly a value that occurs five times."""

    matrix: Matrix
    block: NDArray[np.int32]
    names: tuple[str, ...]
    labels: tuple[str, ...]
    left_out: tuple[str, ...]

    def __post_init__(self) -> None:
        # made here and held by nobody else: a copy would double the memory
        self.matrix.flags.writeable = False
        lock_fields(self)

    @property
    def nbytes(self) -> int:
        """Size in memory, in bytes."""
        return self.matrix.nbytes + 1000 * len(self.labels)

    @property
    def starts(self) -> NDArray[np.int64]:
        """The first matrix column of each block."""
        return np.flatnonzero(np.diff(self.block, prepend=-1)).astype(np.int64)


_KEPT: VersionMemo[Features] = VersionMemo()


def features(
    dataset: Dataset,
    columns: Sequence[str] | None = None,
    progress: Progress = SILENT,
    rows: NDArray[np.int64] | None = None,
) -> Features:
    """The features of ``columns`` (by default the vectors, or else ``dataset.features``), remembered by
    ``dataset.version``; of some ``rows`` (ids) alone, scaled among themselves, they are not remembered.

    Raises `ColumnError` for an unknown column.
    """
    default = (dataset.vectors_name,) if dataset.vectors is not None else dataset.features
    names = tuple(default if columns is None else columns)
    if rows is not None:
        return _make(dataset, names, progress, rows)
    return _KEPT.once(dataset.version, names, lambda: _make(dataset, names, progress))


def left_out_in_words(dataset: Dataset, left_out: Sequence[str], most: int) -> list[str]:
    """Why columns are not used, a sentence for each reason, with at most so many names."""
    import pyarrow.compute as pc

    varying = [n for n in left_out if pc.count_distinct(dataset.table([n]).column(0), mode="all").as_py() > 1]
    same = [name for name in left_out if name not in varying]
    told = {"they do not vary": same, "hardly a value of theirs occurs five times": varying}
    return [f"Left out, as {why}: {phrases.names(some, most)}." for why, some in told.items() if some]


def _make(
    dataset: Dataset, names: tuple[str, ...], progress: Progress, rows: NDArray[np.int64] | None = None
) -> Features:
    if dataset.vectors is not None and names == (dataset.vectors_name,):
        return _vectors(dataset, progress, rows)

    def prepared(name: str) -> tuple[str, list[str], Matrix]:
        progress.check()
        values = dataset.table([name]).column(0)
        return name, *_block(dataset[name], values if rows is None else values.take(rows))

    columns = zip(progress.each(names, "Preparing columns"), LocalThreads().map(prepared, names), strict=True)
    blocks, index, used, labels = gathered(column for _, column in columns)
    n = dataset.rows if rows is None else rows.size
    matrix = side_by_side(blocks) if blocks else np.empty((n, 0), np.float32)
    return Features(matrix, index, used, labels, tuple(name for name in names if name not in used))


def _vectors(dataset: Dataset, progress: Progress, rows: NDArray[np.int64] | None) -> Features:
    """The vectors, centred and of total variance 1."""
    vectors, name = dataset.vector_rows(), dataset.vectors_name
    vectors = vectors if rows is None else vectors[rows]
    centre, total = centre_and_total(vectors, np.ones(len(vectors), bool), progress)
    if not total > 0.0:
        return Features(np.empty((len(vectors), 0), np.float32), np.zeros(0, np.int32), (), (), (name,))
    matrix = (vectors - centre) / np.sqrt(total)
    labels = tuple(f"direction {at + 1}" for at in range(matrix.shape[1]))
    return Features(matrix, np.zeros(len(labels), np.int32), (name,), labels, ())


def _block(column: Column, values: pa.ChunkedArray) -> tuple[list[str], Matrix]:
    """Labels and weighted matrix columns of one column; no labels if it does not vary."""
    if column.kind in ("category", "boolean", "identifier", "image"):
        return _levels(column.name, values)
    return _numbers(column.name, numbers(column, values))


def numbers(column: Column, values: pa.ChunkedArray) -> NDArray[np.float64]:
    """A numeric column's values, a datetime's microseconds since its first, a text's length in characters;
    NaN where there is none.

    These are for working with, not for showing: a time is ``first_time(values)`` plus its number. Infinite
    values have no distance to anything and count as missing.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    return floats(pc.utf8_length(values.cast(pa.string())) if column.kind == "text" else values)


def floats(values: pa.ChunkedArray) -> NDArray[np.float64]:
    """A column of numbers or times as float64: missing and infinite values as NaN, times as microseconds
    since the first.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_timestamp(values.type):
        values = values.cast(pa.int64())
        first = pc.min(values)
        values = pc.subtract(values, first) if first.is_valid else values
    result = np.array(values.cast(pa.float64(), safe=False).to_numpy(), dtype=np.float64)
    result[np.isinf(result)] = np.nan
    return result


def first_time(values: pa.ChunkedArray) -> int:
    """The first of a column's times, in microseconds since 1970: what `floats` and `numbers` count from. 0
    where there is none, or where the values are no times.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if not pa.types.is_timestamp(values.type):
        return 0
    return int(pc.min(values.cast(pa.int64())).as_py() or 0)


def _numbers(name: str, values: NDArray[np.float64]) -> tuple[list[str], Matrix]:
    missing = np.isnan(values)
    share = float(missing.mean()) if missing.size else 0.0
    scaled = robust(values)
    parts = [] if scaled is None else [(name, scaled, 1.0 - share)]
    if 0.0 < share < 1.0:
        parts.append(
            (
                f"{name} is missing",
                (_MISSING_STEP * missing).astype(np.float32),
                _MISSING_STEP**2 * share * (1.0 - share),
            )
        )
    if not parts:
        return [], np.empty((values.size, 0), np.float32)
    weight = np.float32(1.0 / np.sqrt(max(_RARE_FLOOR, sum(variance for *_, variance in parts))))
    return [label for label, *_ in parts], np.stack([part for _, part, _ in parts], axis=1) * weight


def _levels(name: str, values: pa.ChunkedArray) -> tuple[list[str], Matrix]:
    codes, texts = level_codes(values)
    counts = np.bincount(codes, minlength=len(texts))
    if len(texts) > LEVELS + 1:
        own = int((counts[:LEVELS] >= RARE).sum())
        codes = np.minimum(codes, own)
        counts = np.append(counts[:own], counts[own:].sum())
        texts = [*texts[:own], "any other"]
    if len(texts) < 2:
        return [], np.empty((codes.size, 0), np.float32)
    shares = counts / codes.size
    step = np.float32(1.0 / np.sqrt(max(_RARE_FLOOR, 1.0 - float((shares**2).sum()))))
    # one column says it all; sqrt 2 is the distance between two corners of the one-hot code
    if len(texts) == 2:
        return [f"{name} = {texts[1]}"], ((codes == 1) * step * np.float32(np.sqrt(2.0))).astype(np.float32)[
            :, None
        ]
    matrix = np.zeros((codes.size, len(texts)), np.float32)
    matrix[np.arange(codes.size), codes] = step
    return [f"{name} = {text}" for text in texts], matrix
