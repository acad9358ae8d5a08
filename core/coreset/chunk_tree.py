"""The tree of a coreset: its parts, merged two and two as `Workers.tree` merges them, with what each chunk
holds; drawn as SVG, which needs no program but a browser.
"""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.coreset.coreset import Coreset
from core.phrases import count

Place = tuple[float, float]  # x and y, in pixels

SHOWN = 64  # lines of the drawing; of more parts those that merge first stand on one line
_LINE, _STEP, _TOP, _LEFT = 26, 44, 84, 20  # pixels
_WIDE = (300, 130, 110, 100, 110)  # of the columns beside the tree
_NAME = 19  # letters at either end of a longer name
_STYLE = (
    "svg{background:#fff;color:#000037;font:13px sans-serif}"
    "path{fill:none;stroke:#808080}circle{fill:#2A83BC}circle.rescored{fill:#D55E00}"
    "text{fill:currentColor}text.right{text-anchor:end}text.title{font-size:16px;font-weight:600}"
    "@media(prefers-color-scheme:dark){svg{background:#12171C;color:#F2F4F6}}"
)


@dataclass(frozen=True)
class Chunk:
    """One part, or several that are merged.

    name: of the part, or which parts, counted from 1. first, past: the places of its parts. rows: that it
    stands for. drawn: rows of the coreset that are among them; equal rows of several parts, which are drawn
    together, count in the first of these. importance: the mean sampling importance of its rows, weighted as
    they are, 1 being that of all: a part above the others holds rows that the pilot finds harder. rescored:
    rows that were scored again after decisions; all of a part where a step changes a column that the pilot
    reads. halves: the chunks that it was merged of.
    """

    name: str
    first: int
    past: int
    rows: int
    drawn: int
    importance: float
    rescored: int
    halves: tuple[Chunk, ...] = ()

    def walk(self) -> Iterator[Chunk]:
        """The chunk and all below it, each before its halves."""
        yield self
        for half in self.halves:
            yield from half.walk()

    def parts(self) -> list[Chunk]:
        """The chunks at its end: single parts, in their order."""
        return [chunk for chunk in self.walk() if not chunk.halves]


def chunk_tree(coreset: Coreset) -> Chunk:
    """The whole, with its chunks down to the single parts. Raises `SettingError` where the size of the
    coreset does not fit.
    """
    starts = np.array([leaf.first for leaf in coreset.leaves])
    drawn = np.bincount(np.searchsorted(starts, coreset.sample.row, side="right") - 1, minlength=starts.size)
    rows = [sum(leaf.sketch.rows) for leaf in coreset.leaves]
    mass = [sum(leaf.sketch.mass) for leaf in coreset.leaves]
    weight = [sum(leaf.sketch.weight) for leaf in coreset.leaves]

    def chunk(first: int, past: int, halves: tuple[Chunk, ...]) -> Chunk:
        some = slice(first, past)
        leaf = coreset.leaves[first]
        usual = sum(mass) * sum(weight[some])  # whole numbers, as those of a part
        return Chunk(
            name=leaf.name if past == first + 1 else f"parts {first + 1}\N{EN DASH}{past}",
            first=first,
            past=past,
            rows=sum(rows[some]),
            drawn=int(drawn[some].sum()),
            importance=sum(mass[some]) * sum(weight) / usual if usual else 0.0,
            rescored=sum(len(one.touched) for one in coreset.leaves[some]),
            halves=halves,
        )

    level = [chunk(at, at + 1, ()) for at in range(len(rows))]
    while len(level) > 1:
        pairs = [chunk(a.first, b.past, (a, b)) for a, b in zip(level[::2], level[1::2], strict=False)]
        level = pairs + ([level[-1]] if len(level) % 2 else [])
    return level[0]


