"""What can be decided."""

from __future__ import annotations

from typing import Literal, get_args

Action = Literal["keep", "drop", "relabel", "weight", "defer", "blank", "omit", "include", "accept", "reopen"]
ACTIONS: tuple[str, ...] = get_args(Action)
ON_COLUMNS, ON_FINDINGS = ("omit", "include"), ("accept", "reopen")
FORMER = {"dismiss": "accept"}  # what older recipes and stores call it
