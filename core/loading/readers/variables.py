"""Variables of statistical packages: numbers that may be codes with a label each, and codes that stand for a
missing value. What is read of them is poured into one file in the child's folder, and only then is it known
what a column is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.finding import Finding
from core.phrases import count, digits, names, quoted
from core.progress import Progress

if TYPE_CHECKING:
    import pyarrow as pa

_EXACT = 2**53  # whole numbers up to here are the same as floats


@dataclass
class Variable:
    """A column. labels: what its numbers or texts stand for. The rest is found as it is poured. whole: its
    numbers are whole. labelled, bare: it has values with a label, without one. codes: what stood where a
    value is missing, and how often.
    """

    name: str
    labels: dict[Any, str] = field(default_factory=dict)
    whole: bool = True
    labelled: bool = False
    bare: bool = False
    codes: dict[str, int] = field(default_factory=dict)

    @property
    def coded(self) -> bool:
        """Whether all of its values have a label, which then is the value."""
        return self.labelled and not self.bare

    def see(self, array: pa.Array) -> None:
        """Take in one batch of values: doubles, texts or times."""
        import pyarrow as pa
        import pyarrow.compute as pc

        if pa.types.is_timestamp(array.type):
            return
        values = pc.unique(array.drop_null())
        if self.labels:
            known = pc.is_in(values, value_set=self._keys(array.type))
            self.labelled = self.labelled or bool(pc.any(known, min_count=0).as_py())
            self.bare = self.bare or not pc.all(known, min_count=0).as_py()
        if pa.types.is_floating(array.type) and self.whole:
            numbers = values.to_numpy(zero_copy_only=False)
            self.whole = bool(np.all((numbers == np.floor(numbers)) & (np.abs(numbers) < _EXACT)))

    def type(self, stored: pa.DataType) -> pa.DataType:
        """What the column becomes."""
        import pyarrow as pa

        if self.coded:
            return pa.string()
        return pa.int64() if pa.types.is_floating(stored) and self.whole else stored

    def value(self, array: pa.Array) -> pa.Array:
        """The values as that type: labels, whole numbers, or what they were."""
        import pyarrow as pa
        import pyarrow.compute as pc

        if not self.coded:
            return array.cast(self.type(array.type))
        texts = list(self.labels.values())
        told = [
            text if texts.count(text) == 1 else f"{text} ({_plain(code)})"
            for code, text in self.labels.items()
        ]
        return pa.array(told, pa.string()).take(pc.index_in(array, value_set=self._keys(array.type)))

    def _keys(self, kind: pa.DataType) -> pa.Array:
        import pyarrow as pa

        return pa.array(list(self.labels), kind)


def poured(
    variables: list[Variable], batches: Iterable[list[pa.Array]], path: Path, progress: Progress, rows: int
) -> tuple[pa.Schema, int, Callable[[list[int]], Iterator[pa.RecordBatch]]]:
    """Write the batches, each with an array for every variable, to a file; what the columns become, the
    number of rows, and what reads columns by position.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    writer: Any = None
    done = 0
    for arrays in batches:
        for variable, array in zip(variables, arrays, strict=True):
            variable.see(array)
        batch = pa.record_batch(arrays, names=[str(i) for i in range(len(arrays))])
        writer = writer or pq.ParquetWriter(path, batch.schema, compression="lz4")
        writer.write_batch(batch)
        done += batch.num_rows
        progress.at(min(0.99, done / max(1, rows)), "Reading")
    if writer is None:
        return pa.schema([(one.name, pa.null()) for one in variables]), 0, lambda places: iter(())
    writer.close()
    file = pq.ParquetFile(path)
    pairs = zip(variables, file.schema_arrow, strict=True)
    schema = pa.schema([(variable.name, variable.type(stored.type)) for variable, stored in pairs])

    def read(places: list[int]) -> Iterator[pa.RecordBatch]:
        wanted = [str(place) for place in places]
        for batch in file.iter_batches(columns=wanted):
            arrays = [variables[place].value(batch.column(str(place))) for place in places]
            yield pa.record_batch(arrays, names=wanted)

    return schema, done, read


def label_findings(variables: list[Variable]) -> list[Finding]:
    """The findings that say which columns are read as labels, which have labels for single values, and where
    codes stood for missing values.
    """
    coded = [one for one in variables if one.coded]
    partly = [one for one in variables if one.labels and not one.coded and one.labelled]
    missing = [one for one in variables if one.codes]
    found = ((coded, _as_labels), (partly, _of_some), (missing, _as_missing))
    return [told(some) for some, told in found if some]


def _as_labels(coded: list[Variable]) -> Finding:
    code, label = next(iter(coded[0].labels.items()))
    are = "is read as its value labels" if len(coded) == 1 else "are read as their value labels"
    title = f"{names(_names(coded))} {are}, as {quoted(label)} for {_plain(code)}."
    why = "A code says nothing by itself; its label is what was measured."
    what = "To work with the numbers, save the file without its labels."
    about, many = tuple(_names(coded)), float(len(coded))
    return Finding("value_labels", title, "info", 0.1, why, what, columns=about, value=many)


def _of_some(partly: list[Variable]) -> Finding:
    code, label = list(partly[0].labels.items())[-1]
    have = "has" if len(partly) == 1 else "have"
    told = f"as {_plain(code)} = {quoted(label)}; the numbers are kept."
    title = f"{names(_names(partly))} {have} labels for some values only, {told}"
    why = "A number with a label among measured ones often stands for a missing value."
    what = "Blank these numbers if they are no measurements."
    about, many = tuple(_names(partly)), float(len(partly))
    return Finding("labels_of_some", title, "warning", 0.3, why, what, columns=about, value=many)


def _as_missing(missing: list[Variable]) -> Finding:
    many = sum(sum(one.codes.values()) for one in missing)
    first = ", ".join(f"{code} ({times:,})" for code, times in list(missing[0].codes.items())[:3])
    others = len(missing[0].codes) > 3 or len(missing) > 1
    stand = "stands for a missing value" if many == 1 else "stand for missing values"
    told = f"{'such as' if others else 'as'} {quoted(first)}; these cells are missing."
    title = f"{count(many, 'code')} {stand} in {names(_names(missing))}, {told}"
    why, what = "The file itself declares these codes as missing.", "Look at these columns."
    about = tuple(_names(missing))
    return Finding("missing_codes", title, "info", 0.1, why, what, columns=about, value=float(many))


def _names(variables: list[Variable]) -> list[str]:
    return [one.name for one in variables]


def _plain(code: Any) -> str:
    return digits(code) if isinstance(code, float | int) else str(code)
