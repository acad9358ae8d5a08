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
from core.analyses.projection.quality import COMPARED, JUDGED, NEAR, Quality, beside, judged
from core.analyses.projection.worker import WORKER, warm
from core.analysis import Analysis, Result, Status
from core.dataset import Dataset
from core.finding import Finding
from core.numerics.neighbours import neighbours
from core.numerics.rowhash import row_keys
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
        "UMAP: how many neighbours each row holds on to. More shows the large, fewer the small.",
        2,
        200,
    )
    min_dist: float = knob(0.1, "Least distance", "UMAP: how tightly rows may be packed.", 0.0, 0.99)
    perplexity: float = knob(30.0, "Perplexity", "t-SNE: how many neighbours each row has in mind.", 2, 200)
    landmarks: int = knob(
        10_000,
        "Landmarks",
        "Above this many rows, so many are laid out and the others placed among them.",
        500,
        50_000,
    )
    sweep: bool = knob(
        False, "Other scales", "Also small maps of 2,000 rows with fewer and with more neighbours."
    )
    stability: bool = knob(
        False,
        "Another seed",
        "Also a second map with another seed: which neighbourhoods stay? Takes as long again.",
    )
    twin: bool = knob(
        False,
        "Noise twin",
        "Also a map of the same columns, each shuffled by itself: its islands mean nothing.",
    )
    columns: tuple[str, ...] = columns(
        "Columns",
        "What rows are compared by; none chosen means all that fit.",
        ("numeric", "category", "boolean", "text", "datetime"),
    )
    seed: int = knob(0, "Seed", "The same seed gives the same map on one machine.", 0, 2**31 - 1)


@dataclass(frozen=True, eq=False)
class ProjectionResult(Result):
    """``x``, ``y``: float32, one place per row. ``plain_x``, ``plain_y``: the same by PCA. ``serve``: which
    rows are of the serve part. ``landmark``: rows that were laid out; the others were placed among them.
    ``hollow``: rows far from all that train holds. ``mixing``: how the parts mix around each row in the
    space, 1 as by chance, 0 apart; nan where there is one part. ``swept``: rows of the small maps; ``sweep``:
    their places, maps x rows x 2, at ``scales``. ``twin``: places of the noise twin of the landmarks, or
    none."""

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
    quality: tuple[Quality, ...]
    mixing_noise: float
    scales: tuple[float, ...]
    swept: NDArray[np.int64]
    sweep: Floats
    twin: Floats

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

    def measured(self, measure: str) -> Quality | None:
        """One measure of quality, or None where it was not taken."""
        return next((one for one in self.quality if one.measure == measure), None)

    def frame(self) -> pd.DataFrame:
        """The measures of quality: ``measure, value, baseline, what``."""
        import pandas as pd

        return pd.DataFrame(list(self.quality), columns=list(Quality._fields))

    def rows(self) -> pd.DataFrame | None:
        """``row, part, x, y, landmark, hollow, mixing``."""
        import pandas as pd

        if not self.x.size:
            return None
        part = np.where(self.serve, "serve", "train")
        told = {"row": np.arange(self.x.size), "part": part, "x": self.x, "y": self.y}
        return pd.DataFrame({**told, "landmark": self.landmark, "hollow": self.hollow, "mixing": self.mixing})

    @property
    def findings(self) -> tuple[Finding, ...]:
        """A warning where the map shows the parts more or less apart than they are."""
        flat, space = self.measured("mixing on the map"), self.measured("mixing in the space")
        if flat is None or space is None or self.settings.method == "pca":
            return ()
        gap, limit = flat.value - space.value, max(DIFFERS, 4 * self.mixing_noise)
        if not abs(gap) > limit:
            return ()
        does = "hides" if gap > 0 else "invents"
        return (
            Finding(
                code=f"map_{does}_separation",
                title=f"The map {does} separation: train and serve mix to {flat.value:.2f} on it and to "
                f"{space.value:.2f} in all columns.",
                severity="info",
                score=min(1.0, abs(gap)),
                why="A flat map cannot keep all of many columns. 1 is perfect mixing, 0 is apart.",
                suggestion="Trust the numbers of the overlap, not the "
                "islands; or try another method or scale.",
                value=abs(gap),
                limit=limit,
                noise=2 * self.mixing_noise,
                n=min(JUDGED, int(self.x.size)),
            ),
        )


