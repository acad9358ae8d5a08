"""The pipeline as cards in their order: switched on or off, with probability and ranges, moved, removed,
added.
"""

from __future__ import annotations

import json
from typing import Any

import streamlit as st

from components import address
from components.state import session, value
from components.views.augment.sheet import WIDE, Thumb, strip_png
from components.widgets import layout
from core.analyses.augmentation.editing import Place, Steps, added, changed, moved, removed, surprise
from core.analyses.augmentation.operations import OPERATIONS, PRESETS, Parameter
from core.analyses.augmentation.pipeline import GROUPS, checked
from core.analyses.augmentation.towards import SERVE, towards_serve
from core.dataset import Dataset

NAME = "augmentation"
TITLES = {"some_of": "Some of", "one_of": "One of", "in_order": "In order"}
TOLD = {
    "some_of": "So many of these, drawn anew for each variant.",
    "one_of": "One of these, drawn anew for each variant.",
    "in_order": "All of these, or none where the probability says so.",
}
TOWARDS = "Towards serve"
SLIDER = 170  # pixels of a slider at least
DEEPEST = 2  # groups within each other that can be built here


def view(dataset: Dataset, settings: Any, thumb: Thumb | None) -> None:
    """The bar above, a card per step, and what can be added. thumb: of the image shown in the strips."""
    steps = _steps(settings)
    differ = _differ(dataset, steps, settings.preset)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        own = differ and settings.preset != SERVE
        key = address.key(f"augment-preset-{_turn()}-{own:d}")
        offered = [*PRESETS, *([SERVE] if dataset.split is not None or settings.preset == SERVE else [])]
        st.selectbox(
            "Begin with",
            offered,
            None if own else offered.index(settings.preset),
            placeholder="Steps of your own",
            format_func=_preset_title,
            key=key,
            width=220,
            on_change=lambda: _preset(str(value(key) or settings.preset)),
        )
        st.button("Surprise me", icon=":material/shuffle:", key="augment-surprise", on_click=_surprise)
        if differ:
            st.button(
                f"Back to {_preset_title(settings.preset)}",
                icon=":material/undo:",
                type="tertiary",
                key="augment-preset-again",
                on_click=_preset,
                args=(settings.preset,),
            )
    made = " Each range lies around what brings train nearest to serve." if settings.preset == SERVE else ""
    st.caption(f"Pictures on a card go from the lower end of its range to the upper.{made}")
    _cards(steps, steps, (), thumb)


def _cards(whole: Steps, steps: Steps, group: Place, thumb: Thumb | None) -> None:
    for at, step in enumerate(steps):
        place = (*group, at)
        with st.container(border=True):
            _head(whole, step, place, len(steps))
            if step["op"] in GROUPS:
                _group(whole, step, place, thumb)
            else:
                _leaf(whole, step, place, thumb)
    key = _key("add", group)
    offered = [*OPERATIONS, *(GROUPS if len(group) < DEEPEST else ())]
    st.selectbox(
        "Add an operation" if not group else "Add to this group",
        offered,
        None,
        format_func=_title,
        key=key,
        placeholder="Choose an operation or a group",
        width=320,
        on_change=lambda: _write(added(whole, group, str(value(key))), anew=True),
    )


def _head(whole: Steps, step: dict[str, Any], place: Place, among: int) -> None:
    """Name and switch, and the buttons that move or remove the card."""
    op, at = step["op"], place[-1]
    with st.container(horizontal=True, vertical_alignment="center"):
        on = _key("on", place)
        st.toggle(
            _title(op),
            step.get("on", True),
            key=on,
            help=TOLD[op] if op in GROUPS else OPERATIONS[op].help,
            on_change=lambda: _write(changed(whole, place, "on", bool(value(on)))),
        )
        st.space("stretch")
        buttons = (
            ("up", ":material/arrow_upward:", "Earlier", at == 0, moved(whole, place, -1)),
            ("down", ":material/arrow_downward:", "Later", at == among - 1, moved(whole, place, 1)),
            ("remove", ":material/close:", "Remove", len(place) == 1 and among == 1, removed(whole, place)),
        )
        for name, icon, said, off, after in buttons:
            st.button(
                said,
                key=_key(name, place),
                icon=icon,
                type="tertiary",
                disabled=off,
                on_click=_write,
                args=(after, True),
            )


