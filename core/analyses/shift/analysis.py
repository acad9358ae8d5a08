"""Train against serve, column by column: what shifted, how far, and how large the noise is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from core.analyses.shift.column import ColumnShift
from core.analyses.shift.compared import compare
from core.analyses.shift.findings import findings_of
from core.analyses.shift.judged import ShiftLine
from core.analyses.shift.label_shift import ClassShift, class_shifts
from core.analyses.shift.lines import TableRow, lines_of, row_of
from core.analyses.shift.settings import ShiftSettings
from core.analysis import Analysis, Result, Status
from core.dataset import Dataset
from core.dataset.roles import Roles
from core.errors import ColumnError
from core.finding import Finding, ranked
from core.numerics.degree import DEGREES
from core.phrases import count, names, verb
from core.prepare.images_judged import judged_by_part
from core.prepare.lacked import parts_lacking
from core.progress import Progress
from core.workers import LocalThreads

if TYPE_CHECKING:
    import pandas as pd

FEW = 20  # rows of a part below which hardly any shift stands out from the noise
_SCHEMA = ("missing_in_serve", "new_in_serve", "type_differs")


@dataclass(frozen=True, eq=False)
class ShiftResult(Result):
    """``lines``: the table, worst first. ``columns``: every column compared, in the order of the source.
    ``schema``: what loading found about columns of one part only, or of different types. ``roles``: of
    the data. ``rows_of``: rows of train and of serve. ``measured``: the columns measured of images,
    where Issues says how those of train and serve differ.
    """

    settings: ShiftSettings
    columns: tuple[ColumnShift, ...]
    lines: tuple[ShiftLine, ...]
    schema: tuple[Finding, ...]
    roles: Roles
    rows_of: tuple[int, int]
    measured: tuple[str, ...] = ()

    @property
    def summary(self) -> dict[str, float | int | str]:
        """How many columns shifted how far, how many part train from serve by time or by name or are measured
        of images, the worst, and the rows of both parts.
        """
        words = [line.words for line in self.by_value]
        tally: dict[str, int] = {status: words.count(status) for status in reversed(DEGREES)}
        missing = sum(line.metric == "missing" and line.shifted for line in self.lines)
        shifted = self.lines and self.lines[0].status != "none" and not self.lines[0].apart
        return {
            "train_rows": self.rows_of[0],
            "serve_rows": self.rows_of[1],
            "columns": len(self.columns),
            **tally,
            "split_by_time": sum(line.apart == "time" for line in self.lines),
            "names_part": sum(line.apart == "name" for line in self.lines),
            "of_images": len({line.shift.name for line in self.lines if line.apart == "image"}),
            "missing_moved": missing,
            "worst": self.lines[0].shift.name if shifted else "",
        }

    @property
    def target(self) -> str | None:
        """The target's name."""
        return self.roles.target

    @property
    def unchecked(self) -> str:
        """That a part is too small to show more than the largest shifts."""
        train, serve = self.rows_of
        if min(train, serve) >= FEW:
            return ""
        return (
            f"Only the largest shifts can be seen: train has {count(train, 'row')}, serve has "
            f"{count(serve, 'row')}."
        )

    @property
    def by_value(self) -> tuple[ShiftLine, ...]:
        """The lines of values, without those of what is missing and of the schema."""
        return tuple(line for line in self.lines if line.metric not in ("missing", "schema"))

    def column(self, name: str) -> ColumnShift:
        """One column compared. Raises `ColumnError` with the nearest name."""
        for shift in self.columns:
            if shift.name == name:
                return shift
        raise ColumnError.missing(name, [shift.name for shift in self.columns])

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """What shifted far enough to matter, worst first. Of what is measured of images, Issues says it."""
        findings = list(self.schema)
        told = set(self.measured) - {self.target}
        for line in self.lines:
            if line.shift.name in told:
                continue
            findings += findings_of(line, self.roles)
        return ranked(findings)

    @property
    def classes(self) -> tuple[ClassShift, ...]:
        """Share of each class of the target in both parts, the one that changed most first; empty without a
        target of classes.
        """
        return next((class_shifts(shift) for shift in self.columns if shift.name == self.target), ())

    def frame(self) -> pd.DataFrame:
        """One line per column and metric, worst first; the first twelve columns are the contract of the
        command line.
        """
        import pandas as pd

        return pd.DataFrame(
            [row_of(line, self.target) for line in self.lines], columns=list(TableRow._fields)
        )


