"""The grammar of filters: what is written is read as the same, and what is wrong is told in one sentence."""

from __future__ import annotations

import random
import string
from datetime import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import CoreError, FilterError, InputError
from core.filters import Filter
from core.filters.reading import PATTERN, STORED, TYPED, VALUES, FilterLimits, parse
from core.filters.tree import And, Condition, DuplicateOf, FlaggedBy, Node, Not, Or, PartIs, ScoreAbove, Value
from core.filters.words import KEYWORDS
from tests.make import at_most

LENGTH, DEPTH, CONDITIONS = TYPED
ANY = FilterLimits(10**9, 10**3, 10**9)
ODD_NAMES = ["a b", "it's", "and", "Or", "c`d", '"x"', "", " ", "'", "''", "a\nb", "part", "iſ", "2nd", "-1",
             "2024-01-01", "Größe", "日本", "😀", "x.y", "missing", "null\0", "(", "true"]  # fmt: skip

names = st.sampled_from(ODD_NAMES) | st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8) | st.sampled_from(ODD_NAMES)
numbers = st.decimals(allow_nan=False, allow_infinity=False) | st.integers().map(Decimal)
numbers = numbers.filter(lambda n: abs(n.adjusted()) < 90_000)
values = st.one_of(
    numbers.map(lambda n: Value("number", n)),
    st.datetimes().map(lambda d: Value("date", d)),
    st.booleans().map(lambda b: Value("boolean", b)),
    texts.map(lambda t: Value("text", t)),
)


@st.composite
def conditions(draw: st.DrawFn) -> Condition:
    op = draw(
        st.sampled_from(
            ["missing", "is", "one of", "equals", "contains", "matches", "<", "<=", ">", ">=", "between"]
        )
    )
    if op == "between":
        low, high = sorted(draw(st.tuples(numbers, numbers)))
        return Condition(draw(names), op, (Value("number", low), Value("number", high)))
    if op in ("contains", "matches", "equals"):
        return Condition(draw(names), op, (Value("text", draw(texts)),))
    most = {"missing": 0, "one of": 4}.get(op, 1)
    given = draw(st.lists(values, min_size=min(most, 1), max_size=most))
    return Condition(draw(names), op, tuple(given))


tests = st.one_of(
    conditions(),
    st.lists(names, min_size=1, max_size=3).map(lambda some: DuplicateOf(tuple(some))),
    st.sampled_from(["train", "serve"]).map(PartIs),
    texts.map(FlaggedBy),
    st.builds(ScoreAbove, texts, numbers),
)
trees: st.SearchStrategy[Node] = st.recursive(
    tests,
    lambda inner: st.one_of(
        inner.map(Not),
        st.lists(inner, min_size=2, max_size=3).map(lambda some: And(tuple(some))),
        st.lists(inner, min_size=2, max_size=3).map(lambda some: Or(tuple(some))),
    ),
    max_leaves=8,
)


@given(trees)
def test_what_is_written_is_read_as_the_same(tree: Node) -> None:
    text = str(Filter(tree))
    assert parse(text, ANY) == tree
    assert str(Filter(parse(text, ANY))) == text
    assert Filter.from_json(Filter(tree).to_json()) == Filter(tree)
    assert "\n" not in Filter(tree).words or "\n" in text


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("AGE < 5 AND b = 1", "AGE < 5 and b is 1"),
        ("a==1 or b!=2 and c<>3", "a is 1 or b is not 2 and c is not 3"),
        ("(a = 1 or b = 2) and c = 3", "(a is 1 or b is 2) and c is 3"),
        ("((a = 1))", "a is 1"),
        ("a = 1 and (b = 2 and c = 3)", "a is 1 and (b is 2 and c is 3)"),
        ("not a is missing", "a is not missing"),
        ("not not a<5", "not not a < 5"),
        ("a in (x, y)", 'a is one of ("x", "y")'),
        ("a one of x,y and b=1", 'a is one of ("x", "y") and b is 1'),
        ("a is not between 1 and 2 and b = 3", "a not between 1 and 2 and b is 3"),
        ("a≤5 or a≥7 or a≠6", "a <= 5 or a >= 7 or a is not 6"),
        ("a contains ','", None),
        ("t < 2024-03-01T10:00+02:00", "t < 2024-03-01 08:00:00"),
        ("t is 2024-03-01 or t is 2024-03-01 10:00", "t is 2024-03-01 or t is 2024-03-01 10:00:00"),
        ("a is TRUE", "a is true"),
        ('a is "say ""hi"""', 'a is "say ""hi"""'),
        ("duplicate of a, 'b c' or part is not train", "duplicate of a, 'b c' or part is not train"),
        ('flagged by "missing:age" and score outliers above 0.90',
         'flagged by "missing:age" and score outliers above 0.90'),
        ("a is 1e3", "a is 1E+3"),
        ("a<-5", "a < -5"),
    ],
)  # fmt: skip
def test_ways_of_writing_the_same(text: str, same: str | None) -> None:
    if same is None:
        with pytest.raises(FilterError):
            Filter.parse(text)
    else:
        assert str(Filter.parse(text)) == same


