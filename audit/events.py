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
    SETTING_CHANGED = "practice.setting_changed", "A setting of the practice was changed."
    STAFF_ADDED = "staff.added", "An account became a member of a practice's staff."
    STAFF_INVITED = "staff.invited", "A manager invited somebody to work for the practice, or sent the email again."
    STAFF_INVITATION_REVOKED = "staff.invitation_revoked", "A manager called an invitation to the staff back."
    STAFF_ROLE_CHANGED = "staff.role_changed", "A manager gave a member of staff another role."
    STAFF_DEACTIVATED = "staff.deactivated", "A manager took a colleague off the staff: signed out, and not let in."
    STAFF_ACTIVATED = "staff.activated", "A manager let somebody who had worked here work here again."
    STAFF_OPTIONS_RESET_ASKED = (
        "staff.options_reset_asked",
        "A manager asked to take the security options off a colleague's account; another one has to approve it.",
    )
    STAFF_OPTIONS_RESET = "staff.options_reset", "A second manager approved it: the colleague's options are off."
    STAFF_OPTIONS_RESET_DECLINED = (
        "staff.options_reset_declined",
        "A manager withdrew or declined the reset of a colleague's security options.",
    )
    STAFF_OPTIONS_RESET_STOPPED = (
        "staff.options_reset_stopped",
        "Who was told of a reset of their security options answered: this was not me.",
    )
    TRAIL_EXPORTED = "trail.exported", "A manager exported events of the audit trail as a file."
    ROSTER_IMPORTED = "roster.imported", "A roster of patients was imported."
    UPLOAD_IMPORTED = "upload.imported", "Import was pressed for a file that somebody had sent."
    UPLOAD_SENT = "upload.sent", "A file of patients or results was sent, and is looked at before it is imported."
    UPLOAD_ENDED = "upload.ended", "A file that was sent was discarded, and imported nothing."
    UPLOAD_REFUSED_READ = "upload.refused_read", "A member of staff downloaded the rows of a file that were refused."
    ROSTER_CONFLICT_KEPT = "roster.conflict_kept", "A contact on a record stayed, although a roster has another one."
    ROSTER_CONFLICT_TAKEN = "roster.conflict_taken", "A roster's contact took the place of the one on a record."
    CHART_MERGED = "chart.merged", "What belongs to a chart moved to the one that it was merged into."
    CHART_MERGE_LEFT = "chart.merge_left", "A member of staff left two charts apart that a roster calls one."

    CODE_ISSUED = "code.issued", "An enrollment code was made for a patient record."
    CODE_SUPERSEDED = "code.superseded", "A newer code took the place of this one."
    CODE_REVOKED = "code.revoked", "A code was ended before its time."
    CODE_MATCHED = "code.matched", "A code, date of birth and name were right together."
    CODE_REFUSED = "code.refused", "A code was tried with wrong answers, or when it no longer opened anything."
    CODE_LOCKED = "code.locked", "Too many wrong answers locked a number, whether a code has it or not."
    CODE_UNLOCKED = "code.unlocked", "A member of staff let a locked number be tried again; wrong answers stay counted."
    CODE_ASKED_AGAIN = "code.asked_again", "Somebody with a code that opens nothing any more was sent a new one."
    CODE_REDEEMED = "code.redeemed", "A code was used up: access to its record, or a new password for it, came of it."

    LETTERS_STARTED = "letters.started", "Letters with tokens began to be made for many patients at once."
    LETTERS_READY = "letters.ready", "The letters of a run can be printed."
    LETTERS_SHOWN = "letters.shown", "A member of staff opened the letters of a run, to print them."
    LETTERS_PRINTED = "letters.printed", "The letters of a run were printed: their numbers were erased here."
    LETTERS_ERASED = "letters.erased", "An hour was over: the numbers of a run of letters were erased here."
    LETTERS_REVOKED = "letters.revoked", "A member of staff revoked all tokens of a run of letters."

    BULK_STARTED = "bulk.started", "Codes began to be issued for many patients at once."
    BULK_PAUSED = "bulk.paused", "Issuing codes for many patients was paused."
    BULK_RESUMED = "bulk.resumed", "Issuing codes for many patients went on after a pause."
    BULK_DONE = "bulk.done", "Codes were issued for many patients; those left out are counted."
    BULK_ENDED = "bulk.ended", "Issuing codes for many patients was ended before its time."

    ENROLLMENT_STARTED = "enrollment.started", "Somebody with a matched code began to enroll."
    ENROLLMENT_ACCOUNT_CREATED = "enrollment.account_created", "An account was made while enrolling."
    ENROLLMENT_COMPLETED = "enrollment.completed", "An enrollment was completed."
    ENROLLMENT_REFUSED = "enrollment.refused", "Somebody signed in to add a record to an account, and it was refused."
    ENROLLMENT_LAPSED = "enrollment.lapsed", "An enrollment was left unfinished for too long and ended."

    ACCESS_OPENED = "access.opened", "An account was given access to a patient record."
    ACCESS_WAITING = "access.waiting_for_proof", "An account waits for proof before a patient record opens."
    ACCESS_CLAIMED = "access.claimed", "Somebody claims to act for a patient, and waits for the practice's approval."
    ACCESS_SUSPENDED = "access.suspended", "Access to a patient record was stopped for the time being."
    ACCESS_STOP_LIFTED = "access.stop_lifted", "The desk lifted the stop of an access to a patient record."
    ACCESS_ENDED = "access.ended", "Access to a patient record was ended."
    OWN_ACCESS_ENDED = "access.own_ended", "A member of staff ended the patient's own access to their record."
    ACCESS_TERMS_CHANGED = "access.terms_changed", "A member of staff changed the level or the last day of an access."
    ACCESS_NARROWED = "access.narrowed", "A proxy may only look from now on: the patient became a teenager."
    GUARDIAN_FLAGGED = "guardian.flagged", "A guardian's address was found on the account of a teenager."
    OBJECTION_RAISED = "objection.raised", "Somebody who was told of a change answered: this was not me."

    CONTACT_CHANGED = "contact.changed", "A member of staff changed the email or a phone of a patient record."
    CONTACTS_RESTORED = "contact.restored", "Who was told of a change of a record's contacts put the old ones back."
    PHONE_STOPPED = "phone.stopped", "A member of staff noted that a phone of a patient record is not to be used."
    PHONE_ALLOWED = "phone.allowed", "A member of staff let a phone of a patient record be used again."
    RECORD_EMAIL_REPLACED = "record.email_replaced", "The email that a patient enrolled with replaced the record's."
    RECORD_EMAIL_RESTORED = "record.email_restored", "Who had the old email of a record put it back."
    CHART_VIEWED = "chart.viewed", "A member of staff opened a patient's page: details, accounts, who has access."
    PHONE_ON_FILE_REFUSED = "phone_on_file.refused", "Proof of a record was begun with a wrong date of birth."
    PHONE_ON_FILE_PROVEN = "phone_on_file.proven", "A phone on file at the practice was proven to be at hand."
    VOUCH_ASKED = "vouch.asked", "A patient whose record waits for its proof asked the practice to vouch."
    VOUCH_GIVEN = "vouch.given", "A member of staff saw an ID and vouched for who waits."
    VOUCH_TAKEN_BACK = "vouch.taken_back", "A member of staff took back a vouch that nobody had used yet."
    VOUCH_USED = "vouch.used", "A vouch opened a record."

    TERMS_PUBLISHED = "terms.published", "A new version of a practice's terms or privacy policy was published."
    TERMS_ACCEPTED = "terms.accepted", "An account accepted a practice's terms and privacy policy."

    CONSENT_PUBLISHED = "consent.published", "A new version of a practice's consent form was published."
    CONSENT_RETIRED = "consent.retired", "A practice's consent form is no longer asked."
    CONSENT_GIVEN = "consent.given", "An account agreed to a consent form."
    CONSENT_DECLINED = "consent.declined", "An account did not agree to a consent form."
    CONSENT_WITHDRAWN = "consent.withdrawn", "An account withdrew its agreement to a consent form."

    ACCOUNT_DISOWNED = "account.disowned", "Who matched a code said that the record's account is not theirs."
    ACCOUNT_LOCKED = "account.locked", "The desk locked an account: nobody signs in to it."
    ACCOUNT_UNLOCKED = "account.unlocked", "The desk unlocked an account."
    ACCOUNT_CREATED = "account.created", "An account was made other than by enrolling."
    SIGN_IN_SUCCEEDED = "sign_in.succeeded", "Somebody signed in."
    SIGN_IN_FAILED = "sign_in.failed", "A sign-in name and password were not right together."
    SIGN_IN_LOCKED = "sign_in.locked", "A sign-in name and password were right, but the practice locked the account."
    SIGN_IN_SLOWED = "sign_in.slowed", "A try to sign in was not looked at: there had been too many."
    SIGN_IN_LINK_SENT = "sign_in.link_sent", "A link that makes a browser known was sent to an account's email."
    SIGN_IN_LINK_USED = "sign_in.link_used", "A link from an account's email made a browser known to it."
    SECOND_STEP_ASKED = "second_step.asked", "A password was right, and a code or a passkey was asked for."
    SECOND_STEP_FAILED = "second_step.failed", "A password was right, and the code after it was not."
    PASSKEY_REFUSED = "passkey.refused", "A passkey of an account was answered wrongly, or looks copied."
    SIGN_OUT = "sign_out", "Somebody signed out."
    SESSION_TIMED_OUT = "session.timed_out", "A session ended: idle for too long, or open for too long."
    SIGN_IN_NAME_CHOSEN = "sign_in_name.chosen", "An account was given another sign-in name by its owner."
    SIGN_IN_NAME_LOST = "sign_in_name.lost", "An account lost its unverified email: another verified it."

    EMAIL_VERIFICATION_SENT = "email.verification_sent", "A verification message was sent to an account's email."
    EMAIL_VERIFIED = "email.verified", "An account's email was verified."
    EMAIL_CHANGED = "email.changed", "An account's email gave way to another, which was verified."
    PASSWORD_RESET_ASKED = "password_reset.asked", "A link to choose a new password was sent to an account's email."
    PASSWORD_RESET_WAITS = (
        "password_reset.waits",
        "A new password was asked for without the app or passkey that the account has, and waits for a day.",
    )
    PASSWORD_RESET = "password.reset", "An account whose password was forgotten was given another, after a proof."
    PASSWORD_RESET_REFUSED = "password_reset.refused", "A new password was chosen, and the code after it was not right."
    PASSWORD_RESET_CANCELLED = "password_reset.cancelled", "A reset that waited was canceled: somebody signed in."
    USERNAMES_SENT = "usernames.sent", "The sign-in names of an email were sent to it."
    ACCOUNT_RESET_ASKED = "account_reset.asked", "Somebody asked to close an account and to begin anew; it waits."
    ACCOUNT_RESET_CANCELLED = "account_reset.cancelled", "The reset of an account was canceled: somebody signed in."
    ACCOUNT_CLOSED = "account.closed", "An account was closed by its reset: options, passkeys and access were removed."
    PASSWORD_CHANGED = "password.changed", "An account was given another password by its owner."
    ACCOUNT_CHANGE_STOPPED = (
        "account_change.stopped",
        "Who was told of a change of password or email answered: this was not me.",
    )

    OPTION_ADDED = "option.added", "A security option was set up."
    OPTION_REMOVED = "option.removed", "A security option was removed."
    OPTION_CHANGE_ASKED = "option.change_asked", "An account asked to change its options without its strongest one."
    OPTION_CHANGE_STOPPED = "option.change_stopped", "Who was told of a change of options answered: this was not me."
    OPTION_STOP_LIFTED = "option.stop_lifted", "The desk let an account change its options again."
    WRONG_CODES_FORGIVEN = "wrong_codes.forgiven", "The desk forgave an account the wrong codes of a year."
    STEP_UP_PROVEN = "step_up.proven", "Somebody who was signed in proved again to be the owner of the account."
    SESSIONS_ENDED = "sessions.ended", "An account was signed out in other browsers."

    TEXTS_STOPPED = "texts.stopped", "A phone answered STOP: a sender may not text it."
    TEXTS_STARTED = "texts.started", "A phone answered START: a sender may text it again."

    RESULTS_IMPORTED = "result.imported", "A file of lab results was imported."
    RESULT_RELEASED = "result.released", "A lab result was released to the people with access."
    RESULT_CORRECTED = "result.corrected", "A newer version of a lab result took the place of one that was here."
    RESULT_WITHDRAWN = "result.withdrawn", "A lab result was withdrawn: the laboratory entered it in error."
    RESULT_VIEWED = "result.viewed", "An account looked at a lab result of a patient."
    RESULTS_COMPARED = "results.compared", "An account looked at the values of one test over time."

    PROXY_NAMED = "proxy.named", "Somebody was named who may act for a patient, once they prove who they are."
    CLAIM_APPROVED = "claim.approved", "The practice let somebody in who claimed to act for a patient."
    CLAIM_DECLINED = "claim.declined", "The practice did not let in who claimed to act for a patient."
    PROXY_ID_SEEN = "proxy.id_seen", "A member of staff saw the ID of a named proxy, who was handed a token."
    PROXY_WITHDRAWN = "proxy.withdrawn", "A named proxy was withdrawn: they get in no more."
