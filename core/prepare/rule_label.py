"""What the rule that a finding proposes does, in the few words of its button."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from typing import Any

from core.actions import ACTIONS
from core.finding import Finding
from core.phrases import count, in_full, quoted
from core.rule_words import FILLED, HELD_AS

_SHORT = 30  # letters of a text that stands on a button


def rule_label(finding: Finding, where: str) -> str:
    """What the rule does, with its count; of several columns without one, as each has its own."""
    columns = finding.acted_on
    alone = len(columns) <= 1
    settings = finding.settings_of(columns[0]) if columns else finding.settings
    if finding.action == "merge":
        spellings = int(finding.value or 0)
        if spellings and alone:
            alike = f"as {quoted(finding.becomes)}" if 0 < len(finding.becomes) <= _SHORT else ""
            alike = alike or "like the most common one without stray blanks"
            return f"Write {count(spellings, 'spelling')} {alike}"
        return f"Spell {where} alike"
    if finding.action == "drop_repeats":
        of_serve = finding.value is None or bool(settings.get("across"))
        repeats = len(finding.rows) if of_serve else int(finding.value or 0)
        if repeats and settings.get("columns") == [*columns]:  # the others may differ
            return f"Drop {count(repeats, 'row')} with a value of {where} that another row has"
        return f"Drop {count(repeats, 'row')} that repeat{'s' * (repeats == 1)} another" if repeats else ""
    if finding.action == "read_as":
        return _read_as(finding, where, settings)
    if finding.action == "fill" and not alone:
        return _fill_each(finding, where)
    words = {"fill": _fill, "map": _map, "clip": _clip}.get(finding.action)
    if words is not None:
        return words(len(finding.rows) if alone else 0, where, settings)
    if finding.action == "transform":
        logarithms = settings.get("how") == "log1p"
        return f"Take logarithms of {where}" if logarithms else f"Spread {where} by ranks"
    if finding.action == "encode":
        return f"Write the levels of {where} as their frequency"
    if finding.action == "mark":
        return f"Mark where {where} is {quoted(str(settings['value']))}"
    return f"{ACTIONS[finding.action].label}: {where}"


def _read_as(finding: Finding, where: str, settings: Mapping[str, Any]) -> str:
    kind = str(settings.get("kind", ""))
    layout = settings.get("layout", "")
    lost = len(finding.rows) if kind in ("numeric", "datetime") and not layout else 0
    make = f" and make {count(lost, 'cell')} missing" if lost and len(finding.columns) == 1 else ""
    return f"Read {where} as {layout or HELD_AS.get(kind, kind)}{make}"


def _fill(cells: int, where: str, settings: Mapping[str, Any]) -> str:
    mark = f" and mark {'it' if cells == 1 else 'them'}" if settings.get("indicator") else ""
    what = count(cells, "missing cell") if cells else f"the missing cells of {where}"
    return f"Fill {what} with {_filled(settings)}{mark}"


def _filled(settings: Mapping[str, Any]) -> str:
    how = str(settings.get("how", "median"))
    return quoted(str(settings["value"])) if how == "constant" else FILLED.get(how, how)


def _fill_each(finding: Finding, where: str) -> str:
    """Several columns: with what each is filled, and how many are marked where not all are."""
    each = [finding.settings_of(column) for column in finding.acted_on]
    marked = sum(bool(settings.get("indicator")) for settings in each)
    ways = Counter(map(_filled, each))
    told = (
        [f"{of} with {value}" for value, of in ways.most_common()]
        if len(ways) > 1
        else [f"with {[*ways][0]}"]
    )
    mark = f" and mark them in {marked}" if marked else ""
    mark = " and mark them" if marked == len(each) else mark
    return f"Fill the missing cells of {where}{': ' if len(ways) > 1 else ' '}{', '.join(told)}{mark}"


def _map(cells: int, where: str, settings: Mapping[str, Any]) -> str:
    new = set(settings.get("pairs", {}).values())
    if new == {None}:
        return f"Make {count(cells, 'cell') if cells else f'the codes of {where}'} missing"
    into = f" as {quoted(str(*new))}" if len(new) == 1 else ""
    return f"Write {count(cells, 'value') if cells else f'rare levels of {where}'}{into}"


def _clip(cells: int, where: str, settings: Mapping[str, Any]) -> str:
    what = f"{count(cells, 'value')} of {where}" if cells else where
    bounds = [settings.get(end, "") for end in ("low", "high")]
    if not all(bounds):
        return f"Clip {what}"
    low, high = map(float, bounds)
    ends = float(math.floor(low)), float(math.ceil(high))  # bounds of years may lie between two
    return f"Clip {what} to {in_full(low, *ends)} to {in_full(high, *ends)}"
