"""Settings of an analysis: a frozen dataclass whose fields carry label, bounds and help.

From the one declaration come the page's form, the command line's ``--set``, the documentation row and the
recipe. Bounds are checked at birth; whether they fit the data at hand is asked at one gate, ``core.run``.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from core.errors import SettingError
from core.phrases import parted

S = TypeVar("S", bound="Settings")


@dataclass(frozen=True)
class Knob:
    """What is known of one setting. ``kinds`` is set for a setting that names a column (or, if ``many``,
    several), ``typed`` for a text (or, if ``many``, pairs of texts) that a person types, ``listed`` for a
    list of plain JSON: of "rows", objects from column to value, or other "entries". ``none``: what no column
    at all stands for.
    """

    label: str
    help: str
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    role: str = ""
    many: bool = False
    typed: bool = False
    none: str = "All that fit"
    listed: str = ""


def knob(default: Any, label: str, help: str, low: float | None = None, high: float | None = None) -> Any:
    """A number or a switch, within inclusive bounds."""
    return dataclasses.field(default=default, metadata={"knob": Knob(label, help, low, high)})


def choice(default: str, label: str, help: str, choices: Sequence[str]) -> Any:
    """One of a few words."""
    return dataclasses.field(default=default, metadata={"knob": Knob(label, help, choices=tuple(choices))})


def text(default: str, label: str, help: str) -> Any:
    """A text that a person types."""
    return dataclasses.field(default=default, metadata={"knob": Knob(label, help, typed=True)})


def pairs(label: str, help: str) -> Any:
    """Texts and what each becomes: an object from text to text (null makes missing)."""
    return dataclasses.field(
        default_factory=dict, metadata={"knob": Knob(label, help, typed=True, many=True)}
    )


def listed(label: str, help: str, what: str = "entries") -> Any:
    """A list of plain JSON: of "rows", objects from column to value, or other entries."""
    return dataclasses.field(default=(), metadata={"knob": Knob(label, help, listed=what)})


def column(label: str, help: str, kinds: Sequence[str], role: str = "") -> Any:
    """One column of these kinds, or "" for none; where "" and ``role`` is filled, the gate takes that role's
    column.
    """
    return dataclasses.field(default="", metadata={"knob": Knob(label, help, kinds=tuple(kinds), role=role)})


def columns(label: str, help: str, kinds: Sequence[str], none: str = "All that fit") -> Any:
    """Some columns of these kinds. none: what the empty tuple means."""
    return dataclasses.field(
        default=(), metadata={"knob": Knob(label, help, kinds=tuple(kinds), many=True, none=none)}
    )


@dataclass(frozen=True)
class Settings:
    """Base of all settings. Raises `SettingError` at birth when a value is out of bounds."""

    def __post_init__(self) -> None:
        defaults = {field.name: field.default for field in dataclasses.fields(self)}
        for name, rule in self.knobs().items():
            _check(name, getattr(self, name), rule, defaults[name])

    @classmethod
    def knobs(cls) -> dict[str, Knob]:
        """Name of each setting -> what is known of it, in the order of declaration."""
        return {f.name: f.metadata["knob"] for f in dataclasses.fields(cls) if "knob" in f.metadata}

    @classmethod
    def of(cls: type[S], given: Mapping[str, Any]) -> S:
        """Settings from names and values (text as typed on a command line, or plain JSON). Raises
        `SettingError`.
        """
        defaults = {
            f.name: {} if f.default is dataclasses.MISSING else f.default for f in dataclasses.fields(cls)
        }
        values = {}
        for name, value in given.items():
            if name not in defaults:
                raise SettingError.unknown(name, list(defaults))
            rule = cls.knobs().get(name)
            as_list = rule is not None and bool(rule.listed)
            values[name] = _listed(name, value) if as_list else _parse(name, value, defaults[name])
        return cls(**values)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON: tuples become lists."""
        plain = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in plain.items()}


def _check(name: str, value: Any, rule: Knob, default: Any) -> None:
    if (rule.typed or rule.kinds) and not rule.many and not isinstance(value, str):
        raise SettingError(f"{name} must be a text; got {value!r}.")
    if (
        rule.kinds
        and rule.many
        and not (isinstance(value, tuple | list) and all(isinstance(one, str) for one in value))
    ):
        raise SettingError(f"{name} must be names of columns; got {value!r}.")
    if isinstance(default, bool) and not isinstance(value, bool):
        raise SettingError(f"{name} must be yes or no; got {value!r}.")
    if isinstance(default, int) and not isinstance(default, bool) and not isinstance(value, int):
        raise SettingError(f"{name} must be a whole number; got {value!r}.")
    if rule.choices and value not in rule.choices:
        raise SettingError(f"{name} must be one of {', '.join(rule.choices)}; got {value!r}.")
    if rule.low is not None or rule.high is not None:
        low, high = -math.inf if rule.low is None else rule.low, math.inf if rule.high is None else rule.high
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
            raise SettingError(f"{name} must lie between {low:g} and {high:g}; got {value!r}.")


def _parse(name: str, value: Any, default: Any) -> Any:
    if isinstance(default, tuple):
        return tuple(parted(value)) if isinstance(value, str) else tuple(value)
    if isinstance(default, dict):
        return _pairs(name, value)
    if not isinstance(value, str):
        return (
            float(value)
            if isinstance(default, float) and isinstance(value, int) and not isinstance(value, bool)
            else value
        )
    if isinstance(default, bool):
        words = {
            "true": True,
            "yes": True,
            "on": True,
            "1": True,
            "false": False,
            "no": False,
            "off": False,
            "0": False,
        }
        if value.lower() not in words:
            raise SettingError(f"{name} must be yes or no; got {value!r}.")
        return words[value.lower()]
    if isinstance(default, (int, float)):
        try:
            return type(default)(value)
        except ValueError as error:
            raise SettingError(f"{name} must be a number such as {default}; got {value!r}.") from error
    return value


def _listed(name: str, value: Any) -> tuple[Any, ...]:
    import json

    if isinstance(value, str):
        try:
            value = json.loads(value or "[]")
        except ValueError as error:
            raise SettingError(f"{name} must be a JSON list such as [1, 2]; {error}.") from error
    if not isinstance(value, list | tuple):
        raise SettingError(f"{name} must be a list; got {str(value)[:80]!r}.")
    return tuple(value)


def _pairs(name: str, value: Any) -> dict[str, str | None]:
    import json

    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError as error:
            raise SettingError(f'{name} must be JSON such as {{"NYC": "New York"}}.') from error
    whole = isinstance(value, Mapping) and all(
        isinstance(key, str) and isinstance(text, str | None) for key, text in value.items()
    )
    if not whole:
        raise SettingError(f"{name} must give a text, or null, for each text.")
    return dict(value)
