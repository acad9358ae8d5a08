"""What the variants of a pipeline do to labels, to what a model learns and to the distance to serve."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from core.analyses.augmentation.gain import MODELS, Gain
from core.analyses.augmentation.judging import VariantQuality
from core.analyses.augmentation.nearness import FARTHER, NEARER, ServeNearness
from core.analyses.augmentation.sample import NO_LABEL
from core.analyses.augmentation.script import ScriptFiles, code
from core.analyses.augmentation.settings import AugmentationSettings
from core.analysis import Found
from core.phrases import count, name, names, percent, points, verb

if TYPE_CHECKING:
    import pandas as pd

Facts = dict[str, float | int | str]


class Lookalike(NamedTuple):
    """The first variant of a row of the source, which has a label and looks like another class."""

    row: int
    label: str
    looks_like: str


@dataclass(frozen=True, eq=False, kw_only=True)
class AugmentationResult(Found):
    """What the variants do. judged: None where labels were not judged; not_judged_as: why. classes: names, as
    ``judged.by_class`` has them. before, after: coverage of serve; NaN without a serve part. variants: those
    made. gain: None where no models were trained. lookalikes: the variants that look most like another class;
    none where nothing can be said of labels. not_judged: classes with too few images. nearness: what becomes
    of the measures that separate train from serve; None without two parts, or where these have too few
    images, as a note says. source: what the script must know of the files.
    """

    settings: AugmentationSettings
    judged: VariantQuality | None = None
    not_judged_as: str = ""
    classes: tuple[str, ...] = ()
    before: float = math.nan
    after: float = math.nan
    variants: int = 0
    gain: Gain | None = None
    lookalikes: tuple[Lookalike, ...] = ()
    not_judged: tuple[str, ...] = ()
    nearness: ServeNearness | None = None
    source: ScriptFiles = ScriptFiles()

    @property
    def unchecked(self) -> str:
        """Why labels were not judged, or that nothing can be said of them, where real images are recognised
        as by guessing.
        """
        return self.judged.unchecked if self.judged is not None else self.not_judged_as

    @property
    def wants_target(self) -> bool:
        """Whether a label is what was missing."""
        return self.not_judged_as == NO_LABEL

    @property
    def calm(self) -> str:
        """Which class surely loses most, where one does; which were not judged; where variants stand beside
        serve.
        """
        few, near = self.not_judged, self.nearness
        said = [self._lost]
        if few:
            said.append(f"{names(few, 3)} {verb(len(few), 'was', 'were')} not judged")
        if near is not None and near.short:
            said.append(near.short)
        return "; ".join(said)

    @property
    def _lost(self) -> str:
        table = self.frame()
        lost = table[table["high"] < 0].sort_values("change")
        if not len(lost):
            return self._gained or super().calm
        worst = lost.iloc[0]
        return (
            f"{name(str(worst['class']))} loses {percent(-float(worst['change']))} of its "
            f"{count(int(worst['images']), 'image')} held out"
        )

    @property
    def _gained(self) -> str:
        """That more images are recognised with variants, where that is sure; "" where not."""
        if self.judged is None or self.judged.unchecked or self.judged.whole.interval()[0] <= 0:
            return ""
        change = points(self.judged.whole.change)
        return f"Images held out are recognised better with the variants ({change} points)"

    @property
    def summary(self) -> Facts:
        """Variants made; change of recognition with its 95% interval and verdict, and leave, where anything
        can be said of labels; waste, how far they move, coverage.
        """
        facts: Facts = {} if self.judged is None else {"variants": self.variants}
        if self.judged is not None:
            facts |= _of_labels(self.judged)
        if not math.isnan(self.before):
            facts |= {
                "serve_covered_before": round(self.before, 4),
                "serve_covered_after": round(self.after, 4),
            }
        if self.nearness is not None:
            near = self.nearness
            facts |= {
                "measures_separating_train": sum(one.apart[0] for one in near.measures),
                "measures_nearer_to_serve": len(near.moved(NEARER)),
                "measures_farther_from_serve": len(near.moved(FARTHER)),
                "measures_separating_variants": len(near.separating),
            }
        if self.gain is not None:
            facts["gain"] = self.gain.verdict
            for model, gap in zip(MODELS, self.gain.differences, strict=True):
                place = f"gain_{model.replace(' ', '_')}"
                facts |= {place: round(gap.value, 4), f"{place}_low": round(gap.low, 4)}
                facts[f"{place}_high"] = round(gap.high, 4)
        return facts

    def tables(self) -> dict[str, pd.DataFrame]:
        """distance_to_serve, where there are two parts: a line per measure that separates train, or
        variants, from serve; see `MeasureNearness`.
        """
        import pandas as pd

        if self.nearness is None:
            return {}
        lines = [
            {
                "measure": f"image_{one.measure}",
                "train": one.train,
                "variants": one.variants,
                "serve": one.serve,
                "train_accuracy": one.before,
                "variants_accuracy": one.after,
                "noise_floor": one.floor,
                "way_left": one.way.left,
                "low": one.way.low,
                "high": one.way.high,
                "way_left_noise_floor": one.way.near,
                "verdict": one.verdict,
            }
            for one in self.nearness.measures
        ]
        return {"distance_to_serve": pd.DataFrame(lines)}

    def code(self) -> str:
        """The pipeline as a script that runs alone and gives the same pixels."""
        return code(self.settings.pipeline, self.settings.seed, self.source)

    def frame(self) -> pd.DataFrame:
        """One line per class: its real images held out, the share of them recognised without and with the
        variants, the change and its interval; the intervals hold for all classes together.
        """
        import pandas as pd

        every = self.judged.by_class if self.judged is not None else ()
        among = sum(one.held > 0 for one in every)
        ends = [one.interval(among) for one in every]
        return pd.DataFrame(
            {
                "class": pd.Series(self.classes, dtype="str"),
                "images": [one.held for one in every],
                "before": [one.before for one in every],
                "after": [one.after for one in every],
                "change": [one.change for one in every],
                "low": [low for low, _ in ends],
                "high": [high for _, high in ends],
            }
        )


def _of_labels(quality: VariantQuality) -> Facts:
    """The share of real images that are recognised, what variants change of it where anything can be said of
    labels, and how far they move.
    """
    whole = quality.whole
    low, high = whole.interval()
    facts: Facts = {"recognised_before": round(whole.before, 4), "hardly_changed": round(quality.waste, 4)}
    if not quality.unchecked:
        facts |= {
            "change": round(whole.change, 4),
            "change_low": round(low, 4),
            "change_high": round(high, 4),
            "label_breaking": int(quality.breaking),
            "look_like_another_class": round(quality.leave, 4),
            "real_look_like_another_class": round(quality.real_leave, 4),
        }
    if not math.isnan(quality.moved):
        facts["distance_moved"] = round(quality.moved, 4)
    return facts