def shift(dataset: Dataset, settings: ShiftSettings, progress: Progress) -> ShiftResult:
    """Compare each column of both parts. See docs/methods/shift.md for the measures and their sources."""
    serve = dataset.part_mask("serve")
    sizes = int((~serve).sum()), int(serve.sum())
    if not min(sizes):
        progress.check()
        progress.at(0.5, "One part only")
        return _of_one_part(dataset, settings, sizes)
    chosen = settings.columns or tuple(name for name in dataset.names if name != dataset.parting)

    lacking = parts_lacking(dataset, chosen)

    def leaf(name: str) -> ColumnShift:
        progress.check()
        values = dataset.table([name]).column(0)
        return compare(dataset[name], values, serve, settings.seed, lacking.get(name, ""))

    compared: list[ColumnShift] = []
    for one in LocalThreads().map(leaf, chosen):
        compared.append(one)
        progress.at(len(compared) / len(chosen), f"Column {len(compared)} of {len(chosen)}")
    schema = tuple(
        _tempered(f, dataset) for f in dataset.loading if f.code in _SCHEMA and set(f.columns) <= set(chosen)
    )
    measured = judged_by_part(dataset)
    lines = lines_of(compared, schema, settings, dataset.roles, measured)
    return ShiftResult(
        settings=settings,
        notes=(*_notes(compared), *_of_images(lines)),
        columns=tuple(compared),
        lines=lines,
        measured=measured,
        schema=schema,
        roles=dataset.roles,
        rows_of=sizes,
    )


def _of_one_part(dataset: Dataset, settings: ShiftSettings, sizes: tuple[int, int]) -> ShiftResult:
    why = (
        "it needs train and serve: add a second file, or split the data by a column or a date on the load "
        "page"
    )
    return ShiftResult(
        settings=settings,
        status=Status("skipped", why),
        columns=(),
        lines=(),
        schema=(),
        roles=dataset.roles,
        rows_of=sizes,
    )


def _notes(compared: Sequence[ColumnShift]) -> tuple[str, ...]:
    """What was not compared."""
    left_out: dict[str, list[str]] = {}
    for shift in compared:
        if not shift.metric and shift.note:
            left_out.setdefault(shift.note, []).append(shift.name)
    return tuple(f"{names(some, 6)}: {note}." for note, some in left_out.items())


def _of_images(lines: Sequence[ShiftLine]) -> tuple[str, ...]:
    """What differs of that which is measured of images."""
    some = list(dict.fromkeys(line.shift.name for line in lines if line.apart == "image"))
    if not some:
        return ()
    differ = verb(len(some), "differs", "differ")
    return (
        f"Measured of images, {names(some, 6)} {differ} between train and serve: Issues says which of them "
        "predict the part, and shows the images.",
    )


def _tempered(finding: Finding, dataset: Dataset) -> Finding:
    """Whole numbers in one part and numbers in the other are compared as numbers, and no model learns from
    an identifier: neither is an alarm."""
    alike = finding.code == "type_differs" and finding.score < 0.5
    identifiers = all(dataset[name].kind == "identifier" for name in finding.columns)
    return replace(finding, severity="info") if alike or identifiers else finding


ANALYSIS = Analysis(
    "Shift",
    "Which columns differ between train and serve, and by how much?",
    "explore/overlap",
    shift,
    alarms="train and serve",
)
