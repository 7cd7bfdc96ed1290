"""Who texted STOP to this practice's texts, and what to say to them (docs/flows.md D, H)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.shortcuts import render

from notifications import senders
from notifications.channels import can_send
from notifications.models import Channel, OptOut
from practices import phones
from practices.models import PatientRecord
from practices.searching import PHONES, from_its_end
from staff import paging
from staff.outreach import whose
from staff.outreach.deliveries import A_PAGE

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet
    from django.http import HttpResponse

    from practices.current import PracticeRequest
    from practices.models import Practice


class Stopped(NamedTuple):
    """A phone that said STOP, and to which of the practice's two senders: the other one still texts it."""

    number: str
    since: datetime
    charts: list[PatientRecord]
    codes: bool
    bulk: bool


def page(request: PracticeRequest) -> HttpResponse:
    """The last first; older ones are asked for by `after`."""
    practice, after = request.practice, paging.asked(request)
    found = heard(practice)
    if after:
        found = found.filter(pk__lt=after)
    rows = list(found[: A_PAGE + 1])
    context = {
        "stopped": _stopped(practice, rows[:A_PAGE]),
        "after": after,
        "older": rows[A_PAGE - 1].pk if len(rows) > A_PAGE else 0,
        "is_shared": not all(_is_own(sender) for sender in _senders(practice)),
        "has_texts": can_send(Channel.SMS),
    }
    return render(request, "staff/outreach/opt_outs.html", context)


def heard(practice: Practice) -> QuerySet[OptOut]:
    """What phones said to the practice's own senders; to those that it shares, only the phones on its own charts."""
    own = {one for one in _senders(practice) if _is_own(one)}
    shared = _senders(practice) - own
    is_ours = Q(sender__in=own)
    if shared:
        is_ours |= Q(Exists(_charts_of(practice)), sender__in=shared)
    return OptOut.objects.filter(is_ours).order_by("-pk")


def _charts_of(practice: Practice) -> QuerySet[PatientRecord]:
    """The practice's charts with the number of the opt-out, by the indexes of the search."""
    has = Q()
    turned = from_its_end(OuterRef("number"))  # type: ignore[arg-type] # a part of a query, as a name is
    charts = PatientRecord.objects.filter(practice=practice)
    for phone in PHONES:
        charts = charts.alias(**{f"turned_{phone}": from_its_end(phone)})
        has |= Q(**{f"turned_{phone}": turned}) & ~Q(**{phone: ""})
    return charts.filter(has)


def _stopped(practice: Practice, rows: list[OptOut]) -> list[Stopped]:
    charts = whose.of(practice, [one.number for one in rows])
    codes, bulk = senders.of_codes(practice), senders.of_bulk(practice)
    return [
        Stopped(phones.mask(one.number), one.since, charts.get(one.number, []), one.sender == codes, one.sender == bulk)
        for one in rows
    ]


def _senders(practice: Practice) -> set[str]:
    return {senders.of_codes(practice), senders.of_bulk(practice)}


def _is_own(sender: str) -> bool:
    return sender not in {settings.TWILIO_CODES_SERVICE_SID, settings.TWILIO_BULK_SERVICE_SID}
