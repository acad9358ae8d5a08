"""How numbers, shares and names stand in sentences and in lines of code."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

import numpy as np

_LEAST = Decimal("0.001")  # of a share: below, and as near to all, it is only told that there is some
YEARS = (1700, 2100)  # between which whole numbers are surely years, where nearly all of a column are


def percent(share: float) -> str:
    """A share in per cent to one decimal, which never rounds a few to none or nearly all to all.

    A five behind the last digit goes up, as one rounds by hand: what counts is the decimal number (to 14
    places, so that sums are not told from what they are meant to be), not the binary one that is nearest.

    >>> percent(0.1234), percent(0.5), percent(0.00001), percent(0.99999), percent(1.0)
    ('12.3%', '50%', 'under 0.1%', 'over 99.9%', '100%')
    >>> percent(1 / 400), percent(1 - 0.9975), percent(0.1225), percent(0.9985), percent(0.99895)
    ('0.3%', '0.3%', '12.3%', '99.9%', '99.9%')
    >>> percent(-0.0025), percent(-0.00001), percent(0.0)
    ('-0.3%', 'over -0.1%', '0%')
    """
    if not abs(share) < 1e9:
        return f"{100 * share:.4g}%"
    exact = Decimal(f"{share:.14f}")
    if not exact and not share:
        return "0%"
    if abs(exact) < _LEAST:
        return "under 0.1%" if share > 0 else "over -0.1%"
    if 1 - _LEAST < abs(exact) < 1:
        return "over 99.9%" if share > 0 else "under -99.9%"
    return f"{_half_up(100 * exact)}".removesuffix(".0") + "%"


def percent_number(share: float) -> float:
    """The number that `percent` prints; of few and of nearly all, which it only says there are, one that is
    neither 0 nor 100.

    >>> percent_number(0.0025), percent_number(0.00001234), percent_number(0.999987), percent_number(1.0)
    (0.3, 0.0012, 99.9987, 100.0)
    """
    text = percent(share).removesuffix("%")
    if not text.startswith(("under", "over")):
        return float(text)
    return float(f"{100 * share:.2g}") if share < 0.5 else float(f"{100 * share:.6g}")


def whole_percent(share: float) -> str:
    """A share where there is room for whole per cents alone: of few not as if there were none, nor of nearly
    all as if there were no other.

    >>> whole_percent(1.0), whole_percent(0.0), whole_percent(0.004), whole_percent(0.996)
    ('100%', '0%', '<1%', '>99%')
    >>> whole_percent(0.125), whole_percent(0.285), whole_percent(0.005)
    ('13%', '29%', '1%')
    """
    exact = 100 * Decimal(f"{share:.14f}")
    rounded = exact.quantize(Decimal(1), ROUND_HALF_UP)
    if share and not rounded:
        return "<1%"
    return ">99%" if share < 1 and rounded == 100 else f"{rounded}%"


def share_of(part: int, whole: int) -> str:
    """The share of so many among so many in per cent; of none among none 0%.

    >>> share_of(1, 400), share_of(0, 5), share_of(1, 100_000), share_of(5, 5), share_of(0, 0)
    ('0.3%', '0%', 'under 0.1%', '100%', '0%')
    """
    return percent(part / whole if whole else 0.0)


def points(change: float) -> str:
    """A difference of shares in points of per cent, with its sign, rounded as `percent` does.

    >>> points(0.0225), points(-0.0005), points(0.0), points(-0.00001)
    ('+2.3', '-0.1', '0', '-0.001')
    """
    if not abs(change) < 1e9:
        return f"{100 * change:+.4g}"
    exact = 100 * Decimal(f"{change:.14f}")
    if not exact:
        return "0"
    rounded = _half_up(exact)
    return f"{rounded:+}" if rounded else f"{100 * change:+.1g}"


def _half_up(exact: Decimal) -> Decimal:
    return exact.quantize(Decimal("0.1"), ROUND_HALF_UP)


def in_two_digits(share: float) -> str:
    """A share in per cent, in two digits however small it is: of an expected error and its interval. One that
    is not all is never printed as all.

    >>> in_two_digits(0.02934), in_two_digits(0.00042), in_two_digits(0.0), in_two_digits(0.1158)
    ('2.9%', '0.042%', '0%', '12%')
    >>> in_two_digits(0.9962), in_two_digits(1.234), in_two_digits(12.3), in_two_digits(3e-9)
    ('99.6%', '123%', '1,230%', 'under 0.0001%')
    >>> in_two_digits(0.00125), in_two_digits(0.125), in_two_digits(1.0)
    ('0.13%', '13%', '100%')
    """
    if 0.0 < share < 1e-6:
        return "under 0.0001%"
    if 0.995 <= share < 1.0 or not share:
        return percent(share)
    if not 0.0 < share < 1.0:
        return f"{100.0 * share:,.0f}%"
    exact = 100 * Decimal(f"{share:.14f}")
    rounded = exact.quantize(Decimal(1).scaleb(exact.adjusted() - 1), ROUND_HALF_UP)
    return f"{rounded:f}%" if "." not in f"{rounded:f}" else f"{rounded:f}".rstrip("0").rstrip(".") + "%"


def score(value: float, digits: int = 3) -> str:
    """A score whose ends are 0 and 1, such as an AUC, to so many decimals: to more where it would be printed
    as one of the ends and is not there.

    >>> score(0.8123), score(0.9999), score(0.99998), score(1.0), score(0.5), score(float("nan"))
    ('0.812', '0.9999', '0.99998', '1.000', '0.500', 'nan')
    >>> score(0.99999997), score(0.00004), score(-0.2), score(0.99996, 4), score(3e-9), score(0.0)
    ('over 0.999999', '0.00004', '-0.200', '0.99996', 'under 0.000001', '0.000')
    """
    for places in range(digits, 7):
        text = f"{value:.{places}f}"
        if float(text) not in (0.0, 1.0) or value in (0.0, 1.0):
            return text
    if not 0.0 < value < 1.0:
        return text
    return "over 0.999999" if value > 0.5 else "under 0.000001"


def rounded_score(value: float, digits: int = 3) -> float:
    """The same as a number: what a summary holds is what stands in the sentences beside it.

    >>> rounded_score(0.8123), rounded_score(0.99998), rounded_score(1.0)
    (0.812, 0.99998, 1.0)
    """
    text = score(value, digits)
    return value if text.startswith(("over", "under")) else float(text)


def number(value: float) -> str:
    """A number in four significant digits, or all of its whole ones, with separators.

    >>> number(15110.4), number(0.048652), number(31170000.0), number(1.5e-9), number(7.0)
    ('15,110', '0.04865', '31,170,000', '1.5e-09', '7')

    What is less than 1 reads as 1 only from the seventh digit on.

    >>> number(0.99998), number(-0.999997), number(sum([0.1] * 10)), number(np.float64(1.00001))
    ('0.99998', '-0.999997', '1', '1')
    """
    if 1e3 <= abs(value) < 1e15:
        return f"{value:,.0f}"
    texts = [f"{value:.{figures}g}" for figures in (4, 5, 6)]
    return next((text for text in texts if text not in ("1", "-1") or abs(value) >= 1.0), texts[0])


def is_auc(measure: str) -> bool:
    """Whether a measure with this name is an area under a curve.

    >>> is_auc("single-feature AUC"), is_auc("AUROC"), is_auc("PSI")
    (True, True, False)
    """
    return "AUC" in measure or "AUROC" in measure


def measured(value: float, measure: str = "") -> str:
    """A number of a measure with this name: an AUC as `score` has it and a share in per cent, wherever they
    stand.

    >>> measured(0.9931, "share of missing values"), measured(1.9, "share of serve over share of train")
    ('99.3%', '1.9')
    >>> measured(0.8324, "single-feature AUC"), measured(0.8324, "PSI"), measured(0.99998, "AUROC")
    ('0.832', '0.8324', '0.99998')
    """
    if is_share(measure):
        return percent(value)
    return score(value) if is_auc(measure) else number(value)


def is_share(measure: str) -> bool:
    """Whether a measure with this name is a share of a whole, which stands in per cent.

    >>> is_share("share of zeros"), is_share("share of serve over share of train, held out"), is_share("AUC")
    (True, False, False)
    """
    return measure.startswith("share of") and " over share" not in measure


def by_chance(value: float) -> str:
    """A number that is expected by chance: to one decimal from 10 up, else in two digits, and never none
    where there is some.

    >>> by_chance(0.0), by_chance(1e-6), by_chance(0.0417), by_chance(3.14159), by_chance(123.456)
    ('0', 'under 0.001', '0.042', '3.1', '123.5')
    """
    if 0 < value < 0.001:
        return "under 0.001"
    return number(round(value, 1)) if value >= 10 else f"{value:.2g}"


def digits(value: float) -> str:
    """A number with as many digits as it takes to tell it from every other one; no separators.

    >>> digits(0.3), digits(0.1 + 0.2), digits(7.0), digits(12345678901234567.0), digits(1e300)
    ('0.3', '0.30000000000000004', '7', '1.2345678901234568e+16', '1e+300')
    """
    return repr(float(value)).removesuffix(".0")


def number_among(value: float, low: float, high: float) -> str:
    """A number of a column whose values lie between ``low`` and ``high``: without separators where these may
    be years or times of day.

    >>> number_among(2013, 1990, 2021), number_among(2013, 0, 9_999), number_among(2013.5, 1990, 2021)
    ('2013', '2,013', '2013.5')
    >>> number_among(1350, 106, 2359), number_among(1350, 1, 2400), number_among(1350, 0, 2375)
    ('1350', '1350', '1,350')
    >>> number_among(20211999, 1990, 2021), number_among(269753, 0, 199_532)
    ('20211999', '269,753')
    """
    if not may_be_years_or_times(low, high):
        return number(value)
    return digits(value) if float(value).is_integer() else f"{value:.6g}"


def limit_among(limit: float, least: float, most: float, low: float, high: float) -> str:
    """A limit of a column whose values lie between ``low`` and ``high``, rounded to as few digits as leave it
    from ``least`` to ``most``, in which it lies: as printed it takes the rows that it is said of, and is a
    rounding of the value that stands elsewhere with more digits or fewer.

    >>> limit_among(67624.62191208151, 308, 67624.62191208151, 0, 308), limit_among(334.579, 9, 334.579, 0, 1)
    ('67,624.6', '334.579')
    >>> limit_among(99999.99, 308, 99999.99, 0, 308), limit_among(26234.57, 308, 26234.57, 0, 308)
    ('99,999.99', '26,234.57')
    >>> limit_among(-26234.57, -26234.57, 0, 0, 1), limit_among(1000.4567, 1000.44, 1000.4567, 0.5, 2e3)
    ('-26,234.57', '1,000.4567')
    >>> limit_among(0.123456, 0, 0.123456, 0, 1), limit_among(2013.5, 2013.5, 2014, 1990, 2021)
    ('0.123456', '2013.5')
    >>> limit_among(269753, 199_532, 269753, 0, 199_532), limit_among(-1e9, -1e9, 0, 0, 1)
    ('269,753', '-1,000,000,000')
    """
    text, least, most = number_among(limit, low, high), float(least), float(most)
    if not np.isfinite(limit) or least <= Decimal(text.replace(",", "")) <= most:
        return text
    exact = Decimal(repr(float(limit)))
    last, first = int(exact.as_tuple().exponent), exact.adjusted() - 3
    for place in range(first if abs(limit) >= 1e15 else min(first, 0), last, -1):
        rounded = exact.quantize(Decimal(1).scaleb(place), ROUND_HALF_UP)
        if least <= rounded <= most:
            return in_full(float(rounded), low, high)
    return in_full(limit, low, high)


def in_full(value: float, low: float, high: float) -> str:
    """The same with all of its digits.

    >>> in_full(7043545, 0, 1e8), in_full(-1234.5678901, -2e3, 0), in_full(-0.25, -1, 1)
    ('7,043,545', '-1,234.5678901', '-0.25')
    >>> in_full(12345678901234567, 0, 1e18), in_full(1e300, 0, 1e300), in_full(2013, 1990, 2021)
    ('12,345,678,901,234,567', '1e+300', '2013')
    """
    text = str(value) if isinstance(value, int) else digits(value)
    whole, dot, rest = text.partition(".")
    if may_be_years_or_times(low, high) or not whole.removeprefix("-").isdecimal() or "e" in rest:
        return text
    sign = "-" if whole.startswith("-") else ""
    return f"{sign}{int(whole.removeprefix('-')):,}{dot}{rest}"


def ends_among(least: float, low: float, high: float, most: float) -> tuple[float, float]:
    """The ends of a column by which years are told from amounts: of nearly all values where these are surely
    years, so that one slip makes them no amounts; else of all.

    >>> ends_among(1990, 1999, 2008, 20211), ends_among(0, 1200, 2900, 9000)
    ((1999, 2008), (0, 9000))
    """
    years = float(low).is_integer() and float(high).is_integer() and YEARS[0] <= low < high <= YEARS[1]
    return (low, high) if years else (least, most)


def may_be_years_or_times(low: float, high: float) -> bool:
    """Whether a column whose values lie between ``low`` and ``high`` may hold years (whole numbers from 1000
    to 2999) or times of day written as one number (1359 for 13:59): the last hour of a day is among them, and
    neither end has sixty minutes.
    """
    if not (float(low).is_integer() and float(high).is_integer()):
        return False
    times = 0 <= low < high and (2300 <= high < 2360 or high == 2400) and low % 100 < 60
    return times or (low >= 1000 and high < 3000)


def moment(microseconds: float) -> str:
    """A time, given in microseconds since 1970, to the second; without the time of day at midnight.

    >>> moment(0), moment(1_357_034_400_000_000), moment(-86_400_000_000), moment(253_402_214_400_000_000)
    ('1970-01-01', '2013-01-01 10:00:00', '1969-12-31', '9999-12-31')
    """
    text = str(np.datetime64(round(microseconds), "us").astype("datetime64[s]"))
    return text.replace("T", " ").removesuffix(" 00:00:00")


def count(amount: int, noun: str = "", plural: str = "") -> str:
    """A whole number with separators, and its noun in the right number.

    >>> count(1), count(12345, "row"), count(1, "row"), count(2, "entry", "entries")
    ('1', '12,345 rows', '1 row', '2 entries')
    """
    word = noun if amount == 1 else plural or noun + "s"
    return f"{amount:,} {word}" if noun else f"{amount:,}"


def within(title: str) -> str:
    """A title within a sentence: its first letter is a small one, but for names such as SMOTE.

    >>> within("Class weights"), within("SMOTE and cleaning"), within("AUROC"), within("t-SNE"), within("")
    ('class weights', 'SMOTE and cleaning', 'AUROC', 't-SNE', '')
    """
    return title if title[1:2].isupper() else title[:1].lower() + title[1:]


def sentence(words: str) -> str:
    """The words as a sentence begins.

    >>> sentence("under 0.1% of the rows"), sentence("5% of them"), sentence("'a' is empty"), sentence("")
    ('Under 0.1% of the rows', '5% of them', "'a' is empty", '')
    """
    return words[:1].upper() + words[1:]


def verb(amount: int, one: str, many: str) -> str:
    """The verb that goes with so many things: ``one`` with 1, ``many`` with any other number.

    >>> [verb(amount, "is", "are") for amount in (0, 1, 2)]
    ['are', 'is', 'are']
    """
    return one if amount == 1 else many


def name(column: str) -> str:
    """A column's name in a sentence: always in single quotes, on one line.

    >>> name("price"), name("it's"), name("two\\nlines")
    ("'price'", "'it's'", "'two lines'")
    """
    return "'" + " ".join(column.split()) + "'" if "\n" in column or "\r" in column else f"'{column}'"


def names(columns: Sequence[str], most: int = 3) -> str:
    """Several column names in a sentence, those beyond the first ones counted.

    >>> names(["a"]), names(["a", "b"]), names(["a", "b", "c", "d", "e"])
    ("'a'", "'a' and 'b'", "'a', 'b', 'c' and 2 more")
    """
    return listed([name(column) for column in columns], most)


def listed(words: Sequence[str], most: int = 3) -> str:
    """Several words in a sentence, as they are, those beyond the first ones counted.

    >>> listed(["width by height", "'a'"]), listed("abcde")
    ("width by height and 'a'", 'a, b, c and 2 more')
    """
    shown = words[:most]
    if len(words) > most:
        return ", ".join(shown) + f" and {len(words) - most:,} more"
    return " and ".join(filter(None, [", ".join(shown[:-1]), shown[-1] if shown else ""]))


_WORD = re.compile(r'\s*(?:"((?:[^"]|"")*)"\s*(?=,|\Z)|([^,]*))(?:,|\Z)')


def parted(text: str) -> list[str]:
    """The words of a list with commas between, as typed: one with a comma of its own in double quotes.

    >>> parted(' low,"a, b",, "say ""yes"" twice" ,5" disk'), parted('"open, end'), parted("")
    (['low', 'a, b', 'say "yes" twice', '5" disk'], ['"open', 'end'], [])
    """
    words = [met[2].strip() if met[1] is None else met[1].replace('""', '"') for met in _WORD.finditer(text)]
    return [word for word in words if word]


_PAIR = re.compile(
    r'\s*(?P<name>"(?:[^"]|"")*"|(?!")[^,=]*)=(?P<value>"(?:[^"]|"")*"(?=\s*(?:,|\Z))|[^,]*)(?:\s*,|\s*\Z)'
)


def parted_pairs(text: str) -> list[tuple[str, str]]:
    """The pairs of a list such as a=b,c=d: each name and what stands behind its equals sign, either of which
    stands in double quotes where it has a comma of its own, or both together do. "" behind a name without a
    sign.

    >>> parted_pairs('"price, EUR"=price, sum=total'), parted_pairs('"price, EUR=price",a="b, c"')
    ([('price, EUR', 'price'), ('sum', 'total')], [('price, EUR', 'price'), ('a', 'b, c')])
    >>> parted_pairs('"a=b"=c,5" disk=disk'), parted_pairs("lone")
    ([('a=b', 'c'), ('5" disk', 'disk')], [('lone', '')])
    """
    found, at = [], 0
    while at < len(text):
        met = _PAIR.match(text, at)
        if met:
            found.append((_unquoted(met["name"]), _unquoted(met["value"].strip())))
        elif met := _WORD.match(text, at):
            word = " ".join(parted(met[0]))
            found += [word.partition("=")[::2]] if word else []
        at = met.end() if met and met.end() > at else len(text)
    return found


def _unquoted(word: str) -> str:
    whole = len(word) > 1 and word.startswith('"') and word.endswith('"')
    return word[1:-1].replace('""', '"') if whole else word


def with_commas(words: Sequence[str]) -> str:
    """The list that `parted` reads as these words.

    >>> with_commas(["low", "a, b", "c"])
    'low, "a, b", c'
    """
    own = (word.replace('"', '""') for word in words)
    return ", ".join(
        f'"{escaped}"' if "," in word or word.startswith('"') or word != word.strip() else word
        for word, escaped in zip(words, own, strict=True)
    )


def left_out_unread(images: int) -> str:
    """That rows are compared by their pictures without those that cannot be read.

    >>> left_out_unread(1), left_out_unread(2)
    ('1 image that cannot be read is left out.', '2 images that cannot be read are left out.')
    """
    return f"{count(images, 'image')} that cannot be read {verb(images, 'is', 'are')} left out."


def quoted(word: str) -> str:
    """A value in quotes, on one line, at most 40 letters."""
    return repr(word if len(word) <= 40 else word[:39] + "…")


def column_of(name: str) -> str:
    """The column in a line of pandas code.

    >>> column_of("it's")
    'data["it\\'s"]'
    """
    return f"data[{name!r}]"


def left_out(*names: str) -> str:
    """The line of pandas code that leaves the columns out."""
    return f"data = data.drop(columns={list(names)!r})"
