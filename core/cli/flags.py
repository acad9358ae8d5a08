"""Flags that several commands share."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.dataset.roles import ROLES
from core.export.style import FORMATS as EXPORTED
from core.finding import SEVERITIES


def kind_flag(command: argparse._ActionsContainer) -> None:
    """The kinds of columns."""
    command.add_argument(
        "--kind",
        action="append",
        default=[],
        metavar="COL=KIND",
        help="take COL as this kind; may be repeated",
    )


def set_flag(command: argparse.ArgumentParser, what: str) -> None:
    """The settings of an analysis. what: says which."""
    command.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help=what)


def json_flag(command: argparse._ActionsContainer) -> None:
    """That the answer is one JSON object."""
    command.add_argument("--json", action="store_true", help="print one JSON object")


def no_split_flag(command: argparse._ActionsContainer) -> None:
    """That folders of images split nothing."""
    command.add_argument(
        "--no-split",
        action="store_true",
        help="take images as one table though their folders are called train and serve, test or the like",
    )


def data_flags(command: argparse.ArgumentParser) -> None:
    """The data, how they are read, and what a model says of their rows."""
    command.add_argument(
        "data",
        metavar="DATA",
        help="a file (CSV, JSON, Parquet, Excel, SQLite and others), a folder of tables or a quoted pattern",
    )
    command.add_argument("--serve", metavar="DATA2", help="a second file, taken as the serve part")
    split = command.add_mutually_exclusive_group()
    split.add_argument(
        "--split",
        metavar="COL=VALUE",
        help="rows where COL is VALUE (or, for dates, from VALUE on) are the serve part",
    )
    no_split_flag(split)
    for role in ROLES:
        command.add_argument(f"--{role}", metavar="COL", help=f"the {role} column")
    kind_flag(command)
    command.add_argument(
        "--option",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="how to read the source (delimiter, encoding …)",
    )
    command.add_argument(
        "--put-back",
        type=Path,
        metavar="FILE",
        help="lines kept aside that are rows after all (CSV: line, reason, text), each read as its text says",
    )
    _vector_flags(command)
    _probability_flags(command)
    _embedding_flags(command)


def _vector_flags(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--vectors",
        metavar="FILE",
        help="compare rows by these vectors (.npy, .npz) and not by their columns",
    )
    command.add_argument(
        "--serve-vectors",
        metavar="FILE",
        help="vectors of the serve part; those of --vectors are of train then",
    )
    command.add_argument(
        "--vectors-column", metavar="COL", help="compare rows by the lists of numbers in this column"
    )


def _probability_flags(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--probabilities",
        metavar="FILE",
        help="judge labels by the class probabilities in this file (pred_probs; CSV, Parquet, .npy)",
    )
    seen = command.add_mutually_exclusive_group()
    seen.add_argument(
        "--out-of-sample",
        action="store_true",
        help="the model of --probabilities had not seen the rows that it judges (cross-validation)",
    )
    seen.add_argument(
        "--in-sample",
        action="store_true",
        help="the model of --probabilities had seen them, or nobody knows",
    )


def _embedding_flags(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--embed",
        metavar="FILE",
        help="compare images by the vectors that this model (.onnx) gives for them",
    )
    command.add_argument(
        "--embed-set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="what the model of --embed is given: pixels (imagenet, 0 to 1, -1 to 1, 0 to 255), side, output",
    )


def output_flags(command: argparse.ArgumentParser) -> None:
    """What an analysis writes, which findings stand, and when it exits with 1."""
    command.add_argument(
        "--json", action="store_true", help="print one JSON object on standard output and nothing else"
    )
    command.add_argument("--html", type=Path, metavar="FILE", help="write one self-contained HTML page")
    command.add_argument(
        "--markdown", type=Path, metavar="FILE", help="write a short report for a pull request"
    )
    command.add_argument(
        "--accept", action="append", default=[], metavar="KEY", help="let this finding stand; may be repeated"
    )
    command.add_argument(
        "--recipe",
        type=Path,
        metavar="RECIPE",
        help="look at the data as decided in this recipe; of a recipe of other data only the findings that "
        "were accepted stand",
    )
    command.add_argument(
        "--fail-on",
        choices=SEVERITIES,
        metavar="LEVEL",
        help=f"exit with 1 on findings at or above: {', '.join(SEVERITIES)}",
    )


def format_flags(command: argparse.ArgumentParser) -> None:
    """How an export is written."""
    command.add_argument(
        "--format",
        choices=EXPORTED,
        help="default: the input's own, unless the ending of --out names another",
    )
    command.add_argument(
        "--excel-safe",
        action="store_true",
        help="put a ' before texts that a spreadsheet would run as a formula",
    )


def coreset_flags(command: argparse.ArgumentParser) -> None:
    """Where a coreset goes."""
    command.add_argument("--out", type=Path, metavar="FOLDER", help="save the coreset here")
    command.add_argument("--rows", type=Path, metavar="FILE", help="write row, weight and importance")
    command.add_argument("--table", type=Path, metavar="FILE", help="write its rows with their weights")
    command.add_argument("--tree", type=Path, metavar="FILE", help="draw its parts and their merges as SVG")
    json_flag(command)
