"""Fields of forms have a visible label, an `autocomplete` value, and the right `inputmode` (docs/flows.md, rule 4)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django import forms
from django.conf import settings

import enrollment.forms_by_email  # noqa: F401 - its forms are found as subclasses, with those it builds on
import staff.desk.forms
import staff.forms_people
import staff.outreach.forms
import staff.roster.forms
import staff.team.forms  # noqa: F401 - the same
from accounts.forms import NewPasswordForm
from practices.choices import ActivationCheck
from practices.models import PatientRecord, PracticeSettings
from staff.fields import NumberField
from staff.setup.sections import SECTIONS

TICKED = (forms.CheckboxInput, forms.RadioSelect)
SPECIAL = {"phone": "tel", "email": "email"}
# name → autocomplete, inputmode (None: the browser's own is right)
EXPECTED: dict[str, tuple[str | None, str | None]] = {
    "name": ("username", None),
    "username": ("username", None),
    "token": ("off", "text"),
    "birth_date": ("bday", "numeric"),
    "first_name": ("given-name", None),
    "last_name": ("family-name", None),
    "email": ("email", "email"),
    "phone": ("tel", "tel"),
    "code": ("one-time-code", "numeric"),
    "option_name": ("off", None),
    "called": ("off", None),
    "title": ("off", None),
    "body": ("off", None),
    "months": ("off", "numeric"),
    "check": ("off", "tel"),
    "ActivateForm.code": ("off", "text"),  # of letters and digits, and not one that expires in ten minutes
    "patient": ("off", None),
    "last_day": ("off", "numeric"),
    "since": ("off", "numeric"),
    "until": ("off", "numeric"),
    "other_emails": ("off", "email"),
    "mobile": ("off", "tel"),
    "home": ("off", "tel"),
    "work": ("off", "tel"),
}
EXPECTED |= {"file": ("off", None)}
EXPECTED |= dict.fromkeys(("TrailForm.kind", "TrailForm.by", "FunnelForm.kind", "FunnelForm.weeks"), ("off", None))
EXPECTED |= {f"DeliveriesForm.{name}": ("off", None) for name in ("state", "channel", "notice")}
EXPECTED |= {f"InviteForm.{name}": ("off", None) for name in ("language", "last_name")}
EXPECTED |= {f"InviteForm.{name}": ("off", "numeric") for name in ("youngest", "oldest")}
EXPECTED |= {
    f"{form.__name__}.{name}": ("off", SPECIAL.get(name, "numeric" if isinstance(field, NumberField) else None))
    for form in SECTIONS.values()
    for name, field in form.base_fields.items()
}
EXPECTED |= {f"Place.{name}": (None, None) for name in ("show", "after", "way")}  # of addresses: on no page
EXPECTED |= {"TermsTextForm.body_en": ("off", None)}
# About somebody else: browsers fill in nothing.
OF_OTHERS = {"InviteForm", "UpdateContactsForm", "PersonForm", "InvitationForm", "NameProxyForm"}
SIGNS_IN = {"PasswordForm", "ExistingAccountForm"}


def own_forms(of: type[forms.BaseForm] = forms.Form) -> Iterator[type[forms.BaseForm]]:
    for one in of.__subclasses__():
        if one.__module__.partition(".")[0] in settings.INSTALLED_APPS:
            yield one
        yield from own_forms(one)


FORMS = sorted(set(own_forms()), key=lambda one: one.__name__)


NEEDS: dict[str, dict[str, Any]] = {  # what a form is made with, besides the data
    "ActivateForm": {"check": ActivationCheck.WORK_PHONE},
    "RelationshipForm": {"patient": "Maria Santos", "against_self": None},
    "WhoseForm": {"against_self": None},
    "AccountOptionsForm": {"against_self": None},
    "AboutYouForm": {"ages": PracticeSettings(), "is_named": False},
    "TermsTextForm": {"languages": ["en"], "newest": {}},
    "ContestedForm": {"asks_id": True},
    "LettersForm": {"counts": {False: 1, True: 2}},
    "StopPhoneForm": {"asks_id": True},
    "UsePhoneForm": {"asks_id": True},
    "UpdateContactsForm": {"asks_id": True, "chart": PatientRecord()},
    "OwnContactForm": {"contacts": ["(212) 555-0142"]},
    "ManagerForm": {"ages": PracticeSettings(), "is_named": False},
}


def made(kind: type[forms.BaseForm]) -> forms.BaseForm:
    needs = {"rule": "classic", "own_names": []} if issubclass(kind, NewPasswordForm) else NEEDS.get(kind.__name__, {})
    return kind(None, **needs) if needs else kind()


def test_forms_are_found() -> None:
    assert {"SignInNameForm", "TokenForm", "NewUsernameAccountForm"} <= {one.__name__ for one in FORMS}


@pytest.mark.parametrize("kind", FORMS, ids=lambda one: one.__name__)
def test_fields_tell_browsers_what_they_are(kind: type[forms.BaseForm]) -> None:
    for name, field in made(kind).fields.items():
        assert str(field.label).strip(), name
        if field.widget.is_hidden or isinstance(field.widget, TICKED):
            continue
        attributes = field.widget.attrs
        if isinstance(field.widget, forms.PasswordInput):
            is_current = kind.__name__ in SIGNS_IN or name == "current_password"
            asked = "current-password" if is_current else "new-password"
            assert attributes["autocomplete"] == asked
            assert not field.widget.render_value
        else:
            expected = EXPECTED.get(f"{kind.__name__}.{name}") or EXPECTED[name]
            if kind.__name__ in OF_OTHERS:
                expected = ("off", expected[1])
            assert (attributes.get("autocomplete"), attributes.get("inputmode")) == expected, name
        assert attributes.get("spellcheck", "false") == "false"
