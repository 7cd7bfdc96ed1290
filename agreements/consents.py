"""Which agreements an account still owes a practice: everything in one query, and a decision over plain values."""

from __future__ import annotations

import calendar
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, Subquery
from django.db.models.functions import JSONObject
from django.utils import timezone

from agreements.models import Acceptance, ConsentAnswer, ConsentVersion, Decision, TermsVersion, Whose
from practices.models import Practice

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from django.contrib.auth.base_user import AbstractBaseUser
    from django.db.models import QuerySet

MONTHS_A_YEAR = 12


@dataclass(frozen=True)
class Asked:
    """A form as it is asked now: its newest version. `since`: an answer to an earlier version than that is too old."""

    form: int
    version: int
    number: int
    since: int
    governs: str
    required: bool
    whose: str
    months: int | None = None


@dataclass(frozen=True)
class Said:
    """The newest answer to a form: to which version, and when."""

    answer: int
    number: int
    decision: str
    at: datetime


@dataclass(frozen=True)
class Ask:
    """A form and whom it is answered for: a record of the account, or (None) the account itself."""

    asked: Asked
    record: int | None
    said: Said | None
    is_due: bool

    @property
    def key(self) -> str:
        """What it is called in addresses."""
        return f"{self.asked.form}-{self.record or 0}"

    @property
    def blocks(self) -> bool:
        """Whether it stands between sign-in and home."""
        return self.is_due and self.asked.required

    @property
    def is_given(self) -> bool:
        """Whether the person agrees, as last said."""
        return self.said is not None and self.said.decision == Decision.GIVEN


@dataclass(frozen=True)
class Standing:
    """Where an account stands at a practice: whether new terms wait, and every form with what was said to it."""

    terms_due: bool
    asks: tuple[Ask, ...]

    @property
    def due(self) -> list[Ask]:
        """The forms that wait, required ones first."""
        return [ask for ask in self.asks if ask.is_due]

    @property
    def blocks(self) -> bool:
        """Whether something required stands between sign-in and home."""
        return self.terms_due or any(ask.blocks for ask in self.asks)

    @property
    def is_settled(self) -> bool:
        """Whether nothing waits at all."""
        return not self.terms_due and not self.due

    def find(self, key: str) -> Ask | None:
        """The form and record that an address names, None where they are not this account's to answer."""
        return next((ask for ask in self.asks if ask.key == key), None)


def is_due(asked: Asked, said: Said | None, now: datetime) -> bool:
    """Whether a form has to be asked: never answered, answered too long ago, or required and not agreed to."""
    if said is None or said.number < asked.since:
        return True
    if asked.required and said.decision != Decision.GIVEN:
        return True
    return is_over(asked, said.at, now)


def is_over(asked: Asked, at: datetime, now: datetime) -> bool:
    """Whether the months are over that an answer of then holds."""
    return asked.months is not None and now >= months_after(at, asked.months)


def months_after(at: datetime, months: int) -> datetime:
    """The same day and hour so many months on; the last of the month where it has no such day."""
    years, month = divmod(at.month - 1 + months, MONTHS_A_YEAR)
    year, month = at.year + years, month + 1
    return at.replace(year=year, month=month, day=min(at.day, calendar.monthrange(year, month)[1]))


def standing(account: AbstractBaseUser, practice: Practice, records: Collection[int]) -> Standing:
    """Find what waits, in one query; `records` are the ids of those that the account answers for here."""
    return standings({account: records}, practice)[account.pk]


def standings(wanted: Mapping[Any, Collection[int]], practice: Practice) -> dict[int, Standing]:
    """The same of many accounts, each with their records, by the ids of the accounts; in one query as well."""
    here, accounts = Practice.objects.filter(pk=practice.pk), [one.pk for one in wanted]
    if not accounts:
        return {}
    forms, answers, newest, accepted = here.values_list(
        ArraySubquery(_forms()), ArraySubquery(_answers(accounts)), ArraySubquery(_newest_terms()),
        ArraySubquery(_accepted(accounts)),
    ).get()  # fmt: skip
    had = {(one["account"], one["kind"], one["version"]) for one in accepted}
    said: dict[int, dict[tuple[int, int | None], Said]] = {one: {} for one in accounts}
    for one in answers:
        account, key = one.pop("account"), (one.pop("form"), one.pop("record"))
        said[account][key] = _said(one)
    asked, now = [Asked(**one) for one in forms], timezone.now()
    return {
        one.pk: Standing(
            terms_due=any((one.pk, new["kind"], new["version"]) not in had for new in newest),
            asks=tuple(_asks(asked, said[one.pk], sorted(records), now)),
        )
        for one, records in wanted.items()
    }


def _asks(
    forms: list[Asked], said: dict[tuple[int, int | None], Said], records: list[int], now: datetime
) -> Iterator[Ask]:
    for asked in sorted(forms, key=lambda one: (not one.required, one.form)):
        for record in records if asked.whose == Whose.RECORD else [None]:
            answer = said.get((asked.form, record))
            yield Ask(asked, record, answer, is_due(asked, answer, now))


def _forms() -> QuerySet[Any, Any]:
    """The newest published version of each form that is still asked."""
    earlier = ConsentVersion.objects.filter(form=OuterRef("form"), published_at__isnull=False, asks_again=True)
    return (
        ConsentVersion.objects.filter(form__practice=OuterRef("pk"), form__retired_at=None, published_at__isnull=False)
        .order_by("form_id", "-number")
        .distinct("form_id")
        .values(
            json=JSONObject(
                form="form_id", version="pk", number="number", required="required", whose="whose", months="months",
                governs="form__governs", since=Subquery(earlier.order_by("-number").values("number")[:1]),
            )
        )
    )  # fmt: skip


def _answers(accounts: list[int]) -> QuerySet[Any, Any]:
    """The newest answer of each account to each form, for each record."""
    theirs = ConsentAnswer.objects.filter(account__in=accounts, form__practice=OuterRef("pk"))
    each = ("account_id", "form_id", "record_id")
    return theirs.order_by(*each, "-pk").distinct(*each).values(
        json=JSONObject(
            account="account_id", form="form_id", record="record_id", answer="pk", number="number",
            decision="decision", at="at",
        )
    )  # fmt: skip


def _newest_terms() -> QuerySet[Any, Any]:
    newest = TermsVersion.objects.filter(practice=OuterRef("pk")).order_by("kind", "-version").distinct("kind")
    return newest.values(json=JSONObject(kind="kind", version="version"))


def _accepted(accounts: list[int]) -> QuerySet[Any, Any]:
    theirs = Acceptance.objects.filter(account__in=accounts, terms_version__practice=OuterRef("pk"))
    return theirs.values(json=JSONObject(account="account_id", kind=F("terms_version__kind"), version="version"))


def _said(facts: dict[str, Any]) -> Said:
    return replace(Said(**facts), at=datetime.fromisoformat(facts["at"]))
