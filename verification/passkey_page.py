"""The pages where a passkey is used and made: what the browser is asked stands on them, a script sends the answer.

As with codes (`verification.code_page`), a flow has a small view of its own: GET shows, POST answers and goes on.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django import forms
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from pages.fields import LineField
from verification import passkeys

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.http import HttpResponse

    from practices.current import PracticeRequest
    from verification.models import Purpose
    from verification.passkeys import Answer


class PasskeyForm(forms.Form):
    """What the page's script sends: the browser's answer, as JSON."""

    answer = forms.CharField(widget=forms.HiddenInput, required=False, label=_("Passkey"))


class NewPasskeyForm(PasskeyForm):
    """The same for a new one, with the name that its owner knows it by."""

    called = LineField(
        label=_("Name of this passkey"),
        max_length=passkeys.NAME_LENGTH,
        help_text=_("To tell it from others: your phone, your laptop, your security key."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


@dataclass(frozen=True)
class PasskeyPage:
    """What a passkey is asked for. `other`: the address of **Try another way**, "" where there is none."""

    account: AbstractBaseUser
    purpose: Purpose
    other: str = ""
    template: str = "verification/passkey.html"
    context: dict[str, Any] = field(default_factory=dict)


def answer(request: PracticeRequest, page: PasskeyPage) -> Answer:
    """What came of the passkey in the POST: its `passkey`, or its `refusal`. Outside any transaction."""
    return passkeys.check(
        request=request, purpose=page.purpose, answered=request.POST.get("answer", ""), account=page.account
    )


def show(request: PracticeRequest, page: PasskeyPage, given: Answer | None = None) -> HttpResponse:
    """The page; after a POST with why the passkey was refused, and a new question."""
    form = PasskeyForm({} if given else None)
    if given:
        form.add_error(None, given.words)
    question = passkeys.question(request=request, purpose=page.purpose, account=page.account)
    context = {**page.context, "form": form, "page": page, "question": json.dumps(question)}
    return render(request, page.template, context, status=400 if given else 200)
