"""Mark cells: a new column says where a column is missing, or holds a value such as 0."""

from __future__ import annotations

from dataclasses import dataclass

from core.dataset.column import held
from core.errors import SettingError
from core.phrases import name, quoted
from core.settings import Settings, text
from core.steps.kind import Effect, Kind, Learned, State, free_name
from core.steps.overlay import plain, typed


@dataclass(frozen=True)
class Mark(Settings):
    """value: what is marked; missing cells where it is empty."""

    value: str = text("", "Value", "Cells with this value are marked; missing cells where it is empty.")


def learn(state: State, column: str, settings: Mark) -> Learned:
    """``marker``: the name of the new column; ``value``: the value as the column holds it. Raises
    `SettingError` for a value that the column cannot have.
    """
    if not settings.value:
        return {"marker": free_name(state, f"{column}_missing")}
    kind = state.values(column).type
    value = typed(state.data, state.data[column], settings.value, kind)
    if value is None:
        raise SettingError(
            f"{quoted(settings.value)} is none of the values that {name(column)} can have ({held(kind)})."
        )
    return {"marker": free_name(state, f"{column}_is_{settings.value}"), "value": plain(value)}


def mark(state: State, column: str, settings: Mark, learned: Learned) -> Effect:
    """The marks as yes and no. A cell that is missing is not known to hold a value or not: its mark is
    missing. Raises `SettingError` for a name that is taken, and for a value of another type.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if learned["marker"] in state.data.names:
        raise SettingError(f"There is a column {name(learned['marker'])} already; rename it first.")
    values = state.values(column)
    if "value" not in learned:
        marks = pc.is_null(values)
    else:
        try:
            wanted = pc.cast(pa.scalar(learned["value"]), values.type)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            raise SettingError(
                f"{quoted(str(learned['value']))} is none of the values that {name(column)} can have "
                f"({held(values.type)})."
            ) from error
        marks = pc.equal(values, wanted)
    return Effect({learned["marker"]: marks}, {learned["marker"]: "boolean"})


def code(column: str, settings: Mark, learned: Learned) -> list[str]:
    """The same in pandas."""
    new, held = f"frame[{learned['marker']!r}]", f"frame[{column!r}]"
    if "value" not in learned:
        return [f"{new} = {held}.isna()"]
    return [
        f"wanted = {learned['value']!r}",
        f'wanted = pd.Timestamp(wanted) if {held}.dtype.kind == "M" else wanted',
        f'{new} = ({held} == wanted).astype("boolean").mask({held}.isna())',
    ]


KIND = Kind(settings=Mark, apply=mark, learn=learn, code=code)
