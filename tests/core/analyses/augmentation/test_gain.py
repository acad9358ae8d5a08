"""The experiment sees a gain and a harm that are there, and claims none where variants are copies."""

from __future__ import annotations

import numpy as np

from core.analyses.augmentation.gain import SPLITS, TESTED, VARIANTS, Gain, gain, gain_in_words
from core.analyses.augmentation.held_out import held_out
from core.numerics.paired import Difference
from core.numerics.rowhash import mix
from core.progress import SILENT

WIDTH, ROWS, CLASSES = 60, 150, 6


def gained(like_real: bool) -> Gain:
    """Six classes scattered about centres of their own. like_real: variants scatter about them anew, as more
    real images would; else they are copies.
    """
    draw = np.random.default_rng(0)
    codes = draw.integers(0, CLASSES, ROWS)
    centres = draw.normal(0, 0.35, (CLASSES, WIDTH))[codes]
    plain = (centres + draw.normal(0, 1, centres.shape)).astype(np.float32)
    made = np.repeat(plain[:, None], VARIANTS, axis=1)
    if like_real:
        made = centres[:, None] + draw.normal(0, 0.8, made.shape)
    keys = mix(np.arange(ROWS, dtype=np.uint64))
    found = gain(plain, made.astype(np.float32), codes, keys, SILENT)
    assert found is not None
    return found


def test_variants_that_show_more_of_each_class_help() -> None:
    found = gained(like_real=True)
    assert found.verdict == "helps" and all(one.value > 0.08 for one in found.differences)


def test_copies_are_no_gain_and_no_harm() -> None:
    found = gained(like_real=False)
    assert found.verdict == "no measurable gain"
    assert abs(found.differences[0].value) < 0.005, "the linear model sees the very same numbers"
    assert "no measurable gain" in gain_in_words(found) and f"{SPLITS} splits" in gain_in_words(found)


def test_no_gain_is_claimed_for_what_breaks_labels_and_one_model_is_not_enough() -> None:
    up, flat, down = (
        Difference(0.05, 0.02, 0.08),
        Difference(0.01, -0.01, 0.03),
        Difference(-0.05, -0.08, -0.02),
    )
    assert Gain((up, up), (0.8, 0.8), 300).verdict == "helps"
    assert Gain((up, up), (0.8, 0.8), 300, breaking=True).verdict == "no measurable gain"
    assert Gain((up, flat), (0.8, 0.8), 300).verdict == "no measurable gain"
    assert Gain((up, down), (0.8, 0.8), 300).verdict == "hurts"


def test_each_class_has_a_third_of_its_images_among_those_tested_and_copies_stay_together() -> None:
    """Drawn from all images alike, a class of six was sometimes tested by none and sometimes by all."""
    codes = np.repeat([0, 1, 2, 3], [120, 30, 6, 1])
    keys = mix(np.arange(codes.size, dtype=np.uint64))
    keys[[0, 1, 130]] = keys[0]  # copies, one of them under another label
    ever = np.zeros(codes.size, bool)
    for split in range(SPLITS):
        tested = held_out(codes, keys, TESTED, split)
        ever |= tested
        shares = [int(tested[codes == one].sum()) for one in range(4)]
        assert abs(shares[0] - 120 * TESTED) <= 2 and abs(shares[1] - 30 * TESTED) <= 1
        assert shares[2:] == [2, 0]
        assert np.unique(tested[[0, 1, 130]]).size == 1
        turn = np.random.default_rng(split).permutation(codes.size)
        assert (held_out(codes[turn], keys[turn], TESTED, split) == tested[turn]).all()
    assert ever[codes < 3].mean() > 0.8, "others in each split"