def drawing(tree: Chunk) -> str:
    """The tree as SVG, the whole at the left; a line for each part, or for those that merge first where there
    are more than 64 parts.
    """
    tree = _cut(tree)
    lines = tree.parts()
    end = _LEFT + _STEP * _depth(tree)
    place = dict(_places(tree, _LEFT, end, iter(range(len(lines)))))
    body = [_edge(place[chunk], place[half]) for chunk in place for half in chunk.halves]
    body += [_dot(chunk, *place[chunk], chunk.rows / max(1, tree.rows)) for chunk in place]
    body += _words(("part", "rows", "in the coreset", "importance", "rescored"), end, _TOP - _LINE)
    for one in lines:
        numbers = (count(one.rows), count(one.drawn), f"{one.importance:.2f}", count(one.rescored))
        body += _words((_short(one.name), *numbers), *place[one])
    wide, high = end + sum(_WIDE) + 2 * _LEFT, _TOP + _LINE * len(lines)
    title = _safe(
        f"{count(tree.drawn, 'row')} for {count(tree.rows)}, in {count(tree.past - tree.first, 'part')}"
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}" height="{high}" viewBox="0 0 {wide} {high}" '
        f'role="img" aria-label="{title}"><style>{_STYLE}</style>'
        f'<text class="title" x="{_LEFT}" y="32">{title}</text>{"".join(body)}</svg>\n'
    )


def _cut(tree: Chunk) -> Chunk:
    """Without the lowest merges, so that at most `SHOWN` lines are left."""
    while len(tree.parts()) > SHOWN:
        tree = _cropped(tree)
    return tree


def _cropped(chunk: Chunk) -> Chunk:
    lowest = all(not half.halves for half in chunk.halves)
    return replace(chunk, halves=() if lowest else tuple(map(_cropped, chunk.halves)))


def _depth(chunk: Chunk) -> int:
    return 1 + max(map(_depth, chunk.halves)) if chunk.halves else 0


def _places(chunk: Chunk, x: int, end: int, lines: Iterator[int]) -> Iterator[tuple[Chunk, Place]]:
    """Where each chunk stands: single ones on the next line at the end, others between their halves."""
    if not chunk.halves:
        yield chunk, (end, _TOP + _LINE * next(lines))
        return
    halves = [dict(_places(half, x + _STEP, end, lines)) for half in chunk.halves]
    own = [placed[half][1] for placed, half in zip(halves, chunk.halves, strict=True)]
    yield chunk, (x, sum(own) / len(own))
    for placed in halves:
        yield from placed.items()


def _edge(start: Place, end: Place) -> str:
    return f'<path d="M{start[0]:g} {start[1]:g}V{end[1]:g}H{end[0]:g}"/>'


def _dot(chunk: Chunk, x: float, y: float, share: float) -> str:
    """A disc that is larger the larger the share of the rows, in another colour where some were rescored; all
    there is to tell of it at the pointer.
    """
    told = (
        f"{chunk.name}: {count(chunk.drawn)} of {count(chunk.rows, 'row')} in the coreset, importance "
        f"{chunk.importance:.2f}, {count(chunk.rescored, 'row')} rescored"
    )
    marked = ' class="rescored"' if chunk.rescored else ""
    size = 3.0 + 6.0 * share**0.5
    return f'<circle{marked} cx="{x:g}" cy="{y:g}" r="{size:.1f}"><title>{_safe(told)}</title></circle>'


def _words(cells: Sequence[str], x: float, y: float) -> list[str]:
    """A line of the table beside the tree: the first column to the left, numbers to the right."""
    first, *numbers = cells
    ends = np.cumsum(_WIDE)[1:] + x
    right = [
        f'<text class="right" x="{at:g}" y="{y + 5:g}">{_safe(cell)}</text>'
        for at, cell in zip(ends, numbers, strict=True)
    ]
    return [f'<text x="{x + 16:g}" y="{y + 5:g}">{_safe(first)}</text>', *right]


def _short(name: str) -> str:
    """Both ends of a long name, as files of days differ in the last letters.

    >>> _short("flights of the year 2013, cleaned, 2013-01-31.parquet")
    'flights of the year… 2013-01-31.parquet'
    """
    return name if len(name) <= 2 * _NAME else f"{name[:_NAME]}\N{HORIZONTAL ELLIPSIS}{name[-_NAME:]}"


def _safe(text: str) -> str:
    """Text of any data, as text in XML.

    >>> _safe("<b>" + chr(0) + chr(0xD800) + chr(0x202E))
    '&lt;b&gt;���'
    """
    return html.escape("".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text))
