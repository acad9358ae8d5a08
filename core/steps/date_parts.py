"""Take dates apart: new columns with the year, month, day, weekday, hour, and the days since the first of
train.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.errors import SettingError
from core.phrases import name
from core.settings import Settings, knob
from core.steps.kind import Effect, Kind, Learned, State, free_name

DAY = 86_400_000_000  # microseconds
WHOLE = ("year", "quarter", "month", "day", "weekday", "hour")


@dataclass(frozen=True)
class DateParts(Settings):
    """Which parts become columns. keep: whether the dates themselves stay."""

    year: bool = knob(True, "Year", "A column with the year.")
    quarter: bool = knob(False, "Quarter", "A column with the quarter, 1 to 4.")
    month: bool = knob(True, "Month", "A column with the month, 1 to 12.")
    day: bool = knob(True, "Day", "A column with the day of the month.")
    weekday: bool = knob(True, "Weekday", "A column with the day of the week: Monday is 0, Sunday 6.")
    hour: bool = knob(False, "Hour", "A column with the hour, 0 to 23.")
    days: bool = knob(False, "Days since the first", "A column with the days since the first date of train.")
    keep: bool = knob(True, "Keep the dates", "Whether the column of dates stays.")

    @property
    def parts(self) -> tuple[str, ...]:
        """The whole numbers wanted."""
        return tuple(part for part in WHOLE if getattr(self, part))


def learn(state: State, column: str, settings: DateParts) -> Learned:
    """The names of the new columns, and the first date of train where days are counted from it. Raises
    `SettingError` where nothing is wanted.
    """
    wanted = [*settings.parts, *(["days"] if settings.days else [])]
    if not wanted:
        raise SettingError(f"Choose at least one part of {name(column)}.")
    names: dict[str, Any] = {part: free_name(state, f"{column}_{part}") for part in wanted}
    first: dict[str, Any] = {}
    if settings.days:
        import pyarrow.compute as pc

        first = {"first": pc.min(state.known(column)).as_py().isoformat(" ")}
    return {"names": names, **first}


def date_parts(state: State, column: str, settings: DateParts, learned: Learned) -> Effect:
    """The parts as whole numbers, days with fractions; missing where the date is. Raises `SettingError` for a
    name that is taken, and for leaving out the column that parts train from serve.
    """
    from datetime import datetime

    import pyarrow as pa
    import pyarrow.compute as pc

    names = learned["names"]
    for new in names.values():
        if new in state.data.names:
            raise SettingError(f"There is a column {name(new)} already; rename it first.")
    if not settings.keep and column == state.data.parting:
        raise SettingError(f"{name(column)} parts train from serve and stays; keep the dates.")
    moments = state.values(column).cast(pa.timestamp("us"))
    of = {
        "year": pc.year,
        "quarter": pc.quarter,
        "month": pc.month,
        "day": pc.day,
        "weekday": pc.day_of_week,
        "hour": pc.hour,
    }
    columns: dict[str, Any] = {names[part]: of[part](moments) for part in settings.parts}
    if settings.days:
        first = pa.scalar(datetime.fromisoformat(learned["first"]), pa.timestamp("us")).cast(pa.int64())
        passed = pc.subtract(moments.cast(pa.int64()), first)
        columns[names["days"]] = pc.divide(passed.cast(pa.float64()), float(DAY))
    removed = () if settings.keep else (column,)
    return Effect(columns, dict.fromkeys(columns, "numeric"), removed=removed)


def code(column: str, settings: DateParts, learned: Learned) -> list[str]:
    """The same in pandas."""
    names = learned["names"]
    lines = [f"moments = frame[{column!r}]"]
    of = {"weekday": "day_of_week"}
    lines += [
        f'frame[{names[part]!r}] = moments.dt.{of.get(part, part)}.astype("Int64")' for part in settings.parts
    ]
    if settings.days:
        first = f"pd.Timestamp({learned['first']!r})"
        lines.append(f"frame[{names['days']!r}] = (moments - {first}) / pd.Timedelta(days=1)")
    return lines if settings.keep else [*lines, f"frame = frame.drop(columns={column!r})"]


KIND = Kind(settings=DateParts, apply=date_parts, code=code, learn=learn, columns=("datetime",))