def _leaf(whole: Steps, step: dict[str, Any], place: Place, thumb: Thumb | None) -> None:
    numbers = OPERATIONS[step["op"]].numbers
    first, *others = layout.cells(1 + len(numbers), SLIDER)
    with first:
        _probability(whole, step, place)
    for beside, (name, number) in zip(others, numbers.items(), strict=True):
        with beside:
            _range(whole, step, place, name, number)
    if thumb is not None and step.get("on", True):
        said = f"{_title(step['op'])}, from the lower end of its range to the upper"
        st.image(strip_png(thumb, step), alt=said, width=WIDE)


def _group(whole: Steps, step: dict[str, Any], place: Place, thumb: Thumb | None) -> None:
    _probability(whole, step, place)
    if step["op"] == "some_of":
        key, inside = _key("n", place), sum(one.get("on", True) for one in step["steps"])
        st.number_input(
            "How many",
            1,
            max(1, inside),
            min(max(1, step.get("n", 1)), max(1, inside)),
            key=key,
            width=160,
            on_change=lambda: _write(changed(whole, place, "n", int(value(key)))),
        )
    _cards(whole, step["steps"], place, thumb)


def _probability(whole: Steps, step: dict[str, Any], place: Place) -> None:
    key = _key("p", place)
    st.slider(
        "Probability",
        0.0,
        1.0,
        float(step.get("p", 1.0)),
        0.05,
        key=key,
        on_change=lambda: _write(changed(whole, place, "p", float(value(key)))),
    )


def _range(whole: Steps, step: dict[str, Any], place: Place, name: str, number: Parameter) -> None:
    given = step.get(name, number.usual)
    low, high = given if isinstance(given, (list, tuple)) else (given, given)
    key, kind = _key(f"of-{name}", place), int if number.whole else float  # a number may be called "down"
    st.slider(
        number.label,
        kind(number.low),
        kind(number.high),
        (kind(low), kind(high)),
        1 if number.whole else (number.high - number.low) / 200,
        key=key,
        on_change=lambda: _write(changed(whole, place, name, list(value(key)))),
    )


def _preset_title(name: str) -> str:
    return TOWARDS if name == SERVE else name.capitalize()


def _title(op: str) -> str:
    return TITLES[op] if op in TITLES else OPERATIONS[op].label


def _steps(settings: Any) -> Steps:
    """The steps as they stand, those switched off too. Widgets begin anew where something else than they
    changed them, as a form or the address.
    """
    mark = (settings.steps, settings.preset)
    if session().chosen.get("builder mark") not in (None, mark):
        session().chosen["builder turn"] = _turn() + 1
    session().chosen["builder mark"] = mark
    found: Steps = json.loads(settings.steps) if settings.steps else [*PRESETS[settings.preset]]
    return found or [*PRESETS[settings.preset]]


def _differ(dataset: Dataset, steps: Steps, preset: str) -> bool:
    """Whether the cards are others than those of the preset, or do something else."""
    usual = towards_serve(dataset) if preset == SERVE else PRESETS[preset]
    return len(steps) != len(usual) or checked(steps) != checked(json.loads(json.dumps(usual)))


def _turn() -> int:
    return int(session().chosen.get("builder turn", 0))


def _key(what: str, place: Place) -> str:
    return address.key(f"augment-card-{_turn()}-{'.'.join(map(str, place))}-{what}")


def _write(steps: Steps, anew: bool = False) -> None:
    """Hold these steps. anew: other cards stand in other places, so that their widgets begin anew."""
    given = session().settings.setdefault(NAME, {})
    given["steps"] = json.dumps(steps)
    session().chosen["builder mark"] = (given["steps"], given.get("preset", next(iter(PRESETS))))
    if anew:
        session().chosen["builder turn"] = _turn() + 1


def _preset(name: str) -> None:
    session().settings.setdefault(NAME, {}).update(preset=name, steps="")


def _surprise() -> None:
    drawn = session().chosen["surprises"] = int(session().chosen.get("surprises", 0)) + 1
    given = session().settings.setdefault(NAME, {})
    if given.get("preset") == SERVE:  # what was drawn is not made of the data
        del given["preset"]
    _write(surprise(drawn), anew=True)
