"""A page with a form of every kind of field, at a practice that is in no database."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, QueryDict
from django.template import engines
from django.test import RequestFactory

from pages.fields import BirthDateField, EmailField, LineField, ListedRule, PasswordField, RadioField
from practices.models import Practice

PAGE = '{% extends "layouts/form.html" %}{% block title %}Sample{% endblock %}{% block intro %}{{ said }}{% endblock %}'


class SampleForm(forms.Form):
    """Every kind of field once."""

    last_name = LineField(label="Last name", help_text="The patient's")
    birth_date = BirthDateField()
    email = EmailField(label="Email address", required=False, unmarked=True)
    no_email = forms.BooleanField(
        label="No email", required=False, widget=forms.CheckboxInput(attrs={"data-hides": "id_email"})
    )
    nickname = LineField(label="Nickname", required=False)
    whose = RadioField(label="Whose is it?", choices=[("self", "Mine")], descriptions={"self": "I am the patient"})
    several = forms.MultipleChoiceField(label="Several", choices=[("a", "A")], widget=forms.CheckboxSelectMultiple)
    one = forms.ChoiceField(label="One of many", choices=[("a", "A")])
    more = forms.CharField(label="More", widget=forms.Textarea)
    password = PasswordField(
        label="Password",
        autocomplete="new-password",
        rules=[
            ListedRule("eight characters", pattern=".{8,}"),
            ListedRule("not your email", differs_from="id_email"),
        ],
    )
    hidden = forms.CharField(widget=forms.HiddenInput, required=False)


def a_practice(**changes: Any) -> Practice:
    facts = {
        "name": "Elm <Street> & Sons",
        "colour": "#1f6f5c",
        "phone": "(212) 555-0110 ext. 4",
        "email": "desk@elm.example.org",
        "hours": "Always",
        "languages": ["en", "es"],
        "logo": "img/logos/riverside.svg",
        "time_zone": "America/New_York",
    }
    return Practice(**{**facts, **changes})


def a_request(path: str = "/", *, practice: Practice | None = None, **options: Any) -> HttpRequest:
    request = RequestFactory().get(path, **options)
    request.practice = practice or a_practice()  # type: ignore[attr-defined]
    return request


def page(form: forms.Form, *, practice: Practice | None = None, **context: Any) -> str:
    """The HTML of the page with this form."""
    template = engines["django"].from_string(PAGE)
    return template.render({"form": form, **context}, a_request(practice=practice))


def typed(**data: str) -> QueryDict:
    sent = QueryDict(mutable=True)
    sent.update(data)
    return sent
