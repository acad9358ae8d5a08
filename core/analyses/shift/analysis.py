"""Train against serve, column by column: what shifted, how far, and how large the noise is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from core.analyses.shift.column import ColumnShift, compare
from core.analyses.shift.findings import BANDS, ShiftLine, findings_of, judged
from core.analyses.shift.label_shift import RATIO_BANDS, ClassShift, class_shifts
from core.analysis import Analysis, Result, Status
from core.dataset import Dataset
from core.dataset.roles import Roles
from core.errors import ColumnError
from core.finding import Finding, ranked
from core.numerics.degree import DEGREES, MATTERS, Degree, worst
from core.numerics.multiple_tests import false_discovery
from core.phrases import count, names
from core.progress import Progress
from core.settings import Settings, columns, knob
from core.workers import LocalThreads

if TYPE_CHECKING:
    import pandas as pd

COMPARED = ("numeric", "category", "boolean", "text", "datetime", "identifier", "image")
FEW = 20  # rows of a part below which hardly any shift stands out from the noise
_SCHEMA = ("missing_in_serve", "new_in_serve", "type_differs")


@dataclass(frozen=True)
class ShiftSettings(Settings):
    """What is compared, and from where a shift is moderate or severe."""

    columns: tuple[str, ...] = columns("Columns", "The columns to compare; none chosen means all.", COMPARED)
    level: float = knob(
        0.05,
        "False discovery rate",
        "Expected share of unchanged columns among those reported as shifted (Benjamini-Hochberg).",
        1e-6,
        0.2,
    )
    moderate: float = knob(
        0.1, "Moderate from", "Population stability index (PSI) from which a shift is moderate.", 0.01, 1.0
    )
    severe: float = knob(
        0.2, "Severe from", "Population stability index (PSI) from which a shift is severe.", 0.01, 5.0
    )
    seed: int = knob(
        0, "Seed", "Seed of the permutations behind noise floors and tests of small counts.", 0, 2**31 - 1
    )


@dataclass(frozen=True, eq=False)
class ShiftResult(Result):
    """``lines``: the table, worst first. ``columns``: every column compared, in the order of the source.
    ``schema``: what loading found about columns of one part only, or of different types. ``roles``: of
    the data. ``rows_of``: rows of train and of serve.
    """

    settings: ShiftSettings
    columns: tuple[ColumnShift, ...]
    lines: tuple[ShiftLine, ...]
    schema: tuple[Finding, ...]
    roles: Roles
    rows_of: tuple[int, int]

    @property
    def summary(self) -> dict[str, float | int | str]:
        """How many columns shifted how far, the worst, and the rows of both parts."""
        tally: dict[str, int] = {
            status: sum(line.status == status for line in self.by_value) for status in reversed(DEGREES)
        }
        missing = sum(line.metric == "missing" and line.status in MATTERS for line in self.lines)
        shifted = self.lines and self.lines[0].status != "none"
        return {
            "train_rows": self.rows_of[0],
            "serve_rows": self.rows_of[1],
            "columns": len(self.columns),
            **tally,
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

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What shifted far enough to matter, worst first."""
        bands = self.settings.moderate, self.settings.severe
        findings = list(self.schema)
        for line in self.lines:
            findings += findings_of(line, self.roles, bands)
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

        return pd.DataFrame([_row(line, self.target) for line in self.lines], columns=list(_Row._fields))


class _Row(NamedTuple):
    """A line of `ShiftResult.frame`."""

    column: str
    kind: str
    metric: str
    value: float
    noise95: float
    p: float
    q: float
    status: Degree
    missing_train: float
    missing_serve: float
    new_categories: str
    outside_range: float
    psi: float
    psi_noise95: float
    new_share: float
    n_train: int
    n_serve: int
    note: str


