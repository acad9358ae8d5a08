"""Made-up people, and copies of some of them with slips: what a register looks like."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

LETTERS = list("abcdefghijklmnopqrstuvwxyz")


def people(rows: int, seed: int = 0) -> pd.DataFrame:
    """Names as unevenly common as real ones, streets, towns, days of birth and incomes."""
    draw = np.random.default_rng(seed)
    words = ["".join(draw.choice(LETTERS, draw.integers(4, 9))) for _ in range(600)]

    def names(number: int) -> list[str]:
        return [words[at % number] for at in draw.zipf(1.3, rows)]

    streets = zip(draw.integers(0, 600, rows), draw.integers(1, 99, rows), strict=True)
    return pd.DataFrame(
        {
            "given": names(300),
            "surname": names(600),
            "town": names(100),
            "street": [f"{words[name]} street {number}" for name, number in streets],
            "born": draw.integers(19300101, 20051231, rows),
            "income": draw.lognormal(10, 1, rows).round(2),
            "member": draw.choice(["yes", "no"], rows),
        }
    )


def typo(text: str, draw: np.random.Generator) -> str:
    """One letter left out, put in or replaced."""
    at, letter = int(draw.integers(0, len(text))), str(draw.choice(LETTERS))
    return text[:at] + ["", letter + text[at : at + 1], letter][int(draw.integers(0, 3))] + text[at + 1 :]


def with_typos(row: pd.Series, draw: np.random.Generator) -> pd.Series:
    """Two of its texts with a typing error each."""
    changed = row.copy()
    for name in draw.choice(["given", "surname", "town", "street"], 2, replace=False):
        changed[name] = typo(row[name], draw)
    return changed


def swapped(row: pd.Series, draw: np.random.Generator) -> pd.Series:
    """Given name and surname in each other's place."""
    changed = row.copy()
    changed["given"], changed["surname"] = row["surname"], row["given"]
    return changed


def shouted(row: pd.Series, draw: np.random.Generator) -> pd.Series:
    """Other case, and blanks around."""
    return row.map(lambda cell: f" {cell.upper()}" if isinstance(cell, str) else cell)


def noisy(row: pd.Series, draw: np.random.Generator) -> pd.Series:
    """Another income, by a hundredth."""
    changed = row.copy()
    changed["income"] = round(row["income"] * (1 + draw.normal(0, 0.01)), 2)
    return changed


SLIPS: dict[str, Callable[[pd.Series, np.random.Generator], pd.Series]] = {
    "typing errors": with_typos,
    "swapped fields": swapped,
    "changed case": shouted,
    "noise": noisy,
}


def planted(table: pd.DataFrame, slip: str, copies: int, seed: int = 1) -> pd.DataFrame:
    """The table, and behind it a copy of each of its first rows."""
    draw = np.random.default_rng(seed)
    made = [SLIPS[slip](table.iloc[at], draw) for at in range(copies)]
    return pd.concat([table, pd.DataFrame(made)], ignore_index=True).astype(table.dtypes)
