"""Every command and its flags; those that several share are in `core.cli.flags`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from core.analyses.augmentation.operations import MOST
from core.catalog import analyses
from core.cli import agreeing, commands, coresets, variants
from core.cli.flags import (
    coreset_flags,
    data_flags,
    format_flags,
    json_flag,
    kind_flag,
    no_split_flag,
    output_flags,
    set_flag,
)
from core.dataset.roles import ROLES
from core.errors import SettingError
from core.filters import Filter
from core.finding import SEVERITIES
from core.steps import read_step
from core.steps.split import WAYS


class _ArgumentParser(argparse.ArgumentParser):
    """argparse whose mistakes are one line, as every other."""

    def error(self, message: str) -> Any:
        raise SettingError(f"{message[:1].upper()}{message[1:]}. See: {self.prog} --help")


def parser() -> argparse.ArgumentParser:
    """The parser of all commands; what it gives has the function to call as ``work``."""
    every = _ArgumentParser(
        prog="python -m core", description="Winnow: find what is wrong with a data set, decide, export it."
    )
    added = every.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name in analyses():
        _analysis(added, name)
    own = (_audit, _list, _preview, _apply, _export, _agree, _model, _augment)
    for add in (*own, _build_coreset, _merge_coresets, _update_coreset):
        add(added)
    return every


def _analysis(added: Any, name: str) -> None:
    analysis = analyses()[name]
    knobs = "\n".join(f"  {n}: {k.label}. {k.help}" for n, k in analysis.settings.knobs().items())
    command = added.add_parser(
        name,
        help=analysis.question,
        description=analysis.question,
        epilog=f"Settings (--set NAME=VALUE):\n{knobs}" if knobs else None,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    data_flags(command)
    set_flag(command, "a setting of the analysis; may be repeated")
    command.add_argument(
        "--rows", type=Path, metavar="FILE", help="write the per-row table (.csv or .parquet)"
    )
    output_flags(command)
    command.set_defaults(work=commands.analyse)


def _audit(added: Any) -> None:
    command = added.add_parser(
        "audit", help="Every analysis but strategies and proof, which take long; one ranked list."
    )
    data_flags(command)
    output_flags(command)
    command.add_argument(
        "--private", action="store_true", help="leave out of all reports whatever quotes a cell of the data"
    )
    command.set_defaults(work=commands.audit_all)


def _list(added: Any) -> None:
    command = added.add_parser("list", help="What there is.")
    command.add_argument("--json", action="store_true", help="print JSON")
    command.set_defaults(work=commands.list_analyses)


def _preview(added: Any) -> None:
    command = added.add_parser(
        "preview", help="How a source would be read: the guesses, the columns, the first rows."
    )
    data_flags(command)
    command.add_argument(
        "--aside", type=Path, metavar="FILE", help="write the lines kept aside, to be mended for --put-back"
    )
    command.add_argument("--json", action="store_true", help="print JSON")
    command.set_defaults(work=commands.preview)


def _model(added: Any) -> None:
    command = added.add_parser(
        "model",
        help="Compare strategies against imbalance, and write the fitted model, its card and its rows.",
    )
    data_flags(command)
    set_flag(
        command,
        "a setting of the analysis strategies; chosen=NAME and chosen_model=NAME say which; may be repeated",
    )
    command.add_argument(
        "--take",
        metavar="STRATEGY",
        help="write recipe.json too, in which this strategy stands as decisions: weights, rows dropped or "
        "added",
    )
    command.add_argument(
        "--split-column",
        metavar="HOW",
        choices=WAYS,
        help="write recipe.json too, with a column that parts train: at random, alike in every class, whole "
        "groups, or test after train",
    )
    command.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="a folder")
    command.set_defaults(work=commands.model)


def _augment(added: Any) -> None:
    command = added.add_parser(
        "augment", help="Balance classes of images by augmentation: write the variants as a zip."
    )
    data_flags(command)
    set_flag(
        command, "a setting of the analysis augmentation, as preset=products or steps=JSON; may be repeated"
    )
    command.add_argument(
        "--to",
        type=int,
        default=0,
        metavar="N",
        help="images that each class has afterwards; default: as many as the largest class",
    )
    command.add_argument(
        "--class",
        dest="wanted",
        action="append",
        default=[],
        metavar="CLASS=N",
        help="N variants of this class, and none of classes not named; may be repeated",
    )
    command.add_argument("--most", type=int, default=MOST, metavar="N", help="variants of one image at most")
    command.add_argument("--recipe", type=Path, metavar="RECIPE", help="look at the data as decided in it")
    command.add_argument("--out", type=Path, metavar="FILE", help="the zip; without it the plan is printed")
    json_flag(command)
    command.set_defaults(work=variants.augment)


def _apply(added: Any) -> None:
    command = added.add_parser("apply", help="Follow a recipe: the same bytes as the download.")
    command.add_argument("recipe", type=Path, metavar="RECIPE")
    command.add_argument("data", metavar="DATA")
    command.add_argument(
        "--serve", metavar="DATA2", help="the second source, where the recipe was made with one"
    )
    command.add_argument("--out", type=Path, metavar="FILE", help="needed but for --dry-run")
    format_flags(command)
    rules = command.add_argument_group("on other data of the same shape")
    rules.add_argument(
        "--as-rules",
        action="store_true",
        help="follow the rules; decisions on single rows are carried over by id or by equal values",
    )
    rules.add_argument(
        "--rename",
        action="append",
        default=[],
        metavar="OLD=NEW",
        help="the recipe's column OLD is called NEW here; may be repeated",
    )
    kind_flag(rules)
    rules.add_argument("--refit", action="store_true", help="learn anew from these data")
    rules.add_argument("--dry-run", action="store_true", help="only say what would become of each step")
    json_flag(rules)
    rules.add_argument(
        "--fail-on",
        choices=SEVERITIES,
        metavar="LEVEL",
        help="exit with 1 where something at or above this was not followed or carried over",
    )
    command.set_defaults(work=commands.apply)


def _export(added: Any) -> None:
    command = added.add_parser(
        "export", help="Write cleaned and dropped rows, recipe, script and manifest into a folder."
    )
    data_flags(command)
    command.add_argument(
        "--recipe", type=Path, metavar="RECIPE", help="decisions to follow; none means the data as they are"
    )
    command.add_argument(
        "--drop",
        type=Filter.parse,
        action="append",
        default=[],
        metavar="FILTER",
        help="drop the rows that it takes, as 'age < 0 or city is missing'; may be repeated",
    )
    command.add_argument(
        "--keep",
        type=Filter.parse,
        action="append",
        default=[],
        metavar="FILTER",
        help="drop all other rows; may be repeated: only rows that all of them take stay",
    )
    command.add_argument(
        "--step",
        type=lambda text: read_step(text, "command line"),
        action="append",
        default=[],
        metavar="STEP",
        help='follow this step first, as "fill age how=median", "tidy town case=title where age > 5", '
        '"set town to=Bonn row=7" or "omit age"; may be repeated',
    )
    command.add_argument(
        "--out", type=Path, required=True, metavar="FOLDER", help="a folder, or a file ending in .zip"
    )
    format_flags(command)
    command.set_defaults(work=commands.export_folder)


def _agree(added: Any) -> None:
    command = added.add_parser(
        "agree", help="How far two reviewers of the same data agree, and their decisions as one recipe."
    )
    data_flags(command)
    command.add_argument("--recipe", type=Path, required=True, metavar="RECIPE", help="your decisions")
    command.add_argument(
        "--second", type=Path, required=True, metavar="RECIPE2", help="those of the second reviewer"
    )
    command.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="write a recipe: your decisions, and the other's on rows that you did not decide",
    )
    json_flag(command)
    command.set_defaults(work=agreeing.agree)


def _build_coreset(added: Any) -> None:
    command = added.add_parser(
        "build-coreset", help="A coreset of a file, or of a folder or several files that are parts of one."
    )
    command.add_argument(
        "data", nargs="+", metavar="DATA", help="files, folders, or patterns such as 'days/*.parquet'"
    )
    for role in ROLES:
        command.add_argument(f"--{role}", metavar="COL", help=f"the {role} column")
    kind_flag(command)
    no_split_flag(command)
    set_flag(command, "a setting of the analysis coreset")
    command.add_argument(
        "--like", type=Path, metavar="CORESET", help="take the pilot of this coreset, so that they can merge"
    )
    coreset_flags(command)
    command.set_defaults(work=coresets.build_coreset)


def _merge_coresets(added: Any) -> None:
    command = added.add_parser("merge-coresets", help="Several saved coresets with one pilot, as one.")
    command.add_argument("coresets", nargs="+", type=Path, metavar="CORESET")
    coreset_flags(command)
    command.set_defaults(work=coresets.merge_coresets)


def _update_coreset(added: Any) -> None:
    command = added.add_parser(
        "update-coreset",
        help="A saved coreset after the decisions of a recipe, or with the rows of another file.",
    )
    command.add_argument("coreset", type=Path, metavar="CORESET")
    command.add_argument("data", metavar="DATA", help="the file it was built of, or one of new rows")
    command.add_argument("--recipe", type=Path, metavar="RECIPE", help="decisions about DATA")
    kind_flag(command)
    no_split_flag(command)
    coreset_flags(command)
    command.set_defaults(work=coresets.update_coreset)
