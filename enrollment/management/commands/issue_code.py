"""Issue an enrollment code from the command line."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from accounts import access
from enrollment import admission, codes, numbers
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
        parser.add_argument("--mailed", action="store_true", help="it goes by mail: no proof of the record by itself")

    def handle(self, *_args: Any, **options: Any) -> None:
        chart = _chart(options["practice"], options["mrn"])
        handover = Handover.MAILED if options["mailed"] else Handover.HANDED
        try:
            admission.check_chart(chart, is_taken=bool(access.self_of(chart)))
        except Refusal as refusal:
            raise CommandError(f"No code is issued: {refusal.desk}") from None
        issued = codes.issue(chart=chart, kind=CodeKind(options["kind"]), handover=handover, by=None)
        answer = {
            "code": numbers.show(issued.number),
            "url": issued.code.practice.address(reverse("enroll_token")),
            "expires": issued.code.expires_at.isoformat(),
            "number": issued.code.pk,
        }
        self.stdout.write(json.dumps(answer, indent=2))


def _chart(slug: str, mrn: str) -> PatientRecord:
    practice = Practice.objects.filter(slug=slug).first()
    if practice is None:
        slugs = ", ".join(Practice.objects.values_list("slug", flat=True))
        raise CommandError(f"There is no practice {slug}. There are: {slugs or 'none yet'}.")
    chart = practice.patients.filter(mrn=mrn).select_related("practice__settings").first()
    if chart is None:
        raise CommandError(f"There is no patient {mrn} at {practice.name}.")
    return chart
