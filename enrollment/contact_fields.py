"""The contacts on a patient record as fields: what the desk typed is put there, what was there before is put back."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from enrollment import at_desk
from practices import phones

if TYPE_CHECKING:
    from practices.models import PatientRecord

PHONES = ("mobile", "home", "work")
FIELDS = ("emails", *(f"{one}_{part}" for one in PHONES for part in ("phone", "e164")), "unused_phones")


class NotToBeUsed(at_desk.CannotDo):
    words = _("This phone is not to be used. Let it be used again first.")


@dataclass(frozen=True)
class Typed:
    """What the desk typed; phones as given. The first email is the one that messages go to."""

    emails: tuple[str, ...] = ()
    mobile: str = ""
    home: str = ""
    work: str = ""


def put(chart: PatientRecord, to: Typed) -> None:
    chart.emails = list(to.emails)
    for name, given in asdict(to).items():
        if name in PHONES and getattr(chart, f"{name}_phone") != given:
            number = phones.usable_e164(given)
            if number in chart.unused_phones:
                raise NotToBeUsed
            setattr(chart, f"{name}_phone", given)
            setattr(chart, f"{name}_e164", number)


def not_used(chart: PatientRecord) -> str:
    """Which phone of the record is not to be used, the mobile before others; "" where there is none."""
    return next((one for one in PHONES if usable(chart, one) in chart.unused_phones), "")


def usable(chart: PatientRecord, which: str) -> str:
    """The number (E.164) that a phone of the record is, whether or not it is to be used; "" where it is none."""
    return phones.usable_e164(getattr(chart, f"{which}_phone") or getattr(chart, f"{which}_e164"))


def put_back(chart: PatientRecord, before: dict[str, Any], after: dict[str, Any]) -> None:
    """Field by field, where it still is what the change made of it; the usable numbers follow (`save`)."""
    for name, value in before.items():
        if getattr(chart, name) == after[name]:
            setattr(chart, name, value)


def save(chart: PatientRecord) -> None:
    """With the usable numbers of the phones as given, but for those that are not to be used."""
    for one in PHONES:
        given, known = getattr(chart, f"{one}_phone"), getattr(chart, f"{one}_e164")
        number = phones.usable_e164(given) if given else known
        setattr(chart, f"{one}_e164", "" if number in chart.unused_phones else number)
    chart.save(update_fields=[*FIELDS, "updated_at"])


def read(chart: PatientRecord) -> dict[str, Any]:
    return {name: getattr(chart, name) for name in FIELDS}
