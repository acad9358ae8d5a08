"""The command line: one sub-command per analysis, and ``list``, ``preview``, ``audit``, ``apply``,
``export``.

Exit status: 0 done; 1 findings at or above ``--fail-on``; 2 the user can mend it (one line on standard
error); 130 stopped.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence
from typing import Any

from core.cli.output import say_last
from core.cli.parser import parser
from core.cli.terminal import one_line
from core.errors import Cancelled, CoreError


def main(arguments: Sequence[str]) -> int:
    """Run one command; gives the exit status. The one place, with the page's guard, where a `CoreError` is
    shown.
    """
    for asked in (signal.SIGINT, signal.SIGTERM):  # a shell may start us with the first one ignored
        signal.signal(asked, _stop)
    try:
        given = parser().parse_args(list(arguments))
        return int(given.work(given))
    except (Cancelled, KeyboardInterrupt):
        say_last("Stopped.")
        return 130
    except CoreError as error:
        say_last(one_line(error))
        return 2
    except BrokenPipeError:  # the reader of our output has gone, as with `| head`
        sys.stdout = None
        return 0


def _stop(signum: int, frame: Any) -> None:
    raise KeyboardInterrupt
