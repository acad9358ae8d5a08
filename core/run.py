"""The one gate: does the call fit the data; is the result remembered; if not, work it out."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from core.analysis import Analysis, Result
from core.catalog import find
from core.dataset import Dataset
from core.errors import ColumnError, InputError, SettingError, TooSmallError
from core.kept import Kept
from core.limits import LOOKS_SHARE, RESULTS_MB
from core.phrases import count, left_out_unread
from core.progress import SILENT, Progress
from core.settings import Settings
from core.workers import imports_done

Key = tuple[str, str, str, Settings]  # fingerprint, version, analysis, settings


class Refusal(NamedTuple):
    """Why a call cannot be made on these data, without the frames that a raised error holds."""

    kind: type[InputError]
    args: tuple[Any, ...]
    state: dict[str, Any]
    nbytes: int = 1_024

    def error(self) -> InputError:
        """The error, as it was raised."""
        made = self.kind.__new__(self.kind, *self.args)
        made.__dict__.update(self.state)
        return made


class ResultMemo:
    """Remembered results, and why there is none where a call cannot be made; least recently used out first,
    bounded in bytes. Safe to share between threads.

    turn: counts the results that came in or were dropped: what was made of the results known at one turn
    holds until the next.
    """

    def __init__(self) -> None:
        self.turn = 0
        self._kept: Kept[Key, Result | Refusal] = Kept()
        self._lock = threading.Lock()

    def get(self, key: Key) -> Result | None:
        """The result kept under ``key``, or None. Raises the `InputError` that is kept there."""
        with self._lock:
            known = self._kept.get(key)
        if isinstance(known, Refusal):
            raise known.error()
        return known

    def put(self, key: Key, result: Result | Refusal) -> None:
        """Keep what came of a call; the oldest go while the whole is over three quarters of
        ``WINNOW_RESULTS_MB`` (the newest always stays). The last one is for looks of Labels.
        """
        most = (1.0 - LOOKS_SHARE) * RESULTS_MB.value * 1_000_000
        with self._lock:
            self.turn += 1
            self._kept.put(key, result, most, least=1)

    def forget(self, of: str) -> None:
        """Drop all results of one data set: ``of`` is its fingerprint, or the version of one way of taking
        it.
        """
        with self._lock:
            self.turn += 1
            self._kept.forget(lambda key: of in key[:2])

    def clear(self) -> None:
        """Drop all results."""
        with self._lock:
            self.turn += 1
            self._kept.clear()


MEMO = ResultMemo()


def run(
    name: str,
    dataset: Dataset,
    settings: Settings | Mapping[str, Any] | None = None,
    progress: Progress = SILENT,
) -> Result:
    """Run the analysis ``name`` on ``dataset``, or give the remembered result of the same call; that it
    cannot be made on these data is remembered, too.

    settings: a settings object or names and values. Raises `CoreError` when the call cannot be made on these
    data.
    """
    analysis = find(name)
    chosen = fitted(analysis, dataset, settings)
    key = (dataset.fingerprint, dataset.version, name, chosen)
    result = MEMO.get(key)
    if result is None:
        try:
            result = _worked_out(analysis, dataset, chosen, progress)
        except (ColumnError, SettingError, TooSmallError) as error:
            MEMO.put(key, Refusal(type(error), error.args, dict(vars(error))))
            raise
        MEMO.put(key, result)
    progress.at(1.0, "Done")
    return result


def _worked_out(analysis: Analysis, dataset: Dataset, chosen: Settings, progress: Progress) -> Result:
    """The result for these rows, without those that are not looked at, of which its notes tell."""
    every = dataset if analysis.copies else dataset.independent
    notes = []
    if passed_over := dataset.rows - every.rows:
        notes.append(f"{count(passed_over, 'row')} not looked at: a step made them of others.")
    by_picture = bool(analysis.compares) and not getattr(chosen, analysis.compares)
    there = ~every.without_picture() if by_picture else np.ones(every.rows, bool)
    looked_at = every if there.all() else every.only(there)
    _enough(analysis, looked_at)
    imports_done()
    result = analysis.function(looked_at.unmarked, chosen, progress)
    if looked_at is not every:
        result = result.spread(every, there)
        notes.append(left_out_unread(every.rows - looked_at.rows))
    return replace(result, notes=(*result.notes, *notes)) if notes else result


def remembered(
    name: str, dataset: Dataset, settings: Settings | Mapping[str, Any] | None = None
) -> Result | None:
    """The result of this call if it is remembered; never works it out. Raises as `run` does."""
    return MEMO.get((dataset.fingerprint, dataset.version, name, fitted(find(name), dataset, settings)))


def fitted(
    analysis: Analysis, dataset: Dataset, settings: Settings | Mapping[str, Any] | None = None
) -> Settings:
    """The settings, checked against the data; columns left open are filled from the roles."""
    chosen = settings if isinstance(settings, Settings) else analysis.settings.of(settings or {})
    if not isinstance(chosen, analysis.settings):
        raise SettingError(
            f"{analysis.name} takes {analysis.settings.__name__}, not {type(chosen).__name__}."
        )
    _enough(analysis, dataset)
    if not dataset.columns:
        raise TooSmallError(f"{dataset.name!r} has no columns.")
    for name, rule in analysis.settings.knobs().items():
        if not rule.kinds:
            continue
        value = getattr(chosen, name)
        if rule.role and not value:
            value = getattr(dataset.roles, rule.role) or ""
            chosen = replace(chosen, **{name: value})
        for wanted in value if rule.many else filter(None, [value]):
            if dataset[wanted].kind not in rule.kinds:
                raise ColumnError.wrong_kind(wanted, dataset[wanted].kind, rule.kinds)
    return chosen


def _enough(analysis: Analysis, dataset: Dataset) -> None:
    if dataset.rows < analysis.min_rows:
        raise TooSmallError(
            f"{analysis.title} needs at least {count(analysis.min_rows, 'row')}; {dataset.name!r} has "
            f"{dataset.rows}."
        )
