"""Issue an enrollment code from the command line."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from enrollment import codes, numbers
from enrollment.models import CodeKind, Handover
from practices.models import PatientRecord


class Command(BaseCommand):
    """Prints the new code as JSON: code, url, expires. It is seen this once."""

    help = "Issue an enrollment code for a patient; the live one, if any, is superseded. Prints JSON."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--practice", required=True, metavar="SLUG")
        parser.add_argument("--mrn", required=True, help="medical record number of the patient")
        parser.add_argument("--kind", choices=CodeKind.values, default=CodeKind.TOKEN)
        parser.add_argument("--mailed", action="store_true", help="it goes by mail: no proof of the record by itself")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            chart = PatientRecord.objects.get(practice__slug=options["practice"], mrn=options["mrn"])
        except PatientRecord.DoesNotExist:
            message = f"There is no patient {options['mrn']} at practice {options['practice']}."
            raise CommandError(message) from None
        handover = Handover.MAILED if options["mailed"] else Handover.HANDED
        try:
            issued = codes.issue(chart=chart, kind=CodeKind(options["kind"]), handover=handover, by=None)
        except codes.CannotIssueError:
            message = "This patient is deceased or inactive: no code is issued."
            raise CommandError(message) from None
        answer = {
            "code": numbers.show(issued.number),
            "url": issued.code.practice.address(reverse("enroll_token")),
            "expires": issued.code.expires_at.isoformat(),
        }
        self.stdout.write(json.dumps(answer, indent=2))
