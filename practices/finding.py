"""Finding a practice's patients by what the desk types: names, number, date of birth, phone, email, and such together.

Each way to look is a range of one index (practices/searching.py, docs/decisions/0034-finding-patients.md); they are
gone through one after the other, and whom an earlier one finds is not found again by a later one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date
from functools import reduce
from operator import attrgetter, or_
from typing import TYPE_CHECKING, NamedTuple, Self

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db.models import F, Func, Q, QuerySet, TextField, Value
from django.db.models.functions import Concat, StrIndex
from django.db.models.lookups import GreaterThan

from pages import birth_date
from practices.matching import fold_typed
from practices.models import PatientRecord
from practices.searching import PHONES, from_its_end

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.db.models.expressions import Combinable

    from practices.models import Practice

LONGEST = 200  # characters that are typed
MOST_NAMES = 6
FEWEST_DIGITS = 4  # of a phone
_LAST = Value("\U0010ffff")
_DATE = re.compile(r"(?<![\d-])(?:\d{1,2}[/.-]\d{1,2}[/.-](?:\d{4}|\d\d)|\d{4}[/.-]\d{1,2}[/.-]\d{1,2})(?![\d-])")
_PHONE = re.compile(r"[+(]?\d[\d() ./+-]*")
_COMPACT_DATE = 8


class Sought(NamedTuple):
    """What was typed, taken apart. `number` may be one of a phone, a record, or (eight digits) a day."""

    names: tuple[str, ...] = ()
    number: str = ""
    born: date | None = None
    email: str = ""

    @classmethod
    def read(cls, typed: str) -> Self:
        """Take apart what was typed; ValidationError, in words, for a date that is none."""
        left = fold_typed(typed[:LONGEST]).replace(",", " ")
        born, left = _take_date(left)
        emails = [word for word in left.split() if "@" in word.lstrip("@")]
        left = " ".join(word for word in left.split() if "@" not in word)
        number, left = _take_number(left)
        names = [word for word in left.split() if any(map(str.isalnum, word))]
        return cls(tuple(names[:MOST_NAMES]), number, born, emails[0].lower() if emails else "")


def _take_date(text: str) -> tuple[date | None, str]:
    found = _DATE.search(text)
    if found is None:
        return None, text
    return birth_date.read(found[0]), f"{text[: found.start()]} {text[found.end() :]}"


def _take_number(text: str) -> tuple[str, str]:
    """The longest stretch that is a phone, or else a record's number in digits; groups stay together."""
    found = max(_PHONE.finditer(text), key=lambda one: len(one[0]), default=None)
    starts_word = found is not None and (found.start() == 0 or text[found.start() - 1] == " ")
    ends_word = found is not None and (found.end() == len(text) or found[0].endswith(" "))
    if found is None or not (starts_word and ends_word):
        return "", text
    return found[0].strip(), f"{text[: found.start()]} {text[found.end() :]}"


@dataclass(frozen=True)
class Way:
    """One way to look: what it finds, in the order of `key` and id.

    `is_likely`: where this finds anybody, the ways behind the likely ones, which look through more, are left out.
    """

    key: str
    finds: Q
    also: dict[str, Combinable] = field(default_factory=dict)
    is_likely: bool = False


class Found(NamedTuple):
    """Some patients, and where the next begin: a way by its number, and the last one's id; None where all ended."""

    charts: list[PatientRecord]
    next: tuple[int, int] | None


def page(practice: Practice, sought: Sought, *, after: tuple[int, int] | None, most: int) -> Found:
    """The next patients that were sought, or of all of them, by name.

    One statement, one more behind a row, and one more where nobody of the last name was born on the day.
    """
    ways = list(_ways(practice, sought))
    first, last = after or (0, 0)
    likely = [number for number, way in enumerate(ways) if way.is_likely]
    found = _found(practice, ways[: max(likely, default=len(ways)) + 1], first, last, most)
    if not found and likely:
        found = _found(practice, ways, max(first, max(likely) + 1), last if first > max(likely) else 0, most)
    charts = found[:most]
    return Found(charts, (charts[-1].way, charts[-1].pk) if len(found) > most else None)  # type: ignore[attr-defined] # annotated


def _found(practice: Practice, ways: Sequence[Way], first: int, last: int, most: int) -> list[PatientRecord]:
    """From one way on, behind one of those whom it finds; no way is gone before those in front of it are through."""
    parts = [_matching(practice, ways[: number + 1]) for number in range(first, len(ways))]
    if not parts:
        return []
    if last:
        parts[0] = _behind(parts[0], ways[first], last)
    begun, *others = (part.annotate(way=Value(number))[: most + 1] for number, part in enumerate(parts, start=first))
    return sorted(begun.union(*others, all=True)[: most + 1] if others else begun, key=attrgetter("way"))


def _matching(practice: Practice, ways: Sequence[Way]) -> QuerySet[PatientRecord]:
    """Whom the last of the ways finds, and none before it."""
    *earlier, way = ways
    keys: dict[str, Combinable] = reduce(or_, (one.also for one in ways))
    charts = practice.patients.alias(**keys).filter(way.finds)
    if earlier:
        charts = charts.exclude(reduce(or_, (one.finds for one in earlier)))
    return charts.order_by(way.key, "pk")


