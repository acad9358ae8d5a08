"""Which images are held out."""

from __future__ import annotations

import numpy as np

from core.analyses.augmentation.held_out import held_out
from core.numerics.rowhash import mix


def test_a_class_of_two_pictures_or_more_has_some_on_each_side_however_many_copies_there_are() -> None:
    """Where one picture with many copies came first, its class had none held out."""
    copies = [8, 1, 1, 1, 1, 1, 1, 5]  # of five pictures of one class, then two of another, and one
    codes, pictures = np.repeat([0] * 5 + [1] * 2 + [2], copies), np.repeat(np.arange(8), copies)
    shares = []
    for draw in range(200):
        keys = mix(pictures.astype(np.uint64) + np.uint64(1000 * draw))
        held = held_out(codes, keys, 0.5, turn=draw)
        assert len({(one, bool(side)) for one, side in zip(pictures, held, strict=True)}) == 8
        assert [held[codes == one].any() and not held[codes == one].all() for one in (0, 1)] == [True, True]
        assert not held[codes == 2].any()
        shares.append(held[:12].mean())
    assert 0.4 < np.mean(shares) < 0.6
