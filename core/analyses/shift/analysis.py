"""Train against serve, column by column: what moved, how far, and what chance would do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from core.analyses.shift.column import ColumnShift, compare
from core.analyses.shift.findings import BANDS, WORDS, Line, Word, findings_of, word, worse
from core.analyses.shift.label_shift import RATIO_BANDS, Prior, priors
from core.analysis import Analysis, Result, Status
from core.dataset import Dataset
from core.errors import ColumnError
from core.finding import Finding, ranked
from core.numerics.multiple_tests import q_values
from core.progress import Progress
from core.settings import Settings, columns, knob
from core.workers import LocalThreads

if TYPE_CHECKING:
    import pandas as pd

COMPARED = ("numeric", "category", "boolean", "text", "datetime", "identifier", "image")
_SCHEMA = ("missing_in_serve", "new_in_serve", "type_differs")


@dataclass(frozen=True)
class ShiftSettings(Settings):
    """What is compared, and from where a change is moderate or severe."""

    columns: tuple[str, ...] = columns("Columns", "The columns to compare; none chosen means all.", COMPARED)
    level: float = knob(
        0.05,
        "False discovery rate",
        "Share of unchanged columns that is accepted among those said to have moved.",
        1e-6,
        0.2,
    )
    moderate: float = knob(
        0.1, "Moderate from", "Population stability index from which a change is moderate.", 0.01, 1.0
    )
    severe: float = knob(
        0.2, "Severe from", "Population stability index from which a change is severe.", 0.01, 5.0
    )
    seed: int = knob(
        0, "Seed", "Of the deals by lot that noise lines and sparse tests rest on.", 0, 2**31 - 1
    )


@dataclass(frozen=True, eq=False)
class ShiftResult(Result):
    """``lines``: the table, worst first. ``columns``: every column compared, in the order of the source.
    ``parts``: rows of each.
    """

    settings: ShiftSettings
    columns: tuple[ColumnShift, ...]
    lines: tuple[Line, ...]
    schema: tuple[Finding, ...]
    target: str | None
    parts: tuple[int, int]

    @property
    def summary(self) -> dict[str, float | int | str]:
        """How many columns moved how far, the worst, and which parts were compared."""
        tally: dict[str, int] = {
            name: sum(line.status == name for line in self.moved) for name in reversed(WORDS)
        }
        return {
            "train_rows": self.parts[0],
            "serve_rows": self.parts[1],
            "columns": len(self.columns),
            **tally,
            "missing_moved": sum(
                line.metric == "missing" and line.status in WORDS[2:] for line in self.lines
            ),
            "worst": self.lines[0].shift.name if self.lines and self.lines[0].status != "none" else "",
        }

    @property
    def moved(self) -> tuple[Line, ...]:
        """The lines of values, without those of what is missing."""
        return tuple(line for line in self.lines if line.metric not in ("missing", "schema"))

    def column(self, name: str) -> ColumnShift:
        """One column compared. Raises `ColumnError` with the nearest name."""
        for shift in self.columns:
            if shift.name == name:
                return shift
        raise ColumnError.missing(name, [shift.name for shift in self.columns])

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What moved far enough to matter, worst first."""
        bands = self.settings.moderate, self.settings.severe
        made = [f for line in self.lines for f in findings_of(line, line.shift.name == self.target, bands)]
        return ranked([*self.schema, *made])

    @property
    def priors(self) -> tuple[Prior, ...]:
        """Share of each class of the target in both parts, the one that changed most first; empty without a
        target of classes.
        """
        return next((priors(shift) for shift in self.columns if shift.name == self.target), ())

    def frame(self) -> pd.DataFrame:
        """One line per column and metric, worst first; the first twelve columns are the contract of the
        command line.
        """
        import pandas as pd

        names = (
            "column kind metric value noise95 p q status missing_train missing_serve new_categories "
            "outside_range"
        )
        more = "psi psi_noise95 new_share n_train n_serve note"
        return pd.DataFrame(
            [_row(line, self.target) for line in self.lines], columns=[*names.split(), *more.split()]
        )


def shift(dataset: Dataset, settings: ShiftSettings, progress: Progress) -> ShiftResult:
    """Compare each column of both parts. See docs/methods/shift.md for the measures and their sources."""
    serve = dataset.part_mask("serve")
    sizes = int((~serve).sum()), int(serve.sum())
    if not min(sizes):
        progress.check()
        progress.at(0.5, "One part only")
        why = (
            "it needs a train and a serve part: add a second file, or split by a column or a date on the "
            "load page"
        )
        return ShiftResult(
            settings=settings,
            status=Status("skipped", why),
            columns=(),
            lines=(),
            schema=(),
            target=None,
            parts=sizes,
        )
    names = settings.columns or tuple(name for name in dataset.names if name != dataset.parting)

    def leaf(name: str) -> ColumnShift:
        progress.check()
        return compare(dataset[name], dataset.table([name]).column(0), serve, settings.seed)

    made: list[ColumnShift] = []
    for done in LocalThreads().map(leaf, names):
        made.append(done)
        progress.at(len(made) / len(names), f"Column {len(made)} of {len(names)}")
    schema = tuple(
        _tempered(f, dataset) for f in dataset.loading if f.code in _SCHEMA and set(f.columns) <= set(names)
    )
    target = dataset.roles.target
    return ShiftResult(
        settings=settings,
        notes=_notes(made),
        columns=tuple(made),
        lines=_lines(made, schema, settings, target),
        schema=schema,
        target=target,
        parts=sizes,
    )


