"""SQLite: one table or view of a database that is opened read-only, as it lies on the disk, and trusted in
nothing (sqlite.org/security.html): no extensions, no virtual tables, no functions with side effects.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.dataset.sql import sql_name
from core.errors import LoadError
from core.limits import FIELD_KB
from core.limits import ROWS as ROWS_LIMIT
from core.loading.cells import JsonCells
from core.loading.decoding import visible
from core.loading.options import Options
from core.loading.readers import LOOK_ROWS, Staged, check_width, no_rows, renamed, unique_names
from core.loading.readers.several import Offered, chosen_of, others_of, unread_tables
from core.loading.readers.staging import Stage
from core.loading.readers.typed import damaged
from core.progress import Progress

if TYPE_CHECKING:
    import pyarrow as pa

WHAT = "an SQLite database"
CELLS = 500_000  # read at once
STEPS = 100_000  # of the virtual machine between two looks at whether to stop
_FLAGS = ("BOOL", "BOOLEAN")
_ALLOWED = (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE)
_FACTS = ("table_list", "table_xinfo")
_UNSAFE = ("load_extension", "fts3_tokenizer", "readfile", "writefile", "edit")


def read(
    path: Path, name: str, options: Options, folder: Path, progress: Progress, look: bool = False
) -> Staged:
    """Read a table of a database: the one named, else the one with most cells. Raises `LoadError` where it is
    damaged, or has none.
    """
    with _opened(path, name, progress) as base:
        tables = _tables_of(base)
        chosen = chosen_of(tables, options.table, name)
        columns = [
            (visible(str(column)), str(kind).upper())
            for _, column, kind, *_ in base.execute(f"PRAGMA table_xinfo({sql_name(chosen.name)})")
        ]
        check_width(len(columns), name)
        stage = Stage(folder / "staged.parquet", len(columns))
        cut = _pour(base, chosen.name, [kind in _FLAGS for _, kind in columns], stage, progress, look)
        known = None if chosen.hidden else _count(base, chosen.name)
    stage.close()
    header = [column for column, _ in columns]
    kept, others = unique_names(header), others_of(tables, chosen)
    plain: dict[str, Any] = {"format": "sqlite", "table": chosen.name, "others": others}
    plain |= {"header": header, "names": kept} | ({"beginning": cut, "rows_known": known} if look else {})
    findings = [*unread_tables(chosen.name, others, file="database"), *renamed(header, kept)]
    findings += [] if stage.rows else [no_rows()]
    return Staged(
        names=kept,
        rows=stage.rows,
        format="sqlite",
        cells=JsonCells(),
        batches=stage.batches,
        types=["json"] * len(kept),
        options=plain,
        findings=findings,
    )


@contextmanager
def _opened(path: Path, name: str, progress: Progress) -> Iterator[sqlite3.Connection]:
    """The database, within bounds. Raises `LoadError` where it is damaged, also in the block that reads."""
    base = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
    stopped: list[BaseException] = []

    def look_up() -> int:
        try:
            progress.check()
        except BaseException as error:  # noqa: BLE001 - raised below, where SQLite has ended
            stopped.append(error)
        return len(stopped)

    try:
        for bound, most in (
            (sqlite3.SQLITE_LIMIT_LENGTH, FIELD_KB.value * 1_000),
            (sqlite3.SQLITE_LIMIT_SQL_LENGTH, 1_000_000),
            (sqlite3.SQLITE_LIMIT_EXPR_DEPTH, 100),
            (sqlite3.SQLITE_LIMIT_COMPOUND_SELECT, 50),
            (sqlite3.SQLITE_LIMIT_VDBE_OP, 250_000),
            (sqlite3.SQLITE_LIMIT_ATTACHED, 0),
            (sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH, 1),
        ):
            base.setlimit(bound, most)
        for setting in ("trusted_schema=OFF", "cell_size_check=ON", "query_only=ON", "mmap_size=0"):
            base.execute(f"PRAGMA {setting}")
        base.text_factory = lambda text: visible(text.decode("utf-8", "surrogateescape"))
        base.set_authorizer(_allowed)
        base.set_progress_handler(look_up, STEPS)
        yield base
    except (sqlite3.Error, ValueError, OverflowError) as error:
        if stopped:
            raise stopped[0] from error
        raise damaged(name, WHAT, error) from error
    finally:
        base.close()


def _allowed(action: int, first: str | None, second: str | None, *_: str | None) -> int:
    """Whether a statement, or a view within it, may do this: read, and call functions that only compute."""
    if action == sqlite3.SQLITE_PRAGMA:
        return sqlite3.SQLITE_OK if first in _FACTS else sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_FUNCTION and second in _UNSAFE:
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK if action in _ALLOWED else sqlite3.SQLITE_DENY


def _tables_of(base: sqlite3.Connection) -> list[Offered]:
    """The tables that hold rows, in the order they were made; then the views, which are not run for this.
    Where there are neither, the tables without rows.
    """
    kinds = {
        name: kind for _, name, kind, *_ in base.execute("PRAGMA table_list") if kind in ("table", "view")
    }
    found, bare = list[Offered](), list[Offered]()
    for name, kind in base.execute("SELECT name, type FROM sqlite_schema WHERE type IN ('table', 'view')"):
        if name not in kinds or str(name).lower().startswith("sqlite_"):
            continue
        if kind == "view":
            found.append(Offered(name, True, 0.0))
        else:
            rows = _count(base, name)
            width = len(base.execute(f"PRAGMA table_xinfo({sql_name(name)})").fetchall())
            (found if rows else bare).append(Offered(name, False, float(rows * width)))
    return sorted(found, key=lambda one: one.hidden) or bare


def _count(base: sqlite3.Connection, table: str) -> int:
    return int(base.execute(f"SELECT count(*) FROM {sql_name(table)}").fetchone()[0])


def _pour(
    base: sqlite3.Connection, table: str, flags: list[bool], stage: Stage, progress: Progress, look: bool
) -> bool:
    """Stage the rows of a table; whether there are more than a look shows."""
    info = base.execute(f"PRAGMA table_xinfo({sql_name(table)})")
    columns = ", ".join(sql_name(str(row[1])) for row in info)
    size = LOOK_ROWS if look else max(1, CELLS // max(1, len(flags)))
    rows = base.execute(f"SELECT {columns} FROM {sql_name(table)}")
    while block := rows.fetchmany(size):
        progress.check()
        stage.add([_texts(cells, flag) for cells, flag in zip(zip(*block, strict=True), flags, strict=True)])
        if stage.rows > ROWS_LIMIT.value:
            raise LoadError(
                f"The table {table!r} has more than {ROWS_LIMIT.value:,} rows, the limit. Take a part of "
                f"them, or raise {ROWS_LIMIT.env}."
            )
        if look:
            return rows.fetchone() is not None
    return False


def _texts(cells: tuple[Any, ...], flag: bool) -> pa.Array:
    """Cells as JSON texts. flag: whether the column is declared to hold true and false."""
    import pyarrow as pa

    if flag and all(cell in (0, 1, None) for cell in cells):
        return pa.array([None if cell is None else ("false", "true")[cell] for cell in cells], pa.string())
    return pa.array([_text(cell) for cell in cells], pa.string())


def _text(cell: Any) -> str:
    if isinstance(cell, bytes):
        return json.dumps(cell.decode("utf-8", "backslashreplace"), ensure_ascii=False)
    if isinstance(cell, float) and not float("-inf") < cell < float("inf"):
        return json.dumps(str(cell))
    return json.dumps(cell, ensure_ascii=False)
