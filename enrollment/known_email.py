"""Whether an email signs somebody in already: said only to who matched a code, for three emails a code (rule 3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts import names
from enrollment import codes
from guard import limits, secrets

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from enrollment.models import EnrollmentCode

TOO_MANY: _StrPromise = _(
    "Three email addresses were tried with this token already. Use one of those, or choose not to provide one."
)


@transaction.atomic
def may_ask(code: EnrollmentCode, email: str) -> bool:
    """Count an email for a code; False where it would be one too many. The same email again counts once."""
    code = codes.lock(code)
    digest = secrets.digest("email asked", names.fold(email))
    asked = [bytes(old) for old in code.emails_asked]
    if digest in asked:
        return True
    if len(asked) >= limits.EMAILS_A_CODE:
        return False
    code.emails_asked = [*asked, digest]
    code.save(update_fields=["emails_asked"])
    return True


def signs_somebody_in(email: str) -> bool:
    """Whether an account holds this email as its sign-in name; one that only claims it reserves nothing."""
    return bool(email) and names.is_held(names.fold(email))
