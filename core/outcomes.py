"""Several analyses run together, and what came of each."""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.analysis import NO_TARGET, Analysis, Result, Status
from core.catalog import analyses, checks
from core.dataset import Dataset
from core.errors import Cancelled, CoreError, TargetError, TooSmallError
from core.finding import Finding
from core.one_cause import distinct
from core.phrases import count, listed, verb
from core.progress import SILENT, Progress
from core.run import remembered, run
from core.workers import import_models, one_blas_thread

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

HEARD_SECONDS = 0.1  # between two looks at how far work beside has come
_BESIDE_CELLS = 4_000_000  # rows x columns up to which two analyses run side by side


@dataclass(frozen=True, eq=False)
class Outcome:
    """What came of one analysis: its result, or None with the status that says why."""

    analysis: Analysis
    result: Result | None
    status: Status

    @property
    def result_is_in(self) -> bool:
        """Whether the analysis did its work: neither skipped nor failed."""
        return self.result is not None and self.status.state == "ok"

    @property
    def unchecked(self) -> str:
        """What an analysis that did its work had to leave out, as a sentence; "" where nothing."""
        return self.result.unchecked if self.result is not None and self.result_is_in else ""

    @property
    def wants_target(self) -> bool:
        """Whether another target would mend what could not be done, wholly or in part."""
        return self.status.wants_target if self.result is None else self.result.wants_target

    @property
    def complete(self) -> bool:
        """Whether the analysis did all of its work."""
        return self.result_is_in and not self.unchecked

    def looked_as_far(self, before: Outcome) -> bool:
        """Whether it looked at as much as ``before``: what it does not find of that is gone then."""
        return self.result_is_in and (self.complete or not before.complete)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings of the result, worst first; none where there is no result."""
        return self.result.findings if self.result else ()


def attempt(
    name: str, dataset: Dataset, settings: Mapping[str, Any] | None = None, progress: Progress = SILENT
) -> Outcome:
    """Run one analysis among several: one that cannot be made on these data is reported as failed, or as
    skipped where they are too small for it, and does not stop the others.
    """
    try:
        result = run(name, dataset, settings, progress)
    except Cancelled:
        raise
    except CoreError as error:
        return not_made(analyses()[name], error)
    return Outcome(analyses()[name], result, result.status)


def has_run(name: str, dataset: Dataset, chosen: Mapping[str, Mapping[str, Any]] | None = None) -> bool:
    """Whether an analysis has run on these data with the settings chosen for it, in any run. chosen: per
    analysis, settings that differ from what the roles imply.
    """
    try:
        return remembered(name, dataset, (chosen or {}).get(name)) is not None
    except CoreError:
        return False


def not_made(analysis: Analysis, error: CoreError | None) -> Outcome:
    """The outcome of an analysis that cannot be made on these data; None: as no target is chosen."""
    if error is None:
        return Outcome(analysis, None, NO_TARGET)
    small = isinstance(error, TooSmallError)
    status = Status("skipped" if small else "failed", str(error), isinstance(error, TargetError), small)
    return Outcome(analysis, None, status)


def unmade(dataset: Dataset, outcomes: Iterable[Outcome]) -> tuple[Outcome, ...]:
    """The checks (`core.catalog.checks`) that could not be made on these data: neither passed nor still to
    run. The one definition behind every count of them.
    """
    wanted = {one.name for one in checks(dataset)}
    return tuple(one for one in outcomes if one.analysis.name in wanted and not one.result_is_in)


def not_known(lacking: Iterable[Outcome]) -> tuple[Outcome, ...]:
    """Those that failed, or were skipped as rows, classes or values are too few: what they would find is not
    known. Not those that have nothing to look at in such data.
    """
    return tuple(one for one in lacking if one.status.state == "failed" or one.status.too_small)


def unmade_in_words(lacking: Sequence[Outcome]) -> str:
    """How many checks cannot be made, how many of them for want of a target, and which failed or are of too
    few rows or values; "" where all can be made.

    >>> from core.catalog import find
    >>> wanting = [not_made(find(name), None) for name in ("target", "leakage")]
    >>> unmade_in_words([]), unmade_in_words(wanting)
    ('', '2 checks cannot be made: no target is chosen')
    >>> broken = not_made(find("outliers"), CoreError("No memory is left."))
    >>> unmade_in_words([broken])
    '1 check cannot be made: Outliers failed'
    >>> unmade_in_words([*wanting, broken])
    '3 checks cannot be made: 2 as no target is chosen, Outliers failed'
    >>> unmade_in_words([not_made(find("outliers"), TooSmallError("It has 1 row."))])
    '1 check cannot be made: Outliers for want of rows or values'
    >>> unmade_in_words([not_made(find("labels"), TargetError("'y' has one class."))])
    '1 check cannot be made: Labels for want of another target'
    >>> alone = Outcome(find("nearduplicates"), None, Status("skipped", "There is one column."))
    >>> unmade_in_words([*wanting, alone])
    '3 checks cannot be made: 2 as no target is chosen, Near duplicates does not apply'
    """
    if not lacking:
        return ""
    words = f"{count(len(lacking), 'check')} cannot be made"
    aimless = sum(one.status == NO_TARGET for one in lacking)
    if aimless == len(lacking):
        return f"{words}: no target is chosen"
    why = [f"{count(aimless)} as no target is chosen"] if aimless else []
    poor, broken, small, idle = (
        [one for one in lacking if _kind_of_lack(one) == kind]
        for kind in ("target", "failed", "small", "idle")
    )
    why += [f"{_named(poor)} for want of another target"] if poor else []
    why += [f"{_named(broken)} failed"] if broken else []
    why += [f"{_named(small)} for want of rows or values"] if small else []
    why += [f"{_named(idle)} {verb(len(idle), 'does', 'do')} not apply"] if idle else []
    return f"{words}: {', '.join(why)}" if why else words


def _kind_of_lack(one: Outcome) -> str:
    """Why a check cannot be made, in one word; "" where no target is chosen."""
    if one.status == NO_TARGET:
        return ""
    if not_known([one]) and one.wants_target:
        return "target"
    if one.status.state == "failed":
        return "failed"
    return "small" if one.status.too_small else "idle"


def unmade_in_full(words: str, names: Sequence[str]) -> str:
    """The same with the names of all of them, as a sentence. words: of `unmade_in_words`.

    >>> words = "2 checks cannot be made: 1 as no target is chosen, Outliers failed"
    >>> unmade_in_full(words, ["Outliers", "Labels"])
    '2 checks cannot be made (Outliers, Labels): 1 as no target is chosen, Outliers failed.'
    """
    head, colon, why = words.partition(":")
    return f"{head} ({', '.join(names)}){colon}{why}."


def in_part(dataset: Dataset, outcomes: Iterable[Outcome]) -> tuple[Outcome, ...]:
    """The checks (`core.catalog.checks`) that ran on these data and had to leave something out. Where no
    target is chosen, one that wants nothing else is none of them: that is the person's to say.
    """
    wanted, aimless = {one.name for one in checks(dataset)}, dataset.roles.target is None
    return tuple(
        one
        for one in outcomes
        if one.analysis.name in wanted and one.unchecked and not (aimless and one.wants_target)
    )


def in_part_in_words(some: Sequence[Outcome]) -> str:
    """Which checks had to leave something out; "" where none had to.

    >>> in_part_in_words(())
    ''
    """
    return f"{count(len(some), 'check')} not made in full: {_named(some)}" if some else ""


def _named(some: Sequence[Outcome]) -> str:
    return listed([one.analysis.tab or one.analysis.title for one in some])


def audit(
    dataset: Dataset, progress: Progress = SILENT, names: Sequence[str] | None = None
) -> tuple[Outcome, ...]:
    """Every analysis that does not wait to be asked for (or those named), with the settings that the roles
    imply, in the order of the catalogue.
    """
    chosen = [name for name, one in analyses().items() if not one.asked] if names is None else list(names)
    return tuple(attempts(dataset, dict.fromkeys(chosen, {}), progress).values())


def attempts(
    dataset: Dataset,
    settings: Mapping[str, Mapping[str, Any]],
    progress: Progress = SILENT,
    done: Callable[[str], object] | None = None,
) -> dict[str, Outcome]:
    """What comes of several analyses, each with its settings, in the order given. Those that stand apart run
    beside the others; an error within one of them lets the others end before it is raised.

    done: called with the name of each that has ended, its result being remembered; from any of the threads.
    """
    made: dict[str, Outcome] = {}
    step = 1.0 / max(1, len(settings))
    with _beside(dataset, settings, progress, done) as begun:
        own = [name for name in settings if name not in begun]
        for at, name in enumerate(own):
            made[name] = attempt(name, dataset, settings[name], progress.part(at * step, (at + 1) * step))
            if done is not None:
                done(name)
        for at, (name, outcome) in enumerate(begun.items(), len(own)):
            made[name] = outcome(progress.part(at * step, (at + 1) * step))
    return {name: made[name] for name in settings}


@contextlib.contextmanager
def _beside(
    dataset: Dataset,
    settings: Mapping[str, Mapping[str, Any]],
    progress: Progress,
    done: Callable[[str], object] | None,
) -> Iterator[dict[str, Callable[[Progress], Outcome]]]:
    """Of these analyses those that stand apart, begun in two threads of their own, as one of them waits for
    a process: each gives its outcome when called, and says meanwhile where it stands. None of large data,
    which would lie in memory twice; none where there is nothing to do meanwhile.
    """
    apart = [name for name in settings if analyses()[name].apart]
    if not apart or len(apart) == len(settings) or dataset.rows * len(dataset.columns) > _BESIDE_CELLS:
        yield {}
        return
    over = threading.Event()
    import_models()
    # one thread each for linear algebra, whose limit is not a thread's own
    with one_blas_thread(), ThreadPoolExecutor(2, thread_name_prefix="winnow-beside") as pool:

        def begin(name: str) -> Callable[[Progress], Outcome]:
            said = deque([(0.0, "")], maxlen=1)

            def work() -> Outcome:
                aside = progress.aside(over.is_set, lambda *now: said.append(now))
                outcome = attempt(name, dataset, settings[name], aside)
                if done is not None:
                    done(name)
                return outcome

            def awaited(heard: Progress) -> Outcome:
                while not running.done():
                    heard.at(*said[-1])
                    wait([running], HEARD_SECONDS)
                outcome = running.result()
                heard.at(1.0, "Done")
                return outcome

            running = pool.submit(work)
            return awaited

        try:
            yield {name: begin(name) for name in apart}
        except BaseException as error:
            if isinstance(error, Cancelled) or not isinstance(error, Exception):
                over.set()
            raise


def all_findings(dataset: Dataset, outcomes: Sequence[Outcome]) -> tuple[Finding, ...]:
    """What loading and the analyses found, worst first; one finding per key, as the pages list them."""
    return tuple(distinct([*dataset.loading, *(f for outcome in outcomes for f in outcome.findings)]))


def row_scores(outcomes: Iterable[Outcome]) -> dict[str, NDArray[np.float64]]:
    """Per analysis whose rows a filter can ask for by their score (n,): NaN where a row has none."""
    scores: dict[str, NDArray[np.float64]] = {}
    for outcome in outcomes:
        result: Any = outcome.result
        if outcome.analysis.name == "outliers" and outcome.result_is_in:
            scores["outliers"] = result.score
    return scores
