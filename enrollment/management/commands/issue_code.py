"""Issue an enrollment code from the command line."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from accounts import access
from enrollment import admission, codes, inviting, numbers
from enrollment.codes import Issued
from enrollment.models import CodeKind, Handover
from enrollment.refusals import Refusal
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

    def handle(self, *_args: Any, **options: Any) -> None:
        chart = _chart(options["practice"], options["mrn"])
        kind = CodeKind(options["kind"])
        if options["mailed"] and kind != CodeKind.TOKEN:
            raise CommandError("Only a token goes by mail.")
        if options["check_in"] and kind != CodeKind.INVITATION:
            raise CommandError("Online check-in shows invitations.")
        try:
            admission.check_chart(chart, is_taken=bool(access.self_of(chart)))
            issued = _issue(chart, kind, is_mailed=options["mailed"], is_check_in=options["check_in"])
        except Refusal as refusal:
            raise CommandError(f"No code is issued: {refusal.desk}") from None
        except codes.CannotIssueError as error:
            raise CommandError(f"No code is issued: {error}") from None
        answer = {
            "code": numbers.show(issued.number),
            "url": issued.code.practice.address(_page(kind, issued.number)),
            "expires": issued.code.expires_at.isoformat(),
            "number": issued.code.pk,
        }
        self.stdout.write(json.dumps(answer, indent=2))


def _issue(chart: PatientRecord, kind: CodeKind, *, is_mailed: bool, is_check_in: bool) -> Issued:
    """An activation code or an invitation is emailed to the address on the record, unless a check-in shows it."""
    if kind != CodeKind.TOKEN and not is_check_in:
        return inviting.send(chart=chart, kind=kind, by=None)
    token = Handover.MAILED if is_mailed else Handover.HANDED
    return codes.issue(chart=chart, kind=kind, handover=Handover.CHECKED_IN if is_check_in else token, by=None)


def _page(kind: CodeKind, number: str) -> str:
    """Where the patient opens it."""
    match kind:
        case CodeKind.TOKEN:
            return reverse("enroll_token")
        case CodeKind.ACTIVATION:
            return reverse("activate", args=[number])
        case CodeKind.INVITATION:
            return reverse("invitation", args=[number])


def _chart(slug: str, mrn: str) -> PatientRecord:
    practice = Practice.objects.filter(slug=slug).first()
    if practice is None:
        slugs = ", ".join(Practice.objects.values_list("slug", flat=True))
        raise CommandError(f"There is no practice {slug}. There are: {slugs or 'none yet'}.")
    chart = practice.patients.filter(mrn=mrn).select_related("practice__settings").first()
    if chart is None:
        raise CommandError(f"There is no patient {mrn} at {practice.name}.")
    return chart
