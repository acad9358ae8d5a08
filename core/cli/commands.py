"""The commands: each takes what was given on the command line and gives the exit status."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

from core.analyses.projection.worker import warm
from core.catalog import analyses, find
from core.cli.asked import steps_asked
from core.cli.inputs import accepted_keys, as_decided_in, load_given, pairs, recipe_followed
from core.cli.output import emit, progress_of, write_rows
from core.cli.terminal import one_line
from core.decision_words import in_words
from core.errors import SettingError
from core.finding import Finding, at_or_above
from core.outcomes import Outcome, all_findings, attempt, audit
from core.phrases import count, percent, quoted
from core.report import audit_json, plain, resolved_json, result_json, rows_in_source
from core.reporting.whole import whole
from core.review import Review
from core.run import run
from core.steps import amount_of, check_cells, idle_places, settle, steps_json
from core.workers import import_ahead

ASIDE_SHOWN = 10  # lines kept aside that a person is shown; JSON has all


def analyse(given: argparse.Namespace) -> int:
    """One analysis: its report, and its per-row table."""
    progress, begun = progress_of(given), time.perf_counter()
    settings = pairs(given.set, "--set")
    analysis = find(given.command)
    analysis.settings.of(settings)  # a wrong setting is refused before a long load
    review = recipe_followed(given)
    loaded = load_given(given, progress.part(0.0, 0.3), review[0])
    dataset, notes = as_decided_in(loaded, review)
    result = run(given.command, dataset, settings, progress.part(0.3, 1.0))
    if given.rows:
        rows = result.rows()
        write_rows(None if rows is None else rows_in_source(dataset, rows), given.rows, given.command)
    accepted = accepted_keys(given, review, result.findings, dataset)
    answer = result_json(analysis, dataset, result, time.perf_counter() - begun, accepted)
    answer["notes"] = [*notes, *answer["notes"]]
    if dataset is not loaded:
        before = (attempt(given.command, loaded, settings),)
        now = (Outcome(analysis, result, result.status),)
        answer["resolved"] = resolved_json((loaded, before), (dataset, now), review[1])
    outcomes = (Outcome(analysis, result, result.status),)
    report = whole(answer, dataset, outcomes)
    return emit(
        given, report, dataset, f"{analysis.title}: {dataset.name}", _still_open(result.findings, accepted)
    )


def audit_all(given: argparse.Namespace) -> int:
    """Every analysis: one report."""
    progress, begun = progress_of(given), time.perf_counter()
    import_ahead()
    warm()
    review = recipe_followed(given)
    loaded = load_given(given, progress.part(0.0, 0.2), review[0])
    dataset, notes = as_decided_in(loaded, review)
    outcomes = audit(dataset, progress.part(0.2, 1.0))
    found = all_findings(dataset, outcomes)
    accepted = accepted_keys(given, review, found, dataset)
    answer = audit_json(dataset, outcomes, time.perf_counter() - begun, accepted)
    asked = [name for name, one in analyses().items() if one.asked]
    left_out = [f"Left out, as it takes long: {one}. Ask for it by name." for one in asked]
    answer["notes"] = [*notes, *answer["notes"], *left_out]
    if dataset is not loaded:
        answer["resolved"] = resolved_json((loaded, audit(loaded)), (dataset, outcomes), review[1])
        decisions, clicks = review[1].decisions, () if review[0] is None else review[0].clicks
        answer["steps"] = steps_json(decisions, settle(decisions, loaded), clicks)
        answer["decided"] = amount_of(decisions, clicks)
    report = whole(answer, dataset, outcomes, given.private)
    return emit(given, report, dataset, f"Audit: {dataset.name}", _still_open(found, accepted))


def _still_open(found: tuple[Finding, ...], accepted: frozenset[str]) -> tuple[Finding, ...]:
    return tuple(finding for finding in found if finding.key not in accepted)


def list_analyses(given: argparse.Namespace) -> int:
    """The analyses there are, with the question that each answers."""
    listing = [
        {"name": a.name, "title": a.title, "question": a.question, "page": a.page}
        for a in analyses().values()
    ]
    if given.json:
        sys.stdout.write(json.dumps(listing) + "\n")
    else:
        sys.stdout.writelines(f"{a['name']:<12} {a['question']}\n" for a in listing)
    return 0


def preview(given: argparse.Namespace) -> int:
    """How a source is read, its columns, its first rows, and the lines that were kept aside."""
    from core.loading.last_row import totals_in
    from core.loading.put_back import lines_aside, write_lines

    dataset = load_given(given, progress_of(given))
    columns = [
        {"name": c.name, "kind": c.kind, "confidence": c.confidence, "note": c.note} for c in dataset.columns
    ]
    read = {
        "format": dataset.source.format,
        "options": dict(dataset.source.options),
        "aside": dataset.source.aside,
    }
    lines_file = dataset.path.parent / "aside.csv"
    aside = lines_aside(lines_file) if lines_file.exists() else ()
    if given.aside:
        write_lines(aside, given.aside)
    totals = totals_in(dataset) if dataset.fits_memory else {}
    first = dataset.frame().head(20) if dataset.fits_memory else next(dataset.batches(size=20)).to_pandas()
    shown = plain(
        {
            "name": dataset.name,
            "rows": dataset.rows,
            "read": read,
            "columns": columns,
            "total": totals.get("train"),
            "total_serve": totals.get("serve"),
            "head": first.astype(object).to_numpy().tolist(),
            "aside": [{"line": kept.line, "reason": kept.reason, "text": kept.text} for kept in aside],
        }
    )
    if given.json:
        sys.stdout.write(json.dumps(shown, ensure_ascii=False) + "\n")
        return 0
    lines = [
        f"{dataset.name}: {count(dataset.rows, 'row')}, read as {read['format']}",
        *([f"  {count(dataset.source.aside, 'row')} kept aside"] if dataset.source.aside else []),
        *(f"    line {kept.line}: {kept.reason}: {kept.text}" for kept in aside[:ASIDE_SHOWN]),
        *(f"  {finding.severity}: {finding.title}" for finding in dataset.loading),
        *(
            f"  the last row{f' of {part}' * (len(totals) > 1)} looks like a total: it says {quoted(total)}"
            for part, total in totals.items()
            if total
        ),
        *(f"  {k}: {v}" for k, v in shown["read"]["options"].items()),
    ]
    lines += [f"  {c.name:<28} {c.kind:<11} {percent(c.confidence)}  {c.note}" for c in dataset.columns]
    sys.stdout.writelines(one_line(line) + "\n" for line in lines)
    return 0


def apply(given: argparse.Namespace) -> int:
    """Follow a recipe, and write what it keeps."""
    from core.export import apply_recipe

    if given.as_rules:
        return _apply_as_rules(given)
    if given.rename or given.kind or given.refit or given.dry_run or given.json or given.fail_on:
        raise SettingError("--rename, --kind, --refit, --dry-run, --json and --fail-on need --as-rules.")
    if given.out is None:
        raise SettingError("Give the file to write with --out.")
    apply_recipe(
        given.recipe,
        given.data,
        given.out,
        serve=given.serve,
        format=given.format,
        excel_safe=given.excel_safe,
        progress=progress_of(given),
    )
    return 0


def _apply_as_rules(given: argparse.Namespace) -> int:
    from core.export import apply_as_rules

    if given.out is None and not given.dry_run:
        raise SettingError("Give the file to write with --out, or --dry-run to write nothing.")
    replay = apply_as_rules(
        given.recipe,
        given.data,
        None if given.dry_run else given.out,
        serve=given.serve,
        renamed=pairs(given.rename, "--rename"),
        kinds=pairs(given.kind, "--kind"),
        refit=given.refit,
        format=given.format,
        excel_safe=given.excel_safe,
        progress=progress_of(given),
    )
    if given.json:
        plain_findings = [finding.to_json() for finding in replay.findings]
        told = {"counts": replay.counts, "steps": replay.lines, "findings": plain_findings}
        sys.stdout.write(json.dumps(plain(told), ensure_ascii=False) + "\n")
    else:
        numbered = zip(replay.numbers, replay.lines, strict=True)  # as Prepare numbers them
        sys.stdout.writelines(f"{f'{at}.' if at else '-'} {one_line(line)}\n" for at, line in numbered)
        sys.stdout.writelines(
            f"{found.severity}: {one_line(found.title)}. {one_line(found.suggestion)}\n"
            for found in replay.findings
        )
    return 1 if given.fail_on and at_or_above(replay.findings, given.fail_on) else 0


def export_folder(given: argparse.Namespace) -> int:
    """Write an export, and print the paths of its files."""
    from core.export import export, followed, read_recipe
    from core.export.archive import archive

    progress = progress_of(given)
    recipe, review = read_recipe(given.recipe) if given.recipe else None, Review()
    dataset = load_given(given, progress.part(0.0, 0.5), recipe)
    if recipe is not None:
        recipe.check(dataset)
        followed(recipe, dataset)
        review = recipe.review
    before = len(review.decisions)
    steps = steps_asked(given, dataset, review, progress.part(0.5, 1.0))
    check_cells(dataset, review.decisions, steps)
    idle = idle_places(review.decisions, steps, dataset)
    words = [one_line(in_words((steps[place],))) for place in idle]
    sys.stderr.writelines(f"Changes nothing in this file, kept for others: {word}.\n" for word in words)
    for step in steps:
        review = review.say(step)
    passed = settle(review.decisions, dataset).passed
    if asked := [reason for place, reason in passed.items() if place >= before]:
        raise SettingError(asked[0])
    how = {"format": given.format or "input", "excel_safe": given.excel_safe}
    if given.out.suffix.lower() != ".zip":
        exported = export(dataset, review, given.out, **how)
        sys.stdout.writelines(f"{one_line(path)}\n" for path in exported.files)
        return 0
    with tempfile.TemporaryDirectory(prefix="winnow-export-") as folder:
        archive(export(dataset, review, Path(folder), **how).files, given.out)
    sys.stdout.write(f"{one_line(given.out)}\n")
    return 0


def model(given: argparse.Namespace) -> int:
    """Write the model of a strategy against imbalance, and the strategy as a recipe; print their paths."""
    from core.analyses.strategies.decisions import OF_ALL_ROWS, split_decision, strategy_decisions
    from core.analyses.strategies.model_files import model_files
    from core.analyses.strategies.result import StrategiesResult
    from core.recipe import Recipe

    settings, progress = pairs(given.set, "--set"), progress_of(given)
    find("strategies").settings.of(settings)
    dataset = load_given(given, progress.part(0.0, 0.2))
    result = run("strategies", dataset, settings, progress.part(0.2, 1.0))
    assert isinstance(result, StrategiesResult)
    if result.status.state != "ok":
        raise SettingError(result.status.reason)
    files = model_files(dataset, result)
    if given.take or given.split_column:
        split = (split_decision(result, given.split_column),) if given.split_column else ()
        if split and given.take in OF_ALL_ROWS:
            raise SettingError(
                f"{given.take} goes by all rows of train, those that would become validation and test too: "
                "take weights or oversample with --split-column, or split first and give train alone."
            )
        taken = strategy_decisions(dataset, result, given.take) if given.take else ()
        review = Review().say(*split, *taken)
        if passed := settle(review.decisions, dataset).passed:
            raise SettingError(next(iter(passed.values())))
        calls = {"strategies": result.settings.to_json()}
        files["recipe.json"] = Recipe.of(dataset, review, calls).to_json().encode()
    given.out.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (given.out / name).write_bytes(content)
        sys.stdout.write(f"{one_line(given.out / name)}\n")
    return 0
