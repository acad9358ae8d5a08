"""Files of statistical packages: Stata (.dta) and SAS (.sas7bdat, .xpt) by pandas, SPSS (.sav) by pyreadstat,
an optional extra.
"""

from __future__ import annotations

import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.errors import LoadError
from core.loading.decoding import visible
from core.loading.options import Options
from core.loading.readers import LOOK_ROWS, Staged, check_width
from core.loading.readers.typed import TypedTable, damaged, staged
from core.loading.readers.variables import Variable, label_findings, poured
from core.progress import Progress

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

CELLS = 2_000_000  # read at once
WHAT = {
    "dta": "a Stata file",
    "sas7bdat": "a SAS data set",
    "xpt": "a SAS transport file",
    "sav": "an SPSS file",
}
_BROKEN = (
    *(ValueError, TypeError, LookupError, ArithmeticError, AttributeError, AssertionError, EOFError),
    *(struct.error, zlib.error, OSError, StopIteration),
)
_STATA_CODES = 2_147_483_621  # from here on an integer is .a, .b and so on
_SPSS_EPOCH = np.datetime64("1582-10-14", "us")
_SPSS_DATES = ("DATE", "ADATE", "EDATE", "JDATE", "SDATE", "QYR", "MOYR", "WKYR", "YMDHMS")
_SAS_EPOCH = np.datetime64("1960-01-01", "us")


@dataclass
class _Opened:
    """A file of which the variables are known. rows: how many, 0 where it does not say. batches: yields an
    array for each variable.
    """

    variables: list[Variable]
    rows: int
    batches: Iterator[list[pa.Array]]


def read(
    path: Path, name: str, options: Options, folder: Path, progress: Progress, look: bool = False
) -> Staged:
    """Read a file of a statistical package. Raises `LoadError` where it is damaged, or where the package that
    reads it is not installed.
    """
    format = options.format or "dta"
    with _clear(name, format):
        opened = {"dta": _stata, "sas7bdat": _sas, "xpt": _sas, "sav": _spss}[format](
            path, name, format, look
        )
        pour = folder / "poured.parquet"
        schema, rows, batches = poured(opened.variables, opened.batches, pour, progress, opened.rows)
    findings = label_findings(opened.variables)
    table = TypedTable(name, format, WHAT[format], schema, rows, batches, findings=findings)
    result = staged(table, look)
    if look:
        known = opened.rows or None
        result.options |= {"beginning": rows < (known or rows + 1), "rows_known": known}
    kinds = {one: "category" for one, v in zip(result.names, opened.variables, strict=True) if v.coded}
    result.kinds = kinds  # type: ignore[assignment]
    return result


