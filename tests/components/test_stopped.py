"""The checks that a person stopped are stopped for that person alone."""

from __future__ import annotations

import pytest

from components import person, stopped
from components.stopped import Stopped

KEY = ("version", "settings")
BY = tuple[str, str | None]


@pytest.mark.parametrize(
    "other", [("bob@x.example", "10.0.0.1"), ("ann@x.example", "10.0.0.2"), ("ann@x.example", None)], ids=str
)
def test_what_one_person_stopped_goes_on_for_another_person_or_address(
    other: BY, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = Stopped()

    def by(person: BY) -> Stopped:
        monkeypatch.setattr(stopped, "whose", lambda: person)
        return known

    ann = ("ann@x.example", "10.0.0.1")
    by(ann).note("Overlap", KEY)
    assert by(ann).holds("Overlap", KEY), "in another session of the same person, too"
    assert not known.holds("Labels", KEY) and not known.holds("Overlap", ("another", "settings"))
    assert not by(other).holds("Overlap", KEY)
    by(other).forget("Overlap", KEY)
    assert by(ann).holds("Overlap", KEY), "who asks for it again does so for oneself"
    by(other).note("Overlap", KEY)
    by(ann).forget("Overlap", KEY)
    assert not by(ann).holds("Overlap", KEY) and by(other).holds("Overlap", KEY)


def test_who_is_at_the_browser_is_the_person_and_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    class Browser:
        user = {"email": "ann@x.example", "name": "Ann"}

        class context:
            ip_address = "10.0.0.1"

    monkeypatch.setattr(person, "st", Browser)
    assert person.whose() == ("ann@x.example", "10.0.0.1")
    Browser.user = {"name": "Ann"}
    Browser.context.ip_address = None
    assert person.whose() == ("Ann", None)
    Browser.user = {}
    monkeypatch.setattr("getpass.getuser", lambda: "ann")
    assert person.who() == "ann"
