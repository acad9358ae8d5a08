"""The table of shift: per column a line for its values and one for its missing values, corrected over all."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

import numpy as np

from core.analyses.shift.column import ColumnShift
from core.analyses.shift.judged import BANDS, NAMES, ODDS, PSI, Apart, JudgedBy, ShiftLine, judged
from core.analyses.shift.label_shift import ODDS_BANDS, class_shifts
from core.analyses.shift.settings import ShiftSettings
from core.analyses.shift.time_split import splits
from core.dataset.roles import Roles
from core.finding import Finding
from core.numerics.degree import DEGREES, MATTERS, Degree
from core.numerics.multiple_tests import false_discovery

APART_NOTES: dict[str, str] = {
    "": "",
    "time": "split by time: serve follows train",
    "name": "names the part: one value in train, another in serve",
    "image": "measured of images: Issues says which of their properties predict train or serve",
}


class TableRow(NamedTuple):
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
    status_by: str


def lines_of(
    compared: list[ColumnShift],
    schema: tuple[Finding, ...],
    settings: ShiftSettings,
    roles: Roles,
    measured: Collection[str] = (),
) -> tuple[ShiftLine, ...]:
    """The table: corrected over all tests in it, worst first. A column has one line for its values: that it
    is in one part only, or differs in type so that its values cannot be compared, stands in place of them.
    One that parts train from serve, or is measured of images, is no shift, however far it moved, and comes
    after those.
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
        _with_status(draft._replace(q=one), settings, roles.target)
        for draft, one in zip(drafts, q, strict=True)
    ]
    lines = [line._replace(apart=_apart(line, roles, measured)) for line in lines]
    by_name = {shift.name: shift for shift in compared}
    for name, finding in by_schema.items():
        status: Degree = "negligible" if finding.severity == "info" else "severe"
        lines.append(ShiftLine(by_name[name], "schema", nan, nan, nan, nan, status))
    return tuple(sorted(lines, key=_rank))


def _apart(line: ShiftLine, roles: Roles, measured: Collection[str]) -> Apart:
    """Why the column is what parts train from serve, or measured of images, and no shift; the target never
    is.
    """
    shift = line.shift
    if shift.name in measured and shift.name != roles.target:
        return "image" if line.status in MATTERS else ""
    if (
        line.metric not in BANDS
        or line.metric == "missing"
        or line.status == "none"
        or shift.name == roles.target
    ):
        return ""
    if splits(shift, roles):
        return "time"
    return "name" if shift.disjoint and len(shift.shares) == 2 else ""


def _rank(line: ShiftLine) -> tuple[Any, ...]:
    value = line.value / BANDS[line.metric][0] if line.metric in BANDS else 0.0
    return (
        -DEGREES.index("negligible" if line.apart else line.status),
        line.metric != "schema",
        -value if np.isfinite(value) else 0.0,
        line.shift.name,
        line.metric,
    )


def _with_status(line: ShiftLine, settings: ShiftSettings, target: str | None) -> ShiftLine:
    """The line with the worst word that any of its numbers makes, and the number that makes it."""
    judgements: list[tuple[Degree, JudgedBy | None]] = [
        (judged(one.value, one.noise, line.q, one.bands, settings.level), one)
        for one in _measured(line, settings, target)
    ]
    status, of = max(judgements, key=lambda pair: DEGREES.index(pair[0]), default=("none", None))
    return line._replace(status=status, by=of if status in MATTERS else None)


def _measured(line: ShiftLine, settings: ShiftSettings, target: str | None) -> list[JudgedBy]:
    """The numbers that judge the line; of equal words the first one stands."""
    shift = line.shift
    if line.metric not in BANDS:
        return []
    numbers = [JudgedBy(NAMES[line.metric], line.value, line.noise, BANDS[line.metric])]
    if line.metric == "missing":
        return numbers
    if (
        shift.name == target
    ):  # a rare class may double where shares differ little; of one that is new Balance tells
        least = max((one.least for one in class_shifts(shift) if not one.new), default=1.0)
        numbers.append(JudgedBy(ODDS, least, 1.0, ODDS_BANDS, same=1.0))
    return [*numbers, JudgedBy(PSI, shift.psi, shift.psi_noise, (settings.moderate, settings.severe))]


def row_of(line: ShiftLine, target: str | None) -> TableRow:
    """The line as `ShiftResult.frame` shows it. target: name of the target, whose classes are noted."""
    shift, nan = line.shift, float("nan")
    values = line.metric not in ("missing", "schema")
    new = [f"{level} ({rows:,})" for level, rows in shift.new[:5]] if values else []
    apart = APART_NOTES[line.apart]
    within = "PSI within its noise floor" if values and shift.psi <= shift.psi_noise else ""
    classes = class_shifts(shift) if values and shift.name == target else ()
    return TableRow(
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
        note="; ".join(filter(None, [shift.note, apart, within, *(str(one) for one in classes[:1])])),
        status_by=line.because,
    )
