"""The coreset: a small weighted stand-in for all rows, that can be built in parts, merged, edited and saved.

data = load("flights.parquet", target="late")
small = build(data, BuildPlan(wanted=SampleSize(size=2_000)))
small.frame()                        # the rows, with `row`, `weight` and `importance`
updated(small, as_decided(data, review))  # equals a new build with the same pilot, bit for bit
"""

from core.coreset.building import BuildPlan, build, built_with, with_part
from core.coreset.coreset import Coreset, Leaf
from core.coreset.editing import CoresetEdit, edited, only, updated, without
from core.coreset.sample import AUTO, DrawnRows, SampleSize
from core.coreset.saving import open_saved, save
from core.coreset.weighing import calibrated

__all__ = [
    "AUTO",
    "BuildPlan",
    "Coreset",
    "CoresetEdit",
    "DrawnRows",
    "Leaf",
    "SampleSize",
    "build",
    "built_with",
    "calibrated",
    "edited",
    "only",
    "open_saved",
    "save",
    "updated",
    "with_part",
    "without",
]
