"""The commands about coresets that are saved: build, merge, update."""

from __future__ import annotations

import argparse
import glob
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.cli.inputs import pairs, recipe_followed, split_by_folders
from core.cli.output import progress_of, write_rows, write_text
from core.cli.terminal import one_line
from core.coreset import Coreset, build, built_with, calibrated, open_saved, save, updated, with_part
from core.coreset.chunk_tree import Chunk, chunk_tree, drawing
from core.coreset.quality import quality
from core.dataset import Dataset
from core.dataset.roles import ROLES
from core.errors import LoadError, SettingError
from core.phrases import count, percent, quoted, verb
from core.workspace import load

_READ = (".parquet", ".csv", ".tsv", ".json", ".jsonl")


def build_coreset(given: argparse.Namespace) -> int:
    """A coreset of one file, or of several that are parts of one, saved."""
    from core.analyses.coreset.settings import CoresetSettings

    progress = progress_of(given)
    settings = CoresetSettings.of(pairs(given.set, "--set"))
    if settings.where:
        raise SettingError(
            "A saved coreset is of all rows of its files: leave 'where' out, or use 'coreset'."
        )
    like = open_saved(given.like) if given.like else None
    files = _files(given.data)
    reading = progress.part(0.0, 0.4)
    roles = {role: getattr(given, role) for role in ROLES}
    kinds = pairs(given.kind, "--kind")
    datasets = [load(file, kinds=kinds, progress=reading, **roles) for file in files]
    if not given.no_split:
        datasets = [split_by_folders(dataset) for dataset in datasets]
    rows = sum(map(settings.can_be_drawn, datasets))
    plan = settings.plan(rows, len(datasets[0].features), by_id=True)
    later = progress.part(0.4, 1.0)
    if like is not None:
        wanted = replace(plan.wanted, size=like.wanted.size) if settings.auto else plan.wanted
        coreset = built_with(like.pilot, datasets, wanted, later)
    else:
        coreset = build(datasets, plan, later)
    return _written(given, calibrated(coreset))


def merge_coresets(given: argparse.Namespace) -> int:
    """Several saved coresets with one pilot, as one."""
    coresets = [open_saved(path) for path in given.coresets]
    merged = coresets[0]
    for other in coresets[1:]:
        merged = merged.merged(other)
    return _written(given, merged if merged.slope is None else calibrated(merged))


def update_coreset(given: argparse.Namespace) -> int:
    """A saved coreset after decisions about its data, or with the rows of another file behind its own."""
    progress, coreset = progress_of(given), open_saved(given.coreset)
    recipe, review = recipe_followed(given)
    target = coreset.pilot.roles.target or None
    kinds = pairs(given.kind, "--kind")
    data = load(given.data, target=target, kinds=kinds, progress=progress.part(0.0, 0.5))
    if not given.no_split:
        data = split_by_folders(data, recipe)
    known = any(leaf.fingerprint == data.fingerprint for leaf in coreset.leaves)
    if recipe is not None:
        recipe.check(data)
        data = _decided(data, review)
    later = progress.part(0.5, 1.0)
    coreset = updated(coreset, data, later) if known else with_part(coreset, data, later)
    told = all(leaf.slope is not None or leaf.fingerprint == data.fingerprint for leaf in coreset.leaves)
    return _written(given, calibrated(coreset, data) if told else coreset)


def _decided(data: Dataset, review: Any) -> Dataset:
    from core.decided import as_decided

    return as_decided(data, review)


def _files(given: list[str]) -> list[Path]:
    """The files meant by paths of files, folders and patterns, each once. Those of a folder or pattern stand
    in the order of their names. Raises `LoadError` where there is none.
    """
    found: dict[Path, None] = {}
    for text in given:
        path = Path(text)
        if path.is_dir():
            some = sorted(one for one in path.iterdir() if one.suffix.lower() in _READ)
        elif path.exists() or not glob.has_magic(text):
            some = [path]
        else:
            some = [Path(one) for one in sorted(glob.glob(text))]  # noqa: PTH207  (an absolute pattern)
        if not some:
            raise LoadError(f"There is no file {text!r} that can be read ({', '.join(_READ)}).")
        found |= dict.fromkeys(some)
    return list(found)


def _written(given: argparse.Namespace, coreset: Coreset) -> int:
    """Save the coreset and its rows as asked, and say what it is."""
    tree = chunk_tree(coreset)
    told = _facts(coreset, tree)
    if not given.json and all(one is None for one in (given.out, given.rows, given.table, given.tree)):
        raise SettingError(
            "Give --out FOLDER to save the coreset, --rows or --table to write its rows, --tree to draw it."
        )
    if given.out is not None:
        save(coreset, given.out)
    if given.rows is not None:
        write_rows(coreset.weights(), given.rows, "coreset")
    if given.table is not None:
        write_rows(coreset.frame(), given.table, "coreset")
    if given.tree is not None:
        write_text(given.tree, drawing(tree))
    if given.json:
        sys.stdout.write(json.dumps(told, ensure_ascii=False) + "\n")
        return 0
    lines = [
        f"{count(told['size'], 'row')} {verb(told['size'], 'stands', 'stand')} for "
        f"{count(told['rows'])} ({told['loss']}{', calibrated' if told['calibrated'] else ''}); effective "
        f"sample size {told['effective_sample_size']:,.0f}",
        *(
            f"  {one['part']}: {count(one['rows'], 'row')} from {one['first']:,} on, "
            f"{count(one['drawn'])} drawn"
            for one in told["parts"]
        ),
    ]
    unknown = [leaf.name for leaf in coreset.leaves if leaf.slope is None]
    if unknown and coreset.pilot.model is not None and not told["calibrated"]:
        lines.append(
            f"  weights as drawn: the slope of the loss of {quoted(unknown[0])} is not known (saved by an "
            "earlier Winnow, or edited since); build the coreset anew to calibrate them"
        )
    if "expected_error" in told:
        lines.append(
            f"  expected error of the {'loss' if told['error_of'] == 'fit' else 'cost'}: "
            f"{percent(told['expected_error'])} ({percent(told['error_low'])} to "
            f"{percent(told['error_high'])}); uniform: {percent(told['uniform_error'])}"
        )
    sys.stdout.writelines(one_line(line) + "\n" for line in lines)
    return 0


def _facts(coreset: Coreset, tree: Chunk) -> dict[str, Any]:
    drawn, error = coreset.sample, quality(coreset)
    told: dict[str, Any] = {
        "rows": coreset.rows,
        "size": int(drawn.row.size),
        "loss": coreset.pilot.kind,
        "calibrated": drawn.calibrated,
        "effective_sample_size": round(drawn.effective, 1),
        "pilot": coreset.pilot.version,
        "parts": [
            {
                "part": one.name,
                "first": leaf.first,
                "rows": one.rows,
                "drawn": one.drawn,
                "importance": round(one.importance, 4),
                "rescored": one.rescored,
            }
            for leaf, one in zip(coreset.leaves, tree.parts(), strict=True)
        ],
    }
    if error is not None:
        value, low, high = error.error
        told |= {"expected_error": value, "error_low": low, "error_high": high}
        told |= {"uniform_error": error.uniform.value, "error_of": error.of}
    return told
