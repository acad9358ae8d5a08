"""The list of earlier findings that were not checked again, and the picture of a proposal."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from components.views.prepare import proposal
from components.widgets import not_again
from core.decision import Decision
from core.finding import Finding
from core.rowset import RowSet


def earlier(number: int, **more: object) -> Finding:
    given: dict[str, object] = {
        "severity": "warning",
        "score": 0.5,
        "why": "",
        "suggestion": "",
        "columns": (f"c{number}",),
    }
    given |= {"title": f"finding {number} is skewed", **more}
    return Finding(code="skew", **given)  # type: ignore[arg-type]


def drawn() -> None:
    from components.widgets import not_again

    not_again.view(None)  # type: ignore[arg-type]


@pytest.mark.parametrize("many", [6, 9])
def test_beyond_six_earlier_findings_are_folded_and_none_is_lost(
    many: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ "4 more" stood below the first six and led nowhere."""
    listed = [earlier(at, action="transform", settings={"how": "log1p"}) for at in range(many)]
    monkeypatch.setattr(not_again, "_by_state", lambda _: [("earlier", "Not checked again:", listed)])
    app = AppTest.from_function(drawn).run()
    assert not app.exception
    assert not app.button, "nothing is offered for what was found before the last step: its rows may differ"
    shown = [one.value for one in app.markdown]
    assert [sum(f"finding {at} " in text for text in shown) for at in range(many)] == [1] * many
    folds = [(one.label, [line.value for line in one.markdown]) for one in app.expander]
    if many == 6:
        assert not folds
        return
    [(label, inside)] = folds
    assert label == "3 more" and len(inside) == 3
    assert all(f"finding {at} " in text for at, text in zip((6, 7, 8), inside, strict=True))


def test_a_proposal_of_other_settings_has_a_picture_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """The picture of the former settings stayed, as its key was that of the finding."""
    keys: list[str] = []
    monkeypatch.setattr(proposal.changed, "view", lambda one, key, *_, **__: keys.append(key))
    tried = SimpleNamespace(passed=(), notes=())
    monkeypatch.setattr(proposal.trials, "tried", lambda batch, of: tried)
    monkeypatch.setattr(proposal.as_decided, "settled", lambda _: None)
    monkeypatch.setattr(proposal.fixes, "unless_kept", lambda finding, _: finding)
    monkeypatch.setattr(proposal.fixes, "decisions", lambda _, finding: step(finding))
    for low, title in ((1, "one"), (1, "said otherwise"), (2, "one")):
        proposal._preview(None, earlier(0, settings={"low": low}, title=title), "prepare-c0")  # type: ignore[arg-type]
    assert keys[0] == keys[1] != keys[2] and all(one.startswith("proposal-prepare-c0-") for one in keys)


def step(finding: Finding) -> tuple[Decision, ...]:
    return (Decision("clip", RowSet(), column="c0", settings=dict(finding.settings), why=finding.title),)
