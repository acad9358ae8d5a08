"""What is compared, and what is wanted of the predictions."""

from __future__ import annotations

from dataclasses import dataclass

from core.analyses.strategies.models import MODELS
from core.analyses.strategies.scores import SCORES, Wanted
from core.analyses.strategies.strategy import NAMED, THRESHOLD
from core.analyses.strategies.threshold import AIMS
from core.errors import SettingError
from core.numerics.association import Floats
from core.settings import Settings, choice, column, columns, knob, text

USED = ("numeric", "boolean", "category", "datetime", "text")
AUTO = "auto"
FOLDS = 5
CLASSES = 200  # most that are compared, the most frequent ones
FARTHEST = 1e100  # numbers farther from 0 count as missing: their squares could not be added up


@dataclass(frozen=True)
class StrategiesSettings(Settings):
    """What is compared, and what is wanted of the predictions."""

    target: str = column(
        "Target", "The column to predict.", ("category", "boolean", "numeric"), role="target"
    )
    columns: tuple[str, ...] = columns(
        "Columns",
        "The columns to predict it from. If none is chosen: the vectors where the data have some, as image "
        "sets do, else all that fit but those measured of images.",
        USED,
        none="Vectors, or all that fit",
    )
    strategies: str = text(
        "",
        "Strategies",
        f"Those to try, with commas: {', '.join(NAMED)}. Empty for all that suit the classes.",
    )
    models: str = choice("both", "Models", "What the strategies are tried with.", ("both", *MODELS))
    smote_enn: str = choice(
        AUTO,
        "SMOTE + ENN",
        "It takes by far the longest: auto tries it up to 20,000 rows, last.",
        (AUTO, "yes", "no"),
    )
    repeats: int = knob(0, "Repeats", "Of the five folds; 0 for two up to 20,000 rows, else one.", 0, 20)
    score: str = choice(
        "log_loss", "Score", "By which strategies are compared in the verdict.", tuple(SCORES)
    )
    aim: str = choice(
        "f_beta",
        "Aim of the threshold",
        "Least cost, most recall at a precision, most precision at a recall, F-beta or MCC. For two classes.",
        AIMS,
    )
    goal: float = knob(0.5, "Goal", "The precision or the recall that is wanted.", 0.01, 0.99)
    beta: float = knob(1.0, "Beta", "Weight of recall against precision in F-beta.", 0.1, 10.0)
    odds: float = knob(
        1.0, "Cost of a false alarm", "In units of the cost of a missed event.", 0.0001, 10_000.0
    )
    costs: str = text(
        "",
        "Costs",
        "A row for each given class, most frequent first, parted by ';', with the cost of predicting each "
        "class: '0 1 1; 5 0 1; 9 1 0'. Of two classes they take the place of the cost of a false alarm. "
        "Empty: every mistake costs 1.",
    )
    chosen: str = choice(AUTO, "Strategy of the rows", "Whose probabilities the rows give.", (AUTO, *NAMED))
    chosen_model: str = choice(AUTO, "Model of the rows", "And of which model.", (AUTO, *MODELS))
    calibration: str = choice(
        AUTO,
        "Calibration of the model",
        "Of the model that is taken away: as in the comparison, or always the closed form or Platt scaling.",
        (AUTO, "prior", "platt"),
    )
    epsilon: float = knob(
        0.1,
        "Label smoothing",
        "Of the soft labels beside the rows of the model: (1 - e) y + e / k.",
        0.0,
        0.9,
    )
    curves: bool = knob(True, "Learning curves", "See whether more rows of a class would help.")
    sample: int = knob(
        100_000, "Rows used", "Above this many rows, a sample chosen by content is used.", 200, 2_000_000
    )
    seed: int = knob(0, "Seed", "Of the folds, the samplers and the models.", 0, 2**31 - 1)

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in self.named:
            if name not in NAMED:
                raise SettingError.unknown(name, list(NAMED))

    @property
    def named(self) -> tuple[str, ...]:
        """The strategies that were asked for by name, none first, with which the threshold is tried."""
        asked = [one.strip() for one in self.strategies.split(",") if one.strip()]
        wanted = dict.fromkeys(["none", *asked]) if asked else {}
        return tuple(one for one in wanted if one != THRESHOLD)

    def wanted(self, costs: Floats) -> Wanted:
        """What is wanted of the predictions, at these costs (k x k)."""
        odds = float(costs[0, 1] / costs[1, 0]) if len(costs) == 2 else self.odds
        return Wanted(self.beta, self.goal, odds, tuple(map(tuple, costs.tolist())))
