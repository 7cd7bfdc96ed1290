"""How often something may be done: one table of named limits, each with its rule in English and its reason.

ASVS 5.0 2.4.1, 6.1.1, 6.3.1; NIST SP 800-63B-4 3.2.2. How they are counted: `guard.tallies`.
"""

from __future__ import annotations

from datetime import timedelta

from guard.tallies import Limit, Rule, Spent, Use, forgive, give_back, purge, spend

__all__ = ("Limit", "Rule", "Spent", "Use", "forgive", "give_back", "purge", "spend")

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
RESET_LINKS = Limit(
    "reset_links",
    3,
    timedelta(hours=1),
    "For one email or username, three links an hour to choose a new password, from browsers that it never signed in "
    "from.",
    "A stranger can ask as well, and is not to fill the mailbox; the owner's own browsers are counted apart.",
)
RESET_LINKS_BY_KNOWN_BROWSER = Limit(
    "reset_links_by_known_browser",
    3,
    timedelta(hours=1),
    "For one email or username from a browser that it signed in from before, three such links an hour.",
    "Counted apart from all others, so that nobody elsewhere can keep the owner from a new password.",
)
RESET_LINKS_BY_ADDRESS = Limit(
    "reset_links_by_address",
    30,
    timedelta(hours=1),
    "From one address, such links, and forgotten usernames, are asked for 30 times an hour, for whatever names.",
    "Keeps one machine from writing to many mailboxes; an office behind one address rarely needs as many.",
)
USERNAMES_SENT = Limit(
    "usernames_sent",
    3,
    timedelta(hours=1),
    "To one email, its usernames are sent three times an hour.",
    "A stranger can ask as well, and is not to fill the mailbox.",
)
PASSWORD_WAITS = Limit(
    "password_waits",
    3,
    timedelta(days=7),
    "For one account, a new password without its app or passkey, after a day, is asked for three times in seven days.",
    "Each tells every address; who reads the mailbox is not to wear the owner down.",
)
ACCOUNT_RESETS = Limit(
    "account_resets",
    3,
    timedelta(days=7),
    "For one account, its reset is asked for three times in seven days.",
    "Each tells every address; who reads an old mailbox of the account is not to wear its owner down.",
)
PAW = Limit(
    "paw",
    5,
    timedelta(days=1),
    "For one patient, staff send an invitation, its repetition or a reset link by the paw five times a day.",
    "Each is an email that the patient did not ask for; and a new code ends the one that is on its way.",
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
PASSWORD_CHANGES = Limit(
    "password_changes",
    5,
    timedelta(days=1),
    "For one account, its password is changed five times a day.",
    "Each change tells every address; and a password that another account of the same unverified email has is refused, "
    "which is not to be asked of a list of passwords.",
)
CODE_SENDS = Limit(
    "code_sends",
    5,
    timedelta(minutes=15),
    "For one account, five codes by text, call or email in 15 minutes.",
    "A code arrives within a minute or not at all; each costs the practice money and its patient a buzzing phone.",
)
RESET_CODES = Limit(
    "reset_codes",
    10,
    timedelta(days=1),
    "For one account, ten codes a day to confirm a forgotten password, counted apart from those of signing in.",
    "Who reads the mailbox can have them sent: they are not to be those that the owner signs in with, nor to buzz all "
    "night. Whose ten were spent by somebody else has the desk.",
)
CODE_SET_UPS = Limit(
    "code_set_ups",
    15,
    timedelta(days=1),
    "For one account, 15 codes a day to phones or emails that it sets up.",
    "Until the code is typed, the number may be a stranger's, who is not to be rung up all night.",
)
CODE_SENDS_TO_ONE = Limit(
    "code_sends_to_one",
    10,
    timedelta(minutes=15),
    "To one phone or email that is being set up, ten codes in 15 minutes, whoever asks.",
    "A family shares a phone. Codes to options that are set up are not counted here: a stranger who has codes sent to "
    "somebody's phone keeps nobody from signing in with it.",
)
CODE_SENDS_BY_ADDRESS = Limit(
    "code_sends_by_address",
    60,
    timedelta(hours=1),
    "From one address, codes to phones or emails that are being set up are asked for 60 times an hour, for whatever "
    "accounts.",
    "Premium numbers pay whoever has codes sent to them. Signing in is not counted: a waiting room, and many of a "
    "carrier's phones, share one address.",
)
PASSKEY_CHALLENGE = Limit(
    "passkey_challenge",
    1,
    timedelta(minutes=20),
    "What a passkey is asked to sign is answered once, and within 15 minutes.",
    "An answer that somebody wrote down on its way opens nothing a second time.",
)
PASSKEY_REFUSALS_NOTED = Limit(
    "passkey_refusals_noted",
    1,
    timedelta(days=1),
    "For one passkey, each kind of refusal is put on the audit trail once a day, and its owner told of a copy.",
    "The trail is kept for good, and a mailbox is not to be filled.",
)
PHONE_ON_FILE_DATES = Limit(
    "phone_on_file_dates",
    5,
    timedelta(days=1),
    "For one account, five wrong dates of birth a day before a code is sent to a phone on file; right ones are given "
    "back. For a forgotten password they are counted apart, and for each browser that the account signed in from.",
    "Who enrolled knows it from the token's page; somebody else at the account finds one in 36,500 days by chance.",
)
NEW_CODES_AN_HOUR = Limit(
    "new_codes_an_hour",
    1,
    timedelta(hours=1),
    "For one record, one new enrollment code an hour by **Send me a new one**.",
    "The first is usually on its way, or in the spam folder; anybody with an old letter can press the button.",
)
NEW_CODES_A_DAY = Limit(
    "new_codes_a_day",
    3,
    timedelta(days=1),
    "For one record, three new enrollment codes a day by **Send me a new one**.",
    "Who did not get three did not get them for a reason that the practice has to mend.",
)
NEW_CODES_BY_ADDRESS = Limit(
    "new_codes_by_address",
    30,
    timedelta(hours=1),
    "From one address, new enrollment codes are asked for 30 times an hour, for whatever records.",
    "Keeps one machine from writing to many mailboxes, and from trying numbers; a waiting room rarely needs as many.",
)
CONSENTS_GIVEN = Limit(
    "consents_given",
    10,
    timedelta(days=1),
    "One account agrees to the same consent form at most ten times a day; saying no is never held up.",
    "Each yes and each withdrawal of a texting consent is a text, also to the phone on the record, and a row for good.",
)
PROXY_INVITATIONS = Limit(
    "proxy_invitations",
    5,
    timedelta(days=1),
    "For one record, its patient invites people to help five times a day, **Send again** included.",
    "Each is an email to somebody who did not ask for it, and a warning to every address of the patient.",
)
CODE_STOPS_NOTED = Limit(
    "code_stops_noted",
    1,
    timedelta(minutes=20),
    "For one account, that codes are not looked at any more is noted and told to its owner once in 20 minutes.",
    "Each further try says the same: neither the trail nor a mailbox is to be filled by it.",
)
STAFF_INVITATIONS = Limit(
    "staff_invitations",
    30,
    timedelta(days=1),
    "For one practice, somebody is invited to the staff 30 times a day, sending an invitation again included.",
    "A practice that opens hires a dozen; more is a manager's session in somebody else's hands, or a mistake.",
)
RESET_LINKS_BY_STAFF = Limit(
    "reset_links_by_staff",
    3,
    timedelta(hours=1),
    "For one member of staff, managers send a link to choose a new password three times an hour.",
    "Each link ends the one before: who presses again and again keeps a colleague from using any.",
)
ALL: tuple[Limit, ...] = (
    PAW,
    STAFF_INVITATIONS,
    RESET_LINKS_BY_STAFF,
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
    RESET_LINKS,
    RESET_LINKS_BY_KNOWN_BROWSER,
    RESET_LINKS_BY_ADDRESS,
    USERNAMES_SENT,
    PASSWORD_WAITS,
    ACCOUNT_RESETS,
    NOT_MINE_REPORTS,
    EMAIL_VERIFICATION_SENDS,
    PASSWORD_CHANGES,
    CODE_SENDS,
    RESET_CODES,
    CODE_SET_UPS,
    CODE_SENDS_TO_ONE,
    CODE_SENDS_BY_ADDRESS,
    PASSKEY_CHALLENGE,
    PASSKEY_REFUSALS_NOTED,
    PHONE_ON_FILE_DATES,
    NEW_CODES_AN_HOUR,
    NEW_CODES_A_DAY,
    NEW_CODES_BY_ADDRESS,
    PROXY_INVITATIONS,
    CODE_STOPS_NOTED,
    CONSENTS_GIVEN,
)

WRONG_ANSWERS_LOCK = 5
WRONG_ANSWERS_REVOKE = 10
CODE_LOCK = timedelta(minutes=20)
EMAILS_A_CODE = 3
CODE_LIVES = timedelta(minutes=10)
CODE_PAUSE = timedelta(seconds=30)
CODE_TRIES = 5
WRONG_IN_A_ROW = 10
OPTION_LOCK = timedelta(minutes=20)
WRONG_A_YEAR = 50
A_YEAR = timedelta(days=365)
WRONG_AT_RESETS = 10
RESETS_REST = timedelta(days=30)
FORGIVEN_LEAVES = 10
AUTHENTICATOR_WEIGHT = 2
STEP_UP_LASTS = timedelta(minutes=5)
CHANGE_WAITS = timedelta(hours=24)
VOUCH_LIVES = timedelta(minutes=10)
CONTACT_RESTS = timedelta(hours=72)
STAFF_INVITATION_LIVES = timedelta(days=7)
OPTIONS_RESET_LIVES = timedelta(hours=24)
NEW_COLLEAGUE_RESTS = timedelta(hours=72)

RULES: tuple[Rule, ...] = (
    Rule(
        "staff_invitation_lives",
        STAFF_INVITATION_LIVES,
        "An invitation to the staff is good for seven days, once; sending it again ends the link before.",
        "A new colleague may begin next week; who finds the email a month later has no business with it.",
    ),
    Rule(
        "options_reset_lives",
        OPTIONS_RESET_LIVES,
        "A second manager approves the reset of a colleague's security options within 24 hours; the link that is then "
        "sent to the colleague is good for 24 hours more.",
        "Long enough for the other manager's next shift, short enough that both still know what it was about.",
    ),
    Rule(
        "new_colleague_rests",
        NEW_COLLEAGUE_RESTS,
        "For 72 hours whoever came to the staff, came back, or got another role counts as one person with the manager "
        "who did it, wherever two are asked for.",
        "Else one manager alone would make the second one. The other managers are told at once, and have three days.",
    ),
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
    Rule(
        "code_lives",
        CODE_LIVES,
        "A six-digit code is good for 10 minutes, once; a newer one ends it.",
        "NIST SP 800-63B-4 3.1.3.2 allows 10 minutes; a call to a landline and slow fingers need some of them.",
    ),
    Rule(
        "code_pause",
        CODE_PAUSE,
        "Between two codes to one account lie 30 seconds, unless the first was used.",
        "The first one is usually on its way; whoever presses again would type the one that was ended.",
    ),
    Rule(
        "code_tries",
        CODE_TRIES,
        "Five wrong tries end a code.",
        "One finds a six-digit code by chance once in 200,000 codes; a person mistypes it twice at most.",
    ),
    Rule(
        "wrong_in_a_row",
        WRONG_IN_A_ROW,
        "Ten wrong codes in a row lock a security option.",
        "Two codes in full: whoever holds the phone reads one of them right. ASVS 5.0 6.6.3.",
    ),
    Rule(
        "option_lock",
        OPTION_LOCK,
        "A locked option opens again after 20 minutes; the others stay open.",
        "Stops a guesser's pace, and nobody is kept out whose other option works.",
    ),
    Rule(
        "wrong_a_year",
        WRONG_A_YEAR,
        "Fifty wrong codes within 365 days, over all options of an account and not forgiven by a right one, need the "
        "practice's desk.",
        "Fifty tries at one in a million each: a patient guesser, who has the password already, gets in once in 20,000 "
        "years (the arithmetic is in docs/security.md). NIST SP 800-63B-4 3.2.2 allows 100 in a row.",
    ),
    Rule(
        "wrong_at_resets",
        WRONG_AT_RESETS,
        "Ten wrong codes within 30 days that were to confirm a forgotten password stop such resets, and nothing else, "
        "unless the practice's desk forgives them.",
        "Who reads the mailbox gets in by chance once in 8,000 years, and uses up nothing that the owner signs in by.",
    ),
    Rule(
        "forgiven_leaves",
        FORGIVEN_LEAVES,
        "The desk forgives wrong codes once in 365 days, a manager also after that; ten of them stay charged.",
        "50 tries and 40 more: who guesses codes in the meantime gets in less than once in 10,000 years. A front desk "
        "that forgave as often as it was asked would undo the count of a year.",
    ),
    Rule(
        "authenticator_weight",
        AUTHENTICATOR_WEIGHT,
        "A wrong code of an authenticator app counts as two.",
        "Two of its codes are good at any moment, that of this half minute and of the one before (RFC 6238 5.2).",
    ),
    Rule(
        "step_up_lasts",
        STEP_UP_LASTS,
        "Within 5 minutes after a full proof, security options, password and email are changed without another.",
        "Long enough for two changes in a row; a computer left open rarely stands so short. ASVS 5.0 7.5.1.",
    ),
    Rule(
        "change_waits",
        CHANGE_WAITS,
        "Who has an authenticator app or a passkey, and proves another option, waits 24 hours before changing any.",
        "The owner is told at once on every address, and has a day to say: this wasn't me.",
    ),
    Rule(
        "vouch_lives",
        VOUCH_LIVES,
        "What a member of staff vouches for is done within 10 minutes.",
        "The patient stands at the desk. Later, somebody else could sit at the page that waits.",
    ),
    Rule(
        "contact_rests",
        CONTACT_RESTS,
        "For 72 hours after a member of staff changed a contact on a record, neither it nor their word is proof.",
        "One person alone opens no record to a stranger; who was on it before was told, and has three days to object.",
    ),
)
