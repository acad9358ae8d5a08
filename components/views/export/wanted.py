"""What was asked for on the page, and with which settings analyses ran."""

from __future__ import annotations

from typing import Any

from components.state import session


def want(what: str, key: tuple[Any, ...]) -> None:
    """Note that a person asked for something that is made only then."""
    session().chosen[what] = key


def calls() -> dict[str, dict[str, Any]]:
    """Analyses run in this session, with the settings that were chosen by hand."""
    return {name: dict(given) for name, given in session().settings.items()}
