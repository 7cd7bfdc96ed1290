"""**Portal settings**: managers change what the practice decides, see it before, and undo it; others are told."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account
from agreements import terms as agreed
from agreements.models import Kind
from audit.events import Event
from audit.models import AuditEvent
from practices import changing, current
from practices.choices import CodeWhen, RecordProof
from practices.models import Practice, PracticeSettings
from staff.setup import readiness
from staff.setup.readiness import Weight
from staff.setup.sections import SECTIONS, initial
from tests.people import Browser, a_practice, front_desk, mail, words
from tests.staff.kit import a_manager, at_work

pytestmark = pytest.mark.django_db
LIST = "/staff/settings/"
RULES = {name for form in SECTIONS.values() for name in form.base_fields} - {"first_language"}
NOT_ON_A_PAGE = {"practice"}  # of the model; all else is for the managers to decide


@pytest.fixture
def manager(practice: Practice) -> Browser:
    return at_work(a_manager(practice), practice)[0]


def page_of(section: str) -> str:
    return reverse("staff:settings_section", args=[section])


def typed(practice: Practice, section: str, **changes: Any) -> dict[str, Any]:
    """What the form sends where nothing but `changes` is touched."""
    now = {**initial(SECTIONS[section], Practice.objects.get(pk=practice.pk)), **changes}
    return {name: value for name, value in now.items() if value is not None and value is not False}


def test_each_setting_of_the_model_has_a_page() -> None:
    fields = {field.name for field in PracticeSettings._meta.fields} | changing.OF_PRACTICE
    assert fields - RULES == NOT_ON_A_PAGE


def test_a_section_that_is_sent_as_it_is_changes_nothing(manager: Browser, practice: Practice) -> None:
    for section in SECTIONS:
        page = manager.post(page_of(section), typed(practice, section), follow=True)
        assert "Nothing was changed." in words(page), section
    assert not AuditEvent.objects.filter(practice_id=practice.pk, event=Event.SETTING_CHANGED).exists()


def test_a_change_is_saved_kept_in_the_trail_and_told_to_the_other_managers(
    manager: Browser, practice: Practice
) -> None:
    other = a_manager(practice, "other")
    Account.objects.filter(pk=other.pk).update(email="other@example.com", email_verified_at=timezone.now())
    page = manager.post(page_of("proof"), typed(practice, "proof", proof=RecordProof.CODE_AND_CHECK), follow=True)
    assert "It is saved." in words(page)
    assert PracticeSettings.objects.get(pk=practice.pk).proof == RecordProof.CODE_AND_CHECK
    event = AuditEvent.objects.get(practice_id=practice.pk, event=Event.SETTING_CHANGED)
    assert event.details == {"setting": "proof", "old": json.dumps("phone"), "new": json.dumps("code_and_check")}
    assert [one["link"] for one in mail("settings_changed", to="other@example.com")] == [practice.address(LIST)]
    assert mail("settings_changed", practice=practice, to=manager_email(practice)) == []


def manager_email(practice: Practice) -> str:
    return Account.objects.get(sign_in_name=f"manager-{practice.pk}").email


def test_other_processes_and_this_one_go_by_it(
    manager: Browser, practice: Practice, django_capture_on_commit_callbacks: Any
) -> None:
    current.by_host(practice.host)
    with django_capture_on_commit_callbacks(execute=True):
        manager.post(page_of("brand"), {"name": "Elm and Oak", "colour": "#1F6F5C"})
    found = current.by_host(practice.host)
    assert found is not None
    assert (found.name, found.colour) == ("Elm and Oak", "#1f6f5c")


def test_undo_puts_back_what_it_was_once(manager: Browser, practice: Practice) -> None:
    manager.post(page_of("sign-in"), typed(practice, "sign-in", idle_minutes=5))
    first = AuditEvent.objects.get(practice_id=practice.pk, event=Event.SETTING_CHANGED)
    undo = reverse("staff:settings_undo", args=[first.pk])
    assert "It is as it was before." in words(manager.post(undo, follow=True))
    assert PracticeSettings.objects.get(pk=practice.pk).idle_minutes == 15
    assert "It was changed again since" in words(manager.post(undo, follow=True))
    assert PracticeSettings.objects.get(pk=practice.pk).idle_minutes == 15


def test_undo_of_another_practices_change_does_not_exist(manager: Browser) -> None:
    oak = a_practice("oak")
    theirs = at_work(a_manager(oak, "oak-manager"), oak)[0]
    theirs.post(page_of("sign-in"), typed(oak, "sign-in", idle_minutes=5))
    event = AuditEvent.objects.get(practice_id=oak.pk, event=Event.SETTING_CHANGED)
    assert manager.post(reverse("staff:settings_undo", args=[event.pk])).status_code == 404
    assert PracticeSettings.objects.get(pk=oak.pk).idle_minutes == 5


WRONG: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("brand", {"colour": "green"}, "A color is a #"),
    ("brand", {"name": ""}, "Enter name of the practice."),
    ("help-line", {"email": "nobody"}, "Enter an email address"),
    ("words", {"time_zone": "Mars/Olympus"}, "Mars/Olympus is not a time zone"),
    ("codes", {"token_handed_hours": 0}, "greater than or equal to 1"),
    ("proof", {"proof": "code_and_check", "reset_wait_hours": "0"}, "Without a waiting period"),
    ("sign-in", {"options_offered": ["text"], "option_recommended": "app"}, "Recommend one that you offer."),
    ("sign-in", {"options_offered": ["backup"], "option_recommended": "backup"}, "Backup codes are for when"),
    ("sign-in", {"idle_minutes": 31}, "less than or equal to 30"),
    ("ages", {"teen_age": 18, "adult_age": 18}, "Parents see less before their access ends"),
    ("senders", {"codes_service_sid": "MG1"}, "Enter a valid value."),
    ("senders", {"codes_service_sid": "MG" + "a" * 32, "bulk_service_sid": "MG" + "a" * 32}, "Codes have a service"),
)


def test_what_is_wrong_is_said_and_nothing_is_saved(manager: Browser, practice: Practice) -> None:
    for section, changes, said in WRONG:
        page = manager.post(page_of(section), typed(practice, section, **changes))
        assert page.status_code == 400, section
        assert said in words(page), section
    assert not AuditEvent.objects.filter(practice_id=practice.pk, event=Event.SETTING_CHANGED).exists()


def test_no_waiting_period_can_be_chosen_where_the_phone_is_asked(manager: Browser, practice: Practice) -> None:
    assert manager.post(page_of("proof"), typed(practice, "proof", reset_wait_hours="0")).status_code == 302
    assert PracticeSettings.objects.get(pk=practice.pk).reset_wait_hours == 0


def test_a_preview_shows_what_was_typed_and_saves_nothing(manager: Browser, practice: Practice) -> None:
    page = manager.post(reverse("staff:settings_preview", args=["brand"]), {"name": "Elm and Oak", "colour": "#ff6600"})
    assert "Nothing is saved yet." in words(page)
    assert "Elm and Oak" in words(page)
    assert "/staff/settings/colour/ff6600.css" in page.content.decode()
    assert Practice.objects.get(pk=practice.pk).name != "Elm and Oak"
    assert "Elm and Oak" not in words(manager.get(page_of("brand")))
    sheet = manager.get("/staff/settings/colour/ff6600.css")
    assert b"--brand:#ff6600" in sheet.content
    nothing_to_see = manager.post(reverse("staff:settings_preview", args=["codes"]), {})
    assert nothing_to_see.status_code == 404


def test_the_header_says_what_people_are_called(manager: Browser, practice: Practice) -> None:
    assert "Patient portal" in manager.get(LIST).content.decode()
    manager.post(page_of("words"), typed(practice, "words", person_word="employee"))
    current.forget()
    assert "Employee portal" in manager.get(LIST).content.decode()


def test_the_front_desk_sees_none_of_it(practice: Practice) -> None:
    desk = at_work(front_desk(practice), practice)[0]
    for path in (LIST, page_of("brand"), reverse("staff:readiness"), reverse("staff:terms")):
        assert desk.get(path).status_code == 404
    assert desk.post(page_of("brand"), {"name": "Mine", "colour": "#000000"}).status_code == 404
    assert desk.post(reverse("staff:terms_publish", args=["terms"]), {}).status_code == 404


def test_a_new_version_of_the_terms_is_read_before_it_is_published(manager: Browser, practice: Practice) -> None:
    page = reverse("staff:terms_write", args=["terms"])
    text = {"version": 1, "body_en": "# Terms\n\nBe kind.", "body_es": "# Términos\n\nSea amable."}
    seen = manager.post(reverse("staff:terms_preview", args=["terms"]), text)
    assert "Be kind." in words(seen)
    assert agreed.current(practice, "en").terms == before(practice)
    assert manager.post(page, text).status_code == 200  # **Go on writing** keeps what was written
    done = manager.post(reverse("staff:terms_publish", args=["terms"]), text, follow=True)
    assert "It is published." in words(done)
    published = agreed.current(practice, "es").terms
    assert published is not None
    assert (published.version, published.body) == (2, "# Términos\n\nSea amable.")
    again = manager.post(reverse("staff:terms_publish", args=["terms"]), text)
    assert again.status_code == 400
    assert "Somebody published a new version in the meantime." in words(again)


def before(practice: Practice) -> Any:
    return practice.terms_versions.get(kind=Kind.TERMS, version=1, language="en")


def test_readiness_names_each_thing_that_is_missing(practice: Practice) -> None:
    Practice.objects.filter(pk=practice.pk).update(colour="#ffee00", phone="", hours="")
    PracticeSettings.objects.filter(pk=practice.pk).update(
        proof=RecordProof.CODE_AND_CHECK, code_when=CodeWhen.RESET_ONLY, option_required=False, work_phone_proves=True
    )
    found = readiness.findings(readiness.facts(Practice.objects.select_related("settings").get(pk=practice.pk)))
    missing = {str(one.words) for one in found if one.weight is Weight.MISSING}
    assert any("too light" in one for one in missing)
    assert any("help line needs" in one for one in missing)
    assert any("not two managers" in one for one in missing)
    assert any("no patients" in one for one in missing)
    weak = {(one.section, one.weight) for one in found if one.section in {"proof", "sign-in"}}
    assert weak == {("proof", Weight.WEAK), ("sign-in", Weight.WEAK)}
    assert sum(one.section == "proof" for one in found) == 2


def test_readiness_page_leads_to_what_mends_it(manager: Browser, practice: Practice) -> None:
    Practice.objects.filter(pk=practice.pk).update(hours="")
    page = manager.get(reverse("staff:readiness"))
    assert "Something is missing." in words(page)
    assert page_of("help-line") in page.content.decode()


def test_terms_that_lack_a_language_are_found() -> None:
    bare = Practice.objects.create(
        slug="bare",
        host="bare.example.org",
        name="Bare",
        phone="(212) 555-0100",
        email="a@example.com",
        languages=["en", "es"],
    )
    found = [str(one.words) for one in readiness.findings(readiness.facts(bare))]
    assert "Not published yet: Terms and Conditions" in found
    agreed.publish(practice=bare, kind=Kind.TERMS, texts={"en": "Be kind."}, by=None)
    found = [str(one.words) for one in readiness.findings(readiness.facts(bare))]
    assert "There is no text in Spanish of: Terms and Conditions" in found
