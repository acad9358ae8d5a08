"""All rows on one map: parts, islands and outposts for the eye, with numbers that say how far to trust it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.analyses.projection.checks import Checks, checked
from core.analyses.projection.landmarks import placed
from core.analyses.projection.places import MapRows, asked, bent, laid_out
from core.analyses.projection.quality import COMPARED, JUDGED, MapMeasure, judged
from core.analyses.projection.ready import ReadyRows, neighbourhood, ready_rows
from core.analyses.projection.settings import ProjectionSettings
from core.analyses.projection.worker import warm
from core.analysis import Analysis, Result, Status
from core.dataset import Dataset
from core.finding import Finding
from core.numerics.spreading import spread
from core.phrases import names
from core.prepare.lacked import parts_lacking, reasons
from core.progress import Progress

if TYPE_CHECKING:
    import pandas as pd

DIFFERS = 0.05  # mixing on the map against mixing in the space
READING = "Sizes of islands and distances between them mean little; which rows are neighbours means more."

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class ProjectionResult(Result):
    """The map.

    names: the columns compared.
    separating: columns left out, as each separates train from serve on its own, or only one of them has it.
    x, y: float32, one place per row; nan for one that is on no map, as its picture cannot be read.
    plain_x, plain_y: the same by PCA.
    serve: which rows are of the serve part.
    landmark: rows that were laid out; the others were placed between them.
    hollow: rows farther from all landmarks than 99% of train's landmarks are from another; see
        `landmarks.hollow`.
    mixing: how the parts mix around each row in the original space: 1 is no difference, 0 apart; nan with one
    part.
    quality: what the map keeps.
    mixing_noise: standard deviation of mixing on the map under permutation.
    scales: of the small maps; ``swept``: their rows; ``sweep``: places, maps x rows x 2.
    twin: places of the noise twin of the landmarks, or none.
    scope: what was laid out, judged and left out, in sentences; part of the notes.
    """

    settings: ProjectionSettings
    names: tuple[str, ...]
    x: Floats
    y: Floats
    plain_x: Floats
    plain_y: Floats
    serve: Mask
    landmark: Mask
    hollow: Mask
    mixing: Floats
    quality: tuple[MapMeasure, ...]
    mixing_noise: float
    scales: tuple[float, ...]
    swept: NDArray[np.int64]
    sweep: Floats
    twin: Floats
    scope: tuple[str, ...] = ()
    separating: tuple[str, ...] = ()

    @property
    def summary(self) -> dict[str, float | int | str]:
        """Method, rows, and the measures of quality."""
        counts = {
            "rows": self.placed,
            "landmarks": int(self.landmark.sum()),
            "hollow": int(self.hollow.sum()),
        }
        return {
            "method": self.settings.method,
            **counts,
            **{one.measure: round(one.value, 4) for one in self.quality},
        }

    @property
    def placed(self) -> int:
        """How many rows have a place."""
        return int(np.isfinite(self.x).sum())

    def measured(self, measure: str) -> MapMeasure | None:
        """One measure of quality, or None where it was not taken."""
        return next((one for one in self.quality if one.measure == measure), None)

    def frame(self) -> pd.DataFrame:
        """The measures of quality: ``measure, value, baseline, what``."""
        import pandas as pd

        return pd.DataFrame(list(self.quality), columns=["measure", "value", "baseline", "what"])

    def rows(self) -> pd.DataFrame | None:
        """``row, part, x, y, landmark, hollow, mixing``."""
        import pandas as pd

        if not self.x.size:
            return None
        part = np.where(self.serve, "serve", "train")
        places = {"row": np.arange(self.x.size), "part": part, "x": self.x, "y": self.y}
        flags = {"landmark": self.landmark, "hollow": self.hollow}
        return pd.DataFrame({**places, **flags, "mixing": self.mixing})

    def spread(self, dataset: Dataset, there: Mask) -> ProjectionResult:
        """The same for all rows of ``dataset``: those that are not of the mask have no place."""
        if not self.x.size:
            return self
        places = ("x", "y", "plain_x", "plain_y", "mixing")
        values: dict[str, Any] = {name: spread(getattr(self, name), there) for name in places}
        values |= {name: spread(getattr(self, name), there, False) for name in ("landmark", "hollow")}
        swept = np.flatnonzero(there)[self.swept]
        return replace(self, **values, serve=dataset.part_mask("serve"), swept=swept)

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """A note where the map shows the parts more or less apart than they are."""
        flat, space = self.measured("mixing_on_map"), self.measured("mixing_in_space")
        if flat is None or space is None or self.settings.method == "pca":
            return ()
        gap, limit = flat.value - space.value, max(DIFFERS, 4 * self.mixing_noise)
        if not abs(gap) > limit:
            return ()
        hides = gap > 0
        return (
            Finding(
                code="map_hides_separation" if hides else "map_invents_separation",
                title=f"The map {'hides' if hides else 'invents'} separation: mixing of train and serve is "
                f"{flat.value:.2f} on it and {space.value:.2f} in the original space",
                severity="info",
                score=min(1.0, abs(gap)),
                why="Two dimensions cannot keep all of many columns. Mixing: 1 is no difference, 0 is apart.",
                suggestion="Trust the numbers of Overlap, not the islands; or try another method or scale.",
                value=abs(gap),
                measure="difference of mixing on the map and in the original space",
                limit=limit,
                noise=2 * self.mixing_noise,
                n=min(JUDGED, self.placed),
            ),
        )


def projection(dataset: Dataset, settings: ProjectionSettings, progress: Progress) -> ProjectionResult:
    """Lay out all rows, blind to their part. See docs/methods/projection.md for the methods and what they
    keep.
    """
    if settings.method != "pca":
        warm(settings.method)  # while the columns are prepared and the neighbours looked for
    ready = ready_rows(dataset, settings, progress.part(0.0, 0.45))
    if ready is None:
        return _nothing(settings, dataset.part_mask("serve"))
    rows = ready.rows
    space, second, own = rows.space, rows.second, rows.space[rows.landmarks.rows]
    with ThreadPoolExecutor(1, thread_name_prefix="winnow-beside") as while_laid:
        standard = while_laid.submit(neighbourhood, dataset, settings, ready)
        flat = ready.plain
        if bent(space, settings):
            near = ready.near.first(asked(settings))
            layout = laid_out(own, near, settings, settings.seed, progress.part(0.45, 0.7))
            flat = placed(rows.landmarks, layout)
    quality, noise = judged(space, flat, standard.result(), second, settings.seed, progress.part(0.7, 0.8))
    checks = checked(dataset, rows, flat, settings, progress.part(0.8, 1.0))
    return _result(dataset, settings, ready, _Map(flat, quality, noise, checks))


class _Map(NamedTuple):
    """The map (n x 2), in an order of its own, and what is known of it."""

    flat: Floats
    quality: tuple[MapMeasure, ...]
    noise: float
    checks: Checks


def _result(
    dataset: Dataset, settings: ProjectionSettings, ready: ReadyRows, drawn: _Map
) -> ProjectionResult:
    """In the order of the data."""
    rows, checks = ready.rows, drawn.checks
    back = rows.in_order_of_data
    landmark = np.zeros(len(rows.space), bool)
    landmark[rows.landmarks.rows] = True
    scope = _scope(dataset, rows, settings, ready.separating)
    reading = () if settings.method == "pca" else (READING,)
    return ProjectionResult(
        settings=settings,
        names=rows.names,
        x=back(drawn.flat[:, 0]),
        y=back(drawn.flat[:, 1]),
        plain_x=back(ready.plain[:, 0]),
        plain_y=back(ready.plain[:, 1]),
        serve=back(rows.second),
        landmark=back(landmark),
        hollow=back(ready.hollow),
        mixing=back(ready.mixing),
        quality=(*drawn.quality, *checks.measures),
        mixing_noise=drawn.noise,
        scales=checks.scales,
        swept=rows.order[checks.swept],
        sweep=checks.sweep,
        twin=checks.twin,
        notes=(*reading, *scope),
        scope=scope,
        separating=ready.separating,
    )


def _nothing(settings: ProjectionSettings, serve: Mask) -> ProjectionResult:
    none, rows = np.zeros(0, np.float32), np.zeros(0, np.int64)
    why = Status(
        "skipped", "no column that can be compared varies; choose columns in the settings, or other data"
    )
    flags = np.zeros(0, bool)
    return ProjectionResult(
        settings=settings,
        status=why,
        names=(),
        x=none,
        y=none,
        plain_x=none,
        plain_y=none,
        serve=serve[:0],
        landmark=flags,
        hollow=flags,
        mixing=none,
        quality=(),
        mixing_noise=0.0,
        scales=(),
        swept=rows,
        sweep=none.reshape(0, 0, 2),
        twin=none.reshape(0, 2),
    )


def _scope(
    dataset: Dataset, rows: MapRows, settings: ProjectionSettings, separating: tuple[str, ...]
) -> tuple[str, ...]:
    """What was laid out, judged and left out."""
    sentences, marks = [], rows.landmarks
    if marks.rows.size < dataset.rows and settings.method != "pca":
        sentences.append(
            f"Laid out: {marks.rows.size:,} of {dataset.rows:,} rows, drawn by content; each other row "
            "lies among its five nearest."
        )
    if dataset.rows > JUDGED:
        sentences.append(f"Neighbours were judged on {JUDGED:,} rows, distances on {COMPARED:,}.")
    sentences += [f"Left out, as {why}: {names(some, 6)}." for some, why in reasons(dataset, separating)]
    if set(separating) - parts_lacking(dataset, separating).keys():
        sentences.append(
            "The map looks for columns that separate the parts among numbers, categories and booleans; the "
            "verdict looks at texts, too, and may leave out other columns."
        )
    left_out = [name for name in rows.left_out if name not in separating]
    if dataset.vectors is not None and rows.names == (dataset.vectors_name,):
        sentences.append("Compared by their vectors; no column is used.")
    elif left_out:
        sentences.append(f"Not used: {names(left_out, 6)}.")
    return tuple(sentences)


ANALYSIS = Analysis(
    "Map",
    "Where do the rows lie, and do train and serve lie in the same places?",
    "explore/overlap",
    projection,
    compares="columns",
    apart=True,
    alarms="",
)
