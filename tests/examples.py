"""How many examples a test draws: few enough for every day, and as many as ``WINNOW_EXAMPLES`` says where it
is set (`make examples`).
"""

from __future__ import annotations

import os


def examples(usual: int) -> int:
    """``usual``, or the number in ``WINNOW_EXAMPLES``.

    >>> examples(150) == int(os.environ.get("WINNOW_EXAMPLES", 150))
    True
    """
    return int(os.environ.get("WINNOW_EXAMPLES", usual))
