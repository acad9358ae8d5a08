"""How much memory a process held at most."""

from __future__ import annotations

import resource
import sys
from pathlib import Path


def peak() -> float:
    """Of this process, in MB. On Linux what it held itself: ``ru_maxrss`` is kept across exec, and so begins
    with what the process held that started this one.
    """
    if sys.platform == "darwin":
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.split("VmHWM:")[1].split()[0]) * 1024 / 1e6
