"""A coreset: a small weighted sample that stands for all rows in the loss of a model."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.analyses.coreset.findings import findings
from core.analyses.coreset.settings import CoresetSettings
from core.analysis import Analysis, Result
from core.coreset import Coreset, build, only, updated
from core.coreset.parts import has_columns
from core.coreset.quality import SAME, CoresetQuality, quality
from core.coreset.weighing import weighed
from core.dataset import Dataset
from core.dataset.column import Column
from core.errors import SettingError
from core.filters import Filter
from core.finding import Finding
from core.numerics.rowhash import hash_column
from core.phrases import count, name, names, verb
from core.prepare.directions import are_directions, directions_note
from core.progress import Progress
from core.rowset import RowSet

if TYPE_CHECKING:
    import pandas as pd

TREES = (
    "Boosted trees: divide the weights by their mean in each class, fit, multiply the probabilities by these "
    "means and bring them to a sum of one (core.coreset.fitting.fit does so); with the weights as they are, "
    "probabilities of rare classes can be far off."
)
FIELDS = ["stratum", "rows", "share", "drawn", "drawn_share", "importance_share", "largest_weight"]
EXACT = {
    "linear": "Least squares of all rows comes exactly from co-moments in one pass "
    "(core.coreset.fitting.moments): the coreset is for export, and for other models.",
    "pca": "Principal components of all rows come exactly from co-moments in one pass "
    "(core.coreset.fitting.moments): the coreset is for export.",
}


@dataclass(frozen=True, eq=False)
class CoresetResult(Result):
    """``coreset``: rows, weights and all that edits need; its rows are numbered as in the source. before:
        that of the data as loaded, of which it is an edit; itself where there is none. every: that of all
        rows, where ``coreset`` is of some of them only.

    row: int64, its rows as those of the data looked at. error: what a fit on it, and on a uniform sample of
    its size, may cost; None where there is nothing to tell.
    """

    coreset: Coreset
    before: Coreset
    every: Coreset
    row: NDArray[np.int64]
    error: CoresetQuality | None

    @property
    def nbytes(self) -> int:
        """Rough size in memory, in bytes."""
        ledgers = sum(len(leaf.ledger.number) * 36 for leaf in self.coreset.leaves if leaf.ledger)
        return super().nbytes + ledgers + int(self.coreset.sketch.content.nbytes)

    @property
    def summary(self) -> dict[str, float | int | str]:
        """Sizes, the effective sample size, and the expected error of the loss beside that of a uniform
        sample.
        """
        drawn = self.coreset.sample
        told: dict[str, float | int | str] = {
            "rows": self.coreset.rows,
            "size": int(drawn.row.size),
            "loss": self.coreset.pilot.kind,
            "calibrated": "yes" if drawn.calibrated else "no",
            "classes": len(self.coreset.pilot.classes),
            "effective_sample_size": round(drawn.effective, 1),
            "largest_weight": round(float(drawn.weight.max(initial=0.0)), 4),
            "left_out": self.coreset.sketch.left_out,
        }
        if self.error is None:
            return told
        own, plain = self.error.error, self.error.uniform
        numbers = {
            "expected_error": own.value,
            "error_low": own.low,
            "error_high": own.high,
            "uniform_error": plain.value,
        }
        told |= {key: float(f"{value:.6g}") for key, value in numbers.items()}
        return told | {"error_of": self.error.of, "uniform_as_good": "yes" if self.uniform_as_good else "no"}

    @property
    def uniform_as_good(self) -> bool:
        """Whether a uniform sample of the same size is expected to do about as well."""
        return self.error is not None and self.error.ratio >= SAME

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """That uniform is as good, or that the coreset is small for its data."""
        return findings(self.coreset, (self.every, self.before), self.error, self.uniform_as_good)

    @property
    def importance(self) -> NDArray[np.float64] | None:
        """The sampling importance of all rows that can be drawn, 1 in the mean; None where there are too many
        to have kept it.
        """
        ledgers = [leaf.ledger for leaf in self.coreset.leaves]
        if any(ledger is None for ledger in ledgers):
            return None
        scores = np.concatenate([one.score[one.stratum >= 0] for one in ledgers if one is not None])
        return np.asarray(scores / scores.mean()) if scores.size else scores

    @cached_property
    def curve(self) -> tuple[tuple[int, CoresetQuality], ...]:
        """Its size, and smaller ones that hold 30 rows of each stratum on average, ascending, with the errors
        to expect.
        """
        full = int(self.coreset.sample.row.size)
        strata = len(set(self.coreset.sample.stratum.tolist()))
        sizes = sorted({int(full * part) for part in (0.1, 0.2, 0.5) if full * part >= 30 * strata} | {full})
        found = ((size, quality(self.coreset.at(size)) if size < full else self.error) for size in sizes)
        return tuple((size, one) for size, one in found if one is not None and np.isfinite(one.error.value))

    def frame(self) -> pd.DataFrame:
        """One line per stratum: rows and their share, rows drawn and their share, its share of all
        importance, and the largest weight.
        """
        import pandas as pd

        sketch, drawn = self.coreset.sketch, self.coreset.sample
        names = self.coreset.pilot.stratum_names()
        counts = np.bincount(drawn.stratum, minlength=len(names))
        group, rows, mass = self.coreset.pilot.groups, [0] * len(names), [0] * len(names)
        for at, held, scores in zip(group.tolist(), sketch.rows, sketch.mass, strict=True):
            rows[at] += held
            mass[at] += scores
        all_rows, all_mass = sum(rows) or 1, sum(mass) or 1
        lines = [
            (
                called,
                rows[at],
                rows[at] / all_rows,
                int(counts[at]),
                counts[at] / max(1, drawn.row.size),
                mass[at] / all_mass,
                float(drawn.weight[drawn.stratum == at].max(initial=0.0)),
            )
            for at, called in enumerate(names)
            if rows[at]
        ]
        return pd.DataFrame(lines, columns=FIELDS)

    def rows(self) -> pd.DataFrame:
        """``row,weight,importance``: the rows of the coreset, what each stands for, and its sampling
        importance, 1 being the mean of all rows.
        """
        import pandas as pd

        drawn = self.coreset.sample
        return pd.DataFrame({"row": self.row, "weight": drawn.weight, "importance": drawn.score})


def coreset(dataset: Dataset, settings: CoresetSettings, progress: Progress) -> CoresetResult:
    """Rows drawn by their sensitivity under a pilot model, with the weights under which their loss is that
    of all rows; docs/methods/coreset.md.

    Raises `TooSmallError` where nothing can be learned, `SettingError` where the size does not fit.
    """
    progress.at(0.0, "Looking at the rows")
    first = _before_decisions(dataset, settings, progress.part(0.0, 0.5))
    if first is None:
        every = _build(dataset, settings, progress.part(0.5, 0.7))
    else:
        every = updated(first, dataset, progress.part(0.5, 0.7))
    chosen = only(every, dataset, _chosen(dataset, settings.where)) if settings.where else every
    progress.at(0.7, "Weighing the rows")
    built, error = weighed(chosen, dataset, progress.part(0.7, 1.0))
    drawn = built.sample
    row = np.searchsorted(dataset.source_ids(np.arange(dataset.rows)), drawn.row)
    return CoresetResult(
        settings=settings,
        notes=(*_learned_anew(dataset, settings, first), *_notes(dataset, built, every, settings)),
        coreset=built,
        before=first or every,
        every=every,
        row=row.astype(np.int64),
        error=error,
    )


def _chosen(dataset: Dataset, where: str) -> RowSet:
    """The rows that a filter takes, as positions in the source. Raises `FilterError`, `SettingError`."""
    chosen = Filter.parse(where)
    if not chosen.by_data_alone:
        raise SettingError("The rows of a coreset are chosen by their columns, not by findings or scores.")
    return dataset.source_rows(chosen.rows(dataset))


def _build(dataset: Dataset, settings: CoresetSettings, progress: Progress) -> Coreset:
    by_id = dataset.pictures is None and _ids_are_unique(dataset)
    width = len(dataset.features)
    if dataset.vectors is not None and not settings.columns:
        width = dataset.vectors.width
    return build(dataset, settings.plan(settings.can_be_drawn(dataset), width, by_id), progress)


def _before_decisions(dataset: Dataset, settings: CoresetSettings, progress: Progress) -> Coreset | None:
    """The coreset of the data as loaded, made once, of which decisions are edits; None where it is to be
    learned anew, or cannot be edited into these data.
    """
    base = dataset.base
    if base is None or settings.fresh:
        return None
    plain = base.with_roles(**asdict(dataset.roles)) if _same_columns(base, dataset) else None
    if plain is None:
        return None
    made: Coreset = dataset.shared.latest(
        "coreset", (settings, plain.version), lambda: _build(plain, settings, progress)
    )
    return made if has_columns(dataset, made.pilot.read) else None


def _same_columns(base: Dataset, dataset: Dataset) -> bool:
    """Whether every column stands in the data as loaded too, of its kind, as do the roles."""
    there = _kinds(base)
    return all(one.name in there and not _differs(one, there) for one in dataset.columns)


def _learned_anew(dataset: Dataset, settings: CoresetSettings, first: Coreset | None) -> tuple[str, ...]:
    """That importance was learned on the data as decided, though no setting asks for it, and what they have
    that those as loaded do not: columns more or less, or of another name or kind.
    """
    base = dataset.base
    if base is None or settings.fresh or first is not None:
        return ()
    there = _kinds(base)
    sources = {} if dataset.changes is None else dataset.changes.sources
    new = [one for one in dataset.names if one not in there]
    renamed = [one for one in new if sources.get(one) in there]
    kinds = (
        ("more", [one for one in new if one not in renamed]),
        ("less", [one for one in there if one not in dataset.names and one not in sources.values()]),
        ("of another name", renamed),
        ("of another kind", [one.name for one in dataset.columns if _differs(one, there)]),
    )
    what = [f"{count(len(some), 'column')} {words} ({names(some)})" for words, some in kinds if some]
    have = f": they have {' and '.join(what)}" if what else ""
    return (f"Importance was learned anew on the data as decided{have}.",)


def _kinds(dataset: Dataset) -> dict[str, tuple[str, str]]:
    return {one.name: (one.kind, one.stored) for one in dataset.columns}


def _differs(column: Column, there: dict[str, tuple[str, str]]) -> bool:
    """Whether the column of this name is of another kind there."""
    return there.get(column.name, (column.kind, column.stored)) != (column.kind, column.stored)


def _ids_are_unique(dataset: Dataset) -> bool:
    if dataset.roles.id is None:
        return False
    keys = hash_column(dataset.table([dataset.roles.id]).column(0))[~dataset.part_mask("serve")]
    return np.unique(keys).size == keys.size


def _notes(dataset: Dataset, built: Coreset, every: Coreset, settings: CoresetSettings) -> tuple[str, ...]:
    """What was left out, joined, or is exact elsewhere."""
    drawn, sketch = built.sample, built.sketch
    held = int(sketch.times[drawn.place].sum()) - drawn.row.size
    rest = every.rows - built.rows
    kind, differ = built.pilot.kind, verb(drawn.row.size, "differs", "differ")
    whole = not (drawn.chance < 1.0).any()
    no_picture = 0
    if are_directions(built.pilot.read):
        no_picture = int((dataset.without_picture() & ~dataset.part_mask("serve")).sum())
    takes = verb(no_picture, "takes", "take")
    told = {
        f"Stands for the rows where {Filter.parse(settings.where).words if settings.where else ''}; "
        f"{count(rest, 'other row')} {verb(rest, 'is', 'are')} left aside.": bool(settings.where),
        f"{count(sketch.left_out, 'row')} without a target or weight left out.": sketch.left_out > 0,
        f"The ids of {name(dataset.roles.id or '')} repeat: rows are known by their content.": (
            dataset.roles.id is not None and dataset.pictures is None and not built.pilot.roles.id
        ),
        f"{count(held, 'row')} equal to a row of the coreset counted in its weight.": held > 0,
        "All rows that differ are in the coreset: nothing is approximated.": whole,
        "Serve rows take no part.": "serve" in dataset.parts,
        f"No size is set: {count(built.wanted.size)} of {count(every.rows, 'row')} by default, see the "
        "settings.": settings.auto and not whole,
        f"{count(no_picture, 'image')} that cannot be read {takes} no part.": no_picture > 0,
        f"Asked for {count(settings.size, 'row')}; only {count(drawn.row.size)} {differ}.": (
            settings.share == 0 and settings.memory == 0 and drawn.row.size < settings.size
        ),
        f"Weights are calibrated to the slope of the loss over all rows, in {int(drawn.totals.sum()):,} of "
        f"{drawn.totals.size:,} numbers: a logistic regression on them comes near to that on all rows.": (
            drawn.calibrated
        ),
        EXACT.get(kind, ""): kind in EXACT,
        TREES: kind == "trees" and bool(built.pilot.classes),
    }
    along = directions_note(dataset, settings.columns)
    return (*along, *(note for note, holds in told.items() if holds))


ANALYSIS = Analysis(
    "Coreset",
    "How few rows stand for all of them?",
    "clean/coreset",
    coreset,
    min_rows=4,
    icon="grain",
    alarms="",
)
