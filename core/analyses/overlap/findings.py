"""From numbers to words: how far serve lies from train, in one of four words, in a sentence, and as
findings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from core.finding import Finding, ranked
from core.numerics.domain import Domain
from core.numerics.support import Unsupported
from core.rowset import RowSet

Word = Literal["none", "negligible", "moderate", "severe"]
WORDS: tuple[Word, ...] = ("none", "negligible", "moderate", "severe")
ALARM = 0.01  # chance of an alarm of either test where nothing has changed
AUC_BANDS = (0.55, 0.70)  # moderate and severe from here
SHARE_BANDS = (0.01, 0.10)  # of serve rows beyond chance without support: moderate and severe from here
# what `python -m core overlap DATA --rows overlap.csv` writes
_TABLE = 'pd.read_csv("overlap.csv", index_col="row")'


def banded(value: float, bands: tuple[float, float], p: float) -> Word:
    """The word for an effect: "none" unless it is beyond chance, then by the bands.

    >>> banded(0.8, AUC_BANDS, 0.3), banded(0.52, AUC_BANDS, 1e-9), banded(0.8, AUC_BANDS, 1e-9)
    ('none', 'negligible', 'severe')
    """
    if not p < ALARM:
        return "none"
    return "severe" if value >= bands[1] else "moderate" if value >= bands[0] else "negligible"


@dataclass(frozen=True, eq=False)
class Case:
    """All that the verdict and the findings rest on. ``alone``: the columns that give the parts away, with
    their AUC; ``left_out``: whether all else is without them. ``unsupported``: the serve rows listed as such,
    ``surest`` of all serve rows even after Benjamini-Hochberg at the level. ``copies``: serve rows equal to a
    train row, if there are more than chance brings."""

    apart: Domain
    support: Unsupported
    unsupported: RowSet
    surest: int
    effective: float
    train: int
    serve: int
    level: float
    alone: tuple[tuple[str, float], ...]
    left_out: bool
    copies: RowSet
    repeated: float
    copy_limit: float
    names: tuple[str, ...]

    @property
    def apart_word(self) -> Word:
        """How well the parts can be told apart."""
        return banded(self.apart.area.value, AUC_BANDS, self.apart.p)

    @property
    def support_word(self) -> Word:
        """How many serve rows lie where train has none."""
        return banded(self.support.excess, SHARE_BANDS, self.support.p)

    @property
    def word(self) -> Word:
        """The worse of both."""
        return max(self.apart_word, self.support_word, key=WORDS.index)

    @property
    def reach(self) -> float:
        """The AUC that chance alone exceeds in one of a hundred cases."""
        return self.apart.reach(ALARM)


def verdict(case: Case) -> str:
    """One or two sentences that answer: does serving data look like training data?"""
    told = _verdict(case)
    if not case.left_out:
        return told
    return (
        f"{told} This leaves out {in_words([name for name, _ in case.alone])}, by which alone the parts can "
        "be told."
    )


def in_words(names: Sequence[str], most: int = 3) -> str:
    """A few names, and how many more there are.

    >>> in_words(["a", "b", "c", "d"])
    'a, b, c and 1 more'
    """
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def _verdict(case: Case) -> str:
    auc, worth = case.apart.area.value, f"{case.effective:,.0f} of {case.train:,} rows"
    if case.word == "none":
        return (
            f"Yes. Nothing tells serving rows from training rows: AUC {auc:.3f}, where chance reaches "
            f"{case.reach:.3f}."
        )
    lonely = (
        f"{case.support.share:.1%} of serving rows lie where you have no training data "
        f"({case.support.expected:.1%} would by chance)"
    )
    if case.support_word in ("moderate", "severe"):
        lead = (
            "No."
            if case.support_word == "severe"
            else "Partly."
            if case.apart_word == "severe"
            else "Mostly."
        )
        return f"{lead} {lonely}; weighted for serving, your training set is worth {worth}."
    if case.apart_word in ("moderate", "severe"):
        lead = "Partly." if case.apart_word == "severe" else "Mostly."
        return (
            f"{lead} The mix differs (AUC {auc:.2f}), yet training data lie where serving rows do: "
            f"weighted, they are worth {worth}."
        )
    return (
        f"Nearly. The parts differ by more than chance, but by little: AUC {auc:.3f}; weighted, training is "
        f"worth {worth}."
    )


def findings(case: Case) -> tuple[Finding, ...]:
    """What is worth saying, worst first: parts told apart, serve rows without support, columns that give the
    parts away, copies.
    """
    made = [
        _apart(case),
        _unsupported(case),
        _copies(case),
        *(_alone(case, name, auc) for name, auc in case.alone),
    ]
    return ranked([finding for finding in made if finding is not None])


def _apart(case: Case) -> Finding | None:
    if case.apart_word not in ("moderate", "severe"):
        return None
    area = case.apart.area
    return Finding(
        "parts_differ",
        f"A model tells serve rows from train rows (AUC {area.value:.2f}; chance reaches {case.reach:.2f})",
        "warning" if case.apart_word == "severe" else "info",
        score=2.0 * area.value - 1.0,
        why="What a model learned and what was measured on train may not hold for the mix of rows that it "
        "serves.",
        suggestion=f"See which columns differ; weighted for serving, train is worth {case.effective:,.0f} of "
        f"{case.train:,} rows.",
        value=area.value,
        limit=AUC_BANDS[0],
        noise=case.reach,
        action="weight",
        n=area.rows,
        fix=f'data["weight"] = {_TABLE}["weight"]',
    )


def _unsupported(case: Case) -> Finding | None:
    if case.support_word not in ("moderate", "severe"):
        return None
    told = case.support
    chance = f"about {told.by_chance:,} of the {told.beyond:,} are there by chance"
    surest = f", hardly any of the {case.surest:,} with the least support" if case.surest else ""
    return Finding(
        "unsupported",
        f"{told.share:.1%} of serve rows lie where there is no training data ({told.expected:.1%} would "
        "by chance)",
        "critical" if case.support_word == "severe" else "warning",
        score=told.excess,
        rows=case.unsupported,
        why="A model has nothing to go by there: its answers are extrapolation, however sure it sounds.",
        suggestion="Label some of them and add them to train, or have a "
        f"person decide them; {chance}{surest}.",
        value=told.share,
        limit=max(told.reach, told.expected + SHARE_BANDS[0]),
        noise=told.reach,
        action="defer",
        n=told.rows,
        fix=f'data = data.drop(index={_TABLE}.loc[lambda t: (t["part"] == "serve") & (t["support_p"] <= '
        f"{case.level:g})].index)",
    )


def _alone(case: Case, name: str, auc: float) -> Finding:
    rest = case.apart.area.value
    return Finding(
        "gives_away",
        f"{name!r} alone tells serve from train (AUC {auc:.3f})"
        + (f"; without such columns the AUC is {rest:.3f}" if case.left_out else ""),
        "warning",
        score=2.0 * auc - 1.0,
        columns=(name,),
        why="A column that is of another range in each part is often a stamp of when or where rows were "
        "made, not a change of the world.",
        suggestion="If it is a stamp, leave it out for good; if it is "
        "real, no train row is like serve in it: "
        "count it in and look again.",
        value=auc,
        noise=case.reach,
        action="omit",
        n=case.apart.area.rows,
        fix=f"data = data.drop(columns=[{name!r}])",
    )


def _copies(case: Case) -> Finding | None:
    if not len(case.copies):
        return None
    share = len(case.copies) / case.serve
    return Finding(
        "copies",
        f"{len(case.copies):,} of {case.serve:,} serve rows ({share:.1%}) are copies of train rows "
        f"({case.repeated:.1%} to expect)",
        "warning" if share - case.repeated >= SHARE_BANDS[0] else "info",
        score=share,
        rows=case.copies,
        why="Copies make the parts look more alike than they are, and a score measured on them is too good.",
        suggestion="Drop them from serve; the numbers here leave them out.",
        value=share,
        limit=case.copy_limit,
        noise=case.repeated,
        action="drop",
        n=case.serve,
        fix=f"data = data.drop_duplicates(subset={list(case.names)!r})" if case.names else "",
    )
