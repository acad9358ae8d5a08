"""What a filter on a page can ask for, and which rows it takes."""

from __future__ import annotations

from components import checks, results, waiting
from components.state import keep, session
from core.dataset import Dataset
from core.filters import Filter
from core.outcomes import row_scores
from core.rowset import RowSet


def flags(dataset: Dataset) -> tuple[str, ...]:
    """The kinds of findings that name rows, which a filter can ask for; none while no row was checked."""
    outcomes = checks.known(dataset)
    every = [f for outcome in outcomes.values() for f in outcome.findings if len(f.rows)]
    return tuple(dict.fromkeys(f.code for f in (*every, *dataset.loading) if len(f.rows)))


def matching(dataset: Dataset, where: Filter) -> RowSet:
    """The rows that a filter takes, where it asks for findings or scores by those that are known by now; of
    copies those that still repeat another row. Raises `FilterError`.
    """
    if where.by_data_alone:
        return keep(("where", dataset.version, where), lambda: where.rows(dataset))
    outcomes = checks.known(dataset)
    listed = results.findings_by_key(dataset, outcomes)
    flagged = {
        key: waiting.still_repeating(dataset, finding, outcomes).rows for key, (finding, _) in listed.items()
    }
    scores = row_scores(outcomes.values())
    mark = ("where", *results.came_of(dataset, outcomes), where, session().turn)
    return keep(mark, lambda: where.rows(dataset, flagged, scores))
