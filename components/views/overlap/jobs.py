"""The work behind the overlap page, in two steps: what is quick, then the rest, each with a map at work
beside it. What is known of a step is shown before all of it is; what the person stops stays stopped, and
nothing after it begins.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from components import job_panel, results
from components.state import session
from core.dataset import Dataset
from core.errors import Cancelled
from core.outcomes import Outcome
from core.progress import Progress

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from core.analyses.overlap.result import OverlapResult
    from core.analyses.projection.analysis import ProjectionResult
    from core.analyses.segments.result import SegmentsResult
    from core.analyses.shift.analysis import ShiftResult

PCA = {"method": "pca", "sweep": False, "stability": False, "twin": False}
OF_ROWS = ("columns", "leave_out", "landmarks", "seed")  # settings of the map that the plain one has too
Chosen = Mapping[str, Mapping[str, Any]]  # analysis -> its settings


class StageResult(NamedTuple):
    """What is known so far; None while it is worked out, or where it cannot be."""

    shift: ShiftResult | None
    overlap: OverlapResult | None
    segments: SegmentsResult | None
    map: ProjectionResult | None


class _Stage(NamedTuple):
    label: str
    settings: Chosen

    def key(self, dataset: Dataset) -> tuple[Any, ...]:
        """Names its work for `job_panel.outcome`."""
        chosen = ((name, tuple(sorted(given.items()))) for name, given in self.settings.items())
        return (dataset.version, *chosen)

    def remembered(self, dataset: Dataset) -> dict[str, Outcome]:
        """What came of it so far, where not all of it is done."""
        known = {name: results.known_with(dataset, name, given) for name, given in self.settings.items()}
        return {name: one for name, one in known.items() if one is not None}


def outcomes(dataset: Dataset, place: DeltaGenerator) -> dict[str, Outcome]:
    """What is known by now; what is under way stands in ``place``. Of data in one part there is only the
    map. Once a step was stopped, later ones begin only after it is started again, or other settings are
    chosen.
    """
    known: dict[str, Outcome] = {}
    steps, waits = _steps(dataset), False
    for step in steps:
        whole: dict[str, Outcome] | None = None
        if not waits and (_begun(step, dataset) or not _halted(steps, dataset)):
            with place:
                whole = job_panel.outcome(
                    step.label,
                    step.key(dataset),
                    partial(_work, dataset, step.settings),
                    partly=True,
                    stays=True,
                )
            waits = whole is None and session().job is not None
            if whole is not None:
                with place:
                    job_panel.in_its_place(step.key(dataset), step.label)
        for name, outcome in (step.remembered(dataset) if whole is None else whole).items():
            if outcome.result is not None or name not in known:
                known[name] = outcome
    return known


def _work(dataset: Dataset, settings: Chosen, progress: Progress) -> dict[str, Outcome]:
    """What comes of a step; the page is drawn again whenever one of its analyses has ended."""
    return results.attempts(dataset, settings, progress, progress.show if len(settings) > 1 else None)


def _steps(dataset: Dataset) -> list[_Stage]:
    given = {name: dict(session().settings.get(name, {})) for name in results.on("explore/overlap")}
    chosen = given["projection"]
    rows = {name: chosen[name] for name in OF_ROWS if name in chosen}
    plain, wanted = {"projection": rows | PCA}, {"projection": chosen}
    if "serve" not in dataset.parts:
        return [_Stage("Laying out a plain map", plain), _Stage("Laying out the map", wanted)]
    columns = {"shift": given["shift"]}
    together = {name: given[name] for name in ("overlap", "segments")}
    return [
        _Stage("Comparing each column", columns | plain),
        _Stage(_together(dataset, given["overlap"]), together | wanted),
    ]


def _together(dataset: Dataset, chosen: Mapping[str, Any]) -> str:
    """What the second step compares: rows by their vectors, or all columns that are chosen or known."""
    by_vectors = dataset.vectors is not None and not chosen.get("columns")
    return "Comparing rows by their vectors" if by_vectors else "Comparing all columns together"


def _begun(step: _Stage, dataset: Dataset) -> bool:
    """Whether this work is under way, or something came of it."""
    now, key = session(), step.key(dataset)
    running = now.job is not None and (now.job.label, now.job.key) == (step.label, key)
    return running or (step.label in now.outcomes and now.outcomes[step.label][0] == key)


def _halted(steps: list[_Stage], dataset: Dataset) -> bool:
    """Whether the person stopped one of these and has neither started it again nor chosen other settings
    since.
    """
    now, mark = session(), results.mark(dataset, *results.on("explore/overlap"))
    stopped = frozenset(step.label for step in steps if _stopped(step, dataset))
    before, at = now.chosen.get("overlap-stopped", (frozenset(), mark))
    at = mark if stopped - before else at
    now.chosen["overlap-stopped"] = (stopped, at)
    return bool(stopped) and at == mark


def _stopped(step: _Stage, dataset: Dataset) -> bool:
    key, result = session().outcomes.get(step.label, ((), None))
    return bool(key == step.key(dataset)) and isinstance(result, Cancelled)


def seen(known: Mapping[str, Outcome]) -> StageResult:
    """The results that are there; of a check that was skipped none, as it has nothing to say. The map says
    itself why there is none.
    """
    names = ("shift", "overlap", "segments", "projection")
    there = {name: known[name] for name in names if name in known}
    made = {name: one.result for name, one in there.items() if one.result_is_in or name == "projection"}
    return StageResult(*(made.get(name) for name in names))  # type: ignore[arg-type]
