"""DuckDB: one table or view of a database that is opened read-only, with nothing else in its reach."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.dataset.sql import sql_name
from core.errors import LoadError
from core.limits import READ_MEMORY_MB
from core.loading.options import Options
from core.loading.readers import LOOK_ROWS, ROWS, Staged
from core.loading.readers.several import Offered, chosen_of, others_of, unread_tables
from core.loading.readers.typed import TypedTable, damaged, staged
from core.progress import Progress

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

WHAT = "a DuckDB database"
_AS_TEXT = (
    "INTERVAL",
    "UNION",
    "BIT",
    "BIGNUM",
    "VARIANT",
    "GEOMETRY",
    "TIME WITH TIME ZONE",
)  # no columns of Parquet


def read(
    path: Path, name: str, options: Options, folder: Path, progress: Progress, look: bool = False
) -> Staged:
    """Open a table of a database: the one named, else the one with most cells. Raises `LoadError` where it is
    damaged, was written by a newer DuckDB, or has none.
    """
    import duckdb

    try:
        base = _opened(path, folder)
        tables, places = _tables_of(base)
        chosen = chosen_of(tables, options.table, name)
        table = places[chosen.name]
        wanted = _columns(base, table)
        (rows,) = base.execute(f"SELECT count(*) FROM {table}").fetchall()[0]
        schema = _rows(base, wanted, f"{table} LIMIT 0").schema
    except duckdb.Error as error:
        raise _refused(name, error) from error

    def batches(places: list[int]) -> Iterator[pa.RecordBatch]:
        limit = f" LIMIT {LOOK_ROWS}" if look else ""
        some = [wanted[place] for place in places]
        try:
            for batch in _rows(base, some, table + limit):
                progress.check()
                yield batch
        except duckdb.Error as error:
            raise _refused(name, error) from error

    others = others_of(tables, chosen)
    own = {"table": chosen.name, "others": others}
    findings = unread_tables(chosen.name, others, file="database")
    return staged(
        TypedTable(
            name=name,
            format="duckdb",
            what=WHAT,
            schema=schema,
            rows=rows,
            read=batches,
            own=own,
            findings=findings,
        ),
        look,
    )


def _opened(path: Path, folder: Path) -> duckdb.DuckDBPyConnection:
    """The database, closed to everything outside itself: its views can read no other file."""
    import duckdb

    settings: dict[str, Any] = {
        "threads": 1,
        "memory_limit": f"{READ_MEMORY_MB.value // 2}MB",
        "temp_directory": str(folder),
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    base = duckdb.connect(str(path), read_only=True, config=settings)
    for setting in ("enable_external_access = false", "lock_configuration = true"):
        base.execute(f"SET {setting}")
    return base


def _tables_of(base: duckdb.DuckDBPyConnection) -> tuple[list[Offered], dict[str, str]]:
    """The tables that hold rows; then the views, which are not run for this; where there are neither, the
    tables without rows. And how SQL names them.
    """
    found, places = list[Offered](), dict[str, str]()
    bare: list[Offered] = []
    for schema, table, kind in base.execute(
        "SELECT schema_name, table_name, 'table' FROM duckdb_tables() WHERE NOT internal AND NOT temporary "
        "UNION ALL SELECT schema_name, view_name, 'view' FROM duckdb_views() WHERE NOT internal"
    ).fetchall():
        name = table if schema == "main" else f"{schema}.{table}"
        places[name] = f"{sql_name(schema)}.{sql_name(table)}"
        if kind == "view":
            found.append(Offered(name, True, 0.0))
            continue
        (rows,) = base.execute(f"SELECT count(*) FROM {places[name]}").fetchall()[0]
        width = len(base.execute(f"DESCRIBE SELECT * FROM {places[name]}").fetchall())
        (found if rows else bare).append(Offered(name, False, float(rows * width)))
    return sorted(found, key=lambda one: one.hidden) or bare, places


def _columns(base: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    """The columns of a table in SQL: as text where nothing else keeps them, and numbers of 128 bits as
    numbers of 64 where all of them fit.
    """
    wanted = []
    for column, kind, *_ in base.execute(f"DESCRIBE SELECT * FROM {table}").fetchall():
        name = sql_name(column)
        if kind in ("HUGEINT", "UHUGEINT"):
            beyond = f"{name} IS NOT NULL AND TRY_CAST({name} AS BIGINT) IS NULL"
            small = not base.execute(f"SELECT 1 FROM {table} WHERE {beyond} LIMIT 1").fetchall()
            wanted.append(f"CAST({name} AS {'BIGINT' if small else 'VARCHAR'}) AS {name}")
        elif kind.startswith(_AS_TEXT):
            wanted.append(f"CAST({name} AS VARCHAR) AS {name}")
        else:
            wanted.append(name)
    return wanted


def _rows(base: duckdb.DuckDBPyConnection, columns: list[str], table: str) -> pa.RecordBatchReader:
    """The rows of a table, as batches."""
    reader: pa.RecordBatchReader = (
        base.cursor().sql(f"SELECT {', '.join(columns)} FROM {table}").to_arrow_reader(ROWS)
    )
    return reader


def _refused(name: str, error: Exception) -> LoadError:
    text = str(error)
    if "newer version" in text or "version number" in text:
        return LoadError(
            f"{name} was written by another version of DuckDB than can be read here. Export its table as "
            "Parquet (COPY table TO 'table.parquet')."
        )
    if "ncrypt" in text and "key" in text:
        from core.loading.magic import locked

        return locked(name)
    return damaged(name, WHAT, error)