def projection(dataset: Dataset, settings: ProjectionSettings, progress: Progress) -> ProjectionResult:
    """Lay out all rows, blind to their part. See docs/methods/projection.md for the methods and what they
    keep.
    """
    made = encoded(dataset, settings.columns or None, "all", progress.part(0.0, 0.1))
    serve = dataset.part_mask("serve")
    if not made.names:
        return _nothing(settings, serve)
    if settings.method == "umap":
        warm()  # while the neighbours are looked for
    # random, and fixed by content
    order = np.argsort(row_keys(row_hashes(dataset, made.names), settings.seed), kind="stable")
    space = principal(made.matrix, order, DIRECTIONS, progress.part(0.1, 0.15))
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
    more, twin = _doubted(made, order, space, flat, found, settings, progress.part(0.8, 0.92))
    swept, sweep = _swept(space, second, settings, progress.part(0.92, 1.0))
    landmark = np.zeros(len(space), bool)
    landmark[found.rows] = True
    return ProjectionResult(
        settings=settings,
        names=made.names,
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
        notes=_notes(dataset, made, found, settings),
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
    made: Encoded,
    order: NDArray[np.int64],
    space: Floats,
    flat: Floats,
    found: Landmarks,
    settings: ProjectionSettings,
    progress: Progress,
) -> tuple[tuple[Quality, ...], Floats]:
    """On demand: how much of the map another seed keeps, and the map of shuffled columns."""
    told: list[Quality] = []
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
        told.append(
            Quality(
                "neighbours kept by another seed",
                faithful.jaccard(lists[0], lists[1]),
                k / (2 * len(own[few]) - k),
                "by chance",
            )
        )
    if settings.twin:
        draw = np.random.default_rng(settings.seed)
        block = made.matrix[order[found.rows]]
        for start, stop in _spans(made.block):
            block[:, start:stop] = block[draw.permutation(len(block)), start:stop]
        shuffled = principal(block, np.arange(len(block)), DIRECTIONS)
        near = _neighbours(shuffled, settings, progress.part(0.5, 0.55))
        twin = _laid(shuffled, near, settings, settings.seed, progress.part(0.55, 1.0))
        told.append(
            Quality(
                "neighbours kept by the noise twin",
                faithful.recall(faithful.nearest(shuffled[few], k), faithful.nearest(twin[few], k)),
                k / max(1, len(block[few]) - 1),
                "by chance",
            )
        )
    return tuple(told), twin


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


def _notes(
    dataset: Dataset, made: Encoded, found: Landmarks, settings: ProjectionSettings
) -> tuple[str, ...]:
    told = (
        ["Sizes of islands and distances between them mean little; who lies beside whom means more."]
        if settings.method != "pca"
        else []
    )
    if found.rows.size < dataset.rows and settings.method != "pca":
        told.append(
            f"Laid out: {found.rows.size:,} of {dataset.rows:,} rows, drawn by content; each other row "
            "lies among its five nearest."
        )
    if dataset.rows > JUDGED:
        told.append(f"Neighbours were judged on {JUDGED:,} rows, distances on {COMPARED:,}.")
    if made.left_out:
        shown = ", ".join(map(repr, made.left_out[:6])) + (
            f" and {len(made.left_out) - 6} more" if len(made.left_out) > 6 else ""
        )
        told.append(f"Not used: {shown}.")
    return tuple(told)


ANALYSIS = Analysis(
    "Map",
    "Where do the rows lie, and do train and serve lie in the same places?",
    "explore/overlap",
    projection,
)
