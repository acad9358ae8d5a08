"""The work behind the overlap page: the quick things first, each step begun once the one before is done or
was stopped.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from components import job_panel, panel
from components.state import session
from core.dataset import Dataset
from core.progress import Progress
from core.report import Outcome, attempt

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from core.analyses.overlap.analysis import OverlapResult
    from core.analyses.projection.analysis import ProjectionResult
    from core.analyses.segments.analysis import SegmentsResult
    from core.analyses.shift.analysis import ShiftResult

PLAIN = {"method": "pca", "sweep": False, "stability": False, "twin": False}


class Seen(NamedTuple):
    """What is known so far; None while it is worked out, or where it cannot be."""

    shift: ShiftResult | None
    overlap: OverlapResult | None
    segments: SegmentsResult | None
    map: ProjectionResult | None


def found(dataset: Dataset, place: DeltaGenerator) -> dict[str, Outcome]:
    """What is known by now; what is under way stands in ``place``. Of data in one part there is only the
    map.
    """
    given = {name: dict(session().settings.get(name, {})) for name in panel.on("explore/overlap")}
    columns = [("Looking at each column", {"shift": given["shift"]})]
    plain = [("Laying out a plain map", {"projection": given["projection"] | PLAIN})]
    together = [("Comparing all columns together", {name: given[name] for name in ("overlap", "segments")})]
    wanted = [("Laying out the map", {"projection": given["projection"]})]
    known: dict[str, Outcome] = {}
    for label, settings in (
        [*columns, *plain, *together, *wanted] if "serve" in dataset.parts else [*plain, *wanted]
    ):
        with place:
            made = _worked(dataset, label, settings)
        if made is None and session().job is not None:
            break
        known |= {
            name: outcome
            for name, outcome in (made or {}).items()
            if outcome.result is not None or name not in known
        }
    return known


def seen(known: Mapping[str, Outcome]) -> Seen:
    """The results that are there."""
    names = ("shift", "overlap", "segments", "projection")
    return Seen(*(known[name].result if name in known else None for name in names))  # type: ignore[arg-type]


def _worked(
    dataset: Dataset, label: str, settings: Mapping[str, Mapping[str, Any]]
) -> dict[str, Outcome] | None:
    """What came of these analyses; None (and a panel with progress and Stop) while they run, or a word why
    there is nothing.
    """
    key = (dataset.version, *((name, tuple(sorted(chosen.items()))) for name, chosen in settings.items()))
    made: dict[str, Outcome] | None = job_panel.outcome(label, key, partial(_work, dataset, settings))
    return made


def _work(
    dataset: Dataset, settings: Mapping[str, Mapping[str, Any]], progress: Progress
) -> dict[str, Outcome]:
    """Runs in a worker thread: nothing of Streamlit here."""
    steps = len(settings)
    parts = {name: progress.part(at / steps, (at + 1) / steps) for at, name in enumerate(settings)}
    return {name: attempt(name, dataset, chosen, parts[name]) for name, chosen in settings.items()}
