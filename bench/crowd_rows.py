"""The rows of `crowd`: what each table holds for so many patient records, in SQL, in terms of the row's number i."""

from __future__ import annotations

from typing import NamedTuple

FIRST_ID, LAST_ID = 1_000_000, 1_000_000_000  # below and above are the ids of what was not filled in
DIGEST = "sha256(('{}' || i)::bytea)"
PRACTICE = "(CASE WHEN {0} % 2 = 0 THEN 1 ELSE {0} % 100 + 1 END)"  # of a record, by its number: of PRACTICES
PRACTICES = 100
AGO = "now() - random() * interval '{}'"


class Kind(NamedTuple):
    """A table, its rows a record, and the columns that its defaults do not fill, in terms of the row's number i."""

    table: str
    share: float
    columns: dict[str, str]
    key: str = "id"


def _record(number: str) -> str:
    return f"{FIRST_ID} + {number}"


CROWD = (
    Kind(
        "practices_patientrecord",
        1,
        {
            "practice_id": PRACTICE.format("i"),
            "mrn": "'M' || (i * 7 + 10000000)",
            "given_names": "(ARRAY['Maria Elena', 'James', 'Guadalupe', 'Linh', 'Robert Allen'])[i % 5 + 1]",
            "family_name": "'Family' || i % 90000",
            "former_family_names": "CASE WHEN i % 12 = 0 THEN ARRAY['Former' || i % 5000] ELSE '{}'::text[] END",
            "birth_date": "date '1930-01-01' + (i * 7919 % 33000)::int",
            "sex": "(ARRAY['female', 'male', 'unknown'])[i % 3 + 1]",
            "addresses": """jsonb_build_array(jsonb_build_object('lines', jsonb_build_array(i % 9999 || ' Elm Street'),
                            'city', 'New York', 'state', 'NY', 'postal_code', '10025', 'country', 'US'))""",
            "emails": "ARRAY['person' || i || '@example.com']",
            "home_phone": "'1212' || 2000000 + i / 3 % 7999999",
            "work_phone": "''",
            "mobile_phone": "'1646' || 2000000 + i % 7999999",
            "home_e164": "'+1212' || 2000000 + i / 3 % 7999999",
            "work_e164": "''",
            "mobile_e164": "'+1646' || 2000000 + i % 7999999",
            "language": "'en'",
            "deceased": "i % 100 = 0",
            "active": "i % 50 <> 0",
            "updated_at": AGO.format("3 years"),
        },
    ),
    Kind(
        "accounts_account",
        0.4,
        {
            "password": "'argon2$argon2id$v=19$m=19456,t=2,p=1$' || md5('s' || i) || '$' || md5('p' || i)",
            "sign_in_name": """CASE WHEN i % 10 = 0 THEN 'user.name.' || i
                               ELSE 'person' || i * 5 / 2 || '@example.com' END""",
            "sign_in_state": """CASE WHEN i % 10 = 0 OR i % 8 <> 1 THEN 'held' WHEN i % 3 = 0 THEN 'lost'
                                ELSE 'claimed' END""",
            "email": "'person' || i * 5 / 2 || '@example.com'",
            "email_verified_at": f"CASE WHEN i % 8 <> 1 THEN {AGO.format('3 years')} END",
            "first_name": "'Maria Elena'",
            "last_name": "'Family' || i % 90000",
            "language": "'en'",
            "is_active": "true",
            "created_at": AGO.format("3 years"),
        },
    ),
    Kind(
        "accounts_patientaccess",
        0.4,
        {
            "relationship": "'self'",
            "state": "CASE WHEN i % 50 = 0 THEN 'ended' WHEN i % 33 = 0 THEN 'waiting' ELSE 'active' END",
            "created_at": AGO.format("3 years"),
            "opened_at": AGO.format("3 years"),
            "account_id": _record("i"),
            "practice_id": PRACTICE.format("(i * 5 / 2)"),
            "record_id": _record("i * 5 / 2"),
        },
    ),
    Kind(
        "accounts_objection",
        0.4,
        {
            "secret_digest": DIGEST.format("objection"),
            "expires_at": AGO.format("3 years"),
            "created_at": AGO.format("3 years"),
            "access_id": _record("i"),
        },
    ),
    Kind(
        "enrollment_enrollmentcode",
        0.7,
        {
            "kind": "'token'",
            "handover": "CASE WHEN i % 3 = 0 THEN 'mailed' ELSE 'handed' END",
            "digest": DIGEST.format("code"),
            "state": """CASE WHEN i % 20 < 11 THEN 'redeemed' WHEN i % 20 < 16 THEN 'pending' WHEN i % 200 = 16
                        THEN 'reserved' WHEN i % 20 = 17 THEN 'superseded' ELSE 'revoked' END""",
            "issued_at": AGO.format("3 years"),
            "expires_at": f"{AGO.format('3 years')} + interval '21 days'",
            "redeemed_at": f"CASE WHEN i % 20 < 11 THEN {AGO.format('3 years')} END",
            "emails_asked": "ARRAY[sha256(i::text::bytea)]",
            "practice_id": PRACTICE.format("(i * 10 / 7)"),
            "record_id": _record("i * 10 / 7"),
        },
    ),
    Kind(
        "enrollment_enrollment",
        0.6,
        {
            "state": """CASE WHEN i % 1000 = 1 THEN 'open' WHEN i % 1000 = 2 THEN 'waiting' WHEN i % 4 = 3 THEN 'lapsed'
                        ELSE 'completed' END""",
            "step": "'enroll_done'",
            "email": "'person' || i * 10 / 7 || '@example.com'",
            "account_choice": "'new'",
            "started_at": f"CASE WHEN i % 1000 IN (1, 2) THEN {AGO.format('7 days')} ELSE {AGO.format('3 years')} END",
            "account_made_at": f"CASE WHEN i % 4 <> 3 THEN {AGO.format('3 years')} END",
            "completed_at": f"CASE WHEN i % 4 <> 3 THEN {AGO.format('3 years')} END",
            "account_id": f"CASE WHEN i % 4 <> 3 THEN {_record('i * 3 / 5 + 1')} END",
            "practice_id": PRACTICE.format("(i * 10 / 7)"),
            "record_id": _record("i * 10 / 7"),
            "code_id": _record("i"),
        },
    ),
    Kind(
        "enrollment_failedmatch",
        0.05,
        {
            "code_digest": "sha256(('failed' || i / 2)::bytea)",
            "answer_digest": DIGEST.format("answer"),
            "at": AGO.format("100 days"),
        },
    ),
    Kind(
        "agreements_acceptance",
        0.8,
        {
            "version": "1",
            "language": "'en'",
            "sha256": "encode(sha256((i % 400)::text::bytea), 'hex')",
            "accepted_at": AGO.format("3 years"),
            "address": "'203.0.113.9'::inet",
            "user_agent": "'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0'",
            "account_id": _record("(i + 1) / 2"),
            "terms_version_id": "CASE i % 2 WHEN 0 THEN 1 ELSE 2 END",
        },
    ),
    Kind(
        "audit_auditevent",
        2,
        {
            "at": AGO.format("3 years"),
            "event": """(ARRAY['code.issued', 'terms.accepted', 'access.opened', 'sign_in.succeeded',
                        'sign_out'])[i % 5 + 1]""",
            "practice_id": PRACTICE.format("(i / 2)"),
            "actor_kind": "CASE WHEN i % 4 = 0 THEN '' ELSE 'accounts.account' END",
            "actor_id": f"CASE WHEN i % 4 = 0 THEN '' ELSE ({_record('i / 5 + 1')})::text END",
            "subject_kind": """(ARRAY['enrollment.enrollmentcode', 'accounts.account',
                               'accounts.patientaccess'])[i % 3 + 1]""",
            "subject_id": f"({_record('i / 5 + 1')})::text",
            "address": "'203.0.113.9'::inet",
            "request_id": "md5(i::text)",
            "details": """CASE WHEN i % 5 = 1 THEN '{"kind": "terms", "version": 1}' ELSE '{}' END::jsonb""",
        },
    ),
    Kind(
        "notifications_message",
        1,
        {
            "channel": "'email'",
            '"to"': "'person' || i || '@example.com'",
            "notice": "(ARRAY['verify_email', 'enrollment_complete', 'record_enrolled', 'new_sign_in'])[i % 4 + 1]",
            "language": "'en'",
            "lane": "CASE WHEN i % 10 = 0 THEN 'bulk' ELSE 'urgent' END",
            "state": "CASE WHEN i % 100 = 0 THEN 'failed' WHEN i % 200 = 1 THEN 'expired' ELSE 'sent' END",
            "tries": "1",
            "due_at": AGO.format("3 years"),
            "created_at": AGO.format("3 years"),
            "sent_at": AGO.format("3 years"),
            "failure": "''",
            "request_id": "md5(i::text)",
            "practice_id": PRACTICE.format("i"),
        },
    ),
    Kind(
        "verification_challenge",
        0.4,
        {
            "purpose": "CASE WHEN i % 5 = 0 THEN 'browser' ELSE 'email_address' END",
            "channel": "'link'",
            "target": "'person' || i || '@example.com'",
            "about": "''",
            "secret_digest": DIGEST.format("challenge"),
            "created_at": AGO.format("37 days"),
            "expires_at": f"{AGO.format('30 days')} + interval '7 days'",
            "consumed_at": f"CASE WHEN i % 5 < 4 THEN {AGO.format('30 days')} END",
            "tries": "0",
            "account_id": _record("i"),
        },
    ),
    Kind(
        "verification_codeoption",
        0.3,
        {
            "name": "''",
            "confirmed": "true",
            "wrong_in_a_row": "0",
            "channel": "'sms'",
            "target": "'+1646' || 2000000 + i",
            "user_id": _record("i"),
        },
    ),
    Kind(
        "guard_tally",
        0.1,
        {
            '"limit"': "(ARRAY['sign_in_by_name', 'sign_in_by_name_and_address', 'token_by_address'])[i % 3 + 1]",
            "subject": DIGEST.format("subject"),
            "count": "i % 3 + 1",
            "resets_at": "now() + random() * interval '1 hour'",
        },
    ),
    Kind(
        "guard_session",
        0.05,
        {
            "digest": DIGEST.format("session"),
            "data": "repeat(md5(i::text), 9)::bytea",
            "expires_at": "now() + random() * interval '12 hours'",
        },
        key="",
    ),
)
GROWING = frozenset(kind.table for kind in CROWD)
