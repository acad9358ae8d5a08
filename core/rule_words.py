"""What a rule did, in words: its settings as a person would say them. What a rule does stands in
`core.steps`, which is above this floor; settings come as they are kept, and may be of any kind.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from core.phrases import count, digits, name, names, percent, quoted

Given = Mapping[str, Any]
HELD_AS = {
    "numeric": "numbers",
    "datetime": "dates",
    "category": "categories",
    "boolean": "yes and no",
    "text": "text",
    "identifier": "identifiers",
    "image": "images",
}
FILLED = {
    "median": "the median",
    "mean": "the mean",
    "most frequent": "the most frequent value",
    "previous in time": "the previous value in time",
    "nearest rows": "the mean of the nearest rows",
    "iterative": "what a model of the other columns expects",
}
AS_FOUND = "as found"
SHOWN = 2  # pairs of a map


def rule_in_words(action: str, done: str, where: str, given: Given) -> str:
    """One rule. done: what is said of its action, with ``{}`` for the columns; where: these; given: its
    settings, those that it does not name being as usual.

    >>> rule_in_words("fill", "", "'age'", {"how": "mean", "indicator": True})
    "Filled the missing values of 'age' with the mean, and marked them"
    >>> rule_in_words("map", "", "'t'", {"pairs": {"n/a": None}})
    "Made 'n/a' missing in 't'"
    >>> rule_in_words("map", "", "'t'", {"pairs": {"a": None, "b": "None"}})
    "Wrote 'a' as missing, 'b' as 'None' in 't'"
    >>> rule_in_words("scale", "Scaled {}", "'x'", {"how": "robust"})
    "Scaled 'x' (robust)"
    """
    words = WORDS.get(action)
    return words(where, given) if words else done.format(where) + _others(given)


def _fill(where: str, given: Given) -> str:
    how = str(given.get("how", "median"))
    value = quoted(str(given.get("value", ""))) if how == "constant" else FILLED.get(how, how)
    marked = ", and marked them" if given.get("indicator") else ""
    return f"Filled the missing values of {where} with {value}{marked}"


def _map(where: str, given: Given) -> str:
    pairs = given.get("pairs")
    pairs = dict(pairs) if isinstance(pairs, Mapping) else {}
    olds = [quoted(str(old)) for old in list(pairs)[:SHOWN]]
    more = f" and {count(len(pairs) - SHOWN)} more" if len(pairs) > SHOWN else ""
    if len({(type(to), to) for to in pairs.values()}) == 1:
        [to, *_] = pairs.values()
        which = (", " if more else " and ").join(olds) + more
        return (
            f"Made {which} missing in {where}" if to is None else f"Wrote {which} as {_value(to)} in {where}"
        )
    shown = ", ".join(f"{old} as {_value(to)}" for old, to in zip(olds, pairs.values(), strict=False))
    return f"Wrote {shown}{more} in {where}" if pairs else f"Mapped no value of {where}"


def _value(to: Any) -> str:
    return "missing" if to is None else quoted(str(to))


def _read_as(where: str, given: Given) -> str:
    kind = str(given.get("kind", "numeric"))
    marks = {"decimal": "decimal", "thousands": "thousands"} if kind == "numeric" else {}
    how = [f"{word} {given[key]}" for key, word in marks.items() if given.get(key, AS_FOUND) != AS_FOUND]
    if kind == "datetime" and given.get("layout", AS_FOUND) not in ("", AS_FOUND):
        how.append(str(given["layout"]))
    return f"Read {where} as {HELD_AS.get(kind, kind)}{_behind(how)}"


def _tidy(where: str, given: Given) -> str:
    case = str(given.get("case", "as it is"))
    off = {"trim": "ends as they are", "blanks": "blanks as they are", "unicode": "letters as they are"}
    how = [f"{case} case"] if case != "as it is" else []
    return f"Tidied the text of {where}" + _behind(
        [*how, *(word for key, word in off.items() if given.get(key) is False)]
    )


def _replace(where: str, given: Given) -> str:
    how = {"part": "the part ", "pattern": "the pattern "}.get(str(given.get("how", "")), "")
    found, into = quoted(str(given.get("find", ""))), str(given.get("into", ""))
    told = (
        f"Replaced {how}{found} in {where} by {quoted(into)}" if into else f"Took {how}{found} out of {where}"
    )
    return told + _behind(["upper and lower case alike"] if given.get("case") is False else [])


def _rename(where: str, given: Given) -> str:
    return f"Renamed {where} to {name(str(given.get('to', '')))}"


def _move(where: str, given: Given) -> str:
    place, beside = str(given.get("place", "after")), name(str(given.get("beside", "")))
    return f"Moved {where} {place}" + ("" if place in ("first", "last") else f" {beside}")


def _clip(where: str, given: Given) -> str:
    if given.get("how") == "winsorise":
        return f"Clipped {where} to all but {_share(given, 'share', 0.01)} of train at each end"
    low, high = str(given.get("low", "")), str(given.get("high", ""))
    if low and high:
        return f"Clipped {where} to {low} to {high}"
    return f"Clipped {where} to at {f'least {low}' if low else f'most {high}'}"


def _date_parts(where: str, given: Given) -> str:
    usual = {"year": True, "quarter": False, "month": True, "day": True, "weekday": True, "hour": False}
    parts = [part for part, on in usual.items() if given.get(part, on)]
    parts += ["days since the first"] if given.get("days") else []
    gone = "; the dates are gone" if given.get("keep") is False else ""
    return f"Took {where} apart: {', '.join(parts)}{gone}"


def _drop_repeats(where: str, given: Given) -> str:
    columns, aside = _columns(given, "columns"), _columns(given, "aside")
    keep = str(given.get("keep", "first"))
    by = f" {name(str(given['by']))}" if given.get("by") and keep in ("highest", "lowest") else ""
    how = [f"equal in {columns}"] if columns else []
    how += [f"but for {aside}"] if aside else []
    how += [f"the {keep}{by} stays"] if keep != "first" else []
    stays = ", of which serve stays" if given.get("part") == "serve" else ""
    how += [f"across train and serve{stays}"] if given.get("across") else []
    return "Dropped rows that repeat another" + _behind(how)


def _sample(where: str, given: Given) -> str:
    amount, how, part = (
        given.get("amount"),
        str(given.get("how", "random")),
        str(given.get("part", "all rows")),
    )
    rows = _rows(amount) if amount else f"{_share(given, 'share', 0.1)} of the rows"
    by = f" of {name(str(given['by']))}" if given.get("by") else ""
    told = {
        "random": "at random",
        "by level": f"alike in every level{by}",
        "whole groups": f"whole groups{by}",
    }
    of = f" of {part}" if part != "all rows" else ""
    return f"Kept {rows}{of}, {told.get(how, f'{how}{by}')}{_seed(given)}"


def _add_rows(where: str, given: Given) -> str:
    how, amount = str(given.get("how", "balance")), given.get("amount")
    if how == "given":
        records = given.get("records")
        number = len(records) if isinstance(records, list | tuple) else 0
        return f"Added {_rows(number)} as given"
    if how == "balance":
        of = f" of {name(str(given['by']))}" if given.get("by") else ""
        share = _share(given, "share", 1.0)
        upto = "as many rows as" if share == "100%" else f"{share} of the rows of"
        return f"Added rows: rarer classes{of} repeated up to {upto} the commonest{_seed(given)}"
    more = _rows(amount) if amount else f"{_share(given, 'share', 1.0)} more rows"
    return f"Added {more} by repeating rows at random{_seed(given)}"


def _split(where: str, given: Given) -> str:
    shares = f"{_share(given, 'validation', 0.15)} validation, {_share(given, 'test', 0.15)} test"
    by = f" {name(str(given['by']))}" if given.get("by") else ""
    return f"Split train: {shares}, {given.get('how', 'random')}{by}{_seed(given)}"


def _rows(amount: Any) -> str:
    return count(amount, "row") if isinstance(amount, int) else f"{amount} rows"


def _share(given: Given, key: str, usual: float) -> str:
    share = given.get(key, usual)
    return percent(share) if isinstance(share, int | float) else str(share)


def _seed(given: Given) -> str:
    return f" (seed {given['seed']})" if given.get("seed") else ""


def _columns(given: Given, key: str) -> str:
    listed = given.get(key)
    return names([str(one) for one in listed]) if isinstance(listed, list | tuple) and listed else ""


def _behind(how: list[str]) -> str:
    return f" ({', '.join(how)})" if how else ""


def _others(given: Given) -> str:
    """The settings of a rule that has no words of its own; those that hold nothing are left out."""
    held = {key: value for key, value in given.items() if value not in ("", None, [], {}, False)}
    told = [
        _plain(value) if key in ("how", "method") else f"{key.replace('_', ' ')}: {_plain(value)}"
        for key, value in held.items()
        if not (key == "seed" and value == 0)
    ]
    return _behind(told)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return count(len(value), "entry", "entries")
    if isinstance(value, list | tuple):
        plain = all(isinstance(one, str | int | float) for one in value)
        return names([str(one) for one in value]) if plain else count(len(value), "entry", "entries")
    return digits(value) if isinstance(value, float) else str(value)


WORDS: Mapping[str, Callable[[str, Given], str]] = {
    "fill": _fill,
    "map": _map,
    "read_as": _read_as,
    "tidy": _tidy,
    "replace": _replace,
    "rename": _rename,
    "move": _move,
    "clip": _clip,
    "date_parts": _date_parts,
    "drop_repeats": _drop_repeats,
    "sample": _sample,
    "add_rows": _add_rows,
    "split": _split,
}
