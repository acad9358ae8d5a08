"""Cells that are typed already, as those of Parquet and of pandas are: the canonical type for each, and their
texts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.loading.cells import filled
from core.loading.infer import Reading
from core.loading.plain_arrays import beyond_canonical, decoded, has_bounds, in_utc, no_nan
from core.loading.text import Form, as_text
from core.loading.typed_texts import as_strings

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class TypedCells:
    """Cells that have a type of their own."""

    def infer(self, chunks: Iterable[Any]) -> Reading:
        """The canonical type nearest to the column's own; text when there is no value at all, or one that the
        canonical type cannot hold.
        """
        note, empty, stored = "", True, "string"
        for chunk in chunks:
            plain = decoded(chunk)
            stored, note = _canonical(plain.type)
            beyond = beyond_canonical(plain)
            if beyond:
                return Reading(Form("string"), note=beyond)
            values = no_nan(plain)
            empty = empty and values.null_count == len(values)
            if not empty and not has_bounds(plain.type):
                break
        return (
            Reading(Form("string"), note=note, confidence=0.0, empty=True)
            if empty
            else Reading(Form(stored), note=note)  # type: ignore[arg-type]
        )

    def convert(self, array: Any, form: Form) -> Any:
        """Cast to the canonical type; nested values and the like become JSON text."""
        import pyarrow as pa
        import pyarrow.compute as pc

        plain = no_nan(decoded(array))
        kind = plain.type
        if form.stored == "string":
            if pa.types.is_string(kind) or pa.types.is_large_string(kind):
                return _utf8(plain.cast(pa.string()))
            return as_strings(plain)
        if form.stored == "timestamp":
            return in_utc(plain).cast(pa.timestamp("us"), safe=False)
        if form.stored == "double" and pa.types.is_decimal(kind):
            return pc.cast(pc.cast(plain, pa.string()), pa.float64())
        return plain.cast(
            {"bool": pa.bool_(), "int64": pa.int64(), "double": pa.float64()}[form.stored], safe=False
        )

    def source_text(self, array: Any) -> Any:
        """The text of each value."""
        import pyarrow as pa

        plain = decoded(array)
        if pa.types.is_timestamp(plain.type) and not beyond_canonical(plain):
            return plain.cast(pa.string())
        return as_strings(plain)

    def gives_back(self, array: Any, values: Any) -> bool:
        """Only nanoseconds, decimals and whole numbers that were turned into floats lose anything that text
        can keep.
        """
        import pyarrow as pa

        plain = decoded(array)
        kind = plain.type
        if pa.types.is_timestamp(kind) and kind.unit == "ns":
            return bool(
                plain.cast(pa.int64()).equals(values.cast(pa.timestamp("ns"), safe=False).cast(pa.int64()))
            )
        if not pa.types.is_floating(values.type) or not (
            pa.types.is_decimal(kind) or pa.types.is_integer(kind)
        ):
            return True
        return bool(as_text(values).equals(filled(self.source_text(array))))


def _canonical(kind: pa.DataType) -> tuple[str, str]:
    """The canonical type for an Arrow type, and what there is to say about it."""
    import pyarrow as pa

    is_a = pa.types
    if is_a.is_boolean(kind):
        return "bool", ""
    if is_a.is_integer(kind):
        return "int64", ""
    if is_a.is_floating(kind):
        return "double", ""
    if is_a.is_decimal(kind):
        return "double", f"Decimal numbers ({kind}) read as floats; the exact digits are kept beside them."
    if is_a.is_date(kind):
        return "timestamp", ""
    if is_a.is_timestamp(kind):
        zone = f"Times in {kind.tz} were converted to UTC." if kind.tz else ""
        return "timestamp", zone
    if is_a.is_string(kind) or is_a.is_large_string(kind) or is_a.is_string_view(kind) or is_a.is_null(kind):
        return "string", ""
    return "string", f"Values of type {kind} are kept as text."


def _utf8(array: Any) -> Any:
    """The array, checked to be valid; raises ArrowInvalid otherwise."""
    array.validate(full=True)
    return array
