"""Whether an email signs somebody in already: said only to who matched a code, for three emails a code (rule 3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection
from django.utils.translation import gettext_lazy as _

from accounts import names
from guard import limits, secrets

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from enrollment.models import EnrollmentCode

TOO_MANY: _StrPromise = _(
    "Three email addresses were tried with this code already. Use one of those, or use a username."
)


COUNT = """
UPDATE enrollment_enrollmentcode
SET emails_asked = CASE WHEN %(email)s = ANY(emails_asked) THEN emails_asked ELSE emails_asked || %(email)s END
WHERE id = %(code)s AND (%(email)s = ANY(emails_asked) OR cardinality(emails_asked) < %(most)s)
"""


def may_ask(code: EnrollmentCode, email: str) -> bool:
    """Count an email for a code; False where it would be one too many. The same email again counts once."""
    digest = secrets.digest("email asked", names.fold(email))
    with connection.cursor() as cursor:
        cursor.execute(COUNT, {"code": code.pk, "email": digest, "most": limits.EMAILS_A_CODE})
        return bool(cursor.rowcount)


def signs_somebody_in(email: str) -> bool:
    """Whether an account holds this email as its sign-in name; one that only claims it reserves nothing."""
    return bool(email) and names.is_held(names.fold(email))
