"""Issue an enrollment code from the command line."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.urls import reverse

from accounts import access
from accounts.models import AccessLevel, Relationship
from enrollment import checks, codes, inviting, naming, numbers
from enrollment.codes import Issued
from enrollment.models import CodeKind, Handover
from enrollment.named_proxy import NamedBy
from enrollment.naming import Who
from enrollment.refusals import Refusal
from practices import phones
from practices.models import PatientRecord, Practice


class Command(BaseCommand):
    """Prints the new code as JSON: code, url, expires, and the number that messages to the practice name it by."""

    help = "Issue an enrollment code for a patient; the live one, if any, is superseded. Prints JSON."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--practice", required=True, metavar="SLUG")
        parser.add_argument("--mrn", required=True, help="medical record number of the patient")
        parser.add_argument("--kind", choices=CodeKind.values, default=CodeKind.TOKEN)
        parser.add_argument("--mailed", action="store_true", help="a token that goes by mail: no proof by itself")
        parser.add_argument(
            "--check-in", action="store_true", help="an invitation that online check-in shows: no email is sent"
        )
        _add_proxy(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        chart = _chart(options["practice"], options["mrn"])
        kind = CodeKind(options["kind"])
        if options["mailed"] and kind not in codes.PRINTED:
            raise CommandError("Only a token goes by mail.")
        if options["check_in"] and options["proxy_first_name"]:
            raise CommandError("Whoever stands at a check-in is not named.")
        if options["check_in"] and kind != CodeKind.INVITATION:
            raise CommandError("Online check-in shows invitations.")
        who = _who(options)
        try:
            is_for_another = who is not None or kind == CodeKind.RESET
            checks.chart(chart, is_taken=not is_for_another and bool(access.self_of(chart)))
            issued = _issue(chart, kind, who, is_mailed=options["mailed"], is_check_in=options["check_in"])
        except Refusal as refusal:
            raise CommandError(f"No code is issued: {refusal.desk}") from None
        except (codes.CannotIssueError, naming.CannotName) as error:
            raise CommandError(f"No code is issued: {error.words}") from None
        answer = {
            "code": numbers.show(issued.number),
            "url": issued.code.practice.address(_page(kind, issued.number, is_proxy=who is not None)),
            "expires": issued.code.expires_at.isoformat(),
            "number": issued.code.pk,
        }
        self.stdout.write(json.dumps(answer, indent=2))


def _add_proxy(parser: ArgumentParser) -> None:
    group = parser.add_argument_group("for a named proxy", "who acts for the patient; named again, they get a new code")
    group.add_argument("--proxy-first-name", metavar="NAME")
    group.add_argument("--proxy-last-name", metavar="NAME", default="")
    group.add_argument("--proxy-birth-date", metavar="YYYY-MM-DD", type=date.fromisoformat)
    group.add_argument("--relationship", choices=[one for one in Relationship.values if one != Relationship.SELF])
    group.add_argument("--level", choices=AccessLevel.values, default=AccessLevel.VIEW)
    group.add_argument("--proxy-email", metavar="EMAIL", default="", help="where an invitation or code goes")
    group.add_argument("--proxy-phone", metavar="PHONE", default="", help="their own: a code goes there as a proof")


def _who(options: dict[str, Any]) -> Who | None:
    """The named proxy of the options, None where the code is for the patient."""
    needed = {"--proxy-first-name": "proxy_first_name", "--proxy-birth-date": "proxy_birth_date"}
    needed["--relationship"] = "relationship"
    missing = [option for option, name in needed.items() if not options[name]]
    if len(missing) == len(needed) and not any(options[f"proxy_{name}"] for name in ("last_name", "email", "phone")):
        return None
    if missing:
        raise CommandError(f"A named proxy needs {' and '.join(missing)} too.")
    phone = phones.usable_e164(options["proxy_phone"])
    if options["proxy_phone"] and not phone:
        raise CommandError("No carrier would accept the number of --proxy-phone.")
    return Who(
        first_name=options["proxy_first_name"],
        last_name=options["proxy_last_name"],
        birth_date=options["proxy_birth_date"],
        relationship=Relationship(options["relationship"]),
        level=AccessLevel(options["level"]),
        email=options["proxy_email"],
        phone_e164=phone,
    )


@transaction.atomic
def _issue(chart: PatientRecord, kind: CodeKind, who: Who | None, *, is_mailed: bool, is_check_in: bool) -> Issued:
    """An activation code or an invitation is emailed to whom it is for, unless a check-in shows it."""
    proxy = naming.find(chart, who, has_access=kind == CodeKind.RESET) if who else None
    if who and not proxy and kind == CodeKind.RESET:
        raise codes.CannotIssueError(codes.NO_ACCOUNT)
    if who and not proxy:
        proxy = naming.name(chart=chart, who=who, source=NamedBy.STAFF, by=None)
    if kind not in codes.PRINTED and not is_check_in:
        return inviting.send(chart=chart, kind=kind, by=None, proxy=proxy)
    handed = Handover.MAILED if is_mailed else Handover.HANDED
    handover = Handover.CHECKED_IN if is_check_in else handed
    return codes.issue(chart=chart, kind=kind, handover=handover, by=None, proxy=proxy)


def _page(kind: CodeKind, number: str, *, is_proxy: bool) -> str:
    """Where whom it is for opens it."""
    match kind:
        case CodeKind.TOKEN:
            return reverse("enroll_token")
        case CodeKind.ACTIVATION:
            return reverse("activate", args=[number])
        case CodeKind.INVITATION:
            return reverse("invited_to_care" if is_proxy else "invitation", args=[number])
        case CodeKind.RESET:
            return reverse("reset_token")


def _chart(slug: str, mrn: str) -> PatientRecord:
    practice = Practice.objects.filter(slug=slug).first()
    if practice is None:
        slugs = ", ".join(Practice.objects.values_list("slug", flat=True))
        raise CommandError(f"There is no practice {slug}. There are: {slugs or 'none yet'}.")
    chart = practice.patients.filter(mrn=mrn).select_related("practice__settings").first()
    if chart is None:
        raise CommandError(f"There is no patient {mrn} at {practice.name}.")
    return chart
