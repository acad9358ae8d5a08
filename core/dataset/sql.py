"""SQL over one canonical file, and nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import ColumnError

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

CONFIG: dict[str, str | bool | int | float | list[str]] = {"allow_unsigned_extensions": "false"}


def relation(path: Path, names: Sequence[str], width: int, query: str) -> duckdb.DuckDBPyRelation:
    """What ``query`` gives over the view ``data``: the first columns of the Parquet file, called by ``names``
    as `names_in_sql` has it, and ``row``, the position in the file, unless a column has that name.

    width: how many columns the file has. The connection can read this one file and nothing else. Raises
    `ColumnError` where the query uses a name that SQL takes for another.
    """
    import duckdb

    connection = duckdb.connect(config=CONFIG)
    place = str(path).replace("'", "''")
    called, known = names_in_sql(names), set(map(str.lower, names))
    places = [f"c{at}" for at in range(width)]
    chosen = [f"{at} AS {sql_name(name)}" for at, name in zip(places, called, strict=False)]
    numbered = "file_row_number" not in known  # DuckDB's own column would clash with it
    if "row" not in known:
        chosen.append("row" if numbered else "row_number() OVER () - 1 AS row")
    every = ", ".join([*places, "row"] if numbered else places)
    source = f"read_parquet('{place}', file_row_number={numbered}) AS source({every})"
    connection.execute(
        f"SET allowed_paths=['{place}']; SET enable_external_access=false; SET lock_configuration=true"
    )
    connection.execute(f"CREATE VIEW data AS SELECT {', '.join(chosen)} FROM {source}")
    return _answer(connection, names, called, query)


def relation_of(table: pa.Table, query: str) -> duckdb.DuckDBPyRelation:
    """The same over a table in memory; the connection can read nothing else."""
    import duckdb
    import numpy as np

    names = table.column_names
    called = names_in_sql(names)
    view = table.rename_columns(called)
    if "row" not in map(str.lower, names):
        view = view.append_column("row", [np.arange(view.num_rows)])
    connection = duckdb.connect(config=CONFIG)
    connection.execute("SET enable_external_access=false; SET lock_configuration=true")
    connection.register("data", view)
    return _answer(connection, names, called, query)


def _answer(
    connection: duckdb.DuckDBPyConnection, names: Sequence[str], called: Sequence[str], query: str
) -> duckdb.DuckDBPyRelation:
    """What the query gives; with a hint where it uses a name that SQL takes for another."""
    import duckdb

    try:
        return connection.sql(query)
    except duckdb.BinderException as error:
        alike = [(own, name) for own, name in zip(names, called, strict=True) if own != name]
        if not alike:
            raise
        own, name = (" and ".join(f"'{pair[side]}'" for pair in alike[:4]) for side in (0, 1))
        raise ColumnError(f"SQL takes {own} for one name: say {name}.") from error


def names_in_sql(names: Sequence[str]) -> list[str]:
    """What columns are called in SQL, where upper and lower case are one: their names, with their places
    (counted from 1) behind those that differ in case alone.

    >>> names_in_sql(["A", "b", "a", "a_3"])
    ['A_1', 'b', 'a_3_', 'a_3']
    """
    lower = [name.lower() for name in names]
    met = Counter(lower)
    taken, called = set(lower), []
    for place, name in enumerate(names, 1):
        if met[name.lower()] > 1:
            name = f"{name}_{place}"
            while name.lower() in taken:
                name += "_"
            taken.add(name.lower())
        called.append(name)
    return called


def sql_name(name: str) -> str:
    """A name as SQL writes it, whatever is in it.

    >>> print(sql_name('the "best" one'))
    "the ""best"" one"
    """
    return '"' + name.replace('"', '""') + '"'
