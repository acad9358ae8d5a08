"""Which columns are associated: every pair of columns on one scale, against its noise floor."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.analyses.association.absent_together import absent_together
from core.analyses.association.dependence import information_of_pairs, xi_of_pairs
from core.analyses.association.determined import determined
from core.analyses.association.few_rows import by_few_rows
from core.analyses.association.findings import vif_limit
from core.analyses.association.notes import (
    VIF_COLUMNS,
    XI,
    how_many,
    of_dependencies,
    of_images,
    which_columns,
)
from core.analyses.association.ready import ready
from core.analyses.association.relate import relate
from core.analyses.association.result import AssociationResult
from core.analyses.association.settings import AssociationSettings
from core.analysis import Analysis, Status
from core.dataset import Dataset
from core.numerics.correlation import collinearity, vif_noise
from core.prepare.images_judged import judged_by_label, judged_by_part
from core.prepare.levels import COMPARED
from core.prepare.sampling import sampled
from core.progress import Progress
from core.rowset import RowSet

NOTHING = Status("skipped", "No two columns vary enough to be compared.")
_CELLS = 50_000_000  # numbers held at once
_COUNTED = 10_000_000_000  # rows times pairs of contingency tables


def association(dataset: Dataset, settings: AssociationSettings, progress: Progress) -> AssociationResult:
    """Compare every pair of columns. See docs/methods/association.md for the measures and their sources."""
    barred = {dataset.roles.id, dataset.roles.weight}
    compared = settings.columns or tuple(
        c.name for c in dataset.columns if c.kind in COMPARED and c.name not in barred
    )
    rows = sampled(
        dataset, compared, _limit(dataset, compared, settings), settings.seed, progress.part(0.0, 0.1)
    )
    columns = ready(dataset, compared, rows, settings.levels, progress.part(0.1, 0.4))
    pairs, cross = relate(columns.numbers, columns.groups, settings.pairs, progress.part(0.4, 0.8))
    progress.at(0.8, "Comparing missing values")
    numbers = [compared[place] for place in columns.numbers.places]
    unmeasured = [at for at, name in enumerate(numbers) if name not in dataset.measured]
    own = unmeasured[:VIF_COLUMNS]
    numeric = tuple(numbers[at] for at in own)
    inflation = collinearity(cross[np.ix_(own, own)])
    used = dataset.rows if rows is None else int(rows.size)
    floor = vif_noise(used, len(numeric), 1 - 0.01 / max(1, len(numeric)))
    few = by_few_rows(
        columns.numbers.values[own], columns.numbers.known[own], inflation.vif, vif_limit(floor)
    )
    together = absent_together(dataset, progress.part(0.8, 0.82))
    coded = [name for name in compared if name not in dataset.measured and name != dataset.parting]
    depending = determined(dataset, coded, settings.seed, progress.part(0.82, 0.85))
    apart, left_out = _told_apart(dataset), tuple(name for name, _ in columns.left_out)
    return AssociationResult(
        settings=settings,
        names=compared,
        target=dataset.roles.target,
        rows_of_all=dataset.rows,
        used=used,
        pairs=pairs,
        numeric=numeric,
        vif=inflation.vif,
        vif_noise=floor,
        vif_without=few.vif,
        few_rows=RowSet(few.places if rows is None else rows[few.places]),
        condition=inflation.condition,
        together=together,
        xi=xi_of_pairs(dataset, compared, pairs, settings.seed, progress.part(0.85, 0.95))
        if settings.xi
        else np.zeros((2, 0)),
        information=information_of_pairs(columns, pairs, progress.part(0.95, 1.0))
        if settings.mutual_information
        else np.zeros((2, 0)),
        determined=depending,
        ticks=columns.ticks,
        gaps=columns.gaps,
        measured=tuple(name for name in compared if name in dataset.measured),
        told_apart=apart,
        left_out=left_out,
        notes=(
            *how_many(dataset.rows, used, pairs, len(unmeasured)),
            *of_dependencies(len(coded)),
            *of_images(dataset, [name for name in compared if name not in left_out], apart),
            *((XI,) if settings.xi else ()),
            *which_columns(dataset, columns, chosen=bool(settings.columns)),
        ),
        status=Status() if pairs.tested or together or depending else NOTHING,
    )


def _told_apart(dataset: Dataset) -> dict[str, tuple[str, ...]]:
    """The columns of which Issues says what is measured of images predicts them, the label and the part; each
    with the columns so measured that it says it of.
    """
    label, part = dataset.roles.target or "", dataset.parting or ""
    judged = {label: judged_by_label(dataset, label), part: judged_by_part(dataset)}
    return {name: ours for name, ours in judged.items() if name and ours}


def _limit(dataset: Dataset, names: Sequence[str], settings: AssociationSettings) -> int:
    """The number of rows that bounds both memory (rows x columns) and work (rows x contingency tables)."""
    numeric = sum(dataset[name].kind in ("numeric", "datetime") for name in names)
    levels = len(names) - numeric
    tables = max(1, levels * numeric + levels * (levels - 1) // 2)
    return max(1_000, min(settings.sample, _CELLS // max(1, len(names)), _COUNTED // tables))


ANALYSIS = Analysis(
    "Association",
    "Which columns are associated?",
    "explore/profile",
    association,
    tab="Relations",
    icon="hub",
    place=20,
)
