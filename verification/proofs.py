"""Proving an option that is set up: one door for all kinds whose code is typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from guard import numbers
from pages.fields import LineField
from practices.choices import SecurityOption
from verification import authenticator, backup, codes, options
from verification.codes import Target
from verification.forms import CodeField
from verification.models import AuthenticatorOption, BackupCodes, Channel, CodeOption, Purpose

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.http import QueryDict
    from django_otp.models import Device

    from practices.current import PracticeRequest
    from verification.codes import Sent
    from verification.tries import Answer


class BackupCodeField(LineField):
    """One backup code; the cleaned value is bare. A typo costs no try."""

    def __init__(self, **kwargs: Any) -> None:
        words = {"label": _("Backup code"), "help_text": _("9 characters, such as ABC-123-XYZ. Each works once.")}
        super().__init__(max_length=40, **{**words, **kwargs})
        self.widget.attrs.update(
            {
                "autocomplete": "one-time-code",
                "autocapitalize": "characters",
                "inputmode": "text",
                "spellcheck": "false",
            }
        )

    def clean(self, value: object) -> str:
        typed: str = super().clean(value)
        try:
            return numbers.parse(typed, backup.LENGTH)
        except numbers.TypoError as error:
            words = _("This is no backup code: check each character. This did not use up a try.")
            raise ValidationError(words, code="typo") from error


class ProofForm(forms.Form):
    """Where the code of an authenticator app, or a backup code, is typed."""

    code: forms.Field

    def __init__(self, data: QueryDict | None = None, *, kind: SecurityOption = SecurityOption.APP) -> None:
        super().__init__(data)
        is_backup = kind == SecurityOption.BACKUP
        self.fields["code"] = BackupCodeField() if is_backup else CodeField()


def is_sent(option: Device) -> bool:
    """Whether its code has to be sent first, by text, call or email."""
    return isinstance(option, CodeOption)


def begin(
    *, account: AbstractBaseUser, option: Device, purpose: Purpose, request: PracticeRequest, about: str = ""
) -> Sent | None:
    """Send the code of an option that needs one; None for the others. Outside any transaction, from a POST only."""
    if not isinstance(option, CodeOption):
        return None
    target = Target(Channel(option.channel), option.target, option)
    return codes.send(account=account, purpose=purpose, target=target, request=request, about=about)


def form_for(option: Device, data: QueryDict | None = None) -> ProofForm:
    """The form for the code of an option that shows its codes itself."""
    return ProofForm(data, kind=options.kind(option))


def check(*, account: AbstractBaseUser, option: Device, typed: str, purpose: Purpose) -> Answer:
    """What comes of the code of an option that shows its codes itself; `typed` is as its form cleaned it."""
    at_reset = purpose == Purpose.RESET_CODE
    if isinstance(option, AuthenticatorOption):
        return authenticator.check(account=account, option=option, typed=typed, at_reset=at_reset)
    if isinstance(option, BackupCodes):
        return backup.check(account=account, option=option, typed=typed, at_reset=at_reset)
    raise TypeError(option)
