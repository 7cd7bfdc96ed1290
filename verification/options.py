"""The security options of an account, of all kinds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection
from two_factor.plugins.registry import registry

from practices.choices import SecurityOption
from verification.methods import method_of
from verification.models import AuthenticatorOption, BackupCodes, CodeOption, Passkey

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.contrib.auth.base_user import AbstractBaseUser
    from django_otp.models import Device

    from practices.models import PracticeSettings

STRONG = frozenset({SecurityOption.APP, SecurityOption.PASSKEY})  # docs/flows.md D: they alone change options at once


# Which kinds an account has, in one look: most have one, and each is a table of its own.
KINDS = """
SELECT CASE channel WHEN 'sms' THEN 'text' WHEN 'voice' THEN 'call' ELSE channel END FROM verification_codeoption
WHERE user_id = %(account)s AND confirmed
UNION ALL SELECT 'app' FROM verification_authenticatoroption WHERE user_id = %(account)s AND confirmed
UNION ALL SELECT 'passkey' FROM verification_passkey WHERE user_id = %(account)s AND confirmed
UNION ALL SELECT 'backup' FROM verification_backupcodes WHERE user_id = %(account)s AND confirmed
"""


def of(account: AbstractBaseUser) -> list[Device]:
    """Every option that is set up, by kind and age."""
    found = kinds(account)
    methods = [method for method in registry.get_methods() if method.code in found]
    return [option for method in methods for option in method.get_devices(account)]


def of_each(accounts: Collection[int]) -> dict[int, list[Device]]:
    """The same of many accounts, by their ids: four queries."""
    order = {method.code: at for at, method in enumerate(registry.get_methods())}
    found: dict[int, list[Device]] = {account: [] for account in accounts}
    for model in (CodeOption, AuthenticatorOption, BackupCodes, Passkey):
        for option in model.objects.filter(user__in=found, confirmed=True).order_by("pk"):
            found[option.user_id].append(option)
    return {account: sorted(mine, key=lambda one: order[kind(one)]) for account, mine in found.items()}


def kinds(account: AbstractBaseUser) -> set[SecurityOption]:
    """The kinds of options that the account has set up."""
    with connection.cursor() as cursor:
        cursor.execute(KINDS, {"account": account.pk})
        return {SecurityOption(code) for (code,) in cursor.fetchall()}


def remove_all(account: AbstractBaseUser) -> None:
    """Delete every option of an account, also what was taken off lately. In the caller's transaction, under its lock.

    What its year was charged with stays.
    """
    for kind in (CodeOption, AuthenticatorOption, BackupCodes, Passkey):
        kind.objects.filter(user_id=account.pk).delete()


def has_any(account: AbstractBaseUser) -> bool:
    """Whether at least one is set up; backup codes alone are none, they only stand in for another."""
    return bool(kinds(account) - {SecurityOption.BACKUP})


def find(account: AbstractBaseUser, persistent_id: str) -> Device | None:
    """The account's own option by its django-otp id, None where it has none of that id."""
    return next((option for option in of(account) if option.persistent_id == persistent_id), None)


def kind(option: Device) -> SecurityOption:
    """Which of the kinds it is."""
    return SecurityOption(method_of(option).code)


def in_order(options: list[Device], settings: PracticeSettings) -> list[Device]:
    """As a sign-in offers them: the recommended kind first, then the one used last; backup codes at the end."""

    def rank(option: Device) -> tuple[bool, bool, float]:
        its_kind, used = kind(option), getattr(option, "last_used_at", None)
        is_recommended = its_kind == settings.option_recommended
        return its_kind == SecurityOption.BACKUP, not is_recommended, -used.timestamp() if used else 0.0

    return sorted(options, key=rank)
