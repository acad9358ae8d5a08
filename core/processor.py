"""What is known of the processor before numpy loads."""

from __future__ import annotations

from pathlib import Path

_ZEN_4 = "25"  # AMD's family of Zen 3, which has no AVX-512, and Zen 4


def sorts_slowly(description: str) -> bool:
    """Whether numpy sorts more slowly with AVX-512 than without, as on AMD's Zen 4, whose compress-store is
    microcoded: a million floats in 52 ms instead of 9 (github.com/numpy/x86-simd-sort/issues/6).

    description: of at least one core, in the words of Linux' ``/proc/cpuinfo``.

    >>> sorts_slowly("vendor_id : AuthenticAMD\\ncpu family : 25\\nflags : fpu avx2 avx512f")
    True
    """
    lines = (line.partition(":") for line in description.splitlines())
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
