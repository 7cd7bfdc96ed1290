"""What **Protect your account** says of each kind of security option, and which page sets it up (docs/flows.md D)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts.set_up import Refused
from practices.choices import SecurityOption

PAGES = {
    SecurityOption.TEXT: "protect_text",
    SecurityOption.CALL: "protect_by_call",
    SecurityOption.EMAIL: "protect_email",
    SecurityOption.APP: "authenticator",
    SecurityOption.PASSKEY: "passkey_set_up",
    SecurityOption.BACKUP: "backup_codes",
}
REFUSED = {
    Refused.LANDLINE: _("This number is a landline, and landlines cannot get texts. We can call it instead."),
    Refused.STOPPED: _(
        "This number answered one of our texts with STOP. Text START to the number that it came from, or have us call."
    ),
    Refused.PREMIUM: _("Calls and texts to this number cost extra, so we do not use it. Enter another one."),
}
WORDS = {
    SecurityOption.TEXT: {
        "title": SecurityOption.TEXT.label,
        "text": _("You get a code by text message. Your carrier may charge for it. Landlines cannot get texts."),
    },
    SecurityOption.CALL: {
        "title": SecurityOption.CALL.label,
        "text": _("We call you, and a voice says the code three times. Works for landlines too."),
    },
    SecurityOption.EMAIL: {
        "title": SecurityOption.EMAIL.label,
        "mark": _("less secure"),
        "text": _("You get a code by email. Whoever can read your email could get it too."),
    },
    SecurityOption.APP: {
        "title": SecurityOption.APP.label,
        "text": _("An app on your phone shows a code, also where there is no signal."),
    },
    SecurityOption.PASSKEY: {
        "title": SecurityOption.PASSKEY.label,
        "text": _("Your face, fingerprint or device PIN signs you in, without a password and without a code."),
    },
    SecurityOption.BACKUP: {
        "title": SecurityOption.BACKUP.label,
        "text": _("Ten codes to print and keep, for when nothing else is at hand. Each works once."),
    },
}
