"""Settings of analyses as text, as the page's address has them, and back.

What is read may come from anybody: a setting holds only as its analysis reads it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial
from typing import Any

from components import guard
from core.dataset import Dataset
from core.errors import CoreError
from core.settings import Settings


def as_text(given: Any) -> str:
    """What was chosen in a widget, as the address has it; "" for nothing.

    >>> as_text(["a", "b"]), as_text(True), as_text(None)
    ('a,b', 'yes', '')
    """
    if given is None or given is False:
        return ""
    if isinstance(given, (list, tuple)):
        return ",".join(map(str, given))
    return "yes" if given is True else str(given).strip()


def texts(settings: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """The settings chosen in forms, as far as they are not the defaults: ``analysis.setting`` -> text."""
    named = {}
    for analysis, given in settings.items():
        kind = _kind(analysis)
        usual = {} if kind is None else kind().to_json()
        for name, chosen in given.items():
            plain = list(chosen) if isinstance(chosen, tuple) else chosen
            parts = plain if isinstance(plain, list) else []
            if name in usual and plain != usual[name] and not any("," in part for part in parts):
                named[f"{analysis}.{name}"] = "no" if plain is False else as_text(plain)
    return {name: given for name, given in named.items() if given}


def settings_of(texts: Mapping[str, str], dataset: Dataset | None) -> dict[str, dict[str, Any]]:
    """The settings that these texts are; those that no analysis takes are left out."""
    settings: dict[str, dict[str, Any]] = {}
    for dotted, given in texts.items():
        analysis, _, name = dotted.partition(".")
        read_as = guard.attempt(partial(_setting, analysis, name, given, dataset))
        if read_as is not None and not isinstance(read_as, CoreError):
            settings.setdefault(analysis, {})[name] = read_as
    return settings


def _setting(analysis: str, name: str, given: str, dataset: Dataset | None) -> Any:
    """One setting as its analysis reads it; None where no form offers it, or it names columns that are not
    there. Raises `SettingError`.
    """
    kind = _kind(analysis)
    knob = None if kind is None else kind.knobs().get(name)
    if kind is None or knob is None:
        return None
    chosen = getattr(kind.of({name: given}), name)
    columns: tuple[str, ...] = ()
    if knob.many or knob.kinds:
        columns = chosen if knob.many else (chosen,)
    there = dataset is None or set(columns) <= {"", *dataset.names}
    return None if not there or (isinstance(chosen, float) and not math.isfinite(chosen)) else chosen


def _kind(analysis: str) -> type[Settings] | None:
    from core.catalog import analyses

    return analyses()[analysis].settings if analysis in analyses() else None
