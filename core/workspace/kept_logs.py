"""Several logs of decisions about the same data, kept apart: decisions for one target are none for another.

The first log of a data set is kept under its fingerprint, further ones under the fingerprint and a number.
For each stands with which roles and which split it was made (`note`), so that the same file, loaded with
these again, goes on with it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from core.dataset import Dataset
from core.dataset.roles import ROLES
from core.dataset.split import PartSplit
from core.decision_words import amount
from core.errors import InputError
from core.phrases import name as quoted_name
from core.workspace.store import MARK, Store, now

TABLE = (
    "CREATE TABLE IF NOT EXISTS settings (fingerprint TEXT NOT NULL, user TEXT NOT NULL, at TEXT NOT NULL, "
    "plain TEXT NOT NULL, PRIMARY KEY (fingerprint, user))"
)


@dataclass(frozen=True)
class KeptLog:
    """One log of a user about some data.

    label: "" for the first, else its number.
    steps: how many stand (`Review.changing`), those switched off among them.
    undone: how many can be redone.
    last: time of the last event or of the last use (ISO, UTC).
    roles: role -> column; None where they are not known, as in logs of earlier versions.
    split: how the rows were parted, if they were.
    others: how many batches of decisions stand beside the steps, which change no data.
    off: how many of the steps are switched off.
    decided: time of the last event, which opening the data does not move; "" where there is none.
    """

    label: str
    steps: int
    last: str
    roles: Mapping[str, str] | None = None
    split: PartSplit | None = None
    undone: int = 0
    others: int = 0
    off: int = 0
    decided: str = ""

    @property
    def batches(self) -> int:
        """How many batches of decisions stand, the steps among them."""
        return self.steps + self.others

    @property
    def amount(self) -> str:
        """How much stands, in words; "" for nothing.

        >>> KeptLog("", 3, "").amount, KeptLog("", 2, "", others=1).amount, KeptLog("", 3, "", off=1).amount
        ('3 steps', '2 steps and 1 other decision', '2 steps, 1 switched off')
        """
        return amount(self.steps - self.off, self.others, self.off)

    @property
    def setting(self) -> str:
        """What it was made with, in words.

        >>> KeptLog("", 3, "", {"target": "ill", "id": "no"}).setting, KeptLog("", 3, "", {}).setting
        ("target 'ill', id 'no'", 'no roles given')
        """
        words = [f"{role} {quoted_name(column)}" for role, column in (self.roles or {}).items()]
        if self.split is not None and self.split.how != "file":
            words.append(f"split by {quoted_name(self.split.column)}")
        return ", ".join(words) or "no roles given"

    def fits(self, dataset: Dataset) -> bool:
        """Whether it was made with the roles and the split of ``dataset``, as far as that is known."""
        return self.roles is None or (self.roles == dataset.roles.named() and self.split == dataset.split)

    def laid_over(self, dataset: Dataset) -> Dataset:
        """The data with its roles and its split. Raises `InputError` where they do not fit."""
        if self.roles is None:
            return dataset
        roles = {role: self.roles.get(role) for role in ROLES}
        return dataset.with_roles(**roles).with_split(self.split)


def key_of(fingerprint: str, label: str) -> str:
    """What a log is kept under.

    >>> key_of("ab12", ""), key_of("ab12", "2")
    ('ab12', 'ab12~2')
    """
    return f"{fingerprint}{MARK}{label}" if label else fingerprint


def logs(store: Store, fingerprint: str, user: str) -> tuple[KeptLog, ...]:
    """The logs of a user about these data, last used first. Raises `StoreError`."""
    times: dict[str, str] = {}
    noted: dict[str, str] = {}
    with store.file.reading() as connection:
        if connection is None:
            return ()
        mine = (user, fingerprint, f"{fingerprint}{MARK}%")
        where = "WHERE user = ? AND (fingerprint = ? OR fingerprint LIKE ?)"
        events = f"SELECT fingerprint, MAX(at) FROM events {where} GROUP BY fingerprint"
        decided = dict(connection.execute(events, mine).fetchall())
        times.update(decided)
        connection.execute(TABLE)
        for key, at, plain in connection.execute(
            f"SELECT fingerprint, at, plain FROM settings {where}", mine
        ):
            noted[key] = plain
            times[key] = max(at, times.get(key, ""))
    found = [
        replace(_log(store, user, key, times[key], noted.get(key)), decided=decided.get(key, ""))
        for key in times
    ]
    return tuple(sorted(found, key=lambda log: log.last, reverse=True))


def _log(store: Store, user: str, key: str, last: str, plain: str | None) -> KeptLog:
    review = store.review(key, user)
    steps = len(review.changing)
    others = len(review.batches) - steps
    undone, off = len(review.undone), review.steps_off
    log = KeptLog(key.partition(MARK)[2], steps, last, undone=undone, others=others, off=off)
    known = _plain(plain)
    return log if known is None else replace(log, roles=known[0], split=known[1])


def _plain(text: str | None) -> tuple[dict[str, str], PartSplit | None] | None:
    """What `note` wrote; None where it is nothing of the kind."""
    try:
        plain = json.loads(text or "null")
        split = plain["split"]
        roles = {str(role): str(column) for role, column in plain["roles"].items()}
        return roles, None if split is None else PartSplit(**split)
    except (ValueError, TypeError, KeyError, AttributeError, InputError):
        return None


def note(store: Store, dataset: Dataset, user: str, label: str) -> None:
    """Keep with which roles and which split the log ``label`` about these data goes on. Raises
    `StoreError`.
    """
    plain: dict[str, Any] = {
        "roles": dataset.roles.named(),
        "split": None if dataset.split is None else asdict(dataset.split),
    }
    row = (key_of(dataset.fingerprint, label), user, now(), json.dumps(plain))
    with store.file.writing() as connection:
        connection.execute(TABLE)
        connection.execute("INSERT OR REPLACE INTO settings VALUES (?, ?, ?, ?)", row)


def label_for(kept: Sequence[KeptLog], dataset: Dataset) -> str:
    """The log that goes on with data that were loaded with these roles and this split: one made with them, or
    one that is free, or a new one.
    """
    for log in sorted(kept, key=lambda log: log.roles is None):
        if log.fits(dataset):
            return log.label
    return unused_label(kept)


def unused_label(kept: Sequence[KeptLog]) -> str:
    """A log in which nothing stands nor can be redone: one that there is, or a new one."""
    for log in kept:
        if not log.batches and not log.undone:
            return log.label
    taken = {log.label for log in kept}
    return next(label for label in ("", *map(str, range(2, len(taken) + 3))) if label not in taken)
