"""What an analysis is: settings, a result and one pure function between them, bound by one line."""

from __future__ import annotations

import functools
import inspect
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from core.dataset import Dataset
from core.errors import SettingError
from core.finding import Finding
from core.frozen import lock_fields
from core.progress import Progress
from core.settings import Settings

if TYPE_CHECKING:
    import pandas as pd


Needs = Literal["", "target", "target or two parts"]
Alarms = Literal["", "any", "train and serve", "classes", "numbers", "images"]


@dataclass(frozen=True)
class Status:
    """Whether a detector did its work: a detector that failed says so and never looks clean. reason: a
    sentence, which begins with a capital letter wherever it came from. wants_target: whether another target
    would mend it, as none is chosen or that chosen holds too little. too_small: whether it was skipped as
    the rows, classes or values are too few for it: what it would find is not known.
    """

    state: Literal["ok", "skipped", "failed"] = "ok"
    reason: str = ""
    wants_target: bool = False
    too_small: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "reason", f"{self.reason[:1].upper()}{self.reason[1:]}")

    def __str__(self) -> str:
        return self.state if self.state == "ok" else f"{self.state}: {self.reason}"


OK = Status()
NO_TARGET = Status("skipped", "No target is chosen: choose the column to predict.", wants_target=True)


@dataclass(frozen=True, eq=False, kw_only=True)
class Result:
    """Base of all results. Arrays among the fields are copied and locked at birth.

    settings: those it was worked out with.
    notes: what was sampled, approximated or left out, in plain sentences.
    status: ``ok``, ``skipped: reason`` or ``failed: error``.

    Besides, a result gives ``summary`` (a few named numbers or short texts), ``frame()`` (a table),
    ``tables()`` (more of them, where there are), ``rows()`` (a table whose first column is ``row``, or None)
    and ``findings``.
    """

    settings: Settings
    notes: tuple[str, ...] = ()
    status: Status = OK

    def __post_init__(self) -> None:
        lock_fields(self)

    @property
    def summary(self) -> dict[str, float | int | str]:
        """A few named numbers; keys in snake_case."""
        raise NotImplementedError

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was found, worst first."""
        return ()

    @property
    def unchecked(self) -> str:
        """What an analysis that ran had to leave out, as a sentence; "" where nothing."""
        return ""

    @property
    def wants_target(self) -> bool:
        """Whether another target would mend what could not be done, wholly or in part."""
        return self.status.wants_target

    @property
    def calm(self) -> str:
        """What is said where nothing needs attention, without a full stop."""
        return "Nothing stands out"

    def spread(self, dataset: Dataset, there: NDArray[np.bool_]) -> Self:
        """The same for all rows of ``dataset``: its own are those of the mask, of the others nothing is
        known.
        """
        raise NotImplementedError

    @property
    def nbytes(self) -> int:
        """Rough size in memory, in bytes; the result memo counts it."""
        return 4096 + sum(int(getattr(value, "nbytes", 256)) for value in vars(self).values())

    def frame(self) -> pd.DataFrame:
        """The result as a table."""
        raise NotImplementedError

    def tables(self) -> dict[str, pd.DataFrame]:
        """Tables besides `frame`, by title in snake_case."""
        return {}

    def rows(self) -> pd.DataFrame | None:
        """The per-row table: ``row`` first, one line per row of the data, in source order; None where there
        is none.
        """
        return None


@dataclass(frozen=True, eq=False, kw_only=True)
class Found(Result):
    """Base of results that hold their findings, worst first, instead of deriving them."""

    found: tuple[Finding, ...] = ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was found, worst first."""
        return self.found


@dataclass(frozen=True)
class Analysis:
    """A function that is an analysis.

    title, question: what it is called, and what it answers.
    page: on which page it appears, such as ``explore/profile``.
    function: pure, ``(dataset, settings, progress) -> result``; its annotations name the settings and the
        result class.
    min_rows: rows below which the gate answers with `TooSmallError`.
    tab: its short name among others on the same page; the title where empty.
    icon: of the tab (Material Symbols).
    place: where it stands among those of its page, ascending.
    copies: whether it looks at rows that a step made of others, too, which are no observations of their own.
    compares: the field of its settings that names the columns by which rows are compared with each other; ""
        where they are not. Where it is left open, and rows are compared by their pictures, one whose picture
        cannot be read takes no part, and its result is `Result.spread`.
    asked: whether it runs only when it is asked for by name, as it takes long; an audit leaves it out.
    apart: whether it works out nothing that others need too, so that an audit runs it beside them.
    needs: without what it has nothing to look at, and its result is skipped for want of a target.
    by_target: whether findings of it that do not name the target hang on the target, too.
    of_settings: whether it judges its settings, such as a pipeline: no decision about the data resolves what
        it found.
    alarms: of which data its findings may need attention; "" where they are notes at most. "classes" and
        "numbers" are what the target holds.
    """

    title: str
    question: str
    page: str
    function: Callable[[Dataset, Any, Progress], Result]
    min_rows: int = 1
    tab: str = ""
    icon: str = "analytics"
    place: int = 100
    copies: bool = False
    compares: str = ""
    asked: bool = False
    apart: bool = False
    needs: Needs = ""
    by_target: bool = False
    of_settings: bool = False
    alarms: Alarms = "any"

    @property
    def hangs_on_target(self) -> bool:
        """Whether with another target nothing that it found holds."""
        return bool(self.needs) or self.by_target

    @property
    def name(self) -> str:
        """The name of its file or folder, and of the command."""
        return self.function.__module__.removesuffix(".analysis").rpartition(".")[2]

    @property
    def folder(self) -> str:
        """The package it stands in with parts of its own, such as ``section``; "" where it is one file."""
        package, _, module = self.function.__module__.rpartition(".")
        return package if module == "analysis" else ""

    def lacks_target(self, dataset: Dataset, settings: Mapping[str, Any]) -> bool:
        """Whether it cannot be made as no target is chosen, neither as a role nor in these settings."""
        if not self.needs or dataset.roles.target or settings.get("target"):
            return False
        return self.needs == "target" or len(dataset.parts) < 2

    @property
    def settings(self) -> type[Settings]:
        """The settings class, read from the function's annotations."""
        declared = _second(self.function)
        if not issubclass(declared, Settings):
            raise SettingError(f"The second argument of {self.name} must be a Settings class.")
        return declared


@functools.cache
def _second(function: Callable[..., object]) -> type:
    """The type of the second argument; a page asks some hundred times."""
    declared: type = typing.get_type_hints(function)[list(inspect.signature(function).parameters)[1]]
    return declared
