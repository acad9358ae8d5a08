"""All rows on one map: parts, islands and outposts for the eye, with numbers that say how far to trust it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.analyses.projection import faithful, layout
from core.analyses.projection.landmarks import Landmarks, chosen, hollow, landmarks, mixing, placed
from core.analyses.projection.principal import principal
from core.analyses.projection.quality import COMPARED, JUDGED, NEAR, MapMeasure, beside, judged
from core.analyses.projection.worker import WORKER, warm
from core.analysis import Analysis, Result, Status
from core.dataset import Dataset
from core.finding import Finding
from core.numerics.neighbours import neighbours
from core.numerics.rowhash import row_keys
from core.phrases import names
from core.prepare.encoding import Encoded, encoded
from core.prepare.hashes import row_hashes
from core.progress import Progress
from core.settings import Settings, choice, columns, knob

if TYPE_CHECKING:
    import pandas as pd

METHODS = ("umap", "tsne", "pca")
DIRECTIONS = 50  # of the space that neighbours are looked for in
SWEPT = 2_000  # rows of each small map
SWEEP = {"umap": (5, 15, 50), "tsne": (5, 30, 100)}
DIFFERS = 0.05  # mixing on the map against mixing in the space
_FEWEST = 10  # rows below which a map is a plain projection
READING = "Sizes of islands and distances between them mean little; which rows are neighbours means more."

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]
Near = tuple[NDArray[np.int32], Floats]


@dataclass(frozen=True)
class ProjectionSettings(Settings):
    """How the map is made."""

    method: str = choice(
        "umap",
        "Method",
        "UMAP and t-SNE show islands; PCA shows the two directions of largest spread.",
        METHODS,
    )
    neighbours: int = knob(
        15,
        "Neighbours",
        "UMAP: neighbours of each row that stay together. More show large structure, fewer small.",
        2,
        200,
    )
    min_dist: float = knob(0.1, "Least distance", "UMAP: how tightly rows may be packed.", 0.0, 0.99)
    perplexity: float = knob(30.0, "Perplexity", "t-SNE: effective number of neighbours of each row.", 2, 200)
    landmarks: int = knob(
        10_000,
        "Landmarks",
        "Rows that are laid out; beyond this number the others are placed between their nearest landmarks.",
        500,
        50_000,
    )
    sweep: bool = knob(
        False, "Other scales", "Also small maps of 2,000 rows with fewer and with more neighbours."
    )
    stability: bool = knob(
        False,
        "Another seed",
        "Also a second map with another seed, and how many neighbours both share. Takes as long again.",
    )
    twin: bool = knob(
        False,
        "Noise twin",
        "Also a map of the same columns, each permuted by itself: its islands mean nothing.",
    )
    columns: tuple[str, ...] = columns(
        "Columns",
        "Columns to compare rows by; none chosen means all that a model may use, without dates.",
        ("numeric", "category", "boolean", "text", "datetime"),
    )
    seed: int = knob(0, "Seed", "The same seed gives the same map on one machine.", 0, 2**31 - 1)


@dataclass(frozen=True, eq=False)
class ProjectionResult(Result):
    """The map.

    names: the columns compared.
    x, y: float32, one place per row.
    plain_x, plain_y: the same by PCA.
    serve: which rows are of the serve part.
    landmark: rows that were laid out; the others were placed between them.
    hollow: rows farther from all landmarks than 99% of train's landmarks are from another.
    mixing: how the parts mix around each row in all columns: 1 is no difference, 0 apart; nan with one part.
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

    @property
    def summary(self) -> dict[str, float | int | str]:
        """Method, rows, and the measures of quality."""
        counts = {
            "rows": int(self.x.size),
            "landmarks": int(self.landmark.sum()),
            "hollow": int(self.hollow.sum()),
        }
        return {
            "method": self.settings.method,
            **counts,
            **{one.measure: round(one.value, 4) for one in self.quality},
        }

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

    @property
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
                f"{flat.value:.2f} on it and {space.value:.2f} in all columns",
                severity="info",
                score=min(1.0, abs(gap)),
                why="Two dimensions cannot keep all of many columns. Mixing: 1 is no difference, 0 is apart.",
                suggestion="Trust the numbers of Overlap, not the islands; or try another method or scale.",
                value=abs(gap),
                measure="difference of mixing on the map and in all columns",
                limit=limit,
                noise=2 * self.mixing_noise,
                n=min(JUDGED, int(self.x.size)),
            ),
        )


