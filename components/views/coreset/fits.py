"""What came of fits on the coreset, beside each other, with the time and settings that each rests on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from components import results
from components.settings_text import texts
from components.state import session
from core.catalog import find
from core.coreset.quality import CoresetQuality
from core.dataset import Dataset
from core.phrases import count, within
from core.progress import Progress

if TYPE_CHECKING:
    from core.analyses.coreset.analysis import CoresetResult

NAME, FITS = "coreset", "coreset-fits"


class Fit(NamedTuple):
    """What came of one thing that was asked for. It is what the job gives, so that what it rests on is known
    wherever it is collected.

    key: data, settings and model that it rests on. made: what came of it. on: the coreset in words. error:
    what was expected then. when: it was done.
    """

    key: tuple[Any, ...]
    made: Any
    on: str
    error: CoresetQuality | None
    when: datetime

    def in_words(self, button: str, key: tuple[Any, ...]) -> str:
        """What it rests on, and that this is another coreset than the one shown. button: that fits it anew.
        key: of now, with the same model.

        >>> one = Fit(("a", "Linear"), 1, "Linear on 9 of 90 rows", None, datetime(2026, 1, 2, 9, tzinfo=UTC))
        >>> one.in_words("Tune", ("a", "Linear"))
        'Linear on 9 of 90 rows; at 09:00 UTC.'
        >>> one.in_words("Tune", ("b", "Linear"))
        'Linear on 9 of 90 rows; at 09:00 UTC. Data or settings are others by now: Tune fits it anew.'
        """
        told = f"{self.on}; at {self.when:%H:%M} UTC."
        return (
            told if self.key == key else f"{told} Data or settings are others by now: {button} fits it anew."
        )


def key_of(dataset: Dataset, model: str) -> tuple[Any, ...]:
    """What a fit of this model now rests on."""
    return (*results.mark(dataset, NAME), model)


def known() -> dict[str, Fit]:
    """What came of each thing that was asked for, the newest of each, those among them that were collected
    while another one was awaited.
    """
    fits: dict[str, Fit] = session().chosen.setdefault(FITS, {})
    for what, (_, made) in session().outcomes.items():
        if isinstance(made, Fit):
            fits[what] = made
    return fits


def work(
    key: tuple[Any, ...], result: CoresetResult, fitted: Callable[[Progress], Any]
) -> Callable[[Progress], Fit]:
    """What fits and says on what that rests, which is asked of the page now. key: see `Fit`."""
    on, error = _on(key[-1], result), result.error
    return lambda progress: Fit(key, fitted(progress), on, error, datetime.now(UTC))


def _on(model: str, result: CoresetResult) -> str:
    """The model, how many rows of how many it was fitted on, and the settings that are not the usual ones."""
    size, every = count(result.row.size), count(result.coreset.rows, "row")
    knobs, chosen = find(NAME).settings.knobs(), texts({NAME: result.settings.to_json()})
    given = [f"{within(knobs[dotted.partition('.')[2]].label)} {text}" for dotted, text in chosen.items()]
    told = ", ".join(given) if given else "settings as they are by default"
    return f"{model} on {size} of {every}; {told}"
