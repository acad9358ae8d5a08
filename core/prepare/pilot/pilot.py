"""The pilot: what was learned once from a small sample, and scores every row since.

Frozen, versioned and plain JSON: a part of the data, a later file or an edited row gets the score that it
would have got at first.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.digests import digest
from core.errors import InputError, LoadError
from core.numerics.exact_product import exact_sums, on_grid
from core.numerics.rowhash import hash_column, hash_rows, keyed
from core.numerics.softmax import Softmax
from core.phrases import name, quoted
from core.prepare.pilot.encoder import Encoder, plain_numbers
from core.prepare.pilot.scores import SCORES, FrozenScore, Scored, length

if TYPE_CHECKING:
    import pyarrow as pa

Kind = Literal["logistic", "linear", "k-means", "pca", "trees"]
KINDS: tuple[str, ...] = ("logistic", "linear", "k-means", "pca", "trees")
FORMAT = 1
UNIFORM = 0.2  # of each score is the same for all rows
GRID = 2.0**-20  # scores and weights are multiples of this, so that their sums are exact
_LARGEST = 2.0**30
_PILOT = 0x70696C6F74  # sets the keys of the pilot's sample apart from those of the coreset's
Floats = NDArray[np.float64]
Slope = tuple[int, ...]  # of a loss in the weights of a logistic pilot, c x (p + 1), in units of `SUM_UNIT`


class PilotRoles(NamedTuple):
    """Which columns play a part: the target, the id that names rows, the weight; "" for none."""

    target: str = ""
    id: str = ""
    weight: str = ""


class SamplingKeys(NamedTuple):
    """What sampling needs to know of some rows, those without a target or of no weight left out.

    place: int64, where each stands in the table. stratum: int64. key: uint64. score: float64, above 0, of
    mean about 1 and in proportion to the row's weight. weight: int64, in units of `Pilot.unit`. slope: where
    it was asked for, and the pilot is logistic, of these rows' loss.
    """

    place: NDArray[np.int64]
    stratum: NDArray[np.int64]
    key: NDArray[np.uint64]
    score: Floats
    weight: NDArray[np.int64]
    slope: Slope | None = None


def target_texts(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    """A target as the names of classes: whole numbers without a point, so that 1 and 1.0 are one class;
    missing stays missing.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if pa.types.is_floating(whole.type):
        whole = pc.if_else(pc.is_finite(whole), whole, pa.scalar(None, whole.type))
        if pc.all(pc.equal(pc.floor(whole), whole)).as_py() is not False and len(whole):
            whole = whole.cast(pa.int64(), safe=False)
    return whole.cast(pa.string())


def row_keys(table: pa.Table | pa.RecordBatch, id: str, columns: Sequence[str]) -> NDArray[np.uint64]:
    """A hash per row: of its id where there is one, else of what it holds in these columns."""
    if id:
        return hash_column(table.column(id))
    return hash_rows(table.select(list(columns)))


