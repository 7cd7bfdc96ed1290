"""The kinds of security options, as methods in django-two-factor-auth's registry: what they are called, what they have.

Of that package the registry is all that is used (docs/decisions/0020-sign-in-with-plain-views.md).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from two_factor.plugins.registry import MethodBase, registry

from practices import phones
from practices.choices import SecurityOption
from verification.models import AuthenticatorOption, BackupCodes, Channel, CodeOption, Passkey

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.db.models import QuerySet
    from django.utils.functional import Promise
    from django_otp.models import Device

NOUNS: dict[str, str | Promise] = {  # what each is called within a sentence
    SecurityOption.TEXT: gettext_lazy("codes by text"),
    SecurityOption.CALL: gettext_lazy("codes by call"),
    SecurityOption.EMAIL: gettext_lazy("codes by email"),
    SecurityOption.APP: gettext_lazy("an authenticator app"),
    SecurityOption.PASSKEY: gettext_lazy("a passkey"),
    SecurityOption.BACKUP: gettext_lazy("backup codes"),
}


class CodeMethod(MethodBase):  # type: ignore[misc] # it has no types
    """Codes by text, call or email."""

    def __init__(self, kind: SecurityOption, channel: Channel) -> None:
        self.code, self.verbose_name, self.channel = kind.value, kind.label, channel

    def get_devices(self, user: AbstractBaseUser) -> QuerySet[CodeOption]:
        """The account's options of this kind that are set up, oldest first."""
        return CodeOption.objects.filter(user_id=user.pk, channel=self.channel, confirmed=True).order_by("pk")

    def recognize_device(self, device: Device) -> bool:
        return isinstance(device, CodeOption) and device.channel == self.channel

    def get_action(self, device: CodeOption) -> str:
        """What it does, on a button, with the target masked."""
        words = {
            Channel.SMS: _("Text a code to %(target)s"),
            Channel.VOICE: _("Call %(target)s with a code"),
            Channel.EMAIL: _("Email a code to %(target)s"),
        }
        return words[self.channel] % {"target": masked(self.channel, device.target)}

    get_verbose_action = get_action


class AppMethod(MethodBase):  # type: ignore[misc] # it has no types
    """The code that an authenticator app shows."""

    code, verbose_name = SecurityOption.APP.value, SecurityOption.APP.label

    def get_devices(self, user: AbstractBaseUser) -> QuerySet[AuthenticatorOption]:
        """The account's apps, oldest first."""
        return AuthenticatorOption.objects.filter(user_id=user.pk, confirmed=True).order_by("pk")

    def recognize_device(self, device: Device) -> bool:
        return isinstance(device, AuthenticatorOption)

    def get_action(self, device: AuthenticatorOption) -> str:
        """What it does, on a button; with its name, where it was given one."""
        name = f" ({device.name})" if device.name else ""
        return _("Use my authenticator app") + name

    get_verbose_action = get_action


class PasskeyMethod(MethodBase):  # type: ignore[misc] # it has no types
    """What a device signs once its owner unlocked it; each works at some hosts (`passkey_ceremony.works_here`)."""

    code, verbose_name = SecurityOption.PASSKEY.value, SecurityOption.PASSKEY.label

    def get_devices(self, user: AbstractBaseUser) -> QuerySet[Passkey]:
        """The account's passkeys of every host, oldest first."""
        found: QuerySet[Passkey] = Passkey.objects.filter(user_id=user.pk, confirmed=True).order_by("pk")
        return found

    def recognize_device(self, device: Device) -> bool:
        return isinstance(device, Passkey)

    def get_action(self, device: Passkey) -> str:
        """What it does, on a button; with its name, where it was given one."""
        name = f" ({device.name})" if device.name else ""
        return _("Use my passkey") + name

    get_verbose_action = get_action


class BackupMethod(MethodBase):  # type: ignore[misc] # it has no types
    """One code of a printed sheet."""

    code, verbose_name = SecurityOption.BACKUP.value, SecurityOption.BACKUP.label

    def get_devices(self, user: AbstractBaseUser) -> QuerySet[BackupCodes]:
        """The account's sheet, if any."""
        return BackupCodes.objects.filter(user_id=user.pk, confirmed=True)

    def recognize_device(self, device: Device) -> bool:
        return isinstance(device, BackupCodes)

    def get_action(self, device: BackupCodes) -> str:  # noqa: ARG002 - there is one
        """What it does, on a button."""
        return _("Use a backup code")

    get_verbose_action = get_action


def masked(channel: str, target: str) -> str:
    """A phone or an email with most of it hidden, as pages show it."""
    return phones.mask(target) if channel in {Channel.SMS, Channel.VOICE} else mask_email(target)


def mask_email(email: str) -> str:
    """The address with its local part hidden but for the first character: m•••@example.com."""
    local, _at, host = email.rpartition("@")
    return f"{local[:1]}•••@{host}"


METHODS: tuple[MethodBase, ...] = (
    CodeMethod(SecurityOption.TEXT, Channel.SMS),
    CodeMethod(SecurityOption.CALL, Channel.VOICE),
    CodeMethod(SecurityOption.EMAIL, Channel.EMAIL),
    AppMethod(),
    PasskeyMethod(),
    BackupMethod(),
)


def register() -> None:
    """Put our methods into the registry in place of the package's own; called once, when the app is ready."""
    for method in list(registry.get_methods()):
        registry.unregister(method.code)
    for method in METHODS:
        registry.register(method)


def method_of(option: Device) -> MethodBase:
    """The method that an option belongs to. The registry's own would guess where there is none."""
    return next(method for method in registry.get_methods() if method.recognize_device(option))