def _notes(columns: Sequence[ColumnShift]) -> tuple[str, ...]:
    """What was not compared."""
    left_out: dict[str, list[str]] = {}
    for shift in columns:
        if not shift.metric and shift.note:
            left_out.setdefault(shift.note, []).append(shift.name)
    return tuple(f"{_listed(names)}: {note}." for note, names in left_out.items())


def _tempered(finding: Finding, dataset: Dataset) -> Finding:
    """Whole numbers on one side and numbers on the other are compared as numbers, and no model learns from an
    identifier: neither alarms anybody by being on one side only."""
    same = finding.code == "type_differs" and finding.score < 0.5
    return (
        replace(finding, severity="info")
        if same or all(dataset[name].kind == "identifier" for name in finding.columns)
        else finding
    )


def _lines(
    made: list[ColumnShift], schema: tuple[Finding, ...], settings: ShiftSettings, target: str | None
) -> tuple[Line, ...]:
    """The table: corrected over all tests in it, worst first."""
    nan = float("nan")
    # that all of it is missing is said once
    absent = {f.columns[0] for f in schema if f.code != "type_differs"}
    drafts = [
        (shift, shift.metric, shift.value, shift.noise, shift.p) for shift in made if shift.name not in absent
    ]
    for shift in made:
        if np.isfinite(shift.missing.p) and shift.name not in absent:
            gaps = shift.missing
            drafts.append((shift, "missing", abs(gaps.serve - gaps.train), gaps.noise, gaps.p))
    p = np.array([draft[-1] for draft in drafts])
    tested = np.isfinite(p)
    q = np.full(p.size, nan)
    if tested.any():
        q[tested] = q_values(p[tested])
    words = [
        _status(draft[0], draft[1], float(one), settings, target)
        for draft, one in zip(drafts, q, strict=True)
    ]
    lines = [Line(*draft, float(one), said) for draft, one, said in zip(drafts, q, words, strict=True)]
    by_name = {shift.name: shift for shift in made}
    lines += [
        Line(
            by_name[f.columns[0]],
            "schema",
            nan,
            nan,
            nan,
            nan,
            "negligible" if f.severity == "info" else "severe",
        )
        for f in schema
    ]
    return tuple(sorted(lines, key=_rank))


def _rank(line: Line) -> tuple[Any, ...]:
    value = line.value / BANDS[line.metric][0] if line.metric in BANDS else 0.0
    return (
        -WORDS.index(line.status),
        line.metric != "schema",
        -value if np.isfinite(value) else 0.0,
        line.shift.name,
        line.metric,
    )


def _status(shift: ColumnShift, metric: str, q: float, settings: ShiftSettings, target: str | None) -> Word:
    if metric not in BANDS:
        return "none"
    if metric == "missing":
        return word(
            abs(shift.missing.serve - shift.missing.train),
            shift.missing.noise,
            q,
            BANDS[metric],
            settings.level,
        )
    by_effect = word(shift.value, shift.noise, q, BANDS[metric], settings.level)
    if shift.name == target:  # a rare class may double where the difference of shares is small
        surest = max((prior.sure for prior in priors(shift)), default=1.0)
        by_effect = worse(by_effect, word(surest, 1.0, q, RATIO_BANDS, settings.level))
    return worse(
        by_effect, word(shift.psi, shift.psi_noise, q, (settings.moderate, settings.severe), settings.level)
    )


def _row(line: Line, target: str | None) -> tuple[Any, ...]:
    shift = line.shift
    values = line.metric not in ("missing", "schema")
    told = [f"{level} ({count:,})" for level, count in shift.new[:5]] if values else []
    within = "PSI within noise" if values and shift.psi <= shift.psi_noise else ""
    prior = next((str(one) for one in priors(shift)[:1]), "") if values and shift.name == target else ""
    note = "; ".join(filter(None, [shift.note, within if np.isfinite(shift.psi) else "", prior]))
    return (
        *(
            shift.name,
            shift.kind,
            line.metric,
            line.value,
            line.noise,
            line.p,
            line.q,
            line.status,
            shift.missing.train,
            shift.missing.serve,
        ),
        *(", ".join(told), shift.outside if values else float("nan")),
        *((shift.psi, shift.psi_noise, shift.new_share) if values else (float("nan"),) * 3),
        *(*shift.n, note),
    )


def _listed(names: list[str], most: int = 6) -> str:
    return ", ".join(map(repr, names[:most])) + (
        f" and {len(names) - most} more" if len(names) > most else ""
    )


ANALYSIS = Analysis(
    "Shift", "Which columns differ between train and serve, and by how much?", "explore/overlap", shift
)
