"""How much rows like each one matter, beside how likely its label is wrong: two numbers, never one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.analysis import NO_TARGET, Analysis, Result, Status
from core.coreset import BuildPlan, build
from core.coreset.parts import left_aside, tables_of
from core.coreset.sample import SampleSize
from core.dataset import Dataset
from core.prepare.directions import directions_note
from core.prepare.evidence import class_evidence
from core.prepare.sizes_of_classes import ALL, sizes_of_classes
from core.progress import Progress
from core.settings import Settings, columns, knob, text

if TYPE_CHECKING:
    import pandas as pd

QUADRANTS = ("ordinary, consistent", "rare, consistent", "ordinary, contradicted", "rare, contradicted")
WHAT = {
    QUADRANTS[3]: "Look here first: each may be an error or the only example of its kind.",
    QUADRANTS[2]: "Mostly wrong labels in a crowd: relabel.",
    QUADRANTS[1]: "Keep, and collect more like these.",
    QUADRANTS[0]: "Redundant: a few of them stand for the rest.",
}


@dataclass(frozen=True)
class ImportanceSettings(Settings):
    """Where the lines between the quadrants lie, and how many rows to look at."""

    rare: float = knob(2.0, "Importance of a rare row", "In multiples of the mean of all rows.", 0.1, 100.0)
    contradicted: float = knob(
        0.5, "Doubt of a contradicted row", "Probability that its label is another one.", 0.01, 0.99
    )
    size: int = knob(100, "Cleaning samples", "Rows to look at, the most doubted first.", 1, 100_000)
    each: str = text(
        "",
        "Samples of single classes",
        "CLASS=ROWS or CLASS=all, parted by semicolons, such as 3=all; 1=50: instead of the number above.",
    )
    columns: tuple[str, ...] = columns(
        "Columns",
        "What both are worked out from; vectors (embeddings) where there are some, or else all features, if "
        "none is chosen.",
        ("numeric", "category", "boolean", "datetime", "text"),
    )
    seed: int = knob(0, "Seed", "Of samples and folds.", 0, 2**31 - 1)


@dataclass(frozen=True, eq=False)
class ImportanceResult(Result):
    """Per row judged (n, ascending): ``row``; ``importance``, float64, 1 in the mean of all rows; ``doubt``,
    float32: the probability that its label is wrong; ``given``: the place of its label in ``classes``.
    ``unpredicted``: that doubts mean nothing, as the models do not predict the labels; "" where they do.
    """

    row: NDArray[np.int64]
    importance: NDArray[np.float64]
    doubt: NDArray[np.float32]
    given: NDArray[np.int32]
    classes: tuple[str, ...]
    unpredicted: str = ""

    @property
    def unchecked(self) -> str:
        """That doubts mean nothing, where that is so."""
        return self.unpredicted

    @property
    def quadrant(self) -> NDArray[np.int8]:
        """Per row the place of its quadrant in `QUADRANTS`, by the lines of the settings."""
        settings = self.settings
        assert isinstance(settings, ImportanceSettings)
        return self.by_lines(settings.rare, settings.contradicted)

    def by_lines(self, rare: float, contradicted: float) -> NDArray[np.int8]:
        """The same by these lines. Where doubts mean nothing no row is contradicted."""
        doubt = np.zeros_like(self.doubt) if self.unpredicted else self.doubt
        return quadrants(self.importance, doubt, rare, contradicted)

    @property
    def summary(self) -> dict[str, float | int | str]:
        """Rows judged, and those of each quadrant."""
        counts = np.bincount(self.quadrant, minlength=len(QUADRANTS))
        names = (name.replace(", ", "_") for name in QUADRANTS)
        return {"rows": int(self.row.size), **dict(zip(names, counts.tolist(), strict=True))}

    @property
    def samples(self) -> NDArray[np.int64]:
        """The rows to look at, the most doubted first; of single classes as many as was asked for."""
        settings = self.settings
        assert isinstance(settings, ImportanceSettings)
        order = np.lexsort((self.row, -self.importance, -self.doubt))
        wanted = sizes_of_classes(settings.each)
        if not wanted:
            return np.asarray(self.row[order[: settings.size]])
        kept = np.zeros(order.size, bool)
        for at, name in enumerate(self.classes):
            mine = np.flatnonzero(self.given[order] == at)
            if name in wanted:
                kept[mine if wanted[name] == ALL else mine[: int(wanted[name])]] = True
        return np.asarray(self.row[order[kept]])

    def frame(self) -> pd.DataFrame:
        """One line per class: rows in each quadrant."""
        import pandas as pd

        width = len(QUADRANTS)
        code = self.given.astype(np.int64) * width + self.quadrant
        counts = np.bincount(code, minlength=len(self.classes) * width).reshape(-1, width)
        table = pd.DataFrame(counts, columns=list(QUADRANTS))
        table.insert(0, "class", list(self.classes))
        return table

    def rows(self) -> pd.DataFrame | None:
        """``row,importance,doubt,quadrant`` of the rows judged."""
        import pandas as pd

        if self.status.state != "ok":
            return None
        quadrant = pd.Series(np.array(QUADRANTS, object)[self.quadrant], dtype="str")
        shown = {"row": self.row, "importance": self.importance, "doubt": self.doubt, "quadrant": quadrant}
        return pd.DataFrame(shown)


def quadrants(
    importance: NDArray[np.float64], doubt: NDArray[np.float32], rare: float, contradicted: float
) -> NDArray[np.int8]:
    """The place of each row's quadrant in `QUADRANTS`.

    >>> quadrants(np.array([1.0, 3.0, 1.0, 3.0]), np.float32([0.1, 0.1, 0.9, 0.9]), 2.0, 0.5).tolist()
    [0, 1, 2, 3]
    """
    return np.asarray((importance >= rare) + 2 * (doubt >= contradicted), dtype=np.int8)


def importance(dataset: Dataset, settings: ImportanceSettings, progress: Progress) -> ImportanceResult:
    """The length of each row in the Fisher metric of the coreset's pilot, whatever its label, beside the
    probability that its label is wrong, by models that did not see it; docs/methods/importance.md.
    """
    progress.at(0.0, "Looking at the rows")
    if dataset.roles.target is None:
        return _skipped(settings, NO_TARGET)
    if dataset[dataset.roles.target].kind == "datetime":
        return _skipped(settings, _of_classes("a date"))
    progress.check()
    plan = BuildPlan("auto", SampleSize(2), settings.columns, settings.seed, by_id=False)
    pilot = build(dataset, plan, progress.part(0.0, 0.2)).pilot
    if pilot.kind != "logistic":
        return _skipped(settings, _of_classes("a number"))
    target = dataset.roles.target
    evidence = class_evidence(
        dataset, target, settings.columns, settings.seed, progress=progress.part(0.2, 0.9)
    )
    progress.at(0.9, "Measuring importance")
    score = np.concatenate([pilot.rarity(table) for table in tables_of(dataset, pilot.read)] or [np.zeros(0)])
    out = left_aside(dataset, pilot.read)
    drawn = score if out is None else score[~out]
    doubt = 1.0 - evidence.probabilities[np.arange(evidence.rows.size), evidence.given]
    return ImportanceResult(
        settings=settings,
        notes=(*directions_note(dataset, settings.columns), *evidence.notes),
        row=evidence.rows,
        importance=score[evidence.rows] / max(float(np.sort(drawn).mean()), 1e-300),
        doubt=doubt.astype(np.float32),
        given=evidence.given,
        classes=evidence.classes,
        unpredicted=evidence.doubts_mean_nothing,
    )


def _of_classes(but: str) -> Status:
    return Status("skipped", f"It needs a target of classes, and this one is {but}.", wants_target=True)


def _skipped(settings: ImportanceSettings, status: Status) -> ImportanceResult:
    empty = np.zeros(0)
    ids, codes = empty.astype(np.int64), empty.astype(np.int32)
    return ImportanceResult(
        settings=settings,
        status=status,
        row=ids,
        importance=empty,
        doubt=empty.astype(np.float32),
        given=codes,
        classes=(),
    )


ANALYSIS = Analysis(
    "Importance and doubt",
    "Which rows matter, and which mislead?",
    "clean/coreset",
    importance,
    min_rows=20,
    icon="scatter_plot",
    place=110,
    needs="target",
    alarms="",
)
