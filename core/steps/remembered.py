"""What rules learned and made, kept in memory for the same settings, columns and rows."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import numpy as np

from core.errors import SettingError
from core.steps.kind import NOTHING, Effect, Kind, Learned, State

LEARNED = 500  # things learned that are kept
EFFECTS = 4  # effects that are kept, for those that take long


def learned(kind: Kind, state: State, column: str, settings: Any) -> Learned:
    """What a rule learns; once for the same settings, columns and rows."""
    if kind.learn is None:
        return NOTHING
    learn = kind.learn
    return state.data.shared.latest(
        "learned", _key(kind, state, column, settings), lambda: learn(state, column, settings), LEARNED
    )


def effect(kind: Kind, state: State, column: str, settings: Any, learned: Learned, brought: bool) -> Effect:
    """What a rule makes of the data. brought: whether what it learned came from a recipe, which may have been
    edited. Raises `SettingError` where that cannot be read.
    """
    key = (_key(kind, state, column, settings), json.dumps(dict(learned), sort_keys=True, default=str))
    try:
        return state.data.shared.latest(
            "effects", key, lambda: kind.apply(state, column, settings, learned), EFFECTS
        )
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        if not brought:
            raise
        raise SettingError(
            f"What this step learned cannot be read ({type(error).__name__}: {error}); learn it anew "
            "(--refit), or take the step again."
        ) from error


def _key(kind: Kind, state: State, column: str, settings: Any) -> tuple[Any, ...]:
    """What the work of a rule hangs on: its settings, the columns that it reads, the rows, the roles, and the
    names and kinds of all columns, as a new column must not take a name, nor an order leave one out.
    """
    read = [name for name in (column, *kind.reads(state, column, settings)) if name]
    masks = [np.packbits(mask).tobytes() for mask in (state.kept, state.train, state.scope)]
    rows = hashlib.blake2b(b"".join(masks), digest_size=8).hexdigest()
    columns = [state.data.column_key(name) for name in read] or [state.data.version, *sorted(state.omitted)]
    frame = tuple((one.name, one.kind, one.stored) for one in state.data.columns)
    roles = tuple(sorted(state.data.roles.named().items()))
    given = json.dumps(settings.to_json(), default=str)
    return (kind.word, given, column, *columns, rows, roles, frame, state.omitted)