@dataclass(frozen=True, eq=False)
class Pilot:
    """See above.

    kind: of the loss. seed: of all draws. roles. columns: those that a row is known by, the target among
    them. classes: of the target, sorted; () without. centre, spread: of a target of numbers. mean: the mean
    score in the sample, which brings scores to mean 1.
    """

    kind: Kind
    seed: int
    roles: PilotRoles
    columns: tuple[str, ...]
    classes: tuple[str, ...]
    centre: float
    spread: float
    mean: float
    encoder: Encoder
    score: FrozenScore

    @property
    def unit(self) -> float:
        """What one unit of weight is worth."""
        return GRID if self.roles.weight else 1.0

    @property
    def strata(self) -> int:
        """How many strata the weights are brought to the totals of."""
        return self.score.strata

    @cached_property
    def groups(self) -> NDArray[np.int64]:
        """The group of each stratum, ascending from 0: rows are drawn group by group."""
        return self.score.groups

    @cached_property
    def read(self) -> tuple[str, ...]:
        """The columns that have to be read of the rows."""
        return tuple(dict.fromkeys([*self.columns, *filter(None, self.roles)]))

    def stratum_names(self) -> tuple[str, ...]:
        """What each group of strata is called."""
        if self.classes and self.kind in ("logistic", "trees"):
            return self.classes
        word = {"k-means": "cell", "trees": "leaf"}.get(self.kind, "all")
        groups = int(self.groups[-1]) + 1
        return (word,) if groups == 1 else tuple(f"{word} {at + 1}" for at in range(groups))

    @cached_property
    def model(self) -> Softmax | None:
        """The logistic regression that was learned, in the encoder's columns; None of other kinds."""
        return Softmax(self.score.arrays["weights"]) if self.kind == "logistic" else None

    def keys(self, table: pa.Table | pa.RecordBatch) -> NDArray[np.uint64]:
        """The key of each row: of its id, or of its content, and the seed."""
        return keyed(row_keys(table, self.roles.id, self.columns), self.seed)

    def targets(self, table: pa.Table | pa.RecordBatch) -> tuple[Floats, NDArray[np.bool_]]:
        """Class codes, or numbers in units of their spread and on the grid; and where they are known. Raises
        `InputError` for a class that the pilot has never seen.
        """
        if not self.roles.target:
            return np.zeros(table.num_rows), np.ones(table.num_rows, bool)
        column = table.column(self.roles.target)
        if not self.classes:
            whole = column.combine_chunks() if hasattr(column, "combine_chunks") else column
            numbers = plain_numbers(whole)
            known = ~np.isnan(numbers)
            numbers = (np.where(known, numbers, self.centre) - self.centre) / self.spread
            return on_grid(numbers), known
        coded = target_texts(column).dictionary_encode()
        place = {label: at for at, label in enumerate(self.classes)}
        texts = coded.dictionary.to_pylist()
        new = sorted(text for text in texts if text not in place)
        if new:
            raise InputError(
                f"{name(self.roles.target)} has a class that the coreset was not built with: "
                f"{quoted(new[0])}. Build the coreset anew, or relabel these rows."
            )
        codes = np.array([*(place[text] for text in texts), -1], np.float64)
        values = codes[np.asarray(coded.indices.fill_null(len(texts)), dtype=np.int64)]
        return values, values >= 0

    def exact_target(self, table: pa.Table | pa.RecordBatch) -> Floats:
        """The target as it is: class codes, or numbers in units of their spread, not rounded."""
        if self.classes:
            return self.targets(table)[0]
        column = table.column(self.roles.target)
        whole = column.combine_chunks() if hasattr(column, "combine_chunks") else column
        return (plain_numbers(whole) - self.centre) / self.spread

    def weights(self, table: pa.Table | pa.RecordBatch) -> NDArray[np.int64]:
        """The weight of each row in units of `unit`; 0 where it is missing. Raises `InputError` where it is
        negative.
        """
        if not self.roles.weight:
            return np.ones(table.num_rows, np.int64)
        column = table.column(self.roles.weight)
        whole = column.combine_chunks() if hasattr(column, "combine_chunks") else column
        values = np.nan_to_num(plain_numbers(whole))
        if values.min(initial=0.0) < 0.0:
            raise InputError(
                f"The weight {name(self.roles.weight)} is {values.min():g} in a row. Weights start at 0: "
                "mend it, or choose another column as the weight."
            )
        return np.rint(np.minimum(values, _LARGEST) / GRID).astype(np.int64)

    def raw(self, table: pa.Table | pa.RecordBatch) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
        """Place, stratum and unscaled score of the rows that can be drawn."""
        place, _, scored = self._scored(table)
        return place, scored.stratum, scored.score

    def _scored(self, table: pa.Table | pa.RecordBatch) -> tuple[NDArray[np.int64], Floats, Scored]:
        """Place, numbers (p x n) and unscaled score of the rows that can be drawn."""
        target, known = self.targets(table)
        place = np.flatnonzero(known & (self.weights(table) > 0))
        matrix = self.encoder.encode(table if place.size == table.num_rows else table.take(place))
        return place, matrix, self.score.of(matrix, target[place])

    def rarity(self, table: pa.Table | pa.RecordBatch) -> Floats:
        """Per row of the table the length of its columns in the metric of a logistic pilot, whatever its
        label: how far rows like it lie from where most are.
        """
        return length(self.score.arrays["root"], self.encoder.encode(table))

    def marked(self, table: pa.Table | pa.RecordBatch, slope: bool = False) -> SamplingKeys:
        """Scores and keys of the rows of a table; ``slope``: and that of their loss."""
        place, matrix, (stratum, raw, lost) = self._scored(table)
        mixed = (1.0 - UNIFORM) * (raw / self.mean) + UNIFORM if self.mean > 0 else np.ones(raw.size)
        weight, key = self.weights(table), self.keys(table)
        if place.size < table.num_rows:
            weight, key = weight[place], key[place]
        scaled = np.minimum(mixed * (weight * self.unit), _LARGEST) / GRID
        score = np.maximum(np.rint(scaled), 1.0) * GRID
        steep = self._slope(lost, matrix, weight) if slope else None
        return SamplingKeys(place, stratum, key, score, weight, steep)

    def slope(self, table: pa.Table | pa.RecordBatch) -> Slope:
        """The slope of the loss of these rows under a logistic pilot."""
        place, matrix, scored = self._scored(table)
        return self._slope(scored.lost, matrix, self.weights(table)[place]) or ()

    def _slope(self, lost: Floats | None, matrix: Floats, weight: NDArray[np.int64]) -> Slope | None:
        if lost is None:
            return None
        return exact_sums(lost * (weight * self.unit) if self.roles.weight else lost, matrix)

    @cached_property
    def version(self) -> str:
        """Sixteen hex digits that name all that was learned."""
        return digest(json.dumps(self.to_json(), sort_keys=True).encode("utf-8", "surrogatepass"))

    def to_json(self) -> dict[str, Any]:
        """Plain JSON; numbers give themselves back to the last bit."""
        arrays = {key: [list(values.shape), values.ravel().tolist()] for key, values in self._arrays()}
        return {
            "format": FORMAT,
            "kind": self.kind,
            "seed": self.seed,
            "roles": list(self.roles),
            "columns": list(self.columns),
            "classes": list(self.classes),
            "numbers": [self.centre, self.spread, self.mean],
            "encoder": self.encoder.to_json(),
            "arrays": arrays,
        }

    def _arrays(self) -> list[tuple[str, Floats]]:
        return sorted(self.score.arrays.items())

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Pilot:
        """What `to_json` wrote. Raises `LoadError` for anything else."""
        try:
            if plain["format"] != FORMAT or plain["kind"] not in SCORES:
                raise LoadError(f"The pilot is of format {plain['format']!r}; this Winnow reads {FORMAT}.")
            arrays = {
                str(key): np.array(values, np.float64).reshape(shape)
                for key, (shape, values) in plain["arrays"].items()
            }
            if not all(np.isfinite(values).all() for values in arrays.values()):
                raise ValueError("numbers that are not finite")
            centre, spread, mean = map(float, plain["numbers"])
            score = SCORES[plain["kind"]](arrays)
            groups = score.groups
            if (
                groups.shape != (score.strata,)
                or groups[0] != 0
                or not np.isin(np.diff(groups), (0, 1)).all()
            ):
                raise ValueError("groups that do not ascend")
            return cls(
                kind=plain["kind"],
                seed=int(plain["seed"]),
                roles=PilotRoles(*map(str, plain["roles"])),
                columns=tuple(map(str, plain["columns"])),
                classes=tuple(map(str, plain["classes"])),
                centre=centre,
                spread=spread,
                mean=mean,
                encoder=Encoder.from_json(plain["encoder"]),
                score=score,
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise LoadError(f"The saved coreset is damaged: its pilot cannot be read ({error}).") from error


def pilot_keys(table: pa.Table, id: str, columns: Sequence[str], seed: int) -> NDArray[np.uint64]:
    """Keys for the pilot's own sample, unrelated to those of the coreset: a row's chance to be drawn must not
    hang on what the pilot learned from it.
    """
    return keyed(row_keys(table, id, columns), seed ^ _PILOT)
