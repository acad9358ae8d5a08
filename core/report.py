"""All findings of a data set together, and results as JSON or text."""

from __future__ import annotations

import contextlib
import math
import threading
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from core.analysis import NO_TARGET, Analysis, Result, Status
from core.catalog import analyses, checks, detectors
from core.dataset import Dataset
from core.decided import resolved
from core.errors import Cancelled, CoreError, TargetError
from core.finding import Finding, distinct
from core.phrases import count
from core.prepare.fixes import flagged
from core.progress import SILENT, Progress
from core.review import Review, in_words
from core.run import run
from core.steps import settle
from core.workers import one_blas_thread

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray


HEARD_SECONDS = 0.1  # between two looks at how far work beside has come
_BESIDE_CELLS = 4_000_000  # rows x columns up to which two analyses run side by side
ROW_NUMBERS = ("row", "first_row")  # columns of tables that number rows


@dataclass(frozen=True, eq=False)
class Outcome:
    """What came of one analysis: its result, or None with the status that says why."""

    analysis: Analysis
    result: Result | None
    status: Status

    @property
    def result_is_in(self) -> bool:
        """Whether the analysis did its work: neither skipped nor failed."""
        return self.result is not None and self.status.state == "ok"

    @property
    def unchecked(self) -> str:
        """What an analysis that did its work had to leave out, as a sentence; "" where nothing."""
        return self.result.unchecked if self.result is not None and self.result_is_in else ""

    @property
    def wants_target(self) -> bool:
        """Whether another target would mend what could not be done, wholly or in part."""
        return self.status.wants_target if self.result is None else self.result.wants_target

    @property
    def complete(self) -> bool:
        """Whether the analysis did all of its work."""
        return self.result_is_in and not self.unchecked

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings of the result, worst first; none where there is no result."""
        return self.result.findings if self.result else ()


def attempt(
    name: str, dataset: Dataset, settings: Mapping[str, Any] | None = None, progress: Progress = SILENT
) -> Outcome:
    """Run one analysis among several: one that cannot be made on these data is reported as failed and does
    not stop the others.
    """
    try:
        result = run(name, dataset, settings, progress)
    except Cancelled:
        raise
    except CoreError as error:
        return not_made(analyses()[name], error)
    return Outcome(analyses()[name], result, result.status)


def not_made(analysis: Analysis, error: CoreError | None) -> Outcome:
    """The outcome of an analysis that cannot be made on these data; None: as no target is chosen."""
    if error is None:
        return Outcome(analysis, None, NO_TARGET)
    return Outcome(analysis, None, Status("failed", str(error), isinstance(error, TargetError)))


def unmade(dataset: Dataset, outcomes: Iterable[Outcome]) -> tuple[Outcome, ...]:
    """The checks (`core.catalog.checks`) that could not be made on these data: neither passed nor still to
    run. The one definition behind every count of them.
    """
    wanted = {one.name for one in checks(dataset)}
    return tuple(one for one in outcomes if one.analysis.name in wanted and not one.result_is_in)


def unmade_in_words(lacking: Sequence[Outcome]) -> str:
    """How many checks cannot be made, and how many of them for want of a target; "" where all can be.

    >>> from core.catalog import find
    >>> wanting = [not_made(find(name), None) for name in ("target", "leakage")]
    >>> unmade_in_words([]), unmade_in_words(wanting)
    ('', '2 checks cannot be made: no target is chosen')
    >>> small = not_made(find("outliers"), CoreError("Too few rows."))
    >>> unmade_in_words([small]), unmade_in_words([*wanting, small])
    ('1 check cannot be made', '3 checks cannot be made, 2 of them as no target is chosen')
    """
    if not lacking:
        return ""
    words = f"{count(len(lacking), 'check')} cannot be made"
    aimless = sum(one.status == NO_TARGET for one in lacking)
    if aimless == len(lacking):
        return f"{words}: no target is chosen"
    return f"{words}, {count(aimless)} of them as no target is chosen" if aimless else words


def audit(
    dataset: Dataset, progress: Progress = SILENT, names: Sequence[str] | None = None
) -> tuple[Outcome, ...]:
    """Every analysis that does not wait to be asked for (or those named), with the settings that the roles
    imply, in the order of the catalogue.
    """
    chosen = [name for name, one in analyses().items() if not one.asked] if names is None else list(names)
    return tuple(attempts(dataset, dict.fromkeys(chosen, {}), progress).values())


def attempts(
    dataset: Dataset,
    settings: Mapping[str, Mapping[str, Any]],
    progress: Progress = SILENT,
    done: Callable[[str], object] | None = None,
) -> dict[str, Outcome]:
    """What comes of several analyses, each with its settings, in the order given. Those that stand apart run
    beside the others; an error within one of them lets the others end before it is raised.

    done: called with the name of each that has ended, its result being remembered; from any of the threads.
    """
    made: dict[str, Outcome] = {}
    step = 1.0 / max(1, len(settings))
    with _beside(dataset, settings, progress, done) as begun:
        own = [name for name in settings if name not in begun]
        for at, name in enumerate(own):
            made[name] = attempt(name, dataset, settings[name], progress.part(at * step, (at + 1) * step))
            if done is not None:
                done(name)
        for at, (name, outcome) in enumerate(begun.items(), len(own)):
            made[name] = outcome(progress.part(at * step, (at + 1) * step))
    return {name: made[name] for name in settings}


@contextlib.contextmanager
def _beside(
    dataset: Dataset,
    settings: Mapping[str, Mapping[str, Any]],
    progress: Progress,
    done: Callable[[str], object] | None,
) -> Iterator[dict[str, Callable[[Progress], Outcome]]]:
    """Of these analyses those that stand apart, begun in two threads of their own, as one of them waits for
    a process: each gives its outcome when called, and says meanwhile where it stands. None of large data,
    which would lie in memory twice; none where there is nothing to do meanwhile.
    """
    apart = [name for name in settings if analyses()[name].apart]
    if not apart or len(apart) == len(settings) or dataset.rows * len(dataset.columns) > _BESIDE_CELLS:
        yield {}
        return
    over = threading.Event()
    # one thread each for linear algebra, whose limit is not a thread's own
    with one_blas_thread(), ThreadPoolExecutor(2, thread_name_prefix="winnow-beside") as pool:

        def begin(name: str) -> Callable[[Progress], Outcome]:
            said = deque([(0.0, "")], maxlen=1)

            def work() -> Outcome:
                aside = progress.aside(over.is_set, lambda *now: said.append(now))
                outcome = attempt(name, dataset, settings[name], aside)
                if done is not None:
                    done(name)
                return outcome

            def awaited(heard: Progress) -> Outcome:
                while not running.done():
                    heard.at(*said[-1])
                    wait([running], HEARD_SECONDS)
                outcome = running.result()
                heard.at(1.0, "Done")
                return outcome

            running = pool.submit(work)
            return awaited

        try:
            yield {name: begin(name) for name in apart}
        except BaseException as error:
            if isinstance(error, Cancelled) or not isinstance(error, Exception):
                over.set()
            raise


def all_findings(dataset: Dataset, outcomes: Sequence[Outcome]) -> tuple[Finding, ...]:
    """What loading and the analyses found, worst first; one finding per key, as the pages list them."""
    return tuple(distinct([*dataset.loading, *(f for outcome in outcomes for f in outcome.findings)]))


def row_scores(outcomes: Iterable[Outcome]) -> dict[str, NDArray[np.float64]]:
    """Per analysis whose rows a filter can ask for by their score (n,): NaN where a row has none."""
    scores: dict[str, NDArray[np.float64]] = {}
    for outcome in outcomes:
        result: Any = outcome.result
        if outcome.analysis.name == "outliers" and outcome.result_is_in:
            scores["outliers"] = result.score
    return scores


def head(dataset: Dataset) -> dict[str, Any]:
    """The data set in three facts; rows and columns are those left where decisions were followed, beside
    those loaded. What probabilities labels were judged by, where a person brought some.
    """
    facts: dict[str, Any] = {
        "rows": dataset.rows,
        "columns": len(dataset.columns),
        "fingerprint": dataset.fingerprint,
    }
    if dataset.base is not None:
        facts["loaded"] = {"rows": dataset.base.rows, "columns": len(dataset.base.columns)}
    if dataset.probabilities is not None:
        facts["probabilities"] = dataset.probabilities.facts
    return facts


def in_source(dataset: Dataset, findings: Sequence[Finding]) -> list[Finding]:
    """The findings with their rows as positions in the source."""
    return [replace(f, rows=dataset.source_rows(f.rows)) if len(f.rows) else f for f in findings]


def rows_in_source(dataset: Dataset, frame: pd.DataFrame) -> pd.DataFrame:
    """A table of a result with its row numbers as positions in the source."""
    numbers = [name for name in ROW_NUMBERS if name in frame] if dataset.changes is not None else []
    return frame.assign(**{name: dataset.source_ids(frame[name].to_numpy()) for name in numbers})


def findings_json(findings: Sequence[Finding], accepted: Collection[str] = ()) -> list[dict[str, Any]]:
    """The findings as plain JSON with their keys, those accepted at the end and marked."""
    listed = [{"key": f.key, "accepted": f.key in accepted, **f.to_json()} for f in findings]
    return sorted(listed, key=lambda finding: bool(finding["accepted"]))


def resolved_json(
    before: tuple[Dataset, Sequence[Outcome]], after: tuple[Dataset, Sequence[Outcome]], review: Review
) -> list[dict[str, Any]]:
    """The findings of the data as loaded that are gone as decided, with the decisions that mended them; of
    analyses that could be made on both. Not those that another finding explains now.
    """
    made = [{one.analysis.name for one in outcomes if one.result_is_in} for _, outcomes in (before, after)]
    past, now = (
        all_findings(data, [one for one in outcomes if one.analysis.name in made[0] & made[1]])
        for data, outcomes in (before, after)
    )
    return [
        {
            "key": one.finding.key,
            "code": one.finding.code,
            "title": one.finding.title,
            "severity": one.finding.severity,
            "row_count": len(one.finding.rows),
            "columns": list(one.finding.columns),
            "measure": one.finding.measure,
            **plain({"value": one.finding.value, "limit": one.finding.limit}),
            "decisions": list(dict.fromkeys(in_words((decision,)) for decision in one.decisions)),
        }
        for one in resolved(past, now, review, settle(review.decisions, before[0]))
        if one.mended
    ]


def result_json(
    analysis: Analysis,
    dataset: Dataset,
    result: Result,
    seconds: float,
    accepted: Collection[str] = (),
) -> dict[str, Any]:
    """The object that ``--json`` prints (docs/guide/command-line.md). accepted: keys of findings that stand
    without alarm.
    """
    report: dict[str, Any] = plain(
        {
            "analysis": analysis.name,
            "dataset": head(dataset),
            "settings": result.settings.to_json(),
            "status": str(result.status),
            "summary": result.summary,
            "findings": findings_json(in_source(dataset, result.findings), accepted),
            "notes": list(result.notes),
            "unchecked": result.unchecked if result.status.state == "ok" else "",
            "table": table_json(rows_in_source(dataset, result.frame())),
            "tables": {title: table_json(table) for title, table in result.tables().items()},
            "seconds": round(seconds, 3),
        }
    )
    return report


def audit_json(
    dataset: Dataset, outcomes: Sequence[Outcome], seconds: float, accepted: Collection[str] = ()
) -> dict[str, Any]:
    """The same for all analyses together: a status each, one ranked list of findings. The summary counts
    those not accepted.
    """
    findings = all_findings(dataset, outcomes)
    open_ones = [f for f in findings if f.key not in accepted]
    table = {
        "columns": ["analysis", "status", "findings"],
        "rows": [_row(o) for o in outcomes],
    }
    issues = [o for o in outcomes if o.analysis.name in detectors(dataset) and o.result_is_in]
    asking = len(flagged(all_findings(dataset, issues), accepted)) if issues else None
    failed = [o.analysis.name for o in outcomes if o.status.state == "failed"]
    lacking = unmade(dataset, outcomes)
    levels = {level: sum(f.severity == level for f in open_ones) for level in ("critical", "warning", "info")}
    report: dict[str, Any] = plain(
        {
            "analysis": "audit",
            "dataset": head(dataset),
            "settings": {},
            "status": f"failed: {', '.join(failed)}" if failed else "ok",
            "summary": {
                "findings": len(open_ones),
                **levels,
                "accepted": len(findings) - len(open_ones),
                "not_checked": len(lacking),
                "flagged_rows": asking,
            },
            "findings": findings_json(in_source(dataset, findings), accepted),
            "notes": [note for o in outcomes if o.result for note in o.result.notes],
            "unchecked": " ".join(o.unchecked for o in outcomes if o.unchecked),
            "not_made": {
                "words": unmade_in_words(lacking),
                "checks": [o.analysis.title for o in lacking],
            },
            "table": table,
            "seconds": round(seconds, 3),
        }
    )
    return report


def _row(outcome: Outcome) -> list[Any]:
    """Name, status and number of findings; none is known of an analysis that did not run."""
    findings = len(outcome.findings) if outcome.result_is_in else None
    return [outcome.analysis.name, str(outcome.status), findings]


def table_json(frame: pd.DataFrame) -> dict[str, Any]:
    """A frame as ``{"columns": [...], "rows": [[...], ...]}``."""
    return {
        "columns": [str(name) for name in frame.columns],
        "rows": frame.astype(object).to_numpy().tolist(),
    }


def plain(value: Any) -> Any:
    """The value as JSON knows it: numpy scalars unwrapped, NaN and infinities as null, anything else as
    text.
    """
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if hasattr(value, "item") and not isinstance(value, str):
        value = value.item()
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return "" if str(value) in ("NaT", "<NA>") else str(value)


def one_line(text: object) -> str:
    """Text without control characters, safe for a terminal.

    >>> one_line("a" + chr(27) + "[31mb" + chr(10))
    'a�[31mb�'
    """
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in str(text))


def not_made_in_words(report: Mapping[str, Any]) -> str:
    """How many checks cannot be made, and which, as a sentence; "" where all can, and of one analysis."""
    lacking = report.get("not_made")
    return f"{lacking['words']} ({', '.join(lacking['checks'])})." if lacking and lacking["words"] else ""


def _nothing(report: Mapping[str, Any]) -> str:
    """What stands where there are no findings: a check that did not run never reads as a pass."""
    idle = report["summary"].get("not_checked")  # a number for an audit, none for one analysis
    ran = [report["status"]] if idle is None else [status for _, status, _ in report["table"]["rows"]]
    if "ok" not in ran:
        return "Not checked."
    words = "Nothing found in what was checked." if idle or report["unchecked"] else "Nothing found."
    return f"{report['unchecked']} {words}".strip()


def to_text(report: Mapping[str, Any]) -> str:
    """What the command line prints without ``--json``: summary, findings worst first, the head of the
    table.
    """
    facts = report["dataset"]
    lines = [
        f"{report['analysis']}: {report['status']}  ({facts['rows']:,} rows x {facts['columns']:,} columns, "
        f"{report['seconds']} s)",
        "",
    ]
    lines += [
        f"  {name}: {'not checked' if value is None else value}" for name, value in report["summary"].items()
    ]
    lines += ["", *(f"  {note}" for note in report["notes"])] if report["notes"] else []
    if told := not_made_in_words(report):
        lines += ["", f"  {told}"]
    if report.get("resolved"):
        lines += ["", "Resolved", *(f"  [resolved] {one['title']}" for one in report["resolved"])]
    lines += ["", "Findings" if report["findings"] else _nothing(report)]
    for finding in report["findings"]:
        mark = "accepted" if finding.get("accepted") else finding["severity"]
        lines += [f"  [{mark}] {finding['title']}", f"      {finding['suggestion']}"]
    lines = [one_line(line) for line in lines] + ["", *_text_table(report["table"])]
    for title, table in report.get("tables", {}).items():
        lines += ["", title.replace("_", " ").capitalize(), *_text_table(table)]
    return "\n".join(lines) + "\n"


def _text_table(table: Mapping[str, Any], most: int = 20, width: int = 18) -> list[str]:
    def cell(value: Any) -> str:
        shown = f"{value:.6g}" if isinstance(value, float) else value
        text = "" if value is None else one_line(shown)
        return text if len(text) <= width else text[: width - 1] + "…"

    rows = [[cell(v) for v in row[:8]] for row in [table["columns"], *table["rows"][:most]]]
    if not rows[0]:
        return []
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = ["  ".join(v.ljust(w) for v, w in zip(row, widths, strict=True)).rstrip() for row in rows]
    left = (
        [f"… {len(table['rows']) - most:,} more rows (--json shows all)"] if len(table["rows"]) > most else []
    )
    wide = (
        [f"… {len(table['columns']) - 8:,} more columns (--json shows all)"]
        if len(table["columns"]) > 8
        else []
    )
    return lines + left + wide