def test_truth_and_one_are_not_the_same_filter() -> None:
    assert Filter.parse("a is true") != Filter.parse("a is 1")
    assert Filter.parse("a is 1") == Filter.parse("a is 1.0")


@pytest.mark.parametrize(
    ("text", "at", "says"),
    [
        ("", 0, "empty"),
        ("   ", 0, "empty"),
        ("age", 4, "comparison"),
        ("age <", 6, "not the end"),
        ("age < 5 age", 9, "'and' or 'or', not 'age'"),
        ("age < 5)", 8, "not ')'"),
        ("(age < 5", 9, "opens at character 1"),
        ("'age < 5", 1, "never closed"),
        ('age is "x', 8, "never closed"),
        ("'a''b < 5", 1, "never closed"),
        ("age is 'Oslo'", 8, "values stand in double ones"),
        ("age < 5abc", 7, "'5abc'"),
        ("age is 2024-13-01", 8, "no date of the calendar"),
        ("age is 9999-12-31T23:59-10:00", 8, "no date of the calendar"),
        ("age between 5 and 2", 13, "above the second"),
        ("age is 1e999999", 8, "beyond all numbers"),
        ("age in (1, 2", 13, "closing bracket"),
        ("age in ()", 9, "Here stands a value"),
        ("and < 5", 1, "Here stands a column"),
        ("part is big", 9, "train or serve"),
        ("part 5", 6, "'is'"),
        ("score 5", 7, "single quotes"),
        ("score x above y", 15, "a number"),
        ("duplicate a", 11, "'of'"),
        ("flagged x", 9, "'by'"),
        ("age ~ 5", 5, "'~'"),
        ("age is \ud800", 8, "no number, date, word or sign"),
        ('age is "\ud800"', 8, "half a character"),
        ("__import__('os')", 11, "comparison"),
        ("age < 5; drop table", 8, "';'"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(text: str, at: int, says: str) -> None:
    with pytest.raises(FilterError) as error:
        Filter.parse(text)
    assert error.value.at == at and says in str(error.value), str(error.value)
    assert (f"(character {at})" in str(error.value)) == bool(at)


def test_limits_are_those_that_are_said() -> None:
    deep = "(" * DEPTH + "a = 1" + ")" * DEPTH
    Filter.parse(deep)
    Filter.parse("not " * DEPTH + "a = 1")
    for text in (f"({deep})", "not " * (DEPTH + 1) + "a = 1"):
        with pytest.raises(FilterError, match=f"at most {DEPTH} deep.*character"):
            Filter.parse(text)
    Filter.parse(" or ".join(["a = 1"] * CONDITIONS))
    with pytest.raises(FilterError, match=f"at most {CONDITIONS} conditions"):
        Filter.parse(" or ".join(["a = 1"] * (CONDITIONS + 1)))
    Filter.parse("a in (" + ",".join("1" * VALUES) + ")")
    with pytest.raises(FilterError, match="at most 1,000 values"):
        Filter.parse("a in (" + ",".join("1" * (VALUES + 1)) + ")")
    Filter.parse(f'a matches "{"x" * PATTERN}"')
    with pytest.raises(FilterError, match=f"at most {PATTERN} characters"):
        Filter.parse(f'a matches "{"x" * (PATTERN + 1)}"')
    Filter.parse("a = 1".ljust(LENGTH))
    with pytest.raises(FilterError, match="at most 4,096 characters"):
        Filter.parse("a = 1".ljust(LENGTH + 1))


def test_a_filter_of_a_recipe_may_hold_a_whole_cell() -> None:
    long = Filter(Condition("a", "equals", (Value("text", '"' * 100_000),)))
    assert Filter.from_json(long.to_json()) == long


@given(trees)
def test_those_that_it_does_not_take_can_be_stored_whatever_may_be_typed(tree: Node) -> None:
    text = str(Filter(tree))
    try:
        typed = Filter.parse(text)
    except FilterError:
        return
    assert Filter.from_json(typed.others.to_json()) == typed.others


@pytest.mark.parametrize("text", ["(", "not ", "a<1 or ", "a in (1,", "duplicate of a,", "1,", "a ", '"'])
def test_what_a_hostile_recipe_holds_is_not_read_to_its_end(text: str) -> None:
    with at_most(5):
        with pytest.raises(FilterError):
            Filter.from_json(text + text[-2:] * 1_900_000)
        with pytest.raises(FilterError):
            Filter.from_json(text * (3_900_000 // len(text)))
        with pytest.raises(FilterError, match="at most 4,000,000 characters"):
            Filter.from_json(text * 4_100_000)


def test_the_largest_filter_that_can_be_typed_is_stored() -> None:
    inner = "(" * DEPTH + "a<1 and b<1 or " * 49 + "a<1 and b<1" + ")" * DEPTH
    nested = "a<1"
    for turn in range(DEPTH):
        nested = f"b<1 {'or and'.split()[turn % 2]} ({nested})"
    for text in (
        inner,
        nested,
        "not " * DEPTH + "a < 1",
        "not (a<1 or " * (DEPTH // 2) + "a<1" + ")" * (DEPTH // 2),
    ):
        filter = Filter.parse(text)
        assert Filter.from_json(filter.others.to_json()) == filter.others
        assert Filter.from_json(filter.to_json()) == filter
    assert STORED.length > LENGTH


def test_random_strings_raise_only_the_filter_error() -> None:
    pieces = [*KEYWORDS, *"()<>=,'\"", "<=", "!=", "age", "5", "-1e3", "2024-01-01", '"x"', "'a b'", " ", "é"]
    rng = random.Random(0)
    read = 0
    for turn in range(10_000):
        if turn % 2:
            text = "".join(rng.choices(string.printable + "\u2028\ud800😀ſ٣", k=rng.randrange(40)))
        else:
            text = " ".join(rng.choices(pieces, k=rng.randrange(12)))
        try:
            filter = Filter.parse(text)
        except FilterError as error:
            assert isinstance(error, InputError) and isinstance(error, CoreError) and str(error)
        else:
            read += 1
            assert Filter.parse(str(filter)) == filter
    assert read > 5


@pytest.mark.parametrize("plain", [None, 5, [], ["a = 1"], {"column": "a"}, {}, True])
def test_what_is_no_filter_in_a_recipe(plain: object) -> None:
    with pytest.raises((FilterError, KeyError, TypeError)):
        Filter.from_json(plain)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("age < 0 or city is missing", "'age' is below 0 or 'city' is missing"),
        ("not (a = 1 and b = 2) and c = 3", "not ('a' is 1 and 'b' is 2) and 'c' is 3"),
        ("a = 1 or b = 2 and not c = 3", "'a' is 1 or ('b' is 2 and 'c' is not 3)"),
        ("a in (1,2,3,4,5)", "'a' is one of 1, 2, 3 and 2 more"),
        ("not a in (x, y)", "'a' is none of 'x', 'y'"),
        ("a in (x)", "'a' is 'x'"),
        ("not a in (x)", "'a' is not 'x'"),
        ("not a < 5", "'a' is not below 5"),
        ("t >= 2024-03-01", "'t' is at or after 2024-03-01"),
        ("a not contains x", "'a' does not contain 'x'"),
        ("not duplicate of a, b", "no other row has the same 'a' and 'b'"),
        ("flagged by outliers", "the row is flagged (outliers)"),
        ("score outliers above 0.5", "the score of 'outliers' is above 0.5"),
        ("part is not serve", "the row is not of serve"),
        ("'it''s' between 1 and 2", "'it's' is between 1 and 2"),
    ],
)
def test_words(text: str, words: str) -> None:
    assert Filter.parse(text).words == words


def test_dates_are_kept_in_utc() -> None:
    [value] = parse("t is 2024-03-01T00:30:00.000001+01:00").values  # type: ignore[union-attr]
    assert value.content == datetime(2024, 2, 29, 23, 30, 0, 1)


@pytest.mark.parametrize(
    ("bare", "quoted"),
    [
        ("score < 40", "'score' < 40"),
        ("Score >= 40 and not part = 1", "'Score' >= 40 and not 'part' = 1"),
        (
            "score is missing or score not between 1 and 2",
            "'score' is missing or 'score' not between 1 and 2",
        ),
        ("flagged is true", "'flagged' is true"),
        ("duplicate one of (1, 2)", "'duplicate' one of (1, 2)"),
        ('part contains "a"', "'part' contains \"a\""),
        ("missing != 3 or above in 4", "'missing' != 3 or 'above' in 4"),
    ],
)
def test_a_word_of_the_grammar_before_a_comparison_is_the_column(bare: str, quoted: str) -> None:
    assert parse(bare) == parse(quoted)


def test_what_the_words_of_the_grammar_ask_for_stays_so() -> None:
    assert parse("part is serve") == PartIs("serve")
    assert parse("score outliers above 0.9") == ScoreAbove("outliers", Decimal("0.9"))
    assert parse("score missing above 0.5") == ScoreAbove("missing", Decimal("0.5"))
    assert parse("flagged by missing") == FlaggedBy("missing")
    assert parse("duplicate of a") == DuplicateOf(("a",))
    for text in ("not < 3", "part is 3", "score", "and = 1"):
        with pytest.raises(FilterError):
            parse(text)
