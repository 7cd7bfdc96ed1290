"""A portal without people for tests that count them: what other tests committed is out of sight until the rollback."""

from __future__ import annotations

import pytest
from django.db import connection

HOLDERS_FIRST = (
    "practices_uploadpart",
    "practices_upload",
    "practices_rosterconflict",
    "practices_chartmerge",
    "results_look",
    "results_value",
    "results_report",
    "enrollment_contactchange",
    "accounts_accountchange",
    "accounts_objection",
    "accounts_patientaccess",
    "enrollment_vouch",
    "enrollment_enrollment",
    "enrollment_letter",
    "enrollment_letterrun",
    "enrollment_enrollmentcode",
    "enrollment_namedproxy",
    "enrollment_growing",
    "enrollment_growingday",
    "enrollment_failedmatch",
    "enrollment_bulkissue",
    "enrollment_funnelweek",
    "agreements_acceptance",
    "agreements_consentanswer",
    "notifications_textingconsent",
    "verification_challenge",
    "verification_codeoption",
    "verification_wrongcode",
    "verification_authenticatoroption",
    "verification_backupcode",
    "verification_backupcodes",
    "verification_optionchange",
    "verification_passkey",
    "django_otp_webauthn_webauthnuserhandle",
    "accounts_staffinvitation",
    "accounts_optionsreset",
    "practices_staffmembership",
    "accounts_account",
    "guard_tally",
    "guard_session",
    "notifications_message",
)


@pytest.fixture(autouse=True)
def alone(request: pytest.FixtureRequest) -> None:
    """For tests marked `django_db`, which roll back."""
    if request.node.get_closest_marker("django_db"):
        request.getfixturevalue("db")
        with connection.cursor() as cursor:
            for table in HOLDERS_FIRST:
                cursor.execute(f"DELETE FROM {table}")  # noqa: S608 - the names stand above
