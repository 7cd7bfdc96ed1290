"""What home says of accesses that changed: claims that wait, what ended lately, what a birthday narrowed (flows.md, I).

Who never saw a record reads no name here, and nobody reads who said no: a patient may have to fear the answer. What a
birthday or a date ended has ended on that day, whether or not the daily task wrote it down.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import rights
from accounts.models import AccessState, EndReason, PatientAccess, Relationship
from accounts.rights import Stage

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from accounts.models import Account
    from practices.models import Practice

TOLD_FOR = timedelta(days=30)


@dataclass(frozen=True)
class Narrowed:
    """A proxy sees less of a record since the patient turned `age`; `shows_results`: those are still shown."""

    access: PatientAccess
    since: date
    age: int
    shows_results: bool


def ended_lately(account: Account, practice: Practice) -> list[PatientAccess]:
    """Accesses and claims of the account that ended in the last 30 days, at this practice; newest first."""
    since = timezone.now() - TOLD_FOR
    mine = PatientAccess.objects.filter(account=account, practice=practice, state=AccessState.ENDED)
    lately = mine.filter(ended_at__gte=since).exclude(ended_because="")
    return list(lately.select_related("record").order_by("-ended_at"))


def endings(here: Iterable[PatientAccess], ended: Iterable[PatientAccess]) -> list[str]:
    """Why somebody does not see a record any more, in a sentence each, without a record that opens again."""
    held = {one.record_id for one in here if rights.of(one).opens or one.state != AccessState.ACTIVE}
    over = [one for one in here if one.state == AccessState.ACTIVE and not rights.of(one).opens]
    said = [(one, _over(one)) for one in over]
    said += [(one, EndReason(one.ended_because)) for one in ended]
    return list(dict.fromkeys(_ending(one, why) for one, why in said if one.record_id not in held))


def _over(access: PatientAccess) -> EndReason:
    """Why an access that nobody ended opens nothing any more."""
    is_adult = _stage(access) == Stage.ADULT
    return EndReason.CAME_OF_AGE if is_adult and rights.came_of_age(access) else EndReason.OVER


def _stage(access: PatientAccess) -> Stage:
    return rights.stage(access.record.birth_date, access.practice.today(), access.practice.settings)


def _ending(access: PatientAccess, why: EndReason) -> str:
    if access.opened_at is None:
        return _claim_ended(why)
    name = {"name": access.record.given_names}
    match why:
        case EndReason.CAME_OF_AGE:
            return _("%(name)s came of age: your access to the record ended on that birthday.") % name
        case EndReason.BY_HOLDER:
            return _("You gave up your access to the record of %(name)s.") % name
        case EndReason.OVER:
            return _("The time of your access to the record of %(name)s is over.") % name
        case _:
            return _("Your access to the record of %(name)s was ended.") % name


def _claim_ended(why: EndReason) -> str:
    match why:
        case EndReason.BY_HOLDER:
            return _("You took back your request to see a record.")
        case EndReason.LAPSED | EndReason.OVER | EndReason.CAME_OF_AGE:
            return _("Your request to see a record was not finished in time.")
        case _:
            return _("Your request to see a record was not approved.")


def narrowed(here: Iterable[PatientAccess]) -> dict[int, Narrowed]:
    """Which accesses, by id, see less because the patient is a teenager."""
    proxies = [one for one in here if one.relationship != Relationship.SELF and rights.of(one).opens]
    return {one.pk: _narrowed(one) for one in proxies if _stage(one) == Stage.TEEN}


def _narrowed(access: PatientAccess) -> Narrowed:
    age = access.practice.settings.teen_age
    since = rights.birthday(access.record.birth_date, age)
    return Narrowed(access, since, age, rights.of(access).sees_results)
