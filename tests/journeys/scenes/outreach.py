"""**Invite all**, **Deliveries**, and who texted STOP (docs/flows.md H)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse

from enrollment import bulk, inviting
from enrollment.models import CodeKind
from enrollment.whom import Whom
from notifications import optout, senders
from notifications.models import Channel, Message, State
from tests import people
from tests.journeys.scenes.stage import Stage, shows, somebody
from tests.staff.kit import at_work

if TYPE_CHECKING:
    from practices.models import Practice

MOBILE = "+12125550142"


@shows("staff:invite_all", "staff:invite_check", "staff:invite_run", "staff:invite_end")
def invites_all(practice: Practice) -> Stage:
    clerk = people.front_desk(practice)
    desk, _key = at_work(clerk, practice)
    people.a_chart(practice, somebody())
    people.a_chart(practice, people.HER_FATHER, emails=[])
    made = bulk.run(bulk.start(practice=practice, kind=CodeKind.INVITATION, whom=Whom(last_name="S"), by=clerk))
    current = bulk.start(practice=practice, kind=CodeKind.ACTIVATION, whom=Whom(youngest=65), by=clerk)
    paused = bulk.pause(bulk=current, by=clerk)
    desk.post(reverse("staff:invite_all"), {"kind": CodeKind.ACTIVATION, "renew": "on", "oldest": "64"})
    paths = {"staff:invite_run": made.pk, "staff:invite_end": paused.pk}
    return Stage(desk, {name: reverse(name, args=[pk]) for name, pk in paths.items()})


@shows("staff:deliveries", "staff:delivery", "staff:delivery_again", "staff:opt_outs")
def sees_what_did_not_arrive(practice: Practice) -> Stage:
    desk, _key = at_work(people.front_desk(practice), practice)
    chart = people.a_chart(practice, somebody(), mobile_e164=MOBILE)
    inviting.send(chart=chart, kind=CodeKind.INVITATION, by=None)
    invited = Message.objects.filter(to=chart.email)
    invited.update(state=State.FAILED, failure="smtp_550", context_sealed=None)
    Message.objects.create(
        practice=practice, to=MOBILE, channel=Channel.SMS, notice="code", language="en", state=State.FAILED,
        failure="stopped",
    )  # fmt: skip
    for sender in {senders.of_codes(practice), senders.of_bulk(practice)} - {""}:
        optout.stop(MOBILE, sender)
    names = ("staff:delivery", "staff:delivery_again")
    return Stage(desk, {name: reverse(name, args=[invited.get().pk]) for name in names})
