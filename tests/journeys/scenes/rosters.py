"""**Roster**, **Upload results**, and what a roster leaves to be decided (docs/flows.md H)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from practices.from_roster import ChartMerge, ContactField, KeptBecause, RosterConflict
from staff.roster import working
from tests import people
from tests.journeys.scenes.stage import Stage, shows, somebody
from tests.staff.kit import a_manager, at_work

if TYPE_CHECKING:
    from practices.models import Practice

ROWS = b"mrn,first_name,last_name,birth_date,note\nN1,Ana,Lopez,1990-02-03,x\nN2,Bad,Row,1990,x\nOLD,Sam,Santoro,%s,x\n"


@shows(
    "staff:roster",
    "staff:result_upload",
    "staff:upload",
    "staff:conflicts",
    "staff:conflict_take",
    "staff:merges",
    "staff:merge",
)
def sends_a_roster(practice: Practice) -> Stage:
    chart = people.a_chart(practice, somebody(), mrn="OLD")
    other = people.a_chart(practice, somebody(), birth_date=chart.birth_date)
    people.a_proxy(chart)
    desk, _key = at_work(a_manager(practice, "desk"), practice)
    content = ROWS % chart.birth_date.isoformat().encode()
    desk.post(reverse("staff:roster"), {"file": SimpleUploadedFile("patients.csv", content)})
    upload = practice.uploads.get()
    working.run(upload.pk)
    conflict = RosterConflict.objects.create(
        practice=practice,
        record=chart,
        field=ContactField.EMAILS,
        roster=[["someone.else@example.com"]],
        because=KeptBecause.VERIFIED,
    )
    merge = ChartMerge.objects.create(practice=practice, old=chart, new=other)
    return Stage(
        desk,
        {
            "staff:upload": reverse("staff:upload", args=[upload.pk]),
            "staff:conflict_take": reverse("staff:conflict_take", args=[conflict.pk]),
            "staff:merge": reverse("staff:merge", args=[merge.pk]),
        },
    )