@contextmanager
def _clear(name: str, format: str) -> Iterator[None]:
    """What a reader raises at a damaged file, in one sentence; its warnings are of no use here."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except _BROKEN as error:
        raise damaged(name, WHAT[format], error) from error


def _pandas() -> Any:
    """Pandas, which the reading process otherwise does without."""
    from core.loading.child import allow_pandas

    allow_pandas()
    import pandas as pd

    return pd


def _stata(path: Path, name: str, format: str, look: bool) -> _Opened:
    """A Stata file: value labels, dates, and which of the codes .a to .z stood where a value is missing."""
    _pandas()
    from pandas.io import stata

    reader: Any = stata.StataReader  # pandas-stubs leaves out what is used here
    values = reader(path, convert_categoricals=False)
    sets, labelled, rows = values.value_labels(), values._lbllist, values._nobs
    names = list(values.variable_labels())
    check_width(len(names), name)
    variables = [
        Variable(
            visible(one), {float(k): visible(v) for k, v in sets.get(of, {}).items() if k < _STATA_CODES}
        )
        for one, of in zip(names, labelled, strict=True)
    ]
    size = LOOK_ROWS if look else max(1_000, CELLS // max(1, len(names)))

    def batches() -> Iterator[list[pa.Array]]:
        marks = reader(path, convert_categoricals=False, convert_dates=False, convert_missing=True)
        with values, marks:
            for start in range(0, rows, size):
                frame = values.read(size)
                _count_marks(marks.read(size), variables)
                yield [_array(frame.iloc[:, place]) for place in range(len(names))]
                if look or start + size >= rows:
                    return

    return _Opened(variables, rows, batches())


def _count_marks(frame: pd.DataFrame, variables: list[Variable]) -> None:
    """Count the codes .a to .z; a plain point is no code."""
    from pandas.io import stata

    mark: Any = stata.StataMissingValue  # type: ignore[attr-defined]
    for place, variable in enumerate(variables):
        column = frame.iloc[:, place]
        if column.dtype == object:
            for cell in column:
                if isinstance(cell, mark) and cell.string != ".":
                    variable.codes[cell.string] = variable.codes.get(cell.string, 0) + 1


def _sas(path: Path, name: str, format: str, look: bool) -> _Opened:
    """A SAS file. Its value labels are in a catalogue of their own, which is not read."""
    pd = _pandas()
    form, encoding = ("xport", None) if format == "xpt" else ("sas7bdat", "infer")
    size = LOOK_ROWS if look else 100_000
    reader = pd.read_sas(path, format=form, encoding=encoding, chunksize=size)
    if format == "xpt":
        names = [_sas_text(one) for one in reader.columns]
        rows = int(reader.nobs)
        epochs = [_sas_unit(one) for one in reader.fields]
    else:
        names = [str(one) for one in reader.column_names]
        rows = int(reader.row_count)
        epochs = [0] * len(names)
    check_width(len(names), name)

    def batches() -> Iterator[list[pa.Array]]:
        with reader:
            for frame in reader:
                yield [_array(frame.iloc[:, place], unit) for place, unit in enumerate(epochs)]
                if look:
                    return

    return _Opened([Variable(visible(one)) for one in names], rows, batches())


def _sas_unit(field: dict[str, Any]) -> int:
    """The microseconds of one in a column of dates or times since 1960; 0 where it is of neither."""
    from pandas.io.sas.sas_constants import sas_date_formats, sas_datetime_formats

    form = _sas_text(field["nform"]).strip().upper()
    if form in sas_datetime_formats:
        return 1_000_000
    return 86_400_000_000 if form in sas_date_formats else 0


def _sas_text(given: Any) -> str:
    if not isinstance(given, bytes):
        return str(given)
    try:
        return given.decode("utf-8")
    except UnicodeDecodeError:
        return given.decode("cp1252", "replace")


def _array(series: pd.Series[Any], unit: int = 0) -> pa.Array:
    """A column as doubles, times or texts; empty text is missing, as these packages have it. unit: of numbers
    that count from 1960, in microseconds.
    """
    import pyarrow as pa

    values = series.to_numpy()
    if values.dtype.kind in "iufb":
        numbers = values.astype(np.float64)
        return (
            _times(numbers, unit, _SAS_EPOCH) if unit else pa.array(numbers, pa.float64(), from_pandas=True)
        )
    if values.dtype.kind == "M":
        return pa.array(values.astype("M8[us]"), pa.timestamp("us"))
    texts = [
        None if cell is None or cell != cell or not len(str(cell)) else _sas_text(cell) for cell in values
    ]
    return pa.array([None if not text else visible(text) for text in texts], pa.string())


def _times(numbers: np.ndarray[Any, Any], unit: int, epoch: np.datetime64) -> pa.Array:
    """Numbers of units of microseconds since a day, as times."""
    import pyarrow as pa

    there = np.isfinite(numbers) & (np.abs(numbers) * unit < 2.0**62)
    ticks = np.round(np.where(there, numbers, 0.0) * unit).astype(np.int64)
    return pa.array(epoch + ticks.astype("m8[us]"), pa.timestamp("us"), mask=~there)


def _spss(path: Path, name: str, format: str, look: bool) -> _Opened:
    """An SPSS file: value labels, dates, and which values it declares as missing."""
    try:
        import pyreadstat
    except ModuleNotFoundError as error:
        raise LoadError(
            f"{name} is an SPSS file; to read one, the package pyreadstat is needed, which is not installed. "
            "Install it (pip install pyreadstat), or save the data as CSV or Stata."
        ) from error
    how: dict[str, Any] = {"output_format": "dict", "user_missing": True, "disable_datetime_conversion": True}
    try:
        _, facts = pyreadstat.read_sav(path, metadataonly=True, **how)
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError) as error:
        raise damaged(name, WHAT[format], error) from error
    names, rows = facts.column_names, facts.number_rows or 0
    check_width(len(names), name)
    variables = [
        Variable(visible(one), {k: visible(v) for k, v in facts.variable_value_labels.get(one, {}).items()})
        for one in names
    ]
    size = LOOK_ROWS if look else max(1_000, CELLS // max(1, len(names)))

    def batches() -> Iterator[list[pa.Array]]:
        for start in range(0, rows, size):
            try:
                columns, _ = pyreadstat.read_sav(path, row_offset=start, row_limit=size, **how)
            except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError) as error:
                raise damaged(name, WHAT[format], error) from error
            yield [_spss_array(columns[v], one, facts) for v, one in zip(names, variables, strict=True)]
            if look:
                return

    return _Opened(variables, rows, batches())


def _spss_array(cells: list[Any], variable: Variable, facts: Any) -> pa.Array:
    """A column, without the values that the file declares as missing."""
    import pyarrow as pa

    name = next(one for one in facts.column_names if visible(one) == variable.name)
    ranges = facts.missing_ranges.get(name, ())
    kept: list[Any] = []
    for cell in cells:
        code = None
        if cell is not None and any(_within(cell, one) for one in ranges):
            label = variable.labels.get(cell)
            plain = str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
            code = f"{plain} = {label}" if label else plain
            variable.codes[code] = variable.codes.get(code, 0) + 1
        kept.append(None if code is not None or cell == "" else cell)
    if facts.readstat_variable_types[name] == "string":
        return pa.array([None if cell is None else visible(str(cell)) for cell in kept], pa.string())
    numbers = np.array([np.nan if cell is None else cell for cell in kept], dtype=np.float64)
    form = facts.original_variable_types[name].rstrip("0123456789.")
    if form in (*_SPSS_DATES, "DATETIME"):
        return _times(numbers, 1_000_000, _SPSS_EPOCH)
    return pa.array(numbers, pa.float64(), from_pandas=True)


def _within(cell: Any, one: dict[str, Any]) -> bool:
    low, high = one["lo"], one["hi"]
    if isinstance(cell, str) or isinstance(low, str):
        return cell in (low, high)
    return bool(low <= cell <= high)
