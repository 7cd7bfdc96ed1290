"""**Deliveries**: every email, text and call of the practice, what became of it, and what to do (docs/flows.md H)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.shortcuts import get_object_or_404, render

from accounts import access
from notifications import trouble
from notifications.models import PHONE, Channel, Message, State
from staff import paging
from staff.outreach import kinds, whose, why
from staff.outreach.forms import STATES, DeliveriesForm
from verification.methods import masked
from verification.models import CodeOption

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet
    from django.http import HttpResponse
    from django_stubs_ext import StrOrPromise

    from notifications.trouble import Found
    from practices.current import PracticeRequest
    from practices.models import PatientRecord, Practice
    from staff.outreach.why import Why

A_PAGE = 50
TWO_STEP_CODE = "code"  # too frequent for an index


@dataclass(frozen=True)
class Row:
    """A message as the page shows it. `to` is masked, but for an address of the chart that it is shown for."""

    message: Message
    what: StrOrPromise
    to: str
    why: Why
    charts: list[PatientRecord]
    to_practice: bool = False

    @property
    def is_wrong(self) -> bool:
        return trouble.of(Channel(self.message.channel), State(self.message.state), self.message.failure) is not None


def page(request: PracticeRequest) -> HttpResponse:
    """The newest first, of one patient where `record` says so; older ones are asked for by `after`."""
    chart = _chart(request)
    form = DeliveriesForm(request.GET)
    asked = form.asked()
    found = _filtered(to_chart(chart) if chart else _all(request.practice), asked)
    if after := paging.asked(request):
        found = found.filter(pk__lt=after)
    messages = list(found[: A_PAGE + 1])
    kept = {name: value for name, value in {**asked, "record": chart.pk if chart else ""}.items() if value}
    context = {
        "form": form,
        "chart": chart,
        "rows": rows(request.practice, messages[:A_PAGE], chart),
        "is_filtered": any(asked.values()),
        "after": after,
        "newest": urlencode(kept),
        "older": urlencode({**kept, "after": messages[A_PAGE - 1].pk}) if len(messages) > A_PAGE else "",
    }
    return render(request, "staff/outreach/deliveries.html", context)


def one(request: PracticeRequest, message: int) -> HttpResponse:
    """A message with all that is known of it: no words of it, which are gone once it is sent."""
    found = get_object_or_404(_all(request.practice), pk=message)
    [row] = rows(request.practice, [found])
    context = {
        "row": row,
        "can_send_again": kinds.sent_anew(found) is not None and found.state not in STATES["waiting"],
    }
    return render(request, "staff/outreach/delivery.html", context)


def rows(practice: Practice, messages: Iterable[Message], chart: PatientRecord | None = None) -> list[Row]:
    """As many queries for one as for many."""
    messages = list(messages)
    to = {one.to for one in messages}
    charts = {} if chart else whose.of(practice, to - {practice.email})
    shown = set(_on_record(chart)) if chart else set()
    return [
        Row(
            message=one,
            what=kinds.label(one.notice),
            to=one.to if one.to in shown else masked(one.channel, one.to),
            why=why.of(one),
            charts=charts.get(one.to, []),
            to_practice=one.to == practice.email,
        )
        for one in messages
    ]


def of_record(chart: PatientRecord) -> list[Found]:
    """What is wrong with the addresses on a record: three queries. For those of accounts: `trouble.of_addresses`.

    `chart` comes with its practice and the practice's settings.
    """
    numbers = [chart.mobile_e164, chart.home_e164, chart.work_e164]
    return trouble.of_addresses(chart.practice, chart.emails, numbers)


def to_chart(chart: PatientRecord) -> QuerySet[Message]:
    """Messages to the addresses of a record and of the patient's own account, from the record's practice."""
    return _all(chart.practice).filter(to__in=[*_on_record(chart), *_of_account(chart)])


def _all(practice: Practice) -> QuerySet[Message]:
    return Message.objects.filter(practice=practice).defer("context_sealed").order_by("-pk")


def _filtered(found: QuerySet[Message], asked: dict[str, str]) -> QuerySet[Message]:
    """Conditions as the indexes have them (docs/decisions/0036-deliveries.md)."""
    state, channel, notice = asked["state"], asked["channel"], asked["notice"]
    if state:
        found = found.filter(state__in=STATES[state])
    if state in {"wrong", "waiting"}:  # few, and found as such
        return found.filter(**{name: asked[name] for name in ("channel", "notice") if asked[name]})
    if notice and notice != TWO_STEP_CODE:
        found = _by(found, "notice", notice).exclude(notice=TWO_STEP_CODE)
        return found.filter(channel=channel) if channel else found
    if channel in PHONE:
        found = _by(found, "channel", channel).filter(channel__in=PHONE)
    elif channel:
        found = found.filter(channel=channel)
    return found.filter(notice=notice) if notice else found


def _by(found: QuerySet[Message], field: str, value: str) -> QuerySet[Message]:
    """Those with a value, in the order of the index that begins with it.

    Asked for as a range: what is equal would count for nothing in the order, and PostgreSQL would look for what is
    frequent elsewhere, and seldom here, by walking through the messages of all practices.
    """
    equal = {f"{field}__gte": value, f"{field}__lte": value}
    return found.filter(**equal).order_by("practice_id", field, "-pk")


def _chart(request: PracticeRequest) -> PatientRecord | None:
    """The patient whose messages are asked for; 404 where there is none of that number here."""
    if not request.GET.get("record"):
        return None
    found = get_object_or_404(request.practice.patients, pk=paging.asked(request, "record"))
    found.practice = request.practice
    return found


def _on_record(chart: PatientRecord) -> list[str]:
    numbers = [chart.mobile_e164, chart.home_e164, chart.work_e164]
    return [one for one in [*chart.emails, *numbers] if one]


def _of_account(chart: PatientRecord) -> list[str]:
    own = access.self_of(chart)
    if own is None:
        return []
    targets = CodeOption.objects.filter(user_id=own.account_id, confirmed=True).values_list("target", flat=True)
    return [one for one in {own.account.email, *targets} if one]
