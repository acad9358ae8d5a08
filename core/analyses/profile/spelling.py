"""Levels that are one: a word written in several ways ("NYC", "nyc " and "ＮＹＣ"), or a name in several
ways ("Airbus" and "Airbus Industrie").
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from core.analyses.profile.facts import ColumnFacts
from core.analyses.profile.rows import LEAST_CELLS, picked, rows_with
from core.finding import Finding
from core.phrases import column_of, name, quoted
from core.prepare.similar_names import similar_levels
from core.prepare.spelling import ODD, PLAIN, UNSEEN, judged, merged_levels, tidy

REPEATING = 0.9  # share of distinct values up to which words are levels, and no names of rows
MANY = 100_000  # distinct words above which they are not compared: no list of levels is as long
_LISTED = 50  # variants that a line of code names one by one
# levels up to which pairs that differ by case alone get a note even where chance could have made them
_CODES = 8


def variants(facts: ColumnFacts) -> Finding | None:
    """Levels that are one word written in several ways; a note where they differ by case alone and may be
    codes (a is not A). Of words that hardly repeat only those that differ by blanks alone.
    """
    profile, levels = facts.profile, _are_levels(facts)
    if not levels and not _are_names(facts):
        return None
    words = facts.distinct.filter(picked(~facts.empty))
    counts = facts.counts[~facts.empty]
    merged = merged_levels(words, counts)
    if not levels:
        merged = {word: to for word, to in merged.items() if tidy(word) == tidy(to)}
    if not merged:
        return None
    noise, telling = judged(words.to_pylist(), merged)
    if not telling and profile.distinct > _CODES:
        return None
    rows = rows_with(facts, np.isin(np.array(facts.distinct.to_pylist(), dtype=object), list(merged)))
    sure = telling and len(rows) >= LEAST_CELLS
    found = Finding(
        code="variants",
        title=f"{name(profile.name)} writes {_examples(words.to_pylist(), counts, merged)} ({len(rows):,} of "
        f"{profile.present:,} values)",
        severity="warning" if sure else "info",
        score=min(1.0, 0.5 + 0.5 * len(rows) / profile.present),
        why="A model and every count by level take each spelling for a level of its own.",
        suggestion="Write them like the commonest spelling without stray blanks."
        if telling
        else "If case makes no difference here, write them alike.",
        rows=rows,
        columns=(profile.name,),
        value=float(len(merged)),
        measure="spellings",
        limit=0.0,
        noise_is="expected by chance",
        noise=noise,
        n=profile.present,
        action="merge",
        settings={"method": "spelling"},
        becomes="" if len({*merged.values()}) > 1 else next(iter(merged.values())),
        fix=_line(profile.name, merged),
    )
    return found if levels else replace(found, action="tidy", settings={"unicode": False})


def similar_names(facts: ColumnFacts) -> Finding | None:
    """Levels that are likely names of one thing: word order, abbreviations, punctuation, company suffixes,
    slips.
    """
    if not _are_levels(facts):
        return None
    words, counts = facts.distinct.filter(picked(~facts.empty)), facts.counts[~facts.empty]
    merged = similar_levels(words, counts)
    if not merged:
        return None
    profile = facts.profile
    rows = rows_with(facts, np.isin(np.array(facts.distinct.to_pylist(), dtype=object), list(merged)))
    return Finding(
        code="similar_levels",
        title=f"{name(profile.name)} likely names one thing in several ways: "
        f"{_examples(words.to_pylist(), counts, merged)} ({len(rows):,} of {profile.present:,} values)",
        severity="warning" if len(rows) >= LEAST_CELLS else "info",
        score=min(1.0, 0.4 + 0.5 * len(rows) / profile.present),
        why="A model and every count by level take each name for a level of its own. They differ only in "
        "word order, abbreviations, punctuation, the kind of firm, or one letter.",
        suggestion="Write those that are one thing like the commonest name; leave those that are not.",
        rows=rows,
        columns=(profile.name,),
        value=float(len(merged)),
        measure="names",
        limit=0.0,
        n=profile.present,
        action="merge",
        settings={"method": "names"},
        becomes="" if len({*merged.values()}) > 1 else next(iter(merged.values())),
        fix=f"{column_of(profile.name)} = {column_of(profile.name)}.replace({merged!r})",
    )


def _are_levels(facts: ColumnFacts) -> bool:
    """Whether the column holds words that repeat, and not too many to compare."""
    profile = facts.profile
    return (
        profile.stored == "string"
        and profile.kind in ("category", "text")
        and profile.distinct <= min(MANY, REPEATING * profile.present)
        and facts.role not in ("id", "weight")
    )


def _are_names(facts: ColumnFacts) -> bool:
    """Whether the column holds words that hardly repeat, and not too many to compare."""
    profile = facts.profile
    named = profile.stored == "string" and profile.kind in ("category", "identifier")
    return named and profile.distinct <= MANY and facts.role not in ("id", "weight")


def _examples(words: list[str], counts: NDArray[np.int64], merged: dict[str, str]) -> str:
    """The word with most variants, and how many others there are."""
    often = dict(zip(words, counts.tolist(), strict=True))
    groups: dict[str, list[str]] = {}
    for word, to in merged.items():
        groups.setdefault(to, []).append(word)
    first = max(groups, key=lambda to: (sum(often[word] for word in groups[to]), to))
    shown = sorted(groups[first], key=lambda word: (-often[word], word))
    listed = ", ".join(quoted(word) for word in shown[:3]) + (" …" if len(shown) > 3 else "")
    more = len(groups) - 1
    others = f", and {more:,} other word{'s' * (more > 1)} in more than one way" if more else ""
    return f"{quoted(first)} also as {listed}{others}"


def _line(column_name: str, merged: dict[str, str]) -> str:
    column = column_of(column_name)
    if len(merged) <= _LISTED:
        return f"{column} = {column}.replace({merged!r})"
    signs = f"str.maketrans({ODD!r}, {PLAIN!r}, {UNSEEN!r})"
    alike = f"{column}.str.translate({signs}).str.normalize('NFKC').str.casefold().str.split().str.join(' ')"
    tidy = "same[same == same.str.split().str.join(' ')]"
    return (
        f"{column} = {column}.groupby({alike}).transform(lambda same: "
        "same if same.nunique() == 1 or not same.name else "
        f"{tidy}.mode().get(0, ' '.join(same.mode()[0].split())))"
    )
