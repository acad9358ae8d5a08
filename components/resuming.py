"""Which decisions go on with data that were just opened, and which are kept apart from them.

Decisions belong to the content of the data and to a person, whatever file it came in. They were made with
certain roles, above all a target: loaded with others, the data begin a log of their own
(`core.workspace.kept_logs`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from components import decisions
from components.guard import attempt
from components.person import who
from components.server import store
from components.state import session
from core.dataset import Dataset
from core.decision_words import amount
from core.errors import CoreError
from core.workspace.kept_logs import KeptLog, label_for, logs, note, unused_label
from core.workspace.stored import StoredSet, recent

if TYPE_CHECKING:
    from core.same_shape import TakenOver


def known(fingerprint: str) -> tuple[KeptLog, ...]:
    """The logs of this user about some data, last used first; none where they cannot be read, which the next
    decision says.
    """
    kept = attempt(lambda: logs(store(), fingerprint, who()))
    return () if isinstance(kept, CoreError) else kept


def used_last(kept: Sequence[KeptLog]) -> KeptLog:
    """The log that goes on where nothing else is asked for: of those with roles of their own or with
    decisions the one used last; an empty one where there is none.
    """
    return next((log for log in kept if log.roles is not None or log.batches), KeptLog("", 0, ""))


def resume(dataset: Dataset, *, chosen: bool, label: str | None = None) -> tuple[Dataset, str]:
    """Take up what this user decided about these data; gives them as they are then, and a sentence.

    chosen: their roles and split were chosen just now, so that they say which log goes on; else the log says
    them: the one called ``label``, or the one used last.
    """
    kept, now = known(dataset.fingerprint), session()
    if chosen:
        now.log = label_for(kept, dataset)
    else:
        log = used_last(tuple(one for one in kept if label in (None, one.label)))
        laid = attempt(lambda: log.laid_over(dataset))
        now.log, dataset = log.label, dataset if isinstance(laid, CoreError) else laid
    now.dataset = dataset
    decisions.resume(dataset)
    if kept:
        _note(dataset)
    apart = [log for log in kept if log.batches and log.label != now.log]
    return dataset, _sentence(dataset, apart, otherwise_read(dataset) if chosen else [])


def take_over(dataset: Dataset, taken: TakenOver) -> str:
    """Begin a log of the steps that are taken over from another data set, apart from any that there are
    about these data; a sentence about it.
    """
    now = session()
    now.log = unused_label(known(dataset.fingerprint))
    decisions.resume(dataset)
    decisions.say_each(*taken.batches)
    keep_settings()
    return f"{dataset.name} is open. {taken.words}"


def keep_settings() -> None:
    """Note with which roles and which split the decisions of now go on, where that has changed."""
    now = session()
    if now.dataset is not None and now.review.batches and not now.store_trouble:
        _note(now.dataset)


def _note(dataset: Dataset) -> None:
    now = session()
    mark = (now.log, dataset.roles, dataset.split)
    if now.chosen.get("log noted") != mark:
        now.chosen["log noted"] = mark
        attempt(lambda: note(store(), dataset, who(), now.log))


def otherwise_read(dataset: Dataset) -> list[KeptLog]:
    """The logs about the same file when it was read in another way."""
    if not dataset.source.sha256:
        return []
    others = {
        entry.fingerprint
        for entry in of_file(dataset.source.sha256)
        if entry.fingerprint != dataset.fingerprint
    }
    return [log for fingerprint in others for log in known(fingerprint)]


def of_file(sha256: str) -> list[StoredSet]:
    """The data sets of the workspace that were read from a file with these bytes, last used first."""
    entries = attempt(recent)
    return [] if isinstance(entries, CoreError) else [entry for entry in entries if entry.sha256 == sha256]


def _sentence(dataset: Dataset, apart: Sequence[KeptLog], otherwise: Sequence[KeptLog]) -> str:
    """What was taken up, and what was not."""
    sentences = [f"{dataset.name} is open."]
    if session().review.batches:
        sentences.append(f"{session().review.amount} from before taken up.")
    for log in apart[:2]:
        verb = "is" if log.batches == 1 else "are"
        sentences.append(f"{log.amount} made with {log.setting} {verb} kept apart: see the load page.")
    steps, others = sum(log.steps for log in otherwise), sum(log.others for log in otherwise)
    if steps or others:
        stay = "stays" if steps + others == 1 else "stay"
        sentences.append(f"{amount(steps, others)} made when the file was read otherwise {stay} with that.")
    return " ".join(sentences)
