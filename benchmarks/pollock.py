"""How well messy CSV files are read without any hint: the Pollock benchmark (Vitagliano et al., PVLDB 16,
2023), scored by our own code.

    python -m benchmarks.pollock FOLDER [--reader winnow|pandas|duckdb] [--worst N]

FOLDER holds the benchmark's data, which are not part of this project (they have no licence): ``csv/``, the
polluted files; ``clean/``, what each of them should give; and, here or one folder up,
``pollock_weights.json``, how often each pollution was met in 3,712 real files. The files are read as they
are: the hints in ``parameters/`` are not looked at.

Ten measures per file, each from 0 to 1: success (the file was read at all), and precision, recall and F1 of
its header, its records and its cells. Each of these three is compared as a multiset: what both sides have,
against what the reader gave (precision) and against what the clean file has (recall). As in the benchmark's
paper, a record is compared by its cells put together; cells of the header count among the cells. The simple
score is the mean over all files of the sum of the ten; the weighted score weighs the files by how often their
pollution is met. Both end at 10.
"""

from __future__ import annotations

import argparse
import csv
import json
import logging
import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.table import Row, show

Records = list[list[str]]
SIMPLE, WEIGHTED = 9.962, 9.70  # to be reached: the best published reader, given every hint, is at 9.961


class Score(NamedTuple):
    """The ten measures of one file."""

    success: float
    header: tuple[float, float, float]
    record: tuple[float, float, float]
    cell: tuple[float, float, float]

    @property
    def total(self) -> float:
        """Their sum, 0 to 10."""
        return self.success + sum(self.header) + sum(self.record) + sum(self.cell)


FAILED = Score(0.0, (0.0, 0.0, 0.0), (0.0, 0.0, 0.0), (0.0, 0.0, 0.0))


def agreement(given: Iterable[str], wanted: Iterable[str]) -> tuple[float, float, float]:
    """Precision, recall and F1 of two multisets; 1 where nothing is wanted.

    >>> agreement(["a", "b", "b"], ["a", "b", "c", "d"])
    (0.6666666666666666, 0.5, 0.5714285714285715)
    >>> agreement(["a"], []), agreement([], ["a"])
    ((1.0, 1.0, 1.0), (0.0, 0.0, 0.0))
    """
    have, want = Counter(given), Counter(wanted)
    if not want:
        return 1.0, 1.0, 1.0
    both = (have & want).total()
    if not both:
        return 0.0, 0.0, 0.0
    precision, recall = both / have.total(), both / want.total()
    return precision, recall, 2 * precision * recall / (precision + recall)


def score(given: Records, wanted: Records) -> Score:
    """The measures of what a reader gave (its header first, if it found one) against the clean file."""
    return Score(
        1.0,
        agreement(given[0] if given else [], wanted[0] if wanted else []),
        agreement(map("".join, given[1:]), map("".join, wanted[1:])),
        agreement((c for r in given for c in r), (c for r in wanted for c in r)),
    )


def winnow(path: Path, folder: Path) -> Records:
    """What Winnow's readers make of a file: the names, unless it has none, and every cell as the source has
    it.
    """
    import pyarrow.compute as pc

    from core.dataset import Dataset
    from core.loading.convert import convert, read_file
    from core.loading.options import Options
    from core.loading.text import as_text
    from core.progress import SILENT

    part = read_file(path, path.name, Options(), folder / "0", SILENT)
    convert([part], path.name, folder / "data.parquet", SILENT)
    dataset = Dataset.open(folder / "data.parquet")
    cells = [
        pc.fill_null(dataset.raw(c.name), "") if c.raw else as_text(dataset.table([c.name]).column(0))
        for c in dataset.columns
    ]
    rows = [list(row) for row in zip(*(column.to_pylist() for column in cells), strict=True)]
    return [list(dataset.names), *rows] if dataset.source.options["header"] is not None else rows


def pandas(path: Path, folder: Path) -> Records:
    """pandas, told to find out the delimiter, to keep text and to leave out bad lines."""
    import pandas as pd

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        frame = pd.read_csv(path, sep=None, engine="python", dtype=object, on_bad_lines="skip")
    frame.to_csv(folder / "out.csv", index=False)
    return read_clean(folder / "out.csv")


def duckdb(path: Path, folder: Path) -> Records:
    """DuckDB, told to keep text and to read on past errors, in one thread."""
    import duckdb as engine

    quoted = str(path).replace("'", "''")
    settings = "all_varchar=true, strict_mode=false, ignore_errors=true, null_padding=true, parallel=false"
    target = str(folder / "out.csv").replace("'", "''")
    with engine.connect() as base:
        base.execute(f"COPY (FROM read_csv('{quoted}', {settings})) TO '{target}' (HEADER)")
    return read_clean(folder / "out.csv")


READERS: dict[str, Callable[[Path, Path], Records]] = {"winnow": winnow, "pandas": pandas, "duckdb": duckdb}


def read_clean(path: Path) -> Records:
    """The records of a clean file."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def scores(folder: Path, reader: str) -> dict[str, Score]:
    """The measures of every file of the benchmark, by name. A reader that raises has failed on that file."""
    from core.errors import CoreError

    told: dict[str, Score] = {}
    for path in sorted((folder / "csv").iterdir()):
        with tempfile.TemporaryDirectory() as place:
            try:
                given = READERS[reader](path, Path(place))
            except (CoreError, ValueError, OSError, csv.Error) as error:
                logging.info("%s: %s", path.name, error)
                told[path.name] = FAILED
                continue
        told[path.name] = score(given, read_clean(folder / "clean" / path.name))
    return told


def totals(folder: Path, told: dict[str, Score]) -> tuple[float, float]:
    """The simple and the weighted score, 0 to 10."""
    place = next(f for f in (folder, folder.parent) if (f / "pollock_weights.json").exists())
    weights = json.loads((place / "pollock_weights.json").read_text(encoding="utf-8"))
    heavy = {name: weights.get(name, 0.0) for name in told}
    return (
        sum(s.total for s in told.values()) / len(told),
        sum(s.total * heavy[name] for name, s in told.items()) / sum(heavy.values()),
    )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.pollock", description=__doc__.split("\n\n")[0]
    )
    parser.add_argument("folder", type=Path, help="the folder with csv/ and clean/")
    parser.add_argument("--reader", choices=READERS, default="winnow")
    parser.add_argument("--worst", type=int, default=0, help="list this many files that lose most")
    given = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    told = scores(given.folder, given.reader)
    simple, weighted = totals(given.folder, told)
    success = sum(s.success for s in told.values()) / len(told)
    rows = [
        Row(f"Pollock, {given.reader}: success", success, 1.0, success, ">= 1", success >= 1),
        Row(
            "simple score (peer: DuckDB 1.2 with every hint)",
            simple,
            9.961,
            simple / 9.961,
            f">= {SIMPLE}",
            simple >= SIMPLE,
        ),
        Row(
            "weighted score (peer: DuckDB 1.2 with every hint)",
            weighted,
            9.599,
            weighted / 9.599,
            f">= {WEIGHTED}",
            weighted >= WEIGHTED,
        ),
    ]
    show(rows)
    for name, lost in sorted(told.items(), key=lambda item: item[1].total)[: given.worst]:
        parts = " ".join(f"{kind} {getattr(lost, kind)[2]:.3f}" for kind in ("header", "record", "cell"))
        sys.stdout.write(f"{lost.total:6.3f} {name}: {parts}\n")
    return 0 if all(row.ok for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
