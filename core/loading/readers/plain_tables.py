"""Tables of plain columns that Winnow wrote earlier and finds again outside its workspace: read in the child,
as anybody may have written them, and written anew for the parent.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.errors import LoadError

TYPES = ("int32", "int64", "uint64", "double", "bool", "string", "timestamp[us]")


def copied(paths: list[Path], folder: Path) -> dict[str, Any]:
    """Copy Parquet files of such columns into ``folder``, under their own names; the rows of each. Raises
    `LoadError` for any other.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = {}
    for path in paths:
        try:
            table = pq.ParquetFile(path).read()
            table.validate(full=True)
        except (OSError, pa.ArrowException) as error:
            raise LoadError(f"{path.name} is damaged or no Parquet file ({str(error)[:80]}).") from error
        other = [field for field in table.schema if str(field.type) not in TYPES]
        if other:
            raise LoadError(
                f"{path.name} holds a column of {str(other[0].type)[:40]}, which is never written."
            )
        plain = table.replace_schema_metadata(None)
        pq.write_table(plain, folder / path.name, compression="none", use_dictionary=False)
        rows[path.name] = plain.num_rows
    return rows
