"""Answering a consent form: agreeing, saying no, withdrawing. Each answer is a row that stays; the newest holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language, gettext

from agreements import notices
from agreements.consents import is_over
from agreements.models import ConsentAnswer, Decision, Governs
from agreements.terms import LONGEST_USER_AGENT
from audit.events import Event
from audit.record import record as note
from notifications import texting
from practices.phones import mask
from verification.models import Channel, CodeOption

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

    from agreements.consents import Ask
    from agreements.models import ConsentText
    from practices.current import PracticeRequest
    from practices.models import PatientRecord

EVENTS = {
    Decision.GIVEN: Event.CONSENT_GIVEN,
    Decision.DECLINED: Event.CONSENT_DECLINED,
    Decision.WITHDRAWN: Event.CONSENT_WITHDRAWN,
}


class NotCurrentError(Exception):
    """The text that was shown is not the newest: nobody answers what was replaced."""


class RequiredError(Exception):
    """The practice requires it: it is not withdrawn here."""


def agree(
    *, account: AbstractBaseUser, ask: Ask, text: ConsentText, answers: list[dict[str, str]], request: PracticeRequest
) -> ConsentAnswer:
    """Keep that the account agreed to the text it was shown, with its answers. Raises NotCurrentError."""
    _check_current(ask, text)
    return _answer(Decision.GIVEN, account, ask, text, answers, request)


def decline(*, account: AbstractBaseUser, ask: Ask, text: ConsentText, request: PracticeRequest) -> ConsentAnswer:
    """Keep that it did not agree: of an optional form an answer, of a required one only the reason why it waits.

    Raises NotCurrentError, and RequiredError where a required one is agreed to: that is not taken back here.
    """
    _check_current(ask, text)
    if ask.asked.required and ask.is_given and not ask.is_due:
        raise RequiredError
    return _answer(Decision.DECLINED, account, ask, text, [], request)


def withdraw(*, account: AbstractBaseUser, ask: Ask, text: ConsentText, request: PracticeRequest) -> ConsentAnswer:
    """Take back the agreement to a text of an optional form; it ends at once. Raises RequiredError."""
    if ask.asked.required:
        raise RequiredError
    return _answer(Decision.WITHDRAWN, account, ask, text, [], request)


@transaction.atomic
def _answer(
    decision: Decision,
    account: AbstractBaseUser,
    ask: Ask,
    text: ConsentText,
    answers: list[dict[str, str]],
    request: PracticeRequest,
) -> ConsentAnswer:
    get_user_model()._default_manager.select_for_update(no_key=True).only("pk").get(pk=account.pk)  # noqa: SLF001 - Django documents it
    last = _newest(account, ask)
    number = text.version.number
    is_same = last is not None and (last.decision, last.number) == (decision, number)
    if last and is_same and not is_over(ask.asked, last.at, timezone.now()):
        return last  # pressed twice, or in two tabs
    chart = request.practice.patients.get(pk=ask.record) if ask.record else None
    numbers = _numbers(account, chart) if ask.asked.governs == Governs.TEXTING else []
    if numbers and decision is Decision.GIVEN:
        answers = [*answers, _about_phones(numbers)]
    made = ConsentAnswer.objects.create(
        form_id=ask.asked.form,
        text=text,
        account_id=account.pk,
        record=chart,
        decision=decision,
        answers=answers,
        number=number,
        language=text.language,
        sha256=text.sha256,
        address=getattr(request, "client_address", "") or None,
        user_agent=request.headers.get("User-Agent", "")[:LONGEST_USER_AGENT],
    )
    _note(made, account, request)
    if ask.asked.governs == Governs.TEXTING:
        _govern_texts(decision, account, chart, numbers, request)
    return made


def _note(made: ConsentAnswer, account: AbstractBaseUser, request: PracticeRequest) -> None:
    """Put the answer on the trail, which says of it what it was to, and not what was typed."""
    note(
        EVENTS[Decision(made.decision)],
        actor=account,
        practice=request.practice,
        subject=made,
        request=request,
        form=made.form_id,
        version=made.number,
        language=made.language,
    )


def _check_current(ask: Ask, text: ConsentText) -> None:
    if text.version_id != ask.asked.version:
        raise NotCurrentError


def _newest(account: AbstractBaseUser, ask: Ask) -> ConsentAnswer | None:
    mine = ConsentAnswer.objects.filter(account_id=account.pk, form=ask.asked.form, record=ask.record)
    return mine.order_by("-pk").first()


def _numbers(account: AbstractBaseUser, chart: PatientRecord | None) -> list[str]:
    """The phones that a texting consent is about: the mobile on the record, and those that get the account's codes."""
    own = CodeOption.objects.filter(user_id=account.pk, confirmed=True, channel=Channel.SMS)
    on_record = [chart.mobile_e164] if chart and chart.mobile_e164 else []
    return list(dict.fromkeys([*on_record, *own.order_by("pk").values_list("target", flat=True)]))


def _about_phones(numbers: list[str]) -> dict[str, str]:
    return {"kind": "phones", "label": gettext("Phones"), "answer": ", ".join(map(mask, numbers))}


def _govern_texts(
    decision: Decision,
    account: AbstractBaseUser,
    chart: PatientRecord | None,
    numbers: list[str],
    request: PracticeRequest,
) -> None:
    """What was said holds for texts from this transaction on; the phones hear of it."""
    practice, language = request.practice, get_language()
    if decision is Decision.GIVEN:
        texting.allow(practice=practice, account=account, record=chart, numbers=numbers)
        notices.texting_on(practice=practice, to=numbers, language=language)
    else:
        had = texting.refuse(practice=practice, account=account, record=chart, numbers=numbers)
        notices.texting_off(practice=practice, to=had, language=language)
