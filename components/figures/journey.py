"""The journey in one picture, for the home page: rows come in as they are, odd ones are seen, decided on, and
the rest is exported.
"""

from __future__ import annotations

import math
import random

from components.figures.theme import GREY, SERVE, TRAIN

WIDTH, HEIGHT = 1200, 190
ALT = (
    "Dots stream in from the left, some of them orange; a sieve lets orange ones fall; the blue ones "
    "arrive on the right in tidy rows."
)


def journey() -> str:
    """An SVG image. The same every time."""
    luck = random.Random(7)
    parts = [_dot(*_incoming(luck), _colour(luck), 0.85) for _ in range(150)]
    parts += [_flag(*_seen(luck, at)) for at in range(9)]
    parts += [_dot(420 + luck.random() * 230, 80 + luck.gauss(0, 22), TRAIN, 0.85) for _ in range(60)]
    parts += [_sieve()]
    parts += [_dot(700 + luck.gauss(0, 32), 148 + luck.random() * 28, SERVE, 0.9) for _ in range(14)]
    parts += [_dot(772 + luck.random() * 100, 80 + luck.gauss(0, 10), TRAIN, 0.85) for _ in range(22)]
    parts += [
        _dot(930 + 20 * column, 36 + 20 * row, TRAIN, 0.95, 5.5) for column in range(13) for row in range(5)
    ]
    view = f'viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {view}>{"".join(parts)}</svg>'


def _incoming(luck: random.Random) -> tuple[float, float]:
    across = luck.random()
    return 20 + 260 * across, 80 + luck.gauss(0, 40 - 14 * across)


def _colour(luck: random.Random) -> str:
    return SERVE if luck.random() < 0.14 else TRAIN


def _seen(luck: random.Random, at: int) -> tuple[float, float]:
    return 325 + 36 * at + luck.gauss(0, 7), 78 + 34 * math.sin(at * 1.9) + luck.gauss(0, 4)


def _dot(x: float, y: float, colour: str, opacity: float, radius: float = 4.2) -> str:
    return (
        f'<circle cx="{x:.1f}" cy="{min(max(y, 8), HEIGHT - 8):.1f}" r="{radius}" fill="{colour}" '
        f'fill-opacity="{opacity}"/>'
    )


def _flag(x: float, y: float) -> str:
    """A row that was noticed: an orange dot in a ring."""
    return _dot(x, y, SERVE, 0.95) + (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="9" fill="none" stroke="{SERVE}" stroke-width="1.6"/>'
    )


def _sieve() -> str:
    """A slanted tray with a mesh."""
    rim = f'<path d="M640 112 L764 128" stroke="{GREY}" stroke-width="5" stroke-linecap="round"/>'
    mesh = "".join(
        (f'<path d="M{646 + 12 * i} {114 + 1.55 * i:.1f} l-3 12" stroke="{GREY}" stroke-width="1.6"/>')
        for i in range(10)
    )
    return rim + mesh
