"""The command line: one sub-command per analysis, and ``list``, ``preview``, ``audit``, ``apply``,
``export``.

Exit status: 0 done; 1 findings at or above ``--fail-on``; 2 the user can mend it (one line on standard
error); 130 stopped.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import signal
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from core.catalog import analyses, find
from core.dataset import Dataset
from core.errors import Cancelled, CoreError, SettingError, nearest
from core.export.plan import FORMATS as EXPORTED
from core.filters import Filter
from core.finding import SEVERITIES, Finding, at_or_above
from core.phrases import count
from core.progress import Progress, throttled
from core.recipe import Recipe
from core.report import (
    Outcome,
    all_findings,
    attempt,
    audit,
    audit_json,
    one_line,
    plain,
    resolved_json,
    result_json,
    rows_in_source,
    to_text,
)
from core.reporting.markdown import markdown
from core.reporting.page import page
from core.reporting.whole import whole
from core.review import Decision, Review
from core.roles import ROLES
from core.run import run
from core.split import Split


def main(arguments: Sequence[str]) -> int:
    """Run one command; gives the exit status. The one place, with the page's guard, where a `CoreError` is
    shown.
    """
    for asked in (signal.SIGINT, signal.SIGTERM):  # a shell may start us with the first one ignored
        signal.signal(asked, _stop)
    try:
        given = _parser().parse_args(list(arguments))
        return int(given.work(given))
    except (Cancelled, KeyboardInterrupt):
        _say("\nStopped.\n")
        return 130
    except CoreError as error:
        _say(f"\n{one_line(error)}\n")
        return 2
    except BrokenPipeError:  # the reader of our output has gone, as with `| head`
        sys.stdout = None
        return 0


def _stop(signum: int, frame: Any) -> None:
    raise KeyboardInterrupt


class _Parser(argparse.ArgumentParser):
    """argparse whose mistakes are one line, as every other."""

    def error(self, message: str) -> Any:
        raise SettingError(f"{message[:1].upper()}{message[1:]}. See: {self.prog} --help")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m core", description="Winnow: find what is wrong with a data set, decide, export it."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, analysis in analyses().items():
        knobs = "\n".join(f"  {n}: {k.label}. {k.help}" for n, k in analysis.settings.knobs().items())
        command = commands.add_parser(
            name,
            help=analysis.question,
            description=analysis.question,
            epilog=f"Settings (--set NAME=VALUE):\n{knobs}" if knobs else None,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        _data(command)
        command.add_argument(
            "--set",
            action="append",
            default=[],
            metavar="NAME=VALUE",
            help="a setting of the analysis; may be repeated",
        )
        command.add_argument(
            "--rows", type=Path, metavar="FILE", help="write the per-row table (.csv or .parquet)"
        )
        _output(command)
        command.set_defaults(work=_analyse)
    everything = commands.add_parser("audit", help="Every analysis, one ranked list of findings.")
    _data(everything)
    _output(everything)
    everything.add_argument(
        "--private", action="store_true", help="leave out of all reports whatever quotes a cell of the data"
    )
    everything.set_defaults(work=_audit)
    _others(commands)
    return parser


def _others(commands: Any) -> None:
    listing = commands.add_parser("list", help="What there is.")
    listing.add_argument("--json", action="store_true", help="print JSON")
    listing.set_defaults(work=_list)
    look = commands.add_parser(
        "preview", help="How a source would be read: the guesses, the columns, the first rows."
    )
    _data(look)
    look.add_argument("--json", action="store_true", help="print JSON")
    look.set_defaults(work=_preview)
    follow = commands.add_parser("apply", help="Follow a recipe: the same bytes as the download.")
    follow.add_argument("recipe", type=Path, metavar="RECIPE")
    follow.add_argument("data", metavar="DATA")
    follow.add_argument(
        "--serve", metavar="DATA2", help="the second source, where the recipe was made with one"
    )
    follow.add_argument("--out", type=Path, required=True, metavar="FILE")
    _format(follow)
    follow.set_defaults(work=_apply)
    take = commands.add_parser(
        "export", help="Write cleaned and dropped rows, recipe, script and manifest into a folder."
    )
    _data(take)
    take.add_argument(
        "--recipe", type=Path, metavar="RECIPE", help="decisions to follow; none means the data as they are"
    )
    take.add_argument(
        "--drop",
        type=Filter.parse,
        action="append",
        default=[],
        metavar="FILTER",
        help="drop the rows that it takes, as 'age < 0 or city is missing'; may be repeated",
    )
    take.add_argument(
        "--keep",
        type=Filter.parse,
        action="append",
        default=[],
        metavar="FILTER",
        help="drop all other rows; may be repeated: only rows that all of them take stay",
    )
    take.add_argument("--out", type=Path, required=True, metavar="FOLDER")
    _format(take)
    take.set_defaults(work=_export)


def _data(command: argparse.ArgumentParser) -> None:
    command.add_argument("data", metavar="DATA", help="a file: CSV, TSV, JSON, JSON Lines or Parquet")
    command.add_argument("--serve", metavar="DATA2", help="a second file, taken as the serve part")
    command.add_argument(
        "--split",
        metavar="COL=VALUE",
        help="rows where COL is VALUE (or, for dates, from VALUE on) are the serve part",
    )
    for role in ROLES:
        command.add_argument(f"--{role}", metavar="COL", help=f"the {role} column")
    command.add_argument(
        "--kind",
        action="append",
        default=[],
        metavar="COL=KIND",
        help="take COL as this kind; may be repeated",
    )
    command.add_argument(
        "--option",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="how to read the source (delimiter, encoding …)",
    )
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


def _output(command: argparse.ArgumentParser) -> None:
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


def _format(command: argparse.ArgumentParser) -> None:
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


def _pairs(given: Iterable[str], flag: str) -> dict[str, str]:
    pairs = [item.partition("=") for item in given]
    for name, equals, _ in pairs:
        if not equals or not name:
            raise SettingError(f"{flag} takes NAME=VALUE; got {name!r}.")
    return {name: value for name, _, value in pairs}


def _load(given: argparse.Namespace, progress: Progress) -> Dataset:
    from core.workspace import load

    if given.vectors_column and given.vectors:
        raise SettingError("Give --vectors or --vectors-column, not both.")
    if given.serve_vectors and not given.vectors:
        raise SettingError("--serve-vectors needs --vectors, the vectors of the train part.")
    roles = {role: getattr(given, role) for role in ROLES}
    read = {"options": _options(_pairs(given.option, "--option")), "kinds": _pairs(given.kind, "--kind")}
    dataset = load(given.data, serve=given.serve, progress=progress, **read, **roles)
    dataset = dataset.with_split(_split(dataset, given.split)) if given.split else dataset
    return _with_vectors(dataset, given, progress)


def _with_vectors(dataset: Dataset, given: argparse.Namespace, progress: Progress) -> Dataset:
    from core.vectors import attach, from_column

    if given.vectors_column:
        return from_column(dataset, given.vectors_column, progress)
    return (
        attach(dataset, given.vectors, given.serve_vectors, progress=progress) if given.vectors else dataset
    )


def _options(given: dict[str, str]) -> Any:
    """How to read, from text: lines are numbers, and a delimiter may be written as a word or as \\t."""
    from core.loading import Options

    words = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|", "space": " ", "none": ""}
    known = {field.name for field in dataclasses.fields(Options)}
    plain: dict[str, Any] = {}
    for name, value in given.items():
        if name not in known:
            raise SettingError.unknown(name, sorted(known))
        plain[name] = words.get(value, value)
        if name.endswith("_line"):
            if not value.removeprefix("-").isdecimal():
                raise SettingError(
                    f"{name} is the number of a line, 0 for the first (-1: none); got {value!r}."
                )
            plain[name] = int(value)
        elif name == "skipinitialspace":
            plain[name] = value.lower() in ("yes", "true", "1", "on")
    return Options(**plain)


def _split(dataset: Dataset, text: str) -> Split:
    [(column, value)] = _pairs([text], "--split").items()
    return Split("time" if dataset[column].kind == "datetime" else "value", column=column, value=value)


def _progress(given: argparse.Namespace) -> Progress:
    """Progress on standard error: one line that is written over on a terminal, silence elsewhere."""
    if not sys.stderr.isatty():
        return Progress()
    return Progress(throttled(lambda fraction, note: _say(f"\r\033[K{fraction:4.0%}  {one_line(note)[:80]}")))


def _analyse(given: argparse.Namespace) -> int:
    progress, begun = _progress(given), time.perf_counter()
    settings = _pairs(given.set, "--set")
    analysis = find(given.command)
    analysis.settings.of(settings)  # a wrong setting is refused before a long load
    review, loaded = _review(given), _load(given, progress.part(0.0, 0.3))
    dataset, notes = _as_decided(loaded, review)
    result = run(given.command, dataset, settings, progress.part(0.3, 1.0))
    if given.rows:
        rows = result.rows()
        _write_rows(None if rows is None else rows_in_source(dataset, rows), given.rows, given.command)
    accepted = _accepted(given, review, result.findings)
    answer = result_json(analysis, dataset, result, time.perf_counter() - begun, accepted)
    answer["notes"] = [*notes, *answer["notes"]]
    if dataset is not loaded:
        before = (attempt(given.command, loaded, settings),)
        now = (Outcome(analysis, result, result.status),)
        answer["resolved"] = resolved_json((loaded, before), (dataset, now), review[1])
    outcomes = (Outcome(analysis, result, result.status),)
    report = whole(answer, dataset, outcomes)
    return _emit(
        given, report, dataset, f"{analysis.title}: {dataset.name}", _open(result.findings, accepted)
    )


def _audit(given: argparse.Namespace) -> int:
    progress, begun = _progress(given), time.perf_counter()
    review, loaded = _review(given), _load(given, progress.part(0.0, 0.2))
    dataset, notes = _as_decided(loaded, review)
    outcomes = audit(dataset, progress.part(0.2, 1.0))
    found = all_findings(dataset, outcomes)
    accepted = _accepted(given, review, found)
    answer = audit_json(dataset, outcomes, time.perf_counter() - begun, accepted)
    answer["notes"] = [*notes, *answer["notes"]]
    if dataset is not loaded:
        answer["resolved"] = resolved_json((loaded, audit(loaded)), (dataset, outcomes), review[1])
    report = whole(answer, dataset, outcomes, given.private)
    return _emit(given, report, dataset, f"Audit: {dataset.name}", _open(found, accepted))


def _review(given: argparse.Namespace) -> tuple[Recipe | None, Review]:
    """The recipe given, and what it decides; a recipe that cannot be read is refused before a long load."""
    from core.export import read_recipe

    recipe = read_recipe(given.recipe) if given.recipe else None
    return recipe, Review() if recipe is None else Review().say(*recipe.decisions)


def _as_decided(dataset: Dataset, followed: tuple[Recipe | None, Review]) -> tuple[Dataset, list[str]]:
    """The data as the recipe decides, where it is of these data, and what to say of it."""
    from core.decided import as_decided

    recipe, review = followed
    changing = [decision for decision in review.decisions if decision.kind.changes]
    if recipe is None or not changing:
        return dataset, []
    if not recipe.fits(dataset):
        return dataset, [
            f"The recipe is of other data: {count(len(changing), 'decision')} on rows, cells and columns "
            f"{'was' if len(changing) == 1 else 'were'} not followed; the findings it accepts stand."
        ]
    decided = as_decided(dataset, review)
    left, columns = count(decided.rows, "row"), count(len(decided.columns), "column")
    return decided, [
        f"As decided in the recipe: {left} of {count(dataset.rows)} and {columns} of "
        f"{count(len(dataset.columns))} are left."
    ]


def _accepted(
    given: argparse.Namespace, followed: tuple[Recipe | None, Review], found: tuple[Finding, ...]
) -> frozenset[str]:
    """Keys of the findings that are to stand. The recipe may name some that are not there this time;
    ``--accept`` may not.
    """
    keys = {finding.key for finding in found}
    for key in given.accept:
        if key not in keys:
            raise SettingError(f"There is no finding {key!r} to accept. {nearest(key, sorted(keys))}")
    return frozenset((*given.accept, *followed[1].accepted))


def _open(found: tuple[Finding, ...], accepted: frozenset[str]) -> tuple[Finding, ...]:
    return tuple(finding for finding in found if finding.key not in accepted)


def _emit(
    given: argparse.Namespace,
    report: dict[str, Any],
    dataset: Dataset,
    title: str,
    found: tuple[Finding, ...],
) -> int:
    if sys.stderr.isatty():
        _say("\r\033[K")
    if given.html:
        _write(given.html, page(report, dataset.names, title, time.strftime("%Y-%m-%d %H:%M")))
    if given.markdown:
        _write(given.markdown, markdown(report, title))
    sys.stdout.write(
        json.dumps(report, ensure_ascii=False, allow_nan=False) + "\n" if given.json else to_text(report)
    )
    return 1 if given.fail_on and at_or_above(found, given.fail_on) else 0


def _write_rows(frame: Any, path: Path, name: str) -> None:
    if frame is None:
        raise SettingError(f"{name} has no per-row table; leave out --rows.")
    if path.suffix not in (".csv", ".parquet"):
        raise SettingError(f"--rows writes .csv or .parquet; got {path.name!r}.")
    try:
        frame.to_parquet(path, index=False) if path.suffix == ".parquet" else frame.to_csv(path, index=False)
    except OSError as error:
        raise SettingError(f"Cannot write {path}: {error.strerror}.") from error


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise SettingError(f"Cannot write {path}: {error.strerror}.") from error


def _list(given: argparse.Namespace) -> int:
    listing = [
        {"name": a.name, "title": a.title, "question": a.question, "page": a.page}
        for a in analyses().values()
    ]
    if given.json:
        sys.stdout.write(json.dumps(listing) + "\n")
    else:
        sys.stdout.writelines(f"{a['name']:<12} {a['question']}\n" for a in listing)
    return 0


def _preview(given: argparse.Namespace) -> int:
    dataset = _load(given, _progress(given))
    columns = [
        {"name": c.name, "kind": c.kind, "confidence": c.confidence, "note": c.note} for c in dataset.columns
    ]
    read = {
        "format": dataset.source.format,
        "options": dict(dataset.source.options),
        "aside": dataset.source.aside,
    }
    first = dataset.frame().head(20) if dataset.fits_memory else next(dataset.batches(size=20)).to_pandas()
    shown = plain(
        {
            "name": dataset.name,
            "rows": dataset.rows,
            "read": read,
            "columns": columns,
            "head": first.astype(object).to_numpy().tolist(),
        }
    )
    if given.json:
        sys.stdout.write(json.dumps(shown, ensure_ascii=False) + "\n")
        return 0
    lines = [
        f"{dataset.name}: {count(dataset.rows, 'row')}, read as {read['format']}",
        *([f"  {count(dataset.source.aside, 'row')} kept aside"] if dataset.source.aside else []),
        *(f"  {finding.severity}: {finding.title}" for finding in dataset.loading),
        *(f"  {k}: {v}" for k, v in shown["read"]["options"].items()),
    ]
    lines += [f"  {c['name']:<28} {c['kind']:<11} {c['confidence']:.0%}  {c['note']}" for c in columns]
    sys.stdout.writelines(one_line(line) + "\n" for line in lines)
    return 0


def _apply(given: argparse.Namespace) -> int:
    from core.export import apply_recipe

    apply_recipe(
        given.recipe,
        given.data,
        given.out,
        serve=given.serve,
        format=given.format,
        excel_safe=given.excel_safe,
        progress=_progress(given),
    )
    return 0


def _export(given: argparse.Namespace) -> int:
    from core.export import export, read_recipe

    dataset, review = _load(given, _progress(given)), Review()
    if given.recipe:
        recipe = read_recipe(given.recipe)
        recipe.check(dataset)
        review = review.say(*recipe.decisions)
    rules = [*given.drop, *(rule.others for rule in given.keep)]
    review = review.say(*(Decision("drop", rule, why="command line") for rule in rules))
    exported = export(dataset, review, given.out, format=given.format or "input", excel_safe=given.excel_safe)
    sys.stdout.writelines(f"{one_line(path)}\n" for path in exported.files)
    return 0


def _say(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()
