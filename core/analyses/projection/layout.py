"""The layouts themselves. They run in the resident child (`core.analyses.projection.worker`): umap-learn
compiles for seconds when it is first used, may abort the interpreter when two threads enter it at once, and
can only be stopped from outside."""

from __future__ import annotations

import io
import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.progress import Progress

Floats = NDArray[np.float32]
Index = NDArray[np.int32]
UMAP_EPOCHS = 130  # fewer than umap-learn uses, for time; docs/methods/projection.md says what that costs
# iterations of t-SNE; with the high momentum they reach what 1,000 of the usual kind do
EXAGGERATED, PLAIN = 100, 300
_STEPS = 25  # iterations of t-SNE between two reports, each of which costs as much as two of them


def warm(progress: Progress) -> bool:
    """Import and compile what `umap_layout` needs, on a few rows."""
    draw = np.random.default_rng(0)
    rows = draw.normal(size=(64, 3)).astype(np.float32)
    far = np.sqrt(((rows[:, None] - rows[None]) ** 2).sum(axis=2))
    index = np.argsort(far, axis=1, kind="stable")[:, 1:6].astype(np.int32)
    umap_layout(index, np.take_along_axis(far, index, axis=1), rows[:, :2], 0.1, 0, progress)
    return True


def warm_tsne(progress: Progress) -> bool:
    """Import what `tsne_layout` needs."""
    import openTSNE  # noqa: F401

    return True


def umap_layout(
    index: Index, distance: Floats, start: Floats, min_dist: float, seed: int, progress: Progress
) -> Floats:
    """n x 2 places by UMAP (McInnes, Healy and Melville 2018, arXiv 1802.03426) from n x k neighbours, begun
    at ``start``.
    """
    import warnings

    umap = _umap()
    own = np.arange(len(index), dtype=np.int64)[:, None]  # umap counts a row as its own first neighbour
    known = np.hstack([own, index.astype(np.int64)]), np.hstack([np.zeros_like(own, np.float32), distance])
    fit = umap.UMAP(
        n_neighbors=known[0].shape[1],
        min_dist=min_dist,
        n_epochs=UMAP_EPOCHS,
        init=start * np.float32(10.0 / max(float(np.abs(start).max(initial=0.0)), 1e-12)),
        precomputed_knn=known,
        random_state=seed,
        n_jobs=1,
        verbose=False,
        tqdm_kwds={
            "disable": False,
            "file": _Epochs(progress),
            "mininterval": 0.1,
            "bar_format": "{n_fmt}\n",
        },
    )
    with warnings.catch_warnings():
        # of an unused distance matrix, and that a seed means one thread: both are meant
        warnings.simplefilter("ignore")
        places: Floats = fit.fit_transform(start)
    return places


def tsne_layout(
    index: Index, distance: Floats, start: Floats, perplexity: float, seed: int, progress: Progress
) -> Floats:
    """n x 2 places by t-SNE (van der Maaten and Hinton 2008, JMLR 9) with openTSNE, from n x k neighbours,
    begun at ``start``.

    Forces by interpolation (Linderman et al. 2019, Nature Methods 16) from 10,000 rows on, below by trees.
    """
    from openTSNE import TSNEEmbedding
    from openTSNE.affinity import PerplexityBasedNN
    from openTSNE.nearest_neighbors import PrecomputedNeighbors

    near = PerplexityBasedNN(knn_index=PrecomputedNeighbors(index, distance), perplexity=perplexity)
    done = [0]

    def tell(_iteration: int, _error: float, _places: Any) -> None:
        done[0] += _STEPS
        progress.at(min(1.0, done[0] / (EXAGGERATED + PLAIN)), "Laying out the map")

    places = TSNEEmbedding(
        start.astype(np.float64) / max(float(start[:, 0].std()), 1e-12) * 1e-4,
        near,
        negative_gradient_method="fft" if len(index) >= 10_000 else "bh",
        # half as fine a grid as by default: a third of the time, no worse a map; with 3 it falls apart
        ints_in_interval=2,
        # of trees: coarser than the usual 0.5, a fifth to a quarter less time and no worse a map
        theta=0.7,
        n_jobs=2,
        random_state=seed,
        callbacks=tell,
        callbacks_every_iters=_STEPS,
    )
    places = places.optimize(EXAGGERATED, exaggeration=12, momentum=0.5)
    places = places.optimize(PLAIN, momentum=0.95)
    return np.asarray(places, dtype=np.float32)


def _umap() -> Any:
    """umap-learn, its three slow kernels compiled once for all processes: their machine code is kept on
    disk.

    pynndescent, which umap-learn imports, compiles some fifty functions as it is imported (half a minute on a
    fresh machine). Its part is to look for neighbours; ours are known, so that it stays as plain Python.
    """
    import numba

    if "pynndescent" not in sys.modules:
        numba.config.DISABLE_JIT = True
        try:
            import pynndescent  # noqa: F401
        finally:
            numba.config.DISABLE_JIT = False
    import umap.layouts
    import umap.umap_

    kernels = (
        umap.umap_.smooth_knn_dist,
        umap.umap_.compute_membership_strengths,
        umap.layouts._nb_optimize_layout_euclidean_single_epoch,
    )
    for kernel in kernels:
        if not kernel.signatures:
            kernel.enable_caching()
    return umap


class _Epochs(io.StringIO):
    """Where umap-learn writes how many epochs are done."""

    def __init__(self, progress: Progress) -> None:
        super().__init__()
        self._progress = progress

    def write(self, text: str) -> int:
        """Pass it on as a fraction."""
        written = text.strip("\r\n \x1b[A")
        if written.isdigit():
            self._progress.at(min(1.0, int(written) / UMAP_EPOCHS), "Laying out the map")
        return len(text)
