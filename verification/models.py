"""Challenges, which prove that who answers holds an address or a phone, and the security options of an account.

Options are django-otp devices. Their `verify_token` is django-otp's own and never right: a code counts only in the
browser that asked for it, which a device does not know (`verification.codes`, `verification.options`).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_otp.models import Device
from django_otp_webauthn.models import AbstractWebAuthnCredential

from practices.models import Practice

if TYPE_CHECKING:
    from datetime import datetime


class Purpose(models.TextChoices):
    """What a right answer is good for, and nothing else."""

    EMAIL_ADDRESS = "email_address", _("verify an email address")
    BROWSER = "browser", _("make a browser known")
    SIGN_IN = "sign_in", _("sign in")
    SET_UP = "set_up", _("set up a security option")
    PHONE_ON_FILE = "phone_on_file", _("verify the phone on file")
    STEP_UP = "step_up", _("confirm a change")
    PASSWORD_RESET = "password_reset", _("choose a new password")
    RESET_CODE = "reset_code", _("confirm a new password")


class Channel(models.TextChoices):
    """How the challenge reaches the person; but for links, the names are those of `notifications.Channel`."""

    LINK = "link", _("a link in an email")
    EMAIL = "email", _("a code by email")
    SMS = "sms", _("a code by text")
    VOICE = "voice", _("a code by call")


class Option(Device):  # type: ignore[misc] # it has no types
    """A security option: set up once it is `confirmed`. Too many wrong codes in a row lock it for a while."""

    wrong_in_a_row = models.PositiveSmallIntegerField(default=0)
    locked_until: models.DateTimeField[datetime | None, datetime | None] = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    last_used_at: models.DateTimeField[datetime | None, datetime | None] = models.DateTimeField(null=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self._meta.model_name} {self.pk}"  # no name, no address: this ends up in logs

    def is_locked(self) -> bool:
        """Whether no code of it is looked at now."""
        return self.locked_until is not None and self.locked_until > timezone.now()


class CodeOption(Option):
    """Codes by text, call or email: `target` is the phone (E.164) or the email they go to."""

    channel = models.CharField(max_length=8, choices=[(one.value, one.label) for one in Channel if one != "link"])
    target = models.CharField(max_length=254)

    objects: ClassVar[models.Manager[CodeOption]]

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "channel", "target"], condition=Q(confirmed=True), name="one_option_per_target"
            ),
        ]


class Challenge(models.Model):
    """Bound to one account and purpose; at most one is open at a time. Secrets are kept as keyed digests only.

    A code is bound besides to the browser that asked for it, to `about` (what the purpose is about, where that could
    be several things), and to the option it was sent through, where there is one. `message_id`: its row in the outbox.
    """

    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="challenges")
    purpose = models.CharField(max_length=32, choices=Purpose)
    channel = models.CharField(max_length=16, choices=Channel, default=Channel.LINK)
    target = models.CharField(max_length=254)
    secret_digest = models.BinaryField(max_length=32, unique=True)
    browser_digest = models.BinaryField(max_length=32, null=True)
    about = models.CharField(max_length=64, blank=True, default="")
    option = models.ForeignKey(CodeOption, on_delete=models.CASCADE, null=True, related_name="challenges")
    message_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    consumed_at = models.DateTimeField(null=True)
    replaced_at = models.DateTimeField(null=True)
    tries = models.PositiveIntegerField(default=0)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["expires_at"], name="challenge_expires")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["account", "purpose"],
                condition=Q(consumed_at__isnull=True, replaced_at__isnull=True),
                name="one_open_challenge",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} challenge {self.pk}"

    @property
    def seconds_left(self) -> int:
        """Until it expires, 0 where it has."""
        return max(0, int((self.expires_at - timezone.now()) / timedelta(seconds=1)))


class WrongCode(models.Model):
    """One wrong code of an account: kept for a year, not forgiven by a right one (guard.limits, wrong_a_year).

    `at_reset`: typed to confirm a forgotten password, which a stolen mailbox leads to; counted apart.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="wrong_codes")
    weight = models.PositiveSmallIntegerField(default=1)
    at_reset = models.BooleanField(default=False, db_default=False)
    at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"wrong code {self.pk}"


class AuthenticatorOption(Option):
    """An authenticator app: its key is sealed, `last_step` is the time step of the last code that was accepted.

    `drift`: by how many steps the device's clock was off when it was set up (RFC 6238 6).
    """

    key_sealed = models.BinaryField()
    last_step = models.BigIntegerField(default=0)
    drift = models.SmallIntegerField(default=0)

    objects: ClassVar[models.Manager[AuthenticatorOption]]


class BackupCodes(Option):
    """A sheet of backup codes; a new one takes the place of the one before."""

    codes: models.Manager[BackupCode]

    objects: ClassVar[models.Manager[BackupCodes]]

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user"], condition=Q(confirmed=True), name="one_sheet_of_backup_codes"),
        ]


class BackupCode(models.Model):
    """One of a sheet's codes, kept as a keyed digest: good once."""

    sheet = models.ForeignKey(BackupCodes, on_delete=models.CASCADE, related_name="codes")
    digest = models.BinaryField(max_length=32, unique=True)
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"backup code {self.pk}"


class Passkey(Option, AbstractWebAuthnCredential):  # type: ignore[misc] # it has no types
    """A key pair on a device or in its owner's password manager; `name` is the owner's. The rest is WebAuthn's record.

    `rp_id`: the host that it is good at, with all hosts below it (`verification.passkey_ceremony`).
    """

    rp_id = models.CharField(max_length=253)
    sign_count = models.BigIntegerField(default=0)  # unsigned 32 bits (WebAuthn 6.1): more than a PositiveIntegerField

    class Meta:
        """Its own: the package's would index `credential_id_sha256`, which is unique, once more."""


class OptionChange(models.Model):
    """A change of an account's options, which **This wasn't me** stops within seven days (docs/flows.md, rule 12).

    `added` and `removed` are django-otp's persistent ids. With neither, it asks to change options without the
    authenticator app or passkey that the account has, which may be done a day later.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="option_changes")
    practice = models.ForeignKey(Practice, on_delete=models.CASCADE, related_name="+")
    added = models.CharField(max_length=128, blank=True)
    removed = models.CharField(max_length=128, blank=True)
    secret_digest = models.BinaryField(max_length=32, unique=True)
    at = models.DateTimeField(db_default=Now())
    stopped_at = models.DateTimeField(null=True)
    lifted_at = models.DateTimeField(null=True)  # the desk ended what had been stopped
    # After a reset: no change of options or contacts until then. Such a row adds and removes nothing, and is no wish.
    rests_until: models.DateTimeField[datetime | None, datetime | None] = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"change {self.pk} of options"
