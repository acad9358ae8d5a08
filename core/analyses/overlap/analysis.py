"""Train and serve compared in all columns together: told apart or not, covered or not, row by row; and
weights that make up for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.analyses.overlap.compare import Apart, Ask, placed, told_apart
from core.analyses.overlap.findings import SHARE_BANDS, Case, banded, findings, in_words, verdict
from core.analyses.overlap.measures import Measure, lines, lonely, worth
from core.analysis import Analysis, Result, Status
from core.dataset import Dataset
from core.finding import Finding
from core.numerics.multiple_tests import q_values
from core.numerics.weighting import effective_rows, importance_weights
from core.prepare.encoding import compared_by, encoded
from core.prepare.regions import regions
from core.prepare.support import Support, reference_rows
from core.prepare.train_serve import FEWEST, Parts, parts_of
from core.progress import Progress
from core.rowset import RowSet
from core.settings import Settings, columns, knob

if TYPE_CHECKING:
    import pandas as pd

DRAWN = ("numeric", "category", "boolean", "text", "datetime")


@dataclass(frozen=True)
class OverlapSettings(Settings):
    """What to compare, on how many rows, and when a row counts as unsupported."""

    columns: tuple[str, ...] = columns(
        "Columns", "Columns to compare; all that a model may use, without times, if none is chosen.", DRAWN
    )
    sample: int = knob(
        10_000,
        "Rows per part",
        "The tests use so many rows of each part; every row is placed, however many.",
        100,
        50_000,
    )
    level: float = knob(
        0.01,
        "Level",
        "A serve row is unsupported if fewer than this share of train rows lie as far out.",
        0.001,
        0.1,
    )
    neighbours: int = knob(
        10, "Neighbours", "The distance to this neighbour in train says how far out a row lies.", 1, 100
    )
    give_away: float = knob(
        0.95, "Gives away from", "AUC from which one column alone is said to give the parts away.", 0.7, 1.0
    )
    leave_out: bool = knob(
        True,
        "Leave those out",
        "Whether all other numbers are worked out without the columns that give the parts away.",
    )
    seed: int = knob(0, "Seed", "Of the samples, the models and the random deals.", 0, 2**31 - 1)


@dataclass(frozen=True, eq=False)
class OverlapResult(Result):
    """Per row of the data: ``serve`` (mask), ``support_p``, ``serve_probability``, ``weight`` (nan for serve
    rows), all float32, ``segment`` (int32, -1: none) and ``unsupported`` (mask: serve rows where train has
    hardly any, see `_unsupported`).

    ``measures``: the numbers, each with its null and baseline. ``names``, ``solo``, ``importance``: the
    columns compared, the AUC of each alone, and the AUC lost when it is shuffled. ``alone``: columns that
    give the parts away, not among ``names`` if left out.
    """

    serve: NDArray[np.bool_]
    support_p: NDArray[np.float32]
    serve_probability: NDArray[np.float32]
    weight: NDArray[np.float32]
    segment: NDArray[np.int32]
    unsupported: NDArray[np.bool_]
    measures: tuple[Measure, ...]
    names: tuple[str, ...]
    solo: NDArray[np.float64]
    importance: NDArray[np.float64]
    alone: tuple[str, ...]
    case: Case | None

    @property
    def verdict(self) -> str:
        """The answer in a sentence or two."""
        return verdict(self.case) if self.case else self.status.reason

    @property
    def summary(self) -> dict[str, float | int | str]:
        """The numbers that decide, rows of both parts, and the verdict in one word."""
        case = self.case
        if case is None:
            return {
                "train_rows": int((~self.serve).sum()),
                "serve_rows": int(self.serve.sum()),
                "verdict": "unknown",
            }
        value = {measure.measure: measure.value for measure in self.measures}
        return {
            "auc": round(value["auc"], 4),
            "auc_chance": round(case.reach, 4),
            "coverage_serve": round(value["coverage_serve"], 4),
            "coverage_train": round(value["coverage_train"], 4),
            "mixing": round(value["mixing"], 4),
            "unsupported_share": round(case.support.share, 5),
            "unsupported_chance": round(case.support.expected, 5),
            "unsupported_rows": int(self.unsupported.sum()),
            "effective_rows": round(case.effective),
            "train_rows": case.train,
            "serve_rows": case.serve,
            "gives_away": len(case.alone),
            "copies": len(case.copies),
            "verdict": case.word,
        }

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was found, worst first."""
        return findings(self.case) if self.case else ()

    def frame(self) -> pd.DataFrame:
        """``measure,value,low,high,null,chance,baseline,z,n,what``: one line per number."""
        import pandas as pd

        return pd.DataFrame(self.measures, columns=list(Measure._fields))

    def columns(self) -> pd.DataFrame:
        """``column,importance,solo_auc``: one line per column compared, the most telling first."""
        import pandas as pd

        made = {"column": list(self.names), "importance": self.importance, "solo_auc": self.solo}
        return pd.DataFrame(made).sort_values(
            ["importance", "solo_auc", "column"], ascending=[False, False, True], ignore_index=True
        )

    def rows(self) -> pd.DataFrame | None:
        """``row,part,support_p,serve_probability,weight,segment`` for all rows; None where there was nothing
        to compare.
        """
        import pandas as pd

        if self.case is None:
            return None
        made = {
            "row": np.arange(self.serve.size),
            "part": pd.Series(np.where(self.serve, "serve", "train"), dtype="str"),
            "support_p": self.support_p,
            "serve_probability": self.serve_probability,
            "weight": self.weight,
            "segment": self.segment,
        }
        return pd.DataFrame(made)


