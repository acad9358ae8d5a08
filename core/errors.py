"""What can go wrong that a person can mend.

    CoreError                what happened, with the value, and what to do about it
      + InputError           the user can mend it
        + LoadError          unreadable, unsupported, too large
        + ColumnError        missing (with the nearest name), or of the wrong kind
        + SettingError       out of bounds, unknown choice, unknown name
        + FilterError        a filter that cannot be read, or does not fit the data
        + TooSmallError      not enough rows, classes or variety
          + TargetError      of the target: another one mends it
      + RecipeError          made for other data, other version, not a recipe
      + StoreError           the decisions or the workspace cannot be written
      + BusyError            the queue of long work is full
      + Cancelled            asked to stop; not a failure

Caught in two places only: ``components/guard.py`` and ``core.cli.main``. Anything else is a bug and keeps its
traceback.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class CoreError(Exception):
    """Base of every error that a person can mend. ``str(error)`` is one plain sentence or two."""


class InputError(CoreError):
    """The data, the settings or the call can be mended by the user. ``lacks``: the column that is not there;
    "" where the error is another.
    """

    lacks = ""


class LoadError(InputError):
    """The source cannot be read: missing, empty, broken, unsupported or over a limit."""


class ColumnError(InputError):
    """A column is missing or is of the wrong kind."""

    @classmethod
    def missing(cls, name: str, available: Iterable[str]) -> ColumnError:
        """The error for a column that does not exist, with the nearest name as a hint.

        >>> str(ColumnError.missing("aeg", ["age", "fare"]))
        "There is no column 'aeg'. Did you mean 'age'?"
        """
        error = cls(f"There is no column {name!r}. {nearest(name, list(available))}")
        error.lacks = name
        return error

    @classmethod
    def wrong_kind(cls, name: str, kind: str, wanted: Iterable[str]) -> ColumnError:
        """The error for a column whose kind does not fit."""
        return cls(
            f"Column {name!r} is of kind {kind}; "
            f"choose one of kind {' or '.join(wanted)}, or change its kind."
        )


class SettingError(InputError):
    """A setting is out of bounds or unknown."""

    @classmethod
    def unknown(cls, name: str, available: Iterable[str]) -> SettingError:
        """The error for a setting, analysis or option that does not exist."""
        return cls(f"There is no {name!r}. {nearest(name, list(available))}")


class FilterError(InputError):
    """A filter cannot be read, or does not fit the data. ``at``: the character where, counted from 1; 0
    where it was not typed.

    >>> str(FilterError("'x' is no number", 7)), str(FilterError("No such column", 3, "Did you mean 'age'?"))
    ("'x' is no number (character 7).", "No such column (character 3). Did you mean 'age'?")
    """

    def __init__(self, what: str, at: int = 0, hint: str = "") -> None:
        where = f" (character {at})" if at else ""
        super().__init__(f"{what}{where}." + (f" {hint}" if hint else ""))
        self.at = at


class TooSmallError(InputError):
    """There are not enough rows, classes or distinct values for the question asked."""


class TargetError(TooSmallError):
    """The target has too few rows, classes or values for the question asked: another one mends it."""


class RecipeError(CoreError):
    """The recipe is not one, is of another version, or was made for other data."""


class StoreError(CoreError):
    """The decisions or the workspace cannot be read or written."""


class BusyError(CoreError):
    """No more long work can be taken on at present."""


class Cancelled(CoreError):
    """The work was asked to stop."""

    def __init__(self, message: str = "Stopped.") -> None:
        super().__init__(message)


def nearest(name: str, available: list[str]) -> str:
    """A hint: the nearest available name, or the list of them (at most eight)."""
    lowered = {other.lower(): other for other in available}
    close = difflib.get_close_matches(name.lower(), list(lowered), n=1)
    if close:
        return f"Did you mean {lowered[close[0]]!r}?"
    if not available:
        return "There are none."
    shown = ", ".join(available[:8]) + (", …" if len(available) > 8 else "")
    return f"Choose one of: {shown}."
