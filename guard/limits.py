"""How often something may be done: one table of named limits, each with its rule in English and its reason.

Counted in PostgreSQL, in fixed windows of the database's clock, so that they hold when Redis is gone
(docs/decisions/0008-limits-in-postgresql.md). ASVS 5.0 2.4.1, 6.1.1, 6.3.1; NIST SP 800-63B-4 3.2.2.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.db.models.functions import Now

from guard import secrets
from guard.models import Tally

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime


@dataclass(frozen=True)
class Limit:
    """`count` uses in each window of `per`, which begins with the first use."""

    name: str
    count: int
    per: timedelta
    rule: str
    reason: str


Use = tuple[Limit, str]  # of a limit, for a subject


@dataclass(frozen=True)
class Rule:
    """A fixed number that another table counts against (codes count on their own row)."""

    name: str
    value: int | timedelta
    rule: str
    reason: str


@dataclass(frozen=True)
class Spent:
    """Whether the uses were allowed; if not, when the last of the limits in the way begins anew."""

    allowed: bool
    retry_at: datetime | None = None


TOKEN_BY_ADDRESS = Limit(
    "token_by_address",
    100,
    timedelta(minutes=15),
    "From one address, 100 wrong answers to enrollment codes in 15 minutes; right ones are given back.",
    "A waiting room shares one address and people mistype; a guesser needs millions of millions of tries.",
)
TOKEN_BY_PRACTICE = Limit(
    "token_by_practice",
    2000,
    timedelta(hours=1),
    "At one practice, more than 2,000 wrong answers to enrollment codes an hour raise an alarm; they stop nobody.",
    "A limit that stopped people would let one stranger close enrollment for everybody. With 100,000 live codes among "
    "32^11, one is found by chance once in some ten thousand years, its date of birth and last name still unknown.",
)
SIGN_IN_BY_NAME = Limit(
    "sign_in_by_name",
    20,
    timedelta(hours=1),
    "For one sign-in name, 20 tries an hour from browsers that it never signed in from.",
    "Slows a guesser with many addresses; the owner's own browsers are counted apart and stay open.",
)
SIGN_IN_BY_NAME_AND_ADDRESS = Limit(
    "sign_in_by_name_and_address",
    10,
    timedelta(minutes=15),
    "For one sign-in name from one address, 10 tries in 15 minutes.",
    "A person finds the right password, or gives up, within ten tries; a guesser gets 40 an hour at most.",
)
SIGN_IN_BY_ADDRESS = Limit(
    "sign_in_by_address",
    100,
    timedelta(minutes=15),
    "From one address, 100 tries to sign in that fail in 15 minutes, to whatever name.",
    "Slows one machine that tries one password with many names; an office behind one address rarely needs as many.",
)
SIGN_IN_BY_KNOWN_BROWSER = Limit(
    "sign_in_by_known_browser",
    10,
    timedelta(minutes=15),
    "For one sign-in name from a browser that it signed in from before, 10 tries in 15 minutes; browsers that only a "
    "link from its email made known count as one.",
    "Counted apart from all others, so that nobody elsewhere can keep the owner out.",
)
SLOWED_SIGN_INS_NOTED = Limit(
    "slowed_sign_ins_noted",
    1,
    timedelta(minutes=15),
    "For one sign-in name from one address, refused tries are put on the audit trail once in 15 minutes.",
    "The trail is kept for good: a stranger must not fill it at will.",
)
SLOWED_SIGN_INS_BY_ADDRESS = Limit(
    "slowed_sign_ins_by_address",
    10,
    timedelta(minutes=15),
    "From one address, refused tries for ten sign-in names are put on the audit trail in 15 minutes.",
    "Names can be made up without end, and each would be a new one to note.",
)
SIGN_IN_LINKS = Limit(
    "sign_in_links",
    3,
    timedelta(hours=1),
    "For one sign-in name, three links an hour to its verified email, which make a browser known.",
    "A stranger can ask as well, and is not to fill the mailbox. A link is good for as long as the window: who asked "
    "three times for the owner leaves the owner one that works.",
)
SIGN_IN_LINKS_BY_ADDRESS = Limit(
    "sign_in_links_by_address",
    30,
    timedelta(hours=1),
    "From one address, such links are asked for 30 times an hour, for whatever names.",
    "Keeps one machine from writing to many mailboxes; an office behind one address rarely needs as many.",
)
NOT_MINE_REPORTS = Limit(
    "not_mine_reports",
    3,
    timedelta(days=1),
    "For one code, three reports a day that the account on its record is not known.",
    "Each is an email to the practice, and says the same.",
)
EMAIL_VERIFICATION_SENDS = Limit(
    "email_verification_sends",
    5,
    timedelta(days=1),
    "For one account, five verification messages a day.",
    "The address is not proven to be the account's: a stranger's mailbox is not to be filled.",
)
ALL: tuple[Limit, ...] = (
    TOKEN_BY_ADDRESS,
    TOKEN_BY_PRACTICE,
    SIGN_IN_BY_NAME,
    SIGN_IN_BY_NAME_AND_ADDRESS,
    SIGN_IN_BY_ADDRESS,
    SIGN_IN_BY_KNOWN_BROWSER,
    SLOWED_SIGN_INS_NOTED,
    SLOWED_SIGN_INS_BY_ADDRESS,
    SIGN_IN_LINKS,
    SIGN_IN_LINKS_BY_ADDRESS,
    NOT_MINE_REPORTS,
    EMAIL_VERIFICATION_SENDS,
)

WRONG_ANSWERS_LOCK = 5
WRONG_ANSWERS_REVOKE = 10
CODE_LOCK = timedelta(minutes=20)
EMAILS_A_CODE = 3

RULES: tuple[Rule, ...] = (
    Rule(
        "wrong_answers_lock",
        WRONG_ANSWERS_LOCK,
        "Five different wrong answers to one code lock it.",
        "Who knows a date of birth and a last name has no need of five; the same wrong answer again counts once.",
    ),
    Rule(
        "wrong_answers_revoke",
        WRONG_ANSWERS_REVOKE,
        "Ten different wrong answers to one code end it; the practice issues another.",
        "There are some 36,500 dates of birth in a century: ten tries find one in 3,650.",
    ),
    Rule(
        "code_lock",
        CODE_LOCK,
        "A locked code opens again after 20 minutes.",
        "Long enough to stop a guesser's pace, short enough to wait for beside a form.",
    ),
    Rule(
        "emails_a_code",
        EMAILS_A_CODE,
        "For one matched code, three different emails are looked up.",
        "Who holds a code may learn whether an email has an account (docs/flows.md, rule 3): enough to mend two typos, "
        "too few to try a list of them.",
    ),
)

# What is spent out is looked up first: a refused try then writes nothing, and one busy address does not use up what
# is left for the whole practice. The upsert itself decides, so that tries at the same instant are counted exactly.
# Rows are locked in one order, or two requests could wait for each other.
SPEND = """
WITH uses AS (
  SELECT * FROM unnest(%s::text[], %s::bytea[], %s::int[], %s::interval[]) AS u (name, subject, most, per)
), spent_out AS (
  SELECT t.resets_at FROM uses JOIN guard_tally t ON t."limit" = uses.name AND t.subject = uses.subject
  WHERE t.count >= uses.most AND t.resets_at > statement_timestamp()
), counted AS (
  INSERT INTO guard_tally AS t ("limit", subject, count, resets_at)
  SELECT name, subject, 1, statement_timestamp() + per FROM uses
  WHERE NOT EXISTS (SELECT FROM spent_out) ORDER BY name, subject
  ON CONFLICT ("limit", subject) DO UPDATE SET
    count = CASE WHEN t.resets_at > statement_timestamp() THEN t.count + 1 ELSE 1 END,
    resets_at = CASE WHEN t.resets_at > statement_timestamp() THEN t.resets_at ELSE excluded.resets_at END
  RETURNING "limit", subject, count, resets_at
)
SELECT max(resets_at) FROM (
  SELECT resets_at FROM spent_out
  UNION ALL
  SELECT c.resets_at FROM counted c JOIN uses ON uses.name = c."limit" AND uses.subject = c.subject
  WHERE c.count > uses.most
) AS refusals
"""

# Rows are locked in the order in which SPEND locks them.
SETTLE = """
WITH uses AS (
  SELECT * FROM unnest(%s::text[], %s::bytea[], %s::bool[]) AS u (name, subject, forgiven)
), these AS (
  SELECT t.id, uses.forgiven FROM uses JOIN guard_tally t ON t."limit" = uses.name AND t.subject = uses.subject
  ORDER BY t."limit", t.subject FOR UPDATE OF t
), forgotten AS (
  DELETE FROM guard_tally WHERE id IN (SELECT id FROM these WHERE forgiven)
)
UPDATE guard_tally SET count = count - 1 WHERE count > 0 AND id IN (SELECT id FROM these WHERE NOT forgiven)
"""


def spend(*uses: Use) -> Spent:
    """Use each limit once for its subject, in one statement; refused where any of them is spent out.

    Outside any transaction: the count has to outlive the caller's refusal. Raises RuntimeError inside of one.
    """
    each = {(limit.name, _subject(limit, subject)): limit for limit, subject in uses}
    columns = (
        [name for name, _ in each],
        [subject for _, subject in each],
        [limit.count for limit in each.values()],
        [limit.per for limit in each.values()],
    )
    # `durable` refuses a surrounding transaction, other than that of a Django test case.
    with transaction.atomic(durable=True, savepoint=False), connection.cursor() as cursor:
        cursor.execute(SPEND, columns)
        (retry_at,) = cursor.fetchone() or (None,)
    return Spent(allowed=retry_at is None, retry_at=retry_at)


def forgive(*uses: Use, returned: Iterable[Use] = ()) -> None:
    """Forget what was spent, after a success; of those `returned`, only one use."""
    each = [*((use, True) for use in uses), *((use, False) for use in returned)]
    columns = (
        [limit.name for (limit, _), _ in each],
        [_subject(*use) for use, _ in each],
        [is_forgiven for _, is_forgiven in each],
    )
    with connection.cursor() as cursor:
        cursor.execute(SETTLE, columns)


def give_back(*uses: Use) -> None:
    """Take back one use of each, where a success shall not count."""
    forgive(returned=uses)


def purge() -> int:
    """Delete the windows that are over; returns how many. They count as nought anyway."""
    deleted, _ = Tally.objects.filter(resets_at__lt=Now()).delete()
    return deleted


def _subject(limit: Limit, subject: str) -> bytes:
    return secrets.digest("limit", limit.name, subject)