def overlap(dataset: Dataset, settings: OverlapSettings, progress: Progress) -> OverlapResult:
    """All columns together: can the parts be told apart, does each cover the other, is each row supported;
    docs/methods/overlap.md.
    """
    progress.at(0.0, "Reading both parts")
    names = compared_by(dataset, settings.columns)
    counts = (int(dataset.part_mask("train").sum()), int(dataset.part_mask("serve").sum()))
    if not counts[1]:
        return _nothing(
            dataset,
            settings,
            "this needs a train and a serve part: load serving data beside the data, or split the data by "
            "a column.",
        )
    if min(counts) < FEWEST:
        return _nothing(
            dataset,
            settings,
            f"each part needs at least {FEWEST} rows; train has {counts[0]:,}, serve has {counts[1]:,}.",
        )
    parts = parts_of(dataset, names, settings.seed, progress.part(0.0, 0.05))
    made = encoded(dataset, names, progress=progress.part(0.05, 0.1))
    if not made.names:
        return _nothing(
            dataset, settings, "none of the columns that can be compared varies; choose other columns."
        )
    ask = Ask(
        settings.sample,
        settings.level,
        settings.neighbours,
        settings.give_away,
        settings.leave_out,
        settings.seed,
    )
    apart = told_apart(made, parts, ask, progress.part(0.1, 0.6))
    segment = regions(dataset, settings.columns, settings.seed, progress=progress.part(0.6, 0.65)).region
    same = [name for name in names if name not in made.names]
    del made  # as large as the data: it goes before the next one is made
    support = placed(dataset, apart.names, parts, ask, progress.part(0.65, 1.0))
    return _result(_Steps(dataset, parts, ask, apart, support, segment), settings, same)


def _nothing(dataset: Dataset, settings: OverlapSettings, reason: str) -> OverlapResult:
    none, no = np.zeros(0), np.zeros(0, np.float32)
    rows = np.zeros(0, np.bool_)
    return OverlapResult(
        settings=settings,
        status=Status("skipped", reason),
        serve=dataset.part_mask("serve"),
        support_p=no,
        serve_probability=no,
        weight=no,
        segment=np.zeros(0, np.int32),
        unsupported=rows,
        measures=(),
        names=(),
        solo=none,
        importance=none,
        alone=(),
        case=None,
    )


class _Steps(NamedTuple):
    dataset: Dataset
    parts: Parts
    ask: Ask
    apart: Apart
    support: Support
    segment: NDArray[np.int32]