def shift(dataset: Dataset, settings: ShiftSettings, progress: Progress) -> ShiftResult:
    """Compare each column of both parts. See docs/methods/shift.md for the measures and their sources."""
    serve = dataset.part_mask("serve")
    sizes = int((~serve).sum()), int(serve.sum())
    if not min(sizes):
        progress.check()
        progress.at(0.5, "One part only")
        return _of_one_part(dataset, settings, sizes)
    chosen = settings.columns or tuple(name for name in dataset.names if name != dataset.parting)

    def leaf(name: str) -> ColumnShift:
        progress.check()
        return compare(dataset[name], dataset.table([name]).column(0), serve, settings.seed)

    compared: list[ColumnShift] = []
    for one in LocalThreads().map(leaf, chosen):
        compared.append(one)
        progress.at(len(compared) / len(chosen), f"Column {len(compared)} of {len(chosen)}")
    schema = tuple(
        _tempered(f, dataset) for f in dataset.loading if f.code in _SCHEMA and set(f.columns) <= set(chosen)
    )
    target = dataset.roles.target
    return ShiftResult(
        settings=settings,
        notes=_notes(compared),
        columns=tuple(compared),
        lines=_lines(compared, schema, settings, target),
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


def _tempered(finding: Finding, dataset: Dataset) -> Finding:
    """Whole numbers in one part and numbers in the other are compared as numbers, and no model learns from
    an identifier: neither is an alarm."""
    alike = finding.code == "type_differs" and finding.score < 0.5
    identifiers = all(dataset[name].kind == "identifier" for name in finding.columns)
    return replace(finding, severity="info") if alike or identifiers else finding


def _lines(
    compared: list[ColumnShift], schema: tuple[Finding, ...], settings: ShiftSettings, target: str | None
) -> tuple[ShiftLine, ...]:
    """The table: corrected over all tests in it, worst first. A column has one line for its values: that it
    is in one part only, or differs in type so that its values cannot be compared, stands in place of them.
    """
    nan = float("nan")
    by_schema = {f.columns[0]: f for f in schema if f.code != "type_differs" or f.severity != "info"}
    drafts = [
        ShiftLine(shift, shift.metric, shift.value, shift.noise, shift.p, nan, "none")
        for shift in compared
        if shift.name not in by_schema
    ]
    for shift in compared:  # of a column that one part lacks, that all of it is missing is said once
        lacking = shift.name in by_schema and by_schema[shift.name].code != "type_differs"
        if np.isfinite(shift.missing.p) and not lacking:
            gap = abs(shift.missing.serve - shift.missing.train)
            drafts.append(ShiftLine(shift, "missing", gap, shift.missing.noise, shift.missing.p, nan, "none"))
    q = false_discovery(np.array([draft.p for draft in drafts])).tolist()
    lines = [
        draft._replace(q=one, status=_status(draft, one, settings, target))
        for draft, one in zip(drafts, q, strict=True)
    ]
    by_name = {shift.name: shift for shift in compared}
    for name, finding in by_schema.items():
        status: Degree = "negligible" if finding.severity == "info" else "severe"
        lines.append(ShiftLine(by_name[name], "schema", nan, nan, nan, nan, status))
    return tuple(sorted(lines, key=_rank))


def _rank(line: ShiftLine) -> tuple[Any, ...]:
    value = line.value / BANDS[line.metric][0] if line.metric in BANDS else 0.0
    return (
        -DEGREES.index(line.status),
        line.metric != "schema",
        -value if np.isfinite(value) else 0.0,
        line.shift.name,
        line.metric,
    )


def _status(line: ShiftLine, q: float, settings: ShiftSettings, target: str | None) -> Degree:
    shift = line.shift
    if line.metric not in BANDS:
        return "none"
    by_effect = judged(line.value, line.noise, q, BANDS[line.metric], settings.level)
    if line.metric == "missing":
        return by_effect
    if shift.name == target:  # a rare class may double where the difference of shares is small
        least = max((one.least for one in class_shifts(shift)), default=1.0)
        by_effect = worst(by_effect, judged(least, 1.0, q, RATIO_BANDS, settings.level))
    bands = settings.moderate, settings.severe
    return worst(by_effect, judged(shift.psi, shift.psi_noise, q, bands, settings.level))


def _row(line: ShiftLine, target: str | None) -> _Row:
    shift, nan = line.shift, float("nan")
    values = line.metric not in ("missing", "schema")
    new = [f"{level} ({rows:,})" for level, rows in shift.new[:5]] if values else []
    within = "PSI within its noise floor" if values and shift.psi <= shift.psi_noise else ""
    classes = class_shifts(shift) if values and shift.name == target else ()
    return _Row(
        column=shift.name,
        kind=shift.kind,
        metric=line.metric,
        value=line.value,
        noise95=line.noise,
        p=line.p,
        q=line.q,
        status=line.status,
        missing_train=shift.missing.train,
        missing_serve=shift.missing.serve,
        new_categories=", ".join(new),
        outside_range=shift.outside if values else nan,
        psi=shift.psi if values else nan,
        psi_noise95=shift.psi_noise if values else nan,
        new_share=shift.new_share if values else nan,
        n_train=shift.n[0],
        n_serve=shift.n[1],
        note="; ".join(filter(None, [shift.note, within, *(str(one) for one in classes[:1])])),
    )


ANALYSIS = Analysis(
    "Shift", "Which columns differ between train and serve, and by how much?", "explore/overlap", shift
)
