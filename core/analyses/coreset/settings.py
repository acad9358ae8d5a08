"""What can be set of a coreset."""

from __future__ import annotations

from dataclasses import dataclass

from core.coreset import AUTO, BuildPlan, SampleSize
from core.coreset.parts import can_be_drawn
from core.dataset import Dataset
from core.errors import SettingError
from core.prepare.sizes_of_classes import sizes_of_classes
from core.settings import Settings, choice, columns, knob, text

LOSSES = ("auto", "logistic", "linear", "k-means", "pca", "trees")
SHARES = ("importance", "fair", "proportional")
MB = 1_000_000


@dataclass(frozen=True)
class CoresetSettings(Settings):
    """How many rows, from where, and for which loss."""

    size: int = knob(
        AUTO,
        "Rows",
        "Rows of the coreset; 0 for a tenth of the rows that can be drawn, at most 2,000, at least 200 and "
        "10 of each class.",
        0,
        10_000_000,
    )
    share: float = knob(
        0.0,
        "Share of the rows",
        "Above 0, the coreset has this share of the rows that can be drawn (of train, with a target and "
        "weight).",
        0.0,
        1.0,
    )
    memory: float = knob(
        0.0,
        "Memory (MB)",
        "Above 0, the coreset has as many rows as fit this memory as numbers, 8 bytes each.",
        0.0,
        1e6,
    )
    loss: str = choice(
        "auto",
        "Loss",
        "What the rows are to stand for: logistic or least-squares regression, k-means, PCA, or trees and "
        "any other model; auto takes what fits the target.",
        LOSSES,
    )
    balance: str = choice(
        "importance",
        "Rows per class",
        "In proportion to the importance of its rows, to the root of their number (fair), or to it.",
        SHARES,
    )
    each: str = text(
        "", "Size of single classes", "CLASS=ROWS or CLASS=all, parted by semicolons, such as 3=all; 1=50."
    )
    certain: float = knob(
        0.0,
        "Share taken with certainty",
        "This share of the rows are the most important ones; the others are drawn.",
        0.0,
        0.9,
    )
    where: str = text(
        "",
        "Only rows where",
        "A filter, such as date >= 2013-03-01: the coreset stands for these rows alone. Importance is that "
        "among all rows.",
    )
    columns: tuple[str, ...] = columns(
        "Columns",
        "What importance is worked out from; vectors (embeddings) where there are some, or else all "
        "features, if none is chosen.",
        ("numeric", "category", "boolean", "datetime", "text"),
    )
    fresh: bool = knob(
        False,
        "Learn the pilot anew",
        "After decisions, learn importance anew instead of editing the coreset of the data as loaded.",
    )
    clusters: int = knob(10, "Clusters", "Centres of k-means, or directions of PCA.", 1, 500)
    seed: int = knob(0, "Seed", "Of the rows drawn.", 0, 2**31 - 1)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.size == 1:
            raise SettingError("size must be 2 rows or more, or 0 for one that fits the data; got 1.")

    def target_of(self, dataset: Dataset) -> str:
        """The target that rows must have to be drawn; "" where the loss has none."""
        return "" if self.loss in ("k-means", "pca") else dataset.roles.target or ""

    def can_be_drawn(self, dataset: Dataset) -> int:
        """How many of the rows can be drawn (`core.coreset.parts`)."""
        by_picture = dataset.vectors is not None and not self.columns
        return can_be_drawn(dataset, self.target_of(dataset), dataset.roles.weight or "", by_picture)

    @property
    def auto(self) -> bool:
        """Whether no size is given."""
        return self.size == AUTO and self.share == 0 and self.memory == 0

    def plan(self, rows: int, width: int, by_id: bool) -> BuildPlan:
        """What is to be built of so many rows that can be drawn, and columns. Raises `SettingError`."""
        size = self.size
        if self.share > 0:
            size = max(2, round(self.share * rows))
        elif self.memory > 0:
            size = max(2, int(self.memory * MB / (8 * max(1, width + 2))))
        wanted = SampleSize(min(size, max(rows, 2)), self.balance, sizes_of_classes(self.each), self.certain)  # type: ignore[arg-type]
        return BuildPlan(self.loss, wanted, self.columns, self.seed, self.clusters, by_id)
