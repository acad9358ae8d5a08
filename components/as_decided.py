"""What the decisions make of the open data set: the data as decided, where each row stands, and what a step
that comes next would find. Each is worked out once for the decisions of now.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from components import checks, results
from components.state import keep, session
from core import steps
from core.acceptance import accepted as accepted_findings
from core.acceptance import learned
from core.actions import ACTIONS
from core.dataset import Dataset
from core.decided import as_decided
from core.decision import Batch, Decision
from core.errors import CoreError
from core.finding import Finding
from core.prepare.levels import encoded
from core.progress import SILENT, Progress
from core.report import in_source
from core.review import Review
from core.rowset import RowSet
from core.settled import Settled
from core.steps import StepTrial, Work, preview

NOTHING = "That would change nothing."
WORKS = 4  # places among the steps of which what they left is kept


def in_view() -> Dataset | None:
    """The data set that the pages show: as decided, unless the person wants it as loaded."""
    now = session()
    return now.dataset if now.dataset is None or now.as_loaded else decided(now.dataset)


def decided(dataset: Dataset) -> Dataset:
    """The open data set as decided; itself where no decision changes it. The same object for the same
    changes, however they came about.
    """
    now = session()
    fresh = keep(
        ("decided", dataset.version, now.turn),
        lambda: as_decided(dataset, now.review, settled()),
        newest=True,
    )
    return keep(("as decided", fresh.version), lambda: fresh) if fresh.changes else dataset


def decided_by(decisions: tuple[Decision, ...]) -> Dataset:
    """The open data set as these decisions alone would have it, such as those in force but for one step."""
    now, opened = session(), open_dataset()
    if decisions == now.review.decisions:
        return decided(opened)
    fresh = keep(
        ("decided by", opened.version, now.turn, decisions),
        lambda: as_decided(opened, Review().say(*decisions), settled_by(decisions)),
        newest=True,
    )
    return keep(("as decided", fresh.version), lambda: fresh) if fresh.changes else opened


def settled_by(decisions: tuple[Decision, ...]) -> Settled:
    """Where every row of the open data set would stand by these decisions alone."""
    return work_after(decisions, open_dataset()).settled()


def accepted() -> dict[str, Decision]:
    """The findings of the open data set that stand without alarm, by the names that columns have now; those
    known by now that are the same as one accepted, where what was learned from the data moved, among them.
    """
    now, opened = session(), open_dataset()
    data = {one.version: one for one in (opened, decided(opened))} if learned(now.review) else {}
    return keep(
        ("accepted", opened.version, now.turn, *(results.turn(one) for one in data.values())),
        lambda: accepted_findings(now.review, settled(), opened.names, *_learned(data.values())),
        newest=True,
    )


def _learned(data: Iterable[Dataset]) -> Iterator[list[Finding]]:
    """Of each look at these data, and those before the last steps, what was found of which the key may be
    another where it is learned anew, with its rows as positions in the source.
    """

    def learned_ones(found: Iterable[Finding]) -> list[Finding]:
        return [f for f in found if f.about or f.gathers or f.members]

    for one in data:
        found = [f for outcome in checks.known(one).values() for f in outcome.findings]
        yield in_source(one, learned_ones(found))
    for looks in session().looks.values():
        yield from (learned_ones(look.findings) for look in looks.values())


def settled(dataset: Dataset | None = None) -> Settled:
    """Where every row of the open data set stands now; of ``dataset`` where that is the same as decided."""
    now = session()
    opened = open_dataset()
    every = keep(("settled", opened.version, now.turn), lambda: work().settled(), newest=True)
    if dataset is not None and dataset.changes is None:
        return keep(("settled as loaded", dataset.version, now.turn), lambda: every.of_source, newest=True)
    if dataset is None or dataset.changes is None or dataset.changes.kept is None:
        return every
    kept = dataset.changes.kept
    return keep(("settled of", dataset.version, now.turn), lambda: every.among(kept), newest=True)


def whole() -> StepTrial:
    """What all decisions together made of the open data set."""
    now = session()
    return keep(("whole", open_dataset().version, now.turn), lambda: steps.whole(work()), newest=True)


def counts() -> dict[str, int]:
    """How many rows and cells of the open data set are what they are by decisions (`core.steps.counts`)."""
    now = session()
    return keep(("counts", open_dataset().version, now.turn), lambda: steps.counts(whole()), newest=True)


def changed_or_kept() -> int:
    """How many rows that are left decisions add, weigh or change a cell of, or keep on purpose."""
    now = session()

    def rows() -> int:
        where = settled()
        return len((whole().data_rows | where.by(ACTIONS["keep"])) & RowSet.from_mask(where.kept))

    return keep(("changed or kept", open_dataset().version, now.turn), rows, newest=True)


def relabelled() -> RowSet:
    """The rows of the open data set whose label was written by hand and is another than as loaded: one that
    a row had already is no change.
    """
    now, opened = session(), open_dataset()

    def rows() -> RowSet:
        import pyarrow as pa

        target, every = opened.roles.target or "", settled()
        name = every.called(target)
        if not target or name is None:
            return RowSet()
        ids = every.changed(name).ids
        ids = ids[ids < opened.rows]
        was, here = (
            data.table([column]).column(0).take(pa.array(ids)).cast(pa.string())
            for data, column in ((opened, target), (work().data, name))
        )
        codes = encoded(pa.chunked_array([*was.chunks, *here.chunks], pa.string()))[0]
        return RowSet(ids[codes[: ids.size] != codes[ids.size :]])

    return keep(("relabelled", opened.version, now.turn), rows, newest=True)


def work() -> Work:
    """What the decisions made of the open data set so far, for a step that comes next."""
    now = session()
    return work_after(now.review.decisions, open_dataset())


def work_after(past: Batch, opened: Dataset, progress: Progress = SILENT) -> Work:
    """What decisions made of a data set, worked out once, on from what is known. Asks nothing of the page, so
    that a job can.
    """

    def followed() -> Work:
        at, begun = _begun(past, opened)
        work = begun.copy()
        work.go_on(past[at:], progress)
        return work

    return opened.shared.latest("steps so far", past, followed, WORKS)


def _begun(past: Batch, opened: Dataset) -> tuple[int, Work]:
    """How many of these decisions, from the first on, it is known of what they made, and what that is."""
    known: dict[Batch, Work] = opened.shared.get("steps so far", {})
    begun = [(len(some), work) for some, work in list(known.items()) if past[: len(some)] == some]
    return max(begun, key=lambda one: one[0], default=(0, Work(opened)))


def to_follow(decisions: Batch | None = None) -> Callable[[Progress], Work] | None:
    """What follows the decisions in force, or others, where that takes long and was not done yet; else None.
    What it gives asks nothing of the page, so that a job can.
    """
    opened, past = open_dataset(), session().review.decisions if decisions is None else decisions
    if past in opened.shared.get("steps so far", {}):
        return None
    if not steps.takes_long(opened, past[_begun(past, opened)[0] :]):
        return None
    return lambda progress: work_after(past, opened, progress)


def refused(batch: Sequence[Decision]) -> str:
    """Why decisions that come next cannot be taken, in sentences: they could not be followed, or would change
    nothing; "" where they can. Raises `RecipeError` for a row that the data have not.
    """
    one = preview(work(), batch)
    return NOTHING if one.idle else " ".join(one.passed)


def open_dataset() -> Dataset:
    """The open data set, as loaded. Raises `CoreError` where there is none."""
    dataset = session().dataset
    if dataset is None:
        raise CoreError("No data set is open. Load one first.")
    return dataset
