"""What is known of the processor before numpy loads."""

from __future__ import annotations

import os
import sys
from pathlib import Path

DISABLED, ENABLED = "NPY_DISABLE_CPU_FEATURES", "NPY_ENABLE_CPU_FEATURES"  # which instructions numpy takes
_ZEN_4 = "25"  # AMD's family of Zen 3, which has no AVX-512, and Zen 4


def sorts_slowly(description: str) -> bool:
    """Whether numpy sorts more slowly with AVX-512 than without, as on AMD's Zen 4, whose compress-store is
    microcoded: a million floats in 52 ms instead of 9 (github.com/numpy/x86-simd-sort/issues/6).

    description: of cores, in the words of Linux' ``/proc/cpuinfo``; the first one counts.

    >>> sorts_slowly("vendor_id : AuthenticAMD\\ncpu family : 25\\nflags : fpu avx2 avx512f")
    True
    """
    first = description.partition("\n\n")[0]  # the last one may be cut off
    lines = (line.partition(":") for line in first.splitlines())
    core = {key.strip(): value.strip() for key, _, value in lines}
    return (core.get("vendor_id"), core.get("cpu family")) == ("AuthenticAMD", _ZEN_4) and (
        "avx512f" in core.get("flags", "").split()
    )


def description() -> str:
    """What Linux says of the first cores; nothing elsewhere."""
    try:
        with Path("/proc/cpuinfo").open(encoding="utf-8") as file:
            return file.read(8_192)
    except OSError:
        return ""


def do_without() -> str | None:
    """The instructions that numpy is to do without, in this process and all that it starts, as logarithms and
    powers have other last digits with them: AVX-512 where it sorts more slowly with it; "" where numpy has
    loaded before with all of them; None where there is nothing to say, or the user has said it.
    """
    if os.environ.keys() & {DISABLED, ENABLED} or not sorts_slowly(description()):
        return None
    return "" if "numpy" in sys.modules else "AVX512F"
