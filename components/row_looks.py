"""Which rows the checks of rows flag in the data as decided, and so which of those flagged as loaded were
resolved.

A decision makes other data of those as decided. Where it is about single rows or cells, such as those taken
in the queue, what the checks found before stays until they have run again, so that the queue does not move
under the fingers. A step may change every row: after one nothing is assumed until they have.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from components import as_decided, guard, results
from components.server_looks import ServerLook, server_looks
from components.state import session
from core.catalog import detectors
from core.dataset import Dataset
from core.decision import Decision
from core.finding import Finding
from core.outcomes import Outcome
from core.prepare import fixes
from core.report import in_source
from core.rowset import RowSet

BY_ROW = ("rows", "cells", "findings")  # decisions that leave the values of all other rows as they are


@dataclass(frozen=True, eq=False)
class RowLook(ServerLook):
    """A look of all checks of rows at the data as decided then.

    found: the findings that ask to decide about rows, counted in the source, each with its check. in_full:
    check -> whether it did all of its work; those that could not be made are not in it.
    """

    found: tuple[tuple[Finding, str], ...]
    in_full: Mapping[str, bool]

    @property
    def of_now(self) -> bool:
        """Whether no decision was taken since."""
        return self.past == session().review.decisions

    @property
    def nbytes(self) -> int:
        """That of the rows, by where their runs begin and end."""
        return sum(16 * finding.rows.runs for finding, _ in self.found)

    def flagged(self, check: str | None = None) -> RowSet:
        """The rows of the source that were flagged, by one check or any; none for a finding that a person
        accepted.
        """
        some = [finding for finding, by in self.found if check in (None, by)]
        return fixes.flagged(some, as_decided.accepted())

    def looked_as_far(self, check: str, before: Mapping[str, Outcome]) -> bool:
        """Whether a check looked at as much as in the data as loaded. What loading found ("") is known."""
        return not check or (check in self.in_full and (self.in_full[check] or not before[check].complete))


def last_look(loaded: Dataset) -> RowLook | None:
    """The look that counts: that at the data as decided now, else the last one since which decisions were
    taken about single rows and cells alone. None where there is none, or no decision changes the data.
    """
    now = guard.attempt(lambda: as_decided.decided(loaded))
    if not isinstance(now, Dataset) or now is loaded:
        return None
    return _look_now(loaded, now) or next(_past(loaded), None)


def behind(loaded: Dataset) -> bool:
    """Whether a step changed the data since the checks of rows last ran on those as decided."""
    now = guard.attempt(lambda: as_decided.decided(loaded))
    if not isinstance(now, Dataset) or now is loaded or last_look(loaded) is not None:
        return False
    return not all(map(_by_row, session().review.decisions))


def _look_now(loaded: Dataset, now: Dataset) -> RowLook | None:
    """The look at the data as decided now, kept for the time after the next decision."""
    outcomes = results.all_known(now, *detectors(now))
    if outcomes is None:
        return None
    past, key = session().review.decisions, _key(loaded)
    listed = results.findings_by_key(now, outcomes)
    asking = {key: one for key, one in listed.items() if fixes.asks_for_rows(one[0])}
    rows = in_source(now, [finding for finding, _ in asking.values()])
    found = tuple(zip(rows, (by for _, by in asking.values()), strict=True))
    in_full = {name: one.complete for name, one in outcomes.items() if one.result_is_in}
    known = server_looks().after(key, past, RowLook)
    if known and (last := known[-1]).past == past and (last.found, last.in_full) == (found, in_full):
        return last
    look = RowLook(past, found, in_full)
    server_looks().put(key, look)
    return look


def _past(loaded: Dataset) -> Iterator[RowLook]:
    """The looks since which decisions were taken about single rows and cells alone, the last one first."""
    decisions: Sequence[Decision] = session().review.decisions
    for look in reversed(server_looks().after(_key(loaded), decisions, RowLook)):
        if all(map(_by_row, decisions[len(look.past) :])):
            yield look


def _by_row(decision: Decision) -> bool:
    return decision.kind.on in BY_ROW and isinstance(decision.rows, RowSet)


def _key(loaded: Dataset) -> tuple[Any, ...]:
    return (loaded.fingerprint, "rows", *results.mark(loaded, *detectors(loaded)))