def _result(made: _Steps, settings: OverlapSettings, same: list[str]) -> OverlapResult:
    parts, apart, support = made.parts, made.apart, made.support
    weights = importance_weights(apart.odds[parts.train])
    weight = np.full(made.dataset.rows, np.nan)
    weight[parts.train] = weights
    unsupported = _unsupported(made)
    case = _case(made, unsupported, effective_rows(weights, apart.odds[parts.train]))
    measures = [*lines(apart.main, apart.base), lonely(support), worth(case.effective, parts.train.size)]
    if apart.whole is not None:
        measures += lines(apart.whole, None, in_words([name for name, _ in apart.alone]))
    shift = np.log(parts.serve.size / parts.train.size)  # the odds are those of parts of equal size
    return OverlapResult(
        settings=settings,
        notes=_said(made, same),
        serve=made.dataset.part_mask("serve"),
        support_p=support.p.astype(np.float32),
        serve_probability=(1.0 / (1.0 + np.exp(-np.clip(apart.odds + shift, -80.0, 80.0)))).astype(
            np.float32
        ),
        weight=weight.astype(np.float32),
        segment=made.segment,
        unsupported=unsupported,
        measures=tuple(measures),
        names=apart.names,
        solo=np.array([area.value for area in apart.main.domain.solo]),
        importance=apart.main.domain.importance,
        alone=tuple(name for name, _ in apart.alone),
        case=case,
    )


def _unsupported(made: _Steps) -> NDArray[np.bool_]:
    """Serve rows at the level where so many are there that it is worth a finding: most of them are not
    chance, and how many are is said. Elsewhere those few, if any, that survive Benjamini-Hochberg at the
    level."""
    rows, p, level, told = made.parts.serve, made.support.p, made.ask.level, made.support.serve
    found = np.zeros(made.dataset.rows, bool)
    many = banded(told.excess, SHARE_BANDS, told.p) in ("moderate", "severe")
    found[rows] = p[rows] <= level if many else _surest(made)
    return found


def _surest(made: _Steps) -> NDArray[np.bool_]:
    """Per serve row of the parts, whether it survives Benjamini-Hochberg at the level."""
    return np.asarray(q_values(made.support.p[made.parts.serve]) <= made.ask.level)


def _case(made: _Steps, unsupported: NDArray[np.bool_], effective: float) -> Case:
    parts, apart, support = made.parts, made.apart, made.support
    return Case(
        apart=apart.main.domain,
        support=support.serve,
        unsupported=RowSet.from_mask(unsupported),
        surest=int(_surest(made).sum()),
        effective=effective,
        train=parts.train.size,
        serve=parts.serve.size,
        level=made.ask.level,
        alone=apart.alone,
        left_out=apart.whole is not None,
        copies=RowSet(parts.copies if parts.copied else ()),
        repeated=parts.repeated,
        copy_limit=parts.limit,
        names=() if made.dataset.vectors_name in apart.names else apart.names,
    )


def _said(made: _Steps, same: list[str]) -> tuple[str, ...]:
    rows, parts = made.apart.main.rows, made.parts
    reference = reference_rows(parts, made.dataset.rows, len(made.apart.names))
    fewer = rows < min(parts.train.size, parts.serve.size)
    few = made.support.calibration + 1 < 1.0 / made.ask.level
    notes = [
        f"The parts are told apart on {rows:,} random rows of each." if fewer else "",
        (f"Support is judged by the distance to {reference:,} of the {parts.train.size:,} train rows.")
        if fewer
        else "",
        "There are too few train rows to call a single serve row unsupported at this level." if few else "",
        f"Left out, as they do not vary: {in_words(same, 8)}." if same else "",
        "Left out, as each alone tells the parts apart: "
        f"{in_words([name for name, _ in made.apart.alone], 8)}."
        if made.apart.whole
        else "",
    ]
    return tuple(filter(None, notes))


ANALYSIS = Analysis("Overlap", "Do serving rows lie where the training rows lie?", "explore/overlap", overlap)
