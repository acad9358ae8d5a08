"""How unequal the classes of the target are, what so many rows of each allow, and what a model that knows
nothing scores. For a target of numbers: which of its values are rare.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.analyses.imbalance import findings as say
from core.analyses.imbalance.measures import (
    Counts,
    auroc_half_width,
    effective_classes,
    effective_samples,
    normalised_entropy,
    ratio_span,
)
from core.analyses.imbalance.mixes import Mix, mixes
from core.analyses.imbalance.regions import Region, bins_of, rare_regions
from core.analyses.imbalance.spellings import as_one, spelled
from core.analysis import NO_TARGET, Analysis, Found
from core.dataset import Dataset
from core.finding import Finding, ranked
from core.numerics.binning import wilson
from core.numerics.rowhash import keyed
from core.phrases import count, name, verb
from core.prepare.class_folds import class_folds, row_groups
from core.prepare.classes import Classes, classes_of
from core.prepare.constant_target import OTHERS, constant_target
from core.prepare.features import floats
from core.prepare.hashes import row_hashes
from core.progress import Progress
from core.rowset import RowSet
from core.settings import Settings, column, knob

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class ImbalanceSettings(Settings):
    """Of what the balance is looked at."""

    target: str = column(
        "Target", "The column to predict.", ("category", "boolean", "numeric"), role="target"
    )
    by: str = column(
        "By",
        "A column by whose levels the class shares are given too; the group by default.",
        ("category", "boolean", "identifier", "numeric"),
        role="group",
    )
    folds: int = knob(5, "Folds", "Folds of the cross-validation that events are counted for.", 2, 20)
    seed: int = knob(0, "Seed", "Seed of the folds.", 0, 2**31 - 1)


@dataclass(frozen=True, eq=False)
class ImbalanceResult(Found):
    """How unequal the classes are.

    target: its name; "" without one. names: of the classes, the most frequent in train first; () for numbers.
    train, serve: rows per class. per_fold: rows of train per class and fold. unknown: train rows without a
    known target. mixes: the classes by part, group and time.
    spellings: class that is another way to write a word -> the word. alike: rows of train of the classes that
    it has, with these counted as the word.
    edges, counts: of a target of numbers. regions: where it has few rows.
    """

    target: str = ""
    names: tuple[str, ...] = ()
    train: Counts = field(default_factory=lambda: np.zeros(0, np.int64))
    serve: Counts = field(default_factory=lambda: np.zeros(0, np.int64))
    per_fold: Counts = field(default_factory=lambda: np.zeros((0, 0), np.int64))
    unknown: int = 0
    mixes: tuple[Mix, ...] = ()
    edges: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    counts: Counts = field(default_factory=lambda: np.zeros(0, np.int64))
    regions: tuple[Region, ...] = ()
    spellings: Mapping[str, str] = field(default_factory=dict)
    alike: Counts = field(default_factory=lambda: np.zeros(0, np.int64))

    @property
    def present(self) -> Counts:
        """Rows of train of the classes that it has."""
        return self.train[self.train > 0]

    @property
    def unchecked(self) -> str:
        """That there is nothing to balance, where the target does not vary."""
        if self.status.state != "ok" or self.present.size > 1 or self.counts.size:
            return ""
        return (
            f"There is nothing to balance: {name(self.target)} has fewer than two values in train. {OTHERS}"
        )

    @property
    def wants_target(self) -> bool:
        """Whether another target would mend what could not be done."""
        return bool(super().wants_target or self.unchecked)

    @property
    def summary(self) -> dict[str, float | int | str]:
        """Classes, rows, ratio, evenness, the rarest class and what a model that knows nothing scores."""
        if not self.names:
            rare = sum(one.rows for one in self.regions)
            return {
                "target": self.target,
                "kind": "number" if self.counts.size else "",
                "rows": int(self.counts.sum()),
                "rare_rows": rare,
                "normalised_entropy": _rounded(normalised_entropy(self.counts)),
            }
        rows, present = int(self.train.sum()), self.present
        least = int(present.min()) if present.size else 0
        return {
            "target": self.target,
            "kind": "class",
            "rows": rows,
            "classes": int(present.size),
            "rarest_class": self.names[present.size - 1] if present.size else "",
            "rarest_rows": least,
            "rarest_share": _rounded(least / max(1, rows)),
            "ratio": _rounded(int(present.max()) / least) if least else 0.0,
            "normalised_entropy": _rounded(normalised_entropy(present)),
            "effective_classes": _rounded(effective_classes(present)),
            "fewest_per_fold": int(self.per_fold[self.train > 0].min()) if present.size else 0,
            "baseline_accuracy": _rounded(int(present.max()) / rows) if rows else 0.0,
            "baseline_average_precision": _rounded(least / max(1, rows)),
        }

    def frame(self) -> pd.DataFrame:
        """Classes: ``class, train, serve, share, low, high, effective, fold_min, fold_max, auroc_half_width,
        ratio_low, ratio_high``. Numbers: ``low, high, rows, share``, one line per bin.
        """
        import pandas as pd

        if not self.names:
            shares = self.counts / max(1, int(self.counts.sum()))
            ends = (self.edges[:-1], self.edges[1:])
            return pd.DataFrame(dict(zip(("low", "high"), ends, strict=True))).assign(
                rows=self.counts, share=shares
            )
        total = max(1, int(self.train.sum()))
        low, high = wilson(self.train.astype(np.float64), np.full(self.train.size, float(total)))
        spans = [ratio_span(int(n)) if n else (np.nan, np.nan) for n in self.train]
        two = self.present.size == 2  # then one AUROC is that of both, with the rarer one as its events
        events = np.where(self.train > 0, self.present.min(), 0) if two else self.train
        return pd.DataFrame(
            {
                "class": self.names,
                "train": self.train,
                "serve": self.serve,
                "share": self.train / total,
                "low": low,
                "high": high,
                "effective": effective_samples(self.train),
                "fold_min": self.per_fold.min(axis=1),
                "fold_max": self.per_fold.max(axis=1),
                "auroc_half_width": [auroc_half_width(int(n), total - int(n)) for n in events],
                "ratio_low": [one for one, _ in spans],
                "ratio_high": [one for _, one in spans],
            }
        )

    def tables(self) -> dict[str, pd.DataFrame]:
        """``class_mixes``: the classes by part, group and time: ``by, level, class, rows, share``."""
        import pandas as pd

        if not self.mixes:
            return {}
        every = [mix.frame(self.names) for mix in self.mixes]
        return {"class_mixes": pd.concat(every, ignore_index=True)}


def _rounded(value: float) -> float:
    return round(value, 6) if np.isfinite(value) else 0.0


def imbalance(dataset: Dataset, settings: ImbalanceSettings, progress: Progress) -> ImbalanceResult:
    """Count the classes, or find the rare regions of a number. See docs/methods/imbalance.md."""
    progress.at(0.0, "Reading the target")
    target = settings.target or dataset.roles.target or ""
    if not target:
        return ImbalanceResult(settings=settings, status=NO_TARGET)
    classes = classes_of(dataset, target)
    constant = constant_target(dataset, target)
    known = [constant] if constant is not None else []
    if classes is None:
        return _of_number(dataset, target, settings, known)
    return _of_classes(dataset, target, classes, settings, known, progress)


def _of_number(
    dataset: Dataset, target: str, settings: ImbalanceSettings, known: list[Finding]
) -> ImbalanceResult:
    train = dataset.part_mask("train")
    every = floats(dataset.table([target]).column(0))
    values = every[train]
    finite = values[np.isfinite(values)]
    edges, counts = bins_of(finite)
    regions = tuple(rare_regions(edges, counts))
    found = [*known, *say.rare_region(target, regions, np.where(train, every, np.nan))]
    return ImbalanceResult(
        settings=settings,
        target=target,
        unknown=int(values.size - finite.size),
        edges=edges,
        counts=counts,
        regions=regions,
        found=ranked(found),
        notes=_gaps(target, int(values.size - finite.size), dataset.split is not None),
    )


def _of_classes(
    dataset: Dataset,
    target: str,
    classes: Classes,
    settings: ImbalanceSettings,
    known: list[Finding],
    progress: Progress,
) -> ImbalanceResult:
    counts = _counted(dataset, target, classes, settings, progress.part(0.0, 0.5))
    unknown = int((dataset.part_mask("train") & (classes.codes < 0)).sum())
    spellings = spelled(dataset, target, classes.names, counts.train + counts.serve)
    alike = counts
    if spellings:  # each is no class of its own: what so few rows allow is said of the word
        one_each = as_one(classes, spellings, dataset.part_mask("train"))
        alike = _counted(dataset, target, one_each, settings, progress.part(0.5, 1.0))
    found = [*known, *say.of_spellings(target, spellings, classes), *say.of_classes(alike)]
    return ImbalanceResult(
        settings=settings,
        target=target,
        names=classes.names,
        train=counts.train,
        serve=counts.serve,
        per_fold=counts.per_fold,
        unknown=unknown,
        mixes=mixes(dataset, classes, settings.by),
        spellings=spellings,
        alike=alike.train[alike.train > 0],
        found=ranked(found),
        notes=(*_numbered(target, classes), *_gaps(target, unknown, dataset.split is not None)),
    )


def _counted(
    dataset: Dataset, target: str, classes: Classes, settings: ImbalanceSettings, progress: Progress
) -> say.Classed:
    train, k = dataset.part_mask("train"), len(classes.names)
    labelled = classes.codes >= 0
    rows = np.flatnonzero(train & labelled)
    per_part = [np.bincount(classes.codes[labelled & part], minlength=k) for part in (train, ~train)]
    per_fold, different = _per_fold(dataset, target, classes, rows, settings, progress)
    return say.Classed(
        target=target,
        names=classes.names,
        train=per_part[0],
        serve=per_part[1],
        per_fold=per_fold,
        different=different,
        labelled=int(labelled[train].sum()) == int(train.sum()),
        unseen=RowSet.from_mask(~train & labelled & np.isin(classes.codes, np.flatnonzero(per_part[0] == 0))),
    )


def _per_fold(
    dataset: Dataset,
    target: str,
    classes: Classes,
    rows: NDArray[np.int64],
    settings: ImbalanceSettings,
    progress: Progress,
) -> tuple[Counts, Counts]:
    """Rows of each class in each fold, k x folds, with equal rows and groups in one fold; and the number of
    different ones (groups of such rows) per class.
    """
    features = [one for one in dataset.features if one != target]
    hashes = row_hashes(dataset, features, progress) if features else np.arange(dataset.rows, dtype=np.uint64)
    groups, codes, k = row_groups(dataset, hashes, rows), classes.codes[rows], len(classes.names)
    fold = class_folds(keyed(groups, settings.seed), codes, settings.folds)
    per_fold = np.bincount(codes * settings.folds + fold, minlength=k * settings.folds)
    pairs = np.unique(np.stack([codes.astype(np.uint64), groups]), axis=1)[0].astype(np.int64)
    return per_fold.reshape(k, settings.folds), np.bincount(pairs, minlength=k)


def _numbered(target: str, classes: Classes) -> tuple[str, ...]:
    if not classes.numbers:
        return ()
    return (f"{name(target)} holds {len(classes.names)} whole numbers; each is taken as a class.",)


def _gaps(target: str, unknown: int, parts: bool) -> tuple[str, ...]:
    if not unknown:
        return ()
    without = f"{name(target)} is not known in {count(unknown, 'train row' if parts else 'row')}"
    return (f"{without}, which {verb(unknown, 'is', 'are')} not counted.",)


ANALYSIS = Analysis(
    "Class balance",
    "Which classes or values are rare?",
    "explore/balance",
    imbalance,
    icon="bar_chart",
    place=10,
    needs="target",
)
