"""Pages for staff (docs/flows.md H)."""

from __future__ import annotations

from django.urls import reverse
from django.utils import timezone

from accounts import security
from accounts.models import PatientAccess
from agreements.models import ConsentForm, Question
from enrollment import vouching
from enrollment.models import Enrollment
from practices.models import Practice
from results.models import ReportState
from tests import people
from tests.agreements.kit import a_form
from tests.journeys.scenes.stage import Stage, an_owner, sent, shows, somebody
from tests.results.kit import A1C, a_report
from tests.staff.kit import a_manager, at_work
from tests.staff.test_consent_forms import write
from verification import changes
from verification.models import CodeOption, WrongCode


@shows("staff:index", "staff:staff_list", "staff:patients", "staff:chart", "staff:lift_codes", "staff:lift_stop")
def helps_who_cannot_get_in(practice: Practice) -> Stage:
    maria = an_owner(practice)
    people.an_option(maria)
    security.ask_to_change(account=maria, request=people.a_request(practice))
    asked = changes.find(sent("option_change_asked", "not_me", practice).split("/")[2], practice)
    assert asked is not None
    security.object_to(change=asked, request=people.Browser(practice).get("/").wsgi_request)
    WrongCode.objects.bulk_create(WrongCode(user=maria) for _ in range(50))
    CodeOption.objects.filter(user=maria).update(locked_until=timezone.now())
    access = PatientAccess.objects.get(account=maria)
    desk, _key = at_work(a_manager(practice, "desk"), practice)
    desk.post("/staff/patients/", {"patient": access.record.mrn})
    return Stage(
        desk,
        {
            "staff:chart": reverse("staff:chart", args=[access.record_id]),
            "staff:lift_codes": reverse("staff:lift_codes", args=[access.pk]),
            "staff:lift_stop": reverse("staff:lift_stop", args=[access.pk]),
        },
    )


@shows("staff:waiting", "staff:vouch")
def vouches(practice: Practice) -> Stage:
    maria = an_owner(practice, token=people.a_token(people.a_chart(practice, somebody()), mailed=True))
    run = Enrollment.objects.get(account=maria)
    vouching.ask(journey=run, request=people.a_request(practice))
    desk, _key = at_work(people.front_desk(practice), practice)
    return Stage(desk, {"staff:vouch": reverse("staff:vouch", args=[run.pk])})


@shows("staff:results", "staff:result")
def releases_a_result(practice: Practice) -> Stage:
    chart = people.a_chart(practice, somebody())
    values = [{**A1C, "number": "6.1", "flag": "H"}, {"name": "Blood film", "text": "Normal", "note": "Seen twice."}]
    held = {"state": ReportState.HELD, "released_at": None, "patient_only": True, "conclusion": "Repeat in a year."}
    report = a_report(chart, *values, **held)
    desk, _key = at_work(people.front_desk(practice), practice)
    return Stage(desk, {"staff:result": reverse("staff:result", args=[report.pk])})


@shows(
    "staff:consents", "staff:consent_new", "staff:consent", "staff:consent_preview", "staff:consent_publish",
    "staff:consent_settings", "staff:consent_text", "staff:consent_question_add", "staff:consent_question",
    "staff:consent_retire",
)  # fmt: skip
def writes_a_consent_form(practice: Practice) -> Stage:
    desk, _key = at_work(a_manager(practice), practice)
    published = a_form(practice).form_id
    write(desk)
    form = ConsentForm.objects.filter(practice=practice).latest("pk").pk
    question = Question.objects.filter(version__form=form).latest("pk").pk
    places: dict[str, list[object]] = {
        "staff:consent_text": [form, "es"],
        "staff:consent_question": [form, question],
        "staff:consent_retire": [published],
        **{f"staff:consent{end}": [form] for end in ("", "_publish", "_settings", "_question_add")},
    }
    paths = {name: reverse(name, args=place) for name, place in places.items()}
    return Stage(desk, {**paths, "staff:consent_preview": f"/staff/consents/{form}/1/{{language}}/"})
