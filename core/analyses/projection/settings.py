"""What can be set of the map."""

from __future__ import annotations

from dataclasses import dataclass

from core.settings import Settings, choice, columns, knob

METHODS = ("umap", "tsne", "pca")


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
    leave_out: bool = knob(
        True,
        "Leave separating columns out",
        "Whether rows are compared without columns that separate train from serve on their own, unless "
        "columns are chosen.",
    )
    seed: int = knob(0, "Seed", "The same seed gives the same map on one machine.", 0, 2**31 - 1)
