"""A coreset on disk: a folder with ``coreset.json`` (pilot, parts, what is wanted), ``units.parquet`` (the
units that may be drawn) and ``ledger.parquet`` (what was worked out of every row). No pickles.

Whoever opens one does not know who wrote it: the tables are read in the sandboxed child, and nothing is taken
that does not fit together.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.coreset.coreset import Coreset, Leaf
from core.coreset.ledger import REMOVED, Ledger
from core.coreset.sample import SampleSize
from core.coreset.sketch import Sketch
from core.errors import LoadError, StoreError
from core.loading.sandbox import run_child
from core.prepare.pilot import Pilot
from core.prepare.pilot.pilot import Slope
from core.progress import SILENT, Progress
from core.rowset import RowSet
from core.version import VERSION

if TYPE_CHECKING:
    import pyarrow as pa

FORMAT = 1
FACTS, UNITS, LEDGER = "coreset.json", "units.parquet", "ledger.parquet"
_CONTENT = "\x1fcontent:"  # prefix of the columns of the rows, which may be called like ours
_UNIT = ("stratum", "key", "score", "row", "times", "heft")
_MOST_FACTS = 64_000_000  # bytes
_LARGEST = 2**200  # of a number of a slope


def save(coreset: Coreset, folder: str | Path) -> None:
    """Write the coreset into a folder, whole or not at all; one that is there is replaced. Raises
    `StoreError`.
    """
    import pyarrow.parquet as pq

    place = Path(folder)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        if place.exists() and not (place / FACTS).is_file():
            raise StoreError(f"{str(place)!r} is there and holds no coreset. Choose another name.")
        made = Path(tempfile.mkdtemp(prefix=".coreset-", dir=place.parent))
        try:
            how = {"compression": "none", "use_dictionary": False, "write_statistics": False}
            pq.write_table(_units(coreset), made / UNITS, **how)
            pq.write_table(_ledger(coreset), made / LEDGER, **how)
            facts = _facts(coreset)
            digests = {name: _digest(made / name) for name in (UNITS, LEDGER)} | {FACTS: _digest_of(facts)}
            text = json.dumps(facts | {"digests": digests}, ensure_ascii=False)
            (made / FACTS).write_text(text, encoding="utf-8", errors="surrogatepass")
            if place.exists():
                shutil.rmtree(place)
            made.chmod(0o755)
            made.rename(place)
        finally:
            shutil.rmtree(made, ignore_errors=True)
    except OSError as error:
        raise StoreError(f"The coreset cannot be written to {str(place)!r} ({error.strerror}).") from error


def open_saved(folder: str | Path, progress: Progress = SILENT) -> Coreset:
    """The coreset of a folder. Raises `LoadError` where it is gone, damaged, or of another format."""
    place = Path(folder).absolute()
    facts = _read_facts(place)
    paths = [place / name for name in (UNITS, LEDGER)]
    for path in paths:
        if not path.is_file() or _digest(path) != facts["digests"].get(path.name):
            raise LoadError(
                f"The saved coreset {place.name!r} is damaged: {path.name} is not what was saved."
            )
    try:
        with tempfile.TemporaryDirectory(prefix="winnow-coreset-") as copies:
            task = {
                "tables": [str(path) for path in paths],
                "sources": [{"name": place.name}],
                "folder": copies,
            }
            run_child(task, Path(copies), progress)
            units, ledger = (_table(Path(copies) / name) for name in (UNITS, LEDGER))
        return _drawn(_coreset(facts, units, ledger))
    except (KeyError, TypeError, ValueError, IndexError, OverflowError, AttributeError) as error:
        raise LoadError(f"The saved coreset {place.name!r} is damaged ({error}).") from error


def _drawn(coreset: Coreset) -> Coreset:
    """The same, its rows drawn and encoded once: what cannot be is called damaged now, not later."""
    coreset.matrix(), coreset.target()
    return coreset


def _table(path: Path) -> pa.Table:
    import pyarrow.parquet as pq

    return pq.read_table(path)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "blake2b").hexdigest()


def _digest_of(facts: Mapping[str, Any]) -> str:
    """Of all facts but the digests."""
    plain = {name: value for name, value in facts.items() if name != "digests"}
    text = json.dumps(plain, ensure_ascii=False, sort_keys=True)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass")).hexdigest()


def _read_facts(place: Path) -> dict[str, Any]:
    path = place / FACTS
    if not path.is_file():
        raise LoadError(f"{str(place)!r} holds no saved coreset (no {FACTS}).")
    if path.stat().st_size > _MOST_FACTS:
        raise LoadError(f"{FACTS} of {place.name!r} is too large to be that of a coreset.")
    try:
        facts = json.loads(path.read_text(encoding="utf-8", errors="surrogatepass"))
    except (OSError, ValueError, RecursionError) as error:
        raise LoadError(f"The saved coreset {place.name!r} is damaged: {FACTS} is no JSON.") from error
    if not isinstance(facts, dict) or not isinstance(facts.get("digests"), dict):
        raise LoadError(f"The saved coreset {place.name!r} is damaged: {FACTS} lacks its parts.")
    if facts.get("format") != FORMAT:
        raise LoadError(
            f"The saved coreset {place.name!r} is of format {str(facts.get('format'))[:20]!r}; this Winnow "
            f"reads {FORMAT}. Build it anew."
        )
    if _digest_of(facts) != facts["digests"].get(FACTS):
        raise LoadError(f"The saved coreset {place.name!r} is damaged: {FACTS} is not what was saved.")
    return facts


def _facts(coreset: Coreset) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "winnow": VERSION,
        "wanted": asdict(coreset.wanted),
        "pilot": coreset.pilot.to_json(),
        "to_slope": coreset.to_slope,
        "leaves": [
            {
                "name": leaf.name,
                "fingerprint": leaf.fingerprint,
                "first": leaf.first,
                "numbers": leaf.numbers,
                "touched": leaf.touched.to_json(),
                "since": leaf.since.to_json(),
                "scored": leaf.scored,
                "slope": leaf.slope,
                "units": len(leaf.sketch.key),
                "ledger": None if leaf.ledger is None else len(leaf.ledger.number),
                **{name: getattr(leaf.sketch, name) for name in ("room", "sure", "by_id", "left_out")},
                **{name: list(getattr(leaf.sketch, name)) for name in ("rows", "weight", "mass")},
            }
            for leaf in coreset.leaves
        ],
    }


def _units(coreset: Coreset) -> pa.Table:
    import pyarrow as pa

    sketches = [leaf.sketch for leaf in coreset.leaves]
    columns = {name: np.concatenate([getattr(one, name) for one in sketches]) for name in _UNIT}
    content = pa.concat_tables([one.content for one in sketches])
    for name in content.column_names:
        columns[_CONTENT + name] = content.column(name)
    return pa.table(columns)


def _ledger(coreset: Coreset) -> pa.Table:
    import pyarrow as pa

    ledgers = [leaf.ledger for leaf in coreset.leaves if leaf.ledger is not None]
    names = ["number", "stratum", "key", "score", *(["weight"] if coreset.pilot.roles.weight else [])]
    empty = np.zeros(0, np.int64)
    return pa.table(
        {
            name: np.concatenate([getattr(one, name) for one in ledgers]) if ledgers else empty
            for name in names
        }
    )


def _coreset(facts: Mapping[str, Any], units: pa.Table, ledger: pa.Table) -> Coreset:
    """The parts put together again. Raises `LoadError` or ValueError where they do not fit."""
    pilot = Pilot.from_json(facts["pilot"])
    wanted = SampleSize(**facts["wanted"])
    wanted = replace(wanted, each={str(key): str(size) for key, size in wanted.each.items()})
    leaves, unit, row = [], 0, 0
    for plain in facts["leaves"]:
        more, kept = int(plain["units"]), plain["ledger"]
        sketch = _sketch(plain, units.slice(unit, more), pilot)
        held = None
        if kept is not None:
            held = _held(ledger.slice(row, int(kept)), pilot)
            row += int(kept)
        touched = RowSet.from_json(plain["touched"])
        leaf = Leaf(
            str(plain["name"]), str(plain["fingerprint"]), int(plain["first"]), int(plain["numbers"]), sketch
        )
        since = RowSet.from_json(plain.get("since", []))
        scored, slope = (_slope(plain.get(name), pilot) for name in ("scored", "slope"))
        leaf = replace(leaf, ledger=held, touched=touched, scored=scored, since=since, slope=slope)
        leaves.append(leaf)
        unit += more
    if not leaves or unit != units.num_rows or row != ledger.num_rows:
        raise LoadError("The saved coreset is damaged: its tables do not have the rows that it names.")
    return Coreset(pilot, wanted, tuple(leaves), facts.get("to_slope") is True)


def _slope(plain: Any, pilot: Pilot) -> Slope | None:
    """A slope that was saved; None where none was, as in coresets saved before there were any."""
    if plain is None:
        return None
    size = 0 if pilot.model is None else pilot.model.weights.size
    if len(plain) != size or not all(type(one) is int and abs(one) < _LARGEST for one in plain):
        raise LoadError("The saved coreset is damaged: its slopes do not fit its pilot.")
    return tuple(plain)


def _sketch(plain: Mapping[str, Any], units: pa.Table, pilot: Pilot) -> Sketch:
    content = units.select([name for name in units.column_names if name.startswith(_CONTENT)])
    content = content.rename_columns([name.removeprefix(_CONTENT) for name in content.column_names])
    rows, weight, mass = (tuple(int(value) for value in plain[name]) for name in ("rows", "weight", "mass"))
    types = (np.int64, np.uint64, np.float64, np.int64, np.int64, np.int64)
    columns = [units.column(name).to_numpy().astype(kind) for name, kind in zip(_UNIT, types, strict=True)]
    stratum, key, score, row, times, heft = columns
    sound = (
        all(len(total) == pilot.strata and min(total, default=0) >= 0 for total in (rows, weight, mass))
        and (not stratum.size or 0 <= int(stratum.min()) <= int(stratum.max()) < pilot.strata)
        and (np.diff(pilot.groups[stratum]) >= 0).all()
        and bool(np.isfinite(score).all() and (score > 0).all() and (times > 0).all() and (heft > 0).all())
        and set(content.column_names) == set(pilot.read)
    )
    if not sound:
        raise LoadError("The saved coreset is damaged: its units do not fit its pilot.")
    return Sketch(
        groups=pilot.groups,
        room=int(plain["room"]),
        sure=int(plain["sure"]),
        by_id=bool(plain["by_id"]),
        rows=rows,
        weight=weight,
        mass=mass,
        left_out=int(plain["left_out"]),
        stratum=stratum,
        key=key,
        score=score,
        row=row,
        times=times,
        heft=heft,
        content=content.combine_chunks(),
    )


def _held(table: pa.Table, pilot: Pilot) -> Ledger:
    number, stratum, key, score = (
        np.array(table.column(name).to_numpy()).astype(kind)
        for name, kind in zip(
            ("number", "stratum", "key", "score"), (np.int64, np.int32, np.uint64, np.float64), strict=True
        )
    )
    weight = np.array(table.column("weight")) if pilot.roles.weight else (stratum >= 0).astype(np.int64)
    sound = bool(
        (np.diff(number) > 0).all() and (stratum >= REMOVED).all() and (stratum < pilot.strata).all()
    )
    if not sound or not np.isfinite(score).all():
        raise LoadError("The saved coreset is damaged: its ledger does not fit its pilot.")
    return Ledger(number, stratum, key, score, weight)
