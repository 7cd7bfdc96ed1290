"""STOP and START: whether a phone may be texted by a sender, as its owner last said to it.

Twilio keeps such a list for each Messaging Service too, refuses what goes against it (21610), and answers the person;
ours is what the pages go by. HELP and its kin change nothing here; Twilio answers them too (docs/operations.md).
"""

import unicodedata

from django.db import transaction

from audit.events import Event
from audit.record import record
from notifications.models import OptOut

TWILIO_CODE = "twilio_21610"
# Twilio's own keywords (https://help.twilio.com/articles/223134027) and the Spanish ones for its Advanced Opt-Out.
STOP = frozenset({
    "STOP", "STOPALL", "STOP ALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT", "OPT OUT",
    "ALTO", "PARAR", "PARE", "BAJA", "CANCELAR", "DETENER",
})  # fmt: skip
START = frozenset({"START", "UNSTOP", "YES", "ALTA", "COMENZAR", "EMPEZAR", "INICIAR", "SI"})


def is_stopped(number: str, sender: str) -> bool:
    """Whether a phone (E.164) said STOP to a sender (`senders.of_codes(practice)` for codes)."""
    return OptOut.objects.filter(number=number, sender=sender).exists()


def heard(number: str, sender: str, *, said: str, kind: str = "") -> None:
    """Take what a phone texted to a sender. `kind` is Twilio's own reading of it (OptOutType), "" where it has none."""
    word = kind.upper() or _folded(said)
    if word in STOP:
        stop(number, sender)
    elif word in START:
        start(number, sender)


@transaction.atomic
def stop(number: str, sender: str) -> None:
    """No more texts from this sender; once more does nothing."""
    row, is_new = OptOut.objects.get_or_create(number=number, sender=sender)
    if is_new:
        record(Event.TEXTS_STOPPED, actor=None, practice=None, subject=row, request=None, sender=sender)


@transaction.atomic
def start(number: str, sender: str) -> None:
    """Texts from this sender are welcome again; once more does nothing."""
    row = OptOut.objects.select_for_update().filter(number=number, sender=sender).first()
    if row:
        record(Event.TEXTS_STARTED, actor=None, practice=None, subject=row, request=None, sender=sender)
        row.delete()


def _folded(said: str) -> str:
    """Capitals, without accents, punctuation and what stands around it: "Stop." and "¡Alto!" are meant alike."""
    plain = unicodedata.normalize("NFKD", said[:100]).upper()
    letters = "".join(one if one.isalnum() else " " for one in plain if not unicodedata.combining(one))
    return " ".join(letters.split())
