"""The account: one person's sign-in, across practices, and the patient records it opens."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import HashIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now, Upper
from django.utils.translation import gettext_lazy as _

from accounts.staff_models import OptionsReset as OptionsReset  # noqa: PLC0414 - one of the app's models
from accounts.staff_models import StaffInvitation as StaffInvitation  # noqa: PLC0414 - the same
from guard import passwords
from practices.models import PatientRecord, Practice

if TYPE_CHECKING:
    from datetime import date, datetime


class SignInState(models.TextChoices):
    """How firmly an account holds its sign-in name (docs/flows.md, rule 13)."""

    CLAIMED = "claimed", _("claimed: an email that nobody verified yet")
    HELD = "held", _("held: a username, or a verified email")
    LOST = "lost", _("lost: somebody else verified this email")


class AccountManager(BaseUserManager["Account"]):
    """Makes accounts; the views never call the model directly."""

    def create_account(
        self, *, sign_in_name: str, password: str, email: str = "", password_is_hashed: bool = False, **names: str
    ) -> Account:
        """Save an account; `sign_in_name` comes folded, and an email in it is claimed until it is verified."""
        account = self.model(sign_in_name=sign_in_name, email=email, **names)
        account.sign_in_state = SignInState.CLAIMED if "@" in sign_in_name else SignInState.HELD
        if password_is_hashed:
            account.password = password
        else:
            account.set_password(password)
        account.save()
        return account


class Account(AbstractBaseUser):  # type: ignore[django-manager-missing] # options are of a class without types
    """One person's sign-in. Its contact email may be shared by a family; its sign-in name, once held, is its own."""

    sign_in_name = models.CharField(max_length=254)
    sign_in_state = models.CharField(max_length=8, choices=SignInState)
    email = models.EmailField(max_length=254, blank=True)
    email_verified_at = models.DateTimeField(null=True, blank=True)
    first_name = models.CharField(max_length=100, blank=True)
    last_name = models.CharField(max_length=100, blank=True)
    language = models.CharField(max_length=10, default="en")
    is_active = models.BooleanField(default=True)
    browsers_trusted_since: models.DateTimeField[datetime | None, datetime | None] = models.DateTimeField(null=True)
    # By the desk (`accounts.locking`). A locked account is not active; one that is neither active nor locked is closed.
    locked_at: models.DateTimeField[datetime | None, datetime | None] = models.DateTimeField(null=True)
    welcomed_at: models.DateTimeField[datetime | None, datetime | None] = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    last_login = None  # the audit trail has every sign-in

    accesses: models.Manager[PatientAccess]

    objects: ClassVar[AccountManager] = AccountManager()

    USERNAME_FIELD = "sign_in_name"
    EMAIL_FIELD = "email"

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["sign_in_name"], condition=Q(sign_in_state=SignInState.HELD), name="sign_in_name_held_once"
            ),
            models.CheckConstraint(condition=Q(locked_at=None) | Q(is_active=False), name="account_locked_is_inactive"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["sign_in_name"], name="account_sign_in_name"),
            models.Index(Upper("email"), name="account_email", condition=Q(email_verified_at__isnull=False)),
            HashIndex(fields=["id"], name="account_by_id"),  # each request reads one (decision 35)
        ]

    def set_password(self, raw_password: str | None) -> None:
        """Hash under the salt of the sign-in name: accounts that share the name, unverified, share the salt."""
        self.password = passwords.make(raw_password, sign_in_name=self.sign_in_name)
        self._password = raw_password

    @property
    def verified_email(self) -> str:
        """The contact email where it was verified, else "": only a verified one gets more than its verification."""
        return self.email if self.email_verified_at else ""


class Relationship(models.TextChoices):
    """What the person of the account is to the patient."""

    SELF = "self", _("Myself")
    PARENT = "parent", _("Parent")
    GUARDIAN = "guardian", _("Legal guardian")
    PERSONAL_REPRESENTATIVE = "personal_representative", _("Personal representative")
    CAREGIVER = "caregiver", _("Caregiver")


class AccessLevel(models.TextChoices):
    """What a proxy may do on a record that is open (docs/flows.md, I)."""

    VIEW = "view", _("View only")
    FULL = "full", _("Full access")


class AccessState(models.TextChoices):
    """Whether an access opens its record."""

    WAITING = "waiting", _("waiting for proof of the record")
    APPROVAL = "approval", _("waiting for the practice's approval")
    ACTIVE = "active", _("active")
    SUSPENDED = "suspended", _("suspended")
    ENDED = "ended", _("ended")


class EndReason(models.TextChoices):
    """Why an access or a claim ended."""

    REFUSED = "refused", _("the patient refused it")
    DECLINED = "declined", _("the practice declined it")
    BY_PATIENT = "by_patient", _("ended by the patient")
    BY_HOLDER = "by_holder", _("given up")
    BY_PRACTICE = "by_practice", _("ended by the practice")
    CAME_OF_AGE = "came_of_age", _("the patient came of age")
    OVER = "over", _("its time was over")
    LAPSED = "lapsed", _("nobody finished it")
    RESET = "reset", _("the account was reset")