def _behind(charts: QuerySet[PatientRecord], way: Way, last: int) -> QuerySet[PatientRecord]:
    """Those that follow one of them, by its id; all, where it is not among them any more."""
    key = charts.order_by().filter(pk=last).annotate(place=F(way.key)).values_list("place", flat=True).first()
    if key is None:
        return charts
    here, there = _row(F(way.key), F("pk")), _row(Value(key), Value(last))
    return charts.filter(GreaterThan(here, there))


def _row(*parts: Combinable) -> Func:
    """Compared as a whole: where an index has the same parts, that is one place in it."""
    return Func(*parts, function="ROW", output_field=TextField())


def _ways(practice: Practice, sought: Sought) -> Iterable[Way]:
    """By what tells most; all else that was typed must hold too."""
    names, number, born, email = sought
    rest = Q(birth_date=born) if born else Q()
    if email or number:
        rest &= reduce(lambda both, name: both & _has(name), names, Q())
    if email:
        other = Q(search_other__contains=_other(practice, Value(email))) & ~Q(search_other=[])
        ways = [Way("search_email", _begins("search_email", Value(email)) & ~Q(search_email="")), Way("pk", other)]
    elif number:
        ways = list(_by_number(number, born))
    elif names:
        ways = list(_by_names(practice, names, is_likely=born is not None))
    else:
        ways = [Way("search_name", Q())]
    return [replace(way, finds=way.finds & rest) for way in ways]


def _by_number(number: str, born: date | None) -> Iterable[Way]:
    digits = re.sub(r"\D", "", number)
    yield Way("mrn", Q(mrn__in={number, digits}))
    if len(digits) == _COMPACT_DATE and born is None and (day := _day(digits)):
        yield Way("search_name", Q(birth_date=day))
    if len(digits) < FEWEST_DIGITS:
        return
    end = Value(digits[::-1])
    for phone in PHONES:
        reversed_ = f"from_end_of_{phone}"
        yield Way(reversed_, _begins(reversed_, end) & ~Q(**{phone: ""}), {reversed_: from_its_end(phone)})


def _day(digits: str) -> date | None:
    try:
        return birth_date.read(digits)
    except ValidationError:
        return None


def _by_names(practice: Practice, names: tuple[str, ...], *, is_likely: bool) -> Iterable[Way]:
    """Last name first, or given names first, each as far as it was typed; then who had such a last name before."""
    first, last = names[0], names[-1]
    written, turned, back = "".join(names), "".join((last, *names[:-1])), "".join((*names[1:], first))
    if numbers := _numbers(names):
        yield replace(numbers, is_likely=is_likely)
    yield Way("search_name", _begins("search_name", _fold(written)), is_likely=is_likely)
    if len(names) > 1:
        yield Way("search_name", _begins("search_name", _fold(turned)), is_likely=is_likely)
    yield Way("search_given", _begins("search_given", _fold(written)))
    if len(names) > 1:
        yield Way("search_given", _begins("search_given", _fold(back)))
    yield _by_former_name(practice, names)


def _numbers(names: tuple[str, ...]) -> Way | None:
    """A name that has a digit in it may be a record's number."""
    numbers = [name for name in names if any(map(str.isdigit, name))]
    return (
        Way("mrn", Q(mrn__in={form for one in numbers for form in (one, one.upper(), one.lower())}))
        if numbers
        else None
    )


def _by_former_name(practice: Practice, names: tuple[str, ...]) -> Way:
    """Who had the last name before: all that was typed, or a part of it beside the beginning of the given names."""
    former = Q(search_other__contains=_other(practice, _fold("".join(names))))
    for cut in range(1, len(names)):
        for family, given in ((names[cut:], names[:cut]), (names[:cut], names[cut:])):
            was = Q(search_other__contains=_other(practice, _fold("".join(family))))
            former |= was & _begins("search_given", _fold("".join(given)))
    return Way("pk", former & ~Q(search_other=[]))


def _fold(typed: str) -> Func:
    """Folded by the words that fold what is kept (practices/migrations/0012)."""
    return Func(Value(typed), function="practices_fold", output_field=TextField())


def _begins(key: str, beginning: Combinable) -> Q:
    """A range, which an index of the collation C has in one place; of nothing, where the beginning folds to nothing."""
    return Q(**{f"{key}__gte": beginning, f"{key}__lt": Concat(beginning, _LAST)})


def _has(name: str) -> Q:
    return Q(GreaterThan(StrIndex(F("search_name"), _fold(name)), 0))


def _other(practice: Practice, word: Combinable) -> Func:
    """A word as `search_other` has it: with its practice, so that no other's are looked through."""
    one = Concat(Value(f"{practice.pk} "), word, output_field=TextField())
    return Func(one, template="ARRAY[%(expressions)s]", output_field=ArrayField(TextField()))