def projection(dataset: Dataset, settings: ProjectionSettings, progress: Progress) -> ProjectionResult:
    """Lay out all rows, blind to their part. See docs/methods/projection.md for the methods and what they
    keep.
    """
    rows = encoded(dataset, settings.columns or None, "all", progress.part(0.0, 0.1))
    serve = dataset.part_mask("serve")
    if not rows.names:
        return _nothing(settings, serve)
    if settings.method == "umap":
        warm()  # while the neighbours are looked for
    # random, and fixed by content
    order = np.argsort(row_keys(row_hashes(dataset, rows.names), settings.seed), kind="stable")
    space = principal(rows.matrix, order, DIRECTIONS, progress.part(0.1, 0.15))
    back = np.empty_like(order)
    back[order] = np.arange(order.size)
    second = serve[order]
    found = landmarks(space, second, settings.landmarks, progress.part(0.15, 0.4))
    plain = _flat(space)
    near = _neighbours(space[found.rows], settings, progress.part(0.4, 0.45), least=NEAR)
    far = hollow(found, near[1][:, 0] if near[1].size else np.zeros(found.rows.size, np.float32), second)
    mixed = mixing(found, near[0][:, :NEAR], second)
    with ThreadPoolExecutor(1, thread_name_prefix="winnow-beside") as while_laid:
        held = while_laid.submit(beside, space, plain, second)
        flat = plain
        if settings.method != "pca" and len(space) >= _FEWEST:
            near = near[0][:, : _asked(settings)], near[1][:, : _asked(settings)]
            flat = placed(
                found, _laid(space[found.rows], near, settings, settings.seed, progress.part(0.45, 0.7))
            )
    quality, noise = judged(space, flat, held.result(), second, settings.seed, progress.part(0.7, 0.8))
    more, twin = _doubted(rows, order, space, flat, found, settings, progress.part(0.8, 0.92))
    swept, sweep = _swept(space, second, settings, progress.part(0.92, 1.0))
    landmark = np.zeros(len(space), bool)
    landmark[found.rows] = True
    scope = _scope(dataset, rows, found, settings)
    return ProjectionResult(
        settings=settings,
        names=rows.names,
        x=flat[back, 0],
        y=flat[back, 1],
        plain_x=plain[back, 0],
        plain_y=plain[back, 1],
        serve=serve,
        landmark=landmark[back],
        hollow=far[back],
        mixing=mixed[back],
        quality=(*quality, *more),
        mixing_noise=noise,
        scales=tuple(map(float, SWEEP.get(settings.method, ()))) if len(sweep) else (),
        swept=order[swept],
        sweep=sweep,
        twin=twin,
        notes=(*(() if settings.method == "pca" else (READING,)), *scope),
        scope=scope,
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


def _flat(space: Floats) -> Floats:
    """The first two directions; a second one of nothing where there is one only."""
    return (
        np.ascontiguousarray(space[:, :2]) if space.shape[1] > 1 else np.hstack([space, np.zeros_like(space)])
    )


def _asked(settings: ProjectionSettings, scale: float | None = None) -> int:
    """As many neighbours as the method asks for; t-SNE takes three times its perplexity."""
    return round(
        {"umap": scale or settings.neighbours, "tsne": 3 * (scale or settings.perplexity), "pca": 1}[
            settings.method
        ]
    )


def _neighbours(
    space: Floats,
    settings: ProjectionSettings,
    progress: Progress,
    scale: float | None = None,
    least: int = 0,
) -> Near:
    """Index and distance of as many nearest others as the method asks for, or ``least``."""
    found = neighbours(space, max(least, _asked(settings, scale)), len(space), progress)
    return found.index, found.distance


def _laid(space: Floats, near: Near, settings: ProjectionSettings, seed: int, progress: Progress) -> Floats:
    """The places of rows by UMAP or t-SNE, begun at their plain projection with a breath of noise; in the
    resident child.
    """
    start = _flat(space)
    start = start / max(float(np.abs(start).max(initial=0.0)), 1e-12)
    start = (start + np.random.default_rng(seed).normal(0, 1e-4, start.shape)).astype(np.float32)
    progress.at(0.0, "Starting the worker")
    if settings.method == "umap":
        return WORKER.call(layout.umap_layout, *near, start, settings.min_dist, seed, progress=progress)
    return WORKER.call(layout.tsne_layout, *near, start, near[0].shape[1] / 3, seed, progress=progress)


def _doubted(
    rows: Encoded,
    order: NDArray[np.int64],
    space: Floats,
    flat: Floats,
    found: Landmarks,
    settings: ProjectionSettings,
    progress: Progress,
) -> tuple[tuple[MapMeasure, ...], Floats]:
    """On demand: how much of the map another seed keeps, and the map of shuffled columns."""
    measures: list[MapMeasure] = []
    twin = np.zeros((0, 2), np.float32)
    if settings.method == "pca" or len(space) < _FEWEST:
        return (), twin
    own = space[found.rows]
    few = slice(0, JUDGED)
    k = min(NEAR, len(own) - 1)
    if settings.stability:
        near = _neighbours(own, settings, progress.part(0.0, 0.05))
        other = _laid(own, near, settings, settings.seed + 1, progress.part(0.05, 0.5))
        lists = [faithful.nearest(points[few], k) for points in (flat[found.rows], other)]
        measures.append(
            MapMeasure(
                "neighbours_kept_by_another_seed",
                faithful.jaccard(lists[0], lists[1]),
                k / (2 * len(own[few]) - k),
                "by chance",
            )
        )
    if settings.twin:
        draw = np.random.default_rng(settings.seed)
        block = rows.matrix[order[found.rows]]
        for start, stop in _spans(rows.block):
            block[:, start:stop] = block[draw.permutation(len(block)), start:stop]
        shuffled = principal(block, np.arange(len(block)), DIRECTIONS)
        near = _neighbours(shuffled, settings, progress.part(0.5, 0.55))
        twin = _laid(shuffled, near, settings, settings.seed, progress.part(0.55, 1.0))
        measures.append(
            MapMeasure(
                "neighbours_kept_by_noise_twin",
                faithful.recall(faithful.nearest(shuffled[few], k), faithful.nearest(twin[few], k)),
                k / max(1, len(block[few]) - 1),
                "by chance",
            )
        )
    return tuple(measures), twin


def _spans(block: NDArray[np.int32]) -> list[tuple[int, int]]:
    edges = [0, *(np.flatnonzero(np.diff(block)) + 1).tolist(), block.size]
    return list(zip(edges[:-1], edges[1:], strict=True))


def _swept(
    space: Floats, second: Mask, settings: ProjectionSettings, progress: Progress
) -> tuple[NDArray[np.int64], Floats]:
    """Small maps of the same rows at other scales."""
    scales = SWEEP.get(settings.method, ())
    rows = chosen(second, SWEPT)
    if not settings.sweep or not scales or rows.size < _FEWEST:
        return np.zeros(0, np.int64), np.zeros((0, 0, 2), np.float32)
    maps = []
    for at, scale in enumerate(scales):
        part = progress.part(at / len(scales), (at + 1) / len(scales))
        near = _neighbours(space[rows], settings, part.part(0.0, 0.1), scale)
        maps.append(_laid(space[rows], near, settings, settings.seed, part.part(0.1, 1.0)))
    return rows, np.stack(maps)


def _scope(
    dataset: Dataset, rows: Encoded, found: Landmarks, settings: ProjectionSettings
) -> tuple[str, ...]:
    """What was laid out, judged and left out."""
    sentences = []
    if found.rows.size < dataset.rows and settings.method != "pca":
        sentences.append(
            f"Laid out: {found.rows.size:,} of {dataset.rows:,} rows, drawn by content; each other row "
            "lies among its five nearest."
        )
    if dataset.rows > JUDGED:
        sentences.append(f"Neighbours were judged on {JUDGED:,} rows, distances on {COMPARED:,}.")
    if rows.left_out:
        sentences.append(f"Not used: {names(rows.left_out, 6)}.")
    return tuple(sentences)


ANALYSIS = Analysis(
    "Map",
    "Where do the rows lie, and do train and serve lie in the same places?",
    "explore/overlap",
    projection,
)