class PatientAccess(models.Model):
    """Ties an account to a patient record. Only an active one opens the record: `accounts.rights` says how far.

    `ends_on`: the first day without it. `granted_by`: who let a proxy in, None for the command line and for `self`.
    """

    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="accesses", db_index=False)
    practice = models.ForeignKey(Practice, on_delete=models.PROTECT, related_name="accesses")
    record = models.ForeignKey(PatientRecord, on_delete=models.PROTECT, related_name="accesses", db_index=False)
    relationship = models.CharField(max_length=32, choices=Relationship)
    level = models.CharField(max_length=8, choices=AccessLevel, default=AccessLevel.FULL, db_default=AccessLevel.FULL)
    state = models.CharField(max_length=16, choices=AccessState)
    created_at = models.DateTimeField(auto_now_add=True)
    opened_at = models.DateTimeField(null=True, blank=True)
    ends_on: models.DateField[date | None, date | None] = models.DateField(null=True, blank=True)
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    rests_with_record = models.BooleanField(default=False, db_default=False)  # suspended until its record opens again
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_because = models.CharField(max_length=16, choices=EndReason, blank=True, default="", db_default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["record"],
                condition=Q(relationship=Relationship.SELF) & ~Q(state=AccessState.ENDED),
                name="record_has_one_self",
            ),
            models.UniqueConstraint(
                fields=["account", "practice"],
                condition=Q(relationship=Relationship.SELF) & ~Q(state=AccessState.ENDED),
                name="account_is_self_once_a_practice",
            ),
            models.UniqueConstraint(
                fields=["account", "record"], condition=~Q(state=AccessState.ENDED), name="account_holds_record_once"
            ),
        ]
        indexes: ClassVar = [  # who is enrolled (docs/decisions/0034-finding-patients.md)
            models.Index(
                fields=["practice", "record"],
                condition=Q(relationship=Relationship.SELF, state__in=[AccessState.ACTIVE, AccessState.SUSPENDED]),
                name="access_of_enrolled",
            ),
            *(HashIndex(fields=[to], name=f"access_of_{to}") for to in ("account", "record")),  # decision 35
        ]

    def __str__(self) -> str:
        return f"access {self.pk} ({self.state})"


class Objection(models.Model):
    """The right of whoever was told of a change to stop it: **This wasn't me** (docs/flows.md, rule 12)."""

    access = models.ForeignKey(PatientAccess, on_delete=models.CASCADE, related_name="objections")
    others = ArrayField(models.BigIntegerField(), default=list, db_default=[])  # ids of accesses that it stops too
    secret_digest = models.BinaryField(max_length=32, unique=True)
    expires_at: models.DateTimeField[datetime, datetime] = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)
    raised_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"objection {self.pk} to access {self.access_id}"


class ChangeKind(models.TextChoices):
    """What happens to an account besides its security options, and **This wasn't me** takes back.

    WAIT and CLOSING have a day to wait (`AccountChange.due_at`): a reset of the password without the app or passkey
    that the account has, and a reset of the account.
    """

    PASSWORD = "password", _("password")
    EMAIL = "email", _("email address")
    RESET = "reset", _("password, forgotten")
    WAIT = "wait", _("password reset that waits")
    CLOSING = "closing", _("account reset")


WAITS = Q(due_at__isnull=False, stopped_at__isnull=True, done_at__isnull=True, cancelled_at__isnull=True)


class AccountChange(models.Model):
    """A change of password or email, or a reset, which **This wasn't me** takes back within seven days (rule 12).

    `before_sealed`: the fields that the account had before, as JSON; a moment in ISO 8601. `due_at`: when a change that
    waits may be made, or is; `done_at`: when it was; `cancelled_at`: when its owner signed in, by
    a reset too; the desk lifted that it was stopped; or another took its place.
    """

    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="changes")
    practice = models.ForeignKey(Practice, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=8, choices=ChangeKind)
    before_sealed = models.BinaryField()
    secret_digest = models.BinaryField(max_length=32, unique=True)
    at: models.DateTimeField[datetime, datetime] = models.DateTimeField(db_default=Now())
    stopped_at = models.DateTimeField(null=True)
    due_at: models.DateTimeField[datetime | None, datetime | None] = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "kind"], condition=WAITS, name="account_change_waits_once"),
            models.CheckConstraint(
                condition=Q(kind__in=[ChangeKind.WAIT, ChangeKind.CLOSING], due_at__isnull=False)
                | Q(kind__in=[ChangeKind.PASSWORD, ChangeKind.EMAIL, ChangeKind.RESET], due_at__isnull=True),
                name="account_change_due",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["due_at"], condition=WAITS, name="account_change_waits")]

    def __str__(self) -> str:
        return f"change {self.pk} of the {self.kind}"
