"""What can happen, and what it means: one member for each thing the audit trail knows."""

from __future__ import annotations

from enum import StrEnum, unique
from typing import Self


@unique
class Event(StrEnum):
    """A member's value is kept for good: never rename one, never use one again for something else."""

    meaning: str

    def __new__(cls, value: str, meaning: str) -> Self:
        """Take the stored value and one line of English, for staff pages and docs."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.meaning = meaning
        return member

    PRACTICE_CREATED = "practice.created", "A practice was set up."
    STAFF_ADDED = "staff.added", "An account became a member of a practice's staff."
    ROSTER_IMPORTED = "roster.imported", "A roster of patients was imported."

    CODE_ISSUED = "code.issued", "An enrollment code was made for a patient record."
    CODE_SUPERSEDED = "code.superseded", "A newer code took the place of this one."
    CODE_REVOKED = "code.revoked", "A code was ended before its time."
    CODE_MATCHED = "code.matched", "A code, date of birth and name were right together."
    CODE_REFUSED = "code.refused", "A code was tried with wrong answers, or when it no longer opened anything."
    CODE_LOCKED = "code.locked", "Too many wrong answers locked a number, whether a code has it or not."
    CODE_REDEEMED = "code.redeemed", "A code was used up: access to its record was opened."

    ENROLLMENT_STARTED = "enrollment.started", "Somebody with a matched code began to enroll."
    ENROLLMENT_ACCOUNT_CREATED = "enrollment.account_created", "An account was made while enrolling."
    ENROLLMENT_COMPLETED = "enrollment.completed", "An enrollment was completed."
    ENROLLMENT_REFUSED = "enrollment.refused", "Somebody signed in to add a record to an account, and it was refused."
    ENROLLMENT_LAPSED = "enrollment.lapsed", "An enrollment was left unfinished for too long and ended."

    ACCESS_OPENED = "access.opened", "An account was given access to a patient record."
    ACCESS_WAITING = "access.waiting_for_proof", "An account waits for proof before a patient record opens."
    ACCESS_SUSPENDED = "access.suspended", "Access to a patient record was stopped for the time being."
    ACCESS_ENDED = "access.ended", "Access to a patient record was ended."
    OBJECTION_RAISED = "objection.raised", "Somebody who was told of a change answered: this was not me."

    TERMS_PUBLISHED = "terms.published", "A new version of a practice's terms or privacy policy was published."
    TERMS_ACCEPTED = "terms.accepted", "An account accepted a practice's terms and privacy policy."

    ACCOUNT_DISOWNED = "account.disowned", "Who matched a code said that the record's account is not theirs."
    ACCOUNT_CREATED = "account.created", "An account was made other than by enrolling."
    SIGN_IN_SUCCEEDED = "sign_in.succeeded", "Somebody signed in."
    SIGN_IN_FAILED = "sign_in.failed", "A sign-in name and password were not right together."
    SIGN_IN_SLOWED = "sign_in.slowed", "A try to sign in was not looked at: there had been too many."
    SIGN_IN_LINK_SENT = "sign_in.link_sent", "A link that makes a browser known was sent to an account's email."
    SIGN_IN_LINK_USED = "sign_in.link_used", "A link from an account's email made a browser known to it."
    SIGN_OUT = "sign_out", "Somebody signed out."
    SESSION_TIMED_OUT = "session.timed_out", "A session ended: idle for too long, or open for too long."
    SIGN_IN_NAME_CHOSEN = "sign_in_name.chosen", "An account was given another sign-in name by its owner."
    SIGN_IN_NAME_LOST = "sign_in_name.lost", "An account lost its unverified email: another verified it."

    EMAIL_VERIFICATION_SENT = "email.verification_sent", "A verification message was sent to an account's email."
    EMAIL_VERIFIED = "email.verified", "An account's email was verified."
